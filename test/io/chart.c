/* io/chart: what is drawn is where it should be, well-formed, and needs nothing from outside. */
#include "bytes.h"

#include <math.h>

#include "../../io/chart.h"
#include "markup.h"

static const double xs[] = {0, 5, 10}, ys[] = {1, 3, 2};

static spae_chart chart_of(const spae_chart_panel *panel, size_t panels, size_t across)
{
    return (spae_chart){
        .title = "title", .x_title = "step", .panel = panel, .panels = panels, .across = across};
}

static const char *draw(const spae_chart *chart, spae_arena *arena)
{
    const uint8_t *svg = NULL;
    size_t size = 0;
    spae_error err;
    ck_assert_msg(spae_chart_write(chart, arena, &svg, &size, &err) == SPAE_OK, "%s", err.text);
    char *text = spae_arena_take(arena, size + 1, 1);
    memcpy(text, svg, size);
    text[size] = '\0';
    ck_assert_uint_eq(strlen(text), size);
    check_nesting(text);
    return text;
}

/* A panel of one line with these values over 0, 1, .. */
static const char *draw_values(const double *y, size_t count, spae_chart_scale scale,
                               spae_arena *arena)
{
    static const double x[] = {0, 1, 2, 3, 4, 5, 6, 7};
    const spae_chart_line line = {.count = count, .x = x, .y = y};
    const spae_chart_panel panel = {.title = "p", .scale = scale, .line = &line, .lines = 1};
    const spae_chart chart = chart_of(&panel, 1, 1);
    return draw(&chart, arena);
}

START_TEST(a_line_is_where_it_should_be)
{
    spae_arena arena = new_arena();
    const spae_chart_line line = {.style = {2, 1}, .count = 3, .x = xs, .y = ys};
    const spae_chart_panel panel = {.title = "p", .low = 0, .high = 4, .line = &line, .lines = 1};
    const spae_chart chart = chart_of(&panel, 1, 1);
    const char *text = draw(&chart, &arena);
    ck_assert(
        strstr(
            text,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" viewBox=\"0 0 380.0 306.0\"") ==
        text);
    /* x from 10+62 to 10+346; y from 46+206 up to 46+28, for 0..4 */
    ck_assert(strstr(text, "<path class=\"l c2 d1\" d=\"M72.0 207.5L214.0 118.5L356.0 163.0\"/>") !=
              NULL);
    ck_assert(strstr(text, ">step</text>") != NULL && strstr(text, "<title>title</title>") != NULL);
    ck_assert(strstr(text, ">4</text>") != NULL && strstr(text, ">10</text>") != NULL);
    ck_assert(strstr(text, "class=\"a") == NULL);
    spae_arena_free(&arena);
}
END_TEST

START_TEST(gaps_and_dots)
{
    const double y[] = {NAN, 1, 2, NAN, 3, NAN, NAN, 4};
    spae_arena arena = new_arena();
    const char *text = draw_values(y, 8, SPAE_CHART_LINEAR, &arena);
    const char *path = strstr(text, "<path class=\"l c0\" d=\"M");
    ck_assert(path != NULL);
    const size_t n = strcspn(path + 22, "\"");
    char d[200];
    ck_assert_uint_lt(n, sizeof d);
    memcpy(d, path + 22, n);
    d[n] = '\0';
    ck_assert_uint_eq(count_of(d, "M"), 3);
    ck_assert_uint_eq(count_of(d, "L"), 1);
    ck_assert_uint_eq(count_of(d, "h0"), 2);
    spae_arena_free(&arena);
}
END_TEST

