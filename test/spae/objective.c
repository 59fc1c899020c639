/* The objective's definitions that differences cannot see: stop-gradients, and what has no gradient at all. Values and
 * slopes are held in test/spae/gradients.c. */
#include "nn/network.h"
#include "nn/ops.h"
#include "test/check.h"

#include "tiny.h"

/* Two cells, one layer of each: z = (3,1) and (0,0); covered from layer 1 on: the second. */
static const spae_pyramid pyramid = {2, {{1, 1, 1}, {1, 1, 2}}};

static const spae_shape grid = {{1, 1, 1, 2, 2}};

typedef struct {
    watch memory;
    spae_arena arena;
    spae_tape tape;
    spae_var z, e;
} desk;

static void open_desk(desk *d, spae_real *z, spae_real *e)
{
    watched_arena(&d->arena, &d->memory, 0);
    spae_tape_start(&d->tape, &d->arena, SPAE_TAPE_RECORD, NULL);
    d->z = spae_tape_leaf(&d->tape, grid, z);
    d->e = spae_tape_leaf(&d->tape, spae_shape_of(1, 1, 1, 3, 2), e);
}

static spae_var slope(desk *d, spae_var y, spae_var x)
{
    spae_var g;
    ck_assert_int_eq(spae_tape_gradient(&d->tape, y, NULL, &x, 1, &g), SPAE_OK);
    return g;
}

/* layer 1 covers cell 2 only: mean of (0-1)^2 and (0-0)^2 over its 2 channels = 1/2
 * layer 2 covers both: mean of (3-1)^2, (1-1)^2, (0-2)^2, (0-0)^2 over 4 = 2
 * the gradient is 2 (z - zhat) / count, zhat held fixed */
START_TEST(commitment_by_hand)
{
    desk d;
    spae_real z[4] = {3, 1, 0, 0}, e[6] = {0, 0, 0, 0, 0, 0};
    const spae_real zhat[8] = {9, 9, 1, 0, 1, 1, 2, 0};
    const int32_t covered[4] = {0, 1, 1, 2};
    open_desk(&d, z, e);
    spae_var y = spae_commitment(&d.tape, &pyramid, d.z, zhat, covered), g = slope(&d, y, d.z);
    ck_assert_double_eq((double)y->value[0], 2.5);
    ck_assert(g->value[0] == 1 && g->value[1] == 0 && g->value[2] == -1 - 1 && g->value[3] == 0);
    spae_arena_free(&d.arena);
    ck_assert_uint_eq(d.memory.live, 0);
}
END_TEST

/* The codebook is frozen: neither term reaches it, even where its numbers are a leaf of the same tape. */
START_TEST(no_term_has_a_gradient_to_the_codebook)
{
    desk d;
    spae_real z[4] = {3, 1, 0, 0}, e[6] = {0, 0, 4, 0, 0, 4};
    open_desk(&d, z, e);
    const spae_codebook book = {.V = 3, .c = 2, .e = e};
    int32_t token[3], covered[4];
    double residual[6];
    spae_real zhat[8];
    const spae_quantized q = {token, NULL, residual, zhat, covered};
    ck_assert_int_eq(spae_quantize(&pyramid, SPAE_SAQ, &book, z, &d.arena, &q, NULL), SPAE_OK);
    const int32_t target[3] = {0, 1, 2};
    spae_var c = spae_commitment(&d.tape, &pyramid, d.z, zhat, covered);
    spae_var s = spae_semantic_loss(&d.tape, &pyramid, SPAE_SAQ, 2, d.z, residual, target, &book, NULL);
    spae_var g = slope(&d, spae_add(&d.tape, c, s), d.e);
    for (size_t i = 0; i < 6; i++)
        ck_assert(g->value[i] == 0);
    spae_arena_free(&d.arena);
}
END_TEST

/* The semantic loss of equally distant words is log V, each layer and each position alike. */
START_TEST(equally_distant_words_cost_log_v)
{
    desk d;
    spae_real z[4] = {0, 0, 0, 0}, e[6] = {1, 0, 0, 1, -1, 0};
    open_desk(&d, z, e);
    const spae_codebook book = {.V = 3, .c = 2, .e = e};
    const double residual[6] = {0};
    const int32_t target[3] = {2, 0, 1};
    double layer[2];
    spae_var y = spae_semantic_loss(&d.tape, &pyramid, SPAE_SAQ, 2, d.z, residual, target, &book, layer);
    const double expected = 1.0986122886681098; /* log 3 */
    ck_assert_double_eq_tol((double)y->value[0], expected, 1e-6);
    ck_assert_double_eq_tol(layer[0], expected, 1e-6);
    ck_assert_double_eq_tol(layer[1], expected, 1e-6);
    spae_arena_free(&d.arena);
}
END_TEST

/* Far from every word but one: the target there costs nothing, elsewhere the difference of squared distances. */
START_TEST(a_certain_word_costs_nothing_and_another_its_distance)
{
    desk d;
    spae_real z[4] = {0, 0, 0, 0}, e[6] = {0, 0, 16, 0, 0, 16};
    open_desk(&d, z, e);
    const spae_codebook book = {.V = 3, .c = 2, .e = e};
    const double residual[2] = {0, 0};
    const int32_t right = 0, wrong = 1;
    spae_var y = spae_semantic_loss(&d.tape, &pyramid, SPAE_RQ, 1, d.z, residual, &right, &book, NULL);
    ck_assert(y->value[0] == 0);
    y = spae_semantic_loss(&d.tape, &pyramid, SPAE_RQ, 1, d.z, residual, &wrong, &book, NULL);
    ck_assert(y->value[0] == 256);
    spae_var g = slope(&d, y, d.z); /* 2 (e_0 - e_1): at the cell of layer 1, the second */
    ck_assert(g->value[0] == 0 && g->value[1] == 0 && g->value[2] == -32);
    ck_assert_double_eq_tol((double)g->value[3], 0, 1e-100); /* exp(-256) is 0 in binary32 only */
    spae_arena_free(&d.arena);
}
END_TEST

/* Tokens are constants: z_2 = 2 z - e passes twice the gradient in SAQ, once in RQ. */
START_TEST(the_gradient_to_z_counts_the_tokens_before)
{
    const spae_pyramid twice = {2, {{1, 1, 1}, {1, 1, 1}}};
    spae_real z[2] = {1, 2}, e[6] = {0, 0, 16, 0, 0, 16};
    const spae_codebook book = {.V = 3, .c = 2, .e = e};
    const double residual[4] = {0, 0, 0, 0};
    const int32_t target[2] = {0, 1};
    for (int quantizer = SPAE_SAQ; quantizer <= SPAE_RQ; quantizer++) {
        desk d;
        open_desk(&d, z, e);
        d.z = spae_tape_leaf(&d.tape, spae_shape_of(1, 1, 1, 1, 2), z);
        spae_var y =
            spae_semantic_loss(&d.tape, &twice, (spae_quantizer)quantizer, 2, d.z, residual, target, &book, NULL);
        spae_var g = slope(&d, y, d.z); /* half of layer 2's -32, times its factor; layer 1 is certain */
        ck_assert(g->value[0] == (quantizer == SPAE_SAQ ? -32 : -16));
        ck_assert_double_eq_tol((double)g->value[1], 0, 1e-100);
        spae_arena_free(&d.arena);
    }
}
END_TEST

SUITE(suite_spae_objective, "spae/objective", commitment_by_hand, no_term_has_a_gradient_to_the_codebook,
      equally_distant_words_cost_log_v, a_certain_word_costs_nothing_and_another_its_distance,
      the_gradient_to_z_counts_the_tokens_before)
