/* Bodies of the HTTP interface that OpenAI made common, as servers everywhere take it (SPEC 8.38).
 *
 * Request   completions {"model":"..","prompt":"..","max_tokens":37,"temperature":0.7,"n":8,"stop":"\n","seed":7}; the
 *           prompt is an array of ids where the request has ids. chat: "messages":[{"role":"user","content":".."}] in place
 *           of "prompt". No "model" where none is named, no "stop" where there is none. At temperature 0 n is 1, and
 *           the one answer stands for all samples. "seed" is (seed + 1000003 number + samples had so far) mod 2^31.
 * Answer    {"choices":[{"text":"..","finish_reason":"stop"}, ..]}, of chat {"message":{"content":".."}} in place of
 *           "text"; "content" may be null: nothing was said. "length" is an answer at its full length; "stop" ended before
 *           `stop` where there is one; anything else, null, or no "finish_reason" is an answer that the model ended.
 */
#ifndef SPAE_IO_LANGUAGE_HTTP_H
#define SPAE_IO_LANGUAGE_HTTP_H

#include <stdbool.h>

#include "io/language_model.h"

/* The body that asks for the samples that are still missing when there are `had`, had < request->samples.
 *   in   model  NULL: not named
 *   out  bytes  (size) in the arena
 *   err  SPAE_ERR_ARGUMENT  a text that is not UTF-8, as language_command.h says    SPAE_ERR_NO_MEMORY */
spae_status spae_http_body_write(const spae_request *request, size_t had, bool chat, const char *model, spae_arena *arena,
                                 const uint8_t **bytes, size_t *size, spae_error *err);

/* Reads what a server answered to that body. Servers that make one choice whatever n says are no error: the caller asks
 * again for the rest.
 *   out  answer  (request->samples) those from `had` on are filled
 *        had     as many as there are now, at least one more
 *   err  SPAE_ERR_FORMAT  no JSON, no choice, more than asked for, other types; {"error":..}, with the server's words
 *        SPAE_ERR_NO_MEMORY */
spae_status spae_http_answer_read(const char *name, const char *text, size_t length, const spae_request *request, bool chat,
                                  const spae_tokenizer *tokenizer, spae_arena *arena, spae_answer *answer, size_t *had,
                                  spae_error *err);

/* The words of a server that refuses, for one line of a message: error.message, error, message or detail of an object;
 * of anything else its first line. Printable ASCII; cut.
 *   out  words  terminated, "" where there are none */
void spae_http_words(const char *text, size_t length, spae_arena *scratch, char *words, size_t room);

#endif
