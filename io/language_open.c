/* The table of back ends, and the openers of those that are outside this program. */
#include "io/language_open.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/file.h"
#include "io/language_command.h"
#include "io/language_incontext.h"
#include "io/language_transcript.h"
#include "io/language_transformer.h"
#include "io/near_name.h"
#include "io/program.h"
#include "io/tokenizer_open.h"
#include "io/tokenizer_words.h"

enum { WINDOW_MOST = 1 << 30, SECONDS_MOST = 86400, SECONDS = 600 };

/* ---- settings ---------------------------------------------------------------------------------------- */

const char *spae_language_setting(const spae_language_choice *choice, const char *key)
{
    const size_t n = strlen(key);
    for (size_t i = choice->options->settings; i-- > 0;) {
        const char *setting = choice->options->setting[i];
        if (strncmp(setting, key, n) == 0 && setting[n] == '=')
            return setting + n + 1;
    }
    return NULL;
}

spae_status spae_language_switch(const spae_language_choice *choice, const char *key, bool *value, spae_error *err)
{
    const char *text = spae_language_setting(choice, key);
    if (text == NULL)
        return SPAE_OK;
    if (strcmp(text, "yes") != 0 && strcmp(text, "no") != 0)
        return spae_fail(err, SPAE_ERR_ARGUMENT, "%s=%s: expected yes or no", key, text);
    *value = strcmp(text, "yes") == 0;
    return SPAE_OK;
}

spae_status spae_language_number(const spae_language_choice *choice, const char *key, size_t least, size_t most,
                                 size_t *value, spae_error *err)
{
    const char *text = spae_language_setting(choice, key);
    size_t number = 0, i = 0;
    if (text == NULL)
        return SPAE_OK;
    for (; text[i] >= '0' && text[i] <= '9' && number <= most / 10; i++)
        number = 10 * number + (size_t)(text[i] - '0');
    if (i == 0 || text[i] != '\0' || number < least || number > most)
        return spae_fail(err, SPAE_ERR_ARGUMENT, "%s=%s: expected a whole number from %zu to %zu", key, text, least,
                         most);
    *value = number;
    return SPAE_OK;
}

static const char *key_at(const void *context, size_t index)
{
    return ((const char *const *)context)[index];
}

/* One of "key=value": is the key the kind's? `key` has room for the setting. */
static spae_status check_setting(const spae_language_kind *kind, const char *setting, char *key, spae_error *err)
{
    const size_t n = strcspn(setting, "=");
    size_t count = 0;
    if (setting[n] == '\0' || n == 0)
        return spae_fail(err, SPAE_ERR_ARGUMENT, "%s: expected a setting as key=value", setting);
    memcpy(key, setting, n);
    key[n] = '\0';
    for (; kind->keys[count] != NULL; count++)
        if (strcmp(kind->keys[count], key) == 0)
            return SPAE_OK;
    const char *near = spae_near_name(key, key_at, kind->keys, count);
    return spae_fail(err, SPAE_ERR_ARGUMENT,
                     near != NULL ? "%s has no setting %s; %s is meant?" : "%s has no setting %s", kind->kind, key,
                     near);
}

static spae_status check_settings(const spae_language_kind *kind, const spae_language_options *options,
                                  spae_arena *scratch, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(scratch);
    spae_status status = SPAE_OK;
    for (size_t i = 0; i < options->settings && status == SPAE_OK; i++) {
        char *key = spae_arena_take(scratch, strlen(options->setting[i]) + 1, 1);
        status = key != NULL ? check_setting(kind, options->setting[i], key, err)
                             : spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for its settings", kind->kind);
    }
    spae_arena_reset(scratch, mark);
    return status;
}

/* ---- texts ------------------------------------------------------------------------------------------- */

/* The first n bytes of a text, in the arena; NULL: no memory. */
static char *piece(spae_arena *arena, const char *text, size_t n)
{
    char *out = spae_arena_take(arena, n + 1, 1);
    if (out == NULL)
        return NULL;
    memcpy(out, text, n);
    out[n] = '\0';
    return out;
}

/* a/b/c, or the like, in the arena; NULL: no memory. */
static char *join(spae_arena *arena, const char *a, const char *b, const char *c)
{
    char *out = spae_arena_take(arena, strlen(a) + strlen(b) + strlen(c) + 1, 1);
    return out != NULL ? strcat(strcat(strcpy(out, a), b), c) : NULL;
}

