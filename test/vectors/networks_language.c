/* Stage networks: SPEC 6.10 to 6.12, language models. */
#include "models.h"
#include "nn/transformer.h"

typedef struct {
    const char *name, *clause, *op, *with, *why;
    spae_transformer t;
} language;

static const language languages[] = {
    {"networks/gpt2", "6.10", "gpt2",
     "{\"layers\":2,\"heads\":2,\"width\":8,\"hidden\":12,\"vocab\":11,\"context\":7,\"eps\":1e-5,\"prefix\":\"\",\"tied\":true}",
     "two sequences, a token twice; the head is the embedding, whose gradient has both parts",
     {.kind = SPAE_TRANSFORMER_GPT2, .layers = 2, .heads = 2, .kv_heads = 2, .head_dim = 4, .width = 8, .hidden = 12,
      .vocab = 11, .context = 7, .eps = 1e-5, .tied = true}},
    {"networks/gpt2_untied", "6.10", "gpt2",
     "{\"layers\":1,\"heads\":3,\"width\":6,\"hidden\":24,\"vocab\":11,\"context\":6,\"eps\":1e-6,\"prefix\":\"transformer.\",\"tied\":"
     "false}",
     "a head of its own, names with a prefix",
     {.kind = SPAE_TRANSFORMER_GPT2, .prefix = "transformer.", .layers = 1, .heads = 3, .kv_heads = 3, .head_dim = 2, .width = 6,
      .hidden = 24, .vocab = 11, .context = 6, .eps = 1e-6}},
    {"networks/llama", "6.11", "llama",
     "{\"layers\":2,\"heads\":4,\"kv_heads\":2,\"head_dim\":4,\"width\":10,\"hidden\":12,\"vocab\":11,\"eps\":1e-5,\"prefix\":\"model.\","
     "\"tied\":false,\"qkv_bias\":false,\"theta\":10000,\"factor\":1}",
     "two heads to a key head, whose widths are not the stream's; a head of its own",
     {.kind = SPAE_TRANSFORMER_LLAMA, .prefix = "model.", .layers = 2, .heads = 4, .kv_heads = 2, .head_dim = 4, .width = 10,
      .hidden = 12, .vocab = 11, .context = 64, .eps = 1e-5, .rotary = {.theta = 10000, .factor = 1}}},
    {"networks/llama_scaled", "6.11", "llama",
     "{\"layers\":1,\"heads\":2,\"kv_heads\":2,\"head_dim\":6,\"width\":8,\"hidden\":9,\"vocab\":11,\"eps\":1e-6,\"prefix\":\"model.\","
     "\"tied\":true,\"qkv_bias\":true,\"theta\":100,\"factor\":4,\"low_freq_factor\":1,\"high_freq_factor\":4,"
     "\"original_max_position_embeddings\":48}",
     "scaled positions, biases of q, k and v, a tied head",
     {.kind = SPAE_TRANSFORMER_LLAMA, .prefix = "model.", .layers = 1, .heads = 2, .kv_heads = 2, .head_dim = 6, .width = 8,
      .hidden = 9, .vocab = 11, .context = 64, .eps = 1e-6, .tied = true, .qkv_bias = true,
      .rotary = {.theta = 100, .factor = 4, .low = 1, .high = 4, .trained = 48}}},
};

enum { SEQUENCES = 2, TOKENS = 6 };

static const int32_t tokens[SEQUENCES * TOKENS] = {10, 3, 3, 0, 7, 1, 4, 9, 2, 4, 10, 6};

static spae_var build(spae_network *network, const void *context, const spae_var *in)
{
    (void)in;
    return spae_transformer_logits(network, context, tokens, SEQUENCES, TOKENS);
}

static void whole(vectors *v, const language *l)
{
    const size_t shape[2] = {SEQUENCES, TOKENS};
    spae_network network;
    if (!vectors_begin(v, l->name, l->clause, l->op, l->with, l->why))
        return;
    if (vectors_bind(v, "parameters", build, &l->t, NULL, 0, &network)) {
        vectors_integers(v, "tokens", VECTORS_INPUT, 2, shape, tokens);
        spae_var y = build(&network, &l->t, NULL);
        vectors_result(v, "y", y);
        vectors_network_gradients(v, &network, "y", y);
    }
    vectors_end(v);
}

/* One sequence in pieces: the first one in one cache, the others in a fork of it. */
static void read_pieces(vectors *v, const spae_transformer_model *model, const size_t piece[3], spae_real *logits)
{
    spae_transformer_cache prompt, fork;
    const size_t vocab = model->config.vocab;
    vectors_expect(v, spae_transformer_cache_take(&prompt, &model->config, TOKENS, v->arena, v->err));
    if (vectors_goes_on(v))
        vectors_expect(v, spae_transformer_forward(model, &prompt, 1, tokens, piece[0], piece[0], v->arena, logits, v->err));
    if (vectors_goes_on(v))
        vectors_expect(v, spae_transformer_cache_fork(&fork, &prompt, &model->config, TOKENS, v->arena, v->err));
    for (size_t i = 1, at = piece[0]; i < 3 && vectors_goes_on(v); at += piece[i++])
        vectors_expect(v, spae_transformer_forward(model, &fork, 1, tokens + at, piece[i], piece[i], v->arena,
                                                   logits + at * vocab, v->err));
}

static void in_pieces(vectors *v, const char *name, const language *l, const char *with)
{
    static const size_t piece[3] = {3, 1, 2}, one = TOKENS;
    if (!vectors_begin(v, name, "6.12", l->op, with, "the first sequence in three calls, from a fork on: the bits of one call"))
        return;
    spae_transformer_model model = {.config = l->t, .parameters = {.arena = v->arena}};
    vectors_expect(v, spae_transformer_declare(&l->t, &model.parameters, v->err));
    model.values = vectors_goes_on(v) ? vectors_parameters(v, "parameters", &model.parameters) : NULL;
    vectors_integers(v, "tokens", VECTORS_INPUT, 1, &one, tokens);
    const size_t shape[2] = {TOKENS, l->t.vocab};
    spae_real *logits = vectors_room(v, TOKENS * l->t.vocab, sizeof *logits);
    if (model.values != NULL && logits != NULL) {
        read_pieces(v, &model, piece, logits);
        if (vectors_goes_on(v))
            vectors_numbers(v, "y", VECTORS_NUMBERS, 2, shape, logits);
    }
    vectors_end(v);
}

void vectors_networks_language(vectors *v)
{
    for (size_t i = 0; i < sizeof languages / sizeof languages[0]; i++)
        whole(v, &languages[i]);
    in_pieces(v, "networks/gpt2_in_pieces", &languages[0],
              "{\"layers\":2,\"heads\":2,\"width\":8,\"hidden\":12,\"vocab\":11,\"context\":7,\"eps\":1e-5,\"prefix\":\"\",\"tied\":true,"
              "\"pieces\":[3,1,2]}");
    in_pieces(v, "networks/llama_in_pieces", &languages[2],
              "{\"layers\":2,\"heads\":4,\"kv_heads\":2,\"head_dim\":4,\"width\":10,\"hidden\":12,\"vocab\":11,\"eps\":1e-5,\"prefix\":"
              "\"model.\",\"tied\":false,\"qkv_bias\":false,\"theta\":10000,\"factor\":1,\"pieces\":[3,1,2]}");
}
