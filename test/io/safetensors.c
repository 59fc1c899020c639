/* io/safetensors: archives from their headers' text, one broken one per rule. */
#include "safetensors.h"

#include "io/safetensors.h"
#include "test/memory.h"

#include <math.h>

#define ENTRY(name, dtype, shape, offsets)                                                         \
    "\"" name "\":{\"dtype\":\"" dtype "\",\"shape\":" shape ",\"data_offsets\":" offsets "}"
#define A "{" ENTRY("a", "F32", "[2]", "[0,8]") "}"

/* Reads a file of this header and so many bytes of data; the arena must be as before on failure. */
static spae_status read_text(const char *header, size_t data, spae_error *err)
{
    const bytes b = safetensors_text(header, data);
    const spae_source source = source_of(&b);
    spae_arena arena = new_arena();
    spae_safetensors archive;
    const spae_status status = spae_safetensors_open(&arena, &source, NULL, &archive, err);
    ck_assert(status == SPAE_OK || arena.used == 0);
    spae_arena_free(&arena);
    return status;
}

static void ck_good(const char *header, size_t data)
{
    spae_error err = {SPAE_OK, ""};
    ck_assert_msg(read_text(header, data, &err) == SPAE_OK, "%s", err.text);
}

static void ck_bad(const char *header, size_t data, const char *part)
{
    spae_error err = {SPAE_OK, ""};
    const spae_status status = read_text(header, data, &err);
    ck_refused(status, SPAE_ERR_FORMAT, err, part);
}

/* ---- what is read ---------------------------------------------------------------------------- */

START_TEST(every_type_of_number)
{
    static const char header[] =
        "{" ENTRY("h", "F16", "[3]", "[0,6]") "," ENTRY("b", "BF16", "[1,2]", "[6,10]") "," ENTRY(
            "f", "F32", "[]", "[10,14]") "," ENTRY("d", "F64", "[2,1,1]", "[14,30]") "} \n";
    bytes b = safetensors_text(header, 0);
    add_low(&b, 0x3c00, 2); /* 1 */
    add_low(&b, 0xc000, 2); /* -2 */
    add_low(&b, 0x0001, 2); /* 2^-24 */
    add_low(&b, 0x3fc0, 2); /* 1.5 */
    add_low(&b, 0xff80, 2); /* minus infinity: the format does not mind */
    add_low(&b, 0x40490fdb, 4);
    add_low(&b, 0x3ff0000010000001, 8); /* above the middle between 1 and the next binary32 */
    add_low(&b, 0xbfb999999999999a, 8); /* -0.1 */
    const spae_source source = source_of(&b);
    spae_arena arena = new_arena();
    spae_safetensors s;
    spae_error err;
    spae_real x[3];
    ck_assert_msg(spae_safetensors_open(&arena, &source, NULL, &s, &err) == SPAE_OK, "%s",
                  err.text);
    ck_assert_uint_eq(s.count, 4);
    ck_assert_str_eq(s.arrays[0].name, "h");
    ck_assert_str_eq(s.by_name[0]->name, "b");
    ck_assert(spae_safetensors_find(&s, "h") == &s.arrays[0]);
    ck_assert(spae_safetensors_find(&s, "") == NULL && spae_safetensors_find(&s, "e") == NULL);
    ck_assert_int_eq(spae_safetensors_read(&s, &s.arrays[0], x, &err), SPAE_OK);
    ck_assert(x[0] == 1 && x[1] == -2 && x[2] == 0x1p-24f);
    ck_assert_int_eq(spae_safetensors_read(&s, &s.arrays[1], x, &err), SPAE_OK);
    ck_assert(x[0] == 1.5f && isinf(x[1]) && x[1] < 0);
    ck_assert(s.arrays[2].rank == 0 && s.arrays[2].count == 1 && s.arrays[2].shape[0] == 1);
    ck_assert_int_eq(spae_safetensors_read(&s, &s.arrays[2], x, &err), SPAE_OK);
    ck_assert(x[0] == 0x1.921fb6p1f);
    ck_assert_int_eq(spae_safetensors_read(&s, &s.arrays[3], x, &err), SPAE_OK);
    ck_assert(x[0] == (spae_real)0x1.0000010000001p0 && x[1] == (spae_real)-0.1);
    ck_assert(s.arrays[3].rank == 3 && s.arrays[3].shape[0] == 2 && s.arrays[3].shape[3] == 1);
    spae_arena_free(&arena);
}
END_TEST

