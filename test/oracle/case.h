/* One case directory of the oracle: its keys, its arrays, and how it ends.
 *
 * A case ends early by longjmp: whatever is missing or malformed, in whatever depth, calls oracle_abort
 * with one line that says what; so an operation asks for what it needs and never checks. All memory of a
 * case comes from one arena, which the runner resets.
 */
#ifndef SPAE_ORACLE_CASE_H
#define SPAE_ORACLE_CASE_H

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../io/npy.h"
#include "../../io/npz.h"
#include "../../nn/arena.h"
#include "../../nn/real.h"
#include "../../nn/shape.h"

enum { ORACLE_KEYS = 64, ORACLE_TEXT = 400 };

typedef enum { ORACLE_NONE, ORACLE_FULL, ORACLE_PROBES } oracle_grads;

typedef struct {
    const char *name;      /* as in cases.txt */
    const char *directory; /* DIR/name */
    spae_arena *arena;     /* borrowed; everything of this case */
    const char *op;
    size_t keys;
    const char *key[ORACLE_KEYS], *value[ORACLE_KEYS];
    oracle_grads grads;
    double tol_rel, tol_abs;
    size_t compared;           /* arrays held against the expected ones */
    double worst;              /* largest share of the allowance so far; above 1 where it failed */
    char failure[ORACLE_TEXT]; /* of the worst failure; "" while there is none */
    jmp_buf end;
} oracle_case;

/* float64, or int32 where `integer` */
typedef struct {
    const char *name;
    bool integer;
    size_t rank, shape[SPAE_NPY_RANK], count; /* count >= 1 */
    double *number;                           /* (count), NULL where integer */
    int32_t *index;                           /* (count), NULL elsewhere */
} oracle_array;

/* Ends the case as failed. printf's format. Does not return. */
void oracle_abort(oracle_case *c, const char *format, ...);

/* count * size bytes from the arena; ends the case when there is no memory. */
void *oracle_take(oracle_case *c, size_t count, size_t size);

/* Text in the arena by printf's format. */
const char *oracle_text(oracle_case *c, const char *format, ...);

/* Reads case.txt: op, keys, grads, tolerances. */
void oracle_read_case(oracle_case *c);

/* ---- keys: each ends the case when the key is missing or its value is none of the kind ---- */

const char *oracle_key(oracle_case *c, const char *key);
double oracle_number(oracle_case *c, const char *key);
size_t oracle_size(oracle_case *c, const char *key, size_t least, size_t most);
bool oracle_flag(oracle_case *c, const char *key);
void oracle_expect(oracle_case *c, const char *key, const char *value); /* the only value that is known */

/* Exactly `count` items. */
void oracle_sizes(oracle_case *c, const char *key, size_t count, size_t least, size_t most, size_t *out);
void oracle_numbers(oracle_case *c, const char *key, size_t count, double *out);
size_t oracle_items(oracle_case *c, const char *key); /* how many there are */

/* ---- arrays ---- */

/* <directory>/<name>.npy; ends the case when it is missing, malformed or empty. */
oracle_array oracle_read(oracle_case *c, const char *name);

/* The same, and it must hold int32. */
oracle_array oracle_read_int32(oracle_case *c, const char *name);

/* <directory>/<name>.npz. Files are read whole into the arena, so that a case that ends early leaves none open. */
typedef struct {
    spae_source source; /* of npz, which borrows it: an archive is not copied */
    spae_npz npz;
    const char *name;
} oracle_archive;

void oracle_open(oracle_case *c, const char *name, oracle_archive *archive);
bool oracle_has(const oracle_archive *archive, const char *key);
oracle_array oracle_member(oracle_case *c, const oracle_archive *archive, const char *key);

/* Its numbers as `real` (exact: inputs are binary32); ends the case when it is integer. */
real *oracle_reals(oracle_case *c, const oracle_array *a);

/* Ends the case unless the array has exactly this shape. */
void oracle_want_shape(oracle_case *c, const oracle_array *a, size_t rank, const size_t *shape);

/* Ends the case unless every element of the int32 array lies in [0, below). */
void oracle_want_below(oracle_case *c, const oracle_array *a, size_t below);

/* The array's shape on the tape. Aligned right: a kernel (kh,kw,ci,co) is (1,kh,kw,ci,co), a vector (1,1,1,1,c).
 * Of a picture (rank 4) or video (rank 5): N first. Both end the case when the rank does not fit. */
spae_shape oracle_shape_right(oracle_case *c, const oracle_array *a);
spae_shape oracle_shape_picture(oracle_case *c, const oracle_array *a, size_t ndim);

#endif
