/* Back end `incontext`: requests to nn/incontext.h and back. SPEC 10.25 */
#include "io/language_incontext.h"

#include <string.h>

#include "io/tokenizer_words.h"
#include "nn/incontext.h"

typedef struct {
    spae_incontext model;
    spae_tokenizer tokenizer;
} backend;

/* Reads the request's prompt, from its text where it has no ids. */
static spae_status read_prompt(const backend *b, const spae_request *request, size_t more, spae_arena *arena,
                               spae_incontext_prompt *prompt, spae_error *err)
{
    const int32_t *id = request->id;
    size_t n = request->ids;
    if (id == NULL) {
        int32_t *own = NULL;
        const spae_status status = b->tokenizer.encode(&b->tokenizer, request->text, request->length, arena, &own, &n, err);
        if (status != SPAE_OK)
            return status;
        id = own;
    }
    if (n > SPAE_INCONTEXT_WINDOW || more > SPAE_INCONTEXT_WINDOW - n)
        return spae_fail(err, SPAE_ERR_ARGUMENT, "incontext: a prompt of %zu tokens and %zu more are %zu beyond the window of %zu",
                         n, more, n + more - SPAE_INCONTEXT_WINDOW, SPAE_INCONTEXT_WINDOW);
    return spae_incontext_read(&b->model, id, n, arena, prompt, err);
}

/* ---- sampling ---------------------------------------------------------------------------------------- */

/* One request under way. */
typedef struct {
    const backend *b;
    const spae_request *request;
    spae_incontext_prompt prompt;
    double *p, *scratch; /* (ids) */
    spae_arena *arena;
} sampling;

/* How many of the tokens end before `stop` begins in their text; all, if it does not. */
static spae_status before_stop(const sampling *s, const int32_t *id, size_t count, size_t *kept, spae_error *err)
{
    const char *stop = s->request->stop;
    char *text = NULL;
    size_t length = 0, n = 0, at = 0, end = 0;
    *kept = count;
    if (stop == NULL || *stop == '\0')
        return SPAE_OK;
    const spae_arena_mark here = spae_arena_here(s->arena);
    const spae_status status = s->b->tokenizer.decode(&s->b->tokenizer, id, count, s->arena, &text, &length, err);
    const size_t size = strlen(stop);
    while (status == SPAE_OK && at + size <= length && memcmp(text + at, stop, size) != 0)
        at++;
    if (status == SPAE_OK && at + size <= length)
        for (*kept = 0; *kept < count; (*kept)++) {
            s->b->tokenizer.bytes(&s->b->tokenizer, id[*kept], &n);
            if ((end += n) > at)
                break;
        }
    spae_arena_reset(s->arena, here);
    return status;
}

/* One more token at id[count], and whether the answer is over with it. */
static spae_status say_next(sampling *s, uint32_t sample, int32_t *id, size_t *count, spae_answer_end *end, bool *over,
                            spae_error *err)
{
    const spae_random_key key = {s->request->seed, SPAE_RANDOM_SAMPLE};
    const uint32_t position[4] = {s->request->number, sample, (uint32_t)*count, 0};
    size_t kept = 0;
    spae_status status = spae_incontext_predict(&s->prompt, id, *count, s->p, err);
    if (status != SPAE_OK)
        return status;
    id[*count] = spae_incontext_draw(s->p, s->b->model.ids, s->request->temperature, key, position, s->scratch);
    if ((status = before_stop(s, id, *count + 1, &kept, err)) != SPAE_OK)
        return status;
    *over = true;
    if (kept <= *count) {
        *count = kept;
        *end = SPAE_ANSWER_STOPPED;
    } else if (id[*count] == s->b->model.newline) {
        *end = SPAE_ANSWER_ENDED;
    } else {
        *end = SPAE_ANSWER_FULL;
        *over = ++*count == s->request->max_tokens;
    }
    return SPAE_OK;
}

/* The ids of all answers to a request; answer[i].id has room for `most`. */
static spae_status sample_ids(const backend *b, const spae_request *request, int32_t *id, size_t most, spae_arena *arena,
                              spae_answer *answer, spae_error *err)
{
    sampling s = {.b = b, .request = request, .arena = arena};
    s.p = spae_arena_take(arena, b->model.ids, sizeof *s.p);
    s.scratch = spae_arena_take(arena, b->model.ids, sizeof *s.scratch);
    if (s.p == NULL || s.scratch == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "incontext: no memory for the probabilities of %zu tokens", b->model.ids);
    spae_status status = read_prompt(b, request, most, arena, &s.prompt, err);
    for (size_t i = 0; status == SPAE_OK && i < request->samples; i++) {
        bool over = false;
        answer[i] = (spae_answer){.id = id + i * most};
        while (status == SPAE_OK && !over)
            status = say_next(&s, (uint32_t)i, id + i * most, &answer[i].ids, &answer[i].end, &over, err);
    }
    return status;
}

