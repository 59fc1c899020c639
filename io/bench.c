/* The stages of bench.h: what they compute and move, then running and timing them. */
#include "io/bench.h"

#include <stdlib.h>
#include <string.h>

#include "io/vocabulary.h"
#include "nn/batch.h"
#include "nn/layers.h"
#include "nn/ops.h"
#include "nn/vqgan.h"
#include "vendor_free/philox.h"

enum {
    SAMPLES_LEAST = 3,
    SAMPLES_MOST = 1000,
    RUNS_MOST = 1 << 20, /* in one sample */
    RANDOM_INPUTS = 5    /* purpose of random numbers; SPEC 1.6 gives the others */
};

const char *const spae_bench_stage_names[SPAE_BENCH_STAGES] = {
    "encoder", "quantizer", "decoder", "gradient", "step", "step-discriminator"};

static size_t picture_values(const spae_config *config)
{
    return config->picture[0] * config->picture[1] * config->picture[2] * 3;
}

static size_t latent_values(const spae_config *config)
{
    return spae_pyramid_cells(&config->pyramid) * config->c;
}

static size_t tokens_of(const spae_config *config)
{
    return spae_pyramid_total(&config->pyramid, config->pyramid.layers);
}

/* ---- work ------------------------------------------------------------------------------------ */

/* The configuration that a stage runs with: its weights stay as they are. */
static spae_config config_of(const spae_bench_settings *set, spae_bench_stage stage)
{
    spae_config config = set->config;
    config.learning_rate = 0;
    if (stage != SPAE_BENCH_DISCRIMINATOR)
        config.lambda = 0;
    return config;
}

/* Results of the layers that multiply, of the networks whose name begins so; "" for all. */
static uint64_t results_of(const spae_layer *layers, size_t count, const char *network)
{
    uint64_t values = 0;
    for (size_t i = 0; i < count; i++)
        if (layers[i].multiply_adds > 0 && strncmp(layers[i].path, network, strlen(network)) == 0)
            values += spae_shape_count(layers[i].shape);
    return values;
}

/* In values, not bytes; the sums of bench.h. */
static uint64_t values_moved(const spae_bench_settings *set, spae_bench_stage stage,
                             const spae_size *size, const spae_layer *layers, size_t count)
{
    const spae_config *config = &set->config;
    const uint64_t n = set->batch, picture = picture_values(config), z = latent_values(config);
    const uint64_t book = (uint64_t)set->words * config->c;
    const uint64_t encoder = results_of(layers, count, "encoder/"),
                   decoder = results_of(layers, count, "decoder/"),
                   discriminator = 2 * results_of(layers, count, "discriminator/"); /* I, Ihat */
    const uint64_t weights = (uint64_t)size->encoder_parameters + size->decoder_parameters +
                             size->discriminator_parameters;
    switch (stage) {
    case SPAE_BENCH_ENCODER:
        return size->encoder_parameters + n * (picture + 2 * encoder);
    case SPAE_BENCH_QUANTIZER:
        return book + n * (z + tokens_of(config));
    case SPAE_BENCH_DECODER:
        return size->decoder_parameters + n * (z + 2 * decoder);
    case SPAE_BENCH_GRADIENT:
        return 4 * weights + n * (picture + 5 * (encoder + decoder));
    default: /* beside the gradient: it is read, the moments, weights and average read and written
              */
        return book + 13 * weights + n * (picture + 5 * (encoder + decoder + discriminator));
    }
}

static spae_status plan_bytes(const spae_bench_settings *set, spae_bench_stage stage,
                              const spae_size *size, spae_arena *arena, uint64_t *bytes,
                              spae_error *err)
{
    const spae_config config = config_of(set, stage);
    spae_layer *layers;
    size_t count;
    const spae_status status = spae_config_layers(&config, arena, &layers, &count, err);
    if (status == SPAE_OK)
        *bytes = sizeof(spae_real) * values_moved(set, stage, size, layers, count);
    return status;
}

/* One example's share of the gradient stage, for nn/batch.h. */
typedef struct {
    const spae_config *config;
    const spae_real *picture; /* (batch, T,H,W,3); NULL where it is only planned */
} autoencoding;

