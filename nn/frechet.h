/* The Frechet distance of two sets of feature vectors, each taken for a normal distribution (SPEC 11.4 to 11.6): FID
 * with the features of Inception-v3, FVD with those of I3D.
 *
 *     |ma - mb|^2 + tr Sa + tr Sb - 2 tr((Sa Sb)^(1/2))
 *
 * m the means, S the covariances with divisor n - 1; nothing is added to their diagonals. All in binary64.
 *
 *     spae_moments real, rebuilt;                        one of each set, features as they come
 *     spae_moments_start(&real, 2048, &arena, err); ..   spae_moments_add(&real, row, count, err); ..
 *     spae_moments_finish(&real, err); ..
 *     spae_frechet_open(&f, &real, &arena, progress, err);             one eigensolve, for any number of others
 *     spae_frechet_distance(&f, &rebuilt, &arena, progress, &d, err);  one more for each
 */
#ifndef SPAE_FRECHET_H
#define SPAE_FRECHET_H

#include "eigen.h"
#include "real.h"

enum { SPAE_MOMENTS_BLOCK = 256 };

/* Mean and covariance of rows that are not kept: blocks of 256 rows are centred on their own mean and joined. */
typedef struct {
    size_t d, count;    /* features; rows so far */
    size_t held;        /* rows in `block` */
    double *mean;       /* (d) of the rows that are joined, of all when finished; (d) behind it is room */
    double *covariance; /* (d,d) symmetric when finished; before, sums of products about the mean, i >= j */
    double *block;      /* (256,d) rows not yet joined, in panels of 16 columns */
} spae_moments;

/*   err  SPAE_ERR_SHAPE  d is 0     SPAE_ERR_NO_MEMORY
 *   mem  (d,d) and (258,d) numbers from the arena, which the caller drops */
spae_status spae_moments_start(spae_moments *m, size_t d, spae_arena *arena, spae_error *err);

/* `count` further rows (count,d).
 *   err  SPAE_ERR_NOT_FINITE, which names row and feature; m then holds the rows before it */
spae_status spae_moments_add(spae_moments *m, const real *row, size_t count, spae_error *err);

/* No row comes any more: mean and covariance are as told above. Once.
 *   err  SPAE_ERR_ARGUMENT  fewer than 2 rows: there is no divisor */
spae_status spae_moments_finish(spae_moments *m, spae_error *err);

/* One of the two sets, ready for any number of others. */
typedef struct {
    const spae_moments *moments; /* borrowed */
    double *root;                /* (d,d) in panels, column i: the eigenvector i of S times the root of its eigenvalue */
    double trace;
    size_t rank; /* eigenvalues above d * 2^-52 of the largest: below d, S is singular */
} spae_frechet;

/*   in   moments  finished; borrowed as long as f
 *   err  SPAE_ERR_NO_MEMORY, SPAE_ERR_NOT_FINITE (a sum overflowed)
 *   mem  (d,d) from the arena, which the caller drops; another two given back */
spae_status spae_frechet_open(spae_frechet *f, const spae_moments *moments, spae_arena *arena,
                              spae_eigen_progress progress, spae_error *err);

typedef struct {
    double means;      /* |ma - mb|^2 */
    double trace_a, trace_b;
    double trace_root; /* tr((Sa Sb)^(1/2)) */
    double distance;   /* 0 where rounding made it negative */
} spae_frechet_parts;

/*   in   other  finished
 *   err  SPAE_ERR_SHAPE  another number of features     SPAE_ERR_NO_MEMORY, SPAE_ERR_NOT_FINITE; outputs untouched
 *   mem  2 (d,d), given back */
spae_status spae_frechet_distance(const spae_frechet *f, const spae_moments *other, spae_arena *arena,
                                  spae_eigen_progress progress, spae_frechet_parts *parts, spae_error *err);

#endif
