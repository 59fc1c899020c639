/* Stage networks: SPEC 6.15 to 6.17, the networks behind FID, FVD and LPIPS on AlexNet, narrow. */
#include "models.h"
#include "nn/i3d.h"
#include "nn/inception.h"

static spae_var build_alexnet(spae_network *network, const void *context, const spae_var *in)
{
    spae_var tap[SPAE_ALEXNET_TAPS];
    spae_alexnet_features(network, context, in[0], tap);
    return tap[SPAE_ALEXNET_TAPS - 1];
}

static spae_var build_lpips(spae_network *network, const void *context, const spae_var *in)
{
    return spae_lpips_alexnet(network, context, in[0], in[1], NULL);
}

static spae_var build_inception(spae_network *network, const void *context, const spae_var *in)
{
    return spae_inception_features(network, context, in[0]);
}

static spae_var build_biased(spae_network *network, const void *context, const spae_var *in)
{
    return spae_inception_logits(network, context, spae_inception_features(network, context, in[0]),
                                 true);
}

static spae_var build_unbiased(spae_network *network, const void *context, const spae_var *in)
{
    return spae_inception_logits(network, context, spae_inception_features(network, context, in[0]),
                                 false);
}

static spae_var build_i3d(spae_network *network, const void *context, const spae_var *in)
{
    return spae_i3d_features(network, context, in[0]);
}

static spae_var build_i3d_logits(spae_network *network, const void *context, const spae_var *in)
{
    return spae_i3d_logits(network, context, spae_i3d_features(network, context, in[0]));
}

static const spae_alexnet alexnet = {2};
static const spae_inception inception[] = {
    {16, 1, 5, 1e-3}, {16, 2, 5, 1e-3}, {16, 3, 5, 1e-3}, {16, 4, 5, 1e-3}};
static const spae_i3d i3d[] = {{8, 2, 5, 1e-3}, {8, 5, 5, 1e-3}};

static const vectors_network networks[] = {
    {"networks/alexnet",
     "6.15",
     "alexnet",
     "{\"width\":2}",
     "five convolutions",
     build_alexnet,
     &alexnet,
     {{1, 1, 35, 39, 3}},
     {0, 1}},
    {"networks/inception_first",
     "6.16",
     "inception",
     "{\"divisor\":16,\"stages\":1}",
     "up to the first pooling",
     build_inception,
     &inception[0],
     {{2, 1, 19, 21, 3}},
     {0, 1}},
    {"networks/inception_second",
     "6.16",
     "inception",
     "{\"divisor\":16,\"stages\":2}",
     "up to the second pooling",
     build_inception,
     &inception[1],
     {{1, 1, 33, 31, 3}},
     {0, 1}},
    {"networks/inception_third",
     "6.16 3.26",
     "inception",
     "{\"divisor\":16,\"stages\":3}",
     "up to Mixed_6e",
     build_inception,
     &inception[2],
     {{1, 1, 63, 47, 3}},
     {0, 1}},
    {"networks/inception_features",
     "6.16 3.26",
     "inception",
     "{\"divisor\":16,\"stages\":4}",
     "all of it, the last maps 1x2",
     build_inception,
     &inception[3],
     {{1, 1, 75, 107, 3}},
     {0, 1}},
    {"networks/inception_logits",
     "6.16",
     "inception",
     "{\"divisor\":16,\"stages\":4,\"classes\":5,\"bias\":true}",
     "the logits",
     build_biased,
     &inception[3],
     {{1, 1, 75, 75, 3}},
     {0, 1}},
    {"networks/inception_unbiased",
     "6.16",
     "inception",
     "{\"divisor\":16,\"stages\":4,\"classes\":5,\"bias\":false}",
     "the logits of the Inception Score",
     build_unbiased,
     &inception[3],
     {{1, 1, 75, 75, 3}},
     {0, 1}},
    {"networks/i3d_second",
     "6.17",
     "i3d",
     "{\"divisor\":8,\"stages\":2}",
     "up to Conv3d_2c_3x3, odd sizes",
     build_i3d,
     &i3d[0],
     {{1, 5, 11, 13, 3}},
     {0, 1}},
    {"networks/i3d_logits",
     "6.17",
     "i3d",
     "{\"divisor\":8,\"stages\":5,\"classes\":5}",
     "all of it",
     build_i3d_logits,
     &i3d[1],
     {{1, 6, 18, 16, 3}},
     {0, 1}},
};

/* Without gradients: nothing trains by these networks. */
static void run(vectors *v, const vectors_network *c)
{
    spae_network network;
    if (!vectors_begin(v, c->name, c->clause, c->op, c->with, c->why))
        return;
    if (vectors_bind(v, "parameters", c->build, c->context, &c->shape, 1, &network)) {
        const spae_var x = vectors_constant(v, "x", c->shape, c->formula[0], c->formula[1]);
        vectors_result(v, "y", c->build(&network, c->context, &x));
    }
    vectors_end(v);
}

static void lpips(vectors *v)
{
    spae_shape shape[2];
    shape[0] = shape[1] = spae_shape_of(2, 1, 32, 33, 3);
    spae_network network;
    if (!vectors_begin(v, "networks/lpips_alexnet", "6.15 5.10", "lpips_alexnet", "{\"width\":2}",
                       "two pairs of pictures"))
        return;
    if (vectors_bind(v, "parameters", build_lpips, &alexnet, shape, 2, &network)) {
        spae_var a = vectors_leaf(v, "a", shape[0], 0, 1), b = vectors_leaf(v, "b", shape[1], 0, 1);
        spae_var y = spae_lpips_alexnet(&network, &alexnet, a, b, NULL);
        vectors_result(v, "y", y);
        vectors_network_gradients(v, &network, "y", y);
    }
    vectors_end(v);
}

static void fid_resize(vectors *v)
{
    vectors_begin(v, "networks/fid_resize", "6.16 3.13", "fid_resize", "{\"size\":[9,4]}",
                  "higher and narrower, then -1 to 1");
    spae_var y = spae_fid_resize(
        &v->tape, vectors_leaf(v, "x", spae_shape_of(1, 1, 5, 7, 3), 0.5, 0.5), 9, 4);
    vectors_result(v, "y", y);
    vectors_gradients(v, "y", y, 1);
    vectors_end(v);
}

void vectors_networks_features(vectors *v)
{
    for (size_t i = 0; i < sizeof networks / sizeof networks[0]; i++)
        run(v, &networks[i]);
    lpips(v);
    fid_resize(v);
}
