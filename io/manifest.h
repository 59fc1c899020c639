/* vectors/MANIFEST: what each conformance case is, which files hold it, and how it is judged.
 *
 * Source    SPEC 9.3: JSON lines; line 1 tells version, cases and outputs, each line after it is
 *           one case, in the order of the pipeline.
 * Strict    every member must be there and no other; names and files occur once and stay inside the
 *           directory; shapes, layouts and counts agree; the cases of one stage are neighbours.
 *           The first mistake is one line with file and line number.
 * Memory    the text and some 100 bytes a value of its longest line; texts are copied once.
 */
#ifndef SPAE_IO_MANIFEST_H
#define SPAE_IO_MANIFEST_H

#include "io/npy.h"

/* How far an output agrees, SPEC 9.1; a lower one is the stronger. */
typedef enum {
    SPAE_LEVEL_A,   /* the bits are equal */
    SPAE_LEVEL_B,   /* as accurate as the reference */
    SPAE_LEVEL_C,   /* the same tokens but for near-ties */
    SPAE_LEVEL_NONE /* none of these */
} spae_level;

/* How an output is compared; its index is the weakest level that passes. */
typedef enum {
    SPAE_COMPARE_BITS,  /* A or nothing; any NaN equals any NaN */
    SPAE_COMPARE_REAL,  /* A or B */
    SPAE_COMPARE_TOKENS /* A or C */
} spae_compare;

/* Type and shape of an array. */
typedef struct {
    const char *dtype; /* as NumPy writes it: "<f4" */
    spae_npy_kind kind;
    size_t item_bytes;
    size_t rank, shape[SPAE_NPY_RANK];
    size_t count; /* product of shape; count * item_bytes fits a size_t */
} spae_manifest_array;

typedef struct {
    const char *path;   /* within the directory; NULL: there is no file */
    uint8_t sha256[32]; /* of the file */
    uint8_t data[32];   /* of the items: little-endian, C order */
} spae_manifest_file;

/* One array of a layout: items first .. first + count - 1 of the flat one. */
typedef struct {
    const char *path;
    size_t rank, shape[SPAE_NPY_RANK];
    size_t first, count;
} spae_manifest_entry;

typedef struct {
    const char *name;
    spae_manifest_array array;
    spae_manifest_file file; /* without a path only where there is a formula */
    bool formula;
    double offset, scale; /* of the formula */
    size_t entries;       /* of the layout; 0: none */
    const spae_manifest_entry *entry;
} spae_manifest_input;

typedef struct {
    const char *name, *full_name; /* "y", "convolution/same_3x3/y"; of a refusal "status" */
    spae_manifest_array array;
    spae_compare compare;
    spae_manifest_file
        file; /* file.data is the whole array's, also where only samples are stored */
    spae_manifest_file exact;  /* binary64 values */
    spae_manifest_file sample; /* flat indices, increasing, of the stored items; no path: all are */
    size_t entries;            /* of the layout; 0: none */
    const spae_manifest_entry *entry;
    size_t margin, runner_up, distance, cell; /* tokens: indices of outputs of the same case */
} spae_manifest_output;

typedef struct {
    const char *name, *clause, *why, *op;
    size_t stage; /* index of its stage */
    size_t line;  /* in the MANIFEST, from 1 */
    spae_level level;
    bool refuses; /* `refusal` is due; there is one output, "status", without array and files */
    const char *refusal; /* "SPAE_ERR_FORMAT" */
    size_t inputs, outputs;
    const spae_manifest_input *input;
    const spae_manifest_output *output;
} spae_manifest_case;

typedef struct {
    const char *name; /* "convolution" */
    size_t first, count;
} spae_manifest_stage;

typedef struct {
    size_t cases, outputs, stages; /* a refusal counts as one output */
    const spae_manifest_case *item;
    const spae_manifest_stage *stage;
} spae_manifest;

/* Reads a MANIFEST; no file that it names is opened.
 *   out  manifest  in the arena, which holds the text too; the source is not needed any more
 *   err  SPAE_ERR_FORMAT  "vectors/MANIFEST: line 3: ..."   SPAE_ERR_IO  SPAE_ERR_NO_MEMORY */
spae_status spae_manifest_read(spae_arena *arena, const spae_source *source,
                               spae_manifest *manifest, spae_error *err);

/* "A", "B", "C", "-" */
const char *spae_level_name(spae_level level);

#endif
