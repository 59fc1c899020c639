/* The perceptual term of perceptual.h. The picture's nodes are made before the reconstruction's (SPEC 3.1). */
#include "perceptual.h"

#include "ops.h"

static const spae_resnet resnet50 = {.width = 64, .stages = 4, .blocks = {3, 4, 6, 3}, .classes = 1000, .bn_eps = 1e-5};

spae_perceptual spae_perceptual_resnet50(bool torchvision)
{
    spae_perceptual p = {.kind = SPAE_PERCEPTUAL_RESNET_LOGITS,
                         .resnet = resnet50,
                         .resize = {224, 224},
                         .mean = {0, 0, 0},
                         .deviation = {1, 1, 1}};
    static const double mean[3] = {0.485, 0.456, 0.406}, deviation[3] = {0.229, 0.224, 0.225}; /* of ImageNet */
    p.resnet.stem_relu = torchvision;
    p.resnet.same = !torchvision;
    for (size_t i = 0; i < 3 && torchvision; i++) {
        p.mean[i] = mean[i];
        p.deviation[i] = deviation[i];
    }
    return p;
}

spae_perceptual spae_perceptual_lpips(void)
{
    return (spae_perceptual){.kind = SPAE_PERCEPTUAL_VGG_LPIPS, .vgg = {.width = 64}, .deviation = {1, 1, 1}};
}

static bool fits(spae_tape *tape, const spae_perceptual *p, spae_var picture, spae_var rebuilt)
{
    if (picture == NULL || rebuilt == NULL)
        return false;
    if (!spae_shape_equal(picture->shape, rebuilt->shape) || picture->shape.axis[SPAE_AXIS_C] != 3)
        spae_tape_refuse(tape, SPAE_ERR_SHAPE,
                         "perceptual: not two pictures of one shape and three channels (elements)",
                         spae_shape_count(picture->shape), spae_shape_count(rebuilt->shape));
    else if ((p->resize[0] == 0) != (p->resize[1] == 0))
        spae_tape_refuse(tape, SPAE_ERR_ARGUMENT, "perceptual: one of the sizes to resize to is 0", p->resize[0],
                         p->resize[1]);
    else
        return true;
    return false;
}

/* (n,t,h,w,3) -> (n t,1,h',w',3) */
static spae_var as_pictures(spae_tape *tape, const spae_perceptual *p, spae_var x)
{
    const size_t *a = x->shape.axis;
    const spae_shape shape =
        spae_shape_of(a[SPAE_AXIS_N] * a[SPAE_AXIS_T], 1, a[SPAE_AXIS_H], a[SPAE_AXIS_W], a[SPAE_AXIS_C]);
    x = spae_reshape(tape, x, shape);
    return p->resize[0] > 0 ? spae_resize(tape, x, p->resize[0], p->resize[1]) : x;
}

/* What the ResNet sees of pictures (n,1,h,w,3). */
static spae_var seen(spae_network *network, const spae_perceptual *p, spae_var x)
{
    spae_tape *tape = network->tape;
    const spae_arena_mark mark = spae_arena_here(tape->arena);
    x = spae_normalize_by(tape, as_pictures(tape, p, x), p->mean, p->deviation);
    x = spae_resnet_features(network, &p->resnet, x);
    if (p->kind == SPAE_PERCEPTUAL_RESNET_LOGITS)
        x = spae_resnet_logits(network, &p->resnet, x);
    return spae_tape_keep(tape, mark, x);
}

static spae_var resnet_loss(spae_network *network, const spae_perceptual *p, spae_var picture, spae_var rebuilt)
{
    spae_var a = seen(network, p, picture), b = seen(network, p, rebuilt);
    spae_var apart = spae_sub(network->tape, a, b);
    return apart != NULL ? spae_mean_square(network->tape, apart) : NULL;
}

/* [0,1] -> [-1,1] */
static spae_var centred(spae_tape *tape, spae_var x)
{
    return spae_offset(tape, spae_scale(tape, x, 2), -1);
}

static spae_var lpips_loss(spae_network *network, const spae_perceptual *p, spae_var picture, spae_var rebuilt)
{
    spae_tape *tape = network->tape;
    spae_var a = centred(tape, as_pictures(tape, p, picture)), b = centred(tape, as_pictures(tape, p, rebuilt));
    spae_var each = spae_lpips(network, &p->vgg, a, b, NULL);
    if (each == NULL)
        return NULL;
    return spae_scale(tape, spae_sum(tape, each), (real)(1.0 / (double)spae_shape_count(each->shape)));
}

spae_var spae_perceptual_loss(spae_network *network, const spae_perceptual *p, spae_var picture, spae_var rebuilt)
{
    const spae_arena_mark mark = spae_arena_here(network->tape->arena);
    if (!fits(network->tape, p, picture, rebuilt))
        return NULL;
    spae_var loss = p->kind == SPAE_PERCEPTUAL_VGG_LPIPS ? lpips_loss(network, p, picture, rebuilt)
                                                         : resnet_loss(network, p, picture, rebuilt);
    return spae_tape_keep(network->tape, mark, loss);
}

spae_status spae_perceptual_declare(const spae_perceptual *p, spae_parameters *parameters, spae_error *err)
{
    spae_tape tape;
    spae_network network;
    spae_tape_start(&tape, parameters->arena, SPAE_TAPE_PLAN, err);
    spae_network_declare(&network, &tape, parameters);
    spae_var picture = spae_tape_constant(&tape, spae_shape_of(1, 1, 224, 224, 3), NULL);
    spae_perceptual_loss(&network, p, picture, picture);
    return tape.status;
}
