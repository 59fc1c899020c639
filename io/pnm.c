/* Netpbm pictures.
 *
 * Source    the format descriptions of netpbm: pgm(5), ppm(5).
 * Open      not settled there; our choice: a comment may follow a number directly; the white space
 *           after a raw picture's maxval is any one of blank, TAB, CR, LF, VT, FF; a sample over
 *           maxval is refused.
 */
#include "pnm.h"

#include <string.h>

/* The file in order, by pieces. */
typedef struct {
    const spae_source *source;
    uint64_t offset; /* of piece[0] */
    size_t at, held;
    uint8_t piece[4096];
    spae_status status; /* that of the source; nothing more comes once it is not SPAE_OK */
    spae_error *err;
} reader;

enum { END = -1 };

/* The next byte without taking it, or END. */
static int peek(reader *r)
{
    if (r->at < r->held)
        return r->piece[r->at];
    r->offset += r->held;
    r->at = r->held = 0;
    const uint64_t left = r->source->size - r->offset;
    const size_t now = left < sizeof r->piece ? (size_t)left : sizeof r->piece;
    if (now == 0 || r->status != SPAE_OK)
        return END;
    r->status = spae_source_read(r->source, r->offset, r->piece, now, r->err);
    if (r->status != SPAE_OK)
        return END;
    r->held = now;
    return r->piece[0];
}

static int next(reader *r)
{
    const int byte = peek(r);
    r->at += byte != END;
    return byte;
}

/* A refusal here, unless the source failed before. */
static spae_status refuse(const reader *r, const char *what)
{
    if (r->status != SPAE_OK)
        return r->status;
    return spae_fail(r->err, SPAE_ERR_FORMAT, "%s: byte %llu: %s", r->source->name,
                     (unsigned long long)(r->offset + r->at), what);
}

static bool is_white(int byte)
{
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

static void skip_white(reader *r, bool comments)
{
    for (;;) {
        if (is_white(peek(r)))
            r->at++;
        else if (comments && peek(r) == '#')
            while (peek(r) != END && peek(r) != '\n')
                r->at++;
        else
            return;
    }
}

/* White space, then a number of at most `most` (< 2^28). */
static spae_status read_number(reader *r, bool comments, uint32_t most, uint32_t *value)
{
    uint32_t n = 0;
    skip_white(r, comments);
    if (peek(r) < '0' || peek(r) > '9')
        return refuse(r, "a whole number is due here");
    while (peek(r) >= '0' && peek(r) <= '9') {
        n = 10 * n + (uint32_t)(peek(r) - '0');
        if (n > most)
            return refuse(r, "the number is too large");
        r->at++;
    }
    *value = n;
    return SPAE_OK;
}

typedef struct {
    bool plain;
    size_t channels;
    uint32_t height, width, maxval;
} head;

static spae_status read_head(reader *r, head *h)
{
    const uint32_t most = (1U << 28) - 1;
    if (next(r) != 'P')
        return refuse(r, "this is no PPM or PGM: it does not begin with P");
    const int kind = next(r);
    if (kind != '2' && kind != '3' && kind != '5' && kind != '6')
        return refuse(r, "this kind of PNM is none of P2, P3, P5 and P6");
    if (!is_white(peek(r)) && peek(r) != '#')
        return refuse(r, "white space is due here");
    h->plain = kind < '5';
    h->channels = kind == '3' || kind == '6' ? 3 : 1;
    spae_status status = read_number(r, true, most, &h->width);
    if (status == SPAE_OK)
        status = read_number(r, true, most, &h->height);
    if (status == SPAE_OK)
        status = read_number(r, true, 65535, &h->maxval);
    if (status != SPAE_OK)
        return status;
    if (h->maxval == 0)
        return refuse(r, "the maxval is 0");
    return is_white(next(r)) ? SPAE_OK : refuse(r, "white space is due after the maxval");
}

/* The file must have the bytes that the size claims, before memory is taken: exactly for a raw
 * picture; a plain sample has a digit at least, and white space before the next. */
static spae_status check_size(const reader *r, const head *h)
{
    const uint64_t samples = (uint64_t)h->height * h->width * h->channels; /* < 2^58 */
    const uint64_t left = r->source->size - (r->offset + r->at);
    if (h->plain)
        return left / 2 + 1 >= samples ? SPAE_OK
                                       : refuse(r, "the file is too short for its picture");
    const uint64_t due = samples * (h->maxval > 255 ? 2 : 1);
    if (left == due)
        return SPAE_OK;
    return spae_fail(r->err, SPAE_ERR_FORMAT,
                     "%s: byte %llu: the header says %llu bytes, the file has %llu",
                     r->source->name, (unsigned long long)(r->offset + r->at),
                     (unsigned long long)due, (unsigned long long)left);
}

static spae_status read_plain(reader *r, const head *h, float *pixels, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t value = 0;
        if (i > 0 && !is_white(peek(r)))
            return refuse(r, "a sample and white space are due here");
        const spae_status status = read_number(r, false, h->maxval, &value);
        if (status != SPAE_OK)
            return status;
        pixels[i] = (float)value / (float)h->maxval;
    }
    skip_white(r, false);
    return peek(r) == END && r->status == SPAE_OK ? SPAE_OK
                                                  : refuse(r, "the picture should end here");
}

