/* Group normalization against its definition, one group at a time. */
#include "fixture.h"

/* xhat of one example (positions,c), one group after the other, straight from SPEC 3.5. */
static void plain_standardize(const real *x, size_t positions, size_t c, size_t groups, double eps, real *y)
{
    const size_t width = c / groups;
    for (size_t g = 0; g < groups; g++) {
        double mean = 0, variance = 0;
        for (size_t p = 0; p < positions; p++)
            for (size_t i = 0; i < width; i++)
                mean += (double)x[p * c + g * width + i];
        mean /= (double)(positions * width);
        for (size_t p = 0; p < positions; p++)
            for (size_t i = 0; i < width; i++) {
                const double d = (double)x[p * c + g * width + i] - mean;
                variance += d * d;
            }
        const double r = 1 / sqrt(variance / (double)(positions * width) + eps);
        for (size_t p = 0; p < positions; p++)
            for (size_t i = 0; i < width; i++)
                y[p * c + g * width + i] = (real)(((double)x[p * c + g * width + i] - mean) * r);
    }
}

/* Groups of one channel, of all channels, more than the 64 that are worked on at a time. */
START_TEST(standardize_is_its_definition_to_the_bit)
{
    static const size_t shapes[][5] = {{1, 1, 1, 1, 1},  {1, 1, 3, 5, 8},   {2, 1, 4, 4, 12}, {3, 2, 3, 1, 32},
                                       {1, 1, 2, 2, 64}, {2, 1, 2, 2, 65},  {1, 1, 2, 3, 128}, {1, 1, 1, 2, 390}};
    static const size_t groups[] = {1, 2, 3, 4, 13, 32, 64, 65, 128, 130, 390};
    size_t tried = 0;
    for (size_t s = 0; s < sizeof shapes / sizeof shapes[0]; s++)
        for (size_t g = 0; g < sizeof groups / sizeof groups[0]; g++) {
            const size_t *a = shapes[s], positions = a[1] * a[2] * a[3], one = positions * a[4];
            if (a[4] % groups[g] != 0)
                continue;
            fixture f;
            fixture_open(&f, SPAE_TAPE_RECORD);
            spae_var x = random_leaf(&f, spae_shape_of(a[0], a[1], a[2], a[3], a[4]), (uint32_t)(s + 1));
            spae_var y = spae_standardize(&f.tape, x, groups[g], 1e-6);
            real *expected = spae_arena_take(&f.arena, a[0] * one, sizeof *expected);
            for (size_t n = 0; n < a[0]; n++)
                plain_standardize(x->value + n * one, positions, a[4], groups[g], 1e-6, expected + n * one);
            ck_assert(same_bits(y->value, expected, a[0] * one));
            fixture_close(&f);
            tried++;
        }
    ck_assert_uint_gt(tried, 20);
}
END_TEST

START_TEST(equal_values_become_zero)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_RECORD);
    spae_var x = spae_tape_filled(&f.tape, spae_shape_of(1, 1, 2, 2, 4), (real)0.1);
    spae_var y = spae_standardize(&f.tape, x, 2, 1e-6);
    for (size_t i = 0; i < 16; i++)
        ck_assert_double_eq_tol((double)y->value[i], 0, 1e-6);
    x = number(&f, 12345);
    ck_assert_value(spae_standardize(&f.tape, x, 1, 1e-6), 0);
    ck_assert_value(gradient_of(&f, spae_standardize(&f.tape, x, 1, 1e-6), NULL, x), 0);
    fixture_close(&f);
}
END_TEST

/* A large common offset: two passes keep the variance, a sum of squares would lose it. */
START_TEST(a_common_offset_changes_nothing)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_RECORD);
    spae_var x = leaf_of(&f, vector(4), (const real[]){0, 1, 2, 3});
    spae_var y = spae_standardize(&f.tape, x, 1, 1e-6);
    spae_var z = spae_standardize(&f.tape, spae_offset(&f.tape, x, 1048576), 1, 1e-6);
    ck_assert(same_bits(y->value, z->value, 4));
    fixture_close(&f);
}
END_TEST

/* {-1, 1} with eps 3: var 1, r = 1/2; J u = r (u - mean u - xhat mean(u xhat)) */
START_TEST(two_values_by_hand)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_RECORD);
    spae_var x = leaf_of(&f, vector(2), (const real[]){-1, 1}), u = leaf_of(&f, vector(2), (const real[]){0, 4});
    spae_var y = spae_standardize(&f.tape, x, 1, 3);
    ck_assert_value(y, (real)-0.5, (real)0.5);
    ck_assert_value(gradient_of(&f, y, u, x), (real)-0.75, (real)0.75); /* xhat -+1/2, mean(u xhat) = 1 */
    fixture_close(&f);
}
END_TEST

START_TEST(affine_by_hand_and_its_gradients)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_RECORD);
    spae_var x = leaf_of(&f, spae_shape_of(1, 1, 1, 2, 2), (const real[]){1, 2, 3, 4});
    spae_var scale = leaf_of(&f, vector(2), (const real[]){10, 100}), bias = leaf_of(&f, vector(2), (const real[]){5, 6});
    spae_var y = spae_affine(&f.tape, x, scale, bias);
    ck_assert_value(y, 15, 206, 35, 406);
    ck_assert_value(gradient_of(&f, y, NULL, x), 10, 100, 10, 100);
    ck_assert_value(gradient_of(&f, y, NULL, scale), 4, 6);
    ck_assert_value(gradient_of(&f, y, NULL, bias), 2, 2);
    ck_assert_value(spae_affine(&f.tape, x, scale, NULL), 10, 200, 30, 400);
    fixture_close(&f);
}
END_TEST

START_TEST(group_norm_is_standardize_then_affine)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_RECORD);
    spae_var x = random_leaf(&f, spae_shape_of(2, 1, 3, 3, 8), 1), scale = random_leaf(&f, vector(8), 2);
    spae_var bias = random_leaf(&f, vector(8), 3), y = spae_group_norm(&f.tape, x, scale, bias, 4, 1e-6);
    spae_var z = spae_affine(&f.tape, spae_standardize(&f.tape, x, 4, 1e-6), scale, bias);
    ck_assert(same_bits(y->value, z->value, 144));
    fixture_close(&f);
}
END_TEST

START_TEST(channels_that_do_not_divide_are_refused)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_RECORD);
    spae_var x = random_leaf(&f, spae_shape_of(1, 1, 2, 2, 6), 1), six = random_leaf(&f, vector(6), 2);
    spae_var five = random_leaf(&f, vector(5), 2);
    ck_assert_refused(&f, spae_standardize(&f.tape, x, 0, 1e-6), SPAE_ERR_SHAPE, "(6 and 0)");
    ck_assert_refused(&f, spae_standardize(&f.tape, x, 4, 1e-6), SPAE_ERR_SHAPE, "(6 and 4)");
    ck_assert_refused(&f, spae_standardize(&f.tape, x, 12, 1e-6), SPAE_ERR_SHAPE, "group norm");
    ck_assert_refused(&f, spae_affine(&f.tape, x, five, NULL), SPAE_ERR_SHAPE, "affine");
    ck_assert_refused(&f, spae_affine(&f.tape, x, six, five), SPAE_ERR_SHAPE, "affine");
    fixture_close(&f);
}
END_TEST

SUITE(suite_nn_norm, "nn/norm", standardize_is_its_definition_to_the_bit, equal_values_become_zero,
      a_common_offset_changes_nothing, two_values_by_hand, affine_by_hand_and_its_gradients,
      group_norm_is_standardize_then_affine, channels_that_do_not_divide_are_refused)
