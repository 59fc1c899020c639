/* spae encode: what it writes is what the library computes; every wrong use ends with one line and no file. */
#define _POSIX_C_SOURCE 200809L

#include "../bytes.h"

#include "../../../io/cli/commands.h"
#include "../../../io/npy.h"
#include "../../../io/tokens.h"
#include "run.h"

/* The tokens of the file that was just written, against those of the library. */
static void check_tokens(const char *path, size_t pictures, size_t layers)
{
    spae_arena arena = new_arena();
    spae_model model;
    spae_tokens_model against;
    spae_tokens tokens;
    spae_real picture[TINY_SAMPLES];
    int32_t token[TINY_TOKENS];
    const uint8_t *file = NULL;
    size_t size = 0;
    tiny_picture(picture);
    ck_assert_int_eq(spae_model_load(&model, &arena, "m.npz", NULL), SPAE_OK);
    ck_assert_int_eq(spae_encode(&model, picture, &arena, token, NULL, NULL), SPAE_OK);
    ck_assert_int_eq(spae_tokens_model_of(&model, &arena, &against, NULL), SPAE_OK);
    ck_assert_int_eq(spae_file_read_all(&arena, path, 1 << 20, &file, &size, NULL), SPAE_OK);
    ck_assert_int_eq(spae_tokens_read(&against, SPAE_TOKENS_FORMATS, path, file, size, &arena, &tokens, NULL),
                     SPAE_OK);
    const size_t each = spae_pyramid_total(&against.pyramid, layers);
    ck_assert(tokens.pictures == pictures && tokens.layers == layers);
    for (size_t p = 0; p < pictures; p++)
        ck_assert(memcmp(tokens.token + p * each, token, each * sizeof *token) == 0);
    spae_arena_free(&arena);
}

START_TEST(writes_what_the_library_says)
{
    enter();
    ck_assert_int_eq(run(spae_cli_encode, "encode --model m.npz in.npy"), 0);
    put_file("stdout", run_out, strlen(run_out));
    check_tokens("stdout", 1, 4);
    ck_assert_int_eq(run(spae_cli_encode, "encode --model m.npz in.npy in.npy --format ids --layers 2 -o t"), 0);
    ck_assert(run_out[0] == '\0' && run_err[0] == '\0');
    check_tokens("t", 2, 2);
    ck_assert_int_eq(run(spae_cli_encode, "encode in.npy --model=m.npz in.npy in.npy --format npy -o t"), 0);
    check_tokens("t", 3, 4);
    ck_assert_int_eq(run(spae_cli_encode, "encode in.npy --model m.npz --format json --layers 1 --margins"), 0);
    put_file("stdout", run_out, strlen(run_out));
    check_tokens("stdout", 1, 1);
    ck_assert(strstr(run_out, "\"margins\":[") != NULL);
    leave();
}
END_TEST

START_TEST(fitted)
{
    enter();
    put_file("small.pgm", "P5 2 2 255 abcd", 15);
    put_file("wide.pgm", "P5 9 8 255 "
                         "123456789123456789123456789123456789123456789123456789123456789123456789",
             83);
    ck_assert_int_eq(run(spae_cli_encode, "encode --model m.npz small.pgm --pad"), 0);
    ck_assert_int_eq(run(spae_cli_encode, "encode --model m.npz small.pgm --resize"), 0);
    ck_assert_int_eq(run(spae_cli_encode, "encode --model m.npz wide.pgm --resize"), 0);
    refused(spae_cli_encode, "encode --model m.npz wide.pgm", 1,
            "wide.pgm: the picture is 9x8, the model takes 8x8: --resize crops");
    refused(spae_cli_encode, "encode --model m.npz wide.pgm --pad", 1, "--pad only adds");
    refused(spae_cli_encode, "encode --model m.npz wide.pgm --pad --resize", 2, "exclude each other");
    leave();
}
END_TEST

START_TEST(wrong_use)
{
    enter();
    refused(spae_cli_encode, "encode in.npy", 2, "spae encode: --model M is needed");
    refused(spae_cli_encode, "encode --model m.npz", 2, "IMAGE... is needed");
    refused(spae_cli_encode, "encode --model m.npz in.npy --format text", 2, "--format: text is none of words, ids");
    refused(spae_cli_encode, "encode --model m.npz in.npy --layers 0", 2, "--layers: 0 is not");
    refused(spae_cli_encode, "encode --model m.npz in.npy --layers 5", 2, "from 1 to 4");
    refused(spae_cli_encode, "encode --model m.npz in.npy --margins", 2, "--margins: only --format json");
    refused(spae_cli_encode, "encode --model m.npz in.npy --colour", 2, "--colour: no such option");
    leave();
}
END_TEST

START_TEST(bad_files)
{
    static uint8_t whole[1 << 20];
    enter();
    FILE *file = fopen("m.npz", "rb");
    const size_t size = fread(whole, 1, sizeof whole, file);
    fclose(file);
    put_file("cut.npz", whole, size / 2);
    put_file("empty.npz", "", 0);
    put_file("empty.png", "", 0);
    put_file("cut.pgm", "P5 8 8 255 abc", 14);
    put_file("huge.pgm", "P5 999999999 999999999 255 abc", 30);
    const struct {
        const char *line, *part;
    } cases[] = {
        {"encode --model none.npz in.npy -o t", "none.npz: "},
        {"encode --model empty.npz in.npy -o t", "empty.npz: "},
        {"encode --model cut.npz in.npy -o t", "cut.npz: "},
        {"encode --model in.npy in.npy -o t", "in.npy: "},
        {"encode --model . in.npy -o t", "."},
        {"encode --model m.npz none.png -o t", "none.png: "},
        {"encode --model m.npz empty.png -o t", "empty.png: "},
        {"encode --model m.npz cut.pgm -o t", "cut.pgm: "},
        {"encode --model m.npz huge.pgm -o t", "huge.pgm: "},
        {"encode --model m.npz m.npz -o t", "m.npz: "},
        {"encode --model m.npz in.npy none.png -o t", "none.png: "},
        {"encode --model m.npz in.npy -o no/where", "no/where"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        refused(spae_cli_encode, cases[i].line, 1, cases[i].part);
        ck_assert(!is_there("t"));
    }
    leave();
}
END_TEST

START_TEST(not_a_number)
{
    spae_arena arena = new_arena();
    float picture[TINY_SAMPLES] = {0};
    picture[7] = NAN;
    const spae_npy_array array = {SPAE_NPY_F4, 3, {TINY_SIDE, TINY_SIDE, 3}, picture};
    enter();
    ck_assert_int_eq(spae_npy_write_file(&arena, "nan.npy", &array, NULL), SPAE_OK);
    refused(spae_cli_encode, "encode --model m.npz nan.npy -o t", 1, "nan.npy: ");
    ck_assert(!is_there("t"));
    leave();
    spae_arena_free(&arena);
}
END_TEST

SUITE(suite_io_cli_encode, "io/cli/encode", writes_what_the_library_says, fitted, wrong_use, bad_files, not_a_number)
