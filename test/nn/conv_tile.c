/* Tiles at their edges: every count of rows and lanes, and nothing read or written beyond them. */
#include "test/check.h"
#include "nn/conv_tile.h"

enum { ROWS = SPAE_TILE_ROWS, LANES = SPAE_TILE_LANES, DEPTH = 37, ACROSS = DEPTH + 2, PIXELS = 5, ALONG = ROWS + 1 };

/* Small integers, so that every order of evaluation agrees; order is held by test/nn/conv.c. */
static void whole(real *v, size_t count, unsigned seed)
{
    for (size_t i = 0; i < count; i++)
        v[i] = (real)((i * 37 + seed) % 11) - 5;
}

static void same(const real *got, const real *want, size_t count)
{
    for (size_t i = 0; i < count; i++)
        ck_assert_msg(got[i] == want[i], "element %zu is %g, not %g", i, (double)got[i],
                      (double)want[i]);
}

static void check_product(size_t depth, bool first, bool biased, size_t rows, size_t lanes)
{
    real a[ROWS * ACROSS], b[DEPTH * LANES], bias[LANES], got[ROWS * LANES], want[ROWS * LANES], *out[ROWS];
    whole(a, ROWS * ACROSS, 1);
    whole(b, DEPTH * LANES, 2);
    whole(bias, LANES, 7);
    whole(got, ROWS * LANES, 3);
    memcpy(want, got, sizeof want);
    for (size_t r = 0; r < rows; r++) {
        out[r] = got + r * LANES;
        for (size_t j = 0; j < lanes; j++) {
            real acc = first ? 0 : want[r * LANES + j];
            for (size_t k = 0; k < depth; k++)
                acc += a[r * ACROSS + k] * b[k * LANES + j];
            want[r * LANES + j] = biased ? acc + bias[j] : acc;
        }
    }
    const spae_tile_part part[3] = {{a, ACROSS, 0, depth / 3}, {a + depth / 3, ACROSS, depth / 3, 0}, {a + depth / 3, ACROSS, depth / 3, depth - depth / 3}};
    spae_tile_product(part, 3, b, first, biased ? bias : NULL, out, rows, lanes);
    same(got, want, ROWS * LANES);
}

START_TEST(product)
{
    static const size_t depths[] = {0, 1, 2, 7, DEPTH};
    for (size_t d = 0; d < sizeof depths / sizeof *depths; d++)
        for (size_t rows = 1; rows <= ROWS; rows++)
            for (size_t lanes = 1; lanes <= LANES; lanes++)
                for (int form = 0; form < 4; form++)
                    check_product(depths[d], form & 1, form & 2, rows, lanes);
}
END_TEST

START_TEST(rows_of_a_gradient)
{
    enum { COUNT = 3, A_ROW = PIXELS * ALONG + 3 };
    real a[COUNT * A_ROW], b[COUNT * PIXELS * LANES];
    spae_tile got, want;
    whole(a, COUNT * A_ROW, 4);
    whole(b, COUNT * PIXELS * LANES, 5);
    for (size_t count = 0; count <= COUNT; count++)
        for (size_t pixels = 0; pixels <= PIXELS; pixels++) {
            whole(got[0], ROWS * LANES, 6);
            memcpy(want, got, sizeof want);
            for (size_t k = 0; k < count * pixels; k++)
                for (size_t r = 0; r < ROWS; r++)
                    for (size_t j = 0; j < LANES; j++)
                        want[r][j] += a[k / pixels * A_ROW + k % pixels * ALONG + r] * b[k * LANES + j];
            spae_tile_gradient(a, A_ROW, ALONG, b, count, pixels, got);
            same(got[0], want[0], ROWS * LANES);
        }
}
END_TEST

START_TEST(load_store)
{
    enum { STRIDE = LANES + 3 };
    real from[ROWS * STRIDE], to[ROWS * STRIDE], want[ROWS * STRIDE], *source[ROWS], *target[ROWS];
    spae_tile tile;
    whole(from, ROWS * STRIDE, 7);
    for (size_t r = 0; r < ROWS; r++) {
        source[r] = from + r * STRIDE;
        target[r] = to + r * STRIDE;
    }
    for (size_t rows = 0; rows <= ROWS; rows++)
        for (size_t lanes = 1; lanes <= LANES; lanes++) {
            spae_tile_load(tile, source, rows, lanes);
            for (size_t r = 0; r < ROWS; r++)
                for (size_t j = 0; j < LANES; j++)
                    ck_assert(tile[r][j] == (r < rows && j < lanes ? from[r * STRIDE + j] : 0));
            whole(to, ROWS * STRIDE, 8);
            memcpy(want, to, sizeof want);
            for (size_t r = 0; r < rows; r++)
                memcpy(want + r * STRIDE, from + r * STRIDE, lanes * sizeof *want);
            spae_tile_store(target, tile, rows, lanes);
            same(to, want, ROWS * STRIDE);
        }
}
END_TEST

START_TEST(narrow)
{
    enum { NARROW_ROWS = SPAE_NARROW_ROWS, NARROW_LANES = SPAE_NARROW_LANES, NARROW_PITCH = NARROW_LANES + 5 };
    real a[9 * NARROW_ROWS], b[9 * NARROW_PITCH], got[NARROW_ROWS][NARROW_LANES], want[NARROW_ROWS][NARROW_LANES];
    whole(a, 9 * NARROW_ROWS, 8);
    whole(b, 9 * NARROW_PITCH, 9);
    for (size_t depth = 0; depth <= 9; depth++) {
        whole(got[0], NARROW_ROWS * NARROW_LANES, 10);
        memcpy(want, got, sizeof want);
        for (size_t k = 0; k < depth; k++)
            for (size_t r = 0; r < NARROW_ROWS; r++)
                for (size_t j = 0; j < NARROW_LANES; j++)
                    want[r][j] += a[k * NARROW_ROWS + r] * b[k * NARROW_PITCH + j];
        spae_tile_narrow(a, b, NARROW_PITCH, depth, got);
        same(got[0], want[0], NARROW_ROWS * NARROW_LANES);
    }
}
END_TEST

START_TEST(transpose) /* every count of rows and columns; rows beyond are zero, nothing behind the last one is written */
{
    enum { COLUMNS = 35, TO = LANES + 3 };
    real from[LANES * (COLUMNS + 1)], got[COLUMNS * TO], want[COLUMNS * TO];
    whole(from, LANES * (COLUMNS + 1), 11);
    for (size_t rows = 0; rows <= LANES; rows++)
        for (size_t columns = 0; columns <= COLUMNS; columns++) {
            whole(got, COLUMNS * TO, 12);
            memcpy(want, got, sizeof want);
            for (size_t c = 0; c < columns; c++)
                for (size_t r = 0; r < LANES; r++)
                    want[c * TO + r] = r < rows ? from[r * (COLUMNS + 1) + c] : 0;
            spae_tile_transpose(from, COLUMNS + 1, rows, columns, got, TO);
            same(got, want, COLUMNS * TO);
        }
}
END_TEST

SUITE(suite_nn_conv_tile, "nn/conv_tile", product, rows_of_a_gradient, load_store, narrow, transpose)
