/* How well a model rebuilds pictures from each prefix of its layers, and which words it uses.
 *
 *   psnr        10 log10(1 / e) of each picture, e the mean of (I - Ihat)^2 over all pixels and
 *               channels with Ihat clamped to 0..1 first, binary64 in index order; the mean over
 *               pictures of that, in their order
 *   first word  labelled pictures whose first token is a word of their source (sources.h)
 *   early word  labelled pictures that have a word of their source anywhere in the first two layers
 *   own words   tokens of a layer that are a word of their picture's source
 *   distinct    different tokens that occur in a layer, over all pictures and positions
 *   entropy     -sum p log2 p of the layer's tokens, p their relative frequency, in bits
 */
#ifndef SPAE_IO_EVALUATION_H
#define SPAE_IO_EVALUATION_H

#include "io/dataset.h"

typedef struct {
    double psnr;               /* with layers 1 .. this one, mean over pictures */
    uint64_t tokens, distinct; /* of this layer */
    uint64_t own; /* of the tokens those that are a word of their picture's source; 0 without labels */
    double entropy;
    int32_t most_common; /* the lowest of the tokens that occur most often */
    uint64_t most_count;
} spae_evaluation_layer;

typedef struct {
    size_t pictures, layers;
    spae_evaluation_layer layer[SPAE_MAX_LAYERS];
    uint64_t distinct; /* in all layers together */
    bool labelled;
    size_t first_words, early_words; /* how many pictures; 0 without labels */
} spae_evaluation;

/* The first `count` pictures of a data set that fits the model.
 *   in   sources  of the data set's labels, or NULL for data without labels
 *        tell     called after each picture with how many are done; may be NULL
 *   mem  (D+1, V) counts and one picture at a time, given back
 *   err  those of spae_encode and spae_decode
 */
spae_status spae_evaluate(const spae_model *model, const spae_dataset *dataset, size_t count,
                          const spae_sources *sources, void (*tell)(size_t done, size_t count),
                          spae_arena *arena, spae_evaluation *evaluation, spae_error *err);

#endif
