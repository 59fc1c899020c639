/* spae generate: every task end to end; transcripts replayed, resumed and cut; what is kept when
 * the language model fails. */
#define _POSIX_C_SOURCE 200809L

#include "../bytes.h"

#include <sys/stat.h>

#include "../../../io/cli/commands.h"
#include "run.h"

enum { SHEET_ROOM = 1 << 20 };

static size_t whole(const char *name, char *text, size_t room)
{
    FILE *file = fopen(name, "rb");
    ck_assert_msg(file != NULL, "%s is not there", name);
    const size_t size = fread(text, 1, room - 1, file);
    fclose(file);
    ck_assert(size < room - 1);
    text[size] = '\0';
    return size;
}

static void same_file(const char *a, const char *b)
{
    static char bytes_of_a[SHEET_ROOM], bytes_of_b[SHEET_ROOM];
    const size_t size = whole(a, bytes_of_a, sizeof bytes_of_a);
    ck_assert_uint_eq(whole(b, bytes_of_b, sizeof bytes_of_b), size);
    ck_assert_msg(memcmp(bytes_of_a, bytes_of_b, size) == 0, "%s and %s differ", a, b);
}

static size_t lines_of(const char *name)
{
    static char text[SHEET_ROOM];
    size_t lines = 0;
    for (size_t size = whole(name, text, sizeof text); size > 0; size--)
        lines += text[size - 1] == '\n';
    return lines;
}

static void generate(const char *options)
{
    char line[900];
    snprintf(line, sizeof line, "generate --model m.npz %s", options);
    ck_assert_msg(run(spae_cli_generate, line) == 0, "%s: %s", line, run_err);
}

enum { SIDE = 16, PIXELS = SIDE * SIDE };

/* m.npz becomes a model of sixty words w0 .. w59, pictures of 16x16, 1 + 4 + 16 + 16 tokens; in.pgm
 * is one of them. Six pictures of each of two classes lie beside it, the second much brighter than
 * the first. */
static void put_all(void)
{
    uint8_t images[16 + 12 * PIXELS] = {0, 0, 8, 3, 0, 0, 0, 12, 0, 0, 0, SIDE, 0, 0, 0, SIDE};
    uint8_t labels[8 + 12] = {0, 0, 8, 1, 0, 0, 0, 12}, picture[13 + PIXELS] = "P5 16 16 255\n";
    ck_assert_msg(run(spae_cli_init, "init --preset tiny-2d --words 60 --seed 1 -o m.npz") == 0,
                  "%s", run_err);
    for (size_t i = 0; i < 12 * PIXELS; i++)
        images[16 + i] = (uint8_t)(i / PIXELS % 2 * 150 + i * i % 90);
    memcpy(picture + 13, images + 16, PIXELS);
    put_file("in.pgm", picture, sizeof picture);
    for (size_t i = 0; i < 12; i++)
        labels[8 + i] = (uint8_t)(i % 2);
    put_file("d-images-idx3-ubyte", images, sizeof images);
    put_file("d-labels-idx1-ubyte", labels, sizeof labels);
}

#define LABELLED "--data d-images-idx3-ubyte --shots 3 --temperature 0.5 --seed 2 "

/* 37 tokens, four at a time: ten requests a picture. A replay needs no model and writes the same
 * bytes. */
START_TEST(labelled_pictures)
{
    enter();
    put_all();
    generate(LABELLED "--pictures 2 --tokens a.txt -o a.png --transcript a.jsonl");
    ck_assert(strstr(run_err, "an image of 0, picture 2 of 2\n") != NULL &&
              strstr(run_err, "an image of 1, picture 1 of 2\n") != NULL);
    ck_assert(strstr(run_err, "40 requests (0 again), 320 answers: 0 too short") != NULL &&
              run_out[0] == '\0');
    generate(LABELLED
             "--pictures 2 --tokens b.txt -o b.png --llm replay:a.jsonl --llm-set tokenizer=words");
    same_file("a.txt", "b.txt");
    same_file("a.png", "b.png");
    generate(LABELLED "--pictures 2 --tokens c.txt -o c.png"); /* nor does a second run differ */
    same_file("a.txt", "c.txt");
    same_file("a.png", "c.png");
    generate("--data d-images-idx3-ubyte --shots 3 --temperature 0.5 --seed 3 --pictures 2 "
             "--tokens c.txt"); /* another seed does */
    static char a[8000], c[8000];
    whole("a.txt", a, sizeof a);
    whole("c.txt", c, sizeof c);
    ck_assert(strcmp(a, c) != 0);
    generate(LABELLED "--condition 1 --condition 0"); /* to stdout */
    ck_assert(strstr(run_err, "an image of 0, picture 1 of 1\n") != NULL && run_out[0] != '\0');
    leave();
}
END_TEST

