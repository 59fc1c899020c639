/* The scores of clip_scores.h. */
#include "io/clip_scores.h"

#include <math.h>

#include "io/arrays.h"

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

spae_status spae_clip_scores_open(spae_clip_scores *c, const spae_pyramid *pyramid, size_t V, const char *text,
                                  const char *image, spae_arena *arena, spae_error *err)
{
    spae_clip_scores made = {.pyramid = pyramid, .V = V};
    size_t words, d;
    spae_status status = read_matrix(text, arena, &made.text, &words, &made.d, err);
    if (status == SPAE_OK && words != V)
        status = spae_fail(err, SPAE_ERR_SHAPE, "%s: %zu rows, the vocabulary has %zu words", text, words, V);
    if (status == SPAE_OK)
        status = read_matrix(image, arena, &made.image, &made.images, &d, err);
    if (status == SPAE_OK && d != made.d)
        status = spae_fail(err, SPAE_ERR_SHAPE, "%s: features of %zu numbers, those of %s have %zu", image, d, text, made.d);
    if (status == SPAE_OK)
        status = check_lengths(text, made.text, V, made.d, 0.0, err);
    if (status == SPAE_OK)
        status = check_lengths(image, made.image, made.images, made.d, 0.999, err);
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
