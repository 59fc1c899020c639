/* The keys and arrays that all cases with a pyramid share: ndim, layers, pyramid; in_z; tokens layer by layer. */
#ifndef SPAE_ORACLE_PYRAMID_H
#define SPAE_ORACLE_PYRAMID_H

#include "../../spae.h"
#include "case.h"

typedef struct {
    size_t ndim;
    spae_pyramid pyramid;
    size_t cells, tokens; /* of the latent grid; of all layers together */
} oracle_pyramid;

oracle_pyramid oracle_read_pyramid(oracle_case *c);

/* in_z (N,*S,C) for this pyramid; the shape on the tape */
typedef struct {
    spae_shape shape;
    size_t N, c;
    real *z; /* (N,cells,c) */
} oracle_embedding;

oracle_embedding oracle_read_embedding(oracle_case *c, const oracle_pyramid *p);

/* The file (rows,c) as a codebook that is prepared for the fast search. */
spae_codebook oracle_read_codebook(oracle_case *c, const char *name, size_t width);

/* <prefix>1 .. <prefix><layers> (N, layer sizes), each in 0 .. V-1 -> (N, tokens of these layers) */
int32_t *oracle_read_tokens(oracle_case *c, const oracle_pyramid *p, const char *prefix, size_t layers, size_t N,
                            size_t V);

/* (N, layer sizes, width) */
spae_shape oracle_layer_shape(const oracle_pyramid *p, size_t layer, size_t N, size_t width);

#endif
