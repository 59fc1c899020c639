/* GPT-2 and Llama: names and published sizes, the same bits however the tokens come, forks, what each token depends on, the
 * plan, and what is refused. That the numbers are right is held by the oracle's cases and by test/nn/gradients_language.c. */
#include "nn/transformer.h"

#include "fixture.h"

enum { VOCAB = 37, TOKENS = 41 };

static const spae_transformer gpt2 = {.kind = SPAE_TRANSFORMER_GPT2, .prefix = "transformer.", .layers = 2, .heads = 3,
                                      .kv_heads = 3, .head_dim = 8, .width = 24, .hidden = 50, .vocab = VOCAB, .context = 64,
                                      .eps = 1e-5, .tied = true};
static const spae_transformer llama = {.kind = SPAE_TRANSFORMER_LLAMA, .prefix = "model.", .layers = 2, .heads = 6, .kv_heads = 2,
                                       .head_dim = 6, .width = 20, .hidden = 33, .vocab = VOCAB, .context = 64, .eps = 1e-5,
                                       .rotary = {.theta = 10000, .factor = 1}};
static const spae_transformer qwen = {.kind = SPAE_TRANSFORMER_LLAMA, .prefix = "model.", .layers = 1, .heads = 4, .kv_heads = 4,
                                      .head_dim = 4, .width = 16, .hidden = 20, .vocab = VOCAB, .context = 64, .eps = 1e-6,
                                      .tied = true, .qkv_bias = true,
                                      .rotary = {.theta = 1000, .factor = 4, .low = 1, .high = 4, .trained = 16}};
static const spae_transformer *const models[] = {&gpt2, &llama, &qwen};

enum { MODELS = sizeof models / sizeof models[0] };

/* ---- parameters ---- */

static const spae_parameter *named(const spae_parameters *parameters, const char *path)
{
    const size_t at = spae_parameters_find(parameters, path);
    ck_assert_msg(at < parameters->count, "there is no %s", path);
    return &parameters->item[at];
}

static spae_parameters declared(fixture *f, const spae_transformer *t)
{
    spae_parameters parameters = {.arena = &f->arena};
    ck_assert_msg(spae_transformer_declare(t, &parameters, &f->err) == SPAE_OK, "%s", f->err.text);
    return parameters;
}

static void want_matrix(const spae_parameters *parameters, const char *path, size_t rows, size_t columns)
{
    const spae_parameter *p = named(parameters, path);
    ck_assert(p->rank == 2 && spae_shape_equal(p->shape, spae_shape_of(1, 1, 1, rows, columns)));
}

static void want_vector(const spae_parameters *parameters, const char *path, size_t c)
{
    const spae_parameter *p = named(parameters, path);
    ck_assert(p->rank == 1 && spae_shape_equal(p->shape, vector(c)));
}

START_TEST(gpt2_has_its_published_parameters)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_PLAN);
    const spae_transformer small = {.kind = SPAE_TRANSFORMER_GPT2, .layers = 12, .heads = 12, .kv_heads = 12, .head_dim = 64,
                                    .width = 768, .hidden = 3072, .vocab = 50257, .context = 1024, .eps = 1e-5, .tied = true};
    const spae_parameters p = declared(&f, &small);
    ck_assert_uint_eq(p.count, 2 + 12 * 12 + 2);
    ck_assert_uint_eq(p.elements, 124439808);
    ck_assert_str_eq(p.item[0].path, "wte.weight");
    ck_assert_str_eq(p.item[p.count - 1].path, "ln_f.bias");
    want_matrix(&p, "wpe.weight", 1024, 768);
    want_matrix(&p, "h.0.attn.c_attn.weight", 768, 2304);
    want_vector(&p, "h.11.attn.c_attn.bias", 2304);
    want_matrix(&p, "h.5.attn.c_proj.weight", 768, 768);
    want_matrix(&p, "h.7.mlp.c_fc.weight", 768, 3072);
    want_matrix(&p, "h.7.mlp.c_proj.weight", 3072, 768);
    want_vector(&p, "h.7.ln_2.weight", 768);
    const spae_parameters q = declared(&f, &gpt2);
    want_vector(&q, "transformer.h.1.ln_1.bias", 24);
    spae_transformer untied = gpt2;
    untied.tied = false;
    const spae_parameters r = declared(&f, &untied);
    ck_assert_uint_eq(r.count, q.count + 1);
    want_matrix(&r, "lm_head.weight", VOCAB, 24);
    fixture_close(&f);
}
END_TEST

