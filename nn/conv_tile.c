/* Tiles of chains (nn/conv_tile.h). Lanes are vectors; every chain runs over k in order, each
 * product and each sum rounded. The accumulators are local arrays of constant size that compilers
 * hold in vector registers.
 */
#include <string.h>

#include "../vendor_free/numerics.h"
#include "conv_tile.h"

enum { ROWS = SPAE_TILE_ROWS, LANES = SPAE_TILE_LANES };

/* acc[r][j] continues its chain over k = 0..n-1 with a[r * across + k * along] * b[k][j]. All
 * arithmetic of the three forms is here, but for bias and sums of rows. Compilers unroll the
 * loop over r and vectorize that over j; k stays in order. */
static inline void chain(spae_tile acc, const real *restrict a, size_t across, size_t along,
                         const real *restrict b, size_t n)
{
    for (size_t k = 0; k < n; k++)
        for (size_t j = 0; j < LANES; j++)
            for (size_t r = 0; r < ROWS; r++)
                acc[r][j] = acc[r][j] + a[r * across + k * along] * b[k * LANES + j];
}

static inline void clear(spae_tile acc)
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

void spae_tile_product(const real *a, const real *b, size_t depth, bool first, real *const *out,
                       size_t rows, size_t lanes)
{
    spae_tile acc;
    clear(acc);
    for (size_t r = 0; r < rows && !first; r++)
        load_row(acc[r], out[r], lanes);
    chain(acc, a, SPAE_TILE_CHUNK, 1, b, depth);
    for (size_t r = 0; r < rows; r++)
        store_row(out[r], acc[r], lanes);
}

static inline void add(real (*restrict sum)[LANES], real (*restrict acc)[LANES])
{
    for (size_t j = 0; j < LANES; j++)
        for (size_t r = 0; r < ROWS; r++)
            sum[r][j] = sum[r][j] + acc[r][j];
}

void spae_tile_long_rows(const real *a, size_t a_row, size_t along, const real *b, size_t pixels,
                         size_t rows, spae_tile sum)
{
    spae_tile acc;
    for (size_t i = 0; i < rows; i++) {
        clear(acc);
        chain(acc, a + i * a_row, 1, along, b + i * pixels * LANES, pixels);
        add(sum, acc);
    }
}

void spae_tile_short_rows(const real *a, size_t a_row, size_t along, const real *b, size_t pixels,
                          size_t rows, spae_tile total)
{
    spae_tile acc, sum;
    clear(acc);
    memcpy(sum, total, sizeof sum);
    for (size_t i = 0; i < rows; i++) {
        chain(acc, a + i * a_row, 1, along, b + i * pixels * LANES, pixels);
        for (size_t j = 0; j < LANES; j++)
            for (size_t r = 0; r < ROWS; r++) {
                sum[r][j] = sum[r][j] + acc[r][j];
                acc[r][j] = 0;
            }
    }
    memcpy(total, sum, sizeof sum);
}

void spae_tile_row_part(const real *a, size_t along, const real *b, size_t pixels, spae_tile chains)
{
    spae_tile acc;
    memcpy(acc, chains, sizeof acc);
    chain(acc, a, 1, along, b, pixels);
    memcpy(chains, acc, sizeof acc);
}

void spae_tile_add(spae_tile sum, spae_tile term)
{
    add(sum, term);
}

void spae_tile_load(spae_tile tile, const real *from, size_t stride, size_t rows, size_t lanes)
{
    clear(tile);
    for (size_t r = 0; r < rows; r++)
        load_row(tile[r], from + r * stride, lanes);
}

void spae_tile_store(real *to, size_t stride, spae_tile tile, size_t rows, size_t lanes)
{
    for (size_t r = 0; r < rows; r++)
        store_row(to + r * stride, tile[r], lanes);
}
