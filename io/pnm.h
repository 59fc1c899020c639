/* Netpbm pictures (SPEC 8.17): P2 and P3 (plain), P5 and P6 (raw), grey and RGB, maxval 1 to 65535.
 *
 * Comments (# to the end of the line) may stand wherever white space may, up to the maxval; the
 * white space after the maxval is one character. Two bytes a sample, high byte first, when maxval
 * is over 255. One picture a file; a plain one may be followed by white space only, a raw one by
 * nothing.
 */
#ifndef SPAE_PNM_H
#define SPAE_PNM_H

#include "image.h"

/*   err  SPAE_ERR_FORMAT  SPAE_ERR_IO  SPAE_ERR_NO_MEMORY */
spae_status spae_pnm_read(spae_arena *arena, const spae_source *source, const spae_limits *limits,
                          spae_image *image, spae_error *err);

/* P5 for one channel, P6 for three, maxval 255, bytes by spae_image_bytes. The samples' bytes stay
 * in scratch until the caller resets it.
 *   err  SPAE_ERR_NOT_FINITE  SPAE_ERR_NO_MEMORY, and what the sink returns
 */
spae_status spae_pnm_write(spae_arena *scratch, spae_sink *sink, const spae_image *image,
                           spae_error *err);

#endif
