/* Cases as files, and the MANIFEST that tells what they are (SPEC 9.3). */
#include <stdio.h>
#include <string.h>

#include "hosted.h"
#include "io/config.h"
#include "io/directory.h"
#include "io/npy.h"
#include "vendor_free/json.h"
#include "vendor_free/sha256.h"

enum { PATH = 1024, NAME = 400, LINE = 1 << 18 };

spae_status vectors_writer_start(vectors_writer *w, const char *directory, spae_arena *arena, spae_error *err)
{
    char path[PATH];
    *w = (vectors_writer){.directory = directory, .arena = arena};
    spae_arena_hosted(&w->manifest_arena);
    w->manifest = w->in = w->out = (spae_buffer){&w->manifest_arena, NULL, 0, 0};
    snprintf(path, sizeof path, "%s/MANIFEST", directory);
    return spae_file_exists(path) ? spae_file_read_all(arena, path, 1 << 28, &w->before, &w->before_size, err)
                                  : SPAE_OK;
}

static spae_status append(spae_buffer *buffer, const char *text, size_t length, spae_error *err)
{
    spae_sink sink = spae_sink_buffer(buffer);
    return spae_sink_write(&sink, text, length, err);
}

/* DIR/<case>, with every directory on the way. */
static spae_status make_directories(const vectors_writer *w, const char *name, spae_error *err)
{
    char path[PATH];
    snprintf(path, sizeof path, "%s/%s", w->directory, name);
    for (char *at = path + strlen(w->directory) + 1;; at++)
        if (*at == '/' || *at == '\0') {
            const char was = *at;
            *at = '\0';
            const spae_status status = spae_directory_make(path, err);
            *at = was;
            if (status != SPAE_OK || was == '\0')
                return status;
        }
}

static spae_npy_type type_of(const vectors_array *array)
{
    switch (array->type) {
    case VECTORS_REAL: return sizeof(spae_real) == 8 && array->compare != VECTORS_INPUT ? SPAE_NPY_F8 : SPAE_NPY_F4;
    case VECTORS_WIDE: return SPAE_NPY_F8;
    case VECTORS_INTEGER: return SPAE_NPY_I4;
    default: return SPAE_NPY_U1;
    }
}

static const char *dtype_of(const vectors_array *array)
{
    static const char *const text[] = {"<f4", "<f8", "<i4", "|u1"};
    return text[array->type];
}

/* Places of samples in `items` items from `first`: sample j of `count` at floor(j items / count). */
static int32_t *spread(int32_t *place, size_t first, size_t items, size_t count)
{
    for (size_t j = 0; j < count; j++)
        *place++ = (int32_t)(first + (size_t)((uint64_t)j * items / count));
    return place;
}

/* Where the samples of a large array lie: over the whole, or over each array of its layout (SPEC 9.6). */
static int32_t *sample_places(const vectors_array *array, spae_arena *arena, size_t *samples)
{
    const size_t parts = array->layout_count, room = parts == 0 ? VECTORS_SAMPLES : parts * VECTORS_PART_SAMPLES;
    int32_t *place = spae_arena_take(arena, room, sizeof *place), *end = place;
    if (place == NULL)
        return NULL;
    for (size_t i = 0; i < parts; i++) {
        const spae_parameter *part = &array->layout->item[i];
        const size_t items = spae_shape_count(part->shape);
        end = spread(end, part->first, items, items < VECTORS_PART_SAMPLES ? items : VECTORS_PART_SAMPLES);
    }
    if (parts == 0)
        end = spread(end, 0, vectors_count(array), VECTORS_SAMPLES);
    *samples = (size_t)(end - place);
    return place;
}

/* The sampled items of a large array, and where they lie, in the arena. */
static spae_status take_samples(const vectors_array *array, spae_arena *arena, spae_npy_array *items,
                                int32_t **index, spae_error *err)
{
    const size_t bytes = array->type == VECTORS_WIDE ? 8 : array->type == VECTORS_REAL ? sizeof(spae_real) : 4;
    size_t samples = 0;
    *index = sample_places(array, arena, &samples);
    uint8_t *copy = spae_arena_take(arena, samples, bytes);
    if (copy == NULL || *index == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "no memory for samples");
    for (size_t j = 0; j < samples; j++)
        memcpy(copy + j * bytes, (const uint8_t *)array->data + (size_t)(*index)[j] * bytes, bytes);
    *items = (spae_npy_array){type_of(array), 1, {samples}, copy};
    return SPAE_OK;
}

