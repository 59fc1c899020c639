/* Fuzz target: an index of weights in several files, or whatever else is given as weights by name. */
#include "../../io/weights_files.h"
#include "memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const path[] = {"build/fuzz.weights_index"};
    static spae_weights_files files;
    fuzz_budget budget;
    spae_arena arena = fuzz_arena(&budget, size);
    spae_error err = {SPAE_OK, ""};
    fuzz_file(path[0], data, size);
    const spae_status status = spae_weights_files_open(&arena, path, 1, &files, &err);
    if (status != SPAE_OK)
        fuzz_refused(status, &err, &arena);
    else
        spae_weights_files_close(&files);
    spae_arena_free(&arena);
    return 0;
}
