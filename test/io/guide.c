/* io/guide: features and similarity rows worked by hand. */
#include "tiny.h"

#include <math.h>

#include "io/guide.h"

/* Four words in two dimensions; their mean is (1,2), and what is left is (3,4) times 1, -1, 0, 0.
 */
static const spae_real four[8] = {4, 6, -2, -2, 1, 2, 1, 2};
static const spae_codebook book = {.V = 4, .c = 2, .e = four};

START_TEST(centred_features_have_length_one)
{
    static const spae_real due[8] = {
        (spae_real)0.6, (spae_real)0.8, (spae_real)-0.6, (spae_real)-0.8, 0, 0, 0, 0};
    spae_arena arena = new_arena();
    spae_real features[8];
    spae_error err;
    ck_ok(spae_guide_features(SPAE_GUIDE_CENTRED, &book, &arena, features, &err));
    ck_assert(memcmp(features, due, sizeof due) == 0);
    ck_assert_uint_eq(arena.used, 0);
    spae_arena_free(&arena);
}
END_TEST

START_TEST(raw_features_are_the_embeddings)
{
    spae_arena arena = new_arena();
    spae_real features[8];
    spae_error err;
    ck_ok(spae_guide_features(SPAE_GUIDE_RAW, &book, &arena, features, &err));
    ck_assert(memcmp(features, four, sizeof four) == 0);
    spae_arena_free(&arena);
}
END_TEST

START_TEST(a_word_is_most_similar_to_itself)
{
    static const int32_t token[2] = {0, 1};
    spae_arena arena = new_arena();
    spae_real row[8];
    spae_error err;
    const spae_sources sources = one_word_each(token, 2);
    ck_ok(spae_guide_rows(SPAE_GUIDE_CENTRED, &book, &sources, &arena, row, &err));
    ck_assert(row[0] == 1 && row[1] == 0 && row[2] == (spae_real)0.5 && row[3] == row[2]);
    ck_assert(row[4] == 0 && row[5] == 1);
    spae_arena_free(&arena);
}
END_TEST

/* Six words in the plane at 0, 90, 45, 180, 270 and 225 degrees; their mean is 0, so centred
 * features are units. */
static const spae_real six[12] = {2, 0, 0, 4, 1, 1, -2, 0, 0, -4, -1, -1};
static const spae_codebook plane = {.V = 6, .c = 2, .e = six};
static const size_t sources_first[4] = {0, 2, 2, 3};
static const int32_t sources_token[3] = {0, 1, 2}; /* two words; none; one */
static const spae_sources several = {3, sources_first, sources_token};

START_TEST(the_mean_of_several_words_may_be_nearest_to_another)
{
    spae_arena arena = new_arena();
    spae_real row[18], alone[6];
    spae_error err;
    ck_ok(spae_guide_rows(SPAE_GUIDE_CENTRED, &plane, &several, &arena, row, &err));
    ck_assert(row[2] == 1 && row[5] == 0); /* f_I = (1/2, 1/2) points to word 2 */
    ck_assert(row[0] == row[1] &&
              row[3] == row[4]); /* 1/2 and -1/2 between sqrt(1/2) and its negative */
    ck_assert_double_eq_tol((double)row[0], (0.5 + sqrt(0.5)) / (2 * sqrt(0.5)), 1e-6);
    for (size_t k = 0; k < 6; k++)
        ck_assert(row[6 + k] == 0); /* the empty source */
    const spae_sources one = one_word_each(&sources_token[2], 1);
    ck_ok(spae_guide_rows(SPAE_GUIDE_CENTRED, &plane, &one, &arena, alone, &err));
    ck_assert(memcmp(alone, row + 12, sizeof alone) == 0);
    ck_ok(spae_guide_rows(SPAE_GUIDE_RAW, &plane, &several, &arena, row, &err));
    ck_assert(row[1] == 1 && row[4] == 0 &&
              row[0] == (spae_real)(5.0 / 8)); /* f_I = (1,2): 8, -8 and 2 */
    ck_assert_uint_eq(arena.used, 0);
    spae_arena_free(&arena);
}
END_TEST

