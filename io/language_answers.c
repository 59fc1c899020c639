/* Requests and answers in JSON: SPEC 8.36 and 8.37. */
#include "io/language_answers.h"

#include <string.h>

#include "io/language_json.h"
#include "vendor_free/utf8.h"

static bool is_utf8(const char *text, size_t length)
{
    return spae_utf8_valid((const uint8_t *)text, length);
}

/* ---- requests ---------------------------------------------------------------------------------------- */

/* Of the prompt alone. */
static spae_status check_prompt(const spae_request *request, bool ids_will_do, spae_error *err)
{
    if (!is_utf8(request->text, request->length) && !(ids_will_do && request->id != NULL))
        return spae_fail(err, SPAE_ERR_ARGUMENT, "request %u: the prompt's %zu bytes are not UTF-8%s", request->number,
                         request->length, ids_will_do ? ", and it has no ids" : "");
    return SPAE_OK;
}

spae_status spae_request_check(const spae_request *request, bool ids_will_do, spae_error *err)
{
    const spae_status status = check_prompt(request, ids_will_do, err);
    if (status != SPAE_OK)
        return status;
    if (request->samples == 0 || request->max_tokens == 0)
        return spae_fail(err, SPAE_ERR_ARGUMENT, "request %u: %zu samples of %zu tokens", request->number,
                         request->samples, request->max_tokens);
    if (request->stop != NULL && request->stop[0] == '\0')
        return spae_fail(err, SPAE_ERR_ARGUMENT, "request %u: the text to stop at is empty", request->number);
    if (request->stop != NULL && !is_utf8(request->stop, strlen(request->stop)))
        return spae_fail(err, SPAE_ERR_ARGUMENT, "request %u: the text to stop at is not UTF-8", request->number);
    return SPAE_OK;
}

/* null where only ids can say it */
static void write_text(spae_json_writer *w, const char *key, const char *text, size_t length)
{
    spae_json_write_key(w, key);
    if (is_utf8(text, length))
        spae_json_write_string(w, text, length);
    else
        spae_json_write_null(w);
}

static void write_prompt(spae_json_writer *w, const spae_request *request)
{
    spae_json_write_key(w, "number");
    spae_json_write_integer(w, request->number);
    write_text(w, "prompt", request->text, request->length);
    spae_document_write_ids(w, "ids", request->id, request->ids);
}

static void write_wanted(spae_json_writer *w, const spae_request *request)
{
    spae_json_write_key(w, "n");
    spae_json_write_integer(w, (int64_t)request->samples);
    spae_json_write_key(w, "temperature");
    spae_json_write_double(w, request->temperature);
    spae_json_write_key(w, "max_tokens");
    spae_json_write_integer(w, (int64_t)request->max_tokens);
    spae_json_write_key(w, "stop");
    if (request->stop != NULL)
        spae_json_write_string(w, request->stop, strlen(request->stop));
    else
        spae_json_write_null(w);
    spae_json_write_key(w, "seed");
    spae_json_write_integer(w, request->seed);
}

typedef struct {
    const spae_request *request;
    size_t count;
    const spae_answer *continuation; /* of a score, else NULL */
} written;

static void fill_requests(spae_json_writer *w, const void *context)
{
    const written *x = context;
    spae_json_write_open(w, '{');
    spae_json_write_key(w, "requests");
    spae_json_write_open(w, '[');
    for (size_t i = 0; i < x->count; i++) {
        spae_json_write_open(w, '{');
        write_prompt(w, &x->request[i]);
        if (x->continuation != NULL) {
            write_text(w, "continuation", x->continuation->text, x->continuation->length);
            spae_document_write_ids(w, "continuation_ids", x->continuation->id, x->continuation->ids);
        } else {
            write_wanted(w, &x->request[i]);
        }
        spae_json_write_close(w);
    }
    spae_json_write_close(w);
    spae_json_write_close(w);
}

