/* spae train: trains a model on labelled pictures and a frozen codebook.
 *
 * Everything that decides the result is in the configuration, the data, the codebook and the seed:
 * the log and the model are the same bytes on every machine, for any --at-once, and however often
 * the run was taken up again.
 */
#include <stdio.h>
#include <string.h>

#include "io/batch.h"
#include "io/checkpoint.h"
#include "io/cli/commands.h"
#include "io/cli/setup.h"
#include "io/progress.h"
#include "nn/network.h"
#include "vendor_free/decimal.h"

enum { AT_ONCE_MOST = 64, PATH_ROOM = 1024 };

static const spae_cli_option options[] = {
    {.name = "preset",
     .value = "P",
     .help = "the configuration to start from (spae info --preset P shows it)",
     .required = true},
    {.name = "data", .value = "D", .required = true, .help = SPAE_CLI_DATA_HELP("train")},
    {.name = "codebook",
     .value = "F",
     .help = "embeddings of the words, .npy, (V,c)",
     .required = true},
    {.name = "vocab",
     .value = "F",
     .help = "the V words: a text, one a line, or .npy strings",
     .required = true},
    {.name = "out",
     .value = "M",
     .help = "the model to write, .npz: the averaged weights",
     .required = true},
    SPAE_CLI_SET_OPTION,
    {.name = "steps", .value = "N", .help = "the same as --set steps=N"},
    {.name = "seed", .value = "S", .help = "of weights, order and targets (default 0)"},
    {.name = "limit-words", .value = "N", .help = "only the first N words"},
    {.name = "codebook-centre", .help = "take the mean over the words away from the embeddings"},
    {.name = "codebook-scale", .value = "X", .help = "then multiply them by X (default 1)"},
    {.name = "guide",
     .value = "G",
     .help = "what the words of pictures are compared by: centred (default; without the\n"
             "vocabulary's mean, of length 1) or raw embeddings, of several words their mean;\n"
             "nearest: centred, each word by itself, and the most similar one counts"},
    {.name = "label-words",
     .value = "F",
     .help = "a text with the word of each label of IDX files (default: zero .. nine)"},
    {.name = "recompute",
     .help = "compute residual blocks again for their gradients instead of keeping them:\n"
             "less memory, more time, the same bits (spae info tells how much)"},
    {.name = "resume", .help = "go on from the checkpoint, if there is one, to the same bits"},
    {.name = "checkpoint", .value = "F", .help = "the checkpoint (default: M.checkpoint)"},
    {.name = "checkpoint-every", .value = "N", .help = "steps between checkpoints (default 500)"},
    {.name = "stop-at",
     .value = "N",
     .help = "stop after step N with a checkpoint, to be resumed later"},
    {.name = "log", .value = "F", .help = "a CSV of every step"},
    {.name = "every",
     .value = "S",
     .help = "seconds between lines of progress (default 2; 0: only the last)"},
    {.name = "at-once",
     .value = "K",
     .help = "examples worked on side by side, for OpenMP builds (default 1):\nmemory and time, "
             "never bits"},
};

static const spae_cli_command command = {
    .name = "train",
    .arguments = "",
    .purpose = "Trains a model, with checkpoints that survive being killed at any moment.",
    .options = options,
    .option_count = sizeof options / sizeof options[0]};

typedef struct {
    const spae_cli_arguments *arguments;
    spae_config config;
    uint32_t seed;
    uint64_t limit, checkpoint_every, stop_at, every, at_once;
    size_t guide;
    double scale;
    char checkpoint[PATH_ROOM];
} settings;

/* All that one run needs, in the arena. */
typedef struct {
    const settings *set;
    spae_arena *arena; /* what lasts */
    spae_arena scratch[AT_ONCE_MOST];
    spae_model model;
    spae_notes notes;
    spae_dataset dataset;
    char data[65];               /* its hash */
    spae_sources sources;        /* of the labels; count 0: pictures without */
    const spae_real *similarity; /* NULL: nothing guides */
    spae_trainer trainer;
    spae_batch batch;
    int32_t *token;
    size_t per_example;
    spae_progress_log log;
} training;