START_TEST(other_types_are_known_and_are_no_numbers)
{
    static const struct {
        const char *name;
        size_t bytes;
    } types[] = {{"BOOL", 1}, {"U8", 1},  {"I8", 1},  {"U16", 2}, {"I16", 2},
                 {"U32", 4},  {"I32", 4}, {"U64", 8}, {"I64", 8}};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        char header[120], due[40];
        sprintf(header, "{" ENTRY("n", "%s", "[2]", "[0,%u]") "}", types[i].name,
                2 * (unsigned)types[i].bytes);
        sprintf(due, "n: the items are of type %s, due", types[i].name);
        const bytes b = safetensors_text(header, 2 * types[i].bytes);
        const spae_source source = source_of(&b);
        spae_arena arena = new_arena();
        spae_safetensors s;
        spae_error err;
        spae_real x[2];
        ck_assert_int_eq(spae_safetensors_open(&arena, &source, NULL, &s, NULL), SPAE_OK);
        ck_refused(spae_safetensors_read(&s, &s.arrays[0], x, &err), SPAE_ERR_FORMAT, err, due);
        spae_arena_free(&arena);
    }
}
END_TEST

START_TEST(good_headers)
{
    ck_good("{}", 0);
    ck_good(A, 8);
    ck_good(A "    \t\r\n", 8);
    ck_good("{\"__metadata__\":{}}", 0);
    ck_good("{\"__metadata__\":{\"format\":\"pt\",\"\":\"\"}," ENTRY("a", "U8", "[1]", "[0,1]") "}",
            1);
    ck_good("{" ENTRY("a", "U8", "[1]", "[0,1]") ",\"__metadata__\":{\"k\":\"v\"}}", 1);
    /* in another order than the data, members in another order, an escaped name */
    ck_good("{" ENTRY("b", "U8", "[3]", "[1,4]") "," ENTRY("\\u0061", "U8", "[1]", "[0,1]") "}", 4);
    ck_good("{\"a\":{\"data_offsets\":[0,1],\"shape\":[1],\"dtype\":\"I8\"}}", 1);
    /* empty arrays stand anywhere between others */
    ck_good("{" ENTRY("e", "F32", "[0,5]", "[0,0]") "}", 0);
    ck_good("{" ENTRY("a", "U8", "[2]", "[0,2]") "," ENTRY("b", "U8", "[2]", "[2,4]") "," ENTRY(
                "e", "F32", "[0]", "[2,2]") "," ENTRY("f", "F32", "[3,0]", "[4,4]") "}",
            4);
    ck_good("{" ENTRY("a", "U8", "[1,1,1,1,1,1,1,1]", "[0,1]") "}", 1);
    ck_good("{" ENTRY("\xC3\xA9/\\n", "U8", "[1]", "[0,1]") "}", 1);
}
END_TEST

