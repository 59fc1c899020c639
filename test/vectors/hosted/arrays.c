/* Stage files, NPY: SPEC 8.3 and 8.4. */
#include <string.h>

#include "io/npy.h"
#include "raw.h"
#include "test/vectors/tokens.h"

/* ---- reading ---- */

typedef enum { REAL, INT32, TEXT } target;

typedef struct {
    const char *name, *why;
    unsigned version;
    const char *header, *data;
    size_t size; /* of data */
    target to;
    spae_status due;
} npy_case;

static const char *const with[] = {"{\"to\":\"real\"}", "{\"to\":\"int32\"}", "{\"to\":\"text\"}"};

static spae_status read_texts(vectors *v, const spae_source *source, const spae_npy_header *header, bool give)
{
    const spae_text *items = NULL;
    const spae_status status = spae_npy_read_strings(v->arena, source, header, &items, v->err);
    const char **text = status == SPAE_OK ? vectors_room(v, header->count, sizeof *text) : NULL;
    if (text == NULL || !give)
        return status;
    for (size_t i = 0; i < header->count; i++)
        text[i] = items[i].text;
    vectors_texts(v, "text", VECTORS_BITS, text, header->count);
    return SPAE_OK;
}

/* Reads the items, and gives them where they are due. */
static spae_status read_items(vectors *v, const spae_source *source, const spae_npy_header *header, target to,
                              bool give)
{
    if (to == TEXT)
        return read_texts(v, source, header, give);
    float *numbers = vectors_room(v, header->count, sizeof *numbers);
    int32_t *whole = vectors_room(v, header->count, sizeof *whole);
    if (whole == NULL)
        return SPAE_ERR_NO_MEMORY;
    const spae_status status = to == REAL ? spae_npy_read_float(source, header, numbers, v->err)
                                          : spae_npy_read_int32(source, header, whole, v->err);
    if (status == SPAE_OK && give && to == REAL)
        vectors_floats(v, "x", header->rank, header->shape, numbers);
    if (status == SPAE_OK && give && to == INT32)
        vectors_integers(v, "x", VECTORS_BITS, header->rank, header->shape, whole);
    return status;
}

static void read_file(vectors *v, const vectors_file *file, target to, spae_status due)
{
    const spae_source source = vectors_file_given(file);
    spae_npy_header header;
    if (!vectors_goes_on(v))
        return;
    spae_status status = spae_npy_read_header(&source, 0, source.size, &header, v->err);
    if (status == SPAE_OK)
        status = read_items(v, &source, &header, to, due == SPAE_OK);
    vectors_returned(v, due, status);
}

static void read_case(vectors *v, const npy_case *c)
{
    if (!vectors_begin(v, c->name, "8.3", "read_npy", with[c->to], c->why))
        return;
    vectors_file file = vectors_file_of(v);
    vectors_file_add(&file, "\x93NUMPY", 6);
    vectors_file_low(&file, c->version, 1);
    vectors_file_low(&file, 0, 1);
    vectors_file_low(&file, strlen(c->header), c->version == 1 ? 2 : 4);
    vectors_file_text(&file, c->header);
    vectors_file_add(&file, c->data, c->size);
    read_file(v, &file, c->to, c->due);
    vectors_end(v);
}

#define HEADER(type, fortran, shape) "{'descr': '" type "', 'fortran_order': " fortran ", 'shape': " shape ", }\n"
#define D(text)                      VECTORS_TEXT(text)

