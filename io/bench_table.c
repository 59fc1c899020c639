/* Tables of bench_table.h: figures, lines of JSON, comparison. */
#include "io/bench_table.h"

#include <stdio.h>
#include <string.h>

#include "io/config.h"
#include "io/file.h"
#include "vendor_free/json.h"

enum { FORM = 1, FILE_MOST = 1 << 24 };

/* ---- figures --------------------------------------------------------------------------------- */

double spae_bench_seconds(const spae_bench_table *table, spae_bench_stage stage)
{
    const spae_bench_result *r = &table->result[stage];
    return table->set.threads == 1 ? r->processor.best : r->wall.best;
}

double spae_bench_gflops(const spae_bench_table *table, spae_bench_stage stage)
{
    return 2e-9 * (double)table->result[stage].work.multiply_adds /
           spae_bench_seconds(table, stage);
}

double spae_bench_of_peak(const spae_bench_table *table, spae_bench_stage stage)
{
    return spae_bench_gflops(table, stage) / (table->peak * table->set.threads);
}

double spae_bench_gbytes(const spae_bench_table *table, spae_bench_stage stage)
{
    return 1e-9 * (double)table->result[stage].work.bytes / spae_bench_seconds(table, stage);
}

double spae_bench_of_read(const spae_bench_table *table, spae_bench_stage stage)
{
    return spae_bench_gbytes(table, stage) / table->read;
}

double spae_bench_ratio(const spae_bench_table *now, const spae_bench_table *before,
                        spae_bench_stage stage)
{
    return spae_bench_seconds(now, stage) * now->peak /
           (spae_bench_seconds(before, stage) * before->peak);
}

/* ---- writing --------------------------------------------------------------------------------- */

static void put_integer(spae_json_writer *w, const char *key, uint64_t value)
{
    spae_json_write_key(w, key);
    spae_json_write_integer(w, (int64_t)value);
}

static void put_double(spae_json_writer *w, const char *key, double value)
{
    spae_json_write_key(w, key);
    spae_json_write_double(w, value);
}

static void put_times(spae_json_writer *w, const char *key, const spae_bench_times *times)
{
    spae_json_write_key(w, key);
    spae_json_write_open(w, '{');
    put_double(w, "best", times->best);
    put_double(w, "median", times->median);
    spae_json_write_close(w);
}

static void put_stage(spae_json_writer *w, const spae_bench_table *table, spae_bench_stage stage)
{
    const spae_bench_result *r = &table->result[stage];
    const char *name = spae_bench_stage_names[stage];
    spae_json_write_open(w, '{');
    spae_json_write_key(w, "name");
    spae_json_write_string(w, name, strlen(name));
    put_integer(w, "multiply_adds", r->work.multiply_adds);
    put_integer(w, "bytes", r->work.bytes);
    put_integer(w, "memory", r->work.memory);
    put_integer(w, "samples", r->samples);
    put_times(w, "wall", &r->wall);
    put_times(w, "processor", &r->processor);
    put_double(w, "seconds", spae_bench_seconds(table, stage));
    put_double(w, "gflops", spae_bench_gflops(table, stage));
    put_double(w, "of_peak", spae_bench_of_peak(table, stage));
    put_double(w, "gbytes", spae_bench_gbytes(table, stage));
    put_double(w, "of_read", spae_bench_of_read(table, stage));
    spae_json_write_close(w);
}

static void put_settings(spae_json_writer *w, const spae_bench_settings *set)
{
    put_integer(w, "bits", 8 * sizeof(spae_real));
    put_integer(w, "words", set->words);
    put_integer(w, "batch", set->batch);
    put_integer(w, "threads", set->threads);
    spae_json_write_key(w, "recompute");
    spae_json_write_boolean(w, set->recompute);
    spae_json_write_key(w, "config");
    spae_json_write_open(w, '{');
    spae_config_write(w, &set->config);
    spae_json_write_close(w);
}

static void put_table(spae_json_writer *w, const spae_bench_table *table)
{
    spae_json_write_open(w, '{');
    put_integer(w, "bench", FORM);
    put_settings(w, &table->set);
    spae_json_write_key(w, "machine");
    spae_json_write_open(w, '{');
    put_double(w, "peak", table->peak);
    put_double(w, "peak_threads", table->peak_threads);
    put_double(w, "read", table->read);
    put_double(w, "copy", table->copy);
    spae_json_write_close(w);
    spae_json_write_key(w, "stages");
    spae_json_write_open(w, '[');
    for (int stage = 0; stage < SPAE_BENCH_STAGES; stage++)
        if (table->set.wants[stage])
            put_stage(w, table, (spae_bench_stage)stage);
    spae_json_write_close(w);
    spae_json_write_close(w);
}

