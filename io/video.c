/* Videos: telling formats apart, numbered pictures, writing. */
#include "io/video.h"

#include <stdio.h>
#include <string.h>

#include "io/directory.h"
#include "io/y4m.h"

enum { PATH_ROOM = 1024 };

/* The part of a video that is wanted. */
typedef struct {
    size_t from, most;
    size_t all; /* frames that there are */
} span;

/* How many frames that is. */
static spae_status clip_span(const char *name, const span *s, size_t *count, spae_error *err)
{
    if (s->from >= s->all)
        return spae_fail(err, SPAE_ERR_SHAPE, "%s: there is no frame %zu, it has %zu", name,
                         s->from + 1, s->all);
    *count = s->all - s->from < s->most ? s->all - s->from : s->most;
    return SPAE_OK;
}

static spae_status take_frames(spae_arena *arena, const char *name, const spae_limits *limits,
                               size_t frames, size_t height, size_t width, spae_video *video,
                               spae_error *err)
{
    spae_image one;
    const spae_arena_mark mark = spae_arena_here(arena);
    const spae_status status = spae_image_take(arena, name, limits, height, width, 3, &one, err);
    if (status != SPAE_OK)
        return status;
    spae_arena_reset(arena, mark); /* one frame fits the limits and a size_t; now all of them */
    *video = (spae_video){frames, height, width, NULL};
    if (frames <= SIZE_MAX / (height * width))
        video->pixels =
            spae_arena_take(arena, frames * (height * width), 3 * sizeof *video->pixels);
    return video->pixels != NULL
               ? SPAE_OK
               : spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for %zu frames of %zu x %zu",
                           name, frames, height, width);
}

/* ---- Y4M ------------------------------------------------------------------------------------ */

static spae_status read_y4m(spae_arena *arena, const spae_source *source, const spae_limits *limits,
                            span *s, spae_video *video, spae_error *err)
{
    spae_y4m y4m;
    size_t count = 0;
    spae_status status = spae_y4m_open(source, limits, &y4m, err);
    if (status != SPAE_OK)
        return status;
    s->all = y4m.frames;
    status = clip_span(source->name, s, &count, err);
    if (status == SPAE_OK)
        status = take_frames(arena, source->name, limits, count, y4m.height, y4m.width, video, err);
    return status == SPAE_OK ? spae_y4m_read(arena, &y4m, s->from, count, video->pixels, err)
                             : status;
}

/* ---- NPY ------------------------------------------------------------------------------------ */

static spae_status read_npy(spae_arena *arena, const spae_source *source, const spae_limits *limits,
                            span *s, spae_video *video, spae_error *err)
{
    spae_npy_header h;
    size_t count = 0;
    spae_status status = spae_npy_read_header(source, 0, source->size, &h, err);
    if (status != SPAE_OK)
        return status;
    const bool typed = (h.kind == SPAE_NPY_UINT && h.item_bytes == 1) || h.kind == SPAE_NPY_FLOAT;
    if (!typed || h.rank != 4 || h.shape[3] != 3 || h.count == 0 || h.fortran)
        return spae_fail(err, SPAE_ERR_FORMAT,
                         "%s: a video is (T,H,W,3) of u1 or floats in C order, this array is not",
                         source->name);
    s->all = h.shape[0];
    status = clip_span(source->name, s, &count, err);
    if (status == SPAE_OK)
        status =
            take_frames(arena, source->name, limits, count, h.shape[1], h.shape[2], video, err);
    if (status != SPAE_OK)
        return status;
    const spae_npy_header wanted = spae_npy_cut(&h, s->from, count); /* in C order they lie together */
    return spae_image_samples(source, &wanted, video->pixels, err);
}

/* ---- numbered pictures ---------------------------------------------------------------------- */

/* "NAME-0007.png" as "NAME-", 7 in 4 digits, ".png"; false when there is no number. */
typedef struct {
    const char *path;
    size_t head, digits; /* characters before the number, and of it */
    unsigned long number;
} numbered;

static bool split_name(const char *path, numbered *n)
{
    const char *dot = strrchr(path, '.'), *slash = strrchr(path, '/');
    const char *end = dot != NULL && (slash == NULL || dot > slash) ? dot : path + strlen(path);
    const char *start = slash != NULL ? slash + 1 : path;
    while (end > start && !(end[-1] >= '0' && end[-1] <= '9'))
        end--;
    const char *at = end;
    while (at > start && at[-1] >= '0' && at[-1] <= '9')
        at--;
    if (end == at || end - at > 9)
        return false;
    *n = (numbered){path, (size_t)(at - path), (size_t)(end - at), 0};
    for (; at < end; at++)
        n->number = 10 * n->number + (unsigned long)(*at - '0');
    return true;
}

