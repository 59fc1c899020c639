/* Stage operations: normalizations, and what works on rows: SPEC 3.5, 3.6, 3.9, 3.14. */
#include "vectors.h"

static spae_shape channels(size_t c)
{
    return spae_shape_of(1, 1, 1, 1, c);
}

/* ---- group norm ---- */

typedef struct {
    const char *name, *why;
    size_t x[SPAE_AXES];
    const char *with;
    size_t groups;
    double eps, offset, scale; /* of x */
    int order;
} normalization;

#define GROUPS(n, eps) "{\"groups\":" #n ",\"eps\":" #eps "}", n, eps

static const normalization group_norms[] = {
    {"operations/group_norm", "two examples, four groups of two channels", {2, 1, 3, 4, 8}, GROUPS(4, 1e-6), 0.5, 1, 2},
    {"operations/group_norm_video", "statistics run over all frames", {1, 3, 2, 3, 6}, GROUPS(3, 1e-6), 0, 2, 2},
    {"operations/group_norm_one_group", "one group holds all channels", {1, 1, 3, 3, 5}, GROUPS(1, 1e-6), 1, 1, 1},
    {"operations/group_norm_each_channel", "a group for each channel", {1, 1, 4, 3, 3}, GROUPS(3, 1e-6), -1, 1, 1},
    {"operations/group_norm_32_groups", "as many groups as the paper's networks have", {1, 1, 2, 2, 64},
     GROUPS(32, 1e-6), 0, 1, 1},
    {"operations/group_norm_70_groups", "more groups than are measured at a time", {1, 1, 2, 2, 140},
     GROUPS(70, 1e-6), 0, 1, 1},
    {"operations/group_norm_small_variance", "a variance far below eps, which then decides", {1, 1, 3, 3, 4},
     GROUPS(2, 1e-6), 0.5, 1e-4, 2},
    {"operations/group_norm_large_eps", "another eps: it is under the root, in wide", {1, 1, 3, 3, 4},
     GROUPS(2, 0.1), 0, 0.5, 2},
    {"operations/group_norm_large_mean", "a mean far above the deviation: wide, and two passes",
     {1, 1, 4, 4, 4}, GROUPS(2, 1e-6), 4096, 1, 1},
    {"operations/group_norm_very_large_mean", "x^2 - mean^2 would lose the variance even in wide",
     {1, 1, 4, 4, 4}, GROUPS(2, 1e-6), 8388608, 64, 1},
    {"operations/group_norm_one_cell", "a latent of one cell: two values a group", {2, 1, 1, 1, 6},
     GROUPS(3, 1e-6), 0, 1, 1},
};

static spae_shape shape_of(const size_t axis[SPAE_AXES])
{
    return spae_shape_of(axis[0], axis[1], axis[2], axis[3], axis[4]);
}

static void group_norm(vectors *v, const normalization *c)
{
    vectors_begin(v, c->name, "3.5", "group_norm", c->with, c->why);
    spae_var x = vectors_leaf(v, "x", shape_of(c->x), c->offset, c->scale);
    spae_var scale = vectors_leaf(v, "scale", channels(c->x[4]), 1, 0.5);
    spae_var bias = vectors_leaf(v, "bias", channels(c->x[4]), 0, 0.5);
    spae_var y = spae_group_norm(&v->tape, x, scale, bias, c->groups, c->eps);
    vectors_result(v, "y", y);
    vectors_gradients(v, "y", y, c->order);
    vectors_end(v);
}

static void small_integers(spae_real *out, size_t count)
{
    for (size_t i = 0; i < count; i++)
        out[i] = (spae_real)((7 * i + 3) % 5) - 2;
}

