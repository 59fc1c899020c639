/* Reading and writing of model files, model.h. */
#include "io/model.h"

#include <string.h>

#include "io/arrays.h"
#include "io/config.h"
#include "io/preset.h"
#include "nn/network.h"
#include "vendor_free/json.h"
#include "vendor_free/sha256.h"

enum {
    NAME_ROOM = SPAE_PATH_MAX + 32,
    CONFIG_MOST = 1 << 20 /* bytes of configuration text */
};

static spae_status no_memory(const char *name, const char *what, size_t count, spae_error *err)
{
    return spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for %s (%zu)", name, what, count);
}

/* The name of an array: prefix and path. */
static const char *join(char name[NAME_ROOM], const char *prefix, const char *path)
{
    const size_t n = strlen(prefix) < 31 ? strlen(prefix) : 31, m = strlen(path);
    memcpy(name, prefix, n);
    memcpy(name + n, path, m + 1); /* paths are shorter than SPAE_PATH_MAX */
    return name;
}

/* ---- configuration --------------------------------------------------------------------------- */

static spae_status write_json(const spae_model *model, const spae_notes *notes, char *text,
                              size_t room, size_t *length, spae_error *err)
{
    spae_json_writer w;
    spae_json_write_start(&w, text, room);
    spae_json_write_open(&w, '{');
    spae_config_write(&w, &model->config);
    spae_notes_write(&w, notes);
    spae_json_write_close(&w);
    return spae_json_write_finish(&w, length, err);
}

/* The text of the 0-d array `config`, in the arena. */
static spae_status read_config_text(const spae_npz *npz, spae_arena *arena, const spae_text **text,
                                    spae_error *err)
{
    const char *file = npz->source->name;
    spae_npz_array array;
    if (spae_npz_find(npz, "config") == NULL)
        return spae_fail(err, SPAE_ERR_FORMAT,
                         "%s: expected a model, but there is no array \"config\"", file);
    spae_status status = spae_npz_array_open(arena, npz, "config", &array, err);
    if (status != SPAE_OK)
        return status;
    if (array.header.count != 1 || array.header.item_bytes > CONFIG_MOST)
        return spae_fail(err, SPAE_ERR_FORMAT, "%s: config: expected one string of up to %d bytes",
                         file, (int)CONFIG_MOST);
    spae_error why;
    if (spae_npy_read_strings(arena, &array.source, &array.header, text, &why) != SPAE_OK)
        return spae_array_fail(&array.source, "config", &why, err);
    return SPAE_OK;
}

static spae_status read_config(const spae_npz *npz, spae_arena *arena, spae_config *config,
                               spae_notes *notes, spae_error *err)
{
    const char *file = npz->source->name;
    const spae_text *text = NULL;
    spae_error why;
    spae_status status = read_config_text(npz, arena, &text, err);
    if (status != SPAE_OK)
        return status;
    const size_t bound = spae_json_bound(text->text, text->length);
    spae_json_node *nodes = spae_arena_take(arena, bound, sizeof *nodes);
    if (nodes == NULL)
        return no_memory(file, "config", bound, err);
    status = spae_json_parse(text->text, text->length, nodes, bound, NULL, &why);
    if (status == SPAE_OK)
        status = spae_config_read(config, nodes, nodes, &why);
    if (status == SPAE_OK)
        status = spae_config_check(config, &why);
    if (status != SPAE_OK)
        return spae_fail(err, SPAE_ERR_FORMAT, "%s: %s", file, why.text);
    return spae_notes_read(notes, file, nodes, arena, err);
}

/* ---- arrays ---------------------------------------------------------------------------------- */

spae_status spae_model_numbers(const spae_source *source, const spae_npy_header *header,
                               const char *what, spae_real *out, spae_error *err)
{
    spae_error why;
    if (spae_numbers_read(source, header, out, &why) != SPAE_OK)
        return spae_array_fail(source, what, &why, err);
    return spae_numbers_finite(source, what, out, header->count, err);
}

static bool has_shape(const spae_npy_header *header, const spae_parameter *item)
{
    bool same = header->rank == item->rank;
    for (size_t i = 0; same && i < item->rank; i++)
        same = header->shape[i] == item->shape.axis[SPAE_AXES - item->rank + i];
    return same;
}

