/* The vocabulary index and the written form of words.h. */
#include "io/words.h"

#include <stdlib.h>
#include <string.h>

#include "vendor_free/utf8.h"

/* ---- look-up ---------------------------------------------------------------------------------------- */

static int by_text(const void *a, const void *b)
{
    const char *const *x = *(const char *const *const *)a;
    const char *const *y = *(const char *const *const *)b;
    const int order = strcmp(*x, *y);
    return order != 0 ? order : (x > y) - (x < y);
}

spae_status spae_words_index(const char *const *word, size_t V, spae_arena *arena, spae_words *words,
                             spae_error *err)
{
    const char *const **sorted = spae_arena_take(arena, V, sizeof *sorted);
    if (sorted == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "words: no memory for an index of %zu words", V);
    for (size_t k = 0; k < V; k++)
        sorted[k] = &word[k];
    qsort(sorted, V, sizeof *sorted, by_text);
    *words = (spae_words){word, V, sorted};
    return SPAE_OK;
}

/* How a text of `length` bytes stands to a terminated one, as strcmp would say. */
static int compare(const char *text, size_t length, const char *other)
{
    const size_t n = strlen(other);
    const int order = memcmp(text, other, length < n ? length : n);
    return order != 0 ? order : (length > n) - (length < n);
}

bool spae_words_find(const spae_words *words, const char *text, size_t length, int32_t *token)
{
    size_t low = 0, high = words->V; /* the first word not below the text is in low..high */
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (compare(text, length, *words->sorted[middle]) > 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == words->V || compare(text, length, *words->sorted[low]) != 0)
        return false;
    *token = (int32_t)(words->sorted[low] - words->word);
    return true;
}

/* ---- writing ---------------------------------------------------------------------------------------- */

/* Control characters, white space and marks that leave no trace on paper: Unicode's Cc, Zs, Zl, Zp, and those
 * of Cf that are in common use. All are below U+10000. */
static bool is_unseen(uint32_t point)
{
    return point <= 0x20 || (point >= 0x7F && point <= 0xA0) || point == 0xAD || point == 0x1680 ||
           point == 0x180E || (point >= 0x2000 && point <= 0x200F) ||
           (point >= 0x2028 && point <= 0x202F) || (point >= 0x205F && point <= 0x206F) ||
           point == 0x3000 || point == 0xFEFF;
}

static void write_point(uint32_t point, spae_page *page)
{
    switch (point) {
    case ' ':
        spae_page_text(page, "\\s");
        return;
    case '\t':
        spae_page_text(page, "\\t");
        return;
    case '\n':
        spae_page_text(page, "\\n");
        return;
    case '\r':
        spae_page_text(page, "\\r");
        return;
    default:
        spae_page_format(page, "\\u%04x", (unsigned)point);
    }
}

/* Writes the character at text, or one byte of what is none; returns the bytes written about, >= 1. */
static size_t write_character(const char *text, size_t n, spae_page *page)
{
    uint32_t point;
    const size_t used = spae_utf8_decode((const uint8_t *)text, n, &point);
    if (used == 0) {
        spae_page_format(page, "\\x%02x", (unsigned)(unsigned char)text[0]);
        return 1;
    }
    if (point == '\\')
        spae_page_text(page, "\\\\");
    else if (is_unseen(point))
        write_point(point, page);
    else
        spae_page_bytes(page, text, used);
    return used;
}

static bool opens_another_format(char first)
{
    return (first >= '0' && first <= '9') || first == '[' || first == '{';
}

void spae_words_write(const spae_words *words, int32_t token, bool mark_first, spae_page *page)
{
    const char *text = words->word[token];
    const size_t n = strlen(text);
    size_t at = 0;
    int32_t lowest = token;
    if (n == 0)
        spae_page_text(page, "\\e");
    if (mark_first && n != 0 && opens_another_format(text[0]))
        spae_page_format(page, "\\u%04x", (unsigned)text[at++]);
    while (at < n)
        at += write_character(text + at, n - at, page);
    if (spae_words_find(words, text, n, &lowest) && lowest != token)
        spae_page_format(page, "\\#%ld", (long)token);
}

/* ---- reading ---------------------------------------------------------------------------------------- */

const char *spae_words_quote(const char *text, size_t length, char quote[SPAE_WORDS_QUOTE])
{
    const size_t shown = length <= SPAE_WORDS_QUOTE - 3 ? length : SPAE_WORDS_QUOTE - 6;
    size_t n = 0;
    quote[n++] = '"';
    for (size_t i = 0; i < shown; i++)
        quote[n++] = (text[i] >= ' ' && text[i] <= '~') ? text[i] : '?';
    for (size_t i = 0; shown < length && i < 3; i++)
        quote[n++] = '.';
    quote[n++] = '"';
    quote[n] = '\0';
    return quote;
}

