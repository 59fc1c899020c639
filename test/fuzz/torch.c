/* Fuzz target: a file of torch.save in either form, and every tensor in it. */
#include "../../io/weights.h"
#include "memory.h"

static void read_one(spae_arena *arena, const spae_weights *w, size_t index)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    spae_weights_array array;
    if (spae_weights_array_open(arena, w, index, &array, NULL) == SPAE_OK) {
        spae_real *out = spae_arena_take(arena, array.count, sizeof *out);
        if (spae_weights_array_read(w, &array, out, NULL) == SPAE_OK)
            fuzz_use(out, array.count * sizeof *out);
    }
    spae_arena_reset(arena, mark);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const spae_source source = spae_source_memory(data, size, "fuzz");
    fuzz_budget budget;
    spae_arena arena = fuzz_arena(&budget, size);
    spae_weights w;
    spae_error err = {SPAE_OK, ""};
    const spae_status status = spae_weights_open(&arena, &source, NULL, &w, &err);
    if (status != SPAE_OK)
        fuzz_refused(status, &err, &arena);
    for (size_t i = 0; status == SPAE_OK && i < w.count; i++)
        read_one(&arena, &w, i);
    spae_arena_free(&arena);
    return 0;
}
