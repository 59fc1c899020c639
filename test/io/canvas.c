/* io/canvas: the exact SVG of one mark of each kind, the exact dots of a letter, hostile letters, wrong names. */
#define _POSIX_C_SOURCE 200809L

#include "bytes.h"

#include "../../io/canvas.h"
#include "cli/run.h"
#include "markup.h"

static const char *read_text(const char *name, spae_arena *arena)
{
    const uint8_t *file = NULL;
    size_t size = 0;
    ck_assert_int_eq(spae_file_read_all(arena, name, 1 << 24, &file, &size, NULL), SPAE_OK);
    char *text = spae_arena_take(arena, size + 1, 1);
    memcpy(text, file, size);
    text[size] = '\0';
    check_nesting(text);
    return text;
}

static void write_to(spae_canvas *canvas, const char *name)
{
    spae_error err;
    ck_assert_msg(spae_canvas_write(canvas, name, &err) == SPAE_OK, "%s", err.text);
}

START_TEST(marks)
{
    spae_arena arena = new_arena();
    spae_canvas c = spae_canvas_start(30, 20, "T", "D", &arena);
    enter();
    spae_canvas_line(&c, SPAE_INK_BLUE, 0, -0.26, 10, 10.04, 1.5);
    spae_canvas_box(&c, SPAE_INK_LINE, 1, 2, 3, 4);
    spae_canvas_disc(&c, SPAE_INK_ORANGE, 5, 6, 7);
    spae_canvas_text(&c, SPAE_INK_TEXT, 8, 9, true, spae_canvas_format(&c, "%d", 12));
    write_to(&c, "a.svg");
    const char *text = read_text("a.svg", &arena);
    ck_assert(strstr(text, "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" aria-labelledby=\"t d\" "
                           "viewBox=\"0 0 30 20\">\n<title id=\"t\">T</title>\n<desc id=\"d\">D</desc>\n") == text);
    ck_assert(strstr(text, "<rect class=\"back\" width=\"100%\" height=\"100%\"/>\n"
                           "<line class=\"k3\" x1=\"0.0\" y1=\"-0.3\" x2=\"10.0\" y2=\"10.0\" stroke-width=\"1.5\"/>\n"
                           "<rect class=\"k2\" x=\"1.0\" y=\"2.0\" width=\"3.0\" height=\"4.0\"/>\n"
                           "<circle class=\"k4\" cx=\"5.0\" cy=\"6.0\" r=\"7.0\"/>\n"
                           "<text class=\"k0 m\" x=\"8.0\" y=\"9.0\">12</text>\n</svg>\n") != NULL);
    ck_assert(strstr(text, "prefers-color-scheme:dark") != NULL);
    write_to(&c, "a.html");
    text = read_text("a.html", &arena);
    ck_assert(strncmp(text, "<!DOCTYPE html>\n<html lang=\"en\">", 32) == 0 && strstr(text, "<script") == NULL);
    ck_assert(strstr(text, "<h1>T</h1>\n<p>D</p>\n<svg ") != NULL && strstr(text, "name=\"viewport\"") != NULL);
    leave();
    spae_arena_free(&arena);
}
END_TEST

static void check_row(const spae_image *image, size_t y, const char *due) /* '#': dark */
{
    for (size_t x = 0; due[x] != '\0'; x++)
        ck_assert_msg((image->pixels[(y * image->width + x) * 3] < 0.5F) == (due[x] == '#'), "row %zu, %zu", y, x);
}

START_TEST(pixels)
{
    static const char *const t[7] = {"##########.", "....##.....", "....##.....", "....##.....",
                                     "....##.....", "....##.....", "....##....."};
    spae_arena arena = new_arena();
    spae_canvas c = spae_canvas_start(12, 12, "T", "D", &arena);
    spae_image image;
    enter();
    spae_canvas_text(&c, SPAE_INK_TEXT, 0, 7, false, "T\xC3");
    spae_canvas_box(&c, SPAE_INK_BLUE, 10, 10, 1, 1);
    spae_canvas_disc(&c, SPAE_INK_BLUE, -3, 400, 2); /* outside: nothing */
    write_to(&c, "a.png");
    ck_assert_int_eq(spae_image_read(&arena, "a.png", NULL, &image, NULL), SPAE_OK);
    ck_assert_uint_eq(image.width, 24);
    ck_assert_uint_eq(image.height, 24);
    for (size_t y = 0; y < 14; y++)
        check_row(&image, y, t[y / 2]);
    check_row(&image, 0, "##########..##########.."); /* what the font lacks is a box */
    check_row(&image, 2, "....##......##......##..");
    const float *blue = image.pixels + (20 * 24 + 20) * 3;
    ck_assert(blue[0] == 0 && blue[1] == 0x72 / 255.0F && blue[2] == 0xb2 / 255.0F);
    ck_assert(blue[2 * 3] == 1 && image.pixels[(19 * 24 + 20) * 3] == 1 && image.pixels[23 * 24 * 3] == 1);
    leave();
    spae_arena_free(&arena);
}
END_TEST

