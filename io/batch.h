/* Which pictures a training step sees, what of them (SPEC 7.7), and with which words (SPEC 7.5).
 *
 * Sample s = step * batch + i of a run is picture order[s mod n] of epoch s / n, with n pictures
 * and order = spae_permutation of n with key (seed, SPAE_RANDOM_SHUFFLE) and stream epoch. So every
 * picture comes once an epoch, batches run on from one epoch to the next, and a run can be taken up
 * at any step. Position i in the batch is the `example` of spae_sample_target.
 */
#ifndef SPAE_IO_BATCH_H
#define SPAE_IO_BATCH_H

#include "io/dataset.h"

typedef struct {
    const spae_dataset *dataset; /* borrowed */
    const spae_config *config;   /* borrowed */
    const spae_real *similarity; /* (sources,V), borrowed; NULL: nothing guides */
    size_t V;
    uint32_t seed;
    uint64_t epoch;         /* that `order` is for; UINT64_MAX before the first */
    uint32_t *order;        /* (pictures) */
    spae_real *pictures;    /* (batch, T,H,W,3) */
    spae_example *examples; /* (batch) of the step last filled */
    size_t *index;          /* (batch) the pictures they are */
} spae_batch;

/* Takes the arrays from the arena.
 *   err  SPAE_ERR_ARGUMENT  similarity without labels, or 2^32 pictures and more
 *        SPAE_ERR_NO_MEMORY */
spae_status spae_batch_create(spae_batch *batch, const spae_dataset *dataset,
                              const spae_config *config, const spae_real *similarity, size_t V,
                              uint32_t seed, spae_arena *arena, spae_error *err);

/* Makes examples and index those of step 0, 1, .. */
void spae_batch_fill(spae_batch *batch, uint64_t step);

/* The part of the batch whose first token is a word of its source.
 *   in   token    (batch, per_example)   the tokens of each example, its first layer first
 *        sources  of the data set's labels
 *   NaN when the pictures have no labels, or sources is NULL */
double spae_batch_first_words(const spae_batch *batch, const int32_t *token, size_t per_example,
                              const spae_sources *sources);

#endif
