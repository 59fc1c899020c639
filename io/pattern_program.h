/* A compiled pattern, shared by pattern.c and pattern_search.c; no interface. */
#ifndef SPAE_IO_PATTERN_PROGRAM_H
#define SPAE_IO_PATTERN_PROGRAM_H

#include "io/pattern.h"

typedef struct {
    uint32_t first, last; /* code points */
} pattern_range;

/* A set of characters: those of any of its parts, or, negated, the others. */
typedef struct {
    uint32_t ascii[4];     /* a bit for each code point below 128, all parts and the negation taken together */
    uint32_t categories;   /* bits, spae_unicode_category */
    bool space, not_space; /* White_Space; what is not */
    bool negated;
    uint32_t range, ranges; /* the first one's place in the pattern's ranges, and how many */
} pattern_set;

typedef enum {
    PATTERN_SET,   /* one character of `set` */
    PATTERN_SPAN,  /* least .. most characters of `set`, as many as there are, without second thoughts */
    PATTERN_SPLIT, /* go on at +first; should that fail, at +second */
    PATTERN_JUMP,  /* go on at +first */
    PATTERN_AHEAD, PATTERN_NOT_AHEAD, /* the next character is (not) one of `set`; at the end of the text it is not */
    PATTERN_END,   /* the end of the text */
    PATTERN_MATCH
} pattern_op;

typedef struct {
    pattern_op op;
    uint32_t set, least, most; /* most: UINT32_MAX without bound */
    int32_t first, second;
    uint32_t number; /* of a split among the splits, of a span among the spans, from 0 */
} pattern_step;

struct spae_pattern {
    const pattern_step *step;
    const pattern_set *set;
    const pattern_range *range;
    size_t words; /* of 32 bits, for a bit each split */
    size_t spans;
};

/* Membership by the parts, without the bits of `ascii`. */
bool pattern_set_has(const pattern_set *set, const pattern_range *range, uint32_t code_point);

#endif
