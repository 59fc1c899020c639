/* The search for one embedding (nn/nearest_search.h): steps 1 to 3 of nn/nearest.c. */
#include "nearest_search.h"

#include "nearest_chain.h"

static double bound_of(const spae_search *s)
{
    return s->bound[s->wanted - 1];
}

static void lower(double bound[2], double most)
{
    if (most < bound[1]) {
        bound[1] = most < bound[0] ? bound[0] : most;
        bound[0] = most < bound[0] ? most : bound[0];
    }
}

enum { SHARE = 16, ROOM_LEAST = 64 };

size_t spae_search_room(size_t V)
{
    return V / SHARE < ROOM_LEAST ? ROOM_LEAST : V / SHARE;
}

void spae_search_start(spae_search *s, spae_screen screen)
{
    s->screen = screen;
    s->found = spae_nearest_none;
    s->bound[0] = s->bound[1] = HUGE_VAL;
    s->count = s->measured = s->chains = 0;
}

static void drop_overtaken(spae_search *s)
{
    size_t count = 0;
    for (size_t i = 0; i < s->count; i++)
        if (s->low[i] <= bound_of(s)) {
            s->k[count] = s->k[i];
            s->low[count++] = s->low[i];
        }
    s->count = count;
}

/* Room that drops fill again and again would cost more than it saves: half of it must become free. */
static void add_candidate(spae_search *s, size_t k, double low)
{
    if (s->count == s->room) {
        drop_overtaken(s);
        if (s->count > s->room / 2) {
            s->screen++;
            return;
        }
    }
    s->k[s->count] = (int32_t)k;
    s->low[s->count++] = low;
}

/* low <= d_k - |z - m|^2 <= high for the rows from `first`. */
static void add_candidates(spae_search *s, size_t first, size_t count, const double *low, const double *high)
{
    const spae_screen screen = s->screen;
    for (size_t r = 0; r < count && s->screen == screen; r++)
        if (low[r] <= bound_of(s)) {
            lower(s->bound, high[r]);
            add_candidate(s, first + r, low[r]);
        }
}

void spae_search_digits(spae_search *s, const spae_row_index *index, size_t first, size_t count, const int32_t *product)
{
    const double *square = index->square + first, *scale = index->scale + first;
    const double *lost = index->lost + first, *norm = index->norm + first;
    const double factor = 2 * s->query.scale, bound = bound_of(s);
    double low[SPAE_SCANNED], high[SPAE_SCANNED];
    size_t below = 0;
    for (size_t r = 0; r < count; r++) {
        const double f = square[r] - factor * scale[r] * (double)(product[r] - s->query.shift);
        const double w = 2 * (s->query.norm * lost[r] + s->query.lost * norm[r]) + s->rounding;
        low[r] = f - w;
        high[r] = f + w;
        below += low[r] <= bound;
    }
    if (below > 0)
        add_candidates(s, first, count, low, high);
}

/* x and y are rounded to `real`, at most twice each, and their product is a chain there: it errs by (c + 1 + 4) u |x||y|
 * and a little of second order; what is below the least number makes less than 2^-140 c (1 + |x| + |y|). */
void spae_search_reals(spae_search *s, const spae_row_index *index, size_t c, size_t first, size_t count,
                       const real *product)
{
    const double unit = sizeof(real) == sizeof(double) ? 0x1p-53 : 0x1p-24;
    const double part = ((double)c + 8) * unit * s->query.norm, least = 0x1p-140 * (double)c, bound = bound_of(s);
    double low[SPAE_SCANNED], high[SPAE_SCANNED];
    size_t below = 0;
    for (size_t r = 0; r < count; r++) {
        const double norm = index->norm[first + r], f = index->square[first + r] - 2 * (double)product[r];
        const double w = 2.02 * (part * norm + least * (1 + norm + s->query.norm)) + s->rounding;
        low[r] = f - w;
        high[r] = f + w;
        below += low[r] <= bound;
    }
    if (below > 0)
        add_candidates(s, first, count, low, high);
}

/* ---- 2 and 3: the candidates ---- */

static double distance_in_any_order(const double *z, const real *e, size_t c)
{
    enum { LANES = 32 };
    double sum[LANES] = {0}, total = 0;
    size_t at = 0;
    for (; at + LANES <= c; at += LANES)
        for (size_t j = 0; j < LANES; j++) {
            const double d = z[at + j] - (double)e[at + j];
            sum[j] += d * d;
        }
    for (size_t j = 0; at + j < c; j++) {
        const double d = z[at + j] - (double)e[at + j];
        sum[j] += d * d;
    }
    for (size_t j = 0; j < LANES; j++)
        total += sum[j];
    return total;
}

static double distance_to(const spae_search *s, const spae_rows *rows, size_t candidate)
{
    return distance_in_any_order(s->z, rows->e + (size_t)s->k[candidate] * rows->c, rows->c);
}

/* The candidate with the least f - w but for `other`; count where there is none. */
static size_t most_promising(const spae_search *s, size_t other)
{
    size_t best = s->count;
    for (size_t i = 0; i < s->count; i++)
        if (i != other && (best == s->count || s->low[i] < s->low[best]))
            best = i;
    return best;
}

static const double least_product = 0x1p-1000;

/* Keeps the candidates that can be the ones looked for: here, low becomes g. Returns h. */
static double measure_candidates(spae_search *s, const spae_rows *rows)
{
    const double more = 1 + ((double)rows->c + 8) * 0x1p-52, shift = s->rounding - s->query.square;
    size_t first[2] = {s->count, s->count}, count = 0;
    double g[2], h[2] = {HUGE_VAL, HUGE_VAL};
    for (size_t i = 0; i < s->wanted; i++)
        if ((first[i] = most_promising(s, first[0])) < s->count) {
            g[i] = distance_to(s, rows, first[i]);
            lower(h, g[i] * more + least_product);
        }
    for (size_t i = 0; i < s->count; i++)
        if (s->low[i] <= bound_of(s) && s->low[i] <= h[s->wanted - 1] + shift) {
            const bool known = i == first[0] || i == first[1];
            const double distance = known ? g[i == first[1]] : distance_to(s, rows, i);
            if (!known)
                lower(h, distance * more + least_product);
            s->k[count] = s->k[i];
            s->low[count++] = distance;
        }
    s->measured = s->count = count;
    return h[s->wanted - 1];
}

void spae_search_choose(spae_search *s, const spae_rows *rows)
{
    const double less = 1 - ((double)rows->c + 8) * 0x1p-52, h = measure_candidates(s, rows);
    const real *e[SPAE_CHAIN_ROWS];
    double distance[1][SPAE_CHAIN_ROWS];
    size_t count = 0;
    for (size_t i = 0; i < s->count; i++)
        if (s->low[i] * less - least_product <= h)
            s->k[count++] = s->k[i];
    s->chains = count;
    for (size_t at = 0; at < count; at += SPAE_CHAIN_ROWS) {
        const size_t abreast = count - at < SPAE_CHAIN_ROWS ? count - at : SPAE_CHAIN_ROWS;
        for (size_t r = 0; r < abreast; r++)
            e[r] = rows->e + (size_t)s->k[at + r] * rows->c;
        spae_chains(e, abreast, &s->z, 1, rows->c, distance);
        for (size_t r = 0; r < abreast; r++)
            spae_nearest_offer(&s->found, (size_t)s->k[at + r], distance[0][r]);
    }
}
