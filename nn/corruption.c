/* Corruptions of pictures; corruption.h says what each is for.
 *
 * Masks, translation and rotation copy samples (SPEC 10.7). The filter is separable, rows inner, in binary64, rounded to
 * `real` once (SPEC 10.8). The pixel sets compute in whole numbers (SPEC 10.9).
 */
#include "corruption.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

enum { CHANNELS = 3, MOST_SIGMA = 1024 };

const char *const spae_transform_names[SPAE_TRANSFORMS] = {"outpaint", "inpaint", "deblur", "translate", "rotate"};
const char *const spae_pixel_set_names[SPAE_PIXEL_SETS] = {"brightness", "contrast", "saturation", "color"};

bool spae_transform_is_target(spae_transform transform)
{
    return transform == SPAE_TRANSLATE || transform == SPAE_ROTATE;
}

/* ---- copies, SPEC 10.7 ---- */

static size_t samples_of(const size_t size[3])
{
    return size[0] * size[1] * size[2] * CHANNELS;
}

/* A rectangle of a picture's frames. */
typedef struct {
    size_t row, column, rows, columns;
} rectangle;

/* mask(.): zeros in a rectangle of every frame. */
static void erase(real *picture, const size_t size[3], rectangle r)
{
    for (size_t t = 0; t < size[0]; t++)
        for (size_t y = r.row; y < r.row + r.rows; y++)
            for (size_t i = 0; i < r.columns * CHANNELS; i++)
                picture[((t * size[1] + y) * size[2] + r.column) * CHANNELS + i] = 0;
}

static rectangle bottom_half(const size_t size[3])
{
    const size_t rows = size[1] / 2;
    return (rectangle){size[1] - rows, 0, rows, size[2]};
}

static rectangle middle_square(const size_t size[3])
{
    const size_t side = (size[1] < size[2] ? size[1] : size[2]) / 2;
    return (rectangle){(size[1] - side) / 2, (size[2] - side) / 2, side, side};
}

void spae_translate_right(const real *x, const size_t size[3], size_t columns, real *y)
{
    const size_t row = size[2] * CHANNELS, shift = (columns < size[2] ? columns : size[2]) * CHANNELS;
    for (size_t i = 0; i < size[0] * size[1]; i++) {
        memmove(y + i * row + shift, x + i * row, (row - shift) * sizeof *y);
        for (size_t j = 0; j < shift; j++)
            y[i * row + j] = 0;
    }
}

/* y[row r, column c] = x[row n-1-c, column r] */
static spae_status rotate_clockwise(const real *x, const size_t size[3], real *y, spae_error *err)
{
    const size_t n = size[1];
    if (size[2] != n)
        return spae_fail(err, SPAE_ERR_SHAPE, "rotation by 90 degrees: the picture is %zux%zu, expected a square", size[1],
                         size[2]);
    for (size_t t = 0; t < size[0]; t++)
        for (size_t r = 0; r < n; r++)
            for (size_t c = 0; c < n; c++)
                memcpy(y + ((t * n + r) * n + c) * CHANNELS, x + ((t * n + n - 1 - c) * n + r) * CHANNELS,
                       CHANNELS * sizeof *y);
    return SPAE_OK;
}

/* ---- the Gaussian filter, SPEC 10.8 ----
 *
 * w_k = exp(-k^2 / (2 sigma^2)), k = -r..r, r = ceil(3 sigma); a tap beyond the border takes the sample at the border.
 *     y = (sum over taps of rows of w * (sum over taps of columns of w * x)) / (sum w * sum w)
 */

typedef struct {
    size_t radius;
    double *weight; /* (2 radius + 1) */
    double sum;
} kernel;

static bool kernel_start(kernel *k, double sigma, spae_arena *arena)
{
    *k = (kernel){.radius = (size_t)ceil(3 * sigma)};
    const size_t taps = 2 * k->radius + 1;
    k->weight = spae_arena_take(arena, taps, sizeof *k->weight);
    for (size_t i = 0; i < taps && k->weight != NULL; i++) {
        const double distance = (double)i - (double)k->radius;
        k->weight[i] = (double)real_exp((real)(-(distance * distance) / (2 * sigma * sigma)));
        k->sum += k->weight[i];
    }
    return k->weight != NULL;
}

/* Where tap i of the output at `at` lies, limited to 0..n-1. */
static size_t tap_of(const kernel *k, size_t at, size_t i, size_t n)
{
    const size_t place = at + i < k->radius ? 0 : at + i - k->radius;
    return place < n ? place : n - 1;
}

/* Sums along an axis of n places, each `step` samples from the next: of reals along rows, of sums along columns. */
static double sum_reals(const kernel *k, const real *x, size_t at, size_t n, size_t step)
{
    double sum = 0;
    for (size_t i = 0; i <= 2 * k->radius; i++)
        sum += k->weight[i] * (double)x[tap_of(k, at, i, n) * step];
    return sum;
}

static double sum_sums(const kernel *k, const double *x, size_t at, size_t n, size_t step)
{
    double sum = 0;
    for (size_t i = 0; i <= 2 * k->radius; i++)
        sum += k->weight[i] * x[tap_of(k, at, i, n) * step];
    return sum;
}

