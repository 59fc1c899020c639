/* Word vectors in text and in word2vec's binary form, word_source.h (SPEC 8.44). */
#include <math.h>

#include "io/word_source.h"
#include "vendor_free/decimal.h"
#include "vendor_free/float_bits.h"

enum { C_MOST = 65536, LINE_MOST = 1 << 20, WORD_MOST = 1 << 16, FIRST_PIECE = 256 };

/* Where a word's line or record begins, and its bytes. */
typedef struct {
    uint64_t at;
    uint32_t word, length; /* of a line the length with its numbers; of a record not used */
} entry;

typedef struct {
    spae_arena *arena;
    spae_source own;          /* opened by us, where file is this */
    const spae_source *file;
    bool binary;
    size_t V, c, room;
    entry *item; /* (V) */
    char *line;  /* (LINE_MOST + 1) a line, or a record's word */
    spae_error *err;
} vectors;

/* ---- pieces of a line ------------------------------------------------------------------------ */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool is_digits(const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (text[i] < '0' || text[i] > '9')
            return false;
    return n > 0 && n < 16;
}

static size_t number_of(const char *text, size_t n) /* digits, fewer than 16 */
{
    uint64_t number = 0;
    for (size_t i = 0; i < n; i++)
        number = number * 10 + (uint64_t)(text[i] - '0');
    return number <= SIZE_MAX ? (size_t)number : SIZE_MAX;
}

/* Without the blanks, and the carriage return, at its end. */
static size_t trimmed(const char *line, size_t n)
{
    n -= n > 0 && line[n - 1] == '\r';
    while (n > 0 && is_blank(line[n - 1]))
        n--;
    return n;
}

/* The bytes before the last `count` blanks; SIZE_MAX when there are not so many. */
static size_t before_last(const char *line, size_t n, size_t count)
{
    for (; n > 0; n--)
        if (is_blank(line[n - 1]) && --count == 0)
            return n - 1;
    return SIZE_MAX;
}

/* "V c" and nothing else. */
static bool is_header(const char *line, size_t n, size_t *V, size_t *c)
{
    const size_t first = before_last(line, n, 1);
    if (first == SIZE_MAX || !is_digits(line, first) || !is_digits(line + first + 1, n - first - 1))
        return false;
    *V = number_of(line, first);
    *c = number_of(line + first + 1, n - first - 1);
    return true;
}

static bool is_number(const char *text, size_t n)
{
    double value;
    return spae_decimal_read(text, n, &value);
}

static spae_status bad_line(const vectors *v, size_t number, const char *what)
{
    return spae_fail(v->err, SPAE_ERR_FORMAT, "%s: line %zu: %s", v->file->name, number, what);
}

/* The bytes of a line's word. A number at its end would be one too many in the line. */
static spae_status split_line(const vectors *v, const char *line, size_t n, size_t number, uint32_t *word)
{
    const size_t used = before_last(line, n, v->c);
    if (used == SIZE_MAX)
        return spae_fail(v->err, SPAE_ERR_FORMAT, "%s: line %zu: expected a word and %zu numbers", v->file->name, number,
                         v->c);
    const size_t last = before_last(line, used, 1);
    if (last != SIZE_MAX && is_number(line + last + 1, used - last - 1))
        return spae_fail(v->err, SPAE_ERR_FORMAT, "%s: line %zu: more than %zu numbers", v->file->name, number, v->c);
    *word = (uint32_t)used;
    return SPAE_OK;
}

/* ---- the index ------------------------------------------------------------------------------- */

static spae_status no_memory(const vectors *v)
{
    return spae_fail(v->err, SPAE_ERR_NO_MEMORY, "%s: no memory for an index of more than %zu words", v->file->name,
                     v->V);
}

static spae_status add_entry(vectors *v, entry e)
{
    if (v->V == v->room) {
        const size_t room = v->room > 0 ? v->room * 2 : 1024;
        entry *item = v->V < INT32_MAX / 2 ? spae_arena_take(v->arena, room, sizeof *item) : NULL;
        if (item == NULL)
            return no_memory(v);
        if (v->V > 0)
            memcpy(item, v->item, v->V * sizeof *item);
        v->item = item;
        v->room = room;
    }
    v->item[v->V++] = e;
    return SPAE_OK;
}

/* The line at byte `at`, without its newline, into v->line; *next is where the one behind it begins. */
static spae_status read_line(const vectors *v, uint64_t at, size_t number, size_t *length, uint64_t *next)
{
    const uint64_t size = v->file->size;
    size_t have = 0;
    for (size_t piece = FIRST_PIECE;; piece *= 2) {
        const uint64_t left = size - at - have;
        const size_t room = LINE_MOST - have < piece ? LINE_MOST - have : piece;
        const size_t now = left < room ? (size_t)left : room;
        const spae_status status = spae_source_read(v->file, at + have, v->line + have, now, v->err);
        if (status != SPAE_OK)
            return status;
        const char *end = memchr(v->line + have, '\n', now);
        have += now;
        if (end != NULL || at + have == size) {
            *length = end != NULL ? (size_t)(end - v->line) : have;
            *next = at + *length + (end != NULL);
            return SPAE_OK;
        }
        if (have == LINE_MOST)
            return bad_line(v, number, "it is longer than the limit of 2^20 bytes");
    }
}

