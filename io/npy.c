/* NPY files, reading (SPEC 8.3).
 *
 * Source    the description of numpy.lib.format: 93 "NUMPY" major minor, the length of the header
 *           (2 bytes in 1.0, else 4, low byte first), the header, the data.
 * Header    the text of a Python dictionary with exactly the keys 'descr', 'fortran_order' and
 *           'shape', in any order; read by the grammar
 *             dict  = '{' [ pair { ',' pair } [','] ] '}'       pair = string ':' value
 *             shape = '(' ')' | '(' n ',' ')' | '(' n ',' n { ',' n } [','] ')'
 *           with white space between all parts. An n may end in L, as Python 2 wrote it.
 * Open      not settled by the description; our choice:
 *             a repeated or unknown key    refused
 *             the order mark '='           refused: the file would mean another thing on another
 *                                          machine
 *             the order mark '|'           only where an item is bytes
 *             items of no bytes (S0, U0)   refused: their number would not be bounded by the file
 *             bytes after the array        refused
 */
#include "npy.h"

#include <string.h>

#include "../vendor_free/half.h"
#include "../vendor_free/utf8.h"

#define HEADER_MOST 4096

/* ---- the header's text ----------------------------------------------------------------------- */

/* Functions that return bool give false after they have filled *err. */
typedef struct {
    const spae_source *source;
    uint64_t offset; /* of text[0] */
    const char *text;
    size_t size, at;
    spae_error *err;
} parser;

static spae_status broken(const spae_source *source, uint64_t offset, const char *what,
                          spae_error *err)
{
    return spae_fail(err, SPAE_ERR_FORMAT, "%s: byte %llu: %s", source->name,
                     (unsigned long long)offset, what);
}

static bool refuse(const parser *p, const char *what)
{
    return broken(p->source, p->offset + p->at, what, p->err) == SPAE_OK;
}

static void skip_white(parser *p)
{
    while (p->at < p->size && memchr(" \t\r\n", p->text[p->at], 4) != NULL)
        p->at++;
}

/* Takes the character c, white space before it, if it comes next. */
static bool accept(parser *p, char c)
{
    skip_white(p);
    if (p->at == p->size || p->text[p->at] != c)
        return false;
    p->at++;
    return true;
}

static bool expect(parser *p, char c, const char *otherwise)
{
    return accept(p, c) || refuse(p, otherwise);
}

/* 'text' or "text", without escapes: none of the texts that are due has any. */
static bool string(parser *p, const char **text, size_t *length)
{
    const char quote = accept(p, '\'') ? '\'' : '"';
    if (quote == '"' && !accept(p, '"'))
        return refuse(p, "a quoted text is due here");
    const char *start = p->text + p->at, *end = memchr(start, quote, p->size - p->at);
    if (end == NULL)
        return refuse(p, "the quoted text does not end");
    *text = start;
    *length = (size_t)(end - start);
    p->at += *length + 1;
    return true;
}

/* A whole number that fits a size_t, no white space before it. */
static bool number(parser *p, size_t *value)
{
    size_t n = 0, digits = 0;
    for (; p->at < p->size && p->text[p->at] >= '0' && p->text[p->at] <= '9'; p->at++, digits++) {
        const size_t digit = (size_t)(p->text[p->at] - '0');
        if (n > (SIZE_MAX - digit) / 10)
            return refuse(p, "the number is too large");
        n = 10 * n + digit;
    }
    if (digits == 0)
        return refuse(p, "a whole number is due here");
    *value = n;
    return true;
}

static bool boolean(parser *p, bool *value)
{
    skip_white(p);
    const size_t left = p->size - p->at;
    *value = left >= 4 && memcmp(p->text + p->at, "True", 4) == 0;
    if (!*value && !(left >= 5 && memcmp(p->text + p->at, "False", 5) == 0))
        return refuse(p, "True or False is due here");
    p->at += *value ? 4 : 5;
    return true;
}

/* ---- the three values ------------------------------------------------------------------------ */

/* What a type letter means: its kind, the bytes of its unit, and which numbers of units there may
 * be (bit n for n; 0 for any from 1 on). */
