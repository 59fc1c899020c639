/* Elementwise operations and their pullbacks (SPEC 3.1 to 3.4, 3.11, 3.19).
 *
 * Each loop is one written formula, every operation in it rounded to `real`, so compilers vectorize it and
 * a port writes the same line. Backward stands under its forward.
 */
#include "ops.h"

#include <math.h>

#include "threads.h"

static bool same_shape(spae_tape *tape, const char *what, spae_var a, spae_var b)
{
    if (a == NULL || b == NULL)
        return false;
    if (spae_shape_equal(a->shape, b->shape))
        return true;
    spae_tape_refuse(tape, SPAE_ERR_SHAPE, what, spae_shape_count(a->shape), spae_shape_count(b->shape));
    return false;
}

/* Elements to compute: none where there is nothing to compute. */
static size_t count_of(spae_var y)
{
    return spae_computes(y) ? spae_shape_count(y->shape) : 0;
}

/* ---- y = a + b ---- */

static void add_pullback(spae_tape *tape, spae_var y, spae_var dy, spae_var d[3])
{
    (void)tape;
    d[0] = spae_wants(y, 0) ? dy : NULL;
    d[1] = spae_wants(y, 1) ? dy : NULL;
}

static const spae_op add_op = {"add", add_pullback};

spae_var spae_add(spae_tape *tape, spae_var a, spae_var b)
{
    if (!same_shape(tape, "add: operands have different shapes", a, b))
        return NULL;
    spae_var y = spae_tape_node(tape, &add_op, a->shape, 2, a, b, NULL);
    const size_t n = count_of(y);
    SPAE_THREADS(n)
    for (size_t i = 0; i < n; i++)
        y->value[i] = a->value[i] + b->value[i];
    return y;
}

spae_var spae_add_into(spae_tape *tape, spae_var a, spae_var b)
{
    if (!spae_tape_runs(tape) || !same_shape(tape, "add: operands have different shapes", a, b))
        return spae_add(tape, a, b);
    spae_var y = spae_tape_view(tape, &add_op, a->shape, a);
    const size_t n = count_of(y);
    SPAE_THREADS(n)
    for (size_t i = 0; i < n; i++)
        y->value[i] += b->value[i];
    return y;
}

/* ---- y = a - b ---- */

static void sub_pullback(spae_tape *tape, spae_var y, spae_var dy, spae_var d[3])
{
    d[0] = spae_wants(y, 0) ? dy : NULL;
    d[1] = spae_wants(y, 1) ? spae_scale(tape, dy, -1) : NULL;
}

static const spae_op sub_op = {"sub", sub_pullback};

spae_var spae_sub(spae_tape *tape, spae_var a, spae_var b)
{
    if (!same_shape(tape, "sub: operands have different shapes", a, b))
        return NULL;
    spae_var y = spae_tape_node(tape, &sub_op, a->shape, 2, a, b, NULL);
    const size_t n = count_of(y);
    SPAE_THREADS(n)
    for (size_t i = 0; i < n; i++)
        y->value[i] = a->value[i] - b->value[i];
    return y;
}

/* ---- y = a * b ---- */

static void mul_pullback(spae_tape *tape, spae_var y, spae_var dy, spae_var d[3])
{
    d[0] = spae_wants(y, 0) ? spae_mul(tape, dy, y->input[1]) : NULL;
    d[1] = spae_wants(y, 1) ? spae_mul(tape, dy, y->input[0]) : NULL;
}

static const spae_op mul_op = {"mul", mul_pullback};

spae_var spae_mul(spae_tape *tape, spae_var a, spae_var b)
{
    if (!same_shape(tape, "mul: operands have different shapes", a, b))
        return NULL;
    spae_var y = spae_tape_node(tape, &mul_op, a->shape, 2, a, b, NULL);
    const size_t n = count_of(y);
    SPAE_THREADS(n)
    for (size_t i = 0; i < n; i++)
        y->value[i] = a->value[i] * b->value[i];
    return y;
}

