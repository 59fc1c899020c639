/* spae vqa: a question about a picture, answered by a language model in a word. */
#include "io/cli/ask.h"
#include "io/cli/commands.h"

static const spae_cli_option options[] = {
    SPAE_CLI_ASK_OPTIONS,
    {.name = "question", .value = "TEXT", .repeated = true, .help = "what is asked of each example, then of IMAGE"},
    {.name = "text", .value = "TEXT", .repeated = true, .help = "the answer of each example, in their order"},
    SPAE_CLI_FIT_OPTIONS,
    SPAE_CLI_LANGUAGE_OPTIONS,
};

static const spae_cli_command command = {
    .name = "vqa",
    .arguments = "EXAMPLE... IMAGE",
    .purpose = "Asks a language model a question about IMAGE, given examples with questions and answers: a single word, at\n"
               "most 4 tokens, the likeliest.",
    .least = 1,
    .most = SIZE_MAX,
    .options = options,
    .option_count = sizeof options / sizeof options[0]};

int spae_cli_vqa(int argc, char **argv)
{
    return spae_cli_ask_line(&command, SPAE_CLI_VQA, "a single word", spae_answer_word, argc, argv);
}
