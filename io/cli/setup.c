/* The shared options of setup.h. */
#include "io/cli/setup.h"

#include <stdio.h>

#include "io/config.h"
#include "io/preset.h"

bool spae_cli_config(const spae_cli_arguments *arguments, spae_config *config)
{
    spae_error err;
    const char *assignment;
    const char *given = spae_cli_value(arguments, "preset");
    const char *preset = given != NULL ? given : "image-128";
    if (spae_preset(preset, config, &err) != SPAE_OK)
        return spae_cli_wrong(arguments->command, "--preset %s", err.text), false;
    for (size_t i = 0; (assignment = spae_cli_value_at(arguments, "set", i)) != NULL; i++)
        if (spae_config_set(config, assignment, &err) != SPAE_OK)
            return spae_cli_wrong(arguments->command, "--set %s", err.text), false;
    if (spae_config_check(config, &err) != SPAE_OK)
        return spae_cli_wrong(arguments->command, "--preset %s with these --set: %s", preset,
                              err.text),
               false;
    return true;
}

bool spae_cli_seed(const spae_cli_arguments *arguments, uint32_t *seed)
{
    uint64_t value = 0;
    if (!spae_cli_integer(arguments, "seed", 0, UINT32_MAX, &value))
        return false;
    *seed = (uint32_t)value;
    return true;
}

void spae_cli_left_out(const spae_cli_arguments *arguments, const spae_dataset *dataset,
                       size_t left_out)
{
    if (left_out > 0)
        fprintf(
            stderr,
            "spae %s: %s: %zu of %zu pictures left out: none of their words is in the vocabulary\n",
            arguments->command->name, dataset->name, left_out, dataset->count + left_out);
}

spae_status spae_cli_sources(const spae_cli_arguments *arguments, spae_dataset *dataset,
                             const char *const *word, size_t count, const spae_model *model,
                             spae_arena *arena, spae_sources *sources, spae_error *err)
{
    spae_words vocabulary;
    size_t left_out = 0;
    spae_status status = spae_words_index(model->word, model->codebook.V, arena, &vocabulary, err);
    if (status == SPAE_OK)
        status =
            spae_dataset_sources(dataset, word, count, &vocabulary, arena, sources, &left_out, err);
    if (status == SPAE_OK)
        spae_cli_left_out(arguments, dataset, left_out);
    return status;
}
