/* Draws: one pass for the weights and their sum, one to find where the random number falls. SPEC 10.26 */
#include "sampling.h"

size_t spae_draw_weighted(const double *weight, size_t n, double sum, spae_random_key key, const uint32_t position[4])
{
    uint32_t word[4];
    size_t last = 0;
    double below = 0;
    spae_random_block(key, position, word);
    const double target = sum * (((double)(word[0] >> 5) * 0x1p26 + (double)(word[1] >> 6)) * 0x1p-53);
    for (size_t k = 0; k < n; k++) {
        below += weight[k];
        if (below > target)
            return k;
        if (weight[k] > 0)
            last = k;
    }
    return last; /* the product was rounded up to the sum */
}

size_t spae_most_likely(const real *logits, size_t n)
{
    size_t best = 0;
    for (size_t k = 1; k < n; k++)
        if (logits[k] > logits[best])
            best = k;
    return best;
}

size_t spae_draw_logits(const real *logits, size_t n, double temperature, spae_random_key key, const uint32_t position[4],
                        double *weight)
{
    const double top = (double)logits[spae_most_likely(logits, n)];
    double sum = 0;
    for (size_t k = 0; k < n; k++) {
        weight[k] = (double)real_exp((real)(((double)logits[k] - top) / temperature));
        sum += weight[k];
    }
    return spae_draw_weighted(weight, n, sum, key, position);
}

double spae_log_probability(const real *logits, size_t n, size_t k)
{
    const double top = (double)logits[spae_most_likely(logits, n)];
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += (double)real_exp((real)((double)logits[i] - top));
    return ((double)logits[k] - top) - (double)real_log((real)sum);
}
