/* NPZ archives, reading (SPEC 8.5).
 *
 * Source    APPNOTE.TXT 6.3: 4.3.7 local header, 4.3.12 directory, 4.3.14-16 end records, 4.5.3
 *           zip64.
 * Method    From the end: the end record, the zip64 end record where a locator stands before it,
 *           the directory, which is read whole. Local headers only when their member is opened.
 * Open      not settled by APPNOTE; our choice:
 *             a comment          the end record is the last place where its length fits the end of
 *                                the file
 *             bytes between      none between directory and end records; before it anything
 *             data descriptors   not read: the directory has the same numbers, and is what we check
 */
#include "npz.h"

#include <stdlib.h>
#include <string.h>

#include "../vendor_free/checksum.h"
#include "../vendor_free/inflate.h"
#include "../vendor_free/utf8.h"

enum { END_BYTES = 22, END64_BYTES = 56, LOCATOR_BYTES = 20, ENTRY_BYTES = 46, LOCAL_BYTES = 30 };
enum { PIECE = 1 << 17 }; /* bytes read between two looks at them: they are still in the cache */

static spae_status broken(const spae_source *source, uint64_t offset, const char *what,
                          spae_error *err)
{
    return spae_fail(err, SPAE_ERR_FORMAT, "%s: byte %llu: %s", source->name,
                     (unsigned long long)offset, what);
}

static uint64_t load(const uint8_t *b, unsigned n) /* n <= 8 bytes, the lowest first */
{
    uint64_t value = 0;
    for (unsigned i = 0; i < n; i++)
        value |= (uint64_t)b[i] << 8 * i;
    return value;
}

static bool is(const uint8_t *b, const char *signature)
{
    return memcmp(b, signature, 4) == 0;
}

/* ---- the end records ------------------------------------------------------------------------- */

typedef struct {
    uint64_t members, offset, bytes;
    uint64_t end; /* where the first end record begins */
} directory;

/* The last place from which an end record with its comment reaches the end of the file exactly. */
static spae_status find_end(const spae_source *source, uint64_t *at, uint8_t end[END_BYTES],
                            spae_error *err)
{
    const uint64_t deepest = source->size < END_BYTES + 65535 ? source->size : END_BYTES + 65535;
    uint8_t piece[1024];
    for (uint64_t back = END_BYTES; back <= deepest;) {
        /* here: no end record begins less than `back` bytes before the end */
        const uint64_t fresh = deepest - back + 1 < 512 ? deepest - back + 1 : 512;
        const uint64_t from = source->size - back - fresh + 1;
        const size_t bytes = (size_t)fresh - 1 + END_BYTES;
        const spae_status status = spae_source_read(source, from, piece, bytes, err);
        if (status != SPAE_OK)
            return status;
        for (size_t i = (size_t)fresh; i-- > 0;) {
            if (!is(piece + i, "PK\5\6") ||
                from + i + END_BYTES + load(piece + i + 20, 2) != source->size)
                continue;
            *at = from + i;
            memcpy(end, piece + i, END_BYTES);
            return SPAE_OK;
        }
        back += fresh;
    }
    return broken(source, source->size, "this is no zip file: it does not end with an end record",
                  err);
}

/* The zip64 end record, when its locator stands right before the end record. */
static spae_status read_end64(const spae_source *source, directory *d, spae_error *err)
{
    uint8_t locator[LOCATOR_BYTES], b[END64_BYTES];
    if (d->end < LOCATOR_BYTES + END64_BYTES)
        return SPAE_OK;
    const uint64_t locator_at = d->end - LOCATOR_BYTES, last = locator_at - END64_BYTES;
    spae_status status = spae_source_read(source, locator_at, locator, sizeof locator, err);
    if (status != SPAE_OK || !is(locator, "PK\6\7"))
        return status;
    const uint64_t at = load(locator + 8, 8);
    if (load(locator + 4, 4) != 0 || load(locator + 16, 4) > 1)
        return broken(source, locator_at, "the archive has several disks", err);
    if (at > last)
        return broken(source, locator_at, "the zip64 end record is not before its locator", err);
    status = spae_source_read(source, at, b, sizeof b, err);
    if (status != SPAE_OK)
        return status;
    if (!is(b, "PK\6\6") || load(b + 4, 8) < END64_BYTES - 12 ||
        load(b + 4, 8) != locator_at - at - 12)
        return broken(source, at, "the zip64 end record does not fill the room before its locator",
                      err);
    if (load(b + 16, 4) != 0 || load(b + 20, 4) != 0 || load(b + 24, 8) != load(b + 32, 8))
        return broken(source, at, "the archive has several disks", err);
    *d = (directory){
        .members = load(b + 32, 8), .bytes = load(b + 40, 8), .offset = load(b + 48, 8), .end = at};
    return SPAE_OK;
}

