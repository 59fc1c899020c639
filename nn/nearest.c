/* The nearest row of a matrix, exactly: the token choice of Eq. 2 (SPEC 4.2; DESIGN 2.6).
 *
 * Computes  k = argmin over k of d_k, d_k = chain over channels of (z - e(k))^2, all in binary64
 * Order     channels upwards; k upwards, the first of equal distances wins
 *
 * A search goes on until it has the `wanted` least distances: one, or two where the margin is asked for.
 *
 * 1. The screen. nn/nearest_index.h makes of each row and embedding, by a product of small integers, f_k and w_k with
 *        f_k - w_k <= d_k - |z - m|^2 <= f_k + w_k.
 *    Let b be the least, or second least, f_k + w_k of the rows so far: there are `wanted` rows with d_k - |z - m|^2 <= b.
 *    A row with f_k - w_k > b has a larger d_k than these, so it is neither among the least nor tied with one, and is
 *    left out; b only falls. The others are candidates. There is room for one in SHARE of all rows; when they fill
 *    it, those that b has overtaken are dropped, and where too many stay the screen is of no use to this embedding:
 *    see 4.
 * 2. The distance g of a candidate is summed in binary64 in any order: both g and d_k are known to (c + 4) 2^-53 of the
 *    true distance, so d_k is g (1 +- a) +- 2^-1000 with a = (c + 8) 2^-52. The most promising candidates come first: b
 *    becomes their g (1 + a) + 2^-1000 - |z - m|^2 + E, E as in nn/nearest_index.h, which leaves few of the others.
 * 3. Let h be the least, or second least, g (1 + a) + 2^-1000. Only candidates with g (1 - a) - 2^-1000 <= h can be the
 *    ones looked for, by the argument of 1; these are measured as defined, in ascending order.
 * 4. Where there is no index, numbers are too large for it, or it does not tell the rows apart (all at nearly the same
 *    distance, many equal ones), every row is measured as defined, many side by side (nn/nearest_chain.h).
 *
 * Threads split the rows of products, and embeddings otherwise: each result is one thread's.
 */
#include "nearest.h"

#include <math.h>
#include <string.h>

#include "nearest_chain.h"
#include "nearest_index.h"

void spae_row_squares(const real *e, size_t V, size_t c, double *square)
{
    for (size_t k = 0; k < V; k++) {
        double s = 0;
        for (size_t j = 0; j < c; j++)
            s += (double)e[k * c + j] * (double)e[k * c + j];
        square[k] = s;
    }
}

/* ---- 4: every row ---- */

typedef struct {
    int32_t k;
    double least, second;
} nearest;

static const nearest nothing = {0, HUGE_VAL, HUGE_VAL};

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

enum { AT_ONCE = SPAE_CHAIN_QUERIES, ABREAST = SPAE_CHAIN_ROWS };

/* For `queries` <= AT_ONCE embeddings. */
static void measure_all(const spae_rows *rows, const double *const *z, size_t queries, nearest *const *n)
{
    const real *e[ABREAST];
    double distance[AT_ONCE][ABREAST];
    for (size_t i = 0; i < queries; i++)
        *n[i] = nothing;
    for (size_t at = 0; at < rows->V; at += ABREAST) {
        const size_t count = rows->V - at < ABREAST ? rows->V - at : ABREAST;
        for (size_t r = 0; r < count; r++)
            e[r] = rows->e + (at + r) * rows->c;
        spae_chains(e, count, z, queries, rows->c, distance);
        for (size_t i = 0; i < queries; i++)
            for (size_t r = 0; r < count; r++)
                offer(n[i], at + r, distance[i][r]);
    }
}

/* ---- 1: the screen ---- */

