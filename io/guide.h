/* The semantic source: which words a labelled picture should be near.  Eq. 4, 5; App. B.1; SPEC 4.7
 *
 * For labelled pictures the text embeddings of the label's words stand for the image embedding, so
 * s(I,k) is one row of V numbers for each source (sources.h). The text embeddings f_T are made from
 * the codebook as it stands in the model:
 *
 *   raw      f_T(k) = e(k)
 *   centred  f_T(k) = (e(k) - mean) / |e(k) - mean|, mean over the vocabulary in index order, all
 *            in binary64, rounded once; 0 for a word that lies on the mean
 *   nearest  as centred
 *
 * and from them the scores of Eq. 4, w running over the n words of the source in their order:
 *
 *   raw, centred  s'(I,k) = f_I . f_T(k) with f_I = (1/n) sum over w of f_T(w), binary64, rounded
 *                 once: the word in the midst of the source's words is the most similar one, which
 *                 need not be one of them
 *   nearest       s'(I,k) = max over w of f_T(w) . f_T(k): each word of the source is as similar as
 *                 can be, and another word as much as it is to the nearest of them
 *
 * of which Eq. 5 makes s(I,k). For sources of one word nearest and centred are the same bits, and
 * f_I is f_T of that word. The mean, the maximum and the centring are ours: the paper has image
 * embeddings.
 *
 * CLIP's features, which the paper uses, have unit length. Word vectors share a large common part
 * and differ in length by how frequent the word is; centred takes both away, and is the same for a
 * codebook that was itself centred or scaled, up to rounding.
 */
#ifndef SPAE_IO_GUIDE_H
#define SPAE_IO_GUIDE_H

#include "io/sources.h"
#include "spae.h"

typedef enum {
    SPAE_GUIDE_CENTRED,
    SPAE_GUIDE_RAW,
    SPAE_GUIDE_NEAREST,
    SPAE_GUIDE_KINDS
} spae_guide_kind;

/* "centred", "raw", "nearest"; the index is the kind. */
extern const char *const spae_guide_names[SPAE_GUIDE_KINDS];

/* f_T of every word.
 *   out  features  (V,c), may not be the codebook's own rows
 *   mem  (c) doubles from the arena, given back
 *   err  SPAE_ERR_NO_MEMORY */
spae_status spae_guide_features(spae_guide_kind kind, const spae_codebook *codebook,
                                spae_arena *arena, spae_real *features, spae_error *err);

/* Takes away the mean of all rows, then multiplies: x = (x - mean) * scale, in binary64, rounded
 * once. Without `centre` the mean is taken as 0. SPEC 4.8
 *   in   rows  (V,c), changed in place
 *   err  SPAE_ERR_NO_MEMORY */
spae_status spae_guide_transform(spae_real *rows, size_t V, size_t c, bool centre, double scale,
                                 spae_arena *arena, spae_error *err);

/* s(I,k) for each source; a row of zeros for an empty one.
 *   in   sources     each token < V
 *   out  similarity  (sources,V)
 *   mem  (V,c) features, for `nearest` in binary64 too, from the arena, given back
 *   err  SPAE_ERR_NO_MEMORY
 */
spae_status spae_guide_rows(spae_guide_kind kind, const spae_codebook *codebook,
                            const spae_sources *sources, spae_arena *arena, spae_real *similarity,
                            spae_error *err);

#endif