static spae_status find_directory(const spae_source *source, const spae_limits *limits,
                                  directory *d, spae_error *err)
{
    uint8_t b[END_BYTES];
    spae_status status = find_end(source, &d->end, b, err);
    if (status != SPAE_OK)
        return status;
    if (load(b + 4, 2) != 0 || load(b + 6, 2) != 0 || load(b + 8, 2) != load(b + 10, 2))
        return broken(source, d->end, "the archive has several disks", err);
    d->members = load(b + 10, 2);
    d->bytes = load(b + 12, 4);
    d->offset = load(b + 16, 4);
    status = read_end64(source, d, err);
    if (status != SPAE_OK)
        return status;
    if (d->offset > d->end || d->bytes != d->end - d->offset)
        return broken(source, d->end, "the directory does not end where the end record begins",
                      err);
    if (d->members > d->bytes / ENTRY_BYTES)
        return broken(source, d->end, "more members than the directory has room for", err);
    if (d->members > limits->max_members || d->bytes > limits->max_file_bytes)
        return broken(source, d->end, "more members, or a longer directory, than the limit", err);
    return SPAE_OK;
}

/* ---- the directory --------------------------------------------------------------------------- */

/* Takes the next of the zip64 field's numbers when *value says that it stands there. */
static bool take_zip64(uint64_t *value, const uint8_t **field, size_t *left)
{
    if (*value != 0xffffffff)
        return true;
    if (*left < 8)
        return false;
    *value = load(*field, 8);
    *field += 8;
    *left -= 8;
    return true;
}

/* Looks through the extra fields for number 1, which has those of the three that do not fit 32
 * bits, in this order. Without it 0xffffffff means itself. False when it is too short. */
static bool read_zip64(spae_npz_member *m, const uint8_t *extra, size_t extra_bytes)
{
    while (extra_bytes >= 4) {
        const uint64_t id = load(extra, 2);
        size_t bytes = (size_t)load(extra + 2, 2);
        extra += 4;
        extra_bytes -= 4;
        if (bytes > extra_bytes)
            return false;
        if (id == 1)
            return take_zip64(&m->bytes, &extra, &bytes) &&
                   take_zip64(&m->packed_bytes, &extra, &bytes) &&
                   take_zip64(&m->local_offset, &extra, &bytes);
        extra += bytes;
        extra_bytes -= bytes;
    }
    return true;
}

/* The member's name as a C string, without ".npy". */
static const char *keep_name(spae_arena *arena, const uint8_t *name, size_t bytes)
{
    const size_t n = bytes > 4 && memcmp(name + bytes - 4, ".npy", 4) == 0 ? bytes - 4 : bytes;
    char *kept = spae_arena_take(arena, n + 1, 1);
    if (kept != NULL) {
        memcpy(kept, name, n);
        kept[n] = 0;
    }
    return kept;
}

/* What the numbers of a member must fulfil whatever its data are. NULL, or what is wrong. */
static const char *check_member(const spae_npz_member *m, const directory *d, unsigned flags,
                                unsigned method)
{
    if ((flags & 1) != 0)
        return "the member is encrypted";
    if (method != 0 && method != 8)
        return "the member is neither stored nor deflated";
    if (!m->deflated && m->bytes != m->packed_bytes)
        return "a stored member has two sizes";
    if (m->local_offset > d->offset || m->packed_bytes > d->offset - m->local_offset)
        return "the member does not lie before the directory";
    if (m->bytes / 1032 > m->packed_bytes)
        return "no deflated data grow by more than 1032 to 1";
    return NULL;
}

