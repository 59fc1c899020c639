/* io/guide: features and similarity rows worked by hand. */
#include "tiny.h"

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
    ck_ok(spae_guide_rows(SPAE_GUIDE_CENTRED, &book, token, 2, &arena, row, &err));
    ck_assert(row[0] == 1 && row[1] == 0 && row[2] == (spae_real)0.5 && row[3] == row[2]);
    ck_assert(row[4] == 0 && row[5] == 1);
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
    return spae_guide_rows(SPAE_GUIDE_CENTRED, &book, token, 1, arena, context, err);
}

START_TEST(every_refused_allocation_is_told)
{
    spae_real row[4];
    starve(rows_in, row, 16);
}
END_TEST

SUITE(suite_io_guide, "io/guide", centred_features_have_length_one, raw_features_are_the_embeddings,
      a_word_is_most_similar_to_itself, a_codebook_is_centred_and_scaled,
      every_refused_allocation_is_told)
