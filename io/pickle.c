/* The restricted unpickler of pickle.h (SPEC 8.41): what each opcode does to the stack machine of
 * pickle_stack.c.
 */
#include "io/pickle_parts.h"

#include "io/words.h"

typedef spae_pickle_reader reader;
typedef spae_pickle_value value;

/* ---- constants ------------------------------------------------------------------------------- */

static spae_status push_integer(reader *r, int64_t number)
{
    return spae_pickle_push_value(r, (value){.kind = SPAE_PICKLE_INTEGER, .is.number = number});
}

/* `length` bytes, terminated, as a value of this kind. */
static spae_status push_bytes(reader *r, spae_pickle_kind kind, uint64_t length)
{
    if (length > spae_pickle_bytes_left(r))
        return spae_pickle_broken(r, "a text is longer than the file, or than a pickle may be");
    char *text = spae_arena_take(r->arena, (size_t)length + 1, 1);
    if (text == NULL)
        return spae_pickle_no_memory(r);
    const spae_status status = spae_pickle_take(r, text, (size_t)length);
    text[length] = '\0';
    return status == SPAE_OK
               ? spae_pickle_push_value(
                     r, (value){.kind = kind, .count = (uint32_t)length, .is.text = text})
               : status;
}

static spae_status push_counted(reader *r, spae_pickle_kind kind, size_t length_bytes)
{
    uint64_t length = 0;
    const spae_status status = spae_pickle_take_number(r, length_bytes, &length);
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
    spae_status status = spae_pickle_take_number(r, (size_t)length, &bits);
    if (length > 0 && length < 8 && bits >> (8 * length - 1) != 0)
        bits |= UINT64_MAX << 8 * length;
    return status == SPAE_OK ? push_integer(r, signed_of(bits)) : status;
}

static spae_status push_counted_long(reader *r, size_t length_bytes)
{
    uint64_t length = 0;
    const spae_status status = spae_pickle_take_number(r, length_bytes, &length);
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
    char line[SPAE_PICKLE_LINE];
    uint8_t bytes[16];
    spae_status status = spae_pickle_take_line(r, line);
    if (status != SPAE_OK)
        return status;
    const bool negative = line[0] == '-';
    size_t length = strlen(line);
    length -= length > 0 && line[length - 1] == 'L';
    if (length < negative || !decimal_bytes(line + negative, length - negative, bytes))
        return spae_pickle_broken(r, "expected a whole number of at most 128 bits");
    uint64_t bits = 0;
    size_t used = 16;
    while (used > 0 && bytes[used - 1] == 0)
        used--;
    for (size_t i = 0; i < 8; i++)
        bits |= (uint64_t)bytes[i] << 8 * i;
    if (used <= 8 && bits <= INT64_MAX)
        return push_integer(r, negative ? -(int64_t)bits : (int64_t)bits);
    if (negative) /* no size, and no magic number */
        return spae_pickle_push_value(r, spae_pickle_empty(SPAE_PICKLE_OTHER));
    uint8_t *kept = spae_arena_take(r->arena, used + 1, 1);
    if (kept == NULL)
        return spae_pickle_no_memory(r);
    memcpy(kept, bytes, used);
    kept[used] = 0;
    return spae_pickle_push_value(
        r, (value){.kind = SPAE_PICKLE_BIG, .count = (uint32_t)used, .is.text = (char *)kept});
}

static spae_status push_fixed(reader *r, size_t bytes)
{
    uint64_t bits = 0;
    const spae_status status = spae_pickle_take_number(r, bytes, &bits);
    return status == SPAE_OK ? push_integer(r, (int64_t)bits) : status;
}

static spae_status push_signed(reader *r)
{
    uint64_t bits = 0;
    const spae_status status = spae_pickle_take_number(r, 4, &bits);
    return status == SPAE_OK ? push_integer(r, (int64_t)bits - (bits >> 31 != 0 ? INT64_C(1) << 32 : 0)) : status;
}

