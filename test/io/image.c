/* io/image: telling formats apart, NPY pictures, bytes, grey and RGB, and resizing by hand-worked
 * cases. */
#include "bytes.h"

#include <math.h>

#include "../../io/image.h"
#include "../../io/npy.h"

/* ---- reading --------------------------------------------------------------------------------- */

/* A 1.0 NPY file: this type and shape, and n bytes. */
static bytes npy(const char *descr, const char *shape, const void *data, size_t n)
{
    bytes b = {.size = 0};
    char text[120];
    sprintf(text, "{'descr': '%s', 'fortran_order': False, 'shape': %s}", descr, shape);
    add(&b, "\x93NUMPY\1\0", 8);
    add_low(&b, strlen(text), 2);
    add_text(&b, text);
    add(&b, data, n);
    return b;
}

static spae_status read_bytes(spae_arena *arena, void *context, spae_error *err)
{
    const spae_source source = source_of(context);
    spae_image image = {0, 0, 0, NULL};
    const spae_status status = spae_image_read_source(arena, &source, NULL, &image, err);
    if (status == SPAE_OK)
        ck_assert(image.height == 1 && image.width == 2 && image.pixels[0] == 0.0f &&
                  image.pixels[1] == 1.0f);
    return status;
}

START_TEST(the_first_bytes_tell_the_format)
{
    const uint8_t samples[6] = {0, 255, 255, 0, 255, 255};
    bytes cases[4] = {npy("|u1", "(1, 2)", samples, 2),
                      npy("|u1", "(1, 2, 1)", samples, 2),
                      npy("|u1", "(1, 2, 3)", samples, 6),
                      {.size = 0}};
    add_text(&cases[3], "P2 2 1 9 0 9");
    for (size_t i = 0; i < 4; i++)
        starve(read_bytes, &cases[i], 64);
}
END_TEST

START_TEST(float_pictures_are_taken_as_they_are)
{
    bytes data = {.size = 0};
    add_low(&data, 0x3eaaaaab, 4); /* nearest to 1/3 */
    add_low(&data, 0x3f800000, 4);
    const bytes b = npy("<f4", "(2, 1)", data.data, 8);
    const spae_source source = source_of(&b);
    spae_arena arena = new_arena();
    spae_image image;
    ck_assert_int_eq(spae_image_read_source(&arena, &source, NULL, &image, NULL), SPAE_OK);
    ck_assert(image.height == 2 && image.width == 1 && image.channels == 1);
    ck_assert(image.pixels[0] == 0x1.555556p-2f && image.pixels[1] == 1.0f);
    spae_arena_free(&arena);
}
END_TEST

