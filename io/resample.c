/* The weights of another size, resample.h (SPEC 8.22). */
#include "resample.h"

/* Reducing, in units of 1/to: source pixel j covers [j to, (j+1) to), target pixel i [i from, (i+1)
 * from). Enlarging, in units of 1/(2 to): target pixel i lies at (2i+1) from - to, seen from the
 * first centre. */
spae_resample_taps spae_resample_find(const spae_resample_axis *a, size_t i)
{
    if (a->to <= a->from)
        return (spae_resample_taps){i * a->from / a->to, ((i + 1) * a->from - 1) / a->to, 0};
    const size_t right = (2 * i + 1) * a->from, step = 2 * a->to;
    if (right < a->to)
        return (spae_resample_taps){0, 0, 0};
    const size_t first = (right - a->to) / step;
    if (first + 1 >= a->from)
        return (spae_resample_taps){a->from - 1, a->from - 1, 0};
    return (spae_resample_taps){first, first + 1, (right - a->to) % step};
}

double spae_resample_weight(const spae_resample_axis *a, const spae_resample_taps *t, size_t i, size_t j)
{
    if (a->to > a->from)
        return (double)(j == t->first ? 2 * a->to - t->place : t->place);
    const size_t from = j * a->to > i * a->from ? j * a->to : i * a->from;
    const size_t to = (j + 1) * a->to < (i + 1) * a->from ? (j + 1) * a->to : (i + 1) * a->from;
    return (double)(to - from);
}

double spae_resample_total(const spae_resample_axis *a)
{
    return (double)(a->to > a->from ? 2 * a->to : a->from);
}
