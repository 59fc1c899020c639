/* The codebook C = {(k, e(k))} of a language model's vocabulary (SPAE Sec. 3.1; SPEC 8.12): which of its words are taken,
 * and an .npz of them, arrays codebook (V,c) and vocab (V), as spae train and spae init take it.
 *
 *     words            of the source, in its order; those that have no text (special tokens) never
 *     take             all of the asked conditions must hold:
 *         UTF8         the bytes are UTF-8 by themselves: the paper's "UTF-8 tokens", 99,483 of cl100k's
 *         PRINTABLE    UTF-8 of which every character shows: no category of Unicode's C and Z but U+0020, and not spaces alone
 *         LETTERS      UTF-8; behind a space or U+2581 that may stand first, a letter, then letters and marks only
 *         STARTS       the word begins with a space or U+2581 and does not end there; all words, where none begins so
 *     frequency        then only words that a list counts, the most frequent first, equal ones in their order
 *     left out         then, unless they are to be kept: a word that has come before (two tokens of the same bytes), a row
 *                      of zeros
 *     first            then the first n of them; of these, unless kept, each row that is an earlier one's again, bit for bit
 *     order            in the end that of the source again
 *
 * Rows and words    where the matrix has a row for each word (as many rows as words; fewer are enough where only the words
 * without text at the end lack one; more only with `padded`), row k is word k's; where it has as many rows as words pass
 * `take`, row i is that of the i-th of these; else it is refused.
 * Memory    rows are read one by one, three times; what is held is the words taken and 48 bytes each, the list of counts,
 *           and, while vocab is deflated, twice that array.
 */
#ifndef SPAE_IO_CODEBOOK_H
#define SPAE_IO_CODEBOOK_H

#include "io/arrays.h"
#include "io/word_source.h"

enum { SPAE_TAKE_UTF8 = 1, SPAE_TAKE_PRINTABLE = 2, SPAE_TAKE_LETTERS = 4, SPAE_TAKE_STARTS = 8 };

/* Told now and then how far it is: "words", "rows", "crc", "write"; done of total. */
typedef void spae_codebook_progress(void *context, const char *what, size_t done, size_t total);

typedef struct {
    unsigned take;         /* SPAE_TAKE_.., together; 0: every word */
    size_t first;          /* 0: all */
    const char *frequency; /* a file of counts, NULL: none. An .npy (V) of numbers, the count of word k at place k; or lines
                              WORD COUNT, a tab or else the last space between them: the count of the word of just this text
                              and, where it has none of its own, of it behind a space or U+2581. Below 0 is refused; words of
                              count 0 are none */
    bool keep_duplicates;  /* words that came before, and equal rows */
    bool keep_zeros;       /* rows of zeros */
    bool padded;           /* more rows than words are good */
    spae_codebook_progress *progress; /* NULL: nobody is told */
    void *context;
} spae_codebook_settings;

/* What became of the words; each number is of those that the lines before it left over. */
typedef struct {
    size_t words;       /* of the source */
    size_t without;     /* have no text */
    size_t not_taken;   /* a condition does not hold */
    size_t unlisted;    /* no count */
    size_t same_words;  /* came before; when kept, they are counted too */
    size_t zeros;       /* rows of zeros among the rows looked at; likewise */
    size_t beyond;      /* behind the first n */
    size_t same_rows;   /* likewise */
    size_t V, c;        /* of the codebook */
    size_t raw;         /* of its words hold bytes that are no text (io/raw_words.h) */
    bool rows_of_taken; /* the matrix had a row for each word that passed `take` */
    spae_name_list same_word, zero, same_row; /* the first of them */
} spae_codebook_report;

/* Makes the codebook and replaces `path` by it. The same bytes for the same source, on every machine.
 *   out  report  unspecified after a failure
 *   err  SPAE_ERR_SHAPE     words and rows do not fit each other; no word is left
 *        SPAE_ERR_FORMAT    a broken list of counts
 *        SPAE_ERR_ARGUMENT  a word with a character that stands for a raw byte (io/raw_words.h)
 *        SPAE_ERR_NOT_FINITE  SPAE_ERR_IO  SPAE_ERR_NO_MEMORY, and what the source returns
 *   mem  scratch is as it was on return */
spae_status spae_codebook_build(const spae_word_source *source, const spae_codebook_settings *settings, const char *path,
                                spae_arena *scratch, spae_codebook_report *report, spae_error *err);

/* ---- parts ----------------------------------------------------------------------------------- */

/* Do the conditions hold for a word? `spaced`: some word of the vocabulary begins with a space or U+2581. */
bool spae_codebook_takes(unsigned take, bool spaced, const char *bytes, size_t length);

/* A list of counts, for words of the source. */
typedef struct spae_codebook_counts spae_codebook_counts;

spae_status spae_codebook_counts_read(spae_arena *arena, const char *path, size_t words,
                                      const spae_codebook_counts **counts, spae_error *err);

/* The count of word k, `word` its text; 0: none. */
double spae_codebook_count(const spae_codebook_counts *counts, size_t k, const char *word);

#endif
