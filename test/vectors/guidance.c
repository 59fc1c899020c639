/* Stage guidance: SPEC 4.4 to 4.6; hosted/words.c has 4.7. */
#include "tokens.h"
#include "vendor_free/json.h"

/* ---- similarity, SPEC 4.4 ---- */

static void text_mean(vectors *v, const char *name, size_t V, size_t P, size_t d, double offset, const char *why)
{
    vectors_begin(v, name, "4.4", "text_mean", "{}", why);
    const spae_real *text = vectors_reals(v, "text", 3, (const size_t[]){V, P, d}, offset, 0.9);
    spae_real *mean = vectors_room(v, V * d, sizeof *mean);
    if (mean != NULL) {
        spae_text_mean(text, V, P, d, mean);
        vectors_numbers(v, "mean", VECTORS_NUMBERS, 2, (const size_t[]){V, d}, mean);
    }
    vectors_end(v);
}

/* The sum of 49 numbers, whose quotient by 49 is a tie in real and whose product with 1/49 is not. */
static void text_mean_quotient(vectors *v)
{
    enum { MANY = 49 };
    const size_t shape[3] = {1, MANY, 1};
    spae_real text[MANY], mean[1];
    for (size_t i = 0; i < MANY; i++)
        text[i] = i == MANY - 1 ? 7 * 0x1p-24f : i % 2 == 0 ? 23828510 * 0x1p-24f : 23828512 * 0x1p-24f;
    vectors_begin(v, "guidance/text_mean_quotient", "4.4", "text_mean", "{}",
                  "49 prompts: their sum is divided by 49, not multiplied by 1/49");
    vectors_numbers(v, "text", VECTORS_INPUT, 3, shape, text);
    spae_text_mean(text, 1, MANY, 1, mean);
    vectors_numbers(v, "mean", VECTORS_BITS, 2, (const size_t[]){1, 1}, mean);
    vectors_end(v);
}

/* The case goes on with these features. */
static void compare_with(vectors *v, const spae_real *image, const spae_real *text, size_t V, size_t d,
                         vectors_compare compare)
{
    spae_real *score = vectors_room(v, V, sizeof *score), *s = vectors_room(v, V, sizeof *s);
    if (s == NULL)
        return;
    spae_similarity(image, text, V, d, score, s);
    vectors_numbers(v, "score", compare, 1, &V, score);
    vectors_numbers(v, "s", compare, 1, &V, s);
}

static void similarity(vectors *v, const char *name, size_t V, size_t d, double offset, double scale,
                       vectors_compare compare, const char *why)
{
    vectors_begin(v, name, "4.4", "similarity", "{}", why);
    const spae_real *image = vectors_reals(v, "image", 1, &d, offset, scale);
    const spae_real *text = vectors_reals(v, "text", 2, (const size_t[]){V, d}, offset, scale);
    if (text != NULL)
        compare_with(v, image, text, V, d, compare);
    vectors_end(v);
}

static void similarity_of(vectors *v, const char *name, const spae_real *image, size_t V, const spae_real *text,
                          size_t d, const char *why)
{
    vectors_begin(v, name, "4.4", "similarity", "{}", why);
    vectors_numbers(v, "image", VECTORS_INPUT, 1, &d, image);
    vectors_numbers(v, "text", VECTORS_INPUT, 2, (const size_t[]){V, d}, text);
    if (vectors_goes_on(v))
        compare_with(v, image, text, V, d, VECTORS_BITS);
    vectors_end(v);
}

