/* Stage networks: SPEC 6. First values, blocks alone, encoder, decoder, discriminator, inflation; others in their files. */
#include <string.h>

#include "models.h"
#include "nn/discriminator.h"
#include "nn/inflation.h"
#include "nn/vqgan.h"

/* ---- 6.3: first values ---- */

typedef struct {
    const char *path;
    size_t rank;
    spae_shape shape;
} declared;

static void init_paths(vectors *v)
{
    enum { PATHS = 11 };
    static const declared list[PATHS] = {
        {"encoder/Conv_0/kernel", 4, {{1, 3, 3, 3, 5}}},
        {"encoder/ResBlock_0/Conv_2/kernel", 4, {{1, 1, 1, 5, 6}}},
        {"encoder/ResBlock_0/GroupNorm_0/scale", 1, {{1, 1, 1, 1, 6}}},
        {"encoder/ResBlock_0/GroupNorm_0/bias", 1, {{1, 1, 1, 1, 6}}},
        {"decoder/Conv_0/kernel", 5, {{3, 3, 3, 2, 3}}},
        {"decoder/ResBlock_12/Conv_0/kernel", 5, {{3, 3, 3, 2, 3}}},
        {"stage1/block1/bn1/var", 1, {{1, 1, 1, 1, 3}}},
        {"stage1/block1/bn1/mean", 1, {{1, 1, 1, 1, 3}}},
        {"discriminator/Conv_0/kernel", 4, {{1, 3, 3, 3, 4}}},
        {"discriminator/Dense_0/kernel", 2, {{1, 1, 1, 37, 3}}},
        {"codebook", 2, {{1, 1, 1, 19, 4}}},
    };
    enum { MOST = 1024 };
    spae_parameter item[PATHS];
    spae_real values[MOST];
    spae_parameters parameters = {.item = item};
    if (!vectors_begin(v, "networks/init_paths", "1.6 6.3", "init", "{\"seed\":7}",
                       "every kind of parameter: kernels of pictures and video, Xavier's, matrices, a codebook"))
        return;
    for (size_t i = 0; i < PATHS; i++) {
        spae_parameter *p = &item[parameters.count++];
        *p = (spae_parameter){.shape = list[i].shape, .rank = list[i].rank, .first = parameters.elements};
        memcpy(p->path, list[i].path, strlen(list[i].path) + 1);
        parameters.elements += spae_shape_count(p->shape);
    }
    if (parameters.elements > MOST)
        vectors_expect(v, spae_fail(v->err, SPAE_ERR_ARGUMENT, "%zu values", parameters.elements));
    else
        spae_parameters_init(&parameters, 7, values);
    vectors_flat(v, "values", VECTORS_BITS, &parameters, PATHS, values);
    vectors_end(v);
}

/* ---- networks of one input ---- */

/* ---- 6.2: blocks, encoder, decoder ---- */

typedef struct {
    spae_vqgan v;
    size_t f;
} block;

static spae_var build_block(spae_network *network, const void *context, const spae_var *in)
{
    const block *b = context;
    spae_scope root = spae_scope_root("");
    return spae_vqgan_block(network, &b->v, &root, in[0], b->f);
}

static spae_var build_encoder(spae_network *network, const void *context, const spae_var *in)
{
    return spae_vqgan_encode(network, context, in[0]);
}

static spae_var build_decoder(spae_network *network, const void *context, const spae_var *in)
{
    return spae_vqgan_decode(network, context, in[0]);
}

static const block equal = {{.ndim = 2, .groups = 2, .eps = 1e-6}, 4};
static const block wider = {{.ndim = 2, .groups = 2, .eps = 1e-6}, 6};
static const block video_wider = {{.ndim = 3, .groups = 2, .eps = 1e-6}, 4};
static const spae_vqgan head = {2, 4, 1, {1}, 0, 6, 2, 1e-6, {0}};
static const spae_vqgan halving = {2, 4, 2, {1, 2}, 0, 6, 2, 1e-6, {0}};
static const spae_vqgan halving_video = {3, 4, 3, {1, 1, 2}, 0, 5, 2, 1e-6, {true, false}};
static const spae_vqgan halving_time_last = {3, 4, 3, {1, 1, 2}, 0, 5, 2, 1e-6, {false, true}};
static const spae_vqgan pictures = {2, 4, 3, {1, 2, 1}, 1, 6, 2, 1e-6, {0}};
static const spae_vqgan deep = {2, 2, 2, {1, 2}, 2, 3, 1, 1e-6, {0}};
static const spae_vqgan video = {3, 2, 2, {1, 2}, 1, 5, 2, 1e-6, {true}};

