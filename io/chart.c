/* The SVG of chart.h: a header (title, notes, keys), then panels row by row. Colours and dashes are
 * classes of one style sheet, of which dark mode has its own. */
#include "io/chart.h"

#include <math.h>
#include <string.h>

#include "io/axis.h"
#include "io/page.h"
#include "vendor_free/utf8.h"

/* All in units of the picture. */
enum {
    EDGE = 10,
    PANEL_WIDTH = 360,
    PANEL_HEIGHT = 250,
    PLOT_LEFT = 62, /* of a panel: room for "1e-05" and the like */
    PLOT_RIGHT = 346,
    PLOT_TOP = 28, /* without keys */
    PLOT_BOTTOM = 206,
    LINE = 18,     /* of text */
    KEY_LINE = 22, /* the piece of line in a key */
    X_STEPS = 5,   /* of ticks, at most: six numbers of six digits stand side by side */
    Y_STEPS = 6
};
static const double letter = 7.6; /* a bit more than a letter's mean width */

const char *const spae_chart_scale_names[SPAE_CHART_SCALES] = {"auto", "linear", "log"};

typedef struct {
    const spae_chart *chart;
    spae_page page;
    spae_axis x;
    spae_axis y;             /* of the panel that is drawn */
    double plot_top, x0, y0; /* its plot's top, and where the panel stands */
} drawing;

/* ---- style ---------------------------------------------------------------------------------- */

/* Light, dark. The first seven are apart for colour-blind readers too (after Okabe and Ito, "Color
 * Universal Design", 2008, dimmed or lightened for contrast). */
static const char *const colours[SPAE_CHART_COLOURS][2] = {
    {"#0072b2", "#4aa8ff"}, {"#d55e00", "#ff8a3d"}, {"#009e73", "#2fc79a"}, {"#c2599b", "#f09ac9"},
    {"#b58900", "#e6c000"}, {"#56b4e9", "#8fd3ff"}, {"#6f3fa0", "#b98ae6"}, {"#707070", "#a8a8a8"},
    {"#8c2d04", "#d68a5c"}, {"#1d1d1b", "#ffffff"}, {"#00767f", "#50d0d8"}, {"#7a8b00", "#b6cc2e"},
};
static const char *const dashes[SPAE_CHART_DASHES] = {NULL, "7 4", "2 4", "8 3 2 3", "14 4"};

static void put_style(spae_page *page)
{
    spae_page_text(
        page,
        "<style>\n"
        "svg{color:#1d1d1b;font:14px system-ui,-apple-system,\"Segoe UI\",Roboto,sans-serif}\n"
        ".back{fill:#fff}text{fill:currentColor}.t{font-size:18px;font-weight:600}.p{font-weight:"
        "600}\n"
        ".n{font-size:13px;opacity:.75}.e{text-anchor:end}.m{text-anchor:middle}\n"
        ".g{stroke:currentColor;stroke-opacity:.16}.f{fill:none;stroke:currentColor;stroke-opacity:"
        ".4}\n"
        ".l{fill:none;stroke:currentColor;stroke-width:1.8;stroke-linejoin:round;stroke-linecap:"
        "round}\n"
        ".a{fill:currentColor;opacity:.2}\n");
    for (int i = 0; i < SPAE_CHART_COLOURS; i++)
        spae_page_format(page, ".c%d{color:%s}", i, colours[i][0]);
    for (int i = 1; i < SPAE_CHART_DASHES; i++)
        spae_page_format(page, ".d%d{stroke-dasharray:%s;stroke-linecap:butt}", i, dashes[i]);
    spae_page_text(page,
                   "\n@media(prefers-color-scheme:dark){svg{color:#f3f1eb}.back{fill:#151413}");
    for (int i = 0; i < SPAE_CHART_COLOURS; i++)
        spae_page_format(page, ".c%d{color:%s}", i, colours[i][1]);
    spae_page_text(page, "}\n</style>\n");
}

/* ---- pieces --------------------------------------------------------------------------------- */

