/* From options, files and data sets to a task's prompt: task.h. */
#include "io/cli/task.h"

#include <stdio.h>
#include <string.h>

#include "io/cli/setup.h"
#include "io/model.h"
#include "io/tokenizer_open.h"

static const char *const kind_names[SPAE_CLI_TASKS] = {"classify", "caption", "vqa", "par", "pnar"};

static bool decodes(const spae_cli_task *t)
{
    return t->kind == SPAE_CLI_PAR || t->kind == SPAE_CLI_PNAR;
}

static bool given(const spae_cli_task *t, const char *name)
{
    return spae_cli_value(t->arguments, name) != NULL;
}

static size_t times_given(const spae_cli_task *t, const char *name)
{
    size_t count = 0;
    while (spae_cli_value_at(t->arguments, name, count) != NULL)
        count++;
    return count;
}

/* ---- options ----------------------------------------------------------------------------------------- */

/* An option that another task has: false, and said. */
static bool only_for(const spae_cli_task *t, const char *name, bool here, const char *which)
{
    if (given(t, name) && !here)
        return spae_cli_wrong(t->arguments->command, "--%s: only %s has it", name, which), false;
    return true;
}

static bool belong(const spae_cli_task *t)
{
    const bool classify = t->kind == SPAE_CLI_CLASSIFY, vqa = t->kind == SPAE_CLI_VQA, data = given(t, "data");
    if (data && !classify && !decodes(t))
        return spae_cli_wrong(t->arguments->command, "--data: only classify, par and pnar take it"), false;
    if (data && t->arguments->positional_count > 0)
        return spae_cli_wrong(t->arguments->command, "--data: then no files are given"), false;
    return only_for(t, "template", classify, "classify") && only_for(t, "repeats", classify, "classify") &&
           only_for(t, "no-induction", classify, "classify") && only_for(t, "question", vqa, "vqa") &&
           only_for(t, "label", classify && !data, "classify without --data") &&
           only_for(t, "text", vqa || t->kind == SPAE_CLI_CAPTION, "caption or vqa") &&
           only_for(t, "condition", t->kind == SPAE_CLI_PAR && !data, "par without --data") &&
           only_for(t, "ways", classify || data, "classify or --data") &&
           only_for(t, "shots", classify || data, "classify or --data") && only_for(t, "stride", decodes(t), "par or pnar") &&
           only_for(t, "step", decodes(t), "par or pnar") && only_for(t, "part", data, "--data") &&
           only_for(t, "seed", data, "--data") && only_for(t, "episode", data, "--data");
}

static bool read_setting(spae_cli_task *t)
{
    uint64_t ways = decodes(t) ? 10 : 2, shots = decodes(t) ? 5 : 1, repeats = 0;
    if (!spae_cli_integer(t->arguments, "ways", 1, given(t, "data") ? SPAE_EPISODE_WAYS : UINT16_MAX, &ways) ||
        !spae_cli_integer(t->arguments, "shots", 0, UINT16_MAX, &shots) ||
        !spae_cli_integer(t->arguments, "repeats", 0, UINT16_MAX, &repeats))
        return false;
    t->setting = (spae_few_shot){!given(t, "no-induction"), (size_t)ways, (size_t)shots, (size_t)repeats};
    return true;
}

bool spae_cli_task_options(spae_cli_task *t)
{
    static const char *const templates[] = {"gpt35", "palm2"}, *const parts[] = {"test", "train"};
    const spae_cli_arguments *a = t->arguments;
    t->join = SPAE_JOINS;
    t->step = 1;
    if (!spae_cli_choice(a, "task", kind_names, SPAE_CLI_TASKS, &t->kind) || !belong(t))
        return false;
    t->stride = t->kind == SPAE_CLI_PAR ? 4 : 16;
    return spae_cli_choice(a, "template", templates, 2, &t->template) &&
           spae_cli_choice(a, "join", spae_join_names, SPAE_JOINS, &t->join) && spae_cli_choice(a, "part", parts, 2, &t->part) &&
           read_setting(t) && spae_cli_seed(a, &t->seed) && spae_cli_integer(a, "episode", 0, UINT32_MAX, &t->episode) &&
           spae_cli_integer(a, "stride", 1, UINT32_MAX, &t->stride) && spae_cli_integer(a, "step", 1, UINT32_MAX, &t->step) &&
           spae_cli_read_fit(a, &t->fit);
}

