/* io/npz: archives made byte by byte, one broken one per rule. */
#include "bytes.h"

#include "../../io/npz.h"
#include "../../vendor_free/checksum.h"
#include "../../vendor_free/deflate.h"

/* How an archive departs from a good one. All zero: a good one of members a.npy (3 bytes 1 2 3) and
 * b.npy (bytes 4 5), both stored. */
typedef struct {
    bool deflated, zip64, end64, descriptor;
    const char *second;              /* the second member's name instead of b.npy */
    unsigned flags, method, crc_xor; /* of the directory's entry for a */
    uint64_t bytes_more, packed_more, offset_more;
    unsigned local_method; /* xor */
    const char *local_name;
    unsigned local_extra; /* bytes that the local header claims beyond its own */
    const char *local_magic, *entry_magic, *end_magic, *comment;
    unsigned disk, count_more, extra_more, name_more, entry_junk;
    uint64_t directory_more, directory_bytes_more, end64_disk, end64_size_more, end64_at_more;
} spoiled;

static const spoiled good;

static bytes npy(const uint8_t *items, size_t n)
{
    bytes b = {.size = 0};
    char text[100];
    sprintf(text, "{'descr': '|u1', 'fortran_order': False, 'shape': (%u,)}", (unsigned)n);
    add(&b, "\x93NUMPY\1\0", 8);
    add_low(&b, strlen(text), 2);
    add_text(&b, text);
    add(&b, items, n);
    return b;
}

typedef struct {
    const char *name;
    uint64_t offset, packed, size;
    uint32_t crc;
} written;

static written add_member(bytes *z, const spoiled *s, const char *name, const char *local,
                          const bytes *data)
{
    static uint8_t packed[4096], work[1 << 19];
    size_t used = data->size;
    memcpy(packed, data->data, data->size);
    if (s->deflated)
        ck_assert_int_eq(spae_deflate(SPAE_DEFLATE_RAW, data->data, data->size, packed,
                                      sizeof packed, &used, work, NULL),
                         SPAE_OK);
    const written w = {name, z->size, used, data->size, spae_crc32(0, data->data, data->size)};
    add(z, s->local_magic ? s->local_magic : "PK\3\4", 4);
    add_low(z, 20, 2);
    add_low(z, s->descriptor ? 8 : 0, 2);
    add_low(z, (s->deflated ? 8 : 0) ^ s->local_method, 2);
    add_low(z, 0, 4);
    add_low(z, s->descriptor ? 0 : w.crc, 4);
    add_low(z, s->descriptor ? 0 : w.packed, 4);
    add_low(z, s->descriptor ? 0 : w.size, 4);
    add_low(z, strlen(local), 2);
    add_low(z, 5 + s->local_extra, 2);
    add_text(z, local);
    add(z, "\x34\x12\1\0x", 5); /* a field that nobody knows */
    add(z, packed, used);
    if (s->descriptor) {
        add(z, "PK\7\x8", 4);
        add_low(z, w.crc, 4);
        add_low(z, w.packed, 4);
        add_low(z, w.size, 4);
    }
    return w;
}

static void add_entry(bytes *z, const spoiled *s, const written *w, bool first)
{
    static const spoiled none;
    const spoiled *bad = first ? s : &none;
    const uint64_t size = w->size + bad->bytes_more, packed = w->packed + bad->packed_more;
    const uint64_t offset = w->offset + bad->offset_more;
    add(z, s->entry_magic ? s->entry_magic : "PK\1\2", 4);
    add_low(z, 45, 2);
    add_low(z, 45, 2);
    add_low(z, bad->flags, 2);
    add_low(z, bad->method ? bad->method : s->deflated ? 8 : 0, 2);
    add_low(z, 0, 4);
    add_low(z, w->crc ^ bad->crc_xor, 4);
    add_low(z, s->zip64 ? 0xffffffff : packed, 4);
    add_low(z, s->zip64 ? 0xffffffff : size, 4);
    add_low(z, strlen(w->name) + bad->name_more, 2);
    add_low(z, s->zip64 ? 33 + bad->extra_more : 0, 2);
    add_low(z, first ? 3 : 0, 2);
    add_low(z, 0, 8);
    add_low(z, s->zip64 ? 0xffffffff : offset, 4);
    add_text(z, w->name);
    if (s->zip64) {
        add(z, "\x34\x12\1\0x\1\0", 7); /* the unknown field comes first */
        add_low(z, 24 + bad->extra_more, 2);
        add_low(z, size, 8);
        add_low(z, packed, 8);
        add_low(z, offset, 8);
    }
    add(z, "abc", first ? 3 : 0); /* the entry's comment */
}

