/* The bits of binary32 and binary64 numbers, moved by memcpy (compilers make it a register move).
 */
#ifndef SPAE_FLOAT_BITS_H
#define SPAE_FLOAT_BITS_H

#include <stdint.h>
#include <string.h>

static inline uint64_t spae_bits_of_double(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static inline double spae_double_of_bits(uint64_t bits)
{
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static inline uint32_t spae_bits_of_float(float x)
{
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static inline float spae_float_of_bits(uint32_t bits)
{
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* The one NaN that the library returns: which NaN an operation gives is the processor's own choice.
 */
static inline double spae_nan64(void)
{
    return spae_double_of_bits(0x7ff8000000000000);
}

/* Rounded to binary32, NaN to that format's one. Conversions choose a NaN too: MIPS and PA-RISC before IEEE 754-2008 take
 * the bits of the quiet one for a signaling one, and give another. By masks: see choose in elementary.c. */
static inline float spae_narrowed(double x)
{
    const float y = (float)x;
    const uint32_t mask = (uint32_t)0 - (uint32_t)(y != y);
    return spae_float_of_bits((0x7fc00000 & mask) | (spae_bits_of_float(y) & ~mask));
}

static inline double spae_infinity64(void)
{
    return spae_double_of_bits(0x7ff0000000000000);
}

#endif
