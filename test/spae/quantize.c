/* Eq. 2 and 3: SAQ and RQ worked by hand, ties, empty positions, residuals, and tokens that are refused. */
#include <math.h>

#include "test/check.h"

#include "tiny.h"

/* Four words in the plane. */
static const spae_real plane[8] = {0, 0, 4, 0, 0, 4, -4, -4};
static const spae_codebook book = {.V = 4, .c = 2, .e = plane};
static const spae_pyramid one_cell = {3, {{1, 1, 1}, {1, 1, 1}, {1, 1, 1}}};

typedef struct {
    int32_t token[8], covered[16];
    double margin[8], residual[16];
    spae_real zhat[32];
} outcome;

static outcome quantized(const spae_pyramid *p, spae_quantizer quantizer, const spae_real *z)
{
    outcome o;
    watch w;
    spae_arena arena;
    memset(&o, 0x77, sizeof o);
    const spae_quantized q = {o.token, o.margin, o.residual, o.zhat, o.covered};
    watched_arena(&arena, &w, 0);
    ck_assert_int_eq(spae_quantize(p, quantizer, &book, z, &arena, &q, NULL), SPAE_OK);
    ck_assert_uint_eq(arena.used, 0);
    spae_arena_free(&arena);
    ck_assert_uint_eq(w.live, 0);
    return o;
}

/* z = (3,1), SAQ.  z_1 = z: nearest (4,0) at distance 2, next (0,0) at 10.
 *   z_2 = z + (z - e1) = (2,2): (0,0), (4,0), (0,4) all at 8 -> the lowest, 0; margin 0.
 *   z_3 = z_2 + (z - e0) = (5,3): (4,0) at 10, (0,4) at 26.
 *   averages: (4,0), (2,0), (8/3,0) */
START_TEST(saq_by_hand)
{
    const outcome o = quantized(&one_cell, SPAE_SAQ, (const spae_real[]){3, 1});
    ck_assert(o.token[0] == 1 && o.token[1] == 0 && o.token[2] == 1);
    ck_assert(o.margin[0] == 8 && o.margin[1] == 0 && o.margin[2] == 16);
    static const double residual[] = {3, 1, 2, 2, 5, 3};
    for (size_t i = 0; i < 6; i++)
        ck_assert_double_eq(o.residual[i], residual[i]);
    const spae_real zhat[] = {4, 0, 2, 0, (spae_real)(8.0 / 3), 0};
    ck_assert_mem_eq(o.zhat, zhat, sizeof zhat);
    ck_assert(o.covered[0] == 1 && o.covered[1] == 2 && o.covered[2] == 3);
}
END_TEST

/* The same z, RQ: z_2 = (-1,1) -> (0,0) at 2; z_3 = (-1,1) -> (0,0); sums (4,0), (4,0), (4,0) */
START_TEST(rq_by_hand)
{
    const outcome o = quantized(&one_cell, SPAE_RQ, (const spae_real[]){3, 1});
    ck_assert(o.token[0] == 1 && o.token[1] == 0 && o.token[2] == 0);
    static const double residual[] = {3, 1, -1, 1, -1, 1};
    for (size_t i = 0; i < 6; i++)
        ck_assert_double_eq(o.residual[i], residual[i]);
    const spae_real zhat[] = {4, 0, 4, 0, 4, 0};
    ck_assert_mem_eq(o.zhat, zhat, sizeof zhat);
}
END_TEST

/* A grid 2x2 under one layer of one token: Eq. 1 puts it at (2,2); the other three are empty until layer 2. */
START_TEST(positions_without_a_token_have_zhat_zero)
{
    const spae_pyramid p = {2, {{1, 1, 1}, {1, 2, 2}}};
    const spae_real z[] = {4, 1, 0, 3, -3, -3, 3, 0};
    const outcome o = quantized(&p, SPAE_SAQ, z);
    static const int32_t token[] = {1, 1, 2, 3, 0}, covered[] = {0, 0, 0, 1, 1, 1, 1, 2};
    ck_assert_mem_eq(o.token, token, sizeof token);
    ck_assert_mem_eq(o.covered, covered, sizeof covered);
    const spae_real zhat[] = {0, 0, 0, 0, 0, 0, 4, 0, 4, 0, 0, 4, -4, -4, 2, 0};
    ck_assert_mem_eq(o.zhat, zhat, sizeof zhat);
    /* layer 2 sees z where it comes first, z + (z - e) at the cell of layer 1: as far from (0,0) as from (4,0) */
    static const double residual[] = {3, 0, 4, 1, 0, 3, -3, -3, 2, 0};
    ck_assert_mem_eq(o.residual, residual, sizeof residual);
}
END_TEST

START_TEST(ties_take_the_lowest_word)
{
    const spae_pyramid p = {1, {{1, 1, 1}}};
    const outcome o = quantized(&p, SPAE_SAQ, (const spae_real[]){2, 2});
    ck_assert(o.token[0] == 0 && o.margin[0] == 0);
}
END_TEST

