/* The entropy term: values by hand and by formula, differences to the second order. */
#include "../../nn/entropy.h"

#include "differences.h"

static spae_var entropy(spae_tape *tape, const spae_var *x)
{
    return spae_entropy_loss(tape, x[0], x[1], 0.5);
}

START_TEST(differences)
{
    const difference_case c = {"entropy", entropy, 2, {{{1, 1, 2, 2, 3}}, {{1, 1, 1, 4, 3}}}, -1, 1, false, 0};
    difference_check(&c);
}
END_TEST

/* softmax of -|z_i - e(k)|^2 / temperature, all in binary64, as the definition writes it */
static double by_formula(const real *z, const real *e, size_t rows, size_t V, size_t c, double temperature)
{
    double each = 0, mean[8] = {0}, all = 0;
    for (size_t i = 0; i < rows; i++) {
        double p[8], sum = 0;
        for (size_t k = 0; k < V; k++) {
            double square = 0;
            for (size_t j = 0; j < c; j++)
                square += pow((double)z[i * c + j] - (double)e[k * c + j], 2);
            sum += p[k] = exp(-square / temperature);
        }
        for (size_t k = 0; k < V; k++) {
            each -= p[k] / sum * log(p[k] / sum) / (double)rows;
            mean[k] += p[k] / sum / (double)rows;
        }
    }
    for (size_t k = 0; k < V; k++)
        all -= mean[k] * log(mean[k] + 1e-5);
    return each - all;
}

START_TEST(by_the_definition)
{
    spae_arena arena = test_arena();
    spae_tape tape;
    spae_tape_start(&tape, &arena, SPAE_TAPE_RUN, NULL);
    const spae_shape grid = {{1, 1, 2, 3, 4}}, book = {{1, 1, 1, 5, 4}};
    const real *z = filled(&arena, grid, 1, -1, 1), *e = filled(&arena, book, 2, -1, 1);
    spae_var zv = spae_tape_constant(&tape, grid, z), ev = spae_tape_constant(&tape, book, e);
    const double tolerance = sizeof(real) == sizeof(double) ? 1e-13 : 1e-5;
    for (double temperature = 0.25; temperature < 3; temperature *= 2) {
        spae_var y = spae_entropy_loss(&tape, zv, ev, temperature);
        ck_assert_double_eq_tol((double)y->value[0], by_formula(z, e, 6, 5, 4, temperature), tolerance);
    }
    spae_arena_free(&arena);
}
END_TEST

/* Two rows, each far nearer to its own word: sure of themselves, and the words equally in use: 0 - log 2. */
START_TEST(sure_and_even)
{
    spae_arena arena = test_arena();
    spae_tape tape;
    spae_tape_start(&tape, &arena, SPAE_TAPE_RUN, NULL);
    const real z[2] = {-8, 8}, e[2] = {-8, 8};
    spae_var y = spae_entropy_loss(&tape, spae_tape_constant(&tape, spae_shape_of(1, 1, 1, 2, 1), z),
                                   spae_tape_constant(&tape, spae_shape_of(1, 1, 1, 2, 1), e), 1);
    ck_assert_double_eq_tol((double)y->value[0], log(0.5 + 1e-5), 1e-6);
    spae_arena_free(&arena);
}
END_TEST

SUITE(suite_nn_entropy, "nn/entropy", differences, by_the_definition, sure_and_even)
