/* Episodes of few-shot classification (4.2): which classes, which examples, which query. SPEC 10.19
 *
 * An episode holds what the largest setting needs, and every smaller one takes its part: W ways are the first W classes, n
 * shots the first n pictures of each. So all 14 settings of Table 1 see the same pictures as far as they can. The query is the
 * same picture of its class whatever the ways; which class is asked for is drawn anew for each number of ways, among its own.
 */
#ifndef SPAE_IO_EPISODE_H
#define SPAE_IO_EPISODE_H

#include "io/dataset.h"

#define SPAE_EPISODE_WAYS 16 /* most classes of one episode */

/* Pictures by the words that stand for them. A picture of several words is in several classes. */
typedef struct {
    size_t count;
    const char *const *name; /* (count) distinct, in the order of their first occurrence in the data set's sources */
    const size_t *first;     /* (count + 1) */
    const size_t *picture;   /* (first[count]) of class k: picture[first[k]] .. picture[first[k + 1] - 1], upwards */
    size_t pictures;         /* of the data set */
} spae_classes;

/* The classes of a labelled data set: its words, or of numbers alone those of `word`.
 *   in   word  (count) of label 0, 1, ..; looked at where the data set has no words of its own
 *   err  SPAE_ERR_ARGUMENT  no labels, or a label without word;  SPAE_ERR_NO_MEMORY */
spae_status spae_classes_of(const spae_dataset *dataset, const char *const *word, size_t count, spae_arena *arena,
                            spae_classes *classes, spae_error *err);

typedef struct {
    size_t ways, shots;      /* the most that it serves */
    const size_t *class_of;  /* (ways) the class at each place */
    const char *const *label; /* (ways) its word */
    const size_t *support;   /* (shots,ways) pictures: example s of place w at s * ways + w */
    const size_t *query;     /* (ways) the picture that is asked, were this its class */
    const size_t *asked;     /* (ways + 1) of W ways the place that is asked, 0 .. W-1; [0] is 0 */
} spae_episode;

/* Episode `number` of a seed.
 *   in   1 <= ways <= SPAE_EPISODE_WAYS, shots >= 0
 *   out  episode  in the arena. No picture occurs twice in it, and none is of two of its classes.
 *   err  SPAE_ERR_ARGUMENT  fewer classes than ways have 1 + shots pictures of their own: the text says how many were found
 *        SPAE_ERR_NO_MEMORY */
spae_status spae_episode_sample(const spae_classes *classes, uint32_t seed, uint32_t number, size_t ways, size_t shots,
                                spae_arena *arena, spae_episode *episode, spae_error *err);

#endif
