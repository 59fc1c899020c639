/* Every operation on the tape. Each is differentiable as often as one likes: its pullback is made of these
 * same operations (SPEC 3.17). Shapes are refused with SPAE_ERR_SHAPE on the tape; NULL in, NULL out (tape.h).
 *
 * The plain functions below them (..._array and the like) compute the same over the caller's arrays, without
 * a tape.
 */
#ifndef SPAE_OPS_H
#define SPAE_OPS_H

#include "tape.h"

/* ---- elementwise (elementwise.c): each result is rounded to `real` once per written operation ---- */

spae_var spae_add(spae_tape *tape, spae_var a, spae_var b); /* a + b, equal shapes */
spae_var spae_add_into(spae_tape *tape, spae_var a, spae_var b); /* a + b; see below */
spae_var spae_sub(spae_tape *tape, spae_var a, spae_var b); /* a - b */
spae_var spae_mul(spae_tape *tape, spae_var a, spae_var b); /* a * b */
spae_var spae_scale(spae_tape *tape, spae_var a, real k);   /* a * k */
spae_var spae_offset(spae_tape *tape, spae_var a, real k);  /* a + k */
spae_var spae_exp(spae_tape *tape, spae_var a);
spae_var spae_reciprocal(spae_tape *tape, spae_var a);      /* 1 / a */
spae_var spae_log(spae_tape *tape, spae_var a);             /* log a, a > 0; SPEC 3.2 */
spae_var spae_inverse_root(spae_tape *tape, spae_var a);    /* 1 / sqrt(a), a > 0 */
spae_var spae_root(spae_tape *tape, spae_var a);            /* sqrt(a), a >= 0; its gradient at 0 is 0; SPEC 3.15 */
spae_var spae_sigmoid(spae_tape *tape, spae_var a);         /* 1 / (1 + exp(-a)); SPEC 3.4 */
spae_var spae_swish(spae_tape *tape, spae_var a);           /* a * sigmoid(a) */
spae_var spae_softplus(spae_tape *tape, spae_var a);        /* log(1 + exp(a)); SPEC 3.11 */
spae_var spae_leaky_relu(spae_tape *tape, spae_var a, real slope); /* a >= 0 ? a : slope * a */
spae_var spae_gelu(spae_tape *tape, spae_var a);       /* 0.5 a (1 + tanh(sqrt(2/pi) (a + 0.044715 a^3))); SPEC 3.19 */
spae_var spae_quick_gelu(spae_tape *tape, spae_var a); /* a * sigmoid(1.702 a); SPEC 3.19 */

spae_var spae_erf(spae_tape *tape, spae_var a);        /* erf a (erf.c) */
spae_var spae_gelu_erf(spae_tape *tape, spae_var a);   /* (a / 2) (1 + erf(a / sqrt 2)) (erf.c); SPEC 6.13 */

void spae_sigmoid_array(const real *x, real *y, size_t n); /* x and y may be the same array */
void spae_swish_array(const real *x, real *y, size_t n);
void spae_gelu_array(const real *x, real *y, size_t n);
void spae_quick_gelu_array(const real *x, real *y, size_t n);
void spae_gelu_erf_array(const real *x, real *y, size_t n);

/* ---- shape and broadcasting (reduce.c) ---- */

spae_var spae_reshape(spae_tape *tape, spae_var a, spae_shape shape); /* same elements, another shape; no copy */

/* Repeats a along the axes where it has 1 and `shape` has more. */
spae_var spae_broadcast(spae_tape *tape, spae_var a, spae_shape shape);

/* Sums a over the axes where `shape` has 1: in binary64, in index order, rounded once. */
spae_var spae_reduce(spae_tape *tape, spae_var a, spae_shape shape);
spae_var spae_sum(spae_tape *tape, spae_var a);         /* over everything -> scalar */

/* reduce(mul(a, b)) to (1,1,1,1,c), equal shapes: the same bits and gradients, without keeping the products. */
spae_var spae_channel_products(spae_tape *tape, spae_var a, spae_var b);

spae_var spae_mean_square(spae_tape *tape, spae_var a); /* mean over all elements of a^2 -> scalar; SPEC 5.2 */

