/* spae plot --figure: the drawings of the method (io/figures.h). */
#ifndef SPAE_IO_CLI_FIGURE_H
#define SPAE_IO_CLI_FIGURE_H

#include "io/cli/options.h"

#define SPAE_CLI_FIGURE_OPTIONS                                                                                        \
    {.name = "figure",                                                                                                 \
     .value = "F",                                                                                                     \
     .help = "draw the method instead of logs, as .svg, .html or .png:\n"                                              \
             "subsampler: the positions each layer holds, Eq. 1 (Fig. 10)\n"                                           \
             "quantizers: RQ and SAQ of one embedding in the plane (Fig. 11)"},                                        \
        {.name = "preset", .value = "P", .help = "subsampler: whose pyramid (default image-128)"},                     \
        {.name = "pyramid", .value = "L", .help = "subsampler: another, 1,2,4,8,16,16 or 1x1x1,2x4x4"},                \
        {.name = "seed", .value = "S", .help = "quantizers: of the codebook (default 0)"},                             \
        {.name = "words", .value = "N", .help = "quantizers: in the codebook (default 40)"},                           \
        {.name = "layers", .value = "D", .help = "quantizers: tokens of the embedding (default 6)"},                   \
        {.name = "at", .value = "X,Y", .help = "quantizers: the embedding (default 0.8,-0.45)"}

/* Was --figure given? Without it the options that belong to it are refused by spae_cli_figure_refuse, which returns
 * false, all said. */
bool spae_cli_figure_asked(const spae_cli_arguments *arguments);
bool spae_cli_figure_refuse(const spae_cli_command *command, const spae_cli_arguments *arguments);

/* Draws it; returns the exit status. */
int spae_cli_figure(const spae_cli_command *command, const spae_cli_arguments *arguments);

#endif
