/* io/dataset_folder: folders of pictures and videos, and the words that they name. */
#include "dataset_files.h"

#include "io/directory.h"
#include "io/video.h"

static void make_in(folder *f, const char *name)
{
    spae_error err;
    ck_ok(spae_directory_make(in_folder(f, name), &err));
}

/* A grey picture of 3x2 of one level. */
static void put_picture(folder *f, const char *name, int level)
{
    bytes b = {{0}, 0};
    add_text(&b, "P5 2 3 255 ");
    for (int i = 0; i < 6; i++)
        add_low(&b, (uint64_t)level, 1);
    put_bytes(in_folder(f, name), b.data, b.size);
}

static const char *const in_sub[] = {"hot_dog/1.pgm", "hot_dog/2.pgm", "hot_dog/3.pgm",
                                     "hot_dog/4.pgm", "hot_dog/5.pgm", "cat/1.pgm",
                                     "cat/2.pgm",     "cat/3.pgm",     "cat/4.pgm"};

START_TEST(sub_folders_name_words)
{
    folder f = make_folder();
    spae_arena arena = new_arena();
    spae_dataset d;
    spae_error err;
    make_in(&f, "hot_dog");
    make_in(&f, "cat");
    for (int i = 0; i < 9; i++)
        put_picture(&f, in_sub[i], 10 * i);
    ck_ok(spae_dataset_open(&arena, f.name, SPAE_DATASET_TRAIN, still, &d, &err));
    ck_assert(d.count == 8 && d.height == 3 && d.width == 2 && d.channels == 3 &&
              d.words.count == 2);
    ck_assert(d.words.first[1] == 1 && d.words.first[2] == 3);
    ck_assert_str_eq(d.words.word[0], "cat");
    ck_assert_str_eq(d.words.word[1], "hot");
    ck_assert_str_eq(d.words.word[2], "dog");
    static const int levels[8] = {50, 60, 70, 80,
                                  0,  10, 20, 40}; /* cats first; the eighth is for testing */
    for (size_t i = 0; i < 8; i++) {
        ck_assert_int_eq(spae_dataset_label(&d, i), i < 4 ? 0 : 1);
        for (size_t j = 0; j < 18; j++)
            ck_assert_int_eq(d.pictures[i * 18 + j], levels[i]);
    }
    ck_ok(
        spae_dataset_open(&arena, f.name, SPAE_DATASET_TEST, (const size_t[]){1, 6, 4}, &d, &err));
    ck_assert(d.count == 1 && d.height == 6 && d.width == 4 && d.pictures[0] == 30); /* enlarged */
    put_picture(&f, "0.pgm", 1);
    ck_open_refused(f.name, SPAE_DATASET_TRAIN, still, SPAE_ERR_FORMAT,
                    "/0.pgm: is not in a folder that names its words, as others are");
    ck_assert_int_eq(remove(f.path), 0);
    put_bytes(in_folder(&f, "cat/5.txt"), "text", 4);
    ck_open_refused(f.name, SPAE_DATASET_TRAIN, still, SPAE_ERR_FORMAT,
                    "/cat/5.txt: byte 0: this is no PNG");
    ck_assert_int_eq(remove(f.path), 0);
    for (int i = 0; i < 9; i++)
        ck_assert_int_eq(remove(in_folder(&f, in_sub[i])), 0);
    ck_open_refused(f.name, SPAE_DATASET_TRAIN, still, SPAE_ERR_FORMAT,
                    ": there are no pictures in it");
    ck_assert(rmdir(in_folder(&f, "cat")) == 0 && rmdir(in_folder(&f, "hot_dog")) == 0);
    remove_folder(&f, (const char *const[]){NULL});
    spae_arena_free(&arena);
}
END_TEST

