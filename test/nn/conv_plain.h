/* The definition of the three convolution forms, as plain loops (nn/conv.h, SPEC 2;
 * DESIGN 2.2, 2.3).
 *
 * Each output is one chain acc = acc + a*b from +0, taps that fall outside skipped. Nothing here is
 * fast; the kernels of nn/conv.c must give these bits, and ports may be read against these pages.
 */
#ifndef SPAE_TEST_CONV_PLAIN_H
#define SPAE_TEST_CONV_PLAIN_H

#include <stdbool.h>
#include "nn/conv.h"

/* Where tap k of output o reads on one axis: *i = o * stride + k - low. False when that is padding.
 */
static inline bool plain_source(const spae_conv *s, int axis, size_t o, size_t k, size_t *i)
{
    if (o * s->stride[axis] + k < s->low[axis])
        return false;
    *i = o * s->stride[axis] + k - s->low[axis];
    return *i < s->in[axis];
}

/* Which output o reads input i through tap k on one axis: the inverse of plain_source. */
static inline bool plain_reader(const spae_conv *s, int axis, size_t i, size_t k, size_t *o)
{
    if (i + s->low[axis] < k || (i + s->low[axis] - k) % s->stride[axis] != 0)
        return false;
    *o = (i + s->low[axis] - k) / s->stride[axis];
    return *o < s->out[axis];
}

/* Offsets of x[n,t,y,x,c], y[n,t,y,x,c] and k[t,y,x,ci,co]. */
static inline size_t plain_x(const spae_conv *s, size_t n, size_t t, size_t y, size_t x, size_t c)
{
    return (((n * s->in[0] + t) * s->in[1] + y) * s->in[2] + x) * s->ci + c;
}

static inline size_t plain_y(const spae_conv *s, size_t n, size_t t, size_t y, size_t x, size_t c)
{
    return (((n * s->out[0] + t) * s->out[1] + y) * s->out[2] + x) * s->co + c;
}

static inline size_t plain_k(const spae_conv *s, size_t t, size_t y, size_t x, size_t ci, size_t co)
{
    return (((t * s->kernel[1] + y) * s->kernel[2] + x) * s->ci + ci) * s->co + co;
}

/* y[n,p,co] = chain over (kt,ky,kx,ci) of x * k, then + bias[co]. */
static inline real plain_forward_at(const spae_conv *s, const real *x, const real *k, size_t n,
                                    size_t ot, size_t oy, size_t ox, size_t co)
{
    real acc = 0;
    size_t t, y, u;
    for (size_t kt = 0; kt < s->kernel[0]; kt++)
        for (size_t ky = 0; ky < s->kernel[1]; ky++)
            for (size_t kx = 0; kx < s->kernel[2]; kx++)
                if (plain_source(s, 0, ot, kt, &t) && plain_source(s, 1, oy, ky, &y) &&
                    plain_source(s, 2, ox, kx, &u))
                    for (size_t ci = 0; ci < s->ci; ci++)
                        acc =
                            acc + x[plain_x(s, n, t, y, u, ci)] * k[plain_k(s, kt, ky, kx, ci, co)];
    return acc;
}

static inline void plain_forward(const spae_conv *s, const real *x, const real *k, const real *bias,
                                 real *y)
{
    for (size_t n = 0; n < s->n; n++)
        for (size_t ot = 0; ot < s->out[0]; ot++)
            for (size_t oy = 0; oy < s->out[1]; oy++)
                for (size_t ox = 0; ox < s->out[2]; ox++)
                    for (size_t co = 0; co < s->co; co++) {
                        const real acc = plain_forward_at(s, x, k, n, ot, oy, ox, co);
                        y[plain_y(s, n, ot, oy, ox, co)] = bias ? acc + bias[co] : acc;
                    }
}

/* dx[n,q,ci] = chain over (kt,ky,kx,co) of dy * k. */
static inline real plain_input_gradient_at(const spae_conv *s, const real *dy, const real *k,
                                           size_t n, size_t t, size_t y, size_t x, size_t ci)
{
    real acc = 0;
    size_t ot, oy, ox;
    for (size_t kt = 0; kt < s->kernel[0]; kt++)
        for (size_t ky = 0; ky < s->kernel[1]; ky++)
            for (size_t kx = 0; kx < s->kernel[2]; kx++)
                if (plain_reader(s, 0, t, kt, &ot) && plain_reader(s, 1, y, ky, &oy) &&
                    plain_reader(s, 2, x, kx, &ox))
                    for (size_t co = 0; co < s->co; co++)
                        acc = acc +
                              dy[plain_y(s, n, ot, oy, ox, co)] * k[plain_k(s, kt, ky, kx, ci, co)];
    return acc;
}

static inline void plain_input_gradient(const spae_conv *s, const real *dy, const real *k, real *dx)
{
    for (size_t n = 0; n < s->n; n++)
        for (size_t t = 0; t < s->in[0]; t++)
            for (size_t y = 0; y < s->in[1]; y++)
                for (size_t x = 0; x < s->in[2]; x++)
                    for (size_t ci = 0; ci < s->ci; ci++)
                        dx[plain_x(s, n, t, y, x, ci)] =
                            plain_input_gradient_at(s, dy, k, n, t, y, x, ci);
}

/* One output row's share of dk[kt,ky,kx,ci,co]: a chain over ox of x * dy. */
static inline real plain_kernel_gradient_row(const spae_conv *s, const real *x, const real *dy,
                                             size_t n, size_t ot, size_t oy, size_t kt, size_t ky,
                                             size_t kx, size_t ci, size_t co)
{
    real acc = 0;
    size_t t, y, u;
    if (plain_source(s, 0, ot, kt, &t) && plain_source(s, 1, oy, ky, &y))
        for (size_t ox = 0; ox < s->out[2]; ox++)
            if (plain_source(s, 2, ox, kx, &u))
                acc = acc + x[plain_x(s, n, t, y, u, ci)] * dy[plain_y(s, n, ot, oy, ox, co)];
    return acc;
}

/* dk[tap,ci,co]: rows (t,y) added in order into the example's sum, examples added in order. */
static inline real plain_kernel_gradient_at(const spae_conv *s, const real *x, const real *dy,
                                            size_t kt, size_t ky, size_t kx, size_t ci, size_t co)
{
    real total = 0;
    for (size_t n = 0; n < s->n; n++) {
        real example = 0;
        for (size_t ot = 0; ot < s->out[0]; ot++)
            for (size_t oy = 0; oy < s->out[1]; oy++)
                example =
                    example + plain_kernel_gradient_row(s, x, dy, n, ot, oy, kt, ky, kx, ci, co);
        total = total + example;
    }
    return total;
}

static inline void plain_kernel_gradient(const spae_conv *s, const real *x, const real *dy,
                                         real *dk)
{
    for (size_t kt = 0; kt < s->kernel[0]; kt++)
        for (size_t ky = 0; ky < s->kernel[1]; ky++)
            for (size_t kx = 0; kx < s->kernel[2]; kx++)
                for (size_t ci = 0; ci < s->ci; ci++)
                    for (size_t co = 0; co < s->co; co++)
                        dk[plain_k(s, kt, ky, kx, ci, co)] =
                            plain_kernel_gradient_at(s, x, dy, kt, ky, kx, ci, co);
}

#endif
