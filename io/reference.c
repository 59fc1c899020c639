/* The vectors directory of reference.h. Hashes are checked once, at the start, so that a damaged
 * file is an error of the directory and not of the port. */
#include "io/reference.h"

#include <string.h>

#include "io/arrays.h"

/* ---- files ---------------------------------------------------------------------------------- */

static spae_status open_file(spae_arena *arena, const char *directory, const char *name,
                             spae_source *source, spae_error *err)
{
    const size_t n = strlen(directory), m = strlen(name);
    char *path = spae_arena_take(arena, n + m + 2, 1);
    if (path == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for its name", name);
    memcpy(path, directory, n);
    path[n] = '/';
    memcpy(path + n + 1, name, m + 1);
    return spae_source_open(arena, path, NULL, source, err);
}

/* The SHA-256 of bytes offset .. to the end. */
static spae_status hash_from(const spae_source *source, uint64_t offset, uint8_t digest[32],
                             spae_error *err)
{
    uint8_t piece[4096];
    spae_sha256 hash;
    spae_sha256_start(&hash);
    while (offset < source->size) {
        const uint64_t left = source->size - offset;
        const size_t n = left < sizeof piece ? (size_t)left : sizeof piece;
        const spae_status status = spae_source_read(source, offset, piece, n, err);
        if (status != SPAE_OK)
            return status;
        spae_sha256_add(&hash, piece, n);
        offset += n;
    }
    spae_sha256_finish(&hash, digest);
    return SPAE_OK;
}

static spae_status check_hash(const spae_source *source, uint64_t offset, const uint8_t due[32],
                              const char *what, spae_error *err)
{
    uint8_t digest[32];
    const spae_status status = hash_from(source, offset, digest, err);
    if (status == SPAE_OK && memcmp(digest, due, 32) != 0)
        return spae_fail(err, SPAE_ERR_FORMAT,
                         "%s: damaged: the SHA-256 of %s is not the MANIFEST's", source->name,
                         what);
    return status;
}

/* Stored arrays are little-endian, in C order, of the very type and shape that is due. */
static spae_status check_header(const spae_source *source, const spae_npy_header *h,
                                const spae_manifest_array *due, spae_error *err)
{
    bool same = h->kind == due->kind && h->item_bytes == due->item_bytes && !h->fortran &&
                (!h->big_endian || h->item_bytes == 1) && h->rank == due->rank;
    for (size_t i = 0; same && i < due->rank; i++)
        same = h->shape[i] == due->shape[i];
    char text[SPAE_SHAPE_ROOM];
    return same ? SPAE_OK
                : spae_fail(err, SPAE_ERR_FORMAT,
                            "%s: damaged: it is not the MANIFEST's %s %s in C order", source->name,
                            due->dtype, spae_shape_text(due->shape, due->rank, text));
}

/* A file of the MANIFEST: an NPY of that type and shape, or with another ending the items alone.
 * With items_hash NULL, file->data speaks of more than this file. */
static spae_status check_file(spae_arena *arena, const char *directory,
                              const spae_manifest_file *file, const spae_manifest_array *array,
                              const uint8_t *items_hash, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    spae_source source;
    spae_npy_header h = {.data_offset = 0};
    spae_status status = open_file(arena, directory, file->path, &source, err);
    if (status != SPAE_OK)
        return status;
    status = check_hash(&source, 0, file->sha256, "the file", err);
    if (status == SPAE_OK && spae_file_ends(file->path, ".npy")) {
        status = spae_npy_read_header(&source, 0, source.size, &h, err);
        if (status == SPAE_OK)
            status = check_header(&source, &h, array, err);
    } else if (status == SPAE_OK && source.size != (uint64_t)array->count * array->item_bytes)
        status = spae_fail(err, SPAE_ERR_FORMAT, "%s: damaged: it has %llu bytes, %llu are due",
                           source.name, (unsigned long long)source.size,
                           (unsigned long long)array->count * array->item_bytes);
    if (status == SPAE_OK && items_hash != NULL)
        status = check_hash(&source, h.data_offset, items_hash, "its items", err);
    spae_source_close(&source);
    spae_arena_reset(arena, mark);
    return status;
}

/* ---- samples -------------------------------------------------------------------------------- */

static spae_status open_array(spae_arena *arena, const char *directory, const char *path,
                              spae_source *source, spae_npy_header *h, spae_error *err)
{
    spae_status status = open_file(arena, directory, path, source, err);
    if (status != SPAE_OK)
        return status;
    status = spae_npy_read_header(source, 0, source->size, h, err);
    if (status != SPAE_OK)
        spae_source_close(source);
    return status;
}

/* How many samples there are: the index file tells. */
static spae_status sample_array(spae_arena *arena, const char *directory,
                                const spae_manifest_file *sample, spae_manifest_array *array,
                                spae_error *err)
{
    spae_source source;
    spae_npy_header h;
    const spae_status status = open_array(arena, directory, sample->path, &source, &h, err);
    if (status != SPAE_OK)
        return status;
    spae_source_close(&source);
    *array = (spae_manifest_array){.dtype = h.item_bytes == 8 ? "<i8" : "<i4",
                                   .kind = SPAE_NPY_INT,
                                   .item_bytes = h.item_bytes == 8 ? 8 : 4,
                                   .rank = 1,
                                   .shape = {h.count, 1, 1, 1, 1, 1, 1, 1},
                                   .count = h.count};
    return SPAE_OK;
}

/* ---- the directory -------------------------------------------------------------------------- */

static spae_manifest_array with_type(const spae_manifest_array *array, const char *dtype,
                                     spae_npy_kind kind, size_t item_bytes)
{
    spae_manifest_array other = *array;
    other.dtype = dtype;
    other.kind = kind;
    other.item_bytes = item_bytes;
    return other;
}

static spae_status check_output(spae_arena *arena, const char *directory,
                                const spae_manifest_output *out, spae_error *err)
{
    spae_manifest_array stored = out->array;
    const bool sampled = out->sample.path != NULL;
    spae_status status = SPAE_OK;
    if (sampled) {
        spae_manifest_array index;
        status = sample_array(arena, directory, &out->sample, &index, err);
        if (status == SPAE_OK)
            status = check_file(arena, directory, &out->sample, &index, out->sample.data, err);
        if (status == SPAE_OK)
            stored = with_type(&index, out->array.dtype, out->array.kind, out->array.item_bytes);
    }
    if (status == SPAE_OK)
        status =
            check_file(arena, directory, &out->file, &stored, sampled ? NULL : out->file.data, err);
    if (status == SPAE_OK && out->exact.path != NULL) {
        const spae_manifest_array exact = with_type(&stored, "<f8", SPAE_NPY_FLOAT, 8);
        status = check_file(arena, directory, &out->exact, &exact, out->exact.data, err);
    }
    return status;
}

static spae_status check_case(spae_arena *arena, const char *directory, const spae_manifest_case *c,
                              spae_error *err)
{
    spae_status status = SPAE_OK;
    for (size_t i = 0; i < c->inputs && status == SPAE_OK; i++)
        if (c->input[i].file.path != NULL)
            status = check_file(arena, directory, &c->input[i].file, &c->input[i].array,
                                c->input[i].file.data, err);
    for (size_t i = 0; i < c->outputs && status == SPAE_OK && !c->refuses; i++) {
        const spae_arena_mark mark = spae_arena_here(arena);
        status = check_output(arena, directory, &c->output[i], err);
        spae_arena_reset(arena, mark);
    }
    return status;
}

spae_status spae_vectors_open(spae_arena *arena, const char *directory, spae_vectors *vectors,
                              spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    spae_manifest manifest;
    spae_source source;
    spae_status status = open_file(arena, directory, "MANIFEST", &source, err);
    if (status == SPAE_OK) {
        status = spae_manifest_read(arena, &source, &manifest, err);
        spae_source_close(&source);
    }
    for (size_t i = 0; status == SPAE_OK && i < manifest.cases; i++)
        status = check_case(arena, directory, &manifest.item[i], err);
    if (status == SPAE_OK)
        *vectors = (spae_vectors){directory, manifest};
    else
        spae_arena_reset(arena, mark);
    return status;
}

/* ---- one output ----------------------------------------------------------------------------- */

static spae_status read_numbers(spae_arena *arena, const char *directory, const char *path,
                                bool real, const void **numbers, size_t *count, spae_error *err)
{
    spae_source source;
    spae_npy_header h;
    spae_status status = open_array(arena, directory, path, &source, &h, err);
    if (status != SPAE_OK)
        return status;
    void *out = spae_arena_take(arena, h.count, 8); /* a double or an int64_t each */
    if (out == NULL)
        status = spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for %zu numbers", source.name,
                           h.count);
    else
        status = real ? spae_npy_read_double(&source, &h, out, err)
                      : spae_npy_read_int64(&source, &h, out, err);
    spae_source_close(&source);
    *numbers = out;
    *count = h.count;
    return status;
}

