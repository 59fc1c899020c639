/* Which words stand for which pictures. A picture's label is the number of a source, and a source
 * is one word of the vocabulary or several: "seven" for a digit; "dog face pet animals" for one
 * picture alone, the most specific word first.
 */
#ifndef SPAE_IO_SOURCES_H
#define SPAE_IO_SOURCES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* As texts, before a vocabulary is known. Source i has word[first[i]] .. word[first[i + 1] - 1]. */
typedef struct {
    size_t count;
    const size_t *first;     /* (count + 1), never falling */
    const char *const *word; /* (first[count]) */
} spae_source_words;

/* As tokens: the same with token[..]. No source has a token twice; an empty one stands for no
 * picture at hand. */
typedef struct {
    size_t count;
    const size_t *first;  /* (count + 1), never falling */
    const int32_t *token; /* (first[count]) */
} spae_sources;

/* Is the token one of the words of that source?
 *   in   0 <= source < count */
bool spae_sources_has(const spae_sources *sources, int32_t source, int32_t token);

#endif
