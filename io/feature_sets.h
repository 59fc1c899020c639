/* What a classifier says of the pictures and of what is rebuilt from the first 1, 2, .. D layers: features for Frechet
 * distances (FID, FVD), probabilities for Inception Scores. It may be a network of this program, picture by picture, or
 * any other program whose activations are .npy files in one folder:
 *
 *     FOLDER/real.npy                      of the pictures: features (n,d), or probabilities (n,K)
 *     FOLDER/layer1.npy .. layer6.npy      of what the first 1 .. 6 layers rebuild; some may be missing
 *
 * Numbers of any type, further axes of size 1 (as of pooled maps). Files are read a few rows at a time, so memory is that
 * of the covariances, not of the rows. Sets may have different n. Set 0 is that of the pictures, set l that of l layers.
 */
#ifndef SPAE_IO_FEATURE_SETS_H
#define SPAE_IO_FEATURE_SETS_H

#include "io/file.h"
#include "nn/frechet.h"
#include "nn/metrics.h"
#include "spae.h"

enum { SPAE_FEATURE_SETS = SPAE_MAX_LAYERS + 1 };

/* ---- features ---- */

typedef struct {
    size_t sets, d;
    spae_moments moments[SPAE_FEATURE_SETS]; /* count 0: there is none of this set */
    double distance[SPAE_FEATURE_SETS];      /* of set 0 and this one; NaN where there is none. From ..._finish on */
    size_t rank;                             /* of set 0's covariance. From ..._finish on */
} spae_feature_sets;

/* Sets without rows, of d features each. For rows that come by spae_moments_add to moments[set].
 *   err  as spae_moments_start */
spae_status spae_feature_sets_start(spae_feature_sets *f, size_t sets, size_t d, spae_arena *arena, spae_error *err);

/* The sets of a folder.
 *   err  SPAE_ERR_IO      there is no real.npy, or no layer at all; reading failed
 *        SPAE_ERR_SHAPE   not (n,d), or another d than real.npy's
 *        SPAE_ERR_FORMAT  SPAE_ERR_NOT_FINITE (which row and feature)  SPAE_ERR_NO_MEMORY
 *        the text begins with the file's name */
spae_status spae_feature_sets_read(spae_feature_sets *f, const char *folder, size_t sets, spae_arena *arena,
                                   spae_error *err);

/* No rows come any more: the distances. tell is told of each, its part of the work done, 0..1.
 *   err  SPAE_ERR_ARGUMENT  a set of one row     SPAE_ERR_NO_MEMORY, SPAE_ERR_NOT_FINITE
 *   mem  scratch is given back */
spae_status spae_feature_sets_finish(spae_feature_sets *f, spae_arena *arena,
                                     void (*tell)(void *context, size_t set, double part), void *context,
                                     spae_error *err);

/* What a reader of the distances should know, or NULL: that there are fewer rows than features, so that covariances are
 * singular and the distance is too large beside one of many rows; that features do not vary. In the arena, one line. */
const char *spae_feature_sets_remark(const spae_feature_sets *f, spae_arena *arena);

/* ---- probabilities ---- */

/* As many splits as are usual: 10, or 1 where there are fewer rows. */
size_t spae_answer_sets_splits(size_t rows);

typedef struct {
    size_t sets;
    spae_inception_score score[SPAE_FEATURE_SETS];              /* rows 0: there is none of this set */
    double mean[SPAE_FEATURE_SETS], deviation[SPAE_FEATURE_SETS]; /* NaN where there is none. From ..._finish on */
} spae_answer_sets;

/* Sets of `rows` rows each, for spae_inception_score_add to score[set].
 *   err  as spae_inception_score_start */
spae_status spae_answer_sets_start(spae_answer_sets *a, size_t sets, size_t rows, size_t classes, size_t splits,
                                   spae_arena *arena, spae_error *err);

/* The sets of a folder; real.npy may be missing. splits 0: as many as are usual.
 *   err  as spae_feature_sets_read;
 *        SPAE_ERR_ARGUMENT  more splits than rows; a row with a number below 0, or whose sum is further from 1 than 1/100:
 *                           logits, perhaps */
spae_status spae_answer_sets_read(spae_answer_sets *a, const char *folder, size_t sets, size_t splits, spae_arena *arena,
                                  spae_error *err);

/* No rows come any more. err SPAE_ERR_ARGUMENT: rows are missing */
spae_status spae_answer_sets_finish(spae_answer_sets *a, spae_error *err);

#endif
