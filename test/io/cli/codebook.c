/* spae codebook: words and rows as init then takes them, what is left out and said, wrong use,
 * broken files. */
#define _POSIX_C_SOURCE 200809L

#include "../bytes.h"

#include "../../../io/cli/commands.h"
#include "../../../io/model.h"
#include "run.h"

static void put_text(const char *name, const char *text)
{
    put_file(name, text, strlen(text));
}

/* rows x 6 numbers, number j of row i is 10 i + j. */
static void put_rows(const char *name, size_t rows)
{
    uint8_t file[128 + 10 * 6 * 4] = "\x93NUMPY\x01"; /* of version 1.0; the header is 118 bytes */
    char header[100];
    file[8] = 118;
    memset(file + 10, ' ', 117);
    file[127] = '\n';
    const int length =
        snprintf(header, sizeof header,
                 "{'descr': '<f4', 'fortran_order': False, 'shape': (%zu, 6), }", rows);
    memcpy(file + 10, header, (size_t)length);
    for (size_t i = 0; i < rows * 6; i++) {
        const float value = (float)(10 * (i / 6) + i % 6);
        uint32_t bits;
        memcpy(&bits, &value, sizeof bits);
        for (size_t b = 0; b < 4; b++)
            file[128 + 4 * i + b] = (uint8_t)(bits >> 8 * b);
    }
    put_file(name, file, 128 + rows * 24);
}

/* The codebook c.npz, taken by init, has these words, and of word k the row that begins with
 * first[k]. */
static void ck_codebook(const char *const *word, const float *first, size_t V)
{
    spae_arena arena;
    spae_model model;
    spae_error err;
    ck_assert_msg(run(spae_cli_init, "init --preset tiny-2d --codebook c.npz -o m.npz") == 0, "%s",
                  run_err);
    spae_arena_hosted(&arena);
    ck_assert_msg(spae_model_load(&model, &arena, "m.npz", &err) == SPAE_OK, "%s", err.text);
    ck_assert_uint_eq(model.codebook.V, V);
    for (size_t k = 0; k < V; k++) {
        ck_assert_str_eq(model.word[k], word[k]);
        for (size_t j = 0; j < 6; j++)
            ck_assert((float)model.codebook.e[6 * k + j] >= first[k] + (float)j &&
                      (float)model.codebook.e[6 * k + j] <= first[k] + (float)j);
    }
    spae_arena_free(&arena);
}

#define TOKENS "codebook --tokenizer t.tiktoken --embeddings e.npy -o c.npz "

/* Six ranks: "a", " the", the byte FF, "b1", "\n", "the". */
static void put_tokens(void)
{
    put_text("t.tiktoken", "YQ== 0\nIHRoZQ== 1\n/w== 2\nYjE= 3\nCg== 4\ndGhl 5\n");
    put_text("pattern.json", "{\"pat_str\": \"\\\\s+|\\\\S+\", \"special_tokens\": {\"<|endoftext|>\": 6}}");
    put_rows("e.npy", 6);
}

START_TEST(tokens_of_a_language_model)
{
    static const char *const utf8[] = {"a", " the", "b1", "\n", "the"},
                             *const all[] = {"a", " the", "\xF4\x8F\xBF\xBF", "b1", "\n", "the"};
    static const char *const letters[] = {"a", " the", "the"}, *const starts[] = {" the"},
                             *const printable[] = {"a", " the", "b1", "the"};
    enter();
    put_tokens();
    ck_assert_msg(run(spae_cli_codebook, TOKENS "--quiet") == 0, "%s", run_err);
    ck_codebook(utf8, (const float[]){0, 10, 30, 40, 50}, 5);
    ck_assert_int_eq(run(spae_cli_codebook, TOKENS "--take all"), 0);
    ck_codebook(all, (const float[]){0, 10, 20, 30, 40, 50}, 6);
    ck_assert_int_eq(run(spae_cli_codebook, TOKENS "--take letters"), 0);
    ck_codebook(letters, (const float[]){0, 10, 50}, 3);
    ck_assert_int_eq(run(spae_cli_codebook, TOKENS "--take starts"), 0);
    ck_codebook(starts, (const float[]){10}, 1);
    ck_assert_int_eq(run(spae_cli_codebook, TOKENS "--take printable"), 0);
    ck_codebook(printable, (const float[]){0, 10, 30, 50}, 4);
    ck_assert_int_eq(run(spae_cli_codebook, TOKENS "--take printable --first 2"), 0);
    ck_codebook(printable, (const float[]){0, 10}, 2);
    leave();
}
END_TEST