static void autoencoder_loss(void *context, size_t index, spae_network *network,
                             spae_var loss[SPAE_BATCH_LOSSES])
{
    const autoencoding *work = context;
    const size_t *p = work->config->picture, values = picture_values(work->config);
    spae_tape *tape = network->tape;
    spae_vqgan v;
    spae_config_networks(work->config, &v);
    const spae_real *picture = work->picture != NULL ? work->picture + index * values : NULL;
    spae_var x = spae_tape_constant(tape, spae_shape_of(1, p[0], p[1], p[2], 3), picture);
    spae_var rebuilt = spae_vqgan_decode(network, &v, spae_vqgan_encode(network, &v, x));
    loss[0] = spae_mean_square(tape, spae_sub(tape, x, rebuilt));
}

static spae_batch gradient_batch(autoencoding *work, spae_parameters *parameters,
                                 const spae_real *values, const spae_bench_settings *set,
                                 spae_arena *scratch)
{
    return (spae_batch){.parameters = parameters,
                        .values = values,
                        .count = set->batch,
                        .at_once = 1,
                        .arenas = scratch,
                        .recompute = set->recompute,
                        .loss = autoencoder_loss,
                        .context = work,
                        .losses = 1,
                        .owned = {spae_parameters_find(parameters, "codebook")}}; /* or all */
}

/* The gradient stage has no plan in spae.h: its own, of one example. */
static spae_status plan_gradient(const spae_bench_settings *set, spae_arena *arena,
                                 uint64_t *multiply_adds, uint64_t *memory, spae_error *err)
{
    const spae_config config = config_of(set, SPAE_BENCH_GRADIENT);
    spae_model model;
    spae_arena planned;
    spae_status status = spae_model_create(&model, &config, false, arena, err);
    if (status != SPAE_OK)
        return status;
    spae_arena_hosted(&planned);
    autoencoding work = {&config, NULL};
    const spae_batch batch = gradient_batch(&work, model.parameters, NULL, set, &planned);
    status = spae_batch_plan(&batch, multiply_adds, err);
    *memory = planned.peak + model.elements * sizeof(spae_real); /* and the gradient itself */
    spae_arena_free(&planned);
    return status;
}

static void choose(const spae_bench_settings *set, spae_bench_stage stage, const spae_size *size,
                   const spae_plan *plan, spae_bench_work *work)
{
    uint64_t once = 0;
    switch (stage) {
    case SPAE_BENCH_ENCODER:
        once = size->encoder_multiply_adds;
        work->memory = plan->encode;
        break;
    case SPAE_BENCH_QUANTIZER:
        once = plan->quantize_multiply_adds;
        work->memory = plan->encode;
        break;
    case SPAE_BENCH_DECODER:
        once = size->decoder_multiply_adds;
        work->memory = plan->decode;
        break;
    case SPAE_BENCH_GRADIENT:
        once = work->multiply_adds;
        break;
    default:
        once = plan->step_multiply_adds[set->recompute];
        work->memory =
            plan->step[set->recompute] + plan->training_state + plan->discriminator_weights;
    }
    work->multiply_adds = once * set->batch;
    work->memory +=
        plan->weights + plan->codebook + (set->config.codebook_size > 0 ? 0 : plan->search);
}

spae_status spae_bench_plan(const spae_bench_settings *set, spae_bench_stage stage,
                            spae_bench_work *work, spae_error *err)
{
    const spae_config config = config_of(set, stage);
    spae_bench_work found = {0, 0, 0};
    spae_size size;
    spae_plan plan;
    spae_arena arena;
    spae_arena_hosted(&arena);
    spae_status status = spae_config_size(&config, &arena, &size, err);
    if (status == SPAE_OK)
        status = spae_config_plan(&config, set->words, &arena, &plan, err);
    if (status == SPAE_OK && stage == SPAE_BENCH_GRADIENT)
        status = plan_gradient(set, &arena, &found.multiply_adds, &found.memory, err);
    if (status == SPAE_OK)
        status = plan_bytes(set, stage, &size, &arena, &found.bytes, err);
    if (status == SPAE_OK) {
        choose(set, stage, &size, &plan, &found);
        *work = found;
    }
    spae_arena_free(&arena);
    return status;
}

