/* Pictures in memory, and the files they come from: PPM/PGM, PNG, JPEG (read only) and NPY.
 *
 * Samples (SPEC 8.16) are sRGB values as the file has them, value / maxval, divided in binary32: one rounding.
 * No gamma, no colour management. What a file shows through (alpha, a transparent colour) is laid
 * over white.
 */
#ifndef SPAE_IMAGE_H
#define SPAE_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#include "npy.h"

typedef struct {
    size_t height, width; /* >= 1 */
    size_t channels;      /* 1 grey, 3 red green blue */
    float *pixels;        /* (height, width, channels), 0 .. 1; in the arena */
} spae_image;

/* Reads a picture; its first bytes tell the format (PNG, JPEG, P2 P3 P5 P6, NPY).
 * NPY pictures (SPEC 8.19) are (H,W), (H,W,1) or (H,W,3): u1 is divided by 255, f2 f4 f8 are 0 .. 1 already.
 *   out  image  pixels in the arena
 *   err  SPAE_ERR_FORMAT      not one of these formats, broken, beyond the limits, or a sample
 *                             outside 0 .. 1
 *        SPAE_ERR_NOT_FINITE  a NaN or infinity in an NPY
 *        SPAE_ERR_IO  SPAE_ERR_NO_MEMORY
 *   mem  scratch comes from the arena and is given back, except for the bytes of a pipe
 *        (spae_source_open)
 */
spae_status spae_image_read(spae_arena *arena, const char *path, const spae_limits *limits,
                            spae_image *image, spae_error *err);
spae_status spae_image_read_source(spae_arena *arena, const spae_source *source,
                                   const spae_limits *limits, spae_image *image, spae_error *err);

/* The samples of an array of u1, divided by 255, or of floats.
 *   out  pixels  (header->count)
 *   err  SPAE_ERR_FORMAT  another type, or a sample outside 0 .. 1
 *        SPAE_ERR_NOT_FINITE  SPAE_ERR_IO */
spae_status spae_image_samples(const spae_source *source, const spae_npy_header *header,
                               float *pixels, spae_error *err);

/* Takes memory for a picture within the limits. The text begins with `name`; what and where is the
 * caller's.
 *   err  SPAE_ERR_FORMAT  height or width is 0 or beyond the limits    SPAE_ERR_NO_MEMORY
 */
spae_status spae_image_take(spae_arena *arena, const char *name, const spae_limits *limits,
                            size_t height, size_t width, size_t channels, spae_image *image,
                            spae_error *err);

/* Writes a picture, replacing the file as a whole; the end of the name tells the format: .ppm .pgm
 * .png (8 bits) or .npy (<f4, (H,W,channels)). .ppm makes grey into RGB, .pgm RGB into grey, the
 * others keep the channels. A sample is clamped to 0 .. 1; 8 bits are floor(255 v + 0.5), computed
 * in binary64.
 *   err  SPAE_ERR_ARGUMENT    another ending, or a picture whose channels are neither 1 nor 3
 *        SPAE_ERR_NOT_FINITE  a sample is NaN (an infinity is clamped)
 *        SPAE_ERR_IO  SPAE_ERR_NO_MEMORY
 *   mem  scratch is as it was on return
 */
spae_status spae_image_write(spae_arena *scratch, const char *path, const spae_image *image,
                             spae_error *err);

/* The samples as bytes, by the rule above.
 *   out  bytes  (height, width, channels)
 *   err  SPAE_ERR_NOT_FINITE  a sample is NaN; the text says which; bytes before it are written
 */
spae_status spae_image_bytes(const spae_image *image, uint8_t *bytes, spae_error *err);

/* Grey into RGB: three equal samples. RGB into grey: (0.299 R + 0.587 G) + 0.114 B (ITU-R BT.601)
 * in binary64, rounded to binary32. A picture that has the channels already is returned itself, not
 * copied.
 *   err  SPAE_ERR_ARGUMENT  channels is neither 1 nor 3    SPAE_ERR_NO_MEMORY
 */
spae_status spae_image_convert(spae_arena *arena, const spae_image *image, size_t channels,
                               spae_image *out, spae_error *err);

/* Crops to the shape of height : width, then changes the size (SPEC 8.22).
 *   crop    the longer side in proportion becomes floor(exact length), at least 1; cut equally at
 *           both ends, the odd pixel at the far end
 *   reduce  (an axis that gets no longer) exact area averaging: pixel i is the mean of the source
 *           over [i n/m, (i+1) n/m), for n source and m target pixels
 *   enlarge (an axis that gets longer) linear between pixel centres: place (i + 1/2) n/m - 1/2,
 *           clamped to the first and last pixel
 * Weights are whole numbers. A sample is  sum over y of wy * (sum over x of wx * p), upwards, over
 * (sum of wy) * (sum of wx), in binary64, rounded once to binary32. The same size gives the same
 * bits.
 *   in   height, width   1 .. 16384, and the source's too
 *   out  out             pixels in the arena, never those of `image`
 *   err  SPAE_ERR_ARGUMENT  a size out of range    SPAE_ERR_NO_MEMORY
 */
spae_status spae_image_resize(spae_arena *arena, const spae_image *image, size_t height,
                              size_t width, spae_image *out, spae_error *err);

#endif
