/* Convolution in its three forms, and the dense product as its 1x1x1 case (SPEC 2; DESIGN 2.2, 2.3).
 *
 * Tensors are (n,t,h,w,c), kernels (kt,kh,kw,ci,co), C order; a picture has t = 1, a dense product has
 * t = h = 1, w = rows. Cross-correlation (no kernel flip). The three forms are closed under
 * differentiation: the gradient of each with respect to either operand is one of the other two.
 *
 *   forward          y[n,p,co]   = chain over (kt,ky,kx,ci) of x * k, then + bias[co] when there is one  SPEC 2.1
 *   input gradient   dx[n,q,ci]  = chain over (kt,ky,kx,co) of dy * k                                    SPEC 2.2
 *   kernel gradient  dk[tap,ci,co]: for each example, for each output row (t,y), a chain over x of x * dy;
 *                    rows added in order into the example's sum, examples added in order                 SPEC 2.3
 *
 * A chain starts at +0 and is acc = acc + a*b, product and sum both rounded to `real`; taps that fall
 * outside are skipped. Kernels may tile, vectorize and thread over outputs only, so they are equal, bit
 * for bit, to the plain loops in test/nn/conv_plain.h. Operands are finite (SPEC 2.6):
 * padding multiplies by zero.
 */
#ifndef SPAE_CONV_H
#define SPAE_CONV_H

#include <stdbool.h>
#include <stddef.h>
#include "real.h"

typedef struct {
    size_t n;            /* examples                                         >= 1 */
    size_t in[3], ci;    /* input t, h, w and channels                       >= 1 */
    size_t out[3], co;   /* output t, h, w and channels                      >= 1 */
    size_t kernel[3];    /* kt, kh, kw                                       >= 1 */
    size_t stride[3];    /*                                                  >= 1 */
    size_t low[3];       /* cells of padding before the first, per axis; < kernel */
} spae_conv;

/* 'SAME' padding: out = ceil(in / stride), the odd cell of padding comes last (oracle README, section 5). */
spae_conv spae_conv_same(size_t n, const size_t in[3], size_t ci, const size_t kernel[3],
                         const size_t stride[3], size_t co);

/* `pad` cells on both sides of each axis: out = floor((in + 2 pad - kernel) / stride) + 1; pad NULL: 'SAME'. False,
 * and s as it was, when on some axis stride = 0, pad >= kernel or kernel > in + 2 pad. */
bool spae_conv_padded(spae_conv *s, size_t n, const size_t in[3], size_t ci, const size_t kernel[3],
                      const size_t stride[3], const size_t *pad, size_t co);

/* x (rows,ci) times w (ci,co). SPEC 2.5 */
spae_conv spae_conv_dense(size_t rows, size_t ci, size_t co);

/* Elements of `real` that the form needs as scratch; the same pointer may serve all three in turn. */
size_t spae_conv_forward_scratch(const spae_conv *s);
size_t spae_conv_input_gradient_scratch(const spae_conv *s);
size_t spae_conv_kernel_gradient_scratch(const spae_conv *s);

/* bias (co) or NULL. y, dx and dk are written, not added to; they overlap nothing else. */
void spae_conv_forward(const spae_conv *s, const real *x, const real *k, const real *bias, real *y, real *scratch);
void spae_conv_input_gradient(const spae_conv *s, const real *dy, const real *k, real *dx, real *scratch);
void spae_conv_kernel_gradient(const spae_conv *s, const real *x, const real *dy, real *dk, real *scratch);

/* A dense product with a transposed matrix that stays: x (rows,co) times the transpose of k (ci,co) -> y (rows,ci), the
 * input gradient of spae_conv_dense(rows, ci, co) with its packing done once.
 *   packed   (spae_dense_packed_size(ci, co)) elements, written by spae_dense_pack, read by the product
 *   scratch  (spae_dense_transposed_scratch(rows, ci, co)) elements */
size_t spae_dense_packed_size(size_t ci, size_t co);
void spae_dense_pack(const real *k, size_t ci, size_t co, real *packed);
size_t spae_dense_transposed_scratch(size_t rows, size_t ci, size_t co);
void spae_dense_transposed_packed(size_t rows, size_t ci, size_t co, const real *x, const real *packed, real *y,
                                  real *scratch);

#endif
