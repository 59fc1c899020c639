/* The restricted unpickler of pickle.h (SPEC 8.41): a stack machine whose values go into tables.
 *
 * Method    A value is a place in one table, an item of a container a place in another (a chain of
 *           cells), so that a container can grow after it was put elsewhere, as the memo wants it.
 *           Tables double; no opcode makes more than a value, or takes more from the stack than
 *           earlier ones put there, so all of them stay in proportion to the bytes read.
 */
#include "io/pickle.h"

#include "io/words.h"

enum { WINDOW = 4096, LINE_MOST = 256 };

/* A table that grows; `size` is of an item. */
typedef struct {
    void *items;
    uint32_t count, room;
    size_t size;
} table;

typedef struct {
    spae_arena *arena;
    const spae_source *source;
    const char *place;
    uint64_t start, at, window_at; /* at: bytes of the pickle that are used up */
    size_t window_bytes;
    const spae_pickle_global *global;
    size_t globals;
    uint64_t opcode_at;
    table value, cell, stack, mark, memo; /* all but the first two of uint32_t */
    spae_error *err;
    uint8_t window[WINDOW];
} reader;

typedef spae_pickle_value value;

/* ---- errors ---------------------------------------------------------------------------------- */

static spae_status broken(const reader *r, const char *what)
{
    return spae_fail(r->err, SPAE_ERR_FORMAT, "%s: %s: byte %llu: %s", r->source->name, r->place,
                     (unsigned long long)(r->start + r->opcode_at), what);
}

static spae_status no_memory(const reader *r)
{
    return spae_fail(r->err, SPAE_ERR_NO_MEMORY, "%s: %s: no memory for a pickle of more than %llu bytes",
                     r->source->name, r->place, (unsigned long long)r->at);
}

/* ---- bytes ----------------------------------------------------------------------------------- */

static uint64_t bytes_left(const reader *r) /* of the file, as far as a pickle may go */
{
    const uint64_t left = r->source->size - r->start;
    return (left < SPAE_PICKLE_MOST ? left : SPAE_PICKLE_MOST) - r->at;
}