/* A coordinate, |v| < 10^6, in tenths. */
static void put_coordinate(spae_page *page, char before, double v)
{
    const long tenths = (long)floor(fabs(v) * 10 + 0.5);
    spae_page_format(page, "%c%s%ld.%ld", before, v < 0 && tenths > 0 ? "-" : "", tenths / 10,
                     tenths % 10);
}

/* Bytes that are no UTF-8, and control characters, which XML does not have, become U+FFFD. Returns
 * how many characters there are. */
static size_t put_label(spae_page *page, const char *label)
{
    const size_t n = strlen(label);
    size_t characters = 0;
    for (size_t i = 0; i < n; characters++) {
        uint32_t c = 0;
        const size_t length = spae_utf8_decode((const uint8_t *)label + i, n - i, &c);
        if (length == 0 || c < ' ' || (c >= 0x7f && c < 0xa0) || c == 0xfffe || c == 0xffff)
            spae_page_text(page, "\xEF\xBF\xBD");
        else
            spae_page_markup(page, label + i, length);
        i += length > 0 ? length : 1;
    }
    return characters;
}

static void put_text(spae_page *page, const char *class, double x, double y, const char *text)
{
    spae_page_format(page, "<text class=\"%s\" x=", class);
    put_coordinate(page, '"', x);
    spae_page_text(page, "\" y=");
    put_coordinate(page, '"', y);
    spae_page_text(page, "\">");
    put_label(page, text);
    spae_page_text(page, "</text>\n");
}

/* `<path class="l c1 d0" d="`, for a line, or "a c1" for a band. */
static void open_path(spae_page *page, char kind, spae_chart_style style)
{
    spae_page_format(page, "<path class=\"%c c%zu", kind, style.colour % SPAE_CHART_COLOURS);
    if (kind == 'l' && style.dash % SPAE_CHART_DASHES != 0)
        spae_page_format(page, " d%zu", style.dash % SPAE_CHART_DASHES);
    spae_page_text(page, "\" d=\"");
}

/* ---- keys ----------------------------------------------------------------------------------- */

static double key_width(const spae_chart_key *key)
{
    return KEY_LINE + 8 + letter * (double)strlen(key->label) + 14; /* bytes: never too few */
}

/* Places keys in lines of `width`, and writes them below `y` unless page is NULL; returns how many
 * lines. */
static size_t lay_keys(spae_page *page, const spae_chart_key *key, size_t keys, double x, double y,
                       double width)
{
    size_t lines = keys > 0;
    double at = 0;
    for (size_t i = 0; i < keys; at += key_width(&key[i]), i++) {
        if (at > 0 && at + key_width(&key[i]) > width) {
            lines++;
            at = 0;
        }
        if (page == NULL)
            continue;
        const double base = y + LINE * (double)lines;
        open_path(page, 'l', key[i].style);
        put_coordinate(page, 'M', x + at);
        put_coordinate(page, ' ', base - 5);
        spae_page_format(page, "h%d\"/>", KEY_LINE);
        put_text(page, "k", x + at + KEY_LINE + 8, base, key[i].label);
    }
    return lines;
}

/* ---- lines ---------------------------------------------------------------------------------- */

static double x_of(const drawing *d, double x)
{
    return d->x0 + PLOT_LEFT + spae_axis_place(&d->x, x) * (PLOT_RIGHT - PLOT_LEFT);
}

static double y_of(const drawing *d, double y)
{
    return d->y0 + PLOT_BOTTOM - spae_axis_place(&d->y, y) * (PLOT_BOTTOM - d->plot_top);
}

static bool shown(const spae_axis *axis, double y)
{
    return y >= (axis->log ? SPAE_AXIS_LOG_LEAST : -INFINITY); /* a NaN is not */
}

static void put_point(drawing *d, char before, double x, double y)
{
    put_coordinate(&d->page, before, x_of(d, x));
    put_coordinate(&d->page, ' ', y_of(d, y));
}

