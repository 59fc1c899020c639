/* Folders of pictures or videos, whose sub-folders name words, dataset.h. */
#include <string.h>

#include "io/dataset_kinds.h"
#include "io/directory.h"
#include "io/video.h"

/* A picture or video to be read. */
typedef struct {
    const char *path;
    int32_t label; /* -1: it does not lie in a sub-folder that names words */
} item;

typedef struct {
    spae_arena *arena;
    const char *path;   /* of the whole */
    const size_t *size; /* (T,H,W) of the model */
    item *items;
    size_t count, room;
    const char **folder; /* (labels) the sub-folders that name words */
    size_t labels, label_room;
} tree;

static bool is_video_name(const char *path)
{
    return spae_file_ends(path, ".y4m") || spae_file_ends(path, ".npy");
}

/* ---- what is there --------------------------------------------------------------------------- */

/* Grows an array of the tree by doubling; the older one stays in the arena. */
static void *grow(spae_arena *arena, const void *old, size_t count, size_t *room, size_t bytes)
{
    const size_t more = *room > 0 ? 2 * *room : 64;
    void *grown = spae_arena_take(arena, more, bytes);
    if (grown == NULL)
        return NULL;
    if (count > 0)
        memcpy(grown, old, count * bytes);
    *room = more;
    return grown;
}

static spae_status add_item(tree *t, const char *path, int32_t label, spae_error *err)
{
    if (t->count == t->room) {
        item *grown = grow(t->arena, t->items, t->count, &t->room, sizeof *grown);
        if (grown == NULL)
            return spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for %zu names", t->path,
                             t->count);
        t->items = grown;
    }
    t->items[t->count++] = (item){path, label};
    return SPAE_OK;
}

static spae_status add_label(tree *t, const char *folder, int32_t *label, spae_error *err)
{
    if (t->labels == t->label_room) {
        const char **grown =
            grow(t->arena, t->folder, t->labels, &t->label_room, sizeof *t->folder);
        if (grown == NULL)
            return spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for %zu names", t->path,
                             t->labels);
        t->folder = grown;
    }
    if (t->labels == INT32_MAX)
        return spae_fail(err, SPAE_ERR_FORMAT, "%s: too many folders", t->path);
    *label = (int32_t)t->labels;
    t->folder[t->labels++] = folder;
    return SPAE_OK;
}

/* Does a folder hold videos, rather than the pictures of one? */
static bool holds_videos(const char *const *paths, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (is_video_name(paths[i]) || spae_directory_is(paths[i]))
            return true;
    return false;
}

/* A file in a folder of items. */
static spae_status add_file(tree *t, const char *path, int32_t label, spae_error *err)
{
    if (t->size[0] > 1 && !is_video_name(path))
        return spae_fail(err, SPAE_ERR_FORMAT,
                         "%s: expected a video: .y4m, .npy, or a folder of pictures", path);
    return add_item(t, path, label, err);
}

/* A folder beneath the data set's, and all in it: one video, or a label, which is that of the items in it but not in
 * folders of its own. Links may make folders without end: depth is bounded (SPEC 8.21). */
static spae_status add_folder(tree *t, const char *path, int32_t outer, unsigned depth, spae_error *err)
{
    const char *const *paths = NULL;
    size_t count = 0;
    int32_t label = -1;
    if (depth > SPAE_DATASET_MOST_DEPTH)
        return spae_fail(err, SPAE_ERR_FORMAT, "%s: is more than %u folders deep", path,
                         (unsigned)SPAE_DATASET_MOST_DEPTH);
    spae_status status = spae_directory_list(path, t->arena, &paths, &count, err);
    if (status == SPAE_OK && t->size[0] > 1 && !holds_videos(paths, count))
        return add_item(t, path, outer, err);
    if (status == SPAE_OK)
        status = add_label(t, path, &label, err);
    for (size_t i = 0; status == SPAE_OK && i < count; i++)
        status = spae_directory_is(paths[i]) ? add_folder(t, paths[i], label, depth + 1, err)
                                             : add_file(t, paths[i], label, err);
    return status;
}

