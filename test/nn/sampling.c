/* nn/sampling: draws follow their weights, and are a function of key and position alone. */
#include "nn/sampling.h"

#include "fixture.h"

#include <math.h>

static const spae_random_key key = {7, 6};

START_TEST(a_draw_is_where_its_number_falls)
{
    const double weight[5] = {0, 0.25, 0, 2, 0.75};
    size_t seen[5] = {0};
    for (uint32_t i = 0; i < 4000; i++) {
        const uint32_t position[4] = {i, 1, 2, 0};
        uint32_t word[4];
        spae_random_block(key, position, word);
        const double u = ldexp((double)(((uint64_t)(word[0] >> 5) << 26) | word[1] >> 6), -53) * 3;
        const size_t k = spae_draw_weighted(weight, 5, 3, key, position);
        ck_assert_uint_eq(k, u < 0.25 ? 1 : u < 2.25 ? 3 : 4);
        seen[k]++;
    }
    ck_assert(seen[0] == 0 && seen[2] == 0);
    ck_assert(seen[1] > 250 && seen[1] < 420 && seen[4] > 850 && seen[4] < 1150); /* 333 and 1000 are due */
}
END_TEST

/* A sum that is too large, as rounding may leave it, ends at the last token that can be. */
START_TEST(no_weight_beyond_the_last)
{
    const double weight[3] = {1, 1, 0};
    for (uint32_t i = 0; i < 100; i++)
        ck_assert(spae_draw_weighted(weight, 3, 1e9, key, (const uint32_t[4]){i, 0, 0, 0}) <= 1);
}
END_TEST

START_TEST(logits)
{
    const real x[6] = {1, 3, (real)-200, 3, 2.5, 0};
    double weight[6], sum = 0;
    ck_assert_uint_eq(spae_most_likely(x, 6), 1);
    for (size_t k = 0; k < 6; k++)
        sum += exp((double)x[k] - 3);
    for (size_t k = 0; k < 6; k++)
        ck_assert_double_eq_tol(spae_log_probability(x, 6, k), (double)x[k] - 3 - log(sum), 1e-6);
    for (uint32_t i = 0; i < 200; i++) {
        const uint32_t position[4] = {i, 0, 0, 0};
        double due[6], total = 0;
        const size_t k = spae_draw_logits(x, 6, 0.5, key, position, weight);
        for (size_t j = 0; j < 6; j++)
            total += due[j] = (double)real_exp((real)(((double)x[j] - 3) / 0.5));
        ck_assert_mem_eq(due, weight, sizeof due);
        ck_assert_uint_eq(k, spae_draw_weighted(due, 6, total, key, position));
        ck_assert(k != 2); /* exp(-406) is 0 */
    }
}
END_TEST

/* As cold as it gets it is the most likely, as hot as it gets all are alike. */
START_TEST(temperatures)
{
    const real x[4] = {0, 1, 2, 1.5};
    double weight[4];
    size_t seen[4] = {0};
    for (uint32_t i = 0; i < 4000; i++) {
        const uint32_t position[4] = {i, 0, 0, 0};
        ck_assert_uint_eq(spae_draw_logits(x, 4, 0.001, key, position, weight), 2);
        seen[spae_draw_logits(x, 4, 1e6, key, position, weight)]++;
    }
    for (size_t k = 0; k < 4; k++)
        ck_assert(seen[k] > 880 && seen[k] < 1120);
}
END_TEST

SUITE(suite_nn_sampling, "nn/sampling", a_draw_is_where_its_number_falls, no_weight_beyond_the_last, logits, temperatures)