static spae_npy_array whole(const vectors_array *array)
{
    spae_npy_array items = {.type = type_of(array), .rank = array->rank, .data = array->data};
    memcpy(items.shape, array->shape, array->rank * sizeof *items.shape);
    return items;
}

/* ---- JSON ---- */

static void write_text(spae_json_writer *j, const char *key, const char *text)
{
    spae_json_write_key(j, key);
    spae_json_write_string(j, text, strlen(text));
}

/* "file", "sha256" of it, and "data", the hash of what lies behind the NPY header, which is the items (SPEC 9.3). */
static spae_status describe_file(vectors_writer *w, spae_json_writer *j, const char *relative, const char *key,
                                 bool with_data, spae_error *err)
{
    char path[PATH], hex[65];
    const uint8_t *bytes;
    size_t size;
    uint8_t digest[32];
    spae_sha256 hash;
    snprintf(path, sizeof path, "%s/%s", w->directory, relative);
    const spae_arena_mark mark = spae_arena_here(w->arena);
    const spae_status status = spae_file_read_all(w->arena, path, 1 << 28, &bytes, &size, err);
    if (status != SPAE_OK)
        return status;
    write_text(j, key, relative);
    spae_sha256_start(&hash);
    spae_sha256_add(&hash, bytes, size);
    spae_sha256_finish(&hash, digest);
    spae_sha256_hex(digest, hex);
    write_text(j, "sha256", hex);
    const size_t header = size >= 10 ? 10u + bytes[8] + 256u * bytes[9] : size; /* version 1.0, as we write it */
    if (with_data) {
        spae_sha256_start(&hash);
        spae_sha256_add(&hash, bytes + header, size - header);
        spae_sha256_finish(&hash, digest);
        spae_sha256_hex(digest, hex);
        write_text(j, "data", hex);
    }
    spae_arena_reset(w->arena, mark);
    return SPAE_OK;
}

static void write_sizes(spae_json_writer *j, const char *key, const size_t *size, size_t count)
{
    if (key != NULL)
        spae_json_write_key(j, key);
    spae_json_write_open(j, '[');
    for (size_t a = 0; a < count; a++)
        spae_json_write_integer(j, (int64_t)size[a]);
    spae_json_write_close(j);
}

/* [[path, [shape]], ...] of a flat array of parameters. */
static void write_layout(spae_json_writer *j, const vectors_array *array)
{
    spae_json_write_key(j, "layout");
    spae_json_write_open(j, '[');
    for (size_t i = 0; i < array->layout_count; i++) {
        const spae_parameter *p = &array->layout->item[i];
        spae_json_write_open(j, '[');
        spae_json_write_string(j, p->path, strlen(p->path));
        write_sizes(j, NULL, p->shape.axis + SPAE_AXES - p->rank, p->rank);
        spae_json_write_close(j);
    }
    spae_json_write_close(j);
}

static void write_comparison(spae_json_writer *j, const vectors_array *array)
{
    static const char *const text[] = {"", "bits", "real", "tokens"};
    write_text(j, "compare", text[array->compare]);
    if (array->compare == VECTORS_TOKENS) {
        static const char *const beside[] = {"margin", "runner_up", "distance", "cell"};
        for (size_t i = 0; i < sizeof beside / sizeof beside[0]; i++)
            write_text(j, beside[i], beside[i]);
    }
}

