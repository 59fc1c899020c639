/* The levels of judge.h. */
#include "io/judge.h"

#include <math.h>
#include <string.h>

#include "vendor_free/float_bits.h"
#include "vendor_free/numerics.h"

static const double error_multiple = 4, error_least = 0x1p-23; /* SPEC 9.1 */
static const double tie_most = 0x1p-16;                        /* SPEC 9.2 */

/* ---- distances ------------------------------------------------------------------------------ */

double spae_judge_round(double x, size_t item_bytes)
{
    return item_bytes == 8 ? x : (double)(float)x;
}

/* The number's place among all of its type: 0 for both zeros, 1 for the least above, -1 below. */
static int64_t place(double x, size_t item_bytes)
{
    const uint64_t bits =
        item_bytes == 8 ? spae_bits_of_double(fabs(x)) : spae_bits_of_float((float)fabs(x));
    return signbit(x) ? -(int64_t)bits : (int64_t)bits;
}

static uint64_t distance(int64_t a, int64_t b)
{
    return a > b ? (uint64_t)a - (uint64_t)b : (uint64_t)b - (uint64_t)a;
}

uint64_t spae_judge_ulp(double a, double b, size_t item_bytes)
{
    if (isnan(a) || isnan(b))
        return isnan(a) && isnan(b) ? 0 : SPAE_ULP_NONE;
    return distance(place(a, item_bytes), place(b, item_bytes));
}

/* ---- items ---------------------------------------------------------------------------------- */

typedef struct {
    const spae_reference *r;
    const spae_given *p;
    const spae_ties *ties;
    spae_judgement *j;
} judge;

static bool equal(const judge *w, size_t i)
{
    if (w->r->real == NULL)
        return w->r->whole[i] == w->p->whole[i];
    const double r = w->r->real[i], p = w->p->real[i];
    if (isnan(r) || isnan(p))
        return w->r->output->compare == SPAE_COMPARE_BITS && isnan(r) && isnan(p);
    return spae_bits_of_double(r) == spae_bits_of_double(p);
}

static size_t whole_index(const spae_reference *r, size_t i)
{
    return r->index != NULL ? (size_t)r->index[i] : i;
}

/* Item i is the first one to show. */
static void show(const judge *w, size_t i)
{
    w->j->first = whole_index(w->r, i);
    w->j->first_real = w->r->real != NULL;
    if (w->j->first_real) {
        w->j->expected = w->r->real[i];
        w->j->got = w->p->real[i];
    } else {
        w->j->expected_whole = w->r->whole[i];
        w->j->got_whole = w->p->whole[i];
    }
}

/* Differences and distances of all items, whatever the comparison. */
static void compare_bits(const judge *w)
{
    for (size_t i = 0; i < w->r->count; i++) {
        if (equal(w, i))
            continue;
        const uint64_t ulp =
            w->r->real != NULL
                ? spae_judge_ulp(w->r->real[i],
                                 spae_judge_round(w->p->real[i], w->r->output->array.item_bytes),
                                 w->r->output->array.item_bytes)
                : distance(w->r->whole[i], w->p->whole[i]);
        w->j->ulp = ulp > w->j->ulp ? ulp : w->j->ulp;
        if (w->j->differing++ == 0)
            show(w, i);
    }
}

/* ---- level B -------------------------------------------------------------------------------- */

/* |a - x| / scale; 0 / 0 is 0, and what is not finite is beyond everything. */
static double error_of(double a, double x, double scale)
{
    const double off = fabs(a - x);
    if (!(off <= SPAE_DOUBLE_MAX))
        return INFINITY;
    return off == 0 ? 0 : off / scale;
}

double spae_judge_rms(const double *x, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += x[i] * x[i];
    return count > 0 ? sqrt(sum / (double)count) : 0;
}

