/* The Inception-v3 of the FID weights (SPEC 6.16), batch norm at inference.
 *
 * Paths are the published state dict's names with / for . : Conv2d_1a_3x3/conv/kernel, Mixed_5b/branch1x1/bn/scale, fc.
 * Average pooling inside the blocks divides by the number of real cells; the pooling branch of Mixed_7c is max pooling.
 * Its four stages end in the first max pooling, the second one, Mixed_6e, Mixed_7c; their channels are 64, 192, 768, 2048
 * over the divisor. Published: divisor 1, 4 stages, 1008 classes, eps 1e-3, pictures in [-1,1] of 299x299.
 */
#ifndef SPAE_INCEPTION_H
#define SPAE_INCEPTION_H

#include "network.h"

#define SPAE_INCEPTION_STAGES 4
#define SPAE_INCEPTION_SIDE   299

typedef struct {
    size_t divisor; /* of all widths: 1, 2, 4, 8 or 16 */
    size_t stages;  /* 1..SPAE_INCEPTION_STAGES: the features are those after so many */
    size_t classes; /* of the logits */
    double bn_eps;
} spae_inception;

spae_inception spae_inception_published(void);

/* x (n,1,h,w,3) -> means over the positions of the map after `stages` stages (n,1,1,1,channels); with all four and
 * divisor 1 the 2048 features of FID. SPAE_ERR_ARGUMENT on the tape: a divisor or number of stages that is none;
 * SPAE_ERR_SHAPE: x is too small (all stages: 75 at least). */
spae_var spae_inception_features(spae_network *network, const spae_inception *d, spae_var x);

/* The features of all four stages -> logits (n,1,1,1,classes), with fc's bias or without it (what the original Inception
 * Score takes the softmax of). SPAE_ERR_ARGUMENT on the tape: no classes. */
spae_var spae_inception_logits(spae_network *network, const spae_inception *d, spae_var features, bool biased);

/* x (n,t,h,w,c) in [0,1] -> 2 r - 1, r its frames resized to height x width (3.13: bilinear, nothing is smoothed). SPEC 6.16 */
spae_var spae_fid_resize(spae_tape *tape, spae_var x, size_t height, size_t width);

#endif
