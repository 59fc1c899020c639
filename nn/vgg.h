/* The features of VGG16 (SPEC 6.5).
 *
 * Convolutions features/<N>, all 3x3, one cell of padding on both sides, bias, ReLU: N = 0, 2 to `width` channels;
 * 5, 7 to 2 width; 10, 12, 14 to 4 width; 17, 19, 21 and 24, 26, 28 to 8 width; max pooling (2x2, stride 2) before 5,
 * 10, 17, 24. The numbers are torchvision's. VGG16: width 64.
 */
#ifndef SPAE_VGG_H
#define SPAE_VGG_H

#include "network.h"

#define SPAE_VGG_TAPS 5

typedef struct {
    size_t width;
} spae_vgg;

/* x (n,1,h,w,3), h and w at least 16 -> tap[i], the maps after the ReLU that ends each group of convolutions: relu1_2,
 * relu2_2, relu3_3, relu4_3, relu5_3; NULL from the first failure on. SPAE_ERR_ARGUMENT on the tape: width 0;
 * SPAE_ERR_SHAPE: x is too small. */
void spae_vgg_features(spae_network *network, const spae_vgg *v, spae_var x, spae_var tap[SPAE_VGG_TAPS]);

#endif
