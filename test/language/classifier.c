/* Trains and measures the judge of generated digits (digits_network.h):
 *
 *     classifier train DATA OUT.npz      DATA: a folder of MNIST's files; prints a line an epoch
 *     classifier test DATA WEIGHTS.npz   how many of the digits held out it tells
 *
 * Training   12 epochs of batches of 50, order spae_permutation of key (1, 3), stream = epoch; each digit is shifted by -2 .. 2
 *            pixels down and across (Philox key (1, 1), counter (sample, 0, 0, 1)); softmax cross-entropy, its gradient a
 *            mean over the batch; Adam, 0.9, 0.999, 1e-8, rate 0.002 falling to 0 along a line. Weights begin as
 *            spae_parameters_init makes them from seed 1. The same bits on every machine.
 */
#include <stdio.h>
#include <string.h>

#include "digits_network.h"
#include "io/dataset.h"
#include "io/npz.h"
#include "io/weights.h"
#include "nn/batch.h"
#include "nn/ops.h"
#include "nn/optimizer.h"
#include "vendor_free/philox.h"

enum { EPOCHS = 12, BATCH = 50, SHIFT = 2, SEED = 1, PIXELS = DIGITS_SIZE * DIGITS_SIZE };
static const double first_rate = 0.002;

/* Digit `index` on 32x32, moved down and across; what is moved out is lost. */
static void put(const spae_dataset *data, size_t index, long down, long across, real *grey)
{
    const long H = (long)data->height, W = (long)data->width, top = (DIGITS_SIZE - H) / 2 + down, left = (DIGITS_SIZE - W) / 2 + across;
    const size_t row = data->row != NULL ? data->row[index] : index;
    const uint8_t *byte = data->pictures + row * data->height * data->width;
    memset(grey, 0, PIXELS * sizeof *grey);
    for (long y = 0; y < H; y++)
        for (long x = 0; x < W; x++)
            if (y + top >= 0 && y + top < DIGITS_SIZE && x + left >= 0 && x + left < DIGITS_SIZE)
                grey[(y + top) * DIGITS_SIZE + x + left] = (real)((double)byte[y * W + x] / 255);
}

/* ---- training ----------------------------------------------------------------------------------------- */

typedef struct {
    real grey[BATCH][PIXELS];
    int32_t label[BATCH];
    double loss[BATCH];
} batch_data;

static void loss_of(void *context, size_t index, spae_network *network, spae_var loss[SPAE_BATCH_LOSSES])
{
    batch_data *batch = context;
    spae_tape *tape = network->tape;
    spae_var x = spae_tape_constant(tape, spae_shape_of(1, 1, DIGITS_SIZE, DIGITS_SIZE, 1), batch->grey[index]);
    spae_var logits = digits_network(network, x);
    loss[0] = spae_sub(tape, spae_log_sum_exp(tape, logits), spae_pick(tape, logits, &batch->label[index]));
    if (loss[0] != NULL)
        batch->loss[index] = (double)loss[0]->value[0];
}

static void fill(const spae_dataset *data, const uint32_t *order, size_t epoch, size_t first, batch_data *batch)
{
    for (size_t i = 0; i < BATCH; i++) {
        uint32_t word[4];
        const uint32_t counter[4] = {(uint32_t)(epoch * data->count + first + i), 0, 0, 1};
        spae_random_block((spae_random_key){SEED, SPAE_RANDOM_INIT}, counter, word);
        const long down = (long)spae_random_below(word[0], word[1], 2 * SHIFT + 1) - SHIFT;
        const long across = (long)spae_random_below(word[2], word[3], 2 * SHIFT + 1) - SHIFT;
        put(data, order[first + i], down, across, batch->grey[i]);
        batch->label[i] = spae_dataset_label(data, order[first + i]);
    }
}

typedef struct {
    spae_parameters parameters;
    real *value, *gradient, *m, *v;
} state;

static spae_status begin(state *s, spae_arena *arena, spae_error *err)
{
    const spae_status status = digits_declare(&s->parameters, arena, err);
    if (status != SPAE_OK)
        return status;
    const size_t n = s->parameters.elements;
    s->value = spae_arena_take(arena, n, sizeof *s->value);
    s->gradient = spae_arena_take(arena, n, sizeof *s->gradient);
    s->m = spae_arena_take_zeroed(arena, n, sizeof *s->m);
    s->v = spae_arena_take_zeroed(arena, n, sizeof *s->v);
    if (s->value == NULL || s->gradient == NULL || s->m == NULL || s->v == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "classifier: no memory");
    spae_parameters_init(&s->parameters, SEED, s->value);
    return SPAE_OK;
}

static spae_status train_epoch(state *s, const spae_dataset *data, size_t epoch, uint32_t *order, batch_data *batch,
                               spae_arena *scratch, double *mean, spae_error *err)
{
    const size_t steps = data->count / BATCH, n = s->parameters.elements;
    spae_batch work = {.parameters = &s->parameters, .values = s->value, .count = BATCH, .at_once = 1, .arenas = scratch,
                       .loss = loss_of, .context = batch, .losses = 1, .owned = {s->parameters.count}};
    spae_permutation((spae_random_key){SEED, SPAE_RANDOM_SHUFFLE}, (uint32_t)epoch, order, (uint32_t)data->count);
    *mean = 0;
    for (size_t step = 0; step < steps; step++) {
        size_t example = 0;
        fill(data, order, epoch, step * BATCH, batch);
        const spae_status status = spae_batch_gradient(&work, s->gradient, &example, err);
        if (status != SPAE_OK)
            return status;
        for (size_t i = 0; i < n; i++)
            s->gradient[i] /= (real)BATCH;
        for (size_t i = 0; i < BATCH; i++)
            *mean += batch->loss[i] / (double)(steps * BATCH);
        const size_t t = epoch * steps + step;
        const spae_adam adam = {first_rate * (1 - (double)t / (double)(EPOCHS * steps)), 0.9, 0.999, 1e-8};
        spae_adam_step(&adam, t + 1, n, s->gradient, s->m, s->v, s->value);
    }
    return SPAE_OK;
}

