/* The verdict as JSON (verdict.h), written twice: to count, then to keep. */
#include <math.h>
#include <string.h>

#include "io/verdict.h"
#include "vendor_free/json.h"
#include "vendor_free/utf8.h"

/* Names of files may be any bytes: what is no UTF-8 as a whole leaves with '?' for all but ASCII.
 */
static void string(spae_json_writer *w, const char *value)
{
    char safe[4 * SPAE_VERDICT_ROOM];
    size_t n = strlen(value);
    if (spae_utf8_valid((const uint8_t *)value, n)) {
        spae_json_write_string(w, value, n);
        return;
    }
    n = n < sizeof safe ? n : sizeof safe;
    for (size_t i = 0; i < n; i++)
        safe[i] = (unsigned char)value[i] < 0x80 ? value[i] : '?';
    spae_json_write_string(w, safe, n);
}

static void text(spae_json_writer *w, const char *key, const char *value)
{
    spae_json_write_key(w, key);
    string(w, value);
}

static void number(spae_json_writer *w, const char *key, size_t value)
{
    spae_json_write_key(w, key);
    spae_json_write_integer(w, (int64_t)value);
}

/* What is not finite is null. */
static void real(spae_json_writer *w, const char *key, double value)
{
    spae_json_write_key(w, key);
    if (isfinite(value))
        spae_json_write_double(w, value);
    else
        spae_json_write_null(w);
}

static void write_counts(spae_json_writer *w, const spae_verdict_count *n)
{
    number(w, "outputs", n->outputs);
    number(w, "given", n->given);
    number(w, "judged", n->judged);
    number(w, "A", n->level[SPAE_LEVEL_A]);
    number(w, "B", n->level[SPAE_LEVEL_B]);
    number(w, "C", n->level[SPAE_LEVEL_C]);
    number(w, "failed", n->failed);
    number(w, "follow", n->follow);
    number(w, "near_ties", n->near_ties);
    number(w, "cases", n->cases);
    number(w, "cases_judged", n->cases_judged);
}

static const char *state_name(const spae_verdict_output *o)
{
    static const char *const name[] = {"missing", "", "follows", "refused"};
    return o->state != SPAE_VERDICT_JUDGED ? name[o->state] : o->passes ? "passed" : "failed";
}

/* A distance of a NaN, or beyond 2^63, is null. */
static void write_numbers(spae_json_writer *w, const spae_verdict_output *o)
{
    const spae_judgement *j = &o->judgement;
    number(w, "items", j->judged);
    number(w, "differing", j->differing);
    spae_json_write_key(w, "ulp");
    if (j->ulp <= INT64_MAX)
        spae_json_write_integer(w, (int64_t)j->ulp);
    else
        spae_json_write_null(w);
    if (j->has_error) {
        real(w, "error", j->error);
        real(w, "allowed", j->allowed);
    }
    if (o->output->compare == SPAE_COMPARE_TOKENS) {
        number(w, "near_ties", j->near_ties);
        number(w, "followers", j->followers);
    }
    if (j->near_ties > 0) {
        number(w, "tie_index", j->first_tie);
        real(w, "tie_margin", o->tie_margin);
        real(w, "tie_distance", o->tie_distance);
    }
    if (j->first != SIZE_MAX && j->level != SPAE_LEVEL_A)
        number(w, "index", j->first);
}

static void write_output(spae_json_writer *w, const spae_verdict_output *o)
{
    char value[SPAE_VERDICT_ROOM], reason[3 * SPAE_VERDICT_ROOM];
    const bool seen = o->state == SPAE_VERDICT_JUDGED || o->state == SPAE_VERDICT_FOLLOWS;
    spae_json_write_open(w, '{');
    text(w, "name", o->output->full_name);
    text(w, "clause", o->item->clause);
    text(w, "result", state_name(o));
    if (seen) {
        text(w, "level", spae_level_name(o->judgement.level));
        if (!o->item->refuses)
            write_numbers(w, o);
        if (o->judgement.level != SPAE_LEVEL_A) {
            text(w, "place", spae_verdict_place(o, value));
            text(w, "expected", spae_verdict_value(o, false, value));
            text(w, "got", spae_verdict_value(o, true, value));
        }
    }
    if (spae_verdict_reason(o, reason)[0] != '\0')
        text(w, "remark", reason);
    spae_json_write_close(w);
}

static void write_stages(spae_json_writer *w, const spae_verdict *v)
{
    const spae_verdict_output *o = v->output;
    spae_json_write_key(w, "stages");
    spae_json_write_open(w, '[');
    for (size_t s = 0; s < v->manifest->stages; s++) {
        spae_json_write_open(w, '{');
        text(w, "stage", v->manifest->stage[s].name);
        write_counts(w, &v->stage[s]);
        spae_json_write_key(w, "results");
        spae_json_write_open(w, '[');
        for (size_t i = 0; i < v->stage[s].outputs; i++)
            write_output(w, o++);
        spae_json_write_close(w);
        spae_json_write_close(w);
    }
    spae_json_write_close(w);
}

static void write_strays(spae_json_writer *w, const spae_port *port)
{
    spae_json_write_key(w, "extra");
    spae_json_write_open(w, '[');
    for (size_t i = 0; i < port->extras; i++) {
        spae_json_write_open(w, '{');
        text(w, "name", port->extra[i].name);
        if (port->extra[i].near != NULL)
            text(w, "near", port->extra[i].near);
        spae_json_write_close(w);
    }
    spae_json_write_close(w);
    spae_json_write_key(w, "unreadable");
    spae_json_write_open(w, '[');
    for (size_t i = 0; i < port->broken; i++)
        string(w, port->unreadable[i]);
    spae_json_write_close(w);
}

static spae_status write_all(const spae_verdict *v, char *out, size_t capacity, size_t *length,
                             spae_error *err)
{
    spae_json_writer w;
    spae_json_write_start(&w, out, capacity);
    spae_json_write_open(&w, '{');
    text(&w, "verdict", v->passes ? "passed" : "failed");
    text(&w, "directory", v->directory);
    text(&w, "vectors", v->vectors);
    text(&w, "level", v->level == SPAE_LEVEL_NONE ? "own" : spae_level_name(v->level));
    spae_json_write_key(&w, "complete");
    spae_json_write_boolean(&w, v->complete);
    write_counts(&w, &v->all);
    spae_json_write_key(&w, "first_short");
    if (v->first_short < v->manifest->stages)
        string(&w, v->manifest->stage[v->first_short].name);
    else
        spae_json_write_null(&w);
    write_stages(&w, v);
    write_strays(&w, v->port);
    spae_json_write_close(&w);
    return spae_json_write_finish(&w, length, err);
}

spae_status spae_verdict_json(const spae_verdict *verdict, spae_arena *arena, const uint8_t **bytes,
                              size_t *size, spae_error *err)
{
    size_t length = 0;
    spae_status status = write_all(verdict, NULL, 0, &length, err);
    if (status != SPAE_OK)
        return status;
    char *out = spae_arena_take(arena, length + 1, 1);
    if (out == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "verdict: no memory for %zu bytes of JSON",
                         length + 1);
    status = write_all(verdict, out, length, &length, err);
    out[length] = '\n';
    *bytes = (uint8_t *)out;
    *size = length + 1;
    return status;
}
