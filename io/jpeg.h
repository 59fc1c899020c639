/* JPEG (ITU-T T.81; SPEC 8.50 to 8.52), reading: baseline, extended sequential and progressive pictures of 8 bits, coded
 * by Huffman's codes; grey, YCbCr and RGB; any sampling factors; restart intervals.
 *
 * Whole numbers only, so the samples are the same everywhere: the inverse transform is the exact one of SPEC 8.51
 * (the integer form that libjpeg takes by default), and chroma of half the width or height is brought to the
 * picture's by the triangle filters of SPEC 8.52, as libjpeg does; samples are equal to those of libjpeg-turbo 2.1.
 * The picture's turn that a camera writes in EXIF is not applied, nor are its thumbnail or profiles looked at.
 *
 * Refused, and the text says what it is: arithmetic coding, 12 bits, lossless and hierarchical pictures, CMYK and YCCK,
 * a height that comes only behind the first scan (DNL). Broken and cut off files are refused, not filled in.
 */
#ifndef SPAE_JPEG_H
#define SPAE_JPEG_H

#include "image.h"

/* In a picture at most so many scans [ours]: a few bytes a scan must not cost a walk over all blocks each without end. */
#define SPAE_JPEG_MOST_SCANS 256

/*   out  image  grey has 1 channel, everything else 3
 *   err  SPAE_ERR_FORMAT  broken, cut off, one of the refused kinds, beyond the limits, or larger than so few bytes can
 *                         hold: a block of 8 x 8 samples takes a bit at least
 *        SPAE_ERR_IO  SPAE_ERR_NO_MEMORY
 *   mem  scratch, given back: the file's bytes, and three bytes a sample of each component */
spae_status spae_jpeg_read(spae_arena *arena, const spae_source *source, const spae_limits *limits,
                           spae_image *image, spae_error *err);

#endif
