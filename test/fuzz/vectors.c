/* Fuzz target: word vectors, text or binary, and every word and row of them. */
#include "../../io/word_source.h"
#include "memory.h"

static void read_all(const spae_word_source *s, spae_real *e)
{
    for (size_t k = 0; k < s->V; k++) {
        const char *bytes;
        size_t length;
        if (s->word(s, k, &bytes, &length, NULL) != SPAE_OK)
            abort(); /* the index said where it is */
        fuzz_use(bytes, length);
        if (s->row(s, k, e, NULL) == SPAE_OK)
            fuzz_use(e, s->c * sizeof *e);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const spae_source file = spae_source_memory(data, size, "fuzz");
    fuzz_budget budget;
    spae_arena arena = fuzz_arena(&budget, size);
    budget.most += (size_t)1 << 21; /* a line's room */
    spae_word_source source;
    spae_error err = {SPAE_OK, ""};
    const spae_status status = spae_word_source_vectors_of(&arena, &file, &source, &err);
    if (status != SPAE_OK) {
        fuzz_refused(status, &err, &arena);
    } else {
        spae_real *e = spae_arena_take(&arena, source.c, sizeof *e);
        if (e != NULL)
            read_all(&source, e);
    }
    spae_arena_free(&arena);
    return 0;
}