/* ---- setting up ------------------------------------------------------------------------------ */

static spae_status no_memory(const char *what, size_t count, spae_error *err)
{
    return spae_fail(err, SPAE_ERR_NO_MEMORY, "bench: no memory for %zu %s", count, what);
}

/* Asks for all that a stage needs in one piece: systems that promise memory they do not have refuse
 * that. */
static spae_status check_memory(const spae_bench_settings *set, spae_bench_stage stage,
                                spae_error *err)
{
    spae_bench_work work;
    const spae_status status = spae_bench_plan(set, stage, &work, err);
    if (status != SPAE_OK)
        return status;
    spae_arena arena;
    spae_arena_hosted(&arena);
    const bool given =
        work.memory <= SIZE_MAX && spae_arena_take(&arena, (size_t)work.memory, 1) != NULL;
    spae_arena_free(&arena);
    return given ? SPAE_OK
                 : spae_fail(err, SPAE_ERR_NO_MEMORY,
                             "%s needs %g GiB of memory, which this machine does not give",
                             spae_bench_stage_names[stage], (double)work.memory / 1073741824);
}

spae_status spae_bench_check(const spae_bench_settings *set, spae_error *err)
{
    spae_status status = spae_bench_use_threads(set->threads, err);
    if (set->wants[SPAE_BENCH_DISCRIMINATOR] && set->config.lambda <= 0 && status == SPAE_OK)
        return spae_fail(err, SPAE_ERR_ARGUMENT, "%s: lambda is 0, so there is no discriminator",
                         spae_bench_stage_names[SPAE_BENCH_DISCRIMINATOR]);
    for (int stage = 0; stage < SPAE_BENCH_STAGES && status == SPAE_OK; stage++)
        if (set->wants[stage])
            status = check_memory(set, (spae_bench_stage)stage, err);
    return status;
}

/* Uniform in 0 .. 1 by position; `stream` tells arrays apart. */
static void fill(spae_real *x, size_t count, uint32_t stream)
{
    uint32_t word[4] = {0};
    for (size_t i = 0; i < count; i++) {
        if (i % 4 == 0)
            spae_random_block((spae_random_key){0, RANDOM_INPUTS},
                              (uint32_t[]){(uint32_t)(i / 4), stream, 0, 0}, word);
        x[i] = (spae_real)spae_uniform(word[i % 4]);
    }
}

static spae_status make_model(spae_bench *b, spae_error *err)
{
    const spae_config *config = &b->set.config;
    spae_vocabulary v;
    spae_status status = spae_vocabulary_generate(&b->arena, b->set.words, config->c, 0, &v, err);
    if (status == SPAE_OK)
        status = spae_model_create(&b->model, config, b->set.wants[SPAE_BENCH_DISCRIMINATOR],
                                   &b->arena, err);
    if (status == SPAE_OK)
        status = spae_vocabulary_use(&v, &b->model, err);
    if (status == SPAE_OK)
        status = spae_codebook_prepare(&b->model.codebook, &b->arena, err);
    if (status == SPAE_OK)
        spae_model_init(&b->model, 0);
    return status;
}

static spae_status make_inputs(spae_bench *b, spae_error *err)
{
    const spae_config *config = &b->set.config;
    const size_t n = b->set.batch, V = b->set.words, values = picture_values(config);
    b->picture =
        n <= SIZE_MAX / values ? spae_arena_take(&b->arena, n * values, sizeof *b->picture) : NULL;
    b->z = n <= SIZE_MAX / latent_values(config)
               ? spae_arena_take(&b->arena, n * latent_values(config), sizeof *b->z)
               : NULL;
    b->token = spae_arena_take(&b->arena, n * tokens_of(config), sizeof *b->token);
    b->rebuilt = spae_arena_take(&b->arena, values, sizeof *b->rebuilt);
    b->similarity = spae_arena_take(&b->arena, V, sizeof *b->similarity);
    if (!b->picture || !b->z || !b->token || !b->rebuilt || !b->similarity)
        return no_memory("pictures", n, err);
    for (size_t i = 0; i < n; i++)
        fill(b->picture + i * values, values, (uint32_t)i);
    fill(b->similarity, V, UINT32_MAX);
    b->similarity[0] = 1; /* so that some word is a target */
    return SPAE_OK;
}

