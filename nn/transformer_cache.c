/* The memory of a transformer, and runs that go on from it (transformer.h; SPEC 6.12).
 *
 * Key and value of a position are functions of the tokens up to it, and every sum over positions goes upwards from 0: so it
 * is of no matter to the bits when, or in which cache of a chain of forks, they were kept.
 */
#include <string.h>

#include "attention.h"
#include "ops.h"
#include "transformer_pass.h"

/* ---- caches ---- */

/* Elements of a position in one layer. */
static size_t row_of(const spae_transformer *t)
{
    return t->kv_heads * t->head_dim;
}

static spae_status take_rows(spae_transformer_cache *cache, const spae_transformer *t, spae_arena *arena, spae_error *err)
{
    const size_t rows = cache->room - cache->shared, most = SIZE_MAX / sizeof(real) / t->layers / row_of(t);
    const spae_arena_mark mark = spae_arena_here(arena);
    const size_t count = rows <= most ? rows * t->layers * row_of(t) : SIZE_MAX;
    cache->keys = spae_arena_take(arena, count, sizeof(real));
    cache->values = cache->keys != NULL ? spae_arena_take(arena, count, sizeof(real)) : NULL;
    if (cache->values != NULL)
        return SPAE_OK;
    spae_arena_reset(arena, mark);
    return spae_fail(err, SPAE_ERR_NO_MEMORY, "transformer: no memory for a cache of %zu positions", rows);
}

static spae_status start(spae_transformer_cache *cache, spae_transformer_cache begun, const spae_transformer *t,
                         spae_arena *arena, spae_error *err)
{
    if (begun.room > t->context)
        return spae_fail(err, SPAE_ERR_ARGUMENT, "transformer: a cache of %zu positions is %zu beyond the model's context of %zu",
                         begun.room, begun.room - t->context, t->context);
    if (begun.room == 0 || begun.room < begun.used)
        return spae_fail(err, SPAE_ERR_ARGUMENT, "transformer: a cache of %zu positions has no room for the prompt's %zu",
                         begun.room, begun.used);
    const spae_status status = take_rows(&begun, t, arena, err);
    if (status == SPAE_OK)
        *cache = begun;
    return status;
}

spae_status spae_transformer_cache_take(spae_transformer_cache *cache, const spae_transformer *t, size_t room,
                                        spae_arena *arena, spae_error *err)
{
    return start(cache, (spae_transformer_cache){.room = room}, t, arena, err);
}

spae_status spae_transformer_cache_fork(spae_transformer_cache *fork, const spae_transformer_cache *prompt,
                                        const spae_transformer *t, size_t room, spae_arena *arena, spae_error *err)
{
    const spae_transformer_cache begun = {.prompt = prompt, .shared = prompt->used, .used = prompt->used, .room = room};
    return start(fork, begun, t, arena, err);
}

spae_status spae_transformer_cache_truncate(spae_transformer_cache *cache, size_t used, spae_error *err)
{
    if (used < cache->shared || used > cache->used)
        return spae_fail(err, SPAE_ERR_ARGUMENT, "transformer: a cache of %zu positions, %zu of them shared, cannot be cut to %zu",
                         cache->used, cache->shared, used);
    cache->used = used;
    return SPAE_OK;
}

/* ---- attention over a cache ---- */

/* Where a layer's keys or values of the cache's own positions begin. */
static real *own(const spae_transformer_cache *cache, const spae_transformer *t, size_t layer, real *rows)
{
    return rows + layer * (cache->room - cache->shared) * row_of(t);
}

static size_t depth(const spae_transformer_cache *cache)
{
    size_t count = 1;
    for (; cache->prompt != NULL; cache = cache->prompt)
        count++;
    return count;
}

/* The spans of the first `used` positions, from the oldest cache on: `count` of them. */
static void spans_of(const spae_transformer_cache *cache, const spae_transformer *t, size_t layer, size_t used, size_t count,
                     spae_attention_span *span)
{
    for (; count-- > 0; used = cache->shared, cache = cache->prompt)
        span[count] = (spae_attention_span){own(cache, t, layer, cache->keys), own(cache, t, layer, cache->values),
                                            used - cache->shared};
}

