/* The measures of evaluation.h. */
#include "io/evaluation.h"

#include <string.h>

#include "io/progress.h"
#include "vendor_free/elementary.h"

typedef struct {
    const spae_model *model;
    const spae_dataset *dataset;
    spae_arena *arena;
    uint32_t *count;              /* (D+1, V): of each layer, and of all together */
    int32_t *token;               /* (tokens of all layers) */
    spae_real *picture, *rebuilt; /* (T,H,W,3) */
    size_t values;                /* of a picture */
} evaluating;

static double mean_square(const spae_real *picture, const spae_real *rebuilt, size_t count)
{
    double sum = 0.0;
    for (size_t i = 0; i < count; i++) {
        const spae_real r = rebuilt[i] < 0 ? 0 : rebuilt[i] > 1 ? 1 : rebuilt[i];
        const double d = (double)picture[i] - (double)r;
        sum += d * d;
    }
    return sum / (double)count;
}

static void count_tokens(const evaluating *e)
{
    const spae_pyramid *pyramid = &e->model->config.pyramid;
    const size_t V = e->model->codebook.V;
    size_t at = 0;
    for (size_t l = 0; l < pyramid->layers; l++)
        for (size_t end = spae_pyramid_total(pyramid, l + 1); at < end; at++) {
            e->count[l * V + (size_t)e->token[at]]++;
            e->count[pyramid->layers * V + (size_t)e->token[at]]++;
        }
}

/* One picture: its tokens counted, its PSNR of each prefix added. */
static spae_status add_picture(const evaluating *e, size_t index, spae_evaluation *sum,
                               spae_error *err)
{
    spae_dataset_picture(e->dataset, index, &e->model->config, e->picture);
    spae_status status = spae_encode(e->model, e->picture, e->arena, e->token, NULL, err);
    if (status != SPAE_OK)
        return status;
    count_tokens(e);
    for (size_t l = 0; status == SPAE_OK && l < sum->layers; l++) {
        status = spae_decode(e->model, e->token, l + 1, e->arena, e->rebuilt, err);
        if (status == SPAE_OK)
            sum->layer[l].psnr += spae_progress_psnr(mean_square(e->picture, e->rebuilt, e->values));
    }
    return status;
}

/* Of a picture of that source: is the first word right, is one of the first two layers? How many of each layer are? */
static void count_words(const evaluating *e, const spae_sources *sources, int32_t label,
                        spae_evaluation *sum)
{
    const size_t early = spae_pyramid_total(&e->model->config.pyramid, sum->layers < 2 ? 1 : 2);
    size_t i = 0;
    while (i < early && !spae_sources_has(sources, label, e->token[i]))
        i++;
    sum->first_words += i == 0;
    sum->early_words += i < early;
    i = 0;
    for (size_t l = 0; l < sum->layers; l++)
        for (size_t end = spae_pyramid_total(&e->model->config.pyramid, l + 1); i < end; i++)
            sum->layer[l].own += spae_sources_has(sources, label, e->token[i]);
}

static void summarize_layer(const uint32_t *count, size_t V, spae_evaluation_layer *layer)
{
    double entropy = 0.0;
    for (size_t k = 0; k < V; k++)
        layer->tokens += count[k];
    for (size_t k = 0; k < V; k++) {
        if (count[k] == 0)
            continue;
        const double p = (double)count[k] / (double)layer->tokens;
        entropy -= p * spae_log64(p);
        layer->distinct++;
        if (count[k] > layer->most_count) {
            layer->most_count = count[k];
            layer->most_common = (int32_t)k;
        }
    }
    layer->entropy = entropy / spae_log64(2.0);
}

static void summarize(const evaluating *e, spae_evaluation *sum)
{
    const size_t V = e->model->codebook.V;
    spae_evaluation_layer all = {.psnr = 0};
    for (size_t l = 0; l < sum->layers; l++) {
        sum->layer[l].psnr /= (double)sum->pictures;
        summarize_layer(e->count + l * V, V, &sum->layer[l]);
    }
    summarize_layer(e->count + sum->layers * V, V, &all);
    sum->distinct = all.distinct;
}

static bool take_room(evaluating *e)
{
    const spae_config *config = &e->model->config;
    const size_t D = config->pyramid.layers, V = e->model->codebook.V;
    e->values = config->picture[0] * config->picture[1] * config->picture[2] * 3;
    e->count = spae_arena_take_zeroed(e->arena, (D + 1) * V, sizeof *e->count);
    e->token = spae_arena_take(e->arena, spae_pyramid_total(&config->pyramid, D), sizeof *e->token);
    e->picture = spae_arena_take(e->arena, e->values, sizeof *e->picture);
    e->rebuilt = spae_arena_take(e->arena, e->values, sizeof *e->rebuilt);
    return e->count != NULL && e->token != NULL && e->picture != NULL && e->rebuilt != NULL;
}

spae_status spae_evaluate(const spae_model *model, const spae_dataset *dataset, size_t count,
                          const spae_sources *sources, void (*tell)(size_t done, size_t count),
                          spae_arena *arena, spae_evaluation *evaluation, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    evaluating e = {.model = model, .dataset = dataset, .arena = arena};
    spae_evaluation sum;
    spae_status status = SPAE_OK;
    memset(&sum, 0, sizeof sum);
    sum.pictures = count;
    sum.layers = model->config.pyramid.layers;
    sum.labelled = sources != NULL && dataset->labels != NULL;
    if (!take_room(&e))
        status = spae_fail(err, SPAE_ERR_NO_MEMORY, "eval: no memory for counts of %zu words",
                           model->codebook.V);
    for (size_t i = 0; status == SPAE_OK && i < count; i++) {
        status = add_picture(&e, i, &sum, err);
        if (status == SPAE_OK && sum.labelled)
            count_words(&e, sources, spae_dataset_label(dataset, i), &sum);
        if (tell != NULL)
            tell(i + 1, count);
    }
    if (status == SPAE_OK) {
        summarize(&e, &sum);
        *evaluation = sum;
    }
    spae_arena_reset(arena, mark);
    return status;
}
