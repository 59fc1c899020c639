/* Inception-v3 and its like: published sizes and paths, the same bits on every tape, example by
 * example, refusals. */
#include "../../nn/inception.h"

#include "fixture.h"
#include "perceptual_random.h"

static spae_var all(spae_network *network, const spae_inception *d, spae_var x)
{
    return spae_inception_logits(network, d, spae_inception_features(network, d, x), true);
}

static spae_var declare(fixture *f, const spae_inception *d, size_t side,
                        spae_parameters *parameters)
{
    spae_network network;
    *parameters = (spae_parameters){.arena = &f->arena};
    spae_network_declare(&network, &f->tape, parameters);
    return all(&network, d, spae_tape_constant(&f->tape, spae_shape_of(1, 1, side, side, 3), NULL));
}

START_TEST(published_size)
{
    static const char *const paths[] = {"Conv2d_1a_3x3/conv/kernel", "Mixed_5b/branch_pool/bn/var",
                                        "Mixed_6e/branch7x7dbl_5/conv/kernel",
                                        "Mixed_7c/branch3x3dbl_3b/bn/scale", "fc/bias"};
    const spae_inception d = spae_inception_published();
    fixture f;
    spae_parameters parameters;
    fixture_open(&f, SPAE_TAPE_PLAN);
    spae_var y = declare(&f, &d, SPAE_INCEPTION_SIDE, &parameters);
    ck_assert(y != NULL && y->shape.axis[SPAE_AXIS_C] == 1008);
    ck_assert_uint_eq(parameters.count, 472);
    ck_assert_uint_eq(parameters.elements,
                      23885392); /* of the FID weights' state dict, batches counted apart */
    for (size_t i = 0; i < 5; i++)
        ck_assert_msg(spae_parameters_find(&parameters, paths[i]) < parameters.count, "%s",
                      paths[i]);
    fixture_close(&f);
}
END_TEST

/* Stages are the beginnings of the whole; a picture's numbers do not depend on the others; nor on
 * what the tape keeps. */
START_TEST(the_same_bits)
{
    enum { SIDE = 75, PICTURE = SIDE * SIDE * 3 };
    static real x[2 * PICTURE];
    spae_inception d = {16, 4, 5, 1e-3};
    static const size_t channels[] = {4, 12, 48, 128};
    real kept[2 * 128], logits[2 * 5];
    fixture f;
    spae_parameters parameters;
    fill(x, 2 * PICTURE, 4);
    for (int mode = 0; mode < 2; mode++) {
        fixture_open(&f, SPAE_TAPE_PLAN);
        ck_assert_ptr_nonnull(declare(&f, &d, SIDE, &parameters));
        const real *values = random_weights(&parameters, &f.arena);
        spae_network network;
        for (size_t examples = 2; examples >= 1; examples--) {
            spae_tape_start(&f.tape, &f.arena, mode == 0 ? SPAE_TAPE_RECORD : SPAE_TAPE_RUN,
                            &f.err);
            spae_network_bind(&network, &f.tape, &parameters, values);
            spae_var in = spae_tape_constant(&f.tape, spae_shape_of(examples, 1, SIDE, SIDE, 3),
                                             x + (2 - examples) * PICTURE);
            spae_var y = spae_inception_features(&network, &d, in),
                     z = spae_inception_logits(&network, &d, y, true);
            ck_assert_msg(z != NULL && y->shape.axis[SPAE_AXIS_C] == 128, "%s", f.err.text);
            if (examples == 2 && mode == 0) {
                memcpy(kept, y->value, sizeof kept);
                memcpy(logits, z->value, sizeof logits);
            }
            ck_assert(
                memcmp(y->value, kept + (2 - examples) * 128, examples * 128 * sizeof *kept) == 0);
            ck_assert(
                memcmp(z->value, logits + (2 - examples) * 5, examples * 5 * sizeof *logits) == 0);
            spae_var bare = spae_inception_logits(&network, &d, y, false);
            const real *bias =
                values + parameters.item[spae_parameters_find(&parameters, "fc/bias")].first;
            for (size_t k = 0; k < 5; k++) {
                const real sum = bare->value[k] + bias[k];
                ck_assert(memcmp(&sum, &z->value[k], sizeof sum) == 0);
            }
        }
        for (size_t s = 0; s < 4; s++) {
            d.stages = s + 1;
            spae_var in = spae_tape_constant(&f.tape, spae_shape_of(1, 1, SIDE, SIDE, 3), x);
            spae_var y = spae_inception_features(&network, &d, in);
            ck_assert_uint_eq(y->shape.axis[SPAE_AXIS_C], channels[s]);
            ck_assert(s < 3 || memcmp(y->value, kept, 128 * sizeof *kept) == 0);
        }
        fixture_close(&f);
    }
}
END_TEST

START_TEST(resize)
{
    fixture f;
    const real x[] = {0, 0.25, 1, 0.5};
    fixture_open(&f, SPAE_TAPE_RUN);
    spae_var y = spae_fid_resize(&f.tape, leaf_of(&f, spae_shape_of(1, 1, 2, 2, 1), x), 1,
                                 1); /* the mean of the four */
    ck_assert(y->value[0] >= (real)-0.125 && y->value[0] <= (real)-0.125);
    fixture_close(&f);
}
END_TEST

START_TEST(refused)
{
    static const spae_inception none[] = {{3, 4, 5, 1e-3},  {0, 4, 5, 1e-3},  {32, 4, 5, 1e-3},
                                          {16, 0, 5, 1e-3}, {16, 5, 5, 1e-3}, {16, 4, 0, 1e-3}};
    spae_parameters parameters;
    fixture f;
    for (size_t i = 0; i < 6; i++) {
        fixture_open(&f, SPAE_TAPE_PLAN);
        ck_assert_ptr_null(declare(&f, &none[i], 75, &parameters));
        ck_assert_int_eq(f.tape.status, SPAE_ERR_ARGUMENT);
        fixture_close(&f);
    }
    fixture_open(&f, SPAE_TAPE_PLAN);
    ck_assert_ptr_null(declare(&f, &(spae_inception){16, 4, 5, 1e-3}, 74, &parameters));
    ck_assert_int_eq(f.tape.status, SPAE_ERR_SHAPE);
    fixture_close(&f);
}
END_TEST

SUITE(suite_nn_inception, "nn/inception", published_size, the_same_bits, resize, refused)
