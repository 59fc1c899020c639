/* The error function on the tape, and GELU as it was first defined, x times the normal distribution (SPEC 6.13).
 *
 * With erf correctly rounded in `real` and every other written operation rounded to it:
 *     gelu_erf(x) = (x / 2) (1 + erf(x / sqrt 2))
 *     erf'(x)     = 2 / sqrt(pi) exp(-x^2)
 *     gelu_erf'(x) = (1 + erf(x / sqrt 2)) / 2 + x exp(-x^2 / 2) / sqrt(2 pi)
 */
#include "ops.h"
#include "threads.h"

static const double inverse_root_2 = 0x1.6a09e667f3bcdp-1;     /* nearest to 1 / sqrt(2) */
static const double two_over_root_pi = 0x1.20dd750429b6dp+0;   /* nearest to 2 / sqrt(pi) */
static const double inverse_root_2_pi = 0x1.9884533d43651p-2;  /* nearest to 1 / sqrt(2 pi) */

/* y[i] = f(x[i]) */
static spae_var map(spae_tape *tape, const spae_op *op, spae_var x, void (*f)(const real *x, real *y, size_t n))
{
    spae_var y = x != NULL ? spae_tape_node(tape, op, x->shape, 1, x, NULL, NULL) : NULL;
    if (spae_computes(y))
        f(x->value, y->value, spae_shape_count(x->shape));
    return y;
}

/* ---- erf ---- */

static void erf_array(const real *x, real *y, size_t n)
{
    SPAE_THREADS(n)
    for (size_t i = 0; i < n; i++)
        y[i] = real_erf(x[i]);
}

/* factor exp(-k x^2) */
static spae_var bell(spae_tape *tape, spae_var x, double k, double factor)
{
    spae_var square = spae_scale(tape, spae_mul(tape, x, x), (real)-k);
    return spae_scale(tape, spae_exp(tape, square), (real)factor);
}

static void erf_pullback(spae_tape *tape, spae_var y, spae_var dy, spae_var d[3])
{
    if (spae_wants(y, 0))
        d[0] = spae_mul(tape, dy, bell(tape, y->input[0], 1, two_over_root_pi));
}

static const spae_op erf_op = {"erf", erf_pullback};

spae_var spae_erf(spae_tape *tape, spae_var a)
{
    return map(tape, &erf_op, a, erf_array);
}

/* ---- gelu_erf ---- */

void spae_gelu_erf_array(const real *x, real *y, size_t n)
{
    const real k = (real)inverse_root_2, half = (real)0.5;
    SPAE_THREADS(n)
    for (size_t i = 0; i < n; i++)
        y[i] = half * x[i] * (1 + real_erf(k * x[i]));
}

static void gelu_erf_pullback(spae_tape *tape, spae_var y, spae_var dy, spae_var d[3])
{
    if (!spae_wants(y, 0))
        return;
    spae_var x = y->input[0], e = spae_erf(tape, spae_scale(tape, x, (real)inverse_root_2));
    spae_var below = spae_scale(tape, spae_offset(tape, e, 1), (real)0.5);
    spae_var turn = spae_mul(tape, x, bell(tape, x, 0.5, inverse_root_2_pi));
    d[0] = spae_mul(tape, dy, spae_add(tape, below, turn));
}

static const spae_op gelu_erf_op = {"gelu_erf", gelu_erf_pullback};

spae_var spae_gelu_erf(spae_tape *tape, spae_var a)
{
    return map(tape, &gelu_erf_op, a, spae_gelu_erf_array);
}
