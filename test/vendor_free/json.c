/* The JSON reader: the grammar rule by rule, each mistake with its byte offset, and each access. */
#include "../check.h"

#include <math.h>

#include "vendor_free/json.h"

#define NODES 600

static spae_json_node nodes[NODES];

/* The text at the very end of a block of exactly its size, so that a sanitizer sees a read beyond
 * it. The nodes' slices are good until the next call. */
static spae_status parse_bytes(const char *text, size_t n, size_t capacity, size_t *count,
                               spae_error *err)
{
    static char *copy;
    free(copy);
    copy = malloc(n > 0 ? n : 1);
    memcpy(copy, text, n);
    ck_assert_uint_ge(spae_json_bound(copy, n), 1);
    return spae_json_parse(copy, n, nodes, capacity, count, err);
}

/* Parses, and the bound is enough. */
static const spae_json_node *good(const char *text)
{
    size_t count = 0;
    spae_error err;
    const spae_status status = parse_bytes(text, strlen(text), NODES, &count, &err);
    ck_assert_msg(status == SPAE_OK, "%s: %s", text, status == SPAE_OK ? "" : err.text);
    ck_assert_uint_ge(spae_json_bound(text, strlen(text)), count);
    return nodes;
}

static void bad_bytes(const char *text, size_t n, const char *message)
{
    size_t count = 77;
    spae_error err;
    ck_assert_msg(parse_bytes(text, n, NODES, &count, &err) == SPAE_ERR_FORMAT, "%s is taken",
                  text);
    ck_assert_uint_eq(count, 77);
    ck_assert_str_eq(err.text, message);
    ck_assert_int_eq(spae_json_parse(text, n, nodes, NODES, NULL, NULL), SPAE_ERR_FORMAT);
}

static void bad(const char *text, const char *message)
{
    bad_bytes(text, strlen(text), message);
}

START_TEST(every_type)
{
    ck_assert_int_eq(good("null")->type, SPAE_JSON_NULL);
    ck_assert_int_eq(good("true")->type, SPAE_JSON_BOOL);
    ck_assert_int_eq(good("false")->type, SPAE_JSON_BOOL);
    ck_assert_int_eq(good("0")->type, SPAE_JSON_NUMBER);
    ck_assert_int_eq(good("\"\"")->type, SPAE_JSON_STRING);
    ck_assert_int_eq(good("[]")->type, SPAE_JSON_ARRAY);
    ck_assert_int_eq(good("{}")->type, SPAE_JSON_OBJECT);
    ck_assert_int_eq(good(" \t\r\n0 \t\r\n")->type, SPAE_JSON_NUMBER);
    ck_assert_uint_eq(nodes[0].length, 1);
}
END_TEST

START_TEST(the_tree)
{
    const spae_json_node *const root =
        good(" { \"a\" : [ 1 , [ ] , \"x\\\"y\" ] , \"b\" : { \"c\" : null } } ");
    ck_assert_uint_eq(root->count, 2);
    const spae_json_node *const a = spae_json_first(nodes, root);
    const spae_json_node *const b = spae_json_next(nodes, a);
    ck_assert_uint_eq(a->count, 3);
    ck_assert_uint_eq(a->key_length, 1);
    ck_assert_int_eq(a->key[0], 'a');
    ck_assert_uint_eq(a->length, strlen("[ 1 , [ ] , \"x\\\"y\" ]"));
    ck_assert_ptr_null(spae_json_next(nodes, b));
    const spae_json_node *const one = spae_json_first(nodes, a);
    const spae_json_node *const empty = spae_json_next(nodes, one);
    ck_assert_ptr_null(one->key);
    ck_assert_ptr_null(spae_json_first(nodes, one));
    ck_assert_uint_eq(empty->count, 0);
    ck_assert_ptr_null(spae_json_first(nodes, empty));
    const spae_json_node *const text = spae_json_next(nodes, empty);
    ck_assert_uint_eq(text->length, 4);
    ck_assert_mem_eq(text->text, "x\\\"y", 4);
    ck_assert_ptr_null(spae_json_next(nodes, text));
    ck_assert_ptr_eq(spae_json_member(nodes, b, "c"), spae_json_first(nodes, b));
}
END_TEST