/* A number of `digits` lower-case hexadecimal digits; false when other characters stand there. */
static bool read_hexadecimal(const char *text, size_t n, size_t digits, uint32_t *value)
{
    uint32_t number = 0;
    for (size_t i = 0; i < digits; i++) {
        static const char all[] = "0123456789abcdef";
        const char *digit = i < n && text[i] != '\0' ? strchr(all, text[i]) : NULL;
        if (digit == NULL)
            return false;
        number = number * 16 + (uint32_t)(digit - all);
    }
    *value = number;
    return true;
}

/* A written word being read: its plain text grows in `out`, never longer than the written form. */
typedef struct {
    const char *text;
    size_t length, at;
    char *out;
    size_t size;
    size_t token; /* what \# says, SIZE_MAX without */
} word_reader;

/* The bytes that \s \t \n \r \\ \e stand for; NULL for another letter. */
static const char *simple_escape(char letter)
{
    static const char letters[] = "stnr\\e";
    static const char *const meanings[] = {" ", "\t", "\n", "\r", "\\", ""};
    const char *place = letter != '\0' ? strchr(letters, letter) : NULL;
    return place != NULL ? meanings[place - letters] : NULL;
}

/* \#K ends the word: all that is left must be digits. */
static bool read_token_number(word_reader *r)
{
    size_t number = 0;
    if (r->at == r->length)
        return false;
    for (; r->at < r->length; r->at++) {
        const char c = r->text[r->at];
        if (c < '0' || c > '9' || number > (size_t)INT32_MAX / 10)
            return false;
        number = number * 10 + (size_t)(c - '0');
    }
    r->token = number;
    return true;
}

/* Reads what follows a backslash; false when it is none of the escapes. */
static bool read_escape(word_reader *r)
{
    uint32_t number;
    const char letter = r->at < r->length ? r->text[r->at++] : '\0';
    const char *meaning = simple_escape(letter);
    if (meaning != NULL) {
        const size_t n = strlen(meaning);
        memcpy(r->out + r->size, meaning, n);
        r->size += n;
        return true;
    }
    if (letter == '#')
        return read_token_number(r);
    if (letter == 'x' && read_hexadecimal(r->text + r->at, r->length - r->at, 2, &number) && number != 0) {
        r->at += 2;
        r->out[r->size++] = (char)number;
        return true;
    }
    if (letter == 'u' && read_hexadecimal(r->text + r->at, r->length - r->at, 4, &number) && number != 0) {
        uint8_t bytes[4];
        const size_t n = spae_utf8_encode(number, bytes); /* at most 3 of the 6 bytes read */
        memcpy(r->out + r->size, bytes, n);
        r->at += 4;
        r->size += n;
        return n != 0;
    }
    return false;
}

static spae_status read_plain(word_reader *r, const char *quote, spae_error *err)
{
    while (r->at < r->length) {
        const char c = r->text[r->at++];
        if (c == '\\') {
            if (!read_escape(r))
                return spae_fail(err, SPAE_ERR_FORMAT,
                                 "%s: expected \\\\ \\s \\t \\n \\r \\e \\uHHHH \\xHH or \\#TOKEN after \\", quote);
        } else if ((unsigned char)c < ' ') {
            return spae_fail(err, SPAE_ERR_FORMAT, "%s: control character %x must be written \\u00%x%x", quote,
                             (unsigned)(unsigned char)c, (unsigned)c / 16, (unsigned)c % 16);
        } else {
            r->out[r->size++] = c;
        }
    }
    return SPAE_OK;
}

static spae_status find_read(const spae_words *words, const word_reader *r, const char *quote,
                             int32_t *token, spae_error *err)
{
    if (r->token == SIZE_MAX) {
        if (!spae_words_find(words, r->out, r->size, token))
            return spae_fail(err, SPAE_ERR_FORMAT, "%s: no word of the vocabulary", quote);
        return SPAE_OK;
    }
    if (r->token >= words->V || compare(r->out, r->size, words->word[r->token]) != 0)
        return spae_fail(err, SPAE_ERR_FORMAT, "%s: token %zu of the vocabulary is another word", quote,
                         r->token);
    *token = (int32_t)r->token;
    return SPAE_OK;
}

spae_status spae_words_read(const spae_words *words, const char *text, size_t length, spae_arena *arena,
                            int32_t *token, spae_error *err)
{
    char quote[SPAE_WORDS_QUOTE];
    const spae_arena_mark mark = spae_arena_here(arena);
    word_reader r = {text, length, 0, spae_arena_take(arena, length, 1), 0, SIZE_MAX};
    spae_words_quote(text, length, quote);
    spae_status status = SPAE_OK;
    if (r.out == NULL)
        status = spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for a word of %zu bytes", quote, length);
    else if (length == 0)
        status = spae_fail(err, SPAE_ERR_FORMAT, "%s: words stand one space apart; the empty word is \\e", quote);
    if (status == SPAE_OK)
        status = read_plain(&r, quote, err);
    if (status == SPAE_OK)
        status = find_read(words, &r, quote, token, err);
    spae_arena_reset(arena, mark);
    return status;
}
