/* io/cli/train: whole runs on a dozen words and six pictures, and every way to be refused. */
#define _POSIX_C_SOURCE 200809L

#include "../../../io/cli/commands.h"
#include "digits.h"

static void ck_same_file(const char *a, const char *b)
{
    static uint8_t first[1 << 21], second[1 << 21];
    FILE *f = fopen(a, "rb"), *g = fopen(b, "rb");
    ck_assert(f != NULL && g != NULL);
    const size_t n = fread(first, 1, sizeof first, f), m = fread(second, 1, sizeof second, g);
    fclose(f);
    fclose(g);
    ck_assert_msg(n == m && n < sizeof first && memcmp(first, second, n) == 0, "%s and %s differ",
                  a, b);
}

static void train(const char *line)
{
    ck_assert_msg(run(spae_cli_train, line) == 0, "%s: %s", line, run_err);
}

START_TEST(interruptions_change_nothing)
{
    enter();
    put_everything();
    train(TRAIN "--out a.npz --log a.csv");
    ck_assert(strstr(run_out, "model a.npz\nsha256 ") == run_out);
    ck_assert(strstr(run_err, "\nstep 6/6  l2 ") != NULL);
    train(TRAIN "--out b.npz --log b.csv --stop-at 2 --at-once 3");
    ck_assert(run_out[0] == '\0' && !is_there("b.npz"));
    train(TRAIN "--out b.npz --log b.csv --stop-at 5 --resume --recompute");
    train(TRAIN "--out b.npz --log b.csv --resume --at-once 64");
    ck_same_file("a.npz", "b.npz");
    ck_same_file("a.csv", "b.csv");
    train(TRAIN "--out b.npz --log b.csv --resume"); /* nothing is left to do */
    ck_same_file("a.npz", "b.npz");
    ck_same_file("a.csv", "b.csv");
    leave();
}
END_TEST

START_TEST(a_run_killed_later_goes_on_from_its_checkpoint)
{
    enter();
    put_everything();
    train(TRAIN "--out a.npz --log a.csv");
    train(TRAIN "--out b.npz --log b.csv --checkpoint c --checkpoint-every 2 --stop-at 3");
    train(TRAIN "--out x.npz --checkpoint c2 --checkpoint-every 2 --stop-at 2");
    ck_assert_int_eq(rename("c2", "c"),
                     0); /* as if the run had died in step 3, whose row is in the log already */
    FILE *log = fopen("b.csv", "ab");
    ck_assert(log != NULL && fputs("4,0.0", log) > 0 && fclose(log) == 0);
    train(TRAIN "--out b.npz --log b.csv --checkpoint c --resume");
    ck_same_file("a.npz", "b.npz");
    ck_same_file("a.csv", "b.csv");
    leave();
}
END_TEST

START_TEST(seed_and_codebook_make_a_difference)
{
    static const char *const changes[] = {
        "--seed 1",         "--codebook-centre", "--codebook-scale 0.5", "--guide raw",
        "--limit-words 11", "--set alpha=0",     "--set quantizer=rq"};
    char first[128], line[256];
    enter();
    put_everything();
    train(TRAIN "--out a.npz --steps 2 --set thresholds=0.6,0.5,0.4,0.3");
    strcpy(first, strstr(run_out, "sha256"));
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        sprintf(line, TRAIN "--out a.npz --steps 2 --set thresholds=0.6,0.5,0.4,0.3 %s",
                changes[i]);
        train(line);
        ck_assert_msg(strstr(run_out, first) == NULL, "%s changes nothing", changes[i]);
    }
    leave();
}
END_TEST

START_TEST(the_model_keeps_its_notes)
{
    enter();
    put_everything();
    put_file("l.txt", "b\na\nzero\none\ntwo\nthree\n", 23);
    train(TRAIN "--out a.npz --steps 1 --guide raw --label-words l.txt");
    ck_assert_int_eq(run(spae_cli_info, "info a.npz"), 0);
    ck_assert(strstr(run_out, "\nguide                    raw\n") != NULL);
    ck_assert(strstr(run_out, "\nlabels                   b a zero one two three\n") != NULL);
    leave();
}
END_TEST

