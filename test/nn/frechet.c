/* The Frechet distance: moments against two passes over all rows, distances against closed forms and against the root of
 * Sa Sb by Denman and Beavers' iteration, which uses no eigenvalues. */
#include "../check.h"

#include <math.h>

#include "../../nn/frechet.h"
#include "../../vendor_free/philox.h"
#include "../memory.h"

enum { MOST = 24 };
static const spae_eigen_progress silent = {NULL, NULL};

/* -1..1 by place and purpose */
static double number(uint32_t i, uint32_t purpose)
{
    uint32_t word[4];
    spae_philox((const uint32_t[]){i, 0, 0, 0}, (const uint32_t[]){purpose, 9}, word);
    return (double)word[0] / 2147483648.0 - 1.0;
}

/* (n,d) in the caller's hands: feature j about j, of deviations that differ by its number, mixed a little. */
static real *rows_of(size_t n, size_t d, uint32_t purpose)
{
    real *x = malloc(n * d * sizeof *x);
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t j = 0; j < d; j++) {
            const double own = number(i * 1000 + j, purpose), next = number(i * 1000 + (j + 1) % (uint32_t)d, purpose);
            x[i * d + j] = (real)((double)j + (1 + j % 3) * own + 0.5 * next);
        }
    return x;
}

static spae_moments moments_of(const real *x, size_t n, size_t d, spae_arena *arena)
{
    spae_moments m;
    spae_error err;
    ck_assert_int_eq(spae_moments_start(&m, d, arena, &err), SPAE_OK);
    ck_assert_int_eq(spae_moments_add(&m, x, n, &err), SPAE_OK);
    ck_assert_int_eq(spae_moments_finish(&m, &err), SPAE_OK);
    return m;
}

static spae_frechet_parts between(const spae_moments *a, const spae_moments *b, spae_arena *arena)
{
    spae_frechet f;
    spae_frechet_parts parts;
    spae_error err;
    ck_assert_int_eq(spae_frechet_open(&f, a, arena, silent, &err), SPAE_OK);
    ck_assert_int_eq(spae_frechet_distance(&f, b, arena, silent, &parts, &err), SPAE_OK);
    return parts;
}

static void close_to(double got, double due, double tolerance)
{
    ck_assert_msg(fabs(got - due) <= tolerance, "%.17g, due %.17g", got, due);
}

START_TEST(moments_are_those_of_two_passes)
{
    static const size_t count[] = {2, 5, 255, 256, 257, 600, 1024};
    watch w;
    spae_arena arena;
    watched_arena(&arena, &w, 0);
    for (size_t t = 0; t < sizeof count / sizeof count[0]; t++) {
        const size_t n = count[t], d = 1 + 7 * t % 23; /* 1 .. 22: beside, on and across panels */
        real *x = rows_of(n, d, 1);
        const spae_moments m = moments_of(x, n, d, &arena);
        ck_assert_uint_eq(m.count, n);
        for (size_t i = 0; i < d; i++)
            for (size_t j = 0; j < d; j++) {
                long double mi = 0, mj = 0, sum = 0;
                for (size_t r = 0; r < n; r++) {
                    mi += x[r * d + i] / (long double)n;
                    mj += x[r * d + j] / (long double)n;
                }
                for (size_t r = 0; r < n; r++)
                    sum += (x[r * d + i] - mi) * (x[r * d + j] - mj);
                close_to(m.mean[i], (double)mi, 1e-13);
                close_to(m.covariance[i * d + j], (double)(sum / (long double)(n - 1)), 1e-13);
                ck_assert(m.covariance[i * d + j] == m.covariance[j * d + i]);
            }
        free(x);
    }
    spae_arena_free(&arena);
}
END_TEST

