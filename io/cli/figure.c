/* spae plot --figure. */
#include "io/cli/figure.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "io/config.h"
#include "io/figures.h"
#include "io/preset.h"
#include "vendor_free/decimal.h"

enum { SUBSAMPLER, QUANTIZERS, LOGS, FIGURES = LOGS };
static const char *const figures[FIGURES] = {"subsampler", "quantizers"};

/* Which options belong to what is drawn; --title and -o belong to all. */
static const struct {
    const char *name;
    size_t of;
} belongs[] = {{"preset", SUBSAMPLER}, {"pyramid", SUBSAMPLER}, {"seed", QUANTIZERS}, {"words", QUANTIZERS},
               {"layers", QUANTIZERS}, {"at", QUANTIZERS},      {"columns", LOGS},    {"smooth", LOGS},
               {"scale", LOGS},        {"across", LOGS}};

static bool check_options(const spae_cli_command *command, const spae_cli_arguments *a, size_t drawn)
{
    for (size_t i = 0; i < sizeof belongs / sizeof belongs[0]; i++) {
        if (spae_cli_value(a, belongs[i].name) == NULL || belongs[i].of == drawn)
            continue;
        if (belongs[i].of == LOGS)
            spae_cli_wrong(command, "--%s is for logs, not for --figure %s", belongs[i].name, figures[drawn]);
        else
            spae_cli_wrong(command, "--%s is for --figure %s", belongs[i].name, figures[belongs[i].of]);
        return false;
    }
    return true;
}

bool spae_cli_figure_asked(const spae_cli_arguments *arguments)
{
    return spae_cli_value(arguments, "figure") != NULL;
}

bool spae_cli_figure_refuse(const spae_cli_command *command, const spae_cli_arguments *arguments)
{
    return check_options(command, arguments, LOGS);
}

/* "X,Y", each within +-100; both untouched when not given. */
static bool read_at(const spae_cli_command *command, const spae_cli_arguments *a, double at[2])
{
    const char *text = spae_cli_value(a, "at");
    const char *comma = text != NULL ? strchr(text, ',') : NULL;
    if (text == NULL || (comma != NULL && spae_decimal_read(text, (size_t)(comma - text), &at[0]) &&
                         spae_decimal_read(comma + 1, strlen(comma + 1), &at[1]) && fabs(at[0]) <= 100 &&
                         fabs(at[1]) <= 100))
        return true;
    spae_cli_wrong(command, "--at: %s: expected two numbers from -100 to 100, as in 0.8,-0.45", text);
    return false;
}

static bool read_plane(const spae_cli_command *command, const spae_cli_arguments *a, spae_figure_plane *plane)
{
    uint64_t seed = 0, words = 40, layers = 6;
    *plane = (spae_figure_plane){.at = {0.8, -0.45}, .title = spae_cli_value(a, "title")};
    if (!spae_cli_integer(a, "seed", 0, UINT32_MAX, &seed) ||
        !spae_cli_integer(a, "words", 1, SPAE_FIGURES_WORDS_MOST, &words) ||
        !spae_cli_integer(a, "layers", 1, SPAE_MAX_LAYERS, &layers) || !read_at(command, a, plane->at))
        return false;
    plane->seed = (uint32_t)seed;
    plane->words = (size_t)words;
    plane->layers = (size_t)layers;
    return true;
}

static bool read_pyramid(const spae_cli_command *command, const spae_cli_arguments *a, spae_pyramid *pyramid)
{
    spae_error err;
    spae_config config;
    char assignment[512];
    const char *preset = spae_cli_value(a, "preset"), *text = spae_cli_value(a, "pyramid");
    spae_status status = spae_preset(preset != NULL ? preset : "image-128", &config, &err);
    if (status == SPAE_OK && text != NULL) {
        if (preset != NULL || strlen(text) > sizeof assignment - 9) {
            spae_cli_wrong(command, preset != NULL ? "--preset and --pyramid exclude each other"
                                                   : "--pyramid is too long");
            return false;
        }
        (void)snprintf(assignment, sizeof assignment, "pyramid=%s", text);
        status = spae_config_set(&config, assignment, &err);
    }
    if (status == SPAE_OK)
        status = spae_pyramid_check(&config.pyramid, &err);
    if (status != SPAE_OK)
        spae_cli_wrong(command, "--%s: %s", text != NULL ? "pyramid" : "preset", err.text);
    *pyramid = config.pyramid;
    return status == SPAE_OK;
}

int spae_cli_figure(const spae_cli_command *command, const spae_cli_arguments *a)
{
    spae_error err;
    spae_arena arena;
    spae_canvas canvas;
    spae_pyramid pyramid;
    spae_figure_plane plane;
    size_t drawn = 0;
    const char *path = spae_cli_value(a, "o");
    if (!spae_cli_choice(a, "figure", figures, FIGURES, &drawn) || !check_options(command, a, drawn))
        return SPAE_CLI_USAGE;
    if (a->positional_count > 0)
        return spae_cli_wrong(command, "--figure %s takes no logs, found %s", figures[drawn], a->positional[0]);
    if (!spae_canvas_knows(path))
        return spae_cli_wrong(command, "-o: %s: expected a name that ends in .svg, .html or .png", path);
    if (drawn == SUBSAMPLER ? !read_pyramid(command, a, &pyramid) : !read_plane(command, a, &plane))
        return SPAE_CLI_USAGE;
    spae_arena_hosted(&arena);
    spae_status status = drawn == SUBSAMPLER
                             ? spae_figure_subsampler(&pyramid, spae_cli_value(a, "title"), &arena, &canvas, &err)
                             : spae_figure_quantizers(&plane, &arena, &canvas, &err);
    if (status == SPAE_OK)
        status = spae_canvas_write(&canvas, path, &err);
    const int exit_status = status == SPAE_OK ? SPAE_CLI_DONE : spae_cli_failed(command, &err);
    spae_arena_free(&arena);
    return exit_status;
}
