/* Single operations of the tape: convolution, dense, normalization, activations, pooling, resampling, l2. */
#include "ops.h"

#include <string.h>

#include "../../nn/ops.h"
#include "work.h"

/* An input of the tape's shape, aligned right. */
static spae_var leaf_of(oracle_work *w, const char *name)
{
    const oracle_array a = oracle_read(w->c, name);
    return oracle_leaf(w, &a, oracle_shape_right(w->c, &a));
}

/* in_x as N, then ndim axes, then channels. */
static spae_var picture_of(oracle_work *w, const char *name, size_t ndim)
{
    const oracle_array a = oracle_read(w->c, name);
    return oracle_leaf(w, &a, oracle_shape_picture(w->c, &a, ndim));
}

/* param_<name> (c), one number for each channel */
static spae_var channels_of(oracle_work *w, const char *name, size_t c)
{
    const oracle_array a = oracle_read(w->c, name);
    oracle_want_shape(w->c, &a, 1, &c);
    return oracle_leaf(w, &a, oracle_shape_right(w->c, &a));
}

/* The ndim sizes of a key on the axes (t,h,w). */
static void window_of(oracle_case *c, const char *key, size_t ndim, size_t window[3])
{
    window[0] = 1;
    oracle_sizes(c, key, ndim, 1, 4096, window + 3 - ndim);
}

/* ---- convolution and dense ---- */

static void convolve(oracle_case *c, size_t ndim)
{
    oracle_work w;
    size_t stride[3], size[3];
    oracle_start(&w, c);
    oracle_expect(c, "padding", "SAME");
    window_of(c, "stride", ndim, stride);
    window_of(c, "kernel", ndim, size);
    spae_var x = picture_of(&w, "in_x", ndim);
    const oracle_array a = oracle_read(c, "param_kernel");
    if (a.rank != ndim + 2 || memcmp(a.shape, size + 3 - ndim, ndim * sizeof *size) != 0)
        oracle_abort(c, "param_kernel: the shape is not that of the key kernel");
    spae_var kernel = oracle_leaf(&w, &a, oracle_shape_right(c, &a));
    spae_var bias = oracle_flag(c, "bias") ? channels_of(&w, "param_bias", a.shape[a.rank - 1]) : NULL;
    oracle_finish(&w, "out_y", spae_convolve(&w.tape, x, kernel, bias, stride));
}

static void conv2d(oracle_case *c)
{
    convolve(c, 2);
}

static void conv3d(oracle_case *c)
{
    convolve(c, 3);
}

static void dense(oracle_case *c)
{
    oracle_work w;
    oracle_start(&w, c);
    spae_var x = leaf_of(&w, "in_x"), kernel = leaf_of(&w, "param_kernel");
    spae_var bias = oracle_flag(c, "bias") ? channels_of(&w, "param_bias", kernel->shape.axis[SPAE_AXIS_C]) : NULL;
    oracle_finish(&w, "out_y", spae_dense(&w.tape, x, kernel, bias));
}

/* ---- normalization ---- */

static void group_norm(oracle_case *c)
{
    oracle_work w;
    oracle_start(&w, c);
    spae_var x = picture_of(&w, "in_x", oracle_size(c, "ndim", 2, 3));
    const size_t channels = x->shape.axis[SPAE_AXIS_C], groups = oracle_size(c, "groups", 1, channels);
    spae_var scale = channels_of(&w, "param_scale", channels), bias = channels_of(&w, "param_bias", channels);
    oracle_finish(&w, "out_y", spae_group_norm(&w.tape, x, scale, bias, groups, oracle_number(c, "eps")));
}

static void layer_norm(oracle_case *c)
{
    oracle_work w;
    oracle_start(&w, c);
    spae_var x = leaf_of(&w, "in_x");
    const size_t channels = x->shape.axis[SPAE_AXIS_C];
    spae_var scale = channels_of(&w, "param_scale", channels), bias = channels_of(&w, "param_bias", channels);
    oracle_finish(&w, "out_y", spae_layer_norm(&w.tape, x, scale, bias, oracle_number(c, "eps")));
}

/* ---- activations ---- */

static void swish(oracle_case *c)
{
    oracle_work w;
    oracle_start(&w, c);
    oracle_finish(&w, "out_y", spae_swish(&w.tape, leaf_of(&w, "in_x")));
}

static void leaky_relu(oracle_case *c)
{
    oracle_work w;
    oracle_start(&w, c);
    oracle_finish(&w, "out_y", spae_leaky_relu(&w.tape, leaf_of(&w, "in_x"), (real)oracle_number(c, "slope")));
}

static void relu(oracle_case *c)
{
    oracle_work w;
    oracle_start(&w, c);
    oracle_finish(&w, "out_y", spae_leaky_relu(&w.tape, leaf_of(&w, "in_x"), 0));
}

static void softmax(oracle_case *c)
{
    oracle_work w;
    oracle_start(&w, c);
    oracle_finish(&w, "out_y", spae_softmax(&w.tape, leaf_of(&w, "in_x")));
}

/* ---- pooling and resampling ---- */

static void average_pool(oracle_case *c, size_t ndim)
{
    oracle_work w;
    size_t window[3];
    oracle_start(&w, c);
    oracle_expect(c, "padding", "SAME");
    oracle_expect(c, "stride", oracle_key(c, "window"));
    window_of(c, "window", ndim, window);
    oracle_finish(&w, "out_y", spae_average_pool(&w.tape, picture_of(&w, "in_x", ndim), window));
}

static void avg_pool2d(oracle_case *c)
{
    average_pool(c, 2);
}

static void avg_pool3d(oracle_case *c)
{
    average_pool(c, 3);
}

static void upsample(oracle_case *c, size_t ndim)
{
    oracle_work w;
    size_t factors[3];
    oracle_start(&w, c);
    window_of(c, "factors", ndim, factors);
    oracle_finish(&w, "out_y", spae_upsample(&w.tape, picture_of(&w, "in_x", ndim), factors));
}

static void upsample2d(oracle_case *c)
{
    upsample(c, 2);
}

static void upsample3d(oracle_case *c)
{
    upsample(c, 3);
}

/* ---- l2 ---- */

static void l2(oracle_case *c)
{
    oracle_work w;
    oracle_start(&w, c);
    spae_var a = leaf_of(&w, "in_a"), b = leaf_of(&w, "in_b");
    oracle_finish(&w, "out_loss", spae_mean_square(&w.tape, spae_sub(&w.tape, a, b)));
}

const oracle_op oracle_layer_ops[] = {
    {"conv2d", conv2d},         {"conv3d", conv3d},         {"dense", dense},           {"group_norm", group_norm},
    {"layer_norm", layer_norm}, {"swish", swish},           {"leaky_relu", leaky_relu}, {"relu", relu},
    {"softmax", softmax},       {"avg_pool2d", avg_pool2d}, {"avg_pool3d", avg_pool3d}, {"upsample2d", upsample2d},
    {"upsample3d", upsample3d}, {"l2", l2},                 {NULL, NULL}};