START_TEST(no_value_or_more_than_one)
{
    bad("", "json: byte 0: expected a value");
    bad("  ", "json: byte 2: expected a value");
    bad("nul", "json: byte 0: expected a value");
    bad("nulL", "json: byte 0: expected a value");
    bad("True", "json: byte 0: expected a value");
    bad("tru", "json: byte 0: expected a value");
    bad("NaN", "json: byte 0: expected a value");
    bad("-Infinity", "json: byte 1: expected a digit");
    bad("'a'", "json: byte 0: expected a value");
    bad("// x\n1", "json: byte 0: expected a value");
    bad("\xef\xbb\xbf[]", "json: byte 0: expected a value"); /* a byte order mark */
    bad("1 2", "json: byte 2: expected nothing more after the value");
    bad("nullx", "json: byte 4: expected nothing more after the value");
    bad("]", "json: byte 0: expected a value");
    bad("\v1", "json: byte 0: expected a value"); /* not white space in JSON */
    bad_bytes("1\0", 2, "json: byte 1: expected nothing more after the value");
    bad_bytes("\0", 1, "json: byte 0: expected a value");
    ck_assert_int_eq(spae_json_parse(NULL, 0, nodes, NODES, NULL, NULL), SPAE_ERR_FORMAT);
}
END_TEST

START_TEST(arrays_and_objects)
{
    bad("[", "json: byte 1: expected a value");
    bad("[1", "json: byte 2: expected ',' or ']'");
    bad("[1,", "json: byte 3: expected a value");
    bad("[1,]", "json: byte 3: expected a value");
    bad("[,1]", "json: byte 1: expected a value");
    bad("[1 2]", "json: byte 3: expected ',' or ']'");
    bad("[1}", "json: byte 2: expected ',' or ']'");
    bad("{", "json: byte 1: expected '\"' of a key");
    bad("{1:2}", "json: byte 1: expected '\"' of a key");
    bad("{\"a\"", "json: byte 4: expected ':' after a key");
    bad("{\"a\" 1}", "json: byte 5: expected ':' after a key");
    bad("{\"a\":", "json: byte 5: expected a value");
    bad("{\"a\":}", "json: byte 5: expected a value");
    bad("{\"a\":1", "json: byte 6: expected ',' or '}'");
    bad("{\"a\":1,}", "json: byte 7: expected '\"' of a key");
    bad("{\"a\":1 \"b\":2}", "json: byte 7: expected ',' or '}'");
    bad("{\"a\":1]", "json: byte 6: expected ',' or '}'");
    bad("{\"a", "json: byte 3: expected '\"' at the end of a string");
}
END_TEST

START_TEST(number_grammar)
{
    static const char *const fine[] = {"0",      "-0",   "10",   "-1",  "0.5",
                                       "1.25e3", "1E+2", "1e-2", "0e0", "-0.0E-0"};
    for (size_t i = 0; i < sizeof fine / sizeof fine[0]; i++)
        good(fine[i]);
    bad("-", "json: byte 1: expected a digit");
    bad("+1", "json: byte 0: expected a value");
    bad("01", "json: byte 1: a digit after a leading 0");
    bad("-01", "json: byte 2: a digit after a leading 0");
    bad("1.", "json: byte 2: expected a digit");
    bad(".5", "json: byte 0: expected a value");
    bad("1.e2", "json: byte 2: expected a digit");
    bad("1e", "json: byte 2: expected a digit");
    bad("1e+", "json: byte 3: expected a digit");
    bad("1e+-1", "json: byte 3: expected a digit");
    bad("0x10", "json: byte 1: expected nothing more after the value");
}
END_TEST