static spae_status no_memory(const char *kind, spae_error *err)
{
    return spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for its texts", kind);
}

/* ---- models of this program --------------------------------------------------------------------------- */

static spae_status open_incontext(const spae_language_choice *choice, spae_arena *arena, spae_language_model *model,
                                  spae_error *err)
{
    if (choice->options->spae == NULL)
        return spae_fail(err, SPAE_ERR_ARGUMENT, "incontext: is made of a SPAE model's words, and there is none here");
    return spae_language_incontext(choice->options->spae, arena, model, err);
}

static spae_status open_transformer(const spae_language_choice *choice, spae_arena *arena, spae_language_model *model,
                                    spae_error *err)
{
    return spae_language_transformer(choice->argument, arena, model, err);
}

/* ---- vocabularies of others ---------------------------------------------------------------------------- */

static spae_status words_of_spae(const spae_language_choice *choice, spae_arena *arena, const spae_tokenizer **tokenizer,
                                 spae_error *err)
{
    const spae_model *spae = choice->options->spae;
    spae_tokenizer *words = spae_arena_take(arena, 1, sizeof *words);
    if (words == NULL)
        return no_memory("words", err);
    *tokenizer = words;
    return spae != NULL ? spae_tokenizer_words(spae->word, spae->codebook.V, arena, words, err)
                        : spae_fail(err, SPAE_ERR_ARGUMENT, "tokenizer=words: there is no SPAE model here");
}

/* The setting "tokenizer": a file, or "words", the tokens of incontext. Where it is not given, NULL. */
static spae_status set_tokenizer(const spae_language_choice *choice, spae_arena *arena, const spae_tokenizer **tokenizer,
                                 spae_error *err)
{
    const char *path = spae_language_setting(choice, "tokenizer");
    *tokenizer = NULL;
    if (path == NULL)
        return SPAE_OK;
    return strcmp(path, "words") == 0 ? words_of_spae(choice, arena, tokenizer, err)
                                      : spae_tokenizer_open(arena, path, tokenizer, err);
}

/* ---- command ----------------------------------------------------------------------------------------- */

/* The settings of every program. */
static spae_status common_settings(const spae_language_choice *choice, spae_arena *arena, spae_command_options *o,
                                   spae_error *err)
{
    o->folder = spae_language_setting(choice, "folder");
    spae_status status = set_tokenizer(choice, arena, &o->tokenizer, err);
    if (status == SPAE_OK)
        status = spae_language_switch(choice, "keep", &o->keep, err);
    if (status == SPAE_OK)
        status = spae_language_number(choice, "window", 1, WINDOW_MOST, &o->window, err);
    return status;
}

static spae_status open_command(const spae_language_choice *choice, spae_arena *arena, spae_language_model *model,
                                spae_error *err)
{
    spae_command_options o = {.program = choice->argument, .form = SPAE_COMMAND_OWN};
    spae_status status = common_settings(choice, arena, &o, err);
    if (status == SPAE_OK)
        status = spae_language_switch(choice, "scores", &o.scores, err);
    if (status != SPAE_OK)
        return status;
    o.name = join(arena, "command:", choice->argument, "");
    return o.name != NULL ? spae_language_command(&o, arena, model, err) : no_memory("command", err);
}

/* ---- openai ------------------------------------------------------------------------------------------ */

static const char adapter_name[] = "openai.sh";

/* Beside the program in a source tree, or where `make install` puts it; NULL: not there, or no memory. */
static const char *adapter_near(spae_arena *arena, const char *directory)
{
    static const char *const place[] = {"/io/adapters/", "/../share/spae/"};
    for (size_t i = 0; i < 2; i++) {
        const char *path = join(arena, directory, place[i], adapter_name);
        if (path != NULL && spae_file_exists(path))
            return path;
    }
    return NULL;
}

/* As the shell found the program: by its path, else along $PATH. */
static const char *adapter_of_program(spae_arena *arena, const char *program)
{
    const char *slash = program != NULL ? strrchr(program, '/') : NULL;
    const char *directory = slash != NULL ? piece(arena, program, (size_t)(slash - program)) : NULL;
    if (slash != NULL)
        return directory != NULL ? adapter_near(arena, directory) : NULL;
    const char *path = program != NULL ? getenv("PATH") : NULL, *found = NULL;
    while (path != NULL && *path != '\0' && found == NULL) {
        const size_t n = strcspn(path, ":");
        directory = piece(arena, path, n);
        const char *there = directory != NULL ? join(arena, directory, "/", program) : NULL;
        found = there != NULL && spae_file_exists(there) ? adapter_near(arena, directory) : NULL;
        path += n + (path[n] == ':');
    }
    return found;
}

