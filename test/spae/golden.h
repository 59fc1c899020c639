/* Golden bits: SHA-256 of what two tiny models make, equal on every machine, compiler, thread count and batch split.
 *
 * Each array is hashed as little-endian bytes of its elements, whatever the machine's order. test/spae/golden.c holds the
 * hashes to the constants below in every build; test/cross/golden_main.c does so where Check is not to be had.
 * The constants are those of the binary32 build. When one must change, the program prints the new line.
 */
#ifndef SPAE_TEST_SPAE_GOLDEN_H
#define SPAE_TEST_SPAE_GOLDEN_H

#include <stdio.h>

#include "tiny.h"
#include "vendor_free/sha256.h"

enum { GOLDEN_COUNT = 26, GOLDEN_STEPS = 5 };

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
    {"training/terms", "b637fb32de0354a5fbb5b5043d90b26a33ff06ffb809299a5e76dd268c38b7a2"},
    {"training/tokens", "492f9a8e78ace0d8d206f8b176c7bfc905f42682978274389a665a7e33203292"},
    {"video/init", "5c7d0ad7c20d8bdd2013f1fdb7fbb963049888e101082fb99fec12e3c670f8d9"},
    {"video/z", "44000b0057b16ea66c62c17c46ca0d809350c6b74b1f74ed6caeea9ea6097344"},
    {"video/tokens", "f7b5de46e26123d2e5e125931204abd413cefe0394f5049253d1d71dd78f960c"},
    {"video/margins", "0760e4a29fc27e14745b8b3c49b171a59a731b275caa94f288f2fb19c99e198e"},
    {"video/residuals", "2009bfbeacc77ee00e64d3d657c6e10e118e16cca62cf57a1d68ad1f8bfb28bd"},
    {"video/zhat", "193e4744ca6f13993caf7fb7c0f69432704481e922a898536fc7803d81722444"},
    {"video/decoded1", "60b1fe328c0a25292b87d5ec4eeea6be843a87586b1f529c4909e23f5425ed65"},
    {"video/decoded2", "6c4686617730684e067ddcaeb28e3bf857c1a351c3fb3e7e78d018e1b0e81f65"},
    {"video/decoded3", "a7f615b92f7f90fd3b2bad66705222d9f2014aa682305f89ee2eea3e9ace845a"},
};

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

static inline spae_status golden_training(golden_list *list, tiny *t, size_t at_once)
{
    const size_t n = t->model.parameters->elements;
    spae_trainer trainer;
    spae_terms terms;
    int32_t *token = spae_arena_take(&t->arena, TINY_EXAMPLES * t->tokens, sizeof *token);
    spae_status status = spae_trainer_create(&trainer, &t->model, 17, &t->arena, &t->err);
    if (status == SPAE_OK)
        status = tiny_train(t, &trainer, GOLDEN_STEPS, at_once, &terms, token);
    if (status != SPAE_OK)
        return status;
    const double term[] = {terms.l2, terms.commitment, terms.appearance, terms.semantic, terms.weight, terms.total};
    golden_reals(list, "training/gradient", trainer.gradient, n);
    golden_reals(list, "training/values", t->model.values, n);
    golden_reals(list, "training/moments", trainer.m, n);
    golden_reals(list, "training/variances", trainer.v, n);
    golden_reals(list, "training/ema", trainer.ema, n);
    golden_doubles(list, "training/terms", term, 6);
    golden_tokens(list, "training/tokens", token, TINY_EXAMPLES * t->tokens);
    return status;
}

/* Every hash, in the order of golden_expected; training works on `at_once` examples side by side. */
static inline spae_status golden_make(golden_list *list, size_t at_once, spae_error *err)
{
    static const char *const pictures[10] = {
        "pictures/init",     "pictures/z",        "pictures/tokens",   "pictures/margins", "pictures/residuals",
        "pictures/zhat",     "pictures/decoded1", "pictures/decoded2", "pictures/decoded3", "pictures/decoded4"};
    static const char *const video[10] = {"video/init",      "video/z",    "video/tokens",   "video/margins",
                                          "video/residuals", "video/zhat", "video/decoded1", "video/decoded2",
                                          "video/decoded3"};
    const spae_config configs[2] = {tiny_pictures(), tiny_video()};
    spae_status status = SPAE_OK;
    list->count = 0;
    for (int i = 0; i < 2 && status == SPAE_OK; i++) {
        tiny t;
        status = tiny_open(&t, &configs[i], 7);
        if (status == SPAE_OK)
            status = golden_coding(list, &t, i == 0 ? pictures : video);
        if (status == SPAE_OK && i == 0)
            status = golden_training(list, &t, at_once);
        *err = t.err;
        tiny_close(&t);
    }
    return status;
}

#endif
