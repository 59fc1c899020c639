/* Golden bits: SHA-256 of what tiny models make, equal on every machine, compiler, thread count and batch split.
 *
 *     pictures, video                   first weights, embeddings, tokens with margins and residuals, averages, and the
 *                                       pictures decoded from each prefix of the layers
 *     training                          gradient, weights, moments, averages, terms and tokens after a few steps
 *     adversarial, adversarial_video    the same with every term of Eq. 8 that needs no weights from elsewhere
 *     learned                           the same with a learned codebook
 *     resnet_logits, .._features, lpips the perceptual loss of small networks, and its gradient to the reconstruction
 *
 * Each array is hashed as little-endian bytes of its elements, whatever the machine's order. test/spae/golden.c holds
 * the hashes to the constants below in every build; test/cross/golden_main.c does so where Check is not to be
 * had, test/cross/bare/ without an operating system.
 * The constants are those of the binary32 build. When one must change, the program prints the new line.
 */
#ifndef SPAE_TEST_SPAE_GOLDEN_H
#define SPAE_TEST_SPAE_GOLDEN_H

#include "nn/perceptual.h"
#include "tiny.h"
#include "vendor_free/sha256.h"

enum { GOLDEN_COUNT = 53, GOLDEN_STEPS = 5 };

typedef struct {
    const char *name;
    char hash[65];
} golden;

