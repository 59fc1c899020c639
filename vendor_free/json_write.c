/* The JSON writer: RFC 8259, without white space. The writer's state is the stack of open brackets;
 * a key turns the '{' on top of it into ':', and the value that follows turns it back.
 */
#include "json.h"

#include <string.h>

#include "decimal.h"
#include "utf8.h"

/* Keeps the first mistake; after it the writer does nothing more. */
static void fail(spae_json_writer *w, spae_status status, const char *mistake)
{
    if (w->status != SPAE_OK)
        return;
    w->status = status;
    w->mistake = mistake;
}

static void put(spae_json_writer *w, const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++, w->length++)
        if (w->out != NULL && w->length < w->capacity)
            w->out[w->length] = s[i];
}

/* Commas, and whether a value may stand here. */
static bool begin_value(spae_json_writer *w)
{
    if (w->status != SPAE_OK)
        return false;
    char *const top = w->depth > 0 ? &w->open[w->depth - 1] : NULL;
    if (top == NULL && w->filled)
        fail(w, SPAE_ERR_ARGUMENT, "a second value after the whole");
    else if (top != NULL && *top == '{')
        fail(w, SPAE_ERR_ARGUMENT, "a value without a key in an object");
    else if (top != NULL && *top == ':')
        *top = '{';
    else if (w->filled)
        put(w, ",", 1);
    w->filled = true;
    return w->status == SPAE_OK;
}

/* Section 7: the shortest escapes, and only where one must be. */
static void put_character(spae_json_writer *w, const char *s, size_t n, uint32_t c)
{
    static const char values[] = "\"\\\b\f\n\r\t", names[] = "\"\\bfnrt";
    const char *const found = c < 0x80 ? memchr(values, (int)c, sizeof values - 1) : NULL;
    if (found != NULL) {
        const char escape[2] = {'\\', names[found - values]};
        put(w, escape, 2);
    } else if (c < 0x20) {
        const char escape[6] = {
            '\\', 'u', '0', '0', (char)('0' + c / 16), "0123456789abcdef"[c % 16]};
        put(w, escape, 6);
    } else {
        put(w, s, n);
    }
}

static void put_string(spae_json_writer *w, const char *text, size_t length)
{
    put(w, "\"", 1);
    for (size_t i = 0, used; i < length; i += used) {
        uint32_t c;
        used = spae_utf8_decode((const uint8_t *)text + i, length - i, &c);
        if (used == 0) {
            fail(w, SPAE_ERR_ARGUMENT, "a string that is not UTF-8");
            return;
        }
        put_character(w, text + i, used, c);
    }
    put(w, "\"", 1);
}

void spae_json_write_start(spae_json_writer *w, char *out, size_t capacity)
{
    memset(w, 0, sizeof *w);
    w->out = out;
    w->capacity = capacity;
    w->status = SPAE_OK;
}

void spae_json_write_open(spae_json_writer *w, char bracket)
{
    if (!begin_value(w))
        return;
    if (bracket != '[' && bracket != '{') {
        fail(w, SPAE_ERR_ARGUMENT, "a bracket that is neither '[' nor '{'");
        return;
    }
    if (w->depth == SPAE_JSON_DEPTH) {
        fail(w, SPAE_ERR_ARGUMENT, "too many arrays and objects in each other");
        return;
    }
    put(w, &bracket, 1);
    w->open[w->depth++] = bracket;
    w->filled = false;
}

void spae_json_write_close(spae_json_writer *w)
{
    if (w->status != SPAE_OK)
        return;
    if (w->depth == 0 || w->open[w->depth - 1] == ':') {
        fail(w, SPAE_ERR_ARGUMENT, w->depth == 0 ? "nothing is open" : "a key without a value");
        return;
    }
    put(w, w->open[--w->depth] == '{' ? "}" : "]", 1);
    w->filled = true;
}

void spae_json_write_key(spae_json_writer *w, const char *key)
{
    if (w->status != SPAE_OK)
        return;
    if (w->depth == 0 || w->open[w->depth - 1] != '{') {
        fail(w, SPAE_ERR_ARGUMENT, "a key where none is due");
        return;
    }
    if (w->filled)
        put(w, ",", 1);
    put_string(w, key, strlen(key));
    put(w, ":", 1);
    w->open[w->depth - 1] = ':';
}

void spae_json_write_string(spae_json_writer *w, const char *text, size_t length)
{
    if (begin_value(w))
        put_string(w, text, length);
}

void spae_json_write_integer(spae_json_writer *w, int64_t value)
{
    char digits[20]; /* "-9223372036854775808" */
    size_t at = sizeof digits;
    uint64_t size = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    if (!begin_value(w))
        return;
    do {
        digits[--at] = (char)('0' + size % 10);
        size /= 10;
    } while (size != 0);
    if (value < 0)
        digits[--at] = '-';
    put(w, digits + at, sizeof digits - at);
}

void spae_json_write_double(spae_json_writer *w, double value)
{
    char text[SPAE_DECIMAL_ROOM];
    if (!begin_value(w))
        return;
    const size_t n = spae_decimal_write(value, text);
    if (n == 0)
        fail(w, SPAE_ERR_NOT_FINITE, "a number that is NaN or infinite");
    put(w, text, n);
}

void spae_json_write_boolean(spae_json_writer *w, bool value)
{
    if (begin_value(w))
        put(w, value ? "true" : "false", value ? 4 : 5);
}

void spae_json_write_null(spae_json_writer *w)
{
    if (begin_value(w))
        put(w, "null", 4);
}

spae_status spae_json_write_finish(spae_json_writer *w, size_t *length, spae_error *err)
{
    if (w->depth > 0)
        fail(w, SPAE_ERR_ARGUMENT, "an array or object is still open");
    else if (!w->filled)
        fail(w, SPAE_ERR_ARGUMENT, "no value");
    if (w->status != SPAE_OK)
        return spae_fail(err, w->status, "json: cannot write: %s", w->mistake);
    *length = w->length;
    if (w->out != NULL && w->length > w->capacity)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "json: the text takes %zu bytes, room for %zu",
                         w->length, w->capacity);
    return SPAE_OK;
}
