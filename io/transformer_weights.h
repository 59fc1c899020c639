/* The weights of a published language model: the arrays of a folder (weights_files.h) under Hugging Face's names.
 *
 * Names are those of nn/transformer.h, all but lm_head.weight behind the prefix "", "transformer." or "model." that the
 * file has. Known and not needed are attention masks (attn.bias, attn.masked_bias), rotary_emb.inv_freq, and lm_head.weight
 * of a tied head.
 */
#ifndef SPAE_IO_TRANSFORMER_WEIGHTS_H
#define SPAE_IO_TRANSFORMER_WEIGHTS_H

#include "nn/transformer.h"

/* Reads them: f32, f16, bf16 (and of .npz what numbers it has), rounded to nearest; one array is open at a time.
 *   in   config   checked; its prefix is set
 *   out  model    parameters and values in the arena
 *   err  SPAE_ERR_FORMAT      arrays missing or left over (how many, and the first ten by name as far as the text has room),
 *                             a broken file
 *        SPAE_ERR_SHAPE       an array of another shape: both
 *        SPAE_ERR_NOT_FINITE  SPAE_ERR_IO  SPAE_ERR_NO_MEMORY
 *   mem  on failure the arena is as it was */
spae_status spae_transformer_weights_read(const char *folder, const spae_transformer *config, spae_arena *arena,
                                          spae_transformer_model *model, spae_error *err);

#endif
