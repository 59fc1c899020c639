/* Features that take long to make, guide_cache.h.
 *
 * Method    npy.h writes the array from its rows; a sink lets the bytes pass by that are in the file already, for which rows of
 *           zeros do. The first byte that is written is that of the first row that was not whole, so a torn row is overwritten.
 */
#include "io/guide_cache.h"

#include <limits.h>
#include <stdio.h>

#include "io/npy.h"

typedef struct {
    const spae_guide_cache *c;
    const char *part, *json;
    FILE *file;
    uint64_t skip;       /* bytes of the array that are there */
    size_t done;         /* rows of it */
    size_t first, count; /* rows that `row` holds */
    float *row;          /* (at_once, d) */
    spae_error *err;
} making;

static const char *named(const char *path, const char *ending, spae_arena *arena)
{
    const size_t n = strlen(path), m = strlen(ending) + 1;
    char *name = spae_arena_take(arena, n + m, 1);
    if (name == NULL)
        return NULL;
    memcpy(name, path, n);
    memcpy(name + n, ending, m);
    return name;
}

/* ---- what an earlier run left ---- */

static spae_status check_made_of(const making *m, const char *of, spae_arena *scratch)
{
    const spae_guide_cache *c = m->c;
    const uint8_t *bytes = NULL;
    size_t size = 0;
    if (!spae_file_exists(m->json))
        return spae_fail(m->err, SPAE_ERR_ARGUMENT, "%s is there, but no %s that says what it is made of", of, m->json);
    const spae_status status = spae_file_read_all(scratch, m->json, (size_t)1 << 20, &bytes, &size, m->err);
    if (status != SPAE_OK)
        return status;
    return size == c->made_of_length && memcmp(bytes, c->made_of, size) == 0
               ? SPAE_OK
               : spae_fail(m->err, SPAE_ERR_ARGUMENT, "%s: made of something else than this run, see %s", of, m->json);
}

/* How far the part is made. */
static spae_status find_done(making *m, uint64_t whole, spae_arena *scratch)
{
    const uint64_t one = (uint64_t)m->c->d * 4, head = whole - one * m->c->rows;
    spae_source source;
    const spae_status status = spae_source_open(scratch, m->part, NULL, &source, m->err);
    if (status != SPAE_OK)
        return status;
    const uint64_t size = source.size;
    spae_source_close(&source);
    if (size > whole)
        return spae_fail(m->err, SPAE_ERR_FORMAT, "%s: %llu bytes, the whole array has %llu", m->part, (unsigned long long)size,
                         (unsigned long long)whole);
    m->done = size > head ? (size_t)((size - head) / one) : 0;
    m->skip = size >= head ? head + m->done * one : 0;
    return SPAE_OK;
}

/* ---- writing ---- */

static spae_status no_io(const making *m, const char *what)
{
    return spae_fail(m->err, SPAE_ERR_IO, "%s: %s failed", m->part, what);
}

static spae_status pass_or_write(void *context, const void *bytes, size_t count, spae_error *err)
{
    making *m = context;
    const size_t over = m->skip < count ? (size_t)m->skip : count;
    (void)err;
    m->skip -= over;
    return fwrite((const uint8_t *)bytes + over, 1, count - over, m->file) == count - over ? SPAE_OK : no_io(m, "writing");
}

static spae_status give_row(void *context, size_t i, const void **items, spae_error *err)
{
    making *m = context;
    const spae_guide_cache *c = m->c;
    *items = m->row;
    if (i < m->done)
        return SPAE_OK; /* passed by */
    if (i >= m->first + m->count) {
        if (fflush(m->file) != 0)
            return no_io(m, "writing");
        m->first = i;
        m->count = c->rows - i < c->at_once ? c->rows - i : c->at_once;
        const spae_status status = c->make(c->context, i, m->count, m->row, err);
        if (status != SPAE_OK)
            return status;
        if (c->progress != NULL)
            c->progress(c->context, i + m->count, c->rows);
    }
    *items = m->row + (i - m->first) * c->d;
    return SPAE_OK;
}

static spae_status write_part(making *m, const spae_npy_array *array, bool goes_on)
{
    const uint64_t from = m->skip;
    if (from > LONG_MAX)
        return no_io(m, "positioning");
    m->file = fopen(m->part, goes_on ? "r+b" : "wb");
    if (m->file == NULL)
        return no_io(m, "opening");
    spae_sink sink = {pass_or_write, m, m->part, 0};
    spae_status status = fseek(m->file, (long)from, SEEK_SET) == 0 ? SPAE_OK : no_io(m, "positioning");
    if (status == SPAE_OK)
        status = spae_npy_write_rows(&sink, array, give_row, m, m->err);
    if (fclose(m->file) != 0 && status == SPAE_OK)
        status = no_io(m, "closing");
    return status;
}

static spae_status make(making *m, spae_arena *scratch, size_t *found)
{
    const spae_guide_cache *c = m->c;
    const spae_npy_array array = {SPAE_NPY_F4, 2, {c->rows, c->d}, NULL};
    const bool goes_on = spae_file_exists(m->part), whole = spae_file_exists(c->path);
    uint64_t bytes = 0;
    spae_status status = spae_npy_size(&array, &bytes, m->err);
    if (status == SPAE_OK && (whole || goes_on))
        status = check_made_of(m, whole ? c->path : m->part, scratch);
    if (status == SPAE_OK && !whole)
        status = goes_on ? find_done(m, bytes, scratch) : spae_file_write_all(scratch, m->json, c->made_of, c->made_of_length, m->err);
    if (status != SPAE_OK)
        return status;
    if (found != NULL)
        *found = whole ? c->rows : m->done;
    if (whole)
        return SPAE_OK;
    status = write_part(m, &array, goes_on);
    if (status == SPAE_OK && rename(m->part, c->path) != 0)
        status = no_io(m, "renaming");
    return status;
}

spae_status spae_guide_cache_make(const spae_guide_cache *cache, spae_arena *scratch, size_t *found, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(scratch);
    making m = {.c = cache, .part = named(cache->path, ".part", scratch), .json = named(cache->path, ".json", scratch), .err = err};
    spae_status status = SPAE_OK;
    if (cache->rows == 0 || cache->d == 0 || cache->at_once == 0)
        status = spae_fail(err, SPAE_ERR_ARGUMENT, "%s: %zu rows of %zu numbers, %zu at once", cache->path, cache->rows, cache->d,
                           cache->at_once);
    if (status == SPAE_OK && cache->d <= SIZE_MAX / 4 / cache->at_once)
        m.row = spae_arena_take_zeroed(scratch, cache->at_once * cache->d, sizeof *m.row);
    if (status == SPAE_OK && (m.part == NULL || m.json == NULL || m.row == NULL))
        status = spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for rows of %zu numbers", cache->path, cache->d);
    if (status == SPAE_OK)
        status = make(&m, scratch, found);
    spae_arena_reset(scratch, mark);
    return status;
}
