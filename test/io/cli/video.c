/* spae encode and decode with a model of videos: each kind of file in and out, and which frames are
 * taken. */
#define _POSIX_C_SOURCE 200809L

#include "../bytes.h"

#include "../../../io/cli/commands.h"
#include "../../../io/video.h"
#include "run.h"

enum { FRAMES = 4, SIDE = 8, SAMPLES = SIDE * SIDE * 3 };

/* v.npz, a model of 4 frames of 8x8; v.npy, a video of `frames` frames, frame t made by formula. */
static void put_both(size_t frames)
{
    spae_arena arena = new_arena();
    spae_error err;
    const spae_video v = {frames, SIDE, SIDE,
                          spae_arena_take(&arena, frames, SAMPLES * sizeof(float))};
    for (size_t i = 0; i < frames * SAMPLES; i++)
        v.pixels[i] = (float)((37 * i + i / SAMPLES * i) % 256) / 255.0f;
    ck_assert_int_eq(run(spae_cli_init, "init --preset tiny-3d -o v.npz --words 40"), 0);
    ck_assert_msg(spae_video_write(&arena, "v.npy", &v, &err) == SPAE_OK, "%s", err.text);
    spae_arena_free(&arena);
}

/* What the library makes of frames from .. from + 3 of v.npy. */
static void rebuild(size_t from, int32_t token[16], spae_real rebuilt[FRAMES * SAMPLES])
{
    spae_arena arena = new_arena();
    spae_model model;
    spae_video v;
    spae_error err;
    ck_assert_int_eq(spae_model_load(&model, &arena, "v.npz", &err), SPAE_OK);
    ck_assert_uint_eq(spae_pyramid_total(&model.config.pyramid, model.config.pyramid.layers), 13);
    ck_assert_int_eq(spae_video_read(&arena, "v.npy", NULL, from, FRAMES, &v, NULL, &err), SPAE_OK);
    ck_assert_int_eq(spae_encode(&model, v.pixels, &arena, token, NULL, &err), SPAE_OK);
    ck_assert_int_eq(spae_decode(&model, token, 3, &arena, rebuilt, &err), SPAE_OK);
    spae_arena_free(&arena);
}

static void ck_written(const char *path, const spae_real *due, double tolerance)
{
    spae_arena arena = new_arena();
    spae_video v;
    spae_error err;
    ck_assert_msg(spae_video_read(&arena, path, NULL, 0, SIZE_MAX, &v, NULL, &err) == SPAE_OK, "%s",
                  err.text);
    ck_assert(v.frames == FRAMES && v.height == SIDE && v.width == SIDE);
    for (size_t i = 0; i < FRAMES * SAMPLES; i++) {
        const double clamped = due[i] < 0 ? 0 : due[i] > 1 ? 1 : (double)due[i];
        const double difference = (double)v.pixels[i] - clamped;
        ck_assert(difference <= tolerance && -difference <= tolerance);
    }
    spae_arena_free(&arena);
}

START_TEST(there_and_back)
{
    static const char *const outs[] = {"o.npy", "o.y4m", "o/"}, *const ins[] = {"o.npy", "o.y4m",
                                                                                "o"};
    static const double tolerance[] = {0, 0.0063, 0.5 / 255 + 1e-9};
    static spae_real due[FRAMES * SAMPLES];
    int32_t token[16];
    char line[128];
    enter();
    put_both(FRAMES);
    rebuild(0, token, due);
    ck_assert_int_eq(run(spae_cli_encode, "encode --model v.npz v.npy --format ids -o t"), 0);
    for (size_t i = 0; i < 3; i++) {
        snprintf(line, sizeof line, "decode --model v.npz t -o %s", outs[i]);
        ck_assert_msg(run(spae_cli_decode, line) == 0, "%s", run_err);
        ck_written(ins[i], due, tolerance[i]);
        snprintf(line, sizeof line, "encode --model v.npz %s -o again", ins[i]);
        ck_assert_msg(run(spae_cli_encode, line) == 0, "%s", run_err);
    }
    ck_assert_int_eq(run(spae_cli_encode, "encode --model v.npz o/0001.png v.npy -o two"), 0);
    refused(spae_cli_decode, "decode --model v.npz t -o o.png", 2,
            "-o: o.png: expected a name that ends in .y4m");
    refused(spae_cli_decode, "decode --model m.npz t -o o.y4m", 2,
            "-o: o.y4m: expected a name that ends in .ppm");
    leave();
}
END_TEST

START_TEST(some_of_the_frames)
{
    static spae_real due[FRAMES * SAMPLES];
    int32_t token[16];
    enter();
    put_both(6);
    refused(
        spae_cli_encode, "encode --model v.npz v.npy", 1,
        "v.npy: the video has 6 frames, the model takes 4: --from N takes those from frame N on");
    rebuild(2, token, due);
    ck_assert_int_eq(run(spae_cli_encode, "encode --model v.npz v.npy --from 3 -o t"), 0);
    ck_assert_int_eq(run(spae_cli_decode, "decode --model v.npz t -o o.npy"), 0);
    ck_written("o.npy", due, 0);
    refused(spae_cli_encode, "encode --model v.npz v.npy --from 4", 1,
            "6 frames, the model takes 4 from frame 4 on");
    refused(spae_cli_encode, "encode --model v.npz v.npy --from 7", 1,
            "v.npy: there is no frame 7, it has 6");
    refused(spae_cli_encode, "encode --model v.npz v.npy --from 0", 2, "--from: 0 is not");
    refused(spae_cli_encode, "encode --model m.npz in.npy --from 1", 2, "--from: is for videos");
    leave();
}
END_TEST

START_TEST(fitted)
{
    static const char header[] = "YUV4MPEG2 W4 H2 C444\n";
    bytes b = {{0}, 0};
    enter();
    put_both(FRAMES);
    add_text(&b, header);
    for (int t = 0; t < FRAMES; t++)
        add_text(&b, "FRAME\nabcdefghabcdefghabcdefgh");
    put_file("s.y4m", b.data, b.size);
    refused(spae_cli_encode, "encode --model v.npz s.y4m", 1,
            "s.y4m: the picture is 4x2, the model takes 8x8");
    ck_assert_int_eq(run(spae_cli_encode, "encode --model v.npz s.y4m --pad"), 0);
    ck_assert_int_eq(run(spae_cli_encode, "encode --model v.npz s.y4m --resize"), 0);
    refused(spae_cli_encode, "encode --model v.npz in.npy", 1, "in.npy: a video is (T,H,W,3)");
    refused(spae_cli_encode, "encode --model v.npz none.y4m", 1, "none.y4m");
    leave();
}
END_TEST

SUITE(suite_io_cli_video, "io/cli/video", there_and_back, some_of_the_frames, fitted)
