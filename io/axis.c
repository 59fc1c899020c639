/* The axes of axis.h. A round number is made from its decimal text, so it is the nearest binary64.
 */
#include "io/axis.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "vendor_free/elementary.h"

/* ---- powers of ten --------------------------------------------------------------------------- */

/* mantissa * 10^exponent, |mantissa| < 10^15 */
static double decimal(long long mantissa, int exponent)
{
    char text[40];
    double value = 0;
    const int n = snprintf(text, sizeof text, "%llde%d", mantissa, exponent);
    spae_decimal_read(text, (size_t)n, &value);
    return value;
}

/* The greatest k with 10^k <= value, value > 0. */
static int decade_of(double value)
{
    int k = (int)floor(spae_log64(value) / spae_log64(10.0)); /* off by one at most */
    while (decimal(1, k) > value)
        k--;
    while (decimal(1, k + 1) <= value)
        k++;
    return k;
}

static spae_axis_tick tick_of(long long mantissa, int exponent)
{
    spae_axis_tick tick = {.value = decimal(mantissa, exponent)};
    size_t n = spae_decimal_write(tick.value, tick.text);
    if (n > 2 && memcmp(tick.text + n - 2, ".0", 2) == 0)
        n -= 2;
    tick.text[n] = '\0';
    return tick;
}

/* ---- the axis -------------------------------------------------------------------------------- */

spae_axis spae_axis_make(double low, double high, bool log)
{
    const double size = fmax(fabs(low), fabs(high));
    if (log && high < low * 1.001) {
        low /= 2;
        high *= 2;
    } else if (!log && high - low <= fmax(size * 1e-9, 1e-290)) {
        const double more = size > 1e-280 ? size / 10 : 1;
        low -= more;
        high += more;
    }
    const double from = log ? spae_log64(low) : low;
    return (spae_axis){log, low, high, from, (log ? spae_log64(high) : high) - from};
}

spae_axis spae_axis_widen(const spae_axis *axis)
{
    if (axis->log) {
        const double factor = spae_exp64(axis->width / 25);
        return spae_axis_make(axis->low / factor, axis->high * factor, true);
    }
    const double more = axis->width / 25, low = axis->low - more, high = axis->high + more;
    return spae_axis_make(axis->low >= 0 ? fmax(low, 0) : low,
                          axis->high <= 0 ? fmin(high, 0) : high, false);
}

double spae_axis_place(const spae_axis *axis, double value)
{
    const double place = ((axis->log ? spae_log64(value) : value) - axis->from) / axis->width;
    return fmin(fmax(place, 0), 1);
}

/* ---- ticks ----------------------------------------------------------------------------------- */

static size_t linear_ticks(const spae_axis *axis, size_t steps,
                           spae_axis_tick tick[SPAE_AXIS_TICKS_MOST])
{
    const double wanted = (axis->high - axis->low) / (double)steps;
    const int k = decade_of(wanted);
    const int times = wanted <= decimal(1, k)   ? 1
                      : wanted <= decimal(2, k) ? 2
                      : wanted <= decimal(5, k) ? 5
                                                : 10;
    const double step = decimal(times, k); /* wanted <= step < 2.5 wanted */
    size_t n = 0;
    for (long long i = (long long)ceil(axis->low / step); n < SPAE_AXIS_TICKS_MOST; i++) {
        tick[n] = tick_of(i * times, k);
        if (tick[n].value > axis->high)
            break;
        if (tick[n].value >=
            axis->low) /* not the one that the quotient was rounded to from above */
            n++;
    }
    return n;
}

/* Ticks m * 10^k for m of the list, every `stride`-th decade. Returns one too many when they are
 * more than fit. */
static size_t log_ticks(const spae_axis *axis, const int *m, size_t ms, int stride,
                        spae_axis_tick *tick)
{
    size_t n = 0;
    const int first = decade_of(axis->low), from = first - (first % stride + stride) % stride;
    for (int k = from; decimal(1, k) <= axis->high; k += stride)
        for (size_t i = 0; i < ms; i++) {
            const spae_axis_tick next = tick_of(m[i], k);
            if (next.value < axis->low || next.value > axis->high)
                continue;
            if (n == SPAE_AXIS_TICKS_MOST)
                return n + 1;
            tick[n++] = next;
        }
    return n;
}

size_t spae_axis_ticks(const spae_axis *axis, size_t steps,
                       spae_axis_tick tick[SPAE_AXIS_TICKS_MOST])
{
    static const int fine[] = {1, 2, 5}, coarse[] = {1, 3};
    if (!axis->log || axis->high < 10 * axis->low)
        return linear_ticks(axis, steps, tick);
    size_t n = log_ticks(axis, fine, 3, 1, tick);
    if (n > steps + 1)
        n = log_ticks(axis, coarse, 2, 1, tick);
    for (int stride = 1; n > steps + 1; stride++)
        n = log_ticks(axis, fine, 1, stride, tick);
    return n;
}
