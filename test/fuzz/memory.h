/* What the fuzz targets share: an arena that may take 256 MiB, so that a reader that asks for more
 * than its input justifies shows up as a slow or refused run, and outputs that are used to the last
 * byte. */
#ifndef SPAE_TEST_FUZZ_MEMORY_H
#define SPAE_TEST_FUZZ_MEMORY_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../io/file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Bytes that a reader may hold: `size` bytes justify at most 1032 each, as items of 1 byte turned
 * to 4, and a few copies; plus the arena's first blocks. */
typedef struct {
    size_t held, most;
} fuzz_budget;

static inline void *fuzz_allocate(void *context, size_t bytes)
{
    fuzz_budget *budget = context;
    if (bytes > budget->most - budget->held)
        abort(); /* more than the input justifies */
    budget->held += bytes;
    return malloc(bytes);
}

static inline void fuzz_release(void *context, void *block)
{
    (void)context;
    free(block);
}

static inline spae_arena fuzz_arena(fuzz_budget *budget, size_t size)
{
    spae_arena arena;
    *budget = (fuzz_budget){0, ((size_t)1 << 20) + size * 1032 * 128};
    spae_arena_growing(&arena, (spae_allocator){fuzz_allocate, fuzz_release, budget});
    return arena;
}

/* Reads every byte, so that a sanitizer sees what is not there. */
static inline void fuzz_use(const void *data, size_t bytes)
{
    const uint8_t *b = data;
    volatile uint8_t sum = 0;
    for (size_t i = 0; i < bytes; i++)
        sum = (uint8_t)((sum ^ b[i]) & 0xff);
}

/* Samples of a picture lie in 0 .. 1. */
static inline void fuzz_samples(const float *sample, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!(sample[i] >= 0.0f && sample[i] <= 1.0f))
            abort();
}

/* The bytes as a file, for readers that open what they read by name. */
static inline void fuzz_file(const char *path, const uint8_t *data, size_t size)
{
    FILE *file = fopen(path, "wb");
    if (file == NULL || fwrite(data, 1, size, file) != size || fclose(file) != 0)
        abort();
}

/* A refusal has a status, a text, and leaves the arena empty. */
static inline void fuzz_refused(spae_status status, const spae_error *err, const spae_arena *arena)
{
    if (status == SPAE_OK || err->status != status || err->text[0] == 0 || arena->used != 0)
        abort();
}

#endif
