/* Masks, moves, the Gaussian filter and the pixel sets, each against a plain loop over the specification's words (SPEC
 * 10.7 to 10.9), at sizes of one pixel, odd ones, several frames. */
#include "test/check.h"

#include <math.h>

#include "nn/corruption.h"
#include "test/memory.h"
#include "vendor_free/philox.h"

enum { MOST = 3 * 3 * 13 * 17 };

static const size_t sizes[][3] = {{1, 1, 1}, {1, 2, 2}, {1, 1, 5}, {2, 5, 1}, {1, 3, 3}, {3, 4, 4},
                                  {1, 8, 8}, {2, 7, 10}, {1, 13, 17}, {2, 13, 13}, {1, 6, 17}};
enum { SIZES = sizeof sizes / sizeof sizes[0] };

static size_t count_of(const size_t size[3])
{
    return size[0] * size[1] * size[2] * 3;
}

static void random_picture(real *x, const size_t size[3], uint32_t seed)
{
    for (uint32_t i = 0; i < count_of(size); i++) {
        uint32_t w[4];
        spae_random_block((spae_random_key){seed, 77}, (const uint32_t[]){i, 0, 0, 0}, w);
        x[i] = (real)spae_uniform(w[0]);
    }
}

static size_t at(const size_t size[3], size_t t, size_t r, size_t c, size_t k)
{
    return ((t * size[1] + r) * size[2] + c) * 3 + k;
}

static void open_arena(spae_arena *arena)
{
    static watch w;
    watched_arena(arena, &w, 0);
}

static spae_status transform(spae_transform kind, const real *x, const size_t size[3], real *y, spae_error *err)
{
    spae_arena arena;
    watch w;
    watched_arena(&arena, &w, 0);
    const spae_status status = spae_transform_picture(kind, x, size, &arena, y, err);
    ck_assert_uint_eq(arena.used, 0);
    spae_arena_free(&arena);
    return status;
}

/* ---- masks and moves ---- */

/* What a transform makes of one place, plainly; false where it is 0. */
static bool source_of(spae_transform kind, const size_t size[3], size_t r, size_t c, size_t from[2])
{
    const size_t H = size[1], W = size[2], side = (H < W ? H : W) / 2;
    from[0] = r;
    from[1] = c;
    switch (kind) {
    case SPAE_OUTPAINT:
        return r + H / 2 < H;
    case SPAE_INPAINT:
        return r < (H - side) / 2 || r >= (H - side) / 2 + side || c < (W - side) / 2 || c >= (W - side) / 2 + side;
    case SPAE_TRANSLATE:
        from[1] = c - W / 4;
        return c >= W / 4;
    default: /* SPAE_ROTATE */
        from[0] = H - 1 - c;
        from[1] = r;
        return true;
    }
}

START_TEST(copies_as_they_are_specified)
{
    static const spae_transform kinds[] = {SPAE_OUTPAINT, SPAE_INPAINT, SPAE_TRANSLATE, SPAE_ROTATE};
    for (size_t i = 0; i < SIZES; i++)
        for (size_t k = 0; k < 4; k++) {
            static real x[MOST], y[MOST];
            size_t from[2];
            const size_t *z = sizes[i];
            if (kinds[k] == SPAE_ROTATE && z[1] != z[2])
                continue;
            random_picture(x, z, (uint32_t)i);
            ck_assert_int_eq(transform(kinds[k], x, z, y, NULL), SPAE_OK);
            for (size_t t = 0; t < z[0]; t++)
                for (size_t r = 0; r < z[1]; r++)
                    for (size_t c = 0; c < z[2]; c++)
                        for (size_t j = 0; j < 3; j++) {
                            const bool copied = source_of(kinds[k], z, r, c, from);
                            const real due = copied ? x[at(z, t, from[0], from[1], j)] : 0;
                            ck_assert_mem_eq(&y[at(z, t, r, c, j)], &due, sizeof due);
                        }
        }
}
END_TEST

/* Erasing twice changes nothing more; four rotations are none; both also with the result over the picture. */
START_TEST(masks_are_idempotent_and_rotations_come_round)
{
    static const size_t z[3] = {2, 7, 7};
    static real x[MOST], y[MOST], twice[MOST];
    for (spae_transform kind = SPAE_OUTPAINT; kind <= SPAE_INPAINT; kind++) {
        random_picture(x, z, 3);
        ck_assert_int_eq(transform(kind, x, z, y, NULL), SPAE_OK);
        ck_assert_int_eq(transform(kind, y, z, twice, NULL), SPAE_OK);
        ck_assert_mem_eq(y, twice, count_of(z) * sizeof *y);
        ck_assert_mem_ne(x, y, count_of(z) * sizeof *y);
        ck_assert_int_eq(transform(kind, x, z, x, NULL), SPAE_OK);
        ck_assert_mem_eq(x, y, count_of(z) * sizeof *y);
    }
    random_picture(x, z, 4);
    random_picture(y, z, 4);
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(transform(SPAE_ROTATE, y, z, twice, NULL), SPAE_OK);
        ck_assert_int_eq(transform(SPAE_ROTATE, twice, z, y, NULL), SPAE_OK);
        ck_assert(i == 1 || memcmp(x, y, count_of(z) * sizeof *x) != 0);
    }
    ck_assert_mem_eq(x, y, count_of(z) * sizeof *x);
}
END_TEST

