/* Weights that lie in several files: every path where weights are taken may be
 *
 *     a file        .npz, .safetensors, PyTorch's .pt, .pth, .bin (weights.h)
 *     an index      Hugging Face's model.safetensors.index.json or pytorch_model.bin.index.json:
 *                   {"weight_map":{"ARRAY":"FILE",..}}, the files beside it
 *     a folder      with model.safetensors, model.safetensors.index.json, pytorch_model.bin,
 *                   pytorch_model.bin.index.json or model.npz: the first of these that is there
 *
 * SPEC 8.27. An index is told by its first bytes: '{' behind white space, no zero byte up to byte 8.
 */
#ifndef SPAE_IO_WEIGHTS_FILES_H
#define SPAE_IO_WEIGHTS_FILES_H

#include "io/weights.h"

typedef struct {
    size_t count;
    spae_source source[SPAE_WEIGHTS_FILES];
    spae_weights file[SPAE_WEIGHTS_FILES];
} spae_weights_files;

/* Opens all of them, each file of an index once, in the order of its first array.
 *   in   path   (paths)  borrowed as long as the files are open
 *   out  files  must stay where it is as long as they are
 *   err  SPAE_ERR_ARGUMENT  no path, or more than SPAE_WEIGHTS_FILES
 *        SPAE_ERR_FORMAT    more than SPAE_WEIGHTS_FILES files; an index that names no files, files
 *                           of another folder, or arrays that their files lack (how many, and the
 *                           first ten); what spae_weights_open refuses
 *        SPAE_ERR_IO  SPAE_ERR_NO_MEMORY
 *   mem  the directories, and the text of an index, in the arena; on failure as it was, and everything is closed */
spae_status spae_weights_files_open(spae_arena *arena, const char *const *path, size_t paths,
                                    spae_weights_files *files, spae_error *err);

/* The first file with an array of that name, and the array's place in it; false: none. */
bool spae_weights_files_find(const spae_weights_files *files, const char *name, size_t *file,
                             size_t *index);

/* The shape of the parameter of this path, from the array that the first scheme that has one names (weights_schemes.h): what
 * sizes a network has is told by its weights.
 *   in   rank   of the parameter, 1..SPAE_AXES
 *   out  shape  (rank); all 0 when there is no such array
 *   err  SPAE_ERR_SHAPE  the array has another rank, or does not part as its layout asks
 *        what spae_weights_array_open returns
 *   mem  scratch is as it was */
spae_status spae_weights_files_shape(const spae_weights_files *files, const char *path, size_t rank, spae_arena *scratch,
                                     size_t *shape, spae_error *err);

void spae_weights_files_close(spae_weights_files *files);

#endif
