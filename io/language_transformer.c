/* One prompt at a time: its tokens in pieces through the network, then all its samples side by side, token by token, until
 * each has ended. */
#include "io/language_transformer.h"

#include <string.h>

#include "io/directory.h"
#include "io/file.h"
#include "io/tokenizer_open.h"
#include "io/transformer_config.h"
#include "io/transformer_weights.h"
#include "nn/sampling.h"
#include "spae.h"

enum { CONFIG_MOST = 1 << 20, PIECE = 256 /* positions of a prompt at once: memory, never bits */ };

typedef struct {
    const char *folder;
    spae_transformer_config config;
    spae_transformer_model network;
    const spae_tokenizer *tokenizer;
} language;

static spae_status no_memory(const language *l, const char *what, spae_error *err)
{
    return spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for %s", l->folder, what);
}

/* ---- prompts --------------------------------------------------------------------------------------------- */

typedef struct {
    const int32_t *id;
    size_t count;
} ids;

/* The prompt's tokens, the first one of all texts before them where the model has it. */
static spae_status prompt_ids(const language *l, const spae_request *request, spae_arena *arena, ids *prompt, spae_error *err)
{
    const bool begins = l->config.begins && l->tokenizer->begin >= 0;
    int32_t *encoded = NULL;
    ids given = {request->id, request->ids};
    if (given.id == NULL) {
        const spae_status status =
            l->tokenizer->encode(l->tokenizer, request->text, request->length, arena, &encoded, &given.count, err);
        if (status != SPAE_OK)
            return status;
        given.id = encoded;
    }
    int32_t *all = spae_arena_take(arena, given.count + 1, sizeof *all);
    if (all == NULL)
        return no_memory(l, "a prompt", err);
    all[0] = begins ? l->tokenizer->begin : l->tokenizer->end;
    *prompt = (ids){all, given.count + begins};
    for (size_t i = 0; i < given.count; i++)
        all[i + begins] = given.id[i];
    if (prompt->count == 0) { /* nothing to continue: begin as after the end of another text */
        if (all[0] < 0)
            return spae_fail(err, SPAE_ERR_ARGUMENT, "%s: an empty prompt, and no token that begins a text", l->folder);
        prompt->count = 1;
    }
    return SPAE_OK;
}

static spae_status check_window(const language *l, size_t prompt, size_t more, spae_error *err)
{
    const size_t window = l->network.config.context;
    if (prompt <= window && more <= window - prompt)
        return SPAE_OK;
    return spae_fail(err, SPAE_ERR_ARGUMENT, "%s: a prompt of %zu tokens and %zu to come are %zu beyond the window of %zu",
                     l->folder, prompt, more, prompt - window + more, window);
}

/* Reads the prompt into a cache with room for `more` tokens behind it.
 *   out  logits  (vocab) of what follows */
static spae_status read_prompt(const language *l, ids prompt, size_t more, spae_arena *arena, spae_transformer_cache *cache,
                               real *logits, spae_error *err)
{
    spae_status status = check_window(l, prompt.count, more, err);
    if (status == SPAE_OK)
        status = spae_transformer_cache_take(cache, &l->network.config, prompt.count, arena, err);
    for (size_t at = 0; status == SPAE_OK && at < prompt.count; at += PIECE) {
        const size_t left = prompt.count - at, count = left < PIECE ? left : PIECE;
        status = spae_transformer_forward(&l->network, cache, 1, prompt.id + at, count, count == left, arena, logits, err);
    }
    return status;
}

/* ---- samples --------------------------------------------------------------------------------------------- */

typedef struct {
    const language *l;
    const spae_request *request;
    spae_arena *arena;
    size_t samples;                /* that differ: one at temperature 0 */
    spae_transformer_cache prompt; /* what all samples share */
    spae_transformer_cache *cache; /* (samples) forks; [0 .. running-1] are in use */
    size_t *which;                 /* (samples) the sample of each of these */
    size_t running;
    int32_t *next;   /* (samples) the last token of each of these */
    real *logits;    /* (samples, vocab) */
    double *weight;  /* (V) scratch */
    int32_t *said;   /* (samples, max_tokens) */
    spae_answer *answer;
} sampling;

