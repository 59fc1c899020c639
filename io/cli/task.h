/* What `spae prompt` makes a prompt of: the options that say so, and the strings and texts behind them. */
#ifndef SPAE_IO_CLI_TASK_H
#define SPAE_IO_CLI_TASK_H

#include "io/cli/strings.h"
#include "io/episode.h"
#include "io/notes.h"

#define SPAE_CLI_TASK_TOKENIZER_OPTION                                                                        \
    {                                                                                                         \
        .name = "tokenizer", .value = "FILE",                                                                 \
        .help = "the language model's vocabulary: tokenizer.json, vocab.json, *.tiktoken or their folder"     \
    }

typedef enum {
    SPAE_CLI_CLASSIFY,
    SPAE_CLI_CAPTION,
    SPAE_CLI_VQA,
    SPAE_CLI_PAR,
    SPAE_CLI_PNAR,
    SPAE_CLI_TASKS
} spae_cli_task_kind;

typedef struct {
    const spae_cli_arguments *arguments; /* borrowed */
    size_t kind, template, join, part;
    spae_few_shot setting;
    uint64_t layers, stride, step, episode;
    uint32_t seed;
    spae_cli_fit fit;
    /* gathered */
    spae_model model;
    spae_notes notes;
    spae_lexicon lexicon;
    spae_segment segment;
    size_t examples;
    spae_string *string; /* (examples + 1) pictures, or targets; the query's comes last */
    spae_string *source; /* (examples + 1) conditions that are pictures; NULL: there are none */
    const char **condition, **text, **question; /* (examples + 1) each, where the task has them */
    size_t labels;
    const char *const *label; /* (labels) of classify */
    const char *due;          /* the label of the query, where the data say it; else NULL */
} spae_cli_task;

/* Reads the options that need no model. False, the mistake said on stderr: the caller returns SPAE_CLI_USAGE. */
bool spae_cli_task_options(spae_cli_task *task);

/* Opens model and tokenizer, and takes strings and texts together. Returns the exit status, SPAE_CLI_DONE to go on; a mistake
 * is said on stderr. */
int spae_cli_task_gather(spae_cli_task *task, spae_arena *arena);

/* The prompt.
 *   in   window  of the language model, 0: not known
 *   err  those of prompt.h; a prompt beyond the window, with the settings that would fit */
spae_status spae_cli_task_build(const spae_cli_task *task, size_t window, spae_arena *arena, spae_request *request,
                                spae_error *err);

#endif