/* ---- y = a * k, k a number ---- */

static void scale_pullback(spae_tape *tape, spae_var y, spae_var dy, spae_var d[3])
{
    d[0] = spae_wants(y, 0) ? spae_scale(tape, dy, y->with.number) : NULL;
}

static const spae_op scale_op = {"scale", scale_pullback};

spae_var spae_scale(spae_tape *tape, spae_var a, real k)
{
    spae_var y = a != NULL ? spae_tape_node(tape, &scale_op, a->shape, 1, a, NULL, NULL) : NULL;
    if (y != NULL)
        y->with.number = k;
    const size_t n = count_of(y);
    SPAE_THREADS(n)
    for (size_t i = 0; i < n; i++)
        y->value[i] = a->value[i] * k;
    return y;
}

/* ---- y = a + k, k a number ---- */

static const spae_op offset_op = {"offset", add_pullback};

spae_var spae_offset(spae_tape *tape, spae_var a, real k)
{
    spae_var y = a != NULL ? spae_tape_node(tape, &offset_op, a->shape, 1, a, NULL, NULL) : NULL;
    const size_t n = count_of(y);
    SPAE_THREADS(n)
    for (size_t i = 0; i < n; i++)
        y->value[i] = a->value[i] + k;
    return y;
}

/* ---- y = f(a), f one of the functions below ---- */

enum { PIECE = 4096 }; /* elements for one call of f: what threads share out */

static spae_var map(spae_tape *tape, const spae_op *op, spae_var a, void (*f)(const real *, real *, size_t))
{
    spae_var y = a != NULL ? spae_tape_node(tape, op, a->shape, 1, a, NULL, NULL) : NULL;
    const size_t n = count_of(y);
    SPAE_THREADS(n)
    for (size_t at = 0; at < n; at += PIECE)
        f(a->value + at, y->value + at, n - at < PIECE ? n - at : PIECE);
    return y;
}

static void exp_array(const real *x, real *y, size_t n)
{
    real_exp_array(x, y, n);
}

static void exp_pullback(spae_tape *tape, spae_var y, spae_var dy, spae_var d[3])
{
    d[0] = spae_wants(y, 0) ? spae_mul(tape, dy, y) : NULL;
}

static const spae_op exp_op = {"exp", exp_pullback};

spae_var spae_exp(spae_tape *tape, spae_var a)
{
    return map(tape, &exp_op, a, exp_array);
}

static void reciprocal_array(const real *x, real *y, size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] = 1 / x[i];
}

static void reciprocal_pullback(spae_tape *tape, spae_var y, spae_var dy, spae_var d[3]) /* -dy y^2 */
{
    d[0] = spae_wants(y, 0) ? spae_scale(tape, spae_mul(tape, dy, spae_mul(tape, y, y)), -1) : NULL;
}

static const spae_op reciprocal_op = {"reciprocal", reciprocal_pullback};

spae_var spae_reciprocal(spae_tape *tape, spae_var a)
{
    return map(tape, &reciprocal_op, a, reciprocal_array);
}

/* ---- y = log x, x > 0 ---- */

static void log_array(const real *x, real *y, size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] = real_log(x[i]);
}

static void log_pullback(spae_tape *tape, spae_var y, spae_var dy, spae_var d[3]) /* dy / x */
{
    d[0] = spae_wants(y, 0) ? spae_mul(tape, dy, spae_reciprocal(tape, y->input[0])) : NULL;
}

static const spae_op log_op = {"log", log_pullback};

spae_var spae_log(spae_tape *tape, spae_var a)
{
    return map(tape, &log_op, a, log_array);
}

static void inverse_root_array(const real *x, real *y, size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] = 1 / (real)sqrt((double)x[i]); /* the binary64 root of a binary32 rounds to the binary32 root */
}

