/* io/npy: one broken header per rule, every type in both byte orders and both item orders, strings.
 */
#include "bytes.h"

#include <float.h>
#include <math.h>

#include "../../io/npy.h"

/* A version 1.0 file: the dictionary as it stands, then n bytes of data. */
static bytes npy(const char *dictionary, const void *data, size_t n)
{
    bytes b = {.size = 0};
    add(&b, "\x93NUMPY\1\0", 8);
    add_low(&b, strlen(dictionary), 2);
    add_text(&b, dictionary);
    add(&b, data, n);
    return b;
}

/* The same for a type and a shape. */
static bytes typed(const char *descr, const char *order, const char *shape, const void *data,
                   size_t n)
{
    char text[200];
    sprintf(text, "{'descr': '%s', 'fortran_order': %s, 'shape': %s, }\n", descr, order, shape);
    return npy(text, data, n);
}

static spae_status header_of(const bytes *b, spae_npy_header *h, spae_error *err)
{
    const spae_source s = source_of(b);
    return spae_npy_read_header(&s, 0, s.size, h, err);
}

static const uint8_t zeros[64];

/* ---- headers --------------------------------------------------------------------------------- */

START_TEST(headers_that_are_read)
{
    static const struct {
        const char *text;
        spae_npy_kind kind;
        size_t item_bytes;
        bool big_endian, fortran;
        unsigned rank;
        size_t shape[3];
    } cases[] = {
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }",
         SPAE_NPY_FLOAT,
         4,
         0,
         0,
         2,
         {3, 4, 1}},
        {"{'shape':(3,4),'fortran_order':True,'descr':'>f8'}  \n",
         SPAE_NPY_FLOAT,
         8,
         1,
         1,
         2,
         {3, 4, 1}},
        {" { \"descr\" : \"|u1\" ,\n\"fortran_order\" :False, \"shape\": ( ) } ",
         SPAE_NPY_UINT,
         1,
         0,
         0,
         0,
         {1, 1, 1}},
        {"{'descr': '|b1', 'fortran_order': False, 'shape': (5,)}",
         SPAE_NPY_BOOL,
         1,
         0,
         0,
         1,
         {5, 1, 1}},
        {"{'descr': '<i1', 'fortran_order': False, 'shape': (2, 3L, 0,)}",
         SPAE_NPY_INT,
         1,
         0,
         0,
         3,
         {2, 3, 0}},
        {"{'descr': '|S7', 'fortran_order': False, 'shape': (1L,)}",
         SPAE_NPY_BYTES,
         7,
         0,
         0,
         1,
         {1, 1, 1}},
        {"{'descr': '<U3', 'fortran_order': False, 'shape': (2, 1)}",
         SPAE_NPY_UNICODE,
         12,
         0,
         0,
         2,
         {2, 1, 1}},
        {"{'descr': '<f2', 'fortran_order': False, 'shape': (1, 1, 1, 1, 1, 1, 1, 1)}",
         SPAE_NPY_FLOAT,
         2,
         0,
         0,
         8,
         {1, 1, 1}},
    };
    static const uint8_t data[128];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const size_t count = cases[i].shape[0] * cases[i].shape[1] * cases[i].shape[2];
        const bytes b = npy(cases[i].text, data, count * cases[i].item_bytes);
        spae_npy_header h;
        spae_error err;
        ck_assert_msg(header_of(&b, &h, &err) == SPAE_OK, "case %zu: %s", i, err.text);
        ck_assert(h.kind == cases[i].kind && h.item_bytes == cases[i].item_bytes);
        ck_assert(h.big_endian == cases[i].big_endian && h.fortran == cases[i].fortran);
        ck_assert(h.rank == cases[i].rank &&
                  memcmp(h.shape, cases[i].shape, sizeof cases[i].shape) == 0);
        ck_assert(h.shape[7] == 1 && h.count == count);
        ck_assert(h.data_offset == 10 + strlen(cases[i].text));
    }
}
END_TEST