START_TEST(pictures_without_labels_train_without_guidance)
{
    enter();
    put_everything();
    ck_assert_int_eq(remove("train-labels-idx1-ubyte"), 0);
    refused(spae_cli_train, TRAIN "--out a.npz", 1,
            ".: no labels, which the semantic loss needs (or files that guide, or --set alpha=0)");
    train(TRAIN "--out a.npz --steps 1 --set alpha=0 --log a.csv");
    train(TRAIN "--out a.npz --steps 1 --set semantic_layers=0");
    leave();
}
END_TEST

START_TEST(pictures_bring_words_of_their_own)
{
    static const char line[] = "train --preset tiny-2d --data w-images.npz --codebook e.npy --vocab w.txt --every 0 "
                               "--steps 3 --set thresholds=0.6,0.5,0.4,0.3 --out ";
    char command[512], first[128];
    enter();
    put_codebook();
    put_worded();
    sprintf(command, "%sa.npz --log a.csv", line);
    train(command);
    ck_assert(strstr(run_err, "spae train: w-images.npz: 1 of 8 pictures left out: none of their words is in the "
                              "vocabulary\n") == run_err);
    strcpy(first, strstr(run_out, "sha256"));
    sprintf(command, "%sb.npz --log b.csv --stop-at 1", line);
    train(command);
    sprintf(command, "%sb.npz --log b.csv --resume --at-once 3", line);
    train(command);
    ck_same_file("a.npz", "b.npz");
    ck_same_file("a.csv", "b.csv");
    sprintf(command, "%sb.npz --guide nearest", line);
    train(command);
    ck_assert(strstr(run_out, first) == NULL);
    ck_assert_int_eq(run(spae_cli_info, "info b.npz"), 0);
    ck_assert(strstr(run_out, "\nguide                    nearest\n") != NULL);
    ck_assert(strstr(run_out, "\nlabels                  \n") != NULL);
    sprintf(command, "%sb.npz --label-words w.txt", line);
    refused(spae_cli_train, command, 1, "w-images.npz: these pictures have words of their own");
    leave();
}
END_TEST

START_TEST(another_runs_checkpoint_is_refused)
{
    enter();
    put_everything();
    train(TRAIN "--out a.npz --stop-at 1 --log a.csv");
    refused(spae_cli_train, TRAIN "--out a.npz --resume --set beta=0.5", 1,
            "a.npz.checkpoint: the checkpoint was made with beta=0.33, this run has 0.5");
    refused(spae_cli_train, TRAIN "--out a.npz --resume --seed 9", 1,
            "made with seed 0, this run has 9");
    put_file("a.npz.checkpoint", "PK", 2);
    refused(spae_cli_train, TRAIN "--out a.npz --resume", 1, "a.npz.checkpoint: ");
    leave();
}
END_TEST

/* How often the last run said on stderr that the term is off. */
static int times_told_off(void)
{
    int times = 0;
    for (const char *at = run_err; (at = strstr(at, "perceptual term is off")) != NULL; at++)
        times++;
    return times;
}

START_TEST(without_weights_the_perceptual_term_is_off)
{
    enter();
    put_everything();
    train(TRAIN "--out a.npz --steps 3 --log a.csv");
    ck_assert_int_eq(times_told_off(), 1);
    ck_assert(strstr(run_err, "spae train: the perceptual term is off: eta is 0.1, but there are no weights "
                              "(--perceptual F)\n") == run_err);
    train(TRAIN "--out b.npz --steps 3 --log b.csv --stop-at 1");
    train(TRAIN "--out b.npz --steps 3 --log b.csv --resume");
    ck_assert_int_eq(times_told_off(), 1);
    ck_same_file("a.csv", "b.csv");
    train(TRAIN "--out b.npz --steps 3 --set eta=0");
    ck_assert_int_eq(times_told_off(), 0);
    ck_assert(strstr(run_err, "perceptual") == NULL);
    train(TRAIN "--out b.npz --steps 3 --set eta=0 --perceptual no.npz"); /* not even looked for */
    ck_assert(strstr(run_err, "perceptual") == NULL);
    leave();
}
END_TEST

