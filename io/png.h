/* PNG (ISO/IEC 15948; SPEC 8.18): all colour types, depths and interlacing read; 8-bit grey and RGB written.
 *
 * Palettes become RGB; alpha and tRNS are laid over white: (a c + (A - a) C) / (A C) with whole
 * numbers, A and C the greatest alpha and colour value, divided in binary64 and rounded to
 * binary32. Chunks that are ancillary (gAMA, sRGB, iCCP ...) are checked for their CRC and
 * otherwise ignored; unknown critical chunks are refused. What follows IEND is not looked at.
 */
#ifndef SPAE_PNG_H
#define SPAE_PNG_H

#include "image.h"

/*   err  SPAE_ERR_FORMAT  SPAE_ERR_IO  SPAE_ERR_NO_MEMORY */
spae_status spae_png_read(spae_arena *arena, const spae_source *source, const spae_limits *limits,
                          spae_image *image, spae_error *err);

/* Writes 8 bits a sample (spae_image_bytes), each row with the filter whose bytes, taken as signed,
 * have the least sum of absolute values (the first of equals in the order None, Sub, Up, Average,
 * Paeth). Into memory: give it a spae_sink_buffer; it may be in the same arena. Scratch: about
 * three bytes a sample, which stay until the caller resets it.
 *   err  SPAE_ERR_NOT_FINITE  SPAE_ERR_NO_MEMORY, and what the sink returns
 */
spae_status spae_png_write(spae_arena *scratch, spae_sink *sink, const spae_image *image,
                           spae_error *err);

#endif
