/* Fuzz target: a safetensors archive and every array of numbers in it. */
#include "../../io/safetensors.h"
#include "memory.h"

static void read_one(spae_arena *arena, const spae_safetensors *archive,
                     const spae_safetensors_array *array)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    spae_real *out = spae_arena_take(arena, array->count, sizeof *out);
    if (spae_safetensors_read(archive, array, out, NULL) == SPAE_OK)
        fuzz_use(out, array->count * sizeof *out);
    spae_arena_reset(arena, mark);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const spae_source source = spae_source_memory(data, size, "fuzz");
    fuzz_budget budget;
    spae_arena arena = fuzz_arena(&budget, size);
    spae_safetensors archive;
    spae_error err = {SPAE_OK, ""};
    const spae_status status = spae_safetensors_open(&arena, &source, NULL, &archive, &err);
    if (status != SPAE_OK)
        fuzz_refused(status, &err, &arena);
    for (size_t i = 0; status == SPAE_OK && i < archive.count; i++) {
        if (spae_safetensors_find(&archive, archive.arrays[i].name) != &archive.arrays[i])
            abort();
        read_one(&arena, &archive, &archive.arrays[i]);
    }
    spae_arena_free(&arena);
    return 0;
}
