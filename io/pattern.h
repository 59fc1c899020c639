/* Regular expressions, as far as published tokenizers cut text with them (SPEC 8.30).
 *
 * What is known   a|b   ab   (a)  (?:a)  (?i:a)   literals, . (all but \n), $ (the end of the text)
 *                 classes [..] and [^..] with ranges and the escapes below;  \s \S \d \D \p{L} \P{Lu} \pN (any category)
 *                 \r \n \t \f \v \0, \xHH, \x{H..}, \u{H..}, \uHHHH, a backslash before punctuation
 *                 * + ? {m} {m,} {m,n}, lazy with ? behind, possessive with + behind (after one character or class)
 *                 (?=c) (?!c) where c is one character or class
 * Anything else is refused by its place, so that no pattern means something else here than where it comes from.
 *
 * Meaning   Of all ways to match at a place the first counts, in the order in which a backtracking matcher tries them:
 *           alternatives from left to right, greedy repetitions from the most, lazy ones from the fewest. (?i:..) takes
 *           ASCII letters in both cases, and U+017F for s, U+212A for k, as Unicode's simple case folding has it.
 * Time      In proportion to text times pattern, whatever they are: where a choice of the pattern has failed at a place
 *           of the text, is noted, and it is not tried there again. (Whether it fails does not depend on where the match
 *           began, as there are no back references.) Nothing recurses.
 */
#ifndef SPAE_IO_PATTERN_H
#define SPAE_IO_PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nn/arena.h"
#include "vendor_free/status.h"

#define SPAE_PATTERN_MOST 1024 /* steps of a compiled pattern; so many bits a byte of text a search takes at most */

typedef struct spae_pattern spae_pattern;

/*   in   text     (length) borrowed until return; any bytes
 *   err  SPAE_ERR_FORMAT     "pattern: byte 12: .."
 *        SPAE_ERR_NO_MEMORY
 *   mem  the pattern lies in the arena; on failure as it was */
spae_status spae_pattern_compile(spae_arena *arena, const char *text, size_t length, const spae_pattern **pattern,
                                 spae_error *err);

typedef struct {
    size_t pc, at;
} spae_pattern_choice;

typedef struct {
    size_t begin, end;
} spae_pattern_run;

/* One text that is searched from its beginning to its end. All fields are the search's own. */
typedef struct {
    const spae_pattern *pattern; /* borrowed */
    const char *text;            /* borrowed */
    size_t length;
    spae_arena *arena;           /* borrowed */
    uint32_t *tried;             /* (length + 1, words): a bit for each choice of the pattern that failed at this byte */
    spae_pattern_run *run;       /* of each possessive repetition without bound: the run it met last */
    spae_pattern_choice *stack;  /* (room) what is still to be tried, the last first */
    size_t room;
} spae_pattern_search;

/*   in   text    (length) well-formed UTF-8, borrowed by the search, as is the arena
 *   err  SPAE_ERR_NO_MEMORY
 *   mem  the search's memory is above the arena's mark of before; the caller resets it at the end */
spae_status spae_pattern_start(spae_pattern_search *search, const spae_pattern *pattern, const char *text, size_t length,
                               spae_arena *arena, spae_error *err);

/* The first match that begins at byte `from` (between characters, and not before an earlier match's end) or later.
 *   out  begin, end  bytes begin .. end - 1, which may be none; begin = end = length + 1 when there is no match
 *   err  SPAE_ERR_NO_MEMORY */
spae_status spae_pattern_next(spae_pattern_search *search, size_t from, size_t *begin, size_t *end, spae_error *err);

#endif
