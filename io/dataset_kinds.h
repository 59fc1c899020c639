/* The readers behind spae_dataset_open, one for each kind of data set. Each fills in everything but
 * name and row, takes from the arena what it needs, and leaves it there when it fails. */
#ifndef SPAE_IO_DATASET_KINDS_H
#define SPAE_IO_DATASET_KINDS_H

#include "io/dataset.h"

enum { SPAE_DATASET_PATH_ROOM = 1024 };

/* Is `path` a folder with the IDX files of that part? */
bool spae_dataset_is_idx_folder(const char *path, spae_dataset_part part);

/* An IDX file, or the folder. */
spae_status spae_dataset_idx(spae_arena *arena, const char *path, spae_dataset_part part,
                             spae_dataset *dataset, spae_error *err);

/* An archive. */
spae_status spae_dataset_npz(spae_arena *arena, const char *path, const size_t picture[3],
                             spae_dataset *dataset, spae_error *err);

#endif