/* The name of picture `index` of the series; false when it is too long. */
static bool name_of(const numbered *n, size_t index, char path[PATH_ROOM])
{
    const int length =
        snprintf(path, PATH_ROOM, "%.*s%0*lu%s", (int)n->head, n->path, (int)n->digits,
                 n->number + (unsigned long)index, n->path + n->head + n->digits);
    return length > 0 && length < PATH_ROOM;
}

/* The pictures that are there, from the named one on.
 *   out  paths  (count) in the arena */
static spae_status list_series(spae_arena *arena, const char *path, const char *const **paths,
                               size_t *count, spae_error *err)
{
    numbered n;
    char name[PATH_ROOM];
    size_t found = 0;
    if (!split_name(path, &n))
        return spae_fail(err, SPAE_ERR_FORMAT,
                         "%s: one picture is no video: its name has no number to go on from", path);
    while (found < SPAE_VIDEO_FRAMES_MOST && name_of(&n, found, name) && spae_file_exists(name))
        found++;
    const char **list = spae_arena_take(arena, found, sizeof *list);
    const size_t room =
        strlen(path) + 2; /* the number gains at most one digit: it is below 10^9 + 2^20 */
    char *texts = spae_arena_take(arena, found, room);
    if (list == NULL || texts == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for the names of %zu pictures",
                         path, found);
    for (size_t t = 0; t < found; t++) {
        name_of(&n, t, name);
        list[t] = strcpy(texts + t * room, name);
    }
    *paths = list;
    *count = found;
    return SPAE_OK;
}

static spae_status measure_picture(spae_arena *arena, const char *path, const spae_limits *limits,
                                   size_t size[2], spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    spae_image image;
    const spae_status status = spae_image_read(arena, path, limits, &image, err);
    if (status != SPAE_OK)
        return status;
    size[0] = image.height;
    size[1] = image.width;
    spae_arena_reset(arena, mark);
    return SPAE_OK;
}

/* Puts a picture at frame t. */
static spae_status put_picture(spae_arena *arena, const char *path, const spae_limits *limits,
                               size_t t, spae_video *video, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    const size_t samples = video->height * video->width * 3;
    spae_image read, image;
    spae_status status = spae_image_read(arena, path, limits, &read, err);
    if (status == SPAE_OK)
        status = spae_image_convert(arena, &read, 3, &image, err);
    if (status == SPAE_OK && (image.height != video->height || image.width != video->width))
        status = spae_fail(err, SPAE_ERR_SHAPE,
                           "%s: the picture is %zux%zu, the first of the video is %zux%zu", path,
                           image.width, image.height, video->width, video->height);
    if (status == SPAE_OK)
        memcpy(video->pixels + t * samples, image.pixels, samples * sizeof *image.pixels);
    spae_arena_reset(arena, mark);
    return status;
}

static spae_status read_pictures(spae_arena *arena, const char *name, const char *const *paths,
                                 const spae_limits *limits, span *s, spae_video *video,
                                 spae_error *err)
{
    size_t count = 0, size[2] = {0, 0};
    spae_status status = clip_span(name, s, &count, err);
    if (status == SPAE_OK)
        status = measure_picture(arena, paths[s->from], limits, size, err);
    if (status == SPAE_OK)
        status = take_frames(arena, name, limits, count, size[0], size[1], video, err);
    for (size_t t = 0; status == SPAE_OK && t < count; t++)
        status = put_picture(arena, paths[s->from + t], limits, t, video, err);
    return status;
}

/* ---- any of them ---------------------------------------------------------------------------- */

static spae_status read_folder(spae_arena *arena, const char *path, const spae_limits *limits,
                               span *s, spae_video *video, spae_error *err)
{
    const char *const *paths = NULL;
    const spae_status status = spae_directory_list(path, arena, &paths, &s->all, err);
    return status == SPAE_OK ? read_pictures(arena, path, paths, limits, s, video, err) : status;
}

