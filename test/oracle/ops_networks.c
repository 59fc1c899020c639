/* Networks: the VQGAN encoder and decoder, with parameters from params.npz or params.txt. */
#include "ops.h"

#include <string.h>

#include "../../nn/vqgan.h"
#include "compare.h"
#include "parameters.h"
#include "work.h"

typedef spae_var vqgan_half(spae_network *network, const spae_vqgan *v, spae_var x);

static void read_temporal(oracle_case *c, spae_vqgan *v)
{
    size_t flag[SPAE_MAX_SCALES];
    if (v->ndim != 3 || v->scales == 1)
        return;
    oracle_sizes(c, "temporal", v->scales - 1, 0, 1, flag);
    for (size_t i = 0; i + 1 < v->scales; i++)
        v->temporal[i] = flag[i] == 1;
}

static spae_vqgan read_architecture(oracle_case *c, size_t ndim)
{
    spae_vqgan v = {.ndim = oracle_size(c, "ndim", ndim, ndim),
                    .filters = oracle_size(c, "filters", 1, 4096),
                    .scales = oracle_items(c, "multipliers"),
                    .res_blocks = oracle_size(c, "res_blocks", 0, 64),
                    .embedding = oracle_size(c, "embedding_dim", 1, 65536),
                    .groups = oracle_size(c, "groups", 1, 4096),
                    .eps = oracle_number(c, "eps")};
    if (v.scales < 1 || v.scales > SPAE_MAX_SCALES)
        oracle_abort(c, "case.txt: %zu multipliers, expected 1 to %d", v.scales, SPAE_MAX_SCALES);
    oracle_sizes(c, "multipliers", v.scales, 1, 4096, v.multipliers);
    read_temporal(c, &v);
    return v;
}

/* Runs the network without numbers: names and shapes of its parameters. */
static void declare(oracle_case *c, const spae_vqgan *v, vqgan_half *half, spae_shape shape,
                    spae_parameters *parameters)
{
    spae_tape tape;
    spae_error err;
    spae_network network;
    spae_tape_start(&tape, c->arena, SPAE_TAPE_PLAN, &err);
    spae_network_declare(&network, &tape, parameters);
    half(&network, v, spae_tape_constant(&tape, shape, NULL));
    if (tape.status != SPAE_OK)
        oracle_abort(c, "%s", err.text);
}

/* out_y again on a running tape, which drops what it no longer needs: the same bits. */
static void want_same_running(oracle_case *c, const spae_vqgan *v, vqgan_half *half, const oracle_work *w,
                              spae_parameters *parameters, real *values, spae_var recorded)
{
    const spae_arena_mark mark = spae_arena_here(c->arena);
    spae_tape tape;
    spae_error err;
    spae_network network;
    spae_tape_start(&tape, c->arena, SPAE_TAPE_RUN, &err);
    spae_network_bind(&network, &tape, parameters, values);
    spae_var y = half(&network, v, spae_tape_constant(&tape, w->leaf[0]->shape, w->leaf[0]->value));
    if (tape.status != SPAE_OK)
        oracle_abort(c, "%s", err.text);
    if (memcmp(y->value, recorded->value, spae_shape_count(y->shape) * sizeof *y->value) != 0)
        oracle_abort(c, "out_y: the running tape and the recording tape differ");
    spae_arena_reset(c->arena, mark);
}

/* out_y, gin_x and the gradient of every parameter */
static void compare_gradients(oracle_work *w, const spae_network *network, spae_var y)
{
    const spae_parameters *parameters = network->parameters;
    const size_t count = parameters->count + 1; /* the input and every parameter */
    spae_var *x = oracle_take(w->c, count, sizeof *x), *gradient = oracle_take(w->c, count, sizeof *gradient);
    x[0] = w->leaf[0];
    memcpy(x + 1, network->leaf, parameters->count * sizeof *x);
    spae_tape_gradient(&w->tape, y, oracle_upstream(w, "out_y", y), x, count, gradient);
    oracle_check_tape(w);
    oracle_compare(w->c, "gin_x", gradient[0]->shape, gradient[0]->value);
    oracle_compare_parameter_gradients(w->c, parameters, gradient + 1);
}

static void run_vqgan(oracle_case *c, size_t ndim, vqgan_half *half)
{
    const spae_vqgan v = read_architecture(c, ndim);
    const oracle_array a = oracle_read(c, "in_x");
    const spae_shape shape = oracle_shape_picture(c, &a, ndim);
    spae_parameters parameters = {.arena = c->arena};
    spae_network network;
    oracle_work w;
    declare(c, &v, half, shape, &parameters);
    real *values = oracle_read_parameters(c, &parameters);
    oracle_start(&w, c);
    spae_network_bind(&network, &w.tape, &parameters, values);
    spae_var y = half(&network, &v, oracle_leaf(&w, &a, shape));
    oracle_check_tape(&w);
    oracle_compare(c, "out_y", y->shape, y->value);
    want_same_running(c, &v, half, &w, &parameters, values, y);
    if (c->grads != ORACLE_NONE)
        compare_gradients(&w, &network, y);
}

static void vqgan2d_encoder(oracle_case *c)
{
    run_vqgan(c, 2, spae_vqgan_encode);
}

static void vqgan3d_encoder(oracle_case *c)
{
    run_vqgan(c, 3, spae_vqgan_encode);
}

static void vqgan2d_decoder(oracle_case *c)
{
    run_vqgan(c, 2, spae_vqgan_decode);
}

static void vqgan3d_decoder(oracle_case *c)
{
    run_vqgan(c, 3, spae_vqgan_decode);
}

const oracle_op oracle_network_ops[] = {{"vqgan2d_encoder", vqgan2d_encoder},
                                        {"vqgan3d_encoder", vqgan3d_encoder},
                                        {"vqgan2d_decoder", vqgan2d_decoder},
                                        {"vqgan3d_decoder", vqgan3d_decoder},
                                        {NULL, NULL}};
