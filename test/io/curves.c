/* io/curves: which panels a log becomes, what thinning and smoothing do to known values, and
 * refusals. */
#include "bytes.h"

#include "../../io/curves.h"
#include "markup.h"

static const spae_curves_options plain = {.title = "t", .smooth = 1, .across = 2};

static spae_status add_text_log(spae_curves *curves, const char *label, const char *text,
                                spae_error *err)
{
    static spae_source source[SPAE_CURVES_LOGS_MOST + 1];
    spae_source *s = &source[curves->logs];
    *s = spae_source_memory(text, strlen(text), "x");
    return spae_curves_add(curves, label, s, err);
}

static const char *write_curves(const spae_curves *curves)
{
    const uint8_t *svg = NULL;
    size_t size = 0;
    spae_error err;
    ck_assert_msg(spae_curves_write(curves, &svg, &size, &err) == SPAE_OK, "%s", err.text);
    char *text = spae_arena_take(curves->arena, size + 1, 1);
    memcpy(text, svg, size);
    text[size] = '\0';
    check_nesting(text);
    return text;
}

static const char *draw_logs(const spae_curves_options *options, const char *const *logs,
                             spae_arena *arena)
{
    static const char *const labels[] = {"one", "two", "three"};
    spae_error err;
    spae_curves curves = spae_curves_start(options, arena);
    for (size_t i = 0; logs[i] != NULL; i++)
        ck_assert_msg(add_text_log(&curves, labels[i], logs[i], &err) == SPAE_OK, "%s", err.text);
    return write_curves(&curves);
}

static bool before(const char *text, const char *a, const char *b)
{
    const char *first = strstr(text, a), *second = strstr(text, b);
    ck_assert_msg(first != NULL && second != NULL, "%s, %s", a, b);
    return first < second;
}

START_TEST(columns_become_panels)
{
    static const char log[] = "odd,psnr,step,lecam,adversarial,first_word,l2,empty,perceptual\n"
                              "7,10,1,0.1,2,0.5,0.1,,0\n8,11,2,0.2,3,,0.2,nan,0.0\n";
    spae_arena arena = new_arena();
    const char *text = draw_logs(&plain, (const char *const[]){log, NULL}, &arena);
    ck_assert_uint_eq(count_of(text, "class=\"p\""), 5);
    ck_assert(before(text, ">reconstruction, l2</text>", ">GAN, perceptual, LeCAM ("));
    ck_assert(before(text, ">GAN, perceptual, LeCAM (", ">PSNR, dB</text>"));
    ck_assert(before(text, ">PSNR, dB</text>", ">token accuracy</text>"));
    ck_assert(before(text, ">token accuracy</text>", ">odd</text>"));
    ck_assert(before(text, ">adversarial</text>", ">lecam</text>"));
    ck_assert_uint_eq(count_of(text, "class=\"k\""), 2);
    ck_assert_uint_eq(count_of(text, "<path class=\"l c1\""), 2); /* lecam's key and line */
    ck_assert(strstr(text, ">2 rows, steps 1 to 2</text>") != NULL);
    ck_assert(strstr(text, ">without values, or 0 throughout: perceptual empty</text>") != NULL);
    spae_arena_free(&arena);
}
END_TEST

START_TEST(chosen_columns)
{
    static const char log[] = "step,l2,psnr,adversarial,lecam\n1,2,3,4,5\n2,3,4,5,6\n";
    spae_curves_options options = plain;
    spae_arena arena = new_arena();
    options.columns = "lecam,psnr";
    const char *text = draw_logs(&options, (const char *const[]){log, NULL}, &arena);
    ck_assert_uint_eq(count_of(text, "class=\"p\""), 2);
    ck_assert_uint_eq(count_of(text, "class=\"k\""), 0); /* one column in each */
    spae_arena_free(&arena);
}
END_TEST

START_TEST(several_logs_lie_over_each_other)
{
    static const char a[] = "step,l2,adversarial,lecam\n1,2,3,4\n2,3,4,5\n",
                      b[] = "step,l2,mine\n1,5,1\n9,6,1\n";
    spae_arena arena = new_arena();
    const char *text = draw_logs(&plain, (const char *const[]){a, b, NULL}, &arena);
    ck_assert(before(text, ">one</text>", ">two</text>"));
    ck_assert_uint_eq(count_of(text, "class=\"p\""), 3);
    ck_assert_uint_eq(count_of(text, "<path class=\"l c0\""), 3);    /* key, l2, adversarial */
    ck_assert_uint_eq(count_of(text, "<path class=\"l c0 d1\""), 1); /* lecam */
    ck_assert_uint_eq(count_of(text, "<path class=\"l c1\""), 3);    /* key, l2, mine */
    ck_assert(strstr(text, "rows, steps") == NULL);
    spae_arena_free(&arena);
}
END_TEST