static const golden golden_expected[GOLDEN_COUNT] = {
    {"pictures/init", "42f558aa89aa1aa471aa402af50a532d73ac5482f1c1395f865ccc747e5fcdbe"},
    {"pictures/z", "419b7d212271f7812a8b644d1e525cc05a5e984d22602cef7d2142be13f14032"},
    {"pictures/tokens", "4a7ee532f635a69e312f1976892e019324722046b4fdae3d4700e50156fe189d"},
    {"pictures/margins", "2a49e715efe9deaba6dea44f1e62737fcb62e8bb197464472326289425c21788"},
    {"pictures/residuals", "652a19a9701cf5c32144d54e0b47f9357a78679a24b81f0402523ee99d80a981"},
    {"pictures/zhat", "ee8520a2d513d29aa56765859b37ee2932aebda62e32400828474335fc8c0ab5"},
    {"pictures/decoded1", "3523958aab483f606a6e3adbb13f2008272850d65f9b0ca67212b8cd22ccfbbd"},
    {"pictures/decoded2", "84637559bdbe703e23510b08c748973eba72edcfdc3892381e77ea0adfb9019c"},
    {"pictures/decoded3", "b866d078e0b54b4cba45c02a590d0c06561bc42420a2c08be6d7c39b9cfb3fc0"},
    {"pictures/decoded4", "c501ee997761fd8eddc1e960cfd677cb5facf114defba07936f05b7dcf48debb"},
    {"training/gradient", "ae2fc7f55164f77f7c4195d10aacc10c704b2ae6cfc9c98c13c06003862b2692"},
    {"training/values", "0fb46bc84bdc179d0c3fe37e1ab81fc812381b3100c877d9cf5d996e91adb226"},
    {"training/moments", "4d3c638e45b2f98b31d82421100c6c5d38ab916190f0799328ca939522946d60"},
    {"training/variances", "34e1908c0f4c7c76aecb6af54e87f77fbf920074bcfb7496afe2ad992d4802dd"},
    {"training/ema", "e98923b904a966b1c8ba2861ba0627a40bdb54d8791d83125c2f163d7a2f817c"},
    {"training/terms", "e1b2f567092fcaf0fdfd7d7138cdaa4169c0e4d4dbb0e9c74a347924fd0b0de2"},
    {"training/tokens", "492f9a8e78ace0d8d206f8b176c7bfc905f42682978274389a665a7e33203292"},
    {"resnet_logits/loss", "9f2e0d0c47fc1c1ba51f15e6cd218590ced18bc379756a943031bb810ae3dbec"},
    {"resnet_logits/gradient", "cddb364a511ea9a8c373d06d336154937033609415bfe35e3eb77eea53033be4"},
    {"resnet_features/loss", "a299acfa1a0b0abef0d813c4a371a8c62c59126f8a4cc25feda8cad3f4d2d4ed"},
    {"resnet_features/gradient", "82ba0611a63704762a00b879d35b5e683fffd910ea15beef79afd906330afd8b"},
    {"lpips/loss", "88cd5fa80d1d6e7335e3fbc3018f7773a4298ce6db014f781058ea2e42a6b273"},
    {"lpips/gradient", "ebafeb8c04e03a37c6af591acb5ac2dbf2b2ed013525bf7e2375a77fe79bac28"},
    {"video/init", "5c7d0ad7c20d8bdd2013f1fdb7fbb963049888e101082fb99fec12e3c670f8d9"},
    {"video/z", "44000b0057b16ea66c62c17c46ca0d809350c6b74b1f74ed6caeea9ea6097344"},
    {"video/tokens", "f7b5de46e26123d2e5e125931204abd413cefe0394f5049253d1d71dd78f960c"},
    {"video/margins", "0760e4a29fc27e14745b8b3c49b171a59a731b275caa94f288f2fb19c99e198e"},
    {"video/residuals", "2009bfbeacc77ee00e64d3d657c6e10e118e16cca62cf57a1d68ad1f8bfb28bd"},
    {"video/zhat", "193e4744ca6f13993caf7fb7c0f69432704481e922a898536fc7803d81722444"},
    {"video/decoded1", "60b1fe328c0a25292b87d5ec4eeea6be843a87586b1f529c4909e23f5425ed65"},
    {"video/decoded2", "6c4686617730684e067ddcaeb28e3bf857c1a351c3fb3e7e78d018e1b0e81f65"},
    {"video/decoded3", "a7f615b92f7f90fd3b2bad66705222d9f2014aa682305f89ee2eea3e9ace845a"},
    {"adversarial/gradient", "ba16d2d5f17e9e3f60d496234ede281e9c51bf0f723911b0f0b56d3bd0258316"},
    {"adversarial/values", "1e41c13de26a0486e2cb82bf2a5539f12daf7326a8d2014507c17c16375cea94"},
    {"adversarial/moments", "6a84aa5a8cdf23c727d99da7e4582d8855ec807e08cefb5910771a26df2af303"},
    {"adversarial/variances", "1bf659fd84e7d0aa73ff985a0e4e932b7a6c6771c088edf8b78af5d153c5b5a9"},
    {"adversarial/ema", "ce5782a25333b4ff1a26a61336f63224abdcb2790ea2e90b0ea1f96c43ac48dc"},
    {"adversarial/terms", "c7851b21a3076b80cd65db856e908b0d93f6ec98acf7a81fdf4e058997c50a25"},
    {"adversarial/tokens", "3679e3f28ada6fa984a50c57efe32c52f3fc874bc5dc419af7b121ed6f5fa79e"},
    {"adversarial_video/gradient", "629f9dcf181bcc0c32f7f4608a99da18f305cd8b21008a0135287d45d9b4c749"},
    {"adversarial_video/values", "effafa127accf84646c11b776c7796b3e17112b90ceaaaff547a9d13d08e02fe"},
    {"adversarial_video/moments", "81e2646d4493069a4ec919b3e13b3588a9515844fe8a09b82735e12de417d33c"},
    {"adversarial_video/variances", "76a92edff16010262f6177a2dd5096ffd85314c6256d89f194db0e9dcf1776d0"},
    {"adversarial_video/ema", "5a2dacc4e513f54742a246e5a77e85f08789fe6b54fd7f8ae32fa400216be13e"},
    {"adversarial_video/terms", "4bc7778aecbbbe45b2bfd9c00ee5d780b62ec8d3b11a4b824f71e141018a9a3a"},
    {"adversarial_video/tokens", "a6894584f708d3860f93779aa0380b7684b3f6b1bee0facd8376ed4a1db4e208"},
    {"learned/gradient", "d31717e58fda75e655ac532d563394a6cc6d23404df6fbd0792e149114aaf58d"},
    {"learned/values", "5d0072ec4178b05d04639a3804ba18d8b34e418cff788584773582a9d42363b5"},
    {"learned/moments", "b1b4d197aeedc7ba9e4c2d0716e7dc1d62e408598c23c72c005100ef88e7baa4"},
    {"learned/variances", "855944a73da3827fd479d86df632734be6cf3f2fe72da51b315e6191f78f12de"},
    {"learned/ema", "88fe00b33e885b258427c9585abfe83860eb105939a98cfc814bf432d576d664"},
    {"learned/terms", "a16a403f956767674093b0f8c7c3c68696a4b40ee78d0b4a2b836f83ddb02555"},
    {"learned/tokens", "f430ae373f156187e3bb41795f17ea7f604aa4f90fc41c65b020c5421cacdeef"},
};

