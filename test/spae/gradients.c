/* Gradients of the losses of spae.c: commitment (Eq. 8) and semantic (Eq. 7), with respect to the embeddings. */
#include "../../spae.h"

#include "../nn/differences.h"

enum { C = 3, V = 6, CELLS = 8, LAYERS = 4 };

/* 1x1, 2x2, 2x4, 2x4: positions with one, two, three and four tokens */
static const spae_pyramid pyramid = {LAYERS, {{1, 1, 1}, {1, 2, 2}, {1, 2, 4}, {1, 2, 4}}};
enum { TOKENS = 1 + 4 + 8 + 8 };

static const spae_shape grid = {{1, 1, 2, 4, C}};

typedef struct {
    spae_arena arena;
    spae_quantizer quantizer;
    real *z;
    spae_codebook book;
    int32_t token[TOKENS], target[TOKENS], covered[LAYERS * CELLS];
    real zhat[LAYERS * CELLS * C];
} trial;

static void start(trial *t, spae_quantizer quantizer)
{
    *t = (trial){.arena = test_arena(), .quantizer = quantizer};
    t->z = filled(&t->arena, grid, 1, -1, 1);
    t->book = (spae_codebook){.V = V, .c = C, .e = filled(&t->arena, spae_shape_of(1, 1, 1, V, C), 2, -1, 1)};
    const spae_quantized q = {.token = t->token, .zhat = t->zhat, .covered = t->covered};
    ck_assert_int_eq(spae_quantize(&pyramid, quantizer, &t->book, t->z, &t->arena, &q, NULL), SPAE_OK);
    for (size_t i = 0; i < TOKENS; i++)
        t->target[i] = (int32_t)(V * scattered(3, i));
}

/* ---- commitment ---- */

/* beta is the caller's; here every layer counts as Eq. 8 writes it. */
static double commitment_by_formula(const trial *t)
{
    double sum = 0;
    for (size_t l = 0; l < LAYERS; l++) {
        double square = 0, count = 0;
        for (size_t i = 0; i < CELLS * C; i++)
            if (t->covered[l * CELLS + i / C] > 0) {
                const double apart = (double)t->z[i] - (double)t->zhat[l * CELLS * C + i];
                square += apart * apart;
                count++;
            }
        sum += square / count;
    }
    return sum;
}

static void commitment_gradient(trial *t, double *loss, real *dz)
{
    const spae_arena_mark mark = spae_arena_here(&t->arena);
    spae_tape tape;
    spae_tape_start(&tape, &t->arena, SPAE_TAPE_RECORD, NULL);
    spae_var d, z = spae_tape_leaf(&tape, grid, t->z);
    spae_var y = spae_commitment(&tape, &pyramid, z, t->zhat, t->covered);
    ck_assert_int_eq(spae_tape_gradient(&tape, y, NULL, &z, 1, &d), SPAE_OK);
    *loss = (double)y->value[0];
    memcpy(dz, d->value, CELLS * C * sizeof *dz);
    spae_arena_reset(&t->arena, mark);
}

static const double rounding = sizeof(real) == sizeof(double) ? 1e-14 : 1e-5;

/* Layer l alone: the other layers' zhat is z itself, and gives nothing. What is left is 2 (z - zhat_l) / count. */
START_TEST(commitment_of_each_layer_alone)
{
    for (size_t l = 0; l < LAYERS; l++) {
        trial t;
        real dz[CELLS * C];
        double loss, count = 0;
        start(&t, SPAE_SAQ);
        for (size_t i = 0; i < LAYERS * CELLS * C; i++)
            if (i / (CELLS * C) != l)
                t.zhat[i] = t.z[i % (CELLS * C)];
        for (size_t i = 0; i < CELLS; i++)
            count += t.covered[l * CELLS + i] > 0 ? C : 0;
        commitment_gradient(&t, &loss, dz);
        ck_assert_double_eq_tol(loss, commitment_by_formula(&t), rounding);
        ck_assert(loss > 0.01);
        for (size_t i = 0; i < CELLS * C; i++) {
            const double apart = (double)t.z[i] - (double)t.zhat[l * CELLS * C + i];
            const double expected = t.covered[l * CELLS + i / C] > 0 ? 2 * apart / count : 0;
            ck_assert_msg(fabs((double)dz[i] - expected) <= rounding, "layer %zu, element %zu: expected %g, got %g", l + 1,
                          i, expected, (double)dz[i]);
        }
        spae_arena_free(&t.arena);
    }
}
END_TEST

