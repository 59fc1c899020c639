/* Shapes, broadcasting, sums, and the two ways to cut a gradient (SPEC 3.1, 5.1).
 *
 * A sum runs in binary64 over the summed axes in index order (SPEC 1.3, 1.4) and is rounded to `real` once.
 * broadcast and reduce are each other's gradient.
 */
#include "ops.h"

#include <string.h>

#include "threads.h"

/* ---- reshape ---- */

static void reshape_pullback(spae_tape *tape, spae_var y, spae_var dy, spae_var d[3])
{
    d[0] = spae_wants(y, 0) ? spae_reshape(tape, dy, y->input[0]->shape) : NULL;
}

static const spae_op reshape_op = {"reshape", reshape_pullback};

spae_var spae_reshape(spae_tape *tape, spae_var a, spae_shape shape)
{
    if (a == NULL || spae_shape_equal(a->shape, shape))
        return a;
    if (spae_shape_count(a->shape) != spae_shape_count(shape))
        return spae_tape_refuse(tape, SPAE_ERR_SHAPE, "reshape: another number of elements",
                                spae_shape_count(a->shape), spae_shape_count(shape));
    return spae_tape_view(tape, &reshape_op, shape, a);
}

/* ---- broadcast ---- */

/* Is `small` `large` with some axes set to 1? */
static bool shrinks_to(spae_shape large, spae_shape small)
{
    for (size_t i = 0; i < SPAE_AXES; i++)
        if (small.axis[i] != large.axis[i] && small.axis[i] != 1)
            return false;
    return true;
}

/* Steps in elements through a tensor of shape `small` while walking the axes of a larger one: 0 where it has 1. */
static void steps_of(spae_shape small, size_t step[SPAE_AXES])
{
    size_t stride = 1;
    for (size_t i = SPAE_AXES; i-- > 0;) {
        step[i] = small.axis[i] > 1 ? stride : 0;
        stride *= small.axis[i];
    }
}

static void broadcast_array(const real *x, spae_shape small, real *y, spae_shape large)
{
    size_t s[SPAE_AXES];
    steps_of(small, s);
    const size_t *a = large.axis, rows = a[0] * a[1] * a[2];
    SPAE_THREADS(rows * a[3] * a[4])
    for (size_t i = 0; i < rows; i++) { /* (n,t,h) */
        const real *plane = x + i / a[2] / a[1] * s[0] + i / a[2] % a[1] * s[1] + i % a[2] * s[2];
        for (size_t w = 0; w < a[3]; w++)
            for (size_t c = 0; c < a[4]; c++)
                y[(i * a[3] + w) * a[4] + c] = plane[w * s[3] + c * s[4]];
    }
}

static void broadcast_pullback(spae_tape *tape, spae_var y, spae_var dy, spae_var d[3])
{
    d[0] = spae_wants(y, 0) ? spae_reduce(tape, dy, y->input[0]->shape) : NULL;
}

static const spae_op broadcast_op = {"broadcast", broadcast_pullback};

spae_var spae_broadcast(spae_tape *tape, spae_var a, spae_shape shape)
{
    if (a == NULL || spae_shape_equal(a->shape, shape))
        return a;
    if (!shrinks_to(shape, a->shape))
        return spae_tape_refuse(tape, SPAE_ERR_SHAPE, "broadcast: an axis is neither 1 nor equal (elements)",
                                spae_shape_count(a->shape), spae_shape_count(shape));
    spae_var y = spae_tape_node(tape, &broadcast_op, shape, 1, a, NULL, NULL);
    if (spae_computes(y))
        broadcast_array(a->value, a->shape, y->value, shape);
    return y;
}

/* ---- reduce ---- */

enum { TILE = 64 }; /* channels summed at a time, by one thread: their binary64 sums stay in the first cache */

