/* CLIP from its published files, clip.h. */
#include "io/clip.h"

#include <stdio.h>
#include <string.h>

#include "io/tokenizer_open.h"
#include "nn/bicubic.h"

enum { AT_A_TIME = 16, LAYERS_MOST = 1024 };

/* ---- sizes, from the shapes of arrays; SPEC 8.47 ---------------------------------------------------------- */

typedef struct {
    const spae_weights_files *files;
    const char *name; /* of the first file */
    spae_arena *scratch;
    spae_error *err;
} search;

static spae_status shape_of(const search *s, const char *path, size_t rank, size_t shape[SPAE_AXES])
{
    return spae_weights_files_shape(s->files, path, rank, s->scratch, shape, s->err);
}

/* The same of an array without which there are no sizes. */
static spae_status need_shape(const search *s, const char *path, size_t rank, size_t shape[SPAE_AXES])
{
    const spae_status status = shape_of(s, path, rank, shape);
    if (status != SPAE_OK || shape[0] > 0)
        return status;
    return spae_fail(s->err, SPAE_ERR_FORMAT, "%s: no array is CLIP's %s under any known name", s->name, path);
}

/* The tower's layers, counted by their first norm, and the width of their feed-forward layers. */
static spae_status find_tower(const search *s, const char *root, size_t width, spae_clip_tower *tower)
{
    char path[SPAE_PATH_MAX];
    size_t shape[SPAE_AXES] = {1};
    spae_status status = SPAE_OK;
    *tower = (spae_clip_tower){.width = width, .heads = spae_clip_heads(width)};
    while (status == SPAE_OK && tower->layers <= LAYERS_MOST) {
        snprintf(path, sizeof path, "%s/block%u/ln_1/scale", root, (unsigned)tower->layers);
        status = shape_of(s, path, 1, shape);
        if (status != SPAE_OK || shape[0] == 0)
            break;
        tower->layers++;
    }
    snprintf(path, sizeof path, "%s/block0/mlp/fc/kernel", root);
    if (status == SPAE_OK)
        status = need_shape(s, path, 2, shape);
    tower->hidden = shape[1];
    return status;
}

/* The largest number whose square is at most n. */
static size_t root_of(size_t n)
{
    size_t root = 0;
    for (size_t bit = (size_t)1 << 31; bit > 0; bit >>= 1)
        if ((uint64_t)(root + bit) * (root + bit) <= n)
            root += bit;
    return root;
}

/* Three arrays that an encoder must have. */
typedef struct {
    const char *path;
    size_t rank;
} needed;

static spae_status need_shapes(const search *s, const needed array[3], size_t shape[3][SPAE_AXES])
{
    spae_status status = SPAE_OK;
    for (int i = 0; i < 3 && status == SPAE_OK; i++)
        status = need_shape(s, array[i].path, array[i].rank, shape[i]);
    return status;
}

static spae_status find_image(const search *s, spae_clip *c)
{
    static const needed arrays[3] = {{"visual/conv1/kernel", 4}, {"visual/positional_embedding", 2}, {"visual/proj/kernel", 2}};
    size_t shape[3][SPAE_AXES];
    const size_t *kernel = shape[0], *positions = shape[1], *proj = shape[2];
    const spae_status status = need_shapes(s, arrays, shape);
    if (status != SPAE_OK)
        return status;
    const size_t cells = positions[0] - 1, grid = root_of(cells);
    if (grid == 0 || grid * grid != cells || grid > ((size_t)1 << 16) || kernel[0] > ((size_t)1 << 16))
        return spae_fail(s->err, SPAE_ERR_FORMAT, "%s: %zu positions and patches of %zu: expected one position and a square of others", s->name,
                         positions[0], kernel[0]);
    c->patch = kernel[0];
    c->image_size = grid * kernel[0];
    c->embed = proj[1];
    return find_tower(s, "visual", kernel[3], &c->vision);
}

static spae_status find_text(const search *s, spae_clip *c)
{
    static const needed arrays[3] = {{"text/token_embedding", 2}, {"text/positional_embedding", 2}, {"text/proj/kernel", 2}};
    size_t shape[3][SPAE_AXES];
    const size_t *tokens = shape[0], *positions = shape[1], *proj = shape[2];
    const spae_status status = need_shapes(s, arrays, shape);
    if (status != SPAE_OK)
        return status;
    c->vocab = tokens[0];
    c->context = positions[0];
    c->embed = proj[1];
    return find_tower(s, "text", tokens[1], &c->text);
}

