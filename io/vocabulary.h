/* A frozen codebook from a user's two files (SPEC 8.12), or made up: embeddings and their words. */
#ifndef SPAE_IO_VOCABULARY_H
#define SPAE_IO_VOCABULARY_H

#include "spae.h"

typedef struct {
    size_t V, c;
    spae_real *e;            /* (V,c), in the arena */
    const char *const *word; /* (V), in the arena */
} spae_vocabulary;

/*   in   codebook  an .npy file (V,c) of numbers; or an .npz with arrays codebook, likewise, and vocab, V strings, as
 *                  spae_codebook_build and models are
 *        words     NULL where the codebook is such an .npz: its own; else a text file, one word a line in UTF-8, line k for row k; a final newline and
 *                  carriage returns before newlines are no part of words; or an .npy file of V
 *                  strings
 *        limit     only the first `limit` words are taken; 0: all
 *   err  SPAE_ERR_SHAPE  codebook is not (V,c) with 1 <= V < 2^31 and c >= 1, or not as long as
 *                        words
 *        SPAE_ERR_ARGUMENT  no words, and the codebook is no .npz; an .npz without these arrays
 *        SPAE_ERR_NOT_FINITE  SPAE_ERR_FORMAT  SPAE_ERR_IO  SPAE_ERR_NO_MEMORY
 *   mem  everything in the arena; on failure as it was */
spae_status spae_vocabulary_read(spae_arena *arena, const char *codebook, const char *words,
                                 size_t limit, spae_vocabulary *vocabulary, spae_error *err);

/* The words alone: labels, for instance.    err, mem as above */
spae_status spae_vocabulary_words(spae_arena *arena, const char *path, size_t *count,
                                  const char *const **word, spae_error *err);

/* V words "w0", "w1", .. whose embeddings are normal numbers of mean 0 and variance 1, drawn as the
 * kernel "codebook/kernel" of one input channel would be (nn/network.h): the same for a seed
 * everywhere.
 *   in   1 <= V < 2^31, 1 <= c <= 65536
 *   err  SPAE_ERR_NO_MEMORY */
spae_status spae_vocabulary_generate(spae_arena *arena, size_t V, size_t c, uint32_t seed,
                                     spae_vocabulary *vocabulary, spae_error *err);

/* Makes it the model's: the codebook, not prepared for searching, and the words. A learned codebook
 * keeps its own rows; the first words name them.
 *   err  SPAE_ERR_SHAPE  the model's configuration has another c, or a codebook_size above V */
spae_status spae_vocabulary_use(const spae_vocabulary *vocabulary, spae_model *model, spae_error *err);

#endif
