/* io/word_source: word vectors of GloVe, word2vec and fastText, and everything that such files can have wrong. */
#include "bytes.h"

#include "io/word_source.h"

#define ck_ok(call) ck_assert_msg((call) == SPAE_OK, "%s", err.text)

static spae_status open_bytes(const void *data, size_t size, spae_arena *arena, spae_source *file, spae_word_source *source,
                              spae_error *err)
{
    *file = spae_source_memory(data, size, "x");
    return spae_word_source_vectors_of(arena, file, source, err);
}

/* The file's words are these, and row k has the numbers 10 k + 1, 10 k + 2, .. over 4. */
static void ck_vectors(const void *data, size_t size, const char *kind, size_t V, size_t c, const char *const *word)
{
    spae_arena arena = new_arena();
    spae_source file;
    spae_word_source s;
    spae_real e[8];
    spae_error err;
    ck_ok(open_bytes(data, size, &arena, &file, &s, &err));
    ck_assert_str_eq(s.kind, kind);
    ck_assert(s.V == V && s.rows == V && s.c == c);
    for (size_t k = V; k-- > 0;) { /* in any order */
        const char *found;
        size_t length;
        ck_ok(s.word(&s, k, &found, &length, &err));
        ck_assert_msg(length == strlen(word[k]) && memcmp(found, word[k], length) == 0, "word %zu: %.*s", k, (int)length,
                      found);
        ck_ok(s.row(&s, k, e, &err));
        for (size_t j = 0; j < c; j++)
            ck_assert_msg((double)e[j] == (double)(10 * k + 1 + j) / 4, "word %zu, %zu: %g", k, j, (double)e[j]);
    }
    s.close(&s);
    spae_arena_free(&arena);
}

#define TEXT(text) text, sizeof text - 1
static const char *const words[] = {"the", "caf\xC3\xA9", ". . ."};

START_TEST(text_without_a_header)
{
    ck_vectors(TEXT("the 0.25 0.5\ncaf\xC3\xA9 2.75 3\n. . . 5.25 5.5e0\n"), "vectors, text", 3, 2, words);
    ck_vectors(TEXT("the 0.25 0.5 \r\ncaf\xC3\xA9\t2.75\t3.0  \r\n. . . 5.25 5.5"), "vectors, text", 3, 2, words);
    ck_vectors(TEXT("the 0.25\n"), "vectors, text", 1, 1, words);
    ck_vectors(TEXT("7 0.25 0.5\n8 2.75 3\n"), "vectors, text", 2, 2, (const char *const[]){"7", "8"});
}
END_TEST

START_TEST(text_with_a_header)
{
    ck_vectors(TEXT("3 2\nthe 0.25 0.5\ncaf\xC3\xA9 2.75 3\n. . . 5.25 5.5\n"), "vectors, text", 3, 2, words);
    ck_vectors(TEXT("1 1 \nthe 0.25\n"), "vectors, text", 1, 1, words);
}
END_TEST

static bytes binary(size_t V, size_t c, const char *head, bool newline)
{
    bytes b = {.size = 0};
    add_text(&b, head);
    for (size_t k = 0; k < V; k++) {
        add_text(&b, words[k][0] == '.' ? "dots" : words[k]);
        add_text(&b, " ");
        for (size_t j = 0; j < c; j++) {
            const float value = (float)(10 * k + 1 + j) / 4;
            uint32_t bits;
            memcpy(&bits, &value, 4);
            add_low(&b, bits, 4);
        }
        if (newline)
            add_text(&b, "\n");
    }
    return b;
}

START_TEST(the_binary_form)
{
    static const char *const named[] = {"the", "caf\xC3\xA9", "dots"};
    for (int newline = 0; newline < 2; newline++) {
        const bytes b = binary(3, 2, "3 2\n", newline == 1);
        ck_vectors(b.data, b.size, "vectors, binary", 3, 2, named);
    }
}
END_TEST

/* Longer than a window, by a source that is no memory. */
static spae_status read_slowly(void *context, uint64_t offset, void *buffer, size_t size, spae_error *err)
{
    (void)err;
    memcpy(buffer, (const uint8_t *)context + offset, size);
    return SPAE_OK;
}

START_TEST(many_words_from_a_file)
{
    enum { V = 3000 };
    char *text = malloc(V * 40);
    size_t size = 0;
    for (int k = 0; k < V; k++)
        size += (size_t)sprintf(text + size, "w%d %d %d.5\n", k, k, -k);
    const spae_source file = {.size = size, .read = read_slowly, .context = text, .name = "x"};
    spae_arena arena = new_arena();
    spae_word_source s;
    spae_real e[2];
    spae_error err;
    ck_ok(spae_word_source_vectors_of(&arena, &file, &s, &err));
    ck_assert(s.V == V && s.c == 2);
    ck_ok(s.row(&s, 2999, e, &err));
    ck_assert(e[0] == 2999 && e[1] == (spae_real)-2999.5);
    spae_arena_free(&arena);
    free(text);
}
END_TEST

START_TEST(from_a_path)
{
    char name[80];
    spae_arena arena = new_arena();
    spae_word_source s;
    spae_error err;
    const char *found;
    size_t length;
    ck_ok(spae_file_write_all(&arena, temporary(name, ".vec"), TEXT("the 1 2\nof 3 4\n"), &err));
    ck_ok(spae_word_source_vectors(&arena, name, &s, &err));
    ck_ok(s.word(&s, 1, &found, &length, &err));
    ck_assert(length == 2 && memcmp(found, "of", 2) == 0);
    s.close(&s);
    ck_assert_int_eq(remove(name), 0);
    const size_t used = arena.used;
    ck_assert_int_eq(spae_word_source_vectors(&arena, name, &s, &err), SPAE_ERR_IO);
    ck_assert_uint_eq(arena.used, used);
    spae_arena_free(&arena);
}
END_TEST