/* ---- model, segment ---------------------------------------------------------------------------------- */

static spae_status open_model(spae_cli_task *t, spae_arena *arena, spae_error *err)
{
    const char *path = spae_cli_value(t->arguments, "model"), *vocabulary = spae_cli_value(t->arguments, "tokenizer");
    const spae_tokenizer *tokenizer = NULL;
    spae_status status = spae_model_open(&t->model, &t->notes, false, arena, path, err);
    if (status == SPAE_OK)
        status = spae_codebook_prepare(&t->model.codebook, arena, err);
    if (status == SPAE_OK && vocabulary != NULL)
        status = spae_tokenizer_open(arena, vocabulary, &tokenizer, err);
    if (status == SPAE_OK)
        status = spae_lexicon_open(t->model.word, t->model.codebook.V, (spae_join)t->join, tokenizer, arena, &t->lexicon, err);
    return status;
}

/* How many layers, and of PAR and PNAR which segment (SPEC 10.1). */
static bool read_layers(spae_cli_task *t)
{
    const spae_pyramid *pyramid = &t->model.config.pyramid;
    const bool pnar = t->kind == SPAE_CLI_PNAR;
    t->layers = pyramid->layers - pnar;
    if (!spae_cli_integer(t->arguments, "layers", pnar ? 0 : 1, pyramid->layers - pnar, &t->layers))
        return false;
    if (!decodes(t))
        return true;
    const size_t stage = pnar && t->layers > 0;
    const spae_decoding decoding = spae_decoding_split(pyramid, (size_t)t->layers, (size_t)t->stride, (size_t)t->stride);
    const size_t begin = stage > 0 ? decoding.stage[stage - 1].end : 0, end = decoding.stage[stage].end;
    const size_t stride = t->stride < end - begin ? (size_t)t->stride : end - begin;
    if (t->step > (end - begin + stride - 1) / stride)
        return spae_cli_wrong(t->arguments->command, "--step: %llu tokens in steps of %llu are %llu steps",
                              (unsigned long long)(end - begin), (unsigned long long)stride,
                              (unsigned long long)((end - begin + stride - 1) / stride)),
               false;
    const size_t first = begin + ((size_t)t->step - 1) * stride;
    t->segment = (spae_segment){stage, first, end - first < stride ? end - first : stride, pnar ? begin : first};
    return true;
}

/* ---- what a task has, from files --------------------------------------------------------------------- */

/* The values of a repeated option; NULL: no memory. One more place than there are is NULL. */
static const char **values(const spae_cli_task *t, const char *name, spae_arena *arena)
{
    const size_t count = times_given(t, name);
    const char **text = spae_arena_take_zeroed(arena, count + 1, sizeof *text);
    for (size_t i = 0; text != NULL && i < count; i++)
        text[i] = spae_cli_value_at(t->arguments, name, i);
    return text;
}

/* Is the option there as often as it must be? */
static bool as_often(const spae_cli_task *t, const char *name, size_t due)
{
    const size_t count = times_given(t, name);
    if (count != due)
        spae_cli_wrong(t->arguments->command, "--%s: given %llu times, expected %llu", name, (unsigned long long)count,
                       (unsigned long long)due);
    return count == due;
}

static bool pictures_are(const spae_cli_task *t, size_t count, size_t due)
{
    if (count != due)
        spae_cli_wrong(t->arguments->command, "%llu pictures, expected %llu: the examples and the query",
                       (unsigned long long)count, (unsigned long long)due);
    return count == due;
}

