/* What a language model answered, as labels, captions, words or SPAE tokens. Nothing is guessed: an answer that is none is
 * told from one that is wrong, for the caller to count. SPEC 10.18
 */
#ifndef SPAE_IO_PROMPT_ANSWER_H
#define SPAE_IO_PROMPT_ANSWER_H

#include "io/language_model.h"
#include "io/lexicon.h"

/* Part of an answer, borrowed from it. */
typedef struct {
    const char *text;
    size_t length;
} spae_answer_part;

/* Without the blanks, tabs, \n, \v, \f and \r at both ends [paper: white space or newline characters]. */
spae_answer_part spae_answer_strip(const char *text, size_t length);

/* The first line of what is left after stripping, stripped itself: a caption. Length 0: there is none (malformed). */
spae_answer_part spae_answer_line(const char *text, size_t length);

/* The single word of a VQA answer: the line, without the marks of spae_answer_label around it, if it has no white space
 * within; else length 0 (malformed). */
spae_answer_part spae_answer_word(const char *text, size_t length);

/* Which label is it? The line (above), without . , ; : ! ? ' " at its ends, must be one of the labels: to the byte, or else
 * but for the case of ASCII letters, of exactly one. Anything else is malformed.
 *   in   label  (ways)
 *   out  which  0 .. ways-1
 *   returns false, *which untouched, for a malformed answer */
bool spae_answer_label(const char *text, size_t length, const char *const *label, size_t ways, size_t *which);

/* The SPAE tokens of an answer: its valid leading tokens, at most `stride` of them; what comes behind is left out [ours].
 * From the ids where the answer has them, else from the text:
 *     ids     ids at the beginning whose bytes are white space and that are no token are passed over, then each id that is
 *             a token counts, up to the first that is none
 *     plain   the text, split at white space; up to the first part that is no word
 *     spaced, marked   with a tokenizer: its encoding of the text. Without: only when the stripped text, as it is or with a
 *             space before it, is words of the vocabulary in one way only, all of it
 *   out  token  (stride)
 *        valid  how many, 0 .. stride; fewer than stride: the answer is too short (Eq. 13 tries again)
 *   err  SPAE_ERR_NO_MEMORY */
spae_status spae_answer_tokens(const spae_lexicon *lexicon, const spae_answer *answer, size_t stride, spae_arena *arena,
                               int32_t *token, size_t *valid, spae_error *err);

#endif
