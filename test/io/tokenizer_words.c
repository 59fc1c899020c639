/* io/tokenizer_words: every text has its ids and comes back, words are found as they stand, bytes fill the rest. */
#include "bytes.h"

#include "../../io/tokenizer_words.h"
#include "../memory.h"
#include "tiny_model.h"

static const char *const words[] = {"red", "green", "zero", "an", "", "red", "two words", "re"};
enum { V = 8 };

static spae_tokenizer open_words(spae_arena *arena, const char *const *word, size_t count)
{
    spae_tokenizer tokenizer;
    spae_error err;
    ck_assert_msg(spae_tokenizer_words(word, count, arena, &tokenizer, &err) == SPAE_OK, "%s", err.text);
    return tokenizer;
}

static void encodes(const spae_tokenizer *tokenizer, const char *text, size_t length, const int32_t *due, size_t count)
{
    spae_arena arena = new_arena();
    int32_t *id = NULL;
    size_t n = 0, size = 0;
    char *back = NULL;
    ck_assert_int_eq(tokenizer->encode(tokenizer, text, length, &arena, &id, &n, NULL), SPAE_OK);
    ck_assert_uint_eq(n, count);
    for (size_t i = 0; i < n; i++)
        ck_assert_msg(id[i] == due[i], "%s: token %zu is %ld, due %ld", text, i, (long)id[i], (long)due[i]);
    ck_assert_int_eq(tokenizer->decode(tokenizer, id, n, &arena, &back, &size, NULL), SPAE_OK);
    ck_assert_uint_eq(size, length);
    ck_assert_mem_eq(back, text, length + 1);
    spae_arena_free(&arena);
}

#define ENCODES(tokenizer, text, ...) \
    encodes(tokenizer, text, sizeof text - 1, (const int32_t[]){__VA_ARGS__}, sizeof((const int32_t[]){__VA_ARGS__}) / sizeof(int32_t))
#define B(c) (V + (unsigned char)(c))

START_TEST(words_stand_behind_their_space)
{
    spae_arena arena = new_arena();
    const spae_tokenizer tokenizer = open_words(&arena, words, V);
    ck_assert_str_eq(tokenizer.kind, "words");
    ck_assert_uint_eq(tokenizer.V, V + 256);
    ENCODES(&tokenizer, " red", 0);
    ENCODES(&tokenizer, "red", B('r'), B('e'), B('d'));
    ENCODES(&tokenizer, "Q: red green\nA: an", B('Q'), B(':'), 0, 1, B('\n'), B('A'), B(':'), 3);
    ENCODES(&tokenizer, " redder", B(' '), B('r'), B('e'), B('d'), B('d'), B('e'), B('r'));
    ENCODES(&tokenizer, " red, red", B(' '), B('r'), B('e'), B('d'), B(','), 0);
    ENCODES(&tokenizer, " red\tred", 0, B('\t'), B('r'), B('e'), B('d'));
    ENCODES(&tokenizer, "  red  ", B(' '), 0, B(' '), B(' '));
    ENCODES(&tokenizer, " two words re", 6, 7);
    ENCODES(&tokenizer, "\0\xFF red", B(0), B(0xFF), 0);
    spae_arena_free(&arena);
}
END_TEST

START_TEST(pieces_that_carry_spaces_stand_as_they_are)
{
    static const char *const spaced[] = {" red", "red", "der", " re", " red", " green", "d", "\n"};
    spae_arena arena = new_arena();
    const spae_tokenizer tokenizer = open_words(&arena, spaced, V);
    ENCODES(&tokenizer, "red red", 1, 0);
    ENCODES(&tokenizer, " redder", 0, 2);
    ENCODES(&tokenizer, "\n green", 7, 5);
    spae_arena_free(&arena);
}
END_TEST

START_TEST(sentence_pieces_have_spaces_for_their_marks)
{
    static const char *const marked[] = {"\xE2\x96\x81red", "red", "e\xE2\x96\x81r", "x", "y", "z", "q", "\xE2\x96\x81"};
    spae_arena arena = new_arena();
    const spae_tokenizer tokenizer = open_words(&arena, marked, V);
    ENCODES(&tokenizer, " redred e r", 0, 1, 7, 2);
    ENCODES(&tokenizer, "\xE2\x96\x81", B(0xE2), B(0x96), B(0x81));
    spae_arena_free(&arena);
}
END_TEST

