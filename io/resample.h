/* Which pixels of an axis make a pixel of another length, and with what weights: exact area averaging where it gets no
 * longer, linear between pixel centres where it does (SPEC 8.22). Weights are whole numbers.
 */
#ifndef SPAE_IO_RESAMPLE_H
#define SPAE_IO_RESAMPLE_H

#include <stddef.h>

/* One axis: `from` source pixels, beginning at `start` of the picture, become `to`. All at most 2^14. */
typedef struct {
    size_t start, from, to;
} spae_resample_axis;

/* The source pixels first .. last that make a target pixel, counted from axis.start. */
typedef struct {
    size_t first, last;
    size_t place; /* enlarging: the weight of `last`, in 0 .. 2 to - 1; `first` has the rest of 2 to */
} spae_resample_taps;

/* Those of target pixel i < to. */
spae_resample_taps spae_resample_find(const spae_resample_axis *a, size_t i);

/* The weight of source pixel j, first <= j <= last, for target pixel i; a whole number below 2^15. */
double spae_resample_weight(const spae_resample_axis *a, const spae_resample_taps *t, size_t i, size_t j);

/* Their sum, the same for every target pixel. */
double spae_resample_total(const spae_resample_axis *a);

#endif
