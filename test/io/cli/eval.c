/* io/cli/eval: what is printed and written; the measures themselves are tested in
 * test/io/evaluation.c. */
#define _POSIX_C_SOURCE 200809L

#include <math.h>
#include <sys/stat.h>

#include "../../../io/cli/commands.h"
#include "tiny_clip.h"

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
    ck_assert(strstr(run_out, "\n4:37 ") != NULL);
    ck_assert(strstr(run_out, " of 12\n") != NULL);
    read_text("c.csv", text, sizeof text);
    ck_assert(strstr(text, "layers,picture_tokens,fid,") == text && strstr(text, "\n1,1,,,,,,,,,") != NULL);
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

static void put_rows(const char *name, size_t n, size_t d, const float *rows)
{
    spae_arena arena;
    spae_error err;
    spae_arena_hosted(&arena);
    const spae_npy_array array = {SPAE_NPY_F4, 2, {n, d}, rows};
    ck_assert_int_eq(spae_npy_write_file(&arena, name, &array, &err), SPAE_OK);
    spae_arena_free(&arena);
}

/* Distances, scores and similarities from files of others; FID alone needs neither data nor a decoder. */
START_TEST(activations_of_others)
{
    char text[4096];
    float texts[12 * 2], images[6 * 2];
    enter();
    prepare();
    ck_assert(mkdir("a", 0700) == 0);
    put_rows("a/real.npy", 3, 1, (const float[]){1, 2, 3});
    put_rows("a/layer2.npy", 3, 1, (const float[]){3, 5, 7});
    ck_assert_msg(run(spae_cli_eval, "eval --model t.npz --metrics fid --features a --json j") == 0, "%s", run_err);
    ck_assert(strstr(run_out, "\nfid: 1 features from a, n = 3 of pictures and 3 of what is rebuilt\n\n"
                              "layers:tokens         FID\n1:1                     -\n2:5                10.000\n") != NULL);
    ck_assert(strstr(run_out, "\npictures") == NULL && strstr(run_out, "PSNR") == NULL);
    ck_assert_int_eq(run(spae_cli_eval, "eval --model t.npz --metrics fvd --video-features a"), 0);
    ck_assert(strstr(run_out, "         FVD\n") != NULL);
    put_rows("a/layer2.npy", 2, 2, (const float[]){0, 1, 1, 0});
    put_rows("a/real.npy", 2, 2, (const float[]){0.5f, 0.5f, 0.5f, 0.5f});
    for (int i = 0; i < 12; i++) { /* words a, zero, .. in a ring of directions */
        texts[2 * i] = (float)cos(i * 0.5);
        texts[2 * i + 1] = (float)sin(i * 0.5);
    }
    memcpy(images, texts + 2, sizeof images);
    put_rows("t.npy", 12, 2, texts);
    put_rows("i.npy", 6, 2, images);
    ck_assert_msg(run(spae_cli_eval, "eval --model t.npz --data . --probabilities a --text-features t.npy --image-features i.npy"
                                     " --csv c") == 0, "%s", run_err);
    ck_assert(strstr(run_out, "\nis: probabilities of 2 classes from a, n = 2 in 1 splits; +- is their deviation\n") != NULL);
    ck_assert(strstr(run_out, "\npictures            1.000    0.000") != NULL);
    ck_assert(strstr(run_out, "\n2:5                 2.000    0.000      ") != NULL);
    ck_assert(strstr(run_out, "        CLIP    relative        PSNR") != NULL && strstr(run_out, "perplexity        CLIP") != NULL);
    read_text("c", text, sizeof text);
    ck_assert(strstr(text, "\n0,0,,1.0,0.0,") != NULL && strstr(text, "\n2,5,,2.0,0.0,") != NULL);
    put_rows("i.npy", 5, 2, images);
    refused(spae_cli_eval, "eval --model t.npz --data . --text-features t.npy --image-features i.npy", 1,
            "i.npy: 5 rows, picture 5 of the data is not among them");
    ck_assert_int_eq(run(spae_cli_eval, "eval --model t.npz --data . --text-features t.npy --image-features i.npy --limit 5"), 0);
    refused(spae_cli_eval, "eval --model t.npz --data . --text-features i.npy --image-features i.npy", 1,
            "i.npy: 5 rows, the vocabulary has 12 words");
    leave();
}
END_TEST

