/* io/y4m: colours by hand and there and back, and every way that a file can be broken. */
#include "bytes.h"

#include <math.h>

#include "../../io/y4m.h"

enum { MOST = 4 * 4 * 6 * 3 };

static spae_status read_all(const bytes *b, spae_y4m *y4m, float *pixels, spae_error *err)
{
    const spae_source source = source_of(b);
    spae_arena arena = new_arena();
    spae_status status = spae_y4m_open(&source, NULL, y4m, err);
    if (status == SPAE_OK)
        status = spae_y4m_read(&arena, y4m, 0, y4m->frames, pixels, err);
    ck_assert_uint_eq(arena.used, 0);
    spae_arena_free(&arena);
    return status;
}

/* The value of the header's formulas, by another route: separate terms. */
static void ck_pixel(const float *rgb, int y, int cb, int cr)
{
    const double l = (y - 16) / 219.0, b = (cb - 128) / 224.0, r = (cr - 128) / 224.0;
    const double due[3] = {l + 1.402 * r, l - 0.202008 / 0.587 * b - 0.419198 / 0.587 * r,
                           l + 1.772 * b};
    for (int k = 0; k < 3; k++)
        ck_assert_double_eq_tol((double)rgb[k], due[k] < 0 ? 0 : due[k] > 1 ? 1 : due[k], 1e-7);
}

START_TEST(whole_chroma)
{
    bytes b = {{0}, 0};
    spae_y4m y4m;
    float p[MOST];
    spae_error err;
    add_text(&b, "YUV4MPEG2 W2 H1 F30000:1001 Ip A1:1 C444 XYSCSS=444\nFRAME\n");
    add(&b, "\x10\xEB\x80\x80\x80\x80", 6); /* black and white */
    add_text(&b, "FRAME Ip\n");
    add(&b, "\x51\x91\x5A\x36\xF0\x22", 6); /* the red and green of BT.601's colour bars */
    ck_assert_msg(read_all(&b, &y4m, p, &err) == SPAE_OK, "%s", err.text);
    ck_assert(y4m.frames == 2 && y4m.width == 2 && y4m.height == 1 && y4m.whole_chroma);
    for (int k = 0; k < 3; k++)
        ck_assert(p[k] == 0.0f && p[3 + k] == 1.0f);
    ck_pixel(p + 6, 0x51, 0x5A, 0xF0);
    ck_pixel(p + 9, 0x91, 0x36, 0x22);
    ck_assert(p[6] > 0.99f && p[7] < 0.01f && p[8] < 0.01f);
    ck_assert(p[9] < 0.01f && p[10] > 0.99f && p[11] < 0.01f);
}
END_TEST

START_TEST(half_chroma_of_odd_sizes)
{
    static const char *const spaces[] = {" C420jpeg", " C420mpeg2", " C420paldv", " C420", ""};
    for (size_t i = 0; i < 5; i++) {
        bytes b = {{0}, 0};
        spae_y4m y4m;
        float p[MOST];
        spae_error err;
        add_text(&b, "YUV4MPEG2 W3 H3");
        add_text(&b, spaces[i]);
        add_text(&b, "\nFRAME\n");
        for (int k = 0; k < 9; k++)
            add_low(&b, (uint64_t)(50 + 10 * k), 1);
        add(&b, "\x70\x80\x90\xA0", 4);
        add(&b, "\x88\x78\x98\x68", 4);
        ck_assert_msg(read_all(&b, &y4m, p, &err) == SPAE_OK, "%s", err.text);
        ck_assert(y4m.frames == 1 && !y4m.whole_chroma);
        static const int cb[4] = {0x70, 0x80, 0x90, 0xA0}, cr[4] = {0x88, 0x78, 0x98, 0x68};
        for (int y = 0; y < 3; y++)
            for (int x = 0; x < 3; x++)
                ck_pixel(p + (3 * y + x) * 3, 50 + 10 * (3 * y + x), cb[y / 2 * 2 + x / 2],
                         cr[y / 2 * 2 + x / 2]);
    }
}
END_TEST

