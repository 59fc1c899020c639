/* Bicubic resizing: fixed point against the plain definition of each pixel, properties in real
 * numbers, sizes, refusals. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../../nn/bicubic.h"
#include "../../spae.h"
#include "../check.h"

enum { MOST = 40 * 40 * 4 };

static uint8_t x[MOST], y[MOST], due[MOST];

static void fill(size_t count)
{
    for (size_t i = 0; i < count; i++)
        x[i] = (uint8_t)((i * i * 7 + i / 3) % 256);
}

static double cubic(double a)
{
    a = fabs(a);
    return a < 1   ? 1.5 * a * a * a - 2.5 * a * a + 1
           : a < 2 ? -0.5 * a * a * a + 2.5 * a * a - 4 * a + 2
                   : 0;
}

/* One sample of one axis, weights by the definition over the whole axis; `step` from sample to
 * sample. */
static uint8_t one(const uint8_t *from, size_t step, size_t n, size_t m, size_t o)
{
    const double scale = (double)n / (double)m, wide = scale > 1 ? scale : 1,
                 centre = ((double)o + 0.5) * scale;
    const double first = trunc(centre - 2 * wide + 0.5), last = trunc(centre + 2 * wide + 0.5);
    const size_t lo = first > 0 ? (size_t)first : 0, hi = last < (double)n ? (size_t)last : n;
    double sum = 0;
    int64_t total = 1 << 21;
    for (size_t i = lo; i < hi; i++)
        sum += cubic(((double)i - centre + 0.5) / wide);
    for (size_t i = lo; i < hi; i++)
        total += (int64_t)round(cubic(((double)i - centre + 0.5) / wide) / sum * 4194304) *
                 from[i * step];
    const double shifted = floor((double)total / 4194304);
    return (uint8_t)(shifted < 0 ? 0 : shifted > 255 ? 255 : shifted);
}

START_TEST(fixed_point_by_definition)
{
    static const size_t sizes[][5] = {{9, 7, 3, 4, 12}, {5, 33, 1, 5, 8}, {31, 6, 2, 3, 6},
                                      {8, 8, 3, 8, 8},  {1, 1, 3, 4, 4},  {40, 2, 1, 1, 1}};
    static uint8_t rows[MOST];
    spae_arena arena;
    spae_error err;
    spae_arena_hosted(&arena);
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
        const size_t H = sizes[s][0], W = sizes[s][1], C = sizes[s][2], h = sizes[s][3],
                     w = sizes[s][4];
        fill(H * W * C);
        for (size_t i = 0; i < H; i++)
            for (size_t o = 0; o < w; o++)
                for (size_t c = 0; c < C; c++)
                    rows[(i * w + o) * C + c] =
                        w == W ? x[(i * W + o) * C + c] : one(x + i * W * C + c, C, W, w, o);
        for (size_t o = 0; o < h; o++)
            for (size_t j = 0; j < w * C; j++)
                due[o * w * C + j] = h == H ? rows[o * w * C + j] : one(rows + j, w * C, H, h, o);
        ck_assert_msg(spae_bicubic_bytes(x, H, W, C, (const size_t[]){h, w}, &arena, y, &err) ==
                          SPAE_OK,
                      "%s", err.text);
        ck_assert_msg(memcmp(y, due, h * w * C) == 0, "sizes %zu", s);
    }
    spae_arena_free(&arena);
}
END_TEST

/* Weights sum to 1: what is constant stays; a size that stays, stays to the bit. */
START_TEST(real_numbers)
{
    static real a[MOST], b[MOST];
    spae_arena arena;
    spae_error err;
    spae_arena_hosted(&arena);
    for (size_t i = 0; i < 12 * 9 * 2; i++)
        a[i] = (real)(i % 2 == 0 ? 0.75 : -3);
    ck_assert(spae_bicubic_reals(a, 12, 9, 2, (const size_t[]){5, 20}, &arena, b, &err) == SPAE_OK);
    for (size_t i = 0; i < 5 * 20 * 2; i++)
        ck_assert(fabs((double)b[i] - (i % 2 == 0 ? 0.75 : -3)) < 1e-6);
    for (size_t i = 0; i < 12 * 9 * 2; i++)
        a[i] = (real)((double)(i * i % 101) / 100);
    ck_assert(spae_bicubic_reals(a, 12, 9, 2, (const size_t[]){12, 9}, &arena, b, &err) == SPAE_OK);
    ck_assert(memcmp(a, b, 12 * 9 * 2 * sizeof *a) == 0);
    spae_arena_free(&arena);
}
END_TEST

