/* io/program: an outside program and its two files. */
#include "language.h"

#include <sys/stat.h>

#include "io/directory.h"
#include "io/program.h"

static spae_exchange begin(const char *parent, spae_arena *arena)
{
    spae_exchange x;
    spae_error err;
    ck_ok(spae_exchange_begin(parent, arena, &x, &err));
    return x;
}

static void make_parent(char path[64])
{
    strcpy(path, "/tmp/spae it's \"XXXXXX");
    ck_assert(mkdtemp(path) != NULL);
}

/* Names with blanks, quotes, dollars and a dash in front are one word to the shell. */
START_TEST(any_text_is_one_word)
{
    static const struct {
        const char *text, *word;
    } cases[] = {{"", "''"},
                 {"a b", "'a b'"},
                 {"it's", "'it'\\''s'"},
                 {"''", "''\\'''\\'''"},
                 {"$(rm x) `y` \"z\" \\ !\n;&", "'$(rm x) `y` \"z\" \\ !\n;&'"},
                 {"-rf", "'./-rf'"}};
    spae_arena arena = new_arena();
    spae_error err;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *word = NULL;
        ck_ok(spae_shell_quote(cases[i].text, &arena, &word, &err));
        ck_assert_str_eq(word, cases[i].word);
    }
    spae_arena_free(&arena);
}
END_TEST

START_TEST(a_program_reads_one_file_and_writes_the_other)
{
    char parent[64];
    make_parent(parent);
    spae_arena arena = new_arena();
    spae_error err;
    const spae_exchange x = begin(parent, &arena);
    const uint8_t *file = NULL;
    size_t size = 0;
    int status = -1;
    ck_ok(spae_file_write_all(&arena, x.request, "hello\n", 6, &err));
    ck_ok(spae_exchange_run(&x, "cp", &arena, &status, &err));
    ck_assert_int_eq(status, 0);
    ck_ok(spae_file_read_all(&arena, x.answer, 100, &file, &size, &err));
    ck_assert(size == 6 && memcmp(file, "hello\n", 6) == 0);
    spae_exchange_end(&x);
    ck_assert(rmdir(parent) == 0); /* nothing is left */
    spae_arena_free(&arena);
}
END_TEST

/* Every run has its own folder, which nobody else may look into; what is there already is left alone. */
START_TEST(folders_are_new_and_private)
{
    char parent[64], first[96];
    struct stat s;
    make_parent(parent);
    sprintf(first, "%s/spae-0", parent);
    ck_assert(symlink("/nowhere", first) == 0);
    spae_arena arena = new_arena();
    const spae_exchange a = begin(parent, &arena), b = begin(parent, &arena);
    ck_assert_str_ne(a.folder, b.folder);
    ck_assert_str_ne(a.folder, first);
    ck_assert(stat(a.folder, &s) == 0 && S_ISDIR(s.st_mode) && (s.st_mode & 0777) == 0700);
    ck_assert(!spae_file_exists(a.request) && !spae_file_exists(a.answer));
    spae_exchange_end(&a);
    spae_exchange_end(&b);
    ck_assert(unlink(first) == 0 && rmdir(parent) == 0);
    spae_arena_free(&arena);
}
END_TEST

START_TEST(exit_statuses_are_told)
{
    char parent[64];
    make_parent(parent);
    spae_arena arena = new_arena();
    spae_error err;
    const spae_exchange x = begin(parent, &arena);
    static const struct {
        const char *program;
        int status;
    } cases[] = {{"true", 0}, {"exit 3;", 3}, {"/nowhere/at/all 2>/dev/null", 127}, {"kill -9 $$;", 137}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int status = -1;
        ck_ok(spae_exchange_run(&x, cases[i].program, &arena, &status, &err));
        ck_assert_int_eq(status, cases[i].status);
    }
    spae_exchange_end(&x);
    ck_assert(rmdir(parent) == 0);
    spae_arena_free(&arena);
}
END_TEST

START_TEST(a_folder_that_is_not_there_is_told)
{
    spae_arena arena = new_arena();
    spae_exchange x;
    spae_error err;
    ck_fails(spae_exchange_begin("/nowhere", &arena, &x, &err), SPAE_ERR_IO, "/nowhere/spae-0");
    ck_assert_uint_eq(arena.used, 0);
    ck_assert(setenv("TMPDIR", "/nowhere/else", 1) == 0);
    ck_fails(spae_exchange_begin(NULL, &arena, &x, &err), SPAE_ERR_IO, "/nowhere/else/spae-0");
    ck_assert(unsetenv("TMPDIR") == 0);
    ck_ok(spae_exchange_begin(NULL, &arena, &x, &err));
    ck_assert(strncmp(x.folder, "/tmp/spae-", 10) == 0);
    spae_exchange_end(&x);
    spae_arena_free(&arena);
}
END_TEST

SUITE(suite_io_program, "io/program", any_text_is_one_word, a_program_reads_one_file_and_writes_the_other,
      folders_are_new_and_private, exit_statuses_are_told, a_folder_that_is_not_there_is_told)