static const struct {
    char letter;
    spae_npy_kind kind;
    unsigned unit, allowed;
} types[] = {
    {'b', SPAE_NPY_BOOL, 1, 1U << 1},
    {'i', SPAE_NPY_INT, 1, 1U << 1 | 1U << 2 | 1U << 4 | 1U << 8},
    {'u', SPAE_NPY_UINT, 1, 1U << 1 | 1U << 2 | 1U << 4 | 1U << 8},
    {'f', SPAE_NPY_FLOAT, 1, 1U << 2 | 1U << 4 | 1U << 8},
    {'S', SPAE_NPY_BYTES, 1, 0},
    {'U', SPAE_NPY_UNICODE, 4, 0},
};

/* The letter and number of a type, all of p's text from p->at on. */
static bool item_type(parser *p, spae_npy_header *h)
{
    const char letter = p->text[p->at++];
    size_t units = 0;
    if (!number(p, &units))
        return false;
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        const bool fits = types[i].allowed == 0
                              ? units >= 1 && units <= SIZE_MAX / types[i].unit
                              : units <= 8 && (types[i].allowed >> units & 1) != 0;
        if (types[i].letter != letter || !fits)
            continue;
        h->kind = types[i].kind;
        h->item_bytes = units * types[i].unit;
        return p->at == p->size || refuse(p, "the type goes on where it should end");
    }
    return refuse(p, "items of this type are not known");
}

/* '<f4': an order mark, a letter, a number. */
static bool descr(parser *p, spae_npy_header *h)
{
    const char *text;
    size_t length;
    if (accept(p, '['))
        return refuse(p, "items with named fields are not known");
    if (!string(p, &text, &length))
        return false;
    parser type = *p; /* over the inside of the quotes, so that errors still tell their place */
    type.at = (size_t)(text - p->text);
    type.size = type.at + length;
    if (length < 3)
        return refuse(&type, "a type such as '<f4' is due here");
    const char mark = text[0];
    type.at++;
    if (!item_type(&type, h))
        return false;
    h->big_endian = mark == '>';
    const bool bytewise = h->item_bytes == 1 || h->kind == SPAE_NPY_BYTES;
    if (mark == '<' || mark == '>' || (mark == '|' && bytewise))
        return true;
    type.at = (size_t)(text - p->text);
    return refuse(&type, "an order mark '<' or '>' is due here");
}

static bool shape(parser *p, spae_npy_header *h)
{
    bool comma = true;
    h->rank = 0;
    if (!expect(p, '(', "a shape in parentheses is due here"))
        return false;
    while (!accept(p, ')')) {
        if (!comma)
            return refuse(p, "a comma is due here");
        if (h->rank == SPAE_NPY_RANK)
            return refuse(p, "the shape has more than 8 sizes");
        if (!number(p, &h->shape[h->rank++])) /* white space went with the bracket that was looked for */
            return false;
        if (p->at < p->size && p->text[p->at] == 'L')
            p->at++;
        comma = accept(p, ',');
    }
    if (h->rank == 1 && !comma)
        return refuse(p, "a shape of one size is written (n,)");
    for (unsigned i = h->rank; i < SPAE_NPY_RANK; i++)
        h->shape[i] = 1;
    return true;
}

static bool pair(parser *p, spae_npy_header *h, unsigned *seen)
{
    static const char *const keys[] = {"descr", "fortran_order", "shape"};
    const char *key;
    size_t length;
    unsigned which = 0;
    if (!string(p, &key, &length))
        return false;
    while (which < 3 && (strlen(keys[which]) != length || memcmp(keys[which], key, length) != 0))
        which++;
    if (which == 3)
        return refuse(p, "the key is none of descr, fortran_order and shape");
    if ((*seen >> which & 1) != 0)
        return refuse(p, "the key occurs twice");
    *seen |= 1U << which;
    if (!expect(p, ':', "a colon is due here"))
        return false;
    return which == 0 ? descr(p, h) : which == 1 ? boolean(p, &h->fortran) : shape(p, h);
}

static bool dictionary(parser *p, spae_npy_header *h)
{
    unsigned seen = 0;
    bool comma = true;
    if (!expect(p, '{', "the header does not begin with {"))
        return false;
    while (!accept(p, '}')) {
        if (!comma)
            return refuse(p, "a comma is due here");
        if (!pair(p, h, &seen))
            return false;
        comma = accept(p, ',');
    }
    if (seen != 7)
        return refuse(p, "the header lacks descr, fortran_order or shape");
    skip_white(p);
    return p->at == p->size || refuse(p, "the header goes on after its }");
}

/* ---- the header ------------------------------------------------------------------------------ */

/* Multiplies the shape. Sizes of 0 are left out of the checks' product, so that (0, 2^60, 2^60) is
 * refused like (1, 2^60, 2^60). */
