/* Corruptions of pictures: what makes the condition u of an in-context denoising task from a picture, and the sets of
 * altered pictures for conditional interpolation (SPAE App. A, B.3, Fig. 15 to 18).
 *
 * Pictures are (T,H,W,3), values 0..1, finite; every frame is treated alike. Nothing here is random. y may be x, but not
 * where a picture is rotated; else they do not overlap.
 */
#ifndef SPAE_CORRUPTION_H
#define SPAE_CORRUPTION_H

#include <stdbool.h>
#include <stddef.h>

#include "../vendor_free/status.h"
#include "arena.h"
#include "real.h"

/* ---- mask(.) of Eq. 12 ---- */

typedef enum {
    SPAE_OUTPAINT,  /* the bottom half is 0: floor(H/2) rows                                               SPEC 10.7 */
    SPAE_INPAINT,   /* a square in the middle is 0, of half the shorter side: floor(min(H,W)/2)            SPEC 10.7 */
    SPAE_DEBLUR,    /* a Gaussian filter of standard deviation max(H,W)/32                                 SPEC 10.8 */
    SPAE_TRANSLATE, /* to the right by floor(W/4) columns; 0 comes in                                      SPEC 10.7 */
    SPAE_ROTATE     /* by 90 degrees clockwise; square pictures                                            SPEC 10.7 */
} spae_transform;

enum { SPAE_TRANSFORMS = 5 };
extern const char *const spae_transform_names[SPAE_TRANSFORMS]; /* "outpaint", "inpaint", "deblur", "translate", "rotate" */

/* Which of the two pictures of a task is the transformed one: the condition, which the task is to restore (outpaint,
 * inpaint, deblur: false), or the target, which the task is to make (translate, rotate: true). */
bool spae_transform_is_target(spae_transform transform);

/* Any of them, as they stand above.
 *   in   size  (T,H,W)
 *   mem  scratch from the arena, given back
 *   err  SPAE_ERR_SHAPE      SPAE_ROTATE and H is not W      SPAE_ERR_NO_MEMORY */
spae_status spae_transform_picture(spae_transform transform, const real *x, const size_t size[3], spae_arena *arena,
                                   real *y, spae_error *err);

/* The last two with another measure.
 *   in   sigma  pixels, 1/1024 .. 1024      columns  0..; W and more leave nothing
 *   err  SPAE_ERR_ARGUMENT  sigma out of its range      SPAE_ERR_NO_MEMORY */
spae_status spae_blur(const real *x, const size_t size[3], double sigma, spae_arena *arena, real *y, spae_error *err);
void spae_translate_right(const real *x, const size_t size[3], size_t columns, real *y);

/* ---- the pixel sets of B.3 ---- */

typedef enum { SPAE_BRIGHTNESS, SPAE_CONTRAST, SPAE_SATURATION, SPAE_COLOR } spae_pixel_set;

enum { SPAE_PIXEL_SETS = 4, SPAE_PIXEL_CONDITIONS = 9 };
extern const char *const spae_pixel_set_names[SPAE_PIXEL_SETS]; /* "brightness", "contrast", "saturation", "color" */

/* The factors of R, G and B in tenths, of condition 0..8, which the paper counts 1..9. Condition 4, its 5th, is 10 10 10:
 * the picture itself, which the task asks for. Brightness, contrast: 2 4 6 8 10 12 .. 18; saturation: 6 7 .. 14; colour:
 * (6,14,10) .. (14,6,10). */
void spae_pixel_factors(spae_pixel_set set, size_t condition, int factor[3]);

/* One picture of a set, exact in whole numbers: with bytes p of x (SPEC 8.16),
 *     y = clip(floor((10 d + factor (p - d) + 5) / 10)) / 255,   clip to 0..255
 * d is what the picture fades to: black for brightness and colour, the mean grey of all frames for contrast, the pixel's
 * own grey for saturation.                                                                                SPEC 10.9 */
void spae_adjust_pixels(spae_pixel_set set, size_t condition, const real *x, const size_t size[3], real *y);

#endif
