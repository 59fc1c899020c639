/* What the suites of data sets share: files of them, and refusals. Included before anything else.
 */
#ifndef SPAE_TEST_IO_DATASET_FILES_H
#define SPAE_TEST_IO_DATASET_FILES_H

#include "tiny.h"

static const size_t still[3] = {1, 3, 2}; /* (T,H,W) of a model */

/* A model's picture of H x W; the rest is of no importance. */
static inline spae_config picture_of(size_t T, size_t H, size_t W)
{
    spae_config config = preset_of("tiny-2d");
    config.picture[0] = T;
    config.picture[1] = H;
    config.picture[2] = W;
    return config;
}

static inline uint8_t sample_of(size_t i)
{
    return (uint8_t)(i * i % 251);
}

/* n lines "i<tab>name<tab>word<i> common<tab>x" */
static inline void put_table(folder *f, const char *name, size_t n)
{
    bytes b = {{0}, 0};
    char line[64];
    add_text(&b, "index\tname\tkeywords\tmore\n");
    for (size_t i = 0; i < n; i++) {
        snprintf(line, sizeof line, "%zu\tname\tword%zu common\tx\n", i, i);
        add_text(&b, line);
    }
    put_bytes(in_folder(f, name), b.data, b.size);
}

static inline void ck_open_refused(const char *path, spae_dataset_part part, const size_t *size,
                                   spae_status due, const char *text)
{
    spae_arena arena = new_arena();
    spae_dataset d;
    spae_error err;
    ck_assert_int_eq(spae_dataset_open(&arena, path, part, size, &d, &err), due);
    ck_assert_msg(strstr(err.text, text) != NULL, "%s", err.text);
    ck_assert_uint_eq(arena.used, 0);
    spae_arena_free(&arena);
}

#endif
