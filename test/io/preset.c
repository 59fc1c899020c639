/* io/preset: the numbers that the paper prints, and that every preset can be built. */
#include "tiny.h"

static spae_size size_of_preset(const char *name)
{
    const spae_config config = preset_of(name);
    spae_arena arena = new_arena();
    spae_size size;
    spae_error err;
    ck_ok(spae_config_size(&config, &arena, &size, &err));
    spae_arena_free(&arena);
    return size;
}

static size_t parameters_of(const char *name)
{
    const spae_size size = size_of_preset(name);
    return size.encoder_parameters + size.decoder_parameters;
}

START_TEST(every_preset_can_be_built)
{
    const char *name;
    for (size_t i = 0; (name = spae_preset_name(i)) != NULL; i++) {
        const spae_config config = preset_of(name);
        spae_error err;
        ck_ok(spae_config_check(&config, &err));
        ck_assert_str_eq(config.name, name);
    }
}
END_TEST

START_TEST(the_models_have_the_papers_parameters)
{
    ck_assert_uint_eq(parameters_of("image-128"), 59397123); /* "59M" */
    ck_assert_uint_eq(parameters_of("mnist"), 59397123);
    ck_assert_uint_eq(parameters_of("spae-8"), 59397123);
    ck_assert_uint_eq(parameters_of("video"), 175901187); /* "176M" */
}
END_TEST

static size_t tokens_of(const char *name)
{
    const spae_config config = preset_of(name);
    return spae_pyramid_total(&config.pyramid, config.pyramid.layers);
}

START_TEST(the_pyramids_have_the_papers_tokens)
{
    ck_assert_uint_eq(tokens_of("image-128"), 597);
    ck_assert_uint_eq(tokens_of("image-256"), 597);
    ck_assert_uint_eq(tokens_of("spae-8"), 1109);
    ck_assert_uint_eq(tokens_of("mnist"), 37);
    ck_assert_uint_eq(tokens_of("mnist-small"), 37);
    ck_assert_uint_eq(tokens_of("video"), 1 + 4 + 16 + 128 + 1024 + 1024);
}
END_TEST

START_TEST(the_objective_is_the_papers)
{
    const spae_config c = preset_of("image-128");
    static const double rho[] = {0.98, 0.95, 0.9, 0.85, 0.8};
    ck_assert_uint_eq(c.semantic_layers, 5);
    ck_assert(memcmp(c.thresholds, rho, sizeof rho) == 0);
    ck_assert_double_eq(c.alpha, 1.0);
    ck_assert_double_eq(c.beta, 0.33);
    ck_assert_double_eq(c.learning_rate, 1e-4);
    ck_assert_uint_eq(c.batch, 256);
    ck_assert_uint_eq(c.steps, 450000);
    ck_assert_double_eq(c.ema, 0.999);
}
END_TEST

START_TEST(an_unknown_preset_is_refused_with_the_list)
{
    spae_config config;
    spae_error err;
    ck_assert_int_eq(spae_preset("image", &config, &err), SPAE_ERR_ARGUMENT);
    ck_assert_str_eq(err.text,
                     "image: no such preset; there are image-128, image-256, spae-8, mnist, video, "
                     "mnist-small, emoji-small, tiny-2d, tiny-3d");
    ck_assert(spae_preset_name(9) == NULL);
}
END_TEST

SUITE(suite_io_preset, "io/preset", every_preset_can_be_built,
      the_models_have_the_papers_parameters, the_pyramids_have_the_papers_tokens,
      the_objective_is_the_papers, an_unknown_preset_is_refused_with_the_list)
