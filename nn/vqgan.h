/* The VQGAN encoder and decoder that SPAE builds on, for pictures and video (SPAE App. B.1; SPEC 6.2).
 *
 * ResBlock(f):  GroupNorm_0, swish, Conv_0 (3, no bias), GroupNorm_1, swish, Conv_1 (3, no bias), plus the block's
 *               input, through Conv_2 (1, no bias) when its channels are not f.
 * Encoder:      Conv_0 (3, no bias); each multiplier m: res_blocks ResBlock(filters m), then average pooling by 2 but
 *               after the last; res_blocks ResBlock; GroupNorm_0, swish, Conv_1 (1, bias) to the embedding width.
 * Decoder:      Conv_0 (3, bias); res_blocks ResBlock; each multiplier from the last to the first: res_blocks
 *               ResBlock(filters m), then, but for the first, nearest upsampling by 2 and Conv_k (3, bias);
 *               GroupNorm_0, swish, Conv (3, bias) to 3 channels.
 */
#ifndef SPAE_VQGAN_H
#define SPAE_VQGAN_H

#include "network.h"

#define SPAE_MAX_SCALES 8

typedef struct spae_vqgan {
    size_t ndim;                          /* 2 pictures, 3 video */
    size_t filters;
    size_t scales;                        /* how many multipliers, 1..SPAE_MAX_SCALES */
    size_t multipliers[SPAE_MAX_SCALES];
    size_t res_blocks;
    size_t embedding;                     /* c */
    size_t groups;                        /* of every group norm; divides filters * each multiplier */
    double eps;
    bool temporal[SPAE_MAX_SCALES];       /* video: does the i-th change of scale also halve time? */
} spae_vqgan;

spae_var spae_vqgan_encode(spae_network *network, const spae_vqgan *v, spae_var picture); /* (n,t,h,w,3) -> z */
spae_var spae_vqgan_decode(spae_network *network, const spae_vqgan *v, spae_var zhat);    /* -> (n,t,h,w,3) */

/* One ResBlock(f) alone, the next of `parent`: of v the numbers ndim, groups and eps. (n,t,h,w,c) -> (n,t,h,w,f) */
spae_var spae_vqgan_block(spae_network *network, const spae_vqgan *v, spae_scope *parent, spae_var x, size_t f);

/* Can the networks be built for pictures of (t,h,w)?  SPAE_ERR_ARGUMENT: a number out of its range; SPAE_ERR_SHAPE:
 * sizes that do not divide, or tensors that this machine cannot count. */
spae_status spae_vqgan_check(const spae_vqgan *v, const size_t picture[3], spae_error *err);

/* By how much each axis (t,h,w) shrinks from picture to latent. */
void spae_vqgan_reduction(const spae_vqgan *v, size_t factor[3]);

#endif