START_TEST(pictures_that_are_refused)
{
    static const uint8_t zeros[64];
    static const struct {
        const char *descr, *shape, *data;
        size_t n;
        spae_status status;
        const char *why;
    } cases[] = {
        {"|u1", "(4,)", "abcd", 4, SPAE_ERR_FORMAT, "a picture is (H,W)"},
        {"|u1", "(1, 2, 2)", "abcd", 4, SPAE_ERR_FORMAT, "a picture is (H,W)"},
        {"|u1", "(1, 1, 1, 3)", "abc", 3, SPAE_ERR_FORMAT, "a picture is (H,W)"},
        {"<u2", "(1, 1)", "ab", 2, SPAE_ERR_FORMAT, "a picture is (H,W)"},
        {"|i1", "(1, 1)", "a", 1, SPAE_ERR_FORMAT, "a picture is (H,W)"},
        {"|u1", "(0, 1)", "", 0, SPAE_ERR_FORMAT, "the picture is 0 x 1"},
        {"|u1", "(1, 2)", "a", 1, SPAE_ERR_FORMAT, "the header says 2 bytes"},
        {"<f4", "(1, 1)", "\1\0\x80\x3f", 4, SPAE_ERR_FORMAT, "sample 0 is 1, outside 0 .. 1"},
        {"<f4", "(1, 1)", "\1\0\0\x80", 4, SPAE_ERR_FORMAT, "outside 0 .. 1"},
        {"<f4", "(1, 1)", "\0\0\xc0\x7f", 4, SPAE_ERR_NOT_FINITE, "sample 0 is not finite"},
        {"<f4", "(1, 1)", "\0\0\x80\x7f", 4, SPAE_ERR_NOT_FINITE, "sample 0 is not finite"},
    };
    spae_arena arena = new_arena();
    spae_image image = {9, 9, 9, NULL};
    spae_error err;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const bytes b = npy(cases[i].descr, cases[i].shape,
                            cases[i].n ? (const void *)cases[i].data : zeros, cases[i].n);
        const spae_source source = source_of(&b);
        ck_refused(spae_image_read_source(&arena, &source, NULL, &image, &err), cases[i].status,
                   err, cases[i].why);
        ck_assert(image.height == 9 && arena.used == 0);
    }
    const spae_source text = spae_source_memory("GIF89a", 6, "x"),
                      nothing = spae_source_memory(NULL, 0, "x");
    ck_refused(spae_image_read_source(&arena, &text, NULL, &image, &err), SPAE_ERR_FORMAT, err,
               "this is no PNG");
    ck_refused(spae_image_read_source(&arena, &nothing, NULL, &image, &err), SPAE_ERR_FORMAT, err,
               "this is no");
    ck_assert_int_eq(spae_image_read(&arena, "/none/such.png", NULL, &image, &err), SPAE_ERR_IO);
    spae_arena_free(&arena);
}
END_TEST

START_TEST(limits_are_reached_and_not_passed)
{
    spae_limits l = spae_limits_default();
    spae_arena arena = new_arena();
    spae_image image;
    spae_error err;
    l.max_height = 3;
    l.max_width = 5;
    l.max_pixels = 12;
    ck_assert_int_eq(spae_image_take(&arena, "x", &l, 3, 4, 1, &image, &err), SPAE_OK);
    ck_refused(spae_image_take(&arena, "x", &l, 3, 5, 1, &image, &err), SPAE_ERR_FORMAT, err,
               "3 x 5");
    ck_assert_int_eq(spae_image_take(&arena, "x", &l, 2, 5, 1, &image, &err), SPAE_OK);
    ck_refused(spae_image_take(&arena, "x", &l, 2, 6, 1, &image, &err), SPAE_ERR_FORMAT, err,
               "2 x 6");
    ck_refused(spae_image_take(&arena, "x", &l, 4, 1, 1, &image, &err), SPAE_ERR_FORMAT, err,
               "4 x 1");
    ck_refused(spae_image_take(&arena, "x", NULL, 16384, 16385, 1, &image, &err), SPAE_ERR_FORMAT,
               err, "limits");
    ck_refused(spae_image_take(&arena, "x", NULL, SIZE_MAX, SIZE_MAX, 1, &image, &err),
               SPAE_ERR_FORMAT, err, "limits");
    spae_arena_free(&arena);
}
END_TEST

/* ---- writing --------------------------------------------------------------------------------- */

static float grey_samples[4] = {0.0f, 0.25f, 0.5f, 1.0f};
static const spae_image grey = {2, 2, 1, grey_samples};

START_TEST(what_is_written_reads_back)
{
    static const char *const endings[] = {".pgm", ".ppm", ".png", ".npy"};
    static const size_t channels[] = {1, 3, 1, 1};
    const float eighths[4] = {0.0f, 64.0f / 255.0f, 128.0f / 255.0f,
                              1.0f}; /* 63.75 and 127.5, rounded */
    for (size_t i = 0; i < 4; i++) {
        spae_arena arena = new_arena();
        spae_image back;
        char name[80];
        ck_assert_int_eq(spae_image_write(&arena, temporary(name, endings[i]), &grey, NULL),
                         SPAE_OK);
        ck_assert(arena.used == 0);
        ck_assert_int_eq(spae_image_read(&arena, name, NULL, &back, NULL), SPAE_OK);
        ck_assert(back.height == 2 && back.width == 2 && back.channels == channels[i]);
        for (size_t k = 0; k < 4 * channels[i]; k++)
            ck_assert(back.pixels[k] == (i == 3 ? grey_samples : eighths)[k / channels[i]]);
        ck_assert_int_eq(remove(name), 0);
        spae_arena_free(&arena);
    }
}
END_TEST

