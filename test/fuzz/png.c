/* Fuzz target: a PNG, as it is and once more with the CRC of every chunk made right, so that
 * mutations reach what lies behind the checks. */
#include "../../io/png.h"
#include "../../vendor_free/checksum.h"
#include "memory.h"

static uint32_t load(const uint8_t *b)
{
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static void repair(uint8_t *b, size_t size)
{
    for (size_t at = 8; at < size && size - at >= 12 && load(b + at) <= size - at - 12;) {
        const size_t n = load(b + at);
        const uint32_t crc = spae_crc32(0, b + at + 4, n + 4);
        for (unsigned i = 0; i < 4; i++)
            b[at + 8 + n + i] = (uint8_t)(crc >> (24 - 8 * i) & 0xff);
        at += n + 12;
    }
}

static void read_picture(const uint8_t *data, size_t size)
{
    const spae_source source = spae_source_memory(data, size, "fuzz");
    fuzz_budget budget;
    spae_arena arena = fuzz_arena(&budget, size);
    spae_image image;
    spae_error err = {SPAE_OK, ""};
    const spae_status status = spae_png_read(&arena, &source, NULL, &image, &err);
    if (status != SPAE_OK)
        fuzz_refused(status, &err, &arena);
    else
        fuzz_use(image.pixels, image.height * image.width * image.channels * sizeof *image.pixels);
    spae_arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    read_picture(data, size);
    uint8_t *copy = malloc(size + 1);
    if (copy == NULL)
        return 0;
    if (size > 0)
        memcpy(copy, data, size);
    repair(copy, size);
    read_picture(copy, size);
    free(copy);
    return 0;
}
