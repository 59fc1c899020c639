/* I3D: published sizes and paths, the same bits on every tape, refusals. */
#include "../../nn/i3d.h"

#include "fixture.h"
#include "perceptual_random.h"

static spae_var declare(fixture *f, const spae_i3d *d, spae_shape in, spae_parameters *parameters)
{
    spae_network network;
    *parameters = (spae_parameters){.arena = &f->arena};
    spae_network_declare(&network, &f->tape, parameters);
    return spae_i3d_logits(&network, d,
                           spae_i3d_features(&network, d, spae_tape_constant(&f->tape, in, NULL)));
}

START_TEST(published_size)
{
    static const char *const paths[] = {"Conv3d_1a_7x7/conv3d/kernel", "Mixed_3b/b1a/bn/mean",
                                        "Mixed_5c/b3b/conv3d/kernel", "logits/conv3d/bias"};
    const spae_i3d d = spae_i3d_published();
    fixture f;
    spae_parameters parameters;
    fixture_open(&f, SPAE_TAPE_PLAN);
    spae_var y = declare(&f, &d, spae_shape_of(1, 16, 224, 224, 3), &parameters);
    ck_assert(y != NULL && y->shape.axis[SPAE_AXIS_C] == 400 && y->shape.axis[SPAE_AXIS_T] == 1);
    ck_assert_uint_eq(parameters.count, 287);
    ck_assert_uint_eq(parameters.elements, 12711824);
    for (size_t i = 0; i < 4; i++)
        ck_assert_msg(spae_parameters_find(&parameters, paths[i]) < parameters.count, "%s",
                      paths[i]);
    fixture_close(&f);
}
END_TEST

START_TEST(the_same_bits)
{
    enum { CLIP = 5 * 17 * 12 * 3 };
    static real x[2 * CLIP];
    const spae_i3d d = {8, 5, 6, 1e-3};
    real kept[2 * 6];
    spae_parameters parameters;
    fill(x, 2 * CLIP, 6);
    for (int mode = 0; mode < 2; mode++) {
        fixture f;
        spae_network network;
        fixture_open(&f, SPAE_TAPE_PLAN);
        ck_assert_ptr_nonnull(declare(&f, &d, spae_shape_of(1, 5, 17, 12, 3), &parameters));
        const real *values = random_weights(&parameters, &f.arena);
        for (size_t examples = 2; examples >= 1; examples--) {
            spae_tape_start(&f.tape, &f.arena, mode == 0 ? SPAE_TAPE_RECORD : SPAE_TAPE_RUN,
                            &f.err);
            spae_network_bind(&network, &f.tape, &parameters, values);
            spae_var in = spae_tape_constant(&f.tape, spae_shape_of(examples, 5, 17, 12, 3),
                                             x + (2 - examples) * CLIP);
            spae_var y = spae_i3d_logits(&network, &d, spae_i3d_features(&network, &d, in));
            ck_assert_msg(y != NULL, "%s", f.err.text);
            if (examples == 2 && mode == 0)
                memcpy(kept, y->value, sizeof kept);
            ck_assert(memcmp(y->value, kept + (2 - examples) * 6, examples * 6 * sizeof *kept) ==
                      0);
        }
        fixture_close(&f);
    }
}
END_TEST

START_TEST(refused)
{
    static const spae_i3d none[] = {{0, 5, 4, 1e-3}, {3, 5, 4, 1e-3}, {16, 5, 4, 1e-3},
                                    {8, 0, 4, 1e-3}, {8, 6, 4, 1e-3}, {8, 5, 0, 1e-3}};
    spae_parameters parameters;
    for (size_t i = 0; i < 6; i++) {
        fixture f;
        fixture_open(&f, SPAE_TAPE_PLAN);
        ck_assert_ptr_null(declare(&f, &none[i], spae_shape_of(1, 4, 16, 16, 3), &parameters));
        ck_assert_int_eq(f.tape.status, SPAE_ERR_ARGUMENT);
        fixture_close(&f);
    }
}
END_TEST

SUITE(suite_nn_i3d, "nn/i3d", published_size, the_same_bits, refused)
