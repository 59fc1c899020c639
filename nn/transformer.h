/* Language models: the transformers GPT-2 and Llama, forward, with a cache of keys and values (SPEC 6.10 to 6.12).
 *
 * GPT-2    learned positions; x += attention(LayerNorm x); x += c_proj(gelu(c_fc(LayerNorm x))); LayerNorm; head.
 *          Weights of layers are (in,out), biases everywhere, no bias on the head.
 * Llama    x += attention(RMSNorm x), rotary positions on q and k; x += down(swish(gate y) * up y), y = RMSNorm x; RMSNorm;
 *          head. Weights are (out,in), no biases (but, where asked for, on q, k and v: Qwen2). Query head i reads key/value
 *          head i / (heads / kv_heads).
 * A tied head uses the embedding of the tokens.
 *
 * Parameters have the names and shapes of the published state dicts (Hugging Face), one array `values` holds them all:
 *
 *     spae_transformer_model model = {.config = ..., .parameters = {.arena = &arena}};
 *     spae_transformer_declare(&model.config, &model.parameters, err);       names and shapes: parameters.item[i]
 *     model.values = ... parameters.elements numbers, item i from item[i].first on ...
 *     spae_transformer_cache_take(&cache, &model.config, room, &arena, err);
 *     spae_transformer_forward(&model, &cache, 1, prompt, length, 1, &arena, logits, err);     logits behind the prompt
 *     spae_transformer_forward(&model, &cache, 1, &token, 1, 1, &arena, logits, err);          and behind one more token
 *     spae_transformer_cache_truncate(&cache, length, err);                                    back to the prompt
 *
 * The logits of a position are a function of the tokens up to it: the same bits whether these came in one call, token by
 * token or in pieces, alone or beside others, through forks or not, and for any number of threads.
 */
#ifndef SPAE_TRANSFORMER_H
#define SPAE_TRANSFORMER_H

#include "network.h"
#include "rotary.h"

typedef enum { SPAE_TRANSFORMER_GPT2, SPAE_TRANSFORMER_LLAMA } spae_transformer_kind;

enum { SPAE_TRANSFORMER_PREFIX = 32 };

typedef struct {
    spae_transformer_kind kind;
    char prefix[SPAE_TRANSFORMER_PREFIX]; /* before every name but lm_head's: "", "transformer.", "model."; terminated */
    size_t layers;    /* 1..1024 */
    size_t heads;     /* of queries, 1..1024 */
    size_t kv_heads;  /* of keys and values; divides heads; GPT-2: equal to heads */
    size_t head_dim;  /* GPT-2: width / heads; Llama: even */
    size_t width;     /* of the residual stream */
    size_t hidden;    /* of the feed-forward layers; GPT-2: usually 4 width */
    size_t vocab;     /* tokens, below 2^31 */
    size_t context;   /* most positions a sequence may have; GPT-2: rows of wpe */
    double eps;       /* of the norms, > 0 */
    bool tied;        /* the head is the embedding; else lm_head.weight (vocab,width) */
    bool qkv_bias;    /* Llama: biases on q_proj, k_proj, v_proj; GPT-2: not looked at */
    spae_rotary rotary; /* Llama */
} spae_transformer;

/* SPAE_ERR_ARGUMENT: a number out of the ranges above (head_dim, width, hidden and context: 1..2^24), or that does not
 * fit another. The text names both. */
spae_status spae_transformer_check(const spae_transformer *t, spae_error *err);

/* Adds the parameters to the list (`arena` set, the rest zero or from other networks), in order of use:
 *   GPT-2  wte.weight (vocab,width), wpe.weight (context,width), per layer h.<i>.: ln_1.weight and .bias (width),
 *          attn.c_attn.weight (width,3 width) with columns q, k, v, attn.c_attn.bias, attn.c_proj.weight (width,width),
 *          .bias, ln_2.weight, .bias, mlp.c_fc.weight (width,hidden), .bias, mlp.c_proj.weight (hidden,width), .bias;
 *          ln_f.weight, .bias; lm_head.weight unless tied
 *   Llama  embed_tokens.weight (vocab,width), per layer layers.<i>.: input_layernorm.weight (width),
 *          self_attn.q_proj.weight (heads head_dim,width), k_proj and v_proj (kv_heads head_dim,width), each followed by
 *          its .bias where there are any, self_attn.o_proj.weight (width,heads head_dim), post_attention_layernorm.weight,
 *          mlp.gate_proj.weight and up_proj (hidden,width), mlp.down_proj.weight (width,hidden); norm.weight;
 *          lm_head.weight unless tied
 *   err  as spae_transformer_check; SPAE_ERR_NO_MEMORY */
