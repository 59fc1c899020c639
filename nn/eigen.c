/* The symmetric eigensolver of eigen.h.
 *
 * Source    SPEC 11.5; Householder 1958, and the implicit QL of Martin and Wilkinson 1968
 * Computes  A = H T H^T by n-2 reflections, T tridiagonal; T = U L U^T by plane rotations, L diagonal; V^T = H U
 * Order     the matrix is kept whole, both triangles the same bits. Every sum over rows goes upwards in them; loops over
 *           columns are over outputs, in panels, so that a panel stays in the cache while many reflections or rotations
 *           go over it, and so that panels may go to threads
 * Scale     A is first divided by a power of two so that its largest element is in [1/2,1): no square overflows.
 *           What is below 2^-400 then counts as 0, so that no square that matters underflows
 * Splits    T splits where e is at most 2^-52 of T's norm. Not of its neighbours: beside larger rows of the same block
 *           rounding keeps e above that, and what a singular matrix leaves (1e-16 of the norm) would never converge
 */
#include "eigen.h"

#include <math.h>
#include <string.h>

#include "threads.h"

enum { PANEL = 64, ROTATIONS = 1 << 15, SWEEPS = 60 }; /* ROTATIONS: held at once, or 32 n */
static const double tiny = 0x1p-400; /* beside elements up to 1: no reflection is made for less */

typedef struct {
    size_t n;
    double *a;             /* (n,n); row k, from column k+1 on, becomes the reflection k: 1, v.. */
    double *d, *e;         /* (n) T: its diagonal, and what is beside it: e[i] = T[i][i+1] */
    double nothing;        /* e up to this splits T */
    double *tau;           /* (n) of the reflections; 0: none */
    double *v, *w, *p;     /* (n) the reflection under way, what is taken off by it, and A times the next */
    double *z;             /* (n,n) or NULL: H, then its transpose, whose rows the rotations turn into vectors */
    double *rotation;      /* (held,2): c and s */
    size_t held;           /* how many there is room for */
    size_t rotations;      /* held, not yet applied */
    size_t *sweep;         /* (held,2): the upper row of a sweep's first rotation, and how many there are */
    size_t sweeps;
    spae_eigen_progress progress;
} solver;

static void tell(const solver *s, double part)
{
    if (s->progress.tell != NULL)
        s->progress.tell(s->progress.context, part);
}

/* sqrt(a^2 + b^2) without needless overflow or underflow: 0 for zeros. */
static double root_of_squares(double a, double b)
{
    const double x = fabs(a), y = fabs(b), large = x > y ? x : y, small = x > y ? y : x;
    const double q = large > 0.0 ? small / large : 0.0;
    return large * sqrt(1.0 + q * q);
}

/* ---- the scale ---- */

/* The exponent of the largest |element|; false where one is not finite. */
static bool find_scale(const double *a, size_t count, int *exponent)
{
    double most = 0.0;
    for (size_t i = 0; i < count; i++) {
        const double x = fabs(a[i]);
        if (!(x < (double)HUGE_VAL))
            return false;
        most = x > most ? x : most;
    }
    frexp(most, exponent);
    return true;
}

static void scale(double *a, size_t count, int exponent)
{
    for (size_t i = 0; i < count; i++)
        a[i] = ldexp(a[i], exponent);
}

/* ---- the tridiagonal form ---- */

/* The reflection I - tau v v^T, v[0] = 1, that turns x (m) into (beta, 0, ..); x becomes v, tau 0 where it is that
 * already. Returns beta. */
static double reflect(double *x, size_t m, double *tau)
{
    double most = 0.0, squares = 0.0;
    const double first = x[0];
    for (size_t i = 1; i < m; i++) {
        most = fabs(x[i]) > most ? fabs(x[i]) : most;
        squares += x[i] * x[i];
    }
    *tau = 0.0;
    if (most < tiny)
        return fabs(first) < tiny ? 0.0 : first;
    const double length = sqrt(first * first + squares), beta = first < 0.0 ? length : -length;
    const double over = 1.0 / (first - beta); /* |first - beta| >= length: no cancellation */
    *tau = (beta - first) / beta;
    x[0] = 1.0;
    for (size_t i = 1; i < m; i++)
        x[i] *= over;
    return beta;
}

