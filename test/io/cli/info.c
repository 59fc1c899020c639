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
    ck_assert(strstr(run_out, "\nencoder/ResBlock_8                     residual block   1x16x16x512 "
                              "          4,720,640      1,207,959,552\n") != NULL);
    ck_assert(strstr(run_out, "\n                                       upsample         "
                              "1x32x32x512\n") != NULL);
    ck_assert(strstr(run_out, "swish") == NULL && strstr(run_out, "/kernel") == NULL);
    ck_assert(strstr(run_out, "\nlayer 6                  1x16x16, 256 tokens, 597 so far\n") !=
              NULL);
    leave();
}
END_TEST

START_TEST(every_layer_and_parameter)
{
    enter();
    ck_assert_int_eq(run(spae_cli_info, "info --preset image-128 --layers --parameters"), 0);
    ck_assert(
        strstr(run_out,
               "\nencoder/Conv_0/kernel                        (3,3,3,128)            3456\n") !=
        NULL);
    ck_assert(strstr(run_out, "\nencoder/ResBlock_2/Conv_2              convolve         1x64x64x256 "
                              "             32,768        134,217,728\n") != NULL);
    ck_assert(strstr(run_out, "\ndecoder/GroupNorm_0                    group_norm       "
                              "1x128x128x128               256\n") != NULL);
    ck_assert(strstr(run_out, "\n                                       swish            "
                              "1x128x128x128\n") != NULL);
    ck_assert(strstr(run_out, "\ndiscriminator/Dense_1                  dense            1x1x1x1 ") !=
              NULL);
    leave();
}
END_TEST

/* The number behind the last `name` at the beginning of a line. */
static unsigned long long number_of(const char *name)
{
    unsigned long long number = 0;
    const size_t length = strlen(name);
    for (const char *line = run_out; line != NULL; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, name, length) == 0)
            number = strtoull(line + length, NULL, 10);
    }
    ck_assert_msg(number > 0, "%s", name);
    return number;
}

START_TEST(sizes_of_every_preset)
{
    static const struct {
        const char *name;
        unsigned long long parameters;
    } preset[] = {{"image-128", 59397123},
                  {"image-256", 60726403},
                  {"spae-8", 59397123},
                  {"mnist", 59397123},
                  {"video", 175901187}};
    enter();
    for (size_t i = 0; i < sizeof preset / sizeof preset[0]; i++) {
        char line[80];
        snprintf(line, sizeof line, "info --preset %s --words 1000", preset[i].name);
        ck_assert_int_eq(run(spae_cli_info, line), 0);
        ck_assert_uint_eq(number_of("parameters "), preset[i].parameters);
        ck_assert_uint_eq(number_of("words "), 1000);
        ck_assert_uint_eq(number_of("weights "), 4 * preset[i].parameters);
        ck_assert_uint_eq(number_of("codebook  "), 4 * 1000 * 1536);
        ck_assert_uint_gt(number_of("activations and their gradients"),
                          number_of("the same with recomputation"));
        ck_assert_uint_eq(number_of("with recomputation, in all") - number_of("the same with recomputation"),
                          number_of("training step, in all") - number_of("activations and their gradients"));
        const unsigned long long stays = number_of("weights ") + number_of("codebook  ") + number_of("search index") +
                                         number_of("program and files, about");
        ck_assert_uint_eq(number_of("encode, in all"), stays + number_of("encode: activations"));
        ck_assert_uint_eq(number_of("decode, in all"),
                          stays - number_of("search index") + number_of("decode: activations"));
        ck_assert_uint_eq(number_of("training step, in all"),
                          stays + number_of("discriminator's weights") + number_of("gradient, moments, average") +
                              number_of("codebook for the semantic loss") +
                              number_of("activations and their gradients"));
        ck_assert_uint_eq(number_of("and for each label"), 4 * 1000);
        ck_assert_uint_gt(number_of("training with recomputation"),
                          number_of("training, forward and backward"));
    }
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
    refused(spae_cli_info, "info m.npz --words 3", 2, "--words: only with --preset");
    refused(spae_cli_info, "info --preset mnist --words 0", 2, "--words");
    refused(spae_cli_info, "info a.npz", 1, "spae info: a.npz: ");
    put_file("e.npz", "", 0);
    refused(spae_cli_info, "info e.npz", 1, "spae info: e.npz: ");
    leave();
}
END_TEST

SUITE(suite_io_cli_info, "io/cli/info", the_papers_model, every_layer_and_parameter, sizes_of_every_preset,
      a_model, wrong_use)