spae_status spae_requests_write(const spae_request *request, size_t count, spae_arena *arena, const uint8_t **bytes,
                                size_t *size, spae_error *err)
{
    const written x = {request, count, NULL};
    for (size_t i = 0; i < count; i++) {
        const spae_status status = spae_request_check(&request[i], true, err);
        if (status != SPAE_OK)
            return status;
    }
    return spae_document_write(fill_requests, &x, arena, bytes, size, err);
}

spae_status spae_score_request_write(const spae_request *prompt, const spae_answer *continuation, spae_arena *arena,
                                     const uint8_t **bytes, size_t *size, spae_error *err)
{
    const written x = {prompt, 1, continuation};
    const spae_status status = check_prompt(prompt, true, err);
    if (status != SPAE_OK)
        return status;
    if (!is_utf8(continuation->text, continuation->length) && continuation->id == NULL)
        return spae_fail(err, SPAE_ERR_ARGUMENT,
                         "request %u: the continuation's %zu bytes are not UTF-8, and it has no ids", prompt->number,
                         continuation->length);
    return spae_document_write(fill_requests, &x, arena, bytes, size, err);
}

/* ---- an answer --------------------------------------------------------------------------------------- */

/* The text of the ids that were given; `text`, where it was given too, must be the same. */
static spae_status text_of_ids(const char *place, const spae_tokenizer *tokenizer, const int32_t *id, size_t ids,
                               spae_arena *arena, char **text, size_t *length, spae_error *err)
{
    char *decoded = NULL;
    size_t n = 0, same = 0;
    for (size_t i = 0; i < ids; i++)
        if (id[i] < 0 || (size_t)id[i] >= tokenizer->V)
            return spae_fail(err, SPAE_ERR_FORMAT, "%s: id %d is outside the vocabulary of %zu tokens", place,
                             (int)id[i], tokenizer->V);
    const spae_status status = tokenizer->decode(tokenizer, id, ids, arena, &decoded, &n, err);
    if (status != SPAE_OK)
        return status;
    if (*text != NULL && is_utf8(decoded, n)) {
        while (same < n && same < *length && decoded[same] == (*text)[same])
            same++;
        if (same < n || same < *length)
            return spae_fail(err, SPAE_ERR_FORMAT, "%s: \"ids\" and \"text\" differ from byte %zu of the text on",
                             place, same);
    }
    *text = decoded;
    *length = n;
    return SPAE_OK;
}

/* Where `stop` first stands in the text; `length` when it does not. */
static size_t find_stop(const char *text, size_t length, const char *stop)
{
    const size_t n = stop != NULL ? strlen(stop) : 0;
    if (n > 0)
        for (size_t i = 0; i + n <= length; i++)
            if (memcmp(text + i, stop, n) == 0)
                return i;
    return length;
}

/* How many of the ids say exactly the first `length` bytes of their text; false: a token lies across the cut. */
static bool ids_before(const spae_tokenizer *tokenizer, const int32_t *id, size_t *ids, const char *text, size_t length,
                       spae_arena *arena)
{
    char *decoded = NULL;
    size_t count = 0, sum = 0, n = 0;
    while (count < *ids && sum < length) {
        (void)tokenizer->bytes(tokenizer, id[count++], &n);
        sum += n;
    }
    if (tokenizer->decode(tokenizer, id, count, arena, &decoded, &n, NULL) != SPAE_OK || n != length ||
        memcmp(decoded, text, n) != 0)
        return false;
    *ids = count;
    return true;
}

static spae_status encode(const char *place, const spae_tokenizer *tokenizer, spae_arena *arena, spae_answer *answer,
                          spae_error *err)
{
    spae_error why;
    int32_t *id = NULL;
    const spae_status status =
        tokenizer->encode(tokenizer, answer->text, answer->length, arena, &id, &answer->ids, &why);
    answer->id = id;
    return status == SPAE_OK ? SPAE_OK : spae_fail(err, status, "%s: %s", place, why.text);
}

