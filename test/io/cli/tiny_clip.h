/* CLIP with encoders of one block of width 4, and merges: weights from a formula, clip.npz and bpe.txt. */
#ifndef SPAE_TEST_IO_CLI_TINY_CLIP_H
#define SPAE_TEST_IO_CLI_TINY_CLIP_H

#include "../../../nn/clip.h"
#include "digits.h"

#define MERGES "#version: 0.2\nc a\nca t</w>\nt s</w>\nca ts</w>\n"

enum { VOCAB = 518, EMBED = 3 };

static spae_status fill_clip(spae_sink *sink, void *context, spae_error *err)
{
    const spae_clip config = {.image_size = 8, .patch = 4, .vision = {4, 1, 1, 6}, .text = {4, 1, 1, 6},
                              .context = 77, .vocab = VOCAB, .embed = EMBED, .eps = 1e-5};
    spae_parameters set = {.arena = context};
    ck_assert_int_eq(spae_clip_declare(&config, SPAE_CLIP_BOTH, &set, NULL), SPAE_OK);
    float *x = spae_arena_take(context, set.elements, sizeof *x);
    for (size_t i = 0; i < set.elements; i++)
        x[i] = ((float)((37 * i + 11) % 127) - 63) / 64;
    spae_npz_writer w = spae_npz_begin(context, sink);
    spae_status status = SPAE_OK;
    for (size_t p = 0; p < set.count && status == SPAE_OK; p++) {
        const spae_parameter *q = &set.item[p];
        spae_npy_array array = {SPAE_NPY_F4, (unsigned)q->rank, {0}, x + q->first};
        memcpy(array.shape, q->shape.axis + SPAE_AXES - q->rank, q->rank * sizeof array.shape[0]);
        status = spae_npz_add(&w, q->path, &array, false, err);
    }
    return status == SPAE_OK ? spae_npz_end(&w, err) : status;
}

/* clip.npz and bpe.txt beside digits and their codebook. */
static void put_clip(void)
{
    spae_arena arena, scratch;
    spae_error err = {SPAE_OK, ""};
    spae_arena_hosted(&arena);
    spae_arena_hosted(&scratch);
    ck_assert_msg(spae_file_replace(&scratch, "clip.npz", fill_clip, &arena, &err) == SPAE_OK, "%s", err.text);
    spae_arena_free(&arena);
    spae_arena_free(&scratch);
    put_file("bpe.txt", MERGES, sizeof MERGES - 1);
    put_everything();
}

#endif
