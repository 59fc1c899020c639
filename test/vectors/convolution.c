/* Stage convolution: SPEC 2. Random inputs by formula here; chosen ones in convolution_exact.c. */
#include "vectors.h"

typedef struct {
    const char *name, *clause, *why;
    size_t x[SPAE_AXES], kernel[SPAE_AXES];
    bool bias;
    const char *with;
    size_t stride[3];
    bool padded;
    size_t pad[3];
} convolution;

/* The parameters as text and as numbers. */
#define SAME(t, h, w)                                                                                                  \
    "{\"stride\":[" #t "," #h "," #w "],\"padding\":\"SAME\"}", {t, h, w}, false,                                      \
    {                                                                                                                  \
        0, 0, 0                                                                                                        \
    }
#define PADDED(t, h, w, a, b, c) \
    "{\"stride\":[" #t "," #h "," #w "],\"padding\":[" #a "," #b "," #c "]}", {t, h, w}, true, {a, b, c}

static const convolution all[] = {
    {"convolution/same_3x3", "2.1 2.2 2.3 2.4", "three taps a side, a bias, two examples",
     {2, 1, 5, 4, 3}, {1, 3, 3, 3, 2}, true, SAME(1, 1, 1)},
    {"convolution/same_1x1", "2.1 2.2 2.3", "one tap: the chain runs over channels only",
     {2, 1, 3, 4, 5}, {1, 1, 1, 5, 4}, false, SAME(1, 1, 1)},
    {"convolution/same_1x1_bias", "2.1 2.4", "one tap and a bias, which is added after the chain, not before it",
     {1, 1, 3, 3, 6}, {1, 1, 1, 6, 3}, true, SAME(1, 1, 1)},
    {"convolution/same_3x3_stride_2_even", "2.1 2.2 2.3", "even sizes: all of the padding lies at the far end",
     {1, 1, 6, 8, 3}, {1, 3, 3, 3, 4}, false, SAME(1, 2, 2)},
    {"convolution/same_3x3_stride_2_odd", "2.1 2.2 2.3 2.4", "odd sizes: one cell of padding at either end",
     {2, 1, 5, 7, 2}, {1, 3, 3, 2, 3}, true, SAME(1, 2, 2)},
    {"convolution/same_3x3_stride_2_by_1", "2.1 2.2 2.3", "another stride on each axis, an even and an odd size",
     {1, 1, 6, 5, 2}, {1, 3, 3, 2, 2}, false, SAME(1, 2, 1)},
    {"convolution/same_1x1_stride_2", "2.1 2.2 2.3", "cells that no output reads: their gradient is +0",
     {1, 1, 5, 6, 3}, {1, 1, 1, 3, 4}, false, SAME(1, 2, 2)},
    {"convolution/same_2x2_stride_3", "2.1 2.2 2.3", "a stride above the window, rows that no output reads",
     {1, 1, 7, 8, 2}, {1, 2, 2, 2, 2}, false, SAME(1, 3, 3)},
    {"convolution/same_2x2", "2.1 2.2 2.3", "an even window: the one cell of padding comes last",
     {1, 1, 4, 5, 2}, {1, 2, 2, 2, 3}, false, SAME(1, 1, 1)},
    {"convolution/same_4x4_stride_2", "2.1 2.2 2.3", "an even window at stride 2: one cell in front, one or two behind",
     {1, 1, 6, 5, 2}, {1, 4, 4, 2, 2}, false, SAME(1, 2, 2)},
    {"convolution/same_1x5", "2.1 2.2 2.3", "a window of width only",
     {1, 1, 4, 6, 2}, {1, 1, 5, 2, 3}, false, SAME(1, 1, 1)},
    {"convolution/same_3x1", "2.1 2.2 2.3", "a window of height only",
     {1, 1, 6, 4, 2}, {1, 3, 1, 2, 3}, false, SAME(1, 1, 1)},
    {"convolution/same_3x3x3", "2.1 2.2 2.3 2.4", "video: taps of time are outermost",
     {1, 3, 4, 3, 2}, {3, 3, 3, 2, 3}, true, SAME(1, 1, 1)},
    {"convolution/same_3x3x3_stride_2", "2.1 2.2 2.3",
     "video at stride 2 on all axes, of odd and even sizes, two examples",
     {2, 3, 4, 5, 2}, {3, 3, 3, 2, 2}, false, SAME(2, 2, 2)},
    {"convolution/same_3x3x3_stride_1_by_2", "2.1 2.2 2.3", "video: time keeps its length, height and width halve",
     {1, 4, 5, 4, 2}, {3, 3, 3, 2, 2}, false, SAME(1, 2, 2)},
    {"convolution/same_1x3x3_frames", "2.1 2.2 2.3", "video: a window of one frame",
     {1, 3, 3, 4, 2}, {1, 3, 3, 2, 3}, false, SAME(1, 1, 1)},
    {"convolution/same_3x1x1_time", "2.1 2.2 2.3", "video: a window of time only",
     {1, 5, 2, 3, 3}, {3, 1, 1, 3, 2}, false, SAME(1, 1, 1)},
    {"convolution/padded_7x7_stride_2", "2.1 2.2 2.3",
     "the first layer of torchvision's ResNet: three cells on both sides",
     {1, 1, 9, 10, 3}, {1, 7, 7, 3, 4}, false, PADDED(1, 2, 2, 0, 3, 3)},
    {"convolution/padded_3x3_stride_2_even", "2.1 2.2 2.3", "even sizes, one cell on both sides: not what 'SAME' pads",
     {2, 1, 6, 4, 2}, {1, 3, 3, 2, 3}, false, PADDED(1, 2, 2, 0, 1, 1)},
    {"convolution/padded_0_3x3", "2.1 2.2 2.3 2.4", "no padding: the output is smaller",
     {1, 1, 5, 6, 2}, {1, 3, 3, 2, 3}, true, PADDED(1, 1, 1, 0, 0, 0)},
    {"convolution/padded_0_2x2_stride_2", "2.1 2.2 2.3", "no padding, the last row and column unread",
     {1, 1, 5, 7, 2}, {1, 2, 2, 2, 3}, false, PADDED(1, 2, 2, 0, 0, 0)},
    {"convolution/padded_3d_uneven", "2.1 2.2 2.3", "another padding and stride on each axis",
     {1, 3, 4, 5, 2}, {2, 3, 5, 2, 2}, false, PADDED(1, 2, 3, 1, 0, 2)},
    {"convolution/padded_wide", "2.1 2.2 2.3", "as much padding as there may be: the outermost outputs read one cell",
     {1, 1, 2, 3, 2}, {1, 5, 5, 2, 2}, true, PADDED(1, 1, 1, 0, 4, 4)},
    {"convolution/one_cell_3x3", "2.1 2.2 2.3 2.4", "a latent of one cell: the middle tap alone",
     {2, 1, 1, 1, 4}, {1, 3, 3, 4, 3}, true, SAME(1, 1, 1)},
    {"convolution/one_cell_3x3x3_stride_2", "2.1 2.2 2.3", "one cell at stride 2, in video",
     {1, 1, 1, 1, 3}, {3, 3, 3, 3, 2}, false, SAME(2, 2, 2)},
    {"convolution/window_above_input", "2.1 2.2 2.3", "a window larger than the input",
     {1, 1, 2, 3, 2}, {1, 5, 7, 2, 3}, false, SAME(1, 1, 1)},
    {"convolution/one_row_high", "2.1 2.2 2.3", "one row: taps above and below never meet it",
     {2, 1, 1, 6, 2}, {1, 3, 3, 2, 2}, false, SAME(1, 1, 1)},
    {"convolution/one_channel", "2.1 2.2 2.3 2.4", "one channel on either side",
     {1, 1, 5, 4, 1}, {1, 3, 3, 1, 1}, true, SAME(1, 1, 1)},
    {"convolution/picture_to_17", "2.1 2.2 2.3 2.4", "three channels to one more than sixteen",
     {1, 1, 4, 4, 3}, {1, 3, 3, 3, 17}, true, SAME(1, 1, 1)},
    {"convolution/outputs_70", "2.1 2.2 2.3 2.4", "many output channels: whole and cut tiles of vectors",
     {1, 1, 3, 4, 5}, {1, 3, 3, 5, 70}, true, SAME(1, 1, 1)},
    {"convolution/inputs_70", "2.1 2.2 2.3", "many input channels: the chain of 630 terms must not be cut and added up",
     {1, 1, 3, 3, 70}, {1, 3, 3, 70, 3}, false, SAME(1, 1, 1)},
    {"convolution/long_rows", "2.1 2.2 2.3 2.4", "rows longer than a block: a row's chain in 2.3 is not cut",
     {1, 1, 2, 150, 2}, {1, 3, 3, 2, 2}, true, SAME(1, 1, 1)},
    {"convolution/many_rows", "2.1 2.2 2.3 2.4", "many short rows: each is a chain of its own in 2.3",
     {1, 1, 50, 3, 2}, {1, 3, 3, 2, 2}, true, SAME(1, 1, 1)},
    {"convolution/many_frames", "2.1 2.2 2.3", "rows of many frames: those that a tap of time never meets are skipped",
     {1, 12, 3, 4, 2}, {3, 3, 3, 2, 2}, false, SAME(1, 1, 1)},
    {"convolution/five_examples", "2.3 2.4", "examples: each sum for itself, then added in order",
     {5, 1, 4, 3, 2}, {1, 3, 3, 2, 3}, true, SAME(1, 1, 1)},
    {"convolution/many_rows_examples", "2.3 2.4",
     "examples of many rows: a sum for each, however the rows are cut into blocks",
     {3, 1, 30, 3, 2}, {1, 3, 3, 2, 2}, false, SAME(1, 1, 1)},
    {"convolution/long_rows_examples", "2.3 2.4", "examples of long rows", {2, 1, 2, 140, 1},
     {1, 3, 3, 1, 2}, false, SAME(1, 1, 1)},
    {"convolution/flat_frames", "2.1 2.2 2.3", "five examples of video at stride 2 in time alone",
     {5, 4, 2, 2, 2}, {3, 1, 1, 2, 2}, false, SAME(2, 1, 1)},
};

