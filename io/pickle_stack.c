/* The stack machine of pickle_parts.h: bytes through a window, tables, containers.
 *
 * Method    A value is a place in one table, an item of a container a place in another (a chain of
 *           cells), so that a container can grow after it was put elsewhere, as the memo wants it.
 *           Tables double; no opcode makes more than a value, or takes more from the stack than
 *           earlier ones put there, so all of them stay in proportion to the bytes read.
 */
#include "io/pickle_parts.h"

typedef spae_pickle_reader reader;
typedef spae_pickle_value value;

/* ---- errors ---------------------------------------------------------------------------------- */

spae_status spae_pickle_broken(const reader *r, const char *what)
{
    return spae_fail(r->err, SPAE_ERR_FORMAT, "%s: %s: byte %llu: %s", r->source->name, r->place,
                     (unsigned long long)(r->start + r->opcode_at), what);
}

spae_status spae_pickle_no_memory(const reader *r)
{
    return spae_fail(r->err, SPAE_ERR_NO_MEMORY, "%s: %s: no memory for a pickle of more than %llu bytes",
                     r->source->name, r->place, (unsigned long long)r->at);
}

/* ---- bytes ----------------------------------------------------------------------------------- */

uint64_t spae_pickle_bytes_left(const reader *r) /* of the file, as far as a pickle may go */
{
    const uint64_t left = r->source->size - r->start;
    return (left < SPAE_PICKLE_MOST ? left : SPAE_PICKLE_MOST) - r->at;
}

/* The next bytes, through a window, so that the source is not asked for each opcode. */
spae_status spae_pickle_take(reader *r, void *to, size_t count)
{
    uint8_t *out = to;
    if (count > spae_pickle_bytes_left(r))
        return spae_pickle_broken(r, r->source->size - r->start < SPAE_PICKLE_MOST
                             ? "the pickle is cut off"
                             : "the pickle is longer than the limit of 2^24 bytes");
    while (count > 0) {
        if (r->at < r->window_at || r->at >= r->window_at + r->window_bytes) {
            const uint64_t left = spae_pickle_bytes_left(r);
            r->window_at = r->at;
            r->window_bytes = left < SPAE_PICKLE_WINDOW ? (size_t)left : SPAE_PICKLE_WINDOW;
            const spae_status status =
                spae_source_read(r->source, r->start + r->at, r->window, r->window_bytes, r->err);
            if (status != SPAE_OK)
                return status;
        }
        const size_t from = (size_t)(r->at - r->window_at), there = r->window_bytes - from;
        const size_t now = count < there ? count : there;
        memcpy(out, r->window + from, now);
        out += now;
        count -= now;
        r->at += now;
    }
    return SPAE_OK;
}

spae_status spae_pickle_take_number(reader *r, size_t bytes, uint64_t *number) /* the lowest byte first */
{
    uint8_t b[8];
    const spae_status status = spae_pickle_take(r, b, bytes);
    *number = 0;
    for (size_t i = 0; status == SPAE_OK && i < bytes; i++)
        *number |= (uint64_t)b[i] << 8 * i;
    return status;
}

/* The bytes up to a newline, which is used up too; terminated. */
spae_status spae_pickle_take_line(reader *r, char line[SPAE_PICKLE_LINE])
{
    for (size_t n = 0; n < SPAE_PICKLE_LINE; n++) {
        const spae_status status = spae_pickle_take(r, line + n, 1);
        if (status != SPAE_OK)
            return status;
        if (line[n] == '\n') {
            line[n] = '\0';
            return strlen(line) == n ? SPAE_OK : spae_pickle_broken(r, "a zero byte in a line of text");
        }
    }
    return spae_pickle_broken(r, "a line of text has no end");
}

/* ---- tables ---------------------------------------------------------------------------------- */

spae_status spae_pickle_make_room(reader *r, spae_pickle_table *t, uint32_t count)
{
    uint32_t room = t->room;
    if (count <= room)
        return SPAE_OK;
    while (room < count)
        room = room < 64 ? 64 : room * 2; /* count < 2^26, as each opcode adds one at most */
    void *items = spae_arena_take(r->arena, room, t->size);
    if (items == NULL)
        return spae_pickle_no_memory(r);
    if (t->count > 0)
        memcpy(items, t->items, t->count * t->size);
    t->items = items;
    t->room = room;
    return SPAE_OK;
}

value *spae_pickle_value_at(const reader *r, uint32_t place)
{
    return (value *)r->value.items + place;
}

spae_pickle_cell *spae_pickle_cell_at(const reader *r, uint32_t place)
{
    return (spae_pickle_cell *)r->cell.items + place;
}

uint32_t *spae_pickle_places(const spae_pickle_table *t)
{
    return t->items;
}

spae_status spae_pickle_push(reader *r, uint32_t place)
{
    const spae_status status = spae_pickle_make_room(r, &r->stack, r->stack.count + 1);
    if (status == SPAE_OK)
        spae_pickle_places(&r->stack)[r->stack.count++] = place;
    return status;
}

/* Makes a value and puts it on the stack. */
spae_status spae_pickle_push_value(reader *r, value v)
{
    const spae_status status = spae_pickle_make_room(r, &r->value, r->value.count + 1);
    if (status != SPAE_OK)
        return status;
    v.offset = (uint32_t)r->opcode_at;
    *spae_pickle_value_at(r, r->value.count) = v;
    return spae_pickle_push(r, r->value.count++);
}

/* Where the stack's items above the last mark begin. */
uint32_t spae_pickle_floor_of(const reader *r)
{
    return r->mark.count > 0 ? spae_pickle_places(&r->mark)[r->mark.count - 1] : 0;
}

