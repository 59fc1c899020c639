/* Counting by token, then choosing the greatest count `most` times: the bars are few. */
#include "io/histogram.h"

/* The token of the greatest count, the least of those that have it. */
static size_t most_frequent(const size_t *times, size_t V)
{
    size_t best = 0;
    for (size_t k = 1; k < V; k++)
        if (times[k] > times[best])
            best = k;
    return best;
}

spae_status spae_histogram_layer(const spae_pyramid *pyramid, size_t V, const spae_study *studies, size_t count,
                                 size_t layer, size_t most, spae_arena *arena, spae_histogram_bar *bar, size_t *bars,
                                 size_t *different, spae_error *err)
{
    const size_t first = spae_pyramid_total(pyramid, layer), tokens = spae_pyramid_tokens(pyramid, layer);
    const spae_arena_mark mark = spae_arena_here(arena);
    size_t *times = spae_arena_take(arena, V, sizeof *times);
    if (times == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "histogram: no memory for the counts of %zu words", V);
    for (size_t k = 0; k < V; k++)
        times[k] = 0;
    for (size_t s = 0; s < count; s++)
        for (size_t i = 0; i < tokens; i++)
            times[studies[s].token[first + i]]++;
    *different = *bars = 0;
    for (size_t k = 0; k < V; k++)
        *different += times[k] > 0;
    while (*bars < most && *bars < *different) {
        const size_t k = most_frequent(times, V);
        bar[(*bars)++] = (spae_histogram_bar){(int32_t)k, times[k]};
        times[k] = 0;
    }
    spae_arena_reset(arena, mark);
    return SPAE_OK;
}
