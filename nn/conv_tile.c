/* Tiles of chains (nn/conv_tile.h). Lanes are vectors; every chain runs over k in order, each product and each sum
 * rounded. The accumulators are local arrays of constant size that compilers hold in vector registers.
 */
#include "conv_tile.h"

#include <string.h>

#include "../vendor_free/numerics.h"

enum { ROWS = SPAE_TILE_ROWS, LANES = SPAE_TILE_LANES, NARROW_ROWS = SPAE_NARROW_ROWS, NARROW_LANES = SPAE_NARROW_LANES };

/* acc[r][j] = acc[r][j] + factor * b[j] for r < rows and j < lanes, where factor may name r: one step of all chains,
 * and all arithmetic of the three forms but for bias and sums of rows. */
#define MULTIPLY_ADD(acc, factor, b, rows, lanes) \
    for (size_t j = 0; j < (lanes); j++)          \
        for (size_t r = 0; r < (rows); r++)       \
            (acc)[r][j] = (acc)[r][j] + (factor) * (b)[j];

void spae_tile_load(spae_tile tile, real *const *from, size_t rows, size_t lanes)
{
    memset(tile, 0, sizeof(spae_tile));
    for (size_t r = 0; r < rows; r++)
        memcpy(tile[r], from[r], lanes * sizeof(real));
}

void spae_tile_store(real *const *to, spae_tile tile, size_t rows, size_t lanes)
{
    for (size_t r = 0; r < rows; r++)
        memcpy(to[r], tile[r], lanes * sizeof(real));
}

/* One part of the depth for all chains of a tile. A function of its own so that `restrict` says that acc is not what is
 * read, and acc stays in registers from part to part. A pointer for each row: gcc 12 would compute r * across anew for
 * each k. */
static inline void advance(const spae_tile_part *part, const real *restrict b, real (*restrict acc)[LANES])
{
    const real *row[ROWS];
    for (size_t r = 0; r < ROWS; r++)
        row[r] = part->a + r * part->across;
    for (size_t k = 0; k < part->depth; k++)
        MULTIPLY_ADD(acc, row[r][k], b + k * LANES, ROWS, LANES)
}

/* The product of a whole tile, whose chains are at `from` and come to `to`. All loops have constant bounds, so that acc is
 * registers. */
static void whole_product(const spae_tile_part *part, size_t parts, const real *b, const real *const *from, real *const *to)
{
    spae_tile acc;
    for (size_t r = 0; r < ROWS; r++)
        for (size_t j = 0; j < LANES; j++)
            acc[r][j] = from[r][j];
    for (size_t i = 0; i < parts; i++)
        advance(&part[i], b + part[i].at * LANES, acc);
    for (size_t r = 0; r < ROWS; r++)
        for (size_t j = 0; j < LANES; j++)
            to[r][j] = acc[r][j];
}

void spae_tile_product(const spae_tile_part *part, size_t parts, const real *b, bool first, const real *bias,
                       real *const *out, size_t rows, size_t lanes)
{
    static const real zero[LANES];
    const bool whole = rows == ROWS && lanes == LANES;
    const real *from[ROWS];
    real *to[ROWS];
    spae_tile edge;
    for (size_t r = 0; r < ROWS; r++) {
        to[r] = whole ? out[r] : edge[r];
        from[r] = first ? zero : to[r];
    }
    if (!whole && !first)
        spae_tile_load(edge, out, rows, lanes);
    whole_product(part, parts, b, from, to);
    if (!whole)
        spae_tile_store(out, edge, rows, lanes);
    for (size_t r = 0; r < rows && bias != NULL; r++)
        for (size_t j = 0; j < lanes; j++)
            out[r][j] = out[r][j] + bias[j];
}

