/* The JSON reader.
 *
 * Source    RFC 8259; its section numbers stand at the functions.
 * Method    Recursive descent, SPAE_JSON_DEPTH levels at most. One function, `character`, knows
 *           what may stand in a string; it checks while parsing and decodes afterwards. Equal keys
 *           are found by sorting the members of an object by their decoded keys, a merge sort of
 *           the list through `by_key`, so that no input makes it slow.
 * Open      equal keys, which the RFC leaves to the reader, are refused; so is a lone surrogate in
 *           an escape
 */
#include "json.h"

#include <string.h>

#include "decimal.h"
#include "numerics.h"
#include "utf8.h"

typedef struct {
    const char *text;
    size_t length, at;
    spae_json_node *nodes;
    size_t capacity, count;
    unsigned depth;
    spae_error *err;
} reader;

static spae_status refuse(const reader *r, size_t at, const char *why)
{
    return spae_fail(r->err, SPAE_ERR_FORMAT, "json: byte %zu: %s", at, why);
}

/* ---- strings (section 7) --------------------------------------------------------------------- */

/* Four hexadecimal digits at s, of n bytes that are left. */
static bool hex4(const char *s, size_t n, uint32_t *value)
{
    uint32_t v = 0;
    if (n < 4)
        return false;
    for (int i = 0; i < 4; i++) {
        const char c = s[i];
        if (c >= '0' && c <= '9')
            v = v << 4 | (uint32_t)(c - '0');
        else if (c >= 'a' && c <= 'f')
            v = v << 4 | (uint32_t)(c - 'a' + 10);
        else if (c >= 'A' && c <= 'F')
            v = v << 4 | (uint32_t)(c - 'A' + 10);
        else
            return false;
    }
    *value = v;
    return true;
}

/* What follows "\u" at s: one code point, from one escape or from a pair of surrogates. */
static const char *unicode_escape(const char *s, size_t n, size_t *used, uint32_t *c)
{
    uint32_t low;
    if (!hex4(s, n, c))
        return "expected four hexadecimal digits after \\u";
    *used = 4;
    if (*c < 0xd800 || *c > 0xdfff)
        return NULL;
    if (*c > 0xdbff || n < 10 || s[4] != '\\' || s[5] != 'u' || !hex4(s + 6, n - 6, &low) ||
        low < 0xdc00 || low > 0xdfff)
        return "lone surrogate in a \\u escape";
    *c = 0x10000 + ((*c - 0xd800) << 10) + (low - 0xdc00);
    *used = 10;
    return NULL;
}

/* What follows a backslash at s. */
static const char *escape(const char *s, size_t n, size_t *used, uint32_t *c)
{
    static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
    if (n > 0 && *s == 'u') {
        const char *const mistake = unicode_escape(s + 1, n - 1, used, c);
        *used += 1;
        return mistake;
    }
    const char *const found = n > 0 ? memchr(names, *s, sizeof names - 1) : NULL;
    if (found == NULL)
        return "unknown escape in a string";
    *used = 1;
    *c = (uint32_t)(unsigned char)values[found - names];
    return NULL;
}

/* One character of a string at s, n >= 1 bytes left: how many bytes it takes, and what it is.
 * Returns NULL, or what is wrong with it. */
static const char *character(const char *s, size_t n, size_t *used, uint32_t *c)
{
    *used = 0;
    if ((unsigned char)*s < 0x20)
        return "control character in a string, which must be escaped";
    if (*s == '\\') {
        const char *const mistake = escape(s + 1, n - 1, used, c);
        *used += 1;
        return mistake;
    }
    *used = spae_utf8_decode((const uint8_t *)s, n, c);
    return *used == 0 ? "ill-formed UTF-8" : NULL;
}

