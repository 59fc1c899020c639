/* Pictures: taking memory, telling formats apart, bytes, grey and RGB, and changing the size. */
#include "image.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "jpeg.h"
#include "png.h"
#include "pnm.h"
#include "resample.h"

/* ---- memory ---------------------------------------------------------------------------------- */

spae_status spae_image_take(spae_arena *arena, const char *name, const spae_limits *limits,
                            size_t height, size_t width, size_t channels, spae_image *image,
                            spae_error *err)
{
    const spae_limits l = limits != NULL ? *limits : spae_limits_default();
    if (height == 0 || width == 0)
        return spae_fail(err, SPAE_ERR_FORMAT, "%s: the picture is %zu x %zu", name, height, width);
    if (height > l.max_height || width > l.max_width || width > l.max_pixels / height)
        return spae_fail(err, SPAE_ERR_FORMAT,
                         "%s: the picture, %zu x %zu, is larger than the limits", name, height,
                         width);
    float *pixels = width <= SIZE_MAX / height
                        ? spae_arena_take(arena, height * width, channels * sizeof *pixels)
                        : NULL;
    if (pixels == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for %zu x %zu pixels", name,
                         height, width);
    *image = (spae_image){height, width, channels, pixels};
    return SPAE_OK;
}

/* ---- NPY pictures ---------------------------------------------------------------------------- */

/* Bytes become samples in place, from the last to the first: byte i lies at or before sample i. */
static void widen(float *pixels, size_t count)
{
    const uint8_t *bytes = (const uint8_t *)pixels;
    for (size_t i = count; i-- > 0;)
        pixels[i] = (float)bytes[i] / 255.0f;
}

static spae_status check_samples(const char *name, const float *pixels, size_t count,
                                 spae_error *err)
{
    for (size_t i = 0; i < count; i++) {
        if (!(fabsf(pixels[i]) <= FLT_MAX))
            return spae_fail(err, SPAE_ERR_NOT_FINITE, "%s: sample %zu is not finite", name, i);
        if (pixels[i] < 0.0f || pixels[i] > 1.0f)
            return spae_fail(err, SPAE_ERR_FORMAT, "%s: sample %zu is %g, outside 0 .. 1", name, i,
                             (double)pixels[i]);
    }
    return SPAE_OK;
}

spae_status spae_image_samples(const spae_source *source, const spae_npy_header *h, float *pixels,
                               spae_error *err)
{
    if (h->kind == SPAE_NPY_UINT) {
        const spae_status status = spae_npy_read_uint8(source, h, (uint8_t *)pixels, err);
        if (status == SPAE_OK)
            widen(pixels, h->count);
        return status;
    }
    const spae_status status = spae_npy_read_float(source, h, pixels, err);
    return status == SPAE_OK ? check_samples(source->name, pixels, h->count, err) : status;
}

static spae_status read_npy(spae_arena *arena, const spae_source *source, const spae_limits *limits,
                            spae_image *image, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    spae_npy_header h = {.rank = 0};
    spae_image read = {0, 0, 0, NULL};
    spae_status status = spae_npy_read_header(source, 0, source->size, &h, err);
    if (status != SPAE_OK)
        return status;
    const bool bytes = h.kind == SPAE_NPY_UINT && h.item_bytes == 1;
    if (!(h.rank == 2 || (h.rank == 3 && (h.shape[2] == 1 || h.shape[2] == 3))) ||
        !(bytes || h.kind == SPAE_NPY_FLOAT))
        return spae_fail(
            err, SPAE_ERR_FORMAT,
            "%s: a picture is (H,W), (H,W,1) or (H,W,3) of u1 or floats, this array is not",
            source->name);
    status = spae_image_take(arena, source->name, limits, h.shape[0], h.shape[1], h.shape[2], &read,
                             err);
    if (status == SPAE_OK)
        status = spae_image_samples(source, &h, read.pixels, err);
    if (status == SPAE_OK)
        *image = read;
    else
        spae_arena_reset(arena, mark);
    return status;
}

/* ---- files ----------------------------------------------------------------------------------- */