START_TEST(some_of_the_frames)
{
    bytes b = {{0}, 0};
    spae_arena arena = new_arena();
    spae_y4m y4m;
    spae_error err;
    float p[6];
    add_text(&b, "YUV4MPEG2 W1 H1 C444\n");
    for (int t = 0; t < 4; t++) {
        add_text(&b, t % 2 == 0 ? "FRAME\n" : "FRAME X=long\n");
        add_low(&b, (uint64_t)(16 + t), 1);
        add(&b, "\x80\x80", 2);
    }
    const spae_source source = source_of(&b);
    ck_assert_int_eq(spae_y4m_open(&source, NULL, &y4m, &err), SPAE_OK);
    ck_assert_uint_eq(y4m.frames, 4);
    ck_assert_int_eq(spae_y4m_read(&arena, &y4m, 2, 2, p, &err), SPAE_OK);
    ck_assert(p[0] == (float)(2.0 / 219) && p[5] == (float)(3.0 / 219));
    ck_assert_int_eq(spae_y4m_read(&arena, &y4m, 4, 0, p, &err), SPAE_OK);
    ck_refused(spae_y4m_read(&arena, &y4m, 3, 2, p, &err), SPAE_ERR_ARGUMENT, err,
               "2 frames from frame 4 on, there are 4");
    ck_refused(spae_y4m_read(&arena, &y4m, 5, 0, p, &err), SPAE_ERR_ARGUMENT, err, "there are 4");
    spae_arena_free(&arena);
}
END_TEST