/* A large common part does not drown the covariance, nor does the number of rows given at once matter to a bit. */
START_TEST(rows_one_by_one_and_far_from_zero)
{
    watch w;
    spae_arena arena;
    spae_error err;
    spae_moments m;
    watched_arena(&arena, &w, 0);
    real *x = rows_of(700, 5, 1);
    for (size_t i = 0; i < 700 * 5; i++)
        x[i] = (real)(65536 + (i / 5 % 2 == 0 ? 1 : -1)); /* variance 700/699 */
    ck_assert_int_eq(spae_moments_start(&m, 5, &arena, &err), SPAE_OK);
    for (size_t r = 0; r < 700; r++)
        ck_assert_int_eq(spae_moments_add(&m, x + 5 * r, 1, &err), SPAE_OK);
    ck_assert_int_eq(spae_moments_finish(&m, &err), SPAE_OK);
    const spae_moments all = moments_of(x, 700, 5, &arena);
    ck_assert(memcmp(all.mean, m.mean, 5 * sizeof(double)) == 0);
    ck_assert(memcmp(all.covariance, m.covariance, 25 * sizeof(double)) == 0);
    close_to(m.mean[3], 65536, 0);
    close_to(m.covariance[7], 700.0 / 699, 1e-15);
    free(x);
    spae_arena_free(&arena);
}
END_TEST

START_TEST(closed_forms)
{
    watch w;
    spae_arena arena;
    watched_arena(&arena, &w, 0);
    /* one feature: means 2 and 5, variances 1 and 4: 3^2 + (1-2)^2 */
    const spae_moments a = moments_of((const real[]){1, 2, 3}, 3, 1, &arena);
    const spae_moments b = moments_of((const real[]){3, 5, 7}, 3, 1, &arena);
    close_to(between(&a, &b, &arena).distance, 10, 1e-14);
    close_to(between(&a, &b, &arena).trace_root, 2, 1e-14);
    /* two, uncorrelated: variances (4/3)(1,4) and (4/3)(9,1): (1-3)^2 + (2-1)^2, times 4/3; means 0 and (3,4) */
    const spae_moments c = moments_of((const real[]){1, 2, 1, -2, -1, 2, -1, -2}, 4, 2, &arena);
    const spae_moments d = moments_of((const real[]){6, 5, 6, 3, 0, 5, 0, 3}, 4, 2, &arena);
    const spae_frechet_parts parts = between(&c, &d, &arena);
    close_to(parts.means, 25, 1e-13);
    close_to(parts.trace_a, 20.0 / 3, 1e-14);
    close_to(parts.trace_b, 40.0 / 3, 1e-14);
    close_to(parts.distance, 25 + 5 * 4.0 / 3, 1e-13);
    /* the same points on crossed lines: Sa Sb = 0 */
    const spae_moments e = moments_of((const real[]){1, 1, -1, -1}, 2, 2, &arena);
    const spae_moments f = moments_of((const real[]){1, -1, -1, 1}, 2, 2, &arena);
    close_to(between(&e, &f, &arena).distance, 8, 1e-7);
    spae_arena_free(&arena);
}
END_TEST

/* ---- the root by Denman and Beavers: Y <- (Y + Z^-1)/2, Z <- (Z + Y^-1)/2 ends with Y the root ---- */

typedef struct {
    double at[MOST][MOST];
} matrix;

static matrix inverse(matrix a, size_t d) /* Gauss and Jordan, the largest pivot of the column */
{
    matrix b;
    memset(&b, 0, sizeof b);
    for (size_t i = 0; i < d; i++)
        b.at[i][i] = 1;
    for (size_t k = 0; k < d; k++) {
        size_t best = k;
        for (size_t i = k; i < d; i++)
            best = fabs(a.at[i][k]) > fabs(a.at[best][k]) ? i : best;
        for (size_t j = 0; j < d; j++) {
            const double x = a.at[k][j], y = b.at[k][j];
            a.at[k][j] = a.at[best][j];
            a.at[best][j] = x;
            b.at[k][j] = b.at[best][j];
            b.at[best][j] = y;
        }
        const double pivot = a.at[k][k];
        for (size_t j = 0; j < d; j++) {
            a.at[k][j] /= pivot;
            b.at[k][j] /= pivot;
        }
        for (size_t i = 0; i < d; i++) {
            const double factor = i == k ? 0 : a.at[i][k];
            for (size_t j = 0; j < d; j++) {
                a.at[i][j] -= factor * a.at[k][j];
                b.at[i][j] -= factor * b.at[k][j];
            }
        }
    }
    return b;
}

