/* spae demo: the main job on the demo model and its digits, to look at in the terminal, as pictures, as a report. */
#include <stdio.h>
#include <string.h>

#include "io/cli/commands.h"
#include "io/cli/inputs.h"
#include "io/directory.h"
#include "io/report.h"
#include "io/sheet.h"
#include "io/terminal.h"

#define DEMO_MODEL "vectors/demo/mnist-small.npz"

static const spae_cli_option options[] = {
    {.name = "model", .value = "M", .help = "the model (default: " DEMO_MODEL ")"},
    {.name = "out", .value = "DIR", .help = "where pictures and report go (default: demo); made when missing"},
    SPAE_CLI_FIT_OPTIONS,
};

static const spae_cli_command command = {
    .name = "demo",
    .arguments = "[IMAGE...]",
    .purpose = "Turns each picture into its pyramid of words and rebuilds it from 1, 2, ... layers.\n"
               "Without pictures: the ten digits digit-0.pgm .. digit-9.pgm beside the demo model, which it has\n"
               "never seen in training.",
    .least = 0,
    .most = SIZE_MAX,
    .options = options,
    .option_count = sizeof options / sizeof options[0]};

enum { DIGITS = 10 };
static const char *const digit_paths[DIGITS] = {
    "vectors/demo/digit-0.pgm", "vectors/demo/digit-1.pgm", "vectors/demo/digit-2.pgm",
    "vectors/demo/digit-3.pgm", "vectors/demo/digit-4.pgm", "vectors/demo/digit-5.pgm",
    "vectors/demo/digit-6.pgm", "vectors/demo/digit-7.pgm", "vectors/demo/digit-8.pgm",
    "vectors/demo/digit-9.pgm"};
static const char *const digit_names[DIGITS] = {"zero", "one", "two",   "three", "four",
                                                "five", "six", "seven", "eight", "nine"};

typedef struct {
    const char *model_path, *out;
    const char *const *paths;
    const char *const *labels; /* NULL: pictures of one's own */
    size_t count;
    spae_cli_fit fit;
    spae_model model;
    spae_words words;
    spae_study *studies; /* (count) */
    spae_arena *arena;
} demo;

/* ---- names ------------------------------------------------------------------------------------------ */

/* "demo/01-digit-7-layers-2.png": `what` behind the number and the picture's name without folder and ending. */
static const char *name_file(const demo *d, size_t index, const char *what, spae_error *err)
{
    const char *path = d->paths[index], *slash = strrchr(path, '/');
    const char *stem = slash != NULL ? slash + 1 : path, *dot = strrchr(stem, '.');
    const uint8_t *name = NULL;
    size_t size = 0;
    spae_page page = spae_page_start(d->arena);
    spae_page_text(&page, d->out);
    spae_page_format(&page, "/%02zu-", index + 1);
    spae_page_bytes(&page, stem, dot != NULL ? (size_t)(dot - stem) : strlen(stem));
    spae_page_text(&page, what);
    spae_page_bytes(&page, "", 1);
    return spae_page_end(&page, &name, &size, err) == SPAE_OK ? (const char *)name : NULL;
}

static const char *name_in_out(const demo *d, const char *name, spae_error *err)
{
    const uint8_t *path = NULL;
    size_t size = 0;
    spae_page page = spae_page_start(d->arena);
    spae_page_text(&page, d->out);
    spae_page_text(&page, "/");
    spae_page_text(&page, name);
    spae_page_bytes(&page, "", 1);
    return spae_page_end(&page, &path, &size, err) == SPAE_OK ? (const char *)path : NULL;
}

/* ---- steps ------------------------------------------------------------------------------------------ */

static spae_status load(demo *d, spae_error *err)
{
    spae_status status = spae_cli_load_model(d->model_path, d->arena, &d->model, err);
    if (status == SPAE_OK)
        status = spae_words_index(d->model.word, d->model.codebook.V, d->arena, &d->words, err);
    if (status != SPAE_OK)
        return status;
    d->studies = spae_arena_take(d->arena, d->count, sizeof *d->studies);
    return d->studies != NULL ? SPAE_OK : spae_fail(err, SPAE_ERR_NO_MEMORY, "no memory for the pictures");
}

static spae_status study(const demo *d, size_t index, spae_error *err)
{
    spae_real *picture = NULL;
    int32_t reference = 0;
    const char *path = d->paths[index], *label = d->labels != NULL ? d->labels[index] : NULL;
    if (label != NULL && !spae_words_find(&d->words, label, strlen(label), &reference))
        label = NULL; /* a model of another vocabulary */
    const spae_status status = spae_cli_load_picture(&d->model, path, d->fit, d->arena, &picture, err);
    if (status != SPAE_OK)
        return status;
    return spae_study_make(&d->model, path, picture, label, reference, d->arena, &d->studies[index], err);
}

/* The terminal's part of one picture. */
static spae_status show(const demo *d, size_t index, spae_error *err)
{
    const uint8_t *text = NULL;
    size_t size = 0;
    const spae_study *s = &d->studies[index];
    spae_page page = spae_page_start(d->arena);
    spae_page_format(&page, "%.*s\n\n", SPAE_TERMINAL_COLUMNS, s->name);
    spae_status status = spae_terminal_pictures(&d->model, s, d->arena, &page, err);
    if (status != SPAE_OK)
        return status;
    spae_page_text(&page, "\n");
    status = spae_terminal_pyramid(&d->model, &d->words, s, d->arena, &page, err);
    if (status != SPAE_OK)
        return status;
    spae_page_text(&page, "\n\n");
    status = spae_page_end(&page, &text, &size, err);
    if (status == SPAE_OK)
        fwrite(text, 1, size, stdout); /* main looks at the stream's error flag */
    return status;
}

