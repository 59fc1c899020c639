/* The order of pictures in training, batch.h. */
#include "io/batch.h"

#include <math.h>

#include "vendor_free/philox.h"

spae_status spae_batch_create(spae_batch *batch, const spae_dataset *dataset,
                              const spae_config *config, const spae_real *similarity, size_t V,
                              uint32_t seed, spae_arena *arena, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    const size_t n = config->batch,
                 values = config->picture[0] * config->picture[1] * config->picture[2] * 3;
    if (dataset->count > UINT32_MAX || (similarity != NULL && dataset->labels == NULL))
        return spae_fail(err, SPAE_ERR_ARGUMENT,
                         "%s: expected up to 2^32 - 1 pictures with a label each", dataset->name);
    spae_batch b = {dataset, config, similarity, V, seed, UINT64_MAX, NULL, NULL, NULL, NULL};
    b.order = spae_arena_take(arena, dataset->count, sizeof *b.order);
    b.pictures =
        n <= SIZE_MAX / values ? spae_arena_take(arena, n * values, sizeof *b.pictures) : NULL;
    b.examples = spae_arena_take(arena, n, sizeof *b.examples);
    b.index = spae_arena_take(arena, n, sizeof *b.index);
    if (b.order == NULL || b.pictures == NULL || b.examples == NULL || b.index == NULL) {
        spae_arena_reset(arena, mark);
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for batches of %zu pictures",
                         dataset->name, n);
    }
    *batch = b;
    return SPAE_OK;
}

/* The picture that is sample `sample` of the run. */
static size_t picture_of(spae_batch *batch, uint64_t sample)
{
    const uint32_t count = (uint32_t)batch->dataset->count;
    const uint64_t epoch = sample / count;
    if (epoch != batch->epoch) {
        const spae_random_key key = {batch->seed, SPAE_RANDOM_SHUFFLE};
        spae_permutation(key, (uint32_t)epoch, batch->order, count);
        batch->epoch = epoch;
    }
    return batch->order[sample % count];
}

/* The picture, or what the configuration's crops and flips make of it (SPEC 7.7). */
static void show(const spae_batch *batch, size_t index, uint64_t step, size_t i, spae_real *picture)
{
    const spae_dataset *dataset = batch->dataset;
    if (!spae_view_wanted(batch->config)) {
        spae_dataset_picture(dataset, index, batch->config, picture);
        return;
    }
    const spae_view view = spae_view_draw(batch->config, dataset->height, dataset->width, batch->seed, (uint32_t)step,
                                          (uint32_t)i);
    spae_dataset_view(dataset, index, batch->config, &view, picture);
}

void spae_batch_fill(spae_batch *batch, uint64_t step)
{
    const spae_config *config = batch->config;
    const size_t values = config->picture[0] * config->picture[1] * config->picture[2] * 3;
    for (size_t i = 0; i < config->batch; i++) {
        const size_t index = picture_of(batch, step * config->batch + i);
        spae_real *picture = batch->pictures + i * values;
        show(batch, index, step, i, picture);
        batch->index[i] = index;
        batch->examples[i] = (spae_example){picture, NULL};
        if (batch->similarity != NULL)
            batch->examples[i].similarity =
                batch->similarity + (size_t)spae_dataset_label(batch->dataset, index) * batch->V;
    }
}

double spae_batch_first_words(const spae_batch *batch, const int32_t *token, size_t per_example,
                              const spae_sources *sources)
{
    size_t right = 0;
    if (batch->dataset->labels == NULL || sources == NULL)
        return (double)NAN;
    for (size_t i = 0; i < batch->config->batch; i++)
        right += spae_sources_has(sources, spae_dataset_label(batch->dataset, batch->index[i]),
                                  token[i * per_example]);
    return (double)right / (double)batch->config->batch;
}
