/* Every line of spae_config_check refuses what it is for, and takes the value on its edge. */
#include <math.h>

#include "test/check.h"

#include "tiny.h"

static void refused(const spae_config *config, spae_status status, const char *part)
{
    spae_error err;
    ck_assert_msg(spae_config_check(config, &err) == status, "%s is taken", part);
    ck_assert_msg(strstr(err.text, part) != NULL, "'%s' does not say '%s'", err.text, part);
    ck_assert_int_eq(err.status, status);
}

/* The tiny configuration with one assignment made is refused; with the other it is taken. */
#define REFUSED(change, status, part)           \
    do {                                        \
        spae_config config = tiny_pictures();   \
        config.change;                          \
        refused(&config, status, part);         \
    } while (0)
#define TAKEN(change)                                              \
    do {                                                           \
        spae_config config = tiny_pictures();                      \
        config.change;                                             \
        ck_assert_int_eq(spae_config_check(&config, NULL), SPAE_OK); \
    } while (0)

START_TEST(networks)
{
    REFUSED(ndim = 1, SPAE_ERR_ARGUMENT, "ndim is 1");
    REFUSED(ndim = 4, SPAE_ERR_ARGUMENT, "ndim is 4");
    TAKEN(ndim = 3);
    REFUSED(multiplier_count = 0, SPAE_ERR_ARGUMENT, "0 multipliers");
    REFUSED(multiplier_count = SPAE_MAX_MULTIPLIERS + 1, SPAE_ERR_ARGUMENT, "9 multipliers");
    REFUSED(c = 0, SPAE_ERR_ARGUMENT, "c 0");
    REFUSED(c = 65537, SPAE_ERR_ARGUMENT, "c 65537");
    TAKEN(c = 65536);
    REFUSED(filters = 0, SPAE_ERR_ARGUMENT, "filters 0");
    REFUSED(filters = 4100, SPAE_ERR_ARGUMENT, "filters 4100");
    REFUSED(res_blocks = 65, SPAE_ERR_ARGUMENT, "res_blocks 65");
    TAKEN(res_blocks = 64);
    TAKEN(res_blocks = 0);
    REFUSED(groups = 0, SPAE_ERR_SHAPE, "0 groups");
    REFUSED(groups = 5, SPAE_ERR_SHAPE, "do not divide into 5 groups");
    TAKEN(groups = 8);
    REFUSED(multipliers[1] = 0, SPAE_ERR_SHAPE, "multiplier 0");
    REFUSED(multipliers[1] = 65, SPAE_ERR_SHAPE, "multiplier 65");
    TAKEN(multipliers[1] = 64);
}
END_TEST

START_TEST(sizes)
{
    REFUSED(pyramid.layers = 0, SPAE_ERR_SHAPE, "0 layers");
    REFUSED(picture[1] = 18, SPAE_ERR_SHAPE, "size 18 on axis h does not divide by 4");
    REFUSED(picture[2] = 0, SPAE_ERR_SHAPE, "axis w");
    REFUSED(picture[2] = 16388, SPAE_ERR_SHAPE, "axis w");
    REFUSED(picture[1] = 20, SPAE_ERR_SHAPE, "the latent grid has 5 on axis h, the last layer 4");
    REFUSED(picture[0] = 2, SPAE_ERR_SHAPE, "axis t");
    spae_config config = tiny_pictures();
    config.picture[0] = 2;
    config.pyramid.size[3][0] = 2;
    refused(&config, SPAE_ERR_SHAPE, "2 frames, but ndim is 2");
    config.ndim = 3;
    ck_assert_int_eq(spae_config_check(&config, NULL), SPAE_OK);
}
END_TEST