spae_status spae_bench_table_write(const spae_bench_table *table, spae_arena *arena, char **text,
                                   size_t *length, spae_error *err)
{
    spae_json_writer w;
    size_t size;
    spae_json_write_start(&w, NULL, SIZE_MAX); /* counts */
    put_table(&w, table);
    const spae_status status = spae_json_write_finish(&w, &size, err);
    if (status != SPAE_OK)
        return status;
    char *out = spae_arena_take(arena, size, 1);
    if (out == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "bench: no memory for %zu bytes of JSON", size);
    spae_json_write_start(&w, out, size);
    put_table(&w, table);
    *text = out;
    return spae_json_write_finish(&w, length, err);
}

/* ---- reading --------------------------------------------------------------------------------- */

typedef struct {
    const spae_json_node *nodes;
    spae_error err; /* what the line met first */
} reader;

/* The member of that key; refuses where there is none. */
static const spae_json_node *member(reader *r, const spae_json_node *object, const char *key)
{
    const spae_json_node *node = spae_json_member(r->nodes, object, key);
    if (node == NULL && r->err.status == SPAE_OK)
        spae_fail(&r->err, SPAE_ERR_FORMAT, "expected \"%s\"", key);
    return r->err.status == SPAE_OK ? node : NULL;
}

static int64_t get_integer(reader *r, const spae_json_node *object, const char *key, int64_t least,
                           int64_t most)
{
    int64_t value = least;
    const spae_json_node *node = member(r, object, key);
    if (node != NULL)
        spae_json_integer(node, least, most, &value, &r->err);
    return value;
}

/* A number above 0. */
static double get_double(reader *r, const spae_json_node *object, const char *key)
{
    double value = 1;
    const spae_json_node *node = member(r, object, key);
    if (node != NULL && spae_json_double(node, &value, &r->err) == SPAE_OK &&
        !(value > 0 && value < 1e100))
        spae_fail(&r->err, SPAE_ERR_FORMAT, "\"%s\" is %g, expected a number above 0", key, value);
    return value;
}

static spae_bench_times get_times(reader *r, const spae_json_node *object, const char *key)
{
    const spae_json_node *node = member(r, object, key);
    const double best = get_double(r, node != NULL ? node : object, "best");
    return (spae_bench_times){best, get_double(r, node != NULL ? node : object, "median")};
}

/* The stage of that name; SPAE_BENCH_STAGES where there is none. */
static int get_name(reader *r, const spae_json_node *object)
{
    char name[32] = "";
    const spae_json_node *node = member(r, object, "name");
    if (node == NULL || spae_json_string(node, name, sizeof name, NULL, &r->err) != SPAE_OK)
        return SPAE_BENCH_STAGES;
    int stage = 0;
    while (stage < SPAE_BENCH_STAGES && strcmp(name, spae_bench_stage_names[stage]) != 0)
        stage++;
    if (stage == SPAE_BENCH_STAGES)
        spae_fail(&r->err, SPAE_ERR_FORMAT, "%s: no such stage", name);
    return stage;
}

static void get_stage(reader *r, const spae_json_node *object, spae_bench_table *table)
{
    const int stage = get_name(r, object);
    if (stage == SPAE_BENCH_STAGES)
        return;
    if (table->set.wants[stage])
        spae_fail(&r->err, SPAE_ERR_FORMAT, "%s: there twice", spae_bench_stage_names[stage]);
    spae_bench_result *result = &table->result[stage];
    table->set.wants[stage] = true;
    result->work.multiply_adds = (uint64_t)get_integer(r, object, "multiply_adds", 0, INT64_MAX);
    result->work.bytes = (uint64_t)get_integer(r, object, "bytes", 0, INT64_MAX);
    result->work.memory = (uint64_t)get_integer(r, object, "memory", 0, INT64_MAX);
    result->samples = (size_t)get_integer(r, object, "samples", 1, INT32_MAX);
    result->wall = get_times(r, object, "wall");
    result->processor = get_times(r, object, "processor");
}

static void get_settings(reader *r, const spae_json_node *whole, spae_bench_settings *set)
{
    get_integer(r, whole, "bench", FORM, FORM);
    get_integer(r, whole, "bits", 8 * sizeof(spae_real), 8 * sizeof(spae_real));
    set->words = (size_t)get_integer(r, whole, "words", 1, INT32_MAX);
    set->batch = (size_t)get_integer(r, whole, "batch", 1, SPAE_BENCH_BATCH_MOST);
    set->threads = (unsigned)get_integer(r, whole, "threads", 1, SPAE_BENCH_THREADS_MOST);
    const spae_json_node *recompute = member(r, whole, "recompute");
    if (recompute != NULL)
        spae_json_boolean(recompute, &set->recompute, &r->err);
    const spae_json_node *config = member(r, whole, "config");
    if (config != NULL && spae_config_read(&set->config, r->nodes, config, &r->err) == SPAE_OK &&
        spae_config_check(&set->config, &r->err) != SPAE_OK)
        r->err.status = SPAE_ERR_FORMAT;
}

