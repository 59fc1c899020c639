/* CLIP's encoders: what does not depend on company, and what is refused. */
#include "../../nn/clip.h"

#include <string.h>

#include "differences.h"

enum { SIZE = 5, N = 9, CONTEXT = 6, TEXTS = 33, EMBED = 3 };

static const spae_clip small = {.image_size = SIZE, .patch = 2, .vision = {4, 2, 2, 6}, .text = {6, 2, 3, 8},
                                .context = CONTEXT, .vocab = 9, .embed = EMBED, .eps = 1e-5};

static spae_clip_model open_model(spae_arena *arena, unsigned parts)
{
    spae_clip_model model = {.config = small, .parts = parts, .parameters = {.arena = arena}};
    ck_assert_int_eq(spae_clip_declare(&model.config, parts, &model.parameters, NULL), SPAE_OK);
    real *values = spae_arena_take(arena, model.parameters.elements, sizeof *values);
    for (size_t i = 0; i < model.parameters.elements; i++)
        values[i] = (real)((double)((37 * i + 11) % 31) - 15) / 16;
    model.values = values;
    return model;
}

static void fill_pictures(real *x)
{
    for (size_t i = 0; i < N * SIZE * SIZE * 3; i++)
        x[i] = (real)((double)((29 * i + 5) % 37) - 18) / 16;
}

START_TEST(a_picture_has_the_same_features_in_any_company)
{
    spae_arena arena = test_arena();
    const spae_clip_model model = open_model(&arena, SPAE_CLIP_IMAGE);
    static real x[N * SIZE * SIZE * 3], all[N * EMBED], one[EMBED];
    fill_pictures(x);
    const size_t used = arena.used;
    ck_assert_int_eq(spae_clip_image_features(&model, x, N, false, &arena, all, NULL), SPAE_OK);
    for (size_t i = 0; i < N; i++) {
        ck_assert_int_eq(spae_clip_image_features(&model, x + i * SIZE * SIZE * 3, 1, false, &arena, one, NULL), SPAE_OK);
        ck_assert_mem_eq(one, all + i * EMBED, sizeof one);
    }
    ck_assert_uint_eq(arena.used, used);
    ck_assert_int_eq(spae_clip_image_features(&model, x, 0, false, &arena, NULL, NULL), SPAE_OK);
    spae_arena_free(&arena);
}
END_TEST

START_TEST(what_follows_the_end_token_is_of_no_matter)
{
    spae_arena arena = test_arena();
    const spae_clip_model model = open_model(&arena, SPAE_CLIP_TEXT);
    static int32_t tokens[TEXTS * CONTEXT];
    static real all[TEXTS * EMBED], one[EMBED];
    for (size_t i = 0; i < TEXTS; i++)
        for (size_t j = 0; j < CONTEXT; j++)
            tokens[i * CONTEXT + j] = j == i % CONTEXT ? 8 : (int32_t)((i + 3 * j) % 8);
    ck_assert_int_eq(spae_clip_text_features(&model, tokens, TEXTS, true, &arena, all, NULL), SPAE_OK);
    for (size_t i = 0; i < TEXTS; i++) {
        for (size_t j = i % CONTEXT + 1; j < CONTEXT; j++)
            tokens[i * CONTEXT + j] = 0;
        ck_assert_int_eq(spae_clip_text_features(&model, tokens + i * CONTEXT, 1, true, &arena, one, NULL), SPAE_OK);
        ck_assert_mem_eq(one, all + i * EMBED, sizeof one);
    }
    spae_arena_free(&arena);
}
END_TEST

START_TEST(rows_of_unit_length)
{
    real rows[] = {3, 4, 0, 0, -2, 0};
    spae_clip_unit(rows, 3, 2);
    const real due[] = {(real)(3.0 / 5), (real)(4.0 / 5), 0, 0, -1, 0};
    for (size_t i = 0; i < 6; i++)
        ck_assert(rows[i] == due[i]);
}
END_TEST

/* x times the normal distribution, as tables have it. */
START_TEST(gelu_by_erf)
{
    const real x[] = {0, 1, -1, 2, -40};
    const double due[] = {0, 0.84134474606854293, -0.15865525393145707, 1.9544997361036416, 0};
    real y[5];
    spae_gelu_erf_array(x, y, 5);
    for (size_t i = 0; i < 5; i++)
        ck_assert_double_eq_tol((double)y[i], due[i], 0x1p-22);
}
END_TEST

static void refused(const spae_clip *c, unsigned parts, const char *part_of_text)
{
    spae_arena arena = test_arena();
    spae_parameters parameters = {.arena = &arena};
    spae_error err;
    ck_assert_int_eq(spae_clip_declare(c, parts, &parameters, &err), SPAE_ERR_ARGUMENT);
    ck_assert_msg(strstr(err.text, part_of_text) != NULL, "%s", err.text);
    spae_arena_free(&arena);
}

