/* io/raw_words: bytes that are no text as characters and back; as words of a lexicon and in every token format. */
#include "bytes.h"

#include "io/lexicon.h"
#include "io/raw_words.h"
#include "io/tokens.h"

static void ck_word(const char *octets, size_t length, const char *due, bool due_raw)
{
    char word[64], text[64];
    bool raw;
    const size_t n = spae_raw_word(octets, length, word, &raw);
    ck_assert_str_eq(word, due);
    ck_assert(n == strlen(due) && raw == due_raw);
    ck_assert(spae_raw_is(word) == (due_raw && memchr(octets, 0, length) == NULL));
    if (memchr(octets, 0, length) == NULL) {
        ck_assert_uint_eq(spae_raw_text(word, text), length);
        ck_assert(memcmp(text, octets, length) == 0 && text[length] == '\0');
    }
}

START_TEST(texts_and_bytes)
{
    ck_word("", 0, "", false);
    ck_word(" the", 4, " the", false);
    ck_word("\xE2\x96\x81\xC3\xA9", 5, "\xE2\x96\x81\xC3\xA9", false);
    ck_word("\xF4\x8F\xBB\xBF", 4, "\xF4\x8F\xBB\xBF", false); /* U+10FEFF */
    ck_word("\x80", 1, "\xF4\x8F\xBE\x80", true);
    ck_word("\xFF", 1, "\xF4\x8F\xBF\xBF", true);
    ck_word("a\xE2\x96", 3, "a\xF4\x8F\xBF\xA2\xF4\x8F\xBE\x96", true);
    ck_word("\xC3(", 2, "\xF4\x8F\xBF\x83(", true);
    ck_word("\xF4\x8F", 2, "\xF4\x8F\xBF\xB4\xF4\x8F\xBE\x8F", true);
    ck_word("a\0b", 3, "a\xF4\x8F\xBC\x80" "b", true);
}
END_TEST

START_TEST(every_byte_alone)
{
    for (unsigned b = 1; b < 256; b++) {
        const char byte = (char)b;
        char word[8], text[8];
        bool raw;
        ck_assert_uint_eq(spae_raw_word(&byte, 1, word, &raw), b < 128 ? 1 : 4);
        ck_assert(raw == (b >= 128) && spae_raw_is(word) == raw);
        ck_assert_uint_eq(spae_raw_text(word, text), 1);
        ck_assert(text[0] == byte);
    }
}
END_TEST

START_TEST(characters_that_stand_for_bytes_are_no_words)
{
    char word[64];
    bool raw;
    ck_assert_uint_eq(spae_raw_word("\xF4\x8F\xBC\x80", 4, word, &raw), SIZE_MAX);
    ck_assert_uint_eq(spae_raw_word("a\xF4\x8F\xBF\xBF", 5, word, &raw), SIZE_MAX);
}
END_TEST

/* Words of several scripts, white space, byte 0 and raw bytes. */
static const struct {
    const char *bytes;
    size_t length;
} token[] = {{"cat", 3},          {" cat", 4},
             {"\xC3\xA9t\xC3\xA9", 5}, {"\xE7\x8C\xAB", 3},
             {"\xF0\x9F\x98\x80", 4},  {"\xD9\x85\xD8\xB1", 4},
             {"\n\t ", 3},        {"\\#7", 3},
             {"\x80", 1},         {"\xC3", 1},
             {"\xA9", 1},         {"\xE2\x82", 2},
             {"\0", 1},           {"7", 1},
             {"{", 1},            {"\xF4\x8F\xBB\xBF", 4}};
enum { TOKENS = sizeof token / sizeof token[0] };

static void make_words(char text[TOKENS][64], const char *word[TOKENS])
{
    bool raw;
    for (size_t k = 0; k < TOKENS; k++) {
        ck_assert(spae_raw_word(token[k].bytes, token[k].length, text[k], &raw) != SIZE_MAX);
        word[k] = text[k];
    }
}

START_TEST(every_format_of_tokens_gives_them_back)
{
    char text[TOKENS][64];
    const char *word[TOKENS];
    int32_t id[TOKENS];
    spae_arena arena = new_arena();
    spae_tokens_model model = {.name = "raw", .pyramid = {1, {{1, 4, 4}}}};
    spae_error err;
    make_words(text, word);
    for (int32_t k = 0; k < TOKENS; k++)
        id[k] = k;
    ck_assert_int_eq(spae_words_index(word, TOKENS, &arena, &model.words, &err), SPAE_OK);
    for (spae_tokens_format f = SPAE_TOKENS_WORDS; f < SPAE_TOKENS_FORMATS; f++) {
        const spae_tokens given = {1, 1, id, NULL};
        const uint8_t *file;
        size_t size;
        spae_tokens back;
        ck_assert_msg(spae_tokens_write(&model, f, &given, &arena, &file, &size, &err) == SPAE_OK, "%s", err.text);
        ck_assert_msg(spae_tokens_read(&model, SPAE_TOKENS_FORMATS, "x", file, size, &arena, &back, &err) == SPAE_OK,
                      "%s: %s", spae_tokens_format_names[f], err.text);
        ck_assert(memcmp(back.token, id, sizeof id) == 0);
    }
    spae_arena_free(&arena);
}
END_TEST

START_TEST(a_lexicon_has_the_bytes)
{
    char text[TOKENS][64];
    const char *word[TOKENS];
    spae_arena arena = new_arena();
    spae_lexicon lexicon;
    spae_error err;
    make_words(text, word);
    ck_assert_int_eq(spae_lexicon_open(word, TOKENS, SPAE_JOINS, NULL, &arena, &lexicon, &err), SPAE_OK);
    for (size_t k = 0; k < TOKENS; k++)
        if (token[k].length > 0 && token[k].bytes[0] != '\0')
            ck_assert(strlen(lexicon.text.word[k]) == token[k].length &&
                      memcmp(lexicon.text.word[k], token[k].bytes, token[k].length) == 0);
    spae_arena_free(&arena);
}
END_TEST

SUITE(suite_io_raw_words, "io/raw_words", texts_and_bytes, every_byte_alone,
      characters_that_stand_for_bytes_are_no_words, every_format_of_tokens_gives_them_back, a_lexicon_has_the_bytes)