spae_status spae_answer_make(const char *place, const spae_request *request, const spae_tokenizer *tokenizer,
                             char *text, size_t length, const int32_t *id, size_t ids, spae_answer_end end,
                             spae_arena *arena, spae_answer *answer, spae_error *err)
{
    if (tokenizer == NULL)
        id = NULL;
    while (id != NULL && ids > 0 && tokenizer->end >= 0 && id[ids - 1] == tokenizer->end)
        ids--;
    if (id != NULL && ids > request->max_tokens)
        return spae_fail(err, SPAE_ERR_FORMAT, "%s: %zu ids where at most %zu were asked for", place, ids,
                         request->max_tokens);
    const spae_status status =
        id != NULL ? text_of_ids(place, tokenizer, id, ids, arena, &text, &length, err) : SPAE_OK;
    if (status != SPAE_OK)
        return status;
    if (text == NULL)
        return spae_fail(err, SPAE_ERR_FORMAT, "%s: no \"text\"", place);
    if (length > 0 && (length - 1) / SPAE_ANSWER_TOKEN_BYTES >= request->max_tokens)
        return spae_fail(err, SPAE_ERR_FORMAT, "%s: the text has %zu bytes, far more than %zu tokens have", place,
                         length, request->max_tokens);
    if (memchr(text, '\0', length) != NULL)
        return spae_fail(err, SPAE_ERR_FORMAT, "%s: the text has a zero byte", place);
    const size_t cut = find_stop(text, length, request->stop);
    text[cut] = '\0'; /* it is terminated: text[length] may be written */
    if (cut < length)
        end = SPAE_ANSWER_STOPPED;
    else if (end == SPAE_ANSWER_STOPPED && request->stop == NULL)
        end = SPAE_ANSWER_ENDED;
    *answer = (spae_answer){text, cut, id, id != NULL ? ids : 0, end};
    if (tokenizer == NULL || (id != NULL && cut == length) ||
        (id != NULL && ids_before(tokenizer, id, &answer->ids, text, cut, arena)))
        return SPAE_OK;
    return encode(place, tokenizer, arena, answer, err);
}

/* ---- answers ----------------------------------------------------------------------------------------- */

typedef struct {
    spae_document document;
    const spae_tokenizer *tokenizer;
    spae_arena *arena;
} reader;

static spae_status read_end(const reader *r, const spae_json_node *sample, spae_answer_end *end, spae_error *err)
{
    char *name = NULL;
    size_t length = 0;
    const spae_status status = spae_document_text(&r->document, sample, "end", r->arena, &name, &length, err);
    if (status != SPAE_OK)
        return status;
    for (size_t i = 0; i < 3; i++)
        if (strcmp(name, spae_answer_end_names[i]) == 0) {
            *end = (spae_answer_end)i;
            return SPAE_OK;
        }
    return spae_document_fail(&r->document, sample, "\"end\" is none of \"stop\", \"end\" and \"length\"", err);
}

static spae_status read_sample(const reader *r, const spae_json_node *sample, const spae_request *request,
                               spae_answer *answer, spae_error *err)
{
    char *text = NULL;
    size_t length = 0, ids = 0;
    const int32_t *id = NULL;
    spae_answer_end end = SPAE_ANSWER_ENDED;
    spae_error place;
    spae_status status = read_end(r, sample, &end, err);
    if (status == SPAE_OK && spae_document_member(&r->document, sample, "text") != NULL)
        status = spae_document_text(&r->document, sample, "text", r->arena, &text, &length, err);
    if (status == SPAE_OK && r->tokenizer != NULL)
        status = spae_document_ids(&r->document, sample, "ids", r->arena, &id, &ids, err);
    if (status != SPAE_OK)
        return status;
    spae_fail(&place, SPAE_OK, "%s: byte %zu", r->document.name, (size_t)(sample->text - r->document.text));
    return spae_answer_make(place.text, request, r->tokenizer, text, length, id, ids, end, r->arena, answer, err);
}

