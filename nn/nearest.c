/* The nearest row of a matrix, exactly: the token choice of Eq. 2 (SPEC 4.2; DESIGN 2.6).
 *
 * Computes  k = argmin over k of d_k, d_k = chain over channels of (z - e(k))^2, all in binary64
 * Order     channels upwards; k upwards, the first of equal distances wins
 *
 * A search goes on until it has the `wanted` least distances: one, or two where the margin is asked for.
 *
 * 1. A screen makes of each row and embedding, with the rows' centre m, numbers f_k and w_k with
 *        f_k - w_k <= d_k - |z - m|^2 <= f_k + w_k:
 *    the first by a product of small integers (nn/nearest_index.h). Let b be the least, or second least, f_k + w_k of
 *    the rows so far: there are `wanted` rows with d_k - |z - m|^2 <= b. A row with f_k - w_k > b has a larger d_k than
 *    these, so it is neither among the least nor tied with one, and is left out; b only falls. The others are
 *    candidates. There is room for one in 16 of all rows; when they fill it, those that b has overtaken are dropped.
 *    Where more than half stay, the integers do not tell the rows apart, and the search begins again with products in
 *    `real`, slower and with a smaller w_k. Where these do not either: see 4.
 * 2. The distance g of a candidate is summed in binary64 in any order: both g and d_k are known to (c + 4) 2^-53 of the
 *    true distance, so d_k is g (1 +- a) +- 2^-1000 with a = (c + 8) 2^-52. The most promising candidates come first: b
 *    becomes their g (1 + a) + 2^-1000 - |z - m|^2 + E, E as in nn/nearest_index.h, which leaves few of the others.
 * 3. Let h be the least, or second least, g (1 + a) + 2^-1000. Only candidates with g (1 - a) - 2^-1000 <= h can be the
 *    ones looked for, by the argument of 1; these are measured as defined, in ascending order.
 * 4. Where there is no index, numbers are too large for it, or no screen tells the rows apart (many equal ones, all at
 *    nearly the same distance), every row is measured as defined, many side by side (nn/nearest_chain.h).
 *
 * Threads split the rows of products, and embeddings otherwise: each result is one thread's.
 */
#include "nearest.h"

#include <math.h>
#include <string.h>

#include "conv.h"
#include "nearest_chain.h"
#include "nearest_search.h"
#include "threads.h"

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

enum { AT_ONCE = SPAE_CHAIN_QUERIES, ABREAST = SPAE_CHAIN_ROWS };

/* For `queries` <= AT_ONCE embeddings. */
static void measure_all(const spae_rows *rows, const double *const *z, size_t queries, spae_nearest *const *n)
{
    const real *e[ABREAST];
    double distance[AT_ONCE][ABREAST];
    for (size_t i = 0; i < queries; i++)
        *n[i] = spae_nearest_none;
    for (size_t at = 0; at < rows->V; at += ABREAST) {
        const size_t count = rows->V - at < ABREAST ? rows->V - at : ABREAST;
        for (size_t r = 0; r < count; r++)
            e[r] = rows->e + (at + r) * rows->c;
        spae_chains(e, count, z, queries, rows->c, distance);
        for (size_t i = 0; i < queries; i++)
            for (size_t r = 0; r < count; r++)
                spae_nearest_offer(n[i], at + r, distance[i][r]);
    }
}

/* ---- groups of embeddings ---- */

/* Embeddings that are searched for together; of these, and of rows, those whose products are made at a time (a part of
 * the cache next to the processor), and how many products are kept until they are scanned. */
enum { GROUP = 256, PART_QUERIES = 16, PART_ROWS = 96, PRODUCTS = 1 << 18 };

typedef struct {
    const spae_rows *rows;
    size_t count, held;         /* embeddings; in whole tiles */
    size_t width, room, stride; /* of digits; of candidates; rows whose products are kept */
    spae_search *s;             /* (count) */
    spae_query_digit *digit;    /* (held, width) */
    int32_t *product;           /* (held, stride) */
    real *x, *panel, *y, *dot;  /* for products in `real`: rows, packed; embeddings, (count, PART_ROWS) products; */
    real *work;                 /* and scratch */
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
    g.room = spae_search_room(rows->V);
    g.stride = g.held * PART_ROWS < PRODUCTS ? PRODUCTS / (g.held * PART_ROWS) * PART_ROWS : PART_ROWS;
    g.stride = g.stride < V ? g.stride : V;
    return g;
}

/* What a group's search takes from the arena, with an index. */
typedef struct {
    size_t count, size;
} piece;
enum { K, LOW, DIGIT, PRODUCT, X, PANEL, Y, DOT, WORK, PIECES };

