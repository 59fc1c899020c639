/* The two checksums of the deflate family: CRC-32 (gzip, zip, PNG) and Adler-32 (zlib).
 *
 * Both are chainable: the value of a whole is made by passing the value so far with each further
 * part, in parts of any size. They find accidents, not forgeries; for that there is sha256.h.
 */
#ifndef SPAE_CHECKSUM_H
#define SPAE_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

/* CRC-32 of ISO 3309 as gzip uses it (RFC 1952, section 8): polynomial EDB88320 reflected, start
 * and end inverted. Start with crc 0. Of "123456789": CBF43926. data may be NULL when n is 0. */
uint32_t spae_crc32(uint32_t crc, const void *data, size_t n);

/* Adler-32 (RFC 1950, section 8.2): two sums modulo 65521. Start with adler 1. Of "Wikipedia":
 * 11E60398. data may be NULL when n is 0. */
uint32_t spae_adler32(uint32_t adler, const void *data, size_t n);

#endif