/* Names of what golden_coding makes, layer by layer at the end, and golden_steps. */
static const char *const golden_pictures[10] = {
    "pictures/init", "pictures/z",        "pictures/tokens",   "pictures/margins",  "pictures/residuals",
    "pictures/zhat", "pictures/decoded1", "pictures/decoded2", "pictures/decoded3", "pictures/decoded4"};
static const char *const golden_video[10] = {
    "video/init",      "video/z",    "video/tokens",   "video/margins",  "video/residuals",
    "video/zhat",      "video/decoded1", "video/decoded2", "video/decoded3"};
static const char *const golden_trained[7] = {
    "training/gradient", "training/values", "training/moments", "training/variances",
    "training/ema",      "training/terms",  "training/tokens"};

typedef struct {
    golden item[GOLDEN_COUNT];
    size_t count;
} golden_list;

/* ---- arrays to bytes ---- */

static inline void golden_bytes(spae_sha256 *hash, uint64_t bits, size_t bytes)
{
    uint8_t little[8];
    for (size_t i = 0; i < bytes; i++)
        little[i] = (uint8_t)(bits >> (8 * i));
    spae_sha256_add(hash, little, bytes);
}

static inline void golden_add(golden_list *list, const char *name, spae_sha256 *hash)
{
    uint8_t digest[32];
    golden *item = &list->item[list->count++];
    item->name = name;
    spae_sha256_finish(hash, digest);
    spae_sha256_hex(digest, item->hash);
}

/* As binary32 in both builds: the ORACLE build's first weights are binary32 numbers too. */
static inline void golden_reals(golden_list *list, const char *name, const spae_real *x, size_t n)
{
    spae_sha256 hash;
    spae_sha256_start(&hash);
    for (size_t i = 0; i < n; i++) {
        const float value = (float)x[i];
        uint32_t bits;
        memcpy(&bits, &value, sizeof bits);
        golden_bytes(&hash, bits, 4);
    }
    golden_add(list, name, &hash);
}

static inline void golden_doubles(golden_list *list, const char *name, const double *x, size_t n)
{
    spae_sha256 hash;
    spae_sha256_start(&hash);
    for (size_t i = 0; i < n; i++) {
        uint64_t bits;
        memcpy(&bits, &x[i], sizeof bits);
        golden_bytes(&hash, bits, 8);
    }
    golden_add(list, name, &hash);
}

static inline void golden_tokens(golden_list *list, const char *name, const int32_t *token, size_t n)
{
    spae_sha256 hash;
    spae_sha256_start(&hash);
    for (size_t i = 0; i < n; i++)
        golden_bytes(&hash, (uint32_t)token[i], 4);
    golden_add(list, name, &hash);
}

/* ---- what is hashed ---- */

