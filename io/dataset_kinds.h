/* The readers behind spae_dataset_open, one for each kind of data set. Each fills in everything but
 * name and row, takes from the arena what it needs, and leaves it there when it fails.
 *
 *   in   picture  (T,H,W) of the model
 *   out  clips    how many pictures of the data set, one behind the other, come from one item: of a
 *                 video its clips, otherwise 1
 */
#ifndef SPAE_IO_DATASET_KINDS_H
#define SPAE_IO_DATASET_KINDS_H

#include "io/dataset.h"
#include "io/npy.h"

enum { SPAE_DATASET_PATH_ROOM = 1024 };

/* Is item `index` of all for testing? */
bool spae_dataset_is_test(size_t index);

/* Refuses a part without items, of `count` in all: SPAE_ERR_FORMAT. */
spae_status spae_dataset_no_part(const char *path, size_t count, spae_error *err);

/* ---- IDX ------------------------------------------------------------------------------------- */

/* Is `path` a folder with the IDX files of that part? */
bool spae_dataset_is_idx_folder(const char *path, spae_dataset_part part);

/* An IDX file, or the folder. */
spae_status spae_dataset_idx(spae_arena *arena, const char *path, spae_dataset_part part,
                             spae_dataset *dataset, spae_error *err);

/* ---- arrays ---------------------------------------------------------------------------------- */

/* Is it an array of pictures (T is 1) or videos? */
bool spae_dataset_array_fits(const spae_npy_header *header, size_t T);

/* (height, width, channels) of an array that fits. */
void spae_dataset_array_size(const spae_npy_header *header, size_t size[3]);

/* The samples of an array that fits, as bytes; videos cut into clips. */
spae_status spae_dataset_array(spae_arena *arena, const spae_source *source,
                               const spae_npy_header *header, size_t T, spae_dataset *dataset,
                               size_t *clips, spae_error *err);

/* The words of the items, if there is a table beside the file. */
spae_status spae_dataset_table(spae_arena *arena, const char *path, size_t clips,
                               spae_dataset *dataset, spae_error *err);

spae_status spae_dataset_npy(spae_arena *arena, const char *path, const size_t picture[3],
                             spae_dataset *dataset, size_t *clips, spae_error *err);
spae_status spae_dataset_npz(spae_arena *arena, const char *path, const size_t picture[3],
                             spae_dataset *dataset, size_t *clips, spae_error *err);

/* ---- folders --------------------------------------------------------------------------------- */

/* A folder of pictures or videos, or one Y4M file; only items of that part are read. */
spae_status spae_dataset_folder(spae_arena *arena, const char *path, spae_dataset_part part,
                                const size_t picture[3], spae_dataset *dataset, spae_error *err);

#endif
