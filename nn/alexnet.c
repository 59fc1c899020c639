/* AlexNet's features, as in alexnet.h. */
#include "alexnet.h"

#include "ops.h"

typedef struct {
    unsigned number;
    size_t size, stride, pad;
    size_t widths; /* channels in units of the width */
    bool pooled;   /* max pooling in front */
} layer;

static const layer layers[SPAE_ALEXNET_TAPS] = {{0, 11, 4, 2, 1, false},
                                                {3, 5, 1, 2, 3, true},
                                                {6, 3, 1, 1, 6, true},
                                                {8, 3, 1, 1, 4, false},
                                                {10, 3, 1, 1, 4, false}};

/* SPEC 6.15 */
static spae_var layer_features(spae_network *network, const layer *l, size_t channels, spae_var x)
{
    spae_tape *tape = network->tape;
    const spae_arena_mark mark = spae_arena_here(tape->arena);
    const size_t three[3] = {1, 3, 3}, two[3] = {1, 2, 2}, none[3] = {0, 0, 0};
    const size_t stride[3] = {1, l->stride, l->stride}, pad[3] = {0, l->pad, l->pad};
    if (l->pooled)
        x = spae_max_pool(tape, x, three, two, none);
    if (x == NULL)
        return NULL;
    const spae_scope root = spae_scope_root("features"), scope = spae_scope_numbered(&root, "", l->number);
    const spae_shape shape = spae_shape_of(1, l->size, l->size, x->shape.axis[SPAE_AXIS_C], channels);
    spae_var kernel = spae_network_parameter(network, &scope, "kernel", 4, shape);
    spae_var bias = spae_network_parameter(network, &scope, "bias", 1, spae_shape_of(1, 1, 1, 1, channels));
    x = spae_leaky_relu(tape, spae_convolve_padded(tape, x, kernel, bias, stride, pad), 0);
    return spae_tape_keep(tape, mark, x);
}

void spae_alexnet_features(spae_network *network, const spae_alexnet *a, spae_var x, spae_var tap[SPAE_ALEXNET_TAPS])
{
    if (a->width == 0)
        x = spae_tape_refuse(network->tape, SPAE_ERR_ARGUMENT, "alexnet: no width (width, taps)", a->width,
                             SPAE_ALEXNET_TAPS);
    for (size_t i = 0; i < SPAE_ALEXNET_TAPS; i++)
        x = tap[i] = x != NULL ? layer_features(network, &layers[i], layers[i].widths * a->width, x) : NULL;
}
