/* ResNets: every path, both published forms, sizes by hand, tapes and batches to the bit, and what is refused. */
#include "nn/resnet.h"

#include "fixture.h"
#include "perceptual_random.h"

static const spae_resnet fifty = {.width = 64, .stages = 4, .blocks = {3, 4, 6, 3}, .classes = 1000, .bn_eps = 1e-5};
static const spae_resnet small = {.width = 3, .stages = 2, .blocks = {1, 2}, .classes = 5, .bn_eps = 1e-5};

static spae_var logits(spae_network *network, const spae_resnet *r, spae_var x)
{
    return spae_resnet_logits(network, r, spae_resnet_features(network, r, x));
}

static spae_var declare(fixture *f, const spae_resnet *r, spae_shape in, spae_parameters *parameters)
{
    spae_network network;
    *parameters = (spae_parameters){.arena = &f->arena};
    spae_network_declare(&network, &f->tape, parameters);
    return logits(&network, r, spae_tape_constant(&f->tape, in, NULL));
}

START_TEST(every_path_of_a_small_one)
{
    static const char *const stem[] = {"init_conv/kernel", "init_bn/scale", "init_bn/bias", "init_bn/mean",
                                       "init_bn/var"};
    static const char *const first[] = {
        "stage1/block1/conv1/kernel", "stage1/block1/bn1/scale", "stage1/block1/bn1/bias", "stage1/block1/bn1/mean",
        "stage1/block1/bn1/var", "stage1/block1/conv2/kernel", "stage1/block1/bn3/var",
        "stage1/block1/proj_conv/kernel", "stage1/block1/proj_bn/scale", "stage2/block1/proj_conv/kernel",
        "stage2/block2/conv3/kernel", "head/kernel", "head/bias"};
    fixture f;
    spae_parameters parameters;
    fixture_open(&f, SPAE_TAPE_PLAN);
    ck_assert(spae_shape_equal(declare(&f, &small, spae_shape_of(2, 1, 20, 24, 3), &parameters)->shape,
                               spae_shape_of(2, 1, 1, 1, 5)));
    for (size_t i = 0; i < 5; i++)
        ck_assert_str_eq(parameters.item[i].path, stem[i]);
    for (size_t i = 0; i < sizeof first / sizeof *first; i++)
        ck_assert_uint_lt(spae_parameters_find(&parameters, first[i]), parameters.count);
    ck_assert_uint_eq(spae_parameters_find(&parameters, "stage2/block2/proj_conv/kernel"), parameters.count);
    ck_assert_uint_eq(parameters.count, 5 + 20 + 20 + 15 + 2);
    const spae_parameter *p = &parameters.item[spae_parameters_find(&parameters, "stage2/block1/conv2/kernel")];
    ck_assert(p->rank == 4 && spae_shape_equal(p->shape, spae_shape_of(1, 3, 3, 6, 6)));
    p = &parameters.item[spae_parameters_find(&parameters, "head/kernel")];
    ck_assert(p->rank == 2 && spae_shape_equal(p->shape, spae_shape_of(1, 1, 1, 24, 5)));
    fixture_close(&f);
}
END_TEST

/* ResNet-50 as published: 25,557,032 parameters; running means and variances add 2 for each of 26,560 channels. */
START_TEST(resnet_50_is_counted)
{
    for (int torchvision = 0; torchvision < 2; torchvision++) {
        fixture f;
        spae_parameters parameters;
        spae_resnet r = fifty;
        r.same = torchvision == 0;
        r.stem_relu = torchvision == 1;
        fixture_open(&f, SPAE_TAPE_PLAN);
        ck_assert_ptr_nonnull(declare(&f, &r, spae_shape_of(1, 1, 224, 224, 3), &parameters));
        ck_assert_uint_eq(parameters.elements, 25557032 + 2 * 26560);
        ck_assert_uint_eq(f.tape.multiply_adds, 4089184256); /* the well-known 4.09 G */
        fixture_close(&f);
    }
}
END_TEST

/* Three halvings, each rounded up, in both forms. */
START_TEST(the_maps_sizes)
{
    fixture f;
    spae_parameters parameters = {0};
    spae_network network;
    fixture_open(&f, SPAE_TAPE_PLAN);
    parameters.arena = &f.arena;
    spae_network_declare(&network, &f.tape, &parameters);
    for (size_t h = 1; h < 40; h++) {
        spae_resnet r = small;
        spae_var x = spae_tape_constant(&f.tape, spae_shape_of(1, 1, h, 33, 3), NULL);
        spae_var padded = spae_resnet_features(&network, &r, x);
        r.same = true;
        ck_assert(spae_shape_equal(padded->shape, spae_resnet_features(&network, &r, x)->shape));
        ck_assert(spae_shape_equal(padded->shape, spae_shape_of(1, 1, (h + 7) / 8, 5, 24)));
    }
    fixture_close(&f);
}
END_TEST

