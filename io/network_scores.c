/* The scores of network_scores.h. */
#include "io/network_scores.h"

#include <math.h>
#include <string.h>

#include "nn/ops.h"

static size_t most(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* Room for one picture's rows of either network. */
static bool take_room(spae_network_scores *s)
{
    const spae_feature_network *p = s->set.pictures, *v = s->set.videos;
    const size_t features = most(p != NULL ? p->examples * p->width : 0, v != NULL ? v->examples * v->width : 0);
    const size_t logits = most(p != NULL ? p->examples * p->classes : 0, v != NULL ? v->examples * v->classes : 0);
    s->features = spae_arena_take(s->arena, features, sizeof *s->features);
    s->logits = spae_arena_take(s->arena, logits, sizeof *s->logits);
    return s->features != NULL && s->logits != NULL;
}

spae_status spae_network_scores_start(spae_network_scores *s, const spae_network_settings *settings, spae_arena *arena,
                                      spae_error *err)
{
    const size_t sets = settings->layers + 1;
    spae_status status = SPAE_OK;
    memset(s, 0, sizeof *s);
    s->set = *settings;
    s->arena = arena;
    if (!take_room(s))
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "no memory for a picture's features");
    if (settings->pictures != NULL && settings->fid)
        status = spae_feature_sets_start(&s->fid, sets, settings->pictures->width, arena, err);
    if (status == SPAE_OK && settings->pictures != NULL && settings->inception_score) {
        const size_t rows = settings->count * settings->pictures->examples;
        const size_t splits = settings->splits > 0 ? settings->splits : spae_answer_sets_splits(rows);
        status = spae_answer_sets_start(&s->answers, sets, rows, settings->pictures->classes, splits, arena, err);
    }
    if (status == SPAE_OK && settings->videos != NULL)
        status = spae_feature_sets_start(&s->fvd, sets, settings->videos->width, arena, err);
    return status;
}

/* The softmax of each row of logits to the score. */
static spae_status add_answers(spae_network_scores *s, size_t set, spae_error *err)
{
    const spae_feature_network *n = s->set.pictures;
    spae_status status = SPAE_OK;
    for (size_t i = 0; i < n->examples * n->classes; i++)
        if (!(fabs((double)s->logits[i]) < (double)HUGE_VAL))
            return spae_fail(err, SPAE_ERR_NOT_FINITE, "inception score: row %zu, a logit is not finite",
                             s->answers.score[set].row + i / n->classes);
    spae_softmax_array(s->logits, n->examples, n->classes, s->logits);
    for (size_t r = 0; status == SPAE_OK && r < n->examples; r++)
        status = spae_inception_score_add(&s->answers.score[set], s->logits + r * n->classes, err);
    return status;
}

static spae_status add_pictures(spae_network_scores *s, size_t set, const spae_real *picture, spae_error *err)
{
    const spae_feature_network *n = s->set.pictures;
    spae_status status = n->run(n->network, picture, s->features, s->logits, err);
    if (status == SPAE_OK && s->set.fid)
        status = spae_moments_add(&s->fid.moments[set], s->features, n->examples, err);
    if (status == SPAE_OK && s->set.inception_score)
        status = add_answers(s, set, err);
    return status;
}

static spae_status add_videos(spae_network_scores *s, size_t set, const spae_real *picture, spae_error *err)
{
    const spae_feature_network *n = s->set.videos;
    const spae_status status = n->run(n->network, picture, s->features, s->logits, err);
    return status == SPAE_OK ? spae_moments_add(&s->fvd.moments[set], s->features, n->examples, err) : status;
}

static spae_status add_to_set(spae_network_scores *s, size_t set, const spae_real *picture, spae_error *err)
{
    const bool asked = s->set.pictures != NULL && (s->set.fid || s->set.inception_score);
    const spae_status status = asked ? add_pictures(s, set, picture, err) : SPAE_OK;
    return status == SPAE_OK && s->set.videos != NULL ? add_videos(s, set, picture, err) : status;
}

spae_status spae_network_scores_picture(spae_network_scores *s, const spae_real *picture, spae_error *err)
{
    return add_to_set(s, 0, picture, err);
}

spae_status spae_network_scores_rebuilt(spae_network_scores *s, size_t layers, const spae_real *picture,
                                        const spae_real *rebuilt, spae_error *err)
{
    const spae_distance_network *n = s->set.distance;
    double distance;
    spae_status status = add_to_set(s, layers, rebuilt, err);
    if (status != SPAE_OK || n == NULL)
        return status;
    status = n->run(n->network, picture, rebuilt, &distance, err);
    if (status == SPAE_OK)
        spae_spread_add(&s->lpips[layers - 1], distance);
    return status;
}

spae_status spae_network_scores_finish(spae_network_scores *s,
                                       void (*tell)(void *measure, size_t set, double part), spae_error *err)
{
    char fid[] = "fid", fvd[] = "fvd";
    spae_status status = SPAE_OK;
    if (s->fid.sets > 0)
        status = spae_feature_sets_finish(&s->fid, s->arena, tell, fid, err);
    if (status == SPAE_OK && s->fvd.sets > 0)
        status = spae_feature_sets_finish(&s->fvd, s->arena, tell, fvd, err);
    if (status == SPAE_OK && s->answers.sets > 0)
        status = spae_answer_sets_finish(&s->answers, err);
    return status;
}
