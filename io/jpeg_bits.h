/* The bits of a JPEG's coded data, and codes read from them (T.81 F.2.2). Inline: every coefficient passes through here.
 *
 * A byte FF stands for data only where 00 follows, which is dropped; any other FF begins a marker, and data end before
 * it. Behind the end come zeros, and are counted, so that bits that were not there are noticed once a block is read
 * (spae_jpeg_bits_over), not at each bit.
 */
#ifndef SPAE_JPEG_BITS_H
#define SPAE_JPEG_BITS_H

#include "io/jpeg_parts.h"

typedef struct {
    const uint8_t *data; /* (size), borrowed */
    size_t size, at;     /* the next byte */
    uint64_t held;       /* the lowest `count` bits are those to come */
    unsigned count;
    size_t padding; /* of all bits ever held, those that came behind the end */
} spae_jpeg_bits;

static inline void spae_jpeg_bits_fill(spae_jpeg_bits *b)
{
    while (b->count <= 48) { /* so that no shift by 64 comes about */
        unsigned byte = 0;
        if (b->at < b->size && b->data[b->at] != 0xff) {
            byte = b->data[b->at++];
        } else if (b->size - b->at >= 2 && b->data[b->at + 1] == 0) {
            byte = 0xff;
            b->at += 2;
        } else {
            b->padding += 8;
        }
        b->held = b->held << 8 | byte;
        b->count += 8;
    }
}

/* The next n <= 16 bits; at least as many are held. */
static inline unsigned spae_jpeg_bits_peek(const spae_jpeg_bits *b, unsigned n)
{
    return (unsigned)(b->held >> (b->count - n)) & ((1U << n) - 1);
}

/* Takes n <= 16 bits. */
static inline unsigned spae_jpeg_bits_take(spae_jpeg_bits *b, unsigned n)
{
    if (b->count < n)
        spae_jpeg_bits_fill(b);
    const unsigned value = spae_jpeg_bits_peek(b, n);
    b->count -= n;
    return value;
}

/* Were bits taken that are not in the data? */
static inline bool spae_jpeg_bits_over(const spae_jpeg_bits *b)
{
    return b->count < b->padding;
}

/* The next symbol; -1 when no code begins as the bits do. */
static inline int spae_jpeg_bits_symbol(spae_jpeg_bits *b, const spae_jpeg_codes *codes)
{
    if (b->count < 16)
        spae_jpeg_bits_fill(b);
    const unsigned bits = spae_jpeg_bits_peek(b, 16), look = codes->look[bits >> (16 - SPAE_JPEG_LOOK)];
    if (look != 0) {
        b->count -= look >> 8;
        return (int)(look & 0xff);
    }
    for (unsigned l = SPAE_JPEG_LOOK + 1; l <= 16; l++) {
        const uint32_t code = bits >> (16 - l);
        if (code - codes->first[l] < codes->count[l]) {
            b->count -= l;
            return codes->symbol[codes->index[l] + (code - codes->first[l])];
        }
    }
    return -1;
}

/* A value of `size` <= 15 bits: those that begin with 1 are above zero, the others stand for value - (2^size - 1)
 * (T.81 figure F.12). */
static inline int32_t spae_jpeg_bits_value(spae_jpeg_bits *b, unsigned size)
{
    const int32_t value = (int32_t)spae_jpeg_bits_take(b, size);
    return size > 0 && value < (int32_t)1 << (size - 1) ? value - ((int32_t)1 << size) + 1 : value;
}

#endif
