/* spae prompt: the prompt of any task, as it would go to a language model. */
#include <stdio.h>
#include <string.h>

#include "io/cli/commands.h"
#include "io/cli/setup.h"
#include "io/cli/task.h"
#include "io/model.h"
#include "vendor_free/json.h"

static const spae_cli_option options[] = {
    {.name = "model", .value = "M", .help = "the model, an .npz", .required = true},
    {.name = "task",
     .value = "T",
     .required = true,
     .help = "classify, caption, vqa, par or pnar; pictures are given so, examples first:\n"
             "classify  each class's first, then each class's second, .., the query; --label for each class\n"
             "caption   examples, the query; --text for each example\n"
             "vqa       the same, and --question for each and for the query\n"
             "par       targets, and --condition for each and for the query, whose target so far\n"
             "          comes last, if the step needs it; without --condition pairs of\n"
             "          condition and target\n"
             "pnar      targets, then the query's"},
    {.name = "template", .value = "T", .help = "of classify: gpt35 (default) or palm2"},
    {.name = "tokens", .help = "the files hold tokens (of one picture or several), not pictures"},
    SPAE_CLI_FIT_OPTIONS,
    {.name = "label", .value = "TEXT", .repeated = true, .help = "classify: what a class is called"},
    {.name = "text", .value = "TEXT", .repeated = true, .help = "caption, vqa: an example's caption or answer"},
    {.name = "question", .value = "TEXT", .repeated = true, .help = "vqa: what is asked"},
    {.name = "condition", .value = "TEXT", .repeated = true, .help = "par: \"an image of 7\", or any text"},
    {.name = "data",
     .value = "D",
     .help = "classify, par, pnar: examples and query from a data set, as eval takes it;\n"
             "par's conditions are then \"an image of CLASS\""},
    {.name = "part", .value = "P", .help = "of the data: test (default) or train"},
    {.name = "seed", .value = "N", .help = "of the episode (default 0)"},
    {.name = "episode", .value = "N", .help = "which one (default 0)"},
    {.name = "ways", .value = "N", .help = "classes (default 2; par and pnar with --data: 10)"},
    {.name = "shots", .value = "N", .help = "different examples of each (default 1; par and pnar: 5)"},
    {.name = "repeats", .value = "N", .help = "classify: how often all examples come again (default 0)"},
    {.name = "no-induction", .help = "classify: do not say the possible answers first"},
    {.name = "layers",
     .value = "L",
     .help = "only the first L layers of each picture (default: all); par: the layers that are\n"
             "decoded so; pnar: those that are given, the next is decoded (default: all but one)"},
    {.name = "stride", .value = "N", .help = "tokens of a step (default: par 4, pnar 16)"},
    {.name = "step", .value = "N", .help = "par, pnar: which one, from 1 (the default)"},
    {.name = "join",
     .value = "J",
     .help = "how words stand beside each other: plain (a space between), spaced (theirs),\n"
             "marked (theirs is U+2581); default: what the vocabulary looks like"},
    {.name = "window", .value = "N", .help = "refuse what is longer together with its answer (needs --tokenizer)"},
    SPAE_CLI_TASK_TOKENIZER_OPTION,
    {.name = "ids", .help = "print token ids of --tokenizer, one space apart, not the text"},
    {.name = "json", .help = "print an object of text, ids, samples, temperature, max_tokens, stop, labels,\n"
             "and with --data the answer"},
    {.name = "o", .value = "FILE", .help = "write to FILE, not to standard output"},
};

static const spae_cli_command command = {
    .name = "prompt",
    .arguments = "[FILE...]",
    .purpose = "Prints the prompt of a task (the paper's B.2) to the byte: nothing is added behind it.",
    .least = 0,
    .most = SIZE_MAX,
    .options = options,
    .option_count = sizeof options / sizeof options[0]};

/* ---- printing ---------------------------------------------------------------------------------------- */

static void write_ids(const spae_request *request, spae_page *page)
{
    for (size_t i = 0; i < request->ids; i++)
        spae_page_format(page, i > 0 ? " %ld" : "%ld", (long)request->id[i]);
    spae_page_text(page, "\n");
}

static void put_integer(spae_json_writer *w, const char *key, size_t value)
{
    spae_json_write_key(w, key);
    spae_json_write_integer(w, (int64_t)value);
}

static void put_text(spae_json_writer *w, const char *key, const char *text, size_t length)
{
    spae_json_write_key(w, key);
    if (text != NULL)
        spae_json_write_string(w, text, length);
    else
        spae_json_write_null(w);
}

