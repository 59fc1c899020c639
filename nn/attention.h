/* Attention without a tape, over keys and values that may lie in several places: a cache, and the prompt that it continues.
 * SPEC 3.22 */
#ifndef SPAE_ATTENTION_H
#define SPAE_ATTENTION_H

#include <stdbool.h>
#include <stddef.h>

#include "real.h"

typedef struct {
    size_t heads, kv_heads; /* kv_heads divides heads: head i reads key and value head i / (heads / kv_heads) */
    size_t head_dim;
    bool causal;            /* query i sees the keys 0..offset + i; else all */
    size_t offset;
} spae_attention_form;

/* `count` keys and values in a row, (count, kv_heads * head_dim) each; borrowed. */
typedef struct {
    const real *keys, *values;
    size_t count;
} spae_attention_span;

/* Elements of scratch for so many queries and keys (of all spans together). */
size_t spae_attention_scratch(const spae_attention_form *form, size_t queries, size_t keys);

/* q (queries, heads * head_dim) over the keys of the spans, one span after the other, 1 or more in all -> y, as q. Values of
 * keys that a query does not see have no influence on its result. y overlaps nothing else. */
void spae_attention_array(const spae_attention_form *form, const real *q, size_t queries, const spae_attention_span *span,
                          size_t spans, real *y, real *scratch);

#endif