static spae_status find_sizes(const search *s, unsigned parts, spae_clip *c)
{
    spae_status status = SPAE_OK;
    if ((parts & SPAE_CLIP_IMAGE) != 0)
        status = find_image(s, c);
    if (status == SPAE_OK && (parts & SPAE_CLIP_TEXT) != 0)
        status = find_text(s, c);
    return status == SPAE_OK ? spae_clip_check(c, parts, s->err) : status;
}

/* ---- opening ---------------------------------------------------------------------------------------------- */

static spae_status read_weights(const search *s, spae_arena *arena, spae_clip_encoder *clip)
{
    spae_clip_model *model = &clip->model;
    spae_weights_report report;
    spae_status status = find_sizes(s, model->parts, &model->config);
    if (status == SPAE_OK)
        status = spae_clip_declare(&model->config, model->parts, &model->parameters, s->err);
    if (status != SPAE_OK)
        return status;
    spae_real *values = spae_arena_take(arena, model->parameters.elements, sizeof *values);
    if (values == NULL)
        return spae_fail(s->err, SPAE_ERR_NO_MEMORY, "%s: no memory for %zu weights", s->name, model->parameters.elements);
    model->values = values;
    status = spae_weights_fill(s->files->file, s->files->count, &model->parameters, values, s->scratch, &report, s->err);
    if (status != SPAE_OK)
        return status;
    memcpy(clip->hash, report.hash, sizeof clip->hash);
    clip->scheme = report.scheme[0];
    return SPAE_OK;
}

static spae_status open_weights(spae_arena *arena, spae_arena *scratch, const char *const *path, size_t paths,
                                spae_clip_encoder *clip, spae_error *err)
{
    spae_weights_files *files = spae_arena_take(scratch, 1, sizeof *files);
    if (files == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "weights: no memory for the names of files");
    spae_status status = spae_weights_files_open(scratch, path, paths, files, err);
    if (status != SPAE_OK)
        return status;
    const search s = {files, path[0], scratch, err};
    status = read_weights(&s, arena, clip);
    spae_weights_files_close(files);
    return status;
}

static spae_status open_tokenizer(spae_arena *arena, const char *path, spae_clip_encoder *clip, spae_error *err)
{
    const spae_clip_model *model = &clip->model;
    const spae_status status = spae_tokenizer_open(arena, path, &clip->tokenizer, err);
    if (status != SPAE_OK || (model->parts & SPAE_CLIP_TEXT) == 0 || clip->tokenizer->V == model->config.vocab)
        return status;
    return spae_fail(err, SPAE_ERR_SHAPE, "%s has %zu tokens, the weights have %zu", path, clip->tokenizer->V, model->config.vocab);
}

/* Directories of files lie in an arena of their own where there can be one; else below what is kept. */
spae_status spae_clip_open(spae_arena *arena, const char *const *path, size_t paths, const char *tokenizer,
                           const spae_clip_wanted *wanted, spae_clip_encoder *clip, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    const bool apart = arena->allocator.allocate != NULL;
    spae_clip_encoder made = {.model = {.config = {.eps = 1e-5, .activation = SPAE_CLIP_QUICK_GELU}, .parts = SPAE_CLIP_BOTH,
                                        .parameters = {.arena = arena}}};
    spae_arena own;
    if (wanted != NULL) {
        made.model.parts = wanted->parts;
        made.model.config.activation = wanted->activation;
    }
    if (made.model.parts < SPAE_CLIP_IMAGE || made.model.parts > SPAE_CLIP_BOTH)
        return spae_fail(err, SPAE_ERR_ARGUMENT, "clip: neither encoder is meant by parts %u", made.model.parts);
    if (apart)
        spae_arena_growing(&own, arena->allocator);
    spae_status status = open_weights(arena, apart ? &own : arena, path, paths, &made, err);
    if (apart)
        spae_arena_free(&own);
    if (status == SPAE_OK && tokenizer != NULL)
        status = open_tokenizer(arena, tokenizer, &made, err);
    if (status == SPAE_OK)
        *clip = made;
    else
        spae_arena_reset(arena, mark);
    return status;
}

