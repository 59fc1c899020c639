/* LPIPS, as in lpips.h. The features of picture a are made before those of b, then the taps in their order: the order of
 * nodes is that of gradients (SPEC 3.1). */
#include "lpips.h"

#include "ops.h"

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

/* Both pictures' taps of the backbone, a's first. */
typedef void backbone(spae_network *network, const void *description, spae_var x, spae_var tap[SPAE_LPIPS_TAPS]);

static spae_var compare(spae_network *network, backbone *features, const void *description, spae_var a, spae_var b,
                        spae_var distance[SPAE_LPIPS_TAPS])
{
    spae_tape *tape = network->tape;
    spae_var fa[SPAE_LPIPS_TAPS], fb[SPAE_LPIPS_TAPS], sum = NULL;
    const spae_arena_mark mark = spae_arena_here(tape->arena);
    if (!are_pictures(tape, a, b))
        return NULL;
    features(network, description, spae_normalize_by(tape, a, shift, scale), fa);
    features(network, description, spae_normalize_by(tape, b, shift, scale), fb);
    for (unsigned i = 0; i < SPAE_LPIPS_TAPS; i++) {
        spae_var d = part(network, i, fa[i], fb[i]);
        sum = i == 0 ? d : spae_add(tape, sum, d);
        if (distance != NULL)
            distance[i] = d;
    }
    return spae_tape_keep(tape, mark, sum);
}

static void of_vgg(spae_network *network, const void *description, spae_var x, spae_var tap[SPAE_LPIPS_TAPS])
{
    spae_vgg_features(network, description, x, tap);
}

static void of_alexnet(spae_network *network, const void *description, spae_var x, spae_var tap[SPAE_LPIPS_TAPS])
{
    spae_alexnet_features(network, description, x, tap);
}

spae_var spae_lpips(spae_network *network, const spae_vgg *v, spae_var a, spae_var b, spae_var distance[SPAE_LPIPS_TAPS])
{
    return compare(network, of_vgg, v, a, b, distance);
}

spae_var spae_lpips_alexnet(spae_network *network, const spae_alexnet *x, spae_var a, spae_var b,
                            spae_var distance[SPAE_LPIPS_TAPS])
{
    return compare(network, of_alexnet, x, a, b, distance);
}