/* Folders in folders: items in the order of the walk, every folder a source, words of all names on the way. */
START_TEST(trees_name_words_at_any_depth)
{
    static const char *const folders[] = {"animals", "animals/cat", "animals/cat/tabby_cat", "animals/empty", "car"};
    static const char *const files[] = {"animals/cat/z.pgm", "animals/cat/tabby_cat/1.pgm", "animals/dog.pgm", "car/1.pgm"};
    static const struct {
        int level;
        int32_t label;
    } due[] = {{20, 2}, {10, 1}, {30, 0}, {40, 4}};
    static const char *const words[] = {"animals", "animals", "cat", "animals", "cat", "tabby", "cat", "animals", "empty", "car"};
    static const size_t first[] = {0, 1, 3, 7, 9, 10};
    folder f = make_folder();
    spae_arena arena = new_arena();
    spae_dataset d;
    spae_error err;
    for (size_t i = 0; i < 5; i++)
        make_in(&f, folders[i]);
    for (size_t i = 0; i < 4; i++)
        put_picture(&f, files[i], 10 * ((int)i + 1));
    ck_ok(spae_dataset_open(&arena, f.name, SPAE_DATASET_TRAIN, still, &d, &err));
    ck_assert(d.count == 4 && d.words.count == 5);
    for (size_t i = 0; i < 4; i++)
        ck_assert(d.pictures[18 * i] == due[i].level && spae_dataset_label(&d, i) == due[i].label);
    for (size_t i = 0; i <= 5; i++)
        ck_assert_uint_eq(d.words.first[i], first[i]);
    for (size_t i = 0; i < 10; i++)
        ck_assert_str_eq(d.words.word[i], words[i]);
    put_bytes(in_folder(&f, "animals/cat/tabby_cat/2.jpg"), "\xff\xd8\xff\xd9", 4);
    ck_open_refused(f.name, SPAE_DATASET_TRAIN, still, SPAE_ERR_FORMAT,
                    "/animals/cat/tabby_cat/2.jpg: byte 2: expected a frame's header first");
    ck_assert_int_eq(remove(f.path), 0);
    for (size_t i = 4; i-- > 0;)
        ck_assert_int_eq(remove(in_folder(&f, files[i])), 0);
    for (size_t i = 5; i-- > 0;)
        ck_assert_int_eq(rmdir(in_folder(&f, folders[i])), 0);
    remove_folder(&f, (const char *const[]){NULL});
    spae_arena_free(&arena);
}
END_TEST

START_TEST(a_tree_without_end_is_refused)
{
    folder f = make_folder();
    char way[80] = "a"; /* 32 of them and a name, with what is between */
    ck_open_refused(f.name, SPAE_DATASET_TRAIN, still, SPAE_ERR_FORMAT, "no pictures");
    make_in(&f, "a");
    ck_assert_int_eq(symlink("..", in_folder(&f, "a/b")), 0);
    ck_open_refused(f.name, SPAE_DATASET_TRAIN, still, SPAE_ERR_FORMAT, "is more than 32 folders deep");
    ck_assert_int_eq(remove(f.path), 0);
    for (size_t n = 1; n < 32; n++) {
        strcat(way, "/a");
        make_in(&f, way);
    }
    ck_open_refused(f.name, SPAE_DATASET_TRAIN, still, SPAE_ERR_FORMAT, "no pictures");
    strcat(way, "/b");
    make_in(&f, way);
    ck_open_refused(f.name, SPAE_DATASET_TRAIN, still, SPAE_ERR_FORMAT, "is more than 32 folders deep");
    for (char *end = way + strlen(way); end != NULL; end = strrchr(way, '/')) {
        *end = '\0';
        ck_assert_int_eq(rmdir(in_folder(&f, way)), 0);
    }
    remove_folder(&f, (const char *const[]){NULL});
}
END_TEST

START_TEST(a_folder_of_pictures_has_no_labels)
{
    folder f = make_folder();
    spae_arena arena = new_arena();
    spae_dataset d;
    spae_error err;
    put_picture(&f, "b.pgm", 7);
    put_picture(&f, "a.pgm", 5);
    ck_ok(spae_dataset_open(&arena, f.name, SPAE_DATASET_TRAIN, still, &d, &err));
    ck_assert(d.count == 2 && d.labels == NULL && d.words.count == 0 && d.pictures[0] == 5 &&
              d.pictures[18] == 7);
    ck_open_refused(f.name, SPAE_DATASET_TEST, still, SPAE_ERR_FORMAT, "none of 2 is for testing");
    remove_folder(&f, (const char *const[]){"a.pgm", "b.pgm", NULL});
    spae_arena_free(&arena);
}
END_TEST

/* n grey frames 3x2, frame t of level 10 t + first, as Y4M: 16 + 219 v. */
static void put_frames(folder *f, const char *name, size_t n, size_t first)
{
    spae_arena arena = new_arena();
    spae_error err;
    float pixels[8 * 18];
    for (size_t i = 0; i < n * 18; i++)
        pixels[i] = (float)(first + 10 * (i / 18)) / 219.0f;
    ck_ok(spae_video_write(&arena, in_folder(f, name), &(spae_video){n, 3, 2, pixels}, &err));
    spae_arena_free(&arena);
}

