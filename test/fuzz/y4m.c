/* Fuzz target: a Y4M video. */
#include "../../io/y4m.h"
#include "memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const spae_source source = spae_source_memory(data, size, "fuzz");
    fuzz_budget budget;
    spae_arena arena = fuzz_arena(&budget, size);
    spae_y4m y4m;
    spae_error err = {SPAE_OK, ""};
    spae_status status = spae_y4m_open(&source, NULL, &y4m, &err);
    if (status != SPAE_OK) {
        fuzz_refused(status, &err, &arena);
    } else {
        const size_t samples = y4m.height * y4m.width * 3; /* planes of that size were there */
        float *pixels = spae_arena_take(&arena, y4m.frames * samples, sizeof *pixels);
        status = spae_y4m_read(&arena, &y4m, 0, y4m.frames, pixels, &err);
        if (status != SPAE_OK)
            abort();
        fuzz_use(pixels, y4m.frames * samples * sizeof *pixels);
    }
    spae_arena_free(&arena);
    return 0;
}
