/* Which words a layer uses most, over one or many pictures. */
#ifndef SPAE_IO_HISTOGRAM_H
#define SPAE_IO_HISTOGRAM_H

#include "io/study.h"

typedef struct {
    int32_t token;
    size_t count; /* how often the layer says it, >= 1 */
} spae_histogram_bar;

/* The words of layer index `layer` by how often the studies' pictures have them, most first; of equally many the
 * lesser token first.
 *   in   studies   (count)  tokens 0 .. V-1 of this pyramid
 *        most      >= 1: so many bars at most
 *   out  bar       (most)   the first *bars of them
 *        different how many different words there are
 *   err  SPAE_ERR_NO_MEMORY */
spae_status spae_histogram_layer(const spae_pyramid *pyramid, size_t V, const spae_study *studies, size_t count,
                                 size_t layer, size_t most, spae_arena *arena, spae_histogram_bar *bar, size_t *bars,
                                 size_t *different, spae_error *err);

#endif