static void ck_not(const void *data, size_t size, const char *part)
{
    spae_arena arena = new_arena();
    spae_source file;
    spae_word_source s;
    spae_error err = {SPAE_OK, ""};
    ck_refused(open_bytes(data, size, &arena, &file, &s, &err), SPAE_ERR_FORMAT, err, part);
    ck_assert_uint_eq(arena.used, 0);
    spae_arena_free(&arena);
}

START_TEST(texts_that_are_refused)
{
    ck_not(TEXT(""), "line 1: expected a word and 1 to 65536 numbers");
    ck_not(TEXT("\n"), "line 1: expected a word");
    ck_not(TEXT("the\n"), "line 1: expected a word");
    ck_not(TEXT("the 1 2\n\nof 1 2\n"), "line 2: expected a word and 2 numbers");
    ck_not(TEXT("the 1 2\nof 1\n"), "line 2: expected a word and 2 numbers");
    ck_not(TEXT("the 1 2\nof 1 2 3\n"), "line 2: more than 2 numbers");
    ck_not(TEXT("0 2\n"), "line 1: expected");
    ck_not(TEXT("2 0\n"), "line 1: expected");
    ck_not(TEXT("2 65537\n"), "line 1: expected");
    ck_not(TEXT("99999999999 2\na 1 2\n"), "line 1: expected");
    ck_not(TEXT("3 2\nthe 1 2\nof 1 2\n"), "line 1 says 3 words, 2 are there");
    ck_not(TEXT("1 2\nthe 1 2\nof 1 2\n"), "line 1 says 1 words, 2 are there");
    char *line = malloc(1 << 21);
    memset(line, 'a', 1 << 21);
    memcpy(line, "the 1\n", 6);
    ck_not(line, 1 << 21, "line 2: it is longer than the limit of 2^20 bytes");
    free(line);
}
END_TEST

/* Numbers are looked at when a row is read. */
START_TEST(rows_that_are_refused)
{
    static const struct {
        const char *text, *part;
        spae_status due;
    } one[] = {{"the 1 2\nof 1 x\n", "word 1: column 1: expected a decimal number", SPAE_ERR_FORMAT},
               {"the 1 2\nof  1\n", "word 1: column 0: expected a decimal number", SPAE_ERR_FORMAT},
               {"the 1 2\nof 0x10 1\n", "word 1: column 0: expected a decimal number", SPAE_ERR_FORMAT},
               {"the 1 2\nof nan 1\n", "word 1: column 0: expected a decimal number", SPAE_ERR_FORMAT},
               {"the 1 2\nof 1 1e999\n", "word 1: column 1 is not finite", SPAE_ERR_NOT_FINITE}};
    for (size_t i = 0; i < sizeof one / sizeof one[0]; i++) {
        spae_arena arena = new_arena();
        spae_source file;
        spae_word_source s;
        spae_real e[2];
        spae_error err;
        ck_ok(open_bytes(one[i].text, strlen(one[i].text), &arena, &file, &s, &err));
        ck_ok(s.row(&s, 0, e, &err));
        ck_refused(s.row(&s, 1, e, &err), one[i].due, err, one[i].part);
        spae_arena_free(&arena);
    }
}
END_TEST

START_TEST(binaries_that_are_refused)
{
    bytes b = binary(3, 2, "3 2\n", true);
    for (size_t cut = 5; cut < b.size - 1; cut++) { /* the last newline may be missing */
        if (cut == 4)
            continue;
        ck_not(b.data, cut, "");
    }
    b = binary(3, 2, "4 2\n", false);
    ck_not(b.data, b.size, "word 3: expected a word of up to 2^16 bytes");
    b = binary(3, 2, "2 2\n", false);
    ck_not(b.data, b.size, "behind the last of 2 words");
    b = binary(3, 2, "3 3\n", false);
    ck_not(b.data, b.size, "");
    b = binary(3, 2, "2000000000 2\n", false);
    ck_not(b.data, b.size, "word 3: expected a word");
    b = binary(1, 1, "1 1\n", false);
    memcpy(b.data + 8, "\0\0\xc0\x7f", 4);
    spae_arena arena = new_arena();
    spae_source file;
    spae_word_source s;
    spae_real e[1];
    spae_error err;
    ck_ok(open_bytes(b.data, b.size, &arena, &file, &s, &err));
    ck_refused(s.row(&s, 0, e, &err), SPAE_ERR_NOT_FINITE, err, "word 0: column 0 is not finite");
    spae_arena_free(&arena);
}
END_TEST

static spae_status starved(spae_arena *arena, void *context, spae_error *err)
{
    spae_source file;
    spae_word_source s;
    return open_bytes(context, strlen(context), arena, &file, &s, err);
}

START_TEST(too_little_memory_is_told)
{
    char text[] = "the 1 2\nof 3 4\n";
    starve(starved, text, 1 << 16);
}
END_TEST

SUITE(suite_io_word_source_vectors, "io/word_source_vectors", text_without_a_header, text_with_a_header, the_binary_form,
      many_words_from_a_file, from_a_path, texts_that_are_refused, rows_that_are_refused, binaries_that_are_refused,
      too_little_memory_is_told)
