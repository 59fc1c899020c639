/* The frozen network of the perceptual term, from other programs' weights.      Eq. 8; SPEC 5.10 */
#ifndef SPAE_IO_PERCEPTUAL_H
#define SPAE_IO_PERCEPTUAL_H

#include "io/weights.h"
#include "nn/perceptual.h"
#include "spae.h"

/* Loads what config->perceptual needs: ResNet-50 in flax's form or torchvision's, which the names
 * in the file tell, or VGG16 and LPIPS's linear layers, in one file or in two.
 *   in   path      (files)
 *   out  *weights  everything in the arena, for spae_trainer.perceptual
 *   err  as spae_weights_load; SPAE_ERR_NO_MEMORY */
spae_status spae_perceptual_load(const spae_config *config, const char *const *path, size_t files, spae_arena *arena,
                                 spae_perceptual_weights *weights, spae_weights_report *report, spae_error *err);

#endif
