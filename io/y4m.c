/* Y4M video, y4m.h.
 *
 * Source    yuv4mpeg(5) of mjpegtools; ITU-R BT.601 for the colours.
 * Method    Frame headers may differ in length, so frames are found by walking from one to the
 *           next; only one frame's planes are in memory.
 */
#include "y4m.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { LINE_MOST = 255 };

static const char magic[] = "YUV4MPEG2";

/* ---- lines ---------------------------------------------------------------------------------- */

/* The line at `offset`, without its newline, ended by a zero; `frame` 0 is the header, else counts
 * from 1. */
static spae_status read_line(const spae_source *source, uint64_t offset, size_t frame,
                             char line[LINE_MOST + 1], size_t *length, spae_error *err)
{
    const uint64_t left = source->size - offset;
    const size_t got = left < LINE_MOST + 1 ? (size_t)left : LINE_MOST + 1;
    const spae_status status = spae_source_read(source, offset, line, got, err);
    if (status != SPAE_OK)
        return status;
    char *end = memchr(line, '\n', got);
    if (end == NULL)
        return spae_fail(err, SPAE_ERR_FORMAT,
                         "%s: frame %zu: byte %llu: no end of line within %d characters",
                         source->name, frame, (unsigned long long)offset, (int)LINE_MOST);
    *end = '\0';
    *length = (size_t)(end - line);
    if (strlen(line) != *length)
        return spae_fail(err, SPAE_ERR_FORMAT, "%s: frame %zu: byte %llu: a zero in a line of text",
                         source->name, frame, (unsigned long long)offset + strlen(line));
    return SPAE_OK;
}

/* Is `line` the word, alone or with parameters behind a space? */
static bool begins_with_word(const char *line, const char *word)
{
    const size_t n = strlen(word);
    return strncmp(line, word, n) == 0 && (line[n] == '\0' || line[n] == ' ');
}

/* ---- the header ----------------------------------------------------------------------------- */

/* A size in decimal digits, 1 .. 10^9 - 1; 0 for anything else. */
static size_t read_size(const char *text)
{
    size_t n = 0;
    if (strlen(text) > 9)
        return 0;
    for (; *text >= '0' && *text <= '9'; text++)
        n = 10 * n + (size_t)(*text - '0');
    return *text == '\0' ? n : 0;
}

/* What is wrong with a parameter, or NULL: it is taken, or of no importance. */
static const char *take_parameter(const char *text, spae_y4m *y4m)
{
    static const char *const subsampled[] = {"C420jpeg", "C420mpeg2", "C420paldv", "C420"};
    switch (text[0]) {
    case 'W':
        y4m->width = read_size(text + 1);
        return y4m->width > 0 ? NULL : "is no width";
    case 'H':
        y4m->height = read_size(text + 1);
        return y4m->height > 0 ? NULL : "is no height";
    case 'I':
        return strcmp(text, "Ip") == 0 || strcmp(text, "I?") == 0 ? NULL
                                                                  : "is interlaced, expected Ip";
    case 'C':
        y4m->whole_chroma = strcmp(text, "C444") == 0;
        for (size_t i = 0; i < sizeof subsampled / sizeof subsampled[0]; i++)
            if (y4m->whole_chroma || strcmp(text, subsampled[i]) == 0)
                return NULL;
        return "is not read, expected C420jpeg, C420mpeg2, C420paldv, C420 or C444";
    case 'X':
        return strcmp(text, "XCOLORRANGE=FULL") != 0 ? NULL
                                                     : "is not read, expected the limited range";
    default:
        return NULL;
    }
}

/* "W8 H8 ..", cut at its spaces. */
static spae_status read_parameters(char *text, spae_y4m *y4m, spae_error *err)
{
    const char *name = y4m->source->name;
    for (char *next = text; next != NULL; text = next) {
        next = strchr(text, ' ');
        if (next != NULL)
            *next++ = '\0';
        const char *wrong = take_parameter(text, y4m);
        if (wrong == NULL)
            continue;
        for (char *c = text; *c != '\0'; c++)
            *c = *c > ' ' && *c < 127 ? *c : '?';
        return spae_fail(err, SPAE_ERR_FORMAT, "%s: byte 0: the parameter %s %s", name, text,
                         wrong);
    }
    if (y4m->width == 0 || y4m->height == 0)
        return spae_fail(err, SPAE_ERR_FORMAT, "%s: byte 0: expected a width W.. and a height H..",
                         name);
    return SPAE_OK;
}