/* Cuts a file to its first `lines` lines and `more` bytes of the next. */
static void cut_file(const char *from, const char *to, size_t lines, size_t more)
{
    static char text[SHEET_ROOM];
    whole(from, text, sizeof text);
    char *at = text;
    for (; lines > 0; lines--)
        at = strchr(at, '\n') + 1;
    put_file(to, text, (size_t)(at - text) + more);
}

/* A run that was interrupted goes on to the same bytes, from any line and within one; only the rest
 * is asked. */
START_TEST(interrupted_runs)
{
    enter();
    put_all();
    generate(LABELLED "--tokens a.txt -o a.png --transcript a.jsonl");
    const size_t lines = lines_of("a.jsonl");
    ck_assert_uint_ge(lines, 20);
    for (size_t kept = 1; kept < lines; kept += 6) {
        cut_file("a.jsonl", "b.jsonl", kept, kept % 4 / 2 * 11);
        generate(LABELLED "--tokens b.txt -o b.png --transcript b.jsonl --resume");
        ck_assert(
            (strstr(run_err, "b.jsonl: the last line was cut off: its 11 bytes are dropped\n") !=
             NULL) == (kept % 4 > 1));
        same_file("a.txt", "b.txt");
        same_file("a.png", "b.png");
        same_file("a.jsonl", "b.jsonl");
    }
    leave();
}
END_TEST

/* The language model fails in the second picture of two: the first is kept, the run has failed. */
START_TEST(what_is_complete_is_kept)
{
    enter();
    put_all();
    generate(LABELLED "--tokens a.txt --transcript a.jsonl");
    cut_file("a.jsonl", "b.jsonl", lines_of("a.jsonl") - 8, 0);
    ck_assert_int_eq(run(spae_cli_generate, "generate --model m.npz " LABELLED
                                            "--llm replay:b.jsonl --llm-set tokenizer=words "
                                            "--tokens b.txt -o b.png"),
                     1);
    ck_assert_msg(strstr(run_err, "1 of 2 pictures are complete and saved; with --transcript F") !=
                      NULL,
                  "%s", run_err);
    ck_assert(strstr(run_err, "spae generate: an image of 1: picture 1: ") != NULL &&
              is_there("b.png"));
    static char a[4000], b[4000];
    whole("a.txt", a, sizeof a);
    const size_t size = whole("b.txt", b, sizeof b);
    ck_assert(size > 0 && size < strlen(a) && strncmp(a, b, size - 1) == 0);
    cut_file("a.jsonl", "b.jsonl", 2, 0);
    ck_assert_int_eq(run(spae_cli_generate, "generate --model m.npz " LABELLED
                                            "--llm replay:b.jsonl --llm-set tokenizer=words "
                                            "--tokens none.txt -o none.png"),
                     1);
    ck_assert(strstr(run_err, "0 of 2 pictures are complete; ") != NULL && !is_there("none.txt") &&
              !is_there("none.png"));
    leave();
}
END_TEST

START_TEST(one_picture)
{
    enter();
    put_all();
    generate("--task denoise in.pgm --examples 3 --tokens a.txt -o a.ppm");
    ck_assert(strstr(run_err, "denoise, picture 1 of 1\n") != NULL && is_there("a.txt") &&
              is_there("a.ppm"));
    generate("--task denoise --transform rotate --rates 0.2,0.1 --schedule cosine in.pgm "
             "--examples 2 --tokens b.txt --fill");
    generate("--task interpolate --set contrast in.pgm --par-layers 2 --pnar-stride 0 --tokens "
             "c.txt -o c.npy");
    ck_assert(strstr(run_err, "4 requests (0 again)") !=
              NULL); /* 4 and 1 tokens one by one, then each layer at once */
    generate("--task interpolate in.pgm --pictures 2");
    ck_assert(strstr(run_err, "--pictures 2: at --temperature 0 ") != NULL);
    ck_assert(run(spae_cli_init, "init --preset tiny-3d --words 60 --seed 1 -o v.npz") == 0);
    static uint8_t video[128 + 4 * 8 * 8 * 3] =
        "\x93NUMPY\x01"; /* of version 1.0; the header is 118 bytes */
    video[8] = 118;
    memset(video + 10, ' ', 117);
    video[127] = '\n';
    static const char header[] =
        "{'descr': '|u1', 'fortran_order': False, 'shape': (4, 8, 8, 3), }";
    memcpy(video + 10, header, sizeof header - 1);
    for (size_t i = 128; i < sizeof video; i++)
        video[i] = (uint8_t)(i * i % 251);
    put_file("v.npy", video, sizeof video);
    ck_assert_msg(run(spae_cli_generate,
                      "generate --model v.npz --task frames v.npy --examples 2 -o v.png") == 0,
                  "%s", run_err);
    ck_assert(strstr(run_err, "frames, picture 1 of 1\n") != NULL && is_there("v.png"));
    refused(spae_cli_generate, "generate --model v.npz --task denoise v.npy", 1,
            "--task denoise: the model is one of videos");
    refused(spae_cli_generate, "generate --model m.npz --task frames in.pgm", 1,
            "--task frames: the model is one of pictures");
    leave();
}
END_TEST

