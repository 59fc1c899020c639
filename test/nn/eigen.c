/* The symmetric eigensolver: known spectra, Jacobi's method as a second solver that shares nothing with it, and what makes
 * solvers stumble: graded, singular, equal, clustered and nearly split matrices, huge and tiny ones. */
#include "../check.h"

#include <math.h>

#include "../../nn/eigen.h"
#include "../../vendor_free/philox.h"
#include "../memory.h"

enum { MOST = 40 };
static const spae_eigen_progress silent = {NULL, NULL};

typedef double matrix[MOST * MOST];

/* -1..1, the same whenever asked for */
static double number(uint32_t i)
{
    uint32_t word[4];
    spae_philox((const uint32_t[]){i, 0, 0, 0}, (const uint32_t[]){7, 7}, word);
    return (double)word[0] / 2147483648.0 - 1.0;
}

static double largest(const double *a, size_t count)
{
    double most = 0;
    for (size_t i = 0; i < count; i++)
        most = fmax(most, fabs(a[i]));
    return most;
}

/* Jacobi's method: rotations in each plane until nothing is left beside the diagonal; ascending values. */
static void jacobi(const double *given, size_t n, double *value)
{
    static matrix a;
    memcpy(a, given, n * n * sizeof *a);
    for (int round = 0; round < 60; round++)
        for (size_t p = 0; p < n; p++)
            for (size_t q = p + 1; q < n; q++) {
                const double angle = 0.5 * atan2(2 * a[p * n + q], a[q * n + q] - a[p * n + p]);
                const double c = cos(angle), s = sin(angle);
                for (size_t k = 0; k < n; k++) {
                    const double x = a[k * n + p], y = a[k * n + q];
                    a[k * n + p] = c * x - s * y;
                    a[k * n + q] = s * x + c * y;
                }
                for (size_t k = 0; k < n; k++) {
                    const double x = a[p * n + k], y = a[q * n + k];
                    a[p * n + k] = c * x - s * y;
                    a[q * n + k] = s * x + c * y;
                }
            }
    for (size_t i = 0; i < n; i++) { /* insertion */
        size_t at = i;
        for (; at > 0 && value[at - 1] > a[i * n + i]; at--)
            value[at] = value[at - 1];
        value[at] = a[i * n + i];
    }
}

/* Solves with and without vectors; the values agree and ascend, the vectors are orthonormal and A v = value v. */
static void solve(const double *given, size_t n, double *value)
{
    static matrix a, vector;
    double alone[MOST];
    const double scale = largest(given, n * n) > 0 ? largest(given, n * n) : 1;
    const double slack = 64 * (double)n * 0x1p-52;
    watch w;
    spae_arena arena;
    spae_error err;
    watched_arena(&arena, &w, 0);
    memcpy(a, given, n * n * sizeof *a);
    ck_assert_msg(spae_eigen_symmetric(a, n, value, vector, &arena, silent, &err) == SPAE_OK, "%s", err.text);
    memcpy(a, given, n * n * sizeof *a);
    ck_assert_int_eq(spae_eigen_symmetric(a, n, alone, NULL, &arena, silent, &err), SPAE_OK);
    ck_assert(memcmp(value, alone, n * sizeof *value) == 0 && arena.used == 0);
    for (size_t i = 0; i < n; i++) {
        ck_assert(i == 0 || value[i - 1] <= value[i]);
        for (size_t j = 0; j < n; j++) {
            double dot = 0, row = 0;
            for (size_t k = 0; k < n; k++) {
                dot += vector[i * n + k] * vector[j * n + k];
                row += given[j * n + k] / scale * vector[i * n + k];
            }
            ck_assert_double_eq_tol(dot, i == j ? 1 : 0, slack);
            ck_assert_double_eq_tol(row, value[i] / scale * vector[i * n + j], slack);
        }
    }
    spae_arena_free(&arena);
    ck_assert_uint_eq(w.live, 0);
}

static void holds(const double *given, size_t n, const double *due, double tolerance)
{
    double value[MOST];
    solve(given, n, value);
    for (size_t i = 0; i < n; i++)
        ck_assert_msg(fabs(value[i] - due[i]) <= tolerance, "%zu: %.17g, due %.17g", i, value[i], due[i]);
}

