/* The rows of the paper's Table 4: each is a list of --set assignments on one base configuration.
 *
 *     name              Table 4                  what is set
 *     vq                baseline VQ              one layer of the whole grid, a learned codebook,
 *                                                no semantic loss
 *     frozen            + frozen codebook        one layer, no semantic loss
 *     semantic          + semantic loss          one layer
 *     rq-2, saq-2       + 2-layer RQ, SAQ        two layers of the whole grid
 *     spae              + 6-layer pyramid SAQ    the base as it is: its own pyramid
 *     single-threshold  no per-layer thresholds
 *     fixed-weight      no dynamic semantic weight
 *     no-perceptual     no perceptual loss
 *     no-adversarial    no adversarial loss [ours]
 *
 * The last four are the base without one of its parts.
 *
 * Layers of the whole grid are guided as the base's first ones are, by the same thresholds. [ours]
 */
#ifndef SPAE_IO_ABLATION_H
#define SPAE_IO_ABLATION_H

#include "spae.h"

#define SPAE_ABLATION_TITLE_ROOM 48

typedef struct spae_ablation_row spae_ablation_row;

/* Row `index`, in the order above; NULL beyond the last. */
const spae_ablation_row *spae_ablation_at(size_t index);

/* The row of that name, the first `n` bytes of a text; NULL when there is none. */
const spae_ablation_row *spae_ablation_find(const char *name, size_t n);

/* "rq-2": for options and files. */
const char *spae_ablation_name(const spae_ablation_row *row);

/* "+ 2-layer RQ": for people. */
void spae_ablation_title(const spae_ablation_row *row, const spae_config *base,
                         char title[SPAE_ABLATION_TITLE_ROOM]);

/* Why the row would be no other than the base, or than the row above it; NULL when it says
 * something.
 *   in   perceptual  are weights of a perceptual network at hand? Without them the term is off in
 *                    every row */
const char *spae_ablation_vain(const spae_ablation_row *row, const spae_config *base,
                               bool perceptual);

/* The row's configuration.
 *   in   words  of the vocabulary: the size of a learned codebook
 *   err  those of spae_config_check; the text names the row */
spae_status spae_ablation_config(const spae_ablation_row *row, const spae_config *base,
                                 size_t words, spae_config *config, spae_error *err);

#endif
