/* What the train step sums up, held against differences of the losses it reports: the discriminator's loss with its
 * penalty (a gradient of a gradient), Eq. 8 through the decoder, and the learned codebook's term. */
#include "../../nn/network.h"
#include "../check.h"

#include <math.h>

#include "tiny.h"

/* In binary64 only: a difference of binary32 losses would show nothing. */
enum { FINE = sizeof(spae_real) == sizeof(double) };

typedef struct {
    tiny t;
    spae_trainer trainer;
} course;

/* Weights that are not 0 where initialization leaves 0, so that no kink of a ReLU is near. */
static void stir(tiny *t)
{
    for (size_t i = 0; i < t->model.parameters->elements; i++)
        t->model.values[i] += ((spae_real)(i * 37 % 101) - 50) / 500;
}

static void begin(course *c, spae_config config)
{
    config.learning_rate = 0; /* the step leaves the weights */
    ck_assert_msg(tiny_open(&c->t, &config, 3) == SPAE_OK, "%s", c->t.err.text);
    stir(&c->t);
    ck_assert_int_eq(spae_trainer_create(&c->trainer, &c->t.model, 5, &c->t.arena, NULL), SPAE_OK);
    c->trainer.lecam[0] = (spae_real)0.75; /* so that both sides of LeCAM are at work */
    c->trainer.lecam[1] = (spae_real)-0.5;
}

static spae_terms step(course *c)
{
    spae_terms terms;
    const spae_real lecam[2] = {c->trainer.lecam[0], c->trainer.lecam[1]};
    c->trainer.step = 0;
    ck_assert_int_eq(spae_train_step(&c->trainer, c->t.examples, 2, &c->t.arena, 1, &terms, NULL, NULL), SPAE_OK);
    memcpy(c->trainer.lecam, lecam, sizeof lecam);
    return terms;
}

typedef double loss_of(const spae_config *config, const spae_terms *terms);

static double discriminator_loss(const spae_config *config, const spae_terms *terms)
{
    (void)config;
    return terms->d_total;
}

/* Eq. 8 without LeCAM, which has no gradient to the autoencoder */
static double appearance_loss(const spae_config *config, const spae_terms *terms)
{
    return terms->appearance - config->phi * terms->lecam;
}

/* The fourth-order central difference of `loss` in every `stride`-th weight of [first, last) is its gradient. */
static void check(course *c, loss_of *loss, size_t first, size_t last, size_t stride)
{
    static const double places[4] = {-2, -1, 1, 2};
    const double h = 0x1p-20; /* small: the penalty jumps where a leaky ReLU of the discriminator has its corner */
    const spae_config *config = &c->t.model.config;
    const size_t n = c->t.model.parameters->elements;
    spae_real *gradient = tiny_reals(&c->t, n), *weight = c->t.model.values;
    step(c);
    memcpy(gradient, c->trainer.gradient, n * sizeof *gradient);
    double largest = 0;
    for (size_t i = first; i < last; i += stride) {
        const spae_real was = weight[i];
        double f[4];
        for (int j = 0; j < 4; j++) {
            weight[i] = (spae_real)((double)was + places[j] * h);
            const spae_terms terms = step(c);
            f[j] = loss(config, &terms);
        }
        weight[i] = was;
        const double expected = (8 * (f[2] - f[1]) - (f[3] - f[0])) / (12 * h), got = (double)gradient[i];
        ck_assert_msg(fabs(got - expected) <= 1e-7 * (1 + fabs(expected)),
                      "weight %zu: difference %.12g, gradient %.12g", i,
                      expected, got);
        largest = fabs(got) > largest ? fabs(got) : largest;
    }
    ck_assert(largest > 1e-3);
}

static void check_discriminator(spae_config config, spae_adversarial adversarial)
{
    course c;
    config.adversarial = adversarial;
    begin(&c, config);
    check(&c, discriminator_loss, c.t.model.elements, c.t.model.parameters->elements, 37);
    tiny_close(&c.t);
}

START_TEST(discriminator_with_r1_and_lecam)
{
    if (!FINE)
        return;
    spae_config blurred = tiny_adversarial(tiny_least());
    blurred.discriminator_blur = true;
    check_discriminator(tiny_adversarial(tiny_least()), SPAE_ADVERSARIAL_SOFTPLUS);
    check_discriminator(tiny_adversarial(tiny_least()), SPAE_ADVERSARIAL_HINGE);
    check_discriminator(blurred, SPAE_ADVERSARIAL_SOFTPLUS);
    spae_config video = tiny_adversarial(tiny_video());
    video.discriminator_filters = 2;
    check_discriminator(video, SPAE_ADVERSARIAL_SOFTPLUS);
}
END_TEST

/* The penalty alone, its cost large: what is left of the gradient is of second order. */
START_TEST(r1_alone)
{
    if (!FINE)
        return;
    spae_config config = tiny_adversarial(tiny_least());
    config.r1_cost = 1000;
    check_discriminator(config, SPAE_ADVERSARIAL_SOFTPLUS);
}
END_TEST

