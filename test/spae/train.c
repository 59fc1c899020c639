/* The train step: bits that no split changes, losses that fall, the schedule, and failures that update nothing. */
#include <math.h>

#include "test/check.h"

#include "tiny.h"

typedef struct {
    tiny t;
    spae_trainer trainer;
} course;

static void begin(course *c, spae_config config)
{
    ck_assert_msg(tiny_open(&c->t, &config, 3) == SPAE_OK, "%s", c->t.err.text);
    ck_assert_int_eq(spae_trainer_create(&c->trainer, &c->t.model, 5, &c->t.arena, NULL), SPAE_OK);
}

static bool same(const course *a, const course *b)
{
    const size_t bytes = a->t.model.parameters->elements * sizeof(spae_real);
    return memcmp(a->trainer.lecam, b->trainer.lecam, sizeof a->trainer.lecam) == 0 &&
           memcmp(a->t.model.values, b->t.model.values, bytes) == 0 &&
           memcmp(a->trainer.m, b->trainer.m, bytes) == 0 &&
           memcmp(a->trainer.v, b->trainer.v, bytes) == 0 &&
           memcmp(a->trainer.ema, b->trainer.ema, a->t.model.elements * sizeof(spae_real)) == 0 &&
           memcmp(a->trainer.gradient, b->trainer.gradient, bytes) == 0;
}

START_TEST(a_trainer_begins_with_nothing)
{
    course c;
    begin(&c, tiny_least());
    ck_assert(c.trainer.step == 0 && c.trainer.seed == 5 && c.trainer.model == &c.t.model);
    for (size_t i = 0; i < c.t.model.parameters->elements; i++)
        ck_assert(c.trainer.m[i] == 0 && c.trainer.v[i] == 0 && c.trainer.ema[i] == c.t.model.values[i]);
    tiny_close(&c.t);
}
END_TEST

static void check_splits(spae_config config)
{
    course whole;
    spae_terms terms;
    int32_t token[TINY_EXAMPLES * 64];
    begin(&whole, config);
    ck_assert_int_eq(tiny_train(&whole.t, &whole.trainer, 3, TINY_EXAMPLES, &terms, token), SPAE_OK);
    ck_assert_uint_eq(whole.trainer.step, 3);
    for (size_t at_once = 1; at_once < TINY_EXAMPLES; at_once++) {
        course c;
        spae_terms its;
        int32_t its_token[TINY_EXAMPLES * 64];
        begin(&c, config);
        ck_assert_int_eq(tiny_train(&c.t, &c.trainer, 3, at_once, &its, its_token), SPAE_OK);
        ck_assert(same(&c, &whole));
        ck_assert_mem_eq(&its, &terms, sizeof terms);
        ck_assert_mem_eq(its_token, token, TINY_EXAMPLES * whole.t.tokens * sizeof token[0]);
        tiny_close(&c.t);
    }
    tiny_close(&whole.t);
}

START_TEST(splits_change_no_bit_of_anything)
{
    check_splits(tiny_video());
    check_splits(tiny_adversarial(tiny_video()));
    check_splits(tiny_adversarial(tiny_pictures()));
    check_splits(tiny_learned(tiny_pictures()));
}
END_TEST

/* Means over the batch of the terms of Eq. 8 and 9: each is what its equation makes of the others. */
START_TEST(terms_add_up)
{
    course c;
    spae_terms t;
    begin(&c, tiny_pictures());
    ck_assert_int_eq(tiny_train(&c.t, &c.trainer, 1, 1, &t, NULL), SPAE_OK);
    const spae_config *config = &c.t.model.config;
    ck_assert_double_eq_tol(t.appearance, t.l2 + config->beta * t.commitment, 1e-5);
    ck_assert_double_eq_tol(t.total, t.appearance * (1 + config->alpha), 1e-5); /* w L_semantic = L_app in each */
    ck_assert(t.l2 > 0 && t.commitment > 0 && t.semantic > 0 && t.weight > 0);
    tiny_close(&c.t);
}
END_TEST

/* Recomputation changes the memory that a step takes, and no bit. */
START_TEST(recomputation_changes_no_bit)
{
    const spae_config configs[2] = {tiny_adversarial(tiny_video()), tiny_learned(tiny_pictures())};
    for (int i = 0; i < 2; i++) {
        course c[2];
        size_t peak[2];
        for (int again = 0; again < 2; again++) {
            watch memory;
            spae_arena scratch;
            watched_arena(&scratch, &memory, 0);
            begin(&c[again], configs[i]);
            c[again].trainer.recompute = again;
            for (int step = 0; step < 2; step++)
                ck_assert_int_eq(spae_train_step(&c[again].trainer, c[again].t.examples, TINY_EXAMPLES, &scratch, 1,
                                                 NULL, NULL, NULL),
                                 SPAE_OK);
            peak[again] = scratch.peak;
            spae_arena_free(&scratch);
        }
        ck_assert(same(&c[0], &c[1]));
        ck_assert_uint_lt(peak[1], peak[0]);
        tiny_close(&c[0].t);
        tiny_close(&c[1].t);
    }
}
END_TEST

