/* What spae eval is made of: eval.c reads what is asked for, goes through the pictures and writes the results;
 * eval_measures.c gathers what takes more than the model: activations from files, networks, CLIP's features. */
#ifndef SPAE_IO_CLI_EVAL_PARTS_H
#define SPAE_IO_CLI_EVAL_PARTS_H

#include "io/clip_templates.h"
#include "io/cli/networks.h"
#include "io/evaluation_table.h"
#include "io/model.h"
#include "io/notes.h"
#include "io/rebuilt_files.h"

typedef struct {
    const spae_cli_arguments *arguments;
    spae_arena *arena;
    bool chosen[SPAE_MEASURES]; /* by --metrics */
    bool choice;                /* was it given? */
    size_t part, splits;        /* splits 0: the usual */
    size_t activation;          /* of --clip: 1 for gelu */
    uint64_t limit;
    spae_model model;
    spae_notes notes;
    spae_dataset dataset;
    spae_sources sources; /* of its labels; count 0: none */
    char hash[65];
    spae_evaluation measured;
    spae_feature_sets fid, fvd;
    spae_answer_sets answers;
    spae_clip_encoder encoder; /* of --clip */
    spae_clip_scores clip;
    spae_cli_networks networks;
    spae_rebuilt_files files; /* folder NULL: none are asked for */
    spae_evaluation_results results;
} spae_cli_evaluation;

/* The value of an option, or NULL. */
const char *spae_cli_eval_value(const spae_cli_evaluation *e, const char *name);

/* Is the measure wanted, if it can be had? */
bool spae_cli_eval_wanted(const spae_cli_evaluation *e, spae_measure m);

/* A line of progress, one a second at most. */
void spae_cli_eval_tell(size_t done, size_t count);

/* What comes from files alone: FID, Inception Score and FVD of activations. */
spae_status spae_cli_eval_activations(spae_cli_evaluation *e, spae_error *err);

/* Opens what looks at `count` pictures of the data; each of them, its tokens, and what its first layers rebuild are then
 * given, and at last the scores are made. */
spae_status spae_cli_eval_open(spae_cli_evaluation *e, size_t count, spae_error *err);
spae_status spae_cli_eval_picture(spae_cli_evaluation *e, size_t index, const spae_real *picture, const int32_t *token,
                                  spae_error *err);
spae_status spae_cli_eval_rebuilt(spae_cli_evaluation *e, size_t layers, const spae_real *picture, const spae_real *rebuilt,
                                  spae_error *err);
spae_status spae_cli_eval_finish(spae_cli_evaluation *e, spae_error *err);

#endif