START_TEST(samples_are_clamped_and_rounded_half_up)
{
    float v[] = {-INFINITY, -0.1f,           -0.0f, 0.5f / 255.0f, 0.49f / 255.0f,
                 0.5f,      254.4f / 255.0f, 1.0f,  1.1f,          INFINITY};
    const uint8_t due[] = {0, 0, 0, 1, 0, 128, 254, 255, 255, 255};
    const spae_image image = {1, 10, 1, v};
    uint8_t got[10];
    spae_error err;
    ck_assert_int_eq(spae_image_bytes(&image, got, &err), SPAE_OK);
    for (size_t i = 0; i < 10; i++)
        ck_assert_msg(got[i] == due[i], "sample %zu: %d", i, got[i]);
    v[6] = NAN;
    ck_assert_int_eq(spae_image_bytes(&image, got, &err), SPAE_ERR_NOT_FINITE);
    ck_assert_str_eq(err.text, "image: sample 6 is NaN");
}
END_TEST

START_TEST(what_cannot_be_written_is_refused)
{
    static const char *const endings[] = {".ppm", ".pgm", ".png", ".npy"};
    float nan[1] = {NAN};
    const spae_image bad = {1, 1, 1, nan}, two = {1, 2, 2, grey_samples};
    spae_arena arena = new_arena();
    char name[80];
    for (size_t i = 0; i < 4; i++) {
        ck_assert_int_eq(spae_image_write(&arena, temporary(name, endings[i]), &bad, NULL),
                         SPAE_ERR_NOT_FINITE);
        ck_assert_int_eq(spae_image_write(&arena, name, &two, NULL), SPAE_ERR_ARGUMENT);
        ck_assert_int_ne(remove(name), 0); /* nothing was left */
    }
    ck_assert_int_eq(spae_image_write(&arena, "a.jpg", &grey, NULL), SPAE_ERR_ARGUMENT);
    ck_assert_int_eq(spae_image_write(&arena, "-", &grey, NULL), SPAE_ERR_ARGUMENT);
    ck_assert_int_eq(spae_image_write(&arena, "/none/such/a.png", &grey, NULL), SPAE_ERR_IO);
    ck_assert(arena.used == 0);
    spae_arena_free(&arena);
}
END_TEST

static spae_status write_to(spae_arena *arena, void *name, spae_error *err)
{
    return spae_image_write(arena, name, &grey, err);
}

START_TEST(writing_needs_memory)
{
    static const char *const endings[] = {".ppm", ".pgm", ".png", ".npy"};
    char name[80];
    for (size_t i = 0; i < 4; i++) {
        temporary(name, endings[i]);
        starve(write_to, name, i == 2 ? 8192 : 64);
        ck_assert_int_eq(remove(name), 0);
    }
}
END_TEST

/* ---- grey and RGB ---------------------------------------------------------------------------- */

START_TEST(grey_and_rgb)
{
    float rgb[6] = {1.0f, 0.0f, 0.0f, 0.25f, 0.5f, 0.75f};
    const spae_image colours = {1, 2, 3, rgb}, two = {1, 2, 2, rgb};
    spae_arena arena = new_arena();
    spae_image out;
    ck_assert_int_eq(spae_image_convert(&arena, &colours, 1, &out, NULL), SPAE_OK);
    ck_assert(out.channels == 1 && out.pixels[0] == 0.299f);
    ck_assert(out.pixels[1] == (float)(0.299 * 0.25 + 0.587 * 0.5 + 0.114 * 0.75));
    ck_assert_int_eq(spae_image_convert(&arena, &grey, 3, &out, NULL), SPAE_OK);
    for (size_t i = 0; i < 12; i++)
        ck_assert(out.pixels[i] == grey_samples[i / 3]);
    ck_assert_int_eq(spae_image_convert(&arena, &grey, 1, &out, NULL), SPAE_OK);
    ck_assert(out.pixels == grey_samples);
    ck_assert_int_eq(spae_image_convert(&arena, &grey, 2, &out, NULL), SPAE_ERR_ARGUMENT);
    ck_assert_int_eq(spae_image_convert(&arena, &two, 3, &out, NULL), SPAE_ERR_ARGUMENT);
    spae_arena none;
    spae_arena_fixed(&none, NULL, 0);
    ck_assert_int_eq(spae_image_convert(&none, &grey, 3, &out, NULL), SPAE_ERR_NO_MEMORY);
    spae_arena_free(&arena);
}
END_TEST

