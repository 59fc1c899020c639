/* SPAE strings for prompts, as the command line names them: pictures, token files, or a data set's pictures. */
#ifndef SPAE_IO_CLI_STRINGS_H
#define SPAE_IO_CLI_STRINGS_H

#include "io/cli/inputs.h"
#include "io/dataset.h"
#include "io/prompt.h"

typedef struct {
    size_t count;
    spae_string *string; /* (count) in the arena */
} spae_cli_strings;

/* Those of files, in order: each a picture (or a video, where the model takes them), or with `tokens` a token file of any
 * number of pictures, of which there may be the first layers only.
 *   in   model  its codebook prepared for searching
 *   err  those of spae_cli_load_picture, spae_encode and spae_tokens_read; each text names the file */
spae_status spae_cli_strings_read(const spae_model *model, char **path, size_t count, bool tokens, spae_cli_fit fit,
                                  spae_arena *arena, spae_cli_strings *strings, spae_error *err);

/* Those of pictures index[0 .. count-1] of a data set that fits the model.
 *   err  those of spae_encode */
spae_status spae_cli_strings_of(const spae_model *model, const spae_dataset *dataset, const size_t *index, size_t count,
                                spae_arena *arena, spae_cli_strings *strings, spae_error *err);

#endif