/* sum[c] += x over the axes of `extent` (n,t,h,w), walked in index order with the steps of x; c < width <= TILE. */
static void sum_rows(const real *x, const size_t extent[4], const size_t step[4], size_t width, double sum[TILE])
{
    for (size_t n = 0; n < extent[0]; n++)
        for (size_t t = 0; t < extent[1]; t++)
            for (size_t h = 0; h < extent[2]; h++)
                for (size_t w = 0; w < extent[3]; w++) {
                    const real *row = x + n * step[0] + t * step[1] + h * step[2] + w * step[3];
                    for (size_t c = 0; c < width; c++)
                        sum[c] += (double)row[c];
                }
}

/* The same with the channel axis summed too: one sum over everything, channels innermost. */
static double sum_all(const real *x, const size_t extent[4], const size_t step[4], size_t channels)
{
    double sum = 0;
    for (size_t n = 0; n < extent[0]; n++)
        for (size_t t = 0; t < extent[1]; t++)
            for (size_t h = 0; h < extent[2]; h++)
                for (size_t w = 0; w < extent[3]; w++) {
                    const real *row = x + n * step[0] + t * step[1] + h * step[2] + w * step[3];
                    for (size_t c = 0; c < channels; c++)
                        sum += (double)row[c];
                }
    return sum;
}

/* One output row: the sums that start at `x` over the summed axes. */
static void reduce_row(const real *x, const size_t extent[4], const size_t step[4], size_t channels, bool sum_channels,
                       real *y)
{
    if (sum_channels) {
        y[0] = (real)sum_all(x, extent, step, channels);
        return;
    }
    SPAE_THREADS(extent[0] * extent[1] * extent[2] * extent[3] * channels)
    for (size_t at = 0; at < channels; at += TILE) {
        const size_t width = channels - at < TILE ? channels - at : TILE;
        double sum[TILE] = {0};
        sum_rows(x + at, extent, step, width, sum);
        for (size_t c = 0; c < width; c++)
            y[at + c] = (real)sum[c];
    }
}

static void reduce_array(const real *x, spae_shape large, real *y, spae_shape small)
{
    size_t step[SPAE_AXES], extent[4];
    steps_of(large, step);
    for (size_t i = 0; i < 4; i++)
        extent[i] = small.axis[i] == 1 ? large.axis[i] : 1; /* what is summed */
    const bool sum_channels = small.axis[4] == 1;
    for (size_t n = 0; n < small.axis[0]; n++)
        for (size_t t = 0; t < small.axis[1]; t++)
            for (size_t h = 0; h < small.axis[2]; h++)
                for (size_t w = 0; w < small.axis[3]; w++, y += small.axis[4])
                    reduce_row(x + n * step[0] + t * step[1] + h * step[2] + w * step[3], extent, step, large.axis[4],
                               sum_channels, y);
}

static void reduce_pullback(spae_tape *tape, spae_var y, spae_var dy, spae_var d[3])
{
    d[0] = spae_wants(y, 0) ? spae_broadcast(tape, dy, y->input[0]->shape) : NULL;
}

static const spae_op reduce_op = {"reduce", reduce_pullback};

spae_var spae_reduce(spae_tape *tape, spae_var a, spae_shape shape)
{
    if (a == NULL || spae_shape_equal(a->shape, shape))
        return a;
    if (!shrinks_to(a->shape, shape))
        return spae_tape_refuse(tape, SPAE_ERR_SHAPE, "reduce: an axis is neither 1 nor equal (elements)",
                                spae_shape_count(a->shape), spae_shape_count(shape));
    spae_var y = spae_tape_node(tape, &reduce_op, shape, 1, a, NULL, NULL);
    if (spae_computes(y))
        reduce_array(a->value, a->shape, y->value, shape);
    return y;
}

spae_var spae_sum(spae_tape *tape, spae_var a)
{
    return spae_reduce(tape, a, spae_shape_of(1, 1, 1, 1, 1));
}

/* ---- reduce(a * b) to channels, the products not kept ---- */

static void channel_products_pullback(spae_tape *tape, spae_var y, spae_var dy, spae_var d[3])
{
    spae_var a = y->input[0], b = y->input[1], wide = spae_broadcast(tape, dy, a->shape);
    d[0] = spae_wants(y, 0) ? spae_mul(tape, wide, b) : NULL;
    d[1] = spae_wants(y, 1) ? spae_mul(tape, wide, a) : NULL;
}

