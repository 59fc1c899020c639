/* The small models that the suites of spae.c share: every size small and, where it can be, different, so that
 * exchanged axes show. Inputs come from formulas that are exact in binary32, so all builds begin alike.
 */
#ifndef SPAE_TEST_SPAE_TINY_H
#define SPAE_TEST_SPAE_TINY_H

#include <stdlib.h>
#include <string.h>

#include "nn/network.h"
#include "nn/perceptual.h"
#include "spae.h"
#include "test/memory.h"

enum { TINY_WORDS = 40, TINY_EXAMPLES = 4, TINY_MOST = 4096 /* elements of a picture or latent grid, at most */ };

/* Pictures 16x24 in two changes of scale -> 4x6; layers 1x1, 2x2, 2x3, 4x6; the first three are guided. */
static inline spae_config tiny_pictures(void)
{
    return (spae_config){
        .name = "tiny", .ndim = 2, .picture = {1, 16, 24}, .filters = 8, .multiplier_count = 3,
        .multipliers = {1, 2, 2}, .res_blocks = 1, .groups = 4, .c = 6,
        .pyramid = {4, {{1, 1, 1}, {1, 2, 2}, {1, 2, 3}, {1, 4, 6}}}, .quantizer = SPAE_SAQ,
        .semantic_layers = 3, .thresholds = {0.9375, 0.75, 0.5}, .alpha = 0.1, .beta = 0.33, .dynamic_weight = true,
        .batch = TINY_EXAMPLES, .steps = 8, .learning_rate = 1e-2, .warmup = 2, .cooldown = 3, .root_decay = true,
        .beta1 = 0.9, .beta2 = 0.99, .epsilon = 1e-8, .ema = 0.75};
}

/* Video 4x8x12, halved in time once -> 2x4x6 */
static inline spae_config tiny_video(void)
{
    spae_config config = tiny_pictures();
    config.ndim = 3;
    config.picture[0] = 4;
    config.picture[1] = 8;
    config.picture[2] = 12;
    config.multiplier_count = 2;
    config.temporal[0] = true;
    config.pyramid = (spae_pyramid){3, {{1, 1, 1}, {1, 2, 3}, {2, 4, 6}}};
    config.semantic_layers = 2;
    return config;
}

/* The least model with every part: for tests that run thousands of times. */
static inline spae_config tiny_least(void)
{
    spae_config config = tiny_pictures();
    config.picture[1] = config.picture[2] = 4;
    config.filters = 2;
    config.groups = 1;
    config.c = 3;
    config.multiplier_count = 2;
    config.pyramid = (spae_pyramid){2, {{1, 1, 1}, {1, 2, 2}}};
    config.semantic_layers = 1;
    return config;
}

/* A configuration with every term of Eq. 8 that needs no weights from elsewhere. */
static inline spae_config tiny_adversarial(spae_config config)
{
    config.lambda = 0.25;
    config.phi = 0.125;
    config.r1_cost = 10;
    config.lecam_decay = 0.875;
    config.discriminator_filters = 3;
    config.discriminator_count = 2;
    config.discriminator_multipliers[0] = 1;
    config.discriminator_multipliers[1] = 2;
    return config;
}

/* And with a codebook that is learned. */
static inline spae_config tiny_learned(spae_config config)
{
    config = tiny_adversarial(config);
    config.codebook_size = TINY_WORDS - 3;
    config.codebook_weight = 0.75;
    config.entropy_weight = 0.5;
    config.entropy_temperature = 0.25;
    config.semantic_layers = 0;
    return config;
}

static inline uint32_t tiny_draw(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 16;
}

/* Multiples of 2^-8 in [0,1). */
static inline void tiny_picture(uint32_t seed, size_t n, spae_real *picture)
{
    for (size_t i = 0; i < n; i++)
        picture[i] = (spae_real)((i * (7 + seed) + i / 5 * 31 + 64 * seed) % 256) / 256;
}

/* Multiples of 2^-10 in [-1,1). */
static inline void tiny_codebook(size_t n, spae_real *e)
{
    for (uint32_t i = 0, state = 2023; i < n; i++)
        e[i] = ((spae_real)(tiny_draw(&state) % 2048) - 1024) / 1024;
}

/* Multiples of 1/16 from 0 to 1, each example's best word another. */
static inline void tiny_similarity(uint32_t example, size_t V, spae_real *s)
{
    for (size_t k = 0; k < V; k++)
        s[k] = (spae_real)((k * 5 + example * 3) % 17) / 16;
}

