/* Training curves: logs (csv.h, with a column "step") drawn as small panels, one a metric, in the
 * form of the paper's Fig. 12. Several logs lie over each other, one colour a log.
 *
 *     spae_curves curves = spae_curves_start(&options, &arena);
 *     status = spae_curves_add(&curves, "ours", &source, err);      for each log
 *     status = spae_curves_write(&curves, &bytes, &size, err);
 *
 * Columns that belong together share a panel (curves.c has the list), others have their own;
 * columns without any value, and losses that are 0 throughout (terms that are off), are left out
 * and named under the title. A log of more than 512 rows is thinned: each point then stands for 2^k
 * rows, by their mean and, with one log, their least and greatest value. Memory does not grow with
 * the logs.
 */
#ifndef SPAE_IO_CURVES_H
#define SPAE_IO_CURVES_H

#include "io/chart.h"

#define SPAE_CURVES_LOGS_MOST   SPAE_CHART_COLOURS
#define SPAE_CURVES_SMOOTH_MOST 10000
#define SPAE_CURVES_ACROSS_MOST 6

typedef struct {
    const char *title;   /* borrowed */
    const char *columns; /* "l2,psnr": only these; NULL: all. Borrowed */
    size_t smooth; /* rows of the running mean: a row and those before it, without NaNs; at most
                    * SPAE_CURVES_SMOOTH_MOST; 0, 1: none. Applied before thinning, not to bands */
    spae_chart_scale scale; /* of the losses; PSNR, accuracy and learning rate are always linear */
    size_t across;          /* panels in a row, 1 .. SPAE_CURVES_ACROSS_MOST */
} spae_curves_options;

typedef struct {
    spae_curves_options options;
    spae_arena *arena; /* borrowed */
    size_t logs;
    struct spae_curves_log *log[SPAE_CURVES_LOGS_MOST]; /* in the arena */
} spae_curves;

spae_curves spae_curves_start(const spae_curves_options *options, spae_arena *arena);

/* Reads a log to its end.
 *   in   label  borrowed
 *   err  SPAE_ERR_FORMAT    no column "step", or no other; a step that is missing or not above the
 *                           one before it
 *        SPAE_ERR_ARGUMENT  more than SPAE_CURVES_LOGS_MOST logs
 *        SPAE_ERR_NO_MEMORY, and those of csv.h */
spae_status spae_curves_add(spae_curves *curves, const char *label, const spae_source *source,
                            spae_error *err);

/* The SVG.
 *   out  bytes  (size), in the arena
 *   err  SPAE_ERR_ARGUMENT  options.columns names one that no log has (the text lists those there
 *                           are), or there is no value to draw
 *        SPAE_ERR_NO_MEMORY */
spae_status spae_curves_write(const spae_curves *curves, const uint8_t **bytes, size_t *size,
                              spae_error *err);

#endif
