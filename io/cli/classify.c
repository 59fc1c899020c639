/* spae classify: which class a picture is of, or how often the answer is right over many episodes. */
#include <stdio.h>
#include <string.h>

#include "io/cli/ask.h"
#include "io/cli/commands.h"
#include "io/cli/setup.h"
#include "io/few_shot.h"
#include "io/model.h"

static const spae_cli_option options[] = {
    SPAE_CLI_ASK_OPTIONS,
    {.name = "label", .value = "TEXT", .repeated = true, .help = "what a class is called; of every shot each class has a file"},
    {.name = "template", .value = "T", .help = "gpt35 (default) or palm2"},
    {.name = "ways", .value = "N", .help = "classes (default 2)"},
    {.name = "shots", .value = "N", .help = "different examples of each (default 1)"},
    {.name = "repeats", .value = "N", .help = "how often all examples come again (default 0)"},
    {.name = "no-induction", .help = "do not say the possible answers first"},
    {.name = "data", .value = "D", .help = SPAE_CLI_DATA_HELP("t10k")},
    {.name = "part", .value = "P", .help = "of the data: test (default) or train"},
    {.name = "seed", .value = "N", .help = "of the episodes (default 0)"},
    {.name = "episode", .value = "N", .help = "with --data: only this one, and its answer is printed"},
    {.name = "episodes", .value = "N", .help = "with --data: how many (default 100); prints how many are right"},
    {.name = "table", .help = "with --data: the 14 settings of Table 1 with 1, 2, .. layers, not one setting"},
    {.name = "csv", .value = "FILE", .help = "the same numbers as CSV"},
    SPAE_CLI_FIT_OPTIONS,
    SPAE_CLI_LANGUAGE_OPTIONS,
};

static const spae_cli_command command = {
    .name = "classify",
    .arguments = "[FILE...]",
    .purpose = "Asks a language model for the class of a picture, given examples: each class's first, then each class's\n"
               "second, .., the query last. With --data the few-shot accuracy over episodes, beside chance and beside the\n"
               "nearest example on the same tokens (in places that differ, and in embeddings).",
    .least = 0,
    .most = SIZE_MAX,
    .options = options,
    .option_count = sizeof options / sizeof options[0]};

/* ---- one question ---------------------------------------------------------------------------------------- */

static int ask_once(const spae_cli_arguments *arguments, spae_arena *arena)
{
    spae_cli_task task;
    spae_answer answer;
    size_t which = 0;
    const int status = spae_cli_ask(arguments, SPAE_CLI_CLASSIFY, arena, &task, &answer);
    if (status != SPAE_CLI_DONE)
        return status;
    if (!spae_answer_label(answer.text, answer.length, task.label, task.labels, &which))
        return spae_cli_malformed(arguments, &answer, "one of the labels");
    puts(task.label[which]);
    if (task.due != NULL)
        fprintf(stderr, "%s: it is %s\n", strcmp(task.due, task.label[which]) == 0 ? "right" : "wrong", task.due);
    return SPAE_CLI_DONE;
}

/* ---- many episodes --------------------------------------------------------------------------------------- */

typedef struct {
    const spae_cli_arguments *arguments;
    spae_arena *arena;
    uint64_t episodes, layers;
    bool table;
    spae_few_shot own;
    const spae_few_shot *setting; /* (settings) */
    size_t settings;
    spae_model model;
    spae_notes notes;
    spae_dataset dataset;
    spae_classes classes;
    spae_cli_language language;
    spae_few_shot_study study;
    spae_page text, csv;
} measuring;

