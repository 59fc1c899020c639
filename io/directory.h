/* Making a directory, which C99 cannot. */
#ifndef SPAE_IO_DIRECTORY_H
#define SPAE_IO_DIRECTORY_H

#include "vendor_free/status.h"

/* Makes the directory `path` unless it is there; its parent must be. Where there is no POSIX, does nothing: the
 * directory must be there, or writing into it fails.
 *   err  SPAE_ERR_IO  it cannot be made, or `path` is something else */
spae_status spae_directory_make(const char *path, spae_error *err);

#endif