static spae_status index_lines(vectors *v, uint64_t at, size_t number)
{
    spae_status status = SPAE_OK;
    while (status == SPAE_OK && at < v->file->size) {
        entry e = {.at = at};
        size_t length = 0;
        status = read_line(v, at, number, &length, &at);
        length = trimmed(v->line, length);
        e.length = (uint32_t)length;
        if (status == SPAE_OK)
            status = split_line(v, v->line, length, number, &e.word);
        if (status == SPAE_OK)
            status = add_entry(v, e);
        number++;
    }
    return status;
}

static spae_status bad_record(const vectors *v, uint64_t at, const char *what)
{
    return spae_fail(v->err, SPAE_ERR_FORMAT, "%s: byte %llu: word %zu: %s", v->file->name, (unsigned long long)at, v->V,
                     what);
}

/* The record at *at: a newline that may stand before the word, the word, a blank, the numbers. */
static spae_status index_record(vectors *v, uint64_t *at)
{
    char piece[FIRST_PIECE];
    entry e = {.at = *at};
    for (uint64_t from = *at; from < v->file->size && from - e.at <= WORD_MOST; from += sizeof piece) {
        const uint64_t left = v->file->size - from;
        const size_t now = left < sizeof piece ? (size_t)left : sizeof piece;
        spae_status status = spae_source_read(v->file, from, piece, now, v->err);
        if (status != SPAE_OK)
            return status;
        if (from == *at && piece[0] == '\n')
            e.at++;
        const char *blank = memchr(piece, ' ', now);
        if (blank == NULL)
            continue;
        e.word = (uint32_t)(from + (uint64_t)(blank - piece) - e.at);
        *at = e.at + e.word + 1;
        if (v->file->size - *at < 4 * (uint64_t)v->c)
            return bad_record(v, *at, "its numbers are cut off");
        *at += 4 * (uint64_t)v->c;
        return add_entry(v, e);
    }
    return bad_record(v, *at, "expected a word of up to 2^16 bytes and a blank behind it");
}

static spae_status index_records(vectors *v, uint64_t at, size_t due)
{
    spae_status status = SPAE_OK;
    uint8_t last = 0;
    while (status == SPAE_OK && v->V < due)
        status = index_record(v, &at);
    if (status == SPAE_OK && at + 1 == v->file->size)
        status = spae_source_read(v->file, at, &last, 1, v->err);
    if (status == SPAE_OK && at + (last == '\n') != v->file->size)
        return spae_fail(v->err, SPAE_ERR_FORMAT, "%s: byte %llu: behind the last of %zu words %llu more bytes",
                         v->file->name, (unsigned long long)at, due, (unsigned long long)(v->file->size - at));
    return status;
}

/* Behind a header: is the next line one of text? Its last piece then is a number. */
static spae_status is_text(const vectors *v, uint64_t at, bool *text)
{
    const uint64_t left = v->file->size - at;
    const size_t now = left < LINE_MOST ? (size_t)left : LINE_MOST;
    const spae_status status = spae_source_read(v->file, at, v->line, now, v->err);
    if (status != SPAE_OK)
        return status;
    const char *end = memchr(v->line, '\n', now);
    const size_t length = trimmed(v->line, end != NULL ? (size_t)(end - v->line) : now);
    const size_t last = before_last(v->line, length, 1);
    *text = last != SIZE_MAX && is_number(v->line + last + 1, length - last - 1);
    return SPAE_OK;
}

static size_t count_blanks(const char *line, size_t n)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        count += is_blank(line[i]);
    return count;
}

static spae_status read_headed(vectors *v, uint64_t at, size_t due)
{
    bool text = false;
    spae_status status = is_text(v, at, &text);
    v->binary = !text;
    if (status == SPAE_OK)
        status = text ? index_lines(v, at, 2) : index_records(v, at, due);
    if (status == SPAE_OK && v->V != due)
        return spae_fail(v->err, SPAE_ERR_FORMAT, "%s: line 1 says %zu words, %zu are there", v->file->name, due, v->V);
    return status;
}

static spae_status make_index(vectors *v)
{
    size_t length = 0, due = 0;
    uint64_t next = 0;
    spae_status status = read_line(v, 0, 1, &length, &next);
    if (status != SPAE_OK)
        return status;
    length = trimmed(v->line, length);
    const bool headed = is_header(v->line, length, &due, &v->c);
    if (!headed)
        v->c = count_blanks(v->line, length);
    if (v->c < 1 || v->c > C_MOST || (headed && (due < 1 || due > INT32_MAX)))
        return bad_line(v, 1, "expected a word and 1 to 65536 numbers, or the numbers of words and of columns");
    return headed ? read_headed(v, next, due) : index_lines(v, 0, 1);
}