spae_status spae_transformer_declare(const spae_transformer *t, spae_parameters *parameters, spae_error *err);

typedef struct {
    spae_transformer config;
    spae_parameters parameters; /* of this model alone, from spae_transformer_declare */
    const real *values;         /* (parameters.elements), borrowed */
} spae_transformer_model;

/* Keys and values of the positions that were read, for each layer. A fork reads those of the cache that it was made of, and
 * keeps only its own: a prompt is held once, however many samples continue it. */
typedef struct spae_transformer_cache {
    const struct spae_transformer_cache *prompt; /* borrowed: holds the first `shared` positions; NULL for no fork */
    size_t shared;
    size_t used;        /* positions in all, those of the prompt included */
    size_t room;        /* most that `used` can become */
    real *keys, *values; /* (layers, room - shared, kv_heads * head_dim) each, in the arena */
} spae_transformer_cache;

/* An empty cache for `room` positions, 1..context.
 *   err  SPAE_ERR_ARGUMENT  room is 0 or beyond the context: by how much;  SPAE_ERR_NO_MEMORY */
spae_status spae_transformer_cache_take(spae_transformer_cache *cache, const spae_transformer *t, size_t room,
                                        spae_arena *arena, spae_error *err);

/* A cache of `room` positions that begins with all that `prompt` holds now; forks may be forked. While the fork is used,
 * `prompt` stays in memory and is not truncated below these positions; it may grow.
 *   err  SPAE_ERR_ARGUMENT  room is below prompt->used or beyond the context;  SPAE_ERR_NO_MEMORY */
spae_status spae_transformer_cache_fork(spae_transformer_cache *fork, const spae_transformer_cache *prompt,
                                        const spae_transformer *t, size_t room, spae_arena *arena, spae_error *err);

/* Forgets all positions from `used` on. SPAE_ERR_ARGUMENT: more than there are, or fewer than are shared. */
spae_status spae_transformer_cache_truncate(spae_transformer_cache *cache, size_t used, spae_error *err);

/* Appends `count` tokens to each of n caches, which do not depend on each other and need not be equally long.
 *   in   cache   (n) n >= 1; none twice, none the prompt of another among them
 *   in   tokens  (n,count) each in 0..vocab-1; count >= 1
 *   in   last    logits are wanted of the last `last` of the count positions, 0..count
 *   out  logits  (n,last,vocab): the scores of the token that follows; may be NULL where last is 0
 *   mem  from arena, given back (spae_transformer_plan tells how much); weights are read where they are
 *   err  SPAE_ERR_ARGUMENT    a token outside the vocabulary; count 0; last beyond count; a cache without room: "transformer:
 *                             1000 positions and 40 more tokens are 16 beyond the cache's 1024 (the model's context: 1024)"
 *        SPAE_ERR_NOT_FINITE  a logit is NaN or infinite (only those that are wanted are looked at): which
 *        SPAE_ERR_NO_MEMORY
 *        No cache has then more positions than before, and logits are untouched. */
spae_status spae_transformer_forward(const spae_transformer_model *model, spae_transformer_cache *cache, size_t n,
                                     const int32_t *tokens, size_t count, size_t last, spae_arena *arena, real *logits,
                                     spae_error *err);

/* Bytes that spae_transformer_forward takes from an arena, and its multiply-adds, when each of the n caches holds `used`
 * positions. model->values may be NULL. err: SPAE_ERR_ARGUMENT as above, SPAE_ERR_NO_MEMORY. */
spae_status spae_transformer_plan(const spae_transformer_model *model, size_t n, size_t used, size_t count, size_t last,
                                  spae_arena *arena, size_t *bytes, uint64_t *multiply_adds, spae_error *err);

/* The network on a tape, without a cache: tokens (n,count) at positions 0..count-1 -> (n,count,1,1,vocab), differentiable in
 * its parameters on a recording tape. tokens are borrowed as long as the tape is.
 * SPAE_ERR_ARGUMENT on the tape: a token outside the vocabulary, or more positions than the context has. */
spae_var spae_transformer_logits(spae_network *network, const spae_transformer *t, const int32_t *tokens, size_t n,
                                 size_t count);

#endif
