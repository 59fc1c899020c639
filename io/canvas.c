/* The list of marks of canvas.h, and its SVG. */
#include "io/canvas.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "io/page_picture.h"
#include "vendor_free/utf8.h"

enum { SIZE_MOST = 4000, FORMAT_ROOM = 200 };

/* Letters have a contrast of at least 4.5 to 1 in either mode, marks of 3 to 1; lines only guide the eye. */
const char *const spae_canvas_inks[SPAE_INKS][2] = {
    {"#1d1d1b", "#f3f1eb"}, {"#5f5d58", "#b0aca2"}, {"#c9c5bb", "#4a4742"}, {"#0072b2", "#4aa8ff"}, {"#c04f00", "#ff8a3d"},
    {"#ffffff", "#151413"}, {"#fef5ea", "#201a12"}, {"#fcebd5", "#2b1f11"}, {"#fbe2c1", "#362510"}, {"#fad8ac", "#422a0f"},
    {"#f8ce97", "#4d300e"}, {"#f7c482", "#58360d"}, {"#f6ba6d", "#633b0c"}, {"#f4b159", "#6e410b"}, {"#f3a744", "#79460a"},
    {"#f29d2f", "#854c09"}};

spae_canvas spae_canvas_start(double width, double height, const char *title, const char *description,
                              spae_arena *arena)
{
    return (spae_canvas){width, height, title, description, arena, spae_page_start(arena)};
}

/* ---- marks ------------------------------------------------------------------------------------------- */

static void add(spae_canvas *canvas, spae_mark mark)
{
    spae_page_bytes(&canvas->marks, &mark, sizeof mark);
}

void spae_canvas_line(spae_canvas *canvas, spae_ink ink, double x0, double y0, double x1, double y1, double width)
{
    add(canvas, (spae_mark){.kind = SPAE_MARK_LINE, .ink = ink, .x0 = x0, .y0 = y0, .x1 = x1, .y1 = y1, .size = width});
}

void spae_canvas_box(spae_canvas *canvas, spae_ink ink, double x, double y, double width, double height)
{
    add(canvas, (spae_mark){.kind = SPAE_MARK_BOX, .ink = ink, .x0 = x, .y0 = y, .x1 = width, .y1 = height});
}

void spae_canvas_disc(spae_canvas *canvas, spae_ink ink, double x, double y, double radius)
{
    add(canvas, (spae_mark){.kind = SPAE_MARK_DISC, .ink = ink, .x0 = x, .y0 = y, .size = radius});
}

void spae_canvas_text(spae_canvas *canvas, spae_ink ink, double x, double y, bool centred, const char *text)
{
    add(canvas, (spae_mark){.kind = SPAE_MARK_TEXT, .ink = ink, .x0 = x, .y0 = y, .centred = centred, .text = text});
}

void spae_canvas_text_within(spae_canvas *canvas, spae_ink ink, double x, double y, bool centred, double room,
                             const char *text)
{
    add(canvas, (spae_mark){.kind = SPAE_MARK_TEXT, .ink = ink, .x0 = x, .y0 = y, .size = room, .centred = centred,
                            .text = text});
}

spae_ink spae_canvas_shade(double share)
{
    return (spae_ink)(SPAE_INK_SHADE + (int)(share * (SPAE_CANVAS_SHADES - 1) + 0.5));
}

void spae_canvas_picture(spae_canvas *canvas, double x, double y, double width, double height, const spae_image *image)
{
    add(canvas, (spae_mark){.kind = SPAE_MARK_PICTURE, .x0 = x, .y0 = y, .x1 = width, .y1 = height, .image = image});
}

const char *spae_canvas_format(spae_canvas *canvas, const char *format, ...)
{
    va_list list;
    char *text = spae_arena_take(canvas->arena, FORMAT_ROOM, 1);
    if (text == NULL) {
        (void)spae_fail(&canvas->marks.failure, SPAE_ERR_NO_MEMORY, "drawing: no memory for letters");
        return "";
    }
    va_start(list, format);
    (void)vsnprintf(text, FORMAT_ROOM, format, list);
    va_end(list);
    return text;
}

/* ---- SVG --------------------------------------------------------------------------------------------- */

/* ` x="12.3"`: a coordinate in tenths, without printf's floating point. */
static void put_number(spae_page *page, const char *name, double v)
{
    const long tenths = (long)floor(fabs(v) * 10 + 0.5);
    spae_page_format(page, " %s=\"%s%ld.%ld\"", name, v < 0 && tenths > 0 ? "-" : "", tenths / 10, tenths % 10);
}

