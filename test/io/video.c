/* io/video: each kind of file, some of its frames, and what is no video. */
#include "tiny.h"

#include <math.h>

#include "io/directory.h"
#include "io/npy.h"
#include "io/video.h"

enum { FRAMES = 3, HEIGHT = 4, WIDTH = 2, SAMPLES = HEIGHT * WIDTH * 3 };

/* Bytes over 255: any 8-bit format keeps them. */
static spae_video make_video(float pixels[FRAMES * SAMPLES])
{
    for (int i = 0; i < FRAMES * SAMPLES; i++)
        pixels[i] = (float)(i * i % 256) / 255.0f;
    return (spae_video){FRAMES, HEIGHT, WIDTH, pixels};
}

static void ck_video(const char *path, size_t from, size_t most, size_t due, double tolerance)
{
    spae_arena arena = new_arena();
    spae_video v;
    spae_error err;
    size_t frames = 0;
    float pixels[FRAMES * SAMPLES];
    make_video(pixels);
    ck_ok(spae_video_read(&arena, path, NULL, from, most, &v, &frames, &err));
    ck_assert(v.frames == due && v.height == HEIGHT && v.width == WIDTH && frames == FRAMES);
    for (size_t i = 0; i < due * SAMPLES; i++)
        ck_assert(fabs((double)v.pixels[i] - (double)pixels[from * SAMPLES + i]) <= tolerance);
    spae_arena_free(&arena);
}

static void ck_spans(const char *path, double tolerance)
{
    ck_video(path, 0, SIZE_MAX, 3, tolerance);
    ck_video(path, 0, 2, 2, tolerance);
    ck_video(path, 1, 1, 1, tolerance);
    ck_video(path, 2, 5, 1, tolerance);
}

static void ck_read_refused(const char *path, size_t from, spae_status due, const char *text)
{
    spae_arena arena = new_arena();
    spae_video v = {.frames = 77};
    spae_error err;
    ck_assert_int_eq(spae_video_read(&arena, path, NULL, from, SIZE_MAX, &v, NULL, &err), due);
    ck_assert_msg(strstr(err.text, text) != NULL, "%s", err.text);
    ck_assert(v.frames == 77 && arena.used == 0);
    spae_arena_free(&arena);
}

static void put_video(const char *path, const spae_video *v)
{
    spae_arena arena = new_arena();
    spae_error err;
    ck_ok(spae_video_write(&arena, path, v, &err));
    ck_assert_uint_eq(arena.used, 0);
    spae_arena_free(&arena);
}

/* The folder d of three pictures. */
static void remove_numbered(folder *f)
{
    static const char *const names[] = {"d/0001.png", "d/0002.png", "d/0003.png"};
    for (int t = 0; t < 3; t++)
        ck_assert_int_eq(remove(in_folder(f, names[t])), 0);
    ck_assert_int_eq(rmdir(in_folder(f, "d")), 0);
}

START_TEST(each_kind_is_written_and_read_back)
{
    folder f = make_folder();
    float pixels[FRAMES * SAMPLES];
    char path[200];
    const spae_video v = make_video(pixels);
    put_video(in_folder(&f, "v.npy"), &v);
    ck_spans(f.path, 0);
    ck_read_refused(f.path, 3, SPAE_ERR_SHAPE, "v.npy: there is no frame 4, it has 3");
    put_video(in_folder(&f, "v.y4m"), &v);
    ck_spans(f.path, 0.0063); /* test/io/y4m.c */
    ck_read_refused(f.path, 3, SPAE_ERR_SHAPE, "v.y4m: there is no frame 4, it has 3");
    put_video(in_folder(&f, "d/"), &v);
    put_video(f.path, &v); /* the folder is there now */
    snprintf(path, sizeof path, "%s/d", f.name);
    ck_spans(path, 0);
    ck_read_refused(path, 3, SPAE_ERR_SHAPE, "there is no frame 4, it has 3");
    ck_spans(in_folder(&f, "d/0001.png"), 0);
    ck_read_refused(in_folder(&f, "d/0002.png"), 2, SPAE_ERR_SHAPE,
                    "there is no frame 3, it has 2");
    ck_read_refused(in_folder(&f, "d/0004.png"), 0, SPAE_ERR_IO, "0004.png");
    remove_numbered(&f);
    remove_folder(&f, (const char *const[]){"v.npy", "v.y4m", NULL});
}
END_TEST

