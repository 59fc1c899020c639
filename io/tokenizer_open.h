/* Opening a language model's vocabulary from the files that are published with it.
 *
 * What is read (SPEC 8.29)
 *     tokenizer.json            a byte-level BPE (GPT-2, Llama 3, Qwen), a BPE of SentencePiece's kind (Llama 2, Mistral,
 *                               Gemma) or a Unigram (T5, ALBERT), with its normalizers, pre-tokenizers and added tokens
 *     vocab.json                GPT-2's byte-level BPE; merges.txt lies beside it (for X-vocab.json: X-merges.txt)
 *     *.tiktoken                ranks; pattern.json lies beside it {"pat_str":TEXT,"special_tokens":{NAME:ID,..}}, or the file
 *                               has a known name: r50k_base, p50k_base, cl100k_base, o200k_base
 *     bpe_simple_vocab_16e6.txt, maybe .gz: CLIP's merges, whose first line tells their version (SPEC 8.45, 8.46); also a
 *                               merges.txt of CLIP's kind
 *     a folder                  with one of these, in this order
 * Which of them a file is, its first bytes say; it may be gzipped. A tokenizer_config.json beside names the
 * tokens that begin and end a text.
 *
 * What does not depend on tables of compositions is exact; the rest is refused where it could matter, never guessed: the
 * normalizers NFC, NFKC, NFD, NFKD, Lowercase, StripAccents and Precompiled let a text pass that they would not change, and
 * of any other encode says the byte (SPEC 8.31).
 */
#ifndef SPAE_IO_TOKENIZER_OPEN_H
#define SPAE_IO_TOKENIZER_OPEN_H

#include "io/tokenizer.h"

/*   in   path       as above
 *   out  tokenizer  in the arena, with all that it needs: no file stays open. Its kind is "byte-level BPE",
 *                   "SentencePiece BPE", "Unigram", "tiktoken" or "CLIP BPE"
 *   err  SPAE_ERR_FORMAT     "FILE: PLACE: .."; also what is well-formed but not known (another model, a pre-tokenizer, ..)
 *        SPAE_ERR_IO         a file that is not there or does not read; a folder without any of these files
 *        SPAE_ERR_NO_MEMORY
 *   mem  in proportion to the files; on failure the arena is as it was
 *
 * Of the tokenizer's functions beyond io/tokenizer.h: encode refuses a text that is not UTF-8 or has more than 2^31 - 1
 * bytes; it takes time in proportion to n log n, whatever the text. decode gives the text back that encode was given, but
 * for what normalizers and pre-tokenizers change by their nature (blanks that are stripped, for instance) and for unknown
 * tokens. */
spae_status spae_tokenizer_open(spae_arena *arena, const char *path, const spae_tokenizer **tokenizer, spae_error *err);

#endif
