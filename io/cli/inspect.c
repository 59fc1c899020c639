/* spae inspect: an HTML report on pictures, or one of its drawings. */
#include <string.h>

#include "io/cli/commands.h"
#include "io/cli/inputs.h"
#include "io/cli/runs.h"
#include "io/figures.h"
#include "io/report.h"

static const spae_cli_option options[] = {
    {.name = "model", .value = "M", .help = "the model, an .npz", .required = true},
    {.name = "o", .value = "FILE", .help = "the file to write, .html, .svg or .png", .required = true},
    {.name = "figure",
     .value = "F",
     .help = "draw one thing, in any of the three (default: all of it in .html,\nreconstructions in .svg and .png):\n"
             "pyramid: words, shaded by similarity (Fig. 4, 13)\n"
             "words: each layer's most frequent words over all pictures (Fig. 4)\n"
             "reconstructions: from 1, 2, ... layers, with their PSNR (Fig. 14)"},
    {.name = "label",
     .value = "WORD",
     .help = "shade cells by similarity to this word of the vocabulary\n(default: each picture's word of layer 1)"},
    {.name = "guide-words",
     .value = "F",
     .help = "shade by similarity to the picture itself, with --guide-pictures:\nfeatures of the words, (words,d), as guide makes them"},
    {.name = "guide-pictures", .value = "F", .help = "features of the pictures, (pictures,d): row i is of the i-th IMAGE"},
    {.name = "guide-similarity", .value = "F", .help = "instead: scores of pictures and words from anywhere, .npy (pictures,words)"},
    SPAE_CLI_FIT_OPTIONS,
};

static const spae_cli_command command = {
    .name = "inspect",
    .arguments = "IMAGE...",
    .purpose = "One HTML file to look at: each picture, its pyramid of words shaded by similarity (Fig. 4, 13), what\n"
               "the first 1, 2, ... layers rebuild (Fig. 14), and each layer's most frequent words over all pictures.\n"
               "    spae inspect --model M a.png b.png -o report.html\n"
               "    spae inspect --model M a.png b.png --figure pyramid -o pyramid.svg\n"
               "    spae inspect --model M a.png b.png --figure words -o words.png\n"
               "    spae inspect --model M a.png b.png --figure reconstructions -o rebuilt.png\n"
               "    spae inspect --model M photos/*.png --guide-words t.npy --guide-pictures i.npy -o report.html",
    .least = 1,
    .most = SIZE_MAX,
    .options = options,
    .option_count = sizeof options / sizeof options[0]};

enum { PYRAMID, WORDS, RECONSTRUCTIONS, REPORT, FIGURES = REPORT };
static const char *const figures[FIGURES] = {"pyramid", "words", "reconstructions"};

typedef struct {
    const spae_cli_arguments *arguments;
    spae_cli_fit fit;
    const char *path;
    size_t figure;
    const char *guide_words, *guide_rows; /* guide_stream.h; guide_rows NULL: a word is compared with */
    spae_study_like like;
    spae_guide_stream stream;
    spae_real *similarity; /* (V) of the picture under way, from the stream */
    spae_model model;
    spae_words words;
} inspection;

/* ---- what is wanted ----------------------------------------------------------------------------------- */

static bool read_figure(inspection *in)
{
    in->path = spae_cli_value(in->arguments, "o");
    if (!spae_canvas_knows(in->path))
        return spae_cli_wrong(in->arguments->command, "-o: %s: expected a name that ends in .html, .svg or .png",
                              in->path),
               false;
    in->figure = spae_file_ends(in->path, ".html") ? REPORT : RECONSTRUCTIONS;
    return spae_cli_choice(in->arguments, "figure", figures, FIGURES, &in->figure);
}

static bool read_like(inspection *in)
{
    const spae_cli_command *command_of = in->arguments->command;
    const char *label = spae_cli_value(in->arguments, "label");
    if (!spae_cli_read_guide_files(in->arguments, &in->guide_words, &in->guide_rows))
        return false;
    if (label != NULL && in->guide_rows != NULL)
        return spae_cli_wrong(command_of, "--label is a word, not with files that guide"), false;
    in->like.label = label;
    return true;
}

/* ---- files -------------------------------------------------------------------------------------------- */

