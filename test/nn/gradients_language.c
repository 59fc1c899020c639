/* Gradients of what language models consist of, of any order, and of two small ones at some elements of every parameter,
 * against differences. */
#include "../../nn/transformer.h"
#include "differences.h"

#define S(n, t, h, w, c) {{n, t, h, w, c}}

static spae_var make_gelu(spae_tape *tape, const spae_var *x)
{
    return spae_gelu(tape, x[0]);
}

static spae_var make_quick_gelu(spae_tape *tape, const spae_var *x)
{
    return spae_quick_gelu(tape, x[0]);
}

static spae_var make_erf(spae_tape *tape, const spae_var *x)
{
    return spae_erf(tape, x[0]);
}

static spae_var make_gelu_erf(spae_tape *tape, const spae_var *x)
{
    return spae_gelu_erf(tape, x[0]);
}

static spae_var make_join(spae_tape *tape, const spae_var *x)
{
    return spae_join_columns(tape, x[0], x[1]);
}

static spae_var make_layer_norm(spae_tape *tape, const spae_var *x)
{
    return spae_layer_norm(tape, x[0], x[1], x[2], 0.25);
}

static spae_var make_rms_standardize(spae_tape *tape, const spae_var *x)
{
    return spae_rms_standardize(tape, x[0], 0.125);
}

static spae_var make_rms_norm(spae_tape *tape, const spae_var *x)
{
    return spae_rms_norm(tape, x[0], x[1], 0.5);
}

static const real cosine[] = {1, (real)0.5, (real)-0.25, 0, (real)0.75, (real)-1, (real)0.25, (real)0.5};
static const real sine[] = {0, (real)0.75, 1, -1, (real)-0.5, (real)0.25, (real)0.125, 1};

static spae_var make_rotate(spae_tape *tape, const spae_var *x)
{
    return spae_rotate(tape, x[0], cosine, sine);
}

static spae_var make_columns(spae_tape *tape, const spae_var *x)
{
    return spae_columns(tape, x[0], 1, 2);
}

static spae_var make_attention(spae_tape *tape, const spae_var *x)
{
    return spae_attention(tape, x[0], x[1], x[2], false, 0);
}

static spae_var make_causal(spae_tape *tape, const spae_var *x)
{
    return spae_attention(tape, x[0], x[1], x[2], true, 0);
}

static spae_var make_causal_behind(spae_tape *tape, const spae_var *x)
{
    return spae_attention(tape, x[0], x[1], x[2], true, 1);
}

static const difference_case cases[] = {
    {"gelu", make_gelu, 1, {S(1, 1, 1, 2, 4)}, -4, 4, false, 0},
    {"quick gelu", make_quick_gelu, 1, {S(1, 1, 1, 2, 4)}, -4, 4, false, 0},
    {"erf", make_erf, 1, {S(1, 1, 1, 2, 4)}, -2, 2, false, 0},
    {"gelu by erf", make_gelu_erf, 1, {S(1, 1, 1, 2, 4)}, -4, 4, false, 0},
    {"layer norm", make_layer_norm, 3, {S(2, 1, 1, 2, 4), S(1, 1, 1, 1, 4), S(1, 1, 1, 1, 4)}, -1, 1, false, 0},
    {"rms standardize", make_rms_standardize, 1, {S(1, 2, 1, 1, 4)}, -1, 1, false, 0},
    {"rms norm", make_rms_norm, 2, {S(1, 2, 1, 1, 3), S(1, 1, 1, 1, 3)}, -1, 1, false, 2},
    {"rotate", make_rotate, 1, {S(2, 2, 1, 2, 4)}, -1, 1, false, 1},
    {"columns", make_columns, 1, {S(2, 1, 1, 2, 4)}, -1, 1, false, 1},
    {"joined columns", make_join, 2, {S(2, 1, 1, 2, 1), S(2, 1, 1, 2, 3)}, -1, 1, false, 0},
    {"attention", make_attention, 3, {S(2, 2, 1, 1, 2), S(2, 3, 1, 1, 2), S(2, 3, 1, 1, 2)}, -2, 2, false, 4},
    {"attention of groups", make_attention, 3, {S(1, 2, 1, 4, 2), S(1, 2, 1, 2, 2), S(1, 2, 1, 2, 2)}, -2, 2, false, 4},
    {"causal attention", make_causal, 3, {S(1, 3, 1, 2, 2), S(1, 3, 1, 1, 2), S(1, 3, 1, 1, 2)}, -2, 2, false, 4},
    {"causal attention with an offset", make_causal_behind, 3, {S(1, 2, 1, 1, 3), S(1, 3, 1, 1, 3), S(1, 3, 1, 1, 3)}, -2, 2,
     false, 4},
};