/* ---- options --------------------------------------------------------------------------------- */

static bool read_scale(settings *set)
{
    const char *text = spae_cli_value(set->arguments, "codebook-scale");
    set->scale = 1.0;
    if (text == NULL ||
        (spae_decimal_read(text, strlen(text), &set->scale) && set->scale > 0 && set->scale <= 1e6))
        return true;
    return spae_cli_wrong(&command, "--codebook-scale: %s is no number above 0, up to 1e6", text),
           false;
}

static bool read_checkpoint_path(settings *set)
{
    const char *given = spae_cli_value(set->arguments, "checkpoint");
    const char *out = spae_cli_value(set->arguments, "out");
    const int n = given != NULL ? snprintf(set->checkpoint, PATH_ROOM, "%s", given)
                                : snprintf(set->checkpoint, PATH_ROOM, "%s.checkpoint", out);
    if (n > 0 && n < PATH_ROOM)
        return true;
    return spae_cli_wrong(&command, "--checkpoint: expected a name of 1 to %d bytes",
                          (int)PATH_ROOM - 1),
           false;
}

static bool read_settings(settings *set)
{
    const spae_cli_arguments *a = set->arguments;
    if (!spae_cli_config(a, &set->config) || !spae_cli_seed(a, &set->seed))
        return false;
    return spae_cli_integer(a, "steps", 0, UINT32_MAX, &set->config.steps) &&
           spae_cli_integer(a, "limit-words", 1, INT32_MAX, &set->limit) &&
           spae_cli_integer(a, "checkpoint-every", 1, UINT32_MAX, &set->checkpoint_every) &&
           spae_cli_integer(a, "stop-at", 1, UINT32_MAX, &set->stop_at) &&
           spae_cli_integer(a, "every", 0, 86400, &set->every) &&
           spae_cli_integer(a, "at-once", 1, AT_ONCE_MOST, &set->at_once) &&
           spae_cli_choice(a, "guide", spae_guide_names, SPAE_GUIDE_KINDS, &set->guide) &&
           read_scale(set) && read_checkpoint_path(set);
}

/* ---- setting up ------------------------------------------------------------------------------ */

static spae_status make_model(training *t, spae_error *err)
{
    const settings *set = t->set;
    const spae_cli_arguments *a = set->arguments;
    const bool centre = spae_cli_value(a, "codebook-centre") != NULL;
    spae_vocabulary v;
    t->notes = (spae_notes){.guide = (spae_guide_kind)set->guide,
                            .codebook_centred = centre,
                            .codebook_scale = set->scale};
    spae_status status =
        spae_vocabulary_read(t->arena, spae_cli_value(a, "codebook"), spae_cli_value(a, "vocab"),
                             (size_t)set->limit, &v, err);
    if (status == SPAE_OK && (centre || set->scale < 1.0 || set->scale > 1.0))
        status = spae_guide_transform(v.e, v.V, v.c, centre, set->scale, t->arena, err);
    if (status == SPAE_OK)
        status = spae_model_create(&t->model, &set->config, true, t->arena, err);
    if (status == SPAE_OK)
        status = spae_vocabulary_use(&v, &t->model, t->arena, err);
    if (status == SPAE_OK)
        spae_model_init(&t->model, set->seed);
    return status;
}