START_TEST(scales)
{
    const double wide[] = {0.1, 1, 3}, narrow[] = {0.1, 1, 2.9}, signs[] = {-1, 0, 100},
                 none[] = {NAN, NAN};
    spae_arena arena = new_arena();
    ck_assert(strstr(draw_values(wide, 3, SPAE_CHART_AUTO, &arena), ">p (log)</text>") != NULL);
    ck_assert(strstr(draw_values(narrow, 3, SPAE_CHART_AUTO, &arena), ">p</text>") != NULL);
    ck_assert(strstr(draw_values(wide, 3, SPAE_CHART_LINEAR, &arena), ">p</text>") != NULL);
    ck_assert(strstr(draw_values(signs, 3, SPAE_CHART_AUTO, &arena), ">p</text>") != NULL);
    const char *text = draw_values(signs, 3, SPAE_CHART_LOG, &arena);
    ck_assert(strstr(text, ">p (log)</text>") != NULL &&
              strstr(text, "h0\"/>") != NULL); /* 100 alone */
    ck_assert(strstr(text, "no values") == NULL);
    ck_assert(strstr(draw_values(signs, 2, SPAE_CHART_LOG, &arena), ">no values</text>") != NULL);
    ck_assert(strstr(draw_values(none, 2, SPAE_CHART_AUTO, &arena), ">no values</text>") != NULL);
    ck_assert(strstr(draw_values(wide, 0, SPAE_CHART_AUTO, &arena), ">no values</text>") != NULL);
    ck_assert(strstr(draw_values(wide, 1, SPAE_CHART_AUTO, &arena), "h0\"/>") != NULL);
    spae_arena_free(&arena);
}
END_TEST

START_TEST(bands)
{
    const double low[] = {0, 2, 1}, high[] = {2, 4, 3}, y[] = {1, 3, NAN};
    spae_arena arena = new_arena();
    const spae_chart_line line = {.count = 3, .x = xs, .y = ys, .low = low, .high = high};
    spae_chart_panel panel = {.title = "p", .low = 0, .high = 4, .line = &line, .lines = 1};
    spae_chart chart = chart_of(&panel, 1, 1);
    ck_assert(strstr(draw(&chart, &arena),
                     "<path class=\"a c0\" d=\"M72.0 163.0L214.0 74.0L356.0 118.5"
                     "L356.0 207.5L214.0 163.0L72.0 252.0Z\"/>") != NULL);
    const spae_chart_line cut = {.count = 3, .x = xs, .y = y, .low = low, .high = high};
    panel.line = &cut; /* no band where there is no value */
    ck_assert(strstr(draw(&chart, &arena),
                     "d=\"M72.0 163.0L214.0 74.0L214.0 163.0L72.0 252.0Z\"/>") != NULL);
    panel.low = panel.high = 0; /* the axis holds the band too */
    ck_assert(strstr(draw(&chart, &arena), ">4</text>") != NULL);
    spae_arena_free(&arena);
}
END_TEST

START_TEST(keys_wrap_and_push_the_plot_down)
{
    spae_arena arena = new_arena();
    const spae_chart_key key[] = {
        {{0, 0}, "a rather long label"}, {{1, 0}, "another long label"}, {{0, 2}, "c"}};
    const spae_chart_line line = {.count = 3, .x = xs, .y = ys};
    const spae_chart_panel panel = {
        .title = "p", .low = 0, .high = 4, .line = &line, .lines = 1, .key = key, .keys = 3};
    const char *note[] = {"first", "second"};
    spae_chart chart = chart_of(&panel, 1, 1);
    const char *text = draw(&chart, &arena);
    ck_assert(strstr(text, "M72.0 216.5L") != NULL); /* two lines of keys: the plot is 36 less */
    ck_assert(strstr(text, "<path class=\"l c0 d2\" d=\"M") != NULL);
    chart.note = note;
    chart.notes = 2;
    chart.key = key;
    chart.keys = 3;
    text = draw(&chart, &arena);
    ck_assert(strstr(text, "viewBox=\"0 0 380.0 378.0\"") != NULL);
    ck_assert_uint_eq(count_of(text, ">another long label</text>"), 2);
    ck_assert(strstr(text, ">first</text>") != NULL && strstr(text, ">second</text>") != NULL);
    spae_arena_free(&arena);
}
END_TEST

START_TEST(panels_stand_in_rows)
{
    spae_arena arena = new_arena();
    const spae_chart_line line = {.count = 3, .x = xs, .y = ys};
    const spae_chart_panel panel[] = {{.title = "p", .line = &line, .lines = 1},
                                      {.title = "q", .line = &line, .lines = 1},
                                      {.title = "r", .line = &line, .lines = 1}};
    const spae_chart chart = chart_of(panel, 3, 2);
    const char *text = draw(&chart, &arena);
    ck_assert(strstr(text, "viewBox=\"0 0 740.0 556.0\"") != NULL);
    ck_assert(strstr(text, "<text class=\"p\" x=\"72.0\" y=\"64.0\">p</text>") != NULL);
    ck_assert(strstr(text, "<text class=\"p\" x=\"432.0\" y=\"64.0\">q</text>") != NULL);
    ck_assert(strstr(text, "<text class=\"p\" x=\"72.0\" y=\"314.0\">r</text>") != NULL);
    spae_arena_free(&arena);
}
END_TEST

