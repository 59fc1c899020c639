/* Stage objective: SPEC 5.6, 5.7 and 5.9, the adversarial losses, LeCAM and R1. */
#include "models.h"
#include "nn/adversarial.h"
#include "nn/discriminator.h"
#include "nn/ops.h"

/* ---- 5.6: logits ---- */

enum { LOGITS = 9 };

/* Both tails, the hinge's corners exactly, both zeros. */
static const spae_real of_real[LOGITS] = {60, 1, -1, 0, -60, (spae_real)0.75, -2.5, 3, (spae_real)-0.0};
static const spae_real of_fake[LOGITS] = {-60, -1, 1, (spae_real)-0.0, 60, -1.25, 0.5, -3, 2};

typedef enum { GENERATOR, DISCRIMINATOR } side;

static spae_var adversarial(vectors *v, bool hinge, side of, spae_var real_, spae_var fake)
{
    if (of == GENERATOR)
        return hinge ? spae_hinge_generator(&v->tape, fake) : spae_softplus_generator(&v->tape, fake);
    return hinge ? spae_hinge_discriminator(&v->tape, real_, fake) : spae_softplus_discriminator(&v->tape, real_, fake);
}

/* "loss", "dreal", "dfake": upstream 1; the generator's does not depend on real logits. */
static void losses_of(vectors *v, const char *name, const char *with, const char *why, bool hinge, side of,
                      const spae_real *reals, const spae_real *fakes, size_t count)
{
    if (!vectors_begin(v, name, "5.6 3.11", "adversarial", with, why))
        return;
    const spae_shape shape = spae_shape_of(count, 1, 1, 1, 1);
    spae_var real_ = vectors_leaf_of(v, "real", shape, reals);
    spae_var fake = vectors_leaf_of(v, "fake", shape, fakes);
    spae_var loss = adversarial(v, hinge, of, real_, fake), slope[2] = {NULL};
    vectors_result(v, "loss", loss);
    if (loss != NULL && spae_tape_gradient(&v->tape, loss, NULL, v->leaf, 2, slope) == SPAE_OK) {
        (of == GENERATOR ? vectors_exact_result : vectors_result)(v, "dreal", slope[0]);
        vectors_result(v, "dfake", slope[1]);
    }
    vectors_end(v);
}

static void losses(vectors *v, const char *name, const char *with, const char *why, bool hinge, side of, size_t first,
                   size_t count)
{
    losses_of(v, name, with, why, hinge, of, of_real + first, of_fake + first, count);
}

/* 41 times real(1/41) is not 1. */
static void logits_of_one(vectors *v)
{
    enum { MANY = 41 };
    spae_real one[MANY];
    for (size_t i = 0; i < MANY; i++)
        one[i] = 1;
    losses_of(v, "objective/adversarial_mean", "{\"adversarial\":\"hinge\",\"side\":\"generator\"}",
              "41 logits of 1, whose sum times real(1/41) is not 1: the mean is a product, no quotient", true, GENERATOR,
              one, one, MANY);
}

static void logits(vectors *v)
{
    logits_of_one(v);
    losses(v, "objective/adversarial_softplus_generator", "{\"adversarial\":\"softplus\",\"side\":\"generator\"}",
           "logits of both tails, a mean of nine", false, GENERATOR, 0, LOGITS);
    losses(v, "objective/adversarial_softplus_discriminator", "{\"adversarial\":\"softplus\",\"side\":\"discriminator\"}",
           "logits of both tails, a mean of nine", false, DISCRIMINATOR, 0, LOGITS);
    losses(v, "objective/adversarial_softplus_discriminator_sure", "{\"adversarial\":\"softplus\",\"side\":\"discriminator\"}",
           "one sample each, +60 and -60: the loss is tiny, not 0", false, DISCRIMINATOR, 0, 1);
    losses(v, "objective/adversarial_softplus_discriminator_wrong", "{\"adversarial\":\"softplus\",\"side\":\"discriminator\"}",
           "one sample each, -60 and +60", false, DISCRIMINATOR, 4, 1);
    losses(v, "objective/adversarial_softplus_generator_wrong", "{\"adversarial\":\"softplus\",\"side\":\"generator\"}",
           "one sample of -60: the gradient does not vanish", false, GENERATOR, 0, 1);
    losses(v, "objective/adversarial_hinge_generator", "{\"adversarial\":\"hinge\",\"side\":\"generator\"}", "minus the mean", true,
           GENERATOR, 0, LOGITS);
    losses(v, "objective/adversarial_hinge_discriminator", "{\"adversarial\":\"hinge\",\"side\":\"discriminator\"}",
           "logits at the corner and on both sides", true, DISCRIMINATOR, 0, LOGITS);
    losses(v, "objective/adversarial_hinge_discriminator_corner", "{\"adversarial\":\"hinge\",\"side\":\"discriminator\"}",
           "one sample each, exactly at the corner: the gradient is there", true, DISCRIMINATOR, 1, 1);
}

