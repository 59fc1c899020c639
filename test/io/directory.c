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

SUITE(suite_io_directory, "io/directory", made_and_found, refusals)
