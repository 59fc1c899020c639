/* Tiles at their edges: every count of rows and lanes, and nothing read or written beyond them. */
#include "test/check.h"
#include "nn/conv_tile.h"

enum {
    ROWS = SPAE_TILE_ROWS,
    LANES = SPAE_TILE_LANES,
    CHUNK = SPAE_TILE_CHUNK,
    PIXELS = 5,
    ALONG = ROWS + 1
};

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

static void check_product(size_t depth, bool first, size_t rows, size_t lanes)
{
    real a[ROWS * CHUNK], b[CHUNK * LANES], got[ROWS * LANES], want[ROWS * LANES], *out[ROWS];
    whole(a, ROWS * CHUNK, 1);
    whole(b, CHUNK * LANES, 2);
    whole(got, ROWS * LANES, 3);
    memcpy(want, got, sizeof want);
    for (size_t r = 0; r < rows; r++) {
        out[r] = got + r * LANES;
        for (size_t j = 0; j < lanes; j++) {
            real acc = first ? 0 : want[r * LANES + j];
            for (size_t k = 0; k < depth; k++)
                acc = acc + a[r * CHUNK + k] * b[k * LANES + j];
            want[r * LANES + j] = acc;
        }
    }
    spae_tile_product(a, b, depth, first, out, rows, lanes);
    same(got, want, ROWS * LANES);
}

START_TEST(product)
{
    static const size_t depths[] = {0, 1, 2, 7, CHUNK - 1, CHUNK};
    for (size_t d = 0; d < sizeof depths / sizeof *depths; d++)
        for (size_t rows = 1; rows <= ROWS; rows++)
            for (size_t lanes = 1; lanes <= LANES; lanes++) {
                check_product(depths[d], true, rows, lanes);
                check_product(depths[d], false, rows, lanes);
            }
}
END_TEST

static void add_rows(const real *a, size_t a_row, const real *b, size_t rows, real *sum)
{
    for (size_t i = 0; i < rows; i++)
        for (size_t k = 0; k < PIXELS; k++)
            for (size_t r = 0; r < ROWS; r++)
                for (size_t j = 0; j < LANES; j++)
                    sum[r * LANES + j] +=
                        a[i * a_row + k * ALONG + r] * b[(i * PIXELS + k) * LANES + j];
}

START_TEST(rows_of_a_gradient)
{
    enum { MOST = 3, A_ROW = PIXELS * ALONG + 2 };
    real a[MOST * A_ROW], b[MOST * PIXELS * LANES], want[ROWS * LANES];
    spae_tile start, sum;
    whole(a, MOST * A_ROW, 4);
    whole(b, MOST * PIXELS * LANES, 5);
    whole(start[0], ROWS * LANES, 6);
    for (size_t count = 0; count <= MOST; count++) {
        memcpy(want, start, sizeof want);
        add_rows(a, A_ROW, b, count, want);
        memcpy(sum, start, sizeof sum);
        spae_tile_long_rows(a, A_ROW, ALONG, b, PIXELS, count, sum);
        same(sum[0], want, ROWS * LANES);
        memcpy(sum, start, sizeof sum);
        spae_tile_short_rows(a, A_ROW, ALONG, b, PIXELS, count, sum);
        same(sum[0], want, ROWS * LANES);
        if (count == 1) {
            memcpy(sum, start, sizeof sum);
            spae_tile_row_part(a, ALONG, b, PIXELS, sum);
            same(sum[0], want, ROWS * LANES);
        }
    }
}
END_TEST

START_TEST(load_add_store)
{
    enum { STRIDE = LANES + 3 };
    real from[ROWS * STRIDE], to[ROWS * STRIDE], want[ROWS * STRIDE];
    spae_tile sum, term;
    whole(from, ROWS * STRIDE, 7);
    for (size_t rows = 0; rows <= ROWS; rows++)
        for (size_t lanes = 1; lanes <= LANES; lanes++) {
            spae_tile_load(sum, from, STRIDE, rows, lanes);
            spae_tile_load(term, from, STRIDE, ROWS, LANES);
            spae_tile_add(sum, term); /* doubled inside, once outside */
            for (size_t r = 0; r < ROWS; r++)
                for (size_t j = 0; j < LANES; j++)
                    ck_assert(sum[r][j] == from[r * STRIDE + j] * (r < rows && j < lanes ? 2 : 1));
            whole(to, ROWS * STRIDE, 8);
            memcpy(want, to, sizeof want);
            for (size_t r = 0; r < rows; r++)
                memcpy(want + r * STRIDE, sum[r], lanes * sizeof *want);
            spae_tile_store(to, STRIDE, sum, rows, lanes);
            same(to, want, ROWS * STRIDE);
        }
}
END_TEST

SUITE(suite_nn_conv_tile, "nn/conv_tile", product, rows_of_a_gradient, load_add_store)