static const vectors_network autoencoder[] = {
    {"networks/res_block", "6.2", "res_block", "{\"ndim\":2,\"groups\":2,\"channels\":4}",
     "channels stay: the input itself is added", build_block, &equal, {{2, 1, 4, 5, 4}}, {0, 1}},
    {"networks/res_block_wider", "6.2", "res_block", "{\"ndim\":2,\"groups\":2,\"channels\":6}",
     "channels change: the input goes through Conv_2", build_block, &wider, {{1, 1, 5, 3, 4}}, {0.25, 1}},
    {"networks/res_block_video", "6.2", "res_block", "{\"ndim\":3,\"groups\":2,\"channels\":4}",
     "windows on time too, and a side of one tap", build_block, &video_wider, {{1, 3, 4, 3, 2}}, {0, 1}},
    {"networks/encoder_head", "6.2", "encoder",
     "{\"ndim\":2,\"filters\":4,\"multipliers\":[1],\"res_blocks\":0,\"c\":6,\"groups\":2}",
     "without residual blocks: the first and the last convolution and the norm between", build_encoder, &head,
     {{2, 1, 4, 3, 3}}, {0.5, 0.5}},
    {"networks/encoder_halving", "6.2", "encoder",
     "{\"ndim\":2,\"filters\":4,\"multipliers\":[1,2],\"res_blocks\":0,\"c\":6,\"groups\":2}",
     "one average pooling between two convolutions", build_encoder, &halving, {{1, 1, 4, 6, 3}}, {0.5, 0.5}},
    {"networks/encoder_halving_time_first", "6.2", "encoder",
     "{\"ndim\":3,\"filters\":4,\"multipliers\":[1,1,2],\"res_blocks\":0,\"c\":5,\"groups\":2,\"temporal\":[true,false]}",
     "time is halved with the first change of scale only", build_encoder, &halving_video, {{1, 4, 4, 8, 3}}, {0.5, 0.5}},
    {"networks/encoder_halving_time_last", "6.2", "encoder",
     "{\"ndim\":3,\"filters\":4,\"multipliers\":[1,1,2],\"res_blocks\":0,\"c\":5,\"groups\":2,\"temporal\":[false,true]}",
     "time is halved with the second change of scale only", build_encoder, &halving_time_last, {{1, 4, 4, 8, 3}},
     {0.5, 0.5}},
    {"networks/encoder", "6.2", "encoder",
     "{\"ndim\":2,\"filters\":4,\"multipliers\":[1,2,1],\"res_blocks\":1,\"c\":6,\"groups\":2}",
     "a whole encoder of pictures, wider and narrower again", build_encoder, &pictures, {{1, 1, 8, 12, 3}}, {0.5, 0.5}},
    {"networks/encoder_deep", "6.2", "encoder",
     "{\"ndim\":2,\"filters\":2,\"multipliers\":[1,2],\"res_blocks\":2,\"c\":3,\"groups\":1}",
     "two residual blocks at each scale, one group", build_encoder, &deep, {{1, 1, 6, 4, 3}}, {0.5, 0.5}},
    {"networks/encoder_video", "6.2", "encoder",
     "{\"ndim\":3,\"filters\":2,\"multipliers\":[1,2],\"res_blocks\":1,\"c\":5,\"groups\":2,\"temporal\":[true]}",
     "a whole encoder of videos", build_encoder, &video, {{1, 4, 4, 6, 3}}, {0.5, 0.5}},
    {"networks/decoder_head", "6.2", "decoder",
     "{\"ndim\":2,\"filters\":4,\"multipliers\":[1],\"res_blocks\":0,\"c\":6,\"groups\":2}",
     "without residual blocks: the first and the last convolution and the norm between", build_decoder, &head,
     {{2, 1, 4, 3, 6}}, {0, 1}},
    {"networks/decoder_doubling", "6.2", "decoder",
     "{\"ndim\":2,\"filters\":4,\"multipliers\":[1,2],\"res_blocks\":0,\"c\":6,\"groups\":2}",
     "one nearest upsampling and its convolution", build_decoder, &halving, {{1, 1, 2, 3, 6}}, {0, 1}},
    {"networks/decoder_doubling_time_first", "6.2", "decoder",
     "{\"ndim\":3,\"filters\":4,\"multipliers\":[1,1,2],\"res_blocks\":0,\"c\":5,\"groups\":2,\"temporal\":[true,false]}",
     "time is doubled with the encoder's first change of scale, the decoder's last", build_decoder, &halving_video,
     {{1, 2, 1, 2, 5}}, {0, 1}},
    {"networks/decoder_doubling_time_last", "6.2", "decoder",
     "{\"ndim\":3,\"filters\":4,\"multipliers\":[1,1,2],\"res_blocks\":0,\"c\":5,\"groups\":2,\"temporal\":[false,true]}",
     "time is doubled with the encoder's second change of scale, the decoder's first", build_decoder,
     &halving_time_last, {{1, 2, 1, 2, 5}}, {0, 1}},
    {"networks/decoder", "6.2", "decoder",
     "{\"ndim\":2,\"filters\":4,\"multipliers\":[1,2,1],\"res_blocks\":1,\"c\":6,\"groups\":2}",
     "a whole decoder of pictures, wider and narrower again", build_decoder, &pictures, {{1, 1, 2, 3, 6}}, {0, 1}},
    {"networks/decoder_deep", "6.2", "decoder",
     "{\"ndim\":2,\"filters\":2,\"multipliers\":[1,2],\"res_blocks\":2,\"c\":3,\"groups\":1}",
     "two residual blocks at each scale, one group", build_decoder, &deep, {{1, 1, 3, 2, 3}}, {0, 1}},
    {"networks/decoder_video", "6.2", "decoder",
     "{\"ndim\":3,\"filters\":2,\"multipliers\":[1,2],\"res_blocks\":1,\"c\":5,\"groups\":2,\"temporal\":[true]}",
     "a whole decoder of videos", build_decoder, &video, {{1, 2, 2, 3, 5}}, {0, 1}},
};

