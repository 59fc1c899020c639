/* Stage operations: elementwise operations where formulas change or numbers run out; compared to the bit. */
#include "vectors.h"

#define COUNT(list) (sizeof(list) / sizeof(list)[0])

typedef spae_var unary(spae_tape *tape, spae_var x);

static void corner(vectors *v, const char *name, const char *clause, const char *op, const char *with, const char *why,
                   unary *f, const spae_real *list, size_t count, int order)
{
    vectors_begin(v, name, clause, op, with, why);
    vectors_to_the_bit(v);
    spae_var x = vectors_leaf_listed(v, "x", spae_shape_of(1, 1, 1, 1, count), list, count);
    spae_var y = f(&v->tape, x);
    vectors_result(v, "y", y);
    vectors_gradients(v, "y", y, order);
    vectors_end(v);
}

static spae_var leaky(spae_tape *tape, spae_var x)
{
    return spae_leaky_relu(tape, x, (spae_real)0.2);
}

static spae_var relu(spae_tape *tape, spae_var x)
{
    return spae_leaky_relu(tape, x, 0);
}

static spae_var negated(spae_tape *tape, spae_var x)
{
    return spae_scale(tape, x, -1);
}

static spae_var halved(spae_tape *tape, spae_var x)
{
    return spae_scale(tape, x, (spae_real)0.5);
}

static spae_var plus_one(spae_tape *tape, spae_var x)
{
    return spae_offset(tape, x, 1);
}

/* Both zeros, the numbers beside them, subnormals, and the largest. */
static const spae_real around_zero[] = {
    0.0f,     -0.0f,     0x1p-149f, -0x1p-149f, 0x1p-126f, -0x1p-126f, 0x1.fffffcp-127f, -0x1.8p-130f,
    0x1p-24f, -0x1p-24f, 1,         -1,         0x1p127f,  -0x1p127f,  -0x3p-149f,       0x5p-149f};
/* Where exponentials vanish, from either side. */
static const spae_real tails[] = {0.0f, -0.0f, 16,        -16,        17.5f,    -17.5f,    87,    -87,
                                  88,   -88,   90,        -90,        103,      -103,      104,   -104,
                                  200,  -200,  0x1p-149f, -0x1p-149f, 0x1p-25f, -0x1p-25f, 1e30f, -1e30f};
static const spae_real not_negative[] = {0.0f,  0x1p-149f, 0x3p-149f, 0x1p-126f, 0x1.fffffcp-127f, 0x1p-60f,
                                         0.25f, 1,         2,         3,         0x1p100f};
static const spae_real zero_and_more[] = {0.0f, -0.0f, 0x1p-40f, 0.25f, 3, 0x1p40f};
static const spae_real powers[] = {1,        -1,       0x1p60f,    -0x1p60f, 0x1p-40f, 3, -3, 0x1.fffffep-1f,
                                   0x1p126f, 0x1p127f, -0x1.8p126f};
static const spae_real positive[] = {0x1p-149f, 0x1.8p-140f, 0x1p-126f, 0x1p-41f, 0.5f,           1,
                                     3,         5,           0x1p41f,   0x1p100f, 0x1.fffffep127f};
static const spae_real exponents[] = {0.0f, -0.0f, 1, -1, 88, -87, -88, -90, -103, -104, -200, 0x1p-149f, -0x1p-149f};
static const spae_real halves[] = {0x1p-149f,        0x3p-149f, -0x5p-149f, 0x1.000002p-126f,
                                   0x1.000006p-126f, 0x1p-148f, -0.0f};
static const spae_real offsets[] = {0x1p-24f,  0x1.000002p-24f, -0x1p-25f,  -1,     -0.0f,
                                    0x1p-149f, -0x1.fffffep-1f, 0x1.8p-23f, 0x1p24f};

/* Sums and products of two, on all pairs of the numbers around zero. */
typedef spae_var binary(spae_tape *tape, spae_var a, spae_var b);

static void pairs(vectors *v, const char *name, const char *op, const char *why, binary *f)
{
    enum { N = COUNT(around_zero) };
    spae_real left[N * N], right[N * N];
    for (size_t i = 0; i < N * N; i++) {
        left[i] = around_zero[i / N];
        right[i] = around_zero[i % N];
    }
    vectors_begin(v, name, "3.1 1.1 1.9", op, "{}", why);
    vectors_to_the_bit(v);
    const spae_shape shape = spae_shape_of(1, 1, 1, N, N);
    spae_var a = vectors_leaf_listed(v, "a", shape, left, N * N), b = vectors_leaf_listed(v, "b", shape, right, N * N);
    spae_var y = f(&v->tape, a, b);
    vectors_result(v, "y", y);
    vectors_gradients(v, "y", y, 1);
    vectors_end(v);
}

/* ---- linear operations on subnormals and zeros ---- */

static spae_var pooled(spae_tape *tape, spae_var x)
{
    static const size_t window[3] = {1, 2, 2};
    return spae_average_pool(tape, x, window);
}

static spae_var upsampled(spae_tape *tape, spae_var x)
{
    static const size_t window[3] = {1, 2, 2};
    return spae_upsample(tape, x, window);
}

