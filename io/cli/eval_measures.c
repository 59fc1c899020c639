/* What spae eval gathers beside the model's own measures, eval_parts.h. */
#include "io/cli/eval_parts.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

const char *spae_cli_eval_value(const spae_cli_evaluation *e, const char *name)
{
    return spae_cli_value(e->arguments, name);
}

bool spae_cli_eval_wanted(const spae_cli_evaluation *e, spae_measure m)
{
    return !e->choice || e->chosen[m];
}

/* ---- messages ---- */

/* One line a second at most. */
static bool is_time(bool last)
{
    static time_t before;
    const time_t now = time(NULL);
    if (now == before && !last)
        return false;
    before = now;
    return true;
}

void spae_cli_eval_tell(size_t done, size_t count)
{
    if (is_time(done == count))
        fprintf(stderr, "%zu/%zu pictures\n", done, count);
}

static void tell_set(void *context, size_t set, double part)
{
    if (!is_time(false))
        return;
    if (set == 0)
        fprintf(stderr, "%s: the pictures' covariance, %.0f %%\n", (const char *)context,
                100 * part);
    else
        fprintf(stderr, "%s: layers 1..%zu, %.0f %%\n", (const char *)context, set, 100 * part);
}

/* A line under the model's hash. Both texts stay; NULL for the second: no memory, and no line. */
static void remark(spae_cli_evaluation *e, const char *about, const char *text)
{
    spae_evaluation_results *r = &e->results;
    if (text == NULL || r->remarks == SPAE_EVALUATION_REMARKS)
        return;
    r->about[r->remarks] = about;
    r->remark[r->remarks++] = text;
}

static void remark_features(spae_cli_evaluation *e, const char *about, const char *folder,
                            const spae_feature_sets *f)
{
    enum { ROOM = 512 };
    char *text = spae_arena_take(e->arena, ROOM, 1);
    size_t set = 1;
    while (set + 1 < f->sets && f->moments[set].count == 0)
        set++;
    if (text != NULL)
        snprintf(text, ROOM,
                 "%zu features from %.300s, n = %zu of pictures and %zu of what is rebuilt", f->d,
                 folder, f->moments[0].count, f->moments[set].count);
    remark(e, about, text);
    remark(e, about, spae_feature_sets_remark(f, e->arena));
}

static void remark_answers(spae_cli_evaluation *e, const char *folder)
{
    enum { ROOM = 512 };
    char *text = spae_arena_take(e->arena, ROOM, 1);
    const spae_inception_score *s = e->answers.score;
    for (size_t set = 0; set < e->answers.sets; set++)
        if (s->rows == 0)
            s++;
    if (text != NULL)
        snprintf(text, ROOM,
                 "probabilities of %zu classes from %.300s, n = %zu in %zu splits; +- is their "
                 "deviation",
                 s->classes, folder, s->rows, s->splits);
    remark(e, "is", text);
}

/* ---- activations from files ---- */

static spae_status read_features(spae_cli_evaluation *e, spae_measure measure, const char *option,
                                 spae_feature_sets *f, const spae_feature_sets **result,
                                 spae_error *err)
{
    const char *folder = spae_cli_eval_value(e, option);
    const char *name = spae_measure_names[measure];
    char about[8];
    if (folder == NULL || !spae_cli_eval_wanted(e, measure))
        return SPAE_OK;
    strcpy(about, name);
    spae_status status =
        spae_feature_sets_read(f, folder, e->model.config.pyramid.layers + 1, e->arena, err);
    if (status == SPAE_OK)
        status = spae_feature_sets_finish(f, e->arena, tell_set, about, err);
    if (status == SPAE_OK) {
        remark_features(e, name, folder, f);
        *result = f;
    }
    return status;
}

static spae_status read_answers(spae_cli_evaluation *e, spae_error *err)
{
    const char *folder = spae_cli_eval_value(e, "probabilities");
    if (folder == NULL || !spae_cli_eval_wanted(e, SPAE_MEASURE_IS))
        return SPAE_OK;
    spae_status status = spae_answer_sets_read(
        &e->answers, folder, e->model.config.pyramid.layers + 1, e->splits, e->arena, err);
    if (status == SPAE_OK)
        status = spae_answer_sets_finish(&e->answers, err);
    if (status == SPAE_OK) {
        remark_answers(e, folder);
        e->results.answers = &e->answers;
    }
    return status;
}

