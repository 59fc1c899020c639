/* The nearest row is the definition's, with and without the screen, on data made to mislead one. */
#include "fixture.h"
#include "nn/nearest.h"

static real up(real x, int steps) /* the number `steps` places above x > 0 */
{
    for (int i = 0; i < steps; i++)
        x = x * (1 + (sizeof(real) == 4 ? (real)0x1p-23 : (real)0x1p-52));
    return x;
}

/* argmin and margin straight from Eq. 2: each distance a chain in binary64, the lowest index first. */
static void plain(const real *e, size_t V, size_t c, const double *z, int32_t *k, double *margin)
{
    double least = HUGE_VAL, second = HUGE_VAL;
    for (size_t row = 0; row < V; row++) {
        double d = 0;
        for (size_t j = 0; j < c; j++)
            d += (z[j] - (double)e[row * c + j]) * (z[j] - (double)e[row * c + j]);
        if (d < least) {
            second = least;
            least = d;
            *k = (int32_t)row;
        } else if (d < second) {
            second = d;
        }
    }
    *margin = second - least;
}

/* Tokens and margins with the screen, without it, and by definition are the same bits. */
static void assert_definition(const real *e, size_t V, size_t c, const double *z, size_t count)
{
    watch w;
    spae_arena arena;
    watched_arena(&arena, &w, 0);
    double *margin = spae_arena_take(&arena, count, sizeof *margin);
    int32_t *k = spae_arena_take(&arena, count, sizeof *k);
    spae_rows rows = {V, c, e, NULL};
    for (int screen = 0; screen < 2; screen++) {
        if (screen)
            ck_assert_int_eq(spae_rows_index(&rows, &arena, NULL), SPAE_OK);
        const size_t used = arena.used;
        ck_assert_int_eq(spae_nearest_rows(&rows, z, count, &arena, k, margin, NULL, NULL), SPAE_OK);
        ck_assert_uint_eq(arena.used, used);
        for (size_t i = 0; i < count; i++) {
            int32_t expected = -1;
            double apart;
            plain(e, V, c, z + i * c, &expected, &apart);
            ck_assert_int_eq(k[i], expected);
            ck_assert(memcmp(&margin[i], &apart, sizeof apart) == 0);
        }
    }
    spae_arena_free(&arena);
    ck_assert_uint_eq(w.live, 0);
}

enum { MOST = 300 * 40, QUERIES = 130 }; /* 130: two full groups of the screen and a rest */

/* V rows of c channels, `scale` wide around `offset`; queries near rows and far from them. */
static void try_cloud(size_t V, size_t c, double scale, double offset, uint32_t seed)
{
    static real e[MOST];
    static double z[QUERIES * 40];
    uint32_t state = seed;
    for (size_t i = 0; i < V * c; i++)
        e[i] = (real)(offset + scale * ((double)draw(&state) - 8388608) / 8388608);
    for (size_t i = 0; i < QUERIES * c; i++) {
        const double noise = ((double)draw(&state) - 8388608) / 8388608;
        z[i] = i / c % 2 == 0 ? offset + scale * noise : (double)e[(i / c * 7 % V) * c + i % c] + 1e-6 * scale * noise;
    }
    assert_definition(e, V, c, z, QUERIES);
}

START_TEST(clouds_of_every_size)
{
    static const size_t V[] = {1, 2, 3, 63, 64, 65, 300}, c[] = {1, 2, 5, 16, 40};
    for (size_t i = 0; i < 7; i++)
        for (size_t j = 0; j < 5; j++)
            try_cloud(V[i], c[j], 1, 0, (uint32_t)(10 * i + j + 1));
}
END_TEST

/* Beyond 2^60 the screen steps aside; far below 1 products are subnormal or zero; an offset cancels. */
START_TEST(clouds_of_every_magnitude)
{
    static const double scale[] = {1e18, 1e17, 1e12, 1e-12, 1e-19, 1e-22, 1e-38, 1e-42};
    for (size_t i = 0; i < 8; i++)
        try_cloud(200, 13, scale[i], 0, (uint32_t)i + 100);
    static const double offset[] = {1, 100, 1e4, 1e6, 1e17, 1e19};
    for (size_t i = 0; i < 6; i++)
        try_cloud(200, 13, 1e-3, offset[i], (uint32_t)i + 200);
}
END_TEST

/* The products with rows 1 and 2 are beyond binary32, that with row 0, the nearest, is not. */
START_TEST(products_that_overflow_mislead_no_one)
{
    const real e[] = {(real)1.5e19, 0, (real)3e19, 0, (real)2.9e19, 1};
    const double z[] = {1.5e19, 0, 1.6e19, 2};
    assert_definition(e, 3, 2, z, 2);
}
END_TEST