/* Given, then with rows and columns the other way round, against the same values. */
static void holds_both_ways(const double *given, size_t n, const double *due, double tolerance)
{
    static matrix back;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            back[i * n + j] = given[(n - 1 - i) * n + n - 1 - j];
    holds(given, n, due, tolerance);
    holds(back, n, due, tolerance);
}

/* Reflections by unit vectors u: A becomes (I - 2uu^T) A (I - 2uu^T), with the same values. */
static void turn(double *a, size_t n, size_t times)
{
    for (uint32_t t = 0; t < times; t++) {
        double u[MOST], length = 0;
        for (uint32_t i = 0; i < n; i++) {
            u[i] = number(1000 * (t + 1) + i);
            length += u[i] * u[i];
        }
        for (int side = 0; side < 2; side++)
            for (size_t i = 0; i < n; i++) {
                double dot = 0;
                for (size_t k = 0; k < n; k++)
                    dot += u[k] * a[side ? i * n + k : k * n + i];
                for (size_t k = 0; k < n; k++)
                    a[side ? i * n + k : k * n + i] -= 2 * dot / length * u[k];
            }
    }
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < i; j++)
            a[i * n + j] = a[j * n + i];
}

static void with_spectrum(const double *value, size_t n)
{
    static matrix a;
    memset(a, 0, sizeof a);
    for (size_t i = 0; i < n; i++)
        a[i * n + i] = value[i];
    holds_both_ways(a, n, value, 0);
    turn(a, n, 5);
    holds_both_ways(a, n, value, 200 * (double)n * 0x1p-53 * largest(value, n));
}

START_TEST(smallest_by_hand)
{
    holds((const double[]){-3}, 1, (const double[]){-3}, 0);
    holds((const double[]){0}, 1, (const double[]){0}, 0);
    holds((const double[]){2, 1, 1, 2}, 2, (const double[]){1, 3}, 1e-15);
    holds((const double[]){0, 1, 1, 0}, 2, (const double[]){-1, 1}, 1e-15);
    holds((const double[]){5, 0, 0, -5}, 2, (const double[]){-5, 5}, 0);
    holds((const double[]){2, 0, 1, 0, 2, 0, 1, 0, 2}, 3, (const double[]){1, 2, 3}, 1e-15);
    holds((const double[9]){0}, 3, (const double[]){0, 0, 0}, 0);
}
END_TEST

START_TEST(known_spectra)
{
    static matrix a;
    double due[MOST];
    const double pi = 3.14159265358979323846;
    memset(a, 0, sizeof a);
    for (size_t i = 0; i < MOST; i++) { /* second differences */
        a[i * MOST + i] = 2;
        if (i + 1 < MOST)
            a[i * MOST + i + 1] = a[(i + 1) * MOST + i] = -1;
        due[i] = 2 - 2 * cos((double)(i + 1) * pi / (MOST + 1));
    }
    holds(a, MOST, due, 1e-14);
    for (size_t i = 0; i < 17 * 17; i++) /* all ones, less the diagonal's: -1 sixteen times, and 16 */
        a[i] = i / 17 != i % 17;
    for (size_t i = 0; i < 17; i++)
        due[i] = i < 16 ? -1 : 16;
    holds(a, 17, due, 1e-14);
}
END_TEST

START_TEST(equal_clustered_and_singular)
{
    double value[MOST];
    for (size_t i = 0; i < MOST; i++)
        value[i] = i < 15 ? -1 : i < 30 ? 2 : 2.5;
    with_spectrum(value, MOST);
    for (size_t i = 0; i < MOST; i++)
        value[i] = 1 + (double)i * 1e-15; /* equal but for rounding */
    with_spectrum(value, MOST);
    for (size_t i = 0; i < MOST; i++)
        value[i] = i < 35 ? 0 : (double)i;
    with_spectrum(value, MOST);
    for (size_t i = 0; i < MOST; i++)
        value[i] = i == MOST - 1;
    with_spectrum(value, MOST);
}
END_TEST

