/* spae demo: with a model and pictures of one's own; the one line when the demo model is not there. */
#define _POSIX_C_SOURCE 200809L

#include "../../../io/cli/commands.h"
#include "run.h"

START_TEST(shows_and_saves)
{
    static const char *const files[] = {"d/01-in-picture.png",  "d/01-in-layers-1.png", "d/01-in-layers-2.png",
                                        "d/01-in-layers-3.png", "d/01-in-layers-4.png", "d/02-in-picture.png",
                                        "d/02-in-layers-4.png", "d/sheet.png",          "d/report.html"};
    enter();
    for (int again = 0; again < 2; again++) {
        ck_assert_int_eq(run(spae_cli_demo, "demo --model m.npz --out d in.npy ./in.npy"), 0);
        for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
            ck_assert_msg(is_there(files[i]), "%s", files[i]);
        ck_assert(strstr(run_out, "in.npy\n") == run_out && strstr(run_out, "./in.npy\n") != NULL);
        ck_assert(strstr(run_out, "  layer 4  4x4") != NULL && strstr(run_out, "mean PSNR 1 layer ") != NULL);
        ck_assert(strstr(run_out, "\nreport        d/report.html\n") != NULL);
        ck_assert(strstr(run_out, "picture's own") == NULL && run_err[0] == '\0');
    }
    leave();
}
END_TEST

/* Ten digits where the demo expects them, and a model whose vocabulary has some of their names. */
START_TEST(knows_its_digits)
{
    enter();
    ck_assert(system("mkdir -p vectors/demo && mv m.npz vectors/demo/mnist-small.npz") == 0);
    for (int digit = 0; digit < 10; digit++) {
        char name[60];
        snprintf(name, sizeof name, "vectors/demo/digit-%d.pgm", digit);
        put_file(name, "P5 2 2 255 abcd", 15);
    }
    ck_assert_int_eq(run(spae_cli_demo, "demo --pad --model vectors/demo/mnist-small.npz"), 0); /* the digits alone */
    ck_assert(strstr(run_out, "a word of layer 1 is one of the picture's own for ") != NULL);
    ck_assert(strstr(run_out, " of 1\n") != NULL); /* "seven" is the only name in the tiny vocabulary */
    ck_assert(is_there("demo/10-digit-9-layers-4.png") && !is_there("demo/emoji/sheet.png"));
    ck_assert_int_eq(run(spae_cli_demo, "demo --pad"), 1); /* after the digits */
    ck_assert(strstr(run_err, "spae demo: vectors/demo/emoji-small.npz: ") != NULL);
    leave();
}
END_TEST

/* What `make demo` ends with: the words of "an image of 7", from the sixty digits kept for it. */
START_TEST(ends_with_a_written_digit)
{
    char line[6 * sizeof run_home];
    enter();
    snprintf(line, sizeof line,
             "generate --model %s/vectors/demo/mnist-small.npz --data %s/vectors/demo/context-images-idx3-ubyte.gz --pad "
             "--condition 7 --temperature 0.5 --seed 1 -o written.png",
             run_home, run_home);
    ck_assert_int_eq(run(spae_cli_generate, line), 0);
    ck_assert(strncmp(run_out, "seven\n", 6) == 0 && is_there("written.png"));
    ck_assert(strstr(run_err, "80 answers: 0 too short or outside the vocabulary, 0 malformed") != NULL);
    leave();
}
END_TEST

START_TEST(refusals)
{
    enter();
    refused(spae_cli_demo, "demo", 1, "spae demo: vectors/demo/mnist-small.npz: ");
    refused(spae_cli_demo, "demo --model none.npz", 1, "none.npz: ");
    refused(spae_cli_demo, "demo --model m.npz --out d", 1, "vectors/demo/digit-0.pgm: ");
    refused(spae_cli_demo, "demo --model m.npz --out in.npy in.npy", 1, "in.npy: expected to make a directory");
    refused(spae_cli_demo, "demo --model m.npz --out no/where in.npy", 1, "no/where");
    refused(spae_cli_demo, "demo --quick", 2, "--quick: no such option");
    leave();
}
END_TEST

SUITE(suite_io_cli_demo, "io/cli/demo", shows_and_saves, knows_its_digits, ends_with_a_written_digit, refusals)
