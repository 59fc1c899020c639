/* Stage operations: pooling, upsampling, blur, resizing: SPEC 3.7, 3.8, 3.10, 3.12, 3.13, 3.26. */
#include "vectors.h"

/* What all of them end with: the result, its gradient, the gradient of that. */
static void finish(vectors *v, spae_var y)
{
    vectors_result(v, "y", y);
    vectors_gradients(v, "y", y, 2);
    vectors_end(v);
}

typedef struct {
    const char *name, *why;
    size_t x[SPAE_AXES];
    const char *with;
    size_t window[3], stride[3];
    bool padded;
    size_t pad[3];
} windows;

#define WINDOW(t, h, w)                                                                                                \
    "{\"window\":[" #t "," #h "," #w "]}", {t, h, w}, {t, h, w}, false,                                                \
    {                                                                                                                  \
        0, 0, 0                                                                                                        \
    }
#define SAME(t, h, w, st, sh, sw)                                                                                     \
    "{\"window\":[" #t "," #h "," #w "],\"stride\":[" #st "," #sh "," #sw "],\"padding\":\"SAME\"}", {t, h, w}, \
        {st, sh, sw}, false, {0, 0, 0}
#define PADDED(t, h, w, st, sh, sw, a, b, c)                                                                              \
    "{\"window\":[" #t "," #h "," #w "],\"stride\":[" #st "," #sh "," #sw "],\"padding\":[" #a "," #b "," #c "]}", {t, h, w}, \
        {st, sh, sw}, true, {a, b, c}

static const windows average[] = {
    {"operations/average_pool_2x2", "windows of four cells", {2, 1, 4, 6, 3}, WINDOW(1, 2, 2)},
    {"operations/average_pool_odd", "odd sizes: the last windows hold two cells or one, and divide by that",
     {1, 1, 5, 7, 3}, WINDOW(1, 2, 2)},
    {"operations/average_pool_video", "windows of eight cells, time too", {1, 4, 4, 6, 2}, WINDOW(2, 2, 2)},
    {"operations/average_pool_video_odd", "odd in time, height and width", {2, 3, 5, 3, 2}, WINDOW(2, 2, 2)},
    {"operations/average_pool_frames", "time keeps its length", {1, 3, 4, 5, 2}, WINDOW(1, 2, 2)},
    {"operations/average_pool_3x3", "nine cells: no power of two divides", {1, 1, 7, 8, 2}, WINDOW(1, 3, 3)},
    {"operations/average_pool_uneven", "another window on each axis", {1, 5, 4, 7, 2}, WINDOW(2, 1, 3)},
    {"operations/average_pool_one_cell", "one cell is its own mean", {1, 1, 1, 1, 4}, WINDOW(1, 2, 2)},
};

static const windows upsampling[] = {
    {"operations/upsample_2x2", "nearest: each cell four times", {2, 1, 3, 2, 3}, WINDOW(1, 2, 2)},
    {"operations/upsample_video", "each cell eight times, time too", {1, 2, 2, 3, 2}, WINDOW(2, 2, 2)},
    {"operations/upsample_uneven", "another window on each axis", {1, 2, 2, 2, 2}, WINDOW(1, 3, 2)},
};

static const windows largest[] = {
    {"operations/max_pool_3x3_stride_2", "windows that overlap: an element that several take adds their gradients",
     {2, 1, 6, 7, 3}, SAME(1, 3, 3, 1, 2, 2)},
    {"operations/max_pool_2x2", "windows side by side", {1, 1, 4, 6, 3}, PADDED(1, 2, 2, 1, 2, 2, 0, 0, 0)},
    {"operations/max_pool_2x2_odd", "the last row and column unread",
     {1, 1, 5, 7, 2}, PADDED(1, 2, 2, 1, 2, 2, 0, 0, 0)},
    {"operations/max_pool_padded", "torchvision's padding on both sides",
     {1, 1, 6, 6, 3}, PADDED(1, 3, 3, 1, 2, 2, 0, 1, 1)},
    {"operations/max_pool_3x3_stride_1", "each element in up to nine windows", {1, 1, 4, 5, 2}, SAME(1, 3, 3, 1, 1, 1)},
    {"operations/max_pool_video", "windows of time too", {1, 4, 5, 4, 2}, SAME(2, 3, 2, 2, 2, 1)},
};

static spae_shape shape_of(const size_t axis[SPAE_AXES])
{
    return spae_shape_of(axis[0], axis[1], axis[2], axis[3], axis[4]);
}

