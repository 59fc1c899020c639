/* What spae.h offers on a system with files: an arena over malloc, pictures by their names.
 *
 * Samples are binary32 in files and in spae_image; the ORACLE build widens and narrows them here.
 */
#if defined(__linux__)
#define _DEFAULT_SOURCE /* for madvise, which is not in C99, nor is posix_memalign */
#include <sys/mman.h>
#endif
#include <stdlib.h>

#include "io/image.h"
#include "spae.h"

/* ---- memory ----------------------------------------------------------------------------------------- */

/* Blocks are of whole pages of 2 MiB, and Linux is told so: it then gives memory 512 small pages at a time, in a tenth of
 * the time, and finds it sooner again. And they are large: what is asked for costs nothing before it is written to, and
 * pieces that lie in one block leave fewer pages half used. */
enum { LARGE_PAGE = 1 << 21, GRAIN = 1 << 24 };

static void *allocate(void *context, size_t bytes)
{
    (void)context;
#if defined(MADV_HUGEPAGE)
    void *block;
    if (posix_memalign(&block, LARGE_PAGE, bytes) != 0)
        return NULL;
    (void)madvise(block, bytes, MADV_HUGEPAGE); /* where it is refused, small pages do */
    return block;
#else
    return malloc(bytes);
#endif
}

static void release(void *context, void *block)
{
    (void)context;
    free(block);
}

void spae_arena_hosted(spae_arena *arena)
{
    spae_arena_growing(arena, (spae_allocator){allocate, release, NULL});
    arena->grain = GRAIN;
}

/* ---- pictures --------------------------------------------------------------------------------------- */

/* Grey is repeated over three channels: the same picture as spae_image_convert gives. */
static void spread(const spae_image *image, spae_real *picture)
{
    const size_t pixels = image->height * image->width;
    for (size_t i = 0; i < pixels; i++)
        for (size_t channel = 0; channel < 3; channel++)
            picture[i * 3 + channel] =
                (spae_real)image->pixels[i * image->channels + (image->channels == 3 ? channel : 0)];
}

/* The picture is taken after the file's samples, so the samples stay below it in the arena. */
static spae_status load(const char *path, spae_arena *arena, spae_real **picture, size_t *height,
                        size_t *width, spae_error *err)
{
    spae_image image;
    const spae_status status = spae_image_read(arena, path, NULL, &image, err);
    if (status != SPAE_OK)
        return status;
    spae_real *pixels = NULL;
    if (image.height <= SIZE_MAX / 3 / image.width)
        pixels = spae_arena_take(arena, image.height * image.width * 3, sizeof *pixels);
    if (pixels == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for %zu by %zu pixels", path, image.width,
                         image.height);
    spread(&image, pixels);
    *picture = pixels;
    *height = image.height;
    *width = image.width;
    return SPAE_OK;
}

spae_status spae_picture_load(const char *path, spae_arena *arena, spae_real **picture, size_t *height,
                              size_t *width, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    const spae_status status = load(path, arena, picture, height, width, err);
    if (status != SPAE_OK)
        spae_arena_reset(arena, mark);
    return status;
}

spae_status spae_picture_save(const char *path, const spae_real *picture, size_t height, size_t width,
                              spae_arena *arena, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    spae_image image;
    spae_status status = spae_image_take(arena, path, NULL, height, width, 3, &image, err);
    if (status == SPAE_OK) {
        for (size_t i = 0; i < height * width * 3; i++)
            image.pixels[i] = picture[i] < 0 ? 0.0f : picture[i] > 1 ? 1.0f : (float)picture[i];
        status = spae_image_write(arena, path, &image, err);
    }
    spae_arena_reset(arena, mark);
    return status;
}
