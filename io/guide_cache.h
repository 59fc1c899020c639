/* Features that take long to make: an .npy (rows,d) of binary32 that survives being broken off at any byte (SPEC 8.48).
 *
 *     PATH        the array, once it is whole
 *     PATH.part   the same bytes as far as they are made
 *     PATH.json   what it is made of, one JSON object and a newline, written before the first row
 *
 * A run that finds PATH.part goes on behind its last whole row, and the array has the same bytes as without the break. A run that
 * finds PATH has nothing to do. Either is refused when PATH.json says that it is made of anything else.
 */
#ifndef SPAE_IO_GUIDE_CACHE_H
#define SPAE_IO_GUIDE_CACHE_H

#include "io/file.h"

typedef struct {
    const char *path;    /* borrowed, as all here */
    const char *made_of; /* (made_of_length) the JSON object, with its newline */
    size_t made_of_length;
    size_t rows, d;
    size_t at_once;      /* rows that are asked for together, 1.. */

    /* Rows first .. first + count - 1, of d numbers each; count <= at_once. */
    spae_status (*make)(void *context, size_t first, size_t count, float *out, spae_error *err);
    void (*progress)(void *context, size_t done, size_t rows); /* may be NULL */
    void *context;
} spae_guide_cache;

/*   out  found  rows that an earlier run had made; may be NULL
 *   err  SPAE_ERR_ARGUMENT  what is there is made of something else: the text says which file;  no rows, no columns
 *        SPAE_ERR_FORMAT    PATH.part is longer than the array;  SPAE_ERR_IO, also where positions of the platform do not reach
 *        SPAE_ERR_NO_MEMORY, and those of `make`: what is there then stays, for the next run
 *   mem  scratch is as it was */
spae_status spae_guide_cache_make(const spae_guide_cache *cache, spae_arena *scratch, size_t *found, spae_error *err);

#endif
