/* A training run: model, data, semantic source, trainer, checkpoint and log, set up from one struct
 * of settings.
 *
 *     spae_training t;
 *     status = spae_training_start(&t, &settings, &arena, err);    a new run, or one taken up again
 *     status = spae_training_run(&t, settings.config.steps, err);  steps, progress, checkpoints
 *     status = spae_training_store(&t, "model.npz", hash, err);    the averaged weights
 *     status = spae_training_finish(&t, status, err);              always, also after a failure
 *
 * Everything that decides the result is in the settings' configuration, data, codebook and seed:
 * log, checkpoint and model are the same bytes on every machine, for any at_once, and however often
 * the run was taken up again.
 */
#ifndef SPAE_IO_TRAINING_H
#define SPAE_IO_TRAINING_H

#include "io/batch.h"
#include "io/checkpoint.h"
#include "io/guide_stream.h"
#include "io/perceptual.h"
#include "io/progress.h"
#include "nn/network.h"

#define SPAE_TRAINING_AT_ONCE_MOST 64
#define SPAE_PERCEPTUAL_FILES      4 /* most files with weights of the perceptual term */

/* All texts are borrowed until the run is finished. */
typedef struct {
    spae_config config;
    uint32_t seed;                     /* of weights, order and targets */
    const char *data;                  /* dataset.h; its part "train" */
    const char *codebook, *vocabulary; /* vocabulary.h: vocabulary may be NULL */
    size_t limit_words;                /* only the first so many; 0: all */
    bool codebook_centred;             /* take the mean away from the embeddings, */
    double codebook_scale;             /* then multiply them */
    spae_guide_kind guide;
    const char *guide_words, *guide_rows; /* guide_stream.h: f'_T and f_I, or NULL and s'; guide_rows NULL: labels guide */
    const char *perceptual[SPAE_PERCEPTUAL_FILES]; /* files of the perceptual term's weights */
    size_t perceptual_files;                    /* 0: the term is off */
    const char *label_words; /* words of IDX labels, a text; NULL: zero .. nine */
    const char *checkpoint;  /* written at the start, each checkpoint_every steps, and at the end */
    uint64_t checkpoint_every; /* >= 1 */
    bool recompute;  /* residual blocks again for their gradients: less memory, same bits */
    bool resume;     /* go on from the checkpoint, if there is one */
    const char *log; /* progress.h; NULL: none */
    unsigned every;  /* seconds between lines of progress; 0: only the last */
    size_t at_once;  /* examples side by side, 1 .. SPAE_TRAINING_AT_ONCE_MOST */
} spae_training_settings;

/* What is used otherwise: seed 0, scale 1, centred guide, a checkpoint each 500 steps, a line each
 * 2 seconds, one example at once. Configuration and the paths are the caller's to set. */
spae_training_settings spae_training_defaults(void);

typedef struct {
    const spae_training_settings *set; /* borrowed */
    spae_arena *arena;                 /* borrowed: what lasts */
    spae_arena scratch[SPAE_TRAINING_AT_ONCE_MOST];
    spae_model model;
    spae_notes notes;
    spae_dataset dataset;
    char data[65];               /* its hash */
    spae_sources sources;        /* of the labels; count 0: pictures without */
    size_t left_out;             /* pictures of which the vocabulary has no word */
    const spae_real *similarity; /* NULL: nothing guides, or the stream does */
    spae_guide_stream stream;
    spae_real *streamed;         /* (batch,V) s(I,k) of the step's examples, from the stream; NULL: it does not guide */
    spae_perceptual_weights perceptual;
    spae_weights_report report; /* of them, where the term is on: trainer.perceptual is not NULL */
    spae_trainer trainer;
    spae_batch batch;
    int32_t *token; /* (batch, per_example) of the step last taken */
    size_t per_example;
    spae_progress_log log;
} spae_training;

/* Sets up the run, or takes it up from the checkpoint; a new one saves a checkpoint at once, so
 * that no older one is taken for its own later, and a place that cannot be written is known before
 * the work and not after.
 *   mem  everything in the arena, which must be fresh: spae_training_finish does not give it back
 *   err  of vocabulary.h, guide.h, guide_stream.h, model.h, dataset.h, batch.h, perceptual.h, checkpoint.h and
 *        progress.h
 *        SPAE_ERR_ARGUMENT  a semantic loss without labels or a stream; label words for pictures that bring
 *                           their own, or more than SPAE_NOTES_LABELS_MOST */
spae_status spae_training_start(spae_training *t, const spae_training_settings *set,
                                spae_arena *arena, spae_error *err);

/* One step, added to the log.
 *   out  row  what it did; unspecified on failure
 *   err  those of spae_train_step and spae_progress_add */
spae_status spae_training_step(spae_training *t, spae_progress_row *row, spae_error *err);

/* Steps until `last` are taken, with lines of progress on stderr and checkpoints.
 *   err  as spae_training_step and spae_checkpoint_save */
spae_status spae_training_run(spae_training *t, uint64_t last, spae_error *err);

/* Writes the model with averaged weights, without discriminator, and its notes.
 *   out  hash  spae_model_hash of it */
spae_status spae_training_store(const spae_training *t, const char *path, char hash[65],
                                spae_error *err);

/* Closes the log and gives scratch memory back. Returns `status` if that is a failure, else how
 * closing went. */
spae_status spae_training_finish(spae_training *t, spae_status status, spae_error *err);

#endif
