/* IDX arrays.
 *
 * Source    the description on the MNIST page: two zero bytes, a type, the rank, the sizes, the
 *           items.
 * Method    A gzipped file is inflated whole.
 */
#include "idx.h"

#include <string.h>

#include "io/gzip.h"

static spae_status broken(const spae_source *source, uint64_t offset, const char *what,
                          spae_error *err)
{
    return spae_fail(err, SPAE_ERR_FORMAT, "%s: byte %llu: %s", source->name,
                     (unsigned long long)offset, what);
}

static uint32_t load_high_first(const uint8_t *b)
{
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

/* The whole source in memory; borrowed where it is memory already. */
static spae_status whole(spae_arena *arena, const spae_source *source, const uint8_t **bytes,
                         spae_error *err)
{
    if (source->memory != NULL) {
        *bytes = source->memory;
        return SPAE_OK;
    }
    uint8_t *piece = spae_arena_take(arena, (size_t)source->size, 1);
    *bytes = piece;
    return piece != NULL
               ? spae_source_read(source, 0, piece, (size_t)source->size, err)
               : spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for its bytes", source->name);
}

/* ---- the plain file -------------------------------------------------------------------------- */

/* Magic and sizes; the items must fill what is left. */
static spae_status read_head(const spae_source *source, const spae_limits *limits, spae_idx *idx,
                             uint64_t *items_at, spae_error *err)
{
    uint8_t magic[4], size[4];
    uint64_t product = 1;
    bool empty = false;
    spae_status status = spae_source_read(source, 0, magic, sizeof magic, err);
    if (status != SPAE_OK)
        return status;
    if (magic[0] != 0 || magic[1] != 0)
        return broken(source, 0, "this is no IDX file: it does not begin with two zeros", err);
    if (magic[2] != 8)
        return broken(source, 2, "the items are not unsigned bytes (type 8)", err);
    if (magic[3] < 1 || magic[3] > SPAE_IDX_RANK)
        return broken(source, 3, "the rank is not 1 to 4", err);
    idx->rank = magic[3];
    for (unsigned i = 0; i < SPAE_IDX_RANK; i++)
        idx->shape[i] = 1;
    for (unsigned i = 0; i < idx->rank; i++) {
        status = spae_source_read(source, 4 + 4 * (uint64_t)i, size, sizeof size, err);
        if (status != SPAE_OK)
            return status;
        idx->shape[i] = load_high_first(size);
        empty = empty || idx->shape[i] == 0;
        if (idx->shape[i] != 0 && product > limits->max_elements / idx->shape[i])
            return broken(source, 4 + 4 * (uint64_t)i, "more items than the limit", err);
        product *= idx->shape[i] != 0 ? idx->shape[i] : 1; /* sizes beside a 0 are bounded too */
    }
    const uint64_t count = empty ? 0 : product;
    *items_at = 4 + 4 * (uint64_t)idx->rank;
    if (count == source->size - *items_at)
        return SPAE_OK;
    return spae_fail(err, SPAE_ERR_FORMAT,
                     "%s: byte %llu: the sizes say %llu items, the file has %llu", source->name,
                     (unsigned long long)*items_at, (unsigned long long)count,
                     (unsigned long long)(source->size - *items_at));
}

/* ---- the whole ------------------------------------------------------------------------------- */

static spae_status read_idx(spae_arena *arena, const spae_source *source, const spae_limits *limits,
                            spae_idx *idx, spae_error *err)
{
    const uint8_t *bytes = NULL;
    size_t count = 0;
    uint8_t magic[2] = {0, 0};
    uint64_t items_at = 0;
    spae_source plain = *source;
    spae_status status = spae_source_read(source, 0, magic, source->size < 2 ? 0 : 2, err);
    if (status == SPAE_OK && (source->size > limits->max_file_bytes || source->size > SIZE_MAX))
        status = broken(source, 0, "the file is longer than the limit", err);
    if (status == SPAE_OK && spae_gzip_is(magic, sizeof magic)) {
        status = whole(arena, source, &bytes, err);
        if (status == SPAE_OK)
            status = spae_gzip_inflate(arena, bytes, (size_t)source->size, limits->max_file_bytes, source->name, &bytes, &count, err);
        if (status == SPAE_OK)
            plain = spae_source_memory(bytes, count, source->name);
    }
    if (status == SPAE_OK)
        status = read_head(&plain, limits, idx, &items_at, err);
    if (status == SPAE_OK)
        status = whole(arena, &plain, &bytes, err);
    if (status == SPAE_OK)
        idx->items = bytes + items_at;
    return status;
}

spae_status spae_idx_read(spae_arena *arena, const spae_source *source, const spae_limits *limits,
                          spae_idx *idx, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    const spae_limits l = limits != NULL ? *limits : spae_limits_default();
    spae_idx read;
    const spae_status status = read_idx(arena, source, &l, &read, err);
    if (status == SPAE_OK)
        *idx = read;
    else
        spae_arena_reset(arena, mark);
    return status;
}

spae_status spae_idx_read_file(spae_arena *arena, const char *path, const spae_limits *limits,
                               spae_idx *idx, spae_error *err)
{
    spae_source source;
    spae_status status = spae_source_open(arena, path, limits, &source, err);
    if (status != SPAE_OK)
        return status;
    status = spae_idx_read(arena, &source, limits, idx, err);
    spae_source_close(&source);
    return status;
}
