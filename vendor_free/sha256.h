/* SHA-256 (FIPS 180-4): the name under which models, vectors and reports are compared. */
#ifndef SPAE_SHA256_H
#define SPAE_SHA256_H

#include <stddef.h>
#include <stdint.h>

/* A digest under way; copy it to fork it. */
typedef struct {
    uint32_t state[8];
    uint64_t bytes; /* added so far; bytes % 64 of them wait in block */
    uint8_t block[64];
} spae_sha256;

void spae_sha256_start(spae_sha256 *hash);

/* Adds n < 2^61 bytes in all; parts of any size give the digest of the whole. data may be NULL when
 * n is 0. */
void spae_sha256_add(spae_sha256 *hash, const void *data, size_t n);

/* Ends the digest; *hash must be started again before it is used again. */
void spae_sha256_finish(spae_sha256 *hash, uint8_t digest[32]);

/* The digest as 64 lower-case hexadecimal digits and a terminator. */
void spae_sha256_hex(const uint8_t digest[32], char text[65]);

#endif
