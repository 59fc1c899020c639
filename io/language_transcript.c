/* Keeping and repeating what a language model says: SPEC 8.40.
 *
 * The records of the file are answered first, in order; `next` is the one that is due. When none is left, requests go to
 * the inner model, if there is one, and their lines to the file's end.
 */
#include "io/language_transcript.h"

#include <string.h>

#include "io/file.h"

/* A request for samples, for the choice that may follow. */
typedef struct {
    uint32_t number;
    size_t samples;            /* 0: a choice was made already */
    const spae_record *record; /* it was answered from; NULL: the inner model answered */
} asked;

typedef struct {
    const spae_language_model *inner; /* NULL: replay */
    spae_transcript t;
    const spae_tokenizer *tokenizer;
    size_t next;
    size_t count;                        /* requests for samples so far */
    asked asked[SPAE_TRANSCRIPT_CHOSEN]; /* the last of them: the one of index i at i modulo their number */
} keeper;

/* ---- what is compared -------------------------------------------------------------------------------- */

/* Where two texts part; their length when they do not. */
static size_t same_bytes(const char *a, size_t n, const char *b, size_t m)
{
    size_t i = 0;
    while (i < n && i < m && a[i] == b[i])
        i++;
    return i;
}

static bool same_text(const char *a, size_t n, const char *b, size_t m)
{
    return n == m && memcmp(a, b, n) == 0;
}

static bool same_ids(const int32_t *a, size_t n, const int32_t *b, size_t m)
{
    return n == m && (n == 0 || memcmp(a, b, n * sizeof *a) == 0);
}

