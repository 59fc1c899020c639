/* Layer norm and RMS norm of rows: by hand, by their formulas to the bit, tiny and large variances, and what is refused. */
#include "fixture.h"

START_TEST(layer_norm_by_hand)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_RECORD);
    spae_var x = leaf_of(&f, spae_shape_of(1, 2, 1, 1, 2), (const real[]){1, 3, 10, -10}); /* variances 1 and 100 */
    spae_var scale = leaf_of(&f, vector(2), (const real[]){2, 4}), bias = leaf_of(&f, vector(2), (const real[]){1, -1});
    spae_var y = spae_layer_norm(&f.tape, x, scale, bias, 0);
    ck_assert(spae_shape_equal(y->shape, x->shape));
    ck_assert_value(y, -1, 3, 3, -5);
    ck_assert_value(gradient_of(&f, y, NULL, bias), 2, 2);
    ck_assert_value(gradient_of(&f, y, NULL, scale), 0, 0);
    ck_assert_value(spae_layer_norm(&f.tape, x, scale, bias, 3), 0, 1, 1 + 2 * (real)(10 / sqrt(103.0)),
                    -1 + 4 * -(real)(10 / sqrt(103.0)));
    fixture_close(&f);
}
END_TEST

START_TEST(rms_norm_by_hand)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_RECORD);
    spae_var x = leaf_of(&f, spae_shape_of(1, 1, 1, 2, 2), (const real[]){1, 7, -3, 0}); /* mean squares 25 and 4.5 */
    spae_var scale = leaf_of(&f, vector(2), (const real[]){10, 100});
    spae_var y = spae_rms_norm(&f.tape, x, scale, 0);
    ck_assert_value(y, 10 * (real)(1 / 5.0), 100 * (real)(7 * (1 / 5.0)), 10 * (real)(-3 * (1 / sqrt(4.5))), 0);
    spae_var alone = leaf_of(&f, vector(1), (const real[]){-6});
    ck_assert_value(spae_rms_standardize(&f.tape, alone, 0), -1);
    ck_assert_value(spae_rms_standardize(&f.tape, alone, 28), (real)(-6 * (1 / 8.0)));
    ck_assert_value(spae_rms_standardize(&f.tape, number(&f, 0), 1e-6), 0);
    fixture_close(&f);
}
END_TEST

/* Rows of one element of 1 to 70; wide sums in index order, one rounding, then the scale in real. */
START_TEST(both_follow_their_formulas_to_the_bit)
{
    for (size_t c = 1; c < 71; c += 3) {
        enum { ROWS = 9 };
        fixture f;
        fixture_open(&f, SPAE_TAPE_RECORD);
        spae_var x = random_leaf(&f, spae_shape_of(3, 3, 1, 1, c), (uint32_t)c), s = random_leaf(&f, vector(c), 77);
        spae_var b = random_leaf(&f, vector(c), 78), y = spae_rms_norm(&f.tape, x, s, 1e-5);
        spae_var z = spae_layer_norm(&f.tape, x, s, b, 1e-5);
        real *flat = spae_arena_take(&f.arena, ROWS * c, sizeof *flat);
        for (size_t row = 0; row < ROWS; row++) {
            const real *v = x->value + row * c;
            double squares = 0, mean = 0, variance = 0;
            for (size_t i = 0; i < c; i++) {
                squares += (double)v[i] * (double)v[i];
                mean += (double)v[i];
            }
            mean /= (double)c;
            for (size_t i = 0; i < c; i++)
                variance += ((double)v[i] - mean) * ((double)v[i] - mean);
            for (size_t i = 0; i < c; i++) {
                const real want = (real)((double)v[i] * (1 / sqrt(squares / (double)c + 1e-5))) * s->value[i];
                ck_assert(same_bits(&want, y->value + row * c + i, 1));
                const real hat = (real)(((double)v[i] - mean) * (1 / sqrt(variance / (double)c + 1e-5)));
                const real normal = hat * s->value[i] + b->value[i];
                ck_assert(same_bits(&normal, z->value + row * c + i, 1));
            }
        }
        spae_rms_norm_array(x->value, s->value, ROWS, c, 1e-5, flat);
        ck_assert(same_bits(flat, y->value, ROWS * c));
        spae_layer_norm_array(x->value, s->value, b->value, ROWS, c, 1e-5, flat);
        ck_assert(same_bits(flat, z->value, ROWS * c));
        memcpy(flat, x->value, ROWS * c * sizeof *flat);
        spae_rms_norm_array(flat, s->value, ROWS, c, 1e-5, flat); /* in place */
        ck_assert(same_bits(flat, y->value, ROWS * c));
        fixture_close(&f);
    }
}
END_TEST

/* Squares are wide: they neither overflow nor vanish where real ones would. */
START_TEST(large_and_small_rows_keep_their_scale)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_RECORD);
    spae_var large = leaf_of(&f, vector(2), (const real[]){(real)3e38, (real)-3e38});
    ck_assert_value(spae_rms_standardize(&f.tape, large, 1e-5), 1, -1);
    spae_var small = leaf_of(&f, vector(2), (const real[]){(real)0x1p-120, (real)0x1p-120});
    ck_assert_value(spae_rms_standardize(&f.tape, small, 0), 1, 1);
    spae_var wrong = leaf_of(&f, vector(2), (const real[]){(real)NAN, 1});
    spae_var y = spae_rms_standardize(&f.tape, wrong, 1e-5);
    ck_assert(y->value[0] != y->value[0] && y->value[1] != y->value[1]);
    fixture_close(&f);
}
END_TEST

START_TEST(other_channels_are_refused)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_RECORD);
    spae_var x = random_leaf(&f, spae_shape_of(1, 2, 1, 1, 3), 1), three = random_leaf(&f, vector(3), 2);
    spae_var two = random_leaf(&f, vector(2), 3);
    ck_assert_refused(&f, spae_rms_norm(&f.tape, x, two, 1e-5), SPAE_ERR_SHAPE, "affine");
    ck_assert_refused(&f, spae_layer_norm(&f.tape, x, two, three, 1e-5), SPAE_ERR_SHAPE, "affine");
    ck_assert_refused(&f, spae_layer_norm(&f.tape, x, three, two, 1e-5), SPAE_ERR_SHAPE, "affine");
    ck_assert_ptr_null(spae_layer_norm(&f.tape, NULL, three, three, 1e-5));
    ck_assert_ptr_null(spae_rms_norm(&f.tape, NULL, three, 1e-5));
    ck_assert_ptr_null(spae_rms_standardize(&f.tape, NULL, 1e-5));
    fixture_close(&f);
}
END_TEST

SUITE(suite_nn_layer_norm, "nn/layer_norm", layer_norm_by_hand, rms_norm_by_hand, both_follow_their_formulas_to_the_bit,
      large_and_small_rows_keep_their_scale, other_channels_are_refused)
