/* The VQGAN encoder and decoder of vqgan.h, written down once for pictures and video.
 *
 * On a running tape each step drops what it no longer needs: spae_tape_keep moves the result down.
 */
#include "vqgan.h"

#include "ops.h"

/* GroupNorm, swish: what stands before every convolution of a block. */
static spae_var norm_swish(spae_network *network, const spae_vqgan *v, spae_scope *scope, spae_var x)
{
    const spae_arena_mark mark = spae_arena_here(network->tape->arena);
    spae_var y = spae_layer_group_norm(network, scope, x, v->groups, v->eps);
    return spae_tape_keep(network->tape, mark, spae_swish(network->tape, y));
}

/* norm_swish, then Conv (3, no bias) */
static spae_var norm_swish_conv(spae_network *network, const spae_vqgan *v, spae_scope *scope, spae_var x, size_t f)
{
    const spae_arena_mark mark = spae_arena_here(network->tape->arena);
    spae_var y = norm_swish(network, v, scope, x);
    return spae_tape_keep(network->tape, mark, spae_layer_conv(network, scope, y, v->ndim, 3, f, false));
}

static spae_var res_block(spae_network *network, const spae_vqgan *v, spae_scope *parent, spae_var x, size_t f)
{
    spae_scope scope = spae_scope_enter(parent, "ResBlock", parent->block++);
    const spae_arena_mark mark = spae_arena_here(network->tape->arena);
    spae_var y = norm_swish_conv(network, v, &scope, x, f);
    y = norm_swish_conv(network, v, &scope, y, f);
    spae_var side = x;
    if (x != NULL && x->shape.axis[SPAE_AXIS_C] != f)
        side = spae_layer_conv(network, &scope, x, v->ndim, 1, f, false);
    return spae_tape_keep(network->tape, mark, spae_add(network->tape, y, side));
}

/* `x` becomes the result of a step that may drop x's memory: the mark was made before x. */
static spae_var res_blocks(spae_network *network, const spae_vqgan *v, spae_scope *scope, spae_arena_mark mark,
                           spae_var x, size_t f)
{
    for (size_t i = 0; i < v->res_blocks; i++)
        x = spae_tape_keep(network->tape, mark, res_block(network, v, scope, x, f));
    return x;
}

/* The window of the i-th change of scale, counted from the full picture. */
static void window_of(const spae_vqgan *v, size_t i, size_t window[3])
{
    window[0] = v->ndim == 3 && v->temporal[i] ? 2 : 1;
    window[1] = window[2] = 2;
}

void spae_vqgan_reduction(const spae_vqgan *v, size_t factor[3])
{
    factor[0] = factor[1] = factor[2] = 1;
    for (size_t i = 0; i + 1 < v->scales; i++) {
        size_t window[3];
        window_of(v, i, window);
        for (size_t a = 0; a < 3; a++)
            factor[a] *= window[a];
    }
}

spae_var spae_vqgan_encode(spae_network *network, const spae_vqgan *v, spae_var picture)
{
    spae_tape *tape = network->tape;
    const spae_arena_mark mark = spae_arena_here(tape->arena);
    spae_scope scope = spae_scope_root("encoder");
    spae_var x = spae_layer_conv(network, &scope, picture, v->ndim, 3, v->filters, false);
    for (size_t i = 0; i < v->scales; i++) {
        x = res_blocks(network, v, &scope, mark, x, v->filters * v->multipliers[i]);
        if (i + 1 < v->scales) {
            size_t window[3];
            window_of(v, i, window);
            x = spae_tape_keep(tape, mark, spae_average_pool(tape, x, window));
        }
    }
    x = res_blocks(network, v, &scope, mark, x, v->filters * v->multipliers[v->scales - 1]);
    x = norm_swish(network, v, &scope, x);
    return spae_tape_keep(tape, mark, spae_layer_conv(network, &scope, x, v->ndim, 1, v->embedding, true));
}

spae_var spae_vqgan_decode(spae_network *network, const spae_vqgan *v, spae_var zhat)
{
    spae_tape *tape = network->tape;
    const spae_arena_mark mark = spae_arena_here(tape->arena);
    spae_scope scope = spae_scope_root("decoder");
    const size_t widest = v->filters * v->multipliers[v->scales - 1];
    spae_var x = spae_layer_conv(network, &scope, zhat, v->ndim, 3, widest, true);
    x = res_blocks(network, v, &scope, mark, x, widest);
    for (size_t i = v->scales; i-- > 0;) {
        const size_t f = v->filters * v->multipliers[i];
        x = res_blocks(network, v, &scope, mark, x, f);
        if (i > 0) {
            size_t window[3];
            window_of(v, i - 1, window);
            x = spae_upsample(tape, x, window);
            x = spae_tape_keep(tape, mark, spae_layer_conv(network, &scope, x, v->ndim, 3, f, true));
        }
    }
    x = norm_swish(network, v, &scope, x);
    return spae_tape_keep(tape, mark, spae_layer_conv(network, &scope, x, v->ndim, 3, 3, true));
}