/* What is too wide is pressed in SVG, by a fifth; then it is cut, in either form, between characters. */
START_TEST(fits)
{
    spae_arena arena = new_arena();
    spae_canvas c = spae_canvas_start(400, 20, "T", "D", &arena);
    enter();
    spae_canvas_text_within(&c, SPAE_INK_TEXT, 1, 9, false, 36, "aaaa");
    spae_canvas_text_within(&c, SPAE_INK_TEXT, 1, 9, true, 36, "aaaaa");
    spae_canvas_text_within(&c, SPAE_INK_TEXT, 1, 9, true, 36, "aaaaaa");
    spae_canvas_box(&c, spae_canvas_shade(0.94), 0, 0, 1, 1);
    write_to(&c, "a.svg");
    const char *text = read_text("a.svg", &arena);
    ck_assert(strstr(text, "viewBox=\"0 0 400 20\" width=\"400\" height=\"20\">") != NULL);
    ck_assert(strstr(text, "<text class=\"k0\" x=\"1.0\" y=\"9.0\">aaaa</text>\n"
                           "<text class=\"k0 m\" x=\"1.0\" y=\"9.0\" textLength=\"36.0\" lengthAdjust=\"spacingAndGlyphs\">aaaaa</text>\n"
                           "<text class=\"k0 m\" x=\"1.0\" y=\"9.0\" textLength=\"36.0\" lengthAdjust=\"spacingAndGlyphs\">aaa..</text>\n"
                           "<rect class=\"k14\"") != NULL);
    ck_assert(strstr(text, ".k15{color:#f29d2f}") != NULL && strstr(text, ".k15{color:#854c09}") != NULL);
    write_to(&c, "a.html");
    ck_assert(strstr(read_text("a.html", &arena), "<div class=\"wide\" tabindex=\"0\"") != NULL);
    ck_assert_uint_eq(spae_canvas_fit(SPAE_LETTERS_PNG, "ab\xC3\xA9\xE4\xB8\xAD" "d", 12), 0);
    ck_assert_uint_eq(spae_canvas_fit(SPAE_LETTERS_PNG, "ab\xC3\xA9\xE4\xB8\xAD" "d", 29.9), 2);
    ck_assert_uint_eq(spae_canvas_fit(SPAE_LETTERS_PNG, "ab\xC3\xA9\xE4\xB8\xAD" "d", 30), 4);
    ck_assert_uint_eq(spae_canvas_fit(SPAE_LETTERS_PNG, "a\xFF" "d", 100), 3);
    ck_assert(spae_canvas_letters(SPAE_LETTERS_PNG, "ab\xC3\xA9\xFF") == 24);
    ck_assert(spae_canvas_letters(SPAE_LETTERS_SVG, "") == 0);
    leave();
    spae_arena_free(&arena);
}
END_TEST

START_TEST(hostile)
{
    spae_arena arena = new_arena();
    spae_canvas c = spae_canvas_start(30, 20, "</title><script>", "]]>&\x01\xFF", &arena);
    enter();
    spae_canvas_text(&c, SPAE_INK_TEXT, 8, 9, false, "</text><b>\n\x7f");
    write_to(&c, "a.html");
    const char *text = read_text("a.html", &arena);
    ck_assert(strstr(text, "<script") == NULL && strstr(text, "<b>") == NULL);
    ck_assert_uint_eq(count_of(text, "&#60;/title&#62;&#60;script&#62;"), 3);
    ck_assert(strstr(text, "<p>]]&#62;&#38;\xEF\xBF\xBD\xEF\xBF\xBD</p>") != NULL);
    ck_assert(strstr(text, ">&#60;/text&#62;&#60;b&#62;\xEF\xBF\xBD\xEF\xBF\xBD</text>") != NULL);
    write_to(&c, "a.png");
    leave();
    spae_arena_free(&arena);
}
END_TEST

START_TEST(refusals)
{
    spae_error err;
    spae_arena arena = new_arena();
    spae_canvas c = spae_canvas_start(30, 20, "T", "D", &arena);
    enter();
    ck_assert(spae_canvas_knows("a.svg") && spae_canvas_knows("a.html") && spae_canvas_knows("a.png"));
    ck_assert(!spae_canvas_knows("a.gif") && !spae_canvas_knows("svg"));
    ck_assert_int_eq(spae_canvas_write(&c, "a.gif", &err), SPAE_ERR_ARGUMENT);
    ck_assert_str_eq(err.text, "a.gif: expected a name that ends in .svg, .html or .png");
    c = spae_canvas_start(30, 4001, "T", "D", &arena);
    ck_assert_int_eq(spae_canvas_write(&c, "a.svg", &err), SPAE_ERR_ARGUMENT);
    ck_assert(!is_there("a.gif") && !is_there("a.svg"));
    leave();
    spae_arena_free(&arena);
}
END_TEST

SUITE(suite_io_canvas, "io/canvas", marks, pixels, fits, hostile, refusals)
