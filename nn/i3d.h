/* The RGB I3D of Kinetics-400 (SPEC 6.17), whose features FVD compares; batch norm at inference, 'SAME' padding.
 *
 * Paths are the published state dict's names with / for . : Conv3d_1a_7x7/conv3d/kernel, Mixed_3b/b1a/bn/scale,
 * logits/conv3d/bias. Its five stages end in Conv3d_1a_7x7, Conv3d_2c_3x3, Mixed_3c, Mixed_4f, Mixed_5c; their channels
 * are 64, 192, 480, 832, 1024 over the divisor. Published: divisor 1, 5 stages, 400 classes, eps 1e-3, clips in [-1,1].
 * The published network averages windows of 2x7x7 and then its logits over time; here the mean of the whole last map
 * takes their place, which is the same for 16 frames of 224x224.
 */
#ifndef SPAE_I3D_H
#define SPAE_I3D_H

#include "network.h"

#define SPAE_I3D_STAGES 5

typedef struct {
    size_t divisor; /* of all widths: 1, 2, 4 or 8 */
    size_t stages;  /* 1..SPAE_I3D_STAGES: the features are those after so many */
    size_t classes; /* of the logits */
    double bn_eps;
} spae_i3d;

spae_i3d spae_i3d_published(void);

/* x (n,t,h,w,3) of any size -> means over all cells of the map after `stages` stages (n,1,1,1,channels).
 * SPAE_ERR_ARGUMENT on the tape: a divisor or number of stages that is none. */
spae_var spae_i3d_features(spae_network *network, const spae_i3d *d, spae_var x);

/* The features of all five stages -> logits (n,1,1,1,classes). SPAE_ERR_ARGUMENT on the tape: no classes. */
spae_var spae_i3d_logits(spae_network *network, const spae_i3d *d, spae_var features);

#endif
