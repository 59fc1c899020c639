/* The curves of curves.h: a log becomes at most POINTS points a column, columns become panels. */
#include "io/curves.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "io/csv.h"

enum {
    POINTS = 512,
    COLUMNS_MOST = SPAE_CURVES_LOGS_MOST * SPAE_CSV_COLUMNS_MOST, /* of all logs together */
    NEUTRAL = 9 /* the colour of keys that stand for dashes */
};

/* Point p of column c is at [c * POINTS + p]. */
struct spae_curves_log {
    const char *label;
    spae_csv *csv; /* its header is used to the end */
    size_t step;   /* the column of steps */
    size_t smooth;
    uint64_t rows, width; /* rows in all, and of a point */
    size_t points;
    double first, last; /* steps */
    double *x,
        *x_rows;    /* (POINTS) the mean of a point's steps (their sum until the end), how many */
    double *mean;   /* (columns,POINTS) NaN: no value; until the end the sum, of */
    double *values; /* (columns,POINTS) so many values */
    double *low, *high; /* (columns,POINTS) of the values before smoothing */
    double *row;        /* (columns) */
    double *ring;       /* (columns,smooth) the last rows */
    double *sum, *in;   /* (columns) of the ring's values, and how many they are */
};
typedef struct spae_curves_log curve_log;

spae_curves spae_curves_start(const spae_curves_options *options, spae_arena *arena)
{
    return (spae_curves){.options = *options, .arena = arena};
}

/* ---- smoothing ------------------------------------------------------------------------------- */

static void add_value(curve_log *log, size_t c, double value, double sign)
{
    if (isnan(value))
        return;
    log->sum[c] += sign * value;
    log->in[c] += sign;
}

/* The mean of the last `smooth` values of column c, of which `value`, of row number `rows`, is the
 * newest. The sum is made anew whenever the ring begins again, so that rounding errors do not add
 * up over a log. */
static double smoothed(curve_log *log, size_t c, double value)
{
    double *ring = log->ring + c * log->smooth;
    const size_t at = (size_t)(log->rows % log->smooth);
    if (log->rows >= log->smooth)
        add_value(log, c, ring[at], -1);
    ring[at] = value;
    if (at == 0 && log->rows > 0) {
        log->sum[c] = log->in[c] = 0;
        for (size_t i = 0; i < log->smooth; i++)
            add_value(log, c, ring[i], 1);
    } else {
        add_value(log, c, value, 1);
    }
    return log->in[c] > 0 ? log->sum[c] / log->in[c] : (double)NAN;
}

/* ---- thinning -------------------------------------------------------------------------------- */

static void clear_point(curve_log *log, size_t p)
{
    log->x[p] = log->x_rows[p] = 0;
    for (size_t c = 0, i = p; c < log->csv->columns; c++, i += POINTS) {
        log->mean[i] = log->values[i] = 0;
        log->low[i] = INFINITY;
        log->high[i] = -INFINITY;
    }
}

/* Adds what point `from` holds to point `to`. */
static void merge_points(curve_log *log, size_t to, size_t from)
{
    log->x[to] += log->x[from];
    log->x_rows[to] += log->x_rows[from];
    for (size_t c = 0; c < log->csv->columns; c++) {
        const size_t i = c * POINTS + to, j = c * POINTS + from;
        log->mean[i] += log->mean[j];
        log->values[i] += log->values[j];
        log->low[i] = fmin(log->low[i], log->low[j]);
        log->high[i] = fmax(log->high[i], log->high[j]);
    }
}

/* All points are full: two become one of twice the width. */
static void halve_points(curve_log *log)
{
    curve_log from = *log;
    for (size_t p = 0; p < POINTS / 2; p++) {
        if (p > 0) {
            clear_point(log, p);
            merge_points(log, p, 2 * p);
        }
        merge_points(log, p, 2 * p + 1);
    }
    log->points = from.points / 2;
    log->width = 2 * from.width;
}

