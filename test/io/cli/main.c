/* io/cli/main: the dispatch, --help of everything, and what it says to what it does not know. */
#define _POSIX_C_SOURCE 200809L

int spae_main(int argc, char **argv);
#define main spae_main
#define run  dispatch
#include "../../../io/cli/main.c"
#undef main
#undef run

#include "run.h"

START_TEST(help_and_version)
{
    enter();
    ck_assert_int_eq(run(spae_main, "spae --help"), 0);
    ck_assert(strncmp(run_out, "usage: spae SUBCOMMAND", 22) == 0 && run_err[0] == '\0');
    for (size_t i = 0; i < SUBCOMMANDS; i++)
        ck_assert_msg(strstr(run_out, subcommands[i].name) != NULL, "%s", subcommands[i].name);
    ck_assert_int_eq(run(spae_main, "spae --version"), 0);
    ck_assert_str_eq(run_out, "spae " SPAE_VERSION "\n");
    leave();
}
END_TEST

START_TEST(every_subcommand_has_help)
{
    enter();
    for (size_t i = 0; i < SUBCOMMANDS; i++) {
        char line[80], due[80];
        snprintf(line, sizeof line, "spae %s --help", subcommands[i].name);
        snprintf(due, sizeof due, "usage: spae %s ", subcommands[i].name);
        ck_assert_int_eq(run(spae_main, line), 0);
        ck_assert_msg(strncmp(run_out, due, strlen(due)) == 0 && run_err[0] == '\0', "%s", run_out);
        snprintf(line, sizeof line, "spae %s --no-such-option", subcommands[i].name);
        refused(spae_main, line, 2, "--no-such-option: no such option");
    }
    leave();
}
END_TEST

START_TEST(wrong_use)
{
    enter();
    refused(spae_main, "spae", 2, "spae: a subcommand is needed");
    refused(spae_main, "spae encdoe", 2, "spae: encdoe: no such subcommand");
    refused(spae_main, "spae --quiet", 2, "spae: --quiet: no such subcommand");
    leave();
}
END_TEST

SUITE(suite_io_cli_main, "io/cli/main", help_and_version, every_subcommand_has_help, wrong_use)
