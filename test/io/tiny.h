/* What the suites of models and training share: a preset's model with generated words, a labelled
 * data set made by formula, a folder for one test. Included before anything else. */
#ifndef SPAE_TEST_IO_TINY_H
#define SPAE_TEST_IO_TINY_H

#include "bytes.h"

#include "io/dataset.h"
#include "io/model.h"
#include "io/preset.h"
#include "io/vocabulary.h"

#define ck_ok(call) ck_assert_msg((call) == SPAE_OK, "%s", err.text)

/* ---- models ---------------------------------------------------------------------------------- */

static inline spae_config preset_of(const char *name)
{
    spae_config config;
    spae_error err;
    ck_ok(spae_preset(name, &config, &err));
    return config;
}

/* A model of the configuration with V generated words, weights and words from the seed. */
static inline spae_model generated_model(const spae_config *config, size_t V, uint32_t seed,
                                         spae_arena *arena)
{
    spae_model model;
    spae_vocabulary v;
    spae_error err;
    ck_ok(spae_model_create(&model, config, true, arena, &err));
    ck_ok(spae_vocabulary_generate(arena, V, config->c, seed, &v, &err));
    ck_ok(spae_vocabulary_use(&v, &model, &err));
    if (config->codebook_size == 0)
        ck_ok(spae_codebook_prepare(&model.codebook, arena, &err));
    spae_model_init(&model, seed);
    return model;
}

/* ---- data ------------------------------------------------------------------------------------ */

enum { TINY_COUNT = 7, TINY_SIDE_OF_DATA = 13 };

/* 7 grey pictures of 13x13 with labels 0, 1, 2, 0 .. by formula, as IDX files' items. */
static inline spae_dataset generated_data(spae_arena *arena)
{
    const size_t n = TINY_COUNT * TINY_SIDE_OF_DATA * TINY_SIDE_OF_DATA;
    uint8_t *pictures = spae_arena_take(arena, n, 1);
    int32_t *labels = spae_arena_take(arena, TINY_COUNT, sizeof *labels);
    for (size_t i = 0; i < n; i++)
        pictures[i] = (uint8_t)(i * i % 251);
    for (size_t i = 0; i < TINY_COUNT; i++)
        labels[i] = (int32_t)(i % 3);
    return (spae_dataset){.count = TINY_COUNT,
                          .frames = 1,
                          .height = TINY_SIDE_OF_DATA,
                          .width = TINY_SIDE_OF_DATA,
                          .channels = 1,
                          .pictures = pictures,
                          .labels = labels,
                          .name = "x"};
}

/* The source of label i is the one word token[i], for up to eight labels. */
static inline spae_sources one_word_each(const int32_t *token, size_t count)
{
    static const size_t first[] = {0, 1, 2, 3, 4, 5, 6, 7, 8};
    return (spae_sources){count, first, token};
}

/* ---- a folder -------------------------------------------------------------------------------- */

typedef struct {
    char name[64];
    char path[160]; /* of the file last named */
} folder;

static inline folder make_folder(void)
{
    folder f = {"/tmp/spae-test-XXXXXX", ""};
    ck_assert(mkdtemp(f.name) != NULL);
    return f;
}

static inline const char *in_folder(folder *f, const char *name)
{
    snprintf(f->path, sizeof f->path, "%s/%s", f->name, name);
    return f->path;
}

static inline void put_bytes(const char *path, const void *data, size_t size)
{
    FILE *file = fopen(path, "wb");
    ck_assert(file != NULL);
    ck_assert(fwrite(data, 1, size, file) == size);
    ck_assert(fclose(file) == 0);
}

static inline size_t get_bytes(const char *path, uint8_t *data, size_t room)
{
    FILE *file = fopen(path, "rb");
    ck_assert_msg(file != NULL, "%s is not there", path);
    const size_t size = fread(data, 1, room, file);
    ck_assert_msg(size < room, "%s is longer than expected", path);
    fclose(file);
    return size;
}

/* Removes the files named (NULL ends them) and the folder, which must then be empty. */
static inline void remove_folder(folder *f, const char *const *files)
{
    for (; *files != NULL; files++)
        ck_assert_msg(remove(in_folder(f, *files)) == 0, "%s is not there", f->path);
    ck_assert_msg(rmdir(f->name) == 0, "something is left over in %s", f->name);
}

/* An IDX file of bytes. */
static inline void put_idx(const char *path, unsigned rank, const uint32_t *shape,
                           const uint8_t *items)
{
    bytes b = {{0}, 0};
    size_t n = 1;
    add_high(&b, 0x800 + rank, 4);
    for (unsigned i = 0; i < rank; i++) {
        add_high(&b, shape[i], 4);
        n *= shape[i];
    }
    add(&b, items, n);
    put_bytes(path, b.data, b.size);
}

#endif
