/* A report to look at: one HTML file that needs nothing else (pictures are data: URIs; no scripts, no network).
 *
 * For each picture: the picture, what each number of layers rebuilds with its PSNR, and the pyramid, layer by layer
 * as grids of words; last, over all pictures, each layer's most frequent words as bars (Fig. 4, 13, 14). Cells are
 * shaded by similarity (study.h) to the picture, to the label's word, or to layer 1's; token, margin and similarity are told when the pointer rests on a cell. It adapts to narrow screens and to dark mode.
 */
#ifndef SPAE_IO_REPORT_H
#define SPAE_IO_REPORT_H

#include "io/study.h"
#include "io/words.h"

/* The file's bytes.
 *   in   studies  (count)  made with this model; all of the model's picture size, and all with a source or none
 *   out  bytes    (size)   in the arena
 *   err  SPAE_ERR_NO_MEMORY   SPAE_ERR_NOT_FINITE  a picture holds a NaN */
spae_status spae_report_write(const spae_model *model, const spae_words *words, const char *title,
                              const spae_study *studies, size_t count, spae_arena *arena,
                              const uint8_t **bytes, size_t *size, spae_error *err);

#endif
