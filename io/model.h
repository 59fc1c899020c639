/* Model files (SPEC 8.7): one .npz that numpy.savez can write and numpy.load can read.
 *
 *     encoder/..., decoder/...   parameters under their flax paths: kernels (kh,kw,ci,co) or
 *                                (kt,kh,kw,ci,co), biases and scales (channels)
 *     discriminator/...          likewise, for training only: all of them or none
 *     codebook                   (V,c)
 *     vocab                      (V) strings; none holds a zero character
 *     config                     a 0-d string: a JSON object of the fields of config.h and notes.h
 *
 * Written are <f4 (in the ORACLE build <f8), <U and stored members, vocab deflated. Read is any
 * numeric type (numbers are rounded to nearest), S and U strings, either byte order, stored or
 * deflated. Arrays and keys of other names are left alone, so that a checkpoint is a model too.
 */
#ifndef SPAE_IO_MODEL_H
#define SPAE_IO_MODEL_H

#include "io/notes.h"
#include "io/npz.h"
#include "spae.h"

/* How numbers are written. */
#ifdef SPAE_ORACLE
#define SPAE_MODEL_REAL_TYPE SPAE_NPY_F8
#else
#define SPAE_MODEL_REAL_TYPE SPAE_NPY_F4
#endif

/* Reads a model and its notes (which may be NULL). The codebook is not prepared for searching: spae_model_load of spae.h
 * is this with the discriminator, without notes, and with spae_codebook_prepare.
 *   in   discriminator  with that of the file, if it has one: encode and decode need none
 *   mem  everything in the arena, and some kilobytes of the directory; as it was on failure
 *   err  SPAE_ERR_IO  SPAE_ERR_NO_MEMORY
 *        SPAE_ERR_FORMAT      no zip file, no config, arrays missing (their number, and the first
 *                             ten by name), vocab and codebook of different length
 *        SPAE_ERR_SHAPE       an array of another shape than the configuration gives it
 *        SPAE_ERR_NOT_FINITE  NaN or infinity in a parameter or the codebook
 *        each text names the file, the array and what was expected
 */
spae_status spae_model_open(spae_model *model, spae_notes *notes, bool discriminator, spae_arena *arena,
                            const char *path, spae_error *err);

/* The same from an archive that is open; it borrows nothing of it. */
spae_status spae_model_read(spae_model *model, spae_notes *notes, bool discriminator, spae_arena *arena,
                            const spae_npz *npz, spae_error *err);

/* Writes a model with its notes, replacing the file as a whole. */
spae_status spae_model_store(const spae_model *model, const spae_notes *notes, const char *path,
                             spae_arena *scratch, spae_error *err);

/* SHA-256 of the model's numbers and words, whatever file holds them (SPEC 8.9): for each parameter in
 * the order of declaration its path, a zero byte and its values as little-endian binary32 (ORACLE:
 * binary64); then "codebook", a zero byte and its values; then "vocab", a zero byte, and each word
 * with a zero byte behind it. */
void spae_model_hash(const spae_model *model, char text[65]);

/* SHA-256 of the values alone, as above but without names: of the autoencoder's parameters, or of all. What SPEC 9.6
 * gives for first weights of full size. */
void spae_model_values_hash(const spae_model *model, bool all, char text[65]);

/* ---- parts, for checkpoints ------------------------------------------------------------------ */

/* Adds the members of a model file. */
spae_status spae_model_write(spae_npz_writer *writer, const spae_model *model,
                             const spae_notes *notes, spae_error *err);

/* Adds, or reads, one array for each parameter, called `prefix` and its path. Reading fails as
 * spae_model_open. */
spae_status spae_model_write_values(spae_npz_writer *writer, const char *prefix,
                                    const spae_model *model, const spae_real *values,
                                    spae_error *err);
spae_status spae_model_read_values(const spae_npz *npz, const char *prefix, const spae_model *model,
                                   spae_arena *scratch, spae_real *values, spae_error *err);

/* Takes the arrays of an archive's codebook and vocabulary: any .npz or the two files of a user's.
 *   out  word  (V), in the arena    err as spae_model_open */
spae_status spae_model_words(spae_arena *arena, const spae_source *source,
                             const spae_npy_header *header, const char *what,
                             const char *const **word, spae_error *err);

/* Reads (count) finite numbers.    err SPAE_ERR_NOT_FINITE naming the file, `what` and the place */
spae_status spae_model_numbers(const spae_source *source, const spae_npy_header *header,
                               const char *what, spae_real *out, spae_error *err);

#endif
