/* io/npy_write: the bytes of small files, and that all that is written reads back. */
#include "bytes.h"

#include "../../io/npy.h"

static spae_status write_array(const spae_npy_array *array, spae_buffer *buffer, spae_error *err)
{
    spae_sink sink = spae_sink_buffer(buffer);
    const spae_status status = spae_npy_write(&sink, array, err);
    uint64_t size = 0;
    ck_assert_int_eq(spae_npy_size(array, &size, NULL), status);
    ck_assert(status != SPAE_OK || (size == buffer->size && size == sink.written));
    return status;
}

/* As numpy.save wrote them: 128 bytes of header, then the data. */
START_TEST(the_bytes_are_numpys)
{
    static const spae_text words[] = {{"a", 1},
                                      {"\xc3\xa4\xf0\x9f\x98\x80", 6}}; /* a; a umlaut, U+1F600 */
    const struct {
        const char *head;
        spae_npy_array array;
        const char *data;
        size_t n;
    } cases[] = {
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1), }",
         {SPAE_NPY_F4, 2, {2, 1}, (const float[]){1.0f, -0x1p-149f}},
         "\0\0\x80\x3f\1\0\0\x80",
         8},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (), }",
         {SPAE_NPY_F8, 0, {0}, (const double[]){-2.0}},
         "\0\0\0\0\0\0\0\xc0",
         8},
        {"{'descr': '<i4', 'fortran_order': False, 'shape': (2,), }",
         {SPAE_NPY_I4, 1, {2}, (const int32_t[]){-2, 258}},
         "\xfe\xff\xff\xff\2\1\0\0",
         8},
        {"{'descr': '|u1', 'fortran_order': False, 'shape': (1, 1, 3), }",
         {SPAE_NPY_U1, 3, {1, 1, 3}, (const uint8_t[]){0, 128, 255}},
         "\0\x80\xff",
         3},
        {"{'descr': '|S6', 'fortran_order': False, 'shape': (2,), }",
         {SPAE_NPY_S, 1, {2}, words},
         "a\0\0\0\0\0\xc3\xa4\xf0\x9f\x98\x80",
         12},
        {"{'descr': '<U2', 'fortran_order': False, 'shape': (2,), }",
         {SPAE_NPY_U, 1, {2}, words},
         "a\0\0\0\0\0\0\0\xe4\0\0\0\0\xf6\1\0",
         16},
        {"{'descr': '<U1', 'fortran_order': False, 'shape': (0,), }",
         {SPAE_NPY_U, 1, {0}, NULL},
         "",
         0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        spae_arena arena = new_arena();
        spae_buffer b = {&arena, NULL, 0, 0};
        const size_t length = strlen(cases[i].head);
        ck_assert_int_eq(write_array(&cases[i].array, &b, NULL), SPAE_OK);
        ck_assert(b.size == 128 + cases[i].n);
        ck_assert(memcmp(b.bytes, "\x93NUMPY\1\0\x76\0", 10) == 0);
        ck_assert(memcmp(b.bytes + 10, cases[i].head, length) == 0);
        for (size_t k = 10 + length; k < 127; k++)
            ck_assert(b.bytes[k] == ' ');
        ck_assert(b.bytes[127] == '\n' && memcmp(b.bytes + 128, cases[i].data, cases[i].n) == 0);
        spae_arena_free(&arena);
    }
}
END_TEST

/* The widest header there is; 3000 items take more than one piece. */
START_TEST(what_is_written_reads_back)
{
    spae_arena arena = new_arena();
    spae_buffer b = {&arena, NULL, 0, 0};
    static double in[3000], out[3000];
    for (size_t i = 0; i < 3000; i++)
        in[i] = (double)i / 7.0;
    const spae_npy_array array = {SPAE_NPY_F8, 8, {1, 1, 1, 3, 1, 10, 1, 100}, in};
    ck_assert_int_eq(write_array(&array, &b, NULL), SPAE_OK);
    const spae_source s = spae_source_memory(b.bytes, b.size, "x");
    spae_npy_header h;
    ck_assert_int_eq(spae_npy_read_header(&s, 0, s.size, &h, NULL), SPAE_OK);
    ck_assert(h.rank == 8 && h.data_offset % 64 == 0 &&
              memcmp(h.shape, array.shape, sizeof h.shape) == 0);
    ck_assert_int_eq(spae_npy_read_double(&s, &h, out, NULL), SPAE_OK);
    ck_assert(memcmp(in, out, sizeof in) == 0);
    spae_arena_free(&arena);
}
END_TEST