/* Columns from..to-1 of rows from..n-1: A -= v w^T + w v^T, for the reflection before; p = A u for the next, u, whose
 * first row is `from`. */
static void update_panel(const solver *s, const double *u, size_t from, size_t at, size_t to)
{
    double *p = s->p;
    const double *v = s->v, *w = s->w;
    for (size_t i = from; i < s->n; i++) {
        double *row = s->a + i * s->n;
        const double vi = v[i], wi = w[i], ui = u[i];
        for (size_t j = at; j < to; j++) {
            const double x = row[j] - (vi * w[j] + wi * v[j]);
            row[j] = x;
            p[j] += ui * x;
        }
    }
}

static void update(const solver *s, const double *u, size_t from)
{
    const size_t width = 4 * PANEL, panels = (s->n - from + width - 1) / width;
    SPAE_THREADS((s->n - from) * (s->n - from))
    for (size_t b = 0; b < panels; b++) {
        const size_t at = from + b * width;
        update_panel(s, u, from, at, at + width < s->n ? at + width : s->n);
    }
}

/* w = tau p - (tau/2 * (tau p . u)) u, so that H A H = A - u w^T - w u^T. */
static void weigh(const solver *s, const double *u, double tau, size_t from)
{
    double dot = 0.0;
    for (size_t i = from; i < s->n; i++) {
        s->w[i] = tau * s->p[i];
        dot += s->w[i] * u[i];
    }
    const double half = 0.5 * tau * dot;
    for (size_t i = from; i < s->n; i++)
        s->w[i] -= half * u[i];
}

/* A becomes T in d and e, and its reflections. Row k of A, k upwards, holds the column that reflection k takes; the
 * update that the reflection before it asks for is made of this row first, of all others together with A u. */
static void reduce(const solver *s)
{
    const size_t n = s->n;
    memset(s->v, 0, n * sizeof *s->v);
    memset(s->w, 0, n * sizeof *s->w);
    for (size_t k = 0; k < n; k++) {
        double *row = s->a + k * n;
        for (size_t j = k; j < n; j++)
            row[j] -= s->v[k] * s->w[j] + s->w[k] * s->v[j];
        s->d[k] = row[k];
        s->tau[k] = 0.0;
        if (k + 1 == n)
            break;
        s->e[k] = reflect(row + k + 1, n - k - 1, &s->tau[k]);
        if (s->tau[k] == 0.0)
            memset(row + k + 1, 0, (n - k - 1) * sizeof *row);
        memset(s->p, 0, n * sizeof *s->p);
        update(s, row, k + 1);
        weigh(s, row, s->tau[k], k + 1);
        memcpy(s->v + k + 1, row + k + 1, (n - k - 1) * sizeof *row);
        if (k % 64 == 0)
            tell(s, (s->z != NULL ? 0.3 : 0.9) * (double)k / (double)n);
    }
    s->e[n - 1] = 0.0;
}

/* ---- H ---- */

/* Columns at..to-1, at most PANEL, of H = H_0 (H_1 (.. I)). */
static void build_panel(const solver *s, size_t at, size_t to)
{
    const size_t n = s->n;
    for (size_t i = 0; i < n; i++)
        for (size_t j = at; j < to; j++)
            s->z[i * n + j] = i == j ? 1.0 : 0.0;
    for (size_t k = n - 1; k-- > 0;) {
        const double *v = s->a + k * n;
        double y[PANEL] = {0};
        if (s->tau[k] == 0.0)
            continue;
        for (size_t i = k + 1; i < n; i++)
            for (size_t j = at; j < to; j++)
                y[j - at] += v[i] * s->z[i * n + j];
        for (size_t i = k + 1; i < n; i++) {
            const double factor = s->tau[k] * v[i];
            for (size_t j = at; j < to; j++)
                s->z[i * n + j] -= factor * y[j - at];
        }
    }
}