spae_status spae_cli_eval_activations(spae_cli_evaluation *e, spae_error *err)
{
    spae_status status = read_features(e, SPAE_MEASURE_FID, "features", &e->fid, &e->results.fid, err);
    if (status == SPAE_OK)
        status = read_answers(e, err);
    if (status == SPAE_OK)
        status = read_features(e, SPAE_MEASURE_FVD, "video-features", &e->fvd, &e->results.fvd, err);
    return status;
}

/* ---- networks ---- */

static void remark_weights(void *context, const char *measure, const spae_weights_report *report)
{
    enum { ROOM = 200 };
    spae_cli_evaluation *e = context;
    char *text = spae_arena_take(e->arena, ROOM, 1);
    if (text != NULL)
        snprintf(text, ROOM, "weights of sha256 %s, read as %s", report->hash, report->scheme[0]);
    remark(e, measure, text);
}

static spae_status open_networks(spae_cli_evaluation *e, size_t count, spae_error *err)
{
    spae_cli_networks *n = &e->networks;
    n->fid = spae_cli_eval_wanted(e, SPAE_MEASURE_FID);
    n->inception_score = spae_cli_eval_wanted(e, SPAE_MEASURE_IS);
    n->fvd = spae_cli_eval_wanted(e, SPAE_MEASURE_FVD);
    n->lpips_distance = spae_cli_eval_wanted(e, SPAE_MEASURE_LPIPS);
    return spae_cli_networks_open(n, e->arguments, e->model.config.picture, count,
                                  e->model.config.pyramid.layers, e->splits, e->arena,
                                  remark_weights, e, err);
}

static spae_status finish_networks(spae_cli_evaluation *e, spae_error *err)
{
    spae_network_scores *s = &e->networks.scores;
    const spae_status status = spae_network_scores_finish(s, tell_set, err);
    if (status != SPAE_OK)
        return status;
    if (e->networks.fid) {
        e->results.fid = &s->fid;
        remark(e, "fid", spae_feature_sets_remark(&s->fid, e->arena));
    }
    if (e->networks.fvd) {
        e->results.fvd = &s->fvd;
        remark(e, "fvd", spae_feature_sets_remark(&s->fvd, e->arena));
    }
    if (e->networks.inception_score)
        e->results.answers = &s->answers;
    if (e->networks.lpips_distance)
        e->results.lpips = s->lpips;
    return SPAE_OK;
}

/* ---- CLIP scores ---- */

/* The row of the image features that is picture `index`: where there is one for each picture looked
 * at, that; else they are those of all pictures of the data. */
static size_t image_row(const spae_cli_evaluation *e, size_t index)
{
    return e->dataset.row == NULL || e->clip.images == e->dataset.count ? index
                                                                        : e->dataset.row[index];
}

static void tell_words(void *context, size_t done, size_t V)
{
    (void)context;
    if (is_time(done == V))
        fprintf(stderr, "clip: %zu/%zu words\n", done, V);
}

/* The encoders of which features are not in files. */
static spae_status open_encoder(spae_cli_evaluation *e, bool text, bool image, spae_error *err)
{
    const spae_clip_wanted wanted = {(text ? SPAE_CLIP_TEXT : 0u) | (image ? SPAE_CLIP_IMAGE : 0u),
                                     e->activation == 1 ? SPAE_CLIP_GELU : SPAE_CLIP_QUICK_GELU};
    const char *path[SPAE_WEIGHTS_FILES];
    size_t paths = 0;
    while (paths < SPAE_WEIGHTS_FILES && (path[paths] = spae_cli_value_at(e->arguments, "clip", paths)) != NULL)
        paths++;
    return spae_clip_open(e->arena, path, paths, text ? spae_cli_eval_value(e, "clip-tokenizer") : NULL, &wanted, &e->encoder, err);
}