START_TEST(string_mistakes)
{
    bad("\"", "json: byte 1: expected '\"' at the end of a string");
    bad("\"ab", "json: byte 3: expected '\"' at the end of a string");
    bad("\"a\nb\"", "json: byte 2: control character in a string, which must be escaped");
    bad("\"\x1f\"", "json: byte 1: control character in a string, which must be escaped");
    bad_bytes("\"\0\"", 3, "json: byte 1: control character in a string, which must be escaped");
    good("\"\x7f\"");
    bad("\"\\", "json: byte 1: unknown escape in a string");
    bad("\"\\x\"", "json: byte 1: unknown escape in a string");
    bad("\"\\U0041\"", "json: byte 1: unknown escape in a string");
    bad_bytes("\"\\\0\"", 4, "json: byte 1: unknown escape in a string");
    bad("\"\\u", "json: byte 1: expected four hexadecimal digits after \\u");
    bad("\"\\u004\"", "json: byte 1: expected four hexadecimal digits after \\u");
    bad("\"\\u00g0\"", "json: byte 1: expected four hexadecimal digits after \\u");
    bad("\"\\ud800\"", "json: byte 1: lone surrogate in a \\u escape");
    bad("\"\\udbff\\u0041\"", "json: byte 1: lone surrogate in a \\u escape");
    bad("\"\\udc00\\ud800\"", "json: byte 1: lone surrogate in a \\u escape");
    bad("\"\\ud83d\\ude0\"", "json: byte 1: lone surrogate in a \\u escape");
    bad("\"\\ud83d\\ue000\"", "json: byte 1: lone surrogate in a \\u escape");
    bad("\"\\ud83dxude00\"", "json: byte 1: lone surrogate in a \\u escape");
    bad("\"\\ud83d\\xde00\"", "json: byte 1: lone surrogate in a \\u escape");
    bad("\"a\xc0\x80\"", "json: byte 2: ill-formed UTF-8");
    bad("\"\xed\xa0\x80\"", "json: byte 1: ill-formed UTF-8");
    bad("\"\xe2\x82\"", "json: byte 1: ill-formed UTF-8");
    bad("{\"\xff\":1}", "json: byte 2: ill-formed UTF-8");
}
END_TEST

START_TEST(equal_keys)
{
    good("{\"a\":1,\"A\":2,\"\":3,\"aa\":{\"a\":1}}");
    bad("{\"a\":1,\"a\":2}", "json: byte 8: this key is in the object already");
    bad("{\"\":1,\"\":2}", "json: byte 7: this key is in the object already");
    bad("{\"b\":1,\"a\":2,\"c\":[],\"\\u0061\":3}",
        "json: byte 21: this key is in the object already");
    bad("[{\"x\":{\"\\ud83d\\ude00\":1,\"\xf0\x9f\x98\x80\":1}}]",
        "json: byte 25: this key is in the object already");
}
END_TEST

/* 200 keys in a mixed order: all different, then one twice. */
START_TEST(many_keys)
{
    char text[4000] = "{";
    size_t n = 1;
    for (int i = 0; i < 200; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "\"k%d\":%d,", 37 * i % 211, i);
    text[n - 1] = '}';
    const spae_json_node *const root = good(text);
    ck_assert_uint_eq(root->count, 200);
    int64_t value = 0;
    ck_assert_int_eq(spae_json_integer(spae_json_member(nodes, root, "k37"), 0, 200, &value, NULL),
                     SPAE_OK);
    ck_assert_int_eq(value, 1);
    char message[100];
    snprintf(text + n - 1, sizeof text - n, ",\"k37\":0}");
    snprintf(message, sizeof message, "json: byte %zu: this key is in the object already", n + 1);
    bad(text, message);
}
END_TEST

START_TEST(depth)
{
    char text[2 * (SPAE_JSON_DEPTH + 1) + 1];
    memset(text, '[', SPAE_JSON_DEPTH);
    memset(text + SPAE_JSON_DEPTH, ']', SPAE_JSON_DEPTH);
    text[2 * SPAE_JSON_DEPTH] = '\0';
    good(text);
    memset(text, '[', SPAE_JSON_DEPTH + 1);
    memset(text + SPAE_JSON_DEPTH + 1, ']', SPAE_JSON_DEPTH + 1);
    text[2 * SPAE_JSON_DEPTH + 2] = '\0';
    bad(text, "json: byte 64: more than 64 arrays and objects in each other");
    text[SPAE_JSON_DEPTH] = '{';
    bad(text, "json: byte 64: more than 64 arrays and objects in each other");
    good("[[],[],{},{},[]]"); /* side by side is not in each other */
}
END_TEST

START_TEST(capacity)
{
    static const char *const texts[] = {"1", "[]", "[1]", "[1,2]", "{\"a\":[1,2,{}]}"};
    static const size_t values[] = {1, 1, 2, 3, 5};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        size_t count = 77;
        spae_error err;
        const size_t n = strlen(texts[i]);
        nodes[values[i]].count = 4711;
        ck_assert_int_eq(parse_bytes(texts[i], n, values[i], &count, &err), SPAE_OK);
        ck_assert_uint_eq(count, values[i]);
        ck_assert_uint_eq(nodes[values[i]].count, 4711);
        ck_assert_int_eq(parse_bytes(texts[i], n, values[i] - 1, &count, &err), SPAE_ERR_NO_MEMORY);
        char message[60];
        snprintf(message, sizeof message, "json: more than %zu values", values[i] - 1);
        ck_assert_str_eq(err.text, message);
    }
}
END_TEST