/* As XML has them: others become U+FFFD. */
static void put_some_letters(spae_page *page, const char *text, size_t n)
{
    for (size_t i = 0; i < n;) {
        uint32_t c = 0;
        const size_t length = spae_utf8_decode((const uint8_t *)text + i, n - i, &c);
        if (length == 0 || c < ' ' || (c >= 0x7f && c < 0xa0) || c == 0xfffe || c == 0xffff)
            spae_page_text(page, "\xEF\xBF\xBD");
        else
            spae_page_markup(page, text + i, length);
        i += length > 0 ? length : 1;
    }
}

static void put_letters(spae_page *page, const char *text)
{
    put_some_letters(page, text, strlen(text));
}

/* A reader's font is not known: where its letters could be too wide they are pressed into the room, by a fifth at most
 * in the widest font. */
static void put_text(spae_page *page, const spae_mark *m)
{
    const bool any = !(m->size > 0) || spae_canvas_letters(SPAE_LETTERS_SVG, m->text) <= m->size;
    const bool whole = any || spae_canvas_letters(SPAE_LETTERS_SVG, m->text) <= m->size * 1.25;
    if (!any) {
        put_number(page, "textLength", m->size);
        spae_page_text(page, " lengthAdjust=\"spacingAndGlyphs\"");
    }
    spae_page_text(page, ">");
    put_some_letters(page, m->text,
                     whole ? strlen(m->text) : spae_canvas_fit(SPAE_LETTERS_SVG, m->text, m->size * 1.25));
    spae_page_text(page, whole ? "</text>\n" : "..</text>\n");
}

/* A failure is the page's, as those of its letters are. */
static void put_picture(spae_page *page, const spae_mark *m, spae_arena *arena)
{
    spae_error err;
    spae_page_text(page, "<image preserveAspectRatio=\"none\"");
    put_number(page, "x", m->x0);
    put_number(page, "y", m->y0);
    put_number(page, "width", m->x1);
    put_number(page, "height", m->y1);
    spae_page_text(page, " href=\"");
    if (spae_page_picture(page, arena, m->image, &err) != SPAE_OK && page->failure.status == SPAE_OK)
        page->failure = err;
    spae_page_text(page, "\"/>\n");
}

static void put_mark(spae_page *page, const spae_mark *m, spae_arena *arena)
{
    if (m->kind == SPAE_MARK_PICTURE) {
        put_picture(page, m, arena);
        return;
    }
    static const char *const element[] = {"line", "rect", "circle", "text"};
    spae_page_format(page, "<%s class=\"k%d%s\"", element[m->kind], (int)m->ink, m->centred ? " m" : "");
    put_number(page, m->kind == SPAE_MARK_LINE ? "x1" : m->kind == SPAE_MARK_DISC ? "cx" : "x", m->x0);
    put_number(page, m->kind == SPAE_MARK_LINE ? "y1" : m->kind == SPAE_MARK_DISC ? "cy" : "y", m->y0);
    if (m->kind == SPAE_MARK_TEXT) {
        put_text(page, m);
        return;
    }
    if (m->kind == SPAE_MARK_DISC) {
        put_number(page, "r", m->size);
    } else {
        put_number(page, m->kind == SPAE_MARK_LINE ? "x2" : "width", m->x1);
        put_number(page, m->kind == SPAE_MARK_LINE ? "y2" : "height", m->y1);
    }
    if (m->kind == SPAE_MARK_LINE)
        put_number(page, "stroke-width", m->size);
    spae_page_text(page, "/>\n");
}

/* The shades only where there are any. */
static void put_inks(spae_page *page, const spae_mark *marks, size_t count, int mode)
{
    int inks = SPAE_INK_SHADE;
    for (size_t i = 0; i < count; i++)
        if (marks[i].ink >= SPAE_INK_SHADE)
            inks = SPAE_INKS;
    for (int i = 0; i < inks; i++)
        spae_page_format(page, ".k%d{color:%s}", i, spae_canvas_inks[i][mode]);
}

/* Would a phone make its letters smaller? */
static bool wide(const spae_canvas *canvas)
{
    return canvas->width > SPAE_CANVAS_PHONE;
}

