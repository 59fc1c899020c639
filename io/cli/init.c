/* spae init: a model with deterministic first weights, the same bits on every machine. */
#include <stdio.h>

#include "io/cli/commands.h"
#include "io/cli/setup.h"
#include "io/model.h"

static const spae_cli_option options[] = {
    {.name = "preset", .value = "P", .help = "the configuration to start from", .required = true},
    {.name = "o", .value = "M", .help = "the model to write, .npz", .required = true},
    SPAE_CLI_SET_OPTION,
    {.name = "seed",
     .value = "S",
     .help = "of weights, and of embeddings where none are given (default 0)"},
    {.name = "codebook",
     .value = "F",
     .help = "embeddings of the words: .npy, (V,c), with --vocab, or an .npz of spae\ncodebook"},
    {.name = "vocab", .value = "F", .help = "the V words: a text, one a line, or .npy strings"},
    {.name = "words",
     .value = "N",
     .help = "without a codebook: N words w0, w1, .. with normal numbers as\nembeddings (default "
             "1024)"},
};

static const spae_cli_command command = {
    .name = "init",
    .arguments = "",
    .purpose = "A model that has learnt nothing yet: for tests, and to compare ports with.",
    .options = options,
    .option_count = sizeof options / sizeof options[0]};

typedef struct {
    spae_config config;
    uint32_t seed;
    uint64_t words;
    const char *codebook, *vocab, *out;
} settings;

static spae_status write_model(const settings *set, spae_arena *arena, spae_error *err)
{
    spae_vocabulary v;
    spae_model model;
    char hash[65];
    const spae_notes notes = spae_notes_default();
    spae_status status = set->codebook != NULL
                             ? spae_vocabulary_read(arena, set->codebook, set->vocab, 0, &v, err)
                             : spae_vocabulary_generate(arena, (size_t)set->words, set->config.c,
                                                        set->seed, &v, err);
    if (status == SPAE_OK)
        status = spae_model_create(&model, &set->config, true, arena, err);
    if (status == SPAE_OK)
        status = spae_vocabulary_use(&v, &model, err);
    if (status != SPAE_OK)
        return status;
    spae_model_init(&model, set->seed);
    status = spae_model_store(&model, &notes, set->out, arena, err);
    if (status != SPAE_OK)
        return status;
    spae_model_hash(&model, hash);
    printf("model %s\nsha256 %s\n", set->out, hash);
    return SPAE_OK;
}

static bool read_settings(const spae_cli_arguments *arguments, settings *set)
{
    set->codebook = spae_cli_value(arguments, "codebook");
    set->vocab = spae_cli_value(arguments, "vocab");
    set->out = spae_cli_value(arguments, "o");
    set->words = 1024;
    if (set->codebook == NULL && set->vocab != NULL)
        return spae_cli_wrong(&command, "--vocab: only with --codebook"), false;
    if (set->codebook != NULL && spae_cli_value(arguments, "words") != NULL)
        return spae_cli_wrong(&command, "--words: not with --codebook"), false;
    return spae_cli_config(arguments, &set->config) && spae_cli_seed(arguments, &set->seed) &&
           spae_cli_integer(arguments, "words", 1, INT32_MAX, &set->words);
}

int spae_cli_init(int argc, char **argv)
{
    int exit_status;
    spae_cli_arguments arguments;
    settings set;
    spae_arena arena;
    spae_error err;
    if (!spae_cli_parse(&command, argc, argv, &arguments, &exit_status))
        return exit_status;
    if (!read_settings(&arguments, &set))
        return SPAE_CLI_USAGE;
    spae_arena_hosted(&arena);
    exit_status = write_model(&set, &arena, &err) == SPAE_OK ? SPAE_CLI_DONE
                                                             : spae_cli_failed(&command, &err);
    spae_arena_free(&arena);
    return exit_status;
}