/* Clockwise: what was at the top is at the right. */
START_TEST(rotation_by_hand)
{
    static const size_t z[3] = {1, 2, 2};
    const real x[12] = {1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4}, due[12] = {3, 3, 3, 1, 1, 1, 4, 4, 4, 2, 2, 2};
    real y[12];
    ck_assert_int_eq(transform(SPAE_ROTATE, x, z, y, NULL), SPAE_OK);
    ck_assert_mem_eq(y, due, sizeof y);
}
END_TEST

START_TEST(translation_by_any_number_of_columns)
{
    for (size_t i = 0; i < SIZES; i++)
        for (size_t n = 0; n <= sizes[i][2] + 2; n++) {
            static real x[MOST], y[MOST];
            const size_t *z = sizes[i];
            random_picture(x, z, 5);
            spae_translate_right(x, z, n, y);
            for (size_t k = 0; k < count_of(z); k++) {
                const size_t c = k / 3 % z[2];
                ck_assert(y[k] == (c < n ? 0 : x[k - 3 * (c < n ? 0 : n)]));
            }
            spae_translate_right(x, z, n, x);
            ck_assert_mem_eq(x, y, count_of(z) * sizeof *x);
        }
    static real x[12];
    spae_translate_right(x, (const size_t[]){1, 2, 2}, SIZE_MAX, x);
}
END_TEST

START_TEST(pictures_that_are_no_squares_cannot_be_rotated)
{
    static real x[18], y[18] = {7};
    spae_error err;
    ck_assert_int_eq(transform(SPAE_ROTATE, x, (const size_t[]){1, 2, 3}, y, &err), SPAE_ERR_SHAPE);
    ck_assert_str_eq(err.text, "rotation by 90 degrees: the picture is 2x3, expected a square");
    ck_assert(y[0] == 7);
}
END_TEST

START_TEST(transforms_have_names_and_sides)
{
    static const char *const names[] = {"outpaint", "inpaint", "deblur", "translate", "rotate"};
    for (int i = 0; i < SPAE_TRANSFORMS; i++) {
        ck_assert_str_eq(spae_transform_names[i], names[i]);
        ck_assert(spae_transform_is_target((spae_transform)i) == (i >= SPAE_TRANSLATE));
    }
}
END_TEST

/* ---- the Gaussian filter ---- */

/* The nested sum over all taps, without sums kept between rows. */
static real plain_blur(const real *x, const size_t z[3], double sigma, size_t t, size_t r, size_t c, size_t j)
{
    const int R = (int)ceil(3 * sigma);
    double total = 0, weights = 0;
    for (int k = -R; k <= R; k++)
        weights += (double)real_exp((real)(-(double)(k * k) / (2 * sigma * sigma)));
    for (int k = -R; k <= R; k++) {
        const int row = (int)r + k < 0 ? 0 : (int)r + k >= (int)z[1] ? (int)z[1] - 1 : (int)r + k;
        double across = 0;
        for (int l = -R; l <= R; l++) {
            const int column = (int)c + l < 0 ? 0 : (int)c + l >= (int)z[2] ? (int)z[2] - 1 : (int)c + l;
            across += (double)real_exp((real)(-(double)(l * l) / (2 * sigma * sigma))) *
                      (double)x[at(z, t, (size_t)row, (size_t)column, j)];
        }
        total += (double)real_exp((real)(-(double)(k * k) / (2 * sigma * sigma))) * across;
    }
    return (real)(total / (weights * weights));
}

static void same_as_plain(const real *x, const size_t z[3], double sigma, const real *y)
{
    for (size_t t = 0; t < z[0]; t++)
        for (size_t r = 0; r < z[1]; r++)
            for (size_t c = 0; c < z[2]; c++)
                for (size_t j = 0; j < 3; j++)
                    ck_assert(y[at(z, t, r, c, j)] == plain_blur(x, z, sigma, t, r, c, j));
}

