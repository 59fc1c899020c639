/* Recomputation: of a block only the result is kept, and its inside is computed again when a gradient asks for it.
 *
 * A block is a function of a network and x. On a recording tape it becomes one node. The node's pullback runs the block
 * again, recorded on a tape of its own above the outer one in the same arena, sweeps that, keeps the gradients of x and
 * of the block's parameters, and drops the rest. The same operations meet the same numbers in the same order, so every
 * bit is that of a block written down plainly (SPEC 7.1); a step holds one block's inside at a time.
 */
#ifndef SPAE_RECOMPUTE_H
#define SPAE_RECOMPUTE_H

#include "network.h"

/* Writes the block down on the network's tape: always the same operations for the same context, `network` and x only.
 * The result has x below it. */
typedef spae_var spae_block(spae_network *network, const void *context, spae_var x);

/* The block on x. Recording (or planning to): one node; a copy of the context's `bytes` bytes, flat data, lies in the
 * arena and outlives the call, as network->parameters, values and leaf must outlive the tape's last gradient. On other
 * tapes: the block, plainly.
 * So that no sum of gradients is bracketed otherwise, x is used by nothing made after the block, and the parameters by
 * no other block; these stand one after the other in network->parameters (as in the order of first use they do).
 *   err  on the tape: what the block refuses; SPAE_ERR_NO_MEMORY
 *        SPAE_ERR_ARGUMENT  a parameter has been used before, or they are apart
 *        SPAE_ERR_ARGUMENT  in a sweep: x or a parameter has been used after the block; the gradient of a gradient
 *                           passes through the block: there is none */
spae_var spae_recompute(spae_network *network, spae_block *block, const void *context, size_t bytes, spae_var x);

#endif