START_TEST(labels_are_any_bytes)
{
    spae_arena arena = new_arena();
    const spae_chart_key key = {{0, 0}, "a<b>&\"\x01\xFF\xC3\xA9\xC2\x85"};
    const spae_chart_line line = {.count = 3, .x = xs, .y = ys};
    const spae_chart_panel panel = {
        .title = "<", .line = &line, .lines = 1, .key = &key, .keys = 1};
    const spae_chart chart = chart_of(&panel, 1, 1);
    const char *text = draw(&chart, &arena);
    ck_assert(
        strstr(text,
               ">a&#60;b&#62;&#38;&#34;\xEF\xBF\xBD\xEF\xBF\xBD\xC3\xA9\xEF\xBF\xBD</text>") !=
        NULL);
    ck_assert(strstr(text, ">&#60;</text>") != NULL);
    spae_arena_free(&arena);
}
END_TEST

START_TEST(stands_alone)
{
    spae_arena arena = new_arena();
    const char *text = draw_values(ys, 3, SPAE_CHART_AUTO, &arena);
    static const char *const outside[] = {"<script", "url(", "@import", "href", "onload", "<image"};
    for (size_t i = 0; i < sizeof outside / sizeof outside[0]; i++)
        ck_assert_msg(strstr(text, outside[i]) == NULL, "%s", outside[i]);
    ck_assert_uint_eq(count_of(text, "http"), 1); /* the name of SVG */
    ck_assert(strstr(text, "@media(prefers-color-scheme:dark)") != NULL);
    spae_arena_free(&arena);
}
END_TEST

START_TEST(refusals)
{
    const double bad_x[] = {0, NAN, 1}, inf[] = {0, INFINITY, 1}, beyond[] = {0, 1, -1.1e100};
    spae_arena arena = new_arena();
    spae_error err;
    const uint8_t *svg = NULL;
    size_t size = 0;
    const spae_chart_line lines[] = {{.count = 3, .x = bad_x, .y = ys},
                                     {.count = 3, .x = xs, .y = inf},
                                     {.count = 3, .x = xs, .y = beyond},
                                     {.count = 3, .x = xs, .y = ys, .low = ys, .high = inf}};
    spae_chart_panel panel = {.title = "p", .lines = 1};
    for (size_t i = 0; i < 4; i++) {
        panel.line = &lines[i];
        const spae_chart chart = chart_of(&panel, 1, 1);
        ck_assert_int_eq(spae_chart_write(&chart, &arena, &svg, &size, &err), SPAE_ERR_NOT_FINITE);
        ck_assert_msg(strstr(err.text, i == 2 ? "chart: p: value 2" : "chart: p: value 1") != NULL,
                      "%s", err.text);
    }
    spae_chart chart = chart_of(&panel, 0, 1);
    ck_assert_int_eq(spae_chart_write(&chart, &arena, &svg, &size, &err), SPAE_ERR_ARGUMENT);
    chart = chart_of(&panel, 1, 0);
    ck_assert_int_eq(spae_chart_write(&chart, &arena, &svg, &size, &err), SPAE_ERR_ARGUMENT);
    ck_assert(svg == NULL && size == 0);
    uint8_t memory[512];
    spae_arena small;
    spae_arena_fixed(&small, memory, sizeof memory);
    panel.lines = 0;
    chart = chart_of(&panel, 1, 1);
    ck_assert_int_eq(spae_chart_write(&chart, &small, &svg, &size, &err), SPAE_ERR_NO_MEMORY);
    spae_arena_free(&arena);
}
END_TEST

SUITE(suite_io_chart, "io/chart", a_line_is_where_it_should_be, gaps_and_dots, scales, bands,
      keys_wrap_and_push_the_plot_down, panels_stand_in_rows, labels_are_any_bytes, stands_alone,
      refusals)