static void build(const solver *s)
{
    const size_t panels = (s->n + PANEL - 1) / PANEL;
    SPAE_THREADS(s->n * s->n)
    for (size_t b = 0; b < panels; b++)
        build_panel(s, b * PANEL, (b + 1) * PANEL < s->n ? (b + 1) * PANEL : s->n);
    for (size_t i = 0; i < s->n; i++)
        for (size_t j = 0; j < i; j++) {
            const double x = s->z[i * s->n + j];
            s->z[i * s->n + j] = s->z[j * s->n + i];
            s->z[j * s->n + i] = x;
        }
}

/* ---- QL ---- */

/* Columns at..to-1 of the rows, under all rotations that are held: rows i and i+1 become c r_i - s r_(i+1) and
 * s r_i + c r_(i+1), from the last pair of a sweep to its first. */
static void rotate_panel(const solver *s, size_t at, size_t to)
{
    const double *rotation = s->rotation;
    for (size_t q = 0; q < s->sweeps; q++) {
        const size_t last = s->sweep[2 * q], count = s->sweep[2 * q + 1];
        for (size_t i = 0; i < count; i++, rotation += 2) {
            double *upper = s->z + (last - i) * s->n, *lower = upper + s->n;
            const double cosine = rotation[0], sine = rotation[1];
            for (size_t j = at; j < to; j++) {
                const double x = upper[j], y = lower[j];
                lower[j] = sine * x + cosine * y;
                upper[j] = cosine * x - sine * y;
            }
        }
    }
}

static void apply_rotations(solver *s)
{
    const size_t panels = (s->n + PANEL - 1) / PANEL;
    SPAE_THREADS(s->n * s->rotations)
    for (size_t b = 0; b < panels; b++)
        rotate_panel(s, b * PANEL, (b + 1) * PANEL < s->n ? (b + 1) * PANEL : s->n);
    s->rotations = s->sweeps = 0;
}

/* Holds a rotation of rows i and i+1. */
static void keep(solver *s, size_t i, double cosine, double sine, bool first)
{
    if (s->z == NULL)
        return;
    if (s->rotations == s->held) {
        apply_rotations(s);
        first = true;
    }
    if (first) {
        s->sweep[2 * s->sweeps] = i;
        s->sweep[2 * s->sweeps++ + 1] = 0;
    }
    s->sweep[2 * s->sweeps - 1]++;
    s->rotation[2 * s->rotations] = cosine;
    s->rotation[2 * s->rotations++ + 1] = sine;
}

/* 2^-52 of the largest row sum of T. */
static double nothing_beside(const solver *s)
{
    double norm = 0.0, before = 0.0;
    for (size_t i = 0; i < s->n; i++) {
        const double sum = before + fabs(s->d[i]) + fabs(s->e[i]);
        norm = sum > norm ? sum : norm;
        before = fabs(s->e[i]);
    }
    return 0x1p-52 * norm;
}

/* The least m >= l whose e[m] is nothing: T splits there. */
static size_t find_split(const solver *s, size_t l)
{
    size_t m = l;
    while (m + 1 < s->n && fabs(s->e[m]) > s->nothing)
        m++;
    return m;
}

/* One sweep of QL over rows l..m, with the shift of Wilkinson: the eigenvalue of the upper 2x2 block that is nearer to
 * d[l]. */
