/* The networks of metric_networks.h: declared on a planning tape, run on one that keeps nothing. */
#include "io/metric_networks.h"

#include <string.h>

#include "nn/ops.h"

enum { INCEPTION_SIDE = SPAE_INCEPTION_SIDE, I3D_SIDE = 224 };

spae_metric_network spae_metric_network_published(spae_metric_kind kind)
{
    return (spae_metric_network){.kind = kind,
                                 .alexnet = {.width = 64},
                                 .vgg = {.width = 64},
                                 .inception = spae_inception_published(),
                                 .i3d = spae_i3d_published(),
                                 .side = kind == SPAE_METRIC_INCEPTION ? INCEPTION_SIDE
                                         : kind == SPAE_METRIC_I3D     ? I3D_SIDE
                                                                       : 0};
}

static bool is_lpips(const spae_metric_network *net)
{
    return net->kind == SPAE_METRIC_LPIPS_ALEX || net->kind == SPAE_METRIC_LPIPS_VGG;
}

/* How the picture stands on the tape: frames are examples, but for I3D. */
static spae_shape shape_of(const spae_metric_network *net)
{
    const size_t *p = net->picture;
    return net->kind == SPAE_METRIC_I3D ? spae_shape_of(1, p[0], p[1], p[2], 3)
                                        : spae_shape_of(p[0], 1, p[1], p[2], 3);
}

/* ---- what is computed ---- */

static spae_var seen(const spae_metric_network *net, spae_tape *tape, spae_var x)
{
    return net->side > 0 ? spae_fid_resize(tape, x, net->side, net->side)
                         : spae_offset(tape, spae_scale(tape, x, 2), -1);
}

/* The features, and where there are some the logits, which come later. */
static spae_var features_of(const spae_metric_network *net, spae_network *network, spae_var x,
                            spae_var *logits)
{
    x = seen(net, network->tape, x);
    *logits = NULL;
    if (net->kind == SPAE_METRIC_I3D)
        return spae_i3d_logits(network, &net->i3d, spae_i3d_features(network, &net->i3d, x));
    spae_var y = spae_inception_features(network, &net->inception, x);
    *logits = spae_inception_logits(network, &net->inception, y, false);
    return y;
}

static spae_var distance_of(const spae_metric_network *net, spae_network *network, spae_var a,
                            spae_var b)
{
    a = seen(net, network->tape, a);
    b = seen(net, network->tape, b);
    return net->kind == SPAE_METRIC_LPIPS_ALEX
               ? spae_lpips_alexnet(network, &net->alexnet, a, b, NULL)
               : spae_lpips(network, &net->vgg, a, b, NULL);
}

/* ---- opening ---- */

static spae_status declare(spae_metric_network *net, spae_error *err)
{
    spae_tape tape;
    spae_network network;
    spae_var logits;
    spae_tape_start(&tape, net->arena, SPAE_TAPE_PLAN, err);
    spae_network_declare(&network, &tape, &net->parameters);
    spae_var x = spae_tape_constant(&tape, shape_of(net), NULL);
    if (is_lpips(net))
        distance_of(net, &network, x, x);
    else
        features_of(net, &network, x, &logits);
    return tape.status;
}

static spae_status open_in(spae_metric_network *net, const char *const *path, size_t files,
                           spae_error *err)
{
    spae_status status = declare(net, err);
    if (status != SPAE_OK)
        return status;
    spae_real *values = spae_arena_take(net->arena, net->parameters.elements, sizeof *values);
    if (values == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "no memory for %zu weights",
                         net->parameters.elements);
    status =
        spae_weights_load(path, files, &net->parameters, values, net->arena, &net->report, err);
    net->values = values;
    return status;
}

spae_status spae_metric_network_open(spae_metric_network *net, const char *const *path,
                                     size_t files, const size_t picture[3], spae_arena *arena,
                                     spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    net->arena = arena;
    net->parameters = (spae_parameters){.arena = arena};
    memcpy(net->picture, picture, sizeof net->picture);
    const spae_status status = open_in(net, path, files, err);
    if (status != SPAE_OK)
        spae_arena_reset(arena, mark);
    return status;
}

/* ---- sizes ---- */

size_t spae_metric_network_rows(const spae_metric_network *net)
{
    return net->kind == SPAE_METRIC_I3D ? 1 : net->picture[0];
}

size_t spae_metric_network_width(const spae_metric_network *net)
{
    return net->kind == SPAE_METRIC_I3D ? net->i3d.classes : 2048 / net->inception.divisor;
}

size_t spae_metric_network_classes(const spae_metric_network *net)
{
    return net->kind == SPAE_METRIC_I3D ? 0 : net->inception.classes;
}

/* ---- running ---- */

/* A tape that drops what it no longer needs, the network bound to it. */
static void start(const spae_metric_network *net, spae_tape *tape, spae_network *network,
                  spae_parameters *parameters, spae_error *err)
{
    *parameters = net->parameters;
    spae_tape_start(tape, net->arena, SPAE_TAPE_RUN, err);
    spae_network_bind(network, tape, parameters, net->values);
}

static void copy(spae_real *to, spae_var from)
{
    if (to != NULL && from != NULL)
        memcpy(to, from->value, spae_shape_count(from->shape) * sizeof *to);
}

spae_status spae_metric_network_run(void *network, const spae_real *picture, spae_real *features,
                                    spae_real *logits, spae_error *err)
{
    const spae_metric_network *net = network;
    const spae_arena_mark mark = spae_arena_here(net->arena);
    spae_tape tape;
    spae_network bound;
    spae_parameters parameters;
    spae_var more = NULL;
    start(net, &tape, &bound, &parameters, err);
    spae_var y = features_of(net, &bound, spae_tape_constant(&tape, shape_of(net), picture), &more);
    copy(features, y);
    copy(logits, more);
    spae_arena_reset(net->arena, mark);
    return tape.status;
}

spae_status spae_metric_network_distance(void *network, const spae_real *a, const spae_real *b,
                                         double *distance, spae_error *err)
{
    const spae_metric_network *net = network;
    const spae_arena_mark mark = spae_arena_here(net->arena);
    spae_tape tape;
    spae_network bound;
    spae_parameters parameters;
    double sum = 0;
    start(net, &tape, &bound, &parameters, err);
    spae_var y = distance_of(net, &bound, spae_tape_constant(&tape, shape_of(net), a),
                             spae_tape_constant(&tape, shape_of(net), b));
    for (size_t t = 0; y != NULL && t < net->picture[0]; t++)
        sum += (double)y->value[t];
    if (y != NULL)
        *distance = sum / (double)net->picture[0];
    spae_arena_reset(net->arena, mark);
    return tape.status;
}
