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
 */
#include "ops.h"

#include <math.h>

enum { MOST_GROUPS = 64 }; /* statistics of so many groups at a time, on the stack */

/* Where one example's groups [first, first + count) are: m = positions * width values in each. */
typedef struct {
    size_t positions, c, width, first, count;
} group_span;

/* total[g] += f over the group's values, in index order; f is one of the expressions below, spelled by the caller:
 * a function pointer per value would hide the loop from the compiler. */
#define FOR_EACH_VALUE(span, at, g)                                                                  \
    for (size_t p_ = 0; p_ < (span)->positions; p_++)                                                \
        for (size_t g = 0, at = p_ * (span)->c + (span)->first * (span)->width; g < (span)->count; g++) \
            for (size_t j_ = 0; j_ < (span)->width; j_++, at++)

static void statistics(const group_span *span, const real *x, double eps, double mean[MOST_GROUPS],
                       double r[MOST_GROUPS])
{
    const double m = (double)(span->positions * span->width);
    double variance[MOST_GROUPS];
    for (size_t g = 0; g < span->count; g++)
        mean[g] = variance[g] = 0;
    FOR_EACH_VALUE (span, at, g)
        mean[g] += (double)x[at];
    for (size_t g = 0; g < span->count; g++)
        mean[g] /= m;
    FOR_EACH_VALUE (span, at, g)
        variance[g] += ((double)x[at] - mean[g]) * ((double)x[at] - mean[g]);
    for (size_t g = 0; g < span->count; g++)
        r[g] = 1 / sqrt(variance[g] / m + eps);
}

static void standardize_span(const group_span *span, const real *x, double eps, real *y)
{
    double mean[MOST_GROUPS], r[MOST_GROUPS];
    statistics(span, x, eps, mean, r);
    FOR_EACH_VALUE (span, at, g)
        y[at] = (real)(((double)x[at] - mean[g]) * r[g]);
}

/* dx = J u, with xhat kept in binary64 here */
static void standardize_gradient_span(const group_span *span, const real *x, const real *u, double eps, real *dx)
{
    double mean[MOST_GROUPS], r[MOST_GROUPS], mean_u[MOST_GROUPS], mean_ux[MOST_GROUPS];
    const double m = (double)(span->positions * span->width);
    statistics(span, x, eps, mean, r);
    for (size_t g = 0; g < span->count; g++)
        mean_u[g] = mean_ux[g] = 0;
    FOR_EACH_VALUE (span, at, g) {
        mean_u[g] += (double)u[at];
        mean_ux[g] += (double)u[at] * (((double)x[at] - mean[g]) * r[g]);
    }
    for (size_t g = 0; g < span->count; g++) {
        mean_u[g] /= m;
        mean_ux[g] /= m;
    }
    FOR_EACH_VALUE (span, at, g)
        dx[at] = (real)(r[g] * ((double)u[at] - mean_u[g] - ((double)x[at] - mean[g]) * r[g] * mean_ux[g]));
}

/* Calls one of the two for each example and each span of groups; u is NULL for standardization itself. */
static void for_each_span(const real *x, const real *u, size_t n, size_t positions, size_t c, size_t groups, double eps,
                          real *y)
{
    for (size_t i = 0; i < n; i++)
        for (size_t first = 0; first < groups; first += MOST_GROUPS) {
            const size_t count = groups - first < MOST_GROUPS ? groups - first : MOST_GROUPS;
            const group_span span = {positions, c, c / groups, first, count};
            const size_t offset = i * positions * c;
            if (u == NULL)
                standardize_span(&span, x + offset, eps, y + offset);
            else
                standardize_gradient_span(&span, x + offset, u + offset, eps, y + offset);
        }
}

void spae_standardize_array(const real *x, size_t n, size_t positions, size_t c, size_t groups, double eps, real *y)
{
    for_each_span(x, NULL, n, positions, c, groups, eps, y);
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
    if (spae_computes(y))
        for_each_span(x->value, u != NULL ? u->value : NULL, x->shape.axis[SPAE_AXIS_N], positions_of(x->shape),
                      x->shape.axis[SPAE_AXIS_C], groups, eps, y->value);
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

spae_var spae_standardize(spae_tape *tape, spae_var x, size_t groups, double eps)
{
    if (x == NULL)
        return NULL;
    if (groups == 0 || x->shape.axis[SPAE_AXIS_C] % groups != 0)
        return spae_tape_refuse(tape, SPAE_ERR_SHAPE, "group norm: channels do not divide into groups",
                                x->shape.axis[SPAE_AXIS_C], groups);
    return make(tape, &standardize_op, x, NULL, groups, eps);
}

/* ---- y = x * scale + bias, both per channel; without bias y = x * scale ---- */

static void affine_pullback(spae_tape *tape, spae_var y, spae_var dy, spae_var d[3])
{
    spae_var x = y->input[0], scale = y->input[1];
    d[0] = spae_wants(y, 0) ? spae_affine(tape, dy, scale, NULL) : NULL;
    d[1] = spae_wants(y, 1) ? spae_reduce(tape, spae_mul(tape, dy, x), scale->shape) : NULL;
    d[2] = spae_wants(y, 2) ? spae_reduce(tape, dy, y->input[2]->shape) : NULL;
}

static const spae_op affine_op = {"affine", affine_pullback};

static void affine_rows(const real *x, const real *scale, const real *bias, size_t rows, size_t c, real *y)
{
    for (size_t row = 0; row < rows; row++, x += c, y += c)
        if (bias != NULL)
            for (size_t i = 0; i < c; i++)
                y[i] = x[i] * scale[i] + bias[i];
        else
            for (size_t i = 0; i < c; i++)
                y[i] = x[i] * scale[i];
}

spae_var spae_affine(spae_tape *tape, spae_var x, spae_var scale, spae_var bias)
{
    if (x == NULL || scale == NULL)
        return NULL;
    const size_t c = x->shape.axis[SPAE_AXIS_C];
    if (spae_shape_count(scale->shape) != c || (bias != NULL && spae_shape_count(bias->shape) != c))
        return spae_tape_refuse(tape, SPAE_ERR_SHAPE, "affine: channels of x meet elements of scale", c,
                                spae_shape_count(scale->shape));
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