/* Items from .. to - 1 as an array of their own, the `entry`-th. */
static void judge_part(const judge *w, size_t from, size_t to, size_t entry)
{
    const double *r = w->r->real, *p = w->p->real, *x = w->r->exact;
    const double size = spae_judge_rms(x + from, to - from);
    double of_reference = 0, of_port = 0;
    for (size_t i = from; i < to; i++) {
        of_reference = fmax(of_reference, error_of(r[i], x[i], fabs(x[i]) + size));
        of_port = fmax(of_port, error_of(p[i], x[i], fabs(x[i]) + size));
    }
    const double allowed = error_multiple * fmax(of_reference, error_least);
    if (!w->j->has_error || of_port / allowed > w->j->error / w->j->allowed) {
        w->j->error = of_port;
        w->j->allowed = allowed;
        w->j->worst = entry;
        w->j->has_error = true;
    }
    if (of_port <= allowed)
        return;
    w->j->entries_short++;
    for (size_t i = from; i < to; i++)
        if (error_of(p[i], x[i], fabs(x[i]) + size) > allowed && w->j->short_of++ == 0)
            show(w, i);
}

/* Part by part; the stored items of a part are neighbours. */
static void judge_real(const judge *w)
{
    const spae_manifest_output *out = w->r->output;
    size_t from = 0;
    for (size_t e = 0; e < out->entries; e++) {
        const size_t end = out->entry[e].first + out->entry[e].count;
        size_t to = from;
        while (to < w->r->count && whole_index(w->r, to) < end)
            to++;
        if (to > from)
            judge_part(w, from, to, e);
        from = to;
    }
    if (out->entries == 0)
        judge_part(w, 0, w->r->count, 0);
}

/* ---- level C -------------------------------------------------------------------------------- */

/* Did a cell have a near-tie before token i? The near-ties are few, in index order. */
static bool follows(const judge *w, const size_t *tie, size_t i)
{
    for (size_t t = 0; t < w->j->near_ties; t++)
        if (w->ties->cell[tie[t]] == w->ties->cell[i])
            return true;
    return false;
}

static spae_status judge_tokens(spae_arena *arena, const judge *w, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    const int64_t *r = w->r->whole, *p = w->p->whole;
    size_t *tie = spae_arena_take(arena, w->j->differing, sizeof *tie);
    if (tie == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for %zu tokens",
                         w->r->output->full_name, w->j->differing);
    for (size_t i = 0; i < w->r->count; i++) {
        if (r[i] == p[i])
            continue;
        if (follows(w, tie, i)) {
            w->j->followers++;
        } else if (w->ties->margin[i] <= tie_most * w->ties->distance[i] &&
                   p[i] == w->ties->runner_up[i]) {
            tie[w->j->near_ties++] = i;
        } else if (w->j->short_of++ == 0) {
            show(w, i);
        }
    }
    if (w->j->near_ties > 0)
        w->j->first_tie = tie[0];
    spae_arena_reset(arena, mark);
    return SPAE_OK;
}

/* ---- the verdict ---------------------------------------------------------------------------- */

spae_status spae_judge(spae_arena *arena, const spae_reference *reference, const spae_given *given,
                       const spae_ties *ties, spae_judgement *judgement, spae_error *err)
{
    spae_judgement j = {.level = SPAE_LEVEL_A, .judged = reference->count, .first = SIZE_MAX};
    const judge w = {reference, given, ties, &j};
    const spae_compare compare = reference->output->compare;
    spae_status status = SPAE_OK;
    compare_bits(&w);
    if (compare == SPAE_COMPARE_REAL)
        judge_real(&w);
    if (j.differing == 0 && (reference->index == NULL || given->all_equal)) {
        *judgement = j;
        return SPAE_OK;
    }
    for (size_t e = 0; compare == SPAE_COMPARE_BITS && e < reference->output->entries; e++)
        if (j.first >= reference->output->entry[e].first)
            j.worst = e; /* that of the first difference */
    if (compare == SPAE_COMPARE_BITS)
        j.short_of = j.differing > 0 ? j.differing : 1; /* 1: somewhere between the samples */
    if (compare == SPAE_COMPARE_TOKENS)
        status = judge_tokens(arena, &w, err);
    j.level = j.short_of > 0 ? SPAE_LEVEL_NONE : (spae_level)compare;
    if (status == SPAE_OK)
        *judgement = j;
    return status;
}