static void similarities(vectors *v)
{
    text_mean(v, "guidance/text_mean", 9, 7, 5, 0, "the mean over seven prompts, which no power of two divides");
    text_mean(v, "guidance/text_mean_one_prompt", 6, 1, 4, 0, "one prompt: the features themselves");
    text_mean(v, "guidance/text_mean_common_part", 5, 80, 3, 100, "eighty prompts with a large common part");
    text_mean_quotient(v);
    similarity(v, "guidance/similarity", 40, 16, 0, 0.9, VECTORS_NUMBERS,
               "the ordinary case: scores of both signs, s from 0 to 1");
    similarity(v, "guidance/similarity_common_part", 40, 16, 8, 0.125, VECTORS_NUMBERS,
               "scores that differ little: s must come from the unrounded ones");
    similarity(v, "guidance/similarity_small", 12, 3, 0, 0x1p-70, VECTORS_BITS, "scores below the range of binary32");
    static const spae_real image[] = {1, 2}, line[] = {2, 1, 0, 2, 4, 0, -2, 3}, two[] = {-3, 0, 1, 1};
    similarity_of(v, "guidance/similarity_all_equal", image, 4, line, 2, "four words with one score: every s is 1");
    similarity_of(v, "guidance/similarity_one_word", image, 1, two, 2, "a vocabulary of one word: s is 1");
    similarity_of(v, "guidance/similarity_two_words", image, 2, two, 2, "two words: s is 0 and 1");
    static const spae_real none[] = {0, 0};
    similarity_of(v, "guidance/similarity_nothing", none, 4, line, 2,
                  "an image without features: all scores 0, every s 1");
    static const spae_real large[] = {0x1p30f, 0x1p30f, 1}, cancel[] = {0x1p30f, -0x1p30f, 1, 0, 0, 0.25f, 0, 0, 2};
    similarity_of(v, "guidance/similarity_that_cancels", large, 3, cancel, 3,
                  "2^60 - 2^60 + 1: from the other end nothing is left of the 1");
    static const spae_real close[] = {0x1p-30f, 1, 0, 1, -0x1p-30f, 1};
    similarity_of(v, "guidance/similarity_wide_scores", image, 3, close, 2,
                  "scores that are equal once rounded: s is 1, 1/2 and 0 all the same");
}

/* ---- pools, SPEC 4.5 ---- */

enum { WITH = 256, MOST_LAYERS = 6 };

static const char *with_thresholds(vectors *v, const double *rho, size_t layers, bool single)
{
    spae_json_writer j;
    size_t length;
    char *text = vectors_room(v, WITH, 1);
    if (text == NULL)
        return "{}";
    spae_json_write_start(&j, text, WITH - 1);
    spae_json_write_open(&j, '{');
    spae_json_write_key(&j, "thresholds");
    spae_json_write_open(&j, '[');
    for (size_t l = 0; l < layers; l++)
        spae_json_write_double(&j, rho[l]);
    spae_json_write_close(&j);
    spae_json_write_key(&j, "single_threshold");
    spae_json_write_boolean(&j, single);
    spae_json_write_close(&j);
    vectors_expect(v, spae_json_write_finish(&j, &length, v->err));
    text[vectors_goes_on(v) ? length : 0] = '\0';
    return text;
}

/* The pools of all layers one behind the other, and how many words each has. */
static void give_pools(vectors *v, const spae_real *s, size_t V, const double *rho, size_t layers, bool single)
{
    int32_t size[MOST_LAYERS], *pool = vectors_room(v, layers * V, sizeof *pool);
    size_t total = 0;
    if (pool == NULL)
        return;
    v->now.with = with_thresholds(v, rho, layers, single);
    for (size_t l = 0; l < layers; l++) {
        const double threshold = rho[single ? layers - 1 : l];
        size[l] = (int32_t)spae_candidate_pool(s, V, threshold, pool + total);
        if (spae_candidate_pool(s, V, threshold, NULL) != (size_t)size[l])
            vectors_expect(v,
                           spae_fail(v->err, SPAE_ERR_ARGUMENT, "the pool of layer %zu is counted otherwise", l + 1));
        total += (size_t)size[l];
    }
    vectors_integers(v, "size", VECTORS_BITS, 1, &layers, size);
    vectors_integers(v, "pool", VECTORS_BITS, 1, &total, pool);
}

static void pools(vectors *v, const char *name, size_t V, const double *rho, size_t layers, bool single,
                  const char *why)
{
    vectors_begin(v, name, "4.5", "pools", "{}", why);
    const spae_real *s = vectors_reals(v, "s", 1, &V, 0.5, 0.5);
    if (s != NULL)
        give_pools(v, s, V, rho, layers, single);
    vectors_end(v);
}

static void pools_of(vectors *v, const char *name, size_t V, const spae_real *s, const double *rho, size_t layers,
                     const char *why)
{
    vectors_begin(v, name, "4.5", "pools", "{}", why);
    vectors_numbers(v, "s", VECTORS_INPUT, 1, &V, s);
    if (vectors_goes_on(v))
        give_pools(v, s, V, rho, layers, false);
    vectors_end(v);
}

