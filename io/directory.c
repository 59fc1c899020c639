/* mkdir of POSIX; nothing elsewhere. */
#if defined(__unix__) || defined(__APPLE__)
#define _POSIX_C_SOURCE 200112L
#define SPAE_POSIX      1
#else
#define SPAE_POSIX 0
#endif

#include "io/directory.h"

#if SPAE_POSIX

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>

spae_status spae_directory_make(const char *path, spae_error *err)
{
    struct stat there;
    if (mkdir(path, 0777) == 0)
        return SPAE_OK;
    const int reason = errno;
    if (stat(path, &there) == 0 && S_ISDIR(there.st_mode))
        return SPAE_OK;
    return spae_fail(err, SPAE_ERR_IO, "%s: expected to make a directory: %s", path, strerror(reason));
}

#else

spae_status spae_directory_make(const char *path, spae_error *err)
{
    (void)path;
    (void)err;
    return SPAE_OK;
}

#endif