static spae_status find_adapter(const spae_language_choice *choice, spae_arena *arena, const char **adapter,
                                spae_error *err)
{
    *adapter = spae_language_setting(choice, "adapter");
    if (*adapter == NULL)
        *adapter = getenv("SPAE_ADAPTER");
    if (*adapter != NULL && !spae_file_exists(*adapter))
        return spae_fail(err, SPAE_ERR_ARGUMENT, "openai: there is no adapter %s", *adapter);
    if (*adapter == NULL)
        *adapter = adapter_of_program(arena, choice->options->program);
    if (*adapter == NULL)
        return spae_fail(err, SPAE_ERR_ARGUMENT,
                         "openai: the adapter %s is not where this program is; adapter=FILE or $SPAE_ADAPTER names it",
                         adapter_name);
    return SPAE_OK;
}

/* The whole address that requests go to. */
static spae_status make_address(const spae_language_choice *choice, bool chat, spae_arena *arena, const char **address,
                                spae_error *err)
{
    size_t n = strcspn(choice->argument, "#");
    const char *base = n > 0 ? choice->argument : getenv("OPENAI_BASE_URL");
    if (base == NULL)
        return spae_fail(err, SPAE_ERR_ARGUMENT, "openai: expected openai:URL#MODEL, or the URL in $OPENAI_BASE_URL");
    if (n == 0)
        n = strlen(base);
    if (strncmp(base, "http://", 7) != 0 && strncmp(base, "https://", 8) != 0)
        return spae_fail(err, SPAE_ERR_ARGUMENT, "openai: %s: expected an address that begins with http:// or https://",
                         base);
    while (base[n - 1] == '/')
        n--;
    const char *whole = piece(arena, base, n);
    *address = whole != NULL ? join(arena, whole, chat ? "/chat" : "", "/completions") : NULL;
    return *address != NULL ? SPAE_OK : no_memory("openai", err);
}

/* sh 'ADAPTER' 'ADDRESS' 'SECONDS' */
static spae_status make_program(const spae_language_choice *choice, const char *address, spae_arena *arena,
                                const char **program, spae_error *err)
{
    char time[24];
    const char *part[3] = {NULL, address, time};
    size_t seconds = SECONDS;
    spae_status status = spae_language_number(choice, "timeout", 1, SECONDS_MOST, &seconds, err);
    if (status == SPAE_OK)
        status = find_adapter(choice, arena, &part[0], err);
    sprintf(time, "%lu", (unsigned long)seconds);
    *program = "sh";
    for (size_t i = 0; i < 3 && status == SPAE_OK; i++) {
        const char *quoted = NULL;
        status = spae_shell_quote(part[i], arena, &quoted, err);
        if (status == SPAE_OK && (*program = join(arena, *program, " ", quoted)) == NULL)
            status = no_memory("openai", err);
    }
    return status;
}

static spae_status open_openai(const spae_language_choice *choice, spae_arena *arena, spae_language_model *model,
                               spae_error *err)
{
    const char *sharp = strchr(choice->argument, '#'), *address = NULL;
    bool chat = false;
    spae_command_options o = {.name = "openai"};
    spae_status status = common_settings(choice, arena, &o, err);
    if (status == SPAE_OK)
        status = spae_language_switch(choice, "chat", &chat, err);
    if (status == SPAE_OK)
        status = make_address(choice, chat, arena, &address, err);
    if (status == SPAE_OK)
        status = make_program(choice, address, arena, &o.program, err);
    if (status == SPAE_OK && sharp != NULL && sharp[1] != '\0') {
        o.model = sharp + 1;
        o.name = join(arena, "openai:", o.model, "");
        status = o.name != NULL ? SPAE_OK : no_memory("openai", err);
    }
    o.form = chat ? SPAE_COMMAND_CHAT : SPAE_COMMAND_COMPLETIONS;
    return status == SPAE_OK ? spae_language_command(&o, arena, model, err) : status;
}

/* ---- replay ------------------------------------------------------------------------------------------ */

