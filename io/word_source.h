/* Words with their embeddings, in the files that people have: where spae codebook takes its own from. SPEC 8.12, 8.44 */
#ifndef SPAE_IO_WORD_SOURCE_H
#define SPAE_IO_WORD_SOURCE_H

#include "io/file.h"
#include "spae.h"

typedef struct spae_word_source spae_word_source;

/* Nothing but an index of the words is in memory. */
struct spae_word_source {
    const char *name; /* of the file that has the words */
    const char *kind; /* "tiktoken", "vectors, text", ..; static */
    size_t V;         /* words 0 .. V-1 */
    size_t rows, c;   /* of the matrix of embeddings; row k is word k's where rows is V */
    void *context;    /* in the arena it was opened with */

    /* The bytes of a word, valid until the next call; *bytes NULL: it has none (a special token).
     *   err  SPAE_ERR_IO */
    spae_status (*word)(const spae_word_source *source, size_t k, const char **bytes, size_t *length, spae_error *err);

    /* Row `row` of the embeddings.
     *   out  e    (c)
     *   err  SPAE_ERR_FORMAT  no numbers    SPAE_ERR_NOT_FINITE  SPAE_ERR_IO */
    spae_status (*row)(const spae_word_source *source, size_t row, spae_real *e, spae_error *err);

    void (*close)(spae_word_source *source);
};

/* A language model's tokens, and the matrix of its embeddings.
 *   in   tokenizer   a path as spae_tokenizer_open takes it: tokenizer.json, vocab.json, .tiktoken ranks, a folder
 *        embeddings  an .npy (rows,c) in C order, or a path of weights (weights_files.h)
 *        array       the matrix' name in the weights; NULL: the first of the names that published models give theirs, with
 *                    spae_word_source_arrays, and that is there
 *   err  SPAE_ERR_ARGUMENT  no such array; the text has the names that there are
 *        SPAE_ERR_SHAPE     not (rows,c), or c beyond 65536
 *        SPAE_ERR_FORMAT  SPAE_ERR_IO  SPAE_ERR_NO_MEMORY
 *   mem  on failure the arena is as it was, and nothing is open */
spae_status spae_word_source_tokens(spae_arena *arena, const char *tokenizer, const char *embeddings, const char *array,
                                    spae_word_source *source, spae_error *err);

/* The names, with a NULL behind them. */
extern const char *const spae_word_source_arrays[];

/* Word vectors: GloVe's text (a word and c numbers a line), word2vec's and fastText's text (the same behind a line of two
 * numbers, V and c) and word2vec's binary form (that line; then each word, a blank, c binary32, the lowest byte first, and
 * perhaps a newline). Which it is, the bytes say. A word is what stands before the last c blanks or tabs of its line, so it
 * may have some in it. Read in pieces; a line has at most 2^20 bytes, c at most 65536.
 *   err  SPAE_ERR_FORMAT  a broken line or record, by its number; another number of them than is said
 *        SPAE_ERR_IO  SPAE_ERR_NO_MEMORY
 *   mem  an index of 16 bytes a word, and up to twice that while it grows; on failure as it was */
spae_status spae_word_source_vectors(spae_arena *arena, const char *path, spae_word_source *source, spae_error *err);

/* The same of a source that is open and stays so. */
spae_status spae_word_source_vectors_of(spae_arena *arena, const spae_source *file, spae_word_source *source,
                                        spae_error *err);

#endif