spae_status spae_image_read_source(spae_arena *arena, const spae_source *source,
                                   const spae_limits *limits, spae_image *image, spae_error *err)
{
    uint8_t magic[6] = {0};
    const size_t got = source->size < sizeof magic ? (size_t)source->size : sizeof magic;
    const spae_status status = spae_source_read(source, 0, magic, got, err);
    if (status != SPAE_OK)
        return status;
    if (memcmp(magic, "\x89PNG", 4) == 0)
        return spae_png_read(arena, source, limits, image, err);
    if (memcmp(magic, "\xff\xd8\xff", 3) == 0)
        return spae_jpeg_read(arena, source, limits, image, err);
    if (memcmp(magic, "\x93NUMPY", 6) == 0)
        return read_npy(arena, source, limits, image, err);
    if (magic[0] == 'P' && magic[1] >= '1' && magic[1] <= '7')
        return spae_pnm_read(arena, source, limits, image, err);
    return spae_fail(err, SPAE_ERR_FORMAT, "%s: byte 0: this is no PNG, JPEG, PPM, PGM or NPY",
                     source->name);
}

spae_status spae_image_read(spae_arena *arena, const char *path, const spae_limits *limits,
                            spae_image *image, spae_error *err)
{
    spae_source source;
    spae_status status = spae_source_open(arena, path, limits, &source, err);
    if (status != SPAE_OK)
        return status;
    status = spae_image_read_source(arena, &source, limits, image, err);
    spae_source_close(&source);
    return status;
}

typedef struct {
    spae_arena *scratch;
    const spae_image *image;
    enum { PNM, PNG, NPY } format;
} writing;

/* The samples as they are, clamped. */
static spae_status write_npy(spae_arena *scratch, spae_sink *sink, const spae_image *image,
                             spae_error *err)
{
    const size_t count = image->height * image->width * image->channels;
    float *clamped = spae_arena_take(scratch, count, sizeof *clamped);
    if (clamped == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for %zu samples", sink->name,
                         count);
    for (size_t i = 0; i < count; i++) {
        const float v = image->pixels[i];
        if (v != v)
            return spae_fail(err, SPAE_ERR_NOT_FINITE, "%s: sample %zu is NaN", sink->name, i);
        clamped[i] = v < 0.0f ? 0.0f : v > 1.0f ? 1.0f : v;
    }
    const spae_npy_array array = {
        SPAE_NPY_F4, 3, {image->height, image->width, image->channels}, clamped};
    return spae_npy_write(sink, &array, err);
}

static spae_status fill_image(spae_sink *sink, void *context, spae_error *err)
{
    const writing *w = context;
    return w->format == PNM   ? spae_pnm_write(w->scratch, sink, w->image, err)
           : w->format == PNG ? spae_png_write(w->scratch, sink, w->image, err)
                              : write_npy(w->scratch, sink, w->image, err);
}

static spae_status write_image(spae_arena *scratch, const char *path, const spae_image *image,
                               spae_error *err)
{
    spae_image shown = *image;
    writing w = {scratch, &shown, PNM};
    spae_status status = SPAE_OK;
    if (image->channels != 1 && image->channels != 3)
        return spae_fail(err, SPAE_ERR_ARGUMENT, "%s: a picture of %zu channels", path,
                         image->channels);
    if (spae_file_ends(path, ".ppm"))
        status = spae_image_convert(scratch, image, 3, &shown, err);
    else if (spae_file_ends(path, ".pgm"))
        status = spae_image_convert(scratch, image, 1, &shown, err);
    else if (spae_file_ends(path, ".png"))
        w.format = PNG;
    else if (spae_file_ends(path, ".npy"))
        w.format = NPY;
    else
        return spae_fail(err, SPAE_ERR_ARGUMENT,
                         "%s: the name of a picture ends in .ppm, .pgm, .png or .npy", path);
    return status == SPAE_OK ? spae_file_replace(scratch, path, fill_image, &w, err) : status;
}

spae_status spae_image_write(spae_arena *scratch, const char *path, const spae_image *image,
                             spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(scratch);
    const spae_status status = write_image(scratch, path, image, err);
    spae_arena_reset(scratch, mark);
    return status;
}

/* ---- samples --------------------------------------------------------------------------------- */

