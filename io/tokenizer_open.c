/* Finding what kind of vocabulary a path names, and what lies beside it (SPEC 8.29). */
#include "io/tokenizer_open.h"

#include <string.h>

#include "io/directory.h"
#include "io/file.h"
#include "io/gzip.h"
#include "io/tokenizer_parts.h"

enum { FILE_MOST = 1 << 28 };

static spae_status no_memory(const char *path, spae_error *err)
{
    return spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory to read it", path);
}

/* ---- names ----------------------------------------------------------------------------------------------- */

/* The name of a file beside `path`: its folder (with the stroke) and `prefix` bytes of its own name, then `name`. */
static const char *beside(const char *path, size_t prefix, const char *name, spae_arena *arena)
{
    const char *stroke = strrchr(path, '/');
    const size_t kept = (stroke != NULL ? (size_t)(stroke - path) + 1 : 0) + prefix, length = strlen(name);
    char *out = spae_arena_take(arena, kept + length + 1, 1);
    if (out == NULL)
        return NULL;
    memcpy(out, path, kept);
    memcpy(out + kept, name, length + 1);
    return out;
}

/* merges.txt of vocab.json, X-merges.txt of X-vocab.json. */
static const char *merges_beside(const char *path, spae_arena *arena)
{
    static const char ending[] = "vocab.json";
    const char *stroke = strrchr(path, '/'), *name = stroke != NULL ? stroke + 1 : path;
    const size_t prefix = spae_file_ends(name, ending) ? strlen(name) - (sizeof ending - 1) : 0;
    return beside(path, prefix, "merges.txt", arena);
}

/* In a folder: tokenizer.json, vocab.json, or its only .tiktoken file. */
static spae_status find_in_folder(const char **path, spae_arena *arena, spae_error *err)
{
    static const char *const names[] = {"/tokenizer.json", "/vocab.json"};
    const char *folder = *path, *found = NULL;
    const char *const *list = NULL;
    size_t count = 0;
    for (size_t i = 0; i < 2; i++) {
        const size_t length = strlen(folder);
        char *name = spae_arena_take(arena, length + strlen(names[i]) + 1, 1);
        if (name == NULL)
            return no_memory(folder, err);
        memcpy(name, folder, length);
        strcpy(name + length, names[i]);
        *path = name;
        if (spae_file_exists(name))
            return SPAE_OK;
    }
    const spae_status status = spae_directory_list(folder, arena, &list, &count, err);
    for (size_t i = 0; i < count && status == SPAE_OK; i++) {
        if (!spae_file_ends(list[i], ".tiktoken"))
            continue;
        if (found != NULL)
            return spae_fail(err, SPAE_ERR_FORMAT, "%s: several .tiktoken files are there: name one", folder);
        found = list[i];
    }
    *path = found;
    return status != SPAE_OK || found != NULL
               ? status
               : spae_fail(err, SPAE_ERR_IO, "%s: no tokenizer.json, vocab.json or .tiktoken file is there", folder);
}

/* ---- files ----------------------------------------------------------------------------------------------- */

static spae_status read_file(const char *path, spae_arena *arena, spae_token_file *file, spae_error *err)
{
    const uint8_t *bytes = NULL;
    file->path = path;
    const spae_status status = spae_file_read_all(arena, path, FILE_MOST, &bytes, &file->size, err);
    file->text = (const char *)bytes;
    return status;
}

static spae_status parse(const spae_token_file *file, spae_arena *arena, const spae_json_node **nodes, spae_error *err)
{
    const size_t room = spae_json_bound(file->text, file->size);
    spae_json_node *made = spae_arena_take(arena, room, sizeof *made);
    if (made == NULL)
        return no_memory(file->path, err);
    spae_status status = spae_json_parse(file->text, file->size, made, room, NULL, err);
    if (status == SPAE_OK && made->type != SPAE_JSON_OBJECT)
        status = spae_fail(err, SPAE_ERR_FORMAT, "expected a JSON object");
    *nodes = made;
    return spae_token_at(status, file->path, err);
}