/* Where the text `stop` begins; length where it does not occur. */
static size_t find_stop(const char *text, size_t length, const char *stop)
{
    const size_t n = strlen(stop);
    for (size_t i = 0; i + n <= length; i++)
        if (memcmp(text + i, stop, n) == 0)
            return i;
    return length;
}

static bool is_end(const language *l, int32_t token)
{
    for (size_t i = 0; i < l->config.ends; i++)
        if (token == l->config.end[i])
            return true;
    return token == l->tokenizer->end;
}

/* How many of the first `count` tokens lie wholly in the first `length` bytes of their text. */
static spae_status whole_tokens(const sampling *s, const int32_t *said, size_t length, size_t *count, spae_error *err)
{
    const spae_tokenizer *tokenizer = s->l->tokenizer;
    spae_status status = SPAE_OK;
    for (size_t needed = length + 1; status == SPAE_OK && needed > length && *count > 0;) {
        char *text = NULL;
        --*count;
        status = tokenizer->decode(tokenizer, said, *count, s->arena, &text, &needed, err);
    }
    return status;
}

/* The text of the first `count` tokens of a sample, up to `stop`: *stopped. */
static spae_status tell(const sampling *s, const int32_t *said, size_t count, spae_answer *answer, bool *stopped,
                        spae_error *err)
{
    char *text = NULL;
    size_t length = 0;
    const spae_tokenizer *tokenizer = s->l->tokenizer;
    const spae_status status = tokenizer->decode(tokenizer, said, count, s->arena, &text, &length, err);
    if (status != SPAE_OK)
        return status;
    const size_t cut = s->request->stop != NULL ? find_stop(text, length, s->request->stop) : length;
    *stopped = cut < length;
    text[cut] = '\0';
    *answer = (spae_answer){text, cut, said, count, SPAE_ANSWER_STOPPED};
    return *stopped ? whole_tokens(s, said, cut, &answer->ids, err) : SPAE_OK;
}

/* Takes one more token for a running sample; *ended: it was its last. */
static spae_status take_token(const sampling *s, size_t run, const real *logits, size_t place, bool *ended, spae_error *err)
{
    const size_t sample = s->which[run], most = s->request->max_tokens, V = s->l->tokenizer->V;
    const spae_random_key key = {s->request->seed, SPAE_RANDOM_SAMPLE};
    const uint32_t position[4] = {s->request->number, (uint32_t)sample, (uint32_t)place, 0};
    int32_t *said = s->said + sample * most;
    spae_answer *answer = &s->answer[sample];
    bool stopped = false;
    const size_t token = s->request->temperature == 0
                             ? spae_most_likely(logits, V)
                             : spae_draw_logits(logits, V, s->request->temperature, key, position, s->weight);
    s->next[run] = said[place] = (int32_t)token;
    const bool end = is_end(s->l, said[place]), full = place + 1 == most;
    const spae_status status = tell(s, said, end ? place : place + 1, answer, &stopped, err);
    if (status == SPAE_OK && !stopped)
        answer->end = end ? SPAE_ANSWER_ENDED : SPAE_ANSWER_FULL;
    *ended = end || full || stopped;
    return status;
}

/* The token at `place` of all running samples; those that end leave their places to the last ones. */
static spae_status take_tokens(sampling *s, size_t place, spae_error *err)
{
    const size_t vocab = s->l->network.config.vocab;
    size_t kept = 0;
    for (size_t run = 0; run < s->running; run++) {
        bool ended = false;
        const spae_status status = take_token(s, run, s->logits + (place > 0 ? run * vocab : 0), place, &ended, err);
        if (status != SPAE_OK)
            return status;
        if (ended)
            continue;
        s->cache[kept] = s->cache[run];
        s->which[kept] = s->which[run];
        s->next[kept++] = s->next[run];
    }
    s->running = kept;
    return SPAE_OK;
}

