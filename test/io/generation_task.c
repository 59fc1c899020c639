/* io/generation_task: contexts of pictures, each pair made again from its definition. */
#include "language.h"

#undef ck_ok /* the same in both */
#include "tiny.h"
#include "tiny_model.h"

#include "io/generation_task.h"

typedef struct {
    spae_arena arena;
    spae_model model;
    spae_real picture[TINY_SAMPLES];
    spae_generation_task task;
} fixture;

static void start(fixture *f)
{
    spae_error err;
    f->arena = new_arena();
    f->model = tiny_model(&f->arena, TINY_V);
    ck_ok(spae_codebook_prepare(&f->model.codebook, &f->arena, &err));
    tiny_picture(f->picture);
}

/* Tokens of all layers. */
static void encode(fixture *f, const spae_real *picture, int32_t token[TINY_TOKENS])
{
    spae_error err;
    ck_ok(spae_encode(&f->model, picture, &f->arena, token, NULL, &err));
}

static void ck_same(const int32_t *a, const int32_t *b, const char *what, size_t i)
{
    for (size_t t = 0; t < TINY_TOKENS; t++)
        ck_assert_msg(a[t] == b[t], "%s %zu: token %zu is %d, due %d", what, i, t, (int)a[t],
                      (int)b[t]);
}

static size_t differ(const int32_t *a, const int32_t *b)
{
    size_t n = 0;
    for (size_t t = 0; t < TINY_TOKENS; t++)
        n += a[t] != b[t];
    return n;
}

/* The examples are (u, v) with Eq. 12's noise, rates 0.5 down to 0.1 in five steps: 19, 15, 11, 7,
 * 4 of 37 tokens. */
static void ck_noisy(fixture *f, const int32_t *u, const int32_t *v,
                     const spae_context_noise *noise)
{
    static const size_t changed[] = {19, 15, 11, 7, 4};
    spae_error err;
    ck_assert_uint_eq(f->task.examples, 5);
    for (size_t i = 0; i < 5; i++) {
        int32_t pair[2][TINY_TOKENS];
        memcpy(pair[0], u, sizeof pair[0]);
        memcpy(pair[1], v, sizeof pair[1]);
        ck_ok(spae_corrupt_pair(
            pair[0], TINY_TOKENS, pair[1], TINY_TOKENS, TINY_V,
            spae_corruption_rate(noise->schedule, noise->first, noise->last, i, 5), noise->seed,
            (uint32_t)i, &f->arena, &err));
        const spae_prompt_pair *p = &f->task.example[i];
        ck_assert(p->text == NULL && p->string.count == TINY_TOKENS);
        ck_same(p->string.token, pair[0], "condition", i);
        ck_same(p->target, pair[1], "target", i);
        ck_assert_uint_eq(differ(p->string.token, u), changed[i]);
        ck_assert_uint_eq(differ(p->target, v), changed[i]);
    }
    ck_assert(f->task.query.text == NULL && f->task.query.string.count == TINY_TOKENS);
    ck_same(f->task.query.string.token, u, "query", 0); /* without noise */
    ck_same(f->task.query.target, v, "answer", 0);
}

START_TEST(denoising)
{
    spae_error err;
    fixture f;
    size_t telling = 0; /* transforms that this model's tokens show */
    for (int transform = 0; transform < SPAE_TRANSFORMS; transform++) {
        int32_t whole[TINY_TOKENS], altered[TINY_TOKENS];
        spae_real changed[TINY_SAMPLES];
        const spae_context_noise noise = {SPAE_RATES_LINEAR, 0.5, 0.1, 5, 3};
        start(&f);
        ck_ok(spae_transform_picture((spae_transform)transform, f.picture, f.model.config.picture,
                                     &f.arena, changed, &err));
        encode(&f, f.picture, whole);
        encode(&f, changed, altered);
        telling += differ(whole, altered) > 0;
        ck_ok(spae_task_denoise(&f.model, f.picture, (spae_transform)transform, &noise, &f.arena,
                                &f.task, &err));
        if (spae_transform_is_target((spae_transform)transform))
            ck_noisy(&f, whole, altered, &noise);
        else
            ck_noisy(&f, altered, whole, &noise);
        spae_arena_free(&f.arena);
    }
    ck_assert_msg(telling >= 4, "%zu transforms change a token", telling);
}
END_TEST

START_TEST(the_papers_noise)
{
    const spae_context_noise noise = spae_context_noise_defaults();
    ck_assert(noise.schedule == SPAE_RATES_LINEAR && noise.examples == 10 && noise.seed == 0);
    for (size_t i = 0; i < 10; i++) {
        const double rate =
            spae_corruption_rate(noise.schedule, noise.first, noise.last, i, noise.examples);
        ck_assert_msg(rate * 100 > 50 - 3 * (double)i - 1e-6 &&
                          rate * 100 < 50 - 3 * (double)i + 1e-6,
                      "rate %zu is %g", i, rate);
    }
}
END_TEST

