/* A picture becomes words, and the words a picture again:   program MODEL.npz PICTURE OUT.png */
#include <spae.h>
#include <stdio.h>

static spae_status there_and_back(char **path, spae_arena *arena, spae_error *err)
{
    spae_model model;
    spae_real *picture;
    size_t height, width;
    if (spae_model_load(&model, arena, path[1], err) != SPAE_OK ||
        spae_picture_load(path[2], arena, &picture, &height, &width, err) != SPAE_OK)
        return err->status;
    const spae_pyramid *pyramid = &model.config.pyramid;
    int32_t *token = spae_arena_take(arena, spae_pyramid_total(pyramid, pyramid->layers), sizeof *token);
    if (token == NULL || height != model.config.picture[1] || width != model.config.picture[2])
        return spae_fail(err, SPAE_ERR_SHAPE, "%s: no memory, or not the model's size", path[2]);
    if (spae_encode(&model, picture, arena, token, NULL, err) != SPAE_OK ||
        spae_decode(&model, token, pyramid->layers, arena, picture, err) != SPAE_OK ||
        spae_picture_save(path[3], picture, height, width, arena, err) != SPAE_OK)
        return err->status;
    for (size_t i = 0; i < spae_pyramid_total(pyramid, 2); i++) /* layer 1, then layer 2 row by row */
        puts(model.word[token[i]]);
    return SPAE_OK;
}

int main(int argc, char **argv)
{
    spae_error err = {SPAE_ERR_ARGUMENT, "usage: program MODEL.npz PICTURE OUT.png"};
    spae_arena arena; /* all memory comes from here */
    spae_arena_hosted(&arena);
    spae_status status = argc == 4 ? spae_self_check(&err) : err.status;
    if (status == SPAE_OK)
        status = there_and_back(argv, &arena, &err);
    if (status != SPAE_OK)
        fprintf(stderr, "%s\n", err.text);
    spae_arena_free(&arena);
    return status != SPAE_OK;
}
