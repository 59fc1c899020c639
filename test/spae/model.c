/* Encode and decode: prefixes of layers, the pieces they are made of, and what they refuse. */
#include <math.h>

#include "test/check.h"

#include "tiny.h"

static void start(tiny *t, spae_config config)
{
    ck_assert_msg(tiny_open(t, &config, 3) == SPAE_OK, "%s", t->err.text);
}

START_TEST(encoding_is_embedding_then_quantizing)
{
    const spae_config configs[2] = {tiny_pictures(), tiny_video()};
    for (int i = 0; i < 2; i++) {
        tiny t;
        start(&t, configs[i]);
        int32_t direct[64], composed[64];
        double margin[2][64];
        spae_real *z = tiny_reals(&t, t.latent);
        const size_t used = t.arena.used;
        ck_assert_int_eq(spae_encode(&t.model, t.examples[0].picture, &t.arena, direct, margin[0], NULL), SPAE_OK);
        ck_assert_int_eq(spae_embed(&t.model, t.examples[0].picture, &t.arena, z, NULL), SPAE_OK);
        const spae_quantized q = {.token = composed, .margin = margin[1]};
        ck_assert_int_eq(spae_quantize(&t.model.config.pyramid, SPAE_SAQ, &t.model.codebook, z, &t.arena, &q, NULL),
                         SPAE_OK);
        ck_assert_mem_eq(direct, composed, t.tokens * sizeof direct[0]);
        ck_assert_mem_eq(margin[0], margin[1], t.tokens * sizeof(double));
        ck_assert_int_eq(spae_encode(&t.model, t.examples[0].picture, &t.arena, composed, NULL, NULL), SPAE_OK);
        ck_assert_mem_eq(direct, composed, t.tokens * sizeof direct[0]); /* margins need not be wanted */
        ck_assert_uint_eq(t.arena.used, used);
        tiny_close(&t);
    }
}
END_TEST

/* The first l layers decide the picture: tokens behind them are not looked at, those before them are. */
START_TEST(decoding_looks_at_the_layers_it_is_told)
{
    tiny t;
    start(&t, tiny_pictures());
    int32_t token[64];
    spae_real *a = tiny_reals(&t, t.picture), *b = tiny_reals(&t, t.picture);
    ck_assert_int_eq(spae_encode(&t.model, t.examples[0].picture, &t.arena, token, NULL, NULL), SPAE_OK);
    const size_t used = t.arena.used;
    for (size_t l = 1; l <= 4; l++) {
        const size_t known = spae_pyramid_total(&t.model.config.pyramid, l);
        int32_t cut[64];
        memset(cut, 0xff, sizeof cut); /* no words: an error if they were read */
        memcpy(cut, token, known * sizeof cut[0]);
        ck_assert_int_eq(spae_decode(&t.model, token, l, &t.arena, a, NULL), SPAE_OK);
        ck_assert_int_eq(spae_decode(&t.model, cut, l, &t.arena, b, NULL), SPAE_OK);
        ck_assert_mem_eq(a, b, t.picture * sizeof *a);
        cut[known - 1] = (cut[known - 1] + 1) % TINY_WORDS;
        ck_assert_int_eq(spae_decode(&t.model, cut, l, &t.arena, b, NULL), SPAE_OK);
        ck_assert_int_ne(memcmp(a, b, t.picture * sizeof *a), 0);
    }
    ck_assert_uint_eq(t.arena.used, used);
    tiny_close(&t);
}
END_TEST

START_TEST(tokens_outside_the_vocabulary_are_named)
{
    tiny t;
    start(&t, tiny_pictures());
    int32_t token[64] = {0};
    spae_error err;
    spae_real *picture = tiny_reals(&t, t.picture);
    token[6] = TINY_WORDS;
    ck_assert_int_eq(spae_decode(&t.model, token, 4, &t.arena, picture, &err), SPAE_ERR_ARGUMENT);
    ck_assert_str_eq(err.text, "layer 3, token 2 is 40, the vocabulary has 40 words");
    token[6] = -2147483647 - 1;
    ck_assert_int_eq(spae_decode(&t.model, token, 4, &t.arena, picture, &err), SPAE_ERR_ARGUMENT);
    ck_assert_int_eq(spae_decode(&t.model, token, 0, &t.arena, picture, &err), SPAE_ERR_ARGUMENT);
    ck_assert_int_eq(spae_decode(&t.model, token, 5, &t.arena, picture, &err), SPAE_ERR_ARGUMENT);
    for (size_t i = 0; i < t.picture; i++)
        ck_assert(picture[i] == 0);
    token[6] = TINY_WORDS - 1;
    ck_assert_int_eq(spae_decode(&t.model, token, 4, &t.arena, picture, &err), SPAE_OK);
    tiny_close(&t);
}
END_TEST

START_TEST(numbers_that_are_not_finite_are_refused)
{
    tiny t;
    start(&t, tiny_pictures());
    int32_t token[64];
    spae_error err;
    spae_real *picture = tiny_reals(&t, t.picture);
    static const double bad[] = {NAN, HUGE_VAL, -HUGE_VAL};
    for (int i = 0; i < 3; i++) {
        memset(token, 0x55, sizeof token);
        memcpy(picture, t.examples[0].picture, t.picture * sizeof *picture);
        picture[t.picture - 1] = (spae_real)bad[i];
        ck_assert_int_eq(spae_encode(&t.model, picture, &t.arena, token, NULL, &err), SPAE_ERR_NOT_FINITE);
        ck_assert_str_eq(err.text, "encode: picture value 1151 of 1152 is not finite");
        ck_assert_int_eq(token[0], 0x55555555);
    }
    t.model.values[5] = (spae_real)NAN; /* weights: the result says so */
    ck_assert_int_eq(spae_encode(&t.model, t.examples[0].picture, &t.arena, token, NULL, &err), SPAE_ERR_NOT_FINITE);
    t.model.values[t.model.parameters->elements - 1] = (spae_real)HUGE_VAL;
    memset(token, 0, sizeof token);
    ck_assert_int_eq(spae_decode(&t.model, token, 1, &t.arena, picture, &err), SPAE_ERR_NOT_FINITE);
    tiny_close(&t);
}
END_TEST

START_TEST(seeds_decide_the_weights)
{
    tiny a, b;
    start(&a, tiny_pictures());
    start(&b, tiny_pictures());
    const size_t bytes = a.model.parameters->elements * sizeof(spae_real);
    ck_assert_mem_eq(a.model.values, b.model.values, bytes);
    spae_model_init(&b.model, 4);
    ck_assert_int_ne(memcmp(a.model.values, b.model.values, bytes), 0);
    tiny_close(&a);
    tiny_close(&b);
    ck_assert_uint_eq(a.memory.live + b.memory.live, 0);
}
END_TEST

SUITE(suite_spae_model, "spae/model", encoding_is_embedding_then_quantizing, decoding_looks_at_the_layers_it_is_told,
      tokens_outside_the_vocabulary_are_named, numbers_that_are_not_finite_are_refused, seeds_decide_the_weights)
