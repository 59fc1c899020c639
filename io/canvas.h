/* A small drawing of discs, boxes, lines and letters, written as SVG, as HTML with that SVG within, or as PNG.
 *
 *     spae_canvas canvas = spae_canvas_start(360, 200, "title", "what one sees", &arena);
 *     spae_canvas_line(&canvas, SPAE_INK_BLUE, 0, 0, 10, 10, 2);
 *     status = spae_canvas_write(&canvas, "figure.svg", err);
 *
 * Units are those of the SVG; a PNG has two pixels to a unit. SVG and HTML follow the reader's dark mode and need
 * nothing else; PNG is light, with a font of its own (ASCII; a character it lacks is a box). The same bytes on every
 * machine. The first failure is kept and told by spae_canvas_write, so the calls between need no checks.
 */
#ifndef SPAE_IO_CANVAS_H
#define SPAE_IO_CANVAS_H

#include "io/image.h"
#include "io/page.h"

#define SPAE_CANVAS_SHADES 11  /* tenths of a share */
#define SPAE_CANVAS_PHONE  360 /* a wider drawing keeps its size: SVG and HTML scroll, so that letters stay as large */

typedef enum {
    SPAE_INK_TEXT,
    SPAE_INK_DIM,
    SPAE_INK_LINE, /* frames and grids */
    SPAE_INK_BLUE,
    SPAE_INK_ORANGE,
    SPAE_INK_SHADE, /* the first of SPAE_CANVAS_SHADES, from the background's own to a full one; letters of
                     * SPAE_INK_TEXT are read on each. spae_canvas_shade */
    SPAE_INKS = SPAE_INK_SHADE + SPAE_CANVAS_SHADES
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

/* The same in `room` units, > 0: letters are set closer, and what still does not fit ends in two dots. */
void spae_canvas_text_within(spae_canvas *canvas, spae_ink ink, double x, double y, bool centred, double room,
                             const char *text);

/* The shade of a share, 0 .. 1, to the nearest tenth. */
spae_ink spae_canvas_shade(double share);

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

/* ---- for canvas_png.c and canvas_fit.c ---- */

typedef enum { SPAE_MARK_LINE, SPAE_MARK_BOX, SPAE_MARK_DISC, SPAE_MARK_TEXT, SPAE_MARK_PICTURE } spae_mark_kind;

typedef struct {
    spae_mark_kind kind;
    spae_ink ink;
    double x0, y0, x1, y1, size; /* box, picture: x1, y1 its width and height; text: size is its room, 0: any */
    bool centred;
    const char *text;
    const spae_image *image;
} spae_mark;

/* Draws marks (count) with two pixels a unit.    out  image  RGB, in the arena    err SPAE_ERR_NO_MEMORY */
spae_status spae_canvas_raster(const spae_canvas *canvas, const spae_mark *marks, size_t count, spae_image *image,
                               spae_error *err);

/* The units that letters take: of a browser's font at most, of the PNG's own exactly. A character that is no UTF-8 is
 * one byte long. */
typedef enum { SPAE_LETTERS_SVG, SPAE_LETTERS_PNG } spae_letters;
double spae_canvas_letters(spae_letters of, const char *text);

/* How many bytes of a text, whole characters, take at most `room` together with two dots behind them. */
size_t spae_canvas_fit(spae_letters of, const char *text, double room);

extern const char *const spae_canvas_inks[SPAE_INKS][2]; /* "#rrggbb", light and dark */

#endif
