/* --llm, --llm-set, --transcript, --resume and --join, read and opened. */
#include "io/cli/language.h"

#include <stdio.h>
#include <string.h>

static spae_status read_join(const spae_cli_arguments *arguments, spae_join *join, spae_error *err)
{
    const char *name = spae_cli_value(arguments, "join");
    *join = SPAE_JOINS;
    if (name == NULL)
        return SPAE_OK;
    for (size_t i = 0; i < SPAE_JOINS; i++)
        if (strcmp(spae_join_names[i], name) == 0) {
            *join = (spae_join)i;
            return SPAE_OK;
        }
    return spae_fail(err, SPAE_ERR_ARGUMENT, "--join: %s: expected plain, spaced or marked", name);
}

static spae_status take_settings(const spae_cli_arguments *arguments, spae_arena *arena, spae_language_options *options,
                                 spae_error *err)
{
    const char **setting = spae_arena_take(arena, arguments->given_count + 1, sizeof *setting);
    if (setting == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "no memory for the language model's settings");
    while ((setting[options->settings] = spae_cli_value_at(arguments, "llm-set", options->settings)) != NULL)
        options->settings++;
    options->setting = setting;
    return SPAE_OK;
}

spae_status spae_cli_language_open(const spae_cli_arguments *arguments, const spae_model *spae, spae_arena *arena,
                                   spae_cli_language *language, spae_error *err)
{
    const char *name = spae_cli_value(arguments, "llm");
    spae_language_options options = {.name = name != NULL ? name : "incontext",
                                     .transcript = spae_cli_value(arguments, "transcript"),
                                     .resume = spae_cli_value(arguments, "resume") != NULL,
                                     .program = spae_cli_program(),
                                     .spae = spae};
    spae_join join;
    size_t torn = 0;
    if (options.resume && options.transcript == NULL)
        return spae_fail(err, SPAE_ERR_ARGUMENT, "--resume: goes on with a --transcript, and none is named");
    spae_status status = read_join(arguments, &join, err);
    if (status == SPAE_OK)
        status = take_settings(arguments, arena, &options, err);
    if (status == SPAE_OK)
        status = spae_language_open(&options, arena, &language->model, &torn, err);
    if (status == SPAE_OK)
        status = spae_lexicon_open(spae->word, spae->codebook.V, join, language->model.tokenizer, arena, &language->lexicon, err);
    if (status == SPAE_OK && torn > 0)
        fprintf(stderr, "spae %s: %s: the last line was cut off: its %zu bytes are dropped\n", arguments->command->name,
                options.transcript != NULL ? options.transcript : options.name, torn);
    return status;
}
