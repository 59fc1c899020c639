/* The command line of one subcommand: a table of options, what was given, and the three ways to end.
 *
 *     --name VALUE   --name=VALUE   -n VALUE   --flag   --   positional arguments between and behind them
 *
 * Wrong usage is one line on stderr that names the option, and exit status 2; a failed run is one line
 * too, and 1.
 */
#ifndef SPAE_IO_CLI_OPTIONS_H
#define SPAE_IO_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vendor_free/status.h"

/* Exit statuses. */
enum { SPAE_CLI_DONE = 0, SPAE_CLI_FAILED = 1, SPAE_CLI_USAGE = 2 };

#define SPAE_CLI_GIVEN_MOST 128 /* options in one call, repeated ones counted each time */

typedef struct {
    const char *name;  /* "model" is --model; one letter, "o", is -o */
    const char *value; /* how the help calls its value; NULL: a flag that takes none */
    const char *help;  /* lines of the help, separated by '\n' */
    bool required;
    bool repeated;     /* may be given more than once */
} spae_cli_option;

typedef struct {
    const char *name;      /* of the subcommand */
    const char *arguments; /* how the usage line calls the positional arguments: "IMAGE..." or "" */
    const char *purpose;   /* lines under the usage line */
    size_t least, most;    /* how many positional arguments it takes */
    const spae_cli_option *options;
    size_t option_count;
} spae_cli_command;

typedef struct {
    const spae_cli_command *command; /* borrowed */
    char **positional;               /* borrowed: the front of argv, which is reordered */
    size_t positional_count;
    size_t given_count;
    struct {
        const spae_cli_option *option;
        const char *value; /* "" for a flag */
    } given[SPAE_CLI_GIVEN_MOST];
} spae_cli_arguments;

/* The program's own name as it was called, borrowed: beside it lie files that come with it. NULL until it is said. */
void spae_cli_name_program(const char *name);
const char *spae_cli_program(void);

/* Sorts what was given after the subcommand's name (argv[0] is that name, as a main's argv[0]).
 * Returns true to go on. Otherwise all is said (help on stdout, or the mistake on stderr) and *exit_status is
 * what the subcommand returns: 0 or 2. */
bool spae_cli_parse(const spae_cli_command *command, int argc, char **argv,
                    spae_cli_arguments *arguments, int *exit_status);

/* The value of an option of that name, "" of a flag, NULL when it was not given. Of a repeated one the
 * `index`-th, from 0, in the order given. */
const char *spae_cli_value(const spae_cli_arguments *arguments, const char *name);
const char *spae_cli_value_at(const spae_cli_arguments *arguments, const char *name, size_t index);

/* The same as a number in decimal digits, least..most; *value is untouched when it was not given. Returns
 * false, the mistake said on stderr, when the value is something else: the caller returns SPAE_CLI_USAGE. */
bool spae_cli_integer(const spae_cli_arguments *arguments, const char *name, uint64_t least,
                      uint64_t most, uint64_t *value);

/* One of the words of `choices` (count); *choice is its index, untouched when not given. Returns as above. */
bool spae_cli_choice(const spae_cli_arguments *arguments, const char *name,
                     const char *const *choices, size_t count, size_t *choice);

/* "spae encode: --layers: ..." on stderr; returns SPAE_CLI_USAGE. Formats are those of printf. */
int spae_cli_wrong(const spae_cli_command *command, const char *format, ...);

/* "spae encode: digits.npy: byte 10: ..." on stderr; returns SPAE_CLI_FAILED. */
int spae_cli_failed(const spae_cli_command *command, const spae_error *err);

#endif
