/* Labelled pictures to train and measure on: IDX files, plain or gzipped, as MNIST's.
 *
 * A path is a picture file (unsigned bytes, (n,h,w) grey or (n,h,w,3)), or a folder that holds
 *     train-images-idx3-ubyte   train-labels-idx1-ubyte     the part "train"
 *     t10k-images-idx3-ubyte    t10k-labels-idx1-ubyte      the part "test"
 * each with or without ".gz". Of a picture file, the labels are in the file of the same name with
 * "labels-idx1" for "images-idx3", if there is one. Labels are bytes; label i has the i-th of the
 * label words.
 */
#ifndef SPAE_IO_DATASET_H
#define SPAE_IO_DATASET_H

#include "spae.h"

typedef struct {
    size_t count, height, width, channels; /* channels 1 or 3 */
    const uint8_t *pictures;               /* (count,height,width,channels), in the arena */
    const uint8_t *labels;                 /* (count), in the arena; NULL when there are none */
    const char *name;                      /* the path given, borrowed; for messages */
} spae_dataset;

typedef enum { SPAE_DATASET_TRAIN, SPAE_DATASET_TEST, SPAE_DATASET_PARTS } spae_dataset_part;

/* Words of MNIST's labels, the paper's choice: zero .. nine. */
#define SPAE_DATASET_DIGITS 10
extern const char *const spae_dataset_digits[SPAE_DATASET_DIGITS];

/*   in   part  which files of a folder; a picture file is read whatever the part
 *   err  SPAE_ERR_IO  SPAE_ERR_FORMAT  SPAE_ERR_NO_MEMORY; no pictures, other ranks, more or fewer labels than
 *        pictures are SPAE_ERR_FORMAT
 */
spae_status spae_dataset_open(spae_arena *arena, const char *path, spae_dataset_part part,
                              spae_dataset *dataset, spae_error *err);

/* Do the pictures fit a model?  SPAE_ERR_SHAPE when they are larger than the model's, or the model takes several
 * frames; the text says which sizes the model takes. */
spae_status spae_dataset_fits(const spae_dataset *dataset, const spae_config *config,
                              spae_error *err);

/* Picture `index` < count for a model that it fits: v / 255, rounded once; grey repeated over three
 * channels; in the middle of the model's picture, 0 around it, the odd row and column at the far end.
 *   out  picture  (1,H,W,3) */
void spae_dataset_picture(const spae_dataset *dataset, size_t index, const spae_config *config,
                          spae_real *picture);

/* Tokens of the label words: token[i] is the row of words[i] in the model's vocabulary.
 *   err  SPAE_ERR_ARGUMENT  a word that the vocabulary does not have, or a label of the data without word
 */
spae_status spae_dataset_tokens(const spae_dataset *dataset, const char *const *words, size_t count,
                                const char *const *vocabulary, size_t V, int32_t *token,
                                spae_error *err);

/* SHA-256 of count, height, width, channels (32-bit words, high byte first), the pictures and the
 * labels. */
void spae_dataset_hash(const spae_dataset *dataset, char text[65]);

#endif
