/* Group normalization, and the standardization under it (SPEC 3.5).
 *
 * Computes  for each example and group of consecutive channels, over its m values x (positions, then channels):
 *             mean = sum x / m                   binary64, index order
 *             var  = sum (x - mean)^2 / m        binary64, index order, second pass
 *             r    = 1 / sqrt(var + eps)         binary64
 *             xhat = (x - mean) r                binary64, rounded to `real` once
 *           and y = xhat * scale + bias, each operation rounded to `real`.
 * Gradient  J u = r (u - mean(u) - xhat mean(u xhat)), the same statistics; J is symmetric, so that J is
 *           also its own gradient with respect to u.
 * Layer normalization is the case of one group over rows.
 * Speed     A sum is one chain, so that groups run side by side: where their width is a constant to the compiler, it
 *           reads a row with that stride into vectors over groups. What follows the sums goes by blocks of rows that
 *           stay in the first cache, on a running tape with scale, bias and swish in one go.
 */
#include "ops.h"

#include <math.h>

#include "threads.h"

enum {
    MOST_GROUPS = 64, /* statistics of so many groups at a time, on the stack */
    PART = 16,        /* of them, for one thread: fewer would wait for their own sums */
    TILE = 512,       /* channels at a time */
    BLOCK = 4096      /* values at a time, as far as rows allow: in the first cache */
};

/* Where one example's groups [first, first + count) are: m = positions * width values in each. */
typedef struct {
    size_t positions, c, width, first, count;
} group_span;

typedef struct {
    double mean[MOST_GROUPS], r[MOST_GROUPS];       /* of x */
    double mean_u[MOST_GROUPS], mean_ux[MOST_GROUPS]; /* of u and u xhat: the gradient's */
} statistics;

/* ---- sums: for the groups of a span, in index order; `width` is the span's ---- */

static inline void add_values(size_t width, const group_span *span, const real *x, double *restrict sum)
{
    x += span->first * width;
    for (size_t p = 0; p < span->positions; p++, x += span->c)
        for (size_t g = 0; g < span->count; g++) {
            double s = sum[g];
            for (size_t j = 0; j < width; j++)
                s += (double)x[g * width + j];
            sum[g] = s;
        }
}

static inline void add_squares(size_t width, const group_span *span, const real *x, const double *restrict mean,
                               double *restrict sum)
{
    x += span->first * width;
    for (size_t p = 0; p < span->positions; p++, x += span->c)
        for (size_t g = 0; g < span->count; g++) {
            const double m = mean[g];
            double s = sum[g];
            for (size_t j = 0; j < width; j++)
                s += ((double)x[g * width + j] - m) * ((double)x[g * width + j] - m);
            sum[g] = s;
        }
}

/* sum += u xhat, with xhat kept in binary64 here */
static inline void add_products(size_t width, const group_span *span, const real *x, const real *u,
                                const double *restrict mean, const double *restrict r, double *restrict sum)
{
    x += span->first * width;
    u += span->first * width;
    for (size_t p = 0; p < span->positions; p++, x += span->c, u += span->c)
        for (size_t g = 0; g < span->count; g++) {
            const double m = mean[g], q = r[g];
            double s = sum[g];
            for (size_t j = 0; j < width; j++)
                s += (double)u[g * width + j] * (((double)x[g * width + j] - m) * q);
            sum[g] = s;
        }
}

/* add(span's width, ..), with the widths of the paper's networks written out. */
#define WITH_WIDTH(add, span, ...)               \
    switch ((span)->width) {                     \
    case 4:                                      \
        add(4, span, __VA_ARGS__);               \
        break;                                   \
    case 8:                                      \
        add(8, span, __VA_ARGS__);               \
        break;                                   \
    case 16:                                     \
        add(16, span, __VA_ARGS__);              \
        break;                                   \
    default:                                     \
        add((span)->width, span, __VA_ARGS__);   \
    }

static void divide(double *sum, size_t count, double m)
{
    for (size_t g = 0; g < count; g++)
        sum[g] /= m;
}

/* Of groups at..at + span->count of the statistics, which are `span`'s; u NULL: of x alone. */
static void measure_part(const group_span *span, const real *x, const real *u, double eps, size_t at, statistics *s)
{
    const double m = (double)(span->positions * span->width);
    double *mean = s->mean + at, *r = s->r + at, *mean_u = s->mean_u + at, *mean_ux = s->mean_ux + at;
    double variance[PART] = {0};
    for (size_t g = 0; g < span->count; g++)
        mean[g] = mean_u[g] = mean_ux[g] = 0;
    WITH_WIDTH (add_values, span, x, mean)
    divide(mean, span->count, m);
    WITH_WIDTH (add_squares, span, x, mean, variance)
    for (size_t g = 0; g < span->count; g++)
        r[g] = 1 / sqrt(variance[g] / m + eps);
    if (u == NULL)
        return;
    WITH_WIDTH (add_values, span, u, mean_u)
    WITH_WIDTH (add_products, span, x, u, mean, r, mean_ux)
    divide(mean_u, span->count, m);
    divide(mean_ux, span->count, m);
}