/* A log of `rows` rows of step i and value i % 2. */
static const char *long_log(size_t rows, spae_arena *arena)
{
    char *text = spae_arena_take(arena, 16 * rows + 16, 1);
    size_t n = (size_t)sprintf(text, "step,v\n");
    for (size_t i = 1; i <= rows; i++)
        n += (size_t)sprintf(text + n, "%zu,%zu\n", i, i % 2);
    return text;
}

START_TEST(long_logs_are_thinned)
{
    static const struct {
        size_t rows, points, width;
    } cases[] = {{512, 512, 1}, {513, 257, 2}, {1024, 512, 2}, {1025, 257, 4}, {5000, 313, 16}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char note[80];
        spae_arena arena = new_arena();
        const char *log = long_log(cases[i].rows, &arena);
        const char *text = draw_logs(&plain, (const char *const[]){log, NULL}, &arena);
        const char *line = strstr(text, "<path class=\"l c0\" d=\"M");
        ck_assert(line != NULL);
        size_t points = 1;
        for (const char *at = line; *at != '>'; at++)
            points += *at == 'L';
        ck_assert_uint_eq(points, cases[i].points);
        sprintf(note, "a point is the mean of %zu rows; shaded", cases[i].width);
        ck_assert((strstr(text, note) != NULL) == (cases[i].width > 1));
        ck_assert((strstr(text, "<path class=\"a c0\"") != NULL) == (cases[i].width > 1));
        spae_arena_free(&arena);
    }
}
END_TEST

/* 1024 rows of 1, 0, 1, 0 ..: every point of two rows is 1/2, its band 0 to 1; the axis is widened
 * below 1 only. */
START_TEST(a_thinned_point_is_a_mean_with_its_band)
{
    spae_arena arena = new_arena();
    const char *log = long_log(1024, &arena);
    const char *text = draw_logs(&plain, (const char *const[]){log, NULL}, &arena);
    /* 0..1.04 over 252+18-8 .. : header of one more line of notes than a chart without; 0.5 / 1.04
     * of 178 */
    const char *line = strstr(text, "<path class=\"l c0\" d=\"M"), *end = strchr(line, '>');
    const double first = strtod(strchr(strchr(line, 'M'), ' ') + 1, NULL);
    for (const char *at = line; (at = strchr(at, 'L')) != NULL && at < end; at++)
        ck_assert(strtod(strchr(at, ' ') + 1, NULL) == first);
    const char *band = strchr(strstr(text, "<path class=\"a c0\" d=\"M"), 'M');
    const double high = strtod(strchr(band, ' ') + 1, NULL);
    const char *close = strchr(band, 'Z');
    while (*close != ' ')
        close--;
    const double low = strtod(close + 1, NULL);
    ck_assert_msg(low - high > 2 * (low - first) - 0.3 && low - high < 2 * (low - first) + 0.3,
                  "%g %g %g", low, first, high);
    spae_arena_free(&arena);
}
END_TEST

START_TEST(smoothing_is_the_mean_of_the_last_rows)
{
    static const char raw[] = "step,v\n1,4\n2,8\n3,\n4,0\n5,2\n6,10\n7,nan\n8,nan\n9,nan\n10,6\n",
                      mean[] = "step,v\n1,4\n2,6\n3,6\n4,4\n5,1\n6,4\n7,6\n8,10\n9,\n10,6\n";
    spae_curves_options smooth = plain;
    spae_arena arena = new_arena();
    smooth.smooth = 3;
    const char *a = draw_logs(&smooth, (const char *const[]){raw, NULL}, &arena);
    const char *b = draw_logs(&plain, (const char *const[]){mean, NULL}, &arena);
    ck_assert(strstr(a, ">smoothed: lines are running means over 3 rows</text>") != NULL);
    /* the same line, one line of notes lower */
    const char *p = strstr(a, "<path class=\"l c0\" d=\"M"),
               *q = strstr(b, "<path class=\"l c0\" d=\"M");
    const char *const end = strchr(p, '>');
    while (p < end) {
        char *p_end, *q_end;
        ck_assert_msg(*p == *q, "%.20s, %.20s", p, q);
        const bool vertical = *p == ' ' && p[1] >= '0' && p[1] <= '9';
        p++;
        q++;
        if (!vertical)
            continue;
        const double drop = strtod(p, &p_end) - strtod(q, &q_end);
        ck_assert_msg(drop > 17.85 && drop < 18.15, "%g", drop);
        p = p_end;
        q = q_end;
    }
    spae_arena_free(&arena);
}
END_TEST