static void all_pools(vectors *v)
{
    static const double image[] = {0.98, 0.95, 0.9, 0.85, 0.8}, ends[] = {1, 0}, half[] = {1, 0.75, 0.75, 0.5};
    pools(v, "guidance/pools", 200, image, 5, false, "the paper's five thresholds: each pool holds the one before");
    pools(v, "guidance/pools_single_threshold", 200, image, 5, true,
          "the ablation: every guided layer has the last one's pool");
    /* 0.8 and 0.9 rounded to binary32, with their neighbours on both sides */
    static const spae_real at[] = {
        0x1.999998p-1f, 0x1.99999ap-1f, 0x1.99999cp-1f, 0x1.cccccap-1f, 0x1.ccccccp-1f, 0x1.cccccep-1f, 1, 0};
    static const double rounded[] = {0x1.ccccccp-1, 0x1.99999ap-1};
    pools_of(v, "guidance/pools_at_threshold", 8, at, rounded, 2,
             "similarities at a threshold, one unit below and one above: equality belongs to the pool");
    pools_of(v, "guidance/pools_at_rounded_threshold", 8, at, (const double[]){0.9, 0.8}, 2,
             "0.9 and 0.8 are no binary32 numbers: rounded they are similarities of the case, and these belong");
    static const spae_real steps[] = {0, 0.25f, 0.5f, 0.75f, 1, 0.75f, 0.5f, 0x1p-149f, -0.0f};
    pools_of(v, "guidance/pools_of_ends", 9, steps, ends, 2, "threshold 1 takes the best alone, 0 everything, -0 too");
    pools_of(v, "guidance/pools_equal_thresholds", 9, steps, half, 4,
             "two layers of one threshold, similarities on each");
}

/* ---- targets, SPEC 4.6 ---- */

/* Targets of the first 24 places of a layer, from a pool of every third word. */
static void targets(vectors *v, const char *name, const char *with, uint32_t seed, uint32_t step, uint32_t example,
                    uint32_t layer, size_t count, const char *why)
{
    const size_t places = 24;
    int32_t target[24], *pool;
    vectors_begin(v, name, "1.6 4.6", "targets", with, why);
    if ((pool = vectors_room(v, count, sizeof *pool)) != NULL) {
        for (size_t i = 0; i < count; i++)
            pool[i] = (int32_t)(3 * i + 1);
        for (uint32_t place = 0; place < places; place++)
            target[place] = spae_sample_target(pool, count, seed, step, example, layer, place);
        vectors_integers(v, "pool", VECTORS_INPUT, 1, &count, pool);
        vectors_integers(v, "target", VECTORS_BITS, 1, &places, target);
    }
    vectors_end(v);
}

static void all_targets(vectors *v)
{
    targets(v, "guidance/targets", "{\"seed\":0,\"step\":0,\"example\":0,\"layer\":0}", 0, 0, 0, 0, 10,
            "the first draws of a run: every counter word but the place is 0");
    targets(v, "guidance/targets_seed", "{\"seed\":1,\"step\":0,\"example\":0,\"layer\":0}", 1, 0, 0, 0, 10,
            "another seed");
    targets(v, "guidance/targets_step", "{\"seed\":1,\"step\":2,\"example\":0,\"layer\":0}", 1, 2, 0, 0, 10,
            "step 2, counted from 0: the counter's first word");
    targets(v, "guidance/targets_example", "{\"seed\":1,\"step\":0,\"example\":2,\"layer\":0}", 1, 0, 2, 0, 10,
            "example 2 of the batch, counted from 0: the second word");
    targets(v, "guidance/targets_layer", "{\"seed\":1,\"step\":0,\"example\":0,\"layer\":2}", 1, 0, 0, 2, 10,
            "layer 2, counted from 0: the third word");
    targets(v, "guidance/targets_ends", "{\"seed\":4294967295,\"step\":4294967295,\"example\":65535,\"layer\":15}",
            UINT32_MAX, UINT32_MAX, 65535, 15, 10, "the largest seed, step, example and layer");
    targets(v, "guidance/targets_pool_of_1", "{\"seed\":7,\"step\":3,\"example\":1,\"layer\":1}", 7, 3, 1, 1, 1,
            "one word: there is nothing to choose");
    targets(v, "guidance/targets_pool_of_2", "{\"seed\":7,\"step\":3,\"example\":1,\"layer\":1}", 7, 3, 1, 1, 2,
            "two words: the draw's top bit");
    targets(v, "guidance/targets_pool_of_3", "{\"seed\":7,\"step\":3,\"example\":1,\"layer\":1}", 7, 3, 1, 1, 3,
            "three words, which no power of two divides");
    targets(v, "guidance/targets_pool_of_many", "{\"seed\":7,\"step\":3,\"example\":1,\"layer\":1}", 7, 3, 1, 1, 4099,
            "a pool of thousands");
}

void vectors_guidance(vectors *v)
{
    similarities(v);
    all_pools(v);
    all_targets(v);
}