/* All values equal: every deviation is 0, and every gradient finite. 49 times real(1/49) is not 1. */
static void flat_group_norm(vectors *v)
{
    static const spae_real list[] = {0.7f, -3, 1, 5, 0.1f, -0.3f}, one = 1, quarter = 0.25f;
    vectors_begin(
        v, "operations/group_norm_flat", "3.5", "group_norm", "{\"groups\":6,\"eps\":1e-6}",
        "all values of a group equal: y is the bias, for the mean is exact, a quotient; 1/sqrt(eps) stays finite");
    vectors_to_the_bit(v);
    vectors_upstream(v, small_integers);
    spae_var x = vectors_leaf_listed(v, "x", spae_shape_of(1, 1, 7, 7, 6), list, 6);
    spae_var scale = vectors_leaf_listed(v, "scale", channels(6), &one, 1);
    spae_var bias = vectors_leaf_listed(v, "bias", channels(6), &quarter, 1);
    spae_var y = spae_group_norm(&v->tape, x, scale, bias, 6, 1e-6);
    vectors_result(v, "y", y);
    vectors_gradients(v, "y", y, 1);
    vectors_end(v);
}

/* Of 2^60 + 1 - 2^60 + 3 in wide 3 is left, 0 from the other end, and 4 if channels are added each for itself. */
static void group_norm_order(vectors *v)
{
    static const spae_real list[] = {0x1p60f, 1, -0x1p60f, 3}, one = 1, zero = 0;
    vectors_begin(v, "operations/group_norm_that_cancels", "3.5 1.3 1.4", "group_norm", "{\"groups\":1,\"eps\":1e-6}",
                  "sums over channels first, or from the other end, change leading digits");
    vectors_to_the_bit(v);
    spae_var x = vectors_leaf_listed(v, "x", spae_shape_of(1, 1, 3, 4, 2), list, 4);
    spae_var scale = vectors_leaf_listed(v, "scale", channels(2), &one, 1);
    spae_var bias = vectors_leaf_listed(v, "bias", channels(2), &zero, 1);
    vectors_result(v, "y", spae_group_norm(&v->tape, x, scale, bias, 1, 1e-6));
    vectors_end(v);
}

static void group_norm_upstream(spae_real *out, size_t count)
{
    static const spae_real list[] = {0x1p60f, 1, -0x1p60f, 3};
    for (size_t i = 0; i < count; i++)
        out[i] = list[i % 4];
}

/* The large ones meet equal x, so that their products with xhat cancel too. */
static void group_norm_gradient_order(vectors *v)
{
    static const spae_real list[] = {5, 1, 5, 3};
    vectors_begin(v, "operations/group_norm_gradient_that_cancels", "3.5 1.3 1.4", "standardize",
                  "{\"groups\":1,\"eps\":1e-6}", "both means of the gradient in index order: others change leading digits");
    vectors_to_the_bit(v);
    vectors_upstream(v, group_norm_upstream);
    spae_var x = vectors_leaf_listed(v, "x", spae_shape_of(1, 1, 3, 4, 2), list, 4);
    spae_var y = spae_standardize(&v->tape, x, 1, 1e-6);
    vectors_result(v, "y", y);
    vectors_gradients(v, "y", y, 1);
    vectors_end(v);
}

/* Two values a group and a small eps: the gradient's three terms cancel but for rounding. */
static void group_norm_of_two(vectors *v)
{
    vectors_begin(v, "operations/group_norm_of_two", "3.5", "standardize", "{\"groups\":3,\"eps\":1e-15}",
                  "u - mu - xhat * mx cancels but for its roundings: evaluated from left to right");
    vectors_to_the_bit(v);
    spae_var x = vectors_leaf(v, "x", spae_shape_of(4, 1, 1, 1, 6), 0, 1);
    spae_var y = spae_standardize(&v->tape, x, 3, 1e-15);
    vectors_result(v, "y", y);
    vectors_gradients(v, "y", y, 1);
    vectors_end(v);
}