static const npy_case good[] = {
    {"files/npy_f2", "binary16: one, subnormals, the largest, an infinity, -0", 1, HEADER("<f2", "False", "(6,)"),
     D("\x00\x3C\x01\x00\xFF\x03\xFF\x7B\x00\xFC\x00\x80"), REAL, SPAE_OK},
    {"files/npy_f2_big", "binary16, high byte first", 1, HEADER(">f2", "False", "(3,)"), D("\x3C\x01\xC0\x00\x35\x55"),
     REAL, SPAE_OK},
    {"files/npy_f4", "binary32, low byte first: pi, -0, the least subnormal", 1, HEADER("<f4", "False", "(3,)"),
     D("\xDB\x0F\x49\x40\x00\x00\x00\x80\x01\x00\x00\x00"), REAL, SPAE_OK},
    {"files/npy_f4_big", "binary32, high byte first", 1, HEADER(">f4", "False", "(2,)"),
     D("\x40\x49\x0F\xDB\x80\x00\x00\x00"), REAL, SPAE_OK},
    {"files/npy_f8", "binary64: a tie to even below and above, beyond the range, between two subnormals", 1,
     HEADER("<f8", "False", "(4,)"),
     D("\x00\x00\x00\x10\x00\x00\xF0\x3F\x00\x00\x00\x30\x00\x00\xF0\x3F\x00\x00\x00\x00\x00\x00\xF0\x7E"
       "\x00\x00\x00\x00\x00\x00\xA8\x36"),
     REAL, SPAE_OK},
    {"files/npy_f8_big", "binary64, high byte first", 1, HEADER(">f8", "False", "(1,)"),
     D("\x3F\xD5\x55\x55\x55\x55\x55\x55"), REAL, SPAE_OK},
    {"files/npy_i1", "signed bytes", 1, HEADER("|i1", "False", "(4,)"), D("\x00\x7F\x80\xFF"), REAL, SPAE_OK},
    {"files/npy_i2_big", "signed 16 bits, high byte first", 1, HEADER(">i2", "False", "(3,)"),
     D("\x80\x00\x7F\xFF\xFF\xFE"), REAL, SPAE_OK},
    {"files/npy_i4", "signed 32 bits: the ends, and 2^24 + 1, which is rounded", 1, HEADER("<i4", "False", "(4,)"),
     D("\x00\x00\x00\x80\xFF\xFF\xFF\x7F\x01\x00\x00\x01\x03\x00\x00\x01"), REAL, SPAE_OK},
    {"files/npy_i8", "signed 64 bits: the ends, and a number that binary64 would round first", 1,
     HEADER("<i8", "False", "(3,)"),
     D("\x00\x00\x00\x00\x00\x00\x00\x80\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F\x01\x00\x00\x00\x80\x00\x00\x40"), REAL,
     SPAE_OK},
    {"files/npy_u1", "bytes", 1, HEADER("|u1", "False", "(3,)"), D("\x00\x80\xFF"), REAL, SPAE_OK},
    {"files/npy_u2", "unsigned 16 bits", 1, HEADER("<u2", "False", "(2,)"), D("\xFF\xFF\x00\x80"), REAL, SPAE_OK},
    {"files/npy_u4_big", "unsigned 32 bits, high byte first", 1, HEADER(">u4", "False", "(2,)"),
     D("\xFF\xFF\xFF\xFF\x80\x00\x00\x00"), REAL, SPAE_OK},
    {"files/npy_u8", "unsigned 64 bits: the largest is rounded to 2^64", 1, HEADER("<u8", "False", "(2,)"),
     D("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x00\x00\x00\x00\x00\x00\x00\x80"), REAL, SPAE_OK},
    {"files/npy_bool", "truth values are 0 and 1", 1, HEADER("|b1", "False", "(3,)"), D("\x01\x00\x01"), REAL, SPAE_OK},
    {"files/npy_i8_to_int32", "64 bits that fit in 32", 1, HEADER("<i8", "False", "(2,)"),
     D("\xFF\xFF\xFF\x7F\x00\x00\x00\x00\x00\x00\x00\x80\xFF\xFF\xFF\xFF"), INT32, SPAE_OK},
    {"files/npy_u2_to_int32", "unsigned 16 bits as int32", 1, HEADER(">u2", "False", "(2,)"), D("\xFF\xFE\x00\x01"),
     INT32, SPAE_OK},
    {"files/npy_fortran", "first axis fastest: (2,3)", 1, HEADER("|u1", "True", "(2, 3)"),
     D("\x00\x01\x02\x03\x04\x05"), REAL, SPAE_OK},
    {"files/npy_fortran_rank_3", "first axis fastest: (2,3,2)", 1, HEADER("|u1", "True", "(2, 3, 2)"),
     D("\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0A\x0B"), INT32, SPAE_OK},
    {"files/npy_rank_0", "no axes: one item", 1, HEADER("<f4", "False", "()"), D("\x00\x00\xC0\x3F"), REAL, SPAE_OK},
    {"files/npy_no_items", "an axis of 0: no items", 1, HEADER("<f4", "False", "(0, 3)"), D(""), REAL, SPAE_OK},
    {"files/npy_version_2", "version 2.0: the header's length in four bytes", 2, HEADER("<u2", "False", "(1,)"),
     D("\x2A\x00"), INT32, SPAE_OK},
    {"files/npy_version_3", "version 3.0", 3, HEADER("<u2", "False", "(1,)"), D("\x2A\x00"), INT32, SPAE_OK},
    {"files/npy_other_order", "keys in another order, double quotes, white space, sizes with an L", 1,
     " { \"shape\" : ( 2L , 1 ) ,\t'fortran_order':False,'descr':\"|u1\"}", D("\x05\x06"), INT32, SPAE_OK},
    {"files/npy_text_s", "texts of bytes: zeros at the end are no part of them", 1, HEADER("|S4", "False", "(3,)"),
     D("a\x00\x00\x00\xC3\xA9t\x00\x00\x00\x00\x00"), TEXT, SPAE_OK},
    {"files/npy_text_u", "texts of code points: one beyond 16 bits", 1, HEADER("<U2", "False", "(2,)"),
     D("\xE9\x00\x00\x00\x00\x00\x00\x00\x00\xF6\x01\x00\x61\x00\x00\x00"), TEXT, SPAE_OK},
    {"files/npy_text_u_big", "code points, high byte first", 1, HEADER(">U1", "False", "(2,)"),
     D("\x00\x00\x20\xAC\x00\x00\x00\x62"), TEXT, SPAE_OK},
};

