/* Rows and embeddings in digits (nn/nearest_index.h), with bounds for everything that is lost by it.
 *
 * Let u = 2^-53, ~ what is computed, c at most 65536; sums over channels are in any order: of c terms that are not
 * negative, each known to a relative a, they err by (a + c u) (1 + small).
 *
 *   lost   x~_j = x_j (1 + u), and r~_j = x~_j - s q_j errs from x_j - s q_j by u (|x~_j| + |s q_j| + |r~_j|), where
 *          |s q| <= |x| + |r|: so |r| <= (1 + 4u) |r~| + 4u |x~|. The root of the sum of r~_j^2 is known to (c + 4) u,
 *          but for squares below the least number: 2^-500 is more than they can come to. Stored is
 *              (1 + (c + 8) 2^-52) (|r~| + 2^-50 |x~|) + 2^-500.
 *   norm   |x| <= (1 + (c + 8) 2^-52) |x~| + 2^-500, and |s q| <= |x| + |r|: that plus lost.
 *
 * E, the sum of, with n the largest |y| + |x|,
 *   - the computed f_k = |x|^2 - (2t s) p.q: the square errs by (c + 4) u n^2, two products, their difference and its
 *     with w_k by 8 u n^2 (2 |t p||s q| <= 2 n^2, doubling is exact, and so is p.q);
 *   - |y|^2, which is only added where a bound comes from a measured distance: (c + 4) u n^2;
 *   - the distance as it is defined, whose terms err by 3u each and whose chain by c u: (c + 4) u n^2;
 *   - products below the least number: less than 2^-1000 together,
 * is less than 4 (c + 16) u n^2 + 2^-1000, also when that is itself rounded.
 *
 * Beyond 2^400 squares might overflow: there is no screen then. Below 2^-500 digits are all 0 and everything is lost.
 */
#include "nearest_index.h"

#include <math.h>
#include <string.h>

#include "threads.h"

enum { CHANNELS = SPAE_SCREEN_CHANNELS };
enum { MOST_CHANNELS = 1 << 16 };
static const double huge = 0x1p400, tiny = 0x1p-500;

/* |q| and |p| at most: c * 255 * 127 < 2^31 for bytes, c * most^2 < 2^31 for others. */
static int32_t digit_most(size_t c)
{
    const double most = floor(sqrt(0x1p31 / (double)c - 1));
    if (sizeof(spae_row_digit) == 1)
        return 127;
    return most < INT16_MAX ? (int32_t)most : INT16_MAX;
}

/* One row, or one embedding. */
typedef struct {
    const real *e; /* (c) or NULL */
    const double *z, *centre;
    size_t c;
} source;

/* `count` channels from `at`, less the centre; 0 beyond them. */
static void load(const source *s, size_t at, double x[CHANNELS])
{
    const size_t count = s->c - at < CHANNELS ? s->c - at : CHANNELS;
    for (size_t j = count; j < CHANNELS; j++)
        x[j] = 0;
    for (size_t j = 0; j < count && s->e != NULL; j++)
        x[j] = (double)s->e[at + j] - s->centre[at + j];
    for (size_t j = 0; j < count && s->e == NULL; j++)
        x[j] = s->z[at + j] - s->centre[at + j];
}

/* The largest |x|; sum[j] += x^2 of every CHANNELS-th. */
static double largest_of(const source *s, double sum[CHANNELS])
{
    double largest[CHANNELS] = {0}, x[CHANNELS];
    for (size_t at = 0; at < s->c; at += CHANNELS) {
        load(s, at, x);
        for (size_t j = 0; j < CHANNELS; j++) {
            largest[j] = fabs(x[j]) > largest[j] ? fabs(x[j]) : largest[j];
            sum[j] += x[j] * x[j];
        }
    }
    for (size_t j = 1; j < CHANNELS; j++)
        largest[0] = largest[j] > largest[0] ? largest[j] : largest[0];
    return largest[0];
}

static double total(const double sum[CHANNELS])
{
    double t = 0;
    for (size_t j = 0; j < CHANNELS; j++)
        t += sum[j];
    return t;
}

/* x to digits, sum[j] += r^2 */
static void digits_of(const double x[CHANNELS], double scale, double inverse, int32_t most, int16_t digit[CHANNELS],
                      double sum[CHANNELS])
{
    const double half = (double)most + 0.5;
    for (size_t j = 0; j < CHANNELS; j++) {
        const int32_t q = (int32_t)(x[j] * inverse + half) - most; /* 0 < the converted < 2 most + 1 */
        const double r = x[j] - scale * (double)q;
        sum[j] += r * r;
        digit[j] = (int16_t)q;
    }
}

