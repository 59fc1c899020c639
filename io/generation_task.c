/* Contexts: a picture, what is done to it, and its tokens. */
#include "io/generation_task.h"

#include <stdio.h>
#include <string.h>

/* ---- tokens of pictures ----------------------------------------------------------------------------------- */

typedef struct {
    const spae_model *model;
    spae_arena *arena;
    size_t tokens, samples; /* of a picture: tokens of all layers, numbers */
    spae_real *altered;     /* (samples) scratch */
} maker;

static spae_status no_memory(spae_error *err)
{
    return spae_fail(err, SPAE_ERR_NO_MEMORY, "task: no memory for the pictures of its context");
}

static spae_status start(maker *m, const spae_model *model, spae_arena *arena, spae_generation_task *task, size_t examples,
                         spae_error *err)
{
    const spae_config *config = &model->config;
    *m = (maker){.model = model, .arena = arena};
    m->tokens = spae_pyramid_total(&config->pyramid, config->pyramid.layers);
    m->samples = config->picture[0] * config->picture[1] * config->picture[2] * 3;
    m->altered = spae_arena_take(arena, m->samples, sizeof *m->altered);
    *task = (spae_generation_task){.examples = examples};
    task->example = spae_arena_take_zeroed(arena, examples, sizeof *task->example);
    return m->altered != NULL && task->example != NULL ? SPAE_OK : no_memory(err);
}

/* T(picture), in the arena. */
static spae_status tokens_of(const maker *m, const spae_real *picture, int32_t **token, spae_error *err)
{
    *token = spae_arena_take(m->arena, m->tokens, sizeof **token);
    return *token != NULL ? spae_encode(m->model, picture, m->arena, *token, NULL, err) : no_memory(err);
}

static int32_t *copy_of(const maker *m, const int32_t *token)
{
    int32_t *copy = spae_arena_take(m->arena, m->tokens, sizeof *copy);
    if (copy != NULL)
        memcpy(copy, token, m->tokens * sizeof *copy);
    return copy;
}

/* ---- Eq. 12 ------------------------------------------------------------------------------------------------ */

spae_context_noise spae_context_noise_defaults(void)
{
    return (spae_context_noise){.schedule = SPAE_RATES_LINEAR, .first = 0.5, .last = 0.23, .examples = 10};
}

/* (eps(u; r_i), eps(v; r_i)) */
static spae_status noisy_pair(const maker *m, const int32_t *u, const int32_t *v, const spae_context_noise *noise, size_t i,
                              spae_prompt_pair *pair, spae_error *err)
{
    int32_t *noisy_u = copy_of(m, u), *noisy_v = copy_of(m, v);
    if (noisy_u == NULL || noisy_v == NULL)
        return no_memory(err);
    const double rate = spae_corruption_rate(noise->schedule, noise->first, noise->last, i, noise->examples);
    *pair = (spae_prompt_pair){.string = {noisy_u, m->tokens}, .target = noisy_v};
    return spae_corrupt_pair(noisy_u, m->tokens, noisy_v, m->tokens, m->model->codebook.V, rate, noise->seed, (uint32_t)i,
                             m->arena, err);
}

/* The context and the query of the pictures behind u and v. */
static spae_status noisy_context(const maker *m, const spae_real *u_picture, const spae_real *v_picture,
                                 const spae_context_noise *noise, spae_generation_task *task, spae_error *err)
{
    int32_t *u = NULL, *v = NULL;
    spae_status status = tokens_of(m, u_picture, &u, err);
    if (status == SPAE_OK)
        status = tokens_of(m, v_picture, &v, err);
    for (size_t i = 0; status == SPAE_OK && i < noise->examples; i++)
        status = noisy_pair(m, u, v, noise, i, &task->example[i], err);
    task->query = (spae_prompt_pair){.string = {u, m->tokens}, .target = v};
    return status;
}

