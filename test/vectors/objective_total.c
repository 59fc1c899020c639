/* Stage objective: SPEC 5.5, the sums of Eq. 8 and 9. Each case is one training step of a least model with one example:
 * the terms, and the gradients of all parameters, of L for the autoencoder's and of L_D for the discriminator's.
 */
#include "models.h"

enum { WORDS = 40 };

/* 4x4 in one change of scale -> 2x2; nothing but l2 */
static spae_config least(void)
{
    return (spae_config){
        .name = "least", .ndim = 2, .picture = {1, 4, 4}, .filters = 2, .multiplier_count = 2, .multipliers = {1, 2},
        .res_blocks = 1, .groups = 2, .c = 3, .pyramid = {3, {{1, 1, 1}, {1, 1, 2}, {1, 2, 2}}}, .quantizer = SPAE_SAQ,
        .semantic_layers = 2, .thresholds = {0.9375, 0.5}, .dynamic_weight = true, .lecam_decay = 0.9,
        .batch = 1, .steps = 8, .learning_rate = 0.01, .warmup = 2, .cooldown = 3, .root_decay = true, .beta1 = 0.9,
        .beta2 = 0.99, .epsilon = 0x1p-10, .ema = 0.75};
}

static spae_config judged(spae_config config)
{
    config.lambda = 0.3;
    config.discriminator_filters = 2;
    config.discriminator_count = 1;
    config.discriminator_multipliers[0] = 2;
    return config;
}

static void total_with(vectors *v, const char *name, const char *with, const char *why, spae_config config, size_t words,
                       const spae_perceptual *perceptual)
{
    vectors_course course;
    if (!vectors_begin(v, name, "5.5 5.13 5.14 7.1", "train", with, why))
        return;
    const size_t shape[3] = {1, 1, spae_pyramid_total(&config.pyramid, config.pyramid.layers)};
    if (vectors_open_course(v, &config, words, 1, perceptual, &course) && vectors_course_step(v, &course)) {
        vectors_give_step(v, 1, false, &course);
        if (words != 1) /* one word has no runner-up */
            vectors_give_choices(v, 3, shape, &course.choices);
    }
    vectors_end(v);
}

static void total(vectors *v, const char *name, const char *why, spae_config config, size_t words)
{
    total_with(v, name, "{\"seed\":5,\"steps\":1}", why, config, words, NULL);
}

static void appearance(vectors *v)
{
    spae_config config = least();
    total(v, "objective/total_l2", "l2 alone, straight-through to the encoder", config, WORDS);
    config.quantizer = SPAE_RQ;
    total(v, "objective/total_l2_rq", "the decoder reads a sum", config, WORDS);
    config = least();
    config.beta = 0.33;
    total(v, "objective/total_commitment", "beta, rounded to real", config, WORDS);
    config = judged(least());
    total(v, "objective/total_softplus", "L_GAN reaches the encoder through the discriminator; L_D the discriminator alone",
          config, WORDS);
    config.adversarial = SPAE_ADVERSARIAL_HINGE;
    total(v, "objective/total_hinge", "the hinge on both sides", config, WORDS);
    config = judged(least());
    config.phi = 0.07;
    total(v, "objective/total_lecam_alone", "L_LeCAM counts in L_app by its value and has no gradient to the autoencoder", config,
          WORDS);
    config = judged(least());
    config.r1_cost = 10;
    total(v, "objective/total_r1", "R1 reaches the discriminator alone", config, WORDS);
    config = least();
    config.phi = 0.07;
    total(v, "objective/total_phi_alone", "phi says nothing without lambda", config, WORDS);
}

static void semantic(vectors *v)
{
    spae_config config = least();
    config.alpha = 0.1;
    config.beta = 0.33;
    total(v, "objective/total_semantic", "alpha w L_semantic, w = L_app / L_semantic a constant", config, WORDS);
    config.dynamic_weight = false;
    total(v, "objective/total_weight_off", "w = 1 when it is switched off", config, WORDS);
    config.dynamic_weight = true;
    total(v, "objective/total_one_word", "a vocabulary of one word: L_semantic is 0, so w = 1", config, 1);
    config.single_threshold = true;
    total(v, "objective/total_single_threshold", "every guided layer has the last one's threshold", config, WORDS);
    config.single_threshold = false;
    config.alpha = 0;
    total(v, "objective/total_alpha_0", "no semantic term: L = L_app, and no similarities are read", config, WORDS);
    config.alpha = 0.1;
    config.semantic_layers = 0;
    total(v, "objective/total_no_layers", "D' = 0: the same", config, WORDS);
}

static void learned(vectors *v)
{
    spae_config config = least();
    config.semantic_layers = 0;
    config.codebook_size = 19;
    config.codebook_weight = 0.7;
    total(v, "objective/total_codebook", "L_codebook reaches the codebook, nothing else of it", config, 0);
    config.codebook_weight = 0;
    config.entropy_weight = 0.1;
    config.entropy_temperature = 0.25;
    total(v, "objective/total_entropy", "L_entropy reaches the codebook and the encoder", config, 0);
}

/* 16x16 in two changes of scale -> 4x4, the least that VGG16 takes; LPIPS beside L_GAN. */
static void perceptual(vectors *v)
{
    spae_perceptual lpips = spae_perceptual_lpips();
    spae_config config = least();
    lpips.vgg.width = 1;
    config.eta = 0.2;
    config.perceptual_size = 16;
    total(v, "objective/total_no_network", "eta without a network for it: the term is left out", config, WORDS);
    config = judged(config);
    config.picture[1] = config.picture[2] = 16;
    config.multiplier_count = 3;
    config.multipliers[2] = 2;
    config.pyramid.size[2][1] = config.pyramid.size[2][2] = 4;
    config.perceptual = SPAE_VGG_LPIPS;
    config.perceptual_size = 20;
    total_with(v, "objective/total_lpips", "{\"seed\":5,\"steps\":1,\"perceptual\":{\"width\":1}}",
               "LPIPS and L_GAN at Ihat; perceptual_size is above 0, yet VGG16 sees pictures as they are", config, WORDS,
               &lpips);
}

/* 2x2 -> 1x1, where norms of 2 channels have one value a group: nothing passes them, and what is multiplied by a xhat
 * below 0 is -0. */
static void zeros(vectors *v)
{
    spae_config config = least();
    config.picture[1] = config.picture[2] = 2;
    config.multipliers[0] = 2;
    config.multipliers[1] = 1;
    config.pyramid = (spae_pyramid){1, {{1, 1, 1}}};
    config.semantic_layers = 0;
    total(v, "objective/total_of_zeros", "an example's gradients of -0: added to +0 they are +0", config, WORDS);
}

void vectors_objective_total(vectors *v)
{
    appearance(v);
    semantic(v);
    learned(v);
    perceptual(v);
    zeros(v);
}