#define F SPAE_ERR_FORMAT
static const npy_case bad[] = {
    {"files/npy_refused_version", "version 4.0 is unknown", 4, HEADER("|u1", "False", "(1,)"), D("\x01"), REAL, F},
    {"files/npy_refused_truncated", "data end early", 1, HEADER("<f4", "False", "(2,)"),
     D("\x00\x00\x00\x00\x00\x00\x00"), REAL, F},
    {"files/npy_refused_more_data", "a byte behind the data", 1, HEADER("<f4", "False", "(1,)"),
     D("\x00\x00\x00\x00\x00"), REAL, F},
    {"files/npy_refused_overflow", "sizes whose product is beyond 64 bits", 1,
     HEADER("<f4", "False", "(4294967296, 4294967296, 4)"), D(""), REAL, F},
    {"files/npy_refused_overflow_beside_zero", "sizes beside a 0 that are too many", 1,
     HEADER("<f4", "False", "(0, 4294967296, 4294967296)"), D(""), REAL, F},
    {"files/limit_npy_items", "a claim of 2^36 items and one, and no data", 1, HEADER("|u1", "False", "(68719476737,)"),
     D(""), REAL, F},
    {"files/npy_refused_size_of_20_digits", "a size beyond 64 bits", 1,
     HEADER("|u1", "False", "(18446744073709551617,)"), D("\x01"), REAL, F},
    {"files/npy_refused_negative_size", "a negative size", 1, HEADER("|u1", "False", "(-1,)"), D(""), REAL, F},
    {"files/npy_refused_rank_9", "nine axes", 1, HEADER("|u1", "False", "(1,1,1,1,1,1,1,1,1)"), D("\x01"), REAL, F},
    {"files/npy_refused_object", "Python objects", 1, HEADER("|O", "False", "(1,)"), D("\x80\x02N."), REAL, F},
    {"files/npy_refused_complex", "complex numbers", 1, HEADER("<c8", "False", "(1,)"), D("\0\0\0\0\0\0\0\0"), REAL, F},
    {"files/npy_refused_native", "'=' means another thing on another machine", 1, HEADER("=f4", "False", "(1,)"),
     D("\0\0\0\0"), REAL, F},
    {"files/npy_refused_no_order", "'|' where bytes have an order", 1, HEADER("|f4", "False", "(1,)"), D("\0\0\0\0"),
     REAL, F},
    {"files/npy_refused_no_descr", "a dictionary without descr", 1, "{'fortran_order': False, 'shape': (1,), }\n",
     D("\x01"), REAL, F},
    {"files/npy_refused_key_twice", "a key twice", 1,
     "{'descr': '|u1', 'descr': '|u1', 'fortran_order': False, 'shape': (1,), }\n", D("\x01"), REAL, F},
    {"files/npy_refused_other_key", "a key too many", 1,
     "{'descr': '|u1', 'fortran_order': False, 'shape': (1,), 'extra': 1, }\n", D("\x01"), REAL, F},
    {"files/npy_refused_behind_header", "more than white space behind the dictionary", 1,
     HEADER("|u1", "False", "(1,)") "x", D("\x01"), REAL, F},
    {"files/npy_refused_bool", "a truth value of 2", 1, HEADER("|b1", "False", "(2,)"), D("\x01\x02"), REAL, F},
    {"files/npy_refused_int32", "2^31 is no int32", 1, HEADER("<i8", "False", "(1,)"), D("\0\0\0\x80\0\0\0\0"), INT32,
     F},
    {"files/npy_refused_u4_int32", "2^32 - 1 is no int32", 1, HEADER("<u4", "False", "(1,)"), D("\xFF\xFF\xFF\xFF"),
     INT32, F},
    {"files/npy_refused_f4_int32", "fractions where whole numbers are due", 1, HEADER("<f4", "False", "(1,)"),
     D("\0\0\x80\x3F"), INT32, F},
    {"files/npy_refused_text_of_numbers", "texts where numbers are due", 1, HEADER("|S1", "False", "(1,)"), D("1"),
     REAL, F},
    {"files/npy_refused_numbers_as_text", "numbers where texts are due", 1, HEADER("|u1", "False", "(1,)"), D("1"),
     TEXT, F},
    {"files/npy_refused_empty_text", "texts of no bytes", 1, HEADER("|S0", "False", "(1,)"), D(""), TEXT, F},
    {"files/npy_refused_utf8", "an overlong sequence is no UTF-8", 1, HEADER("|S2", "False", "(1,)"), D("\xC0\x80"),
     TEXT, F},
    {"files/npy_refused_surrogate", "a surrogate is no code point", 1, HEADER("<U1", "False", "(1,)"),
     D("\x00\xD8\0\0"), TEXT, F},
    {"files/npy_refused_code_point", "a code point beyond 10FFFF", 1, HEADER("<U1", "False", "(1,)"), D("\0\0\x11\0"),
     TEXT, F},
};