/* The entry at b, of which `left` bytes are there; *used is its length. `at` is its place in the
 * file. */
static spae_status read_entry(spae_arena *arena, const spae_source *source, const directory *d,
                              uint64_t at, const uint8_t *b, size_t left, spae_npz_member *m,
                              size_t *used, spae_error *err)
{
    if (left < ENTRY_BYTES || !is(b, "PK\1\2"))
        return broken(source, at, "an entry of the directory is due here", err);
    const size_t name = (size_t)load(b + 28, 2), extra = (size_t)load(b + 30, 2);
    *used = ENTRY_BYTES + name + extra + (size_t)load(b + 32, 2);
    if (*used > left)
        return broken(source, at, "the entry is longer than the directory", err);
    const unsigned flags = (unsigned)load(b + 8, 2), method = (unsigned)load(b + 10, 2);
    *m = (spae_npz_member){.name_bytes = name,
                           .deflated = method == 8,
                           .crc = (uint32_t)load(b + 16, 4),
                           .packed_bytes = load(b + 20, 4),
                           .bytes = load(b + 24, 4),
                           .local_offset = load(b + 42, 4)};
    if (!read_zip64(m, b + ENTRY_BYTES + name, extra))
        return broken(source, at, "an extra field is cut off", err);
    const char *wrong = check_member(m, d, flags, method);
    if (wrong != NULL)
        return broken(source, at, wrong, err);
    if (name == 0 || memchr(b + ENTRY_BYTES, 0, name) != NULL ||
        !spae_utf8_valid(b + ENTRY_BYTES, name))
        return broken(source, at, "the name is empty or not UTF-8", err);
    m->name = keep_name(arena, b + ENTRY_BYTES, name);
    return m->name != NULL
               ? SPAE_OK
               : spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for a name", source->name);
}

static spae_status read_entries(spae_arena *arena, const spae_source *source, const directory *d,
                                const uint8_t *bytes, spae_npz_member *members, spae_error *err)
{
    size_t at = 0, used = 0;
    for (size_t i = 0; i < d->members; i++, at += used) {
        const spae_status status = read_entry(arena, source, d, d->offset + at, bytes + at,
                                              (size_t)d->bytes - at, &members[i], &used, err);
        if (status != SPAE_OK)
            return status;
    }
    return at == d->bytes ? SPAE_OK
                          : broken(source, d->offset + at,
                                   "the directory has bytes after its last entry", err);
}

/* ---- names in order -------------------------------------------------------------------------- */

static int compare_names(const void *a, const void *b)
{
    const spae_npz_member *const *left = a, *const *right = b;
    return strcmp((*left)->name, (*right)->name);
}

static spae_status sort_names(const spae_source *source, const spae_npz_member **by_name,
                              size_t count, spae_error *err)
{
    qsort(by_name, count, sizeof *by_name, compare_names);
    for (size_t i = 1; i < count; i++)
        if (strcmp(by_name[i - 1]->name, by_name[i]->name) == 0)
            return spae_fail(err, SPAE_ERR_FORMAT, "%s: two members are named %s", source->name,
                             by_name[i]->name);
    return SPAE_OK;
}

/* Members, their order and the directory's bytes stay in the arena: little beside the arrays. */
static spae_status read_directory(spae_arena *arena, const spae_source *source, const directory *d,
                                  spae_npz *npz, spae_error *err)
{
    const size_t count = (size_t)d->members;
    spae_npz_member *members = spae_arena_take(arena, count, sizeof *members);
    const spae_npz_member **by_name = spae_arena_take(arena, count, sizeof *by_name);
    uint8_t *bytes = spae_arena_take(arena, (size_t)d->bytes, 1);
    if (members == NULL || by_name == NULL || bytes == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for %zu members", source->name,
                         count);
    spae_status status = spae_source_read(source, d->offset, bytes, (size_t)d->bytes, err);
    if (status == SPAE_OK)
        status = read_entries(arena, source, d, bytes, members, err);
    for (size_t i = 0; i < count && status == SPAE_OK; i++)
        by_name[i] = &members[i];
    if (status == SPAE_OK)
        status = sort_names(source, by_name, count, err);
    npz->source = source;
    npz->count = count;
    npz->members = members;
    npz->by_name = by_name;
    npz->directory_offset = d->offset;
    return status;
}

