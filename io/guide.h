/* The semantic source: which words a labelled picture should be near.                     Eq. 4, 5; App. B.1
 *
 * For labelled pictures the text embedding of the label stands for the image embedding, so s(I,k)
 * is one row of V numbers for each label. The text embeddings f_T are made from the codebook as it
 * stands in the model:
 *
 *   raw      f_T(k) = e(k)
 *   centred  f_T(k) = (e(k) - mean) / |e(k) - mean|, mean over the vocabulary in index order, all in
 *            binary64, rounded once; 0 for a word that lies on the mean
 *
 * CLIP's features, which the paper uses, have unit length. Word vectors share a large common part
 * and differ in length by how frequent the word is; centred takes both away, and is the same for a
 * codebook that was itself centred or scaled, up to rounding.
 */
#ifndef SPAE_IO_GUIDE_H
#define SPAE_IO_GUIDE_H

#include "spae.h"

typedef enum { SPAE_GUIDE_CENTRED, SPAE_GUIDE_RAW, SPAE_GUIDE_KINDS } spae_guide_kind;

/* "centred", "raw"; the index is the kind. */
extern const char *const spae_guide_names[SPAE_GUIDE_KINDS];

/* f_T of every word.
 *   out  features  (V,c), may not be the codebook's own rows
 *   mem  (c) doubles from the arena, given back    err SPAE_ERR_NO_MEMORY
 */
spae_status spae_guide_features(spae_guide_kind kind, const spae_codebook *codebook,
                                spae_arena *arena, spae_real *features, spae_error *err);

/* Takes away the mean of all rows, then multiplies: x = (x - mean) * scale, in binary64, rounded
 * once. Without `centre` the mean is taken as 0.
 *   in   rows (V,c), changed in place    err SPAE_ERR_NO_MEMORY */
spae_status spae_guide_transform(spae_real *rows, size_t V, size_t c, bool centre, double scale,
                                 spae_arena *arena, spae_error *err);

/* s(I,k) for each label: row i is that of the word `token[i]`.
 *   in   token       (labels)    0 <= token < V
 *   out  similarity  (labels,V)
 *   mem  (V,c) features from the arena, given back    err SPAE_ERR_NO_MEMORY
 */
spae_status spae_guide_rows(spae_guide_kind kind, const spae_codebook *codebook,
                            const int32_t *token, size_t labels, spae_arena *arena,
                            spae_real *similarity, spae_error *err);

#endif
