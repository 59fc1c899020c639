/* Token files in JSON (SPEC 8.15): written in two passes (count, write), read strictly where a value is known. */
#include "io/tokens_json.h"

#include <string.h>

#include "vendor_free/json.h"
#include "vendor_free/numerics.h"

/* ---- writing ---------------------------------------------------------------------------------------- */

static void write_size(spae_json_writer *w, const size_t size[3])
{
    spae_json_write_open(w, '[');
    for (size_t i = 0; i < 3; i++)
        spae_json_write_integer(w, (int64_t)size[i]);
    spae_json_write_close(w);
}

static void write_margins(spae_json_writer *w, const double *margin, size_t count)
{
    spae_json_write_key(w, "margins");
    spae_json_write_open(w, '[');
    for (size_t i = 0; i < count; i++) {
        if (margin[i] <= SPAE_DOUBLE_MAX)
            spae_json_write_double(w, margin[i]);
        else
            spae_json_write_null(w); /* +inf: a vocabulary of one word */
    }
    spae_json_write_close(w);
}

static void write_layer(spae_json_writer *w, const spae_tokens_model *model, size_t layer,
                        const int32_t *token, const double *margin)
{
    const size_t n = spae_pyramid_tokens(&model->pyramid, layer);
    spae_json_write_open(w, '{');
    spae_json_write_key(w, "size");
    write_size(w, model->pyramid.size[layer]);
    spae_json_write_key(w, "ids");
    spae_json_write_open(w, '[');
    for (size_t i = 0; i < n; i++)
        spae_json_write_integer(w, token[i]);
    spae_json_write_close(w);
    spae_json_write_key(w, "words");
    spae_json_write_open(w, '[');
    for (size_t i = 0; i < n; i++)
        spae_json_write_string(w, model->words.word[token[i]], strlen(model->words.word[token[i]]));
    spae_json_write_close(w);
    if (margin != NULL)
        write_margins(w, margin, n);
    spae_json_write_close(w);
}

static void write_picture(spae_json_writer *w, const spae_tokens_model *model, const spae_tokens *tokens,
                          size_t picture)
{
    size_t at = picture * spae_pyramid_total(&model->pyramid, tokens->layers);
    spae_json_write_open(w, '{');
    spae_json_write_key(w, "model");
    spae_json_write_string(w, model->name, strlen(model->name));
    spae_json_write_key(w, "pyramid");
    spae_json_write_open(w, '[');
    for (size_t l = 0; l < model->pyramid.layers; l++)
        write_size(w, model->pyramid.size[l]);
    spae_json_write_close(w);
    spae_json_write_key(w, "layers");
    spae_json_write_open(w, '[');
    for (size_t l = 0; l < tokens->layers; l++) {
        write_layer(w, model, l, tokens->token + at, tokens->margin != NULL ? tokens->margin + at : NULL);
        at += spae_pyramid_tokens(&model->pyramid, l);
    }
    spae_json_write_close(w);
    spae_json_write_close(w);
}

static spae_status write_all(const spae_tokens_model *model, const spae_tokens *tokens, char *out,
                             size_t capacity, size_t *length, spae_error *err)
{
    spae_json_writer w;
    spae_json_write_start(&w, out, capacity);
    if (tokens->pictures > 1)
        spae_json_write_open(&w, '[');
    for (size_t p = 0; p < tokens->pictures; p++)
        write_picture(&w, model, tokens, p);
    if (tokens->pictures > 1)
        spae_json_write_close(&w);
    return spae_json_write_finish(&w, length, err);
}

spae_status spae_tokens_write_json(const spae_tokens_model *model, const spae_tokens *tokens,
                                   spae_arena *arena, const uint8_t **bytes, size_t *size, spae_error *err)
{
    size_t length = 0;
    spae_status status = write_all(model, tokens, NULL, 0, &length, err);
    if (status != SPAE_OK)
        return status;
    char *text = spae_arena_take(arena, length + 1, 1);
    if (text == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "tokens: no memory for %zu bytes of JSON", length + 1);
    status = write_all(model, tokens, text, length, &length, err);
    text[length] = '\n';
    if (status == SPAE_OK) {
        *bytes = (uint8_t *)text;
        *size = length + 1;
    }
    return status;
}

/* ---- reading ---------------------------------------------------------------------------------------- */

typedef struct {
    const spae_tokens_model *model;
    const char *name;
    const char *text;
    const spae_json_node *nodes;
    char *scratch;       /* as long as the file: any of its strings, unescaped */
    size_t scratch_room;
    spae_tokens tokens;
    size_t count;        /* tokens read */
} json_reader;

