/* VGG16's features, as in vgg.h. */
#include "vgg.h"

#include "ops.h"

typedef struct {
    unsigned convolutions, first; /* of a group: how many, and the number of the first; each is followed by a ReLU */
    size_t widths;                /* channels in units of the width */
} group;

static const group groups[SPAE_VGG_TAPS] = {{2, 0, 1}, {2, 5, 2}, {3, 10, 4}, {3, 17, 8}, {3, 24, 8}};

static spae_var conv_relu(spae_network *network, unsigned number, spae_var x, size_t channels)
{
    if (x == NULL)
        return NULL;
    const size_t one[3] = {1, 1, 1}, pad[3] = {0, 1, 1};
    const spae_scope root = spae_scope_root("features"), scope = spae_scope_numbered(&root, "", number);
    const spae_shape shape = spae_shape_of(1, 3, 3, x->shape.axis[SPAE_AXIS_C], channels);
    spae_var kernel = spae_network_parameter(network, &scope, "kernel", 4, shape);
    spae_var bias = spae_network_parameter(network, &scope, "bias", 1, spae_shape_of(1, 1, 1, 1, channels));
    return spae_leaky_relu(network->tape, spae_convolve_padded(network->tape, x, kernel, bias, one, pad), 0);
}

static spae_var group_features(spae_network *network, const spae_vgg *v, size_t i, spae_var x)
{
    spae_tape *tape = network->tape;
    const spae_arena_mark mark = spae_arena_here(tape->arena);
    const size_t two[3] = {1, 2, 2}, none[3] = {0, 0, 0};
    if (i > 0)
        x = spae_max_pool(tape, x, two, two, none);
    for (unsigned k = 0; k < groups[i].convolutions; k++)
        x = conv_relu(network, groups[i].first + 2 * k, x, groups[i].widths * v->width);
    return spae_tape_keep(tape, mark, x);
}

void spae_vgg_features(spae_network *network, const spae_vgg *v, spae_var x, spae_var tap[SPAE_VGG_TAPS])
{
    if (v->width == 0)
        x = spae_tape_refuse(network->tape, SPAE_ERR_ARGUMENT, "vgg: no width (width, taps)", v->width, SPAE_VGG_TAPS);
    for (size_t i = 0; i < SPAE_VGG_TAPS; i++)
        x = tap[i] = x != NULL ? group_features(network, v, i, x) : NULL;
}
