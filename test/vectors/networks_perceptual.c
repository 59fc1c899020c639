/* Stage networks: SPEC 6.5, the frozen networks of the perceptual loss. */
#include "models.h"

/* ---- ResNet ---- */

typedef struct {
    spae_resnet r;
    size_t f, stride; /* of a block alone */
} bottleneck;

static spae_var build_bottleneck(spae_network *network, const void *context, const spae_var *in)
{
    const bottleneck *b = context;
    const spae_scope root = spae_scope_root("stage2"), scope = spae_scope_inside(&root, "block1");
    return spae_resnet_block(network, &b->r, &scope, in[0], b->f, b->stride);
}

static spae_var build_features(spae_network *network, const void *context, const spae_var *in)
{
    return spae_resnet_features(network, context, in[0]);
}

static spae_var build_logits(spae_network *network, const void *context, const spae_var *in)
{
    return spae_resnet_logits(network, context, spae_resnet_features(network, context, in[0]));
}

static const bottleneck same = {{.bn_eps = 1e-5, .same = true}, 2, 1};
static const bottleneck strided = {{.bn_eps = 1e-5, .same = true}, 2, 2};
static const bottleneck padded = {{.bn_eps = 1e-5, .same = false}, 2, 2};
static const spae_resnet flax = {4, 2, {1, 2}, 5, 1e-5, false, true};
static const spae_resnet torchvision = {4, 2, {1, 2}, 5, 1e-5, true, false};

static const vectors_network resnets[] = {
    {"networks/resnet_block", "6.5 3.14", "resnet_block", "{\"form\":\"flax\",\"f\":2,\"stride\":1}",
     "channels stay: the input itself is added, no projection", build_bottleneck, &same, {{1, 1, 4, 5, 8}}, {0, 1}},
    {"networks/resnet_block_strided", "6.5", "resnet_block", "{\"form\":\"flax\",\"f\":2,\"stride\":2}",
     "projection and stride; 'SAME' pads an even size at its far end", build_bottleneck, &strided, {{1, 1, 6, 5, 4}},
     {0, 1}},
    {"networks/resnet_block_padded", "6.5", "resnet_block", "{\"form\":\"torchvision\",\"f\":2,\"stride\":2}",
     "one cell on both sides: other outputs than 'SAME' for an even size", build_bottleneck, &padded,
     {{1, 1, 6, 5, 4}}, {0, 1}},
    {"networks/resnet_features_flax", "6.5", "resnet",
     "{\"form\":\"flax\",\"width\":4,\"blocks\":[1,2],\"output\":\"features\"}", "no ReLU before the pooling",
     build_features, &flax, {{1, 1, 20, 18, 3}}, {0, 1}},
    {"networks/resnet_features_torchvision", "6.5", "resnet",
     "{\"form\":\"torchvision\",\"width\":4,\"blocks\":[1,2],\"output\":\"features\"}", "a ReLU before the pooling, padding",
     build_features, &torchvision, {{1, 1, 20, 18, 3}}, {0, 1}},
    {"networks/resnet_logits", "6.5", "resnet",
     "{\"form\":\"flax\",\"width\":4,\"blocks\":[1,2],\"classes\":5,\"output\":\"logits\"}",
     "the mean over positions and the head, two pictures", build_logits, &flax, {{2, 1, 17, 16, 3}}, {0, 1}},
};

/* ---- VGG ---- */

static spae_var build_taps(spae_network *network, const void *context, const spae_var *in)
{
    spae_var tap[SPAE_VGG_TAPS];
    spae_vgg_features(network, context, in[0], tap);
    return tap[SPAE_VGG_TAPS - 1];
}

static void vgg_taps(vectors *v)
{
    static const spae_vgg vgg = {2};
    static const char *const name[SPAE_VGG_TAPS] = {"tap_0", "tap_1", "tap_2", "tap_3", "y"};
    const spae_shape shape = spae_shape_of(1, 1, 18, 16, 3);
    spae_network network;
    spae_var tap[SPAE_VGG_TAPS] = {NULL};
    if (!vectors_begin(v, "networks/vgg_taps", "6.5 3.12", "vgg", "{\"width\":2}",
                       "the five maps that LPIPS compares, and the gradient of the last"))
        return;
    if (vectors_bind(v, "parameters", build_taps, &vgg, &shape, 1, &network)) {
        spae_vgg_features(&network, &vgg, vectors_leaf(v, "x", shape, 0, 1), tap);
        for (size_t i = 0; i < SPAE_VGG_TAPS; i++)
            vectors_result(v, name[i], tap[i]);
        vectors_network_gradients(v, &network, "y", tap[SPAE_VGG_TAPS - 1]);
    }
    vectors_end(v);
}

void vectors_networks_perceptual(vectors *v)
{
    for (size_t i = 0; i < sizeof resnets / sizeof resnets[0]; i++)
        vectors_run_network(v, &resnets[i]);
    vgg_taps(v);
}
