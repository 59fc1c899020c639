/* The gradient of a batch: each example's by itself, then added in order (SPEC 7.1; DESIGN 2.3).
 *
 * Nothing couples two examples, so it does not matter to the bits how many are worked on side by side, nor by
 * how many threads.
 */
#ifndef SPAE_BATCH_H
#define SPAE_BATCH_H

#include "network.h"

/* The loss of example `index` on the network's tape, a scalar; NULL after a failure, which the tape tells. Called for
 * different examples side by side: what it leaves in `context` has a place for each index. */
typedef spae_var spae_loss(void *context, size_t index, spae_network *network);

typedef struct {
    spae_parameters *parameters;
    real *values;
    size_t count;       /* examples, >= 1 */
    size_t at_once;     /* how many side by side, >= 1: memory and threads, never bits */
    spae_arena *arenas; /* (at_once) scratch, given back */
    spae_loss *loss;
    void *context;
} spae_batch;

/* gradient[i] = sum over examples, in order from +0, of d loss / d value[i], not yet divided by their number.
 *   out  *example  the one that failed
 *   err  what the loss met; SPAE_ERR_NO_MEMORY; SPAE_ERR_NOT_FINITE "the gradient of PATH is not finite";
 *        gradient is then unspecified */
spae_status spae_batch_gradient(const spae_batch *batch, real *gradient, size_t *example, spae_error *err);

#endif
