/* An axis: which numbers it spans, where a number lies on it, and round numbers to mark. */
#ifndef SPAE_IO_AXIS_H
#define SPAE_IO_AXIS_H

#include <stdbool.h>
#include <stddef.h>

#include "vendor_free/decimal.h"

#define SPAE_AXIS_TICKS_MOST 10
#define SPAE_AXIS_LOG_LEAST  1e-200

typedef struct {
    bool log;
    double low, high;   /* its ends, low < high; of a logarithmic axis above 0 */
    double from, width; /* the same on paper: low, or its logarithm, and the distance to high */
} spae_axis;

typedef struct {
    double value;
    char text[SPAE_DECIMAL_ROOM + 1]; /* terminated: "0.05", "200000", "1e-05" */
} spae_axis_tick;

/* An axis from low to high, |both| <= 1e100, low <= high, log only with low >= SPAE_AXIS_LOG_LEAST.
 * When they are so near to each other that marks could not be told apart, it is widened around
 * them. */
spae_axis spae_axis_make(double low, double high, bool log);

/* The same with a 25th more at both ends, but not across 0. */
spae_axis spae_axis_widen(const spae_axis *axis);

/* Where a value lies: 0 at low, 1 at high, those outside at the nearer end. On a logarithmic axis
 * value > 0. */
double spae_axis_place(const spae_axis *axis, double value);

/* Multiples of 1, 2 or 5 times a power of ten, so that there are at most `steps` from one end to
 * the other, and more than steps / 2.5 - 1; 2 <= steps <= SPAE_AXIS_TICKS_MOST - 1. On a
 * logarithmic axis of at least a decade they are powers of ten, and 2 and 5 or 3 times them while
 * there is room. Returns how many. */
size_t spae_axis_ticks(const spae_axis *axis, size_t steps,
                       spae_axis_tick tick[SPAE_AXIS_TICKS_MOST]);

#endif
