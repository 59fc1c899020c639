/* io/guide_cache: the same bytes however often a run is broken off, and what is refused. */
#include "tiny.h"

#include "io/guide_cache.h"
#include "io/npy.h"

enum { ROWS = 7, D = 3 };

typedef struct {
    size_t made, stop; /* rows so far; fails before row `stop` */
} maker;

static spae_status make_rows(void *context, size_t first, size_t count, float *out, spae_error *err)
{
    maker *m = context;
    if (first + count > m->stop)
        return spae_fail(err, SPAE_ERR_NOT_FINITE, "stop");
    for (size_t i = 0; i < count * D; i++)
        out[i] = (float)(first * D + i) / 8.0f;
    m->made += count;
    return SPAE_OK;
}

static spae_guide_cache cache_of(const char *path, const char *made_of, maker *m)
{
    return (spae_guide_cache){path, made_of, strlen(made_of), ROWS, D, 2, make_rows, NULL, m};
}

/* Whatever stands in PATH.part, a torn row too, the array becomes what it is without a break. */
START_TEST(broken_off_at_any_byte)
{
    folder f = make_folder();
    spae_arena arena = new_arena();
    char path[160], part[176];
    const uint8_t *whole = NULL, *again = NULL;
    size_t size = 0, count = 0, found = 99;
    spae_error err;
    strcpy(path, in_folder(&f, "t.npy"));
    sprintf(part, "%s.part", path);
    maker m = {0, SIZE_MAX};
    spae_guide_cache c = cache_of(path, "{\"x\":1}\n", &m);
    ck_ok(spae_guide_cache_make(&c, &arena, &found, &err));
    ck_assert(found == 0 && m.made == ROWS);
    ck_ok(spae_file_read_all(&arena, path, 4096, &whole, &size, &err));
    ck_assert_uint_eq(size, 128 + ROWS * D * 4);
    ck_ok(spae_guide_cache_make(&c, &arena, &found, &err)); /* it is there */
    ck_assert(found == ROWS && m.made == ROWS);
    for (size_t n = 0; n <= size; n++) {
        ck_assert_int_eq(remove(path), 0);
        put_bytes(part, whole, n);
        m.made = 0;
        ck_ok(spae_guide_cache_make(&c, &arena, &found, &err));
        ck_assert_uint_eq(found, n > 128 ? (n - 128) / (D * 4) : 0);
        ck_assert_uint_eq(m.made, ROWS - found);
        ck_ok(spae_file_read_all(&arena, path, 4096, &again, &count, &err));
        ck_assert(count == size && memcmp(whole, again, size) == 0 && !spae_file_exists(part));
    }
    remove_folder(&f, (const char *const[]){"t.npy", "t.npy.json", NULL});
    spae_arena_free(&arena);
}
END_TEST

START_TEST(refusals)
{
    folder f = make_folder();
    spae_arena arena = new_arena();
    char path[160], part[176], json[176];
    uint8_t many[400] = {0};
    spae_error err;
    strcpy(path, in_folder(&f, "t.npy"));
    sprintf(part, "%s.part", path);
    sprintf(json, "%s.json", path);
    maker m = {0, 4};
    spae_guide_cache c = cache_of(path, "{\"x\":1}\n", &m), other = cache_of(path, "{\"x\":2}\n", &m);
    const size_t used = arena.used;
    ck_assert_int_eq(spae_guide_cache_make(&c, &arena, NULL, &err), SPAE_ERR_NOT_FINITE); /* after four rows */
    ck_assert(spae_file_exists(part) && spae_file_exists(json) && !spae_file_exists(path));
    ck_assert_int_eq(spae_guide_cache_make(&other, &arena, NULL, &err), SPAE_ERR_ARGUMENT);
    ck_assert_msg(strstr(err.text, "t.npy.part: made of something else") != NULL, "%s", err.text);
    m.stop = SIZE_MAX;
    size_t found = 0;
    ck_ok(spae_guide_cache_make(&c, &arena, &found, &err));
    ck_assert_uint_eq(found, 4);
    ck_assert_int_eq(spae_guide_cache_make(&other, &arena, NULL, &err), SPAE_ERR_ARGUMENT);
    ck_assert_int_eq(remove(json), 0);
    ck_assert_int_eq(spae_guide_cache_make(&c, &arena, NULL, &err), SPAE_ERR_ARGUMENT);
    ck_assert_msg(strstr(err.text, "no ") != NULL && strstr(err.text, "that says what it is made of") != NULL, "%s", err.text);
    ck_assert_int_eq(remove(path), 0);
    put_bytes(part, many, sizeof many);
    put_bytes(json, "{\"x\":1}\n", 8);
    ck_assert_int_eq(spae_guide_cache_make(&c, &arena, NULL, &err), SPAE_ERR_FORMAT);
    ck_assert_msg(strstr(err.text, "400 bytes, the whole array has 212") != NULL, "%s", err.text);
    c.rows = 0;
    ck_assert_int_eq(spae_guide_cache_make(&c, &arena, NULL, &err), SPAE_ERR_ARGUMENT);
    c = cache_of("/nowhere/at/all.npy", "{}\n", &m);
    ck_assert_int_eq(spae_guide_cache_make(&c, &arena, NULL, &err), SPAE_ERR_IO);
    ck_assert_uint_eq(arena.used, used);
    remove_folder(&f, (const char *const[]){"t.npy.part", "t.npy.json", NULL});
    spae_arena_free(&arena);
}
END_TEST

SUITE(suite_io_guide_cache, "io/guide_cache", broken_off_at_any_byte, refusals)
