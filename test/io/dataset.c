/* io/dataset: folders and files of labelled pictures, padding, label words. */
#include "tiny.h"

static const uint8_t pictures[2 * 3 * 2] = {0, 51, 102, 153, 204, 255, 1, 2, 3, 4, 5, 6};
static const uint8_t labels[2] = {1, 0};

static void put_both(folder *f, const char *images, const char *labels_name)
{
    put_idx(in_folder(f, images), 3, (const uint32_t[]){2, 3, 2}, pictures);
    put_idx(in_folder(f, labels_name), 1, (const uint32_t[]){2}, labels);
}

static void ck_data(const spae_dataset *d)
{
    ck_assert(d->count == 2 && d->height == 3 && d->width == 2 && d->channels == 1);
    ck_assert(memcmp(d->pictures, pictures, sizeof pictures) == 0);
    ck_assert(memcmp(d->labels, labels, sizeof labels) == 0);
}

START_TEST(a_folder_has_two_parts)
{
    folder f = make_folder();
    spae_arena arena = new_arena();
    spae_dataset d;
    spae_error err;
    put_both(&f, "train-images-idx3-ubyte", "train-labels-idx1-ubyte");
    ck_ok(spae_dataset_open(&arena, f.name, SPAE_DATASET_TRAIN, &d, &err));
    ck_data(&d);
    ck_assert_int_eq(spae_dataset_open(&arena, f.name, SPAE_DATASET_TEST, &d, &err), SPAE_ERR_IO);
    ck_assert_msg(strstr(err.text, "or a folder with t10k-images-idx3-ubyte[.gz] in it") != NULL,
                  "%s", err.text);
    put_both(&f, "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte");
    ck_ok(spae_dataset_open(&arena, f.name, SPAE_DATASET_TEST, &d, &err));
    ck_data(&d);
    remove_folder(&f,
                  (const char *const[]){"train-images-idx3-ubyte", "train-labels-idx1-ubyte",
                                        "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte", NULL});
    spae_arena_free(&arena);
}
END_TEST

START_TEST(a_picture_file_finds_its_labels)
{
    folder f = make_folder();
    spae_arena arena = new_arena();
    spae_dataset d;
    spae_error err;
    put_both(&f, "my-images-idx3-ubyte", "my-labels-idx1-ubyte");
    ck_ok(spae_dataset_open(&arena, in_folder(&f, "my-images-idx3-ubyte"), SPAE_DATASET_TEST, &d,
                            &err));
    ck_data(&d);
    ck_assert_int_eq(remove(in_folder(&f, "my-labels-idx1-ubyte")), 0);
    ck_ok(spae_dataset_open(&arena, in_folder(&f, "my-images-idx3-ubyte"), SPAE_DATASET_TEST, &d,
                            &err));
    ck_assert(d.labels == NULL);
    remove_folder(&f, (const char *const[]){"my-images-idx3-ubyte", NULL});
    spae_arena_free(&arena);
}
END_TEST

static void ck_file_refused(unsigned rank, const uint32_t *shape, const char *part)
{
    static const uint8_t items[64];
    folder f = make_folder();
    spae_arena arena = new_arena();
    spae_dataset d;
    spae_error err;
    put_idx(in_folder(&f, "x"), rank, shape, items);
    ck_assert_int_eq(spae_dataset_open(&arena, f.path, SPAE_DATASET_TRAIN, &d, &err),
                     SPAE_ERR_FORMAT);
    ck_assert_msg(strstr(err.text, part) != NULL && strstr(err.text, f.path) != NULL, "%s",
                  err.text);
    ck_assert_uint_eq(arena.used, 0);
    remove_folder(&f, (const char *const[]){"x", NULL});
    spae_arena_free(&arena);
}

START_TEST(files_that_hold_no_pictures_are_refused)
{
    ck_file_refused(1, (const uint32_t[]){4},
                    "expected pictures, (n,h,w) or (n,h,w,3), found rank 1");
    ck_file_refused(4, (const uint32_t[]){2, 2, 2, 2}, "expected pictures");
    ck_file_refused(3, (const uint32_t[]){0, 2, 2}, "there are no pictures in it");
    ck_file_refused(3, (const uint32_t[]){2, 0, 2}, "there are no pictures in it");
}
END_TEST

START_TEST(labels_must_be_as_many_as_pictures)
{
    folder f = make_folder();
    spae_arena arena = new_arena();
    spae_dataset d;
    spae_error err;
    put_both(&f, "train-images-idx3-ubyte", "train-labels-idx1-ubyte");
    put_idx(in_folder(&f, "train-labels-idx1-ubyte"), 1, (const uint32_t[]){1}, labels);
    ck_assert_int_eq(spae_dataset_open(&arena, f.name, SPAE_DATASET_TRAIN, &d, &err),
                     SPAE_ERR_FORMAT);
    ck_assert_msg(strstr(err.text, "expected one label for each of 2 pictures, found 1") != NULL,
                  "%s", err.text);
    ck_assert_uint_eq(arena.used, 0);
    remove_folder(
        &f, (const char *const[]){"train-images-idx3-ubyte", "train-labels-idx1-ubyte", NULL});
    spae_arena_free(&arena);
}
END_TEST

