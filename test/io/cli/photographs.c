/* Photographs from folders to a report, as test/photos/study.sh goes: a tree of folders that name words, with pictures of several kinds
 * and sizes, trained on by random crops and flips, measured by layer on either part, and looked at. */
#define _POSIX_C_SOURCE 200809L

#include <sys/stat.h>

#include "../../../io/cli/commands.h"
#include "../../jpeg_files.h"
#include "digits.h"

enum { ACROSS = 40, DOWN = 30, PHOTOGRAPHS = 9 };

static const char *const folders[] = {"p", "p/five", "p/five/cat", "p/one", "p/one/two", "p/seven-b", "p/unknown"};

/* A P6 of 40 x 30, soft as photographs are, another one for each seed. */
static void put_photograph(const char *name, int seed)
{
    uint8_t file[15 + 3 * ACROSS * DOWN], *sample = file + 13;
    memcpy(file, "P6\n40 30\n255\n", 13);
    for (int y = 0; y < DOWN; y++)
        for (int x = 0; x < ACROSS; x++)
            for (int channel = 0; channel < 3; channel++)
                *sample++ = (uint8_t)((seed * 29 + x * (channel + 2) + y * (4 - channel)) % 256);
    put_file(name, file, (size_t)(sample - file));
}

/* The same as a PNG beside it, in its place. */
static void turn_into_png(const char *from, const char *to)
{
    spae_arena arena;
    spae_error err;
    spae_real *picture;
    size_t height, width;
    spae_arena_hosted(&arena);
    ck_assert_int_eq(spae_picture_load(from, &arena, &picture, &height, &width, &err), SPAE_OK);
    ck_assert(height == DOWN && width == ACROSS);
    ck_assert_int_eq(spae_picture_save(to, picture, height, width, &arena, &err), SPAE_OK);
    spae_arena_free(&arena);
    ck_assert_int_eq(remove(from), 0);
}

/* p/: nine with words of the vocabulary, the eighth (p/one/two/h.ppm) for testing, and one without. */
static void put_photographs(void)
{
    static const char *const name[PHOTOGRAPHS - 2] = {"p/five/a.ppm", "p/five/cat/b.ppm", "p/five/cat/c.ppm", "p/one/e.ppm",
                                                      "p/one/two/g.ppm", "p/one/two/h.ppm", "p/seven-b/i.ppm"};
    put_codebook();
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++)
        ck_assert_int_eq(mkdir(folders[i], 0700), 0);
    for (int i = 0; i < PHOTOGRAPHS - 2; i++)
        put_photograph(name[i], i);
    put_file("p/five/d.jpg", jpeg_420, sizeof jpeg_420);
    put_file("p/one/f.jpeg", jpeg_progressive, sizeof jpeg_progressive);
    put_photograph("p/unknown/j.ppm", 9);
}

#define TRAIN_PHOTOGRAPHS                                                                                                \
    "train --preset tiny-2d --data p --codebook e.npy --vocab w.txt --guide nearest --every 0 --steps 2 "                \
    "--set thresholds=0.6,0.5,0.4,0.3 "
#define VIEWS "--set crop=0.4 --set flip=true "

/* Trains; the hash of the model, as it is printed. */
static void hash_of(const char *line, char hash[80])
{
    ck_assert_msg(run(spae_cli_train, line) == 0, "%s: %s", line, run_err);
    ck_assert(strstr(run_err, "spae train: p: 1 of 9 pictures left out: none of their words is in the vocabulary\n") == run_err);
    ck_assert_int_eq(sscanf(strstr(run_out, "sha256 "), "sha256 %79s", hash), 1);
}

START_TEST(training_looks_at_parts_of_any_kind_of_picture)
{
    char whole[80], cropped[80], mirrored[80], views[80], again[80];
    enter();
    put_photographs();
    hash_of(TRAIN_PHOTOGRAPHS "--out a.npz", whole);
    hash_of(TRAIN_PHOTOGRAPHS "--out a.npz --set crop=0.4", cropped);
    hash_of(TRAIN_PHOTOGRAPHS "--out a.npz --set flip=true", mirrored);
    hash_of(TRAIN_PHOTOGRAPHS VIEWS "--out a.npz", views);
    ck_assert_str_ne(whole, cropped);
    ck_assert_str_ne(whole, mirrored);
    ck_assert_str_ne(views, cropped);
    ck_assert_str_ne(views, mirrored);
    turn_into_png("p/five/a.ppm", "p/five/a.png");
    turn_into_png("p/one/two/g.ppm", "p/one/two/g.png");
    ck_assert_int_eq(run(spae_cli_train, TRAIN_PHOTOGRAPHS VIEWS "--out b.npz --stop-at 1"), 0);
    hash_of(TRAIN_PHOTOGRAPHS VIEWS "--out b.npz --resume --at-once 3", again);
    ck_assert_str_eq(views, again); /* a PNG's samples are a PPM's, and a run taken up again is the same run */
    leave();
}
END_TEST

static size_t lines_of(const char *name)
{
    char line[4096];
    size_t n = 0;
    FILE *file = fopen(name, "rb");
    ck_assert(file != NULL);
    while (fgets(line, sizeof line, file) != NULL)
        n++;
    fclose(file);
    return n;
}

START_TEST(a_model_of_photographs_is_measured_and_shown_by_layer)
{
    enter();
    put_photographs();
    ck_assert_int_eq(run(spae_cli_train, TRAIN_PHOTOGRAPHS VIEWS "--out a.npz --log a.csv"), 0);
    ck_assert_msg(run(spae_cli_eval, "eval --model a.npz --data p --csv test.csv") == 0, "%s", run_err);
    ck_assert(strstr(run_out, "\npictures 1\nfirst word is the label's ") != NULL);
    ck_assert(strstr(run_out, "SSIM") != NULL && strstr(run_out, "\n4:37 ") != NULL);
    ck_assert_msg(run(spae_cli_eval, "eval --model a.npz --data p --part train --pictures seen") == 0, "%s", run_err);
    ck_assert(strstr(run_out, "\npictures 8\n") != NULL);
    ck_assert_uint_eq(lines_of("test.csv"), 5);
    ck_assert(is_there("seen/real/000008.png") && is_there("seen/layer4/000008.png") && !is_there("seen/real/000009.png"));
    ck_assert_int_eq(run(spae_cli_inspect, "inspect --model a.npz -o r.html --resize p/one/f.jpeg p/one/two/h.ppm"), 0);
    ck_assert_int_eq(run(spae_cli_inspect, "inspect --model a.npz -o r.png --resize p/one/f.jpeg p/one/two/h.ppm"), 0);
    ck_assert_int_eq(run(spae_cli_plot, "plot a.csv -o r.svg --columns l2,psnr"), 0);
    ck_assert(is_there("r.html") && is_there("r.png") && is_there("r.svg"));
    leave();
}
END_TEST

SUITE(suite_io_cli_photographs, "io/cli/photographs", training_looks_at_parts_of_any_kind_of_picture,
      a_model_of_photographs_is_measured_and_shown_by_layer)