static void layer_norm(vectors *v)
{
    vectors_begin(v, "operations/layer_norm", "3.5", "layer_norm", "{\"eps\":1e-5}",
                  "one group over each row: rows as examples");
    spae_var x = vectors_leaf(v, "x", spae_shape_of(5, 1, 1, 1, 12), 0.5, 1);
    spae_var scale = vectors_leaf(v, "scale", channels(12), 1, 0.5),
             bias = vectors_leaf(v, "bias", channels(12), 0, 0.5);
    spae_var y = spae_group_norm(&v->tape, x, scale, bias, 1, 1e-5);
    vectors_result(v, "y", y);
    vectors_gradients(v, "y", y, 2);
    vectors_end(v);
}

static void standardize(vectors *v)
{
    vectors_begin(v, "operations/standardize", "3.5 3.17", "standardize", "{\"groups\":2,\"eps\":1e-6}",
                  "the normalization alone, without scale and bias");
    spae_var x = vectors_leaf(v, "x", spae_shape_of(2, 1, 3, 2, 6), 0.25, 1.5);
    spae_var y = spae_standardize(&v->tape, x, 2, 1e-6);
    vectors_result(v, "y", y);
    vectors_gradients(v, "y", y, 2);
    vectors_end(v);
}

/* ---- normalization by given numbers ---- */

static void normalize(vectors *v, const char *name, const char *why, double x_offset, double mean_offset)
{
    vectors_begin(v, name, "3.14", "normalize", "{}", why);
    spae_var x = vectors_leaf(v, "x", spae_shape_of(2, 1, 3, 4, 3), x_offset, 1);
    spae_var mean = vectors_leaf(v, "mean", channels(3), mean_offset, 1);
    spae_var factor = vectors_leaf(v, "factor", channels(3), 2, 1);
    spae_var y = spae_normalize(&v->tape, x, mean, factor);
    vectors_result(v, "y", y);
    vectors_gradients(v, "y", y, 2);
    vectors_end(v);
}

static void batch_norm(vectors *v, const char *name, const char *with, const char *why, double eps, double var_offset,
                       double var_scale)
{
    vectors_begin(v, name, "3.14 3.2", "batch_norm", with, why);
    spae_var x = vectors_leaf(v, "x", spae_shape_of(2, 1, 3, 4, 5), 0.5, 1);
    spae_var scale = vectors_leaf(v, "scale", channels(5), 1, 0.5), bias = vectors_leaf(v, "bias", channels(5), 0, 0.5);
    spae_var mean = vectors_leaf(v, "mean", channels(5), 0.5, 1);
    spae_var var = vectors_leaf(v, "var", channels(5), var_offset, var_scale);
    spae_var y = spae_batch_norm(&v->tape, x, scale, bias, mean, var, eps);
    vectors_result(v, "y", y);
    vectors_gradients(v, "y", y, 2);
    vectors_end(v);
}

static void normalize_by(vectors *v, const char *name, const char *with, const char *why, const double mean[3],
                         const double deviation[3])
{
    vectors_begin(v, name, "3.14", "normalize_by", with, why);
    spae_var x = vectors_leaf(v, "x", spae_shape_of(1, 1, 4, 5, 3), 0.5, 0.5);
    spae_var y = spae_normalize_by(&v->tape, x, mean, deviation);
    vectors_result(v, "y", y);
    vectors_gradients(v, "y", y, 2);
    vectors_end(v);
}

static void given_numbers(vectors *v)
{
    static const double mean[3] = {0.485, 0.456, 0.406}, deviation[3] = {0.229, 0.224, 0.225};
    static const double shift[3] = {-0.030, -0.088, -0.188}, span[3] = {0.458, 0.448, 0.450};
    normalize(v, "operations/normalize", "the difference first, then the product", 0, 0);
    normalize(v, "operations/normalize_large_mean", "a large mean: x*factor - mean*factor would lose digits", 1000,
              1000);
    batch_norm(v, "operations/batch_norm", "{\"eps\":1e-5}", "inference's form, gradients to everything", 1e-5, 1,
               0.75);
    batch_norm(v, "operations/batch_norm_small_variance", "{\"eps\":1e-5}",
               "variances about eps, which is rounded to real", 1e-5, 1e-5, 0.9e-5);
    normalize_by(v, "operations/normalize_imagenet", "{\"mean\":[0.485,0.456,0.406],\"deviation\":[0.229,0.224,0.225]}",
                 "ImageNet's numbers: 1/deviation in wide, rounded once", mean, deviation);
    normalize_by(v, "operations/normalize_lpips", "{\"mean\":[-0.03,-0.088,-0.188],\"deviation\":[0.458,0.448,0.45]}",
                 "LPIPS's numbers", shift, span);
}

