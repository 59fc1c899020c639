/* The files of rebuilt_files.h. */
#include "io/rebuilt_files.h"

#include <stdio.h>
#include <string.h>

#include "io/directory.h"
#include "io/image.h"
#include "io/npy.h"
#include "io/video.h"

enum { NAME = 64 };

static void name_set(char name[NAME], size_t layers)
{
    if (layers == 0)
        strcpy(name, "real");
    else
        snprintf(name, NAME, "layer%zu", layers);
}

static spae_status no_memory(const spae_rebuilt_files *f, spae_error *err)
{
    return spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for a name", f->folder);
}

spae_status spae_rebuilt_files_open(const spae_rebuilt_files *f, size_t layers, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(f->arena);
    spae_status status = spae_directory_make(f->folder, err);
    for (size_t l = 0; status == SPAE_OK && l <= layers; l++) {
        char name[NAME];
        name_set(name, l);
        const char *path = spae_directory_join(f->folder, name, f->arena);
        status = path != NULL ? spae_directory_make(path, err) : no_memory(f, err);
    }
    spae_arena_reset(f->arena, mark);
    return status;
}

/* The samples as binary32, whatever this build computes in. */
static float *narrow(const spae_real *samples, size_t count, spae_arena *arena)
{
    float *out = spae_arena_take(arena, count, sizeof *out);
    for (size_t i = 0; out != NULL && i < count; i++)
        out[i] = (float)samples[i];
    return out;
}

static spae_status write_npy(const spae_rebuilt_files *f, const char *path, const float *pixels, spae_error *err)
{
    const size_t *s = f->picture;
    const spae_npy_array clip = {SPAE_NPY_F4, 4, {s[0], s[1], s[2], 3}, pixels};
    const spae_npy_array still = {SPAE_NPY_F4, 3, {s[1], s[2], 3}, pixels};
    return spae_npy_write_file(f->arena, path, s[0] > 1 ? &clip : &still, err);
}

static spae_status write_png(const spae_rebuilt_files *f, const char *path, float *pixels, spae_error *err)
{
    const size_t *s = f->picture;
    const spae_video video = {s[0], s[1], s[2], pixels};
    const spae_image still = spae_video_frame(&video, 0);
    return s[0] > 1 ? spae_video_write(f->arena, path, &video, err) : spae_image_write(f->arena, path, &still, err);
}

spae_status spae_rebuilt_files_write(const spae_rebuilt_files *f, size_t index, size_t layers, const spae_real *samples,
                                     spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(f->arena);
    char set[NAME], name[2 * NAME];
    name_set(set, layers);
    snprintf(name, sizeof name, "%s/%06zu%s", set, index + 1, f->npy ? ".npy" : f->picture[0] > 1 ? "/" : ".png");
    const char *path = spae_directory_join(f->folder, name, f->arena);
    float *pixels = narrow(samples, f->picture[0] * f->picture[1] * f->picture[2] * 3, f->arena);
    spae_status status;
    if (path == NULL || pixels == NULL)
        status = no_memory(f, err);
    else
        status = f->npy ? write_npy(f, path, pixels, err) : write_png(f, path, pixels, err);
    spae_arena_reset(f->arena, mark);
    return status;
}