static double trace_of_root(const double *a, const double *b, size_t d)
{
    matrix y, z;
    double trace = 0;
    for (size_t i = 0; i < d; i++)
        for (size_t j = 0; j < d; j++) {
            y.at[i][j] = 0;
            z.at[i][j] = i == j;
            for (size_t k = 0; k < d; k++)
                y.at[i][j] += a[i * d + k] * b[k * d + j];
        }
    for (int round = 0; round < 60; round++) {
        const matrix yi = inverse(y, d), zi = inverse(z, d);
        for (size_t i = 0; i < d; i++)
            for (size_t j = 0; j < d; j++) {
                y.at[i][j] = (y.at[i][j] + zi.at[i][j]) / 2;
                z.at[i][j] = (z.at[i][j] + yi.at[i][j]) / 2;
            }
    }
    for (size_t i = 0; i < d; i++)
        trace += y.at[i][i];
    return trace;
}

START_TEST(as_the_root_of_the_product)
{
    watch w;
    spae_arena arena;
    watched_arena(&arena, &w, 0);
    for (size_t d = 1; d <= MOST; d += d < 15 ? 7 : 2) {
        real *x = rows_of(300, d, 1), *y = rows_of(270, d, 2);
        const spae_moments a = moments_of(x, 300, d, &arena), b = moments_of(y, 270, d, &arena);
        const spae_frechet_parts parts = between(&a, &b, &arena), back = between(&b, &a, &arena);
        close_to(parts.trace_root, trace_of_root(a.covariance, b.covariance, d), 1e-10);
        close_to(parts.distance, parts.means + parts.trace_a + parts.trace_b - 2 * parts.trace_root, 1e-12);
        close_to(back.distance, parts.distance, 1e-10);
        free(x);
        free(y);
    }
    spae_arena_free(&arena);
}
END_TEST

START_TEST(no_distance_to_itself)
{
    watch w;
    spae_arena arena;
    watched_arena(&arena, &w, 0);
    real *x = rows_of(90, 20, 3);
    const spae_moments a = moments_of(x, 90, 20, &arena);
    for (size_t j = 0; j < 20; j++) { /* the first row last */
        const real first = x[j];
        for (size_t r = 0; r + 1 < 90; r++)
            x[r * 20 + j] = x[(r + 1) * 20 + j];
        x[89 * 20 + j] = first;
    }
    const spae_moments b = moments_of(x, 90, 20, &arena);
    const double distance = between(&a, &b, &arena).distance;
    ck_assert(distance >= 0 && distance < 1e-11);
    ck_assert(between(&a, &a, &arena).distance < 1e-11);
    free(x);
    spae_arena_free(&arena);
}
END_TEST

/* Fewer rows than features: |ma-mb|^2 + ..., the trace by the nuclear norm of Ac Bc^T, here from 2 and 2 rows: a number. */
START_TEST(singular_covariances)
{
    watch w;
    spae_arena arena;
    spae_frechet f;
    spae_error err;
    watched_arena(&arena, &w, 0);
    for (size_t d = 2; d <= MOST; d++) {
        real *x = rows_of(2, d, 4), *y = rows_of(2, d, 5);
        const spae_moments a = moments_of(x, 2, d, &arena), b = moments_of(y, 2, d, &arena);
        double dot = 0; /* (x0-x1).(y0-y1): Ac Bc^T is that / 4 times a matrix of +-1 with the singular value 2 */
        for (size_t j = 0; j < d; j++)
            dot += ((double)x[j] - (double)x[d + j]) * ((double)y[j] - (double)y[d + j]);
        close_to(between(&a, &b, &arena).trace_root, fabs(dot) / 2, 1e-5);
        ck_assert_int_eq(spae_frechet_open(&f, &a, &arena, silent, &err), SPAE_OK);
        ck_assert_uint_eq(f.rank, 1);
        free(x);
        free(y);
    }
    const spae_moments still = moments_of((const real[]){3, 4, 3, 4, 3, 4}, 3, 2, &arena); /* no deviation at all */
    const spae_moments other = moments_of((const real[]){0, 0, 2, 0, 0, 1, 2, 1}, 4, 2, &arena);
    ck_assert_int_eq(spae_frechet_open(&f, &still, &arena, silent, &err), SPAE_OK);
    ck_assert_uint_eq(f.rank, 0);
    close_to(between(&still, &other, &arena).distance, 4 + 12.25 + 4.0 / 3 + 1.0 / 3, 1e-14);
    close_to(between(&other, &still, &arena).distance, 4 + 12.25 + 4.0 / 3 + 1.0 / 3, 1e-14);
    close_to(between(&still, &still, &arena).distance, 0, 0);
    spae_arena_free(&arena);
}
END_TEST

