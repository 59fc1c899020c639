/* The perceptual term: its operations, ResNets in both published forms, VGG16, LPIPS and the losses on them. */
#include "ops.h"

#include <string.h>

#include "../../nn/ops.h"
#include "../../nn/perceptual.h"
#include "compare.h"
#include "parameters.h"
#include "torchvision.h"
#include "work.h"

/* ---- operations ---- */

static spae_var picture_of(oracle_work *w, const char *name)
{
    const oracle_array a = oracle_read(w->c, name);
    return oracle_leaf(w, &a, oracle_shape_picture(w->c, &a, 2));
}

/* The same without a gradient. */
static spae_var constant_of(oracle_work *w, const char *name)
{
    const oracle_array a = oracle_read(w->c, name);
    return spae_tape_constant(&w->tape, oracle_shape_picture(w->c, &a, 2), oracle_reals(w->c, &a));
}

static void window_of(oracle_case *c, const char *key, size_t window[3])
{
    window[0] = 1;
    oracle_sizes(c, key, 2, 1, 4096, window + 1);
}

static void max_pool(oracle_case *c)
{
    oracle_work w;
    size_t window[3], stride[3];
    oracle_start(&w, c);
    oracle_expect(c, "padding", "SAME");
    window_of(c, "window", window);
    window_of(c, "stride", stride);
    oracle_finish(&w, "out_y", spae_max_pool(&w.tape, picture_of(&w, "in_x"), window, stride, NULL));
}

static void resize_bilinear(oracle_case *c)
{
    oracle_work w;
    size_t size[2];
    oracle_start(&w, c);
    oracle_sizes(c, "size", 2, 1, 4096, size);
    oracle_finish(&w, "out_y", spae_resize(&w.tape, picture_of(&w, "in_x"), size[0], size[1]));
}

/* One number for each channel: a leaf, or a constant where there is no gradient. */
static spae_var vector_of(oracle_work *w, const char *name, bool constant, size_t channels)
{
    const oracle_array a = oracle_read(w->c, name);
    oracle_want_shape(w->c, &a, 1, &channels);
    const spae_shape shape = oracle_shape_right(w->c, &a);
    return constant ? spae_tape_constant(&w->tape, shape, oracle_reals(w->c, &a)) : oracle_leaf(w, &a, shape);
}

static void batch_norm(oracle_case *c)
{
    oracle_work w;
    oracle_start(&w, c);
    spae_var x = picture_of(&w, "in_x");
    const size_t channels = x->shape.axis[SPAE_AXIS_C];
    spae_var scale = vector_of(&w, "param_scale", false, channels), bias = vector_of(&w, "param_bias", false, channels);
    spae_var mean = vector_of(&w, "param_mean", true, channels), var = vector_of(&w, "param_var", true, channels);
    oracle_finish(&w, "out_y", spae_batch_norm(&w.tape, x, scale, bias, mean, var, oracle_number(c, "eps")));
}

/* ---- a network's parameters ---- */

typedef struct {
    spae_parameters parameters;
    spae_network network;
} bound;

typedef real *reader(oracle_case *c, const spae_parameters *parameters);

/* Declared, read from the case and bound to its tape. */
static void bind(oracle_work *w, const spae_perceptual *p, reader *read, bound *net)
{
    spae_error err;
    net->parameters = (spae_parameters){.arena = w->c->arena};
    if (spae_perceptual_declare(p, &net->parameters, &err) != SPAE_OK)
        oracle_abort(w->c, "%s", err.text);
    spae_network_bind(&net->network, &w->tape, &net->parameters, read(w->c, &net->parameters));
}

static spae_perceptual read_resnet(oracle_case *c)
{
    spae_perceptual p = spae_perceptual_resnet50(false);
    p.resnet = (spae_resnet){.width = oracle_size(c, "width", 1, 4096),
                             .stages = oracle_items(c, "stages"),
                             .classes = oracle_size(c, "classes", 1, 65536),
                             .bn_eps = oracle_number(c, "bn_eps"),
                             .stem_relu = oracle_flag(c, "stem_relu"),
                             .same = true};
    if (p.resnet.stages > SPAE_MAX_STAGES)
        oracle_abort(c, "case.txt: %zu stages, expected 1 to %d", p.resnet.stages, SPAE_MAX_STAGES);
    oracle_sizes(c, "stages", p.resnet.stages, 1, 4096, p.resnet.blocks);
    return p;
}

