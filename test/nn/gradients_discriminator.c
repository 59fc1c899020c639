/* Gradients of a small discriminator under its losses, R1 among them, against differences at some elements of every
 * parameter. The penalty is itself made of a gradient, so that its gradient is of second order. */
#include "../../nn/adversarial.h"
#include "../../nn/discriminator.h"
#include "differences.h"

enum { PROBES = 3 }; /* elements of each parameter */

typedef struct {
    spae_arena arena;
    spae_discriminator d;
    bool penalty; /* else the softplus loss of the same picture as real */
    spae_shape in;
    spae_parameters parameters;
    real *x, *values;
} trial;

static void start(trial *t, const spae_discriminator *d, bool penalty, spae_shape in)
{
    spae_tape tape;
    spae_network network;
    *t = (trial){.arena = test_arena(), .d = *d, .penalty = penalty, .in = in};
    t->parameters.arena = &t->arena;
    spae_tape_start(&tape, &t->arena, SPAE_TAPE_PLAN, NULL);
    spae_network_declare(&network, &tape, &t->parameters);
    ck_assert_ptr_nonnull(spae_discriminate(&network, d, "", spae_tape_leaf(&tape, in, NULL)));
    t->x = filled(&t->arena, in, 1, 0, 1);
    t->values = filled(&t->arena, spae_shape_of(1, 1, 1, 1, t->parameters.elements), 3, -0.5, 0.5);
}

static spae_var make(trial *t, spae_tape *tape, spae_network *network)
{
    spae_tape_start(tape, &t->arena, SPAE_TAPE_RECORD, NULL);
    spae_network_bind(network, tape, &t->parameters, t->values);
    spae_var x = spae_tape_leaf(tape, t->in, t->x), y = spae_discriminate(network, &t->d, "", x);
    return t->penalty ? spae_r1_penalty(tape, y, x, 10, NULL) : spae_softplus_generator(tape, y);
}

static double value_of(trial *t)
{
    const spae_arena_mark mark = spae_arena_here(&t->arena);
    spae_tape tape;
    spae_network network;
    spae_var f = make(t, &tape, &network);
    ck_assert_ptr_nonnull(f);
    const double value = (double)f->value[0];
    spae_arena_reset(&t->arena, mark);
    return value;
}

static double quotient(trial *t, real *at, double h)
{
    const double places[4] = {-2, -1, 1, 2};
    const real was = *at;
    double f[4];
    for (size_t i = 0; i < 4; i++) {
        *at = (real)((double)was + places[i] * h);
        f[i] = value_of(t);
    }
    *at = was;
    return (8 * (f[2] - f[1]) - (f[3] - f[0])) / (12 * h);
}

/* The network is linear between the corners of its leaky ReLUs: the step is small enough to cross none. */
static void check(const spae_discriminator *d, bool penalty, spae_shape in)
{
    trial t;
    spae_tape tape;
    spae_network network;
    const bool fine = difference_rule_of_build().orders > 1;
    start(&t, d, penalty, in);
    spae_var f = make(&t, &tape, &network), *g = spae_arena_take(&t.arena, t.parameters.count, sizeof *g);
    ck_assert_int_eq(spae_tape_gradient(&tape, f, NULL, network.leaf, t.parameters.count, g), SPAE_OK);
    const double scale = 1 + fabs((double)f->value[0]);
    for (size_t p = 0; p < t.parameters.count; p++) {
        const spae_parameter *item = &t.parameters.item[p];
        for (uint32_t i = 0; i < PROBES; i++) {
            const size_t at = (size_t)((double)spae_shape_count(item->shape) * scattered(i, p));
            const double got = (double)g[p]->value[at];
            const double expected = quotient(&t, t.values + item->first + at, fine ? 0x1p-20 : 0x1p-9);
            ck_assert_msg(fabs(got - expected) <= (fine ? 1e-7 : 2e-2) * (scale + fabs(expected)),
                          "%s: difference %.12g, gradient %.12g", item->path, expected, got);
        }
    }
    spae_arena_free(&t.arena);
}

static const spae_discriminator picture = {.ndim = 2, .filters = 3, .blocks = 2, .multipliers = {2, 1}, .slope = 0.2};
static const spae_discriminator blurred = {
    .ndim = 2, .filters = 3, .blocks = 2, .multipliers = {1, 2}, .slope = 0.2, .blur = true};
static const spae_discriminator video = {.ndim = 3, .filters = 2, .blocks = 1, .multipliers = {2}, .slope = 0.2};

START_TEST(loss_of_pictures)
{
    check(&picture, false, spae_shape_of(2, 1, 5, 4, 3));
    check(&blurred, false, spae_shape_of(2, 1, 5, 4, 3));
}
END_TEST

START_TEST(loss_of_video)
{
    check(&video, false, spae_shape_of(1, 3, 4, 3, 3));
}
END_TEST

START_TEST(r1_of_pictures)
{
    check(&picture, true, spae_shape_of(2, 1, 5, 4, 3));
    check(&blurred, true, spae_shape_of(2, 1, 5, 4, 3));
}
END_TEST

START_TEST(r1_of_video)
{
    check(&video, true, spae_shape_of(1, 3, 4, 3, 3));
}
END_TEST

SUITE(suite_nn_gradients_discriminator, "nn/gradients_discriminator", loss_of_pictures, loss_of_video, r1_of_pictures,
      r1_of_video)
