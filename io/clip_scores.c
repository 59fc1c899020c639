/* The scores of clip_scores.h. */
#include "io/clip_scores.h"

#include <math.h>
#include <string.h>

#include "io/arrays.h"
#include "io/guide_clip.h"

/* ---- the features ---- */

/* (rows,d) of finite numbers. */
static spae_status read_matrix(const char *path, spae_arena *arena, spae_real **values, size_t *rows, size_t *d,
                               spae_error *err)
{
    spae_source source;
    spae_npy_header h;
    spae_status status = spae_source_open(arena, path, NULL, &source, err);
    if (status != SPAE_OK)
        return status;
    status = spae_npy_read_header(&source, 0, source.size, &h, err);
    if (status == SPAE_OK && (h.rank != 2 || h.count == 0))
        status = spae_fail(err, SPAE_ERR_SHAPE, "%s: expected an array (n,d), it has rank %u, %zu numbers", path, h.rank,
                           h.count);
    if (status == SPAE_OK && (*values = spae_arena_take(arena, h.count, sizeof **values)) == NULL)
        status = spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for %zu numbers", path, h.count);
    if (status == SPAE_OK)
        status = spae_numbers_read(&source, &h, *values, err);
    spae_source_close(&source);
    *rows = h.shape[0];
    *d = h.shape[1];
    return status;
}

/* Lengths within least..1.001. */
static spae_status check_lengths(const char *path, const spae_real *values, size_t rows, size_t d, double least,
                                 spae_error *err)
{
    for (size_t r = 0; r < rows; r++) {
        double squares = 0.0;
        for (size_t j = 0; j < d; j++)
            squares += (double)values[r * d + j] * (double)values[r * d + j];
        const double length = sqrt(squares);
        if (!(length < (double)HUGE_VAL))
            return spae_fail(err, SPAE_ERR_NOT_FINITE, "%s: row %zu is not finite", path, r);
        if (length > 1.001 || length < least)
            return spae_fail(err, SPAE_ERR_ARGUMENT, "%s: row %zu has length %g: %s", path, r, length,
                             least > 0 ? "unit vectors are due" : "means of unit vectors are due");
    }
    return SPAE_OK;
}

static spae_status read_texts(spae_clip_scores *c, const char *path, spae_arena *arena, spae_error *err)
{
    size_t words;
    spae_status status = read_matrix(path, arena, &c->text, &words, &c->d, err);
    if (status == SPAE_OK && words != c->V)
        status = spae_fail(err, SPAE_ERR_SHAPE, "%s: %zu rows, the vocabulary has %zu words", path, words, c->V);
    return status == SPAE_OK ? check_lengths(path, c->text, c->V, c->d, 0.0, err) : status;
}

static spae_status read_images(spae_clip_scores *c, const char *path, const char *text, spae_arena *arena, spae_error *err)
{
    size_t d;
    spae_status status = read_matrix(path, arena, &c->image, &c->images, &d, err);
    if (status == SPAE_OK && d != c->d)
        status = spae_fail(err, SPAE_ERR_SHAPE, "%s: features of %zu numbers, those of %s have %zu", path, d, text, c->d);
    return status == SPAE_OK ? check_lengths(path, c->image, c->images, d, 0.999, err) : status;
}

/* ---- the features by CLIP; SPEC 4.9 ---- */

static spae_status encode_texts(spae_clip_scores *c, const spae_clip_scores_sources *from, spae_arena *arena, spae_error *err)
{
    spae_status status = SPAE_OK;
    c->d = from->clip->model.config.embed;
    if ((from->clip->model.parts & SPAE_CLIP_TEXT) == 0 || from->clip->tokenizer == NULL)
        return spae_fail(err, SPAE_ERR_ARGUMENT, "clip: words need a text encoder and a tokenizer");
    if ((c->text = spae_arena_take(arena, c->V, c->d * sizeof *c->text)) == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "no memory for features of %zu words", c->V);
    for (size_t k = 0; k < c->V && status == SPAE_OK; k++) {
        bool said;
        status = spae_guide_word(from->clip, from->word[k], spae_clip_templates, SPAE_CLIP_TEMPLATES, arena,
                                 c->text + k * c->d, &said, err);
        c->unsaid += status == SPAE_OK && !said;
        if (status == SPAE_OK && from->tell != NULL)
            from->tell(from->context, k + 1, c->V);
    }
    return status;
}

