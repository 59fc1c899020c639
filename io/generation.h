/* Pictures that a language model writes: a prompt for every segment of Eq. 11, its answers as tokens (spae_decode_progressively
 * with io/prompt.h and a back end).
 *
 * The first stage's template is PAR's where it is autoregressive, PNAR's where it is not. Requests are numbered in the order
 * in which they are asked, from `number` on; with `seed` they key the samples, so a run is repeated to the same picture. What
 * was chosen is told to the language model's transcript.
 */
#ifndef SPAE_IO_GENERATION_H
#define SPAE_IO_GENERATION_H

#include "io/prompt.h"
#include "spae.h"

/* Set by the caller, all borrowed. */
typedef struct {
    const spae_language_model *language;
    const spae_lexicon *lexicon;
    const spae_decoding *decoding;
    const spae_prompt_pair *example; /* (examples) the context, each target whole */
    size_t examples;
    spae_prompt_pair query;          /* its condition; its target is not looked at */
    double temperature;              /* added to those of Eq. 13; 0: the paper's [ours] */
    size_t samples;                  /* answers to a request */
    unsigned retries;
    spae_decoding_policy policy;
    uint32_t seed;
    uint32_t number;                 /* in and out: of the next request */
    void (*progress)(void *context, const spae_choice *choice); /* hears of each segment; may be NULL */
    void *context;
} spae_generation;

/* The paper's: 8 samples, temperature 0, SPAE_DECODING_RETRIES, SPAE_DECODING_STOP. The rest is 0 or NULL. */
spae_generation spae_generation_defaults(void);

/* Writes `tokens` tokens, all that the decoding has.
 *   out  v       (tokens); -1 where nothing is decided: after an error
 *        report  or NULL
 *   err  SPAE_ERR_ARGUMENT  a prompt that does not fit the model's window (how many examples would; spae_prompt_fits), and
 *                           what spae_decoding_check says;  those of spae_decode_progressively, of spae_prompt_segment and
 *                           of the language model
 *   mem  scratch, given back */
spae_status spae_generate_tokens(spae_generation *generation, size_t tokens, spae_arena *scratch, int32_t *v,
                                 spae_decoding_report *report, spae_error *err);

#endif
