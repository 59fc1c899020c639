/* Bilinear resizing: by hand, what it keeps, the plain formula to the bit, its adjoint twice over. */
#include "fixture.h"

START_TEST(two_cells_become_four_by_hand)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_RECORD);
    spae_var x = leaf_of(&f, spae_shape_of(1, 1, 1, 2, 1), (const real[]){0, 16});
    spae_var y = spae_resize(&f.tape, x, 1, 4);
    ck_assert_value(y, 0, 4, 12, 16); /* at -0.25, limited to 0; 0.25; 0.75; 1.25, limited to 1 */
    ck_assert_value(gradient_of(&f, y, leaf_of(&f, y->shape, (const real[]){1, 4, 16, 64}), x), 8, 77);
    ck_assert_value(spae_resize(&f.tape, x, 3, 1), 8, 8, 8);
    fixture_close(&f);
}
END_TEST

/* 4 cells to 2: halfway between the first two and the last two. 5 to 2: at 0.75 and 3.25, the cells between unread. */
START_TEST(shrinking_reads_two_cells_only)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_RECORD);
    spae_var four = leaf_of(&f, spae_shape_of(1, 1, 4, 1, 1), (const real[]){2, 4, 10, 20});
    spae_var five = leaf_of(&f, spae_shape_of(1, 1, 5, 1, 1), (const real[]){4, 8, 1000, 16, 32});
    ck_assert_value(spae_resize(&f.tape, four, 2, 1), 3, 15);
    ck_assert_value(spae_resize(&f.tape, five, 2, 1), 7, 20);
    fixture_close(&f);
}
END_TEST

START_TEST(the_same_size_copies_and_a_constant_stays)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_RECORD);
    spae_var x = random_leaf(&f, spae_shape_of(2, 3, 4, 5, 3), 1);
    ck_assert(same_bits(spae_resize(&f.tape, x, 4, 5)->value, x->value, spae_shape_count(x->shape)));
    spae_var y = spae_resize(&f.tape, spae_tape_filled(&f.tape, x->shape, (real)0.5), 7, 9);
    for (size_t i = 0; i < spae_shape_count(y->shape); i++)
        ck_assert_double_eq_tol((double)y->value[i], 0.5, 1e-6);
    fixture_close(&f);
}
END_TEST

/* Along one axis: the weight with which output o reads cell i (SPEC 3.13). */
static double weight(size_t o, size_t i, size_t n, size_t m)
{
    double s = ((double)o + 0.5) * (double)n / (double)m - 0.5;
    s = s < 0 ? 0 : s > (double)(n - 1) ? (double)(n - 1) : s;
    return i == (size_t)s ? 1 - (s - floor(s)) : i == (size_t)s + 1 ? s - floor(s) : 0;
}

/* Every output as a chain over all cells (those with weight 0 change nothing), and the gradient over all outputs. */
START_TEST(the_plain_sums_to_the_bit)
{
    static const size_t sizes[][4] = {{3, 4, 7, 9}, {1, 5, 6, 5}, {7, 3, 2, 8}, {6, 6, 3, 4}, {4, 1, 4, 3}};
    for (size_t k = 0; k < 5; k++) {
        const size_t *z = sizes[k], c = 2, frames = 4;
        fixture f;
        fixture_open(&f, SPAE_TAPE_RECORD);
        spae_var x = random_leaf(&f, spae_shape_of(2, 2, z[0], z[1], c), (uint32_t)k + 1);
        spae_var y = spae_resize(&f.tape, x, z[2], z[3]), u = random_leaf(&f, y->shape, 9);
        spae_var dx = gradient_of(&f, y, u, x);
        real *want = spae_arena_take_zeroed(&f.arena, spae_shape_count(y->shape), sizeof *want);
        real *back = spae_arena_take_zeroed(&f.arena, spae_shape_count(x->shape), sizeof *back);
        for (size_t o = 0; o < frames * z[2] * z[3]; o++)
            for (size_t i = 0; i < z[0] * z[1]; i++)
                for (size_t j = 0; j < c; j++) {
                    const size_t cell = (o / z[3] / z[2] * z[0] * z[1] + i) * c + j;
                    const real w = (real)(weight(o / z[3] % z[2], i / z[1], z[0], z[2]) *
                                          weight(o % z[3], i % z[1], z[1], z[3]));
                    want[o * c + j] += x->value[cell] * w;
                    back[cell] += u->value[o * c + j] * w;
                }
        ck_assert(same_bits(y->value, want, spae_shape_count(y->shape)));
        ck_assert(same_bits(dx->value, back, spae_shape_count(x->shape)));
        fixture_close(&f);
    }
}
END_TEST

START_TEST(the_adjoint_of_the_adjoint_is_the_resize)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_RECORD);
    spae_var x = random_leaf(&f, spae_shape_of(1, 2, 3, 5, 2), 1), y = spae_resize(&f.tape, x, 7, 4);
    spae_var u = random_leaf(&f, y->shape, 2), v = random_leaf(&f, x->shape, 3);
    spae_var dx = gradient_of(&f, y, u, x), again = gradient_of(&f, dx, v, u);
    ck_assert(same_bits(again->value, spae_resize(&f.tape, v, 7, 4)->value, spae_shape_count(y->shape)));
    fixture_close(&f);
}
END_TEST

START_TEST(a_size_of_0_is_refused)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_RECORD);
    spae_var x = random_leaf(&f, spae_shape_of(1, 1, 2, 2, 3), 1);
    ck_assert_refused(&f, spae_resize(&f.tape, x, 0, 4), SPAE_ERR_SHAPE, "resize");
    ck_assert_refused(&f, spae_resize(&f.tape, x, 4, 0), SPAE_ERR_SHAPE, "(4 and 0)");
    ck_assert_ptr_null(spae_resize(&f.tape, NULL, 4, 4));
    fixture_close(&f);
}
END_TEST

SUITE(suite_nn_resize, "nn/resize", two_cells_become_four_by_hand, shrinking_reads_two_cells_only,
      the_same_size_copies_and_a_constant_stays, the_plain_sums_to_the_bit,
      the_adjoint_of_the_adjoint_is_the_resize, a_size_of_0_is_refused)
