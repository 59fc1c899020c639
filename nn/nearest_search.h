/* The search for one embedding: what the screens leave of the rows, and the choice among them (nn/nearest.c). */
#ifndef SPAE_NEAREST_SEARCH_H
#define SPAE_NEAREST_SEARCH_H

#include <math.h>

#include "nearest_index.h"

/* The two least distances so far. */
typedef struct {
    int32_t k;
    double least, second;
} spae_nearest;

static const spae_nearest spae_nearest_none = {0, HUGE_VAL, HUGE_VAL};

/* Rows are offered in ascending k, so an equal distance keeps the lower k. */
static inline void spae_nearest_offer(spae_nearest *n, size_t k, double distance)
{
    if (distance < n->least) {
        n->second = n->least;
        n->least = distance;
        n->k = (int32_t)k;
    } else if (distance < n->second) {
        n->second = distance;
    }
}

/* Which rows a screen is left to, in order: none has told them apart when it comes to the last. */
typedef enum { SPAE_SCREEN_DIGITS, SPAE_SCREEN_REALS, SPAE_SCREEN_NONE } spae_screen;

typedef struct {
    const double *z;
    spae_nearest found;
    spae_screen screen;
    size_t wanted;      /* 1, or 2 with the runner-up */
    spae_query query;   /* z in digits */
    double rounding;    /* E */
    double bound[2];    /* b: the least upper bounds of d_k - |z - m|^2 so far */
    size_t room, count; /* candidates, in ascending order: */
    int32_t *k;         /*   rows */
    double *low;        /*   f_k - w_k */
    size_t measured, chains; /* for spae_search_work */
} spae_search;

/* Begins anew, with this screen. k and low have room for spae_search_room(V). */
size_t spae_search_room(size_t V);
void spae_search_start(spae_search *s, spae_screen screen);

/* Rows first .. first + count - 1, count <= SPAE_SCANNED, given their products with z: of digits, or in `real` of
 * x and y. Where too many rows remain, the search goes on to the next screen. */
enum { SPAE_SCANNED = 64 };
void spae_search_digits(spae_search *s, const spae_row_index *index, size_t first, size_t count, const int32_t *product);
void spae_search_reals(spae_search *s, const spae_row_index *index, size_t c, size_t first, size_t count,
                       const real *product);

/* found, from the candidates. */
void spae_search_choose(spae_search *s, const spae_rows *rows);

#endif
