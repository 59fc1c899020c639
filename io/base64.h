/* Base64 of RFC 4648, section 4: the standard alphabet, padded with '='. Pictures in a report's data: URIs; tokens
 * of a vocabulary. */
#ifndef SPAE_IO_BASE64_H
#define SPAE_IO_BASE64_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Characters that `bytes` bytes become; 0 when that overflows, and for 0 bytes. */
size_t spae_base64_size(size_t bytes);

/* Writes spae_base64_size(count) characters, not terminated. */
void spae_base64_write(const uint8_t *bytes, size_t count, char *text);

/* Reads `length` characters, whole groups of four, nothing else among them; bits that no byte takes must be 0.
 *   in   bytes  room for length / 4 * 3
 *   out  *count  how many they are
 * False, *count untouched, when they are no base64. */
bool spae_base64_read(const char *text, size_t length, uint8_t *bytes, size_t *count);

#endif
