/* Stage operations: bicubic resizing and pictures for CLIP, SPEC 3.24 and 3.25. */
#include "nn/bicubic.h"
#include "vectors.h"

static void give(vectors *v, const char *name, vectors_compare compare, size_t H, size_t W,
                 size_t C, const uint8_t *data)
{
    const vectors_array a = {.name = name,
                             .type = VECTORS_BYTE,
                             .compare = compare,
                             .rank = 3,
                             .shape = {H, W, C},
                             .data = data};
    vectors_give(v, &a);
}

/* An input picture: noise, steep edges where i mod 13 is 0. */
static uint8_t *picture(vectors *v, size_t H, size_t W, size_t C)
{
    uint8_t *x = vectors_room(v, H * W * C, 1);
    for (size_t i = 0; x != NULL && i < H * W * C; i++)
        x[i] = (uint8_t)(i % 13 == 0 ? 255 : (i * i * 7 + i / 3) % 256);
    if (x != NULL)
        give(v, "x", VECTORS_INPUT, H, W, C, x);
    return x;
}

static void resize(vectors *v, const char *name, const char *with, size_t H, size_t W, size_t C,
                   size_t h, size_t w, const char *why)
{
    if (!vectors_begin(v, name, "3.24", "resize_bicubic", with, why))
        return;
    const uint8_t *x = picture(v, H, W, C);
    uint8_t *y = vectors_room(v, h * w * C, 1);
    spae_real *numbers = vectors_room(v, H * W * C, sizeof *numbers),
              *z = vectors_room(v, h * w * C, sizeof *z);
    for (size_t i = 0; z != NULL && i < H * W * C; i++)
        numbers[i] = (spae_real)x[i];
    if (z != NULL) {
        vectors_expect(v,
                       spae_bicubic_bytes(x, H, W, C, (const size_t[]){h, w}, v->arena, y, v->err));
        vectors_expect(
            v, spae_bicubic_reals(numbers, H, W, C, (const size_t[]){h, w}, v->arena, z, v->err));
    }
    if (vectors_goes_on(v)) {
        give(v, "y", VECTORS_BITS, h, w, C, y);
        vectors_numbers(v, "z", VECTORS_NUMBERS, 3, (const size_t[]){h, w, C}, z);
    }
    vectors_end(v);
}

static void prepare(vectors *v, const char *name, const char *with, size_t H, size_t W, size_t n,
                    const char *why)
{
    size_t size[2];
    spae_clip_resized(H, W, n, size);
    if (!vectors_begin(v, name, "3.25", "clip_prepare", with, why))
        return;
    const uint8_t *x = picture(v, H, W, 3);
    uint8_t *resized = vectors_room(v, size[0] * size[1] * 3, 1),
            *cropped = vectors_room(v, n * n * 3, 1);
    spae_real *y = vectors_room(v, n * n * 3, sizeof *y);
    if (y != NULL)
        vectors_expect(v, spae_clip_prepare(x, H, W, n, spae_clip_mean, spae_clip_deviation,
                                            v->arena, resized, cropped, y, v->err));
    if (vectors_goes_on(v)) {
        give(v, "resized", VECTORS_BITS, size[0], size[1], 3, resized);
        give(v, "cropped", VECTORS_BITS, n, n, 3, cropped);
        vectors_numbers(v, "y", VECTORS_NUMBERS, 3, (const size_t[]){n, n, 3}, y);
    }
    vectors_end(v);
}

void vectors_operations_pictures(vectors *v)
{
    resize(v, "operations/bicubic_reduce", "{\"size\":[5,7]}", 17, 15, 3, 5, 7,
           "the kernel widens");
    resize(v, "operations/bicubic_enlarge", "{\"size\":[13,11]}", 5, 6, 3, 13, 11,
           "values beyond 0 and 255 are limited in fixed point");
    resize(v, "operations/bicubic_rows", "{\"size\":[9,4]}", 9, 8, 1, 9, 4,
           "one axis keeps its size: no pass");
    resize(v, "operations/bicubic_columns", "{\"size\":[4,8]}", 9, 8, 1, 4, 8, "the other");
    resize(v, "operations/bicubic_tenfold", "{\"size\":[2,3]}", 31, 37, 1, 2, 3,
           "many samples an output");
    resize(v, "operations/bicubic_one", "{\"size\":[3,3]}", 1, 1, 3, 3, 3,
           "one sample: weights cut at both ends");
    prepare(v, "operations/clip_prepare_wide", "{\"size\":8}", 12, 27, 8,
            "the shorter side is 8, the longer 18; from column 5");
    prepare(v, "operations/clip_prepare_high", "{\"size\":8}", 15, 6, 8,
            "enlarged to 20 rows; from row 6");
    prepare(v, "operations/clip_prepare_cut", "{\"size\":7}", 7, 20, 7,
            "only cut: 6.5 to even is 6");
    prepare(v, "operations/clip_prepare_cut_odd", "{\"size\":7}", 7, 22, 7, "7.5 to even is 8");
}