/* The most frequent first, then in the tokens' order again. */
START_TEST(by_frequency)
{
    static const char *const two[] = {"a", "b1"};
    enter();
    put_tokens();
    put_text("f.txt", "b1 70\na\t50\nthe 9\nzzz 1000\n");
    ck_assert_msg(run(spae_cli_codebook, TOKENS "--frequency f.txt --first 2") == 0, "%s", run_err);
    ck_codebook(two, (const float[]){0, 30}, 2);
    leave();
}
END_TEST

START_TEST(word_vectors)
{
    static const char *const word[] = {"the", "of", "cat"}, *const kept[] = {"the", "of", "zero",
                                                                             "cat"};
    enter();
    put_text("g.txt", "the 1 2 3 4 5 6\nof 11 12 13 14 15 16\nzero 0 0 0 0 0 0\nthe 5 5 5 5 5 "
                      "5\ncat 21 22 23 24 25 26\n");
    ck_assert_msg(run(spae_cli_codebook, "codebook --vectors g.txt -o c.npz") == 0, "%s", run_err);
    ck_assert(strstr(run_out, "1 came before, left out: \"the\" (3)\n") != NULL);
    ck_assert(strstr(run_out, "1 rows of zeros, left out: \"zero\" (2)\n") != NULL);
    ck_codebook(word, (const float[]){1, 11, 21}, 3);
    ck_assert_int_eq(run(spae_cli_codebook, "codebook --vectors g.txt --keep zeros -o c.npz"), 0);
    spae_arena arena;
    spae_model model;
    spae_error err;
    ck_assert_int_eq(run(spae_cli_init, "init --preset tiny-2d --codebook c.npz -o m.npz"), 0);
    spae_arena_hosted(&arena);
    ck_assert(spae_model_load(&model, &arena, "m.npz", &err) == SPAE_OK && model.codebook.V == 4);
    for (size_t k = 0; k < 4; k++)
        ck_assert_str_eq(model.word[k], kept[k]);
    spae_arena_free(&arena);
    leave();
}
END_TEST

START_TEST(wrong_use_and_broken_files)
{
    static const struct {
        const char *options, *part;
        int due;
    } wrong[] = {
        {"-o c.npz", "--tokenizer", 2},
        {"--tokenizer t.tiktoken -o c.npz", "--embeddings", 2},
        {"--vectors g.txt --tokenizer t.tiktoken -o c.npz", "--vectors", 2},
        {"--tokenizer t.tiktoken --embeddings e.npy", "-o", 2},
        {"--tokenizer t.tiktoken --embeddings e.npy --take nouns -o c.npz", "nouns", 2},
        {"--tokenizer t.tiktoken --embeddings e.npy --keep all -o c.npz", "--keep", 2},
        {"--tokenizer t.tiktoken --embeddings none.npy -o c.npz", "none.npy", 1},
        {"--tokenizer none/t.tiktoken --embeddings e.npy -o c.npz", "none/t.tiktoken", 1},
        {"--tokenizer t.tiktoken --embeddings f.npy -o c.npz", "4",
         1}, /* four rows for six tokens */
        {"--tokenizer t.tiktoken --embeddings g.npy -o c.npz", "8", 1}, /* eight: one has no text */
        {"--vectors g.txt -o c.npz", "g.txt: line 2", 1},
        {"--tokenizer t.tiktoken --embeddings e.npy --frequency g.txt -o c.npz", "of 7 words none is left", 1},
        {"--tokenizer t.tiktoken --embeddings e.npy --frequency x.txt -o c.npz", "x.txt", 1},
        {"--tokenizer t.tiktoken --embeddings e.npy -o no/c.npz", "no/c.npz", 1},
    };
    enter();
    put_tokens();
    put_rows("f.npy", 4);
    put_rows("g.npy", 8);
    put_text("g.txt", "the 1 2 3\nof 1 2\n");
    put_text("x.txt", "the many\n");
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char line[300];
        snprintf(line, sizeof line, "codebook --quiet %s", wrong[i].options);
        refused(spae_cli_codebook, line, wrong[i].due, wrong[i].part);
    }
    ck_assert(!is_there("c.npz"));
    leave();
}
END_TEST

SUITE(suite_io_cli_codebook, "io/cli/codebook", tokens_of_a_language_model, by_frequency,
      word_vectors, wrong_use_and_broken_files)
