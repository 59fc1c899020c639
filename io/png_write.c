/* PNG, writing: 8 bits a sample, grey or RGB, not interlaced, one IDAT chunk as long as a chunk can
 * be.
 *
 * Source    ISO/IEC 15948: 5.3 chunks, 9 filters, 12.8 the least sum of absolute differences as the
 *           choice.
 */
#include "png.h"

#include <string.h>

#include "../vendor_free/checksum.h"
#include "../vendor_free/deflate.h"

static void put(uint8_t *to, uint32_t value) /* the highest byte first */
{
    for (unsigned i = 0; i < 4; i++)
        to[i] = (uint8_t)(value >> (24 - 8 * i) & 0xff);
}

static spae_status write_chunk(spae_sink *sink, const char *type, const uint8_t *data, size_t bytes,
                               spae_error *err)
{
    uint8_t head[8], tail[4];
    put(head, (uint32_t)bytes);
    memcpy(head + 4, type, 4);
    put(tail, spae_crc32(spae_crc32(0, head + 4, 4), data, bytes));
    spae_status status = spae_sink_write(sink, head, sizeof head, err);
    if (status == SPAE_OK)
        status = spae_sink_write(sink, data, bytes, err);
    return status == SPAE_OK ? spae_sink_write(sink, tail, sizeof tail, err) : status;
}

/* ---- filters --------------------------------------------------------------------------------- */

static int absolute(int v)
{
    return v < 0 ? -v : v;
}

static int paeth(int left, int above, int corner)
{
    const int p = left + above - corner;
    const int a = absolute(p - left), b = absolute(p - above), c = absolute(p - corner);
    return a <= b && a <= c ? left : b <= c ? above : corner;
}

/* row filtered into `to`; returns the sum of |byte|, bytes as signed numbers: at most 2^14 * 3 *
 * 2^7. */
static uint32_t filter_row(unsigned filter, const uint8_t *row, const uint8_t *above, size_t n,
                           size_t back, uint8_t *to)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < n; i++) {
        const int left = i >= back ? row[i - back] : 0, corner = i >= back ? above[i - back] : 0;
        const int guess = filter == 1   ? left
                          : filter == 2 ? above[i]
                          : filter == 3 ? (left + above[i]) / 2
                          : filter == 4 ? paeth(left, above[i], corner)
                                        : 0;
        to[i] = (uint8_t)((row[i] + 256 - guess) & 0xff);
        sum += to[i] < 128 ? to[i] : 256U - to[i];
    }
    return sum;
}

/* The filter's number and the filtered row. `trial` has room for as much. */
static void choose_filter(const uint8_t *row, const uint8_t *above, size_t n, size_t back,
                          uint8_t *to, uint8_t *trial)
{
    uint32_t least = UINT32_MAX;
    for (unsigned filter = 0; filter < 5; filter++) {
        const uint32_t sum = filter_row(filter, row, above, n, back, trial + 1);
        if (sum >= least)
            continue;
        least = sum;
        trial[0] = (uint8_t)filter;
        memcpy(to, trial, n + 1);
    }
}

/* All rows, each with its filter's byte; (n + 1) * height bytes in the arena, or NULL. */
static uint8_t *filtered(spae_arena *arena, const uint8_t *samples, const spae_image *image)
{
    const size_t n = image->width * image->channels;
    uint8_t *rows = spae_arena_take(arena, image->height, n + 1);
    uint8_t *trial = spae_arena_take(arena, n + 1, 1);
    const uint8_t *above = spae_arena_take_zeroed(arena, n, 1);
    if (rows == NULL || trial == NULL || above == NULL)
        return NULL;
    for (size_t y = 0; y < image->height; y++) {
        const uint8_t *row = samples + y * n;
        choose_filter(row, above, n, image->channels, rows + y * (n + 1), trial);
        above = row;
    }
    return rows;
}

/* ---- the file -------------------------------------------------------------------------------- */

static spae_status write_file(spae_sink *sink, const spae_image *image, const uint8_t *packed,
                              size_t bytes, spae_error *err)
{
    const size_t most = (size_t)1 << 30;
    uint8_t head[13] = {0};
    put(head, (uint32_t)image->width);
    put(head + 4, (uint32_t)image->height);
    head[8] = 8;
    head[9] = image->channels == 3 ? 2 : 0;
    spae_status status = spae_sink_write(sink, "\x89PNG\r\n\x1a\n", 8, err);
    if (status == SPAE_OK)
        status = write_chunk(sink, "IHDR", head, sizeof head, err);
    for (size_t done = 0; done < bytes && status == SPAE_OK;) {
        const size_t now = bytes - done < most ? bytes - done : most;
        status = write_chunk(sink, "IDAT", packed + done, now, err);
        done += now;
    }
    return status == SPAE_OK ? write_chunk(sink, "IEND", NULL, 0, err) : status;
}

spae_status spae_png_write(spae_arena *scratch, spae_sink *sink, const spae_image *image,
                           spae_error *err)
{
    const size_t due = image->height * (image->width * image->channels + 1);
    const size_t room = spae_deflate_bound(SPAE_DEFLATE_ZLIB, due);
    size_t used = 0;
    uint8_t *samples = spae_arena_take(scratch, image->height * image->width, image->channels);
    uint8_t *packed = room > 0 ? spae_arena_take(scratch, room, 1) : NULL;
    void *work = spae_arena_take(scratch, spae_deflate_work(), 1);
    if (samples == NULL || packed == NULL || work == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory to write a PNG", sink->name);
    spae_status status = spae_image_bytes(image, samples, err);
    if (status != SPAE_OK)
        return status;
    const uint8_t *rows = filtered(scratch, samples, image);
    if (rows == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory to write a PNG", sink->name);
    status = spae_deflate(SPAE_DEFLATE_ZLIB, rows, due, packed, room, &used, work, err);
    return status == SPAE_OK ? write_file(sink, image, packed, used, err) : status;
}
