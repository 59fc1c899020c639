/* Fuzz target: an NPZ archive and every member that opens. */
#include "../../io/npz.h"
#include "memory.h"

static void read_member(spae_arena *arena, const spae_npz *npz, const char *name)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    spae_npz_array array;
    if (spae_npz_array_open(arena, npz, name, &array, NULL) == SPAE_OK) {
        float *out = spae_arena_take(arena, array.header.count, sizeof *out);
        if (spae_npy_read_float(&array.source, &array.header, out, NULL) == SPAE_OK)
            fuzz_use(out, array.header.count * sizeof *out);
    }
    spae_arena_reset(arena, mark);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const spae_source source = spae_source_memory(data, size, "fuzz");
    fuzz_budget budget;
    spae_arena arena = fuzz_arena(&budget, size);
    spae_npz npz;
    spae_error err = {SPAE_OK, ""};
    const spae_status status = spae_npz_open(&arena, &source, NULL, &npz, &err);
    if (status != SPAE_OK)
        fuzz_refused(status, &err, &arena);
    for (size_t i = 0; status == SPAE_OK && i < npz.count; i++) {
        if (spae_npz_find(&npz, npz.members[i].name) != &npz.members[i])
            abort();
        read_member(&arena, &npz, npz.members[i].name);
    }
    spae_arena_free(&arena);
    return 0;
}
