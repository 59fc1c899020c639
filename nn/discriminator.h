/* The StyleGAN discriminator of the adversarial term, for pictures and video (SPAE App. B.1; SPEC 6.4).
 *
 * Conv_0 (3, bias) to `filters`, leaky ReLU; each multiplier m: ResBlock(filters m); Conv_1 (3, bias, same channels),
 * leaky ReLU, flatten in C order, Dense_0 (same number of channels, bias), leaky ReLU, Dense_1 (to 1, bias).
 * ResBlock(f): main: Conv_0 (3, bias, same channels), leaky ReLU, down, Conv_2 (3, bias, to f), leaky ReLU;
 *              side: down, Conv_1 (1, no bias, to f); (side + main) / sqrt 2.
 * Down is average pooling by 2 on every axis, time too, or in pictures blur pooling.
 */
#ifndef SPAE_DISCRIMINATOR_H
#define SPAE_DISCRIMINATOR_H

#include "network.h"

#define SPAE_MAX_RES_BLOCKS 8

typedef struct {
    size_t ndim;    /* 2 pictures, 3 video */
    size_t filters;
    size_t blocks;  /* how many multipliers, 1..SPAE_MAX_RES_BLOCKS */
    size_t multipliers[SPAE_MAX_RES_BLOCKS];
    double slope;   /* of every leaky ReLU: 0.2 */
    bool blur;      /* down is blur pooling; pictures only */
} spae_discriminator;

/* Can it be built for pictures of (t,h,w), each 1..16384?  SPAE_ERR_ARGUMENT: a number out of its range, blur in video;
 * SPAE_ERR_SHAPE: tensors that this machine cannot count. */
spae_status spae_discriminator_check(const spae_discriminator *d, const size_t picture[3], spae_error *err);

/* (n,t,h,w,3) -> logits (n,1,1,1,1), large for "real". Paths begin with `root`: "discriminator" in a model, "" alone.
 * The size of the picture is part of the architecture: Dense_0's kernel has a row for each cell that is left.
 * SPAE_ERR_ARGUMENT on the tape: blur in video. */
spae_var spae_discriminate(spae_network *network, const spae_discriminator *d, const char *root, spae_var x);

/* One ResBlock(f) alone, the next of `parent`: of d the numbers ndim, slope and blur. */
spae_var spae_discriminator_block(spae_network *network, const spae_discriminator *d, spae_scope *parent, spae_var x,
                                  size_t f);

#endif
