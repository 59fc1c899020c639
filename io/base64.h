/* Base64 of RFC 4648, section 4: the standard alphabet, padded with '='. Pictures in a report's data: URIs. */
#ifndef SPAE_IO_BASE64_H
#define SPAE_IO_BASE64_H

#include <stddef.h>
#include <stdint.h>

/* Characters that `bytes` bytes become; 0 when that overflows, and for 0 bytes. */
size_t spae_base64_size(size_t bytes);

/* Writes spae_base64_size(count) characters, not terminated. */
void spae_base64_write(const uint8_t *bytes, size_t count, char *text);

#endif