static void pools(vectors *v)
{
    for (size_t i = 0; i < sizeof average / sizeof average[0]; i++) {
        const windows *c = &average[i];
        vectors_begin(v, c->name, "3.7", "average_pool", c->with, c->why);
        finish(v, spae_average_pool(&v->tape, vectors_leaf(v, "x", shape_of(c->x), 0, 1), c->window));
    }
    for (size_t i = 0; i < sizeof upsampling / sizeof upsampling[0]; i++) {
        const windows *c = &upsampling[i];
        vectors_begin(v, c->name, "3.8", "upsample", c->with, c->why);
        finish(v, spae_upsample(&v->tape, vectors_leaf(v, "x", shape_of(c->x), 0, 1), c->window));
    }
    for (size_t i = 0; i < sizeof largest / sizeof largest[0]; i++) {
        const windows *c = &largest[i];
        vectors_begin(v, c->name, "3.12", "max_pool", c->with, c->why);
        spae_var x = vectors_leaf(v, "x", shape_of(c->x), 0, 1);
        finish(v, spae_max_pool(&v->tape, x, c->window, c->stride, c->padded ? c->pad : NULL));
    }
}

/* ---- max pooling where it is decided ---- */

static void max_pool_by_hand(vectors *v, const char *name, const char *why, const char *with, const size_t stride[3],
                             const size_t *pad, const spae_real *list, size_t count)
{
    static const size_t window[3] = {1, 3, 3};
    vectors_begin(v, name, "3.12 1.10", "max_pool", with, why);
    vectors_to_the_bit(v);
    spae_var x = vectors_leaf_listed(v, "x", spae_shape_of(1, 1, 5, 6, 2), list, count);
    finish(v, spae_max_pool(&v->tape, x, window, stride, pad));
}

static void max_pool_corners(vectors *v)
{
    static const size_t stride[3] = {1, 2, 2}, pad[3] = {0, 1, 1};
    static const spae_real ties[] = {1, 2, 2, 1, 2, 2, 1}, equal[] = {0.5f};
    static const spae_real below[] = {-1, -0x1p-149f, -3, -2, -0.5f, -0x1p100f, -0x1p-126f};
    static const spae_real zeros[] = {-0.0f, 0.0f, -0.0f, -0.0f, 0.0f, 0.0f, -1};
    max_pool_by_hand(v, "operations/max_pool_ties", "of equal elements the first in index order has the gradient",
                     "{\"window\":[1,3,3],\"stride\":[1,2,2],\"padding\":\"SAME\"}", stride, NULL, ties, 7);
    max_pool_by_hand(v, "operations/max_pool_all_equal", "every window a tie: its first real cell has the gradient",
                     "{\"window\":[1,3,3],\"stride\":[1,2,2],\"padding\":[0,1,1]}", stride, pad, equal, 1);
    max_pool_by_hand(v, "operations/max_pool_below_0", "all numbers below 0: padding is not a cell of value 0",
                     "{\"window\":[1,3,3],\"stride\":[1,2,2],\"padding\":[0,1,1]}", stride, pad, below, 7);
    max_pool_by_hand(v, "operations/max_pool_signed_zeros",
                     "+0 is not larger than -0: the first of them, with its sign",
                     "{\"window\":[1,3,3],\"stride\":[1,2,2],\"padding\":\"SAME\"}", stride, NULL, zeros, 7);
}

/* ---- blur ---- */

static void blur(vectors *v, const char *name, const char *why, spae_shape shape)
{
    vectors_begin(v, name, "3.10", "blur_pool", "{}", why);
    finish(v, spae_blur_pool(&v->tape, vectors_leaf(v, "x", shape, 0, 1)));
}

/* Large and small numbers that cancel: the order of the sixteen taps shows. */
static void blur_order(vectors *v)
{
    static const spae_real list[] = {0x1p26f, 1, -0x1p26f, 3, 0x1p24f, -0x1p25f, 5};
    vectors_begin(v, "operations/blur_pool_that_cancels", "3.10 1.3", "blur_pool", "{}",
                  "taps in another order, or first rows and then columns, change leading digits");
    vectors_to_the_bit(v);
    finish(v, spae_blur_pool(&v->tape, vectors_leaf_listed(v, "x", spae_shape_of(1, 1, 6, 5, 1), list, 7)));
}

/* ---- resizing ---- */

