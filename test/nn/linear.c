/* Convolutions and dense products on the tape: values by hand, and forms that are each other's gradients. The kernels
 * themselves are held to plain loops in test/nn/conv.c. */
#include "fixture.h"

static const size_t one[3] = {1, 1, 1}, two[3] = {1, 2, 2};

START_TEST(dense_by_hand)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_RECORD);
    spae_var x = leaf_of(&f, spae_shape_of(1, 1, 1, 2, 2), (const real[]){1, 2, 3, 4});
    spae_var k = leaf_of(&f, spae_shape_of(1, 1, 1, 2, 3), (const real[]){1, 10, 100, 2, 20, 200});
    spae_var b = leaf_of(&f, vector(3), (const real[]){1, 2, 3}), y = spae_dense(&f.tape, x, k, b);
    ck_assert_value(y, 6, 52, 503, 12, 112, 1103);
    ck_assert_value(gradient_of(&f, y, NULL, x), 111, 222, 111, 222);
    ck_assert_value(gradient_of(&f, y, NULL, k), 4, 4, 4, 6, 6, 6);
    ck_assert_value(gradient_of(&f, y, NULL, b), 2, 2, 2);
    spae_var u = leaf_of(&f, spae_shape_of(1, 1, 1, 1, 3), (const real[]){1, 0, 1});
    ck_assert_value(spae_dense_transposed(&f.tape, u, k, NULL), 101, 202);
    ck_assert_uint_eq(f.tape.multiply_adds, 12 + 12 + 12 + 6); /* three products of 2x2 by 2x3, one of 1x3 by 3x2 */
    fixture_close(&f);
}
END_TEST

START_TEST(convolution_by_hand)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_RECORD);
    spae_var x = leaf_of(&f, spae_shape_of(1, 1, 2, 2, 1), (const real[]){1, 2, 3, 4});
    spae_var k = leaf_of(&f, spae_shape_of(1, 3, 3, 1, 1), (const real[]){1, 2, 3, 4, 5, 6, 7, 8, 9});
    spae_var b = leaf_of(&f, vector(1), (const real[]){100}), y = spae_convolve(&f.tape, x, k, b, one);
    ck_assert_value(y, 177, 167, 147, 137); /* e.g. 5*1 + 6*2 + 8*3 + 9*4 + 100 */
    ck_assert_value(gradient_of(&f, y, NULL, x), 12, 16, 24, 28);
    ck_assert_value(gradient_of(&f, y, NULL, k), 1, 3, 2, 4, 10, 6, 3, 7, 4);
    ck_assert_value(gradient_of(&f, y, NULL, b), 4);
    ck_assert_value(spae_convolve(&f.tape, x, k, NULL, two), 37); /* even sizes: the padding is at the end */
    fixture_close(&f);
}
END_TEST

/* 3x3, stride 2, one cell of padding on a 4x4 of ones: the corner sees 4 of them, an edge 6, the inside 9. 'SAME' would
 * begin at the first cell. */
START_TEST(convolution_with_given_padding_by_hand)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_RECORD);
    const size_t pad[3] = {0, 1, 1}, all[3] = {0, 3, 3}, none[3] = {0, 0, 0}, still[3] = {1, 0, 1};
    spae_var x = spae_tape_filled(&f.tape, spae_shape_of(1, 1, 4, 4, 1), 1);
    spae_var k = spae_tape_filled(&f.tape, spae_shape_of(1, 3, 3, 1, 1), 1);
    ck_assert_value(spae_convolve_padded(&f.tape, x, k, NULL, two, pad), 4, 6, 6, 9);
    ck_assert_value(spae_convolve_padded(&f.tape, x, k, NULL, two, none), 9);
    ck_assert_value(spae_convolve_padded(&f.tape, x, k, NULL, two, NULL), 9, 6, 6, 4);
    ck_assert_refused(&f, spae_convolve_padded(&f.tape, x, k, NULL, two, all), SPAE_ERR_SHAPE, "padding");
    ck_assert_refused(&f, spae_convolve_padded(&f.tape, x, k, NULL, still, NULL), SPAE_ERR_SHAPE, "a stride is 0");
    spae_var small = spae_tape_filled(&f.tape, spae_shape_of(1, 1, 2, 4, 1), 1);
    ck_assert_refused(&f, spae_convolve_padded(&f.tape, small, k, NULL, two, none), SPAE_ERR_SHAPE, "(2 and 3)");
    ck_assert_ptr_nonnull(spae_convolve_padded(&f.tape, small, k, NULL, two, pad));
    fixture_close(&f);
}
END_TEST

/* For each bilinear form b(x,k) and weights u: <u, b> = <x, db/dx u> = <k, db/dk u>, and once more for these. */
static void assert_closed(fixture *f, spae_var y, spae_var x, spae_var k)
{
    spae_var u = whole_leaf(f, y->shape, 77), dx = gradient_of(f, y, u, x), dk = gradient_of(f, y, u, k);
    const double form = inner(y, u);
    ck_assert_double_ne(form, 0);
    ck_assert_double_eq(inner(x, dx), form);
    ck_assert_double_eq(inner(k, dk), form);
    ck_assert_double_eq(inner(u, gradient_of(f, dx, x, u)), form);
    ck_assert_double_eq(inner(k, gradient_of(f, dx, x, k)), form);
    ck_assert_double_eq(inner(u, gradient_of(f, dk, k, u)), form);
    ck_assert_double_eq(inner(x, gradient_of(f, dk, k, x)), form);
}