/* ResNet-50 as torchvision has it, pictures as they are. */
static spae_perceptual torchvision_resnet50(oracle_case *c)
{
    spae_perceptual p = spae_perceptual_resnet50(true);
    p.resnet.bn_eps = oracle_number(c, "bn_eps");
    for (size_t i = 0; i < 3; i++) {
        p.resize[i / 2] = 0;
        p.mean[i] = 0;
        p.deviation[i] = 1;
    }
    return p;
}

static void compare(oracle_work *w, const char *name, spae_var y)
{
    oracle_check_tape(w);
    oracle_compare(w->c, name, y->shape, y->value);
}

/* ---- resnet ---- */

/* sum(y * gout_y) */
static spae_var weighted_sum(oracle_work *w, const char *name, spae_var y)
{
    return spae_sum(&w->tape, spae_mul(&w->tape, y, oracle_upstream(w, name, y)));
}

/* The running statistics have no gradient: the others, in a list of their own, are compared. */
static void compare_gradients(oracle_work *w, bound *net, spae_var s)
{
    spae_parameters trained = net->parameters;
    const size_t count = net->parameters.count;
    trained.item = oracle_take(w->c, count, sizeof *trained.item);
    trained.count = 0;
    spae_var *x = oracle_take(w->c, count + 1, sizeof *x), *gradient = oracle_take(w->c, count + 1, sizeof *gradient);
    x[0] = w->leaf[0];
    for (size_t i = 0; i < count; i++) {
        const spae_parameter *item = &net->parameters.item[i];
        const char *leaf = strrchr(item->path, '/');
        if (strcmp(leaf, "/mean") == 0 || strcmp(leaf, "/var") == 0)
            continue;
        trained.item[trained.count++] = *item;
        x[trained.count] = net->network.leaf[i];
    }
    spae_tape_gradient(&w->tape, s, NULL, x, trained.count + 1, gradient);
    oracle_check_tape(w);
    oracle_compare(w->c, "gin_x", gradient[0]->shape, gradient[0]->value);
    oracle_compare_parameter_gradients(w->c, &trained, gradient + 1);
}

static void resnet(oracle_case *c)
{
    oracle_work w;
    bound net;
    const spae_perceptual p = read_resnet(c);
    oracle_start(&w, c);
    bind(&w, &p, oracle_read_parameters, &net);
    spae_var pool = spae_resnet_features(&net.network, &p.resnet, picture_of(&w, "in_x"));
    spae_var logits = spae_resnet_logits(&net.network, &p.resnet, pool);
    compare(&w, "out_pool", pool);
    compare(&w, "out_logits", logits);
    spae_var s = spae_add(&w.tape, weighted_sum(&w, "out_pool", pool), weighted_sum(&w, "out_logits", logits));
    compare_gradients(&w, &net, s);
}

/* Logits of a picture, resized first where p says so. */
static void compare_logits(oracle_work *w, bound *net, const spae_perceptual *p, const char *in, const char *out)
{
    spae_var x = constant_of(w, in);
    if (p->resize[0] > 0)
        x = spae_resize(&w->tape, x, p->resize[0], p->resize[1]);
    compare(w, out, spae_resnet_logits(&net->network, &p->resnet, spae_resnet_features(&net->network, &p->resnet, x)));
}

/* The loss with its gradient, and the logits of both pictures. */
static void logit_loss(oracle_case *c, const spae_perceptual *p, reader *read)
{
    oracle_work w;
    bound net;
    oracle_start(&w, c);
    bind(&w, p, read, &net);
    compare_logits(&w, &net, p, "in_real", "out_logits_real");
    compare_logits(&w, &net, p, "in_fake", "out_logits_fake");
    spae_var picture = constant_of(&w, "in_real"), fake = picture_of(&w, "in_fake");
    oracle_finish(&w, "out_loss", spae_perceptual_loss(&net.network, p, picture, fake));
}

static void perceptual_logit(oracle_case *c)
{
    spae_perceptual p = read_resnet(c);
    oracle_sizes(c, "size", 2, 1, 4096, p.resize);
    logit_loss(c, &p, oracle_read_parameters);
}