START_TEST(the_filter_is_the_plain_sum_to_the_bit)
{
    static const double sigmas[] = {1.0 / 1024, 0.3, 1, 1.7, 6};
    for (size_t i = 0; i < SIZES; i++)
        for (size_t s = 0; s < 5; s++) {
            static real x[MOST], y[MOST];
            spae_arena arena;
            open_arena(&arena);
            random_picture(x, sizes[i], (uint32_t)s);
            ck_assert_int_eq(spae_blur(x, sizes[i], sigmas[s], &arena, y, NULL), SPAE_OK);
            same_as_plain(x, sizes[i], sigmas[s], y);
            ck_assert_int_eq(spae_blur(x, sizes[i], sigmas[s], &arena, x, NULL), SPAE_OK); /* over the picture */
            ck_assert_mem_eq(x, y, count_of(sizes[i]) * sizeof *x);
            spae_arena_free(&arena);
        }
}
END_TEST

START_TEST(tasks_blur_by_a_thirty_second)
{
    static const size_t z[3] = {1, 6, 17};
    static real x[MOST], y[MOST];
    random_picture(x, z, 1);
    ck_assert_int_eq(transform(SPAE_DEBLUR, x, z, y, NULL), SPAE_OK);
    same_as_plain(x, z, 17.0 / 32, y);
}
END_TEST

/* A picture of one colour stays, a point becomes a bell of the same sum, and nothing leaves 0..1. */
START_TEST(the_filter_averages)
{
    static const size_t z[3] = {1, 13, 13};
    static real x[MOST], y[MOST];
    spae_arena arena;
    open_arena(&arena);
    for (size_t i = 0; i < count_of(z); i++)
        x[i] = (real)0.7f;
    ck_assert_int_eq(spae_blur(x, z, 2, &arena, y, NULL), SPAE_OK);
    for (size_t i = 0; i < count_of(z); i++) {
        ck_assert_double_eq_tol((double)y[i], (double)x[i], 1e-15 + 1e-7 * (sizeof(real) == 4));
        x[i] = i == at(z, 0, 6, 6, 1);
    }
    ck_assert_int_eq(spae_blur(x, z, 2, &arena, y, NULL), SPAE_OK);
    double sum = 0;
    for (size_t i = 0; i < count_of(z); i++) {
        ck_assert(y[i] >= 0 && y[i] <= y[at(z, 0, 6, 6, 1)]);
        sum += (double)y[i];
    }
    ck_assert_double_eq_tol(sum, 1, 1e-6);
    ck_assert(y[at(z, 0, 3, 6, 1)] == y[at(z, 0, 9, 6, 1)] && y[at(z, 0, 6, 3, 1)] == y[at(z, 0, 3, 6, 1)]);
    spae_arena_free(&arena);
}
END_TEST

START_TEST(filters_that_cannot_be_are_refused)
{
    static const size_t z[3] = {1, 2, 2};
    const double zero = 0, wrong[] = {0, -1, 0.0009, 1024.5, 1 / zero, zero / zero};
    real x[12] = {0}, y[12] = {7};
    spae_error err;
    spae_arena arena;
    open_arena(&arena);
    for (size_t i = 0; i < 6; i++) {
        ck_assert_int_eq(spae_blur(x, z, wrong[i], &arena, y, &err), SPAE_ERR_ARGUMENT);
        ck_assert_msg(strstr(err.text, "expected 1/1024 to 1024") != NULL, "%s", err.text);
    }
    ck_assert_int_eq(spae_blur(x, z, 1024, &arena, x, NULL), SPAE_OK);
    spae_arena_free(&arena);
    watch w;
    watched_arena(&arena, &w, 1);
    ck_assert_int_eq(spae_blur(x, z, 1, &arena, y, &err), SPAE_ERR_NO_MEMORY);
    ck_assert(y[0] == 7 && arena.used == 0);
    spae_arena_free(&arena);
    ck_assert_uint_eq(w.live, 0);
}
END_TEST

/* ---- pixel sets ---- */

/* B.3's lists, as the paper has them. */
START_TEST(the_lists_of_the_paper)
{
    static const int uniform[3][9] = {{2, 4, 6, 8, 10, 12, 14, 16, 18}, {2, 4, 6, 8, 10, 12, 14, 16, 18},
                                      {6, 7, 8, 9, 10, 11, 12, 13, 14}};
    static const int color[9][3] = {{6, 14, 10}, {7, 13, 10}, {8, 12, 10}, {9, 11, 10}, {10, 10, 10},
                                    {11, 9, 10}, {12, 8, 10}, {13, 7, 10}, {14, 6, 10}};
    static const char *const names[] = {"brightness", "contrast", "saturation", "color"};
    int f[3];
    for (size_t c = 0; c < SPAE_PIXEL_CONDITIONS; c++) {
        for (int set = 0; set < 3; set++) {
            spae_pixel_factors((spae_pixel_set)set, c, f);
            ck_assert(f[0] == uniform[set][c] && f[1] == f[0] && f[2] == f[0]);
        }
        spae_pixel_factors(SPAE_COLOR, c, f);
        ck_assert_mem_eq(f, color[c], sizeof f);
    }
    for (int set = 0; set < SPAE_PIXEL_SETS; set++)
        ck_assert_str_eq(spae_pixel_set_names[set], names[set]);
}
END_TEST

