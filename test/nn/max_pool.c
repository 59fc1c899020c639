/* Max pooling: both paddings by hand, ties, the plain maximum, and where the gradient goes. */
#include "fixture.h"

static const size_t two[3] = {1, 2, 2}, three[3] = {1, 3, 3}, one_around[3] = {0, 1, 1}, none[3] = {0, 0, 0};

static spae_var picture_4x4(fixture *f)
{
    const real value[] = {1, 9, 3, 4, 5, 6, 7, 2, 8, 0, 10, 11, 12, 13, 14, 15};
    return leaf_of(f, spae_shape_of(1, 1, 4, 4, 1), value);
}

/* 3x3, stride 2 on 4x4: 'SAME' pads at the end only, one cell on both sides starts before the first. */
START_TEST(same_and_given_padding_by_hand)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_RECORD);
    spae_var x = picture_4x4(&f);
    ck_assert_value(spae_max_pool(&f.tape, x, three, two, NULL), 10, 11, 14, 15);
    ck_assert_value(spae_max_pool(&f.tape, x, three, two, one_around), 9, 9, 13, 15);
    ck_assert_value(spae_max_pool(&f.tape, x, two, two, none), 9, 7, 13, 15);
    fixture_close(&f);
}
END_TEST

/* The 9 and the 15 are the largest of two windows each: their gradients add. */
START_TEST(gradient_goes_to_the_largest)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_RECORD);
    spae_var x = picture_4x4(&f), y = spae_max_pool(&f.tape, x, three, two, one_around);
    spae_var dy = leaf_of(&f, y->shape, (const real[]){1, 10, 100, 1000}), dx = gradient_of(&f, y, dy, x);
    ck_assert_value(dx, 0, 11, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 100, 0, 1000);
    spae_var u = random_leaf(&f, x->shape, 3), back = gradient_of(&f, dx, u, dy);
    ck_assert_value(back, u->value[1], u->value[1], u->value[13], u->value[15]);
    ck_assert_value(gradient_of(&f, dx, NULL, x), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    fixture_close(&f);
}
END_TEST

/* Equal elements, +0 and -0 among them: the first in index order. */
START_TEST(ties_go_to_the_first)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_RECORD);
    spae_var x = leaf_of(&f, spae_shape_of(1, 1, 2, 4, 1), (const real[]){3, 1, -(real)0, 0, 3, 3, 0, -1});
    spae_var y = spae_max_pool(&f.tape, x, two, two, none);
    ck_assert_value(y, 3, 0);
    ck_assert(signbit(y->value[1]));
    ck_assert_value(gradient_of(&f, y, NULL, x), 1, 0, 1, 0, 0, 0, 0, 0);
    fixture_close(&f);
}
END_TEST

/* Padding is minus infinity: negative pictures have negative maxima. All axes, examples and channels apart. */
START_TEST(the_plain_maximum)
{
    static const size_t windows[][3] = {{1, 3, 3}, {3, 3, 3}, {2, 1, 4}, {1, 1, 1}};
    static const size_t strides[][3] = {{1, 2, 2}, {2, 2, 1}, {1, 1, 3}};
    for (size_t i = 0; i < 12; i++) {
        const size_t *w = windows[i % 4], *s = strides[i / 4], c = 3, in[] = {3, 5, 4};
        fixture f;
        fixture_open(&f, SPAE_TAPE_RECORD);
        spae_var x = random_leaf(&f, spae_shape_of(2, in[0], in[1], in[2], c), (uint32_t)i + 1);
        for (size_t k = 0; k < spae_shape_count(x->shape); k++)
            x->value[k] -= 5;
        spae_var y = spae_max_pool(&f.tape, x, w, s, NULL);
        const spae_conv g = spae_conv_same(2, in, c, w, s, c);
        const size_t *o = y->shape.axis;
        ck_assert(o[1] == g.out[0] && o[2] == g.out[1] && o[3] == g.out[2]);
        for (size_t k = 0; k < spae_shape_count(y->shape); k++) {
            const size_t n = k / (o[1] * o[2] * o[3] * c);
            const size_t at[] = {k / c / o[3] / o[2] % o[1], k / c / o[3] % o[2], k / c % o[3]};
            real most = -INFINITY;
            for (size_t cell = 0; cell < in[0] * in[1] * in[2]; cell++) {
                const size_t q[] = {cell / in[2] / in[1], cell / in[2] % in[1], cell % in[2]};
                bool inside = true;
                for (size_t a = 0; a < 3; a++)
                    inside = inside && q[a] + g.low[a] >= at[a] * s[a] && q[a] + g.low[a] < at[a] * s[a] + w[a];
                const real v = x->value[(n * in[0] * in[1] * in[2] + cell) * c + k % c];
                most = inside && v > most ? v : most;
            }
            ck_assert(y->value[k] == most);
        }
        fixture_close(&f);
    }
}
END_TEST

START_TEST(what_does_not_fit_is_refused)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_RECORD);
    spae_var x = picture_4x4(&f);
    const size_t wide[3] = {1, 7, 7}, high[3] = {0, 2, 2};
    ck_assert_refused(&f, spae_max_pool(&f.tape, x, two, two, high), SPAE_ERR_SHAPE, "max pool");
    ck_assert_refused(&f, spae_max_pool(&f.tape, x, wide, two, one_around), SPAE_ERR_SHAPE, "(4 and 7)");
    ck_assert_ptr_nonnull(spae_max_pool(&f.tape, x, (const size_t[]){1, 6, 6}, two, one_around));
    ck_assert_ptr_null(spae_max_pool(&f.tape, NULL, two, two, NULL));
    fixture_close(&f);
}
END_TEST

START_TEST(more_elements_than_an_index_counts_are_refused)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_PLAN);
    spae_var x = spae_tape_leaf(&f.tape, spae_shape_of(1, 1, 32768, 65536, 1), NULL);
    ck_assert_refused(&f, spae_max_pool(&f.tape, x, two, two, NULL), SPAE_ERR_SHAPE, "2147483648");
    x = spae_tape_leaf(&f.tape, spae_shape_of(1, 1, 32767, 65536, 1), NULL);
    ck_assert_uint_eq(spae_max_pool(&f.tape, x, two, two, NULL)->shape.axis[SPAE_AXIS_H], 16384);
    fixture_close(&f);
}
END_TEST

START_TEST(a_plan_accounts_for_the_choices)
{
    size_t peak[2];
    for (int plans = 0; plans < 2; plans++) {
        fixture f;
        fixture_open(&f, plans ? SPAE_TAPE_PLAN_RECORD : SPAE_TAPE_RECORD);
        spae_var x = random_leaf(&f, spae_shape_of(1, 1, 40, 30, 2), 1);
        x = spae_scale(&f.tape, x, 2);
        gradient_of(&f, spae_max_pool(&f.tape, x, three, two, one_around), NULL, x);
        peak[plans] = f.arena.peak;
        fixture_close(&f);
    }
    ck_assert_uint_eq(peak[0], peak[1]);
}
END_TEST

SUITE(suite_nn_max_pool, "nn/max_pool", same_and_given_padding_by_hand, gradient_goes_to_the_largest,
      ties_go_to_the_first, the_plain_maximum, what_does_not_fit_is_refused,
      more_elements_than_an_index_counts_are_refused, a_plan_accounts_for_the_choices)
