/* Labelled pictures, or videos, to train and measure on (SPEC 8.21).
 *
 * A path is one of
 *   IDX      a file as MNIST's, plain or gzipped: unsigned bytes, (n,h,w) grey or (n,h,w,3); its
 *            labels, bytes, are in the file of the same name with "labels-idx1" for "images-idx3",
 *            if there is one. Or a folder that holds
 *                train-images-idx3-ubyte   train-labels-idx1-ubyte     the part "train"
 *                t10k-images-idx3-ubyte    t10k-labels-idx1-ubyte      the part "test"
 *            each with or without ".gz". Label i has the i-th of the label words that the user
 *            gives, zero .. nine if none.
 *   arrays   a .npy (n,H,W), (n,H,W,1) or (n,H,W,3) of u1, or of floats 0..1, which are rounded to
 *            bytes as pictures are when written (image.h); for videos (n,T,H,W,1) or (n,T,H,W,3).
 *            Or an archive .npz: its first such array of the model's height and width. Words are in
 *            the table beside it (labels.h) whose name has "labels.tsv" for "images.npy" or
 *            "images.npz", if there is one: one source for each of the n. Or a folder that holds
 *            one file of which the name ends in "images.npz".
 *   folder   of picture files (image.h), or a tree of sub-folders of them, at most 32 deep. The names
 *            of the folders on the way to a picture are its words, which '/', '_', '-' or ' '
 *            separate: each folder is one source. For videos: of .y4m and .npy
 *            files and of folders of pictures (video.h), or sub-folders of those that name their
 *            words; a folder of pictures alone, or a .y4m file, is one video. Each is cropped and
 *            resized to the model's size (spae_image_resize) and rounded to bytes. Names that
 *            begin with a dot are passed over.
 *
 * Videos are cut into clips of the model's T frames, one behind the other from the first on; what
 * is left over is not used [ours]. Below, a clip is a "picture".
 *
 * Parts: an IDX folder has two. Everywhere else picture file, video or item i of n, in the order of
 * strcmp of folders and then files, what is in a folder at that folder's place, is in the part "test" if i mod 8 = 7, and in "train" otherwise
 * [ours]: what is measured was never trained on. An IDX file by itself is read whole whatever the
 * part.
 */
#ifndef SPAE_IO_DATASET_H
#define SPAE_IO_DATASET_H

#include "io/sources.h"
#include "io/view.h"
#include "io/words.h"
#include "spae.h"

typedef struct {
    size_t count, frames, height, width, channels; /* frames 1 for stills; channels 1 or 3 */
    const uint8_t *pictures; /* (all pictures,frames,height,width,channels), in the arena */
    const int32_t *labels;   /* (all pictures) >= 0, in the arena; NULL when there are none */
    const size_t *row;       /* (count) which of all pictures these are; NULL: 0, 1, .. */
    spae_source_words words; /* of label 0, 1, ..; count 0: labels are numbers without words */
    const char *name;        /* the path given, borrowed; for messages */
} spae_dataset;

typedef enum { SPAE_DATASET_TRAIN, SPAE_DATASET_TEST, SPAE_DATASET_PARTS } spae_dataset_part;

/* Of every so many pictures the last is for testing. */
#define SPAE_DATASET_TEST_EVERY 8

/* Folders within folders of a data set. */
#define SPAE_DATASET_MOST_DEPTH 32

/* Words of MNIST's labels, the paper's choice: zero .. nine. */
#define SPAE_DATASET_DIGITS 10
extern const char *const spae_dataset_digits[SPAE_DATASET_DIGITS];

/*   in   picture  (T,H,W) of the model that the pictures are for
 *   err  SPAE_ERR_FORMAT  no pictures, other ranks, more or fewer labels than pictures
 *        SPAE_ERR_SHAPE   an archive without pictures of that size
 *        SPAE_ERR_IO  SPAE_ERR_NO_MEMORY */
spae_status spae_dataset_open(spae_arena *arena, const char *path, spae_dataset_part part,
                              const size_t picture[3], spae_dataset *dataset, spae_error *err);

/* The part "train" for a configuration's views (view.h, SPEC 7.7): pictures of folders, which take any size, are as large
 * as its crops want; those of files may be up to so large.
 *   err  also those of spae_dataset_fits */
spae_status spae_dataset_open_views(spae_arena *arena, const char *path, const spae_config *config,
                                    spae_dataset *dataset, spae_error *err);

/* Do the pictures fit a model?
 *   err  SPAE_ERR_SHAPE  they are larger than the model's, or have another number of frames; the
 *                        text says what the model takes */
spae_status spae_dataset_fits(const spae_dataset *dataset, const spae_config *config,
                              spae_error *err);

/* Picture `index` < count for a model that it fits (SPEC 7.6): v / 255, rounded once; grey repeated over three
 * channels; in the middle of the model's picture, 0 around it, the odd row and column at the far
 * end. SPEC 7.6
 *   out  picture  (T,H,W,3) */
void spae_dataset_picture(const spae_dataset *dataset, size_t index, const spae_config *config,
                          spae_real *picture);

/* A view of picture `index` < count (SPEC 7.7), of one drawn for this data set's size, resized (SPEC 8.22) and divided by
 * 255: one rounding.
 *   out  picture  (T,H,W,3) */
void spae_dataset_view(const spae_dataset *dataset, size_t index, const spae_config *config, const spae_view *view,
                       spae_real *picture);

/* The label of picture `index` < count of a data set with labels. */
int32_t spae_dataset_label(const spae_dataset *dataset, size_t index);

/* The sources of the data set's labels as tokens of a vocabulary.
 *   in   word  (count) the word of label 0, 1, .. of data without words of their own; not looked at
 *              otherwise
 *   out  sources   arrays in the arena. Of words of one's own those that the vocabulary has, each
 *                  once
 *        dataset   pictures of which the vocabulary has no word are no longer among them
 *        left_out  how many these were
 *   err  SPAE_ERR_ARGUMENT  a given word that the vocabulary does not have, a label of the data
 *                           without word, or a vocabulary that has no word of any picture
 *        SPAE_ERR_NO_MEMORY
 *        the arena and the data set are then as they were */
spae_status spae_dataset_sources(spae_dataset *dataset, const char *const *word, size_t count,
                                 const spae_words *vocabulary, spae_arena *arena,
                                 spae_sources *sources, size_t *left_out, spae_error *err);

/* SHA-256 of count, frames, height, width, channels (32-bit words, high byte first), the pictures and
 * their labels (32-bit words likewise), all of this part; then of every source of the data set, this
 * part's or not, its words, a zero byte behind each word and another behind each source. SPEC 8.21 */
void spae_dataset_hash(const spae_dataset *dataset, char text[65]);

#endif