/* z, tokens, margins, residuals, zhat of one picture, and the picture again from each prefix of the layers. */
static inline spae_status golden_coding(golden_list *list, tiny *t, const char *const name[10])
{
    const spae_config *config = &t->model.config;
    const size_t layers = config->pyramid.layers, c = config->c;
    int32_t *token = spae_arena_take(&t->arena, t->tokens, sizeof *token);
    double *margin = spae_arena_take(&t->arena, t->tokens, sizeof *margin);
    double *residual = spae_arena_take(&t->arena, t->tokens * c, sizeof *residual);
    spae_real *z = tiny_reals(t, t->latent), *zhat = tiny_reals(t, layers * t->latent);
    spae_real *picture = tiny_reals(t, t->picture);
    spae_status status = spae_embed(&t->model, t->examples[1].picture, &t->arena, z, &t->err);
    const spae_quantized q = {token, margin, residual, zhat, NULL};
    if (status == SPAE_OK)
        status = spae_quantize(&config->pyramid, config->quantizer, &t->model.codebook, z, &t->arena, &q, &t->err);
    golden_reals(list, name[0], t->model.values, t->model.parameters->elements);
    golden_reals(list, name[1], z, t->latent);
    golden_tokens(list, name[2], token, t->tokens);
    golden_doubles(list, name[3], margin, t->tokens);
    golden_doubles(list, name[4], residual, t->tokens * c);
    golden_reals(list, name[5], zhat, layers * t->latent);
    for (size_t l = 1; l <= layers && status == SPAE_OK; l++) {
        status = spae_decode(&t->model, token, l, &t->arena, picture, &t->err);
        golden_reals(list, name[5 + l], picture, t->picture);
    }
    return status;
}

static inline void golden_terms(golden_list *list, const char *name, const spae_terms *terms)
{
    double term[32];
    size_t count = 0;
    for (; spae_term_name(count) != NULL; count++)
        term[count] = spae_term_value(terms, count);
    golden_doubles(list, name, term, count);
}

/* Training in memory that is given: one arena for each of the `at_once` examples. */
static inline spae_status golden_steps(golden_list *list, tiny *t, spae_arena *arenas, size_t at_once,
                                       const char *const name[7])
{
    const size_t n = t->model.parameters->elements;
    spae_trainer trainer;
    spae_terms terms;
    int32_t *token = spae_arena_take(&t->arena, TINY_EXAMPLES * t->tokens, sizeof *token);
    spae_status status = spae_trainer_create(&trainer, &t->model, 17, &t->arena, &t->err);
    if (status == SPAE_OK)
        status = tiny_steps(t, &trainer, GOLDEN_STEPS, arenas, at_once, &terms, token);
    if (status != SPAE_OK)
        return status;
    golden_reals(list, name[0], trainer.gradient, n);
    golden_reals(list, name[1], t->model.values, n);
    golden_reals(list, name[2], trainer.m, n);
    golden_reals(list, name[3], trainer.v, n);
    golden_reals(list, name[4], trainer.ema, t->model.elements);
    golden_terms(list, name[5], &terms);
    golden_tokens(list, name[6], token, TINY_EXAMPLES * t->tokens);
    return status;
}

static inline spae_status golden_training(golden_list *list, tiny *t, size_t at_once, const char *const name[7])
{
    watch memory[TINY_EXAMPLES];
    spae_arena arenas[TINY_EXAMPLES];
    for (size_t i = 0; i < at_once; i++)
        watched_arena(&arenas[i], &memory[i], 0);
    const spae_status status = golden_steps(list, t, arenas, at_once, name);
    for (size_t i = 0; i < at_once; i++)
        spae_arena_free(&arenas[i]);
    return status;
}

/* Training alone: with the adversarial terms, in pictures and video, and with a learned codebook. */
static inline spae_status golden_objectives(golden_list *list, size_t at_once, spae_error *err)
{
    static const char *const names[3][7] = {
        {"adversarial/gradient", "adversarial/values", "adversarial/moments", "adversarial/variances",
         "adversarial/ema", "adversarial/terms", "adversarial/tokens"},
        {"adversarial_video/gradient", "adversarial_video/values", "adversarial_video/moments",
         "adversarial_video/variances", "adversarial_video/ema", "adversarial_video/terms", "adversarial_video/tokens"},
        {"learned/gradient", "learned/values", "learned/moments", "learned/variances", "learned/ema", "learned/terms",
         "learned/tokens"}};
    const spae_config configs[3] = {tiny_adversarial(tiny_pictures()), tiny_adversarial(tiny_video()),
                                    tiny_learned(tiny_pictures())};
    spae_status status = SPAE_OK;
    for (int i = 0; i < 3 && status == SPAE_OK; i++) {
        tiny t;
        status = tiny_open(&t, &configs[i], 7);
        if (status == SPAE_OK)
            status = golden_training(list, &t, at_once, names[i]);
        *err = t.err;
        tiny_close(&t);
    }
    return status;
}

