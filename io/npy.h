/* NPY, the array file of NumPy (format versions 1.0, 2.0 and 3.0).
 *
 * Read: f2 f4 f8, i1 i2 i4 i8, u1 u2 u4 u8, bool, S and U strings, either byte order, C or Fortran
 * order, rank 0 to 8. Written: version 1.0, little-endian, C order, data from a multiple of 64
 * bytes on. The bytes after the header must be the array's and no others. The header is at most
 * 4096 bytes.
 *
 *     spae_source file;
 *     spae_npy_header h;
 *     if (spae_source_open(arena, "x.npy", NULL, &file, err) == SPAE_OK &&
 *         spae_npy_read_header(&file, 0, file.size, &h, err) == SPAE_OK &&
 *         (x = spae_arena_take(arena, h.count, sizeof *x)) != NULL)
 *         status = spae_npy_read_float(&file, &h, x, err);
 */
#ifndef SPAE_NPY_H
#define SPAE_NPY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "file.h"

#define SPAE_NPY_RANK 8

typedef enum {
    SPAE_NPY_BOOL,
    SPAE_NPY_INT, /* signed */
    SPAE_NPY_UINT,
    SPAE_NPY_FLOAT,
    SPAE_NPY_BYTES,  /* S: item_bytes bytes, filled up with zeros */
    SPAE_NPY_UNICODE /* U: item_bytes / 4 code points, filled up with zeros */
} spae_npy_kind;

typedef struct {
    spae_npy_kind kind;
    size_t item_bytes; /* >= 1 */
    bool big_endian, fortran;
    unsigned rank;               /* 0 .. SPAE_NPY_RANK; a 0-d array holds one item */
    size_t shape[SPAE_NPY_RANK]; /* 1 beyond rank */
    size_t count;                /* product of shape; count * item_bytes fits a size_t */
    uint64_t data_offset;        /* of the first item, from the start of the source */
} spae_npy_header;

/* The text of one item: bytes in UTF-8, a zero behind them. */
typedef struct {
    const char *text;
    size_t length; /* without that zero; a zero inside the item counts, zeros at its end do not */
} spae_text;

/* Reads the header of the array that fills bytes offset .. offset + size - 1 of the source.
 *   err  SPAE_ERR_FORMAT  no NPY, an unknown version, a header that is no such dictionary, a type
 *                         not listed above, rank over 8, a product that overflows or exceeds
 *                         spae_limits_default's max_elements, more or fewer data than `size` leaves
 *        SPAE_ERR_IO  SPAE_ERR_ARGUMENT: these bytes do not lie inside the source
 */
spae_status spae_npy_read_header(const spae_source *source, uint64_t offset, uint64_t size,
                                 spae_npy_header *header, spae_error *err);

/* Items from .. from + count - 1 of the first axis, as the header of an array of its own.
 *   in   header  of an array in C order, rank >= 1, with from + count <= shape[0] */
spae_npy_header spae_npy_cut(const spae_npy_header *header, size_t from, size_t count);

/* All items in C order, whatever order the file has; `header` is as spae_npy_read_header made it
 * for `source`.
 *   out  out  (count)  unspecified after a failure
 *        float   from any numeric type or bool, rounded to nearest once (beyond the range:
 *                infinity)
 *        double  likewise
 *        int32   from integers and bool; a value outside int32 is SPAE_ERR_FORMAT
 *        int64   likewise; a u8 value of 2^63 or more is SPAE_ERR_FORMAT
 *        uint8   from u1 and bool
 *   err  SPAE_ERR_FORMAT  the file's type is none of these; a bool that is neither 0 nor 1; a value
 *                         out of range
 *        SPAE_ERR_IO
 *   mem  no arena. Items in C order that are no longer than what they become are fetched in one reading of the source,
 *        straight to `out`, and turned or widened there; others by way of 4 KiB of stack
 */
spae_status spae_npy_read_float(const spae_source *source, const spae_npy_header *header,
                                float *out, spae_error *err);
spae_status spae_npy_read_double(const spae_source *source, const spae_npy_header *header,
                                 double *out, spae_error *err);
spae_status spae_npy_read_int32(const spae_source *source, const spae_npy_header *header,
                                int32_t *out, spae_error *err);
spae_status spae_npy_read_int64(const spae_source *source, const spae_npy_header *header,
                                int64_t *out, spae_error *err);
spae_status spae_npy_read_uint8(const spae_source *source, const spae_npy_header *header,
                                uint8_t *out, spae_error *err);

/* All items of an S or U array in C order.
 *   out  items  (count), with their texts, in the arena
 *   err  SPAE_ERR_FORMAT  the array holds no strings, or an item is not UTF-8 (S) or has a number
 *                         that is no code point (U)
 *        SPAE_ERR_IO  SPAE_ERR_NO_MEMORY
 */
spae_status spae_npy_read_strings(spae_arena *arena, const spae_source *source,
                                  const spae_npy_header *header, const spae_text **items,
                                  spae_error *err);

/* ---- writing --------------------------------------------------------------------------------- */

typedef enum {
    SPAE_NPY_F4, /* const float *     -> <f4 */
    SPAE_NPY_F8, /* const double *    -> <f8 */
    SPAE_NPY_I4, /* const int32_t *   -> <i4 */
    SPAE_NPY_U1, /* const uint8_t *   -> |u1 */
    SPAE_NPY_S,  /* const spae_text * -> |S of the longest item (at least 1); UTF-8 bytes */
    SPAE_NPY_U   /* const spae_text * -> <U of the longest item (at least 1) */
} spae_npy_type;

/* An array in memory, C order: (spae_npy_array){SPAE_NPY_F4, 2, {V, c}, codebook}. */
typedef struct {
    spae_npy_type type;
    unsigned rank;
    size_t shape[SPAE_NPY_RANK];
    const void *data; /* borrowed; as many items as the product of the first `rank` sizes */
} spae_npy_array;

/* Bytes that spae_npy_write writes.
 *   err  SPAE_ERR_ARGUMENT  rank over 8, an unknown type, a text that is not UTF-8 or that ends in
 *                           a zero (reading it back would lose it)
 *        SPAE_ERR_SHAPE     the size overflows
 */
spae_status spae_npy_size(const spae_npy_array *array, uint64_t *bytes, spae_error *err);

/* Writes header and data. err as spae_npy_size, and what the sink returns */
spae_status spae_npy_write(spae_sink *sink, const spae_npy_array *array, spae_error *err);

/* Gives row `row` of the first axis: as many items as the other sizes give, valid until the next call. */
typedef spae_status spae_npy_row(void *context, size_t row, const void **items, spae_error *err);

/* Writes an array of numbers, of rank 1 or more, that is never in memory as a whole: array->data is not used, rows are asked
 * for in their order.
 *   err as spae_npy_write, and what `row` returns */
spae_status spae_npy_write_rows(spae_sink *sink, const spae_npy_array *array, spae_npy_row *row, void *context,
                                spae_error *err);

/* Replaces the file `path` by the array (spae_file_replace). */
spae_status spae_npy_write_file(spae_arena *scratch, const char *path, const spae_npy_array *array,
                                spae_error *err);

#endif
