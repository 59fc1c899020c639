/* The mean of the cells around each cell: average pooling of stride 1 that leaves the size as it is and divides by the
 * number of real cells (SPEC 3.26). The window is odd on every axis. Two linear operations, each other's adjoint:
 *     mean_around    y[o] = (chain from +0 over the real cells i of the window around o, in index order, of x[i]) / n(o)
 *     spread_around  x[i] = chain from +0 over the real cells o of the window around i, in index order, of y[o] / n(o)
 * n(o): how many of the window's cells around o are real. All in `real`.
 */
#include "ops.h"

#include "threads.h"

/* The cells from `first` to `end` - 1 on an axis of `size` that a window around `at` holds. */
typedef struct {
    size_t first, end;
} range;

static range around(size_t at, size_t window, size_t size)
{
    const size_t half = window / 2;
    return (range){at > half ? at - half : 0, at + half < size ? at + half + 1 : size};
}

static real number_around(const size_t *size, const size_t cell[3], const size_t window[3])
{
    size_t number = 1;
    for (size_t a = 0; a < 3; a++) {
        const range r = around(cell[a], window[a], size[a]);
        number *= r.end - r.first;
    }
    return (real)number;
}

/* One cell's channels. `before`: each term is divided by the number around its own cell; else the sum by that of this. */
static void one_cell(const real *x, const size_t *size, size_t c, const size_t cell[3], const size_t window[3], bool before,
                     real *y)
{
    const range t = around(cell[0], window[0], size[0]), h = around(cell[1], window[1], size[1]),
                w = around(cell[2], window[2], size[2]);
    for (size_t j = 0; j < c; j++)
        y[j] = 0;
    for (size_t a = t.first; a < t.end; a++)
        for (size_t b = h.first; b < h.end; b++)
            for (size_t d = w.first; d < w.end; d++) {
                const real *row = x + ((a * size[1] + b) * size[2] + d) * c;
                const real number = before ? number_around(size, (const size_t[]){a, b, d}, window) : 1;
                for (size_t j = 0; j < c; j++)
                    y[j] = y[j] + row[j] / number;
            }
    if (!before) {
        const real number = number_around(size, cell, window);
        for (size_t j = 0; j < c; j++)
            y[j] = y[j] / number;
    }
}

static spae_var make(spae_tape *tape, const spae_op *op, spae_var x, const size_t window[3], bool before)
{
    spae_var y = spae_tape_node(tape, op, x->shape, 1, x, NULL, NULL);
    if (y == NULL)
        return NULL;
    for (size_t i = 0; i < 3; i++)
        y->with.window[i] = window[i];
    if (!spae_computes(y))
        return y;
    const size_t *size = x->shape.axis + SPAE_AXIS_T, c = x->shape.axis[SPAE_AXIS_C];
    const size_t cells = size[0] * size[1] * size[2], rows = spae_shape_count(x->shape) / c;
    SPAE_THREADS(rows * c)
    for (size_t i = 0; i < rows; i++) {
        const size_t at = i % cells, cell[3] = {at / size[2] / size[1], at / size[2] % size[1], at % size[2]};
        one_cell(x->value + i / cells * cells * c, size, c, cell, window, before, y->value + i * c);
    }
    return y;
}

static void mean_around_pullback(spae_tape *tape, spae_var y, spae_var dy, spae_var d[3]);
static void spread_around_pullback(spae_tape *tape, spae_var y, spae_var dy, spae_var d[3]);

static const spae_op mean_around_op = {"mean_around", mean_around_pullback};
static const spae_op spread_around_op = {"spread_around", spread_around_pullback};

static void mean_around_pullback(spae_tape *tape, spae_var y, spae_var dy, spae_var d[3])
{
    d[0] = spae_wants(y, 0) ? make(tape, &spread_around_op, dy, y->with.window, true) : NULL;
}

static void spread_around_pullback(spae_tape *tape, spae_var y, spae_var dy, spae_var d[3])
{
    d[0] = spae_wants(y, 0) ? make(tape, &mean_around_op, dy, y->with.window, false) : NULL;
}

spae_var spae_mean_around(spae_tape *tape, spae_var x, const size_t window[3])
{
    if (x == NULL)
        return NULL;
    for (size_t i = 0; i < 3; i++)
        if (window[i] % 2 == 0)
            return spae_tape_refuse(tape, SPAE_ERR_SHAPE, "mean around: the window is not odd (its size, axis)", window[i], i);
    return make(tape, &mean_around_op, x, window, false);
}
