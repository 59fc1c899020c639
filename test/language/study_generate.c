/* Digits written by the language model without weights: 50 digits in the context, "an image of k", progressive decoding with
 * stride 4 (Eq. 11), 8 pictures of each condition, looked at by the judge. */
#include <math.h>
#include <string.h>

#include "io/generation.h"
#include "study.h"
#include "vendor_free/philox.h"

enum { WAYS = SPAE_DATASET_DIGITS, SHOTS = 5, PICTURES = 8, CONDITIONS = 12, STRIDE = 4, PIXELS = DIGITS_SIZE * DIGITS_SIZE * 3 };

static const char *const conditions[CONDITIONS] = {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "1+7", "the square root of 4"};
static const size_t meant[CONDITIONS] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 8, 2}; /* what the condition means */

/* ---- what is counted ---- */

typedef struct {
    size_t judged[CONDITIONS][WAYS]; /* pictures of each condition taken for each digit */
    size_t copies, overlap;          /* equal to a sample of the context; the most tokens equal, place by place, to one */
    double overlap_sum;
    size_t equal_pairs; /* pictures of a condition that equal another one */
    size_t filled;
} counts;

static size_t right_of(const counts *c)
{
    size_t right = 0;
    for (size_t k = 0; k < WAYS; k++)
        right += c->judged[k][k];
    return right;
}

/* ---- one generation ---- */

typedef struct {
    workshop *w;
    spae_prompt_pair example[WAYS * SHOTS];
    const int32_t *context[WAYS * SHOTS];
    const char *condition;
    double temperature;
    uint32_t seed, number; /* number of the next request */
} generation;

static spae_status generate(generation *g, int32_t *v, counts *c, spae_error *err)
{
    const spae_pyramid *pyramid = &g->w->model.config.pyramid;
    const spae_decoding decoding = spae_decoding_split(pyramid, pyramid->layers, STRIDE, STRIDE);
    spae_generation one = spae_generation_defaults();
    spae_decoding_report report;
    one.language = &g->w->language;
    one.lexicon = &g->w->lexicon;
    one.decoding = &decoding;
    one.example = g->example;
    one.examples = WAYS * SHOTS;
    one.query.text = g->condition;
    one.temperature = g->temperature;
    one.policy = SPAE_DECODING_FILL;
    one.seed = g->seed;
    one.number = g->number;
    const spae_status status = spae_generate_tokens(&one, g->w->tokens, &g->w->scratch, v, &report, err);
    g->number = one.number;
    c->filled += report.filled;
    return status;
}

/* ---- measuring ---- */

static size_t equal_tokens(const int32_t *a, const int32_t *b, size_t n)
{
    size_t equal = 0;
    for (size_t i = 0; i < n; i++)
        equal += a[i] == b[i];
    return equal;
}

static void compare(const generation *g, const int32_t *v, counts *c)
{
    size_t most = 0;
    for (size_t i = 0; i < WAYS * SHOTS; i++) {
        const size_t equal = equal_tokens(v, g->context[i], g->w->tokens);
        most = equal > most ? equal : most;
    }
    c->copies += most == g->w->tokens;
    c->overlap = most > c->overlap ? most : c->overlap;
    c->overlap_sum += (double)most;
}

typedef struct {
    generation g;
    judge *j;
    counts model, context, unigram, mixture; /* the language model; and the baselines */
    spae_real *sheet; /* (CONDITIONS,PICTURES,PIXELS), or NULL */
} run;

static spae_status write_condition(run *r, size_t k, spae_error *err)
{
    workshop *w = r->g.w;
    int32_t *v = spae_arena_take(&w->scratch, PICTURES * w->tokens, sizeof *v);
    spae_status status = v != NULL ? SPAE_OK : spae_fail(err, SPAE_ERR_NO_MEMORY, "study: no memory");
    r->g.condition = spae_condition_image_of(conditions[k], &w->scratch);
    for (size_t i = 0; status == SPAE_OK && i < PICTURES; i++) {
        size_t digit = 0;
        int32_t *now = v + i * w->tokens;
        status = generate(&r->g, now, &r->model, err);
        if (status == SPAE_OK)
            status = judge_tokens(r->j, w, now, &digit, r->sheet != NULL ? r->sheet + (k * PICTURES + i) * PIXELS : NULL, err);
        if (status != SPAE_OK)
            break;
        r->model.judged[k][digit]++;
        compare(&r->g, now, &r->model);
        for (size_t j = 0; j < i; j++)
            if (equal_tokens(now, v + j * w->tokens, w->tokens) == w->tokens) {
                r->model.equal_pairs++;
                break;
            }
    }
    return status;
}

