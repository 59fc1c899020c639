/* Adam, and the average of weights over training (SPEC 7.3, 7.4). All arrays have n elements. */
#ifndef SPAE_OPTIMIZER_H
#define SPAE_OPTIMIZER_H

#include <stdint.h>

#include "real.h"

typedef struct {
    double rate, beta1, beta2, epsilon;
} spae_adam;

/* One step, t = 1, 2, ... Every operation rounded to `real`, the four powers and differences of the constants
 * computed in binary64 and rounded once:
 *     m = beta1 m + (1 - beta1) g            v = beta2 v + (1 - beta2) (g g)
 *     value = value - rate (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + epsilon) */
void spae_adam_step(const spae_adam *adam, uint64_t t, size_t n, const real *g, real *m, real *v, real *value);

/* average = decay average + (1 - decay) value */
void spae_average_step(double decay, size_t n, const real *value, real *average);

/* base^exponent in binary64 by repeated squaring from the lowest bit: the same bits everywhere. */
double spae_power(double base, uint64_t exponent);

#endif
