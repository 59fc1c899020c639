/* The arithmetic of nn/conv.c: tiles of ROWS x LANES chains that advance together. Included by conv.c only.
 *
 * The accumulators are local arrays of constant size, begun from +0 or a copy and ended by a copy, so that
 * compilers hold them in vector registers while the chains run. Lanes are vectors; k stays in order.
 */
#ifndef SPAE_CONV_TILE_H
#define SPAE_CONV_TILE_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "real.h"

/* The tile's size, so that its accumulators fit the register file with a vector or two of b, and a product:
 *     AVX-512, 32 registers of 64 bytes    6 x 32 floats (6 x 16 doubles): 12 of them accumulators
 *     AVX,     16 registers of 32 bytes    4 x 16 floats:                   8
 *     others, e.g. 16 of 16 bytes          4 x 16 floats:                  16, of which some wait in the cache
 * Lanes are 16 at least: gcc 12 unrolls loops of 8 before it would vectorize them.
 */
#if defined(__AVX512F__)
enum { ROWS = 6, LANES = 128 / sizeof(real) };
#else
enum { ROWS = 4, LANES = 16 };
#endif

/* acc[r][j] continues its chain over k = 0..n-1 with a[r * across + k * along] * b[k][j]. All arithmetic of
 * the three forms is here, but for bias and sums of rows. Lanes j are vectors; k stays in order. */
static inline void chain(real acc[ROWS][LANES], const real *restrict a, size_t across, size_t along,
                               const real *restrict b, size_t n)
{
    for (size_t k = 0; k < n; k++)
        for (size_t j = 0; j < LANES; j++)
            for (size_t r = 0; r < ROWS; r++) /* unrolled by compilers, which leaves j to be the vector */
                acc[r][j] = acc[r][j] + a[r * across + k * along] * b[k * LANES + j];
}

static inline void clear(real acc[ROWS][LANES])
{
    for (size_t j = 0; j < LANES; j++)
        for (size_t r = 0; r < ROWS; r++)
            acc[r][j] = 0;
}

/* Whole rows have a copy of constant size, which is a few vector moves. */
static inline void load_row(real acc[LANES], const real *from, size_t lanes)
{
    if (lanes == LANES)
        memcpy(acc, from, LANES * sizeof *acc);
    else
        memcpy(acc, from, lanes * sizeof *acc);
}

static inline void store_row(real *to, const real acc[LANES], size_t lanes)
{
    if (lanes == LANES)
        memcpy(to, acc, LANES * sizeof *acc);
    else
        memcpy(to, acc, lanes * sizeof *acc);
}

/* Continues the chains of `rows` cells at `out`, `lanes` channels each, or starts them when this is the first
 * chunk: a (ROWS, depth) with rows `across` apart, b (depth, LANES). */
static void product_tile(const real *a, size_t across, const real *b, size_t depth, bool first,
                         real *const *out, size_t rows, size_t lanes)
{
    real acc[ROWS][LANES];
    clear(acc);
    for (size_t r = 0; r < rows && !first; r++)
        load_row(acc[r], out[r], lanes);
    chain(acc, a, across, 1, b, depth);
    for (size_t r = 0; r < rows; r++)
        store_row(out[r], acc[r], lanes);
}

static inline void add(real (*restrict sum)[LANES], real (*restrict acc)[LANES])
{
    for (size_t j = 0; j < LANES; j++)
        for (size_t r = 0; r < ROWS; r++)
            sum[r][j] = sum[r][j] + acc[r][j];
}

/* Whole rows of a kernel gradient: a chain over the pixels of each from +0, added to the sum in order. */
static void rows_tile(const real *a, size_t a_row, size_t along, const real *b, size_t pixels, size_t rows,
                      real total[ROWS][LANES])
{
    real acc[ROWS][LANES], sum[ROWS][LANES];
    memcpy(sum, total, sizeof sum);
    for (size_t i = 0; i < rows; i++) {
        clear(acc);
        chain(acc, a + i * a_row, 1, along, b + i * pixels * LANES, pixels);
        add(sum, acc);
    }
    memcpy(total, sum, sizeof sum);
}

/* A part of a row: its chains continue in memory. */
static void row_part_tile(const real *a, size_t along, const real *b, size_t pixels, real chains[ROWS][LANES])
{
    real acc[ROWS][LANES];
    memcpy(acc, chains, sizeof acc);
    chain(acc, a, 1, along, b, pixels);
    memcpy(chains, acc, sizeof acc);
}

#endif
