/* The features of AlexNet (SPEC 6.15).
 *
 * Convolutions features/<N> with bias and ReLU: N = 0, 11x11, stride 4, padding 2, to width; 3, 5x5,
 * padding 2, to 3 width; 6, 3x3, padding 1, to 6 width; 8 and 10, 3x3, padding 1, to 4 width; max pooling (3x3, stride 2)
 * before 3 and 6. The numbers are torchvision's. AlexNet: width 64.
 */
#ifndef SPAE_ALEXNET_H
#define SPAE_ALEXNET_H

#include "network.h"

#define SPAE_ALEXNET_TAPS 5

typedef struct {
    size_t width;
} spae_alexnet;

/* x (n,1,h,w,3), h and w at least 31 -> tap[i], the map after the ReLU of each convolution; NULL from the first failure
 * on. SPAE_ERR_ARGUMENT on the tape: width 0; SPAE_ERR_SHAPE: x is too small. */
void spae_alexnet_features(spae_network *network, const spae_alexnet *a, spae_var x, spae_var tap[SPAE_ALEXNET_TAPS]);

#endif
