/* Language models and what they consist of: attention, gelu, GPT-2, Llama. */
#include "ops.h"

#include <math.h>
#include <string.h>

#include "../../nn/ops.h"
#include "../../nn/transformer.h"
#include "compare.h"
#include "parameters.h"
#include "work.h"

/* ---- activations ---- */

static void gelu_tanh(oracle_case *c)
{
    oracle_work w;
    oracle_start(&w, c);
    const oracle_array a = oracle_read(c, "in_x");
    oracle_finish(&w, "out_y", spae_gelu(&w.tape, oracle_leaf(&w, &a, oracle_shape_right(c, &a))));
}

static void quick_gelu(oracle_case *c)
{
    oracle_work w;
    oracle_start(&w, c);
    const oracle_array a = oracle_read(c, "in_x");
    oracle_finish(&w, "out_y", spae_quick_gelu(&w.tape, oracle_leaf(&w, &a, oracle_shape_right(c, &a))));
}

/* ---- attention ---- */

/* in_<name> (N,T,heads,head_dim) as (N,T,1,heads,head_dim) */
static spae_var heads_of(oracle_work *w, const char *name, size_t heads, size_t d)
{
    const oracle_array a = oracle_read(w->c, name);
    if (a.rank != 4 || a.shape[2] != heads || a.shape[3] != d)
        oracle_abort(w->c, "%s: not (N,T,%zu,%zu)", name, heads, d);
    return oracle_leaf(w, &a, spae_shape_of(a.shape[0], a.shape[1], 1, heads, d));
}

/* The running tape's one node against the recorded operations. */
static void want_same_attention(oracle_work *w, spae_var y, bool causal)
{
    spae_tape tape;
    spae_error err;
    spae_var x[3];
    spae_tape_start(&tape, w->c->arena, SPAE_TAPE_RUN, &err);
    for (size_t i = 0; i < 3; i++)
        x[i] = spae_tape_constant(&tape, w->leaf[i]->shape, w->leaf[i]->value);
    spae_var one = spae_attention(&tape, x[0], x[1], x[2], causal, 0);
    if (tape.status != SPAE_OK)
        oracle_abort(w->c, "%s", err.text);
    if (memcmp(one->value, y->value, spae_shape_count(y->shape) * sizeof *y->value) != 0)
        oracle_abort(w->c, "out_y: the running tape and the recording tape differ");
}

static void attention(oracle_case *c)
{
    oracle_work w;
    oracle_start(&w, c);
    const size_t heads = oracle_size(c, "heads", 1, 4096), d = oracle_size(c, "head_dim", 1, 65536);
    const bool causal = oracle_flag(c, "causal");
    spae_var q = heads_of(&w, "in_q", heads, d), k = heads_of(&w, "in_k", heads, d), v = heads_of(&w, "in_v", heads, d);
    if (causal && q->shape.axis[SPAE_AXIS_T] != k->shape.axis[SPAE_AXIS_T])
        oracle_abort(c, "in_q and in_k: causal, and of different lengths");
    if (fabs(oracle_number(c, "scale") * sqrt((double)d) - 1) > 1e-8)
        oracle_abort(c, "case.txt: scale is not 1 / sqrt(head_dim)");
    spae_var y = spae_attention(&w.tape, q, k, v, causal, 0);
    oracle_check_tape(&w);
    want_same_attention(&w, y, causal);
    oracle_finish(&w, "out_y", y);
}

/* ---- GPT-2 and Llama ---- */

static oracle_array tokens_of(oracle_case *c, size_t vocab)
{
    const oracle_array tokens = oracle_read_int32(c, "in_tokens");
    if (tokens.rank != 2)
        oracle_abort(c, "in_tokens: not (B,T)");
    oracle_want_below(c, &tokens, vocab);
    return tokens;
}

static void give_parameters(oracle_case *c, spae_transformer_model *model)
{
    spae_error err;
    model->parameters = (spae_parameters){.arena = c->arena};
    if (spae_transformer_declare(&model->config, &model->parameters, &err) != SPAE_OK)
        oracle_abort(c, "%s", err.text);
    model->values = oracle_read_parameters(c, &model->parameters);
}

