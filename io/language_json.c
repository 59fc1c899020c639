/* The pieces of language_json.h, over vendor_free/json.h. */
#include "io/language_json.h"

#include <string.h>

/* ---- reading ---------------------------------------------------------------------------------------- */

/* "NAME: " or "NAME: line 3: " before what is wrong. */
static spae_status fail(const spae_document *d, spae_status status, const char *why, spae_error *err)
{
    if (d->line > 0)
        return spae_fail(err, status, "%s: line %zu: %s", d->name, d->line, why);
    return spae_fail(err, status, "%s: %s", d->name, why);
}

spae_status spae_document_parse_into(const char *text, size_t length, spae_json_node *nodes, size_t room,
                                     spae_document *document, spae_error *err)
{
    spae_error why;
    document->text = text;
    document->nodes = nodes;
    const spae_status status = spae_json_parse(text, length, nodes, room, NULL, &why);
    return status == SPAE_OK ? SPAE_OK : fail(document, status, why.text, err);
}

spae_status spae_document_parse(const char *text, size_t length, spae_arena *arena, spae_document *document,
                                spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    const size_t room = spae_json_bound(text, length);
    spae_json_node *nodes = spae_arena_take(arena, room, sizeof *nodes);
    if (nodes == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for %zu values of JSON", document->name, room);
    const spae_status status = spae_document_parse_into(text, length, nodes, room, document, err);
    if (status != SPAE_OK)
        spae_arena_reset(arena, mark);
    return status;
}

spae_status spae_document_fail(const spae_document *document, const spae_json_node *node, const char *what,
                               spae_error *err)
{
    spae_error why;
    spae_fail(&why, SPAE_ERR_FORMAT, "byte %zu: %s", (size_t)(node->text - document->text), what);
    return fail(document, SPAE_ERR_FORMAT, why.text, err);
}

const spae_json_node *spae_document_member(const spae_document *document, const spae_json_node *object, const char *key)
{
    const spae_json_node *found = spae_json_member(document->nodes, object, key);
    return found != NULL && found->type != SPAE_JSON_NULL ? found : NULL;
}

/* The member must be there, and not null. */
static spae_status due(const spae_document *d, const spae_json_node *parent, const char *key,
                       const spae_json_node **node, spae_error *err)
{
    spae_error why;
    *node = spae_document_member(d, parent, key);
    if (*node != NULL)
        return SPAE_OK;
    spae_fail(&why, SPAE_ERR_FORMAT,
              parent->type == SPAE_JSON_OBJECT ? "\"%s\" is missing" : "expected an object with \"%s\"", key);
    return spae_document_fail(d, parent, why.text, err);
}

spae_status spae_document_text(const spae_document *document, const spae_json_node *parent, const char *key,
                               spae_arena *arena, char **text, size_t *length, spae_error *err)
{
    const spae_json_node *node;
    spae_error why;
    spae_status status = due(document, parent, key, &node, err);
    if (status != SPAE_OK)
        return status;
    char *out = spae_arena_take(arena, node->length + 1, 1);
    if (out == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for %zu bytes", document->name, node->length + 1);
    if ((status = spae_json_string(node, out, node->length + 1, length, &why)) != SPAE_OK)
        return spae_document_fail(document, node, why.text, err);
    *text = out;
    return SPAE_OK;
}

spae_status spae_document_integer(const spae_document *document, const spae_json_node *parent, const char *key,
                                  int64_t least, int64_t most, int64_t *value, spae_error *err)
{
    const spae_json_node *node;
    spae_error why;
    spae_status status = due(document, parent, key, &node, err);
    if (status == SPAE_OK && spae_json_integer(node, least, most, value, &why) != SPAE_OK)
        status = spae_document_fail(document, node, why.text, err);
    return status;
}

spae_status spae_document_array(const spae_document *document, const spae_json_node *parent, const char *key,
                                size_t count, const spae_json_node **array, spae_error *err)
{
    spae_error why;
    const spae_status status = due(document, parent, key, array, err);
    if (status != SPAE_OK)
        return status;
    if ((*array)->type != SPAE_JSON_ARRAY) {
        spae_fail(&why, SPAE_ERR_FORMAT, "expected \"%s\" to be an array", key);
    } else if (count > 0 && (*array)->count != count) {
        spae_fail(&why, SPAE_ERR_FORMAT, "\"%s\" has %zu members, %zu are due", key, (size_t)(*array)->count, count);
    } else {
        return SPAE_OK;
    }
    return spae_document_fail(document, *array, why.text, err);
}

spae_status spae_document_ids(const spae_document *document, const spae_json_node *parent, const char *key,
                              spae_arena *arena, const int32_t **id, size_t *count, spae_error *err)
{
    const spae_json_node *array;
    int64_t value = 0;
    *id = NULL;
    *count = 0;
    if (spae_document_member(document, parent, key) == NULL)
        return SPAE_OK;
    const spae_status status = spae_document_array(document, parent, key, 0, &array, err);
    if (status != SPAE_OK)
        return status;
    int32_t *out = spae_arena_take(arena, array->count, sizeof *out);
    if (out == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for %zu ids", document->name, (size_t)array->count);
    const spae_json_node *item = spae_json_first(document->nodes, array);
    for (size_t i = 0; item != NULL; i++, item = spae_json_next(document->nodes, item)) {
        if (spae_json_integer(item, 0, INT32_MAX, &value, NULL) != SPAE_OK)
            return spae_document_fail(document, item, "expected a token's number", err);
        out[i] = (int32_t)value;
    }
    *id = out;
    *count = array->count;
    return SPAE_OK;
}

/* ---- writing ---------------------------------------------------------------------------------------- */

void spae_document_write_ids(spae_json_writer *w, const char *key, const int32_t *id, size_t count)
{
    spae_json_write_key(w, key);
    if (id == NULL) {
        spae_json_write_null(w);
        return;
    }
    spae_json_write_open(w, '[');
    for (size_t i = 0; i < count; i++)
        spae_json_write_integer(w, id[i]);
    spae_json_write_close(w);
}

spae_status spae_document_write(spae_document_fill *fill, const void *context, spae_arena *arena, const uint8_t **bytes,
                                size_t *size, spae_error *err)
{
    spae_json_writer w;
    size_t length = 0;
    spae_json_write_start(&w, NULL, 0);
    fill(&w, context);
    spae_status status = spae_json_write_finish(&w, &length, err);
    if (status != SPAE_OK)
        return status;
    char *text = spae_arena_take(arena, length + 1, 1);
    if (text == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "json: no memory for %zu bytes", length + 1);
    spae_json_write_start(&w, text, length);
    fill(&w, context);
    status = spae_json_write_finish(&w, &length, err);
    text[length] = '\n';
    *bytes = (const uint8_t *)text;
    *size = length + 1;
    return status;
}
