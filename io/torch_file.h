/* Files of torch.save (SPEC 8.42, 8.43): tensors by name, read without Python and without running
 * anything of the file's.
 *
 * Forms     the zip form of PyTorch 1.6 and later: <any>/data.pkl, a member <any>/data/<key> for
 *           each storage, <any>/byteorder. The old form: a magic number, the protocol 1001, facts of
 *           the machine, the state, the keys of the storages, all pickles, and then each storage, its
 *           number of items in 8 bytes before it. The low byte comes first there.
 * Tensors   torch._utils._rebuild_tensor, _rebuild_tensor_v2, _rebuild_tensor_v3, _rebuild_parameter
 *           of float16, bfloat16, float32, float64, bool and whole numbers of 8 to 64 bits: up to 8
 *           axes, any storage offset, any strides of which no two items are the same (transposed,
 *           sliced); several tensors may share a storage.
 * Names     of nested dictionaries and lists the keys, joined by dots: "encoder.0.weight".
 *             whole     when the outermost dictionary has, under state_dict, model_state_dict,
 *                       model, module, params, weights or net (the first of these), a dictionary or
 *                       list in which is a tensor, it alone is read, and so on inside it
 *             module.   is left out where every name begins with it (DataParallel)
 *           What is no tensor is passed over.
 * Checked   globals are those of this list and no others; every tensor lies inside its storage and
 *           every storage inside the file, of the size that its type gives; the CRC-32 of members.
 * Open      our choice:
 *             items that share a place (expand)  refused: a few bytes would claim any number
 *             64 dictionaries in each other, a dictionary inside itself, equal names, a name that is
 *             empty, has a zero in it, is not UTF-8 or beyond SPAE_TORCH_NAME bytes   refused
 *             tensors       at most 2^20; names and the items on the way to them together at most 64
 *                           times the bytes of the pickle
 *             bytes behind the last storage of the old form                           refused
 */
#ifndef SPAE_IO_TORCH_FILE_H
#define SPAE_IO_TORCH_FILE_H

#include "io/npz.h"
#include "spae.h"

#define SPAE_TORCH_RANK 8
#define SPAE_TORCH_NAME 512 /* bytes of a name, with its end */

typedef struct spae_torch_storage spae_torch_storage;

typedef struct {
    const char *name;                /* in the arena */
    const char *type;                /* static: "float32", "int64", .. */
    unsigned rank;                   /* 0 .. SPAE_TORCH_RANK; a 0-d tensor holds one item */
    size_t shape[SPAE_TORCH_RANK];   /* 1 beyond rank */
    uint64_t stride[SPAE_TORCH_RANK]; /* in items */
    size_t count;                    /* product of shape */
    uint64_t first, extent;          /* items of the storage: the first, and how many to the last */
    const spae_torch_storage *storage; /* in the arena */
} spae_torch_array;

typedef struct {
    const spae_source *source; /* borrowed */
    size_t count;
    const spae_torch_array *arrays;         /* (count), in the arena: in the order of the file */
    const spae_torch_array *const *by_name; /* (count), in the arena: by strcmp */
    bool big_endian;
    bool is_zip;
    spae_npz zip; /* the directory of the zip form */
} spae_torch_file;

/* Is there a member called <any>/data.pkl? */
bool spae_torch_is_zip(const spae_npz *zip);

/* Does a file begin so, as the old form does? `start` are its first `size` bytes; 16 say it. */
bool spae_torch_is_old(const uint8_t *start, size_t size);

/* Reads all but the tensors' numbers. The source is borrowed for as long as the file is used.
 *   in   zip     the directory of the zip form, copied; NULL: the old form
 *        limits  max_elements and max_members hold; NULL for the default
 *   err  SPAE_ERR_FORMAT  a rule above is broken: "x.pt: archive/data.pkl: byte 20: .."
 *        SPAE_ERR_IO  SPAE_ERR_NO_MEMORY
 *   mem  in the arena; the pickle (io/pickle.h) and 300 bytes a tensor; as it was on failure */
spae_status spae_torch_open(spae_arena *arena, const spae_source *source, const spae_npz *zip,
                            const spae_limits *limits, spae_torch_file *file, spae_error *err);

/* The tensor of that name, or NULL. */
const spae_torch_array *spae_torch_find(const spae_torch_file *file, const char *name);

/* A tensor's bytes, where they can be read: item i of `extent` at byte i * item bytes of `data`. */
typedef struct {
    const spae_torch_array *array;
    spae_source data;
    uint64_t at; /* of the first item in `data` */
} spae_torch_items;

/* Prepares to read a tensor. What is deflated is inflated into the arena, and the span of one that
 * does not lie in C order is fetched there, until the caller resets it.
 *   err  SPAE_ERR_FORMAT  SPAE_ERR_IO  SPAE_ERR_NO_MEMORY */
spae_status spae_torch_items_open(spae_arena *arena, const spae_torch_file *file,
                                  const spae_torch_array *array, spae_torch_items *items,
                                  spae_error *err);

/* Numbers first .. first + count - 1 in C order of the tensor's axes, rounded to nearest once.
 *   in   first + count <= array->count
 *   out  out  (count)  unspecified after a failure
 *   err  SPAE_ERR_FORMAT  a bool that is neither 0 nor 1, a wrong CRC-32    SPAE_ERR_IO */
spae_status spae_torch_items_read(const spae_torch_file *file, const spae_torch_items *items, size_t first,
                                  size_t count, spae_real *out, spae_error *err);

#endif