/* ---- 6.4: the discriminator ---- */

typedef struct {
    spae_discriminator d;
    size_t f;
} judge;

static spae_var build_judge_block(spae_network *network, const void *context, const spae_var *in)
{
    const judge *j = context;
    spae_scope root = spae_scope_root("discriminator");
    return spae_discriminator_block(network, &j->d, &root, in[0], j->f);
}

static spae_var build_judge(spae_network *network, const void *context, const spae_var *in)
{
    return spae_discriminate(network, context, "discriminator", in[0]);
}

static const judge average = {{2, 3, 1, {2}, 0.2, false}, 6}, blurred = {{2, 3, 1, {2}, 0.2, true}, 6};
static const judge video_block = {{3, 2, 1, {2}, 0.2, false}, 4};
static const spae_discriminator of_pictures = {2, 3, 2, {1, 2}, 0.2, false}, blurring = {2, 3, 2, {2, 1}, 0.2, true};
static const spae_discriminator of_video = {3, 3, 2, {1, 2}, 0.2, false};

static const vectors_network discriminators[] = {
    {"networks/discriminator_block", "6.4", "discriminator_block",
     "{\"ndim\":2,\"blur\":false,\"channels\":6}", "average pooling on both branches, odd sizes", build_judge_block,
     &average, {{2, 1, 5, 4, 3}}, {0, 1}},
    {"networks/discriminator_block_blur", "6.4 3.10", "discriminator_block",
     "{\"ndim\":2,\"blur\":true,\"channels\":6}", "blur pooling on both branches, odd sizes", build_judge_block, &blurred,
     {{2, 1, 5, 4, 3}}, {0, 1}},
    {"networks/discriminator_block_video", "6.4", "discriminator_block",
     "{\"ndim\":3,\"blur\":false,\"channels\":4}", "time is halved too", build_judge_block, &video_block,
     {{1, 3, 4, 3, 2}}, {0, 1}},
    {"networks/discriminator", "6.4", "discriminator",
     "{\"ndim\":2,\"filters\":3,\"multipliers\":[1,2],\"blur\":false}", "whole, two pictures: each is flattened by itself",
     build_judge, &of_pictures, {{2, 1, 8, 6, 3}}, {0.5, 0.5}},
    {"networks/discriminator_blur", "6.4 3.10", "discriminator",
     "{\"ndim\":2,\"filters\":3,\"multipliers\":[2,1],\"blur\":true}", "whole, with blur pooling", build_judge, &blurring,
     {{1, 1, 8, 6, 3}}, {0.5, 0.5}},
    {"networks/discriminator_video", "6.4", "discriminator",
     "{\"ndim\":3,\"filters\":3,\"multipliers\":[1,2],\"blur\":false}", "whole, of videos", build_judge, &of_video,
     {{1, 4, 6, 4, 3}}, {0.5, 0.5}},
};

