/* The nearest row is the definition's, with and without the screen, on data made to mislead one. */
#include "fixture.h"
#include "nn/nearest_chain.h"
#include "nn/nearest_index.h"
#include "spae.h"

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

static void assert_equal(size_t count, const int32_t *k, const int32_t *token, const double *margin,
                         const double *apart)
{
    ck_assert_mem_eq(k, token, count * sizeof *k);
    if (margin != NULL)
        ck_assert_mem_eq(margin, apart, count * sizeof *margin);
}

/* Tokens and margins with the screen, without it, and by definition are the same bits, and so are tokens alone.
 * Returns what the screen did where margins were wanted. */
static spae_search_work assert_definition(const real *e, size_t V, size_t c, const double *z, size_t count)
{
    watch w;
    spae_arena arena;
    watched_arena(&arena, &w, 0);
    double *margin = spae_arena_take(&arena, count, sizeof *margin),
           *apart = spae_arena_take(&arena, count, sizeof *apart);
    int32_t *k = spae_arena_take(&arena, count, sizeof *k), *token = spae_arena_take(&arena, count, sizeof *token);
    for (size_t i = 0; i < count; i++) {
        token[i] = -1;
        plain(e, V, c, z + i * c, &token[i], &apart[i]);
    }
    spae_rows rows = {V, c, e, NULL};
    spae_search_work work;
    for (int screen = 0; screen < 2; screen++) {
        if (screen)
            ck_assert_int_eq(spae_rows_index(&rows, &arena, NULL), SPAE_OK);
        const size_t used = arena.used;
        ck_assert_int_eq(spae_nearest_rows(&rows, z, count, &arena, k, NULL, NULL, NULL), SPAE_OK);
        assert_equal(count, k, token, NULL, NULL);
        memset(&work, 0, sizeof work);
        ck_assert_int_eq(spae_nearest_rows(&rows, z, count, &arena, k, margin, &work, NULL), SPAE_OK);
        assert_equal(count, k, token, margin, apart);
        ck_assert_uint_eq(arena.used, used);
        ck_assert_uint_eq(work.by_digits + work.by_reals + work.unscreened, count);
        ck_assert(screen || work.unscreened == count);
    }
    spae_arena_free(&arena);
    ck_assert_uint_eq(w.live, 0);
    return work;
}

enum { MOST = 300 * 40, QUERIES = 261 }; /* a whole group of the search and a rest */

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

/* Squares may be beyond binary32; far below 1 products are subnormal or zero; an offset cancels. */
START_TEST(clouds_of_every_magnitude)
{
    static const double scale[] = {3e38, 1e30, 1e18, 1e12, 1e-12, 1e-19, 1e-22, 1e-38, 1e-42};
    for (size_t i = 0; i < 9; i++)
        try_cloud(200, 13, scale[i], 0, (uint32_t)i + 100);
    static const double offset[] = {1, 100, 1e4, 1e6, 1e17, 1e19, 1e38};
    for (size_t i = 0; i < 7; i++)
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
    ck_assert_int_eq(spae_nearest_rows(&rows, z, 1, &arena, &k, NULL, NULL, NULL),
                     SPAE_OK); /* margins need not be wanted */
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
    spae_arena arena;
    spae_error err;
    int32_t k[2] = {7, 7};
    spae_arena_fixed(&arena, memory, sizeof memory);
    ck_assert_int_eq(spae_nearest_rows(&(spae_rows){0, 1, e, NULL}, z, 1, &arena, k, NULL, NULL, &err),
                     SPAE_ERR_ARGUMENT);
    ck_assert_int_eq(spae_nearest_rows(&(spae_rows){2, 0, e, NULL}, z, 1, &arena, k, NULL, NULL, &err),
                     SPAE_ERR_ARGUMENT);
    ck_assert_int_eq(spae_nearest_rows(&(spae_rows){(size_t)1 << 31, 1, e, NULL}, z, 1, &arena, k, NULL, NULL, &err),
                     SPAE_ERR_ARGUMENT);
    ck_assert_int_eq(spae_nearest_rows(&(spae_rows){2, 1, e, NULL}, z, 2, &arena, k, NULL, NULL, &err),
                     SPAE_ERR_NOT_FINITE);
    ck_assert_str_eq(err.text, "nearest row: embedding 1 is not finite in channel 0");
    ck_assert_int_eq(spae_nearest_rows(&(spae_rows){2, 1, e, NULL}, infinite, 2, &arena, k, NULL, NULL, &err),
                     SPAE_ERR_NOT_FINITE);
    ck_assert_int_eq(spae_nearest_rows(&(spae_rows){2, 1, e, NULL}, sound, 2, &arena, k, NULL, NULL, &err),
                     SPAE_ERR_NO_MEMORY);
    spae_rows bare = {2, 1, e, NULL};
    ck_assert_int_eq(spae_rows_index(&bare, &arena, &err), SPAE_ERR_NO_MEMORY);
    ck_assert_ptr_null(bare.index);
    ck_assert(k[0] == 7 && k[1] == 7);
}
END_TEST

