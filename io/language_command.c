/* The back end of language_command.h: write, run, read, once for a call in the own form, else once or more a request. */
#include "io/language_command.h"

#include <string.h>

#include "io/file.h"
#include "io/language_answers.h"
#include "io/language_http.h"
#include "io/program.h"

enum { NAME_SHOWN = 60 };

typedef struct {
    spae_command_options options;
    char name[NAME_SHOWN + 4]; /* as messages show it: a whole script may be a name */
} command;

/* One run of the program: its files while they are there, and what it left in the answer's. */
typedef struct {
    const command *c;
    spae_exchange exchange;
    uint32_t number; /* of the request, or of the first; for messages */
    const char *text;
    size_t length;
} run;

/* ---- one run ----------------------------------------------------------------------------------------- */

/* "NAME: request 3: WHAT", and where the files are when they are kept. */
static spae_status fail(const run *r, spae_status status, const char *what, spae_error *err)
{
    if (r->c->options.keep)
        return spae_fail(err, status, "%s: request %u: %s (%s is kept)", r->c->name, (unsigned)r->number, what,
                         r->exchange.request);
    return spae_fail(err, status, "%s: request %u: %s", r->c->name, (unsigned)r->number, what);
}

/* The program's exit status, its own words, and the server's, which stand behind its first line. */
static spae_status program_failed(const run *r, int status, spae_arena *arena, spae_error *err)
{
    char said[100] = "", server[100] = "";
    const uint8_t *bytes = NULL;
    size_t size = 0;
    spae_error why;
    if (spae_file_read_all(arena, r->exchange.answer, SPAE_ANSWER_FILE_BYTES, &bytes, &size, NULL) == SPAE_OK) {
        const char *text = (const char *)bytes, *newline = size > 0 ? memchr(text, '\n', size) : NULL;
        const size_t first = newline != NULL ? (size_t)(newline - text) + 1 : size;
        spae_http_words(text, first, arena, said, sizeof said);
        if (r->c->options.form != SPAE_COMMAND_OWN)
            spae_http_words(text + first, size - first, arena, server, sizeof server);
    }
    spae_fail(&why, SPAE_ERR_IO, "the program ended with status %d%s%s%s%s", status, said[0] != '\0' ? ": " : "", said,
              server[0] != '\0' ? ": " : "", server);
    return fail(r, SPAE_ERR_IO, why.text, err);
}

/* Writes the request, runs, and reads the answer whole. */
static spae_status exchange_files(run *r, const uint8_t *request, size_t size, spae_arena *arena, spae_error *err)
{
    int exit_status = 0;
    const uint8_t *answer = NULL;
    spae_error why;
    spae_status status = spae_file_write_all(arena, r->exchange.request, request, size, &why);
    if (status == SPAE_OK)
        status = spae_exchange_run(&r->exchange, r->c->options.program, arena, &exit_status, &why);
    if (status == SPAE_OK && exit_status != 0)
        return program_failed(r, exit_status, arena, err);
    if (status == SPAE_OK && !spae_file_exists(r->exchange.answer))
        return fail(r, SPAE_ERR_IO, "the program wrote no answer", err);
    if (status == SPAE_OK)
        status = spae_file_read_all(arena, r->exchange.answer, SPAE_ANSWER_FILE_BYTES, &answer, &r->length, &why);
    r->text = (const char *)answer;
    return status == SPAE_OK ? SPAE_OK : fail(r, status, why.text, err);
}

/* What reads the answer's text, and what is to come of it. */
typedef struct {
    const spae_request *request;
    size_t count;
    spae_answer *answer;
    size_t *had;             /* HTTP forms */
    double *log_probability; /* of a score, else NULL */
} wanted;

static spae_status read_answer(const run *r, const wanted *w, spae_arena *arena, spae_error *err)
{
    const spae_command_options *o = &r->c->options;
    spae_error why;
    spae_status status;
    if (w->log_probability != NULL)
        status = spae_score_answer_read("answer", r->text, r->length, r->number, arena, w->log_probability, &why);
    else if (o->form == SPAE_COMMAND_OWN)
        status =
            spae_answers_read("answer", r->text, r->length, w->request, w->count, o->tokenizer, arena, w->answer, &why);
    else
        status = spae_http_answer_read("answer", r->text, r->length, w->request, o->form == SPAE_COMMAND_CHAT,
                                       o->tokenizer, arena, w->answer, w->had, &why);
    return status == SPAE_OK ? SPAE_OK : fail(r, status, why.text, err);
}

/* One run from folder to folder. */
static spae_status ask(const command *c, const uint8_t *request, size_t size, const wanted *w, spae_arena *arena,
                       spae_error *err)
{
    spae_error why;
    run r = {.c = c, .number = w->request->number};
    spae_status status = spae_exchange_begin(c->options.folder, arena, &r.exchange, &why);
    if (status != SPAE_OK)
        return spae_fail(err, status, "%s: %s", c->name, why.text);
    status = exchange_files(&r, request, size, arena, err);
    if (status == SPAE_OK)
        status = read_answer(&r, w, arena, err);
    if (!c->options.keep)
        spae_exchange_end(&r.exchange);
    return status;
}

/* ---- the model --------------------------------------------------------------------------------------- */

