/* Contact sheets: pictures in a grid on grey, small ones magnified by a whole number, without smoothing. */
#ifndef SPAE_IO_SHEET_H
#define SPAE_IO_SHEET_H

#include "io/image.h"
#include "io/study.h"

typedef struct {
    spae_image image;              /* RGB, in the arena */
    size_t rows, columns;          /* of pictures */
    size_t height, width, factor;  /* of a picture, and by what it is magnified */
} spae_sheet;

/* An empty sheet.
 *   in   rows, columns, height, width  >= 1
 *   err  SPAE_ERR_NO_MEMORY   SPAE_ERR_FORMAT  larger than a picture may be (image.h) */
spae_status spae_sheet_open(size_t rows, size_t columns, size_t height, size_t width, spae_arena *arena, spae_sheet *sheet,
                            spae_error *err);

/* Puts a picture (height,width,3) into its place, row < rows, column < columns. */
void spae_sheet_place(const spae_sheet *sheet, size_t row, size_t column, const spae_real *picture);

/* A row for each study (study.h): the picture, then what 1..D layers rebuild.    err as above */
spae_status spae_sheet_make(const spae_model *model, const spae_study *studies, size_t count, spae_arena *arena,
                            spae_image *sheet, spae_error *err);

#endif
