/* spae inflate: a model of pictures becomes a model of videos to go on training from. SPEC 6.6 */
#include <stdio.h>

#include "io/cli/commands.h"
#include "io/cli/options.h"
#include "io/config.h"
#include "io/model.h"
#include "io/preset.h"
#include "nn/inflation.h"

static const char *const mode_names[] = {"central", "average"};

static const spae_cli_option options[] = {
    {.name = "o", .value = "VIDEO", .help = "the model to write, .npz", .required = true},
    {.name = "mode",
     .value = "M",
     .help = "central (default): kernels become the middle one in time, among zeros; average:\n"
             "all of them in time, divided by their number"},
    {.name = "preset",
     .value = "P",
     .help = "the configuration of videos (spae info --preset video shows it); without it, the\n"
             "picture model's, to be changed below"},
    {.name = "frames", .value = "T", .help = "frames of a video"},
    {.name = "temporal",
     .value = "L",
     .help = "which changes of scale halve time too: true,true,false"},
    {.name = "pyramid", .value = "L", .help = "sizes of the layers: 1x1x1,1x2x2,2x4x4"},
    {.name = "set",
     .value = "KEY=VALUE",
     .repeated = true,
     .help = "change anything else of the configuration"},
};

static const spae_cli_command command = {
    .name = "inflate",
    .arguments = "MODEL",
    .purpose = "A model of videos from one of pictures: codebook, words and notes are carried "
               "over, the words'\n"
               "width c too. Layers and filters must be those of the picture model.",
    .least = 1,
    .most = 1,
    .options = options,
    .option_count = sizeof options / sizeof options[0]};

/* KEY=VALUE with a value from an option of its own, if that was given. */
static bool set_from(const spae_cli_arguments *a, const char *name, const char *key,
                     const char *more, spae_config *config)
{
    char assignment[512];
    spae_error err;
    const char *value = spae_cli_value(a, name);
    if (value == NULL)
        return true;
    const int n = snprintf(assignment, sizeof assignment, "%s=%s%s", key, value, more);
    if (n < 0 || n >= (int)sizeof assignment)
        return spae_cli_wrong(&command, "--%s: is too long", name), false;
    if (spae_config_set(config, assignment, &err) != SPAE_OK)
        return spae_cli_wrong(&command, "--%s: %s", name, err.text), false;
    return true;
}

/* The configuration of videos; the mistake is said when it is wrong. */
static bool read_config(const spae_cli_arguments *a, const spae_config *picture,
                        spae_config *config)
{
    spae_error err;
    const char *preset = spae_cli_value(a, "preset"), *assignment;
    char size[64];
    *config = *picture;
    if (preset != NULL && spae_preset(preset, config, &err) != SPAE_OK)
        return spae_cli_wrong(&command, "--preset %s", err.text), false;
    config->ndim = 3;
    config->c = picture->c;
    config->codebook_size = picture->codebook_size;
    snprintf(size, sizeof size, "x%zux%zu", config->picture[1], config->picture[2]);
    if (!set_from(a, "frames", "picture", size, config) ||
        !set_from(a, "temporal", "temporal", "", config) ||
        !set_from(a, "pyramid", "pyramid", "", config))
        return false;
    for (size_t i = 0; (assignment = spae_cli_value_at(a, "set", i)) != NULL; i++)
        if (spae_config_set(config, assignment, &err) != SPAE_OK)
            return spae_cli_wrong(&command, "--set %s", err.text), false;
    if (spae_config_check(config, &err) != SPAE_OK)
        return spae_cli_wrong(&command, "the model of videos: %s", err.text), false;
    return true;
}

static spae_status inflate(const spae_cli_arguments *a, spae_inflation mode,
                           const spae_model *picture, const spae_notes *notes,
                           const spae_config *config, spae_arena *arena, spae_error *err)
{
    spae_model video;
    char hash[65];
    const char *out = spae_cli_value(a, "o");
    const bool discriminator =
        picture->parameters->elements > picture->elements && config->lambda > 0;
    spae_status status = spae_model_create(&video, config, discriminator, arena, err);
    if (status == SPAE_OK)
        status = spae_inflate_network(mode, picture->parameters, picture->values, video.parameters,
                                      video.values, err);
    if (status != SPAE_OK)
        return status;
    if (config->codebook_size == 0) /* a learned one is among the values */
        video.codebook = picture->codebook;
    video.word = picture->word;
    status = spae_model_store(&video, notes, out, arena, err);
    if (status != SPAE_OK)
        return status;
    spae_model_hash(&video, hash);
    printf("model %s\nsha256 %s\n", out, hash);
    return SPAE_OK;
}

static int run(const spae_cli_arguments *a, size_t mode, spae_arena *arena)
{
    spae_error err;
    spae_model picture;
    spae_notes notes;
    spae_config config;
    const char *path = a->positional[0];
    spae_status status = spae_model_open(&picture, &notes, true, arena, path, &err);
    if (status == SPAE_OK && picture.config.ndim != 2)
        status = spae_fail(&err, SPAE_ERR_SHAPE,
                           "%s: expected a model of pictures, this is one of videos", path);
    if (status != SPAE_OK)
        return spae_cli_failed(&command, &err);
    if (!read_config(a, &picture.config, &config))
        return SPAE_CLI_USAGE;
    status = inflate(a, (spae_inflation)mode, &picture, &notes, &config, arena, &err);
    return status == SPAE_OK ? SPAE_CLI_DONE : spae_cli_failed(&command, &err);
}

int spae_cli_inflate(int argc, char **argv)
{
    int status;
    size_t mode = SPAE_INFLATE_CENTRAL;
    spae_cli_arguments arguments;
    spae_arena arena;
    if (!spae_cli_parse(&command, argc, argv, &arguments, &status))
        return status;
    if (!spae_cli_choice(&arguments, "mode", mode_names, sizeof mode_names / sizeof mode_names[0],
                         &mode))
        return SPAE_CLI_USAGE;
    spae_arena_hosted(&arena);
    status = run(&arguments, mode, &arena);
    spae_arena_free(&arena);
    return status;
}