static spae_status choose_labels(training *t, spae_error *err)
{
    const char *file = spae_cli_value(t->set->arguments, "label-words");
    spae_status status = SPAE_OK;
    if (t->dataset.words.count > 0)
        return file == NULL
                   ? SPAE_OK
                   : spae_fail(
                         err, SPAE_ERR_ARGUMENT,
                         "%s: these pictures have words of their own, --label-words is for IDX",
                         t->dataset.name);
    t->notes.label = spae_dataset_digits;
    t->notes.label_count = SPAE_DATASET_DIGITS;
    if (file != NULL)
        status = spae_vocabulary_words(t->arena, file, &t->notes.label_count, &t->notes.label, err);
    if (status == SPAE_OK && t->notes.label_count > SPAE_NOTES_LABELS_MOST)
        status = spae_fail(err, SPAE_ERR_ARGUMENT, "%s: %zu words, labels are 0 to %d", file,
                           t->notes.label_count, SPAE_NOTES_LABELS_MOST - 1);
    return status;
}

static spae_status make_guide(training *t, spae_error *err)
{
    const size_t V = t->model.codebook.V;
    spae_real *rows = NULL;
    spae_status status = choose_labels(t, err);
    if (status == SPAE_OK)
        status = spae_cli_sources(t->set->arguments, &t->dataset, t->notes.label,
                                  t->notes.label_count, &t->model, t->arena, &t->sources, err);
    if (status != SPAE_OK)
        return status;
    if (t->sources.count <= SIZE_MAX / V)
        rows = spae_arena_take(t->arena, t->sources.count * V, sizeof *rows);
    if (rows == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY,
                         "train: no memory for the similarity of %zu labels", t->sources.count);
    t->similarity = rows;
    return spae_guide_rows(t->notes.guide, &t->model.codebook, &t->sources, t->arena, rows, err);
}

static spae_status make_data(training *t, spae_error *err)
{
    const spae_config *config = &t->set->config;
    const char *path = spae_cli_value(t->set->arguments, "data");
    const bool guided = config->semantic_layers > 0 && config->alpha > 0;
    spae_status status =
        spae_dataset_open(t->arena, path, SPAE_DATASET_TRAIN, config->picture, &t->dataset, err);
    if (status == SPAE_OK)
        status = spae_dataset_fits(&t->dataset, config, err);
    if (status == SPAE_OK && guided && t->dataset.labels == NULL)
        status = spae_fail(err, SPAE_ERR_ARGUMENT,
                           "%s: no labels, which the semantic loss needs (or --set alpha=0)", path);
    if (status == SPAE_OK && t->dataset.labels != NULL)
        status = make_guide(t, err);
    if (status != SPAE_OK)
        return status;
    spae_dataset_hash(&t->dataset, t->data);
    return spae_batch_create(&t->batch, &t->dataset, config, guided ? t->similarity : NULL,
                             t->model.codebook.V, t->set->seed, t->arena, err);
}

static spae_status save_checkpoint(training *t, spae_error *err)
{
    return spae_checkpoint_save(&t->trainer, &t->notes, t->data, t->set->checkpoint, t->arena, err);
}

/* The state to begin with. A new run saves it, so that no older checkpoint is taken for its own
 * later, and a place that cannot be written is known before the work and not after. */
static spae_status make_trainer(training *t, spae_error *err)
{
    const spae_config *config = &t->set->config;
    const char *checkpoint = t->set->checkpoint;
    const bool resume =
        spae_cli_value(t->set->arguments, "resume") != NULL && spae_file_exists(checkpoint);
    spae_status status = spae_trainer_create(&t->trainer, &t->model, t->set->seed, t->arena, err);
    if (status == SPAE_OK)
        status = resume ? spae_checkpoint_load(&t->trainer, &t->notes, t->data, checkpoint,
                                               t->arena, err)
                        : save_checkpoint(t, err);
    t->trainer.recompute = spae_cli_value(t->set->arguments, "recompute") != NULL;
    t->per_example = spae_pyramid_total(&config->pyramid, config->pyramid.layers);
    t->token = spae_arena_take(t->arena, config->batch * t->per_example, sizeof *t->token);
    if (status == SPAE_OK && t->token == NULL)
        status = spae_fail(err, SPAE_ERR_NO_MEMORY,
                           "train: no memory for the tokens of %zu examples", config->batch);
    if (status == SPAE_OK)
        status = spae_progress_open(&t->log, spae_cli_value(t->set->arguments, "log"),
                                    t->trainer.step, t->arena, err);
    return status;
}

