/* The Frechet distance of frechet.h.
 *
 * Source    Dowson and Landau 1982; SPEC 11.4 to 11.6
 * Computes  with Sa = V^T L V (nn/eigen.h) and R = L^(1/2) V, tr((Sa Sb)^(1/2)) = sum of sqrt(max(m, 0)) over the
 *           eigenvalues m of R Sb R^T, which are those of Sa Sb
 * Order     means, and products about them, by blocks of 256 rows; every product of matrices is chains in index order,
 *           tiled over its outputs
 * Layout    factors of products lie in panels of 16 columns: (panels, rows, 16), zeros behind the last column. So tiles
 *           are whole and read memory in order
 */
#include "frechet.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "threads.h"

enum { TALL = 4, WIDE = 16 };

/* ---- matrices in panels ---- */

static size_t panels_of(size_t d)
{
    return (d + WIDE - 1) / WIDE;
}

/* Where (row, column) lies among panels of `rows` rows. */
static size_t place(size_t rows, size_t row, size_t column)
{
    return (column / WIDE * rows + row) * WIDE + column % WIDE;
}

/* Room for (rows, d) in panels, all zeros; NULL: no memory. */
static double *take_panels(spae_arena *arena, size_t rows, size_t d)
{
    return rows <= SIZE_MAX / (WIDE * sizeof(double)) ? spae_arena_take_zeroed(arena, panels_of(d), rows * WIDE * sizeof(double))
                                                      : NULL;
}

/* c(i,j) = chain over the rows k of a(k,i) b(k,j), for i, j < d; where `add`, c(i,j) + that. `lower`: c is symmetric, and
 * only whole tiles that reach i >= j are made. */
typedef struct {
    const double *a, *b; /* (terms, d) in panels */
    double *c;           /* (d,d), in panels where `panels` */
    size_t terms, d;
    bool panels, lower, add;
} product;

static void tile(const double *a, const double *b, size_t terms, double out[TALL][WIDE])
{
    double sum[TALL][WIDE] = {{0}};
    for (size_t k = 0; k < terms; k++, a += WIDE, b += WIDE)
        for (size_t i = 0; i < TALL; i++)
            for (size_t j = 0; j < WIDE; j++)
                sum[i][j] += a[i] * b[j];
    memcpy(out, sum, sizeof sum);
}

static void store(const product *q, size_t i, size_t j, double out[TALL][WIDE])
{
    const size_t rows = q->d - i < TALL ? q->d - i : TALL;
    const size_t columns = q->panels || q->d - j > WIDE ? WIDE : q->d - j;
    for (size_t r = 0; r < rows; r++) {
        double *c = q->c + (q->panels ? place(q->d, i + r, j) : (i + r) * q->d + j);
        for (size_t k = 0; k < columns; k++)
            c[k] = q->add ? c[k] + out[r][k] : out[r][k];
    }
}

static void multiply(const product *q)
{
    const size_t panels = panels_of(q->d);
    SPAE_THREADS(q->d * q->d)
    for (size_t p = 0; p < panels; p++) {
        double out[TALL][WIDE];
        for (size_t i = q->lower ? p * WIDE : 0; i < q->d; i += TALL) {
            tile(q->a + place(q->terms, 0, i), q->b + place(q->terms, 0, p * WIDE), q->terms, out);
            store(q, i, p * WIDE, out);
        }
    }
}

/* The lower triangle of (d,d) into the upper. */
static void mirror(double *a, size_t d)
{
    for (size_t i = 0; i < d; i++)
        for (size_t j = 0; j < i; j++)
            a[j * d + i] = a[i * d + j];
}

static double trace(const double *a, size_t d)
{
    double sum = 0.0;
    for (size_t i = 0; i < d; i++)
        sum += a[i * d + i];
    return sum;
}

/* ---- mean and covariance; SPEC 11.4 ---- */