static void add_end(bytes *z, const spoiled *s, uint64_t at)
{
    const uint64_t end64 = z->size, size = end64 - at + s->directory_bytes_more,
                   offset = at + s->directory_more;
    if (s->end64) {
        add(z, "PK\6\6", 4);
        add_low(z, 44 + s->end64_size_more, 8);
        add_low(z, 0x2d002d, 4);
        add_low(z, s->end64_disk, 8);
        add_low(z, 2 + s->count_more, 8);
        add_low(z, 2 + s->count_more, 8);
        add_low(z, size, 8);
        add_low(z, offset, 8);
        add(z, "PK\6\7\0\0\0\0", 8);
        add_low(z, end64 + s->end64_at_more, 8);
        add_low(z, 1, 4);
    }
    add(z, s->end_magic ? s->end_magic : "PK\5\6", 4);
    add_low(z, s->disk, 4);
    add_low(z, s->end64 ? 0xffff : 2 + s->count_more, 2);
    add_low(z, s->end64 ? 0xffff : 2 + s->count_more, 2);
    add_low(z, s->end64 ? 0xffffffff : size, 4);
    add_low(z, s->end64 ? 0xffffffff : offset, 4);
    add_low(z, s->comment ? strlen(s->comment) : 0, 2);
    add_text(z, s->comment ? s->comment : "");
}

static bytes archive(const spoiled *s)
{
    bytes z = {.size = 0};
    const char *second = s->second ? s->second : "b.npy";
    const bytes a = npy((const uint8_t *)"\1\2\3", 3), b = npy((const uint8_t *)"\4\5", 2);
    const written w[2] = {add_member(&z, s, "a.npy", s->local_name ? s->local_name : "a.npy", &a),
                          add_member(&z, s, second, second, &b)};
    const uint64_t at = z.size;
    add_entry(&z, s, &w[0], true);
    add_entry(&z, s, &w[1], false);
    add(&z, "j", s->entry_junk);
    add_end(&z, s, at);
    return z;
}

/* Opens the archive and its array a. */
static spae_status open_a(spae_arena *arena, void *context, spae_error *err)
{
    const bytes *z = context;
    const spae_source source = source_of(z);
    const spae_arena_mark mark = spae_arena_here(arena);
    spae_npz npz;
    spae_npz_array a;
    uint8_t got[4] = {0};
    spae_status status = spae_npz_open(arena, &source, NULL, &npz, err);
    if (status == SPAE_OK)
        status = spae_npz_array_open(arena, &npz, "a", &a, err);
    if (status == SPAE_OK)
        status = spae_npy_read_uint8(&a.source, &a.header, got, err);
    if (status != SPAE_OK) {
        spae_arena_reset(arena, mark);
        return status;
    }
    ck_assert(npz.count == 2 && a.header.count == 3);
    ck_assert(memcmp(got, "\1\2\3", 4) == 0);
    return SPAE_OK;
}

