/* Gradients of the whole VQGAN encoder and decoder, small, at some elements of every parameter and of the input. */
#include "../../nn/vqgan.h"
#include "differences.h"

enum { PROBES = 2 }; /* elements of each parameter */

typedef spae_var vqgan_half(spae_network *network, const spae_vqgan *v, spae_var x);

typedef struct {
    spae_arena arena;
    spae_vqgan v;
    vqgan_half *half;
    spae_shape in, out;
    spae_parameters parameters;
    real *x, *u, *values; /* input, upstream gradient, parameters */
} trial;

static void start(trial *t, const spae_vqgan *v, vqgan_half *half, spae_shape in)
{
    spae_tape tape;
    spae_network network;
    *t = (trial){.arena = test_arena(), .v = *v, .half = half, .in = in};
    t->parameters.arena = &t->arena;
    spae_tape_start(&tape, &t->arena, SPAE_TAPE_PLAN, NULL);
    spae_network_declare(&network, &tape, &t->parameters);
    spae_var y = half(&network, v, spae_tape_leaf(&tape, in, NULL));
    ck_assert_ptr_nonnull(y);
    t->out = y->shape;
    t->x = filled(&t->arena, in, 1, 0, 1);
    t->u = filled(&t->arena, t->out, 2, -1, 1);
    t->values = filled(&t->arena, spae_shape_of(1, 1, 1, 1, t->parameters.elements), 3, -0.4, 0.4);
}

/* F = sum(y * u) on a tape */
static spae_var make(trial *t, spae_tape *tape, spae_network *network, spae_var *x)
{
    spae_tape_start(tape, &t->arena, SPAE_TAPE_RECORD, NULL);
    spae_network_bind(network, tape, &t->parameters, t->values);
    *x = spae_tape_leaf(tape, t->in, t->x);
    spae_var y = t->half(network, &t->v, *x);
    return spae_sum(tape, spae_mul(tape, y, spae_tape_constant(tape, t->out, t->u)));
}

static double value_of(trial *t)
{
    const spae_arena_mark mark = spae_arena_here(&t->arena);
    spae_tape tape;
    spae_network network;
    spae_var x, f = make(t, &tape, &network, &x);
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

static void check_element(trial *t, const char *name, real *at, double got)
{
    const difference_rule rule = difference_rule_of_build();
    const bool fine = rule.orders > 1;
    const double expected = quotient(t, at, fine ? 0x1p-12 : 0x1p-7);
    ck_assert_msg(fabs(got - expected) <= (fine ? 1e-7 : 2e-2) * (1 + fabs(expected)),
                  "%s: difference %.12g, gradient %.12g", name, expected, got);
}

static void check(trial *t)
{
    spae_tape tape;
    spae_network network;
    spae_var x, f = make(t, &tape, &network, &x);
    spae_var *d = spae_arena_take(&t->arena, t->parameters.count, sizeof *d), dx;
    ck_assert_ptr_nonnull(f);
    spae_tape_gradient(&tape, f, NULL, &x, 1, &dx);
    ck_assert_int_eq(spae_tape_gradient(&tape, f, NULL, network.leaf, t->parameters.count, d), SPAE_OK);
    for (size_t p = 0; p < t->parameters.count; p++) {
        const spae_parameter *item = &t->parameters.item[p];
        const size_t count = spae_shape_count(item->shape);
        for (uint32_t i = 0; i < PROBES; i++) {
            const size_t at = (size_t)((double)count * scattered(i, p));
            check_element(t, item->path, t->values + item->first + at, (double)d[p]->value[at]);
        }
    }
    for (size_t at = 0; at < spae_shape_count(t->in); at += 7)
        check_element(t, "x", t->x + at, (double)dx->value[at]);
    spae_arena_free(&t->arena);
}

static const spae_vqgan picture = {.ndim = 2, .filters = 4, .scales = 2, .multipliers = {1, 2}, .res_blocks = 1,
                                   .embedding = 3, .groups = 2, .eps = 1e-6};
static const spae_vqgan video = {.ndim = 3, .filters = 4, .scales = 3, .multipliers = {1, 2, 1}, .res_blocks = 1,
                                 .embedding = 2, .groups = 2, .eps = 1e-6, .temporal = {true, false}};

START_TEST(encoder_of_pictures)
{
    trial t;
    start(&t, &picture, spae_vqgan_encode, spae_shape_of(1, 1, 6, 4, 3));
    check(&t);
}
END_TEST

START_TEST(decoder_of_pictures)
{
    trial t;
    start(&t, &picture, spae_vqgan_decode, spae_shape_of(1, 1, 3, 2, 3));
    check(&t);
}
END_TEST

START_TEST(encoder_of_video)
{
    trial t;
    start(&t, &video, spae_vqgan_encode, spae_shape_of(1, 2, 4, 4, 3));
    check(&t);
}
END_TEST

START_TEST(decoder_of_video)
{
    trial t;
    start(&t, &video, spae_vqgan_decode, spae_shape_of(1, 2, 1, 2, 2));
    check(&t);
}
END_TEST

/* The gradient of the last bias is the sum of the upstream gradient over positions: exactly, on whole numbers. */
START_TEST(gradient_of_the_last_bias)
{
    trial t;
    spae_tape tape;
    spae_network network;
    spae_var x, d;
    start(&t, &picture, spae_vqgan_decode, spae_shape_of(1, 1, 3, 2, 3));
    const size_t cells = spae_shape_count(t.out) / 3, last = spae_parameters_find(&t.parameters, "decoder/Conv_2/bias");
    double sum[3] = {0};
    ck_assert_uint_lt(last, t.parameters.count);
    for (size_t i = 0; i < 3 * cells; i++) {
        t.u[i] = (real)(floor(100 * scattered(7, i)) - 50);
        sum[i % 3] += (double)t.u[i];
    }
    spae_var f = make(&t, &tape, &network, &x);
    ck_assert_int_eq(spae_tape_gradient(&tape, f, NULL, &network.leaf[last], 1, &d), SPAE_OK);
    for (size_t i = 0; i < 3; i++)
        ck_assert((double)d->value[i] == sum[i]);
    spae_arena_free(&t.arena);
}
END_TEST

SUITE(suite_nn_gradients_vqgan, "nn/gradients_vqgan", encoder_of_pictures, decoder_of_pictures, encoder_of_video,
      decoder_of_video, gradient_of_the_last_bias)
