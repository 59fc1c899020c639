/* Memory: one arena for all that a step makes and drops together.
 *
 * The core takes memory only from an arena that the caller gives. An arena hands out pieces of blocks
 * upwards and takes them back only as a whole, down to a mark. It either lives in one block of the
 * caller's (no operating system needed), or asks the caller's allocator for further blocks.
 */
#ifndef SPAE_ARENA_H
#define SPAE_ARENA_H

#include <stdbool.h>
#include <stddef.h>

/* Every piece starts at a multiple of this, so that the widest vectors load it in one go. */
#define SPAE_ALIGNMENT 64

/* allocate returns NULL when it refuses; release gets exactly what allocate returned. */
typedef struct {
    void *(*allocate)(void *context, size_t bytes);
    void (*release)(void *context, void *block);
    void *context;
} spae_allocator;

typedef struct spae_arena_block spae_arena_block;

typedef struct {
    spae_allocator allocator;  /* allocate is NULL for an arena over one fixed block */
    spae_arena_block *first;   /* blocks in the order of use; owned unless fixed */
    spae_arena_block *current; /* pieces come from here; the blocks behind it hold nothing in use */
    size_t used;               /* bytes in use or accounted, padding included */
    size_t peak;               /* most that `used` has been */
    size_t held;               /* bytes of all blocks, in use or not */
    size_t grain;              /* the caller's to set: blocks are asked for in multiples of it; 0: of any size */
} spae_arena;

/* A place to come back to. Marks nest: resetting to one drops all that was taken since. */
typedef struct {
    spae_arena_block *block; /* NULL: before the first block */
    size_t block_used, used;
} spae_arena_mark;

/* An arena over `bytes` bytes at `memory` (borrowed until the arena is no longer used; any alignment). */
void spae_arena_fixed(spae_arena *arena, void *memory, size_t bytes);

/* An arena that grows by blocks from `allocator`. Nothing is asked for before the first piece. A block has room for the
 * piece that it is made for, and for 64 KiB, or an eighth of what the arena holds, up to 16 MiB. */
void spae_arena_growing(spae_arena *arena, spae_allocator allocator);

/* `count` elements of `size` bytes, aligned, not initialised. NULL when count*size overflows, or when the
 * memory is refused; the arena is then as it was. count == 0 or size == 0 gives a valid pointer to nothing. */
void *spae_arena_take(spae_arena *arena, size_t count, size_t size);

/* The same, all bits zero. */
void *spae_arena_take_zeroed(spae_arena *arena, size_t count, size_t size);

/* Counts a piece without giving it: `used` and `peak` as after spae_arena_take, no byte asked for. So a plan learns the
 * peak of a run that this machine need not have room for. False, and nothing counted, when a sum overflows. */
bool spae_arena_account(spae_arena *arena, size_t count, size_t size);

/* Sees to it that pieces of `bytes` in all, padding included, need no further block: who knows from a plan what a run
 * takes loses nothing between blocks that do not fit. False when the memory is refused (always, beyond a fixed block). */
bool spae_arena_reserve(spae_arena *arena, size_t bytes);

spae_arena_mark spae_arena_here(const spae_arena *arena);

/* Drops everything taken since the mark was made. The blocks are kept for reuse, while they have room for what is taken,
 * and their bytes stay as they are until pieces are taken again: spae_tape_keep moves a result down over what was dropped
 * below it. */
void spae_arena_reset(spae_arena *arena, spae_arena_mark mark);

/* Gives the blocks that hold nothing back to the allocator. */
void spae_arena_trim(spae_arena *arena);

/* Gives all blocks back to the allocator; the arena is empty and may be used again. */
void spae_arena_free(spae_arena *arena);

#endif
