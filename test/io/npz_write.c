/* io/npz_write: what is written reads back, byte for byte the same each time, beyond 4 GiB too. */
#include "bytes.h"

#include "../../io/npz.h"
#include "../../vendor_free/checksum.h"

static const float ramp[6] = {0.0f, 0.5f, 1.0f, -1.0f, 2.0f, 0x1p-149f};
static const spae_text words[2] = {{"cat", 3}, {"d\xc3\xb6g", 4}};
static const spae_npy_array floats = {SPAE_NPY_F4, 2, {2, 3}, ramp},
                            texts = {SPAE_NPY_U, 1, {2}, words};

static spae_status write_three(spae_arena *arena, spae_sink *sink, spae_error *err)
{
    spae_npz_writer w = spae_npz_begin(arena, sink);
    spae_status status = spae_npz_add(&w, "p/kernel", &floats, false, err);
    if (status == SPAE_OK)
        status = spae_npz_add(&w, "p/deflated", &floats, true, err);
    if (status == SPAE_OK)
        status = spae_npz_add(&w, "vocab", &texts, true, err);
    return status == SPAE_OK ? spae_npz_end(&w, err) : status;
}

static void ck_floats(spae_arena *arena, const spae_npz *npz, const char *name)
{
    spae_npz_array a;
    float got[6];
    ck_assert_int_eq(spae_npz_array_open(arena, npz, name, &a, NULL), SPAE_OK);
    ck_assert(a.header.rank == 2 && a.header.shape[0] == 2 && a.header.shape[1] == 3);
    ck_assert_int_eq(spae_npy_read_float(&a.source, &a.header, got, NULL), SPAE_OK);
    ck_assert(memcmp(got, ramp, sizeof ramp) == 0);
}

static void ck_three(const spae_source *source)
{
    spae_arena arena = new_arena();
    spae_npz npz;
    spae_npz_array a;
    const spae_text *items;
    spae_error err;
    ck_assert_msg(spae_npz_open(&arena, source, NULL, &npz, &err) == SPAE_OK, "%s", err.text);
    ck_assert(npz.count == 3 && strcmp(npz.members[2].name, "vocab") == 0);
    ck_assert(npz.members[1].deflated && npz.members[1].packed_bytes < npz.members[1].bytes);
    ck_floats(&arena, &npz, "p/kernel");
    ck_floats(&arena, &npz, "p/deflated");
    ck_assert_int_eq(spae_npz_array_open(&arena, &npz, "vocab", &a, NULL), SPAE_OK);
    ck_assert_int_eq(spae_npy_read_strings(&arena, &a.source, &a.header, &items, NULL), SPAE_OK);
    ck_assert(strcmp(items[0].text, "cat") == 0 && strcmp(items[1].text, "d\xc3\xb6g") == 0);
    spae_arena_free(&arena);
}

START_TEST(what_is_written_reads_back)
{
    spae_arena arena = new_arena(), files = new_arena();
    spae_buffer b = {&files, NULL, 0, 0}, again = {&files, NULL, 0, 0};
    spae_sink sink = spae_sink_buffer(&b);
    ck_assert_int_eq(write_three(&arena, &sink, NULL), SPAE_OK);
    const spae_source source = spae_source_memory(b.bytes, b.size, "x");
    ck_three(&source);
    sink = spae_sink_buffer(&again);
    ck_assert_int_eq(write_three(&arena, &sink, NULL), SPAE_OK);
    ck_assert(again.size == b.size && memcmp(again.bytes, b.bytes, b.size) == 0);
    ck_assert(memcmp(b.bytes, "PK\3\4\x14\0\0\x8\0\0\0\0\x21\0", 14) ==
              0); /* 2.0, UTF-8, stored, 1980-01-01 */
    spae_arena_free(&arena);
    spae_arena_free(&files);
}
END_TEST

static spae_status write_in(spae_arena *arena, void *context, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    spae_arena files = new_arena();
    spae_buffer b = {&files, NULL, 0, 0};
    spae_sink sink = spae_sink_buffer(&b);
    (void)context;
    const spae_status status = write_three(arena, &sink, err);
    if (status != SPAE_OK)
        spae_arena_reset(arena, mark); /* entries of earlier members */
    spae_arena_free(&files);
    return status;
}

START_TEST(writing_needs_memory)
{
    starve(write_in, NULL, 4096);
}
END_TEST

