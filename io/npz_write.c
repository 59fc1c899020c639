/* NPZ archives, writing (SPEC 8.5).
 *
 * Source    APPNOTE.TXT 6.3: 4.3.7 local header, 4.3.12 directory, 4.3.14-16 end records, 4.5.3
 *           zip64.
 * Method    Sizes and CRC-32 stand in the local header, so a member is made twice, first into a
 *           counter. A deflated member is made in memory.
 * Bytes     version 2.0, or 4.5 where zip64 is used; made by MS-DOS (0); names flagged as UTF-8
 *           (bit 11); time 1980-01-01 00:00; no attributes. A number of 0xffffffff (0xffff members)
 *           or more goes to zip64, all of a header's numbers that can.
 */
#include "npz.h"

#include <string.h>

#include "../vendor_free/checksum.h"
#include "../vendor_free/deflate.h"
#include "../vendor_free/utf8.h"

struct spae_npz_entry {
    struct spae_npz_entry *before; /* the member added before this one */
    const char *name;              /* as in the file, with ".npy" */
    size_t name_bytes;
    unsigned method; /* 0 stored, 8 deflated */
    uint32_t crc;
    uint64_t bytes, packed_bytes, offset;
};

typedef struct spae_npz_entry entry;

#define MOST_32 0xffffffffU

/* ---- records --------------------------------------------------------------------------------- */

/* Puts n bytes of value, the lowest first; returns where to go on. */
static uint8_t *put(uint8_t *to, uint64_t value, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        *to++ = (uint8_t)(value >> 8 * i & 0xff);
    return to;
}

static bool is_big(const entry *e) /* the sizes need zip64 */
{
    return e->bytes >= MOST_32 || e->packed_bytes >= MOST_32;
}

static uint64_t low(uint64_t value, bool in_zip64)
{
    return in_zip64 ? MOST_32 : value;
}

/* From the version needed to the length of the name: what local header and directory share. */
static uint8_t *put_common(uint8_t *to, const entry *e, bool zip64, bool sizes64)
{
    to = put(to, zip64 ? 45 : 20, 2);
    to = put(to, 1U << 11, 2);
    to = put(to, e->method, 2);
    to = put(to, 0, 2);           /* 00:00:00 */
    to = put(to, 1U << 5 | 1, 2); /* 1980-01-01 */
    to = put(to, e->crc, 4);
    to = put(to, low(e->packed_bytes, sizes64), 4);
    to = put(to, low(e->bytes, sizes64), 4);
    return put(to, e->name_bytes, 2);
}

/* A header, the member's name, and the extra field. */
static spae_status write_named(spae_sink *sink, const uint8_t *head, size_t head_bytes,
                               const entry *e, const uint8_t *extra, size_t extra_bytes,
                               spae_error *err)
{
    spae_status status = spae_sink_write(sink, head, head_bytes, err);
    if (status == SPAE_OK)
        status = spae_sink_write(sink, e->name, e->name_bytes, err);
    return status == SPAE_OK ? spae_sink_write(sink, extra, extra_bytes, err) : status;
}

static spae_status write_local(spae_sink *sink, const entry *e, spae_error *err)
{
    uint8_t head[30], extra[20], *end = extra;
    const bool big = is_big(e);
    if (big) {
        end = put(end, 1, 2);
        end = put(end, 16, 2);
        end = put(end, e->bytes, 8);
        end = put(end, e->packed_bytes, 8);
    }
    uint8_t *to = put(head, 0x04034b50, 4);
    to = put_common(to, e, big, big);
    put(to, (uint64_t)(end - extra), 2);
    return write_named(sink, head, sizeof head, e, extra, (size_t)(end - extra), err);
}

static spae_status write_entry(spae_sink *sink, const entry *e, spae_error *err)
{
    uint8_t head[46], extra[28], *end = extra + 4;
    const bool big = is_big(e), far = e->offset >= MOST_32;
    if (big) {
        end = put(end, e->bytes, 8);
        end = put(end, e->packed_bytes, 8);
    }
    if (far)
        end = put(end, e->offset, 8);
    put(put(extra, 1, 2), (uint64_t)(end - extra - 4), 2);
    const size_t extra_bytes = big || far ? (size_t)(end - extra) : 0;
    uint8_t *to = put(head, 0x02014b50, 4);
    to = put(to, big || far ? 45 : 20, 2); /* made by */
    to = put_common(to, e, big || far, big);
    to = put(to, extra_bytes, 2);
    to = put(to, 0, 2); /* comment */
    to = put(to, 0, 4); /* disk, internal attributes */
    to = put(to, 0, 4); /* external attributes */
    put(to, low(e->offset, far), 4);
    return write_named(sink, head, sizeof head, e, extra, extra_bytes, err);
}

