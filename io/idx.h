/* IDX, the array file of MNIST (SPEC 8.20), plain or gzipped (one gzip member): unsigned bytes, rank 1
 * to 4.
 *
 * Magic 00 00 08 rank, each size in 4 bytes, high byte first, then the items and nothing else. The
 * other item types that IDX knows (09 0B 0C 0D 0E) are refused.
 */
#ifndef SPAE_IDX_H
#define SPAE_IDX_H

#include "file.h"

#define SPAE_IDX_RANK 4

typedef struct {
    unsigned rank;               /* 1 labels (n), 3 pictures (n, height, width) */
    size_t shape[SPAE_IDX_RANK]; /* 1 beyond rank */
    const uint8_t *items; /* C order; in the arena, or in the source where that is plain memory */
} spae_idx;

/*   err  SPAE_ERR_FORMAT  SPAE_ERR_IO  SPAE_ERR_NO_MEMORY */
spae_status spae_idx_read(spae_arena *arena, const spae_source *source, const spae_limits *limits,
                          spae_idx *idx, spae_error *err);
spae_status spae_idx_read_file(spae_arena *arena, const char *path, const spae_limits *limits,
                               spae_idx *idx, spae_error *err);

#endif