static void put_svg(spae_page *page, const spae_canvas *canvas, const spae_mark *marks, size_t count)
{
    spae_page_text(page, "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" aria-labelledby=\"t d\"");
    spae_page_format(page, " viewBox=\"0 0 %d %d\"", (int)canvas->width, (int)canvas->height);
    if (wide(canvas))
        spae_page_format(page, " width=\"%d\" height=\"%d\"", (int)canvas->width, (int)canvas->height);
    spae_page_text(page, ">\n<title id=\"t\">");
    put_letters(page, canvas->title);
    spae_page_text(page, "</title>\n<desc id=\"d\">");
    put_letters(page, canvas->description);
    spae_page_text(page, "</desc>\n<style>\n.back{fill:#fff}line{stroke:currentColor;stroke-linecap:round}"
                         "rect,circle,text{fill:currentColor}image{image-rendering:pixelated}.m{text-anchor:middle}\n"
                         "text{font:14px system-ui,-apple-system,\"Segoe UI\",Roboto,sans-serif}\n");
    put_inks(page, marks, count, 0);
    spae_page_text(page, "\n@media(prefers-color-scheme:dark){.back{fill:#151413}");
    put_inks(page, marks, count, 1);
    spae_page_text(page, "}\n</style>\n<rect class=\"back\" width=\"100%\" height=\"100%\"/>\n");
    for (size_t i = 0; i < count; i++)
        put_mark(page, &marks[i], canvas->arena);
    spae_page_text(page, "</svg>\n");
}

/* ---- files ------------------------------------------------------------------------------------------- */

static void put_html(spae_page *page, const spae_canvas *canvas, const spae_mark *marks, size_t count)
{
    spae_page_text(page, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>");
    put_letters(page, canvas->title);
    spae_page_text(page, "</title>\n<style>\n:root{color-scheme:light dark}body{margin:0;background:#fff;color:#1d1d1b;"
                         "font:16px/1.45 system-ui,-apple-system,\"Segoe UI\",Roboto,sans-serif}\n"
                         "main{max-width:60rem;margin:0 auto;padding:1rem}h1{font-size:1.4rem;line-height:1.2;margin:0}"
                         "h1,p{overflow-wrap:anywhere}svg{display:block;width:100%;height:auto}.wide{overflow-x:auto}"
                         ".wide svg{min-width:100%;width:auto}.wide:focus-visible{outline:2px solid}\n"
                         "@media(prefers-color-scheme:dark){body{background:#151413;color:#f3f1eb}}\n"
                         "@media(max-width:32rem){main{padding:.4rem}}\n</style>\n</head>\n<body>\n<main>\n<h1>");
    put_letters(page, canvas->title);
    spae_page_text(page, "</h1>\n<p>");
    put_letters(page, canvas->description);
    spae_page_text(page, "</p>\n");
    if (wide(canvas))
        spae_page_text(page, "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"the drawing\">\n");
    put_svg(page, canvas, marks, count);
    spae_page_text(page, wide(canvas) ? "</div>\n</main>\n</body>\n</html>\n" : "</main>\n</body>\n</html>\n");
}

bool spae_canvas_knows(const char *path)
{
    return spae_file_ends(path, ".svg") || spae_file_ends(path, ".html") || spae_file_ends(path, ".png");
}

static spae_status write_marks(const spae_canvas *canvas, const spae_mark *marks, size_t count, const char *path,
                               spae_error *err)
{
    const uint8_t *bytes = NULL;
    size_t size = 0;
    spae_image image;
    if (spae_file_ends(path, ".png")) {
        const spae_status status = spae_canvas_raster(canvas, marks, count, &image, err);
        return status == SPAE_OK ? spae_image_write(canvas->arena, path, &image, err) : status;
    }
    spae_page page = spae_page_start(canvas->arena);
    if (spae_file_ends(path, ".html"))
        put_html(&page, canvas, marks, count);
    else
        put_svg(&page, canvas, marks, count);
    const spae_status status = spae_page_end(&page, &bytes, &size, err);
    return status == SPAE_OK ? spae_file_write_all(canvas->arena, path, bytes, size, err) : status;
}

spae_status spae_canvas_write(spae_canvas *canvas, const char *path, spae_error *err)
{
    const uint8_t *bytes = NULL;
    size_t size = 0;
    if (!spae_canvas_knows(path))
        return spae_fail(err, SPAE_ERR_ARGUMENT, "%s: expected a name that ends in .svg, .html or .png", path);
    if (!(canvas->width >= 1 && canvas->width <= SIZE_MOST && canvas->height >= 1 && canvas->height <= SIZE_MOST))
        return spae_fail(err, SPAE_ERR_ARGUMENT, "%s: a drawing of %.0f x %.0f units, at most %d are possible", path,
                         canvas->width, canvas->height, (int)SIZE_MOST);
    const spae_status status = spae_page_end(&canvas->marks, &bytes, &size, err);
    if (status != SPAE_OK)
        return status;
    return write_marks(canvas, (const spae_mark *)(const void *)bytes, size / sizeof(spae_mark), path, err);
}