START_TEST(tokens_have_bytes_and_are_found_by_them)
{
    spae_arena arena = new_arena();
    const spae_tokenizer tokenizer = open_words(&arena, words, V);
    size_t length = 9;
    ck_assert_str_eq(tokenizer.bytes(&tokenizer, 1, &length), " green");
    ck_assert_uint_eq(length, 6);
    ck_assert_ptr_null(tokenizer.bytes(&tokenizer, 4, &length));
    ck_assert_uint_eq(length, 0);
    ck_assert_int_eq(*tokenizer.bytes(&tokenizer, B('x'), &length), 'x');
    ck_assert_uint_eq(length, 1);
    ck_assert_int_eq(tokenizer.find(&tokenizer, " red", 4), 0);
    ck_assert_int_eq(tokenizer.find(&tokenizer, "red", 3), -1);
    ck_assert_int_eq(tokenizer.find(&tokenizer, " ", 1), B(' '));
    ck_assert_int_eq(tokenizer.find(&tokenizer, "", 0), -1);
    ck_assert_int_eq(tokenizer.find(&tokenizer, " blue", 5), -1);
    for (int32_t b = 0; b < 256; b++) {
        const char byte = (char)(unsigned char)b;
        ck_assert_int_eq(tokenizer.find(&tokenizer, &byte, 1), V + b);
    }
    spae_arena_free(&arena);
}
END_TEST

START_TEST(any_text_comes_back)
{
    spae_arena arena = new_arena();
    const spae_tokenizer tokenizer[2] = {open_words(&arena, tiny_words, TINY_V), open_words(&arena, words, V)};
    unsigned seed = 5;
    for (int t = 0; t < 2000; t++) {
        static const char letters[] = " redgn\n\t \xE2\x96\x81\xC3two";
        char text[41] = "", *back = NULL;
        const size_t n = (size_t)t % 40;
        for (size_t i = 0; i < n; i++) {
            seed = seed * 1664525u + 1013904223u;
            text[i] = letters[(seed >> 20) % sizeof letters];
        }
        const spae_arena_mark mark = spae_arena_here(&arena);
        int32_t *id = NULL;
        size_t count = 0, length = 0;
        ck_assert_int_eq(tokenizer[t % 2].encode(&tokenizer[t % 2], text, n, &arena, &id, &count, NULL), SPAE_OK);
        ck_assert_int_eq(tokenizer[t % 2].decode(&tokenizer[t % 2], id, count, &arena, &back, &length, NULL), SPAE_OK);
        ck_assert_uint_eq(length, n);
        ck_assert_mem_eq(back, text, n);
        spae_arena_reset(&arena, mark);
    }
    spae_arena_free(&arena);
}
END_TEST

START_TEST(bad_vocabularies_and_little_memory_are_errors)
{
    spae_arena arena;
    spae_tokenizer tokenizer;
    watch w;
    ck_assert_int_eq(spae_tokenizer_words(words, 0, NULL, &tokenizer, NULL), SPAE_ERR_ARGUMENT);
    ck_assert_int_eq(spae_tokenizer_words(words, INT32_MAX, NULL, &tokenizer, NULL), SPAE_ERR_ARGUMENT);
    watched_arena(&arena, &w, 1);
    ck_assert_int_eq(spae_tokenizer_words(words, V, &arena, &tokenizer, NULL), SPAE_ERR_NO_MEMORY);
    spae_arena_free(&arena);
    static unsigned char memory[4096];
    bool opened = false;
    for (size_t size = 0; size < sizeof memory; size += 32) {
        spae_arena_fixed(&arena, memory, size);
        const spae_status status = spae_tokenizer_words(words, V, &arena, &tokenizer, NULL);
        ck_assert(status == SPAE_OK || (status == SPAE_ERR_NO_MEMORY && !opened && arena.used == 0));
        opened = status == SPAE_OK;
    }
    ck_assert(opened);
}
END_TEST

SUITE(suite_io_tokenizer_words, "io/tokenizer_words", words_stand_behind_their_space, pieces_that_carry_spaces_stand_as_they_are,
      sentence_pieces_have_spaces_for_their_marks, tokens_have_bytes_and_are_found_by_them, any_text_comes_back,
      bad_vocabularies_and_little_memory_are_errors)