/* A file of JSON beside `path`; *nodes is NULL where there is none. */
static spae_status read_beside(const char *path, const char *name, spae_arena *arena, const char **found,
                               const spae_json_node **nodes, spae_error *err)
{
    spae_token_file file;
    *nodes = NULL;
    *found = beside(path, 0, name, arena);
    if (*found == NULL)
        return no_memory(path, err);
    if (strcmp(path, "-") == 0 || !spae_file_exists(*found))
        return SPAE_OK;
    const spae_status status = read_file(*found, arena, &file, err);
    return status == SPAE_OK ? parse(&file, arena, nodes, err) : status;
}

/* ---- kinds ----------------------------------------------------------------------------------------------- */

static spae_status open_ranks(spae_token_sources *s, spae_token_model *model, spae_error *err)
{
    const spae_status status = read_beside(s->file.path, "pattern.json", s->scratch, &s->pattern_path, &s->pattern, err);
    return status == SPAE_OK ? spae_token_tiktoken(s, model, err) : status;
}

static spae_status open_json(spae_token_sources *s, spae_token_model *model, spae_error *err)
{
    spae_status status = parse(&s->file, s->scratch, &s->nodes, err);
    if (status == SPAE_OK)
        status = read_beside(s->file.path, "tokenizer_config.json", s->scratch, &s->config_path, &s->config, err);
    if (status != SPAE_OK)
        return status;
    const spae_json_node *described = spae_json_member(s->nodes, s->nodes, "model");
    if (described != NULL && described->type == SPAE_JSON_OBJECT)
        return spae_token_json(s, model, err);
    const char *merges = merges_beside(s->file.path, s->scratch);
    status = merges != NULL ? read_file(merges, s->scratch, &s->merges, err) : no_memory(s->file.path, err);
    return status == SPAE_OK ? spae_token_vocab(s, model, err) : status;
}

/* A compressed file in place of what it holds. */
static spae_status inflate(spae_token_file *file, spae_arena *arena, spae_error *err)
{
    const uint8_t *bytes = (const uint8_t *)file->text;
    if (!spae_gzip_is(bytes, file->size))
        return SPAE_OK;
    const spae_status status = spae_gzip_inflate(arena, bytes, file->size, FILE_MOST, file->path, &bytes, &file->size, err);
    file->text = (const char *)bytes;
    return status;
}

/* JSON begins with a bracket, maybe behind white space; CLIP's merges with a line of their version; ranks with base64. */
static spae_status open_kind(const char *path, spae_arena *arena, spae_arena *scratch, spae_token_model *model, spae_error *err)
{
    spae_token_sources s = {.arena = arena, .scratch = scratch};
    spae_status status = spae_directory_is(path) ? find_in_folder(&path, scratch, err) : SPAE_OK;
    if (status == SPAE_OK)
        status = read_file(path, scratch, &s.file, err);
    if (status == SPAE_OK)
        status = inflate(&s.file, scratch, err);
    if (status != SPAE_OK)
        return status;
    if (spae_token_merges_begin(s.file.text, s.file.size))
        return spae_token_clip(&s, model, err);
    size_t first = 0;
    while (first < s.file.size && strchr(" \t\r\n", s.file.text[first]) != NULL && s.file.text[first] != '\0')
        first++;
    return first < s.file.size && (s.file.text[first] == '{' || s.file.text[first] == '[') ? open_json(&s, model, err)
                                                                                            : open_ranks(&s, model, err);
}

/* What is read lies in an arena of its own where there can be one, and is given back; else below what is kept. */
spae_status spae_tokenizer_open(spae_arena *arena, const char *path, const spae_tokenizer **tokenizer, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    const bool apart = arena->allocator.allocate != NULL;
    spae_token_model *model = spae_token_model_new(arena);
    spae_arena own;
    if (apart)
        spae_arena_growing(&own, arena->allocator);
    const spae_status status = model != NULL ? open_kind(path, arena, apart ? &own : arena, model, err) : no_memory(path, err);
    if (apart)
        spae_arena_free(&own);
    if (status == SPAE_OK)
        *tokenizer = &model->face;
    else
        spae_arena_reset(arena, mark);
    return status;
}
