/* The words of a vocabulary: from text to token, and a written form that survives being put in a line.
 *
 * Written form (token files of words; SPEC 8.14)   A word is written as it is, in UTF-8, but for
 *     \\           a backslash                      \s \t \n \r   a space, tab, newline, carriage return
 *     \e           the empty word, alone            \uHHHH        any other control character, white space or
 *     \xHH         a byte that is not UTF-8                       invisible mark; HHHH its code point
 *     \#K          at the end: this is token K, because a token of lower index has the same text
 * with lower-case hexadecimal digits. So a written word is never empty and holds no white space; words that
 * occur twice in a vocabulary are told apart, and every token reads back to itself.
 * Reading takes any of these escapes wherever they stand. A text that several tokens have, without \#K, is the
 * one of lowest index.
 */
#ifndef SPAE_IO_WORDS_H
#define SPAE_IO_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "io/page.h"
#include "nn/arena.h"
#include "vendor_free/status.h"

typedef struct {
    const char *const *word;          /* (V) borrowed, terminated */
    size_t V;
    const char *const *const *sorted; /* (V) in the arena: places in `word`, by text, then by index */
} spae_words;

/* Sorts the vocabulary for look-ups.   err SPAE_ERR_NO_MEMORY */
spae_status spae_words_index(const char *const *word, size_t V, spae_arena *arena, spae_words *words,
                             spae_error *err);

/* The lowest token with exactly this text (length bytes). False, *token untouched, when there is none. */
bool spae_words_find(const spae_words *words, const char *text, size_t length, int32_t *token);

/* Appends the written form of a token, 0 <= token < V. With `mark_first`, a first character that is a digit, [
 * or { is written as \uHHHH: token files begin so, and their format is told by their first character. */
void spae_words_write(const spae_words *words, int32_t token, bool mark_first, spae_page *page);

/* The token of a written word of `length` bytes.
 *   err  SPAE_ERR_FORMAT     a broken escape, a raw control character, or a text outside the vocabulary; the text
 *                            begins with the word in quotes, for the caller to put the place before it
 *        SPAE_ERR_NO_MEMORY  scratch comes from the arena and is given back */
spae_status spae_words_read(const spae_words *words, const char *text, size_t length, spae_arena *arena,
                            int32_t *token, spae_error *err);

/* Room for spae_words_quote. */
#define SPAE_WORDS_QUOTE 48

/* `length` bytes of text as they may stand in a message: in quotes, cut after some 40 bytes, with '?' for what
 * is no printable ASCII. */
const char *spae_words_quote(const char *text, size_t length, char quote[SPAE_WORDS_QUOTE]);

#endif
