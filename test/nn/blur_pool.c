/* Blur pooling: borders and odd sizes by hand, the plain formula to the bit, its adjoint twice over. */
#include "fixture.h"

START_TEST(sizes_one_to_four_by_hand)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_RECORD);
    spae_tape *t = &f.tape;
    /* along h there is one cell, under the second tap: 3/64 of the row */
    spae_var one = leaf_of(&f, spae_shape_of(1, 1, 1, 1, 1), (const real[]){64});
    spae_var two = leaf_of(&f, spae_shape_of(1, 1, 1, 2, 1), (const real[]){64, 128});
    spae_var three = leaf_of(&f, spae_shape_of(1, 1, 1, 3, 1), (const real[]){64, 128, 192});
    spae_var four = leaf_of(&f, spae_shape_of(1, 1, 1, 4, 1), (const real[]){64, 128, 192, 256});
    ck_assert_value(spae_blur_pool(t, one), 9);
    ck_assert_value(spae_blur_pool(t, two), 27);
    ck_assert_value(spae_blur_pool(t, three), 36, 33);
    ck_assert_value(spae_blur_pool(t, four), 36, 3 * 2 + 9 * 3 + 9 * 4);
    ck_assert(spae_shape_equal(spae_blur_pool(t, three)->shape, spae_shape_of(1, 1, 1, 2, 1)));
    fixture_close(&f);
}
END_TEST

/* Inside, the weights add up to 1; at the edges to 7/8, in the corners of an even picture to 49/64. */
START_TEST(ones_show_the_weights)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_RECORD);
    spae_var x = spae_tape_filled(&f.tape, spae_shape_of(1, 1, 6, 6, 1), 1);
    const real corner = (real)(49.0 / 64), edge = (real)(7.0 / 8);
    ck_assert_value(spae_blur_pool(&f.tape, x), corner, edge, corner, edge, 1, edge, corner, edge, corner);
    fixture_close(&f);
}
END_TEST

/* One output by the formula of SPEC 3.10, from +0, taps in index order. */
static real plain(spae_var x, size_t picture, size_t oy, size_t ox, size_t c)
{
    static const real taps[] = {1, 3, 3, 1};
    const size_t *a = x->shape.axis;
    real sum = 0;
    for (size_t ky = 0; ky < 4; ky++)
        for (size_t kx = 0; kx < 4; kx++) {
            const size_t y = 2 * oy + ky, z = 2 * ox + kx; /* one more than the cell */
            if (y < 1 || y > a[SPAE_AXIS_H] || z < 1 || z > a[SPAE_AXIS_W])
                continue;
            const real product = x->value[((picture * a[SPAE_AXIS_H] + y - 1) * a[SPAE_AXIS_W] + z - 1) *
                                              a[SPAE_AXIS_C] + c] * (taps[ky] * taps[kx] / 64);
            sum += product;
        }
    return sum;
}

/* Every size from 1 x 1 to 5 x 5, two examples of three frames: frames do not meet. */
START_TEST(every_output_is_its_chain)
{
    for (size_t size = 0; size < 25; size++) {
        fixture f;
        fixture_open(&f, SPAE_TAPE_RECORD);
        spae_var x = random_leaf(&f, spae_shape_of(2, 3, 1 + size / 5, 1 + size % 5, 2), (uint32_t)size + 1);
        spae_var y = spae_blur_pool(&f.tape, x);
        const size_t h = y->shape.axis[SPAE_AXIS_H], w = y->shape.axis[SPAE_AXIS_W];
        ck_assert(h == (2 + size / 5) / 2 && w == (2 + size % 5) / 2);
        for (size_t k = 0; k < spae_shape_count(y->shape); k++) {
            const real expected = plain(x, k / 2 / w / h, k / 2 / w % h, k / 2 % w, k % 2);
            ck_assert(same_bits(&expected, &y->value[k], 1));
        }
        fixture_close(&f);
    }
}
END_TEST

/* <A x, u> = <x, A' u> on whole numbers, where 64ths are exact; the adjoint's adjoint is the pool. */
START_TEST(the_gradient_is_the_adjoint_twice_over)
{
    for (size_t size = 0; size < 25; size++) {
        fixture f;
        fixture_open(&f, SPAE_TAPE_RECORD);
        const size_t h = 1 + size / 5, w = 1 + size % 5;
        spae_var x = whole_leaf(&f, spae_shape_of(2, 1, h, w, 3), 1);
        spae_var u = whole_leaf(&f, spae_shape_of(2, 1, (h + 1) / 2, (w + 1) / 2, 3), 2);
        spae_var y = spae_blur_pool(&f.tape, x), spread = gradient_of(&f, y, u, x);
        ck_assert_double_eq(inner(y, u), inner(x, spread));
        ck_assert(same_bits(gradient_of(&f, spread, x, u)->value, y->value, spae_shape_count(u->shape)));
        fixture_close(&f);
    }
}
END_TEST

START_TEST(a_planning_tape_follows_the_shape_and_null_passes)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_PLAN);
    spae_var y = spae_blur_pool(&f.tape, spae_tape_constant(&f.tape, spae_shape_of(2, 3, 7, 8, 5), NULL));
    ck_assert(y != NULL && y->value == NULL && spae_shape_equal(y->shape, spae_shape_of(2, 3, 4, 4, 5)));
    ck_assert_ptr_null(spae_blur_pool(&f.tape, NULL));
    fixture_close(&f);
}
END_TEST

SUITE(suite_nn_blur_pool, "nn/blur_pool", sizes_one_to_four_by_hand, ones_show_the_weights, every_output_is_its_chain,
      the_gradient_is_the_adjoint_twice_over, a_planning_tape_follows_the_shape_and_null_passes)
