/* The study of the language model without weights (vectors/language-study/README.md has what came of it):
 *
 *     study generate MODEL DATA OUT [SETTING=VALUE ..]     digits "an image of k"; needs judge=WEIGHTS.npz
 *     study classify MODEL DATA OUT [..]                   few-shot classification, Table 1's settings
 *     study denoise MODEL DATA OUT [..]                    Eq. 12
 *
 * OUT begins the names of the files written: OUT.csv and pictures. The table is printed.
 * Settings: judge=FILE, seed=1, seeds=1 (runs from seed on), episodes=500, temperature=1 (of generate), part=test or train,
 * labels=names or hidden (of classify: "apple", "river", .. in place of the classes' names).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "study.h"

static spae_status set(study *s, const char *setting, spae_error *err)
{
    const char *value = strchr(setting, '=');
    const size_t n = value != NULL ? (size_t)(value++ - setting) : 0;
    if (n == 5 && strncmp(setting, "judge", n) == 0)
        s->judge = value;
    else if (n == 4 && strncmp(setting, "seed", n) == 0)
        s->seed = (uint32_t)strtoul(value, NULL, 10);
    else if (n == 5 && strncmp(setting, "seeds", n) == 0)
        s->seeds = (uint32_t)strtoul(value, NULL, 10);
    else if (n == 8 && strncmp(setting, "episodes", n) == 0)
        s->episodes = strtoul(value, NULL, 10);
    else if (n == 11 && strncmp(setting, "temperature", n) == 0)
        s->temperature = strtod(value, NULL);
    else if (n == 6 && strncmp(setting, "labels", n) == 0)
        s->hidden = strcmp(value, "hidden") == 0;
    else if (n == 4 && strncmp(setting, "part", n) == 0)
        s->part = strcmp(value, "train") == 0 ? SPAE_DATASET_TRAIN : SPAE_DATASET_TEST;
    else
        return spae_fail(err, SPAE_ERR_ARGUMENT, "study: no setting \"%s\"", setting);
    return SPAE_OK;
}

static spae_status run(int argc, char **argv, spae_arena *arena, spae_error *err)
{
    study s = {.model = argv[2], .data = argv[3], .out = argv[4], .judge = "vectors/language-study/digits.npz", .seed = 1,
               .seeds = 1, .episodes = 500, .temperature = 1, .part = SPAE_DATASET_TEST};
    for (int i = 5; i < argc; i++)
        if (set(&s, argv[i], err) != SPAE_OK)
            return err->status;
    if (strcmp(argv[1], "generate") == 0)
        return study_generate(&s, arena, err);
    if (strcmp(argv[1], "classify") == 0)
        return study_classify(&s, arena, err);
    if (strcmp(argv[1], "denoise") == 0)
        return study_denoise(&s, arena, err);
    return spae_fail(err, SPAE_ERR_ARGUMENT, "study: \"%s\" is none of generate, classify, denoise", argv[1]);
}

int main(int argc, char **argv)
{
    spae_error err = {SPAE_ERR_ARGUMENT, "usage: study generate|classify|denoise MODEL DATA OUT [SETTING=VALUE ..]"};
    spae_arena arena;
    spae_arena_hosted(&arena);
    spae_status status = argc >= 5 ? spae_self_check(&err) : err.status;
    if (status == SPAE_OK)
        status = run(argc, argv, &arena, &err);
    if (status != SPAE_OK)
        fprintf(stderr, "%s\n", err.text);
    spae_arena_free(&arena);
    return status != SPAE_OK;
}
