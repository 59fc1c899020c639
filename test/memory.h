/* Memory under watch: an allocator over malloc that counts what is out, and refuses one call when told to. */
#ifndef SPAE_TEST_MEMORY_H
#define SPAE_TEST_MEMORY_H

#include <stdlib.h>
#include <string.h>

#include "nn/arena.h"

typedef struct {
    size_t calls;  /* allocations asked for so far */
    size_t refuse; /* the call, counted from 1, that is refused; 0: none */
    size_t live;   /* blocks not yet given back */
} watch;

static inline void *watch_allocate(void *context, size_t count)
{
    watch *w = context;
    if (++w->calls == w->refuse)
        return NULL;
    void *block = malloc(count);
    if (block != NULL) {
        memset(block, 0xa5, count); /* nothing may rely on zeros */
        w->live++;
    }
    return block;
}

static inline void watch_release(void *context, void *block)
{
    watch *w = context;
    w->live--;
    free(block);
}

static inline void watched_arena(spae_arena *arena, watch *w, size_t refuse)
{
    *w = (watch){0, refuse, 0};
    spae_arena_growing(arena, (spae_allocator){watch_allocate, watch_release, w});
}

#endif
