/* What the cases of the quantizer share: tokens with what tells a near-tie from a mistake, pyramids as JSON. */
#ifndef SPAE_TEST_VECTORS_TOKENS_H
#define SPAE_TEST_VECTORS_TOKENS_H

#include "vectors.h"

/* Sets the case's `with` to {"pyramid":[[t,h,w],..],MORE}; more: "" or further members. */
void vectors_with_pyramid(vectors *v, const spae_pyramid *pyramid, const char *more);

/* Gives token (count; compared as said: VECTORS_TOKENS, or VECTORS_BITS where it is a tie that is decided), margin,
 * runner_up, distance and cell (SPEC 9.2). Runner-up and distance come from a plain loop over all rows, which also
 * holds token and margin against what it finds: a difference fails the case. in   z       (count,c)  the residuals z_l
 * that the tokens were chosen for cell    (count)    latent position of each, or NULL: 0, 1, 2 ... margin  (count) as
 * the code under test found it */
void vectors_tokens(vectors *v, vectors_compare compare, const spae_codebook *book, const double *z, size_t count,
                    const int32_t *cell, const int32_t *token, const double *margin);

#endif