START_TEST(numbers_go_on_in_their_length)
{
    folder f = make_folder();
    spae_arena arena = new_arena();
    spae_video v;
    spae_error err;
    static const char *const names[] = {"a2.b-8.c.pgm", "a2.b-9.c.pgm", "a2.b-10.c.pgm", NULL};
    for (int t = 0; t < 3; t++)
        put_bytes(in_folder(&f, names[t]), "P5 1 1 255 a", 12);
    ck_ok(
        spae_video_read(&arena, in_folder(&f, "a2.b-8.c.pgm"), NULL, 0, SIZE_MAX, &v, NULL, &err));
    ck_assert(v.frames == 3 && v.height == 1 && v.width == 1 && v.pixels[8] == (float)'a' / 255.0f);
    put_bytes(in_folder(&f, "a2.b-9.c.pgm"), "P5 2 1 255 ab", 13);
    ck_read_refused(in_folder(&f, "a2.b-8.c.pgm"), 0, SPAE_ERR_SHAPE,
                    "a2.b-9.c.pgm: the picture is 2x1, the first of the video is 1x1");
    put_bytes(in_folder(&f, "a2.b-9.c.pgm"), "P5 2 1 255 a", 12);
    ck_read_refused(in_folder(&f, "a2.b-8.c.pgm"), 0, SPAE_ERR_FORMAT, "a2.b-9.c.pgm: ");
    remove_folder(&f, names);
    spae_arena_free(&arena);
}
END_TEST

START_TEST(what_is_no_video_is_refused)
{
    static const float four[16] = {0};
    static const int32_t whole[3] = {0};
    folder f = make_folder();
    spae_arena arena = new_arena();
    spae_error err;
    float pixels[FRAMES * SAMPLES];
    const spae_video v = make_video(pixels);
    ck_read_refused(f.name, 0, SPAE_ERR_SHAPE, "there is no frame 1, it has 0");
    put_bytes(in_folder(&f, "x.pgm"), "P5 1 1 255 a", 12);
    ck_read_refused(f.path, 0, SPAE_ERR_FORMAT,
                    "x.pgm: one picture is no video: its name has no number");
    put_bytes(in_folder(&f, "x.pgm"), "nothing", 7);
    ck_read_refused(f.name, 0, SPAE_ERR_FORMAT, "this is no PNG, JPEG, PPM, PGM or NPY");
    ck_ok(spae_npy_write_file(&arena, in_folder(&f, "x.npy"),
                              &(spae_npy_array){SPAE_NPY_F4, 4, {2, 2, 2, 2}, four}, &err));
    ck_read_refused(f.path, 0, SPAE_ERR_FORMAT, "x.npy: a video is (T,H,W,3)");
    ck_ok(spae_npy_write_file(&arena, f.path,
                              &(spae_npy_array){SPAE_NPY_I4, 4, {1, 1, 1, 3}, whole}, &err));
    ck_read_refused(f.path, 0, SPAE_ERR_FORMAT, "x.npy: a video is (T,H,W,3) of u1 or floats");
    ck_ok(spae_npy_write_file(
        &arena, f.path, &(spae_npy_array){SPAE_NPY_F4, 4, {1, 1, 1, 3}, (const float[]){0, 2, 0}},
        &err));
    ck_read_refused(f.path, 0, SPAE_ERR_FORMAT, "sample 1 is 2, outside 0 .. 1");
    ck_read_refused(in_folder(&f, "y.y4m"), 0, SPAE_ERR_IO, "y.y4m");
    ck_assert_int_eq(spae_video_write(&arena, "a.png", &v, &err), SPAE_ERR_ARGUMENT);
    ck_assert_msg(strstr(err.text, "a.png: the name of a video ends in .y4m, .npy or /") ==
                      err.text,
                  "%s", err.text);
    pixels[30] = (float)NAN;
    static const char *const names[] = {"n.npy", "n.y4m", "n/"};
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(spae_video_write(&arena, in_folder(&f, names[i]), &v, &err),
                         SPAE_ERR_NOT_FINITE);
    ck_assert_int_eq(remove(in_folder(&f, "n/0001.png")), 0); /* frame 2 was the one */
    ck_assert_int_eq(rmdir(in_folder(&f, "n")), 0);
    ck_assert_int_eq(spae_video_write(&arena, in_folder(&f, "no/where/"), &v, &err), SPAE_ERR_IO);
    remove_folder(&f, (const char *const[]){"x.pgm", "x.npy", NULL});
    spae_arena_free(&arena);
}
END_TEST

static spae_status read_in(spae_arena *arena, void *context, spae_error *err)
{
    spae_video v;
    return spae_video_read(arena, context, NULL, 0, SIZE_MAX, &v, NULL, err);
}

START_TEST(every_refused_allocation_is_told)
{
    folder f = make_folder();
    char path[200];
    float pixels[FRAMES * SAMPLES];
    const spae_video v = make_video(pixels);
    put_video(in_folder(&f, "v.y4m"), &v);
    starve(read_in, f.path, 64);
    put_video(in_folder(&f, "v-1.npy"), &v);
    starve(read_in, f.path, 64);
    put_video(in_folder(&f, "d/"), &v);
    snprintf(path, sizeof path, "%s/d", f.name);
    starve(read_in, path, 512);
    snprintf(path, sizeof path, "%s/d/0001.png", f.name);
    starve(read_in, path, 512);
    remove_numbered(&f);
    remove_folder(&f, (const char *const[]){"v.y4m", "v-1.npy", NULL});
}
END_TEST

SUITE(suite_io_video, "io/video", each_kind_is_written_and_read_back, numbers_go_on_in_their_length,
      what_is_no_video_is_refused, every_refused_allocation_is_told)