static spae_status count_items(const spae_source *source, uint64_t offset, spae_npy_header *h,
                               spae_error *err)
{
    const uint64_t most = spae_limits_default().max_elements;
    size_t product = 1;
    bool empty = false;
    for (unsigned i = 0; i < h->rank; i++) {
        empty = empty || h->shape[i] == 0;
        if (h->shape[i] == 0)
            continue;
        if (h->shape[i] > most / product || h->shape[i] > SIZE_MAX / h->item_bytes / product)
            return broken(source, offset, "the shape holds more items than the limit", err);
        product *= h->shape[i];
    }
    h->count = empty ? 0 : product;
    return SPAE_OK;
}

/* The magic, the version and the length of the text; *text_at counts from the start of the array.
 */
static spae_status read_preamble(const spae_source *source, uint64_t offset, uint64_t size,
                                 size_t *text_at, size_t *text_bytes, spae_error *err)
{
    uint8_t b[12] = {0};
    const size_t got = size < sizeof b ? (size_t)size : sizeof b;
    const spae_status status = spae_source_read(source, offset, b, got, err);
    if (status != SPAE_OK)
        return status;
    if (got < 10 || memcmp(b, "\x93NUMPY", 6) != 0)
        return broken(source, offset, "this is no NPY array: it does not begin with 93 NUMPY", err);
    if (b[6] < 1 || b[6] > 3 || b[7] != 0)
        return broken(source, offset + 6, "the version is none of 1.0, 2.0 and 3.0", err);
    *text_at = b[6] == 1 ? 10 : 12;
    *text_bytes = b[8] | (size_t)b[9] << 8;
    if (b[6] > 1 && (b[10] | b[11]) != 0)
        *text_bytes = SIZE_MAX;
    if (*text_bytes > HEADER_MOST)
        return broken(source, offset + 8, "the header is longer than 4096 bytes", err);
    if (*text_at + *text_bytes > size)
        return broken(source, offset + 8, "the header is longer than the array", err);
    return SPAE_OK;
}

/* The data must end where the array ends. */
static spae_status check_extent(const spae_source *source, uint64_t offset, uint64_t size,
                                const spae_npy_header *h, spae_error *err)
{
    const uint64_t due = (uint64_t)h->count * h->item_bytes, found = offset + size - h->data_offset;
    if (due == found)
        return SPAE_OK;
    return spae_fail(err, SPAE_ERR_FORMAT,
                     "%s: byte %llu: the header says %llu bytes of data, the file has %llu",
                     source->name, (unsigned long long)h->data_offset, (unsigned long long)due,
                     (unsigned long long)found);
}

spae_status spae_npy_read_header(const spae_source *source, uint64_t offset, uint64_t size,
                                 spae_npy_header *header, spae_error *err)
{
    char text[HEADER_MOST];
    size_t text_at = 0, text_bytes = 0;
    spae_npy_header h;
    if (offset > source->size || size > source->size - offset)
        return spae_fail(err, SPAE_ERR_ARGUMENT, "%s: the array does not lie inside", source->name);
    spae_status status = read_preamble(source, offset, size, &text_at, &text_bytes, err);
    if (status != SPAE_OK)
        return status;
    status = spae_source_read(source, offset + text_at, text, text_bytes, err);
    if (status != SPAE_OK)
        return status;
    parser p = {source, offset + text_at, text, text_bytes, 0, err};
    if (!dictionary(&p, &h))
        return SPAE_ERR_FORMAT;
    h.data_offset = offset + text_at + text_bytes;
    status = count_items(source, offset + text_at, &h, err);
    if (status == SPAE_OK)
        status = check_extent(source, offset, size, &h, err);
    if (status == SPAE_OK)
        *header = h;
    return status;
}

/* ---- items ----------------------------------------------------------------------------------- */

/* Where in C order the items of the file go, one after the other. */
typedef struct {
    size_t index[SPAE_NPY_RANK], stride[SPAE_NPY_RANK];
    size_t to; /* sum of index * stride */
} place;

static place first_place(const spae_npy_header *h)
{
    place p = {{0}, {0}, 0};
    size_t stride = 1;
    for (unsigned i = h->rank; i-- > 0;) {
        p.stride[i] = stride;
        stride *= h->shape[i]; /* <= count: only called when there are items */
    }
    return p;
}

