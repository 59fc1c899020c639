/* The list of layers, read off a planning tape. */
#include "fixture.h"
#include "nn/layers.h"

/* x (1,2,4,6,3): Conv_0 with bias to 4, GroupNorm_0, swish, pooling; Dense_0 to 5. */
static spae_var small(spae_network *network, spae_var x)
{
    spae_scope scope = spae_scope_root("small");
    x = spae_layer_conv(network, &scope, x, 3, 3, 4, true);
    x = spae_swish(network->tape, spae_layer_group_norm(network, &scope, x, 2, 1e-6));
    x = spae_average_pool(network->tape, x, (const size_t[]){2, 2, 2});
    return spae_layer_dense(network, &scope, x, 5);
}

static void plan(fixture *f, spae_network *network, spae_parameters *parameters)
{
    const spae_shape in = spae_shape_of(1, 2, 4, 6, 3);
    fixture_open(f, SPAE_TAPE_PLAN);
    *parameters = (spae_parameters){.arena = &f->arena};
    spae_network_declare(network, &f->tape, parameters);
    small(network, spae_tape_constant(&f->tape, in, NULL));
    spae_tape_start(&f->tape, &f->arena, SPAE_TAPE_PLAN, &f->err);
    spae_network_bind(network, &f->tape, parameters, NULL);
    small(network, spae_tape_constant(&f->tape, in, NULL));
    ck_assert_int_eq(f->tape.status, SPAE_OK);
}

START_TEST(a_small_network)
{
    static const struct {
        const char *path, *kind;
        size_t shape[5], parameters;
        uint64_t multiply_adds;
    } expected[] = {
        {"small/Conv_0", "convolve", {1, 2, 4, 6, 4}, 27 * 3 * 4 + 4, 48 * 4 * 27 * 3},
        {"small/GroupNorm_0", "group_norm", {1, 2, 4, 6, 4}, 8, 0},
        {"", "swish", {1, 2, 4, 6, 4}, 0, 0},
        {"", "average_pool", {1, 1, 2, 3, 4}, 0, 0},
        {"small/Dense_0", "dense", {1, 1, 1, 1, 5}, 24 * 5 + 5, 24 * 5},
    };
    fixture f;
    spae_network network;
    spae_parameters parameters;
    spae_layer *layers;
    size_t count;
    plan(&f, &network, &parameters);
    ck_assert_int_eq(spae_layers_list(&network, &f.arena, &layers, &count, &f.err), SPAE_OK);
    ck_assert_uint_eq(count, sizeof expected / sizeof expected[0]);
    for (size_t i = 0; i < count; i++) {
        const size_t *s = expected[i].shape;
        ck_assert_str_eq(layers[i].path, expected[i].path);
        ck_assert_str_eq(layers[i].kind, expected[i].kind);
        ck_assert(spae_shape_equal(layers[i].shape, spae_shape_of(s[0], s[1], s[2], s[3], s[4])));
        ck_assert_uint_eq(layers[i].parameters, expected[i].parameters);
        ck_assert_uint_eq(layers[i].multiply_adds, expected[i].multiply_adds);
    }
    fixture_close(&f);
}
END_TEST

START_TEST(no_memory_for_the_list)
{
    fixture f;
    spae_network network;
    spae_parameters parameters;
    spae_arena none;
    spae_layer *layers = NULL;
    size_t count = 77;
    plan(&f, &network, &parameters);
    spae_arena_fixed(&none, NULL, 0);
    ck_assert_int_eq(spae_layers_list(&network, &none, &layers, &count, &f.err), SPAE_ERR_NO_MEMORY);
    ck_assert_str_eq(f.err.text, "layers: no memory for 5");
    ck_assert(layers == NULL && count == 77);
    fixture_close(&f);
}
END_TEST

SUITE(suite_nn_layers, "nn/layers", a_small_network, no_memory_for_the_list)