START_TEST(members_by_key)
{
    const spae_json_node *const root =
        good("{\"a\\u0062\":1,\"abc\":2,\"\\ud83d\\ude00\":3,\"a\\u0000b\":4}");
    const spae_json_node *const first = spae_json_first(nodes, root);
    ck_assert_ptr_eq(spae_json_member(nodes, root, "ab"), first);
    ck_assert_ptr_eq(spae_json_member(nodes, root, "abc"), first + 1);
    ck_assert_ptr_eq(spae_json_member(nodes, root, "\xf0\x9f\x98\x80"), first + 2);
    ck_assert_ptr_null(spae_json_member(nodes, root, "a"));
    ck_assert_ptr_null(spae_json_member(nodes, root, ""));
    ck_assert_ptr_null(spae_json_member(nodes, root, "abcd"));
    ck_assert_ptr_null(spae_json_member(nodes, first, "ab"));
    ck_assert_ptr_null(spae_json_member(nodes, good("[1]"), "ab"));
}
END_TEST

START_TEST(strings_without_escapes)
{
    static const char expected[] =
        "\"\\/\b\f\n\r\tA\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\xef\xbf\xbfz";
    const spae_json_node *const node =
        good("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\u00e9\\u20AC\\ud83d\\uDE00\\uffffz\"");
    char out[64];
    size_t length = 77;
    const size_t n = sizeof expected - 1;
    spae_error err;
    memset(out, 'x', sizeof out);
    ck_assert_int_eq(spae_json_string(node, out, n, &length, &err), SPAE_ERR_NO_MEMORY);
    ck_assert_str_eq(err.text, "json: a string of 22 bytes, room for 21 and the terminator");
    ck_assert_uint_eq(length, 77);
    ck_assert_int_eq(out[0], 'x');
    ck_assert_int_eq(spae_json_string(node, out, n + 1, &length, NULL), SPAE_OK);
    ck_assert_uint_eq(length, n);
    ck_assert_str_eq(out, expected);
    ck_assert_int_eq(out[n + 1], 'x');
    ck_assert_int_eq(spae_json_string(good("\"\\u0000a\""), out, 3, &length, NULL), SPAE_OK);
    ck_assert_uint_eq(length, 2);
    ck_assert_mem_eq(out, "\0a\0", 3);
    ck_assert_int_eq(spae_json_string(good("\"\""), out, 1, NULL, NULL), SPAE_OK);
    ck_assert_str_eq(out, "");
    ck_assert_int_eq(spae_json_string(good("\"\""), out, 0, NULL, &err), SPAE_ERR_NO_MEMORY);
    ck_assert_int_eq(spae_json_string(good("1"), out, 9, NULL, &err), SPAE_ERR_FORMAT);
    ck_assert_str_eq(err.text, "json: expected a string, found 1");
}
END_TEST

START_TEST(keys_without_escapes)
{
    char out[8];
    size_t length = 77;
    spae_error err;
    const spae_json_node *const member = spae_json_first(nodes, good("{\"a\\tb\":[true]}"));
    ck_assert_int_eq(spae_json_key(member, out, 4, &length, NULL), SPAE_OK);
    ck_assert_str_eq(out, "a\tb");
    ck_assert_uint_eq(length, 3);
    ck_assert_int_eq(spae_json_key(member, out, 3, NULL, NULL), SPAE_ERR_NO_MEMORY);
    ck_assert_int_eq(spae_json_key(spae_json_first(nodes, member), out, 8, NULL, &err),
                     SPAE_ERR_FORMAT);
    ck_assert_str_eq(err.text, "json: expected a member of an object, found a boolean");
}
END_TEST

START_TEST(booleans)
{
    bool value = false;
    spae_error err;
    ck_assert_int_eq(spae_json_boolean(good("true"), &value, NULL), SPAE_OK);
    ck_assert(value);
    ck_assert_int_eq(spae_json_boolean(good("false"), &value, NULL), SPAE_OK);
    ck_assert(!value);
    const spae_json_node *const root = good("{\"flip\":\"true\"}");
    ck_assert_int_eq(spae_json_boolean(spae_json_first(nodes, root), &value, &err),
                     SPAE_ERR_FORMAT);
    ck_assert_str_eq(err.text, "json: flip: expected true or false, found a string");
}
END_TEST