/* The query's target is not there, and need not be while nothing of it is given. */
static bool add_query(spae_cli_task *t, spae_cli_strings *s, spae_arena *arena)
{
    spae_string *all = spae_arena_take(arena, s->count + 1, sizeof *all);
    if (t->segment.given > 0)
        return spae_cli_wrong(t->arguments->command, "the query's target is missing, of which step %llu is given %llu tokens",
                              (unsigned long long)t->step, (unsigned long long)t->segment.given),
               false;
    for (size_t i = 0; all != NULL && i < s->count; i++)
        all[i] = s->string[i];
    if (all != NULL)
        all[s->count] = (spae_string){NULL, 0};
    *s = (spae_cli_strings){s->count + 1, all};
    return all != NULL;
}

/* Pairs of condition and target: u_1 v_1 u_2 v_2 .. u v. */
static bool take_pairs(spae_cli_task *t, spae_cli_strings *s, spae_arena *arena)
{
    if (s->count % 2 == 1 && !add_query(t, s, arena))
        return false;
    const size_t n = s->count / 2;
    t->source = spae_arena_take(arena, n, sizeof *t->source);
    t->string = spae_arena_take(arena, n, sizeof *t->string);
    for (size_t i = 0; t->source != NULL && t->string != NULL && i < n; i++) {
        t->source[i] = s->string[2 * i];
        t->string[i] = s->string[2 * i + 1];
    }
    t->examples = n - 1;
    return t->source != NULL && t->string != NULL;
}

static bool take_par(spae_cli_task *t, spae_cli_strings *s, spae_arena *arena)
{
    const size_t conditions = times_given(t, "condition");
    if (conditions == 0)
        return s->count > 0 ? take_pairs(t, s, arena) : pictures_are(t, 0, 1);
    if (s->count + 1 == conditions && !add_query(t, s, arena))
        return false;
    t->condition = values(t, "condition", arena);
    t->examples = conditions - 1;
    t->string = s->string;
    return t->condition != NULL && pictures_are(t, s->count, conditions);
}

static bool take_strings(spae_cli_task *t, spae_cli_strings *s, spae_arena *arena)
{
    if (t->kind == SPAE_CLI_PAR)
        return take_par(t, s, arena);
    if (t->kind == SPAE_CLI_CLASSIFY && !pictures_are(t, s->count, t->setting.ways * t->setting.shots + 1))
        return false;
    if (s->count == 0)
        return pictures_are(t, 0, 1);
    t->string = s->string;
    t->examples = s->count - 1;
    t->labels = t->kind == SPAE_CLI_CLASSIFY ? t->setting.ways : 0;
    t->label = values(t, "label", arena);
    t->text = values(t, "text", arena);
    t->question = values(t, "question", arena);
    return (t->kind != SPAE_CLI_CLASSIFY || as_often(t, "label", t->setting.ways)) &&
           ((t->kind != SPAE_CLI_CAPTION && t->kind != SPAE_CLI_VQA) || as_often(t, "text", t->examples)) &&
           (t->kind != SPAE_CLI_VQA || as_often(t, "question", t->examples + 1)) && t->label != NULL && t->text != NULL &&
           t->question != NULL;
}

static int gather_files(spae_cli_task *t, spae_arena *arena)
{
    spae_error err;
    spae_cli_strings s;
    const spae_cli_arguments *a = t->arguments;
    if (spae_cli_strings_read(&t->model, a->positional, a->positional_count, given(t, "tokens"), t->fit, arena, &s, &err) !=
        SPAE_OK)
        return spae_cli_failed(a->command, &err);
    return take_strings(t, &s, arena) ? SPAE_CLI_DONE : SPAE_CLI_USAGE;
}

/* ---- .. and from a data set -------------------------------------------------------------------------- */

/* "an image of 7" where labels are numbers, else "an image of dog". */
static const char *condition_of(const spae_dataset *dataset, const spae_episode *e, size_t place, spae_arena *arena)
{
    char number[32];
    snprintf(number, sizeof number, "%llu", (unsigned long long)e->class_of[place]);
    return spae_condition_image_of(dataset->words.count == 0 ? number : e->label[place], arena);
}

