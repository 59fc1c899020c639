/* Safetensors files for tests: from a header's text, and from arrays. */
#ifndef SPAE_TEST_IO_SAFETENSORS_H
#define SPAE_TEST_IO_SAFETENSORS_H

#include "bytes.h"

#include "vendor_free/json.h"

/* A file of this header, whatever it says, and `count` bytes of data: 1, 2, 3 ... */
static inline bytes safetensors_text(const char *header, size_t count)
{
    bytes b = {.size = 0};
    add_low(&b, strlen(header), 8);
    add_text(&b, header);
    for (size_t i = 0; i < count; i++)
        add_low(&b, i + 1, 1);
    return b;
}

/* An array of binary32 or, with `wide`, 64-bit integers of its values. */
typedef struct {
    const char *name;
    unsigned rank;
    size_t shape[8];
    const float *data;
    bool wide;
} safetensors_item;

static inline size_t safetensors_count(const safetensors_item *item)
{
    size_t count = 1;
    for (unsigned i = 0; i < item->rank; i++)
        count *= item->shape[i];
    return count;
}

static inline size_t safetensors_header(const safetensors_item *item, size_t count, char *out,
                                        size_t room)
{
    spae_json_writer w;
    size_t length = 0, at = 0;
    spae_json_write_start(&w, out, room);
    spae_json_write_open(&w, '{');
    spae_json_write_key(&w, "__metadata__");
    spae_json_write_open(&w, '{');
    spae_json_write_key(&w, "format");
    spae_json_write_string(&w, "pt", 2);
    spae_json_write_close(&w);
    for (size_t i = 0; i < count; i++) {
        spae_json_write_key(&w, item[i].name);
        spae_json_write_open(&w, '{');
        spae_json_write_key(&w, "dtype");
        spae_json_write_string(&w, item[i].wide ? "I64" : "F32", 3);
        spae_json_write_key(&w, "shape");
        spae_json_write_open(&w, '[');
        for (unsigned a = 0; a < item[i].rank; a++)
            spae_json_write_integer(&w, (int64_t)item[i].shape[a]);
        spae_json_write_close(&w);
        spae_json_write_key(&w, "data_offsets");
        spae_json_write_open(&w, '[');
        spae_json_write_integer(&w, (int64_t)at);
        at += safetensors_count(&item[i]) * (item[i].wide ? 8 : 4);
        spae_json_write_integer(&w, (int64_t)at);
        spae_json_write_close(&w);
        spae_json_write_close(&w);
    }
    spae_json_write_close(&w);
    const spae_status status = spae_json_write_finish(&w, &length, NULL);
    ck_assert(status == SPAE_OK || (out == NULL && status == SPAE_ERR_NO_MEMORY));
    return length;
}

/* value in n bytes, the lowest first */
static inline uint8_t *safetensors_put(uint8_t *at, uint64_t value, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        *at++ = (uint8_t)(value >> 8 * i & 0xff);
    return at;
}

/* A file of these arrays in the arena, its header padded with spaces to a multiple of 8. */
static inline spae_source safetensors_file(spae_arena *arena, const safetensors_item *item,
                                           size_t count)
{
    const size_t length = safetensors_header(item, count, NULL, 0), padded = (length + 7) / 8 * 8;
    size_t size = 8 + padded;
    for (size_t i = 0; i < count; i++)
        size += safetensors_count(&item[i]) * (item[i].wide ? 8 : 4);
    uint8_t *file = spae_arena_take(arena, size, 1), *at = safetensors_put(file, padded, 8);
    ck_assert_uint_eq(safetensors_header(item, count, (char *)at, padded), length);
    memset(at + length, ' ', padded - length);
    at += padded;
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < safetensors_count(&item[i]); j++) {
            uint32_t bits;
            memcpy(&bits, &item[i].data[j], sizeof bits);
            at = item[i].wide ? safetensors_put(at, (uint64_t)item[i].data[j], 8)
                              : safetensors_put(at, bits, 4);
        }
    ck_assert(at == file + size);
    return spae_source_memory(file, size, "x");
}

#endif
