/* Compression to deflate data: bare (RFC 1951), in a zlib wrapper (RFC 1950) or as a gzip member
 * (RFC 1952).
 *
 * One call, whole buffers, memory from the caller. The output is a function of the input alone: the
 * same bytes on every machine (gzip: time 0, no name, operating system "unknown").
 */
#ifndef SPAE_DEFLATE_H
#define SPAE_DEFLATE_H

#include <stddef.h>
#include <stdint.h>

#include "inflate.h"
#include "status.h"

/* An out_capacity that suffices for every input of in_bytes bytes; 0 when it does not fit a
 * size_t. */
size_t spae_deflate_bound(spae_deflate_format format, size_t in_bytes);

/* Bytes that the work memory of spae_deflate must have: less than 512 KiB, the same for every
 * input. */
size_t spae_deflate_work(void);

/* Compresses in_bytes bytes to one stream.
 *   in   in          (in_bytes)              may be NULL when in_bytes is 0
 *   out  out         (out_capacity)          must not overlap in
 *   out  out_used    1                       bytes written
 *   tmp  work        (spae_deflate_work())   bytes, aligned for any type (an arena's pieces are);
 *                                            contents do not matter before and after
 *   err  SPAE_ERR_NO_MEMORY  the stream is longer than out_capacity; out then holds unspecified
 *                            bytes
 *        SPAE_ERR_ARGUMENT   format is none of the three
 */
spae_status spae_deflate(spae_deflate_format format, const uint8_t *in, size_t in_bytes,
                         uint8_t *out, size_t out_capacity, size_t *out_used, void *work,
                         spae_error *err);

#endif
