/* The arena of arena.h: a chain of blocks, filled upwards, dropped down to a mark. */
#include "arena.h"

#include <stdint.h>
#include <string.h>

struct spae_arena_block {
    spae_arena_block *next;
    void *memory;         /* the allocation, of `bytes` bytes, that holds this header and, behind it, the room */
    size_t bytes;
    unsigned char *start; /* of the room; aligned */
    size_t size, used;    /* both multiples of SPAE_ALIGNMENT; used <= size */
};

/* What a growing arena asks for at least: an eighth of what it holds, within these bounds. */
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
    *block = (spae_arena_block){.memory = memory, .bytes = bytes, .start = at + head,
                                .size = (bytes - head) / SPAE_ALIGNMENT * SPAE_ALIGNMENT};
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

/* What a block with room for `bytes` asks for: beside it the header, and what aligns both ends; 0 when that is no size. */
static size_t block_bytes(const spae_arena *arena, size_t bytes)
{
    const size_t overhead = 2 * SPAE_ALIGNMENT + rounded_up(sizeof(spae_arena_block));
    const size_t least = arena->held / 8 < smallest_block ? smallest_block : arena->held / 8;
    const size_t room = least > largest_block ? largest_block : least;
    if (bytes > SIZE_MAX - overhead - arena->grain)
        return 0;
    const size_t total = overhead + (room > bytes ? room : bytes);
    return arena->grain == 0 ? total : (total + (arena->grain - 1)) / arena->grain * arena->grain;
}

/* A further block with room for `bytes`, put right behind the current one; NULL when memory is refused. */
static spae_arena_block *grow(spae_arena *arena, size_t bytes)
{
    const size_t total = block_bytes(arena, bytes);
    if (arena->allocator.allocate == NULL || total == 0)
        return NULL;
    unsigned char *memory = arena->allocator.allocate(arena->allocator.context, total);
    if (memory == NULL)
        return NULL;
    spae_arena_block *block = lay_block(memory, total);
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

/* Gives back a block of a growing arena that holds nothing in use; returns the one behind it. */
static spae_arena_block *give_back(spae_arena *arena, spae_arena_block *block)
{
    spae_arena_block *next = block->next;
    arena->held -= block->bytes;
    arena->allocator.release(arena->allocator.context, block->memory);
    return next;
}

/* The block that the next piece comes from: the current one, the first that has room of those kept behind it, or a new
 * one. Those kept that are too small are given back, or the arena would hold all sizes that it ever needed. (None of
 * them is the one that holds what spae_tape_keep moves down, for that has room for it.) */
static spae_arena_block *block_with_room(spae_arena *arena, size_t bytes)
{
    if (arena->current != NULL && arena->current->size - arena->current->used >= bytes)
        return arena->current;
    if (arena->allocator.allocate == NULL)
        return arena->current == NULL && arena->first != NULL && arena->first->size >= bytes ? arena->first : NULL;
    spae_arena_block **kept = arena->current != NULL ? &arena->current->next : &arena->first;
    while (*kept != NULL && (*kept)->size < bytes)
        *kept = give_back(arena, *kept);
    return *kept != NULL ? *kept : grow(arena, bytes);
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

bool spae_arena_reserve(spae_arena *arena, size_t bytes)
{
    return countable(bytes, 1) && block_with_room(arena, rounded_up(bytes)) != NULL;
}

void spae_arena_trim(spae_arena *arena)
{
    if (arena->allocator.allocate == NULL)
        return;
    spae_arena_block **kept = arena->current != NULL ? &arena->current->next : &arena->first;
    while (*kept != NULL)
        *kept = give_back(arena, *kept);
}

void spae_arena_free(spae_arena *arena)
{
    if (arena->allocator.allocate == NULL)
        return;
    spae_arena_reset(arena, (spae_arena_mark){NULL, 0, 0});
    spae_arena_trim(arena);
    arena->peak = 0;
}