static spae_status read_header(spae_y4m *y4m, spae_error *err)
{
    char line[LINE_MOST + 1];
    size_t length = 0;
    const size_t n =
        y4m->source->size < sizeof magic - 1 ? (size_t)y4m->source->size : sizeof magic - 1;
    spae_status status = spae_source_read(y4m->source, 0, line, n, err);
    if (status == SPAE_OK && (n < sizeof magic - 1 || memcmp(line, magic, n) != 0))
        return spae_fail(err, SPAE_ERR_FORMAT, "%s: byte 0: expected %s", y4m->source->name, magic);
    if (status == SPAE_OK)
        status = read_line(y4m->source, 0, 0, line, &length, err);
    if (status != SPAE_OK)
        return status;
    if (!begins_with_word(line, magic))
        return spae_fail(err, SPAE_ERR_FORMAT, "%s: byte 0: expected %s", y4m->source->name, magic);
    y4m->first = length + 1;
    return read_parameters(line + sizeof magic - 1, y4m, err);
}

/* ---- frames --------------------------------------------------------------------------------- */

typedef struct {
    size_t luma, chroma_height, chroma_width,
        bytes; /* samples of Y, size of Cb and Cr, all three planes */
} planes;

static planes planes_of(const spae_y4m *y4m)
{
    planes p = {y4m->height * y4m->width, y4m->height, y4m->width, 0};
    if (!y4m->whole_chroma) {
        p.chroma_height = (y4m->height + 1) / 2;
        p.chroma_width = (y4m->width + 1) / 2;
    }
    p.bytes = p.luma + 2 * p.chroma_height * p.chroma_width;
    return p;
}

/* Moves *offset from a frame's header to its planes. Frame numbers in messages count from 1. */
static spae_status enter_frame(const spae_y4m *y4m, size_t frame, uint64_t *offset, spae_error *err)
{
    char line[LINE_MOST + 1];
    size_t length = 0;
    const planes p = planes_of(y4m);
    const spae_status status = read_line(y4m->source, *offset, frame + 1, line, &length, err);
    if (status != SPAE_OK)
        return status;
    if (!begins_with_word(line, "FRAME"))
        return spae_fail(err, SPAE_ERR_FORMAT, "%s: frame %zu: byte %llu: expected FRAME",
                         y4m->source->name, frame + 1, (unsigned long long)*offset);
    *offset += length + 1;
    if (y4m->source->size - *offset < p.bytes)
        return spae_fail(err, SPAE_ERR_FORMAT,
                         "%s: frame %zu: byte %llu: cut off, %zu bytes are due, %llu are there",
                         y4m->source->name, frame + 1, (unsigned long long)*offset, p.bytes,
                         (unsigned long long)(y4m->source->size - *offset));
    return SPAE_OK;
}

spae_status spae_y4m_open(const spae_source *source, const spae_limits *limits, spae_y4m *y4m,
                          spae_error *err)
{
    const spae_limits l = limits != NULL ? *limits : spae_limits_default();
    spae_y4m y = {.source = source};
    spae_status status = read_header(&y, err);
    if (status != SPAE_OK)
        return status;
    if (y.height > l.max_height || y.width > l.max_width || y.width > l.max_pixels / y.height ||
        y.width > SIZE_MAX / 3 / y.height)
        return spae_fail(err, SPAE_ERR_FORMAT, "%s: frames of %zu x %zu are larger than the limits",
                         source->name, y.height, y.width);
    for (uint64_t offset = y.first; offset < source->size; offset += planes_of(&y).bytes) {
        status = enter_frame(&y, y.frames, &offset, err);
        if (status != SPAE_OK)
            return status;
        y.frames++;
    }
    if (y.frames == 0)
        return spae_fail(err, SPAE_ERR_FORMAT, "%s: byte %llu: there is no frame", source->name,
                         (unsigned long long)y.first);
    *y4m = y;
    return SPAE_OK;
}

/* ---- reading: colours ----------------------------------------------------------------------- */

static float sample(int64_t numerator, double denominator)
{
    const double v = (double)numerator / denominator; /* numerators are below 2^35 */
    return (float)(v < 0.0 ? 0.0 : v > 1.0 ? 1.0 : v);
}

static void pixel(int y, int cb, int cr, float rgb[3])
{
    const int64_t l = y - 16, b = cb - 128, r = cr - 128;
    rgb[0] = sample(112000 * l + 153519 * r, 24528000.0);
    rgb[1] = sample(65744000 * l - 22119876 * b - 45902181 * r, 14397936000.0);
    rgb[2] = sample(112000 * l + 194034 * b, 24528000.0);
}

