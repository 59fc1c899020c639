/* io/dataset: folders and files of labelled pictures, padding, label words. */
#include "dataset_files.h"

static const uint8_t pictures[2 * 3 * 2] = {0, 51, 102, 153, 204, 255, 1, 2, 3, 4, 5, 6};
static const uint8_t labels[2] = {1, 0};
static const int32_t numbers[2] = {1, 0}; /* the labels as read */

static void put_both(folder *f, const char *images, const char *labels_name)
{
    put_idx(in_folder(f, images), 3, (const uint32_t[]){2, 3, 2}, pictures);
    put_idx(in_folder(f, labels_name), 1, (const uint32_t[]){2}, labels);
}

static void ck_data(const spae_dataset *d)
{
    ck_assert(d->count == 2 && d->height == 3 && d->width == 2 && d->channels == 1);
    ck_assert(memcmp(d->pictures, pictures, sizeof pictures) == 0);
    ck_assert(memcmp(d->labels, numbers, sizeof numbers) == 0);
    ck_assert(d->row == NULL && d->words.count == 0 && spae_dataset_label(d, 0) == 1);
}

START_TEST(a_folder_has_two_parts)
{
    folder f = make_folder();
    spae_arena arena = new_arena();
    spae_dataset d;
    spae_error err;
    put_both(&f, "train-images-idx3-ubyte", "train-labels-idx1-ubyte");
    ck_ok(spae_dataset_open(&arena, f.name, SPAE_DATASET_TRAIN, still, &d, &err));
    ck_data(&d);
    ck_assert_int_eq(spae_dataset_open(&arena, f.name, SPAE_DATASET_TEST, still, &d, &err),
                     SPAE_ERR_IO);
    ck_assert_msg(strstr(err.text, ": expected t10k-images-idx3-ubyte[.gz] in it too") != NULL,
                  "%s", err.text);
    put_both(&f, "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte");
    ck_ok(spae_dataset_open(&arena, f.name, SPAE_DATASET_TEST, still, &d, &err));
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
    ck_ok(spae_dataset_open(&arena, in_folder(&f, "my-images-idx3-ubyte"), SPAE_DATASET_TEST, still,
                            &d, &err));
    ck_data(&d);
    ck_assert_int_eq(remove(in_folder(&f, "my-labels-idx1-ubyte")), 0);
    ck_ok(spae_dataset_open(&arena, in_folder(&f, "my-images-idx3-ubyte"), SPAE_DATASET_TEST, still,
                            &d, &err));
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
    ck_assert_int_eq(spae_dataset_open(&arena, f.path, SPAE_DATASET_TRAIN, still, &d, &err),
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
    ck_assert_int_eq(spae_dataset_open(&arena, f.name, SPAE_DATASET_TRAIN, still, &d, &err),
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
    ck_assert_int_eq(
        spae_dataset_open(&arena, "/nowhere/at all", SPAE_DATASET_TRAIN, still, &d, &err),
        SPAE_ERR_IO);
    ck_assert_str_eq(err.text,
                     "/nowhere/at all: expected an IDX file, an array .npy, an archive .npz, a video .y4m, or a "
        "folder of pictures, videos or train-images-idx3-ubyte[.gz]");
    spae_arena_free(&arena);
}
END_TEST

START_TEST(grey_pictures_lie_in_the_middle)
{
    const spae_dataset d = {.count = 2,
                            .frames = 1,
                            .height = 3,
                            .width = 2,
                            .channels = 1,
                            .pictures = pictures,
                            .name = "x"};
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
    const spae_dataset d = {.count = 2,
                            .frames = 1,
                            .height = 1,
                            .width = 2,
                            .channels = 3,
                            .pictures = pictures,
                            .name = "x"};
    const spae_config config = picture_of(1, 1, 2);
    spae_real p[6];
    spae_dataset_picture(&d, 1, &config, p);
    for (size_t i = 0; i < 6; i++)
        ck_assert(p[i] == (spae_real)pictures[6 + i] / 255);
}
END_TEST

START_TEST(pictures_larger_than_the_models_are_refused)
{
    const spae_dataset d = {.count = 2,
                            .frames = 1,
                            .height = 3,
                            .width = 2,
                            .channels = 1,
                            .pictures = pictures,
                            .name = "x"};
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

static spae_words index_words(const char *const *word, size_t V, spae_arena *arena)
{
    spae_words words;
    spae_error err;
    ck_ok(spae_words_index(word, V, arena, &words, &err));
    return words;
}

START_TEST(label_words_are_found)
{
    static const char *const vocabulary[] = {"the", "one", "zero", "one"}, *const words[] = {"zero",
                                                                                             "one"};
    spae_dataset d = {.count = 2,
                      .frames = 1,
                      .height = 3,
                      .width = 2,
                      .channels = 1,
                      .pictures = pictures,
                      .labels = numbers,
                      .name = "x"};
    spae_arena arena = new_arena();
    const spae_words four = index_words(vocabulary, 4, &arena),
                     two = index_words(vocabulary, 2, &arena);
    spae_sources sources = {77, NULL, NULL};
    size_t left_out = 77;
    spae_error err;
    const size_t used = arena.used;
    ck_refused(spae_dataset_sources(&d, words, 2, &two, &arena, &sources, &left_out, &err),
               SPAE_ERR_ARGUMENT, err,
               "the label word \"zero\" is not in the vocabulary of 2 words");
    ck_refused(spae_dataset_sources(&d, words, 1, &four, &arena, &sources, &left_out, &err),
               SPAE_ERR_ARGUMENT, err, "picture 0 has label 1, there are words for 1 labels");
    ck_assert(sources.count == 77 && left_out == 77 && arena.used == used);
    ck_ok(spae_dataset_sources(&d, words, 2, &four, &arena, &sources, &left_out, &err));
    ck_assert(sources.count == 2 && left_out == 0 && d.count == 2 && d.row == NULL);
    ck_assert(sources.first[0] == 0 && sources.first[1] == 1 && sources.first[2] == 2);
    ck_assert(sources.token[0] == 2 && sources.token[1] == 1); /* the first of equal words */
    spae_arena_free(&arena);
}
END_TEST

/* Three pictures of two samples; rows 0 and 2 are meant, in the reverse order. */
static spae_dataset worded(void)
{
    static const size_t row[2] = {2, 0}, first[4] = {0, 3, 4, 6};
    static const int32_t own[3] = {0, 1, 2};
    static const char *const word[6] = {"cat", "pet", "cat", "dog", "fish", "sea"};
    return (spae_dataset){.count = 2,
                          .frames = 1,
                          .height = 1,
                          .width = 2,
                          .channels = 1,
                          .pictures = pictures,
                          .labels = own,
                          .row = row,
                          .words = {3, first, word},
                          .name = "x"};
}

START_TEST(pictures_have_the_words_that_the_vocabulary_has)
{
    static const char *const vocabulary[] = {"pet", "dog", "cat", "sea"};
    spae_dataset d = worded();
    spae_arena arena = new_arena();
    const spae_words all = index_words(vocabulary, 4, &arena),
                     no_sea = index_words(vocabulary, 3, &arena),
                     only_dogs = index_words(vocabulary + 1, 1, &arena);
    spae_sources s;
    size_t left_out;
    spae_error err;
    ck_ok(spae_dataset_sources(&d, NULL, 0, &all, &arena, &s, &left_out, &err));
    ck_assert(s.count == 3 && left_out == 0 && d.count == 2 && spae_dataset_label(&d, 0) == 2);
    ck_assert(s.first[1] == 2 && s.token[0] == 2 && s.token[1] == 0); /* "cat" once, then "pet" */
    ck_assert(s.first[2] == 2);                                       /* picture 1 is not meant */
    ck_assert(s.first[3] == 3 && s.token[2] == 3);
    ck_assert(spae_sources_has(&s, 0, 0) && spae_sources_has(&s, 0, 2) &&
              !spae_sources_has(&s, 0, 3));
    ck_assert(!spae_sources_has(&s, 1, 1) && spae_sources_has(&s, 2, 3));
    d = worded();
    ck_ok(spae_dataset_sources(&d, NULL, 0, &no_sea, &arena, &s, &left_out, &err));
    ck_assert(left_out == 1 && d.count == 1 && spae_dataset_label(&d, 0) == 0);
    d = worded();
    const size_t used = arena.used;
    ck_refused(spae_dataset_sources(&d, NULL, 0, &only_dogs, &arena, &s, &left_out, &err),
               SPAE_ERR_ARGUMENT, err, "of none of 2 pictures a word is in the vocabulary of 1");
    ck_assert(d.count == 2 && arena.used == used);
    spae_arena_free(&arena);
}
END_TEST

START_TEST(rows_say_which_pictures_are_meant)
{
    const spae_dataset d = worded();
    const spae_config config = picture_of(1, 1, 2);
    spae_real p[6];
    spae_dataset_picture(&d, 0, &config, p);
    ck_assert(p[0] == (spae_real)204 / 255 && p[3] == 1);
    spae_dataset_picture(&d, 1, &config, p);
    ck_assert(p[0] == 0 && p[3] == (spae_real)51 / 255);
}
END_TEST

static spae_status sources_in(spae_arena *arena, void *context, spae_error *err)
{
    spae_dataset d = worded();
    spae_sources s;
    size_t left_out;
    return spae_dataset_sources(&d, NULL, 0, context, arena, &s, &left_out, err);
}

START_TEST(every_refused_allocation_is_told)
{
    static const char *const vocabulary[] = {"pet", "dog", "cat", "sea"};
    spae_arena arena = new_arena();
    spae_words all = index_words(vocabulary, 4, &arena);
    starve(sources_in, &all, 8);
    spae_arena_free(&arena);
}
END_TEST

START_TEST(the_hash_sees_pictures_labels_and_shape)
{
    const spae_dataset a = {.count = 2,
                            .frames = 1,
                            .height = 3,
                            .width = 2,
                            .channels = 1,
                            .pictures = pictures,
                            .labels = numbers,
                            .name = "x"},
                       b = {.count = 2,
                            .frames = 1,
                            .height = 2,
                            .width = 3,
                            .channels = 1,
                            .pictures = pictures,
                            .labels = numbers,
                            .name = "x"},
                       c = {.count = 2,
                            .frames = 1,
                            .height = 3,
                            .width = 2,
                            .channels = 1,
                            .pictures = pictures,
                            .name = "x"},
                       d = {.count = 2,
                            .frames = 1,
                            .height = 3,
                            .width = 2,
                            .channels = 1,
                            .pictures = pictures,
                            .labels = numbers,
                            .name = "y"};
    char x[65], y[65];
    spae_dataset_hash(&a, x);
    spae_dataset_hash(&b, y);
    ck_assert_str_ne(x, y);
    spae_dataset_hash(&c, y);
    ck_assert_str_ne(x, y);
    spae_dataset_hash(&d, y);
    ck_assert_str_eq(x, y);
    const spae_dataset some = worded();
    spae_dataset other = some;
    spae_dataset_hash(&some, x);
    other.row = NULL; /* pictures 0 and 1 */
    spae_dataset_hash(&other, y);
    ck_assert_str_ne(x, y);
    other = some;
    other.words.first = (const size_t[]){0, 2, 4, 6}; /* the same words, divided otherwise */
    spae_dataset_hash(&other, y);
    ck_assert_str_ne(x, y);
}
END_TEST

SUITE(suite_io_dataset, "io/dataset", a_folder_has_two_parts, a_picture_file_finds_its_labels,
      files_that_hold_no_pictures_are_refused, labels_must_be_as_many_as_pictures,
      what_is_not_there_is_told, grey_pictures_lie_in_the_middle, colours_stay,
      pictures_larger_than_the_models_are_refused, label_words_are_found,
      pictures_have_the_words_that_the_vocabulary_has, rows_say_which_pictures_are_meant,
      every_refused_allocation_is_told, the_hash_sees_pictures_labels_and_shape)
