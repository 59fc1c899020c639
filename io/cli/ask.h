/* What classify, caption and vqa share: a task's prompt put to a language model once. */
#ifndef SPAE_IO_CLI_ASK_H
#define SPAE_IO_CLI_ASK_H

#include "io/cli/language.h"
#include "io/cli/task.h"
#include "io/prompt_answer.h"

/* For the tables of these subcommands, beside SPAE_CLI_LANGUAGE_OPTIONS and SPAE_CLI_FIT_OPTIONS. */
#define SPAE_CLI_ASK_OPTIONS                                                                                              \
    {.name = "model", .value = "M", .help = "the SPAE model, an .npz", .required = true},                                 \
        {.name = "tokens", .help = "the files hold tokens (of one picture or several), not pictures"},                    \
    {                                                                                                                     \
        .name = "layers", .value = "L", .help = "only the first L layers of each picture (default: all)"                  \
    }

/* Reads options and files, opens the models and asks.
 *   in   kind    SPAE_CLI_CLASSIFY, SPAE_CLI_CAPTION or SPAE_CLI_VQA
 *   out  answer  in the arena
 * Returns the exit status, SPAE_CLI_DONE to go on; a mistake is said on stderr. */
int spae_cli_ask(const spae_cli_arguments *arguments, spae_cli_task_kind kind, spae_arena *arena, spae_cli_task *task,
                 spae_answer *answer);

/* Says that an answer is none, in quotes; returns SPAE_CLI_FAILED. */
int spae_cli_malformed(const spae_cli_arguments *arguments, const spae_answer *answer, const char *expected);

/* A whole subcommand: parses, asks, and prints what `part` finds in the answer as a line; an answer of which nothing is left is
 * malformed. */
int spae_cli_ask_line(const spae_cli_command *command, spae_cli_task_kind kind, const char *expected,
                      spae_answer_part part(const char *text, size_t length), int argc, char **argv);

#endif
