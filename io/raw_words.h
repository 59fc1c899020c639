/* Tokens that are no text: bytes of language models' vocabularies that are not UTF-8 by themselves, as words of ours
 * (SPEC 8.12).
 *
 * A word is UTF-8 without zeros, in memory and in every file. A byte of a token that is no part of UTF-8, and the byte 0,
 * is therefore written as the character U+10FF00 + byte, of a plane that is for private use: [ours]. So every token format,
 * model and hash takes such words as any others; where a word becomes a text again (io/lexicon.h), the bytes do, all but 0,
 * which no text of ours may hold.
 */
#ifndef SPAE_IO_RAW_WORDS_H
#define SPAE_IO_RAW_WORDS_H

#include <stdbool.h>
#include <stddef.h>

/* The word of `length` bytes.
 *   out  word  terminated; room for 4 length + 1 bytes
 * Returns its length without the end; *raw tells whether some byte had to be written so. SIZE_MAX, word unspecified: the
 * bytes hold one of those characters themselves, so that the word could not be told from another. */
size_t spae_raw_word(const char *bytes, size_t length, char *word, bool *raw);

/* Has the word a character that stands for a byte other than 0? */
bool spae_raw_is(const char *word);

/* The text of a word, each such character a byte again, but for that of 0.
 *   out  text  terminated; room for strlen(word) + 1 bytes
 * Returns its length. */
size_t spae_raw_text(const char *word, char *text);

#endif
