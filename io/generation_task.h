/* What a language model is asked to make from pictures: the pairs of a context, and the query (3.2, A, B.3).
 *
 * Pairs hold the tokens of whole pictures, conditions all their layers. Everything lies in the arena.
 */
#ifndef SPAE_IO_GENERATION_TASK_H
#define SPAE_IO_GENERATION_TASK_H

#include "io/episode.h"
#include "io/prompt.h"
#include "nn/corruption.h"
#include "spae.h"

typedef struct {
    spae_prompt_pair *example; /* (examples) in the order of the prompt */
    size_t examples;
    spae_prompt_pair query;    /* its target, where it is known, is what a right answer would be; else NULL */
} spae_generation_task;

/* How the examples of a denoising context are corrupted: spae_corruption_rate. */
typedef struct {
    spae_rate_schedule schedule;
    double first, last; /* rates, 0..1 */
    size_t examples;    /* >= 1 */
    uint32_t seed;
} spae_context_noise;

/* B.3's: 0.5, 0.47, .. 0.23, ten examples, seed 0. */
spae_context_noise spae_context_noise_defaults(void);

/* Denoising (Eq. 12): u_i = eps(T(mask(I)); r_i), v_i = eps(T(I); r_i), i = 1 .. examples, all of the one picture I; the query
 * is T(mask(I)) without noise, and T(I) its target. Of translation and rotation the roles change: the condition is T(I), the
 * target T(mask(I)).
 *   in   model    its codebook prepared for searching
 *        picture  (T,H,W,3)
 *   err  those of spae_transform_picture, spae_encode and spae_corrupt_pair */
spae_status spae_task_denoise(const spae_model *model, const spae_real *picture, spae_transform transform,
                              const spae_context_noise *noise, spae_arena *arena, spae_generation_task *task, spae_error *err);

/* From a picture to a video (Fig. 17; [ours] in detail): the same with u = T(the first frame, standing still) and
 * v = T(video). The paper's rates here go from 0.35 to 0.11. */
spae_status spae_task_frames(const spae_model *model, const spae_real *video, const spae_context_noise *noise,
                             spae_arena *arena, spae_generation_task *task, spae_error *err);

/* Interpolation (B.3): the conditions are the texts "1" .. "9", example i is the picture with the set's i-th change; 1-4 and 6-9
 * are the context, 5, the picture itself, is asked for. No noise. */
spae_status spae_task_interpolate(const spae_model *model, const spae_real *picture, spae_pixel_set set, spae_arena *arena,
                                  spae_generation_task *task, spae_error *err);

/* Labelled pictures ("an image of k", MNIST): `shots` pictures of each of `ways` classes, those of an episode
 * (spae_episode_sample, number 0), shot by shot with the classes in their order; the condition of class k is "an image of k"
 * where labels are numbers, else "an image of NAME". The query's condition is the caller's to set.
 *   in   model    its codebook prepared for searching; the data set fits it
 *   err  those of spae_episode_sample and spae_encode */
spae_status spae_task_labelled(const spae_model *model, const spae_dataset *dataset, const spae_classes *classes, size_t ways,
                               size_t shots, uint32_t seed, spae_arena *arena, spae_generation_task *task, spae_error *err);

#endif
