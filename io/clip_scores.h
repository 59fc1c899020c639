/* CLIP score and relative CLIP score of a picture's tokens (Table 6; SPEC 11.7): how near the words are to the picture.
 *
 * Of a token k of picture I: s'(I,k) = f_I(I) . f'_T(k), and s(I,k) of Eq. 5, 0 for the vocabulary's least similar word and
 * 1 for its most similar. Of a picture the mean over its tokens, then the mean over the pictures. The paper does not say
 * whether a row of its table speaks of layer l alone or of layers 1..l; both are here [ours].
 *
 * Features come from .npy files, as `spae guide` or any other program makes them: f'_T (V,d), the mean over the prompts of
 * unit vectors, a row for each word; f_I (n,d) unit vectors, a row for each picture.
 */
#ifndef SPAE_IO_CLIP_SCORES_H
#define SPAE_IO_CLIP_SCORES_H

#include "nn/metrics.h"
#include "spae.h"

typedef struct {
    spae_spread score, relative;         /* of the tokens of layers 1 .. this one, over the pictures */
    spae_spread own_score, own_relative; /* of this layer's tokens alone */
} spae_clip_scores_layer;

typedef struct {
    const spae_pyramid *pyramid; /* borrowed */
    size_t V, d, images;
    spae_real *text, *image; /* (V,d), (images,d) */
    spae_real *score, *s;    /* (V) s' and s of the picture under way */
    spae_clip_scores_layer layer[SPAE_MAX_LAYERS];
} spae_clip_scores;

/* Reads both files; they stay in the arena.
 *   in   pyramid  borrowed as long as c
 *        V        words of the vocabulary, due as rows of the texts
 *   err  SPAE_ERR_SHAPE      not (V,d) and (n,d)
 *        SPAE_ERR_ARGUMENT   a picture's vector whose length is not 1 within 1/1000, or a text's above that
 *        SPAE_ERR_NOT_FINITE  SPAE_ERR_FORMAT  SPAE_ERR_IO  SPAE_ERR_NO_MEMORY; the text names the file */
spae_status spae_clip_scores_open(spae_clip_scores *c, const spae_pyramid *pyramid, size_t V, const char *text,
                                  const char *image, spae_arena *arena, spae_error *err);

/* The picture whose features are row `image` < c->images, with its tokens (of all layers). */
void spae_clip_scores_add(spae_clip_scores *c, size_t image, const int32_t *token);

#endif