static void measure(const group_span *span, const real *x, const real *u, double eps, statistics *s)
{
    SPAE_THREADS(span->positions * span->width * span->count)
    for (size_t at = 0; at < span->count; at += PART) {
        const size_t left = span->count - at;
        const group_span part = {span->positions, span->c, span->width, span->first + at, left < PART ? left : PART};
        measure_part(&part, x, u, eps, at, s);
    }
}

/* ---- rows: what follows the sums ---- */

/* The statistics of channels [first, first + count), each channel its group's. */
typedef struct {
    size_t first, count;
    double mean[TILE], r[TILE], mean_u[TILE], mean_ux[TILE];
} tile;

static void spread(const statistics *s, const group_span *span, size_t first, tile *t)
{
    const size_t left = (span->first + span->count) * span->width - first;
    t->first = first;
    t->count = left < TILE ? left : TILE;
    for (size_t i = 0; i < t->count; i++) {
        const size_t g = (first + i) / span->width - span->first;
        t->mean[i] = s->mean[g];
        t->r[i] = s->r[g];
        t->mean_u[i] = s->mean_u[g];
        t->mean_ux[i] = s->mean_ux[g];
    }
}

/* What is made of one example, a block of rows at a time. */
typedef struct work work;
struct work {
    void (*block)(const work *w, const tile *t, size_t row, size_t rows);
    const real *x, *u;         /* (positions, c) */
    const real *scale, *bias;  /* (c), for group norm and swish */
    size_t c;
    real *y;
};

static inline real xhat(real x, double mean, double r)
{
    return (real)(((double)x - mean) * r);
}

static inline real affine(real x, real scale, real bias)
{
    return x * scale + bias;
}

static void standardize_block(const work *w, const tile *t, size_t row, size_t rows)
{
    for (size_t end = row + rows; row < end; row++) {
        const real *x = w->x + row * w->c + t->first;
        real *y = w->y + row * w->c + t->first;
        for (size_t i = 0; i < t->count; i++)
            y[i] = xhat(x[i], t->mean[i], t->r[i]);
    }
}

/* dx = J u */
static void gradient_block(const work *w, const tile *t, size_t row, size_t rows)
{
    for (size_t end = row + rows; row < end; row++) {
        const real *x = w->x + row * w->c + t->first, *u = w->u + row * w->c + t->first;
        real *dx = w->y + row * w->c + t->first;
        for (size_t i = 0; i < t->count; i++)
            dx[i] = (real)(t->r[i] * ((double)u[i] - t->mean_u[i] - ((double)x[i] - t->mean[i]) * t->r[i] * t->mean_ux[i]));
    }
}

/* swish(affine(xhat)); the block's values are consecutive in y, which may be x */
static void norm_swish_block(const work *w, const tile *t, size_t row, size_t rows)
{
    const real *x = w->x + row * w->c + t->first, *scale = w->scale + t->first, *bias = w->bias + t->first;
    real a[BLOCK];
    for (size_t k = 0; k < rows; k++, x += w->c)
        for (size_t i = 0; i < t->count; i++)
            a[k * t->count + i] = affine(xhat(x[i], t->mean[i], t->r[i]), scale[i], bias[i]);
    spae_swish_array(a, w->y + row * w->c + t->first, rows * t->count);
}

static void work_on_tile(const work *w, const tile *t, size_t positions)
{
    const size_t at_once = t->count == w->c ? BLOCK / w->c : 1; /* so that their values are consecutive */
    SPAE_THREADS(positions * t->count)
    for (size_t row = 0; row < positions; row += at_once)
        w->block(w, t, row, positions - row < at_once ? positions - row : at_once);
}

/* One example. */
static void work_on_example(const work *w, size_t positions, size_t groups, double eps)
{
    statistics s;
    tile t;
    for (size_t first = 0; first < groups; first += MOST_GROUPS) {
        const size_t left = groups - first;
        const group_span span = {positions, w->c, w->c / groups, first, left < MOST_GROUPS ? left : MOST_GROUPS};
        measure(&span, w->x, w->u, eps, &s);
        for (size_t at = first * span.width; at < (first + span.count) * span.width; at += TILE) {
            spread(&s, &span, at, &t);
            work_on_tile(w, &t, positions);
        }
    }
}

