/* Eq. 11 with a language model at the other end: segments become prompts, answers become tokens, choices become lines of the
 * transcript. */
#include "io/generation.h"

#include "io/language_transcript.h"
#include "io/prompt_answer.h"

spae_generation spae_generation_defaults(void)
{
    return (spae_generation){.samples = SPAE_DECODING_SAMPLES, .retries = SPAE_DECODING_RETRIES, .policy = SPAE_DECODING_STOP};
}

typedef struct {
    spae_generation *g;
    spae_arena *arena;
    uint32_t *asked;    /* (tokens) the number of the last request for the segment that begins there */
    spae_error failure; /* of a callback that cannot fail by itself */
} run;

/* ---- prompts --------------------------------------------------------------------------------------------- */

static spae_template template_of(const run *r, const spae_segment *segment)
{
    return r->g->decoding->stage[segment->stage].autoregressive ? SPAE_TEMPLATE_PAR : SPAE_TEMPLATE_PNAR;
}

/* What spae_prompt_fits varies: the number of examples. */
typedef struct {
    const run *r;
    const spae_segment *segment;
    const spae_prompt_pair *query;
} segment_prompt;

static spae_status build(const void *context, const size_t *examples, spae_arena *arena, spae_request *request, spae_error *err)
{
    const segment_prompt *p = context;
    const spae_generation *g = p->r->g;
    return spae_prompt_segment(g->lexicon, template_of(p->r, p->segment), g->example, *examples, p->query, p->segment, arena,
                               request, err);
}

/* The request for a segment, given what v has before it. */
static spae_status make_request(const run *r, const int32_t *v, const spae_segment *segment, double temperature,
                                spae_request *request, spae_error *err)
{
    spae_generation *g = r->g;
    spae_prompt_pair query = g->query;
    query.target = v;
    const segment_prompt p = {r, segment, &query};
    const spae_prompt_knob knob = {"examples", g->examples, 1};
    const spae_prompt_maker maker = {build, &p, &knob, 1};
    spae_status status = build(&p, &g->examples, r->arena, request, err);
    if (status != SPAE_OK)
        return status;
    request->samples = g->samples;
    request->temperature = g->temperature + temperature;
    request->seed = g->seed;
    request->number = r->asked[segment->first] = g->number++;
    return spae_prompt_fits(request, g->language->window, &maker, r->arena, err);
}

/* ---- answers --------------------------------------------------------------------------------------------- */

static spae_status ask(run *r, const int32_t *v, const spae_segment *segment, size_t segments, double temperature, size_t width,
                       int32_t *token, size_t *length, spae_error *err)
{
    const spae_generation *g = r->g;
    spae_request *request = spae_arena_take(r->arena, segments, sizeof *request);
    spae_answer *answer = spae_arena_take(r->arena, segments * g->samples, sizeof *answer);
    if (request == NULL || answer == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "generate: no memory for %zu prompts", segments);
    spae_status status = SPAE_OK;
    for (size_t i = 0; status == SPAE_OK && i < segments; i++)
        status = make_request(r, v, &segment[i], temperature, &request[i], err);
    if (status == SPAE_OK)
        status = g->language->sample(g->language, request, segments, r->arena, answer, err);
    for (size_t i = 0; status == SPAE_OK && i < segments * g->samples; i++)
        status = spae_answer_tokens(g->lexicon, &answer[i], segment[i / g->samples].count, r->arena, token + i * width,
                                    &length[i], err);
    return status;
}

static spae_status sample(void *context, const int32_t *v, const spae_segment *segment, size_t segments, unsigned retry,
                          double temperature, size_t width, int32_t *token, size_t *length, spae_error *err)
{
    run *r = context;
    (void)retry; /* the temperature says it */
    const spae_arena_mark mark = spae_arena_here(r->arena);
    const spae_status status =
        r->failure.status != SPAE_OK ? spae_fail(err, r->failure.status, "%s", r->failure.text)
                                     : ask(r, v, segment, segments, temperature, width, token, length, err);
    spae_arena_reset(r->arena, mark);
    return status;
}

static void chosen(void *context, const spae_choice *choice)
{
    run *r = context;
    const size_t which = choice->filled ? SPAE_CHOICE_NONE : choice->sample;
    if (r->failure.status == SPAE_OK)
        (void)spae_language_choose(r->g->language, r->asked[choice->segment.first], which, &r->failure);
    if (r->g->progress != NULL)
        r->g->progress(r->g->context, choice);
}

spae_status spae_generate_tokens(spae_generation *generation, size_t tokens, spae_arena *scratch, int32_t *v,
                                 spae_decoding_report *report, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(scratch);
    run r = {.g = generation, .arena = scratch, .failure = {SPAE_OK, ""}};
    const spae_sampler sampler = {.samples = generation->samples,
                                  .V = generation->lexicon->V,
                                  .psi = SPAE_DECODING_PSI,
                                  .retries = generation->retries,
                                  .policy = generation->policy,
                                  .sample = sample,
                                  .chosen = chosen,
                                  .context = &r};
    r.asked = spae_arena_take(scratch, tokens, sizeof *r.asked);
    if (r.asked == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "generate: no memory for %zu tokens", tokens);
    spae_status status = spae_decode_progressively(generation->decoding, tokens, &sampler, scratch, v, report, err);
    if (status == SPAE_OK && r.failure.status != SPAE_OK)
        status = spae_fail(err, r.failure.status, "%s", r.failure.text);
    spae_arena_reset(scratch, mark);
    return status;
}