START_TEST(wrong_use)
{
    static const struct {
        const char *options, *part;
        int due;
    } wrong[] = {
        {"--data d-images-idx3-ubyte --task paint",
         "--task: paint is none of labelled, denoise, interpolate, frames", 2},
        {"", "--data: is needed", 2},
        {"--data d-images-idx3-ubyte in.pgm", "expected no IMAGE", 2},
        {"--task denoise", "expected one IMAGE", 2},
        {"--task denoise in.pgm --shots 2", "--shots: is not for --task denoise", 2},
        {"--task interpolate in.pgm --transform inpaint",
         "--transform: is not for --task interpolate", 2},
        {"--task denoise in.pgm --rates 0.5", "--rates: expected two numbers", 2},
        {"--task denoise in.pgm --rates 0.5,1.5", "--rates: expected two numbers", 2},
        {"--task denoise in.pgm --temperature -1", "--temperature: expected a number from 0", 2},
        {"--task denoise in.pgm --temperature nan", "--temperature: expected a number from 0", 2},
        {"--task denoise in.pgm --samples 0", "--samples", 2},
        {"--task denoise in.pgm --par-layers 5", "--par-layers", 2},
        {"--task denoise none.npy", "none.npy", 1},
        {"--data none", "none", 1},
        {"--task denoise in.pgm --llm oracle", "oracle", 1},
        {"--task denoise in.pgm --llm replay:none.jsonl", "none.jsonl", 1},
        {"--task denoise in.pgm --resume", "--resume: goes on with a --transcript", 1},
        {"--task denoise in.pgm --join glued", "--join: glued: expected plain, spaced or marked",
         1},
        {"--task denoise in.pgm --llm-set colour=red", "colour", 1},
        {"--data d-images-idx3-ubyte --shots 6", "have 7 pictures", 1},
    };
    enter();
    put_all();
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char line[300];
        snprintf(line, sizeof line, "generate --model m.npz --tokens t.txt -o t.png %s",
                 wrong[i].options);
        refused(spae_cli_generate, line, wrong[i].due, wrong[i].part);
    }
    ck_assert(!is_there("t.txt") && !is_there("t.png"));
    leave();
}
END_TEST

/* An outside program that answers wrongly: counted, asked again, at last given up; or filled. */
START_TEST(wrong_answers)
{
    static const char program[] = /* three requests of nonsense, then words */
        "echo x >>runs; n=$(wc -l <runs); number=$(sed 's/.*\"number\":\\([0-9]*\\).*/\\1/' \"$1\" "
        "| head -n 1)\n"
        "word=zzz; [ $n -lt 4 ] || word='w2 w7 w2 w9 w2'\n"
        "printf '{\"answers\":[{\"number\":%s,\"samples\":[{\"text\":\"%s\",\"end\":\"end\"}]}]}' "
        "$number \"$word\" >\"$2\"\n";
    static const char line[] =
        "generate --model m.npz --task denoise in.pgm --examples 1 --samples 1 --llm command:./p "
        "--tokens t.txt --transcript t.jsonl ";
    char options[300];
    enter();
    put_all();
    put_file("p", program, sizeof program - 1);
    ck_assert(chmod("p", 0700) == 0);
    ck_assert_msg(run(spae_cli_generate, line) == 0, "%s", run_err);
    ck_assert_msg(strstr(run_err, "13 requests (3 again), 13 answers: 0 too short or outside the "
                                  "vocabulary, 3 malformed; 0 segments filled") != NULL,
                  "%s", run_err);
    ck_assert(strstr(run_err, "1 of 10 segments, sample 0 at temperature 0.14") != NULL); /* T_3 */
    ck_assert_uint_eq(lines_of("runs"), 13);
    snprintf(options, sizeof options, "%s--resume", line); /* all is there: nothing is asked */
    ck_assert(run(spae_cli_generate, options) == 0 && lines_of("runs") == 13);
    ck_assert(remove("runs") == 0 && remove("t.txt") == 0 && remove("t.jsonl") == 0);
    snprintf(options, sizeof options, "%s--retries 1", line);
    ck_assert_int_eq(run(spae_cli_generate, options), 1);
    ck_assert(strstr(run_err, "none of 1 answers is valid") != NULL &&
              strstr(run_err, "--resume goes on") != NULL && !is_there("t.txt"));
    ck_assert(remove("runs") == 0 && remove("t.jsonl") == 0);
    snprintf(options, sizeof options, "%s--retries 1 --fill", line);
    ck_assert_msg(run(spae_cli_generate, options) == 0, "%s", run_err);
    ck_assert(strstr(run_err, "1 segments filled") != NULL);
    leave();
}
END_TEST

SUITE(suite_io_cli_generate, "io/cli/generate", labelled_pictures, interrupted_runs,
      what_is_complete_is_kept, one_picture, wrong_use, wrong_answers)
