/* Bilinear resizing of pictures, frame by frame (SPEC 3.13).
 *
 * Along an axis from n to m cells, output o lies at s = (o + 0.5) n / m - 0.5, limited to 0..n-1, between the cells
 * i = floor(s) and i + 1, which weigh 1 - f and f, f = s - i: all in binary64. Two linear operations, each other's
 * adjoint:
 *     resize         y[o] = chain from +0 over the four cells (row, then column) of x * weight
 *     resize_spread  x[i] = chain from +0 over the outputs in index order that read cell i of y * weight
 * weight = the product of a row's and a column's, rounded to `real` once. A cell beyond the last has weight 0 and is
 * left out. Shrinking takes the same four cells: nothing is smoothed.
 */
#include "ops.h"

#include <math.h>

/* What one output reads along an axis. */
typedef struct {
    size_t cell, count; /* the first cell, and how many: 1 at the far end, 2 elsewhere */
    double weight[2];
} reach;

static reach reach_of(size_t o, size_t n, size_t m)
{
    double s = ((double)o + 0.5) * (double)n / (double)m - 0.5;
    s = s < 0 ? 0 : s;
    s = s > (double)(n - 1) ? (double)(n - 1) : s;
    const double first = floor(s);
    reach r = {.cell = (size_t)first, .weight = {1 - (s - first), s - first}};
    r.count = r.cell + 1 < n ? 2 : 1;
    return r;
}

/* What happens to c channels where an output meets one of its cells. */
typedef void meet(real *output, real *cell, real weight, size_t c);

static void read_cell(real *output, real *cell, real weight, size_t c)
{
    for (size_t j = 0; j < c; j++)
        output[j] += cell[j] * weight;
}

static void spread_output(real *output, real *cell, real weight, size_t c)
{
    for (size_t j = 0; j < c; j++)
        cell[j] += output[j] * weight;
}

/* Every output of one frame meets its cells. in: the cells' height and width; out: the outputs'. */
static void each_meeting(real *cells, const size_t in[2], real *outputs, const size_t out[2], size_t c, meet *meets)
{
    for (size_t y = 0; y < out[0]; y++) {
        const reach row = reach_of(y, in[0], out[0]);
        for (size_t x = 0; x < out[1]; x++, outputs += c) {
            const reach column = reach_of(x, in[1], out[1]);
            for (size_t i = 0; i < row.count; i++)
                for (size_t j = 0; j < column.count; j++)
                    meets(outputs, cells + ((row.cell + i) * in[1] + column.cell + j) * c,
                          (real)(row.weight[i] * column.weight[j]), c);
        }
    }
}

/* ---- on the tape ---- */

/* The result's side of the meetings starts from +0. */
static spae_var make(spae_tape *tape, const spae_op *op, spae_var x, spae_shape to, meet *meets)
{
    spae_var y = spae_tape_node(tape, op, to, 1, x, NULL, NULL);
    if (!spae_computes(y))
        return y;
    const bool forward = meets == read_cell;
    const spae_shape cells = forward ? x->shape : to, outputs = forward ? to : x->shape;
    const size_t *in = cells.axis + SPAE_AXIS_H, *out = outputs.axis + SPAE_AXIS_H, c = to.axis[SPAE_AXIS_C];
    for (size_t i = 0, count = spae_shape_count(to); i < count; i++)
        y->value[i] = 0;
    for (size_t n = 0, frames = to.axis[SPAE_AXIS_N] * to.axis[SPAE_AXIS_T]; n < frames; n++) {
        real *cell = (forward ? x : y)->value + n * in[0] * in[1] * c;
        real *output = (forward ? y : x)->value + n * out[0] * out[1] * c;
        each_meeting(cell, in, output, out, c, meets);
    }
    return y;
}

static void resize_pullback(spae_tape *tape, spae_var y, spae_var dy, spae_var d[3]);
static void resize_spread_pullback(spae_tape *tape, spae_var y, spae_var dy, spae_var d[3]);

static const spae_op resize_op = {"resize", resize_pullback};
static const spae_op resize_spread_op = {"resize_spread", resize_spread_pullback};

static void resize_pullback(spae_tape *tape, spae_var y, spae_var dy, spae_var d[3])
{
    if (spae_wants(y, 0))
        d[0] = make(tape, &resize_spread_op, dy, y->input[0]->shape, spread_output);
}

static void resize_spread_pullback(spae_tape *tape, spae_var y, spae_var dy, spae_var d[3])
{
    if (spae_wants(y, 0))
        d[0] = make(tape, &resize_op, dy, y->input[0]->shape, read_cell);
}

spae_var spae_resize(spae_tape *tape, spae_var x, size_t height, size_t width)
{
    if (x == NULL)
        return NULL;
    if (height == 0 || width == 0)
        return spae_tape_refuse(tape, SPAE_ERR_SHAPE, "resize: the new height or width is 0", height, width);
    spae_shape to = x->shape;
    to.axis[SPAE_AXIS_H] = height;
    to.axis[SPAE_AXIS_W] = width;
    return make(tape, &resize_op, x, to, read_cell);
}
