/* spae ablate: the rows of Table 4 (io/ablation.h) trained one after the other, each a run as spae
 * train makes it, and compared: a table as text and CSV, and the training curves over each other.
 */
#include <stdio.h>
#include <string.h>

#include "io/ablation_table.h"
#include "io/cli/commands.h"
#include "io/cli/runs.h"
#include "io/curves.h"
#include "io/directory.h"

enum { PATH_ROOM = 1024, ROWS_MOST = SPAE_CURVES_LOGS_MOST };

static const spae_cli_option options[] = {
    SPAE_CLI_RUN_SOURCES,
    {.name = "out",
     .value = "DIR",
     .help =
         "the folder for ROW.npz, ROW.csv and ROW.checkpoint of each row, table.csv, curves.svg",
     .required = true},
    {.name = "rows",
     .value = "A,B",
     .help = "only these: vq, frozen, semantic, rq-2, saq-2, spae, single-threshold,\n"
             "fixed-weight, no-perceptual, no-adversarial (default: all)"},
    SPAE_CLI_RUN_OPTIONS,
    {.name = "resume", .help = "go on from the checkpoints in DIR, to the same bits"},
};

static const spae_cli_command command = {
    .name = "ablate",
    .arguments = "",
    .purpose = "Trains the rows of the paper's Table 4 on one preset, with the same data, seed and "
               "steps, and prints\n"
               "what can be measured here: PSNR by layer on the test part, words of the picture, "
               "codebook usage,\n"
               "losses. Killed at any moment, it goes on with --resume.",
    .options = options,
    .option_count = sizeof options / sizeof options[0]};

typedef struct {
    const spae_cli_arguments *arguments;
    spae_training_settings set; /* of the base */
    const char *out;
    const spae_ablation_row *row[ROWS_MOST]; /* those to train */
    size_t rows, words;
    spae_ablation_result result[ROWS_MOST];
    spae_arena *arena; /* what lasts; a row's own is given back */
} ablation;

/* ---- which rows ----------------------------------------------------------------------------- */

static bool wanted(const char *list, const spae_ablation_row *row)
{
    while (list != NULL) {
        const size_t n = strcspn(list, ",");
        if (spae_ablation_find(list, n) == row)
            return true;
        if (list[n] == '\0')
            return false;
        list += n + 1;
    }
    return true;
}

static bool check_names(const char *list)
{
    while (list != NULL) {
        const size_t n = strcspn(list, ",");
        if (spae_ablation_find(list, n) == NULL)
            return spae_cli_wrong(&command, "--rows: %.*s: no such row", (int)n, list), false;
        list = list[n] != '\0' ? list + n + 1 : NULL;
    }
    return true;
}

/* Rows that are asked for and say something; the others are told on stderr. */
static spae_status choose_rows(ablation *ab, spae_error *err)
{
    const char *list = spae_cli_value(ab->arguments, "rows");
    const spae_ablation_row *row;
    for (size_t i = 0; (row = spae_ablation_at(i)) != NULL; i++) {
        const char *vain = spae_ablation_vain(row, &ab->set.config, ab->set.perceptual_files > 0);
        if (!wanted(list, row))
            continue;
        if (vain == NULL)
            ab->row[ab->rows++] = row;
        else
            fprintf(stderr, "spae ablate: row %s left out: %s\n", spae_ablation_name(row), vain);
    }
    return ab->rows > 0 ? SPAE_OK : spae_fail(err, SPAE_ERR_ARGUMENT, "no row is left to train");
}

/* Every row's configuration, before the first is trained. */
static spae_status check_rows(ablation *ab, spae_error *err)
{
    spae_status status = SPAE_OK;
    for (size_t i = 0; status == SPAE_OK && i < ab->rows; i++) {
        ab->result[i].row = ab->row[i];
        spae_ablation_title(ab->row[i], &ab->set.config, ab->result[i].title);
        status = spae_ablation_config(ab->row[i], &ab->set.config, ab->words, &ab->result[i].config,
                                      err);
    }
    return status;
}

static spae_status count_words(ablation *ab, spae_error *err)
{
    spae_vocabulary v;
    const spae_arena_mark mark = spae_arena_here(ab->arena);
    const spae_status status = spae_vocabulary_read(ab->arena, ab->set.codebook, ab->set.vocabulary,
                                                    ab->set.limit_words, &v, err);
    if (status != SPAE_OK)
        return status;
    ab->words = v.V;
    spae_arena_reset(ab->arena, mark);
    return SPAE_OK;
}

