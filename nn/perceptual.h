/* L_perceptual of Eq. 8: what a frozen network sees of a picture and of its reconstruction, compared (SPEC 5.10).
 *
 *     RESNET_LOGITS    mean of squares of the difference of the logits
 *     RESNET_FEATURES  mean of squares of the difference of the last feature maps
 *     VGG_LPIPS        LPIPS 0.1, mean over the pictures
 *
 * The network is a set of parameters of its own, frozen: it is bound to the tape that holds the pictures, gradients are
 * not asked for its leaves, and what only the real picture reaches is not swept when that picture is a constant.
 */
#ifndef SPAE_PERCEPTUAL_H
#define SPAE_PERCEPTUAL_H

#include "resnet.h"
#include "lpips.h"

typedef enum {
    SPAE_PERCEPTUAL_RESNET_LOGITS,
    SPAE_PERCEPTUAL_RESNET_FEATURES,
    SPAE_PERCEPTUAL_VGG_LPIPS
} spae_perceptual_kind;

typedef struct {
    spae_perceptual_kind kind;
    spae_resnet resnet;           /* of the two RESNET kinds */
    spae_vgg vgg;                 /* of VGG_LPIPS */
    size_t resize[2];             /* height, width that pictures are resized to first; 0 0: as they are */
    double mean[3], deviation[3]; /* RESNET kinds: (x - mean) / deviation by channel; 0 and 1: as they are */
} spae_perceptual;

/* A description with its frozen weights. */
typedef struct spae_perceptual_weights {
    spae_perceptual network;
    spae_parameters *parameters; /* from spae_perceptual_declare */
    const real *values;          /* (parameters->elements) */
} spae_perceptual_weights;

/* ResNet-50's logits at 224x224, the authors' choice; `torchvision` says which published form, and with it the
 * normalization that its weights expect (flax: none). */
spae_perceptual spae_perceptual_resnet50(bool torchvision);

/* LPIPS on VGG16, pictures as they are. */
spae_perceptual spae_perceptual_lpips(void);

/* picture, rebuilt (n,t,h,w,3) in [0,1], frames are pictures of their own -> scalar, a mean over all.
 * SPAE_ERR_SHAPE on the tape: other shapes, or too small; SPAE_ERR_ARGUMENT: a description that makes no network, one
 * of the resize numbers 0, a deviation not above 0. */
spae_var spae_perceptual_loss(spae_network *network, const spae_perceptual *p, spae_var picture, spae_var rebuilt);

/* Adds every parameter that the loss reads to `parameters`, in whose arena it works. */
spae_status spae_perceptual_declare(const spae_perceptual *p, spae_parameters *parameters, spae_error *err);

#endif
