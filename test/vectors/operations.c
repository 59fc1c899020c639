/* Stage operations: SPEC 3. Elementwise operations, sums and cut gradients here; windows, rows and corners in files of
 * their own. */
#include "vectors.h"

/* ---- one input, one output ---- */

typedef spae_var unary(spae_tape *tape, spae_var x);

static void random_unary(vectors *v, const char *name, const char *clause, const char *op, const char *why, unary *f,
                         double offset, double scale)
{
    vectors_begin(v, name, clause, op, "{}", why);
    spae_var x = vectors_leaf(v, "x", spae_shape_of(2, 1, 3, 5, 4), offset, scale);
    spae_var y = f(&v->tape, x);
    vectors_result(v, "y", y);
    vectors_gradients(v, "y", y, 2);
    vectors_end(v);
}

static void unary_cases(vectors *v)
{
    random_unary(v, "operations/exp", "3.17 1.5", "exp", "values from e^-4 to e^4", spae_exp, 0, 4);
    random_unary(v, "operations/reciprocal", "3.2", "reciprocal", "both signs of the gradient, -y*y and 2*y*y*y",
                 spae_reciprocal, 2, 1.5);
    random_unary(v, "operations/reciprocal_negative", "3.2", "reciprocal", "numbers below 0", spae_reciprocal, -1,
                 0.75);
    random_unary(v, "operations/log", "3.2 1.5", "log", "around 1, where logarithms are small", spae_log, 1, 0.75);
    random_unary(v, "operations/inverse_root", "3.2", "inverse_root",
                 "the root is rounded before the quotient: another number than 1/sqrt rounded once", spae_inverse_root,
                 2, 1.9);
    random_unary(v, "operations/root_above_0", "3.15", "root", "numbers above 0", spae_root, 2, 1.9);
    random_unary(v, "operations/sigmoid", "3.4", "sigmoid", "both signs, each with its own numerator", spae_sigmoid, 0,
                 6);
    random_unary(v, "operations/swish", "3.4", "swish", "its gradient is one formula, its second order another",
                 spae_swish, 0, 6);
    random_unary(v, "operations/softplus", "3.11", "softplus", "logits of a discriminator", spae_softplus, 0, 6);
    random_unary(v, "operations/softplus_tail", "3.11", "softplus", "the small tail: log1p, not the logarithm of 1 + e",
                 spae_softplus, -20, 5);
    random_unary(v, "operations/sigmoid_tail", "3.4", "sigmoid", "the small tail keeps its digits", spae_sigmoid, -20,
                 5);
}

static void leaky(vectors *v, const char *name, const char *with, const char *why, spae_real slope)
{
    vectors_begin(v, name, "3.3", "leaky_relu", with, why);
    spae_var x = vectors_leaf(v, "x", spae_shape_of(2, 1, 3, 5, 4), 0, 1);
    spae_var y = spae_leaky_relu(&v->tape, x, slope);
    vectors_result(v, "y", y);
    vectors_gradients(v, "y", y, 2);
    vectors_end(v);
}

/* ---- two inputs, or a number ---- */

typedef spae_var binary(spae_tape *tape, spae_var a, spae_var b);

static void random_binary(vectors *v, const char *name, const char *op, const char *why, binary *f)
{
    vectors_begin(v, name, "3.1", op, "{}", why);
    spae_var a = vectors_leaf(v, "a", spae_shape_of(1, 2, 3, 4, 3), 0, 1);
    spae_var b = vectors_leaf(v, "b", spae_shape_of(1, 2, 3, 4, 3), 0.5, 2);
    spae_var y = f(&v->tape, a, b);
    vectors_result(v, "y", y);
    vectors_gradients(v, "y", y, 2);
    vectors_end(v);
}

typedef spae_var numbered(spae_tape *tape, spae_var a, spae_real k);

static void random_numbered(vectors *v, const char *name, const char *op, const char *with, const char *why,
                            numbered *f, spae_real k)
{
    vectors_begin(v, name, "3.1", op, with, why);
    spae_var x = vectors_leaf(v, "x", spae_shape_of(1, 1, 4, 5, 3), 0, 1);
    spae_var y = f(&v->tape, x, k);
    vectors_result(v, "y", y);
    vectors_gradients(v, "y", y, 2);
    vectors_end(v);
}

static void zeros_and_one(spae_real *out, size_t count)
{
    static const spae_real list[] = {0, (spae_real)-0.0, 1};
    for (size_t i = 0; i < count; i++)
        out[i] = list[i % 3];
}

