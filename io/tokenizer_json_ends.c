/* What a tokenizer.json says besides its model: how tokens become text again, and which ones begin and end a text
 * (SPEC 8.29, 8.34). */
#include <string.h>

#include "io/tokenizer_parts.h"

enum { NAME = 256 };

static const char blank_sign[] = "\xe2\x96\x81"; /* U+2581, SentencePiece's blank */

static bool is_null(const spae_json_node *node)
{
    return node == NULL || node->type == SPAE_JSON_NULL;
}

static bool is_text(const spae_json_node *node, const char *text)
{
    char value[NAME];
    return !is_null(node) && spae_json_string(node, value, sizeof value, NULL, NULL) == SPAE_OK && strcmp(value, text) == 0;
}

/* ---- names ----------------------------------------------------------------------------------------------- */

int32_t spae_token_named(const spae_token_making *m, const spae_json_node *added, const char *name, size_t length)
{
    char bytes[NAME];
    size_t count = 0;
    const spae_json_node *node = is_null(added) ? NULL : spae_json_first(m->nodes, added);
    for (; node != NULL; node = spae_json_next(m->nodes, node)) {
        const spae_json_node *content = spae_json_member(m->nodes, node, "content");
        int64_t id = -1;
        if (is_text(content, name) && spae_json_integer(spae_json_member(m->nodes, node, "id"), 0, INT32_MAX, &id, NULL) == SPAE_OK)
            return (int32_t)id;
    }
    if (!m->model->of_bytes)
        return spae_token_table_find(&m->model->key, name, length);
    return length < sizeof bytes && spae_token_to_bytes(name, length, bytes, &count)
               ? spae_token_table_find(&m->model->key, bytes, count)
               : -1;
}

/* The first of these names that is a token. */
static int32_t first_named(const spae_token_making *m, const spae_json_node *added, const char *const *name)
{
    int32_t id = -1;
    for (size_t i = 0; name[i] != NULL && id < 0; i++)
        id = spae_token_named(m, added, name[i], strlen(name[i]));
    return id;
}

/* "bos_token": "<s>" or {"content":"<s>",..}, or null: there is none. False where the file does not say. */
static spae_status from_config(const spae_token_making *m, const spae_json_node *added, const char *key, bool *said, int32_t *id)
{
    const spae_json_node *config = m->sources->config;
    const spae_json_node *member = config != NULL ? spae_json_member(config, config, key) : NULL;
    char name[NAME];
    size_t length = 0;
    *said = member != NULL;
    if (is_null(member))
        return SPAE_OK;
    if (member->type == SPAE_JSON_OBJECT)
        member = spae_json_member(config, member, "content");
    *id = -1;
    if (!is_null(member) && spae_json_string(member, name, sizeof name, &length, NULL) == SPAE_OK)
        *id = spae_token_named(m, added, name, length);
    return *id >= 0 ? SPAE_OK
                    : spae_fail(m->err, SPAE_ERR_FORMAT, "%s: %s: there is no such token", m->sources->config_path, key);
}

/* ---- post-processors ------------------------------------------------------------------------------------- */

typedef struct {
    int32_t begin, end;
} ends;

static void name_end(const spae_token_making *m, const spae_json_node *added, const spae_json_node *name, int32_t *id)
{
    char text[NAME];
    size_t length = 0;
    if (!is_null(name) && spae_json_string(name, text, sizeof text, &length, NULL) == SPAE_OK)
        *id = spae_token_named(m, added, text, length);
}

/* "single": the special tokens before and behind the text, of several the outermost. */
static void from_template(const spae_token_making *m, const spae_json_node *added, const spae_json_node *single, ends *e)
{
    bool behind = false, begun = false;
    const spae_json_node *node = is_null(single) ? NULL : spae_json_first(m->nodes, single);
    for (; node != NULL; node = spae_json_next(m->nodes, node)) {
        const spae_json_node *special = spae_json_member(m->nodes, node, "SpecialToken");
        behind = behind || spae_json_member(m->nodes, node, "Sequence") != NULL;
        if (is_null(special) || (!behind && begun))
            continue;
        begun = begun || !behind;
        name_end(m, added, spae_json_member(m->nodes, special, "id"), behind ? &e->end : &e->begin);
    }
}

static void from_processor(const spae_token_making *m, const spae_json_node *added, const spae_json_node *processor, ends *e)
{
    const spae_json_node *type = is_null(processor) ? NULL : spae_json_member(m->nodes, processor, "type");
    if (is_text(type, "TemplateProcessing"))
        from_template(m, added, spae_json_member(m->nodes, processor, "single"), e);
    if (!is_text(type, "RobertaProcessing") && !is_text(type, "BertProcessing"))
        return;
    const spae_json_node *cls = spae_json_member(m->nodes, processor, "cls"), *sep = spae_json_member(m->nodes, processor, "sep");
    name_end(m, added, is_null(cls) ? NULL : spae_json_first(m->nodes, cls), &e->begin);
    name_end(m, added, is_null(sep) ? NULL : spae_json_first(m->nodes, sep), &e->end);
}