/* A value of fixed length that nobody needs. */
static spae_status push_other(reader *r, size_t bytes)
{
    uint64_t bits = 0;
    const spae_status status = spae_pickle_take_number(r, bytes, &bits);
    return status == SPAE_OK ? spae_pickle_push_value(r, spae_pickle_empty(SPAE_PICKLE_OTHER)) : status;
}

/* ---- the memo -------------------------------------------------------------------------------- */

static spae_status remember(reader *r, uint64_t place)
{
    spae_status status = spae_pickle_need(r, 1);
    if (status != SPAE_OK)
        return status;
    if (place >= r->at)
        return spae_pickle_broken(r, "a place of the memo beyond the bytes read so far");
    const uint32_t due = (uint32_t)place + 1;
    status = spae_pickle_make_room(r, &r->memo, due);
    while (status == SPAE_OK && r->memo.count < due)
        spae_pickle_places(&r->memo)[r->memo.count++] = SPAE_PICKLE_NONE;
    if (status == SPAE_OK)
        spae_pickle_places(&r->memo)[place] = spae_pickle_places(&r->stack)[r->stack.count - 1];
    return status;
}

static spae_status recall(reader *r, uint64_t place)
{
    if (place >= r->memo.count || spae_pickle_places(&r->memo)[place] == SPAE_PICKLE_NONE)
        return spae_pickle_broken(r, "a place of the memo that holds nothing");
    return spae_pickle_push(r, spae_pickle_places(&r->memo)[place]);
}

/* The place in `bytes` bytes, or, when 0, in a line. */
static spae_status memo_place(reader *r, size_t bytes, uint64_t *place)
{
    char line[SPAE_PICKLE_LINE];
    uint8_t number[16];
    if (bytes > 0)
        return spae_pickle_take_number(r, bytes, place);
    const spae_status status = spae_pickle_take_line(r, line);
    if (status == SPAE_OK && !decimal_bytes(line, strlen(line), number))
        return spae_pickle_broken(r, "expected a place of the memo");
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
            return spae_pickle_push_value(r, (value){.kind = SPAE_PICKLE_GLOBAL, .count = i});
    return spae_fail(r->err, SPAE_ERR_FORMAT,
                     "%s: %s: byte %llu: global %s of module %s is none of those that tensors need; "
                     "nothing of a file is run",
                     r->source->name, r->place, (unsigned long long)(r->start + r->opcode_at),
                     spae_words_quote(name, strlen(name), quoted[0]),
                     spae_words_quote(module, strlen(module), quoted[1]));
}

static spae_status read_global(reader *r)
{
    char module[SPAE_PICKLE_LINE], name[SPAE_PICKLE_LINE];
    spae_status status = spae_pickle_take_line(r, module);
    if (status == SPAE_OK)
        status = spae_pickle_take_line(r, name);
    return status == SPAE_OK ? push_global(r, module, name) : status;
}

static spae_status stack_global(reader *r)
{
    spae_status status = spae_pickle_need(r, 2);
    if (status != SPAE_OK)
        return status;
    r->stack.count -= 2;
    const value *module = spae_pickle_value_at(r, spae_pickle_places(&r->stack)[r->stack.count]);
    const value *name = spae_pickle_value_at(r, spae_pickle_places(&r->stack)[r->stack.count + 1]);
    if (module->kind != SPAE_PICKLE_TEXT || name->kind != SPAE_PICKLE_TEXT)
        return spae_pickle_broken(r, "the name of a global is no text");
    return push_global(r, module->is.text, name->is.text);
}

