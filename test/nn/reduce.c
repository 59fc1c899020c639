/* Shapes, broadcasting, sums in their order, and the two cuts of a gradient. */
#include "fixture.h"

static const spae_shape full = {{2, 3, 2, 5, 67}}; /* 67 channels: one tile of 64 and a rest */

/* `full` with the axes of the set bits reduced to 1. */
static spae_shape without(unsigned axes)
{
    spae_shape s = full;
    for (size_t i = 0; i < SPAE_AXES; i++)
        if (axes >> i & 1)
            s.axis[i] = 1;
    return s;
}

/* Where the element at raster index `i` of `full` lies in a tensor of shape `small`. */
static size_t place_in(spae_shape small, size_t i)
{
    size_t at[SPAE_AXES], place = 0;
    for (size_t a = SPAE_AXES; a-- > 0; i /= full.axis[a])
        at[a] = i % full.axis[a];
    for (size_t a = 0; a < SPAE_AXES; a++)
        place = place * small.axis[a] + (small.axis[a] == 1 ? 0 : at[a]);
    return place;
}

/* Every set of axes: one double per output, elements added in raster order, rounded once. */
START_TEST(reduce_is_the_plain_sum_over_any_axes)
{
    for (unsigned axes = 0; axes < 32; axes++) {
        fixture f;
        fixture_open(&f, SPAE_TAPE_RECORD);
        const spae_shape small = without(axes);
        spae_var x = random_leaf(&f, full, axes + 1);
        double *sum = spae_arena_take_zeroed(&f.arena, spae_shape_count(small), sizeof *sum);
        for (size_t i = 0; i < spae_shape_count(full); i++) {
            x->value[i] *= i % 3 == 0 ? (real)1e9 : (real)0.37; /* the order shows in the last bits */
            sum[place_in(small, i)] += (double)x->value[i];
        }
        spae_var y = spae_reduce(&f.tape, x, small);
        for (size_t i = 0; i < spae_shape_count(small); i++)
            ck_assert_double_eq((double)y->value[i], (double)(real)sum[i]);
        fixture_close(&f);
    }
}
END_TEST

/* Value, both gradients, and a gradient's gradient are those of reduce(mul(a, b)). */
START_TEST(channel_products_are_the_sum_of_a_product)
{
    static const size_t shapes[][5] = {{1, 1, 1, 1, 3}, {1, 1, 1, 2, 1}, {2, 3, 2, 5, 67}, {1, 1, 30, 9, 128}};
    for (size_t i = 0; i < 4; i++) {
        const size_t *s = shapes[i];
        fixture f;
        fixture_open(&f, SPAE_TAPE_RECORD);
        spae_var a = random_leaf(&f, spae_shape_of(s[0], s[1], s[2], s[3], s[4]), 1), b = random_leaf(&f, a->shape, 2);
        spae_var dy = random_leaf(&f, vector(s[4]), 3), w = random_leaf(&f, a->shape, 4);
        spae_var y[] = {spae_channel_products(&f.tape, a, b), spae_reduce(&f.tape, spae_mul(&f.tape, a, b), vector(s[4]))};
        ck_assert(same_bits(y[0]->value, y[1]->value, s[4]));
        const size_t n = spae_shape_count(a->shape);
        spae_var da[2], twice[2];
        for (size_t k = 0; k < 2; k++) {
            da[k] = gradient_of(&f, y[k], dy, a);
            twice[k] = gradient_of(&f, da[k], w, b);
        }
        ck_assert(same_bits(da[0]->value, da[1]->value, n) && same_bits(twice[0]->value, twice[1]->value, n));
        ck_assert(same_bits(gradient_of(&f, y[0], dy, b)->value, gradient_of(&f, y[1], dy, b)->value, n));
        fixture_close(&f);
    }
}
END_TEST

START_TEST(broadcast_repeats_along_any_axes)
{
    for (unsigned axes = 0; axes < 32; axes++) {
        fixture f;
        fixture_open(&f, SPAE_TAPE_RECORD);
        spae_var x = random_leaf(&f, without(axes), axes + 1), y = spae_broadcast(&f.tape, x, full);
        for (size_t i = 0; i < spae_shape_count(full); i++)
            ck_assert_double_eq((double)y->value[i], (double)x->value[place_in(x->shape, i)]);
        fixture_close(&f);
    }
}
END_TEST

START_TEST(broadcast_and_reduce_are_each_others_gradient)
{
    for (unsigned axes = 0; axes < 32; axes++) {
        fixture f;
        fixture_open(&f, SPAE_TAPE_RECORD);
        spae_var x = whole_leaf(&f, without(axes), 5), u = whole_leaf(&f, full, 6);
        spae_var back = gradient_of(&f, spae_broadcast(&f.tape, x, full), u, x);
        ck_assert(same_bits(back->value, spae_reduce(&f.tape, u, x->shape)->value, spae_shape_count(x->shape)));
        back = gradient_of(&f, spae_reduce(&f.tape, u, x->shape), x, u);
        ck_assert(same_bits(back->value, spae_broadcast(&f.tape, x, full)->value, spae_shape_count(full)));
        fixture_close(&f);
    }
}
END_TEST

