/* The results of an ablation, as Table 4 is arranged: for each row one line a number of layers. */
#ifndef SPAE_IO_ABLATION_TABLE_H
#define SPAE_IO_ABLATION_TABLE_H

#include "io/ablation.h"
#include "io/evaluation.h"
#include "io/page.h"

#define SPAE_ABLATION_TERMS_MOST 32

/* The losses of the last steps of a run are means over this many, or all when there are fewer. */
#define SPAE_ABLATION_LAST_STEPS 100

typedef struct {
    const spae_ablation_row *row;
    char title[SPAE_ABLATION_TITLE_ROOM];
    spae_config config;
    spae_evaluation evaluation;
    double last[SPAE_ABLATION_TERMS_MOST]; /* of each term (spae_term_name); NaN without a step */
} spae_ablation_result;

/* Reads the losses of the last steps from a training log.
 *   out  last  means over the rows of the last SPAE_ABLATION_LAST_STEPS steps up to `steps`
 *   err  those of csv.h;  SPAE_ERR_FORMAT  a column is missing */
spae_status spae_ablation_last(const spae_source *log, uint64_t steps,
                               double last[SPAE_ABLATION_TERMS_MOST], spae_error *err);

/* For people: PSNR of the first 1, 2, .. layers on the test part, how many of a layer's tokens are
 * a word of their picture, different tokens in the layer and their entropy, losses of the last
 * steps. */
void spae_ablation_text(const spae_ablation_result *results, size_t count, spae_page *page);

/* The same as CSV, every number in full: row,layers,tokens,psnr,own_words,distinct,token_entropy, then
 * the terms, which stand in the line of a row's last layer only. own_words is empty without labels
 * and for a learned codebook. */
void spae_ablation_csv(const spae_ablation_result *results, size_t count, spae_page *page);

#endif