static spae_var resized(spae_tape *tape, spae_var x)
{
    return spae_resize(tape, x, 5, 2);
}

static void tiny_picture(vectors *v, const char *name, const char *clause, const char *op, const char *with, unary *f)
{
    static const spae_real list[] = {0x1p-149f, -0x3p-149f, -0.0f, 0x1.fffffcp-127f, -0x1p-126f, 0x5p-149f, -0.0f};
    vectors_begin(v, name, clause, op, with, "subnormal cells and zeros of both signs");
    vectors_to_the_bit(v);
    spae_var x = vectors_leaf_listed(v, "x", spae_shape_of(1, 1, 4, 4, 2), list, COUNT(list));
    spae_var y = f(&v->tape, x);
    vectors_result(v, "y", y);
    vectors_gradients(v, "y", y, 2);
    vectors_end(v);
}

static void negative_zeros(spae_real *out, size_t count)
{
    for (size_t i = 0; i < count; i++)
        out[i] = -0.0f;
}

/* Gradients of -0: what only passes on keeps it, what adds to +0 does not. */
static void zero_gradients(vectors *v, const char *name, const char *clause, const char *op, const char *with,
                           const char *why, spae_shape shape, unary *f)
{
    vectors_begin(v, name, clause, op, with, why);
    vectors_to_the_bit(v);
    vectors_upstream(v, negative_zeros);
    spae_var x = vectors_leaf_filled(v, "x", shape, negative_zeros);
    spae_var y = f(&v->tape, x);
    vectors_result(v, "y", y);
    vectors_gradients(v, "y", y, 1);
    vectors_end(v);
}

static void zeros(vectors *v)
{
    const spae_shape shape = spae_shape_of(1, 1, 2, 4, 2), cell = spae_shape_of(1, 1, 1, 1, 3);
    zero_gradients(v, "operations/average_pool_negative_zeros", "3.7 1.9", "average_pool", "{\"window\":[1,2,2]}",
                   "-0: a sum from +0 is +0, a gradient divided keeps its sign", shape, pooled);
    zero_gradients(v, "operations/average_pool_negative_zero_cell", "3.7 1.9", "average_pool", "{\"window\":[1,2,2]}",
                   "one cell of -0: the sum from +0 is +0, and so is the gradient's", cell, pooled);
    zero_gradients(v, "operations/upsample_negative_zeros", "3.8 1.9", "upsample", "{\"window\":[1,2,2]}",
                   "-0: copies keep it, the gradient's sum does not", shape, upsampled);
    zero_gradients(v, "operations/resize_negative_zeros", "3.13 1.9", "resize", "{\"height\":5,\"width\":2}",
                   "-0: sums from +0", shape, resized);
    zero_gradients(v, "operations/blur_pool_negative_zeros", "3.10 1.9", "blur_pool", "{}", "-0: sums from +0", shape,
                   spae_blur_pool);
    zero_gradients(v, "operations/sum_negative_zeros", "5.1 1.9", "reduce", "{\"shape\":[1,1,1,1,1]}",
                   "-0: the sum from +0 is +0, its gradient is passed on", shape, spae_sum);
}

/* From 2^-149 on: gradients of gradients underflow by turns. */
static void tiny(spae_real *out, size_t count)
{
    static const spae_real list[] = {0x1p-149f,         -0x3p-149f, 0x5p-149f,   0x1.8p-130f,
                                     -0x1.fffffcp-127f, 0x1p-126f,  -0x1.4p-126f};
    for (size_t i = 0; i < count; i++)
        out[i] = list[i % COUNT(list)];
}

/* Ordinary numbers, gradients so small that every product with them is rounded among subnormals. */
static void tiny_gradients(vectors *v, const char *name, const char *clause, const char *op, const char *with, unary *f)
{
    static const spae_real list[] = {0.5f, 0.7f, 1.5f, 3, 5, 0.1f, 1.1f, 2, 0.3f, 7, 0.9f};
    vectors_begin(v, name, clause, op, with,
                  "subnormal gradients: each product of the pullback rounds anew, in its order");
    vectors_to_the_bit(v);
    vectors_upstream(v, tiny);
    spae_var x = vectors_leaf_listed(v, "x", spae_shape_of(1, 1, 1, 7, COUNT(list)), list, COUNT(list));
    spae_var y = f(&v->tape, x);
    vectors_result(v, "y", y);
    vectors_gradients(v, "y", y, 1);
    vectors_end(v);
}