/* The zip64 end record, which begins at `at`, and its locator. */
static spae_status write_end64(spae_sink *sink, uint64_t members, uint64_t offset, uint64_t at,
                               spae_error *err)
{
    uint8_t b[56 + 20];
    uint8_t *to = put(b, 0x06064b50, 4);
    to = put(to, 56 - 12, 8);
    to = put(to, 45, 2);
    to = put(to, 45, 2);
    to = put(to, 0, 8); /* both disks */
    to = put(to, members, 8);
    to = put(to, members, 8);
    to = put(to, at - offset, 8);
    to = put(to, offset, 8);
    to = put(to, 0x07064b50, 4);
    to = put(to, 0, 4);
    to = put(to, at, 8);
    put(to, 1, 4);
    return spae_sink_write(sink, b, sizeof b, err);
}

static spae_status write_end(spae_sink *sink, uint64_t members, uint64_t offset, spae_error *err)
{
    const uint64_t bytes = sink->written - offset;
    const bool many = members >= 0xffff, zip64 = many || offset >= MOST_32 || bytes >= MOST_32;
    uint8_t b[22];
    if (zip64) {
        const spae_status status = write_end64(sink, members, offset, sink->written, err);
        if (status != SPAE_OK)
            return status;
    }
    uint8_t *to = put(b, 0x06054b50, 4);
    to = put(to, 0, 4); /* both disks */
    to = put(to, many ? 0xffff : members, 2);
    to = put(to, many ? 0xffff : members, 2);
    to = put(to, low(bytes, bytes >= MOST_32), 4);
    to = put(to, low(offset, offset >= MOST_32), 4);
    put(to, 0, 2); /* comment */
    return spae_sink_write(sink, b, sizeof b, err);
}

/* ---- members --------------------------------------------------------------------------------- */

static spae_status add_to_crc(void *context, const void *bytes, size_t count, spae_error *err)
{
    uint32_t *crc = context;
    (void)err;
    *crc = spae_crc32(*crc, bytes, count);
    return SPAE_OK;
}

/* What a member holds: an array in memory, or its rows. */
typedef struct {
    const spae_npy_array *array;
    spae_npy_row *row; /* NULL: array->data */
    void *context;
} content;

static spae_status write_npy(spae_sink *sink, const content *c, spae_error *err)
{
    return c->row != NULL ? spae_npy_write_rows(sink, c->array, c->row, c->context, err)
                          : spae_npy_write(sink, c->array, err);
}

/* The NPY file, counted only. */
static spae_status measure(const content *c, entry *e, spae_error *err)
{
    spae_sink counter = {.write = add_to_crc, .context = &e->crc, .name = "npz"};
    const spae_status status = write_npy(&counter, c, err);
    e->bytes = counter.written;
    return status;
}

static spae_status add_stored(spae_npz_writer *writer, entry *e, const content *c, spae_error *err)
{
    e->packed_bytes = e->bytes;
    const spae_status status = write_local(writer->sink, e, err);
    return status == SPAE_OK ? write_npy(writer->sink, c, err) : status;
}

/* The NPY file in memory of exactly e->bytes bytes. */
static spae_status make_npy(spae_arena *arena, const entry *e, const content *c, const uint8_t **npy,
                            spae_error *err)
{
    spae_buffer buffer = {arena, NULL, 0, 0};
    buffer.bytes = e->bytes <= SIZE_MAX ? spae_arena_take(arena, (size_t)e->bytes, 1) : NULL;
    if (buffer.bytes == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "npz: no memory to deflate member %s", e->name);
    buffer.room = (size_t)e->bytes;
    *npy = buffer.bytes;
    spae_sink sink = spae_sink_buffer(&buffer);
    return write_npy(&sink, c, err);
}

