/* The lines of a transcript, read and written: SPEC 8.39. */
#include "io/transcript.h"

#include <math.h>
#include <string.h>

#include "io/file.h"
#include "io/language_json.h"
#include "vendor_free/numerics.h"
#include "vendor_free/utf8.h"

enum { VERSION = 1, LINE_MOST = 1 << 26 };

/* ---- writing ---------------------------------------------------------------------------------------- */

/* A string, or {"bytes":[..]} of what is not UTF-8. */
static void write_text(spae_json_writer *w, const char *key, const char *text, size_t length)
{
    spae_json_write_key(w, key);
    if (spae_utf8_valid((const uint8_t *)text, length)) {
        spae_json_write_string(w, text, length);
        return;
    }
    spae_json_write_open(w, '{');
    spae_json_write_key(w, "bytes");
    spae_json_write_open(w, '[');
    for (size_t i = 0; i < length; i++)
        spae_json_write_integer(w, (uint8_t)text[i]);
    spae_json_write_close(w);
    spae_json_write_close(w);
}

static void write_integer(spae_json_writer *w, const char *key, size_t value)
{
    spae_json_write_key(w, key);
    spae_json_write_integer(w, (int64_t)value);
}

typedef struct {
    const char *model;
    size_t window;
} head;

static void fill_head(spae_json_writer *w, const void *context)
{
    const head *h = context;
    spae_json_write_open(w, '{');
    write_integer(w, "transcript", VERSION);
    write_text(w, "model", h->model, strlen(h->model));
    write_integer(w, "window", h->window);
    spae_json_write_close(w);
}

spae_status spae_transcript_head(const char *model, size_t window, spae_arena *arena, const uint8_t **bytes,
                                 size_t *size, spae_error *err)
{
    return spae_document_write(fill_head, &(head){model, window}, arena, bytes, size, err);
}

static void write_prompt(spae_json_writer *w, const spae_request *r)
{
    write_integer(w, "number", r->number);
    write_text(w, "prompt", r->text, r->length);
    spae_document_write_ids(w, "ids", r->id, r->ids);
}

static void write_wanted(spae_json_writer *w, const spae_request *r)
{
    write_integer(w, "n", r->samples);
    spae_json_write_key(w, "temperature");
    spae_json_write_double(w, r->temperature);
    write_integer(w, "max_tokens", r->max_tokens);
    if (r->stop != NULL) {
        write_text(w, "stop", r->stop, strlen(r->stop));
    } else {
        spae_json_write_key(w, "stop");
        spae_json_write_null(w);
    }
    write_integer(w, "seed", r->seed);
}

static void write_answer(spae_json_writer *w, const spae_answer *a)
{
    const char *end = spae_answer_end_names[a->end];
    spae_json_write_open(w, '{');
    write_text(w, "text", a->text, a->length);
    spae_document_write_ids(w, "ids", a->id, a->ids);
    write_text(w, "end", end, strlen(end));
    spae_json_write_close(w);
}

typedef struct {
    const spae_request *request;
    const spae_answer *answer; /* (samples), or the continuation of a score */
    double log_probability;
} told;

static void fill_samples(spae_json_writer *w, const void *context)
{
    const told *t = context;
    spae_json_write_open(w, '{');
    write_prompt(w, t->request);
    write_wanted(w, t->request);
    spae_json_write_key(w, "samples");
    spae_json_write_open(w, '[');
    for (size_t i = 0; i < t->request->samples; i++)
        write_answer(w, &t->answer[i]);
    spae_json_write_close(w);
    spae_json_write_close(w);
}

static void fill_score(spae_json_writer *w, const void *context)
{
    const told *t = context;
    spae_json_write_open(w, '{');
    write_prompt(w, t->request);
    write_text(w, "continuation", t->answer->text, t->answer->length);
    spae_document_write_ids(w, "continuation_ids", t->answer->id, t->answer->ids);
    spae_json_write_key(w, "log_probability");
    if (t->log_probability < -SPAE_DOUBLE_MAX)
        spae_json_write_null(w);
    else
        spae_json_write_double(w, t->log_probability);
    spae_json_write_close(w);
}

spae_status spae_transcript_samples(const spae_request *request, const spae_answer *answer, spae_arena *arena,
                                    const uint8_t **bytes, size_t *size, spae_error *err)
{
    return spae_document_write(fill_samples, &(told){request, answer, 0}, arena, bytes, size, err);
}

spae_status spae_transcript_score(const spae_request *prompt, const spae_answer *continuation, double log_probability,
                                  spae_arena *arena, const uint8_t **bytes, size_t *size, spae_error *err)
{
    return spae_document_write(fill_score, &(told){prompt, continuation, log_probability}, arena, bytes, size, err);
}