/* A model with its codebook, words, pictures and similarities; all of it in one arena over watched memory. */
typedef struct {
    watch memory;
    spae_arena arena;
    spae_model model;
    spae_error err;
    spae_example examples[TINY_EXAMPLES];
    size_t picture, latent, tokens; /* elements */
} tiny;

static inline spae_real *tiny_reals(tiny *t, size_t n)
{
    return spae_arena_take_zeroed(&t->arena, n, sizeof(spae_real));
}

static inline spae_status tiny_book(tiny *t, size_t c)
{
    if (t->model.config.codebook_size > 0)
        return SPAE_OK; /* it lies among the parameters */
    spae_real *e = tiny_reals(t, TINY_WORDS * c);
    tiny_codebook(TINY_WORDS * c, e);
    t->model.codebook = (spae_codebook){.V = TINY_WORDS, .c = c, .e = e};
    return spae_codebook_prepare(&t->model.codebook, &t->arena, &t->err);
}

/* Everything made in the arena of `t`, which is ready; weights from `seed`. */
static inline spae_status tiny_fill(tiny *t, const spae_config *config, uint32_t seed)
{
    memset(&t->err, 0, sizeof t->err);
    spae_status status = spae_model_create(&t->model, config, true, &t->arena, &t->err);
    if (status == SPAE_OK)
        status = tiny_book(t, config->c);
    if (status != SPAE_OK)
        return status;
    spae_model_init(&t->model, seed);
    t->picture = config->picture[0] * config->picture[1] * config->picture[2] * 3;
    t->latent = spae_pyramid_cells(&config->pyramid) * config->c;
    t->tokens = spae_pyramid_total(&config->pyramid, config->pyramid.layers);
    for (uint32_t i = 0; i < TINY_EXAMPLES; i++) {
        spae_real *picture = tiny_reals(t, t->picture), *similarity = tiny_reals(t, TINY_WORDS);
        tiny_picture(i, t->picture, picture);
        tiny_similarity(i, TINY_WORDS, similarity);
        t->examples[i] = (spae_example){picture, similarity};
    }
    return SPAE_OK;
}

static inline spae_status tiny_open(tiny *t, const spae_config *config, uint32_t seed)
{
    watched_arena(&t->arena, &t->memory, 0);
    return tiny_fill(t, config, seed);
}

/* A small frozen ResNet for the perceptual term, in the tiny's arena: first weights from a seed, no running mean 0. */
static inline spae_status tiny_perceptual(tiny *t, spae_perceptual_weights *weights)
{
    weights->network = spae_perceptual_resnet50(true);
    weights->network.resnet = (spae_resnet){.width = 2, .stages = 2, .blocks = {1, 1}, .classes = 3, .bn_eps = 1e-5};
    weights->network.resize[0] = weights->network.resize[1] = 32;
    weights->parameters = spae_arena_take_zeroed(&t->arena, 1, sizeof *weights->parameters);
    weights->parameters->arena = &t->arena;
    const spae_status status = spae_perceptual_declare(&weights->network, weights->parameters, &t->err);
    if (status != SPAE_OK)
        return status;
    spae_real *values = tiny_reals(t, weights->parameters->elements);
    spae_parameters_init(weights->parameters, 11, values);
    for (size_t i = 0; i < weights->parameters->elements; i++)
        values[i] += (spae_real)(i * 29 % 17) / 256;
    weights->values = values;
    return SPAE_OK;
}

static inline void tiny_close(tiny *t)
{
    spae_arena_free(&t->arena);
}

/* `steps` train steps with `at_once` examples side by side, each in an arena of its own. */
static inline spae_status tiny_steps(tiny *t, spae_trainer *trainer, size_t steps, spae_arena *arenas, size_t at_once,
                                     spae_terms *terms, int32_t *tokens)
{
    spae_status status = SPAE_OK;
    for (size_t i = 0; i < steps && status == SPAE_OK; i++)
        status = spae_train_step(trainer, t->examples, TINY_EXAMPLES, arenas, at_once, terms, tokens, &t->err);
    return status;
}

static inline spae_status tiny_train(tiny *t, spae_trainer *trainer, size_t steps, size_t at_once, spae_terms *terms,
                                     int32_t *tokens)
{
    watch memory[TINY_EXAMPLES];
    spae_arena arenas[TINY_EXAMPLES];
    for (size_t i = 0; i < at_once; i++)
        watched_arena(&arenas[i], &memory[i], 0);
    const spae_status status = tiny_steps(t, trainer, steps, arenas, at_once, terms, tokens);
    for (size_t i = 0; i < at_once; i++)
        spae_arena_free(&arenas[i]);
    return status;
}

#endif