/* Of +0 the gradient is -0: scale by -1. 0 - (+0) would be +0. */
static void sub_zeros(vectors *v)
{
    vectors_begin(v, "operations/sub_zeros", "3.1", "sub", "{}", "gradients of +0 and -0 change their sign");
    vectors_to_the_bit(v);
    vectors_upstream(v, zeros_and_one);
    spae_var a = vectors_leaf(v, "a", spae_shape_of(1, 1, 1, 2, 3), 0, 1);
    spae_var b = vectors_leaf(v, "b", spae_shape_of(1, 1, 1, 2, 3), 0, 1);
    spae_var y = spae_sub(&v->tape, a, b);
    vectors_result(v, "y", y);
    vectors_gradients(v, "y", y, 1);
    vectors_end(v);
}

static void arithmetic_cases(vectors *v)
{
    random_binary(v, "operations/add", "add", "one rounding; the gradient passes to both", spae_add);
    random_binary(v, "operations/sub", "sub", "the second gradient has the other sign", spae_sub);
    sub_zeros(v);
    random_binary(v, "operations/mul", "mul", "each operand's gradient holds the other", spae_mul);
    random_numbered(v, "operations/scale", "scale", "{\"k\":0.3}", "the number is rounded to real before it multiplies",
                    spae_scale, (spae_real)0.3);
    random_numbered(v, "operations/scale_negative", "scale", "{\"k\":-1}", "a change of sign is exact", spae_scale, -1);
    random_numbered(v, "operations/offset", "offset", "{\"k\":0.3}", "the gradient passes as it is", spae_offset,
                    (spae_real)0.3);
    leaky(v, "operations/leaky_relu", "{\"slope\":0.2}", "the discriminator's slope, rounded to real", (spae_real)0.2);
    leaky(v, "operations/relu", "{\"slope\":0}", "slope 0: below 0 the result is -0", 0);
}

/* ---- several consumers: the order of contributions ---- */

/* y = ((x*p + x*q) + x*r) + x*x: the gradient adds from the last made to the first, x*x's two halves first. */
static spae_var four_consumers(spae_tape *tape, spae_var x, spae_var p, spae_var q, spae_var r)
{
    spae_var a = spae_mul(tape, x, p), b = spae_mul(tape, x, q), c = spae_mul(tape, x, r), d = spae_mul(tape, x, x);
    return spae_add(tape, spae_add(tape, spae_add(tape, a, b), c), d);
}

static void consumers(vectors *v)
{
    const spae_shape shape = spae_shape_of(1, 1, 3, 4, 2);
    vectors_begin(v, "operations/several_consumers", "3.1 3.16", "several_consumers", "{}",
                  "contributions to a gradient, added from the consumer made last to the one made first");
    spae_var x = vectors_leaf(v, "x", shape, 0, 1), p = vectors_leaf(v, "p", shape, 0, 1);
    spae_var q = vectors_leaf(v, "q", shape, 0, 2), r = vectors_leaf(v, "r", shape, 0, 3);
    spae_var y = four_consumers(&v->tape, x, p, q, r);
    vectors_result(v, "y", y);
    vectors_gradients(v, "y", y, 2);
    vectors_end(v);
}

static void ones(spae_real *out, size_t count)
{
    for (size_t i = 0; i < count; i++)
        out[i] = 1;
}

static void cancelling_consumers(vectors *v)
{
    static const spae_real x_list[] = {0.5f, 1, 3}, p_list[] = {0x1p26f, 1, -0x1p25f, 3},
                           q_list[] = {1, 0x1p25f, 0x1p25f}, r_list[] = {-0x1p26f, -0x1p25f, 1, 5, 0x1p24f};
    const spae_shape shape = spae_shape_of(1, 1, 1, 1, 60);
    vectors_begin(v, "operations/several_consumers_that_cancel", "3.1 3.16", "several_consumers", "{}",
                  "contributions that cancel: in another order leading digits change");
    vectors_to_the_bit(v);
    vectors_upstream(v, ones);
    spae_var x = vectors_leaf_listed(v, "x", shape, x_list, 3), p = vectors_leaf_listed(v, "p", shape, p_list, 4);
    spae_var q = vectors_leaf_listed(v, "q", shape, q_list, 3), r = vectors_leaf_listed(v, "r", shape, r_list, 5);
    spae_var y = four_consumers(&v->tape, x, p, q, r);
    vectors_result(v, "y", y);
    vectors_gradients(v, "y", y, 2);
    vectors_end(v);
}

