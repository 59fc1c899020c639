/* CLIP's tokenizer: the sequences that its text encoder takes (SPEC 8.45, 8.46).
 *
 * spae_tokenizer_open opens it from its merges, bpe_simple_vocab_16e6.txt.gz or the same as plain text. Tokens 0..255 are the
 * bytes, 256..511 the bytes that end a word, then one token for each merge (at most 48894), then <|startoftext|> and
 * <|endoftext|>: the texts of these two become them, as they do where CLIP comes from.
 *
 * A text is cleaned first: HTML's character references twice, white space off both ends, runs of it to one blank, small letters. CLIP's
 * own code mends broken encodings before that, with a library named ftfy (it also straightens quotation marks and takes full-width
 * letters for plain ones); this is not done here. A text that ftfy leaves as it is has the same tokens.
 */
#ifndef SPAE_IO_TOKENIZER_CLIP_H
#define SPAE_IO_TOKENIZER_CLIP_H

#include "io/tokenizer.h"

enum { SPAE_CLIP_CONTEXT = 77 }; /* as published */

/* Start token, the text's tokens, end token, then zeros up to `context`.
 *   in   tokenizer  any with a begin and an end
 *        text       (length) UTF-8
 *        context    at least 2
 *   out  token      (context); untouched after a failure
 *   err  SPAE_ERR_FORMAT    not UTF-8; more tokens than the context takes: "the text has 80 tokens, at most 75 fit ..", with
 *                           its beginning
 *        SPAE_ERR_ARGUMENT  a tokenizer without these tokens, a context below 2
 *        SPAE_ERR_NO_MEMORY
 *   mem  scratch in the arena, given back */
spae_status spae_clip_tokens(const spae_tokenizer *tokenizer, const char *text, size_t length, size_t context, spae_arena *arena,
                             int32_t *token, spae_error *err);

#endif