/* A small perceptual network of each kind, first weights: the loss of two examples, and its gradient to the second. */
static inline spae_status golden_perceptual(golden_list *list, tiny *t)
{
    static const char *const names[3][2] = {{"resnet_logits/loss", "resnet_logits/gradient"},
                                            {"resnet_features/loss", "resnet_features/gradient"},
                                            {"lpips/loss", "lpips/gradient"}};
    const size_t *size = t->model.config.picture;
    const spae_shape shape = spae_shape_of(1, 1, size[1], size[2], 3);
    for (int i = 0; i < 3; i++) {
        spae_perceptual p = {.kind = i == 0   ? SPAE_PERCEPTUAL_RESNET_LOGITS
                                     : i == 1 ? SPAE_PERCEPTUAL_RESNET_FEATURES
                                              : SPAE_PERCEPTUAL_VGG_LPIPS,
                             .resnet = {.width = 3, .stages = 2, .blocks = {1, 2}, .classes = 5, .bn_eps = 1e-5},
                             .vgg = {.width = 2},
                             .resize = {23, 21},
                             .mean = {0.485, 0.456, 0.406},
                             .deviation = {0.229, 0.224, 0.225}};
        p.resnet.same = i == 0;
        p.resnet.stem_relu = i == 1;
        spae_parameters parameters = {.arena = &t->arena};
        spae_tape tape;
        spae_network network;
        spae_var gradient = NULL;
        if (spae_perceptual_declare(&p, &parameters, &t->err) != SPAE_OK)
            return t->err.status;
        spae_real *values = tiny_reals(t, parameters.elements), *rebuilt = tiny_reals(t, t->picture);
        spae_parameters_init(&parameters, 7, values);
        memcpy(rebuilt, t->examples[1].picture, t->picture * sizeof *rebuilt);
        spae_tape_start(&tape, &t->arena, SPAE_TAPE_RECORD, &t->err);
        spae_network_bind(&network, &tape, &parameters, values);
        spae_var x = spae_tape_leaf(&tape, shape, rebuilt);
        spae_var loss = spae_perceptual_loss(&network, &p, spae_tape_constant(&tape, shape, t->examples[0].picture), x);
        if (spae_tape_gradient(&tape, loss, NULL, &x, 1, &gradient) != SPAE_OK)
            return tape.status;
        golden_reals(list, names[i][0], loss->value, 1);
        golden_reals(list, names[i][1], gradient->value, t->picture);
    }
    return SPAE_OK;
}

/* Every hash, in the order of golden_expected; training works on `at_once` examples side by side. */
static inline spae_status golden_make(golden_list *list, size_t at_once, spae_error *err)
{
    const spae_config configs[2] = {tiny_pictures(), tiny_video()};
    spae_status status = SPAE_OK;
    list->count = 0;
    for (int i = 0; i < 2 && status == SPAE_OK; i++) {
        tiny t;
        status = tiny_open(&t, &configs[i], 7);
        if (status == SPAE_OK)
            status = golden_coding(list, &t, i == 0 ? golden_pictures : golden_video);
        if (status == SPAE_OK && i == 0)
            status = golden_training(list, &t, at_once, golden_trained);
        if (status == SPAE_OK && i == 0)
            status = golden_perceptual(list, &t);
        *err = t.err;
        tiny_close(&t);
    }
    return status == SPAE_OK ? golden_objectives(list, at_once, err) : status;
}

#endif
