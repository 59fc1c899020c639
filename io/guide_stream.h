/* What guides training, read picture by picture: s(I,k) of Eq. 5 for the picture under way, never for all (SPEC 8.49).
 *
 *     words and pictures    f'_T (V,d) and f_I (n,d), as spae guide or any other program makes them: s by Eq. 4 and 5
 *     similarities          s' (n,V) from anywhere: Eq. 5 alone, which leaves rows as they are whose least is 0 and whose largest is 1
 *
 * Files are .npy of numbers, C order. f'_T is in memory, and a row of the other file.
 */
#ifndef SPAE_IO_GUIDE_STREAM_H
#define SPAE_IO_GUIDE_STREAM_H

#include "io/npy.h"
#include "spae.h"

typedef struct {
    spae_source source;     /* of f_I, or of s' */
    spae_npy_header header;
    size_t n, V, d;         /* d 0: similarities */
    spae_real *text;        /* (V,d) f'_T; NULL: similarities */
    spae_real *row;         /* (d), (V) what the file has of the picture */
    char hash[65];          /* SHA-256 of the bytes of the files, that of words first */
} spae_guide_stream;

/*   in   words  path of f'_T; NULL: `rows` has similarities
 *        rows   path of f_I, or of s'; borrowed, open until spae_guide_stream_close
 *        V      words of the codebook;  n pictures of the data set
 *   err  SPAE_ERR_SHAPE      arrays of other shapes than (V,d) and (n,d), or (n,V)
 *        SPAE_ERR_ARGUMENT   Fortran order
 *        SPAE_ERR_NOT_FINITE a word's feature;  SPAE_ERR_FORMAT  SPAE_ERR_IO  SPAE_ERR_NO_MEMORY
 *   mem  in the arena; on failure as it was, and nothing is open */
spae_status spae_guide_stream_open(spae_arena *arena, const char *words, const char *rows, size_t V, size_t n,
                                   spae_guide_stream *stream, spae_error *err);

/* s(I,k) of picture `index` < n.
 *   out  similarity  (V); unspecified after a failure
 *   err  SPAE_ERR_NOT_FINITE  its row: which;  SPAE_ERR_IO */
spae_status spae_guide_stream_row(const spae_guide_stream *stream, size_t index, spae_real *similarity, spae_error *err);

void spae_guide_stream_close(spae_guide_stream *stream);

#endif