START_TEST(headers_that_are_refused)
{
    static const struct {
        const char *text, *why; /* four bytes of data follow */
    } cases[] = {
        {"", "byte 10: the header does not begin with {"},
        {"{", "byte 11: a quoted text is due"},
        {"{}", "byte 12: the header lacks"},
        {"{'descr", "byte 12: the quoted text does not end"},
        {"{'descr'}", "byte 18: a colon is due"},
        {"{descr: '<f4'}", "byte 11: a quoted text is due"},
        {"{'descr': '<f4', 'fortran_order': False}", "lacks descr"},
        {"{'descr': '<f4', 'shape': (1,)}", "lacks descr"},
        {"{'fortran_order': False, 'shape': (1,)}", "lacks descr"},
        {"{'descr': '<f4' 'fortran_order': False, 'shape': (1,)}", "byte 26: a comma is due"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (1,)", "a comma is due"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (1,),", "a quoted text is due"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (1,)} x", "goes on after its }"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'a': 1}", "the key is none of"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'shape': (1,)}",
         "the key occurs twice"},
        {"{'descr': '<f4', 'fortran_order': 0, 'shape': (1,)}", "True or False is due"},
        {"{'descr': '<f4', 'fortran_order': Tru", "True or False is due"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': 1}", "a shape in parentheses"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (1)}",
         "a shape of one size is written (n,)"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (1 1)}", "a comma is due"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}", "a whole number is due"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (1.,)}", "a comma is due"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (,)}", "a whole number is due"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (1,,)}", "a whole number is due"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999999,)}",
         "number is too large"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (1,1,1,1,1,1,1,1,1)}",
         "more than 8 sizes"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (65536,65536,65536,65536)}",
         "more items than"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (0,4294967295,4294967295)}",
         "more items than"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (65536,1048577)}", "more items than"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (2,)}",
         "the header says 8 bytes of data, the file has 4"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (0,)}",
         "the header says 0 bytes of data, the file has 4"},
        {"{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}", "named fields"},
        {"{'descr': '=f4', 'fortran_order': False, 'shape': (1,)}", "byte 21: an order mark"},
        {"{'descr': '|f4', 'fortran_order': False, 'shape': (1,)}", "byte 21: an order mark"},
        {"{'descr': '|U1', 'fortran_order': False, 'shape': (1,)}", "byte 21: an order mark"},
        {"{'descr': 'f4', 'fortran_order': False, 'shape': (1,)}", "byte 21: a type such as"},
        {"{'descr': '<f3', 'fortran_order': False, 'shape': (1,)}", "byte 24: items of this type"},
        {"{'descr': '<f1', 'fortran_order': False, 'shape': (1,)}", "items of this type"},
        {"{'descr': '<f16', 'fortran_order': False, 'shape': (1,)}", "items of this type"},
        {"{'descr': '<i3', 'fortran_order': False, 'shape': (1,)}", "items of this type"},
        {"{'descr': '<c8', 'fortran_order': False, 'shape': (1,)}", "items of this type"},
        {"{'descr': '|O8', 'fortran_order': False, 'shape': (1,)}", "items of this type"},
        {"{'descr': '|b2', 'fortran_order': False, 'shape': (1,)}", "items of this type"},
        {"{'descr': '|S0', 'fortran_order': False, 'shape': (1,)}", "items of this type"},
        {"{'descr': '<U99999999999999999999', 'fortran_order': False, 'shape': (1,)}",
         "the number is too large"},
        {"{'descr': '<f4x', 'fortran_order': False, 'shape': (1,)}", "the type goes on"},
        {"{'descr': '<f 4', 'fortran_order': False, 'shape': (1,)}", "byte 23: a whole number is due"},
        {"{'descr': '<f\t4', 'fortran_order': False, 'shape': (1,)}", "a whole number is due"},
        {"{'descr': '< f4', 'fortran_order': False, 'shape': (1,)}", "a whole number is due"},
        {"{'descr': '<f4 ', 'fortran_order': False, 'shape': (1,)}", "the type goes on"},
        {"{'descr': '<fx', 'fortran_order': False, 'shape': (1,)}", "a whole number is due"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const bytes b = npy(cases[i].text, zeros, 4);
        spae_npy_header h = {.count = 77};
        spae_error err = {SPAE_OK, ""};
        ck_refused(header_of(&b, &h, &err), SPAE_ERR_FORMAT, err, cases[i].why);
        ck_assert(h.count == 77);
    }
}
END_TEST