static spae_status take_episode(spae_cli_task *t, const spae_dataset *dataset, const spae_episode *e, spae_arena *arena,
                                spae_error *err)
{
    const size_t n = e->ways * e->shots, asked = e->asked[e->ways];
    size_t *index = spae_arena_take(arena, n + 1, sizeof *index);
    t->condition = spae_arena_take(arena, n + 1, sizeof *t->condition);
    spae_cli_strings s;
    if (index == NULL || t->condition == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for %zu examples", dataset->name, n);
    for (size_t i = 0; i <= n; i++) {
        index[i] = i < n ? e->support[i] : e->query[asked];
        t->condition[i] = condition_of(dataset, e, i < n ? i % e->ways : asked, arena);
        if (t->condition[i] == NULL)
            return spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for %zu conditions", dataset->name, n);
    }
    const spae_status status = spae_cli_strings_of(&t->model, dataset, index, n + 1, arena, &s, err);
    if (status == SPAE_OK) {
        t->examples = n;
        t->string = s.string;
        t->labels = e->ways;
        t->label = e->label;
        t->due = e->label[asked];
    }
    return status;
}

static spae_status read_data(spae_cli_task *t, spae_arena *arena, spae_error *err)
{
    const bool noted = t->notes.label_count > 0;
    spae_dataset dataset;
    spae_classes classes;
    spae_episode episode;
    spae_status status = spae_dataset_open(arena, spae_cli_value(t->arguments, "data"),
                                           t->part == 0 ? SPAE_DATASET_TEST : SPAE_DATASET_TRAIN, t->model.config.picture,
                                           &dataset, err);
    if (status == SPAE_OK)
        status = spae_dataset_fits(&dataset, &t->model.config, err);
    if (status == SPAE_OK)
        status = spae_classes_of(&dataset, noted ? t->notes.label : spae_dataset_digits,
                                 noted ? t->notes.label_count : SPAE_DATASET_DIGITS, arena, &classes, err);
    if (status == SPAE_OK)
        status = spae_episode_sample(&classes, t->seed, (uint32_t)t->episode, t->setting.ways, t->setting.shots, arena, &episode,
                                     err);
    return status == SPAE_OK ? take_episode(t, &dataset, &episode, arena, err) : status;
}

/* Every target must reach to the end of the segment, the query's to the end of what is given. */
static bool reach(const spae_cli_task *t)
{
    for (size_t i = 0; decodes(t) && i <= t->examples; i++) {
        const size_t due = i < t->examples ? t->segment.first + t->segment.count : t->segment.given;
        if (t->string[i].count < due)
            return spae_cli_wrong(t->arguments->command, "picture %llu has %llu tokens, step %llu needs %llu",
                                  (unsigned long long)i + 1, (unsigned long long)t->string[i].count,
                                  (unsigned long long)t->step, (unsigned long long)due),
                   false;
    }
    return true;
}

int spae_cli_task_gather(spae_cli_task *t, spae_arena *arena)
{
    spae_error err;
    int status = SPAE_CLI_DONE;
    if (open_model(t, arena, &err) != SPAE_OK)
        return spae_cli_failed(t->arguments->command, &err);
    if (!read_layers(t))
        return SPAE_CLI_USAGE;
    if (!given(t, "data"))
        status = gather_files(t, arena);
    else if (read_data(t, arena, &err) != SPAE_OK)
        status = spae_cli_failed(t->arguments->command, &err);
    return status == SPAE_CLI_DONE && !reach(t) ? SPAE_CLI_USAGE : status;
}

/* ---- the prompt -------------------------------------------------------------------------------------- */

/* The knobs: of classify; and of the other tasks, PAR and PNAR having the first only. */
enum { REPEATS, SHOTS, CLASSIFY_LAYERS, CLASSIFY_KNOBS };
enum { EXAMPLES, LAYERS, OTHER_KNOBS };

static spae_string cut(const spae_cli_task *t, spae_string string, size_t layers)
{
    const size_t most = spae_pyramid_total(&t->model.config.pyramid, layers);
    return (spae_string){string.token, string.count < most ? string.count : most};
}

static spae_status build_classify(const spae_cli_task *t, const size_t *value, spae_arena *arena, spae_request *request,
                                  spae_error *err)
{
    const spae_few_shot setting = {t->setting.induction, t->setting.ways, value[SHOTS], value[REPEATS]};
    spae_string *support = spae_arena_take(arena, t->examples, sizeof *support);
    if (support == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "prompt: no memory for %zu examples", t->examples);
    for (size_t i = 0; i < t->examples; i++)
        support[i] = cut(t, t->string[i], value[CLASSIFY_LAYERS]);
    return spae_prompt_classify(&t->lexicon, t->template == 0 ? SPAE_TEMPLATE_GPT35 : SPAE_TEMPLATE_PALM2, &setting, t->label,
                                support, cut(t, t->string[t->examples], value[CLASSIFY_LAYERS]), arena, request, err);
}

static spae_status build_describe(const spae_cli_task *t, const size_t *value, spae_arena *arena, spae_request *request,
                                  spae_error *err)
{
    const bool vqa = t->kind == SPAE_CLI_VQA;
    spae_prompt_example *example = spae_arena_take(arena, t->examples + 1, sizeof *example);
    if (example == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "prompt: no memory for %zu examples", t->examples);
    for (size_t i = 0; i <= t->examples; i++)
        example[i] = (spae_prompt_example){cut(t, t->string[i], value[LAYERS]), vqa ? t->question[i] : NULL,
                                           i < t->examples ? t->text[i] : NULL};
    return spae_prompt_describe(&t->lexicon, vqa ? SPAE_TEMPLATE_VQA : SPAE_TEMPLATE_CAPTION, example, value[EXAMPLES],
                                &example[t->examples], arena, request, err);
}

static spae_status build_segment(const spae_cli_task *t, const size_t *value, spae_arena *arena, spae_request *request,
                                 spae_error *err)
{
    spae_prompt_pair *pair = spae_arena_take_zeroed(arena, t->examples + 1, sizeof *pair);
    if (pair == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "prompt: no memory for %zu examples", t->examples);
    for (size_t i = 0; i <= t->examples; i++) {
        pair[i].text = t->condition != NULL ? t->condition[i] : NULL;
        if (t->source != NULL)
            pair[i].string = t->source[i];
        pair[i].target = t->string[i].token;
    }
    return spae_prompt_segment(&t->lexicon, t->kind == SPAE_CLI_PAR ? SPAE_TEMPLATE_PAR : SPAE_TEMPLATE_PNAR, pair,
                               value[EXAMPLES], &pair[t->examples], &t->segment, arena, request, err);
}

static spae_status build(const void *context, const size_t *value, spae_arena *arena, spae_request *request, spae_error *err)
{
    const spae_cli_task *t = context;
    if (t->kind == SPAE_CLI_CLASSIFY)
        return build_classify(t, value, arena, request, err);
    return (decodes(t) ? build_segment : build_describe)(t, value, arena, request, err);
}

spae_status spae_cli_task_build(const spae_cli_task *t, size_t window, spae_arena *arena, spae_request *request,
                                spae_error *err)
{
    const size_t layers = (size_t)t->layers, shots = t->setting.shots;
    const spae_prompt_knob classify[] = {{"repeats", t->setting.repeats, 0}, {"shots", shots, shots > 0}, {"layers", layers, 1}},
                           other[] = {{"examples", t->examples, t->examples > 0}, {"layers", layers, 1}};
    const bool is_classify = t->kind == SPAE_CLI_CLASSIFY;
    const spae_prompt_maker maker = {build, t, is_classify ? classify : other,
                                     is_classify ? CLASSIFY_KNOBS : decodes(t) ? LAYERS : OTHER_KNOBS};
    size_t value[SPAE_PROMPT_KNOBS];
    for (size_t i = 0; i < maker.knobs; i++)
        value[i] = maker.knob[i].value;
    const spae_status status = build(t, value, arena, request, err);
    return status == SPAE_OK ? spae_prompt_fits(request, window, &maker, arena, err) : status;
}
