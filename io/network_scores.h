/* Scores that take a network, gathered picture by picture while a model is evaluated: FID and Inception Score from one that
 * gives features and logits, FVD from one of videos, LPIPS from one that gives distances. Which networks, and where their
 * weights come from, is not this file's affair: it calls them by these two doors.
 *
 *     spae_network_scores_start(&s, &settings, &arena, err)
 *     for each picture:  spae_network_scores_picture(&s, picture, err)
 *         for each l:    spae_network_scores_rebuilt(&s, l, picture, rebuilt, err)
 *     spae_network_scores_finish(&s, tell, context, err)
 */
#ifndef SPAE_IO_NETWORK_SCORES_H
#define SPAE_IO_NETWORK_SCORES_H

#include "io/feature_sets.h"

/* A network's features and logits of a picture or clip (T,H,W,3) in 0..1: `examples` rows of each, T or 1. */
typedef struct {
    size_t examples, width, classes;
    spae_status (*run)(void *network, const spae_real *picture, spae_real *features, spae_real *logits, spae_error *err);
    void *network;
} spae_feature_network;

/* A distance of two pictures or clips. */
typedef struct {
    spae_status (*run)(void *network, const spae_real *a, const spae_real *b, double *distance, spae_error *err);
    void *network;
} spae_distance_network;

/* Everything is borrowed; what is NULL is not measured. */
typedef struct {
    const spae_feature_network *pictures; /* of FID and Inception Score */
    bool fid, inception_score;            /* which of the two */
    const spae_feature_network *videos;   /* of FVD, whose features are this network's */
    const spae_distance_network *distance;
    size_t layers, count, splits; /* count: pictures to come; splits 0: as many as are usual */
} spae_network_settings;

typedef struct {
    spae_network_settings set;
    spae_arena *arena;
    spae_real *features, *logits; /* of one picture */
    spae_feature_sets fid, fvd;   /* sets 0: not measured */
    spae_answer_sets answers;     /* likewise */
    spae_spread lpips[SPAE_MAX_LAYERS];
} spae_network_scores;

/*   err  SPAE_ERR_ARGUMENT  more splits than rows     SPAE_ERR_NO_MEMORY
 *   mem  the sums of all sets, in the arena, which the caller drops */
spae_status spae_network_scores_start(spae_network_scores *s, const spae_network_settings *settings, spae_arena *arena,
                                      spae_error *err);

/* The next picture, before what is rebuilt of it.
 *   err  those of the networks; SPAE_ERR_NOT_FINITE  a feature or logit */
spae_status spae_network_scores_picture(spae_network_scores *s, const spae_real *picture, spae_error *err);

/* What its first `layers` layers rebuild, limited to 0..1.   err: likewise */
spae_status spae_network_scores_rebuilt(spae_network_scores *s, size_t layers, const spae_real *picture,
                                        const spae_real *rebuilt, spae_error *err);

/* All pictures were given: distances and scores.
 *   in   tell  of the eigensolves, told the measure, "fid" or "fvd", set and part; may be NULL
 *   err  as spae_feature_sets_finish and spae_answer_sets_finish */
spae_status spae_network_scores_finish(spae_network_scores *s,
                                       void (*tell)(void *measure, size_t set, double part), spae_error *err);

#endif