/* Every run of values is a piece of its own; one of a single value is a dot, a line of no length.
 */
static void put_line(drawing *d, const spae_chart_line *line)
{
    open_path(&d->page, 'l', line->style);
    for (size_t i = 0; i < line->count; i++) {
        if (!shown(&d->y, line->y[i]))
            continue;
        const bool first = i == 0 || !shown(&d->y, line->y[i - 1]);
        const bool last = i + 1 == line->count || !shown(&d->y, line->y[i + 1]);
        put_point(d, first ? 'M' : 'L', line->x[i], line->y[i]);
        if (first && last)
            spae_page_text(&d->page, "h0");
    }
    spae_page_text(&d->page, "\"/>\n");
}

static double banded(const drawing *d,
                     double y) /* what a logarithmic axis lacks lies at its lower end */
{
    return d->y.log ? fmax(y, d->y.low) : y;
}

/* The band of the run of values [from, to): forth along its high side, back along the low one. */
static void put_band(drawing *d, const spae_chart_line *line, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        put_point(d, i == from ? 'M' : 'L', line->x[i], banded(d, line->high[i]));
    for (size_t i = to; i-- > from;)
        put_point(d, 'L', line->x[i], banded(d, line->low[i]));
    spae_page_text(&d->page, "Z");
}

static void put_bands(drawing *d, const spae_chart_line *line)
{
    if (line->low == NULL)
        return;
    open_path(&d->page, 'a', line->style);
    for (size_t from = 0, to; from < line->count; from = to + 1) {
        for (to = from; to < line->count && shown(&d->y, line->y[to]); to++)
            ;
        if (to > from + 1)
            put_band(d, line, from, to);
    }
    spae_page_text(&d->page, "\"/>\n");
}

/* ---- a panel -------------------------------------------------------------------------------- */

/* What values span; nothing yet while low > high. */
typedef struct {
    double low, high;
} span;

static void reach(span *s, double y, double least) /* below `least`, and a NaN, counts not */
{
    if (y >= least) {
        s->low = fmin(s->low, y);
        s->high = fmax(s->high, y);
    }
}

static span span_of(const spae_chart_panel *panel, double least, bool bands)
{
    span s = {INFINITY, -INFINITY};
    for (size_t i = 0; i < panel->lines; i++) {
        const spae_chart_line *line = &panel->line[i];
        for (size_t j = 0; j < line->count; j++) {
            reach(&s, line->y[j], least);
            if (bands && line->low != NULL) {
                reach(&s, line->low[j], least);
                reach(&s, line->high[j], least);
            }
        }
    }
    return s;
}

/* Sets the y axis; false when no value can be shown. Bands are in its range, on a logarithmic axis
 * no more than a decade beyond the lines: values near 0 would push all others together. */
static bool choose_axis(drawing *d, const spae_chart_panel *panel)
{
    span s = span_of(panel, -INFINITY, false);
    const bool log =
        panel->scale == SPAE_CHART_LOG || (panel->scale == SPAE_CHART_AUTO && s.low <= s.high &&
                                           s.low >= SPAE_AXIS_LOG_LEAST && s.high >= 30 * s.low);
    const double least = log ? SPAE_AXIS_LOG_LEAST : -INFINITY;
    s = span_of(panel, least, false);
    const bool any = s.low <= s.high;
    if (panel->low < panel->high && panel->low >= least) {
        d->y = spae_axis_make(panel->low, panel->high, log);
        return any;
    }
    const span all = span_of(panel, least, true);
    if (any)
        s = (span){log ? fmax(all.low, s.low / 10) : all.low,
                   log ? fmin(all.high, s.high * 10) : all.high};
    d->y = any ? spae_axis_make(s.low, s.high, log) : spae_axis_make(1, 1, log);
    d->y = spae_axis_widen(&d->y);
    return any;
}

