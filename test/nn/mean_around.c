/* The mean around each cell: the definition, the adjoint, windows that are refused. */
#include "fixture.h"

enum { T = 3, H = 4, W = 5, C = 2, CELLS = T * H * W };

/* Cell (t,h,w), channel j, by the definition: every cell of the tensor, in order, that is near
 * enough. */
static real by_definition(const real *x, const size_t window[3], size_t cell, size_t j)
{
    const size_t at[3] = {cell / W / H, cell / W % H, cell % W};
    real sum = 0, number = 0;
    for (size_t i = 0; i < CELLS; i++) {
        const size_t other[3] = {i / W / H, i / W % H, i % W};
        bool near = true;
        for (size_t a = 0; a < 3; a++)
            near =
                near && (other[a] > at[a] ? other[a] - at[a] : at[a] - other[a]) <= window[a] / 2;
        if (near) {
            sum = sum + x[i * C + j];
            number = number + 1;
        }
    }
    return sum / number;
}

START_TEST(definition)
{
    static const size_t windows[][3] = {{1, 3, 3}, {3, 3, 3}, {1, 1, 1}, {5, 1, 7}};
    for (size_t k = 0; k < 4; k++) {
        fixture f;
        real x[2 * CELLS * C];
        fixture_open(&f, SPAE_TAPE_RECORD);
        fill(x, 2 * CELLS * C, 9);
        spae_var y =
            spae_mean_around(&f.tape, leaf_of(&f, spae_shape_of(2, T, H, W, C), x), windows[k]);
        ck_assert_ptr_nonnull(y);
        for (size_t n = 0; n < 2; n++)
            for (size_t cell = 0; cell < CELLS; cell++)
                for (size_t j = 0; j < C; j++) {
                    const real due = by_definition(x + n * CELLS * C, windows[k], cell, j);
                    ck_assert(memcmp(&y->value[(n * CELLS + cell) * C + j], &due, sizeof due) == 0);
                }
        fixture_close(&f);
    }
}
END_TEST

/* <dy, mean x> = <gradient, x> for whole numbers scaled so that every quotient is exact, and again
 * for the gradient's. */
START_TEST(adjoint)
{
    const size_t window[3] = {1, 3, 1}; /* 2 or 3 cells: multiples of 6 divide */
    fixture f;
    real x[CELLS * C], g[CELLS * C];
    double left = 0, right = 0, again = 0;
    fixture_open(&f, SPAE_TAPE_RECORD);
    for (size_t i = 0; i < CELLS * C; i++) {
        x[i] = (real)(6 * (double)(i * i % 17));
        g[i] = (real)(6 * (double)(i * 7 % 11));
    }
    const spae_shape shape = spae_shape_of(1, T, H, W, C);
    spae_var leaf = leaf_of(&f, shape, x), up = leaf_of(&f, shape, g), d[1], e[1];
    spae_var y = spae_mean_around(&f.tape, leaf, window);
    ck_assert_int_eq(spae_tape_gradient(&f.tape, y, up, &leaf, 1, d), SPAE_OK);
    ck_assert_int_eq(spae_tape_gradient(&f.tape, d[0], leaf, &up, 1, e), SPAE_OK);
    for (size_t i = 0; i < CELLS * C; i++) {
        left += (double)g[i] * (double)y->value[i];
        right += (double)d[0]->value[i] * (double)x[i];
        again += (double)e[0]->value[i] * (double)g[i];
    }
    ck_assert(left >= right && left <= right && again >= left && again <= left);
    fixture_close(&f);
}
END_TEST

START_TEST(refused)
{
    fixture f;
    fixture_open(&f, SPAE_TAPE_RUN);
    real x[4] = {1, 2, 3, 4};
    ck_assert_ptr_null(spae_mean_around(&f.tape, leaf_of(&f, spae_shape_of(1, 1, 2, 2, 1), x),
                                        (const size_t[]){1, 2, 3}));
    ck_assert(f.tape.status == SPAE_ERR_SHAPE && strstr(f.err.text, "not odd") != NULL);
    ck_assert_ptr_null(spae_mean_around(&f.tape, NULL, (const size_t[]){1, 3, 3}));
    fixture_close(&f);
}
END_TEST

SUITE(suite_nn_mean_around, "nn/mean_around", definition, adjoint, refused)
