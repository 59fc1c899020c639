/* Fuzz target: an IDX file, plain or gzipped. */
#include "../../io/idx.h"
#include "memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const spae_source source = spae_source_memory(data, size, "fuzz");
    fuzz_budget budget;
    spae_arena arena = fuzz_arena(&budget, size);
    spae_idx idx;
    spae_error err = {SPAE_OK, ""};
    const spae_status status = spae_idx_read(&arena, &source, NULL, &idx, &err);
    if (status != SPAE_OK)
        fuzz_refused(status, &err, &arena);
    else
        fuzz_use(idx.items, idx.shape[0] * idx.shape[1] * idx.shape[2] * idx.shape[3]);
    spae_arena_free(&arena);
    return 0;
}
