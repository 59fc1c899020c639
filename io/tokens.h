/* Token files (SPEC 8.13): the pyramids of one or several pictures, in four forms that each read back exactly.
 *
 *     words  one layer a line, in raster order, its words one space apart, each in the written form of words.h;
 *            an empty line stands between two pictures
 *     ids    the same with token numbers in decimal digits
 *     npy    int32 (tokens) of one picture, (pictures, tokens) of several: all layers behind each other
 *     json   an object of one picture, an array of objects of several:
 *                {"model":"mnist-small","pyramid":[[1,1,1],[1,2,2]],
 *                 "layers":[{"size":[1,1,1],"ids":[17],"words":["seven"],"margins":[0.25]}, ...]}
 *            sizes are (t,h,w); margins (second least minus least squared distance) are there when they were asked
 *            for, null where the vocabulary has one word only
 *
 * A file may hold fewer layers than the pyramid has, all its pictures equally many: a prefix. Its first character
 * tells the form: \x93 npy, { or [ json, a digit ids, else words (a first word that begins so is escaped). Lines
 * may end in \r\n. In JSON "layers" and in each layer "ids" or "words" are needed; what is there besides and is
 * known must agree ("pyramid", "size", both of "ids" and "words"), the rest is not looked at. A text that is several
 * tokens of the vocabulary is, without "ids", the lowest.
 * A file is at most SPAE_TOKENS_FILE_MOST bytes; memory is in proportion to it.
 */
#ifndef SPAE_IO_TOKENS_H
#define SPAE_IO_TOKENS_H

#include "io/words.h"
#include "spae.h"

#define SPAE_TOKENS_FILE_MOST ((size_t)1 << 26)

typedef enum {
    SPAE_TOKENS_WORDS,
    SPAE_TOKENS_IDS,
    SPAE_TOKENS_NPY,
    SPAE_TOKENS_JSON,
    SPAE_TOKENS_FORMATS /* how many there are; when reading: whichever the file has */
} spae_tokens_format;

/* "words", "ids", "npy", "json" */
extern const char *const spae_tokens_format_names[SPAE_TOKENS_FORMATS];

/* What a token file is read and written against: the model's name, pyramid and words. */
typedef struct {
    const char *name;
    spae_pyramid pyramid;
    spae_words words;
} spae_tokens_model;

/* Indexes the model's words; borrows the model.   err SPAE_ERR_NO_MEMORY */
spae_status spae_tokens_model_of(const spae_model *model, spae_arena *arena, spae_tokens_model *out,
                                 spae_error *err);

typedef struct {
    size_t pictures, layers; /* >= 1; the first `layers` layers of the pyramid */
    int32_t *token;          /* (pictures, tokens of these layers) */
    double *margin;          /* likewise, or NULL; only JSON keeps it, reading leaves NULL */
} spae_tokens;

/* The file's bytes.
 *   in   tokens  in the vocabulary
 *   out  bytes   (size), in the arena
 *   err  SPAE_ERR_NO_MEMORY   SPAE_ERR_ARGUMENT  JSON of a word that is not UTF-8 */
spae_status spae_tokens_write(const spae_tokens_model *model, spae_tokens_format format,
                              const spae_tokens *tokens, spae_arena *arena, const uint8_t **bytes,
                              size_t *size, spae_error *err);

/* Reads a file's bytes; `name` begins each message: `digits.txt: line 3: layer 3 has 16 tokens, here are 15`.
 *   out  tokens  in the arena
 *   err  SPAE_ERR_FORMAT  another form, a wrong number of tokens or layers, a token outside the vocabulary
 *        SPAE_ERR_NO_MEMORY */
spae_status spae_tokens_read(const spae_tokens_model *model, spae_tokens_format format, const char *name,
                             const uint8_t *bytes, size_t size, spae_arena *arena, spae_tokens *tokens,
                             spae_error *err);

#endif
