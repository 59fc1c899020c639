/* The arena of arena.h: a chain of blocks, filled upwards, dropped down to a mark. */
#include "arena.h"

#include <stdint.h>
#include <string.h>

struct spae_arena_block {
    spae_arena_block *next;
    unsigned char *start; /* aligned; lies behind this header in the same allocation */
    size_t size, used;    /* both multiples of SPAE_ALIGNMENT; used <= size */
};

/* What a growing arena asks for at a time: as much again as it holds, within these bounds. */
static const size_t smallest_block = (size_t)1 << 16;
static const size_t largest_block = (size_t)1 << 24;

static size_t rounded_up(size_t bytes) /* bytes <= SIZE_MAX - SPAE_ALIGNMENT */
{
    return (bytes + (SPAE_ALIGNMENT - 1)) / SPAE_ALIGNMENT * SPAE_ALIGNMENT;
}

/* Lays a header and the aligned room behind it into `bytes` bytes at `memory`; NULL when they are too few. */
static spae_arena_block *lay_block(void *memory, size_t bytes)
{
    unsigned char *at = memory;
    const size_t skip = (SPAE_ALIGNMENT - (size_t)((uintptr_t)at % SPAE_ALIGNMENT)) % SPAE_ALIGNMENT;
    const size_t head = skip + rounded_up(sizeof(spae_arena_block));
    if (memory == NULL || bytes < head)
        return NULL;
    spae_arena_block *block = (spae_arena_block *)(void *)(at + skip);
    block->next = NULL;
    block->start = at + head;
    block->size = (bytes - head) / SPAE_ALIGNMENT * SPAE_ALIGNMENT;
    block->used = 0;
    return block;
}

void spae_arena_fixed(spae_arena *arena, void *memory, size_t bytes)
{
    *arena = (spae_arena){.allocator = {NULL, NULL, NULL}};
    arena->first = arena->current = lay_block(memory, bytes);
    arena->held = bytes;
}

void spae_arena_growing(spae_arena *arena, spae_allocator allocator)
{
    *arena = (spae_arena){.allocator = allocator};
}

/* A further block with room for `bytes`, put right behind the current one; NULL when memory is refused.
 * The allocator's pointer is kept in the word before the header's room: release needs exactly that. */
static spae_arena_block *grow(spae_arena *arena, size_t bytes)
{
    const size_t overhead = 2 * SPAE_ALIGNMENT + rounded_up(sizeof(spae_arena_block)) + rounded_up(sizeof(void *));
    if (arena->allocator.allocate == NULL || bytes > SIZE_MAX - overhead)
        return NULL;
    size_t room = arena->held < smallest_block ? smallest_block : arena->held;
    room = room > largest_block ? largest_block : room;
    const size_t total = overhead + (room > bytes ? room : bytes);
    unsigned char *memory = arena->allocator.allocate(arena->allocator.context, total);
    if (memory == NULL)
        return NULL;
    spae_arena_block *block = lay_block(memory, total);
    memcpy(block->start, &memory, sizeof memory);
    block->start += rounded_up(sizeof memory);
    block->size -= rounded_up(sizeof memory);
    arena->held += total;
    if (arena->current == NULL) {
        block->next = arena->first;
        arena->first = block;
    } else {
        block->next = arena->current->next;
        arena->current->next = block;
    }
    return block;
}

/* The block that the next piece comes from: the current one, the one kept behind it, or a new one. */
static spae_arena_block *block_with_room(spae_arena *arena, size_t bytes)
{
    if (arena->current != NULL && arena->current->size - arena->current->used >= bytes)
        return arena->current;
    spae_arena_block *kept = arena->current != NULL ? arena->current->next : arena->first;
    if (kept != NULL && kept->size >= bytes)
        return kept;
    return grow(arena, bytes);
}

/* Is count * size, rounded up, a size? */
static bool countable(size_t count, size_t size)
{
    return size == 0 || count <= (SIZE_MAX - SPAE_ALIGNMENT) / size;
}

static void use(spae_arena *arena, size_t bytes)
{
    arena->used += bytes;
    if (arena->used > arena->peak)
        arena->peak = arena->used;
}

bool spae_arena_account(spae_arena *arena, size_t count, size_t size)
{
    if (!countable(count, size) || rounded_up(count * size) > SIZE_MAX - arena->used)
        return false;
    use(arena, rounded_up(count * size));
    return true;
}

void *spae_arena_take(spae_arena *arena, size_t count, size_t size)
{
    if (!countable(count, size))
        return NULL;
    const size_t bytes = rounded_up(count * size);
    if (bytes > SIZE_MAX - arena->used) /* much may be accounted */
        return NULL;
    spae_arena_block *block = block_with_room(arena, bytes);
    if (block == NULL)
        return NULL;
    void *piece = block->start + block->used;
    block->used += bytes;
    arena->current = block;
    use(arena, bytes);
    return piece;
}

void *spae_arena_take_zeroed(spae_arena *arena, size_t count, size_t size)
{
    void *piece = spae_arena_take(arena, count, size);
    return piece != NULL ? memset(piece, 0, count * size) : NULL;
}

spae_arena_mark spae_arena_here(const spae_arena *arena)
{
    const spae_arena_block *block = arena->current;
    return (spae_arena_mark){arena->current, block != NULL ? block->used : 0, arena->used};
}

void spae_arena_reset(spae_arena *arena, spae_arena_mark mark)
{
    for (spae_arena_block *b = mark.block != NULL ? mark.block->next : arena->first; b != NULL; b = b->next)
        b->used = 0;
    if (mark.block != NULL)
        mark.block->used = mark.block_used;
    arena->current = mark.block;
    arena->used = mark.used;
}

void spae_arena_free(spae_arena *arena)
{
    if (arena->allocator.allocate == NULL)
        return;
    for (spae_arena_block *block = arena->first; block != NULL;) {
        spae_arena_block *next = block->next;
        void *memory;
        memcpy(&memory, block->start - rounded_up(sizeof memory), sizeof memory);
        arena->allocator.release(arena->allocator.context, memory);
        block = next;
    }
    spae_arena_growing(arena, arena->allocator);
}