static void work_on_all(work w, size_t n, size_t positions, size_t groups, double eps)
{
    const size_t one = positions * w.c;
    for (size_t i = 0; i < n; i++, w.x += one, w.y += one) {
        work_on_example(&w, positions, groups, eps);
        if (w.u != NULL)
            w.u += one;
    }
}

void spae_standardize_array(const real *x, size_t n, size_t positions, size_t c, size_t groups, double eps, real *y)
{
    work_on_all((work){.block = standardize_block, .x = x, .c = c, .y = y}, n, positions, groups, eps);
}

/* ---- on the tape ---- */

static size_t positions_of(spae_shape shape)
{
    return shape.axis[SPAE_AXIS_T] * shape.axis[SPAE_AXIS_H] * shape.axis[SPAE_AXIS_W];
}

static spae_var make(spae_tape *tape, const spae_op *op, spae_var x, spae_var u, size_t groups, double eps)
{
    spae_var y = spae_tape_node(tape, op, x->shape, u != NULL ? 2 : 1, x, u, NULL);
    if (y != NULL) {
        y->with.normal.groups = groups;
        y->with.normal.eps = eps;
    }
    if (spae_computes(y)) {
        const work w = {.block = u != NULL ? gradient_block : standardize_block,
                        .x = x->value,
                        .u = u != NULL ? u->value : NULL,
                        .c = x->shape.axis[SPAE_AXIS_C],
                        .y = y->value};
        work_on_all(w, x->shape.axis[SPAE_AXIS_N], positions_of(x->shape), groups, eps);
    }
    return y;
}

/* a's mean over each group, repeated for all of the group's values */
static spae_var group_mean(spae_tape *tape, spae_var a, size_t groups)
{
    if (a == NULL)
        return NULL;
    const size_t n = a->shape.axis[SPAE_AXIS_N], positions = positions_of(a->shape), width = a->shape.axis[SPAE_AXIS_C] / groups;
    const spae_shape split = spae_shape_of(n, 1, positions, groups, width);
    spae_var sum = spae_reduce(tape, spae_reshape(tape, a, split), spae_shape_of(n, 1, 1, groups, 1));
    spae_var mean = spae_scale(tape, sum, (real)(1.0 / (double)(positions * width)));
    return spae_reshape(tape, spae_broadcast(tape, mean, split), a->shape);
}

/* r of every value's group, written with differentiable operations: for third and higher derivatives. */
static spae_var group_inverse_deviation(spae_tape *tape, spae_var x, size_t groups, double eps)
{
    spae_var centred = spae_sub(tape, x, group_mean(tape, x, groups));
    spae_var variance = group_mean(tape, spae_mul(tape, centred, centred), groups);
    return spae_inverse_root(tape, spae_offset(tape, variance, (real)eps));
}

static void standardize_gradient_pullback(spae_tape *tape, spae_var y, spae_var dy, spae_var d[3]);

static const spae_op standardize_gradient_op = {"standardize_gradient", standardize_gradient_pullback};

/* y = J(x) g. With u = dy:  d/dg = J u;  d/dx = -r (xhat mean(u Jg) + mean(g xhat) Ju + mean(u xhat) Jg) */
static void standardize_gradient_pullback(spae_tape *tape, spae_var y, spae_var u, spae_var d[3])
{
    spae_var x = y->input[0], g = y->input[1];
    const size_t groups = y->with.normal.groups;
    const double eps = y->with.normal.eps;
    spae_var ju = u != NULL ? make(tape, &standardize_gradient_op, x, u, groups, eps) : NULL;
    d[1] = spae_wants(y, 1) ? ju : NULL;
    if (!spae_wants(y, 0))
        return;
    spae_var xhat = spae_standardize(tape, x, groups, eps);
    spae_var a = spae_mul(tape, xhat, group_mean(tape, spae_mul(tape, u, y), groups));
    spae_var b = spae_mul(tape, ju, group_mean(tape, spae_mul(tape, g, xhat), groups));
    spae_var c = spae_mul(tape, y, group_mean(tape, spae_mul(tape, u, xhat), groups));
    spae_var sum = spae_add(tape, spae_add(tape, a, b), c);
    d[0] = spae_scale(tape, spae_mul(tape, group_inverse_deviation(tape, x, groups, eps), sum), -1);
}

static void standardize_pullback(spae_tape *tape, spae_var y, spae_var dy, spae_var d[3])
{
    if (spae_wants(y, 0) && dy != NULL)
        d[0] = make(tape, &standardize_gradient_op, y->input[0], dy, y->with.normal.groups, y->with.normal.eps);
}