static spae_status list_tree(tree *t, spae_error *err)
{
    const char *const *paths = NULL;
    size_t count = 0;
    if (!spae_directory_is(t->path))
        return add_item(t, t->path, -1, err);
    spae_status status = spae_directory_list(t->path, t->arena, &paths, &count, err);
    if (status == SPAE_OK && t->size[0] > 1 && count > 0 && !holds_videos(paths, count))
        return add_item(t, t->path, -1, err);
    for (size_t i = 0; status == SPAE_OK && i < count; i++)
        status = spae_directory_is(paths[i]) ? add_folder(t, paths[i], -1, 1, err)
                                             : add_file(t, paths[i], -1, err);
    if (status == SPAE_OK && t->count == 0)
        status = spae_fail(err, SPAE_ERR_FORMAT, "%s: there are no %s in it", t->path,
                           t->size[0] > 1 ? "videos" : "pictures");
    for (size_t i = 1; status == SPAE_OK && i < t->count; i++)
        if ((t->items[i].label < 0) != (t->items[0].label < 0))
            status = spae_fail(err, SPAE_ERR_FORMAT,
                               "%s: is not in a folder that names its words, as others are",
                               t->items[i].label < 0 ? t->items[i].path : t->items[0].path);
    return status;
}

/* Leaves the items of one part. */
static spae_status keep_part(tree *t, spae_dataset_part part, spae_error *err)
{
    size_t kept = 0;
    for (size_t i = 0; i < t->count; i++)
        if (spae_dataset_is_test(i) == (part == SPAE_DATASET_TEST))
            t->items[kept++] = t->items[i];
    if (kept == 0)
        return spae_dataset_no_part(t->path, t->count, err);
    t->count = kept;
    return SPAE_OK;
}

/* ---- words ----------------------------------------------------------------------------------- */

static bool separates(char c)
{
    return c == '_' || c == '-' || c == ' ' || c == '/';
}

/* Appends the words of the folders' names on a way, cut in a copy of it. */
static void cut_words(char *name, const char **word, size_t *count)
{
    for (char *at = name; *at != '\0';) {
        while (separates(*at))
            *at++ = '\0';
        if (*at != '\0')
            word[(*count)++] = at;
        while (*at != '\0' && !separates(*at))
            at++;
    }
}

/* From the data set's folder to that of label i: "animals/tabby_cat". */
static const char *way_of(const tree *t, size_t i)
{
    return t->folder[i] + strlen(t->path) + 1;
}

static spae_status name_sources(tree *t, spae_source_words *words, spae_error *err)
{
    size_t letters = 0, count = 0;
    for (size_t i = 0; i < t->labels; i++)
        letters += strlen(way_of(t, i)) + 1;
    size_t *first = spae_arena_take(t->arena, t->labels + 1, sizeof *first);
    const char **word = spae_arena_take(t->arena, letters, sizeof *word);
    char *text = spae_arena_take(t->arena, letters, 1);
    if (first == NULL || word == NULL || text == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for the words of %zu folders",
                         t->path, t->labels);
    for (size_t i = 0; i < t->labels; i++) {
        const char *name = way_of(t, i);
        first[i] = count;
        memcpy(text, name, strlen(name) + 1);
        cut_words(text, word, &count);
        text += strlen(name) + 1;
    }
    first[t->labels] = count;
    *words = (spae_source_words){t->labels, first, word};
    return SPAE_OK;
}

/* ---- pictures -------------------------------------------------------------------------------- */

/* A picture in the model's size, as bytes. */
static spae_status put_image(const tree *t, const char *path, const spae_image *image,
                             uint8_t *bytes, spae_error *err)
{
    spae_image coloured, sized;
    spae_error why;
    spae_status status = spae_image_convert(t->arena, image, 3, &coloured, &why);
    if (status == SPAE_OK)
        status = spae_image_resize(t->arena, &coloured, t->size[1], t->size[2], &sized, &why);
    if (status == SPAE_OK)
        status = spae_image_bytes(&sized, bytes, &why);
    return status == SPAE_OK ? SPAE_OK : spae_fail(err, status, "%s: %s", path, why.text);
}