static spae_status answer_request(const backend *b, const spae_request *request, spae_arena *arena, spae_answer *answer,
                                  spae_error *err)
{
    const size_t most = request->max_tokens < SPAE_INCONTEXT_WINDOW ? request->max_tokens : SPAE_INCONTEXT_WINDOW;
    if (request->samples == 0 || request->max_tokens == 0 || !(request->temperature >= 0))
        return spae_fail(err, SPAE_ERR_ARGUMENT, "incontext: %zu samples of %zu tokens at temperature %g", request->samples,
                         request->max_tokens, request->temperature);
    int32_t *id = spae_arena_take(arena, request->samples <= SIZE_MAX / most ? request->samples * most : SIZE_MAX, sizeof *id);
    if (id == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "incontext: no memory for %zu samples of %zu tokens", request->samples, most);
    const spae_arena_mark here = spae_arena_here(arena);
    spae_status status = sample_ids(b, request, id, most, arena, answer, err);
    spae_arena_reset(arena, here);
    for (size_t i = 0; status == SPAE_OK && i < request->samples; i++) {
        char *text = NULL;
        status = b->tokenizer.decode(&b->tokenizer, answer[i].id, answer[i].ids, arena, &text, &answer[i].length, err);
        answer[i].text = text;
    }
    return status;
}

static spae_status sample(const spae_language_model *model, const spae_request *request, size_t count, spae_arena *arena,
                          spae_answer *answer, spae_error *err)
{
    const spae_arena_mark here = spae_arena_here(arena);
    spae_status status = SPAE_OK;
    for (size_t r = 0; status == SPAE_OK && r < count; r++) {
        status = answer_request(model->context, &request[r], arena, answer, err);
        answer += request[r].samples;
    }
    if (status != SPAE_OK)
        spae_arena_reset(arena, here);
    return status;
}

/* ---- scores ------------------------------------------------------------------------------------------- */

/* The sum, token by token, of the real logarithms of their probabilities. SPEC 10.25 */
static spae_status score_ids(const backend *b, const spae_request *request, const int32_t *id, size_t count,
                             spae_arena *arena, double *log_probability, spae_error *err)
{
    spae_incontext_prompt prompt;
    double sum = 0, *p = spae_arena_take(arena, b->model.ids, sizeof *p);
    if (p == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "incontext: no memory for the probabilities of %zu tokens", b->model.ids);
    spae_status status = read_prompt(b, request, count, arena, &prompt, err);
    for (size_t i = 0; status == SPAE_OK && i < count; i++) {
        if (id[i] < 0 || (size_t)id[i] >= b->model.ids)
            return spae_fail(err, SPAE_ERR_ARGUMENT, "incontext: continuation: token %zu is id %lld, there are 0 to %zu", i,
                             (long long)id[i], b->model.ids - 1);
        if ((status = spae_incontext_predict(&prompt, id, i, p, err)) == SPAE_OK)
            sum += (double)real_log((real)p[id[i]]);
    }
    if (status == SPAE_OK)
        *log_probability = sum;
    return status;
}

static spae_status score(const spae_language_model *model, const spae_request *prompt, const spae_answer *continuation,
                         spae_arena *arena, double *log_probability, spae_error *err)
{
    const backend *b = model->context;
    const spae_arena_mark here = spae_arena_here(arena);
    spae_status status = SPAE_OK;
    int32_t *own = NULL;
    size_t count = continuation->ids;
    if (continuation->id == NULL)
        status = b->tokenizer.encode(&b->tokenizer, continuation->text, continuation->length, arena, &own, &count, err);
    if (status == SPAE_OK)
        status = score_ids(b, prompt, continuation->id == NULL ? own : continuation->id, count, arena, log_probability, err);
    spae_arena_reset(arena, here);
    return status;
}

/* ---- making it ---------------------------------------------------------------------------------------- */

spae_status spae_language_incontext(const spae_model *spae, spae_arena *arena, spae_language_model *model,
                                    spae_error *err)
{
    const spae_arena_mark here = spae_arena_here(arena);
    backend *b = spae_arena_take(arena, 1, sizeof *b);
    if (b == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "incontext: no memory for a language model");
    spae_status status = spae_tokenizer_words(spae->word, spae->codebook.V, arena, &b->tokenizer, err);
    if (status == SPAE_OK)
        status = spae_incontext_create(spae->codebook.e, spae->codebook.V, spae->codebook.c, b->tokenizer.V,
                                       (int32_t)spae->codebook.V + '\n', &b->model, err);
    if (status != SPAE_OK) {
        spae_arena_reset(arena, here);
        return status;
    }
    *model = (spae_language_model){.name = "incontext", .window = SPAE_INCONTEXT_WINDOW, .tokenizer = &b->tokenizer, .context = b};
    model->sample = sample;
    model->score = score;
    return SPAE_OK;
}