START_TEST(llama_has_its_published_parameters)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_PLAN);
    const spae_transformer one = {.kind = SPAE_TRANSFORMER_LLAMA, .prefix = "model.", .layers = 16, .heads = 32, .kv_heads = 8,
                                  .head_dim = 64, .width = 2048, .hidden = 8192, .vocab = 128256, .context = 131072, .eps = 1e-5,
                                  .tied = true,
                                  .rotary = {.theta = 500000, .factor = 32, .low = 1, .high = 4, .trained = 8192}};
    const spae_parameters p = declared(&f, &one);
    ck_assert_uint_eq(p.elements, 1235814400); /* Llama 3.2 1B */
    ck_assert_uint_eq(p.count, 1 + 16 * 9 + 1);
    want_matrix(&p, "model.layers.15.self_attn.k_proj.weight", 512, 2048);
    want_matrix(&p, "model.layers.3.mlp.down_proj.weight", 2048, 8192);
    want_vector(&p, "model.layers.0.post_attention_layernorm.weight", 2048);
    want_vector(&p, "model.norm.weight", 2048);
    const spae_parameters q = declared(&f, &llama);
    want_matrix(&q, "lm_head.weight", VOCAB, 20);
    want_matrix(&q, "model.layers.1.self_attn.o_proj.weight", 20, 36);
    const spae_parameters r = declared(&f, &qwen);
    want_vector(&r, "model.layers.0.self_attn.v_proj.bias", 16);
    ck_assert_uint_eq(r.count, 1 + 12 + 1);
    fixture_close(&f);
}
END_TEST

/* ---- trials ---- */

typedef struct {
    fixture f;
    spae_transformer_model model;
    real *values;
    int32_t tokens[TOKENS];
    real whole[TOKENS * VOCAB]; /* the logits of all tokens, given in one call */
} trial;

static void cache_of(trial *t, size_t room, spae_transformer_cache *cache)
{
    ck_assert_int_eq(spae_transformer_cache_take(cache, &t->model.config, room, &t->f.arena, &t->f.err), SPAE_OK);
}

/* `count` tokens from `at` on, logits of all. */
static void feed(trial *t, spae_transformer_cache *cache, size_t at, size_t count, real *logits)
{
    ck_assert_msg(spae_transformer_forward(&t->model, cache, 1, t->tokens + at, count, count, &t->f.arena, logits, &t->f.err) ==
                      SPAE_OK,
                  "%s", t->f.err.text);
}

static void start(trial *t, const spae_transformer *config)
{
    spae_transformer_cache cache;
    fixture_open(&t->f, SPAE_TAPE_PLAN);
    t->model = (spae_transformer_model){.config = *config, .parameters = declared(&t->f, config)};
    t->values = spae_arena_take(&t->f.arena, t->model.parameters.elements, sizeof *t->values);
    fill(t->values, t->model.parameters.elements, 9);
    for (size_t i = 0; i < t->model.parameters.elements; i++)
        t->values[i] = t->values[i] / 8;
    t->model.values = t->values;
    for (size_t i = 0; i < TOKENS; i++)
        t->tokens[i] = (int32_t)((i * i + 5 * i) % VOCAB);
    cache_of(t, TOKENS, &cache);
    feed(t, &cache, 0, TOKENS, t->whole);
    ck_assert_uint_eq(cache.used, TOKENS);
}

static void want_rows(const trial *t, size_t at, size_t count, const real *logits)
{
    ck_assert(same_bits(logits, t->whole + at * VOCAB, count * VOCAB));
}

