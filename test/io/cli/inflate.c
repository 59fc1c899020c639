/* spae inflate: configurations, what is carried over, and what is refused. */
#define _POSIX_C_SOURCE 200809L

#include "../bytes.h"

#include "../../../io/cli/commands.h"
#include "../../../io/model.h"
#include "../../../nn/network.h"
#include "run.h"

static void ck_inflated(const char *path, const char *mode)
{
    spae_arena arena = new_arena();
    spae_model from, to;
    spae_notes before, after;
    spae_error err;
    ck_assert_msg(spae_model_open(&from, &before, true, &arena, "m.npz", &err) == SPAE_OK, "%s",
                  err.text);
    ck_assert_msg(spae_model_open(&to, &after, true, &arena, path, &err) == SPAE_OK, "%s", err.text);
    ck_assert(to.config.ndim == 3 && to.config.picture[0] == 4 &&
              to.config.picture[1] == TINY_SIDE);
    ck_assert(to.config.c == from.config.c && to.codebook.V == from.codebook.V &&
              after.guide == before.guide);
    ck_assert(memcmp(to.codebook.e, from.codebook.e,
                     from.codebook.V * from.codebook.c * sizeof *to.codebook.e) == 0);
    for (size_t k = 0; k < from.codebook.V; k++)
        ck_assert_str_eq(to.word[k], from.word[k]);
    const spae_parameter *k = &to.parameters->item[0],
                         *q = &from.parameters->item[0]; /* encoder/Conv_0/kernel */
    const size_t size = spae_shape_count(q->shape);
    ck_assert(k->shape.axis[0] == 3 && spae_shape_count(k->shape) == 3 * size);
    for (size_t i = 0; i < 3 * size; i++) {
        const spae_real x = from.values[q->first + i % size];
        ck_assert(to.values[k->first + i] == (mode[0] == 'a' ? x / 3 : i / size == 1 ? x : 0));
    }
    spae_arena_free(&arena);
}

#define TO_FOUR "--frames 4 --temporal true --pyramid 1x1x1,1x2x2,2x4x4,2x4x4"

START_TEST(pictures_become_videos)
{
    enter();
    ck_assert_msg(run(spae_cli_inflate, "inflate m.npz -o v.npz " TO_FOUR) == 0, "%s", run_err);
    ck_assert(strstr(run_out, "model v.npz\nsha256 ") == run_out);
    ck_inflated("v.npz", "central");
    ck_assert_msg(run(spae_cli_inflate, "inflate m.npz --mode average -o a.npz " TO_FOUR) == 0,
                  "%s", run_err);
    ck_inflated("a.npz", "average");
    ck_assert_msg(run(spae_cli_inflate,
                      "inflate m.npz -o s.npz --set picture=4x8x8 --set temporal=true "
                      "--set pyramid=1x1x1,1x2x2,2x4x4,2x4x4") == 0,
                  "%s", run_err);
    ck_inflated("s.npz", "central");
    leave();
}
END_TEST

START_TEST(presets)
{
    enter();
    ck_assert_int_eq(
        run(spae_cli_init,
            "init --preset tiny-2d --set c=5 --set filters=4 --set groups=2 --set picture=8x8 "
            "--set pyramid=1,2,2 --set semantic_layers=2 --set thresholds=0.98,0.95 "
            "--set discriminator_filters=4 --words 9 -o p.npz"),
        0);
    ck_assert_msg(run(spae_cli_inflate, "inflate p.npz --preset tiny-3d -o v.npz") == 0, "%s",
                  run_err);
    ck_assert_int_eq(run(spae_cli_info, "info v.npz"), 0);
    refused(spae_cli_inflate, "inflate p.npz --preset tiny-3d --set filters=8 -o w.npz", 1,
            "inflate: encoder/Conv_0/kernel: (3,3,3,3,8) does not come from (1,3,3,3,4)");
    refused(spae_cli_inflate, "inflate p.npz --preset tiny-3d --set res_blocks=2 -o w.npz", 1,
            "inflate: ");
    ck_assert(!is_there("w.npz"));
    leave();
}
END_TEST

START_TEST(wrong_use)
{
    enter();
    refused(spae_cli_inflate, "inflate m.npz", 2, "-o VIDEO is needed");
    refused(spae_cli_inflate, "inflate -o v.npz", 2, "MODEL is needed");
    refused(spae_cli_inflate, "inflate m.npz -o v.npz --mode middle", 2,
            "--mode: middle is none of central, average");
    refused(spae_cli_inflate, "inflate m.npz -o v.npz --preset no", 2,
            "--preset no: no such preset");
    refused(spae_cli_inflate, "inflate m.npz -o v.npz --frames x", 2, "--frames: ");
    refused(spae_cli_inflate, "inflate m.npz -o v.npz --set x=1", 2, "--set x=1: no such key");
    refused(spae_cli_inflate, "inflate m.npz -o v.npz --frames 3 --temporal true", 2,
            "the model of videos: ");
    refused(spae_cli_inflate, "inflate no.npz -o v.npz", 1, "no.npz");
    ck_assert_int_eq(run(spae_cli_init, "init --preset tiny-3d --words 9 -o d.npz"), 0);
    refused(spae_cli_inflate, "inflate d.npz -o v.npz", 1, "d.npz: expected a model of pictures");
    ck_assert(!is_there("v.npz"));
    leave();
}
END_TEST

SUITE(suite_io_cli_inflate, "io/cli/inflate", pictures_become_videos, presets, wrong_use)