/* One picture, or clip `clip` of a video. */
static spae_status read_item(const tree *t, const char *path, size_t clip, uint8_t *bytes,
                             spae_error *err)
{
    const size_t T = t->size[0], frame_bytes = t->size[1] * t->size[2] * 3;
    const spae_arena_mark mark = spae_arena_here(t->arena);
    spae_video video = {1, 0, 0, NULL};
    spae_image image = {0, 0, 0, NULL};
    spae_status status = T > 1
                             ? spae_video_read(t->arena, path, NULL, clip * T, T, &video, NULL, err)
                             : spae_image_read(t->arena, path, NULL, &image, err);
    for (size_t f = 0; status == SPAE_OK && f < T; f++) {
        const spae_arena_mark frame = spae_arena_here(t->arena);
        if (T > 1)
            image = spae_video_frame(&video, f);
        status = put_image(t, path, &image, bytes + f * frame_bytes, err);
        spae_arena_reset(t->arena, frame);
    }
    spae_arena_reset(t->arena, mark);
    return status;
}

/* How many clips each item has. */
static spae_status count_clips(const tree *t, size_t *clips, size_t *all, spae_error *err)
{
    *all = 0;
    for (size_t i = 0; i < t->count; i++, *all += clips[i - 1]) {
        const spae_arena_mark mark = spae_arena_here(t->arena);
        spae_video video;
        size_t frames = 1;
        const spae_status status =
            t->size[0] > 1
                ? spae_video_read(t->arena, t->items[i].path, NULL, 0, 1, &video, &frames, err)
                : SPAE_OK;
        if (status != SPAE_OK)
            return status;
        spae_arena_reset(t->arena, mark);
        clips[i] = frames / t->size[0];
        if (clips[i] == 0)
            return spae_fail(err, SPAE_ERR_SHAPE, "%s: has %zu frames, the model takes %zu",
                             t->items[i].path, frames, t->size[0]);
    }
    return SPAE_OK;
}

static spae_status read_items(const tree *t, spae_dataset *dataset, spae_error *err)
{
    size_t all = 0;
    const size_t bytes_each = t->size[0] * t->size[1] * t->size[2] * 3;
    size_t *clips = spae_arena_take(t->arena, t->count, sizeof *clips);
    spae_status status = SPAE_OK;
    if (clips == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for %zu counts", t->path,
                         t->count);
    status = count_clips(t, clips, &all, err);
    if (status != SPAE_OK)
        return status;
    uint8_t *bytes = spae_arena_take(t->arena, all, bytes_each);
    int32_t *labels = spae_arena_take(t->arena, all, sizeof *labels);
    if (bytes == NULL || labels == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for %zu pictures of %zu bytes",
                         t->path, all, bytes_each);
    *dataset = (spae_dataset){.count = all,
                              .frames = t->size[0],
                              .height = t->size[1],
                              .width = t->size[2],
                              .channels = 3,
                              .pictures = bytes,
                              .labels = t->items[0].label >= 0 ? labels : NULL};
    for (size_t i = 0, at = 0; i < t->count; i++)
        for (size_t clip = 0; status == SPAE_OK && clip < clips[i]; clip++, at++) {
            labels[at] = t->items[i].label;
            status = read_item(t, t->items[i].path, clip, bytes + at * bytes_each, err);
        }
    return status;
}

spae_status spae_dataset_folder(spae_arena *arena, const char *path, spae_dataset_part part,
                                const size_t picture[3], spae_dataset *dataset, spae_error *err)
{
    tree t = {.arena = arena, .path = path, .size = picture};
    spae_status status = list_tree(&t, err);
    if (status == SPAE_OK)
        status = keep_part(&t, part, err);
    if (status == SPAE_OK)
        status = read_items(&t, dataset, err);
    return status == SPAE_OK && dataset->labels != NULL ? name_sources(&t, &dataset->words, err)
                                                        : status;
}
