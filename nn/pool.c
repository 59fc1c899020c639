/* Pooling and nearest upsampling over windows of cells, stride = window, 'SAME' (SPEC 3.7, 3.8).
 *
 * Four linear operations, two pairs of adjoints:
 *     average_pool   y[o] = (sum of x over the real cells of window o) / their number
 *     average_spread x[i] = y[i / window] / number of real cells of that window
 *     upsample       y[i] = x[i / window]
 *     window_sum     x[o] = sum of y over the real cells of window o
 * A sum is a chain from +0 over (t,h,w) in index order, in `real`. 'SAME' with stride = window starts at cell
 * 0, so that only the last window of an axis can be cut: that axis then has an odd cell.
 */
#include "ops.h"

#include <string.h>

#include "threads.h"

typedef struct {
    size_t n, fine[3], coarse[3], window[3], c; /* coarse = ceil(fine / window) */
} grid;

static size_t at(const size_t size[3], size_t n, size_t t, size_t h, size_t w)
{
    return ((n * size[0] + t) * size[1] + h) * size[2] + w;
}

static size_t cells(const grid *g, size_t axis, size_t o) /* real cells of window o along an axis */
{
    const size_t left = g->fine[axis] - o * g->window[axis];
    return left < g->window[axis] ? left : g->window[axis];
}

/* y[o] = sum of x over window o, divided by the number of cells when `mean` */
static void gather_window(const grid *g, const real *x, size_t n, size_t t, size_t h, size_t w, bool mean, real *y)
{
    const size_t ct = cells(g, 0, t), ch = cells(g, 1, h), cw = cells(g, 2, w);
    for (size_t i = 0; i < g->c; i++)
        y[i] = 0;
    for (size_t a = 0; a < ct; a++)
        for (size_t b = 0; b < ch; b++)
            for (size_t d = 0; d < cw; d++) {
                const real *row =
                    x + at(g->fine, n, t * g->window[0] + a, h * g->window[1] + b, w * g->window[2] + d) * g->c;
                for (size_t i = 0; i < g->c; i++)
                    y[i] += row[i];
            }
    const real count = (real)(ct * ch * cw);
    if (mean)
        for (size_t i = 0; i < g->c; i++)
            y[i] /= count;
}

static void fine_to_coarse(const grid *g, const real *x, bool mean, real *y)
{
    const size_t *to = g->coarse, rows = g->n * to[0] * to[1];
    SPAE_THREADS(rows * to[2] * g->c)
    for (size_t row = 0; row < rows; row++) /* (n,t,h) */
        for (size_t w = 0; w < to[2]; w++)
            gather_window(g, x, row / to[1] / to[0], row / to[1] % to[0], row % to[1], w, mean,
                          y + (row * to[2] + w) * g->c);
}

/* The c channels of one cell from those of its window, divided by the number of cells when `mean`. */
static void spread_window(const grid *g, const real *x, size_t n, size_t t, size_t h, size_t w, bool mean, real *to)
{
    const size_t o[3] = {t / g->window[0], h / g->window[1], w / g->window[2]};
    const real *from = x + at(g->coarse, n, o[0], o[1], o[2]) * g->c;
    const real count = (real)(cells(g, 0, o[0]) * cells(g, 1, o[1]) * cells(g, 2, o[2]));
    if (mean)
        for (size_t i = 0; i < g->c; i++)
            to[i] = from[i] / count;
    else
        memcpy(to, from, g->c * sizeof *to);
}

static void coarse_to_fine(const grid *g, const real *x, bool mean, real *y)
{
    const size_t *to = g->fine, rows = g->n * to[0] * to[1];
    SPAE_THREADS(rows * to[2] * g->c)
    for (size_t row = 0; row < rows; row++) /* (n,t,h) */
        for (size_t w = 0; w < to[2]; w++)
            spread_window(g, x, row / to[1] / to[0], row / to[1] % to[0], row % to[1], w, mean,
                          y + (row * to[2] + w) * g->c);
}