static void get_table(reader *r, spae_bench_table *table)
{
    const spae_json_node *whole = &r->nodes[0];
    get_settings(r, whole, &table->set);
    const spae_json_node *machine = member(r, whole, "machine");
    if (machine == NULL)
        return;
    table->peak = get_double(r, machine, "peak");
    table->peak_threads = get_double(r, machine, "peak_threads");
    table->read = get_double(r, machine, "read");
    table->copy = get_double(r, machine, "copy");
    const spae_json_node *stages = member(r, whole, "stages");
    if (stages == NULL)
        return;
    for (const spae_json_node *stage = spae_json_first(r->nodes, stages);
         stage != NULL && r->err.status == SPAE_OK; stage = spae_json_next(r->nodes, stage))
        get_stage(r, stage, table);
}

static spae_status read_line(const char *text, size_t length, spae_arena *arena,
                             spae_bench_table *table, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    const size_t room = spae_json_bound(text, length);
    spae_json_node *nodes = spae_arena_take(arena, room, sizeof *nodes);
    if (nodes == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "no memory for %zu values", room);
    reader r = {.nodes = nodes, .err = {SPAE_OK, ""}};
    *table = (spae_bench_table){.peak = 0};
    if (spae_json_parse(text, length, nodes, room, NULL, &r.err) == SPAE_OK)
        get_table(&r, table);
    spae_arena_reset(arena, mark);
    if (r.err.status != SPAE_OK)
        *err = r.err;
    return r.err.status;
}

static spae_status read_lines(const char *path, const char *text, size_t size, spae_arena *arena,
                              spae_bench_table *table, size_t *count, spae_error *err)
{
    spae_error met;
    *count = 0;
    for (size_t start = 0, line = 1; start < size; line++) {
        const char *end = memchr(text + start, '\n', size - start);
        const size_t length = end != NULL ? (size_t)(end - text) - start : size - start;
        if (length > 0 && read_line(text + start, length, arena, &table[*count], &met) != SPAE_OK)
            return spae_fail(err, met.status, "%s: line %zu: %s", path, line, met.text);
        *count += length > 0;
        start += length + 1;
    }
    return *count > 0 ? SPAE_OK
                      : spae_fail(err, SPAE_ERR_FORMAT,
                                  "%s: there is no table of spae bench --json", path);
}

spae_status spae_bench_tables_read(const char *path, spae_arena *arena, spae_bench_table **table,
                                   size_t *count, spae_error *err)
{
    const uint8_t *bytes;
    size_t size, lines = 1;
    spae_status status = spae_file_read_all(arena, path, FILE_MOST, &bytes, &size, err);
    if (status != SPAE_OK)
        return status;
    for (size_t i = 0; i < size; i++)
        lines += bytes[i] == '\n';
    *table = spae_arena_take(arena, lines, sizeof **table);
    if (*table == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for %zu tables", path, lines);
    return read_lines(path, (const char *)bytes, size, arena, *table, count, err);
}

/* ---- comparing ------------------------------------------------------------------------------- */

/* What differs, "threads are 2, there 1"; false when nothing does. */
static bool differs(const spae_bench_settings *now, const spae_bench_settings *there,
                    char text[120])
{
    const char *key = spae_config_difference(&now->config, &there->config);
    const struct {
        const char *name;
        size_t now, there;
    } number[] = {{"words", now->words, there->words},
                  {"batch", now->batch, there->batch},
                  {"threads", now->threads, there->threads},
                  {"recompute", now->recompute, there->recompute}};
    if (key != NULL)
        return snprintf(text, 120, "%s differs", key), true;
    for (size_t i = 0; i < sizeof number / sizeof number[0]; i++)
        if (number[i].now != number[i].there)
            return snprintf(text, 120, "%s: %zu, there %zu", number[i].name, number[i].now,
                            number[i].there),
                   true;
    return false;
}

static spae_status none_of_preset(const spae_bench_table *now, const spae_bench_table *table,
                                  size_t count, const char *name, spae_error *err)
{
    char list[120] = "";
    for (size_t i = 0; i < count; i++) {
        const size_t used = strlen(list);
        snprintf(list + used, sizeof list - used, "%s%s", i > 0 ? ", " : "",
                 table[i].set.config.name);
    }
    return spae_fail(err, SPAE_ERR_ARGUMENT, "%s: no table of %s, but of %s", name,
                     now->set.config.name, list);
}

spae_status spae_bench_find(const spae_bench_table *now, const spae_bench_table *table,
                            size_t count, const char *name, const spae_bench_table **found,
                            spae_error *err)
{
    char text[120] = "", last[120] = "";
    *found = NULL;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(now->set.config.name, table[i].set.config.name) != 0)
            continue;
        if (differs(&now->set, &table[i].set, text))
            memcpy(last, text, sizeof last);
        else
            *found = &table[i];
    }
    if (*found != NULL)
        return SPAE_OK;
    return last[0] != '\0' ? spae_fail(err, SPAE_ERR_ARGUMENT, "%s: another setting of %s: %s",
                                       name, now->set.config.name, last)
                           : none_of_preset(now, table, count, name, err);
}
