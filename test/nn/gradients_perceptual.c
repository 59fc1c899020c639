/* Gradients of the perceptual term of small random networks to the reconstruction, first and second order, against
 * differences at elements all over the picture. The networks have corners everywhere, so steps must be small: in
 * binary32, where they cannot be, only the first order is tried, and of LPIPS, which turns short vectors fast, not even
 * that. */
#include "../../nn/perceptual.h"
#include "differences.h"
#include "perceptual_random.h"

enum { PROBES = 24 };

typedef struct {
    spae_arena arena;
    spae_perceptual p;
    spae_shape in;
    spae_parameters parameters;
    real *picture, *rebuilt, *direction, *values;
} trial;

/* order 0: the loss; order 1: its gradient times a direction. *x: the reconstruction. */
static spae_var make(trial *t, spae_tape *tape, unsigned order, spae_var *x)
{
    spae_network network;
    spae_var d;
    spae_tape_start(tape, &t->arena, SPAE_TAPE_RECORD, NULL);
    spae_network_bind(&network, tape, &t->parameters, t->values);
    *x = spae_tape_leaf(tape, t->in, t->rebuilt);
    spae_var f = spae_perceptual_loss(&network, &t->p, spae_tape_constant(tape, t->in, t->picture), *x);
    if (order == 0)
        return f;
    ck_assert_int_eq(spae_tape_gradient(tape, f, NULL, x, 1, &d), SPAE_OK);
    return spae_sum(tape, spae_mul(tape, d, spae_tape_constant(tape, t->in, t->direction)));
}

static double value_of(trial *t, unsigned order)
{
    const spae_arena_mark mark = spae_arena_here(&t->arena);
    spae_tape tape;
    spae_var x, f = make(t, &tape, order, &x);
    ck_assert_ptr_nonnull(f);
    const double value = (double)f->value[0];
    spae_arena_reset(&t->arena, mark);
    return value;
}

static double quotient(trial *t, unsigned order, real *at, double h)
{
    const double places[4] = {-2, -1, 1, 2};
    const real was = *at;
    double f[4];
    for (size_t i = 0; i < 4; i++) {
        *at = (real)((double)was + places[i] * h);
        f[i] = value_of(t, order);
    }
    *at = was;
    return (8 * (f[2] - f[1]) - (f[3] - f[0])) / (12 * h);
}

static void check_order(trial *t, unsigned order, double step, double tolerance)
{
    const size_t count = spae_shape_count(t->in);
    spae_tape tape;
    spae_var d, x, f = make(t, &tape, order, &x);
    ck_assert_int_eq(spae_tape_gradient(&tape, f, NULL, &x, 1, &d), SPAE_OK);
    double largest = 0;
    for (size_t i = 0; i < count; i++)
        largest = fabs((double)d->value[i]) > largest ? fabs((double)d->value[i]) : largest;
    ck_assert_double_gt(largest, 0);
    for (size_t i = 0; i < PROBES; i++) {
        const size_t at = i * count / PROBES;
        const double got = (double)d->value[at], expected = quotient(t, order, t->rebuilt + at, step);
        ck_assert_msg(fabs(got - expected) <= tolerance * largest,
                      "kind %d, order %u, element %zu: difference %.12g, gradient %.12g", (int)t->p.kind, order, at,
                      expected, got);
    }
}

static void check(const spae_perceptual *p, spae_shape in)
{
    const bool fine = difference_rule_of_build().orders > 1;
    trial t = {.arena = test_arena(), .p = *p, .in = in};
    t.parameters.arena = &t.arena;
    ck_assert_int_eq(spae_perceptual_declare(p, &t.parameters, NULL), SPAE_OK);
    t.values = random_weights(&t.parameters, &t.arena);
    t.picture = filled(&t.arena, in, 1, 0, 1);
    t.rebuilt = filled(&t.arena, in, 2, 0, 1);
    t.direction = filled(&t.arena, in, 3, -1, 1);
    if (fine || p->kind != SPAE_PERCEPTUAL_VGG_LPIPS)
        check_order(&t, 0, fine ? 0x1p-20 : 0x1p-9, fine ? 1e-6 : 5e-2);
    if (fine)
        check_order(&t, 1, 0x1p-20, 1e-6);
    spae_arena_free(&t.arena);
}

static spae_perceptual small(spae_perceptual_kind kind, bool same, bool stem_relu)
{
    return (spae_perceptual){.kind = kind,
                             .resnet = {.width = 2,
                                        .stages = 2,
                                        .blocks = {1, 2},
                                        .classes = 3,
                                        .bn_eps = 1e-5,
                                        .same = same,
                                        .stem_relu = stem_relu},
                             .vgg = {.width = 2},
                             .mean = {0.5, 0.4, 0.3},
                             .deviation = {0.25, 0.3, 0.35}};
}

START_TEST(resnet_logits_of_resized_pictures)
{
    spae_perceptual p = small(SPAE_PERCEPTUAL_RESNET_LOGITS, true, false);
    p.resize[0] = 21;
    p.resize[1] = 24;
    check(&p, spae_shape_of(1, 1, 9, 10, 3));
    p.resnet.same = false;
    p.resnet.stem_relu = true;
    check(&p, spae_shape_of(2, 1, 30, 11, 3));
}
END_TEST

START_TEST(resnet_features)
{
    const spae_perceptual flax = small(SPAE_PERCEPTUAL_RESNET_FEATURES, true, false);
    const spae_perceptual torchvision = small(SPAE_PERCEPTUAL_RESNET_FEATURES, false, true);
    check(&flax, spae_shape_of(1, 1, 18, 21, 3));
    check(&torchvision, spae_shape_of(1, 2, 18, 21, 3));
}
END_TEST

START_TEST(lpips)
{
    const spae_perceptual p = small(SPAE_PERCEPTUAL_VGG_LPIPS, false, false);
    check(&p, spae_shape_of(2, 1, 16, 18, 3));
}
END_TEST

SUITE(suite_nn_gradients_perceptual, "nn/gradients_perceptual", resnet_logits_of_resized_pictures, resnet_features,
      lpips)