/* ---- the screen ---- */

/* sums of products are whole numbers, whatever the digits */
static void try_products(size_t width, size_t rows, size_t queries, bool extreme)
{
    watch w;
    spae_arena arena;
    uint32_t state = 3;
    watched_arena(&arena, &w, 0);
    spae_row_digit *row = spae_arena_take(&arena, rows * width, sizeof *row);
    spae_query_digit *query = spae_arena_take(&arena, queries * width, sizeof *query);
    int32_t *product = spae_arena_take(&arena, queries * (rows + 3), sizeof *product);
    const int most = sizeof *row == 1 ? 127 : (int)floor(sqrt(2147483647.0 / (double)width));
    for (size_t i = 0; i < rows * width; i++)
        row[i] = (spae_row_digit)(SPAE_ROW_OFFSET + (extreme ? most : (int)draw(&state) % most));
    for (size_t i = 0; i < queries * width; i++)
        query[i] = (spae_query_digit)(extreme ? (i / width % 2 ? most : -most) : most - (int)draw(&state) % (2 * most));
    spae_screen_products(row, rows, query, queries, width, product, rows + 3);
    for (size_t i = 0; i < queries; i++)
        for (size_t r = 0; r < rows; r++) {
            int64_t sum = 0;
            for (size_t j = 0; j < width; j++)
                sum += (int64_t)row[r * width + j] * query[i * width + j];
            ck_assert_int_eq(product[i * (rows + 3) + r], sum);
        }
    spae_arena_free(&arena);
}

START_TEST(products_are_exact)
{
    const size_t rows = SPAE_SCREEN_ROWS, queries = SPAE_SCREEN_QUERIES;
    try_products(64, rows, queries, false);
    try_products(192, 3 * rows, 2 * queries, false);
    try_products(65536, rows, queries, false);
    try_products(65536, rows, queries, true); /* the largest sums there are */
}
END_TEST

/* The index says of each row no more than is true: its parts, put together again, are within the bounds. */
START_TEST(bounds_of_rows_hold)
{
    enum { V = 50, C = 70 };
    static real e[V * C];
    watch w;
    spae_arena arena;
    uint32_t state = 9;
    watched_arena(&arena, &w, 0);
    for (size_t i = 0; i < V * C; i++)
        e[i] = (real)(5 + (real)(i / C) * ((real)draw(&state) / 8388608 - 1));
    spae_rows rows = {V, C, e, NULL};
    ck_assert_int_eq(spae_rows_index(&rows, &arena, NULL), SPAE_OK);
    const spae_row_index *index = rows.index;
    for (size_t k = 0; k < V; k++) {
        double lost = 0, square = 0, kept = 0;
        for (size_t j = 0; j < C; j++) {
            const double x = (double)e[k * C + j] - index->centre[j];
            const double q = index->scale[k] * (index->digit[k * spae_screen_width(C) + j] - SPAE_ROW_OFFSET);
            lost += (x - q) * (x - q);
            square += x * x;
            kept += q * q;
        }
        ck_assert_double_ge(index->lost[k], sqrt(lost));
        ck_assert_double_le(index->lost[k], 1e-14 * sqrt(square) + 1.0000001 * sqrt(lost)); /* and not much more */
        ck_assert_double_ge(index->norm[k], sqrt(square));
        ck_assert_double_ge(index->norm[k], sqrt(kept));
        ck_assert_double_le(index->norm[k], index->largest);
    }
    spae_arena_free(&arena);
}
END_TEST

