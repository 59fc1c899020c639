/* Archives of pictures with a table of words beside them, dataset.h. */
#include <stdio.h>
#include <string.h>

#include "io/dataset_kinds.h"
#include "io/labels.h"
#include "io/npz.h"

/* Is the array one of pictures, and how large are they? */
static bool are_pictures(const spae_npy_header *h, spae_dataset *dataset)
{
    const bool typed = h->kind == SPAE_NPY_UINT && h->item_bytes == 1;
    const bool shaped = h->rank == 3 || (h->rank == 4 && (h->shape[3] == 1 || h->shape[3] == 3));
    if (!typed || !shaped || h->count == 0)
        return false;
    dataset->count = h->shape[0];
    dataset->height = h->shape[1];
    dataset->width = h->shape[2];
    dataset->channels = h->shape[3];
    return true;
}

/* Adds "images 64x64, " to what messages say was found. */
static void add_found(char *found, size_t room, const char *name, const spae_dataset *dataset)
{
    const size_t n = strlen(found);
    snprintf(found + n, room - n, "%s%s %zux%zu", n > 0 ? ", " : "", name, dataset->height,
             dataset->width);
}

/* The first array of pictures of the model's size. Others are given back: an inflated one at once.
 */
static spae_status read_pictures(spae_arena *arena, const spae_npz *npz, const size_t picture[3],
                                 spae_dataset *dataset, spae_error *err)
{
    char found[128] = "";
    for (size_t i = 0; i < npz->count; i++) {
        const spae_arena_mark mark = spae_arena_here(arena);
        const char *name = npz->members[i].name;
        spae_npz_array array;
        spae_status status = spae_npz_array_open(arena, npz, name, &array, err);
        if (status != SPAE_OK)
            return status;
        const bool pictures = are_pictures(&array.header, dataset);
        if (pictures && dataset->height == picture[1] && dataset->width == picture[2]) {
            uint8_t *bytes = spae_arena_take(arena, array.header.count, 1);
            dataset->pictures = bytes;
            return bytes != NULL
                       ? spae_npy_read_uint8(&array.source, &array.header, bytes, err)
                       : spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for %zu bytes of %s",
                                   npz->source->name, array.header.count, name);
        }
        if (pictures)
            add_found(found, sizeof found, name, dataset);
        spae_arena_reset(arena, mark);
    }
    return spae_fail(err, found[0] != '\0' ? SPAE_ERR_SHAPE : SPAE_ERR_FORMAT,
                     "%s: the model takes pictures of %zux%zu, found %s", npz->source->name,
                     picture[1], picture[2],
                     found[0] != '\0' ? found : "no uint8 array (n,H,W[,3]) at all");
}

/* The table that belongs to an archive; false when the name does not say, or it is not there. */
static bool find_table(const char *archive, char path[SPAE_DATASET_PATH_ROOM])
{
    static const char from[] = "images.npz", to[] = "labels.tsv";
    const size_t n = strlen(archive), m = sizeof from - 1; /* both are as long */
    if (n < m || n >= SPAE_DATASET_PATH_ROOM || strcmp(archive + n - m, from) != 0)
        return false;
    memcpy(path, archive, n - m);
    memcpy(path + n - m, to, sizeof to);
    return spae_file_exists(path);
}

/* Each picture is a source of its own. */
static spae_status read_words(spae_arena *arena, const char *table, spae_dataset *dataset,
                              spae_error *err)
{
    const size_t n = dataset->count;
    int32_t *labels = n <= INT32_MAX ? spae_arena_take(arena, n, sizeof *labels) : NULL;
    if (labels == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for %zu labels", table, n);
    for (size_t i = 0; i < n; i++)
        labels[i] = (int32_t)i;
    dataset->labels = labels;
    return spae_labels_read(arena, table, n, &dataset->words, err);
}

spae_status spae_dataset_npz(spae_arena *arena, const char *path, const size_t picture[3],
                             spae_dataset *dataset, spae_error *err)
{
    char table[SPAE_DATASET_PATH_ROOM];
    spae_source source;
    spae_npz npz;
    spae_status status = spae_source_open(arena, path, NULL, &source, err);
    if (status != SPAE_OK)
        return status;
    status = spae_npz_open(arena, &source, NULL, &npz, err);
    if (status == SPAE_OK)
        status = read_pictures(arena, &npz, picture, dataset, err);
    spae_source_close(&source);
    return status == SPAE_OK && find_table(path, table) ? read_words(arena, table, dataset, err)
                                                        : status;
}