/* A position without a token has neither loss nor gradient, however far its zhat. */
START_TEST(commitment_leaves_out_what_has_no_token)
{
    trial t;
    real dz[CELLS * C], again[CELLS * C];
    double loss, same;
    start(&t, SPAE_SAQ);
    commitment_gradient(&t, &loss, dz);
    for (size_t i = 0; i < LAYERS * CELLS * C; i++)
        if (t.covered[i / C] == 0)
            t.zhat[i] = 1000;
    commitment_gradient(&t, &same, again);
    ck_assert(t.covered[0] == 0 && loss == same);
    ck_assert_mem_eq(dz, again, sizeof dz);
    spae_arena_free(&t.arena);
}
END_TEST

START_TEST(commitment_of_all_layers)
{
    trial t;
    real dz[CELLS * C];
    double loss, ignored;
    const double h = sizeof(real) == sizeof(double) ? 0x1p-10 : 0x1p-5;
    const double tolerance = sizeof(real) == sizeof(double) ? 1e-11 : 1e-4;
    start(&t, SPAE_SAQ);
    commitment_gradient(&t, &loss, dz);
    ck_assert_double_eq_tol(loss, commitment_by_formula(&t), rounding);
    for (size_t i = 0; i < CELLS * C; i++) { /* quadratic: the central difference is exact but for rounding */
        const real was = t.z[i];
        double f[2];
        real unused[CELLS * C];
        t.z[i] = (real)((double)was + h);
        commitment_gradient(&t, &f[1], unused);
        t.z[i] = (real)((double)was - h);
        commitment_gradient(&t, &f[0], unused);
        t.z[i] = was;
        ck_assert_double_eq_tol((double)dz[i], (f[1] - f[0]) / (2 * h), tolerance);
    }
    commitment_gradient(&t, &ignored, dz);
    ck_assert(ignored == loss);
    spae_arena_free(&t.arena);
}
END_TEST

/* ---- semantic loss: tokens fixed, z moves, z_l moves 1 + (earlier tokens) times as much ---- */

static void residuals_of(const trial *t, double residual[TOKENS * C])
{
    double now[CELLS * C];
    for (size_t i = 0; i < CELLS * C; i++)
        now[i] = (double)t->z[i];
    for (size_t l = 0, row = 0; l < LAYERS; l++) {
        int32_t position[CELLS];
        spae_pyramid_positions(&pyramid, l, position);
        for (size_t i = 0; i < spae_pyramid_tokens(&pyramid, l); i++, row++)
            for (size_t j = 0; j < C; j++) {
                const size_t at = (size_t)position[i] * C + j;
                residual[row * C + j] = now[at];
                now[at] += (t->quantizer == SPAE_SAQ ? (double)t->z[at] : 0) -
                           (double)t->book.e[(size_t)t->token[row] * C + j];
            }
    }
}

/* -log( exp(-|z_l - e(target)|^2) / sum over k of exp(-|z_l - e(k)|^2) ), as Eq. 7 writes it */
static double semantic_row(const trial *t, const double *z_l, int32_t target)
{
    double sum = 0, own = 0;
    for (size_t k = 0; k < V; k++) {
        double square = 0;
        for (size_t j = 0; j < C; j++) {
            const double d = z_l[j] - (double)t->book.e[k * C + j];
            square += d * d;
        }
        sum += exp(-square);
        own = k == (size_t)target ? square : own;
    }
    return own + log(sum);
}

