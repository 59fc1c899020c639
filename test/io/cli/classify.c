/* spae classify: one question, or the accuracy over episodes; malformed answers; wrong use. */
#define _POSIX_C_SOURCE 200809L

#include "../bytes.h"

#include "../../../io/cli/commands.h"
#include "asked.h"

#define MODEL "classify --model m.npz --join plain "

/* Six pictures of each of two classes of digits, 8x8; the vocabulary has the words of both. */
static void put_digits(void)
{
    uint8_t images[16 + 12 * 64] = {0, 0, 8, 3, 0, 0, 0, 12, 0, 0, 0, 8, 0, 0, 0, 8},
                             labels[8 + 12] = {0, 0, 8, 1, 0, 0, 0, 12};
    for (size_t i = 0; i < 12 * 64; i++)
        images[16 + i] = (uint8_t)(i / 64 % 2 * 150 + i * i % 90);
    for (size_t i = 0; i < 12; i++)
        labels[8 + i] = (uint8_t)(i % 2);
    put_file("d-images-idx3-ubyte", images, sizeof images);
    put_file("d-labels-idx1-ubyte", labels, sizeof labels);
    ck_assert_msg(run(spae_cli_init, "init --preset tiny-2d --words 60 --seed 1 -o w.npz") == 0,
                  "%s", run_err);
}

START_TEST(one_question)
{
    enter();
    put_tokens();
    put_program("vase");
    ck_assert_msg(run(spae_cli_classify,
                      MODEL "--tokens t.txt --label lion --label vase --llm command:./p") == 0,
                  "%s", run_err);
    ck_assert_str_eq(run_out, "vase\n");
    put_program(" lion ");
    ck_assert_int_eq(
        run(spae_cli_classify, MODEL
            "--tokens t.txt --label lion --label vase --llm command:./p --transcript t.jsonl"),
        0);
    ck_assert_str_eq(run_out, "lion\n");
    put_program("tiger"); /* asked no more */
    ck_assert_int_eq(run(spae_cli_classify,
                         MODEL "--tokens t.txt --label lion --label vase --llm replay:t.jsonl"),
                     0);
    ck_assert_str_eq(run_out, "lion\n");
    refused(spae_cli_classify, MODEL "--tokens t.txt --label lion --label vase --llm command:./p",
            1, "spae classify: the language model answered \"tiger\", expected one of the labels");
    put_program("");
    refused(spae_cli_classify, MODEL "--tokens t.txt --label lion --label vase --llm command:./p",
            1, "the language model answered \"\", expected one of the labels");
    leave();
}
END_TEST

/* An episode of the data names what is due. */
START_TEST(one_episode)
{
    char word[64];
    enter();
    put_digits();
    put_program("zero");
    const int status = run(spae_cli_classify, "classify --model w.npz --data d-images-idx3-ubyte "
                                              "--ways 2 --shots 2 --episode 3 --llm command:./p");
    ck_assert_msg(status == 0, "%s", run_err);
    ck_assert_str_eq(run_out, "zero\n");
    ck_assert(strcmp(run_err, "right: it is zero\n") == 0 ||
              strcmp(run_err, "wrong: it is one\n") == 0);
    ck_assert(sscanf(run_err, "%60s", word) == 1);
    leave();
}
END_TEST

/* Twenty episodes of the sixty digits that are kept for the demo: the CSV has what the table has,
 * again to the byte. */
START_TEST(many_episodes)
{
    static char first[4000], second[4000];
    char line[3 * sizeof run_home];
    unsigned tokens, ways, induction, shots, repeats, right, malformed, hamming, embedding,
        episodes;
    enter();
    for (int again = 0; again < 2; again++) {
        snprintf(line, sizeof line,
                 "classify --model %s/vectors/demo/mnist-small.npz --data "
                 "%s/vectors/demo/context-images-idx3-ubyte.gz --pad --ways 3 "
                 "--shots 2 --layers 2 --episodes 20 --seed 5 --csv f.csv",
                 run_home, run_home);
        ck_assert_msg(run(spae_cli_classify, line) == 0, "%s", run_err);
        ck_assert(
            strstr(run_out,
                   "60 pictures, 10 classes, 20 episodes of seed 5, incontext; per cent right") !=
            NULL);
        FILE *file = fopen("f.csv", "rb");
        ck_assert(file != NULL);
        first[fread(first, 1, sizeof first - 1, file)] = '\0';
        fclose(file);
        ck_assert(again == 0 || strcmp(first, second) == 0);
        strcpy(second, first);
    }
    ck_assert_int_eq(sscanf(first,
                            "tokens,ways,induction,shots,repeats,right,malformed,nearest_hamming,"
                            "nearest_embedding,episodes\n"
                            "%u,%u,%u,%u,%u,%u,%u,%u,%u,%u",
                            &tokens, &ways, &induction, &shots, &repeats, &right, &malformed,
                            &hamming, &embedding, &episodes),
                     10);
    ck_assert(tokens == 5 && ways == 3 && induction == 1 && shots == 2 && repeats == 0 &&
              episodes == 20);
    ck_assert(right + malformed <= 20 && right > 20 / 3 && hamming > 20 / 3 &&
              embedding > 20 / 3); /* better than chance */
    snprintf(line, sizeof line, "     5  3-way  yes      2        0   %5.1f +- ", right * 5.0);
    ck_assert_msg(strstr(run_out, line) != NULL, "%s", run_out);
    leave();
}
END_TEST

START_TEST(wrong_use)
{
    enter();
    put_tokens();
    put_digits();
    refused(spae_cli_classify, MODEL "--tokens t.txt --label a --label b --csv f.csv", 2,
            "--csv: is for many episodes of --data");
    refused(spae_cli_classify, MODEL "--tokens t.txt --label a --label b --table", 2,
            "--table: is for many episodes");
    refused(spae_cli_classify, MODEL "--data d-images-idx3-ubyte in.npy", 2,
            "--data: then no files are given");
    refused(spae_cli_classify, MODEL "--data d-images-idx3-ubyte --ways 17", 2, "--ways");
    refused(spae_cli_classify, MODEL "--data d-images-idx3-ubyte --template gpt5", 2,
            "--template: gpt5 is none of gpt35, palm2");
    refused(spae_cli_classify, MODEL "--data d-images-idx3-ubyte --layers 5", 2, "--layers");
    refused(spae_cli_classify, MODEL "--data none", 1, "none");
    refused(spae_cli_classify, "classify --model none.npz --data d-images-idx3-ubyte", 1,
            "none.npz");
    ck_assert(!is_there("f.csv"));
    leave();
}
END_TEST

SUITE(suite_io_cli_classify, "io/cli/classify", one_question, one_episode, many_episodes, wrong_use)