static void pieces_of(const group *g, piece p[PIECES])
{
    const size_t c = g->rows->c, n = g->count;
    p[K] = (piece){g->room, n * sizeof *g->s->k};
    p[LOW] = (piece){g->room, n * sizeof *g->s->low};
    p[DIGIT] = (piece){g->width, g->held * sizeof *g->digit};
    p[PRODUCT] = (piece){g->stride, g->held * sizeof *g->product};
    p[X] = (piece){PART_ROWS * c, sizeof(real)};
    p[PANEL] = (piece){spae_dense_packed_size(PART_ROWS, c), sizeof(real)};
    p[Y] = (piece){n * c, sizeof(real)};
    p[DOT] = (piece){n * PART_ROWS, sizeof(real)};
    p[WORK] = (piece){spae_dense_transposed_scratch(n, PART_ROWS, c), sizeof(real)};
}

static bool take_group(group *g, spae_arena *arena)
{
    piece p[PIECES];
    void *at[PIECES];
    g->s = spae_arena_take(arena, g->count, sizeof *g->s);
    if (g->s == NULL || g->rows->index == NULL)
        return g->s != NULL;
    pieces_of(g, p);
    for (size_t i = 0; i < PIECES; i++)
        if ((at[i] = spae_arena_take(arena, p[i].count, p[i].size)) == NULL)
            return false;
    g->digit = memset(at[DIGIT], 0, p[DIGIT].count * p[DIGIT].size); /* embeddings that fill a tile */
    g->product = at[PRODUCT];
    g->x = at[X];
    g->panel = at[PANEL];
    g->y = at[Y];
    g->dot = at[DOT];
    g->work = at[WORK];
    for (size_t i = 0; i < g->count; i++) {
        g->s[i].room = g->room;
        g->s[i].k = (int32_t *)at[K] + i * g->room;
        g->s[i].low = (double *)at[LOW] + i * g->room;
    }
    return true;
}

bool spae_nearest_rows_account(const spae_rows *rows, size_t count, spae_arena *arena)
{
    const group g = group_of(rows, count);
    const spae_arena_mark mark = spae_arena_here(arena);
    piece p[PIECES];
    pieces_of(&g, p);
    bool counted = spae_arena_account(arena, g.count, sizeof *g.s);
    for (size_t i = 0; i < PIECES && rows->index != NULL; i++)
        counted = counted && spae_arena_account(arena, p[i].count, p[i].size);
    spae_arena_reset(arena, mark);
    return counted;
}

static void start(const group *g, size_t i, const double *z, bool runner_up)
{
    spae_search *s = &g->s[i];
    s->z = z;
    s->wanted = runner_up ? 2 : 1;
    spae_search_start(s, SPAE_SCREEN_NONE);
    if (g->rows->index != NULL) {
        s->query = spae_query_of(z, g->rows->index, g->rows->c, g->digit + i * g->width);
        s->rounding = spae_screen_rounding(&s->query, g->rows->index, g->rows->c);
        s->screen = s->rounding < HUGE_VAL ? SPAE_SCREEN_DIGITS : SPAE_SCREEN_NONE;
    }
}

/* Is any of `count` embeddings still with this screen? */
static bool any_at(const spae_search *s, size_t count, spae_screen screen)
{
    for (size_t i = 0; i < count; i++)
        if (s[i].screen == screen)
            return true;
    return false;
}

/* Products of rows first .. first + count - 1, or more where tiles are not whole, with all embeddings. */
static void multiply(const group *g, size_t first, size_t count)
{
    const size_t rows = whole(count, SPAE_SCREEN_ROWS);
    const size_t groups = (g->held + PART_QUERIES - 1) / PART_QUERIES, parts = (rows + PART_ROWS - 1) / PART_ROWS;
    SPAE_THREADS(rows * g->held * g->width / 8) /* a vector of products is no more work than a number */
    for (size_t part = 0; part < parts * groups; part++) {
        const size_t r = part / groups * PART_ROWS, i = part % groups * PART_QUERIES;
        const size_t queries = g->held - i < PART_QUERIES ? g->held - i : PART_QUERIES;
        if (any_at(g->s + i, g->count - i < PART_QUERIES ? g->count - i : PART_QUERIES, SPAE_SCREEN_DIGITS))
            spae_screen_products(g->rows->index->digit + (first + r) * g->width,
                                 rows - r < PART_ROWS ? rows - r : PART_ROWS, g->digit + i * g->width, queries,
                                 g->width, g->product + i * g->stride + r, g->stride);
    }
}

