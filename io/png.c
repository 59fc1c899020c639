/* PNG, reading.
 *
 * Source    ISO/IEC 15948 (PNG, second edition): 5 structure, 7.2 scanlines, 8 interlacing, 9
 *           filters, 11 chunks.
 * Method    One walk over the chunks checks order, lengths and CRCs, keeps header, palette and
 *           transparency, and sums up the lengths of IDAT. Then, with the limits and the size of
 *           the file known to bear the picture, IDAT is gathered, inflated, unfiltered in place,
 *           and turned into samples.
 * Open      not settled by the standard; our choice:
 *             bytes after IEND             not looked at
 *             bytes after the zlib stream  refused, as are more or fewer data than the picture has
 *             a palette index too high     refused
 *             unused bits of tRNS samples  compared too: a colour that cannot occur is never
 *                                          transparent
 */
#include "png.h"

#include <string.h>

#include "../vendor_free/checksum.h"
#include "../vendor_free/inflate.h"

enum { GREY = 0, RGB = 2, PALETTE = 3, GREY_ALPHA = 4, RGB_ALPHA = 6 };

/* What the chunks say. */
typedef struct {
    uint32_t width, height;
    unsigned depth, colour; /* bits a sample; colour type */
    bool interlaced;
    uint8_t palette[256][3], alpha[256];
    size_t palette_size;          /* entries; 0 before PLTE */
    bool transparent;             /* tRNS was there */
    unsigned key[3];              /* the transparent colour of types 0 and 2 */
    uint64_t idat_at, idat_bytes; /* the first IDAT chunk; data of all of them */
    enum { START, HEADED, DATA, AFTER_DATA, ENDED } stage;
} picture;

typedef struct {
    uint64_t at;    /* of the length field */
    uint32_t bytes; /* of data */
    uint8_t type[4];
} chunk;

static spae_status broken(const spae_source *source, uint64_t offset, const char *what,
                          spae_error *err)
{
    return spae_fail(err, SPAE_ERR_FORMAT, "%s: byte %llu: %s", source->name,
                     (unsigned long long)offset, what);
}

