/* The networks of transformer.h: configuration, parameters, layers (SPEC 6.10, 6.11).
 *
 * Written down once: run on a planning tape that declares, parameters get their names, shapes and order; run with values it
 * computes. On a running tape each half of a layer leaves its sum only.
 */
#include <string.h>

#include "ops.h"
#include "transformer_pass.h"

/* ---- configuration ---- */

enum { MOST_SIZE = 1 << 24, MOST_LAYERS = 1024, MOST_HEADS = 1024 };

static spae_status out_of_range(const char *what, size_t got, size_t most, spae_error *err)
{
    return spae_fail(err, SPAE_ERR_ARGUMENT, "transformer: %s is %zu, not in 1..%zu", what, got, most);
}

static spae_status check_sizes(const spae_transformer *t, spae_error *err)
{
    const struct { const char *what; size_t got, most; } size[] = {
        {"the number of layers", t->layers, MOST_LAYERS}, {"the number of heads", t->heads, MOST_HEADS},
        {"the number of key/value heads", t->kv_heads, MOST_HEADS}, {"the width of a head", t->head_dim, MOST_SIZE},
        {"the width", t->width, MOST_SIZE}, {"the hidden width", t->hidden, MOST_SIZE},
        {"the vocabulary", t->vocab, INT32_MAX}, {"the context", t->context, MOST_SIZE}};
    for (size_t i = 0; i < sizeof size / sizeof size[0]; i++)
        if (size[i].got < 1 || size[i].got > size[i].most)
            return out_of_range(size[i].what, size[i].got, size[i].most, err);
    return SPAE_OK;
}

static spae_status check_gpt2(const spae_transformer *t, spae_error *err)
{
    if (t->kv_heads != t->heads)
        return spae_fail(err, SPAE_ERR_ARGUMENT, "transformer: GPT-2 has a key head for each of %zu heads, not %zu", t->heads,
                         t->kv_heads);
    if (t->heads * t->head_dim != t->width)
        return spae_fail(err, SPAE_ERR_ARGUMENT, "transformer: %zu heads of %zu do not make GPT-2's width %zu", t->heads,
                         t->head_dim, t->width);
    return SPAE_OK;
}

static spae_status check_rotary(const spae_rotary *r, spae_error *err)
{
    if (!(r->theta > 1 && r->theta <= 1e9))
        return spae_fail(err, SPAE_ERR_ARGUMENT, "transformer: the rotary base %g is not above 1 and at most 1e9", r->theta);
    if (!(r->factor >= 1 && r->factor <= 1e6))
        return spae_fail(err, SPAE_ERR_ARGUMENT, "transformer: the rotary scaling's factor %g is not in 1..1e6", r->factor);
    if (r->factor == 1)
        return SPAE_OK;
    if (!(r->low > 0 && r->high > r->low && r->high <= 1e6) || r->trained < 1 || r->trained > INT32_MAX)
        return spae_fail(err, SPAE_ERR_ARGUMENT,
                         "transformer: rotary scaling needs 0 < low < high <= 1e6 and a trained context, not %g, %g and %zu",
                         r->low, r->high, r->trained);
    return SPAE_OK;
}

static spae_status check_llama(const spae_transformer *t, spae_error *err)
{
    if (t->heads % t->kv_heads != 0)
        return spae_fail(err, SPAE_ERR_ARGUMENT, "transformer: %zu key/value heads do not divide %zu heads", t->kv_heads,
                         t->heads);
    if (t->head_dim % 2 != 0)
        return spae_fail(err, SPAE_ERR_ARGUMENT, "transformer: rotary positions need an even head width, not %zu",
                         t->head_dim);
    return check_rotary(&t->rotary, err);
}

spae_status spae_transformer_check(const spae_transformer *t, spae_error *err)
{
    if (memchr(t->prefix, '\0', sizeof t->prefix) == NULL)
        return spae_fail(err, SPAE_ERR_ARGUMENT, "transformer: the prefix of its names has %zu bytes or more", sizeof t->prefix);
    if (!(t->eps > 0 && t->eps <= 1))
        return spae_fail(err, SPAE_ERR_ARGUMENT, "transformer: eps %g is not above 0 and at most 1", t->eps);
    const spae_status status = check_sizes(t, err);
    if (status != SPAE_OK)
        return status;
    return t->kind == SPAE_TRANSFORMER_GPT2 ? check_gpt2(t, err) : check_llama(t, err);
}

/* ---- parameters by name ---- */

