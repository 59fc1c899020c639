/* The arrays of a port's directory, port.h: the tree is walked, archives are listed. */
#include <stdlib.h>
#include <string.h>

#include "io/directory.h"
#include "io/near_name.h"
#include "io/port.h"

enum {
    DEPTH_MOST = 16,  /* directories in each other */
    OFFERED_MOST = 64 /* extras that a nearest name is looked for */
};

/* Names in the order of strcmp; of cases, of outputs, and of what may lie beside them. */
typedef struct {
    size_t count;
    const char **name;
} name_set;

typedef struct found {
    struct found *before;
    spae_port_array array;
} found;

typedef struct line {
    struct line *before;
    spae_error text;
} line;

typedef struct {
    spae_arena *arena;
    const spae_manifest *manifest;
    spae_port *port;
    name_set cases, outputs, beside;
    size_t root; /* bytes of "DIR/" before a name */
    found *last;
    line *last_line;
    spae_error *err;
} finder;

/* ---- known names ---------------------------------------------------------------------------- */

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool has(const name_set *set, const char *name)
{
    return bsearch(&name, set->name, set->count, sizeof *set->name, compare_names) != NULL;
}

static spae_status no_memory(finder *f)
{
    return spae_fail(f->err, SPAE_ERR_NO_MEMORY, "no memory for the names of the port's arrays");
}

/* first, '/', second, third */
static const char *join(spae_arena *arena, const char *first, const char *second, const char *third)
{
    const size_t a = strlen(first), b = strlen(second), c = strlen(third);
    char *text = spae_arena_take(arena, a + b + c + 2, 1);
    if (text == NULL)
        return NULL;
    memcpy(text, first, a);
    text[a] = '/';
    memcpy(text + a + 1, second, b);
    memcpy(text + a + 1 + b, third, c + 1);
    return text;
}

static spae_status take_sets(finder *f)
{
    const spae_manifest *m = f->manifest;
    size_t beside = m->outputs;
    for (size_t i = 0; i < m->cases; i++)
        beside += m->item[i].inputs;
    f->cases.name = spae_arena_take(f->arena, m->cases, sizeof *f->cases.name);
    f->outputs.name = spae_arena_take(f->arena, m->outputs, sizeof *f->outputs.name);
    f->beside.name = spae_arena_take(f->arena, beside, sizeof *f->beside.name);
    return f->cases.name != NULL && f->outputs.name != NULL && f->beside.name != NULL
               ? SPAE_OK
               : no_memory(f);
}

static spae_status know_names(finder *f)
{
    const spae_manifest *m = f->manifest;
    spae_status status = take_sets(f);
    if (status != SPAE_OK)
        return status;
    for (size_t i = 0; i < m->cases; i++) {
        const spae_manifest_case *c = &m->item[i];
        f->cases.name[f->cases.count++] = c->name;
        for (size_t k = 0; k < c->outputs + c->inputs; k++) {
            const bool in = k >= c->outputs;
            const char *beside = in ? join(f->arena, c->name, c->input[k - c->outputs].name, "")
                                    : join(f->arena, c->name, c->output[k].name, ".f64");
            if (beside == NULL)
                return no_memory(f);
            f->beside.name[f->beside.count++] = beside;
            if (!in)
                f->outputs.name[f->outputs.count++] = c->output[k].full_name;
        }
    }
    qsort(f->cases.name, f->cases.count, sizeof *f->cases.name, compare_names);
    qsort(f->outputs.name, f->outputs.count, sizeof *f->outputs.name, compare_names);
    qsort(f->beside.name, f->beside.count, sizeof *f->beside.name, compare_names);
    return SPAE_OK;
}

/* ---- what is found -------------------------------------------------------------------------- */

static spae_status keep(finder *f, const spae_port_array *array)
{
    if (has(&f->beside, array->name))
        return SPAE_OK;
    found *kept = spae_arena_take(f->arena, 1, sizeof *kept);
    if (kept == NULL)
        return no_memory(f);
    *kept = (found){f->last, *array};
    f->last = kept;
    f->port->count++;
    return SPAE_OK;
}

static spae_status keep_line(finder *f, const spae_error *text)
{
    line *kept = spae_arena_take(f->arena, 1, sizeof *kept);
    if (kept == NULL || text->status == SPAE_ERR_NO_MEMORY)
        return no_memory(f);
    *kept = (line){f->last_line, *text};
    f->last_line = kept;
    f->port->broken++;
    return SPAE_OK;
}

/* The members of an archive; those of DIR/CASE.npz are called "CASE/" and the member. Archives with
 * full names are kept open as long as there is room, because many cases will ask. */
static spae_status list_members(finder *f, const char *path, const char *of, spae_source *source,
                                bool *kept, spae_error *why)
{
    spae_npz *npz = spae_arena_take(f->arena, 1, sizeof *npz);
    *kept = of == NULL && f->port->archives < SPAE_PORT_KEPT;
    if (*kept) {
        f->port->archive[f->port->archives] = *source;
        source = &f->port->archive[f->port->archives]; /* the place that outlives this */
    }
    spae_status status =
        npz != NULL ? spae_npz_open(f->arena, source, NULL, npz, why) : no_memory(f);
    for (size_t i = 0; i < (status == SPAE_OK ? npz->count : 0); i++) {
        const char *member = npz->members[i].name;
        const char *name = of != NULL ? join(f->arena, of, member, "") : member;
        const spae_port_array array = {name, path, member, *kept ? npz : NULL, false};
        if ((name != NULL ? keep(f, &array) : no_memory(f)) != SPAE_OK) {
            *kept = false;
            return *why = *f->err, SPAE_ERR_NO_MEMORY;
        }
    }
    *kept = *kept && status == SPAE_OK;
    f->port->archives += *kept;
    return status;
}

