/* Pickles, restricted (SPEC 8.41): what a file of numbers says about itself, as a tree of plain
 * values. Nothing is run and nothing is looked up: a name in the file (a global) is one of those
 * that the caller lists, or the reading ends.
 *
 * Source    the opcodes of Python's pickletools, protocols 0 to 5.
 * Taken     constants, texts, tuples, lists, dictionaries, sets, the memo, globals of the caller's
 *           list, calls of them (REDUCE), persistent ids that are values (BINPERSID), and what BUILD
 *           gives to an OrderedDict, which is dropped.
 * Refused   every other opcode, by name and place: INST, OBJ, NEWOBJ, NEWOBJ_EX, EXT1, EXT2, EXT4,
 *           PERSID, buffers outside the pickle, texts as protocol 0 writes them. No tensor can be
 *           written with these.
 * Open      our choice:
 *             a pickle     has at most SPAE_PICKLE_MOST bytes; it ends with STOP, its stack then
 *                          holds one value
 *             the memo     is numbered below the bytes of the pickle read so far
 *             FRAME        its length must lie inside the file; frames mean nothing else
 * Memory    less than 128 times the bytes of the pickle, and some 10 times in practice; nothing
 *           recursive. A value that refers to itself is taken: who walks the tree must watch for it.
 */
#ifndef SPAE_IO_PICKLE_H
#define SPAE_IO_PICKLE_H

#include "io/file.h"

#define SPAE_PICKLE_MOST ((size_t)1 << 24)
#define SPAE_PICKLE_NONE UINT32_MAX /* a place that is none */

typedef enum {
    SPAE_PICKLE_INTEGER,    /* number; booleans too */
    SPAE_PICKLE_BIG,        /* an integer beyond 64 bits: text, count bytes, two's complement, the
                               lowest byte first */
    SPAE_PICKLE_TEXT,       /* text, count bytes, a zero behind them; UTF-8 is not checked */
    SPAE_PICKLE_TUPLE,      /* count items from cell `first` on */
    SPAE_PICKLE_LIST,       /* likewise */
    SPAE_PICKLE_DICTIONARY, /* likewise: a key, its value, a key, ..; an OrderedDict too */
    SPAE_PICKLE_GLOBAL,     /* count: its place in the caller's list */
    SPAE_PICKLE_CALL,       /* of global `count` with the tuple in cell `first` */
    SPAE_PICKLE_PERSISTENT, /* the id is in cell `first` */
    SPAE_PICKLE_OTHER       /* None, a floating-point number, bytes, a set: known, and not needed */
} spae_pickle_kind;

typedef struct {
    spae_pickle_kind kind;
    uint32_t offset; /* of its opcode, from the start of the pickle */
    uint32_t count;
    union {
        int64_t number;
        const char *text; /* in the arena */
        struct {
            uint32_t first, last; /* cells, or SPAE_PICKLE_NONE */
        } cell;
    } is;
} spae_pickle_value;

/* One item of a tuple, list or dictionary. */
typedef struct {
    uint32_t value, next; /* places in `value` and in `cell`; next may be SPAE_PICKLE_NONE */
} spae_pickle_cell;

/* What a global of the caller's list may be used for. */
typedef enum {
    SPAE_PICKLE_NAMED,   /* it stands for itself */
    SPAE_PICKLE_CALLED,  /* it may be called too */
    SPAE_PICKLE_ORDERED  /* a call of it is a dictionary: () or ([(key, value), ..]) */
} spae_pickle_use;

typedef struct {
    const char *module, *name;
    spae_pickle_use use;
} spae_pickle_global;

typedef struct {
    const spae_pickle_value *value; /* (values), in the arena */
    const spae_pickle_cell *cell;   /* in the arena */
    uint32_t values;
    uint32_t root;  /* place of the whole */
    uint64_t bytes; /* of the pickle, its STOP included */
} spae_pickle;

/* Reads the pickle that begins at byte `start` of the source; what comes behind it is not looked at.
 *   in   start   <= source->size
 *        place   begins messages: "x.pt: archive/data.pkl: byte 20: GLOBAL posix.system is not .."
 *        global  (globals) all names that may occur
 *   err  SPAE_ERR_FORMAT     an opcode or a global that is not taken, a broken or endless pickle
 *        SPAE_ERR_IO  SPAE_ERR_NO_MEMORY
 *   mem  in the arena, as said above; as it was on failure */
spae_status spae_pickle_read(spae_arena *arena, const spae_source *source, const char *place,
                             uint64_t start, const spae_pickle_global *global, size_t globals,
                             spae_pickle *pickle, spae_error *err);

/* Item `index` of a tuple, list or dictionary, or what `cell.first` holds; NULL when there is none. */
const spae_pickle_value *spae_pickle_item(const spae_pickle *pickle,
                                          const spae_pickle_value *container, size_t index);

#endif
