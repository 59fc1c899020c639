/* Eigenvalues and eigenvectors of a symmetric matrix in binary64 (SPEC 11.5): Householder's tridiagonal form, then
 * implicit QL. Only + - * / and square roots, every sum in a fixed order, so the same bits everywhere.
 *
 * Accuracy  backward stable: each eigenvalue is within a small multiple of n * 2^-52 * max|eigenvalue|, and the vectors
 *           are orthogonal to a small multiple of n * 2^-52; equal and clustered eigenvalues need no special care
 * Speed     O(n^3): about 2 n^3 operations for the values, 10 n^3 with vectors, in loops over outputs that compilers
 *           vectorize; the loops over panels of columns may run in threads
 */
#ifndef SPAE_EIGEN_H
#define SPAE_EIGEN_H

#include <stddef.h>

#include "../vendor_free/status.h"
#include "arena.h"

/* Told now and then how much of the work is done, 0..1, never falling. tell NULL: nobody is. */
typedef struct {
    void (*tell)(void *context, double part);
    void *context;
} spae_eigen_progress;

/* A = V^T diag(value) V.
 *   in   a       (n,n)  symmetric: a[i][j] is a[j][i], to the bit; destroyed
 *        n       >= 1
 *   out  value   (n)    ascending
 *        vector  (n,n)  row i is the unit eigenvector of value[i], its sign unspecified but determined; NULL: not wanted
 *   err  SPAE_ERR_NOT_FINITE  a NaN or infinity in a, or sweeps that do not end (60 for one eigenvalue: not seen)
 *        SPAE_ERR_NO_MEMORY; outputs unspecified
 *   mem  5 n numbers, and with vectors 128 n or 2^17, whichever is less, for rotations; given back
 */
spae_status spae_eigen_symmetric(double *a, size_t n, double *value, double *vector, spae_arena *arena,
                                 spae_eigen_progress progress, spae_error *err);

#endif
