/* A model that fits a test: 8x8 pictures, latent 4x4, pyramid 1+4+16+16 = 37 tokens, a dozen awkward words, random
 * weights. */
#ifndef SPAE_TEST_IO_TINY_MODEL_H
#define SPAE_TEST_IO_TINY_MODEL_H

#include "../../spae.h"
#include "../check.h"

enum { TINY_SIDE = 8, TINY_SAMPLES = 8 * 8 * 3, TINY_LAYERS = 4, TINY_TOKENS = 37, TINY_V = 14, TINY_C = 3 };

/* White space, control characters, the empty word, what begins like another format, equal words. The last one is
 * not UTF-8: models from files have none such. */
static const char *const tiny_words[TINY_V] = {
    "seven", " the", "", "a\\b", "tab\tline\nend\r", "caf\xC3\xA9", "\xC2\xA0",
    "twice", "9",    "{<&>\"'", "twice", "[x]", "1 2", "\xFFnot utf-8"};

static inline spae_config tiny_config(void)
{
    return (spae_config){.name = "tiny",
                         .ndim = 2,
                         .picture = {1, TINY_SIDE, TINY_SIDE},
                         .filters = 4,
                         .multiplier_count = 2,
                         .multipliers = {1, 2},
                         .res_blocks = 1,
                         .groups = 2,
                         .c = TINY_C,
                         .pyramid = {TINY_LAYERS, {{1, 1, 1}, {1, 2, 2}, {1, 4, 4}, {1, 4, 4}}},
                         .quantizer = SPAE_SAQ,
                         .semantic_layers = 2,
                         .thresholds = {0.9, 0.8},
                         .alpha = 1.0,
                         .beta = 0.33,
                         .dynamic_weight = true,
                         .batch = 2,
                         .steps = 4,
                         .learning_rate = 1e-3,
                         .warmup = 1,
                         .cooldown = 1,
                         .root_decay = true,
                         .beta1 = 0.0,
                         .beta2 = 0.99,
                         .epsilon = 1e-8,
                         .ema = 0.999};
}

/* The model with the first V of the words; everything lies in the arena. */
static inline spae_model tiny_model(spae_arena *arena, size_t V)
{
    spae_error err;
    spae_model model;
    const spae_config config = tiny_config();
    ck_assert_msg(spae_model_create(&model, &config, true, arena, &err) == SPAE_OK, "%s", err.text);
    spae_model_init(&model, 7);
    spae_real *e = spae_arena_take(arena, V * TINY_C, sizeof *e);
    ck_assert(e != NULL);
    for (size_t i = 0; i < V * TINY_C; i++)
        e[i] = (spae_real)((37 * (int)i + 11) % 31 - 15) / 16;
    model.codebook = (spae_codebook){V, TINY_C, e, NULL, NULL, NULL};
    model.word = tiny_words;
    return model;
}

/* A picture (8,8,3) by formula, values 0..1. */
static inline void tiny_picture(spae_real picture[TINY_SAMPLES])
{
    for (int i = 0; i < TINY_SAMPLES; i++)
        picture[i] = (spae_real)((29 * i + 5) % 64) / 64;
}

#endif