/* A post-processor, or each of a Sequence. */
static void from_processors(const spae_token_making *m, const spae_json_node *added, const spae_json_node *processor, ends *e)
{
    if (is_null(processor) || !is_text(spae_json_member(m->nodes, processor, "type"), "Sequence")) {
        from_processor(m, added, processor, e);
        return;
    }
    const spae_json_node *all = spae_json_member(m->nodes, processor, "processors");
    for (const spae_json_node *node = is_null(all) ? NULL : spae_json_first(m->nodes, all); node != NULL;
         node = spae_json_next(m->nodes, node))
        from_processor(m, added, node, e);
}

/* In this order: tokenizer_config.json, the post-processor, names that are usual. They are special where there is no list
 * of added tokens that says so. */
spae_status spae_token_ends(const spae_token_making *m, const spae_json_node *added, const spae_json_node *processor)
{
    static const char *const begins[] = {"<|begin_of_text|>", "<|endoftext|>", "<bos>", "<s>", NULL};
    static const char *const stops[] = {"<|end_of_text|>", "<|endoftext|>", "<eos>", "</s>", NULL};
    spae_token_model *model = m->model;
    ends e = {-1, -1}, config = {-1, -1};
    bool begin_said = false, end_said = false;
    spae_status status = from_config(m, added, "bos_token", &begin_said, &config.begin);
    if (status == SPAE_OK)
        status = from_config(m, added, "eos_token", &end_said, &config.end);
    if (status != SPAE_OK)
        return status;
    from_processors(m, added, processor, &e);
    e.begin = begin_said ? config.begin : e.begin >= 0 ? e.begin : first_named(m, added, begins);
    e.end = end_said ? config.end : e.end >= 0 ? e.end : first_named(m, added, stops);
    model->face.begin = e.begin;
    model->face.end = e.end;
    const int32_t text_end = added == NULL ? first_named(m, added, stops) : -1;
    const int32_t special[3] = {e.begin, e.end, text_end};
    for (size_t i = 0; i < 3 && added == NULL; i++)
        if (special[i] >= 0)
            model->hidden[special[i]] = true;
    return SPAE_OK;
}

/* ---- the decoder ----------------------------------------------------------------------------------------- */

typedef struct {
    char from[NAME], to[NAME]; /* in the texts of tokens; from empty: nothing is replaced */
    size_t from_length, to_length;
    bool strips; /* a blank at the beginning is dropped */
} decoder;

static spae_status unknown(const spae_token_making *m, const char *what)
{
    return spae_fail(m->err, SPAE_ERR_FORMAT, "decoder: %s", what);
}

static bool short_text(const spae_json_node *node, char text[NAME], size_t *length)
{
    return !is_null(node) && spae_json_string(node, text, NAME, length, NULL) == SPAE_OK;
}

static spae_status read_replace(const spae_token_making *m, const spae_json_node *node, decoder *d)
{
    const spae_json_node *pattern = spae_json_member(m->nodes, node, "pattern");
    const spae_json_node *from = is_null(pattern) ? NULL : spae_json_member(m->nodes, pattern, "String");
    if (d->from_length > 0 || !short_text(from, d->from, &d->from_length) || d->from_length == 0 ||
        !short_text(spae_json_member(m->nodes, node, "content"), d->to, &d->to_length))
        return unknown(m, "one Replace of a String by a text is known");
    return SPAE_OK;
}

static spae_status read_strip(const spae_token_making *m, const spae_json_node *node, decoder *d)
{
    const spae_json_node *start = spae_json_member(m->nodes, node, "start"), *stop = spae_json_member(m->nodes, node, "stop");
    int64_t first = 0, last = 0;
    if (is_null(start) || is_null(stop) || spae_json_integer(start, 0, 1, &first, NULL) != SPAE_OK ||
        spae_json_integer(stop, 0, 0, &last, NULL) != SPAE_OK || !is_text(spae_json_member(m->nodes, node, "content"), " "))
        return unknown(m, "only the Strip of at most one blank at the beginning is known");
    d->strips = d->strips || first > 0;
    return SPAE_OK;
}

