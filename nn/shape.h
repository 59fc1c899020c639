/* Shapes: every tensor has the five axes (n,t,h,w,c), C order, last fastest (SPEC 1.2).
 *
 * A picture has t = 1, a vector of channels is (1,1,1,1,c), a scalar (1,1,1,1,1), a matrix of rows
 * (1,1,1,rows,c), a kernel (kt,kh,kw,ci,co). Five axes everywhere spare every operation a case per rank.
 */
#ifndef SPAE_SHAPE_H
#define SPAE_SHAPE_H

#include <stdbool.h>
#include <stddef.h>

enum { SPAE_AXIS_N, SPAE_AXIS_T, SPAE_AXIS_H, SPAE_AXIS_W, SPAE_AXIS_C, SPAE_AXES };

typedef struct {
    size_t axis[SPAE_AXES]; /* each >= 1, their product fits size_t */
} spae_shape;

spae_shape spae_shape_of(size_t n, size_t t, size_t h, size_t w, size_t c);
size_t spae_shape_count(spae_shape shape);
bool spae_shape_equal(spae_shape a, spae_shape b);

#endif