/* ---- softmax and log-sum-exp ---- */

typedef spae_var unary(spae_tape *tape, spae_var x);

static void of_rows(vectors *v, const char *name, const char *op, const char *why, unary *f, spae_shape shape,
                    double offset, double scale)
{
    vectors_begin(v, name, "3.6", op, "{}", why);
    spae_var x = vectors_leaf(v, "x", shape, offset, scale);
    spae_var y = f(&v->tape, x);
    vectors_result(v, "y", y);
    vectors_gradients(v, "y", y, 2);
    vectors_end(v);
}

static void rows_by_hand(vectors *v, const char *name, const char *op, unary *f, const char *why, size_t width,
                         const spae_real *list, size_t count)
{
    vectors_begin(v, name, "3.6 1.10", op, "{}", why);
    vectors_to_the_bit(v);
    spae_var x = vectors_leaf_listed(v, "x", spae_shape_of(1, 1, 1, count / width, width), list, count);
    spae_var y = f(&v->tape, x);
    vectors_result(v, "y", y);
    vectors_gradients(v, "y", y, 1);
    vectors_end(v);
}

static void softmax_cases(vectors *v)
{
    static const spae_real corners[] = {
        0.5f,     0.5f,  0.5f,                          /* equal: 1/3 each */
        -0.0f,    0.0f,  -0.0f,                         /* zeros of both signs */
        1000,     -1000, 999,                           /* without the largest taken off, infinity */
        0x1p127f, 0,     -0x1p127f, 0,     -87,   -103, /* subnormal terms */
        0,        -104,  -90,       -1000, -1001, -1002, 0x1p24f, 16777214, 16777215, 0x1p-149f, -0x1p-149f, 0,
    };
    const size_t count = sizeof corners / sizeof corners[0];
    /* 1 + e^-0.3.. is a tie in real; terms of 2^-58 are lost behind it one by one, and lift it if they come first */
    spae_real tie[64] = {0, -0x1.33333ep-2f};
    for (size_t i = 2; i < 64; i++)
        tie[i] = -40;
    rows_by_hand(v, "operations/softmax_order", "softmax", spae_softmax,
                 "the sum is in index order: from the other end small terms are not lost", 64, tie, 64);
    rows_by_hand(v, "operations/log_sum_exp_order", "log_sum_exp", spae_log_sum_exp,
                 "the sum is in index order: from the other end small terms are not lost", 64, tie, 64);
    of_rows(v, "operations/softmax", "softmax", "rows of seven", spae_softmax, spae_shape_of(1, 1, 1, 5, 7), 0, 3);
    of_rows(v, "operations/softmax_picture", "softmax", "every position of a tensor is a row", spae_softmax,
            spae_shape_of(2, 1, 2, 3, 4), 1, 2);
    of_rows(v, "operations/softmax_vocabulary", "softmax", "a long row: its sum is wide", spae_softmax,
            spae_shape_of(1, 1, 1, 2, 300), 0, 4);
    of_rows(v, "operations/softmax_of_one", "softmax", "a row of one word: 1, and no gradient", spae_softmax,
            spae_shape_of(1, 1, 1, 3, 1), 0, 3);
    of_rows(v, "operations/log_sum_exp", "log_sum_exp", "rows of seven", spae_log_sum_exp, spae_shape_of(1, 1, 1, 5, 7),
            0, 3);
    of_rows(v, "operations/log_sum_exp_vocabulary", "log_sum_exp", "a long row", spae_log_sum_exp,
            spae_shape_of(1, 1, 1, 2, 300), 0, 4);
    of_rows(v, "operations/log_sum_exp_of_one", "log_sum_exp", "a row of one word: itself", spae_log_sum_exp,
            spae_shape_of(1, 1, 1, 3, 1), 0, 3);
    rows_by_hand(v, "operations/softmax_corners", "softmax", spae_softmax,
                 "equal elements, large ones, subnormal and vanished terms", 3, corners, count);
    rows_by_hand(v, "operations/log_sum_exp_corners", "log_sum_exp", spae_log_sum_exp,
                 "equal elements, large ones, subnormal and vanished terms", 3, corners, count);
}

