/* Elementwise operations: values worked by hand, tails, chunks, refusals. Gradients are held in test/nn/gradients.c. */
#include "fixture.h"

/* In a's place where the tape runs; elsewhere another node, with gradients. */
START_TEST(add_into_is_add)
{
    static const spae_tape_mode modes[] = {SPAE_TAPE_RUN, SPAE_TAPE_RECORD};
    for (size_t i = 0; i < 2; i++) {
        fixture f;
        fixture_open(&f, modes[i]);
        spae_var a = random_leaf(&f, spae_shape_of(2, 1, 3, 5, 7), 1), b = random_leaf(&f, a->shape, 2);
        spae_var sum = spae_add(&f.tape, a, b), into = spae_add_into(&f.tape, a, b);
        ck_assert(same_bits(into->value, sum->value, 210));
        ck_assert_int_eq(into->value == a->value, i == 0);
        if (i == 1)
            ck_assert(same_bits(gradient_of(&f, into, b, a)->value, b->value, 210));
        ck_assert_refused(&f, spae_add_into(&f.tape, a, random_leaf(&f, vector(3), 1)), SPAE_ERR_SHAPE, "add: operands");
        fixture_close(&f);
    }
}
END_TEST

START_TEST(arithmetic_by_hand)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_RECORD);
    spae_tape *t = &f.tape;
    spae_var a = leaf_of(&f, vector(3), (const real[]){1, -2, 4}), b = leaf_of(&f, vector(3), (const real[]){8, 4, -2});
    ck_assert_value(spae_add(t, a, b), 9, 2, 2);
    ck_assert_value(spae_sub(t, a, b), -7, -6, 6);
    ck_assert_value(spae_mul(t, a, b), 8, -8, -8);
    ck_assert_value(spae_scale(t, a, (real)0.5), (real)0.5, -1, 2);
    ck_assert_value(spae_offset(t, a, 10), 11, 8, 14);
    ck_assert_value(spae_reciprocal(t, a), 1, (real)-0.5, (real)0.25);
    ck_assert_value(spae_inverse_root(t, leaf_of(&f, vector(3), (const real[]){1, 4, (real)0.0625})), 1, (real)0.5, 4);
    ck_assert_value(spae_exp(t, leaf_of(&f, vector(3), (const real[]){0, -(real)INFINITY, (real)INFINITY})), 1, 0,
                    (real)INFINITY);
    ck_assert_value(spae_leaky_relu(t, a, (real)0.25), 1, (real)-0.5, 4);
    fixture_close(&f);
}
END_TEST

/* Each operation is rounded to `real` alone: a * k + k would differ if it were fused. */
START_TEST(products_are_rounded_before_they_are_added)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_RECORD);
    const real eps = sizeof(real) == 4 ? (real)0x1p-12 : (real)0x1p-27;
    spae_var x = number(&f, 1 + eps);
    spae_var y = spae_offset(&f.tape, spae_mul(&f.tape, x, x), -1); /* (1 + eps)^2 = 1 + 2 eps + eps^2, a tie */
    ck_assert_value(y, 2 * eps);
    fixture_close(&f);
}
END_TEST

START_TEST(leaky_relu_at_zero_has_slope_one)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_RECORD);
    spae_var x = leaf_of(&f, vector(3), (const real[]){0, -(real)0, -1});
    spae_var y = spae_leaky_relu(&f.tape, x, (real)0.125);
    ck_assert_value(gradient_of(&f, y, NULL, x), 1, 1, (real)0.125);
    fixture_close(&f);
}
END_TEST

START_TEST(sigmoid_has_both_tails)
{
    const real x[] = {0, (real)INFINITY, -(real)INFINITY, 200, -80, -(real)0};
    real y[6];
    spae_sigmoid_array(x, y, 6);
    ck_assert_double_eq((double)y[0], 0.5);
    ck_assert_double_eq((double)y[1], 1);
    ck_assert_double_eq((double)y[2], 0);
    ck_assert_double_eq((double)y[3], 1);
    ck_assert_double_eq((double)y[4], (double)real_exp(-80)); /* e / (1 + e), the sum is 1 */
    ck_assert_double_eq((double)y[5], 0.5);
}
END_TEST

START_TEST(sigmoid_and_swish_follow_their_formula_to_the_bit)
{
    real x[1000], s[1000], w[1000];
    fill(x, 1000, 3);
    spae_sigmoid_array(x, s, 1000);
    spae_swish_array(x, w, 1000);
    for (size_t i = 0; i < 1000; i++) {
        const real e = real_exp(x[i] < 0 ? x[i] : -x[i]), below = 1 + e;
        const real expected = (x[i] < 0 ? e : 1) / below, product = x[i] * expected;
        ck_assert(same_bits(&s[i], &expected, 1));
        ck_assert(same_bits(&w[i], &product, 1));
    }
}
END_TEST

/* Arrays around the chunk of 256 give what single elements give; input and output may be one array. */
START_TEST(lengths_around_a_chunk_and_in_place)
{
    real x[600], one[600], many[600];
    fill(x, 600, 9);
    for (size_t i = 0; i < 600; i++)
        spae_swish_array(x + i, one + i, 1);
    for (size_t n = 254; n <= 258; n++) {
        memcpy(many, x, sizeof x);
        spae_swish_array(many, many, n);
        ck_assert(same_bits(many, one, n));
        ck_assert(same_bits(many + n, x + n, 600 - n)); /* nothing behind the end is touched */
        spae_sigmoid_array(x, many, n);
        spae_sigmoid_array(x + 255, one + 255, 1);
        ck_assert(n <= 255 || same_bits(many + 255, one + 255, 1));
        spae_swish_array(x + 255, one + 255, 1);
    }
    spae_swish_array(x, one, 600);
    memcpy(many, x, sizeof x);
    spae_swish_array(many, many, 600);
    ck_assert(same_bits(one, many, 600));
}
END_TEST

