/* Which files a folder has, what they call their arrays, and the rest is io/weights_load.c. */
#include "io/transformer_weights.h"

#include <string.h>

#include "io/directory.h"
#include "io/language_json.h"
#include "io/weights.h"

enum { INDEX_MOST = 1 << 26 }; /* bytes of an index of files */

typedef struct {
    const char *folder;
    size_t files;
    const char *path[SPAE_WEIGHTS_FILES];
    spae_source source[SPAE_WEIGHTS_FILES];
    spae_weights file[SPAE_WEIGHTS_FILES];
    size_t opened; /* sources */
} folder_files;

/* ---- which files --------------------------------------------------------------------------------------- */

/* Adds FOLDER/NAME unless it is there already. */
static spae_status add_file(folder_files *f, const char *name, spae_arena *arena, spae_error *err)
{
    const char *path = spae_directory_join(f->folder, name, arena);
    if (path == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for the names of its files", f->folder);
    for (size_t i = 0; i < f->files; i++)
        if (strcmp(f->path[i], path) == 0)
            return SPAE_OK;
    if (f->files == SPAE_WEIGHTS_FILES)
        return spae_fail(err, SPAE_ERR_FORMAT, "%s: weights in more than %d files", f->folder, SPAE_WEIGHTS_FILES);
    f->path[f->files++] = path;
    return SPAE_OK;
}

/* {"weight_map":{"ARRAY":"FILE",..}}: every file once, in the order of their first arrays. */
static spae_status read_index(folder_files *f, const char *path, spae_arena *arena, spae_error *err)
{
    const uint8_t *text = NULL;
    size_t length = 0;
    spae_document d = {.name = path};
    spae_status status = spae_file_read_all(arena, path, INDEX_MOST, &text, &length, err);
    if (status == SPAE_OK)
        status = spae_document_parse((const char *)text, length, arena, &d, err);
    if (status != SPAE_OK)
        return status;
    const spae_json_node *map = spae_document_member(&d, d.nodes, "weight_map");
    if (map == NULL || map->type != SPAE_JSON_OBJECT || map->count == 0)
        return spae_fail(err, SPAE_ERR_FORMAT, "%s: weight_map: expected an object of array and file names", path);
    for (const spae_json_node *node = spae_json_first(d.nodes, map); status == SPAE_OK && node != NULL;
         node = spae_json_next(d.nodes, node)) {
        char name[256];
        size_t n = 0;
        if (spae_json_string(node, name, sizeof name, &n, NULL) != SPAE_OK || strlen(name) != n || strchr(name, '/') != NULL)
            return spae_fail(err, SPAE_ERR_FORMAT, "%s: weight_map: expected names of files in this folder", path);
        status = add_file(f, name, arena, err);
    }
    return status;
}

static spae_status find_files(folder_files *f, spae_arena *arena, spae_error *err)
{
    static const char *const known[] = {"model.safetensors", "model.safetensors.index.json", "model.npz"};
    for (size_t i = 0; i < 3; i++) {
        const char *path = spae_directory_join(f->folder, known[i], arena);
        if (path == NULL)
            return spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for the names of its files", f->folder);
        if (spae_file_exists(path))
            return i == 1 ? read_index(f, path, arena, err) : add_file(f, known[i], arena, err);
    }
    return spae_fail(err, SPAE_ERR_IO, "%s: no weights there: expected %s, %s or %s", f->folder, known[0], known[1], known[2]);
}

static spae_status open_files(folder_files *f, spae_arena *arena, spae_error *err)
{
    spae_status status = SPAE_OK;
    for (size_t i = 0; status == SPAE_OK && i < f->files; i++) {
        status = spae_source_open(arena, f->path[i], NULL, &f->source[i], err);
        f->opened += status == SPAE_OK;
        if (status == SPAE_OK)
            status = spae_weights_open(arena, &f->source[i], NULL, &f->file[i], err);
    }
    return status;
}

/* ---- what they call their arrays ------------------------------------------------------------------------- */

static bool has(const folder_files *f, const char *prefix, const char *name)
{
    char whole[SPAE_PATH_MAX];
    strcat(strcpy(whole, prefix), name);
    for (size_t i = 0; i < f->files; i++)
        if (spae_weights_find(&f->file[i], whole) < f->file[i].count)
            return true;
    return false;
}

/* The prefix with which the embedding is there; "" where it is not: the message names what is missing then. */
static const char *find_prefix(const folder_files *f, spae_transformer_kind kind)
{
    static const char *const known[] = {"", "transformer.", "model."};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (has(f, known[i], kind == SPAE_TRANSFORMER_GPT2 ? "wte.weight" : "embed_tokens.weight"))
            return known[i];
    return known[0];
}

/* ---- reading --------------------------------------------------------------------------------------------- */

static spae_status read_values(const folder_files *f, spae_arena *arena, spae_arena *scratch, spae_transformer_model *model,
                               spae_error *err)
{
    strcpy(model->config.prefix, find_prefix(f, model->config.kind));
    spae_status status = spae_transformer_declare(&model->config, &model->parameters, err);
    if (status != SPAE_OK)
        return status;
    real *values = spae_arena_take(arena, model->parameters.elements, sizeof *values);
    if (values == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for %zu weights", f->folder, model->parameters.elements);
    model->values = values;
    return spae_weights_fill(f->file, f->files, &model->parameters, values, scratch, NULL, err);
}

spae_status spae_transformer_weights_read(const char *folder, const spae_transformer *config, spae_arena *arena,
                                          spae_transformer_model *model, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    spae_arena scratch; /* directories of files: apart from what stays */
    spae_arena_hosted(&scratch);
    folder_files *f = spae_arena_take_zeroed(&scratch, 1, sizeof *f);
    spae_status status = f != NULL ? SPAE_OK : spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory to look into it", folder);
    *model = (spae_transformer_model){.config = *config, .parameters = {.arena = arena}};
    if (status == SPAE_OK) {
        f->folder = folder;
        status = find_files(f, &scratch, err);
    }
    if (status == SPAE_OK)
        status = open_files(f, &scratch, err);
    if (status == SPAE_OK)
        status = read_values(f, arena, &scratch, model, err);
    for (size_t i = 0; f != NULL && i < f->opened; i++)
        spae_source_close(&f->source[i]);
    spae_arena_free(&scratch);
    if (status != SPAE_OK)
        spae_arena_reset(arena, mark);
    return status;
}
