/* A language model whose every word is kept, and one that repeats what was kept (SPEC 8.40).
 *
 * record   passes requests on to another model and appends what it answers to a file, each request a line that is flushed
 *          when it is there: a crash loses the requests of the call under way, no others.
 * replay   answers from the file alone, without any model: requests come in the recorded order, and each must equal the
 *          recorded one in all that the line holds.
 * resume   answers from the file while it has something, then goes on as record does. So a run that an error broke off is
 *          simply run again. A torn last line is dropped from the file.
 *
 * After an error of `sample` or `score` the model is done with: open it anew with resume.
 *
 * Which sample the caller took is told with spae_language_choose; a replayed choice must be the recorded one.
 */
#ifndef SPAE_IO_LANGUAGE_TRANSCRIPT_H
#define SPAE_IO_LANGUAGE_TRANSCRIPT_H

#include "io/transcript.h"

/*   in   inner   asked and borrowed while `model` is used; its name, window and tokenizer are taken over
 *        path    of the file, borrowed; record: it must not be there yet
 *   out  model
 *        torn    bytes of a torn last line that were dropped; the caller may say so. May be NULL.
 *   err  SPAE_ERR_ARGUMENT  record: the file is there;  resume: it is another model's
 *        SPAE_ERR_FORMAT    it is no transcript    SPAE_ERR_IO    SPAE_ERR_NO_MEMORY
 *   `sample` and `score` then, besides the inner model's,
 *        SPAE_ERR_ARGUMENT  the request is not the recorded one: the text names file, line and what differs */
spae_status spae_language_record(const spae_language_model *inner, const char *path, spae_arena *arena,
                                 spae_language_model *model, spae_error *err);
spae_status spae_language_resume(const spae_language_model *inner, const char *path, spae_arena *arena,
                                 spae_language_model *model, size_t *torn, spae_error *err);

/*   in   tokenizer  whose ids the transcript holds; NULL: requests and answers are texts only
 *   err  as above;  `sample` and `score` besides SPAE_ERR_ARGUMENT when the file has no more requests */
spae_status spae_language_replay(const char *path, const spae_tokenizer *tokenizer, spae_arena *arena,
                                 spae_language_model *model, size_t *torn, spae_error *err);

/* Says which sample of the last request of that number was taken: 0 .. samples-1, or SPAE_CHOICE_NONE. A model that keeps
 * no transcript takes it without a word.
 *   err  SPAE_ERR_ARGUMENT  another choice than the recorded one, or no such request or sample
 *        SPAE_ERR_IO  SPAE_ERR_NO_MEMORY */
spae_status spae_language_choose(const spae_language_model *model, uint32_t number, size_t choice, spae_error *err);

#endif