/* 2^54 + 1 is a tie that falls back to 2^54 in binary64: the order of the sum can be read off. */
START_TEST(sums_run_in_binary64_in_index_order)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_RECORD);
    const real big = (real)0x1p54;
    ck_assert_value(spae_sum(&f.tape, leaf_of(&f, vector(4), (const real[]){big, 1, -big, 1})), 1);
    ck_assert_value(spae_sum(&f.tape, leaf_of(&f, vector(4), (const real[]){big, -big, 1, 1})), 2);
    ck_assert_value(spae_sum(&f.tape, leaf_of(&f, vector(4), (const real[]){1, 1, big, -big})), 0);
    ck_assert_value(spae_sum(&f.tape, leaf_of(&f, vector(3), (const real[]){(real)0x1p30, 1, -(real)0x1p30})), 1);
    fixture_close(&f);
}
END_TEST

START_TEST(reshape_shows_the_same_elements)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_RECORD);
    spae_var x = random_leaf(&f, spae_shape_of(1, 2, 3, 4, 5), 1), y = spae_reshape(&f.tape, x, vector(120));
    ck_assert_ptr_eq(y->value, x->value);
    ck_assert_ptr_eq(spae_reshape(&f.tape, x, x->shape), x);
    spae_var u = random_leaf(&f, vector(120), 2), back = gradient_of(&f, y, u, x);
    ck_assert(spae_shape_equal(back->shape, x->shape));
    ck_assert(same_bits(back->value, u->value, 120));
    fixture_close(&f);
}
END_TEST

START_TEST(mean_square_by_hand)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_RECORD);
    spae_var x = leaf_of(&f, vector(4), (const real[]){1, -2, 3, 4}), y = spae_mean_square(&f.tape, x);
    ck_assert_value(y, (real)7.5);
    spae_var g = gradient_of(&f, y, NULL, x);
    ck_assert_value(g, (real)0.5, -1, (real)1.5, 2);
    ck_assert_value(gradient_of(&f, g, NULL, x), (real)0.5, (real)0.5, (real)0.5, (real)0.5);
    fixture_close(&f);
}
END_TEST

/* Squares beyond binary32 do not overflow on the way: the mean is taken in binary64. */
START_TEST(mean_square_of_large_values_is_finite)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_RECORD);
    spae_var x = leaf_of(&f, vector(5), (const real[]){(real)0x1p64, 0, 0, 0, 0});
    ck_assert_value(spae_mean_square(&f.tape, x), (real)(0x1p128 / 5));
    fixture_close(&f);
}
END_TEST

/* Definitions that differences cannot see. */
START_TEST(stop_gradient_and_straight_through)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_RECORD);
    const real rounded[] = {7, 8};
    spae_var x = leaf_of(&f, vector(2), (const real[]){2, 3});
    spae_var stopped = spae_mul(&f.tape, x, spae_stop_gradient(&f.tape, x));
    ck_assert_value(stopped, 4, 9);
    ck_assert_value(gradient_of(&f, stopped, NULL, x), 2, 3); /* and not 4, 6 */
    spae_var through = spae_straight_through(&f.tape, x, rounded);
    ck_assert_value(through, 7, 8);
    ck_assert_value(gradient_of(&f, spae_mul(&f.tape, through, through), NULL, x), 14, 16); /* 2 value */
    ck_assert_value(x, 2, 3);
    fixture_close(&f);
}
END_TEST

START_TEST(shapes_that_do_not_fit_are_refused)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_RECORD);
    spae_var x = random_leaf(&f, spae_shape_of(1, 1, 2, 3, 4), 1);
    ck_assert_refused(&f, spae_reshape(&f.tape, x, vector(25)), SPAE_ERR_SHAPE, "reshape:");
    ck_assert_refused(&f, spae_broadcast(&f.tape, x, spae_shape_of(1, 1, 2, 3, 5)), SPAE_ERR_SHAPE, "broadcast:");
    ck_assert_refused(&f, spae_broadcast(&f.tape, x, spae_shape_of(1, 1, 2, 1, 4)), SPAE_ERR_SHAPE, "broadcast:");
    ck_assert_refused(&f, spae_reduce(&f.tape, x, spae_shape_of(1, 1, 2, 2, 4)), SPAE_ERR_SHAPE, "reduce:");
    ck_assert_refused(&f, spae_reduce(&f.tape, x, spae_shape_of(2, 1, 2, 3, 4)), SPAE_ERR_SHAPE, "reduce:");
    fixture_close(&f);
}
END_TEST

SUITE(suite_nn_reduce, "nn/reduce", reduce_is_the_plain_sum_over_any_axes, channel_products_are_the_sum_of_a_product,
      broadcast_repeats_along_any_axes,
      broadcast_and_reduce_are_each_others_gradient, sums_run_in_binary64_in_index_order,
      reshape_shows_the_same_elements, mean_square_by_hand, mean_square_of_large_values_is_finite,
      stop_gradient_and_straight_through, shapes_that_do_not_fit_are_refused)