static void inverse_root_pullback(spae_tape *tape, spae_var y, spae_var dy, spae_var d[3]) /* -dy y^3 / 2 */
{
    if (spae_wants(y, 0))
        d[0] = spae_scale(tape, spae_mul(tape, dy, spae_mul(tape, y, spae_mul(tape, y, y))), (real)-0.5);
}

static const spae_op inverse_root_op = {"inverse_root", inverse_root_pullback};

spae_var spae_inverse_root(spae_tape *tape, spae_var a)
{
    return map(tape, &inverse_root_op, a, inverse_root_array);
}

/* ---- root: y = sqrt(a), and 1 / y or 0 for its gradient, which is so 0 where y is ---- */

static void reciprocal_or_zero_array(const real *x, real *y, size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] = x[i] > 0 ? 1 / x[i] : 0;
}

static const spae_op reciprocal_or_zero_op = {"reciprocal_or_zero", reciprocal_pullback};

static void root_array(const real *x, real *y, size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] = (real)sqrt((double)x[i]);
}

static void root_pullback(spae_tape *tape, spae_var y, spae_var dy, spae_var d[3]) /* dy / 2 y */
{
    if (spae_wants(y, 0)) {
        spae_var inverse = map(tape, &reciprocal_or_zero_op, y, reciprocal_or_zero_array);
        d[0] = spae_mul(tape, dy, spae_scale(tape, inverse, (real)0.5));
    }
}

static const spae_op root_op = {"root", root_pullback};

spae_var spae_root(spae_tape *tape, spae_var a)
{
    return map(tape, &root_op, a, root_array);
}

/* ---- sigmoid ----
 * With e = exp(-|x|) <= 1 nothing overflows and both tails keep their relative accuracy:
 *     sigmoid(x) = 1 / (1 + e) for x >= 0,   e / (1 + e) for x < 0
 */

enum { CHUNK = 256 }; /* exponentials at a time, so that they stay in the first cache */

/* s[i] = sigmoid(x[i]) for i < n <= CHUNK; s is an array of the caller's own. */
static void sigmoid_chunk(const real *x, real *restrict s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        s[i] = x[i] < 0 ? x[i] : -x[i]; /* -|x| */
    exp_array(s, s, n);
    for (size_t i = 0; i < n; i++)
        s[i] = (x[i] < 0 ? s[i] : 1) / (1 + s[i]);
}

void spae_sigmoid_array(const real *x, real *y, size_t n)
{
    real s[CHUNK];
    for (size_t at = 0; at < n; at += CHUNK) {
        const size_t count = n - at < CHUNK ? n - at : CHUNK;
        sigmoid_chunk(x + at, s, count);
        for (size_t i = 0; i < count; i++)
            y[at + i] = s[i];
    }
}

static void sigmoid_pullback(spae_tape *tape, spae_var y, spae_var dy, spae_var d[3]) /* dy y (1 - y) */
{
    if (spae_wants(y, 0))
        d[0] = spae_mul(tape, dy, spae_mul(tape, y, spae_offset(tape, spae_scale(tape, y, -1), 1)));
}

static const spae_op sigmoid_op = {"sigmoid", sigmoid_pullback};

spae_var spae_sigmoid(spae_tape *tape, spae_var a)
{
    return map(tape, &sigmoid_op, a, spae_sigmoid_array);
}

/* ---- swish: y = x s, s = sigmoid(x) ---- */

void spae_swish_array(const real *x, real *y, size_t n)
{
    real s[CHUNK];
    for (size_t at = 0; at < n; at += CHUNK) {
        const size_t count = n - at < CHUNK ? n - at : CHUNK;
        sigmoid_chunk(x + at, s, count);
        for (size_t i = 0; i < count; i++)
            y[at + i] = x[at + i] * s[i];
    }
}

