/* Stage objective: SPEC 5.10, the perceptual loss of small frozen networks, and its gradient to the reconstruction. */
#include "models.h"

static const spae_resnet flax = {4, 2, {1, 2}, 5, 1e-5, false, true};
static const spae_resnet torchvision = {4, 2, {1, 2}, 5, 1e-5, true, false};

static spae_var build_loss(spae_network *network, const void *context, const spae_var *in)
{
    return spae_perceptual_loss(network, context, in[0], in[1]);
}

/* apart: pictures brighter and reconstructions darker by so much, so that their difference is no small remainder */
static void loss_case(vectors *v, const char *name, const char *with, const char *why, const spae_perceptual *p,
                      spae_shape shape, double apart)
{
    const spae_shape shapes[2] = {shape, shape};
    spae_network network;
    if (!vectors_begin(v, name, "5.10 6.5 3.13 3.14", "perceptual", with, why))
        return;
    if (vectors_bind(v, "parameters", build_loss, p, shapes, 2, &network)) {
        spae_var in[2] = {vectors_constant(v, "picture", shape, 0.5 + apart, 0.5),
                          vectors_leaf(v, "reconstruction", shape, 0.5 - apart, 0.5)};
        spae_var loss = build_loss(&network, p, in);
        vectors_result(v, "loss", loss);
        vectors_gradients(v, "loss", loss, 1);
    }
    vectors_end(v);
}

void vectors_objective_perceptual(vectors *v)
{
    const spae_perceptual full = spae_perceptual_resnet50(true);
    spae_perceptual p = {.kind = SPAE_PERCEPTUAL_RESNET_LOGITS, .resnet = flax, .resize = {21, 21}, .deviation = {1, 1, 1}};
    loss_case(v, "objective/perceptual_logits",
              "{\"perceptual\":\"resnet-logits\",\"form\":\"flax\",\"width\":4,\"blocks\":[1,2],\"classes\":5,"
              "\"perceptual_size\":21}",
              "resized to an odd square, no normalization", &p, spae_shape_of(1, 1, 16, 12, 3), 2);
    loss_case(v, "objective/perceptual_frames",
              "{\"perceptual\":\"resnet-logits\",\"form\":\"flax\",\"width\":4,\"blocks\":[1,2],\"classes\":5,"
              "\"perceptual_size\":21}",
              "frames are pictures of their own", &p, spae_shape_of(1, 2, 16, 12, 3), 2);
    p.kind = SPAE_PERCEPTUAL_RESNET_FEATURES;
    p.resnet = torchvision;
    p.resize[0] = p.resize[1] = 0;
    for (size_t i = 0; i < 3; i++) {
        p.mean[i] = full.mean[i];
        p.deviation[i] = full.deviation[i];
    }
    loss_case(v, "objective/perceptual_features",
              "{\"perceptual\":\"resnet-features\",\"form\":\"torchvision\",\"width\":4,\"blocks\":[1,2],"
              "\"perceptual_size\":0}",
              "as they are, normalized by ImageNet's numbers", &p, spae_shape_of(1, 1, 18, 20, 3), 0);
    spae_perceptual lpips = spae_perceptual_lpips();
    lpips.vgg.width = 2;
    loss_case(v, "objective/perceptual_lpips", "{\"perceptual\":\"lpips\",\"width\":2}",
              "the sum over taps, the mean over positions and two pictures", &lpips, spae_shape_of(2, 1, 16, 17, 3), 0);
    loss_case(v, "objective/perceptual_lpips_order", "{\"perceptual\":\"lpips\",\"width\":2}",
              "taps are added from the first to the last: the other way round their sum is another", &lpips,
              spae_shape_of(1, 1, 16, 18, 3), 0);
}