/* The step between digits of rows, or of an embedding, of C channels whose largest number is 1. */
static double step_of_digits(size_t c)
{
    watch w;
    spae_arena arena;
    watched_arena(&arena, &w, 0);
    real *e = spae_arena_take_zeroed(&arena, 2 * c, sizeof *e);
    e[0] = 1; /* the second is -1: their mean is 0 */
    e[c] = -1;
    spae_rows rows = {2, c, e, NULL};
    ck_assert_int_eq(spae_rows_index(&rows, &arena, NULL), SPAE_OK);
    const double step = rows.index->scale[0];
    spae_arena_free(&arena);
    return step;
}

enum { TIGHT = 65 }; /* channels; the first sets the scale */

/* What a row loses lies along the embedding: 2 |y||r| is all used up, once in each direction. Digits take row 4, the
 * nearest, for the farthest of the five rows near it, by all but 0.1 % of what the bound allows. */
START_TEST(the_bound_of_rows_is_needed)
{
    const double step = step_of_digits(TIGHT), n = floor(0.4 / step);
    real e[8 * TIGHT];
    double z[TIGHT] = {0};
    for (size_t k = 0; k < 8; k++)
        for (size_t j = 0; j < TIGHT; j++) {
            const double part = k == 4 ? 0.499 : 0.501 + 1e-4 * (double)k, side = k < 5 ? 1 : -1;
            e[k * TIGHT + j] = (real)(j == 0 ? side : side * step * (n + part));
        }
    for (size_t j = 0; j < TIGHT; j++) /* rows 5 to 7 move the centre to 0: each stands for more than one */
        for (size_t k = 5; k < 8; k++) {
            double sum = 0;
            for (size_t i = 0; i < 5; i++)
                sum += (double)e[i * TIGHT + j];
            e[k * TIGHT + j] = (real)(-sum / 3);
        }
    for (size_t j = 1; j < TIGHT; j++)
        z[j] = 0.1;
    int32_t k;
    double margin;
    plain(e, 8, TIGHT, z, &k, &margin);
    ck_assert_int_eq(k, 4);
    assert_definition(e, 8, TIGHT, z, 1);
}
END_TEST

/* The same for what the embedding loses: it lies along rows 2 (the nearest) and, the other way round, 0 and 1. */
START_TEST(the_bound_of_embeddings_is_needed)
{
    const double step = step_of_digits(TIGHT), n = floor(0.4 / step), y = step * (n + 0.499);
    real e[5 * TIGHT] = {0};
    double z[TIGHT] = {1};
    for (size_t j = 1; j < TIGHT; j++) {
        e[0 * TIGHT + j] = (real)-y;
        e[1 * TIGHT + j] = (real)(-y * 1.00001);
        e[2 * TIGHT + j] = (real)(3 * y * 0.99999);
        for (size_t k = 3; k < 5; k++)
            e[k * TIGHT + j] = -(e[j] + e[TIGHT + j] + e[2 * TIGHT + j]) / 2;
        z[j] = y;
    }
    for (size_t k = 3; k < 5; k++) /* these are farther */
        e[k * TIGHT] = k == 3 ? 30 : -30;
    int32_t k;
    double margin;
    plain(e, 5, TIGHT, z, &k, &margin);
    ck_assert_int_eq(k, 2);
    assert_definition(e, 5, TIGHT, z, 1);
}
END_TEST

/* ---- what the screen saves ---- */

