/* Fuzz target: a JPEG, whose samples lie in 0 .. 1. */
#include "../../io/jpeg.h"
#include "memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const spae_source source = spae_source_memory(data, size, "fuzz");
    fuzz_budget budget;
    spae_arena arena = fuzz_arena(&budget, size);
    spae_image image;
    spae_error err = {SPAE_OK, ""};
    const spae_status status = spae_jpeg_read(&arena, &source, NULL, &image, &err);
    if (status != SPAE_OK)
        fuzz_refused(status, &err, &arena);
    else
        fuzz_samples(image.pixels, image.height * image.width * image.channels);
    spae_arena_free(&arena);
    return 0;
}
