/* The VQGAN encoder and decoder of vqgan.h, written down once for pictures and video.
 *
 * On a running tape each step drops what it no longer needs: spae_tape_keep moves the result down. On a recording one,
 * residual blocks may be computed again for gradients, where network->recompute says so.
 */
#include "vqgan.h"

#include "ops.h"
#include "recompute.h"

/* GroupNorm, swish: what stands before every convolution of a block; in x's place when x is not used again. */
static spae_var norm_swish(spae_network *network, const spae_vqgan *v, spae_scope *scope, spae_var x, bool into)
{
    return spae_layer_group_norm_swish(network, scope, x, v->groups, v->eps, into);
}

/* Conv (3, no bias) */
static spae_var conv(spae_network *network, const spae_vqgan *v, spae_scope *scope, spae_var x, size_t f)
{
    return spae_layer_conv(network, scope, x, v->ndim, 3, f, false);
}

/* What makes a residual block: it may be run again when this is all that is left (recompute.h). */
typedef struct {
    spae_vqgan v;
    spae_scope scope;
    size_t f;
} residual;

/* On a running tape the caller keeps the result. */
static spae_var run_residual(spae_network *network, const void *context, spae_var x)
{
    const residual *r = context;
    spae_scope scope = r->scope;
    const spae_arena_mark mark = spae_arena_here(network->tape->arena);
    spae_var y = conv(network, &r->v, &scope, norm_swish(network, &r->v, &scope, x, false), r->f);
    y = spae_tape_keep(network->tape, mark, y);
    y = conv(network, &r->v, &scope, norm_swish(network, &r->v, &scope, y, true), r->f);
    spae_var side = x;
    if (x != NULL && x->shape.axis[SPAE_AXIS_C] != r->f)
        side = spae_layer_conv(network, &scope, x, r->v.ndim, 1, r->f, false);
    return spae_add_into(network->tape, y, side);
}

spae_var spae_vqgan_block(spae_network *network, const spae_vqgan *v, spae_scope *parent, spae_var x, size_t f)
{
    const residual r = {*v, spae_scope_enter(parent, "ResBlock", parent->block++), f};
    return network->recompute ? spae_recompute(network, run_residual, &r, sizeof r, x) : run_residual(network, &r, x);
}

/* `x` becomes the result of a step that may drop x's memory: the mark was made before x. */
static spae_var res_blocks(spae_network *network, const spae_vqgan *v, spae_scope *scope, spae_arena_mark mark,
                           spae_var x, size_t f)
{
    for (size_t i = 0; i < v->res_blocks; i++)
        x = spae_tape_keep(network->tape, mark, spae_vqgan_block(network, v, scope, x, f));
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

static spae_status check_numbers(const spae_vqgan *v, spae_error *err)
{
    if (v->scales < 1 || v->scales > SPAE_MAX_SCALES)
        return spae_fail(err, SPAE_ERR_ARGUMENT, "config: %zu multipliers, expected 1 to %d", v->scales,
                         SPAE_MAX_SCALES);
    if (v->embedding < 1 || v->embedding > 65536 || v->filters < 1 || v->filters > 4096 || v->res_blocks > 64)
        return spae_fail(err, SPAE_ERR_ARGUMENT, "config: c %zu, filters %zu or res_blocks %zu is out of range",
                         v->embedding, v->filters, v->res_blocks);
    for (size_t i = 0; i < v->scales; i++)
        if (v->multipliers[i] < 1 || v->multipliers[i] > 64)
            return spae_fail(err, SPAE_ERR_SHAPE, "config: multiplier %zu, expected 1 to 64", v->multipliers[i]);
    if (v->groups < 1 || v->filters % v->groups != 0) /* the first norm sees the filters alone */
        return spae_fail(err, SPAE_ERR_SHAPE, "config: %zu filters do not divide into %zu groups", v->filters,
                         v->groups);
    return SPAE_OK;
}

/* Can a size_t say how many bytes the largest activation and the largest kernel have? (On 64 bits: always.) */
static bool countable(const spae_vqgan *v, const size_t picture[3])
{
    uint64_t widest = v->embedding;
    for (size_t i = 0; i < v->scales; i++) {
        const uint64_t channels = (uint64_t)v->filters * v->multipliers[i]; /* at most 2^18 */
        widest = channels > widest ? channels : widest;
    }
    const uint64_t positions = (uint64_t)picture[0] * picture[1] * picture[2]; /* 2^42 */
    return positions * (widest + 3) <= SIZE_MAX / sizeof(double) && 27 * widest * widest <= SIZE_MAX / sizeof(double);
}

spae_status spae_vqgan_check(const spae_vqgan *v, const size_t picture[3], spae_error *err)
{
    const spae_status status = check_numbers(v, err);
    if (status != SPAE_OK)
        return status;
    size_t factor[3];
    spae_vqgan_reduction(v, factor);
    for (size_t a = 0; a < 3; a++)
        if (picture[a] < 1 || picture[a] > 16384 || picture[a] % factor[a] != 0)
            return spae_fail(err, SPAE_ERR_SHAPE,
                             "config: picture size %zu on axis %c does not divide by %zu", picture[a],
                             "thw"[a], factor[a]);
    return countable(v, picture)
               ? SPAE_OK
               : spae_fail(err, SPAE_ERR_SHAPE, "config: its tensors have more bytes than this machine counts");
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
    x = norm_swish(network, v, &scope, x, true);
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
    x = norm_swish(network, v, &scope, x, true);
    return spae_tape_keep(tape, mark, spae_layer_conv(network, &scope, x, v->ndim, 3, 3, true));
}
