/* Philox4x32-10 and its mappings; every formula stands in philox.h.
 *
 * Integers only, but for the uniforms (exact in binary32) and the normal pair, whose operations are
 * each rounded to binary32 in the order written there.
 */
#include "philox.h"

#include <math.h>

#include "elementary.h"
#include "numerics.h"

/* The paper's: multipliers found by search; 2^32 / golden ratio and 2^32 (sqrt 3 - 1). */
static const uint32_t multiplier[2] = {0xd2511f53, 0xcd9e8d57};
static const uint32_t weyl[2] = {0x9e3779b9, 0xbb67ae85};

static void philox_round(uint32_t c[4], const uint32_t k[2])
{
    const uint64_t p0 = (uint64_t)multiplier[0] * c[0];
    const uint64_t p1 = (uint64_t)multiplier[1] * c[2];
    c[0] = (uint32_t)(p1 >> 32) ^ c[1] ^ k[0];
    c[1] = (uint32_t)p1;
    c[2] = (uint32_t)(p0 >> 32) ^ c[3] ^ k[1];
    c[3] = (uint32_t)p0;
}

void spae_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4])
{
    uint32_t c[4] = {counter[0], counter[1], counter[2], counter[3]};
    uint32_t k[2] = {key[0], key[1]};
    for (int i = 0; i < 10; i++) {
        philox_round(c, k);
        k[0] = (uint32_t)(k[0] + weyl[0]);
        k[1] = (uint32_t)(k[1] + weyl[1]);
    }
    for (int i = 0; i < 4; i++)
        out[i] = c[i];
}

void spae_random_block(spae_random_key key, const uint32_t position[4], uint32_t out[4])
{
    const uint32_t words[2] = {key.seed, key.purpose};
    spae_philox(position, words, out);
}

float spae_uniform(uint32_t word)
{
    return (float)(word >> 8) * 0x1p-24f;
}

uint32_t spae_random_below(uint32_t high, uint32_t low, uint32_t n)
{
    /* (high 2^32 + low) n = (high n + floor(low n / 2^32)) 2^32 + the rest, and the rest is below
     * 2^32: it cannot change the floor. high n + 2^32 - 1 < 2^64. */
    const uint64_t carry = ((uint64_t)low * n) >> 32;
    return (uint32_t)(((uint64_t)high * n + carry) >> 32);
}

void spae_normal_pair(uint32_t a, uint32_t b, float out[2])
{
    const float two_pi = 0x1.921fb6p+2f; /* nearest to 6.28318530717958647692... */
    const float u = (float)((a >> 8) + 1) * 0x1p-24f;
    const float square = -2.0f * spae_logf(u);
    const float r = (float)sqrt((double)square); /* rounded twice, yet correctly: 53 >= 2*24 + 2 */
    const float t = two_pi * spae_uniform(b);
    out[0] = r * spae_cosf(t);
    out[1] = r * spae_sinf(t);
}

void spae_permutation(spae_random_key key, uint32_t stream, uint32_t *order, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        order[i] = i;
    for (uint32_t i = n; i-- > 1;) {
        const uint32_t position[4] = {i, 0, stream, 0};
        uint32_t w[4];
        spae_random_block(key, position, w);
        const uint32_t j = spae_random_below(w[0], w[1], i + 1);
        const uint32_t kept = order[i];
        order[i] = order[j];
        order[j] = kept;
    }
}
