/* What a binary64 core cannot decide: arguments so close to a midpoint between two binary32 numbers
 * that the core's last rounding falls on the wrong side. There are a handful among 2^32, found by
 * test/proof, and they are listed with their right results.
 */
#ifndef SPAE_ELEMENTARY_FIX_H
#define SPAE_ELEMENTARY_FIX_H

#include <stddef.h>
#include <stdint.h>

#include "float_bits.h"

typedef struct {
    uint32_t argument, result; /* bits of binary32 numbers */
} spae_fix;

/* y, or the result listed for x */
static inline float spae_fixed(float x, float y, const spae_fix *fixes, size_t count)
{
    const uint32_t argument = spae_bits_of_float(x);
    uint32_t result = spae_bits_of_float(y);
    for (size_t i = 0; i < count; i++)
        result = argument == fixes[i].argument ? fixes[i].result : result;
    return spae_float_of_bits(result);
}

#endif
