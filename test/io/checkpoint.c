/* io/checkpoint: a run that is taken up again gives the bits of one that was not interrupted. */
#include "tiny.h"

#include "io/batch.h"
#include "io/checkpoint.h"
#include "nn/network.h"

enum { WORDS = 9, LABELS = 3 };

static const char *const labels[LABELS] = {"w0", "w1", "w2"};
static const int32_t label_token[LABELS] = {0, 1, 2};
static const spae_notes notes = {SPAE_GUIDE_CENTRED, LABELS, labels, false, 1.0, "", ""};

/* A run of a tiny model on seven pictures, at its first step. */
typedef struct {
    spae_arena arena, scratch;
    spae_config config;
    spae_dataset data;
    spae_model model;
    spae_trainer trainer;
    spae_batch batch;
} run;

static void start(run *r, const spae_config *config, uint32_t seed)
{
    spae_error err;
    r->arena = new_arena();
    r->scratch = new_arena();
    r->config = *config;
    r->data = generated_data(&r->arena);
    r->model = generated_model(&r->config, WORDS, seed, &r->arena);
    const spae_sources sources = one_word_each(label_token, LABELS);
    spae_real *rows = spae_arena_take(&r->arena, LABELS * WORDS, sizeof *rows);
    ck_ok(spae_guide_rows(SPAE_GUIDE_CENTRED, &r->model.codebook, &sources, &r->arena,
                          rows, &err));
    ck_ok(spae_trainer_create(&r->trainer, &r->model, seed, &r->arena, &err));
    ck_ok(spae_batch_create(&r->batch, &r->data, &r->config, rows, WORDS, seed, &r->arena, &err));
}

static void take_steps(run *r, uint64_t until)
{
    spae_error err;
    spae_terms terms;
    while (r->trainer.step < until) {
        spae_batch_fill(&r->batch, r->trainer.step);
        ck_ok(spae_train_step(&r->trainer, r->batch.examples, r->config.batch, &r->scratch, 1,
                              &terms, NULL, &err));
    }
}

static void finish(run *r)
{
    spae_arena_free(&r->arena);
    spae_arena_free(&r->scratch);
}

static void ck_same_bits(const spae_real *a, const spae_real *b, size_t n)
{
    ck_assert(memcmp(a, b, n * sizeof *a) == 0);
}

static void ck_same_state(const run *a, const run *b)
{
    const size_t n = a->model.parameters->elements;
    ck_assert_uint_eq(a->trainer.step, b->trainer.step);
    ck_same_bits(a->model.values, b->model.values, n);
    ck_same_bits(a->trainer.ema, b->trainer.ema, a->model.elements);
    ck_same_bits(a->trainer.lecam, b->trainer.lecam, 2);
    ck_assert(a->trainer.lecam[1] != 0); /* the preset has a discriminator */
    ck_same_bits(a->trainer.m, b->trainer.m, n);
    ck_same_bits(a->trainer.v, b->trainer.v, n);
}

START_TEST(a_resumed_run_gives_the_same_bits)
{
    const spae_config config = preset_of("tiny-2d");
    folder f = make_folder();
    spae_error err;
    run whole, before, after;
    start(&whole, &config, 3);
    start(&before, &config, 3);
    take_steps(&whole, 4);
    take_steps(&before, 2);
    ck_ok(spae_checkpoint_save(&before.trainer, &notes, "data", in_folder(&f, "c"), &before.arena,
                               &err));
    start(&after, &config, 3);
    ck_ok(spae_checkpoint_load(&after.trainer, &notes, "data", f.path, &after.scratch, &err));
    ck_assert_uint_eq(after.scratch.used, 0);
    ck_same_state(&before, &after);
    take_steps(&after, 4);
    ck_same_state(&whole, &after);
    ck_assert(memcmp(before.model.values, after.model.values, 64) != 0);
    remove_folder(&f, (const char *const[]){"c", NULL});
    finish(&whole);
    finish(&before);
    finish(&after);
}
END_TEST

START_TEST(a_checkpoint_is_a_model_with_the_averaged_weights)
{
    const spae_config config = preset_of("tiny-2d");
    folder f = make_folder();
    spae_error err;
    spae_model model;
    run r;
    start(&r, &config, 3);
    take_steps(&r, 1);
    ck_ok(spae_checkpoint_save(&r.trainer, &notes, "data", in_folder(&f, "c"), &r.arena, &err));
    ck_ok(spae_model_load(&model, &r.arena, f.path, &err));
    ck_same_bits(model.values, r.trainer.ema, model.parameters->elements);
    remove_folder(&f, (const char *const[]){"c", NULL});
    finish(&r);
}
END_TEST

