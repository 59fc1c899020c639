/* Rows: choosing, softmax and log-sum-exp. */
#include "fixture.h"

START_TEST(gather_repeats_rows_and_its_gradient_adds_them)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_RECORD);
    static const int32_t index[] = {2, 0, 2};
    spae_var x = leaf_of(&f, spae_shape_of(1, 1, 3, 1, 2), (const real[]){1, 2, 3, 4, 5, 6});
    spae_var y = spae_gather_rows(&f.tape, x, index, 3);
    ck_assert(spae_shape_equal(y->shape, spae_shape_of(1, 1, 1, 3, 2)));
    ck_assert_value(y, 5, 6, 1, 2, 5, 6);
    spae_var u = leaf_of(&f, y->shape, (const real[]){1, 2, 10, 20, 100, 200});
    spae_var back = gradient_of(&f, y, u, x);
    ck_assert_value(back, 10, 20, 0, 0, 101, 202);
    ck_assert_value(gradient_of(&f, back, x, u), 5, 6, 1, 2, 5, 6); /* scatter's gradient gathers */
    ck_assert_uint_eq(spae_shape_count(spae_gather_rows(&f.tape, x, index, 1)->shape), 2);
    fixture_close(&f);
}
END_TEST

START_TEST(columns_are_cut_out_and_put_back)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_RECORD);
    spae_var x = leaf_of(&f, spae_shape_of(1, 2, 1, 1, 3), (const real[]){1, 2, 3, 4, 5, 6});
    spae_var y = spae_columns(&f.tape, x, 1, 2), u = leaf_of(&f, y->shape, (const real[]){7, 8, 9, 10});
    ck_assert(spae_shape_equal(y->shape, spae_shape_of(1, 2, 1, 1, 2)));
    ck_assert_value(y, 2, 3, 5, 6);
    spae_var back = gradient_of(&f, y, u, x);
    ck_assert_value(back, 0, 7, 8, 0, 9, 10);
    ck_assert_value(gradient_of(&f, back, x, u), 2, 3, 5, 6);
    ck_assert_value(spae_columns(&f.tape, x, 0, 3), 1, 2, 3, 4, 5, 6);
    ck_assert_refused(&f, spae_columns(&f.tape, x, 2, 2), SPAE_ERR_SHAPE, "(2 and 2)");
    ck_assert_refused(&f, spae_columns(&f.tape, x, 0, 0), SPAE_ERR_SHAPE, "columns");
    ck_assert_refused(&f, spae_columns(&f.tape, x, SIZE_MAX, 2), SPAE_ERR_SHAPE, "columns");
    ck_assert_ptr_null(spae_columns(&f.tape, NULL, 0, 1));
    fixture_close(&f);
}
END_TEST

START_TEST(columns_are_joined_row_by_row)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_RECORD);
    spae_var a = leaf_of(&f, spae_shape_of(1, 2, 1, 1, 1), (const real[]){1, 4});
    spae_var b = leaf_of(&f, spae_shape_of(1, 2, 1, 1, 2), (const real[]){2, 3, 5, 6});
    spae_var y = spae_join_columns(&f.tape, a, b), u = leaf_of(&f, y->shape, (const real[]){1, 2, 3, 4, 5, 6});
    ck_assert(spae_shape_equal(y->shape, spae_shape_of(1, 2, 1, 1, 3)));
    ck_assert_value(y, 1, 2, 3, 4, 5, 6);
    ck_assert_value(gradient_of(&f, y, u, a), 1, 4);
    ck_assert_value(gradient_of(&f, y, u, b), 2, 3, 5, 6);
    ck_assert_refused(&f, spae_join_columns(&f.tape, a, leaf_of(&f, vector(3), (const real[]){1, 2, 3})), SPAE_ERR_SHAPE, "(2 and 3)");
    ck_assert_ptr_null(spae_join_columns(&f.tape, NULL, b));
    fixture_close(&f);
}
END_TEST

START_TEST(pick_takes_one_element_of_each_row)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_RECORD);
    static const int32_t index[] = {2, 0};
    spae_var x = leaf_of(&f, spae_shape_of(1, 1, 1, 2, 3), (const real[]){1, 2, 3, 4, 5, 6});
    spae_var y = spae_pick(&f.tape, x, index), u = leaf_of(&f, y->shape, (const real[]){7, 8});
    ck_assert_value(y, 3, 4);
    spae_var back = gradient_of(&f, y, u, x);
    ck_assert_value(back, 0, 0, 7, 8, 0, 0);
    ck_assert_value(gradient_of(&f, back, x, u), 3, 4);
    fixture_close(&f);
}
END_TEST

