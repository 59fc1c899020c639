/* The arguments by formula on which the normal tests hold every binary32 function, and their
 * digest.
 *
 * Half of them have all bits mixed, so that every exponent and NaN occurs; half have magnitudes
 * from 2^-24 to 2^13, where the functions are neither constant nor the identity. test/proof
 * computes the same digests from its own reference values, and elementary_cases.h keeps those.
 */
#ifndef SPAE_TEST_ELEMENTARY_SAMPLE_H
#define SPAE_TEST_ELEMENTARY_SAMPLE_H

#include <stdint.h>

#define SAMPLES 131072u

static inline uint32_t sample_argument(uint32_t i)
{
    const uint32_t mixed = i * 2654435761u; /* odd, near 2^32 times the golden ratio */
    if (i % 2 == 0)
        return mixed;
    const uint32_t exponent = 103 + ((mixed >> 23 & 255) * 37 >> 8);
    return (mixed & 0x807fffff) | exponent << 23;
}

#define DIGEST_START                                                                               \
    0xcbf29ce484222325u /* FNV-1a, 64 bits, over the four bytes of a word, least first */

static inline uint64_t digest_word(uint64_t digest, uint32_t word)
{
    for (int byte = 0; byte < 4; byte++, word >>= 8)
        digest = (digest ^ (word & 255)) * 0x100000001b3u;
    return digest;
}

#endif
