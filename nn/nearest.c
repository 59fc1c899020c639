/* The nearest row of a matrix, exactly: the token choice of Eq. 2 (SPEC 4.2; DESIGN 2.6).
 *
 * Computes  k = argmin over k of d_k, d_k = chain over channels of (z - e(k))^2, all in binary64
 * Order     channels upwards; k upwards, the first of equal distances wins
 *
 * The screen. With |e_k|^2 at hand, s_k = |e_k|^2 - 2 z.e_k is d_k - |z|^2, and z.e_k for all k is one dense
 * product in `real`. Let u be the unit roundoff of `real`, R = max |e_k|. A chain of c products errs by at most
 * (c+1) u |z||e_k| (Cauchy-Schwarz), rounding z to `real` by u |z||e_k|, underflow by c times the least
 * subnormal; the binary64 chains of s_k and of d_k itself by at most (c+4) 2^-52 (|z|+R)^2 each. So
 *     | s_k + |z|^2 - d_k | <= E = 1.01 ( 2 (c+2) u |z| R + 2 (c+4) 2^-52 (|z|+R)^2 + c 2^-120 ),
 * the 1.01 for second-order terms and the rounding of E. Two rows have d_k <= s_(2) + |z|^2 + E, where s_(2) is
 * the second smallest s_k; hence the least and the second least d_k belong to rows with s_k <= s_(2) + 2 E, and
 * only for these d_k is computed. When |z| or R is so large that a product could overflow, every row is.
 */
#include "nearest.h"

#include <math.h>

#include "conv.h"

void spae_row_squares(const real *e, size_t V, size_t c, double *square)
{
    for (size_t k = 0; k < V; k++) {
        double s = 0;
        for (size_t j = 0; j < c; j++)
            s += (double)e[k * c + j] * (double)e[k * c + j];
        square[k] = s;
    }
}

spae_status spae_rows_prepare(spae_rows *rows, spae_arena *arena, spae_error *err)
{
    double *square = spae_arena_take(arena, rows->V, sizeof *square);
    real *packed = spae_arena_take(arena, spae_dense_packed_size(rows->V, rows->c), sizeof *packed);
    if (square == NULL || packed == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "codebook: no memory to prepare %zu x %zu", rows->V, rows->c);
    spae_row_squares(rows->e, rows->V, rows->c, square);
    spae_dense_pack(rows->e, rows->V, rows->c, packed);
    rows->square = square;
    rows->packed = packed;
    return SPAE_OK;
}

static double squared_distance(const double *z, const real *e, size_t c) /* || z - e ||^2 */
{
    double s = 0;
    for (size_t j = 0; j < c; j++) {
        const double d = z[j] - (double)e[j];
        s += d * d;
    }
    return s;
}

typedef struct {
    int32_t k;
    double least, second;
} nearest;

/* Here: rows are offered in ascending k, so an equal distance keeps the lower k. */
static void offer(nearest *n, size_t k, double distance)
{
    if (distance < n->least) {
        n->second = n->least;
        n->least = distance;
        n->k = (int32_t)k;
    } else if (distance < n->second) {
        n->second = distance;
    }
}

/* s_(2): the second smallest of |e_k|^2 - 2 z.e_k; +inf when there is only one row. */
static double second_smallest(const double *square, const real *dot, size_t V)
{
    double least = HUGE_VAL, second = HUGE_VAL;
    for (size_t k = 0; k < V; k++) {
        const double s = square[k] - 2 * (double)dot[k];
        if (s < second) {
            second = s < least ? least : s;
            least = s < least ? s : least;
        }
    }
    return second;
}

static const double unit_roundoff = sizeof(real) == sizeof(double) ? 0x1p-53 : 0x1p-24;

/* E of the comment above, or +inf where the screen would not hold. */
static double screen_error(const double *z, size_t c, double largest_norm)
{
    double square = 0;
    for (size_t j = 0; j < c; j++)
        square += z[j] * z[j];
    const double norm = sqrt(square), both = norm + largest_norm, width = (double)c;
    if (!(both < 0x1p60)) /* products stay below 2^120, sums of fewer than 2^7 of them below 2^127 */
        return HUGE_VAL;
    return 1.01 * (2 * (width + 2) * unit_roundoff * norm * largest_norm + 2 * (width + 4) * 0x1p-52 * both * both +
                   width * 0x1p-120);
}

