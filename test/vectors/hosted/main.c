/* The conformance vectors, made and held against:
 *
 *     vectors [OPTION...] write DIR [PREFIX...]       every array and DIR/MANIFEST; the ORACLE build writes the .f64.npy,
 *                                                     and runs first
 *     vectors [OPTION...] port DIR [PREFIX...]        the outputs alone, as a port gives them to `spae verify`
 *     vectors [OPTION...] check MANIFEST [PREFIX...]  computes the cases, compares hashes, prints what differs
 *     vectors [OPTION...] hashes MANIFEST [PREFIX...] the same of the cases that need no files; prints a line for each
 *                                                     output, as the program without an operating system does
 *
 *     -full    also the cases of full size, which take minutes and 5 GB (ORACLE: 10)
 *     -fuller  also the training step of videos, which takes more of them and 20 GB
 *     -n N     N examples of a training step side by side
 *     PREFIX   only cases whose names begin so
 *
 * Of cases that are not computed, `write` leaves files and lines of the MANIFEST as they are.
 *
 * Exit status 0 when everything was done and nothing differs; `check` without PREFIX fails too when fewer cases ran than
 * the MANIFEST has.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hosted.h"

static char **only; /* name prefixes that are wanted, up to a NULL; none: all */

static unsigned effort;    /* -full: 1, -fuller: 2 */
static size_t at_once = 1; /* -n */

static bool wanted(void *context, const char *name)
{
    (void)context;
    if (vectors_effort(name) > effort)
        return false;
    if (*only == NULL)
        return true;
    for (char **p = only; *p != NULL; p++)
        if (strncmp(name, *p, strlen(*p)) == 0)
            return true;
    return false;
}

static spae_status run(spae_arena *arena, vectors_sink sink, bool hosted, spae_error *err)
{
    vectors v;
    sink.wants = wanted;
    vectors_start(&v, arena, sink, err);
    v.at_once = at_once;
    v.words = hosted ? vectors_words : NULL;
    v.training_data = hosted ? vectors_training_data : NULL;
    v.prompts = hosted ? vectors_prompts : NULL;
    v.scores = hosted ? vectors_scores : NULL;
    vectors_all(&v);
    if (hosted) {
        vectors_language_answers(&v);
        vectors_files(&v);
        vectors_full(&v);
    }
    return v.status;
}

static spae_status write_all(const char *directory, bool port, spae_arena *arena, spae_error *err)
{
    vectors_writer w;
    spae_status status = vectors_writer_start(&w, directory, arena, err);
    if (status == SPAE_OK)
        status = run(arena, port ? vectors_port_sink(&w) : vectors_writer_sink(&w), true, err);
    if (status == SPAE_OK && !port)
        status = vectors_writer_finish(&w, err);
    if (status == SPAE_OK)
        printf("%zu cases, %zu outputs\n", w.cases, w.outputs);
    spae_arena_free(&w.manifest_arena);
    return status;
}

static spae_status check(const char *manifest, spae_arena *arena, spae_error *err)
{
    vectors_checker c;
    spae_status status = vectors_checker_start(&c, manifest, effort, arena, err);
    if (status == SPAE_OK)
        status = run(arena, vectors_checker_sink(&c), true, err);
    if (status != SPAE_OK)
        return status;
    printf("%zu of %zu cases, %zu of %zu outputs, %zu differ\n", c.cases_seen, c.cases, c.outputs_seen, c.known,
           c.differing);
    const bool complete = *only != NULL ? c.outputs_seen > 0 : c.cases_seen == c.cases && c.outputs_seen == c.known;
    return complete && c.differing == 0
               ? SPAE_OK
               : spae_fail(err, SPAE_ERR_FORMAT, "%s: %zu outputs differ, or not every case ran", manifest, c.differing);
}

static spae_status print_hashes(const char *manifest, spae_arena *arena, spae_error *err)
{
    vectors_checker c;
    spae_status status = vectors_checker_start(&c, manifest, effort, arena, err);
    c.print = true;
    if (status == SPAE_OK)
        status = run(arena, vectors_checker_sink(&c), false, err);
    if (status == SPAE_OK && (c.differing > 0 || c.outputs_seen == 0))
        status = spae_fail(err, SPAE_ERR_FORMAT, "%s: %zu outputs differ, or none was made", manifest, c.differing);
    return status;
}

/* Options first; false where they are wrong. */
static bool take_options(int argc, char **argv, int *at)
{
    for (*at = 1; *at < argc && argv[*at][0] == '-'; ++*at) {
        if (strcmp(argv[*at], "-full") == 0)
            effort = 1;
        else if (strcmp(argv[*at], "-fuller") == 0)
            effort = 2;
        else if (strcmp(argv[*at], "-n") == 0 && *at + 1 < argc)
            at_once = (size_t)strtoul(argv[++*at], NULL, 10);
        else
            return false;
    }
    return at_once >= 1 && *at + 2 <= argc;
}

static spae_status command(const char *name, const char *path, spae_arena *arena, spae_error *err)
{
    if (strcmp(name, "check") == 0)
        return check(path, arena, err);
    if (strcmp(name, "hashes") == 0)
        return print_hashes(path, arena, err);
    if (strcmp(name, "write") == 0 || strcmp(name, "port") == 0)
        return write_all(path, strcmp(name, "port") == 0, arena, err);
    return spae_fail(err, SPAE_ERR_ARGUMENT, "%s: expected write, port, check or hashes", name);
}

int main(int argc, char **argv)
{
    int at;
    spae_error err = {SPAE_ERR_ARGUMENT, "usage: vectors [-full | -fuller] [-n N] write DIR | port DIR | check MANIFEST | hashes MANIFEST [PREFIX...]"};
    spae_arena arena;
    spae_arena_hosted(&arena);
    spae_status status = take_options(argc, argv, &at) ? spae_self_check(&err) : err.status;
    if (status == SPAE_OK) {
        only = argv + at + 2;
        status = command(argv[at], argv[at + 1], &arena, &err);
    }
    if (status != SPAE_OK)
        fprintf(stderr, "vectors: %s\n", err.text);
    spae_arena_free(&arena);
    return status != SPAE_OK;
}
