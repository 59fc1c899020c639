/* Stage training: SPEC 7 and 5.8. The rate, Adam and averages alone; whole steps are in training_steps.c, and what needs files
 * of pictures in hosted/training.c.
 */
#include "models.h"
#include "nn/adversarial.h"
#include "nn/optimizer.h"

/* ---- 7.2 ---- */

enum { TIMES = 16 };

/* Steps as two halves of 31 bits would do, but all of them fit: the largest is 2^31 - 1. */
static void schedule(vectors *v, const char *name, const char *why, spae_config config, const int32_t t[TIMES])
{
    static const size_t times = TIMES;
    double rate[TIMES];
    if (!vectors_begin(v, name, "7.2", "rate", "{}", why))
        return;
    v->now.config = &config;
    for (size_t i = 0; i < TIMES; i++)
        rate[i] = spae_learning_rate(&config, (uint64_t)t[i]);
    vectors_integers(v, "t", VECTORS_INPUT, 1, &times, t);
    vectors_wides(v, "rate", VECTORS_BITS, 1, &times, rate);
    vectors_end(v);
}

static spae_config least(void)
{
    return (spae_config){.name = "rate", .ndim = 2, .picture = {1, 4, 4}, .filters = 2, .multiplier_count = 1,
                         .multipliers = {1}, .res_blocks = 1, .groups = 1, .c = 3, .pyramid = {1, {{1, 4, 4}}},
                         .batch = 1, .beta2 = 0.99, .epsilon = 1e-8, .ema = 0.999};
}

static void schedules(vectors *v)
{
    static const int32_t paper[TIMES] = {0,      1,      2498,   4998,   4999,   5000,   9999,   100000,
                                         399998, 399999, 400000, 425000, 449998, 449999, 450000, 2147483647};
    static const int32_t few[TIMES] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 20, 1000};
    spae_config config = least();
    config.steps = 450000;
    config.learning_rate = 1e-4;
    config.warmup = 5000;
    config.cooldown = 50000;
    config.root_decay = true;
    schedule(v, "training/rate_paper", "the paper's run: warmup, root decay, cooldown, and beyond the end", config, paper);
    config.root_decay = false;
    schedule(v, "training/rate_plateau", "without root decay", config, paper);
    config.steps = 12;
    config.learning_rate = 0.3;
    config.warmup = 5;
    config.cooldown = 10;
    config.root_decay = true;
    schedule(v, "training/rate_overlap", "the cooldown begins within the warmup: both factors", config, few);
    config.warmup = 0;
    config.cooldown = 0;
    schedule(v, "training/rate_flat", "no warmup, so no decay; no cooldown: the plateau to the last step, then 0", config, few);
    config.warmup = 1;
    config.cooldown = 3;
    schedule(v, "training/rate_warmup_1", "a warmup of one step: the root decay from the first step on", config, few);
}

/* ---- 7.3 ---- */

enum { STEPS = 4, VALUES = 32 };

static void give_each(vectors *v, const char *const name[STEPS], size_t step, vectors_compare compare, const spae_real *x)
{
    static const size_t values = VALUES;
    vectors_numbers(v, name[step], compare, 1, &values, x);
}

typedef struct {
    const char *name, *with, *why;
    spae_adam adam;
    uint64_t first;          /* t of the first step */
    double scale[4];         /* of the gradients of values 0, 1, 2, 3 mod 4 */
    bool once;               /* only the second step has gradients; in the others +0 and -0 by turns */
    vectors_compare compare; /* to the bit where subnormals are: their error is of their own size */
} adam_case;

static const adam_case adams[] = {
    {"training/adam", "{\"rate\":0.0001,\"beta1\":0,\"beta2\":0.99,\"epsilon\":1e-08,\"t\":1}", "magvit's numbers",
     {1e-4, 0, 0.99, 1e-8}, 1, {1, 1, 1, 1}, false, VECTORS_NUMBERS},
    {"training/adam_momentum", "{\"rate\":0.01,\"beta1\":0.9,\"beta2\":0.999,\"epsilon\":0.0009765625,\"t\":1}",
     "momentum, its correction, and an epsilon outside the root", {0.01, 0.9, 0.999, 0x1p-10}, 1,
     {0x1p-9, 0x1p-10, 0x1p-11, 0x1p-12}, false, VECTORS_NUMBERS},
    {"training/adam_late", "{\"rate\":0.01,\"beta1\":0.9,\"beta2\":0.999,\"epsilon\":1e-08,\"t\":1000}",
     "from step 1000 on: powers by repeated squaring", {0.01, 0.9, 0.999, 1e-8}, 1000, {1, 1, 1, 1}, false,
     VECTORS_NUMBERS},
    {"training/adam_power", "{\"rate\":1,\"beta1\":0,\"beta2\":0.9999999,\"epsilon\":1e-08,\"t\":10000666}",
     "a power whose rounding shows: by repeated squaring, not the C library's", {1, 0, 0.9999999, 1e-8}, 10000666,
     {1, 1, 1, 1}, false, VECTORS_BITS},
    {"training/adam_zero", "{\"rate\":0.01,\"beta1\":0.9,\"beta2\":0.99,\"epsilon\":1e-08,\"t\":1}",
     "gradients of +0 and -0 before and after one: moments fade, values go on", {0.01, 0.9, 0.99, 1e-8}, 1, {1, 1, 1, 1},
     true, VECTORS_BITS},
    {"training/adam_tiny", "{\"rate\":0.01,\"beta1\":0.9,\"beta2\":0.99,\"epsilon\":1e-08,\"t\":1}",
     "squares that are subnormal or 0, and a gradient that is subnormal", {0.01, 0.9, 0.99, 1e-8}, 1,
     {0x1p-60, 0x1p-70, 0x1p-76, 0x1p-132}, false, VECTORS_BITS},
    {"training/adam_large", "{\"rate\":0.01,\"beta1\":0.9,\"beta2\":0.99,\"epsilon\":1e-08,\"t\":1}",
     "large gradients make no larger steps", {0.01, 0.9, 0.99, 1e-8}, 1, {0x1p40, 0x1p41, 0x1p42, 0x1p43}, false,
     VECTORS_NUMBERS},
};