static spae_status save_pictures(const demo *d, size_t index, spae_error *err)
{
    const spae_config *config = &d->model.config;
    const size_t H = config->picture[1], W = config->picture[2];
    const char *path = name_file(d, index, "-picture.png", err);
    if (path == NULL)
        return SPAE_ERR_NO_MEMORY;
    spae_status status = spae_picture_save(path, d->studies[index].picture, H, W, d->arena, err);
    for (size_t l = 0; l < config->pyramid.layers && status == SPAE_OK; l++) {
        char what[40];
        snprintf(what, sizeof what, "-layers-%zu.png", l + 1);
        path = name_file(d, index, what, err);
        if (path == NULL)
            return SPAE_ERR_NO_MEMORY;
        status = spae_picture_save(path, d->studies[index].rebuilt + l * H * W * 3, H, W, d->arena, err);
    }
    return status;
}

static spae_status save_sheet(const demo *d, const char **path, spae_error *err)
{
    spae_image sheet;
    *path = name_in_out(d, "sheet.png", err);
    if (*path == NULL)
        return SPAE_ERR_NO_MEMORY;
    const spae_status status = spae_sheet_make(&d->model, d->studies, d->count, d->arena, &sheet, err);
    return status == SPAE_OK ? spae_image_write(d->arena, *path, &sheet, err) : status;
}

static spae_status save_report(const demo *d, const char **path, spae_error *err)
{
    const uint8_t *bytes = NULL;
    size_t size = 0;
    *path = name_in_out(d, "report.html", err);
    if (*path == NULL)
        return SPAE_ERR_NO_MEMORY;
    const spae_status status =
        spae_report_write(&d->model, &d->words, d->labels != NULL ? "Digits as pyramids of words"
                                                                  : "Pictures as pyramids of words",
                          d->studies, d->count, d->arena, &bytes, &size, err);
    return status == SPAE_OK ? spae_file_write_all(d->arena, *path, bytes, size, err) : status;
}

/* ---- the end ---------------------------------------------------------------------------------------- */

static void print_means(const demo *d)
{
    const size_t layers = d->model.config.pyramid.layers;
    size_t named = 0, labelled = 0;
    printf("mean PSNR");
    for (size_t l = 0; l < layers; l++) {
        double sum = 0.0;
        for (size_t i = 0; i < d->count; i++)
            sum += d->studies[i].psnr[l];
        printf("%s %zu layer%s %.1f dB", l > 0 ? "," : "", l + 1, l > 0 ? "s" : "", sum / (double)d->count);
    }
    printf("\n");
    for (size_t i = 0; i < d->count; i++) {
        labelled += d->studies[i].label != NULL;
        named += d->studies[i].label != NULL && d->studies[i].token[0] == d->studies[i].reference;
    }
    if (labelled > 0)
        printf("the word of layer 1 is the digit's name for %zu of %zu\n", named, labelled);
}

static spae_status run(demo *d, spae_error *err)
{
    const char *sheet = NULL, *report = NULL;
    spae_status status = load(d, err);
    if (status == SPAE_OK)
        status = spae_directory_make(d->out, err);
    for (size_t i = 0; i < d->count && status == SPAE_OK; i++) {
        status = study(d, i, err);
        if (status == SPAE_OK)
            status = show(d, i, err);
        if (status == SPAE_OK)
            status = save_pictures(d, i, err);
    }
    if (status == SPAE_OK)
        status = save_sheet(d, &sheet, err);
    if (status == SPAE_OK)
        status = save_report(d, &report, err);
    if (status != SPAE_OK)
        return status;
    print_means(d);
    printf("pictures      %s/*.png\ncontact sheet %s\nreport        %s\n", d->out, sheet, report);
    return SPAE_OK;
}

int spae_cli_demo(int argc, char **argv)
{
    int status;
    spae_error err;
    spae_cli_arguments arguments;
    demo d = {.model_path = DEMO_MODEL, .out = "demo", .paths = digit_paths, .labels = digit_names, .count = DIGITS};
    if (!spae_cli_parse(&command, argc, argv, &arguments, &status))
        return status;
    if (!spae_cli_read_fit(&arguments, &d.fit))
        return SPAE_CLI_USAGE;
    if (spae_cli_value(&arguments, "model") != NULL)
        d.model_path = spae_cli_value(&arguments, "model");
    if (spae_cli_value(&arguments, "out") != NULL)
        d.out = spae_cli_value(&arguments, "out");
    if (arguments.positional_count > 0) {
        d.paths = (const char *const *)arguments.positional;
        d.labels = NULL;
        d.count = arguments.positional_count;
    }
    spae_arena arena;
    spae_arena_hosted(&arena);
    d.arena = &arena;
    status = run(&d, &err) == SPAE_OK ? SPAE_CLI_DONE : spae_cli_failed(&command, &err);
    spae_arena_free(&arena);
    return status;
}