static spae_status open_classes(measuring *m, spae_error *err)
{
    const bool noted = m->notes.label_count > 0;
    spae_classes all;
    size_t part = 0;
    if (!spae_cli_choice(m->arguments, "part", (const char *const[]){"test", "train"}, 2, &part))
        return spae_fail(err, SPAE_ERR_ARGUMENT, "--part: expected test or train");
    spae_status status =
        spae_dataset_open(m->arena, spae_cli_value(m->arguments, "data"), part == 0 ? SPAE_DATASET_TEST : SPAE_DATASET_TRAIN,
                          m->model.config.picture, &m->dataset, err);
    if (status == SPAE_OK)
        status = spae_dataset_fits(&m->dataset, &m->model.config, err);
    if (status == SPAE_OK)
        status = spae_classes_of(&m->dataset, noted ? m->notes.label : spae_dataset_digits,
                                 noted ? m->notes.label_count : SPAE_DATASET_DIGITS, m->arena, &all, err);
    if (status == SPAE_OK)
        status = spae_few_shot_classes(&all, &m->language.lexicon.text, m->arena, &m->classes, err);
    return status;
}

static spae_status open_all(measuring *m, size_t template, uint32_t seed, spae_error *err)
{
    spae_status status =
        spae_model_open(&m->model, &m->notes, false, m->arena, spae_cli_value(m->arguments, "model"), err);
    if (status == SPAE_OK)
        status = spae_codebook_prepare(&m->model.codebook, m->arena, err);
    if (status == SPAE_OK)
        status = spae_cli_language_open(m->arguments, &m->model, m->arena, &m->language, err);
    if (status == SPAE_OK)
        status = open_classes(m, err);
    m->study = (spae_few_shot_study){.model = &m->model,
                                     .dataset = &m->dataset,
                                     .classes = &m->classes,
                                     .language = &m->language.model,
                                     .lexicon = &m->language.lexicon,
                                     .template = template == 0 ? SPAE_TEMPLATE_GPT35 : SPAE_TEMPLATE_PALM2,
                                     .seed = seed};
    return status == SPAE_OK ? spae_few_shot_start(&m->study, m->arena, err) : status;
}

static void print_score(measuring *m, size_t tokens, const spae_few_shot *setting, const spae_few_shot_score *score)
{
    const double n = (double)score->episodes, right = (double)score->right / n;
    spae_page_format(&m->text, "%6zu  %zu-way  %-3s  %5zu  %7zu   %5.1f +- %3.1f   %5.1f    %5.1f    %5.1f   %zu\n", tokens,
                     setting->ways, setting->induction ? "yes" : "no", setting->shots, setting->repeats, 100 * right,
                     100 * spae_few_shot_interval(right, score->episodes), 100 / (double)setting->ways,
                     100 * (double)score->hamming / n, 100 * (double)score->embedding / n, score->malformed);
    spae_page_format(&m->csv, "%zu,%zu,%d,%zu,%zu,%zu,%zu,%zu,%zu,%zu\n", tokens, setting->ways, (int)setting->induction,
                     setting->shots, setting->repeats, score->right, score->malformed, score->hamming, score->embedding,
                     score->episodes);
}

static spae_status with_layers(measuring *m, size_t layers, spae_error *err)
{
    spae_few_shot_score *score = spae_arena_take_zeroed(m->arena, m->settings, sizeof *score);
    if (score == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "no memory for the scores of %zu settings", m->settings);
    spae_status status = SPAE_OK;
    for (uint32_t e = 0; status == SPAE_OK && e < m->episodes; e++) {
        status = spae_few_shot_episode(&m->study, e, m->setting, m->settings, layers, m->arena, score, err);
        if ((e + 1) % 10 == 0 || e + 1 == m->episodes)
            fprintf(stderr, "\r%zu layers: %lu of %lu episodes ", layers, (unsigned long)e + 1, (unsigned long)m->episodes);
    }
    fprintf(stderr, "\n");
    for (size_t i = 0; status == SPAE_OK && i < m->settings; i++)
        print_score(m, spae_pyramid_total(&m->model.config.pyramid, layers), &m->setting[i], &score[i]);
    return status;
}

static spae_status write_page(measuring *m, spae_page *page, const char *path, spae_error *err)
{
    const uint8_t *bytes = NULL;
    size_t size = 0;
    const spae_status status = spae_page_end(page, &bytes, &size, err);
    return status == SPAE_OK && path != NULL ? spae_file_write_all(m->arena, path, bytes, size, err) : status;
}

