/* io/study: a study against the library's own encode, decode and similarity. */
#include "bytes.h"

#include "../../io/study.h"

#include "../../io/guide.h"
#include "../../nn/metrics.h"
#include "tiny_model.h"

static void study_with(const char *label, int32_t reference)
{
    spae_arena arena = new_arena();
    const spae_model model = tiny_model(&arena, TINY_V);
    spae_study study;
    spae_error err;
    spae_real picture[TINY_SAMPLES], rebuilt[TINY_SAMPLES], s[TINY_V];
    int32_t token[TINY_TOKENS];
    double margin[TINY_TOKENS];
    tiny_picture(picture);
    ck_assert_msg(spae_study_make(&model, "x", picture, &(spae_study_like){label, reference, NULL, NULL}, &arena, &study, &err) == SPAE_OK, "%s",
                  err.text);
    ck_assert_int_eq(spae_encode(&model, picture, &arena, token, margin, NULL), SPAE_OK);
    ck_assert(memcmp(token, study.token, sizeof token) == 0 && memcmp(margin, study.margin, sizeof margin) == 0);
    const int32_t due = label != NULL ? reference : token[0];
    static const size_t first[2] = {0, 1};
    const spae_sources source = {1, first, &due};
    ck_assert_int_eq(study.reference, due);
    ck_assert_int_eq(spae_guide_rows(SPAE_GUIDE_CENTRED, &model.codebook, &source, &arena, s, NULL), SPAE_OK);
    for (size_t i = 0; i < TINY_TOKENS; i++)
        ck_assert(study.similarity[i] == (double)s[token[i]]);
    for (size_t l = 0; l < TINY_LAYERS; l++) {
        ck_assert_int_eq(spae_decode(&model, token, l + 1, &arena, rebuilt, NULL), SPAE_OK);
        ck_assert(memcmp(rebuilt, study.rebuilt + l * TINY_SAMPLES, sizeof rebuilt) == 0);
        ck_assert(study.psnr[l] == spae_psnr(spae_picture_error(picture, rebuilt, TINY_SAMPLES), 1.0));
    }
    spae_arena_free(&arena);
}

START_TEST(gathers_what_the_library_says)
{
    study_with(NULL, 0);
    study_with("twice", 7);
}
END_TEST

START_TEST(names_the_picture)
{
    spae_arena arena = new_arena();
    const spae_model model = tiny_model(&arena, TINY_V);
    spae_study study;
    spae_error err;
    spae_real picture[TINY_SAMPLES];
    tiny_picture(picture);
    picture[5] = (spae_real)NAN;
    const size_t used = arena.used;
    ck_refused(spae_study_make(&model, "x.png", picture, &(spae_study_like){.label = NULL}, &arena, &study, &err), SPAE_ERR_NOT_FINITE, err,
               "x.png: ");
    ck_assert_uint_eq(arena.used, used);
    spae_arena_free(&arena);
}
END_TEST

static spae_status study_again(spae_arena *arena, void *context, spae_error *err)
{
    spae_study study;
    spae_real picture[TINY_SAMPLES];
    tiny_picture(picture);
    return spae_study_make(context, "x", picture, &(spae_study_like){.label = NULL}, arena, &study, err);
}

START_TEST(no_memory)
{
    spae_arena arena = new_arena();
    spae_model model = tiny_model(&arena, TINY_V);
    starve(study_again, &model, 8192);
    spae_arena_free(&arena);
}
END_TEST

SUITE(suite_io_study, "io/study", gathers_what_the_library_says, names_the_picture, no_memory)