/* ---- gathering ---- */

static void gather(vectors *v, const char *name, const char *why, size_t rows, size_t c, const int32_t *index,
                   size_t count)
{
    vectors_begin(v, name, "3.9", "gather_rows", "{}", why);
    spae_var x = vectors_leaf(v, "x", spae_shape_of(1, 1, 1, rows, c), 0, 1);
    vectors_integers(v, "index", VECTORS_INPUT, 1, &count, index);
    spae_var y = spae_gather_rows(&v->tape, x, index, count);
    vectors_result(v, "y", y);
    vectors_gradients(v, "y", y, 2);
    vectors_end(v);
}

/* What is added to one row cancels. */
static void upstream_that_cancels(spae_real *out, size_t count)
{
    static const spae_real list[] = {0x1p25f, 1, 1, -0x1p25f, 3, -0.0f, 0x1p24f};
    for (size_t i = 0; i < count; i++)
        out[i] = list[i % 7];
}

static void gather_order(vectors *v)
{
    static const int32_t index[] = {1, 1, 0, 1, 1, 0, 1, 0, 0, 1, 1, 3};
    static const size_t count = sizeof index / sizeof index[0];
    vectors_begin(
        v, "operations/gather_rows_that_cancel", "3.9 1.3", "gather_rows", "{}",
        "a row's gradients in another order change leading digits; a row that none took has +0; +0 + -0 is +0");
    vectors_to_the_bit(v);
    vectors_upstream(v, upstream_that_cancels);
    spae_var x = vectors_leaf(v, "x", spae_shape_of(1, 1, 1, 4, 2), 0, 1);
    vectors_integers(v, "index", VECTORS_INPUT, 1, &count, index);
    spae_var y = spae_gather_rows(&v->tape, x, index, count);
    vectors_result(v, "y", y);
    vectors_gradients(v, "y", y, 1);
    vectors_end(v);
}

static void pick(vectors *v)
{
    static const int32_t index[] = {2, 0, 4, 4, 1, 3};
    static const size_t count = 6;
    vectors_begin(v, "operations/pick", "3.9 5.4", "pick", "{}",
                  "one element of each row; its gradient stands among +0");
    spae_var x = vectors_leaf(v, "x", spae_shape_of(1, 1, 1, 6, 5), 0, 1);
    vectors_integers(v, "index", VECTORS_INPUT, 1, &count, index);
    spae_var y = spae_pick(&v->tape, x, index);
    vectors_result(v, "y", y);
    vectors_gradients(v, "y", y, 2);
    vectors_end(v);
}

void vectors_operations_rows(vectors *v)
{
    static const int32_t some[] = {3, 0, 3, 3, 1, 0, 4}, one[] = {2};
    for (size_t i = 0; i < sizeof group_norms / sizeof group_norms[0]; i++)
        group_norm(v, &group_norms[i]);
    flat_group_norm(v);
    group_norm_order(v);
    group_norm_gradient_order(v);
    group_norm_of_two(v);
    layer_norm(v);
    standardize(v);
    given_numbers(v);
    softmax_cases(v);
    gather(v, "operations/gather_rows", "rows repeated and left out", 5, 3, some, 7);
    gather(v, "operations/gather_one_row", "one row", 4, 5, one, 1);
    gather_order(v);
    pick(v);
}
