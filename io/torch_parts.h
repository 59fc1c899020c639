/* What the reader of torch.save's files shares: torch_file.c opens the forms, torch_tensors.c makes
 * names and tensors of the pickle, torch_items.c reads numbers. */
#ifndef SPAE_IO_TORCH_PARTS_H
#define SPAE_IO_TORCH_PARTS_H

#include "io/pickle.h"
#include "io/torch_file.h"

/* The types of items; of an untyped storage they are bytes. */
typedef struct {
    const char *name;
    spae_npy_kind kind;
    size_t item_bytes;
    bool bfloat16;
} spae_torch_type;

enum { SPAE_TORCH_TYPES = 13, SPAE_TORCH_UNTYPED = SPAE_TORCH_TYPES };

extern const spae_torch_type spae_torch_types[SPAE_TORCH_TYPES + 1];

/* The globals that may occur, in this order: calls, storages (of the first ten types, then untyped
 * ones), and all types. */
enum {
    SPAE_TORCH_ORDERED,
    SPAE_TORCH_REBUILD_1,
    SPAE_TORCH_REBUILD_2,
    SPAE_TORCH_REBUILD_3,
    SPAE_TORCH_PARAMETER,
    SPAE_TORCH_STORAGE,
    SPAE_TORCH_STORAGES_END = SPAE_TORCH_STORAGE + 12, /* both names of the untyped one */
    SPAE_TORCH_GLOBALS = SPAE_TORCH_STORAGES_END + SPAE_TORCH_TYPES
};

extern const spae_pickle_global spae_torch_globals[SPAE_TORCH_GLOBALS];

struct spae_torch_storage {
    const char *key;  /* in the arena */
    uint32_t offset;  /* in the pickle, of the value that names it first */
    size_t type;      /* SPAE_TORCH_UNTYPED: items are bytes */
    uint64_t items;
    const spae_npz_member *member; /* of the zip form */
    bool deflated;                 /* to be inflated each time */
    spae_source data;              /* else where it is read, from byte `at` on */
    uint64_t at;
};

/* The parts of a file while it is opened. */
typedef struct {
    spae_arena *arena;
    const spae_source *source;
    const char *place; /* "archive/data.pkl", "the state": begins messages behind the file's name */
    uint64_t start;    /* of the pickle in its source, for messages */
    spae_limits limits;
    const spae_pickle *pickle;
    spae_torch_storage *storage; /* (storages), by key */
    size_t storages;
    spae_error *err;
} spae_torch_reader;

/* "x.pt: archive/data.pkl: byte 20: WHAT", SPAE_ERR_FORMAT. */
spae_status spae_torch_broken(const spae_torch_reader *r, uint32_t offset, const char *what);

/* Finds every storage that the pickle names.    err  SPAE_ERR_FORMAT  SPAE_ERR_NO_MEMORY */
spae_status spae_torch_find_storages(spae_torch_reader *r);

/* The storage of that key; NULL: none. */
spae_torch_storage *spae_torch_find_storage(const spae_torch_reader *r, const char *key);

/* Names and tensors, and both orders of them, into the file.    err  likewise */
spae_status spae_torch_find_tensors(const spae_torch_reader *r, spae_torch_file *file);

/* Place of a tensor's type in spae_torch_types. */
size_t spae_torch_type_of(const spae_torch_array *array);

#endif
