/* Fuzz target: an NPY file, its header and all its items in every type that they can become. */
#include "../../io/npy.h"
#include "memory.h"

static void read_numbers(spae_arena *arena, const spae_source *source, const spae_npy_header *h)
{
    double *out = spae_arena_take(arena, h->count, sizeof *out);
    if (spae_npy_read_double(source, h, out, NULL) == SPAE_OK)
        fuzz_use(out, h->count * sizeof(double));
    if (spae_npy_read_float(source, h, (float *)out, NULL) == SPAE_OK)
        fuzz_use(out, h->count * sizeof(float));
    if (spae_npy_read_int32(source, h, (int32_t *)out, NULL) == SPAE_OK)
        fuzz_use(out, h->count * sizeof(int32_t));
    if (spae_npy_read_uint8(source, h, (uint8_t *)out, NULL) == SPAE_OK)
        fuzz_use(out, h->count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const spae_source source = spae_source_memory(data, size, "fuzz");
    fuzz_budget budget;
    spae_arena arena = fuzz_arena(&budget, size);
    const spae_text *items;
    spae_npy_header h;
    spae_error err = {SPAE_OK, ""};
    const spae_status status = spae_npy_read_header(&source, 0, size, &h, &err);
    if (status != SPAE_OK) {
        fuzz_refused(status, &err, &arena);
    } else if (spae_npy_read_strings(&arena, &source, &h, &items, NULL) == SPAE_OK) {
        for (size_t i = 0; i < h.count; i++)
            fuzz_use(items[i].text, items[i].length + 1);
    } else {
        read_numbers(&arena, &source, &h);
    }
    spae_arena_free(&arena);
    return 0;
}