/* y = x*p + (x - x): of x's contributions dy and -dy the first input's comes first, after p's. */
static void input_twice(vectors *v)
{
    static const spae_real x_list[] = {0.5f, 3}, p_list[] = {0x1p-24f, 0x1.8p-24f, -0x1p-25f, 0x1p-26f};
    const spae_shape shape = spae_shape_of(1, 1, 1, 1, 8);
    vectors_begin(v, "operations/input_twice", "3.1 3.16", "input_twice", "{}",
                  "a node that is both inputs of one operation: the first one's contribution comes first");
    vectors_to_the_bit(v);
    vectors_upstream(v, ones);
    spae_var x = vectors_leaf_listed(v, "x", shape, x_list, 2), p = vectors_leaf_listed(v, "p", shape, p_list, 4);
    spae_var nothing = spae_sub(&v->tape, x, x), product = spae_mul(&v->tape, x, p);
    spae_var y = spae_add(&v->tape, nothing, product);
    vectors_result(v, "y", y);
    vectors_gradients(v, "y", y, 1);
    vectors_end(v);
}

/* A residual branch: x feeds it and the sum, as in every block. */
static void residual(vectors *v)
{
    vectors_begin(v, "operations/residual", "3.1 3.4 2.1 3.16", "residual", "{}",
                  "x feeds a branch and the sum: swish(x)*kernel + x, gradients through both");
    spae_var x = vectors_leaf(v, "x", spae_shape_of(1, 1, 3, 4, 3), 0, 2);
    spae_var kernel = vectors_leaf(v, "kernel", spae_shape_of(1, 3, 3, 3, 3), 0, 0.3);
    static const size_t stride[3] = {1, 1, 1};
    spae_var branch = spae_convolve(&v->tape, spae_swish(&v->tape, x), kernel, NULL, stride);
    spae_var y = spae_add(&v->tape, branch, x);
    vectors_result(v, "y", y);
    vectors_gradients(v, "y", y, 2);
    vectors_end(v);
}

/* ---- broadcasting and sums ---- */

static void broadcast(vectors *v, const char *name, const char *why, spae_shape from, spae_shape to, const char *with)
{
    vectors_begin(v, name, "3.17 5.1", "broadcast", with, why);
    spae_var x = vectors_leaf(v, "x", from, 0, 1);
    spae_var y = spae_broadcast(&v->tape, x, to);
    vectors_result(v, "y", y);
    vectors_gradients(v, "y", y, 2);
    vectors_end(v);
}

static void reduce(vectors *v, const char *name, const char *why, spae_shape from, spae_shape to, const char *with)
{
    vectors_begin(v, name, "5.1 1.3 1.4", "reduce", with, why);
    spae_var x = vectors_leaf(v, "x", from, 0.25, 1);
    spae_var y = spae_reduce(&v->tape, x, to);
    vectors_result(v, "y", y);
    vectors_gradients(v, "y", y, 2);
    vectors_end(v);
}

/* 2^24, 2^60 and small numbers: in real ones are lost, and in wide by their place. */
static void cancelling_sum(vectors *v, const char *name, const char *why, spae_shape from, spae_shape to,
                           const char *with)
{
    static const spae_real list[] = {0x1p24f, 1, 1, -0x1p24f, 0x1p56f, 1, 3, 0x1p-20f, -0x1p56f, 1, 0.1f};
    vectors_begin(v, name, "5.1 1.3 1.4", "reduce", with, why);
    vectors_to_the_bit(v);
    spae_var x = vectors_leaf_listed(v, "x", from, list, sizeof list / sizeof list[0]);
    vectors_result(v, "y", spae_reduce(&v->tape, x, to));
    vectors_end(v);
}

/* Squares that add up to 49 + 147 * 2^-24: the quotient by 49 is a tie that goes up. */
static void mean_square_quotient(vectors *v)
{
    static const spae_real list[49] = {2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 0x1.cp-10f, 0x1.cp-10f, 0x1.cp-10f};
    vectors_begin(v, "operations/mean_square_quotient", "5.2", "mean_square", "{}",
                  "the wide sum is divided and the quotient rounded; the sum is not rounded first");
    vectors_to_the_bit(v);
    spae_var y = spae_mean_square(&v->tape, vectors_leaf_listed(v, "x", spae_shape_of(1, 1, 7, 7, 1), list, 49));
    vectors_result(v, "y", y);
    vectors_gradients(v, "y", y, 1);
    vectors_end(v);
}

/* 2^60, then numbers too small for it, then -2^60, then two more: of 16 small powers of two those are left that came
 * after the pair, so that the sum tells the order of every axis. */
