/* spae guide: features of words and pictures by tiny encoders, gone on with, and taken by train; wrong use, broken files. */
#define _POSIX_C_SOURCE 200809L

#include "../../../io/cli/commands.h"
#include "tiny_clip.h"

static size_t read_file(const char *name, uint8_t out[4096])
{
    FILE *file = fopen(name, "rb");
    ck_assert_msg(file != NULL, "%s", name);
    const size_t n = fread(out, 1, 4096, file);
    fclose(file);
    return n;
}

#define WORDS    "guide --clip clip.npz --tokenizer bpe.txt --codebook e.npy --vocab w.txt --words t.npy --every 0 "
#define PICTURES "guide --clip clip.npz --data . --preset tiny-2d --pictures i.npy "

static void guide(const char *line)
{
    ck_assert_msg(run(spae_cli_guide, line) == 0, "%s: %s", line, run_err);
}

static void said(const char *due)
{
    ck_assert_msg(strncmp(run_out, due, strlen(due)) == 0, "\"%s\", due \"%s\"", run_out, due);
}

START_TEST(features_that_train_takes)
{
    static uint8_t whole[4096], again[4096];
    enter();
    put_clip();
    guide(WORDS);
    said("words t.npy: 12 of 3 numbers, 0 were there\nclip clip.npz, names of \"spae\", sha256 ");
    ck_assert_msg(strncmp(run_err, "words 12 of 12", 14) == 0, "%s", run_err);
    const size_t size = read_file("t.npy", whole);
    ck_assert_uint_eq(size, 128 + DIGIT_WORDS * EMBED * 4);
    ck_assert_int_eq(remove("t.npy"), 0);
    put_file("t.npy.part", whole, 128 + 5 * EMBED * 4 + 7); /* broken off in the sixth row */
    guide(WORDS);
    said("words t.npy: 12 of 3 numbers, 5 were there\n");
    ck_assert(read_file("t.npy", again) == size && memcmp(whole, again, size) == 0);
    guide(PICTURES);
    said("pictures i.npy: 6 of 3 numbers, 0 were there\n");
    guide(PICTURES);
    said("pictures i.npy: 6 of 3 numbers, 6 were there\n");
    ck_assert_msg(run(spae_cli_train, TRAIN "--guide-words t.npy --guide-pictures i.npy --out a.npz") == 0, "%s", run_err);
    leave();
}
END_TEST

START_TEST(prompts_and_parts)
{
    static uint8_t usual[4096], other[4096];
    enter();
    put_clip();
    guide(WORDS "--limit-words 4");
    said("words t.npy: 4 of 3 numbers, 0 were there\n");
    const size_t size = read_file("t.npy", usual);
    refused(spae_cli_guide, WORDS "--limit-words 4 --prompt {}", 1, "t.npy: made of something else");
    ck_assert_int_eq(remove("t.npy"), 0);
    guide(WORDS "--limit-words 4 --prompt {} --prompt {}s");
    ck_assert(read_file("t.npy", other) == size && memcmp(usual, other, size) != 0);
    guide(PICTURES "--part test --activation gelu");
    said("pictures i.npy: 6 of 3 numbers, 0 were there\n");
    refused(spae_cli_guide, PICTURES "--part test", 1, "i.npy: made of something else");
    leave();
}
END_TEST

START_TEST(wrong_use)
{
    enter();
    put_clip();
    refused(spae_cli_guide, "guide --clip clip.npz", 2, "expected --words or --pictures");
    refused(spae_cli_guide, "guide --words t.npy", 2, "--clip");
    refused(spae_cli_guide, "guide --clip clip.npz --words t.npy --codebook e.npy", 2, "expected --codebook and --tokenizer");
    refused(spae_cli_guide, "guide --clip clip.npz --pictures i.npy", 2, "expected --data");
    refused(spae_cli_guide, WORDS "--prompt cat", 2, "has no {} for the word");
    refused(spae_cli_guide, WORDS "--activation relu", 2, "--activation");
    refused(spae_cli_guide, "guide --clip e.npy --data . --pictures i.npy", 1, "e.npy");
    refused(spae_cli_guide, "guide --clip m.npz --data . --pictures i.npy", 1, "m.npz: no array is CLIP's visual/conv1/kernel");
    put_file("bpe.txt", MERGES "s</w> a\n", sizeof MERGES + 7);
    ck_assert(run(spae_cli_guide, WORDS) == 1 && strstr(run_err, "bpe.txt has 519 tokens, the weights have 518") != NULL);
    ck_assert(!is_there("t.npy") && !is_there("t.npy.part"));
    leave();
}
END_TEST

SUITE(suite_io_cli_guide, "io/cli/guide", features_that_train_takes, prompts_and_parts, wrong_use)
