/* Max pooling: which element of each window is the largest, and those elements gathered (SPEC 3.12).
 *
 * The choice is constant between ties; so y is rows of one element gathered from x (3.9), its gradient is their
 * scatter, which adds in index order of the outputs, and so on for any order.
 */
#include "ops.h"

/* One output row of channels: index[j] becomes the element of x, the flat one, that is largest among the cells of the
 * window. Some cell is inside: the padding is below the window. A later cell must be larger to be taken. */
static void choose(const spae_conv *s, const real *x, size_t n, const size_t output[3], int32_t *index)
{
    const size_t *k = s->kernel;
    bool first = true;
    for (size_t tap = 0, all = k[0] * k[1] * k[2]; tap < all; tap++) {
        const size_t taps[3] = {tap / k[2] / k[1], tap / k[2] % k[1], tap % k[2]};
        size_t cell = n;
        bool inside = true;
        for (size_t a = 0; a < 3; a++) {
            const size_t at = output[a] * s->stride[a] + taps[a] - s->low[a]; /* in front of 0: beyond every size */
            inside = inside && at < s->in[a];
            cell = cell * s->in[a] + at;
        }
        if (!inside)
            continue;
        for (size_t j = 0; j < s->ci; j++)
            if (first || x[cell * s->ci + j] > x[index[j]])
                index[j] = (int32_t)(cell * s->ci + j);
        first = false;
    }
}

static void choose_all(const spae_conv *s, const real *x, int32_t *index)
{
    for (size_t n = 0; n < s->n; n++)
        for (size_t t = 0; t < s->out[0]; t++)
            for (size_t h = 0; h < s->out[1]; h++)
                for (size_t w = 0; w < s->out[2]; w++, index += s->ci)
                    choose(s, x, n, (const size_t[]){t, h, w}, index);
}

/* The elements of x as rows of one. */
static spae_var as_elements(spae_tape *tape, spae_var x)
{
    return spae_reshape(tape, x, spae_shape_of(1, 1, 1, spae_shape_count(x->shape), 1));
}

spae_var spae_max_pool(spae_tape *tape, spae_var x, const size_t window[3], const size_t stride[3], const size_t *pad)
{
    if (x == NULL)
        return NULL;
    spae_conv s;
    const size_t *a = x->shape.axis, c = a[SPAE_AXIS_C];
    if (spae_shape_count(x->shape) > INT32_MAX)
        return spae_tape_refuse(tape, SPAE_ERR_SHAPE, "max pool: too many elements (of x, and those there may be)",
                                spae_shape_count(x->shape), INT32_MAX);
    if (!spae_conv_padded(&s, a[SPAE_AXIS_N], a + SPAE_AXIS_T, c, window, stride, pad, c))
        return spae_tape_refuse(tape, SPAE_ERR_SHAPE,
                                "max pool: a stride is 0, the padding is not below the window, or the window does not fit "
                                "the padded x (heights of x and of the window)",
                                a[SPAE_AXIS_H], window[1]);
    const spae_shape to = spae_shape_of(s.n, s.out[0], s.out[1], s.out[2], c);
    const size_t count = spae_shape_count(to);
    int32_t *index = NULL;
    if (spae_computes(x)) {
        index = spae_arena_take(tape->arena, count, sizeof *index);
        if (index == NULL)
            return spae_tape_refuse(tape, SPAE_ERR_NO_MEMORY,
                                    "max pool: no memory for its choices (elements, channels)", count, c);
        choose_all(&s, x->value, index);
    } else if (tape->mode != SPAE_TAPE_PLAN && !spae_arena_account(tape->arena, count, sizeof *index)) {
        return spae_tape_refuse(tape, SPAE_ERR_NO_MEMORY,
                                "max pool: no memory for its choices (elements, channels)", count, c);
    }
    return spae_reshape(tape, spae_gather_rows(tape, as_elements(tape, x), index, count), to);
}
