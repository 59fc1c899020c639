/* What the experiments of the language study share: a SPAE model, pictures and their tokens, the language model without
 * weights, the judge of digits, and contact sheets. */
#ifndef SPAE_TEST_LANGUAGE_WORKSHOP_H
#define SPAE_TEST_LANGUAGE_WORKSHOP_H

#include <stdio.h>

#include "digits_network.h"
#include "io/dataset.h"
#include "io/episode.h"
#include "io/image.h"
#include "io/language_model.h"
#include "io/prompt.h"

typedef struct {
    spae_arena *arena, scratch; /* for good, and given back */
    spae_model model;
    spae_dataset data;
    spae_classes classes;
    size_t tokens;  /* of a picture */
    int32_t *token; /* (pictures, tokens), encoded when first asked for */
    bool *encoded;  /* (pictures) */
    spae_language_model language;
    spae_lexicon lexicon;
} workshop;

/* Opens a model and the part of a data set, and the language model of its words. */
spae_status workshop_open(workshop *w, const char *model, const char *data, spae_dataset_part part, spae_arena *arena,
                          spae_error *err);

/* The tokens of picture `index`; NULL after a failure. */
const int32_t *workshop_tokens(workshop *w, size_t index, spae_error *err);

/* Answers of the language model to one request, in the scratch arena.   out  answer (request->samples) */
spae_status workshop_ask(workshop *w, const spae_request *request, spae_answer *answer, spae_error *err);

/* ---- the judge ---- */

typedef struct {
    spae_parameters parameters;
    real *value;
} judge;

spae_status judge_open(judge *j, const char *weights, spae_arena *arena, spae_error *err);

/* The digit that a token sequence's picture is taken for.
 *   out  picture  (H,W,3) clamped to 0..1, or NULL: not wanted */
spae_status judge_tokens(judge *j, workshop *w, const int32_t *token, size_t *digit, spae_real *picture, spae_error *err);

/* ---- sheets ---- */

/* A sheet of pictures, rows x columns of (H,W,3), 0..1, each pixel a square of `factor`; grey between them. */
spae_status sheet_write(const char *path, const spae_real *pictures, size_t rows, size_t columns, size_t H, size_t W,
                        size_t factor, spae_arena *arena, spae_error *err);

#endif