spae_status spae_moments_start(spae_moments *m, size_t d, spae_arena *arena, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    spae_moments made = {.d = d};
    if (d == 0)
        return spae_fail(err, SPAE_ERR_SHAPE, "moments: rows of no feature");
    made.mean = spae_arena_take_zeroed(arena, d, 2 * sizeof *made.mean);
    made.covariance = d <= SIZE_MAX / sizeof(double) ? spae_arena_take_zeroed(arena, d, d * sizeof(double)) : NULL;
    made.block = take_panels(arena, SPAE_MOMENTS_BLOCK, d);
    if (made.mean == NULL || made.covariance == NULL || made.block == NULL) {
        spae_arena_reset(arena, mark);
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "moments: no memory for products of %zu features", d);
    }
    *m = made;
    return SPAE_OK;
}

/* The rows that are held, less their own mean; behind them zeros. Returns the mean, (d) behind m->mean. */
static double *centre(const spae_moments *m)
{
    double *mean = m->mean + m->d;
    for (size_t j = 0; j < m->d; j++) {
        double *column = m->block + place(SPAE_MOMENTS_BLOCK, 0, j);
        double sum = 0.0;
        for (size_t r = 0; r < m->held; r++)
            sum += column[r * WIDE];
        mean[j] = sum / (double)m->held;
        for (size_t r = 0; r < m->held; r++)
            column[r * WIDE] -= mean[j];
        for (size_t r = m->held; r < SPAE_MOMENTS_BLOCK; r++)
            column[r * WIDE] = 0.0;
    }
    return mean;
}

/* The rows that are held join those before them (Chan, Golub and LeVeque 1979). */
static void join(spae_moments *m)
{
    const double before = (double)(m->count - m->held), held = (double)m->held, all = (double)m->count;
    const double weight = before * held / all;
    double *delta = centre(m);
    multiply(&(product){.a = m->block, .b = m->block, .c = m->covariance, .terms = SPAE_MOMENTS_BLOCK, .d = m->d,
                        .lower = true, .add = true});
    for (size_t j = 0; j < m->d; j++)
        delta[j] -= m->mean[j];
    for (size_t i = 0; i < m->d; i++)
        for (size_t j = 0; j <= i; j++)
            m->covariance[i * m->d + j] += delta[i] * delta[j] * weight;
    for (size_t j = 0; j < m->d; j++)
        m->mean[j] += delta[j] * (held / all);
    m->held = 0;
}

spae_status spae_moments_add(spae_moments *m, const real *row, size_t count, spae_error *err)
{
    for (size_t r = 0; r < count; r++, row += m->d) {
        for (size_t j = 0; j < m->d; j++)
            if (!(fabs((double)row[j]) < (double)HUGE_VAL))
                return spae_fail(err, SPAE_ERR_NOT_FINITE, "moments: row %zu, feature %zu is not finite", m->count, j);
        for (size_t j = 0; j < m->d; j++)
            m->block[place(SPAE_MOMENTS_BLOCK, m->held, j)] = (double)row[j];
        m->count++;
        if (++m->held == SPAE_MOMENTS_BLOCK)
            join(m);
    }
    return SPAE_OK;
}

spae_status spae_moments_finish(spae_moments *m, spae_error *err)
{
    if (m->count < 2)
        return spae_fail(err, SPAE_ERR_ARGUMENT, "moments: %zu rows: a covariance takes 2 or more", m->count);
    if (m->held > 0)
        join(m);
    for (size_t i = 0; i < m->d; i++)
        for (size_t j = 0; j <= i; j++)
            m->covariance[i * m->d + j] /= (double)(m->count - 1);
    mirror(m->covariance, m->d);
    return SPAE_OK;
}

/* ---- the distance; SPEC 11.6 ---- */

/* Row i of vector (d,d), times the root of value[i], into column i of panels. */
static void weigh(const double *value, const double *vector, size_t d, double *panels)
{
    for (size_t i = 0; i < d; i++) {
        const double root = value[i] > 0.0 ? sqrt(value[i]) : 0.0;
        for (size_t j = 0; j < d; j++)
            panels[place(d, j, i)] = root * vector[i * d + j];
    }
}

static size_t count_rank(const double *value, size_t d)
{
    size_t rank = 0;
    for (size_t i = 0; i < d; i++)
        rank += value[i] > 0.0 && value[i] > (double)d * 0x1p-52 * value[d - 1];
    return rank;
}