/* Pairs of a list, or of a tuple, become a dictionary: OrderedDict([(key, value), ..]). */
static spae_status ordered(reader *r, const value *arguments)
{
    spae_status status = spae_pickle_push_value(r, spae_pickle_empty(SPAE_PICKLE_DICTIONARY));
    if (status != SPAE_OK || arguments->count == 0)
        return status;
    const uint32_t made = spae_pickle_places(&r->stack)[r->stack.count - 1];
    const value *list = spae_pickle_value_at(r, spae_pickle_cell_at(r, arguments->is.cell.first)->value);
    if (arguments->count != 1 || list->kind != SPAE_PICKLE_LIST)
        return spae_pickle_broken(r, "an OrderedDict of something else than a list of pairs");
    uint32_t cell = list->count > 0 ? list->is.cell.first : SPAE_PICKLE_NONE;
    for (; status == SPAE_OK && cell != SPAE_PICKLE_NONE; cell = spae_pickle_cell_at(r, cell)->next) {
        const value *pair = spae_pickle_value_at(r, spae_pickle_cell_at(r, cell)->value);
        if ((pair->kind != SPAE_PICKLE_LIST && pair->kind != SPAE_PICKLE_TUPLE) || pair->count != 2)
            return spae_pickle_broken(r, "an OrderedDict of something else than a list of pairs");
        const spae_pickle_cell key = *spae_pickle_cell_at(r, pair->is.cell.first);
        const uint32_t second = spae_pickle_cell_at(r, key.next)->value;
        status = spae_pickle_add_item(r, made, key.value);
        if (status == SPAE_OK)
            status = spae_pickle_add_item(r, made, second);
    }
    return status;
}

static spae_status reduce(reader *r)
{
    spae_status status = spae_pickle_need(r, 2);
    if (status != SPAE_OK)
        return status;
    r->stack.count -= 2;
    const uint32_t arguments = spae_pickle_places(&r->stack)[r->stack.count + 1];
    const value called = *spae_pickle_value_at(r, spae_pickle_places(&r->stack)[r->stack.count]);
    const value given = *spae_pickle_value_at(r, arguments);
    if (called.kind != SPAE_PICKLE_GLOBAL || r->global[called.count].use == SPAE_PICKLE_NAMED)
        return spae_pickle_broken(r, "REDUCE calls what may not be called");
    if (given.kind != SPAE_PICKLE_TUPLE)
        return spae_pickle_broken(r, "REDUCE with something else than a tuple");
    if (r->global[called.count].use == SPAE_PICKLE_ORDERED)
        return ordered(r, &given);
    status = spae_pickle_push_value(r, (value){.kind = SPAE_PICKLE_CALL, .count = called.count});
    if (status == SPAE_OK)
        status = spae_pickle_make_room(r, &r->cell, r->cell.count + 1);
    if (status != SPAE_OK)
        return status;
    *spae_pickle_cell_at(r, r->cell.count) = (spae_pickle_cell){arguments, SPAE_PICKLE_NONE};
    spae_pickle_value_at(r, r->value.count - 1)->is.cell.first = r->cell.count++;
    return SPAE_OK;
}

static spae_status persistent(reader *r)
{
    uint32_t id = 0;
    spae_status status = spae_pickle_pop(r, &id);
    if (status == SPAE_OK)
        status = spae_pickle_push_value(r, spae_pickle_empty(SPAE_PICKLE_PERSISTENT));
    if (status == SPAE_OK)
        status = spae_pickle_make_room(r, &r->cell, r->cell.count + 1);
    if (status != SPAE_OK)
        return status;
    *spae_pickle_cell_at(r, r->cell.count) = (spae_pickle_cell){id, SPAE_PICKLE_NONE};
    spae_pickle_value_at(r, r->value.count - 1)->is.cell.first = r->cell.count++;
    return SPAE_OK;
}

/* What an OrderedDict has besides its items: the versions of modules. */
static spae_status build(reader *r)
{
    uint32_t state;
    spae_status status = spae_pickle_need(r, 2);
    if (status == SPAE_OK)
        status = spae_pickle_pop(r, &state);
    if (status == SPAE_OK &&
        spae_pickle_value_at(r, spae_pickle_places(&r->stack)[r->stack.count - 1])->kind !=
            SPAE_PICKLE_DICTIONARY)
        status = spae_pickle_broken(r, "BUILD gives a state to what is no OrderedDict");
    return status;
}

/* ---- opcodes --------------------------------------------------------------------------------- */

static spae_status put_mark(reader *r)
{
    const spae_status status = spae_pickle_make_room(r, &r->mark, r->mark.count + 1);
    if (status == SPAE_OK)
        spae_pickle_places(&r->mark)[r->mark.count++] = r->stack.count;
    return status;
}