START_TEST(softmax_by_hand)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_RECORD);
    spae_var x = leaf_of(&f, spae_shape_of(1, 1, 1, 3, 4), (const real[]){5, 5, 5, 5, 0, -1000, -1000, -1000,
                                                                         1000, 1000, -(real)3e38, -1000});
    ck_assert_value(spae_softmax(&f.tape, x), (real)0.25, (real)0.25, (real)0.25, (real)0.25, 1, 0, 0, 0, (real)0.5,
                    (real)0.5, 0, 0);
    ck_assert_value(spae_softmax(&f.tape, number(&f, -7)), 1);
    spae_var equal = leaf_of(&f, vector(2), (const real[]){3, 3}), u = leaf_of(&f, vector(2), (const real[]){4, 0});
    ck_assert_value(gradient_of(&f, spae_softmax(&f.tape, equal), u, equal), 1, -1); /* y (u - mean) */
    fixture_close(&f);
}
END_TEST

/* exp(x - m) in `real`, their sum in binary64 rounded once, one division each. */
START_TEST(softmax_and_log_sum_exp_follow_their_formula_to_the_bit)
{
    enum { ROWS = 7, WIDTH = 301 };
    fixture f;
    fixture_open(&f, SPAE_TAPE_RECORD);
    spae_var x = random_leaf(&f, spae_shape_of(1, 1, ROWS, 1, WIDTH), 4);
    spae_var y = spae_softmax(&f.tape, x), s = spae_log_sum_exp(&f.tape, x);
    ck_assert(spae_shape_equal(s->shape, spae_shape_of(1, 1, 1, ROWS, 1)));
    for (size_t row = 0; row < ROWS; row++) {
        const real *v = x->value + row * WIDTH;
        real m = v[0];
        for (size_t k = 1; k < WIDTH; k++)
            m = v[k] > m ? v[k] : m;
        double sum = 0;
        for (size_t k = 0; k < WIDTH; k++)
            sum += (double)real_exp(v[k] - m);
        for (size_t k = 0; k < WIDTH; k++) {
            const real share = real_exp(v[k] - m) / (real)sum;
            ck_assert(same_bits(&share, &y->value[row * WIDTH + k], 1));
        }
        const real total = m + real_log((real)sum);
        ck_assert(same_bits(&total, &s->value[row], 1));
    }
    fixture_close(&f);
}
END_TEST

START_TEST(log_sum_exp_by_hand_and_its_gradient_is_softmax)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_RECORD);
    ck_assert_value(spae_log_sum_exp(&f.tape, number(&f, (real)3e38)), (real)3e38);
    spae_var x = leaf_of(&f, spae_shape_of(1, 1, 1, 2, 2), (const real[]){10000, 10000, -10000, -20000});
    spae_var y = spae_log_sum_exp(&f.tape, x);
    ck_assert_value(y, 10000 + real_log(2), -10000);
    ck_assert_value(gradient_of(&f, y, leaf_of(&f, y->shape, (const real[]){2, 3}), x), 1, 1, 3, 0);
    fixture_close(&f);
}
END_TEST

START_TEST(log_sum_exp_gives_its_scratch_back_or_says_that_there_is_none)
{
    static unsigned char memory[8192];
    real values[64];
    fill(values, 64, 1);
    size_t refused = 0, done = 0;
    for (size_t bytes = 0; bytes < sizeof memory; bytes += 64) {
        spae_arena arena;
        spae_tape tape;
        spae_arena_fixed(&arena, memory, bytes);
        spae_tape_start(&tape, &arena, SPAE_TAPE_RECORD, NULL);
        spae_log_sum_exp(&tape, spae_tape_leaf(&tape, vector(64), values));
        refused += tape.status == SPAE_ERR_NO_MEMORY;
        done += tape.status == SPAE_OK;
        ck_assert(tape.status != SPAE_OK || arena.used < arena.peak);
    }
    ck_assert(refused > 3 && done > 3 && refused + done == sizeof memory / 64);
}
END_TEST

SUITE(suite_nn_rows, "nn/rows", gather_repeats_rows_and_its_gradient_adds_them,
      columns_are_cut_out_and_put_back, columns_are_joined_row_by_row, pick_takes_one_element_of_each_row,
      softmax_by_hand, softmax_and_log_sum_exp_follow_their_formula_to_the_bit,
      log_sum_exp_by_hand_and_its_gradient_is_softmax,
      log_sum_exp_gives_its_scratch_back_or_says_that_there_is_none)