static spae_status describe(vectors_writer *w, spae_json_writer *j, const char *name, const vectors_array *array,
                            spae_error *err)
{
    char relative[NAME], hash[65];
    snprintf(relative, sizeof relative, "%s/%s.npy", name, array->name);
    spae_json_write_open(j, '{');
    write_text(j, "name", array->name);
    write_text(j, "dtype", dtype_of(array));
    write_sizes(j, "shape", array->shape, array->rank);
    if (array->compare != VECTORS_INPUT)
        write_comparison(j, array);
    if (array->formula != NULL) {
        spae_json_write_key(j, "formula");
        spae_json_write_open(j, '[');
        spae_json_write_double(j, array->formula[0]);
        spae_json_write_double(j, array->formula[1]);
        spae_json_write_close(j);
    }
    if (array->layout != NULL)
        write_layout(j, array);
    spae_status status = SPAE_OK;
    if (!(array->sampled && array->compare == VECTORS_INPUT))
        status = describe_file(w, j, relative, "file", !array->sampled, err);
    if (array->sampled) { /* "data" speaks of the whole */
        vectors_hash(array, hash);
        write_text(j, "data", hash);
    }
    if (status == SPAE_OK && array->sampled && array->compare != VECTORS_INPUT) {
        snprintf(relative, sizeof relative, "%s/%s.index.npy", name, array->name);
        spae_json_write_key(j, "sample");
        spae_json_write_open(j, '{');
        status = describe_file(w, j, relative, "index", true, err);
        spae_json_write_close(j);
    }
    if (status == SPAE_OK && array->compare == VECTORS_NUMBERS) {
        snprintf(relative, sizeof relative, "%s/%s.f64.npy", name, array->name);
        spae_json_write_key(j, "exact");
        spae_json_write_open(j, '{');
        status = describe_file(w, j, relative, "file", true, err);
        spae_json_write_close(j);
    }
    spae_json_write_close(j);
    return status;
}

static spae_status describe_into(vectors_writer *w, spae_buffer *buffer, const char *name, const vectors_array *array,
                                 spae_error *err)
{
    spae_json_writer j;
    size_t length;
    char *line = spae_arena_take(w->arena, LINE, 1);
    if (line == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "no memory for a line");
    spae_json_write_start(&j, line, LINE);
    spae_status status = describe(w, &j, name, array, err);
    if (status == SPAE_OK)
        status = spae_json_write_finish(&j, &length, err);
    if (status == SPAE_OK && buffer->size > 0)
        status = append(buffer, ",", 1, err);
    return status == SPAE_OK ? append(buffer, line, length, err) : status;
}

/* ---- the sinks ---- */

static spae_status begin(void *context, const vectors_case *now, spae_error *err)
{
    vectors_writer *w = context;
    (void)now;
    (void)err;
    w->cases++;
    w->in.size = w->out.size = 0;
    w->weakest = VECTORS_BITS;
    return SPAE_OK;
}

static spae_status write_file(vectors_writer *w, const char *name, const vectors_array *array, const char *ending,
                              const spae_npy_array *items, spae_error *err)
{
    char path[PATH];
    snprintf(path, sizeof path, "%s/%s/%s%s", w->directory, name, array->name, ending);
    const spae_status status = make_directories(w, name, err); /* a case without files has none: git keeps no empty one */
    return status == SPAE_OK ? spae_npy_write_file(w->arena, path, items, err) : status;
}

/* The array's file, or its samples and their places. */
static spae_status write_items(vectors_writer *w, const char *name, const vectors_array *array, const char *ending,
                               spae_error *err)
{
    spae_npy_array items = whole(array);
    int32_t *index = NULL;
    spae_status status = array->sampled ? take_samples(array, w->arena, &items, &index, err) : SPAE_OK;
    if (status == SPAE_OK && index != NULL && sizeof(spae_real) == 4) {
        const spae_npy_array places = {SPAE_NPY_I4, 1, {items.shape[0]}, index};
        status = write_file(w, name, array, ".index.npy", &places, err);
    }
    return status == SPAE_OK ? write_file(w, name, array, ending, &items, err) : status;
}

/* The ORACLE build keeps the binary64 values of what is compared as numbers, and the tokens it chose. */
static spae_status keep_exact(void *context, const vectors_case *now, const vectors_array *array, spae_error *err)
{
    vectors_writer *w = context;
    const spae_arena_mark mark = spae_arena_here(w->arena);
    spae_status status = SPAE_OK;
    if (array->compare == VECTORS_NUMBERS || array->compare == VECTORS_TOKENS)
        status = write_items(w, now->name, array, ".f64.npy", err);
    w->outputs += array->compare != VECTORS_INPUT;
    spae_arena_reset(w->arena, mark);
    return status;
}

