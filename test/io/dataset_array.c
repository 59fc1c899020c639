/* io/dataset_array: arrays of pictures and videos of one file. */
#include "dataset_files.h"

#include "io/npy.h"

static void put_array(const char *path, spae_npy_type type, const size_t *shape, unsigned rank,
                      const void *data)
{
    spae_arena arena = new_arena();
    spae_error err;
    spae_npy_array array = {type, rank, {0}, data};
    for (unsigned i = 0; i < rank; i++)
        array.shape[i] = shape[i];
    ck_ok(spae_npy_write_file(&arena, path, &array, &err));
    spae_arena_free(&arena);
}

START_TEST(an_array_of_floats_becomes_bytes)
{
    static float values[8 * 4];
    folder f = make_folder();
    spae_arena arena = new_arena();
    spae_dataset d;
    spae_error err;
    for (int i = 0; i < 32; i++)
        values[i] = (float)i / 31;
    put_array(in_folder(&f, "x-images.npy"), SPAE_NPY_F4, (const size_t[]){8, 2, 2}, 3, values);
    put_table(&f, "x-labels.tsv", 8);
    ck_ok(spae_dataset_open(&arena, in_folder(&f, "x-images.npy"), SPAE_DATASET_TEST, still, &d,
                            &err));
    ck_assert(d.count == 1 && d.frames == 1 && d.height == 2 && d.width == 2 && d.channels == 1);
    for (int i = 0; i < 4; i++)
        ck_assert_uint_eq(d.pictures[28 + i], (unsigned)((28 + i) / 31.0 * 255 + 0.5));
    ck_assert(spae_dataset_label(&d, 0) == 7 && d.words.count == 8);
    values[9] = 1.5f;
    put_array(in_folder(&f, "x-images.npy"), SPAE_NPY_F4, (const size_t[]){8, 2, 2}, 3, values);
    ck_open_refused(f.path, SPAE_DATASET_TRAIN, still, SPAE_ERR_FORMAT,
                    "sample 1 is 1.5, outside 0 .. 1");
    put_array(f.path, SPAE_NPY_F4, (const size_t[]){8, 2, 1, 2}, 4, values);
    ck_open_refused(f.path, SPAE_DATASET_TRAIN, still, SPAE_ERR_FORMAT,
                    "x-images.npy: expected pictures (n,H,W), (n,H,W,1) or (n,H,W,3) of u1");
    ck_open_refused(f.path, SPAE_DATASET_TRAIN, (const size_t[]){2, 2, 2}, SPAE_ERR_FORMAT,
                    "x-images.npy: expected videos (n,T,H,W,1) or (n,T,H,W,3) of u1");
    remove_folder(&f, (const char *const[]){"x-images.npy", "x-labels.tsv", NULL});
    spae_arena_free(&arena);
}
END_TEST

START_TEST(an_array_of_videos_is_cut_into_clips)
{
    enum { VIDEOS = 9, HAS = 5, TAKES = 2, PIXELS = 2 * 3 * 3 };
    static uint8_t values[VIDEOS * HAS * PIXELS];
    static const size_t picture[3] = {TAKES, 2, 3};
    spae_config config = picture_of(TAKES, 2, 3);
    folder f = make_folder();
    spae_arena arena = new_arena();
    spae_dataset d;
    spae_error err;
    spae_real p[TAKES * PIXELS];
    for (size_t i = 0; i < sizeof values; i++)
        values[i] = sample_of(i);
    put_array(in_folder(&f, "v-images.npy"), SPAE_NPY_U1, (const size_t[]){VIDEOS, HAS, 2, 3, 3}, 5,
              values);
    put_table(&f, "v-labels.tsv", VIDEOS);
    ck_ok(spae_dataset_open(&arena, in_folder(&f, "v-images.npy"), SPAE_DATASET_TRAIN, picture, &d,
                            &err));
    ck_assert(d.count == 16 &&
              d.frames == TAKES); /* 8 videos of 2 clips; the fifth frame is not used */
    ck_ok(spae_dataset_fits(&d, &config, &err));
    for (size_t i = 0; i < d.count; i++) {
        const size_t video = i / 2 < 7 ? i / 2 : 8, first = (video * HAS + i % 2 * TAKES) * PIXELS;
        ck_assert_int_eq(spae_dataset_label(&d, i), (int)video);
        spae_dataset_picture(&d, i, &config, p);
        for (size_t j = 0; j < TAKES * PIXELS; j++)
            ck_assert(p[j] == (spae_real)values[first + j] / 255);
    }
    ck_ok(spae_dataset_open(&arena, f.path, SPAE_DATASET_TEST, picture, &d, &err));
    ck_assert(d.count == 2 && spae_dataset_label(&d, 0) == 7 && spae_dataset_label(&d, 1) == 7);
    config.picture[0] = 1;
    ck_assert_int_eq(spae_dataset_fits(&d, &config, &err), SPAE_ERR_SHAPE);
    ck_assert_msg(strstr(err.text, "videos, but the model takes 1 frame of 2x3") != NULL, "%s",
                  err.text);
    ck_open_refused(f.path, SPAE_DATASET_TRAIN, (const size_t[]){6, 2, 3}, SPAE_ERR_SHAPE,
                    "v-images.npy: videos of 5 frames, the model takes 6");
    remove_folder(&f, (const char *const[]){"v-images.npy", "v-labels.tsv", NULL});
    spae_arena_free(&arena);
}
END_TEST

SUITE(suite_io_dataset_array, "io/dataset_array", an_array_of_floats_becomes_bytes,
      an_array_of_videos_is_cut_into_clips)
