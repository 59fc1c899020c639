/* The verdict of verdict.h: case by case, tokens first, since what they took excuses the rest. */
#include "io/verdict.h"

#include <stdio.h>
#include <string.h>

#include "io/diagnosis.h"

typedef struct {
    spae_arena *arena; /* what stays */
    const spae_vectors *vectors;
    const spae_port *port;
    spae_level level;
    spae_error *err;
} maker;

/* ---- texts that stay ------------------------------------------------------------------------ */

static spae_status keep_text(maker *m, const char *text, const char **kept)
{
    const size_t n = strlen(text);
    char *copy = spae_arena_take(m->arena, n + 1, 1);
    if (copy == NULL)
        return spae_fail(m->err, SPAE_ERR_NO_MEMORY, "no memory for the verdict's texts");
    memcpy(copy, text, n + 1);
    *kept = copy;
    return SPAE_OK;
}

/* ---- tokens --------------------------------------------------------------------------------- */

static spae_status read_ties(maker *m, const spae_verdict_output *o, spae_ties *ties)
{
    spae_reference r;
    const size_t companion[4] = {o->output->margin, o->output->distance, o->output->runner_up,
                                 o->output->cell};
    spae_status status = SPAE_OK;
    for (size_t i = 0; i < 4 && status == SPAE_OK; i++) {
        status =
            spae_reference_read(m->arena, m->vectors, &o->item->output[companion[i]], &r, m->err);
        if (status != SPAE_OK)
            return status;
        if (i < 2)
            *(i == 0 ? &ties->margin : &ties->distance) = r.real;
        else
            *(i == 2 ? &ties->runner_up : &ties->cell) = r.whole;
    }
    return status;
}

/* ---- one output ----------------------------------------------------------------------------- */

/* What the judge and the diagnosis say, to be kept when scratch is given back. */
typedef struct {
    char remark[240], diagnosis[SPAE_DIAGNOSIS_ROOM];
} notes;

static spae_status judge_values(maker *m, spae_verdict_output *o, const spae_reference *r,
                                const spae_port_values *v)
{
    spae_ties ties = {NULL, NULL, NULL, NULL};
    const bool tokens = o->output->compare == SPAE_COMPARE_TOKENS;
    spae_status status = tokens ? read_ties(m, o, &ties) : SPAE_OK;
    if (status == SPAE_OK)
        status = spae_judge(m->arena, r, &v->given, tokens ? &ties : NULL, &o->judgement, m->err);
    if (status == SPAE_OK && o->judgement.near_ties > 0) {
        o->tie_margin = ties.margin[o->judgement.first_tie];
        o->tie_distance = ties.distance[o->judgement.first_tie];
    }
    return status;
}

static spae_status judge_array(maker *m, const spae_port_array *array, spae_verdict_output *o,
                               notes *n)
{
    spae_reference r;
    spae_port_values v;
    spae_status status = spae_reference_read(m->arena, m->vectors, o->output, &r, m->err);
    if (status == SPAE_OK)
        status = spae_port_read(m->arena, array, &r, &v, m->err);
    if (status != SPAE_OK)
        return status;
    memcpy(n->remark, v.text, sizeof n->remark);
    o->state = v.state == SPAE_PORT_GOOD ? SPAE_VERDICT_JUDGED : SPAE_VERDICT_REFUSED;
    if (v.state == SPAE_PORT_GOOD)
        status = judge_values(m, o, &r, &v);
    const bool there = v.given.real != NULL || v.given.whole != NULL;
    if (status == SPAE_OK && there &&
        (v.state == SPAE_PORT_WRONG_SHAPE || o->judgement.level == SPAE_LEVEL_NONE))
        status = spae_diagnose(m->arena, m->vectors, o->item, &r, &v, o->judgement.worst,
                               n->diagnosis, m->err);
    return status;
}

static spae_status judge_status(maker *m, const spae_port_array *array, spae_verdict_output *o,
                                notes *n, spae_port_values *v)
{
    const spae_status status = spae_port_read_status(m->arena, array, v, m->err);
    if (status != SPAE_OK)
        return status;
    if (v->state != SPAE_PORT_GOOD) {
        o->state = SPAE_VERDICT_REFUSED;
        memcpy(n->remark, v->text, sizeof n->remark);
        v->text[0] = '\0';
        return SPAE_OK;
    }
    o->state = SPAE_VERDICT_JUDGED;
    o->judgement.judged = 1;
    o->judgement.level = strcmp(v->text, o->item->refusal) == 0 ? SPAE_LEVEL_A : SPAE_LEVEL_NONE;
    return SPAE_OK;
}

/* Judges what is given under the output's name; scratch lies above a mark, texts are kept. */
static spae_status judge_given(maker *m, const spae_port_array *array, spae_verdict_output *o)
{
    const spae_arena_mark mark = spae_arena_here(m->arena);
    notes n = {"", ""};
    spae_port_values v = {.text = ""};
    spae_status status =
        o->item->refuses ? judge_status(m, array, o, &n, &v) : judge_array(m, array, o, &n);
    spae_arena_reset(m->arena, mark);
    if (status == SPAE_OK)
        status = keep_text(m, n.remark, &o->remark);
    if (status == SPAE_OK)
        status = keep_text(m, n.diagnosis, &o->diagnosis);
    if (status == SPAE_OK && o->item->refuses)
        status = keep_text(m, v.text, &o->status);
    return status;
}