/* swish'(0) = 1/2, swish''(0) = 1/2, sigmoid'(0) = 1/4; (1/x)' = -1/x^2; (x^-1/2)' = -x^-3/2 / 2 */
START_TEST(derivatives_by_hand)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_RECORD);
    spae_var zero = number(&f, 0), two = number(&f, 2), four = number(&f, 4);
    spae_var slope = gradient_of(&f, spae_swish(&f.tape, zero), NULL, zero);
    ck_assert_value(slope, (real)0.5);
    ck_assert_value(gradient_of(&f, slope, NULL, zero), (real)0.5);
    ck_assert_value(gradient_of(&f, spae_sigmoid(&f.tape, zero), NULL, zero), (real)0.25);
    ck_assert_value(gradient_of(&f, spae_exp(&f.tape, zero), NULL, zero), 1);
    ck_assert_value(gradient_of(&f, spae_reciprocal(&f.tape, two), NULL, two), (real)-0.25);
    ck_assert_value(gradient_of(&f, spae_inverse_root(&f.tape, four), NULL, four), (real)-0.0625);
    fixture_close(&f);
}
END_TEST

START_TEST(other_shapes_are_refused)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_RECORD);
    spae_var a = random_leaf(&f, spae_shape_of(1, 1, 1, 2, 3), 1), b = random_leaf(&f, spae_shape_of(1, 1, 1, 3, 2), 2);
    ck_assert_refused(&f, spae_add(&f.tape, a, b), SPAE_ERR_SHAPE, "add:"); /* as many elements, other axes */
    ck_assert_refused(&f, spae_sub(&f.tape, a, b), SPAE_ERR_SHAPE, "sub:");
    ck_assert_refused(&f, spae_mul(&f.tape, a, b), SPAE_ERR_SHAPE, "mul:");
    fixture_close(&f);
}
END_TEST

/* Against 0.5 x (1 + tanh(..)) in wide, and in the tails, where that cancels: gelu(-8) is about -8 e^(-2 * 24.6). */
START_TEST(gelu_is_a_product_with_a_sigmoid)
{
    enum { N = 700 };
    real x[N], y[N], z[N];
    for (size_t i = 0; i < N; i++)
        x[i] = ((real)i - N / 2) / 32;
    spae_gelu_array(x, y, N);
    spae_quick_gelu_array(x, z, N);
    for (size_t i = 0; i < N; i++) {
        const double v = (double)x[i], a = 0.7978845608028654 * (v + 0.044715 * v * v * v);
        ck_assert_double_eq_tol((double)y[i], v / (1 + exp(-2 * a)), 1e-6 * (fabs(v / (1 + exp(-2 * a))) + 1e-30) * (1 + fabs(a)));
        ck_assert_double_eq_tol((double)z[i], v / (1 + exp(-1.702 * v)), 1e-6 * (fabs(v / (1 + exp(-1.702 * v))) + 1e-30) * (1 + fabs(v)));
        if (fabs(v) < 3)
            ck_assert_double_eq_tol((double)y[i], 0.5 * v * (1 + tanh(a)), 1e-6);
    }
}
END_TEST

START_TEST(gelu_at_its_ends)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_RECORD);
    spae_var x = leaf_of(&f, vector(6), (const real[]){0, 95, -95, (real)3e38, (real)-3e38, (real)INFINITY});
    spae_var y = spae_gelu(&f.tape, x), z = spae_quick_gelu(&f.tape, x);
    ck_assert(y->value[0] == 0 && y->value[1] == 95 && y->value[3] == (real)3e38 && y->value[5] == (real)INFINITY);
    ck_assert(z->value[0] == 0 && z->value[1] == 95 && z->value[3] == (real)3e38 && z->value[5] == (real)INFINITY);
    ck_assert(fabs((double)y->value[2]) < 1e-30 && fabs((double)y->value[4]) < 1e-30); /* 0 in binary32 */
    ck_assert(fabs((double)z->value[2]) < 1e-30 && fabs((double)z->value[4]) < 1e-30);
    spae_var d = gradient_of(&f, y, NULL, x), e = gradient_of(&f, z, NULL, x);
    ck_assert(d->value[0] == (real)0.5 && d->value[1] == 1 && fabs((double)d->value[2]) < 1e-30);
    ck_assert(e->value[0] == (real)0.5 && e->value[1] == 1 && fabs((double)e->value[2]) < 1e-30);
    ck_assert_ptr_null(spae_gelu(&f.tape, NULL));
    ck_assert_ptr_null(spae_quick_gelu(&f.tape, NULL));
    fixture_close(&f);
}
END_TEST

SUITE(suite_nn_elementwise, "nn/elementwise", add_into_is_add, arithmetic_by_hand, products_are_rounded_before_they_are_added,
      leaky_relu_at_zero_has_slope_one, sigmoid_has_both_tails, sigmoid_and_swish_follow_their_formula_to_the_bit,
      lengths_around_a_chunk_and_in_place, derivatives_by_hand, other_shapes_are_refused,
      gelu_is_a_product_with_a_sigmoid, gelu_at_its_ends)