/* ---- the run --------------------------------------------------------------------------------- */

static spae_status one_step(training *t, spae_progress_row *row, spae_error *err)
{
    spae_trainer *trainer = &t->trainer;
    const size_t count = t->set->config.batch;
    row->learning_rate = spae_learning_rate(&t->set->config, trainer->step);
    spae_batch_fill(&t->batch, trainer->step);
    const spae_status status = spae_train_step(trainer, t->batch.examples, count, t->scratch,
                                               (size_t)t->set->at_once, &row->terms, t->token, err);
    if (status != SPAE_OK)
        return status;
    row->step = trainer->step;
    row->psnr = spae_psnr(row->terms.l2);
    row->first_word = spae_batch_first_words(&t->batch, t->token, t->per_example,
                                             t->sources.count > 0 ? &t->sources : NULL);
    return spae_progress_add(&t->log, row, err);
}

static spae_status take_steps(training *t, uint64_t last, spae_error *err)
{
    const settings *set = t->set;
    spae_progress_clock clock;
    spae_progress_row row;
    spae_status status = SPAE_OK;
    spae_progress_start(&clock, t->trainer.step, last, set->config.batch, (unsigned)set->every);
    while (status == SPAE_OK && t->trainer.step < last) {
        status = one_step(t, &row, err);
        if (status == SPAE_OK)
            spae_progress_show(&clock, &row);
        if (status == SPAE_OK &&
            (t->trainer.step % set->checkpoint_every == 0 || t->trainer.step == last))
            status = save_checkpoint(t, err);
    }
    return status;
}

static spae_status write_model(training *t, spae_error *err)
{
    const char *path = spae_cli_value(t->set->arguments, "out");
    spae_parameters parameters;
    const spae_model averaged = spae_trainer_averaged(&t->trainer, &parameters);
    char hash[65];
    const spae_status status = spae_model_store(&averaged, &t->notes, path, t->arena, err);
    if (status != SPAE_OK)
        return status;
    spae_model_hash(&averaged, hash);
    printf("model %s\nsha256 %s\n", path, hash);
    return SPAE_OK;
}

static spae_status run(training *t, spae_error *err)
{
    spae_error late;
    const settings *set = t->set;
    const uint64_t steps = set->config.steps, last = set->stop_at < steps ? set->stop_at : steps;
    spae_status status = make_model(t, err);
    if (status == SPAE_OK)
        status = make_data(t, err);
    if (status == SPAE_OK)
        status = make_trainer(t, err);
    if (status == SPAE_OK)
        status = take_steps(t, last, err);
    if (spae_progress_close(&t->log, &late) != SPAE_OK && status == SPAE_OK)
        status = spae_fail(err, late.status, "%s", late.text);
    return status == SPAE_OK && last == steps ? write_model(t, err) : status;
}

int spae_cli_train(int argc, char **argv)
{
    int exit_status;
    spae_cli_arguments arguments;
    settings set = {.arguments = &arguments,
                    .checkpoint_every = 500,
                    .stop_at = UINT64_MAX,
                    .every = 2,
                    .at_once = 1};
    if (!spae_cli_parse(&command, argc, argv, &arguments, &exit_status))
        return exit_status;
    if (!read_settings(&set))
        return SPAE_CLI_USAGE;
    spae_arena arena;
    spae_error err;
    spae_arena_hosted(&arena);
    training t = {.set = &set, .arena = &arena};
    for (size_t i = 0; i < AT_ONCE_MOST; i++)
        spae_arena_hosted(&t.scratch[i]);
    exit_status = run(&t, &err) == SPAE_OK ? SPAE_CLI_DONE : spae_cli_failed(&command, &err);
    for (size_t i = 0; i < AT_ONCE_MOST; i++)
        spae_arena_free(&t.scratch[i]);
    spae_arena_free(&arena);
    return exit_status;
}