/* Each token that of a random sample at this place: of the class (`classwise`), or of all. */
static spae_status write_unigrams(run *r, bool classwise, counts *c, spae_error *err)
{
    workshop *w = r->g.w;
    int32_t *v = spae_arena_take(&w->scratch, w->tokens, sizeof *v);
    spae_status status = v != NULL ? SPAE_OK : spae_fail(err, SPAE_ERR_NO_MEMORY, "study: no memory");
    for (size_t k = 0; k < WAYS; k++)
        for (size_t i = 0; status == SPAE_OK && i < PICTURES; i++) {
            size_t digit = 0;
            for (size_t t = 0; t < w->tokens; t++) {
                uint32_t word[4];
                const uint32_t counter[4] = {(uint32_t)k, (uint32_t)i, (uint32_t)t, classwise};
                spae_random_block((spae_random_key){r->g.seed, SPAE_RANDOM_SAMPLE}, counter, word);
                const size_t s = spae_random_below(word[0], word[1], classwise ? SHOTS : SHOTS * WAYS);
                v[t] = r->g.context[classwise ? s * WAYS + k : s][t];
            }
            status = judge_tokens(r->j, w, v, &digit, NULL, err);
            c->judged[k][digit]++;
            compare(&r->g, v, c);
        }
    return status;
}

/* The context's samples themselves, rebuilt from their tokens. */
static spae_status judge_context(run *r, spae_error *err)
{
    spae_status status = SPAE_OK;
    for (size_t i = 0; status == SPAE_OK && i < WAYS * SHOTS; i++) {
        size_t digit = 0;
        status = judge_tokens(r->j, r->g.w, r->g.context[i], &digit, NULL, err);
        r->context.judged[i % WAYS][digit]++;
    }
    return status;
}

/* 50 digits: an episode of ten ways, put into the order of the digits. */
static spae_status choose_context(run *r, spae_error *err)
{
    workshop *w = r->g.w;
    spae_episode episode;
    spae_status status = spae_episode_sample(&w->classes, r->g.seed, 0, WAYS, SHOTS, &w->scratch, &episode, err);
    for (size_t i = 0; status == SPAE_OK && i < WAYS * SHOTS; i++) {
        const size_t picture = episode.support[i], digit = (size_t)spae_dataset_label(&w->data, picture);
        const size_t at = i / WAYS * WAYS + digit;
        r->g.context[at] = workshop_tokens(w, picture, err);
        if (r->g.context[at] == NULL)
            return SPAE_ERR_NO_MEMORY;
        r->g.example[at] = (spae_prompt_pair){.text = spae_condition_image_of(conditions[digit], &w->scratch), .target = r->g.context[at]};
    }
    return status;
}

static spae_status one_run(run *r, spae_error *err)
{
    spae_status status = choose_context(r, err);
    for (size_t k = 0; status == SPAE_OK && k < CONDITIONS; k++)
        status = write_condition(r, k, err);
    if (status == SPAE_OK)
        status = judge_context(r, err);
    if (status == SPAE_OK)
        status = write_unigrams(r, true, &r->mixture, err);
    return status == SPAE_OK ? write_unigrams(r, false, &r->unigram, err) : status;
}

/* ---- the table ---- */

