/* An episode becomes a question, the question a prompt, the answer a label: right, wrong, or none. */
#include "io/few_shot.h"

#include <math.h>
#include <string.h>

#include "io/prompt_answer.h"

/* ---- classes --------------------------------------------------------------------------------------------- */

spae_status spae_few_shot_classes(const spae_classes *all, const spae_words *words, spae_arena *arena, spae_classes *kept,
                                  spae_error *err)
{
    const char **name = spae_arena_take(arena, all->count, sizeof *name);
    size_t *first = spae_arena_take(arena, all->count + 1, sizeof *first), count = 0;
    size_t *picture = spae_arena_take(arena, all->first[all->count], sizeof *picture);
    int32_t token;
    if (name == NULL || first == NULL || picture == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "few-shot: no memory for %zu classes", all->count);
    first[0] = 0;
    for (size_t k = 0; k < all->count; k++)
        if (spae_words_find(words, all->name[k], strlen(all->name[k]), &token)) {
            const size_t members = all->first[k + 1] - all->first[k];
            memcpy(picture + first[count], all->picture + all->first[k], members * sizeof *picture);
            name[count] = all->name[k];
            first[count + 1] = first[count] + members;
            count++;
        }
    *kept = (spae_classes){count, name, first, picture, all->pictures};
    return SPAE_OK;
}

/* ---- tokens ---------------------------------------------------------------------------------------------- */

spae_status spae_few_shot_start(spae_few_shot_study *study, spae_arena *arena, spae_error *err)
{
    const spae_pyramid *pyramid = &study->model->config.pyramid;
    const size_t pictures = study->dataset->count;
    study->each = spae_pyramid_total(pyramid, pyramid->layers);
    study->token =
        pictures <= SIZE_MAX / study->each ? spae_arena_take(arena, pictures * study->each, sizeof *study->token) : NULL;
    study->encoded = spae_arena_take_zeroed(arena, pictures, sizeof *study->encoded);
    if (study->token == NULL || study->encoded == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "few-shot: no memory for the tokens of %zu pictures", pictures);
    return SPAE_OK;
}

/* The first `tokens` tokens of a picture. */
static spae_status string_of(spae_few_shot_study *study, size_t index, size_t tokens, spae_arena *scratch, spae_string *string,
                             spae_error *err)
{
    const size_t *size = study->model->config.picture;
    int32_t *token = study->token + index * study->each;
    *string = (spae_string){token, tokens};
    if (study->encoded[index])
        return SPAE_OK;
    const spae_arena_mark mark = spae_arena_here(scratch);
    spae_real *picture = spae_arena_take(scratch, size[0] * size[1] * size[2] * 3, sizeof *picture);
    if (picture == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "few-shot: no memory for a picture");
    spae_dataset_picture(study->dataset, index, &study->model->config, picture);
    const spae_status status = spae_encode(study->model, picture, scratch, token, NULL, err);
    study->encoded[index] = status == SPAE_OK;
    spae_arena_reset(scratch, mark);
    return status;
}

/* ---- the nearest example --------------------------------------------------------------------------------- */

static double distance(const spae_codebook *book, int32_t a, int32_t b)
{
    const spae_real *x = book->e + (size_t)a * book->c, *y = book->e + (size_t)b * book->c;
    double sum = 0;
    for (size_t i = 0; i < book->c; i++) {
        const double d = (double)x[i] - (double)y[i];
        sum += d * d;
    }
    return sum;
}

/* A question: the strings of the examples, shot by shot, and the query's. */
typedef struct {
    const spae_few_shot *setting;
    const char *const *label;
    spae_string *support, query;
    size_t asked; /* the right class */
} question;

static size_t nearest(const spae_codebook *book, const question *q, bool embedding)
{
    size_t best = 0;
    double least = 0;
    for (size_t i = 0; i < q->setting->ways * q->setting->shots; i++) {
        double far = 0;
        for (size_t t = 0; t < q->query.count; t++) {
            const int32_t a = q->query.token[t], b = q->support[i].token[t];
            far += embedding ? distance(book, a, b) : a != b;
        }
        if (i == 0 || far < least) {
            least = far;
            best = i % q->setting->ways;
        }
    }
    return best;
}