/* ---- on the tape: the node keeps the window; the fine grid is the larger of input and output ---- */

static grid grid_of(spae_shape fine, spae_shape coarse, const size_t window[3])
{
    grid g = {.n = fine.axis[SPAE_AXIS_N], .c = fine.axis[SPAE_AXIS_C]};
    for (size_t i = 0; i < 3; i++) {
        g.fine[i] = fine.axis[SPAE_AXIS_T + i];
        g.coarse[i] = coarse.axis[SPAE_AXIS_T + i];
        g.window[i] = window[i];
    }
    return g;
}

static spae_var make(spae_tape *tape, const spae_op *op, spae_var x, spae_shape to, const size_t window[3], bool mean)
{
    spae_var y = spae_tape_node(tape, op, to, 1, x, NULL, NULL);
    if (y == NULL)
        return NULL;
    for (size_t i = 0; i < 3; i++)
        y->with.window[i] = window[i];
    if (!spae_computes(y))
        return y;
    if (spae_shape_count(to) <= spae_shape_count(x->shape)) { /* equal counts: window 1, either way copies */
        const grid g = grid_of(x->shape, to, window);
        fine_to_coarse(&g, x->value, mean, y->value);
    } else {
        const grid g = grid_of(to, x->shape, window);
        coarse_to_fine(&g, x->value, mean, y->value);
    }
    return y;
}

static void average_pool_pullback(spae_tape *tape, spae_var y, spae_var dy, spae_var d[3]);
static void average_spread_pullback(spae_tape *tape, spae_var y, spae_var dy, spae_var d[3]);
static void upsample_pullback(spae_tape *tape, spae_var y, spae_var dy, spae_var d[3]);
static void window_sum_pullback(spae_tape *tape, spae_var y, spae_var dy, spae_var d[3]);

static const spae_op average_pool_op = {"average_pool", average_pool_pullback};
static const spae_op average_spread_op = {"average_spread", average_spread_pullback};
static const spae_op upsample_op = {"upsample", upsample_pullback};
static const spae_op window_sum_op = {"window_sum", window_sum_pullback};

static spae_var adjoint(spae_tape *tape, const spae_op *op, spae_var y, spae_var dy, bool mean)
{
    return spae_wants(y, 0) ? make(tape, op, dy, y->input[0]->shape, y->with.window, mean) : NULL;
}

static void average_pool_pullback(spae_tape *tape, spae_var y, spae_var dy, spae_var d[3])
{
    d[0] = adjoint(tape, &average_spread_op, y, dy, true);
}

static void average_spread_pullback(spae_tape *tape, spae_var y, spae_var dy, spae_var d[3])
{
    d[0] = adjoint(tape, &average_pool_op, y, dy, true);
}

static void upsample_pullback(spae_tape *tape, spae_var y, spae_var dy, spae_var d[3])
{
    d[0] = adjoint(tape, &window_sum_op, y, dy, false);
}

static void window_sum_pullback(spae_tape *tape, spae_var y, spae_var dy, spae_var d[3])
{
    d[0] = adjoint(tape, &upsample_op, y, dy, false);
}

spae_var spae_average_pool(spae_tape *tape, spae_var x, const size_t window[3])
{
    if (x == NULL)
        return NULL;
    spae_shape to = x->shape;
    for (size_t i = 0; i < 3; i++)
        to.axis[SPAE_AXIS_T + i] = (to.axis[SPAE_AXIS_T + i] + window[i] - 1) / window[i];
    return make(tape, &average_pool_op, x, to, window, true);
}

spae_var spae_upsample(spae_tape *tape, spae_var x, const size_t window[3])
{
    if (x == NULL)
        return NULL;
    spae_shape to = x->shape;
    for (size_t i = 0; i < 3; i++)
        to.axis[SPAE_AXIS_T + i] *= window[i];
    return make(tape, &upsample_op, x, to, window, false);
}
