/* The strict reader of manifest.h: line by line, each with spae_json_parse into nodes that are used
 * again for the next. read_line puts file and line before what manifest_case.c finds wrong. */
#include "io/manifest.h"

#include <stdlib.h>
#include <string.h>

#include "io/manifest_case.h"

static const size_t text_most = (size_t)1 << 26; /* bytes */

const char *spae_level_name(spae_level level)
{
    static const char *const name[] = {"A", "B", "C", "-"};
    return name[level];
}

/* ---- the whole ------------------------------------------------------------------------------ */

typedef struct {
    spae_manifest_reader r;
    const spae_source *source;
    spae_manifest_case *cases;
    size_t capacity; /* cases that the lines can hold */
    int64_t cases_due, outputs_due;
    spae_manifest manifest;
} whole;

static spae_status read_header(whole *w, const spae_json_node *node)
{
    spae_manifest_reader *r = &w->r;
    const char *kind = NULL;
    int64_t version = 0;
    spae_status status =
        spae_manifest_members(r, node, "the header", " manifest version cases outputs", "");
    if (status == SPAE_OK)
        status = spae_manifest_text(r, node, "manifest", &kind);
    if (status == SPAE_OK && strcmp(kind, "SPAE vectors") != 0)
        status = spae_fail(r->err, SPAE_ERR_FORMAT, "\"manifest\": expected \"SPAE vectors\"");
    if (status == SPAE_OK)
        status =
            spae_json_integer(spae_json_member(r->nodes, node, "version"), 1, 1, &version, r->err);
    if (status == SPAE_OK)
        status = spae_json_integer(spae_json_member(r->nodes, node, "cases"), 1, INT32_MAX,
                                   &w->cases_due, r->err);
    if (status == SPAE_OK)
        status = spae_json_integer(spae_json_member(r->nodes, node, "outputs"), 1, INT32_MAX,
                                   &w->outputs_due, r->err);
    return status;
}

static spae_status read_line(whole *w, const char *text, size_t length, size_t line,
                             spae_error *err)
{
    spae_error why = {SPAE_OK, ""};
    w->r.err = &why;
    spae_status status = spae_json_parse(text, length, w->r.nodes, w->r.room, NULL, &why);
    if (status == SPAE_OK && line == 1)
        status = read_header(w, w->r.nodes);
    else if (status == SPAE_OK) {
        spae_manifest_case *c = &w->cases[w->manifest.cases++];
        *c = (spae_manifest_case){.line = line};
        status = spae_manifest_read_case(&w->r, w->r.nodes, c);
        w->manifest.outputs += c->outputs;
    }
    return status == SPAE_OK
               ? SPAE_OK
               : spae_fail(err, status, "%s: line %zu: %s", w->source->name, line, why.text);
}

/* Room for the nodes of the longest line, and for a case a line. */
static spae_status prepare(whole *w, const char *text, size_t size, spae_error *err)
{
    for (size_t at = 0; at < size; w->capacity++) {
        const char *end = memchr(text + at, '\n', size - at);
        const size_t n = end != NULL ? (size_t)(end - text) - at : size - at;
        const size_t bound = spae_json_bound(text + at, n);
        w->r.room = bound > w->r.room ? bound : w->r.room;
        at += n + 1;
    }
    w->r.nodes = spae_arena_take(w->r.arena, w->r.room, sizeof *w->r.nodes);
    w->cases = spae_arena_take(w->r.arena, w->capacity, sizeof *w->cases);
    if (w->r.nodes == NULL || w->cases == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for %zu lines", w->source->name,
                         w->capacity);
    return SPAE_OK;
}

static spae_status read_lines(whole *w, const char *text, size_t size, spae_error *err)
{
    size_t line = 0;
    spae_status status =
        size > 0 ? SPAE_OK
                 : spae_fail(err, SPAE_ERR_FORMAT, "%s: line 1: it is empty", w->source->name);
    for (size_t at = 0; at < size && status == SPAE_OK;) {
        const char *end = memchr(text + at, '\n', size - at);
        if (end == NULL)
            return spae_fail(err, SPAE_ERR_FORMAT, "%s: line %zu: cut off, it has no end",
                             w->source->name, line + 1);
        status = read_line(w, text + at, (size_t)(end - text) - at, ++line, err);
        at = (size_t)(end - text) + 1;
    }
    if (status == SPAE_OK && ((int64_t)w->manifest.cases != w->cases_due ||
                              (int64_t)w->manifest.outputs != w->outputs_due))
        return spae_fail(err, SPAE_ERR_FORMAT,
                         "%s: line 1: says %lld cases and %lld outputs, there are %zu and %zu",
                         w->source->name, (long long)w->cases_due, (long long)w->outputs_due,
                         w->manifest.cases, w->manifest.outputs);
    return status;
}