static void resize(vectors *v, const char *name, const char *with, const char *why, spae_shape shape, size_t height,
                   size_t width)
{
    vectors_begin(v, name, "3.13", "resize", with, why);
    finish(v, spae_resize(&v->tape, vectors_leaf(v, "x", shape, 0, 1), height, width));
}

/* Of 25 outputs over 7 cells number 12 lies on a cell: its neighbour weighs 0, and not 2^-51. */
static void resize_on_a_cell(vectors *v)
{
    static const spae_real list[] = {1, 0x1p70f, 1, 1, 0x1p70f, 1, -0x1p70f};
    vectors_begin(v, "operations/resize_on_a_cell", "3.13", "resize", "{\"height\":1,\"width\":25}",
                  "an output on a cell reads its neighbour with weight 0: (o + 0.5) * n comes before the division");
    vectors_to_the_bit(v);
    finish(v, spae_resize(&v->tape, vectors_leaf_listed(v, "x", spae_shape_of(1, 1, 1, 7, 1), list, 7), 1, 25));
}

static void mean_around(vectors *v, const char *name, const char *with, const char *why, spae_shape shape, const size_t window[3])
{
    vectors_begin(v, name, "3.26", "mean_around", with, why);
    finish(v, spae_mean_around(&v->tape, vectors_leaf(v, "x", shape, 0, 1), window));
}

void vectors_operations_windows(vectors *v)
{
    pools(v);
    mean_around(v, "operations/mean_around_3x3", "{\"window\":[1,3,3]}", "four, six and nine cells", spae_shape_of(2, 1, 5, 4, 2),
                (const size_t[]){1, 3, 3});
    mean_around(v, "operations/mean_around_video", "{\"window\":[3,1,5]}", "another window on each axis, wider than the axis",
                spae_shape_of(1, 3, 2, 3, 2), (const size_t[]){3, 1, 5});
    mean_around(v, "operations/mean_around_one_cell", "{\"window\":[1,3,3]}", "one cell: its own mean, -0 becomes +0",
                spae_shape_of(1, 1, 1, 1, 3), (const size_t[]){1, 3, 3});
    max_pool_corners(v);
    blur(v, "operations/blur_pool_even", "even sizes", spae_shape_of(2, 1, 6, 4, 2));
    blur(v, "operations/blur_pool_odd", "odd sizes", spae_shape_of(1, 1, 5, 7, 2));
    blur(v, "operations/blur_pool_frames", "frames are pictures of their own", spae_shape_of(1, 3, 4, 5, 2));
    blur(v, "operations/blur_pool_one_cell", "one cell: the weight 9/64 stays as it is", spae_shape_of(1, 1, 1, 1, 3));
    blur(v, "operations/blur_pool_thin", "one row, and two columns", spae_shape_of(1, 1, 1, 2, 2));
    blur_order(v);
    resize(v, "operations/resize_up", "{\"height\":7,\"width\":9}", "larger, by no whole factor",
           spae_shape_of(1, 1, 4, 5, 2), 7, 9);
    resize(v, "operations/resize_double", "{\"height\":6,\"width\":8}", "twice the size: weights of 1/4 and 3/4",
           spae_shape_of(2, 1, 3, 4, 2), 6, 8);
    resize(v, "operations/resize_down", "{\"height\":3,\"width\":4}", "smaller: four cells each, nothing is smoothed",
           spae_shape_of(1, 1, 8, 7, 2), 3, 4);
    resize(v, "operations/resize_half", "{\"height\":3,\"width\":2}", "half the size: means of two",
           spae_shape_of(1, 1, 6, 4, 2), 3, 2);
    resize(v, "operations/resize_same", "{\"height\":4,\"width\":5}", "the same size: every value stays",
           spae_shape_of(1, 1, 4, 5, 2), 4, 5);
    resize(v, "operations/resize_up_and_down", "{\"height\":7,\"width\":3}", "higher and narrower, in frames",
           spae_shape_of(1, 2, 4, 6, 2), 7, 3);
    resize(v, "operations/resize_from_one_cell", "{\"height\":3,\"width\":2}", "one cell everywhere",
           spae_shape_of(1, 1, 1, 1, 3), 3, 2);
    resize(v, "operations/resize_to_one_cell", "{\"height\":1,\"width\":1}", "the middle cells",
           spae_shape_of(1, 1, 5, 4, 2), 1, 1);
    resize_on_a_cell(v);
    resize(v, "operations/resize_to_224_thin", "{\"height\":224,\"width\":3}",
           "to the height of the perceptual network's pictures", spae_shape_of(1, 1, 11, 2, 1), 224, 3);
}