START_TEST(preambles)
{
    static const char text[] = "{'descr': '<f4', 'fortran_order': False, 'shape': (1,)}";
    static const struct {
        const char *magic;
        unsigned major, minor;
        int longer; /* what the length field says beyond the truth */
        const char *why;
    } cases[] = {
        {"\x93NUMPY", 1, 0, 0, NULL},
        {"\x93NUMPY", 2, 0, 0, NULL},
        {"\x93NUMPY", 3, 0, 0, NULL},
        {"\x93NUMPy", 1, 0, 0, "byte 0: this is no NPY"},
        {"\x93NUMPY", 0, 0, 0, "byte 6: the version"},
        {"\x93NUMPY", 4, 0, 0, "byte 6: the version"},
        {"\x93NUMPY", 1, 1, 0, "byte 6: the version"},
        {"\x93NUMPY", 1, 0, 5, "byte 8: the header is longer than the array"},
        {"\x93NUMPY", 2, 0, 5, "byte 8: the header is longer than the array"},
        {"\x93NUMPY", 1, 0, 4097, "byte 8: the header is longer than 4096"},
        {"\x93NUMPY", 2, 0, 65536, "byte 8: the header is longer than 4096"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        bytes b = {.size = 0};
        spae_npy_header h;
        spae_error err;
        add_text(&b, cases[i].magic);
        add_low(&b, cases[i].major, 1);
        add_low(&b, cases[i].minor, 1);
        add_low(&b, strlen(text) + (uint64_t)cases[i].longer, cases[i].major == 1 ? 2 : 4);
        add_text(&b, text);
        add(&b, zeros, 4);
        if (cases[i].why == NULL)
            ck_assert_int_eq(header_of(&b, &h, &err), SPAE_OK);
        else
            ck_refused(header_of(&b, &h, &err), SPAE_ERR_FORMAT, err, cases[i].why);
    }
}
END_TEST

START_TEST(every_cut_is_refused)
{
    bytes b = typed("<f4", "False", "(2,)", zeros, 8);
    const size_t whole = b.size;
    spae_npy_header h;
    spae_error err;
    for (b.size = 0; b.size < whole; b.size++)
        ck_refused(header_of(&b, &h, &err), SPAE_ERR_FORMAT, err, "byte ");
    ck_assert_int_eq(header_of(&b, &h, &err), SPAE_OK);
    const spae_source s = source_of(&b);
    ck_assert_int_eq(spae_npy_read_header(&s, 1, s.size, &h, &err), SPAE_ERR_ARGUMENT);
    ck_assert_int_eq(spae_npy_read_header(&s, UINT64_MAX, 2, &h, &err), SPAE_ERR_ARGUMENT);
}
END_TEST

/* ---- numbers --------------------------------------------------------------------------------- */

/* One value of every type, by its bits, and what it is as a double. */
static const struct {
    const char *letter;
    unsigned n;
    uint64_t bits;
    double value;
} numbers[] = {
    {"f2", 2, 0x3555, 0x1.554p-2},
    {"f2", 2, 0x8001, -0x1p-24},
    {"f4", 4, 0x00000001, 0x1p-149},
    {"f4", 4, 0xff800000, -INFINITY},
    {"f8", 8, 0x3ff5555555555555, 0x1.5555555555555p0},
    {"f8", 8, 0x47f0000000000000, 0x1p128},
    {"i1", 1, 0x80, -128.0},
    {"i1", 1, 0x7f, 127.0},
    {"i2", 2, 0xfffe, -2.0},
    {"i4", 4, 0x80000000, -2147483648.0},
    {"i8", 8, 0x8000000000000000, -0x1p63},
    {"i8", 8, 0xffffffffffffffff, -1.0},
    {"u1", 1, 0xff, 255.0},
    {"u2", 2, 0xfffe, 65534.0},
    {"u4", 4, 0xffffffff, 4294967295.0},
    {"u8", 8, 0x8000000000000401,
     0x1.0000000000001p63}, /* 2^63 + 1025: above the tie between two doubles */
    {"b1", 1, 1, 1.0},
};

/* That number, twice, in the given byte order. */
static bytes two_of(size_t i, bool big)
{
    char descr[8];
    bytes data = {.size = 0};
    sprintf(descr, "%c%s", big ? '>' : '<', numbers[i].letter);
    for (unsigned k = 0; k < 2; k++)
        (big ? add_high : add_low)(&data, numbers[i].bits, numbers[i].n);
    return typed(descr, "False", "(2,)", data.data, data.size);
}

START_TEST(every_type_becomes_float_and_double)
{
    for (size_t i = 0; i < 2 * sizeof numbers / sizeof numbers[0]; i++) {
        const bytes b = two_of(i / 2, i % 2 == 1);
        const spae_source s = source_of(&b);
        const double due = numbers[i / 2].value;
        spae_npy_header h;
        spae_error err;
        float f[3] = {7, 7, 7};
        double d[3] = {7, 7, 7};
        ck_assert_int_eq(header_of(&b, &h, &err), SPAE_OK);
        ck_assert_int_eq(spae_npy_read_float(&s, &h, f, &err), SPAE_OK);
        ck_assert_int_eq(spae_npy_read_double(&s, &h, d, &err), SPAE_OK);
        const float as_float = fabs(due) > FLT_MAX && due > 0 ? INFINITY : (float)due;
        ck_assert_msg(d[0] == due && d[1] == due && d[2] == 7.0, "case %zu: %a", i, d[0]);
        ck_assert_msg(f[0] == as_float && f[1] == as_float && f[2] == 7.0f, "case %zu: %a", i,
                      (double)f[0]);
    }
}
END_TEST

START_TEST(whole_numbers_are_checked_for_their_range)
{
    static const struct {
        const char *letter;
        unsigned n;
        uint64_t bits;
        int32_t value;
        const char *why;
    } cases[] = {
        {"i8", 8, 0x7fffffff, INT32_MAX, NULL},
        {"i8", 8, 0x80000000, 0, "does not fit 32 bits"},
        {"i8", 8, 0xffffffff80000000, INT32_MIN, NULL},
        {"i8", 8, 0xffffffff7fffffff, 0, "does not fit 32 bits"},
        {"u4", 4, 0x7fffffff, INT32_MAX, NULL},
        {"u4", 4, 0x80000000, 0, "does not fit 32 bits"},
        {"u8", 8, 0xffffffffffffffff, 0, "does not fit 32 bits"},
        {"i4", 4, 0x80000000, INT32_MIN, NULL},
        {"i1", 1, 0xff, -1, NULL},
        {"b1", 1, 1, 1, NULL},
        {"b1", 1, 2, 0, "neither 0 nor 1"},
        {"f4", 4, 0, 0, "due are whole numbers"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        bytes data = {.size = 0};
        char descr[8];
        sprintf(descr, "<%s", cases[i].letter);
        add_low(&data, cases[i].bits, cases[i].n);
        const bytes b = typed(descr, "False", "()", data.data, data.size);
        const spae_source s = source_of(&b);
        spae_npy_header h;
        spae_error err;
        int32_t got = 7;
        ck_assert_int_eq(header_of(&b, &h, &err), SPAE_OK);
        ck_assert(h.count == 1);
        const spae_status status = spae_npy_read_int32(&s, &h, &got, &err);
        if (cases[i].why == NULL)
            ck_assert(status == SPAE_OK && got == cases[i].value);
        else
            ck_refused(status, SPAE_ERR_FORMAT, err, cases[i].why);
    }
}
END_TEST

START_TEST(wide_integers)
{
    static const struct {
        const char *letter;
        uint64_t bits;
        unsigned n;
        int64_t value;
        const char *why;
    } cases[] = {
        {"<i8", UINT64_C(0x8000000000000000), 8, INT64_MIN, NULL},
        {"<u8", INT64_MAX, 8, INT64_MAX, NULL},
        {"<u8", UINT64_C(0x8000000000000000), 8, 0, "does not fit 64 bits with a sign"},
        {"<u4", 0xffffffffu, 4, 0xffffffff, NULL},
        {"<i4", 0xffffffffu, 4, -1, NULL},
        {"|b1", 1, 1, 1, NULL},
        {"|b1", 2, 1, 0, "neither 0 nor 1"},
        {"<f4", 0, 4, 0, "due are whole numbers"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        bytes data = {.size = 0};
        add_low(&data, cases[i].bits, cases[i].n);
        const bytes b = typed(cases[i].letter, "False", "()", data.data, data.size);
        const spae_source s = source_of(&b);
        spae_npy_header h;
        spae_error err;
        int64_t got = 7;
        ck_assert_int_eq(header_of(&b, &h, &err), SPAE_OK);
        const spae_status status = spae_npy_read_int64(&s, &h, &got, &err);
        if (cases[i].why == NULL)
            ck_assert(status == SPAE_OK && got == cases[i].value);
        else
            ck_refused(status, SPAE_ERR_FORMAT, err, cases[i].why);
    }
}
END_TEST

START_TEST(bytes_are_checked_for_their_range)
{
    const uint8_t data[4] = {0, 1, 255, 2};
    const bytes u1 = typed("|u1", "False", "(4,)", data, 4),
                b1 = typed("|b1", "False", "(4,)", data, 4);
    const bytes u2 = typed(">u2", "False", "(2,)", data, 4),
                i1 = typed("|i1", "False", "(4,)", data, 4);
    spae_source s = source_of(&u1);
    spae_npy_header h;
    spae_error err;
    uint8_t got[4] = {0};
    float f[4];
    double d[4];
    ck_assert_int_eq(header_of(&u1, &h, &err), SPAE_OK);
    ck_assert_int_eq(spae_npy_read_uint8(&s, &h, got, &err), SPAE_OK);
    ck_assert(memcmp(got, data, 4) == 0);
    s = source_of(&b1);
    ck_assert_int_eq(header_of(&b1, &h, &err), SPAE_OK);
    ck_refused(spae_npy_read_uint8(&s, &h, got, &err), SPAE_ERR_FORMAT, err, "neither 0 nor 1");
    ck_refused(spae_npy_read_float(&s, &h, f, &err), SPAE_ERR_FORMAT, err, "neither 0 nor 1");
    ck_refused(spae_npy_read_double(&s, &h, d, &err), SPAE_ERR_FORMAT, err, "neither 0 nor 1");
    s = source_of(&u2);
    ck_assert_int_eq(header_of(&u2, &h, &err), SPAE_OK);
    ck_refused(spae_npy_read_uint8(&s, &h, got, &err), SPAE_ERR_FORMAT, err, "does not fit 8 bits");
    s = source_of(&i1);
    ck_assert_int_eq(header_of(&i1, &h, &err), SPAE_OK);
    ck_refused(spae_npy_read_uint8(&s, &h, got, &err), SPAE_ERR_FORMAT, err,
               "due are unsigned numbers");
}
END_TEST

/* Item (i, j, k) of a (2,3,4) array is 100 i + 10 j + k; Fortran order stores i fastest. */
START_TEST(fortran_order_becomes_c_order)
{
    bytes data = {.size = 0};
    for (unsigned k = 0; k < 4; k++)
        for (unsigned j = 0; j < 3; j++)
            for (unsigned i = 0; i < 2; i++)
                add_low(&data, 100 * i + 10 * j + k, 1);
    const bytes b = typed("|u1", "True", "(2, 3, 4)", data.data, data.size);
    const spae_source s = source_of(&b);
    spae_npy_header h;
    int32_t got[24];
    ck_assert_int_eq(header_of(&b, &h, NULL), SPAE_OK);
    ck_assert_int_eq(spae_npy_read_int32(&s, &h, got, NULL), SPAE_OK);
    for (int n = 0; n < 24; n++)
        ck_assert_int_eq(got[n], 100 * (n / 12) + 10 * (n / 4 % 3) + n % 4);
}
END_TEST

/* Items that widen are moved within what they become; either order of bytes, and one item alone. */
START_TEST(items_widen_in_place)
{
    static const char *const descr[] = {"<i2", ">i2", "<i4", ">i4", "|i1", "<i8", ">i8"};
    static const unsigned bytes_of[] = {2, 2, 4, 4, 1, 8, 8};
    for (size_t t = 0; t < 7; t++)
        for (unsigned n = 1; n <= 120; n += 17) {
            bytes data = {.size = 0};
            char shape[16];
            double wide[121];
            int32_t whole[121];
            int64_t long_[121];
            spae_npy_header h;
            for (unsigned i = 0; i < n; i++)
                (descr[t][0] == '>' ? add_high : add_low)(&data, (uint64_t)i - 60, bytes_of[t]);
            sprintf(shape, "(%u,)", n);
            const bytes b = typed(descr[t], "False", shape, data.data, data.size);
            const spae_source s = source_of(&b);
            wide[n] = 7;
            whole[n] = 7;
            long_[n] = 7;
            ck_assert_int_eq(header_of(&b, &h, NULL), SPAE_OK);
            ck_assert_int_eq(spae_npy_read_double(&s, &h, wide, NULL), SPAE_OK);
            ck_assert_int_eq(spae_npy_read_int32(&s, &h, whole, NULL), SPAE_OK);
            ck_assert_int_eq(spae_npy_read_int64(&s, &h, long_, NULL), SPAE_OK);
            for (int i = 0; i < (int)n; i++)
                ck_assert(wide[i] == i - 60 && whole[i] == i - 60 && long_[i] == i - 60);
            ck_assert(wide[n] == 7 && whole[n] == 7 && long_[n] == 7);
        }
}
END_TEST

/* More items than one piece of 4096 bytes has, by one. */
START_TEST(long_arrays_are_read_in_pieces)
{
    static int32_t got[2049];
    bytes data = {.size = 0};
    for (unsigned i = 0; i < 2049; i++)
        add_low(&data, i, 2);
    const bytes b = typed("<u2", "True", "(2049,)", data.data, data.size);
    const spae_source s = source_of(&b);
    spae_npy_header h;
    ck_assert_int_eq(header_of(&b, &h, NULL), SPAE_OK);
    ck_assert_int_eq(spae_npy_read_int32(&s, &h, got, NULL), SPAE_OK);
    for (int i = 0; i < 2049; i++)
        ck_assert_int_eq(got[i], i);
}
END_TEST

START_TEST(empty_arrays_read_nothing)
{
    const bytes b = typed("<f4", "True", "(3, 0)", NULL, 0);
    const spae_source s = source_of(&b);
    spae_npy_header h;
    float none = 7.0f;
    ck_assert_int_eq(header_of(&b, &h, NULL), SPAE_OK);
    ck_assert(h.count == 0);
    ck_assert_int_eq(spae_npy_read_float(&s, &h, &none, NULL), SPAE_OK);
    ck_assert(none == 7.0f);
}
END_TEST

/* ---- strings --------------------------------------------------------------------------------- */

static spae_status read_strings(spae_arena *arena, void *context, spae_error *err)
{
    const bytes *b = context;
    const spae_source s = source_of(b);
    const spae_text *items;
    spae_npy_header h;
    ck_assert_int_eq(header_of(b, &h, err), SPAE_OK);
    const spae_status status = spae_npy_read_strings(arena, &s, &h, &items, err);
    if (status != SPAE_OK)
        return status;
    static const char *const due[] = {"a", "", "\xc3\xa4\xe2\x82\xac",
                                      "a b"}; /* "ae" as one letter, euro sign */
    for (size_t i = 0; i < 4; i++) {
        ck_assert_str_eq(items[i].text, due[i]);
        ck_assert(items[i].length == strlen(due[i]));
    }
    return SPAE_OK;
}

START_TEST(strings_of_bytes)
{
    bytes b = typed("|S5", "False", "(2, 2)",
                    "a\0\0\0\0"
                    "\0\0\0\0\0"
                    "\xc3\xa4\xe2\x82\xac"
                    "a b\0\0",
                    20);
    starve(read_strings, &b, 64);
    b = typed("|S5", "True", "(2, 2)",
              "a\0\0\0\0"
              "\xc3\xa4\xe2\x82\xac"
              "\0\0\0\0\0"
              "a b\0\0",
              20);
    starve(read_strings, &b, 64);
}
END_TEST

START_TEST(strings_of_code_points)
{
    static const uint32_t points[] = {'a', 0, 0, 0, 0, 0, 0xe4, 0x20ac, 0, 'a', ' ', 'b'};
    for (int big = 0; big < 2; big++) {
        bytes data = {.size = 0};
        for (size_t i = 0; i < 12; i++)
            (big ? add_high : add_low)(&data, points[i], 4);
        bytes b = typed(big ? ">U3" : "<U3", "False", "(4,)", data.data, data.size);
        starve(read_strings, &b, 64);
    }
}
END_TEST

START_TEST(strings_that_are_refused)
{
    static const struct {
        const char *descr, *data;
        size_t n;
        const char *why;
    } cases[] = {
        {"|S2", "\xc3\x28", 2, "the text is not UTF-8"},
        {"|S2", "a\xff", 2, "the text is not UTF-8"},
        {"<U1", "\0\xd8\0\0", 4, "no code point"},
        {"<U1", "\0\0\x11\0", 4, "no code point"},
        {"<i2", "\1\1", 2, "due are texts"},
    };
    spae_arena arena = new_arena();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const bytes b = typed(cases[i].descr, "False", "(1,)", cases[i].data, cases[i].n);
        const spae_source s = source_of(&b);
        const spae_text *items = NULL;
        spae_npy_header h;
        spae_error err;
        ck_assert_int_eq(header_of(&b, &h, &err), SPAE_OK);
        ck_refused(spae_npy_read_strings(&arena, &s, &h, &items, &err), SPAE_ERR_FORMAT, err,
                   cases[i].why);
        ck_assert(items == NULL && arena.used == 0);
    }
    const bytes b = typed("|S4", "False", "(1,)", "a\0b\0", 4); /* a zero inside counts */
    const spae_source s = source_of(&b);
    const spae_text *items;
    spae_npy_header h;
    ck_assert_int_eq(header_of(&b, &h, NULL), SPAE_OK);
    ck_assert_int_eq(spae_npy_read_strings(&arena, &s, &h, &items, NULL), SPAE_OK);
    ck_assert(items[0].length == 3 && memcmp(items[0].text, "a\0b", 4) == 0);
    float none[1];
    ck_assert_int_eq(spae_npy_read_float(&s, &h, none, NULL), SPAE_ERR_FORMAT);
    spae_arena_free(&arena);
}
END_TEST

/* A source whose reads fail: the status comes through. */
static spae_status fail_at_end(void *context, uint64_t offset, void *buffer, size_t n,
                               spae_error *err)
{
    const bytes *b = context;
    if (offset + n > b->size - 4)
        return spae_fail(err, SPAE_ERR_IO, "x: gone");
    memcpy(buffer, b->data + offset, n);
    return SPAE_OK;
}

START_TEST(failures_of_the_source_come_through)
{
    bytes b = typed("|S4", "False", "(1,)", "abcd", 4);
    const bytes empty = {.size = 4};
    spae_source s = {.size = b.size, .read = fail_at_end, .context = &b, .name = "x"};
    spae_arena arena = new_arena();
    const spae_text *items;
    spae_npy_header h;
    ck_assert_int_eq(spae_npy_read_header(&s, 0, s.size, &h, NULL), SPAE_OK);
    ck_assert_int_eq(spae_npy_read_strings(&arena, &s, &h, &items, NULL), SPAE_ERR_IO);
    h.kind = SPAE_NPY_UINT;
    float none;
    ck_assert_int_eq(spae_npy_read_float(&s, &h, &none, NULL), SPAE_ERR_IO);
    b.size = 20; /* fails in the header's text, then in the preamble */
    ck_assert_int_eq(spae_npy_read_header(&s, 0, s.size, &h, NULL), SPAE_ERR_IO);
    b = empty;
    ck_assert_int_eq(spae_npy_read_header(&s, 0, s.size, &h, NULL), SPAE_ERR_IO);
    spae_arena_free(&arena);
}
END_TEST

SUITE(suite_io_npy, "io/npy", headers_that_are_read, headers_that_are_refused, preambles,
      every_cut_is_refused, every_type_becomes_float_and_double,
      whole_numbers_are_checked_for_their_range, wide_integers, bytes_are_checked_for_their_range,
      fortran_order_becomes_c_order, items_widen_in_place, long_arrays_are_read_in_pieces, empty_arrays_read_nothing,
      strings_of_bytes, strings_of_code_points, strings_that_are_refused,
      failures_of_the_source_come_through)