static spae_shape shape_of(const size_t axis[SPAE_AXES])
{
    return spae_shape_of(axis[0], axis[1], axis[2], axis[3], axis[4]);
}

static void run(vectors *v, const convolution *c)
{
    vectors_begin(v, c->name, c->clause, "convolution", c->with, c->why);
    spae_var x = vectors_leaf(v, "x", shape_of(c->x), 0, 1);
    spae_var kernel = vectors_leaf(v, "kernel", shape_of(c->kernel), 0, 0.5);
    spae_var bias = c->bias ? vectors_leaf(v, "bias", spae_shape_of(1, 1, 1, 1, c->kernel[4]), 0, 0.25) : NULL;
    spae_var y = spae_convolve_padded(&v->tape, x, kernel, bias, c->stride, c->padded ? c->pad : NULL);
    vectors_result(v, "y", y);
    vectors_gradients(v, "y", y, 2);
    vectors_end(v);
}

/* ---- dense ---- */

static void dense(vectors *v, const char *name, const char *why, spae_shape shape, size_t co, bool with_bias)
{
    vectors_begin(v, name, "2.5 2.1 2.2 2.3", "dense", "{}", why);
    spae_var x = vectors_leaf(v, "x", shape, 0, 1);
    spae_var kernel = vectors_leaf(v, "kernel", spae_shape_of(1, 1, 1, shape.axis[SPAE_AXIS_C], co), 0, 0.5);
    spae_var bias = with_bias ? vectors_leaf(v, "bias", spae_shape_of(1, 1, 1, 1, co), 0, 0.25) : NULL;
    spae_var y = spae_dense(&v->tape, x, kernel, bias);
    vectors_result(v, "y", y);
    vectors_gradients(v, "y", y, 2);
    vectors_end(v);
}

