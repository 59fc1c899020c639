/* What a network consists of, read off the tape that it was planned on. */
#ifndef SPAE_LAYERS_H
#define SPAE_LAYERS_H

#include "network.h"

/* One operation, in the order of use. */
typedef struct spae_layer {
    char path[SPAE_PATH_MAX]; /* of the layer, "encoder/ResBlock_0/Conv_0"; "" where it has no parameters */
    const char *kind;         /* "convolve", "dense", "group_norm", "swish", "average_pool", ... */
    spae_shape shape;         /* of its result */
    size_t parameters;
    uint64_t multiply_adds;   /* of convolutions and dense products */
} spae_layer;

/* The operations on the tape of a network that was bound to it and run on it; the tape's mode is SPAE_TAPE_PLAN. A
 * group normalization is one, changes of shape are none.
 *   out  *layers  (*count) in the arena
 *   err  SPAE_ERR_NO_MEMORY */
spae_status spae_layers_list(const spae_network *network, spae_arena *arena, spae_layer **layers, size_t *count,
                             spae_error *err);

#endif
