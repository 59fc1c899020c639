/* What this machine can do at best, measured: what the stages of bench.h are held against.
 *
 * Clocks       C99 has clock(), the processor time of all threads together, and time(), in whole
 * seconds. Where there is POSIX, CLOCK_PROCESS_CPUTIME_ID and CLOCK_MONOTONIC measure the same in
 *              nanoseconds; elsewhere both clocks are clock(). Processor time leaves other programs
 * out, so it is what counts with one thread; with several only wall time says what they gain. When
 * a system changes programs it may credit a part of a millisecond wrongly: what is timed by
 * processor time takes SPAE_BENCH_SAMPLE or more. Peak and bandwidth are the best of many runs of a
 * millisecond, by wall time, of which some are not disturbed. Peak         multiplication, then
 * addition, each rounded by itself, as the numerics demand: independent chains in registers and
 * nothing else. A fused multiply-add is not counted, for it is not allowed. Bandwidth    of arrays
 * too large for any cache: read, the sum of their words; copy, memcpy, which counts what is read
 * and what is written.
 */
#ifndef SPAE_IO_BENCH_MACHINE_H
#define SPAE_IO_BENCH_MACHINE_H

#include <stdbool.h>

#include "spae.h"

#define SPAE_BENCH_SAMPLE 0.01 /* seconds */

/* Seconds since some moment. */
double spae_bench_wall(void);
double spae_bench_processor(void);

/* The one that counts with so many threads. */
double spae_bench_clock(unsigned threads);

/* Makes kernels use so many threads from here on.
 *   err  SPAE_ERR_ARGUMENT  more than one, and the program was built without OPENMP=1 */
spae_status spae_bench_use_threads(unsigned threads, spae_error *err);

/* GFLOP/s of `real`, two operations for each multiply-add, of all threads together: the best of
 * runs that take `seconds` in all. */
double spae_bench_peak(unsigned threads, double seconds);

/* GB/s (10^9 bytes), likewise.
 *   in   bytes  room to read and to copy in; at least 2^16
 *   err  SPAE_ERR_NO_MEMORY */
spae_status spae_bench_bandwidth(unsigned threads, double seconds, size_t bytes, double *read,
                                 double *copy, spae_error *err);

#endif
