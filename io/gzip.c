/* gzip files as a whole (RFC 1952). */
#include "io/gzip.h"

#include "vendor_free/inflate.h"

static spae_status broken(const char *name, size_t offset, const char *what, spae_error *err)
{
    return spae_fail(err, SPAE_ERR_FORMAT, "%s: byte %zu: %s", name, offset, what);
}

bool spae_gzip_is(const uint8_t *bytes, size_t size)
{
    return size >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b;
}

spae_status spae_gzip_inflate(spae_arena *arena, const uint8_t *packed, size_t size, uint64_t limit, const char *name,
                              const uint8_t **bytes, size_t *count, spae_error *err)
{
    size_t in_used = 0, out_used = 0;
    spae_error inner;
    if (size < 18)
        return broken(name, size, "the gzip file is cut off", err);
    const uint8_t *tail = packed + size - 4;
    const uint32_t says = (uint32_t)tail[3] << 24 | (uint32_t)tail[2] << 16 | (uint32_t)tail[1] << 8 | tail[0];
    if (says > limit || says / 1032 > size)
        return broken(name, size - 4, "no gzip file of this size inflates to so much", err);
    const spae_arena_mark mark = spae_arena_here(arena);
    uint8_t *out = spae_arena_take(arena, says, 1);
    if (out == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory to inflate it", name);
    spae_status status = spae_inflate(SPAE_DEFLATE_GZIP, packed, size, out, says, &in_used, &out_used, &inner);
    if (status != SPAE_OK)
        status = spae_fail(err, SPAE_ERR_FORMAT, "%s: %s", name, inner.text);
    else if (in_used != size)
        status = broken(name, in_used, "bytes follow the gzip data", err);
    if (status != SPAE_OK) {
        spae_arena_reset(arena, mark);
        return status;
    }
    *bytes = out;
    *count = out_used;
    return SPAE_OK;
}
