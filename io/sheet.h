/* A contact sheet: a row for each study (study.h), the picture first, then what 1..D layers rebuild. */
#ifndef SPAE_IO_SHEET_H
#define SPAE_IO_SHEET_H

#include "io/image.h"
#include "io/study.h"

/* Small pictures are magnified by a whole number, without smoothing.
 *   out  sheet  RGB, in the arena
 *   err  SPAE_ERR_NO_MEMORY   SPAE_ERR_FORMAT  larger than a picture may be (image.h) */
spae_status spae_sheet_make(const spae_model *model, const spae_study *studies, size_t count,
                            spae_arena *arena, spae_image *sheet, spae_error *err);

#endif
