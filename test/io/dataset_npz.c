/* io/dataset_npz: archives of pictures with a table of words. */
#include "dataset_files.h"

#include "io/npz.h"

enum { MANY = 17, SIDE = 4 };

/* Members: "notes" of numbers, "small" (17,2,2,3), "large" (17,4,4,3), all deflated. */
static spae_status fill_archive(spae_sink *sink, void *context, spae_error *err)
{
    static uint8_t small[MANY * 2 * 2 * 3], large[MANY * SIDE * SIDE * 3];
    spae_arena arena = new_arena();
    spae_npz_writer w = spae_npz_begin(&arena, sink);
    const size_t n = *(const size_t *)context;
    for (size_t i = 0; i < sizeof large; i++)
        large[i] = sample_of(i);
    spae_status status = spae_npz_add(
        &w, "notes", &(spae_npy_array){SPAE_NPY_F4, 1, {2}, (const float[]){1, 2}}, true, err);
    if (status == SPAE_OK)
        status = spae_npz_add(&w, "small", &(spae_npy_array){SPAE_NPY_U1, 4, {n, 2, 2, 3}, small},
                              true, err);
    if (status == SPAE_OK)
        status = spae_npz_add(
            &w, "large", &(spae_npy_array){SPAE_NPY_U1, 4, {n, SIDE, SIDE, 3}, large}, true, err);
    if (status == SPAE_OK)
        status = spae_npz_end(&w, err);
    spae_arena_free(&arena);
    return status;
}

static void put_archive(folder *f, const char *name, size_t n)
{
    spae_arena arena = new_arena();
    spae_error err;
    ck_ok(spae_file_replace(&arena, in_folder(f, name), fill_archive, &n, &err));
    spae_arena_free(&arena);
}

static const size_t four_by_four[3] = {1, SIDE, SIDE};

static void ck_archive(const char *path)
{
    const spae_config config = picture_of(1, SIDE, SIDE);
    spae_arena arena = new_arena();
    spae_dataset d;
    spae_error err;
    spae_real p[SIDE * SIDE * 3];
    ck_ok(spae_dataset_open(&arena, path, SPAE_DATASET_TEST, four_by_four, &d, &err));
    ck_assert(d.count == 2 && d.row[0] == 7 && d.row[1] == 15);
    ck_ok(spae_dataset_open(&arena, path, SPAE_DATASET_TRAIN, four_by_four, &d, &err));
    ck_assert(d.count == 15 && d.row[6] == 6 && d.row[7] == 8 && d.row[14] == 16);
    ck_assert(d.height == SIDE && d.width == SIDE && d.channels == 3);
    spae_dataset_picture(&d, 7, &config, p);
    for (size_t i = 0; i < SIDE * SIDE * 3; i++)
        ck_assert(p[i] == (spae_real)sample_of(8 * SIDE * SIDE * 3 + i) / 255);
    ck_assert(d.words.count == MANY && spae_dataset_label(&d, 7) == 8);
    ck_assert(d.words.first[8] == 16 && d.words.first[9] == 18);
    ck_assert_str_eq(d.words.word[16], "word8");
    ck_assert_str_eq(d.words.word[17], "common");
    spae_arena_free(&arena);
}

START_TEST(an_archive_has_a_table_of_words)
{
    folder f = make_folder();
    put_archive(&f, "some-images.npz", MANY);
    put_table(&f, "some-labels.tsv", MANY);
    ck_archive(in_folder(&f, "some-images.npz"));
    ck_archive(f.name);
    remove_folder(&f, (const char *const[]){"some-images.npz", "some-labels.tsv", NULL});
}
END_TEST

START_TEST(an_archive_may_lack_a_table)
{
    folder f = make_folder();
    spae_arena arena = new_arena();
    spae_dataset d;
    spae_error err;
    put_archive(&f, "x.npz", MANY);
    ck_ok(spae_dataset_open(&arena, in_folder(&f, "x.npz"), SPAE_DATASET_TEST,
                            (const size_t[]){1, 2, 2}, &d, &err));
    ck_assert(d.labels == NULL && d.words.count == 0 && d.count == 2 && d.height == 2);
    remove_folder(&f, (const char *const[]){"x.npz", NULL});
    spae_arena_free(&arena);
}
END_TEST

START_TEST(archives_that_do_not_fit_are_refused)
{
    folder f = make_folder();
    put_archive(&f, "a-images.npz", 7);
    ck_open_refused(f.name, SPAE_DATASET_TRAIN, still, SPAE_ERR_SHAPE,
                    "a-images.npz: the model takes pictures of 3x2, found small 2x2, large 4x4");
    ck_open_refused(f.name, SPAE_DATASET_TEST, four_by_four, SPAE_ERR_FORMAT,
                    "none of 7 is for testing");
    put_table(&f, "a-labels.tsv", 6);
    ck_open_refused(f.name, SPAE_DATASET_TRAIN, four_by_four, SPAE_ERR_FORMAT,
                    "a-labels.tsv: ends after 6 of 7 pictures");
    put_archive(&f, "a-images.npz", 0);
    ck_open_refused(f.name, SPAE_DATASET_TRAIN, four_by_four, SPAE_ERR_FORMAT,
                    "found no array of them at all");
    put_archive(&f, "b-images.npz", 7);
    ck_open_refused(f.name, SPAE_DATASET_TRAIN, four_by_four, SPAE_ERR_FORMAT,
                    "2 files end in images.npz, expected one");
    put_bytes(in_folder(&f, "b-images.npz"), "PK", 2);
    ck_open_refused(f.path, SPAE_DATASET_TRAIN, four_by_four, SPAE_ERR_FORMAT, "b-images.npz: ");
    ck_open_refused(in_folder(&f, "c.npz"), SPAE_DATASET_TRAIN, four_by_four, SPAE_ERR_IO,
                    "c.npz: ");
    remove_folder(&f, (const char *const[]){"a-images.npz", "a-labels.tsv", "b-images.npz", NULL});
}
END_TEST

SUITE(suite_io_dataset_npz, "io/dataset_npz", an_archive_has_a_table_of_words,
      an_archive_may_lack_a_table, archives_that_do_not_fit_are_refused)