size_t spae_transcript_choice(uint32_t number, size_t choice, char line[SPAE_TRANSCRIPT_CHOICE_ROOM])
{
    spae_json_writer w;
    size_t length = 0;
    spae_json_write_start(&w, line, SPAE_TRANSCRIPT_CHOICE_ROOM - 1);
    spae_json_write_open(&w, '{');
    write_integer(&w, "number", number);
    spae_json_write_key(&w, "choice");
    if (choice == SPAE_CHOICE_NONE)
        spae_json_write_null(&w);
    else
        spae_json_write_integer(&w, (int64_t)choice);
    spae_json_write_close(&w);
    (void)spae_json_write_finish(&w, &length, NULL); /* it fits: two numbers of 20 digits at most */
    line[length] = '\n';
    return length + 1;
}

/* ---- the parts of a line ---------------------------------------------------------------------------- */

/* One line being read. Its nodes are scratch; what is kept of it lies below them. */
typedef struct {
    spae_document document;
    spae_arena *kept;
} reader;

/* A text in either form, terminated. */
static spae_status read_text(const reader *r, const spae_json_node *parent, const char *key, const char **text,
                             size_t *length, spae_error *err)
{
    const spae_document *d = &r->document;
    const spae_json_node *node = spae_document_member(d, parent, key);
    const int32_t *byte = NULL;
    size_t count = 0;
    if (node == NULL || node->type != SPAE_JSON_OBJECT) {
        char *out = NULL;
        const spae_status status = spae_document_text(d, parent, key, r->kept, &out, length, err);
        *text = out;
        return status;
    }
    const spae_status status = spae_document_ids(d, node, "bytes", r->kept, &byte, &count, err);
    if (status != SPAE_OK)
        return status;
    if (byte == NULL)
        return spae_document_fail(d, node, "expected a text, or an object with \"bytes\"", err);
    char *out = spae_arena_take(r->kept, count + 1, 1);
    if (out == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for %zu bytes", d->name, count + 1);
    for (size_t i = 0; i < count; i++) {
        if (byte[i] > UINT8_MAX)
            return spae_document_fail(d, node, "expected bytes of 0 to 255", err);
        out[i] = (char)(uint8_t)byte[i];
    }
    out[count] = '\0';
    *text = out;
    *length = count;
    return SPAE_OK;
}

static spae_status read_size(const reader *r, const spae_json_node *node, const char *key, size_t least, size_t *value,
                             spae_error *err)
{
    const uint64_t most = SIZE_MAX < INT64_MAX ? (uint64_t)SIZE_MAX : (uint64_t)INT64_MAX;
    int64_t number = 0;
    const spae_status status =
        spae_document_integer(&r->document, node, key, (int64_t)least, (int64_t)most, &number, err);
    *value = (size_t)number;
    return status;
}

static spae_status read_word(const reader *r, const spae_json_node *node, const char *key, uint32_t *value,
                             spae_error *err)
{
    int64_t number = 0;
    const spae_status status = spae_document_integer(&r->document, node, key, 0, UINT32_MAX, &number, err);
    *value = (uint32_t)number;
    return status;
}

static spae_status read_prompt(const reader *r, const spae_json_node *node, spae_request *request, spae_error *err)
{
    spae_status status = read_word(r, node, "number", &request->number, err);
    if (status == SPAE_OK)
        status = read_text(r, node, "prompt", &request->text, &request->length, err);
    if (status == SPAE_OK)
        status = spae_document_ids(&r->document, node, "ids", r->kept, &request->id, &request->ids, err);
    return status;
}

static spae_status read_temperature(const reader *r, const spae_json_node *node, double *value, spae_error *err)
{
    const spae_json_node *number = spae_document_member(&r->document, node, "temperature");
    if (number == NULL || spae_json_double(number, value, NULL) != SPAE_OK || *value < 0)
        return spae_document_fail(&r->document, node, "expected a \"temperature\" of at least 0", err);
    return SPAE_OK;
}

static spae_status read_wanted(const reader *r, const spae_json_node *node, spae_request *request, spae_error *err)
{
    size_t length = 0;
    spae_status status = read_size(r, node, "n", 1, &request->samples, err);
    if (status == SPAE_OK)
        status = read_temperature(r, node, &request->temperature, err);
    if (status == SPAE_OK)
        status = read_size(r, node, "max_tokens", 1, &request->max_tokens, err);
    if (status == SPAE_OK && spae_document_member(&r->document, node, "stop") != NULL)
        status = read_text(r, node, "stop", &request->stop, &length, err);
    if (status == SPAE_OK && request->stop != NULL && strlen(request->stop) != length)
        status = spae_document_fail(&r->document, node, "\"stop\" has a zero byte", err);
    if (status == SPAE_OK)
        status = read_word(r, node, "seed", &request->seed, err);
    return status;
}

static spae_status read_answer(const reader *r, const spae_json_node *node, spae_answer *answer, spae_error *err)
{
    const char *end = NULL;
    size_t length = 0;
    spae_status status = read_text(r, node, "text", &answer->text, &answer->length, err);
    if (status == SPAE_OK)
        status = spae_document_ids(&r->document, node, "ids", r->kept, &answer->id, &answer->ids, err);
    if (status == SPAE_OK)
        status = read_text(r, node, "end", &end, &length, err);
    if (status != SPAE_OK)
        return status;
    for (size_t i = 0; i < 3; i++)
        if (strcmp(end, spae_answer_end_names[i]) == 0) {
            answer->end = (spae_answer_end)i;
            return SPAE_OK;
        }
    return spae_document_fail(&r->document, node, "\"end\" is none of \"stop\", \"end\" and \"length\"", err);
}

static spae_status read_samples(const reader *r, const spae_json_node *node, spae_record *record, spae_error *err)
{
    const spae_json_node *samples = NULL;
    spae_status status = read_wanted(r, node, &record->request, err);
    if (status == SPAE_OK)
        status = spae_document_array(&r->document, node, "samples", record->request.samples, &samples, err);
    if (status != SPAE_OK)
        return status;
    record->answer = spae_arena_take_zeroed(r->kept, record->request.samples, sizeof *record->answer);
    if (record->answer == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for %zu answers", r->document.name,
                         record->request.samples);
    const spae_json_node *sample = spae_json_first(r->document.nodes, samples);
    for (size_t i = 0; sample != NULL && status == SPAE_OK; i++, sample = spae_json_next(r->document.nodes, sample))
        status = read_answer(r, sample, &record->answer[i], err);
    return status;
}

static spae_status read_score(const reader *r, const spae_json_node *node, spae_record *record, spae_error *err)
{
    const spae_document *d = &r->document;
    const spae_json_node *value = spae_json_member(d->nodes, node, "log_probability");
    spae_answer *c = &record->continuation;
    spae_status status = read_text(r, node, "continuation", &c->text, &c->length, err);
    if (status == SPAE_OK)
        status = spae_document_ids(d, node, "continuation_ids", r->kept, &c->id, &c->ids, err);
    if (status != SPAE_OK)
        return status;
    record->log_probability = -HUGE_VAL;
    if (value == NULL ||
        (value->type != SPAE_JSON_NULL &&
         (spae_json_double(value, &record->log_probability, NULL) != SPAE_OK || record->log_probability > 0)))
        return spae_document_fail(d, node, "expected a \"log_probability\" of at most 0", err);
    return SPAE_OK;
}

/* ---- lines ------------------------------------------------------------------------------------------- */

/* {"transcript":1,"model":"..","window":1024} */
static spae_status read_head(const reader *r, spae_transcript *t, spae_error *err)
{
    const spae_json_node *node = r->document.nodes;
    int64_t version = 0;
    size_t length = 0;
    spae_status status = spae_document_integer(&r->document, node, "transcript", 0, INT32_MAX, &version, err);
    if (status == SPAE_OK && version != VERSION)
        return spae_document_fail(&r->document, node, "expected version 1 of transcripts", err);
    if (status == SPAE_OK)
        status = read_text(r, node, "model", &t->model, &length, err);
    if (status == SPAE_OK)
        status = read_size(r, node, "window", 0, &t->window, err);
    return status;
}

/* The last request for samples of that number, among the last 4096; NULL: there is none. */
static spae_record *find_chosen(const spae_transcript *t, uint32_t number)
{
    size_t seen = 0;
    for (size_t i = t->count; i > 0 && seen < SPAE_TRANSCRIPT_CHOSEN; i--) {
        spae_record *record = &t->record[i - 1];
        if (record->answer != NULL && record->request.number == number)
            return record;
        seen += record->answer != NULL;
    }
    return NULL;
}

/* {"number":0,"choice":1}: of a request that has none yet. */
static spae_status read_choice(const reader *r, const spae_json_node *choice, spae_transcript *t, spae_error *err)
{
    const spae_json_node *node = r->document.nodes;
    uint32_t number = 0;
    int64_t value = 0;
    const spae_status status = read_word(r, node, "number", &number, err);
    if (status != SPAE_OK)
        return status;
    spae_record *record = find_chosen(t, number);
    if (record == NULL || record->choice != SPAE_CHOICE_UNKNOWN)
        return spae_document_fail(&r->document, node, "a choice of no request, or a second one", err);
    record->choice = SPAE_CHOICE_NONE;
    record->choice_line = r->document.line;
    if (choice->type == SPAE_JSON_NULL)
        return SPAE_OK;
    if (spae_json_integer(choice, 0, (int64_t)record->request.samples - 1, &value, NULL) != SPAE_OK)
        return spae_document_fail(&r->document, choice, "expected the number of a sample, from 0, or null", err);
    record->choice = (size_t)value;
    return SPAE_OK;
}

/* Any line but the first. */
static spae_status read_line(const reader *r, spae_transcript *t, spae_error *err)
{
    const spae_json_node *node = r->document.nodes;
    const spae_json_node *choice = spae_json_member(r->document.nodes, node, "choice");
    spae_record *record = &t->record[t->count];
    if (choice != NULL)
        return read_choice(r, choice, t, err);
    *record = (spae_record){.line = r->document.line, .choice = SPAE_CHOICE_UNKNOWN};
    spae_status status = read_prompt(r, node, &record->request, err);
    if (status == SPAE_OK)
        status = spae_document_member(&r->document, node, "continuation") != NULL ? read_score(r, node, record, err)
                                                                                  : read_samples(r, node, record, err);
    t->count += status == SPAE_OK;
    return status;
}

/* ---- the file ---------------------------------------------------------------------------------------- */

/* The whole lines, and what the longest of them and all of them take. */
typedef struct {
    size_t lines, whole, nodes;
} extent;

static spae_status measure(const char *path, const char *text, size_t length, extent *e, spae_error *err)
{
    *e = (extent){0, 0, 0};
    for (const char *newline; e->whole < length; e->whole = (size_t)(newline - text) + 1) {
        newline = memchr(text + e->whole, '\n', length - e->whole);
        if (newline == NULL)
            return SPAE_OK;
        e->lines++;
        const size_t line = (size_t)(newline - text) - e->whole, nodes = spae_json_bound(text + e->whole, line);
        if (line > LINE_MOST)
            return spae_fail(err, SPAE_ERR_FORMAT, "%s: line %zu: longer than the limit of %d bytes", path, e->lines,
                             (int)LINE_MOST);
        e->nodes = nodes > e->nodes ? nodes : e->nodes;
    }
    return SPAE_OK;
}

/* Line after line: the nodes are used again. */
static spae_status read_lines(const char *text, const extent *e, spae_arena *arena, spae_transcript *t, spae_error *err)
{
    spae_status status = SPAE_OK;
    size_t at = 0;
    spae_json_node *nodes = spae_arena_take(arena, e->nodes, sizeof *nodes);
    if (nodes == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for %zu values of JSON", t->path, e->nodes);
    for (size_t line = 1; line <= e->lines && status == SPAE_OK; line++) {
        const char *newline = memchr(text + at, '\n', e->whole - at);
        const size_t length = (size_t)(newline - text) - at;
        reader r = {{.name = t->path, .line = line}, arena};
        status = spae_document_parse_into(text + at, length, nodes, e->nodes, &r.document, err);
        if (status == SPAE_OK)
            status = line == 1 ? read_head(&r, t, err) : read_line(&r, t, err);
        at += length + 1;
    }
    return status;
}

spae_status spae_transcript_parse(const char *path, const char *text, size_t length, spae_arena *arena,
                                  spae_transcript *transcript, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    extent e;
    spae_status status = measure(path, text, length, &e, err);
    if (status != SPAE_OK)
        return status;
    if (e.lines == 0)
        return spae_fail(err, SPAE_ERR_FORMAT, "%s: not one whole line, so it is no transcript", path);
    spae_transcript t = {.path = path, .whole = e.whole, .torn = length - e.whole};
    t.record = spae_arena_take(arena, e.lines, sizeof *t.record);
    status = t.record != NULL ? read_lines(text, &e, arena, &t, err)
                              : spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for %zu lines", path, e.lines);
    if (status == SPAE_OK)
        *transcript = t;
    else
        spae_arena_reset(arena, mark);
    return status;
}

spae_status spae_transcript_read(const char *path, spae_arena *arena, spae_transcript *transcript, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    const uint8_t *bytes = NULL;
    size_t size = 0;
    spae_status status = spae_file_read_all(arena, path, SPAE_TRANSCRIPT_BYTES, &bytes, &size, err);
    if (status == SPAE_OK)
        status = spae_transcript_parse(path, (const char *)bytes, size, arena, transcript, err);
    if (status != SPAE_OK)
        spae_arena_reset(arena, mark);
    return status;
}
