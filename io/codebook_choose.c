/* Which words of a vocabulary are taken: conditions on their text, and lists of counts; codebook.h. */
#include <stdlib.h>

#include "io/codebook.h"
#include "io/words.h"
#include "vendor_free/decimal.h"
#include "vendor_free/unicode.h"
#include "vendor_free/utf8.h"

enum { COUNTS_MOST = 1 << 28, MARK = 3 };

static const char mark[] = "\xE2\x96\x81"; /* U+2581 */

/* ---- conditions ------------------------------------------------------------------------------ */

/* Bytes of the space or mark that the word begins with; 0: none. */
static size_t lead(const char *bytes, size_t length)
{
    if (length >= 1 && bytes[0] == ' ')
        return 1;
    return length >= MARK && memcmp(bytes, mark, MARK) == 0 ? MARK : 0;
}

/* Is every character of these categories, as bits? `also` is a character that is good besides. */
static bool all_of(const char *bytes, size_t length, uint32_t categories, uint32_t also)
{
    for (size_t at = 0; at < length;) {
        uint32_t point = 0;
        at += spae_utf8_decode((const uint8_t *)bytes + at, length - at, &point); /* it is UTF-8 */
        if (point != also && (categories >> spae_unicode_category_of(point) & 1U) == 0)
            return false;
    }
    return true;
}

static bool is_printable(const char *bytes, size_t length)
{
    const uint32_t hidden = spae_unicode_categories("C", 1) | spae_unicode_categories("Z", 1);
    bool seen = false;
    for (size_t i = 0; i < length; i++)
        seen = seen || bytes[i] != ' ';
    return seen && all_of(bytes, length, ~hidden, ' ');
}

static bool is_letters(const char *bytes, size_t length)
{
    const size_t from = lead(bytes, length);
    uint32_t first = 0;
    if (spae_utf8_decode((const uint8_t *)bytes + from, length - from, &first) == 0 ||
        (SPAE_UNICODE_LETTERS >> spae_unicode_category_of(first) & 1U) == 0)
        return false;
    return all_of(bytes + from, length - from, SPAE_UNICODE_LETTERS | SPAE_UNICODE_MARKS, first);
}

bool spae_codebook_takes(unsigned take, bool spaced, const char *bytes, size_t length)
{
    const size_t from = lead(bytes, length);
    if (take == 0)
        return true;
    const bool starts = !spaced || (from > 0 && from < length);
    if ((take & SPAE_TAKE_STARTS) != 0 && !starts)
        return false;
    if ((take & (SPAE_TAKE_UTF8 | SPAE_TAKE_PRINTABLE | SPAE_TAKE_LETTERS)) == 0)
        return true;
    if (!spae_utf8_valid((const uint8_t *)bytes, length))
        return false;
    return ((take & SPAE_TAKE_PRINTABLE) == 0 || is_printable(bytes, length)) &&
           ((take & SPAE_TAKE_LETTERS) == 0 || is_letters(bytes, length));
}

/* ---- counts ---------------------------------------------------------------------------------- */

struct spae_codebook_counts {
    double *count;    /* by place: of a word of the source, or of `words` */
    bool by_place;
    spae_words words; /* where they are counted by text */
};

static spae_status bad_count(const char *path, size_t number, const char *what, spae_error *err)
{
    return spae_fail(err, SPAE_ERR_FORMAT, "%s: line %zu: %s", path, number, what);
}

