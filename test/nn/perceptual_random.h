/* What the suites of the perceptual networks share: small networks with random weights that make sense. */
#ifndef SPAE_TEST_NN_PERCEPTUAL_RANDOM_H
#define SPAE_TEST_NN_PERCEPTUAL_RANDOM_H

#include "nn/network.h"
#include "differences.h"

/* Values by formula: kernels of variance about 1 / fan_in, variances and scales in [0.5, 1.5], LPIPS's weights in
 * [0, 1], the rest in [-0.5, 0.5]. */
static inline real *random_weights(const spae_parameters *parameters, spae_arena *arena)
{
    real *values = spae_arena_take(arena, parameters->elements, sizeof *values);
    ck_assert_ptr_nonnull(values);
    for (uint32_t i = 0; i < parameters->count; i++) {
        const spae_parameter *p = &parameters->item[i];
        const size_t *k = p->shape.axis, count = spae_shape_count(p->shape);
        const double limit = sqrt(3.0 / (double)(k[0] * k[1] * k[2] * k[3]));
        const bool kernel = p->rank > 1, lin = strncmp(p->path, "lin/", 4) == 0;
        const bool positive = strstr(p->path, "/var") != NULL || strstr(p->path, "/scale") != NULL;
        for (size_t j = 0; j < count; j++) {
            const double u = scattered(i + 100, j);
            values[p->first + j] = (real)(lin ? u : kernel ? limit * (2 * u - 1) : positive ? 0.5 + u : u - 0.5);
        }
    }
    return values;
}

#endif