static spae_status check_index(const char *path, const spae_reference *r, spae_error *err)
{
    const size_t whole = r->output->array.count;
    for (size_t i = 0; i < r->count; i++)
        if (r->index[i] < (i > 0 ? r->index[i - 1] + 1 : 0) || (uint64_t)r->index[i] >= whole)
            return spae_fail(err, SPAE_ERR_FORMAT,
                             "%s: damaged: sample %zu is not above the one before and below %zu",
                             path, i, whole);
    return SPAE_OK;
}

/* Level B divides by sizes of these: they must be finite. */
static spae_status check_finite(const spae_reference *r, spae_error *err)
{
    double square = 0;
    for (size_t i = 0; i < r->count; i++) {
        square += r->exact[i] * r->exact[i];
        if (!(square - square == 0) || !(r->real[i] - r->real[i] == 0))
            return spae_fail(
                err, SPAE_ERR_NOT_FINITE,
                "%s: damaged: stored value %zu, or the sum of squares up to it, is not "
                "finite",
                r->output->file.path, i);
    }
    return SPAE_OK;
}

static spae_status read_output(spae_arena *arena, const spae_vectors *vectors,
                               const spae_manifest_output *out, spae_reference *r, spae_error *err)
{
    const bool real = out->array.kind == SPAE_NPY_FLOAT;
    const void *items = NULL, *exact = NULL, *index = NULL;
    size_t n = 0;
    spae_status status =
        read_numbers(arena, vectors->directory, out->file.path, real, &items, &r->count, err);
    if (status == SPAE_OK && out->exact.path != NULL)
        status = read_numbers(arena, vectors->directory, out->exact.path, true, &exact, &n, err);
    if (status == SPAE_OK && out->sample.path != NULL)
        status = read_numbers(arena, vectors->directory, out->sample.path, false, &index, &n, err);
    if (status != SPAE_OK)
        return status;
    r->output = out;
    r->real = real ? items : NULL;
    r->whole = real ? NULL : items;
    r->exact = exact;
    r->index = index;
    if (index != NULL)
        status = check_index(out->sample.path, r, err);
    if (status == SPAE_OK && out->compare == SPAE_COMPARE_REAL)
        status = check_finite(r, err);
    return status;
}

spae_status spae_reference_read(spae_arena *arena, const spae_vectors *vectors,
                                const spae_manifest_output *output, spae_reference *reference,
                                spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    spae_reference r = {0};
    const spae_status status = read_output(arena, vectors, output, &r, err);
    if (status == SPAE_OK)
        *reference = r;
    else
        spae_arena_reset(arena, mark);
    return status;
}