/* swish'(x) = s (1 + x (1 - s)) */
static void swish_slope_array(const real *x, real *y, size_t n)
{
    real s[CHUNK];
    for (size_t at = 0; at < n; at += CHUNK) {
        const size_t count = n - at < CHUNK ? n - at : CHUNK;
        sigmoid_chunk(x + at, s, count);
        for (size_t i = 0; i < count; i++)
            y[at + i] = s[i] * (1 + x[at + i] * (1 - s[i]));
    }
}

/* swish''(x) = s (1 - s) (2 + x (1 - 2 s)) */
static void swish_slope_pullback(spae_tape *tape, spae_var y, spae_var dy, spae_var d[3])
{
    if (!spae_wants(y, 0))
        return;
    spae_var x = y->input[0], s = spae_sigmoid(tape, x);
    spae_var tail = spae_offset(tape, spae_scale(tape, s, -1), 1);
    spae_var lean = spae_offset(tape, spae_scale(tape, s, -2), 1);
    spae_var bend = spae_mul(tape, spae_mul(tape, s, tail), spae_offset(tape, spae_mul(tape, x, lean), 2));
    d[0] = spae_mul(tape, dy, bend);
}

static const spae_op swish_slope_op = {"swish_slope", swish_slope_pullback};

static void swish_pullback(spae_tape *tape, spae_var y, spae_var dy, spae_var d[3])
{
    if (spae_wants(y, 0))
        d[0] = spae_mul(tape, dy, map(tape, &swish_slope_op, y->input[0], swish_slope_array));
}

static const spae_op swish_op = {"swish", swish_pullback};

spae_var spae_swish(spae_tape *tape, spae_var a)
{
    return map(tape, &swish_op, a, spae_swish_array);
}

/* ---- gelu and quick_gelu: y = x sigmoid(t(x)), SPEC 3.19 ----
 * gelu's 0.5 (1 + tanh a) is sigmoid(2 a), which keeps the small tail that 1 + tanh a cancels. With k = 2 sqrt(2 / pi):
 *     t(x) = k (x (1 + 0.044715 x^2))    t'(x) = k (1 + 3 * 0.044715 x^2)    y' = s + (x (s (1 - s))) t'
 */

static const double gelu_factor = 0x1.9884533d43651p+0; /* nearest to 2 sqrt(2 / pi) = 1.5957691216057308 */
static const double gelu_cubic = 0.044715;
static const double quick_factor = 1.702;

void spae_gelu_array(const real *x, real *y, size_t n)
{
    const real k = (real)gelu_factor, cubic = (real)gelu_cubic;
    real t[CHUNK], s[CHUNK];
    for (size_t at = 0; at < n; at += CHUNK) {
        const size_t count = n - at < CHUNK ? n - at : CHUNK;
        for (size_t i = 0; i < count; i++)
            t[i] = k * (x[at + i] * (1 + cubic * (x[at + i] * x[at + i])));
        sigmoid_chunk(t, s, count);
        for (size_t i = 0; i < count; i++)
            y[at + i] = x[at + i] * s[i];
    }
}

static void gelu_pullback(spae_tape *tape, spae_var y, spae_var dy, spae_var d[3])
{
    if (!spae_wants(y, 0))
        return;
    spae_var x = y->input[0], square = spae_mul(tape, x, x);
    spae_var bent = spae_offset(tape, spae_scale(tape, square, (real)gelu_cubic), 1);
    spae_var s = spae_sigmoid(tape, spae_scale(tape, spae_mul(tape, x, bent), (real)gelu_factor));
    spae_var steep = spae_offset(tape, spae_scale(tape, square, (real)(3 * gelu_cubic)), 1);
    spae_var slope = spae_scale(tape, steep, (real)gelu_factor);
    spae_var bell = spae_mul(tape, s, spae_offset(tape, spae_scale(tape, s, -1), 1));
    spae_var turn = spae_mul(tape, spae_mul(tape, x, bell), slope);
    d[0] = spae_mul(tape, dy, spae_add(tape, s, turn));
}

