/* The files of an outside program in their own form (SPEC 8.36, 8.37), and what holds of answers in every form.
 *
 * Request   {"requests":[{"number":3,"prompt":"..","ids":[1,2],"n":8,"temperature":0.7,"max_tokens":37,"stop":"\n",
 *           "seed":7}, ..]}      "prompt" is null where it is not UTF-8, "ids" where the model has no tokenizer, "stop"
 *           where there is none. A request for a log probability has "continuation" and "continuation_ids" behind "ids",
 *           in place of what follows there, and is alone.
 * Answer    {"answers":[{"number":3,"samples":[{"text":"..","ids":[5],"end":"stop"}, ..]}, ..]}, in the order of the
 *           requests; or {"answers":[{"number":3,"log_probability":-1.5}]}. Other members are left alone.
 *
 * Samples   A text is at most 256 bytes times max_tokens long, before it is cut, and has no U+0000. It may be empty. It ends
 *           before the first `stop` in it, whether the program saw to that or not, and its end is then "stop". "ids" count
 *           only where the model's tokenizer is known: then the text is theirs, "text" may be missing, and must be equal
 *           to theirs when it is there and theirs is UTF-8; without "ids" they are made from the text. There are at most
 *           max_tokens of them, a last one that ends a text aside, which is dropped.
 */
#ifndef SPAE_IO_LANGUAGE_ANSWERS_H
#define SPAE_IO_LANGUAGE_ANSWERS_H

#include <stdbool.h>

#include "io/language_model.h"

enum {
    SPAE_ANSWER_TOKEN_BYTES = 256,      /* most of a text for each token it may have */
    SPAE_ANSWER_FILE_BYTES = 1 << 26    /* most that an answer's file may have */
};

/* The file of `count` requests.
 *   out  bytes  (size) in the arena, JSON and a newline
 *   err  SPAE_ERR_ARGUMENT  a text that is not UTF-8, as language_command.h says    SPAE_ERR_NO_MEMORY */
spae_status spae_requests_write(const spae_request *request, size_t count, spae_arena *arena, const uint8_t **bytes,
                                size_t *size, spae_error *err);

/* The file that asks for ln P(continuation | prompt). Of the request number, text and ids count. Errors as above. */
spae_status spae_score_request_write(const spae_request *prompt, const spae_answer *continuation, spae_arena *arena,
                                     const uint8_t **bytes, size_t *size, spae_error *err);

/* Reads the answers to these requests.
 *   in   name       of the file, for messages
 *        tokenizer  NULL: not known
 *   out  answer     (sum of the requests' samples)
 *   err  SPAE_ERR_FORMAT  no JSON; other requests, or another number of answers, than asked for; texts as said above that
 *                         are too long, hold U+0000, or cannot be said in the tokenizer's vocabulary
 *        SPAE_ERR_NO_MEMORY */
spae_status spae_answers_read(const char *name, const char *text, size_t length, const spae_request *request, size_t count,
                              const spae_tokenizer *tokenizer, spae_arena *arena, spae_answer *answer, spae_error *err);

/*   err  SPAE_ERR_FORMAT  also where the number is above 0 */
spae_status spae_score_answer_read(const char *name, const char *text, size_t length, uint32_t number, spae_arena *arena,
                                   double *log_probability, spae_error *err);

/* A text from outside becomes an answer to the request: the rules under "Samples".
 *   in   place  for messages: the file and where in it
 *        text   (length) in the arena, terminated, cut in place; NULL: only ids are given
 *        id     (ids) in the arena, as given; NULL: none
 *        end    as given
 *   err  SPAE_ERR_FORMAT as above    SPAE_ERR_NO_MEMORY */
spae_status spae_answer_make(const char *place, const spae_request *request, const spae_tokenizer *tokenizer, char *text,
                             size_t length, const int32_t *id, size_t ids, spae_answer_end end, spae_arena *arena,
                             spae_answer *answer, spae_error *err);

/* Can JSON say the request?
 *   err  SPAE_ERR_ARGUMENT  a prompt that is not UTF-8 and has no ids (or may not be replaced by them); `stop` is empty or
 *                           not UTF-8; no samples, or of no tokens */
spae_status spae_request_check(const spae_request *request, bool ids_will_do, spae_error *err);

#endif
