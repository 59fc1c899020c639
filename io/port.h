/* What a port gives to be judged: a directory of arrays under the vectors' names, or one .npz.
 *
 * Source    SPEC 9.8. An output "CASE/OUT" of the MANIFEST is looked for as
 *             DIR/CASE/OUT.npy                    member "OUT" of DIR/CASE.npz
 *             member "CASE/OUT" of any .npz in DIR itself, or of DIR where that is an .npz
 *           the status of a refusal as "OUT" = "status", an array of one string, or as text in
 *             DIR/CASE/status.txt
 * Judged    by value, whatever byte order, C or Fortran order, floats of 2, 4, 8 bytes, integers of
 *           any width and bool; shapes are equal when they are so without axes of length 1.
 */
#ifndef SPAE_IO_PORT_H
#define SPAE_IO_PORT_H

#include "io/judge.h"
#include "io/npz.h"

/* One array or text that was found. */
typedef struct {
    const char *name;       /* "CASE/OUT", whether the MANIFEST knows it or not */
    const char *path;       /* the file */
    const char *member;     /* of an .npz, else NULL */
    const spae_npz *opened; /* the archive, where it is kept open, else NULL */
    bool text;              /* status.txt */
} spae_port_array;

typedef struct {
    const char *name; /* of an array that is no output */
    const char *near; /* the output that it probably is, or NULL */
} spae_port_extra;

enum { SPAE_PORT_KEPT = 16 }; /* archives that stay open */

typedef struct {
    size_t count;
    const spae_port_array *array; /* (count) in the order of names */
    size_t extras;
    const spae_port_extra *extra; /* (extras) in the order of names */
    size_t broken;
    const char *const *unreadable; /* (broken) a line for each archive that cannot be read */
    size_t archives;
    spae_source archive[SPAE_PORT_KEPT]; /* open */
} spae_port;

/* Looks for arrays; inputs of cases, "OUT.f64" and files of other kinds are passed over. Close the
 * port with spae_port_close before the arena goes.
 *   err  SPAE_ERR_IO      DIR is no directory and no .npz, or cannot be read
 *        SPAE_ERR_FORMAT  DIR is a broken .npz   SPAE_ERR_NO_MEMORY */
spae_status spae_port_open(spae_arena *arena, const char *directory, const spae_manifest *manifest,
                           spae_port *port, spae_error *err);
void spae_port_close(spae_port *port);

/* The arrays of that name: *first of them, and how many; 0: missing; 2: given twice. */
size_t spae_port_find(const spae_port *port, const char *name, const spae_port_array **first);

typedef enum {
    SPAE_PORT_GOOD,
    SPAE_PORT_UNREADABLE, /* the file is broken, or a number in it is out of the type's range */
    SPAE_PORT_WRONG_DTYPE,
    SPAE_PORT_WRONG_SHAPE
} spae_port_state;

typedef struct {
    spae_port_state state;
    char text[240]; /* one line that tells what is wrong, or remarks ("byte-swapped"), or "" */
    spae_given
        given; /* when good; or of a wrong shape with as many items, not sampled: to diagnose */
    size_t rank, shape[SPAE_NPY_RANK]; /* as found */
} spae_port_values;

/* Reads one array as the output that the reference is of; of a sampled one hashes all and keeps the
 * samples.
 *   err  SPAE_ERR_NO_MEMORY; what is wrong with the array is told in *values
 *   mem  8 bytes an item the reference stores; a sampled one in Fortran order 8 bytes an item; a
 *        deflated one its bytes */
spae_status spae_port_read(spae_arena *arena, const spae_port_array *array,
                           const spae_reference *reference, spae_port_values *values,
                           spae_error *err);

/* The status that a port gives for a refusal, in `values->text` when good. */
spae_status spae_port_read_status(spae_arena *arena, const spae_port_array *array,
                                  spae_port_values *values, spae_error *err);

#endif