static spae_status read_parameter(const spae_npz *npz, const char *prefix,
                                  const spae_parameter *item, spae_arena *scratch,
                                  spae_real *values, spae_error *err)
{
    char name[NAME_ROOM], found[SPAE_SHAPE_ROOM], expected[SPAE_SHAPE_ROOM];
    const spae_arena_mark mark = spae_arena_here(scratch);
    spae_npz_array array;
    spae_status status =
        spae_npz_array_open(scratch, npz, join(name, prefix, item->path), &array, err);
    if (status == SPAE_OK && !has_shape(&array.header, item))
        status = spae_fail(
            err, SPAE_ERR_SHAPE, "%s: %s: expected %s, found %s", npz->source->name, name,
            spae_shape_text(item->shape.axis + SPAE_AXES - item->rank, item->rank, expected),
            spae_shape_text(array.header.shape, array.header.rank, found));
    if (status == SPAE_OK)
        status = spae_model_numbers(&array.source, &array.header, name, values + item->first, err);
    spae_arena_reset(scratch, mark);
    return status;
}

static spae_status check_presence(const spae_npz *npz, const char *prefix, const spae_model *model,
                                  spae_error *err)
{
    char name[NAME_ROOM];
    spae_name_list missing = {0, {SPAE_OK, ""}};
    for (size_t p = 0; p < model->parameters->count; p++)
        if (spae_npz_find(npz, join(name, prefix, model->parameters->item[p].path)) == NULL)
            spae_name_list_add(&missing, name);
    if (missing.count == 0)
        return SPAE_OK;
    return spae_fail(err, SPAE_ERR_FORMAT, "%s: %zu of %zu arrays of %s are missing: %s",
                     npz->source->name, missing.count, model->parameters->count, model->config.name,
                     missing.line.text);
}

spae_status spae_model_read_values(const spae_npz *npz, const char *prefix, const spae_model *model,
                                   spae_arena *scratch, spae_real *values, spae_error *err)
{
    spae_status status = check_presence(npz, prefix, model, err);
    for (size_t p = 0; status == SPAE_OK && p < model->parameters->count; p++)
        status = read_parameter(npz, prefix, &model->parameters->item[p], scratch, values, err);
    return status;
}

spae_status spae_model_write_values(spae_npz_writer *writer, const char *prefix,
                                    const spae_model *model, const spae_real *values,
                                    spae_error *err)
{
    spae_status status = SPAE_OK;
    char name[NAME_ROOM];
    for (size_t p = 0; status == SPAE_OK && p < model->parameters->count; p++) {
        const spae_parameter *item = &model->parameters->item[p];
        spae_npy_array array = {SPAE_MODEL_REAL_TYPE, (unsigned)item->rank, {0}, values + item->first};
        memcpy(array.shape, item->shape.axis + SPAE_AXES - item->rank,
               item->rank * sizeof array.shape[0]);
        status = spae_npz_add(writer, join(name, prefix, item->path), &array, false, err);
    }
    return status;
}

/* ---- codebook and words ---------------------------------------------------------------------- */

spae_status spae_model_words(spae_arena *arena, const spae_source *source,
                             const spae_npy_header *header, const char *what,
                             const char *const **word, spae_error *err)
{
    const spae_text *items = NULL;
    const char **list = spae_arena_take(arena, header->count, sizeof *list);
    if (list == NULL)
        return no_memory(source->name, what, header->count, err);
    spae_error why;
    if (spae_npy_read_strings(arena, source, header, &items, &why) != SPAE_OK)
        return spae_array_fail(source, what, &why, err);
    for (size_t k = 0; k < header->count; k++) {
        if (strlen(items[k].text) != items[k].length)
            return spae_fail(err, SPAE_ERR_FORMAT, "%s: %s: row %zu holds a zero character",
                             source->name, what, k);
        list[k] = items[k].text;
    }
    *word = list;
    return SPAE_OK;
}

static spae_status read_codebook(const spae_npz *npz, spae_arena *arena, spae_model *model,
                                 spae_error *err)
{
    const char *file = npz->source->name;
    spae_npz_array array;
    spae_status status = spae_npz_array_open(arena, npz, "codebook", &array, err);
    if (status != SPAE_OK)
        return status;
    const size_t V = array.header.shape[0], c = array.header.shape[1];
    if (array.header.rank != 2 || c != model->config.c || V < 1 || V > INT32_MAX)
        return spae_fail(err, SPAE_ERR_SHAPE,
                         "%s: codebook: expected (V,%zu), found (%zu,%zu), rank %u", file,
                         model->config.c, V, c, array.header.rank);
    if (model->config.codebook_size > 0)
        return SPAE_OK; /* it was read as a parameter */
    spae_real *e = spae_arena_take(arena, V * c, sizeof *e);
    if (e == NULL)
        return no_memory(file, "codebook", V * c, err);
    status = spae_model_numbers(&array.source, &array.header, "codebook", e, err);
    if (status != SPAE_OK)
        return status;
    model->codebook = (spae_codebook){.V = V, .c = c, .e = e};
    return SPAE_OK;
}