START_TEST(sizes_that_do_not_fit_are_refused)
{
    spae_clip c = small;
    refused(&c, 0, "neither encoder");
    refused(&c, 4, "neither encoder");
    c.vision.heads = 3;
    refused(&c, SPAE_CLIP_BOTH, "3 heads do not divide the width 4");
    ck_assert_int_eq(spae_clip_check(&c, SPAE_CLIP_TEXT, NULL), SPAE_OK); /* the other part is not looked at */
    c = small, c.patch = 6;
    refused(&c, SPAE_CLIP_IMAGE, "pictures of 5 are smaller than the patch, 6");
    c = small, c.eps = 0;
    refused(&c, SPAE_CLIP_BOTH, "eps 0");
    c = small, c.embed = 0;
    refused(&c, SPAE_CLIP_BOTH, "the number of features is 0");
    c = small, c.text.layers = 1025;
    refused(&c, SPAE_CLIP_TEXT, "the number of layers is 1025");
    c = small, c.context = 0;
    refused(&c, SPAE_CLIP_TEXT, "the context is 0");
    c = small, c.vocab = 0;
    refused(&c, SPAE_CLIP_TEXT, "the vocabulary is 0");
}
END_TEST

START_TEST(bad_pictures_and_tokens_are_refused)
{
    spae_arena arena = test_arena();
    const spae_clip_model eyes = open_model(&arena, SPAE_CLIP_IMAGE), reader = open_model(&arena, SPAE_CLIP_TEXT);
    static real x[N * SIZE * SIZE * 3];
    static const int32_t tokens[2 * CONTEXT] = {0, 8, 0, 0, 0, 0, 0, 1, 9, 8, 0, 0};
    real features[N * EMBED] = {77};
    spae_error err;
    fill_pictures(x);
    x[5 * SIZE * SIZE * 3] = (real)INFINITY;
    ck_assert_int_eq(spae_clip_image_features(&eyes, x, N, true, &arena, features, &err), SPAE_ERR_NOT_FINITE);
    ck_assert_msg(strstr(err.text, "of picture 5 is not finite") != NULL, "%s", err.text);
    ck_assert_int_eq(spae_clip_text_features(&reader, tokens, 2, true, &arena, features, &err), SPAE_ERR_ARGUMENT);
    ck_assert_str_eq(err.text, "clip: token 2 of text 1 is 9, outside the vocabulary of 9");
    ck_assert_int_eq(spae_clip_text_features(&eyes, tokens, 1, true, &arena, features, &err), SPAE_ERR_ARGUMENT);
    ck_assert_str_eq(err.text, "clip: the model has no text encoder");
    ck_assert_int_eq(spae_clip_image_features(&reader, x, 1, true, &arena, features, &err), SPAE_ERR_ARGUMENT);
    ck_assert_str_eq(err.text, "clip: the model has no image encoder");
    ck_assert(features[0] == 77);
    spae_arena_free(&arena);
}
END_TEST

/* Together, with logit_scale, 151,277,313 and 427,616,513. */
START_TEST(the_published_sizes)
{
    static const struct { spae_clip_kind kind; size_t image, text; } known[] = {
        {SPAE_CLIP_B32, 87849216, 63428096}, {SPAE_CLIP_L14, 303966208, 123650304}};
    spae_arena arena = test_arena();
    for (size_t i = 0; i < 2; i++) {
        const spae_clip c = spae_clip_of(known[i].kind);
        spae_parameters eyes = {.arena = &arena}, reader = {.arena = &arena};
        ck_assert_int_eq(spae_clip_declare(&c, SPAE_CLIP_IMAGE, &eyes, NULL), SPAE_OK);
        ck_assert_int_eq(spae_clip_declare(&c, SPAE_CLIP_TEXT, &reader, NULL), SPAE_OK);
        ck_assert_uint_eq(eyes.elements, known[i].image);
        ck_assert_uint_eq(reader.elements, known[i].text);
    }
    ck_assert_uint_eq(spae_clip_heads(96), 1);
    ck_assert_uint_eq(spae_clip_heads(8), 1);
    ck_assert_uint_eq(spae_clip_heads(768), 12);
    spae_arena_free(&arena);
}
END_TEST

SUITE(suite_nn_clip, "nn/clip", a_picture_has_the_same_features_in_any_company, what_follows_the_end_token_is_of_no_matter,
      rows_of_unit_length, gelu_by_erf, sizes_that_do_not_fit_are_refused, bad_pictures_and_tokens_are_refused, the_published_sizes)
