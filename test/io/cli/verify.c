/* spae verify: a port that agrees passes; each planted mistake is found, named and, where it is of a
 * known kind, diagnosed; nothing that a port's files hold is worse than a line. */
#define _POSIX_C_SOURCE 200809L

#include <math.h>

#include "../kit.h"

#include "../../../io/cli/commands.h"
#include "../markup.h"
#include "run.h"

static void start(void)
{
    enter();
    kit_make_vectors();
    kit_make_port();
}

static void end(void)
{
    spae_arena_free(&kit_arena);
    leave();
}

/* The run ends with `due`, and its table has `part` in it. */
static void says(const char *line, int due, const char *part)
{
    const int status = run(spae_cli_verify, line);
    ck_assert_msg(status == due, "%s: status %d, due %d: %s%s", line, status, due, run_err, run_out);
    ck_assert_msg(strstr(run_out, part) != NULL, "%s: \"%s\" lacks \"%s\"", line, run_out, part);
    ck_assert_msg(run_err[0] == '\0', "%s", run_err);
}

START_TEST(all_agree)
{
    start();
    says("verify p --vectors v", 0,
         "\nNo stage falls short.\n11 outputs judged of 11: 11 at A, 0 at B, 0 at C, 0 fail; "
         "near-ties 0; 6 cases of 6\n");
    ck_assert_msg(count_of(run_out, "\n") == 9, "%s", run_out); /* a line a stage */
    says("verify p --vectors v --level A --complete", 0, "11 at A");
    says("verify v --vectors v", 1, "full         1 of 1 outputs judged, 1 FAIL");
    end();
}
END_TEST

SUITE(suite_io_cli_verify, "io/cli/verify", all_agree)
