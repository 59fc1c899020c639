/* What training tells: a log to keep (SPEC 8.28), the same bytes on every machine, and lines to watch. */
#ifndef SPAE_IO_PROGRESS_H
#define SPAE_IO_PROGRESS_H

#include <stdio.h>
#include <time.h>

#include "spae.h"

/* One training step. */
typedef struct {
    uint64_t step; /* steps taken so far, this one included */
    double learning_rate;
    spae_terms terms; /* means over the batch */
    double psnr;      /* of the mean squared error l2, in dB, peak 1; not clamped */
    double first_word; /* part of the batch whose first token is a word of its source; NaN: no labels */
} spae_progress_row;

/* The PSNR of a log and of means over pictures: spae_psnr for peak 1 (nn/metrics.h), 100 where error is below 1e-10, so
 * that pictures rebuilt to the bit leave a mean a number. */
double spae_progress_psnr(double error);

/* ---- the log: CSV, a header and one row a step, in decimals that read back the same ---------- */

typedef struct {
    FILE *file;       /* NULL: no log */
    const char *path; /* borrowed */
} spae_progress_log;

/* Opens a log after `kept` steps. With kept 0, or when there is no file, it is made anew; otherwise
 * rows of later steps, and a last line cut off by a crash, are removed first, the file being
 * replaced as a whole.
 *   in   path  NULL: no log, and every call below does nothing
 *   err  SPAE_ERR_FORMAT  a file that does not begin with the log's header
 *        SPAE_ERR_IO  SPAE_ERR_NO_MEMORY */
spae_status spae_progress_open(spae_progress_log *log, const char *path, uint64_t kept,
                               spae_arena *scratch, spae_error *err);

/* Adds a row and hands it to the system.
 *   err  SPAE_ERR_IO */
spae_status spae_progress_add(spae_progress_log *log, const spae_progress_row *row,
                              spae_error *err);

/*   err SPAE_ERR_IO */
spae_status spae_progress_close(spae_progress_log *log, spae_error *err);

/* ---- lines on stderr ---- */

typedef struct {
    time_t start, last;    /* when the run began, and when the last line was written */
    uint64_t first, steps; /* steps taken when it began, and at its end */
    unsigned every;        /* seconds between lines; 0: no lines but the last step's */
    size_t batch;
} spae_progress_clock;

void spae_progress_start(spae_progress_clock *clock, uint64_t first, uint64_t steps, size_t batch,
                         unsigned every);

/* Writes a line when it is time, or at the last step, all in one:
 *   step 120/1000  l2 0.0123  commitment 0.1  semantic 5.2  weight 0.01  total 0.3  psnr 19.1
 *   word 88%  41/s  0:12:30 left */
void spae_progress_show(spae_progress_clock *clock, const spae_progress_row *row);

#endif
