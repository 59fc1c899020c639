/* io/cli/eval: what is printed and written; the measures themselves are tested in
 * test/io/evaluation.c. */
#define _POSIX_C_SOURCE 200809L

#include "../../../io/cli/commands.h"
#include "digits.h"

static size_t read_text(const char *name, char *text, size_t room)
{
    FILE *file = fopen(name, "rb");
    ck_assert(file != NULL);
    const size_t n = fread(text, 1, room - 1, file);
    fclose(file);
    text[n] = '\0';
    return n;
}

/* A model of the dozen words, t.npz, and the pictures. */
static void prepare(void)
{
    put_everything();
    ck_assert_int_eq(
        run(spae_cli_init, "init --preset tiny-2d -o t.npz --codebook e.npy --vocab w.txt"), 0);
}

START_TEST(everything_is_told)
{
    char text[4096];
    enter();
    prepare();
    ck_assert_msg(run(spae_cli_eval, "eval --model t.npz --data . --csv c.csv --json j.json") == 0,
                  "%s", run_err);
    ck_assert(strstr(run_out, "model sha256 ") == run_out);
    ck_assert(strstr(run_out, "\npictures 6\n") != NULL);
    ck_assert(strstr(run_out, "\nfirst word is the label's 0.") != NULL);
    ck_assert(strstr(run_out, "\na word of layers 1-2 is the label's ") != NULL);
    ck_assert(strstr(run_out, "\n1..4    ") != NULL);
    ck_assert(strstr(run_out, " of 12\n") != NULL);
    read_text("c.csv", text, sizeof text);
    ck_assert(strstr(text, "layers,psnr,tokens,distinct,entropy\n1,") == text);
    ck_assert(strstr(text, "\n4,") != NULL && strstr(text, ",96,") != NULL);
    const size_t n = read_text("j.json", text, sizeof text);
    ck_assert(strstr(text, "{\"sha256\":\"") == text &&
              strstr(text, "\"pictures\":6,\"first_word\":0.") != NULL);
    ck_assert(strstr(text, ",\"early_word\":") != NULL);
    ck_assert(text[n - 1] == '\n' && text[n - 2] == '}');
    leave();
}
END_TEST

START_TEST(parts_limits_and_pictures_without_labels)
{
    char text[4096];
    enter();
    prepare();
    ck_assert_int_eq(remove("t10k-images-idx3-ubyte"), 0);
    refused(spae_cli_eval, "eval --model t.npz --data .", 1,
            ".: expected t10k-images-idx3-ubyte[.gz] in it too");
    ck_assert_int_eq(run(spae_cli_eval, "eval --model t.npz --data . --part train --limit 2"), 0);
    ck_assert(strstr(run_out, "\npictures 2\n") != NULL);
    ck_assert_int_eq(remove("train-labels-idx1-ubyte"), 0);
    ck_assert_int_eq(
        run(spae_cli_eval, "eval --model t.npz --data train-images-idx3-ubyte --limit 1 --json j"),
        0);
    ck_assert(strstr(run_out, "first word") == NULL);
    read_text("j", text, sizeof text);
    ck_assert(strstr(text, "\"first_word\":null") != NULL);
    leave();
}
END_TEST

START_TEST(a_model_without_digits_has_no_first_words)
{
    enter();
    prepare();
    ck_assert_int_eq(run(spae_cli_init, "init --preset tiny-2d -o g.npz --words 5"), 0);
    ck_assert_msg(run(spae_cli_eval, "eval --model g.npz --data .") == 0, "%s", run_err);
    ck_assert(strstr(run_out, "first word") == NULL);
    leave();
}
END_TEST

START_TEST(pictures_with_words_of_their_own)
{
    enter();
    put_codebook();
    put_worded();
    ck_assert_int_eq(
        run(spae_cli_init, "init --preset tiny-2d -o t.npz --codebook e.npy --vocab w.txt"), 0);
    ck_assert_int_eq(run(spae_cli_eval, "eval --model t.npz --data w-images.npz"), 0);
    ck_assert(strstr(run_out, "\npictures 1\nfirst word is the label's ") != NULL);
    ck_assert_int_eq(run(spae_cli_eval, "eval --model t.npz --data w-images.npz --part train"), 0);
    ck_assert(strstr(run_out, "\npictures 7\n") != NULL);
    ck_assert(strstr(run_err, "1 of 8 pictures left out") != NULL);
    ck_assert_int_eq(run(spae_cli_init, "init --preset tiny-2d -o g.npz --words 5"), 0);
    refused(spae_cli_eval, "eval --model g.npz --data w-images.npz", 1,
            "of none of 1 pictures a word is in the vocabulary of 5");
    leave();
}
END_TEST

START_TEST(wrong_use)
{
    enter();
    prepare();
    refused(spae_cli_eval, "eval --data .", 2, "--model M is needed");
    refused(spae_cli_eval, "eval --model t.npz", 2, "--data D is needed");
    refused(spae_cli_eval, "eval --model t.npz --data . --part all", 2,
            "--part: all is none of train, test");
    refused(spae_cli_eval, "eval --model t.npz --data . --limit 0", 2, "--limit: 0 is not");
    refused(spae_cli_eval, "eval --model no --data .", 1, "spae eval: no: ");
    refused(spae_cli_eval, "eval --model w.txt --data .", 1, "spae eval: w.txt: ");
    refused(spae_cli_eval, "eval --model t.npz --data w.txt", 1, "spae eval: w.txt: ");
    refused(spae_cli_eval, "eval --model m.npz --data .", 1, "12x12, the model takes up to 8x8");
    leave();
}
END_TEST

SUITE(suite_io_cli_eval, "io/cli/eval", everything_is_told,
      parts_limits_and_pictures_without_labels, a_model_without_digits_has_no_first_words,
      pictures_with_words_of_their_own,
      wrong_use)
