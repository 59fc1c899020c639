/* The semantic source of guide.h. Sums are binary64 chains in index order. */
#include "io/guide.h"

#include <math.h>

const char *const spae_guide_names[SPAE_GUIDE_KINDS] = {"centred", "raw"};

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

spae_status spae_guide_rows(spae_guide_kind kind, const spae_codebook *codebook,
                            const int32_t *token, size_t labels, spae_arena *arena,
                            spae_real *similarity, spae_error *err)
{
    const size_t V = codebook->V, c = codebook->c;
    const spae_arena_mark mark = spae_arena_here(arena);
    spae_real *features = spae_arena_take(arena, V * c, sizeof *features);
    if (features == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "guide: no memory for %zu features of %zu words",
                         c, V);
    const spae_status status = spae_guide_features(kind, codebook, arena, features, err);
    if (status == SPAE_OK)
        for (size_t i = 0; i < labels; i++)
            spae_similarity(features + (size_t)token[i] * c, features, V, c, NULL,
                            similarity + i * V);
    spae_arena_reset(arena, mark);
    return status;
}
