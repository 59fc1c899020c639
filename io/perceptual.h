/* The frozen network of the perceptual term, from other programs' weights.      Eq. 8; SPEC 5.10 */
#ifndef SPAE_IO_PERCEPTUAL_H
#define SPAE_IO_PERCEPTUAL_H

#include "io/weights.h"
#include "nn/perceptual.h"
#include "spae.h"

/* Loads what config->perceptual needs: ResNet-50 in flax's form or torchvision's, which the names
 * in the first file tell, or VGG16 and LPIPS's linear layers, in one file or in two.
 *   in   path      (files)  borrowed until return
 *   out  *weights  for spae_trainer.perceptual; untouched after a failure
 *        *report   of spae_weights_load
 *   mem  everything in the arena; on failure as it was
 *   err  as spae_weights_load; SPAE_ERR_NO_MEMORY */
spae_status spae_perceptual_load(const spae_config *config, const char *const *path, size_t files, spae_arena *arena,
                                 spae_perceptual_weights *weights, spae_weights_report *report, spae_error *err);

/* ---- its two halves, for other networks than the published ones ------------------------------ */

/* The network that config->perceptual means, as flax has it [0] and as torchvision has it [1]: their parameters are the
 * same, they pad, activate and normalize otherwise. LPIPS has one form, twice. */
void spae_perceptual_forms(const spae_config *config, spae_perceptual form[2]);

/* Loads weights of the two forms of one network; which of them *weights describes, the names in the first file tell. */
spae_status spae_perceptual_fill(const spae_perceptual form[2], const char *const *path, size_t files,
                                 spae_arena *arena, spae_perceptual_weights *weights, spae_weights_report *report,
                                 spae_error *err);

#endif