/* 1 .. 4 and 6 .. 9 are the context, 5 is the picture itself. */
START_TEST(interpolation)
{
    spae_error err;
    fixture f;
    for (int set = 0; set < SPAE_PIXEL_SETS; set++) {
        start(&f);
        ck_ok(spae_task_interpolate(&f.model, f.picture, (spae_pixel_set)set, &f.arena, &f.task,
                                    &err));
        ck_assert_uint_eq(f.task.examples, 8);
        for (size_t i = 0; i < 8; i++) {
            int32_t due[TINY_TOKENS];
            spae_real changed[TINY_SAMPLES];
            const char text[] = {(char)('1' + i + (i >= 4)), '\0'};
            spae_adjust_pixels((spae_pixel_set)set, i + (i >= 4), f.picture, f.model.config.picture,
                               changed);
            encode(&f, changed, due);
            ck_assert_str_eq(f.task.example[i].text, text);
            ck_same(f.task.example[i].target, due, "example", i);
        }
        int32_t own[TINY_TOKENS];
        spae_real rounded[TINY_SAMPLES];
        spae_adjust_pixels((spae_pixel_set)set, 4, f.picture, f.model.config.picture, rounded);
        encode(&f, rounded, own);
        ck_assert_str_eq(f.task.query.text, "5");
        ck_same(f.task.query.target, own, "query", 0);
        spae_arena_free(&f.arena);
    }
}
END_TEST

/* Every frame of the condition is the video's first. */
START_TEST(frames)
{
    enum { FRAMES = 4, FRAME = 8 * 8 * 3 };
    static spae_real video[FRAMES * FRAME], still[FRAMES * FRAME];
    spae_arena arena = new_arena();
    spae_generation_task task;
    spae_error err;
    spae_config config = preset_of("tiny-3d");
    ck_assert(config.picture[0] == FRAMES && config.picture[1] == 8 && config.picture[2] == 8);
    const spae_model model = generated_model(&config, 50, 3, &arena);
    const size_t tokens = spae_pyramid_total(&config.pyramid, config.pyramid.layers);
    int32_t *u = spae_arena_take(&arena, tokens, sizeof *u),
            *v = spae_arena_take(&arena, tokens, sizeof *v);
    for (size_t i = 0; i < FRAMES * FRAME; i++) {
        video[i] = (spae_real)(i * i % 101) / 100;
        still[i] = (spae_real)(i % FRAME * (i % FRAME) % 101) / 100;
    }
    ck_ok(spae_encode(&model, still, &arena, u, NULL, &err));
    ck_ok(spae_encode(&model, video, &arena, v, NULL, &err));
    const spae_context_noise noise = {SPAE_RATES_COSINE, 0, 0, 2,
                                      1}; /* rates of 0: the pairs are the tokens */
    ck_ok(spae_task_frames(&model, video, &noise, &arena, &task, &err));
    ck_assert_uint_eq(task.examples, 2);
    ck_assert(memcmp(u, v, tokens * sizeof *u) != 0);
    for (size_t i = 0; i < 2; i++) {
        ck_assert(memcmp(task.example[i].string.token, u, tokens * sizeof *u) == 0);
        ck_assert(memcmp(task.example[i].target, v, tokens * sizeof *v) == 0);
    }
    ck_assert(memcmp(task.query.string.token, u, tokens * sizeof *u) == 0 &&
              task.query.string.count == tokens);
    ck_assert(memcmp(task.query.target, v, tokens * sizeof *v) == 0);
    spae_arena_free(&arena);
}
END_TEST

/* Shot by shot, the classes in their order, each picture one of its class, the words "an image of
 * k". */
START_TEST(labelled)
{
    static uint8_t pixels[12 * 64];
    static const int32_t label[12] = {2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1};
    static const char *const name[] = {"zero", "one", "two"};
    const spae_dataset data = {.count = 12,
                               .frames = 1,
                               .height = 8,
                               .width = 8,
                               .channels = 1,
                               .pictures = pixels,
                               .labels = label,
                               .name = "d"};
    spae_classes classes;
    spae_error err;
    fixture f;
    start(&f);
    for (size_t i = 0; i < sizeof pixels; i++)
        pixels[i] = (uint8_t)(i * i * (1 + i / 64) % 251);
    ck_ok(spae_classes_of(&data, name, 3, &f.arena, &classes, &err));
    ck_ok(spae_task_labelled(&f.model, &data, &classes, 3, 2, 5, &f.arena, &f.task, &err));
    ck_assert(f.task.examples == 6);
    bool seen[12] = {false};
    for (size_t i = 0; i < 6; i++) {
        static const char *const due[] = {"an image of 0", "an image of 1", "an image of 2"};
        size_t found = 12;
        ck_assert_str_eq(f.task.example[i].text, due[i % 3]);
        for (size_t p = 0; p < 12 && found == 12; p++) {
            int32_t token[TINY_TOKENS];
            spae_real picture[TINY_SAMPLES];
            spae_dataset_picture(&data, p, &f.model.config, picture);
            encode(&f, picture, token);
            if (!seen[p] && label[p] == (int32_t)(i % 3) &&
                differ(token, f.task.example[i].target) == 0)
                found = p;
        }
        ck_assert_msg(found < 12, "example %zu is no picture of class %zu, or one again", i, i % 3);
        seen[found] = true;
    }
    ck_fails(spae_task_labelled(&f.model, &data, &classes, 3, 4, 5, &f.arena, &f.task, &err),
             SPAE_ERR_ARGUMENT, "0 of 3 classes have 5 pictures");
    spae_arena_free(&f.arena);
}
END_TEST

SUITE(suite_io_generation_task, "io/generation_task", denoising, the_papers_noise, interpolation,
      frames, labelled)