static void blur_frame(const kernel *k, const real *x, size_t height, size_t width, double *across, real *y)
{
    const size_t row = width * CHANNELS;
    for (size_t r = 0; r < height; r++)
        for (size_t i = 0; i < row; i++)
            across[r * row + i] = sum_reals(k, x + r * row + i % CHANNELS, i / CHANNELS, width, CHANNELS);
    for (size_t r = 0; r < height; r++)
        for (size_t i = 0; i < row; i++)
            y[r * row + i] = (real)(sum_sums(k, across + i, r, height, row) / (k->sum * k->sum));
}

spae_status spae_blur(const real *x, const size_t size[3], double sigma, spae_arena *arena, real *y, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    const size_t frame = size[1] * size[2] * CHANNELS;
    kernel k;
    if (!(sigma >= 1.0 / MOST_SIGMA && sigma <= MOST_SIGMA))
        return spae_fail(err, SPAE_ERR_ARGUMENT, "Gaussian filter: deviation %g, expected 1/%d to %d", sigma, MOST_SIGMA,
                         MOST_SIGMA);
    double *across = spae_arena_take(arena, frame, sizeof *across);
    const bool taken = kernel_start(&k, sigma, arena) && across != NULL;
    for (size_t t = 0; t < size[0] && taken; t++)
        blur_frame(&k, x + t * frame, size[1], size[2], across, y + t * frame);
    spae_arena_reset(arena, mark);
    return taken ? SPAE_OK : spae_fail(err, SPAE_ERR_NO_MEMORY, "Gaussian filter: no memory for %zu samples", frame);
}

/* ---- any of them ---- */

static double deblur_sigma(const size_t size[3])
{
    return (double)(size[1] > size[2] ? size[1] : size[2]) / 32;
}

spae_status spae_transform_picture(spae_transform transform, const real *x, const size_t size[3], spae_arena *arena,
                                   real *y, spae_error *err)
{
    if (transform == SPAE_DEBLUR)
        return spae_blur(x, size, deblur_sigma(size), arena, y, err);
    if (transform == SPAE_ROTATE)
        return rotate_clockwise(x, size, y, err);
    if (transform == SPAE_TRANSLATE) {
        spae_translate_right(x, size, size[2] / 4, y);
        return SPAE_OK;
    }
    memmove(y, x, samples_of(size) * sizeof *y);
    erase(y, size, transform == SPAE_OUTPAINT ? bottom_half(size) : middle_square(size));
    return SPAE_OK;
}

/* ---- the pixel sets, SPEC 10.9 ---- */

enum { TENTHS = 10, WHITE = 255 };

void spae_pixel_factors(spae_pixel_set set, size_t condition, int factor[3])
{
    const int place = (int)condition - 4; /* -4 .. 4; 0 leaves the picture alone */
    const int step = set == SPAE_SATURATION || set == SPAE_COLOR ? 1 : 2;
    factor[0] = factor[1] = factor[2] = TENTHS + step * place;
    if (set == SPAE_COLOR) {
        factor[1] = TENTHS - place;
        factor[2] = TENTHS;
    }
}

/* SPEC 8.16 */
static int byte_of(real sample)
{
    const double v = (double)sample;
    return v <= 0 ? 0 : v >= 1 ? WHITE : (int)floor(v * WHITE + 0.5);
}

/* BT.601's luma of a pixel, a whole number: floor((299 R + 587 G + 114 B + 500) / 1000) */
static int grey_of(const real *pixel)
{
    return (299 * byte_of(pixel[0]) + 587 * byte_of(pixel[1]) + 114 * byte_of(pixel[2]) + 500) / 1000;
}

/* The mean of the grey picture, all frames together: floor(sum / n + 1/2). */
static int mean_grey(const real *x, size_t pixels)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < pixels; i++)
        sum += (uint64_t)grey_of(x + i * CHANNELS);
    return (int)((2 * sum + pixels) / (2 * (uint64_t)pixels));
}

/* clip(floor((10 d + factor (p - d) + 5) / 10)); numerators are -2035 .. 4595 */
static int blend(int p, int d, int factor)
{
    const int tenths = TENTHS * d + factor * (p - d) + TENTHS / 2;
    return tenths < 0 ? 0 : tenths / TENTHS > WHITE ? WHITE : tenths / TENTHS;
}

void spae_adjust_pixels(spae_pixel_set set, size_t condition, const real *x, const size_t size[3], real *y)
{
    const size_t pixels = size[0] * size[1] * size[2];
    const int mean = set == SPAE_CONTRAST ? mean_grey(x, pixels) : 0;
    int factor[CHANNELS];
    spae_pixel_factors(set, condition, factor);
    for (size_t i = 0; i < pixels; i++) {
        const int d = set == SPAE_SATURATION ? grey_of(x + i * CHANNELS) : mean;
        for (size_t c = 0; c < CHANNELS; c++)
            y[i * CHANNELS + c] = (real)blend(byte_of(x[i * CHANNELS + c]), d, factor[c]) / (real)WHITE;
    }
}
