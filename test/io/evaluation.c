/* io/evaluation: the measures, held against what encode and decode give picture by picture. */
#include "tiny.h"

#include <math.h>

#include "io/evaluation.h"

enum { WORDS = 9, TOKENS = 37 };

static size_t told;

static void tell(size_t done, size_t count)
{
    told++;
    ck_assert(done == told && count == 3);
}

/* PSNR of a picture rebuilt from its first layers, by libm. */
static double psnr_of(const spae_model *model, const spae_real *picture, const int32_t *token,
                      size_t layers, spae_arena *arena)
{
    spae_real rebuilt[16 * 16 * 3];
    spae_error err;
    double sum = 0;
    ck_ok(spae_decode(model, token, layers, arena, rebuilt, &err));
    for (size_t i = 0; i < 16 * 16 * 3; i++) {
        const double r = rebuilt[i] < 0 ? 0 : rebuilt[i] > 1 ? 1 : (double)rebuilt[i];
        sum += ((double)picture[i] - r) * ((double)picture[i] - r);
    }
    return -10 * log10(sum / (16 * 16 * 3));
}

START_TEST(the_measures_are_those_of_each_picture)
{
    const spae_config config = preset_of("tiny-2d");
    spae_arena arena = new_arena();
    const spae_model model = generated_model(&config, WORDS, 5, &arena);
    const spae_dataset data = generated_data(&arena);
    spae_evaluation e;
    spae_error err;
    static const size_t first[4] = {0, 3, 4, 5};
    int32_t source_token[5] = {7, 0, 3, 1, 2}, token[TOKENS]; /* label 0 has three words */
    const spae_sources sources = {3, first, source_token};
    spae_real picture[16 * 16 * 3];
    double psnr[4] = {0, 0, 0, 0};
    size_t count[4][WORDS] = {{0}}, own[4] = {0}, right = 0, early = 0;
    for (size_t i = 0; i < 3; i++) {
        spae_dataset_picture(&data, i, &config, picture);
        ck_ok(spae_encode(&model, picture, &arena, token, NULL, &err));
        if (i == 0)
            source_token[1] = token[0];
        if (i == 1)
            source_token[3] = token[4]; /* the last of layer 2 */
        right += spae_sources_has(&sources, data.labels[i], token[0]);
        for (size_t j = 0, found = 0; j < 5 && found == 0; j++)
            early += found = spae_sources_has(&sources, data.labels[i], token[j]);
        for (size_t l = 0, at = 0; l < 4; l++) {
            psnr[l] += psnr_of(&model, picture, token, l + 1, &arena) / 3;
            for (; at < spae_pyramid_total(&config.pyramid, l + 1); at++) {
                count[l][token[at]]++;
                own[l] += spae_sources_has(&sources, data.labels[i], token[at]);
            }
        }
    }
    told = 0;
    const size_t used = arena.used;
    ck_ok(spae_evaluate(&model, &data, 3, &sources, NULL, tell, &arena, &e, &err));
    ck_assert(arena.used == used && told == 3);
    ck_assert(e.pictures == 3 && e.layers == 4 && e.labelled && e.first_words == right &&
              right >= 1 && e.early_words == early && early >= 2);
    size_t in_all = 0;
    for (size_t k = 0; k < WORDS; k++)
        in_all += count[0][k] + count[1][k] + count[2][k] + count[3][k] > 0;
    ck_assert_uint_eq(e.distinct, in_all);
    for (size_t l = 0; l < 4; l++) {
        const double n = (double)spae_pyramid_tokens(&config.pyramid, l) * 3;
        double entropy = 0;
        size_t distinct = 0;
        for (size_t k = 0; k < WORDS; k++) {
            const double p = (double)count[l][k] / n;
            entropy -= p > 0 ? p * log2(p) : 0;
            distinct += count[l][k] > 0;
            ck_assert_uint_le(count[l][k], e.layer[l].usage.most_count);
        }
        ck_assert_uint_eq(count[l][e.layer[l].usage.most_common], e.layer[l].usage.most_count);
        ck_assert_uint_eq(e.layer[l].usage.tokens, (uint64_t)n);
        ck_assert_uint_eq(e.layer[l].usage.distinct, distinct);
        ck_assert_uint_eq(e.layer[l].own, own[l]);
        ck_assert_double_eq_tol(e.layer[l].usage.entropy, entropy, 1e-12);
        ck_assert_double_eq_tol(e.layer[l].psnr, psnr[l], 1e-9);
    }
    spae_arena_free(&arena);
}
END_TEST

/* What a watcher is shown, and measures of it by the functions of nn/metrics.h. */
typedef struct {
    spae_arena arena;
    size_t encoded, rebuilt, fail_at;
    spae_spread square[4], absolute[4], ssim[4];
} watching;