spae_status spae_image_bytes(const spae_image *image, uint8_t *bytes, spae_error *err)
{
    const size_t count = image->height * image->width * image->channels;
    for (size_t i = 0; i < count; i++) {
        const double v = (double)image->pixels[i];
        if (v != v)
            return spae_fail(err, SPAE_ERR_NOT_FINITE, "image: sample %zu is NaN", i);
        bytes[i] = v <= 0.0 ? 0 : v >= 1.0 ? 255 : (uint8_t)floor(v * 255.0 + 0.5);
    }
    return SPAE_OK;
}

static float luma(const float *rgb)
{
    return (float)((0.299 * (double)rgb[0] + 0.587 * (double)rgb[1]) + 0.114 * (double)rgb[2]);
}

spae_status spae_image_convert(spae_arena *arena, const spae_image *image, size_t channels,
                               spae_image *out, spae_error *err)
{
    const size_t count = image->height * image->width;
    if ((channels != 1 && channels != 3) || (image->channels != 1 && image->channels != 3))
        return spae_fail(err, SPAE_ERR_ARGUMENT, "image: %zu channels cannot become %zu",
                         image->channels, channels);
    if (channels == image->channels) {
        *out = *image;
        return SPAE_OK;
    }
    float *to = spae_arena_take(arena, count, channels * sizeof *to);
    if (to == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "image: no memory for %zu pixels", count);
    const float *from = image->pixels;
    for (size_t i = 0; i < count; i++) {
        if (channels == 1)
            to[i] = luma(from + 3 * i);
        else
            to[3 * i] = to[3 * i + 1] = to[3 * i + 2] = from[i];
    }
    *out = (spae_image){image->height, image->width, channels, to};
    return SPAE_OK;
}

/* ---- size ------------------------------------------------------------------------------------ */

/* One sample of target pixel (i, j). Weights are below 2^15 and samples binary32 numbers, so the
 * sums over x round only where samples differ in scale. */
static float resampled(const spae_image *image, const spae_resample_axis *y, const spae_resample_axis *x, size_t i, size_t j,
                       size_t c)
{
    const spae_resample_taps rows = spae_resample_find(y, i), columns = spae_resample_find(x, j);
    double sum = 0.0;
    for (size_t r = rows.first; r <= rows.last; r++) {
        const float *row = image->pixels + (y->start + r) * image->width * image->channels;
        double along = 0.0;
        for (size_t k = columns.first; k <= columns.last; k++)
            along += spae_resample_weight(x, &columns, j, k) * (double)row[(x->start + k) * image->channels + c];
        sum += spae_resample_weight(y, &rows, i, r) * along;
    }
    return (float)(sum / (spae_resample_total(y) * spae_resample_total(x)));
}

/* The part of `length` source pixels that has to `across` pixels the proportion of length_out to
 * across_out; all of them where that is no less. */
static spae_resample_axis crop(size_t length, size_t across, size_t length_out, size_t across_out)
{
    const uint64_t exact = (uint64_t)across * length_out / across_out;
    const size_t kept = exact >= length ? length : exact == 0 ? 1 : (size_t)exact;
    return (spae_resample_axis){(length - kept) / 2, kept, length_out};
}

spae_status spae_image_resize(spae_arena *arena, const spae_image *image, size_t height,
                              size_t width, spae_image *out, spae_error *err)
{
    const size_t most = 16384;
    spae_image made = {0, 0, 0, NULL};
    if (height == 0 || width == 0 || height > most || width > most || image->height == 0 ||
        image->width == 0 || image->height > most || image->width > most)
        return spae_fail(err, SPAE_ERR_ARGUMENT, "image: %zu x %zu cannot become %zu x %zu",
                         image->height, image->width, height, width);
    const spae_status status =
        spae_image_take(arena, "image", NULL, height, width, image->channels, &made, err);
    if (status != SPAE_OK)
        return status;
    const spae_resample_axis y = crop(image->height, image->width, height, width);
    const spae_resample_axis x = crop(image->width, image->height, width, height);
    float *to = made.pixels;
    for (size_t i = 0; i < height; i++)
        for (size_t j = 0; j < width; j++)
            for (size_t c = 0; c < image->channels; c++)
                *to++ = resampled(image, &y, &x, i, j, c);
    *out = made;
    return SPAE_OK;
}