static void run(const spae_resnet *r, spae_tape_mode mode, size_t n, const real *pictures, real *out)
{
    fixture f;
    spae_parameters parameters;
    spae_network network;
    const spae_shape in = spae_shape_of(n, 1, 18, 22, 3);
    fixture_open(&f, SPAE_TAPE_PLAN);
    declare(&f, r, in, &parameters);
    real *values = random_weights(&parameters, &f.arena);
    spae_tape_start(&f.tape, &f.arena, mode, &f.err);
    spae_network_bind(&network, &f.tape, &parameters, values);
    spae_var y = logits(&network, r, spae_tape_constant(&f.tape, in, pictures));
    ck_assert_int_eq(f.tape.status, SPAE_OK);
    memcpy(out, y->value, spae_shape_count(y->shape) * sizeof *out);
    fixture_close(&f);
}

START_TEST(tapes_and_batches_agree_to_the_bit)
{
    static real pictures[2 * 18 * 22 * 3];
    real both[10], running[10], one[10], form[3][10];
    fill(pictures, sizeof pictures / sizeof *pictures, 4);
    for (int i = 0; i < 3; i++) {
        spae_resnet r = small;
        r.same = i == 1;
        r.stem_relu = i == 2;
        run(&r, SPAE_TAPE_RECORD, 2, pictures, both);
        run(&r, SPAE_TAPE_RUN, 2, pictures, running);
        run(&r, SPAE_TAPE_RUN, 1, pictures, one);
        run(&r, SPAE_TAPE_RUN, 1, pictures + 18 * 22 * 3, one + 5);
        ck_assert(same_bits(both, running, 10) && same_bits(both, one, 10));
        memcpy(form[i], both, sizeof both);
    }
    ck_assert(form[0][0] != form[1][0] && form[0][0] != form[2][0]); /* padding and the stem's ReLU matter */
}
END_TEST

/* Kernels of zero leave biases: the last sum is relu(bias of bn3 + bias of proj_bn), the same everywhere. */
START_TEST(without_kernels_the_biases_remain)
{
    fixture f;
    spae_parameters parameters;
    spae_network network;
    const spae_resnet r = {.width = 1, .stages = 1, .blocks = {1}, .classes = 1, .bn_eps = 0};
    fixture_open(&f, SPAE_TAPE_PLAN);
    declare(&f, &r, spae_shape_of(1, 1, 8, 8, 3), &parameters);
    real *values = spae_arena_take_zeroed(&f.arena, parameters.elements, sizeof *values);
    spae_parameters_init(&parameters, 1, values); /* scales and variances 1 */
    for (size_t i = 0; i < parameters.count; i++)
        if (strstr(parameters.item[i].path, "conv") != NULL)
            for (size_t k = 0; k < spae_shape_count(parameters.item[i].shape); k++)
                values[parameters.item[i].first + k] = 0;
    real *main = values + parameters.item[spae_parameters_find(&parameters, "stage1/block1/bn3/bias")].first;
    real *side = values + parameters.item[spae_parameters_find(&parameters, "stage1/block1/proj_bn/bias")].first;
    const real a[] = {1, 2, -3, 4}, b[] = {10, -20, 1, 5}, head[] = {1, 10, 100, 1000};
    memcpy(main, a, sizeof a);
    memcpy(side, b, sizeof b);
    memcpy(values + parameters.item[spae_parameters_find(&parameters, "head/kernel")].first, head, sizeof head);
    values[parameters.item[spae_parameters_find(&parameters, "head/bias")].first] = (real)0.5;
    spae_tape_start(&f.tape, &f.arena, SPAE_TAPE_RECORD, &f.err);
    spae_network_bind(&network, &f.tape, &parameters, values);
    spae_var map = spae_resnet_features(&network, &r, random_leaf(&f, spae_shape_of(1, 1, 8, 8, 3), 1));
    ck_assert_value(map, 11, 0, 0, 9, 11, 0, 0, 9, 11, 0, 0, 9, 11, 0, 0, 9);
    ck_assert_value(spae_resnet_logits(&network, &r, map), (real)9011.5);
    fixture_close(&f);
}
END_TEST

START_TEST(descriptions_of_nothing_are_refused)
{
    fixture f;
    spae_parameters parameters;
    const spae_shape in = spae_shape_of(1, 1, 16, 16, 3);
    fixture_open(&f, SPAE_TAPE_PLAN);
    spae_resnet r = small;
    r.width = 0;
    ck_assert_refused(&f, declare(&f, &r, in, &parameters), SPAE_ERR_ARGUMENT, "resnet");
    r = small;
    r.stages = 0;
    ck_assert_refused(&f, declare(&f, &r, in, &parameters), SPAE_ERR_ARGUMENT, "resnet");
    r.stages = SPAE_MAX_STAGES + 1;
    ck_assert_refused(&f, declare(&f, &r, in, &parameters), SPAE_ERR_ARGUMENT, "(3 and 9)");
    r = small;
    r.blocks[1] = 0;
    ck_assert_refused(&f, declare(&f, &r, in, &parameters), SPAE_ERR_ARGUMENT, "without blocks");
    r = small;
    r.classes = 0;
    ck_assert_refused(&f, declare(&f, &r, in, &parameters), SPAE_ERR_ARGUMENT, "classes");
    fixture_close(&f);
}
END_TEST

SUITE(suite_nn_resnet, "nn/resnet", every_path_of_a_small_one, resnet_50_is_counted, the_maps_sizes,
      tapes_and_batches_agree_to_the_bit, without_kernels_the_biases_remain, descriptions_of_nothing_are_refused)
