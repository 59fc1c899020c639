/* Pictures and what is rebuilt of them, as files for other programs: to compute there what takes weights or machines that are
 * not at hand here.
 *
 *     FOLDER/real/000001.png  FOLDER/layer1/000001.png .. FOLDER/layer6/000001.png  FOLDER/real/000002.png ..
 *
 * in the order of the pictures, so that row i of an array of activations (feature_sets.h) is that of file i. PNG is 8 bits a
 * sample; NPY (<f4, 0..1) loses nothing: (H,W,3), or (T,H,W,3) of videos. A video as PNG is a folder, 000001/0001.png .. */
#ifndef SPAE_IO_REBUILT_FILES_H
#define SPAE_IO_REBUILT_FILES_H

#include "spae.h"

typedef struct {
    const char *folder;    /* borrowed */
    bool npy;              /* not PNG */
    const size_t *picture; /* (T,H,W), borrowed */
    spae_arena *arena;     /* scratch, borrowed */
} spae_rebuilt_files;

/* Makes the folders that are not there.
 *   err  SPAE_ERR_IO  SPAE_ERR_NO_MEMORY */
spae_status spae_rebuilt_files_open(const spae_rebuilt_files *f, size_t layers, spae_error *err);

/* Writes picture `index` (from 0), or with layers > 0 what its first so many layers rebuild, (T,H,W,3) in 0..1.
 *   err  SPAE_ERR_IO  SPAE_ERR_NO_MEMORY  SPAE_ERR_NOT_FINITE */
spae_status spae_rebuilt_files_write(const spae_rebuilt_files *f, size_t index, size_t layers, const spae_real *samples,
                                     spae_error *err);

#endif
