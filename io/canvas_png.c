/* The picture of canvas.h: marks are laid over each other by how much of a pixel they cover. */
#include "io/canvas.h"

#include <math.h>
#include <string.h>

#include "vendor_free/utf8.h"

enum { SCALE = 2 /* pixels a unit */, DOT = 2 /* pixels of a dot of the font */, ACROSS = 5, DOWN = 7, ADVANCE = 6 };

/* The font: rows from the top of the letter, a row's leftmost dot is bit 4. From the space on. */
static const uint8_t font[95][DOWN] = {
    { 0,  0,  0,  0,  0,  0,  0}, /* space */
    { 4,  4,  4,  4,  4,  0,  4}, /* ! */
    {10, 10,  0,  0,  0,  0,  0}, /* " */
    {10, 10, 31, 10, 31, 10, 10}, /* # */
    { 4, 15, 20, 14,  5, 30,  4}, /* $ */
    {25, 25,  2,  4,  8, 19, 19}, /* % */
    {12, 18, 20,  8, 21, 18, 13}, /* & */
    { 4,  4,  0,  0,  0,  0,  0}, /* ' */
    { 2,  4,  8,  8,  8,  4,  2}, /* ( */
    { 8,  4,  2,  2,  2,  4,  8}, /* ) */
    { 0, 21, 14, 31, 14, 21,  0}, /* * */
    { 0,  4,  4, 31,  4,  4,  0}, /* + */
    { 0,  0,  0,  0, 12,  4,  8}, /* , */
    { 0,  0,  0, 30,  0,  0,  0}, /* - */
    { 0,  0,  0,  0,  0, 12, 12}, /* . */
    { 1,  2,  2,  4,  8,  8, 16}, /* / */
    {14, 17, 19, 21, 25, 17, 14}, /* 0 */
    { 4, 12,  4,  4,  4,  4, 14}, /* 1 */
    {14, 17,  1,  6,  8, 16, 31}, /* 2 */
    {14, 17,  1,  6,  1, 17, 14}, /* 3 */
    { 2,  6, 10, 18, 31,  2,  2}, /* 4 */
    {31, 16, 30,  1,  1, 17, 14}, /* 5 */
    {14, 16, 16, 30, 17, 17, 14}, /* 6 */
    {31,  1,  2,  4,  4,  8,  8}, /* 7 */
    {14, 17, 17, 14, 17, 17, 14}, /* 8 */
    {14, 17, 17, 15,  1,  1, 14}, /* 9 */
    { 0, 12, 12,  0, 12, 12,  0}, /* : */
    { 0, 12, 12,  0, 12,  4,  8}, /* ; */
    { 2,  4,  8, 16,  8,  4,  2}, /* < */
    { 0,  0, 31,  0, 31,  0,  0}, /* = */
    { 8,  4,  2,  1,  2,  4,  8}, /* > */
    {14, 17,  1,  2,  4,  0,  4}, /* ? */
    {14, 17, 23, 21, 23, 16, 15}, /* @ */
    {14, 17, 17, 31, 17, 17, 17}, /* A */
    {30, 17, 17, 30, 17, 17, 30}, /* B */
    {14, 17, 16, 16, 16, 17, 14}, /* C */
    {30, 17, 17, 17, 17, 17, 30}, /* D */
    {31, 16, 16, 30, 16, 16, 31}, /* E */
    {31, 16, 16, 30, 16, 16, 16}, /* F */
    {14, 17, 16, 23, 17, 17, 14}, /* G */
    {17, 17, 17, 31, 17, 17, 17}, /* H */
    {14,  4,  4,  4,  4,  4, 14}, /* I */
    { 7,  2,  2,  2,  2, 18, 12}, /* J */
    {17, 18, 20, 24, 20, 18, 17}, /* K */
    {16, 16, 16, 16, 16, 16, 31}, /* L */
    {17, 27, 21, 21, 17, 17, 17}, /* M */
    {17, 25, 25, 21, 19, 19, 17}, /* N */
    {14, 17, 17, 17, 17, 17, 14}, /* O */
    {30, 17, 17, 30, 16, 16, 16}, /* P */
    {14, 17, 17, 17, 21, 18, 13}, /* Q */
    {30, 17, 17, 30, 20, 18, 17}, /* R */
    {15, 16, 16, 14,  1,  1, 30}, /* S */
    {31,  4,  4,  4,  4,  4,  4}, /* T */
    {17, 17, 17, 17, 17, 17, 14}, /* U */
    {17, 17, 17, 17, 10, 10,  4}, /* V */
    {17, 17, 17, 21, 21, 27, 17}, /* W */
    {17, 17, 10,  4, 10, 17, 17}, /* X */
    {17, 17, 10,  4,  4,  4,  4}, /* Y */
    {31,  1,  2,  4,  8, 16, 31}, /* Z */
    {14,  8,  8,  8,  8,  8, 14}, /* [ */
    {16,  8,  8,  4,  2,  2,  1}, /* backslash */
    {14,  2,  2,  2,  2,  2, 14}, /* ] */
    { 4, 10, 17,  0,  0,  0,  0}, /* ^ */
    { 0,  0,  0,  0,  0,  0, 31}, /* _ */
    { 8,  4,  0,  0,  0,  0,  0}, /* ` */
    { 0,  0, 14,  1, 15, 17, 15}, /* a */
    {16, 16, 30, 17, 17, 17, 30}, /* b */
    { 0,  0, 14, 16, 16, 16, 14}, /* c */
    { 1,  1, 15, 17, 17, 17, 15}, /* d */
    { 0,  0, 14, 17, 31, 16, 14}, /* e */
    { 6,  8, 30,  8,  8,  8,  8}, /* f */
    { 0, 15, 17, 17, 15,  1, 14}, /* g */
    {16, 16, 30, 17, 17, 17, 17}, /* h */
    { 4,  0, 12,  4,  4,  4, 14}, /* i */
    { 2,  0,  6,  2,  2, 18, 12}, /* j */
    {16, 16, 18, 20, 24, 20, 18}, /* k */
    {12,  4,  4,  4,  4,  4, 14}, /* l */
    { 0,  0, 26, 21, 21, 21, 21}, /* m */
    { 0,  0, 30, 17, 17, 17, 17}, /* n */
    { 0,  0, 14, 17, 17, 17, 14}, /* o */
    { 0, 30, 17, 17, 30, 16, 16}, /* p */
    { 0, 15, 17, 17, 15,  1,  1}, /* q */
    { 0,  0, 22, 24, 16, 16, 16}, /* r */
    { 0,  0, 15, 16, 14,  1, 30}, /* s */
    { 8,  8, 30,  8,  8,  8,  6}, /* t */
    { 0,  0, 17, 17, 17, 17, 15}, /* u */
    { 0,  0, 17, 17, 17, 10,  4}, /* v */
    { 0,  0, 17, 21, 21, 21, 10}, /* w */
    { 0,  0, 17, 10,  4, 10, 17}, /* x */
    { 0, 17, 17, 17, 15,  1, 14}, /* y */
    { 0,  0, 31,  2,  4,  8, 31}, /* z */
    { 3,  4,  4,  8,  4,  4,  3}, /* { */
    { 4,  4,  4,  4,  4,  4,  4}, /* | */
    {24,  4,  4,  2,  4,  4, 24}, /* } */
    { 0,  0,  9, 21, 18,  0,  0}, /* ~ */
};
static const uint8_t box[DOWN] = {31, 17, 17, 17, 17, 17, 31};

