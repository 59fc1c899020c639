/* The judge of generated digits: digits_network.h. */
#include "digits_network.h"

#include "nn/ops.h"

static spae_var relu(spae_network *network, spae_var x)
{
    return spae_leaky_relu(network->tape, x, 0);
}

static spae_var stage(spae_network *network, spae_scope *scope, spae_var x, size_t co)
{
    const size_t window[3] = {1, 2, 2};
    x = relu(network, spae_layer_conv(network, scope, x, 2, 3, co, true));
    return spae_max_pool(network->tape, x, window, window, NULL);
}

spae_var digits_network(spae_network *network, spae_var x)
{
    spae_scope scope = spae_scope_root("digits");
    x = stage(network, &scope, x, 16);
    x = stage(network, &scope, x, 32);
    x = stage(network, &scope, x, 32);
    x = relu(network, spae_layer_dense(network, &scope, x, 64));
    return spae_layer_dense(network, &scope, x, DIGITS_CLASSES);
}

spae_status digits_declare(spae_parameters *parameters, spae_arena *arena, spae_error *err)
{
    spae_tape tape;
    spae_network network;
    spae_tape_start(&tape, arena, SPAE_TAPE_PLAN, err);
    *parameters = (spae_parameters){.arena = arena};
    spae_network_declare(&network, &tape, parameters);
    digits_network(&network, spae_tape_constant(&tape, spae_shape_of(1, 1, DIGITS_SIZE, DIGITS_SIZE, 1), NULL));
    return tape.status;
}

spae_status digits_classify(spae_parameters *parameters, const real *values, const real *grey, spae_arena *arena,
                            size_t *digit, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    spae_tape tape;
    spae_network network;
    spae_tape_start(&tape, arena, SPAE_TAPE_RUN, err);
    spae_network_bind(&network, &tape, parameters, values);
    spae_var logits =
        digits_network(&network, spae_tape_constant(&tape, spae_shape_of(1, 1, DIGITS_SIZE, DIGITS_SIZE, 1), grey));
    if (tape.status == SPAE_OK) {
        *digit = 0;
        for (size_t k = 1; k < DIGITS_CLASSES; k++)
            if (logits->value[k] > logits->value[*digit])
                *digit = k;
    }
    spae_arena_reset(arena, mark);
    return tape.status;
}