static void add_row(curve_log *log)
{
    if (log->rows % log->width == 0) {
        if (log->points == POINTS)
            halve_points(log);
        clear_point(log, log->points++);
    }
    const size_t p = log->points - 1;
    log->x[p] += log->row[log->step];
    log->x_rows[p] += 1;
    for (size_t c = 0, i = p; c < log->csv->columns; c++, i += POINTS) {
        const double value = log->row[c],
                     smooth = log->smooth > 1 ? smoothed(log, c, value) : value;
        log->mean[i] += isnan(smooth) ? 0 : smooth;
        log->values[i] += isnan(smooth) ? 0 : 1;
        log->low[i] = fmin(log->low[i], value); /* a NaN is passed over */
        log->high[i] = fmax(log->high[i], value);
    }
    log->rows++;
}

/* Sums become means; a point of a smoothed column in which no row has a value of its own has the
 * mean as band. */
static void finish_points(curve_log *log)
{
    for (size_t p = 0; p < log->points; p++) {
        log->x[p] /= log->x_rows[p];
        for (size_t c = 0, i = p; c < log->csv->columns; c++, i += POINTS) {
            log->mean[i] = log->values[i] > 0 ? log->mean[i] / log->values[i] : (double)NAN;
            if (log->low[i] > log->high[i])
                log->low[i] = log->high[i] = log->mean[i];
        }
    }
}

/* ---- reading --------------------------------------------------------------------------------- */

static spae_status take_log(curve_log *log, size_t smooth, spae_arena *arena, spae_error *err)
{
    const size_t columns = log->csv->columns, all = columns * POINTS;
    double **arrays[] = {&log->mean, &log->values, &log->low, &log->high};
    for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++)
        *arrays[i] = spae_arena_take(arena, all, sizeof(double));
    log->smooth = smooth;
    log->width = 1;
    log->x = spae_arena_take(arena, 2 * POINTS, sizeof(double));
    log->row = spae_arena_take_zeroed(arena, 3 * columns, sizeof(double));
    log->ring = spae_arena_take(arena, columns * smooth, sizeof(double));
    if (log->mean == NULL || log->values == NULL || log->low == NULL || log->high == NULL ||
        log->x == NULL || log->row == NULL || log->ring == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for curves of %zu columns",
                         log->csv->source->name, columns);
    log->x_rows = log->x + POINTS;
    log->sum = log->row + columns;
    log->in = log->sum + columns;
    return SPAE_OK;
}

static spae_status check_step(curve_log *log, spae_error *err)
{
    const double step = log->row[log->step];
    const char *file = log->csv->source->name;
    const unsigned long long line = log->csv->line;
    if (isnan(step))
        return spae_fail(err, SPAE_ERR_FORMAT,
                         "%s: line %llu: column %zu (step): expected a number", file, line,
                         log->step + 1);
    if (log->rows > 0 && step <= log->last)
        return spae_fail(err, SPAE_ERR_FORMAT,
                         "%s: line %llu: column %zu (step): not above the one before", file, line,
                         log->step + 1);
    log->first = log->rows == 0 ? step : log->first;
    log->last = step;
    return SPAE_OK;
}

static spae_status read_rows(curve_log *log, spae_error *err)
{
    bool there = true;
    spae_status status = SPAE_OK;
    while (status == SPAE_OK && there) {
        status = spae_csv_next(log->csv, log->row, &there, err);
        if (status == SPAE_OK && there)
            status = check_step(log, err);
        if (status == SPAE_OK && there)
            add_row(log);
    }
    finish_points(log);
    return status;
}

static spae_status read_log(curve_log *log, const spae_source *source, size_t smooth,
                            spae_arena *arena, spae_error *err)
{
    spae_status status = spae_csv_open(log->csv, source, err);
    if (status != SPAE_OK)
        return status;
    log->step = spae_csv_find(log->csv, "step");
    if (log->step == log->csv->columns || log->csv->columns < 2)
        return spae_fail(err, SPAE_ERR_FORMAT, "%s: line 1: expected a column \"step\" and others",
                         source->name);
    status = take_log(log, smooth, arena, err);
    return status == SPAE_OK ? read_rows(log, err) : status;
}