START_TEST(a_file_on_disk_in_pieces)
{
    enum { COUNT = 2500 };
    static float x[COUNT];
    static spae_real back[COUNT];
    char name[80];
    spae_arena arena = new_arena();
    spae_source source;
    spae_safetensors s;
    for (int i = 0; i < COUNT; i++)
        x[i] = (float)(37 * i % 1009) / 16;
    const safetensors_item items[] = {{"a", 1, {1}, x, false}, {"b", 2, {50, 50}, x, false}};
    const spae_source memory = safetensors_file(&arena, items, 2);
    ck_assert_int_eq(spae_file_write_all(&arena, temporary(name, ".safetensors"), memory.memory,
                                         (size_t)memory.size, NULL),
                     SPAE_OK);
    ck_assert_int_eq(spae_source_open(&arena, name, NULL, &source, NULL), SPAE_OK);
    ck_assert_int_eq(spae_safetensors_open(&arena, &source, NULL, &s, NULL), SPAE_OK);
    ck_assert_int_eq(spae_safetensors_read(&s, spae_safetensors_find(&s, "b"), back, NULL),
                     SPAE_OK);
    for (int i = 0; i < COUNT; i++)
        ck_assert(back[i] == (spae_real)x[i]);
    spae_source_close(&source);
    ck_assert_int_eq(remove(name), 0);
    spae_arena_free(&arena);
}
END_TEST

/* ---- what is refused ------------------------------------------------------------------------- */

START_TEST(lengths_and_starts)
{
    spae_error err;
    spae_arena arena = new_arena();
    spae_safetensors s;
    const bytes good = safetensors_text(A, 8);
    for (size_t n = 0; n < good.size; n++) { /* every cut */
        const spae_source cut = spae_source_memory(good.data, n, "x");
        ck_refused(spae_safetensors_open(&arena, &cut, NULL, &s, &err), SPAE_ERR_FORMAT, err,
                   n < 9               ? "cut off"
                   : n < good.size - 8 ? "are there"
                                       : "do not lie in the data");
        ck_assert_uint_eq(arena.used, 0);
    }
    ck_bad("[]", 0, "byte 8: expected '{'");
    ck_bad(" {}", 0, "byte 8: expected '{'");
    ck_bad("", 8, "byte 8: expected '{'");
    for (int more = -1; more <= 1; more++) { /* the length against what is there */
        bytes b = safetensors_text("{}", 0);
        b.data[0] = (uint8_t)(2 + more);
        const spae_source source = source_of(&b);
        const spae_status status = spae_safetensors_open(&arena, &source, NULL, &s, &err);
        if (more == 0)
            ck_assert_int_eq(status, SPAE_OK);
        else
            ck_refused(status, SPAE_ERR_FORMAT, err,
                       more < 0 ? "header from byte 8 on: json: byte 1"
                                : "byte 0: the header is of 3 bytes, 2 are there");
        b.data[7] = 0x80; /* 2^63 more */
        ck_refused(spae_safetensors_open(&arena, &source, NULL, &s, &err), SPAE_ERR_FORMAT, err,
                   "bytes, the limit is 4194304");
    }
    spae_arena_free(&arena);
}
END_TEST

START_TEST(the_limits_hold)
{
    const size_t most = SPAE_SAFETENSORS_HEADER;
    uint8_t *file = malloc(8 + most + 1);
    spae_arena arena = new_arena();
    spae_safetensors s;
    spae_error err;
    memset(file, ' ', 8 + most + 1);
    memcpy(file + 8, "{}", 2);
    for (size_t length = most - 1; length <= most + 1; length++) {
        safetensors_put(file, length, 8);
        const spae_source source = spae_source_memory(file, 8 + length, "x");
        const spae_status status = spae_safetensors_open(&arena, &source, NULL, &s, &err);
        if (length <= most)
            ck_assert_msg(status == SPAE_OK, "%s", err.text);
        else
            ck_refused(status, SPAE_ERR_FORMAT, err, "header is of 4194305 bytes");
    }
    free(file);
    const bytes b = safetensors_text("{" ENTRY("a", "U8", "[2]", "[0,2]") "," ENTRY(
                                         "b", "U8", "[0]", "[2,2]") ",\"__metadata__\":{}}",
                                     2);
    const spae_source source = source_of(&b);
    spae_limits limits = spae_limits_default();
    limits.max_members = 1;
    ck_refused(spae_safetensors_open(&arena, &source, &limits, &s, &err), SPAE_ERR_FORMAT, err,
               "2 arrays, the limit is 1");
    limits.max_members = 2;
    ck_assert_int_eq(spae_safetensors_open(&arena, &source, &limits, &s, &err), SPAE_OK);
    limits.max_elements = 1;
    ck_refused(spae_safetensors_open(&arena, &source, &limits, &s, &err), SPAE_ERR_FORMAT, err,
               "a: the shape holds more items than the limit");
    limits.max_elements = 2;
    ck_assert_int_eq(spae_safetensors_open(&arena, &source, &limits, &s, &err), SPAE_OK);
    spae_arena_free(&arena);
}
END_TEST

