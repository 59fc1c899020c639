/* The measures of evaluation.h. */
#include "io/evaluation.h"

#include <string.h>

#include "io/progress.h"

typedef struct {
    const spae_model *model;
    const spae_dataset *dataset;
    const spae_evaluation_watcher *watcher; /* never NULL */
    spae_arena *arena;
    uint32_t *count;              /* (D+1, V): of each layer, and of all together */
    int32_t *token;               /* (tokens of all layers) */
    spae_real *picture, *rebuilt; /* (T,H,W,3) */
    size_t values;                /* of a picture */
} evaluating;

static void limit(spae_real *rebuilt, size_t count)
{
    for (size_t i = 0; i < count; i++)
        rebuilt[i] = rebuilt[i] < 0 ? 0 : rebuilt[i] > 1 ? 1 : rebuilt[i];
}

/* SSIM of the frames of what was rebuilt, their mean. */
static spae_status add_ssim(const evaluating *e, spae_spread *ssim, spae_error *err)
{
    const size_t *size = e->model->config.picture, frame = size[1] * size[2] * 3;
    double sum = 0.0, one;
    if (size[1] < SPAE_SSIM_WINDOW || size[2] < SPAE_SSIM_WINDOW)
        return SPAE_OK;
    for (size_t t = 0; t < size[0]; t++) {
        const spae_status status = spae_ssim(e->picture + t * frame, e->rebuilt + t * frame, size[1], size[2], 3, 1.0,
                                             e->arena, NULL, &one, err);
        if (status != SPAE_OK)
            return status;
        sum += one;
    }
    spae_spread_add(ssim, sum / (double)size[0]);
    return SPAE_OK;
}

/* What one picture and one prefix of its layers add. */
static spae_status add_rebuilt(const evaluating *e, size_t index, size_t layers, spae_evaluation_layer *layer,
                               spae_error *err)
{
    spae_status status = spae_decode(e->model, e->token, layers, e->arena, e->rebuilt, err);
    if (status != SPAE_OK)
        return status;
    limit(e->rebuilt, e->values);
    const double error = spae_square_error(e->picture, e->rebuilt, e->values);
    spae_spread_add(&layer->square_error, error);
    spae_spread_add(&layer->decibels, spae_progress_psnr(error));
    spae_spread_add(&layer->absolute_error, spae_absolute_error(e->picture, e->rebuilt, e->values));
    status = add_ssim(e, &layer->ssim, err);
    if (status == SPAE_OK && e->watcher->rebuilt != NULL)
        status = e->watcher->rebuilt(e->watcher->context, index, layers, e->picture, e->rebuilt, err);
    return status;
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

/* One picture: its tokens counted, what each prefix rebuilds measured. */
static spae_status add_picture(const evaluating *e, size_t index, spae_evaluation *sum,
                               spae_error *err)
{
    spae_dataset_picture(e->dataset, index, &e->model->config, e->picture);
    spae_status status = spae_encode(e->model, e->picture, e->arena, e->token, NULL, err);
    if (status == SPAE_OK && e->watcher->encoded != NULL)
        status = e->watcher->encoded(e->watcher->context, index, e->picture, e->token, err);
    if (status != SPAE_OK)
        return status;
    count_tokens(e);
    for (size_t l = 0; status == SPAE_OK && l < sum->layers; l++)
        status = add_rebuilt(e, index, l + 1, &sum->layer[l], err);
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

static void summarize(const evaluating *e, spae_evaluation *sum)
{
    const size_t V = e->model->codebook.V;
    for (size_t l = 0; l < sum->layers; l++) {
        sum->layer[l].psnr = spae_spread_mean(&sum->layer[l].decibels);
        sum->layer[l].usage = spae_token_usage_of(e->count + l * V, V);
    }
    sum->distinct = spae_token_usage_of(e->count + sum->layers * V, V).distinct;
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
                          const spae_sources *sources, const spae_evaluation_watcher *watcher,
                          void (*tell)(size_t done, size_t count), spae_arena *arena,
                          spae_evaluation *evaluation, spae_error *err)
{
    static const spae_evaluation_watcher nobody = {NULL, NULL, NULL};
    const spae_arena_mark mark = spae_arena_here(arena);
    evaluating e = {.model = model, .dataset = dataset, .arena = arena,
                    .watcher = watcher != NULL ? watcher : &nobody};
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