/* Files that are not even a header. */
static void read_raw(vectors *v, const char *name, const char *bytes, size_t size, const char *why)
{
    if (!vectors_begin(v, name, "8.3", "read_npy", with[REAL], why))
        return;
    vectors_file file = vectors_file_of(v);
    vectors_file_add(&file, bytes, size);
    read_file(v, &file, REAL, SPAE_ERR_FORMAT);
    vectors_end(v);
}

/* ---- writing ---- */

static spae_status write_to(vectors_file *file, const spae_npy_array *array)
{
    spae_sink sink = spae_sink_buffer(&file->buffer);
    return spae_npy_write(&sink, array, file->v->err);
}

static void written(vectors *v, const char *name, const spae_npy_array *array, const char *why, spae_status due)
{
    vectors_file file = vectors_file_of(v);
    if (!vectors_begin(v, name, "8.4", "write_npy",
                       array->type == SPAE_NPY_S   ? "{\"type\":\"S\"}"
                       : array->type == SPAE_NPY_U ? "{\"type\":\"U\"}"
                                                   : "{}",
                       why))
        return;
    if (array->type == SPAE_NPY_F4) {
        const float *data = array->data;
        spae_real x[6];
        for (size_t i = 0; i < 6; i++)
            x[i] = (spae_real)data[i];
        vectors_numbers(v, "x", VECTORS_INPUT, array->rank, array->shape, x);
    } else if (array->type == SPAE_NPY_I4) {
        vectors_integers(v, "x", VECTORS_INPUT, array->rank, array->shape, array->data);
    } else if (array->type == SPAE_NPY_U1) {
        vectors_octets(v, "x", VECTORS_INPUT, array->rank, array->shape, array->data);
    } else {
        const spae_text *text = array->data;
        vectors_file all = vectors_file_of(v);
        for (size_t i = 0; i < array->shape[0]; i++)
            vectors_file_add(&all, text[i].text, text[i].length + 1);
        vectors_octets(v, "text", VECTORS_INPUT, 1, &all.buffer.size, all.buffer.bytes);
    }
    if (vectors_goes_on(v) && vectors_returned(v, due, write_to(&file, array)))
        vectors_octets(v, "file", VECTORS_BITS, 1, &file.buffer.size, file.buffer.bytes);
    vectors_end(v);
}