static void resnet50_logit_loss(oracle_case *c)
{
    const spae_perceptual p = torchvision_resnet50(c);
    logit_loss(c, &p, oracle_read_torchvision);
}

/* A map after fewer stages is that of a shorter network with the same parameters. */
static void resnet50(oracle_case *c)
{
    static const char *const name[] = {"out_mean_layer1", "out_mean_layer2", "out_mean_layer3", "out_pool"};
    oracle_work w;
    bound net;
    const spae_perceptual p = torchvision_resnet50(c);
    oracle_start(&w, c);
    bind(&w, &p, oracle_read_torchvision, &net);
    spae_var x = constant_of(&w, "in_x"), map = NULL;
    for (size_t i = 0; i < 4; i++) {
        spae_resnet shorter = p.resnet;
        shorter.stages = i + 1;
        map = spae_resnet_features(&net.network, &shorter, x);
        compare(&w, name[i], spae_mean_positions(&w.tape, map));
    }
    compare(&w, "out_logits", spae_resnet_logits(&net.network, &p.resnet, map));
}

/* ---- vgg16, lpips ---- */

/* Of LPIPS, only the features are in the case. */
static void vgg16(oracle_case *c)
{
    static const char *const name[] = {"out_relu1_2", "out_relu2_2", "out_relu3_3", "out_relu4_3", "out_relu5_3"};
    oracle_work w;
    spae_tape plan;
    spae_network declaring;
    spae_parameters parameters = {.arena = c->arena};
    const spae_vgg v = spae_perceptual_lpips().vgg;
    spae_var tap[SPAE_VGG_TAPS];
    oracle_start(&w, c);
    spae_var x = constant_of(&w, "in_x");
    spae_tape_start(&plan, c->arena, SPAE_TAPE_PLAN, NULL);
    spae_network_declare(&declaring, &plan, &parameters);
    spae_vgg_features(&declaring, &v, spae_tape_constant(&plan, x->shape, NULL), tap);
    spae_network network;
    spae_network_bind(&network, &w.tape, &parameters, oracle_read_torchvision(c, &parameters));
    spae_vgg_features(&network, &v, x, tap);
    for (size_t i = 0; i < SPAE_VGG_TAPS; i++)
        compare(&w, name[i], tap[i]);
}

/* The constants are LPIPS's own: the case must name the same. */
static void lpips_vgg(oracle_case *c)
{
    oracle_work w;
    bound net;
    spae_var distance[SPAE_VGG_TAPS];
    const spae_perceptual p = spae_perceptual_lpips();
    oracle_expect(c, "shift", "-0.03 -0.088 -0.188");
    oracle_expect(c, "scale", "0.458 0.448 0.45");
    oracle_expect(c, "eps", "1e-10");
    oracle_start(&w, c);
    bind(&w, &p, oracle_read_torchvision, &net);
    spae_var a = picture_of(&w, "in_a"), y = spae_lpips(&net.network, &p.vgg, a, constant_of(&w, "in_b"), distance);
    oracle_check_tape(&w);
    const size_t n = y->shape.axis[SPAE_AXIS_N];
    real *taps = oracle_take(c, n * SPAE_VGG_TAPS, sizeof *taps);
    for (size_t i = 0; i < n * SPAE_VGG_TAPS; i++)
        taps[i] = distance[i % SPAE_VGG_TAPS]->value[i / SPAE_VGG_TAPS];
    oracle_compare(c, "out_taps", spae_shape_of(1, 1, 1, n, SPAE_VGG_TAPS), taps);
    oracle_finish(&w, "out_distance", y);
}

const oracle_op oracle_perceptual_ops[] = {{"max_pool", max_pool},
                                           {"resize_bilinear", resize_bilinear},
                                           {"batch_norm", batch_norm},
                                           {"resnet", resnet},
                                           {"perceptual_logit", perceptual_logit},
                                           {"resnet50", resnet50},
                                           {"resnet50_logit_loss", resnet50_logit_loss},
                                           {"vgg16", vgg16},
                                           {"lpips_vgg", lpips_vgg},
                                           {NULL, NULL}};
