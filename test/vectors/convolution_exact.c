/* Stage convolution, inputs by hand: what is compared to the bit. On the lattice every order of a sum gives the same
 * bits, so that these cases find wrong indices, and no wrong order; those of wide range find the order. */
#include "vectors.h"

/* Multiples of 1/16 below 1: a product is j/256, |j| <= 225, and sums of 2^16 of them are exact. */
static void lattice(spae_real *out, size_t count, size_t step)
{
    for (size_t i = 0; i < count; i++)
        out[i] = ((spae_real)((step * i + 11) % 31) - 15) / 16;
}

static void lattice_of_x(spae_real *out, size_t count)
{
    lattice(out, count, 37);
}

static void lattice_of_kernel(spae_real *out, size_t count)
{
    lattice(out, count, 43);
}

static void lattice_of_gradients(spae_real *out, size_t count)
{
    lattice(out, count, 54);
}

static void on_lattice(vectors *v, const char *name, const char *with, const char *why, spae_shape shape,
                       spae_shape window, bool with_bias, const size_t stride[3], const size_t *pad)
{
    vectors_begin(v, name, "2.1 2.2 2.3 2.4", "convolution", with, why);
    vectors_to_the_bit(v);
    vectors_upstream(v, lattice_of_gradients);
    spae_var x = vectors_leaf_filled(v, "x", shape, lattice_of_x);
    spae_var kernel = vectors_leaf_filled(v, "kernel", window, lattice_of_kernel);
    const spae_shape channels = spae_shape_of(1, 1, 1, 1, window.axis[4]);
    spae_var bias = with_bias ? vectors_leaf_filled(v, "bias", channels, lattice_of_x) : NULL;
    spae_var y = spae_convolve_padded(&v->tape, x, kernel, bias, stride, pad);
    vectors_result(v, "y", y);
    vectors_gradients(v, "y", y, 2);
    vectors_end(v);
}

static void lattice_cases(vectors *v)
{
    static const size_t one[3] = {1, 1, 1}, two[3] = {1, 2, 2}, uneven[3] = {2, 1, 3}, pad[3] = {1, 0, 2};
    on_lattice(v, "convolution/lattice_3x3", "{\"stride\":[1,1,1],\"padding\":\"SAME\"}",
               "every sum is exact: a difference is a wrong index, not a wrong order", spae_shape_of(2, 1, 4, 5, 3),
               spae_shape_of(1, 3, 3, 3, 4), true, one, NULL);
    on_lattice(v, "convolution/lattice_3x3_stride_2", "{\"stride\":[1,2,2],\"padding\":\"SAME\"}",
               "exact sums at stride 2, even and odd sizes", spae_shape_of(1, 1, 6, 5, 2), spae_shape_of(1, 3, 3, 2, 3),
               false, two, NULL);
    on_lattice(v, "convolution/lattice_3x3x3", "{\"stride\":[1,1,1],\"padding\":\"SAME\"}", "exact sums in video",
               spae_shape_of(1, 3, 3, 4, 2), spae_shape_of(3, 3, 3, 2, 2), false, one, NULL);
    on_lattice(v, "convolution/lattice_uneven", "{\"stride\":[2,1,3],\"padding\":[1,0,2]}",
               "exact sums, all of size, window, stride and padding different on each axis",
               spae_shape_of(2, 4, 3, 6, 2), spae_shape_of(2, 1, 4, 2, 3), true, uneven, pad);
}

/* ---- order: a number that is large, small ones, and the large one with the other sign ---- */

static void wide_range(spae_real *out, size_t count)
{
    static const spae_real list[] = {0x1p24f, 1, 3, -0x1p24f, 0x1p12f, -7, 0x1.000002p24f, 1, -0x1p24f, 5, -0x1p12f};
    for (size_t i = 0; i < count; i++)
        out[i] = list[i % (sizeof list / sizeof list[0])];
}

static void small_integers(spae_real *out, size_t count)
{
    for (size_t i = 0; i < count; i++)
        out[i] = (spae_real)((7 * i + 3) % 5) - 2;
}

static void cancelling(vectors *v, const char *name, const char *why, spae_shape shape, spae_shape window,
                       vectors_filler *of_x, vectors_filler *of_rest)
{
    static const size_t stride[3] = {1, 1, 1};
    vectors_begin(v, name, "1.3 2.1 2.2 2.3 2.4", "convolution", "{\"stride\":[1,1,1],\"padding\":\"SAME\"}", why);
    vectors_to_the_bit(v);
    vectors_upstream(v, of_rest);
    spae_var x = vectors_leaf_filled(v, "x", shape, of_x);
    spae_var kernel = vectors_leaf_filled(v, "kernel", window, of_rest);
    spae_var bias = vectors_leaf_filled(v, "bias", spae_shape_of(1, 1, 1, 1, window.axis[4]), of_x);
    spae_var y = spae_convolve(&v->tape, x, kernel, bias, stride);
    vectors_result(v, "y", y);
    vectors_gradients(v, "y", y, 2);
    vectors_end(v);
}

static void order_cases(vectors *v)
{
    cancelling(v, "convolution/order_of_taps",
               "sums that cancel: swapped loops over taps or channels change leading digits",
               spae_shape_of(2, 1, 4, 5, 3), spae_shape_of(1, 3, 3, 3, 2), wide_range, small_integers);
    cancelling(v, "convolution/order_of_gradients",
               "gradients that cancel: swapped rows, examples or outputs change leading digits",
               spae_shape_of(3, 1, 4, 4, 2), spae_shape_of(1, 3, 3, 2, 3), small_integers, wide_range);
    cancelling(v, "convolution/order_of_time", "sums that cancel in video", spae_shape_of(1, 4, 3, 3, 2),
               spae_shape_of(3, 3, 3, 2, 2), wide_range, small_integers);
}

