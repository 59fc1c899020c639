/* io/directory: made once, found again, refused where it cannot be. */
#define _POSIX_C_SOURCE 200809L

#include "../../io/directory.h"
#include "cli/run.h"

START_TEST(made_and_found)
{
    enter();
    ck_assert_int_eq(spae_directory_make("new", NULL), SPAE_OK);
    put_file("new/file", "x", 1);
    ck_assert_int_eq(spae_directory_make("new", NULL), SPAE_OK);
    ck_assert(is_there("new/file"));
    leave();
}
END_TEST

START_TEST(refusals)
{
    spae_error err;
    enter();
    ck_assert_int_eq(spae_directory_make("m.npz", &err), SPAE_ERR_IO);
    ck_assert(strstr(err.text, "m.npz: expected to make a directory") == err.text);
    ck_assert_int_eq(spae_directory_make("no/where", &err), SPAE_ERR_IO);
    ck_assert_int_eq(spae_directory_make("", &err), SPAE_ERR_IO);
    leave();
}
END_TEST

START_TEST(listed_in_order_without_hidden_names)
{
    const char *const *paths = NULL;
    size_t count = 77;
    spae_arena arena;
    spae_error err;
    spae_arena_hosted(&arena);
    enter();
    ck_assert_int_eq(spae_directory_make("d", NULL), SPAE_OK);
    ck_assert(spae_directory_is("d") && !spae_directory_is("m.npz") && !spae_directory_is("no"));
    ck_assert_int_eq(spae_directory_list("d", &arena, &paths, &count, &err), SPAE_OK);
    ck_assert_uint_eq(count, 0);
    put_file("d/b", "x", 1);
    put_file("d/a2", "x", 1);
    put_file("d/a10", "x", 1);
    put_file("d/.c", "x", 1);
    ck_assert_int_eq(spae_directory_list("d", &arena, &paths, &count, &err), SPAE_OK);
    ck_assert_uint_eq(count, 3);
    ck_assert_str_eq(paths[0], "d/a10");
    ck_assert_str_eq(paths[1], "d/a2");
    ck_assert_str_eq(paths[2], "d/b");
    ck_assert_int_eq(spae_directory_list("no", &arena, &paths, &count, &err), SPAE_ERR_IO);
    ck_assert(strstr(err.text, "no: cannot be listed: ") == err.text);
    ck_assert_int_eq(spae_directory_list("d/b", &arena, &paths, &count, &err), SPAE_ERR_IO);
    spae_arena_free(&arena);
    leave();
}
END_TEST

START_TEST(new_ones_are_made_once_and_removed_when_empty)
{
    bool made = false;
    spae_error err;
    enter();
    ck_assert_int_eq(spae_directory_make_new("new", &made, &err), SPAE_OK);
    ck_assert(made && spae_directory_is("new"));
    ck_assert_int_eq(spae_directory_make_new("new", &made, &err), SPAE_OK);
    ck_assert(!made);
    made = true;
    ck_assert_int_eq(spae_directory_make_new("m.npz", &made, &err), SPAE_OK);
    ck_assert(!made);
    ck_assert_int_eq(spae_directory_make_new("no/where", &made, &err), SPAE_ERR_IO);
    ck_assert(strstr(err.text, "no/where: expected to make a directory") == err.text);
    put_file("new/file", "x", 1);
    spae_directory_remove("new");
    ck_assert(is_there("new/file"));
    ck_assert_int_eq(remove("new/file"), 0);
    spae_directory_remove("new");
    ck_assert(!spae_directory_is("new"));
    leave();
}
END_TEST

SUITE(suite_io_directory, "io/directory", made_and_found, refusals, listed_in_order_without_hidden_names,
      new_ones_are_made_once_and_removed_when_empty)
