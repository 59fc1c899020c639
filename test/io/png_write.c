/* io/png_write: what is written reads back, with every filter chosen somewhere, the same bytes each
 * time. */
#include "bytes.h"

#include "../../io/png.h"
#include "../../vendor_free/inflate.h"

/* A picture by formula: flat, ramps along x, y and both, and noise, 8 rows of each. */
static void paint(float *to, size_t width, size_t channels)
{
    for (size_t y = 0; y < 40; y++)
        for (size_t x = 0; x < width; x++)
            for (size_t c = 0; c < channels; c++) {
                const size_t band = y / 8,
                             noise =
                                 (x * x * 31 + y * y * 17 + x * y * 7 + c * 5) * 2654435761U >> 7;
                const size_t v = band == 0   ? 200
                                 : band == 1 ? 5 * x + c
                                 : band == 2 ? 6 * y + 50 * (x % 2)
                                 : band == 3 ? 3 * x + 5 * y
                                             : noise;
                *to++ = (float)(v % 256) / 255.0f;
            }
}

START_TEST(what_is_written_reads_back)
{
    static float pixels[40 * 50 * 3];
    for (size_t n = 0; n < 100; n++) {
        const size_t width = n % 50 + 1, channels = n < 50 ? 1 : 3;
        const spae_image image = {40, width, channels, pixels};
        spae_arena arena = new_arena();
        spae_buffer b = {&arena, NULL, 0, 0}, again = {&arena, NULL, 0, 0};
        spae_sink sink = spae_sink_buffer(&b);
        spae_image back;
        paint(pixels, width, channels);
        ck_assert_int_eq(spae_png_write(&arena, &sink, &image, NULL), SPAE_OK);
        sink = spae_sink_buffer(&again);
        ck_assert_int_eq(spae_png_write(&arena, &sink, &image, NULL), SPAE_OK);
        ck_assert(b.size == again.size && memcmp(b.bytes, again.bytes, b.size) == 0);
        const spae_source source = spae_source_memory(b.bytes, b.size, "x");
        ck_assert_int_eq(spae_png_read(&arena, &source, NULL, &back, NULL), SPAE_OK);
        ck_assert(back.height == 40 && back.width == width && back.channels == channels);
        ck_assert(memcmp(back.pixels, pixels, 40 * width * channels * sizeof *pixels) == 0);
        spae_arena_free(&arena);
    }
}
END_TEST

START_TEST(every_filter_is_chosen)
{
    static float pixels[40 * 50];
    const spae_image image = {40, 50, 1, pixels};
    uint8_t rows[40 * 51];
    unsigned seen = 0;
    spae_arena arena = new_arena();
    spae_buffer b = {&arena, NULL, 0, 0};
    spae_sink sink = spae_sink_buffer(&b);
    paint(pixels, 50, 1);
    ck_assert_int_eq(spae_png_write(&arena, &sink, &image, NULL), SPAE_OK);
    ck_assert(memcmp(b.bytes + 8, "\0\0\0\15IHDR\0\0\0\x32\0\0\0\x28\x8\0\0\0\0", 21) == 0);
    ck_assert(memcmp(b.bytes + 37, "IDAT", 4) == 0);
    ck_assert_int_eq(spae_inflate(SPAE_DEFLATE_ZLIB, b.bytes + 41, b.size - 41 - 16, rows,
                                  sizeof rows, NULL, NULL, NULL),
                     SPAE_OK);
    for (size_t y = 0; y < 40; y++)
        seen |= 1U << rows[51 * y];
    ck_assert_msg(seen == 0x1f, "filters chosen: %x", seen);
    spae_arena_free(&arena);
}
END_TEST

static spae_status take(void *context, const void *data, size_t n, spae_error *err)
{
    size_t *left = context;
    (void)data;
    if (n > *left)
        return spae_fail(err, SPAE_ERR_IO, "full");
    *left -= n;
    return SPAE_OK;
}

START_TEST(failures_of_the_sink_come_through)
{
    float pixel[1] = {0.5f};
    const spae_image image = {1, 1, 1, pixel};
    spae_status status = SPAE_ERR_IO;
    for (size_t room = 0; status != SPAE_OK; room++) {
        spae_arena arena = new_arena();
        size_t left = room;
        spae_sink sink = {.write = take, .context = &left, .name = "x"};
        status = spae_png_write(&arena, &sink, &image, NULL);
        ck_assert(status == SPAE_ERR_IO || (status == SPAE_OK && room > 60));
        spae_arena_free(&arena);
    }
}
END_TEST

SUITE(suite_io_png_write, "io/png_write", what_is_written_reads_back, every_filter_is_chosen,
      failures_of_the_sink_come_through)