static void subnormal_gradients(vectors *v)
{
    tiny_gradients(v, "operations/exp_subnormal_gradient", "3.17 1.1", "exp", "{}", spae_exp);
    tiny_gradients(v, "operations/reciprocal_subnormal_gradient", "3.2 1.1", "reciprocal", "{}", spae_reciprocal);
    tiny_gradients(v, "operations/log_subnormal_gradient", "3.2 1.1", "log", "{}", spae_log);
    tiny_gradients(v, "operations/inverse_root_subnormal_gradient", "3.2 1.1", "inverse_root", "{}", spae_inverse_root);
    tiny_gradients(v, "operations/root_subnormal_gradient", "3.15 1.1", "root", "{}", spae_root);
    tiny_gradients(v, "operations/sigmoid_subnormal_gradient", "3.4 1.1", "sigmoid", "{}", spae_sigmoid);
    tiny_gradients(v, "operations/swish_subnormal_gradient", "3.4 1.1", "swish", "{}", spae_swish);
    tiny_gradients(v, "operations/softplus_subnormal_gradient", "3.11 1.1", "softplus", "{}", spae_softplus);
    tiny_gradients(v, "operations/mean_square_subnormal_gradient", "5.2 1.1", "mean_square", "{}", spae_mean_square);
    tiny_gradients(v, "operations/softmax_subnormal_gradient", "3.6 1.1", "softmax", "{}", spae_softmax);
    tiny_gradients(v, "operations/log_sum_exp_subnormal_gradient", "3.6 1.1", "log_sum_exp", "{}", spae_log_sum_exp);
}

void vectors_operations_corners(vectors *v)
{
    corner(v, "operations/leaky_relu_at_0", "3.3 1.10", "leaky_relu", "{\"slope\":0.2}",
           "both zeros count as not below 0; subnormals times the slope", leaky, around_zero, COUNT(around_zero), 2);
    corner(v, "operations/relu_at_0", "3.3 1.10", "leaky_relu", "{\"slope\":0}", "both zeros stay; below 0 it is -0",
           relu, around_zero, COUNT(around_zero), 2);
    corner(v, "operations/scale_signs", "3.1 1.9", "scale", "{\"k\":-1}",
           "a change of sign reaches zeros and subnormals", negated, around_zero, COUNT(around_zero), 2);
    corner(v, "operations/scale_halves", "3.1 1.1", "scale", "{\"k\":0.5}", "ties among subnormals go to the even one",
           halved, halves, COUNT(halves), 2);
    corner(v, "operations/offset_ties", "3.1 1.1", "offset", "{\"k\":1}", "ties go to the even number", plus_one,
           offsets, COUNT(offsets), 2);
    corner(v, "operations/sigmoid_at_0", "3.4", "sigmoid", "{}", "1/2 at both zeros, and beside them", spae_sigmoid,
           around_zero, COUNT(around_zero), 2);
    corner(v, "operations/sigmoid_far", "3.4", "sigmoid", "{}", "far out: subnormal, then 0, and nothing overflows",
           spae_sigmoid, tails, COUNT(tails), 2);
    corner(v, "operations/swish_far", "3.4", "swish", "{}", "far out: -0 below, x above", spae_swish, tails,
           COUNT(tails), 2);
    corner(v, "operations/softplus_far", "3.11", "softplus", "{}", "far out: subnormal, then 0; x above", spae_softplus,
           tails, COUNT(tails), 2);
    corner(v, "operations/exp_far", "3.17 1.5", "exp", "{}", "near the largest number, subnormal, and 0", spae_exp,
           exponents, COUNT(exponents), 2);
    corner(v, "operations/root_at_0", "3.15", "root", "{}", "the gradient at 0 is 0; at the least number it is finite",
           spae_root, not_negative, COUNT(not_negative), 1);
    corner(v, "operations/root_gradient_at_0", "3.15 3.17", "root", "{}", "the second gradient at 0 is 0 too",
           spae_root, zero_and_more, COUNT(zero_and_more), 2);
    corner(v, "operations/reciprocal_far", "3.2 1.1", "reciprocal", "{}", "subnormal quotients", spae_reciprocal,
           powers, COUNT(powers), 2);
    corner(v, "operations/log_far", "3.2 1.5", "log", "{}", "subnormal arguments, and 1", spae_log, positive + 2,
           COUNT(positive) - 2, 1);
    corner(v, "operations/inverse_root_far", "3.2", "inverse_root", "{}",
           "the smallest and the largest arguments that keep gradients finite", spae_inverse_root, positive + 3,
           COUNT(positive) - 3, 2);
    pairs(v, "operations/add_pairs", "add", "all pairs of zeros, subnormals and large numbers", spae_add);
    pairs(v, "operations/sub_pairs", "sub", "all pairs: x - x is +0", spae_sub);
    pairs(v, "operations/mul_pairs", "mul", "all pairs: signs of zeros, subnormal products", spae_mul);
    tiny_picture(v, "operations/average_pool_subnormal", "3.7 1.1", "average_pool", "{\"window\":[1,2,2]}", pooled);
    tiny_picture(v, "operations/blur_pool_subnormal", "3.10 1.1", "blur_pool", "{}", spae_blur_pool);
    tiny_picture(v, "operations/resize_subnormal", "3.13 1.1", "resize", "{\"height\":5,\"width\":2}", resized);
    tiny_picture(v, "operations/upsample_subnormal", "3.8 1.1", "upsample", "{\"window\":[1,2,2]}", upsampled);
    tiny_picture(v, "operations/sum_subnormal", "5.1 1.1", "reduce", "{\"shape\":[1,1,1,1,1]}", spae_sum);
    zeros(v);
    subnormal_gradients(v);
}