/* ---- roundings: one multiply-add each ---- */

/* a*b + c for c = the bias and one tap: fused, the first two would be 2^-28 and -2^-28. */
static void not_fused(vectors *v)
{
    static const spae_real a[] = {0x1.0008p0f, 0x1.0008p0f, 0x1.000002p0f, 3, 0x1p-149f, 1};
    static const spae_real k[] = {0x1.fffp-1f, 1, -0x1p-12f};
    static const size_t stride[3] = {1, 1, 1};
    vectors_begin(v, "convolution/not_fused", "1.1 2.1 2.2 2.3", "convolution",
                  "{\"stride\":[1,1,1],\"padding\":\"SAME\"}",
                  "products that do not fit: a fused multiply-add would keep what rounding drops");
    vectors_to_the_bit(v);
    spae_var x = vectors_leaf_listed(v, "x", spae_shape_of(1, 1, 2, 3, 2), a, sizeof a / sizeof a[0]);
    spae_var kernel = vectors_leaf_listed(v, "kernel", spae_shape_of(1, 1, 1, 2, 3), k, sizeof k / sizeof k[0]);
    static const spae_real b[] = {-1, 0x1p-24f, 0.5f};
    spae_var bias = vectors_leaf_listed(v, "bias", spae_shape_of(1, 1, 1, 1, 3), b, 3);
    spae_var y = spae_convolve(&v->tape, x, kernel, bias, stride);
    vectors_result(v, "y", y);
    vectors_gradients(v, "y", y, 2);
    vectors_end(v);
}

/* Numbers from 2^-149 to 2^-120, so that inputs, products and sums are subnormal by turns. */
static void tiny(spae_real *out, size_t count)
{
    static const spae_real list[] = {0x1p-149f, -0x1.8p-130f, 0x1.5p-127f,   0x1p-126f, -0x1.fffffcp-127f,
                                     0x1p-120f, -0x1p-149f,   0x1.234p-124f, -0x1p-140f};
    for (size_t i = 0; i < count; i++)
        out[i] = list[i % (sizeof list / sizeof list[0])];
}

static void around_one(spae_real *out, size_t count)
{
    static const spae_real list[] = {0.75f, -0.5f, 0.25f, -1.5f, 1, -0.125f, 0.625f};
    for (size_t i = 0; i < count; i++)
        out[i] = list[i % (sizeof list / sizeof list[0])];
}

/* Numbers around 2^-70: every product is subnormal. */
static void around_root(spae_real *out, size_t count)
{
    static const spae_real list[] = {0x1.8p-70f, -0x1.4p-68f, 0x1.2p-66f, 0x1p-75f, -0x1.ap-71f};
    for (size_t i = 0; i < count; i++)
        out[i] = list[i % (sizeof list / sizeof list[0])];
}

/* Zeros of both signs among numbers, and cells whose every product is a zero. */
static void zeros(spae_real *out, size_t count)
{
    static const spae_real list[] = {0.0f, -0.0f, -0.0f, 1, -0.0f, 0.0f, -1, -0.0f};
    for (size_t i = 0; i < count; i++)
        out[i] = list[i % (sizeof list / sizeof list[0])];
}

static void negative_zeros(spae_real *out, size_t count)
{
    for (size_t i = 0; i < count; i++)
        out[i] = -0.0f;
}

static void by_hand(vectors *v, const char *name, const char *why, vectors_filler *of_x, vectors_filler *of_kernel,
                    vectors_filler *of_gradients, vectors_filler *of_bias)
{
    static const size_t stride[3] = {1, 1, 1};
    vectors_begin(v, name, "1.1 1.3 2.1 2.2 2.3 2.4", "convolution", "{\"stride\":[1,1,1],\"padding\":\"SAME\"}", why);
    vectors_to_the_bit(v);
    vectors_upstream(v, of_gradients);
    spae_var x = vectors_leaf_filled(v, "x", spae_shape_of(1, 1, 3, 4, 2), of_x);
    spae_var kernel = vectors_leaf_filled(v, "kernel", spae_shape_of(1, 3, 3, 2, 3), of_kernel);
    spae_var bias = of_bias != NULL ? vectors_leaf_filled(v, "bias", spae_shape_of(1, 1, 1, 1, 3), of_bias) : NULL;
    spae_var y = spae_convolve(&v->tape, x, kernel, bias, stride);
    vectors_result(v, "y", y);
    vectors_gradients(v, "y", y, 2);
    vectors_end(v);
}

void vectors_convolution_exact(vectors *v)
{
    lattice_cases(v);
    order_cases(v);
    not_fused(v);
    by_hand(v, "convolution/subnormal_x", "subnormal inputs and sums are kept, not flushed", tiny, around_one,
            around_one, tiny);
    by_hand(v, "convolution/subnormal_gradients", "subnormal gradients are kept, not flushed", around_one, around_one,
            tiny, NULL);
    by_hand(v, "convolution/subnormal_products", "normal factors, subnormal products", around_root, around_root,
            around_root, NULL);
    by_hand(v, "convolution/signed_zeros", "zeros of both signs: a chain from +0 is never -0", zeros, zeros, zeros,
            NULL);
    by_hand(v, "convolution/negative_zero_bias", "+0 + -0 is +0", zeros, zeros, zeros, negative_zeros);
}
