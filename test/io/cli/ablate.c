/* io/cli/ablate: the rows trained on a dozen words and six pictures; killed and taken up again, to
 * the same files. */
#define _POSIX_C_SOURCE 200809L

#include "../bytes.h"

#include "../../../io/cli/commands.h"
#include "../markup.h"
#include "digits.h"

#define ABLATE                                                                                     \
    "ablate --preset tiny-2d --data . --codebook e.npy --vocab w.txt --every 0 --steps 3 --set "   \
    "thresholds=0.6,0.5,0.4,0.3 "

static char *read_text(const char *name, spae_arena *arena)
{
    const uint8_t *data = NULL;
    size_t size = 0;
    ck_assert_int_eq(spae_file_read_all(arena, name, 1 << 24, &data, &size, NULL), SPAE_OK);
    char *text = spae_arena_take(arena, size + 1, 1);
    memcpy(text, data, size);
    text[size] = '\0';
    return text;
}

static void ck_same(const char *folder_a, const char *folder_b, const char *name, spae_arena *arena)
{
    char a[80], b[80];
    const uint8_t *first, *second;
    size_t n = 0, m = 0;
    sprintf(a, "%s/%s", folder_a, name);
    sprintf(b, "%s/%s", folder_b, name);
    ck_assert_int_eq(spae_file_read_all(arena, a, 1 << 24, &first, &n, NULL), SPAE_OK);
    ck_assert_int_eq(spae_file_read_all(arena, b, 1 << 24, &second, &m, NULL), SPAE_OK);
    ck_assert_msg(n == m && memcmp(first, second, n) == 0, "%s and %s differ", a, b);
}

START_TEST(all_rows)
{
    static const char *const names[] = {"vq",    "frozen", "semantic",         "rq-2",
                                        "saq-2", "spae",   "single-threshold", "fixed-weight"};
    spae_arena arena = new_arena();
    enter();
    put_everything();
    ck_assert_msg(run(spae_cli_ablate, ABLATE "--out d") == 0, "%s", run_err);
    ck_assert(
        strstr(run_err, "row no-perceptual left out: without weights of a perceptual network") !=
        NULL);
    ck_assert(strstr(run_err, "row 9 of 9, no-adversarial: no adversarial loss\n") != NULL);
    ck_assert(strstr(run_out, "method ") == run_out && strstr(run_out, "\nbaseline VQ  ") != NULL);
    ck_assert(strstr(run_out, "\n+ 4-layer pyramid SAQ  ") != NULL);
    char *table = read_text("d/table.csv", &arena), *svg = read_text("d/curves.svg", &arena);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char part[80];
        sprintf(part, "\n%s,1,", names[i]);
        ck_assert_msg(strstr(table, part) != NULL, "%s", part);
        sprintf(part, "d/%s.npz", names[i]);
        ck_assert(is_there(part));
    }
    ck_assert(!is_there("d/no-perceptual.npz"));
    check_nesting(svg);
    ck_assert(strstr(svg, ">+ 2-layer RQ</text>") != NULL &&
              strstr(svg, ">no adversarial loss</text>") != NULL);
    ck_assert(strstr(svg, ">learned codebook</text>") != NULL);
    leave();
    spae_arena_free(&arena);
}
END_TEST

/* A row is what spae train makes of the same settings. */
START_TEST(a_row_is_a_training_run)
{
    enter();
    put_everything();
    spae_arena arena = new_arena();
    ck_assert_msg(run(spae_cli_ablate, ABLATE "--seed 5 --rows saq-2 --out d") == 0, "%s", run_err);
    ck_assert_msg(run(spae_cli_train,
                      TRAIN "--steps 3 --set thresholds=0.6,0.5,0.4,0.3 --seed 5 --set pyramid=4,4 "
                            "--set semantic_layers=2 --out a.npz --log a.csv") == 0,
                  "%s", run_err);
    ck_assert_int_eq(rename("a.npz", "saq-2.npz"), 0);
    ck_assert_int_eq(rename("a.csv", "saq-2.csv"), 0);
    ck_same("d", ".", "saq-2.npz", &arena);
    ck_same("d", ".", "saq-2.csv", &arena);
    ck_assert_int_eq(run(spae_cli_eval, "eval --model saq-2.npz --data . --csv e.csv"), 0);
    const char *measured = strstr(read_text("e.csv", &arena), "\n2,32,,,,,,,,,"),
               *table = read_text("d/table.csv", &arena);
    const double psnr = strtod(measured + 14, NULL);
    ck_assert(strtod(strstr(table, "\nsaq-2,2,32,") + 12, NULL) == psnr);
    leave();
    spae_arena_free(&arena);
}
END_TEST