/* ---- running --------------------------------------------------------------------------------- */

/* What a stage works with beside the model. */
typedef struct {
    spae_bench *bench;
    spae_arena scratch;
    spae_arena state; /* what gradient and steps keep */
    spae_model model; /* the bench's as the stage sees it */
    spae_parameters parameters;
    spae_trainer trainer;
    spae_example *examples; /* (batch) */
    spae_real *gradient;    /* (model.elements) */
} job;

static spae_status run_encoder(job *j, spae_error *err)
{
    spae_bench *b = j->bench;
    spae_status status = SPAE_OK;
    for (size_t i = 0; i < b->set.batch && status == SPAE_OK; i++)
        status = spae_embed(&j->model, b->picture + i * picture_values(&b->set.config), &j->scratch,
                            b->z + i * latent_values(&b->set.config), err);
    return status;
}

static spae_status run_quantizer(job *j, spae_error *err)
{
    spae_bench *b = j->bench;
    const spae_config *config = &b->set.config;
    spae_status status = SPAE_OK;
    for (size_t i = 0; i < b->set.batch && status == SPAE_OK; i++) {
        const spae_quantized q = {.token = b->token + i * tokens_of(config)};
        status = spae_quantize(&config->pyramid, config->quantizer, &j->model.codebook,
                               b->z + i * latent_values(config), &j->scratch, &q, err);
    }
    return status;
}

static spae_status run_decoder(job *j, spae_error *err)
{
    spae_bench *b = j->bench;
    const spae_config *config = &b->set.config;
    spae_status status = SPAE_OK;
    for (size_t i = 0; i < b->set.batch && status == SPAE_OK; i++)
        status = spae_decode(&j->model, b->token + i * tokens_of(config), config->pyramid.layers,
                             &j->scratch, b->rebuilt, err);
    return status;
}

static spae_status run_gradient(job *j, spae_error *err)
{
    autoencoding work = {&j->model.config, j->bench->picture};
    const spae_batch batch =
        gradient_batch(&work, j->model.parameters, j->model.values, &j->bench->set, &j->scratch);
    size_t example;
    return spae_batch_gradient(&batch, j->gradient, &example, err);
}

static spae_status run_step(job *j, spae_error *err)
{
    return spae_train_step(&j->trainer, j->examples, j->bench->set.batch, &j->scratch, 1, NULL,
                           NULL, err);
}

static spae_status (*const run_stage[SPAE_BENCH_STAGES])(job *, spae_error *) = {
    run_encoder, run_quantizer, run_decoder, run_gradient, run_step, run_step};

/* The model as a stage sees it: with the discriminator only where it is trained. */
static void view_model(job *j, spae_bench_stage stage)
{
    j->model = j->bench->model;
    j->model.config = config_of(&j->bench->set, stage);
    if (stage == SPAE_BENCH_DISCRIMINATOR)
        return;
    j->parameters = *j->model.parameters;
    j->parameters.count = j->model.count;
    j->parameters.elements = j->model.elements;
    j->model.parameters = &j->parameters;
}

static spae_status make_state(job *j, spae_bench_stage stage, spae_error *err)
{
    const spae_bench *b = j->bench;
    const size_t n = b->set.batch;
    if (stage < SPAE_BENCH_GRADIENT)
        return SPAE_OK;
    if (stage == SPAE_BENCH_GRADIENT) {
        j->gradient = spae_arena_take(&j->state, j->model.elements, sizeof *j->gradient);
        return j->gradient != NULL ? SPAE_OK : no_memory("gradients", j->model.elements, err);
    }
    j->examples = spae_arena_take(&j->state, n, sizeof *j->examples);
    if (j->examples == NULL)
        return no_memory("examples", n, err);
    for (size_t i = 0; i < n; i++)
        j->examples[i] =
            (spae_example){b->picture + i * picture_values(&b->set.config), b->similarity};
    const spae_status status = spae_trainer_create(&j->trainer, &j->model, 0, &j->state, err);
    j->trainer.recompute = b->set.recompute;
    return status;
}

