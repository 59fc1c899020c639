/* Blur pooling of pictures: taps 1 3 3 1 along height and width, stride 2, 'SAME', per channel (SPEC 3.10).
 *
 * Two linear operations, each other's adjoint:
 *     blur_pool    y[o] = sum over taps k of x[2o - 1 + k] * weight[k]
 *     blur_spread  x[i] = sum over taps k with an output o, 2o - 1 + k = i, of y[o] * weight[k]
 * weight[ky][kx] = taps[ky] taps[kx] / 64, exact in binary32. 'SAME' of four taps and stride 2 pads one cell in front
 * of any length. A sum is a chain from +0 over (ky,kx) in index order, in `real`, cells outside left out: at the border
 * the weights do not add up to 1. Frames of a video are pictures of their own.
 */
#include "ops.h"
#include "threads.h"

enum { TAPS = 4, LOW = 1 };

static const real taps[TAPS] = {1, 3, 3, 1};

static real weight(size_t ky, size_t kx)
{
    return taps[ky] * taps[kx] / 64;
}

/* Along one axis of length n, which cell meets cell `at` of the other side through tap k? False: none does. */
typedef bool meeting(size_t at, size_t k, size_t n, size_t *cell);

/* The input cell under tap k of output o. */
static bool reads(size_t o, size_t k, size_t n, size_t *i)
{
    if (2 * o + k < LOW || 2 * o + k - LOW >= n)
        return false;
    *i = 2 * o + k - LOW;
    return true;
}

/* The output whose tap k lies on input cell i. */
static bool is_read(size_t i, size_t k, size_t n, size_t *o)
{
    if (i + LOW < k || (i + LOW - k) % 2 != 0 || (i + LOW - k) / 2 >= n)
        return false;
    *o = (i + LOW - k) / 2;
    return true;
}

/* One row of channels: the chain over the taps that `meets` admits at (h,w), from a picture of size n. */
static void chain(const real *x, const size_t n[2], size_t h, size_t w, size_t c, meeting *meets,
                  real *y)
{
    for (size_t j = 0; j < c; j++)
        y[j] = 0;
    for (size_t ky = 0; ky < TAPS; ky++)
        for (size_t kx = 0; kx < TAPS; kx++) {
            size_t row, column;
            if (!meets(h, ky, n[0], &row) || !meets(w, kx, n[1], &column))
                continue;
            const real *from = x + (row * n[1] + column) * c, k = weight(ky, kx);
            for (size_t j = 0; j < c; j++)
                y[j] += from[j] * k;
        }
}

/* Every cell of `to` from the cells of `from` that meet it. */
static void apply(const real *x, const size_t from[2], const size_t to[2], size_t pictures, size_t c,
                  meeting *meets, real *y)
{
    SPAE_THREADS(pictures * to[0] * to[1] * c)
    for (size_t row = 0; row < pictures * to[0]; row++) /* (picture, h) */
        for (size_t w = 0; w < to[1]; w++)
            chain(x + row / to[0] * from[0] * from[1] * c, from, row % to[0], w, c, meets, y + (row * to[1] + w) * c);
}

/* ---- on the tape ---- */

static spae_var make(spae_tape *tape, const spae_op *op, spae_var x, spae_shape to, meeting *meets)
{
    spae_var y = spae_tape_node(tape, op, to, 1, x, NULL, NULL);
    if (spae_computes(y)) {
        const size_t *a = x->shape.axis;
        apply(x->value, a + SPAE_AXIS_H, to.axis + SPAE_AXIS_H, a[SPAE_AXIS_N] * a[SPAE_AXIS_T], a[SPAE_AXIS_C], meets,
              y->value);
    }
    return y;
}

static void blur_pool_pullback(spae_tape *tape, spae_var y, spae_var dy, spae_var d[3]);
static void blur_spread_pullback(spae_tape *tape, spae_var y, spae_var dy, spae_var d[3]);

static const spae_op blur_pool_op = {"blur_pool", blur_pool_pullback};
static const spae_op blur_spread_op = {"blur_spread", blur_spread_pullback};

static void blur_pool_pullback(spae_tape *tape, spae_var y, spae_var dy, spae_var d[3])
{
    if (spae_wants(y, 0))
        d[0] = make(tape, &blur_spread_op, dy, y->input[0]->shape, is_read);
}

static void blur_spread_pullback(spae_tape *tape, spae_var y, spae_var dy, spae_var d[3])
{
    if (spae_wants(y, 0))
        d[0] = make(tape, &blur_pool_op, dy, y->input[0]->shape, reads);
}

spae_var spae_blur_pool(spae_tape *tape, spae_var x)
{
    if (x == NULL)
        return NULL;
    spae_shape to = x->shape;
    to.axis[SPAE_AXIS_H] = (to.axis[SPAE_AXIS_H] + 1) / 2;
    to.axis[SPAE_AXIS_W] = (to.axis[SPAE_AXIS_W] + 1) / 2;
    return make(tape, &blur_pool_op, x, to, reads);
}
