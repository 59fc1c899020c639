/* gzip files as a whole: inflated where they are such, passed on where they are not. */
#ifndef SPAE_IO_GZIP_H
#define SPAE_IO_GZIP_H

#include <stdbool.h>

#include "io/file.h"

/* Does it begin as a gzip member does, with the bytes 1f 8b? */
bool spae_gzip_is(const uint8_t *bytes, size_t size);

/* Its data: one member, whose last four bytes tell how long they are; no deflated data grow by more than 1032 to 1.
 *   in   packed  (size) borrowed until return
 *        limit   most bytes of data
 *        name    of the file, for messages
 *   out  bytes   (*count) in the arena
 *   err  SPAE_ERR_FORMAT  "NAME: ..": broken, cut off, too long, bytes behind it;  SPAE_ERR_NO_MEMORY */
spae_status spae_gzip_inflate(spae_arena *arena, const uint8_t *packed, size_t size, uint64_t limit, const char *name,
                              const uint8_t **bytes, size_t *count, spae_error *err);

#endif