/* packed: the kernel is laid out beforehand, for its speed; the bits are the same and so are the vectors. */
static void dense_transposed(vectors *v, const char *name, const char *why, size_t rows, size_t ci, size_t co,
                             bool packed)
{
    vectors_begin(v, name, "2.5 2.2", "dense_transposed", "{}", why);
    spae_var x = vectors_leaf(v, "x", spae_shape_of(1, 1, 1, rows, co), 0, 1);
    spae_var kernel = vectors_leaf(v, "kernel", spae_shape_of(1, 1, 1, ci, co), 0, 0.5);
    spae_real *panels = NULL;
    if (packed && kernel != NULL) {
        panels = spae_arena_take(v->arena, spae_dense_packed_size(ci, co), sizeof *panels);
        if (panels == NULL)
            vectors_expect(v, spae_fail(v->err, SPAE_ERR_NO_MEMORY, "no memory for a packed kernel"));
        else
            spae_dense_pack(kernel->value, ci, co, panels);
    }
    spae_var y = spae_dense_transposed(&v->tape, x, kernel, panels);
    vectors_result(v, "y", y);
    vectors_gradients(v, "y", y, 2);
    vectors_end(v);
}

static void dense_cases(vectors *v)
{
    dense(v, "convolution/dense", "rows along w, a bias", spae_shape_of(1, 1, 1, 5, 7), 4, true);
    dense(v, "convolution/dense_no_bias", "a kernel gradient is one chain over the rows", spae_shape_of(1, 1, 1, 9, 3),
          2, false);
    dense(v, "convolution/dense_examples", "rows that are examples on the axis n are one row of 2.3 all the same",
          spae_shape_of(6, 1, 1, 1, 5), 3, true);
    dense(v, "convolution/dense_pictures", "all positions of a picture are rows of one matrix, and of one row of 2.3",
          spae_shape_of(2, 1, 3, 4, 5), 3, false);
    dense(v, "convolution/dense_to_logits", "one output, as the discriminator's last layer has",
          spae_shape_of(3, 1, 1, 1, 40), 1, true);
    dense(v, "convolution/dense_to_300", "more outputs than a group of tiles", spae_shape_of(1, 1, 1, 2, 12), 300,
          true);
    dense(v, "convolution/dense_long_chain", "400 terms in one chain", spae_shape_of(1, 1, 1, 2, 400), 2, false);
    dense(v, "convolution/dense_many_rows", "300 rows: the kernel gradient's one chain is not cut",
          spae_shape_of(1, 1, 1, 300, 2), 2, true);
    dense_transposed(v, "convolution/dense_transposed", "rows against rows of the matrix: logits by a codebook", 5, 7,
                     4, false);
    dense_transposed(v, "convolution/dense_transposed_wide", "a codebook of 70 words, embeddings of 33 channels", 3, 70,
                     33, true);
    dense_transposed(v, "convolution/dense_transposed_long_chain", "300 terms in one chain", 2, 3, 300, true);
}

void vectors_convolution(vectors *v)
{
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        run(v, &all[i]);
    dense_cases(v);
    vectors_convolution_exact(v);
}