START_TEST(every_operation_against_differences)
{
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        difference_check(&cases[i]);
}
END_TEST

/* Rotation and columns are linear; attention's weights are no whole numbers. */
START_TEST(linear_operations_have_their_adjoint)
{
    for (size_t i = 7; i < 9; i++)
        linear_check(&cases[i]);
}
END_TEST

/* ---- whole models ---- */

enum { PROBES = 3, SEQUENCES = 2, TOKENS = 4 };

static const int32_t tokens[SEQUENCES * TOKENS] = {4, 0, 2, 2, 1, 3, 4, 1};

static const spae_transformer gpt2 = {.kind = SPAE_TRANSFORMER_GPT2, .layers = 2, .heads = 2, .kv_heads = 2, .head_dim = 2,
                                      .width = 4, .hidden = 6, .vocab = 5, .context = 6, .eps = 0.1, .tied = true};
static const spae_transformer llama = {.kind = SPAE_TRANSFORMER_LLAMA, .layers = 2, .heads = 2, .kv_heads = 1, .head_dim = 4,
                                       .width = 6, .hidden = 5, .vocab = 5, .context = 4, .eps = 0.1, .qkv_bias = true,
                                       .rotary = {.theta = 100, .factor = 1}};

typedef struct {
    spae_arena arena;
    const spae_transformer *t;
    spae_parameters parameters;
    real *values, *weight; /* of the parameters; of the logits in the sum that is differentiated */
} trial;

/* sum(logits * weight) */
static spae_var make(trial *t, spae_tape *tape, spae_network *network)
{
    spae_tape_start(tape, &t->arena, SPAE_TAPE_RECORD, NULL);
    spae_network_bind(network, tape, &t->parameters, t->values);
    spae_var y = spae_transformer_logits(network, t->t, tokens, SEQUENCES, TOKENS);
    ck_assert_ptr_nonnull(y);
    return spae_sum(tape, spae_mul(tape, y, spae_tape_constant(tape, y->shape, t->weight)));
}

static double value_of(trial *t)
{
    const spae_arena_mark mark = spae_arena_here(&t->arena);
    spae_tape tape;
    spae_network network;
    const double value = (double)make(t, &tape, &network)->value[0];
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

static void check(const spae_transformer *config)
{
    trial t = {.arena = test_arena(), .t = config};
    spae_tape tape;
    spae_network network;
    const bool fine = difference_rule_of_build().orders > 1;
    t.parameters.arena = &t.arena;
    ck_assert_int_eq(spae_transformer_declare(config, &t.parameters, NULL), SPAE_OK);
    t.values = filled(&t.arena, spae_shape_of(1, 1, 1, 1, t.parameters.elements), 3, -0.7, 0.7);
    t.weight = filled(&t.arena, spae_shape_of(SEQUENCES, TOKENS, 1, 1, config->vocab), 4, -1, 1);
    spae_var f = make(&t, &tape, &network), *g = spae_arena_take(&t.arena, t.parameters.count, sizeof *g);
    ck_assert_int_eq(spae_tape_gradient(&tape, f, NULL, network.leaf, t.parameters.count, g), SPAE_OK);
    for (size_t p = 0; p < t.parameters.count; p++) {
        const spae_parameter *item = &t.parameters.item[p];
        for (uint32_t i = 0; i < PROBES; i++) {
            const size_t at = (size_t)((double)spae_shape_count(item->shape) * scattered(i, p));
            const double got = (double)g[p]->value[at];
            const double expected = quotient(&t, t.values + item->first + at, fine ? 0x1p-12 : 0x1p-6);
            ck_assert_msg(fabs(got - expected) <= (fine ? 1e-8 : 5e-3) * (1 + fabs(expected)),
                          "%s: difference %.12g, gradient %.12g", item->path, expected, got);
        }
    }
    spae_arena_free(&t.arena);
}

START_TEST(gpt2_in_every_parameter)
{
    check(&gpt2);
}
END_TEST

START_TEST(llama_in_every_parameter)
{
    check(&llama);
}
END_TEST

SUITE(suite_nn_gradients_language, "nn/gradients_language", every_operation_against_differences,
      linear_operations_have_their_adjoint, gpt2_in_every_parameter, llama_in_every_parameter)