static spae_status read_metaspace(const spae_token_making *m, const spae_json_node *node, decoder *d)
{
    const spae_json_node *sign = spae_json_member(m->nodes, node, "replacement");
    const spae_json_node *scheme = spae_json_member(m->nodes, node, "prepend_scheme");
    const spae_json_node *flag = spae_json_member(m->nodes, node, "add_prefix_space");
    bool before = true;
    if (!is_null(flag) && spae_json_boolean(flag, &before, NULL) != SPAE_OK)
        return unknown(m, "Metaspace: \"add_prefix_space\" is neither true nor false");
    if (is_null(sign) ? d->from_length > 0 : !short_text(sign, d->from, &d->from_length))
        return unknown(m, "Metaspace: a \"replacement\" that is not known");
    if (is_null(sign)) {
        memcpy(d->from, blank_sign, sizeof blank_sign);
        d->from_length = sizeof blank_sign - 1;
    }
    memcpy(d->to, " ", 2);
    d->to_length = 1;
    d->strips = is_null(scheme) ? before : !is_text(scheme, "never");
    return SPAE_OK;
}

static spae_status read_one(const spae_token_making *m, const spae_json_node *node, decoder *d)
{
    const spae_json_node *type = spae_json_member(m->nodes, node, "type");
    if (is_text(type, "Replace"))
        return read_replace(m, node, d);
    if (is_text(type, "Strip"))
        return read_strip(m, node, d);
    if (is_text(type, "Metaspace"))
        return read_metaspace(m, node, d);
    if (is_text(type, "ByteLevel") == m->model->of_bytes && (m->model->of_bytes || is_text(type, "ByteFallback") || is_text(type, "Fuse")))
        return SPAE_OK;
    return unknown(m, "a type that is not known, or not with this pre-tokenizer");
}

static spae_status read_decoder(const spae_token_making *m, const spae_json_node *node, decoder *d)
{
    spae_status status = SPAE_OK;
    if (!is_text(spae_json_member(m->nodes, node, "type"), "Sequence"))
        return read_one(m, node, d);
    const spae_json_node *all = spae_json_member(m->nodes, node, "decoders");
    if (is_null(all) || all->type != SPAE_JSON_ARRAY)
        return unknown(m, "expected a list \"decoders\"");
    for (node = spae_json_first(m->nodes, all); node != NULL && status == SPAE_OK; node = spae_json_next(m->nodes, node))
        status = read_one(m, node, d);
    return status;
}

/* Without a decoder: what undoes the stages. */
static void undo_stages(const spae_token_stages *stages, decoder *d)
{
    memcpy(d->from, blank_sign, sizeof blank_sign);
    d->from_length = sizeof blank_sign - 1;
    memcpy(d->to, " ", 2);
    d->to_length = 1;
    for (size_t i = 0; i < stages->count; i++)
        d->strips = d->strips || stages->stage[i].op == SPAE_STAGE_PREPEND || stages->stage[i].op == SPAE_STAGE_BEGIN;
}

/* How often `from` stands in a text; with `out`, the text with `to` in its places. */
static size_t replace_all(const decoder *d, const char *text, size_t length, char *out)
{
    size_t found = 0;
    for (size_t at = 0; at < length;) {
        const bool here = length - at >= d->from_length && memcmp(text + at, d->from, d->from_length) == 0;
        if (out != NULL)
            memcpy(out, here ? d->to : text + at, here ? d->to_length : 1);
        if (out != NULL)
            out += here ? d->to_length : 1;
        at += here ? d->from_length : 1;
        found += here;
    }
    return found;
}

/* The texts that decode adds, where they are others than the vocabulary's: in one block. */
static spae_status replace_in_tokens(const spae_token_making *m, const decoder *d)
{
    spae_token_table *t = &m->model->bytes;
    size_t bytes = 0;
    for (size_t i = 0; i < t->V; i++) {
        const size_t found = t->text[i] != NULL ? replace_all(d, t->text[i], t->length[i], NULL) : 0;
        bytes += found > 0 ? t->length[i] - found * d->from_length + found * d->to_length : 0;
        if (bytes > UINT32_MAX)
            return unknown(m, "the texts of tokens become too long");
    }
    char *out = spae_arena_take(m->sources->arena, bytes, 1);
    if (out == NULL)
        return spae_fail(m->err, SPAE_ERR_NO_MEMORY, "no memory for the texts of %zu tokens", t->V);
    for (size_t i = 0; i < t->V; i++) {
        const size_t found = t->text[i] != NULL ? replace_all(d, t->text[i], t->length[i], NULL) : 0;
        if (found == 0)
            continue;
        (void)replace_all(d, t->text[i], t->length[i], out);
        t->text[i] = out;
        t->length[i] = (uint32_t)(t->length[i] - found * d->from_length + found * d->to_length);
        out += t->length[i];
    }
    return SPAE_OK;
}

spae_status spae_token_decoder(const spae_token_making *m, const spae_json_node *node)
{
    decoder d = {.from_length = 0};
    spae_status status = SPAE_OK;
    if (!is_null(node))
        status = read_decoder(m, node, &d);
    else if (!m->model->of_bytes)
        undo_stages(&m->model->stages, &d);
    m->model->begins_blank = d.strips;
    return status == SPAE_OK && d.from_length > 0 ? replace_in_tokens(m, &d) : status;
}