/* The next bytes, through a window, so that the source is not asked for each opcode. */
static spae_status take(reader *r, void *to, size_t count)
{
    uint8_t *out = to;
    if (count > bytes_left(r))
        return broken(r, r->source->size - r->start < SPAE_PICKLE_MOST
                             ? "the pickle is cut off"
                             : "the pickle is longer than the limit of 2^24 bytes");
    while (count > 0) {
        if (r->at < r->window_at || r->at >= r->window_at + r->window_bytes) {
            const uint64_t left = bytes_left(r);
            r->window_at = r->at;
            r->window_bytes = left < WINDOW ? (size_t)left : WINDOW;
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

static spae_status take_number(reader *r, size_t bytes, uint64_t *number) /* the lowest byte first */
{
    uint8_t b[8];
    const spae_status status = take(r, b, bytes);
    *number = 0;
    for (size_t i = 0; status == SPAE_OK && i < bytes; i++)
        *number |= (uint64_t)b[i] << 8 * i;
    return status;
}

/* The bytes up to a newline, which is used up too; terminated. */
static spae_status take_line(reader *r, char line[LINE_MOST])
{
    for (size_t n = 0; n < LINE_MOST; n++) {
        const spae_status status = take(r, line + n, 1);
        if (status != SPAE_OK)
            return status;
        if (line[n] == '\n') {
            line[n] = '\0';
            return strlen(line) == n ? SPAE_OK : broken(r, "a zero byte in a line of text");
        }
    }
    return broken(r, "a line of text has no end");
}

/* ---- tables ---------------------------------------------------------------------------------- */

static spae_status make_room(reader *r, table *t, uint32_t count)
{
    uint32_t room = t->room;
    if (count <= room)
        return SPAE_OK;
    while (room < count)
        room = room < 64 ? 64 : room * 2; /* count < 2^26, as each opcode adds one at most */
    void *items = spae_arena_take(r->arena, room, t->size);
    if (items == NULL)
        return no_memory(r);
    if (t->count > 0)
        memcpy(items, t->items, t->count * t->size);
    t->items = items;
    t->room = room;
    return SPAE_OK;
}

static value *value_at(const reader *r, uint32_t place)
{
    return (value *)r->value.items + place;
}

static spae_pickle_cell *cell_at(const reader *r, uint32_t place)
{
    return (spae_pickle_cell *)r->cell.items + place;
}

static uint32_t *places(const table *t)
{
    return t->items;
}

static spae_status push(reader *r, uint32_t place)
{
    const spae_status status = make_room(r, &r->stack, r->stack.count + 1);
    if (status == SPAE_OK)
        places(&r->stack)[r->stack.count++] = place;
    return status;
}

/* Makes a value and puts it on the stack. */
static spae_status push_value(reader *r, value v)
{
    const spae_status status = make_room(r, &r->value, r->value.count + 1);
    if (status != SPAE_OK)
        return status;
    v.offset = (uint32_t)r->opcode_at;
    *value_at(r, r->value.count) = v;
    return push(r, r->value.count++);
}

/* Where the stack's items above the last mark begin. */
static uint32_t floor_of(const reader *r)
{
    return r->mark.count > 0 ? places(&r->mark)[r->mark.count - 1] : 0;
}

/* Are `count` items above the last mark? */
static spae_status need(const reader *r, uint32_t count)
{
    return r->stack.count - floor_of(r) >= count ? SPAE_OK : broken(r, "the stack has too few values");
}

static spae_status pop(reader *r, uint32_t *place)
{
    const spae_status status = need(r, 1);
    if (status == SPAE_OK)
        *place = places(&r->stack)[--r->stack.count];
    return status;
}

static spae_status take_mark(reader *r, uint32_t *from)
{
    if (r->mark.count == 0)
        return broken(r, "there is no mark");
    *from = places(&r->mark)[--r->mark.count];
    return SPAE_OK;
}

/* ---- containers ------------------------------------------------------------------------------ */

static spae_status add_item(reader *r, uint32_t container, uint32_t item)
{
    const spae_status status = make_room(r, &r->cell, r->cell.count + 1);
    if (status != SPAE_OK)
        return status;
    const uint32_t here = r->cell.count++;
    value *v = value_at(r, container);
    *cell_at(r, here) = (spae_pickle_cell){item, SPAE_PICKLE_NONE};
    if (v->count == 0)
        v->is.cell.first = here;
    else
        cell_at(r, v->is.cell.last)->next = here;
    v->is.cell.last = here;
    v->count++;
    return SPAE_OK;
}

/* The stack's values from `from` on become items of a container. */
static spae_status add_items(reader *r, uint32_t container, uint32_t from)
{
    spae_status status = SPAE_OK;
    for (uint32_t i = from; status == SPAE_OK && i < r->stack.count; i++)
        status = add_item(r, container, places(&r->stack)[i]);
    r->stack.count = from;
    return status;
}

static value empty(spae_pickle_kind kind)
{
    return (value){.kind = kind, .is.cell = {SPAE_PICKLE_NONE, SPAE_PICKLE_NONE}};
}

/* A container of the stack's values from `from` on. */
static spae_status gather(reader *r, spae_pickle_kind kind, uint32_t from)
{
    const uint32_t end = r->stack.count;
    if (kind == SPAE_PICKLE_DICTIONARY && (end - from) % 2 != 0)
        return broken(r, "a key has no value");
    spae_status status = push_value(r, empty(kind));
    if (status != SPAE_OK)
        return status;
    const uint32_t made = places(&r->stack)[--r->stack.count];
    status = add_items(r, made, from);
    return status == SPAE_OK ? push(r, made) : status;
}

static spae_status gather_marked(reader *r, spae_pickle_kind kind)
{
    uint32_t from = 0;
    const spae_status status = take_mark(r, &from);
    return status == SPAE_OK ? gather(r, kind, from) : status;
}

static spae_status gather_last(reader *r, uint32_t count)
{
    const spae_status status = need(r, count);
    return status == SPAE_OK ? gather(r, SPAE_PICKLE_TUPLE, r->stack.count - count) : status;
}

/* Values from `from` on go into the container right below them. */
static spae_status extend(reader *r, spae_pickle_kind kind, uint32_t from)
{
    if (from == floor_of(r))
        return broken(r, "the stack has too few values");
    const uint32_t container = places(&r->stack)[from - 1];
    if (kind == SPAE_PICKLE_DICTIONARY && (r->stack.count - from) % 2 != 0)
        return broken(r, "a key has no value");
    if (value_at(r, container)->kind == kind)
        return add_items(r, container, from);
    return broken(r, kind == SPAE_PICKLE_LIST ? "items are added to what is no list"
                                              : "items are added to what is no dictionary");
}

static spae_status extend_marked(reader *r, spae_pickle_kind kind)
{
    uint32_t from = 0;
    const spae_status status = take_mark(r, &from);
    return status == SPAE_OK ? extend(r, kind, from) : status;
}

static spae_status extend_last(reader *r, spae_pickle_kind kind, uint32_t count)
{
    const spae_status status = need(r, count + 1);
    return status == SPAE_OK ? extend(r, kind, r->stack.count - count) : status;
}

/* A set is not needed, nor is what was to be in it. */
static spae_status add_to_set(reader *r)
{
    uint32_t from = 0;
    spae_status status = take_mark(r, &from);
    if (status == SPAE_OK && from == floor_of(r))
        status = broken(r, "the stack has too few values");
    if (status == SPAE_OK && value_at(r, places(&r->stack)[from - 1])->kind != SPAE_PICKLE_OTHER)
        status = broken(r, "items are added to what is no set");
    if (status == SPAE_OK)
        r->stack.count = from;
    return status;
}

static spae_status frozen_set(reader *r)
{
    uint32_t from = 0;
    const spae_status status = take_mark(r, &from);
    if (status != SPAE_OK)
        return status;
    r->stack.count = from;
    return push_value(r, empty(SPAE_PICKLE_OTHER));
}

/* ---- constants ------------------------------------------------------------------------------- */

static spae_status push_integer(reader *r, int64_t number)
{
    return push_value(r, (value){.kind = SPAE_PICKLE_INTEGER, .is.number = number});
}

/* `length` bytes, terminated, as a value of this kind. */
static spae_status push_bytes(reader *r, spae_pickle_kind kind, uint64_t length)
{
    if (length > bytes_left(r))
        return broken(r, "a text is longer than the file, or than a pickle may be");
    char *text = spae_arena_take(r->arena, (size_t)length + 1, 1);
    if (text == NULL)
        return no_memory(r);
    const spae_status status = take(r, text, (size_t)length);
    text[length] = '\0';
    return status == SPAE_OK
               ? push_value(r, (value){.kind = kind, .count = (uint32_t)length, .is.text = text})
               : status;
}

static spae_status push_counted(reader *r, spae_pickle_kind kind, size_t length_bytes)
{
    uint64_t length = 0;
    const spae_status status = take_number(r, length_bytes, &length);
    return status == SPAE_OK ? push_bytes(r, kind, length) : status;
}

static int64_t signed_of(uint64_t bits)
{
    return bits <= INT64_MAX ? (int64_t)bits : -(int64_t)(UINT64_MAX - bits) - 1;
}

/* Two's complement of `length` bytes. */
static spae_status push_long(reader *r, uint64_t length)
{
    uint64_t bits = 0;
    if (length > 8)
        return push_bytes(r, SPAE_PICKLE_BIG, length);
    spae_status status = take_number(r, (size_t)length, &bits);
    if (length > 0 && length < 8 && bits >> (8 * length - 1) != 0)
        bits |= UINT64_MAX << 8 * length;
    return status == SPAE_OK ? push_integer(r, signed_of(bits)) : status;
}

static spae_status push_counted_long(reader *r, size_t length_bytes)
{
    uint64_t length = 0;
    const spae_status status = take_number(r, length_bytes, &length);
    return status == SPAE_OK ? push_long(r, length) : status;
}

/* Decimal digits become bytes, the lowest first; false when they are none, or beyond 16 bytes. */
static bool decimal_bytes(const char *digits, size_t count, uint8_t bytes[16])
{
    memset(bytes, 0, 16);
    for (size_t i = 0; i < count; i++) {
        unsigned carry = (unsigned)(unsigned char)digits[i] - '0';
        if (carry > 9)
            return false;
        for (size_t b = 0; b < 16; b++) {
            carry += bytes[b] * 10U;
            bytes[b] = (uint8_t)(carry & 0xff);
            carry >>= 8;
        }
        if (carry != 0)
            return false;
    }
    return count > 0;
}

/* INT and LONG of protocols 0 and 1: digits, a sign before them, an L behind; I01 is True. */
static spae_status push_decimal(reader *r)
{
    char line[LINE_MOST];
    uint8_t bytes[16];
    spae_status status = take_line(r, line);
    if (status != SPAE_OK)
        return status;
    const bool negative = line[0] == '-';
    size_t length = strlen(line);
    length -= length > 0 && line[length - 1] == 'L';
    if (length < negative || !decimal_bytes(line + negative, length - negative, bytes))
        return broken(r, "expected a whole number of at most 128 bits");
    uint64_t bits = 0;
    size_t used = 16;
    while (used > 0 && bytes[used - 1] == 0)
        used--;
    for (size_t i = 0; i < 8; i++)
        bits |= (uint64_t)bytes[i] << 8 * i;
    if (used <= 8 && bits <= INT64_MAX)
        return push_integer(r, negative ? -(int64_t)bits : (int64_t)bits);
    if (negative) /* no size, and no magic number */
        return push_value(r, empty(SPAE_PICKLE_OTHER));
    uint8_t *kept = spae_arena_take(r->arena, used + 1, 1);
    if (kept == NULL)
        return no_memory(r);
    memcpy(kept, bytes, used);
    kept[used] = 0;
    return push_value(r, (value){.kind = SPAE_PICKLE_BIG, .count = (uint32_t)used, .is.text = (char *)kept});
}

static spae_status push_fixed(reader *r, size_t bytes)
{
    uint64_t bits = 0;
    const spae_status status = take_number(r, bytes, &bits);
    return status == SPAE_OK ? push_integer(r, (int64_t)bits) : status;
}

static spae_status push_signed(reader *r)
{
    uint64_t bits = 0;
    const spae_status status = take_number(r, 4, &bits);
    return status == SPAE_OK ? push_integer(r, (int64_t)bits - (bits >> 31 != 0 ? INT64_C(1) << 32 : 0)) : status;
}

/* A value of fixed length that nobody needs. */
static spae_status push_other(reader *r, size_t bytes)
{
    uint64_t bits = 0;
    const spae_status status = take_number(r, bytes, &bits);
    return status == SPAE_OK ? push_value(r, empty(SPAE_PICKLE_OTHER)) : status;
}

/* ---- the memo -------------------------------------------------------------------------------- */

static spae_status remember(reader *r, uint64_t place)
{
    spae_status status = need(r, 1);
    if (status != SPAE_OK)
        return status;
    if (place >= r->at)
        return broken(r, "a place of the memo beyond the bytes read so far");
    const uint32_t due = (uint32_t)place + 1;
    status = make_room(r, &r->memo, due);
    while (status == SPAE_OK && r->memo.count < due)
        places(&r->memo)[r->memo.count++] = SPAE_PICKLE_NONE;
    if (status == SPAE_OK)
        places(&r->memo)[place] = places(&r->stack)[r->stack.count - 1];
    return status;
}

static spae_status recall(reader *r, uint64_t place)
{
    if (place >= r->memo.count || places(&r->memo)[place] == SPAE_PICKLE_NONE)
        return broken(r, "a place of the memo that holds nothing");
    return push(r, places(&r->memo)[place]);
}

/* The place in `bytes` bytes, or, when 0, in a line. */
static spae_status memo_place(reader *r, size_t bytes, uint64_t *place)
{
    char line[LINE_MOST];
    uint8_t number[16];
    if (bytes > 0)
        return take_number(r, bytes, place);
    const spae_status status = take_line(r, line);
    if (status == SPAE_OK && !decimal_bytes(line, strlen(line), number))
        return broken(r, "expected a place of the memo");
    *place = 0;
    for (size_t i = 0; status == SPAE_OK && i < 16; i++) {
        if (i < 8)
            *place |= (uint64_t)number[i] << 8 * i;
        else if (number[i] != 0)
            *place = UINT64_MAX;
    }
    return status;
}

static spae_status put(reader *r, size_t bytes)
{
    uint64_t place = 0;
    const spae_status status = memo_place(r, bytes, &place);
    return status == SPAE_OK ? remember(r, place) : status;
}

static spae_status get(reader *r, size_t bytes)
{
    uint64_t place = 0;
    const spae_status status = memo_place(r, bytes, &place);
    return status == SPAE_OK ? recall(r, place) : status;
}

/* ---- globals and calls ----------------------------------------------------------------------- */

static spae_status push_global(reader *r, const char *module, const char *name)
{
    char quoted[2][SPAE_WORDS_QUOTE];
    for (uint32_t i = 0; i < r->globals; i++)
        if (strcmp(r->global[i].module, module) == 0 && strcmp(r->global[i].name, name) == 0)
            return push_value(r, (value){.kind = SPAE_PICKLE_GLOBAL, .count = i});
    return spae_fail(r->err, SPAE_ERR_FORMAT,
                     "%s: %s: byte %llu: global %s of module %s is none of those that tensors need; "
                     "nothing of a file is run",
                     r->source->name, r->place, (unsigned long long)(r->start + r->opcode_at),
                     spae_words_quote(name, strlen(name), quoted[0]),
                     spae_words_quote(module, strlen(module), quoted[1]));
}

static spae_status read_global(reader *r)
{
    char module[LINE_MOST], name[LINE_MOST];
    spae_status status = take_line(r, module);
    if (status == SPAE_OK)
        status = take_line(r, name);
    return status == SPAE_OK ? push_global(r, module, name) : status;
}

static spae_status stack_global(reader *r)
{
    spae_status status = need(r, 2);
    if (status != SPAE_OK)
        return status;
    r->stack.count -= 2;
    const value *module = value_at(r, places(&r->stack)[r->stack.count]);
    const value *name = value_at(r, places(&r->stack)[r->stack.count + 1]);
    if (module->kind != SPAE_PICKLE_TEXT || name->kind != SPAE_PICKLE_TEXT)
        return broken(r, "the name of a global is no text");
    return push_global(r, module->is.text, name->is.text);
}

/* Pairs of a list, or of a tuple, become a dictionary: OrderedDict([(key, value), ..]). */
static spae_status ordered(reader *r, const value *arguments)
{
    spae_status status = push_value(r, empty(SPAE_PICKLE_DICTIONARY));
    if (status != SPAE_OK || arguments->count == 0)
        return status;
    const uint32_t made = places(&r->stack)[r->stack.count - 1];
    const value *list = value_at(r, cell_at(r, arguments->is.cell.first)->value);
    if (arguments->count != 1 || list->kind != SPAE_PICKLE_LIST)
        return broken(r, "an OrderedDict of something else than a list of pairs");
    uint32_t cell = list->count > 0 ? list->is.cell.first : SPAE_PICKLE_NONE;
    for (; status == SPAE_OK && cell != SPAE_PICKLE_NONE; cell = cell_at(r, cell)->next) {
        const value *pair = value_at(r, cell_at(r, cell)->value);
        if ((pair->kind != SPAE_PICKLE_LIST && pair->kind != SPAE_PICKLE_TUPLE) || pair->count != 2)
            return broken(r, "an OrderedDict of something else than a list of pairs");
        const spae_pickle_cell key = *cell_at(r, pair->is.cell.first);
        const uint32_t second = cell_at(r, key.next)->value;
        status = add_item(r, made, key.value);
        if (status == SPAE_OK)
            status = add_item(r, made, second);
    }
    return status;
}

static spae_status reduce(reader *r)
{
    spae_status status = need(r, 2);
    if (status != SPAE_OK)
        return status;
    r->stack.count -= 2;
    const uint32_t arguments = places(&r->stack)[r->stack.count + 1];
    const value called = *value_at(r, places(&r->stack)[r->stack.count]);
    const value given = *value_at(r, arguments);
    if (called.kind != SPAE_PICKLE_GLOBAL || r->global[called.count].use == SPAE_PICKLE_NAMED)
        return broken(r, "REDUCE calls what may not be called");
    if (given.kind != SPAE_PICKLE_TUPLE)
        return broken(r, "REDUCE with something else than a tuple");
    if (r->global[called.count].use == SPAE_PICKLE_ORDERED)
        return ordered(r, &given);
    status = push_value(r, (value){.kind = SPAE_PICKLE_CALL, .count = called.count});
    if (status == SPAE_OK)
        status = make_room(r, &r->cell, r->cell.count + 1);
    if (status != SPAE_OK)
        return status;
    *cell_at(r, r->cell.count) = (spae_pickle_cell){arguments, SPAE_PICKLE_NONE};
    value_at(r, r->value.count - 1)->is.cell.first = r->cell.count++;
    return SPAE_OK;
}

static spae_status persistent(reader *r)
{
    uint32_t id = 0;
    spae_status status = pop(r, &id);
    if (status == SPAE_OK)
        status = push_value(r, empty(SPAE_PICKLE_PERSISTENT));
    if (status == SPAE_OK)
        status = make_room(r, &r->cell, r->cell.count + 1);
    if (status != SPAE_OK)
        return status;
    *cell_at(r, r->cell.count) = (spae_pickle_cell){id, SPAE_PICKLE_NONE};
    value_at(r, r->value.count - 1)->is.cell.first = r->cell.count++;
    return SPAE_OK;
}

/* What an OrderedDict has besides its items: the versions of modules. */
static spae_status build(reader *r)
{
    uint32_t state;
    spae_status status = need(r, 2);
    if (status == SPAE_OK)
        status = pop(r, &state);
    if (status == SPAE_OK &&
        value_at(r, places(&r->stack)[r->stack.count - 1])->kind != SPAE_PICKLE_DICTIONARY)
        status = broken(r, "BUILD gives a state to what is no OrderedDict");
    return status;
}

/* ---- opcodes --------------------------------------------------------------------------------- */

static spae_status put_mark(reader *r)
{
    const spae_status status = make_room(r, &r->mark, r->mark.count + 1);
    if (status == SPAE_OK)
        places(&r->mark)[r->mark.count++] = r->stack.count;
    return status;
}

static spae_status pop_mark(reader *r)
{
    uint32_t from = 0;
    const spae_status status = take_mark(r, &from);
    if (status == SPAE_OK)
        r->stack.count = from;
    return status;
}

static spae_status pop_one(reader *r) /* a mark, when it is on top */
{
    uint32_t place = 0;
    return r->mark.count > 0 && r->stack.count == floor_of(r) ? take_mark(r, &place) : pop(r, &place);
}

static spae_status duplicate(reader *r)
{
    const spae_status status = need(r, 1);
    return status == SPAE_OK ? push(r, places(&r->stack)[r->stack.count - 1]) : status;
}

static spae_status protocol(reader *r)
{
    uint8_t version = 0;
    const spae_status status = take(r, &version, 1);
    return status == SPAE_OK && version > 5 ? broken(r, "a protocol above 5") : status;
}

static spae_status frame(reader *r)
{
    uint64_t length = 0;
    const spae_status status = take_number(r, 8, &length);
    return status == SPAE_OK && length > bytes_left(r)
               ? broken(r, "a frame is longer than the file, or than a pickle may be")
               : status;
}

/* The names of what is not taken. */
static spae_status refuse(const reader *r, uint8_t opcode)
{
    static const struct {
        uint8_t opcode;
        const char *name;
    } known[] = {{'i', "INST"},          {'o', "OBJ"},         {0x81, "NEWOBJ"}, {0x92, "NEWOBJ_EX"},
                 {0x82, "EXT1"},         {0x83, "EXT2"},       {0x84, "EXT4"},   {'P', "PERSID"},
                 {0x97, "NEXT_BUFFER"},  {0x98, "READONLY_BUFFER"},              {'S', "STRING"},
                 {'V', "UNICODE"},       {'F', "FLOAT"}};
    char line[96];
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (known[i].opcode == opcode) {
            strcat(strcat(strcpy(line, "opcode "), known[i].name),
                   " is none of those that tensors need; nothing of a file is run");
            return broken(r, line);
        }
    return broken(r, "here is no opcode of a pickle");
}

/* Everything but STOP, in pickletools' order. */
static spae_status run(reader *r, uint8_t opcode)
{
    switch (opcode) {
    case 'I': case 'L': return push_decimal(r);
    case 'J': return push_signed(r);
    case 'K': return push_fixed(r, 1);
    case 'M': return push_fixed(r, 2);
    case 0x8a: return push_counted_long(r, 1);
    case 0x8b: return push_counted_long(r, 4);
    case 'T': return push_counted(r, SPAE_PICKLE_TEXT, 4);
    case 'U': return push_counted(r, SPAE_PICKLE_TEXT, 1);
    case 'B': return push_counted(r, SPAE_PICKLE_OTHER, 4);
    case 'C': return push_counted(r, SPAE_PICKLE_OTHER, 1);
    case 0x8e: case 0x96: return push_counted(r, SPAE_PICKLE_OTHER, 8);
    case 'N': return push_value(r, empty(SPAE_PICKLE_OTHER));
    case 0x88: return push_integer(r, 1);
    case 0x89: return push_integer(r, 0);
    case 0x8c: return push_counted(r, SPAE_PICKLE_TEXT, 1);
    case 'X': return push_counted(r, SPAE_PICKLE_TEXT, 4);
    case 0x8d: return push_counted(r, SPAE_PICKLE_TEXT, 8);
    case 'G': return push_other(r, 8);
    case ']': return push_value(r, empty(SPAE_PICKLE_LIST));
    case 'a': return extend_last(r, SPAE_PICKLE_LIST, 1);
    case 'e': return extend_marked(r, SPAE_PICKLE_LIST);
    case 'l': return gather_marked(r, SPAE_PICKLE_LIST);
    case ')': return push_value(r, empty(SPAE_PICKLE_TUPLE));
    case 't': return gather_marked(r, SPAE_PICKLE_TUPLE);
    case 0x85: return gather_last(r, 1);
    case 0x86: return gather_last(r, 2);
    case 0x87: return gather_last(r, 3);
    case '}': return push_value(r, empty(SPAE_PICKLE_DICTIONARY));
    case 'd': return gather_marked(r, SPAE_PICKLE_DICTIONARY);
    case 's': return extend_last(r, SPAE_PICKLE_DICTIONARY, 2);
    case 'u': return extend_marked(r, SPAE_PICKLE_DICTIONARY);
    case 0x8f: return push_value(r, empty(SPAE_PICKLE_OTHER));
    case 0x90: return add_to_set(r);
    case 0x91: return frozen_set(r);
    case '0': return pop_one(r);
    case '2': return duplicate(r);
    case '(': return put_mark(r);
    case '1': return pop_mark(r);
    case 'g': return get(r, 0);
    case 'h': return get(r, 1);
    case 'j': return get(r, 4);
    case 'p': return put(r, 0);
    case 'q': return put(r, 1);
    case 'r': return put(r, 4);
    case 0x94: return remember(r, r->memo.count);
    case 'c': return read_global(r);
    case 0x93: return stack_global(r);
    case 'R': return reduce(r);
    case 'b': return build(r);
    case 0x80: return protocol(r);
    case 'Q': return persistent(r);
    case 0x95: return frame(r);
    default: return refuse(r, opcode);
    }
}

static spae_status read_all(reader *r)
{
    uint8_t opcode = 0;
    for (;;) {
        r->opcode_at = r->at;
        spae_status status = take(r, &opcode, 1);
        if (status == SPAE_OK && opcode != '.')
            status = run(r, opcode);
        if (status != SPAE_OK)
            return status;
        if (opcode == '.')
            return r->stack.count == 1 && r->mark.count == 0
                       ? SPAE_OK
                       : broken(r, "STOP with something else than one value on the stack");
    }
}

spae_status spae_pickle_read(spae_arena *arena, const spae_source *source, const char *place,
                             uint64_t start, const spae_pickle_global *global, size_t globals,
                             spae_pickle *pickle, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    reader r = {.arena = arena, .source = source, .place = place, .start = start, .global = global,
                .globals = globals, .err = err, .value.size = sizeof(value),
                .cell.size = sizeof(spae_pickle_cell), .stack.size = sizeof(uint32_t),
                .mark.size = sizeof(uint32_t), .memo.size = sizeof(uint32_t)};
    const spae_status status = read_all(&r);
    if (status == SPAE_OK)
        *pickle = (spae_pickle){.value = r.value.items, .cell = r.cell.items, .values = r.value.count,
                                .root = places(&r.stack)[0], .bytes = r.at};
    else
        spae_arena_reset(arena, mark);
    return status;
}

const spae_pickle_value *spae_pickle_item(const spae_pickle *pickle,
                                          const spae_pickle_value *container, size_t index)
{
    const bool one = container->kind == SPAE_PICKLE_CALL || container->kind == SPAE_PICKLE_PERSISTENT;
    if (index >= (one ? 1 : container->count))
        return NULL;
    uint32_t cell = container->is.cell.first;
    while (index-- > 0)
        cell = pickle->cell[cell].next;
    return &pickle->value[pickle->cell[cell].value];
}