static void sweep(solver *s, size_t l, size_t m)
{
    double *d = s->d, *e = s->e;
    const double t = (d[l + 1] - d[l]) / (2.0 * e[l]), r = root_of_squares(t, 1.0);
    double g = d[m] - d[l] + e[l] / (t < 0.0 ? t - r : t + r);
    double sine = 1.0, cosine = 1.0, p = 0.0;
    for (size_t i = m; i-- > l;) {
        const double f = sine * e[i], b = cosine * e[i], length = root_of_squares(f, g);
        e[i + 1] = length;
        if (length == 0.0) { /* the bulge is gone: T has split at i+1 */
            d[i + 1] -= p;
            e[m] = 0.0;
            return;
        }
        sine = f / length;
        cosine = g / length;
        g = d[i + 1] - p;
        const double x = (d[i] - g) * sine + 2.0 * cosine * b;
        p = sine * x;
        d[i + 1] = g + p;
        g = cosine * x - b;
        keep(s, i, cosine, sine, i + 1 == m);
    }
    d[l] -= p;
    e[l] = g;
    e[m] = 0.0;
}

static bool diagonalize(solver *s)
{
    s->nothing = nothing_beside(s);
    for (size_t l = 0; l < s->n; l++) {
        size_t m, sweeps = 0;
        while ((m = find_split(s, l)) != l) {
            if (sweeps++ == SWEEPS)
                return false;
            sweep(s, l, m);
        }
        if (l % 64 == 0) /* of n-l rows there are rotations yet: about the square is left */
            tell(s, 1.0 - (s->z != NULL ? 0.6 : 0.1) * (double)(s->n - l) / (double)s->n);
    }
    if (s->z != NULL)
        apply_rotations(s);
    return true;
}

/* ---- the order ---- */

static void swap_rows(double *a, double *b, size_t n)
{
    for (size_t j = 0; j < n; j++) {
        const double x = a[j];
        a[j] = b[j];
        b[j] = x;
    }
}

/* Ascending: place i takes the first of the least that are left. */
static void order(solver *s)
{
    for (size_t i = 0; i < s->n; i++) {
        size_t least = i;
        for (size_t j = i + 1; j < s->n; j++)
            least = s->d[j] < s->d[least] ? j : least;
        if (least != i) {
            swap_rows(s->d + i, s->d + least, 1);
            if (s->z != NULL)
                swap_rows(s->z + i * s->n, s->z + least * s->n, s->n);
        }
    }
}

/* ---- the whole ---- */

static bool take_room(solver *s, spae_arena *arena)
{
    double *room = spae_arena_take(arena, s->n, 5 * sizeof *room);
    if (s->z != NULL) {
        s->held = s->n < ROTATIONS / 32 ? 32 * s->n : ROTATIONS;
        s->rotation = spae_arena_take(arena, s->held, 2 * sizeof *s->rotation);
        s->sweep = spae_arena_take(arena, s->held, 2 * sizeof *s->sweep);
    }
    if (room == NULL || (s->z != NULL && (s->rotation == NULL || s->sweep == NULL)))
        return false;
    s->e = room;
    s->tau = room + s->n;
    s->v = room + 2 * s->n;
    s->w = room + 3 * s->n;
    s->p = room + 4 * s->n;
    return true;
}

spae_status spae_eigen_symmetric(double *a, size_t n, double *value, double *vector, spae_arena *arena,
                                 spae_eigen_progress progress, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    solver s = {.n = n, .a = a, .d = value, .z = vector, .progress = progress};
    int exponent;
    if (!find_scale(a, n * n, &exponent))
        return spae_fail(err, SPAE_ERR_NOT_FINITE, "eigenvalues: an element of (%zu,%zu) is not finite", n, n);
    if (!take_room(&s, arena)) {
        spae_arena_reset(arena, mark);
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "eigenvalues: no memory beside a matrix of (%zu,%zu)", n, n);
    }
    scale(a, n * n, -exponent);
    reduce(&s);
    if (vector != NULL)
        build(&s);
    const bool ended = diagonalize(&s);
    order(&s);
    scale(value, n, exponent);
    spae_arena_reset(arena, mark);
    tell(&s, 1.0);
    return ended ? SPAE_OK
                 : spae_fail(err, SPAE_ERR_NOT_FINITE, "eigenvalues: (%zu,%zu) takes more than %d sweeps", n, n, SWEEPS);
}