/* Room for the picture under way. */
static spae_status await_pictures(spae_clip_scores *c, const spae_clip_scores_sources *from, spae_arena *arena, spae_error *err)
{
    const size_t *p = from->picture;
    if ((from->clip->model.parts & SPAE_CLIP_IMAGE) == 0)
        return spae_fail(err, SPAE_ERR_ARGUMENT, "clip: pictures need an image encoder");
    if (c->d != from->clip->model.config.embed)
        return spae_fail(err, SPAE_ERR_SHAPE, "%s: features of %zu numbers, those of clip have %zu", from->text, c->d,
                         from->clip->model.config.embed);
    c->clip = from->clip;
    c->arena = arena;
    memcpy(c->picture, p, sizeof c->picture);
    c->image = spae_arena_take(arena, c->d, sizeof *c->image);
    c->frame = spae_arena_take(arena, p[0], sizeof *c->frame);
    bool room = c->image != NULL && c->frame != NULL;
    for (size_t t = 0; t < p[0] && room; t++) {
        c->frame[t] = (spae_image){p[1], p[2], 3, spae_arena_take(arena, p[1] * p[2], 3 * sizeof(float))};
        room = c->frame[t].pixels != NULL;
    }
    return room ? SPAE_OK : spae_fail(err, SPAE_ERR_NO_MEMORY, "no memory for the frames of a picture");
}

spae_status spae_clip_scores_open(spae_clip_scores *c, const spae_pyramid *pyramid, size_t V,
                                  const spae_clip_scores_sources *from, spae_arena *arena, spae_error *err)
{
    spae_clip_scores made = {.pyramid = pyramid, .V = V};
    spae_status status =
        from->text != NULL ? read_texts(&made, from->text, arena, err) : encode_texts(&made, from, arena, err);
    if (status == SPAE_OK)
        status = from->image != NULL ? read_images(&made, from->image, from->text != NULL ? from->text : "clip", arena, err)
                                     : await_pictures(&made, from, arena, err);
    if (status != SPAE_OK)
        return status;
    made.score = spae_arena_take(arena, V, sizeof *made.score);
    made.s = spae_arena_take(arena, V, sizeof *made.s);
    if (made.score == NULL || made.s == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "no memory for similarities of %zu words", V);
    *c = made;
    return SPAE_OK;
}

/* ---- the scores; SPEC 11.7 ---- */

void spae_clip_scores_add(spae_clip_scores *c, size_t image, const int32_t *token)
{
    double all[2] = {0, 0};
    size_t i = 0;
    spae_similarity(c->image + image * c->d, c->text, c->V, c->d, c->score, c->s);
    for (size_t l = 0; l < c->pyramid->layers; l++) {
        const size_t end = spae_pyramid_total(c->pyramid, l + 1);
        const double count = (double)(end - i);
        double own[2] = {0, 0};
        for (; i < end; i++) {
            own[0] += (double)c->score[token[i]];
            own[1] += (double)c->s[token[i]];
        }
        all[0] += own[0];
        all[1] += own[1];
        spae_spread_add(&c->layer[l].own_score, own[0] / count);
        spae_spread_add(&c->layer[l].own_relative, own[1] / count);
        spae_spread_add(&c->layer[l].score, all[0] / (double)end);
        spae_spread_add(&c->layer[l].relative, all[1] / (double)end);
    }
}

/* Bytes / 255 are exact as float, so an encoder sees what `spae guide` gives it. */
spae_status spae_clip_scores_encode(spae_clip_scores *c, const spae_real *picture, const int32_t *token, spae_error *err)
{
    const size_t values = c->picture[1] * c->picture[2] * 3;
    for (size_t t = 0; t < c->picture[0]; t++)
        for (size_t i = 0; i < values; i++)
            c->frame[t].pixels[i] = (float)picture[t * values + i];
    const spae_status status = spae_guide_frames(c->clip, c->frame, 1, c->picture[0], c->arena, c->image, err);
    if (status != SPAE_OK)
        return status;
    c->images++;
    spae_clip_scores_add(c, 0, token);
    return SPAE_OK;
}
