/* Directories, of which C99 knows nothing: making one, and what is in one. */
#ifndef SPAE_IO_DIRECTORY_H
#define SPAE_IO_DIRECTORY_H

#include <stdbool.h>
#include <stddef.h>

#include "nn/arena.h"
#include "vendor_free/status.h"

/* Makes the directory `path` unless it is there; its parent must be. Where there is no POSIX, does
 * nothing: the directory must be there, or writing into it fails.
 *   err  SPAE_ERR_IO  it cannot be made, or `path` is something else */
spae_status spae_directory_make(const char *path, spae_error *err);

/* Makes a directory that was not there, for the user alone; two programs that try at once do not both succeed.
 *   out  made  false: there is something of this name already
 *   err  SPAE_ERR_IO  it cannot be made, or there is no POSIX */
spae_status spae_directory_make_new(const char *path, bool *made, spae_error *err);

/* Removes the directory, if it is empty. */
void spae_directory_remove(const char *path);

/* Is `path` a directory? False where there is no POSIX. */
bool spae_directory_is(const char *path);

/* What is in the directory but for names that begin with a dot, in the order of strcmp.
 *   out  paths  (count) each "PATH/NAME", in the arena
 *   err  SPAE_ERR_IO      it cannot be read, or there is no POSIX
 *        SPAE_ERR_FORMAT  more than 2^20 names
 *        SPAE_ERR_NO_MEMORY */
spae_status spae_directory_list(const char *path, spae_arena *arena, const char *const **paths, size_t *count,
                                spae_error *err);

/* "FOLDER/NAME" in the arena; NULL: no memory. */
char *spae_directory_join(const char *folder, const char *name, spae_arena *arena);

#endif
