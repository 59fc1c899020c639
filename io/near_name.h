/* The known name that a wrong one most likely means. */
#ifndef SPAE_IO_NEAR_NAME_H
#define SPAE_IO_NEAR_NAME_H

#include <stddef.h>

/* Of known(context, 0 .. count - 1) the first that ends in "/" and the name, else the first of the
 * least edit distance (insert, delete, replace a byte; each 1) when that is at most a quarter of
 * the name's length and at least 2 allowed; else NULL, also for names of more than 255 bytes. */
const char *spae_near_name(const char *name, const char *known(const void *context, size_t index),
                           const void *context, size_t count);

#endif
