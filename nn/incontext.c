/* The language model without weights; incontext.h says what it computes, SPEC 10.21 to 10.24 are the clauses.
 *
 * Speed   A prompt of n tokens costs n * R for a window of R, but for most positions little: they are given up at the third
 *         place that differs more than in the best so far. Distances of words are measured once a prompt.
 */
#include "incontext.h"

#include <math.h>
#include <string.h>

#include "sampling.h"

enum {
    WINDOW_MOST = 4096, /* tokens of a window; nor more than the prompt has */
    LEVELS = 2,         /* positions with up to so many more places that differ than the best have are looked at */
    HALVINGS = 24       /* of the search for the sharpness */
};
static const double sharpest = 64; /* end of that search; a mean distance above the nearest then weighs exp(-64) */
static const double level_weight = 0x1p-6;
static const double gram_share = 0x1p-5;    /* of the n-grams, where windows are alike */
static const double uniform_share = 0x1p-12;

/* ---- the model -------------------------------------------------------------------------------------- */

/* The mean of |e(j) - e(k)|^2 over all pairs (j, k): twice the variance, channel by channel. SPEC 10.21 */
static double spread_of(const real *e, size_t V, size_t c)
{
    double spread = 0;
    for (size_t i = 0; i < c; i++) {
        double sum = 0, variance = 0;
        for (size_t k = 0; k < V; k++)
            sum += (double)e[k * c + i];
        const double mean = sum / (double)V;
        for (size_t k = 0; k < V; k++) {
            const double d = (double)e[k * c + i] - mean;
            variance += d * d;
        }
        spread += variance / (double)V;
    }
    return 2 * spread;
}

spae_status spae_incontext_create(const real *e, size_t V, size_t c, size_t ids, int32_t newline, spae_incontext *model,
                                  spae_error *err)
{
    if (V == 0 || c == 0 || ids < V || ids > INT32_MAX || newline < 0 || (size_t)newline < V || (size_t)newline >= ids)
        return spae_fail(err, SPAE_ERR_ARGUMENT, "incontext: %zu words of %zu channels, %zu ids, lines end with id %lld", V, c,
                         ids, (long long)newline);
    const double spread = spread_of(e, V, c);
    if (!(spread <= 0x1p1000))
        return spae_fail(err, SPAE_ERR_NOT_FINITE, "incontext: the distances of %zu words are not finite", V);
    *model = (spae_incontext){V, c, e, ids, newline, spread};
    return SPAE_OK;
}

/* ---- reading a prompt ------------------------------------------------------------------------------- */

static bool is_word(const spae_incontext *model, int32_t id)
{
    return (size_t)id < model->V;
}

static spae_status check_ids(const spae_incontext *model, const int32_t *id, size_t n, const char *what, spae_error *err)
{
    for (size_t i = 0; i < n; i++)
        if (id[i] < 0 || (size_t)id[i] >= model->ids)
            return spae_fail(err, SPAE_ERR_ARGUMENT, "incontext: %s: token %zu is id %lld, there are 0 to %zu", what, i,
                             (long long)id[i], model->ids - 1);
    return SPAE_OK;
}

/* Numbers the different tokens.   in  seen  (ids) all 0 */
static void find_kinds(spae_incontext_prompt *prompt, int32_t *seen)
{
    for (size_t i = 0; i < prompt->n; i++) {
        const int32_t id = prompt->id[i];
        if (seen[id] == 0) {
            prompt->kind[prompt->kinds] = id;
            seen[id] = (int32_t)++prompt->kinds;
        }
        prompt->kind_at[i] = seen[id] - 1;
        prompt->mark_at[i] = is_word(prompt->model, id) ? -1 : id;
    }
}

