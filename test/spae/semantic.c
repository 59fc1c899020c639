/* Eq. 4 to 6: similarities, candidate pools and targets. */
#include "test/check.h"

#include "tiny.h"

START_TEST(the_mean_over_prompts_is_rounded_once)
{
    /* 2^54 + 1 - 2^54 would be 0 in binary32 and is 0 in binary64; 2^30 + 1 - 2^30 is 1 in binary64 only */
    const spae_real text[] = {1, 2, 3, 4, (spae_real)0x1p30, 1, 1, 1, -(spae_real)0x1p30, 1};
    spae_real mean[4];
    spae_text_mean(text, 1, 2, 2, mean);
    ck_assert(mean[0] == 2 && mean[1] == 3);
    spae_text_mean(text + 4, 1, 3, 2, mean);
    ck_assert(mean[0] == (spae_real)(1.0 / 3) && mean[1] == 1);
    spae_text_mean(text, 2, 1, 2, mean);
    ck_assert(mean[0] == 1 && mean[3] == 4);
}
END_TEST

START_TEST(similarity_by_hand)
{
    const spae_real image[] = {1, 2}, text[] = {1, 1, 3, 0, -1, 0, 1, 3};
    spae_real score[4], s[4];
    spae_similarity(image, text, 4, 2, score, s);
    ck_assert(score[0] == 3 && score[1] == 3 && score[2] == -1 && score[3] == 7);
    ck_assert(s[0] == (spae_real)0.5 && s[1] == (spae_real)0.5 && s[2] == 0 && s[3] == 1);
    spae_real again[4];
    spae_similarity(image, text, 4, 2, NULL, again); /* scores need not be wanted */
    ck_assert_mem_eq(s, again, sizeof s);
}
END_TEST

START_TEST(equal_scores_are_all_one)
{
    const spae_real image[] = {1, 1}, text[] = {1, 2, 2, 1, 0, 3};
    spae_real s[3] = {9, 9, 9};
    spae_similarity(image, text, 3, 2, NULL, s);
    ck_assert(s[0] == 1 && s[1] == 1 && s[2] == 1);
    spae_similarity(image, text, 1, 2, NULL, s);
    ck_assert(s[0] == 1);
}
END_TEST

START_TEST(the_threshold_itself_belongs_to_the_pool)
{
    const spae_real half = (spae_real)0.5, s[] = {half, half - (spae_real)1e-7, 1, half + (spae_real)1e-7, 0};
    int32_t pool[5];
    ck_assert_uint_eq(spae_candidate_pool(s, 5, 0.5, pool), 3);
    ck_assert(pool[0] == 0 && pool[1] == 2 && pool[2] == 3);
    ck_assert_uint_eq(spae_candidate_pool(s, 5, 0, NULL), 5);
    ck_assert_uint_eq(spae_candidate_pool(s, 5, 1, pool), 1);
    ck_assert_int_eq(pool[0], 2);
    const spae_real tenth = (spae_real)0.9; /* 0.9 is no binary number: the threshold is rounded like the similarity */
    ck_assert_uint_eq(spae_candidate_pool(&tenth, 1, 0.9, NULL), 1);
}
END_TEST

START_TEST(lower_thresholds_give_larger_pools)
{
    spae_real s[TINY_WORDS];
    int32_t narrow[TINY_WORDS], wide[TINY_WORDS];
    tiny_similarity(0, TINY_WORDS, s);
    for (int rho = 16; rho > 0; rho--) {
        const size_t few = spae_candidate_pool(s, TINY_WORDS, rho / 16.0, narrow);
        const size_t many = spae_candidate_pool(s, TINY_WORDS, (rho - 1) / 16.0, wide);
        ck_assert(few >= 1 && many > few);
        for (size_t i = 0, j = 0; i < few; i++) { /* both ascend: the narrow pool is within the wide one */
            while (wide[j] < narrow[i])
                j++;
            ck_assert_int_eq(wide[j], narrow[i]);
        }
    }
}
END_TEST

/* Every target is of the pool, all are met, each about as often; the same place gives the same target. */
START_TEST(targets_are_uniform_and_reproducible)
{
    const int32_t pool[5] = {3, 8, 13, 21, 34};
    unsigned met[5] = {0};
    for (uint32_t i = 0; i < 5000; i++) {
        const int32_t k = spae_sample_target(pool, 5, 1, i / 100, i / 10 % 10, i % 10 / 5, i % 5);
        ck_assert_int_eq(spae_sample_target(pool, 5, 1, i / 100, i / 10 % 10, i % 10 / 5, i % 5), k);
        size_t at = 0;
        while (at < 5 && pool[at] != k)
            at++;
        ck_assert_uint_lt(at, 5);
        met[at]++;
    }
    for (size_t i = 0; i < 5; i++)
        ck_assert(met[i] > 880 && met[i] < 1120); /* four standard deviations of a share of 1/5 */
    ck_assert_int_eq(spae_sample_target(pool, 1, 9, 9, 9, 9, 9), 3);
}
END_TEST

/* Each coordinate of the place changes the draw. */
START_TEST(every_coordinate_matters)
{
    int32_t pool[1000];
    for (int32_t i = 0; i < 1000; i++)
        pool[i] = i;
    const int32_t base = spae_sample_target(pool, 1000, 1, 2, 3, 4, 5);
    ck_assert_int_ne(spae_sample_target(pool, 1000, 2, 2, 3, 4, 5), base);
    ck_assert_int_ne(spae_sample_target(pool, 1000, 1, 3, 3, 4, 5), base);
    ck_assert_int_ne(spae_sample_target(pool, 1000, 1, 2, 4, 4, 5), base);
    ck_assert_int_ne(spae_sample_target(pool, 1000, 1, 2, 3, 5, 5), base);
    ck_assert_int_ne(spae_sample_target(pool, 1000, 1, 2, 3, 4, 6), base);
}
END_TEST

SUITE(suite_spae_semantic, "spae/semantic", the_mean_over_prompts_is_rounded_once, similarity_by_hand,
      equal_scores_are_all_one, the_threshold_itself_belongs_to_the_pool, lower_thresholds_give_larger_pools,
      targets_are_uniform_and_reproducible, every_coordinate_matters)