START_TEST(what_is_not_there_is_told)
{
    spae_arena arena = new_arena();
    spae_dataset d;
    spae_error err;
    ck_assert_int_eq(spae_dataset_open(&arena, "/nowhere/at all", SPAE_DATASET_TRAIN, &d, &err),
                     SPAE_ERR_IO);
    ck_assert_str_eq(
        err.text,
        "/nowhere/at all: expected an IDX file, or a folder with train-images-idx3-ubyte[.gz] "
        "in it");
    spae_arena_free(&arena);
}
END_TEST

/* A model's picture of H x W; the rest is of no importance. */
static spae_config picture_of(size_t T, size_t H, size_t W)
{
    spae_config config = preset_of("tiny-2d");
    config.picture[0] = T;
    config.picture[1] = H;
    config.picture[2] = W;
    return config;
}

START_TEST(grey_pictures_lie_in_the_middle)
{
    const spae_dataset d = {2, 3, 2, 1, pictures, NULL, "x"};
    const spae_config config =
        picture_of(1, 4, 5); /* one row below, one column at the left and two at the right */
    spae_real p[4 * 5 * 3];
    spae_dataset_picture(&d, 0, &config, p);
    for (size_t y = 0; y < 4; y++)
        for (size_t x = 0; x < 5; x++)
            for (size_t k = 0; k < 3; k++) {
                const bool inside = y < 3 && x >= 1 && x < 3;
                const spae_real due = inside ? (spae_real)pictures[y * 2 + x - 1] / 255 : 0;
                ck_assert(p[(y * 5 + x) * 3 + k] == due);
            }
}
END_TEST

START_TEST(colours_stay)
{
    const spae_dataset d = {2, 1, 2, 3, pictures, NULL, "x"};
    const spae_config config = picture_of(1, 1, 2);
    spae_real p[6];
    spae_dataset_picture(&d, 1, &config, p);
    for (size_t i = 0; i < 6; i++)
        ck_assert(p[i] == (spae_real)pictures[6 + i] / 255);
}
END_TEST

START_TEST(pictures_larger_than_the_models_are_refused)
{
    const spae_dataset d = {2, 3, 2, 1, pictures, NULL, "x"};
    const spae_config same = picture_of(1, 3, 2), low = picture_of(1, 2, 2),
                      slim = picture_of(1, 3, 1), film = picture_of(2, 3, 2);
    spae_error err;
    ck_ok(spae_dataset_fits(&d, &same, &err));
    ck_refused(spae_dataset_fits(&d, &low, &err), SPAE_ERR_SHAPE, err,
               "3x2, the model takes up to 2x2");
    ck_refused(spae_dataset_fits(&d, &slim, &err), SPAE_ERR_SHAPE, err,
               "3x2, the model takes up to 3x1");
    ck_refused(spae_dataset_fits(&d, &film, &err), SPAE_ERR_SHAPE, err,
               "the model takes 2 frames of 3x2");
}
END_TEST

START_TEST(label_words_are_found)
{
    static const char *const vocabulary[] = {"the", "one", "zero", "one"}, *const words[] = {"zero",
                                                                                             "one"};
    const spae_dataset d = {2, 3, 2, 1, pictures, labels, "x"};
    int32_t token[2] = {-1, -1};
    spae_error err;
    ck_ok(spae_dataset_tokens(&d, words, 2, vocabulary, 4, token, &err));
    ck_assert(token[0] == 2 && token[1] == 1); /* the first of equal words */
    token[0] = -1;
    ck_refused(spae_dataset_tokens(&d, words, 2, vocabulary, 2, token, &err), SPAE_ERR_ARGUMENT,
               err, "the label word \"zero\" is not in the vocabulary of 2 words");
    ck_assert_int_eq(token[0], -1);
    ck_refused(spae_dataset_tokens(&d, words, 1, vocabulary, 4, token, &err), SPAE_ERR_ARGUMENT,
               err, "picture 0 has label 1, there are words for 1 labels");
    ck_assert_int_eq(token[0], -1);
}
END_TEST

START_TEST(the_hash_sees_pictures_labels_and_shape)
{
    const spae_dataset a = {2, 3, 2, 1, pictures, labels, "x"},
                       b = {2, 2, 3, 1, pictures, labels, "x"},
                       c = {2, 3, 2, 1, pictures, NULL, "x"},
                       d = {2, 3, 2, 1, pictures, labels, "y"};
    char x[65], y[65];
    spae_dataset_hash(&a, x);
    spae_dataset_hash(&b, y);
    ck_assert_str_ne(x, y);
    spae_dataset_hash(&c, y);
    ck_assert_str_ne(x, y);
    spae_dataset_hash(&d, y);
    ck_assert_str_eq(x, y);
}
END_TEST

SUITE(suite_io_dataset, "io/dataset", a_folder_has_two_parts, a_picture_file_finds_its_labels,
      files_that_hold_no_pictures_are_refused, labels_must_be_as_many_as_pictures,
      what_is_not_there_is_told, grey_pictures_lie_in_the_middle, colours_stay,
      pictures_larger_than_the_models_are_refused, label_words_are_found,
      the_hash_sees_pictures_labels_and_shape)
