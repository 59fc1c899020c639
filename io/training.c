/* The training run of training.h: set up in the order model, data, guide, trainer, log; then step
 * by step. */
#include "io/training.h"

#include <string.h>

#include "io/vocabulary.h"

spae_training_settings spae_training_defaults(void)
{
    return (spae_training_settings){.codebook_scale = 1.0,
                                    .guide = SPAE_GUIDE_CENTRED,
                                    .checkpoint_every = 500,
                                    .every = 2,
                                    .at_once = 1};
}

/* ---- setting up ------------------------------------------------------------------------------ */

static spae_status make_model(spae_training *t, spae_error *err)
{
    const spae_training_settings *set = t->set;
    const bool centre = set->codebook_centred;
    const double scale = set->codebook_scale;
    spae_vocabulary v;
    t->notes =
        (spae_notes){.guide = set->guide, .codebook_centred = centre, .codebook_scale = scale};
    spae_status status =
        spae_vocabulary_read(t->arena, set->codebook, set->vocabulary, set->limit_words, &v, err);
    if (status == SPAE_OK && (centre || scale < 1.0 || scale > 1.0))
        status = spae_guide_transform(v.e, v.V, v.c, centre, scale, t->arena, err);
    if (status == SPAE_OK)
        status = spae_model_create(&t->model, &set->config, true, t->arena, err);
    if (status == SPAE_OK)
        status = spae_vocabulary_use(&v, &t->model, err);
    if (status == SPAE_OK && set->config.codebook_size == 0) /* a learned one changes with each step */
        status = spae_codebook_prepare(&t->model.codebook, t->arena, err);
    if (status == SPAE_OK)
        spae_model_init(&t->model, set->seed);
    return status;
}

