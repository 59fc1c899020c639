/* spae decode: from each form and any prefix, the library's picture; every wrong use ends with one line and no file. */
#define _POSIX_C_SOURCE 200809L

#include "../bytes.h"

#include "../../../io/cli/commands.h"
#include "run.h"

/* What the library rebuilds from the first `layers` layers of the picture's tokens. */
static void rebuild(size_t layers, spae_real rebuilt[TINY_SAMPLES])
{
    spae_arena arena = new_arena();
    spae_model model;
    spae_real picture[TINY_SAMPLES];
    int32_t token[TINY_TOKENS];
    tiny_picture(picture);
    ck_assert_int_eq(spae_model_load(&model, &arena, "m.npz", NULL), SPAE_OK);
    ck_assert_int_eq(spae_encode(&model, picture, &arena, token, NULL, NULL), SPAE_OK);
    ck_assert_int_eq(spae_decode(&model, token, layers, &arena, rebuilt, NULL), SPAE_OK);
    spae_arena_free(&arena);
}

static void check_picture(const char *path, size_t layers)
{
    spae_arena arena = new_arena();
    spae_real due[TINY_SAMPLES], *picture = NULL;
    size_t height = 0, width = 0;
    rebuild(layers, due);
    ck_assert_int_eq(spae_picture_load(path, &arena, &picture, &height, &width, NULL), SPAE_OK);
    ck_assert(height == TINY_SIDE && width == TINY_SIDE);
    for (size_t i = 0; i < TINY_SAMPLES; i++)
        ck_assert(picture[i] == (due[i] < 0 ? 0 : due[i] > 1 ? 1 : due[i]));
    spae_arena_free(&arena);
}

START_TEST(round_trips)
{
    static const char *const formats[] = {"words", "ids", "npy", "json"};
    enter();
    for (size_t i = 0; i < 4; i++) {
        char line[200];
        snprintf(line, sizeof line, "encode --model m.npz in.npy --format %s -o t", formats[i]);
        ck_assert_int_eq(run(spae_cli_encode, line), 0);
        ck_assert_int_eq(run(spae_cli_decode, "decode --model m.npz t -o out.npy"), 0);
        ck_assert(run_out[0] == '\0' && run_err[0] == '\0');
        check_picture("out.npy", 4);
        ck_assert_int_eq(run(spae_cli_decode, "decode --model m.npz t --layers 2 -o out.npy"), 0);
        check_picture("out.npy", 2);
        snprintf(line, sizeof line, "decode --model m.npz t --format %s -o out.npy", formats[i]);
        ck_assert_int_eq(run(spae_cli_decode, line), 0);
        check_picture("out.npy", 4);
    }
    ck_assert_int_eq(run(spae_cli_encode, "encode --model m.npz in.npy --layers 3 -o t"), 0);
    ck_assert_int_eq(run(spae_cli_decode, "decode --model m.npz t -o out.npy"), 0);
    check_picture("out.npy", 3);
    refused(spae_cli_decode, "decode --model m.npz t --layers 4 -o out.npy", 2, "--layers: 4 is not");
    leave();
}
END_TEST

START_TEST(one_of_several)
{
    enter();
    put_file("other.pgm", "P5 2 2 255 abcd", 15);
    ck_assert_int_eq(run(spae_cli_encode, "encode --model m.npz --pad other.pgm in.npy -o t"), 0);
    refused(spae_cli_decode, "decode --model m.npz t -o out.npy", 2, "t: has 2 pictures: --index N");
    refused(spae_cli_decode, "decode --model m.npz t --index 3 -o out.npy", 2, "--index: 3 is not");
    ck_assert_int_eq(run(spae_cli_decode, "decode --model m.npz t --index 2 -o out.npy"), 0);
    check_picture("out.npy", 4);
    leave();
}
END_TEST

START_TEST(kinds_of_pictures)
{
    static const char *const names[] = {"out.png", "out.ppm", "out.pgm", "out.npy"};
    enter();
    ck_assert_int_eq(run(spae_cli_encode, "encode --model m.npz in.npy -o t"), 0);
    for (size_t i = 0; i < 4; i++) {
        char line[100];
        snprintf(line, sizeof line, "decode --model m.npz t -o %s", names[i]);
        ck_assert_int_eq(run(spae_cli_decode, line), 0);
        ck_assert(is_there(names[i]));
    }
    leave();
}
END_TEST

START_TEST(wrong_use)
{
    enter();
    put_file("t", "0\n", 2);
    refused(spae_cli_decode, "decode t -o out.png", 2, "spae decode: --model M is needed");
    refused(spae_cli_decode, "decode --model m.npz t", 2, "-o OUT is needed");
    refused(spae_cli_decode, "decode --model m.npz -o out.png", 2, "TOKENS is needed");
    refused(spae_cli_decode, "decode --model m.npz t t -o out.png", 2, "t: one argument too many");
    refused(spae_cli_decode, "decode --model m.npz t -o out.gif", 2, "-o: out.gif: expected a name that ends in .ppm");
    refused(spae_cli_decode, "decode --model m.npz t -o .png", 2, "-o: .png: expected a name");
    refused(spae_cli_decode, "decode --model m.npz t -o out.png --layers 2", 2, "--layers: 2 is not");
    refused(spae_cli_decode, "decode --model m.npz t -o out.png --format csv", 2, "--format: csv is none of");
    ck_assert(!is_there("out.png") && !is_there("out.gif"));
    leave();
}
END_TEST

START_TEST(bad_files)
{
    enter();
    put_file("empty", "", 0);
    put_file("beyond", "13\n", 3);
    put_file("unknown", "elephant\n", 9);
    put_file("few", "0\n1 2 3\n", 8);
    put_file("cut.json", "{\"layers\":[", 11);
    put_file("cut.npy", "\x93NUMPY", 6);
    const struct {
        const char *line, *part;
    } cases[] = {
        {"decode --model none.npz few -o out.png", "none.npz: "},
        {"decode --model m.npz none -o out.png", "none: "},
        {"decode --model m.npz . -o out.png", "."},
        {"decode --model m.npz empty -o out.png", "empty: expected a token file"},
        {"decode --model m.npz beyond -o out.png", "beyond: line 1, token 1: \"13\": expected token numbers from 0 to 12"},
        {"decode --model m.npz unknown -o out.png", "unknown: line 1, token 1: \"elephant\": no word"},
        {"decode --model m.npz few -o out.png", "few: line 2: layer 2 has 4 tokens, here are 3"},
        {"decode --model m.npz cut.json -o out.png", "cut.json: json: byte 11"},
        {"decode --model m.npz cut.npy -o out.png", "cut.npy: "},
        {"decode --model m.npz in.npy -o out.png", "in.npy: "},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        refused(spae_cli_decode, cases[i].line, 1, cases[i].part);
        ck_assert(!is_there("out.png"));
    }
    put_file("one", "0\n", 2);
    refused(spae_cli_decode, "decode --model m.npz one -o no/where.png", 1, "no/where.png");
    leave();
}
END_TEST

SUITE(suite_io_cli_decode, "io/cli/decode", round_trips, one_of_several, kinds_of_pictures, wrong_use, bad_files)
