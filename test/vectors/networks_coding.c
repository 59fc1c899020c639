/* Stage networks: whole models. First values by seed; a picture to tokens and back from every prefix of the layers. */
#include "models.h"

/* 8x12 in one change of scale -> 4x6 */
static const spae_config of_pictures = {
    .name = "coding", .ndim = 2, .picture = {1, 8, 12}, .filters = 4, .multiplier_count = 2, .multipliers = {1, 2},
    .res_blocks = 1, .groups = 2, .c = 4, .pyramid = {4, {{1, 1, 1}, {1, 2, 2}, {1, 2, 3}, {1, 4, 6}}},
    .quantizer = SPAE_SAQ, .batch = 1, .steps = 1, .epsilon = 1e-8};

/* 4x4x6, halved in time too -> 2x2x3 */
static spae_config of_video(void)
{
    spae_config config = of_pictures;
    config.ndim = 3;
    config.picture[0] = 4;
    config.picture[1] = 4;
    config.picture[2] = 6;
    config.filters = 2;
    config.temporal[0] = true;
    config.pyramid = (spae_pyramid){3, {{1, 1, 1}, {1, 2, 3}, {2, 2, 3}}};
    return config;
}

/* ---- 6.3: all parameters of a model ---- */

static void init(vectors *v, const char *name, const char *why, spae_config config)
{
    spae_model model;
    config.lambda = 0.5;
    config.discriminator_filters = 2;
    config.discriminator_count = 1;
    config.discriminator_multipliers[0] = 2;
    if (!vectors_begin(v, name, "6.2 6.3 6.4", "init", "{\"seed\":4294967295}", why))
        return;
    v->now.config = &config;
    vectors_expect(v, spae_model_create(&model, &config, true, v->arena, v->err));
    if (vectors_goes_on(v)) {
        spae_model_init(&model, 4294967295u);
        vectors_flat(v, "values", VECTORS_BITS, model.parameters, model.parameters->count, model.values);
    }
    vectors_end(v);
}

/* ---- 6.2 and 4: coding ---- */

/* What one picture becomes: z, tokens with what is beside them, residuals, averages. */
typedef struct {
    size_t layers, cells, tokens, c;
    spae_real *z, *zhat, *picture;
    int32_t *token, *covered;
    double *residual;
} coding;

static bool take_coding(vectors *v, const spae_config *config, coding *k)
{
    *k = (coding){.layers = config->pyramid.layers, .cells = spae_pyramid_cells(&config->pyramid), .c = config->c,
                  .tokens = spae_pyramid_total(&config->pyramid, config->pyramid.layers)};
    const size_t pixels = config->picture[0] * config->picture[1] * config->picture[2] * 3;
    k->z = spae_arena_take(v->arena, k->cells * k->c, sizeof *k->z);
    k->zhat = spae_arena_take(v->arena, k->layers * k->cells * k->c, sizeof *k->zhat);
    k->picture = spae_arena_take(v->arena, pixels, sizeof *k->picture);
    k->token = spae_arena_take(v->arena, k->tokens, sizeof *k->token);
    k->covered = spae_arena_take(v->arena, k->layers * k->cells, sizeof *k->covered);
    k->residual = spae_arena_take(v->arena, k->tokens * k->c, sizeof *k->residual);
    if (k->z && k->zhat && k->picture && k->token && k->covered && k->residual)
        return true;
    vectors_expect(v, spae_fail(v->err, SPAE_ERR_NO_MEMORY, "no memory for %zu tokens", k->tokens));
    return false;
}

static void give_tokens(vectors *v, const spae_model *model, const coding *k)
{
    const spae_pyramid *pyramid = &model->config.pyramid;
    vectors_choices choices;
    int32_t *position = spae_arena_take(v->arena, k->cells, sizeof *position);
    if (position == NULL || !vectors_take_choices(v, k->tokens, &choices))
        return;
    for (size_t l = 0; l < k->layers; l++) {
        spae_pyramid_positions(pyramid, l, position);
        for (size_t i = 0; i < spae_pyramid_tokens(pyramid, l); i++)
            vectors_choose(v, &model->codebook, k->residual + choices.count * k->c, k->token[choices.count],
                           (size_t)position[i], &choices);
    }
    vectors_give_choices(v, 1, &k->tokens, &choices);
}

static void give_decoded(vectors *v, const spae_model *model, const coding *k)
{
    static const char *const name[] = {"decoded_1", "decoded_2", "decoded_3", "decoded_4"};
    const size_t *p = model->config.picture, shape[4] = {p[0], p[1], p[2], 3};
    for (size_t l = 1; l <= k->layers && vectors_goes_on(v); l++) {
        vectors_expect(v, spae_decode(model, k->token, l, v->arena, k->picture, v->err));
        vectors_numbers(v, name[l - 1], VECTORS_NUMBERS, 4, shape, k->picture);
    }
}

static void code(vectors *v, const char *name, const char *why, spae_config config)
{
    enum { WORDS = 40 };
    spae_model model;
    coding k;
    if (!vectors_begin(v, name, "4.1 4.2 4.3 6.2", "coding", "{}", why))
        return;
    const size_t *p = config.picture, shape[4] = {p[0], p[1], p[2], 3};
    if (vectors_open_model(v, &config, WORDS, &model) && take_coding(v, &config, &k)) {
        const spae_real *picture = vectors_reals(v, "picture", 4, shape, 0.5, 0.5);
        const spae_quantized q = {k.token, NULL, k.residual, k.zhat, k.covered};
        const size_t z[2] = {k.cells, k.c}, zhat[3] = {k.layers, k.cells, k.c}, residual[2] = {k.tokens, k.c};
        if (vectors_goes_on(v))
            vectors_expect(v, spae_embed(&model, picture, v->arena, k.z, v->err));
        if (vectors_goes_on(v))
            vectors_expect(v, spae_quantize(&config.pyramid, config.quantizer, &model.codebook, k.z, v->arena, &q, v->err));
        if (vectors_goes_on(v)) {
            vectors_numbers(v, "z", VECTORS_NUMBERS, 2, z, k.z);
            give_tokens(v, &model, &k);
            vectors_wides(v, "residual", VECTORS_NUMBERS, 2, residual, k.residual);
            vectors_numbers(v, "zhat", VECTORS_NUMBERS, 3, zhat, k.zhat);
            vectors_integers(v, "covered", VECTORS_BITS, 2, zhat, k.covered);
            give_decoded(v, &model, &k);
        }
    }
    vectors_end(v);
}

void vectors_networks_coding(vectors *v)
{
    spae_config residual = of_pictures, learned = of_pictures;
    residual.quantizer = SPAE_RQ;
    learned.codebook_size = 23;
    init(v, "networks/init_pictures", "a whole model of pictures: every path, in the order of use", of_pictures);
    init(v, "networks/init_video", "a whole model of videos", of_video());
    init(v, "networks/init_learned", "a codebook among the parameters", learned);
    code(v, "networks/coding_pictures", "a picture to tokens and back from every prefix of the layers", of_pictures);
    code(v, "networks/coding_rq", "the same with residual quantization", residual);
    code(v, "networks/coding_video", "a video to tokens and back", of_video());
}