static void convert_frame(const spae_y4m *y4m, const uint8_t *bytes, float *pixels)
{
    const planes p = planes_of(y4m);
    const uint8_t *cb = bytes + p.luma, *cr = cb + p.chroma_height * p.chroma_width;
    const size_t half = y4m->whole_chroma ? 1 : 2;
    for (size_t y = 0; y < y4m->height; y++)
        for (size_t x = 0; x < y4m->width; x++) {
            const size_t c = y / half * p.chroma_width + x / half;
            pixel(bytes[y * y4m->width + x], cb[c], cr[c], pixels + (y * y4m->width + x) * 3);
        }
}

spae_status spae_y4m_read(spae_arena *arena, const spae_y4m *y4m, size_t from, size_t count,
                          float *pixels, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    const planes p = planes_of(y4m);
    if (from > y4m->frames || count > y4m->frames - from)
        return spae_fail(err, SPAE_ERR_ARGUMENT, "%s: %zu frames from frame %zu on, there are %zu",
                         y4m->source->name, count, from + 1, y4m->frames);
    uint8_t *bytes = spae_arena_take(arena, p.bytes, 1);
    if (bytes == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for a frame of %zu bytes",
                         y4m->source->name, p.bytes);
    spae_status status = SPAE_OK;
    uint64_t offset = y4m->first;
    for (size_t t = 0; status == SPAE_OK && t < from + count; t++, offset += p.bytes) {
        status = enter_frame(y4m, t, &offset, err);
        if (status != SPAE_OK || t < from)
            continue;
        status = spae_source_read(y4m->source, offset, bytes, p.bytes, err);
        if (status == SPAE_OK)
            convert_frame(y4m, bytes, pixels + (t - from) * p.luma * 3);
    }
    spae_arena_reset(arena, mark);
    return status;
}

/* ---- writing -------------------------------------------------------------------------------- */

static double clamped(float v)
{
    return v < 0.0f ? 0.0 : v > 1.0f ? 1.0 : (double)v;
}

/* Y, Cb, Cr of one pixel; each formula stays within 16 .. 240. */
static void planes_of_pixel(const float rgb[3], uint8_t ycc[3])
{
    const double R = clamped(rgb[0]), G = clamped(rgb[1]), B = clamped(rgb[2]);
    const double E = (0.299 * R + 0.587 * G) + 0.114 * B;
    ycc[0] = (uint8_t)floor(16.5 + 219.0 * E);
    ycc[1] = (uint8_t)floor(128.5 + 224.0 * (B - E) / 1.772);
    ycc[2] = (uint8_t)floor(128.5 + 224.0 * (R - E) / 1.402);
}

static spae_status write_frame(spae_sink *sink, const float *pixels, size_t frame, size_t luma,
                               uint8_t *bytes, spae_error *err)
{
    for (size_t i = 0; i < luma * 3; i++)
        if (pixels[i] != pixels[i])
            return spae_fail(err, SPAE_ERR_NOT_FINITE, "%s: frame %zu: sample %zu is NaN",
                             sink->name, frame + 1, i);
    for (size_t i = 0; i < luma; i++) {
        uint8_t ycc[3];
        planes_of_pixel(pixels + 3 * i, ycc);
        for (size_t k = 0; k < 3; k++)
            bytes[k * luma + i] = ycc[k];
    }
    const spae_status status = spae_sink_write(sink, "FRAME\n", 6, err);
    return status == SPAE_OK ? spae_sink_write(sink, bytes, 3 * luma, err) : status;
}

static spae_status write_header(spae_sink *sink, size_t height, size_t width, spae_error *err)
{
    char line[128];
    const int n =
        snprintf(line, sizeof line, "%s W%zu H%zu F25:1 Ip A1:1 C444\n", magic, width, height);
    return spae_sink_write(sink, line, (size_t)n, err);
}

spae_status spae_y4m_write(spae_arena *scratch, spae_sink *sink, const float *pixels, size_t frames,
                           size_t height, size_t width, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(scratch);
    const size_t luma = height * width;
    uint8_t *bytes = spae_arena_take(scratch, luma, 3);
    if (bytes == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for a frame of %zu x %zu",
                         sink->name, height, width);
    spae_status status = write_header(sink, height, width, err);
    for (size_t t = 0; status == SPAE_OK && t < frames; t++)
        status = write_frame(sink, pixels + t * luma * 3, t, luma, bytes, err);
    spae_arena_reset(scratch, mark);
    return status;
}
