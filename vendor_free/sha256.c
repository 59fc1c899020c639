/* SHA-256.
 *
 * Source    FIPS 180-4, sections 4.1.2 (functions), 4.2.2 (constants), 5 (padding), 6.2 (the
 *           rounds); names as there.
 * Method    Whole blocks are hashed where they lie; only a rest waits in the context.
 */
#include "sha256.h"

#include <string.h>

/* The first 32 bits of the fractions of the cube roots of the first 64 primes. */
static const uint32_t K[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

/* The same of the square roots of the first 8 primes. */
static const uint32_t H0[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                               0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

static uint32_t rotr(uint32_t x, unsigned n) /* 0 < n < 32 */
{
    return x >> n | x << (32 - n);
}

static uint32_t load_big_endian(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void store_big_endian(uint8_t *p, uint32_t x)
{
    p[0] = (uint8_t)(x >> 24);
    p[1] = (uint8_t)(x >> 16);
    p[2] = (uint8_t)(x >> 8);
    p[3] = (uint8_t)x;
}

/* 6.2.2, step 1: the message schedule. */
static void schedule(uint32_t W[64], const uint8_t block[64])
{
    for (int t = 0; t < 16; t++)
        W[t] = load_big_endian(block + 4 * t);
    for (int t = 16; t < 64; t++) {
        const uint32_t s0 = rotr(W[t - 15], 7) ^ rotr(W[t - 15], 18) ^ W[t - 15] >> 3;
        const uint32_t s1 = rotr(W[t - 2], 17) ^ rotr(W[t - 2], 19) ^ W[t - 2] >> 10;
        W[t] = s1 + W[t - 7] + s0 + W[t - 16];
    }
}

/* 6.2.2, steps 2 to 4. */
static void hash_block(uint32_t H[8], const uint8_t block[64])
{
    uint32_t W[64], a = H[0], b = H[1], c = H[2], d = H[3], e = H[4], f = H[5], g = H[6], h = H[7];
    schedule(W, block);
    for (int t = 0; t < 64; t++) {
        const uint32_t S1 = rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25), Ch = (e & f) ^ (~e & g);
        const uint32_t S0 = rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22),
                       Maj = (a & b) ^ (a & c) ^ (b & c);
        const uint32_t T1 = h + S1 + Ch + K[t] + W[t], T2 = S0 + Maj;
        h = g;
        g = f;
        f = e;
        e = d + T1;
        d = c;
        c = b;
        b = a;
        a = T1 + T2;
    }
    H[0] += a;
    H[1] += b;
    H[2] += c;
    H[3] += d;
    H[4] += e;
    H[5] += f;
    H[6] += g;
    H[7] += h;
}

void spae_sha256_start(spae_sha256 *hash)
{
    memcpy(hash->state, H0, sizeof H0);
    hash->bytes = 0;
}

void spae_sha256_add(spae_sha256 *hash, const void *data, size_t n)
{
    const uint8_t *p = data;
    const size_t waiting = (size_t)(hash->bytes % 64);
    if (n == 0)
        return;
    hash->bytes += n;
    if (waiting > 0) {
        const size_t missing = 64 - waiting, part = n < missing ? n : missing;
        memcpy(hash->block + waiting, p, part);
        if (part < missing)
            return;
        hash_block(hash->state, hash->block);
        p += part;
        n -= part;
    }
    for (; n >= 64; p += 64, n -= 64)
        hash_block(hash->state, p);
    memcpy(hash->block, p, n); /* n may be 0; p is still a pointer into data, or to its end */
}

/* 5.1.1: a bit 1, zeros up to 8 bytes before the end of a block, and the length in bits. */
void spae_sha256_finish(spae_sha256 *hash, uint8_t digest[32])
{
    const uint64_t bits = hash->bytes * 8;
    size_t n = (size_t)(hash->bytes % 64);
    hash->block[n++] = 0x80;
    if (n > 56) {
        memset(hash->block + n, 0, 64 - n);
        hash_block(hash->state, hash->block);
        n = 0;
    }
    memset(hash->block + n, 0, 56 - n);
    store_big_endian(hash->block + 56, (uint32_t)(bits >> 32));
    store_big_endian(hash->block + 60, (uint32_t)bits);
    hash_block(hash->state, hash->block);
    for (int i = 0; i < 8; i++)
        store_big_endian(digest + 4 * i, hash->state[i]);
}

void spae_sha256_hex(const uint8_t digest[32], char text[65])
{
    for (int i = 0; i < 32; i++) {
        text[2 * i] = "0123456789abcdef"[digest[i] >> 4];
        text[2 * i + 1] = "0123456789abcdef"[digest[i] & 15];
    }
    text[64] = '\0';
}
