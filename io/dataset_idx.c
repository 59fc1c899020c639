/* IDX files as MNIST's, dataset.h. */
#include <stdio.h>
#include <string.h>

#include "io/dataset_kinds.h"
#include "io/idx.h"

static const char *const part_names[SPAE_DATASET_PARTS] = {"train", "t10k"};

/* FOLDER/PART-WHAT, or the same with .gz, whichever is there; false when neither is. */
static bool find_in_folder(const char *folder, const char *part, const char *what,
                           char path[SPAE_DATASET_PATH_ROOM])
{
    const int n = snprintf(path, SPAE_DATASET_PATH_ROOM, "%s/%s-%s.gz", folder, part, what);
    if (n < 0 || n >= SPAE_DATASET_PATH_ROOM)
        return false;
    if (spae_file_exists(path))
        return true;
    path[n - 3] = '\0';
    return spae_file_exists(path);
}

/* The file of labels that belongs to a file of pictures; false when the name does not say, or it is
 * not there. */
static bool find_labels_of(const char *pictures, char path[SPAE_DATASET_PATH_ROOM])
{
    static const char from[] = "images-idx3", to[] = "labels-idx1";
    const size_t n = strlen(pictures);
    if (n >= SPAE_DATASET_PATH_ROOM)
        return false;
    memcpy(path, pictures, n + 1);
    char *last = NULL;
    for (char *at = strstr(path, from); at != NULL; at = strstr(at + 1, from))
        last = at;
    if (last == NULL)
        return false;
    memcpy(last, to, sizeof to - 1);
    return spae_file_exists(path);
}

static spae_status read_pictures(spae_arena *arena, const char *path, spae_dataset *dataset,
                                 spae_error *err)
{
    spae_idx idx;
    const spae_status status = spae_idx_read_file(arena, path, NULL, &idx, err);
    if (status != SPAE_OK)
        return status;
    if ((idx.rank != 3 && idx.rank != 4) ||
        (idx.rank == 4 && idx.shape[3] != 3 && idx.shape[3] != 1))
        return spae_fail(err, SPAE_ERR_FORMAT,
                         "%s: expected pictures, (n,h,w) or (n,h,w,3), found rank %u", path,
                         idx.rank);
    if (idx.shape[0] == 0 || idx.shape[1] == 0 || idx.shape[2] == 0)
        return spae_fail(err, SPAE_ERR_FORMAT, "%s: there are no pictures in it", path);
    dataset->count = idx.shape[0];
    dataset->frames = 1;
    dataset->height = idx.shape[1];
    dataset->width = idx.shape[2];
    dataset->channels = idx.shape[3];
    dataset->pictures = idx.items;
    return SPAE_OK;
}

static spae_status read_labels(spae_arena *arena, const char *path, spae_dataset *dataset,
                               spae_error *err)
{
    spae_idx idx;
    const spae_status status = spae_idx_read_file(arena, path, NULL, &idx, err);
    if (status != SPAE_OK)
        return status;
    if (idx.rank != 1 || idx.shape[0] != dataset->count)
        return spae_fail(err, SPAE_ERR_FORMAT,
                         "%s: expected one label for each of %zu pictures, found %zu, rank %u",
                         path, dataset->count, idx.shape[0], idx.rank);
    int32_t *labels = spae_arena_take(arena, dataset->count, sizeof *labels);
    if (labels == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for %zu labels", path,
                         dataset->count);
    for (size_t i = 0; i < dataset->count; i++)
        labels[i] = idx.items[i];
    dataset->labels = labels;
    return SPAE_OK;
}

bool spae_dataset_is_idx_folder(const char *path, spae_dataset_part part)
{
    char pictures[SPAE_DATASET_PATH_ROOM];
    return find_in_folder(path, part_names[part], "images-idx3-ubyte", pictures);
}

spae_status spae_dataset_idx(spae_arena *arena, const char *path, spae_dataset_part part,
                             spae_dataset *dataset, spae_error *err)
{
    char pictures[SPAE_DATASET_PATH_ROOM], labels[SPAE_DATASET_PATH_ROOM];
    const bool folder = find_in_folder(path, part_names[part], "images-idx3-ubyte", pictures);
    const bool labelled = folder
                              ? find_in_folder(path, part_names[part], "labels-idx1-ubyte", labels)
                              : find_labels_of(path, labels);
    const spae_status status = read_pictures(arena, folder ? pictures : path, dataset, err);
    return status == SPAE_OK && labelled ? read_labels(arena, labels, dataset, err) : status;
}