spae_status spae_curves_add(spae_curves *curves, const char *label, const spae_source *source,
                            spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(curves->arena);
    if (curves->logs == SPAE_CURVES_LOGS_MOST)
        return spae_fail(err, SPAE_ERR_ARGUMENT, "%s: the most is %d logs", source->name,
                         SPAE_CURVES_LOGS_MOST);
    curve_log *log = spae_arena_take_zeroed(curves->arena, 1, sizeof *log);
    spae_csv *csv = spae_arena_take(curves->arena, 1, sizeof *csv);
    spae_status status =
        log == NULL || csv == NULL
            ? spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for a log", source->name)
            : SPAE_OK;
    if (status == SPAE_OK) {
        log->label = label;
        log->csv = csv;
        status = read_log(log, source, curves->options.smooth, curves->arena, err);
    }
    if (status != SPAE_OK) {
        spae_arena_reset(curves->arena, mark);
        return status;
    }
    curves->log[curves->logs++] = log;
    return SPAE_OK;
}

/* ---- which columns -------------------------------------------------------------------------- */

/* Panels of columns that belong together. Losses take the scale that is asked for. */
static const struct {
    const char *title;
    bool loss;
    double low, high; /* the range of y; both 0: what the values need */
    const char *column[6];
} groups[] = {
    {"reconstruction, l2", true, 0, 0, {"l2"}},
    {"commitment", true, 0, 0, {"commitment"}},
    {"learned codebook", true, 0, 0, {"codebook", "entropy"}},
    {"GAN, perceptual, LeCAM", true, 0, 0, {"adversarial", "perceptual", "lecam"}},
    {"appearance", true, 0, 0, {"appearance"}},
    {"semantic", true, 0, 0, {"semantic"}},
    {"weight w", true, 0, 0, {"weight"}},
    {"total", true, 0, 0, {"total"}},
    {"discriminator", true, 0, 0, {"d_total", "d_adversarial", "d_r1"}},
    {"logits of pictures", true, 0, 0, {"logit_real", "logit_fake"}},
    {"PSNR, dB", false, 0, 0, {"psnr"}},
    {"token accuracy", false, 0, 1, {"first_word", "early_word"}},
    {"learning rate", false, 0, 0, {"learning_rate"}},
};
enum { GROUPS = sizeof groups / sizeof groups[0], GROUP_COLUMNS = 6 };

/* Is the name one of "a,b,c"? Of no list: yes. */
static bool listed(const char *list, const char *name)
{
    const size_t n = strlen(name);
    if (list == NULL)
        return true;
    for (;; list++) {
        const size_t length = strcspn(list, ",");
        if (length == n && memcmp(list, name, n) == 0)
            return true;
        list += length;
        if (*list == '\0')
            return false;
    }
}

static bool has_column(const curve_log *log, const char *name)
{
    return strcmp(name, "step") != 0 && spae_csv_find(log->csv, name) < log->csv->columns;
}

static spae_status unknown_column(const spae_curves *curves, const char *name, spae_error *err)
{
    char list[300] = "";
    const spae_csv *csv = curves->log[0]->csv;
    for (size_t i = 0; i < csv->columns; i++) {
        const size_t used = strlen(list);
        if (strcmp(csv->name[i], "step") != 0)
            snprintf(list + used, sizeof list - used, " %s", csv->name[i]);
    }
    return spae_fail(err, SPAE_ERR_ARGUMENT, "\"%s\": no such column in a log; %s has%s", name,
                     csv->source->name, list);
}

/* Every column that is asked for is in some log. */
static spae_status check_columns(const spae_curves *curves, spae_error *err)
{
    for (const char *at = curves->options.columns; at != NULL;) {
        char name[SPAE_CSV_NAME_MOST +
                  2]; /* of one that is too long, one character more than any has */
        const size_t n = strcspn(at, ","), kept = n < sizeof name ? n : sizeof name - 1;
        bool found = false;
        memcpy(name, at, kept);
        name[kept] = '\0';
        for (size_t i = 0; i < curves->logs; i++)
            found = found || has_column(curves->log[i], name);
        if (!found)
            return unknown_column(curves, name, err);
        at = at[n] == ',' ? at + n + 1 : NULL;
    }
    return SPAE_OK;
}