/* Rows that repeat: the lowest index wins, the margin is 0. */
START_TEST(ties_take_the_lowest_index)
{
    real e[40 * 3];
    double z[8 * 3];
    for (size_t i = 0; i < 120; i++)
        e[i] = (real)(i / 3 % 4 + i % 3);
    for (size_t i = 0; i < 24; i++)
        z[i] = (double)e[(i / 3 + 16) % 40 * 3 + i % 3];
    assert_definition(e, 40, 3, z, 8);
    const real line[] = {1, -1, 1, -1}; /* z = 0 is as far from every row */
    const double zero = 0;
    assert_definition(line, 4, 1, &zero, 1);
}
END_TEST

/* Rows one unit in the last place apart, in every channel, in both orders of index. */
START_TEST(near_ties_are_decided_as_defined)
{
    enum { C = 24, V = 64 };
    real e[V * C];
    double z[QUERIES * C];
    uint32_t state = 5;
    for (size_t i = 0; i < V * C; i++)
        e[i] = up((real)1 + (real)(i % C) / 8, (int)(draw(&state) % 3));
    for (size_t i = 0; i < QUERIES * C; i++)
        z[i] = (double)e[i % (V * C)] + ((double)draw(&state) - 8388608) * 0x1p-50;
    assert_definition(e, V, C, z, QUERIES);
}
END_TEST

START_TEST(one_row_has_an_infinite_margin)
{
    const real e[] = {3, 4};
    const double z[] = {0, 0};
    assert_definition(e, 1, 2, z, 1);
    watch w;
    spae_arena arena;
    watched_arena(&arena, &w, 0);
    const spae_rows rows = {1, 2, e, NULL};
    int32_t k = 7;
    double margin = 0;
    ck_assert_int_eq(spae_nearest_rows(&rows, z, 1, &arena, &k, &margin, NULL, NULL), SPAE_OK);
    ck_assert(k == 0 && isinf(margin) && margin > 0);
    ck_assert_int_eq(spae_nearest_rows(&rows, z, 1, &arena, &k, NULL, NULL, NULL), SPAE_OK); /* margins need not be wanted */
    spae_arena_free(&arena);
}
END_TEST

START_TEST(squares_are_chains_in_binary64)
{
    const real e[] = {3, 4, (real)1e30, 0, (real)0.1, (real)0.2};
    double square[3];
    spae_row_squares(e, 3, 2, square);
    ck_assert_double_eq(square[0], 25);
    ck_assert_double_eq(square[1], (double)e[2] * (double)e[2]);
    ck_assert_double_eq(square[2], (double)e[4] * (double)e[4] + (double)e[5] * (double)e[5]);
}
END_TEST

START_TEST(refusals_leave_outputs_untouched)
{
    static unsigned char memory[64];
    const real e[] = {1, 2};
    const double z[] = {0, NAN}, infinite[] = {0, HUGE_VAL}, sound[] = {0, 0};
    const double square[] = {1, 4};
    const real packed[64] = {0};
    spae_arena arena;
    spae_error err;
    int32_t k[2] = {7, 7};
    spae_arena_fixed(&arena, memory, sizeof memory);
    ck_assert_int_eq(spae_nearest_rows(&(spae_rows){0, 1, e, NULL}, z, 1, &arena, k, NULL, NULL, &err), SPAE_ERR_ARGUMENT);
    ck_assert_int_eq(spae_nearest_rows(&(spae_rows){2, 0, e, NULL}, z, 1, &arena, k, NULL, NULL, &err), SPAE_ERR_ARGUMENT);
    ck_assert_int_eq(spae_nearest_rows(&(spae_rows){(size_t)1 << 31, 1, e, NULL}, z, 1, &arena, k, NULL, NULL, &err),
                     SPAE_ERR_ARGUMENT);
    ck_assert_int_eq(spae_nearest_rows(&(spae_rows){2, 1, e, NULL}, z, 2, &arena, k, NULL, NULL, &err), SPAE_ERR_NOT_FINITE);
    ck_assert_str_eq(err.text, "nearest row: embedding 1 is not finite in channel 0");
    ck_assert_int_eq(spae_nearest_rows(&(spae_rows){2, 1, e, NULL}, infinite, 2, &arena, k, NULL, NULL, &err),
                     SPAE_ERR_NOT_FINITE);
    ck_assert_int_eq(spae_nearest_rows(&(spae_rows){2, 1, e, square, packed}, sound, 2, &arena, k, NULL, NULL, &err),
                     SPAE_ERR_NO_MEMORY);
    spae_rows bare = {2, 1, e, NULL};
    ck_assert_int_eq(spae_rows_index(&bare, &arena, &err), SPAE_ERR_NO_MEMORY);
    ck_assert(bare.square == NULL && bare.packed == NULL);
    ck_assert(k[0] == 7 && k[1] == 7);
}
END_TEST

SUITE(suite_nn_nearest, "nn/nearest", clouds_of_every_size, clouds_of_every_magnitude,
      products_that_overflow_mislead_no_one, ties_take_the_lowest_index,
      near_ties_are_decided_as_defined, one_row_has_an_infinite_margin, squares_are_chains_in_binary64,
      refusals_leave_outputs_untouched)