START_TEST(interruptions_change_nothing)
{
    static const char *const files[] = {"table.csv", "curves.svg", "frozen.npz", "spae.npz",
                                        "spae.csv"};
    spae_arena arena = new_arena();
    enter();
    put_everything();
    ck_assert_msg(run(spae_cli_ablate, ABLATE "--rows frozen,spae --out d") == 0, "%s", run_err);
    static char first[sizeof run_out];
    strcpy(first, run_out);
    /* frozen is done, spae was killed behind step 2's row, with step 1's checkpoint */
    ck_assert_int_eq(run(spae_cli_ablate, ABLATE "--rows frozen --out k"), 0);
    ck_assert_msg(run(spae_cli_train,
                      TRAIN "--steps 3 --set thresholds=0.6,0.5,0.4,0.3 --out x.npz --stop-at 1 "
                            "--checkpoint k/spae.checkpoint --log k/spae.csv") == 0,
                  "%s", run_err);
    FILE *log = fopen("k/spae.csv", "ab");
    ck_assert(log != NULL && fputs("2,0.0", log) > 0 && fclose(log) == 0);
    ck_assert_msg(run(spae_cli_ablate, ABLATE "--rows frozen,spae --out k --resume") == 0, "%s",
                  run_err);
    ck_assert_str_eq(run_out, first);
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        ck_same("d", "k", files[i], &arena);
    leave();
    spae_arena_free(&arena);
}
END_TEST

START_TEST(a_row_that_fails_ends_the_run)
{
    enter();
    put_everything();
    ck_assert_int_eq(remove("train-labels-idx1-ubyte"), 0);
    ck_assert_int_eq(run(spae_cli_ablate, ABLATE "--rows frozen,spae --out d"), 1);
    ck_assert(strstr(run_err, "spae ablate: .: no labels, which the semantic loss needs") != NULL);
    ck_assert(run_out[0] == '\0' && is_there("d/frozen.npz") && !is_there("d/table.csv"));
    ck_assert_msg(run(spae_cli_ablate, ABLATE "--rows frozen --out d --resume") == 0, "%s",
                  run_err);
    ck_assert(strstr(run_out, "      n/a  ") != NULL);
    ck_assert_int_eq(run(spae_cli_ablate, ABLATE "--rows no-perceptual --out d"), 1);
    ck_assert(strstr(run_err, "spae ablate: no row is left to train\n") != NULL);
    leave();
}
END_TEST

START_TEST(wrong_use)
{
    enter();
    put_everything();
    refused(spae_cli_ablate, ABLATE, 2, "--out DIR is needed");
    refused(spae_cli_ablate, "ablate --out d", 2, "--preset P is needed");
    refused(spae_cli_ablate, ABLATE "--out d --rows vq,none", 2, "--rows: none: no such row");
    refused(spae_cli_ablate, ABLATE "--out d --rows vq,", 2, "--rows: : no such row");
    refused(spae_cli_ablate, ABLATE "--out d --at-once 0", 2, "--at-once: 0");
    refused(spae_cli_ablate, ABLATE "--out w.txt --rows vq", 1,
            "w.txt: expected to make a directory");
    refused(spae_cli_ablate, ABLATE "--out no/d --rows vq", 1, "no/d");
    ck_assert(!is_there("d"));
    leave();
}
END_TEST

SUITE(suite_io_cli_ablate, "io/cli/ablate", all_rows, a_row_is_a_training_run,
      interruptions_change_nothing, a_row_that_fails_ends_the_run, wrong_use)