static spae_status check_window(const command *c, const spae_request *request, size_t more, spae_error *err)
{
    const size_t window = c->options.window, due = request->ids + more;
    if (window == 0 || request->id == NULL || due <= window)
        return SPAE_OK;
    return spae_fail(err, SPAE_ERR_ARGUMENT,
                     "%s: request %u: %zu tokens of prompt and %zu of continuation, %zu more than the window of %zu",
                     c->name, (unsigned)request->number, request->ids, more, due - window, window);
}

static spae_status named(const command *c, spae_status status, const spae_error *why, spae_error *err)
{
    return status == SPAE_OK ? SPAE_OK : spae_fail(err, status, "%s: %s", c->name, why->text);
}

/* All requests in one run. */
static spae_status ask_together(const command *c, const spae_request *request, size_t count, spae_arena *arena,
                                spae_answer *answer, spae_error *err)
{
    const wanted w = {request, count, answer, NULL, NULL};
    const uint8_t *bytes = NULL;
    size_t size = 0;
    spae_error why;
    const spae_status status = named(c, spae_requests_write(request, count, arena, &bytes, &size, &why), &why, err);
    return status == SPAE_OK ? ask(c, bytes, size, &w, arena, err) : status;
}

/* One request, in as many runs as the server takes to make all samples. */
static spae_status ask_server(const command *c, const spae_request *request, spae_arena *arena, spae_answer *answer,
                              spae_error *err)
{
    size_t had = 0, size = 0;
    const wanted w = {request, 1, answer, &had, NULL};
    const uint8_t *bytes = NULL;
    spae_error why;
    spae_status status = SPAE_OK;
    while (had < request->samples && status == SPAE_OK) {
        status = named(c,
                       spae_http_body_write(request, had, c->options.form == SPAE_COMMAND_CHAT, c->options.model, arena,
                                            &bytes, &size, &why),
                       &why, err);
        if (status == SPAE_OK)
            status = ask(c, bytes, size, &w, arena, err);
    }
    return status;
}

static spae_status sample(const spae_language_model *model, const spae_request *request, size_t count,
                          spae_arena *arena, spae_answer *answer, spae_error *err)
{
    const command *c = model->context;
    const spae_arena_mark mark = spae_arena_here(arena);
    spae_status status = SPAE_OK;
    for (size_t i = 0; i < count && status == SPAE_OK; i++)
        status = check_window(c, &request[i], request[i].max_tokens, err);
    if (status == SPAE_OK && count > 0 && c->options.form == SPAE_COMMAND_OWN) {
        status = ask_together(c, request, count, arena, answer, err);
    } else {
        for (size_t i = 0; i < count && status == SPAE_OK; answer += request[i++].samples)
            status = ask_server(c, &request[i], arena, answer, err);
    }
    if (status != SPAE_OK)
        spae_arena_reset(arena, mark);
    return status;
}

static spae_status score(const spae_language_model *model, const spae_request *prompt, const spae_answer *continuation,
                         spae_arena *arena, double *log_probability, spae_error *err)
{
    const command *c = model->context;
    const spae_arena_mark mark = spae_arena_here(arena);
    const wanted w = {prompt, 1, NULL, NULL, log_probability};
    const uint8_t *bytes = NULL;
    size_t size = 0;
    spae_error why;
    spae_status status = check_window(c, prompt, continuation->ids, err);
    if (status == SPAE_OK)
        status = named(c, spae_score_request_write(prompt, continuation, arena, &bytes, &size, &why), &why, err);
    if (status == SPAE_OK)
        status = ask(c, bytes, size, &w, arena, err);
    spae_arena_reset(arena, mark);
    return status;
}

/* A name's beginning, with ".." where the rest is cut. */
static void show_name(const char *name, char shown[NAME_SHOWN + 4])
{
    size_t n = 0;
    while (name[n] != '\0' && n < NAME_SHOWN)
        n++;
    while (n > 0 && ((unsigned char)name[n] & 0xc0) == 0x80)
        n--; /* no part of a character */
    memcpy(shown, name, n);
    strcpy(shown + n, name[n] != '\0' ? ".." : "");
}

spae_status spae_language_command(const spae_command_options *options, spae_arena *arena, spae_language_model *model,
                                  spae_error *err)
{
    const bool own = options->form == SPAE_COMMAND_OWN;
    const char *name = options->name != NULL ? options->name : "command";
    if (options->program == NULL || options->program[0] == '\0')
        return spae_fail(err, SPAE_ERR_ARGUMENT, "%s: no program is named", name);
    if (options->scores && !own)
        return spae_fail(err, SPAE_ERR_ARGUMENT, "%s: an HTTP interface gives no log probabilities of given texts",
                         name);
    command *c = spae_arena_take(arena, 1, sizeof *c);
    if (c == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for %zu bytes", name, sizeof *c);
    c->options = *options;
    show_name(name, c->name);
    *model = (spae_language_model){.name = name,
                                   .window = options->window,
                                   .together = own ? 0 : 1,
                                   .tokenizer = options->tokenizer,
                                   .context = c,
                                   .sample = sample,
                                   .score = options->scores ? score : NULL};
    return SPAE_OK;
}