/* The search for one embedding. */
typedef struct {
    const double *z;
    nearest found;
    bool screened; /* the screen holds, and tells rows apart */
    size_t wanted; /* 1, or 2 with the runner-up */
    spae_query query;
    double rounding;       /* E */
    double bound[2];       /* the least upper bounds of d_k - |z - m|^2 so far */
    size_t count;          /* candidates, in ascending order: */
    int32_t *k;            /*   rows */
    double *low;           /*   f_k - w_k */
    size_t measured, chains; /* for spae_search_work */
} search;

static double bound_of(const search *s)
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

static size_t room_for(size_t V)
{
    return V / SHARE < ROOM_LEAST ? ROOM_LEAST : V / SHARE;
}

static void drop_overtaken(search *s)
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
static void add_candidate(search *s, size_t k, double low, size_t room)
{
    if (s->count == room) {
        drop_overtaken(s);
        s->screened = s->count <= room / 2;
    }
    if (s->screened) {
        s->k[s->count] = (int32_t)k;
        s->low[s->count++] = low;
    }
}

enum { SCANNED = 64 };

/* Rows first .. first + count - 1, count <= SCANNED, given their products. */
static void scan(search *s, const spae_row_index *index, size_t first, size_t count, const int32_t *product, size_t room)
{
    const double *square = index->square + first, *scale = index->scale + first;
    const double *lost = index->lost + first, *norm = index->norm + first;
    const double factor = 2 * s->query.scale, bound = bound_of(s);
    double low[SCANNED], high[SCANNED];
    size_t below = 0;
    for (size_t r = 0; r < count; r++) {
        const double f = square[r] - factor * scale[r] * (double)(product[r] - s->query.shift);
        const double w = 2 * (s->query.norm * lost[r] + s->query.lost * norm[r]) + s->rounding;
        low[r] = f - w;
        high[r] = f + w;
        below += low[r] <= bound;
    }
    for (size_t r = 0; r < count && below > 0 && s->screened; r++)
        if (low[r] <= bound_of(s)) {
            lower(s->bound, high[r]);
            add_candidate(s, first + r, low[r], room);
        }
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

static double distance_to(const search *s, const spae_rows *rows, size_t candidate)
{
    return distance_in_any_order(s->z, rows->e + (size_t)s->k[candidate] * rows->c, rows->c);
}

/* The candidate with the least f - w but for `other`; count where there is none. */
static size_t most_promising(const search *s, size_t other)
{
    size_t best = s->count;
    for (size_t i = 0; i < s->count; i++)
        if (i != other && (best == s->count || s->low[i] < s->low[best]))
            best = i;
    return best;
}

static const double least_product = 0x1p-1000;

/* Keeps the candidates that can be the ones looked for: here, low becomes g. Returns h. */
static double measure_candidates(search *s, const spae_rows *rows)
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

static void choose(search *s, const spae_rows *rows)
{
    const double less = 1 - ((double)rows->c + 8) * 0x1p-52, h = measure_candidates(s, rows);
    const real *e[ABREAST];
    double distance[1][ABREAST];
    size_t count = 0;
    for (size_t i = 0; i < s->count; i++)
        if (s->low[i] * less - least_product <= h)
            s->k[count++] = s->k[i];
    s->chains = count;
    for (size_t at = 0; at < count; at += ABREAST) {
        const size_t abreast = count - at < ABREAST ? count - at : ABREAST;
        for (size_t r = 0; r < abreast; r++)
            e[r] = rows->e + (size_t)s->k[at + r] * rows->c;
        spae_chains(e, abreast, &s->z, 1, rows->c, distance);
        for (size_t r = 0; r < abreast; r++)
            offer(&s->found, (size_t)s->k[at + r], distance[0][r]);
    }
}

/* ---- groups of embeddings ---- */

/* Embeddings that are searched for together; of these, and of rows, those whose products are made at a time (a part of
 * the cache next to the processor), and how many products are kept until they are scanned. */
enum { GROUP = 256, PART_QUERIES = 16, PART_ROWS = 96, PRODUCTS = 1 << 16 };

typedef struct {
    const spae_rows *rows;
    size_t count, held; /* embeddings; in whole tiles */
    size_t width, room;
    size_t stride; /* rows at a time */
    search *s;     /* (count) */
    spae_query_digit *digit;
    int32_t *product; /* (held, stride) */
} group;

static size_t whole(size_t count, size_t tile)
{
    return (count + tile - 1) / tile * tile;
}

static group group_of(const spae_rows *rows, size_t count)
{
    group g = {.rows = rows, .count = count < GROUP ? count : GROUP, .width = spae_screen_width(rows->c)};
    const size_t V = whole(rows->V, PART_ROWS);
    g.held = whole(g.count, SPAE_SCREEN_QUERIES);
    g.room = room_for(rows->V);
    g.stride = g.held * PART_ROWS < PRODUCTS ? PRODUCTS / (g.held * PART_ROWS) * PART_ROWS : PART_ROWS;
    g.stride = g.stride < V ? g.stride : V;
    return g;
}

static bool take_group(group *g, spae_arena *arena)
{
    g->s = spae_arena_take(arena, g->count, sizeof *g->s);
    if (g->s == NULL || g->rows->index == NULL)
        return g->s != NULL;
    int32_t *k = spae_arena_take(arena, g->room, g->count * sizeof *k);
    double *low = spae_arena_take(arena, g->room, g->count * sizeof *low);
    g->digit = spae_arena_take_zeroed(arena, g->width, g->held * sizeof *g->digit);
    g->product = spae_arena_take(arena, g->stride, g->held * sizeof *g->product);
    if (k == NULL || low == NULL || g->digit == NULL || g->product == NULL)
        return false;
    for (size_t i = 0; i < g->count; i++) {
        g->s[i].k = k + i * g->room;
        g->s[i].low = low + i * g->room;
    }
    return true;
}

bool spae_nearest_rows_account(const spae_rows *rows, size_t count, spae_arena *arena)
{
    const group g = group_of(rows, count);
    const spae_arena_mark mark = spae_arena_here(arena);
    const bool counted = spae_arena_account(arena, g.count, sizeof *g.s) &&
                         (rows->index == NULL ||
                          (spae_arena_account(arena, g.room, g.count * sizeof *g.s->k) &&
                           spae_arena_account(arena, g.room, g.count * sizeof *g.s->low) &&
                           spae_arena_account(arena, g.width, g.held * sizeof *g.digit) &&
                           spae_arena_account(arena, g.stride, g.held * sizeof *g.product)));
    spae_arena_reset(arena, mark);
    return counted;
}

static void start(const group *g, size_t i, const double *z, bool runner_up)
{
    search *s = &g->s[i];
    s->z = z;
    s->found = nothing;
    s->wanted = runner_up ? 2 : 1;
    s->bound[0] = s->bound[1] = HUGE_VAL;
    s->count = s->measured = s->chains = 0;
    s->screened = g->rows->index != NULL;
    if (s->screened) {
        s->query = spae_query_of(z, g->rows->index, g->rows->c, g->digit + i * g->width);
        s->rounding = spae_screen_rounding(&s->query, g->rows->index, g->rows->c);
        s->screened = s->rounding < HUGE_VAL;
    }
}

/* Are there rows to screen for any of `count` embeddings? */
static bool any_screened(const search *s, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (s[i].screened)
            return true;
    return false;
}

/* Products of rows first .. first + count - 1, or more where tiles are not whole, with all embeddings. */
static void multiply(const group *g, size_t first, size_t count)
{
    const size_t rows = whole(count, SPAE_SCREEN_ROWS);
#ifdef _OPENMP
#pragma omp parallel for collapse(2) schedule(static) if (rows * g->held * g->width > 1 << 18)
#endif
    for (size_t r = 0; r < rows; r += PART_ROWS)
        for (size_t i = 0; i < g->held; i += PART_QUERIES) {
            const size_t queries = g->held - i < PART_QUERIES ? g->held - i : PART_QUERIES;
            if (any_screened(g->s + i, g->count - i < PART_QUERIES ? g->count - i : PART_QUERIES))
                spae_screen_products(g->rows->index->digit + (first + r) * g->width,
                                     rows - r < PART_ROWS ? rows - r : PART_ROWS, g->digit + i * g->width, queries,
                                     g->width, g->product + i * g->stride + r, g->stride);
        }
}

static void screen(const group *g)
{
    const size_t V = g->rows->V;
    for (size_t first = 0; first < V && any_screened(g->s, g->count); first += g->stride) {
        const size_t count = V - first < g->stride ? V - first : g->stride;
        multiply(g, first, count);
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (g->count > 1)
#endif
        for (size_t i = 0; i < g->count; i++)
            for (size_t r = 0; r < count && g->s[i].screened; r += SCANNED)
                scan(&g->s[i], g->rows->index, first + r, count - r < SCANNED ? count - r : SCANNED,
                     g->product + i * g->stride + r, g->room);
    }
}

/* Those of embeddings first .. first + AT_ONCE - 1 that the screen did not help. */
static void measure_unscreened(const group *g, size_t first)
{
    const double *z[AT_ONCE];
    nearest *n[AT_ONCE];
    size_t count = 0;
    for (size_t i = first; i < g->count && i < first + AT_ONCE; i++)
        if (!g->s[i].screened) {
            z[count] = g->s[i].z;
            n[count++] = &g->s[i].found;
        }
    if (count > 0)
        measure_all(g->rows, z, count, n);
}

static void search_group(const group *g, const double *z, bool runner_up)
{
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (g->count > 1)
#endif
    for (size_t i = 0; i < g->count; i++)
        start(g, i, z + i * g->rows->c, runner_up);
    screen(g);
#ifdef _OPENMP
#pragma omp parallel for schedule(dynamic) if (g->count > 1)
#endif
    for (size_t i = 0; i < g->count; i++)
        if (g->s[i].screened)
            choose(&g->s[i], g->rows);
#ifdef _OPENMP
#pragma omp parallel for schedule(dynamic) if (g->count > AT_ONCE)
#endif
    for (size_t i = 0; i < g->count; i += AT_ONCE)
        measure_unscreened(g, i);
}

static void add_work(spae_search_work *work, const search *s)
{
    work->screened += s->screened;
    work->candidates += s->screened ? s->measured : 0;
    work->chains += s->screened ? s->chains : 0;
    work->unscreened += !s->screened;
}

spae_status spae_nearest_rows(const spae_rows *rows, const double *z, size_t count, spae_arena *arena, int32_t *k,
                              double *margin, spae_search_work *work, spae_error *err)
{
    if (rows->V < 1 || rows->V > INT32_MAX || rows->c < 1)
        return spae_fail(err, SPAE_ERR_ARGUMENT, "nearest row: the matrix is %zu x %zu", rows->V, rows->c);
    for (size_t i = 0; i < count * rows->c; i++)
        if (!(z[i] - z[i] == 0))
            return spae_fail(err, SPAE_ERR_NOT_FINITE, "nearest row: embedding %zu is not finite in channel %zu",
                             i / rows->c, i % rows->c);
    const spae_arena_mark mark = spae_arena_here(arena);
    for (size_t at = 0; at < count; at += GROUP) {
        group g = group_of(rows, count - at);
        if (!take_group(&g, arena)) {
            spae_arena_reset(arena, mark);
            return spae_fail(err, SPAE_ERR_NO_MEMORY, "nearest row: no memory for %zu searches among %zu", g.count, rows->V);
        }
        search_group(&g, z + at * rows->c, margin != NULL);
        for (size_t i = 0; i < g.count; i++) {
            k[at + i] = g.s[i].found.k;
            if (margin != NULL)
                margin[at + i] = g.s[i].found.second - g.s[i].found.least;
            if (work != NULL)
                add_work(work, &g.s[i]);
        }
        spae_arena_reset(arena, mark);
    }
    return SPAE_OK;
}
