/* Fuzz target of the JSON reader and writer: what is read, is written to a text that reads and is
 * written to the same text again.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "vendor_free/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int holds)
{
    if (!holds)
        abort();
}

static void *take(size_t count, size_t size)
{
    void *const memory = malloc(count > 0 ? count * size : 1);
    require(memory != NULL);
    return memory;
}

static void write_number(spae_json_writer *w, const spae_json_node *node)
{
    int64_t integer;
    double number;
    if (spae_json_integer(node, INT64_MIN, INT64_MAX, &integer, NULL) == SPAE_OK)
        spae_json_write_integer(w, integer);
    else if (spae_json_double(node, &number, NULL) == SPAE_OK)
        spae_json_write_double(w, number);
    else
        spae_json_write_null(w); /* beyond binary64 */
}

static void write_string(spae_json_writer *w, const spae_json_node *node)
{
    size_t length;
    char *const text = take(node->length + 1, 1);
    require(spae_json_string(node, text, node->length + 1, &length, NULL) == SPAE_OK);
    spae_json_write_string(w, text, length);
    free(text);
}

static void write_value(spae_json_writer *w, const spae_json_node *nodes,
                        const spae_json_node *node);

/* Members whose keys hold U+0000 are left out: the writer takes terminated keys. */
static void write_member(spae_json_writer *w, const spae_json_node *nodes,
                         const spae_json_node *object, const spae_json_node *node)
{
    size_t length;
    char *const key = take(node->key_length + 1, 1);
    require(spae_json_key(node, key, node->key_length + 1, &length, NULL) == SPAE_OK);
    if (strlen(key) == length) {
        require(object->count > 64 || spae_json_member(nodes, object, key) == node);
        spae_json_write_key(w, key);
        write_value(w, nodes, node);
    }
    free(key);
}

static void write_children(spae_json_writer *w, const spae_json_node *nodes,
                           const spae_json_node *parent)
{
    const spae_json_node *child = spae_json_first(nodes, parent);
    uint32_t count = 0;
    spae_json_write_open(w, parent->type == SPAE_JSON_OBJECT ? '{' : '[');
    for (; child != NULL; child = spae_json_next(nodes, child), count++) {
        if (parent->type == SPAE_JSON_OBJECT)
            write_member(w, nodes, parent, child);
        else
            write_value(w, nodes, child);
    }
    spae_json_write_close(w);
    require(count == parent->count);
}

static void write_value(spae_json_writer *w, const spae_json_node *nodes,
                        const spae_json_node *node)
{
    bool truth = false;
    if (node->type == SPAE_JSON_ARRAY || node->type == SPAE_JSON_OBJECT) {
        write_children(w, nodes, node);
    } else if (node->type == SPAE_JSON_STRING) {
        write_string(w, node);
    } else if (node->type == SPAE_JSON_NUMBER) {
        write_number(w, node);
    } else if (node->type == SPAE_JSON_BOOL) {
        require(spae_json_boolean(node, &truth, NULL) == SPAE_OK);
        spae_json_write_boolean(w, truth);
    } else {
        spae_json_write_null(w);
    }
}

/* Reads a text and writes it again, to memory that the caller frees; NULL when it is not JSON. */
static char *rewritten(const char *text, size_t length, size_t *written)
{
    const size_t bound = spae_json_bound(text, length);
    spae_json_node *const nodes = take(bound, sizeof *nodes);
    spae_json_writer w;
    size_t count = 0;
    char *out = NULL;
    const spae_status status = spae_json_parse(text, length, nodes, bound, &count, NULL);
    require(status == SPAE_OK || status == SPAE_ERR_FORMAT);
    if (status == SPAE_OK) {
        require(count >= 1 && count <= bound);
        spae_json_write_start(&w, NULL, 0);
        write_value(&w, nodes, nodes);
        require(spae_json_write_finish(&w, written, NULL) == SPAE_OK);
        out = take(*written, 1);
        spae_json_write_start(&w, out, *written);
        write_value(&w, nodes, nodes);
        require(spae_json_write_finish(&w, written, NULL) == SPAE_OK);
    }
    free(nodes);
    return out;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t once_length = 0, twice_length = 0;
    char *const once = rewritten((const char *)data, size, &once_length);
    if (once != NULL) {
        char *const twice = rewritten(once, once_length, &twice_length);
        require(twice != NULL && twice_length == once_length);
        require(memcmp(once, twice, once_length) == 0);
        free(twice);
    }
    free(once);
    return 0;
}