static const size_t pair[3] = {2, 3, 2};

static int byte_of(size_t level)
{
    return (int)((double)level / 219 * 255 + 0.5);
}

START_TEST(folders_of_videos)
{
    folder f = make_folder();
    spae_arena arena = new_arena();
    spae_dataset d;
    spae_error err;
    make_in(&f, "d");
    put_picture(&f, "d/1.pgm", 99);
    put_picture(&f, "d/2.pgm", 98);
    put_frames(&f, "a.y4m", 5, 40);
    put_frames(&f, "c.npy", 2, 100);
    ck_ok(spae_dataset_open(&arena, f.name, SPAE_DATASET_TRAIN, pair, &d, &err));
    ck_assert(d.count == 4 && d.frames == 2 && d.labels == NULL); /* a: 2 clips, c, d */
    const int due[8] = {byte_of(40),  byte_of(50),  byte_of(60), byte_of(70),
                        byte_of(100), byte_of(110), 99,          98};
    for (size_t i = 0; i < 8; i++)
        ck_assert_int_eq(d.pictures[i * 18], due[i]);
    ck_ok(spae_dataset_open(&arena, in_folder(&f, "d"), SPAE_DATASET_TRAIN, pair, &d, &err));
    ck_assert(d.count == 1 && d.pictures[0] == 99); /* a folder of pictures alone is one video */
    ck_ok(spae_dataset_open(&arena, in_folder(&f, "a.y4m"), SPAE_DATASET_TRAIN, pair, &d, &err));
    ck_assert(d.count == 2);
    ck_open_refused(f.name, SPAE_DATASET_TRAIN, (const size_t[]){3, 3, 2}, SPAE_ERR_SHAPE,
                    "/c.npy: has 2 frames, the model takes 3");
    put_picture(&f, "e.pgm", 1);
    ck_open_refused(f.name, SPAE_DATASET_TRAIN, pair, SPAE_ERR_FORMAT,
                    "/e.pgm: expected a video: .y4m, .npy, or a folder of pictures");
    ck_assert_int_eq(remove(f.path), 0);
    ck_assert(remove(in_folder(&f, "d/1.pgm")) == 0 && remove(in_folder(&f, "d/2.pgm")) == 0);
    put_frames(&f, "d/x.y4m", 2, 0);
    ck_open_refused(f.name, SPAE_DATASET_TRAIN, pair, SPAE_ERR_FORMAT,
                    "/a.y4m: is not in a folder that names its words, as others are");
    ck_assert(remove(in_folder(&f, "a.y4m")) == 0 && remove(in_folder(&f, "c.npy")) == 0);
    ck_ok(spae_dataset_open(&arena, f.name, SPAE_DATASET_TRAIN, pair, &d, &err));
    ck_assert(d.count == 1 && d.labels != NULL && d.words.count == 1);
    ck_assert_str_eq(d.words.word[0], "d");
    ck_assert(remove(in_folder(&f, "d/x.y4m")) == 0 && rmdir(in_folder(&f, "d")) == 0);
    remove_folder(&f, (const char *const[]){NULL});
    spae_arena_free(&arena);
}
END_TEST

static spae_status open_in(spae_arena *arena, void *context, spae_error *err)
{
    spae_dataset d;
    return spae_dataset_open(arena, context, SPAE_DATASET_TRAIN, pair, &d, err);
}

START_TEST(every_refused_allocation_of_a_folder_is_told)
{
    folder f = make_folder();
    make_in(&f, "d");
    put_frames(&f, "d/x.y4m", 2, 0);
    starve(open_in, f.name, 64);
    ck_assert(remove(in_folder(&f, "d/x.y4m")) == 0 && rmdir(in_folder(&f, "d")) == 0);
    remove_folder(&f, (const char *const[]){NULL});
}
END_TEST

SUITE(suite_io_dataset_folder, "io/dataset_folder", sub_folders_name_words,
      trees_name_words_at_any_depth, a_tree_without_end_is_refused,
      a_folder_of_pictures_has_no_labels, folders_of_videos,
      every_refused_allocation_of_a_folder_is_told)