START_TEST(broken_files_are_refused)
{
    static const struct {
        const char *text, *due;
    } cases[] = {
        {"", "byte 0: expected YUV4MPEG2"},
        {"YUV4", "byte 0: expected YUV4MPEG2"},
        {"YUV4MPEG3 W1 H1\n", "byte 0: expected YUV4MPEG2"},
        {"YUV4MPEG21 W1 H1\n", "byte 0: expected YUV4MPEG2"},
        {"YUV4MPEG2 W1 H1", "frame 0: byte 0: no end of line within 255 characters"},
        {"YUV4MPEG2\n", "expected a width W.. and a height H.."},
        {"YUV4MPEG2 W1\n", "expected a width W.. and a height H.."},
        {"YUV4MPEG2 W0 H1\n", "the parameter W0 is no width"},
        {"YUV4MPEG2 W1x H1\n", "the parameter W1x is no width"},
        {"YUV4MPEG2 W1 H\n", "the parameter H is no height"},
        {"YUV4MPEG2 W1 H1234567890\n", "the parameter H1234567890 is no height"},
        {"YUV4MPEG2 W20000 H1\n", "frames of 1 x 20000 are larger than the limits"},
        {"YUV4MPEG2 W16384 H16385\n", "are larger than the limits"},
        {"YUV4MPEG2 W1 H1 It\n", "the parameter It is interlaced, expected Ip"},
        {"YUV4MPEG2 W1 H1 C422\n", "the parameter C422 is not read, expected C420jpeg, C420mpeg2"},
        {"YUV4MPEG2 W1 H1 C444alpha\n", "the parameter C444alpha is not read"},
        {"YUV4MPEG2 W1 H1 C420p10\n", "the parameter C420p10 is not read"},
        {"YUV4MPEG2 W1 H1 Cmono\n", "the parameter Cmono is not read"},
        {"YUV4MPEG2 W1 H1 C4\x01\xFF\n", "the parameter C4?? is not read"},
        {"YUV4MPEG2 W1 H1 XCOLORRANGE=FULL\n",
         "XCOLORRANGE=FULL is not read, expected the limited range"},
        {"YUV4MPEG2 W1 H1\n", "byte 16: there is no frame"},
        {"YUV4MPEG2 W1 H1\nFRAME\nab", "frame 1: byte 22: cut off, 3 bytes are due, 2 are there"},
        {"YUV4MPEG2 W1 H1\nFRAME", "frame 1: byte 16: no end of line"},
        {"YUV4MPEG2 W1 H1\nFRAME\nabcFRAMES\nabc", "frame 2: byte 25: expected FRAME"},
        {"YUV4MPEG2 W1 H1\nFRAME\nabc\nFRAME\nabc", "frame 2: byte 25: expected FRAME"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        bytes b = {{0}, 0};
        spae_y4m y4m = {.frames = 77};
        spae_error err;
        add_text(&b, cases[i].text);
        const spae_source source = source_of(&b);
        ck_refused(spae_y4m_open(&source, NULL, &y4m, &err), SPAE_ERR_FORMAT, err, cases[i].due);
        ck_assert_uint_eq(y4m.frames, 77);
    }
    bytes b = {{0}, 0};
    spae_y4m y4m;
    spae_error err;
    add(&b, "YUV4MPEG2 W1\0 H1\n", 17);
    const spae_source source = source_of(&b);
    ck_refused(spae_y4m_open(&source, NULL, &y4m, &err), SPAE_ERR_FORMAT, err,
               "byte 12: a zero in a line of text");
    b.size = 0;
    add_text(&b, "YUV4MPEG2 W1 H1 X");
    for (int i = 0; i < 255; i++)
        add_text(&b, "x");
    add_text(&b, "\n");
    const spae_source longer = source_of(&b);
    ck_refused(spae_y4m_open(&longer, NULL, &y4m, &err), SPAE_ERR_FORMAT, err,
               "no end of line within 255");
}
END_TEST

/* 2 frames of 4x3 by formula, some samples outside 0..1. */
static void make_frames(float pixels[2 * 4 * 3 * 3])
{
    for (int i = 0; i < 2 * 4 * 3 * 3; i++)
        pixels[i] = (float)((37 * i + 11) % 31 - 3) / 25;
}

START_TEST(written_and_read_back)
{
    spae_arena arena = new_arena();
    spae_buffer buffer = {&arena, NULL, 0, 0};
    spae_sink sink = spae_sink_buffer(&buffer);
    spae_y4m y4m;
    spae_error err;
    float pixels[72], back[72];
    make_frames(pixels);
    ck_assert_int_eq(spae_y4m_write(&arena, &sink, pixels, 2, 4, 3, &err), SPAE_OK);
    static const char due[] = "YUV4MPEG2 W3 H4 F25:1 Ip A1:1 C444\nFRAME\n";
    ck_assert_uint_eq(buffer.size, sizeof due - 1 + 36 + 6 + 36);
    ck_assert(memcmp(buffer.bytes, due, sizeof due - 1) == 0);
    const uint8_t *planes = buffer.bytes + sizeof due - 1;
    for (int i = 0; i < 12; i++) {
        double v[3];
        for (int k = 0; k < 3; k++)
            v[k] = fmin(1, fmax(0, (double)pixels[3 * i + k]));
        const double e = 0.299 * v[0] + 0.587 * v[1] + 0.114 * v[2];
        ck_assert_int_eq(planes[i], (int)lround(16 + 219 * e));
        ck_assert_int_eq(planes[12 + i], (int)lround(128 + 112 / 0.886 * (v[2] - e)));
        ck_assert_int_eq(planes[24 + i], (int)lround(128 + 112 / 0.701 * (v[0] - e)));
    }
    const spae_source source = spae_source_memory(buffer.bytes, buffer.size, "x");
    ck_assert_int_eq(spae_y4m_open(&source, NULL, &y4m, &err), SPAE_OK);
    ck_assert(y4m.frames == 2 && y4m.height == 4 && y4m.width == 3);
    ck_assert_int_eq(spae_y4m_read(&arena, &y4m, 0, 2, back, &err), SPAE_OK);
    for (int i = 0; i < 72; i++) /* half a step of Y and of chroma: 0.5/219 + 1.772/2/224 at most */
        ck_assert_double_eq_tol((double)back[i], fmin(1, fmax(0, (double)pixels[i])), 0.0063);
    pixels[40] = (float)NAN;
    ck_refused(spae_y4m_write(&arena, &(spae_sink){sink.write, sink.context, "x", 0}, pixels, 2, 4,
                              3, &err),
               SPAE_ERR_NOT_FINITE, err, "frame 2: sample 4 is NaN");
    spae_arena_free(&arena);
}
END_TEST

START_TEST(grey_levels_come_back_exactly)
{
    spae_arena arena = new_arena();
    spae_buffer buffer = {&arena, NULL, 0, 0};
    spae_sink sink = spae_sink_buffer(&buffer);
    spae_y4m y4m;
    spae_error err;
    float pixels[220 * 3], back[220 * 3];
    for (int i = 0; i < 220 * 3; i++)
        pixels[i] = (float)(i / 3) / 219.0f;
    ck_assert_int_eq(spae_y4m_write(&arena, &sink, pixels, 1, 220, 1, &err), SPAE_OK);
    const spae_source source = spae_source_memory(buffer.bytes, buffer.size, "x");
    ck_assert_int_eq(spae_y4m_open(&source, NULL, &y4m, &err), SPAE_OK);
    ck_assert_int_eq(spae_y4m_read(&arena, &y4m, 0, 1, back, &err), SPAE_OK);
    for (int i = 0; i < 220 * 3; i++)
        ck_assert(back[i] == (float)((i / 3) / 219.0));
    spae_arena_free(&arena);
}
END_TEST

static spae_status read_in(spae_arena *arena, void *context, spae_error *err)
{
    float pixels[3];
    return spae_y4m_read(arena, context, 0, 1, pixels, err);
}

START_TEST(every_refused_allocation_is_told)
{
    bytes b = {{0}, 0};
    spae_y4m y4m;
    spae_error err;
    add_text(&b, "YUV4MPEG2 W1 H1\nFRAME\nabc");
    const spae_source source = source_of(&b);
    ck_assert_int_eq(spae_y4m_open(&source, NULL, &y4m, &err), SPAE_OK);
    starve(read_in, &y4m, 1);
}
END_TEST

SUITE(suite_io_y4m, "io/y4m", whole_chroma, half_chroma_of_odd_sizes, some_of_the_frames,
      broken_files_are_refused, written_and_read_back, grey_levels_come_back_exactly,
      every_refused_allocation_is_told)
