/* Networks: paths, declaring and binding, and the first weights. */
#include "fixture.h"
#include "nn/network.h"

static void declare(fixture *f, spae_network *network, spae_parameters *parameters)
{
    *parameters = (spae_parameters){.arena = &f->arena};
    spae_network_declare(network, &f->tape, parameters);
}

START_TEST(paths_are_flax_names)
{
    const spae_scope root = spae_scope_root("encoder"), block = spae_scope_enter(&root, "ResBlock", 0);
    const spae_scope conv = spae_scope_enter(&block, "Conv", 12);
    ck_assert_str_eq(root.path, "encoder");
    ck_assert_str_eq(block.path, "encoder/ResBlock_0");
    ck_assert_str_eq(conv.path, "encoder/ResBlock_0/Conv_12");
    ck_assert_str_eq(spae_scope_enter(&root, "Conv", 4294967295u).path, "encoder/Conv_4294967295");
    const spae_scope none = spae_scope_root(""), stage = spae_scope_numbered(&none, "stage", 1);
    const spae_scope features = spae_scope_inside(&none, "features");
    ck_assert_str_eq(spae_scope_numbered(&stage, "block", 2).path, "stage1/block2");
    ck_assert_str_eq(spae_scope_inside(&stage, "proj_conv").path, "stage1/proj_conv");
    ck_assert_str_eq(spae_scope_numbered(&features, "", 10).path, "features/10");
}
END_TEST

START_TEST(a_path_that_is_too_long_is_cut)
{
    spae_scope scope = spae_scope_root("a");
    for (int i = 0; i < 100; i++)
        scope = spae_scope_enter(&scope, "Long", 123456);
    ck_assert_uint_eq(strlen(scope.path), SPAE_PATH_MAX - 1);
}
END_TEST

START_TEST(layers_are_numbered_by_kind_and_declare_their_parameters)
{
    fixture f;
    spae_network network;
    spae_parameters parameters;
    fixture_open(&f, SPAE_TAPE_PLAN);
    declare(&f, &network, &parameters);
    spae_scope scope = spae_scope_root("net");
    spae_var x = spae_tape_constant(&f.tape, spae_shape_of(1, 1, 4, 4, 3), NULL);
    x = spae_layer_conv(&network, &scope, x, 2, 3, 8, true);
    x = spae_layer_group_norm(&network, &scope, x, 4, 1e-6);
    spae_layer_conv(&network, &scope, x, 3, 1, 2, false);
    static const struct { const char *path; size_t rank, elements; } expected[] = {
        {"net/Conv_0/kernel", 4, 216}, {"net/Conv_0/bias", 1, 8},    {"net/GroupNorm_0/scale", 1, 8},
        {"net/GroupNorm_0/bias", 1, 8}, {"net/Conv_1/kernel", 5, 16}};
    ck_assert_uint_eq(parameters.count, 5);
    for (size_t i = 0, first = 0; i < 5; first += expected[i++].elements) {
        ck_assert_str_eq(parameters.item[i].path, expected[i].path);
        ck_assert_uint_eq(parameters.item[i].rank, expected[i].rank);
        ck_assert_uint_eq(parameters.item[i].first, first);
        ck_assert_uint_eq(spae_shape_count(parameters.item[i].shape), expected[i].elements);
        ck_assert_uint_eq(spae_parameters_find(&parameters, expected[i].path), i);
    }
    ck_assert_uint_eq(parameters.elements, 256);
    ck_assert_uint_eq(spae_parameters_find(&parameters, "net/Conv_2/kernel"), 5);
    ck_assert_uint_eq(spae_parameters_find(&parameters, "net/Conv_0"), 5);
    fixture_close(&f);
}
END_TEST

START_TEST(a_bound_network_reads_its_values_and_makes_one_leaf_each)
{
    fixture f;
    spae_network network;
    spae_parameters parameters;
    real values[5] = {1, 2, 3, 4, 5};
    fixture_open(&f, SPAE_TAPE_PLAN);
    declare(&f, &network, &parameters);
    const spae_scope scope = spae_scope_root("net");
    spae_network_parameter(&network, &scope, "a", 1, vector(2));
    spae_network_parameter(&network, &scope, "b", 1, vector(3));
    spae_network_parameter(&network, &scope, "a", 1, vector(2)); /* asked for again: the same parameter */
    ck_assert_uint_eq(parameters.count, 2);
    spae_tape_start(&f.tape, &f.arena, SPAE_TAPE_RECORD, &f.err);
    spae_network_bind(&network, &f.tape, &parameters, values);
    spae_var b = spae_network_parameter(&network, &scope, "b", 1, vector(3));
    spae_var a = spae_network_parameter(&network, &scope, "a", 1, vector(2));
    ck_assert_value(a, 1, 2);
    ck_assert_value(b, 3, 4, 5);
    ck_assert_ptr_eq(spae_network_parameter(&network, &scope, "b", 1, vector(3)), b);
    ck_assert(network.leaf[0] == a && network.leaf[1] == b);
    ck_assert_value(gradient_of(&f, spae_mul(&f.tape, b, b), NULL, b), 6, 8, 10);
    fixture_close(&f);
}
END_TEST

START_TEST(what_was_declared_otherwise_is_refused)
{
    fixture f;
    spae_network network;
    spae_parameters parameters;
    real values[2] = {1, 2};
    fixture_open(&f, SPAE_TAPE_PLAN);
    declare(&f, &network, &parameters);
    const spae_scope scope = spae_scope_root("net");
    spae_network_parameter(&network, &scope, "a", 1, vector(2));
    ck_assert_refused(&f, spae_network_parameter(&network, &scope, "a", 1, vector(3)), SPAE_ERR_SHAPE, "declared");
    spae_network_bind(&network, &f.tape, &parameters, values);
    ck_assert_refused(&f, spae_network_parameter(&network, &scope, "a", 1, vector(1)), SPAE_ERR_SHAPE, "declared");
    ck_assert_refused(&f, spae_network_parameter(&network, &scope, "b", 1, vector(2)), SPAE_ERR_SHAPE, "declared");
    ck_assert_uint_eq(parameters.count, 1);
    fixture_close(&f);
}
END_TEST

