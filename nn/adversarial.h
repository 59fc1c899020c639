/* The adversarial losses: L_GAN and L_LeCAM of Eq. 8, and what the discriminator learns from (SPEC 5.6 to 5.9).
 *
 * real_ and fake are the discriminator's logits of pictures and of reconstructions, one a sample, of any shape; a mean
 * runs over samples: the sum in binary64 in index order, rounded once, times real(1/n). Results are scalars.
 */
#ifndef SPAE_ADVERSARIAL_H
#define SPAE_ADVERSARIAL_H

#include "tape.h"

/* ---- non-saturating: -log sigmoid of the logit, softplus(x) = log(1 + exp(x)) ---- */

/* mean softplus(-fake) */
spae_var spae_softplus_generator(spae_tape *tape, spae_var fake);

/* mean softplus(-real_) + mean softplus(fake) */
spae_var spae_softplus_discriminator(spae_tape *tape, spae_var real_, spae_var fake);

/* ---- hinge ---- */

/* -mean fake */
spae_var spae_hinge_generator(spae_tape *tape, spae_var fake);

/* mean relu(1 - real_) + mean relu(1 + fake) */
spae_var spae_hinge_discriminator(spae_tape *tape, spae_var real_, spae_var fake);

/* ---- LeCAM ---- */

/* Moving averages of the logits. They start at 0. */
typedef struct {
    real real_, fake;
} spae_lecam;

/* mean relu(real - lecam.fake)^2 + mean relu(lecam.real_ - fake)^2, the averages constant */
spae_var spae_lecam_loss(spae_tape *tape, spae_var real_, spae_var fake, spae_lecam lecam);

/* Each average = decay average + (1 - decay) mean of its n logits; n >= 1. decay: 0.999. */
void spae_lecam_update(spae_lecam *lecam, double decay, const real *real_, const real *fake, size_t n);

/* ---- R1 ---- */

/* cost * mean over samples of the sum of squares of g, g = the gradient of the sum of `logits` with respect to x, a leaf
 * (n,...) below them. Its own gradient is that of a gradient. g goes to *gradient where that is not NULL (NULL after a
 * failure). The tape is recording. */
spae_var spae_r1_penalty(spae_tape *tape, spae_var logits, spae_var x, double cost, spae_var *gradient);

#endif