/* ---- the same bits, however the tokens come ---- */

START_TEST(pieces_change_no_bit)
{
    static const size_t pieces[] = {1, 2, 7, 40};
    static real logits[TOKENS * VOCAB];
    for (size_t m = 0; m < MODELS; m++) {
        trial t;
        start(&t, models[m]);
        for (size_t p = 0; p < sizeof pieces / sizeof pieces[0]; p++) {
            spae_transformer_cache cache;
            cache_of(&t, 64, &cache);
            for (size_t at = 0; at < TOKENS; at += pieces[p])
                feed(&t, &cache, at, TOKENS - at < pieces[p] ? TOKENS - at : pieces[p], logits + at * VOCAB);
            want_rows(&t, 0, TOKENS, logits);
        }
        fixture_close(&t.f);
    }
}
END_TEST

/* Without a cache, on a recording and on a running tape, twice the same sequence side by side. */
START_TEST(tapes_without_a_cache_give_the_same_bits)
{
    static const spae_tape_mode modes[] = {SPAE_TAPE_RECORD, SPAE_TAPE_RUN};
    for (size_t m = 0; m < MODELS; m++) {
        trial t;
        int32_t both[2 * TOKENS];
        start(&t, models[m]);
        memcpy(both, t.tokens, sizeof t.tokens);
        memcpy(both + TOKENS, t.tokens, sizeof t.tokens);
        for (size_t i = 0; i < 2; i++) {
            spae_network network;
            spae_tape_start(&t.f.tape, &t.f.arena, modes[i], &t.f.err);
            spae_network_bind(&network, &t.f.tape, &t.model.parameters, t.values);
            spae_var y = spae_transformer_logits(&network, &t.model.config, both, 2, TOKENS);
            ck_assert_msg(y != NULL, "%s", t.f.err.text);
            ck_assert(spae_shape_equal(y->shape, spae_shape_of(2, TOKENS, 1, 1, VOCAB)));
            want_rows(&t, 0, TOKENS, y->value);
            want_rows(&t, 0, TOKENS, y->value + TOKENS * VOCAB);
        }
        fixture_close(&t.f);
    }
}
END_TEST

/* A prompt of 20, forked; a fork of the fork; the prompt goes on by itself meanwhile; other tokens beside them. */
START_TEST(forks_share_a_prompt_and_change_no_bit)
{
    static real logits[TOKENS * VOCAB];
    for (size_t m = 0; m < MODELS; m++) {
        trial t;
        spae_transformer_cache prompt, fork[2], deep;
        start(&t, models[m]);
        const spae_transformer *config = &t.model.config;
        cache_of(&t, 64, &prompt);
        feed(&t, &prompt, 0, 20, logits);
        for (size_t i = 0; i < 2; i++)
            ck_assert_int_eq(spae_transformer_cache_fork(&fork[i], &prompt, config, 50, &t.f.arena, &t.f.err), SPAE_OK);
        ck_assert(fork[1].used == 20 && fork[1].shared == 20 && fork[1].room == 50);
        feed(&t, &prompt, 3, 10, logits); /* of no matter to the forks */
        feed(&t, &fork[1], 7, 4, logits);
        feed(&t, &fork[0], 20, 9, logits);
        want_rows(&t, 20, 9, logits);
        ck_assert_int_eq(spae_transformer_cache_fork(&deep, &fork[0], config, TOKENS, &t.f.arena, &t.f.err), SPAE_OK);
        feed(&t, &deep, 29, TOKENS - 29, logits);
        want_rows(&t, 29, TOKENS - 29, logits);
        fixture_close(&t.f);
    }
}
END_TEST

