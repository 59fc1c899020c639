/* One question: prompt, answer, and what is printed of it. */
#include "io/cli/ask.h"

#include <stdio.h>

static spae_status put_question(const spae_cli_arguments *arguments, spae_cli_task *task, spae_arena *arena,
                                spae_answer *answer, spae_error *err)
{
    spae_cli_language language;
    spae_request request;
    spae_status status = spae_cli_language_open(arguments, &task->model, arena, &language, err);
    if (status != SPAE_OK)
        return status;
    task->lexicon = language.lexicon;
    status = spae_cli_task_build(task, language.model.window, arena, &request, err);
    return status == SPAE_OK ? language.model.sample(&language.model, &request, 1, arena, answer, err) : status;
}

int spae_cli_ask(const spae_cli_arguments *arguments, spae_cli_task_kind kind, spae_arena *arena, spae_cli_task *task,
                 spae_answer *answer)
{
    spae_error err;
    *task = (spae_cli_task){.arguments = arguments, .kind = kind};
    if (!spae_cli_task_options(task))
        return SPAE_CLI_USAGE;
    const int status = spae_cli_task_gather(task, arena);
    if (status != SPAE_CLI_DONE)
        return status;
    return put_question(arguments, task, arena, answer, &err) == SPAE_OK ? SPAE_CLI_DONE
                                                                         : spae_cli_failed(arguments->command, &err);
}

int spae_cli_malformed(const spae_cli_arguments *arguments, const spae_answer *answer, const char *expected)
{
    spae_error err;
    char quote[SPAE_WORDS_QUOTE];
    spae_fail(&err, SPAE_ERR_FORMAT, "the language model answered %s, expected %s",
              spae_words_quote(answer->text, answer->length, quote), expected);
    return spae_cli_failed(arguments->command, &err);
}

int spae_cli_ask_line(const spae_cli_command *command, spae_cli_task_kind kind, const char *expected,
                      spae_answer_part part(const char *text, size_t length), int argc, char **argv)
{
    int status;
    spae_cli_arguments arguments;
    spae_cli_task task;
    spae_answer answer;
    spae_arena arena;
    if (!spae_cli_parse(command, argc, argv, &arguments, &status))
        return status;
    spae_arena_hosted(&arena);
    status = spae_cli_ask(&arguments, kind, &arena, &task, &answer);
    if (status == SPAE_CLI_DONE) {
        const spae_answer_part found = part(answer.text, answer.length);
        if (found.length > 0)
            printf("%.*s\n", (int)found.length, found.text);
        else
            status = spae_cli_malformed(&arguments, &answer, expected);
    }
    spae_arena_free(&arena);
    return status;
}