static double hex(const char *two) /* 0 .. 1 */
{
    int value = 0;
    for (int i = 0; i < 2; i++)
        value = value * 16 + (two[i] <= '9' ? two[i] - '0' : two[i] - 'a' + 10);
    return value / 255.0;
}

/* Lays an ink over pixel (x,y), which may be outside. */
static void blend(spae_image *image, long x, long y, spae_ink ink, double cover)
{
    if (x < 0 || y < 0 || x >= (long)image->width || y >= (long)image->height || !(cover > 0))
        return;
    float *pixel = image->pixels + ((size_t)y * image->width + (size_t)x) * 3;
    const double a = cover < 1 ? cover : 1;
    for (int j = 0; j < 3; j++)
        pixel[j] = (float)((double)pixel[j] * (1 - a) + hex(spae_canvas_inks[ink][0] + 1 + 2 * j) * a);
}

/* The distance of a pixel's middle from the piece of line. */
static double distance(const spae_mark *m, double x, double y)
{
    const double dx = (m->x1 - m->x0) * SCALE, dy = (m->y1 - m->y0) * SCALE;
    const double px = x - m->x0 * SCALE, py = y - m->y0 * SCALE, square = dx * dx + dy * dy;
    double along = square > 0 ? (px * dx + py * dy) / square : 0;
    along = along < 0 ? 0 : along > 1 ? 1 : along;
    const double ex = px - along * dx, ey = py - along * dy;
    return sqrt(ex * ex + ey * ey);
}

static long within(double v, size_t most) /* floor of v, kept in 0 .. most */
{
    return v < 0 ? 0 : v > (double)most ? (long)most : (long)v;
}