/* Tokens and w do not depend on the decoder, so Eq. 8 is an ordinary function of its weights. */
START_TEST(appearance_through_the_decoder)
{
    if (!FINE)
        return;
    for (int hinge = 0; hinge < 2; hinge++) {
        course c;
        spae_size size;
        spae_perceptual_weights frozen;
        spae_config config = tiny_adversarial(tiny_least());
        config.alpha = 0;
        config.eta = 0.5;
        config.adversarial = hinge ? SPAE_ADVERSARIAL_HINGE : SPAE_ADVERSARIAL_SOFTPLUS;
        begin(&c, config);
        ck_assert_int_eq(tiny_perceptual(&c.t, &frozen), SPAE_OK);
        c.trainer.perceptual = &frozen;
        ck_assert_int_eq(spae_config_size(&config, &c.t.arena, &size, NULL), SPAE_OK);
        check(&c, appearance_loss, size.encoder_parameters, c.t.model.elements, 19);
        tiny_close(&c.t);
    }
}
END_TEST

/* ---- the learned codebook's term: tokens fixed, rows move ---- */

enum { C = 3, V = 5, CELLS = 8, LAYERS = 3, TOKENS = 1 + 4 + 8 };

static const spae_pyramid pyramid = {LAYERS, {{1, 1, 1}, {1, 2, 2}, {1, 2, 4}}};

typedef struct {
    spae_arena arena;
    watch memory;
    spae_real z[CELLS * C], e[V * C], zhat[LAYERS * CELLS * C];
    int32_t token[TOKENS], covered[LAYERS * CELLS];
} book_trial;

/* zhat and covered as quantization leaves them for these tokens and rows */
static void requantize(book_trial *t, spae_quantizer quantizer)
{
    const spae_codebook book = {.V = V, .c = C, .e = t->e};
    memset(t->covered, 0, sizeof t->covered);
    for (size_t l = 0; l < LAYERS; l++) {
        int32_t position[CELLS];
        spae_pyramid_positions(&pyramid, l, position);
        if (l > 0)
            memcpy(t->covered + l * CELLS, t->covered + (l - 1) * CELLS, CELLS * sizeof t->covered[0]);
        for (size_t i = 0; i < spae_pyramid_tokens(&pyramid, l); i++)
            t->covered[l * CELLS + (size_t)position[i]]++;
        ck_assert_int_eq(spae_dequantize(&pyramid, quantizer, &book, t->token, l + 1, &t->arena,
                                         t->zhat + l * CELLS * C, NULL),
                         SPAE_OK);
    }
}

static double codebook_loss(book_trial *t, spae_quantizer quantizer, spae_real *de)
{
    const spae_arena_mark mark = spae_arena_here(&t->arena);
    requantize(t, quantizer);
    spae_tape tape;
    spae_tape_start(&tape, &t->arena, SPAE_TAPE_RECORD, NULL);
    spae_var g, e = spae_tape_leaf(&tape, spae_shape_of(1, 1, 1, V, C), t->e);
    const spae_quantized q = {.token = t->token, .zhat = t->zhat, .covered = t->covered};
    spae_var y = spae_codebook_loss(&tape, &pyramid, quantizer, e, t->z, &q);
    ck_assert_int_eq(spae_tape_gradient(&tape, y, NULL, &e, 1, &g), SPAE_OK);
    const double loss = (double)y->value[0];
    memcpy(de, g->value, V * C * sizeof *de);
    spae_arena_reset(&t->arena, mark);
    return loss;
}

/* The loss is quadratic in the rows: a central difference of any width is exact but for rounding. */
static void check_codebook(spae_quantizer quantizer)
{
    book_trial t;
    spae_real de[V * C], unused[V * C];
    watched_arena(&t.arena, &t.memory, 0);
    for (size_t i = 0; i < CELLS * C; i++)
        t.z[i] = (spae_real)((i * 5 + 3) % 16) / 16 - (spae_real)0.5;
    for (size_t i = 0; i < V * C; i++)
        t.e[i] = (spae_real)((i * 7 + 1) % 16) / 16 - (spae_real)0.5;
    for (size_t i = 0; i < TOKENS; i++)
        t.token[i] = (int32_t)(i * 3 % (V - 1)); /* row V - 1 is never chosen */
    codebook_loss(&t, quantizer, de);
    const double h = 0x1p-3, tolerance = FINE ? 1e-13 : 2e-5;
    for (size_t i = 0; i < V * C; i++) {
        const spae_real was = t.e[i];
        t.e[i] = (spae_real)((double)was + h);
        const double above = codebook_loss(&t, quantizer, unused);
        t.e[i] = (spae_real)((double)was - h);
        const double below = codebook_loss(&t, quantizer, unused);
        t.e[i] = was;
        ck_assert_double_eq_tol((double)de[i], (above - below) / (2 * h), tolerance);
        ck_assert(i < (V - 1) * C || de[i] == 0);
    }
    spae_arena_free(&t.arena);
    ck_assert_uint_eq(t.memory.live, 0);
}

START_TEST(codebook_loss_of_saq)
{
    check_codebook(SPAE_SAQ);
}
END_TEST

START_TEST(codebook_loss_of_rq)
{
    check_codebook(SPAE_RQ);
}
END_TEST

SUITE(suite_spae_gradients_training, "spae/gradients_training", discriminator_with_r1_and_lecam, r1_alone,
      appearance_through_the_decoder, codebook_loss_of_saq, codebook_loss_of_rq)
