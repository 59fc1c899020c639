/* The I3D of i3d.h: three units, then blocks of four branches, with max pooling between the stages. */
#include "i3d.h"

#include "ops.h"

/* Channels of a block's units: b0, b1a, b1b, b2a, b2b, b3b. */
typedef struct {
    const char *name;
    size_t channels[6];
} block;

static const block stage_3[] = {{"Mixed_3b", {64, 96, 128, 16, 32, 32}}, {"Mixed_3c", {128, 128, 192, 32, 96, 64}}};
static const block stage_4[] = {{"Mixed_4b", {192, 96, 208, 16, 48, 64}},
                                {"Mixed_4c", {160, 112, 224, 24, 64, 64}},
                                {"Mixed_4d", {128, 128, 256, 24, 64, 64}},
                                {"Mixed_4e", {112, 144, 288, 32, 64, 64}},
                                {"Mixed_4f", {256, 160, 320, 32, 128, 128}}};
static const block stage_5[] = {{"Mixed_5b", {256, 160, 320, 32, 128, 128}}, {"Mixed_5c", {384, 192, 384, 48, 128, 128}}};

/* What stands in front of a stage's blocks: max pooling of window and stride, 'SAME'. */
static const struct {
    size_t window[3], stride[3];
    const block *block; /* (blocks) */
    size_t blocks;
} stages[] = {{{1, 3, 3}, {1, 2, 2}, stage_3, 2}, {{3, 3, 3}, {2, 2, 2}, stage_4, 5}, {{2, 2, 2}, {2, 2, 2}, stage_5, 2}};

/* ---- units ---- */

static spae_var parameter(spae_network *network, const spae_scope *scope, const char *leaf, size_t channels)
{
    return spae_network_parameter(network, scope, leaf, 1, spae_shape_of(1, 1, 1, 1, channels));
}

/* Convolution of size^3, batch norm, ReLU. */
static spae_var unit(spae_network *network, const spae_i3d *d, const spae_scope *parent, const char *name, size_t size,
                     size_t step, size_t channels, spae_var x)
{
    if (x == NULL)
        return NULL;
    spae_tape *tape = network->tape;
    const spae_arena_mark mark = spae_arena_here(tape->arena);
    const spae_scope scope = spae_scope_inside(parent, name), conv = spae_scope_inside(&scope, "conv3d"),
                     norm = spae_scope_inside(&scope, "bn");
    const size_t stride[3] = {step, step, step}, c = channels / d->divisor;
    const spae_shape shape = spae_shape_of(size, size, size, x->shape.axis[SPAE_AXIS_C], c);
    spae_var kernel = spae_network_parameter(network, &conv, "kernel", 5, shape);
    x = spae_convolve(tape, x, kernel, NULL, stride);
    spae_var scale = parameter(network, &norm, "scale", c), bias = parameter(network, &norm, "bias", c);
    spae_var mean = parameter(network, &norm, "mean", c), var = parameter(network, &norm, "var", c);
    x = spae_batch_norm(tape, x, scale, bias, mean, var, d->bn_eps);
    return spae_tape_keep(tape, mark, spae_leaky_relu(tape, x, 0));
}

static spae_var run_block(spae_network *network, const spae_i3d *d, const block *b, spae_var x)
{
    spae_tape *tape = network->tape;
    const spae_arena_mark mark = spae_arena_here(tape->arena);
    const spae_scope root = spae_scope_root(""), scope = spae_scope_inside(&root, b->name);
    const size_t *c = b->channels, three[3] = {3, 3, 3}, one[3] = {1, 1, 1};
    spae_var y = unit(network, d, &scope, "b0", 1, 1, c[0], x);
    spae_var next = unit(network, d, &scope, "b1a", 1, 1, c[1], x);
    y = spae_join_columns(tape, y, unit(network, d, &scope, "b1b", 3, 1, c[2], next));
    next = unit(network, d, &scope, "b2a", 1, 1, c[3], x);
    y = spae_join_columns(tape, y, unit(network, d, &scope, "b2b", 3, 1, c[4], next));
    next = spae_max_pool(tape, x, three, one, NULL);
    return spae_tape_keep(tape, mark, spae_join_columns(tape, y, unit(network, d, &scope, "b3b", 1, 1, c[5], next)));
}

/* ---- stages ---- */

static spae_var second_stage(spae_network *network, const spae_i3d *d, const spae_scope *root, spae_var x)
{
    const size_t window[3] = {1, 3, 3}, stride[3] = {1, 2, 2};
    x = spae_max_pool(network->tape, x, window, stride, NULL);
    x = unit(network, d, root, "Conv3d_2b_1x1", 1, 1, 64, x);
    return unit(network, d, root, "Conv3d_2c_3x3", 3, 1, 192, x);
}

static spae_var block_stage(spae_network *network, const spae_i3d *d, size_t stage, spae_arena_mark mark, spae_var x)
{
    spae_tape *tape = network->tape;
    x = spae_tape_keep(tape, mark, spae_max_pool(tape, x, stages[stage].window, stages[stage].stride, NULL));
    for (size_t i = 0; i < stages[stage].blocks; i++)
        x = spae_tape_keep(tape, mark, run_block(network, d, &stages[stage].block[i], x));
    return x;
}

spae_i3d spae_i3d_published(void)
{
    return (spae_i3d){.divisor = 1, .stages = SPAE_I3D_STAGES, .classes = 400, .bn_eps = 1e-3};
}

spae_var spae_i3d_features(spae_network *network, const spae_i3d *d, spae_var x)
{
    spae_tape *tape = network->tape;
    const spae_arena_mark mark = spae_arena_here(tape->arena);
    const spae_scope root = spae_scope_root("");
    if (d->divisor == 0 || 8 % d->divisor != 0 || d->stages == 0 || d->stages > SPAE_I3D_STAGES)
        return spae_tape_refuse(tape, SPAE_ERR_ARGUMENT, "i3d: no such network (divisor, stages)", d->divisor, d->stages);
    x = unit(network, d, &root, "Conv3d_1a_7x7", 7, 2, 64, x);
    if (d->stages > 1)
        x = spae_tape_keep(tape, mark, second_stage(network, d, &root, x));
    for (size_t i = 2; i < d->stages; i++)
        x = block_stage(network, d, i - 2, mark, x);
    return spae_tape_keep(tape, mark, spae_mean_positions(tape, x));
}

spae_var spae_i3d_logits(spae_network *network, const spae_i3d *d, spae_var features)
{
    if (features == NULL)
        return NULL;
    if (d->classes == 0)
        return spae_tape_refuse(network->tape, SPAE_ERR_ARGUMENT, "i3d: no classes (divisor, stages)", d->divisor, d->stages);
    const spae_scope root = spae_scope_root(""), logits = spae_scope_inside(&root, "logits"),
                     conv = spae_scope_inside(&logits, "conv3d");
    const size_t c = features->shape.axis[SPAE_AXIS_C];
    spae_var kernel = spae_network_parameter(network, &conv, "kernel", 5, spae_shape_of(1, 1, 1, c, d->classes));
    return spae_dense(network->tape, features, kernel, parameter(network, &conv, "bias", d->classes));
}