/* ---- panels --------------------------------------------------------------------------------- */

typedef struct {
    const spae_curves *curves;
    spae_chart_panel panel[COLUMNS_MOST];
    spae_chart_line line[COLUMNS_MOST];
    spae_chart_key key[COLUMNS_MOST], log_key[SPAE_CURVES_LOGS_MOST];
    const char *done[COLUMNS_MOST],
        *empty[COLUMNS_MOST]; /* columns looked at, and those of them without values */
    size_t panels, lines, keys, dones, empties;
    char note[4][200];
    const char *notes[4];
} composition;

/* Of a loss that is 0 throughout the term is off: that is no value. */
static bool any_value(const curve_log *log, size_t column, bool loss)
{
    for (size_t i = column * POINTS, end = i + log->points; i < end; i++)
        if (log->values[i] > 0 && (!loss || log->low[i] < 0 || log->high[i] > 0))
            return true;
    return false;
}

/* Lines of a column, one for each log that has values of it; returns how many. `index` counts the
 * panel's columns: their mark is the colour in one log, the dash in several. */
static size_t add_lines(composition *c, const char *name, size_t index, bool loss)
{
    const spae_curves *curves = c->curves;
    const bool single = curves->logs == 1;
    const size_t before = c->lines;
    for (size_t i = 0; i < curves->logs; i++) {
        const curve_log *log = curves->log[i];
        const size_t column = spae_csv_find(log->csv, name), at = column * POINTS;
        if (column == log->csv->columns || !any_value(log, column, loss))
            continue;
        const bool band = single && log->width > 1;
        c->line[c->lines++] = (spae_chart_line){.style = {single ? index : i, single ? 0 : index},
                                                .count = log->points,
                                                .x = log->x,
                                                .y = log->mean + at,
                                                .low = band ? log->low + at : NULL,
                                                .high = band ? log->high + at : NULL};
    }
    return c->lines - before;
}

static bool wanted(const composition *c, const char *name)
{
    bool found = false;
    for (size_t i = 0; i < c->curves->logs; i++)
        found = found || has_column(c->curves->log[i], name);
    for (size_t i = 0; i < c->dones; i++)
        found = found && strcmp(c->done[i], name) != 0;
    return found && listed(c->curves->options.columns, name);
}

/* Adds a column to the panel that is being made. */
static void add_column(composition *c, spae_chart_panel *panel, const char *name, bool loss)
{
    if (!wanted(c, name))
        return;
    c->done[c->dones++] = name;
    const size_t lines = add_lines(c, name, panel->keys, loss);
    if (lines == 0) {
        c->empty[c->empties++] = name;
        return;
    }
    const spae_chart_style style = c->curves->logs == 1 ? (spae_chart_style){panel->keys, 0}
                                                        : (spae_chart_style){NEUTRAL, panel->keys};
    c->key[c->keys++] = (spae_chart_key){style, name};
    panel->lines += lines;
    panel->keys++;
}

/* A panel whose only column is its title needs no key. */
static void add_panel(composition *c, spae_chart_panel *panel)
{
    if (panel->keys == 1)
        panel->keys = 0;
    if (panel->lines > 0)
        c->panel[c->panels++] = *panel;
}

static void add_group(composition *c, size_t g)
{
    spae_chart_panel panel = {.title = groups[g].title,
                              .scale =
                                  groups[g].loss ? c->curves->options.scale : SPAE_CHART_LINEAR,
                              .low = groups[g].low,
                              .high = groups[g].high,
                              .line = c->line + c->lines,
                              .key = c->key + c->keys};
    for (size_t i = 0; i < GROUP_COLUMNS && groups[g].column[i] != NULL; i++)
        add_column(c, &panel, groups[g].column[i], groups[g].loss);
    add_panel(c, &panel);
}

