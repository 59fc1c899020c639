/* The entropy term of entropy.h. |z_i|^2 is the same in every exponent of a row and cancels, so with
 *     a_ik = (2 z_i . e(k) - |e(k)|^2) / temperature
 * p_i = softmax(a_i) and H(p_i) = log sum exp(a_i) - sum over k of p_ik a_ik. */
#include "entropy.h"

#include "ops.h"

/* (1,1,1,1,V) from the squares of e's rows, (1,1,1,V,1): the same elements in the same order */
static spae_var row_squares(spae_tape *tape, spae_var e)
{
    const size_t V = e->shape.axis[SPAE_AXIS_W];
    spae_var squares = spae_reduce(tape, spae_mul(tape, e, e), spae_shape_of(1, 1, 1, V, 1));
    return spae_reshape(tape, squares, spae_shape_of(1, 1, 1, 1, V));
}

/* a (1,1,1,rows,V) */
static spae_var exponents(spae_tape *tape, spae_var z, spae_var e, double temperature)
{
    const size_t c = z->shape.axis[SPAE_AXIS_C], rows = spae_shape_count(z->shape) / c;
    spae_var at = spae_reshape(tape, z, spae_shape_of(1, 1, 1, rows, c));
    spae_var product = spae_dense_transposed(tape, spae_scale(tape, at, 2), e, NULL);
    spae_var squares = row_squares(tape, e);
    if (product == NULL || squares == NULL)
        return NULL;
    spae_var apart = spae_sub(tape, product, spae_broadcast(tape, squares, product->shape));
    return spae_scale(tape, apart, (real)(1 / temperature));
}

/* Mean over rows of H(p_i) */
static spae_var mean_entropy(spae_tape *tape, spae_var a, spae_var p, size_t rows)
{
    spae_var expected = spae_reduce(tape, spae_mul(tape, p, a), spae_shape_of(1, 1, 1, rows, 1));
    spae_var entropy = spae_sub(tape, spae_log_sum_exp(tape, a), expected);
    return spae_scale(tape, spae_sum(tape, entropy), (real)(1.0 / (double)rows));
}

/* -H'(p), p the mean of the rows of p_i */
static spae_var negative_entropy_of_mean(spae_tape *tape, spae_var p, size_t rows, size_t V)
{
    spae_var mean = spae_scale(tape, spae_reduce(tape, p, spae_shape_of(1, 1, 1, 1, V)), (real)(1.0 / (double)rows));
    return spae_sum(tape, spae_mul(tape, mean, spae_log(tape, spae_offset(tape, mean, (real)1e-5))));
}

spae_var spae_entropy_loss(spae_tape *tape, spae_var z, spae_var e, double temperature)
{
    if (z == NULL || e == NULL)
        return NULL;
    spae_var a = exponents(tape, z, e, temperature), p = spae_softmax(tape, a);
    if (p == NULL)
        return NULL;
    const size_t V = p->shape.axis[SPAE_AXIS_C], rows = spae_shape_count(p->shape) / V;
    spae_var each = mean_entropy(tape, a, p, rows);
    spae_var all = negative_entropy_of_mean(tape, p, rows, V);
    return spae_add(tape, each, all);
}
