/* A small drawing of discs, boxes, lines and letters, written as SVG, as HTML with that SVG within, or as PNG.
 *
 *     spae_canvas canvas = spae_canvas_start(360, 200, "title", "what one sees", &arena);
 *     spae_canvas_line(&canvas, SPAE_INK_BLUE, 0, 0, 10, 10, 2);
 *     status = spae_canvas_write(&canvas, "figure.svg", err);
 *
 * Units are those of the SVG; a PNG has two pixels to a unit. SVG and HTML follow the reader's dark mode and need
 * nothing else; PNG is light, with a font of its own (ASCII; what it lacks is a box). The same bytes on every
 * machine. The first failure is kept and told by spae_canvas_write, so the calls between need no checks.
 */
#ifndef SPAE_IO_CANVAS_H
#define SPAE_IO_CANVAS_H

#include "io/image.h"
#include "io/page.h"

typedef enum {
    SPAE_INK_TEXT,
    SPAE_INK_DIM,
    SPAE_INK_LINE, /* frames and grids */
    SPAE_INK_BLUE,
    SPAE_INK_ORANGE,
    SPAE_INKS
} spae_ink;

typedef struct {
    double width, height; /* units, 1 .. 4000 */
    const char *title, *description; /* borrowed; any bytes */
    spae_arena *arena;
    spae_page marks; /* what was drawn, in order */
} spae_canvas;

spae_canvas spae_canvas_start(double width, double height, const char *title, const char *description,
                              spae_arena *arena);

/* All coordinates within +-10^5. Sizes: a line's width, a disc's radius. */
void spae_canvas_line(spae_canvas *canvas, spae_ink ink, double x0, double y0, double x1, double y1, double width);
void spae_canvas_box(spae_canvas *canvas, spae_ink ink, double x, double y, double width, double height); /* filled */
void spae_canvas_disc(spae_canvas *canvas, spae_ink ink, double x, double y, double radius);

/* Letters of 14 units on the base line y, from x on, or about x when centred. Borrowed until written; in SVG what is
 * no UTF-8, or a control character, is U+FFFD. */
void spae_canvas_text(spae_canvas *canvas, spae_ink ink, double x, double y, bool centred, const char *text);

/* A picture, its pixels squares.    in  image  RGB, 0 .. 1, borrowed until written */
void spae_canvas_picture(spae_canvas *canvas, double x, double y, double width, double height, const spae_image *image);

/* printf into the arena, at most 199 bytes, for spae_canvas_text. */
const char *spae_canvas_format(spae_canvas *canvas, const char *format, ...);

/* Can a file of this name be written? It ends in .svg, .html or .png. */
bool spae_canvas_knows(const char *path);

/* Writes the file as a whole; its name tells the form.
 *   err  SPAE_ERR_ARGUMENT  another ending, or a size outside its range
 *        SPAE_ERR_NO_MEMORY  SPAE_ERR_IO */
spae_status spae_canvas_write(spae_canvas *canvas, const char *path, spae_error *err);

/* ---- for canvas_png.c ---- */

typedef enum { SPAE_MARK_LINE, SPAE_MARK_BOX, SPAE_MARK_DISC, SPAE_MARK_TEXT, SPAE_MARK_PICTURE } spae_mark_kind;

typedef struct {
    spae_mark_kind kind;
    spae_ink ink;
    double x0, y0, x1, y1, size; /* box, picture: x1, y1 its width and height */
    bool centred;
    const char *text;
    const spae_image *image;
} spae_mark;

/* Draws marks (count) with two pixels a unit.    out  image  RGB, in the arena    err SPAE_ERR_NO_MEMORY */
spae_status spae_canvas_raster(const spae_canvas *canvas, const spae_mark *marks, size_t count, spae_image *image,
                               spae_error *err);

extern const char *const spae_canvas_inks[SPAE_INKS][2]; /* "#rrggbb", light and dark */

#endif
