/* Normalization of rows: layer norm and RMS norm (SPEC 3.5, 3.20).
 *
 * Layer norm is group norm of one group, each row an example. RMS norm computes, for each row x of m values:
 *     ms   = sum x^2 / m                   binary64, index order
 *     r    = 1 / sqrt(ms + eps)            binary64
 *     xhat = x r                           binary64, rounded to `real` once;  y = xhat * scale in `real`
 * Gradient  J u = r (u - xhat mean(u xhat)), the same r; J is symmetric, so that J is also its own gradient with respect
 *           to u.
 */
#include "ops.h"

#include <math.h>

#include "threads.h"

/* ---- layer norm ---- */

spae_var spae_layer_norm(spae_tape *tape, spae_var x, spae_var scale, spae_var bias, double eps)
{
    if (x == NULL)
        return NULL;
    const size_t c = x->shape.axis[SPAE_AXIS_C];
    spae_var rows = spae_reshape(tape, x, spae_shape_of(spae_shape_count(x->shape) / c, 1, 1, 1, c));
    return spae_reshape(tape, spae_group_norm(tape, rows, scale, bias, 1, eps), x->shape);
}

void spae_layer_norm_array(const real *x, const real *scale, const real *bias, size_t rows, size_t c, double eps, real *y)
{
    spae_standardize_array(x, rows, 1, c, 1, eps, y);
    for (size_t at = 0; at < rows * c; at += c)
        for (size_t i = 0; i < c; i++)
            y[at + i] = y[at + i] * scale[i] + bias[i];
}

/* ---- RMS norm ---- */

/* r of one row */
static double inverse_rms(const real *x, size_t c, double eps)
{
    double sum = 0;
    for (size_t i = 0; i < c; i++)
        sum += (double)x[i] * (double)x[i];
    return 1 / sqrt(sum / (double)c + eps);
}

static void standardize_rows(const real *x, size_t rows, size_t c, double eps, real *y)
{
    SPAE_THREADS(rows * c)
    for (size_t row = 0; row < rows; row++) {
        const double r = inverse_rms(x + row * c, c, eps);
        for (size_t i = row * c; i < (row + 1) * c; i++)
            y[i] = (real)((double)x[i] * r);
    }
}

/* dx = J(x) u */
static void gradient_rows(const real *x, const real *u, size_t rows, size_t c, double eps, real *dx)
{
    SPAE_THREADS(rows * c)
    for (size_t row = 0; row < rows; row++) {
        const size_t at = row * c;
        const double r = inverse_rms(x + at, c, eps);
        double sum = 0;
        for (size_t i = at; i < at + c; i++)
            sum += (double)u[i] * ((double)x[i] * r);
        const double mean = sum / (double)c;
        for (size_t i = at; i < at + c; i++)
            dx[i] = (real)(r * ((double)u[i] - (double)x[i] * r * mean));
    }
}

void spae_rms_norm_array(const real *x, const real *scale, size_t rows, size_t c, double eps, real *y)
{
    standardize_rows(x, rows, c, eps, y);
    for (size_t at = 0; at < rows * c; at += c)
        for (size_t i = 0; i < c; i++)
            y[at + i] = y[at + i] * scale[i];
}

/* ---- on the tape ---- */

static size_t rows_of(spae_var x)
{
    return spae_shape_count(x->shape) / x->shape.axis[SPAE_AXIS_C];
}

/* a's mean over each row, repeated for all of its values */
static spae_var row_mean(spae_tape *tape, spae_var a)
{
    if (a == NULL)
        return NULL;
    spae_shape per_row = a->shape;
    per_row.axis[SPAE_AXIS_C] = 1;
    spae_var sum = spae_reduce(tape, a, per_row);
    return spae_broadcast(tape, spae_scale(tape, sum, (real)(1.0 / (double)a->shape.axis[SPAE_AXIS_C])), a->shape);
}

static void gradient_pullback(spae_tape *tape, spae_var y, spae_var u, spae_var d[3]);

static const spae_op gradient_op = {"rms_gradient", gradient_pullback};

static spae_var gradient(spae_tape *tape, spae_var x, spae_var u, double eps)
{
    spae_var y = x != NULL ? spae_tape_node(tape, &gradient_op, x->shape, 2, x, u, NULL) : NULL;
    if (y != NULL)
        y->with.normal.eps = eps;
    if (spae_computes(y))
        gradient_rows(x->value, u->value, rows_of(x), x->shape.axis[SPAE_AXIS_C], eps, y->value);
    return y;
}

/* y = J(x) g. With u = dy:  d/dg = J u;  d/dx = -r (xhat mean(u Jg) + mean(g xhat) Ju + mean(u xhat) Jg) */
static void gradient_pullback(spae_tape *tape, spae_var y, spae_var u, spae_var d[3])
{
    spae_var x = y->input[0], g = y->input[1];
    const double eps = y->with.normal.eps;
    spae_var ju = gradient(tape, x, u, eps);
    d[1] = spae_wants(y, 1) ? ju : NULL;
    if (!spae_wants(y, 0))
        return;
    spae_var xhat = spae_rms_standardize(tape, x, eps);
    spae_var a = spae_mul(tape, xhat, row_mean(tape, spae_mul(tape, u, y)));
    spae_var b = spae_mul(tape, ju, row_mean(tape, spae_mul(tape, g, xhat)));
    spae_var c = spae_mul(tape, y, row_mean(tape, spae_mul(tape, u, xhat)));
    spae_var sum = spae_add(tape, spae_add(tape, a, b), c);
    spae_var square = spae_offset(tape, row_mean(tape, spae_mul(tape, x, x)), (real)eps);
    d[0] = spae_scale(tape, spae_mul(tape, spae_inverse_root(tape, square), sum), -1);
}

static void standardize_pullback(spae_tape *tape, spae_var y, spae_var dy, spae_var d[3])
{
    d[0] = spae_wants(y, 0) ? gradient(tape, y->input[0], dy, y->with.normal.eps) : NULL;
}

static const spae_op standardize_op = {"rms_standardize", standardize_pullback};

spae_var spae_rms_standardize(spae_tape *tape, spae_var x, double eps)
{
    spae_var y = x != NULL ? spae_tape_node(tape, &standardize_op, x->shape, 1, x, NULL, NULL) : NULL;
    if (y != NULL)
        y->with.normal.eps = eps;
    if (spae_computes(y))
        standardize_rows(x->value, rows_of(x), x->shape.axis[SPAE_AXIS_C], eps, y->value);
    return y;
}

spae_var spae_rms_norm(spae_tape *tape, spae_var x, spae_var scale, double eps)
{
    return spae_affine(tape, spae_rms_standardize(tape, x, eps), scale, NULL);
}
