/* Plans: the memory and work of encode, decode and a train step, against the runs themselves. */
#include "test/check.h"

#include "nn/layers.h"
#include "tiny.h"

static spae_config config_of(int which)
{
    switch (which) {
    case 0: return tiny_pictures();
    case 1: return tiny_video();
    case 2: return tiny_adversarial(tiny_pictures());
    case 3: return tiny_adversarial(tiny_video());
    case 4: return tiny_learned(tiny_pictures());
    default: return tiny_learned(tiny_video());
    }
}
enum { CONFIGS = 6 };

static spae_plan planned(const spae_config *config)
{
    watch w;
    spae_arena arena;
    spae_plan plan;
    spae_error err;
    watched_arena(&arena, &w, 0);
    ck_assert_msg(spae_config_plan(config, TINY_WORDS, &arena, &plan, &err) == SPAE_OK, "%s", err.text);
    ck_assert_uint_eq(arena.used, 0);
    spae_arena_free(&arena);
    ck_assert_uint_eq(w.live, 0);
    return plan;
}

/* The peak of the next call: what it takes from an arena with nothing in it. */
typedef struct {
    watch w;
    spae_arena arena;
} meter;

static spae_arena *fresh(meter *m)
{
    watched_arena(&m->arena, &m->w, 0);
    return &m->arena;
}

static size_t peak_of(meter *m)
{
    const size_t peak = m->arena.peak;
    spae_arena_free(&m->arena);
    return peak;
}

START_TEST(encode_and_decode_take_what_is_planned)
{
    const spae_config config = config_of(_i);
    const spae_plan plan = planned(&config);
    static tiny t;
    static int32_t token[TINY_MOST];
    static spae_real picture[TINY_MOST];
    meter m;
    ck_assert_int_eq(tiny_open(&t, &config, 3), SPAE_OK);
    if (config.codebook_size > 0)
        ck_assert_int_eq(spae_codebook_prepare(&t.model.codebook, &t.arena, NULL), SPAE_OK);
    ck_assert_int_eq(spae_encode(&t.model, t.examples[0].picture, fresh(&m), token, NULL, NULL), SPAE_OK);
    ck_assert_uint_eq(peak_of(&m), plan.encode);
    ck_assert_int_eq(spae_decode(&t.model, token, config.pyramid.layers, fresh(&m), picture, NULL), SPAE_OK);
    ck_assert_uint_eq(peak_of(&m), plan.decode);
    tiny_close(&t);
}
END_TEST

/* One step on one example; returns the peak of its arena. */
static size_t step(const spae_config *config, bool recompute, spae_real *values, spae_terms *terms)
{
    static tiny t;
    spae_trainer trainer;
    meter m;
    ck_assert_int_eq(tiny_open(&t, config, 3), SPAE_OK);
    ck_assert_int_eq(spae_trainer_create(&trainer, &t.model, 5, &t.arena, NULL), SPAE_OK);
    ck_assert(!trainer.recompute);
    trainer.recompute = recompute;
    ck_assert_int_eq(spae_train_step(&trainer, t.examples, 1, fresh(&m), 1, terms, NULL, NULL), SPAE_OK);
    memcpy(values, t.model.values, t.model.parameters->elements * sizeof *values);
    tiny_close(&t);
    return peak_of(&m);
}

START_TEST(a_step_takes_what_is_planned)
{
    enum { MOST = 1 << 20 };
    const spae_config config = config_of(_i);
    const spae_plan plan = planned(&config);
    const size_t parameters = (size_t)(plan.weights + plan.discriminator_weights) / sizeof(spae_real);
    spae_real *plain = calloc(MOST, sizeof *plain), *again = calloc(MOST, sizeof *again);
    spae_terms terms[2];
    ck_assert_uint_lt(parameters, MOST);
    ck_assert_uint_eq(step(&config, false, plain, &terms[0]), plan.step[0]);
    ck_assert_uint_eq(step(&config, true, again, &terms[1]), plan.step[1]);
    ck_assert_uint_lt(plan.step[1], plan.step[0]);
    ck_assert_uint_gt(plan.step_multiply_adds[1], plan.step_multiply_adds[0]);
    ck_assert_mem_eq(plain, again, MOST * sizeof *plain); /* the same bits */
    ck_assert_mem_eq(&terms[0], &terms[1], sizeof terms[0]);
    free(plain);
    free(again);
}
END_TEST

START_TEST(what_stays_is_counted)
{
    const spae_config config = config_of(_i);
    const spae_plan plan = planned(&config);
    meter m;
    spae_model model;
    spae_trainer trainer;
    ck_assert_int_eq(spae_model_create(&model, &config, true, fresh(&m), NULL), SPAE_OK);
    const size_t before = m.arena.used;
    ck_assert_uint_eq(plan.weights, model.elements * sizeof(spae_real));
    ck_assert_uint_eq(plan.weights + plan.discriminator_weights, model.parameters->elements * sizeof(spae_real));
    spae_model_init(&model, 1);
    const size_t V = config.codebook_size > 0 ? config.codebook_size : TINY_WORDS;
    spae_real *e = calloc(V * config.c, sizeof *e);
    spae_codebook book = {.V = V, .c = config.c, .e = e};
    if (config.codebook_size == 0)
        model.codebook = book;
    ck_assert_int_eq(spae_trainer_create(&trainer, &model, 1, &m.arena, NULL), SPAE_OK);
    ck_assert_uint_ge(m.arena.used - before, plan.training_state + plan.packed);
    ck_assert_uint_lt(m.arena.used - before, plan.training_state + plan.packed + 6 * SPAE_ALIGNMENT);
    ck_assert((plan.packed > 0) == (trainer.codebook.packed != NULL));
    ck_assert_uint_eq(plan.codebook, config.codebook_size > 0 ? 0 : V * config.c * sizeof(spae_real));
    ck_assert_uint_eq(plan.quantize_multiply_adds,
                      spae_pyramid_total(&config.pyramid, config.pyramid.layers) * V * config.c);
    const size_t searched = m.arena.used;
    ck_assert_int_eq(spae_codebook_prepare(&book, &m.arena, NULL), SPAE_OK);
    ck_assert_uint_ge(m.arena.used - searched, plan.search);
    ck_assert_uint_lt(m.arena.used - searched, plan.search + 4 * SPAE_ALIGNMENT);
    free(e);
    peak_of(&m);
}
END_TEST