static const spae_op gelu_op = {"gelu", gelu_pullback};

spae_var spae_gelu(spae_tape *tape, spae_var a)
{
    return map(tape, &gelu_op, a, spae_gelu_array);
}

void spae_quick_gelu_array(const real *x, real *y, size_t n)
{
    const real k = (real)quick_factor;
    real t[CHUNK], s[CHUNK];
    for (size_t at = 0; at < n; at += CHUNK) {
        const size_t count = n - at < CHUNK ? n - at : CHUNK;
        for (size_t i = 0; i < count; i++)
            t[i] = k * x[at + i];
        sigmoid_chunk(t, s, count);
        for (size_t i = 0; i < count; i++)
            y[at + i] = x[at + i] * s[i];
    }
}

/* y = swish(k x) / k, so that y' = swish'(k x) */
static void quick_gelu_pullback(spae_tape *tape, spae_var y, spae_var dy, spae_var d[3])
{
    if (!spae_wants(y, 0))
        return;
    spae_var t = spae_scale(tape, y->input[0], (real)quick_factor);
    d[0] = spae_mul(tape, dy, map(tape, &swish_slope_op, t, swish_slope_array));
}

static const spae_op quick_gelu_op = {"quick_gelu", quick_gelu_pullback};

spae_var spae_quick_gelu(spae_tape *tape, spae_var a)
{
    return map(tape, &quick_gelu_op, a, spae_quick_gelu_array);
}

/* ---- softplus: y = max(x, 0) + log1p(exp(-|x|)), which neither overflows nor loses its small tail ---- */

static void softplus_array(const real *x, real *y, size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] = x[i] < 0 ? x[i] : -x[i];
    exp_array(y, y, n);
    for (size_t i = 0; i < n; i++)
        y[i] = (x[i] < 0 ? 0 : x[i]) + real_log1p(y[i]);
}

static void softplus_pullback(spae_tape *tape, spae_var y, spae_var dy, spae_var d[3]) /* dy sigmoid(x) */
{
    d[0] = spae_wants(y, 0) ? spae_mul(tape, dy, spae_sigmoid(tape, y->input[0])) : NULL;
}

static const spae_op softplus_op = {"softplus", softplus_pullback};

spae_var spae_softplus(spae_tape *tape, spae_var a)
{
    return map(tape, &softplus_op, a, softplus_array);
}

/* ---- leaky ReLU: y = x * slope_of(x), slope_of(x) = 1 for x >= 0, k below ---- */

static const spae_op leaky_slope_op = {"leaky_slope", NULL}; /* constant between its steps */

static spae_var leaky_slope(spae_tape *tape, spae_var x, real k)
{
    spae_var y = spae_tape_node(tape, &leaky_slope_op, x->shape, 1, x, NULL, NULL);
    const size_t n = count_of(y);
    SPAE_THREADS(n)
    for (size_t i = 0; i < n; i++)
        y->value[i] = x->value[i] >= 0 ? 1 : k;
    return y;
}

static void leaky_relu_pullback(spae_tape *tape, spae_var y, spae_var dy, spae_var d[3])
{
    if (spae_wants(y, 0))
        d[0] = spae_mul(tape, dy, leaky_slope(tape, y->input[0], y->with.number));
}

static const spae_op leaky_relu_op = {"leaky_relu", leaky_relu_pullback};

spae_var spae_leaky_relu(spae_tape *tape, spae_var a, real slope)
{
    spae_var y = a != NULL ? spae_tape_node(tape, &leaky_relu_op, a->shape, 1, a, NULL, NULL) : NULL;
    if (y != NULL)
        y->with.number = slope;
    const size_t n = count_of(y);
    SPAE_THREADS(n)
    for (size_t i = 0; i < n; i++)
        y->value[i] = a->value[i] >= 0 ? a->value[i] : slope * a->value[i];
    return y;
}