/* CLIP scores of weights are those of the features that spae guide makes with them, digit by digit; each half may be a file. */
START_TEST(clip_by_weights_and_by_files)
{
    static char weights[4096], files[4096], json[8192];
    static const char clip[] = "clip: weights of sha256 ";
    enter();
    put_clip();
    ck_assert_int_eq(run(spae_cli_init, "init --preset tiny-2d -o t.npz --codebook e.npy --vocab w.txt"), 0);
    ck_assert_msg(run(spae_cli_eval, "eval --model t.npz --data . --metrics clip --clip clip.npz --clip-tokenizer bpe.txt --csv a --json j") == 0,
                  "%s", run_err);
    ck_assert_msg(strstr(run_out, clip) != NULL && strstr(run_out, "\nclip: 12 words in 80 prompts each, n = 6 pictures\n") != NULL,
                  "%s", run_out);
    char hash[65];
    memcpy(hash, strstr(run_out, clip) + sizeof clip - 1, 64);
    hash[64] = '\0';
    read_text("j", json, sizeof json);
    ck_assert(strstr(run_out, " (both encoders), read as spae\n") != NULL);
    ck_assert(strstr(json, hash) != NULL && strstr(json, "n = 6 pictures") != NULL && strstr(json, "\"relative_clip\":0.") != NULL);
    ck_assert_msg(run(spae_cli_guide, "guide --clip clip.npz --tokenizer bpe.txt --codebook e.npy --vocab w.txt --words t.npy"
                                      " --data . --part test --preset tiny-2d --pictures i.npy") == 0, "%s", run_err);
    ck_assert(strstr(run_out, hash) != NULL);
    static const char *const doors[] = {"--text-features t.npy --image-features i.npy", "--clip clip.npz --text-features t.npy",
                                        "--clip clip.npz --clip-tokenizer bpe.txt --image-features i.npy"};
    for (size_t d = 0; d < 3; d++) {
        char line[256];
        snprintf(line, sizeof line, "eval --model t.npz --data . --metrics clip --csv b %s", doors[d]);
        ck_assert_msg(run(spae_cli_eval, line) == 0, "%s: %s", line, run_err);
        ck_assert((strstr(run_out, clip) != NULL) == (d > 0) && strstr(run_out, "n = 6 pictures") != NULL);
        ck_assert((strstr(run_out, "12 words from t.npy") != NULL) == (d < 2));
        read_text("a", weights, sizeof weights);
        read_text("b", files, sizeof files);
        if (sizeof(spae_real) == sizeof(float)) /* wider reals are rounded in files */
            ck_assert_str_eq(weights, files);
    }
    ck_assert_int_eq(run(spae_cli_eval, "eval --model t.npz --data . --metrics clip --clip clip.npz --clip-tokenizer bpe.txt --clip-activation gelu --csv b"), 0);
    read_text("b", files, sizeof files);
    ck_assert(strcmp(weights, files) != 0);
    put_rows("t.npy", 12, 2, (const float[24]){1});
    refused(spae_cli_eval, "eval --model t.npz --data . --clip clip.npz --text-features t.npy", 1, "t.npy: features of 2 numbers, those of clip have 3");
    refused(spae_cli_eval, "eval --model t.npz --data . --clip m.npz --text-features t.npy", 1, "m.npz: no array is CLIP's visual/conv1/kernel");
    refused(spae_cli_eval, "eval --model t.npz --data . --clip clip.npz --clip-tokenizer w.txt", 1, "w.txt");
    leave();
}
END_TEST