START_TEST(broken_headers)
{
    ck_bad("{", 0, "header from byte 8 on: json");
    ck_bad("{} x", 0, "header from byte 8 on: json");
    ck_bad("{\"a\":1}", 0, "byte 13: a: expected an object of dtype");
    ck_bad("{\"a\":{}}", 0, "a: expected an object of dtype");
    ck_bad("{\"a\":{\"dtype\":\"F32\",\"shape\":[2]}}", 8, "a: expected an object of dtype");
    ck_bad("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8],\"x\":0}}", 8,
           "and nothing else");
    ck_bad("{" ENTRY("a", "U8", "[1]", "[0,1]") "," ENTRY("a", "U8", "[1]", "[1,2]") "}", 2,
           "this key is in the object already");
    ck_bad("{" ENTRY("a", "U8", "[1]", "[0,1]") "," ENTRY("\\u0061", "U8", "[1]", "[1,2]") "}", 2,
           "this key is in the object already");
    ck_bad("{" ENTRY("", "U8", "[1]", "[0,1]") "}", 1, "the name is empty");
    ck_bad("{" ENTRY("a\\u0000", "U8", "[1]", "[0,1]") "}", 1, "holds a zero character");
    ck_bad("{" ENTRY("\xFF", "U8", "[1]", "[0,1]") "}", 1, "UTF-8");
    ck_bad("{\"__metadata__\":[]}", 0, "__metadata__: expected an object of strings");
    ck_bad("{\"__metadata__\":{\"a\":\"b\",\"c\":1}}", 0, "__metadata__: expected an object");
    ck_bad("{" ENTRY("a", "U8", "[1]", "[0,1]") ",\"__metadata__\":null}", 1,
           "__metadata__: expected an object");
}
END_TEST

START_TEST(broken_types_and_shapes)
{
    static const char *const types[] = {"F8_E4M3", "f32", "F32 ", "F3", "", "C64", "F32\\u0000"};
    char header[160];
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        sprintf(header, "{" ENTRY("a", "%s", "[2]", "[0,8]") "}", types[i]);
        ck_bad(header, 8, "byte 23: a: dtype is none of the known types");
    }
    ck_bad("{\"a\":{\"dtype\":3,\"shape\":[2],\"data_offsets\":[0,8]}}", 8, "dtype is none");
    ck_bad("{" ENTRY("a", "F32", "2", "[0,8]") "}", 8, "expected a shape of up to 8 axes");
    ck_bad("{" ENTRY("a", "U8", "[1,1,1,1,1,1,1,1,1]", "[0,1]") "}", 1, "up to 8 axes");
    ck_bad("{" ENTRY("a", "F32", "[-1]", "[0,8]") "}", 8, "a: expected a size of an axis");
    ck_bad("{" ENTRY("a", "F32", "[2.0]", "[0,8]") "}", 8, "a: expected a size of an axis");
    ck_bad("{" ENTRY("a", "F32", "[\"2\"]", "[0,8]") "}", 8, "a: expected a size of an axis");
    ck_bad("{" ENTRY("a", "F32", "[9223372036854775808]", "[0,8]") "}", 8, "a size of an axis");
    ck_bad("{" ENTRY("a", "F32", "[9223372036854775807]", "[0,8]") "}", 8, "than the limit");
    ck_bad("{" ENTRY("a", "F64", "[4294967296,4294967296]", "[0,8]") "}", 8, "than the limit");
    ck_bad("{" ENTRY("a", "F64", "[0,4294967296,4294967296]", "[0,0]") "}", 0, "than the limit");
    ck_bad("{" ENTRY("a", "U8", "[68719476737]", "[0,8]") "}", 8, "than the limit");
    ck_bad("{" ENTRY("a", "U8", "[68719476736]", "[0,8]") "}", 8, "give 68719476736 bytes");
}
END_TEST

