/* A SPAE vocabulary as a language model reads and writes it: how its words stand beside each other in a text, and which of
 * the model's own tokens each of them is. SPEC 10.10, 10.11
 *
 * How words are joined, by what the vocabulary is [ours]:
 *     plain    no word begins with a space or U+2581: a list of words; one space between two of them
 *     spaced   some word begins with a space: pieces that carry their spaces (byte-level BPE); nothing between them
 *     marked   none with a space, but some with U+2581: SentencePieces; nothing between them, and U+2581 reads as a space
 */
#ifndef SPAE_IO_LEXICON_H
#define SPAE_IO_LEXICON_H

#include "io/tokenizer.h"
#include "io/words.h"

typedef enum { SPAE_JOIN_PLAIN, SPAE_JOIN_SPACED, SPAE_JOIN_MARKED, SPAE_JOINS } spae_join;

/* "plain", "spaced", "marked" */
extern const char *const spae_join_names[SPAE_JOINS];

/* What the vocabulary's words say of themselves. */
spae_join spae_join_of(const char *const *word, size_t V);

/* The SPAE vocabulary, borrowed, and what was found for it once. */
typedef struct {
    size_t V;
    spae_join join;
    spae_words text;                 /* the words as they stand in a text: marked ones with a space for each U+2581, bytes
                                        that are no text as such (io/raw_words.h) */
    bool newline;                    /* has some word a newline in it? Then no newline can end an answer of tokens */
    const spae_tokenizer *tokenizer; /* the language model's, borrowed; NULL: not known, prompts are texts only */
    const int32_t *id;               /* (V) spae_word_ids; NULL without tokenizer */
    const int32_t *token;            /* (tokenizer->V) the other way: the lowest token of that id, -1: none; NULL likewise */
} spae_lexicon;

/*   in   word       (V) the SPAE vocabulary, 1 <= V < 2^31, borrowed
 *        join       as the user says, or SPAE_JOINS: spae_join_of
 *        tokenizer  borrowed, or NULL
 *   err  SPAE_ERR_NO_MEMORY */
spae_status spae_lexicon_open(const char *const *word, size_t V, spae_join join, const spae_tokenizer *tokenizer,
                              spae_arena *arena, spae_lexicon *lexicon, spae_error *err);

/* Which token of the language model each word is: always one, so that none is split again. SPEC 10.11
 *     spaced, marked   the token with exactly the word's bytes
 *     plain            the token of a space and the word, where there is one: it says the space that stands before the word
 *                      too; else that of the word alone [ours]
 * The empty word has none.
 *   in   text  (V) the words as they stand in a text (spae_lexicon)
 *   out  id    (V) in the arena; -1: the language model has no such token
 *   err  SPAE_ERR_NO_MEMORY */
spae_status spae_word_ids(const spae_words *text, spae_join join, const spae_tokenizer *tokenizer, spae_arena *arena,
                          int32_t **id, spae_error *err);

/* Are these tokens' words all in the language model's vocabulary? (Of all tokens of the SPAE vocabulary: token NULL.)
 *   err  SPAE_ERR_ARGUMENT  a token outside 0 .. V-1, or words that are missing: how many of how many that are used, and the
 *                           first ten of them (as many as the text has room for), by token
 *        SPAE_ERR_NO_MEMORY */
spae_status spae_lexicon_check(const spae_lexicon *lexicon, const int32_t *token, size_t count, spae_arena *arena,
                               spae_error *err);

#endif