static void print_run(const run *r, FILE *csv)
{
    const size_t all = WAYS * PICTURES;
    printf("seed %u\n\n    condition               taken for 0   1   2   3   4   5   6   7   8   9     as meant\n", (unsigned)r->g.seed);
    for (size_t k = 0; k < CONDITIONS; k++) {
        printf("    %-30s", conditions[k]);
        for (size_t d = 0; d < WAYS; d++)
            printf(" %3zu", r->model.judged[k][d]);
        printf("    %zu of %d\n", r->model.judged[k][meant[k]], PICTURES);
        fprintf(csv, "%u,model,%s,%zu,%d\n", (unsigned)r->g.seed, conditions[k], r->model.judged[k][meant[k]], PICTURES);
    }
    printf("\n    digits 0..9: %zu of %zu are of the class asked for (%.1f %%)\n", right_of(&r->model), all,
           100 * (double)right_of(&r->model) / (double)all);
    printf("    whole copies of a context sample: %zu of %d; most equal tokens: %zu of %zu, on average %.1f\n",
           r->model.copies, CONDITIONS * PICTURES, r->model.overlap, r->g.w->tokens,
           r->model.overlap_sum / (CONDITIONS * PICTURES));
    printf("    pictures equal to an earlier one of their condition: %zu; segments filled: %zu\n", r->model.equal_pairs, r->model.filled);
    printf("    baselines: context samples rebuilt %zu of %d; unigrams by place and class %zu of %zu; by place %zu of %zu\n\n",
           right_of(&r->context), WAYS * SHOTS, right_of(&r->mixture), all, right_of(&r->unigram), all);
    fprintf(csv, "%u,copies,all,%zu,%d\n%u,largest overlap,all,%zu,%zu\n", (unsigned)r->g.seed, r->model.copies,
            CONDITIONS * PICTURES, (unsigned)r->g.seed, r->model.overlap, r->g.w->tokens);
    fprintf(csv, "%u,context rebuilt,0..9,%zu,%d\n%u,unigrams by place and class,0..9,%zu,%zu\n%u,unigrams by place,0..9,%zu,%zu\n",
            (unsigned)r->g.seed, right_of(&r->context), WAYS * SHOTS, (unsigned)r->g.seed, right_of(&r->mixture), all,
            (unsigned)r->g.seed, right_of(&r->unigram), all);
}

static void print_spread(const double *share, size_t n)
{
    double mean = 0, square = 0;
    for (size_t i = 0; i < n; i++)
        mean += share[i] / (double)n;
    for (size_t i = 0; i < n; i++)
        square += (share[i] - mean) * (share[i] - mean);
    if (n > 1)
        printf("over %zu seeds: %.1f %% of class, standard deviation %.1f\n", n, 100 * mean, 100 * sqrt(square / (double)(n - 1)));
}

enum { SEEDS_MOST = 16 };

static spae_status all_runs(const study *s, workshop *w, judge *j, FILE *csv, spae_error *err)
{
    double share[SEEDS_MOST];
    spae_status status = SPAE_OK;
    for (uint32_t i = 0; status == SPAE_OK && i < s->seeds && i < SEEDS_MOST; i++) {
        const spae_arena_mark mark = spae_arena_here(&w->scratch);
        run *r = spae_arena_take_zeroed(&w->scratch, 1, sizeof *r);
        if (r == NULL)
            return spae_fail(err, SPAE_ERR_NO_MEMORY, "study: no memory for a run");
        r->g = (generation){.w = w, .seed = s->seed + i, .temperature = s->temperature};
        r->j = j;
        r->sheet = spae_arena_take(&w->scratch, CONDITIONS * PICTURES * PIXELS, sizeof *r->sheet);
        status = r->sheet != NULL ? one_run(r, err) : spae_fail(err, SPAE_ERR_NO_MEMORY, "study: no memory for a sheet");
        if (status == SPAE_OK) {
            char path[400];
            print_run(r, csv);
            share[i] = (double)right_of(&r->model) / (WAYS * PICTURES);
            snprintf(path, sizeof path, "%s-seed-%u.png", s->out, (unsigned)r->g.seed);
            status = sheet_write(path, r->sheet, CONDITIONS, PICTURES, DIGITS_SIZE, DIGITS_SIZE, 2, &w->scratch, err);
        }
        spae_arena_reset(&w->scratch, mark);
    }
    if (status == SPAE_OK)
        print_spread(share, s->seeds);
    return status;
}

spae_status study_generate(const study *s, spae_arena *arena, spae_error *err)
{
    workshop w;
    judge j;
    char path[400];
    spae_status status = workshop_open(&w, s->model, s->data, s->part, arena, err);
    if (status == SPAE_OK)
        status = judge_open(&j, s->judge, arena, err);
    if (status != SPAE_OK)
        return status;
    snprintf(path, sizeof path, "%s.csv", s->out);
    FILE *csv = fopen(path, "wb");
    if (csv == NULL)
        return spae_fail(err, SPAE_ERR_IO, "%s: would not open", path);
    fprintf(csv, "seed,what,condition,count,of\n");
    status = all_runs(s, &w, &j, csv, err);
    spae_arena_free(&w.scratch);
    return fclose(csv) == 0 ? status : spae_fail(err, SPAE_ERR_IO, "%s: would not be written", path);
}