/* zhat of every prefix from the tokens alone equals what quantization left; on a model's grid, with the screen. */
START_TEST(dequantize_gives_the_same_bits_for_every_prefix)
{
    for (int quantizer = SPAE_SAQ; quantizer <= SPAE_RQ; quantizer++) {
        tiny t;
        const spae_config config = tiny_pictures();
        ck_assert_int_eq(tiny_open(&t, &config, 1), SPAE_OK);
        const spae_pyramid *p = &config.pyramid;
        int32_t *token = spae_arena_take(&t.arena, t.tokens, sizeof *token);
        spae_real *z = tiny_reals(&t, t.latent), *all = tiny_reals(&t, 4 * t.latent), *one = tiny_reals(&t, t.latent);
        for (size_t i = 0; i < t.latent; i++)
            z[i] = (spae_real)((i * 29 + 3) % 64) / 32 - 1;
        const spae_quantized q = {.token = token, .zhat = all};
        const spae_quantizer how = (spae_quantizer)quantizer;
        ck_assert_int_eq(spae_quantize(p, how, &t.model.codebook, z, &t.arena, &q, NULL), SPAE_OK);
        for (size_t l = 1; l <= p->layers; l++) {
            ck_assert_int_eq(spae_dequantize(p, how, &t.model.codebook, token, l, &t.arena, one, NULL), SPAE_OK);
            ck_assert_mem_eq(one, all + (l - 1) * t.latent, t.latent * sizeof *one);
        }
        tiny_close(&t);
    }
}
END_TEST

START_TEST(the_screen_changes_nothing)
{
    tiny t;
    const spae_config config = tiny_pictures();
    ck_assert_int_eq(tiny_open(&t, &config, 1), SPAE_OK);
    int32_t token[2][64];
    double margin[2][64];
    ck_assert_int_eq(spae_encode(&t.model, t.examples[0].picture, &t.arena, token[0], margin[0], NULL), SPAE_OK);
    t.model.codebook.index = NULL;
    ck_assert_int_eq(spae_encode(&t.model, t.examples[0].picture, &t.arena, token[1], margin[1], NULL), SPAE_OK);
    ck_assert_mem_eq(token[0], token[1], t.tokens * sizeof(int32_t));
    ck_assert_mem_eq(margin[0], margin[1], t.tokens * sizeof(double));
    tiny_close(&t);
}
END_TEST

START_TEST(bad_tokens_and_layers_are_named)
{
    const spae_pyramid p = {2, {{1, 1, 1}, {1, 2, 2}}};
    watch w;
    spae_arena arena;
    spae_error err;
    spae_real zhat[8] = {9, 9, 9, 9, 9, 9, 9, 9};
    watched_arena(&arena, &w, 0);
    int32_t token[5] = {3, 0, 1, 4, 0};
    ck_assert_int_eq(spae_dequantize(&p, SPAE_SAQ, &book, token, 2, &arena, zhat, &err), SPAE_ERR_ARGUMENT);
    ck_assert_str_eq(err.text, "layer 2, token 3 is 4, the vocabulary has 4 words");
    ck_assert_int_eq(spae_dequantize(&p, SPAE_SAQ, &book, (const int32_t[]){-1}, 1, &arena, zhat, &err),
                     SPAE_ERR_ARGUMENT);
    ck_assert_str_eq(err.text, "layer 1, token 1 is -1, the vocabulary has 4 words");
    ck_assert_int_eq(spae_dequantize(&p, SPAE_SAQ, &book, token, 0, &arena, zhat, &err), SPAE_ERR_ARGUMENT);
    ck_assert_str_eq(err.text, "tokens of 0 layers, expected 1 to 2");
    ck_assert_int_eq(spae_dequantize(&p, SPAE_SAQ, &book, token, 3, &arena, zhat, &err), SPAE_ERR_ARGUMENT);
    ck_assert(zhat[0] == 9 && zhat[7] == 9);
    ck_assert_int_eq(spae_dequantize(&p, SPAE_SAQ, &book, token, 1, &arena, zhat, &err), SPAE_OK); /* 4 is in layer 2 */
    ck_assert_uint_eq(arena.used, 0);
    spae_arena_free(&arena);
    ck_assert_uint_eq(w.live, 0);
}
END_TEST

START_TEST(refusals_of_quantize)
{
    watch w;
    spae_arena arena;
    spae_error err;
    int32_t token[3];
    const spae_quantized q = {.token = token};
    spae_real z[2] = {1, (spae_real)NAN};
    watched_arena(&arena, &w, 0);
    ck_assert_int_eq(spae_quantize(&one_cell, SPAE_SAQ, &book, z, &arena, &q, &err), SPAE_ERR_NOT_FINITE);
    z[1] = -(spae_real)INFINITY;
    ck_assert_int_eq(spae_quantize(&one_cell, SPAE_SAQ, &book, z, &arena, &q, &err), SPAE_ERR_NOT_FINITE);
    z[1] = 1;
    const spae_codebook no_words = {.V = 0, .c = 2, .e = plane}, no_width = {.V = 4, .c = 0, .e = plane};
    ck_assert_int_eq(spae_quantize(&one_cell, SPAE_SAQ, &no_words, z, &arena, &q, &err), SPAE_ERR_ARGUMENT);
    ck_assert_int_eq(spae_quantize(&one_cell, SPAE_SAQ, &no_width, z, &arena, &q, &err), SPAE_ERR_ARGUMENT);
    const spae_pyramid none = {0, {{1, 1, 1}}};
    ck_assert_int_eq(spae_quantize(&none, SPAE_SAQ, &book, z, &arena, &q, &err), SPAE_ERR_SHAPE);
    ck_assert_int_eq(spae_quantize(&one_cell, SPAE_SAQ, &book, z, &arena, &(spae_quantized){0}, &err), SPAE_OK);
    ck_assert_uint_eq(arena.used, 0);
    spae_arena_free(&arena);
}
END_TEST

SUITE(suite_spae_quantize, "spae/quantize", saq_by_hand, rq_by_hand, positions_without_a_token_have_zhat_zero,
      ties_take_the_lowest_word, dequantize_gives_the_same_bits_for_every_prefix, the_screen_changes_nothing,
      bad_tokens_and_layers_are_named, refusals_of_quantize)
