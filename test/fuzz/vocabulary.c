/* Fuzz target: a vocabulary's words, a text or an .npy of strings. Every word ends. */
#include "../../io/vocabulary.h"
#include "memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char path[] = "build/fuzz.vocabulary";
    fuzz_budget budget;
    spae_arena arena = fuzz_arena(&budget, size);
    size_t count = 0;
    const char *const *word;
    spae_error err = {SPAE_OK, ""};
    fuzz_file(path, data, size);
    const spae_status status = spae_vocabulary_words(&arena, path, &count, &word, &err);
    if (status != SPAE_OK)
        fuzz_refused(status, &err, &arena);
    for (size_t k = 0; status == SPAE_OK && k < count; k++)
        fuzz_use(word[k], strlen(word[k]) + 1);
    spae_arena_free(&arena);
    return 0;
}
