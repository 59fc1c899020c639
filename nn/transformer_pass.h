/* One run of a transformer over a tape: what nn/transformer.c, the network, and nn/transformer_cache.c, its memory of what was
 * read before, share. */
#ifndef SPAE_TRANSFORMER_PASS_H
#define SPAE_TRANSFORMER_PASS_H

#include "transformer.h"

typedef struct {
    spae_network *network;
    const spae_transformer *t;
    size_t n, count;
    const int32_t *tokens;               /* (n,count) in the vocabulary; NULL where nothing is computed */
    const spae_transformer_cache *cache; /* (n) with room for `count` more; NULL: tokens begin at position 0 */
    size_t last;                         /* 0..count: logits of so many positions at the end */
    /* set by the run: */
    int32_t *position;                   /* (n,count) */
    real *cosine, *sine;                 /* (n,count,head_dim / 2) of rotary positions */
    size_t layer;
} spae_transformer_pass;

/* -> (n,last,1,1,vocab); where last is 0, something else of no interest */
spae_var spae_transformer_run(spae_transformer_pass *pass);

/* Causal attention of the pass's layer on a running tape: k and v are kept behind what the caches hold, and q reads all. */
spae_var spae_transformer_attend(const spae_transformer_pass *pass, spae_var q, spae_var k, spae_var v);

#endif
