/* io/training: a run taken step by step is the run taken at once; what goes wrong is told by finish
 * too. (Resuming, wrong files and wrong settings are tested through the subcommand, in
 * test/io/cli/train.c.) */
#define _POSIX_C_SOURCE 200809L

#include "tiny.h"

#include "../../io/cli/commands.h"
#include "../../io/training.h"
#include "cli/digits.h"

static spae_training_settings tiny_settings(const char *checkpoint)
{
    spae_training_settings set = spae_training_defaults();
    spae_error err;
    ck_assert_int_eq(spae_preset("tiny-2d", &set.config, &err), SPAE_OK);
    set.data = ".";
    set.codebook = "e.npy";
    set.vocabulary = "w.txt";
    set.checkpoint = checkpoint;
    set.every = 0;
    return set;
}

static void take_one_by_one(spae_training *t)
{
    spae_error err;
    spae_progress_row row;
    for (uint64_t i = 1; i <= t->set->config.steps; i++) {
        ck_assert_int_eq(spae_training_step(t, &row, &err), SPAE_OK);
        ck_assert(row.step == i && row.terms.l2 > 0 && row.psnr == spae_progress_psnr(row.terms.l2));
        ck_assert(row.first_word >= 0 && row.first_word <= 1);
    }
}

START_TEST(steps_and_runs_are_the_same)
{
    char hash[2][65];
    enter();
    put_everything();
    for (int i = 0; i < 2; i++) {
        spae_error err;
        spae_arena arena;
        static spae_training t;
        const spae_training_settings set = tiny_settings("c");
        spae_arena_hosted(&arena);
        ck_ok(spae_training_start(&t, &set, &arena, &err));
        ck_assert(is_there("c") && t.left_out == 0 && t.trainer.step == 0);
        if (i == 0)
            take_one_by_one(&t);
        else
            ck_ok(spae_training_run(&t, set.config.steps, &err));
        ck_assert_uint_eq(t.trainer.step, set.config.steps);
        ck_ok(spae_training_store(&t, "m.npz", hash[i], &err));
        ck_ok(spae_training_finish(&t, SPAE_OK, &err));
        spae_arena_free(&arena);
    }
    ck_assert_str_eq(hash[0], hash[1]);
    leave();
}
END_TEST

/* A run of three steps, then of the rest after a stop, three examples side by side, has the bits of one run. */
START_TEST(crops_and_flips_do_not_know_how_a_run_was_made)
{
    char hash[3][65];
    enter();
    put_everything();
    for (int i = 0; i < 3; i++) { /* at once; interrupted; without them */
        spae_error err;
        static spae_training t;
        spae_training_settings set = tiny_settings("c");
        set.config.crop = i < 2 ? 0.5 : 0;
        set.config.flip = i < 2;
        set.at_once = i == 1 ? 3 : 1;
        for (int part = i == 1 ? 0 : 1; part < 2; part++) {
            spae_arena arena;
            spae_arena_hosted(&arena);
            set.resume = i == 1 && part == 1;
            ck_ok(spae_training_start(&t, &set, &arena, &err));
            ck_assert_uint_eq(t.trainer.step, set.resume ? 3 : 0);
            ck_ok(spae_training_run(&t, part == 0 ? 3 : set.config.steps, &err));
            ck_ok(spae_training_store(&t, "m.npz", hash[i], &err));
            ck_ok(spae_training_finish(&t, SPAE_OK, &err));
            spae_arena_free(&arena);
        }
    }
    ck_assert_str_eq(hash[0], hash[1]);
    ck_assert_str_ne(hash[0], hash[2]);
    leave();
}
END_TEST

/* A checkpoint of a run with the perceptual term, taken up without its weights. */
START_TEST(the_perceptual_term_cannot_be_dropped)
{
    spae_error err;
    spae_arena arena;
    static spae_training t;
    enter();
    put_everything();
    const spae_training_settings set = tiny_settings("c");
    spae_arena_hosted(&arena);
    ck_ok(spae_training_start(&t, &set, &arena, &err));
    ck_assert(t.trainer.perceptual == NULL && t.notes.perceptual[0] == '\0');
    memset(t.notes.perceptual, '7', 64);
    ck_ok(spae_checkpoint_save(&t.trainer, &t.notes, t.data, "c", &arena, &err));
    ck_ok(spae_training_finish(&t, SPAE_OK, &err));
    refused(spae_cli_train, TRAIN "--out new.npz --checkpoint c --resume", 1,
            "spae train: c: the checkpoint was made with another guide, label words, treatment of the codebook or "
            "weights of the perceptual term");
    ck_assert(!is_there("new.npz"));
    spae_arena_free(&arena);
    leave();
}
END_TEST

START_TEST(the_first_failure_is_kept)
{
    spae_error err;
    spae_arena arena;
    static spae_training t;
    enter();
    put_everything();
    spae_training_settings set = tiny_settings("c");
    set.codebook = "no.npy";
    spae_arena_hosted(&arena);
    spae_status status = spae_training_start(&t, &set, &arena, &err);
    ck_assert_int_eq(status, SPAE_ERR_IO);
    ck_assert_int_eq(spae_training_finish(&t, status, &err), SPAE_ERR_IO);
    ck_assert_msg(strstr(err.text, "no.npy") == err.text, "%s", err.text);
    spae_arena_free(&arena);
    leave();
}
END_TEST

SUITE(suite_io_training, "io/training", steps_and_runs_are_the_same, crops_and_flips_do_not_know_how_a_run_was_made, the_perceptual_term_cannot_be_dropped,
      the_first_failure_is_kept)