/* Digits of a row (width) or of a query (width), the other NULL; returns the query's description but for `shift`. */
static spae_query describe(const source *s, spae_row_digit *row, spae_query_digit *query)
{
    const int32_t most = digit_most(s->c);
    double square[CHANNELS] = {0}, lost[CHANNELS] = {0}, x[CHANNELS];
    int16_t digit[CHANNELS];
    const double largest = largest_of(s, square);
    const bool able = largest > tiny && largest < huge;
    const double scale = able ? largest / (double)most : 0, inverse = able ? (double)most / largest : 0;
    for (size_t at = 0; at < s->c; at += CHANNELS) {
        load(s, at, x);
        if (able)
            digits_of(x, scale, inverse, most, digit, lost);
        for (size_t j = 0; j < CHANNELS && !able; j++) {
            digit[j] = 0;
            lost[j] += x[j] * x[j];
        }
        for (size_t j = 0; j < CHANNELS && row != NULL; j++)
            row[at + j] = (spae_row_digit)(digit[j] + SPAE_ROW_OFFSET);
        for (size_t j = 0; j < CHANNELS && row == NULL; j++)
            query[at + j] = (spae_query_digit)digit[j];
    }
    const double more = 1 + ((double)s->c + 8) * 0x1p-52, norm = sqrt(total(square));
    const double off = more * (sqrt(total(lost)) + 0x1p-50 * norm) + tiny;
    return (spae_query){.square = total(square), .scale = scale, .lost = off, .norm = more * norm + tiny + off};
}

spae_query spae_query_of(const double *z, const spae_row_index *index, size_t c, spae_query_digit *digit)
{
    const source s = {.z = z, .centre = index->centre, .c = c};
    spae_query query = describe(&s, NULL, digit);
    int32_t sum = 0; /* |p| <= 127 where the offset is not 0, c <= 2^16: the shift is less than 2^31 */
    for (size_t j = 0; j < spae_screen_width(c); j++)
        sum += digit[j];
    query.shift = SPAE_ROW_OFFSET * sum;
    return query;
}

double spae_screen_rounding(const spae_query *query, const spae_row_index *index, size_t c)
{
    const double norm = query->norm + index->largest;
    return norm < huge ? 4 * ((double)c + 16) * 0x1p-53 * norm * norm + 0x1p-1000 : HUGE_VAL;
}

/* ---- the rows ---- */

/* Any centre will do: this one is the mean of some rows, which makes norms small where rows share an offset. */
static void find_centre(const spae_rows *rows, double *centre)
{
    enum { SAMPLE = 1024 };
    const size_t step = rows->V < SAMPLE ? 1 : rows->V / SAMPLE, count = (rows->V + step - 1) / step;
    for (size_t j = 0; j < rows->c; j++)
        centre[j] = 0;
    for (size_t k = 0; k < rows->V; k += step)
        for (size_t j = 0; j < rows->c; j++)
            centre[j] += (double)rows->e[k * rows->c + j] / (double)count;
    for (size_t j = 0; j < rows->c; j++)
        centre[j] = centre[j] - centre[j] == 0 ? centre[j] : 0;
}

static size_t rows_held(size_t V)
{
    return (V + SPAE_SCREEN_ROWS - 1) / SPAE_SCREEN_ROWS * SPAE_SCREEN_ROWS;
}

static bool has_index(size_t V, size_t c)
{
    return c <= MOST_CHANNELS && V <= SIZE_MAX / sizeof(spae_row_digit) / (c + 2 * CHANNELS) / 2;
}

size_t spae_row_index_bytes(size_t V, size_t c)
{
    return has_index(V, c) ? sizeof(spae_row_index) + (c + 4 * V) * sizeof(double) +
                                 rows_held(V) * spae_screen_width(c) * sizeof(spae_row_digit)
                           : 0;
}

/* The arrays of the index, to be filled. */
typedef struct {
    double *centre, *of_rows; /* (c); square, scale, lost, norm: (4,V) */
    spae_row_digit *digit;
} arrays;

static void describe_rows(const spae_rows *rows, const arrays *a)
{
    const size_t V = rows->V, c = rows->c, width = spae_screen_width(c);
    find_centre(rows, a->centre);
    SPAE_THREADS(V * c)
    for (size_t k = 0; k < V; k++) {
        const source s = {.e = rows->e + k * c, .centre = a->centre, .c = c};
        const spae_query row = describe(&s, a->digit + k * width, NULL);
        a->of_rows[k] = row.square;
        a->of_rows[V + k] = row.scale;
        a->of_rows[2 * V + k] = row.lost;
        a->of_rows[3 * V + k] = row.norm;
    }
    for (size_t j = V * width; j < rows_held(V) * width; j++)
        a->digit[j] = SPAE_ROW_OFFSET;
}

spae_status spae_rows_index(spae_rows *rows, spae_arena *arena, spae_error *err)
{
    const size_t V = rows->V, c = rows->c;
    if (!has_index(V, c))
        return SPAE_OK;
    spae_row_index *index = spae_arena_take(arena, 1, sizeof *index);
    const arrays a = {spae_arena_take(arena, c, sizeof(double)), spae_arena_take(arena, V, 4 * sizeof(double)),
                      spae_arena_take(arena, rows_held(V) * spae_screen_width(c), sizeof(spae_row_digit))};
    if (index == NULL || a.centre == NULL || a.of_rows == NULL || a.digit == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "codebook: no memory for the search index of %zu x %zu", V, c);
    describe_rows(rows, &a);
    *index = (spae_row_index){.centre = a.centre,
                              .digit = a.digit,
                              .square = a.of_rows,
                              .scale = a.of_rows + V,
                              .lost = a.of_rows + 2 * V,
                              .norm = a.of_rows + 3 * V};
    for (size_t k = 0; k < V; k++)
        index->largest = index->norm[k] > index->largest ? index->norm[k] : index->largest;
    rows->index = index;
    return SPAE_OK;
}