/* One row of a kernel gradient; `restrict` as above. */
static inline void add_row(const real *a, size_t along, const real *restrict b, size_t pixels, real (*restrict sum)[LANES])
{
    spae_tile acc;
    for (size_t r = 0; r < ROWS; r++)
        for (size_t j = 0; j < LANES; j++)
            acc[r][j] = 0;
    for (size_t k = 0; k < pixels; k++)
        MULTIPLY_ADD(acc, a[k * along + r], b + k * LANES, ROWS, LANES)
    for (size_t j = 0; j < LANES; j++)
        for (size_t r = 0; r < ROWS; r++)
            sum[r][j] = sum[r][j] + acc[r][j];
}

void spae_tile_gradient(const real *a, size_t a_row, size_t along, const real *b, size_t count, size_t pixels,
                        spae_tile sum)
{
    for (size_t i = 0; i < count; i++)
        add_row(a + i * a_row, along, b + i * pixels * LANES, pixels, sum);
}

void spae_tile_narrow(const real *a, const real *b, size_t pitch, size_t depth, real out[NARROW_ROWS][NARROW_LANES])
{
    real acc[NARROW_ROWS][NARROW_LANES];
    for (size_t r = 0; r < NARROW_ROWS; r++)
        for (size_t j = 0; j < NARROW_LANES; j++)
            acc[r][j] = out[r][j];
    for (size_t k = 0; k < depth; k++)
        MULTIPLY_ADD(acc, a[k * NARROW_ROWS + r], b + k * pitch, NARROW_ROWS, NARROW_LANES)
    for (size_t r = 0; r < NARROW_ROWS; r++)
        for (size_t j = 0; j < NARROW_LANES; j++)
            out[r][j] = acc[r][j];
}

/* ---- Transposing ---- */

enum { COLUMNS = 16, BLOCK = LANES * COLUMNS }; /* a block of LANES rows that is turned at a time */

/* The perfect shuffle: the two halves of a block, element by element in turn. It moves the highest bit of an element's
 * place to the lowest; done once for each bit of a row's number, it brings the row behind the column. With quarters it
 * moves two bits at once. */
static void shuffle_halves(const real *restrict from, real *restrict to)
{
    for (size_t i = 0; i < BLOCK / 2; i++) {
        to[2 * i] = from[i];
        to[2 * i + 1] = from[BLOCK / 2 + i];
    }
}

static void shuffle_quarters(const real *restrict from, real *restrict to)
{
    for (size_t i = 0; i < BLOCK / 4; i++) {
        to[4 * i] = from[i];
        to[4 * i + 1] = from[BLOCK / 4 + i];
        to[4 * i + 2] = from[BLOCK / 2 + i];
        to[4 * i + 3] = from[3 * BLOCK / 4 + i];
    }
}

/* `columns` <= COLUMNS of the block; what lies beyond them in it is arbitrary. */
static void transpose_block(const real *from, size_t stride, size_t rows, size_t columns, real *to, size_t pitch)
{
    real block[2][BLOCK];
    if (rows < LANES || columns < COLUMNS)
        memset(block[0], 0, sizeof block[0]);
    for (size_t r = 0; r < rows; r++)
        if (columns == COLUMNS)
            memcpy(block[0] + r * COLUMNS, from + r * stride, COLUMNS * sizeof *to);
        else
            memcpy(block[0] + r * COLUMNS, from + r * stride, columns * sizeof *to);
    size_t now = 0, rows_left = LANES;
    for (; rows_left >= 4; rows_left /= 4, now = 1 - now)
        shuffle_quarters(block[now], block[1 - now]);
    for (; rows_left >= 2; rows_left /= 2, now = 1 - now)
        shuffle_halves(block[now], block[1 - now]);
    for (size_t c = 0; c < columns; c++)
        memcpy(to + c * pitch, block[now] + c * LANES, LANES * sizeof *to);
}

void spae_tile_transpose(const real *from, size_t stride, size_t rows, size_t columns, real *to, size_t pitch)
{
    for (size_t c = 0; c < columns; c += COLUMNS)
        transpose_block(from + c, stride, rows, columns - c < COLUMNS ? columns - c : COLUMNS, to + c * pitch, pitch);
}