/* "digits.json: byte 40: ..." */
static spae_status fails_at(const json_reader *r, const spae_json_node *node, spae_error *err, const char *text)
{
    return spae_fail(err, SPAE_ERR_FORMAT, "%s: byte %zu: %s", r->name, (size_t)(node->text - r->text), text);
}

/* [t,h,w], as the pyramid has it. */
static spae_status check_size(const json_reader *r, const spae_json_node *node, size_t layer, spae_error *err)
{
    const size_t *due = r->model->pyramid.size[layer];
    const spae_json_node *number = spae_json_first(r->nodes, node);
    int64_t value = -1;
    bool same = node->type == SPAE_JSON_ARRAY && node->count == 3;
    for (size_t i = 0; same && i < 3; i++, number = spae_json_next(r->nodes, number))
        same = spae_json_integer(number, 0, INT64_MAX, &value, NULL) == SPAE_OK && (uint64_t)value == due[i];
    if (!same)
        return spae_fail(err, SPAE_ERR_FORMAT, "%s: byte %zu: the model's layer %zu has the size [%zu,%zu,%zu]",
                         r->name, (size_t)(node->text - r->text), layer + 1, due[0], due[1], due[2]);
    return SPAE_OK;
}

static spae_status check_pyramid(const json_reader *r, const spae_json_node *node, spae_error *err)
{
    if (node->type != SPAE_JSON_ARRAY || node->count != r->model->pyramid.layers)
        return spae_fail(err, SPAE_ERR_FORMAT, "%s: byte %zu: expected the sizes of the model's %zu layers",
                         r->name, (size_t)(node->text - r->text), r->model->pyramid.layers);
    const spae_json_node *size = spae_json_first(r->nodes, node);
    for (size_t l = 0; size != NULL; l++, size = spae_json_next(r->nodes, size)) {
        const spae_status status = check_size(r, size, l, err);
        if (status != SPAE_OK)
            return status;
    }
    return SPAE_OK;
}

static spae_status read_json_id(const json_reader *r, const spae_json_node *node, int32_t *token, spae_error *err)
{
    int64_t value = 0;
    if (spae_json_integer(node, 0, (int64_t)r->model->words.V - 1, &value, NULL) != SPAE_OK)
        return spae_fail(err, SPAE_ERR_FORMAT, "%s: byte %zu: expected a token number from 0 to %zu", r->name,
                         (size_t)(node->text - r->text), r->model->words.V - 1);
    *token = (int32_t)value;
    return SPAE_OK;
}

static spae_status read_json_word(const json_reader *r, const spae_json_node *node, int32_t *token,
                                  spae_error *err)
{
    char quote[SPAE_WORDS_QUOTE];
    size_t length = 0;
    if (spae_json_string(node, r->scratch, r->scratch_room, &length, NULL) != SPAE_OK)
        return fails_at(r, node, err, "expected a word in quotes");
    if (!spae_words_find(&r->model->words, r->scratch, length, token))
        return spae_fail(err, SPAE_ERR_FORMAT, "%s: byte %zu: %s: no word of the vocabulary", r->name,
                         (size_t)(node->text - r->text), spae_words_quote(r->scratch, length, quote));
    return SPAE_OK;
}

typedef spae_status read_one(const json_reader *r, const spae_json_node *node, int32_t *token, spae_error *err);

/* The array of `due` tokens; into `token`. */
static spae_status read_array(const json_reader *r, const spae_json_node *node, size_t layer, read_one *read,
                              int32_t *token, spae_error *err)
{
    const size_t due = spae_pyramid_tokens(&r->model->pyramid, layer);
    if (node->type != SPAE_JSON_ARRAY || node->count != due)
        return spae_fail(err, SPAE_ERR_FORMAT, "%s: byte %zu: expected the %zu tokens of layer %zu", r->name,
                         (size_t)(node->text - r->text), due, layer + 1);
    const spae_json_node *item = spae_json_first(r->nodes, node);
    for (size_t i = 0; item != NULL; i++, item = spae_json_next(r->nodes, item)) {
        const spae_status status = read(r, item, &token[i], err);
        if (status != SPAE_OK)
            return status;
    }
    return SPAE_OK;
}

/* "ids" were read into `token`: "words" must be theirs. */
static spae_status check_words(const json_reader *r, const spae_json_node *node, size_t layer,
                               const int32_t *token, spae_error *err)
{
    const spae_json_node *item = spae_json_first(r->nodes, node);
    if (node->type != SPAE_JSON_ARRAY || node->count != spae_pyramid_tokens(&r->model->pyramid, layer))
        return fails_at(r, node, err, "expected as many words as ids");
    for (size_t i = 0; item != NULL; i++, item = spae_json_next(r->nodes, item)) {
        const char *due = r->model->words.word[token[i]];
        size_t length = 0;
        if (spae_json_string(item, r->scratch, r->scratch_room, &length, NULL) != SPAE_OK ||
            length != strlen(due) || memcmp(r->scratch, due, length) != 0)
            return spae_fail(err, SPAE_ERR_FORMAT, "%s: byte %zu: token %d of this model is another word",
                             r->name, (size_t)(item->text - r->text), (int)token[i]);
    }
    return SPAE_OK;
}

