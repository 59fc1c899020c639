/* io/cli/setup: --preset, --set and --seed as info, init and train take them. */
#define _POSIX_C_SOURCE 200809L

#include "../../../io/cli/commands.h"
#include "run.h"

START_TEST(preset_and_changes)
{
    enter();
    ck_assert_int_eq(
        run(spae_cli_info, "info --preset tiny-2d --set c=7 --set filters=4 --set c=9"), 0);
    ck_assert(strstr(run_out, "\nc                        9\n") != NULL);
    ck_assert(strstr(run_out, "\nfilters                  4\n") != NULL);
    leave();
}
END_TEST

START_TEST(wrong_configurations)
{
    enter();
    refused(spae_cli_info, "info --preset nine", 2,
            "--preset nine: no such preset; there are image-128");
    refused(spae_cli_info, "info --preset tiny-2d --set c", 2, "--set c: expected KEY=VALUE");
    refused(spae_cli_info, "info --preset tiny-2d --set d=1", 2,
            "--set d=1: no such key; spae info --preset P lists them");
    refused(spae_cli_info, "info --preset tiny-2d --set crops=0.3", 2,
            "--set crops=0.3: no such key; crop is meant?");
    refused(spae_cli_info, "info --preset tiny-2d --set c=0", 2,
            "--set config: c: expected a whole number");
    refused(spae_cli_info, "info --preset tiny-2d --set groups=3", 2,
            "--preset tiny-2d with these --set: config:");
    refused(spae_cli_init, "init --preset tiny-2d -o o.npz --seed 4294967296", 2,
            "--seed: 4294967296 is not");
    refused(spae_cli_init, "init --preset tiny-2d -o o.npz --seed -1", 2, "--seed: -1 is not");
    leave();
}
END_TEST

SUITE(suite_io_cli_setup, "io/cli/setup", preset_and_changes, wrong_configurations)