/* a without its gradient: stop-gradient, sg(a) of Eq. 8. */
spae_var spae_stop_gradient(spae_tape *tape, spae_var a);

/* Straight-through: `value` forward, the gradient passes to a unchanged. value (shape of a) is borrowed. */
spae_var spae_straight_through(spae_tape *tape, spae_var a, const real *value);

/* ---- convolution and dense products (linear.c): chains as in conv.h ---- */

/* x (n,t,h,w,ci), kernel (kt,kh,kw,ci,co), bias (1,1,1,1,co) or NULL, 'SAME' padding -> (n,t',h',w',co) */
spae_var spae_convolve(spae_tape *tape, spae_var x, spae_var kernel, spae_var bias, const size_t stride[3]);

/* The same with `pad` cells of zeros on both sides of each axis: out = floor((in + 2 pad - kernel) / stride) + 1; each
 * below the kernel's size. pad NULL: 'SAME'. */
spae_var spae_convolve_padded(spae_tape *tape, spae_var x, spae_var kernel, spae_var bias, const size_t stride[3],
                              const size_t *pad);

/* x (..., ci) times kernel (1,1,1,ci,co), plus bias or NULL -> (..., co) */
spae_var spae_dense(spae_tape *tape, spae_var x, spae_var kernel, spae_var bias);

/* x (..., co) times the transpose of kernel (1,1,1,ci,co) -> (..., ci). packed: the kernel from spae_dense_pack,
 * borrowed, the same bits sooner; or NULL. */
spae_var spae_dense_transposed(spae_tape *tape, spae_var x, spae_var kernel, const real *packed);

/* ---- normalization (norm.c) ---- */

/* (x - mean) / sqrt(var + eps) per example and group of c/groups consecutive channels; biased variance. */
spae_var spae_standardize(spae_tape *tape, spae_var x, size_t groups, double eps);

/* x * scale + bias for each channel, scale and bias (1,1,1,1,c); bias may be NULL: nothing is added. */
spae_var spae_affine(spae_tape *tape, spae_var x, spae_var scale, spae_var bias);

/* standardize(x) * scale + bias, scale and bias (1,1,1,1,c). */
spae_var spae_group_norm(spae_tape *tape, spae_var x, spae_var scale, spae_var bias, size_t groups, double eps);

/* swish(group_norm(..)), bias not NULL: on a running tape one node, which reads x three times and writes once. */
spae_var spae_group_norm_swish(spae_tape *tape, spae_var x, spae_var scale, spae_var bias, size_t groups, double eps);
spae_var spae_group_norm_swish_into(spae_tape *tape, spae_var x, spae_var scale, spae_var bias, size_t groups, double eps);

/* .._into: on a running tape the result takes the place of the first operand, whose value is the tape's own and is not
 * used again. On other tapes they are the operation without it. */

/* ---- normalization of rows (layer_norm.c): of each row of c channels by itself ---- */

/* Layer norm: (x - mean) / sqrt(var + eps) * scale + bias; biased variance. SPEC 3.5 */
spae_var spae_layer_norm(spae_tape *tape, spae_var x, spae_var scale, spae_var bias, double eps);

/* x / sqrt(mean(x^2) + eps), and the same * scale: RMS norm. SPEC 3.20 */
spae_var spae_rms_standardize(spae_tape *tape, spae_var x, double eps);
spae_var spae_rms_norm(spae_tape *tape, spae_var x, spae_var scale, double eps);

/* Of (rows,c); y may be x. */
void spae_layer_norm_array(const real *x, const real *scale, const real *bias, size_t rows, size_t c, double eps, real *y);
void spae_rms_norm_array(const real *x, const real *scale, size_t rows, size_t c, double eps, real *y);

/* ---- attention (attention.c): q (n,tq,1,heads,d), k and v (n,tk,1,kv_heads,d); SPEC 3.22 ---- */

/* softmax over the keys of (q . k) / sqrt(d), times v -> (n,tq,1,heads,d). kv_heads divides heads, head i reads key and
 * value head i / (heads / kv_heads). causal: query i sees the keys 0..offset + i only; else all, and offset is not looked
 * at. On a running tape one node, whose weights are never all in memory. */