START_TEST(no_memory_for_the_list_or_the_leaves)
{
    static unsigned char memory[65536];
    size_t refused = 0, done = 0;
    for (size_t bytes = 0; bytes < sizeof memory; bytes += 512) {
        spae_arena arena;
        spae_tape tape;
        spae_network network;
        spae_arena_fixed(&arena, memory, bytes);
        spae_parameters parameters = {.arena = &arena};
        spae_tape_start(&tape, &arena, SPAE_TAPE_PLAN, NULL);
        spae_network_declare(&network, &tape, &parameters);
        spae_scope scope = spae_scope_root("net");
        for (unsigned i = 0; i < 70; i++) { /* more than the list has room for at first */
            const spae_scope own = spae_scope_enter(&scope, "Dense", i);
            spae_network_parameter(&network, &own, "kernel", 2, spae_shape_of(1, 1, 1, 2, 2));
        }
        refused += tape.status == SPAE_ERR_NO_MEMORY;
        done += tape.status == SPAE_OK && parameters.count == 70;
        spae_arena tight;
        spae_arena_fixed(&tight, memory, 100);
        spae_tape_start(&tape, &tight, SPAE_TAPE_RECORD, NULL);
        parameters = (spae_parameters){.count = 70};
        spae_network_bind(&network, &tape, &parameters, NULL);
        ck_assert_int_eq(tape.status, SPAE_ERR_NO_MEMORY);
    }
    ck_assert(refused > 5 && done > 5 && refused + done == sizeof memory / 512);
}
END_TEST

/* ---- first values ---- */

enum { TAPS = 9, CI = 16, CO = 100, KERNEL = TAPS * CI * CO };

static void one_kernel(fixture *f, spae_parameters *parameters, const char *const *names, size_t count)
{
    spae_network network;
    declare(f, &network, parameters);
    for (size_t i = 0; i < count; i++) {
        const spae_scope scope = spae_scope_root(names[i]);
        spae_network_parameter(&network, &scope, "kernel", 4, spae_shape_of(1, 3, 3, CI, CO));
    }
}

START_TEST(kernels_are_normal_scales_one_biases_zero)
{
    static real value[KERNEL];
    fixture f;
    spae_parameters parameters;
    fixture_open(&f, SPAE_TAPE_PLAN);
    one_kernel(&f, &parameters, (const char *const[]){"net"}, 1);
    spae_parameters_init(&parameters, 3, value);
    double mean = 0, square = 0, fourth = 0;
    for (size_t i = 0; i < KERNEL; i++) {
        const double x = (double)value[i] * 12; /* deviation 1 / sqrt(9 * 16) */
        mean += x / KERNEL;
        square += x * x / KERNEL;
        fourth += x * x * x * x / KERNEL;
    }
    ck_assert_double_eq_tol(mean, 0, 4 / sqrt(KERNEL)); /* four standard errors each */
    ck_assert_double_eq_tol(square, 1, 4 * sqrt(2.0 / KERNEL));
    ck_assert_double_eq_tol(fourth, 3, 4 * sqrt(96.0 / KERNEL));
    fixture_close(&f);

    spae_network network;
    real small[5] = {9, 9, 9, 9, 9};
    fixture_open(&f, SPAE_TAPE_PLAN);
    declare(&f, &network, &parameters);
    const spae_scope scope = spae_scope_root("norm");
    spae_network_parameter(&network, &scope, "scale", 1, vector(2));
    spae_network_parameter(&network, &scope, "bias", 1, vector(3));
    spae_parameters_init(&parameters, 3, small);
    ck_assert(small[0] == 1 && small[1] == 1 && small[2] == 0 && small[3] == 0 && small[4] == 0);
    fixture_close(&f);
}
END_TEST

/* The same seed gives the same bits, another seed others; so does another path; the order of declaration is nothing. */
START_TEST(first_values_depend_on_seed_and_path_only)
{
    static real ab[2 * KERNEL], ba[2 * KERNEL], other[2 * KERNEL];
    fixture f;
    spae_parameters parameters;
    fixture_open(&f, SPAE_TAPE_PLAN);
    one_kernel(&f, &parameters, (const char *const[]){"a", "b"}, 2);
    spae_parameters_init(&parameters, 3, ab);
    spae_parameters_init(&parameters, 4, other);
    one_kernel(&f, &parameters, (const char *const[]){"b", "a"}, 2);
    spae_parameters_init(&parameters, 3, ba);
    ck_assert(same_bits(ab, ba + KERNEL, KERNEL) && same_bits(ab + KERNEL, ba, KERNEL));
    ck_assert(!same_bits(ab, ab + KERNEL, 8));
    ck_assert(!same_bits(ab, other, 8));
    fixture_close(&f);
}
END_TEST

SUITE(suite_nn_network, "nn/network", paths_are_flax_names, a_path_that_is_too_long_is_cut,
      layers_are_numbered_by_kind_and_declare_their_parameters,
      a_bound_network_reads_its_values_and_makes_one_leaf_each, what_was_declared_otherwise_is_refused,
      no_memory_for_the_list_or_the_leaves, kernels_are_normal_scales_one_biases_zero,
      first_values_depend_on_seed_and_path_only)