/* The two nearest rows for one embedding; dot (V) are its products with every row, or NULL: no screen. */
static nearest find_nearest(const spae_rows *rows, const double *z, const real *dot, double largest_norm)
{
    nearest n = {0, HUGE_VAL, HUGE_VAL};
    double bound = HUGE_VAL; /* rows with s_k beyond it cannot be among the two */
    if (dot != NULL)
        bound = second_smallest(rows->square, dot, rows->V) + 2 * screen_error(z, rows->c, largest_norm);
    for (size_t k = 0; k < rows->V; k++)
        if (dot == NULL || !(rows->square[k] - 2 * (double)dot[k] > bound))
            offer(&n, k, squared_distance(z, rows->e + k * rows->c, rows->c));
    return n;
}

static double largest_norm_of(const spae_rows *rows)
{
    double square = 0;
    for (size_t k = 0; k < rows->V; k++)
        square = rows->square[k] > square ? rows->square[k] : square;
    return sqrt(square);
}

enum { SCREENED_AT_ONCE = 64 }; /* embeddings per dense product: V * 64 elements of scratch */

/* dot (count,V) = z (count,c) rounded to `real`, times the rows. NULL where memory is refused. */
static real *products(const spae_rows *rows, const double *z, size_t count, spae_arena *arena)
{
    real *dot = spae_arena_take(arena, count * rows->V, sizeof(real));
    real *rounded = spae_arena_take(arena, count * rows->c, sizeof(real));
    real *scratch = spae_arena_take(arena, spae_dense_transposed_scratch(count, rows->V, rows->c), sizeof(real));
    if (dot == NULL || rounded == NULL || scratch == NULL)
        return NULL;
    for (size_t i = 0; i < count * rows->c; i++)
        rounded[i] = (real)z[i];
    spae_dense_transposed_packed(count, rows->V, rows->c, rounded, rows->packed, dot, scratch);
    return dot;
}

bool spae_nearest_rows_account(const spae_rows *rows, size_t count, spae_arena *arena)
{
    const size_t group = count < SCREENED_AT_ONCE ? count : SCREENED_AT_ONCE;
    const spae_arena_mark mark = spae_arena_here(arena);
    const bool counted = rows->packed == NULL || (spae_arena_account(arena, group * rows->V, sizeof(real)) &&
                                                  spae_arena_account(arena, group * rows->c, sizeof(real)) &&
                                                  spae_arena_account(arena, spae_dense_transposed_scratch(group, rows->V, rows->c),
                                                                     sizeof(real)));
    spae_arena_reset(arena, mark);
    return counted;
}

static spae_status nearest_group(const spae_rows *rows, const double *z, size_t count, double largest_norm,
                                 spae_arena *arena, int32_t *k, double *margin, spae_error *err)
{
    const real *dot = NULL;
    if (rows->packed != NULL && (dot = products(rows, z, count, arena)) == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "nearest row: no memory for %zu x %zu products", count, rows->V);
    for (size_t i = 0; i < count; i++) {
        const nearest n = find_nearest(rows, z + i * rows->c, dot != NULL ? dot + i * rows->V : NULL, largest_norm);
        k[i] = n.k;
        if (margin != NULL)
            margin[i] = n.second - n.least;
    }
    return SPAE_OK;
}

spae_status spae_nearest_rows(const spae_rows *rows, const double *z, size_t count, spae_arena *arena,
                                int32_t *k, double *margin, spae_error *err)
{
    if (rows->V < 1 || rows->V > INT32_MAX || rows->c < 1)
        return spae_fail(err, SPAE_ERR_ARGUMENT, "nearest row: the matrix is %zu x %zu", rows->V, rows->c);
    for (size_t i = 0; i < count * rows->c; i++)
        if (!(z[i] - z[i] == 0))
            return spae_fail(err, SPAE_ERR_NOT_FINITE, "nearest row: embedding %zu is not finite in channel %zu",
                             i / rows->c, i % rows->c);
    const double largest_norm = rows->packed != NULL ? largest_norm_of(rows) : 0;
    const spae_arena_mark mark = spae_arena_here(arena);
    spae_status status = SPAE_OK;
    for (size_t at = 0; at < count && status == SPAE_OK; at += SCREENED_AT_ONCE) {
        const size_t group = count - at < SCREENED_AT_ONCE ? count - at : SCREENED_AT_ONCE;
        status = nearest_group(rows, z + at * rows->c, group, largest_norm, arena, k + at,
                               margin != NULL ? margin + at : NULL, err);
        spae_arena_reset(arena, mark);
    }
    return status;
}