START_TEST(objective)
{
    REFUSED(semantic_layers = 5, SPAE_ERR_ARGUMENT, "5 semantic layers, the pyramid has 4");
    TAKEN(semantic_layers = 0);
    REFUSED(semantic_layers = 4; config.thresholds[3] = 0.6, SPAE_ERR_ARGUMENT, "rise from 0.5 to 0.6 at layer 4");
    TAKEN(semantic_layers = 4; config.thresholds[3] = 0.5);
    REFUSED(thresholds[0] = 1.01, SPAE_ERR_ARGUMENT, "threshold 1 is 1.01");
    REFUSED(thresholds[2] = -0.01, SPAE_ERR_ARGUMENT, "threshold 3");
    REFUSED(thresholds[1] = NAN, SPAE_ERR_ARGUMENT, "threshold 2");
    TAKEN(thresholds[0] = 1);
    TAKEN(thresholds[2] = 0);
    TAKEN(thresholds[3] = NAN); /* not guided: not looked at */
    REFUSED(alpha = -1, SPAE_ERR_ARGUMENT, "alpha -1");
    REFUSED(alpha = NAN, SPAE_ERR_ARGUMENT, "alpha");
    REFUSED(beta = HUGE_VAL, SPAE_ERR_ARGUMENT, "beta");
    TAKEN(alpha = 0);
    TAKEN(beta = 0);
}
END_TEST

START_TEST(training)
{
    REFUSED(batch = 0, SPAE_ERR_ARGUMENT, "batch 0");
    REFUSED(batch = 65537, SPAE_ERR_ARGUMENT, "batch 65537");
    REFUSED(learning_rate = -1e-9, SPAE_ERR_ARGUMENT, "learning_rate");
    REFUSED(learning_rate = NAN, SPAE_ERR_ARGUMENT, "learning_rate");
    TAKEN(learning_rate = 0);
    REFUSED(beta1 = 1, SPAE_ERR_ARGUMENT, "beta1 1");
    REFUSED(beta2 = 1, SPAE_ERR_ARGUMENT, "beta2 1");
    REFUSED(beta2 = NAN, SPAE_ERR_ARGUMENT, "beta2");
    REFUSED(epsilon = 0, SPAE_ERR_ARGUMENT, "epsilon 0");
    REFUSED(ema = 1.5, SPAE_ERR_ARGUMENT, "ema 1.5");
    TAKEN(ema = 1);
    TAKEN(beta1 = 0);
}
END_TEST

START_TEST(what_uses_a_configuration_refuses_it_too)
{
    spae_config config = tiny_pictures();
    config.groups = 5;
    watch w;
    spae_arena arena;
    spae_size size = {7, 7, 7, 7, 7, 7};
    spae_model model = {.values = NULL};
    watched_arena(&arena, &w, 0);
    ck_assert_int_eq(spae_config_size(&config, &arena, &size, NULL), SPAE_ERR_SHAPE);
    ck_assert_int_eq(spae_model_create(&model, &config, true, &arena, NULL), SPAE_ERR_SHAPE);
    ck_assert(size.encoder_parameters == 7 && model.config.groups == 0 && w.calls == 0);
}
END_TEST

/* The paper's model, in words of a configuration. */
START_TEST(the_papers_size)
{
    spae_config config = tiny_pictures();
    config.picture[1] = config.picture[2] = 128;
    config.filters = 128;
    config.multiplier_count = 4;
    memcpy(config.multipliers, (const size_t[]){1, 2, 2, 4}, 4 * sizeof(size_t));
    config.res_blocks = 2;
    config.groups = 32;
    config.c = 1536;
    config.pyramid = (spae_pyramid){5, {{1, 1, 1}, {1, 2, 2}, {1, 4, 4}, {1, 8, 8}, {1, 16, 16}}};
    watch w;
    spae_arena arena;
    spae_size size;
    watched_arena(&arena, &w, 0);
    ck_assert_int_eq(spae_config_size(&config, &arena, &size, NULL), SPAE_OK);
    ck_assert_uint_eq(size.encoder_parameters, 23677056);
    ck_assert_uint_eq(size.decoder_parameters, 35720067);
    ck_assert_uint_gt(size.encoder_multiply_adds, size.encoder_parameters * 256);
    ck_assert_uint_eq(arena.used, 0);
    size_t latent[3];
    spae_config_latent(&config, latent);
    ck_assert(latent[0] == 1 && latent[1] == 16 && latent[2] == 16);
    spae_arena_free(&arena);
    ck_assert_uint_eq(w.live, 0);
}
END_TEST

SUITE(suite_spae_config, "spae/config", networks, sizes, objective, training,
      what_uses_a_configuration_refuses_it_too, the_papers_size)
