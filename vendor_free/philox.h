/* Random numbers: Philox4x32-10 (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy
 * as 1, 2, 3", 2011), and the mappings from its words to what programs need (SPEC 1.6).
 *
 * There is no state: a number is a function of a key, which says what it is for, and of a position.
 * So any order, split or thread gives the same numbers, and a run can be taken up anywhere.
 */
#ifndef SPAE_PHILOX_H
#define SPAE_PHILOX_H

#include <stdint.h>

/* Four random words from a counter and a key: ten rounds of
 *     (c0, c1, c2, c3) <- (hi(B c2) ^ c1 ^ k0, lo(B c2), hi(A c0) ^ c3 ^ k1, lo(A c0)),
 *     A = D2511F53, B = CD9E8D57 (hexadecimal), hi and lo the halves of the 64-bit product,
 * and (k0, k1) <- (k0 + 9E3779B9, k1 + BB67AE85) mod 2^32 between two rounds.
 * out may be counter.
 */
void spae_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]);

/* Which stream: the user's seed, and a number that the specification gives to each use of
 * randomness. */
typedef struct {
    uint32_t seed, purpose;
} spae_random_key;

/* The block at a position: spae_philox of counter = position, key = {seed, purpose}. */
void spae_random_block(spae_random_key key, const uint32_t position[4], uint32_t out[4]);

/* (word >> 8) 2^-24: one of 2^24 equally likely numbers in [0, 1), exact in binary32. */
float spae_uniform(uint32_t word);

/* floor((high 2^32 + low) n / 2^64), an integer in [0, n), n >= 1; each has probability 1/n to
 * within 2^-64. 0 when n is 0. */
uint32_t spae_random_below(uint32_t high, uint32_t low, uint32_t n);

/* Two independent normal numbers of mean 0 and variance 1 from two words (Box and Muller), every
 * operation rounded to binary32, log, cos and sin correctly rounded (elementary.h):
 *     u = ((a >> 8) + 1) 2^-24 in (0, 1],  r = sqrt(-2 log u),
 *     t = float(2 pi) * uniform(b),        out = {r cos t, r sin t};  |out| < 5.769
 */
void spae_normal_pair(uint32_t a, uint32_t b, float out[2]);

/* A random permutation of 0 .. n-1 (Fisher and Yates): order starts as 0, 1, .. n-1; then for i
 * from n-1 down to 1, with w the block at position (i, 0, stream, 0) and j = random_below(w[0],
 * w[1], i + 1), the elements order[i] and order[j] change places.
 *   out  order  (n)  may be NULL when n is 0
 */
void spae_permutation(spae_random_key key, uint32_t stream, uint32_t *order, uint32_t n);

#endif