static spae_status open_replay(const spae_language_choice *choice, spae_arena *arena, spae_language_model *model,
                               spae_error *err)
{
    if (choice->options->transcript != NULL)
        return spae_fail(err, SPAE_ERR_ARGUMENT, "replay: a transcript of a transcript is not kept");
    const spae_tokenizer *tokenizer = NULL;
    spae_status status = set_tokenizer(choice, arena, &tokenizer, err);
    if (status == SPAE_OK)
        status = spae_language_replay(choice->argument, tokenizer, arena, model, choice->torn, err);
    return status;
}

/* ---- the table --------------------------------------------------------------------------------------- */

static const char *const command_keys[] = {"folder", "keep", "scores", "tokenizer", "window", NULL};
static const char *const openai_keys[] = {"adapter", "chat", "folder", "keep", "timeout", "tokenizer", "window", NULL};
static const char *const replay_keys[] = {"tokenizer", NULL};
static const char *const no_keys[] = {NULL};

const spae_language_kind spae_language_kinds[] = {
    {"incontext", NULL, false, no_keys, "no weights: continues a prompt by what is like it there", open_incontext},
    {"transformer", "FOLDER", false, no_keys, "GPT-2 or a model of Llama's kind, as published, run here", open_transformer},
    {"command", "PROGRAM", false, command_keys, "any outside program", open_command},
    {"openai", "URL#MODEL", true, openai_keys, "an HTTP server with OpenAI's interface, by curl", open_openai},
    {"replay", "FILE", false, replay_keys, "a transcript of an earlier run, without a model", open_replay},
};
const size_t spae_language_kinds_count = sizeof spae_language_kinds / sizeof spae_language_kinds[0];

static spae_status find_kind(const char *name, const spae_language_kind **kind, spae_error *err)
{
    const size_t n = strcspn(name, ":");
    char known[160] = "";
    for (size_t i = 0; i < spae_language_kinds_count; i++) {
        const char *this = spae_language_kinds[i].kind;
        *kind = &spae_language_kinds[i];
        if (strlen(this) == n && memcmp(this, name, n) == 0)
            return SPAE_OK;
        if (strlen(known) + strlen(this) + 3 < sizeof known)
            strcat(strcat(known, i > 0 ? ", " : ""), this);
    }
    return spae_fail(err, SPAE_ERR_ARGUMENT, "%s: no language model; there are %s", name, known);
}

static spae_status check_argument(const spae_language_kind *kind, const char *argument, spae_error *err)
{
    if (kind->argument == NULL && argument[0] != '\0')
        return spae_fail(err, SPAE_ERR_ARGUMENT, "%s: takes nothing behind a ':'", kind->kind);
    if (kind->argument != NULL && !kind->optional && argument[0] == '\0')
        return spae_fail(err, SPAE_ERR_ARGUMENT, "%s: expected %s:%s", kind->kind, kind->kind, kind->argument);
    return SPAE_OK;
}

/* Wraps *model, which moves into the arena. */
static spae_status keep_transcript(const spae_language_options *options, spae_arena *arena, spae_language_model *model,
                                   size_t *torn, spae_error *err)
{
    spae_language_model *inner = spae_arena_take(arena, 1, sizeof *inner);
    if (inner == NULL)
        return no_memory(options->name, err);
    *inner = *model;
    if (options->resume && spae_file_exists(options->transcript))
        return spae_language_resume(inner, options->transcript, arena, model, torn, err);
    return spae_language_record(inner, options->transcript, arena, model, err);
}

spae_status spae_language_open(const spae_language_options *options, spae_arena *arena, spae_language_model *model,
                               size_t *torn, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    const char *colon = strchr(options->name, ':');
    size_t dropped = 0;
    const spae_language_choice choice = {options, colon != NULL ? colon + 1 : "", &dropped};
    const spae_language_kind *kind = NULL;
    spae_language_model opened;
    spae_status status = find_kind(options->name, &kind, err);
    if (status == SPAE_OK)
        status = check_argument(kind, choice.argument, err);
    if (status == SPAE_OK)
        status = check_settings(kind, options, arena, err);
    if (status == SPAE_OK)
        status = kind->open(&choice, arena, &opened, err);
    if (status == SPAE_OK && options->transcript != NULL)
        status = keep_transcript(options, arena, &opened, &dropped, err);
    if (status != SPAE_OK) {
        spae_arena_reset(arena, mark);
        return status;
    }
    *model = opened;
    if (torn != NULL)
        *torn = dropped;
    return SPAE_OK;
}
