/* The semantic source of guide.h. Sums are binary64 chains in index order. */
#include "io/guide.h"

#include <math.h>

const char *const spae_guide_names[SPAE_GUIDE_KINDS] = {"centred", "raw", "nearest"};

static void mean_row(const spae_real *rows, size_t V, size_t c, double *mean)
{
    for (size_t j = 0; j < c; j++)
        mean[j] = 0.0;
    for (size_t k = 0; k < V; k++)
        for (size_t j = 0; j < c; j++)
            mean[j] += (double)rows[k * c + j];
    for (size_t j = 0; j < c; j++)
        mean[j] /= (double)V;
}

/* out = (row - mean) / |row - mean|; 0 where that length is 0. */
static void unit_row(const spae_real *row, const double *mean, size_t c, spae_real *out)
{
    double square = 0.0;
    for (size_t j = 0; j < c; j++) {
        const double d = (double)row[j] - mean[j];
        square += d * d;
    }
    const double length = sqrt(square);
    for (size_t j = 0; j < c; j++)
        out[j] = length > 0.0 ? (spae_real)(((double)row[j] - mean[j]) / length) : 0;
}

static double *take_mean(const spae_real *rows, size_t V, size_t c, spae_arena *arena,
                         spae_error *err)
{
    double *mean = spae_arena_take(arena, c, sizeof *mean);
    if (mean == NULL)
        spae_fail(err, SPAE_ERR_NO_MEMORY, "guide: no memory for a mean of %zu numbers", c);
    else
        mean_row(rows, V, c, mean);
    return mean;
}

spae_status spae_guide_features(spae_guide_kind kind, const spae_codebook *codebook,
                                spae_arena *arena, spae_real *features, spae_error *err)
{
    const size_t V = codebook->V, c = codebook->c;
    if (kind == SPAE_GUIDE_RAW) {
        for (size_t i = 0; i < V * c; i++)
            features[i] = codebook->e[i];
        return SPAE_OK;
    }
    const spae_arena_mark mark = spae_arena_here(arena);
    const double *mean = take_mean(codebook->e, V, c, arena, err);
    if (mean == NULL)
        return SPAE_ERR_NO_MEMORY;
    for (size_t k = 0; k < V; k++)
        unit_row(codebook->e + k * c, mean, c, features + k * c);
    spae_arena_reset(arena, mark);
    return SPAE_OK;
}

spae_status spae_guide_transform(spae_real *rows, size_t V, size_t c, bool centre, double scale,
                                 spae_arena *arena, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    const double *mean = take_mean(rows, V, c, arena, err);
    if (mean == NULL)
        return SPAE_ERR_NO_MEMORY;
    for (size_t i = 0; i < V * c; i++)
        rows[i] = (spae_real)(((double)rows[i] - (centre ? mean[i % c] : 0.0)) * scale);
    spae_arena_reset(arena, mark);
    return SPAE_OK;
}

/* ---- rows ------------------------------------------------------------------------------------ */

/* f_I of the mean: (1/n) sum over the source's words, in their order. */
static void mean_feature(const spae_real *features, size_t c, const int32_t *token, size_t n,
                         spae_real *image)
{
    for (size_t j = 0; j < c; j++) {
        double sum = 0.0;
        for (size_t i = 0; i < n; i++)
            sum += (double)features[(size_t)token[i] * c + j];
        image[j] = (spae_real)(sum / (double)n);
    }
}

static spae_status mean_rows(const spae_real *features, size_t V, size_t c,
                             const spae_sources *sources, spae_arena *arena, spae_real *similarity,
                             spae_error *err)
{
    spae_real *image = spae_arena_take(arena, c, sizeof *image);
    if (image == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "guide: no memory for a feature of %zu numbers",
                         c);
    for (size_t i = 0; i < sources->count; i++) {
        const size_t first = sources->first[i], n = sources->first[i + 1] - first;
        if (n == 0)
            continue;
        mean_feature(features, c, sources->token + first, n, image);
        spae_similarity(image, features, V, c, NULL, similarity + i * V);
    }
    return SPAE_OK;
}

