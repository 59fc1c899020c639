/* system() of C99, with what POSIX adds: quotes that hold anything, exit statuses, folders of one's own. */
#if defined(__unix__) || defined(__APPLE__)
#define _POSIX_C_SOURCE 200112L
#define SPAE_POSIX      1
#else
#define SPAE_POSIX 0
#endif

#include "io/program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/directory.h"
#include "io/file.h"

#if SPAE_POSIX
#include <sys/wait.h>
#endif

/* ---- what differs between platforms ------------------------------------------------------------------ */

#if defined(__wasi__) /* there are no other programs, and no system() */
static bool run_shell(const char *line, int *status)
{
    (void)line;
    (void)status;
    return false;
}
#else
static bool run_shell(const char *line, int *status)
{
    if (system(NULL) == 0)
        return false;
    fflush(NULL); /* what we have said comes before what it says */
    *status = system(line);
    return *status != -1;
}
#endif

#if SPAE_POSIX
/* From what system() returns to what a shell says. */
static int exit_status(int status)
{
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + (WIFSIGNALED(status) ? WTERMSIG(status) : 0);
}

static const char *default_parent(void)
{
    const char *named = getenv("TMPDIR");
    return named != NULL && named[0] != '\0' ? named : "/tmp";
}

spae_status spae_shell_quote(const char *text, spae_arena *arena, const char **quoted, spae_error *err)
{
    const size_t length = strlen(text);
    char *out = spae_arena_take(arena, length + 2, 4), *at = out; /* "./", quotes, and four bytes for one */
    if (out == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "command: no memory for %zu bytes", 4 * (length + 2));
    *at++ = '\'';
    if (text[0] == '-') {
        *at++ = '.';
        *at++ = '/';
    }
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '\'') {
            memcpy(at, "'\\''", 4);
            at += 4;
        } else {
            *at++ = text[i];
        }
    }
    memcpy(at, "'", 2);
    *quoted = out;
    return SPAE_OK;
}
#else
static int exit_status(int status)
{
    return status;
}

static const char *default_parent(void)
{
    return ".";
}

spae_status spae_shell_quote(const char *text, spae_arena *arena, const char **quoted, spae_error *err)
{
    const size_t length = strlen(text);
    if (strpbrk(text, "\"%\n") != NULL)
        return spae_fail(err, SPAE_ERR_ARGUMENT, "%s: cannot be quoted on a command line of this platform", text);
    char *out = spae_arena_take(arena, length + 3, 1);
    if (out == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "command: no memory for %zu bytes", length + 3);
    out[0] = '"';
    memcpy(out + 1, text, length);
    memcpy(out + 1 + length, "\"", 2);
    *quoted = out;
    return SPAE_OK;
}
#endif

/* ---- the exchange ------------------------------------------------------------------------------------ */

enum { TRIES = 100000, NAME_ROOM = 48 };

/* PARENT/spae-0 or the first number after it that is free: the folder, made, and names in it; without POSIX only names
 * that begin so. Each name has room. */
static spae_status take_names(const char *parent, char *const name[3], spae_error *err)
{
    static const char between = SPAE_POSIX ? '/' : '-';
    for (int number = 0; number < TRIES; number++) {
        bool ours = false;
        spae_status status = SPAE_OK;
        sprintf(name[0], "%s/spae-%d", parent, number);
        sprintf(name[1], "%s%crequest.json", name[0], between);
        sprintf(name[2], "%s%canswer.json", name[0], between);
        if (SPAE_POSIX)
            status = spae_directory_make_new(name[0], &ours, err);
        else
            ours = !spae_file_exists(name[1]) && !spae_file_exists(name[2]);
        if (status != SPAE_OK || ours)
            return status;
    }
    return spae_fail(err, SPAE_ERR_IO, "%s: %d names spae-<number> are taken there", parent, (int)TRIES);
}

spae_status spae_exchange_begin(const char *parent, spae_arena *arena, spae_exchange *exchange, spae_error *err)
{
    if (parent == NULL)
        parent = default_parent();
    const spae_arena_mark mark = spae_arena_here(arena);
    const size_t room = strlen(parent) + NAME_ROOM;
    char *name[3];
    spae_status status = SPAE_OK;
    for (size_t i = 0; i < 3; i++)
        if ((name[i] = spae_arena_take(arena, room, 1)) == NULL)
            status = spae_fail(err, SPAE_ERR_NO_MEMORY, "command: no memory for %zu bytes", room);
    if (status == SPAE_OK)
        status = take_names(parent, name, err);
    if (status != SPAE_OK) {
        spae_arena_reset(arena, mark);
        return status;
    }
    *exchange = (spae_exchange){SPAE_POSIX ? name[0] : NULL, name[1], name[2]};
    return SPAE_OK;
}

static spae_status run_line(const spae_exchange *exchange, const char *program, spae_arena *scratch, int *status,
                            spae_error *err)
{
    const char *request = NULL, *answer = NULL;
    int result = 0;
    spae_status ok = spae_shell_quote(exchange->request, scratch, &request, err);
    if (ok == SPAE_OK)
        ok = spae_shell_quote(exchange->answer, scratch, &answer, err);
    if (ok != SPAE_OK)
        return ok;
    const size_t room = strlen(program) + strlen(request) + strlen(answer) + 3;
    char *line = spae_arena_take(scratch, room, 1);
    if (line == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "command: no memory for %zu bytes", room);
    sprintf(line, "%s %s %s", program, request, answer);
    if (!run_shell(line, &result))
        return spae_fail(err, SPAE_ERR_IO, "there is no shell here that could run it");
    *status = exit_status(result);
    return SPAE_OK;
}

spae_status spae_exchange_run(const spae_exchange *exchange, const char *program, spae_arena *scratch, int *status,
                              spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(scratch);
    const spae_status ok = run_line(exchange, program, scratch, status, err);
    spae_arena_reset(scratch, mark);
    return ok;
}

void spae_exchange_end(const spae_exchange *exchange)
{
    (void)remove(exchange->request); /* either may be missing */
    (void)remove(exchange->answer);
    if (exchange->folder != NULL)
        spae_directory_remove(exchange->folder);
}