static spae_status read_layer(json_reader *r, const spae_json_node *node, size_t layer, spae_error *err)
{
    const spae_json_node *size = spae_json_member(r->nodes, node, "size");
    const spae_json_node *ids = spae_json_member(r->nodes, node, "ids");
    const spae_json_node *words = spae_json_member(r->nodes, node, "words");
    int32_t *token = r->tokens.token + r->count;
    if (ids == NULL && words == NULL)
        return fails_at(r, node, err, "expected a layer with \"ids\" or \"words\"");
    spae_status status = size != NULL ? check_size(r, size, layer, err) : SPAE_OK;
    if (status == SPAE_OK && ids != NULL)
        status = read_array(r, ids, layer, read_json_id, token, err);
    if (status == SPAE_OK && ids != NULL && words != NULL)
        status = check_words(r, words, layer, token, err);
    if (status == SPAE_OK && ids == NULL)
        status = read_array(r, words, layer, read_json_word, token, err);
    r->count += spae_pyramid_tokens(&r->model->pyramid, layer);
    return status;
}

static spae_status read_picture(json_reader *r, const spae_json_node *node, spae_error *err)
{
    const spae_json_node *pyramid = spae_json_member(r->nodes, node, "pyramid");
    const spae_json_node *layers = spae_json_member(r->nodes, node, "layers");
    if (layers == NULL || layers->type != SPAE_JSON_ARRAY || layers->count == 0 ||
        layers->count > r->model->pyramid.layers)
        return spae_fail(err, SPAE_ERR_FORMAT, "%s: byte %zu: expected an object with 1 to %zu \"layers\"",
                         r->name, (size_t)(node->text - r->text), r->model->pyramid.layers);
    if (r->tokens.pictures > 0 && layers->count != r->tokens.layers)
        return fails_at(r, layers, err, "this picture has another number of layers than those before");
    spae_status status = pyramid != NULL ? check_pyramid(r, pyramid, err) : SPAE_OK;
    const spae_json_node *layer = spae_json_first(r->nodes, layers);
    for (size_t l = 0; layer != NULL && status == SPAE_OK; l++, layer = spae_json_next(r->nodes, layer))
        status = read_layer(r, layer, l, err);
    r->tokens.layers = layers->count;
    r->tokens.pictures++;
    return status;
}

/* One object, or an array of them. */
static spae_status read_pictures(json_reader *r, spae_error *err)
{
    const spae_json_node *whole = &r->nodes[0];
    if (whole->type != SPAE_JSON_ARRAY)
        return read_picture(r, whole, err);
    if (whole->count == 0)
        return fails_at(r, whole, err, "expected at least one picture");
    spae_status status = SPAE_OK;
    const spae_json_node *picture = spae_json_first(r->nodes, whole);
    for (; picture != NULL && status == SPAE_OK; picture = spae_json_next(r->nodes, picture))
        status = read_picture(r, picture, err);
    return status;
}

spae_status spae_tokens_read_json(const spae_tokens_model *model, const char *name, const uint8_t *bytes,
                                  size_t size, spae_arena *arena, spae_tokens *tokens, spae_error *err)
{
    spae_error why;
    json_reader r = {.model = model, .name = name, .text = (const char *)bytes, .scratch_room = size + 1};
    r.tokens.token = spae_arena_take(arena, size / 2 + 1, sizeof *r.tokens.token); /* two bytes each */
    const spae_arena_mark mark = spae_arena_here(arena);
    const size_t room = spae_json_bound(r.text, size);
    spae_json_node *nodes = spae_arena_take(arena, room, sizeof *nodes);
    r.nodes = nodes;
    r.scratch = spae_arena_take(arena, r.scratch_room, 1);
    spae_status status;
    if (r.tokens.token == NULL || nodes == NULL || r.scratch == NULL)
        status = spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for %zu values of JSON", name, room);
    else if ((status = spae_json_parse(r.text, size, nodes, room, NULL, &why)) != SPAE_OK)
        status = spae_fail(err, status, "%s: %s", name, why.text);
    else if ((status = read_pictures(&r, err)) == SPAE_OK)
        *tokens = r.tokens;
    if (status == SPAE_OK) /* on failure the caller drops all */
        spae_arena_reset(arena, mark);
    return status;
}