spae_status spae_npz_open(spae_arena *arena, const spae_source *source, const spae_limits *limits,
                          spae_npz *npz, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    spae_npz opened = {.limits = limits != NULL ? *limits : spae_limits_default()};
    directory d = {0, 0, 0, 0};
    spae_status status = find_directory(source, &opened.limits, &d, err);
    if (status == SPAE_OK)
        status = read_directory(arena, source, &d, &opened, err);
    if (status == SPAE_OK)
        *npz = opened;
    else
        spae_arena_reset(arena, mark);
    return status;
}

const spae_npz_member *spae_npz_find(const spae_npz *npz, const char *name)
{
    size_t low = 0, high = npz->count;
    while (low < high) { /* here: a member of that name is in low .. high - 1, if anywhere */
        const size_t middle = low + (high - low) / 2;
        const int order = strcmp(name, npz->by_name[middle]->name);
        if (order == 0)
            return npz->by_name[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

/* ---- members --------------------------------------------------------------------------------- */

static spae_status no_memory(const spae_npz *npz, const spae_npz_member *m, spae_error *err)
{
    return spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for member %s", npz->source->name, m->name);
}

/* Does the local header repeat the name? */
static spae_status check_local_name(const spae_npz *npz, const spae_npz_member *m, spae_error *err)
{
    const size_t length = strlen(m->name); /* name_bytes is this, or 4 more for ".npy" */
    char piece[64];
    for (size_t at = 0; at < m->name_bytes;) {
        const size_t left = m->name_bytes - at, now = left < sizeof piece ? left : sizeof piece;
        const spae_status status =
            spae_source_read(npz->source, m->local_offset + LOCAL_BYTES + at, piece, now, err);
        if (status != SPAE_OK)
            return status;
        for (size_t i = 0; i < now; i++, at++)
            if (piece[i] != (at < length ? m->name[at] : ".npy"[at - length]))
                return broken(npz->source, m->local_offset,
                              "the local header has another name than the directory", err);
    }
    return SPAE_OK;
}

/* Where the data begin, after the local header, which must be of the same member. */
static spae_status find_data(const spae_npz *npz, const spae_npz_member *m, uint64_t *data_at,
                             spae_error *err)
{
    const spae_source *source = npz->source;
    uint8_t b[LOCAL_BYTES];
    spae_status status = spae_source_read(source, m->local_offset, b, sizeof b, err);
    if (status != SPAE_OK)
        return status;
    const size_t name = (size_t)load(b + 26, 2);
    if (!is(b, "PK\3\4") || load(b + 8, 2) != (m->deflated ? 8U : 0U) || name != m->name_bytes)
        return broken(source, m->local_offset,
                      "the local header is not that of the directory's entry", err);
    status = check_local_name(npz, m, err);
    if (status != SPAE_OK)
        return status;
    *data_at = m->local_offset + LOCAL_BYTES + name + load(b + 28, 2);
    if (*data_at > npz->directory_offset || m->packed_bytes > npz->directory_offset - *data_at)
        return broken(source, m->local_offset, "the member reaches into the directory", err);
    return SPAE_OK;
}

/* A stored member, which stays where it is: the archive as a source of its data alone. */
typedef struct {
    const spae_source *source;
    const spae_npz_member *member; /* in the archive's arena */
    uint64_t data_at, items_at;    /* of the NPY file, and of the items in it */
    bool verified;
} stored;

static spae_status check_crc(const spae_source *source, const spae_npz_member *m, uint32_t found,
                             uint64_t data_at, spae_error *err)
{
    if (found == m->crc)
        return SPAE_OK;
    return spae_fail(err, SPAE_ERR_FORMAT,
                     "%s: byte %llu: the CRC-32 of %s is %x, the directory says %x", source->name,
                     (unsigned long long)data_at, m->name, found, m->crc);
}

/* Bytes from..to - 1 of the archive, to the CRC-32 and, where `items` is not NULL, to there. */
static spae_status add_to_crc(const stored *s, uint64_t from, uint64_t to, uint8_t *items, uint32_t *crc,
                              spae_error *err)
{
    uint8_t piece[4096];
    const size_t most = items != NULL ? PIECE : sizeof piece;
    while (from < to) {
        const size_t now = to - from < most ? (size_t)(to - from) : most;
        uint8_t *const here = items != NULL ? items : piece;
        const spae_status status = spae_source_read(s->source, from, here, now, err);
        if (status != SPAE_OK)
            return status;
        *crc = spae_crc32(*crc, here, now);
        items = items != NULL ? items + now : NULL;
        from += now;
    }
    return SPAE_OK;
}

/* Reads the member through, its items to `items` unless that is NULL. */
static spae_status verify(stored *s, uint8_t *items, spae_error *err)
{
    uint32_t crc = 0;
    spae_status status = add_to_crc(s, s->data_at, s->items_at, NULL, &crc, err);
    if (status == SPAE_OK)
        status = add_to_crc(s, s->items_at, s->data_at + s->member->bytes, items, &crc, err);
    if (status == SPAE_OK)
        status = check_crc(s->source, s->member, crc, s->data_at, err);
    s->verified = status == SPAE_OK;
    return status;
}

/* Who takes all items at once gets them in one reading. */
static spae_status read_stored(void *context, uint64_t offset, void *buffer, size_t bytes, spae_error *err)
{
    stored *s = context;
    const bool whole = offset == s->items_at && bytes == s->member->bytes - (s->items_at - s->data_at);
    if (!s->verified && whole)
        return verify(s, buffer, err);
    const spae_status status = s->verified ? SPAE_OK : verify(s, NULL, err);
    return status == SPAE_OK ? spae_source_read(s->source, offset, buffer, bytes, err) : status;
}

static spae_status open_stored(spae_arena *arena, const spae_npz *npz, const spae_npz_member *m,
                               uint64_t data_at, spae_npz_array *array, spae_error *err)
{
    const spae_status status = spae_npy_read_header(npz->source, data_at, m->bytes, &array->header, err);
    if (status != SPAE_OK)
        return status;
    stored *s = spae_arena_take(arena, 1, sizeof *s);
    if (s == NULL)
        return no_memory(npz, m, err);
    *s = (stored){npz->source, m, data_at, array->header.data_offset, false};
    array->source = (spae_source){
        .size = npz->source->size, .read = read_stored, .context = s, .name = npz->source->name};
    return array->header.count > 0 ? SPAE_OK : verify(s, NULL, err); /* nobody reads an empty one */
}

/* The packed bytes, borrowed where the source is memory. */
static spae_status packed_bytes(spae_arena *arena, const spae_npz *npz, const spae_npz_member *m,
                                uint64_t data_at, const uint8_t **packed, spae_error *err)
{
    if (npz->source->memory != NULL) {
        *packed = npz->source->memory + data_at;
        return SPAE_OK;
    }
    uint8_t *bytes = spae_arena_take(arena, (size_t)m->packed_bytes, 1);
    *packed = bytes;
    return bytes != NULL
               ? spae_source_read(npz->source, data_at, bytes, (size_t)m->packed_bytes, err)
               : no_memory(npz, m, err);
}

/* Inflates into out, of m->bytes bytes; what it takes from the arena is given back. */
static spae_status inflate_into(spae_arena *arena, const spae_npz *npz, const spae_npz_member *m,
                                uint64_t data_at, uint8_t *out, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    const uint8_t *packed;
    size_t in_used = 0, out_used = 0;
    spae_error inner;
    spae_status status = packed_bytes(arena, npz, m, data_at, &packed, err);
    if (status == SPAE_OK && spae_inflate(SPAE_DEFLATE_RAW, packed, (size_t)m->packed_bytes, out,
                                          (size_t)m->bytes, &in_used, &out_used, &inner) != SPAE_OK)
        status = spae_fail(err, SPAE_ERR_FORMAT, "%s: member %s at byte %llu: %s",
                           npz->source->name, m->name, (unsigned long long)data_at, inner.text);
    spae_arena_reset(arena, mark);
    if (status == SPAE_OK && (in_used != m->packed_bytes || out_used != m->bytes))
        status =
            broken(npz->source, data_at, "the deflated member has other sizes than its entry", err);
    return status == SPAE_OK ? check_crc(npz->source, m, spae_crc32(0, out, out_used), data_at, err)
                             : status;
}

static spae_status inflate_member(spae_arena *arena, const spae_npz *npz, const spae_npz_member *m,
                                  uint64_t data_at, spae_source *data, spae_error *err)
{
    const uint64_t longer = m->bytes > m->packed_bytes ? m->bytes : m->packed_bytes;
    if (longer > npz->limits.max_file_bytes || longer > SIZE_MAX)
        return broken(npz->source, data_at, "the deflated member is longer than the limit", err);
    uint8_t *bytes = spae_arena_take(arena, (size_t)m->bytes, 1);
    if (bytes == NULL)
        return no_memory(npz, m, err);
    *data = spae_source_memory(bytes, (size_t)m->bytes, m->name);
    return inflate_into(arena, npz, m, data_at, bytes, err);
}

static spae_status open_deflated(spae_arena *arena, const spae_npz *npz, const spae_npz_member *m,
                                 uint64_t data_at, spae_npz_array *array, spae_error *err)
{
    const spae_status status = inflate_member(arena, npz, m, data_at, &array->source, err);
    return status == SPAE_OK ? spae_npy_read_header(&array->source, 0, m->bytes, &array->header, err) : status;
}

static spae_status open_member(spae_arena *arena, const spae_npz *npz, const spae_npz_member *m,
                               spae_npz_array *array, spae_error *err)
{
    uint64_t data_at = 0;
    const spae_status status = find_data(npz, m, &data_at, err);
    if (status != SPAE_OK)
        return status;
    return m->deflated ? open_deflated(arena, npz, m, data_at, array, err)
                       : open_stored(arena, npz, m, data_at, array, err);
}

spae_status spae_npz_array_open(spae_arena *arena, const spae_npz *npz, const char *name,
                                spae_npz_array *array, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    const spae_npz_member *m = spae_npz_find(npz, name);
    spae_npz_array opened;
    if (m == NULL)
        return spae_fail(err, SPAE_ERR_ARGUMENT, "%s: there is no member %s", npz->source->name,
                         name);
    const spae_status status = open_member(arena, npz, m, &opened, err);
    if (status == SPAE_OK)
        *array = opened;
    else
        spae_arena_reset(arena, mark);
    return status;
}

/* ---- members as they are --------------------------------------------------------------------- */

static spae_status read_member(void *context, uint64_t offset, void *buffer, size_t bytes, spae_error *err)
{
    const stored *s = context;
    return read_stored(context, s->data_at + offset, buffer, bytes, err);
}

static spae_status open_stored_member(spae_arena *arena, const spae_npz *npz, const spae_npz_member *m,
                                      uint64_t data_at, spae_source *data, spae_error *err)
{
    stored *s = spae_arena_take(arena, 1, sizeof *s);
    if (s == NULL)
        return no_memory(npz, m, err);
    *s = (stored){npz->source, m, data_at, data_at, false};
    *data = (spae_source){.size = m->bytes, .read = read_member, .context = s, .name = npz->source->name};
    return SPAE_OK;
}

spae_status spae_npz_member_open(spae_arena *arena, const spae_npz *npz, const spae_npz_member *member,
                                 spae_source *data, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    uint64_t data_at = 0;
    spae_source opened;
    spae_status status = find_data(npz, member, &data_at, err);
    if (status == SPAE_OK)
        status = member->deflated ? inflate_member(arena, npz, member, data_at, &opened, err)
                                  : open_stored_member(arena, npz, member, data_at, &opened, err);
    if (status == SPAE_OK)
        *data = opened;
    else
        spae_arena_reset(arena, mark);
    return status;
}
