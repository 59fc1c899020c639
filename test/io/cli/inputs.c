/* io/cli/inputs: pictures land where they should, and models of video are refused. */
#define _POSIX_C_SOURCE 200809L

#include "../bytes.h"

#include "../../../io/cli/inputs.h"
#include "../../../io/image.h"
#include "run.h"

START_TEST(padded_in_the_middle)
{
    spae_arena arena = new_arena();
    const spae_model model = tiny_model(&arena, 1);
    spae_real *picture = NULL;
    enter();
    static const char grey[] = "P2 5 8 9 1 2 3 4 5 1 2 3 4 5 1 2 3 4 5 1 2 3 4 5 1 2 3 4 5 1 2 3 4 5 1 2 3 4 5 9 8 7 6 5";
    put_file("5x8.pgm", grey, strlen(grey));
    ck_assert_int_eq(spae_cli_load_picture(&model, "5x8.pgm", SPAE_CLI_PAD, &arena, &picture, NULL), SPAE_OK);
    for (size_t y = 0; y < 8; y++)
        for (size_t x = 0; x < 8; x++) { /* one black column at the left, two at the right */
            const float sample = y == 7 ? (float)(10 - x) : (float)x;
            const spae_real due = x >= 1 && x <= 5 ? (spae_real)(sample / 9.0f) : 0;
            for (size_t channel = 0; channel < 3; channel++)
                ck_assert(picture[(y * 8 + x) * 3 + channel] == due);
        }
    leave();
    spae_arena_free(&arena);
}
END_TEST

START_TEST(resized_as_image_does)
{
    spae_arena arena = new_arena();
    const spae_model model = tiny_model(&arena, 1);
    spae_real *picture = NULL;
    spae_image image, resized;
    enter();
    put_file("3x2.pgm", "P2 3 2 9 1 2 3 4 5 6", 20);
    ck_assert_int_eq(spae_cli_load_picture(&model, "3x2.pgm", SPAE_CLI_RESIZE, &arena, &picture, NULL), SPAE_OK);
    ck_assert_int_eq(spae_image_read(&arena, "3x2.pgm", NULL, &image, NULL), SPAE_OK);
    ck_assert_int_eq(spae_image_resize(&arena, &image, 8, 8, &resized, NULL), SPAE_OK);
    for (size_t i = 0; i < TINY_SAMPLES; i++)
        ck_assert(picture[i] == (spae_real)resized.pixels[i / 3]);
    leave();
    spae_arena_free(&arena);
}
END_TEST

START_TEST(video_is_refused)
{
    spae_arena arena = new_arena();
    spae_error err;
    spae_model model = {.codebook = {.V = 0}}, loaded_model;
    spae_config config = tiny_config();
    config.ndim = 3;
    config.picture[0] = 2;
    for (size_t l = 0; l < TINY_LAYERS; l++)
        config.pyramid.size[l][0] = l == TINY_LAYERS - 1 ? 2 : 1;
    enter();
    const spae_model words = tiny_model(&arena, 3);
    ck_assert_msg(spae_model_create(&model, &config, true, &arena, &err) == SPAE_OK, "%s", err.text);
    spae_model_init(&model, 0);
    model.codebook = words.codebook;
    model.word = words.word;
    ck_assert_msg(spae_model_save(&model, "video.npz", &arena, &err) == SPAE_OK, "%s", err.text);
    ck_assert_int_eq(spae_cli_load_model("video.npz", &arena, &loaded_model, &err), SPAE_ERR_SHAPE);
    ck_assert_str_eq(err.text, "video.npz: the model takes video of 2 frames, expected one for pictures");
    leave();
    spae_arena_free(&arena);
}
END_TEST

static spae_status load_again(spae_arena *arena, void *context, spae_error *err)
{
    spae_real *picture;
    const spae_arena_mark mark = spae_arena_here(arena);
    const spae_status status = spae_cli_load_picture(context, "3x2.pgm", SPAE_CLI_RESIZE, arena, &picture, err);
    if (status != SPAE_OK)
        spae_arena_reset(arena, mark);
    return status;
}

START_TEST(no_memory)
{
    spae_arena arena = new_arena();
    spae_model model = tiny_model(&arena, 1);
    enter();
    put_file("3x2.pgm", "P2 3 2 9 1 2 3 4 5 6", 20);
    starve(load_again, &model, 64);
    leave();
    spae_arena_free(&arena);
}
END_TEST

SUITE(suite_io_cli_inputs, "io/cli/inputs", padded_in_the_middle, resized_as_image_does, video_is_refused, no_memory)
