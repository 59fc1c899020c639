/* Distances as they are defined, many side by side (SPEC 4.2). */
#ifndef SPAE_NEAREST_CHAIN_H
#define SPAE_NEAREST_CHAIN_H

#include <stddef.h>

#include "real.h"

/* Rows are lanes of vectors, and are laid out again for SPAE_CHAIN_QUERIES embeddings at a time. */
#if defined(__AVX512F__)
enum { SPAE_CHAIN_ROWS = 32, SPAE_CHAIN_QUERIES = 64 };
#else
enum { SPAE_CHAIN_ROWS = 16, SPAE_CHAIN_QUERIES = 32 };
#endif

/* distance[i][r] = chain over c channels of (z_i - e_r)^2 in binary64, for rows <= SPAE_CHAIN_ROWS rows e_r and
 * queries <= SPAE_CHAIN_QUERIES embeddings z_i. */
void spae_chains(const real *const *e, size_t rows, const double *const *z, size_t queries, size_t c,
                 double distance[][SPAE_CHAIN_ROWS]);

#endif