static const spae_op channel_products_op = {"channel_products", channel_products_pullback};

static void sum_channel_products(const real *a, const real *b, size_t count, size_t c, real *y)
{
    SPAE_THREADS(count)
    for (size_t at = 0; at < c; at += TILE) {
        const size_t width = c - at < TILE ? c - at : TILE;
        double sum[TILE] = {0};
        for (size_t row = at; row < count; row += c)
            for (size_t i = 0; i < width; i++) {
                const real product = a[row + i] * b[row + i];
                sum[i] += (double)product;
            }
        for (size_t i = 0; i < width; i++)
            y[at + i] = (real)sum[i];
    }
}

spae_var spae_channel_products(spae_tape *tape, spae_var a, spae_var b)
{
    if (a == NULL || b == NULL)
        return NULL;
    const size_t c = a->shape.axis[SPAE_AXIS_C];
    const spae_shape to = spae_shape_of(1, 1, 1, 1, c);
    if (spae_shape_equal(a->shape, to) || !spae_shape_equal(a->shape, b->shape)) /* nothing to sum, or refused there */
        return spae_mul(tape, a, b);
    spae_var y = spae_tape_node(tape, &channel_products_op, to, 2, a, b, NULL);
    if (spae_computes(y))
        sum_channel_products(a->value, b->value, spae_shape_count(a->shape), c, y->value);
    return y;
}

/* ---- mean of squares: binary64 throughout, rounded once ---- */

static void mean_square_pullback(spae_tape *tape, spae_var y, spae_var dy, spae_var d[3]) /* dy 2 a / n */
{
    if (!spae_wants(y, 0))
        return;
    spae_var a = y->input[0];
    const real twice_share = (real)(2.0 / (double)spae_shape_count(a->shape));
    d[0] = spae_mul(tape, spae_broadcast(tape, dy, a->shape), spae_scale(tape, a, twice_share));
}

static const spae_op mean_square_op = {"mean_square", mean_square_pullback};

spae_var spae_mean_square(spae_tape *tape, spae_var a)
{
    spae_var y = spae_tape_node(tape, &mean_square_op, spae_shape_of(1, 1, 1, 1, 1), 1, a, NULL, NULL);
    if (!spae_computes(y))
        return y;
    const size_t n = spae_shape_count(a->shape);
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += (double)a->value[i] * (double)a->value[i];
    y->value[0] = (real)(sum / (double)n);
    return y;
}

spae_var spae_mean_positions(spae_tape *tape, spae_var x)
{
    if (x == NULL)
        return NULL;
    const size_t n = x->shape.axis[SPAE_AXIS_N], c = x->shape.axis[SPAE_AXIS_C];
    const double positions = (double)(spae_shape_count(x->shape) / n / c);
    return spae_scale(tape, spae_reduce(tape, x, spae_shape_of(n, 1, 1, 1, c)), (real)(1 / positions));
}

/* ---- cutting gradients ---- */

static const spae_op stop_gradient_op = {"stop_gradient", NULL};

spae_var spae_stop_gradient(spae_tape *tape, spae_var a)
{
    return a != NULL ? spae_tape_view(tape, &stop_gradient_op, a->shape, a) : NULL;
}

static void straight_through_pullback(spae_tape *tape, spae_var y, spae_var dy, spae_var d[3])
{
    (void)tape;
    d[0] = spae_wants(y, 0) ? dy : NULL;
}

static const spae_op straight_through_op = {"straight_through", straight_through_pullback};

spae_var spae_straight_through(spae_tape *tape, spae_var a, const real *value)
{
    spae_var y = a != NULL ? spae_tape_view(tape, &straight_through_op, a->shape, a) : NULL;
    if (y != NULL && !spae_tape_plans(tape))
        memcpy(&y->value, &value, sizeof value); /* borrowed; nothing writes through it */
    return y;
}