/* ---- size ------------------------------------------------------------------------------------ */

typedef struct {
    size_t h, w;
    const float *in;
    size_t H, W;
    const float *due;
} resize_case;

START_TEST(sizes_worked_by_hand)
{
    static const float ramp3[] = {0.0f, 0.375f, 0.75f}, ramp4[] = {0.0f, 0.25f, 0.5f, 1.0f};
    static const float square[] = {0.0f, 0.25f, 0.5f, 1.0f};
    static const float wide[] = {0.0f, 0.1f, 0.2f, 0.3f, 0.4f,
                                 0.5f, 0.6f, 0.7f, 0.8f, 0.9f}; /* (2,5) */
    const resize_case cases[] = {
        {1, 4, ramp4, 1, 1, (const float[]){0.25f}},    /* cropped to the pixel 1, not 0: (4-1)/2 */
        {2, 2, square, 1, 1, (const float[]){0.4375f}}, /* the mean */
        {1, 1, square + 1, 2, 2, (const float[]){0.25f, 0.25f, 0.25f, 0.25f}},
        {2, 2, square, 4, 4,
         (const float[]){0, 0.0625f, 0.1875f, 0.25f, 0.125f, 0.203125f, 0.359375f, 0.4375f, 0.375f,
                         0.484375f, 0.703125f, 0.8125f, 0.5f, 0.625f, 0.875f, 1.0f}},
        {2, 5, wide, 2, 2,
         (const float[]){0.1f, 0.2f, 0.6f, 0.7f}}, /* columns 1 and 2: (5-2)/2 = 1 */
        {2, 5, wide, 2, 5, wide},
        {1, 3, ramp3, 1, 2,
         (const float[]){0.0f, 0.375f}}, /* cropped to 2 of 3, then the same size */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const resize_case *c = &cases[i];
        float in[16];
        memcpy(in, c->in, c->h * c->w * sizeof *in);
        const spae_image image = {c->h, c->w, 1, in};
        spae_arena arena = new_arena();
        spae_image out;
        ck_assert_int_eq(spae_image_resize(&arena, &image, c->H, c->W, &out, NULL), SPAE_OK);
        ck_assert(out.height == c->H && out.width == c->W && out.channels == 1 && out.pixels != in);
        for (size_t k = 0; k < c->H * c->W; k++)
            ck_assert_msg(out.pixels[k] == c->due[k], "case %zu, pixel %zu: %a, due %a", i, k,
                          (double)out.pixels[k], (double)c->due[k]);
        spae_arena_free(&arena);
    }
}
END_TEST

/* 3 to 2 pixels by area: (p0 + p1/2) / 1.5 and (p1/2 + p2) / 1.5, in both directions and three
 * channels. */
