/* CLIP score and relative CLIP score of a picture's tokens (Table 6; SPEC 11.7): how near the words are to the picture.
 *
 * Of a token k of picture I: s'(I,k) = f_I(I) . f'_T(k), and s(I,k) of Eq. 5, 0 for the vocabulary's least similar word and
 * 1 for its most similar. Of a picture the mean over its tokens, then the mean over the pictures. The paper does not say
 * whether a row of its table speaks of layer l alone or of layers 1..l; both are here [ours].
 *
 * Features come from .npy files, as `spae guide` or any other program makes them: f'_T (V,d), the mean over the prompts of
 * unit vectors, a row for each word; f_I (n,d) unit vectors, a row for each picture. Or either comes from CLIP itself (SPEC 4.9,
 * the 80 prompts), to the same bits as by way of files.
 */
#ifndef SPAE_IO_CLIP_SCORES_H
#define SPAE_IO_CLIP_SCORES_H

#include "io/clip.h"
#include "nn/metrics.h"
#include "spae.h"

typedef struct {
    spae_spread score, relative;         /* of the tokens of layers 1 .. this one, over the pictures */
    spae_spread own_score, own_relative; /* of this layer's tokens alone */
} spae_clip_scores_layer;

/* Where features come from; everything is borrowed, the encoder as long as the scores. */
typedef struct {
    const char *text, *image;      /* .npy files; NULL: by `clip` */
    const spae_clip_encoder *clip; /* NULL where both are files; with the encoders, and for words the tokenizer, that are due */
    const char *const *word;       /* (V) where texts come from clip */
    size_t picture[3];             /* T,H,W where pictures do */
    void (*tell)(void *context, size_t done, size_t V); /* after each word that clip encodes; may be NULL */
    void *context;
} spae_clip_scores_sources;

typedef struct {
    const spae_pyramid *pyramid; /* borrowed */
    size_t V, d, images;         /* images: rows of the file; without one, pictures so far */
    spae_real *text, *image;     /* (V,d), (images,d); without a file (1,d), of the picture under way */
    size_t unsaid;               /* words that CLIP cannot say: rows of zeros; 0 of a file */
    const spae_clip_encoder *clip; /* of pictures, or NULL */
    size_t picture[3];
    spae_image *frame; /* (T) of the picture under way */
    spae_arena *arena; /* scratch while clip runs, given back */
    spae_real *score, *s;    /* (V) s' and s of the picture under way */
    spae_clip_scores_layer layer[SPAE_MAX_LAYERS];
} spae_clip_scores;

/* Reads the files, encodes the words; features stay in the arena.
 *   in   pyramid  borrowed as long as c, as is the arena where pictures are to be encoded
 *        V        words of the vocabulary, due as rows of the texts
 *   err  SPAE_ERR_SHAPE      not (V,d) and (n,d), d of CLIP where the other is from it
 *        SPAE_ERR_ARGUMENT   a picture's vector whose length is not 1 within 1/1000, or a text's above that; an encoder or the
 *                            tokenizer is missing
 *        SPAE_ERR_NOT_FINITE  SPAE_ERR_FORMAT  SPAE_ERR_IO  SPAE_ERR_NO_MEMORY; the text names the file */
spae_status spae_clip_scores_open(spae_clip_scores *c, const spae_pyramid *pyramid, size_t V,
                                  const spae_clip_scores_sources *from, spae_arena *arena, spae_error *err);

/* The picture whose features are row `image` < c->images, with its tokens (of all layers). */
void spae_clip_scores_add(spae_clip_scores *c, size_t image, const int32_t *token);

/* The next picture (T,H,W,3) in 0..1, encoded by CLIP.
 *   err  those of spae_clip_encode_images */
spae_status spae_clip_scores_encode(spae_clip_scores *c, const spae_real *picture, const int32_t *token, spae_error *err);

#endif
