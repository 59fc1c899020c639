/* How well a model rebuilds pictures from each prefix of its layers, and which words it uses.
 *
 *   errors      mean of (I - Ihat)^2 and of |I - Ihat| over all samples of a picture, Ihat limited to
 *               0..1 first (SPEC 11.1); of these, PSNR and SSIM, mean and deviation over the pictures
 *   psnr        of each picture, peak 1, in dB; 100 where the square error is below 1e-10
 *   ssim        SPEC 11.2, peak 1; of a video the mean over its frames. Not of pictures with a side
 *               below 11: there are none then, and its spread is of no numbers
 *   first word  labelled pictures whose first token is a word of their source (sources.h)
 *   early word  labelled pictures that have a word of their source anywhere in the first two layers
 *   own words   tokens of a layer that are a word of their picture's source
 *   usage       of the layer's tokens over all pictures and positions: how many are different, their
 *               entropy in bits (nn/metrics.h)
 */
#ifndef SPAE_IO_EVALUATION_H
#define SPAE_IO_EVALUATION_H

#include "io/dataset.h"
#include "nn/metrics.h"

typedef struct {
    double psnr; /* with layers 1 .. this one, mean over pictures */
    spae_spread decibels, square_error, absolute_error, ssim; /* of the same; decibels' mean is psnr */
    spae_token_usage usage; /* of this layer's tokens */
    uint64_t own; /* of the tokens those that are a word of their picture's source; 0 without labels */
} spae_evaluation_layer;

typedef struct {
    size_t pictures, layers;
    spae_evaluation_layer layer[SPAE_MAX_LAYERS];
    uint64_t distinct; /* in all layers together */
    bool labelled;
    size_t first_words, early_words; /* how many pictures; 0 without labels */
} spae_evaluation;

/* Who looks on: called for each picture, first with its tokens, then with what its first 1, 2, .. D layers rebuild. What
 * fails there ends the evaluation. Either may be NULL. */
typedef struct {
    /* picture (T,H,W,3); token (of all layers) */
    spae_status (*encoded)(void *context, size_t index, const spae_real *picture, const int32_t *token,
                           spae_error *err);
    /* rebuilt (T,H,W,3), limited to 0..1 */
    spae_status (*rebuilt)(void *context, size_t index, size_t layers, const spae_real *picture,
                           const spae_real *rebuilt, spae_error *err);
    void *context;
} spae_evaluation_watcher;

/* The first `count` pictures of a data set that fits the model.
 *   in   sources  of the data set's labels, or NULL for data without labels
 *        watcher  may be NULL
 *        tell     called after each picture with how many are done; may be NULL
 *   mem  (D+1, V) counts and one picture at a time, given back
 *   err  those of spae_encode, spae_decode and the watcher
 */
spae_status spae_evaluate(const spae_model *model, const spae_dataset *dataset, size_t count,
                          const spae_sources *sources, const spae_evaluation_watcher *watcher,
                          void (*tell)(size_t done, size_t count), spae_arena *arena,
                          spae_evaluation *evaluation, spae_error *err);

#endif