/* ---- timing ---------------------------------------------------------------------------------- */

typedef struct {
    size_t count;
    double wall[SAMPLES_MOST], processor[SAMPLES_MOST];
} samples;

/* Seconds of `runs` runs, by both clocks. */
static spae_status sample(job *j, spae_bench_stage stage, size_t runs, double *wall,
                          double *processor, spae_error *err)
{
    spae_status status = SPAE_OK;
    const double w = spae_bench_wall(), p = spae_bench_processor();
    for (size_t i = 0; i < runs && status == SPAE_OK; i++)
        status = run_stage[stage](j, err);
    *processor = spae_bench_processor() - p;
    *wall = spae_bench_wall() - w;
    return status;
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static spae_bench_times times_of(double *seconds, size_t count, size_t runs)
{
    qsort(seconds, count, sizeof *seconds, ascending);
    const double middle = 0.5 * (seconds[(count - 1) / 2] + seconds[count / 2]);
    return (spae_bench_times){seconds[0] / (double)runs, middle / (double)runs};
}

static spae_status time_stage(job *j, spae_bench_stage stage, spae_bench_result *result,
                              spae_error *err)
{
    samples s = {.count = 0};
    size_t runs = 1;
    spae_status status = sample(j, stage, runs, &s.wall[0], &s.processor[0], err); /* warms up */
    while (status == SPAE_OK && s.processor[0] < SPAE_BENCH_SAMPLE && runs < RUNS_MOST) {
        runs *= 2;
        status = sample(j, stage, runs, &s.wall[0], &s.processor[0], err);
    }
    for (const double start = spae_bench_wall();
         status == SPAE_OK && s.count < SAMPLES_MOST &&
         (s.count < SAMPLES_LEAST || spae_bench_wall() - start < j->bench->set.seconds);
         s.count++)
        status = sample(j, stage, runs, &s.wall[s.count], &s.processor[s.count], err);
    if (status != SPAE_OK)
        return status;
    result->samples = s.count;
    result->wall = times_of(s.wall, s.count, runs);
    result->processor = times_of(s.processor, s.count, runs);
    return SPAE_OK;
}

/* Runs a stage in memory of its own: once where there is no result to fill in. */
static spae_status run(spae_bench *b, spae_bench_stage stage, spae_bench_result *result,
                       spae_error *err)
{
    job j = {.bench = b};
    view_model(&j, stage);
    spae_arena_hosted(&j.scratch);
    spae_arena_hosted(&j.state);
    spae_status status = make_state(&j, stage, err);
    if (status == SPAE_OK)
        status = result != NULL ? time_stage(&j, stage, result, err) : run_stage[stage](&j, err);
    spae_arena_free(&j.scratch);
    spae_arena_free(&j.state);
    return status;
}

spae_status spae_bench_start(spae_bench *bench, const spae_bench_settings *set, spae_error *err)
{
    *bench = (spae_bench){.set = *set};
    spae_arena_hosted(&bench->arena);
    spae_status status = make_model(bench, err);
    if (status == SPAE_OK)
        status = make_inputs(bench, err);
    if (status == SPAE_OK && (set->wants[SPAE_BENCH_QUANTIZER] || set->wants[SPAE_BENCH_DECODER]))
        status = run(bench, SPAE_BENCH_ENCODER, NULL, err);
    if (status == SPAE_OK && set->wants[SPAE_BENCH_DECODER])
        status = run(bench, SPAE_BENCH_QUANTIZER, NULL, err);
    return status;
}

spae_status spae_bench_measure(spae_bench *bench, spae_bench_stage stage, spae_bench_result *result,
                               spae_error *err)
{
    const spae_status status = spae_bench_plan(&bench->set, stage, &result->work, err);
    return status == SPAE_OK ? run(bench, stage, result, err) : status;
}

void spae_bench_end(spae_bench *bench)
{
    spae_arena_free(&bench->arena);
}
