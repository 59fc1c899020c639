/* The measures of metrics.h. */
#include "metrics.h"

#include <math.h>
#include <string.h>

/* ---- pixel by pixel; SPEC 11.1 ---------------------------------------------------------------------- */

double spae_square_error(const real *a, const real *b, size_t count)
{
    double sum = 0.0;
    for (size_t i = 0; i < count; i++) {
        const double d = (double)a[i] - (double)b[i];
        sum += d * d;
    }
    return sum / (double)count;
}

double spae_absolute_error(const real *a, const real *b, size_t count)
{
    double sum = 0.0;
    for (size_t i = 0; i < count; i++)
        sum += fabs((double)a[i] - (double)b[i]);
    return sum / (double)count;
}

double spae_picture_error(const real *picture, const real *rebuilt, size_t count)
{
    double sum = 0.0;
    for (size_t i = 0; i < count; i++) {
        const double r = (double)rebuilt[i], d = (double)picture[i] - (r < 0.0 ? 0.0 : r > 1.0 ? 1.0 : r);
        sum += d * d;
    }
    return sum / (double)count;
}

double spae_psnr(double error, double peak)
{
    return error > 0.0 ? -10.0 * spae_log64(error / (peak * peak)) / spae_log64(10.0) : (double)HUGE_VAL;
}

void spae_spread_add(spae_spread *spread, double x)
{
    const double away = x - spread->centre;
    spread->count++;
    spread->sum += x;
    spread->centre += away / (double)spread->count;
    spread->squares += away * (x - spread->centre);
}

double spae_spread_mean(const spae_spread *spread)
{
    return spread->count > 0 ? spread->sum / (double)spread->count : (double)NAN;
}

double spae_spread_deviation(const spae_spread *spread)
{
    return spread->count > 0 ? sqrt(spread->squares / (double)spread->count) : (double)NAN;
}

/* ---- structural similarity; SPEC 11.2 --------------------------------------------------------------- */

/* exp(-i^2 / (2 * 1.5^2)) for i = -5..5, divided by their sum: nearest to the exact numbers (test/nn/metrics.c makes
 * them again). The window's weight w(i,j) is the product of two. */
static const double window[SPAE_SSIM_WINDOW] = {
    0x1.0d956b52a1d6fp-10, 0x1.f1fe01ae5a5b7p-8, 0x1.26eb175d83f66p-5, 0x1.bff0fe8e98418p-4,
    0x1.b43c3f52b19f2p-3, 0x1.106560aa892c0p-2, 0x1.b43c3f52b19f2p-3, 0x1.bff0fe8e98418p-4,
    0x1.26eb175d83f66p-5, 0x1.f1fe01ae5a5b7p-8, 0x1.0d956b52a1d6fp-10};

enum { MAPS = 5 }; /* a, b, a^2, b^2, ab */

/* Here x and y are one place of a and b. */
static void multiply(double x, double y, double map[MAPS])
{
    map[0] = x;
    map[1] = y;
    map[2] = x * x;
    map[3] = y * y;
    map[4] = x * y;
}

/* One row of one channel, filtered along the row: out (W-10, MAPS). a and b point at its first sample of the channel. */
static void filter_row(const real *a, const real *b, size_t W, size_t C, double *out)
{
    for (size_t x = 0; x + SPAE_SSIM_WINDOW <= W; x++, out += MAPS) {
        memset(out, 0, MAPS * sizeof *out);
        for (size_t j = 0; j < SPAE_SSIM_WINDOW; j++) {
            double map[MAPS];
            multiply((double)a[(x + j) * C], (double)b[(x + j) * C], map);
            for (size_t m = 0; m < MAPS; m++)
                out[m] += window[j] * map[m];
        }
    }
}

/* s of one place from its five weighted means. */
static double place(const double mean[MAPS], double c1, double c2)
{
    const double ma = mean[0], mb = mean[1];
    const double va = mean[2] - ma * ma, vb = mean[3] - mb * mb, cab = mean[4] - ma * mb;
    return (2.0 * ma * mb + c1) * (2.0 * cab + c2) / ((ma * ma + mb * mb + c1) * (va + vb + c2));
}

/* The sum of s over one row of places, from eleven filtered rows: row i of the window is rows[(first + i) mod 11]. */
static double sum_places(const double *rows, size_t first, size_t places, double c1, double c2)
{
    double sum = 0.0;
    for (size_t x = 0; x < places; x++) {
        double mean[MAPS] = {0, 0, 0, 0, 0};
        for (size_t i = 0; i < SPAE_SSIM_WINDOW; i++) {
            const double *at = rows + ((first + i) % SPAE_SSIM_WINDOW * places + x) * MAPS;
            for (size_t m = 0; m < MAPS; m++)
                mean[m] += window[i] * at[m];
        }
        sum += place(mean, c1, c2);
    }
    return sum;
}

/* The mean of s over one channel; rows (11, W-10, MAPS) is room. */
static double channel_mean(const real *a, const real *b, size_t H, size_t W, size_t C, double peak, double *rows)
{
    const size_t places = W - SPAE_SSIM_WINDOW + 1;
    const double c1 = 0.01 * peak * (0.01 * peak), c2 = 0.03 * peak * (0.03 * peak);
    double sum = 0.0;
    for (size_t y = 0; y < H; y++) {
        filter_row(a + y * W * C, b + y * W * C, W, C, rows + y % SPAE_SSIM_WINDOW * places * MAPS);
        if (y + 1 >= SPAE_SSIM_WINDOW) /* rows y-10..y are there */
            sum += sum_places(rows, (y + 1) % SPAE_SSIM_WINDOW, places, c1, c2);
    }
    return sum / ((double)places * (double)(H - SPAE_SSIM_WINDOW + 1));
}

