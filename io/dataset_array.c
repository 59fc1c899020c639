/* Arrays of pictures or videos, from .npy files and members of archives, dataset.h; the table of
 * words beside them. */
#include <stdio.h>
#include <string.h>

#include "io/dataset_kinds.h"
#include "io/image.h"
#include "io/labels.h"

bool spae_dataset_array_fits(const spae_npy_header *h, size_t T)
{
    const bool typed = (h->kind == SPAE_NPY_UINT && h->item_bytes == 1) ||
                       (h->kind == SPAE_NPY_FLOAT && !h->fortran);
    const bool coloured = h->rank > 3 && (h->shape[h->rank - 1] == 1 || h->shape[h->rank - 1] == 3);
    const bool shaped =
        T == 1 ? h->rank == 3 || (h->rank == 4 && coloured) : h->rank == 5 && coloured;
    return typed && shaped && h->count > 0;
}

/* Where height, width and channels stand; channels are 1 beyond the rank. */
void spae_dataset_array_size(const spae_npy_header *h, size_t size[3])
{
    const size_t first = h->rank == 5 ? 2 : 1;
    for (size_t a = 0; a < 3; a++)
        size[a] = h->shape[first + a];
}

/* ---- samples --------------------------------------------------------------------------------- */

/* Floats become bytes item by item. */
static spae_status read_floats(spae_arena *arena, const spae_source *source,
                               const spae_npy_header *h, uint8_t *bytes, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    const size_t each = h->count / h->shape[0];
    spae_image item = {1, each, 1, spae_arena_take(arena, each, sizeof *item.pixels)};
    spae_status status = SPAE_OK;
    if (item.pixels == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for %zu samples", source->name,
                         each);
    for (size_t i = 0; status == SPAE_OK && i < h->shape[0]; i++) {
        const spae_npy_header one = spae_npy_cut(h, i, 1);
        status = spae_image_samples(source, &one, item.pixels, err);
        if (status == SPAE_OK)
            status = spae_image_bytes(&item, bytes + i * each, err);
    }
    spae_arena_reset(arena, mark);
    return status;
}

/* Of each video of `frames` frames the first floor(frames / T) clips, moved together. */
static void cut_clips(uint8_t *bytes, size_t videos, size_t frames, size_t T, size_t frame_bytes)
{
    const size_t kept = frames / T * T * frame_bytes;
    for (size_t i = 1; i < videos;
         i++) /* never beyond where it was: kept <= frames * frame_bytes */
        memmove(bytes + i * kept, bytes + i * frames * frame_bytes, kept);
}

spae_status spae_dataset_array(spae_arena *arena, const spae_source *source,
                               const spae_npy_header *h, size_t T, spae_dataset *dataset,
                               size_t *clips, spae_error *err)
{
    size_t size[3];
    const size_t frames = h->rank == 5 ? h->shape[1] : 1;
    spae_dataset_array_size(h, size);
    if (frames < T)
        return spae_fail(err, SPAE_ERR_SHAPE, "%s: videos of %zu frames, the model takes %zu",
                         source->name, frames, T);
    uint8_t *bytes = spae_arena_take(arena, h->count, 1);
    if (bytes == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for %zu samples", source->name,
                         h->count);
    const spae_status status = h->kind == SPAE_NPY_FLOAT
                                   ? read_floats(arena, source, h, bytes, err)
                                   : spae_npy_read_uint8(source, h, bytes, err);
    if (status != SPAE_OK)
        return status;
    *clips = frames / T;
    cut_clips(bytes, h->shape[0], frames, T, size[0] * size[1] * size[2]);
    dataset->count = h->shape[0] * *clips;
    dataset->frames = T;
    dataset->height = size[0];
    dataset->width = size[1];
    dataset->channels = size[2];
    dataset->pictures = bytes;
    return SPAE_OK;
}

/* ---- words ----------------------------------------------------------------------------------- */

/* The table that belongs to a file of arrays; false when the name does not say, or it is not there.
 */
static bool find_table(const char *path, char table[SPAE_DATASET_PATH_ROOM])
{
    static const char *const from[] = {"images.npz", "images.npy"};
    static const char to[] = "labels.tsv"; /* all three are as long */
    const size_t n = strlen(path), m = sizeof to - 1;
    if (n < m || n >= SPAE_DATASET_PATH_ROOM ||
        (strcmp(path + n - m, from[0]) != 0 && strcmp(path + n - m, from[1]) != 0))
        return false;
    memcpy(table, path, n - m);
    memcpy(table + n - m, to, sizeof to);
    return spae_file_exists(table);
}

spae_status spae_dataset_table(spae_arena *arena, const char *path, size_t clips,
                               spae_dataset *dataset, spae_error *err)
{
    char table[SPAE_DATASET_PATH_ROOM];
    if (!find_table(path, table))
        return SPAE_OK;
    const size_t n = dataset->count;
    int32_t *labels = n <= INT32_MAX ? spae_arena_take(arena, n, sizeof *labels) : NULL;
    if (labels == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for %zu labels", table, n);
    for (size_t i = 0; i < n; i++)
        labels[i] = (int32_t)(i / clips);
    dataset->labels = labels;
    return spae_labels_read(arena, table, n / clips, &dataset->words, err);
}

/* ---- .npy files ------------------------------------------------------------------------------ */

spae_status spae_dataset_npy(spae_arena *arena, const char *path, const size_t picture[3],
                             spae_dataset *dataset, size_t *clips, spae_error *err)
{
    spae_source source;
    spae_npy_header h;
    spae_status status = spae_source_open(arena, path, NULL, &source, err);
    if (status != SPAE_OK)
        return status;
    status = spae_npy_read_header(&source, 0, source.size, &h, err);
    if (status == SPAE_OK && !spae_dataset_array_fits(&h, picture[0]))
        status =
            spae_fail(err, SPAE_ERR_FORMAT, "%s: expected %s of u1, or of floats in C order", path,
                      picture[0] == 1 ? "pictures (n,H,W), (n,H,W,1) or (n,H,W,3)"
                                      : "videos (n,T,H,W,1) or (n,T,H,W,3)");
    if (status == SPAE_OK)
        status = spae_dataset_array(arena, &source, &h, picture[0], dataset, clips, err);
    spae_source_close(&source);
    return status == SPAE_OK ? spae_dataset_table(arena, path, *clips, dataset, err) : status;
}