/* ---- a row ---------------------------------------------------------------------------------- */

/* DIR/NAME.ENDING in the arena; NULL without memory or beyond PATH_ROOM. */
static const char *path_of(const ablation *ab, const char *name, const char *ending,
                           spae_arena *arena, spae_error *err)
{
    char *path = spae_arena_take(arena, PATH_ROOM, 1);
    if (path == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "no memory for the name of a file"), NULL;
    const int n = snprintf(path, PATH_ROOM, "%s/%s.%s", ab->out, name, ending);
    if (n > 0 && n < PATH_ROOM)
        return path;
    return spae_fail(err, SPAE_ERR_ARGUMENT, "--out: more than %d bytes", PATH_ROOM - 20), NULL;
}

/* The averaged weights on the part "test". */
static spae_status measure(const ablation *ab, const spae_training *t, spae_evaluation *evaluation,
                           spae_error *err)
{
    spae_parameters parameters;
    const spae_model model = spae_trainer_averaged(&t->trainer, &parameters);
    spae_dataset data;
    spae_sources sources = {.count = 0};
    spae_words vocabulary;
    size_t left_out; /* the same pictures in every row, and spae eval tells how many */
    spae_status status = spae_dataset_open(t->arena, ab->set.data, SPAE_DATASET_TEST,
                                           model.config.picture, &data, err);
    if (status == SPAE_OK)
        status = spae_dataset_fits(&data, &model.config, err);
    if (status == SPAE_OK)
        status = spae_words_index(model.word, model.codebook.V, t->arena, &vocabulary, err);
    if (status == SPAE_OK && data.labels != NULL && t->sources.count > 0)
        status = spae_dataset_sources(&data, t->notes.label, t->notes.label_count, &vocabulary,
                                      t->arena, &sources, &left_out, err);
    if (status != SPAE_OK)
        return status;
    return spae_evaluate(&model, &data, data.count, sources.count > 0 ? &sources : NULL, NULL, NULL,
                         t->arena, evaluation, err);
}

static spae_status read_last(const spae_training_settings *set, spae_arena *arena,
                             spae_ablation_result *result, spae_error *err)
{
    spae_source source;
    spae_status status = spae_source_open(arena, set->log, NULL, &source, err);
    if (status != SPAE_OK)
        return status;
    status = spae_ablation_last(&source, set->config.steps, result->last, err);
    spae_source_close(&source);
    return status;
}

static spae_status train_row(const ablation *ab, const spae_training_settings *set,
                             const char *model, spae_arena *arena, spae_ablation_result *result,
                             spae_error *err)
{
    spae_training t;
    char hash[65];
    spae_status status = spae_training_start(&t, set, arena, err);
    if (status == SPAE_OK) {
        if (result == ab->result) { /* the same in every row */
            spae_cli_left_out(ab->arguments, &t.dataset, t.left_out);
            spae_cli_tell_perceptual(ab->arguments, &t);
        }
        status = spae_training_run(&t, set->config.steps, err);
    }
    status = spae_training_finish(&t, status, err);
    if (status == SPAE_OK)
        status = spae_training_store(&t, model, hash, err);
    if (status == SPAE_OK)
        status = measure(ab, &t, &result->evaluation, err);
    return status == SPAE_OK ? read_last(set, arena, result, err) : status;
}

static spae_status make_row(const ablation *ab, spae_ablation_result *result, spae_error *err)
{
    const char *name = spae_ablation_name(result->row);
    spae_training_settings set = ab->set;
    spae_arena arena;
    spae_arena_hosted(&arena);
    set.config = result->config;
    const char *model = path_of(ab, name, "npz", &arena, err);
    set.checkpoint = path_of(ab, name, "checkpoint", &arena, err);
    set.log = path_of(ab, name, "csv", &arena, err);
    const spae_status status = model == NULL || set.checkpoint == NULL || set.log == NULL
                                   ? err->status
                                   : train_row(ab, &set, model, &arena, result, err);
    spae_arena_free(&arena);
    return status;
}

static spae_status make_rows(ablation *ab, spae_error *err)
{
    spae_status status = SPAE_OK;
    for (size_t i = 0; status == SPAE_OK && i < ab->rows; i++) {
        fprintf(stderr, "spae ablate: row %zu of %zu, %s: %s\n", i + 1, ab->rows,
                spae_ablation_name(ab->row[i]), ab->result[i].title);
        status = make_row(ab, &ab->result[i], err);
    }
    return status;
}