static void remark_clip(spae_cli_evaluation *e, const char *text, const char *image, size_t count)
{
    enum { ROOM = 900 };
    char *line = spae_arena_take(e->arena, ROOM, 1), *from = spae_arena_take(e->arena, ROOM, 1);
    if (line != NULL && from != NULL && (text == NULL || image == NULL)) {
        snprintf(line, ROOM, "weights of sha256 %s (%s), read as %s", e->encoder.hash, /* the hash is of what is opened */
                 text != NULL    ? "the image encoder"
                 : image != NULL ? "the text encoder"
                                 : "both encoders",
                 e->encoder.scheme);
        remark(e, "clip", line);
    }
    if (from == NULL)
        return;
    int n = text != NULL ? snprintf(from, ROOM, "%zu words from %.300s", e->clip.V, text)
                         : snprintf(from, ROOM, "%zu words in %d prompts each", e->clip.V, (int)SPAE_CLIP_TEMPLATES);
    if (e->clip.unsaid > 0)
        n += snprintf(from + n, ROOM - (size_t)n, ", %zu that it cannot say are zeros", e->clip.unsaid);
    if (image != NULL)
        snprintf(from + n, ROOM - (size_t)n, ", n = %zu pictures of %.300s", count, image);
    else
        snprintf(from + n, ROOM - (size_t)n, ", n = %zu pictures", count);
    remark(e, "clip", from);
}

static spae_status open_clip(spae_cli_evaluation *e, size_t count, spae_error *err)
{
    const char *text = spae_cli_eval_value(e, "text-features"), *image = spae_cli_eval_value(e, "image-features");
    const bool encoder = spae_cli_eval_value(e, "clip") != NULL;
    spae_clip_scores_sources from = {text, image, &e->encoder, (const char *const *)e->model.word, {0}, tell_words, NULL};
    memcpy(from.picture, e->model.config.picture, sizeof from.picture);
    if ((text == NULL && !encoder) || !spae_cli_eval_wanted(e, SPAE_MEASURE_CLIP))
        return SPAE_OK;
    spae_status status = encoder ? open_encoder(e, text == NULL, image == NULL, err) : SPAE_OK;
    if (status == SPAE_OK)
        status = spae_clip_scores_open(&e->clip, &e->model.config.pyramid, e->model.codebook.V, &from, e->arena, err);
    if (status != SPAE_OK)
        return status;
    for (size_t i = 0; image != NULL && i < count; i++)
        if (image_row(e, i) >= e->clip.images)
            return spae_fail(err, SPAE_ERR_SHAPE,
                             "%s: %zu rows, picture %zu of the data is not among them", image,
                             e->clip.images, image_row(e, i));
    e->results.clip = &e->clip;
    remark_clip(e, text, image, count);
    return SPAE_OK;
}

/* ---- all that looks at pictures ---- */

spae_status spae_cli_eval_open(spae_cli_evaluation *e, size_t count, spae_error *err)
{
    const spae_status status = open_clip(e, count, err);
    return status == SPAE_OK ? open_networks(e, count, err) : status;
}

spae_status spae_cli_eval_picture(spae_cli_evaluation *e, size_t index, const spae_real *picture, const int32_t *token,
                                  spae_error *err)
{
    spae_status status = SPAE_OK;
    if (e->results.clip != NULL && e->clip.clip != NULL)
        status = spae_clip_scores_encode(&e->clip, picture, token, err);
    else if (e->results.clip != NULL)
        spae_clip_scores_add(&e->clip, image_row(e, index), token);
    return status == SPAE_OK && e->networks.any ? spae_network_scores_picture(&e->networks.scores, picture, err) : status;
}

spae_status spae_cli_eval_rebuilt(spae_cli_evaluation *e, size_t layers, const spae_real *picture, const spae_real *rebuilt,
                                  spae_error *err)
{
    return e->networks.any ? spae_network_scores_rebuilt(&e->networks.scores, layers, picture, rebuilt, err) : SPAE_OK;
}

spae_status spae_cli_eval_finish(spae_cli_evaluation *e, spae_error *err)
{
    return e->networks.any ? finish_networks(e, err) : SPAE_OK;
}
