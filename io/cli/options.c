/* The option parser of options.h. Nothing is allocated: positional arguments move to the front of argv. */
#include "io/cli/options.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { HELP_COLUMN = 24 }; /* where the explanations of options begin */

static const char *program;

void spae_cli_name_program(const char *name)
{
    program = name;
}

const char *spae_cli_program(void)
{
    return program;
}

static const char *dashes(const spae_cli_option *option)
{
    return option->name[1] == '\0' ? "-" : "--";
}

static void print_usage(const spae_cli_command *command)
{
    printf("usage: spae %s", command->name);
    for (size_t i = 0; i < command->option_count; i++)
        if (command->options[i].required)
            printf(" %s%s %s", dashes(&command->options[i]), command->options[i].name,
                   command->options[i].value);
    if (command->arguments[0] != '\0')
        printf(" %s", command->arguments);
    printf(" [options]\n\n%s\n", command->purpose);
}

/* One option: its form at the left, the lines of its explanation under each other at HELP_COLUMN. */
static void print_option(const spae_cli_option *option)
{
    char form[80];
    const char *value = option->value != NULL ? option->value : "";
    snprintf(form, sizeof form, "  %s%s %s", dashes(option), option->name, value);
    printf("%-*s", HELP_COLUMN - 1, form);
    const char *line = option->help;
    for (;;) {
        const size_t n = strcspn(line, "\n");
        printf(" %.*s\n", (int)n, line);
        if (line[n] == '\0')
            return;
        line += n + 1;
        printf("%-*s", HELP_COLUMN - 1, "");
    }
}

static void print_help(const spae_cli_command *command)
{
    print_usage(command);
    printf("\noptions:\n");
    for (size_t i = 0; i < command->option_count; i++)
        print_option(&command->options[i]);
    print_option(&(spae_cli_option){.name = "help", .help = "this text"});
}

int spae_cli_wrong(const spae_cli_command *command, const char *format, ...)
{
    char text[400];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    fprintf(stderr, "spae %s: %s (see: spae %s --help)\n", command->name, text, command->name);
    return SPAE_CLI_USAGE;
}

int spae_cli_failed(const spae_cli_command *command, const spae_error *err)
{
    fprintf(stderr, "spae %s: %s\n", command->name, err->text);
    return SPAE_CLI_FAILED;
}

/* The option that an argument such as --name, --name=value or -n names; NULL when there is none. */
static const spae_cli_option *find_option(const spae_cli_command *command, const char *argument)
{
    const bool is_long = argument[1] == '-';
    const char *name = argument + (is_long ? 2 : 1);
    const size_t n = is_long ? strcspn(name, "=") : strlen(name);
    for (size_t i = 0; i < command->option_count; i++) {
        const char *own = command->options[i].name;
        if (strlen(own) == n && memcmp(own, name, n) == 0 && (n == 1) == !is_long)
            return &command->options[i];
    }
    return NULL;
}

/* Takes the option at argv[*at] with its value and leaves *at at the last argument used. */
static bool take_option(spae_cli_arguments *arguments, int argc, char **argv, int *at)
{
    const spae_cli_command *command = arguments->command;
    const char *argument = argv[*at];
    const spae_cli_option *option = find_option(command, argument);
    if (option == NULL)
        return spae_cli_wrong(command, "%s: no such option", argument), false;
    const char *value = strncmp(argument, "--", 2) == 0 ? strchr(argument, '=') : NULL;
    if (option->value == NULL && value != NULL)
        return spae_cli_wrong(command, "--%s: takes no value", option->name), false;
    if (option->value != NULL && value == NULL) {
        if (*at + 1 >= argc || strncmp(argv[*at + 1], "--", 2) == 0)
            return spae_cli_wrong(command, "%s: needs a value, %s", argument, option->value), false;
        value = argv[++*at];
    } else if (value != NULL) {
        value++;
    }
    if (!option->repeated && spae_cli_value(arguments, option->name) != NULL)
        return spae_cli_wrong(command, "%s%s: given twice", dashes(option), option->name), false;
    if (arguments->given_count == SPAE_CLI_GIVEN_MOST)
        return spae_cli_wrong(command, "more than %d options", SPAE_CLI_GIVEN_MOST), false;
    arguments->given[arguments->given_count].option = option;
    arguments->given[arguments->given_count++].value = value != NULL ? value : "";
    return true;
}