/* Exact values belong to the tokens that the ORACLE build chose: they must be ours. Its file has then done its duty. */
static spae_status same_tokens(const vectors_writer *w, const char *name, const vectors_array *array, spae_error *err)
{
    char path[PATH], exact[PATH];
    const uint8_t *ours, *other;
    size_t size, other_size;
    snprintf(path, sizeof path, "%s/%s/%s.npy", w->directory, name, array->name);
    snprintf(exact, sizeof exact, "%s/%s/%s.f64.npy", w->directory, name, array->name);
    spae_status status = spae_file_read_all(w->arena, path, 1 << 28, &ours, &size, err);
    if (status == SPAE_OK)
        status = spae_file_read_all(w->arena, exact, 1 << 28, &other, &other_size, err);
    if (status != SPAE_OK)
        return status;
    if (size != other_size || memcmp(ours, other, size) != 0)
        return spae_fail(err, SPAE_ERR_FORMAT, "%s: binary64 arithmetic chose other tokens: its values are of no use",
                         exact);
    return remove(exact) == 0 ? SPAE_OK : spae_fail(err, SPAE_ERR_IO, "%s: cannot be removed", exact);
}

static spae_status keep(void *context, const vectors_case *now, const vectors_array *array, spae_error *err)
{
    vectors_writer *w = context;
    const bool input = array->compare == VECTORS_INPUT;
    const spae_arena_mark mark = spae_arena_here(w->arena);
    spae_status status = SPAE_OK;
    if (!(input && array->sampled)) /* large inputs come from their formula */
        status = write_items(w, now->name, array, ".npy", err);
    if (status == SPAE_OK && array->compare == VECTORS_TOKENS)
        status = same_tokens(w, now->name, array, err);
    if (status == SPAE_OK)
        status = describe_into(w, input ? &w->in : &w->out, now->name, array, err);
    w->outputs += !input;
    w->weakest = array->compare > w->weakest ? array->compare : w->weakest;
    spae_arena_reset(w->arena, mark);
    return status;
}

/* The line's members before its arrays. */
static spae_status write_head(const vectors_writer *w, const vectors_case *now, char *line, size_t *length,
                              spae_error *err)
{
    static const char *const level[] = {"A", "A", "B", "C"}; /* the weakest that passes an output so compared */
    spae_json_writer j;
    spae_json_write_start(&j, line, LINE);
    spae_json_write_open(&j, '{');
    write_text(&j, "name", now->name);
    write_text(&j, "clause", now->clause);
    write_text(&j, "level", level[w->weakest]);
    write_text(&j, "why", now->why);
    write_text(&j, "op", now->op);
    if (now->status != NULL)
        write_text(&j, "status", now->status);
    if (now->config != NULL) {
        spae_json_write_key(&j, "config");
        spae_json_write_open(&j, '{');
        spae_config_write(&j, now->config);
        spae_json_write_close(&j);
    }
    spae_json_write_close(&j);
    return spae_json_write_finish(&j, length, err);
}

static spae_status end_line(void *context, const vectors_case *now, spae_error *err)
{
    vectors_writer *w = context;
    const spae_arena_mark mark = spae_arena_here(w->arena);
    char *line = spae_arena_take(w->arena, LINE, 1);
    size_t length;
    spae_status status = line != NULL ? write_head(w, now, line, &length, err)
                                      : spae_fail(err, SPAE_ERR_NO_MEMORY, "no memory for a line");
    if (status == SPAE_OK) /* ... without its closing brace: the rest follows */
        status = append(&w->manifest, line, length - 1, err);
    spae_arena_reset(w->arena, mark);
    const char *const text[] = {",\"with\":", now->with, ",\"in\":[", (const char *)w->in.bytes, "]"};
    const char *const out[] = {",\"out\":[", (const char *)w->out.bytes, "]"}; /* a refusal has none */
    for (size_t i = 0; i < 5 && status == SPAE_OK; i++)
        status = append(&w->manifest, text[i], i == 3 ? w->in.size : strlen(text[i]), err);
    for (size_t i = 0; i < 3 && now->status == NULL && status == SPAE_OK; i++)
        status = append(&w->manifest, out[i], i == 1 ? w->out.size : strlen(out[i]), err);
    w->outputs += now->status != NULL;
    return status == SPAE_OK ? append(&w->manifest, "}\n", 2, err) : status;
}

