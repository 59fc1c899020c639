/* JPEG: coefficients become samples, and samples of three components become colours.
 *
 * All in whole numbers, so that every machine has the same; fractions have 13, later 16 bits, and are rounded by adding
 * a half and shifting down, towards minus infinity. The constants are those of libjpeg's integer transform, which is
 * Loeffler's, Ligtenberg's and Moschytz's (ICASSP 1989): cosines' sums and differences in 1/8192.
 */
#include "io/jpeg_parts.h"

/* floor(v / 2^n): C99 leaves a negative number's shift to the machine. */
static int64_t shifted(int64_t v, unsigned n)
{
    return v < 0 ? ~(~v >> n) : v >> n;
}

static uint8_t clamped(int64_t v)
{
    return (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
}

/* ---- the inverse transform ------------------------------------------------------------------- */

/* One dimension of it: out[i], in 1/8192 of the sum over k of  c(k) in[k] cos((2i+1) k pi/16) 2, of which c(0) is
 * sqrt(1/2) and c(k) 1 otherwise. SPEC 8.51
 *   in   in  (8) with `stride` between them; |in| < 2^36 */
static void transform_line(const int64_t *in, size_t stride, int64_t out[8])
{
    /* even part: in[0], in[2], in[4], in[6] */
    const int64_t a = (in[2 * stride] + in[6 * stride]) * 4433;
    const int64_t low = a - in[6 * stride] * 15137, high = a + in[2 * stride] * 6270;
    const int64_t sum = (in[0] + in[4 * stride]) * 8192, difference = (in[0] - in[4 * stride]) * 8192;
    const int64_t even[4] = {sum + high, difference + low, difference - low, sum - high};
    /* odd part: in[7], in[5], in[3], in[1] */
    const int64_t i7 = in[7 * stride], i5 = in[5 * stride], i3 = in[3 * stride], i1 = in[stride];
    const int64_t all = (i7 + i3 + i5 + i1) * 9633;
    const int64_t z1 = (i7 + i1) * -7373, z2 = (i5 + i3) * -20995;
    const int64_t z3 = (i7 + i3) * -16069 + all, z4 = (i5 + i1) * -3196 + all;
    const int64_t odd[4] = {i1 * 12299 + z1 + z4, i3 * 25172 + z2 + z3, i5 * 16819 + z2 + z4, i7 * 2446 + z1 + z3};
    for (unsigned i = 0; i < 4; i++) {
        out[i] = even[i] + odd[i];
        out[7 - i] = even[i] - odd[i];
    }
}

/* Columns first, kept with two bits of fraction; then rows: 13 + 2 + 3 bits are shifted out, 3 of them the division by 8
 * of two dimensions. */
static void transform_block(const int16_t *block, const uint16_t *step, uint8_t *to, size_t width)
{
    int64_t in[SPAE_JPEG_BLOCK], line[8];
    for (unsigned i = 0; i < SPAE_JPEG_BLOCK; i++)
        in[i] = (int64_t)block[i] * step[i];
    for (unsigned x = 0; x < 8; x++) {
        transform_line(in + x, 8, line);
        for (unsigned y = 0; y < 8; y++)
            in[8 * y + x] = shifted(line[y] + ((int64_t)1 << 10), 11);
    }
    for (unsigned y = 0; y < 8; y++, to += width) {
        transform_line(in + (size_t)8 * y, 1, line);
        for (unsigned x = 0; x < 8; x++)
            to[x] = clamped(shifted(line[x] + ((int64_t)1 << 17), 18) + 128);
    }
}

void spae_jpeg_transform(spae_jpeg_component *c)
{
    const size_t width = SPAE_JPEG_SIDE * c->columns;
    for (size_t y = 0; y < c->rows; y++)
        for (size_t x = 0; x < c->columns; x++)
            transform_block(c->blocks + (y * c->columns + x) * SPAE_JPEG_BLOCK, c->step,
                            c->samples + y * SPAE_JPEG_SIDE * width + x * SPAE_JPEG_SIDE, width);
}

/* ---- the picture's size ---------------------------------------------------------------------- */

static const uint8_t *row_of(const spae_jpeg_component *c, size_t y)
{
    return c->samples + y * SPAE_JPEG_SIDE * c->columns;
}

/* For row y of a component of half the height: its nearest row, and the next nearest, which lies above an even y and
 * below an odd one; at the picture's edge the nearest itself. */
static void two_rows(const spae_jpeg_component *c, size_t y, const uint8_t **near, const uint8_t **far)
{
    const size_t at = y / 2, above = at > 0 ? at - 1 : 0, below = at + 1 < c->height ? at + 1 : at;
    *near = row_of(c, at);
    *far = row_of(c, y % 2 == 0 ? above : below);
}

/* A column of 3 near + 1 far; or the sample alone four times. */
static unsigned mixed(const uint8_t *near, const uint8_t *far, size_t x)
{
    return 3U * near[x] + far[x];
}

/* Twice the width, and twice the height where near and far are two rows: each sample is 9 : 3 : 3 : 1 of the four around
 * it, in sixteenths; halves are rounded up and down in turn, by 8 and 7. */
static void widen_both(const uint8_t *near, const uint8_t *far, size_t n, size_t width, uint8_t *to)
{
    for (size_t x = 0; x < width; x++) {
        const size_t at = x / 2;
        const bool left = x % 2 == 0;
        const size_t beside = left ? (at > 0 ? at - 1 : 0) : at + 1 < n ? at + 1 : at;
        to[x] = (uint8_t)((3 * mixed(near, far, at) + mixed(near, far, beside) + (left ? 8 : 7)) >> 4);
    }
}

/* Twice the width: 3 : 1 of the two around, in quarters, rounded by 1 and 2 in turn. */
static void widen(const uint8_t *row, size_t n, size_t width, uint8_t *to)
{
    for (size_t x = 0; x < width; x++) {
        const size_t at = x / 2;
        const bool left = x % 2 == 0;
        const size_t beside = left ? (at > 0 ? at - 1 : 0) : at + 1 < n ? at + 1 : at;
        to[x] = (uint8_t)((3U * row[at] + row[beside] + (left ? 1 : 2)) >> 2);
    }
}

/* Row y of the picture's, of one component. SPEC 8.52 */
static void whole_row(const spae_jpeg_picture *p, const spae_jpeg_component *c, size_t y, uint8_t *to)
{
    const bool half_width = 2 * c->h == p->most_h, half_height = 2 * c->v == p->most_v;
    const bool all_width = c->h == p->most_h, all_height = c->v == p->most_v;
    const uint8_t *near, *far;
    if (half_width && half_height && c->width > 2) {
        two_rows(c, y, &near, &far);
        widen_both(near, far, c->width, p->width, to);
    } else if (half_width && all_height && c->width > 2) {
        widen(row_of(c, y), c->width, p->width, to);
    } else if (all_width && half_height) {
        two_rows(c, y, &near, &far);
        for (size_t x = 0; x < p->width; x++)
            to[x] = (uint8_t)((mixed(near, far, x) + (y % 2 == 0 ? 1 : 2)) >> 2);
    } else {
        near = row_of(c, y * c->v / p->most_v);
        for (size_t x = 0; x < p->width; x++)
            to[x] = near[x * c->h / p->most_h];
    }
}

/* ---- colours --------------------------------------------------------------------------------- */

/* One pixel by JFIF's equations, factors in 1/65536: green's two products share one rounding. */
static void colour_of(const uint8_t ycc[3], uint8_t rgb[3])
{
    const int64_t y = ycc[0], cb = (int64_t)ycc[1] - 128, cr = (int64_t)ycc[2] - 128, half = 32768;
    rgb[0] = clamped(y + shifted(91881 * cr + half, 16));               /* 1.402 */
    rgb[1] = clamped(y + shifted(-22554 * cb - 46802 * cr + half, 16)); /* 0.344136.., 0.714136.. */
    rgb[2] = clamped(y + shifted(116130 * cb + half, 16));              /* 1.772 */
}

void spae_jpeg_colours(const spae_jpeg_picture *p, uint8_t *row, spae_image *image)
{
    float *to = image->pixels;
    for (size_t y = 0; y < p->height; y++) {
        for (unsigned i = 0; i < p->count; i++)
            whole_row(p, &p->component[i], y, row + i * p->width);
        for (size_t x = 0; x < p->width; x++, to += p->count) {
            uint8_t sample[3] = {0, 0, 0}, shown[3];
            for (unsigned i = 0; i < p->count; i++)
                sample[i] = row[i * p->width + x];
            if (p->count == 1 || p->rgb)
                memcpy(shown, sample, sizeof shown);
            else
                colour_of(sample, shown);
            for (unsigned i = 0; i < p->count; i++)
                to[i] = (float)shown[i] / 255.0f;
        }
    }
}
