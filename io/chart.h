/* Small line charts side by side, as one SVG: training curves in the form of the paper's Fig. 12.
 *
 * The SVG needs nothing else (no scripts, no fonts, no network), follows the reader's dark mode,
 * and is the same bytes on every machine: elementary functions are vendor_free's, numbers are
 * written by vendor_free/decimal. It is laid out `across` panels wide, 360 units each, with letters
 * of 14 units: one across fills a phone.
 */
#ifndef SPAE_IO_CHART_H
#define SPAE_IO_CHART_H

#include "io/file.h"

#define SPAE_CHART_COLOURS 12 /* that can be told from each other, in either mode */
#define SPAE_CHART_DASHES  5  /* solid, dashed, dotted, dash-dotted, long */

/* How a line is drawn; both are taken modulo the numbers above. */
typedef struct {
    size_t colour, dash;
} spae_chart_style;

typedef struct {
    spae_chart_style style;
    size_t count;
    const double *x, *y; /* (count), borrowed; x finite, not decreasing; a y that is NaN is a gap */
    const double *low, *high; /* (count), borrowed: a band around the line; both NULL: none */
} spae_chart_line;

/* What a style stands for. The label is any bytes: what is no UTF-8, or a control character, is
 * shown as U+FFFD. */
typedef struct {
    spae_chart_style style;
    const char *label;
} spae_chart_key;

typedef enum {
    SPAE_CHART_AUTO, /* logarithmic when all y are above 0, the greatest 30 times the least or more */
    SPAE_CHART_LINEAR,
    SPAE_CHART_LOG, /* y of 0 and below are gaps; stated in the title */
    SPAE_CHART_SCALES
} spae_chart_scale;

typedef struct {
    const char *title;
    spae_chart_scale scale;
    double low, high; /* the range of y when low < high; otherwise that of the lines' values */
    const spae_chart_line *line;
    size_t lines;
    const spae_chart_key *key;
    size_t keys;
} spae_chart_panel;

typedef struct {
    const char *title, *x_title;
    const char *const *note; /* (notes) lines under the title */
    size_t notes;
    const spae_chart_key *key; /* under the notes, for all panels */
    size_t keys;
    const spae_chart_panel *panel;
    size_t panels, across; /* across >= 1 */
} spae_chart;

/* The file's bytes.
 *   out  bytes  (size), in the arena
 *   err  SPAE_ERR_ARGUMENT    no panels, or none across
 *        SPAE_ERR_NOT_FINITE  a value that is infinite or beyond +-1e100, or an x that is NaN
 *        SPAE_ERR_NO_MEMORY */
spae_status spae_chart_write(const spae_chart *chart, spae_arena *arena, const uint8_t **bytes,
                             size_t *size, spae_error *err);

/* The names of the scales, for options: auto, linear, log. */
extern const char *const spae_chart_scale_names[SPAE_CHART_SCALES];

#endif