START_TEST(the_three_forms_are_closed_under_differentiation)
{
    static const size_t kernels[][3] = {{1, 1, 1}, {1, 3, 3}, {3, 3, 3}, {1, 4, 2}};
    static const size_t strides[][3] = {{1, 1, 1}, {1, 2, 2}, {2, 2, 2}};
    for (size_t i = 0; i < 12; i++) {
        const size_t *k = kernels[i % 4];
        fixture f;
        fixture_open(&f, SPAE_TAPE_RECORD);
        spae_var x = whole_leaf(&f, spae_shape_of(2, 3, 5, 4, 3), (uint32_t)i);
        spae_var kernel = whole_leaf(&f, spae_shape_of(k[0], k[1], k[2], 3, 5), 40 + (uint32_t)i);
        assert_closed(&f, spae_convolve(&f.tape, x, kernel, NULL, strides[i / 4]), x, kernel);
        fixture_close(&f);
    }
}
END_TEST

START_TEST(dense_products_are_closed_under_differentiation)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_RECORD);
    spae_var x = whole_leaf(&f, spae_shape_of(2, 1, 3, 1, 6), 1), k = whole_leaf(&f, spae_shape_of(1, 1, 1, 6, 9), 2);
    assert_closed(&f, spae_dense(&f.tape, x, k, NULL), x, k);
    spae_var z = whole_leaf(&f, spae_shape_of(1, 2, 1, 3, 9), 3), y = spae_dense_transposed(&f.tape, z, k, NULL);
    ck_assert(spae_shape_equal(y->shape, spae_shape_of(1, 2, 1, 3, 6)));
    assert_closed(&f, y, z, k);
    fixture_close(&f);
}
END_TEST

START_TEST(a_dense_product_is_a_convolution_of_one_cell)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_RECORD);
    spae_var x = random_leaf(&f, spae_shape_of(2, 1, 5, 3, 19), 1);
    spae_var k = random_leaf(&f, spae_shape_of(1, 1, 1, 19, 70), 2);
    spae_var b = random_leaf(&f, vector(70), 3), y = spae_dense(&f.tape, x, k, b);
    spae_var z = spae_convolve(&f.tape, x, k, b, one);
    ck_assert(spae_shape_equal(y->shape, z->shape));
    ck_assert(same_bits(y->value, z->value, spae_shape_count(y->shape)));
    fixture_close(&f);
}
END_TEST

/* A codebook's rows are packed once; products with them, and their gradients, stay the same bits. */
START_TEST(packing_a_matrix_before_changes_no_bit)
{
    static const size_t sizes[][3] = {{1, 1, 1}, {3, 2, 5}, {7, 65, 3}, {70, 33, 129}, {2, 300, 16}};
    for (size_t i = 0; i < 5; i++) {
        const size_t rows = sizes[i][0], ci = sizes[i][1], co = sizes[i][2];
        fixture f;
        fixture_open(&f, SPAE_TAPE_RECORD);
        spae_var x = random_leaf(&f, spae_shape_of(1, 1, 1, rows, co), 1);
        spae_var k = random_leaf(&f, spae_shape_of(1, 1, 1, ci, co), 2);
        real *packed = spae_arena_take(&f.arena, spae_dense_packed_size(ci, co), sizeof *packed);
        spae_dense_pack(k->value, ci, co, packed);
        spae_var plain = spae_dense_transposed(&f.tape, x, k, NULL), y = spae_dense_transposed(&f.tape, x, k, packed);
        ck_assert(same_bits(y->value, plain->value, rows * ci));
        spae_var d = gradient_of(&f, plain, y, x), e = gradient_of(&f, y, y, x);
        ck_assert(same_bits(d->value, e->value, rows * co));
        fixture_close(&f);
    }
}
END_TEST

START_TEST(shapes_that_do_not_meet_are_refused)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_RECORD);
    spae_tape *t = &f.tape;
    spae_var x = random_leaf(&f, spae_shape_of(1, 1, 3, 3, 4), 1), k = random_leaf(&f, spae_shape_of(1, 3, 3, 5, 2), 2);
    spae_var m = random_leaf(&f, spae_shape_of(1, 1, 1, 5, 2), 2);
    spae_var fit = random_leaf(&f, spae_shape_of(1, 1, 1, 4, 2), 2);
    spae_var b = random_leaf(&f, vector(3), 3), column = random_leaf(&f, spae_shape_of(1, 1, 1, 2, 1), 3);
    ck_assert_refused(&f, spae_convolve(t, x, k, NULL, one), SPAE_ERR_SHAPE, "(4 and 5)");
    ck_assert_refused(&f, spae_convolve(t, x, fit, b, one), SPAE_ERR_SHAPE, "(3 and 2)");
    ck_assert_refused(&f, spae_convolve(t, x, fit, column, one), SPAE_ERR_SHAPE, "bias");
    ck_assert_refused(&f, spae_dense(t, x, m, NULL), SPAE_ERR_SHAPE, "(4 and 5)");
    ck_assert_refused(&f, spae_dense(t, x, k, NULL), SPAE_ERR_SHAPE, "no matrix");
    ck_assert_refused(&f, spae_dense(t, x, fit, b), SPAE_ERR_SHAPE, "bias");
    ck_assert_refused(&f, spae_dense_transposed(t, x, m, NULL), SPAE_ERR_SHAPE, "(4 and 2)");
    ck_assert_refused(&f, spae_dense_transposed(t, x, k, NULL), SPAE_ERR_SHAPE, "no matrix");
    fixture_close(&f);
}
END_TEST

SUITE(suite_nn_linear, "nn/linear", dense_by_hand, convolution_by_hand, convolution_with_given_padding_by_hand,
      the_three_forms_are_closed_under_differentiation, dense_products_are_closed_under_differentiation,
      a_dense_product_is_a_convolution_of_one_cell,
      packing_a_matrix_before_changes_no_bit, shapes_that_do_not_meet_are_refused)