static spae_status see_tokens(void *context, size_t index, const spae_real *picture, const int32_t *token, spae_error *err)
{
    watching *w = context;
    (void)err;
    ck_assert(index == w->encoded && w->rebuilt == 4 * index && picture != NULL && token[TOKENS - 1] < WORDS);
    w->encoded++;
    return SPAE_OK;
}

static spae_status see_rebuilt(void *context, size_t index, size_t layers, const spae_real *picture, const spae_real *rebuilt,
                               spae_error *err)
{
    watching *w = context;
    double ssim;
    ck_assert(w->encoded == index + 1 && layers == w->rebuilt % 4 + 1);
    for (size_t i = 0; i < 16 * 16 * 3; i++)
        ck_assert(rebuilt[i] >= 0 && rebuilt[i] <= 1);
    if (++w->rebuilt == w->fail_at)
        return spae_fail(err, SPAE_ERR_IO, "the disk is full");
    spae_spread_add(&w->square[layers - 1], spae_square_error(picture, rebuilt, 16 * 16 * 3));
    spae_spread_add(&w->absolute[layers - 1], spae_absolute_error(picture, rebuilt, 16 * 16 * 3));
    ck_assert(spae_ssim(picture, rebuilt, 16, 16, 3, 1, &w->arena, NULL, &ssim, NULL) == SPAE_OK);
    spae_spread_add(&w->ssim[layers - 1], ssim);
    return SPAE_OK;
}

START_TEST(who_looks_on_sees_everything)
{
    const spae_config config = preset_of("tiny-2d");
    spae_arena arena = new_arena();
    const spae_model model = generated_model(&config, WORDS, 5, &arena);
    const spae_dataset data = generated_data(&arena);
    watching w = {.arena = new_arena()};
    const spae_evaluation_watcher watcher = {see_tokens, see_rebuilt, &w};
    spae_evaluation e;
    spae_error err;
    ck_ok(spae_evaluate(&model, &data, 5, NULL, &watcher, NULL, &arena, &e, &err));
    ck_assert(w.encoded == 5 && w.rebuilt == 20);
    for (size_t l = 0; l < 4; l++) {
        const spae_evaluation_layer *layer = &e.layer[l];
        ck_assert(spae_spread_mean(&layer->decibels) == layer->psnr && layer->decibels.count == 5);
        ck_assert(spae_spread_mean(&layer->square_error) == spae_spread_mean(&w.square[l]));
        ck_assert(spae_spread_mean(&layer->absolute_error) == spae_spread_mean(&w.absolute[l]));
        ck_assert(spae_spread_mean(&layer->ssim) == spae_spread_mean(&w.ssim[l]));
        ck_assert(spae_spread_deviation(&layer->ssim) == spae_spread_deviation(&w.ssim[l]));
    }
    w = (watching){.arena = w.arena, .fail_at = 6};
    const size_t used = arena.used;
    ck_assert_int_eq(spae_evaluate(&model, &data, 5, NULL, &watcher, NULL, &arena, &e, &err), SPAE_ERR_IO);
    ck_assert_str_eq(err.text, "the disk is full");
    ck_assert(arena.used == used && w.rebuilt == 6 && e.pictures == 5);
    spae_arena_free(&w.arena);
    spae_arena_free(&arena);
}
END_TEST

START_TEST(without_labels_no_words_are_right)
{
    const spae_config config = preset_of("tiny-2d");
    spae_arena arena = new_arena();
    const spae_model model = generated_model(&config, WORDS, 5, &arena);
    spae_dataset data = generated_data(&arena);
    spae_evaluation e;
    spae_error err;
    data.labels = NULL;
    ck_ok(spae_evaluate(&model, &data, 1, NULL, NULL, NULL, &arena, &e, &err));
    ck_assert(!e.labelled && e.first_words == 0 && e.early_words == 0 && e.layer[3].own == 0 && e.pictures == 1);
    spae_arena_free(&arena);
}
END_TEST

START_TEST(weights_that_overflow_are_told)
{
    const spae_config config = preset_of("tiny-2d");
    spae_arena arena = new_arena();
    const spae_model model = generated_model(&config, WORDS, 5, &arena);
    const spae_dataset data = generated_data(&arena);
    spae_evaluation e = {.pictures = 77};
    spae_error err;
    model.values[0] = (spae_real)INFINITY;
    const size_t used = arena.used;
    ck_assert_int_eq(spae_evaluate(&model, &data, 1, NULL, NULL, NULL, &arena, &e, &err),
                     SPAE_ERR_NOT_FINITE);
    ck_assert(e.pictures == 77 && arena.used == used);
    spae_arena_free(&arena);
}
END_TEST

SUITE(suite_io_evaluation, "io/evaluation", the_measures_are_those_of_each_picture,
      who_looks_on_sees_everything, without_labels_no_words_are_right, weights_that_overflow_are_told)