static bool check_complete(const spae_cli_arguments *arguments)
{
    const spae_cli_command *command = arguments->command;
    for (size_t i = 0; i < command->option_count; i++) {
        const spae_cli_option *option = &command->options[i];
        if (option->required && spae_cli_value(arguments, option->name) == NULL)
            return spae_cli_wrong(command, "%s%s %s is needed", dashes(option), option->name,
                                  option->value),
                   false;
    }
    if (arguments->positional_count < command->least)
        return spae_cli_wrong(command, "%s is needed", command->arguments), false;
    if (arguments->positional_count > command->most)
        return spae_cli_wrong(command, "%s: one argument too many",
                              arguments->positional[command->most]),
               false;
    return true;
}

bool spae_cli_parse(const spae_cli_command *command, int argc, char **argv,
                    spae_cli_arguments *arguments, int *exit_status)
{
    *arguments = (spae_cli_arguments){.command = command, .positional = argv};
    bool options_end = false;
    *exit_status = SPAE_CLI_USAGE;
    for (int i = 1; i < argc; i++) {
        if (!options_end && strcmp(argv[i], "--help") == 0) {
            print_help(command);
            *exit_status = SPAE_CLI_DONE;
            return false;
        }
        if (!options_end && strcmp(argv[i], "--") == 0)
            options_end = true;
        else if (options_end || argv[i][0] != '-' || argv[i][1] == '\0')
            argv[arguments->positional_count++] = argv[i];
        else if (!take_option(arguments, argc, argv, &i))
            return false;
    }
    return check_complete(arguments);
}

const char *spae_cli_value_at(const spae_cli_arguments *arguments, const char *name, size_t index)
{
    for (size_t i = 0; i < arguments->given_count; i++)
        if (strcmp(arguments->given[i].option->name, name) == 0 && index-- == 0)
            return arguments->given[i].value;
    return NULL;
}

const char *spae_cli_value(const spae_cli_arguments *arguments, const char *name)
{
    return spae_cli_value_at(arguments, name, 0);
}

/* Decimal digits and nothing else; false when there are none or the number does not fit. */
static bool read_digits(const char *text, uint64_t *value)
{
    uint64_t number = 0;
    if (text[0] == '\0')
        return false;
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9')
            return false;
        const uint64_t digit = (uint64_t)(*text - '0');
        if (number > (UINT64_MAX - digit) / 10)
            return false;
        number = number * 10 + digit;
    }
    *value = number;
    return true;
}

bool spae_cli_integer(const spae_cli_arguments *arguments, const char *name, uint64_t least,
                      uint64_t most, uint64_t *value)
{
    const char *text = spae_cli_value(arguments, name);
    uint64_t number = 0;
    if (text == NULL)
        return true;
    if (!read_digits(text, &number) || number < least || number > most)
        return spae_cli_wrong(arguments->command, "--%s: %s is not a whole number from %llu to %llu",
                              name, text, (unsigned long long)least, (unsigned long long)most),
               false;
    *value = number;
    return true;
}

bool spae_cli_choice(const spae_cli_arguments *arguments, const char *name,
                     const char *const *choices, size_t count, size_t *choice)
{
    const char *text = spae_cli_value(arguments, name);
    char list[200] = "";
    if (text == NULL)
        return true;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(text, choices[i]) == 0) {
            *choice = i;
            return true;
        }
        const size_t used = strlen(list);
        snprintf(list + used, sizeof list - used, "%s%s", i == 0 ? "" : ", ", choices[i]);
    }
    spae_cli_wrong(arguments->command, "--%s: %s is none of %s", name, text, list);
    return false;
}