static spae_status write_object(const spae_cli_task *task, const spae_request *r, char *out, size_t room, size_t *length,
                                spae_error *err)
{
    spae_json_writer w;
    spae_json_write_start(&w, out, room);
    spae_json_write_open(&w, '{');
    put_text(&w, "text", r->text, r->length);
    spae_json_write_key(&w, "ids");
    if (r->id != NULL) {
        spae_json_write_open(&w, '[');
        for (size_t i = 0; i < r->ids; i++)
            spae_json_write_integer(&w, r->id[i]);
        spae_json_write_close(&w);
    } else {
        spae_json_write_null(&w);
    }
    put_integer(&w, "samples", r->samples);
    spae_json_write_key(&w, "temperature");
    spae_json_write_double(&w, r->temperature);
    put_integer(&w, "max_tokens", r->max_tokens);
    put_text(&w, "stop", r->stop, r->stop != NULL ? strlen(r->stop) : 0);
    spae_json_write_key(&w, "labels");
    spae_json_write_open(&w, '[');
    for (size_t i = 0; i < task->labels; i++)
        spae_json_write_string(&w, task->label[i], strlen(task->label[i]));
    spae_json_write_close(&w);
    put_text(&w, "answer", task->due, task->due != NULL ? strlen(task->due) : 0);
    spae_json_write_close(&w);
    return spae_json_write_finish(&w, length, err);
}

static spae_status write_json(const spae_cli_task *task, const spae_request *request, spae_arena *arena, spae_page *page,
                              spae_error *err)
{
    size_t length = 0;
    spae_status status = write_object(task, request, NULL, 0, &length, err);
    if (status != SPAE_OK && status != SPAE_ERR_NO_MEMORY)
        return status;
    char *out = spae_arena_take(arena, length, 1);
    if (out == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "prompt: no memory for %zu bytes of JSON", length);
    status = write_object(task, request, out, length, &length, err);
    spae_page_bytes(page, out, length);
    spae_page_text(page, "\n");
    return status;
}

static spae_status print(const spae_cli_arguments *arguments, const spae_cli_task *task, const spae_request *request,
                         spae_arena *arena, spae_error *err)
{
    const char *path = spae_cli_value(arguments, "o");
    spae_page page = spae_page_start(arena);
    const uint8_t *bytes = NULL;
    size_t size = 0;
    spae_status status = SPAE_OK;
    if (spae_cli_value(arguments, "json") != NULL)
        status = write_json(task, request, arena, &page, err);
    else if (spae_cli_value(arguments, "ids") != NULL)
        write_ids(request, &page);
    else
        spae_page_bytes(&page, request->text, request->length);
    if (status == SPAE_OK)
        status = spae_page_end(&page, &bytes, &size, err);
    return status == SPAE_OK ? spae_file_write_all(arena, path != NULL ? path : "-", bytes, size, err) : status;
}

/* ---- running ----------------------------------------------------------------------------------------- */

static int run(const spae_cli_arguments *arguments, spae_arena *arena)
{
    spae_error err;
    spae_request request;
    spae_cli_task task = {.arguments = arguments};
    uint64_t window = 0;
    if (!spae_cli_task_options(&task) || !spae_cli_integer(arguments, "window", 1, SIZE_MAX / 2, &window))
        return SPAE_CLI_USAGE;
    if (spae_cli_value(arguments, "tokenizer") == NULL && (spae_cli_value(arguments, "ids") != NULL || window > 0))
        return spae_cli_wrong(&command, "--%s: needs --tokenizer", window > 0 ? "window" : "ids");
    if (spae_cli_value(arguments, "ids") != NULL && spae_cli_value(arguments, "json") != NULL)
        return spae_cli_wrong(&command, "--ids and --json exclude each other");
    int status = spae_cli_task_gather(&task, arena);
    if (status != SPAE_CLI_DONE)
        return status;
    if (spae_cli_task_build(&task, (size_t)window, arena, &request, &err) != SPAE_OK ||
        print(arguments, &task, &request, arena, &err) != SPAE_OK)
        return spae_cli_failed(&command, &err);
    return SPAE_CLI_DONE;
}

int spae_cli_prompt(int argc, char **argv)
{
    int status;
    spae_cli_arguments arguments;
    if (!spae_cli_parse(&command, argc, argv, &arguments, &status))
        return status;
    spae_arena arena;
    spae_arena_hosted(&arena);
    status = run(&arguments, &arena);
    spae_arena_free(&arena);
    return status;
}
