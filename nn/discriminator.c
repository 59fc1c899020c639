/* The discriminator of discriminator.h, written down once for pictures and video.
 *
 * On a running tape each step drops what it no longer needs: spae_tape_keep moves the result down.
 */
#include "discriminator.h"

#include <math.h>

#include "ops.h"

static spae_var down(spae_tape *tape, const spae_discriminator *d, spae_var x)
{
    if (d->blur)
        return spae_blur_pool(tape, x);
    return spae_average_pool(tape, x, (const size_t[]){d->ndim == 3 ? 2 : 1, 2, 2});
}

/* Conv (3, bias) to f channels, leaky ReLU */
static spae_var conv_leaky(spae_network *network, const spae_discriminator *d, spae_scope *scope, spae_var x, size_t f)
{
    const spae_arena_mark mark = spae_arena_here(network->tape->arena);
    spae_var y = spae_layer_conv(network, scope, x, d->ndim, 3, f, true);
    return spae_tape_keep(network->tape, mark, spae_leaky_relu(network->tape, y, (real)d->slope));
}

static size_t channels_of(spae_var x)
{
    return x != NULL ? x->shape.axis[SPAE_AXIS_C] : 0;
}

/* down, then Conv_1 (1, no bias) to f channels */
static spae_var side_branch(spae_network *network, const spae_discriminator *d, spae_scope *scope, spae_var x, size_t f)
{
    const spae_arena_mark mark = spae_arena_here(network->tape->arena);
    spae_var y = down(network->tape, d, x);
    return spae_tape_keep(network->tape, mark, spae_layer_conv(network, scope, y, d->ndim, 1, f, false));
}

/* Layers are numbered in order of use: the side's convolution comes between the two of the main branch. */
spae_var spae_discriminator_block(spae_network *network, const spae_discriminator *d, spae_scope *parent, spae_var x,
                                  size_t f)
{
    spae_tape *tape = network->tape;
    spae_scope scope = spae_scope_enter(parent, "ResBlock", parent->block++);
    const spae_arena_mark mark = spae_arena_here(tape->arena);
    spae_var y = conv_leaky(network, d, &scope, x, channels_of(x));
    y = spae_tape_keep(tape, mark, down(tape, d, y));
    spae_var side = side_branch(network, d, &scope, x, f);
    spae_var main = conv_leaky(network, d, &scope, y, f);
    return spae_tape_keep(tape, mark, spae_scale(tape, spae_add(tape, side, main), (real)sqrt(0.5)));
}

static spae_status check_numbers(const spae_discriminator *d, spae_error *err)
{
    if (d->filters < 1 || d->filters > 4096 || d->blocks < 1 || d->blocks > SPAE_MAX_RES_BLOCKS)
        return spae_fail(err, SPAE_ERR_ARGUMENT,
                         "config: discriminator of %zu filters and %zu multipliers is out of range",
                         d->filters, d->blocks);
    for (size_t i = 0; i < d->blocks; i++)
        if (d->multipliers[i] < 1 || d->multipliers[i] > 64)
            return spae_fail(err, SPAE_ERR_ARGUMENT, "config: discriminator multiplier %zu, expected 1 to 64",
                             d->multipliers[i]);
    return d->blur && d->ndim != 2
               ? spae_fail(err, SPAE_ERR_ARGUMENT,
                           "config: the discriminator's blur pooling is for pictures, not for video")
               : SPAE_OK;
}

/* Can a size_t say how many bytes the widest activation and the two largest kernels have? */
static bool countable(const spae_discriminator *d, const size_t picture[3])
{
    uint64_t cells = (uint64_t)picture[0] * picture[1] * picture[2], left = 1, widest = d->filters; /* cells: 2^42 */
    for (size_t i = 0; i < d->blocks; i++)
        if ((uint64_t)d->filters * d->multipliers[i] > widest)
            widest = (uint64_t)d->filters * d->multipliers[i]; /* at most 2^18 */
    for (size_t a = 0; a < 3; a++)
        left *= a == 0 && d->ndim == 2 ? 1 : ((uint64_t)picture[a] + ((1u << d->blocks) - 1)) >> d->blocks;
    const uint64_t most = SIZE_MAX / sizeof(double);
    return cells <= most / widest && 27 * widest * widest <= most && left * widest <= most / widest;
}

spae_status spae_discriminator_check(const spae_discriminator *d, const size_t picture[3], spae_error *err)
{
    const spae_status status = check_numbers(d, err);
    if (status != SPAE_OK || countable(d, picture))
        return status;
    return spae_fail(err, SPAE_ERR_SHAPE,
                     "config: the discriminator's tensors have more bytes than this machine counts");
}

spae_var spae_discriminate(spae_network *network, const spae_discriminator *d, const char *root, spae_var x)
{
    spae_tape *tape = network->tape;
    const spae_arena_mark mark = spae_arena_here(tape->arena);
    spae_scope scope = spae_scope_root(root);
    if (d->blur && d->ndim != 2)
        return spae_tape_refuse(tape, SPAE_ERR_ARGUMENT, "discriminator: blur pooling is for pictures (axes, blocks)",
                                d->ndim, d->blocks);
    x = conv_leaky(network, d, &scope, x, d->filters);
    for (size_t i = 0; i < d->blocks; i++)
        x = spae_tape_keep(tape, mark,
                           spae_discriminator_block(network, d, &scope, x, d->filters * d->multipliers[i]));
    x = spae_tape_keep(tape, mark, conv_leaky(network, d, &scope, x, channels_of(x)));
    x = spae_leaky_relu(tape, spae_layer_dense(network, &scope, x, channels_of(x)), (real)d->slope);
    return spae_tape_keep(tape, mark, spae_layer_dense(network, &scope, x, 1));
}
