/* io/words: look-up, the written form of every kind of word and back, and each broken escape. */
#include "bytes.h"

#include "../../io/words.h"
#include "tiny_model.h"

static spae_words index_tiny(spae_arena *arena)
{
    spae_words words;
    ck_assert_int_eq(spae_words_index(tiny_words, TINY_V, arena, &words, NULL), SPAE_OK);
    return words;
}

START_TEST(finds_the_lowest)
{
    spae_arena arena = new_arena();
    const spae_words words = index_tiny(&arena);
    for (int32_t k = 0; k < TINY_V; k++) {
        int32_t found = -1;
        ck_assert(spae_words_find(&words, tiny_words[k], strlen(tiny_words[k]), &found));
        ck_assert_int_eq(found, k == 10 ? 7 : k);
    }
    int32_t untouched = -5;
    ck_assert(!spae_words_find(&words, "seve", 4, &untouched));
    ck_assert(!spae_words_find(&words, "sevens", 6, &untouched));
    ck_assert(!spae_words_find(&words, "\xFF\xFF", 2, &untouched));
    ck_assert(!spae_words_find(&words, "seven\0", 6, &untouched));
    ck_assert_int_eq(untouched, -5);
    spae_arena_free(&arena);
}
END_TEST

static void check_form(const spae_words *words, int32_t token, bool mark_first, const char *due)
{
    spae_arena arena = new_arena();
    spae_page page = spae_page_start(&arena);
    const uint8_t *text = NULL;
    size_t size = 0;
    spae_words_write(words, token, mark_first, &page);
    ck_assert_int_eq(spae_page_end(&page, &text, &size, NULL), SPAE_OK);
    ck_assert_msg(size == strlen(due) && memcmp(text, due, size) == 0, "%.*s, due %s", (int)size,
                  (const char *)text, due);
    spae_arena_free(&arena);
}

START_TEST(written_forms)
{
    spae_arena arena = new_arena();
    const spae_words words = index_tiny(&arena);
    static const char *const due[TINY_V] = {
        "seven",  "\\sthe", "\\e",         "a\\\\b", "tab\\tline\\nend\\r", "caf\xC3\xA9", "\\u00a0",
        "twice", "9",      "{<&>\"'", "twice\\#10", "[x]", "1\\s2", "\\xffnot\\sutf-8"};
    for (int32_t k = 0; k < TINY_V; k++)
        check_form(&words, k, false, due[k]);
    check_form(&words, 8, true, "\\u0039");
    check_form(&words, 9, true, "\\u007b<&>\"'");
    check_form(&words, 11, true, "\\u005bx]");
    check_form(&words, 0, true, "seven");
    spae_arena_free(&arena);
}
END_TEST

START_TEST(unseen_characters)
{
    spae_arena arena = new_arena();
    static const char *const odd[] = {"\x01", "\x7F", "\xC2\x85", "\xC2\xAD", "\xE2\x80\x8B", "\xE2\x80\xA8",
                                      "\xE3\x80\x80", "\xEF\xBB\xBF"};
    static const char *const due[] = {"\\u0001", "\\u007f", "\\u0085", "\\u00ad", "\\u200b", "\\u2028",
                                      "\\u3000", "\\ufeff"};
    spae_words words;
    ck_assert_int_eq(spae_words_index(odd, 8, &arena, &words, NULL), SPAE_OK);
    for (int32_t k = 0; k < 8; k++)
        check_form(&words, k, false, due[k]);
    spae_arena_free(&arena);
}
END_TEST

START_TEST(every_word_reads_back)
{
    spae_arena arena = new_arena();
    const spae_words words = index_tiny(&arena);
    for (int mark = 0; mark < 2; mark++)
        for (int32_t k = 0; k < TINY_V; k++) {
            spae_page page = spae_page_start(&arena);
            int32_t back = -1;
            spae_words_write(&words, k, mark == 1, &page);
            ck_assert_int_eq(spae_words_read(&words, (const char *)page.buffer.bytes, page.buffer.size, &arena,
                                             &back, NULL),
                             SPAE_OK);
            ck_assert_int_eq(back, k);
        }
    spae_arena_free(&arena);
}
END_TEST

static void check_refused(const char *text, const char *part)
{
    spae_arena arena = new_arena();
    const spae_words words = index_tiny(&arena);
    const size_t used = arena.used;
    spae_error err;
    int32_t token = -5;
    ck_assert_msg(spae_words_read(&words, text, strlen(text), &arena, &token, &err) == SPAE_ERR_FORMAT, "%s", text);
    ck_assert_msg(strstr(err.text, part) != NULL, "\"%s\" lacks \"%s\"", err.text, part);
    ck_assert(token == -5 && arena.used == used);
    spae_arena_free(&arena);
}

START_TEST(refusals)
{
    check_refused("", "empty word is \\e");
    check_refused("sevens", "\"sevens\": no word of the vocabulary");
    check_refused("seven\\", "expected \\\\ \\s");
    check_refused("\\q", "expected \\\\ \\s");
    check_refused("\\x0", "expected \\\\ \\s");
    check_refused("\\x00", "expected \\\\ \\s");
    check_refused("\\xFF", "expected \\\\ \\s");
    check_refused("\\u003", "expected \\\\ \\s");
    check_refused("\\u0000", "expected \\\\ \\s");
    check_refused("\\ud800", "expected \\\\ \\s");
    check_refused("twice\\#", "expected \\\\ \\s");
    check_refused("twice\\#1x", "expected \\\\ \\s");
    check_refused("twice\\#99999999999", "expected \\\\ \\s");
    check_refused("twice\\#9", "token 9 of the vocabulary is another word");
    check_refused("twice\\#14", "token 14 of the vocabulary is another word");
    check_refused("a\tb", "must be written \\u0009");
}
END_TEST

START_TEST(quotes)
{
    char quote[SPAE_WORDS_QUOTE];
    char longest[60];
    memset(longest, 'x', sizeof longest);
    ck_assert_str_eq(spae_words_quote("a\n\xC3\xA9", 4, quote), "\"a???\"");
    ck_assert_uint_eq(strlen(spae_words_quote(longest, SPAE_WORDS_QUOTE - 3, quote)), SPAE_WORDS_QUOTE - 1);
    ck_assert(strchr(quote, '.') == NULL);
    ck_assert_uint_eq(strlen(spae_words_quote(longest, SPAE_WORDS_QUOTE - 2, quote)), SPAE_WORDS_QUOTE - 1);
    ck_assert(strstr(quote, "...\"") != NULL);
}
END_TEST

static spae_status index_again(spae_arena *arena, void *context, spae_error *err)
{
    return spae_words_index(tiny_words, TINY_V, arena, context, err);
}

START_TEST(no_memory)
{
    spae_words words;
    starve(index_again, &words, 64);
    spae_arena empty;
    int32_t token;
    spae_arena_fixed(&empty, NULL, 0);
    spae_arena arena = new_arena();
    words = index_tiny(&arena);
    ck_assert_int_eq(spae_words_read(&words, "seven", 5, &empty, &token, NULL), SPAE_ERR_NO_MEMORY);
    spae_arena_free(&arena);
}
END_TEST

SUITE(suite_io_words, "io/words", finds_the_lowest, written_forms, unseen_characters, every_word_reads_back,
      refusals, quotes, no_memory)