static spae_status look_into_npz(finder *f, const char *path, const char *of, spae_error *why)
{
    spae_source source;
    bool kept = false;
    spae_status status = spae_source_open(f->arena, path, NULL, &source, why);
    if (status != SPAE_OK)
        return status;
    status = list_members(f, path, of, &source, &kept, why);
    if (!kept)
        spae_source_close(&source);
    return status;
}

/* A file by its ending; `name` is its path below DIR without that. */
static spae_status look_at_file(finder *f, const char *path)
{
    const bool npz = spae_file_ends(path, ".npz"), npy = spae_file_ends(path, ".npy"),
               text = spae_file_ends(path, "/status.txt");
    if (!npz && !npy && !text)
        return SPAE_OK;
    const size_t n = strlen(path + f->root) - 4;
    char *name = spae_arena_take(f->arena, n + 1, 1);
    if (name == NULL)
        return no_memory(f);
    memcpy(name, path + f->root, n);
    name[n] = '\0';
    if (!npz)
        return keep(f, &(spae_port_array){name, path, NULL, NULL, text});
    if (!has(&f->cases, name) && strchr(name, '/') != NULL)
        return keep(f, &(spae_port_array){name, path, NULL, NULL, false}); /* an extra */
    spae_error why;
    const spae_status status = look_into_npz(f, path, has(&f->cases, name) ? name : NULL, &why);
    return status == SPAE_OK ? SPAE_OK : keep_line(f, &why);
}

static spae_status look_into(finder *f, const char *directory, unsigned depth)
{
    const char *const *paths = NULL;
    size_t count = 0;
    spae_status status = spae_directory_list(directory, f->arena, &paths, &count, f->err);
    for (size_t i = 0; i < count && status == SPAE_OK; i++) {
        if (!spae_directory_is(paths[i]))
            status = look_at_file(f, paths[i]);
        else if (depth < DEPTH_MOST)
            status = look_into(f, paths[i], depth + 1);
    }
    return status;
}

/* ---- the port ------------------------------------------------------------------------------- */

static int compare_arrays(const void *a, const void *b)
{
    const spae_port_array *x = a, *y = b;
    const int names = strcmp(x->name, y->name);
    return names != 0 ? names : strcmp(x->path, y->path);
}

static const char *output_name(const void *context, size_t index)
{
    return ((const name_set *)context)->name[index];
}

static spae_status list_extras(finder *f)
{
    spae_port *port = f->port;
    spae_port_extra *extra = spae_arena_take(f->arena, port->count, sizeof *extra);
    if (extra == NULL)
        return no_memory(f);
    for (size_t i = 0; i < port->count; i++) {
        const char *name = port->array[i].name;
        if (has(&f->outputs, name))
            continue;
        const char *near = port->extras < OFFERED_MOST
                               ? spae_near_name(name, output_name, &f->outputs, f->outputs.count)
                               : NULL;
        extra[port->extras++] = (spae_port_extra){name, near};
    }
    port->extra = extra;
    return SPAE_OK;
}

static spae_status sort_found(finder *f)
{
    spae_port *port = f->port;
    spae_port_array *array = spae_arena_take(f->arena, port->count, sizeof *array);
    const char **unreadable = spae_arena_take(f->arena, port->broken, sizeof *unreadable);
    if (array == NULL || unreadable == NULL)
        return no_memory(f);
    size_t n = port->count;
    for (found *k = f->last; k != NULL; k = k->before)
        array[--n] = k->array;
    qsort(array, port->count, sizeof *array, compare_arrays);
    n = port->broken;
    for (line *k = f->last_line; k != NULL; k = k->before)
        unreadable[--n] = k->text.text;
    port->array = array;
    port->unreadable = unreadable;
    return list_extras(f);
}

static spae_status find_all(finder *f, const char *directory)
{
    spae_status status = know_names(f);
    if (status != SPAE_OK)
        return status;
    if (spae_file_ends(directory, ".npz") && !spae_directory_is(directory))
        status = look_into_npz(f, directory, NULL, f->err);
    else
        status = look_into(f, directory, 0);
    return status == SPAE_OK ? sort_found(f) : status;
}

spae_status spae_port_open(spae_arena *arena, const char *directory, const spae_manifest *manifest,
                           spae_port *port, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    spae_error ignored;
    finder f = {.arena = arena,
                .manifest = manifest,
                .port = port,
                .root = strlen(directory) + 1,
                .err = err != NULL ? err : &ignored};
    *port = (spae_port){0};
    const spae_status status = find_all(&f, directory);
    if (status != SPAE_OK) {
        spae_port_close(port);
        spae_arena_reset(arena, mark);
    }
    return status;
}

void spae_port_close(spae_port *port)
{
    for (size_t i = 0; i < port->archives; i++)
        spae_source_close(&port->archive[i]);
    port->archives = 0;
}

size_t spae_port_find(const spae_port *port, const char *name, const spae_port_array **first)
{
    size_t low = 0, high = port->count, n = 0;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (strcmp(port->array[middle].name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    while (low + n < port->count && strcmp(port->array[low + n].name, name) == 0)
        n++;
    if (n > 0)
        *first = &port->array[low];
    return n;
}
