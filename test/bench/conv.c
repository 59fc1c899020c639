/* How fast the three convolution forms run, beside the machine's peak of separately rounded
 * multiply-add (io/bench_machine.h).
 *
 *     conv [SECONDS]     seconds per measurement, 0.2 unless said; the best of its runs is printed
 *
 * Columns: GFLOP/s (two operations for each tap inside or in padding) and percent of the peak of
 * one thread, for forward, input gradient and kernel gradient.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "io/bench_machine.h"
#include "nn/conv.h"
#include "spae.h"

typedef struct {
    const char *name;
    size_t n, size, ci, kernel, stride, co; /* size 0: dense, n rows */
} layer;

static const layer layers[] = {
    {"image-128 first", 1, 128, 3, 3, 1, 128}, {"image-128", 1, 128, 128, 3, 1, 128},
    {"image-128 last", 1, 128, 128, 3, 1, 3},  {"image-128 halve", 1, 128, 128, 3, 2, 128},
    {"image-128", 1, 64, 128, 3, 1, 256},      {"image-128", 1, 64, 256, 3, 1, 256},
    {"image-128", 1, 16, 512, 3, 1, 512},      {"image-128 1x1", 1, 16, 512, 1, 1, 1536},
    {"image-128 1x1", 1, 16, 1536, 1, 1, 512}, {"mnist first", 16, 32, 1, 3, 1, 32},
    {"mnist first", 16, 32, 3, 3, 1, 32},      {"mnist", 16, 32, 32, 3, 1, 32},
    {"mnist last", 16, 32, 32, 3, 1, 1},       {"mnist halve", 16, 32, 32, 4, 2, 32},
    {"mnist", 16, 16, 64, 3, 1, 64},           {"mnist", 16, 8, 64, 3, 1, 64},
    {"mnist 1x1", 16, 8, 64, 1, 1, 64},        {"mnist", 16, 4, 128, 3, 1, 128},
    {"mnist, one", 1, 4, 128, 3, 1, 128},      {"dense", 37, 0, 100, 1, 1, 8192},
    {"dense", 4096, 0, 256, 1, 1, 256},
};

static double now(void) /* processor time: other programs do not count, further threads add up */
{
    return (double)clock() / CLOCKS_PER_SEC;
}

static double limit = 0.2;

static real *reals(spae_arena *arena, size_t count)
{
    real *v = spae_arena_take(arena, count, sizeof *v);
    if (v == NULL)
        exit(1);
    for (size_t i = 0; i < count; i++)
        v[i] = (real)((double)(i * 2654435761u % 1021) / 512 - 1);
    return v;
}

typedef struct {
    spae_conv s;
    real *x, *y, *k, *scratch;
} job;

static void run(const job *j, int form)
{
    if (form == 0)
        spae_conv_forward(&j->s, j->x, j->k, NULL, j->y, j->scratch);
    else if (form == 1)
        spae_conv_input_gradient(&j->s, j->y, j->k, j->x, j->scratch);
    else
        spae_conv_kernel_gradient(&j->s, j->x, j->y, j->k, j->scratch);
}

static double speed(const job *j, int form, double work)
{
    const int runs =
        1 + (int)(2e8 / work); /* a millisecond or more at a time: the clock may be coarse */
    double best = 1e30;
    for (const double start = now(); now() - start < limit;) {
        const double begin = now();
        for (int i = 0; i < runs; i++)
            run(j, form);
        const double seconds = (now() - begin) / runs;
        best = seconds < best ? seconds : best;
    }
    return 1e-9 * work / best;
}

static size_t volume(const size_t v[3])
{
    return v[0] * v[1] * v[2];
}

static void measure(const layer *l, double peak_speed)
{
    const spae_conv s = l->size ? spae_conv_same(l->n, (const size_t[]){1, l->size, l->size}, l->ci,
                                                 (const size_t[]){1, l->kernel, l->kernel},
                                                 (const size_t[]){1, l->stride, l->stride}, l->co)
                                : spae_conv_dense(l->n, l->ci, l->co);
    const size_t scratch[3] = {spae_conv_forward_scratch(&s), spae_conv_input_gradient_scratch(&s),
                               spae_conv_kernel_gradient_scratch(&s)};
    const size_t largest = scratch[0] > scratch[1] ? scratch[0] : scratch[1];
    const size_t outputs = s.n * volume(s.out) * s.co;
    const double work = 2.0 * (double)outputs * (double)volume(s.kernel) * (double)s.ci;
    printf("%-16s %4zu x %3zu^2  %4zu -> %4zu  %zux%zu/%zu %8.1f MFLOP", l->name, l->n, l->size,
           l->ci, l->co, l->kernel, l->kernel, l->stride, 1e-6 * work);
    for (int form = 0; form < 3; form++) {
        spae_arena arena; /* in the pages that the program's own arrays lie in */
        spae_arena_hosted(&arena);
        job j = {s, reals(&arena, s.n * volume(s.in) * s.ci), reals(&arena, outputs),
                 reals(&arena, volume(s.kernel) * s.ci * s.co),
                 reals(&arena, largest > scratch[2] ? largest : scratch[2])};
        const double f = speed(&j, form, work);
        printf("  %6.1f %3.0f%%", f, 100 * f / peak_speed);
        spae_arena_free(&arena);
    }
    printf("\n");
    fflush(stdout);
}

int main(int argc, char **argv)
{
    if (argc > 1)
        limit = atof(argv[1]);
    const double peak_speed = spae_bench_peak(1, 2 * limit);
    printf("peak of separately rounded multiply-add, one thread: %.1f GFLOP/s\n", peak_speed);
    printf("%59s      forward   input grad  kernel grad\n", "");
    for (size_t i = 0; i < sizeof layers / sizeof *layers; i++)
        measure(&layers[i], peak_speed);
    return 0;
}