static spae_status measure(measuring *m, spae_error *err)
{
    const size_t most = (size_t)m->layers;
    spae_status status = SPAE_OK;
    m->text = spae_page_start(m->arena);
    m->csv = spae_page_start(m->arena);
    spae_page_format(&m->text, "%zu pictures, %zu classes, %lu episodes of seed %lu, %s; per cent right, 95 %% interval\n\n",
                     m->dataset.count, m->classes.count, (unsigned long)m->episodes, (unsigned long)m->study.seed,
                     m->language.model.name);
    spae_page_text(&m->text, "tokens         induct.  shots  repeats   model          chance  Hamming  embed.  malformed\n");
    spae_page_text(&m->csv, "tokens,ways,induction,shots,repeats,right,malformed,nearest_hamming,nearest_embedding,episodes\n");
    for (size_t layers = m->table ? 1 : most; status == SPAE_OK && layers <= most; layers++)
        status = with_layers(m, layers, err);
    if (status == SPAE_OK)
        status = write_page(m, &m->csv, spae_cli_value(m->arguments, "csv"), err);
    return status == SPAE_OK ? write_page(m, &m->text, "-", err) : status;
}

static int measure_episodes(const spae_cli_arguments *arguments, spae_arena *arena)
{
    spae_error err;
    measuring m = {.arguments = arguments, .arena = arena, .episodes = 100, .table = spae_cli_value(arguments, "table") != NULL};
    uint64_t ways = 2, shots = 1, repeats = 0;
    size_t template = 0;
    uint32_t seed = 0;
    if (!spae_cli_integer(arguments, "episodes", 1, 1000000, &m.episodes) ||
        !spae_cli_integer(arguments, "ways", 1, SPAE_EPISODE_WAYS, &ways) ||
        !spae_cli_integer(arguments, "shots", 1, UINT16_MAX, &shots) ||
        !spae_cli_integer(arguments, "repeats", 0, UINT16_MAX, &repeats) || !spae_cli_seed(arguments, &seed) ||
        !spae_cli_choice(arguments, "template", (const char *const[]){"gpt35", "palm2"}, 2, &template))
        return SPAE_CLI_USAGE;
    m.own = (spae_few_shot){spae_cli_value(arguments, "no-induction") == NULL, (size_t)ways, (size_t)shots, (size_t)repeats};
    m.setting = m.table ? spae_few_shot_settings : &m.own;
    m.settings = m.table ? SPAE_FEW_SHOT_SETTINGS : 1;
    if (open_all(&m, template, seed, &err) != SPAE_OK)
        return spae_cli_failed(&command, &err);
    m.layers = m.model.config.pyramid.layers;
    if (!spae_cli_integer(arguments, "layers", 1, m.layers, &m.layers))
        return SPAE_CLI_USAGE;
    return measure(&m, &err) == SPAE_OK ? SPAE_CLI_DONE : spae_cli_failed(&command, &err);
}

/* Which of the two is meant. */
static bool belong(const spae_cli_arguments *arguments, bool many)
{
    static const char *const only[] = {"episodes", "table", "csv"};
    for (size_t i = 0; i < 3; i++)
        if (spae_cli_value(arguments, only[i]) != NULL && !many)
            return spae_cli_wrong(&command, "--%s: is for many episodes of --data", only[i]), false;
    if (many && arguments->positional_count > 0)
        return spae_cli_wrong(&command, "--data: then no files are given"), false;
    return true;
}

int spae_cli_classify(int argc, char **argv)
{
    int status;
    spae_cli_arguments arguments;
    spae_arena arena;
    if (!spae_cli_parse(&command, argc, argv, &arguments, &status))
        return status;
    const bool many = spae_cli_value(&arguments, "data") != NULL && spae_cli_value(&arguments, "episode") == NULL;
    if (!belong(&arguments, many))
        return SPAE_CLI_USAGE;
    spae_arena_hosted(&arena);
    status = many ? measure_episodes(&arguments, &arena) : ask_once(&arguments, &arena);
    spae_arena_free(&arena);
    return status;
}
