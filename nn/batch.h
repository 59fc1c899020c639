/* The gradient of a batch: each example's by itself, then added in order (SPEC 7.1; DESIGN 2.3).
 *
 * Nothing couples two examples, so it does not matter to the bits how many are worked on side by side, nor by
 * how many threads.
 */
#ifndef SPAE_BATCH_H
#define SPAE_BATCH_H

#include <stdbool.h>

#include "network.h"

/* At most so many losses are minimized side by side, each over parameters of its own: the autoencoder's and the
 * discriminator's. */
enum { SPAE_BATCH_LOSSES = 2 };

/* Writes the losses of example `index`, scalars on the network's tape, into loss[0..losses-1]; after a failure, which
 * the tape tells, they are not read. Called for different examples side by side: what it leaves in `context` has a
 * place for each index. */
typedef void spae_loss(void *context, size_t index, spae_network *network, spae_var loss[SPAE_BATCH_LOSSES]);

typedef struct {
    spae_parameters *parameters;
    const real *values;
    size_t count;       /* examples, >= 1 */
    size_t at_once;     /* how many side by side, >= 1: memory and threads, never bits */
    spae_arena *arenas; /* (at_once) scratch, given back */
    bool recompute;     /* residual blocks keep their results only (recompute.h): memory and time, never bits */
    spae_loss *loss;
    void *context;
    size_t losses;                    /* 1..SPAE_BATCH_LOSSES */
    size_t owned[SPAE_BATCH_LOSSES];  /* loss 0 is minimized over the first owned[0] parameters, loss 1 over the next */
} spae_batch;

/* gradient[i] = sum over examples, in order from +0, of d loss / d value[i], the loss being that which owns value i;
 * not yet divided by their number. Each example asks for every parameter that a loss owns; parameters that none owns
 * keep gradient 0.
 *   out  *example  the one that failed
 *   err  what the loss met; SPAE_ERR_NO_MEMORY; SPAE_ERR_NOT_FINITE "the gradient of PATH is not finite";
 *        gradient is then unspecified */
spae_status spae_batch_gradient(const spae_batch *batch, real *gradient, size_t *example, spae_error *err);

/* One example, index 0, on a planning tape: the peak of arenas[0] becomes what its gradients would take there, and
 * *multiply_adds is their work. batch->values may be NULL.
 *   err  what the loss met, SPAE_ERR_NO_MEMORY */
spae_status spae_batch_plan(const spae_batch *batch, uint64_t *multiply_adds, spae_error *err);

#endif
