/* The JSON form of tokens.h; called through spae_tokens_write and spae_tokens_read. */
#ifndef SPAE_IO_TOKENS_JSON_H
#define SPAE_IO_TOKENS_JSON_H

#include "io/tokens.h"

spae_status spae_tokens_write_json(const spae_tokens_model *model, const spae_tokens *tokens,
                                   spae_arena *arena, const uint8_t **bytes, size_t *size, spae_error *err);

spae_status spae_tokens_read_json(const spae_tokens_model *model, const char *name, const uint8_t *bytes,
                                  size_t size, spae_arena *arena, spae_tokens *tokens, spae_error *err);

#endif
