/* A language model without weights: what comes next is what came next where the prompt was alike. It knows ids, and the
 * embeddings of those that are words; nothing of text.                                                 SPEC 10.20 to 10.24
 *
 * Source    Eq. 10: P(. | prompt); a frozen model that learns in context only. All of it is ours.
 * Computes  P = (1 - u) (g copy + (1 - g) ((1 - b) attention + b n-grams)) + u / ids, where, for the tokens x_0 .. of the
 *           prompt, followed by those that were said since:
 *             window      the present record: back to the end of the last line that begins as this one does     SPEC 10.21
 *             attention   every position i of the prompt has a window of the same length before it. How unlike it is to the
 *                         present one: first in how many places one of the two has a token that is no word and the other
 *                         another, so that a condition "7" finds its like; among equals by the sum of the squared distances
 *                         of the words that stand at the same distance. Softmax over such i, as sharp as leaves A^(3/4)
 *                         of A in effect; the mass of i goes to x_i                                             SPEC 10.22
 *             n-grams     the mass of i is 2^(length of what equally precedes both): the longest matches win      SPEC 10.23
 *             copy        the token d places back, for the d at which such i most often have x_i = x_(i-d);
 *                         g is how often beyond chance                                                            SPEC 10.23
 * Order     sums over distances upwards, over positions upwards, over ids upwards; all in binary64 but exp and log, which
 *           are real. No product or sum of it is regrouped, so every machine has the same bits.
 * Limits    It has no knowledge of the world: whatever is asked, it can only mix what its prompt shows.
 * Memory    a prompt: about 50 bytes a token and 12 an id, and 8 bytes for each of its different tokens times each word
 *           that comes to stand in a window.
 */
#ifndef SPAE_NN_INCONTEXT_H
#define SPAE_NN_INCONTEXT_H

#include <stdint.h>

#include "arena.h"
#include "real.h"
#include "../vendor_free/philox.h"
#include "../vendor_free/status.h"

/* The frozen model. */
typedef struct {
    size_t V, c;     /* ids 0 .. V-1 are words, V >= 1, c >= 1 */
    const real *e;   /* (V,c) finite, borrowed */
    size_t ids;      /* V .. ids-1 have no embedding: punctuation, digits, letters; V <= ids < 2^31 */
    int32_t newline; /* the id that ends lines, V .. ids-1 */
    double spread;   /* the mean squared distance of two words, set by spae_incontext_create */
} spae_incontext;

/*   err  SPAE_ERR_ARGUMENT  sizes that are not as above;  SPAE_ERR_NOT_FINITE  the spread overflows */
spae_status spae_incontext_create(const real *e, size_t V, size_t c, size_t ids, int32_t newline, spae_incontext *model,
                                  spae_error *err);

/* A prompt that was read. */
typedef struct {
    const spae_incontext *model;
    const int32_t *id; /* (n) borrowed */
    size_t n;
    spae_arena *arena;
    /* its own */
    size_t kinds;       /* different tokens */
    int32_t *kind;      /* (kinds) they, in the order of first occurrence */
    int32_t *kind_at;   /* (n) which of them stands at each position */
    int32_t *mark_at;   /* (n) its id where it is no word, else -1 */
    const double **row; /* (V) distances of a word from all kinds, made when first needed */
    int32_t *unlike;    /* (n) scratch: places that differ, or match, .. */
    double *far, *mass; /* (n) .. distances, and the mass of each position */
    size_t window;      /* the longest, at most n: room in the next four */
    int32_t *back;      /* (window) the token d + 1 places back, .. */
    int32_t *back_mark; /* (window) .. its id where it is no word, else -1, .. */
    const double **back_row; /* (window) .. and its row where it is one, else NULL */
    double *hit;        /* (window) votes for a copy from that distance */
    int32_t *follows;   /* (n) positions looked at that have this kind of token */
} spae_incontext_prompt;

/*   in   id     (n) each 0 .. ids-1, n < 2^31; borrowed, as is the arena, while the prompt is used
 *   err  SPAE_ERR_ARGUMENT  an id out of range (the text names it);  SPAE_ERR_NO_MEMORY */
spae_status spae_incontext_read(const spae_incontext *model, const int32_t *id, size_t n, spae_arena *arena,
                                spae_incontext_prompt *prompt, spae_error *err);

/* P(next token | prompt, said).
 *   in   said  (count) what was said since the prompt's end, each 0 .. ids-1; borrowed until return
 *   out  p     (ids) each > 0; their sum is 1 to within 1e-12
 *   err  SPAE_ERR_ARGUMENT  an id out of range;  SPAE_ERR_NO_MEMORY */
spae_status spae_incontext_predict(spae_incontext_prompt *prompt, const int32_t *said, size_t count, double *p,
                                   spae_error *err);

/* One token: of the distribution p^(1/temperature), renormalised; of temperature 0 the most probable, the lowest id on
 * ties.                                                                                                     SPEC 10.24
 *   in   p        (n) > 0
 *        scratch  (n)
 *        key, position  which random number it takes */
int32_t spae_incontext_draw(const double *p, size_t n, double temperature, spae_random_key key, const uint32_t position[4],
                            double *scratch);

#endif
