/* Inflation: the parameters of a network of videos from those of one of pictures.             SPEC 6.6; SPAE Sec. 3.3
 *
 * Both networks have the same paths. A parameter of the video is either of the picture's shape, and copied, or holds
 * n times as many elements along the slowest axis of what it multiplies: a kernel (n,kh,kw,ci,co) from (kh,kw,ci,co),
 * its temporal taps; the matrix (n*rows,co) of a dense layer behind flattened frames from (rows,co), the frames.
 *
 *   central   the picture's elements at place floor((n-1)/2) of the n, zeros elsewhere
 *   average   at every place, each element divided by n, in real
 *
 * With central inflation a convolution of any video equals, to the bit, that of each of its frames by itself: the
 * other taps add products with 0. With average, one of equal frames equals that of a frame up to rounding where
 * all n taps are inside, and less by the taps that are outside at the first and last frames.
 */
#ifndef SPAE_INFLATION_H
#define SPAE_INFLATION_H

#include "network.h"

typedef enum { SPAE_INFLATE_CENTRAL, SPAE_INFLATE_AVERAGE } spae_inflation;

/*   in   from, picture  (from->elements) parameters of the picture's network; those that `to` has not are left alone
 *        to             parameters of the video's network
 *   out  video          (to->elements); on failure unspecified
 *   err  SPAE_ERR_ARGUMENT  a path that the picture's network does not have
 *        SPAE_ERR_SHAPE     a shape that does not come from the picture's as above */
spae_status spae_inflate_network(spae_inflation mode, const spae_parameters *from, const real *picture,
                                 const spae_parameters *to, real *video, spae_error *err);

#endif
