/* io/idx: plain and gzipped, one broken file per rule. */
#include "bytes.h"

#include "../../io/idx.h"
#include "../../vendor_free/deflate.h"

typedef struct {
    const char *text;
    size_t n;
    const char *why; /* NULL: (2,1,2) with items 1 2 3 4 */
} idx_case;

static const idx_case cases[] = {
    {"\0\0\x8\3\0\0\0\2\0\0\0\1\0\0\0\2\1\2\3\4", 20, NULL},
    {"", 0, "byte 0: cut off"},
    {"\0\0\x8", 3, "byte 3: cut off"},
    {"\0\1\x8\1\0\0\0\0", 8, "byte 0: this is no IDX"},
    {"\1\0\x8\1\0\0\0\0", 8, "byte 0: this is no IDX"},
    {"\0\0\xd\1\0\0\0\0", 8, "byte 2: the items are not unsigned bytes"},
    {"\0\0\x9\1\0\0\0\0", 8, "byte 2: the items are not unsigned bytes"},
    {"\0\0\x8\0", 4, "byte 3: the rank is not 1 to 4"},
    {"\0\0\x8\5", 4, "byte 3: the rank is not 1 to 4"},
    {"\0\0\x8\2\0\0\0\2\0\0\0", 11, "byte 11: cut off"},
    {"\0\0\x8\1\0\0\0\2a", 9, "byte 8: the sizes say 2 items, the file has 1"},
    {"\0\0\x8\1\0\0\0\1ab", 10, "byte 8: the sizes say 1 items, the file has 2"},
    {"\0\0\x8\3\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 16,
     "byte 8: more items than the limit"},
    {"\0\0\x8\4\xff\xff\xff\xff\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff", 20,
     "byte 12: more items than the limit"},
    {"\0\0\x8\1\0\0\0\0a", 9, "byte 8: the sizes say 0 items, the file has 1"},
};

static bytes gzipped(const void *data, size_t n)
{
    static uint8_t work[1 << 19];
    bytes b = {.size = 0};
    ck_assert_int_eq(
        spae_deflate(SPAE_DEFLATE_GZIP, data, n, b.data, sizeof b.data, &b.size, work, NULL),
        SPAE_OK);
    return b;
}

static spae_status read_good(spae_arena *arena, void *context, spae_error *err)
{
    const spae_source source = source_of(context);
    spae_idx idx = {.rank = 9};
    const spae_status status = spae_idx_read(arena, &source, NULL, &idx, err);
    if (status != SPAE_OK) {
        ck_assert(idx.rank == 9);
        return status;
    }
    ck_assert(idx.rank == 3 && idx.shape[0] == 2 && idx.shape[1] == 1 && idx.shape[2] == 2 &&
              idx.shape[3] == 1);
    ck_assert(memcmp(idx.items, "\1\2\3\4", 4) == 0);
    return SPAE_OK;
}

START_TEST(files_good_and_broken)
{
    for (size_t i = 0; i < 2 * sizeof cases / sizeof cases[0]; i++) {
        const idx_case *c = &cases[i / 2];
        spae_arena arena = new_arena();
        spae_error err = {SPAE_OK, ""};
        bytes b = {.size = 0};
        add(&b, c->text, c->n);
        if (i % 2 == 1)
            b = gzipped(c->text, c->n);
        if (c->why == NULL) {
            starve(read_good, &b, 64);
        } else {
            ck_refused(read_good(&arena, &b, &err), SPAE_ERR_FORMAT, err, c->why);
            ck_assert(arena.used == 0);
        }
        spae_arena_free(&arena);
    }
}
END_TEST

START_TEST(gzip_that_is_refused)
{
    const bytes good = gzipped(cases[0].text, cases[0].n);
    spae_arena arena = new_arena();
    spae_error err;
    for (bytes b = good; b.size-- > 0;)
        ck_refused(read_good(&arena, &b, &err), SPAE_ERR_FORMAT, err, "");
    bytes b = good;
    b.data[b.size - 5] ^= 1;
    ck_refused(read_good(&arena, &b, &err), SPAE_ERR_FORMAT, err, "CRC-32");
    b = good;
    b.data[b.size - 1] = 0xff; /* 4 GB out of 40 bytes */
    ck_refused(read_good(&arena, &b, &err), SPAE_ERR_FORMAT, err, "inflates to so much");
    b = good;
    b.data[b.size - 4]--;
    ck_refused(read_good(&arena, &b, &err), SPAE_ERR_FORMAT, err, "longer than expected");
    b = good;
    add(&b, "\x20\0\0\0\x20\0\0\0", 8); /* a length at the end that is none */
    ck_refused(read_good(&arena, &b, &err), SPAE_ERR_FORMAT, err, "bytes follow the gzip data");
    ck_assert(arena.used == 0);
    spae_arena_free(&arena);
}
END_TEST

static spae_status read_path(spae_arena *arena, void *name, spae_error *err)
{
    spae_idx idx;
    const spae_arena_mark mark = spae_arena_here(arena);
    const spae_status status = spae_idx_read_file(arena, name, NULL, &idx, err);
    if (status == SPAE_OK)
        ck_assert(idx.rank == 3 && memcmp(idx.items, "\1\2\3\4", 4) == 0);
    else
        spae_arena_reset(arena, mark);
    return status;
}

START_TEST(files_on_disk)
{
    spae_arena arena = new_arena();
    spae_limits limits = spae_limits_default();
    spae_error err;
    spae_idx idx;
    char name[80];
    const bytes gz = gzipped(cases[0].text, cases[0].n);
    temporary(name, "-idx");
    ck_assert_int_eq(spae_file_write_all(&arena, name, cases[0].text, cases[0].n, NULL), SPAE_OK);
    starve(read_path, name, 64);
    limits.max_file_bytes = 19;
    ck_assert_int_eq(spae_idx_read_file(&arena, name, &limits, &idx, &err), SPAE_ERR_FORMAT);
    ck_assert(strstr(err.text, "longer than the limit") != NULL);
    limits.max_elements = 3;
    limits.max_file_bytes = 20;
    ck_assert_int_eq(spae_idx_read_file(&arena, name, &limits, &idx, &err), SPAE_ERR_FORMAT);
    ck_assert(strstr(err.text, "more items than the limit") != NULL);
    limits.max_elements = 4;
    ck_assert_int_eq(spae_idx_read_file(&arena, name, &limits, &idx, &err), SPAE_OK);
    ck_assert_int_eq(spae_file_write_all(&arena, name, gz.data, gz.size, NULL), SPAE_OK);
    starve(read_path, name, 64);
    ck_assert_int_eq(remove(name), 0);
    ck_assert_int_eq(spae_idx_read_file(&arena, name, NULL, &idx, &err), SPAE_ERR_IO);
    spae_arena_free(&arena);
}
END_TEST

SUITE(suite_io_idx, "io/idx", files_good_and_broken, gzip_that_is_refused, files_on_disk)