START_TEST(adversarial_terms_add_up)
{
    course c;
    spae_terms t;
    begin(&c, tiny_adversarial(tiny_pictures()));
    const spae_config *config = &c.t.model.config;
    ck_assert_int_eq(tiny_train(&c.t, &c.trainer, 2, 1, &t, NULL), SPAE_OK); /* the second step has LeCAM's averages */
    const double sum = t.l2 + config->beta * t.commitment + config->lambda * t.adversarial + config->phi * t.lecam;
    ck_assert_double_eq_tol(t.appearance, sum, 1e-5);
    ck_assert_double_eq_tol(t.d_total, t.d_adversarial + t.d_r1 + config->phi * t.lecam, 1e-5);
    ck_assert(t.adversarial > 0 && t.lecam > 0 && t.d_adversarial > 0 && t.d_r1 > 0);
    ck_assert(t.perceptual == 0 && t.codebook == 0 && t.entropy == 0);
    tiny_close(&c.t);
}
END_TEST

/* With weights the perceptual term is on, without it is off, whatever eta says. */
START_TEST(the_perceptual_term_needs_weights)
{
    course with, without;
    spae_terms t, u;
    spae_perceptual_weights frozen;
    spae_config config = tiny_adversarial(tiny_pictures());
    config.eta = 0.5;
    config.alpha = 0;
    begin(&with, config);
    begin(&without, config);
    ck_assert_int_eq(tiny_perceptual(&with.t, &frozen), SPAE_OK);
    with.trainer.perceptual = &frozen;
    ck_assert_int_eq(tiny_train(&with.t, &with.trainer, 1, 1, &t, NULL), SPAE_OK);
    ck_assert_int_eq(tiny_train(&without.t, &without.trainer, 1, 1, &u, NULL), SPAE_OK);
    ck_assert(t.perceptual > 0 && u.perceptual == 0 && t.l2 == u.l2 && t.d_total == u.d_total);
    ck_assert_double_eq_tol(t.appearance - u.appearance, config.eta * t.perceptual, 1e-5);
    ck_assert(!same(&with, &without));
    tiny_close(&with.t);
    tiny_close(&without.t);
}
END_TEST

START_TEST(learned_codebook_terms_add_up)
{
    course c;
    spae_terms t;
    begin(&c, tiny_learned(tiny_pictures()));
    const spae_config *config = &c.t.model.config;
    ck_assert_int_eq(tiny_train(&c.t, &c.trainer, 1, 1, &t, NULL), SPAE_OK);
    const double sum = t.l2 + config->beta * t.commitment + config->lambda * t.adversarial + config->phi * t.lecam +
                       config->codebook_weight * t.codebook + config->entropy_weight * t.entropy;
    ck_assert_double_eq_tol(t.appearance, sum, 1e-5);
    ck_assert_double_eq_tol(t.codebook, t.commitment, 1e-6); /* one value, two gradients */
    ck_assert(t.entropy != 0 && t.total == t.appearance);
    tiny_close(&c.t);
}
END_TEST

/* Every row of a learned codebook that was chosen moves, and the model's codebook is the parameter. */
START_TEST(a_learned_codebook_is_a_parameter)
{
    course c;
    begin(&c, tiny_learned(tiny_pictures()));
    const spae_model *model = &c.t.model;
    const size_t V = model->config.codebook_size, width = model->config.c;
    ck_assert_uint_eq(model->codebook.V, V);
    ck_assert_ptr_eq(model->codebook.e, model->values + model->elements - V * width);
    ck_assert_str_eq(model->parameters->item[model->count - 1].path, "codebook");
    int32_t token[TINY_EXAMPLES * 64];
    spae_real *before = tiny_reals(&c.t, V * width);
    memcpy(before, model->codebook.e, V * width * sizeof *before);
    ck_assert_int_eq(tiny_train(&c.t, &c.trainer, 1, 1, NULL, token), SPAE_OK);
    for (size_t i = 0; i < TINY_EXAMPLES * c.t.tokens; i++) {
        const size_t row = (size_t)token[i] * width;
        ck_assert(memcmp(before + row, model->codebook.e + row, width * sizeof *before) != 0);
    }
    tiny_close(&c.t);
}
END_TEST