spae_var spae_attention(spae_tape *tape, spae_var q, spae_var k, spae_var v, bool causal, size_t offset);

/* ---- normalization with given numbers (batch_norm.c): for each channel; SPEC 3.14 ---- */

/* (x - mean) * factor; mean and factor (1,1,1,1,c). */
spae_var spae_normalize(spae_tape *tape, spae_var x, spae_var mean, spae_var factor);

/* (x - mean) / deviation by c numbers each, constants; deviation > 0 (SPAE_ERR_ARGUMENT). */
spae_var spae_normalize_by(spae_tape *tape, spae_var x, const double *mean, const double *deviation);

/* Batch norm at inference: (x - mean) / sqrt(var + eps) * scale + bias, all (1,1,1,1,c); var + eps > 0. */
spae_var spae_batch_norm(spae_tape *tape, spae_var x, spae_var scale, spae_var bias, spae_var mean, spae_var var,
                         double eps);

void spae_standardize_array(const real *x, size_t n, size_t positions, size_t c, size_t groups, double eps, real *y);

/* ---- pooling and resampling (pool.c): windows of cells, stride = window, 'SAME' ---- */

/* Mean of each window over its real cells; the last window of an odd axis is smaller. */
spae_var spae_average_pool(spae_tape *tape, spae_var x, const size_t window[3]);

/* Mean of the real cells of an odd window around each cell -> x's shape (mean_around.c; SPEC 3.26). SPAE_ERR_SHAPE on the
 * tape: a window that is not odd. */
spae_var spae_mean_around(spae_tape *tape, spae_var x, const size_t window[3]);

/* (n,t,h,w,c) -> the mean over all positions, (n,1,1,1,c). SPEC 3.11 */
spae_var spae_mean_positions(spae_tape *tape, spae_var x);

/* Nearest: y[i] = x[i / window] on every axis. */
spae_var spae_upsample(spae_tape *tape, spae_var x, const size_t window[3]);

/* The largest element of each window, for each channel; cells outside do not count; pad as for spae_convolve_padded.
 * The gradient goes to that one element, the first in index order of equal ones (max_pool.c; SPEC 3.12).
 * SPAE_ERR_SHAPE too when x has 2^31 elements or more. */
spae_var spae_max_pool(spae_tape *tape, spae_var x, const size_t window[3], const size_t stride[3], const size_t *pad);

/* Bilinear: each frame of x to height x width; not smoothed when it shrinks (resize.c; SPEC 3.13). */
spae_var spae_resize(spae_tape *tape, spae_var x, size_t height, size_t width);

/* Blurred by taps 1 3 3 1 along h and w and halved: stride 2, zero padding (blur_pool.c; SPEC 3.10). */
spae_var spae_blur_pool(spae_tape *tape, spae_var x);

/* ---- rows (rows.c): x seen as (rows, c) ---- */

/* Row index[i] of x for i < count -> (1,1,1,count,c). 0 <= index[i] < rows; index is borrowed. */
spae_var spae_gather_rows(spae_tape *tape, spae_var x, const int32_t *index, size_t count);

/* Columns first .. first + count - 1 of each row -> x's shape with count channels. SPEC 3.23 */
spae_var spae_columns(spae_tape *tape, spae_var x, size_t first, size_t count);

/* Each row of a, then the same row of b: equal shapes but for the channels -> the sum of their channels. Copies. */
spae_var spae_join_columns(spae_tape *tape, spae_var a, spae_var b);

/* Element index[i] of row i -> (1,1,1,rows,1). 0 <= index[i] < c; index is borrowed. */
spae_var spae_pick(spae_tape *tape, spae_var x, const int32_t *index);

spae_var spae_softmax(spae_tape *tape, spae_var x);        /* of each row; SPEC 3.6 */
spae_var spae_log_sum_exp(spae_tape *tape, spae_var x);    /* of each row -> (1,1,1,rows,1) */

void spae_softmax_array(const real *x, size_t rows, size_t c, real *y); /* of (rows,c); y may be x */

#endif
