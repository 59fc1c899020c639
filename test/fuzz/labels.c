/* Fuzz target: the table of pictures' words; the first byte is the number of pictures. Each has its words, and they are text. */
#include "../../io/labels.h"
#include "memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char path[] = "build/fuzz.labels";
    fuzz_budget budget;
    spae_arena arena = fuzz_arena(&budget, size);
    spae_source_words words;
    spae_error err = {SPAE_OK, ""};
    if (size == 0)
        return 0;
    fuzz_file(path, data + 1, size - 1);
    const spae_status status = spae_labels_read(&arena, path, data[0], &words, &err);
    if (status != SPAE_OK)
        fuzz_refused(status, &err, &arena);
    else if (words.count != data[0])
        abort();
    spae_arena_free(&arena);
    return 0;
}
