/* The embedded language model, back end `incontext`: frozen, without weights, from the SPAE model's own words and embeddings
 * alone (nn/incontext.h; SPEC 10.20 to 10.25).
 *
 * It predicts from the prompt only: it answers with what followed where the prompt was most alike. So it classifies, writes
 * digits "an image of 7" and takes noise away as far as the examples in the prompt show how; it has no knowledge of the
 * world, and no prompt makes it reckon or translate: "an image of 1+7" gives it a condition that ends like that of a 7.
 */
#ifndef SPAE_IO_LANGUAGE_INCONTEXT_H
#define SPAE_IO_LANGUAGE_INCONTEXT_H

#include "io/language_model.h"
#include "spae.h"

/* Tokens that a prompt and its continuation may have together. */
#define SPAE_INCONTEXT_WINDOW ((size_t)1 << 20)

/* Makes it: name "incontext", tokenizer "words" (tokenizer_words.h). A continuation ends before an end of line
 * (SPAE_ANSWER_ENDED), before `stop`, or with max_tokens; its text is the bytes of its ids. Where a request has no ids its
 * text is encoded.
 *   in   spae  its words and codebook are borrowed while the model is used
 *   err  SPAE_ERR_ARGUMENT  no words, or too many;  SPAE_ERR_NOT_FINITE  embeddings whose distances overflow
 *        SPAE_ERR_NO_MEMORY */
spae_status spae_language_incontext(const spae_model *spae, spae_arena *arena, spae_language_model *model,
                                    spae_error *err);

#endif
