/* The JSON writer: texts, every mistake, every room that is too small, and what it writes read
 * back. */
#include "../check.h"

#include <math.h>

#include "vendor_free/json.h"

static char buffer[1024];

static void start(spae_json_writer *w)
{
    memset(buffer, 'x', sizeof buffer);
    spae_json_write_start(w, buffer, sizeof buffer);
}

static void gives(spae_json_writer *w, const char *expected)
{
    size_t length = 77;
    spae_error err;
    const spae_status status = spae_json_write_finish(w, &length, &err);
    ck_assert_msg(status == SPAE_OK, "%s", status == SPAE_OK ? "" : err.text);
    ck_assert_uint_eq(length, strlen(expected));
    ck_assert_mem_eq(buffer, expected, length);
    ck_assert_int_eq(buffer[length], 'x');
}

static void fails(spae_json_writer *w, spae_status expected, const char *message)
{
    size_t length = 77;
    spae_error err;
    ck_assert_int_eq(spae_json_write_finish(w, &length, &err), expected);
    ck_assert_str_eq(err.text, message);
    ck_assert_uint_eq(length, 77);
}

/* All kinds of values in all places. */
static void write_all(spae_json_writer *w)
{
    spae_json_write_open(w, '{');
    spae_json_write_key(w, "layers");
    spae_json_write_integer(w, 6);
    spae_json_write_key(w, "rates");
    spae_json_write_open(w, '[');
    spae_json_write_double(w, 0.5);
    spae_json_write_double(w, -1e-7);
    spae_json_write_open(w, '[');
    spae_json_write_close(w);
    spae_json_write_open(w, '{');
    spae_json_write_close(w);
    spae_json_write_null(w);
    spae_json_write_close(w);
    spae_json_write_key(w, "a\"b");
    spae_json_write_boolean(w, true);
    spae_json_write_key(w, "");
    spae_json_write_string(w, "x", 1);
    spae_json_write_close(w);
}

static const char all[] =
    "{\"layers\":6,\"rates\":[0.5,-1e-07,[],{},null],\"a\\\"b\":true,\"\":\"x\"}";

START_TEST(every_kind)
{
    spae_json_writer w;
    start(&w);
    write_all(&w);
    gives(&w, all);
}
END_TEST

START_TEST(counting_and_room)
{
    spae_json_writer w;
    size_t length = 77;
    spae_json_write_start(&w, NULL, 0);
    write_all(&w);
    ck_assert_int_eq(spae_json_write_finish(&w, &length, NULL), SPAE_OK);
    ck_assert_uint_eq(length, strlen(all));
    for (size_t room = 0; room <= strlen(all); room++) {
        spae_error err;
        length = 77;
        memset(buffer, 'x', sizeof buffer);
        spae_json_write_start(&w, buffer, room);
        write_all(&w);
        const spae_status status = spae_json_write_finish(&w, &length, &err);
        ck_assert_int_eq(status, room < strlen(all) ? SPAE_ERR_NO_MEMORY : SPAE_OK);
        ck_assert_uint_eq(length, strlen(all));
        ck_assert_mem_eq(buffer, all, room);
        ck_assert_int_eq(buffer[room], 'x');
        if (room == 10)
            ck_assert_str_eq(err.text, "json: the text takes 63 bytes, room for 10");
    }
}
END_TEST

START_TEST(integers)
{
    static const int64_t values[] = {0, 7, -7, INT64_MAX, INT64_MIN};
    static const char *const texts[] = {"0", "7", "-7", "9223372036854775807",
                                        "-9223372036854775808"};
    for (size_t i = 0; i < 5; i++) {
        spae_json_writer w;
        start(&w);
        spae_json_write_integer(&w, values[i]);
        gives(&w, texts[i]);
    }
}
END_TEST

START_TEST(single_values)
{
    spae_json_writer w;
    start(&w);
    spae_json_write_boolean(&w, false);
    gives(&w, "false");
    start(&w);
    spae_json_write_null(&w);
    gives(&w, "null");
    start(&w);
    spae_json_write_double(&w, -0.0);
    gives(&w, "-0.0");
    start(&w);
    spae_json_write_string(&w, NULL, 0);
    gives(&w, "\"\"");
}
END_TEST

START_TEST(escapes)
{
    spae_json_writer w;
    start(&w);
    spae_json_write_string(&w, "\"\\/\b\f\n\r\t\x01\x1f\x7f\xc3\xa9\xf0\x9f\x98\x80\0z", 19);
    gives(&w, "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\xc3\xa9\xf0\x9f\x98\x80\\u0000z\"");
}
END_TEST

/* Every code point below U+0800 and every thousandth above, through the reader. */
START_TEST(strings_read_back)
{
    static char text[20000], written[40000], back[20000];
    static spae_json_node node[1];
    size_t n = 0, length = 0, back_length = 0;
    spae_json_writer w;
    for (uint32_t c = 0; c < 0x110000; c += c < 0x800 ? 1 : 1000) {
        if (c >= 0xd800 && c < 0xe000)
            continue;
        if (c >= 0x10000)
            text[n++] = (char)(0xf0 | c >> 18);
        if (c >= 0x800)
            text[n++] = (char)(c >= 0x10000 ? 0x80 | (c >> 12 & 63) : 0xe0 | c >> 12);
        if (c >= 0x80)
            text[n++] = (char)(c >= 0x800 ? 0x80 | (c >> 6 & 63) : 0xc0 | c >> 6);
        text[n++] = (char)(c >= 0x80 ? 0x80 | (c & 63) : c);
    }
    spae_json_write_start(&w, written, sizeof written);
    spae_json_write_string(&w, text, n);
    ck_assert_int_eq(spae_json_write_finish(&w, &length, NULL), SPAE_OK);
    ck_assert_int_eq(spae_json_parse(written, length, node, 1, NULL, NULL), SPAE_OK);
    ck_assert_int_eq(spae_json_string(node, back, sizeof back, &back_length, NULL), SPAE_OK);
    ck_assert_uint_eq(back_length, n);
    ck_assert_mem_eq(back, text, n);
}
END_TEST

