/* Eq. 12: what is left of the tokens of a picture when the examples in the context are noisy. Ten pairs (eps(u_i), eps(v_i)) at
 * one rate, then a query; the share of its answer's tokens that are the clean v's, by rate. Three tasks:
 *
 *     outpaint    the paper's: u = T(picture without its lower half), v = T(picture), pairs of ten other pictures; the query's
 *                 u has no noise
 *     repeat      the same without mask: u = v; the query's u has no noise. Can it be seen through noise that the task is to
 *                 repeat?
 *     restore     ten pairs of the query's own picture, and a query with noise as well: what was said often is what is meant
 *
 * Beside it: the tokens of the query's own condition taken as the answer; and the most frequent token of each place in the
 * context's v_i.
 */
#include <string.h>

#include "io/prompt_answer.h"
#include "nn/corruption.h"
#include "study.h"
#include "vendor_free/philox.h"

enum { PAIRS = 10, RATES = 10, STRIDE = 4, TASKS = 3, TOKENS_MOST = 256 };

static const char *const tasks[TASKS] = {"outpaint", "repeat", "restore"};

typedef struct {
    size_t model, condition, frequent, tokens, whole;
} tally;

/* Tokens u and v of the pairs, and of the query behind them: noisy, and the clean v. */
typedef struct {
    workshop *w;
    int32_t u[PAIRS + 1][TOKENS_MOST], v[PAIRS + 1][TOKENS_MOST], clean[TOKENS_MOST];
    spae_prompt_pair example[PAIRS], query;
    uint32_t seed, number;
} denoising;

static spae_status encode_masked(workshop *w, size_t index, int32_t *token, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(&w->scratch);
    const size_t *size = w->model.config.picture, count = size[0] * size[1] * size[2] * 3;
    spae_real *picture = spae_arena_take(&w->scratch, count, sizeof *picture);
    spae_real *masked = spae_arena_take(&w->scratch, count, sizeof *masked);
    if (picture == NULL || masked == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "study: no memory for a picture");
    spae_dataset_picture(&w->data, index, &w->model.config, picture);
    spae_status status = spae_transform_picture(SPAE_OUTPAINT, picture, size, &w->scratch, masked, err);
    if (status == SPAE_OK)
        status = spae_encode(&w->model, masked, &w->scratch, token, NULL, err);
    spae_arena_reset(&w->scratch, mark);
    return status;
}

/* The clean pair of a picture. */
static spae_status take_pair(denoising *d, size_t task, size_t place, size_t picture, spae_error *err)
{
    const int32_t *token = workshop_tokens(d->w, picture, err);
    if (token == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "study: a picture could not be encoded");
    memcpy(d->v[place], token, d->w->tokens * sizeof *token);
    memcpy(d->u[place], token, d->w->tokens * sizeof *token);
    return task == 0 ? encode_masked(d->w, picture, d->u[place], err) : SPAE_OK;
}

/* Query `number` of a task: its pictures are the first of a permutation, the last of them the query's. */
static spae_status prepare(denoising *d, size_t task, double rate, spae_error *err)
{
    const size_t n = d->w->tokens, V = d->w->model.codebook.V;
    uint32_t *order = spae_arena_take(&d->w->scratch, d->w->data.count, sizeof *order);
    if (order == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "study: no memory for an order");
    spae_permutation((spae_random_key){d->seed, SPAE_RANDOM_EPISODE}, d->number, order, (uint32_t)d->w->data.count);
    spae_status status = SPAE_OK;
    for (size_t i = 0; status == SPAE_OK && i <= PAIRS; i++)
        status = take_pair(d, task, i, order[task == 2 ? PAIRS : i], err);
    memcpy(d->clean, d->v[PAIRS], n * sizeof *d->clean);
    for (uint32_t i = 0; status == SPAE_OK && i < PAIRS; i++) {
        status = spae_corrupt_pair(d->u[i], n, d->v[i], n, V, rate, d->seed, d->number * (PAIRS + 1) + i, &d->w->scratch, err);
        d->example[i] = (spae_prompt_pair){.string = {d->u[i], n}, .target = d->v[i]};
    }
    if (status == SPAE_OK && task == 2)
        status = spae_corrupt_tokens(d->u[PAIRS], n, V, rate, d->seed, 2 * (d->number * (PAIRS + 1) + PAIRS), &d->w->scratch, err);
    d->query = (spae_prompt_pair){.string = {d->u[PAIRS], n}, .target = d->v[PAIRS]};
    return status;
}