spae_status spae_incontext_read(const spae_incontext *model, const int32_t *id, size_t n, spae_arena *arena,
                                spae_incontext_prompt *prompt, spae_error *err)
{
    if (n >= INT32_MAX)
        return spae_fail(err, SPAE_ERR_ARGUMENT, "incontext: a prompt of %zu tokens", n);
    const spae_status status = check_ids(model, id, n, "prompt", err);
    if (status != SPAE_OK)
        return status;
    const spae_arena_mark here = spae_arena_here(arena);
    spae_incontext_prompt made = {.model = model, .id = id, .n = n, .arena = arena};
    made.kind = spae_arena_take(arena, n, sizeof *made.kind);
    made.kind_at = spae_arena_take(arena, n, sizeof *made.kind_at);
    made.mark_at = spae_arena_take(arena, n, sizeof *made.mark_at);
    made.row = spae_arena_take(arena, model->V, sizeof *made.row);
    made.unlike = spae_arena_take(arena, n, sizeof *made.unlike);
    made.far = spae_arena_take(arena, n, sizeof *made.far);
    made.mass = spae_arena_take(arena, n, sizeof *made.mass);
    made.window = n < WINDOW_MOST ? n : WINDOW_MOST;
    made.back = spae_arena_take(arena, made.window, sizeof *made.back);
    made.back_mark = spae_arena_take(arena, made.window, sizeof *made.back_mark);
    made.back_row = spae_arena_take(arena, made.window, sizeof *made.back_row);
    made.hit = spae_arena_take(arena, made.window, sizeof *made.hit);
    made.follows = spae_arena_take(arena, n, sizeof *made.follows);
    const spae_arena_mark filled = spae_arena_here(arena);
    int32_t *seen = spae_arena_take_zeroed(arena, model->ids, sizeof *seen);
    if (made.kind == NULL || made.kind_at == NULL || made.mark_at == NULL || made.row == NULL || made.unlike == NULL ||
        made.far == NULL || made.mass == NULL || made.back == NULL || made.back_mark == NULL || made.back_row == NULL ||
        made.hit == NULL || made.follows == NULL || seen == NULL) {
        spae_arena_reset(arena, here);
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "incontext: no memory for a prompt of %zu tokens", n);
    }
    find_kinds(&made, seen);
    for (size_t k = 0; k < model->V; k++)
        made.row[k] = NULL;
    spae_arena_reset(arena, filled);
    *prompt = made;
    return SPAE_OK;
}

/* ---- distances of words ----------------------------------------------------------------------------- */

/* Half because they differ, half by how much: |e(a) - e(b)|^2 over the mean of all pairs, 1 where no two rows differ. SPEC 10.21 */
static double distance(const spae_incontext *model, int32_t a, int32_t b)
{
    const real *x = model->e + (size_t)a * model->c, *y = model->e + (size_t)b * model->c;
    double sum = 0;
    if (a == b)
        return 0;
    if (model->spread == 0)
        return 1;
    for (size_t i = 0; i < model->c; i++) {
        const double d = (double)x[i] - (double)y[i];
        sum += d * d;
    }
    return (1 + sum / model->spread) / 2;
}

/* The row of a word: its distance from each kind of token of the prompt, 0 for what is no word. NULL: no memory. */
static const double *row_of(spae_incontext_prompt *prompt, int32_t word)
{
    if (prompt->row[word] == NULL) {
        double *row = spae_arena_take(prompt->arena, prompt->kinds, sizeof *row);
        for (size_t k = 0; row != NULL && k < prompt->kinds; k++)
            row[k] = is_word(prompt->model, prompt->kind[k]) ? distance(prompt->model, word, prompt->kind[k]) : 0;
        prompt->row[word] = row;
    }
    return prompt->row[word];
}

/* ---- the window, SPEC 10.21 -------------------------------------------------------------------------- */

/* The prompt and what was said since, as one text. */
typedef struct {
    const spae_incontext_prompt *prompt;
    const int32_t *said;
    size_t length;
} text;

static int32_t at(const text *t, size_t i)
{
    return i < t->prompt->n ? t->prompt->id[i] : t->said[i - t->prompt->n];
}

/* Where the line that holds position `end` - 1 begins, a newline there belonging to the line that it ends. */
static size_t line_start(const text *t, size_t end)
{
    size_t start = end;
    while (start > 0 && (start == end || at(t, start - 1) != t->prompt->model->newline))
        start--;
    return start;
}

/* R: tokens back to the end of the last earlier line that begins as the present one does. */
static size_t window(const text *t)
{
    const int32_t newline = t->prompt->model->newline;
    const size_t most = t->prompt->window;
    if (t->length == 0 || at(t, t->length - 1) == newline)
        return most;
    size_t end = line_start(t, t->length);
    const int32_t head = at(t, end);
    while (end > 0) {
        const size_t start = line_start(t, end);
        if (at(t, start) == head)
            return t->length - end < most ? t->length - end : most;
        end = start;
    }
    return most;
}

/* What is found with the present window. */
typedef struct {
    size_t R;
    int32_t least; /* places in which the most alike windows differ */
    size_t alike;  /* windows that differ in so many */
} present;

static spae_status look_back(spae_incontext_prompt *prompt, const text *t, size_t R, spae_error *err)
{
    for (size_t d = 0; d < R; d++) {
        const int32_t id = at(t, t->length - 1 - d);
        const bool word = is_word(prompt->model, id);
        prompt->back[d] = id;
        prompt->back_mark[d] = word ? -1 : id;
        prompt->back_row[d] = word ? row_of(prompt, id) : NULL;
        if (word && prompt->back_row[d] == NULL)
            return spae_fail(err, SPAE_ERR_NO_MEMORY, "incontext: no memory for distances of %zu tokens", prompt->kinds);
    }
    return SPAE_OK;
}

/* ---- attention, SPEC 10.22 --------------------------------------------------------------------------- */

