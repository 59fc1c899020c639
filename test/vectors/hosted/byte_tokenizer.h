/* The smallest language model's vocabulary, for cases and tests of prompts: ids 0 .. 255 are the bytes, then come given words.
 * A text is encoded byte by byte. (SPEC 9.7, `prompt`) */
#ifndef SPAE_TEST_VECTORS_BYTE_TOKENIZER_H
#define SPAE_TEST_VECTORS_BYTE_TOKENIZER_H

#include <string.h>

#include "io/tokenizer.h"

enum { BYTE_TOKENS = 256 };

typedef struct {
    spae_tokenizer tokenizer;
    const char *const *word; /* (V - 256) borrowed */
    char byte[BYTE_TOKENS];
} byte_tokenizer;

static inline spae_status byte_encode(const spae_tokenizer *t, const char *text, size_t length, spae_arena *arena, int32_t **id,
                                      size_t *count, spae_error *err)
{
    int32_t *out = spae_arena_take(arena, length, sizeof *out);
    (void)t;
    if (out == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "bytes: no memory for %zu ids", length);
    for (size_t i = 0; i < length; i++)
        out[i] = (unsigned char)text[i];
    *id = out;
    *count = length;
    return SPAE_OK;
}

static inline const char *byte_bytes(const spae_tokenizer *t, int32_t id, size_t *length)
{
    const byte_tokenizer *b = t->context;
    const char *text = id < BYTE_TOKENS ? &b->byte[id] : b->word[id - BYTE_TOKENS];
    *length = id < BYTE_TOKENS ? 1 : strlen(text);
    return text;
}

static inline int32_t byte_find(const spae_tokenizer *t, const char *text, size_t length)
{
    const byte_tokenizer *b = t->context;
    if (length == 1)
        return (unsigned char)text[0];
    for (size_t k = 0; k + BYTE_TOKENS < t->V; k++)
        if (strlen(b->word[k]) == length && memcmp(b->word[k], text, length) == 0)
            return (int32_t)(k + BYTE_TOKENS);
    return -1;
}

static inline spae_status byte_decode(const spae_tokenizer *t, const int32_t *id, size_t count, spae_arena *arena, char **text,
                                      size_t *length, spae_error *err)
{
    size_t n = 0, each;
    for (size_t i = 0; i < count; i++)
        byte_bytes(t, id[i], &each), n += each;
    char *out = spae_arena_take(arena, n + 1, 1);
    if (out == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "bytes: no memory for %zu bytes", n);
    *text = out;
    *length = n;
    for (size_t i = 0; i < count; i++, out += each) {
        const char *piece = byte_bytes(t, id[i], &each);
        memcpy(out, piece, each);
    }
    *out = '\0';
    return SPAE_OK;
}

/* It must stay where it is while it is used. */
static inline const spae_tokenizer *byte_tokenizer_of(byte_tokenizer *b, const char *const *word, size_t words)
{
    for (int i = 0; i < BYTE_TOKENS; i++)
        b->byte[i] = (char)i;
    b->word = word;
    b->tokenizer = (spae_tokenizer){"bytes and words", BYTE_TOKENS + words, -1, -1, b, byte_encode, byte_decode, byte_bytes,
                                    byte_find};
    return &b->tokenizer;
}

#endif