/* A line, or a disc as a line of no length. */
static void draw_round(spae_image *image, const spae_mark *m, double radius)
{
    const double reach = radius + 1;
    const long left = within(fmin(m->x0, m->x1) * SCALE - reach, image->width);
    const long right = within(fmax(m->x0, m->x1) * SCALE + reach, image->width);
    const long top = within(fmin(m->y0, m->y1) * SCALE - reach, image->height);
    const long bottom = within(fmax(m->y0, m->y1) * SCALE + reach, image->height);
    for (long y = top; y <= bottom; y++)
        for (long x = left; x <= right; x++)
            blend(image, x, y, m->ink, radius + 0.5 - distance(m, (double)x + 0.5, (double)y + 0.5));
}

static void draw_box(spae_image *image, const spae_mark *m)
{
    const long right = within((m->x0 + m->x1) * SCALE + 0.5, image->width);
    const long bottom = within((m->y0 + m->y1) * SCALE + 0.5, image->height);
    for (long y = within(m->y0 * SCALE + 0.5, image->height); y < bottom; y++)
        for (long x = within(m->x0 * SCALE + 0.5, image->width); x < right; x++)
            blend(image, x, y, m->ink, 1);
}

/* Each pixel is the one of the picture that its middle lies in. */
static void draw_picture(spae_image *image, const spae_mark *m)
{
    const long left = within(m->x0 * SCALE + 0.5, image->width), top = within(m->y0 * SCALE + 0.5, image->height);
    const long right = within((m->x0 + m->x1) * SCALE + 0.5, image->width);
    const long bottom = within((m->y0 + m->y1) * SCALE + 0.5, image->height);
    for (long y = top; y < bottom; y++)
        for (long x = left; x < right; x++) {
            const size_t from_y = (size_t)(y - top) * m->image->height / (size_t)(bottom - top);
            const size_t from_x = (size_t)(x - left) * m->image->width / (size_t)(right - left);
            memcpy(image->pixels + ((size_t)y * image->width + (size_t)x) * 3,
                   m->image->pixels + (from_y * m->image->width + from_x) * 3, 3 * sizeof(float));
        }
}

static void draw_letter(spae_image *image, const uint8_t rows[DOWN], long left, long top, spae_ink ink)
{
    for (long y = 0; y < DOWN * DOT; y++)
        for (long x = 0; x < ACROSS * DOT; x++)
            if (rows[y / DOT] >> (ACROSS - 1 - x / DOT) & 1)
                blend(image, left + x, top + y, ink, 1);
}

static void draw_character(spae_image *image, uint32_t c, long left, long base, spae_ink ink)
{
    const long top = base + (c > 0 && c < 127 && strchr("gpqy,;", (int)c) != NULL ? DOT : 0); /* they reach below the line */
    draw_letter(image, c >= ' ' && c < 127 ? font[c - ' '] : box, left, top, ink);
}

static void draw_text(spae_image *image, const spae_mark *m)
{
    const double width = spae_canvas_letters(SPAE_LETTERS_PNG, m->text);
    const bool whole = !(m->size > 0) || width <= m->size;
    const size_t n = whole ? strlen(m->text) : spae_canvas_fit(SPAE_LETTERS_PNG, m->text, m->size);
    const double start = (m->x0 - (m->centred ? (whole ? width : m->size) / 2 : 0)) * SCALE;
    const long base = (long)floor(m->y0 * SCALE) - DOWN * DOT;
    long left = (long)floor(start);
    for (size_t i = 0; i < n; left += ADVANCE * DOT) {
        uint32_t c = 0;
        const size_t length = spae_utf8_decode((const uint8_t *)m->text + i, n - i, &c);
        draw_character(image, length > 0 ? c : 0, left, base, m->ink);
        i += length > 0 ? length : 1;
    }
    for (size_t i = whole ? 2 : 0; i < 2; i++, left += ADVANCE * DOT)
        draw_character(image, '.', left, base, m->ink);
}

spae_status spae_canvas_raster(const spae_canvas *canvas, const spae_mark *marks, size_t count, spae_image *image,
                               spae_error *err)
{
    const size_t height = (size_t)canvas->height * SCALE, width = (size_t)canvas->width * SCALE;
    const spae_status status = spae_image_take(canvas->arena, "drawing", NULL, height, width, 3, image, err);
    if (status != SPAE_OK)
        return status;
    for (size_t i = 0; i < height * width * 3; i++)
        image->pixels[i] = 1;
    for (size_t i = 0; i < count; i++) {
        spae_mark m = marks[i];
        if (m.kind == SPAE_MARK_TEXT) {
            draw_text(image, &m);
        } else if (m.kind == SPAE_MARK_PICTURE) {
            draw_picture(image, &m);
        } else if (m.kind == SPAE_MARK_BOX) {
            draw_box(image, &m);
        } else {
            if (m.kind == SPAE_MARK_DISC)
                m.x1 = m.x0, m.y1 = m.y0;
            draw_round(image, &m, m.kind == SPAE_MARK_DISC ? m.size * SCALE : m.size * SCALE / 2);
        }
    }
    return SPAE_OK;
}
