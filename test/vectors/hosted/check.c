/* Hashes of outputs against the MANIFEST. */
#include <stdio.h>
#include <string.h>

#include "hosted.h"
#include "vendor_free/json.h"

/* ---- the MANIFEST, as far as hashes need it ---- */

static spae_status take_case(vectors_checker *c, const spae_json_node *nodes, spae_error *err)
{
    char name[128], output[64];
    const spae_json_node *title = spae_json_member(nodes, nodes, "name"), *out = spae_json_member(nodes, nodes, "out");
    if (title == NULL || spae_json_string(title, name, sizeof name, NULL, err) != SPAE_OK)
        return spae_fail(err, SPAE_ERR_FORMAT, "a case has no name");
    c->cases++;
    if (vectors_effort(name) > c->effort) {
        c->cases_left_out++;
        return SPAE_OK;
    }
    for (const spae_json_node *o = out == NULL ? NULL : spae_json_first(nodes, out); o != NULL;
         o = spae_json_next(nodes, o)) {
        const spae_json_node *of = spae_json_member(nodes, o, "name"), *hash = spae_json_member(nodes, o, "data");
        if (of == NULL || hash == NULL || c->known == c->room ||
            spae_json_string(of, output, sizeof output, NULL, err) != SPAE_OK ||
            spae_json_string(hash, c->hash[c->known], 65, NULL, err) != SPAE_OK)
            return spae_fail(err, SPAE_ERR_FORMAT, "%s: an output without name or hash, or more than line 1 says", name);
        snprintf(c->key[c->known++], sizeof *c->key, "%s/%s", name, output);
    }
    return SPAE_OK;
}

static spae_status take_header(vectors_checker *c, size_t *due, const spae_json_node *nodes, spae_arena *arena, spae_error *err)
{
    int64_t cases, outputs;
    const spae_json_node *a = spae_json_member(nodes, nodes, "cases"), *b = spae_json_member(nodes, nodes, "outputs");
    if (a == NULL || b == NULL || spae_json_integer(a, 1, 1 << 20, &cases, err) != SPAE_OK ||
        spae_json_integer(b, 1, 1 << 20, &outputs, err) != SPAE_OK)
        return spae_fail(err, SPAE_ERR_FORMAT, "line 1 does not say how many cases and outputs there are");
    *due = (size_t)cases;
    c->room = (size_t)outputs;
    c->key = spae_arena_take(arena, c->room, sizeof *c->key);
    c->hash = spae_arena_take(arena, c->room, sizeof *c->hash);
    return c->key != NULL && c->hash != NULL ? SPAE_OK : spae_fail(err, SPAE_ERR_NO_MEMORY, "no memory");
}

spae_status vectors_checker_start(vectors_checker *c, const char *manifest, unsigned effort, spae_arena *arena,
                                  spae_error *err)
{
    const uint8_t *bytes;
    size_t size, due = 0;
    *c = (vectors_checker){.effort = effort};
    spae_status status = spae_file_read_all(arena, manifest, 1 << 28, &bytes, &size, err);
    for (size_t at = 0, line = 1; status == SPAE_OK && at < size; line++) {
        const char *text = (const char *)bytes + at, *end = memchr(text, '\n', size - at);
        const size_t length = end == NULL ? size - at : (size_t)(end - text), room = spae_json_bound(text, length);
        spae_json_node *nodes = spae_arena_take(arena, room, sizeof *nodes);
        status = nodes == NULL ? spae_fail(err, SPAE_ERR_NO_MEMORY, "no memory")
                               : spae_json_parse(text, length, nodes, room, NULL, err);
        if (status == SPAE_OK)
            status = line == 1 ? take_header(c, &due, nodes, arena, err) : take_case(c, nodes, err);
        at += length + 1;
    }
    if (status == SPAE_OK && c->cases != due)
        status = spae_fail(err, SPAE_ERR_FORMAT, "%s: %zu cases, line 1 says %zu", manifest, c->cases, due);
    c->cases -= c->cases_left_out;
    return status;
}

/* ---- the sink ---- */

static spae_status begin(void *context, const vectors_case *now, spae_error *err)
{
    (void)now;
    (void)err;
    ((vectors_checker *)context)->cases_seen++;
    return SPAE_OK;
}

static spae_status compare(void *context, const vectors_case *now, const vectors_array *array, spae_error *err)
{
    vectors_checker *c = context;
    char key[200], hash[65];
    (void)err;
    if (array->compare == VECTORS_INPUT)
        return SPAE_OK;
    snprintf(key, sizeof key, "%s/%s", now->name, array->name);
    vectors_hash(array, hash);
    c->outputs_seen++;
    for (size_t i = 0; i < c->known; i++)
        if (strcmp(c->key[i], key) == 0 && strcmp(c->hash[i], hash) == 0) {
            if (c->print)
                printf("%s %s\n", key, hash);
            return SPAE_OK;
        }
    c->differing++;
    printf("differs: %s\n", key);
    return SPAE_OK;
}

static spae_status finish(void *context, const vectors_case *now, spae_error *err)
{
    (void)context;
    (void)now;
    (void)err;
    return SPAE_OK;
}

vectors_sink vectors_checker_sink(vectors_checker *c)
{
    return (vectors_sink){NULL, begin, compare, finish, c, NULL};
}
