/* mkdir, stat and readdir of POSIX, which MinGW and WASI have too; nothing elsewhere. */
#if defined(__unix__) || defined(__APPLE__) || defined(__MINGW32__) || defined(__wasi__)
#define _POSIX_C_SOURCE 200112L
#define SPAE_POSIX      1
#else
#define SPAE_POSIX 0
#endif

#include "io/directory.h"

#include <string.h>

#if SPAE_POSIX

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#if defined(__MINGW32__)
#define MAKE(path, mode) mkdir(path) /* Windows knows no permissions here */
#else
#define MAKE(path, mode) mkdir(path, mode)
#endif

spae_status spae_directory_make(const char *path, spae_error *err)
{
    struct stat there;
    if (MAKE(path, 0777) == 0)
        return SPAE_OK;
    const int reason = errno;
    if (stat(path, &there) == 0 && S_ISDIR(there.st_mode))
        return SPAE_OK;
    return spae_fail(err, SPAE_ERR_IO, "%s: expected to make a directory: %s", path, strerror(reason));
}

spae_status spae_directory_make_new(const char *path, bool *made, spae_error *err)
{
    const int result = MAKE(path, 0700), reason = errno;
    if (result != 0 && reason != EEXIST)
        return spae_fail(err, SPAE_ERR_IO, "%s: expected to make a directory: %s", path, strerror(reason));
    *made = result == 0;
    return SPAE_OK;
}

void spae_directory_remove(const char *path)
{
    (void)rmdir(path);
}

bool spae_directory_is(const char *path)
{
    struct stat there;
    return stat(path, &there) == 0 && S_ISDIR(there.st_mode);
}

/* ---- listing ---------------------------------------------------------------------------------------- */

enum { NAMES_MOST = 1 << 20 };

/* A name found: a chain in the arena until all are known. */
typedef struct found {
    struct found *before;
    char path[]; /* PATH/NAME */
} found;

static found *keep_name(spae_arena *arena, const char *path, const char *name)
{
    const size_t n = strlen(path), m = strlen(name);
    found *kept = spae_arena_take(arena, sizeof *kept + n + m + 2, 1);
    if (kept == NULL)
        return NULL;
    memcpy(kept->path, path, n);
    kept->path[n] = '/';
    memcpy(kept->path + n + 1, name, m + 1);
    return kept;
}

static spae_status read_names(DIR *open, const char *path, spae_arena *arena, found **last, size_t *count,
                              spae_error *err)
{
    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(open);
        if (entry == NULL && errno != 0)
            return spae_fail(err, SPAE_ERR_IO, "%s: cannot be listed: %s", path, strerror(errno));
        if (entry == NULL)
            return SPAE_OK;
        if (entry->d_name[0] == '.')
            continue;
        if (*count == NAMES_MOST)
            return spae_fail(err, SPAE_ERR_FORMAT, "%s: more than %d files in it", path, (int)NAMES_MOST);
        found *kept = keep_name(arena, path, entry->d_name);
        if (kept == NULL)
            return spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for the names in it", path);
        kept->before = *last;
        *last = kept;
        ++*count;
    }
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

spae_status spae_directory_list(const char *path, spae_arena *arena, const char *const **paths, size_t *count,
                                spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    found *last = NULL;
    size_t n = 0;
    const char **sorted = NULL;
    DIR *open = opendir(path);
    if (open == NULL)
        return spae_fail(err, SPAE_ERR_IO, "%s: cannot be listed: %s", path, strerror(errno));
    spae_status status = read_names(open, path, arena, &last, &n, err);
    closedir(open);
    if (status == SPAE_OK && (sorted = spae_arena_take(arena, n, sizeof *sorted)) == NULL)
        status = spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for the %zu names in it", path, n);
    if (status != SPAE_OK) {
        spae_arena_reset(arena, mark);
        return status;
    }
    *count = n;
    for (; last != NULL; last = last->before)
        sorted[--n] = last->path;
    qsort(sorted, *count, sizeof *sorted, compare_names);
    *paths = sorted;
    return SPAE_OK;
}

#else

spae_status spae_directory_make_new(const char *path, bool *made, spae_error *err)
{
    (void)made;
    return spae_fail(err, SPAE_ERR_IO, "%s: a folder cannot be made on this platform", path);
}

void spae_directory_remove(const char *path)
{
    (void)path;
}

bool spae_directory_is(const char *path)
{
    (void)path;
    return false;
}

spae_status spae_directory_list(const char *path, spae_arena *arena, const char *const **paths, size_t *count,
                                spae_error *err)
{
    (void)arena;
    (void)paths;
    (void)count;
    return spae_fail(err, SPAE_ERR_IO, "%s: a folder cannot be listed on this platform", path);
}

spae_status spae_directory_make(const char *path, spae_error *err)
{
    (void)path;
    (void)err;
    return SPAE_OK;
}

#endif

char *spae_directory_join(const char *folder, const char *name, spae_arena *arena)
{
    char *path = spae_arena_take(arena, strlen(folder) + strlen(name) + 2, 1);
    return path != NULL ? strcat(strcat(strcpy(path, folder), "/"), name) : NULL;
}