static void put_y_ticks(drawing *d)
{
    spae_axis_tick tick[SPAE_AXIS_TICKS_MOST];
    const size_t n = spae_axis_ticks(&d->y, Y_STEPS, tick);
    for (size_t i = 0; i < n; i++) {
        const double y = y_of(d, tick[i].value);
        spae_page_text(&d->page, "<path class=\"g\" d=\"");
        put_coordinate(&d->page, 'M', d->x0 + PLOT_LEFT);
        put_coordinate(&d->page, ' ', y);
        spae_page_format(&d->page, "h%d\"/>", PLOT_RIGHT - PLOT_LEFT);
        put_text(&d->page, "e", d->x0 + PLOT_LEFT - 6, y + 5, tick[i].text);
    }
}

static void put_x_ticks(drawing *d)
{
    spae_axis_tick tick[SPAE_AXIS_TICKS_MOST];
    const size_t n = spae_axis_ticks(&d->x, X_STEPS, tick);
    for (size_t i = 0; i < n; i++) {
        const double x = x_of(d, tick[i].value);
        spae_page_text(&d->page, "<path class=\"g\" d=\"");
        put_coordinate(&d->page, 'M', x);
        put_coordinate(&d->page, ' ', d->y0 + PLOT_BOTTOM);
        put_coordinate(&d->page, 'v', d->plot_top - PLOT_BOTTOM);
        spae_page_text(&d->page, "\"/>");
        put_text(&d->page, "m", x, d->y0 + PLOT_BOTTOM + 17, tick[i].text);
    }
    put_text(&d->page, "n m", d->x0 + (PLOT_LEFT + PLOT_RIGHT) / 2.0, d->y0 + PLOT_BOTTOM + 33,
             d->chart->x_title);
}

static void put_frame(drawing *d)
{
    spae_page_text(&d->page, "<path class=\"f\" d=\"");
    put_coordinate(&d->page, 'M', d->x0 + PLOT_LEFT);
    put_coordinate(&d->page, ' ', d->y0 + d->plot_top);
    put_coordinate(&d->page, 'V', d->y0 + PLOT_BOTTOM);
    put_coordinate(&d->page, 'H', d->x0 + PLOT_RIGHT);
    spae_page_text(&d->page, "\"/>\n");
}

static void put_title(drawing *d, const spae_chart_panel *panel)
{
    spae_page_text(&d->page, "<text class=\"p\" x=");
    put_coordinate(&d->page, '"', d->x0 + PLOT_LEFT);
    spae_page_text(&d->page, "\" y=");
    put_coordinate(&d->page, '"', d->y0 + LINE);
    spae_page_text(&d->page, "\">");
    put_label(&d->page, panel->title);
    spae_page_format(&d->page, "%s</text>\n", d->y.log ? " (log)" : "");
}

static void put_panel(drawing *d, const spae_chart_panel *panel, size_t index)
{
    const size_t across = d->chart->across;
    d->x0 = EDGE + PANEL_WIDTH * (double)(index % across);
    const bool any = choose_axis(d, panel);
    const double width = PLOT_RIGHT - PLOT_LEFT + 14;
    const size_t key_lines =
        lay_keys(&d->page, panel->key, panel->keys, d->x0 + PLOT_LEFT, d->y0 + LINE, width);
    d->plot_top = PLOT_TOP + LINE * (double)key_lines;
    if (d->plot_top > PLOT_BOTTOM - 60)
        d->plot_top = PLOT_BOTTOM - 60;
    put_title(d, panel);
    put_y_ticks(d);
    put_x_ticks(d);
    for (size_t i = 0; i < panel->lines; i++)
        put_bands(d, &panel->line[i]);
    for (size_t i = 0; i < panel->lines; i++)
        put_line(d, &panel->line[i]);
    put_frame(d);
    if (!any)
        put_text(&d->page, "n m", d->x0 + (PLOT_LEFT + PLOT_RIGHT) / 2.0, d->y0 + PLOT_BOTTOM - 60,
                 "no values");
}

/* ---- the whole ------------------------------------------------------------------------------ */

static bool drawable(double v)
{
    return fabs(v) <= 1e100;
}