START_TEST(graded)
{
    static matrix a;
    double value[MOST], other[MOST];
    for (size_t i = 0; i < MOST; i++)
        value[i] = pow(10, (double)i - MOST + 1); /* 1e-39 .. 1 */
    with_spectrum(value, MOST);
    for (size_t i = 0; i < 16; i++) /* full, from 1 to 1e-15 along the diagonal */
        for (size_t j = 0; j < 16; j++)
            a[i * 16 + j] = (i == j ? 2 : 1) * pow(10, -0.5 * (double)(i + j));
    jacobi(a, 16, other);
    holds_both_ways(a, 16, other, 1e-14);
    for (size_t i = 0; i < MOST; i++) /* Hilbert's: values from 2 down to below rounding */
        for (size_t j = 0; j < MOST; j++)
            a[i * MOST + j] = 1.0 / (double)(i + j + 1);
    jacobi(a, MOST, other);
    holds_both_ways(a, MOST, other, 1e-14);
}
END_TEST

/* Nearly split, nearly a single chain of ones: what would be defective, were it not symmetric. */
START_TEST(nearly_defective)
{
    static matrix a;
    double other[MOST];
    for (int power = 0; power <= 30; power += 5) {
        memset(a, 0, sizeof a);
        for (size_t i = 0; i < 21; i++) { /* Wilkinson's matrix: pairs that agree to 14 digits */
            a[i * 21 + i] = fabs((double)i - 10);
            if (i + 1 < 21)
                a[i * 21 + i + 1] = a[(i + 1) * 21 + i] = pow(10, -power);
        }
        jacobi(a, 21, other);
        holds_both_ways(a, 21, other, 1e-13);
        for (size_t i = 0; i < 21; i++)
            a[i * 21 + i] = 1; /* all equal, coupled by 10^-power */
        jacobi(a, 21, other);
        holds_both_ways(a, 21, other, 1e-13);
    }
}
END_TEST

START_TEST(any_matrix_as_jacobi_has_it)
{
    static matrix a;
    double other[MOST];
    for (size_t n = 1; n <= MOST; n++) {
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j <= i; j++)
                a[i * n + j] = a[j * n + i] = number((uint32_t)(n * 10000 + i * 100 + j));
        jacobi(a, n, other);
        holds(a, n, other, 1e-13);
    }
}
END_TEST

START_TEST(powers_of_two_change_nothing_else)
{
    static matrix a, b;
    double plain[MOST], scaled[MOST];
    static const int exponent[] = {1000, -900, 3, -1};
    for (size_t i = 0; i < 9; i++)
        for (size_t j = 0; j <= i; j++)
            a[i * 9 + j] = a[j * 9 + i] = number((uint32_t)(i * 100 + j));
    solve(a, 9, plain);
    for (size_t e = 0; e < 4; e++) {
        for (size_t i = 0; i < 81; i++)
            b[i] = ldexp(a[i], exponent[e]);
        solve(b, 9, scaled);
        for (size_t i = 0; i < 9; i++)
            ck_assert(scaled[i] == ldexp(plain[i], exponent[e]));
    }
    holds((const double[]){0x1p-1074, 0, 0, 0x1p-1070}, 2, (const double[]){0x1p-1074, 0x1p-1070}, 0);
    holds((const double[]){0x1.fffffffffffffp1023, 0, 0, 1}, 2, (const double[]){1, 0x1.fffffffffffffp1023}, 0);
}
END_TEST

/* Far fewer rows than features, as of few pictures: most values are what rounding leaves, 1e-16, among large ones. Once
 * they took more sweeps than there may be. */
