/* Decompression of deflate data: bare (RFC 1951), in a zlib wrapper (RFC 1950) or in gzip members
 * (RFC 1952).
 *
 * One call, whole buffers, no allocation: about 6 KiB of stack. Every broken input is refused by
 * the rules of zlib, and nothing outside the two buffers is read or written, whatever the input.
 */
#ifndef SPAE_INFLATE_H
#define SPAE_INFLATE_H

#include <stddef.h>
#include <stdint.h>

#include "status.h"

typedef enum { SPAE_DEFLATE_RAW, SPAE_DEFLATE_ZLIB, SPAE_DEFLATE_GZIP } spae_deflate_format;

/* Decompresses one whole stream and verifies the checksum and length that its wrapper carries.
 *   in   in          (in_bytes)       may be NULL when in_bytes is 0
 *   out  out         (out_capacity)   bytes 0 .. *out_used - 1 are the data; may be NULL when
 *                                     out_capacity is 0; must not overlap in; on failure its
 *                                     contents are unspecified
 *   out  in_used     1   bytes that belong to the stream; may be NULL. What follows is left to the
 *                        caller: raw and zlib end where their data ends; gzip goes on for as long
 *                        as another member follows at once (it begins with 1F 8B), and their data
 *                        are concatenated. To refuse trailing bytes, compare *in_used with
 *                        in_bytes.
 *   out  out_used    1   bytes of data; may be NULL
 *   err  SPAE_ERR_FORMAT    the stream is broken, is cut off, needs a preset dictionary, fails its
 *                           checksum, or holds more than out_capacity bytes; the text says which
 *                           and names the byte offset in `in`. *in_used and *out_used are
 *                           untouched.
 *        SPAE_ERR_ARGUMENT  format is none of the three
 */
spae_status spae_inflate(spae_deflate_format format, const uint8_t *in, size_t in_bytes,
                         uint8_t *out, size_t out_capacity, size_t *in_used, size_t *out_used,
                         spae_error *err);

#endif
