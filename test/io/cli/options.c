/* io/cli/options: what is taken, and the one line on each wrong use. */
#define _POSIX_C_SOURCE 200809L

#include "../../../io/cli/options.h"
#include "run.h"

static const spae_cli_option table[] = {
    {.name = "model", .value = "M", .help = "the model", .required = true},
    {.name = "o", .value = "FILE", .help = "where to"},
    {.name = "quick", .help = "a flag\nwith two lines"},
    {.name = "set", .value = "K=V", .help = "repeated", .repeated = true},
    {.name = "number", .value = "N", .help = "a number"},
    {.name = "choice", .value = "C", .help = "a word"},
};
static const spae_cli_command command = {.name = "try",
                                         .arguments = "IMAGE...",
                                         .purpose = "Tries options.",
                                         .least = 1,
                                         .most = 3,
                                         .options = table,
                                         .option_count = sizeof table / sizeof table[0]};

static spae_cli_arguments got;

static int parse(int argc, char **argv)
{
    int status = -1;
    return spae_cli_parse(&command, argc, argv, &got, &status) ? 0 : 10 + status;
}

START_TEST(takes)
{
    char a0[] = "try", a1[] = "one", a2[] = "--model=m=n", a3[] = "-o", a4[] = "-", a5[] = "--set", a6[] = "a=1";
    char a7[] = "--quick", a8[] = "-", a9[] = "--set=b=2", a10[] = "--", a11[] = "--three";
    char *argv[] = {a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, NULL};
    ck_assert_int_eq(parse(12, argv), 0);
    ck_assert_uint_eq(got.positional_count, 3);
    ck_assert_str_eq(got.positional[0], "one");
    ck_assert_str_eq(got.positional[1], "-");
    ck_assert_str_eq(got.positional[2], "--three");
    ck_assert_str_eq(spae_cli_value(&got, "model"), "m=n");
    ck_assert_str_eq(spae_cli_value(&got, "o"), "-");
    ck_assert_str_eq(spae_cli_value(&got, "quick"), "");
    ck_assert_str_eq(spae_cli_value_at(&got, "set", 0), "a=1");
    ck_assert_str_eq(spae_cli_value_at(&got, "set", 1), "b=2");
    ck_assert(spae_cli_value_at(&got, "set", 2) == NULL && spae_cli_value(&got, "number") == NULL);
}
END_TEST

START_TEST(wrong_use)
{
    enter();
    refused(parse, "try x", 12, "spae try: --model M is needed");
    refused(parse, "try --model m", 12, "IMAGE... is needed");
    refused(parse, "try --model m 1 2 3 4", 12, "4: one argument too many");
    refused(parse, "try --model m --modle n 1", 12, "--modle: no such option");
    refused(parse, "try --model m -x 1", 12, "-x: no such option");
    refused(parse, "try --model m --o f 1", 12, "--o: no such option");
    refused(parse, "try --model m -model f 1", 12, "-model: no such option");
    refused(parse, "try --model m --quick=yes 1", 12, "--quick: takes no value");
    refused(parse, "try 1 --model", 12, "--model: needs a value, M");
    refused(parse, "try 1 --model --quick", 12, "--model: needs a value, M");
    refused(parse, "try 1 -o", 12, "-o: needs a value, FILE");
    refused(parse, "try --model m --model n 1", 12, "--model: given twice");
    refused(parse, "try --model m -o a -o b 1", 12, "-o: given twice");
    leave();
}
END_TEST

static uint64_t number;
static size_t choice;

static int parse_values(int argc, char **argv)
{
    static const char *const choices[] = {"red", "green"};
    number = 77;
    choice = 77;
    if (parse(argc, argv) != 0)
        return 1;
    return spae_cli_integer(&got, "number", 3, UINT64_MAX, &number) &&
                   spae_cli_choice(&got, "choice", choices, 2, &choice)
               ? 0
               : SPAE_CLI_USAGE;
}

START_TEST(values)
{
    enter();
    ck_assert_int_eq(run(parse_values, "try --model m 1"), 0);
    ck_assert(number == 77 && choice == 77);
    ck_assert_int_eq(run(parse_values, "try --model m 1 --number 3 --choice green"), 0);
    ck_assert(number == 3 && choice == 1);
    ck_assert_int_eq(run(parse_values, "try --model m 1 --number=18446744073709551615"), 0);
    ck_assert(number == UINT64_MAX);
    refused(parse_values, "try --model m 1 --number 2", 2, "--number: 2 is not a whole number from 3 to");
    refused(parse_values, "try --model m 1 --number 18446744073709551616", 2, "--number: ");
    refused(parse_values, "try --model m 1 --number -3", 2, "--number: -3");
    refused(parse_values, "try --model m 1 --number 3x", 2, "--number: 3x");
    refused(parse_values, "try --model m 1 --number=", 2, "--number: ");
    refused(parse_values, "try --model m 1 --choice blue", 2, "--choice: blue is none of red, green");
    ck_assert(choice == 77);
    leave();
}
END_TEST

START_TEST(help)
{
    enter();
    ck_assert_int_eq(run(parse, "try --nonsense --help"), 12); /* the first mistake counts */
    ck_assert_int_eq(run(parse, "try --help --nonsense"), 10);
    ck_assert(strstr(run_out, "usage: spae try --model M IMAGE... [options]") == run_out);
    ck_assert(strstr(run_out, "\n  -o FILE               where to\n") != NULL);
    ck_assert(strstr(run_out, "\n                        with two lines\n") != NULL);
    ck_assert(run_err[0] == '\0');
    leave();
}
END_TEST

START_TEST(too_many)
{
    static char set[] = "--set=x", name[] = "try";
    char *argv[SPAE_CLI_GIVEN_MOST + 3];
    enter();
    argv[0] = name;
    for (int i = 1; i <= SPAE_CLI_GIVEN_MOST + 1; i++)
        argv[i] = set;
    const int caught = catch_output(stderr, ".err");
    const int most = parse(SPAE_CLI_GIVEN_MOST + 1, argv), more = parse(SPAE_CLI_GIVEN_MOST + 2, argv);
    release_output(stderr, caught, ".err", run_err, sizeof run_err);
    ck_assert(most == 12 && more == 12);
    ck_assert(strstr(run_err, "--model M is needed") != NULL && strstr(run_err, "more than 128 options") != NULL);
    leave();
}
END_TEST

SUITE(suite_io_cli_options, "io/cli/options", takes, wrong_use, values, help, too_many)