/* ---- encoding --------------------------------------------------------------------------------------------- */

/* A failure of item i of a call: its number before the text. */
static spae_status of_item(spae_status status, const char *what, size_t i, spae_error *err)
{
    if (status == SPAE_OK || err == NULL)
        return status;
    const spae_error inner = *err;
    return spae_fail(err, status, "%s %zu: %s", what, i, inner.text);
}

static spae_status prepare(const spae_clip_encoder *clip, const spae_image *image, spae_arena *arena, spae_real *out,
                           spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    spae_image rgb;
    uint8_t *bytes = NULL;
    spae_status status = spae_image_convert(arena, image, 3, &rgb, err);
    if (status == SPAE_OK) {
        bytes = spae_arena_take(arena, rgb.height * rgb.width, 3);
        status = bytes != NULL ? spae_image_bytes(&rgb, bytes, err)
                               : spae_fail(err, SPAE_ERR_NO_MEMORY, "no memory for a picture of %zux%zu", rgb.height, rgb.width);
    }
    if (status == SPAE_OK)
        status = spae_clip_prepare(bytes, rgb.height, rgb.width, clip->model.config.image_size, spae_clip_mean, spae_clip_deviation,
                                   arena, NULL, NULL, out, err);
    spae_arena_reset(arena, mark);
    return status;
}

spae_status spae_clip_encode_images(const spae_clip_encoder *clip, const spae_image *image, size_t n, bool unit, spae_arena *arena,
                                    spae_real *features, spae_error *err)
{
    const size_t side = clip->model.config.image_size, one = side * side * 3, embed = clip->model.config.embed;
    const spae_arena_mark mark = spae_arena_here(arena);
    if ((clip->model.parts & SPAE_CLIP_IMAGE) == 0)
        return spae_fail(err, SPAE_ERR_ARGUMENT, "clip: the image encoder was not opened");
    spae_real *x = spae_arena_take(arena, one, AT_A_TIME * sizeof *x);
    spae_status status = x != NULL ? SPAE_OK : spae_fail(err, SPAE_ERR_NO_MEMORY, "clip: no memory for %d pictures", AT_A_TIME);
    for (size_t i = 0; i < n && status == SPAE_OK; i += AT_A_TIME) {
        const size_t count = n - i < AT_A_TIME ? n - i : AT_A_TIME;
        for (size_t k = 0; k < count && status == SPAE_OK; k++)
            status = of_item(prepare(clip, &image[i + k], arena, x + k * one, err), "picture", i + k, err);
        if (status == SPAE_OK)
            status = of_item(spae_clip_image_features(&clip->model, x, count, unit, arena, features + i * embed, err), "pictures from", i, err);
    }
    spae_arena_reset(arena, mark);
    return status;
}

spae_status spae_clip_encode_texts(const spae_clip_encoder *clip, const char *const *text, size_t n, bool unit, spae_arena *arena,
                                   spae_real *features, spae_error *err)
{
    const size_t context = clip->model.config.context, embed = clip->model.config.embed;
    const spae_arena_mark mark = spae_arena_here(arena);
    if ((clip->model.parts & SPAE_CLIP_TEXT) == 0 || clip->tokenizer == NULL)
        return spae_fail(err, SPAE_ERR_ARGUMENT, "clip: the %s was not opened", clip->tokenizer != NULL ? "text encoder" : "tokenizer");
    int32_t *token = spae_arena_take(arena, context, AT_A_TIME * sizeof *token);
    spae_status status = token != NULL ? SPAE_OK : spae_fail(err, SPAE_ERR_NO_MEMORY, "clip: no memory for %d texts", AT_A_TIME);
    for (size_t i = 0; i < n && status == SPAE_OK; i += AT_A_TIME) {
        const size_t count = n - i < AT_A_TIME ? n - i : AT_A_TIME;
        for (size_t k = 0; k < count && status == SPAE_OK; k++)
            status = of_item(spae_clip_tokens(clip->tokenizer, text[i + k], strlen(text[i + k]), context, arena, token + k * context, err),
                             "text", i + k, err);
        if (status == SPAE_OK)
            status = of_item(spae_clip_text_features(&clip->model, token, count, unit, arena, features + i * embed, err), "texts from", i, err);
    }
    spae_arena_reset(arena, mark);
    return status;
}