START_TEST(bad_members_are_refused)
{
    static char long_name[65002];
    spae_arena arena = new_arena(), files = new_arena();
    spae_buffer b = {&files, NULL, 0, 0};
    spae_sink sink = spae_sink_buffer(&b);
    spae_npz_writer w = spae_npz_begin(&arena, &sink);
    spae_error err;
    memset(long_name, 'n', 65001);
    ck_assert_int_eq(spae_npz_add(&w, "a", &floats, false, &err), SPAE_OK);
    const size_t used = arena.used, size = b.size;
    ck_assert_int_eq(spae_npz_add(&w, "a", &floats, false, &err), SPAE_ERR_ARGUMENT);
    ck_assert_str_eq(err.text, "npz: member a is there already");
    ck_assert_int_eq(spae_npz_add(&w, "", &floats, false, &err), SPAE_ERR_ARGUMENT);
    ck_assert_int_eq(spae_npz_add(&w, "\xff", &floats, false, &err), SPAE_ERR_ARGUMENT);
    ck_assert_int_eq(spae_npz_add(&w, long_name, &floats, false, &err), SPAE_ERR_ARGUMENT);
    ck_assert_int_eq(
        spae_npz_add(&w, "c", &(spae_npy_array){SPAE_NPY_F4, 9, {0}, NULL}, true, &err),
        SPAE_ERR_ARGUMENT);
    ck_assert(arena.used == used && b.size == size);
    ck_assert_int_eq(spae_npz_add(&w, long_name + 1, &floats, false, &err), SPAE_OK);
    ck_assert_int_eq(spae_npz_end(&w, &err), SPAE_OK);
    spae_arena_free(&arena);
    spae_arena_free(&files);
}
END_TEST

/* A file of which the first 5 GiB are zeros that nobody stores. */
static const uint64_t gap = (uint64_t)5 << 30;

static spae_status read_behind_gap(void *context, uint64_t offset, void *buffer, size_t n,
                                   spae_error *err)
{
    const spae_buffer *b = context;
    (void)err;
    for (size_t i = 0; i < n; i++)
        ((uint8_t *)buffer)[i] = offset + i < gap ? 0 : b->bytes[offset + i - gap];
    return SPAE_OK;
}

START_TEST(members_beyond_4_gib)
{
    spae_arena arena = new_arena(), files = new_arena();
    spae_buffer b = {&files, NULL, 0, 0};
    spae_sink sink = spae_sink_buffer(&b);
    sink.written = gap;
    ck_assert_int_eq(write_three(&arena, &sink, NULL), SPAE_OK);
    const spae_source source = {
        .size = gap + b.size, .read = read_behind_gap, .context = &b, .name = "x"};
    ck_three(&source);
    spae_arena_free(&arena);
    spae_arena_free(&files);
}
END_TEST

/* 65534 members are the most that the plain end record counts. They are not made here, only
 * claimed. */
START_TEST(more_members_than_16_bits_count)
{
    spae_arena arena = new_arena(), files = new_arena();
    spae_buffer b = {&files, NULL, 0, 0};
    spae_sink sink = spae_sink_buffer(&b);
    spae_npz_writer w = spae_npz_begin(&arena, &sink);
    w.count = 0xfffe;
    ck_assert_int_eq(spae_npz_end(&w, NULL), SPAE_OK);
    ck_assert(memcmp(b.bytes + b.size - 22, "PK\5\6\0\0\0\0\xfe\xff\xfe\xff", 12) == 0);
    w.count = 0xffff;
    ck_assert_int_eq(spae_npz_end(&w, NULL), SPAE_OK);
    ck_assert(memcmp(b.bytes + b.size - 22, "PK\5\6\0\0\0\0\xff\xff\xff\xff", 12) == 0);
    ck_assert(memcmp(b.bytes + b.size - 42, "PK\6\7", 4) == 0);
    ck_assert(memcmp(b.bytes + b.size - 98 + 24, "\xff\xff\0\0\0\0\0\0\xff\xff\0\0\0\0\0\0", 16) ==
              0);
    spae_arena_free(&arena);
    spae_arena_free(&files);
}
END_TEST

static spae_status take(void *context, const void *data, size_t n, spae_error *err)
{
    size_t *left = context;
    (void)data;
    if (n > *left)
        return spae_fail(err, SPAE_ERR_IO, "full");
    *left -= n;
    return SPAE_OK;
}

START_TEST(failures_of_the_sink_come_through)
{
    spae_arena arena = new_arena();
    size_t whole = 0;
    for (size_t room = 0; whole == 0; room++) {
        size_t left = room;
        spae_sink sink = {.write = take, .context = &left, .name = "x"};
        const spae_status status = write_three(&arena, &sink, NULL);
        ck_assert(status == SPAE_OK || status == SPAE_ERR_IO);
        whole = status == SPAE_OK ? room : 0;
        ck_assert(room < 5000);
    }
    spae_arena_free(&arena);
}
END_TEST

SUITE(suite_io_npz_write, "io/npz_write", what_is_written_reads_back, writing_needs_memory,
      bad_members_are_refused, members_beyond_4_gib, more_members_than_16_bits_count,
      failures_of_the_sink_come_through)