/* Sizes of 19 digits, none of which is ever multiplied by another than 0: a header of 256 bytes and
 * more. */
START_TEST(long_headers_say_their_length)
{
    const size_t m = SIZE_MAX / 16;
    const spae_npy_array array = {SPAE_NPY_U1, 8, {0, m, 1, 1, 1, 1, 1, 10000000}, NULL};
    const spae_npy_array longest = {SPAE_NPY_U1, 8, {0, m, m, m, m, m, m, m}, NULL};
    spae_arena arena = new_arena();
    spae_buffer b = {&arena, NULL, 0, 0};
    ck_assert_int_eq(write_array(&array, &b, NULL), SPAE_OK);
    b.size = 0;
    ck_assert_int_eq(write_array(&longest, &b, NULL), SPAE_OK);
    ck_assert(b.size % 64 == 0 && b.bytes[b.size - 1] == '\n');
    ck_assert((size_t)b.bytes[8] + 256U * b.bytes[9] + 10 == b.size);
    spae_arena_free(&arena);
}
END_TEST

START_TEST(what_cannot_be_written_is_refused)
{
    static const spae_text bad[] = {{"\xff", 1}}, ends_in_zero[] = {{"a", 2}};
    static const struct {
        spae_npy_array array;
        spae_status status;
        const char *why;
    } cases[] = {
        {{SPAE_NPY_F4, 9, {0}, NULL}, SPAE_ERR_ARGUMENT, "rank 9"},
        {{(spae_npy_type)99, 0, {0}, NULL}, SPAE_ERR_ARGUMENT, "no type 99"},
        {{SPAE_NPY_S, 1, {1}, bad}, SPAE_ERR_ARGUMENT, "text 0 is not UTF-8"},
        {{SPAE_NPY_U, 1, {1}, ends_in_zero}, SPAE_ERR_ARGUMENT, "text 0 ends in a zero"},
        {{SPAE_NPY_U1, 2, {SIZE_MAX, 2}, NULL}, SPAE_ERR_SHAPE, "overflow"},
        {{SPAE_NPY_F8, 1, {SIZE_MAX / 8}, NULL}, SPAE_ERR_SHAPE, "overflow"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        spae_arena arena = new_arena();
        spae_buffer b = {&arena, NULL, 0, 0};
        spae_error err;
        ck_assert_int_eq(write_array(&cases[i].array, &b, &err), cases[i].status);
        ck_assert_msg(strstr(err.text, cases[i].why) != NULL, "%s", err.text);
        ck_assert(b.size == 0);
        spae_arena_free(&arena);
    }
}
END_TEST

/* A sink that takes `left` bytes and then no more. */
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
    static const float x[3000];
    const spae_npy_array array = {SPAE_NPY_F4, 1, {3000}, x};
    for (size_t room = 0; room <= 12128;
         room += 1516) { /* fails in the header, in a piece, at the end */
        size_t left = room;
        spae_sink sink = {.write = take, .context = &left, .name = "x"};
        ck_assert_int_eq(spae_npy_write(&sink, &array, NULL), room < 12128 ? SPAE_ERR_IO : SPAE_OK);
    }
}
END_TEST

START_TEST(files_are_written_whole)
{
    static const uint8_t data[] = {1, 2, 3};
    const spae_npy_array array = {SPAE_NPY_U1, 1, {3}, data};
    char name[80];
    spae_arena arena = new_arena();
    const uint8_t *found;
    size_t size;
    temporary(name, ".npy");
    ck_assert_int_eq(spae_npy_write_file(&arena, name, &array, NULL), SPAE_OK);
    ck_assert_int_eq(spae_file_read_all(&arena, name, 1000, &found, &size, NULL), SPAE_OK);
    ck_assert(size == 131 && memcmp(found + 128, data, 3) == 0);
    ck_assert(remove(name) == 0);
    ck_assert_int_eq(spae_npy_write_file(&arena, "/tmp/none/such/x.npy", &array, NULL),
                     SPAE_ERR_IO);
    spae_arena_free(&arena);
}
END_TEST

SUITE(suite_io_npy_write, "io/npy_write", the_bytes_are_numpys, what_is_written_reads_back,
      long_headers_say_their_length, what_cannot_be_written_is_refused,
      failures_of_the_sink_come_through, files_are_written_whole)
