/* spae info: what a model or a preset is made of. */
#include <stdio.h>
#include <string.h>

#include "io/cli/commands.h"
#include "io/cli/setup.h"
#include "io/config.h"
#include "io/model.h"
#include "nn/network.h"

static const spae_cli_option options[] = {
    {.name = "preset", .value = "P", .help = "a preset instead of a file"},
    SPAE_CLI_SET_OPTION,
};

static const spae_cli_command command = {.name = "info",
                                         .arguments = "M.npz",
                                         .purpose =
                                             "Parameters by path and shape, their number, work, "
                                             "memory, configuration, and a model's hash.",
                                         .most = 1,
                                         .options = options,
                                         .option_count = sizeof options / sizeof options[0]};

/* "59,397,123" */
static const char *grouped(uint64_t number, char text[32])
{
    char digits[24];
    const int n = snprintf(digits, sizeof digits, "%llu", (unsigned long long)number);
    size_t at = 0;
    for (int i = 0; i < n; i++) {
        if (i > 0 && (n - i) % 3 == 0)
            text[at++] = ',';
        text[at++] = digits[i];
    }
    text[at] = '\0';
    return text;
}

static void print_number(const char *name, uint64_t number)
{
    char text[32];
    printf("%-24s %-20llu %s\n", name, (unsigned long long)number, grouped(number, text));
}

static void print_parameters(const spae_parameters *parameters)
{
    for (size_t p = 0; p < parameters->count; p++) {
        const spae_parameter *item = &parameters->item[p];
        char shape[80] = "(";
        size_t at = 1;
        for (size_t i = SPAE_AXES - item->rank; i < SPAE_AXES; i++)
            at += (size_t)snprintf(shape + at, sizeof shape - at,
                                   i + 1 < SPAE_AXES ? "%zu," : "%zu)", item->shape.axis[i]);
        printf("%-44s %-22s %zu\n", item->path, shape, spae_shape_count(item->shape));
    }
}

static void print_pyramid(const spae_pyramid *pyramid)
{
    for (size_t l = 0; l < pyramid->layers; l++)
        printf("layer %-18zu %zux%zux%zu, %zu tokens, %zu so far\n", l + 1, pyramid->size[l][0],
               pyramid->size[l][1], pyramid->size[l][2], spae_pyramid_tokens(pyramid, l),
               spae_pyramid_total(pyramid, l + 1));
}

static void print_config(const spae_config *config)
{
    char keys[800], value[256];
    spae_config_keys(keys, sizeof keys);
    for (char *key = strtok(keys, " "); key != NULL; key = strtok(NULL, " ")) {
        spae_config_text(config, key, value, sizeof value);
        printf("%-24s %s\n", key, value);
    }
}

static void print_size(const spae_size *size)
{
    const uint64_t total = (uint64_t)size->encoder_parameters + size->decoder_parameters;
    print_number("encoder_parameters", size->encoder_parameters);
    print_number("decoder_parameters", size->decoder_parameters);
    print_number("parameters", total);
    print_number("discriminator_parameters", size->discriminator_parameters);
    print_number("encoder_multiply_adds", size->encoder_multiply_adds);
    print_number("decoder_multiply_adds", size->decoder_multiply_adds);
    print_number("weight_bytes", total * sizeof(spae_real));
    print_number("training_state_bytes",
                 total * 5 * sizeof(spae_real)); /* weights, gradient, two moments, average */
}

/* The sizes and the table of parameters; these are found without room for their values. */
static spae_status print_networks(const spae_config *config, const spae_parameters *parameters,
                                  spae_arena *arena, spae_error *err)
{
    spae_size size;
    const spae_status status = spae_config_size(config, arena, &size, err);
    if (status != SPAE_OK)
        return status;
    print_config(config);
    printf("\n");
    print_parameters(parameters);
    printf("\n");
    print_pyramid(&config->pyramid);
    printf("\n");
    print_size(&size);
    return SPAE_OK;
}

static void print_words(const spae_model *model, const spae_notes *notes)
{
    char hash[65];
    spae_model_hash(model, hash);
    print_number("words", model->codebook.V);
    print_number("codebook_bytes",
                 (uint64_t)model->codebook.V * model->codebook.c * sizeof(spae_real));
    printf("%-24s %s\n", "guide", spae_guide_names[notes->guide]);
    printf("%-24s", "labels");
    for (size_t i = 0; i < notes->label_count; i++)
        printf(" %s", notes->label[i]);
    printf("\n%-24s %s\n", "sha256", hash);
}

static spae_status print_file(const char *path, spae_arena *arena, spae_error *err)
{
    spae_model model;
    spae_notes notes;
    spae_status status = spae_model_open(&model, &notes, arena, path, err);
    if (status == SPAE_OK)
        status = print_networks(&model.config, model.parameters, arena, err);
    if (status == SPAE_OK)
        print_words(&model, &notes);
    return status;
}

static spae_status print_preset(const spae_config *config, spae_arena *arena, spae_error *err)
{
    spae_model model;
    const spae_status status = spae_model_create(&model, config, true, arena, err);
    return status == SPAE_OK ? print_networks(config, model.parameters, arena, err) : status;
}

int spae_cli_info(int argc, char **argv)
{
    int exit_status;
    spae_cli_arguments arguments;
    spae_config config;
    spae_arena arena;
    spae_error err;
    if (!spae_cli_parse(&command, argc, argv, &arguments, &exit_status))
        return exit_status;
    const bool preset = spae_cli_value(&arguments, "preset") != NULL;
    if (preset == (arguments.positional_count == 1))
        return spae_cli_wrong(&command, "expected a model or --preset, one of the two");
    if (!preset && spae_cli_value(&arguments, "set") != NULL)
        return spae_cli_wrong(&command, "--set: only with --preset");
    if (preset && !spae_cli_config(&arguments, &config))
        return SPAE_CLI_USAGE;
    spae_arena_hosted(&arena);
    const spae_status status = preset ? print_preset(&config, &arena, &err)
                                      : print_file(arguments.positional[0], &arena, &err);
    exit_status = status == SPAE_OK ? SPAE_CLI_DONE : spae_cli_failed(&command, &err);
    spae_arena_free(&arena);
    return exit_status;
}
