/* Adam and the averaged weights, worked by hand. */
#include "fixture.h"
#include "nn/optimizer.h"

/* beta 1/2 and 3/4, epsilon 1/2, rate 1/4: every number below is exact. */
START_TEST(two_steps_by_hand)
{
    const spae_adam adam = {0.25, 0.5, 0.75, 0.5};
    const real g[2] = {4, -2};
    real m[2] = {0, 0}, v[2] = {0, 0}, value[2] = {10, 0};
    spae_adam_step(&adam, 1, 2, g, m, v, value);
    ck_assert(m[0] == 2 && m[1] == -1);
    ck_assert(v[0] == 4 && v[1] == 1);
    /* m / (1 - 1/2) = g, sqrt(v / (1 - 3/4)) = |g|: a step of rate |g| / (|g| + epsilon) */
    ck_assert_double_eq((double)value[0], (double)(10 - (real)0.25 * 4 / (real)4.5));
    ck_assert_double_eq((double)value[1], (double)(0 - (real)0.25 * -2 / (real)2.5));
    const real before = value[0], zero[2] = {0, 0};
    spae_adam_step(&adam, 2, 2, zero, m, v, value);
    ck_assert(m[0] == 1 && v[0] == 3);
    const real deviation = (real)sqrt((double)(3 / (real)0.4375)); /* 1 - (3/4)^2 */
    ck_assert_double_eq((double)value[0],
                        (double)(before - (real)0.25 * (1 / (real)0.75) / (deviation + (real)0.5)));
}
END_TEST

START_TEST(a_gradient_of_zero_moves_nothing)
{
    const spae_adam adam = {0.1, 0.9, 0.99, 1e-8};
    real g = 0, m = 0, v = 0, value = 3;
    for (uint64_t t = 1; t < 100; t++)
        spae_adam_step(&adam, t, 1, &g, &m, &v, &value);
    ck_assert(value == 3 && m == 0 && v == 0);
}
END_TEST

START_TEST(elements_do_not_know_each_other)
{
    const spae_adam adam = {0.01, 0.9, 0.99, 1e-8};
    real g[100], m[100], v[100], value[100], one[4][100];
    fill(g, 100, 1);
    fill(m, 100, 2);
    fill(value, 100, 4);
    for (size_t i = 0; i < 100; i++)
        v[i] = (real)i / 7;
    memcpy(one[0], g, sizeof g), memcpy(one[1], m, sizeof m);
    memcpy(one[2], v, sizeof v), memcpy(one[3], value, sizeof value);
    spae_adam_step(&adam, 1000, 100, g, m, v, value);
    for (size_t i = 0; i < 100; i++)
        spae_adam_step(&adam, 1000, 1, &one[0][i], &one[1][i], &one[2][i], &one[3][i]);
    ck_assert(same_bits(m, one[1], 100) && same_bits(v, one[2], 100) && same_bits(value, one[3], 100));
}
END_TEST

START_TEST(the_average_by_hand)
{
    real value[2] = {8, -4}, average[2] = {0, 4};
    spae_average_step(0.75, 2, value, average);
    ck_assert(average[0] == 2 && average[1] == 2);
    spae_average_step(1, 2, value, average);
    ck_assert(average[0] == 2 && average[1] == 2);
    spae_average_step(0, 2, value, average);
    ck_assert(average[0] == 8 && average[1] == -4);
}
END_TEST

START_TEST(powers_by_repeated_squaring)
{
    ck_assert_double_eq(spae_power(0.9, 0), 1);
    ck_assert_double_eq(spae_power(0.9, 1), 0.9);
    ck_assert_double_eq(spae_power(2, 10), 1024);
    ck_assert_double_eq(spae_power(-3, 3), -27);
    ck_assert_double_eq(spae_power(0.9, 3), 0.9 * (0.9 * 0.9)); /* from the lowest bit */
    ck_assert_double_eq(spae_power(0.999, UINT64_MAX), 0);
    ck_assert_double_eq(spae_power(1, UINT64_MAX), 1);
}
END_TEST

SUITE(suite_nn_optimizer, "nn/optimizer", two_steps_by_hand, a_gradient_of_zero_moves_nothing,
      elements_do_not_know_each_other, the_average_by_hand, powers_by_repeated_squaring)