/* Sequences of different lengths in one call, a fork among them, only the last two logits. */
START_TEST(sequences_side_by_side_change_no_bit)
{
    for (size_t m = 0; m < MODELS; m++) {
        enum { N = 3, COUNT = 4, LAST = 2 };
        static const size_t used[N] = {12, 0, 30};
        static real logits[TOKENS * VOCAB];
        trial t;
        spae_transformer_cache cache[N], prompt;
        int32_t tokens[N * COUNT];
        start(&t, models[m]);
        cache_of(&t, 12, &prompt);
        feed(&t, &prompt, 0, 12, logits);
        ck_assert_int_eq(spae_transformer_cache_fork(&cache[0], &prompt, &t.model.config, 20, &t.f.arena, &t.f.err), SPAE_OK);
        cache_of(&t, 64, &cache[1]);
        cache_of(&t, 64, &cache[2]);
        feed(&t, &cache[2], 0, 30, logits);
        for (size_t i = 0; i < N; i++)
            memcpy(tokens + i * COUNT, t.tokens + used[i], COUNT * sizeof *tokens);
        ck_assert_int_eq(
            spae_transformer_forward(&t.model, cache, N, tokens, COUNT, LAST, &t.f.arena, logits, &t.f.err), SPAE_OK);
        for (size_t i = 0; i < N; i++) {
            ck_assert_uint_eq(cache[i].used, used[i] + COUNT);
            want_rows(&t, used[i] + COUNT - LAST, LAST, logits + i * LAST * VOCAB);
        }
        fixture_close(&t.f);
    }
}
END_TEST

/* Back to the prompt, another continuation, back again. */
START_TEST(a_truncated_cache_goes_on_as_if_it_had_not_been)
{
    static real logits[TOKENS * VOCAB];
    for (size_t m = 0; m < MODELS; m++) {
        trial t;
        spae_transformer_cache cache;
        start(&t, models[m]);
        cache_of(&t, 64, &cache);
        feed(&t, &cache, 0, 25, logits);
        feed(&t, &cache, 0, 16, logits);
        ck_assert_int_eq(spae_transformer_cache_truncate(&cache, 25, &t.f.err), SPAE_OK);
        feed(&t, &cache, 25, TOKENS - 25, logits);
        want_rows(&t, 25, TOKENS - 25, logits);
        ck_assert_int_eq(spae_transformer_cache_truncate(&cache, 0, &t.f.err), SPAE_OK);
        feed(&t, &cache, 0, TOKENS, logits);
        want_rows(&t, 0, TOKENS, logits);
        fixture_close(&t.f);
    }
}
END_TEST

/* A changed token changes its own logits and later ones, and no earlier bit. */
START_TEST(tokens_depend_on_earlier_ones_only)
{
    static real logits[TOKENS * VOCAB];
    for (size_t m = 0; m < MODELS; m++) {
        trial t;
        spae_transformer_cache cache;
        start(&t, models[m]);
        t.tokens[17] = (t.tokens[17] + 1) % VOCAB;
        cache_of(&t, 64, &cache);
        feed(&t, &cache, 0, TOKENS, logits);
        want_rows(&t, 0, 17, logits);
        for (size_t i = 17; i < TOKENS; i++)
            ck_assert(!same_bits(logits + i * VOCAB, t.whole + i * VOCAB, VOCAB));
        fixture_close(&t.f);
    }
}
END_TEST

/* No logits wanted: the cache alone is filled. */
START_TEST(a_cache_is_filled_without_logits)
{
    static real logits[TOKENS * VOCAB];
    trial t;
    spae_transformer_cache cache;
    start(&t, &gpt2);
    cache_of(&t, 64, &cache);
    ck_assert_int_eq(spae_transformer_forward(&t.model, &cache, 1, t.tokens, 30, 0, &t.f.arena, NULL, &t.f.err), SPAE_OK);
    ck_assert_uint_eq(cache.used, 30);
    feed(&t, &cache, 30, 11, logits);
    want_rows(&t, 30, 11, logits);
    fixture_close(&t.f);
}
END_TEST

/* ---- plan ---- */

