/* io/rebuilt_files: pictures and clips come back from where they are due. */
#include "tiny.h"

#include "io/image.h"
#include "io/npy.h"
#include "io/rebuilt_files.h"
#include "io/video.h"

enum { H = 2, W = 3, COUNT = H * W * 3 };

static void fill(spae_real *samples, size_t count)
{
    for (size_t i = 0; i < count; i++)
        samples[i] = (spae_real)(i % 6) / 5; /* whole bytes: 0, 51, .. 255 */
}

static void remove_sets(folder *f)
{
    static const char *const set[] = {"real", "layer1", "layer2"};
    for (size_t i = 0; i < 3; i++)
        ck_assert(rmdir(in_folder(f, set[i])) == 0);
    ck_assert(rmdir(f->name) == 0);
}

START_TEST(stills)
{
    folder f = make_folder();
    spae_arena arena = new_arena();
    const size_t size[3] = {1, H, W};
    spae_rebuilt_files files = {f.name, false, size, &arena};
    spae_real samples[COUNT];
    spae_image image;
    spae_error err;
    fill(samples, COUNT);
    ck_ok(spae_rebuilt_files_open(&files, 2, &err));
    ck_ok(spae_rebuilt_files_open(&files, 2, &err)); /* what is there stays */
    ck_ok(spae_rebuilt_files_write(&files, 0, 0, samples, &err));
    files.npy = true;
    ck_ok(spae_rebuilt_files_write(&files, 1234567, 2, samples, &err));
    ck_assert_uint_eq(arena.used, 0);
    for (int i = 0; i < 2; i++) {
        ck_ok(spae_image_read(&arena, in_folder(&f, i == 0 ? "real/000001.png" : "layer2/1234568.npy"), NULL, &image, &err));
        ck_assert(image.height == H && image.width == W && image.channels == 3);
        for (size_t k = 0; k < COUNT; k++)
            ck_assert(image.pixels[k] == (float)samples[k]);
        ck_assert(remove(f.path) == 0);
    }
    remove_sets(&f);
    spae_arena_free(&arena);
}
END_TEST

START_TEST(clips)
{
    folder f = make_folder();
    spae_arena arena = new_arena();
    const size_t size[3] = {2, H, W};
    spae_rebuilt_files files = {f.name, false, size, &arena};
    spae_real samples[2 * COUNT];
    spae_video video;
    spae_error err;
    fill(samples, 2 * COUNT);
    ck_ok(spae_rebuilt_files_open(&files, 2, &err));
    ck_ok(spae_rebuilt_files_write(&files, 8, 1, samples, &err));
    files.npy = true;
    ck_ok(spae_rebuilt_files_write(&files, 9, 1, samples, &err));
    for (int i = 0; i < 2; i++) {
        ck_ok(spae_video_read(&arena, in_folder(&f, i == 0 ? "layer1/000009" : "layer1/000010.npy"), NULL, 0, 9, &video, NULL,
                              &err));
        ck_assert(video.frames == 2 && video.height == H && video.width == W);
        for (size_t k = 0; k < 2 * COUNT; k++)
            ck_assert(video.pixels[k] == (float)samples[k]);
    }
    ck_assert(remove(in_folder(&f, "layer1/000009/0001.png")) == 0 && remove(in_folder(&f, "layer1/000009/0002.png")) == 0);
    ck_assert(rmdir(in_folder(&f, "layer1/000009")) == 0 && remove(in_folder(&f, "layer1/000010.npy")) == 0);
    remove_sets(&f);
    spae_arena_free(&arena);
}
END_TEST

START_TEST(refusals)
{
    folder f = make_folder();
    spae_arena arena = new_arena();
    const size_t size[3] = {1, H, W};
    spae_rebuilt_files files = {in_folder(&f, "no/where"), false, size, &arena};
    spae_real samples[COUNT];
    spae_error err;
    fill(samples, COUNT);
    ck_assert_int_eq(spae_rebuilt_files_open(&files, 2, &err), SPAE_ERR_IO);
    ck_assert_int_eq(spae_rebuilt_files_write(&files, 0, 0, samples, &err), SPAE_ERR_IO);
    files.folder = f.name;
    spae_arena none;
    spae_arena_fixed(&none, NULL, 0);
    files.arena = &none;
    ck_assert_int_eq(spae_rebuilt_files_open(&files, 2, &err), SPAE_ERR_NO_MEMORY);
    ck_assert_int_eq(spae_rebuilt_files_write(&files, 0, 0, samples, &err), SPAE_ERR_NO_MEMORY);
    ck_assert(rmdir(f.name) == 0);
    spae_arena_free(&arena);
}
END_TEST

SUITE(suite_io_rebuilt_files, "io/rebuilt_files", stills, clips, refusals)