static spae_status read_file(spae_arena *arena, const char *path, const spae_limits *limits,
                             span *s, spae_video *video, spae_error *err)
{
    uint8_t magic[9] = {0};
    const char *const *paths = NULL;
    spae_source source;
    spae_status status = spae_source_open(arena, path, limits, &source, err);
    if (status != SPAE_OK)
        return status;
    status = spae_source_read(&source, 0, magic,
                              source.size < sizeof magic ? (size_t)source.size : sizeof magic, err);
    const bool y4m = memcmp(magic, "YUV4MPEG2", 9) == 0, npy = memcmp(magic, "\x93NUMPY", 6) == 0;
    if (status == SPAE_OK && y4m)
        status = read_y4m(arena, &source, limits, s, video, err);
    if (status == SPAE_OK && npy)
        status = read_npy(arena, &source, limits, s, video, err);
    spae_source_close(&source);
    if (status != SPAE_OK || y4m || npy)
        return status;
    status = list_series(arena, path, &paths, &s->all, err);
    return status == SPAE_OK ? read_pictures(arena, path, paths, limits, s, video, err) : status;
}

/* The names of pictures lie below the video, and stay as long as it does. */
spae_status spae_video_read(spae_arena *arena, const char *path, const spae_limits *limits,
                            size_t from, size_t most, spae_video *video, size_t *frames,
                            spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    spae_video read;
    span s = {from, most, 0};
    const spae_status status = spae_directory_is(path)
                                   ? read_folder(arena, path, limits, &s, &read, err)
                                   : read_file(arena, path, limits, &s, &read, err);
    if (status != SPAE_OK) {
        spae_arena_reset(arena, mark);
        return status;
    }
    *video = read;
    if (frames != NULL)
        *frames = s.all;
    return SPAE_OK;
}

/* ---- writing -------------------------------------------------------------------------------- */

bool spae_video_is_name(const char *path)
{
    return spae_file_ends(path, ".y4m") || spae_file_ends(path, ".npy") ||
           spae_file_ends(path, "/");
}

spae_image spae_video_frame(const spae_video *video, size_t t)
{
    return (spae_image){video->height, video->width, 3,
                        video->pixels + t * video->height * video->width * 3};
}

typedef struct {
    spae_arena *scratch;
    const spae_video *video;
} writing;

static spae_status fill_y4m(spae_sink *sink, void *context, spae_error *err)
{
    const writing *w = context;
    return spae_y4m_write(w->scratch, sink, w->video->pixels, w->video->frames, w->video->height,
                          w->video->width, err);
}

/* The samples clamped, a copy. */
static spae_status fill_npy(spae_sink *sink, void *context, spae_error *err)
{
    const writing *w = context;
    const spae_video *v = w->video;
    const size_t count = v->frames * v->height * v->width * 3;
    float *clamped = spae_arena_take(w->scratch, count, sizeof *clamped);
    if (clamped == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for %zu samples", sink->name,
                         count);
    for (size_t i = 0; i < count; i++) {
        const float x = v->pixels[i];
        if (x != x)
            return spae_fail(err, SPAE_ERR_NOT_FINITE, "%s: sample %zu is NaN", sink->name, i);
        clamped[i] = x < 0.0f ? 0.0f : x > 1.0f ? 1.0f : x;
    }
    const spae_npy_array array = {SPAE_NPY_F4, 4, {v->frames, v->height, v->width, 3}, clamped};
    return spae_npy_write(sink, &array, err);
}

static spae_status write_folder(spae_arena *scratch, const char *path, const spae_video *video,
                                spae_error *err)
{
    char name[PATH_ROOM];
    const int length = (int)strlen(path) - 1;
    snprintf(name, sizeof name, "%.*s", length, path);
    spae_status status = spae_directory_make(length > 0 ? name : "/", err);
    for (size_t t = 0; status == SPAE_OK && t < video->frames; t++) {
        const spae_image frame = spae_video_frame(video, t);
        snprintf(name, sizeof name, "%s%04zu.png", path, t + 1);
        status = spae_image_write(scratch, name, &frame, err);
    }
    return status;
}

spae_status spae_video_write(spae_arena *scratch, const char *path, const spae_video *video,
                             spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(scratch);
    writing w = {scratch, video};
    spae_status status = SPAE_ERR_ARGUMENT;
    if (!spae_video_is_name(path) || strlen(path) > PATH_ROOM - 32)
        spae_fail(err, status,
                  "%s: the name of a video ends in .y4m, .npy or / and has up to %d bytes", path,
                  (int)PATH_ROOM - 32);
    else if (spae_file_ends(path, "/"))
        status = write_folder(scratch, path, video, err);
    else
        status = spae_file_replace(scratch, path,
                                   spae_file_ends(path, ".y4m") ? fill_y4m : fill_npy, &w, err);
    spae_arena_reset(scratch, mark);
    return status;
}