/* One sequence through a cache, in pieces of `piece` tokens; logits (T,vocab). */
static void through_cache(oracle_case *c, const spae_transformer_model *model, const int32_t *tokens, size_t T, size_t piece,
                          real *logits)
{
    spae_transformer_cache cache;
    spae_error err;
    if (spae_transformer_cache_take(&cache, &model->config, T, c->arena, &err) != SPAE_OK)
        oracle_abort(c, "%s", err.text);
    for (size_t at = 0; at < T; at += piece) {
        const size_t count = T - at < piece ? T - at : piece;
        if (spae_transformer_forward(model, &cache, 1, tokens + at, count, count, c->arena, logits + at * model->config.vocab,
                                     &err) != SPAE_OK)
            oracle_abort(c, "%s", err.text);
    }
}

/* Recorded without a cache and compared; through caches in one call, token by token and in pieces of three: the same bits. */
static void run_transformer(oracle_case *c, spae_transformer_model *model)
{
    oracle_work w;
    spae_network network;
    const oracle_array tokens = tokens_of(c, model->config.vocab);
    const size_t B = tokens.shape[0], T = tokens.shape[1], one = T * model->config.vocab, pieces[] = {T, 1, 3};
    if (model->config.kind == SPAE_TRANSFORMER_LLAMA)
        model->config.context = T;
    give_parameters(c, model);
    oracle_start(&w, c);
    spae_network_bind(&network, &w.tape, &model->parameters, model->values);
    spae_var y = spae_transformer_logits(&network, &model->config, tokens.index, B, T);
    oracle_check_tape(&w);
    oracle_compare(c, "out_logits", y->shape, y->value);
    real *logits = oracle_take(c, one, sizeof *logits);
    for (size_t b = 0; b < B; b++)
        for (size_t i = 0; i < 3; i++) {
            through_cache(c, model, tokens.index + b * T, T, pieces[i], logits);
            if (memcmp(logits, y->value + b * one, one * sizeof *logits) != 0)
                oracle_abort(c, "out_logits: sequence %zu in pieces of %zu differs from that without a cache", b, pieces[i]);
        }
}

static void gpt2(oracle_case *c)
{
    const char *prefix = oracle_key(c, "name_prefix");
    spae_transformer_model model = {.config = {.kind = SPAE_TRANSFORMER_GPT2,
                                               .layers = oracle_size(c, "layers", 1, 1024),
                                               .heads = oracle_size(c, "heads", 1, 1024),
                                               .width = oracle_size(c, "width", 1, 65536),
                                               .vocab = oracle_size(c, "vocab", 1, 1 << 20),
                                               .context = oracle_size(c, "context", 1, 1 << 20),
                                               .eps = oracle_number(c, "eps"),
                                               .tied = true}};
    spae_transformer *t = &model.config;
    t->kv_heads = t->heads;
    t->head_dim = t->width / t->heads;
    t->hidden = 4 * t->width;
    if (strlen(prefix) >= sizeof t->prefix)
        oracle_abort(c, "case.txt: a prefix of %zu bytes", strlen(prefix));
    if (strcmp(prefix, "-") != 0)
        memcpy(t->prefix, prefix, strlen(prefix));
    run_transformer(c, &model);
}

static void llama(oracle_case *c)
{
    spae_transformer_model model = {
        .config = {.kind = SPAE_TRANSFORMER_LLAMA,
                   .prefix = "model.",
                   .layers = oracle_size(c, "layers", 1, 1024),
                   .heads = oracle_size(c, "heads", 1, 1024),
                   .kv_heads = oracle_size(c, "kv_heads", 1, 1024),
                   .head_dim = oracle_size(c, "head_dim", 1, 65536),
                   .width = oracle_size(c, "width", 1, 65536),
                   .hidden = oracle_size(c, "hidden", 1, 1 << 20),
                   .vocab = oracle_size(c, "vocab", 1, 1 << 20),
                   .eps = oracle_number(c, "eps"),
                   .tied = oracle_flag(c, "tied"),
                   .rotary = {.theta = oracle_number(c, "rope_theta"), .factor = 1}}};
    run_transformer(c, &model);
}

const oracle_op oracle_language_ops[] = {{"attention", attention}, {"gelu_tanh", gelu_tanh}, {"quick_gelu", quick_gelu},
                                         {"gpt2", gpt2},           {"llama", llama},         {NULL, NULL}};