START_TEST(nearest_gives_every_word_of_the_source_the_most)
{
    spae_arena arena = new_arena();
    spae_real row[18], centred[18];
    spae_error err;
    ck_ok(spae_guide_rows(SPAE_GUIDE_NEAREST, &plane, &several, &arena, row, &err));
    ck_assert(row[0] == 1 && row[1] == 1); /* the words themselves */
    ck_assert(row[5] == 0 &&
              row[2] < 1); /* scores -sqrt(1/2), sqrt(1/2), and 0 for words 3 and 4 */
    ck_assert(row[3] == row[4]);
    ck_assert_double_eq_tol((double)row[2], 2 * sqrt(0.5) / (1 + sqrt(0.5)), 1e-6);
    ck_assert_double_eq_tol((double)row[3], sqrt(0.5) / (1 + sqrt(0.5)), 1e-6);
    for (size_t k = 0; k < 6; k++)
        ck_assert(row[6 + k] == 0);
    ck_ok(spae_guide_rows(SPAE_GUIDE_CENTRED, &plane, &several, &arena, centred, &err));
    ck_assert(memcmp(row + 12, centred + 12, 6 * sizeof *row) == 0); /* one word: the same bits */
    ck_assert_uint_eq(arena.used, 0);
    spae_arena_free(&arena);
}
END_TEST

START_TEST(equal_words_are_all_most_similar)
{
    static const spae_real same[4] = {1, 2, 1, 2};
    static const int32_t token[1] = {1};
    const spae_codebook equal = {.V = 2, .c = 2, .e = same};
    const spae_sources sources = one_word_each(token, 1);
    spae_arena arena = new_arena();
    spae_real row[2];
    spae_error err;
    ck_ok(spae_guide_rows(SPAE_GUIDE_NEAREST, &equal, &sources, &arena, row, &err));
    ck_assert(row[0] == 1 && row[1] == 1);
    spae_arena_free(&arena);
}
END_TEST

START_TEST(a_codebook_is_centred_and_scaled)
{
    static const spae_real due[8] = {6, 8, -6, -8, 0, 0, 0, 0},
                           twice[8] = {8, 12, -4, -4, 2, 4, 2, 4};
    spae_arena arena = new_arena();
    spae_real rows[8];
    spae_error err;
    memcpy(rows, four, sizeof rows);
    ck_ok(spae_guide_transform(rows, 4, 2, true, 2.0, &arena, &err));
    ck_assert(memcmp(rows, due, sizeof due) == 0);
    memcpy(rows, four, sizeof rows);
    ck_ok(spae_guide_transform(rows, 4, 2, false, 2.0, &arena, &err));
    ck_assert(memcmp(rows, twice, sizeof twice) == 0);
    spae_arena_free(&arena);
}
END_TEST

static spae_status rows_in(spae_arena *arena, void *context, spae_error *err)
{
    static const int32_t token[1] = {0};
    const spae_sources sources = one_word_each(token, 1);
    return spae_guide_rows(SPAE_GUIDE_CENTRED, &book, &sources, arena, context, err);
}

static spae_status nearest_in(spae_arena *arena, void *context, spae_error *err)
{
    static const int32_t token[1] = {0};
    const spae_sources sources = one_word_each(token, 1);
    return spae_guide_rows(SPAE_GUIDE_NEAREST, &book, &sources, arena, context, err);
}

START_TEST(every_refused_allocation_is_told)
{
    spae_real row[4];
    starve(rows_in, row, 16);
    starve(nearest_in, row, 16);
}
END_TEST

SUITE(suite_io_guide, "io/guide", centred_features_have_length_one, raw_features_are_the_embeddings,
      a_word_is_most_similar_to_itself, the_mean_of_several_words_may_be_nearest_to_another,
      nearest_gives_every_word_of_the_source_the_most, equal_words_are_all_most_similar,
      a_codebook_is_centred_and_scaled, every_refused_allocation_is_told)
