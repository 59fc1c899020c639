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

/* Bytes of a tile's row: two vectors, so that 2 * ROWS accumulators, a vector of b, one of a and one product
 * fit the register file.
 *     AVX-512             32 registers of 64 bytes    6 x 32 floats
 *     AVX                 16 registers of 32 bytes    6 x 16 floats
 *     others, e.g. SSE2   16 registers of 16 bytes    6 x  8 floats
 */
#if defined(__AVX512F__)
#define SPAE_ROW_BYTES 128
#elif defined(__AVX__)
#define SPAE_ROW_BYTES 64
#else
#define SPAE_ROW_BYTES 32
#endif

enum { ROWS = 6, LANES = SPAE_ROW_BYTES / sizeof(real) };

/* acc[r][j] continues its chain over k = 0..n-1 with a[r * across + k * along] * b[k][j]. All arithmetic of
 * the three forms is here, but for bias and sums of rows. Lanes j are vectors; k stays in order. */
static inline void chain(real acc[ROWS][LANES], const real *restrict a, size_t across, size_t along,
                               const real *restrict b, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        const real *row = b + k * LANES;
        const real a0 = a[k * along], a1 = a[k * along + across], a2 = a[k * along + 2 * across];
        const real a3 = a[k * along + 3 * across], a4 = a[k * along + 4 * across],
                   a5 = a[k * along + 5 * across];
        for (size_t j = 0; j < LANES; j++) {
            const real v = row[j];
            acc[0][j] = acc[0][j] + a0 * v;
            acc[1][j] = acc[1][j] + a1 * v;
            acc[2][j] = acc[2][j] + a2 * v;
            acc[3][j] = acc[3][j] + a3 * v;
            acc[4][j] = acc[4][j] + a4 * v;
            acc[5][j] = acc[5][j] + a5 * v;
        }
    }
}

static inline void clear(real acc[ROWS][LANES])
{
    for (size_t r = 0; r < ROWS; r++)
        for (size_t j = 0; j < LANES; j++)
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
    for (size_t r = 0; r < ROWS; r++)
        for (size_t j = 0; j < LANES; j++)
            sum[r][j] = sum[r][j] + acc[r][j];
}

/* A whole row: its chain from +0, added to the example's sum. */
static void row_tile(const real *a, size_t along, const real *b, size_t pixels, real sum[ROWS][LANES])
{
    real acc[ROWS][LANES];
    clear(acc);
    chain(acc, a, 1, along, b, pixels);
    add(sum, acc);
}

/* A part of a row: its chain continues in memory. */
static void row_part_tile(const real *a, size_t along, const real *b, size_t pixels, real chains[ROWS][LANES])
{
    real acc[ROWS][LANES];
    memcpy(acc, chains, sizeof acc);
    chain(acc, a, 1, along, b, pixels);
    memcpy(chains, acc, sizeof acc);
}

#endif