START_TEST(broken_offsets)
{
    ck_bad("{" ENTRY("a", "F32", "[2]", "8") "}", 8, "a: expected two offsets");
    ck_bad("{" ENTRY("a", "F32", "[2]", "[8]") "}", 8, "a: expected two offsets");
    ck_bad("{" ENTRY("a", "F32", "[2]", "[0,4,8]") "}", 8, "a: expected two offsets");
    ck_bad("{" ENTRY("a", "F32", "[2]", "[0,8.0]") "}", 8, "a: expected two offsets");
    ck_bad("{" ENTRY("a", "F32", "[2]", "[-1,7]") "}", 8, "a: expected two offsets");
    ck_bad("{" ENTRY("a", "F32", "[2]", "[8,0]") "}", 8, "bytes 8 to 0 do not lie in the data");
    ck_bad("{" ENTRY("a", "F32", "[2]", "[1,9]") "}", 8,
           "a: bytes 1 to 9 do not lie in the data, which have 8");
    ck_bad("{" ENTRY("a", "F32", "[2]", "[0,9223372036854775807]") "}", 8, "do not lie");
    ck_bad("{" ENTRY("a", "F32", "[2]", "[0,7]") "}", 8, "give 8 bytes, the offsets 7");
    ck_bad("{" ENTRY("a", "F32", "[2]", "[0,9]") "}", 9, "give 8 bytes, the offsets 9");
    ck_bad("{" ENTRY("a", "F32", "[0]", "[0,1]") "}", 1, "give 0 bytes, the offsets 1");
}
END_TEST

START_TEST(holes_and_overlaps)
{
    const size_t data = 8 + strlen(A);
    char due[80];
    sprintf(due, "byte %u: after the last array 1 more bytes", (unsigned)data + 8);
    ck_bad(A, 9, due);
    ck_bad("{}", 1, "byte 10: after the last array 1 more bytes");
    ck_bad("{" ENTRY("a", "U8", "[2]", "[1,3]") "}", 3, "before a, from byte");
    ck_bad("{" ENTRY("a", "U8", "[2]", "[0,2]") "," ENTRY("b", "U8", "[1]", "[3,4]") "}", 4,
           "before b, from byte");
    ck_bad("{" ENTRY("a", "U8", "[2]", "[0,2]") "," ENTRY("b", "U8", "[3]", "[1,4]") "}", 4,
           "b begins inside another array");
    ck_bad("{" ENTRY("a", "U8", "[2]", "[0,2]") "," ENTRY("b", "U8", "[2]", "[0,2]") "}", 2,
           "begins inside another array");
    ck_bad("{" ENTRY("a", "U8", "[2]", "[0,2]") "," ENTRY("e", "U8", "[0]", "[1,1]") "}", 2,
           "e begins inside another array");
}
END_TEST

static spae_status open_in(spae_arena *arena, void *context, spae_error *err)
{
    spae_safetensors s;
    return spae_safetensors_open(arena, context, NULL, &s, err);
}

START_TEST(memory_runs_dry)
{
    const bytes b = safetensors_text(A, 8);
    spae_source source = source_of(&b);
    starve(open_in, &source, 61);
}
END_TEST

SUITE(suite_io_safetensors, "io/safetensors", every_type_of_number,
      other_types_are_known_and_are_no_numbers, good_headers, a_file_on_disk_in_pieces,
      lengths_and_starts, the_limits_hold, broken_headers, broken_types_and_shapes, broken_offsets,
      holes_and_overlaps, memory_runs_dry)
