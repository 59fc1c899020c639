/* A table of measured stages: its figures, its form in files, and how two of them compare.
 *
 * A file has one table a line, each a JSON object:
 *     "bench"      1, the version of this form          "bits"  of `real`: 32, of the ORACLE build
 * 64 "words", "batch", "threads", "recompute", "config"        bench.h "machine"    "peak" of one
 * thread, "peak_threads" of all, GFLOP/s; "read", "copy" of all, GB/s "stages"     an array of
 * objects: "name", "multiply_adds", "bytes", "memory", "samples", "wall" and "processor" (each
 * "best" and "median", in seconds), and from these "seconds", "gflops", "of_peak", "gbytes",
 * "of_read"; reading passes over the latter
 *
 * Times of different hours and machines do not compare, for clocks and neighbours change. So a
 * stage is compared by what it leaves of the peak that was measured in the same run.
 */
#ifndef SPAE_IO_BENCH_TABLE_H
#define SPAE_IO_BENCH_TABLE_H

#include "io/bench.h"

typedef struct {
    spae_bench_settings set; /* wants: the stages that are there; seconds is not kept */
    double peak, peak_threads, read, copy;
    spae_bench_result result[SPAE_BENCH_STAGES];
} spae_bench_table;

/* Of one run, which is there: seconds, the best by the clock that counts (spae_bench_clock);
 * GFLOP/s, two operations for each multiply-add; their part of threads times the peak of one; GB/s,
 * and their part of what can be read. */
double spae_bench_seconds(const spae_bench_table *table, spae_bench_stage stage);
double spae_bench_gflops(const spae_bench_table *table, spae_bench_stage stage);
double spae_bench_of_peak(const spae_bench_table *table, spae_bench_stage stage);
double spae_bench_gbytes(const spae_bench_table *table, spae_bench_stage stage);
double spae_bench_of_read(const spae_bench_table *table, spae_bench_stage stage);

/* Seconds times peak, now over before: below 1 is faster. The stage is there in both. */
double spae_bench_ratio(const spae_bench_table *now, const spae_bench_table *before,
                        spae_bench_stage stage);

/* The table as a line, without its end.
 *   out  text  (length) in the arena
 *   err  SPAE_ERR_NO_MEMORY */
spae_status spae_bench_table_write(const spae_bench_table *table, spae_arena *arena, char **text,
                                   size_t *length, spae_error *err);

/* All tables of a file, "-" too; empty lines are passed over.
 *   out  table  (count) in the arena; count >= 1
 *   err  SPAE_ERR_FORMAT  "FILE: line 2: ...": not of the form above, or no table at all
 *        and those of spae_file_read_all */
spae_status spae_bench_tables_read(const char *path, spae_arena *arena, spae_bench_table **table,
                                   size_t *count, spae_error *err);

/* The last of `count` tables that was measured with the same settings as *now.
 *   in   name  of the file, for messages
 *   err  SPAE_ERR_ARGUMENT  there is none: the text says what differs, or which presets there are
 */
spae_status spae_bench_find(const spae_bench_table *now, const spae_bench_table *table,
                            size_t count, const char *name, const spae_bench_table **found,
                            spae_error *err);

#endif