START_TEST(pictures_for_others)
{
    enter();
    prepare();
    ck_assert_msg(run(spae_cli_eval, "eval --model t.npz --data . --limit 2 --metrics psnr --pictures p") == 0, "%s", run_err);
    ck_assert(strstr(run_out, "PSNR") != NULL && strstr(run_out, "SSIM") == NULL && strstr(run_out, "entropy") == NULL);
    ck_assert(is_there("p/real/000001.png") && is_there("p/real/000002.png") && is_there("p/layer4/000002.png"));
    ck_assert(!is_there("p/real/000003.png"));
    ck_assert_int_eq(run(spae_cli_eval, "eval --model t.npz --data . --limit 1 --pictures p --pictures-as npy"), 0);
    ck_assert(is_there("p/real/000001.npy") && is_there("p/layer1/000001.npy"));
    leave();
}
END_TEST

START_TEST(wrong_use)
{
    enter();
    prepare();
    refused(spae_cli_eval, "eval --data .", 2, "--model M is needed");
    refused(spae_cli_eval, "eval --model t.npz", 2, "--data D is needed");
    refused(spae_cli_eval, "eval --model t.npz --data . --metrics psnr,rank", 2, "--metrics: \"rank\" is none of psnr, error,");
    refused(spae_cli_eval, "eval --model t.npz --data . --metrics psnr,,ssim", 2, "--metrics: \"\" is none of");
    refused(spae_cli_eval, "eval --model t.npz --metrics fid", 2, "--metrics: fid takes --features or --inception");
    refused(spae_cli_eval, "eval --model t.npz --metrics lpips", 2, "--metrics: lpips takes --lpips");
    refused(spae_cli_eval, "eval --model t.npz --data . --features f --inception w", 2, "--features and --inception: fid takes one of them");
    refused(spae_cli_eval, "eval --model t.npz --data . --lpips w --lpips-network squeeze", 2, "--lpips-network: squeeze is none of alex, vgg");
    refused(spae_cli_eval, "eval --model t.npz --i3d w", 2, "--data D is needed");
    refused(spae_cli_eval, "eval --model t.npz --metrics is", 2, "--metrics: is takes --probabilities");
    refused(spae_cli_eval, "eval --model t.npz --metrics fvd", 2, "--metrics: fvd takes --video-features");
    refused(spae_cli_eval, "eval --model t.npz --data . --metrics clip", 2, "--metrics: clip takes --text-features or --clip");
    refused(spae_cli_eval, "eval --model t.npz --data . --text-features f", 2, "--text-features takes --image-features too, or --clip");
    refused(spae_cli_eval, "eval --model t.npz --data . --image-features f", 2, "--image-features takes --text-features too, or --clip");
    refused(spae_cli_eval, "eval --model t.npz --data . --clip w", 2, "--clip takes --clip-tokenizer too, or --text-features");
    refused(spae_cli_eval, "eval --model t.npz --clip w --clip-tokenizer b", 2, "--data D is needed");
    refused(spae_cli_eval, "eval --model t.npz --data . --clip-tokenizer b", 2, "--clip-tokenizer: it is for words");
    refused(spae_cli_eval, "eval --model t.npz --data . --clip w --clip-tokenizer b --text-features f", 2, "--clip-tokenizer: it is for words");
    refused(spae_cli_eval, "eval --model t.npz --data . --clip w --text-features f --image-features f", 2, "takes two of them at most");
    refused(spae_cli_eval, "eval --model t.npz --data . --clip w --clip-tokenizer b --clip-activation relu", 2, "--clip-activation: relu is none of");
    refused(spae_cli_eval, "eval --model t.npz --metrics fid --features . --pictures p", 2, "--data D is needed");
    refused(spae_cli_eval, "eval --model t.npz --data . --pictures-as gif", 2, "--pictures-as: gif is none of png, npy");
    refused(spae_cli_eval, "eval --model t.npz --data . --splits 0", 2, "--splits: 0 is not");
    refused(spae_cli_eval, "eval --model t.npz --metrics fid --features .", 1, "real.npy: not there");
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
      pictures_with_words_of_their_own, activations_of_others, clip_by_weights_and_by_files, pictures_for_others, wrong_use)
