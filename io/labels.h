/* The words of pictures: a table of tab-separated columns in UTF-8, a header, a line a picture.
 *
 *     index   ...   keywords                 columns are found by their names in the header,
 *     0       ...   grinning face smiling    others are left alone
 *
 * `index` counts the pictures from 0 and must be the line's own place; `keywords` are words
 * separated by single spaces, the most specific first, and may be empty. A carriage return before a
 * newline is no part of the line.
 */
#ifndef SPAE_IO_LABELS_H
#define SPAE_IO_LABELS_H

#include "io/sources.h"
#include "nn/arena.h"
#include "vendor_free/status.h"

/* One source for each of `pictures` pictures; the texts in the arena.
 *   err  SPAE_ERR_FORMAT  a column is missing, an index out of order, more or fewer lines than
 *                         pictures (each with the number of the line)
 *        SPAE_ERR_IO  SPAE_ERR_NO_MEMORY
 *        the arena is then as it was */
spae_status spae_labels_read(spae_arena *arena, const char *path, size_t pictures,
                             spae_source_words *words, spae_error *err);

#endif
