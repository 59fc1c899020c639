/* spae decode: a token file becomes a picture. */
#include <string.h>

#include "io/cli/commands.h"
#include "io/cli/inputs.h"
#include "io/tokens.h"

static const spae_cli_option options[] = {
    {.name = "model", .value = "M", .help = "the model, an .npz", .required = true},
    {.name = "o", .value = "OUT", .help = "the picture: .ppm, .png or .npy", .required = true},
    {.name = "layers", .value = "L", .help = "only the first L layers (default: all that are there)"},
    {.name = "index", .value = "N", .help = "of a file of several pictures the N-th, from 1"},
    {.name = "format", .value = "F", .help = "words, ids, npy or json (default: as the file looks)"},
};

static const spae_cli_command command = {
    .name = "decode",
    .arguments = "TOKENS",
    .purpose = "The picture of a token file (- is standard input), from all its layers or fewer.",
    .least = 1,
    .most = 1,
    .options = options,
    .option_count = sizeof options / sizeof options[0]};

static bool is_picture_name(const char *path)
{
    static const char *const endings[] = {".ppm", ".pgm", ".png", ".npy"};
    const size_t n = strlen(path);
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++)
        if (n > 4 && strcmp(path + n - 4, endings[i]) == 0)
            return true;
    return false;
}

static spae_status read_tokens(const spae_cli_arguments *arguments, size_t format, const spae_model *model,
                               spae_arena *arena, spae_tokens *tokens, spae_error *err)
{
    spae_tokens_model against;
    const char *path = arguments->positional[0];
    const uint8_t *bytes = NULL;
    size_t size = 0;
    spae_status status = spae_tokens_model_of(model, arena, &against, err);
    if (status == SPAE_OK)
        status = spae_file_read_all(arena, path, SPAE_TOKENS_FILE_MOST, &bytes, &size, err);
    if (status == SPAE_OK)
        status = spae_tokens_read(&against, (spae_tokens_format)format, path, bytes, size, arena, tokens, err);
    return status;
}

static spae_status decode(const spae_cli_arguments *arguments, const spae_model *model, const int32_t *token,
                          size_t layers, spae_arena *arena, spae_error *err)
{
    spae_error why;
    const size_t height = model->config.picture[1], width = model->config.picture[2];
    spae_real *picture = spae_arena_take(arena, height * width * 3, sizeof *picture);
    if (picture == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "no memory for a picture");
    const spae_status status = spae_decode(model, token, layers, arena, picture, &why);
    if (status != SPAE_OK)
        return spae_fail(err, status, "%s: %s", arguments->positional[0], why.text);
    return spae_picture_save(spae_cli_value(arguments, "o"), picture, height, width, arena, err);
}

/* Which picture of the file: --index, needed where there are several. */
static bool choose(const spae_cli_arguments *arguments, const spae_tokens *tokens, uint64_t *layers,
                   uint64_t *index)
{
    if (!spae_cli_integer(arguments, "layers", 1, tokens->layers, layers) ||
        !spae_cli_integer(arguments, "index", 1, tokens->pictures, index))
        return false;
    if (*index == 0 && tokens->pictures > 1) {
        spae_cli_wrong(arguments->command, "%s: has %zu pictures: --index N says which",
                       arguments->positional[0], tokens->pictures);
        return false;
    }
    return true;
}

static int run(const spae_cli_arguments *arguments, size_t format, spae_arena *arena)
{
    spae_error err;
    spae_model model;
    spae_tokens tokens;
    if (spae_cli_load_model(spae_cli_value(arguments, "model"), arena, &model, &err) != SPAE_OK ||
        read_tokens(arguments, format, &model, arena, &tokens, &err) != SPAE_OK)
        return spae_cli_failed(&command, &err);
    uint64_t layers = tokens.layers, index = 0;
    if (!choose(arguments, &tokens, &layers, &index))
        return SPAE_CLI_USAGE;
    const size_t each = spae_pyramid_total(&model.config.pyramid, tokens.layers);
    const int32_t *token = tokens.token + (index > 0 ? (size_t)index - 1 : 0) * each;
    return decode(arguments, &model, token, (size_t)layers, arena, &err) == SPAE_OK
               ? SPAE_CLI_DONE
               : spae_cli_failed(&command, &err);
}

int spae_cli_decode(int argc, char **argv)
{
    int status;
    spae_cli_arguments arguments;
    size_t format = SPAE_TOKENS_FORMATS;
    if (!spae_cli_parse(&command, argc, argv, &arguments, &status))
        return status;
    if (!spae_cli_choice(&arguments, "format", spae_tokens_format_names, SPAE_TOKENS_FORMATS, &format))
        return SPAE_CLI_USAGE;
    if (!is_picture_name(spae_cli_value(&arguments, "o")))
        return spae_cli_wrong(&command, "-o: %s: expected a name that ends in .ppm, .pgm, .png or .npy",
                              spae_cli_value(&arguments, "o"));
    spae_arena arena;
    spae_arena_hosted(&arena);
    status = run(&arguments, format, &arena);
    spae_arena_free(&arena);
    return status;
}