START_TEST(areas_share_their_border_pixels)
{
    float in[27];
    for (size_t i = 0; i < 27; i++)
        in[i] = (float)((37 * i + 11) % 31) / 32.0f;
    const spae_image image = {3, 3, 3, in};
    spae_arena arena = new_arena();
    spae_image out;
    ck_assert_int_eq(spae_image_resize(&arena, &image, 2, 2, &out, NULL), SPAE_OK);
    for (size_t y = 0; y < 2; y++)
        for (size_t x = 0; x < 2; x++)
            for (size_t c = 0; c < 3; c++) {
                double sum = 0.0; /* exact: whole numbers over 32 */
                for (size_t r = 0; r < 3; r++)
                    for (size_t k = 0; k < 3; k++)
                        sum += (r == 1       ? 1
                                : r == 2 * y ? 2
                                             : 0) *
                               (k == 1       ? 1
                                : k == 2 * x ? 2
                                             : 0) *
                               (double)in[9 * r + 3 * k + c];
                ck_assert(out.pixels[6 * y + 3 * x + c] == (float)(sum / 9.0));
            }
    spae_arena_free(&arena);
}
END_TEST

/* Whatever the sizes: a constant stays that constant, the same size stays the same bits, nothing
 * overshoots. */
START_TEST(every_small_size)
{
    float one[81], noise[81];
    for (size_t i = 0; i < 81; i++) {
        one[i] = 0.7f;
        noise[i] = (float)((37 * i + 11) % 31) / 31.0f;
    }
    for (size_t n = 0; n < 9 * 9 * 9 * 9; n++) {
        const size_t h = n % 9 + 1, w = n / 9 % 9 + 1, H = n / 81 % 9 + 1, W = n / 729 + 1;
        const spae_image constant = {h, w, 1, one}, any = {h, w, 1, noise};
        static uint8_t memory[8192];
        spae_arena arena;
        spae_image a, b;
        spae_arena_fixed(&arena, memory, sizeof memory);
        ck_assert_int_eq(spae_image_resize(&arena, &constant, H, W, &a, NULL), SPAE_OK);
        ck_assert_int_eq(spae_image_resize(&arena, &any, H, W, &b, NULL), SPAE_OK);
        for (size_t k = 0; k < H * W; k++)
            ck_assert(a.pixels[k] == 0.7f && b.pixels[k] >= 0.0f && b.pixels[k] <= 1.0f);
        if (h == H && w == W)
            ck_assert(memcmp(b.pixels, noise, H * W * sizeof *noise) == 0);
    }
}
END_TEST

START_TEST(sizes_out_of_range_are_refused)
{
    spae_arena arena = new_arena(), none;
    spae_image out;
    const spae_image empty = {0, 1, 1, grey_samples}, huge = {16385, 1, 1, grey_samples};
    ck_assert_int_eq(spae_image_resize(&arena, &grey, 0, 1, &out, NULL), SPAE_ERR_ARGUMENT);
    ck_assert_int_eq(spae_image_resize(&arena, &grey, 1, 0, &out, NULL), SPAE_ERR_ARGUMENT);
    ck_assert_int_eq(spae_image_resize(&arena, &grey, 16385, 1, &out, NULL), SPAE_ERR_ARGUMENT);
    ck_assert_int_eq(spae_image_resize(&arena, &grey, 1, 16385, &out, NULL), SPAE_ERR_ARGUMENT);
    ck_assert_int_eq(spae_image_resize(&arena, &empty, 1, 1, &out, NULL), SPAE_ERR_ARGUMENT);
    ck_assert_int_eq(spae_image_resize(&arena, &huge, 1, 1, &out, NULL), SPAE_ERR_ARGUMENT);
    ck_assert_int_eq(spae_image_resize(&arena, &grey, 16384, 1, &out, NULL), SPAE_OK);
    spae_arena_fixed(&none, NULL, 0);
    ck_assert_int_eq(spae_image_resize(&none, &grey, 1, 1, &out, NULL), SPAE_ERR_NO_MEMORY);
    spae_arena_free(&arena);
}
END_TEST

SUITE(suite_io_image, "io/image", the_first_bytes_tell_the_format,
      float_pictures_are_taken_as_they_are, pictures_that_are_refused,
      limits_are_reached_and_not_passed, what_is_written_reads_back,
      samples_are_clamped_and_rounded_half_up, what_cannot_be_written_is_refused,
      writing_needs_memory, grey_and_rgb, sizes_worked_by_hand, areas_share_their_border_pixels,
      every_small_size, sizes_out_of_range_are_refused)
