/* Pyramids, embeddings, codebooks and tokens from a case's files, every size checked. */
#include "pyramid.h"

#include <string.h>

oracle_pyramid oracle_read_pyramid(oracle_case *c)
{
    oracle_pyramid p = {.ndim = oracle_size(c, "ndim", 2, 3)};
    size_t sizes[3 * SPAE_MAX_LAYERS];
    spae_error err;
    p.pyramid.layers = oracle_size(c, "layers", 1, SPAE_MAX_LAYERS);
    oracle_sizes(c, "pyramid", p.pyramid.layers * p.ndim, 1, 4096, sizes);
    for (size_t l = 0; l < p.pyramid.layers; l++) {
        p.pyramid.size[l][0] = 1;
        memcpy(p.pyramid.size[l] + 3 - p.ndim, sizes + l * p.ndim, p.ndim * sizeof *sizes);
    }
    if (spae_pyramid_check(&p.pyramid, &err) != SPAE_OK)
        oracle_abort(c, "%s", err.text);
    p.cells = spae_pyramid_cells(&p.pyramid);
    p.tokens = spae_pyramid_total(&p.pyramid, p.pyramid.layers);
    return p;
}

oracle_embedding oracle_read_embedding(oracle_case *c, const oracle_pyramid *p)
{
    const oracle_array a = oracle_read(c, "in_z");
    const spae_shape shape = oracle_shape_picture(c, &a, p->ndim);
    const size_t *full = p->pyramid.size[p->pyramid.layers - 1];
    if (memcmp(shape.axis + SPAE_AXIS_T, full, 3 * sizeof *full) != 0)
        oracle_abort(c, "in_z: its grid (%zu,%zu,%zu) is not that of the last layer", shape.axis[SPAE_AXIS_T],
                     shape.axis[SPAE_AXIS_H], shape.axis[SPAE_AXIS_W]);
    return (oracle_embedding){shape, shape.axis[SPAE_AXIS_N], shape.axis[SPAE_AXIS_C], oracle_reals(c, &a)};
}

spae_codebook oracle_read_codebook(oracle_case *c, const char *name, size_t width)
{
    const oracle_array a = oracle_read(c, name);
    spae_error err;
    if (a.rank != 2 || a.shape[1] != width)
        oracle_abort(c, "%s: expected (rows,%zu)", name, width);
    spae_codebook book = {.V = a.shape[0], .c = width, .e = oracle_reals(c, &a)};
    if (spae_codebook_prepare(&book, c->arena, &err) != SPAE_OK)
        oracle_abort(c, "%s", err.text);
    return book;
}

spae_shape oracle_layer_shape(const oracle_pyramid *p, size_t layer, size_t N, size_t width)
{
    const size_t *size = p->pyramid.size[layer];
    return spae_shape_of(N, size[0], size[1], size[2], width);
}

int32_t *oracle_read_tokens(oracle_case *c, const oracle_pyramid *p, const char *prefix, size_t layers, size_t N,
                            size_t V)
{
    const size_t total = spae_pyramid_total(&p->pyramid, layers);
    int32_t *token = oracle_take(c, N * total, sizeof *token);
    for (size_t l = 0, first = 0; l < layers; l++) {
        const oracle_array a = oracle_read_int32(c, oracle_text(c, "%s%zu", prefix, l + 1));
        const size_t count = spae_pyramid_tokens(&p->pyramid, l);
        size_t shape[4] = {N};
        memcpy(shape + 1, p->pyramid.size[l] + 3 - p->ndim, p->ndim * sizeof *shape);
        oracle_want_shape(c, &a, p->ndim + 1, shape);
        oracle_want_below(c, &a, V);
        for (size_t n = 0; n < N; n++)
            memcpy(token + n * total + first, a.index + n * count, count * sizeof *token);
        first += count;
    }
    return token;
}
