/* Batches: examples one by one or side by side, and where their threads come from. */
#ifdef _OPENMP
#include <omp.h>
#endif

#include "fixture.h"
#include "nn/batch.h"

enum { EXAMPLES = 3, VALUES = 2 };

typedef struct {
    int level[EXAMPLES]; /* of parallel regions around each example */
} seen;

static int level(void)
{
#ifdef _OPENMP
    return omp_get_level();
#else
    return 0;
#endif
}

/* (index + 1) times the mean of the squares of the one parameter. */
static void loss_of(void *context, size_t index, spae_network *network, spae_var loss[SPAE_BATCH_LOSSES])
{
    const spae_scope scope = spae_scope_root("p");
    spae_var p = spae_network_parameter(network, &scope, "bias", 1, vector(VALUES));
    if (context != NULL)
        ((seen *)context)->level[index] = level();
    loss[0] = spae_scale(network->tape, spae_mean_square(network->tape, p), (real)(index + 1));
}

static void batch_gradient(size_t at_once, seen *s, real gradient[VALUES])
{
    static const real values[VALUES] = {3, -5};
    fixture f;
    spae_arena arenas[EXAMPLES];
    watch memory[EXAMPLES];
    spae_network network;
    fixture_open(&f, SPAE_TAPE_PLAN);
    spae_parameters parameters = {.arena = &f.arena};
    spae_var loss[SPAE_BATCH_LOSSES];
    spae_network_declare(&network, &f.tape, &parameters);
    loss_of(NULL, 0, &network, loss);
    for (size_t i = 0; i < EXAMPLES; i++)
        watched_arena(&arenas[i], &memory[i], 0);
    const spae_batch batch = {.parameters = &parameters,
                              .values = values,
                              .count = EXAMPLES,
                              .at_once = at_once,
                              .arenas = arenas,
                              .loss = loss_of,
                              .context = s,
                              .losses = 1,
                              .owned = {parameters.count}};
    size_t example;
    ck_assert_int_eq(spae_batch_gradient(&batch, gradient, &example, &f.err), SPAE_OK);
    for (size_t i = 0; i < EXAMPLES; i++) {
        ck_assert_uint_eq(arenas[i].used, 0);
        spae_arena_free(&arenas[i]);
    }
    fixture_close(&f);
}

START_TEST(gradients_are_added) /* d/dp of (1 + 2 + 3) (p0^2 + p1^2) / 2 */
{
    for (size_t at_once = 1; at_once <= EXAMPLES; at_once++) {
        seen s;
        real gradient[VALUES];
        batch_gradient(at_once, &s, gradient);
        ck_assert(gradient[0] == 18 && gradient[1] == -30);
    }
}
END_TEST

/* Loops within a parallel region, were it of one thread only, would start threads anew each time (gcc's OpenMP). */
START_TEST(an_example_alone_is_in_no_parallel_region)
{
    seen s = {{-1, -1, -1}};
    real gradient[VALUES];
    batch_gradient(1, &s, gradient);
    for (size_t i = 0; i < EXAMPLES; i++)
        ck_assert_int_eq(s.level[i], 0);
    batch_gradient(2, &s, gradient); /* two side by side, and one left over */
    ck_assert_int_eq(s.level[2], 0);
}
END_TEST

SUITE(suite_nn_batch, "nn/batch", gradients_are_added, an_example_alone_is_in_no_parallel_region)
