/* Average pooling and nearest upsampling: odd sizes by hand, and the two pairs of adjoints. */
#include "fixture.h"

static const size_t one[3] = {1, 1, 1}, plane[3] = {1, 2, 2}, cube[3] = {2, 2, 2};

START_TEST(pool_of_an_odd_picture_by_hand)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_RECORD);
    spae_var x = leaf_of(&f, spae_shape_of(1, 1, 3, 3, 1), (const real[]){1, 2, 3, 4, 5, 6, 7, 8, 9});
    spae_var y = spae_average_pool(&f.tape, x, plane);
    ck_assert(spae_shape_equal(y->shape, spae_shape_of(1, 1, 2, 2, 1)));
    ck_assert_value(y, 3, (real)4.5, (real)7.5, 9); /* the last windows have two cells and one */
    ck_assert_value(gradient_of(&f, y, leaf_of(&f, y->shape, (const real[]){4, 2, 2, 1}), x), 1, 1, 1, 1, 1, 1, 1, 1, 1);
    fixture_close(&f);
}
END_TEST

START_TEST(upsampling_repeats_cells)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_RECORD);
    spae_var x = leaf_of(&f, spae_shape_of(1, 1, 1, 2, 2), (const real[]){1, 2, 3, 4});
    spae_var y = spae_upsample(&f.tape, x, plane);
    ck_assert_value(y, 1, 2, 1, 2, 3, 4, 3, 4, 1, 2, 1, 2, 3, 4, 3, 4);
    ck_assert_value(gradient_of(&f, y, NULL, x), 4, 4, 4, 4);
    y = spae_upsample(&f.tape, x, cube);
    ck_assert_uint_eq(y->shape.axis[SPAE_AXIS_T], 2);
    ck_assert_value(gradient_of(&f, y, NULL, x), 8, 8, 8, 8);
    fixture_close(&f);
}
END_TEST

START_TEST(a_window_of_one_copies)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_RECORD);
    spae_var x = random_leaf(&f, spae_shape_of(2, 2, 3, 4, 5), 1);
    ck_assert(same_bits(spae_average_pool(&f.tape, x, one)->value, x->value, 240));
    ck_assert(same_bits(spae_upsample(&f.tape, x, one)->value, x->value, 240));
    fixture_close(&f);
}
END_TEST

/* The mean of each window, cell by cell: even and odd sizes on every axis, a window larger than the picture. */
START_TEST(pool_is_the_plain_mean)
{
    static const size_t windows[][3] = {{1, 2, 2}, {2, 2, 2}, {1, 3, 2}, {2, 1, 4}, {7, 7, 7}};
    static const size_t sizes[][3] = {{1, 4, 6}, {3, 5, 2}, {2, 1, 1}, {5, 3, 7}};
    for (size_t i = 0; i < 20; i++) {
        const size_t *w = windows[i % 5], *s = sizes[i / 5], c = 3;
        fixture f;
        fixture_open(&f, SPAE_TAPE_RECORD);
        spae_var x = random_leaf(&f, spae_shape_of(2, s[0], s[1], s[2], c), (uint32_t)i + 1);
        spae_var y = spae_average_pool(&f.tape, x, w);
        const size_t *o = y->shape.axis;
        for (size_t k = 0; k < spae_shape_count(y->shape); k++) {
            const size_t at[] = {k / c / o[3] / o[2] % o[1], k / c / o[3] % o[2], k / c % o[3]};
            real sum = 0, cells = 0;
            for (size_t t = at[0] * w[0]; t < (at[0] + 1) * w[0] && t < s[0]; t++)
                for (size_t h = at[1] * w[1]; h < (at[1] + 1) * w[1] && h < s[1]; h++)
                    for (size_t v = at[2] * w[2]; v < (at[2] + 1) * w[2] && v < s[2]; v++, cells += 1)
                        sum += x->value[(((k / c / o[3] / o[2] / o[1] * s[0] + t) * s[1] + h) * s[2] + v) * c + k % c];
            sum /= cells;
            ck_assert(same_bits(&sum, &y->value[k], 1));
        }
        fixture_close(&f);
    }
}
END_TEST

/* <A x, u> = <x, A' u>, exact in whole numbers scaled so that means stay whole. */
START_TEST(gradients_are_adjoints_twice_over)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_RECORD);
    spae_var x = whole_leaf(&f, spae_shape_of(2, 4, 6, 8, 3), 1), u = whole_leaf(&f, spae_shape_of(2, 2, 3, 4, 3), 2);
    spae_var pooled = spae_average_pool(&f.tape, x, cube), spread = gradient_of(&f, pooled, u, x);
    ck_assert_double_eq(inner(pooled, u), inner(x, spread));
    ck_assert(same_bits(gradient_of(&f, spread, x, u)->value, pooled->value, spae_shape_count(u->shape)));
    spae_var up = spae_upsample(&f.tape, u, cube), summed = gradient_of(&f, up, x, u);
    ck_assert_double_eq(inner(up, x), inner(u, summed));
    ck_assert(same_bits(gradient_of(&f, summed, u, x)->value, up->value, spae_shape_count(x->shape)));
    fixture_close(&f);
}
END_TEST

SUITE(suite_nn_pool, "nn/pool", pool_of_an_odd_picture_by_hand, upsampling_repeats_cells, a_window_of_one_copies,
      pool_is_the_plain_mean, gradients_are_adjoints_twice_over)