static spae_status read_array(spae_arena *arena, const spae_source *file, size_t words, spae_codebook_counts *c,
                              spae_error *err)
{
    spae_npy_header h;
    const spae_status status = spae_npy_read_header(file, 0, file->size, &h, err);
    if (status != SPAE_OK)
        return status;
    if (h.rank != 1 || h.count != words)
        return spae_fail(err, SPAE_ERR_SHAPE, "%s: %zu counts, expected one for each of %zu words", file->name, h.count,
                         words);
    c->by_place = true;
    c->count = spae_arena_take(arena, words, sizeof *c->count);
    if (c->count == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for %zu counts", file->name, words);
    const spae_status read = spae_npy_read_double(file, &h, c->count, err);
    for (size_t k = 0; read == SPAE_OK && k < words; k++)
        if (!(c->count[k] >= 0))
            return spae_fail(err, SPAE_ERR_FORMAT, "%s: the count of word %zu is below 0, or none", file->name, k);
    return read;
}

/* One line, without its newline, is cut into a word, which is terminated, and a count. */
static bool split(char *line, size_t n, double *count)
{
    n -= n > 0 && line[n - 1] == '\r';
    size_t at = n;
    const char *tab = memchr(line, '\t', n);
    if (tab != NULL)
        at = (size_t)(tab - line);
    else
        while (at > 0 && line[at - 1] != ' ')
            at--;
    at -= tab == NULL && at > 0;
    if (at == 0 || at >= n || !spae_decimal_read(line + at + 1, n - at - 1, count) || !(*count >= 0))
        return false;
    line[at] = '\0';
    return strlen(line) == at && spae_utf8_valid((const uint8_t *)line, at);
}

static spae_status read_lines(spae_arena *arena, const char *path, char *text, size_t size, spae_codebook_counts *c,
                              spae_error *err)
{
    size_t lines = 0, number = 0;
    for (size_t i = 0; i < size; i++)
        lines += text[i] == '\n';
    lines += size > 0 && text[size - 1] != '\n';
    const char **word = spae_arena_take(arena, lines, sizeof *word);
    c->count = spae_arena_take(arena, lines, sizeof *c->count);
    if (word == NULL || c->count == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for %zu counts", path, lines);
    text[size] = '\n';
    for (size_t from = 0; from < size; number++) {
        const char *end = memchr(text + from, '\n', size + 1 - from);
        const size_t n = (size_t)(end - (text + from));
        if (!split(text + from, n, &c->count[number]))
            return bad_count(path, number + 1, "expected a word, a tab or a space, and a count from 0 on", err);
        word[number] = text + from;
        from += n + 1;
    }
    return spae_words_index(word, lines, arena, &c->words, err);
}

static spae_status read_counts(spae_arena *arena, const spae_source *file, size_t words, spae_codebook_counts *c,
                               spae_error *err)
{
    static const char magic[] = "\x93NUMPY";
    if (file->size > COUNTS_MOST)
        return spae_fail(err, SPAE_ERR_FORMAT, "%s: a list of counts has at most %d bytes", file->name, (int)COUNTS_MOST);
    const size_t size = (size_t)file->size;
    char *text = spae_arena_take(arena, size + 1, 1);
    if (text == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for %zu bytes", file->name, size);
    const spae_status status = spae_source_read(file, 0, text, size, err);
    if (status != SPAE_OK)
        return status;
    return size >= sizeof magic - 1 && memcmp(text, magic, sizeof magic - 1) == 0
               ? read_array(arena, file, words, c, err)
               : read_lines(arena, file->name, text, size, c, err);
}

spae_status spae_codebook_counts_read(spae_arena *arena, const char *path, size_t words,
                                      const spae_codebook_counts **counts, spae_error *err)
{
    spae_source file;
    spae_codebook_counts *c = spae_arena_take_zeroed(arena, 1, sizeof *c);
    if (c == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for its counts", path);
    spae_status status = spae_source_open(arena, path, NULL, &file, err);
    if (status != SPAE_OK)
        return status;
    status = read_counts(arena, &file, words, c, err);
    spae_source_close(&file);
    *counts = c;
    return status;
}

double spae_codebook_count(const spae_codebook_counts *counts, size_t k, const char *word)
{
    const size_t n = strlen(word), skip = lead(word, n);
    int32_t place = 0;
    if (counts->by_place)
        return counts->count[k];
    if (spae_words_find(&counts->words, word, n, &place) ||
        (skip > 0 && spae_words_find(&counts->words, word + skip, n - skip, &place)))
        return counts->count[place];
    return 0;
}
