/* binary16 and bfloat16.
 *
 * Method    Bits only, no arithmetic on floating-point numbers: rounding happens once, in one
 *           place, and depends on no mode. A magnitude in bits grows with the number, also from the
 *           greatest subnormal to the least normal and from the greatest finite number to infinity,
 *           so a carry out of the mantissa is right by itself.
 */
#include "half.h"

#include <string.h>

#define SIGN32 0x80000000u
#define INF32  0x7f800000u

static uint32_t bits_of(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static float float_of(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* x / 2^shift to the nearest integer, ties to even; 0 < shift < 32, x < 2^31. */
static uint32_t shift_to_even(uint32_t x, unsigned shift)
{
    const uint32_t half = (1u << (shift - 1)) - 1;
    return (x + half + (x >> shift & 1)) >> shift;
}

/* binary32 bits of mantissa 2^-24, 0 < mantissa < 1024: a subnormal half. */
static uint32_t subnormal_half(uint32_t mantissa)
{
    uint32_t exponent = 127 - 14; /* of 2^-14, which mantissa = 1024 would be */
    while ((mantissa & 0x400) == 0) {
        mantissa <<= 1;
        exponent--;
    }
    return exponent << 23 | (mantissa & 0x3ff) << 13;
}

float spae_half_to_float(uint16_t half)
{
    const uint32_t sign = (uint32_t)(half & 0x8000) << 16, exponent = half >> 10 & 31,
                   mantissa = half & 0x3ff;
    if (exponent == 31)
        return float_of(sign | INF32 | mantissa << 13 | (mantissa != 0 ? 0x400000 : 0));
    if (exponent != 0)
        return float_of(sign | (exponent + 127 - 15) << 23 | mantissa << 13);
    return float_of(sign | (mantissa != 0 ? subnormal_half(mantissa) : 0));
}

uint16_t spae_float_to_half(float value)
{
    const uint32_t bits = bits_of(value), sign = bits >> 16 & 0x8000, magnitude = bits & ~SIGN32;
    if (magnitude > INF32)
        return (uint16_t)(sign | 0x7e00 | (magnitude >> 13 & 0x3ff));
    if (magnitude >= 0x47800000) /* 2^16; the rounding below makes infinity from 65520 on */
        return (uint16_t)(sign | 0x7c00);
    if (magnitude >= 0x38800000) /* 2^-14, the least normal half: rebias by 127 - 15 */
        return (uint16_t)(sign | shift_to_even(magnitude - 0x38000000, 13));
    if (magnitude < 0x33000000) /* 2^-25, half the least subnormal; at equality even is 0 as well */
        return (uint16_t)sign;
    const uint32_t mantissa = (magnitude & 0x7fffff) | 0x800000;
    return (uint16_t)(sign | shift_to_even(mantissa, 126 - (magnitude >> 23))); /* units of 2^-24 */
}

float spae_bfloat16_to_float(uint16_t bits)
{
    const uint32_t quiet = (bits & 0x7fff) > 0x7f80 ? 0x400000 : 0;
    return float_of((uint32_t)bits << 16 | quiet);
}

uint16_t spae_float_to_bfloat16(float value)
{
    const uint32_t bits = bits_of(value), sign = bits >> 16 & 0x8000, magnitude = bits & ~SIGN32;
    if (magnitude > INF32)
        return (uint16_t)(bits >> 16 | 0x40);
    return (uint16_t)(sign | shift_to_even(magnitude, 16));
}
