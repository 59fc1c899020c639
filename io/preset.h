/* Presets: the configurations of the paper, of the demo and of the tests, by name (SPEC 6.9).
 *
 *   image-128    the paper's image model: 128x128, six layers                            Sec. 4, App. B.1
 *   image-256    256x256 with one more change of scale, the same pyramid
 *   spae-8       image-128 with two more layers of 16x16
 *   mnist        the paper's MNIST model: 28x28 padded to 32x32, four layers             App. B.1
 *   video        16 frames of 128x128, three-dimensional                                 App. B.1
 *   mnist-small  the demo's: mnist with fewer filters, for words of 100 dimensions
 *   emoji-small  coloured pictures of 32x32 with several words each, five layers, adversarial terms
 *   tiny-2d, tiny-3d   for tests: 16x16 pictures, 4 frames of 8x8
 */
#ifndef SPAE_IO_PRESET_H
#define SPAE_IO_PRESET_H

#include "spae.h"

/*   err  SPAE_ERR_ARGUMENT  no such preset; the text lists them */
spae_status spae_preset(const char *name, spae_config *config, spae_error *err);

/* The name of preset `index`, in the order above; NULL beyond the last. */
const char *spae_preset_name(size_t index);

#endif