/* ---- names that occur once ------------------------------------------------------------------ */

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Fails when two of the names are equal. */
static spae_status check_once(whole *w, const char **names, size_t count, spae_error *err)
{
    qsort(names, count, sizeof *names, compare_names);
    for (size_t i = 1; i < count; i++)
        if (strcmp(names[i - 1], names[i]) == 0)
            return spae_fail(err, SPAE_ERR_FORMAT, "%s: line 1: the name \"%s\" occurs twice",
                             w->source->name, names[i]);
    return SPAE_OK;
}

/* Case names, and in each case the names of its arrays. The full names of outputs are checked all
 * together: "a/b" with "c/d" would be "a/b/c" with "d". */
static spae_status check_names(whole *w, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(w->r.arena);
    size_t most = w->manifest.cases + w->manifest.outputs, n = 0;
    for (size_t i = 0; i < w->manifest.cases; i++)
        if (w->cases[i].inputs + w->cases[i].outputs > most)
            most = w->cases[i].inputs + w->cases[i].outputs;
    const char **names = spae_arena_take(w->r.arena, most, sizeof *names);
    if (names == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for %zu names", w->source->name,
                         most);
    for (size_t i = 0; i < w->manifest.cases; i++) {
        names[n++] = w->cases[i].name;
        for (size_t o = 0; o < w->cases[i].outputs; o++)
            names[n++] = w->cases[i].output[o].full_name;
    }
    spae_status status = check_once(w, names, n, err);
    for (size_t i = 0; i < w->manifest.cases && status == SPAE_OK; i++) {
        const spae_manifest_case *c = &w->cases[i];
        n = 0;
        for (size_t o = 0; o < c->outputs; o++)
            names[n++] = c->output[o].name;
        for (size_t o = 0; o < c->inputs; o++)
            names[n++] = c->input[o].name;
        status = check_once(w, names, n, err);
    }
    spae_arena_reset(w->r.arena, mark);
    return status;
}

/* The cases by stage; a stage that comes back later is refused. */
static spae_status find_stages(whole *w, spae_error *err)
{
    spae_manifest *m = &w->manifest;
    spae_manifest_stage *stage = spae_arena_take(w->r.arena, m->cases, sizeof *stage);
    if (stage == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for its stages", w->source->name);
    for (size_t i = 0; i < m->cases; i++) {
        spae_manifest_case *c = &w->cases[i];
        const size_t n = strcspn(c->name, "/");
        size_t s = 0;
        while (s < m->stages &&
               !(strlen(stage[s].name) == n && memcmp(stage[s].name, c->name, n) == 0))
            s++;
        if (s + 1 < m->stages)
            return spae_fail(err, SPAE_ERR_FORMAT,
                             "%s: line %zu: the cases of stage %s are not neighbours",
                             w->source->name, c->line, stage[s].name);
        if (s == m->stages) {
            char *name = spae_arena_take(w->r.arena, n + 1, 1);
            if (name == NULL)
                return spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for its stages",
                                 w->source->name);
            memcpy(name, c->name, n);
            name[n] = '\0';
            stage[m->stages++] = (spae_manifest_stage){name, i, 0};
        }
        c->stage = s;
        stage[s].count++;
    }
    m->stage = stage;
    return SPAE_OK;
}

static spae_status read_all(whole *w, spae_error *err)
{
    const spae_source *source = w->source;
    if (source->size > text_most)
        return spae_fail(err, SPAE_ERR_FORMAT, "%s: it has %llu bytes, the most is 2^26",
                         source->name, (unsigned long long)source->size);
    const size_t size = (size_t)source->size;
    char *text = spae_arena_take(w->r.arena, size, 1);
    if (text == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for %zu bytes", source->name,
                         size);
    spae_status status = spae_source_read(source, 0, text, size, err);
    if (status == SPAE_OK)
        status = prepare(w, text, size, err);
    if (status == SPAE_OK)
        status = read_lines(w, text, size, err);
    if (status == SPAE_OK)
        status = check_names(w, err);
    if (status == SPAE_OK)
        status = find_stages(w, err);
    return status;
}

spae_status spae_manifest_read(spae_arena *arena, const spae_source *source,
                               spae_manifest *manifest, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    whole w = {.r = {.arena = arena}, .source = source};
    const spae_status status = read_all(&w, err);
    if (status != SPAE_OK) {
        spae_arena_reset(arena, mark);
        return status;
    }
    w.manifest.item = w.cases;
    *manifest = w.manifest;
    return SPAE_OK;
}