/* Names fit: a prefix, a number and the longest name make 75 bytes. */
static void append(char path[SPAE_PATH_MAX], const char *text)
{
    const size_t at = strlen(path), count = strlen(text);
    memcpy(path + at, text, count + 1);
}

static spae_var parameter(const spae_transformer_pass *p, const char *name, size_t rank, spae_shape shape)
{
    const spae_scope root = spae_scope_root("");
    return spae_network_parameter(p->network, &root, name, rank, shape);
}

/* `name` of the whole network, or of the layer that the pass is in. */
static void name_in(const spae_transformer_pass *p, bool layer, const char *name, const char *leaf, char path[SPAE_PATH_MAX])
{
    const spae_scope root = spae_scope_root("");
    path[0] = '\0';
    append(path, p->t->prefix);
    if (layer) {
        const char *stem = p->t->kind == SPAE_TRANSFORMER_GPT2 ? "h." : "layers.";
        const spae_scope number = spae_scope_numbered(&root, stem, (unsigned)p->layer);
        append(path, number.path);
        append(path, ".");
    }
    append(path, name);
    append(path, leaf);
}

static spae_var vector_of(const spae_transformer_pass *p, bool layer, const char *name, const char *leaf, size_t c)
{
    char path[SPAE_PATH_MAX];
    name_in(p, layer, name, leaf, path);
    return parameter(p, path, 1, spae_shape_of(1, 1, 1, 1, c));
}

static spae_var matrix_of(const spae_transformer_pass *p, bool layer, const char *name, size_t rows, size_t columns)
{
    char path[SPAE_PATH_MAX];
    name_in(p, layer, name, ".weight", path);
    return parameter(p, path, 2, spae_shape_of(1, 1, 1, rows, columns));
}

/* ---- layers that both have ---- */

static spae_tape *tape_of(const spae_transformer_pass *p)
{
    return p->network->tape;
}

/* The heads of x (n,count,1,1,heads * head_dim). */
static spae_var split_heads(const spae_transformer_pass *p, spae_var x, size_t heads)
{
    return spae_reshape(tape_of(p), x, spae_shape_of(p->n, p->count, 1, heads, p->t->head_dim));
}

static spae_var attend(const spae_transformer_pass *p, spae_var q, spae_var k, spae_var v)
{
    const size_t c = p->t->heads * p->t->head_dim;
    spae_var y = p->cache != NULL ? spae_transformer_attend(p, q, k, v) : spae_attention(tape_of(p), q, k, v, true, 0);
    return spae_reshape(tape_of(p), y, spae_shape_of(p->n, p->count, 1, 1, c));
}

static spae_var embed(const spae_transformer_pass *p, const char *name, size_t rows, const int32_t *index)
{
    spae_var table = matrix_of(p, false, name, rows, p->t->width);
    spae_var x = spae_gather_rows(tape_of(p), table, index, p->n * p->count);
    return spae_reshape(tape_of(p), x, spae_shape_of(p->n, p->count, 1, 1, p->t->width));
}

/* ---- GPT-2 ---- */

static spae_var layer_norm(const spae_transformer_pass *p, bool layer, const char *name, spae_var x)
{
    spae_var scale = vector_of(p, layer, name, ".weight", p->t->width);
    spae_var bias = vector_of(p, layer, name, ".bias", p->t->width);
    return spae_layer_norm(tape_of(p), x, scale, bias, p->t->eps);
}

/* x . weight + bias, weight (in,out) */
static spae_var conv1d(const spae_transformer_pass *p, const char *name, spae_var x, size_t in, size_t out)
{
    spae_var weight = matrix_of(p, true, name, in, out), bias = vector_of(p, true, name, ".bias", out);
    return spae_dense(tape_of(p), x, weight, bias);
}

static spae_var gpt2_attention(const spae_transformer_pass *p, spae_var x)
{
    spae_tape *tape = tape_of(p);
    const size_t c = p->t->width, heads = p->t->heads;
    spae_var qkv = conv1d(p, "attn.c_attn", layer_norm(p, true, "ln_1", x), c, 3 * c);
    spae_var q = split_heads(p, spae_columns(tape, qkv, 0, c), heads);
    spae_var k = split_heads(p, spae_columns(tape, qkv, c, c), heads);
    spae_var v = split_heads(p, spae_columns(tape, qkv, 2 * c, c), heads);
    return conv1d(p, "attn.c_proj", attend(p, q, k, v), c, c);
}