static void telling_sum(vectors *v, const char *name, const char *why, size_t c, spae_shape to, const char *with)
{
    enum { POSITIONS = 16, MOST = 3 };
    spae_real list[POSITIONS * MOST];
    spae_real power = 0x1p-16f;
    for (size_t i = 0; i < POSITIONS; i++, power *= 2)
        for (size_t j = 0; j < c; j++)
            list[i * c + j] = i == 0 ? 0x1p60f : i == 13 ? -0x1p60f : power * (spae_real)(j + 1);
    vectors_begin(v, name, "5.1 1.3 1.4", "reduce", with, why);
    vectors_to_the_bit(v);
    spae_var x = vectors_leaf_listed(v, "x", spae_shape_of(2, 2, 2, 2, c), list, POSITIONS * c);
    vectors_result(v, "y", spae_reduce(&v->tape, x, to));
    vectors_end(v);
}

static void mean_square(vectors *v, const char *name, const char *why, spae_shape shape, double offset, double scale)
{
    vectors_begin(v, name, "5.2", "mean_square", "{}", why);
    spae_var x = vectors_leaf(v, "x", shape, offset, scale);
    spae_var y = spae_mean_square(&v->tape, x);
    vectors_result(v, "y", y);
    vectors_gradients(v, "y", y, 2);
    vectors_end(v);
}

/* The square of 1 + 2^-12 is a tie in real, which the other square decides in wide. */
static void mean_square_tie(vectors *v)
{
    static const spae_real list[] = {0x1.001p0f, 0x1p-15f};
    vectors_begin(v, "operations/mean_square_tie", "5.2", "mean_square", "{}",
                  "squares are wide: rounded to real each, they would give another mean");
    vectors_to_the_bit(v);
    spae_var y = spae_mean_square(&v->tape, vectors_leaf_listed(v, "x", spae_shape_of(1, 1, 1, 1, 2), list, 2));
    vectors_result(v, "y", y);
    vectors_gradients(v, "y", y, 1);
    vectors_end(v);
}

/* 2^26 + 4 is a tie in real; squares of 2^-28 are lost behind it one by one, and lift it if they come first. */
static void mean_square_order(vectors *v)
{
    enum { COUNT = 64 };
    spae_real list[COUNT] = {8192, 2};
    for (size_t i = 2; i < COUNT; i++)
        list[i] = 0x1p-14f;
    vectors_begin(v, "operations/mean_square_order", "5.2 1.4", "mean_square", "{}",
                  "squares are added in index order: from the other end small ones are not lost");
    vectors_to_the_bit(v);
    vectors_result(v, "y", spae_mean_square(&v->tape, vectors_leaf_listed(v, "x", spae_shape_of(1, 1, 8, 8, 1), list, COUNT)));
    vectors_end(v);
}

/* The quotient by 75 is a tie, exactly; the product with 1/75 lies beside it. */
static void mean_square_reciprocal(vectors *v)
{
    static const spae_real list[75] = {46653, 39, 6, 3};
    vectors_begin(v, "operations/mean_square_no_reciprocal", "5.2", "mean_square", "{}",
                  "the wide sum is divided by the count, not multiplied by 1/count");
    vectors_to_the_bit(v);
    vectors_result(v, "y", spae_mean_square(&v->tape, vectors_leaf_listed(v, "x", spae_shape_of(1, 1, 3, 5, 5), list, 75)));
    vectors_end(v);
}

