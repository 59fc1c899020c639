/* io/pattern: the published patterns on awkward texts, the ways of repeating, what is refused, hostile texts.
 * Expected pieces were found by hand, and by an outside regular-expression engine on 8,000 random texts beside. */
#include "bytes.h"

#include "io/pattern.h"
#include "io/tokenizer_parts.h"

static const char cl100k[] = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| "
                             "?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
static const char cl100k_possessive[] = "'(?i:[sdmt]|ll|ve|re)|[^\\r\\n\\p{L}\\p{N}]?+\\p{L}++|\\p{N}{1,3}+| "
                                        "?[^\\s\\p{L}\\p{N}]++[\\r\\n]*+|\\s++$|\\s*[\\r\\n]|\\s+(?!\\S)|\\s";

/* The matches of a text, one after the other: those between `|` in `due`; what no match holds stands between < and >. */
static void ck_cut(const char *pattern, const char *text, const char *due)
{
    char found[512] = "";
    const size_t length = strlen(text);
    spae_arena arena = new_arena();
    spae_error err;
    const spae_pattern *p = NULL;
    spae_pattern_search s;
    ck_assert_msg(spae_pattern_compile(&arena, pattern, strlen(pattern), &p, &err) == SPAE_OK, "%s", err.text);
    ck_assert(spae_pattern_start(&s, p, text, length, &arena, &err) == SPAE_OK);
    for (size_t at = 0; at <= length;) {
        size_t begin = 0, end = 0;
        ck_assert(spae_pattern_next(&s, at, &begin, &end, &err) == SPAE_OK);
        const size_t gap_end = begin > length ? length : begin;
        if (gap_end > at)
            sprintf(found + strlen(found), "<%.*s>", (int)(gap_end - at), text + at);
        if (begin > length)
            break;
        sprintf(found + strlen(found), "%.*s|", (int)(end - begin), text + begin);
        at = end > begin ? end : length + 1; /* an empty match ends it */
    }
    ck_assert_msg(strcmp(found, due) == 0, "%s on \"%s\": \"%s\", due \"%s\"", pattern, text, found, due);
    spae_arena_free(&arena);
}

START_TEST(gpt2_cuts)
{
    const char *p = spae_token_gpt2_pattern;
    ck_cut(p, "Hello, world!", "Hello|,| world|!|");
    ck_cut(p, "it's don't DON'T we'll", "it|'s| don|'t| DON|'|T| we|'ll|");
    ck_cut(p, "  two  spaces ", " | two| | spaces| |");
    ck_cut(p, "a\n\n b", "a|\n\n| b|");
    ck_cut(p, "x  \n\t y", "x|  \n\t| y|");
    ck_cut(p, "in 1984, 12\xC2\xBD", "in| 1984|,| 12\xC2\xBD|");
    ck_cut(p, "caf\xC3\xA9 \xE4\xB8\xAD\xE6\x96\x87", "caf\xC3\xA9| \xE4\xB8\xAD\xE6\x96\x87|");
    ck_cut(p, "a\xCC\x81", "a|\xCC\x81|"); /* a mark is no letter */
    ck_cut(p, "\xE3\x80\x80\xE3\x80\x80x", "\xE3\x80\x80|\xE3\x80\x80|x|"); /* two ideographic spaces */
}
END_TEST

START_TEST(cl100k_cuts)
{
    for (int k = 0; k < 2; k++) {
        const char *p = k == 0 ? cl100k : cl100k_possessive;
        ck_cut(p, "DON'T 1234567", "DON|'T| |123|456|7|");
        ck_cut(p, "it'\xC5\xBF ok", "it|'\xC5\xBF| ok|"); /* long s is an s of another case */
        ck_cut(p, "a.b(c)\r\n\r\nd", "a|.b|(c|)\r\n\r\n|d|");
        ck_cut(p, "x   y  ", "x|  | y|  |");
        ck_cut(p, "\ttab", "\ttab|");
        ck_cut(p, "$x_1 !?\n", "$x|_|1| !?\n|");
    }
    ck_cut(cl100k, " \n \n x", " \n \n| x|");
    ck_cut(cl100k, " \n \n  x", " \n \n| | x|");
    ck_cut(cl100k, "a \n\n\n", "a| \n\n\n|");
}
END_TEST