static spae_status choose_labels(spae_training *t, spae_error *err)
{
    const char *file = t->set->label_words;
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

static spae_status find_sources(spae_training *t, spae_error *err)
{
    spae_words vocabulary;
    const spae_status status =
        spae_words_index(t->model.word, t->model.codebook.V, t->arena, &vocabulary, err);
    return status != SPAE_OK
               ? status
               : spae_dataset_sources(&t->dataset, t->notes.label, t->notes.label_count,
                                      &vocabulary, t->arena, &t->sources, &t->left_out, err);
}

static spae_status make_guide(spae_training *t, spae_error *err)
{
    const size_t V = t->model.codebook.V;
    spae_real *rows = NULL;
    spae_status status = choose_labels(t, err);
    if (status == SPAE_OK)
        status = find_sources(t, err);
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

/* Rows from files in place of those of labels (SPEC 8.49); labels are then of no matter, and every picture is used. */
static spae_status open_stream(spae_training *t, spae_error *err)
{
    const spae_training_settings *set = t->set;
    const size_t V = t->model.codebook.V, batch = set->config.batch;
    const spae_status status =
        spae_guide_stream_open(t->arena, set->guide_words, set->guide_rows, V, t->dataset.count, &t->stream, err);
    if (status != SPAE_OK)
        return status;
    if (batch <= SIZE_MAX / V)
        t->streamed = spae_arena_take(t->arena, batch * V, sizeof *t->streamed);
    memcpy(t->notes.guide_files, t->stream.hash, sizeof t->notes.guide_files);
    if (t->streamed != NULL)
        return SPAE_OK;
    spae_guide_stream_close(&t->stream);
    return spae_fail(err, SPAE_ERR_NO_MEMORY, "train: no memory for the similarity of %zu examples", batch);
}

static spae_status make_data(spae_training *t, spae_error *err)
{
    const spae_training_settings *set = t->set;
    const spae_config *config = &set->config;
    const char *path = set->data;
    const bool guided = config->semantic_layers > 0 && config->alpha > 0;
    spae_status status = spae_dataset_open_views(t->arena, path, config, &t->dataset, err);
    if (status == SPAE_OK && guided && set->guide_rows != NULL)
        status = open_stream(t, err);
    else if (status == SPAE_OK && guided && t->dataset.labels == NULL)
        status = spae_fail(err, SPAE_ERR_ARGUMENT,
                           "%s: no labels, which the semantic loss needs (or files that guide, or --set alpha=0)", path);
    else if (status == SPAE_OK && t->dataset.labels != NULL)
        status = make_guide(t, err);
    if (status != SPAE_OK)
        return status;
    spae_dataset_hash(&t->dataset, t->data);
    return spae_batch_create(&t->batch, &t->dataset, config, guided ? t->similarity : NULL,
                             t->model.codebook.V, set->seed, t->arena, err);
}

/* The frozen network of L_perceptual, when eta wants it and there are files. */
static spae_status make_perceptual(spae_training *t, spae_error *err)
{
    const spae_training_settings *set = t->set;
    if (set->perceptual_files == 0 || !(set->config.eta > 0))
        return SPAE_OK;
    const spae_status status = spae_perceptual_load(&set->config, set->perceptual, set->perceptual_files,
                                                    t->arena, &t->perceptual, &t->report, err);
    if (status == SPAE_OK)
        memcpy(t->notes.perceptual, t->report.hash, sizeof t->notes.perceptual);
    return status;
}

static spae_status save_checkpoint(const spae_training *t, spae_error *err)
{
    return spae_checkpoint_save(&t->trainer, &t->notes, t->data, t->set->checkpoint, t->arena, err);
}

static spae_status make_trainer(spae_training *t, spae_error *err)
{
    const spae_config *config = &t->set->config;
    const char *checkpoint = t->set->checkpoint;
    const bool resume = t->set->resume && spae_file_exists(checkpoint);
    spae_status status = spae_trainer_create(&t->trainer, &t->model, t->set->seed, t->arena, err);
    if (status == SPAE_OK)
        status = resume ? spae_checkpoint_load(&t->trainer, &t->notes, t->data, checkpoint,
                                               t->arena, err)
                        : save_checkpoint(t, err);
    t->trainer.recompute = t->set->recompute;
    t->trainer.perceptual = t->notes.perceptual[0] != '\0' ? &t->perceptual : NULL;
    t->per_example = spae_pyramid_total(&config->pyramid, config->pyramid.layers);
    t->token = spae_arena_take(t->arena, config->batch * t->per_example, sizeof *t->token);
    if (status == SPAE_OK && t->token == NULL)
        status = spae_fail(err, SPAE_ERR_NO_MEMORY,
                           "train: no memory for the tokens of %zu examples", config->batch);
    if (status == SPAE_OK)
        status = spae_progress_open(&t->log, t->set->log, t->trainer.step, t->arena, err);
    return status;
}

static spae_status reserve_scratch(spae_training *t, spae_error *err)
{
    const spae_run run = t->set->recompute ? SPAE_RUN_STEP_RECOMPUTED : SPAE_RUN_STEP;
    spae_status status = SPAE_OK;
    for (size_t i = 0; status == SPAE_OK && i < t->set->at_once; i++)
        status = spae_model_reserve(&t->model, run, &t->scratch[i], err);
    return status;
}

spae_status spae_training_start(spae_training *t, const spae_training_settings *set,
                                spae_arena *arena, spae_error *err)
{
    *t = (spae_training){.set = set, .arena = arena};
    for (size_t i = 0; i < SPAE_TRAINING_AT_ONCE_MOST; i++)
        spae_arena_hosted(&t->scratch[i]);
    spae_status status = make_model(t, err);
    if (status == SPAE_OK)
        status = make_data(t, err);
    if (status == SPAE_OK)
        status = make_perceptual(t, err);
    if (status == SPAE_OK)
        status = make_trainer(t, err);
    return status == SPAE_OK ? reserve_scratch(t, err) : status;
}

/* What guides the examples of the step, from the stream. */
static spae_status stream_rows(spae_training *t, spae_error *err)
{
    const size_t V = t->model.codebook.V, count = t->streamed != NULL ? t->set->config.batch : 0;
    spae_status status = SPAE_OK;
    for (size_t i = 0; i < count && status == SPAE_OK; i++) {
        spae_real *row = t->streamed + i * V;
        status = spae_guide_stream_row(&t->stream, t->batch.index[i], row, err);
        t->batch.examples[i].similarity = row;
    }
    return status;
}

/* ---- the run --------------------------------------------------------------------------------- */

spae_status spae_training_step(spae_training *t, spae_progress_row *row, spae_error *err)
{
    spae_trainer *trainer = &t->trainer;
    const size_t count = t->set->config.batch;
    row->learning_rate = spae_learning_rate(&t->set->config, trainer->step);
    spae_batch_fill(&t->batch, trainer->step);
    spae_status status = stream_rows(t, err);
    if (status == SPAE_OK)
        status = spae_train_step(trainer, t->batch.examples, count, t->scratch, t->set->at_once, &row->terms, t->token, err);
    if (status != SPAE_OK)
        return status;
    row->step = trainer->step;
    row->psnr = spae_progress_psnr(row->terms.l2);
    row->first_word = spae_batch_first_words(&t->batch, t->token, t->per_example,
                                             t->sources.count > 0 ? &t->sources : NULL);
    return spae_progress_add(&t->log, row, err);
}

spae_status spae_training_run(spae_training *t, uint64_t last, spae_error *err)
{
    const spae_training_settings *set = t->set;
    spae_progress_clock clock;
    spae_progress_row row;
    spae_status status = SPAE_OK;
    spae_progress_start(&clock, t->trainer.step, last, set->config.batch, set->every);
    while (status == SPAE_OK && t->trainer.step < last) {
        status = spae_training_step(t, &row, err);
        if (status == SPAE_OK)
            spae_progress_show(&clock, &row);
        if (status == SPAE_OK &&
            (t->trainer.step % set->checkpoint_every == 0 || t->trainer.step == last))
            status = save_checkpoint(t, err);
    }
    return status;
}

spae_status spae_training_store(const spae_training *t, const char *path, char hash[65],
                                spae_error *err)
{
    spae_parameters parameters;
    const spae_model averaged = spae_trainer_averaged(&t->trainer, &parameters);
    const spae_status status = spae_model_store(&averaged, &t->notes, path, t->arena, err);
    if (status == SPAE_OK)
        spae_model_hash(&averaged, hash);
    return status;
}

spae_status spae_training_finish(spae_training *t, spae_status status, spae_error *err)
{
    spae_error late;
    if (spae_progress_close(&t->log, &late) != SPAE_OK && status == SPAE_OK)
        status = spae_fail(err, late.status, "%s", late.text);
    if (t->streamed != NULL)
        spae_guide_stream_close(&t->stream);
    for (size_t i = 0; i < SPAE_TRAINING_AT_ONCE_MOST; i++)
        spae_arena_free(&t->scratch[i]);
    return status;
}
