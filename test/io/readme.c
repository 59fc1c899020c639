/* The README's program, run on a model and a picture made here. `make test` also builds it the way a user does: with
 * nothing but the installed header and library. */
#define _POSIX_C_SOURCE 200809L

int readme_main(int argc, char **argv);
#define main readme_main
#include "readme_program.c"
#undef main

#include "cli/run.h"

START_TEST(there_and_back_again)
{
    enter();
    ck_assert_int_eq(run(readme_main, "program m.npz in.npy out.png"), 0);
    size_t lines = 0;
    for (const char *c = run_out; *c != '\0'; c++)
        lines += *c == '\n';
    ck_assert_uint_ge(lines, 5); /* a word of the tiny model may hold line ends itself */
    ck_assert(is_there("out.png") && run_err[0] == '\0');
    leave();
}
END_TEST

START_TEST(refusals)
{
    enter();
    refused(readme_main, "program", 1, "usage: program");
    refused(readme_main, "program none.npz in.npy out.png", 1, "none.npz");
    refused(readme_main, "program m.npz none.png out.png", 1, "none.png");
    refused(readme_main, "program m.npz in.npy out.gif", 1, "out.gif");
    leave();
}
END_TEST

SUITE(suite_io_readme, "io/readme", there_and_back_again, refusals)