START_TEST(repetitions)
{
    ck_cut("a*?b", "aaab", "aaab|");
    ck_cut("a+?", "aaa", "a|a|a|");
    ck_cut("a{2}", "aaaaa", "aa|aa|<a>");
    ck_cut("a{2,}", "aaaaa", "aaaaa|");
    ck_cut("a{1,3}?b|a", "aab", "aab|");
    ck_cut("(?:ab){1,2}", "ababab", "abab|ab|");
    ck_cut("(ab?)+?c", "abac", "abac|");
    ck_cut("a??b", "ab", "ab|");
    ck_cut("(a|ab)(c|bcd)(d*)", "abcd", "abcd|");
    ck_cut("(?:a|b)*abb", "ababbabb", "ababbabb|");
    ck_cut("x{0}y", "xy", "<x>y|");
    ck_cut("a++a|b", "aab", "<aa>b|"); /* gives nothing back */
    ck_cut("a{1,2}+a", "aaaa", "aaa|<a>");
    ck_cut("a?+ab", "ab", "<ab>");
    ck_cut("(a*)*b", "aab", "aab|");
    ck_cut("(a?){3}c", "aac", "aac|");
    ck_cut("(|a)+b", "aab", "aab|"); /* an empty turn is no turn */
    ck_cut("", "ab", "|");
}
END_TEST

START_TEST(classes)
{
    ck_cut(".+", "ab\ncd", "ab|<\n>cd|");
    ck_cut("[^a-c]", "abxc", "<ab>x|<c>");
    ck_cut("[x\\]-]+", "]x-y", "]x-|<y>");
    ck_cut("[-a]+", "a-a", "a-a|");
    ck_cut("[a-]+", "a-a", "a-a|");
    ck_cut("\\x41\\x{42}\\u0043\\u{1F600}", "ABC\xF0\x9F\x98\x80", "ABC\xF0\x9F\x98\x80|");
    ck_cut("\\t\\f\\v\\0?\\.", "\t\f\v.", "\t\f\v.|");
    ck_cut("\\d+|\\D", "12\xD9\xA3x", "12\xD9\xA3|x|"); /* an Arabic digit */
    ck_cut("\\p{Lu}\\P{Lu}+", "AbcDe", "Abc|De|");
    ck_cut("\\pL+|\\PL", "ab1", "ab|1|");
    ck_cut("[\\P{L}]", "a1", "<a>1|");
    ck_cut("[^\\S\\n]+", " \t\n ", " \t|<\n> |");
    ck_cut("[\xE4\xB8\x80-\xE9\xBE\xA5]+", "a\xE4\xB8\xAD\xE6\x96\x87", "<a>\xE4\xB8\xAD\xE6\x96\x87|");
    ck_cut("(?i:ks)x", "kSx\xE2\x84\xAA\xC5\xBFxKSX", "kSx|\xE2\x84\xAA\xC5\xBFx|<KSX>");
    ck_cut("(?i:[^a])", "Ab", "<A>b|");
    ck_cut("a(?!b)|b(?=c)", "abcac", "<a>b|<c>a|<c>");
    ck_cut("a(?!\\S)", "ab a", "<ab >a|"); /* at the end nothing is ahead */
    ck_cut("a(?=\\s)|b$", "aa bb", "<a>a|< b>b|");
    ck_cut("caf\xC3\xA9?", "caf", "caf|");
}
END_TEST

static void ck_pattern_refused(const char *pattern, const char *due)
{
    spae_arena arena = new_arena();
    spae_error err = {SPAE_OK, ""};
    const spae_pattern *p = NULL;
    ck_assert_msg(spae_pattern_compile(&arena, pattern, strlen(pattern), &p, &err) == SPAE_ERR_FORMAT, "%s", pattern);
    ck_assert_msg(strcmp(err.text, due) == 0, "%s: \"%s\", due \"%s\"", pattern, err.text, due);
    ck_assert_uint_eq(arena.used, 0);
    spae_arena_free(&arena);
}