/* Takes up the checkpoint of seed 3, tiny-2d and `notes` in a run that differs. */
static void ck_other(const char *path, const spae_config *config, uint32_t seed,
                     const spae_notes *other, const char *data, const char *part)
{
    spae_error err;
    run r;
    start(&r, config, seed);
    ck_assert_int_eq(spae_checkpoint_load(&r.trainer, other, data, path, &r.scratch, &err),
                     SPAE_ERR_ARGUMENT);
    ck_assert_msg(strstr(err.text, part) != NULL, "\"%s\" lacks \"%s\"", err.text, part);
    ck_assert_uint_eq(r.trainer.step, 0);
    ck_assert_uint_eq(r.scratch.used, 0);
    finish(&r);
}

START_TEST(a_checkpoint_of_another_run_is_refused)
{
    const spae_config config = preset_of("tiny-2d");
    spae_config other = config;
    spae_notes raw = notes, fewer = notes;
    folder f = make_folder();
    spae_error err;
    run r;
    start(&r, &config, 3);
    ck_ok(spae_checkpoint_save(&r.trainer, &notes, "data", in_folder(&f, "c"), &r.arena, &err));
    other.thresholds[1] = 0.5;
    other.thresholds[2] = 0.5;
    other.thresholds[3] = 0.5;
    other.steps = 99;
    raw.guide = SPAE_GUIDE_RAW;
    fewer.label_count = 2;
    ck_other(f.path, &other, 3, &notes, "data",
             "made with thresholds=[0.98,0.95,0.9,0.85], this run has [0.98,0.5,");
    ck_other(f.path, &config, 4, &notes, "data", "another codebook or vocabulary");
    ck_other(f.path, &config, 3, &raw, "data", "another guide");
    ck_other(f.path, &config, 3, &fewer, "data", "another guide");
    ck_other(f.path, &config, 3, &notes, "date", "other pictures or labels");
    r.trainer.seed = 9; /* the same codebook, which a seed that generates words would not give */
    ck_assert_int_eq(spae_checkpoint_load(&r.trainer, &notes, "data", f.path, &r.scratch, &err),
                     SPAE_ERR_ARGUMENT);
    ck_assert(strstr(err.text, "made with seed 3, this run has 9") != NULL);
    remove_folder(&f, (const char *const[]){"c", NULL});
    finish(&r);
}
END_TEST

/* With the perceptual term and without, and with other weights, are different runs. */
START_TEST(the_perceptual_terms_weights_belong_to_the_run)
{
    const spae_config config = preset_of("tiny-2d");
    spae_notes made[3] = {notes, notes, notes};
    memset(made[1].perceptual, 'a', 64);
    memset(made[2].perceptual, 'b', 64);
    for (size_t i = 0; i < 3; i++) {
        folder f = make_folder();
        spae_error err;
        run r;
        start(&r, &config, 3);
        ck_ok(spae_checkpoint_save(&r.trainer, &made[i], "data", in_folder(&f, "c"), &r.arena, &err));
        ck_ok(spae_checkpoint_load(&r.trainer, &made[i], "data", f.path, &r.scratch, &err));
        for (size_t j = 0; j < 3; j++)
            if (j != i)
                ck_other(f.path, &config, 3, &made[j], "data", "or weights of the perceptual term");
        remove_folder(&f, (const char *const[]){"c", NULL});
        finish(&r);
    }
}
END_TEST

START_TEST(a_model_is_no_checkpoint)
{
    const spae_config config = preset_of("tiny-2d");
    folder f = make_folder();
    spae_error err;
    run r;
    start(&r, &config, 3);
    ck_ok(spae_model_store(&r.model, &notes, in_folder(&f, "m"), &r.arena, &err));
    ck_assert_int_eq(spae_checkpoint_load(&r.trainer, &notes, "data", f.path, &r.scratch, &err),
                     SPAE_ERR_FORMAT);
    ck_assert(strstr(err.text, "expected a checkpoint, but there is no array \"trainer\"") != NULL);
    remove_folder(&f, (const char *const[]){"m", NULL});
    finish(&r);
}
END_TEST

START_TEST(a_checkpoint_cut_short_is_refused)
{
    const spae_config config = preset_of("tiny-2d");
    folder f = make_folder();
    spae_error err;
    run r;
    start(&r, &config, 3);
    ck_ok(spae_checkpoint_save(&r.trainer, &notes, "data", in_folder(&f, "c"), &r.arena, &err));
    uint8_t *bytes_of = spae_arena_take(&r.arena, 1 << 21, 1);
    const size_t size = get_bytes(f.path, bytes_of, 1 << 21);
    put_bytes(f.path, bytes_of, size - 1);
    ck_assert_int_eq(spae_checkpoint_load(&r.trainer, &notes, "data", f.path, &r.scratch, &err),
                     SPAE_ERR_FORMAT);
    remove_folder(&f, (const char *const[]){"c", NULL});
    finish(&r);
}
END_TEST

SUITE(suite_io_checkpoint, "io/checkpoint", a_resumed_run_gives_the_same_bits,
      a_checkpoint_is_a_model_with_the_averaged_weights, a_checkpoint_of_another_run_is_refused,
      the_perceptual_terms_weights_belong_to_the_run, a_model_is_no_checkpoint, a_checkpoint_cut_short_is_refused)
