/* The rotations of rotary.h (SPEC 3.21).
 *
 * Frequencies  f_j = theta^(-j/h), h pairs. q, the h-th root of theta, is the real exp of (real log of theta) / h, correctly
 *              rounded, then three steps of Newton's method in binary64; f_0 = 1, f_(j+1) = f_j / q. The first q is right to
 *              2^-20 or so; a step from relative error e leaves (h - 1)/2 e^2, so that h < 2^17 ends below 2^-50.
 * Angles       a = position * f_j in binary64, minus the nearest multiple of 2 pi (in two parts), rounded to `real` once: what
 *              is left of the angle is below 3.2, so its rounding is 2^-23 at most, however far the position.
 */
#include "rotary.h"

#include <math.h>

#include "ops.h"
#include "threads.h"

/* 2 pi, and 2 pi = high + low: `high` is cut to 31 bits, so that turns * high is exact for turns below 2^22. */
static const double two_pi = 0x1.921fb54442d18p+2, two_pi_high = 0x1.921fb544p+2, two_pi_low = 0x1.0b4611a626331p-32;

/* One step towards q^h = theta: q + (theta / q^(h-1) - q) / h */
static double improved(double q, double theta, size_t h)
{
    double power = 1;
    for (size_t i = 1; i < h; i++)
        power *= q;
    return q + (theta / power - q) / (double)h;
}

static double root_of(double theta, size_t h)
{
    double q = (double)real_exp(real_log((real)theta) / (real)h);
    for (int i = 0; i < 3; i++)
        q = improved(q, theta, h);
    return q;
}

/* "llama3": turns longer than trained / low are slowed by `factor`, those shorter than trained / high are kept, those
 * between are mixed. */
static double scaled(const spae_rotary *rotary, double f)
{
    const double length = two_pi / f, trained = (double)rotary->trained;
    if (length < trained / rotary->high)
        return f;
    if (length > trained / rotary->low)
        return f / rotary->factor;
    const double smooth = (trained / length - rotary->low) / (rotary->high - rotary->low);
    return (1 - smooth) * (f / rotary->factor) + smooth * f;
}

void spae_rotary_frequencies(const spae_rotary *rotary, size_t half, double *frequency)
{
    const double q = root_of(rotary->theta, half);
    double f = 1;
    for (size_t j = 0; j < half; j++, f /= q)
        frequency[j] = rotary->factor > 1 ? scaled(rotary, f) : f;
}

void spae_rotary_angles(const double *frequency, size_t half, size_t position, real *cosine, real *sine)
{
    for (size_t j = 0; j < half; j++) {
        const double a = (double)position * frequency[j], turns = floor(a / two_pi + 0.5);
        const real rest = (real)((a - turns * two_pi_high) - turns * two_pi_low);
        cosine[j] = real_cos(rest);
        sine[j] = real_sin(rest);
    }
}

/* ---- turning rows: forwards, or back by the opposite angles ---- */

static void turn_row(const real *x, size_t heads, size_t half, const real *cosine, const real *sine, bool back, real *y)
{
    for (size_t at = 0; at < 2 * heads * half; at += 2 * half)
        for (size_t j = 0; j < half; j++) {
            const real a = x[at + j], b = x[at + half + j], s = back ? -sine[j] : sine[j];
            y[at + j] = a * cosine[j] - b * s;
            y[at + half + j] = b * cosine[j] + a * s;
        }
}

static void turn(const real *x, size_t rows, size_t heads, size_t half, const real *cosine, const real *sine, bool back,
                 real *y)
{
    const size_t row = 2 * heads * half;
    SPAE_THREADS(rows * row)
    for (size_t i = 0; i < rows; i++)
        turn_row(x + i * row, heads, half, cosine + i * half, sine + i * half, back, y + i * row);
}

void spae_rotate_array(const real *x, size_t rows, size_t heads, size_t half, const real *cosine, const real *sine, real *y)
{
    turn(x, rows, heads, half, cosine, sine, false, y);
}

/* ---- on the tape ---- */

static void rotate_pullback(spae_tape *tape, spae_var y, spae_var dy, spae_var d[3]);
static void rotate_back_pullback(spae_tape *tape, spae_var y, spae_var dy, spae_var d[3]);

static const spae_op rotate_op = {"rotate", rotate_pullback};
static const spae_op rotate_back_op = {"rotate_back", rotate_back_pullback};

static spae_var turned(spae_tape *tape, const spae_op *op, spae_var x, const real *cosine, const real *sine)
{
    spae_var y = x != NULL ? spae_tape_node(tape, op, x->shape, 1, x, NULL, NULL) : NULL;
    if (y == NULL)
        return NULL;
    y->with.angles.cosine = cosine;
    y->with.angles.sine = sine;
    const size_t *axis = x->shape.axis;
    if (spae_computes(y))
        turn(x->value, axis[0] * axis[1] * axis[2], axis[3], axis[4] / 2, cosine, sine, op == &rotate_back_op, y->value);
    return y;
}

static void rotate_pullback(spae_tape *tape, spae_var y, spae_var dy, spae_var d[3])
{
    if (spae_wants(y, 0))
        d[0] = turned(tape, &rotate_back_op, dy, y->with.angles.cosine, y->with.angles.sine);
}

static void rotate_back_pullback(spae_tape *tape, spae_var y, spae_var dy, spae_var d[3])
{
    if (spae_wants(y, 0))
        d[0] = turned(tape, &rotate_op, dy, y->with.angles.cosine, y->with.angles.sine);
}

spae_var spae_rotate(spae_tape *tape, spae_var x, const real *cosine, const real *sine)
{
    if (x != NULL && x->shape.axis[SPAE_AXIS_C] % 2 != 0)
        return spae_tape_refuse(tape, SPAE_ERR_SHAPE, "rotate: a head has no even number of channels (heads, channels)",
                                x->shape.axis[SPAE_AXIS_W], x->shape.axis[SPAE_AXIS_C]);
    return turned(tape, &rotate_op, x, cosine, sine);
}