/* Exactly what a run takes, for one cache or several, and it is given back. */
START_TEST(the_plan_is_what_a_run_takes)
{
    static real logits[TOKENS * VOCAB];
    for (size_t m = 0; m < MODELS; m++)
        for (size_t n = 1; n < 4; n += 2) {
            trial t;
            spae_transformer_cache cache[3];
            spae_arena scratch;
            size_t bytes;
            uint64_t work;
            int32_t tokens[3 * 5] = {0};
            start(&t, models[m]);
            for (size_t i = 0; i < n; i++) {
                cache_of(&t, 64, &cache[i]);
                feed(&t, &cache[i], 0, 11, logits);
            }
            spae_transformer_model numberless = t.model;
            numberless.values = NULL;
            const size_t before = t.f.arena.used, peak = t.f.arena.peak;
            ck_assert_int_eq(spae_transformer_plan(&numberless, n, 11, 5, 1, &t.f.arena, &bytes, &work, &t.f.err), SPAE_OK);
            ck_assert(t.f.arena.used == before && t.f.arena.peak == peak && work > 0);
            watch memory;
            watched_arena(&scratch, &memory, 0);
            ck_assert_int_eq(spae_transformer_forward(&t.model, cache, n, tokens, 5, 1, &scratch, logits, &t.f.err), SPAE_OK);
            ck_assert_uint_eq(scratch.peak, bytes);
            ck_assert_uint_eq(scratch.used, 0);
            spae_arena_free(&scratch);
            fixture_close(&t.f);
        }
}
END_TEST

START_TEST(too_little_memory_is_refused)
{
    static unsigned char memory[1 << 17];
    static real logits[VOCAB];
    size_t refused = 0, done = 0;
    trial t;
    spae_transformer_cache cache;
    start(&t, &llama);
    cache_of(&t, 64, &cache);
    for (size_t bytes = 0; bytes < sizeof memory; bytes += 1024) {
        spae_arena small;
        spae_arena_fixed(&small, memory, bytes);
        const size_t used = cache.used = 0;
        const spae_status status = spae_transformer_forward(&t.model, &cache, 1, t.tokens, 9, 1, &small, logits, &t.f.err);
        ck_assert(status == SPAE_OK || (status == SPAE_ERR_NO_MEMORY && cache.used == used));
        refused += status == SPAE_ERR_NO_MEMORY;
        done += status == SPAE_OK;
    }
    ck_assert(refused > 2 && done > 2);
    fixture_close(&t.f);
}
END_TEST

/* ---- refusals ---- */

#define ck_assert_says(expression, code, part)                                             \
    do {                                                                                   \
        ck_assert_int_eq(expression, code);                                                \
        ck_assert_msg(strstr(t.f.err.text, part) != NULL, "it says: %s", t.f.err.text);    \
    } while (0)

START_TEST(a_full_cache_says_by_how_much)
{
    static real logits[TOKENS * VOCAB];
    trial t;
    spae_transformer_cache cache, more;
    start(&t, &gpt2);
    spae_arena *arena = &t.f.arena;
    cache_of(&t, 30, &cache);
    feed(&t, &cache, 0, 25, logits);
    logits[0] = 77;
    ck_assert_says(spae_transformer_forward(&t.model, &cache, 1, t.tokens, 9, 9, arena, logits, &t.f.err), SPAE_ERR_ARGUMENT,
                   "25 positions and 9 more tokens are 4 beyond the cache's 30 (the model's context: 64)");
    ck_assert(cache.used == 25 && logits[0] == 77);
    feed(&t, &cache, 25, 5, logits);
    ck_assert_says(spae_transformer_cache_take(&more, &gpt2, 70, arena, &t.f.err), SPAE_ERR_ARGUMENT,
                   "70 positions is 6 beyond the model's context of 64");
    ck_assert_int_eq(spae_transformer_cache_take(&more, &gpt2, 0, arena, &t.f.err), SPAE_ERR_ARGUMENT);
    ck_assert_says(spae_transformer_cache_fork(&more, &cache, &gpt2, 29, arena, &t.f.err), SPAE_ERR_ARGUMENT, "the prompt's 30");
    ck_assert_int_eq(spae_transformer_cache_fork(&more, &cache, &gpt2, 31, arena, &t.f.err), SPAE_OK);
    ck_assert_says(spae_transformer_cache_truncate(&more, 29, &t.f.err), SPAE_ERR_ARGUMENT, "30 of them shared");
    ck_assert_int_eq(spae_transformer_cache_truncate(&more, 31, &t.f.err), SPAE_ERR_ARGUMENT);
    size_t bytes;
    uint64_t work;
    ck_assert_says(spae_transformer_plan(&t.model, 1, 60, 9, 1, arena, &bytes, &work, &t.f.err), SPAE_ERR_ARGUMENT, "5 beyond");
    fixture_close(&t.f);
}
END_TEST

