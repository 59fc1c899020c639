/* io/cli/info: the numbers of presets and models. */
#define _POSIX_C_SOURCE 200809L

#include "../../../io/cli/commands.h"
#include "run.h"

START_TEST(the_papers_model)
{
    enter();
    ck_assert_int_eq(run(spae_cli_info, "info --preset image-128"), 0);
    ck_assert(strstr(run_out, "\nparameters               59397123             59,397,123\n") !=
              NULL);
    ck_assert(
        strstr(run_out,
               "\nencoder/Conv_0/kernel                        (3,3,3,128)            3456\n") !=
        NULL);
    ck_assert(strstr(run_out, "\nlayer 6                  1x16x16, 256 tokens, 597 so far\n") !=
              NULL);
    leave();
}
END_TEST

START_TEST(a_model)
{
    enter();
    ck_assert_int_eq(run(spae_cli_info, "info m.npz"), 0);
    ck_assert(strstr(run_out, "name                     \"tiny\"\n") != NULL);
    ck_assert(strstr(run_out, "\nwords                    13 ") != NULL);
    ck_assert(strstr(run_out, "\nguide                    centred\n") != NULL);
    const char *hash = strstr(run_out, "\nsha256                   ");
    ck_assert(hash != NULL && strlen(hash) == 1 + 25 + 64 + 1);
    leave();
}
END_TEST

START_TEST(wrong_use)
{
    enter();
    refused(spae_cli_info, "info", 2, "expected a model or --preset, one of the two");
    refused(spae_cli_info, "info m.npz --preset tiny-2d", 2,
            "expected a model or --preset, one of the two");
    refused(spae_cli_info, "info m.npz --set c=3", 2, "--set: only with --preset");
    refused(spae_cli_info, "info a.npz", 1, "spae info: a.npz: ");
    put_file("e.npz", "", 0);
    refused(spae_cli_info, "info e.npz", 1, "spae info: e.npz: ");
    leave();
}
END_TEST

SUITE(suite_io_cli_info, "io/cli/info", the_papers_model, a_model, wrong_use)
