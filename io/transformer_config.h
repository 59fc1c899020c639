/* A language model's config.json, as published on Hugging Face, for nn/transformer.h.
 *
 * Read      "model_type" gpt2, llama, mistral, qwen2; sizes, eps, rope_theta, rope_scaling (none or "llama3"), the tied head,
 *           the tokens that end a text. What a member is when it is missing is what its publisher's code takes.
 * Refused   what would change the numbers and is not built: other activations, other scalings of rope, biases in Llama's
 *           feed-forward layers, GPT-2's unscaled or layer-scaled attention. Members that are not known are not looked at.
 */
#ifndef SPAE_IO_TRANSFORMER_CONFIG_H
#define SPAE_IO_TRANSFORMER_CONFIG_H

#include "nn/transformer.h"

#define SPAE_TRANSFORMER_ENDS 8

typedef struct {
    spae_transformer architecture; /* checked; context at most the sliding window, if there is one; prefix "" */
    bool begins;                   /* the model was trained on texts with a first token: Llama and Mistral */
    size_t ends;                   /* tokens that end a text, 0 .. SPAE_TRANSFORMER_ENDS */
    int32_t end[SPAE_TRANSFORMER_ENDS];
} spae_transformer_config;

/* Reads the file's text.
 *   in   name  for messages
 *   err  SPAE_ERR_FORMAT    no JSON, a member missing or of the wrong type, or one of what is refused: the text names it
 *        SPAE_ERR_ARGUMENT  sizes that do not fit each other (nn/transformer.h)
 *        SPAE_ERR_NO_MEMORY
 *   mem  scratch is as it was on return */
spae_status spae_transformer_config_read(const char *name, const char *text, size_t length, spae_arena *scratch,
                                         spae_transformer_config *config, spae_error *err);

#endif
