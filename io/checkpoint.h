/* Checkpoints (SPEC 8.10): the whole state of a training run in one .npz, from which it goes on to the
 * same bits.
 *
 *     a model file (model.h)                 its parameters are the averaged weights of the
 *                                            autoencoder, so a checkpoint can be used as a model
 *     trained/PATH                           the weights in training: encoder, decoder, a learned
 *                                            codebook, and trained/discriminator/.. if there is one
 *     adam_m/PATH, adam_v/PATH               Adam's moments of each of these
 *     lecam                                  (2) LeCAM's averages of the logits, real and fake
 *     trainer                                a 0-d string, JSON:
 *                                            {"step": 120, "seed": 7, "data": "<SHA-256>"}
 *
 * Nothing else belongs to the state: random numbers are functions of the seed and the step.
 */
#ifndef SPAE_IO_CHECKPOINT_H
#define SPAE_IO_CHECKPOINT_H

#include "io/model.h"

/* Replaces the file as a whole: after a crash it is the old checkpoint or the new one.
 *   in   data  64 hexadecimal digits, or any other name of what is trained on; below 65 bytes
 *   err  SPAE_ERR_IO  SPAE_ERR_NO_MEMORY */
spae_status spae_checkpoint_save(const spae_trainer *trainer, const spae_notes *notes,
                                 const char *data, const char *path, spae_arena *scratch,
                                 spae_error *err);

/* Takes up a run (SPEC 8.11): `trainer` and its model are set up as for its first step.
 *   out  trainer  weights, averaged weights, moments and step; on failure unspecified
 *   err  SPAE_ERR_ARGUMENT  the checkpoint is of another configuration (the text names the first
 *                           key that differs, and both values), seed, data, semantic source,
 *                           codebook or vocabulary
 *        and those of spae_model_open
 *   mem  scratch for a second model, given back
 */
spae_status spae_checkpoint_load(spae_trainer *trainer, const spae_notes *notes, const char *data,
                                 const char *path, spae_arena *scratch, spae_error *err);

#endif
