/* Bicubic resizing that smooths what it reduces, as Pillow does it to 8-bit pictures, and the
 * preparation of pictures for CLIP (SPEC 3.24, 3.25). Pictures are (H,W,C), frames and examples one
 * after the other.
 *
 * Along an axis from n to m samples, scale = n / m and wide = max(scale, 1), output o = 0..m-1
 * reads centre = (o + 0.5) scale,  lo = max(trunc(centre - 2 wide + 0.5), 0),  hi =
 * min(trunc(centre + 2 wide + 0.5), n) w[i] = k((i - centre + 0.5) / wide), lo <= i < hi, each
 * divided by their sum k(x) = 1.5|x|^3 - 2.5|x|^2 + 1 for |x| < 1,  -0.5|x|^3 + 2.5|x|^2 - 4|x| + 2
 * for 1 <= |x| < 2,  else 0 in binary64.
 */
#ifndef SPAE_BICUBIC_H
#define SPAE_BICUBIC_H

#include <stdint.h>

#include "../vendor_free/status.h"
#include "arena.h"
#include "real.h"

/* In fixed point: weights v = w 2^22 rounded, halves away from zero; every row first, then every
 * column, each min(max((sum of v[i] x[i] + 2^21) >> 22, 0), 255), the shift rounding down; an axis
 * that keeps its size is left out. in   x     (H,W,C) size  h, w out  y     (h,w,C) err
 * SPAE_ERR_SHAPE  a size of 0, or of 2^24 and more, on either side   SPAE_ERR_NO_MEMORY mem (H,w,C)
 * bytes and the weights of the longer axis, given back */
spae_status spae_bicubic_bytes(const uint8_t *x, size_t H, size_t W, size_t C, const size_t size[2],
                               spae_arena *arena, uint8_t *y, spae_error *err);

/* The same in real numbers: rows, then columns, chains upwards in binary64, rounded once; nothing
 * is limited. mem  (H,w,C) doubles, and the weights, given back */
spae_status spae_bicubic_reals(const real *x, size_t H, size_t W, size_t C, const size_t size[2],
                               spae_arena *arena, real *y, spae_error *err);

/* ---- for CLIP; SPEC 3.25 ---- */

/* OpenAI's normalization. */
extern const double spae_clip_mean[3], spae_clip_deviation[3];

/* The size that a picture is brought to before its centre is cut out: the shorter side n, the
 * longer floor(n long / short). */
void spae_clip_resized(size_t H, size_t W, size_t n, size_t size[2]);

/* Resizes, cuts out the centre n x n (from (h - n) / 2 and (w - n) / 2, halves to even) and
 * normalizes: each number (p / 255 - mean) / deviation by channel, binary64, rounded once. in   x
 * (H,W,3) out  resized  (h,w,3) or NULL: of spae_clip_resized;  cropped  (n,n,3) or NULL;  y
 * (n,n,3) err  as spae_bicubic_bytes mem  both pictures of bytes, given back */
spae_status spae_clip_prepare(const uint8_t *x, size_t H, size_t W, size_t n, const double mean[3],
                              const double deviation[3], spae_arena *arena, uint8_t *resized,
                              uint8_t *cropped, real *y, spae_error *err);

#endif
