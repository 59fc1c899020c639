/* Networks of a case, whatever their architecture. */
#include "network.h"

#include <string.h>

#include "compare.h"
#include "parameters.h"

/* Runs the network without numbers: names and shapes of its parameters. */
static void declare(oracle_case *c, oracle_network *net, spae_shape shape)
{
    spae_tape tape;
    spae_error err;
    net->parameters = (spae_parameters){.arena = c->arena};
    spae_tape_start(&tape, c->arena, SPAE_TAPE_PLAN, &err);
    spae_network_declare(&net->network, &tape, &net->parameters);
    net->make(&net->network, net->what, spae_tape_constant(&tape, shape, NULL));
    if (tape.status != SPAE_OK)
        oracle_abort(c, "%s", err.text);
}

static void want_same_running(oracle_work *w, oracle_network *net, real *values, const char *output)
{
    oracle_case *c = w->c;
    const spae_arena_mark mark = spae_arena_here(c->arena);
    spae_tape tape;
    spae_error err;
    spae_network network;
    spae_tape_start(&tape, c->arena, SPAE_TAPE_RUN, &err);
    spae_network_bind(&network, &tape, &net->parameters, values);
    spae_var y = net->make(&network, net->what, spae_tape_constant(&tape, w->leaf[0]->shape, w->leaf[0]->value));
    if (tape.status != SPAE_OK)
        oracle_abort(c, "%s", err.text);
    if (memcmp(y->value, net->y->value, spae_shape_count(y->shape) * sizeof *y->value) != 0)
        oracle_abort(c, "%s: the running tape and the recording tape differ", output);
    spae_arena_reset(c->arena, mark);
}

void oracle_run_network(oracle_work *w, oracle_network *net, size_t ndim, const char *output)
{
    oracle_case *c = w->c;
    const oracle_array a = oracle_read(c, "in_x");
    const spae_shape shape = oracle_shape_picture(c, &a, ndim);
    declare(c, net, shape);
    real *values = oracle_read_parameters(c, &net->parameters);
    spae_network_bind(&net->network, &w->tape, &net->parameters, values);
    net->y = net->make(&net->network, net->what, oracle_leaf(w, &a, shape));
    oracle_check_tape(w);
    oracle_compare(c, output, net->y->shape, net->y->value);
    want_same_running(w, net, values, output);
}

void oracle_finish_network(oracle_work *w, oracle_network *net, const char *output)
{
    const size_t count = net->parameters.count + 1; /* the input and every parameter */
    spae_var *x = oracle_take(w->c, count, sizeof *x), *gradient = oracle_take(w->c, count, sizeof *gradient);
    if (w->c->grads == ORACLE_NONE)
        return;
    x[0] = w->leaf[0];
    memcpy(x + 1, net->network.leaf, net->parameters.count * sizeof *x);
    spae_tape_gradient(&w->tape, net->y, oracle_upstream(w, output, net->y), x, count, gradient);
    oracle_check_tape(w);
    oracle_compare(w->c, "gin_x", gradient[0]->shape, gradient[0]->value);
    oracle_compare_parameter_gradients(w->c, &net->parameters, gradient + 1);
}