START_TEST(weights_of_the_perceptual_term_that_do_not_fit)
{
    enter();
    put_everything();
    refused(spae_cli_train, TRAIN "--out a.npz --perceptual no.npz", 1, "spae train: no.npz: ");
    refused(spae_cli_train, TRAIN "--out a.npz --perceptual w.txt", 1,
            "w.txt: byte 0: expected an .npz, .safetensors or PyTorch file, found none of them");
    refused(spae_cli_train, TRAIN "--out a.npz --perceptual m.npz", 1, "m.npz: 267 of 267 arrays are missing");
    refused(spae_cli_train, TRAIN "--out a.npz --set perceptual=lpips --perceptual m.npz --perceptual m.npz", 1,
            "31 of 31 arrays are missing");
    ck_assert(!is_there("a.npz") && !is_there("a.npz.checkpoint"));
    leave();
}
END_TEST

START_TEST(losses_that_overflow_stop_the_run)
{
    float e[DIGIT_WORDS * DIGIT_C];
    spae_arena arena;
    spae_error err;
    enter();
    put_everything();
    for (int i = 0; i < DIGIT_WORDS * DIGIT_C; i++)
        e[i] = 1e30f * (float)(i % 7); /* its square is beyond binary32 */
    spae_arena_hosted(&arena);
    ck_assert_int_eq(
        spae_npy_write_file(&arena, "e.npy",
                            &(spae_npy_array){SPAE_NPY_F4, 2, {DIGIT_WORDS, DIGIT_C}, e}, &err),
        SPAE_OK);
    refused(spae_cli_train, TRAIN "--out b.npz --log b.csv --set eta=0", 1,
            "spae train: step 0, example 0: the ");
    ck_assert(is_there("b.npz.checkpoint") && !is_there("b.npz"));
    spae_arena_free(&arena);
    leave();
}
END_TEST

START_TEST(wrong_use)
{
    enter();
    put_everything();
    refused(spae_cli_train, "train --preset tiny-2d", 2, "--data D is needed");
    refused(spae_cli_train, TRAIN, 2, "--out M is needed");
    refused(spae_cli_train, TRAIN "--out a --guide clip", 2,
            "--guide: clip is none of centred, raw, nearest");
    refused(spae_cli_train, TRAIN "--out a --at-once 0", 2,
            "--at-once: 0 is not a whole number from 1 to 64");
    refused(spae_cli_train, TRAIN "--out a --at-once 65", 2, "--at-once: 65");
    refused(spae_cli_train, TRAIN "--out a --steps 1.5", 2, "--steps: 1.5");
    refused(spae_cli_train, TRAIN "--out a --codebook-scale 0", 2,
            "--codebook-scale: 0 is no number above 0");
    refused(spae_cli_train, TRAIN "--out a --codebook-scale 1e7", 2, "--codebook-scale");
    refused(spae_cli_train, TRAIN "--out a --codebook-scale two", 2, "--codebook-scale");
    refused(spae_cli_train, TRAIN "--out a --checkpoint-every 0", 2, "--checkpoint-every");
    refused(spae_cli_train, TRAIN "--out a --limit-words 0", 2, "--limit-words");
    refused(spae_cli_train,
            TRAIN "--out a --perceptual 1 --perceptual 2 --perceptual 3 --perceptual 4 --perceptual 5", 2,
            "--perceptual: more than 4 files");
    leave();
}
END_TEST