START_TEST(foreign_tokens_and_empty_calls_are_refused)
{
    static real logits[TOKENS * VOCAB];
    trial t;
    spae_transformer_cache cache;
    start(&t, &llama);
    spae_arena *arena = &t.f.arena;
    cache_of(&t, 64, &cache);
    t.tokens[2] = VOCAB;
    ck_assert_says(spae_transformer_forward(&t.model, &cache, 1, t.tokens, 5, 5, arena, logits, &t.f.err), SPAE_ERR_ARGUMENT,
                   "token 2 is 37, outside the vocabulary of 37");
    t.tokens[2] = -1;
    ck_assert_says(spae_transformer_forward(&t.model, &cache, 1, t.tokens, 5, 5, arena, logits, &t.f.err), SPAE_ERR_ARGUMENT, "is -1");
    ck_assert_int_eq(spae_transformer_forward(&t.model, &cache, 1, t.tokens, 0, 0, arena, logits, &t.f.err), SPAE_ERR_ARGUMENT);
    ck_assert_int_eq(spae_transformer_forward(&t.model, &cache, 0, t.tokens, 1, 1, arena, logits, &t.f.err), SPAE_ERR_ARGUMENT);
    ck_assert_int_eq(spae_transformer_forward(&t.model, &cache, 1, t.tokens, 2, 3, arena, logits, &t.f.err), SPAE_ERR_ARGUMENT);
    ck_assert_uint_eq(cache.used, 0);
    spae_network network;
    spae_tape_start(&t.f.tape, arena, SPAE_TAPE_RECORD, &t.f.err);
    spae_network_bind(&network, &t.f.tape, &t.model.parameters, t.values);
    ck_assert_refused(&t.f, spae_transformer_logits(&network, &llama, t.tokens, 1, 5), SPAE_ERR_ARGUMENT, "(2 and 37)");
    ck_assert_refused(&t.f, spae_transformer_logits(&network, &llama, t.tokens, 1, 65), SPAE_ERR_ARGUMENT, "(65 and 64)");
    ck_assert_refused(&t.f, spae_transformer_logits(&network, &llama, t.tokens, 1, 0), SPAE_ERR_ARGUMENT, "no tokens");
    fixture_close(&t.f);
}
END_TEST

/* A NaN among the weights: the logits it reaches are refused, and nothing is kept; those it does not reach are right. */
START_TEST(logits_that_are_not_finite_are_refused)
{
    static real logits[TOKENS * VOCAB];
    for (size_t m = 0; m < MODELS; m++) {
        trial t;
        spae_transformer_cache cache;
        start(&t, models[m]);
        const spae_parameter *embedding = &t.model.parameters.item[0];
        const size_t bad = (size_t)t.tokens[10];
        ck_assert(bad == 2 && t.tokens[9] != 2); /* 10 is its first place */
        cache_of(&t, 64, &cache);
        t.values[embedding->first + bad * models[m]->width] = (real)NAN;
        if (!models[m]->tied) { /* a tied head makes that token's every logit NaN */
            feed(&t, &cache, 0, 9, logits);
            want_rows(&t, 0, 9, logits);
            ck_assert_uint_eq(cache.used, 9);
        }
        const size_t before = cache.used;
        logits[0] = 77;
        ck_assert_says(spae_transformer_forward(&t.model, &cache, 1, t.tokens + before, TOKENS - before, 3, &t.f.arena, logits,
                                                &t.f.err),
                       SPAE_ERR_NOT_FINITE, "is not finite");
        ck_assert(cache.used == before && logits[0] == 77);
        fixture_close(&t.f);
    }
}
END_TEST

