/* A picture within a page: a PNG as a data: address, for HTML and SVG. */
#ifndef SPAE_IO_PAGE_PICTURE_H
#define SPAE_IO_PAGE_PICTURE_H

#include "io/image.h"
#include "io/page.h"

/* Appends data:image/png;base64,...    err  those of spae_png_write, SPAE_ERR_NO_MEMORY */
spae_status spae_page_picture(spae_page *page, spae_arena *arena, const spae_image *image, spae_error *err);

#endif