static spae_status read_vocabulary(const spae_npz *npz, spae_arena *arena, spae_model *model,
                                   spae_error *err)
{
    spae_npz_array array;
    const spae_status status = spae_npz_array_open(arena, npz, "vocab", &array, err);
    if (status != SPAE_OK)
        return status;
    if (array.header.rank != 1 || array.header.count != model->codebook.V)
        return spae_fail(err, SPAE_ERR_FORMAT,
                         "%s: vocab: expected %zu words, one for each row of codebook, found %zu",
                         npz->source->name, model->codebook.V, array.header.count);
    return spae_model_words(arena, &array.source, &array.header, "vocab", &model->word, err);
}

/* ---- whole files ----------------------------------------------------------------------------- */

/* A hostile configuration must not make us take more memory than its file justifies: a parameter
 * takes two bytes at least (f2). The bytes of members are what the directory claims, which holds
 * for stored members, and for deflated ones within their factor of 1032. */
static spae_status check_size(const spae_npz *npz, const spae_config *config, spae_arena *scratch,
                              spae_error *err)
{
    spae_size size;
    spae_error why;
    uint64_t bytes = 0;
    for (size_t i = 0; i < npz->count; i++)
        bytes += npz->members[i].bytes;
    const spae_status status = spae_config_size(config, scratch, &size, &why);
    if (status != SPAE_OK)
        return spae_fail(err, status, "%s: %s", npz->source->name, why.text);
    const uint64_t parameters = (uint64_t)size.encoder_parameters + size.decoder_parameters +
                                config->codebook_size * config->c;
    if (bytes / 2 < parameters)
        return spae_fail(err, SPAE_ERR_FORMAT,
                         "%s: config describes %llu parameters, the arrays have %llu bytes in all",
                         npz->source->name, (unsigned long long)parameters,
                         (unsigned long long)bytes);
    return SPAE_OK;
}

static spae_status check_words_presence(const spae_npz *npz, spae_error *err)
{
    static const char *const needed[] = {"codebook", "vocab"};
    for (size_t i = 0; i < 2; i++)
        if (spae_npz_find(npz, needed[i]) == NULL)
            return spae_fail(err, SPAE_ERR_FORMAT,
                             "%s: expected a model, but there is no array \"%s\"",
                             npz->source->name, needed[i]);
    return SPAE_OK;
}

/* A model to encode and decode with needs none. */
static bool has_discriminator(const spae_npz *npz)
{
    static const char prefix[] = "discriminator/";
    for (size_t i = 0; i < npz->count; i++)
        if (strncmp(npz->members[i].name, prefix, sizeof prefix - 1) == 0)
            return true;
    return false;
}

static spae_status read_parts(spae_model *model, spae_notes *notes, bool discriminator, spae_arena *arena,
                              const spae_npz *npz, spae_error *err)
{
    spae_config config;
    spae_status status = spae_preset("image-128", &config, err);
    if (status == SPAE_OK)
        status = read_config(npz, arena, &config, notes, err);
    if (status == SPAE_OK)
        status = check_words_presence(npz, err);
    if (status == SPAE_OK)
        status = check_size(npz, &config, arena, err);
    if (status == SPAE_OK)
        status = spae_model_create(model, &config, discriminator && has_discriminator(npz), arena, err);
    if (status == SPAE_OK)
        status = spae_model_read_values(npz, "", model, arena, model->values, err);
    if (status == SPAE_OK)
        status = read_codebook(npz, arena, model, err);
    return status == SPAE_OK ? read_vocabulary(npz, arena, model, err) : status;
}

spae_status spae_model_read(spae_model *model, spae_notes *notes, bool discriminator, spae_arena *arena,
                            const spae_npz *npz, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    spae_model m;
    spae_notes n;
    const spae_status status = read_parts(&m, &n, discriminator, arena, npz, err);
    if (status != SPAE_OK) {
        spae_arena_reset(arena, mark);
        return status;
    }
    *model = m;
    if (notes != NULL)
        *notes = n;
    return SPAE_OK;
}

spae_status spae_model_open(spae_model *model, spae_notes *notes, bool discriminator, spae_arena *arena,
                            const char *path, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    spae_source source;
    spae_npz npz;
    spae_status status = spae_source_open(arena, path, NULL, &source, err);
    if (status != SPAE_OK)
        return status;
    status = spae_npz_open(arena, &source, NULL, &npz, err);
    if (status == SPAE_OK)
        status = spae_model_read(model, notes, discriminator, arena, &npz, err);
    spae_source_close(&source);
    if (status != SPAE_OK)
        spae_arena_reset(arena, mark);
    return status;
}