/* One step: each average is (1 - decay) times the batch's mean logit. */
START_TEST(lecam_averages_follow_the_logits)
{
    course c;
    spae_terms t;
    begin(&c, tiny_adversarial(tiny_pictures()));
    ck_assert(c.trainer.lecam[0] == 0 && c.trainer.lecam[1] == 0);
    ck_assert_int_eq(tiny_train(&c.t, &c.trainer, 1, 1, &t, NULL), SPAE_OK);
    ck_assert(t.logit_real != t.logit_fake);
    ck_assert_double_eq_tol((double)c.trainer.lecam[0], 0.125 * t.logit_real, 1e-6);
    ck_assert_double_eq_tol((double)c.trainer.lecam[1], 0.125 * t.logit_fake, 1e-6);
    tiny_close(&c.t);
}
END_TEST

/* LeCAM counts in L_app by its value alone; the discriminator feels it. */
START_TEST(lecam_has_no_gradient_to_the_autoencoder)
{
    course with, without;
    spae_config config = tiny_adversarial(tiny_pictures());
    config.alpha = 0; /* w would carry the value into the gradient */
    begin(&with, config);
    config.phi = 0;
    begin(&without, config);
    ck_assert_int_eq(tiny_train(&with.t, &with.trainer, 1, 1, NULL, NULL), SPAE_OK);
    ck_assert_int_eq(tiny_train(&without.t, &without.trainer, 1, 1, NULL, NULL), SPAE_OK);
    const size_t own = with.t.model.elements, all = with.t.model.parameters->elements;
    ck_assert_mem_eq(with.trainer.gradient, without.trainer.gradient, own * sizeof(spae_real));
    ck_assert(memcmp(with.trainer.gradient + own, without.trainer.gradient + own,
                     (all - own) * sizeof(spae_real)) != 0);
    tiny_close(&with.t);
    tiny_close(&without.t);
}
END_TEST

START_TEST(lambda_needs_a_discriminator)
{
    tiny t;
    spae_model model;
    spae_trainer trainer;
    spae_error err;
    const spae_config config = tiny_adversarial(tiny_least());
    ck_assert_int_eq(tiny_open(&t, &config, 1), SPAE_OK);
    ck_assert_int_eq(spae_model_create(&model, &config, false, &t.arena, NULL), SPAE_OK);
    ck_assert_uint_eq(model.parameters->count, model.count);
    ck_assert_uint_lt(model.elements, t.model.parameters->elements);
    ck_assert_int_eq(spae_trainer_create(&trainer, &model, 1, &t.arena, &err), SPAE_ERR_ARGUMENT);
    ck_assert_str_eq(err.text, "trainer: lambda is 0.25, but the model has no discriminator");
    tiny_close(&t);
}
END_TEST

START_TEST(the_averaged_model_has_no_discriminator)
{
    course c;
    begin(&c, tiny_learned(tiny_pictures()));
    ck_assert_int_eq(tiny_train(&c.t, &c.trainer, 2, 1, NULL, NULL), SPAE_OK);
    spae_parameters parameters;
    const spae_model averaged = spae_trainer_averaged(&c.trainer, &parameters);
    ck_assert_ptr_eq(averaged.values, c.trainer.ema);
    ck_assert_uint_eq(averaged.parameters->count, c.t.model.count);
    ck_assert_uint_eq(averaged.parameters->elements, c.t.model.elements);
    ck_assert_ptr_eq(averaged.codebook.e,
                     c.trainer.ema + averaged.elements - averaged.codebook.V * averaged.codebook.c);
    ck_assert(memcmp(averaged.codebook.e, c.t.model.codebook.e, averaged.codebook.V * sizeof(spae_real)) != 0);
    tiny_close(&c.t);
}
END_TEST

/* The ablation: with the last guided layer's threshold for all, what the others say does not matter. */
START_TEST(a_single_threshold_is_the_last_ones)
{
    course c[2];
    spae_config config = tiny_pictures();
    config.single_threshold = true;
    begin(&c[0], config);
    config.single_threshold = false;
    config.thresholds[0] = config.thresholds[1] = config.thresholds[2];
    begin(&c[1], config);
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(tiny_train(&c[i].t, &c[i].trainer, 1, 1, NULL, NULL), SPAE_OK);
    ck_assert(same(&c[0], &c[1]));
    tiny_close(&c[0].t);
    tiny_close(&c[1].t);
}
END_TEST

