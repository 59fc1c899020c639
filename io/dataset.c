/* Reading of labelled pictures, dataset.h. */
#include "io/dataset.h"

#include <stdio.h>
#include <string.h>

#include "io/idx.h"
#include "vendor_free/sha256.h"

const char *const spae_dataset_digits[SPAE_DATASET_DIGITS] = {
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"};

static const char *const part_names[SPAE_DATASET_PARTS] = {"train", "t10k"};

enum { PATH_ROOM = 1024 };

/* FOLDER/PART-WHAT, or the same with .gz, whichever is there; false when neither is. */
static bool find_in_folder(const char *folder, const char *part, const char *what,
                           char path[PATH_ROOM])
{
    const int n = snprintf(path, PATH_ROOM, "%s/%s-%s.gz", folder, part, what);
    if (n < 0 || n >= PATH_ROOM)
        return false;
    if (spae_file_exists(path))
        return true;
    path[n - 3] = '\0';
    return spae_file_exists(path);
}

/* The file of labels that belongs to a file of pictures; false when the name does not say, or it is
 * not there. */
static bool find_labels_of(const char *pictures, char path[PATH_ROOM])
{
    static const char from[] = "images-idx3", to[] = "labels-idx1";
    const size_t n = strlen(pictures);
    if (n >= PATH_ROOM)
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
    dataset->labels = idx.items;
    return SPAE_OK;
}

spae_status spae_dataset_open(spae_arena *arena, const char *path, spae_dataset_part part,
                              spae_dataset *dataset, spae_error *err)
{
    char pictures[PATH_ROOM], labels[PATH_ROOM];
    const spae_arena_mark mark = spae_arena_here(arena);
    spae_dataset d = {.name = path};
    const bool folder = find_in_folder(path, part_names[part], "images-idx3-ubyte", pictures);
    spae_status status = read_pictures(arena, folder ? pictures : path, &d, err);
    if (status == SPAE_ERR_IO && !folder)
        spae_fail(err, status,
                  "%s: expected an IDX file, or a folder with %s-images-idx3-ubyte[.gz] in it",
                  path, part_names[part]);
    const bool labelled = folder
                              ? find_in_folder(path, part_names[part], "labels-idx1-ubyte", labels)
                              : find_labels_of(path, labels);
    if (status == SPAE_OK && labelled)
        status = read_labels(arena, labels, &d, err);
    if (status == SPAE_OK)
        *dataset = d;
    else
        spae_arena_reset(arena, mark);
    return status;
}

spae_status spae_dataset_fits(const spae_dataset *dataset, const spae_config *config,
                              spae_error *err)
{
    const size_t *size = config->picture;
    if (size[0] != 1)
        return spae_fail(err, SPAE_ERR_SHAPE,
                         "%s: still pictures, but the model takes %zu frames of %zux%zu",
                         dataset->name, size[0], size[1], size[2]);
    if (dataset->height > size[1] || dataset->width > size[2])
        return spae_fail(err, SPAE_ERR_SHAPE,
                         "%s: pictures are %zux%zu, the model takes up to %zux%zu", dataset->name,
                         dataset->height, dataset->width, size[1], size[2]);
    return SPAE_OK;
}

void spae_dataset_picture(const spae_dataset *dataset, size_t index, const spae_config *config,
                          spae_real *picture)
{
    const size_t h = dataset->height, w = dataset->width, c = dataset->channels;
    const size_t H = config->picture[1], W = config->picture[2];
    const size_t top = (H - h) / 2, left = (W - w) / 2;
    const uint8_t *bytes = dataset->pictures + index * h * w * c;
    for (size_t i = 0; i < H * W * 3; i++)
        picture[i] = 0;
    for (size_t y = 0; y < h; y++)
        for (size_t x = 0; x < w; x++)
            for (size_t k = 0; k < 3; k++) /* channel k of three, or the only one */
                picture[((top + y) * W + left + x) * 3 + k] =
                    (spae_real)bytes[(y * w + x) * c + k % c] / (spae_real)255;
}

static size_t find_word(const char *word, const char *const *vocabulary, size_t V)
{
    size_t k = 0;
    while (k < V && strcmp(vocabulary[k], word) != 0)
        k++;
    return k;
}

spae_status spae_dataset_tokens(const spae_dataset *dataset, const char *const *words, size_t count,
                                const char *const *vocabulary, size_t V, int32_t *token,
                                spae_error *err)
{
    for (size_t i = 0; dataset->labels != NULL && i < dataset->count; i++)
        if (dataset->labels[i] >= count)
            return spae_fail(err, SPAE_ERR_ARGUMENT,
                             "%s: picture %zu has label %u, there are words for %zu labels",
                             dataset->name, i, (unsigned)dataset->labels[i], count);
    for (size_t i = 0; i < count; i++)
        if (find_word(words[i], vocabulary, V) == V)
            return spae_fail(err, SPAE_ERR_ARGUMENT,
                             "%s: the label word \"%s\" is not in the vocabulary of %zu words",
                             dataset->name, words[i], V);
    for (size_t i = 0; i < count; i++)
        token[i] = (int32_t)find_word(words[i], vocabulary, V);
    return SPAE_OK;
}

void spae_dataset_hash(const spae_dataset *dataset, char text[65])
{
    const size_t sizes[] = {dataset->count, dataset->height, dataset->width, dataset->channels};
    spae_sha256 hash;
    uint8_t digest[32];
    spae_sha256_start(&hash);
    for (size_t i = 0; i < 4; i++) {
        const uint8_t word[4] = {(uint8_t)(sizes[i] >> 24 & 255), (uint8_t)(sizes[i] >> 16 & 255),
                                 (uint8_t)(sizes[i] >> 8 & 255), (uint8_t)(sizes[i] & 255)};
        spae_sha256_add(&hash, word, sizeof word);
    }
    spae_sha256_add(&hash, dataset->pictures, sizes[0] * sizes[1] * sizes[2] * sizes[3]);
    spae_sha256_add(&hash, dataset->labels, dataset->labels != NULL ? dataset->count : 0);
    spae_sha256_finish(&hash, digest);
    spae_sha256_hex(digest, text);
}