static spae_var gpt2_feed_forward(const spae_transformer_pass *p, spae_var x)
{
    const size_t c = p->t->width, hidden = p->t->hidden;
    spae_var y = conv1d(p, "mlp.c_fc", layer_norm(p, true, "ln_2", x), c, hidden);
    return conv1d(p, "mlp.c_proj", spae_gelu(tape_of(p), y), hidden, c);
}

static spae_var gpt2_embedding(const spae_transformer_pass *p)
{
    spae_var tokens = embed(p, "wte", p->t->vocab, p->tokens);
    return spae_add(tape_of(p), tokens, embed(p, "wpe", p->t->context, p->position));
}

static spae_var gpt2_norm(const spae_transformer_pass *p, spae_var x)
{
    return layer_norm(p, false, "ln_f", x);
}

/* ---- Llama ---- */

static spae_var rms_norm(const spae_transformer_pass *p, bool layer, const char *name, spae_var x)
{
    spae_var scale = vector_of(p, layer, name, ".weight", p->t->width);
    return spae_rms_norm(tape_of(p), x, scale, p->t->eps);
}

/* x . weight^T (+ bias), weight (out,in) */
static spae_var linear(const spae_transformer_pass *p, const char *name, spae_var x, size_t in, size_t out, bool biased)
{
    spae_var y = spae_dense_transposed(tape_of(p), x, matrix_of(p, true, name, out, in), NULL);
    if (!biased || y == NULL)
        return y;
    spae_var bias = vector_of(p, true, name, ".bias", out);
    return spae_add(tape_of(p), y, spae_broadcast(tape_of(p), bias, y->shape));
}

static spae_var llama_attention(const spae_transformer_pass *p, spae_var x)
{
    const spae_transformer *t = p->t;
    const size_t kv = t->kv_heads * t->head_dim, all = t->heads * t->head_dim;
    spae_var y = rms_norm(p, true, "input_layernorm", x);
    spae_var q = split_heads(p, linear(p, "self_attn.q_proj", y, t->width, all, t->qkv_bias), t->heads);
    spae_var k = split_heads(p, linear(p, "self_attn.k_proj", y, t->width, kv, t->qkv_bias), t->kv_heads);
    spae_var v = split_heads(p, linear(p, "self_attn.v_proj", y, t->width, kv, t->qkv_bias), t->kv_heads);
    q = spae_rotate(tape_of(p), q, p->cosine, p->sine);
    k = spae_rotate(tape_of(p), k, p->cosine, p->sine);
    return linear(p, "self_attn.o_proj", attend(p, q, k, v), all, t->width, false);
}

static spae_var llama_feed_forward(const spae_transformer_pass *p, spae_var x)
{
    const size_t c = p->t->width, hidden = p->t->hidden;
    spae_var y = rms_norm(p, true, "post_attention_layernorm", x);
    spae_var gate = spae_swish(tape_of(p), linear(p, "mlp.gate_proj", y, c, hidden, false));
    spae_var up = linear(p, "mlp.up_proj", y, c, hidden, false);
    return linear(p, "mlp.down_proj", spae_mul(tape_of(p), gate, up), hidden, c, false);
}

static spae_var llama_embedding(const spae_transformer_pass *p)
{
    return embed(p, "embed_tokens", p->t->vocab, p->tokens);
}

static spae_var llama_norm(const spae_transformer_pass *p, spae_var x)
{
    return rms_norm(p, false, "norm", x);
}

/* ---- the network ---- */

typedef struct {
    const char *embedding; /* the name of the tokens' */
    spae_var (*embed)(const spae_transformer_pass *p);
    spae_var (*attention)(const spae_transformer_pass *p, spae_var x);
    spae_var (*feed_forward)(const spae_transformer_pass *p, spae_var x);
    spae_var (*norm)(const spae_transformer_pass *p, spae_var x);
} architecture;

static const architecture architectures[] = {
    {"wte", gpt2_embedding, gpt2_attention, gpt2_feed_forward, gpt2_norm},
    {"embed_tokens", llama_embedding, llama_attention, llama_feed_forward, llama_norm}};

static spae_var refuse_memory(const spae_transformer_pass *p)
{
    return spae_tape_refuse(tape_of(p), SPAE_ERR_NO_MEMORY, "transformer: no memory for positions (sequences, tokens)", p->n,
                            p->count);
}