/* ---- asking ---------------------------------------------------------------------------------------------- */

typedef struct {
    const spae_few_shot_study *study;
    const question *q;
} classify_prompt;

/* The prompt with other repeats and shots. */
static spae_status build(const void *context, const size_t *value, spae_arena *arena, spae_request *request, spae_error *err)
{
    const classify_prompt *p = context;
    spae_few_shot setting = *p->q->setting;
    setting.repeats = value[0];
    setting.shots = value[1];
    return spae_prompt_classify(p->study->lexicon, p->study->template, &setting, p->q->label, p->q->support, p->q->query, arena,
                                request, err);
}

static spae_status ask(spae_few_shot_study *study, const question *q, spae_arena *scratch, spae_few_shot_score *score,
                       spae_error *err)
{
    const classify_prompt p = {study, q};
    const spae_prompt_knob knob[] = {{"repeats", q->setting->repeats, 0}, {"shots", q->setting->shots, 1}};
    const size_t value[] = {q->setting->repeats, q->setting->shots};
    const spae_prompt_maker maker = {build, &p, knob, 2};
    spae_request request;
    spae_answer answer;
    size_t which = 0;
    spae_status status = build(&p, value, scratch, &request, err);
    if (status == SPAE_OK)
        status = spae_prompt_fits(&request, study->language->window, &maker, scratch, err);
    request.seed = study->seed;
    request.number = study->number++;
    if (status == SPAE_OK)
        status = study->language->sample(study->language, &request, 1, scratch, &answer, err);
    if (status != SPAE_OK)
        return status;
    const bool formed = spae_answer_label(answer.text, answer.length, q->label, q->setting->ways, &which);
    score->episodes++;
    score->malformed += !formed;
    score->right += formed && which == q->asked;
    score->hamming += nearest(&study->model->codebook, q, false) == q->asked;
    score->embedding += nearest(&study->model->codebook, q, true) == q->asked;
    return SPAE_OK;
}

static spae_status ask_setting(spae_few_shot_study *study, const spae_episode *episode, const spae_few_shot *setting,
                               size_t tokens, spae_arena *scratch, spae_few_shot_score *score, spae_error *err)
{
    const size_t ways = setting->ways, examples = ways * setting->shots;
    question q = {.setting = setting, .label = study->label != NULL ? study->label : episode->label, .asked = episode->asked[ways]};
    q.support = spae_arena_take(scratch, examples, sizeof *q.support);
    if (q.support == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "few-shot: no memory for %zu examples", examples);
    spae_status status = string_of(study, episode->query[q.asked], tokens, scratch, &q.query, err);
    for (size_t i = 0; status == SPAE_OK && i < examples; i++)
        status = string_of(study, episode->support[i / ways * episode->ways + i % ways], tokens, scratch, &q.support[i], err);
    return status == SPAE_OK ? ask(study, &q, scratch, score, err) : status;
}

spae_status spae_few_shot_episode(spae_few_shot_study *study, uint32_t number, const spae_few_shot *setting, size_t settings,
                                  size_t layers, spae_arena *scratch, spae_few_shot_score *score, spae_error *err)
{
    const size_t tokens = spae_pyramid_total(&study->model->config.pyramid, layers);
    const spae_arena_mark start = spae_arena_here(scratch);
    spae_episode episode;
    size_t ways = 1, shots = 0;
    for (size_t i = 0; i < settings; i++) {
        ways = setting[i].ways > ways ? setting[i].ways : ways;
        shots = setting[i].shots > shots ? setting[i].shots : shots;
    }
    spae_status status = spae_episode_sample(study->classes, study->seed, number, ways, shots, scratch, &episode, err);
    for (size_t i = 0; status == SPAE_OK && i < settings; i++) {
        const spae_arena_mark mark = spae_arena_here(scratch);
        status = ask_setting(study, &episode, &setting[i], tokens, scratch, &score[i], err);
        spae_arena_reset(scratch, mark);
    }
    spae_arena_reset(scratch, start);
    return status;
}

double spae_few_shot_interval(double share, size_t n)
{
    return n > 0 ? 1.96 * sqrt(share * (1 - share) / (double)n) : 1;
}