typedef struct {
    const spae_transformer *from;
    void (*spoil)(spae_transformer *t);
    const char *says;
} refusal;

static void no_layers(spae_transformer *t) { t->layers = 0; }
static void many_layers(spae_transformer *t) { t->layers = 1025; }
static void no_vocabulary(spae_transformer *t) { t->vocab = 0; }
static void no_hidden(spae_transformer *t) { t->hidden = 0; }
static void long_context(spae_transformer *t) { t->context = (1 << 24) + 1; }
static void grouped(spae_transformer *t) { t->kv_heads = 1; }
static void narrow(spae_transformer *t) { t->width = 25; }
static void uneven(spae_transformer *t) { t->kv_heads = 4; }
static void odd(spae_transformer *t) { t->head_dim = 7; }
static void no_eps(spae_transformer *t) { t->eps = 0; }
static void nan_eps(spae_transformer *t) { t->eps = NAN; }
static void no_theta(spae_transformer *t) { t->rotary.theta = 1; }
static void small_factor(spae_transformer *t) { t->rotary.factor = 0.5; }
static void crossed(spae_transformer *t) { t->rotary.high = t->rotary.low; }
static void untrained(spae_transformer *t) { t->rotary.trained = 0; }
static void endless(spae_transformer *t) { memset(t->prefix, 'x', sizeof t->prefix); }

static const refusal refusals[] = {
    {&gpt2, no_layers, "layers is 0"}, {&llama, many_layers, "layers is 1025, not in 1..1024"}, {&gpt2, no_vocabulary, "vocabulary is 0"},
    {&llama, no_hidden, "hidden width is 0"}, {&gpt2, long_context, "context is 16777217"}, {&gpt2, grouped, "each of 3 heads, not 1"},
    {&gpt2, narrow, "3 heads of 8 do not make GPT-2's width 25"}, {&llama, uneven, "4 key/value heads do not divide 6"},
    {&llama, odd, "even head width, not 7"}, {&gpt2, no_eps, "eps 0"}, {&llama, nan_eps, "eps"}, {&llama, no_theta, "base 1"},
    {&qwen, small_factor, "factor 0.5"}, {&qwen, crossed, "low < high"}, {&qwen, untrained, "4 and 0"}, {&gpt2, endless, "prefix"}};

START_TEST(configurations_that_cannot_be_built_are_refused)
{
    trial t;
    fixture_open(&t.f, SPAE_TAPE_PLAN);
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        spae_transformer config = *refusals[i].from;
        spae_parameters parameters = {.arena = &t.f.arena};
        ck_assert_int_eq(spae_transformer_check(&config, &t.f.err), SPAE_OK);
        refusals[i].spoil(&config);
        ck_assert_says(spae_transformer_check(&config, &t.f.err), SPAE_ERR_ARGUMENT, refusals[i].says);
        ck_assert_int_eq(spae_transformer_declare(&config, &parameters, &t.f.err), SPAE_ERR_ARGUMENT);
        ck_assert_uint_eq(parameters.count, 0);
    }
    fixture_close(&t.f);
}
END_TEST

SUITE(suite_nn_transformer, "nn/transformer", gpt2_has_its_published_parameters, llama_has_its_published_parameters,
      pieces_change_no_bit, tapes_without_a_cache_give_the_same_bits, forks_share_a_prompt_and_change_no_bit,
      sequences_side_by_side_change_no_bit, a_truncated_cache_goes_on_as_if_it_had_not_been, tokens_depend_on_earlier_ones_only,
      a_cache_is_filled_without_logits, the_plan_is_what_a_run_takes, too_little_memory_is_refused, a_full_cache_says_by_how_much,
      foreign_tokens_and_empty_calls_are_refused, logits_that_are_not_finite_are_refused,
      configurations_that_cannot_be_built_are_refused)
