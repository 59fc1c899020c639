/* The vectors directory: its MANIFEST, and the arrays it stores, held against their hashes. */
#ifndef SPAE_IO_REFERENCE_H
#define SPAE_IO_REFERENCE_H

#include "io/manifest.h"

typedef struct {
    const char *directory; /* borrowed */
    spae_manifest manifest;
} spae_vectors;

/* What is stored of an output, in C order; of a sampled one the samples. */
typedef struct {
    const spae_manifest_output *output; /* borrowed */
    size_t count;
    const int64_t *index; /* (count) flat indices into the whole, increasing; NULL: all of it */
    const double *real;   /* (count) of a float type, else NULL */
    const double *exact;  /* (count) binary64 values; NULL: none are stored */
    const int64_t *whole; /* (count) of an integer type or bool, else NULL */
} spae_reference;

/* Reads DIRECTORY/MANIFEST and holds every file it names against its SHA-256, type, shape and
 * items. err  SPAE_ERR_FORMAT  a damaged directory: the text names the file   SPAE_ERR_IO
 *        SPAE_ERR_NO_MEMORY */
spae_status spae_vectors_open(spae_arena *arena, const char *directory, spae_vectors *vectors,
                              spae_error *err);

/* The stored arrays of an output that is no refusal's status.
 *   out  reference  its arrays are in the arena
 *   err  as above; SPAE_ERR_NOT_FINITE  a real output's value is not finite, so nothing can be held
 *        against it */
spae_status spae_reference_read(spae_arena *arena, const spae_vectors *vectors,
                                const spae_manifest_output *output, spae_reference *reference,
                                spae_error *err);

#endif