/* ---- 6.6: inflation ---- */

/* From the parameters of a network of pictures to one of videos. Both are declared by running them on a plan. */
static void inflate(vectors *v, const char *name, const char *with, const char *why, spae_inflation mode)
{
    spae_vqgan flat = pictures, deeper = pictures;
    spae_discriminator judge_flat = of_pictures, judge_deep = of_pictures;
    if (!vectors_begin(v, name, "6.6", "inflate", with, why))
        return;
    flat.scales = deeper.scales = 1;
    flat.filters = deeper.filters = 2;
    judge_flat.blocks = judge_deep.blocks = 1;
    deeper.ndim = judge_deep.ndim = 3;
    spae_parameters from = {.arena = v->arena}, to = {.arena = v->arena};
    spae_tape plan;
    spae_network network;
    spae_tape_start(&plan, v->arena, SPAE_TAPE_PLAN, v->err);
    spae_network_declare(&network, &plan, &from);
    spae_vqgan_encode(&network, &flat, spae_tape_constant(&plan, spae_shape_of(1, 1, 4, 4, 3), NULL));
    spae_discriminate(&network, &judge_flat, "discriminator",
                      spae_tape_constant(&plan, spae_shape_of(1, 1, 4, 4, 3), NULL));
    spae_network_declare(&network, &plan, &to);
    spae_vqgan_encode(&network, &deeper, spae_tape_constant(&plan, spae_shape_of(1, 7, 4, 4, 3), NULL));
    spae_discriminate(&network, &judge_deep, "discriminator",
                      spae_tape_constant(&plan, spae_shape_of(1, 7, 4, 4, 3), NULL));
    vectors_expect(v, plan.status);
    const spae_real *picture = vectors_parameters(v, "parameters", &from);
    spae_real *out = picture == NULL ? NULL : spae_arena_take_zeroed(v->arena, to.elements, sizeof *out);
    if (out != NULL) {
        vectors_expect(v, spae_inflate_network(mode, &from, picture, &to, out, v->err));
        vectors_flat(v, "video", mode == SPAE_INFLATE_CENTRAL ? VECTORS_BITS : VECTORS_NUMBERS, &to, to.count, out);
    }
    vectors_end(v);
}

void vectors_networks(vectors *v)
{
    init_paths(v);
    for (size_t i = 0; i < sizeof autoencoder / sizeof autoencoder[0]; i++)
        vectors_run_network(v, &autoencoder[i]);
    for (size_t i = 0; i < sizeof discriminators / sizeof discriminators[0]; i++)
        vectors_run_network(v, &discriminators[i]);
    vectors_networks_perceptual(v);
    inflate(v, "networks/inflation_central", "{\"mode\":\"central\"}",
            "the picture's weights at the middle tap; of an even number of frames at the one before the middle",
            SPAE_INFLATE_CENTRAL);
    inflate(v, "networks/inflation_average", "{\"mode\":\"average\"}", "each tap and frame a quotient", SPAE_INFLATE_AVERAGE);
    vectors_networks_coding(v);
    vectors_networks_language(v);
    vectors_networks_clip(v);
    vectors_networks_features(v);
}
