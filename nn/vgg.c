/* VGG16's features and LPIPS, as in vgg.h. The features of picture a are made before those of b, then the taps in their
 * order: the order of nodes is that of gradients (SPEC 3.1). */
#include "vgg.h"

#include "ops.h"

/* ---- features ---- */

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

/* ---- LPIPS ---- */

static const double shift[3] = {-0.030, -0.088, -0.188}, scale[3] = {0.458, 0.448, 0.450}; /* LPIPS's scaling layer */
static const double eps = 1e-10;

/* f / (|f| + eps), |f| the length over the channels of each position */
static spae_var unit(spae_tape *tape, spae_var f)
{
    if (f == NULL)
        return NULL;
    spae_shape positions = f->shape;
    positions.axis[SPAE_AXIS_C] = 1;
    spae_var length = spae_root(tape, spae_reduce(tape, spae_mul(tape, f, f), positions));
    spae_var inverse = spae_reciprocal(tape, spae_offset(tape, length, (real)eps));
    return spae_mul(tape, f, spae_broadcast(tape, inverse, f->shape));
}

/* One tap's part of the distance. */
static spae_var part(spae_network *network, unsigned i, spae_var fa, spae_var fb)
{
    spae_tape *tape = network->tape;
    if (fa == NULL || fb == NULL)
        return NULL;
    const spae_arena_mark mark = spae_arena_here(tape->arena);
    const spae_scope root = spae_scope_root("lin"), scope = spae_scope_numbered(&root, "", i);
    const size_t n = fa->shape.axis[SPAE_AXIS_N], c = fa->shape.axis[SPAE_AXIS_C];
    const double positions = (double)(spae_shape_count(fa->shape) / n / c);
    spae_var ua = unit(tape, fa), ub = unit(tape, fb), apart = spae_sub(tape, ua, ub);
    spae_var kernel = spae_network_parameter(network, &scope, "kernel", 4, spae_shape_of(1, 1, 1, c, 1));
    spae_var each = spae_dense(tape, spae_mul(tape, apart, apart), kernel, NULL);
    spae_var sum = spae_reduce(tape, each, spae_shape_of(n, 1, 1, 1, 1));
    return spae_tape_keep(tape, mark, spae_scale(tape, sum, (real)(1 / positions)));
}

static bool are_pictures(spae_tape *tape, spae_var a, spae_var b)
{
    if (a == NULL || b == NULL)
        return false;
    if (spae_shape_equal(a->shape, b->shape) && a->shape.axis[SPAE_AXIS_C] == 3)
        return true;
    spae_tape_refuse(tape, SPAE_ERR_SHAPE, "lpips: not two pictures of one shape and three channels (elements)",
                     spae_shape_count(a->shape), spae_shape_count(b->shape));
    return false;
}

spae_var spae_lpips(spae_network *network, const spae_vgg *v, spae_var a, spae_var b, spae_var distance[SPAE_VGG_TAPS])
{
    spae_tape *tape = network->tape;
    spae_var fa[SPAE_VGG_TAPS], fb[SPAE_VGG_TAPS], sum = NULL;
    const spae_arena_mark mark = spae_arena_here(tape->arena);
    if (!are_pictures(tape, a, b))
        return NULL;
    spae_vgg_features(network, v, spae_normalize_by(tape, a, shift, scale), fa);
    spae_vgg_features(network, v, spae_normalize_by(tape, b, shift, scale), fb);
    for (unsigned i = 0; i < SPAE_VGG_TAPS; i++) {
        spae_var d = part(network, i, fa[i], fb[i]);
        sum = i == 0 ? d : spae_add(tape, sum, d);
        if (distance != NULL)
            distance[i] = d;
    }
    return spae_tape_keep(tape, mark, sum);
}
