/* Which files a path of weights stands for, weights_files.h (SPEC 8.27). */
#include "io/weights_files.h"
#include "io/weights_schemes.h"

#include "io/arrays.h"
#include "io/directory.h"
#include "io/language_json.h"

enum { INDEX_MOST = 1 << 26, START = 9, NAME_ROOM = 1024 };

/* The next place for a file, opened. A file is opened once: it may be a pipe. */
static spae_status open_next(spae_weights_files *files, const char *path, spae_arena *arena, spae_error *err)
{
    if (files->count == SPAE_WEIGHTS_FILES)
        return spae_fail(err, SPAE_ERR_FORMAT, "%s: weights in more than %d files", path, SPAE_WEIGHTS_FILES);
    return spae_source_open(arena, path, NULL, &files->source[files->count], err);
}

/* Takes the file that was opened, or closes it. */
static spae_status take_next(spae_weights_files *files, spae_arena *arena, spae_error *err)
{
    spae_source *source = &files->source[files->count];
    const spae_status status = spae_weights_open(arena, source, NULL, &files->file[files->count], err);
    if (status == SPAE_OK)
        files->count++;
    else
        spae_source_close(source);
    return status;
}

/* ---- an index -------------------------------------------------------------------------------- */

/* Does the file begin as an index? */
static spae_status is_index(const spae_source *source, bool *index, spae_error *err)
{
    uint8_t start[START];
    size_t at = 0;
    *index = false;
    if (source->size < START)
        return SPAE_OK;
    const spae_status status = spae_source_read(source, 0, start, START, err);
    if (status != SPAE_OK || memchr(start, 0, START) != NULL)
        return status;
    while (at < START && strchr(" \t\r\n", start[at]) != NULL)
        at++;
    *index = at < START && start[at] == '{';
    return SPAE_OK;
}

/* The folder of a path, with its last separator. */
static spae_status join_beside(const char *path, const char *name, spae_arena *arena, const char **joined,
                               spae_error *err)
{
    const char *last = strrchr(path, '/');
    const size_t folder = last != NULL ? (size_t)(last - path) + 1 : 0, n = strlen(name);
    char *text = spae_arena_take(arena, folder + n + 1, 1);
    if (text == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for the names of its files", path);
    memcpy(text, path, folder);
    memcpy(text + folder, name, n + 1);
    *joined = text;
    return SPAE_OK;
}

/* The open file of that path; opened when it is not yet. */
static spae_status file_of(spae_weights_files *files, size_t first, const char *index, const char *name,
                           const spae_weights **file, spae_arena *arena, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    const char *path = NULL;
    spae_status status = join_beside(index, name, arena, &path, err);
    if (status != SPAE_OK)
        return status;
    for (size_t i = first; i < files->count; i++)
        if (strcmp(files->source[i].name, path) == 0) {
            spae_arena_reset(arena, mark);
            *file = &files->file[i];
            return SPAE_OK;
        }
    status = open_next(files, path, arena, err);
    if (status == SPAE_OK)
        status = take_next(files, arena, err);
    *file = &files->file[files->count - (status == SPAE_OK)];
    return status;
}

/* One member of weight_map: its file is opened, and must have the array. */
static spae_status add_entry(spae_weights_files *files, size_t first, const spae_document *d,
                             const spae_json_node *node, spae_name_list *missing, spae_arena *arena,
                             spae_error *err)
{
    char name[NAME_ROOM], array[NAME_ROOM];
    size_t n = 0, m = 0;
    const spae_weights *file = NULL;
    if (spae_json_string(node, name, sizeof name, &n, NULL) != SPAE_OK || n == 0 || strlen(name) != n ||
        strpbrk(name, "/\\") != NULL)
        return spae_document_fail(d, node, "expected the name of a file in the same folder", err);
    if (spae_json_key(node, array, sizeof array, &m, NULL) != SPAE_OK || strlen(array) != m)
        return spae_document_fail(d, node, "expected the name of an array before it", err);
    const spae_status status = file_of(files, first, d->name, name, &file, arena, err);
    if (status == SPAE_OK && spae_weights_find(file, array) == file->count)
        spae_name_list_add(missing, array);
    return status;
}

static spae_status add_entries(spae_weights_files *files, const spae_document *d, spae_arena *arena,
                               spae_error *err)
{
    const size_t first = files->count;
    spae_name_list missing = {0, {SPAE_OK, ""}};
    spae_status status = SPAE_OK;
    const spae_json_node *map = spae_document_member(d, d->nodes, "weight_map");
    if (map == NULL || map->type != SPAE_JSON_OBJECT || map->count == 0)
        return spae_fail(err, SPAE_ERR_FORMAT, "%s: weight_map: expected an object of array and file names",
                         d->name);
    const spae_json_node *node = spae_json_first(d->nodes, map);
    for (; status == SPAE_OK && node != NULL; node = spae_json_next(d->nodes, node))
        status = add_entry(files, first, d, node, &missing, arena, err);
    if (status == SPAE_OK && missing.count > 0)
        status = spae_fail(err, SPAE_ERR_FORMAT, "%s: %zu arrays are not in their files: %s", d->name,
                           missing.count, missing.line.text);
    return status;
}

/* The index that was opened at the next place, which is free again before its files are opened. */
static spae_status add_index(spae_weights_files *files, const char *path, spae_arena *arena, spae_error *err)
{
    spae_source *source = &files->source[files->count];
    spae_document d = {.name = path};
    const size_t length = source->size <= INDEX_MOST ? (size_t)source->size : 0;
    char *text = spae_arena_take(arena, length, 1);
    spae_status status = SPAE_OK;
    if (source->size > INDEX_MOST)
        status = spae_fail(err, SPAE_ERR_FORMAT, "%s: an index has at most %d bytes", path, (int)INDEX_MOST);
    else if (text == NULL)
        status = spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for %zu bytes", path, length);
    if (status == SPAE_OK)
        status = spae_source_read(source, 0, text, length, err);
    spae_source_close(source);
    if (status == SPAE_OK)
        status = spae_document_parse(text, length, arena, &d, err);
    return status == SPAE_OK ? add_entries(files, &d, arena, err) : status;
}

/* ---- paths ----------------------------------------------------------------------------------- */

static spae_status find_in_folder(const char *folder, spae_arena *arena, const char **path, spae_error *err)
{
    static const char *const known[] = {"model.safetensors", "model.safetensors.index.json", "pytorch_model.bin",
                                        "pytorch_model.bin.index.json", "model.npz"};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        *path = spae_directory_join(folder, known[i], arena);
        if (*path == NULL)
            return spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for the names of its files", folder);
        if (spae_file_exists(*path))
            return SPAE_OK;
    }
    return spae_fail(err, SPAE_ERR_IO, "%s: no weights there: expected %s, %s, %s, %s or %s", folder, known[0],
                     known[1], known[2], known[3], known[4]);
}

