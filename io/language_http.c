/* Bodies of OpenAI's HTTP interface: SPEC 8.38. */
#include "io/language_http.h"

#include <string.h>

#include "io/language_answers.h"
#include "io/language_json.h"

/* ---- the request ------------------------------------------------------------------------------------- */

enum { NUMBER_STRIDE = 1000003 }; /* seeds of requests whose numbers are near each other are not */

typedef struct {
    const spae_request *request;
    size_t had;
    bool chat;
    const char *model;
} body;

/* Answers that one body asks for. */
static size_t answers_due(const spae_request *request, size_t had)
{
    return request->temperature > 0 ? request->samples - had : 1;
}

static int64_t seed_of(const spae_request *request, size_t had)
{
    return (int64_t)((request->seed + (uint64_t)NUMBER_STRIDE * request->number + had) & 0x7fffffff);
}

static void write_text(spae_json_writer *w, const char *key, const char *text)
{
    spae_json_write_key(w, key);
    spae_json_write_string(w, text, strlen(text));
}

static void write_messages(spae_json_writer *w, const spae_request *request)
{
    spae_json_write_key(w, "messages");
    spae_json_write_open(w, '[');
    spae_json_write_open(w, '{');
    write_text(w, "role", "user");
    spae_json_write_key(w, "content");
    spae_json_write_string(w, request->text, request->length);
    spae_json_write_close(w);
    spae_json_write_close(w);
}

static void write_prompt(spae_json_writer *w, const spae_request *request)
{
    if (request->id != NULL) {
        spae_document_write_ids(w, "prompt", request->id, request->ids);
        return;
    }
    spae_json_write_key(w, "prompt");
    spae_json_write_string(w, request->text, request->length);
}

static void fill_body(spae_json_writer *w, const void *context)
{
    const body *b = context;
    const spae_request *request = b->request;
    spae_json_write_open(w, '{');
    if (b->model != NULL)
        write_text(w, "model", b->model);
    if (b->chat)
        write_messages(w, request);
    else
        write_prompt(w, request);
    spae_json_write_key(w, "max_tokens");
    spae_json_write_integer(w, (int64_t)request->max_tokens);
    spae_json_write_key(w, "temperature");
    spae_json_write_double(w, request->temperature);
    spae_json_write_key(w, "n");
    spae_json_write_integer(w, (int64_t)answers_due(request, b->had));
    if (request->stop != NULL)
        write_text(w, "stop", request->stop);
    spae_json_write_key(w, "seed");
    spae_json_write_integer(w, seed_of(request, b->had));
    spae_json_write_close(w);
}

spae_status spae_http_body_write(const spae_request *request, size_t had, bool chat, const char *model,
                                 spae_arena *arena, const uint8_t **bytes, size_t *size, spae_error *err)
{
    const body b = {request, had, chat, model};
    const spae_status status = spae_request_check(request, !chat, err);
    return status == SPAE_OK ? spae_document_write(fill_body, &b, arena, bytes, size, err) : status;
}

/* ---- the answer -------------------------------------------------------------------------------------- */