/* Columns that no group knows, in the order in which they come. */
static void add_others(composition *c)
{
    for (size_t i = 0; i < c->curves->logs; i++) {
        const spae_csv *csv = c->curves->log[i]->csv;
        for (size_t j = 0; j < csv->columns; j++) {
            spae_chart_panel panel = {.title = csv->name[j],
                                      .scale = c->curves->options.scale,
                                      .line = c->line + c->lines,
                                      .key = c->key + c->keys};
            add_column(c, &panel, csv->name[j], false);
            add_panel(c, &panel);
        }
    }
}

/* ---- notes ---------------------------------------------------------------------------------- */

static size_t note_columns(const composition *c, char *note, size_t room)
{
    if (c->empties == 0)
        return 0;
    snprintf(note, room, "without values, or 0 throughout:");
    for (size_t i = 0; i < c->empties; i++) {
        const size_t used = strlen(note);
        snprintf(note + used, room - used, " %s", c->empty[i]);
    }
    return 1;
}

static size_t note_width(const spae_curves *curves, char *note, size_t room)
{
    uint64_t most = 1;
    for (size_t i = 0; i < curves->logs; i++)
        most = curves->log[i]->width > most ? curves->log[i]->width : most;
    if (most == 1)
        return 0;
    snprintf(note, room,
             curves->logs == 1
                 ? "a point is the mean of %llu rows; shaded: their least and greatest"
                 : "a point is the mean of up to %llu rows",
             (unsigned long long)most);
    return 1;
}

static size_t write_notes(composition *c)
{
    const spae_curves *curves = c->curves;
    const curve_log *log = curves->log[0];
    size_t n = 0;
    for (size_t i = 0; i < sizeof c->notes / sizeof c->notes[0]; i++)
        c->notes[i] = c->note[i];
    if (curves->logs == 1)
        snprintf(c->note[n++], sizeof c->note[0], "%llu rows, steps %.10g to %.10g",
                 (unsigned long long)log->rows, log->first, log->last);
    n += note_width(curves, c->note[n], sizeof c->note[0]);
    if (curves->options.smooth > 1)
        snprintf(c->note[n++], sizeof c->note[0], "smoothed: lines are running means over %zu rows",
                 curves->options.smooth);
    return n + note_columns(c, c->note[n], sizeof c->note[0]);
}

/* ---- the whole ------------------------------------------------------------------------------ */

static spae_status draw(composition *c, spae_arena *arena, const uint8_t **bytes, size_t *size,
                        spae_error *err)
{
    const spae_curves *curves = c->curves;
    for (size_t g = 0; g < GROUPS; g++)
        add_group(c, g);
    add_others(c);
    if (c->panels == 0)
        return spae_fail(err, SPAE_ERR_ARGUMENT, "%s: no row with a value to draw",
                         curves->log[0]->csv->source->name);
    for (size_t i = 0; i < curves->logs; i++)
        c->log_key[i] = (spae_chart_key){{i, 0}, curves->log[i]->label};
    const spae_chart chart = {.title = curves->options.title,
                              .x_title = "step",
                              .notes = write_notes(c),
                              .note = c->notes,
                              .key = c->log_key,
                              .keys = curves->logs > 1 ? curves->logs : 0,
                              .panel = c->panel,
                              .panels = c->panels,
                              .across = curves->options.across};
    return spae_chart_write(&chart, arena, bytes, size, err);
}

spae_status spae_curves_write(const spae_curves *curves, const uint8_t **bytes, size_t *size,
                              spae_error *err)
{
    if (curves->logs == 0)
        return spae_fail(err, SPAE_ERR_ARGUMENT, "curves: no logs");
    const spae_status status = check_columns(curves, err);
    if (status != SPAE_OK)
        return status;
    composition *c = spae_arena_take_zeroed(curves->arena, 1, sizeof *c);
    if (c == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "curves: no memory for panels");
    c->curves = curves;
    return draw(c, curves->arena, bytes, size, err);
}
