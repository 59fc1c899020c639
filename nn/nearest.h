/* The nearest row of a matrix, exactly, with its margin. */
#ifndef SPAE_NEAREST_H
#define SPAE_NEAREST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../vendor_free/status.h"
#include "arena.h"
#include "real.h"

/* What the screen knows of the rows (nn/nearest_index.h). */
typedef struct spae_row_index spae_row_index;

typedef struct {
    size_t V, c;                 /* 1 <= V < 2^31, c >= 1 */
    const real *e;               /* (V,c) finite; borrowed */
    const spae_row_index *index; /* from spae_rows_index, or NULL: every row is measured */
} spae_rows;

/* square[k] = chain over channels of e(k)^2 in binary64. */
void spae_row_squares(const real *e, size_t V, size_t c, double *square);

/* Makes the index, in the arena. It takes a quarter of the rows' bytes where the processor multiplies bytes, half of
 * them elsewhere, and 32 bytes a row: spae_row_index_bytes, less than 4 SPAE_ALIGNMENT more in the arena. Beyond 65536
 * channels there is none, and the rows stay as they are.
 *   err  SPAE_ERR_NO_MEMORY, *rows is as before */
spae_status spae_rows_index(spae_rows *rows, spae_arena *arena, spae_error *err);
size_t spae_row_index_bytes(size_t V, size_t c);

/* What a search did, for tests and measurements. */
typedef struct {
    size_t by_digits, by_reals; /* embeddings whose rows the screen of integers told apart, and the finer one */
    size_t unscreened;          /* embeddings for which every row was measured as defined */
    size_t candidates;          /* rows left to the screened, whose distances were measured one by one */
    size_t chains;              /* of those, the rows that were measured as defined */
} spae_search_work;

/* For each of `count` vectors the row closest to it.                                                 Eq. 2; SPEC 4.2
 *   in   z       (count,c)  finite
 *   out  k       (count)    the lowest index where distances are equal
 *   out  margin  (count)    second least minus least squared distance, >= 0; +inf if V is 1; may be NULL: less is
 *                           measured
 *   out  work    added to; may be NULL
 *   err  SPAE_ERR_ARGUMENT  V or c out of range   SPAE_ERR_NO_MEMORY   SPAE_ERR_NOT_FINITE  z is not finite
 *   mem  scratch from the arena, given back */
spae_status spae_nearest_rows(const spae_rows *rows, const double *z, size_t count, spae_arena *arena, int32_t *k,
                              double *margin, spae_search_work *work, spae_error *err);

/* Accounts in the arena for that scratch, and gives it back; false when it cannot be counted. */
bool spae_nearest_rows_account(const spae_rows *rows, size_t count, spae_arena *arena);

#endif
