/* What an evaluation found, as the columns of the paper's Tables 2 and 6 by layer, and more: a text for people, CSV and JSON
 * for programs. Whatever was not measured is left out of the text, empty in CSV, and null or left out in JSON. */
#ifndef SPAE_IO_EVALUATION_TABLE_H
#define SPAE_IO_EVALUATION_TABLE_H

#include "io/clip_scores.h"
#include "io/evaluation.h"
#include "io/feature_sets.h"
#include "io/page.h"

/* Measures by the name that a user gives. */
typedef enum {
    SPAE_MEASURE_PSNR,
    SPAE_MEASURE_ERROR, /* square and absolute error */
    SPAE_MEASURE_SSIM,
    SPAE_MEASURE_LPIPS,
    SPAE_MEASURE_FID,
    SPAE_MEASURE_IS,
    SPAE_MEASURE_FVD,
    SPAE_MEASURE_CLIP, /* score and relative score */
    SPAE_MEASURE_TOKENS, /* usage, entropy, perplexity */
    SPAE_MEASURE_WORDS,  /* of labelled pictures: is a word right? */
    SPAE_MEASURES
} spae_measure;

/* "psnr", "error", "ssim", "lpips", "fid", "is", "fvd", "clip", "tokens", "words" */
extern const char *const spae_measure_names[SPAE_MEASURES];

enum { SPAE_EVALUATION_REMARKS = 24 };

/* Everything is borrowed; what is NULL was not measured. */
typedef struct {
    const spae_model *model;
    const char *hash;          /* of the model */
    size_t pictures;           /* that were looked at; 0: none, all is from files */
    bool shown[SPAE_MEASURES]; /* which are asked for */
    const spae_evaluation *evaluation;
    const spae_spread *lpips; /* (D) */
    const spae_feature_sets *fid, *fvd;
    const spae_answer_sets *answers;
    const spae_clip_scores *clip;
    size_t remarks;
    const char *about[SPAE_EVALUATION_REMARKS];  /* "fid", "inception weights": what the remark beside it is about */
    const char *remark[SPAE_EVALUATION_REMARKS]; /* one line each: hashes of weights, folders, warnings */
} spae_evaluation_results;

void spae_evaluation_text(const spae_evaluation_results *r, spae_page *page);

/* A header, a row for each layer, and before them, where Inception Scores of the pictures themselves are known, a row of
 * layer 0. Numbers in full; columns are always the same. */
void spae_evaluation_csv(const spae_evaluation_results *r, spae_page *page);

/* One object and a newline, in the arena.
 *   err  SPAE_ERR_NO_MEMORY; SPAE_ERR_ARGUMENT: a text that is not UTF-8 */
spae_status spae_evaluation_json(const spae_evaluation_results *r, spae_arena *arena, const char **text, size_t *length,
                                 spae_error *err);

#endif