START_TEST(without_dynamic_weight_w_is_one)
{
    course c;
    spae_terms t;
    spae_config config = tiny_pictures();
    config.dynamic_weight = false;
    begin(&c, config);
    ck_assert_int_eq(tiny_train(&c.t, &c.trainer, 1, 2, &t, NULL), SPAE_OK);
    ck_assert_double_eq(t.weight, 1);
    ck_assert_double_eq_tol(t.total, t.appearance + config.alpha * t.semantic, 1e-5);
    tiny_close(&c.t);
}
END_TEST

START_TEST(without_semantic_layers_no_similarity_is_needed)
{
    spae_config configs[2] = {tiny_pictures(), tiny_pictures()};
    configs[0].semantic_layers = 0;
    configs[1].alpha = 0;
    course c[2];
    for (int i = 0; i < 2; i++) {
        spae_terms t;
        begin(&c[i], configs[i]);
        for (size_t j = 0; j < TINY_EXAMPLES; j++)
            c[i].t.examples[j].similarity = NULL;
        ck_assert_int_eq(tiny_train(&c[i].t, &c[i].trainer, 1, 2, &t, NULL), SPAE_OK);
        ck_assert(t.semantic == 0 && t.total == t.appearance && t.weight == 1);
    }
    ck_assert(same(&c[0], &c[1]));
    tiny_close(&c[0].t);
    tiny_close(&c[1].t);
}
END_TEST

/* Three examples, divided by three: what one makes of the gradient does not depend on the others. */
START_TEST(a_batch_gradient_is_the_mean_of_its_examples)
{
    course both, one;
    begin(&both, tiny_least());
    begin(&one, tiny_least());
    const size_t n = one.t.model.parameters->elements;
    spae_real *sum = tiny_reals(&one.t, n);
    for (size_t i = 0; i < 3; i++) {
        /* semantic targets depend on the place in the batch, so the single example keeps place 0 without guidance */
        one.t.model.config.semantic_layers = both.t.model.config.semantic_layers = 0;
        const spae_example example = one.t.examples[i];
        ck_assert_int_eq(spae_train_step(&one.trainer, &example, 1, &one.t.arena, 1, NULL, NULL, NULL), SPAE_OK);
        for (size_t j = 0; j < n; j++)
            sum[j] += one.trainer.gradient[j];
        spae_model_init(&one.t.model, 3);
    }
    spae_arena *arena = &both.t.arena;
    ck_assert_int_eq(spae_train_step(&both.trainer, both.t.examples, 3, arena, 1, NULL, NULL, NULL), SPAE_OK);
    for (size_t j = 0; j < n; j++)
        ck_assert(both.trainer.gradient[j] == sum[j] / 3);
    tiny_close(&both.t);
    tiny_close(&one.t);
}
END_TEST

START_TEST(a_tiny_problem_is_overfitted)
{
    course c;
    spae_terms first, last;
    spae_config config = tiny_least();
    config.steps = 1000;
    begin(&c, config);
    ck_assert_int_eq(tiny_train(&c.t, &c.trainer, 1, 2, &first, NULL), SPAE_OK);
    ck_assert_int_eq(tiny_train(&c.t, &c.trainer, 100, 2, &last, NULL), SPAE_OK);
    ck_assert_double_lt(last.l2, first.l2 / 4);
    ck_assert_double_lt(last.commitment, first.commitment / 2);
    ck_assert_double_lt(last.total, first.total / 4);
    tiny_close(&c.t);
}
END_TEST

/* Each way to fail leaves weights, moments, average and step as they were. */
static void assert_nothing_updated(spae_status expected, const char *part, void (*spoil)(course *))
{
    course c, fresh;
    spae_error err;
    begin(&c, tiny_adversarial(tiny_least()));
    begin(&fresh, tiny_adversarial(tiny_least()));
    spoil(&c);
    spae_terms terms = {.l2 = 7, .total = 7};
    const spae_status status = spae_train_step(&c.trainer, c.t.examples, 3, &c.t.arena, 1, &terms, NULL, &err);
    ck_assert_msg(status == expected, "%s", err.text);
    ck_assert_msg(strstr(err.text, part) != NULL, "'%s' does not say '%s'", err.text, part);
    ck_assert(c.trainer.step == 0 && terms.l2 == 7 && terms.total == 7);
    const size_t n = c.t.model.parameters->elements;
    for (size_t i = 0; i < n; i++) {
        ck_assert(c.trainer.m[i] == 0 && c.trainer.v[i] == 0);
        ck_assert(i >= c.t.model.elements || c.trainer.ema[i] == fresh.trainer.ema[i]);
    }
    ck_assert(c.trainer.lecam[0] == 0 && c.trainer.lecam[1] == 0);
    tiny_close(&c.t);
    tiny_close(&fresh.t);
}

