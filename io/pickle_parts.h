/* What the restricted unpickler shares: pickle_stack.c has the bytes of the pickle, the tables and the containers,
 * pickle.c what each opcode does with them. */
#ifndef SPAE_IO_PICKLE_PARTS_H
#define SPAE_IO_PICKLE_PARTS_H

#include "io/pickle.h"

enum { SPAE_PICKLE_WINDOW = 4096, SPAE_PICKLE_LINE = 256 };

/* A table that grows; `size` is of an item. */
typedef struct {
    void *items;
    uint32_t count, room;
    size_t size;
} spae_pickle_table;

typedef struct {
    spae_arena *arena;
    const spae_source *source;
    const char *place;
    uint64_t start, at, window_at; /* at: bytes of the pickle that are used up */
    size_t window_bytes;
    const spae_pickle_global *global;
    size_t globals;
    uint64_t opcode_at;
    spae_pickle_table value, cell, stack, mark, memo; /* all but the first two of uint32_t */
    spae_error *err;
    uint8_t window[SPAE_PICKLE_WINDOW];
} spae_pickle_reader;

/* ---- errors: "x.pt: state: byte 20: WHAT", SPAE_ERR_FORMAT, and SPAE_ERR_NO_MEMORY ---- */

spae_status spae_pickle_broken(const spae_pickle_reader *r, const char *what);
spae_status spae_pickle_no_memory(const spae_pickle_reader *r);

/* ---- bytes    err  SPAE_ERR_FORMAT the pickle is cut off or too long  SPAE_ERR_IO ---- */

/* How many the file has yet, as far as a pickle may go. */
uint64_t spae_pickle_bytes_left(const spae_pickle_reader *r);
spae_status spae_pickle_take(spae_pickle_reader *r, void *to, size_t count);
/* Of 0 to 8 bytes, the lowest first. */
spae_status spae_pickle_take_number(spae_pickle_reader *r, size_t bytes, uint64_t *number);
/* The bytes up to a newline, which is used up too; terminated, no zero among them. */
spae_status spae_pickle_take_line(spae_pickle_reader *r, char line[SPAE_PICKLE_LINE]);

/* ---- tables    err  SPAE_ERR_NO_MEMORY; SPAE_ERR_FORMAT the stack has too few values ---- */

spae_status spae_pickle_make_room(spae_pickle_reader *r, spae_pickle_table *t, uint32_t count);
spae_pickle_value *spae_pickle_value_at(const spae_pickle_reader *r, uint32_t place);
spae_pickle_cell *spae_pickle_cell_at(const spae_pickle_reader *r, uint32_t place);
uint32_t *spae_pickle_places(const spae_pickle_table *t);
spae_status spae_pickle_push(spae_pickle_reader *r, uint32_t place);
/* Makes a value and puts it on the stack. */
spae_status spae_pickle_push_value(spae_pickle_reader *r, spae_pickle_value v);
/* Where the stack's items above the last mark begin. */
uint32_t spae_pickle_floor_of(const spae_pickle_reader *r);
/* Are `count` items above the last mark? */
spae_status spae_pickle_need(const spae_pickle_reader *r, uint32_t count);
spae_status spae_pickle_pop(spae_pickle_reader *r, uint32_t *place);
/* Takes the last mark away; *from: the stack's first value above it. */
spae_status spae_pickle_take_mark(spae_pickle_reader *r, uint32_t *from);

/* ---- containers    err  SPAE_ERR_NO_MEMORY  SPAE_ERR_FORMAT ---- */

spae_status spae_pickle_add_item(spae_pickle_reader *r, uint32_t container, uint32_t item);
spae_pickle_value spae_pickle_empty(spae_pickle_kind kind);
/* A container of the stack's values above the last mark; a tuple of its last `count`. */
spae_status spae_pickle_gather_marked(spae_pickle_reader *r, spae_pickle_kind kind);
spae_status spae_pickle_gather_last(spae_pickle_reader *r, uint32_t count);
/* The values above the last mark, or the last `count`, go into the container right below them. */
spae_status spae_pickle_extend_marked(spae_pickle_reader *r, spae_pickle_kind kind);
spae_status spae_pickle_extend_last(spae_pickle_reader *r, spae_pickle_kind kind, uint32_t count);
/* A set is not needed, nor is what was to be in it. */
spae_status spae_pickle_add_to_set(spae_pickle_reader *r);
spae_status spae_pickle_frozen_set(spae_pickle_reader *r);

#endif
