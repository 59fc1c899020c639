/* Fuzz target: how often words occur, lines or an .npy. Whatever is read, every count is a number from 0. */
#include "../../io/codebook.h"
#include "memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char path[] = "build/fuzz.word_counts";
    static const char *const word[] = {"a", "the cat", ""};
    fuzz_budget budget;
    spae_arena arena = fuzz_arena(&budget, size);
    const spae_codebook_counts *counts;
    spae_error err = {SPAE_OK, ""};
    fuzz_file(path, data, size);
    const spae_status status = spae_codebook_counts_read(&arena, path, 3, &counts, &err);
    if (status != SPAE_OK && (err.status != status || err.text[0] == '\0'))
        abort();
    for (size_t k = 0; status == SPAE_OK && k < 3; k++)
        if (!(spae_codebook_count(counts, k, word[k]) >= 0))
            abort();
    spae_arena_free(&arena);
    return 0;
}
