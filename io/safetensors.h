/* Safetensors (SPEC 8.26), the array archive of Hugging Face: 8 bytes that give the length of a header (low
 * byte first), the header, a JSON object, and the data.
 *
 *     {"__metadata__": {"format": "pt"},
 *      "fc.bias": {"dtype": "F32", "shape": [1000], "data_offsets": [0, 4000]}}
 *
 * Source    the description of the format that its package gives. Offsets count from the end of the
 *           header; data are in C order, low byte first.
 * Checked   the header begins with '{' and is JSON; every array has a known type, a shape and two
 *           offsets and nothing else, and as many bytes between its offsets as its shape and type
 *           give; the arrays, one behind the other, fill the file: no holes, no overlap, nothing
 *           after the last.
 * Memory    less than 60 times the header, of at most 4 MiB, and some 7 times in practice. Data are
 *           fetched in pieces, and only when an array is read.
 * Open      not settled by the description; our choice:
 *             equal names                  refused, also when they are escaped differently
 *             unknown members of an array  refused
 *             __metadata__                 must be an object of strings; what they say is not used
 *             empty names, U+0000 in them  refused
 */
#ifndef SPAE_SAFETENSORS_H
#define SPAE_SAFETENSORS_H

#include "io/file.h"
#include "spae.h"

#define SPAE_SAFETENSORS_RANK   8
#define SPAE_SAFETENSORS_HEADER ((size_t)1 << 22) /* most bytes of a header; ours */

typedef struct {
    const char *name;  /* in the arena */
    const char *type;  /* static: "BOOL", "F32", "I64", ... */
    size_t item_bytes; /* 1, 2, 4 or 8 */
    unsigned rank;     /* 0 .. SPAE_SAFETENSORS_RANK; a 0-d array holds one item */
    size_t shape[SPAE_SAFETENSORS_RANK]; /* 1 beyond rank */
    size_t count;                        /* product of shape; count * item_bytes fits a size_t */
    uint64_t offset;                     /* of the first item, from the start of the source */
} spae_safetensors_array;

typedef struct {
    const spae_source *source; /* borrowed */
    size_t count;
    const spae_safetensors_array *arrays; /* (count), in the arena: in the order of the header */
    const spae_safetensors_array *const *by_name; /* (count), in the arena: by strcmp */
} spae_safetensors;

/* Reads and checks the header. The source is borrowed for as long as the archive is used.
 *   in   limits  max_members and max_elements hold; NULL for the default
 *   err  SPAE_ERR_FORMAT  a rule above is broken: "x.safetensors: byte 8: fc.bias: ..."
 *        SPAE_ERR_IO  SPAE_ERR_NO_MEMORY
 */
spae_status spae_safetensors_open(spae_arena *arena, const spae_source *source,
                                  const spae_limits *limits, spae_safetensors *archive,
                                  spae_error *err);

/* The array of that name, or NULL. */
const spae_safetensors_array *spae_safetensors_find(const spae_safetensors *archive,
                                                    const char *name);

/* All numbers of an array, in C order, rounded to nearest once (beyond the range: infinity).
 *   in   array  one of the archive's
 *   out  out    (count)  unspecified after a failure
 *   err  SPAE_ERR_FORMAT  its type is none of F16, BF16, F32 and F64: the text names it and these
 *        SPAE_ERR_IO
 *   mem  no arena: as spae_npy_read_float
 */
spae_status spae_safetensors_read(const spae_safetensors *archive,
                                  const spae_safetensors_array *array, spae_real *out,
                                  spae_error *err);

/* Items first .. first + count - 1 alone, in C order.    err as above */
spae_status spae_safetensors_read_part(const spae_safetensors *archive, const spae_safetensors_array *array, size_t first,
                                       size_t count, spae_real *out, spae_error *err);

#endif