START_TEST(mistakes)
{
    spae_json_writer w;
    start(&w);
    fails(&w, SPAE_ERR_ARGUMENT, "json: cannot write: no value");
    start(&w);
    spae_json_write_null(&w);
    spae_json_write_null(&w);
    fails(&w, SPAE_ERR_ARGUMENT, "json: cannot write: a second value after the whole");
    start(&w);
    spae_json_write_open(&w, '{');
    spae_json_write_integer(&w, 1);
    fails(&w, SPAE_ERR_ARGUMENT, "json: cannot write: a value without a key in an object");
    start(&w);
    spae_json_write_open(&w, '{');
    spae_json_write_key(&w, "a");
    spae_json_write_key(&w, "b");
    fails(&w, SPAE_ERR_ARGUMENT, "json: cannot write: a key where none is due");
    start(&w);
    spae_json_write_key(&w, "a");
    fails(&w, SPAE_ERR_ARGUMENT, "json: cannot write: a key where none is due");
    start(&w);
    spae_json_write_open(&w, '[');
    spae_json_write_key(&w, "a");
    fails(&w, SPAE_ERR_ARGUMENT, "json: cannot write: a key where none is due");
    start(&w);
    spae_json_write_open(&w, '{');
    spae_json_write_key(&w, "a");
    spae_json_write_close(&w);
    fails(&w, SPAE_ERR_ARGUMENT, "json: cannot write: a key without a value");
    start(&w);
    spae_json_write_close(&w);
    fails(&w, SPAE_ERR_ARGUMENT, "json: cannot write: nothing is open");
    start(&w);
    spae_json_write_open(&w, '(');
    fails(&w, SPAE_ERR_ARGUMENT, "json: cannot write: a bracket that is neither '[' nor '{'");
    start(&w);
    spae_json_write_open(&w, '[');
    fails(&w, SPAE_ERR_ARGUMENT, "json: cannot write: an array or object is still open");
    start(&w);
    spae_json_write_string(&w, "\xff", 1);
    fails(&w, SPAE_ERR_ARGUMENT, "json: cannot write: a string that is not UTF-8");
    start(&w);
    spae_json_write_string(&w, "\xc3\xa9", 1); /* cut off by its length */
    fails(&w, SPAE_ERR_ARGUMENT, "json: cannot write: a string that is not UTF-8");
}
END_TEST

START_TEST(not_finite)
{
    spae_json_writer w;
    start(&w);
    spae_json_write_double(&w, HUGE_VAL);
    fails(&w, SPAE_ERR_NOT_FINITE, "json: cannot write: a number that is NaN or infinite");
    start(&w);
    spae_json_write_double(&w, HUGE_VAL - HUGE_VAL);
    fails(&w, SPAE_ERR_NOT_FINITE, "json: cannot write: a number that is NaN or infinite");
}
END_TEST

/* The first mistake is the one that is told, whatever is called after it. */
START_TEST(the_first_mistake_stays)
{
    spae_json_writer w;
    start(&w);
    spae_json_write_open(&w, '[');
    spae_json_write_double(&w, HUGE_VAL);
    spae_json_write_null(&w);
    spae_json_write_key(&w, "a");
    spae_json_write_string(&w, "\xff", 1);
    spae_json_write_integer(&w, 1);
    spae_json_write_double(&w, 1.0);
    spae_json_write_boolean(&w, true);
    spae_json_write_open(&w, '[');
    spae_json_write_close(&w);
    fails(&w, SPAE_ERR_NOT_FINITE, "json: cannot write: a number that is NaN or infinite");
}
END_TEST

START_TEST(depth)
{
    spae_json_writer w;
    char expected[2 * SPAE_JSON_DEPTH + 1];
    start(&w);
    for (int i = 0; i < SPAE_JSON_DEPTH; i++)
        spae_json_write_open(&w, '[');
    for (int i = 0; i < SPAE_JSON_DEPTH; i++)
        spae_json_write_close(&w);
    memset(expected, '[', SPAE_JSON_DEPTH);
    memset(expected + SPAE_JSON_DEPTH, ']', SPAE_JSON_DEPTH);
    expected[2 * SPAE_JSON_DEPTH] = '\0';
    gives(&w, expected);
    start(&w);
    for (int i = 0; i <= SPAE_JSON_DEPTH; i++)
        spae_json_write_open(&w, '[');
    fails(&w, SPAE_ERR_ARGUMENT, "json: cannot write: too many arrays and objects in each other");
}
END_TEST

SUITE(suite_vendor_free_json_write, "vendor_free/json_write", every_kind, counting_and_room,
      integers, single_values, escapes, strings_read_back, mistakes, not_finite,
      the_first_mistake_stays, depth)
