/* The entropy term of a learned codebook: every choice sure of itself, all words in use (magvit's VQ; SPEC 5.12). */
#ifndef SPAE_ENTROPY_H
#define SPAE_ENTROPY_H

#include "tape.h"

/* With p_i = softmax over k of -|z_i - e(k)|^2 / temperature for every row i of z, and p their mean over rows:
 *     mean over i of H(p_i)  -  H'(p),   H(p) = -sum p log p,   H'(p) = -sum p log(p + 1e-5)
 *   z (..., c), e (1,1,1,V,c); the gradient goes to both. temperature > 0.
 * The rows are those of one example: nothing couples two examples of a batch. */
spae_var spae_entropy_loss(spae_tape *tape, spae_var z, spae_var e, double temperature);

#endif