static uint32_t load(const uint8_t *b) /* the highest byte first */
{
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static bool is(const chunk *c, const char *type)
{
    return memcmp(c->type, type, 4) == 0;
}

static unsigned samples_of(const picture *p) /* a pixel in the file */
{
    return p->colour == RGB ? 3 : p->colour == GREY_ALPHA ? 2 : p->colour == RGB_ALPHA ? 4 : 1;
}

/* ---- chunks ---------------------------------------------------------------------------------- */

/* Length, type and CRC of the chunk at `at`. */
static spae_status read_chunk(const spae_source *source, uint64_t at, chunk *c, spae_error *err)
{
    uint8_t piece[4096];
    spae_status status = spae_source_read(source, at, piece, 8, err);
    if (status != SPAE_OK)
        return status;
    c->at = at;
    c->bytes = load(piece);
    memcpy(c->type, piece + 4, 4);
    for (unsigned i = 0; i < 4; i++)
        if ((uint8_t)((c->type[i] | 0x20) - 'a') >= 26)
            return broken(source, at + 4, "the type of a chunk is not four letters", err);
    if (c->bytes > INT32_MAX || (uint64_t)c->bytes + 12 > source->size - at)
        return broken(source, at, "the chunk is longer than the file", err);
    uint32_t crc = spae_crc32(0, piece + 4, 4);
    for (uint32_t done = 0; done < c->bytes;) {
        const size_t left = c->bytes - done, now = left < sizeof piece ? left : sizeof piece;
        status = spae_source_read(source, at + 8 + done, piece, now, err);
        if (status != SPAE_OK)
            return status;
        crc = spae_crc32(crc, piece, now);
        done += (uint32_t)now;
    }
    status = spae_source_read(source, at + 8 + c->bytes, piece, 4, err);
    if (status == SPAE_OK && load(piece) != crc)
        status = broken(source, at + 8 + c->bytes, "the CRC of the chunk is another", err);
    return status;
}

static spae_status read_ihdr(const spae_source *source, const chunk *c, picture *p, spae_error *err)
{
    uint8_t b[13];
    if (c->bytes != sizeof b)
        return broken(source, c->at, "IHDR is not 13 bytes long", err);
    const spae_status status = spae_source_read(source, c->at + 8, b, sizeof b, err);
    if (status != SPAE_OK)
        return status;
    p->width = load(b);
    p->height = load(b + 4);
    p->depth = b[8];
    p->colour = b[9];
    p->interlaced = b[12] == 1;
    /* bit d of allowed[colour]: depth d is allowed */
    static const uint32_t allowed[7] = {1U << 1 | 1U << 2 | 1U << 4 | 1U << 8 | 1U << 16,
                                        0,
                                        1U << 8 | 1U << 16,
                                        1U << 1 | 1U << 2 | 1U << 4 | 1U << 8,
                                        1U << 8 | 1U << 16,
                                        0,
                                        1U << 8 | 1U << 16};
    if (p->width == 0 || p->height == 0 || p->width > INT32_MAX || p->height > INT32_MAX)
        return broken(source, c->at + 8, "width or height is 0 or over 2^31 - 1", err);
    if (p->colour > 6 || p->depth > 16 || (allowed[p->colour] >> p->depth & 1) == 0)
        return broken(source, c->at + 16, "no picture has this depth and colour type", err);
    if (b[10] != 0 || b[11] != 0 || b[12] > 1)
        return broken(source, c->at + 18, "the compression, filter or interlace method is unknown",
                      err);
    p->stage = HEADED;
    return SPAE_OK;
}

static spae_status read_plte(const spae_source *source, const chunk *c, picture *p, spae_error *err)
{
    const uint32_t entries = c->bytes / 3;
    if (p->colour == GREY || p->colour == GREY_ALPHA)
        return broken(source, c->at, "a grey picture has no PLTE", err);
    if (p->palette_size != 0 || p->transparent || p->stage != HEADED)
        return broken(source, c->at, "PLTE is not due here", err);
    if (c->bytes % 3 != 0 || entries == 0 || entries > 256 ||
        (p->colour == PALETTE && entries > 1U << p->depth))
        return broken(source, c->at, "PLTE has the wrong length", err);
    p->palette_size = entries;
    memset(p->alpha, 255, sizeof p->alpha);
    return spae_source_read(source, c->at + 8, p->palette, c->bytes, err);
}

static spae_status read_trns(const spae_source *source, const chunk *c, picture *p, spae_error *err)
{
    uint8_t b[6];
    if (p->colour == GREY_ALPHA || p->colour == RGB_ALPHA)
        return broken(source, c->at, "a picture with alpha has no tRNS", err);
    if (p->transparent || p->stage != HEADED || (p->colour == PALETTE && p->palette_size == 0))
        return broken(source, c->at, "tRNS is not due here", err);
    p->transparent = true;
    if (p->colour == PALETTE)
        return c->bytes <= p->palette_size
                   ? spae_source_read(source, c->at + 8, p->alpha, c->bytes, err)
                   : broken(source, c->at, "tRNS is longer than PLTE", err);
    if (c->bytes != 2 * samples_of(p))
        return broken(source, c->at, "tRNS has the wrong length", err);
    const spae_status status = spae_source_read(source, c->at + 8, b, c->bytes, err);
    for (unsigned i = 0; i < samples_of(p) && status == SPAE_OK; i++)
        p->key[i] = (unsigned)b[2 * i] << 8 | b[2 * i + 1];
    return status;
}

static spae_status read_idat(const spae_source *source, const chunk *c, picture *p, spae_error *err)
{
    if (p->stage == AFTER_DATA)
        return broken(source, c->at, "IDAT chunks are not one behind the other", err);
    if (p->colour == PALETTE && p->palette_size == 0)
        return broken(source, c->at, "IDAT comes before PLTE", err);
    if (p->stage == HEADED)
        p->idat_at = c->at;
    p->stage = DATA;
    p->idat_bytes += c->bytes;
    return SPAE_OK;
}

static spae_status take_chunk(const spae_source *source, const chunk *c, picture *p,
                              spae_error *err)
{
    if ((p->stage == START) != is(c, "IHDR"))
        return broken(source, c->at, "IHDR is the first chunk, and no other", err);
    if (p->stage == START)
        return read_ihdr(source, c, p, err);
    if (is(c, "IDAT"))
        return read_idat(source, c, p, err);
    if (p->stage == DATA)
        p->stage = AFTER_DATA;
    if (is(c, "PLTE"))
        return read_plte(source, c, p, err);
    if (is(c, "tRNS"))
        return read_trns(source, c, p, err);
    if (is(c, "IEND")) {
        if (c->bytes != 0 || p->idat_bytes == 0)
            return broken(source, c->at, "IEND is not empty, or comes before the data", err);
        p->stage = ENDED;
        return SPAE_OK;
    }
    if ((c->type[0] & 0x20) == 0)
        return broken(source, c->at, "a critical chunk is unknown", err);
    return SPAE_OK;
}

static spae_status read_chunks(const spae_source *source, picture *p, spae_error *err)
{
    uint8_t signature[8];
    spae_status status = spae_source_read(source, 0, signature, sizeof signature, err);
    if (status == SPAE_OK && memcmp(signature, "\x89PNG\r\n\x1a\n", 8) != 0)
        status = broken(source, 0, "this is no PNG: the signature is another", err);
    uint64_t at = 8;
    while (status == SPAE_OK && p->stage != ENDED) {
        chunk c;
        status = read_chunk(source, at, &c, err);
        if (status == SPAE_OK)
            status = take_chunk(source, &c, p, err);
        if (status == SPAE_OK)
            at += (uint64_t)c.bytes + 12;
    }
    return status;
}

/* The data of all IDAT chunks, which lie one behind the other. */
static spae_status gather_idat(const spae_source *source, const picture *p, uint8_t *data,
                               spae_error *err)
{
    uint64_t at = p->idat_at;
    for (uint64_t done = 0; done < p->idat_bytes;) {
        uint8_t length[4];
        spae_status status = spae_source_read(source, at, length, 4, err);
        if (status == SPAE_OK && load(length) > p->idat_bytes - done)
            status =
                spae_fail(err, SPAE_ERR_IO, "%s: the file changed while it was read", source->name);
        if (status == SPAE_OK)
            status = spae_source_read(source, at + 8, data + done, load(length), err);
        if (status != SPAE_OK)
            return status;
        done += load(length);
        at += (uint64_t)load(length) + 12;
    }
    return SPAE_OK;
}

/* ---- passes ---------------------------------------------------------------------------------- */

/* Every step_x-th pixel of every step_y-th row, from (x, y) on. */
typedef struct {
    uint32_t x, y, step_x, step_y;
} pass;

static const pass adam7[7] = {{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4},
                              {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}};
static const pass all_pixels[1] = {{0, 0, 1, 1}};

static unsigned passes_of(const picture *p, const pass **passes)
{
    *passes = p->interlaced ? adam7 : all_pixels;
    return p->interlaced ? 7 : 1;
}

/* Pixels of `length` from `first` on, every step-th. */
static uint32_t pixels_in(uint32_t length, uint32_t first, uint32_t step)
{
    return length > first ? (length - first + step - 1) / step : 0;
}

static uint64_t row_bytes(const picture *p, uint32_t pixels) /* without the filter's byte */
{
    return ((uint64_t)pixels * samples_of(p) * p->depth + 7) / 8;
}

/* All rows of all passes with their filter bytes; a pass without pixels has no rows. */
static uint64_t data_bytes(const picture *p)
{
    const pass *passes;
    const unsigned count = passes_of(p, &passes);
    uint64_t bytes = 0;
    for (unsigned i = 0; i < count; i++) {
        const uint32_t columns = pixels_in(p->width, passes[i].x, passes[i].step_x);
        const uint32_t rows = pixels_in(p->height, passes[i].y, passes[i].step_y);
        if (columns > 0)
            bytes += rows * (1 + row_bytes(p, columns));
    }
    return bytes;
}

/* ---- filters --------------------------------------------------------------------------------- */

static uint8_t paeth(uint8_t left, uint8_t above, uint8_t corner)
{
    const int p = left + above - corner;
    const int a = p > left ? p - left : left - p;
    const int b = p > above ? p - above : above - p;
    const int c = p > corner ? p - corner : corner - p;
    return a <= b && a <= c ? left : b <= c ? above : corner;
}

/* Undoes the filter of row[0 .. n-1]; `above` is the row before, zeros for the first; `back` is the
 * distance of the pixel to the left, at least 1. */
static void unfilter(unsigned filter, uint8_t *row, const uint8_t *above, size_t n, size_t back)
{
    for (size_t i = 0; i < n; i++) {
        const uint8_t left = i >= back ? row[i - back] : 0,
                      corner = i >= back ? above[i - back] : 0;
        const unsigned guess = filter == 1   ? left
                               : filter == 2 ? above[i]
                               : filter == 3 ? (left + (unsigned)above[i]) / 2
                               : filter == 4 ? paeth(left, above[i], corner)
                                             : 0;
        row[i] = (uint8_t)((row[i] + guess) & 0xff);
    }
}

/* ---- samples --------------------------------------------------------------------------------- */

/* Sample i of a row: depth 1, 2, 4 (the leftmost in the high bits), 8 or 16. */
static unsigned sample(const uint8_t *row, unsigned depth, size_t i)
{
    if (depth == 16)
        return (unsigned)row[2 * i] << 8 | row[2 * i + 1];
    const size_t bit = i * depth;
    return (unsigned)row[bit / 8] >> (8 - depth - bit % 8) & ((1U << depth) - 1);
}

/* Colour c of C, seen with alpha a of A over white. All are below 2^16, so the division's operands
 * are exact. */
static float over_white(unsigned c, unsigned C, unsigned a, unsigned A)
{
    const uint64_t shown = (uint64_t)a * c + (uint64_t)(A - a) * C;
    return (float)((double)shown / (double)((uint64_t)A * C));
}

/* One pixel of a row into 1 or 3 samples; false when its palette entry is not there. */
static bool put_pixel(const picture *p, const uint8_t *row, size_t x, float *to)
{
    const unsigned n = samples_of(p), most = (1U << p->depth) - 1;
    unsigned s[4] = {0, 0, 0, 0};
    bool is_key = p->transparent;
    for (unsigned i = 0; i < n; i++) {
        s[i] = sample(row, p->depth, x * n + i);
        is_key = is_key && i < 3 && s[i] == p->key[i];
    }
    if (p->colour == PALETTE) {
        if (s[0] >= p->palette_size)
            return false;
        for (unsigned i = 0; i < 3; i++)
            to[i] = over_white(p->palette[s[0]][i], 255, p->alpha[s[0]], 255);
        return true;
    }
    const bool has_alpha = p->colour == GREY_ALPHA || p->colour == RGB_ALPHA;
    const unsigned alpha = has_alpha ? s[n - 1] : is_key ? 0 : most;
    for (unsigned i = 0; i < (has_alpha ? n - 1 : n); i++)
        to[i] = over_white(s[i], most, alpha, most);
    return true;
}

/* One pass out of `data`, which is moved on behind it. `zeros` are as many zero bytes as a row has.
 */
static spae_status read_pass(const spae_source *source, const picture *p, const pass *s,
                             uint8_t **data, const uint8_t *zeros, const spae_image *image,
                             spae_error *err)
{
    const uint32_t columns = pixels_in(p->width, s->x, s->step_x);
    const uint32_t rows = columns > 0 ? pixels_in(p->height, s->y, s->step_y) : 0;
    const size_t n = (size_t)row_bytes(p, columns), bits = (size_t)samples_of(p) * p->depth;
    const uint8_t *above = zeros;
    for (uint32_t y = 0; y < rows; y++) {
        uint8_t *row = *data + 1;
        if (row[-1] > 4)
            return broken(source, p->idat_at, "a row has an unknown filter", err);
        unfilter(row[-1], row, above, n, bits < 8 ? 1 : bits / 8);
        float *to = image->pixels + (size_t)(s->y + y * s->step_y) * image->width * image->channels;
        for (uint32_t x = 0; x < columns; x++)
            if (!put_pixel(p, row, x, to + (size_t)(s->x + x * s->step_x) * image->channels))
                return broken(source, p->idat_at, "a pixel is not in the palette", err);
        above = row;
        *data = row + n;
    }
    return SPAE_OK;
}

/* ---- the picture ----------------------------------------------------------------------------- */

/* IDAT inflated into `data`, of exactly `due` bytes. */
static spae_status inflate_idat(spae_arena *arena, const spae_source *source, const picture *p,
                                uint8_t *data, size_t due, spae_error *err)
{
    size_t in_used = 0, out_used = 0;
    spae_error inner;
    uint8_t *packed = spae_arena_take(arena, (size_t)p->idat_bytes, 1);
    if (packed == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for IDAT", source->name);
    const spae_status status = gather_idat(source, p, packed, err);
    if (status != SPAE_OK)
        return status;
    if (spae_inflate(SPAE_DEFLATE_ZLIB, packed, (size_t)p->idat_bytes, data, due, &in_used,
                     &out_used, &inner) != SPAE_OK)
        return spae_fail(err, SPAE_ERR_FORMAT, "%s: IDAT at byte %llu: %s", source->name,
                         (unsigned long long)p->idat_at, inner.text);
    if (in_used != p->idat_bytes || out_used != due)
        return broken(source, p->idat_at, "IDAT has more or fewer data than the picture", err);
    return SPAE_OK;
}

static spae_status read_pixels(spae_arena *arena, const spae_source *source, const picture *p,
                               size_t due, const spae_image *image, spae_error *err)
{
    const pass *passes;
    const unsigned count = passes_of(p, &passes);
    uint8_t *data = spae_arena_take(arena, due, 1);
    const uint8_t *zeros = spae_arena_take_zeroed(arena, (size_t)row_bytes(p, p->width), 1);
    if (data == NULL || zeros == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for its rows", source->name);
    spae_status status = inflate_idat(arena, source, p, data, due, err);
    for (unsigned i = 0; i < count && status == SPAE_OK; i++)
        status = read_pass(source, p, &passes[i], &data, zeros, image, err);
    return status;
}

static spae_status check_size(const spae_source *source, const picture *p, const spae_limits *l,
                              spae_error *err)
{
    if (p->width > l->max_width || p->height > l->max_height ||
        p->width > l->max_pixels / p->height)
        return spae_fail(err, SPAE_ERR_FORMAT,
                         "%s: byte 16: the picture, %u x %u, is larger than the limits",
                         source->name, (unsigned)p->height, (unsigned)p->width);
    if (data_bytes(p) > SIZE_MAX || p->idat_bytes > l->max_file_bytes || p->idat_bytes > SIZE_MAX)
        return broken(source, p->idat_at, "the data are longer than the limit", err);
    if (data_bytes(p) / 1032 > p->idat_bytes)
        return broken(source, p->idat_at, "no data of this length inflate to such a picture", err);
    return SPAE_OK;
}

spae_status spae_png_read(spae_arena *arena, const spae_source *source, const spae_limits *limits,
                          spae_image *image, spae_error *err)
{
    const spae_limits l = limits != NULL ? *limits : spae_limits_default();
    const spae_arena_mark mark = spae_arena_here(arena);
    picture p = {.stage = START};
    spae_image read = {0, 0, 0, NULL};
    spae_status status = read_chunks(source, &p, err);
    if (status == SPAE_OK)
        status = check_size(source, &p, &l, err);
    if (status != SPAE_OK)
        return status;
    const size_t channels = p.colour == GREY || p.colour == GREY_ALPHA ? 1 : 3;
    status = spae_image_take(arena, source->name, &l, p.height, p.width, channels, &read, err);
    if (status != SPAE_OK)
        return status;
    const spae_arena_mark scratch = spae_arena_here(arena);
    status = read_pixels(arena, source, &p, (size_t)data_bytes(&p), &read, err);
    spae_arena_reset(arena, status == SPAE_OK ? scratch : mark);
    if (status == SPAE_OK)
        *image = read;
    return status;
}