static spae_status add_path(spae_weights_files *files, const char *path, spae_arena *arena, spae_error *err)
{
    bool index;
    spae_status status = SPAE_OK;
    if (spae_directory_is(path))
        status = find_in_folder(path, arena, &path, err);
    if (status == SPAE_OK)
        status = open_next(files, path, arena, err);
    if (status != SPAE_OK)
        return status;
    status = is_index(&files->source[files->count], &index, err);
    if (status == SPAE_OK)
        return index ? add_index(files, path, arena, err) : take_next(files, arena, err);
    spae_source_close(&files->source[files->count]);
    return status;
}

spae_status spae_weights_files_open(spae_arena *arena, const char *const *path, size_t paths,
                                    spae_weights_files *files, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    spae_status status = SPAE_OK;
    files->count = 0;
    if (paths == 0 || paths > SPAE_WEIGHTS_FILES)
        return spae_fail(err, SPAE_ERR_ARGUMENT, "weights: expected 1 to %d files, given %zu", SPAE_WEIGHTS_FILES,
                         paths);
    for (size_t i = 0; status == SPAE_OK && i < paths; i++)
        status = add_path(files, path[i], arena, err);
    if (status != SPAE_OK) {
        spae_weights_files_close(files);
        spae_arena_reset(arena, mark);
    }
    return status;
}

bool spae_weights_files_find(const spae_weights_files *files, const char *name, size_t *file, size_t *index)
{
    for (*file = 0; *file < files->count; ++*file) {
        *index = spae_weights_find(&files->file[*file], name);
        if (*index < files->file[*file].count)
            return true;
    }
    return false;
}

void spae_weights_files_close(spae_weights_files *files)
{
    for (size_t i = 0; i < files->count; i++)
        spae_source_close(&files->source[i]);
    files->count = 0;
}

/* ---- shapes ---------------------------------------------------------------------------------- */

static spae_status take_shape(const spae_weights_array *array, const spae_weights_axes *layout, size_t rank, size_t *shape,
                              spae_error *err)
{
    char found[SPAE_SHAPE_ROOM];
    if (array->rank != rank || array->shape[0] % layout->parts != 0)
        return spae_fail(err, SPAE_ERR_SHAPE, "%s: expected %zu axes, the first a multiple of %zu; found %s", array->name, rank,
                         layout->parts, spae_shape_text(array->shape, array->rank, found));
    for (size_t i = 0; i < rank; i++)
        shape[i] = array->shape[layout->axis[i]] / (layout->axis[i] == 0 ? layout->parts : 1);
    return SPAE_OK;
}

spae_status spae_weights_files_shape(const spae_weights_files *files, const char *path, size_t rank, spae_arena *scratch,
                                     size_t *shape, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(scratch);
    char name[SPAE_WEIGHTS_NAME_ROOM];
    spae_weights_layout layout;
    spae_weights_array array;
    size_t file = 0, index = 0;
    memset(shape, 0, rank * sizeof *shape);
    for (size_t s = 0; s < spae_weights_schemes; s++) {
        if (!spae_weights_scheme_find(s, path, name, &layout) || !spae_weights_files_find(files, name, &file, &index))
            continue;
        if (spae_weights_layouts[layout].rank != 0 && spae_weights_layouts[layout].rank != rank)
            continue;
        spae_status status = spae_weights_array_open(scratch, &files->file[file], index, &array, err);
        if (status == SPAE_OK)
            status = take_shape(&array, &spae_weights_layouts[layout], rank, shape, err);
        spae_arena_reset(scratch, mark);
        return status;
    }
    return SPAE_OK;
}