static spae_status check_line(const spae_chart_panel *panel, const spae_chart_line *line,
                              spae_error *err)
{
    for (size_t i = 0; i < line->count; i++) {
        const bool banded_value = line->low != NULL && line->y[i] <= INFINITY;
        if (!drawable(line->x[i]) || !(isnan(line->y[i]) || drawable(line->y[i])) ||
            (banded_value && !(drawable(line->low[i]) && drawable(line->high[i]))))
            return spae_fail(err, SPAE_ERR_NOT_FINITE, "chart: %s: value %zu cannot be drawn",
                             panel->title, i);
    }
    return SPAE_OK;
}

/* Checks every value, and sets the x axis to what the lines of all panels span. */
static spae_status check_values(drawing *d, spae_error *err)
{
    double low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < d->chart->panels; i++) {
        const spae_chart_panel *panel = &d->chart->panel[i];
        for (size_t j = 0; j < panel->lines; j++) {
            const spae_chart_line *line = &panel->line[j];
            const spae_status status = check_line(panel, line, err);
            if (status != SPAE_OK)
                return status;
            if (line->count > 0) {
                low = fmin(low, line->x[0]);
                high = fmax(high, line->x[line->count - 1]);
            }
        }
    }
    d->x = low <= high ? spae_axis_make(low, high, false) : spae_axis_make(0, 1, false);
    return SPAE_OK;
}

static double header_height(const spae_chart *chart, double width)
{
    const size_t key_lines = lay_keys(NULL, chart->key, chart->keys, 0, 0, width);
    return EDGE + 26 + LINE * (double)(chart->notes + key_lines) + 10;
}

static void put_header(drawing *d, double width, double height)
{
    const spae_chart *chart = d->chart;
    spae_page_text(&d->page,
                   "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" viewBox=\"0 0");
    put_coordinate(&d->page, ' ', width);
    put_coordinate(&d->page, ' ', height);
    spae_page_text(&d->page, "\" width=");
    put_coordinate(&d->page, '"', width);
    spae_page_text(&d->page, "\" height=");
    put_coordinate(&d->page, '"', height);
    spae_page_text(&d->page, "\">\n<title>");
    put_label(&d->page, chart->title);
    spae_page_text(&d->page, "</title>\n");
    put_style(&d->page);
    spae_page_text(&d->page, "<rect class=\"back\" width=\"100%\" height=\"100%\"/>\n");
    put_text(&d->page, "t", EDGE + 8, EDGE + 20, chart->title);
    for (size_t i = 0; i < chart->notes; i++)
        put_text(&d->page, "n", EDGE + 8, EDGE + 24 + LINE * (double)(i + 1), chart->note[i]);
    lay_keys(&d->page, chart->key, chart->keys, EDGE + 8, EDGE + 24 + LINE * (double)chart->notes,
             width - 2 * EDGE - 8);
}

spae_status spae_chart_write(const spae_chart *chart, spae_arena *arena, const uint8_t **bytes,
                             size_t *size, spae_error *err)
{
    drawing d = {.chart = chart, .page = spae_page_start(arena)};
    if (chart->panels == 0 || chart->across == 0)
        return spae_fail(err, SPAE_ERR_ARGUMENT, "chart: %zu panels, %zu across", chart->panels,
                         chart->across);
    const spae_status status = check_values(&d, err);
    if (status != SPAE_OK)
        return status;
    const size_t rows = (chart->panels + chart->across - 1) / chart->across;
    const double width = 2 * EDGE + PANEL_WIDTH * (double)chart->across;
    const double top = header_height(chart, width - 2 * EDGE - 8);
    put_header(&d, width, top + PANEL_HEIGHT * (double)rows + EDGE);
    for (size_t i = 0; i < chart->panels; i++) {
        d.y0 = top + PANEL_HEIGHT * (double)(i / chart->across);
        put_panel(&d, &chart->panel[i], i);
    }
    spae_page_text(&d.page, "</svg>\n");
    return spae_page_end(&d.page, bytes, size, err);
}