/* The answer must be that to the request of this number. */
static spae_status check_number(const reader *r, const spae_json_node *node, uint32_t due, spae_error *err)
{
    int64_t number = 0;
    spae_error why;
    const spae_status status = spae_document_integer(&r->document, node, "number", 0, UINT32_MAX, &number, err);
    if (status != SPAE_OK || number == (int64_t)due)
        return status;
    spae_fail(&why, SPAE_ERR_FORMAT, "the answer to request %u where that to request %u is due", (unsigned)number,
              (unsigned)due);
    return spae_document_fail(&r->document, node, why.text, err);
}

static spae_status read_answer(const reader *r, const spae_json_node *node, const spae_request *request,
                               spae_answer *answer, spae_error *err)
{
    const spae_json_node *samples;
    spae_status status = check_number(r, node, request->number, err);
    if (status == SPAE_OK)
        status = spae_document_array(&r->document, node, "samples", request->samples, &samples, err);
    if (status != SPAE_OK)
        return status;
    const spae_json_node *sample = spae_json_first(r->document.nodes, samples);
    for (size_t i = 0; sample != NULL && status == SPAE_OK; i++, sample = spae_json_next(r->document.nodes, sample))
        status = read_sample(r, sample, request, &answer[i], err);
    return status;
}

/* The array of `count` answers. */
static spae_status open_answers(reader *r, const char *text, size_t length, size_t count, const spae_json_node **first,
                                spae_error *err)
{
    const spae_json_node *answers = NULL;
    if (length > SPAE_ANSWER_FILE_BYTES)
        return spae_fail(err, SPAE_ERR_FORMAT, "%s: longer than the limit of %d bytes", r->document.name,
                         (int)SPAE_ANSWER_FILE_BYTES);
    spae_status status = spae_document_parse(text, length, r->arena, &r->document, err);
    if (status == SPAE_OK)
        status = spae_document_array(&r->document, r->document.nodes, "answers", count, &answers, err);
    if (status == SPAE_OK)
        *first = spae_json_first(r->document.nodes, answers);
    return status;
}

spae_status spae_answers_read(const char *name, const char *text, size_t length, const spae_request *request,
                              size_t count, const spae_tokenizer *tokenizer, spae_arena *arena, spae_answer *answer,
                              spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    reader r = {{.name = name}, tokenizer, arena};
    const spae_json_node *node = NULL;
    if (count == 0)
        return SPAE_OK;
    spae_status status = open_answers(&r, text, length, count, &node, err);
    for (size_t i = 0; i < count && status == SPAE_OK; i++, node = spae_json_next(r.document.nodes, node)) {
        status = read_answer(&r, node, &request[i], answer, err);
        answer += request[i].samples;
    }
    if (status != SPAE_OK)
        spae_arena_reset(arena, mark);
    return status;
}

spae_status spae_score_answer_read(const char *name, const char *text, size_t length, uint32_t number,
                                   spae_arena *arena, double *log_probability, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    reader r = {{.name = name}, NULL, arena};
    const spae_json_node *node = NULL, *value = NULL;
    double x = 0;
    spae_status status = open_answers(&r, text, length, 1, &node, err);
    if (status == SPAE_OK)
        status = check_number(&r, node, number, err);
    if (status == SPAE_OK) {
        value = spae_document_member(&r.document, node, "log_probability");
        if (value == NULL || spae_json_double(value, &x, NULL) != SPAE_OK || x > 0)
            status = spae_document_fail(&r.document, node, "expected a \"log_probability\" of at most 0", err);
    }
    spae_arena_reset(arena, mark);
    if (status == SPAE_OK)
        *log_probability = x;
    return status;
}