static void keep_rows(const spae_transformer_pass *p, const spae_transformer_cache *cache, const real *from, real *rows)
{
    const size_t row = row_of(p->t);
    memcpy(own(cache, p->t, p->layer, rows) + (cache->used - cache->shared) * row, from, p->count * row * sizeof *from);
}

/* One sequence, of the pass's n. */
static void attend_one(const spae_transformer_pass *p, size_t n, const real *q, const real *k, const real *v,
                       spae_attention_span *span, real *y, real *scratch)
{
    const spae_transformer *t = p->t;
    const spae_transformer_cache *cache = &p->cache[n];
    const spae_attention_form form = {t->heads, t->kv_heads, t->head_dim, true, cache->used};
    const size_t query = p->count * t->heads * t->head_dim, key = p->count * row_of(t), spans = depth(cache);
    keep_rows(p, cache, k + n * key, cache->keys);
    keep_rows(p, cache, v + n * key, cache->values);
    spans_of(cache, t, p->layer, cache->used + p->count, spans, span);
    spae_attention_array(&form, q + n * query, p->count, span, spans, y + n * query, scratch);
}

/* The longest of the caches, and the deepest chain of forks. */
static void measure(const spae_transformer_pass *p, size_t *used, size_t *deep)
{
    *used = *deep = 0;
    for (size_t i = 0; i < p->n; i++) {
        const size_t d = depth(&p->cache[i]);
        *used = p->cache[i].used > *used ? p->cache[i].used : *used;
        *deep = d > *deep ? d : *deep;
    }
}

static const spae_op attend_op = {"attention", NULL}; /* of running tapes, which are never swept */

spae_var spae_transformer_attend(const spae_transformer_pass *p, spae_var q, spae_var k, spae_var v)
{
    spae_tape *tape = p->network->tape;
    const spae_transformer *t = p->t;
    if (q == NULL || k == NULL || v == NULL)
        return NULL;
    const spae_attention_form form = {t->heads, t->kv_heads, t->head_dim, true, 0};
    size_t used, deep;
    measure(p, &used, &deep);
    spae_var y = spae_tape_node(tape, &attend_op, q->shape, 3, q, k, v);
    const spae_arena_mark mark = spae_arena_here(tape->arena);
    spae_attention_span *span = spae_arena_take(tape->arena, deep, sizeof *span);
    real *scratch;
    if (span == NULL)
        return spae_tape_refuse(tape, SPAE_ERR_NO_MEMORY, "transformer: no memory for forks (sequences, forks)", p->n, deep);
    if (y == NULL || !spae_tape_room(tape, spae_attention_scratch(&form, p->count, used + p->count), &scratch))
        return NULL;
    tape->multiply_adds += 2 * (uint64_t)p->n * t->heads * p->count * (used + p->count) * t->head_dim;
    for (size_t n = 0; spae_computes(y) && n < p->n; n++)
        attend_one(p, n, q->value, k->value, v->value, span, y->value, scratch);
    spae_arena_reset(tape->arena, mark);
    return y;
}

/* ---- forward ---- */

static spae_status check_room(const spae_transformer *t, const spae_transformer_cache *cache, size_t count, spae_error *err)
{
    if (count <= cache->room - cache->used)
        return SPAE_OK;
    return spae_fail(err, SPAE_ERR_ARGUMENT,
                     "transformer: %zu positions and %zu more tokens are %zu beyond the cache's %zu (the model's context: %zu)",
                     cache->used, count, count - (cache->room - cache->used), cache->room, t->context);
}

static spae_status check_tokens(const spae_transformer *t, const int32_t *tokens, size_t count, spae_error *err)
{
    for (size_t i = 0; i < count; i++)
        if (tokens[i] < 0 || (size_t)tokens[i] >= t->vocab)
            return spae_fail(err, SPAE_ERR_ARGUMENT, "transformer: token %zu is %d, outside the vocabulary of %zu", i,
                             (int)tokens[i], t->vocab);
    return SPAE_OK;
}

