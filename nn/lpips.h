/* The distance LPIPS 0.1 on the features of VGG16 or AlexNet (SPEC 5.10, 6.15).
 *
 * Both pictures (n,1,h,w,3) in [-1,1] are shifted and scaled by channel as the published weights expect; at each position
 * of each tap the features are divided by (their length + 1e-10); squared differences times lin/<tap>/kernel, tap 0..4,
 * summed over the channels, mean over the positions, sum over the taps -> (n,1,1,1,1). Differentiable in both pictures.
 * distance, where not NULL, receives the five parts (n,1,1,1,1); on a running tape pass NULL.
 * SPAE_ERR_SHAPE on the tape: pictures of different shapes, not of three channels, or too small.
 */
#ifndef SPAE_LPIPS_H
#define SPAE_LPIPS_H

#include "alexnet.h"
#include "vgg.h"

#define SPAE_LPIPS_TAPS 5

spae_var spae_lpips(spae_network *network, const spae_vgg *v, spae_var a, spae_var b,
                    spae_var distance[SPAE_LPIPS_TAPS]);
spae_var spae_lpips_alexnet(spae_network *network, const spae_alexnet *x, spae_var a, spae_var b,
                            spae_var distance[SPAE_LPIPS_TAPS]);

#endif
