/* What guides training as the paper has it: CLIP's features of a vocabulary and of pictures, in files (SPEC 4.9, 8.48).
 *
 *     f'_T(k)  the mean over prompts of the unit features of the prompt with word k in place of {}     Eq. 4
 *     f_I(I)   the unit feature of picture I as training sees it; of a video the mean over its frames, of length 1 again
 *
 * io/guide_stream.h reads them in training.
 *
 * A word that is no text (raw_words.h), or too long for CLIP in one of the prompts, has a row of zeros [ours]: it is neither like
 * nor unlike any picture.
 */
#ifndef SPAE_IO_GUIDE_CLIP_H
#define SPAE_IO_GUIDE_CLIP_H

#include "io/clip.h"
#include "io/clip_templates.h"
#include "io/dataset.h"
#include "io/guide_cache.h"

/* f'_T of one word.
 *   in   prompt  (prompts) each with one {}
 *   out  mean    (embed); zeros where CLIP cannot say it
 *        said    could it?
 *   err  those of spae_clip_encode_texts but for a text that is refused
 *   mem  from the arena, given back */
spae_status spae_guide_word(const spae_clip_encoder *clip, const char *word, const char *const *prompt, size_t prompts,
                            spae_arena *arena, spae_real *mean, bool *said, spae_error *err);

/* f_I of n pictures of T frames each.
 *   in   frame  (n,T)
 *   out  mean   (n,embed)
 *   err  those of spae_clip_encode_images */
spae_status spae_guide_frames(const spae_clip_encoder *clip, const spae_image *frame, size_t n, size_t T, spae_arena *arena,
                              spae_real *mean, spae_error *err);

typedef struct {
    const char *path;                                            /* of the .npy, guide_cache.h */
    void (*progress)(void *context, size_t done, size_t rows);   /* may be NULL */
    void *context;
} spae_guide_output;

typedef struct {
    size_t found; /* rows that an earlier run had made */
    size_t zeros; /* of this run's, words that CLIP cannot say */
} spae_guide_report;

/* f'_T of V words, (V,embed).
 *   in   word    (V)
 *        prompt  (prompts) each with one {}; spae_clip_templates, or others
 *   err  SPAE_ERR_ARGUMENT  a prompt without {}; no text encoder or tokenizer; another run's file;  those of guide_cache.h, clip.h */
spae_status spae_guide_words(const spae_clip_encoder *clip, const char *const *word, size_t V, const char *const *prompt,
                             size_t prompts, const spae_guide_output *out, spae_arena *arena, spae_guide_report *report,
                             spae_error *err);

/* f_I of all pictures of a data set, (count,embed).
 *   in   config  of the model that they are for: spae_dataset_fits
 *   err  SPAE_ERR_ARGUMENT  no image encoder; another run's file;  those of guide_cache.h, clip.h */
spae_status spae_guide_pictures(const spae_clip_encoder *clip, const spae_dataset *dataset, const spae_config *config,
                                const spae_guide_output *out, spae_arena *arena, spae_guide_report *report, spae_error *err);

#endif
