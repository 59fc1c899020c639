/* io/axis: round ticks inside the axis, for ranges of every size; places from 0 to 1. */
#include "../check.h"

#include <math.h>

#include "../../io/axis.h"

/* The ticks' texts, with blanks between them. */
static const char *ticks_of(double low, double high, bool log, size_t steps)
{
    static char text[SPAE_AXIS_TICKS_MOST * (SPAE_DECIMAL_ROOM + 2)];
    spae_axis_tick tick[SPAE_AXIS_TICKS_MOST];
    const spae_axis axis = spae_axis_make(low, high, log);
    const size_t n = spae_axis_ticks(&axis, steps, tick);
    text[0] = '\0';
    for (size_t i = 0; i < n; i++)
        strcat(strcat(text, i == 0 ? "" : " "), tick[i].text);
    return text;
}

START_TEST(round_numbers)
{
    ck_assert_str_eq(ticks_of(0, 1, false, 5), "0 0.2 0.4 0.6 0.8 1");
    ck_assert_str_eq(ticks_of(0, 10, false, 5), "0 2 4 6 8 10");
    ck_assert_str_eq(ticks_of(0.003, 0.08, false, 5), "0.02 0.04 0.06 0.08");
    ck_assert_str_eq(ticks_of(1, 450000, false, 5), "100000 200000 300000 400000");
    ck_assert_str_eq(ticks_of(-1.3, 0.9, false, 5), "-1 -0.5 0 0.5");
    ck_assert_str_eq(ticks_of(0, 7e-7, false, 5), "0 2e-07 4e-07 6e-07");
    ck_assert_str_eq(ticks_of(-1e100, 1e100, false, 5), "-1e+100 -5e+99 0 5e+99 1e+100");
    ck_assert_str_eq(ticks_of(20.1, 20.4, false, 5), "20.1 20.2 20.3 20.4");
}
END_TEST

START_TEST(logarithmic_axes)
{
    ck_assert_str_eq(ticks_of(0.05, 2000, true, 6), "0.1 1 10 100 1000");
    ck_assert_str_eq(ticks_of(1, 10, true, 6), "1 2 5 10");
    ck_assert_str_eq(ticks_of(0.02, 1.5, true, 6), "0.02 0.05 0.1 0.2 0.5 1");
    ck_assert_str_eq(ticks_of(0.02, 11, true, 6), "0.03 0.1 0.3 1 3 10");
    ck_assert_str_eq(ticks_of(1, 9, true, 5), "2 4 6 8");
    ck_assert_str_eq(ticks_of(1e-9, 1e3, true, 6), "1e-08 1e-06 0.0001 0.01 1 100");
}
END_TEST

/* Ranges of every size: at least one tick, all inside, rising, each the number that it says. */
START_TEST(ranges_of_every_size)
{
    for (int e = -290; e <= 98; e++)
        for (int i = 0; i < 40; i++) {
            const double low = (i - 20) * 0.37 * pow(10, e),
                         high = low + (1 + i * i) * 0.031 * pow(10, e);
            spae_axis_tick tick[SPAE_AXIS_TICKS_MOST];
            const bool log = low > 1e-200 && i % 2 == 1;
            const spae_axis axis = spae_axis_make(low, high, log);
            const size_t n = spae_axis_ticks(&axis, 5, tick);
            ck_assert_msg(n >= 1 && n <= 6, "%g .. %g: %zu ticks", axis.low, axis.high, n);
            for (size_t t = 0; t < n; t++) {
                ck_assert(tick[t].value >= axis.low && tick[t].value <= axis.high);
                ck_assert(t == 0 || tick[t].value > tick[t - 1].value);
                ck_assert(strtod(tick[t].text, NULL) == tick[t].value);
                ck_assert_uint_le(strlen(tick[t].text), 24);
            }
        }
}
END_TEST

START_TEST(no_range_is_widened)
{
    const double values[] = {0, 1, -3, 1e-300, 5e-324, 1e100, 123456789};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        const spae_axis axis = spae_axis_make(values[i], values[i], false);
        ck_assert(axis.low < values[i] && axis.high > values[i] && axis.width > 0);
        ck_assert(fabs(spae_axis_place(&axis, values[i]) - 0.5) < 1e-9);
    }
    const spae_axis log = spae_axis_make(0.01, 0.01, true);
    ck_assert(log.low == 0.005 && log.high == 0.02);
    ck_assert(fabs(spae_axis_place(&log, 0.01) - 0.5) < 1e-9);
    const spae_axis near = spae_axis_make(1e9, 1e9 + 1e-6, false);
    ck_assert(near.high - near.low > 1);
}
END_TEST

START_TEST(places)
{
    const spae_axis linear = spae_axis_make(-1, 3, false), log = spae_axis_make(0.01, 100, true);
    ck_assert(spae_axis_place(&linear, -1) == 0 && spae_axis_place(&linear, 3) == 1);
    ck_assert(spae_axis_place(&linear, 0) == 0.25);
    ck_assert(spae_axis_place(&linear, -9) == 0 && spae_axis_place(&linear, 9) == 1);
    ck_assert(fabs(spae_axis_place(&log, 1) - 0.5) < 1e-12);
    ck_assert(spae_axis_place(&log, 1e-9) == 0 && spae_axis_place(&log, 1e9) == 1);
}
END_TEST

START_TEST(widening_stays_on_its_side_of_zero)
{
    spae_axis axis = spae_axis_make(0.01, 1, false);
    axis = spae_axis_widen(&axis);
    ck_assert(axis.low == 0 && axis.high > 1 && axis.high < 1.1);
    axis = spae_axis_make(-1, -0.01, false);
    axis = spae_axis_widen(&axis);
    ck_assert(axis.high == 0 && axis.low < -1);
    axis = spae_axis_make(-1, 1, false);
    axis = spae_axis_widen(&axis);
    ck_assert(axis.low < -1 && axis.high > 1);
    axis = spae_axis_make(SPAE_AXIS_LOG_LEAST, 1e100, true);
    axis = spae_axis_widen(&axis);
    ck_assert(axis.low > 0 && axis.low < SPAE_AXIS_LOG_LEAST && axis.high > 1e100);
}
END_TEST

SUITE(suite_io_axis, "io/axis", round_numbers, logarithmic_axes, ranges_of_every_size,
      no_range_is_widened, places, widening_stays_on_its_side_of_zero)