static spae_status add_deflated(spae_npz_writer *writer, entry *e, const content *c, spae_error *err)
{
    const uint8_t *npy = NULL;
    spae_status status = make_npy(writer->arena, e, c, &npy, err);
    if (status != SPAE_OK)
        return status;
    const size_t room = spae_deflate_bound(SPAE_DEFLATE_RAW, (size_t)e->bytes);
    uint8_t *packed = room > 0 ? spae_arena_take(writer->arena, room, 1) : NULL;
    void *work = spae_arena_take(writer->arena, spae_deflate_work(), 1);
    size_t used = 0;
    if (packed == NULL || work == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "npz: no memory to deflate member %s", e->name);
    status = spae_deflate(SPAE_DEFLATE_RAW, npy, (size_t)e->bytes, packed, room, &used, work, err);
    if (status != SPAE_OK)
        return status;
    e->packed_bytes = used;
    status = write_local(writer->sink, e, err);
    return status == SPAE_OK ? spae_sink_write(writer->sink, packed, used, err) : status;
}

/* An entry with its name, "x" as "x.npy". */
static spae_status new_entry(spae_npz_writer *writer, const char *name, entry **made,
                             spae_error *err)
{
    const size_t length = strlen(name);
    if (length == 0 || length > 65000 || !spae_utf8_valid((const uint8_t *)name, length))
        return spae_fail(err, SPAE_ERR_ARGUMENT,
                         "npz: a name is empty, over 65000 bytes or not UTF-8");
    for (const entry *e = writer->last; e != NULL; e = e->before)
        if (e->name_bytes == length + 4 && memcmp(e->name, name, length) == 0)
            return spae_fail(err, SPAE_ERR_ARGUMENT, "npz: member %s is there already", name);
    entry *e = spae_arena_take_zeroed(writer->arena, 1, sizeof *e);
    char *kept = spae_arena_take(writer->arena, length + 5, 1);
    if (e == NULL || kept == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "npz: no memory for member %s", name);
    memcpy(kept, name, length);
    memcpy(kept + length, ".npy", 5);
    e->name = kept;
    e->name_bytes = length + 4;
    *made = e;
    return SPAE_OK;
}

spae_npz_writer spae_npz_begin(spae_arena *arena, spae_sink *sink)
{
    return (spae_npz_writer){.arena = arena, .sink = sink};
}

/* A member whose size and CRC-32 are known. */
static spae_status add_measured(spae_npz_writer *writer, entry *e, const content *c, bool deflate,
                                spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(writer->arena);
    e->method = deflate ? 8 : 0;
    e->offset = writer->sink->written;
    const spae_status status =
        deflate ? add_deflated(writer, e, c, err) : add_stored(writer, e, c, err);
    spae_arena_reset(writer->arena, mark);
    return status;
}

static spae_status add_member(spae_npz_writer *writer, const char *name, const content *c, bool deflate,
                              spae_error *err)
{
    const spae_arena_mark before = spae_arena_here(writer->arena);
    entry *e = NULL;
    spae_status status = new_entry(writer, name, &e, err);
    if (status == SPAE_OK)
        status = measure(c, e, err);
    if (status == SPAE_OK)
        status = add_measured(writer, e, c, deflate, err);
    if (status != SPAE_OK) {
        spae_arena_reset(writer->arena, before);
        return status;
    }
    e->before = writer->last;
    writer->last = e;
    writer->count++;
    return SPAE_OK;
}

spae_status spae_npz_add(spae_npz_writer *writer, const char *name, const spae_npy_array *array,
                         bool deflate, spae_error *err)
{
    const content c = {array, NULL, NULL};
    return add_member(writer, name, &c, deflate, err);
}

spae_status spae_npz_add_rows(spae_npz_writer *writer, const char *name, const spae_npy_array *array, spae_npy_row *row,
                              void *context, spae_error *err)
{
    const content c = {array, row, context};
    return add_member(writer, name, &c, false, err);
}

/* Turns the chain around: members were linked last to first. */
static entry *first_to_last(entry *last)
{
    entry *first = NULL;
    while (last != NULL) {
        entry *before = last->before;
        last->before = first;
        first = last;
        last = before;
    }
    return first;
}

spae_status spae_npz_end(spae_npz_writer *writer, spae_error *err)
{
    const uint64_t offset = writer->sink->written;
    for (const entry *e = first_to_last(writer->last); e != NULL; e = e->before) {
        const spae_status status = write_entry(writer->sink, e, err);
        if (status != SPAE_OK)
            return status;
    }
    writer->last = NULL;
    return write_end(writer->sink, writer->count, offset, err);
}