static spae_status take_room(sampling *s, spae_error *err)
{
    const size_t vocab = s->l->network.config.vocab;
    s->cache = spae_arena_take(s->arena, s->samples, sizeof *s->cache);
    s->which = spae_arena_take(s->arena, s->samples, sizeof *s->which);
    s->next = spae_arena_take(s->arena, s->samples, sizeof *s->next);
    s->weight = spae_arena_take(s->arena, vocab, sizeof *s->weight);
    s->logits = s->samples <= SIZE_MAX / vocab ? spae_arena_take(s->arena, s->samples * vocab, sizeof *s->logits) : NULL;
    if (s->cache == NULL || s->which == NULL || s->next == NULL || s->weight == NULL || s->logits == NULL)
        return no_memory(s->l, "its answers", err);
    return SPAE_OK;
}

static spae_status fork_prompt(sampling *s, spae_error *err)
{
    spae_status status = SPAE_OK;
    for (s->running = 0; status == SPAE_OK && s->running < s->samples; s->running++) {
        s->which[s->running] = s->running;
        status = spae_transformer_cache_fork(&s->cache[s->running], &s->prompt, &s->l->network.config,
                                             s->prompt.used + s->request->max_tokens, s->arena, err);
    }
    return status;
}

/* Samples one after the other token. A text that was told keeps its place in the arena: max_tokens are few. */
static spae_status run_samples(sampling *s, spae_error *err)
{
    spae_status status = take_tokens(s, 0, err);
    for (size_t place = 1; status == SPAE_OK && s->running > 0; place++) {
        status = spae_transformer_forward(&s->l->network, s->cache, s->running, s->next, 1, 1, s->arena, s->logits, err);
        if (status == SPAE_OK)
            status = take_tokens(s, place, err);
    }
    return status;
}

static spae_status sample_one(const language *l, const spae_request *request, spae_arena *arena, spae_answer *answer,
                              spae_error *err)
{
    sampling s = {.l = l, .request = request, .arena = arena, .answer = answer};
    ids prompt = {NULL, 0};
    s.samples = request->temperature == 0 ? 1 : request->samples;
    s.said = request->max_tokens <= SIZE_MAX / s.samples
                 ? spae_arena_take(arena, s.samples * request->max_tokens, sizeof *s.said)
                 : NULL;
    if (s.said == NULL)
        return no_memory(l, "its answers", err);
    spae_status status = take_room(&s, err);
    if (status == SPAE_OK)
        status = prompt_ids(l, request, arena, &prompt, err);
    if (status == SPAE_OK)
        status = read_prompt(l, prompt, request->max_tokens, arena, &s.prompt, s.logits, err);
    if (status == SPAE_OK)
        status = fork_prompt(&s, err);
    if (status == SPAE_OK)
        status = run_samples(&s, err);
    for (size_t i = s.samples; status == SPAE_OK && i < request->samples; i++)
        answer[i] = answer[0];
    return status;
}

static spae_status sample(const spae_language_model *model, const spae_request *request, size_t count, spae_arena *arena,
                          spae_answer *answer, spae_error *err)
{
    spae_status status = SPAE_OK;
    for (size_t i = 0; status == SPAE_OK && i < count; i++) {
        status = sample_one(model->context, &request[i], arena, answer, err);
        answer += request[i].samples;
    }
    return status;
}

/* ---- scores ---------------------------------------------------------------------------------------------- */

/* The continuation's tokens behind a prompt that was read; the logits of its first are there. */
static spae_status score_tokens(const language *l, spae_transformer_cache *cache, ids next, const real *first, spae_arena *arena,
                                double *log_probability, spae_error *err)
{
    const size_t vocab = l->network.config.vocab, V = l->tokenizer->V;
    real *logits = next.count <= SIZE_MAX / vocab ? spae_arena_take(arena, next.count * vocab, sizeof *logits) : NULL;
    spae_transformer_cache fork;
    if (logits == NULL)
        return no_memory(l, "the scores of a continuation", err);
    spae_status status =
        spae_transformer_cache_fork(&fork, cache, &l->network.config, cache->used + next.count, arena, err);
    if (status == SPAE_OK && next.count > 1)
        status = spae_transformer_forward(&l->network, &fork, 1, next.id, next.count - 1, next.count - 1, arena, logits, err);
    double sum = 0;
    for (size_t i = 0; status == SPAE_OK && i < next.count; i++)
        sum += spae_log_probability(i == 0 ? first : logits + (i - 1) * vocab, V, (size_t)next.id[i]);
    if (status == SPAE_OK)
        *log_probability = sum;
    return status;
}

