/* Preparing pictures: resizing as Pillow does it, and for CLIP. */
#include "../../nn/bicubic.h"
#include "../../spae.h"
#include "compare.h"
#include "ops.h"

static uint8_t *bytes_of(oracle_case *c, const oracle_array *a)
{
    uint8_t *x = oracle_take(c, a->count, 1);
    oracle_want_below(c, a, 256);
    for (size_t i = 0; i < a->count; i++)
        x[i] = (uint8_t)a->index[i];
    return x;
}

static void compare_bytes(oracle_case *c, const char *name, spae_shape shape, const uint8_t *y)
{
    const size_t count = spae_shape_count(shape);
    int32_t *got = oracle_take(c, count, sizeof *got);
    for (size_t i = 0; i < count; i++)
        got[i] = y[i];
    oracle_compare_int32(c, name, shape, got);
}

static void expect_ok(oracle_case *c, spae_status status, const spae_error *err)
{
    if (status != SPAE_OK)
        oracle_abort(c, "%s", err->text);
}

static void resize_bicubic(oracle_case *c)
{
    spae_arena arena;
    spae_error err;
    size_t size[2];
    const oracle_array a = oracle_read_int32(c, "in_x");
    oracle_sizes(c, "size", 2, 1, 1 << 16, size);
    if (a.rank != 4)
        oracle_abort(c, "in_x is not (N,H,W,C)");
    const size_t N = a.shape[0], H = a.shape[1], W = a.shape[2], C = a.shape[3], from = H * W * C,
                 to = size[0] * size[1] * C;
    uint8_t *x = bytes_of(c, &a), *y = oracle_take(c, N * to, 1);
    real *numbers = oracle_take(c, N * from, sizeof *numbers),
         *z = oracle_take(c, N * to, sizeof *z);
    for (size_t i = 0; i < N * from; i++)
        numbers[i] = (real)x[i];
    spae_arena_hosted(&arena);
    for (size_t n = 0; n < N; n++) {
        expect_ok(c, spae_bicubic_bytes(x + n * from, H, W, C, size, &arena, y + n * to, &err),
                  &err);
        expect_ok(c,
                  spae_bicubic_reals(numbers + n * from, H, W, C, size, &arena, z + n * to, &err),
                  &err);
    }
    spae_arena_free(&arena);
    const spae_shape shape = spae_shape_of(N, 1, size[0], size[1], C);
    oracle_compare(c, "out_float", shape, z);
    compare_bytes(c, "out_uint8", shape, y);
}

static void clip_preprocess(oracle_case *c)
{
    spae_arena arena;
    spae_error err;
    double mean[3], deviation[3];
    size_t size[2];
    const oracle_array a = oracle_read_int32(c, "in_x");
    const size_t n = oracle_size(c, "size", 1, 1 << 16);
    oracle_numbers(c, "mean", 3, mean);
    oracle_numbers(c, "std", 3, deviation);
    if (a.rank != 3 || a.shape[2] != 3)
        oracle_abort(c, "in_x is not (H,W,3)");
    spae_clip_resized(a.shape[0], a.shape[1], n, size);
    uint8_t *x = bytes_of(c, &a), *resized = oracle_take(c, size[0] * size[1] * 3, 1),
            *cropped = oracle_take(c, n * n * 3, 1);
    real *y = oracle_take(c, n * n * 3, sizeof *y);
    spae_arena_hosted(&arena);
    expect_ok(c,
              spae_clip_prepare(x, a.shape[0], a.shape[1], n, mean, deviation, &arena, resized,
                                cropped, y, &err),
              &err);
    spae_arena_free(&arena);
    compare_bytes(c, "out_resized", spae_shape_of(1, 1, size[0], size[1], 3), resized);
    compare_bytes(c, "out_cropped", spae_shape_of(1, 1, n, n, 3), cropped);
    oracle_compare(c, "out_y", spae_shape_of(1, 1, n, n, 3), y);
}

const oracle_op oracle_picture_ops[] = {
    {"resize_bicubic", resize_bicubic}, {"clip_preprocess", clip_preprocess}, {NULL, NULL}};
