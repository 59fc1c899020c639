/* Adam and the average of weights, step by step. */
#include "ops.h"

#include <string.h>

#include "../../nn/optimizer.h"
#include "compare.h"

/* The file (n), and the file (steps,n) that moves it. */
typedef struct {
    size_t n, steps;
    real *start; /* (n) */
    real *moves; /* (steps,n) */
    spae_shape shape;
} history;

static history read_history(oracle_case *c, const char *start, const char *moves)
{
    const oracle_array a = oracle_read(c, start), b = oracle_read(c, moves);
    const size_t steps = oracle_size(c, "steps", 1, 1 << 20), n = a.count;
    oracle_want_shape(c, &a, 1, &n);
    oracle_want_shape(c, &b, 2, (const size_t[]){steps, n});
    return (history){n, steps, oracle_reals(c, &a), oracle_reals(c, &b), spae_shape_of(1, 1, 1, steps, n)};
}

static void adam(oracle_case *c)
{
    const history h = read_history(c, "in_param", "in_grads");
    const spae_adam constants = {oracle_number(c, "lr"), oracle_number(c, "beta1"), oracle_number(c, "beta2"),
                                 oracle_number(c, "eps")};
    real *m = oracle_take(c, h.steps * h.n, sizeof *m), *v = oracle_take(c, h.steps * h.n, sizeof *v);
    real *value = oracle_take(c, h.steps * h.n, sizeof *value);
    memcpy(value, h.start, h.n * sizeof *value);
    for (size_t i = 0; i < h.n; i++)
        m[i] = v[i] = 0;
    for (size_t t = 0; t < h.steps; t++) {
        const size_t row = t * h.n;
        spae_adam_step(&constants, t + 1, h.n, h.moves + row, m + row, v + row, value + row);
        if (t + 1 < h.steps) { /* the next row starts where this one ended */
            memcpy(m + row + h.n, m + row, h.n * sizeof *m);
            memcpy(v + row + h.n, v + row, h.n * sizeof *v);
            memcpy(value + row + h.n, value + row, h.n * sizeof *value);
        }
    }
    oracle_compare(c, "out_params", h.shape, value);
    oracle_compare(c, "out_m", h.shape, m);
    oracle_compare(c, "out_v", h.shape, v);
}

static void ema(oracle_case *c)
{
    const history h = read_history(c, "in_ema", "in_params");
    const double decay = oracle_number(c, "decay");
    real *average = oracle_take(c, h.steps * h.n, sizeof *average);
    for (size_t t = 0; t < h.steps; t++) {
        memcpy(average + t * h.n, t > 0 ? average + (t - 1) * h.n : h.start, h.n * sizeof *average);
        spae_average_step(decay, h.n, h.moves + t * h.n, average + t * h.n);
    }
    oracle_compare(c, "out_ema", h.shape, average);
}

const oracle_op oracle_optimizer_ops[] = {{"adam", adam}, {"ema", ema}, {NULL, NULL}};