START_TEST(mostly_rounding)
{
    enum { N = 512, ROWS = 32 };
    double *a = calloc(N * N, sizeof *a), *vector = malloc(N * N * sizeof *a), *value = malloc(N * sizeof *a), trace = 0, sum = 0;
    watch w;
    spae_arena arena;
    spae_error err;
    watched_arena(&arena, &w, 0);
    for (uint32_t r = 0; r < ROWS; r++)
        for (size_t i = 0; i < N; i++)
            for (size_t j = 0; j < N; j++)
                a[i * N + j] += fmax(0, number(r * N + (uint32_t)i)) * fmax(0, number(r * N + (uint32_t)j));
    for (size_t i = 0; i < N; i++)
        trace += a[i * N + i];
    ck_assert_msg(spae_eigen_symmetric(a, N, value, vector, &arena, silent, &err) == SPAE_OK, "%s", err.text);
    for (size_t i = 0; i < N; i++) {
        sum += value[i];
        ck_assert(i < N - ROWS ? fabs(value[i]) < 1e-13 * value[N - 1] : value[i] > 1e-3);
    }
    ck_assert_double_eq_tol(sum, trace, 1e-12 * trace);
    spae_arena_free(&arena);
    free(a);
    free(vector);
    free(value);
}
END_TEST

static double last_part;

static void note(void *context, double part)
{
    ck_assert(context == &last_part && part >= last_part && part <= 1);
    last_part = part;
}

/* Larger than a panel of columns and than what is held of rotations; the work is told of. */
START_TEST(large)
{
    enum { N = 300 };
    double *a = malloc(N * N * sizeof *a), *vector = malloc(N * N * sizeof *a), *value = malloc(N * sizeof *a);
    watch w;
    spae_arena arena;
    spae_error err;
    watched_arena(&arena, &w, 0);
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < N; j++)
            a[i * N + j] = (double)(i < j ? i + 1 : j + 1); /* 1 / (4 sin((2k+1) pi / (4n+2))^2) */
    last_part = 0;
    ck_assert_int_eq(spae_eigen_symmetric(a, N, value, vector, &arena, (spae_eigen_progress){note, &last_part}, &err), SPAE_OK);
    ck_assert(last_part == 1);
    for (size_t k = 0; k < N; k++) {
        const double half = sin((double)(2 * (N - 1 - k) + 1) * 3.14159265358979323846 / (4 * N + 2));
        const double due = 1 / (4 * half * half);
        ck_assert_double_eq_tol(value[k], due, 1e-13 * value[N - 1]);
        for (size_t j = 0; j <= k; j++) {
            double dot = 0;
            for (size_t i = 0; i < N; i++)
                dot += vector[k * N + i] * vector[j * N + i];
            ck_assert_double_eq_tol(dot, j == k, 1e-12);
        }
    }
    spae_arena_free(&arena);
    free(a);
    free(vector);
    free(value);
}
END_TEST

START_TEST(refusals)
{
    double a[] = {1, NAN, NAN, 1}, value[2], vector[4];
    watch w;
    spae_arena arena;
    spae_error err;
    watched_arena(&arena, &w, 0);
    ck_assert_int_eq(spae_eigen_symmetric(a, 2, value, vector, &arena, silent, &err), SPAE_ERR_NOT_FINITE);
    ck_assert_str_eq(err.text, "eigenvalues: an element of (2,2) is not finite");
    a[1] = a[2] = -INFINITY;
    ck_assert_int_eq(spae_eigen_symmetric(a, 2, value, NULL, &arena, silent, &err), SPAE_ERR_NOT_FINITE);
    a[1] = a[2] = 0;
    static unsigned char block[8192];
    spae_status status = SPAE_ERR_NO_MEMORY;
    for (size_t bytes = 0; status != SPAE_OK; bytes += 64) { /* rotations of 2 rows take 2 KiB */
        spae_arena small;
        ck_assert(bytes <= sizeof block);
        spae_arena_fixed(&small, block, bytes);
        status = spae_eigen_symmetric(a, 2, value, vector, &small, silent, &err);
        ck_assert(status == SPAE_OK || (status == SPAE_ERR_NO_MEMORY && bytes < 4096));
        ck_assert(status == SPAE_OK || strcmp(err.text, "eigenvalues: no memory beside a matrix of (2,2)") == 0);
        ck_assert_uint_eq(small.used, 0);
    }
    spae_arena_free(&arena);
    ck_assert_uint_eq(w.live, 0);
}
END_TEST

SUITE(suite_nn_eigen, "nn/eigen", smallest_by_hand, known_spectra, equal_clustered_and_singular, graded, nearly_defective,
      any_matrix_as_jacobi_has_it, powers_of_two_change_nothing_else, mostly_rounding, large,
      refusals)
