/* Fuzz target: a picture of any format; what is read is resized, and its samples lie in 0 .. 1. */
#include "../../io/image.h"
#include "memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const spae_source source = spae_source_memory(data, size, "fuzz");
    fuzz_budget budget;
    spae_arena arena = fuzz_arena(&budget, size);
    spae_image image, small;
    spae_error err = {SPAE_OK, ""};
    const spae_status status = spae_image_read_source(&arena, &source, NULL, &image, &err);
    if (status != SPAE_OK) {
        fuzz_refused(status, &err, &arena);
    } else {
        const size_t count = image.height * image.width * image.channels;
        fuzz_samples(image.pixels, count);
        if (count < 65536 && spae_image_resize(&arena, &image, 3, 5, &small, &err) != SPAE_OK)
            abort();
    }
    spae_arena_free(&arena);
    return 0;
}
