/* io/labels: tables of words, well and badly made. */
#include "tiny.h"

#include "io/labels.h"

static spae_status read_text(const char *text, size_t size, size_t pictures, spae_arena *arena,
                             spae_source_words *words, spae_error *err)
{
    char name[80];
    put_bytes(temporary(name, ".tsv"), text, size);
    const spae_status status = spae_labels_read(arena, name, pictures, words, err);
    ck_assert_int_eq(remove(name), 0);
    return status;
}

START_TEST(words_come_in_their_order)
{
    static const char text[] = "keywords\tx\tindex\r\n"
                               "hot dog  food \t\t0\r\n"
                               "\ta\t1\n"
                               "caf\xC3\xA9\t\t2"; /* the last newline may be missing */
    static const char *const due[] = {"hot", "dog", "food", "caf\xC3\xA9"};
    spae_arena arena = new_arena();
    spae_source_words w;
    spae_error err;
    ck_ok(read_text(text, sizeof text - 1, 3, &arena, &w, &err));
    ck_assert(w.count == 3 && w.first[0] == 0 && w.first[1] == 3 && w.first[2] == 3 &&
              w.first[3] == 4);
    for (size_t i = 0; i < 4; i++)
        ck_assert_str_eq(w.word[i], due[i]);
    spae_arena_free(&arena);
}
END_TEST

START_TEST(bad_tables_are_refused)
{
    static const struct {
        const char *text, *due;
    } cases[] = {
        {"", "line 1: expected tab-separated names, among them index and keywords"},
        {"index\tname\n0\ta\n1\tb\n", "line 1: expected tab-separated names"},
        {"keywords\n", "line 1: expected tab-separated names"},
        {"index\tkeywords\n", "ends after 0 of 2 pictures"},
        {"index\tkeywords\n0\ta\n", "ends after 1 of 2 pictures"},
        {"index\tkeywords\n0\ta\n1\tb\n2\tc\n", "line 4: there are 2 pictures only"},
        {"index\tkeywords\n0\ta\n1\n", "line 3: fewer columns than the header has"},
        {"index\tkeywords\n0\ta\n\n", "line 3: fewer columns than the header has"},
        {"index\tkeywords\n1\ta\n", "line 2: expected the index 0, found \"1\""},
        {"index\tkeywords\n0\ta\n01\tb\n", "line 3: expected the index 1, found \"01\""},
        {"index\tkeywords\n0\ta\n1x\tb\n", "line 3: expected the index 1, found \"1x\""},
        {"index\tkeywords\n\ta\n", "line 2: expected the index 0, found \"\""},
        {"index\tkeywords\n18446744073709551616\ta\n",
         "line 2: expected the index 0, found \"18446744073709551616\""},
    };
    spae_arena arena = new_arena();
    spae_source_words w = {77, NULL, NULL};
    spae_error err;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ck_assert_int_eq(read_text(cases[i].text, strlen(cases[i].text), 2, &arena, &w, &err),
                         SPAE_ERR_FORMAT);
        ck_assert_msg(strstr(err.text, cases[i].due) != NULL, "%s", err.text);
        ck_assert(w.count == 77 && arena.used == 0);
    }
    ck_assert_int_eq(read_text("index\tkeywords\n0\ta\0b\n", 21, 1, &arena, &w, &err),
                     SPAE_ERR_FORMAT);
    ck_assert_msg(strstr(err.text, "byte 18: a zero in a text") != NULL, "%s", err.text);
    ck_assert_int_eq(spae_labels_read(&arena, "/nowhere/at.tsv", 1, &w, &err), SPAE_ERR_IO);
    spae_arena_free(&arena);
}
END_TEST

static spae_status read_in(spae_arena *arena, void *context, spae_error *err)
{
    static const char text[] = "index\tkeywords\n0\ta b\n1\tc\n";
    return read_text(text, sizeof text - 1, 2, arena, context, err);
}

START_TEST(every_refused_allocation_is_told)
{
    spae_source_words w;
    starve(read_in, &w, 16);
}
END_TEST

SUITE(suite_io_labels, "io/labels", words_come_in_their_order, bad_tables_are_refused,
      every_refused_allocation_is_told)