START_TEST(refusals)
{
    watch w;
    spae_arena arena;
    spae_moments m;
    spae_frechet f;
    spae_frechet_parts parts = {.distance = 77};
    spae_error err;
    watched_arena(&arena, &w, 0);
    ck_assert_int_eq(spae_moments_start(&m, 0, &arena, &err), SPAE_ERR_SHAPE);
    ck_assert_str_eq(err.text, "moments: rows of no feature");
    ck_assert_int_eq(spae_moments_start(&m, SIZE_MAX / 4, &arena, &err), SPAE_ERR_NO_MEMORY);
    ck_assert_int_eq(spae_moments_start(&m, 2, &arena, &err), SPAE_OK);
    ck_assert_int_eq(spae_moments_finish(&m, &err), SPAE_ERR_ARGUMENT);
    ck_assert_str_eq(err.text, "moments: 0 rows: a covariance takes 2 or more");
    const real bad[] = {1, 2, 3, (real)NAN, 5, 6};
    ck_assert_int_eq(spae_moments_add(&m, bad, 3, &err), SPAE_ERR_NOT_FINITE);
    ck_assert_str_eq(err.text, "moments: row 1, feature 1 is not finite");
    ck_assert_uint_eq(m.count, 1);
    ck_assert_int_eq(spae_moments_finish(&m, &err), SPAE_ERR_ARGUMENT);
    ck_assert_int_eq(spae_moments_add(&m, (const real[]){(real)-INFINITY, 0}, 1, &err), SPAE_ERR_NOT_FINITE);
    const spae_moments a = moments_of((const real[]){1, 2, 3, 5}, 2, 2, &arena);
    const spae_moments b = moments_of((const real[]){1, 2, 3}, 3, 1, &arena);
    ck_assert_int_eq(spae_frechet_open(&f, &a, &arena, silent, &err), SPAE_OK);
    ck_assert_int_eq(spae_frechet_distance(&f, &b, &arena, silent, &parts, &err), SPAE_ERR_SHAPE);
    ck_assert_str_eq(err.text, "frechet distance: 2 features meet 1");
    a.covariance[0] = INFINITY;
    ck_assert_int_eq(spae_frechet_open(&f, &a, &arena, silent, &err), SPAE_ERR_NOT_FINITE);
    ck_assert_int_eq(spae_frechet_distance(&f, &a, &arena, silent, &parts, &err), SPAE_ERR_NOT_FINITE);
    ck_assert(parts.distance == 77);
    spae_arena_free(&arena);
    ck_assert_uint_eq(w.live, 0);
}
END_TEST

/* Wherever memory ends, the arena is as it was. */
START_TEST(no_memory)
{
    static unsigned char block[2000000];
    const real x[] = {1, 2, 3, 5, 4, 4};
    bool done = false;
    for (size_t bytes = 0; bytes <= sizeof block && !done; bytes += bytes < 100000 ? 512 : 65536) {
        spae_arena arena;
        spae_moments m;
        spae_frechet f;
        spae_frechet_parts parts;
        spae_error err;
        spae_arena_fixed(&arena, block, bytes);
        spae_status status = spae_moments_start(&m, 2, &arena, &err);
        size_t used = status == SPAE_OK ? arena.used : 0;
        if (status == SPAE_OK)
            ck_assert(spae_moments_add(&m, x, 3, &err) == SPAE_OK && spae_moments_finish(&m, &err) == SPAE_OK);
        if (status == SPAE_OK && (status = spae_frechet_open(&f, &m, &arena, silent, &err)) == SPAE_OK) {
            used = arena.used;
            status = spae_frechet_distance(&f, &m, &arena, silent, &parts, &err);
        }
        ck_assert(status == SPAE_OK || status == SPAE_ERR_NO_MEMORY);
        ck_assert_uint_eq(arena.used, used);
        done = status == SPAE_OK;
    }
    ck_assert(done);
}
END_TEST

SUITE(suite_nn_frechet, "nn/frechet", moments_are_those_of_two_passes, rows_one_by_one_and_far_from_zero, closed_forms,
      as_the_root_of_the_product, no_distance_to_itself, singular_covariances, refusals, no_memory)
