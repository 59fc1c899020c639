/* A language model's vocabulary made of a SPAE vocabulary (SPEC 10.20): its words, with the ids they have there, and behind
 * them the 256 bytes, for all that is no word: numbers, punctuation, ends of lines, labels that are not in the vocabulary.
 *
 * Bytes of a token   words 0 .. V-1: where none begins with a space, a space and the word; else, as pieces that carry their
 *                    spaces, the word itself; of SentencePieces with a space for each U+2581 (io/lexicon.h: plain, spaced,
 *                    marked). An empty word has none. Token V + b: the byte b.
 * Encoding           from the left: the longest word whose bytes stand here, the lowest of equal ones; in a plain vocabulary
 *                    only where it ends before white space or the text's end. Else the byte. So every text has its tokens,
 *                    and decoding gives it back.
 */
#ifndef SPAE_IO_TOKENIZER_WORDS_H
#define SPAE_IO_TOKENIZER_WORDS_H

#include "io/tokenizer.h"

enum { SPAE_TOKENIZER_WORDS_BYTES = 256 };

/* kind "words", V + 256 ids, no tokens of begin and end.
 *   in   word  (V) terminated, 1 <= V < 2^31 - 256, borrowed
 *   err  SPAE_ERR_ARGUMENT  V out of range;  SPAE_ERR_NO_MEMORY */
spae_status spae_tokenizer_words(const char *const *word, size_t V, spae_arena *arena, spae_tokenizer *tokenizer,
                                 spae_error *err);

#endif