START_TEST(good_archives)
{
    static const spoiled cases[] = {
        {.deflated = false},
        {.deflated = true},
        {.zip64 = true},
        {.end64 = true},
        {.zip64 = true, .end64 = true, .deflated = true},
        {.descriptor = true},
        {.comment = "a comment"},
        {.comment = "PK\5\6 is no end record"},
        {.second = "directory/"},
        {.second = "b"},
        {.second = "\xc3\xa4.npy"},
        {.flags = 1U << 11 | 6},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        bytes z = archive(&cases[i]);
        starve(open_a, &z, 64);
    }
}
END_TEST

START_TEST(spoiled_archives)
{
    static const struct {
        spoiled s;
        const char *why;
    } cases[] = {
        {{.end_magic = "PK\5\7"}, "does not end with an end record"},
        {{.disk = 1}, "several disks"},
        {{.disk = 1U << 16}, "several disks"},
        {{.count_more = 1}, "more members than the directory has room for"},
        {{.count_more = 0xffffffff}, "bytes after its last entry"}, /* one less, in 16 bits */
        {{.directory_more = 1}, "does not end where the end record begins"},
        {{.directory_more = 5000}, "does not end where the end record begins"},
        {{.directory_bytes_more = 1}, "does not end where the end record begins"},
        {{.entry_junk = 1}, "bytes after its last entry"},
        {{.end64 = true, .count_more = 1000}, "more members than"},
        {{.end64 = true, .end64_disk = 1}, "several disks"},
        {{.end64 = true, .end64_size_more = 1}, "does not fill the room before its locator"},
        {{.end64 = true, .end64_size_more = 0xffffffffffffffff}, "does not fill the room"},
        {{.end64 = true, .end64_at_more = 0xffffffffffffffff}, "does not fill the room"},
        {{.end64 = true, .end64_at_more = 1}, "not before its locator"},
        {{.end64 = true, .end64_at_more = (uint64_t)1 << 63}, "not before its locator"},
        {{.entry_magic = "PK\1\3"}, "an entry of the directory is due"},
        {{.name_more = 1000}, "longer than the directory"},
        {{.zip64 = true, .extra_more = 1000}, "longer than the directory"},
        {{.flags = 1}, "encrypted"},
        {{.method = 12}, "neither stored nor deflated"},
        {{.method = 9}, "neither stored nor deflated"},
        {{.bytes_more = 1}, "a stored member has two sizes"},
        {{.bytes_more = 4000, .packed_more = 4000}, "does not lie before the directory"},
        {{.offset_more = 4000}, "does not lie before the directory"},
        {{.zip64 = true, .offset_more = 0xfffffffffffffff0}, "does not lie before the directory"},
        {{.zip64 = true, .bytes_more = (uint64_t)1 << 63, .packed_more = (uint64_t)1 << 63},
         "does not lie before"},
        {{.deflated = true, .bytes_more = 200000}, "1032 to 1"},
        {{.second = "a.npy"}, "two members are named a"},
        {{.second = "a"}, "two members are named a"},
        {{.second = ""}, "the name is empty or not UTF-8"},
        {{.second = "\xff.npy"}, "the name is empty or not UTF-8"},
        {{.local_magic = "PK\3\5"}, "not that of the directory's entry"},
        {{.local_method = 8}, "not that of the directory's entry"},
        {{.local_name = "a.npyy"}, "not that of the directory's entry"},
        {{.local_name = "c.npy"}, "another name than the directory"},
        {{.local_name = "a.npz"}, "another name than the directory"},
        {{.local_extra = 2000}, "reaches into the directory"},
        {{.offset_more = 1}, "not that of the directory's entry"},
        {{.crc_xor = 1}, "the CRC-32 of a is"},
        {{.deflated = true, .crc_xor = 1}, "the CRC-32 of a is"},
        {{.deflated = true, .bytes_more = 1}, "has other sizes than its entry"},
        {{.deflated = true, .packed_more = 1}, "has other sizes than its entry"},
        {{.deflated = true, .bytes_more = 0xffffffffffffffff},
         "longer than expected"}, /* one less, in 32 bits */
        {{.deflated = true, .packed_more = 0xffffffffffffffff}, "cut off"},
        {{.local_extra = 1}, "no NPY array"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        bytes z = archive(&cases[i].s);
        spae_arena arena = new_arena();
        spae_error err = {SPAE_OK, ""};
        ck_refused(open_a(&arena, &z, &err), SPAE_ERR_FORMAT, err, cases[i].why);
        ck_assert(arena.used == 0);
        spae_arena_free(&arena);
    }
}
END_TEST

START_TEST(every_cut_is_refused)
{
    static const spoiled kinds[] = {{.deflated = true}, {.end64 = true, .zip64 = true}};
    for (size_t k = 0; k < 2; k++) {
        bytes z = archive(&kinds[k]);
        const size_t whole = z.size;
        spae_arena arena = new_arena();
        spae_error err;
        for (z.size = 0; z.size < whole; z.size++)
            ck_refused(open_a(&arena, &z, &err), SPAE_ERR_FORMAT, err, "byte ");
        spae_arena_free(&arena);
    }
}
END_TEST

START_TEST(a_name_cut_in_an_extra_field)
{
    /* a zip64 field of 23 bytes, where three numbers are due; and one that reaches beyond the extra
     * fields */
    bytes z = archive(&(spoiled){.zip64 = true});
    spae_arena arena = new_arena();
    spae_error err;
    for (size_t i = 0; i + 4 < z.size; i++)
        if (memcmp(z.data + i, "\1\0\x18\0", 4) == 0) {
            z.data[i + 2] = 23;
            ck_refused(open_a(&arena, &z, &err), SPAE_ERR_FORMAT, err, "an extra field is cut off");
            z.data[i + 2] = 25;
            ck_refused(open_a(&arena, &z, &err), SPAE_ERR_FORMAT, err, "an extra field is cut off");
            break;
        }
    spae_arena_free(&arena);
}
END_TEST

START_TEST(members_are_found_by_name)
{
    const bytes z = archive(&good);
    const spae_source source = source_of(&z);
    spae_arena arena = new_arena();
    spae_npz npz;
    spae_npz_array array;
    spae_error err;
    ck_assert_int_eq(spae_npz_open(&arena, &source, NULL, &npz, &err), SPAE_OK);
    ck_assert(spae_npz_find(&npz, "a") == &npz.members[0] &&
              spae_npz_find(&npz, "b") == &npz.members[1]);
    ck_assert(spae_npz_find(&npz, "a.npy") == NULL && spae_npz_find(&npz, "") == NULL);
    ck_assert(spae_npz_find(&npz, "c") == NULL && spae_npz_find(&npz, "aa") == NULL);
    ck_refused(spae_npz_array_open(&arena, &npz, "c", &array, &err), SPAE_ERR_ARGUMENT, err,
               "no member c");
    spae_arena_free(&arena);
}
END_TEST

START_TEST(limits_hold)
{
    const bytes z = archive(&(spoiled){.deflated = true});
    const spae_source source = source_of(&z);
    spae_arena arena = new_arena();
    spae_limits limits = spae_limits_default();
    spae_npz npz;
    spae_npz_array array;
    spae_error err;
    limits.max_members = 1;
    ck_refused(spae_npz_open(&arena, &source, &limits, &npz, &err), SPAE_ERR_FORMAT, err,
               "than the limit");
    limits.max_members = 2;
    limits.max_file_bytes = 104; /* the directory: 2 (46 + 5) + 3 = 105 */
    ck_refused(spae_npz_open(&arena, &source, &limits, &npz, &err), SPAE_ERR_FORMAT, err,
               "than the limit");
    ck_assert_int_eq(spae_npz_open(&arena, &source, NULL, &npz, &err), SPAE_OK);
    npz.limits.max_file_bytes = npz.members[0].bytes - 1;
    ck_refused(spae_npz_array_open(&arena, &npz, "a", &array, &err), SPAE_ERR_FORMAT, err,
               "than the limit");
    npz.limits.max_file_bytes = npz.members[0].bytes;
    ck_assert_int_eq(spae_npz_array_open(&arena, &npz, "a", &array, &err), SPAE_OK);
    spae_arena_free(&arena);
}
END_TEST

/* From a file, the packed bytes are fetched; the last comment that is allowed is searched through.
 */
START_TEST(archives_on_disk)
{
    static uint8_t whole[8192 + 65535];
    const bytes z = archive(&(spoiled){.deflated = true});
    char name[80];
    spae_arena arena = new_arena();
    spae_source source;
    spae_npz npz;
    spae_npz_array array;
    uint8_t got[3];
    memcpy(whole, z.data, z.size);
    whole[z.size - 2] = whole[z.size - 1] = 0xff;
    for (size_t n = 65534; n <= 65536; n++) {
        ck_assert_int_eq(
            spae_file_write_all(&arena, temporary(name, ".npz"), whole, z.size + n, NULL), SPAE_OK);
        ck_assert_int_eq(spae_source_open(&arena, name, NULL, &source, NULL), SPAE_OK);
        const spae_status status = spae_npz_open(&arena, &source, NULL, &npz, NULL);
        ck_assert_int_eq(status, n == 65535 ? SPAE_OK : SPAE_ERR_FORMAT);
        if (status == SPAE_OK) {
            ck_assert_int_eq(spae_npz_array_open(&arena, &npz, "a", &array, NULL), SPAE_OK);
            ck_assert_int_eq(spae_npy_read_uint8(&array.source, &array.header, got, NULL), SPAE_OK);
            ck_assert(memcmp(got, "\1\2\3", 3) == 0);
        }
        spae_source_close(&source);
    }
    ck_assert_int_eq(remove(name), 0);
    spae_arena_free(&arena);
}
END_TEST

/* ---- how often a stored member is read ---- */

typedef struct {
    const bytes *z;
    uint64_t fetched;
} counted;

static spae_status fetch(void *context, uint64_t offset, void *buffer, size_t n, spae_error *err)
{
    counted *c = context;
    (void)err;
    c->fetched += n;
    memcpy(buffer, c->z->data + offset, n);
    return SPAE_OK;
}

/* The array a of an archive, from a source that counts what is fetched from then on. */
static spae_status open_counted(spae_arena *arena, counted *c, spae_source *source, spae_npz_array *a,
                                spae_error *err)
{
    spae_npz npz;
    *source = (spae_source){.size = c->z->size, .read = fetch, .context = c, .name = "x"};
    ck_assert_int_eq(spae_npz_open(arena, source, NULL, &npz, NULL), SPAE_OK);
    const spae_status status = spae_npz_array_open(arena, &npz, "a", a, err);
    c->fetched = 0;
    return status;
}

START_TEST(all_items_are_fetched_once_and_verified)
{
    const bytes z = archive(&good);
    const size_t head = npy((const uint8_t *)"\1\2\3", 3).size - 3;
    counted c = {&z, 0};
    spae_arena arena = new_arena();
    spae_source source;
    spae_npz_array a;
    uint8_t got[3];
    float wide[3];
    ck_assert_int_eq(open_counted(&arena, &c, &source, &a, NULL), SPAE_OK);
    ck_assert_int_eq(spae_npy_read_uint8(&a.source, &a.header, got, NULL), SPAE_OK);
    ck_assert_mem_eq(got, "\1\2\3", 3);
    ck_assert_uint_eq(c.fetched, head + 3);
    ck_assert_int_eq(spae_npy_read_float(&a.source, &a.header, wide, NULL), SPAE_OK);
    ck_assert(wide[0] == 1 && wide[1] == 2 && wide[2] == 3);
    ck_assert_uint_eq(c.fetched, head + 6); /* verified already */
    spae_arena_free(&arena);
}
END_TEST

START_TEST(some_items_are_verified_before_they_come)
{
    const bytes z = archive(&good);
    const size_t head = npy((const uint8_t *)"\1\2\3", 3).size - 3;
    counted c = {&z, 0};
    spae_arena arena = new_arena();
    spae_source source;
    spae_npz_array a;
    uint8_t got[2] = {0};
    ck_assert_int_eq(open_counted(&arena, &c, &source, &a, NULL), SPAE_OK);
    for (size_t first = 0; first < 2; first++) {
        const spae_npy_header some = spae_npy_cut(&a.header, first, 2);
        ck_assert_int_eq(spae_npy_read_uint8(&a.source, &some, got, NULL), SPAE_OK);
        ck_assert(got[0] == 1 + first && got[1] == 2 + first);
        ck_assert_uint_eq(c.fetched, head + 3 + 2 * (first + 1));
    }
    spae_arena_free(&arena);
}
END_TEST

START_TEST(no_item_comes_from_a_broken_member)
{
    const bytes z = archive(&(spoiled){.crc_xor = 1});
    counted c = {&z, 0};
    spae_arena arena = new_arena();
    spae_source source;
    spae_npz_array a;
    spae_error err;
    uint8_t got[3] = {7, 7, 7};
    ck_assert_int_eq(open_counted(&arena, &c, &source, &a, NULL), SPAE_OK);
    const spae_npy_header some = spae_npy_cut(&a.header, 0, 2);
    for (int again = 0; again < 2; again++) {
        ck_refused(spae_npy_read_uint8(&a.source, &some, got, &err), SPAE_ERR_FORMAT, err, "the CRC-32 of a is");
        ck_assert(got[0] == 7 && got[1] == 7);
        ck_refused(spae_npy_read_uint8(&a.source, &a.header, got, &err), SPAE_ERR_FORMAT, err, "the CRC-32 of a is");
        memset(got, 7, sizeof got);
    }
    spae_arena_free(&arena);
}
END_TEST

/* An array without items is never read, so it is verified when it is opened. */
START_TEST(an_empty_array_is_verified)
{
    spae_arena arena = new_arena(), of_file = new_arena();
    spae_buffer buffer = {&of_file, NULL, 0, 0};
    spae_sink sink = spae_sink_buffer(&buffer);
    spae_npz_writer writer = spae_npz_begin(&arena, &sink);
    spae_npz npz;
    spae_npz_array a;
    spae_error err;
    ck_assert_int_eq(spae_npz_add(&writer, "a", &(spae_npy_array){SPAE_NPY_F4, 2, {0, 3}, NULL}, false, NULL), SPAE_OK);
    ck_assert_int_eq(spae_npz_end(&writer, NULL), SPAE_OK);
    for (int broken = 0; broken < 2; broken++) {
        buffer.bytes[buffer.size - 22 - 51 + 16] ^= (uint8_t)broken; /* the CRC-32 of the directory's only entry */
        const spae_source source = spae_source_memory(buffer.bytes, buffer.size, "x");
        ck_assert_int_eq(spae_npz_open(&arena, &source, NULL, &npz, NULL), SPAE_OK);
        const spae_status status = spae_npz_array_open(&arena, &npz, "a", &a, &err);
        if (broken)
            ck_refused(status, SPAE_ERR_FORMAT, err, "the CRC-32 of a is");
        else
            ck_assert(status == SPAE_OK && a.header.count == 0);
    }
    spae_arena_free(&of_file);
    spae_arena_free(&arena);
}
END_TEST

SUITE(suite_io_npz, "io/npz", good_archives, spoiled_archives, every_cut_is_refused,
      a_name_cut_in_an_extra_field, members_are_found_by_name, limits_hold, archives_on_disk,
      all_items_are_fetched_once_and_verified, some_items_are_verified_before_they_come,
      no_item_comes_from_a_broken_member, an_empty_array_is_verified)