/* In how many places the window before position i and the present one differ in a token that is no word; places before the
 * beginning differ. More than `most` are not counted. */
static int32_t places_unlike(const spae_incontext_prompt *prompt, const present *now, size_t i, int32_t most)
{
    const size_t R = now->R < i ? now->R : i;
    const int32_t *mark = prompt->mark_at + i - 1;
    int32_t unlike = (int32_t)(now->R - R);
    for (size_t d = 0; d < R && unlike <= most; d++)
        unlike += mark[-(ptrdiff_t)d] != prompt->back_mark[d];
    return unlike;
}

/* unlike[i] of all positions 1 .. n-1, exact up to LEVELS above the least. */
static void compare_marks(spae_incontext_prompt *prompt, present *now)
{
    now->least = INT32_MAX - LEVELS;
    now->alike = 0;
    for (size_t i = 1; i < prompt->n; i++) {
        const int32_t unlike = places_unlike(prompt, now, i, now->least + LEVELS);
        if (unlike < now->least) {
            now->least = unlike;
            now->alike = 0;
        }
        now->alike += unlike == now->least;
        prompt->unlike[i] = unlike;
    }
}

static bool looked_at(const spae_incontext_prompt *prompt, const present *now, size_t i)
{
    return prompt->unlike[i] <= now->least + LEVELS;
}

/* far[i]: the sum of the distances of the words that stand at the same distance in both windows. */
static void compare_words(spae_incontext_prompt *prompt, const present *now)
{
    for (size_t i = 1; i < prompt->n; i++) {
        if (!looked_at(prompt, now, i))
            continue;
        const size_t R = now->R < i ? now->R : i;
        double sum = 0;
        for (size_t d = 0; d < R; d++)
            if (prompt->back_row[d] != NULL)
                sum += prompt->back_row[d][prompt->kind_at[i - 1 - d]];
        prompt->far[i] = sum;
    }
}

/* far[i] in units of its mean above the least over the most alike windows. */
static void scale_distances(spae_incontext_prompt *prompt, const present *now)
{
    double least = INFINITY, sum = 0;
    for (size_t i = 1; i < prompt->n; i++)
        if (prompt->unlike[i] == now->least && prompt->far[i] < least)
            least = prompt->far[i];
    for (size_t i = 1; i < prompt->n; i++)
        if (prompt->unlike[i] == now->least)
            sum += prompt->far[i] - least;
    const double mean = sum / (double)now->alike;
    for (size_t i = 1; i < prompt->n; i++)
        if (looked_at(prompt, now, i))
            prompt->far[i] = mean > 0 && prompt->far[i] > least ? (prompt->far[i] - least) / mean : 0;
}

static double kernel(double sharpness, double far)
{
    return (double)real_exp((real)-(sharpness * far));
}

/* How many of the most alike windows count in effect: (sum w)^2 / sum w^2. */
static double in_effect(const spae_incontext_prompt *prompt, const present *now, double sharpness)
{
    double sum = 0, squares = 0;
    for (size_t i = 1; i < prompt->n; i++)
        if (prompt->unlike[i] == now->least) {
            const double w = kernel(sharpness, prompt->far[i]);
            sum += w;
            squares += w * w;
        }
    return sum * sum / squares;
}