static void next_place(place *p, const spae_npy_header *h)
{
    if (!h->fortran) {
        p->to++;
        return;
    }
    for (unsigned i = 0; i < h->rank; i++) { /* the first index runs fastest */
        p->to += p->stride[i];
        if (++p->index[i] < h->shape[i])
            return;
        p->to -= p->stride[i] * h->shape[i];
        p->index[i] = 0;
    }
}

/* n <= 8 bytes as a number. */
static uint64_t load(const uint8_t *b, size_t n, bool big_endian)
{
    uint64_t raw = 0;
    for (size_t i = 0; i < n; i++)
        raw |= (uint64_t)b[i] << 8 * (big_endian ? n - 1 - i : i);
    return raw;
}

/* Puts one item, given by its bits, to out[to]; NULL, or what is wrong with it. */
typedef const char *store(const spae_npy_header *h, uint64_t raw, void *out, size_t to);

/* What items become. */
typedef struct {
    spae_npy_kind kind; /* those of this kind and size are, but for the order of bytes, what they become */
    size_t bytes;
    store *put;
    unsigned kinds; /* bit k: items of kind k can become it */
    const char *due;
} target;

static uint64_t data_bytes(const spae_npy_header *h)
{
    return (uint64_t)h->count * h->item_bytes;
}

static void turn_items(uint8_t *items, size_t count, size_t n)
{
    for (size_t i = 0; i < count; i++, items += n)
        for (size_t b = 0; b < n / 2; b++) {
            const uint8_t kept = items[b];
            items[b] = items[n - 1 - b];
            items[n - 1 - b] = kept;
        }
}

/* Items in C order, no longer than what they become: all of them in one reading, to the end of out's room. Each then
 * moves down, or stays: item i + 1 lies no lower than where the room of what item i becomes ends. */
static spae_status all_items(const spae_source *source, const spae_npy_header *h, const target *t, void *out,
                             spae_error *err)
{
    uint8_t *const items = (uint8_t *)out + h->count * (t->bytes - h->item_bytes);
    const spae_status status = spae_source_read(source, h->data_offset, items, (size_t)data_bytes(h), err);
    if (status != SPAE_OK)
        return status;
    if (h->kind == t->kind && h->item_bytes == t->bytes) {
        if (h->big_endian == spae_lowest_byte_first())
            turn_items(items, h->count, t->bytes);
        return SPAE_OK;
    }
    for (size_t i = 0; i < h->count; i++) {
        const char *wrong = t->put(h, load(items + i * h->item_bytes, h->item_bytes, h->big_endian), out, i);
        if (wrong != NULL)
            return broken(source, h->data_offset + (uint64_t)i * h->item_bytes, wrong, err);
    }
    return SPAE_OK;
}

/* Items in Fortran's order, or longer than what they become: by way of a piece of them. */
static spae_status each_item(const spae_source *source, const spae_npy_header *h, const target *t,
                             void *out, spae_error *err)
{
    uint8_t piece[4096]; /* a multiple of every item_bytes: 1, 2, 4, 8 */
    place at = first_place(h);
    for (size_t done = 0; done < h->count;) {
        const size_t left = h->count - done, most = sizeof piece / h->item_bytes;
        const size_t now = left < most ? left : most;
        const uint64_t offset = h->data_offset + (uint64_t)done * h->item_bytes;
        const spae_status status =
            spae_source_read(source, offset, piece, now * h->item_bytes, err);
        if (status != SPAE_OK)
            return status;
        for (size_t i = 0; i < now; i++, next_place(&at, h)) {
            const uint64_t raw = load(piece + i * h->item_bytes, h->item_bytes, h->big_endian);
            const char *wrong = t->put(h, raw, out, at.to);
            if (wrong != NULL)
                return broken(source, offset + i * h->item_bytes, wrong, err);
        }
        done += now;
    }
    return SPAE_OK;
}

static spae_status read_items(const spae_source *source, const spae_npy_header *h, const target *t, void *out,
                              spae_error *err)
{
    if ((t->kinds >> h->kind & 1) == 0)
        return spae_fail(err, SPAE_ERR_FORMAT,
                         "%s: byte %llu: the items are of another type, due are %s", source->name,
                         (unsigned long long)h->data_offset, t->due);
    if (h->count == 0)
        return SPAE_OK;
    return h->fortran || h->item_bytes > t->bytes ? each_item(source, h, t, out, err)
                                                  : all_items(source, h, t, out, err);
}