/* Positions; with rotary ones, their angles. */
static bool set_positions(spae_transformer_pass *p)
{
    spae_tape *tape = tape_of(p);
    const size_t rows = p->n * p->count, half = p->t->head_dim / 2;
    const bool turns = p->t->kind == SPAE_TRANSFORMER_LLAMA;
    double *frequency = spae_arena_take(tape->arena, half, sizeof *frequency);
    p->position = spae_arena_take(tape->arena, rows, sizeof *p->position);
    if (frequency == NULL || p->position == NULL) {
        refuse_memory(p);
        return false;
    }
    for (size_t i = 0; i < rows; i++)
        p->position[i] = (int32_t)((p->cache != NULL ? p->cache[i / p->count].used : 0) + i % p->count);
    if (!turns)
        return true;
    if (!spae_tape_room(tape, rows * half, &p->cosine) || !spae_tape_room(tape, rows * half, &p->sine))
        return false;
    spae_rotary_frequencies(&p->t->rotary, half, frequency);
    for (size_t i = 0; p->cosine != NULL && i < rows; i++)
        spae_rotary_angles(frequency, half, (size_t)p->position[i], p->cosine + i * half, p->sine + i * half);
    return true;
}

/* The last positions of every sequence. */
static spae_var take_last(const spae_transformer_pass *p, spae_var x)
{
    spae_tape *tape = tape_of(p);
    if (p->last == p->count)
        return x;
    int32_t *index = spae_arena_take(tape->arena, p->n * p->last, sizeof *index);
    if (index == NULL)
        return refuse_memory(p);
    for (size_t i = 0; i < p->n * p->last; i++)
        index[i] = (int32_t)(i / p->last * p->count + p->count - p->last + i % p->last);
    return spae_reshape(tape, spae_gather_rows(tape, x, index, p->n * p->last),
                        spae_shape_of(p->n, p->last, 1, 1, p->t->width));
}

static spae_var head(const spae_transformer_pass *p, const char *embedding, spae_var x)
{
    const spae_shape shape = spae_shape_of(1, 1, 1, p->t->vocab, p->t->width);
    spae_var weight = p->t->tied ? matrix_of(p, false, embedding, p->t->vocab, p->t->width)
                                 : parameter(p, "lm_head.weight", 2, shape);
    return spae_dense_transposed(tape_of(p), x, weight, NULL);
}

spae_var spae_transformer_run(spae_transformer_pass *p)
{
    const architecture *a = &architectures[p->t->kind];
    spae_tape *tape = tape_of(p);
    if (!set_positions(p))
        return NULL;
    const spae_arena_mark start = spae_arena_here(tape->arena);
    spae_var x = spae_tape_keep(tape, start, a->embed(p));
    for (p->layer = 0; p->layer < p->t->layers; p->layer++) {
        x = spae_tape_keep(tape, start, spae_add(tape, x, a->attention(p, x)));
        x = spae_tape_keep(tape, start, spae_add(tape, x, a->feed_forward(p, x)));
    }
    if (p->last == 0)
        return x;
    return spae_tape_keep(tape, start, head(p, a->embedding, a->norm(p, take_last(p, x))));
}

/* The first token outside the vocabulary; count where there is none. */
static size_t first_foreign(const int32_t *tokens, size_t count, size_t vocab)
{
    size_t i = 0;
    while (i < count && tokens[i] >= 0 && (size_t)tokens[i] < vocab)
        i++;
    return i;
}

spae_var spae_transformer_logits(spae_network *network, const spae_transformer *t, const int32_t *tokens, size_t n,
                                 size_t count)
{
    spae_transformer_pass pass = {.network = network, .t = t, .n = n, .count = count, .tokens = tokens, .last = count};
    if (n == 0 || count == 0 || count > t->context)
        return spae_tape_refuse(network->tape, SPAE_ERR_ARGUMENT, "transformer: no tokens, or more than the context (these)",
                                count, t->context);
    const size_t bad = tokens != NULL ? first_foreign(tokens, n * count, t->vocab) : n * count;
    if (bad < n * count)
        return spae_tape_refuse(network->tape, SPAE_ERR_ARGUMENT, "transformer: a token outside the vocabulary (place, tokens)",
                                bad, t->vocab);
    return spae_transformer_run(&pass);
}

spae_status spae_transformer_declare(const spae_transformer *t, spae_parameters *parameters, spae_error *err)
{
    spae_tape tape;
    spae_network network;
    const spae_status status = spae_transformer_check(t, err);
    if (status != SPAE_OK)
        return status;
    spae_tape_start(&tape, parameters->arena, SPAE_TAPE_PLAN, err);
    spae_network_declare(&network, &tape, parameters);
    spae_transformer_logits(&network, t, NULL, 1, 1);
    return tape.status;
}
