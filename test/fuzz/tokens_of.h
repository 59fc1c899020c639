/* What the fuzz targets of vocabularies do with one that was opened: texts become tokens 0 .. V-1, and those a text; a text
 * that cannot be said is refused, and the arena is as before. */
#ifndef SPAE_TEST_FUZZ_TOKENS_OF_H
#define SPAE_TEST_FUZZ_TOKENS_OF_H

#include "../../io/tokenizer_parts.h"
#include "memory.h"

static inline void fuzz_tokens(const spae_tokenizer *t, const char *text, size_t length)
{
    fuzz_budget budget;
    spae_arena arena = fuzz_arena(&budget, 1 << 10);
    int32_t *id = NULL;
    char *back = NULL;
    size_t count = 0, size = 0;
    spae_error err = {SPAE_OK, ""};
    const spae_status status = t->encode(t, text, length, &arena, &id, &count, &err);
    if (status != SPAE_OK) {
        fuzz_refused(status, &err, &arena);
        spae_arena_free(&arena);
        return;
    }
    for (size_t i = 0; i < count; i++)
        if (id[i] < 0 || (size_t)id[i] >= t->V)
            abort();
    if (t->decode(t, id, count, &arena, &back, &size, NULL) != SPAE_OK || back[size] != '\0')
        abort();
    fuzz_use(back, size);
    spae_arena_free(&arena);
}

static inline void fuzz_vocabulary(const spae_tokenizer *t)
{
    static const char text[] = "ab  abc aab\n's 12345 caf\xC3\xA9 \xE4\xB8\xAD<|endoftext|></s>x";
    for (size_t k = 0; k < t->V && k < 64; k++) {
        size_t length = 0;
        const char *own = t->bytes(t, (int32_t)k, &length);
        const int32_t found = own != NULL ? t->find(t, own, length) : 0;
        if (found < 0 || (size_t)found > k)
            abort();
        if (own != NULL)
            fuzz_tokens(t, own, length);
    }
    fuzz_tokens(t, text, sizeof text - 1);
    fuzz_tokens(t, "", 0);
}

/* JSON into the arena's nodes; NULL when it is none, or no object. */
static inline const spae_json_node *fuzz_json(const char *text, size_t size, spae_arena *arena)
{
    const size_t room = spae_json_bound(text, size);
    spae_json_node *nodes = spae_arena_take(arena, room, sizeof *nodes);
    return nodes != NULL && spae_json_parse(text, size, nodes, room, NULL, NULL) == SPAE_OK && nodes->type == SPAE_JSON_OBJECT
               ? nodes
               : NULL;
}

#endif