/* Rows of a real codebook, and embeddings as SAQ sees them: means of rows, and what follows. */
static void try_embeddings(const real *e, size_t V, size_t c)
{
    enum { CELLS = 60 };
    double *z = calloc(CELLS * c, sizeof *z);
    uint32_t state = 21;
    for (size_t i = 0; i < CELLS; i++) {
        const size_t a = draw(&state) % V, b = draw(&state) % V;
        for (size_t j = 0; j < c; j++) {
            const double mean = 0.5 * ((double)e[a * c + j] + (double)e[b * c + j]);
            z[i * c + j] = i % 3 == 0   ? mean
                           : i % 3 == 1 ? 2 * mean - (double)e[a * c + j] * 0.9
                                        : 1.1 * (double)e[a * c + j];
        }
    }
    const spae_search_work work = assert_definition(e, V, c, z, CELLS);
    ck_assert_uint_eq(work.by_digits, CELLS);
    ck_assert_uint_lt(work.candidates, CELLS * V / 100);
    ck_assert_uint_le(work.chains, 3 * CELLS);
    free(z);
}

START_TEST(few_rows_of_real_codebooks_are_measured)
{
    spae_arena arena;
    spae_model model;
    spae_error err;
    spae_arena_hosted(&arena);
    ck_assert_msg(spae_model_load(&model, &arena, "vectors/demo/mnist-small.npz", &err) == SPAE_OK, "%s", err.text);
    try_embeddings(model.codebook.e, model.codebook.V, model.codebook.c);
    spae_arena_free(&arena);
}
END_TEST

/* Where no screen is of use, every row is measured: many equal rows, an embedding in the centre of a sphere, numbers that
 * are too large. Where some rows are equal, they are all measured as defined. */
START_TEST(useless_screens_are_given_up)
{
    enum { V = 3000, C = 20, N = 70 };
    static real e[V * C];
    static double z[N * C];
    uint32_t state = 77;
    for (size_t i = 0; i < C; i++)
        e[i] = (real)((double)draw(&state) / 8388608 - 1);
    for (size_t k = 1; k < V; k++)
        memcpy(e + k * C, e, C * sizeof *e);
    for (size_t i = 0; i < N * C; i++)
        z[i] = (double)draw(&state) / 8388608 - 1;
    ck_assert_uint_eq(assert_definition(e, V, C, z, N).unscreened, N);
    for (size_t i = C; i < V * C; i++)
        e[i] = up((real)1, (int)(draw(&state) % 3));
    ck_assert_uint_eq(assert_definition(e, V, C, z, N).unscreened,
                      sizeof(real) == sizeof(double) ? N : 0); /* differences of binary64 are lost in roundings */
    for (size_t i = 0; i < V * C; i++)
        e[i] = (real)(draw(&state) % 2 == 0 ? 1 : -1);
    memset(z, 0, sizeof z);
    ck_assert_uint_eq(assert_definition(e, V, C, z, 2).unscreened, 2);
    z[0] = 1e140;
    ck_assert_uint_eq(assert_definition(e, V, C, z, 1).unscreened, 1);
    for (size_t i = 0; i < V * C; i++)
        e[i] = (real)(i / C % 100 == 5 ? i % C : 100 + draw(&state) % 64);
    memset(z, 0, sizeof z);
    const spae_search_work work = assert_definition(e, V, C, z, 1);
    ck_assert(work.by_digits == 1 && work.candidates == V / 100 && work.chains == V / 100);
}
END_TEST

/* One channel is so large that digits say nothing of the others, which decide: products in `real` tell rows apart. */
START_TEST(large_channels_need_the_finer_screen)
{
    enum { V = 3000, C = 20, N = 70 };
    static real e[V * C];
    static double z[N * C];
    uint32_t state = 78;
    for (size_t i = 0; i < V * C; i++)
        e[i] = (real)(i % C == 0 ? (i / C % 4 < 2 ? 30000 : -30000) : (double)draw(&state) / 8388608 - 1);
    for (size_t i = 0; i < N * C; i++)
        z[i] = i % C == 0 ? 0 : (double)draw(&state) / 8388608 - 1;
    const spae_search_work work = assert_definition(e, V, C, z, N);
    ck_assert_uint_eq(work.by_reals, N);
    ck_assert_uint_lt(work.candidates, N * V / 16);
}
END_TEST