/* check_size has seen that all bytes are there, so END means that the source failed. */
static spae_status read_raw(reader *r, const head *h, float *pixels, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        int value = next(r);
        if (h->maxval > 255)
            value = value * 256 + next(r);
        if (r->status != SPAE_OK)
            return r->status;
        if ((uint32_t)value > h->maxval)
            return refuse(r, "a sample is over the maxval");
        pixels[i] = (float)value / (float)h->maxval;
    }
    return SPAE_OK;
}

spae_status spae_pnm_read(spae_arena *arena, const spae_source *source, const spae_limits *limits,
                          spae_image *image, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    reader r = {.source = source, .status = SPAE_OK, .err = err};
    head h = {false, 0, 0, 0, 0};
    spae_image read = {0, 0, 0, NULL};
    spae_status status = read_head(&r, &h);
    if (status == SPAE_OK)
        status = check_size(&r, &h);
    if (status == SPAE_OK)
        status =
            spae_image_take(arena, source->name, limits, h.height, h.width, h.channels, &read, err);
    if (status != SPAE_OK)
        return status;
    const size_t count = read.height * read.width * read.channels;
    status =
        h.plain ? read_plain(&r, &h, read.pixels, count) : read_raw(&r, &h, read.pixels, count);
    if (status == SPAE_OK)
        *image = read;
    else
        spae_arena_reset(arena, mark);
    return status;
}

/* n in decimal; returns where to go on. */
static char *put_number(char *to, size_t n)
{
    char digits[24];
    size_t count = 0;
    do {
        digits[count++] = (char)('0' + n % 10);
        n /= 10;
    } while (n > 0);
    while (count > 0)
        *to++ = digits[--count];
    return to;
}

spae_status spae_pnm_write(spae_arena *scratch, spae_sink *sink, const spae_image *image,
                           spae_error *err)
{
    const size_t count = image->height * image->width * image->channels;
    char line[64] = "P5\n", *to = line + 3;
    uint8_t *bytes = spae_arena_take(scratch, count, 1);
    if (bytes == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for %zu samples", sink->name,
                         count);
    spae_status status = spae_image_bytes(image, bytes, err);
    if (status != SPAE_OK)
        return status;
    line[1] = image->channels == 3 ? '6' : '5';
    to = put_number(to, image->width);
    *to++ = ' ';
    to = put_number(to, image->height);
    memcpy(to, "\n255\n", 5);
    status = spae_sink_write(sink, line, (size_t)(to + 5 - line), err);
    return status == SPAE_OK ? spae_sink_write(sink, bytes, count, err) : status;
}