static spae_status check_call(const spae_transformer *t, const spae_transformer_cache *cache, size_t n, size_t count,
                              size_t last, spae_error *err)
{
    spae_status status = spae_transformer_check(t, err);
    if (status == SPAE_OK && (n == 0 || count == 0 || last > count))
        status = spae_fail(err, SPAE_ERR_ARGUMENT, "transformer: logits of %zu of %zu tokens in %zu sequences", last, count, n);
    for (size_t i = 0; i < n && status == SPAE_OK; i++)
        status = check_room(t, &cache[i], count, err);
    return status;
}

static spae_status check_logits(const real *logits, size_t rows, size_t vocab, spae_error *err)
{
    for (size_t i = 0; i < rows * vocab; i++)
        if (!(logits[i] - logits[i] == 0))
            return spae_fail(err, SPAE_ERR_NOT_FINITE, "transformer: the logit of token %zu at row %zu of %zu is not finite",
                             i % vocab, i / vocab, rows);
    return SPAE_OK;
}

/* The logits' node; NULL after a failure. */
static spae_var run(const spae_transformer_model *model, const spae_transformer_cache *cache, size_t n, const int32_t *tokens,
                    size_t count, size_t last, spae_tape *tape)
{
    spae_network network;
    spae_parameters parameters = model->parameters; /* not added to: the network is bound */
    spae_transformer_pass pass = {.network = &network,
                                  .t = &model->config,
                                  .n = n,
                                  .count = count,
                                  .tokens = tokens,
                                  .cache = cache,
                                  .last = last};
    spae_network_bind(&network, tape, &parameters, model->values);
    return spae_transformer_run(&pass);
}

spae_status spae_transformer_forward(const spae_transformer_model *model, spae_transformer_cache *cache, size_t n,
                                     const int32_t *tokens, size_t count, size_t last, spae_arena *arena, real *logits,
                                     spae_error *err)
{
    const size_t vocab = model->config.vocab;
    const spae_arena_mark mark = spae_arena_here(arena);
    spae_tape tape;
    spae_status status = check_call(&model->config, cache, n, count, last, err);
    if (status == SPAE_OK)
        status = check_tokens(&model->config, tokens, n * count, err);
    if (status != SPAE_OK)
        return status;
    spae_tape_start(&tape, arena, SPAE_TAPE_RUN, err);
    spae_var y = run(model, cache, n, tokens, count, last, &tape);
    status = tape.status;
    if (status == SPAE_OK)
        status = check_logits(y->value, n * last, vocab, err);
    if (status == SPAE_OK && last > 0)
        memcpy(logits, y->value, n * last * vocab * sizeof *logits);
    for (size_t i = 0; i < n && status == SPAE_OK; i++)
        cache[i].used += count;
    spae_arena_reset(arena, mark);
    return status;
}

spae_status spae_transformer_plan(const spae_transformer_model *model, size_t n, size_t used, size_t count, size_t last,
                                  spae_arena *arena, size_t *bytes, uint64_t *multiply_adds, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    const size_t peak = arena->peak;
    spae_tape tape;
    spae_transformer_cache *cache = spae_arena_take(arena, n, sizeof *cache);
    if (cache == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "transformer: no memory for %zu sequences", n);
    for (size_t i = 0; i < n; i++)
        cache[i] = (spae_transformer_cache){.used = used, .room = used > model->config.context ? used : model->config.context};
    const spae_status status = check_call(&model->config, cache, n, count, last, err);
    const size_t before = arena->peak = arena->used;
    spae_tape_start(&tape, arena, SPAE_TAPE_PLAN_RUN, err);
    if (status == SPAE_OK)
        run(model, cache, n, NULL, count, last, &tape);
    *bytes = arena->peak - before;
    *multiply_adds = tape.multiply_adds;
    spae_arena_reset(arena, mark);
    arena->peak = peak;
    return status != SPAE_OK ? status : tape.status;
}