/* (STEPS,VALUES) gradients, an input: of the numbers of 9.4 for "gradient", scaled by powers of two. */
static void gradients(vectors *v, const adam_case *c, spae_real g[STEPS * VALUES])
{
    static const size_t shape[2] = {STEPS, VALUES};
    vectors_fill(v->now.name, "gradient", 0, 1, (size_t)STEPS * VALUES, g);
    for (size_t i = 0; i < STEPS * VALUES; i++) {
        g[i] *= (spae_real)c->scale[i % 4];
        if (c->once && i / VALUES != 1)
            g[i] = i % 2 == 0 ? 0 : (spae_real)-0.0;
    }
    vectors_numbers(v, "gradient", VECTORS_INPUT, 2, shape, g);
}

static void adam(vectors *v, const adam_case *c)
{
    static const char *const of_m[STEPS] = {"m_1", "m_2", "m_3", "m_4"}, *const of_v[STEPS] = {"v_1", "v_2", "v_3", "v_4"};
    static const char *const of_value[STEPS] = {"values_1", "values_2", "values_3", "values_4"};
    static const size_t values = VALUES;
    spae_real g[STEPS * VALUES], m[VALUES] = {0}, second[VALUES] = {0}, value[VALUES];
    if (!vectors_begin(v, c->name, "7.3", "adam", c->with, c->why))
        return;
    gradients(v, c, g);
    const spae_real *start = vectors_reals(v, "values", 1, &values, 0, 1);
    for (size_t i = 0; i < VALUES && start != NULL; i++)
        value[i] = start[i];
    for (size_t s = 0; s < STEPS && start != NULL; s++) {
        spae_adam_step(&c->adam, c->first + s, VALUES, g + s * VALUES, m, second, value);
        give_each(v, of_m, s, c->compare, m);
        give_each(v, of_v, s, c->compare, second);
        give_each(v, of_value, s, c->compare, value);
    }
    vectors_end(v);
}

/* ---- 7.4 ---- */

static void average(vectors *v, const char *name, const char *with, double decay)
{
    static const char *const out[STEPS] = {"ema_1", "ema_2", "ema_3", "ema_4"};
    static const size_t shape[2] = {STEPS, VALUES}, values = VALUES;
    spae_real kept[VALUES];
    if (!vectors_begin(v, name, "7.4", "ema", with, "d and 1-d are rounded from wide, each product and the sum to real"))
        return;
    const spae_real *first = vectors_reals(v, "first", 1, &values, 0, 1);
    const spae_real *value = vectors_reals(v, "values", 2, shape, 0, 1);
    for (size_t i = 0; i < VALUES && value != NULL; i++)
        kept[i] = first[i];
    for (size_t s = 0; s < STEPS && value != NULL; s++) {
        spae_average_step(decay, VALUES, value + s * VALUES, kept);
        give_each(v, out, s, VECTORS_NUMBERS, kept);
    }
    vectors_end(v);
}

/* ---- 5.8 ---- */

static void lecam_averages(vectors *v)
{
    enum { SAMPLES = 5 };
    static const size_t shape[2] = {STEPS, SAMPLES}, out[2] = {STEPS, 2};
    spae_lecam lecam = {0, 0};
    spae_real averages[STEPS][2];
    if (!vectors_begin(v, "training/lecam_averages", "5.8 5.6", "lecam_averages", "{\"lecam_decay\":0.999}",
                       "from 0, four steps of five logits; d and 1-d are rounded from wide"))
        return;
    const spae_real *real_ = vectors_reals(v, "real", 2, shape, 1, 2), *fake = vectors_reals(v, "fake", 2, shape, -1, 2);
    if (vectors_goes_on(v)) {
        for (size_t i = 0; i < STEPS; i++) {
            spae_lecam_update(&lecam, 0.999, real_ + i * SAMPLES, fake + i * SAMPLES, SAMPLES);
            averages[i][0] = lecam.real_;
            averages[i][1] = lecam.fake;
        }
        vectors_numbers(v, "averages", VECTORS_NUMBERS, 2, out, &averages[0][0]);
    }
    vectors_end(v);
}

void vectors_training(vectors *v)
{
    schedules(v);
    for (size_t i = 0; i < sizeof adams / sizeof adams[0]; i++)
        adam(v, &adams[i]);
    average(v, "training/ema", "{\"ema\":0.999}", 0.999);
    average(v, "training/ema_short", "{\"ema\":0.75}", 0.75);
    lecam_averages(v);
    vectors_training_steps(v);
    vectors_training_refusals(v);
}