spae_status spae_frechet_open(spae_frechet *f, const spae_moments *moments, spae_arena *arena,
                              spae_eigen_progress progress, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    const size_t d = moments->d; /* d * d numbers are there: no product below overflows */
    spae_frechet made = {.moments = moments, .trace = trace(moments->covariance, d)};
    made.root = take_panels(arena, d, d);
    const spae_arena_mark kept = spae_arena_here(arena);
    double *a = spae_arena_take(arena, d * d, sizeof *a), *vector = spae_arena_take(arena, d * d, sizeof *a);
    double *value = spae_arena_take(arena, d, sizeof *value);
    spae_status status = SPAE_OK;
    if (made.root == NULL || a == NULL || vector == NULL || value == NULL)
        status = spae_fail(err, SPAE_ERR_NO_MEMORY, "frechet distance: no memory for 3 x (%zu,%zu) numbers", d, d);
    if (status == SPAE_OK) {
        memcpy(a, moments->covariance, d * d * sizeof *a);
        status = spae_eigen_symmetric(a, d, value, vector, arena, progress, err);
    }
    if (status != SPAE_OK) {
        spae_arena_reset(arena, mark);
        return status;
    }
    weigh(value, vector, d, made.root);
    made.rank = count_rank(value, d);
    spae_arena_reset(arena, kept);
    *f = made;
    return SPAE_OK;
}

/* R Sb R^T into `out` (d,d) by way of `half`, both with room for panels; out is first Sb in panels, half R Sb. */
static void surround(const spae_frechet *f, const double *covariance, double *half, double *out)
{
    const size_t d = f->moments->d;
    for (size_t i = 0; i < d; i++)
        for (size_t j = 0; j < d; j++)
            out[place(d, i, j)] = covariance[i * d + j];
    multiply(&(product){.a = out, .b = f->root, .c = half, .terms = d, .d = d, .panels = true});
    multiply(&(product){.a = half, .b = f->root, .c = out, .terms = d, .d = d, .lower = true});
    mirror(out, d);
}

/* sum of the roots of the eigenvalues, upwards; a negative one is rounding, and counts 0 */
static double sum_roots(const double *value, size_t d)
{
    double sum = 0.0;
    for (size_t i = 0; i < d; i++)
        sum += value[i] > 0.0 ? sqrt(value[i]) : 0.0;
    return sum;
}

static double distance_of(const double *a, const double *b, size_t d)
{
    double sum = 0.0;
    for (size_t j = 0; j < d; j++)
        sum += (a[j] - b[j]) * (a[j] - b[j]);
    return sum;
}

spae_status spae_frechet_distance(const spae_frechet *f, const spae_moments *other, spae_arena *arena,
                                  spae_eigen_progress progress, spae_frechet_parts *parts, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    const size_t d = f->moments->d;
    if (other->d != d)
        return spae_fail(err, SPAE_ERR_SHAPE, "frechet distance: %zu features meet %zu", d, other->d);
    double *half = take_panels(arena, d, d), *a = take_panels(arena, d, d), *value = spae_arena_take(arena, d, sizeof *a);
    spae_status status = SPAE_OK;
    if (half == NULL || a == NULL || value == NULL)
        status = spae_fail(err, SPAE_ERR_NO_MEMORY, "frechet distance: no memory for 2 x (%zu,%zu) numbers", d, d);
    if (status == SPAE_OK) {
        surround(f, other->covariance, half, a);
        status = spae_eigen_symmetric(a, d, value, NULL, arena, progress, err);
    }
    if (status == SPAE_OK) {
        spae_frechet_parts p = {.means = distance_of(f->moments->mean, other->mean, d), .trace_a = f->trace,
                                .trace_b = trace(other->covariance, d), .trace_root = sum_roots(value, d)};
        p.distance = p.means + p.trace_a + p.trace_b - 2.0 * p.trace_root;
        if (p.distance < 0.0)
            p.distance = 0.0;
        *parts = p;
    }
    spae_arena_reset(arena, mark);
    return status;
}