static void screen_digits(const group *g)
{
    const size_t V = g->rows->V;
    for (size_t first = 0; first < V && any_at(g->s, g->count, SPAE_SCREEN_DIGITS); first += g->stride) {
        const size_t count = V - first < g->stride ? V - first : g->stride;
        multiply(g, first, count);
        SPAE_THREADS(g->count * count)
        for (size_t i = 0; i < g->count; i++)
            for (size_t r = 0; r < count && g->s[i].screen == SPAE_SCREEN_DIGITS; r += SPAE_SCANNED)
                spae_search_digits(&g->s[i], g->rows->index, first + r,
                                   count - r < SPAE_SCANNED ? count - r : SPAE_SCANNED, g->product + i * g->stride + r);
    }
}

/* Begins again for embedding i, the n-th to do so: y = z - m. Products of norms below 2^60 stay below 2^120. */
static bool start_reals(const group *g, size_t i, size_t n)
{
    spae_search *s = &g->s[i];
    const bool able = s->query.norm < 0x1p60 && g->rows->index->largest < 0x1p60;
    spae_search_start(s, able ? SPAE_SCREEN_REALS : SPAE_SCREEN_NONE);
    for (size_t j = 0; j < g->rows->c && able; j++)
        g->y[n * g->rows->c + j] = (real)(s->z[j] - g->rows->index->centre[j]);
    return able;
}

/* dot (n, count) = y times rows first .. first + count - 1 less the centre */
static void multiply_reals(const group *g, size_t n, size_t first, size_t count)
{
    const size_t c = g->rows->c;
    for (size_t r = 0; r < count; r++)
        for (size_t j = 0; j < c; j++)
            g->x[r * c + j] = (real)((double)g->rows->e[(first + r) * c + j] - g->rows->index->centre[j]);
    spae_dense_pack(g->x, count, c, g->panel);
    spae_dense_transposed_packed(n, count, c, g->y, g->panel, g->dot, g->work);
}

static void screen_reals(const group *g)
{
    size_t at[GROUP], n = 0;
    for (size_t i = 0; i < g->count; i++)
        if (g->s[i].screen == SPAE_SCREEN_REALS && start_reals(g, i, n))
            at[n++] = i;
    for (size_t first = 0; first < g->rows->V && any_at(g->s, g->count, SPAE_SCREEN_REALS); first += PART_ROWS) {
        const size_t count = g->rows->V - first < PART_ROWS ? g->rows->V - first : PART_ROWS;
        multiply_reals(g, n, first, count);
        SPAE_THREADS(n * count)
        for (size_t i = 0; i < n; i++)
            for (size_t r = 0; r < count && g->s[at[i]].screen == SPAE_SCREEN_REALS; r += SPAE_SCANNED)
                spae_search_reals(&g->s[at[i]], g->rows->index, g->rows->c, first + r,
                                  count - r < SPAE_SCANNED ? count - r : SPAE_SCANNED, g->dot + i * count + r);
    }
}

/* Those of embeddings first .. first + AT_ONCE - 1 that no screen helped. */
static void measure_unscreened(const group *g, size_t first)
{
    const double *z[AT_ONCE];
    spae_nearest *n[AT_ONCE];
    size_t count = 0;
    for (size_t i = first; i < g->count && i < first + AT_ONCE; i++)
        if (g->s[i].screen == SPAE_SCREEN_NONE) {
            z[count] = g->s[i].z;
            n[count++] = &g->s[i].found;
        }
    if (count > 0)
        measure_all(g->rows, z, count, n);
}

static void search_group(const group *g, const double *z, bool runner_up)
{
    SPAE_THREADS(g->count * g->rows->c)
    for (size_t i = 0; i < g->count; i++)
        start(g, i, z + i * g->rows->c, runner_up);
    screen_digits(g);
    screen_reals(g);
    SPAE_THREADS(g->count * g->room)
    for (size_t i = 0; i < g->count; i++)
        if (g->s[i].screen != SPAE_SCREEN_NONE)
            spae_search_choose(&g->s[i], g->rows);
    SPAE_THREADS(g->rows->V * g->rows->c)
    for (size_t i = 0; i < g->count; i += AT_ONCE)
        measure_unscreened(g, i);
}

static void add_work(spae_search_work *work, const spae_search *s)
{
    const bool screened = s->screen != SPAE_SCREEN_NONE;
    work->by_digits += s->screen == SPAE_SCREEN_DIGITS;
    work->by_reals += s->screen == SPAE_SCREEN_REALS;
    work->unscreened += !screened;
    work->candidates += screened ? s->measured : 0;
    work->chains += screened ? s->chains : 0;
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
            return spae_fail(err, SPAE_ERR_NO_MEMORY, "nearest row: no memory for %zu searches among %zu", g.count,
                             rows->V);
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
