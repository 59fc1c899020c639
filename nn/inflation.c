/* Inflation, inflation.h. In C order the new axis is the slowest, so a parameter is n blocks of the picture's size. */
#include "inflation.h"

/* How many times the picture's shape: n; 0 when the shapes do not fit. A kernel's taps are its first axis, a
 * matrix's rows the last but one. */
static size_t multiple_of(const spae_parameter *from, const spae_parameter *to)
{
    const size_t grown = to->rank == 5 ? SPAE_AXIS_N : SPAE_AXIS_W;
    const bool kernel = to->rank == 5 && (from->rank == 4 || from->rank == 5);
    const bool matrix = to->rank == 2 && from->rank == 2;
    for (size_t a = 0; a < SPAE_AXES; a++)
        if (from->shape.axis[a] != to->shape.axis[a] && !((kernel || matrix) && a == grown))
            return 0;
    if (kernel && from->shape.axis[grown] != 1 && from->shape.axis[grown] != to->shape.axis[grown])
        return 0; /* videos already, of another length */
    return to->shape.axis[grown] % from->shape.axis[grown] == 0 ? to->shape.axis[grown] / from->shape.axis[grown] : 0;
}

static void fill_blocks(spae_inflation mode, const real *picture, size_t size, size_t n, real *video)
{
    const size_t middle = (n - 1) / 2;
    for (size_t block = 0; block < n; block++)
        for (size_t i = 0; i < size; i++) {
            const real central = block == middle ? picture[i] : 0;
            video[block * size + i] = mode == SPAE_INFLATE_CENTRAL ? central : picture[i] / (real)n;
        }
}

spae_status spae_inflate_network(spae_inflation mode, const spae_parameters *from, const real *picture,
                                 const spae_parameters *to, real *video, spae_error *err)
{
    for (size_t i = 0; i < to->count; i++) {
        const spae_parameter *p = &to->item[i];
        const size_t at = spae_parameters_find(from, p->path);
        if (at == from->count)
            return spae_fail(err, SPAE_ERR_ARGUMENT, "inflate: the picture's network has no %s", p->path);
        const spae_parameter *q = &from->item[at];
        const size_t n = multiple_of(q, p);
        if (n == 0)
            return spae_fail(err, SPAE_ERR_SHAPE,
                             "inflate: %s: (%zu,%zu,%zu,%zu,%zu) does not come from (%zu,%zu,%zu,%zu,%zu)", p->path,
                             p->shape.axis[0], p->shape.axis[1], p->shape.axis[2], p->shape.axis[3], p->shape.axis[4],
                             q->shape.axis[0], q->shape.axis[1], q->shape.axis[2], q->shape.axis[3], q->shape.axis[4]);
        fill_blocks(mode, picture + q->first, spae_shape_count(q->shape), n, video + p->first);
    }
    return SPAE_OK;
}