/* By halving: the sharpness that leaves A^(3/4) of the A most alike windows in effect. */
static double find_sharpness(const spae_incontext_prompt *prompt, const present *now)
{
    const double alike = (double)now->alike, wanted = sqrt(alike * sqrt(alike));
    double low = 0, high = sharpest;
    for (int i = 0; i < HALVINGS; i++) {
        const double middle = (low + high) / 2;
        if (in_effect(prompt, now, middle) > wanted)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* p[x_i] += share * mass[i] / (sum of all masses) */
static void spread_mass(const spae_incontext_prompt *prompt, double share, double *p)
{
    double sum = 0;
    for (size_t i = 1; i < prompt->n; i++)
        sum += prompt->mass[i];
    for (size_t i = 1; i < prompt->n; i++)
        p[prompt->id[i]] += share * (prompt->mass[i] / sum);
}

static void attend(spae_incontext_prompt *prompt, const present *now, double share, double *p)
{
    scale_distances(prompt, now);
    const double sharpness = find_sharpness(prompt, now);
    for (size_t i = 1; i < prompt->n; i++) {
        prompt->mass[i] = looked_at(prompt, now, i) ? kernel(sharpness, prompt->far[i]) : 0;
        for (int32_t u = now->least; looked_at(prompt, now, i) && u < prompt->unlike[i]; u++)
            prompt->mass[i] *= level_weight;
    }
    spread_mass(prompt, share, p);
}

/* ---- n-grams and copies, SPEC 10.23 ------------------------------------------------------------------ */

/* How many tokens before position i equal those of the present window, one after the other. */
static size_t match(const spae_incontext_prompt *prompt, const present *now, size_t i)
{
    const size_t R = now->R < i ? now->R : i;
    size_t length = 0;
    while (length < R && prompt->id[i - 1 - length] == prompt->back[length])
        length++;
    return length;
}

/* The mass of i is 2^(its match - the longest). */
static void continue_matches(spae_incontext_prompt *prompt, const present *now, double share, double *p)
{
    int32_t longest = 0;
    for (size_t i = 1; i < prompt->n; i++) {
        prompt->unlike[i] = (int32_t)match(prompt, now, i);
        longest = prompt->unlike[i] > longest ? prompt->unlike[i] : longest;
    }
    for (size_t i = 1; i < prompt->n; i++)
        prompt->mass[i] = ldexp(1, longest - prompt->unlike[i] < 1000 ? prompt->unlike[i] - longest : -1000);
    spread_mass(prompt, share, p);
}

/* The distance back at which positions that are looked at most often have their own token, the least of equal ones; those
 * with the same token have one vote together, so that what comes again and again proves no more than once.
 *   returns  the share of its votes beyond what chance may give it; 0: there is none */
static double find_copy(spae_incontext_prompt *prompt, const present *now, size_t *distance_back)
{
    size_t followers = 0;
    double best = 0;
    for (size_t k = 0; k < prompt->kinds; k++)
        prompt->follows[k] = 0;
    for (size_t i = 1; i < prompt->n; i++)
        if (looked_at(prompt, now, i) && prompt->follows[prompt->kind_at[i]]++ == 0)
            followers++;
    for (size_t d = 0; d < now->R; d++)
        prompt->hit[d] = 0;
    for (size_t i = 1; i < prompt->n; i++) {
        if (!looked_at(prompt, now, i))
            continue;
        const double vote = 1 / (double)prompt->follows[prompt->kind_at[i]];
        for (size_t d = 0; d < now->R && d < i; d++)
            if (prompt->id[i] == prompt->id[i - 1 - d])
                prompt->hit[d] += vote;
    }
    for (size_t d = 0; d < now->R; d++)
        if (prompt->hit[d] > best) {
            best = prompt->hit[d];
            *distance_back = d;
        }
    const double beyond = best - (1 + sqrt((double)followers) / 4);
    return best > 0 && beyond > 0 ? beyond / (double)followers : 0;
}

/* ---- all together, SPEC 10.24 ------------------------------------------------------------------------- */

static void mix(spae_incontext_prompt *prompt, present *now, double *p)
{
    size_t back = 0;
    compare_marks(prompt, now);
    compare_words(prompt, now);
    const double copied = find_copy(prompt, now, &back);
    const double unlike = now->R > 0 ? (double)now->least / (double)now->R : 1;
    const double rest = (1 - uniform_share) * (1 - copied), gram = unlike > gram_share ? unlike : gram_share;
    attend(prompt, now, rest * (1 - gram), p);
    continue_matches(prompt, now, rest * gram, p);
    if (copied > 0)
        p[prompt->back[back]] += (1 - uniform_share) * copied;
}

spae_status spae_incontext_predict(spae_incontext_prompt *prompt, const int32_t *said, size_t count, double *p,
                                   spae_error *err)
{
    const spae_incontext *model = prompt->model;
    const text t = {prompt, said, prompt->n + count};
    present now = {.R = window(&t)};
    spae_status status = check_ids(model, said, count, "said", err);
    if (status == SPAE_OK)
        status = look_back(prompt, &t, now.R, err);
    if (status != SPAE_OK)
        return status;
    const double even = 1 / (double)model->ids;
    for (size_t k = 0; k < model->ids; k++)
        p[k] = prompt->n > 1 ? uniform_share * even : even;
    if (prompt->n > 1)
        mix(prompt, &now, p);
    return SPAE_OK;
}

/* ---- drawing, SPEC 10.24 ------------------------------------------------------------------------------ */

static size_t most_probable(const double *p, size_t n)
{
    size_t best = 0;
    for (size_t k = 1; k < n; k++)
        if (p[k] > p[best])
            best = k;
    return best;
}

int32_t spae_incontext_draw(const double *p, size_t n, double temperature, spae_random_key key, const uint32_t position[4],
                            double *scratch)
{
    const size_t best = most_probable(p, n);
    double sum = 0;
    if (temperature == 0)
        return (int32_t)best;
    const double top = (double)real_log((real)p[best]);
    for (size_t k = 0; k < n; k++) { /* runs of equal probabilities are the rule */
        scratch[k] = k > 0 && p[k] == p[k - 1] ? scratch[k - 1]
                                               : (double)real_exp((real)(((double)real_log((real)p[k]) - top) / temperature));
        sum += scratch[k];
    }
    return (int32_t)spae_draw_weighted(scratch, n, sum, key, position);
}