enum {
    WHOLE = 1U << SPAE_NPY_BOOL | 1U << SPAE_NPY_INT | 1U << SPAE_NPY_UINT,
    NUMERIC = WHOLE | 1U << SPAE_NPY_FLOAT,
    UNSIGNED = 1U << SPAE_NPY_BOOL | 1U << SPAE_NPY_UINT
};

static const char not_bool[] = "a bool is neither 0 nor 1";

static float float_of(uint32_t bits)
{
    float f;
    memcpy(&f, &bits, sizeof f);
    return f;
}

static double double_of(uint64_t bits)
{
    double d;
    memcpy(&d, &bits, sizeof d);
    return d;
}

/* raw, of n bytes in two's complement, without relying on how C narrows. */
static int64_t signed_of(uint64_t raw, size_t n)
{
    const uint64_t sign = (uint64_t)1 << (8 * n - 1);
    return (raw & sign) == 0 ? (int64_t)raw : -(int64_t)((sign - 1) - (raw & (sign - 1))) - 1;
}

static const char *store_float(const spae_npy_header *h, uint64_t raw, void *out, size_t to)
{
    float *x = (float *)out + to;
    if (h->kind == SPAE_NPY_FLOAT)
        *x = h->item_bytes == 2   ? spae_half_to_float((uint16_t)raw)
             : h->item_bytes == 4 ? float_of((uint32_t)raw)
                                  : (float)double_of(raw);
    else if (h->kind == SPAE_NPY_INT)
        *x = (float)signed_of(raw, h->item_bytes);
    else
        *x = (float)raw;
    return h->kind == SPAE_NPY_BOOL && raw > 1 ? not_bool : NULL;
}

static const char *store_double(const spae_npy_header *h, uint64_t raw, void *out, size_t to)
{
    double *x = (double *)out + to;
    if (h->kind == SPAE_NPY_FLOAT)
        *x = h->item_bytes == 2   ? (double)spae_half_to_float((uint16_t)raw)
             : h->item_bytes == 4 ? (double)float_of((uint32_t)raw)
                                  : double_of(raw);
    else if (h->kind == SPAE_NPY_INT)
        *x = (double)signed_of(raw, h->item_bytes);
    else
        *x = (double)raw;
    return h->kind == SPAE_NPY_BOOL && raw > 1 ? not_bool : NULL;
}

static const char *store_int32(const spae_npy_header *h, uint64_t raw, void *out, size_t to)
{
    static const char outside[] = "the number does not fit 32 bits";
    int64_t value;
    if (h->kind == SPAE_NPY_BOOL && raw > 1)
        return not_bool;
    if (h->kind != SPAE_NPY_INT && raw > INT32_MAX)
        return outside;
    value = h->kind == SPAE_NPY_INT ? signed_of(raw, h->item_bytes) : (int64_t)raw;
    if (value < INT32_MIN || value > INT32_MAX)
        return outside;
    ((int32_t *)out)[to] = (int32_t)value;
    return NULL;
}

static const char *store_int64(const spae_npy_header *h, uint64_t raw, void *out, size_t to)
{
    if (h->kind == SPAE_NPY_BOOL && raw > 1)
        return not_bool;
    if (h->kind != SPAE_NPY_INT && raw > INT64_MAX)
        return "the number does not fit 64 bits with a sign";
    ((int64_t *)out)[to] =
        h->kind == SPAE_NPY_INT ? signed_of(raw, h->item_bytes) : (int64_t)raw;
    return NULL;
}

static const char *store_uint8(const spae_npy_header *h, uint64_t raw, void *out, size_t to)
{
    if (h->kind == SPAE_NPY_BOOL && raw > 1)
        return not_bool;
    if (raw > UINT8_MAX)
        return "the number does not fit 8 bits";
    ((uint8_t *)out)[to] = (uint8_t)raw;
    return NULL;
}

spae_npy_header spae_npy_cut(const spae_npy_header *header, size_t from, size_t count)
{
    spae_npy_header h = *header;
    const size_t each = h.count / h.shape[0];
    h.data_offset += (uint64_t)from * each * h.item_bytes;
    h.shape[0] = count;
    h.count = count * each;
    return h;
}

spae_status spae_npy_read_float(const spae_source *source, const spae_npy_header *header,
                                float *out, spae_error *err)
{
    static const target t = {SPAE_NPY_FLOAT, sizeof *out, store_float, NUMERIC, "numbers"};
    return read_items(source, header, &t, out, err);
}