static spae_status end_silently(void *context, const vectors_case *now, spae_error *err)
{
    (void)context;
    (void)now;
    (void)err;
    return SPAE_OK;
}

static spae_status keep_port(void *context, const vectors_case *now, const vectors_array *array, spae_error *err)
{
    vectors_writer *w = context;
    if (array->compare == VECTORS_INPUT)
        return SPAE_OK;
    const spae_npy_array items = whole(array);
    w->outputs++;
    return write_file(w, now->name, array, ".npy", &items, err);
}

/* A refusal's answer: its status by name. */
static spae_status end_port(void *context, const vectors_case *now, spae_error *err)
{
    vectors_writer *w = context;
    char path[PATH];
    if (now->status == NULL)
        return SPAE_OK;
    snprintf(path, sizeof path, "%s/%s/status.txt", w->directory, now->name);
    const spae_status status = make_directories(w, now->name, err);
    return status == SPAE_OK ? spae_file_write_all(w->arena, path, now->status, strlen(now->status), err) : status;
}

/* How many outputs the case on this line has. */
static spae_status count_outputs(const vectors_writer *w, const char *line, size_t length, size_t *outputs,
                                 spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(w->arena);
    const size_t room = spae_json_bound(line, length);
    spae_json_node *nodes = spae_arena_take(w->arena, room, sizeof *nodes);
    const spae_status status = nodes == NULL ? spae_fail(err, SPAE_ERR_NO_MEMORY, "no memory for a line")
                                             : spae_json_parse(line, length, nodes, room, NULL, err);
    if (status == SPAE_OK) {
        const spae_json_node *out = spae_json_member(nodes, nodes, "out");
        *outputs = out == NULL ? 1 : out->count; /* a refusal counts as one (SPEC 9.3) */
    }
    spae_arena_reset(w->arena, mark);
    return status;
}

/* A case that is not computed keeps its line. */
static spae_status keep_line(void *context, const char *name, spae_error *err)
{
    vectors_writer *w = context;
    char begins[NAME];
    const size_t n = (size_t)snprintf(begins, sizeof begins, "{\"name\":\"%s\",", name);
    for (size_t at = 0, length; at < w->before_size; at += length) {
        const char *line = (const char *)w->before + at, *end = memchr(line, '\n', w->before_size - at);
        length = end == NULL ? w->before_size - at : (size_t)(end - line) + 1;
        if (length <= n || memcmp(line, begins, n) != 0)
            continue;
        size_t outputs = 0;
        const spae_status status = count_outputs(w, line, length, &outputs, err);
        w->cases++;
        w->outputs += outputs;
        return status == SPAE_OK ? append(&w->manifest, line, length, err) : status;
    }
    return SPAE_OK;
}

vectors_sink vectors_writer_sink(vectors_writer *w)
{
    return sizeof(spae_real) == 4 ? (vectors_sink){NULL, begin, keep, end_line, w, keep_line}
                                  : (vectors_sink){NULL, begin, keep_exact, end_silently, w, NULL};
}

vectors_sink vectors_port_sink(vectors_writer *w)
{
    return (vectors_sink){NULL, begin, keep_port, end_port, w, NULL};
}

/* ---- MANIFEST ---- */

static spae_status fill_manifest(spae_sink *sink, void *context, spae_error *err)
{
    const vectors_writer *w = context;
    char line[160];
    const int length = snprintf(line, sizeof line, "{\"manifest\":\"SPAE vectors\",\"version\":1,\"cases\":%lu,\"outputs\":%lu}\n",
                                (unsigned long)w->cases, (unsigned long)w->outputs);
    const spae_status status = spae_sink_write(sink, line, (size_t)length, err);
    return status == SPAE_OK ? spae_sink_write(sink, w->manifest.bytes, w->manifest.size, err) : status;
}

spae_status vectors_writer_finish(vectors_writer *w, spae_error *err)
{
    char path[PATH];
    snprintf(path, sizeof path, "%s/MANIFEST", w->directory);
    return sizeof(spae_real) == 4 ? spae_file_replace(w->arena, path, fill_manifest, w, err) : SPAE_OK;
}