static spae_status refuse_twice(maker *m, const spae_port_array *array, spae_verdict_output *o)
{
    char text[SPAE_VERDICT_ROOM];
    o->state = SPAE_VERDICT_REFUSED;
    snprintf(text, sizeof text, "given twice: in %.100s and %.100s", array[0].path, array[1].path);
    return keep_text(m, text, &o->remark);
}

static spae_status judge_output(maker *m, spae_verdict_output *o)
{
    const spae_port_array *array = NULL;
    const size_t found = spae_port_find(m->port, o->output->full_name, &array);
    const spae_level wanted =
        m->level != SPAE_LEVEL_NONE ? m->level : (spae_level)o->output->compare;
    spae_status status = SPAE_OK;
    if (found > 1)
        status = refuse_twice(m, array, o);
    else if (found == 1)
        status = judge_given(m, array, o);
    o->passes = o->state == SPAE_VERDICT_JUDGED && o->judgement.level <= wanted;
    return status;
}

/* ---- a case --------------------------------------------------------------------------------- */

static spae_status judge_case(maker *m, const spae_manifest_case *item, spae_verdict_output *o)
{
    spae_status status = SPAE_OK;
    bool tied = false;
    for (size_t i = 0; i < item->outputs; i++)
        o[i] = (spae_verdict_output){
            .item = item, .output = &item->output[i], .remark = "", .diagnosis = "", .status = ""};
    for (size_t i = 0; i < item->outputs && status == SPAE_OK; i++) {
        status = judge_output(m, &o[i]);
        tied = tied || o[i].judgement.near_ties > 0;
    }
    for (size_t i = 0; i < item->outputs && tied; i++)
        if (o[i].state == SPAE_VERDICT_JUDGED && !o[i].passes &&
            o[i].output->compare != SPAE_COMPARE_TOKENS)
            o[i].state = SPAE_VERDICT_FOLLOWS;
    return status;
}

/* ---- counts --------------------------------------------------------------------------------- */

static void count_output(const spae_verdict_output *o, spae_verdict_count *n)
{
    const bool judged = o->state == SPAE_VERDICT_JUDGED || o->state == SPAE_VERDICT_REFUSED;
    n->outputs++;
    n->given += o->state != SPAE_VERDICT_MISSING;
    n->follow += o->state == SPAE_VERDICT_FOLLOWS;
    n->judged += judged;
    n->failed += judged && !o->passes;
    n->near_ties += o->judgement.near_ties;
    if (judged)
        n->level[o->state == SPAE_VERDICT_REFUSED ? SPAE_LEVEL_NONE : o->judgement.level]++;
}

static void count_case(const spae_manifest_case *item, const spae_verdict_output *o,
                       spae_verdict_count *n)
{
    const size_t before = n->judged;
    for (size_t i = 0; i < item->outputs; i++)
        count_output(&o[i], n);
    n->cases++;
    n->cases_judged += n->judged > before;
}

static bool falls_short(const spae_verdict *v, const spae_verdict_count *n)
{
    return n->failed > 0 || (v->complete && n->given < n->outputs);
}

static void count_all(spae_verdict *v, spae_verdict_count *stage)
{
    const spae_verdict_output *o = v->output;
    for (size_t i = 0; i < v->manifest->cases; i++) {
        const spae_manifest_case *item = &v->manifest->item[i];
        count_case(item, o, &stage[item->stage]);
        count_case(item, o, &v->all);
        o += item->outputs;
    }
    v->stage = stage;
    while (v->first_short < v->manifest->stages && !falls_short(v, &stage[v->first_short]))
        v->first_short++;
    v->passes = v->all.judged > 0 && !falls_short(v, &v->all) && v->port->broken == 0;
}

spae_status spae_verdict_make(spae_arena *arena, const spae_vectors *vectors, const spae_port *port,
                              const char *directory, spae_level level, bool complete,
                              spae_verdict *verdict, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    const spae_manifest *manifest = &vectors->manifest;
    maker m = {arena, vectors, port, level, err};
    spae_status status = SPAE_OK;
    spae_verdict_output *output = spae_arena_take(arena, manifest->outputs, sizeof *output);
    spae_verdict_count *stage = spae_arena_take_zeroed(arena, manifest->stages, sizeof *stage);
    if (output == NULL || stage == NULL)
        status = spae_fail(err, SPAE_ERR_NO_MEMORY, "no memory for a verdict on %zu outputs",
                           manifest->outputs);
    for (size_t i = 0, at = 0; i < manifest->cases && status == SPAE_OK; i++) {
        status = judge_case(&m, &manifest->item[i], output + at);
        at += manifest->item[i].outputs;
    }
    if (status != SPAE_OK) {
        spae_arena_reset(arena, mark);
        return status;
    }
    *verdict = (spae_verdict){.manifest = manifest,
                              .port = port,
                              .directory = directory,
                              .vectors = vectors->directory,
                              .level = level,
                              .complete = complete,
                              .output = output};
    count_all(verdict, stage);
    return SPAE_OK;
}