/* choices[].text, or of chat choices[].message.content, which may be null. */
static spae_status read_text(const spae_document *d, const spae_json_node *choice, bool chat, spae_arena *arena,
                             char **text, size_t *length, spae_error *err)
{
    static const char nothing[1] = "";
    if (!chat)
        return spae_document_text(d, choice, "text", arena, text, length, err);
    const spae_json_node *message = spae_document_member(d, choice, "message");
    if (message == NULL || message->type != SPAE_JSON_OBJECT)
        return spae_document_fail(d, choice, "expected a choice with a \"message\"", err);
    const spae_json_node *content = spae_json_member(d->nodes, message, "content");
    if (content == NULL || content->type != SPAE_JSON_NULL)
        return spae_document_text(d, message, "content", arena, text, length, err);
    *length = 0;
    *text = spae_arena_take(arena, 1, 1);
    if (*text == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for a text", d->name);
    memcpy(*text, nothing, 1);
    return SPAE_OK;
}

static spae_status read_reason(const spae_document *d, const spae_json_node *choice, spae_arena *arena,
                               spae_answer_end *end, spae_error *err)
{
    char *reason = NULL;
    size_t length = 0;
    *end = SPAE_ANSWER_ENDED;
    if (spae_document_member(d, choice, "finish_reason") == NULL)
        return SPAE_OK;
    const spae_status status = spae_document_text(d, choice, "finish_reason", arena, &reason, &length, err);
    if (status == SPAE_OK && strcmp(reason, "length") == 0)
        *end = SPAE_ANSWER_FULL;
    else if (status == SPAE_OK && strcmp(reason, "stop") == 0)
        *end = SPAE_ANSWER_STOPPED; /* where nothing was to stop at, spae_answer_make says that the text ended */
    return status;
}

static spae_status read_choice(const spae_document *d, const spae_json_node *choice, const spae_request *request,
                               bool chat, const spae_tokenizer *tokenizer, spae_arena *arena, spae_answer *answer,
                               spae_error *err)
{
    char *text = NULL;
    size_t length = 0;
    spae_answer_end end = SPAE_ANSWER_ENDED;
    spae_error place;
    spae_status status = read_text(d, choice, chat, arena, &text, &length, err);
    if (status == SPAE_OK)
        status = read_reason(d, choice, arena, &end, err);
    if (status != SPAE_OK)
        return status;
    spae_fail(&place, SPAE_OK, "%s: byte %zu", d->name, (size_t)(choice->text - d->text));
    return spae_answer_make(place.text, request, tokenizer, text, length, NULL, 0, end, arena, answer, err);
}

/* The array of one choice at least, and of no more than were asked for. */
static spae_status open_choices(spae_document *d, const char *text, size_t length, size_t most, spae_arena *arena,
                                const spae_json_node **choices, spae_error *err)
{
    char words[160];
    spae_error why;
    spae_status status = spae_document_parse(text, length, arena, d, err);
    if (status != SPAE_OK)
        return status;
    if (spae_document_member(d, d->nodes, "error") != NULL) {
        spae_http_words(text, length, arena, words, sizeof words);
        return spae_fail(err, SPAE_ERR_FORMAT, "%s: the server answered with an error: %s", d->name, words);
    }
    status = spae_document_array(d, d->nodes, "choices", 0, choices, err);
    if (status != SPAE_OK || ((*choices)->count > 0 && (*choices)->count <= most))
        return status;
    spae_fail(&why, SPAE_ERR_FORMAT, "\"choices\" has %zu members, 1 to %zu are due", (size_t)(*choices)->count, most);
    return spae_document_fail(d, *choices, why.text, err);
}

spae_status spae_http_answer_read(const char *name, const char *text, size_t length, const spae_request *request,
                                  bool chat, const spae_tokenizer *tokenizer, spae_arena *arena, spae_answer *answer,
                                  size_t *had, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    spae_document d = {.name = name};
    const spae_json_node *choices = NULL;
    size_t n = *had;
    if (length > SPAE_ANSWER_FILE_BYTES)
        return spae_fail(err, SPAE_ERR_FORMAT, "%s: longer than the limit of %d bytes", name,
                         (int)SPAE_ANSWER_FILE_BYTES);
    spae_status status = open_choices(&d, text, length, answers_due(request, n), arena, &choices, err);
    const spae_json_node *choice = status == SPAE_OK ? spae_json_first(d.nodes, choices) : NULL;
    for (; choice != NULL && status == SPAE_OK; choice = spae_json_next(d.nodes, choice))
        status = read_choice(&d, choice, request, chat, tokenizer, arena, &answer[n++], err);
    if (status != SPAE_OK) {
        spae_arena_reset(arena, mark);
        return status;
    }
    if (!(request->temperature > 0)) /* the same words for all samples */
        for (; n < request->samples; n++)
            answer[n] = answer[*had];
    *had = n;
    return SPAE_OK;
}

/* ---- a refusal --------------------------------------------------------------------------------------- */

/* The words in an object: error.message, error, message or detail. */
static const spae_json_node *find_words(const spae_json_node *nodes)
{
    const spae_json_node *found = spae_json_member(nodes, nodes, "error");
    if (found != NULL && found->type == SPAE_JSON_OBJECT)
        found = spae_json_member(nodes, found, "message");
    if (found == NULL || found->type != SPAE_JSON_STRING)
        found = spae_json_member(nodes, nodes, "message");
    if (found == NULL || found->type != SPAE_JSON_STRING)
        found = spae_json_member(nodes, nodes, "detail");
    return found != NULL && found->type == SPAE_JSON_STRING ? found : NULL;
}

void spae_http_words(const char *text, size_t length, spae_arena *scratch, char *words, size_t room)
{
    const spae_arena_mark mark = spae_arena_here(scratch);
    spae_document d = {.name = ""};
    char *said = NULL;
    size_t n = 0;
    if (length <= SPAE_ANSWER_FILE_BYTES && spae_document_parse(text, length, scratch, &d, NULL) == SPAE_OK) {
        const spae_json_node *found = find_words(d.nodes);
        said = found != NULL ? spae_arena_take(scratch, found->length + 1, 1) : NULL;
        if (said != NULL && spae_json_string(found, said, found->length + 1, &n, NULL) == SPAE_OK) {
            text = said;
            length = n;
        }
    }
    n = 0;
    for (size_t i = 0; i < length && n + 1 < room && text[i] != '\n'; i++)
        words[n++] = text[i] >= ' ' && text[i] <= '~' ? text[i] : '?';
    words[n] = '\0';
    spae_arena_reset(scratch, mark);
}
