/* The language model of a subcommand: --llm and what belongs to it. */
#ifndef SPAE_IO_CLI_LANGUAGE_H
#define SPAE_IO_CLI_LANGUAGE_H

#include "io/cli/options.h"
#include "io/language_open.h"
#include "io/lexicon.h"

/* For the tables of subcommands. */
#define SPAE_CLI_LANGUAGE_OPTIONS                                                                                       \
    {.name = "llm",                                                                                                     \
     .value = "L",                                                                                                      \
     .help = "the language model (default incontext, which needs no weights and predicts from the prompt alone):\n"     \
             "transformer:FOLDER  GPT-2 or a model of Llama's kind with config.json, weights, tokenizer\n"              \
             "command:PROGRAM     PROGRAM REQUEST ANSWER, two files of JSON\n"                                          \
             "openai:URL#MODEL    an HTTP server with OpenAI's interface, by curl; key in $OPENAI_API_KEY\n"            \
             "replay:FILE         a transcript"},                                                                       \
        {.name = "llm-set",                                                                                             \
         .value = "KEY=VALUE",                                                                                          \
         .repeated = true,                                                                                              \
         .help = "command, openai: folder, keep=yes, window, tokenizer=FILE; command: scores=yes;\n"                    \
                 "openai: chat=yes, timeout, adapter; replay: tokenizer (\"words\" for one of incontext)"},             \
        {.name = "transcript", .value = "F", .help = "keep all that is asked and answered in F, a line of JSON each"},  \
        {.name = "resume", .help = "go on with that transcript: what it has is not asked again"},                       \
    {                                                                                                                   \
        .name = "join", .value = "J",                                                                                   \
        .help = "how words stand beside each other: plain (a space between), spaced (theirs),\n"                        \
                "marked (theirs is U+2581); default: what the vocabulary looks like"                                    \
    }

typedef struct {
    spae_language_model model;
    spae_lexicon lexicon; /* the SPAE model's words in it */
} spae_cli_language;

/* Opens what the options name; borrows the SPAE model and the arguments.
 *   err  SPAE_ERR_ARGUMENT  --resume without --transcript, another --join, and those of spae_language_open */
spae_status spae_cli_language_open(const spae_cli_arguments *arguments, const spae_model *spae, spae_arena *arena,
                                   spae_cli_language *language, spae_error *err);

#endif
