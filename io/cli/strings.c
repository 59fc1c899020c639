/* SPAE strings from pictures, token files and data sets: strings.h. */
#include "io/cli/strings.h"

#include "io/file.h"
#include "io/tokens.h"

static spae_status no_memory(const char *what, spae_error *err)
{
    return spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for its tokens", what);
}

/* The tokens of one picture; `what` begins a message. */
static spae_status encode(const spae_model *model, const spae_real *picture, const char *what, spae_arena *arena,
                          int32_t *token, spae_error *err)
{
    spae_error why;
    spae_status status = spae_model_reserve(model, SPAE_RUN_ENCODE, arena, &why);
    if (status == SPAE_OK)
        status = spae_encode(model, picture, arena, token, NULL, &why);
    return status == SPAE_OK ? status : spae_fail(err, status, "%s: %s", what, why.text);
}

static size_t tokens_of(const spae_model *model)
{
    return spae_pyramid_total(&model->config.pyramid, model->config.pyramid.layers);
}

/* ---- files ------------------------------------------------------------------------------------------- */

static spae_status read_picture(const spae_model *model, const char *path, spae_cli_fit fit, spae_arena *arena,
                                spae_string *string, spae_error *err)
{
    int32_t *token = spae_arena_take(arena, tokens_of(model), sizeof *token);
    const spae_arena_mark here = spae_arena_here(arena);
    spae_real *picture = NULL;
    if (token == NULL)
        return no_memory(path, err);
    spae_status status = model->config.picture[0] > 1
                             ? spae_cli_load_video(model, path, fit, 0, arena, &picture, err)
                             : spae_cli_load_picture(model, path, fit, arena, &picture, err);
    if (status == SPAE_OK)
        status = encode(model, picture, path, arena, token, err);
    spae_arena_reset(arena, here);
    *string = (spae_string){token, tokens_of(model)};
    return status;
}

/* All pictures of a token file, behind those that are there. */
static spae_status read_tokens(const spae_tokens_model *model, const char *path, spae_arena *arena, spae_cli_strings *strings,
                               spae_error *err)
{
    const uint8_t *bytes = NULL;
    size_t size = 0;
    spae_tokens tokens;
    spae_status status = spae_file_read_all(arena, path, SPAE_TOKENS_FILE_MOST, &bytes, &size, err);
    if (status == SPAE_OK)
        status = spae_tokens_read(model, SPAE_TOKENS_FORMATS, path, bytes, size, arena, &tokens, err);
    if (status != SPAE_OK)
        return status;
    spae_string *all = spae_arena_take(arena, strings->count + tokens.pictures, sizeof *all);
    if (all == NULL)
        return no_memory(path, err);
    const size_t each = spae_pyramid_total(&model->pyramid, tokens.layers);
    for (size_t i = 0; i < strings->count; i++)
        all[i] = strings->string[i];
    for (size_t i = 0; i < tokens.pictures; i++)
        all[strings->count + i] = (spae_string){tokens.token + i * each, each};
    *strings = (spae_cli_strings){strings->count + tokens.pictures, all};
    return SPAE_OK;
}

static spae_status read_token_files(const spae_model *model, char **path, size_t count, spae_arena *arena,
                                    spae_cli_strings *strings, spae_error *err)
{
    spae_tokens_model against;
    spae_status status = spae_tokens_model_of(model, arena, &against, err);
    *strings = (spae_cli_strings){0, NULL};
    for (size_t i = 0; status == SPAE_OK && i < count; i++)
        status = read_tokens(&against, path[i], arena, strings, err);
    return status;
}

spae_status spae_cli_strings_read(const spae_model *model, char **path, size_t count, bool tokens, spae_cli_fit fit,
                                  spae_arena *arena, spae_cli_strings *strings, spae_error *err)
{
    if (tokens)
        return read_token_files(model, path, count, arena, strings, err);
    spae_status status = SPAE_OK;
    *strings = (spae_cli_strings){count, spae_arena_take(arena, count, sizeof *strings->string)};
    if (strings->string == NULL)
        return no_memory("pictures", err);
    for (size_t i = 0; status == SPAE_OK && i < count; i++)
        status = read_picture(model, path[i], fit, arena, &strings->string[i], err);
    return status;
}

/* ---- data sets --------------------------------------------------------------------------------------- */

spae_status spae_cli_strings_of(const spae_model *model, const spae_dataset *dataset, const size_t *index, size_t count,
                                spae_arena *arena, spae_cli_strings *strings, spae_error *err)
{
    const size_t each = tokens_of(model), *size = model->config.picture;
    spae_string *string = spae_arena_take(arena, count, sizeof *string);
    int32_t *token = count <= SIZE_MAX / each ? spae_arena_take(arena, count * each, sizeof *token) : NULL;
    const spae_arena_mark here = spae_arena_here(arena);
    spae_real *picture = spae_arena_take(arena, size[0] * size[1] * size[2] * 3, sizeof *picture);
    spae_status status = SPAE_OK;
    if (string == NULL || token == NULL || picture == NULL)
        return no_memory(dataset->name, err);
    for (size_t i = 0; status == SPAE_OK && i < count; i++) {
        string[i] = (spae_string){token + i * each, each};
        spae_dataset_picture(dataset, index[i], &model->config, picture);
        status = encode(model, picture, dataset->name, arena, token + i * each, err);
    }
    spae_arena_reset(arena, here);
    *strings = (spae_cli_strings){count, string};
    return status;
}
