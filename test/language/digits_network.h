/* The judge of generated digits: a small convolutional network with the names of the ten digits as its classes. It serves
 * experiments only and is no part of what is installed.
 *
 *     (n,1,32,32,1) grey, 0..1
 *     conv 3x3 -> 16, ReLU, 2x2 maxima     (16,16,16)
 *     conv 3x3 -> 32, ReLU, 2x2 maxima     (8,8,32)
 *     conv 3x3 -> 32, ReLU, 2x2 maxima     (4,4,32)
 *     dense -> 64, ReLU, dense -> 10 logits
 */
#ifndef SPAE_TEST_LANGUAGE_DIGITS_NETWORK_H
#define SPAE_TEST_LANGUAGE_DIGITS_NETWORK_H

#include "nn/network.h"

enum { DIGITS_SIZE = 32, DIGITS_CLASSES = 10 };

/* Logits (n,1,1,1,10). */
spae_var digits_network(spae_network *network, spae_var x);

/* Declares its parameters, in the arena. */
spae_status digits_declare(spae_parameters *parameters, spae_arena *arena, spae_error *err);

/* The class of one picture (32,32) grey: the largest logit, the first of equal ones.
 *   mem  scratch from the arena, given back */
spae_status digits_classify(spae_parameters *parameters, const real *values, const real *grey, spae_arena *arena,
                            size_t *digit, spae_error *err);

#endif
