/* Bottleneck ResNets as feature extractors, batch norm at inference, in their two published forms (SPEC 6.5).
 *
 * init_conv (7x7, stride 2) to `width`, init_bn, ReLU where `stem_relu`, max pooling (3x3, stride 2); stage s = 1..,
 * with f = width 2^(s-1), of blocks stage<s>/block<b>: conv1 (1x1, to f), bn1, ReLU, conv2 (3x3, to f, stride 2 in the
 * first block of each stage but the first), bn2, ReLU, conv3 (1x1, to 4f), bn3; the block's input, in the first block
 * through proj_conv (1x1, to 4f, the block's stride) and proj_bn; sum; ReLU. Logits: head on the mean over positions.
 * Convolutions have no bias. Leaves: kernel; scale, bias, mean, var; head has kernel and bias.
 *
 *     flax         same, no stem_relu: 'SAME' padding (the authors' code)
 *     torchvision  not same, stem_relu: padding of half the window on both sides
 * ResNet-50: width 64, blocks 3 4 6 3, 1000 classes, eps 1e-5.
 */
#ifndef SPAE_RESNET_H
#define SPAE_RESNET_H

#include "network.h"

#define SPAE_MAX_STAGES 8

typedef struct {
    size_t width;
    size_t stages;                  /* 1..SPAE_MAX_STAGES */
    size_t blocks[SPAE_MAX_STAGES]; /* of each stage, >= 1 */
    size_t classes;
    double bn_eps;
    bool stem_relu; /* a ReLU between init_bn and the max pooling */
    bool same;      /* padding is 'SAME'; else half the window on both sides */
} spae_resnet;

/* x (n,1,h,w,ci) -> the last stage's map (n,1,h',w',4 width 2^(stages-1)). With fewer stages: the map after those.
 * SPAE_ERR_ARGUMENT on the tape: no width, no stage or too many, a stage without blocks. */
spae_var spae_resnet_features(spae_network *network, const spae_resnet *r, spae_var x);

/* That map -> (n,1,1,1,classes). SPAE_ERR_ARGUMENT: no classes. */
spae_var spae_resnet_logits(spae_network *network, const spae_resnet *r, spae_var features);

/* One block alone, `scope`/conv1 ..: of r the numbers bn_eps and same. (n,1,h,w,c) -> 4f channels. */
spae_var spae_resnet_block(spae_network *network, const spae_resnet *r, const spae_scope *scope, spae_var x, size_t f,
                           size_t stride);

#endif
