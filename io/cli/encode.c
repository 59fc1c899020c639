/* spae encode: pictures, or videos, become token files. */
#include "io/cli/commands.h"
#include "io/cli/inputs.h"
#include "io/model.h"
#include "io/tokens.h"

static const spae_cli_option options[] = {
    {.name = "model", .value = "M", .help = "the model, an .npz", .required = true},
    {.name = "format",
     .value = "F",
     .help = "words (default), ids, npy or json: words and ids have one layer a line,\n"
             "an empty line between two pictures; npy is int32 (tokens) or (pictures, tokens);\n"
             "json is an object, or an array of one for each picture"},
    {.name = "layers", .value = "L", .help = "only the first L layers"},
    {.name = "o", .value = "FILE", .help = "write to FILE, not to standard output"},
    SPAE_CLI_FIT_OPTIONS,
    {.name = "from",
     .value = "N",
     .help = "of a video that has more frames than the model takes: those from frame N on"},
    {.name = "margins", .help = "with json: second least minus least squared distance of each token"},
};

static const spae_cli_command command = {
    .name = "encode",
    .arguments = "IMAGE...",
    .purpose = "The pyramid of tokens of each picture (PPM, PGM, PNG, JPEG or NPY), all in one token file. A\n"
               "model of videos takes Y4M, NPY (T,H,W,3), a folder of pictures, or the first of numbered pictures.",
    .least = 1,
    .most = SIZE_MAX,
    .options = options,
    .option_count = sizeof options / sizeof options[0]};

typedef struct {
    const spae_cli_arguments *arguments;
    spae_cli_fit fit;
    size_t format;
    uint64_t layers, from;
    bool margins;
    spae_model model;
} encoding;

/* Room for the kept layers of all pictures. */
static spae_status take_room(const encoding *e, spae_arena *arena, spae_tokens *tokens, spae_error *err)
{
    const size_t pictures = e->arguments->positional_count;
    const size_t each = spae_pyramid_total(&e->model.config.pyramid, (size_t)e->layers);
    *tokens = (spae_tokens){pictures, (size_t)e->layers, NULL, NULL};
    if (pictures <= SIZE_MAX / each) {
        tokens->token = spae_arena_take(arena, pictures * each, sizeof *tokens->token);
        if (e->margins)
            tokens->margin = spae_arena_take(arena, pictures * each, sizeof *tokens->margin);
    }
    if (tokens->token == NULL || (e->margins && tokens->margin == NULL))
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "no memory for the tokens of %zu pictures", pictures);
    return SPAE_OK;
}

/* Encodes picture `index` and keeps its first layers. */
static spae_status encode_one(const encoding *e, size_t index, spae_arena *arena, const spae_tokens *tokens,
                              spae_error *err)
{
    spae_error why;
    const char *path = e->arguments->positional[index];
    const spae_pyramid *pyramid = &e->model.config.pyramid;
    const size_t all = spae_pyramid_total(pyramid, pyramid->layers);
    const size_t each = spae_pyramid_total(pyramid, tokens->layers);
    spae_real *picture = NULL;
    const spae_status status =
        e->model.config.picture[0] > 1
            ? spae_cli_load_video(&e->model, path, e->fit, (size_t)e->from, arena, &picture, err)
            : spae_cli_load_picture(&e->model, path, e->fit, arena, &picture, err);
    if (status != SPAE_OK)
        return status;
    int32_t *token = spae_arena_take(arena, all, sizeof *token);
    double *margin = spae_arena_take(arena, all, sizeof *margin);
    if (token == NULL || margin == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for %zu tokens", path, all);
    spae_status encoded = spae_model_reserve(&e->model, SPAE_RUN_ENCODE, arena, &why);
    if (encoded == SPAE_OK)
        encoded = spae_encode(&e->model, picture, arena, token, margin, &why);
    if (encoded != SPAE_OK)
        return spae_fail(err, encoded, "%s: %s", path, why.text);
    for (size_t i = 0; i < each; i++) {
        tokens->token[index * each + i] = token[i];
        if (tokens->margin != NULL)
            tokens->margin[index * each + i] = margin[i];
    }
    return SPAE_OK;
}

static spae_status encode_all(const encoding *e, spae_arena *arena, spae_error *err)
{
    spae_tokens tokens;
    spae_tokens_model model;
    const uint8_t *bytes = NULL;
    size_t size = 0;
    const char *path = spae_cli_value(e->arguments, "o");
    spae_status status = take_room(e, arena, &tokens, err);
    for (size_t i = 0; status == SPAE_OK && i < tokens.pictures; i++) {
        const spae_arena_mark mark = spae_arena_here(arena);
        status = encode_one(e, i, arena, &tokens, err);
        spae_arena_reset(arena, mark);
    }
    if (status == SPAE_OK)
        status = spae_tokens_model_of(&e->model, arena, &model, err);
    if (status == SPAE_OK)
        status = spae_tokens_write(&model, (spae_tokens_format)e->format, &tokens, arena, &bytes, &size, err);
    if (status == SPAE_OK)
        status = spae_file_write_all(arena, path != NULL ? path : "-", bytes, size, err);
    return status;
}

static int run(encoding *e, spae_arena *arena)
{
    spae_error err;
    if (spae_model_open(&e->model, NULL, false, arena, spae_cli_value(e->arguments, "model"), &err) != SPAE_OK ||
        spae_codebook_prepare(&e->model.codebook, arena, &err) != SPAE_OK)
        return spae_cli_failed(&command, &err);
    if (e->from > 0 && e->model.config.picture[0] == 1)
        return spae_cli_wrong(&command, "--from: is for videos, the model takes pictures");
    e->layers = e->model.config.pyramid.layers;
    if (!spae_cli_integer(e->arguments, "layers", 1, e->layers, &e->layers))
        return SPAE_CLI_USAGE;
    return encode_all(e, arena, &err) == SPAE_OK ? SPAE_CLI_DONE : spae_cli_failed(&command, &err);
}

int spae_cli_encode(int argc, char **argv)
{
    int status;
    spae_cli_arguments arguments;
    encoding e = {.arguments = &arguments, .format = SPAE_TOKENS_WORDS};
    if (!spae_cli_parse(&command, argc, argv, &arguments, &status))
        return status;
    e.margins = spae_cli_value(&arguments, "margins") != NULL;
    if (!spae_cli_choice(&arguments, "format", spae_tokens_format_names, SPAE_TOKENS_FORMATS, &e.format) ||
        !spae_cli_integer(&arguments, "from", 1, UINT32_MAX, &e.from) || !spae_cli_read_fit(&arguments, &e.fit))
        return SPAE_CLI_USAGE;
    if (e.margins && e.format != SPAE_TOKENS_JSON)
        return spae_cli_wrong(&command, "--margins: only --format json holds them");
    spae_arena arena;
    spae_arena_hosted(&arena);
    status = run(&e, &arena);
    spae_arena_free(&arena);
    return status;
}
