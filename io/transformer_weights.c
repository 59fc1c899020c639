/* What the files of a folder call their arrays; the rest is io/weights_files.c and io/weights_load.c. */
#include "io/transformer_weights.h"

#include <string.h>

#include "io/weights_files.h"

/* ---- what they call their arrays ------------------------------------------------------------------------- */

static bool has(const spae_weights_files *f, const char *prefix, const char *name)
{
    char whole[SPAE_PATH_MAX];
    size_t file, index;
    strcat(strcpy(whole, prefix), name);
    return spae_weights_files_find(f, whole, &file, &index);
}

/* The prefix with which the embedding is there; "" where it is not: the message names what is missing then. */
static const char *find_prefix(const spae_weights_files *f, spae_transformer_kind kind)
{
    static const char *const known[] = {"", "transformer.", "model."};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (has(f, known[i], kind == SPAE_TRANSFORMER_GPT2 ? "wte.weight" : "embed_tokens.weight"))
            return known[i];
    return known[0];
}

/* ---- reading --------------------------------------------------------------------------------------------- */

static spae_status read_values(const spae_weights_files *f, const char *folder, spae_arena *arena, spae_arena *scratch,
                               spae_transformer_model *model, spae_error *err)
{
    strcpy(model->config.prefix, find_prefix(f, model->config.kind));
    spae_status status = spae_transformer_declare(&model->config, &model->parameters, err);
    if (status != SPAE_OK)
        return status;
    real *values = spae_arena_take(arena, model->parameters.elements, sizeof *values);
    if (values == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for %zu weights", folder, model->parameters.elements);
    model->values = values;
    return spae_weights_fill(f->file, f->count, &model->parameters, values, scratch, NULL, err);
}

spae_status spae_transformer_weights_read(const char *folder, const spae_transformer *config, spae_arena *arena,
                                          spae_transformer_model *model, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    spae_arena scratch; /* directories of files: apart from what stays */
    spae_arena_hosted(&scratch);
    spae_weights_files *f = spae_arena_take(&scratch, 1, sizeof *f);
    *model = (spae_transformer_model){.config = *config, .parameters = {.arena = arena}};
    spae_status status = f != NULL ? spae_weights_files_open(&scratch, &folder, 1, f, err)
                                   : spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory to look into it", folder);
    if (status == SPAE_OK) {
        status = read_values(f, folder, arena, &scratch, model, err);
        spae_weights_files_close(f);
    }
    spae_arena_free(&scratch);
    if (status != SPAE_OK)
        spae_arena_reset(arena, mark);
    return status;
}
