/* Normalization with numbers that are given, not measured: batch norm at inference, and of pictures (SPEC 3.14).
 *
 *     normalize    y = (x - mean) * factor     for each channel; the difference first: it keeps what a large mean hides
 *     batch norm   factor = 1 / sqrt(var + eps), then y * scale + bias
 */
#include "ops.h"
#include "threads.h"

static void normalize_rows(const real *x, const real *mean, const real *factor, size_t rows, size_t c, real *y)
{
    SPAE_THREADS(rows * c)
    for (size_t at = 0; at < rows * c; at += c)
        for (size_t i = 0; i < c; i++)
            y[at + i] = (x[at + i] - mean[i]) * factor[i];
}

static void normalize_pullback(spae_tape *tape, spae_var y, spae_var dy, spae_var d[3])
{
    spae_var x = y->input[0], mean = y->input[1], factor = y->input[2];
    spae_var dx = spae_wants(y, 0) || spae_wants(y, 1) ? spae_affine(tape, dy, factor, NULL) : NULL;
    d[0] = spae_wants(y, 0) ? dx : NULL;
    d[1] = spae_wants(y, 1) ? spae_scale(tape, spae_reduce(tape, dx, mean->shape), -1) : NULL;
    if (spae_wants(y, 2)) {
        spae_var centred = spae_normalize(tape, x, mean, spae_tape_filled(tape, mean->shape, 1));
        d[2] = spae_channel_products(tape, dy, centred);
    }
}

static const spae_op normalize_op = {"normalize", normalize_pullback};

static bool one_for_each_channel(spae_var v, size_t c)
{
    return spae_shape_equal(v->shape, spae_shape_of(1, 1, 1, 1, c));
}

spae_var spae_normalize(spae_tape *tape, spae_var x, spae_var mean, spae_var factor)
{
    if (x == NULL || mean == NULL || factor == NULL)
        return NULL;
    const size_t c = x->shape.axis[SPAE_AXIS_C];
    if (!one_for_each_channel(mean, c) || !one_for_each_channel(factor, c))
        return spae_tape_refuse(tape, SPAE_ERR_SHAPE, "normalize: channels of x meet elements of mean", c,
                                spae_shape_count(mean->shape));
    spae_var y = spae_tape_node(tape, &normalize_op, x->shape, 3, x, mean, factor);
    if (spae_computes(y))
        normalize_rows(x->value, mean->value, factor->value, spae_shape_count(x->shape) / c, c, y->value);
    return y;
}

spae_var spae_normalize_by(spae_tape *tape, spae_var x, const double *mean, const double *deviation)
{
    if (x == NULL)
        return NULL;
    const size_t c = x->shape.axis[SPAE_AXIS_C];
    const spae_shape shape = spae_shape_of(1, 1, 1, 1, c);
    spae_var shift = spae_tape_filled(tape, shape, 0), factor = spae_tape_filled(tape, shape, 1);
    for (size_t i = 0; i < c; i++) {
        if (!(deviation[i] > 0))
            return spae_tape_refuse(tape, SPAE_ERR_ARGUMENT,
                                    "normalize: a deviation is not above 0 (channel, channels)", i, c);
        if (spae_computes(shift) && spae_computes(factor)) {
            shift->value[i] = (real)mean[i];
            factor->value[i] = (real)(1 / deviation[i]);
        }
    }
    return spae_normalize(tape, x, shift, factor);
}

spae_var spae_batch_norm(spae_tape *tape, spae_var x, spae_var scale, spae_var bias, spae_var mean, spae_var var,
                         double eps)
{
    spae_var factor = spae_inverse_root(tape, spae_offset(tape, var, (real)eps));
    return spae_affine(tape, spae_normalize(tape, x, mean, factor), scale, bias);
}