static int byte(double v)
{
    return v <= 0 ? 0 : v >= 1 ? 255 : (int)floor(v * 255 + 0.5);
}

/* (10 d + f (p - d)) / 10, to the nearest, halves upwards, by trying every byte. */
static int nearest(int p, int d, int f)
{
    const int tenths = 10 * d + f * (p - d);
    int best = 0;
    for (int q = 1; q <= 255; q++)
        if (abs(10 * q - tenths) <= abs(10 * best - tenths))
            best = q;
    return best;
}

/* Frames of every byte value, with numbers that are none between them. */
static void bytes_and_others(real *x, const size_t z[3], int seed)
{
    random_picture(x, z, (uint32_t)seed);
    for (size_t i = 0; i < count_of(z); i += 2)
        x[i] = (real)((i * 89 + (size_t)seed) % 256) / (real)255;
    x[0] = (real)-0.5f;
    x[1] = (real)1.5f;
}

START_TEST(pixels_as_they_are_specified)
{
    for (size_t i = 0; i < SIZES; i++)
        for (int set = 0; set < SPAE_PIXEL_SETS; set++)
            for (size_t condition = 0; condition < SPAE_PIXEL_CONDITIONS; condition++) {
                static real x[MOST], y[MOST];
                const size_t *z = sizes[i], n = z[0] * z[1] * z[2];
                double sum = 0;
                int f[3];
                bytes_and_others(x, z, set);
                spae_pixel_factors((spae_pixel_set)set, condition, f);
                spae_adjust_pixels((spae_pixel_set)set, condition, x, z, y);
                for (size_t p = 0; p < n; p++) /* as a sum of whole numbers, in wide exact */
                    sum += floor((299 * byte((double)x[3 * p]) + 587 * byte((double)x[3 * p + 1]) +
                                  114 * byte((double)x[3 * p + 2])) / 1000.0 + 0.5);
                for (size_t k = 0; k < 3 * n; k++) {
                    const real *pixel = x + k / 3 * 3;
                    const int grey = (int)floor((299 * byte((double)pixel[0]) + 587 * byte((double)pixel[1]) +
                                                 114 * byte((double)pixel[2])) / 1000.0 + 0.5);
                    const int d = set == SPAE_CONTRAST ? (int)floor(sum / (double)n + 0.5) : set == SPAE_SATURATION ? grey : 0;
                    ck_assert_int_eq((int)floor((double)y[k] * 255 + 0.5), nearest(byte((double)x[k]), d, f[k % 3]));
                    ck_assert(y[k] == (real)byte((double)y[k]) / (real)255); /* a byte again */
                }
            }
}
END_TEST

/* The fifth condition is the picture in bytes; a grey picture has nothing to saturate. */
START_TEST(the_fifth_changes_nothing_and_grey_stays_grey)
{
    static const size_t z[3] = {1, 16, 16};
    static real x[3 * 256], y[3 * 256];
    for (size_t i = 0; i < 3 * 256; i++)
        x[i] = (real)(i % 256) / (real)255;
    for (int set = 0; set < SPAE_PIXEL_SETS; set++) {
        spae_adjust_pixels((spae_pixel_set)set, 4, x, z, y);
        ck_assert_mem_eq(x, y, sizeof x);
    }
    for (size_t i = 0; i < 3 * 256; i++)
        x[i] = (real)(i / 3) / (real)255;
    for (size_t c = 0; c < SPAE_PIXEL_CONDITIONS; c++) {
        spae_adjust_pixels(SPAE_SATURATION, c, x, z, y);
        ck_assert_mem_eq(x, y, sizeof x);
    }
    spae_adjust_pixels(SPAE_BRIGHTNESS, 8, x, z, x); /* over the picture */
    ck_assert(x[0] == 0 && x[3 * 100] == (real)180 / (real)255 && x[3 * 142] == 1); /* 255.6 is clipped */
}
END_TEST

SUITE(suite_nn_corruption, "nn/corruption", copies_as_they_are_specified, masks_are_idempotent_and_rotations_come_round,
      rotation_by_hand, translation_by_any_number_of_columns, pictures_that_are_no_squares_cannot_be_rotated,
      transforms_have_names_and_sides, the_filter_is_the_plain_sum_to_the_bit, tasks_blur_by_a_thirty_second,
      the_filter_averages, filters_that_cannot_be_are_refused, the_lists_of_the_paper, pixels_as_they_are_specified,
      the_fifth_changes_nothing_and_grey_stays_grey)