/* What `nearest` computes with. */
typedef struct {
    size_t V, c;
    double *column;       /* (c,V) the features, so that the chains of all words run side by side */
    double *score, *best; /* (V) of one word, and the most of those so far */
} nearest_room;

/* score[k] = f_T(word) . f_T(k), a chain over the features from +0 for each k. */
static void score_word(const nearest_room *room, size_t word)
{
    const size_t V = room->V;
    double *score = room->score;
    for (size_t k = 0; k < V; k++)
        score[k] = 0.0;
    for (size_t j = 0; j < room->c; j++) {
        const double *column = room->column + j * V, f = column[word];
        for (size_t k = 0; k < V; k++)
            score[k] += f * column[k];
    }
}

/* Eq. 5 from scores in binary64, as spae_similarity has it. */
static void scale_scores(const double *score, size_t V, spae_real *s)
{
    double least = score[0], most = score[0];
    for (size_t k = 1; k < V; k++) {
        least = score[k] < least ? score[k] : least;
        most = score[k] > most ? score[k] : most;
    }
    for (size_t k = 0; k < V; k++)
        s[k] = most > least ? (spae_real)((score[k] - least) / (most - least)) : 1;
}

static void nearest_row(const nearest_room *room, const int32_t *token, size_t n, spae_real *s)
{
    for (size_t k = 0; k < room->V; k++)
        room->best[k] = -HUGE_VAL;
    for (size_t i = 0; i < n; i++) {
        score_word(room, (size_t)token[i]);
        for (size_t k = 0; k < room->V; k++)
            room->best[k] = room->score[k] > room->best[k] ? room->score[k] : room->best[k];
    }
    scale_scores(room->best, room->V, s);
}

static spae_status nearest_rows(const spae_real *features, size_t V, size_t c,
                                const spae_sources *sources, spae_arena *arena,
                                spae_real *similarity, spae_error *err)
{
    nearest_room room = {.V = V, .c = c};
    room.column = spae_arena_take(arena, V * c, sizeof *room.column);
    room.score = spae_arena_take(arena, V, sizeof *room.score);
    room.best = spae_arena_take(arena, V, sizeof *room.best);
    if (room.column == NULL || room.score == NULL || room.best == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY,
                         "guide: no memory for scores by %zu features of %zu words", c, V);
    for (size_t k = 0; k < V; k++)
        for (size_t j = 0; j < c; j++)
            room.column[j * V + k] = (double)features[k * c + j];
    for (size_t i = 0; i < sources->count; i++) {
        const size_t first = sources->first[i], n = sources->first[i + 1] - first;
        if (n > 0)
            nearest_row(&room, sources->token + first, n, similarity + i * V);
    }
    return SPAE_OK;
}

spae_status spae_guide_rows(spae_guide_kind kind, const spae_codebook *codebook,
                            const spae_sources *sources, spae_arena *arena, spae_real *similarity,
                            spae_error *err)
{
    const size_t V = codebook->V, c = codebook->c;
    const spae_arena_mark mark = spae_arena_here(arena);
    spae_real *features = spae_arena_take(arena, V * c, sizeof *features);
    if (features == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "guide: no memory for %zu features of %zu words",
                         c, V);
    for (size_t i = 0; i < sources->count * V; i++)
        similarity[i] = 0;
    spae_status status = spae_guide_features(kind, codebook, arena, features, err);
    if (status == SPAE_OK)
        status = kind == SPAE_GUIDE_NEAREST
                     ? nearest_rows(features, V, c, sources, arena, similarity, err)
                     : mean_rows(features, V, c, sources, arena, similarity, err);
    spae_arena_reset(arena, mark);
    return status;
}
