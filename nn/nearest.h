/* The nearest row of a matrix, exactly, with its margin. */
#ifndef SPAE_NEAREST_H
#define SPAE_NEAREST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../vendor_free/status.h"
#include "arena.h"
#include "real.h"

typedef struct {
    size_t V, c;          /* 1 <= V < 2^31, c >= 1 */
    const real *e;        /* (V,c) finite; borrowed */
    /* What the screen needs, from spae_rows_prepare; both NULL: every row is measured. */
    const double *square; /* (V) */
    const real *packed;   /* (spae_dense_packed_size(V, c)) */
} spae_rows;

/* square[k] = chain over channels of e(k)^2 in binary64. */
void spae_row_squares(const real *e, size_t V, size_t c, double *square);

/* Sets square and packed, in the arena: V (c + 2) numbers, about as much again as the rows.
 *   err  SPAE_ERR_NO_MEMORY, *rows is as before */
spae_status spae_rows_prepare(spae_rows *rows, spae_arena *arena, spae_error *err);

/* For each of `count` vectors the row closest to it.                                                 Eq. 2; SPEC 4.2
 *   in   z       (count,c)  finite
 *   out  k       (count)    the lowest index where distances are equal
 *   out  margin  (count)    second least minus least squared distance, >= 0; +inf if V is 1; may be NULL
 *   err  SPAE_ERR_ARGUMENT  V or c out of range   SPAE_ERR_NO_MEMORY   SPAE_ERR_NOT_FINITE  z is not finite
 *   mem  scratch from the arena, given back */
spae_status spae_nearest_rows(const spae_rows *rows, const double *z, size_t count, spae_arena *arena, int32_t *k,
                              double *margin, spae_error *err);

/* Accounts in the arena for that scratch, and gives it back; false when it cannot be counted. */
bool spae_nearest_rows_account(const spae_rows *rows, size_t count, spae_arena *arena);

#endif