START_TEST(what_is_not_known_is_refused_by_its_place)
{
    static const char *const cases[][2] = {
        {"ab*+*", "pattern: byte 4: a repetition of a repetition"},
        {"a|*b", "pattern: byte 2: this character must have a backslash before it here"},
        {"a(b", "pattern: byte 1: a group without its )"},
        {"a)b", "pattern: byte 1: a ) without its ("},
        {"(?<n>a)", "pattern: byte 0: a group of this kind is not known"},
        {"(?<=a)b", "pattern: byte 0: a group of this kind is not known"},
        {"(?>a)", "pattern: byte 0: a group of this kind is not known"},
        {"(?i)a", "pattern: byte 0: a group of this kind is not known"},
        {"a(?!bc)", "pattern: byte 5: expected ) behind one character or class"},
        {"a(?=(b))", "pattern: byte 4: only one character or class is known here"},
        {"(ab)++", "pattern: byte 4: a possessive repetition is known of one character or class"},
        {"\\w+", "pattern: byte 0: an escape that is not known"},
        {"\\b", "pattern: byte 0: an escape that is not known"},
        {"(a)\\1", "pattern: byte 3: an escape that is not known"},
        {"a\\", "pattern: byte 1: an escape that is not known"},
        {"\\p{Greek}", "pattern: byte 2: expected a general category, as {L} or {Lu}"},
        {"\\p{L", "pattern: byte 2: expected a general category, as {L} or {Lu}"},
        {"\\p", "pattern: byte 2: expected a general category, as {L} or {Lu}"},
        {"\\x4", "pattern: byte 3: expected a code point in hexadecimal digits"},
        {"\\x{}", "pattern: byte 3: expected a code point in hexadecimal digits"},
        {"\\x{110000}", "pattern: byte 10: there is no such code point"},
        {"\\uD800", "pattern: byte 6: there is no such code point"},
        {"[a", "pattern: byte 0: a class without its ]"},
        {"[]x]", "pattern: byte 1: a class begins with ]"},
        {"[z-a]", "pattern: byte 1: a range without an end or a beginning"},
        {"[\\s-a]", "pattern: byte 1: a range without an end or a beginning"},
        {"[a&&b]", "pattern: byte 2: operations of classes are not known"},
        {"[a[b]]", "pattern: byte 2: operations of classes are not known"},
        {"a{2", "pattern: byte 1: repetitions are {m}, {m,} or {m,n}"},
        {"a{,2}", "pattern: byte 2: expected a number of repetitions"},
        {"a{3,2}", "pattern: byte 1: repetitions are {m}, {m,} or {m,n}"},
        {"a{1001}", "pattern: byte 2: too many repetitions"},
        {"(?:a{1000}){1000}", "pattern: byte 17: the pattern has too many steps"},
        {"^a", "pattern: byte 0: this character must have a backslash before it here"},
        {"(?i:\xC3\xA9)", "pattern: byte 6: (?i: is known for ASCII letters only"},
        {"(?i:\\p{Lu})", "pattern: byte 6: a category of one case within (?i:"},
        {"a\xFF", "pattern: byte 1: expected a character in UTF-8"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        ck_pattern_refused(cases[i][0], cases[i][1]);
    char deep[80];
    memset(deep, '(', 40);
    memset(deep + 40, ')', 40);
    deep[79] = '\0';
    ck_pattern_refused(deep, "pattern: byte 32: too many groups in each other");
}
END_TEST

/* Patterns and texts on which plain backtracking would take years, or a time that grows with the square. */
START_TEST(hostile_texts_end)
{
    static const char *const patterns[] = {"(?:a+a+)+b|a",  "(a*)*b|a", "(?:a|a|a|a)*b|a", "a++b|a", "(?:a?){500}b|a",
                                           "(?:a*a*)*$b|a", "a+b|a+c|a+d|a"};
    enum { LENGTH = 200000 };
    char *text = malloc(LENGTH);
    memset(text, 'a', LENGTH);
    for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++) {
        spae_arena arena = new_arena();
        const spae_pattern *p = NULL;
        spae_pattern_search s;
        size_t count = 0;
        ck_assert(spae_pattern_compile(&arena, patterns[i], strlen(patterns[i]), &p, NULL) == SPAE_OK);
        const size_t length = i == 4 ? 2000 : LENGTH;
        ck_assert(spae_pattern_start(&s, p, text, length, &arena, NULL) == SPAE_OK);
        for (size_t at = 0, begin = 0, end = 0; at < length; at = end, count++) {
            ck_assert(spae_pattern_next(&s, at, &begin, &end, NULL) == SPAE_OK);
            ck_assert(begin == at && end == at + 1);
        }
        ck_assert_uint_eq(count, length);
        spae_arena_free(&arena);
    }
    free(text);
}
END_TEST

static spae_status cut_in(spae_arena *arena, void *context, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    const spae_pattern *p = NULL;
    spae_pattern_search s;
    size_t begin = 0, end = 0;
    (void)context;
    spae_status status = spae_pattern_compile(arena, cl100k, strlen(cl100k), &p, err);
    if (status == SPAE_OK)
        status = spae_pattern_start(&s, p, "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz", 52, arena, err);
    if (status == SPAE_OK)
        status = spae_pattern_next(&s, 0, &begin, &end, err);
    if (status != SPAE_OK)
        spae_arena_reset(arena, mark);
    return status;
}

START_TEST(every_refused_allocation_is_told)
{
    starve(cut_in, NULL, 512);
}
END_TEST

SUITE(suite_io_pattern, "io/pattern", gpt2_cuts, cl100k_cuts, repetitions, classes,
      what_is_not_known_is_refused_by_its_place, hostile_texts_end, every_refused_allocation_is_told)
