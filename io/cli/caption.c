/* spae caption: what a picture shows, in a language model's words. */
#include "io/cli/ask.h"
#include "io/cli/commands.h"

static const spae_cli_option options[] = {
    SPAE_CLI_ASK_OPTIONS,
    {.name = "text", .value = "TEXT", .repeated = true, .help = "the caption of each example, in their order"},
    SPAE_CLI_FIT_OPTIONS,
    SPAE_CLI_LANGUAGE_OPTIONS,
};

static const spae_cli_command command = {
    .name = "caption",
    .arguments = "EXAMPLE... IMAGE",
    .purpose = "Asks a language model for a caption of IMAGE, given examples with theirs (--text): at most 20 tokens up to\n"
               "the end of the line, the likeliest.",
    .least = 1,
    .most = SIZE_MAX,
    .options = options,
    .option_count = sizeof options / sizeof options[0]};

int spae_cli_caption(int argc, char **argv)
{
    return spae_cli_ask_line(&command, SPAE_CLI_CAPTION, "a caption", spae_answer_line, argc, argv);
}
