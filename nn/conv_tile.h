/* The arithmetic of the convolutions: tiles of ROWS x LANES chains that advance together, and moving numbers to where
 * tiles want them.
 *
 * A file of its own, so that compilers see each loop by itself: inlined into its callers, gcc 12 unrolls the loop over
 * k instead of keeping the accumulators in registers, at less than half the speed.
 */
#ifndef SPAE_CONV_TILE_H
#define SPAE_CONV_TILE_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "real.h"

/* The tile's size: accumulators, a vector or more of b and the factors fit the registers, and there are chains enough
 * to hide the latency of an addition. LANES is a power of two, and no less than 16: gcc 12 unrolls loops of 8 before
 * it would vectorize them.
 *     AVX-512   32 registers of 64 bytes   8 rows of 2 vectors: 16 accumulators
 *     AVX       16 of 32 bytes             4 rows of 2 (of 4 in binary64): 8 accumulators
 *     others    e.g. 16 of 16 bytes        2 rows of 4: 8 accumulators
 * A narrow tile has the rows that a picture has channels, and as many accumulators or more.
 */
#if defined(__AVX512F__)
enum { SPAE_TILE_ROWS = 8, SPAE_TILE_LANES = 128 / sizeof(real), SPAE_NARROW_LANES = 256 / sizeof(real) };
#elif defined(__AVX__)
enum { SPAE_TILE_ROWS = 4, SPAE_TILE_LANES = 16, SPAE_NARROW_LANES = 16 };
#else
enum { SPAE_TILE_ROWS = 2, SPAE_TILE_LANES = 16, SPAE_NARROW_LANES = 16 };
#endif
enum { SPAE_NARROW_ROWS = 3 };

typedef real spae_tile[SPAE_TILE_ROWS][SPAE_TILE_LANES];

/* A part of the depth: the factors a[r * across + k], k < depth, meet the rows at + k of b. */
typedef struct {
    const real *a;
    size_t across, at, depth;
} spae_tile_part;

/* out[r][j] += a[r * across + k] * b[at + k][j] for all k of all parts, in order: continues the chains of `rows` cells,
 * `lanes` channels each, or starts them from +0 when this is the first of the depth; then + bias[j] when there is one.
 *   part  `parts` of them, read in all ROWS rows
 *   b     (.., LANES), read in all lanes
 *   out   `rows` pointers; only `lanes` elements at each are read and written
 *   bias  `lanes` elements or NULL
 */
void spae_tile_product(const spae_tile_part *part, size_t parts, const real *b, bool first, const real *bias,
                       real *const *out, size_t rows, size_t lanes);

/* Rows of a kernel gradient, i = 0..count-1 in order: sum[r][j] += the chain from +0 over k = 0..pixels-1 of
 * a[i * a_row + k * along + r] * b[i * pixels + k][j]. */
void spae_tile_gradient(const real *a, size_t a_row, size_t along, const real *b, size_t count, size_t pixels,
                        spae_tile sum);

/* A tile from or to memory: `lanes` elements at each of `rows` pointers; elsewhere the tile becomes zero. */
void spae_tile_load(spae_tile tile, real *const *from, size_t rows, size_t lanes);
void spae_tile_store(real *const *to, spae_tile tile, size_t rows, size_t lanes);

/* acc[r][j] += a[k][r] * b[k][j] for k = 0..depth-1 in order; the rows of b are `pitch` apart. */
void spae_tile_narrow(const real *a, const real *b, size_t pitch, size_t depth,
                      real acc[SPAE_NARROW_ROWS][SPAE_NARROW_LANES]);

/* One row of a panel: to[j] = from[j] for j < lanes, zero for the others. A whole row has a copy of constant size, which is
 * a few vector moves. */
static inline void spae_tile_pack(real *to, const real *from, size_t lanes)
{
    if (lanes == SPAE_TILE_LANES) {
        memcpy(to, from, SPAE_TILE_LANES * sizeof *to);
    } else {
        memcpy(to, from, lanes * sizeof *to);
        memset(to + lanes, 0, (SPAE_TILE_LANES - lanes) * sizeof *to);
    }
}

/* to[c][r] = from[r][c] for c < columns and r < LANES; rows of `from` are `stride` apart, those of `to` are `pitch`.
 * From row `rows` on, `from` is not read and counts as zero. */
void spae_tile_transpose(const real *from, size_t stride, size_t rows, size_t columns, real *to, size_t pitch);

#endif