/* Upper bounds that fall from row to row: every row is a candidate when it is met, and overtaken by the next. */
START_TEST(overtaken_candidates_make_room)
{
    enum { V = 2000, C = 3 };
    static real e[V * C];
    double z[2 * C] = {0.25, 0.5, 0.125, 1500, 1500, 1500};
    for (size_t k = 0; k < V; k++)
        for (size_t j = 0; j < C; j++)
            e[k * C + j] = (real)(V - k);
    const spae_search_work work = assert_definition(e, V, C, z, 2);
    ck_assert_uint_eq(work.by_digits, 2);
    ck_assert_uint_lt(work.candidates, 100);
}
END_TEST

START_TEST(chains_side_by_side_are_chains)
{
    enum { C = 45 };
    real e[SPAE_CHAIN_ROWS][C];
    double z[3][C], distance[3][SPAE_CHAIN_ROWS];
    const real *row[SPAE_CHAIN_ROWS];
    const double *query[3] = {z[0], z[1], z[2]};
    uint32_t state = 4;
    for (size_t r = 0; r < SPAE_CHAIN_ROWS; r++)
        for (size_t j = 0; j < C; j++)
            e[r][j] = (real)draw(&state) / 1000;
    for (size_t i = 0; i < 3; i++)
        for (size_t j = 0; j < C; j++)
            z[i][j] = (double)draw(&state) / 1000;
    for (size_t r = 0; r < SPAE_CHAIN_ROWS; r++)
        row[r] = e[SPAE_CHAIN_ROWS - 1 - r];
    for (size_t rows = 1; rows <= SPAE_CHAIN_ROWS; rows += 3) {
        spae_chains(row, rows, query, 3, C, distance);
        for (size_t i = 0; i < 3; i++)
            for (size_t r = 0; r < rows; r++) {
                double d = 0;
                for (size_t j = 0; j < C; j++)
                    d += (z[i][j] - (double)row[r][j]) * (z[i][j] - (double)row[r][j]);
                ck_assert_mem_eq(&distance[i][r], &d, sizeof d);
            }
    }
}
END_TEST

/* More channels than the screen's sums may have: there is no index. */
START_TEST(too_many_channels_have_no_index)
{
    enum { C = 65537 };
    watch w;
    spae_arena arena;
    watched_arena(&arena, &w, 0);
    real *e = spae_arena_take_zeroed(&arena, 2 * C, sizeof *e);
    double *z = spae_arena_take_zeroed(&arena, C, sizeof *z);
    e[2 * C - 1] = 1;
    z[C - 1] = 1;
    spae_rows rows = {2, C, e, NULL};
    ck_assert_int_eq(spae_rows_index(&rows, &arena, NULL), SPAE_OK);
    ck_assert_ptr_null(rows.index);
    ck_assert_uint_eq(spae_row_index_bytes(2, C), 0);
    ck_assert_uint_gt(spae_row_index_bytes(2, C - 1), 0);
    assert_definition(e, 2, C, z, 1);
    assert_definition(e, 2, C - 1, z, 1); /* the most that have one */
    spae_arena_free(&arena);
}
END_TEST

SUITE(suite_nn_nearest, "nn/nearest", clouds_of_every_size, clouds_of_every_magnitude,
      products_that_overflow_mislead_no_one, ties_take_the_lowest_index, near_ties_are_decided_as_defined,
      one_row_has_an_infinite_margin, squares_are_chains_in_binary64, refusals_leave_outputs_untouched,
      products_are_exact, bounds_of_rows_hold, the_bound_of_rows_is_needed, the_bound_of_embeddings_is_needed,
      few_rows_of_real_codebooks_are_measured, useless_screens_are_given_up, large_channels_need_the_finer_screen,
      overtaken_candidates_make_room, chains_side_by_side_are_chains, too_many_channels_have_no_index)
