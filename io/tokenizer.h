/* A language model's own vocabulary: text to token ids and back. Each kind of file has its reader (tokenizer_*.c); the rest
 * of the house sees only this.
 *
 * Bytes of a token   what it adds to the text: a byte-level token's bytes, a SentencePiece with its U+2581 as a space. Tokens
 *                    that add nothing by themselves (special and unused ones) have none.
 */
#ifndef SPAE_IO_TOKENIZER_H
#define SPAE_IO_TOKENIZER_H

#include <stddef.h>
#include <stdint.h>

#include "nn/arena.h"
#include "vendor_free/status.h"

typedef struct spae_tokenizer spae_tokenizer;

struct spae_tokenizer {
    const char *kind;    /* "byte-level BPE", "Unigram", "tiktoken", "words", .. ; static */
    size_t V;            /* ids are 0 .. V-1 */
    int32_t begin, end;  /* the tokens that begin and end a text; -1: none */
    const void *context; /* the kind's own, in the arena it was opened with */

    /* The tokens of a text, no special ones added or recognized.
     *   out  id   (*count) in the arena
     *   err  SPAE_ERR_FORMAT  the text has what the vocabulary cannot say (the text names the byte)
     *        SPAE_ERR_NO_MEMORY */
    spae_status (*encode)(const spae_tokenizer *tokenizer, const char *text, size_t length, spae_arena *arena, int32_t **id,
                          size_t *count, spae_error *err);

    /* The text of tokens, each 0 .. V-1; it need not be valid UTF-8.
     *   out  text  (*length) in the arena, terminated
     *   err  SPAE_ERR_NO_MEMORY */
    spae_status (*decode)(const spae_tokenizer *tokenizer, const int32_t *id, size_t count, spae_arena *arena, char **text,
                          size_t *length, spae_error *err);

    /* The bytes of one token, borrowed; NULL for one that has none. */
    const char *(*bytes)(const spae_tokenizer *tokenizer, int32_t id, size_t *length);

    /* The token with exactly these bytes, the lowest of several; -1 when there is none. */
    int32_t (*find)(const spae_tokenizer *tokenizer, const char *bytes, size_t length);
};

#endif