static spae_status score(const spae_language_model *model, const spae_request *prompt, const spae_answer *continuation,
                         spae_arena *arena, double *log_probability, spae_error *err)
{
    const language *l = model->context;
    const spae_arena_mark mark = spae_arena_here(arena);
    ids before = {NULL, 0}, next = {continuation->id, continuation->ids};
    int32_t *encoded = NULL;
    spae_transformer_cache cache;
    spae_status status = SPAE_OK;
    if (next.id == NULL) {
        status = l->tokenizer->encode(l->tokenizer, continuation->text, continuation->length, arena, &encoded, &next.count, err);
        next.id = encoded;
    }
    for (size_t i = 0; status == SPAE_OK && i < next.count; i++)
        if (next.id[i] < 0 || (size_t)next.id[i] >= l->tokenizer->V)
            status = spae_fail(err, SPAE_ERR_ARGUMENT, "%s: token %d is none of %zu", l->folder, (int)next.id[i],
                               l->tokenizer->V);
    real *first = spae_arena_take(arena, l->network.config.vocab, sizeof *first);
    if (status == SPAE_OK && first == NULL)
        status = no_memory(l, "the scores of a continuation", err);
    if (status == SPAE_OK)
        status = prompt_ids(l, prompt, arena, &before, err);
    if (status == SPAE_OK)
        status = read_prompt(l, before, next.count, arena, &cache, first, err);
    if (status == SPAE_OK)
        status = score_tokens(l, &cache, next, first, arena, log_probability, err);
    spae_arena_reset(arena, mark);
    return status;
}

/* ---- opening --------------------------------------------------------------------------------------------- */

static spae_status read_config(language *l, spae_arena *arena, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    const uint8_t *text = NULL;
    size_t length = 0;
    const char *path = spae_directory_join(l->folder, "config.json", arena);
    if (path == NULL)
        return no_memory(l, "the name of its configuration", err);
    spae_status status = spae_file_read_all(arena, path, CONFIG_MOST, &text, &length, err);
    if (status == SPAE_OK)
        status = spae_transformer_config_read(path, (const char *)text, length, arena, &l->config, err);
    spae_arena_reset(arena, mark);
    return status;
}

static spae_status check_vocabulary(const language *l, spae_error *err)
{
    const size_t vocab = l->config.architecture.vocab;
    if (l->tokenizer->V <= vocab)
        return SPAE_OK;
    return spae_fail(err, SPAE_ERR_FORMAT, "%s: the tokenizer has %zu tokens, the weights %zu: they are not of one model",
                     l->folder, l->tokenizer->V, vocab);
}

static spae_status open_parts(language *l, spae_arena *arena, spae_error *err)
{
    spae_status status = read_config(l, arena, err);
    if (status == SPAE_OK)
        status = spae_tokenizer_open(arena, l->folder, &l->tokenizer, err);
    if (status == SPAE_OK)
        status = check_vocabulary(l, err);
    if (status == SPAE_OK)
        status = spae_transformer_weights_read(l->folder, &l->config.architecture, arena, &l->network, err);
    return status;
}

spae_status spae_language_transformer(const char *folder, spae_arena *arena, spae_language_model *model, spae_error *err)
{
    static const char kind[] = "transformer:";
    const spae_arena_mark mark = spae_arena_here(arena);
    language *l = spae_arena_take_zeroed(arena, 1, sizeof *l);
    char *name = spae_arena_take(arena, sizeof kind + strlen(folder), 1);
    if (l == NULL || name == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory to open it", folder);
    l->folder = folder;
    const spae_status status = open_parts(l, arena, err);
    if (status != SPAE_OK) {
        spae_arena_reset(arena, mark);
        return status;
    }
    *model = (spae_language_model){.name = strcat(strcpy(name, kind), folder),
                                   .window = l->network.config.context,
                                   .tokenizer = l->tokenizer,
                                   .context = l,
                                   .sample = sample,
                                   .score = score};
    return SPAE_OK;
}
