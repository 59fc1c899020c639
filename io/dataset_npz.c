/* Archives of pictures or videos, dataset.h. */
#include <stdio.h>
#include <string.h>

#include "io/dataset_kinds.h"
#include "io/npz.h"

/* Adds "images 64x64" to what messages say was found. */
static void add_found(char *found, size_t room, const char *name, const size_t size[3])
{
    const size_t n = strlen(found);
    snprintf(found + n, room - n, "%s%s %zux%zu", n > 0 ? ", " : "", name, size[0], size[1]);
}

/* The first array of pictures of the model's size. Others are given back, an inflated one at once.
 */
static spae_status find_array(spae_arena *arena, const spae_npz *npz, const size_t picture[3],
                              spae_dataset *dataset, size_t *clips, spae_error *err)
{
    char found[128] = "";
    for (size_t i = 0; i < npz->count; i++) {
        const spae_arena_mark mark = spae_arena_here(arena);
        const char *name = npz->members[i].name;
        spae_npz_array array;
        size_t size[3];
        const spae_status status = spae_npz_array_open(arena, npz, name, &array, err);
        if (status != SPAE_OK)
            return status;
        const bool pictures = spae_dataset_array_fits(&array.header, picture[0]);
        if (pictures) {
            spae_dataset_array_size(&array.header, size);
            if (size[0] == picture[1] && size[1] == picture[2])
                return spae_dataset_array(arena, &array.source, &array.header, picture[0], dataset,
                                          clips, err);
            add_found(found, sizeof found, name, size);
        }
        spae_arena_reset(arena, mark);
    }
    return spae_fail(err, found[0] != '\0' ? SPAE_ERR_SHAPE : SPAE_ERR_FORMAT,
                     "%s: the model takes %s of %zux%zu, found %s", npz->source->name,
                     picture[0] == 1 ? "pictures" : "videos", picture[1], picture[2],
                     found[0] != '\0' ? found : "no array of them at all");
}

spae_status spae_dataset_npz(spae_arena *arena, const char *path, const size_t picture[3],
                             spae_dataset *dataset, size_t *clips, spae_error *err)
{
    spae_source source;
    spae_npz npz;
    spae_status status = spae_source_open(arena, path, NULL, &source, err);
    if (status != SPAE_OK)
        return status;
    status = spae_npz_open(arena, &source, NULL, &npz, err);
    if (status == SPAE_OK)
        status = find_array(arena, &npz, picture, dataset, clips, err);
    spae_source_close(&source);
    return status == SPAE_OK ? spae_dataset_table(arena, path, *clips, dataset, err) : status;
}
