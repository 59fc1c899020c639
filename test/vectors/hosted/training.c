/* Stage training, what lives with the files: the order of examples (SPEC 7.5), pictures of bytes (7.6), crops and flips (7.7). */
#include "hosted.h"
#include "io/batch.h"
#include "io/dataset.h"
#include "vendor_free/philox.h"

/* ---- 7.5 ---- */

static void order(vectors *v, const char *name, const char *with, const char *why, uint32_t seed, size_t batch, size_t steps,
                  size_t pictures)
{
    enum { MOST = 128 };
    static const uint8_t byte[MOST] = {0};
    const size_t shape[2] = {steps, batch};
    int32_t index[MOST];
    spae_batch b;
    spae_config config = {.picture = {1, 1, 1}, .batch = batch};
    const spae_dataset dataset = {.count = pictures, .frames = 1, .height = 1, .width = 1, .channels = 1,
                                  .pictures = byte, .name = name};
    if (!vectors_begin(v, name, "7.5 1.6", "order", with, why))
        return;
    vectors_expect(v, spae_batch_create(&b, &dataset, &config, NULL, 0, seed, v->arena, v->err));
    for (size_t t = 0; t < steps && vectors_goes_on(v); t++) {
        spae_batch_fill(&b, t);
        for (size_t i = 0; i < batch; i++)
            index[t * batch + i] = (int32_t)b.index[i];
    }
    vectors_integers(v, "index", VECTORS_BITS, 2, shape, index);
    vectors_end(v);
}

/* ---- 7.6 ---- */

static void picture(vectors *v, const char *name, const char *why, spae_dataset dataset, size_t height, size_t width)
{
    enum { MOST = 512 };
    uint8_t byte[MOST];
    spae_real out[3 * MOST];
    spae_config config = {.picture = {1, height, width}};
    const size_t in[3] = {dataset.height, dataset.width, dataset.channels}, shape[3] = {height, width, 3};
    const size_t count = in[0] * in[1] * in[2];
    if (!vectors_begin(v, name, "7.6", "picture", "{}", why))
        return;
    for (size_t i = 0; i < count; i++)
        byte[i] = (uint8_t)(i * 255 / (count - 1)); /* from 0 to 255 */
    dataset.count = dataset.frames = 1;
    dataset.pictures = byte;
    dataset.name = name;
    vectors_array bytes = {.name = "bytes", .type = VECTORS_BYTE, .rank = 3, .shape = {in[0], in[1], in[2]}, .data = byte};
    vectors_give(v, &bytes);
    spae_dataset_picture(&dataset, 0, &config, out);
    vectors_numbers(v, "picture", VECTORS_BITS, 3, shape, out);
    vectors_end(v);
}

/* ---- 7.7 ---- */

static void view(vectors *v, const char *name, const char *with, const char *why, spae_dataset dataset, spae_config config)
{
    enum { MOST = 512, STEPS = 2, BATCH = 3, NUMBERS = 5 };
    uint8_t byte[MOST];
    int32_t part[STEPS * BATCH * NUMBERS];
    spae_real out[STEPS * BATCH * 3 * MOST], *to = out;
    const size_t H = config.picture[1], W = config.picture[2], count = dataset.height * dataset.width * dataset.channels;
    if (!vectors_begin(v, name, "7.7 1.6 8.22", "view", with, why))
        return;
    for (size_t i = 0; i < count; i++)
        byte[i] = (uint8_t)(i * i * 7 % 256);
    dataset.count = dataset.frames = 1;
    dataset.pictures = byte;
    dataset.name = name;
    vectors_give(v, &(vectors_array){.name = "bytes", .type = VECTORS_BYTE, .rank = 3,
                                     .shape = {dataset.height, dataset.width, dataset.channels}, .data = byte});
    for (uint32_t i = 0; i < STEPS * BATCH; i++, to += H * W * 3) {
        const spae_view w = spae_view_draw(&config, dataset.height, dataset.width, 7, i / BATCH, i % BATCH);
        const size_t numbers[NUMBERS] = {w.top, w.left, w.height, w.width, w.flipped};
        for (size_t k = 0; k < NUMBERS; k++)
            part[i * NUMBERS + k] = (int32_t)numbers[k];
        spae_dataset_view(&dataset, 0, &config, &w, to);
    }
    vectors_integers(v, "part", VECTORS_BITS, 3, (const size_t[]){STEPS, BATCH, NUMBERS}, part);
    vectors_numbers(v, "picture", VECTORS_BITS, 5, (const size_t[]){STEPS, BATCH, H, W, 3}, out);
    vectors_end(v);
}

void vectors_training_data(vectors *v)
{
    order(v, "training/order", "{\"seed\":5,\"batch\":4,\"steps\":6,\"pictures\":10}",
          "batches run on across epochs: the third is of two", 5, 4, 6, 10);
    order(v, "training/order_few", "{\"seed\":4294967295,\"batch\":7,\"steps\":3,\"pictures\":3}",
          "a batch of more than two epochs", 4294967295u, 7, 3, 3);
    picture(v, "training/picture_grey", "every byte; grey is repeated over three channels",
            (spae_dataset){.height = 16, .width = 16, .channels = 1}, 16, 16);
    picture(v, "training/picture_smaller", "in the middle, zeros around, the odd row and column at the far end",
            (spae_dataset){.height = 3, .width = 5, .channels = 3}, 8, 8);
#define VIEW(config) "{\"seed\":7,\"steps\":2,\"batch\":3," config "}"
    view(v, "training/view", VIEW("\"picture\":[6,9],\"crop\":0.5,\"flip\":true"),
         "parts of a larger picture, in its proportion, mirrored or not",
         (spae_dataset){.height = 12, .width = 14, .channels = 3},
         (spae_config){.picture = {1, 6, 9}, .crop = 0.5, .flip = true});
    view(v, "training/view_enlarged", VIEW("\"picture\":[8,6],\"crop\":0.625,\"flip\":false"),
         "parts of a smaller, grey picture in its zeros, enlarged",
         (spae_dataset){.height = 5, .width = 4, .channels = 1}, (spae_config){.picture = {1, 8, 6}, .crop = 0.625});
    view(v, "training/view_flip", VIEW("\"picture\":[4,5],\"crop\":0,\"flip\":true"),
         "whole pictures, mirrored or not: the bits of 7.6", (spae_dataset){.height = 4, .width = 5, .channels = 3},
         (spae_config){.picture = {1, 4, 5}, .flip = true});
}
