/* The adversarial losses of adversarial.h, made of operations of the tape: their gradients, of any order, are its.
 * The part of the real logits is made first: C leaves the order of arguments open, and the order of nodes is that of
 * gradients (SPEC 3.1). */
#include "adversarial.h"

#include "ops.h"
#include "optimizer.h"

static spae_var mean(spae_tape *tape, spae_var a)
{
    return a != NULL ? spae_scale(tape, spae_sum(tape, a), (real)(1.0 / (double)spae_shape_count(a->shape))) : NULL;
}

static spae_var relu(spae_tape *tape, spae_var a)
{
    return spae_leaky_relu(tape, a, 0);
}

static spae_var negative(spae_tape *tape, spae_var a)
{
    return spae_scale(tape, a, -1);
}

spae_var spae_softplus_generator(spae_tape *tape, spae_var fake)
{
    return mean(tape, spae_softplus(tape, negative(tape, fake)));
}

spae_var spae_softplus_discriminator(spae_tape *tape, spae_var real_, spae_var fake)
{
    spae_var low = spae_softplus_generator(tape, real_), high = mean(tape, spae_softplus(tape, fake));
    return spae_add(tape, low, high);
}

spae_var spae_hinge_generator(spae_tape *tape, spae_var fake)
{
    return negative(tape, mean(tape, fake));
}

spae_var spae_hinge_discriminator(spae_tape *tape, spae_var real_, spae_var fake)
{
    spae_var low = mean(tape, relu(tape, spae_offset(tape, negative(tape, real_), 1)));
    spae_var high = mean(tape, relu(tape, spae_offset(tape, fake, 1)));
    return spae_add(tape, low, high);
}

spae_var spae_lecam_loss(spae_tape *tape, spae_var real_, spae_var fake, spae_lecam lecam)
{
    spae_var above = spae_mean_square(tape, relu(tape, spae_offset(tape, real_, -lecam.fake)));
    spae_var below = spae_mean_square(tape, relu(tape, spae_offset(tape, negative(tape, fake), lecam.real_)));
    return spae_add(tape, above, below);
}

static real mean_of(const real *x, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += (double)x[i];
    return (real)sum * (real)(1.0 / (double)n);
}

void spae_lecam_update(spae_lecam *lecam, double decay, const real *real_, const real *fake, size_t n)
{
    const real now[2] = {mean_of(real_, n), mean_of(fake, n)};
    spae_average_step(decay, 1, &now[0], &lecam->real_);
    spae_average_step(decay, 1, &now[1], &lecam->fake);
}

/* The sum of squares of each sample first, then the mean: a batch of one has the same bits as a sample alone.
 * SPEC 3.18, 5.9 */
spae_var spae_r1_penalty(spae_tape *tape, spae_var logits, spae_var x, double cost, spae_var *gradient)
{
    spae_var g = NULL;
    if (logits != NULL && x != NULL)
        spae_tape_gradient(tape, logits, NULL, &x, 1, &g);
    if (gradient != NULL)
        *gradient = g;
    if (g == NULL)
        return NULL;
    spae_var squares =
        spae_reduce(tape, spae_mul(tape, g, g), spae_shape_of(x->shape.axis[SPAE_AXIS_N], 1, 1, 1, 1));
    return spae_scale(tape, mean(tape, squares), (real)cost);
}
