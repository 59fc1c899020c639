/* spae plot: training curves from the logs of spae train, as an SVG; or a drawing of the method. */
#include <stdio.h>
#include <string.h>

#include "io/cli/commands.h"
#include "io/cli/figure.h"
#include "io/cli/options.h"
#include "io/curves.h"
#include "spae.h"

static const spae_cli_option options[] = {
    {.name = "o", .value = "FILE", .help = "the picture to write, .svg; with --figure also .html or .png", .required = true},
    {.name = "columns", .value = "A,B", .help = "draw only these columns"},
    {.name = "smooth", .value = "N", .help = "draw running means over N rows (default 1: none)"},
    {.name = "scale",
     .value = "S",
     .help = "of losses: log, linear or auto (default: log when values span a factor of 30)"},
    {.name = "across",
     .value = "N",
     .help = "panels in a row, 1 to 6 (default 2; 1 reads best on a phone)"},
    {.name = "title", .value = "T", .help = "over the picture (default: training curves)"},
    SPAE_CLI_FIGURE_OPTIONS,
};

static const spae_cli_command command = {
    .name = "plot",
    .arguments = "[LABEL=]LOG.csv... | --figure F",
    .purpose = "Small panels, one a metric, over the steps of training: losses, PSNR, token "
               "accuracy, and whatever\n"
               "other columns the log has. Several logs (at most 12) are drawn over each other.\n"
               "    spae plot ours=a.csv theirs=b.csv -o curves.svg\n"
               "    spae plot --figure subsampler --preset image-128 -o subsampler.png\n"
               "    spae plot --figure quantizers -o quantizers.html",
    .least = 0,
    .most = SPAE_CURVES_LOGS_MOST,
    .options = options,
    .option_count = sizeof options / sizeof options[0]};

/* "LABEL=FILE" into its parts; a name without "=", or of a file that there is, is both. */
static void split(char *argument, const char **label, const char **path)
{
    char *equals = strchr(argument, '=');
    *label = *path = argument;
    if (equals == NULL || spae_file_exists(argument))
        return;
    *equals = '\0';
    *path = equals + 1;
}

static spae_status add_log(spae_curves *curves, char *argument, spae_arena *arena, spae_error *err)
{
    const char *label, *path;
    spae_source *source =
        spae_arena_take(arena, 1, sizeof *source); /* its name is used to the end */
    split(argument, &label, &path);
    if (source == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory", path);
    spae_status status = spae_source_open(arena, path, NULL, source, err);
    if (status != SPAE_OK)
        return status;
    status = spae_curves_add(curves, label, source, err);
    spae_source_close(source);
    return status;
}

static spae_status plot(const spae_cli_arguments *a, const spae_curves_options *set,
                        spae_arena *arena, spae_error *err)
{
    spae_curves curves = spae_curves_start(set, arena);
    const uint8_t *bytes = NULL;
    size_t size = 0;
    spae_status status = SPAE_OK;
    for (size_t i = 0; i < a->positional_count && status == SPAE_OK; i++)
        status = add_log(&curves, a->positional[i], arena, err);
    if (status == SPAE_OK)
        status = spae_curves_write(&curves, &bytes, &size, err);
    if (status == SPAE_OK)
        status = spae_file_write_all(arena, spae_cli_value(a, "o"), bytes, size, err);
    return status;
}

int spae_cli_plot(int argc, char **argv)
{
    int status;
    spae_error err;
    spae_cli_arguments arguments;
    uint64_t smooth = 1, across = 2;
    size_t scale = SPAE_CHART_AUTO;
    if (!spae_cli_parse(&command, argc, argv, &arguments, &status))
        return status;
    if (spae_cli_figure_asked(&arguments))
        return spae_cli_figure(&command, &arguments);
    if (!spae_cli_figure_refuse(&command, &arguments))
        return SPAE_CLI_USAGE;
    if (arguments.positional_count == 0)
        return spae_cli_wrong(&command, "[LABEL=]LOG.csv... is needed, or --figure F");
    if (!spae_cli_integer(&arguments, "smooth", 1, SPAE_CURVES_SMOOTH_MOST, &smooth) ||
        !spae_cli_integer(&arguments, "across", 1, SPAE_CURVES_ACROSS_MOST, &across) ||
        !spae_cli_choice(&arguments, "scale", spae_chart_scale_names, SPAE_CHART_SCALES, &scale))
        return SPAE_CLI_USAGE;
    const char *title = spae_cli_value(&arguments, "title"), *path = spae_cli_value(&arguments, "o");
    if (!spae_file_ends(path, ".svg"))
        return spae_cli_wrong(&command, "-o: %s: expected a name that ends in .svg", path);
    const spae_curves_options set = {.title = title != NULL ? title : "training curves",
                                     .columns = spae_cli_value(&arguments, "columns"),
                                     .smooth = (size_t)smooth,
                                     .scale = (spae_chart_scale)scale,
                                     .across = (size_t)across};
    spae_arena arena;
    spae_arena_hosted(&arena);
    status = plot(&arguments, &set, &arena, &err) == SPAE_OK ? SPAE_CLI_DONE
                                                             : spae_cli_failed(&command, &err);
    spae_arena_free(&arena);
    return status;
}