static const spae_op standardize_op = {"standardize", standardize_pullback};

static bool divides(spae_tape *tape, spae_var x, size_t groups)
{
    if (x == NULL || (groups > 0 && x->shape.axis[SPAE_AXIS_C] % groups == 0))
        return x != NULL;
    spae_tape_refuse(tape, SPAE_ERR_SHAPE, "group norm: channels do not divide into groups",
                     x->shape.axis[SPAE_AXIS_C], groups);
    return false;
}

spae_var spae_standardize(spae_tape *tape, spae_var x, size_t groups, double eps)
{
    return divides(tape, x, groups) ? make(tape, &standardize_op, x, NULL, groups, eps) : NULL;
}

/* ---- y = x * scale + bias, both per channel; without bias y = x * scale ---- */

static void affine_pullback(spae_tape *tape, spae_var y, spae_var dy, spae_var d[3])
{
    spae_var x = y->input[0], scale = y->input[1];
    d[0] = spae_wants(y, 0) ? spae_affine(tape, dy, scale, NULL) : NULL;
    d[1] = spae_wants(y, 1) ? spae_channel_products(tape, dy, x) : NULL;
    d[2] = spae_wants(y, 2) ? spae_reduce(tape, dy, y->input[2]->shape) : NULL;
}

static const spae_op affine_op = {"affine", affine_pullback};

static void affine_rows(const real *x, const real *scale, const real *bias, size_t rows, size_t c, real *y)
{
    SPAE_THREADS(rows * c)
    for (size_t at = 0; at < rows * c; at += c)
        if (bias != NULL)
            for (size_t i = 0; i < c; i++)
                y[at + i] = affine(x[at + i], scale[i], bias[i]);
        else
            for (size_t i = 0; i < c; i++)
                y[at + i] = x[at + i] * scale[i];
}

static bool has_channels_of(spae_tape *tape, spae_var x, spae_var scale, spae_var bias)
{
    if (x == NULL || scale == NULL)
        return false;
    const size_t c = x->shape.axis[SPAE_AXIS_C];
    if (spae_shape_count(scale->shape) == c && (bias == NULL || spae_shape_count(bias->shape) == c))
        return true;
    spae_tape_refuse(tape, SPAE_ERR_SHAPE, "affine: channels of x meet elements of scale", c,
                     spae_shape_count(scale->shape));
    return false;
}

spae_var spae_affine(spae_tape *tape, spae_var x, spae_var scale, spae_var bias)
{
    if (!has_channels_of(tape, x, scale, bias))
        return NULL;
    const size_t c = x->shape.axis[SPAE_AXIS_C];
    spae_var y = spae_tape_node(tape, &affine_op, x->shape, 2, x, scale, bias);
    if (spae_computes(y))
        affine_rows(x->value, scale->value, bias != NULL ? bias->value : NULL, spae_shape_count(x->shape) / c, c,
                    y->value);
    return y;
}

spae_var spae_group_norm(spae_tape *tape, spae_var x, spae_var scale, spae_var bias, size_t groups, double eps)
{
    return spae_affine(tape, spae_standardize(tape, x, groups, eps), scale, bias);
}

static const spae_op norm_swish_op = {"group_norm_swish", NULL}; /* of running tapes, which are never swept */

static spae_var norm_swish(spae_tape *tape, bool into, spae_var x, spae_var scale, spae_var bias, size_t groups,
                           double eps)
{
    if (!spae_tape_runs(tape))
        return spae_swish(tape, spae_group_norm(tape, x, scale, bias, groups, eps));
    if (bias == NULL || !divides(tape, x, groups) || !has_channels_of(tape, x, scale, bias))
        return NULL;
    spae_var y = into ? spae_tape_view(tape, &norm_swish_op, x->shape, x)
                      : spae_tape_node(tape, &norm_swish_op, x->shape, 3, x, scale, bias);
    if (spae_computes(y)) {
        const work w = {.block = norm_swish_block,
                        .x = x->value,
                        .scale = scale->value,
                        .bias = bias->value,
                        .c = x->shape.axis[SPAE_AXIS_C],
                        .y = y->value};
        work_on_all(w, x->shape.axis[SPAE_AXIS_N], positions_of(x->shape), groups, eps);
    }
    return y;
}

spae_var spae_group_norm_swish(spae_tape *tape, spae_var x, spae_var scale, spae_var bias, size_t groups, double eps)
{
    return norm_swish(tape, false, x, scale, bias, groups, eps);
}

spae_var spae_group_norm_swish_into(spae_tape *tape, spae_var x, spae_var scale, spae_var bias, size_t groups, double eps)
{
    return norm_swish(tape, true, x, scale, bias, groups, eps);
}
