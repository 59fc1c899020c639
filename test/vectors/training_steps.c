/* Stage training: SPEC 7.1, three whole training steps of small models on four examples, and everything that each leaves
 * behind. Momentum is 0.9 and Adam's epsilon 2^-10, well above the rounding of gradients: with 1e-8 a first step is
 * little but their signs, and another order of sums would have others.
 */
#include "models.h"

enum { WORDS = 40 };

/* 8x12 in one change of scale -> 4x6; layers 1x1, 2x2, 2x3, 4x6; the first three are guided. */
static spae_config pictures(void)
{
    return (spae_config){
        .name = "steps", .ndim = 2, .picture = {1, 8, 12}, .filters = 4, .multiplier_count = 2, .multipliers = {1, 1},
        .res_blocks = 1, .groups = 2, .c = 4, .pyramid = {4, {{1, 1, 1}, {1, 2, 2}, {1, 2, 3}, {1, 4, 6}}},
        .quantizer = SPAE_SAQ, .semantic_layers = 3, .thresholds = {0.9375, 0.75, 0.5}, .alpha = 0.1, .beta = 0.33,
        .dynamic_weight = true, .batch = VECTORS_EXAMPLES, .steps = 4, .learning_rate = 4e-3, .warmup = 2, .cooldown = 2,
        .root_decay = true, .beta1 = 0.9, .beta2 = 0.99, .epsilon = 0x1p-10, .ema = 0.9};
}

/* Video 4x4x6, halved in time too -> 2x2x3 */
static spae_config video(void)
{
    spae_config config = pictures();
    config.ndim = 3;
    config.picture[0] = 4;
    config.picture[1] = 4;
    config.picture[2] = 6;
    config.temporal[0] = true;
    config.pyramid = (spae_pyramid){3, {{1, 1, 1}, {1, 2, 3}, {2, 2, 3}}};
    config.semantic_layers = 2;
    return config;
}

/* Every term of Eq. 8 that needs no weights from elsewhere */
static spae_config judged(spae_config config)
{
    config.lambda = 0.3;
    config.phi = 0.07;
    config.r1_cost = 10;
    config.lecam_decay = 0.9;
    config.discriminator_filters = 3;
    config.discriminator_count = 2;
    config.discriminator_multipliers[0] = 1;
    config.discriminator_multipliers[1] = 2;
    return config;
}

static spae_config learned(void)
{
    spae_config config = judged(pictures());
    config.codebook_size = WORDS - 3;
    config.codebook_weight = 0.7;
    config.entropy_weight = 0.1;
    config.entropy_temperature = 0.25;
    config.semantic_layers = 0;
    return config;
}

static void steps(vectors *v, const char *name, const char *clause, const char *with, const char *why, spae_config config,
                  size_t examples, size_t count, const spae_perceptual *perceptual)
{
    vectors_course course;
    config.batch = examples;
    if (!vectors_begin(v, name, clause, "train", with, why))
        return;
    const size_t tokens = spae_pyramid_total(&config.pyramid, config.pyramid.layers);
    const size_t shape[3] = {count, examples, tokens};
    bool good = vectors_open_course(v, &config, WORDS, examples, perceptual, &course);
    for (size_t step = 1; step <= count && good; step++) {
        good = vectors_course_step(v, &course);
        if (good)
            vectors_give_step(v, step, true, &course);
    }
    if (good)
        vectors_give_choices(v, 3, shape, &course.choices);
    vectors_end(v);
}

/* A frozen network alone; and the paper's own objective: every term at once, on guided layers, with a codebook that is
 * learned beside, so that all contributions of 5.13 meet. */
static void perceptual(vectors *v)
{
    spae_config config = pictures();
    const spae_perceptual p = {.kind = SPAE_PERCEPTUAL_RESNET_LOGITS,
                               .resnet = {.width = 2, .stages = 2, .blocks = {1, 1}, .classes = 3, .bn_eps = 1e-5,
                                          .stem_relu = true, .same = false},
                               .resize = {16, 16},
                               .mean = {0.485, 0.456, 0.406},
                               .deviation = {0.229, 0.224, 0.225}};
    config.eta = 0.3;
    config.perceptual_size = 16;
    steps(v, "training/steps_perceptual", "7.1 5.5 5.10",
          "{\"seed\":5,\"steps\":3,\"perceptual\":{\"form\":\"torchvision\",\"width\":2,\"blocks\":[1,1],\"classes\":3}}",
          "a frozen network among the terms", config, 4, VECTORS_STEPS, &p);
    config = learned();
    config.semantic_layers = 3;
    config.eta = 0.6;
    config.perceptual_size = 16;
    steps(v, "training/steps_whole", "7.1 5.4 5.5 5.10 5.11 5.12 5.13",
          "{\"seed\":5,\"steps\":2,\"perceptual\":{\"form\":\"torchvision\",\"width\":2,\"blocks\":[1,1],\"classes\":3}}",
          "every term at once: three contributions at Ihat, all at Z; the semantic loss sees the learned codebook as a constant",
          config, 2, 2, &p);
}

void vectors_training_steps(vectors *v)
{
    static const char with[] = "{\"seed\":5,\"steps\":3}";
    spae_config config = pictures();
    steps(v, "training/steps_alone", "7.1 7.2 7.3 7.4 4.6 5.5", with, "pictures, SAQ, the autoencoder alone", config, 4, VECTORS_STEPS, NULL);
    config.quantizer = SPAE_RQ;
    steps(v, "training/steps_rq", "7.1 4.3 5.5", with, "residual quantization; three examples, whose sum is divided", config, 3, VECTORS_STEPS, NULL);
    steps(v, "training/steps_adversarial", "7.1 5.5 5.6 5.7 5.8 5.9", with, "both losses, LeCAM and R1", judged(pictures()),
          4, VECTORS_STEPS, NULL);
    config = judged(pictures());
    config.adversarial = SPAE_ADVERSARIAL_HINGE;
    config.discriminator_blur = true;
    steps(v, "training/steps_hinge", "7.1 5.5 5.6 3.10", with, "the hinge, and a discriminator with blur pooling", config,
          4, VECTORS_STEPS, NULL);
    steps(v, "training/steps_adversarial_video", "7.1 5.5 6.2 6.4", with, "videos with both losses", judged(video()), 4, VECTORS_STEPS, NULL);
    steps(v, "training/steps_baseline", "7.1 5.11 5.12", with, "a codebook that is learned, and its entropy", learned(), 4, VECTORS_STEPS, NULL);
    perceptual(v);
}