START_TEST(files_that_do_not_fit)
{
    static const char another[] =
        "train --preset tiny-2d --data %s --codebook %s --vocab %s --every 0 --out a.npz%s";
    static const char *const cases[][5] = {
        {"no", "e.npy", "w.txt", "",
         "no: expected an IDX file, an array .npy, an archive .npz, a video .y4m, or a folder of"},
        {"e.npy", "e.npy", "w.txt", "", "e.npy: expected pictures (n,H,W)"},
        {".", "no", "w.txt", "", "no: "},
        {".", "w.txt", "w.txt", "", "w.txt: "},
        {".", "e.npy", "no", "", "no: "},
        {".", "e.npy", "m.npz", "", "m.npz: line 1: expected a word in UTF-8"},
        {".", "e.npy", "w.txt", " --set c=5",
         "the codebook has 6 columns, the configuration says c=5"},
        {".", "e.npy", "w.txt", " --limit-words 3",
         "the label word \"two\" is not in the vocabulary of 3 words"},
        {".", "e.npy", "w.txt", " --label-words w.txt --limit-words 3", "the label word \"two\""},
        {".", "e.npy", "w.txt", " --set picture=8x8 --set pyramid=1,2 --set semantic_layers=1",
         "12x12, the model takes up to 8x8"},
        {".", "e.npy", "w.txt", " --checkpoint no/c", "no/c"},
        {".", "e.npy", "w.txt", " --log no/l", "no/l"},
    };
    char line[512];
    enter();
    put_everything();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        sprintf(line, another, cases[i][0], cases[i][1], cases[i][2], cases[i][3]);
        refused(spae_cli_train, line, 1, cases[i][4]);
        ck_assert(!is_there("a.npz"));
    }
    leave();
}
END_TEST

/* ---- files that guide ---- */

/* f.npy (12,4) and i.npy (n,4) by formula, and their similarities as s.npy (n,12). */
static void put_guide(size_t n, unsigned salt)
{
    enum { D = 4 };
    float f[DIGIT_WORDS * D], i[8 * D], s[8 * DIGIT_WORDS];
    spae_real text[DIGIT_WORDS * D], image[D], row[DIGIT_WORDS];
    spae_arena arena;
    spae_error err;
    ck_assert(n <= 8);
    for (size_t k = 0; k < DIGIT_WORDS * D; k++)
        text[k] = (spae_real)(f[k] = (float)((29 * k + salt) % 17) / 16 - 0.5f);
    for (size_t k = 0; k < n; k++) {
        for (size_t j = 0; j < D; j++)
            image[j] = (spae_real)(i[k * D + j] = (float)((23 * (k * D + j) + 5) % 13) / 8 - 0.75f);
        spae_similarity(image, text, DIGIT_WORDS, D, NULL, row);
        for (size_t j = 0; j < DIGIT_WORDS; j++)
            s[k * DIGIT_WORDS + j] = (float)row[j];
    }
    spae_arena_hosted(&arena);
    const spae_npy_array words = {SPAE_NPY_F4, 2, {DIGIT_WORDS, D}, f}, pictures = {SPAE_NPY_F4, 2, {n, D}, i},
                         scores = {SPAE_NPY_F4, 2, {n, DIGIT_WORDS}, s};
    ck_assert_int_eq(spae_npy_write_file(&arena, "f.npy", &words, &err), SPAE_OK);
    ck_assert_int_eq(spae_npy_write_file(&arena, "i.npy", &pictures, &err), SPAE_OK);
    ck_assert_int_eq(spae_npy_write_file(&arena, "s.npy", &scores, &err), SPAE_OK);
    spae_arena_free(&arena);
}

/* A NaN at a byte of a file. */
static void put_not_finite(const char *name, long at)
{
    FILE *file = fopen(name, "r+b");
    ck_assert(file != NULL && fseek(file, at, SEEK_SET) == 0 && fwrite("\0\0\xc0\x7f", 1, 4, file) == 4);
    ck_assert_int_eq(fclose(file), 0);
}

#define FILES "--guide-words f.npy --guide-pictures i.npy "

