/* spae verify: a port's outputs against the vectors. */
#include <stdio.h>
#include <string.h>

#include "io/cli/commands.h"
#include "io/cli/options.h"
#include "io/verdict.h"
#include "spae.h"

static const spae_cli_option options[] = {
    {.name = "vectors", .value = "V", .help = "the vectors (default: vectors)"},
    {.name = "level",
     .value = "L",
     .help = "what every output must reach: A the bits, B the accuracy, C the tokens\n(default: "
             "each output's own)"},
    {.name = "complete", .help = "outputs that are missing fail"},
    {.name = "json", .value = "F", .help = "write the verdict as JSON"},
    {.name = "junit", .value = "F", .help = "write the verdict as JUnit's XML"},
    {.name = "html", .value = "F", .help = "write the verdict as a page to look at"},
};

static const spae_cli_command command = {
    .name = "verify",
    .arguments = "DIR",
    .purpose =
        "Which stage of a port is wrong, and by how much: its outputs against the vectors.\n"
        "DIR holds CASE/OUT.npy or CASE.npz under the names of V/MANIFEST, or any .npz with the\n"
        "names CASE/OUT, or is such an .npz; refusals as CASE/status.txt. Any subset is judged.\n"
        "Exit status 0: all that was given passes; 1: not, or nothing was given.",
    .least = 1,
    .most = 1,
    .options = options,
    .option_count = sizeof options / sizeof options[0]};

typedef void put_page(const spae_verdict *verdict, spae_page *page);

static spae_status write_page(const char *path, put_page *put, const spae_verdict *verdict,
                              spae_arena *arena, spae_error *err)
{
    spae_page page = spae_page_start(arena);
    const uint8_t *bytes = NULL;
    size_t size = 0;
    if (path == NULL)
        return SPAE_OK;
    put(verdict, &page);
    const spae_status status = spae_page_end(&page, &bytes, &size, err);
    return status == SPAE_OK ? spae_file_write_all(arena, path, bytes, size, err) : status;
}

static spae_status write_json(const char *path, const spae_verdict *verdict, spae_arena *arena,
                              spae_error *err)
{
    const uint8_t *bytes = NULL;
    size_t size = 0;
    if (path == NULL)
        return SPAE_OK;
    const spae_status status = spae_verdict_json(verdict, arena, &bytes, &size, err);
    return status == SPAE_OK ? spae_file_write_all(arena, path, bytes, size, err) : status;
}

/* Files first, so that a verdict on the screen means that they are there. */
static spae_status write_all(const spae_cli_arguments *a, const spae_verdict *verdict,
                             spae_arena *arena, spae_error *err)
{
    spae_status status = write_json(spae_cli_value(a, "json"), verdict, arena, err);
    if (status == SPAE_OK)
        status = write_page(spae_cli_value(a, "junit"), spae_verdict_junit, verdict, arena, err);
    if (status == SPAE_OK)
        status = write_page(spae_cli_value(a, "html"), spae_verdict_html, verdict, arena, err);
    if (status == SPAE_OK)
        status = write_page("-", spae_verdict_text, verdict, arena, err);
    return status;
}

static spae_status verify(const spae_cli_arguments *a, spae_level level, spae_arena *arena,
                          bool *passes, spae_error *err)
{
    const char *directory = a->positional[0], *given = spae_cli_value(a, "vectors");
    spae_vectors vectors;
    spae_port port;
    spae_verdict verdict;
    spae_status status = spae_vectors_open(arena, given != NULL ? given : "vectors", &vectors, err);
    if (status != SPAE_OK)
        return status;
    status = spae_port_open(arena, directory, &vectors.manifest, &port, err);
    if (status != SPAE_OK)
        return status;
    status = spae_verdict_make(arena, &vectors, &port, directory, level,
                               spae_cli_value(a, "complete") != NULL, &verdict, err);
    if (status == SPAE_OK)
        status = write_all(a, &verdict, arena, err);
    spae_port_close(&port);
    *passes = status == SPAE_OK && verdict.passes;
    return status;
}

int spae_cli_verify(int argc, char **argv)
{
    static const char *const levels[] = {"A", "B", "C"};
    int status;
    bool passes = false;
    size_t level = SPAE_LEVEL_NONE;
    spae_error err;
    spae_cli_arguments arguments;
    if (!spae_cli_parse(&command, argc, argv, &arguments, &status))
        return status;
    if (!spae_cli_choice(&arguments, "level", levels, 3, &level))
        return SPAE_CLI_USAGE;
    spae_arena arena;
    spae_arena_hosted(&arena);
    if (verify(&arguments, (spae_level)level, &arena, &passes, &err) != SPAE_OK)
        status = spae_cli_failed(&command, &err);
    else
        status = passes ? SPAE_CLI_DONE : SPAE_CLI_FAILED;
    spae_arena_free(&arena);
    return status;
}