/* Are `count` items above the last mark? */
spae_status spae_pickle_need(const reader *r, uint32_t count)
{
    return r->stack.count - spae_pickle_floor_of(r) >= count
               ? SPAE_OK
               : spae_pickle_broken(r, "the stack has too few values");
}

spae_status spae_pickle_pop(reader *r, uint32_t *place)
{
    const spae_status status = spae_pickle_need(r, 1);
    if (status == SPAE_OK)
        *place = spae_pickle_places(&r->stack)[--r->stack.count];
    return status;
}

spae_status spae_pickle_take_mark(reader *r, uint32_t *from)
{
    if (r->mark.count == 0)
        return spae_pickle_broken(r, "there is no mark");
    *from = spae_pickle_places(&r->mark)[--r->mark.count];
    return SPAE_OK;
}

/* ---- containers ------------------------------------------------------------------------------ */

spae_status spae_pickle_add_item(reader *r, uint32_t container, uint32_t item)
{
    const spae_status status = spae_pickle_make_room(r, &r->cell, r->cell.count + 1);
    if (status != SPAE_OK)
        return status;
    const uint32_t here = r->cell.count++;
    value *v = spae_pickle_value_at(r, container);
    *spae_pickle_cell_at(r, here) = (spae_pickle_cell){item, SPAE_PICKLE_NONE};
    if (v->count == 0)
        v->is.cell.first = here;
    else
        spae_pickle_cell_at(r, v->is.cell.last)->next = here;
    v->is.cell.last = here;
    v->count++;
    return SPAE_OK;
}

/* The stack's values from `from` on become items of a container. */
static spae_status add_items(reader *r, uint32_t container, uint32_t from)
{
    spae_status status = SPAE_OK;
    for (uint32_t i = from; status == SPAE_OK && i < r->stack.count; i++)
        status = spae_pickle_add_item(r, container, spae_pickle_places(&r->stack)[i]);
    r->stack.count = from;
    return status;
}

value spae_pickle_empty(spae_pickle_kind kind)
{
    return (value){.kind = kind, .is.cell = {SPAE_PICKLE_NONE, SPAE_PICKLE_NONE}};
}

/* A container of the stack's values from `from` on. */
static spae_status gather(reader *r, spae_pickle_kind kind, uint32_t from)
{
    const uint32_t end = r->stack.count;
    if (kind == SPAE_PICKLE_DICTIONARY && (end - from) % 2 != 0)
        return spae_pickle_broken(r, "a key has no value");
    spae_status status = spae_pickle_push_value(r, spae_pickle_empty(kind));
    if (status != SPAE_OK)
        return status;
    const uint32_t made = spae_pickle_places(&r->stack)[--r->stack.count];
    status = add_items(r, made, from);
    return status == SPAE_OK ? spae_pickle_push(r, made) : status;
}

spae_status spae_pickle_gather_marked(reader *r, spae_pickle_kind kind)
{
    uint32_t from = 0;
    const spae_status status = spae_pickle_take_mark(r, &from);
    return status == SPAE_OK ? gather(r, kind, from) : status;
}

spae_status spae_pickle_gather_last(reader *r, uint32_t count)
{
    const spae_status status = spae_pickle_need(r, count);
    return status == SPAE_OK ? gather(r, SPAE_PICKLE_TUPLE, r->stack.count - count) : status;
}

/* Values from `from` on go into the container right below them. */
static spae_status extend(reader *r, spae_pickle_kind kind, uint32_t from)
{
    if (from == spae_pickle_floor_of(r))
        return spae_pickle_broken(r, "the stack has too few values");
    const uint32_t container = spae_pickle_places(&r->stack)[from - 1];
    if (kind == SPAE_PICKLE_DICTIONARY && (r->stack.count - from) % 2 != 0)
        return spae_pickle_broken(r, "a key has no value");
    if (spae_pickle_value_at(r, container)->kind == kind)
        return add_items(r, container, from);
    return spae_pickle_broken(r, kind == SPAE_PICKLE_LIST ? "items are added to what is no list"
                                              : "items are added to what is no dictionary");
}

spae_status spae_pickle_extend_marked(reader *r, spae_pickle_kind kind)
{
    uint32_t from = 0;
    const spae_status status = spae_pickle_take_mark(r, &from);
    return status == SPAE_OK ? extend(r, kind, from) : status;
}

spae_status spae_pickle_extend_last(reader *r, spae_pickle_kind kind, uint32_t count)
{
    const spae_status status = spae_pickle_need(r, count + 1);
    return status == SPAE_OK ? extend(r, kind, r->stack.count - count) : status;
}

/* A set is not needed, nor is what was to be in it. */
spae_status spae_pickle_add_to_set(reader *r)
{
    uint32_t from = 0;
    spae_status status = spae_pickle_take_mark(r, &from);
    if (status == SPAE_OK && from == spae_pickle_floor_of(r))
        status = spae_pickle_broken(r, "the stack has too few values");
    if (status == SPAE_OK &&
        spae_pickle_value_at(r, spae_pickle_places(&r->stack)[from - 1])->kind != SPAE_PICKLE_OTHER)
        status = spae_pickle_broken(r, "items are added to what is no set");
    if (status == SPAE_OK)
        r->stack.count = from;
    return status;
}

spae_status spae_pickle_frozen_set(reader *r)
{
    uint32_t from = 0;
    const spae_status status = spae_pickle_take_mark(r, &from);
    if (status != SPAE_OK)
        return status;
    r->stack.count = from;
    return spae_pickle_push_value(r, spae_pickle_empty(SPAE_PICKLE_OTHER));
}