static void writers(vectors *v)
{
    static const float x[6] = {1, -0.0f, 0x1p-149f, 0x1.921fb6p1f, -2, 0x1.fffffep127f};
    static const int32_t k[6] = {0, 1, -1, INT32_MAX, INT32_MIN, 256};
    static const uint8_t b[6] = {0, 1, 2, 253, 254, 255};
    static const spae_text text[3] = {{"a", 1}, {"caf\xC3\xA9", 5}, {"", 0}}, nothing[1] = {{"", 0}},
                           broken[1] = {{"\xFF", 1}};
    written(v, "files/npy_written_f4", &(spae_npy_array){SPAE_NPY_F4, 2, {2, 3}, x}, "numbers of two axes", SPAE_OK);
    written(v, "files/npy_written_rank_0", &(spae_npy_array){SPAE_NPY_F4, 0, {0}, x}, "a number of no axes: ()",
            SPAE_OK);
    written(v, "files/npy_written_i4", &(spae_npy_array){SPAE_NPY_I4, 1, {6}, k}, "whole numbers of one axis: (6,)",
            SPAE_OK);
    written(v, "files/npy_written_u1", &(spae_npy_array){SPAE_NPY_U1, 3, {1, 2, 3}, b}, "bytes, which have no order",
            SPAE_OK);
    written(v, "files/npy_written_s", &(spae_npy_array){SPAE_NPY_S, 1, {3}, text},
            "texts as UTF-8, of the longest's bytes", SPAE_OK);
    written(v, "files/npy_written_u", &(spae_npy_array){SPAE_NPY_U, 1, {3}, text},
            "texts as code points, of the longest's", SPAE_OK);
    written(v, "files/npy_written_empty_text", &(spae_npy_array){SPAE_NPY_U, 1, {1}, nothing},
            "an empty text: one unit", SPAE_OK);
    written(v, "files/npy_write_refused_utf8", &(spae_npy_array){SPAE_NPY_U, 1, {1}, broken},
            "a text that is not UTF-8", SPAE_ERR_ARGUMENT);
}

void vectors_arrays(vectors *v)
{
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        read_case(v, &good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        read_case(v, &bad[i]);
    read_raw(v, "files/npy_refused_empty", VECTORS_TEXT(""), "no bytes at all");
    read_raw(v, "files/npy_refused_magic", VECTORS_TEXT("\x93NUMPI\x01\x00\x02\x00{}"), "another magic");
    read_raw(v, "files/npy_refused_no_header", VECTORS_TEXT("\x93NUMPY\x01\x00\xFF\x0F{'descr'"),
             "the header ends early");
    read_raw(v, "files/limit_npy_header", VECTORS_TEXT("\x93NUMPY\x02\x00\xFF\xFF\xFF\xFF{'descr'"),
             "a header of 2^32 - 1 bytes");
    writers(v);
}
