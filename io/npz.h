/* NPZ, NumPy's archive of arrays: a zip file whose members are NPY files, stored or deflated.
 *
 * Source    APPNOTE.TXT 6.3 of the zip format, with zip64.
 * Reading   the central directory is believed only as far as the file bears it out: it ends where
 *           the end record begins, every member lies before it, its local header repeats name and
 *           method, the CRC-32 is verified before any of the array's items is handed out. Refused: duplicate names,
 *           encryption, several disks, methods other than 0 and 8, names that are not UTF-8.
 * Writing   the bytes are a function of the arrays alone (time 1980-01-01 00:00); zip64 fields only
 *           where a number needs them.
 * Names     a member is called "a/b" here and "a/b.npy" in the file, as numpy.savez does.
 */
#ifndef SPAE_NPZ_H
#define SPAE_NPZ_H

#include "file.h"
#include "npy.h"

/* ---- reading --------------------------------------------------------------------------------- */

typedef struct {
    const char *name;  /* in the arena; as in the file but for a final ".npy" */
    size_t name_bytes; /* of the name in the file */
    bool deflated;
    uint32_t crc;          /* of the data once inflated */
    uint64_t local_offset; /* of the local header */
    uint64_t packed_bytes; /* in the file */
    uint64_t bytes;        /* once inflated */
} spae_npz_member;

typedef struct {
    const spae_source *source; /* borrowed */
    size_t count;
    const spae_npz_member *members; /* (count), in the arena, in the order of the directory */
    const spae_npz_member *const *by_name; /* (count), in the arena: in the order of strcmp */
    uint64_t directory_offset;
    spae_limits limits;
} spae_npz;

/* Reads the directory. The source is borrowed for as long as the archive is used.
 *   err  SPAE_ERR_FORMAT  SPAE_ERR_IO  SPAE_ERR_NO_MEMORY
 */
spae_status spae_npz_open(spae_arena *arena, const spae_source *source, const spae_limits *limits,
                          spae_npz *npz, spae_error *err);

/* The member of that name, or NULL. */
const spae_npz_member *spae_npz_find(const spae_npz *npz, const char *name);

/* An array ready to be read: pass &array.source and &array.header to spae_npy_read_float and its
 * like. */
typedef struct {
    /* Of a stored member: the archive, which verifies the CRC-32 at the first reading, by reading the
     * member through, unless all items are read at once: then as they come, and the reading fails at its
     * end. Of a deflated one: memory in the arena. */
    spae_source source;
    spae_npy_header header;
} spae_npz_array;

/* Checks the member's local header and reads its NPY header. A deflated member is inflated, verified, and stays in the
 * arena until the caller resets it; of a stored one some bytes do.
 *   err  SPAE_ERR_ARGUMENT  there is no member of that name (the text names it)
 *        SPAE_ERR_FORMAT  SPAE_ERR_IO  SPAE_ERR_NO_MEMORY
 */
spae_status spae_npz_array_open(spae_arena *arena, const spae_npz *npz, const char *name,
                                spae_npz_array *array, spae_error *err);

/* A member's bytes, of whatever kind they are, as a source of their own. Of a stored member the source reads the archive and
 * verifies the CRC-32 as above; a deflated one is inflated into the arena. Both live as long as the arena and the archive.
 *   in   member  of this archive
 *   err  SPAE_ERR_FORMAT  SPAE_ERR_IO  SPAE_ERR_NO_MEMORY
 */
spae_status spae_npz_member_open(spae_arena *arena, const spae_npz *npz, const spae_npz_member *member,
                                 spae_source *data, spae_error *err);

/* ---- writing --------------------------------------------------------------------------------- */

typedef struct {
    spae_arena *arena; /* borrowed: the directory's entries; scratch for deflated members */
    spae_sink *sink;   /* borrowed; offsets count from sink->written == 0 */
    struct spae_npz_entry *last;
    uint64_t count;
} spae_npz_writer;

/*     spae_npz_writer w = spae_npz_begin(arena, sink);
 *     spae_npz_add(&w, "codebook", &(spae_npy_array){SPAE_NPY_F4, 2, {V, c}, e}, false, err);
 *     spae_npz_end(&w, err);
 * inside the fill function of spae_file_replace. The sink is at byte 0 of the file when `written`
 * is 0. */
spae_npz_writer spae_npz_begin(spae_arena *arena, spae_sink *sink);

/* Appends one member, read twice: for its CRC-32, then to be written.
 *   in   name     1 .. 65000 bytes of UTF-8, without ".npy"; copied; must not have been added
 *                 before
 *        deflate  the member is compressed: takes scratch for it twice from the arena, and gives it
 *                 back, so that the sink must not live in this arena
 *   err  SPAE_ERR_ARGUMENT  a bad or repeated name, a bad array (spae_npy_size)   SPAE_ERR_SHAPE
 *        SPAE_ERR_NO_MEMORY, and what the sink returns
 */
spae_status spae_npz_add(spae_npz_writer *writer, const char *name, const spae_npy_array *array,
                         bool deflate, spae_error *err);

/* Appends one stored member of numbers whose rows are asked for twice (spae_npy_write_rows), so that the array need not be
 * in memory: the second time they must be the same.
 *   err  as spae_npz_add and spae_npy_write_rows */
spae_status spae_npz_add_rows(spae_npz_writer *writer, const char *name, const spae_npy_array *array, spae_npy_row *row,
                              void *context, spae_error *err);

/* Writes the directory; the writer is then done. err what the sink returns */
spae_status spae_npz_end(spae_npz_writer *writer, spae_error *err);

#endif
