/* Choosing the next token at random: from weights, or from a language model's logits (SPEC 10.26).
 *
 * Nothing here has a state: which random number a draw takes is said by a key and a position (philox.h).
 */
#ifndef SPAE_SAMPLING_H
#define SPAE_SAMPLING_H

#include <stddef.h>
#include <stdint.h>

#include "../vendor_free/philox.h"
#include "real.h"

/* Index k with probability weight[k] / sum.
 *   in   weight  (n) each >= 0, n >= 1; sum: theirs in index order, > 0 and finite
 *   The first k whose weights up to it, added in index order, exceed u * sum, where u is a multiple of 2^-53 in [0,1) from
 *   the first two words of the block at `position`; the last k of weight above 0 should rounding leave none. */
size_t spae_draw_weighted(const double *weight, size_t n, double sum, spae_random_key key, const uint32_t position[4]);

/* The token of the largest logit, the lowest of equal ones: temperature 0.    logits (n) finite, n >= 1 */
size_t spae_most_likely(const real *logits, size_t n);

/* A token with probability softmax(logits / temperature).
 *   in   logits       (n) finite
 *        temperature  > 0
 *   mem  weight       (n) scratch: exp of (logit - largest) / temperature, the quotient in binary64 and rounded once */
size_t spae_draw_logits(const real *logits, size_t n, double temperature, spae_random_key key, const uint32_t position[4],
                        double *weight);

/* log softmax(logits)[k]: (logit[k] - largest) - log of the sum of exp(logit - largest), each exp and the log rounded to
 * `real`, differences and sum in binary64, in index order. */
double spae_log_probability(const real *logits, size_t n, size_t k);

#endif