/* ---- 5.7: LeCAM ---- */

static void lecam_loss(vectors *v, const char *name, const char *why, spae_real of_real_, spae_real of_fake_)
{
    static const size_t two = 2;
    const spae_real m[2] = {of_real_, of_fake_};
    if (!vectors_begin(v, name, "5.7 5.2 3.3", "lecam", "{}", why))
        return;
    const spae_shape shape = spae_shape_of(LOGITS - 5, 1, 1, 1, 1);
    vectors_numbers(v, "averages", VECTORS_INPUT, 1, &two, m);
    spae_var real_ = vectors_leaf_of(v, "real", shape, of_real + 5);
    spae_var fake = vectors_leaf_of(v, "fake", shape, of_fake + 5);
    spae_var loss = spae_lecam_loss(&v->tape, real_, fake, (spae_lecam){m[0], m[1]}), slope[2] = {NULL};
    vectors_result(v, "loss", loss);
    if (loss != NULL && spae_tape_gradient(&v->tape, loss, NULL, v->leaf, 2, slope) == SPAE_OK) {
        vectors_result(v, "dreal", slope[0]);
        vectors_result(v, "dfake", slope[1]);
    }
    vectors_end(v);
}

/* ---- 5.9: R1 ---- */

static spae_var build_judge(spae_network *network, const void *context, const spae_var *in)
{
    return spae_discriminate(network, context, "discriminator", in[0]);
}

static void r1(vectors *v, const char *name, const char *with, const char *why, const spae_discriminator *d, double cost,
               spae_shape shape)
{
    spae_network network;
    spae_var gradient = NULL;
    if (!vectors_begin(v, name, "5.9 3.18 6.4", "r1", with, why))
        return;
    if (vectors_bind(v, "parameters", build_judge, d, &shape, 1, &network)) {
        const spae_real *values = vectors_reals(v, "picture", SPAE_AXES, shape.axis, 0.5, 0.5);
        spae_var picture = values == NULL ? NULL : spae_tape_leaf(&v->tape, shape, values); /* none of the gradients' */
        spae_var logit = build_judge(&network, d, &picture);
        spae_var loss = spae_r1_penalty(&v->tape, logit, picture, cost, &gradient);
        vectors_result(v, "logits", logit);
        vectors_result(v, "gradient", gradient);
        vectors_result(v, "loss", loss);
        vectors_network_gradients(v, &network, "loss", loss);
    }
    vectors_end(v);
}

void vectors_objective_adversarial(vectors *v)
{
    static const spae_discriminator pictures = {2, 3, 2, {1, 2}, 0.2, false}, blurred = {2, 3, 2, {1, 2}, 0.2, true};
    static const spae_discriminator video = {3, 3, 2, {1, 2}, 0.2, false};
    logits(v);
    lecam_loss(v, "objective/lecam", "the relu of each sample, above and below the other's average", 0.5, -0.25);
    lecam_loss(v, "objective/lecam_corner", "a real logit exactly at the fake average, and a fake one at the real", 2, 0.75);
    r1(v, "objective/r1_pictures", "{\"ndim\":2,\"filters\":3,\"multipliers\":[1,2],\"blur\":false,\"r1_cost\":10}",
       "the gradient of a gradient; two pictures: squares are summed for each, then the mean", &pictures, 10,
       spae_shape_of(2, 1, 8, 6, 3));
    r1(v, "objective/r1_squares", "{\"ndim\":2,\"filters\":3,\"multipliers\":[1,2],\"blur\":false,\"r1_cost\":10}",
       "squares are rounded before they are summed: wide ones have another sum here", &pictures, 10,
       spae_shape_of(2, 1, 4, 10, 3));
    r1(v, "objective/r1_blur", "{\"ndim\":2,\"filters\":3,\"multipliers\":[1,2],\"blur\":true,\"r1_cost\":0.3}",
       "through blur pooling, another cost", &blurred, 0.3, spae_shape_of(1, 1, 8, 6, 3));
    r1(v, "objective/r1_video", "{\"ndim\":3,\"filters\":3,\"multipliers\":[1,2],\"blur\":false,\"r1_cost\":10}",
       "of a video", &video, 10, spae_shape_of(1, 4, 4, 6, 3));
}