static spae_status sample(void *context, const int32_t *v, const spae_segment *segment, size_t segments, unsigned retry,
                          double temperature, size_t width, int32_t *token, size_t *length, spae_error *err)
{
    denoising *d = context;
    const spae_arena_mark mark = spae_arena_here(&d->w->scratch);
    spae_status status = SPAE_OK;
    d->query.target = v;
    for (size_t i = 0; status == SPAE_OK && i < segments; i++) {
        spae_answer answer;
        spae_request request;
        status = spae_prompt_segment(&d->w->lexicon, SPAE_TEMPLATE_PAR, d->example, PAIRS, &d->query, &segment[i], &d->w->scratch,
                                     &request, err);
        request.samples = 1; /* greedy: all would be equal */
        request.temperature = temperature;
        request.seed = d->seed;
        request.number = retry;
        if (status == SPAE_OK)
            status = workshop_ask(d->w, &request, &answer, err);
        if (status == SPAE_OK)
            status = spae_answer_tokens(&d->w->lexicon, &answer, segment[i].count, &d->w->scratch, token + i * width, &length[i], err);
    }
    spae_arena_reset(&d->w->scratch, mark);
    return status;
}

/* The most frequent token of a place, the first of equal ones. */
static int32_t frequent(const denoising *d, size_t place)
{
    size_t best = 0, most = 0;
    for (size_t i = 0; i < PAIRS; i++) {
        size_t count = 0;
        for (size_t j = 0; j < PAIRS; j++)
            count += d->v[i][place] == d->v[j][place];
        if (count > most) {
            most = count;
            best = i;
        }
    }
    return d->v[best][place];
}

static spae_status answer_query(denoising *d, size_t task, double rate, tally *t, spae_error *err)
{
    workshop *w = d->w;
    const spae_pyramid *pyramid = &w->model.config.pyramid;
    const spae_decoding decoding = spae_decoding_split(pyramid, pyramid->layers, STRIDE, STRIDE);
    const spae_sampler sampler = {.samples = 1, .V = w->model.codebook.V, .psi = SPAE_DECODING_PSI, .retries = SPAE_DECODING_RETRIES,
                                  .policy = SPAE_DECODING_FILL, .sample = sample, .context = d};
    const spae_arena_mark mark = spae_arena_here(&w->scratch);
    int32_t answer[TOKENS_MOST];
    spae_status status = prepare(d, task, rate, err);
    if (status == SPAE_OK)
        status = spae_decode_progressively(&decoding, w->tokens, &sampler, &w->scratch, answer, NULL, err);
    size_t right = 0;
    for (size_t i = 0; status == SPAE_OK && i < w->tokens; i++) {
        right += answer[i] == d->clean[i];
        t->condition += d->u[PAIRS][i] == d->clean[i];
        t->frequent += frequent(d, i) == d->clean[i];
    }
    t->model += right;
    t->whole += right == w->tokens;
    t->tokens += w->tokens;
    spae_arena_reset(&w->scratch, mark);
    return status;
}

static spae_status all_rates(const study *s, denoising *d, size_t task, FILE *csv, spae_error *err)
{
    spae_status status = SPAE_OK;
    for (size_t r = 0; status == SPAE_OK && r < RATES; r++) {
        tally t = {0, 0, 0, 0, 0};
        for (uint32_t e = 0; status == SPAE_OK && e < s->episodes; e++) {
            d->number = e;
            status = answer_query(d, task, (double)r / 10, &t, err);
        }
        if (status != SPAE_OK)
            break;
        const double n = (double)t.tokens;
        printf("    %-9s 0.%zu      %5.1f        %5.1f       %5.1f      %zu of %zu\n", tasks[task], r, 100 * (double)t.model / n,
               100 * (double)t.condition / n, 100 * (double)t.frequent / n, t.whole, s->episodes);
        fflush(stdout);
        fprintf(csv, "%s,0.%zu,%zu,%zu,%zu,%zu,%zu,%zu\n", tasks[task], r, t.model, t.condition, t.frequent, t.tokens, t.whole,
                s->episodes);
    }
    return status;
}

spae_status study_denoise(const study *s, spae_arena *arena, spae_error *err)
{
    workshop w;
    char path[400];
    spae_status status = workshop_open(&w, s->model, s->data, s->part, arena, err);
    denoising *d = spae_arena_take_zeroed(arena, 1, sizeof *d);
    if (status == SPAE_OK && (d == NULL || w.tokens > TOKENS_MOST))
        status = spae_fail(err, SPAE_ERR_ARGUMENT, "study: %zu tokens, at most %d", w.tokens, TOKENS_MOST);
    if (status != SPAE_OK)
        return status;
    snprintf(path, sizeof path, "%s.csv", s->out);
    FILE *csv = fopen(path, "wb");
    if (csv == NULL)
        return spae_fail(err, SPAE_ERR_IO, "%s: would not open", path);
    fprintf(csv, "task,rate,right,condition,frequent,tokens,whole,queries\n");
    printf("%zu queries of seed %u, ten pairs each; per cent of the tokens that are the clean picture's\n\n"
           "    task      rate    language model  condition  frequent   whole answers\n", s->episodes, (unsigned)s->seed);
    d->w = &w;
    d->seed = s->seed;
    for (size_t task = 0; status == SPAE_OK && task < TASKS; task++)
        status = all_rates(s, d, task, csv, err);
    spae_arena_free(&w.scratch);
    return fclose(csv) == 0 ? status : spae_fail(err, SPAE_ERR_IO, "%s: would not be written", path);
}
