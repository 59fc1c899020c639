/* The experiments of the language study; study.c has the commands. */
#ifndef SPAE_TEST_LANGUAGE_STUDY_H
#define SPAE_TEST_LANGUAGE_STUDY_H

#include "workshop.h"

/* What a user sets. */
typedef struct {
    const char *model, *data, *judge, *out; /* out: the beginning of the files' names */
    uint32_t seed, seeds;                   /* of `seeds` runs from `seed` on */
    size_t episodes;
    double temperature;
    bool hidden; /* labels of classify say nothing of the pictures */
    spae_dataset_part part;
} study;

spae_status study_generate(const study *s, spae_arena *arena, spae_error *err);
spae_status study_classify(const study *s, spae_arena *arena, spae_error *err);
spae_status study_denoise(const study *s, spae_arena *arena, spae_error *err);

#endif
