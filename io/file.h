/* Files: bytes to read at any place (a source), bytes to write in order (a sink), and replacing a
 * file whole.
 *
 * Readers take a spae_source, so that a file, embedded data, a test and a fuzzer are the same to
 * them. Every text names the file first: "digits.npy: byte 10: the header says 4096 bytes, the file
 * has 80". On failure outputs are untouched and an arena is as it was, here and in all of io/,
 * unless a comment says otherwise. A file name "-" is standard input when reading and standard
 * output when writing.
 */
#ifndef SPAE_FILE_H
#define SPAE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "../nn/arena.h"
#include "../vendor_free/status.h"

/* ---- limits ---------------------------------------------------------------------------------- */

/* What readers refuse (SPEC 8.2), before they ask for memory, whatever the file says (SPAE_ERR_FORMAT,
 * and the text names the limit). Apart from these, a reader never asks for more than its file justifies:
 * data that are stored plainly must be there in full, deflated data give at most 1032 bytes a byte.
 */
typedef struct {
    size_t max_width, max_height; /* of a picture; 16384 */
    uint64_t max_pixels;          /* height * width; 2^28 */
    uint64_t max_elements;        /* of one array; 2^36 */
    uint64_t max_file_bytes;      /* of what is read or inflated as a whole; 2^32 */
    size_t max_members;           /* of one archive; 2^20 */
} spae_limits;

/* The numbers above. Wherever limits are NULL, these hold. */
spae_limits spae_limits_default(void);

/* ---- the order of bytes ----------------------------------------------------------------------- */

/* Do the numbers of this machine lie in memory as most formats write them, the lowest byte first? Then they are read and
 * written as they lie. Of integers and of floating-point numbers alike, as the bits of the latter are taken everywhere
 * from integers of their size (vendor_free/float_bits.h). */
static inline bool spae_lowest_byte_first(void)
{
    const uint16_t one = 1;
    uint8_t first;
    memcpy(&first, &one, 1);
    return first == 1;
}

/* ---- sources --------------------------------------------------------------------------------- */

/* `size` bytes that can be read in any order. A source of one's own fills in all fields but
 * `memory`. */
typedef struct {
    uint64_t size;
    const uint8_t *memory; /* borrowed: the bytes themselves; NULL where `read` fetches them */
    /* Puts bytes offset .. offset + bytes - 1, which lie inside, into buffer. */
    spae_status (*read)(void *context, uint64_t offset, void *buffer, size_t bytes,
                        spae_error *err);
    void *context;
    const char *name; /* borrowed; for messages */
} spae_source;

/* `bytes` bytes at `data` (both borrowed; data may be NULL when bytes is 0). */
spae_source spae_source_memory(const void *data, size_t bytes, const char *name);

/* Opens the file `path`; close it with spae_source_close. "-", and what cannot be positioned (a
 * pipe), is read to its end into the arena, which then must outlive the source. Where the platform
 * has no 64-bit positions (plain C99 has `long`), a file beyond them is refused.
 *   err  SPAE_ERR_IO         it would not open or read
 *        SPAE_ERR_FORMAT     a pipe held more than limits->max_file_bytes
 *        SPAE_ERR_NO_MEMORY
 *   mem  path is borrowed as the source's name; a pipe takes up to four times its bytes from the
 *        arena
 */
spae_status spae_source_open(spae_arena *arena, const char *path, const spae_limits *limits,
                             spae_source *source, spae_error *err);

/* Closes what spae_source_open opened; does nothing for memory. */
void spae_source_close(spae_source *source);

/* Bytes offset .. offset + bytes - 1.
 *   err  SPAE_ERR_FORMAT  they do not all lie inside: "NAME: byte 80: cut off, 16 more bytes are
 *                         due"
 *        SPAE_ERR_IO      reading failed; buffer then holds unspecified bytes
 */
spae_status spae_source_read(const spae_source *source, uint64_t offset, void *buffer, size_t bytes,
                             spae_error *err);

/* A whole file, "-" too, into the arena.
 *   in   limit   most bytes taken; a longer file is SPAE_ERR_FORMAT
 *   out  bytes   (size), in the arena; never NULL
 *   err  as spae_source_open and spae_source_read
 */
spae_status spae_file_read_all(spae_arena *arena, const char *path, size_t limit,
                               const uint8_t **bytes, size_t *size, spae_error *err);

/* Is there a file or folder of this name that can be opened for reading? */
bool spae_file_exists(const char *path);

/* Does the name end so? To the byte: ".png" is not ".PNG". */
bool spae_file_ends(const char *path, const char *ending);

/* ---- sinks ----------------------------------------------------------------------------------- */

/* Where bytes go, in order. A sink of one's own fills in write, context and name, and sets written
 * to 0. */
typedef struct {
    spae_status (*write)(void *context, const void *bytes, size_t count, spae_error *err);
    void *context;
    const char *name; /* borrowed; for messages */
    uint64_t written; /* bytes that spae_sink_write has passed on */
} spae_sink;

spae_status spae_sink_write(spae_sink *sink, const void *bytes, size_t count, spae_error *err);

/* Memory that grows in an arena, by doubling: earlier halves stay in the arena until it is reset.
 */
typedef struct {
    spae_arena *arena; /* borrowed */
    uint8_t *bytes;    /* (size), in the arena; NULL before the first byte */
    size_t size, room;
} spae_buffer;

/* A sink that appends to *buffer: {&arena, NULL, 0, 0} at first. err SPAE_ERR_NO_MEMORY */
spae_sink spae_sink_buffer(spae_buffer *buffer);

/* Writes what a file is to hold; returns the status of its first failed spae_sink_write, or its
 * own. */
typedef spae_status spae_fill(spae_sink *sink, void *context, spae_error *err);

/* Replaces a file as a whole: calls fill with a sink to PATH.tmp, flushes it to the disk (fsync on
 * POSIX), renames it to PATH. Whatever fails, PATH.tmp is removed and PATH is still what it was;
 * after a crash PATH is the old file or the new one. "-" and what is no ordinary file (a pipe, a
 * device) is written directly. A symbolic link is replaced by the file. Outside POSIX, where rename
 * does not replace, PATH is removed just before, so that only there a crash between the two leaves
 * PATH.tmp alone.
 *   err  SPAE_ERR_IO         it would not open, write (disk full), close or rename
 *        SPAE_ERR_NO_MEMORY  for the name PATH.tmp; scratch is as it was on return
 *        or what fill returned
 */
spae_status spae_file_replace(spae_arena *scratch, const char *path, spae_fill *fill, void *context,
                              spae_error *err);

/* Adds bytes to the end of a file, which is made if need be, and closes it: what is there when this returns survives the
 * program.
 *   err  SPAE_ERR_IO  a part of the bytes may then be there */
spae_status spae_file_append(const char *path, const void *bytes, size_t count, spae_error *err);

/* Replaces a file by `count` bytes, as spae_file_replace does. */
spae_status spae_file_write_all(spae_arena *scratch, const char *path, const void *bytes,
                                size_t count, spae_error *err);

#endif
