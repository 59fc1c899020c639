/* All there is to see of one picture: its tokens, their similarity to it, what each number of layers rebuilds.
 * Reports, figures and the demo show it.
 *
 * Similarity   s of Eq. 5 over the vocabulary, 0 the least similar word, 1 the most: of the picture itself as files
 *              say that guide training (guide_stream.h), CLIP's features for example; or without such, with a
 *              reference word standing for the image and the centred unit vectors of the codebook as features
 *              (guide.h), 1 the reference itself.
 * PSNR         10 log10(1 / mean squared difference) over all samples, the reconstruction clamped to 0..1;
 *              infinite for equal pictures.
 */
#ifndef SPAE_IO_STUDY_H
#define SPAE_IO_STUDY_H

#include "spae.h"

typedef struct {
    const char *name;              /* borrowed: the picture's file */
    const char *source;            /* borrowed: where similarities to the picture itself come from; NULL: from the codebook */
    const char *label;             /* borrowed: the word cells are compared with was given; NULL: layer 1's word */
    int32_t reference;             /* the token that cells are compared with, where the source is NULL */
    const spae_real *picture;      /* (H,W,3) borrowed */
    int32_t *token;                /* (tokens of all layers) */
    double *margin;                /* likewise */
    double *similarity;            /* likewise: s(token), 0..1 */
    spae_real *rebuilt;            /* (D,H,W,3) from the first 1..D layers, not clamped */
    double psnr[SPAE_MAX_LAYERS];  /* dB, of each of them */
} spae_study;

/* What cells are compared with: all zero for the word of layer 1. */
typedef struct {
    const char *label;           /* a word of the vocabulary, token `reference`; or NULL */
    int32_t reference;
    const char *source;          /* names where s comes from, for people; or NULL */
    const spae_real *similarity; /* (V) s(I,k), 0..1, with a source; borrowed until return */
} spae_study_like;

/* Studies a still picture (H,W,3) of the model's size.
 *   out  study  arrays in the arena
 *   err  those of spae_encode and spae_decode; the text begins with the name */
spae_status spae_study_make(const spae_model *model, const char *name, const spae_real *picture,
                            const spae_study_like *like, spae_arena *arena, spae_study *study, spae_error *err);

#endif
