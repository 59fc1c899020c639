#include "batch.h"

#include <string.h>

#include "threads.h"

enum { MOST_AT_ONCE = 64 };

/* One example's results. The gradients lie in its arena, which stays as it is until they are added. */
typedef struct {
    spae_status status;
    spae_error err;
    spae_var *gradient; /* (parameters) */
    uint64_t multiply_adds;
} example_run;

/* The gradient of each loss with respect to the parameters it owns; NULL for parameters the example did not use. */
static void sweep(const spae_batch *batch, spae_network *network, const spae_var loss[], spae_var *gradient)
{
    for (size_t i = 0, first = 0; i < batch->losses; first += batch->owned[i], i++)
        spae_tape_gradient(network->tape, loss[i], NULL, network->leaf + first, batch->owned[i], gradient + first);
}

static void run_example(const spae_batch *batch, size_t index, spae_tape_mode mode, spae_arena *arena, example_run *run)
{
    spae_tape tape;
    spae_network network;
    spae_tape_start(&tape, arena, mode, &run->err);
    spae_network_bind(&network, &tape, batch->parameters, batch->values);
    network.recompute = batch->recompute;
    run->gradient = spae_arena_take_zeroed(arena, batch->parameters->count, sizeof *run->gradient);
    if (run->gradient == NULL)
        spae_tape_refuse(&tape, SPAE_ERR_NO_MEMORY, "batch: no memory for gradients (example, parameters)", index,
                         batch->parameters->count);
    spae_var loss[SPAE_BATCH_LOSSES] = {NULL, NULL};
    if (tape.status == SPAE_OK)
        batch->loss(batch->context, index, &network, loss);
    if (tape.status == SPAE_OK)
        sweep(batch, &network, loss, run->gradient);
    run->status = tape.status;
    run->multiply_adds = tape.multiply_adds;
}

enum { PIECE = 65536 }; /* elements that one thread adds at a time */

/* sum += g; false when one of them is not finite. */
static bool add_piece(const real *restrict g, size_t count, real *restrict sum)
{
    unsigned wrong = 0;
    for (size_t i = 0; i < count; i++) {
        wrong |= !(g[i] - g[i] == 0);
        sum[i] += g[i];
    }
    return wrong == 0;
}

static bool add_gradient(const real *g, size_t count, real *sum)
{
    bool finite = true;
    SPAE_THREADS_ALL(count, finite)
    for (size_t at = 0; at < count; at += PIECE)
        finite = add_piece(g + at, count - at < PIECE ? count - at : PIECE, sum + at) && finite;
    return finite;
}

/* sum += one example's gradient */
static spae_status add_example(const spae_parameters *parameters, const example_run *run, real *sum, spae_error *err)
{
    if (run->status != SPAE_OK) {
        if (err != NULL)
            *err = run->err;
        return run->status;
    }
    for (size_t p = 0; p < parameters->count; p++) {
        const spae_parameter *item = &parameters->item[p];
        if (run->gradient[p] != NULL &&
            !add_gradient(run->gradient[p]->value, spae_shape_count(item->shape), sum + item->first))
            return spae_fail(err, SPAE_ERR_NOT_FINITE, "the gradient of %s is not finite", item->path);
    }
    return SPAE_OK;
}

/* Examples [first, first + group) side by side. One alone is no parallel region: those within it would then be nested,
 * and gcc's OpenMP starts new threads for each of them. */
static void run_examples(const spae_batch *batch, size_t first, size_t group, example_run *run)
{
    if (group == 1) {
        run_example(batch, first, SPAE_TAPE_RECORD, &batch->arenas[0], &run[0]);
        return;
    }
#ifdef _OPENMP
#pragma omp parallel for schedule(dynamic)
#endif
    for (size_t i = 0; i < group; i++)
        run_example(batch, first + i, SPAE_TAPE_RECORD, &batch->arenas[i], &run[i]);
}

/* The same, then their gradients in order. */
static spae_status run_group(const spae_batch *batch, size_t first, size_t group, real *gradient, size_t *example,
                             spae_error *err)
{
    example_run run[MOST_AT_ONCE];
    spae_arena_mark mark[MOST_AT_ONCE];
    for (size_t i = 0; i < group; i++)
        mark[i] = spae_arena_here(&batch->arenas[i]);
    run_examples(batch, first, group, run);
    spae_status status = SPAE_OK;
    for (size_t i = 0; i < group && status == SPAE_OK; i++) {
        status = add_example(batch->parameters, &run[i], gradient, err);
        *example = first + i;
    }
    for (size_t i = 0; i < group; i++)
        spae_arena_reset(&batch->arenas[i], mark[i]);
    return status;
}

spae_status spae_batch_gradient(const spae_batch *batch, real *gradient, size_t *example, spae_error *err)
{
    const size_t at_once = batch->at_once < MOST_AT_ONCE ? batch->at_once : MOST_AT_ONCE;
    spae_status status = SPAE_OK;
    memset(gradient, 0, batch->parameters->elements * sizeof *gradient);
    for (size_t first = 0; first < batch->count && status == SPAE_OK; first += at_once) {
        const size_t left = batch->count - first;
        status = run_group(batch, first, left < at_once ? left : at_once, gradient, example, err);
    }
    return status;
}

spae_status spae_batch_plan(const spae_batch *batch, uint64_t *multiply_adds, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(&batch->arenas[0]);
    example_run run;
    run_example(batch, 0, SPAE_TAPE_PLAN_RECORD, &batch->arenas[0], &run);
    spae_arena_reset(&batch->arenas[0], mark);
    if (run.status != SPAE_OK && err != NULL)
        *err = run.err;
    *multiply_adds = run.multiply_adds;
    return run.status;
}
