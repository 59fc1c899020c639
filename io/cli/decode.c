/* spae decode: a token file becomes a picture, or a video. */
#include <string.h>

#include "io/cli/commands.h"
#include "io/cli/inputs.h"
#include "io/model.h"
#include "io/tokens.h"
#include "io/video.h"

static const spae_cli_option options[] = {
    {.name = "model", .value = "M", .help = "the model, an .npz", .required = true},
    {.name = "o", .value = "OUT",
     .help = "the picture: .ppm, .pgm, .png or .npy; the video: .y4m, .npy, or a folder DIR/\n"
             "for numbered pictures", .required = true},
    {.name = "layers", .value = "L", .help = "only the first L layers (default: all that are there)"},
    {.name = "index", .value = "N", .help = "of a file of several pictures the N-th, from 1"},
    {.name = "format", .value = "F", .help = "words, ids, npy or json (default: as the file looks)"},
};

static const spae_cli_command command = {
    .name = "decode",
    .arguments = "TOKENS",
    .purpose = "The picture or video of a token file (- is standard input), from all its layers or fewer.",
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

/* Is -o a name of what the model gives?  Otherwise the mistake is said. */
static bool check_name(const char *path, bool video)
{
    if (video ? spae_video_is_name(path) : is_picture_name(path))
        return true;
    spae_cli_wrong(&command, "-o: %s: expected a name that ends in %s", path,
                   video ? ".y4m, .npy or /, for a video" : ".ppm, .pgm, .png or .npy");
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

/* Frames (T,H,W,3), as floats. */
static spae_status save_video(const char *path, const spae_real *frames, const size_t size[3], spae_arena *arena,
                              spae_error *err)
{
    const size_t count = size[0] * size[1] * size[2] * 3;
    spae_video video = {size[0], size[1], size[2], spae_arena_take(arena, count, sizeof *video.pixels)};
    if (video.pixels == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for %zu frames", path, size[0]);
    for (size_t i = 0; i < count; i++)
        video.pixels[i] = (float)frames[i];
    return spae_video_write(arena, path, &video, err);
}

static spae_status decode(const spae_cli_arguments *arguments, const spae_model *model, const int32_t *token,
                          size_t layers, spae_arena *arena, spae_error *err)
{
    spae_error why;
    const size_t *size = model->config.picture;
    const char *out = spae_cli_value(arguments, "o");
    spae_real *picture = spae_arena_take(arena, size[0] * size[1] * size[2] * 3, sizeof *picture);
    if (picture == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "no memory for a picture");
    spae_status status = spae_model_reserve(model, SPAE_RUN_DECODE, arena, &why);
    if (status == SPAE_OK)
        status = spae_decode(model, token, layers, arena, picture, &why);
    if (status != SPAE_OK)
        return spae_fail(err, status, "%s: %s", arguments->positional[0], why.text);
    return size[0] > 1 ? save_video(out, picture, size, arena, err)
                       : spae_picture_save(out, picture, size[1], size[2], arena, err);
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
    if (spae_model_open(&model, NULL, false, arena, spae_cli_value(arguments, "model"), &err) != SPAE_OK)
        return spae_cli_failed(&command, &err);
    if (!check_name(spae_cli_value(arguments, "o"), model.config.picture[0] > 1))
        return SPAE_CLI_USAGE;
    if (read_tokens(arguments, format, &model, arena, &tokens, &err) != SPAE_OK)
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
    spae_arena arena;
    spae_arena_hosted(&arena);
    status = run(&arguments, format, &arena);
    spae_arena_free(&arena);
    return status;
}
