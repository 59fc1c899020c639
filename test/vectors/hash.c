/* SHA-256 of an array, the same on every machine (SPEC 9.3). */
#include <string.h>

#include "vectors.h"
#include "vendor_free/sha256.h"

size_t vectors_count(const vectors_array *array)
{
    size_t count = 1;
    for (unsigned a = 0; a < array->rank; a++)
        count *= array->shape[a];
    return count;
}

static size_t item_bytes(const vectors_array *array)
{
    return array->type == VECTORS_WIDE   ? 8
           : array->type == VECTORS_BYTE ? 1
           : array->type == VECTORS_REAL ? sizeof(spae_real)
                                         : 4;
}

/* Items `first` .. `first + count - 1`, little-endian, whatever this machine is. */
static void little_endian(const vectors_array *array, size_t first, size_t count, uint8_t *out)
{
    const size_t bytes = item_bytes(array);
    const uint8_t *at = (const uint8_t *)array->data + first * bytes;
    for (size_t i = 0; i < count; i++, at += bytes) {
        uint32_t word = *at;
        uint64_t bits;
        if (bytes == 4)
            memcpy(&word, at, 4);
        bits = word;
        if (bytes == 8)
            memcpy(&bits, at, 8);
        for (size_t b = 0; b < bytes; b++)
            *out++ = (uint8_t)(bits >> 8 * b);
    }
}

void vectors_hash(const vectors_array *array, char text[65])
{
    enum { AT_ONCE = 512 };
    spae_sha256 hash;
    uint8_t digest[32], items[8 * AT_ONCE];
    const size_t total = vectors_count(array);
    spae_sha256_start(&hash);
    for (size_t i = 0; i < total; i += AT_ONCE) {
        const size_t count = total - i < AT_ONCE ? total - i : AT_ONCE;
        little_endian(array, i, count, items);
        spae_sha256_add(&hash, items, count * item_bytes(array));
    }
    spae_sha256_finish(&hash, digest);
    spae_sha256_hex(digest, text);
}