static spae_real *writable(const spae_real *values) /* the fixture's own arrays lie in its arena */
{
    spae_real *p;
    memcpy(&p, &values, sizeof p);
    return p;
}

static void spoil_picture(course *c)
{
    writable(c->t.examples[1].picture)[3] = (spae_real)NAN;
}

static void spoil_weight(course *c)
{
    c->t.model.values[c->t.model.elements - 1] = (spae_real)NAN; /* a bias of the decoder's last layer */
}

static void spoil_discriminator(course *c)
{
    c->t.model.values[c->t.model.parameters->elements - 1] = (spae_real)NAN; /* the last bias: of the logit */
}

static void spoil_similarity(course *c)
{
    for (size_t k = 0; k < TINY_WORDS; k++)
        writable(c->t.examples[2].similarity)[k] = (spae_real)(k % 2 == 0 ? NAN : 0.25);
}

static void drop_similarity(course *c)
{
    c->t.examples[2].similarity = NULL;
}

START_TEST(failures_update_nothing_and_say_where)
{
    assert_nothing_updated(SPAE_ERR_NOT_FINITE, "step 0, example 1: z is not finite", spoil_picture);
    assert_nothing_updated(SPAE_ERR_NOT_FINITE, "step 0, example 0: the l2 loss", spoil_weight);
    assert_nothing_updated(SPAE_ERR_NOT_FINITE, "step 0, example 0: the adversarial loss", spoil_discriminator);
    assert_nothing_updated(SPAE_ERR_ARGUMENT, "no word reaches the threshold", spoil_similarity);
    assert_nothing_updated(SPAE_ERR_ARGUMENT, "no similarities given (example, words) (2 and 40)", drop_similarity);
}
END_TEST

START_TEST(no_examples_are_refused)
{
    course c;
    begin(&c, tiny_least());
    const spae_example *e = c.t.examples;
    ck_assert_int_eq(spae_train_step(&c.trainer, e, 0, &c.t.arena, 1, NULL, NULL, NULL), SPAE_ERR_ARGUMENT);
    ck_assert_int_eq(spae_train_step(&c.trainer, e, 1, &c.t.arena, 0, NULL, NULL, NULL), SPAE_ERR_ARGUMENT);
    ck_assert_uint_eq(c.trainer.step, 0);
    tiny_close(&c.t);
}
END_TEST

/* warmup 4 of 10 steps, cooldown 3: up in quarters, the plateau or its root decay, down in quarters */
START_TEST(the_schedule_by_hand)
{
    spae_config config = tiny_pictures();
    config.learning_rate = 1;
    config.steps = 10;
    config.warmup = 4;
    config.cooldown = 3;
    config.root_decay = false;
    static const double flat[] = {0.25, 0.5, 0.75, 1, 1, 1, 1, 0.75, 0.5, 0.25, 0, 0};
    for (uint64_t t = 0; t < 12; t++)
        ck_assert_double_eq(spae_learning_rate(&config, t), flat[t]);
    config.root_decay = true;
    ck_assert_double_eq(spae_learning_rate(&config, 2), 0.75);
    ck_assert_double_eq(spae_learning_rate(&config, 3), 1);
    ck_assert_double_eq(spae_learning_rate(&config, 5), sqrt(4.0 / 6));
    ck_assert_double_eq(spae_learning_rate(&config, 8), sqrt(4.0 / 9) * 0.5);
    config.warmup = 0;
    config.cooldown = 0;
    ck_assert_double_eq(spae_learning_rate(&config, 0), 1);
    ck_assert_double_eq(spae_learning_rate(&config, 9), 1);
}
END_TEST

SUITE(suite_spae_train, "spae/train", a_trainer_begins_with_nothing, splits_change_no_bit_of_anything, terms_add_up,
      recomputation_changes_no_bit, adversarial_terms_add_up, the_perceptual_term_needs_weights,
      learned_codebook_terms_add_up, a_learned_codebook_is_a_parameter,
      lecam_averages_follow_the_logits, lecam_has_no_gradient_to_the_autoencoder, lambda_needs_a_discriminator,
      the_averaged_model_has_no_discriminator, a_single_threshold_is_the_last_ones, without_dynamic_weight_w_is_one,
      without_semantic_layers_no_similarity_is_needed,
      a_batch_gradient_is_the_mean_of_its_examples, a_tiny_problem_is_overfitted,
      failures_update_nothing_and_say_where, no_examples_are_refused, the_schedule_by_hand)