spae_status spae_ssim(const real *a, const real *b, size_t H, size_t W, size_t C, double peak, spae_arena *arena,
                      double *channel, double *ssim, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    if (H < SPAE_SSIM_WINDOW || W < SPAE_SSIM_WINDOW || C == 0)
        return spae_fail(err, SPAE_ERR_SHAPE, "ssim: (%zu,%zu,%zu) is smaller than the window of 11x11", H, W, C);
    double *rows = spae_arena_take(arena, W * SPAE_SSIM_WINDOW * MAPS, sizeof *rows);
    if (rows == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "ssim: no memory for rows of %zu", W);
    double sum = 0.0;
    for (size_t k = 0; k < C; k++) {
        const double s = channel_mean(a + k, b + k, H, W, C, peak, rows);
        if (channel != NULL)
            channel[k] = s;
        sum += s;
    }
    *ssim = sum / (double)C;
    spae_arena_reset(arena, mark);
    return SPAE_OK;
}

/* ---- which tokens are used; SPEC 11.8 --------------------------------------------------------------- */

spae_token_usage spae_token_usage_of(const uint32_t *count, size_t V)
{
    spae_token_usage u = {0, 0, 0.0, 1.0, 0, 0};
    double entropy = 0.0;
    for (size_t k = 0; k < V; k++)
        u.tokens += count[k];
    for (size_t k = 0; k < V; k++) {
        if (count[k] == 0)
            continue;
        const double p = (double)count[k] / (double)u.tokens;
        entropy -= p * spae_log64(p);
        u.distinct++;
        if (count[k] > u.most_count) {
            u.most_count = count[k];
            u.most_common = k;
        }
    }
    u.entropy = entropy / spae_log64(2.0);
    u.perplexity = spae_exp64(entropy);
    return u;
}

/* ---- Inception Score; SPEC 11.3 --------------------------------------------------------------------- */

/* floor(split * rows / splits), by parts: split * rows might overflow; splits is below 2^32. */
static size_t first_row(const spae_inception_score *s, size_t split)
{
    const uint64_t rest = (uint64_t)(s->rows % s->splits) * split / s->splits;
    return s->rows / s->splits * split + (size_t)rest;
}

spae_status spae_inception_score_start(spae_inception_score *s, size_t rows, size_t classes, size_t splits,
                                       spae_arena *arena, spae_error *err)
{
    spae_inception_score made = {.rows = rows, .classes = classes, .splits = splits};
    if (classes == 0)
        return spae_fail(err, SPAE_ERR_SHAPE, "inception score: rows of no class");
    if (splits == 0 || splits > rows || splits > UINT32_MAX)
        return spae_fail(err, SPAE_ERR_ARGUMENT, "inception score: %zu rows in %zu splits", rows, splits);
    made.sum = spae_arena_take_zeroed(arena, classes, sizeof *made.sum);
    made.score = spae_arena_take_zeroed(arena, splits, sizeof *made.score);
    if (made.sum == NULL || made.score == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "inception score: no memory for %zu classes, %zu splits", classes,
                         splits);
    *s = made;
    return SPAE_OK;
}

/* p log p, 0 for 0 */
static double p_log(double p, double q)
{
    return p > 0.0 ? p * spae_log64(q) : 0.0;
}

/* The score of the split under way: sums over its rows of p (log p - log q) are those of p log p less n q log q. */
static void close_split(spae_inception_score *s)
{
    const double rows = (double)(first_row(s, s->split + 1) - first_row(s, s->split));
    double entropy = 0.0; /* of q, negative: sum of q log q */
    for (size_t k = 0; k < s->classes; k++) {
        const double q = s->sum[k] / rows;
        entropy += p_log(q, q);
    }
    s->score[s->split++] = spae_exp64(s->plogp / rows - entropy);
    s->plogp = 0.0;
    memset(s->sum, 0, s->classes * sizeof *s->sum);
}

spae_status spae_inception_score_add(spae_inception_score *s, const real *p, spae_error *err)
{
    if (s->row == s->rows)
        return spae_fail(err, SPAE_ERR_ARGUMENT, "inception score: more than %zu rows", s->rows);
    for (size_t k = 0; k < s->classes; k++) {
        if (!(fabs((double)p[k]) < (double)HUGE_VAL))
            return spae_fail(err, SPAE_ERR_NOT_FINITE, "inception score: row %zu, class %zu is not finite", s->row, k);
        if (p[k] < 0)
            return spae_fail(err, SPAE_ERR_ARGUMENT, "inception score: row %zu, class %zu is %g: no probability",
                             s->row, k, (double)p[k]);
    }
    for (size_t k = 0; k < s->classes; k++) {
        s->plogp += p_log((double)p[k], (double)p[k]);
        s->sum[k] += (double)p[k];
    }
    if (++s->row == first_row(s, s->split + 1))
        close_split(s);
    return SPAE_OK;
}

spae_status spae_inception_score_finish(const spae_inception_score *s, double *mean, double *deviation,
                                        spae_error *err)
{
    double sum = 0.0, squares = 0.0;
    if (s->row != s->rows)
        return spae_fail(err, SPAE_ERR_ARGUMENT, "inception score: %zu rows of %zu", s->row, s->rows);
    for (size_t i = 0; i < s->splits; i++)
        sum += s->score[i];
    const double m = sum / (double)s->splits;
    for (size_t i = 0; i < s->splits; i++)
        squares += (s->score[i] - m) * (s->score[i] - m);
    *mean = m;
    *deviation = sqrt(squares / (double)s->splits);
    return SPAE_OK;
}