START_TEST(wrong_logs)
{
    static const char *const cases[][2] = {
        {"a,b\n1,2\n", "x: line 1: expected a column \"step\" and others"},
        {"step\n1\n", "x: line 1: expected a column \"step\" and others"},
        {"l2,step\n1,\n", "x: line 2: column 2 (step): expected a number"},
        {"step,l2\n1,2\n2,2\n2,2\n", "x: line 4: column 1 (step): not above the one before"},
        {"step,l2\n7,2\n1.5,2\n", "x: line 3: column 1 (step): not above the one before"},
        {"step,l2\n1,x\n", "x: line 2: column 2 (l2): expected a decimal"},
        {"", "x: line 1: expected a line of column names"},
    };
    spae_arena arena = new_arena();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        spae_error err;
        spae_curves curves = spae_curves_start(&plain, &arena);
        ck_refused(add_text_log(&curves, "a", cases[i][0], &err), SPAE_ERR_FORMAT, err,
                   cases[i][1]);
        ck_assert(curves.logs == 0 && arena.used == 0);
    }
    spae_arena_free(&arena);
}
END_TEST

START_TEST(nothing_to_draw)
{
    static const char log[] = "step,l2,psnr\n1,,2\n";
    const uint8_t *svg = NULL;
    size_t size = 0;
    spae_error err;
    spae_arena arena = new_arena();
    spae_curves curves = spae_curves_start(&plain, &arena);
    ck_assert_int_eq(spae_curves_write(&curves, &svg, &size, &err), SPAE_ERR_ARGUMENT);
    ck_assert_int_eq(add_text_log(&curves, "a", "step,l2\n", &err), SPAE_OK);
    ck_refused(spae_curves_write(&curves, &svg, &size, &err), SPAE_ERR_ARGUMENT, err,
               "x: no row with a value to draw");
    curves = spae_curves_start(&plain, &arena);
    ck_assert_int_eq(add_text_log(&curves, "a", log, &err), SPAE_OK);
    static const char *const columns[][2] = {
        {"l2,step", "\"step\": no such column in a log; x has l2 psnr"},
        {"", "\"\": no such column in a log; x has l2 psnr"},
        {"psnr,", "\"\": no such column in a log; x has l2 psnr"},
        {"l", "\"l\": no such column"},
        {"l2", "x: no row with a value to draw"}};
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++) {
        curves.options.columns = columns[i][0];
        ck_assert_int_eq(spae_curves_write(&curves, &svg, &size, &err), SPAE_ERR_ARGUMENT);
        ck_assert_msg(strstr(err.text, columns[i][1]) == err.text, "%s", err.text);
    }
    ck_assert(svg == NULL && size == 0);
    spae_arena_free(&arena);
}
END_TEST

START_TEST(too_many_logs)
{
    spae_error err;
    spae_arena arena = new_arena();
    spae_curves curves = spae_curves_start(&plain, &arena);
    for (int i = 0; i < SPAE_CURVES_LOGS_MOST; i++)
        ck_assert_int_eq(add_text_log(&curves, "a", "step,l2\n1,2\n", &err), SPAE_OK);
    ck_refused(add_text_log(&curves, "a", "step,l2\n1,2\n", &err), SPAE_ERR_ARGUMENT, err,
               "the most is 12 logs");
    write_curves(&curves);
    spae_arena_free(&arena);
}
END_TEST

static spae_status add_in(spae_arena *arena, void *context, spae_error *err)
{
    spae_curves curves = spae_curves_start(&plain, arena);
    (void)context;
    return add_text_log(&curves, "a", "step,l2\n1,2\n", err);
}

START_TEST(no_memory)
{
    starve(add_in, NULL, 1009);
}
END_TEST

SUITE(suite_io_curves, "io/curves", columns_become_panels, chosen_columns,
      several_logs_lie_over_each_other, long_logs_are_thinned,
      a_thinned_point_is_a_mean_with_its_band, smoothing_is_the_mean_of_the_last_rows, wrong_logs,
      nothing_to_draw, too_many_logs, no_memory)