spae_status spae_model_load(spae_model *model, spae_arena *arena, const char *path, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    spae_model m;
    spae_status status = spae_model_open(&m, NULL, true, arena, path, err);
    if (status == SPAE_OK)
        status = spae_codebook_prepare(&m.codebook, arena, err);
    if (status == SPAE_OK)
        *model = m;
    else
        spae_arena_reset(arena, mark);
    return status;
}

static spae_status write_words(spae_npz_writer *writer, const spae_model *model, spae_error *err)
{
    const size_t V = model->codebook.V;
    spae_text *text = spae_arena_take(writer->arena, V, sizeof *text);
    if (text == NULL)
        return no_memory("model", "vocab", V, err);
    for (size_t k = 0; k < V; k++)
        text[k] = (spae_text){model->word[k], strlen(model->word[k])};
    const spae_npy_array array = {SPAE_NPY_U, 1, {V}, text};
    return spae_npz_add(writer, "vocab", &array, true, err);
}

static spae_status write_config(spae_npz_writer *writer, const spae_model *model,
                                const spae_notes *notes, spae_error *err)
{
    size_t length = 0;
    spae_status status = write_json(model, notes, NULL, 0, &length, err);
    if (status != SPAE_OK)
        return status;
    char *text = spae_arena_take(writer->arena, length + 1, 1);
    if (text == NULL)
        return no_memory("model", "config", length, err);
    status = write_json(model, notes, text, length + 1, &length, err);
    text[length] = '\0';
    const spae_text item = {text, length};
    const spae_npy_array array = {SPAE_NPY_U, 0, {0}, &item};
    return status == SPAE_OK ? spae_npz_add(writer, "config", &array, false, err) : status;
}

spae_status spae_model_write(spae_npz_writer *writer, const spae_model *model,
                             const spae_notes *notes, spae_error *err)
{
    const spae_codebook *book = &model->codebook;
    const spae_npy_array codebook = {SPAE_MODEL_REAL_TYPE, 2, {book->V, book->c}, book->e};
    spae_status status = write_config(writer, model, notes, err);
    if (status == SPAE_OK)
        status = write_words(writer, model, err);
    if (status == SPAE_OK && model->config.codebook_size == 0) /* a learned one is a parameter */
        status = spae_npz_add(writer, "codebook", &codebook, false, err);
    return status == SPAE_OK ? spae_model_write_values(writer, "", model, model->values, err) : status;
}

typedef struct {
    const spae_model *model;
    const spae_notes *notes;
    spae_arena *scratch;
} store_work;

static spae_status fill_model(spae_sink *sink, void *context, spae_error *err)
{
    const store_work *work = context;
    spae_npz_writer writer = spae_npz_begin(work->scratch, sink);
    const spae_status status =
        spae_model_write(&writer, work->model, work->notes, err);
    return status == SPAE_OK ? spae_npz_end(&writer, err) : status;
}

spae_status spae_model_store(const spae_model *model, const spae_notes *notes, const char *path,
                             spae_arena *scratch, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(scratch);
    store_work work = {model, notes, scratch};
    const spae_status status = spae_file_replace(scratch, path, fill_model, &work, err);
    spae_arena_reset(scratch, mark);
    return status;
}

spae_status spae_model_save(const spae_model *model, const char *path, spae_arena *arena,
                            spae_error *err)
{
    const spae_notes notes = spae_notes_default();
    return spae_model_store(model, &notes, path, arena, err);
}

/* ---- hash ------------------------------------------------------------------------------------ */

void spae_model_values_hash(const spae_model *model, bool all, char text[65])
{
    spae_sha256 hash;
    uint8_t digest[32];
    spae_sha256_start(&hash);
    spae_values_hash(&hash, model->values, all ? model->parameters->elements : model->elements);
    spae_sha256_finish(&hash, digest);
    spae_sha256_hex(digest, text);
}

void spae_model_hash(const spae_model *model, char text[65])
{
    spae_sha256 hash;
    uint8_t digest[32];
    spae_sha256_start(&hash);
    for (size_t p = 0; p < model->parameters->count; p++) {
        const spae_parameter *item = &model->parameters->item[p];
        spae_numbers_hash(&hash, item->path, model->values + item->first,
                          spae_shape_count(item->shape));
    }
    spae_numbers_hash(&hash, "codebook", model->codebook.e, model->codebook.V * model->codebook.c);
    spae_sha256_add(&hash, "vocab", 6);
    for (size_t k = 0; k < model->codebook.V; k++)
        spae_sha256_add(&hash, model->word[k], strlen(model->word[k]) + 1);
    spae_sha256_finish(&hash, digest);
    spae_sha256_hex(digest, text);
}
