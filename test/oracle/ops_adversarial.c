/* The adversarial term: blur pooling, the losses on logits, discriminators, and the R1 penalty. */
#include "ops.h"

#include "../../nn/adversarial.h"
#include "../../nn/discriminator.h"
#include "../../nn/ops.h"
#include "compare.h"
#include "network.h"
#include "parameters.h"

static void blur_pool(oracle_case *c)
{
    oracle_work w;
    oracle_start(&w, c);
    oracle_expect(c, "taps", "1 3 3 1");
    oracle_expect(c, "stride", "2 2");
    oracle_expect(c, "padding", "SAME");
    const oracle_array a = oracle_read(c, "in_x");
    spae_var x = oracle_leaf(&w, &a, oracle_shape_picture(c, &a, 2));
    oracle_finish(&w, "out_y", spae_blur_pool(&w.tape, x));
}

/* ---- losses on logits (n,1) ---- */

static spae_var logits_of(oracle_work *w, const char *name)
{
    const oracle_array a = oracle_read(w->c, name);
    oracle_want_shape(w->c, &a, 2, (const size_t[]){a.shape[0], 1});
    return oracle_leaf(w, &a, spae_shape_of(a.shape[0], 1, 1, 1, 1));
}

static void adv_softplus_g(oracle_case *c)
{
    oracle_work w;
    oracle_start(&w, c);
    oracle_finish(&w, "out_loss", spae_softplus_generator(&w.tape, logits_of(&w, "in_fake")));
}

static void adv_hinge_g(oracle_case *c)
{
    oracle_work w;
    oracle_start(&w, c);
    oracle_finish(&w, "out_loss", spae_hinge_generator(&w.tape, logits_of(&w, "in_fake")));
}

static void adv_softplus_d(oracle_case *c)
{
    oracle_work w;
    oracle_start(&w, c);
    spae_var real_ = logits_of(&w, "in_real"), fake = logits_of(&w, "in_fake");
    oracle_finish(&w, "out_loss", spae_softplus_discriminator(&w.tape, real_, fake));
}

static void adv_hinge_d(oracle_case *c)
{
    oracle_work w;
    oracle_start(&w, c);
    spae_var real_ = logits_of(&w, "in_real"), fake = logits_of(&w, "in_fake");
    oracle_finish(&w, "out_loss", spae_hinge_discriminator(&w.tape, real_, fake));
}

static real average_of(oracle_case *c, const char *name)
{
    const oracle_array a = oracle_read(c, name);
    oracle_want_shape(c, &a, 1, (const size_t[]){1});
    return oracle_reals(c, &a)[0];
}

static void lecam(oracle_case *c)
{
    oracle_work w;
    oracle_start(&w, c);
    const spae_lecam averages = {average_of(c, "in_ema_real"), average_of(c, "in_ema_fake")};
    spae_var real_ = logits_of(&w, "in_real"), fake = logits_of(&w, "in_fake");
    oracle_finish(&w, "out_loss", spae_lecam_loss(&w.tape, real_, fake, averages));
}

/* ---- discriminators ---- */

static spae_discriminator read_architecture(oracle_case *c, size_t ndim)
{
    spae_discriminator d = {.ndim = oracle_size(c, "ndim", ndim, ndim),
                            .filters = oracle_size(c, "filters", 1, 4096),
                            .blocks = oracle_items(c, "multipliers"),
                            .slope = oracle_number(c, "slope"),
                            .blur = ndim == 2 && oracle_flag(c, "blur_resample")};
    if (d.blocks < 1 || d.blocks > SPAE_MAX_RES_BLOCKS)
        oracle_abort(c, "case.txt: %zu multipliers, expected 1 to %d", d.blocks, SPAE_MAX_RES_BLOCKS);
    oracle_sizes(c, "multipliers", d.blocks, 1, 4096, d.multipliers);
    return d;
}

/* The cases' paths have no common first word. */
static spae_var make(spae_network *network, const void *d, spae_var x)
{
    return spae_discriminate(network, d, "", x);
}

static void discriminator(oracle_case *c, size_t ndim)
{
    const spae_discriminator d = read_architecture(c, ndim);
    oracle_network net = {.make = make, .what = &d};
    oracle_work w;
    oracle_start(&w, c);
    oracle_run_network(&w, &net, ndim, "out_logits");
    oracle_finish_network(&w, &net, "out_logits");
}

static void discriminator2d(oracle_case *c)
{
    discriminator(c, 2);
}

static void discriminator3d(oracle_case *c)
{
    discriminator(c, 3);
}

static void r1_penalty(oracle_case *c)
{
    const spae_discriminator d = read_architecture(c, 2);
    oracle_network net = {.make = make, .what = &d};
    oracle_work w;
    spae_var g;
    oracle_start(&w, c);
    oracle_run_network(&w, &net, 2, "out_logits");
    spae_var penalty = spae_r1_penalty(&w.tape, net.y, w.leaf[0], oracle_number(c, "penalty_cost"), &g);
    oracle_check_tape(&w);
    oracle_compare(c, "out_grad_x", g->shape, g->value);
    oracle_compare(c, "out_penalty", penalty->shape, penalty->value);
    spae_var *gradient = oracle_take(c, net.parameters.count, sizeof *gradient);
    spae_tape_gradient(&w.tape, penalty, oracle_upstream(&w, "out_penalty", penalty), net.network.leaf,
                       net.parameters.count, gradient);
    oracle_check_tape(&w);
    oracle_compare_parameter_gradients(c, &net.parameters, gradient);
}

const oracle_op oracle_adversarial_ops[] = {{"blur_pool", blur_pool},
                                            {"adv_softplus_g", adv_softplus_g},
                                            {"adv_softplus_d", adv_softplus_d},
                                            {"adv_hinge_g", adv_hinge_g},
                                            {"adv_hinge_d", adv_hinge_d},
                                            {"lecam", lecam},
                                            {"discriminator2d", discriminator2d},
                                            {"discriminator3d", discriminator3d},
                                            {"r1_penalty", r1_penalty},
                                            {NULL, NULL}};