/* A byte of a string that is a character and stands for itself: most are. */
static bool is_plain(char c)
{
    return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

/* At the opening quote; the slice between the quotes. */
static spae_status parse_string(reader *r, const char **text, size_t *length)
{
    const size_t start = ++r->at;
    while (r->at < r->length && r->text[r->at] != '"') {
        size_t used = 1;
        uint32_t c;
        const char *const mistake = is_plain(r->text[r->at])
                                        ? NULL
                                        : character(r->text + r->at, r->length - r->at, &used, &c);
        if (mistake != NULL)
            return refuse(r, r->at, mistake);
        r->at += used;
    }
    if (r->at == r->length)
        return refuse(r, r->at, "expected '\"' at the end of a string");
    *text = r->text + start;
    *length = r->at - start;
    r->at++;
    return SPAE_OK;
}

/* ---- equal keys ------------------------------------------------------------------------------ */

/* The sign of a - b, by code points. Both slices have been parsed, so no character is wrong. */
static int compare_keys(const spae_json_node *a, const spae_json_node *b)
{
    size_t i = 0, j = 0;
    while (i < a->key_length && j < b->key_length) {
        uint32_t c = 0, d = 0;
        size_t used;
        if (is_plain(a->key[i]) && is_plain(b->key[j]) && a->key[i] == b->key[j]) {
            i++;
            j++;
            continue;
        }
        (void)character(a->key + i, a->key_length - i, &used, &c);
        i += used;
        (void)character(b->key + j, b->key_length - j, &used, &d);
        j += used;
        if (c != d)
            return c < d ? -1 : 1;
    }
    return (i < a->key_length) - (j < b->key_length);
}

/* Two sorted lists to one; at equal keys those of `a` first. */
static uint32_t merge(spae_json_node *nodes, uint32_t a, uint32_t b)
{
    uint32_t head = SPAE_JSON_NONE, *tail = &head;
    while (a != SPAE_JSON_NONE && b != SPAE_JSON_NONE) {
        uint32_t *const least = compare_keys(&nodes[a], &nodes[b]) <= 0 ? &a : &b;
        *tail = *least;
        tail = &nodes[*least].by_key;
        *least = *tail;
    }
    *tail = a != SPAE_JSON_NONE ? a : b;
    return head;
}

/* The members from `child` on, sorted by key; returns the first. sorted[i] is a list of 2^i members
 * or none, as the digits of a binary number that counts the members so far; higher lists hold
 * earlier members. */
static uint32_t sort_members(spae_json_node *nodes, uint32_t child)
{
    uint32_t sorted[32], all = SPAE_JSON_NONE;
    for (int i = 0; i < 32; i++)
        sorted[i] = SPAE_JSON_NONE;
    while (child != SPAE_JSON_NONE) {
        uint32_t list = child;
        int i = 0;
        child = nodes[child].next;
        nodes[list].by_key = SPAE_JSON_NONE;
        for (; sorted[i] != SPAE_JSON_NONE; i++) {
            list = merge(nodes, sorted[i], list);
            sorted[i] = SPAE_JSON_NONE;
        }
        sorted[i] = list;
    }
    for (int i = 0; i < 32; i++)
        all = merge(nodes, sorted[i], all);
    return all;
}

static spae_status refuse_equal_keys(const reader *r, uint32_t object)
{
    spae_json_node *const nodes = r->nodes;
    uint32_t i = sort_members(nodes, nodes[object].child);
    while (i != SPAE_JSON_NONE && nodes[i].by_key != SPAE_JSON_NONE) {
        const uint32_t after = nodes[i].by_key;
        if (compare_keys(&nodes[i], &nodes[after]) == 0)
            return refuse(r, (size_t)(nodes[after].key - r->text),
                          "this key is in the object already");
        i = after;
    }
    return SPAE_OK;
}

/* ---- values (sections 2 to 6) ---------------------------------------------------------------- */

static void skip_space(reader *r)
{
    while (r->at < r->length && r->text[r->at] != '\0' && strchr(" \t\n\r", r->text[r->at]) != NULL)
        r->at++;
}

static bool next_is(const reader *r, char c)
{
    return r->at < r->length && r->text[r->at] == c;
}

static bool accept(reader *r, char c)
{
    if (!next_is(r, c))
        return false;
    r->at++;
    return true;
}

static bool digit_follows(const reader *r)
{
    return r->at < r->length && r->text[r->at] >= '0' && r->text[r->at] <= '9';
}

static spae_status parse_digits(reader *r)
{
    if (!digit_follows(r))
        return refuse(r, r->at, "expected a digit");
    while (digit_follows(r))
        r->at++;
    return SPAE_OK;
}

/* Section 6: the number keeps its text; its value is looked for when it is asked for. */
static spae_status parse_number(reader *r)
{
    spae_status status = SPAE_OK;
    (void)accept(r, '-');
    if (accept(r, '0')) {
        if (digit_follows(r))
            return refuse(r, r->at, "a digit after a leading 0");
    } else {
        status = parse_digits(r);
    }
    if (status == SPAE_OK && accept(r, '.'))
        status = parse_digits(r);
    if (status == SPAE_OK && (accept(r, 'e') || accept(r, 'E'))) {
        if (!accept(r, '+'))
            (void)accept(r, '-');
        status = parse_digits(r);
    }
    return status;
}

static spae_status parse_word(reader *r, const char *word)
{
    const size_t n = strlen(word);
    if (n > r->length - r->at || memcmp(r->text + r->at, word, n) != 0)
        return refuse(r, r->at, "expected a value");
    r->at += n;
    return SPAE_OK;
}

static spae_status parse_value(reader *r, const char *key, size_t key_length, uint32_t *index);

/* Section 4: '"key" :' before a member's value. */
static spae_status parse_key(reader *r, const char **key, size_t *length)
{
    skip_space(r);
    if (!next_is(r, '"'))
        return refuse(r, r->at, "expected '\"' of a key");
    const spae_status status = parse_string(r, key, length);
    if (status != SPAE_OK)
        return status;
    skip_space(r);
    return accept(r, ':') ? SPAE_OK : refuse(r, r->at, "expected ':' after a key");
}

/* Sections 4 and 5, after the opening bracket: what is between the brackets, and the closing
 * one. */
static spae_status parse_children(reader *r, uint32_t parent, char close)
{
    uint32_t last = SPAE_JSON_NONE;
    skip_space(r);
    if (accept(r, close))
        return SPAE_OK;
    do {
        const char *key = NULL;
        size_t key_length = 0;
        uint32_t index;
        spae_status status = close == '}' ? parse_key(r, &key, &key_length) : SPAE_OK;
        if (status == SPAE_OK)
            status = parse_value(r, key, key_length, &index);
        if (status != SPAE_OK)
            return status;
        *(last == SPAE_JSON_NONE ? &r->nodes[parent].child : &r->nodes[last].next) = index;
        r->nodes[parent].count++;
        last = index;
    } while (accept(r, ','));
    if (!accept(r, close))
        return refuse(r, r->at, close == '}' ? "expected ',' or '}'" : "expected ',' or ']'");
    return close == '}' ? refuse_equal_keys(r, parent) : SPAE_OK;
}

static spae_status parse_container(reader *r, uint32_t index)
{
    const char close = r->text[r->at] == '{' ? '}' : ']';
    if (r->depth == SPAE_JSON_DEPTH)
        return spae_fail(r->err, SPAE_ERR_FORMAT,
                         "json: byte %zu: more than %d arrays and objects in each other", r->at,
                         SPAE_JSON_DEPTH);
    r->nodes[index].type = close == '}' ? SPAE_JSON_OBJECT : SPAE_JSON_ARRAY;
    r->depth++;
    r->at++;
    const spae_status status = parse_children(r, index, close);
    r->depth--;
    return status;
}

/* Dispatches on the first character, and sets the node's type and, for a string, its slice. */
static spae_status parse_by_first(reader *r, uint32_t index)
{
    spae_json_node *const node = &r->nodes[index];
    const char first = r->at < r->length ? r->text[r->at] : '\0';
    if (first == '{' || first == '[')
        return parse_container(r, index);
    if (first == '"') {
        node->type = SPAE_JSON_STRING;
        return parse_string(r, &node->text, &node->length);
    }
    if (first == 't' || first == 'f') {
        node->type = SPAE_JSON_BOOL;
        return parse_word(r, first == 't' ? "true" : "false");
    }
    if (first == '-' || digit_follows(r)) {
        node->type = SPAE_JSON_NUMBER;
        return parse_number(r);
    }
    return parse_word(r, "null");
}

static spae_status parse_value(reader *r, const char *key, size_t key_length, uint32_t *index)
{
    if (r->count == r->capacity || r->count == SPAE_JSON_NONE)
        return spae_fail(r->err, SPAE_ERR_NO_MEMORY, "json: more than %zu values", r->count);
    *index = (uint32_t)r->count++;
    skip_space(r);
    const size_t start = r->at;
    spae_json_node *const node = &r->nodes[*index];
    node->type = SPAE_JSON_NULL;
    node->text = r->text + start;
    node->key = key;
    node->key_length = key_length;
    node->count = 0;
    node->child = node->next = node->by_key = SPAE_JSON_NONE;
    const spae_status status = parse_by_first(r, *index);
    if (status != SPAE_OK)
        return status;
    if (node->type != SPAE_JSON_STRING)
        node->length = r->at - start;
    skip_space(r);
    return SPAE_OK;
}

/* Each value but the first follows a comma or is the first of an array or object. */
size_t spae_json_bound(const char *text, size_t length)
{
    size_t bound = 1;
    for (size_t i = 0; i < length; i++)
        if (text[i] == ',' || text[i] == '[' || text[i] == '{')
            bound++;
    return bound;
}

spae_status spae_json_parse(const char *text, size_t length, spae_json_node *nodes, size_t capacity,
                            size_t *node_count, spae_error *err)
{
    reader r = {text, length, 0, nodes, capacity, 0, 0, err};
    uint32_t root;
    const spae_status status =
        length == 0 ? refuse(&r, 0, "expected a value") : parse_value(&r, NULL, 0, &root);
    if (status != SPAE_OK)
        return status;
    if (r.at != length)
        return refuse(&r, r.at, "expected nothing more after the value");
    if (node_count != NULL)
        *node_count = r.count;
    return SPAE_OK;
}

/* ---- what is in a node ----------------------------------------------------------------------- */

const spae_json_node *spae_json_first(const spae_json_node *nodes, const spae_json_node *parent)
{
    return parent->child != SPAE_JSON_NONE ? &nodes[parent->child] : NULL;
}

const spae_json_node *spae_json_next(const spae_json_node *nodes, const spae_json_node *node)
{
    return node->next != SPAE_JSON_NONE ? &nodes[node->next] : NULL;
}

/* Does the slice, unescaped, say the same as the terminated text? */
static bool says(const char *slice, size_t length, const char *text)
{
    const size_t n = strlen(text);
    size_t at = 0;
    for (size_t i = 0, used; i < length; i += used) {
        uint32_t c = 0;
        uint8_t bytes[4];
        (void)character(slice + i, length - i, &used, &c);
        const size_t size = spae_utf8_encode(c, bytes);
        if (size > n - at || memcmp(text + at, bytes, size) != 0)
            return false;
        at += size;
    }
    return at == n;
}

const spae_json_node *spae_json_member(const spae_json_node *nodes, const spae_json_node *object,
                                       const char *key)
{
    if (object->type != SPAE_JSON_OBJECT)
        return NULL;
    const spae_json_node *member = spae_json_first(nodes, object);
    while (member != NULL && !says(member->key, member->key_length, key))
        member = spae_json_next(nodes, member);
    return member;
}

/* The beginning of a slice as a terminated text, for messages, cut between characters. */
static const char *beginning(const char *slice, size_t length, char text[64])
{
    size_t n = length < 63 ? length : 63;
    while (n < length && n > 0 && ((unsigned char)slice[n] & 0xc0) == 0x80)
        n--;
    if (n > 0)
        memcpy(text, slice, n);
    text[n] = '\0';
    return text;
}

static spae_status expected(const spae_json_node *node, const char *what, spae_error *err)
{
    static const char *const names[] = {"null",     "a boolean", "a number",
                                        "a string", "an array",  "an object"};
    char key[64], found[64];
    const bool plain = node->type == SPAE_JSON_NUMBER;
    return spae_fail(err, SPAE_ERR_FORMAT, "json: %s%sexpected %s, found %s",
                     node->key != NULL ? beginning(node->key, node->key_length, key) : "",
                     node->key != NULL ? ": " : "", what,
                     plain ? beginning(node->text, node->length, found) : names[node->type]);
}

spae_status spae_json_boolean(const spae_json_node *node, bool *value, spae_error *err)
{
    if (node->type != SPAE_JSON_BOOL)
        return expected(node, "true or false", err);
    *value = node->text[0] == 't';
    return SPAE_OK;
}

/* Digits only, after an optional sign; false when there are others or the magnitude is above
 * 2^63. */
static bool integer_of(const char *s, size_t n, int64_t *value)
{
    const uint64_t limit = (uint64_t)1 << 63;
    const bool negative = s[0] == '-';
    uint64_t size = 0;
    for (size_t i = negative; i < n; i++) {
        const unsigned digit = (unsigned)(s[i] - '0');
        if (s[i] < '0' || s[i] > '9' || size > (limit - digit) / 10)
            return false;
        size = 10 * size + digit;
    }
    if (size == limit && !negative)
        return false;
    *value = !negative ? (int64_t)size : size == 0 ? 0 : -(int64_t)(size - 1) - 1;
    return true;
}

spae_status spae_json_integer(const spae_json_node *node, int64_t least, int64_t most,
                              int64_t *value, spae_error *err)
{
    int64_t integer;
    char found[64];
    if (node->type != SPAE_JSON_NUMBER || !integer_of(node->text, node->length, &integer))
        return expected(node, "an integer", err);
    if (integer < least || integer > most)
        return spae_fail(
            err, SPAE_ERR_FORMAT, "json: %s%sexpected an integer from %lld to %lld, found %lld",
            node->key != NULL ? beginning(node->key, node->key_length, found) : "",
            node->key != NULL ? ": " : "", (long long)least, (long long)most, (long long)integer);
    *value = integer;
    return SPAE_OK;
}

spae_status spae_json_double(const spae_json_node *node, double *value, spae_error *err)
{
    double number;
    if (node->type != SPAE_JSON_NUMBER || !spae_decimal_read(node->text, node->length, &number))
        return expected(node, "a number", err);
    if (number > SPAE_DOUBLE_MAX || number < -SPAE_DOUBLE_MAX)
        return expected(node, "a number within the range of binary64", err);
    *value = number;
    return SPAE_OK;
}

static size_t unescaped_length(const char *slice, size_t length)
{
    size_t n = 0;
    for (size_t i = 0, used; i < length; i += used) {
        uint32_t c = 0;
        uint8_t bytes[4];
        (void)character(slice + i, length - i, &used, &c);
        n += spae_utf8_encode(c, bytes);
    }
    return n;
}

static spae_status unescape(const char *slice, size_t length, char *out, size_t capacity,
                            size_t *out_length, spae_error *err)
{
    const bool plain = length == 0 || memchr(slice, '\\', length) == NULL;
    const size_t n = plain ? length : unescaped_length(slice, length);
    size_t at = 0;
    if (n >= capacity)
        return spae_fail(err, SPAE_ERR_NO_MEMORY,
                         "json: a string of %zu bytes, room for %zu and the terminator", n,
                         capacity > 0 ? capacity - 1 : 0);
    if (plain && length > 0)
        memcpy(out, slice, length);
    for (size_t i = 0, used; i < length && !plain; i += used) {
        uint32_t c = 0;
        uint8_t bytes[4];
        (void)character(slice + i, length - i, &used, &c);
        const size_t size = spae_utf8_encode(c, bytes);
        memcpy(out + at, bytes, size);
        at += size;
    }
    out[n] = '\0';
    if (out_length != NULL)
        *out_length = n;
    return SPAE_OK;
}

spae_status spae_json_string(const spae_json_node *node, char *out, size_t capacity, size_t *length,
                             spae_error *err)
{
    if (node->type != SPAE_JSON_STRING)
        return expected(node, "a string", err);
    return unescape(node->text, node->length, out, capacity, length, err);
}

spae_status spae_json_key(const spae_json_node *node, char *out, size_t capacity, size_t *length,
                          spae_error *err)
{
    if (node->key == NULL)
        return expected(node, "a member of an object", err);
    return unescape(node->key, node->key_length, out, capacity, length, err);
}
