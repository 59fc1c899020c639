/* The measurements of bench_machine.h. */
#if defined(__unix__) || defined(__APPLE__)
#define _POSIX_C_SOURCE 200112L
#define SPAE_POSIX      1
#else
#define SPAE_POSIX 0
#endif

#include "io/bench_machine.h"

#include <string.h>
#include <time.h>

#ifdef _OPENMP
#include <omp.h>
#endif

#include "nn/real.h"

/* ---- clocks ---------------------------------------------------------------------------------- */

#if SPAE_POSIX && defined(CLOCK_MONOTONIC) && defined(CLOCK_PROCESS_CPUTIME_ID)
static double seconds_of(clockid_t which)
{
    struct timespec t;
    return clock_gettime(which, &t) == 0 ? (double)t.tv_sec + 1e-9 * (double)t.tv_nsec : 0;
}

double spae_bench_wall(void)
{
    return seconds_of(CLOCK_MONOTONIC);
}

double spae_bench_processor(void)
{
    return seconds_of(CLOCK_PROCESS_CPUTIME_ID);
}
#else
double spae_bench_wall(void)
{
    return spae_bench_processor();
}

double spae_bench_processor(void)
{
    return (double)clock() / CLOCKS_PER_SEC;
}
#endif

double spae_bench_clock(unsigned threads)
{
    return threads == 1 ? spae_bench_processor() : spae_bench_wall();
}

spae_status spae_bench_use_threads(unsigned threads, spae_error *err)
{
#ifdef _OPENMP
    (void)err;
    omp_set_num_threads((int)threads);
    return SPAE_OK;
#else
    return threads == 1
               ? SPAE_OK
               : spae_fail(err, SPAE_ERR_ARGUMENT,
                           "%u threads: this program was built without them (make OPENMP=1)",
                           threads);
#endif
}

/* ---- peak ------------------------------------------------------------------------------------ */

/* `BYTES` of chains acc = a + a acc, which converge for a = 1/2. How many are needed to fill the
 * pipelines, and how many registers hold, differs between instruction sets and compilers: the best
 * of several numbers is the machine's. */
#define STEPS 200000
#define CHAINS(NAME, BYTES)                                                                        \
    static real NAME(real a)                                                                       \
    {                                                                                              \
        enum { COUNT = (BYTES) / sizeof(real) };                                                   \
        real acc[COUNT], sum = 0;                                                                  \
        for (size_t j = 0; j < COUNT; j++)                                                         \
            acc[j] = (real)j; /* each its own, or one would be computed for all */                 \
        for (int i = 0; i < STEPS; i++)                                                            \
            for (size_t j = 0; j < COUNT; j++)                                                     \
                acc[j] = a + a * acc[j];                                                           \
        for (size_t j = 0; j < COUNT; j++)                                                         \
            sum += acc[j];                                                                         \
        return sum;                                                                                \
    }
CHAINS(chains_32, 32)
CHAINS(chains_192, 192) /* 12 registers of 16 bytes */
CHAINS(chains_224, 224)
CHAINS(chains_384, 384) /* 12 of 32, 24 of 16 */
CHAINS(chains_448, 448)
CHAINS(chains_768, 768) /* 12 of 64, 24 of 32 */
CHAINS(chains_1024, 1024)

static const struct {
    real (*run)(real a);
    unsigned bytes;
} chains[] = {{chains_32, 32},   {chains_192, 192}, {chains_224, 224},  {chains_384, 384},
              {chains_448, 448}, {chains_768, 768}, {chains_1024, 1024}};
enum { KINDS = sizeof chains / sizeof chains[0] };

/* So that nothing is computed beforehand, or not at all. */
static volatile real half = (real)0.5;

/* GFLOP/s of one run in each thread, several times over: starting threads takes time too. */
static double chain_speed(size_t kind, unsigned threads)
{
    const real a = half;
    real total = 0;
    const unsigned times = threads > 1 ? 4 : 1;
    const double begin = spae_bench_wall();
#ifdef _OPENMP
#pragma omp parallel for reduction(+ : total) if (threads > 1)
#endif
    for (unsigned thread = 0; thread < threads; thread++)
        for (unsigned i = 0; i < times; i++)
            total += chains[kind].run(a);
    const double seconds = spae_bench_wall() - begin;
    half = half + 0 * total;
    const double work = 2.0 * STEPS * times * threads * (chains[kind].bytes / sizeof(real));
    return seconds > 0 ? 1e-9 * work / seconds : 0;
}

double spae_bench_peak(unsigned threads, double seconds)
{
    const double start = spae_bench_wall();
    double best = 0;
    do {
        for (size_t kind = 0; kind < KINDS; kind++) {
            const double speed = chain_speed(kind, threads);
            best = speed > best ? speed : best;
        }
    } while (spae_bench_wall() - start < seconds);
    return best;
}

/* ---- bandwidth ------------------------------------------------------------------------------- */

static uint64_t sum_of(const uint64_t *x, size_t count)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += x[i];
    return sum;
}

/* GB/s of one piece, of which each thread has `words`; of a copy the first half goes to the second.
 */
static double pass(uint64_t *x, size_t words, unsigned threads, bool copy)
{
    const double begin = spae_bench_wall();
#ifdef _OPENMP
#pragma omp parallel for if (threads > 1)
#endif
    for (unsigned thread = 0; thread < threads; thread++) {
        uint64_t *own = x + thread * words;
        if (copy)
            memcpy(own + words / 2, own, words / 2 * sizeof *own);
        else
            own[0] = sum_of(own, words);
    }
    const double seconds = spae_bench_wall() - begin;
    return seconds > 0 ? 1e-9 * (double)(threads * words * sizeof *x) / seconds : 0;
}

/* The best of many pieces, each short enough to be left alone now and then; when the first comes
 * again, the others have driven it out of all caches. */
spae_status spae_bench_bandwidth(unsigned threads, double seconds, size_t bytes, double *read,
                                 double *copy, spae_error *err)
{
    enum { PIECES = 16 };
    const size_t words = bytes / sizeof(uint64_t) / threads / PIECES,
                 all = PIECES * threads * words;
    double best[2] = {0, 0};
    spae_arena arena;
    spae_arena_hosted(&arena);
    uint64_t *x = spae_arena_take(&arena, all, sizeof *x);
    if (x == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "bandwidth: no memory for %zu bytes", bytes);
    memset(x, 1, all * sizeof *x); /* so that every page is there */
    const double start = spae_bench_wall();
    do {
        for (size_t i = 0; i < 2 * PIECES; i++) {
            const double speed =
                pass(x + i % PIECES * threads * words, words, threads, i >= PIECES);
            best[i / PIECES] = speed > best[i / PIECES] ? speed : best[i / PIECES];
        }
    } while (spae_bench_wall() - start < seconds);
    spae_arena_free(&arena);
    *read = best[0];
    *copy = best[1];
    return SPAE_OK;
}