static void integer_refused(const char *text, int64_t least, int64_t most, const char *message)
{
    int64_t value = 77;
    spae_error err;
    ck_assert_int_eq(spae_json_integer(good(text), least, most, &value, &err), SPAE_ERR_FORMAT);
    ck_assert_str_eq(err.text, message);
    ck_assert_int_eq(value, 77);
}

START_TEST(integers)
{
    static const struct {
        const char *text;
        int64_t value;
    } cases[] = {{"0", 0},
                 {"-0", 0},
                 {"12", 12},
                 {"-12", -12},
                 {"9223372036854775807", INT64_MAX},
                 {"-9223372036854775807", -INT64_MAX},
                 {"-9223372036854775808", INT64_MIN}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t value = 77;
        ck_assert_int_eq(
            spae_json_integer(good(cases[i].text), cases[i].value, cases[i].value, &value, NULL),
            SPAE_OK);
        ck_assert_int_eq(value, cases[i].value);
    }
    integer_refused("9223372036854775808", INT64_MIN, INT64_MAX,
                    "json: expected an integer, found 9223372036854775808");
    integer_refused("-9223372036854775809", INT64_MIN, INT64_MAX,
                    "json: expected an integer, found -9223372036854775809");
    integer_refused("92233720368547758070", INT64_MIN, INT64_MAX,
                    "json: expected an integer, found 92233720368547758070");
    integer_refused("1.0", 0, 9, "json: expected an integer, found 1.0");
    integer_refused("1e1", 0, 99, "json: expected an integer, found 1e1");
    integer_refused("[]", 0, 9, "json: expected an integer, found an array");
    integer_refused("4", 5, 9, "json: expected an integer from 5 to 9, found 4");
    integer_refused("10", 5, 9, "json: expected an integer from 5 to 9, found 10");
}
END_TEST

START_TEST(doubles)
{
    double value = 77.0;
    spae_error err;
    ck_assert_int_eq(spae_json_double(good("-12.5e-1"), &value, NULL), SPAE_OK);
    ck_assert(value == -1.25);
    ck_assert_int_eq(spae_json_double(good("-0"), &value, NULL), SPAE_OK);
    ck_assert(value == 0.0 && signbit(value) != 0);
    ck_assert_int_eq(spae_json_double(good("1e-400"), &value, NULL), SPAE_OK);
    ck_assert(value == 0.0 && signbit(value) == 0);
    ck_assert_int_eq(spae_json_double(good("1e400"), &value, &err), SPAE_ERR_FORMAT);
    ck_assert_str_eq(err.text, "json: expected a number within the range of binary64, found 1e400");
    ck_assert_int_eq(spae_json_double(good("-1e400"), &value, &err), SPAE_ERR_FORMAT);
    ck_assert_int_eq(spae_json_double(good("{}"), &value, &err), SPAE_ERR_FORMAT);
    ck_assert_str_eq(err.text, "json: expected a number, found an object");
    ck_assert(value == 0.0);
}
END_TEST

/* A message shows the beginning of a long key, and does not cut a character in two. */
START_TEST(long_keys_in_messages)
{
    char text[200] = "{\"";
    bool value;
    spae_error err;
    for (int i = 0; i < 40; i++)
        strcat(text, i == 0 ? "a" : "\xc3\xa9");
    strcat(text, "\":null}");
    ck_assert_int_eq(spae_json_boolean(spae_json_first(nodes, good(text)), &value, &err),
                     SPAE_ERR_FORMAT);
    ck_assert_uint_eq(strspn(err.text + 6, "a\xc3\xa9"), 63);
    memmove(text + 2, text + 3, strlen(text + 3) + 1); /* no 'a': 63 bytes would cut one in two */
    ck_assert_int_eq(spae_json_boolean(spae_json_first(nodes, good(text)), &value, &err),
                     SPAE_ERR_FORMAT);
    ck_assert_uint_eq(strspn(err.text + 6, "a\xc3\xa9"), 62);
}
END_TEST

SUITE(suite_vendor_free_json, "vendor_free/json", every_type, the_tree, no_value_or_more_than_one,
      arrays_and_objects, number_grammar, string_mistakes, equal_keys, many_keys, depth, capacity,
      members_by_key, strings_without_escapes, keys_without_escapes, booleans, integers, doubles,
      long_keys_in_messages)