spae_status spae_npy_read_double(const spae_source *source, const spae_npy_header *header,
                                 double *out, spae_error *err)
{
    static const target t = {SPAE_NPY_FLOAT, sizeof *out, store_double, NUMERIC, "numbers"};
    return read_items(source, header, &t, out, err);
}

spae_status spae_npy_read_int32(const spae_source *source, const spae_npy_header *header,
                                int32_t *out, spae_error *err)
{
    static const target t = {SPAE_NPY_INT, sizeof *out, store_int32, WHOLE, "whole numbers"};
    return read_items(source, header, &t, out, err);
}

spae_status spae_npy_read_int64(const spae_source *source, const spae_npy_header *header,
                                int64_t *out, spae_error *err)
{
    static const target t = {SPAE_NPY_INT, sizeof *out, store_int64, WHOLE, "whole numbers"};
    return read_items(source, header, &t, out, err);
}

spae_status spae_npy_read_uint8(const spae_source *source, const spae_npy_header *header,
                                uint8_t *out, spae_error *err)
{
    static const target t = {SPAE_NPY_UINT, sizeof *out, store_uint8, UNSIGNED, "unsigned numbers"};
    return read_items(source, header, &t, out, err);
}

/* ---- strings --------------------------------------------------------------------------------- */

/* item_bytes bytes of an S item, in place; NULL, or what is wrong. */
static const char *bytes_text(uint8_t *b, size_t item_bytes, size_t *length)
{
    size_t n = item_bytes;
    while (n > 0 && b[n - 1] == 0)
        n--;
    *length = n;
    return spae_utf8_valid(b, n) ? NULL : "the text is not UTF-8";
}

/* item_bytes bytes of a U item become UTF-8 in place: 4 bytes give 4 at most, so writing never
 * overtakes. */
static const char *unicode_text(uint8_t *b, size_t item_bytes, bool big_endian, size_t *length)
{
    size_t points = item_bytes / 4, n = 0;
    while (points > 0 && load(b + 4 * (points - 1), 4, big_endian) == 0)
        points--;
    for (size_t i = 0; i < points; i++) {
        uint8_t utf8[4];
        const size_t used = spae_utf8_encode((uint32_t)load(b + 4 * i, 4, big_endian), utf8);
        if (used == 0)
            return "the number is no code point of Unicode";
        memcpy(b + n, utf8, used);
        n += used;
    }
    *length = n;
    return NULL;
}

/* All texts, one behind the other in `texts`, which has room for count * (item_bytes + 1). */
static spae_status read_texts(const spae_source *source, const spae_npy_header *h, uint8_t *texts,
                              spae_text *items, spae_error *err)
{
    place at = first_place(h);
    for (size_t i = 0; i < h->count; i++, next_place(&at, h)) {
        const uint64_t offset = h->data_offset + (uint64_t)i * h->item_bytes;
        size_t length;
        const spae_status status = spae_source_read(source, offset, texts, h->item_bytes, err);
        if (status != SPAE_OK)
            return status;
        const char *wrong = h->kind == SPAE_NPY_BYTES
                                ? bytes_text(texts, h->item_bytes, &length)
                                : unicode_text(texts, h->item_bytes, h->big_endian, &length);
        if (wrong != NULL)
            return broken(source, offset, wrong, err);
        texts[length] = 0;
        items[at.to] = (spae_text){(const char *)texts, length};
        texts += length + 1;
    }
    return SPAE_OK;
}

spae_status spae_npy_read_strings(spae_arena *arena, const spae_source *source,
                                  const spae_npy_header *header, const spae_text **items,
                                  spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    if (header->kind != SPAE_NPY_BYTES && header->kind != SPAE_NPY_UNICODE)
        return spae_fail(err, SPAE_ERR_FORMAT,
                         "%s: byte %llu: the items are numbers, due are texts", source->name,
                         (unsigned long long)header->data_offset);
    spae_text *texts = spae_arena_take(arena, header->count, sizeof *texts);
    uint8_t *room = texts != NULL && header->item_bytes < SIZE_MAX
                        ? spae_arena_take(arena, header->count, header->item_bytes + 1)
                        : NULL;
    const spae_status status =
        room == NULL
            ? spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for %zu texts of %zu bytes",
                        source->name, header->count, header->item_bytes)
            : read_texts(source, header, room, texts, err);
    if (status == SPAE_OK)
        *items = texts;
    else
        spae_arena_reset(arena, mark);
    return status;
}