spae_status spae_task_denoise(const spae_model *model, const spae_real *picture, spae_transform transform,
                              const spae_context_noise *noise, spae_arena *arena, spae_generation_task *task, spae_error *err)
{
    maker m;
    spae_status status = start(&m, model, arena, task, noise->examples, err);
    if (status == SPAE_OK)
        status = spae_transform_picture(transform, picture, model->config.picture, arena, m.altered, err);
    if (status != SPAE_OK)
        return status;
    return spae_transform_is_target(transform) ? noisy_context(&m, picture, m.altered, noise, task, err)
                                               : noisy_context(&m, m.altered, picture, noise, task, err);
}

spae_status spae_task_frames(const spae_model *model, const spae_real *video, const spae_context_noise *noise,
                             spae_arena *arena, spae_generation_task *task, spae_error *err)
{
    maker m;
    const spae_status status = start(&m, model, arena, task, noise->examples, err);
    if (status != SPAE_OK)
        return status;
    const size_t frames = model->config.picture[0], frame = m.samples / frames;
    for (size_t t = 0; t < frames; t++)
        memcpy(m.altered + t * frame, video, frame * sizeof *video);
    return noisy_context(&m, m.altered, video, noise, task, err);
}

/* ---- interpolation ----------------------------------------------------------------------------------------- */

spae_status spae_task_interpolate(const spae_model *model, const spae_real *picture, spae_pixel_set set, spae_arena *arena,
                                  spae_generation_task *task, spae_error *err)
{
    static const char *const condition[SPAE_PIXEL_CONDITIONS] = {"1", "2", "3", "4", "5", "6", "7", "8", "9"};
    const size_t asked = SPAE_PIXEL_CONDITIONS / 2;
    maker m;
    spae_status status = start(&m, model, arena, task, SPAE_PIXEL_CONDITIONS - 1, err);
    for (size_t i = 0; status == SPAE_OK && i < SPAE_PIXEL_CONDITIONS; i++) {
        spae_prompt_pair *pair = i == asked ? &task->query : &task->example[i < asked ? i : i - 1];
        int32_t *token = NULL;
        spae_adjust_pixels(set, i, picture, model->config.picture, m.altered);
        status = tokens_of(&m, m.altered, &token, err);
        *pair = (spae_prompt_pair){.text = condition[i], .target = token};
    }
    return status;
}

/* ---- labelled pictures ------------------------------------------------------------------------------------- */

/* "an image of 7" where labels are numbers, else "an image of dog". */
static const char *condition_of(const spae_dataset *dataset, const spae_classes *classes, size_t class, spae_arena *arena)
{
    char number[32];
    snprintf(number, sizeof number, "%zu", class);
    return spae_condition_image_of(dataset->words.count == 0 ? number : classes->name[class], arena);
}

/* order[i] is the place in the episode of the i-th class of it, by number. */
static void sort_places(const spae_episode *episode, size_t *order)
{
    for (size_t w = 0; w < episode->ways; w++) {
        size_t before = 0;
        for (size_t other = 0; other < episode->ways; other++)
            before += episode->class_of[other] < episode->class_of[w];
        order[before] = w;
    }
}

spae_status spae_task_labelled(const spae_model *model, const spae_dataset *dataset, const spae_classes *classes, size_t ways,
                               size_t shots, uint32_t seed, spae_arena *arena, spae_generation_task *task, spae_error *err)
{
    maker m;
    spae_episode episode;
    size_t order[SPAE_EPISODE_WAYS];
    spae_status status = spae_episode_sample(classes, seed, 0, ways, shots, arena, &episode, err);
    if (status == SPAE_OK)
        status = start(&m, model, arena, task, ways * shots, err);
    if (status != SPAE_OK)
        return status;
    sort_places(&episode, order);
    for (size_t i = 0; status == SPAE_OK && i < ways * shots; i++) {
        const size_t place = order[i % ways];
        int32_t *token = NULL;
        spae_dataset_picture(dataset, episode.support[i / ways * ways + place], &model->config, m.altered);
        status = tokens_of(&m, m.altered, &token, err);
        task->example[i] = (spae_prompt_pair){.text = condition_of(dataset, classes, episode.class_of[place], arena), .target = token};
        if (status == SPAE_OK && task->example[i].text == NULL)
            status = no_memory(err);
    }
    return status;
}