static bool same_stop(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static spae_status differs(const keeper *k, const spae_record *due, const char *what, spae_error *err)
{
    return spae_fail(err, SPAE_ERR_ARGUMENT, "%s: line %zu: the run asks something else than was recorded: %s",
                     k->t.path, due->line, what);
}

static spae_status numbers_differ(const keeper *k, const spae_record *due, const char *what, double recorded,
                                  double now, spae_error *err)
{
    spae_error why;
    spae_fail(&why, SPAE_ERR_ARGUMENT, "%s was %g, is %g", what, recorded, now);
    return differs(k, due, why.text, err);
}

static spae_status texts_differ(const keeper *k, const spae_record *due, const char *what, const char *recorded,
                                size_t n, const char *now, size_t m, spae_error *err)
{
    spae_error why;
    spae_fail(&why, SPAE_ERR_ARGUMENT, "%s differs from byte %zu on (%zu bytes were recorded, there are %zu)", what,
              same_bytes(recorded, n, now, m), n, m);
    return differs(k, due, why.text, err);
}

/* Ids count only where both sides have a tokenizer; a model that has one cannot do with a record without. */
static spae_status check_ids(const keeper *k, const spae_record *due, const int32_t *recorded, size_t n,
                             const int32_t *now, size_t m, spae_error *err)
{
    if (k->tokenizer == NULL)
        return SPAE_OK;
    if (recorded == NULL && now != NULL)
        return differs(k, due, "it has no ids", err);
    if (now != NULL && !same_ids(recorded, n, now, m))
        return differs(k, due, "the ids of the text", err);
    return SPAE_OK;
}

static spae_status check_prompt(const keeper *k, const spae_record *due, const spae_request *now, spae_error *err)
{
    const spae_request *was = &due->request;
    if (was->number != now->number)
        return numbers_differ(k, due, "the request's number", was->number, now->number, err);
    if (!same_text(was->text, was->length, now->text, now->length))
        return texts_differ(k, due, "the prompt", was->text, was->length, now->text, now->length, err);
    return check_ids(k, due, was->id, was->ids, now->id, now->ids, err);
}

static spae_status check_request(const keeper *k, const spae_record *due, const spae_request *now, spae_error *err)
{
    const spae_request *was = &due->request;
    if (due->answer == NULL)
        return differs(k, due, "a log probability, not samples", err);
    const spae_status status = check_prompt(k, due, now, err);
    if (status != SPAE_OK)
        return status;
    if (was->samples != now->samples)
        return numbers_differ(k, due, "n", (double)was->samples, (double)now->samples, err);
    if (was->temperature < now->temperature || was->temperature > now->temperature)
        return numbers_differ(k, due, "temperature", was->temperature, now->temperature, err);
    if (was->max_tokens != now->max_tokens)
        return numbers_differ(k, due, "max_tokens", (double)was->max_tokens, (double)now->max_tokens, err);
    if (!same_stop(was->stop, now->stop))
        return differs(k, due, "stop", err);
    if (was->seed != now->seed)
        return numbers_differ(k, due, "seed", was->seed, now->seed, err);
    return SPAE_OK;
}

static spae_status check_score(const keeper *k, const spae_record *due, const spae_request *prompt,
                               const spae_answer *continuation, spae_error *err)
{
    const spae_answer *was = &due->continuation;
    if (due->answer != NULL)
        return differs(k, due, "samples, not a log probability", err);
    const spae_status status = check_prompt(k, due, prompt, err);
    if (status != SPAE_OK)
        return status;
    if (!same_text(was->text, was->length, continuation->text, continuation->length))
        return texts_differ(k, due, "the continuation", was->text, was->length, continuation->text,
                            continuation->length, err);
    return check_ids(k, due, was->id, was->ids, continuation->id, continuation->ids, err);
}

/* ---- answers from the file --------------------------------------------------------------------------- */

static spae_status no_memory(const keeper *k, spae_error *err)
{
    return spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for what is kept", k->t.path);
}

/* A copy in the caller's arena: the file's may go before it. */
static spae_status copy_answer(const keeper *k, const spae_record *due, const spae_answer *was, spae_arena *arena,
                               spae_answer *answer, spae_error *err)
{
    if (k->tokenizer != NULL && was->id == NULL)
        return differs(k, due, "its answers have no ids", err);
    for (size_t i = 0; k->tokenizer != NULL && i < was->ids; i++)
        if ((size_t)was->id[i] >= k->tokenizer->V) /* ids of a file are not negative */
            return differs(k, due, "an id is outside the vocabulary", err);
    const size_t ids = k->tokenizer != NULL ? was->ids : 0;
    char *text = spae_arena_take(arena, was->length + 1, 1);
    int32_t *id = spae_arena_take(arena, ids, sizeof *id);
    if (text == NULL || id == NULL)
        return no_memory(k, err);
    memcpy(text, was->text, was->length + 1);
    if (ids > 0)
        memcpy(id, was->id, ids * sizeof *id);
    *answer = (spae_answer){text, was->length, k->tokenizer != NULL ? id : NULL, ids, was->end};
    return SPAE_OK;
}

static void remember(keeper *k, const spae_request *request, const spae_record *record)
{
    k->asked[k->count++ % SPAE_TRANSCRIPT_CHOSEN] = (asked){request->number, request->samples, record};
}

/* The record that is due; an error when a file without a model has no more. */
static spae_status due_record(const keeper *k, const spae_request *request, const spae_record **due, spae_error *err)
{
    *due = k->next < k->t.count ? &k->t.record[k->next] : NULL;
    if (*due == NULL && k->inner == NULL)
        return spae_fail(err, SPAE_ERR_ARGUMENT, "%s: request %u: the transcript ends after %zu requests", k->t.path,
                         (unsigned)request->number, k->t.count);
    return SPAE_OK;
}

static spae_status answer_from_file(keeper *k, const spae_record *due, const spae_request *request, spae_arena *arena,
                                    spae_answer *answer, spae_error *err)
{
    spae_status status = check_request(k, due, request, err);
    for (size_t i = 0; i < request->samples && status == SPAE_OK; i++)
        status = copy_answer(k, due, &due->answer[i], arena, &answer[i], err);
    if (status != SPAE_OK)
        return status;
    remember(k, request, due);
    k->next++;
    return SPAE_OK;
}

/* ---- answers from the model -------------------------------------------------------------------------- */

static spae_status append(const keeper *k, spae_status status, const uint8_t *bytes, size_t size, spae_error *err)
{
    return status == SPAE_OK ? spae_file_append(k->t.path, bytes, size, err) : status;
}

/* Each request a line of its own, so that what is written stays when the next fails. */
static spae_status keep_samples(keeper *k, const spae_request *request, size_t count, const spae_answer *answer,
                                spae_arena *scratch, spae_error *err)
{
    spae_status status = SPAE_OK;
    for (size_t i = 0; i < count && status == SPAE_OK; answer += request[i++].samples) {
        const spae_arena_mark mark = spae_arena_here(scratch);
        const uint8_t *bytes = NULL;
        size_t size = 0;
        status = spae_transcript_samples(&request[i], answer, scratch, &bytes, &size, err);
        status = append(k, status, bytes, size, err);
        spae_arena_reset(scratch, mark);
        if (status == SPAE_OK)
            remember(k, &request[i], NULL);
    }
    return status;
}

/* As many requests at a time as the model takes together. */
static spae_status answer_from_model(keeper *k, const spae_request *request, size_t count, spae_arena *arena,
                                     spae_answer *answer, spae_error *err)
{
    const size_t together = k->inner->together > 0 ? k->inner->together : count;
    spae_status status = SPAE_OK;
    for (size_t i = 0; i < count && status == SPAE_OK;) {
        const size_t n = together < count - i ? together : count - i;
        status = k->inner->sample(k->inner, &request[i], n, arena, answer, err);
        if (status == SPAE_OK)
            status = keep_samples(k, &request[i], n, answer, arena, err);
        for (const size_t end = i + n; i < end; i++)
            answer += request[i].samples;
    }
    return status;
}

/* ---- the model --------------------------------------------------------------------------------------- */

static spae_status sample(const spae_language_model *model, const spae_request *request, size_t count,
                          spae_arena *arena, spae_answer *answer, spae_error *err)
{
    keeper *k = model->context;
    const spae_arena_mark mark = spae_arena_here(arena);
    spae_status status = SPAE_OK;
    for (; count > 0 && status == SPAE_OK; answer += request->samples, request++, count--) {
        const spae_record *due = NULL;
        status = due_record(k, request, &due, err);
        if (due == NULL)
            break;
        status = answer_from_file(k, due, request, arena, answer, err);
    }
    if (status == SPAE_OK && count > 0)
        status = answer_from_model(k, request, count, arena, answer, err);
    if (status != SPAE_OK)
        spae_arena_reset(arena, mark);
    return status;
}

static spae_status score_by_model(keeper *k, const spae_request *prompt, const spae_answer *continuation,
                                  spae_arena *arena, double *log_probability, spae_error *err)
{
    const uint8_t *bytes = NULL;
    size_t size = 0;
    double value = 0;
    spae_status status = k->inner->score(k->inner, prompt, continuation, arena, &value, err);
    if (status != SPAE_OK)
        return status;
    const spae_arena_mark mark = spae_arena_here(arena);
    status = spae_transcript_score(prompt, continuation, value, arena, &bytes, &size, err);
    status = append(k, status, bytes, size, err);
    spae_arena_reset(arena, mark);
    if (status == SPAE_OK)
        *log_probability = value;
    return status;
}

static spae_status score(const spae_language_model *model, const spae_request *prompt, const spae_answer *continuation,
                         spae_arena *arena, double *log_probability, spae_error *err)
{
    keeper *k = model->context;
    const spae_record *due = NULL;
    spae_status status = due_record(k, prompt, &due, err);
    if (status == SPAE_OK && due == NULL)
        return score_by_model(k, prompt, continuation, arena, log_probability, err);
    if (status == SPAE_OK)
        status = check_score(k, due, prompt, continuation, err);
    if (status != SPAE_OK)
        return status;
    *log_probability = due->log_probability;
    k->next++;
    return SPAE_OK;
}

/* The last request of that number; NULL: there is none among those that are remembered. */
static asked *find_asked(keeper *k, uint32_t number)
{
    const size_t first = k->count > SPAE_TRANSCRIPT_CHOSEN ? k->count - SPAE_TRANSCRIPT_CHOSEN : 0;
    for (size_t i = k->count; i > first; i--)
        if (k->asked[(i - 1) % SPAE_TRANSCRIPT_CHOSEN].number == number)
            return &k->asked[(i - 1) % SPAE_TRANSCRIPT_CHOSEN];
    return NULL;
}

spae_status spae_language_choose(const spae_language_model *model, uint32_t number, size_t choice, spae_error *err)
{
    char line[SPAE_TRANSCRIPT_CHOICE_ROOM];
    if (model->sample != sample)
        return SPAE_OK;
    keeper *k = model->context;
    asked *a = find_asked(k, number);
    if (a == NULL || a->samples == 0 || (choice >= a->samples && choice != SPAE_CHOICE_NONE))
        return spae_fail(err, SPAE_ERR_ARGUMENT, "%s: request %u: a choice of no sample, or a second one", k->t.path,
                         (unsigned)number);
    const bool recorded = a->record != NULL && a->record->choice != SPAE_CHOICE_UNKNOWN;
    if (recorded && a->record->choice != choice)
        return spae_fail(err, SPAE_ERR_ARGUMENT,
                         "%s: line %zu: another sample was chosen of request %u than is chosen now", k->t.path,
                         a->record->choice_line, (unsigned)number);
    a->samples = 0;
    if (k->inner == NULL || recorded)
        return SPAE_OK;
    return spae_file_append(k->t.path, line, spae_transcript_choice(number, choice, line), err);
}

/* ---- opening ----------------------------------------------------------------------------------------- */

static bool any_score(const spae_transcript *t)
{
    for (size_t i = 0; i < t->count; i++)
        if (t->record[i].answer == NULL)
            return true;
    return false;
}

/* A model over the file's records, and over `inner` unless that is NULL. */
static spae_status make_model(const spae_language_model *inner, const spae_transcript *t,
                              const spae_tokenizer *tokenizer, spae_arena *arena, spae_language_model *model,
                              spae_error *err)
{
    keeper *k = spae_arena_take(arena, 1, sizeof *k);
    if (k == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for %zu bytes", t->path, sizeof *k);
    k->inner = inner;
    k->t = *t;
    k->tokenizer = tokenizer;
    k->next = k->count = 0;
    const bool scores = inner != NULL ? inner->score != NULL : any_score(t);
    *model = (spae_language_model){.name = inner != NULL ? inner->name : t->model,
                                   .window = inner != NULL ? inner->window : t->window,
                                   .together = inner != NULL ? inner->together : 0,
                                   .tokenizer = tokenizer,
                                   .context = k,
                                   .sample = sample,
                                   .score = scores ? score : NULL};
    return SPAE_OK;
}

spae_status spae_language_record(const spae_language_model *inner, const char *path, spae_arena *arena,
                                 spae_language_model *model, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    const spae_transcript t = {.path = path};
    const uint8_t *bytes = NULL;
    size_t size = 0;
    if (spae_file_exists(path))
        return spae_fail(err, SPAE_ERR_ARGUMENT, "%s: is there already; resume goes on with a transcript", path);
    spae_status status = spae_transcript_head(inner->name, inner->window, arena, &bytes, &size, err);
    if (status == SPAE_OK)
        status = spae_file_append(path, bytes, size, err);
    spae_arena_reset(arena, mark);
    return status == SPAE_OK ? make_model(inner, &t, inner->tokenizer, arena, model, err) : status;
}

/* Is the file this model's? */
static spae_status check_model(const spae_transcript *t, const spae_language_model *inner, spae_error *err)
{
    if (strcmp(t->model, inner->name) != 0)
        return spae_fail(err, SPAE_ERR_ARGUMENT, "%s: is a transcript of the model \"%s\", not of \"%s\"", t->path,
                         t->model, inner->name);
    if (t->window != inner->window)
        return spae_fail(err, SPAE_ERR_ARGUMENT, "%s: is of a model with a window of %zu tokens, not %zu", t->path,
                         t->window, inner->window);
    return SPAE_OK;
}

/* Writes the whole lines alone in place of the file. */
static spae_status drop_torn(const spae_transcript *t, spae_arena *scratch, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(scratch);
    const uint8_t *bytes = NULL;
    size_t size = 0;
    spae_status status = spae_file_read_all(scratch, t->path, SPAE_TRANSCRIPT_BYTES, &bytes, &size, err);
    if (status == SPAE_OK)
        status = spae_file_write_all(scratch, t->path, bytes, t->whole < size ? t->whole : size, err);
    spae_arena_reset(scratch, mark);
    return status;
}

spae_status spae_language_resume(const spae_language_model *inner, const char *path, spae_arena *arena,
                                 spae_language_model *model, size_t *torn, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    spae_transcript t;
    spae_status status = spae_transcript_read(path, arena, &t, err);
    if (status == SPAE_OK)
        status = check_model(&t, inner, err);
    if (status == SPAE_OK && t.torn > 0)
        status = drop_torn(&t, arena, err);
    if (status == SPAE_OK)
        status = make_model(inner, &t, inner->tokenizer, arena, model, err);
    if (status != SPAE_OK)
        spae_arena_reset(arena, mark);
    else if (torn != NULL)
        *torn = t.torn;
    return status;
}

spae_status spae_language_replay(const char *path, const spae_tokenizer *tokenizer, spae_arena *arena,
                                 spae_language_model *model, size_t *torn, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    spae_transcript t;
    spae_status status = spae_transcript_read(path, arena, &t, err);
    if (status == SPAE_OK)
        status = make_model(NULL, &t, tokenizer, arena, model, err);
    if (status != SPAE_OK)
        spae_arena_reset(arena, mark);
    else if (torn != NULL)
        *torn = t.torn;
    return status;
}
