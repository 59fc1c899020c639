/* The presets of preset.h: the paper's image model, and what each of the others changes in it.
 *
 * A change is a --set assignment, so a preset says no more than a user could. What the paper leaves
 * open and we settle is marked; the reasons stand in the specification.
 */
#include "io/preset.h"

#include <string.h>

#include "io/config.h"

/* SPAE App. B.1. Open there, and settled here: the lengths of warmup and cooldown, Adam's epsilon.
 */
static const spae_config image_128 = {
    .name = "image-128",
    .ndim = 2,
    .picture = {1, 128, 128},
    .filters = 128,
    .multiplier_count = 4,
    .multipliers = {1, 2, 2, 4},
    .res_blocks = 2,
    .groups = 32,
    .c = 1536, /* text-embedding-ada-002 */
    .pyramid = {6, {{1, 1, 1}, {1, 2, 2}, {1, 4, 4}, {1, 8, 8}, {1, 16, 16}, {1, 16, 16}}},
    .quantizer = SPAE_SAQ,
    .semantic_layers = 5,
    .thresholds = {0.98, 0.95, 0.9, 0.85, 0.8},
    .alpha = 1.0,
    .beta = 0.33,
    .lambda = 0.1,
    .eta = 0.1,
    .phi = 1e-4,
    .dynamic_weight = true,
    .adversarial = SPAE_ADVERSARIAL_SOFTPLUS,
    .perceptual = SPAE_RESNET_LOGITS,
    .perceptual_size = 224,
    .r1_cost = 10,
    .lecam_decay = 0.999,
    .discriminator_filters = 128,
    .discriminator_count = 5,
    .discriminator_multipliers = {2, 4, 4, 4, 4},
    .codebook_weight = 1,
    .entropy_temperature = 0.01,
    .batch = 256,
    .steps = 450000,
    .learning_rate = 1e-4,
    .warmup = 5000,
    .cooldown = 50000,
    .root_decay = true,
    .beta1 = 0.0,
    .beta2 = 0.99,
    .epsilon = 1e-8,
    .ema = 0.999,
};

typedef struct {
    const char *name;
    const char *change[24]; /* of image-128; NULL ends them */
} preset;

static const preset presets[] = {
    {"image-128", {NULL}},
    {"image-256", {"picture=256x256", "multipliers=1,1,2,2,4"}},
    {"spae-8", {"pyramid=1,2,4,8,16,16,16,16"}},
    {"mnist",
     {"picture=32x32", "pyramid=1,2,4,4", "semantic_layers=4", "thresholds=0.98,0.95,0.9,0.85",
      "steps=10000", "warmup=500", "cooldown=1000"}},
    {"video",
     {"ndim=3", "picture=16x128x128", "temporal=true,true,false",
      "pyramid=1x1x1,1x2x2,1x4x4,2x8x8,4x16x16,4x16x16", "batch=512", "steps=130000"}},
    {"mnist-small",
     {"picture=32x32", "pyramid=1,2,4,4", "semantic_layers=2", "thresholds=0.995,0.95",
      "filters=16", "multipliers=1,2,4,4", "res_blocks=1", "groups=16", "c=100", "beta=0.03",
      "learning_rate=0.0015", "root_decay=false", "batch=32", "steps=3000", "warmup=150",
      "cooldown=1000", "ema=0.99", "lambda=0", "eta=0", "phi=0"}},
    {"emoji-small",
     {"picture=32x32", "pyramid=1,2,4,8,8", "semantic_layers=2", "thresholds=0.995,0.95",
      "filters=16", "multipliers=1,2,4", "res_blocks=1", "groups=16", "c=100", "beta=0.03",
      "discriminator_filters=16", "discriminator_multipliers=2,4,4,4", "eta=0",
      "learning_rate=0.0015", "root_decay=false", "batch=32", "steps=1600", "warmup=150",
      "cooldown=600", "ema=0.99"}},
    {"tiny-2d",
     {"picture=16x16", "pyramid=1,2,4,4", "semantic_layers=4", "thresholds=0.98,0.95,0.9,0.85",
      "filters=8", "multipliers=1,2,2", "res_blocks=1", "groups=4", "c=6", "batch=4", "steps=6",
      "warmup=2", "cooldown=1", "learning_rate=0.001", "discriminator_filters=8",
      "discriminator_multipliers=2,2"}},
    {"tiny-3d",
     {"ndim=3", "picture=4x8x8", "temporal=true,false", "pyramid=1x1x1,1x2x2,2x2x2",
      "semantic_layers=2", "thresholds=0.98,0.95", "filters=4", "multipliers=1,2,2", "res_blocks=1",
      "groups=2", "c=6", "batch=2", "steps=4", "warmup=2", "cooldown=1", "learning_rate=0.001",
      "discriminator_filters=4", "discriminator_multipliers=2,2"}},
};
enum { PRESETS = sizeof presets / sizeof presets[0] };

static spae_status build(const preset *p, spae_config *config, spae_error *err)
{
    spae_config built = image_128;
    memset(built.name, 0, sizeof built.name);
    memcpy(built.name, p->name, strlen(p->name));
    for (size_t i = 0; p->change[i] != NULL; i++) {
        const spae_status status = spae_config_set(&built, p->change[i], err);
        if (status != SPAE_OK)
            return status;
    }
    *config = built;
    return SPAE_OK;
}

const char *spae_preset_name(size_t index)
{
    return index < PRESETS ? presets[index].name : NULL;
}

spae_status spae_preset(const char *name, spae_config *config, spae_error *err)
{
    char list[160] = "";
    for (size_t i = 0; i < PRESETS; i++) {
        if (strcmp(name, presets[i].name) == 0)
            return build(&presets[i], config, err);
        strcat(strcat(list, i == 0 ? "" : ", "), presets[i].name); /* 100 bytes in all */
    }
    return spae_fail(err, SPAE_ERR_ARGUMENT, "%s: no such preset; there are %s", name, list);
}
