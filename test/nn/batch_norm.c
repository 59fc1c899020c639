/* Batch norm at inference and normalization by given numbers: by hand, a large mean, and what is refused. */
#include "fixture.h"

START_TEST(batch_norm_by_hand)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_RECORD);
    spae_var x = leaf_of(&f, spae_shape_of(2, 1, 1, 1, 2), (const real[]){3, 10, 5, 6});
    spae_var scale = leaf_of(&f, vector(2), (const real[]){3, 8});
    spae_var bias = leaf_of(&f, vector(2), (const real[]){100, -1});
    spae_var mean = leaf_of(&f, vector(2), (const real[]){1, 2}), var = leaf_of(&f, vector(2), (const real[]){3, 15});
    spae_var y = spae_batch_norm(&f.tape, x, scale, bias, mean, var, 1); /* factors 1/2 and 1/4 */
    ck_assert_value(y, 103, 15, 106, 7);
    ck_assert_value(gradient_of(&f, y, NULL, x), (real)1.5, 2, (real)1.5, 2);
    ck_assert_value(gradient_of(&f, y, NULL, scale), 3, 3);
    ck_assert_value(gradient_of(&f, y, NULL, bias), 2, 2);
    ck_assert_value(gradient_of(&f, y, NULL, mean), -3, -4);
    /* d/dvar = -scale (x - mean) / 2 (var + eps)^(3/2), summed */
    ck_assert_value(gradient_of(&f, y, NULL, var), (real)(-3 * 6 / 16.0), (real)(-8 * 12 / 128.0));
    fixture_close(&f);
}
END_TEST

/* The difference comes first: a bias of -mean * factor would lose these bits. */
START_TEST(a_large_mean_is_taken_off_exactly)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_RECORD);
    const real large = 4097, step = (real)0x1p-11;
    spae_var x = leaf_of(&f, spae_shape_of(1, 1, 1, 2, 1), (const real[]){large + step, large - step});
    spae_var y = spae_normalize(&f.tape, x, number(&f, large), number(&f, (real)3));
    ck_assert_value(y, 3 * step, -3 * step);
    fixture_close(&f);
}
END_TEST

START_TEST(pictures_are_normalized_by_constants)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_RECORD);
    const double mean[] = {1, 2, 3}, deviation[] = {0.5, 0.25, 4}, bad[] = {1, 0, 1};
    spae_var x = leaf_of(&f, vector(3), (const real[]){2, 3, 5}), y = spae_normalize_by(&f.tape, x, mean, deviation);
    ck_assert_value(y, 2, 4, (real)0.5);
    ck_assert_value(gradient_of(&f, y, NULL, x), 2, 4, (real)0.25);
    ck_assert_refused(&f, spae_normalize_by(&f.tape, x, mean, bad), SPAE_ERR_ARGUMENT, "(1 and 3)");
    ck_assert_ptr_null(spae_normalize_by(&f.tape, NULL, mean, deviation));
    fixture_close(&f);
}
END_TEST

START_TEST(other_channels_are_refused)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_RECORD);
    spae_var x = random_leaf(&f, spae_shape_of(1, 1, 2, 2, 3), 1), c = random_leaf(&f, vector(3), 2);
    ck_assert_refused(&f, spae_normalize(&f.tape, x, number(&f, 1), c), SPAE_ERR_SHAPE, "normalize");
    ck_assert_refused(&f, spae_normalize(&f.tape, x, c, number(&f, 1)), SPAE_ERR_SHAPE, "normalize");
    ck_assert_refused(&f, spae_batch_norm(&f.tape, x, number(&f, 1), c, c, c, 1e-5), SPAE_ERR_SHAPE, "affine");
    ck_assert_ptr_null(spae_normalize(&f.tape, x, NULL, c));
    fixture_close(&f);
}
END_TEST

SUITE(suite_nn_batch_norm, "nn/batch_norm", batch_norm_by_hand, a_large_mean_is_taken_off_exactly,
      pictures_are_normalized_by_constants, other_channels_are_refused)
