/* Few-shot classification by the language model without weights: the 14 settings of Table 1, by layers of the pyramid, beside
 * chance and the nearest example on the same tokens. */
#include <string.h>

#include "io/prompt_answer.h"
#include "study.h"

enum { WAYS = 5, SHOTS = 5 };

/* Labels that say nothing of a picture. */
static const char *const hidden[WAYS] = {"apple", "river", "music", "stone", "letter"};

/* Right answers of a setting. */
typedef struct {
    size_t right, malformed, hamming, embedding;
} score;

/* One question: the strings of the examples, and the query's. */
typedef struct {
    const spae_few_shot *setting;
    const char *const *label;
    spae_string support[WAYS * SHOTS], query;
    size_t asked;
} question;

static double distance(const workshop *w, int32_t a, int32_t b)
{
    const size_t c = w->model.codebook.c;
    double sum = 0;
    for (size_t i = 0; i < c; i++) {
        const double d = (double)w->model.codebook.e[(size_t)a * c + i] - (double)w->model.codebook.e[(size_t)b * c + i];
        sum += d * d;
    }
    return sum;
}

/* The class of the example with the fewest tokens that differ, or the nearest embeddings in sum; the first of equal ones. */
static size_t nearest(const workshop *w, const question *q, bool embedding)
{
    size_t best = 0;
    double least = 0;
    for (size_t i = 0; i < q->setting->ways * q->setting->shots; i++) {
        double far = 0;
        for (size_t t = 0; t < q->query.count; t++) {
            const int32_t a = q->query.token[t], b = q->support[i].token[t];
            far += embedding ? distance(w, a, b) : a != b;
        }
        if (i == 0 || far < least) {
            least = far;
            best = i % q->setting->ways;
        }
    }
    return best;
}

static spae_status ask(workshop *w, const question *q, score *s, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(&w->scratch);
    spae_request request;
    spae_answer answer;
    size_t which = 0;
    spae_status status = spae_prompt_classify(&w->lexicon, SPAE_TEMPLATE_GPT35, q->setting, q->label, q->support, q->query,
                                              &w->scratch, &request, err);
    if (status == SPAE_OK)
        status = workshop_ask(w, &request, &answer, err);
    if (status == SPAE_OK) {
        const bool formed = spae_answer_label(answer.text, answer.length, q->label, q->setting->ways, &which);
        s->malformed += !formed;
        s->right += formed && which == q->asked;
        s->hamming += nearest(w, q, false) == q->asked;
        s->embedding += nearest(w, q, true) == q->asked;
    }
    spae_arena_reset(&w->scratch, mark);
    return status;
}

static spae_status ask_episode(const study *s, workshop *w, const spae_few_shot *setting, const spae_episode *episode, size_t tokens,
                               score *result, spae_error *err)
{
    question q = {.setting = setting, .label = s->hidden ? hidden : episode->label, .asked = episode->asked[setting->ways]};
    q.query = (spae_string){workshop_tokens(w, episode->query[q.asked], err), tokens};
    bool good = q.query.token != NULL;
    for (size_t shot = 0; good && shot < setting->shots; shot++)
        for (size_t way = 0; good && way < setting->ways; way++) {
            spae_string *string = &q.support[shot * setting->ways + way];
            *string = (spae_string){workshop_tokens(w, episode->support[shot * episode->ways + way], err), tokens};
            good = string->token != NULL;
        }
    return good ? ask(w, &q, result, err) : spae_fail(err, SPAE_ERR_NO_MEMORY, "study: a picture could not be encoded");
}

static void print_setting(const study *s, const spae_few_shot *setting, size_t tokens, const score *r, FILE *csv)
{
    const double n = (double)s->episodes, right = (double)r->right / n;
    printf("    %4zu  %zu-way  %-3s  %zu    %zu      %5.1f +- %3.1f   %5.1f    %5.1f    %5.1f   %zu\n", tokens, setting->ways,
           setting->induction ? "yes" : "no", setting->shots, setting->repeats, 100 * right,
           100 * half_width(right, s->episodes), 100 / (double)setting->ways, 100 * (double)r->hamming / n,
           100 * (double)r->embedding / n, r->malformed);
    fflush(stdout);
    fprintf(csv, "%zu,%zu,%d,%zu,%zu,%zu,%zu,%zu,%zu,%zu\n", tokens, setting->ways, setting->induction, setting->shots,
            setting->repeats, r->right, r->malformed, r->hamming, r->embedding, s->episodes);
}

/* All settings with the tokens of the first layers. */
static spae_status with_layers(const study *s, workshop *w, size_t layers, FILE *csv, spae_error *err)
{
    const size_t tokens = spae_pyramid_total(&w->model.config.pyramid, layers);
    score result[SPAE_FEW_SHOT_SETTINGS] = {{0, 0, 0, 0}};
    spae_status status = SPAE_OK;
    for (uint32_t e = 0; status == SPAE_OK && e < s->episodes; e++) {
        const spae_arena_mark mark = spae_arena_here(&w->scratch);
        spae_episode episode;
        status = spae_episode_sample(&w->classes, s->seed, e, WAYS, SHOTS, &w->scratch, &episode, err);
        for (size_t i = 0; status == SPAE_OK && i < SPAE_FEW_SHOT_SETTINGS; i++)
            status = ask_episode(s, w, &spae_few_shot_settings[i], &episode, tokens, &result[i], err);
        spae_arena_reset(&w->scratch, mark);
    }
    for (size_t i = 0; status == SPAE_OK && i < SPAE_FEW_SHOT_SETTINGS; i++)
        print_setting(s, &spae_few_shot_settings[i], tokens, &result[i], csv);
    return status;
}

spae_status study_classify(const study *s, spae_arena *arena, spae_error *err)
{
    workshop w;
    char path[400];
    spae_status status = workshop_open(&w, s->model, s->data, s->part, arena, err);
    if (status != SPAE_OK)
        return status;
    snprintf(path, sizeof path, "%s.csv", s->out);
    FILE *csv = fopen(path, "wb");
    if (csv == NULL)
        return spae_fail(err, SPAE_ERR_IO, "%s: would not open", path);
    fprintf(csv, "tokens,ways,induction,shots,repeats,right,malformed,nearest_hamming,nearest_embedding,episodes\n");
    printf("%zu pictures, %zu classes, labels %s; %zu episodes of seed %u; per cent right, 95 %% interval\n\n"
           "    tokens      induct. shots repeats  model       chance  Hamming  embed.  malformed\n",
           w.data.count, w.classes.count, s->hidden ? "hidden" : "by name", s->episodes, (unsigned)s->seed);
    for (size_t layers = 1; status == SPAE_OK && layers <= w.model.config.pyramid.layers; layers++)
        status = with_layers(s, &w, layers, csv, err);
    spae_arena_free(&w.scratch);
    return fclose(csv) == 0 ? status : spae_fail(err, SPAE_ERR_IO, "%s: would not be written", path);
}
