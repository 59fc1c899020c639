/* The arithmetic of nn/conv.c: tiles of ROWS x LANES chains that advance together.
 *
 * A file of its own, so that compilers see each loop by itself: inlined into its callers, gcc 12
 * unrolls the loop over k instead of keeping the accumulators in registers, at less than half the
 * speed.
 */
#ifndef SPAE_CONV_TILE_H
#define SPAE_CONV_TILE_H

#include <stdbool.h>
#include <stddef.h>

#include "real.h"

/* The tile's size, so that accumulators, a vector or two of b, and a product fit the registers:
 *     AVX-512   32 of 64 bytes   6 x 32 floats, 12 registers; 6 x 16 doubles
 *     AVX       16 of 32 bytes   4 x 16 floats,  8 registers
 *     others    e.g. 16 of 16    4 x 16 floats, 16, of which some wait in the cache
 * There are 16 lanes at least: gcc 12 unrolls loops of 8 before it would vectorize them.
 */
#if defined(__AVX512F__)
enum { SPAE_TILE_ROWS = 6, SPAE_TILE_LANES = 128 / sizeof(real) };
#else
enum { SPAE_TILE_ROWS = 4, SPAE_TILE_LANES = 16 };
#endif

/* Depth that a product continues at a time, at most: the rows of its a are this far apart, a
 * constant, which spares a register for each. */
enum { SPAE_TILE_CHUNK = 512 / sizeof(real) };

typedef real spae_tile[SPAE_TILE_ROWS][SPAE_TILE_LANES];

/* out[r][j] += a[r][k] * b[k][j] for k = 0..depth-1 in order: continues the chains of `rows` cells,
 * `lanes` channels each, or starts them from +0 when this is the first chunk of depth.
 *   a    (ROWS,CHUNK)    of which `depth` columns are read, in all rows
 *   b    (depth,LANES)   read in all lanes
 *   out  `rows` pointers; only `lanes` elements at each are read and written
 */
void spae_tile_product(const real *a, const real *b, size_t depth, bool first, real *const *out,
                       size_t rows, size_t lanes);

/* Whole rows of a kernel gradient. For each row i in order, sum[r][j] += the chain from +0 over
 * k = 0..pixels-1 of a[i * a_row + k * along + r] * b[i][k][j]. Two forms of the same: when rows
 * are long the sum is in memory; when they are short it may stay in registers. */
void spae_tile_long_rows(const real *a, size_t a_row, size_t along, const real *b, size_t pixels,
                         size_t rows, spae_tile sum);
void spae_tile_short_rows(const real *a, size_t a_row, size_t along, const real *b, size_t pixels,
                          size_t rows, spae_tile sum);

/* A part of one such row: continues its chains. */
void spae_tile_row_part(const real *a, size_t along, const real *b, size_t pixels,
                        spae_tile chains);

/* sum += term, each element. */
void spae_tile_add(spae_tile sum, spae_tile term);

/* The tile from, or to, memory whose rows are `stride` apart; beyond rows and lanes it is zero, or
 * not stored. */
void spae_tile_load(spae_tile tile, const real *from, size_t stride, size_t rows, size_t lanes);
void spae_tile_store(real *to, size_t stride, spae_tile tile, size_t rows, size_t lanes);

#endif