/* The layers' sums are the sizes. */
START_TEST(layers_add_up)
{
    const spae_config config = config_of(_i);
    meter m;
    spae_size size;
    struct spae_layer *layers;
    size_t count, parameters = 0;
    uint64_t multiply_adds = 0;
    ck_assert_int_eq(spae_config_size(&config, fresh(&m), &size, NULL), SPAE_OK);
    ck_assert_int_eq(spae_config_layers(&config, &m.arena, &layers, &count, NULL), SPAE_OK);
    for (size_t i = 0; i < count; i++) {
        parameters += layers[i].parameters;
        multiply_adds += layers[i].multiply_adds;
        ck_assert((layers[i].parameters > 0) == (layers[i].path[0] != '\0'));
    }
    ck_assert_uint_eq(parameters, size.encoder_parameters + size.decoder_parameters + size.discriminator_parameters);
    ck_assert_uint_eq(multiply_adds, size.encoder_multiply_adds + size.decoder_multiply_adds +
                                         size.discriminator_multiply_adds);
    ck_assert_str_eq(layers[0].path, "encoder/Conv_0");
    ck_assert_str_eq(layers[0].kind, "convolve");
    ck_assert_str_eq(layers[1].path, "encoder/ResBlock_0/GroupNorm_0");
    ck_assert_str_eq(layers[1].kind, "group_norm");
    ck_assert_str_eq(layers[2].kind, "swish");
    peak_of(&m);
}
END_TEST

static spae_status planning(const spae_config *config, size_t V, spae_arena *arena, spae_plan *plan)
{
    spae_error err;
    const spae_status status = spae_config_plan(config, V, arena, plan, &err);
    ck_assert(status == SPAE_OK || strlen(err.text) > 0);
    return status;
}

START_TEST(plans_that_are_refused)
{
    spae_config config = tiny_adversarial(tiny_least());
    spae_plan plan, untouched;
    meter m;
    memset(&plan, 0x5a, sizeof plan);
    memset(&untouched, 0x5a, sizeof untouched);
    ck_assert_int_eq(planning(&config, 0, fresh(&m), &plan), SPAE_ERR_ARGUMENT);
    ck_assert_int_eq(planning(&config, (size_t)INT32_MAX + 1, &m.arena, &plan), SPAE_ERR_ARGUMENT);
    config.groups = 7;
    ck_assert_int_eq(planning(&config, 5, &m.arena, &plan), SPAE_ERR_SHAPE);
    config.groups = 1;
    peak_of(&m);
    for (size_t refused = 1, done = 0; !done; refused++) { /* each call of the allocator in turn */
        watched_arena(&m.arena, &m.w, refused);
        done = planning(&config, 5, &m.arena, &plan) == SPAE_OK;
        ck_assert(done || memcmp(&plan, &untouched, sizeof plan) == 0);
        ck_assert_uint_eq(m.arena.used, 0);
        ck_assert(done == (m.w.calls < refused));
        spae_arena_free(&m.arena);
        ck_assert_uint_eq(m.w.live, 0);
    }
}
END_TEST

/* A step on a million words is planned in little memory. */
START_TEST(the_arena_is_left_alone)
{
    const spae_config config = tiny_pictures();
    meter m;
    spae_plan plan;
    ck_assert_int_eq(planning(&config, 1 << 20, fresh(&m), &plan), SPAE_OK);
    ck_assert_uint_gt(plan.step[0], 100 * (size_t)(1 << 20)); /* rows x words, of which nothing was taken */
    ck_assert_uint_lt(peak_of(&m), 64 << 20);
}
END_TEST

Suite *suite_spae_plan(void);
Suite *suite_spae_plan(void)
{
    Suite *suite = suite_create("spae/plan");
    TCase *tcase = tcase_create("spae/plan");
    tcase_set_timeout(tcase, 300);
    tcase_add_loop_test(tcase, encode_and_decode_take_what_is_planned, 0, CONFIGS);
    tcase_add_loop_test(tcase, a_step_takes_what_is_planned, 0, CONFIGS);
    tcase_add_loop_test(tcase, what_stays_is_counted, 0, CONFIGS);
    tcase_add_loop_test(tcase, layers_add_up, 0, CONFIGS);
    tcase_add_test(tcase, plans_that_are_refused);
    tcase_add_test(tcase, the_arena_is_left_alone);
    suite_add_tcase(suite, tcase);
    return suite;
}
