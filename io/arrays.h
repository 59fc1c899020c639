/* Named arrays of numbers in files: what the readers of models and of weights share. */
#ifndef SPAE_IO_ARRAYS_H
#define SPAE_IO_ARRAYS_H

#include "io/npy.h"
#include "spae.h"
#include "vendor_free/sha256.h"

#define SPAE_SHAPE_ROOM 176 /* eight axes of 20 digits, commas and brackets */

/* "(3,3,3,32)"; "()" for rank 0. rank <= 8 */
const char *spae_shape_text(const size_t *axis, size_t rank, char text[SPAE_SHAPE_ROOM]);

/* Fails as `why` did, with the name of the array put behind that of the file, which begins the
 * messages of all readers: "x.npz: encoder/Conv_0/kernel: byte 80: ...". */
spae_status spae_array_fail(const spae_source *source, const char *array, const spae_error *why,
                            spae_error *err);

/* Names for a message: how many there are, and the first ten. {0, {SPAE_OK, ""}} at first. */
typedef struct {
    size_t count;
    spae_error line; /* its text: the names so far */
} spae_name_list;

void spae_name_list_add(spae_name_list *list, const char *name);

/* All items of an NPY array: spae_npy_read_float (ORACLE: spae_npy_read_double). */
spae_status spae_numbers_read(const spae_source *source, const spae_npy_header *header,
                              spae_real *out, spae_error *err);

/* `count` items of bfloat16, which NPY does not know, from byte `offset` of the source on; exact.
 *   out  out  (count)    err what the source returns */
spae_status spae_bfloat16_read(const spae_source *source, uint64_t offset, bool big_endian,
                               size_t count, spae_real *out, spae_error *err);

/* Are all (count) numbers finite?
 *   err  SPAE_ERR_NOT_FINITE  "x.npz: encoder/Conv_0/kernel: element 3 is not finite" */
spae_status spae_numbers_finite(const spae_source *source, const char *array, const spae_real *x,
                                size_t count, spae_error *err);

/* Adds the numbers as little-endian binary32 (ORACLE: binary64). */
void spae_values_hash(spae_sha256 *hash, const spae_real *x, size_t count);

/* The same behind the name and a zero byte. */
void spae_numbers_hash(spae_sha256 *hash, const char *name, const spae_real *x, size_t count);

#endif