/* ---- measuring ---------------------------------------------------------------------------------------- */

static spae_status measure(state *s, const spae_dataset *data, spae_arena *arena, size_t *right, spae_error *err)
{
    real grey[PIXELS];
    *right = 0;
    for (size_t i = 0; i < data->count; i++) {
        size_t digit = 0;
        put(data, i, 0, 0, grey);
        const spae_status status = digits_classify(&s->parameters, s->value, grey, arena, &digit, err);
        if (status != SPAE_OK)
            return status;
        *right += (int32_t)digit == spae_dataset_label(data, i);
    }
    return SPAE_OK;
}

/* ---- the file ----------------------------------------------------------------------------------------- */

typedef struct {
    const state *s;
    spae_arena *arena;
} store;

static spae_status write_weights(spae_sink *sink, void *context, spae_error *err)
{
    const store *work = context;
    const spae_parameters *parameters = &work->s->parameters;
    spae_npz_writer writer = spae_npz_begin(work->arena, sink);
    spae_status status = SPAE_OK;
    for (size_t p = 0; status == SPAE_OK && p < parameters->count; p++) {
        const spae_parameter *item = &parameters->item[p];
        spae_npy_array array = {SPAE_NPY_F4, (unsigned)item->rank, {0}, work->s->value + item->first};
        memcpy(array.shape, item->shape.axis + SPAE_AXES - item->rank, item->rank * sizeof *array.shape);
        status = spae_npz_add(&writer, item->path, &array, false, err);
    }
    return status == SPAE_OK ? spae_npz_end(&writer, err) : status;
}

/* ---- commands ----------------------------------------------------------------------------------------- */

static const size_t square[3] = {1, DIGITS_SIZE, DIGITS_SIZE};

static spae_status report(state *s, const char *folder, spae_arena *arena, spae_error *err)
{
    spae_dataset test;
    size_t right = 0;
    char hash[65];
    spae_status status = spae_dataset_open(arena, folder, SPAE_DATASET_TEST, square, &test, err);
    if (status == SPAE_OK)
        status = measure(s, &test, arena, &right, err);
    if (status != SPAE_OK)
        return status;
    spae_weights_hash(&s->parameters, s->value, hash);
    printf("%zu of %zu digits held out are told: %.1f %%; %zu weights, SHA-256 %s\n", right, test.count,
           100 * (double)right / (double)test.count, s->parameters.elements, hash);
    return SPAE_OK;
}

static spae_status train(const char *folder, const char *out, spae_arena *arena, spae_error *err)
{
    spae_dataset data;
    spae_arena scratch;
    state s;
    spae_arena_hosted(&scratch);
    spae_status status = spae_dataset_open(arena, folder, SPAE_DATASET_TRAIN, square, &data, err);
    if (status == SPAE_OK)
        status = begin(&s, arena, err);
    if (status != SPAE_OK)
        return status;
    uint32_t *order = spae_arena_take(arena, data.count, sizeof *order);
    batch_data *batch = spae_arena_take(arena, 1, sizeof *batch);
    if (order == NULL || batch == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "classifier: no memory");
    for (size_t epoch = 0; status == SPAE_OK && epoch < EPOCHS; epoch++) {
        double mean = 0;
        status = train_epoch(&s, &data, epoch, order, batch, &scratch, &mean, err);
        printf("epoch %zu of %d: loss %.4f\n", epoch + 1, EPOCHS, mean);
        fflush(stdout);
    }
    spae_arena_free(&scratch);
    store work = {&s, arena};
    if (status == SPAE_OK)
        status = spae_file_replace(arena, out, write_weights, &work, err);
    return status == SPAE_OK ? report(&s, folder, arena, err) : status;
}

static spae_status test(const char *folder, const char *weights, spae_arena *arena, spae_error *err)
{
    state s;
    spae_status status = begin(&s, arena, err);
    if (status == SPAE_OK)
        status = spae_weights_load(&weights, 1, &s.parameters, s.value, arena, NULL, err);
    return status == SPAE_OK ? report(&s, folder, arena, err) : status;
}

int main(int argc, char **argv)
{
    spae_error err = {SPAE_ERR_ARGUMENT, "usage: classifier train DATA OUT.npz | classifier test DATA WEIGHTS.npz"};
    spae_arena arena;
    spae_arena_hosted(&arena);
    spae_status status = argc == 4 ? spae_self_check(&err) : err.status;
    if (status == SPAE_OK)
        status = strcmp(argv[1], "train") == 0 ? train(argv[2], argv[3], &arena, &err) : test(argv[2], argv[3], &arena, &err);
    if (status != SPAE_OK)
        fprintf(stderr, "%s\n", err.text);
    spae_arena_free(&arena);
    return status != SPAE_OK;
}
