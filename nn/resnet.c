/* The ResNet of resnet.h, written down once for both forms: they differ in padding and in one ReLU.
 *
 * A block's main branch is made before its projection: the order of nodes is that of gradients (SPEC 3.1). On a running
 * tape each block drops what it no longer needs.
 */
#include "resnet.h"

#include "ops.h"

typedef struct {
    size_t size, stride, channels;
} window;

static spae_var relu(spae_tape *tape, spae_var x)
{
    return spae_leaky_relu(tape, x, 0);
}

static spae_var convolve(spae_network *network, const spae_resnet *r, const spae_scope *scope, spae_var x, window k)
{
    if (x == NULL)
        return NULL;
    const size_t pad[3] = {0, k.size / 2, k.size / 2}, stride[3] = {1, k.stride, k.stride};
    const spae_shape shape = spae_shape_of(1, k.size, k.size, x->shape.axis[SPAE_AXIS_C], k.channels);
    spae_var kernel = spae_network_parameter(network, scope, "kernel", 4, shape);
    return spae_convolve_padded(network->tape, x, kernel, NULL, stride, r->same ? NULL : pad);
}

static spae_var batch_norm(spae_network *network, const spae_resnet *r, const spae_scope *scope, spae_var x)
{
    if (x == NULL)
        return NULL;
    const spae_shape shape = spae_shape_of(1, 1, 1, 1, x->shape.axis[SPAE_AXIS_C]);
    spae_var scale = spae_network_parameter(network, scope, "scale", 1, shape);
    spae_var bias = spae_network_parameter(network, scope, "bias", 1, shape);
    spae_var mean = spae_network_parameter(network, scope, "mean", 1, shape);
    spae_var var = spae_network_parameter(network, scope, "var", 1, shape);
    return spae_batch_norm(network->tape, x, scale, bias, mean, var, r->bn_eps);
}

/* A convolution and its batch norm: conv<number> and bn<number> of a block, or by their names. */
static spae_var numbered(spae_network *network, const spae_resnet *r, const spae_scope *block, unsigned number,
                         spae_var x, window k)
{
    const spae_scope conv = spae_scope_numbered(block, "conv", number), norm = spae_scope_numbered(block, "bn", number);
    return batch_norm(network, r, &norm, convolve(network, r, &conv, x, k));
}

static spae_var named(spae_network *network, const spae_resnet *r, const spae_scope *scope, const char *conv_name,
                      const char *norm_name, spae_var x, window k)
{
    const spae_scope conv = spae_scope_inside(scope, conv_name), norm = spae_scope_inside(scope, norm_name);
    return batch_norm(network, r, &norm, convolve(network, r, &conv, x, k));
}

/* The first block of a stage changes the channels, f 2 or width to 4f, and so projects. */
spae_var spae_resnet_block(spae_network *network, const spae_resnet *r, const spae_scope *scope, spae_var x, size_t f,
                           size_t stride)
{
    spae_tape *tape = network->tape;
    const spae_arena_mark mark = spae_arena_here(tape->arena);
    spae_var y = relu(tape, numbered(network, r, scope, 1, x, (window){1, 1, f}));
    y = relu(tape, numbered(network, r, scope, 2, y, (window){3, stride, f}));
    y = numbered(network, r, scope, 3, y, (window){1, 1, 4 * f});
    if (x != NULL && x->shape.axis[SPAE_AXIS_C] != 4 * f)
        x = named(network, r, scope, "proj_conv", "proj_bn", x, (window){1, stride, 4 * f});
    return spae_tape_keep(tape, mark, relu(tape, spae_add(tape, x, y)));
}

static spae_var stem(spae_network *network, const spae_resnet *r, const spae_scope *root, spae_var x)
{
    spae_tape *tape = network->tape;
    const spae_arena_mark mark = spae_arena_here(tape->arena);
    const size_t size[3] = {1, 3, 3}, stride[3] = {1, 2, 2}, pad[3] = {0, 1, 1};
    spae_var y = named(network, r, root, "init_conv", "init_bn", x, (window){7, 2, r->width});
    if (r->stem_relu)
        y = relu(tape, y);
    return spae_tape_keep(tape, mark, spae_max_pool(tape, y, size, stride, r->same ? NULL : pad));
}

static spae_var refuse(spae_tape *tape, const spae_resnet *r)
{
    return spae_tape_refuse(tape, SPAE_ERR_ARGUMENT,
                            "resnet: no width, no stage or too many, or a stage without blocks (width, stages)",
                            r->width, r->stages);
}

spae_var spae_resnet_features(spae_network *network, const spae_resnet *r, spae_var x)
{
    spae_tape *tape = network->tape;
    const spae_arena_mark mark = spae_arena_here(tape->arena);
    const spae_scope root = spae_scope_root("");
    if (r->width == 0 || r->stages == 0 || r->stages > SPAE_MAX_STAGES)
        return refuse(tape, r);
    x = stem(network, r, &root, x);
    for (unsigned s = 0; s < r->stages; s++) {
        const spae_scope stage = spae_scope_numbered(&root, "stage", s + 1);
        if (r->blocks[s] == 0)
            return refuse(tape, r);
        for (unsigned b = 0; b < r->blocks[s]; b++) {
            const spae_scope scope = spae_scope_numbered(&stage, "block", b + 1);
            const size_t stride = b == 0 && s > 0 ? 2 : 1;
            x = spae_tape_keep(tape, mark, spae_resnet_block(network, r, &scope, x, r->width << s, stride));
        }
    }
    return x;
}

spae_var spae_resnet_logits(spae_network *network, const spae_resnet *r, spae_var features)
{
    spae_tape *tape = network->tape;
    if (features == NULL)
        return NULL;
    if (r->classes == 0)
        return spae_tape_refuse(tape, SPAE_ERR_ARGUMENT, "resnet: no classes (width, stages)", r->width, r->stages);
    const spae_arena_mark mark = spae_arena_here(tape->arena);
    const spae_scope root = spae_scope_root(""), head = spae_scope_inside(&root, "head");
    const size_t c = features->shape.axis[SPAE_AXIS_C];
    spae_var mean = spae_mean_positions(tape, features);
    spae_var kernel = spae_network_parameter(network, &head, "kernel", 2, spae_shape_of(1, 1, 1, c, r->classes));
    spae_var bias = spae_network_parameter(network, &head, "bias", 1, spae_shape_of(1, 1, 1, 1, r->classes));
    return spae_tape_keep(tape, mark, spae_dense(tape, mean, kernel, bias));
}
