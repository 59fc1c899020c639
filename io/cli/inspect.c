/* spae inspect: an HTML report on pictures. */
#include <string.h>

#include "io/cli/commands.h"
#include "io/cli/inputs.h"
#include "io/figures.h"
#include "io/report.h"

static const spae_cli_option options[] = {
    {.name = "model", .value = "M", .help = "the model, an .npz", .required = true},
    {.name = "o", .value = "REPORT", .help = "the report to write, .html; .svg or .png: only the\nreconstructions with their PSNR (Fig. 14)", .required = true},
    {.name = "label",
     .value = "WORD",
     .help = "shade cells by similarity to this word of the vocabulary\n(default: each picture's word of layer 1)"},
    SPAE_CLI_FIT_OPTIONS,
};

static const spae_cli_command command = {
    .name = "inspect",
    .arguments = "IMAGE...",
    .purpose = "One HTML file to look at: each picture, its pyramid of words shaded by similarity (Fig. 4, 13), what\n"
               "the first 1, 2, ... layers rebuild (Fig. 14), and each layer's most frequent words over all pictures.",
    .least = 1,
    .most = SIZE_MAX,
    .options = options,
    .option_count = sizeof options / sizeof options[0]};

typedef struct {
    const spae_cli_arguments *arguments;
    spae_cli_fit fit;
    const char *label; /* NULL: none */
    int32_t reference; /* its token */
    spae_model model;
    spae_words words;
} inspection;

static spae_status load(inspection *in, spae_arena *arena, spae_error *err)
{
    const char *path = spae_cli_value(in->arguments, "model");
    spae_status status = spae_cli_load_model(path, arena, &in->model, err);
    if (status == SPAE_OK)
        status = spae_words_index(in->model.word, in->model.codebook.V, arena, &in->words, err);
    if (status == SPAE_OK && in->label != NULL &&
        !spae_words_find(&in->words, in->label, strlen(in->label), &in->reference))
        return spae_fail(err, SPAE_ERR_ARGUMENT, "--label: %s: no word of the vocabulary of %s", in->label, path);
    return status;
}

static spae_status study_all(const inspection *in, spae_arena *arena, spae_study *studies, spae_error *err)
{
    for (size_t i = 0; i < in->arguments->positional_count; i++) {
        const char *path = in->arguments->positional[i];
        spae_real *picture = NULL;
        spae_status status = spae_cli_load_picture(&in->model, path, in->fit, arena, &picture, err);
        if (status == SPAE_OK)
            status = spae_study_make(&in->model, path, picture, in->label, in->reference, arena, &studies[i], err);
        if (status != SPAE_OK)
            return status;
    }
    return SPAE_OK;
}

/* Is only Fig. 14 wanted? */
static bool draws(const inspection *in)
{
    const char *path = spae_cli_value(in->arguments, "o");
    return spae_file_ends(path, ".svg") || spae_file_ends(path, ".png");
}

static spae_status draw(const inspection *in, const spae_study *studies, spae_arena *arena, spae_error *err)
{
    spae_canvas canvas;
    const spae_status status =
        spae_figure_reconstructions(&in->model, studies, in->arguments->positional_count, arena, &canvas, err);
    return status == SPAE_OK ? spae_canvas_write(&canvas, spae_cli_value(in->arguments, "o"), err) : status;
}

static spae_status inspect(inspection *in, spae_arena *arena, spae_error *err)
{
    const size_t count = in->arguments->positional_count;
    const uint8_t *bytes = NULL;
    size_t size = 0;
    spae_status status = load(in, arena, err);
    if (status != SPAE_OK)
        return status;
    spae_study *studies = spae_arena_take(arena, count, sizeof *studies);
    if (studies == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "no memory for %zu pictures", count);
    status = study_all(in, arena, studies, err);
    if (status == SPAE_OK && draws(in))
        return draw(in, studies, arena, err);
    if (status == SPAE_OK)
        status = spae_report_write(&in->model, &in->words, "Pictures as pyramids of words", studies, count, arena,
                                   &bytes, &size, err);
    if (status == SPAE_OK)
        status = spae_file_write_all(arena, spae_cli_value(in->arguments, "o"), bytes, size, err);
    return status;
}

int spae_cli_inspect(int argc, char **argv)
{
    int status;
    spae_error err;
    spae_cli_arguments arguments;
    inspection in = {.arguments = &arguments};
    if (!spae_cli_parse(&command, argc, argv, &arguments, &status))
        return status;
    if (!spae_cli_read_fit(&arguments, &in.fit))
        return SPAE_CLI_USAGE;
    in.label = spae_cli_value(&arguments, "label");
    spae_arena arena;
    spae_arena_hosted(&arena);
    status = inspect(&in, &arena, &err) == SPAE_OK ? SPAE_CLI_DONE : spae_cli_failed(&command, &err);
    spae_arena_free(&arena);
    return status;
}