static double semantic_by_formula(const trial *t, size_t layers)
{
    double residual[TOKENS * C], sum = 0;
    residuals_of(t, residual);
    for (size_t l = 0, row = 0; l < layers; l++) {
        const size_t tokens = spae_pyramid_tokens(&pyramid, l);
        for (size_t i = 0; i < tokens; i++, row++)
            sum += semantic_row(t, residual + row * C, t->target[row]) / ((double)tokens * (double)layers);
    }
    return sum;
}

static double semantic_gradient(trial *t, size_t layers, real *dz)
{
    spae_tape tape;
    double residual[TOKENS * C];
    residuals_of(t, residual);
    spae_tape_start(&tape, &t->arena, SPAE_TAPE_RECORD, NULL);
    spae_var d, z = spae_tape_leaf(&tape, grid, t->z);
    spae_var y = spae_semantic_loss(&tape, &pyramid, t->quantizer, layers, z, residual, t->target, &t->book, NULL);
    ck_assert_int_eq(spae_tape_gradient(&tape, y, NULL, &z, 1, &d), SPAE_OK);
    memcpy(dz, d->value, CELLS * C * sizeof *dz);
    return (double)y->value[0];
}

/* The formula above is in binary64 in both builds, so its differences are fine in both. */
static void check_semantic(spae_quantizer quantizer, size_t layers)
{
    trial t;
    real dz[CELLS * C];
    const double h = sizeof(real) == sizeof(double) ? 0x1p-12 : 0x1p-6;
    const double tolerance = sizeof(real) == sizeof(double) ? 1e-9 : 2e-5;
    start(&t, quantizer);
    ck_assert_double_eq_tol(semantic_gradient(&t, layers, dz), semantic_by_formula(&t, layers), rounding);
    for (size_t i = 0; i < CELLS * C; i++) {
        const double places[4] = {-2, -1, 1, 2};
        const real was = t.z[i];
        double f[4];
        for (size_t j = 0; j < 4; j++) {
            t.z[i] = (real)((double)was + places[j] * h);
            f[j] = semantic_by_formula(&t, layers);
        }
        t.z[i] = was;
        const double expected = (8 * (f[2] - f[1]) - (f[3] - f[0])) / (12 * h);
        ck_assert_msg(fabs((double)dz[i] - expected) <= tolerance, "layers %zu, element %zu: difference %.12g, gradient %.12g",
                      layers, i, expected, (double)dz[i]);
    }
    spae_arena_free(&t.arena);
}

START_TEST(semantic_loss_of_saq)
{
    for (size_t layers = 1; layers <= LAYERS; layers++)
        check_semantic(SPAE_SAQ, layers);
}
END_TEST

START_TEST(semantic_loss_of_rq)
{
    for (size_t layers = 1; layers <= LAYERS; layers++)
        check_semantic(SPAE_RQ, layers);
}
END_TEST

/* One word: it has probability 1, so loss and gradient are 0. */
START_TEST(semantic_loss_of_one_word)
{
    trial t;
    real dz[CELLS * C];
    start(&t, SPAE_SAQ);
    t.book.V = 1;
    memset(t.token, 0, sizeof t.token);
    memset(t.target, 0, sizeof t.target);
    ck_assert(semantic_gradient(&t, LAYERS, dz) == 0);
    for (size_t i = 0; i < CELLS * C; i++)
        ck_assert(dz[i] == 0);
    spae_arena_free(&t.arena);
}
END_TEST

SUITE(suite_spae_gradients, "spae/gradients", commitment_of_each_layer_alone, commitment_leaves_out_what_has_no_token,
      commitment_of_all_layers, semantic_loss_of_saq, semantic_loss_of_rq, semantic_loss_of_one_word)
