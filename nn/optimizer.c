#include "optimizer.h"

#include <math.h>

#include "threads.h"

double spae_power(double base, uint64_t exponent)
{
    double power = 1;
    for (; exponent != 0; exponent >>= 1) {
        if (exponent & 1)
            power *= base;
        base *= base;
    }
    return power;
}

void spae_adam_step(const spae_adam *adam, uint64_t t, size_t n, const real *g, real *m, real *v, real *value)
{
    const real beta1 = (real)adam->beta1, rest1 = (real)(1 - adam->beta1);
    const real beta2 = (real)adam->beta2, rest2 = (real)(1 - adam->beta2);
    const real bias1 = (real)(1 - spae_power(adam->beta1, t)), bias2 = (real)(1 - spae_power(adam->beta2, t));
    const real rate = (real)adam->rate, epsilon = (real)adam->epsilon;
    SPAE_THREADS(n)
    for (size_t i = 0; i < n; i++) {
        m[i] = beta1 * m[i] + rest1 * g[i];
        v[i] = beta2 * v[i] + rest2 * (g[i] * g[i]);
        const real deviation = (real)sqrt((double)(v[i] / bias2)); /* double rounding of a root is harmless */
        value[i] = value[i] - rate * (m[i] / bias1) / (deviation + epsilon);
    }
}

void spae_average_step(double decay, size_t n, const real *value, real *average)
{
    const real keep = (real)decay, rest = (real)(1 - decay);
    SPAE_THREADS(n)
    for (size_t i = 0; i < n; i++)
        average[i] = keep * average[i] + rest * value[i];
}