START_TEST(for_clip)
{
    static real z[MOST];
    static uint8_t resized[MOST], cropped[MOST];
    static const struct {
        size_t H, W, n, h, w;
    } sizes[] = {{30, 20, 10, 15, 10},
                 {20, 30, 10, 10, 15},
                 {7, 20, 7, 7, 20},
                 {5, 5, 8, 8, 8},
                 {9, 26, 3, 3, 8}};
    spae_arena arena;
    spae_error err;
    spae_arena_hosted(&arena);
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
        size_t size[2];
        spae_clip_resized(sizes[s].H, sizes[s].W, sizes[s].n, size);
        ck_assert(size[0] == sizes[s].h && size[1] == sizes[s].w);
    }
    fill(7 * 20 * 3); /* only cut: columns (20 - 7) / 2 = 6.5, to even 6 */
    ck_assert(spae_clip_prepare(x, 7, 20, 7, spae_clip_mean, spae_clip_deviation, &arena, resized,
                                cropped, z, &err) == SPAE_OK);
    ck_assert(memcmp(resized, x, 7 * 20 * 3) == 0);
    for (size_t i = 0; i < 7; i++)
        for (size_t j = 0; j < 7 * 3; j++) {
            const uint8_t p = x[(i * 20 + 6) * 3 + j];
            ck_assert_uint_eq(cropped[i * 21 + j], p);
            ck_assert(fabs((double)z[i * 21 + j] - ((double)p / 255 - spae_clip_mean[j % 3]) /
                                                       spae_clip_deviation[j % 3]) < 1e-6);
        }
    ck_assert(spae_clip_prepare(x, 7, 20, 7, spae_clip_mean, spae_clip_deviation, &arena, NULL,
                                NULL, z, &err) == SPAE_OK);
    spae_arena_free(&arena);
}
END_TEST

START_TEST(refusals)
{
    static real z[8];
    uint8_t memory[64];
    spae_arena arena, small;
    spae_error err;
    spae_arena_hosted(&arena);
    spae_arena_fixed(&small, memory, sizeof memory);
    ck_assert_int_eq(spae_bicubic_bytes(x, 0, 4, 3, (const size_t[]){2, 2}, &arena, y, &err),
                     SPAE_ERR_SHAPE);
    ck_assert_int_eq(spae_bicubic_bytes(x, 4, 4, 3, (const size_t[]){2, 0}, &arena, y, &err),
                     SPAE_ERR_SHAPE);
    ck_assert_str_eq(err.text, "bicubic: from (4,4,3) to (2,0): expected sides from 1 to 16777215");
    ck_assert_int_eq(
        spae_bicubic_bytes(x, 4, 4, 3, (const size_t[]){2, (size_t)1 << 24}, &arena, y, &err),
        SPAE_ERR_SHAPE);
    ck_assert_int_eq(spae_clip_prepare(x, 4, 4, 0, spae_clip_mean, spae_clip_deviation, &arena,
                                       NULL, NULL, z, &err),
                     SPAE_ERR_SHAPE);
    ck_assert_int_eq(spae_bicubic_bytes(x, 9, 9, 3, (const size_t[]){4, 4}, &small, y, &err),
                     SPAE_ERR_NO_MEMORY);
    ck_assert_int_eq(spae_clip_prepare(x, 9, 9, 4, spae_clip_mean, spae_clip_deviation, &small,
                                       NULL, NULL, z, &err),
                     SPAE_ERR_NO_MEMORY);
    spae_arena_free(&arena);
}
END_TEST

SUITE(suite_nn_bicubic, "nn/bicubic", fixed_point_by_definition, real_numbers, for_clip, refusals)