/* Features and the similarities that follow from them train the same model; labels are not asked for, nor interruptions felt. */
START_TEST(files_guide_in_place_of_labels)
{
    char hash[128];
    enter();
    put_everything();
    put_guide(DIGITS, 3);
    train(TRAIN "--out l.npz");
    strcpy(hash, strstr(run_out, "sha256"));
    train(TRAIN FILES "--out a.npz --log a.csv");
    ck_assert_str_ne(strstr(run_out, "sha256"), hash);
    strcpy(hash, strstr(run_out, "sha256"));
    train(TRAIN FILES "--out b.npz --log b.csv --stop-at 3 --at-once 3");
    train(TRAIN FILES "--out b.npz --log b.csv --resume");
    ck_same_file("a.npz", "b.npz");
    ck_same_file("a.csv", "b.csv");
#ifndef SPAE_ORACLE /* whose similarities the file would round */
    train(TRAIN "--guide-similarity s.npy --out c.npz --log c.csv");
    ck_assert_str_eq(strstr(run_out, "sha256"), hash);
    ck_same_file("a.csv", "c.csv");
#endif
    ck_assert_int_eq(remove("train-labels-idx1-ubyte"), 0);
    train(TRAIN FILES "--out d.npz");
    ck_assert_str_eq(strstr(run_out, "sha256"), hash);
    ck_assert_int_eq(run(spae_cli_info, "info a.npz"), 0);
    ck_assert(strstr(run_out, "guide files, sha256") != NULL);
    leave();
}
END_TEST

START_TEST(files_that_guide_belong_to_the_run)
{
    enter();
    put_everything();
    put_guide(DIGITS, 3);
    train(TRAIN FILES "--out a.npz --stop-at 2");
    refused(spae_cli_train, TRAIN "--out a.npz --resume", 1, "another guide");
    refused(spae_cli_train, TRAIN "--guide-similarity s.npy --out a.npz --resume", 1, "another guide");
    put_guide(DIGITS, 4);
    refused(spae_cli_train, TRAIN FILES "--out a.npz --resume", 1, "another guide");
    put_guide(DIGITS - 1, 3);
    refused(spae_cli_train, TRAIN FILES "--out a.npz --resume", 1, "i.npy: expected (6,4), found (5,4)");
    refused(spae_cli_train, TRAIN "--guide-similarity f.npy --out a.npz", 1, "f.npy: expected (6,12), found (12,4)");
    put_guide(DIGITS, 3);
    put_not_finite("i.npy", 128 + 2 * 4 * 4); /* the third picture's first number, which is met in the first steps */
    ck_assert_int_eq(run(spae_cli_train, TRAIN FILES "--out n.npz"), 1);
    ck_assert_msg(strstr(run_err, "\nspae train: i.npy: row 2 is not finite\n") != NULL, "%s", run_err);
    put_not_finite("f.npy", 128);
    refused(spae_cli_train, TRAIN FILES "--out n.npz", 1, "f.npy");
    ck_assert(!is_there("n.npz"));
    refused(spae_cli_train, TRAIN "--guide-words f.npy --out a.npz", 2, "expected both");
    refused(spae_cli_train, TRAIN FILES "--guide-similarity s.npy --out a.npz", 2, "not with");
    refused(spae_cli_train, TRAIN FILES "--guide raw --out a.npz", 2, "of labels");
    leave();
}
END_TEST

SUITE(suite_io_cli_train, "io/cli/train", interruptions_change_nothing, files_guide_in_place_of_labels,
      files_that_guide_belong_to_the_run,
      a_run_killed_later_goes_on_from_its_checkpoint, seed_and_codebook_make_a_difference,
      the_model_keeps_its_notes, pictures_without_labels_train_without_guidance,
      pictures_bring_words_of_their_own,
      another_runs_checkpoint_is_refused, without_weights_the_perceptual_term_is_off,
      weights_of_the_perceptual_term_that_do_not_fit, losses_that_overflow_stop_the_run, wrong_use,
      files_that_do_not_fit)