/* ---- words and rows -------------------------------------------------------------------------- */

static spae_status vector_word(const spae_word_source *source, size_t k, const char **bytes, size_t *length,
                               spae_error *err)
{
    const vectors *v = source->context;
    const entry *e = &v->item[k];
    *bytes = v->line;
    *length = e->word;
    return spae_source_read(v->file, e->at, v->line, e->word, err);
}

static spae_status bad_row(const vectors *v, size_t row, size_t column, spae_error *err)
{
    return spae_fail(err, SPAE_ERR_FORMAT, "%s: word %zu: column %zu: expected a decimal number", v->file->name, row,
                     column);
}

static spae_status not_finite(const vectors *v, size_t row, size_t column, spae_error *err)
{
    return spae_fail(err, SPAE_ERR_NOT_FINITE, "%s: word %zu: column %zu is not finite, or beyond the range",
                     v->file->name, row, column);
}

static spae_status read_text_row(const vectors *v, size_t row, spae_real *e, spae_error *err)
{
    const entry *here = &v->item[row];
    size_t at = here->word + 1;
    const spae_status status = spae_source_read(v->file, here->at, v->line, here->length, err);
    for (size_t j = 0; status == SPAE_OK && j < v->c; j++) {
        size_t end = at;
        double value = 0;
        while (end < here->length && !is_blank(v->line[end]))
            end++;
        if (!spae_decimal_read(v->line + at, end - at, &value))
            return bad_row(v, row, j, err);
        e[j] = (spae_real)value;
        if (!isfinite(e[j]))
            return not_finite(v, row, j, err);
        at = end + 1;
    }
    return status;
}

static spae_status read_binary_row(const vectors *v, size_t row, spae_real *e, spae_error *err)
{
    const entry *here = &v->item[row];
    const uint64_t at = here->at + here->word + 1;
    for (size_t j = 0; j < v->c;) { /* in pieces of the line's room */
        const size_t now = v->c - j < LINE_MOST / 4 ? v->c - j : LINE_MOST / 4;
        const spae_status status = spae_source_read(v->file, at + 4 * j, v->line, 4 * now, err);
        if (status != SPAE_OK)
            return status;
        for (size_t i = 0; i < now; i++, j++) {
            const uint8_t *b = (const uint8_t *)v->line + 4 * i;
            e[j] = (spae_real)spae_float_of_bits((uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 |
                                                 (uint32_t)b[3] << 24);
            if (!isfinite(e[j]))
                return not_finite(v, row, j, err);
        }
    }
    return SPAE_OK;
}

static spae_status vector_row(const spae_word_source *source, size_t row, spae_real *e, spae_error *err)
{
    const vectors *v = source->context;
    return v->binary ? read_binary_row(v, row, e, err) : read_text_row(v, row, e, err);
}

static void close_vectors(spae_word_source *source)
{
    vectors *v = source->context;
    if (v->file == &v->own)
        spae_source_close(&v->own);
}

/* ---- opening --------------------------------------------------------------------------------- */

/* v->file is open; on failure it is the caller's to close, and to reset the arena. */
static spae_status open_vectors(vectors *v, spae_word_source *source, spae_error *err)
{
    v->err = err;
    v->line = spae_arena_take(v->arena, LINE_MOST + 1, 1);
    if (v->line == NULL)
        return no_memory(v);
    const spae_status status = make_index(v);
    if (status == SPAE_OK)
        *source = (spae_word_source){.name = v->file->name, .kind = v->binary ? "vectors, binary" : "vectors, text",
                                     .V = v->V, .rows = v->V, .c = v->c, .context = v, .word = vector_word,
                                     .row = vector_row, .close = close_vectors};
    return status;
}

static vectors *new_vectors(spae_arena *arena, const char *name, spae_error *err)
{
    vectors *v = spae_arena_take_zeroed(arena, 1, sizeof *v);
    if (v == NULL)
        spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for its words", name);
    else
        v->arena = arena;
    return v;
}

spae_status spae_word_source_vectors_of(spae_arena *arena, const spae_source *file, spae_word_source *source,
                                        spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    vectors *v = new_vectors(arena, file->name, err);
    spae_status status = SPAE_ERR_NO_MEMORY;
    if (v != NULL) {
        v->file = file;
        status = open_vectors(v, source, err);
    }
    if (status != SPAE_OK)
        spae_arena_reset(arena, mark);
    return status;
}

spae_status spae_word_source_vectors(spae_arena *arena, const char *path, spae_word_source *source, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    vectors *v = new_vectors(arena, path, err);
    if (v == NULL)
        return SPAE_ERR_NO_MEMORY;
    v->file = &v->own;
    spae_status status = spae_source_open(arena, path, NULL, &v->own, err);
    if (status == SPAE_OK) {
        status = open_vectors(v, source, err);
        if (status != SPAE_OK)
            spae_source_close(&v->own);
    }
    if (status != SPAE_OK)
        spae_arena_reset(arena, mark);
    return status;
}