/* ---- results -------------------------------------------------------------------------------- */

static spae_status add_curve(const ablation *ab, size_t i, spae_curves *curves, spae_error *err)
{
    const char *path = path_of(ab, spae_ablation_name(ab->row[i]), "csv", ab->arena, err);
    spae_source *source = spae_arena_take(ab->arena, 1, sizeof *source);
    if (path == NULL)
        return SPAE_ERR_ARGUMENT;
    if (source == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory", path);
    spae_status status = spae_source_open(ab->arena, path, NULL, source, err);
    if (status != SPAE_OK)
        return status;
    status = spae_curves_add(curves, ab->result[i].title, source, err);
    spae_source_close(source);
    return status;
}

static spae_status save(const ablation *ab, const char *name, const char *ending,
                        const uint8_t *bytes, size_t size, spae_error *err)
{
    const char *path = path_of(ab, name, ending, ab->arena, err);
    return path == NULL ? SPAE_ERR_ARGUMENT
                        : spae_file_write_all(ab->arena, path, bytes, size, err);
}

/* Smoothed over a hundredth of the run: ten noisy lines over each other would not be read. */
static spae_status draw_curves(const ablation *ab, spae_error *err)
{
    const uint64_t part = ab->set.config.steps / 100;
    const spae_curves_options form = {
        .title = "training curves of the rows of Table 4",
        .smooth = part < SPAE_CURVES_SMOOTH_MOST ? (size_t)part : SPAE_CURVES_SMOOTH_MOST,
        .scale = SPAE_CHART_AUTO,
        .across = 2};
    spae_curves curves = spae_curves_start(&form, ab->arena);
    const uint8_t *bytes = NULL;
    size_t size = 0;
    spae_status status = SPAE_OK;
    for (size_t i = 0; status == SPAE_OK && i < ab->rows; i++)
        status = add_curve(ab, i, &curves, err);
    if (status == SPAE_OK)
        status = spae_curves_write(&curves, &bytes, &size, err);
    return status == SPAE_OK ? save(ab, "curves", "svg", bytes, size, err) : status;
}

static spae_status write_tables(const ablation *ab, spae_error *err)
{
    spae_page text = spae_page_start(ab->arena), csv = spae_page_start(ab->arena);
    const uint8_t *bytes = NULL;
    size_t size = 0;
    spae_ablation_csv(ab->result, ab->rows, &csv);
    spae_status status = spae_page_end(&csv, &bytes, &size, err);
    if (status == SPAE_OK)
        status = save(ab, "table", "csv", bytes, size, err);
    spae_ablation_text(ab->result, ab->rows, &text);
    if (status == SPAE_OK)
        status = spae_page_end(&text, &bytes, &size, err);
    if (status == SPAE_OK)
        fwrite(bytes, 1, size, stdout);
    return status;
}

static spae_status ablate(ablation *ab, spae_error *err)
{
    spae_status status = choose_rows(ab, err);
    if (status == SPAE_OK)
        status = count_words(ab, err);
    if (status == SPAE_OK)
        status = check_rows(ab, err);
    if (status == SPAE_OK)
        status = spae_directory_make(ab->out, err);
    if (status == SPAE_OK)
        status = make_rows(ab, err);
    if (status == SPAE_OK && ab->set.config.steps > 0)
        status = draw_curves(ab, err);
    return status == SPAE_OK ? write_tables(ab, err) : status;
}

int spae_cli_ablate(int argc, char **argv)
{
    int exit_status;
    spae_cli_arguments arguments;
    spae_arena arena;
    spae_error err;
    if (!spae_cli_parse(&command, argc, argv, &arguments, &exit_status))
        return exit_status;
    ablation ab = {
        .arguments = &arguments, .arena = &arena, .out = spae_cli_value(&arguments, "out")};
    if (!spae_cli_run_settings(&arguments, &ab.set) ||
        !check_names(spae_cli_value(&arguments, "rows")))
        return SPAE_CLI_USAGE;
    spae_arena_hosted(&arena);
    exit_status = ablate(&ab, &err) == SPAE_OK ? SPAE_CLI_DONE : spae_cli_failed(&command, &err);
    spae_arena_free(&arena);
    return exit_status;
}