static void sum_cases(vectors *v)
{
    const spae_shape scalar = spae_shape_of(1, 1, 1, 1, 1), all = spae_shape_of(2, 2, 3, 4, 5);
    broadcast(v, "operations/broadcast_scalar", "its gradient is the sum of all", scalar, spae_shape_of(2, 1, 3, 4, 5),
              "{\"shape\":[2,1,3,4,5]}");
    broadcast(v, "operations/broadcast_channels", "a number for each channel", spae_shape_of(1, 1, 1, 1, 5), all,
              "{\"shape\":[2,2,3,4,5]}");
    broadcast(v, "operations/broadcast_rows", "a number for each row", spae_shape_of(1, 1, 1, 6, 1),
              spae_shape_of(1, 1, 1, 6, 7), "{\"shape\":[1,1,1,6,7]}");
    broadcast(v, "operations/broadcast_inner", "axes between others", spae_shape_of(2, 1, 3, 1, 2),
              spae_shape_of(2, 3, 3, 4, 2), "{\"shape\":[2,3,3,4,2]}");
    reduce(v, "operations/sum", "everything, in index order", all, scalar, "{\"shape\":[1,1,1,1,1]}");
    reduce(v, "operations/reduce_to_channels", "over examples and positions", all, spae_shape_of(1, 1, 1, 1, 5),
           "{\"shape\":[1,1,1,1,5]}");
    reduce(v, "operations/reduce_channels", "over channels, for each position", all, spae_shape_of(2, 2, 3, 4, 1),
           "{\"shape\":[2,2,3,4,1]}");
    reduce(v, "operations/reduce_examples", "for each example", all, spae_shape_of(2, 1, 1, 1, 1),
           "{\"shape\":[2,1,1,1,1]}");
    reduce(v, "operations/reduce_inner", "over t and w, which lie between others", all, spae_shape_of(2, 1, 3, 1, 5),
           "{\"shape\":[2,1,3,1,5]}");
    reduce(v, "operations/reduce_to_70", "more channels than are summed at a time", spae_shape_of(1, 1, 5, 6, 70),
           spae_shape_of(1, 1, 1, 1, 70), "{\"shape\":[1,1,1,1,70]}");
    cancelling_sum(v, "operations/sum_that_cancels", "in real, or in another order, leading digits change",
                   spae_shape_of(1, 1, 5, 4, 3), scalar, "{\"shape\":[1,1,1,1,1]}");
    cancelling_sum(v, "operations/reduce_that_cancels", "likewise for each channel", spae_shape_of(2, 1, 5, 4, 3),
                   spae_shape_of(1, 1, 1, 1, 3), "{\"shape\":[1,1,1,1,3]}");
    cancelling_sum(v, "operations/reduce_rows_that_cancel", "likewise for each row", spae_shape_of(1, 1, 1, 7, 11),
                   spae_shape_of(1, 1, 1, 7, 1), "{\"shape\":[1,1,1,7,1]}");
    telling_sum(v, "operations/sum_order_of_axes", "the bits of the sum tell in which order the axes were walked", 1,
                scalar, "{\"shape\":[1,1,1,1,1]}");
    telling_sum(v, "operations/reduce_order_of_axes", "the same for each channel", 3, spae_shape_of(1, 1, 1, 1, 3),
                "{\"shape\":[1,1,1,1,3]}");
    mean_square(v, "operations/mean_square", "a mean, not a sum; the count is no power of two",
                spae_shape_of(1, 1, 3, 5, 7), 0.1, 1);
    mean_square_tie(v);
    mean_square_quotient(v);
    mean_square_order(v);
    mean_square_reciprocal(v);
    mean_square(v, "operations/mean_square_of_one", "one element", scalar, 1, 0.5);
    mean_square(v, "operations/mean_square_small",
                "squares below the least normal number of real: wide keeps their digits", spae_shape_of(1, 1, 2, 3, 4),
                0, 0x1p-62);
}

/* ---- cut gradients ---- */

static void cut(vectors *v)
{
    const spae_shape shape = spae_shape_of(1, 1, 2, 3, 4);
    vectors_begin(v, "operations/stop_gradient", "3.16", "stop_gradient", "{}",
                  "y = x*sg(x): the value of a square, the gradient of a product with a constant");
    spae_var x = vectors_leaf(v, "x", shape, 0, 1);
    spae_var y = spae_mul(&v->tape, x, spae_stop_gradient(&v->tape, x));
    vectors_result(v, "y", y);
    vectors_gradients(v, "y", y, 2);
    vectors_end(v);

    vectors_begin(v, "operations/straight_through", "3.16 5.5", "straight_through", "{}",
                  "the given value forward, the gradient to x unchanged: y = st(x, value)*w");
    x = vectors_leaf(v, "x", shape, 0, 1);
    const spae_real *value = vectors_reals(v, "value", SPAE_AXES, shape.axis, 0, 2);
    spae_var w = vectors_leaf(v, "w", shape, 0, 1);
    y = value == NULL ? NULL : spae_mul(&v->tape, spae_straight_through(&v->tape, x, value), w);
    vectors_result(v, "y", y);
    vectors_gradients(v, "y", y, 2);
    vectors_end(v);
}

void vectors_operations(vectors *v)
{
    arithmetic_cases(v);
    unary_cases(v);
    consumers(v);
    cancelling_consumers(v);
    input_twice(v);
    residual(v);
    sum_cases(v);
    cut(v);
    vectors_operations_windows(v);
    vectors_operations_rows(v);
    vectors_operations_corners(v);
    vectors_operations_language(v);
    vectors_operations_pictures(v);
}