/* Names where similarities come from, and makes room for a picture's. */
static spae_status open_guide(inspection *in, spae_arena *arena, spae_error *err)
{
    const size_t V = in->model.codebook.V, n = in->arguments->positional_count;
    spae_page name = spae_page_start(arena);
    const uint8_t *bytes = NULL;
    size_t size = 0;
    if (in->guide_words != NULL)
        spae_page_text(&name, "features "), spae_page_text(&name, in->guide_words), spae_page_text(&name, ", ");
    else
        spae_page_text(&name, "scores ");
    spae_page_bytes(&name, in->guide_rows, strlen(in->guide_rows) + 1);
    spae_status status = spae_page_end(&name, &bytes, &size, err);
    if (status != SPAE_OK)
        return status;
    in->similarity = spae_arena_take(arena, V, sizeof *in->similarity);
    if (in->similarity == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "no memory for %zu similarities", V);
    in->like.source = (const char *)bytes;
    in->like.similarity = in->similarity;
    return spae_guide_stream_open(arena, in->guide_words, in->guide_rows, V, n, &in->stream, err);
}

static spae_status load(inspection *in, spae_arena *arena, spae_error *err)
{
    const char *path = spae_cli_value(in->arguments, "model"), *label = in->like.label;
    spae_status status = spae_cli_load_model(path, arena, &in->model, err);
    if (status == SPAE_OK)
        status = spae_words_index(in->model.word, in->model.codebook.V, arena, &in->words, err);
    if (status == SPAE_OK && label != NULL && !spae_words_find(&in->words, label, strlen(label), &in->like.reference))
        return spae_fail(err, SPAE_ERR_ARGUMENT, "--label: %s: no word of the vocabulary of %s", label, path);
    return status;
}

static spae_status study_all(const inspection *in, spae_arena *arena, spae_study *studies, spae_error *err)
{
    for (size_t i = 0; i < in->arguments->positional_count; i++) {
        const char *path = in->arguments->positional[i];
        spae_real *picture = NULL;
        spae_status status = spae_cli_load_picture(&in->model, path, in->fit, arena, &picture, err);
        if (status == SPAE_OK && in->guide_rows != NULL)
            status = spae_guide_stream_row(&in->stream, i, in->similarity, err);
        if (status == SPAE_OK)
            status = spae_study_make(&in->model, path, picture, &in->like, arena, &studies[i], err);
        if (status != SPAE_OK)
            return status;
    }
    return SPAE_OK;
}

static spae_status study_guided(inspection *in, spae_arena *arena, spae_study *studies, spae_error *err)
{
    if (in->guide_rows == NULL)
        return study_all(in, arena, studies, err);
    spae_status status = open_guide(in, arena, err);
    if (status != SPAE_OK)
        return status;
    status = study_all(in, arena, studies, err);
    spae_guide_stream_close(&in->stream);
    return status;
}

/* ---- what is written ---------------------------------------------------------------------------------- */

static spae_status draw(const inspection *in, const spae_study *studies, spae_arena *arena, spae_error *err)
{
    const size_t count = in->arguments->positional_count;
    spae_canvas canvas;
    const spae_status status =
        in->figure == PYRAMID ? spae_figure_pyramid(&in->model, &in->words, studies, count, arena, &canvas, err)
        : in->figure == WORDS ? spae_figure_words(&in->model, &in->words, studies, count, arena, &canvas, err)
                              : spae_figure_reconstructions(&in->model, studies, count, arena, &canvas, err);
    return status == SPAE_OK ? spae_canvas_write(&canvas, in->path, err) : status;
}

static spae_status report(const inspection *in, const spae_study *studies, spae_arena *arena, spae_error *err)
{
    const uint8_t *bytes = NULL;
    size_t size = 0;
    const spae_status status = spae_report_write(&in->model, &in->words, "Pictures as pyramids of words", studies,
                                                 in->arguments->positional_count, arena, &bytes, &size, err);
    return status == SPAE_OK ? spae_file_write_all(arena, in->path, bytes, size, err) : status;
}

static spae_status inspect(inspection *in, spae_arena *arena, spae_error *err)
{
    const size_t count = in->arguments->positional_count;
    spae_status status = load(in, arena, err);
    if (status != SPAE_OK)
        return status;
    spae_study *studies = spae_arena_take(arena, count, sizeof *studies);
    if (studies == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "no memory for %zu pictures", count);
    status = study_guided(in, arena, studies, err);
    if (status != SPAE_OK)
        return status;
    return in->figure == REPORT ? report(in, studies, arena, err) : draw(in, studies, arena, err);
}

int spae_cli_inspect(int argc, char **argv)
{
    int status;
    spae_error err;
    spae_cli_arguments arguments;
    inspection in = {.arguments = &arguments};
    if (!spae_cli_parse(&command, argc, argv, &arguments, &status))
        return status;
    if (!spae_cli_read_fit(&arguments, &in.fit) || !read_figure(&in) || !read_like(&in))
        return SPAE_CLI_USAGE;
    spae_arena arena;
    spae_arena_hosted(&arena);
    status = inspect(&in, &arena, &err) == SPAE_OK ? SPAE_CLI_DONE : spae_cli_failed(&command, &err);
    spae_arena_free(&arena);
    return status;
}