static spae_status pop_mark(reader *r)
{
    uint32_t from = 0;
    const spae_status status = spae_pickle_take_mark(r, &from);
    if (status == SPAE_OK)
        r->stack.count = from;
    return status;
}

static spae_status pop_one(reader *r) /* a mark, when it is on top */
{
    uint32_t place = 0;
    return r->mark.count > 0 && r->stack.count == spae_pickle_floor_of(r) ? spae_pickle_take_mark(r, &place)
                                                                          : spae_pickle_pop(r, &place);
}

static spae_status duplicate(reader *r)
{
    const spae_status status = spae_pickle_need(r, 1);
    return status == SPAE_OK ? spae_pickle_push(r, spae_pickle_places(&r->stack)[r->stack.count - 1]) : status;
}

static spae_status protocol(reader *r)
{
    uint8_t version = 0;
    const spae_status status = spae_pickle_take(r, &version, 1);
    return status == SPAE_OK && version > 5 ? spae_pickle_broken(r, "a protocol above 5") : status;
}

static spae_status frame(reader *r)
{
    uint64_t length = 0;
    const spae_status status = spae_pickle_take_number(r, 8, &length);
    return status == SPAE_OK && length > spae_pickle_bytes_left(r)
               ? spae_pickle_broken(r, "a frame is longer than the file, or than a pickle may be")
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
            return spae_pickle_broken(r, line);
        }
    return spae_pickle_broken(r, "here is no opcode of a pickle");
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
    case 'N': return spae_pickle_push_value(r, spae_pickle_empty(SPAE_PICKLE_OTHER));
    case 0x88: return push_integer(r, 1);
    case 0x89: return push_integer(r, 0);
    case 0x8c: return push_counted(r, SPAE_PICKLE_TEXT, 1);
    case 'X': return push_counted(r, SPAE_PICKLE_TEXT, 4);
    case 0x8d: return push_counted(r, SPAE_PICKLE_TEXT, 8);
    case 'G': return push_other(r, 8);
    case ']': return spae_pickle_push_value(r, spae_pickle_empty(SPAE_PICKLE_LIST));
    case 'a': return spae_pickle_extend_last(r, SPAE_PICKLE_LIST, 1);
    case 'e': return spae_pickle_extend_marked(r, SPAE_PICKLE_LIST);
    case 'l': return spae_pickle_gather_marked(r, SPAE_PICKLE_LIST);
    case ')': return spae_pickle_push_value(r, spae_pickle_empty(SPAE_PICKLE_TUPLE));
    case 't': return spae_pickle_gather_marked(r, SPAE_PICKLE_TUPLE);
    case 0x85: return spae_pickle_gather_last(r, 1);
    case 0x86: return spae_pickle_gather_last(r, 2);
    case 0x87: return spae_pickle_gather_last(r, 3);
    case '}': return spae_pickle_push_value(r, spae_pickle_empty(SPAE_PICKLE_DICTIONARY));
    case 'd': return spae_pickle_gather_marked(r, SPAE_PICKLE_DICTIONARY);
    case 's': return spae_pickle_extend_last(r, SPAE_PICKLE_DICTIONARY, 2);
    case 'u': return spae_pickle_extend_marked(r, SPAE_PICKLE_DICTIONARY);
    case 0x8f: return spae_pickle_push_value(r, spae_pickle_empty(SPAE_PICKLE_OTHER));
    case 0x90: return spae_pickle_add_to_set(r);
    case 0x91: return spae_pickle_frozen_set(r);
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
        spae_status status = spae_pickle_take(r, &opcode, 1);
        if (status == SPAE_OK && opcode != '.')
            status = run(r, opcode);
        if (status != SPAE_OK)
            return status;
        if (opcode == '.')
            return r->stack.count == 1 && r->mark.count == 0
                       ? SPAE_OK
                       : spae_pickle_broken(r, "STOP with something else than one value on the stack");
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
                                .root = spae_pickle_places(&r.stack)[0], .bytes = r.at};
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
