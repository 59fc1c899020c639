/* tokenizer.json and vocab.json (SPEC 8.29): the tokens, their numbers, and which model makes them. */
#include <string.h>

#include "io/tokenizer_parts.h"

enum { NAME = 40, UNIGRAM_LONGEST = 512 };

spae_status spae_token_at(spae_status status, const char *place, spae_error *err)
{
    if (status != SPAE_OK && err != NULL) {
        const spae_error inner = *err;
        (void)spae_fail(err, status, "%s: %s", place, inner.text);
    }
    return status;
}

static bool is_null(const spae_json_node *node)
{
    return node == NULL || node->type == SPAE_JSON_NULL;
}

static spae_status no_memory(const spae_token_making *m)
{
    return spae_fail(m->err, SPAE_ERR_NO_MEMORY, "no memory for %zu tokens", m->room);
}

/* "added_tokens 3: " before a failure. */
static spae_status at_item(spae_status status, const char *list, size_t number, spae_error *err)
{
    spae_error place;
    (void)spae_fail(&place, status, "%s %zu", list, number);
    return spae_token_at(status, place.text, err);
}

/* ---- tokens ---------------------------------------------------------------------------------------------- */

/* Tables with room for all tokens, and for their texts. */
static spae_status start(spae_token_making *m, size_t room, size_t bytes)
{
    spae_arena *arena = m->sources->arena;
    m->room = room;
    m->pool_room = bytes;
    if (room > INT32_MAX)
        return no_memory(m);
    spae_status status = spae_token_table_start(&m->model->key, room, arena, m->err);
    if (status == SPAE_OK)
        status = spae_token_table_start(&m->model->bytes, room, arena, m->err);
    m->model->hidden = spae_arena_take_zeroed(arena, room, sizeof *m->model->hidden);
    m->pool = spae_arena_take(arena, bytes, 1);
    if (status == SPAE_OK && (m->model->hidden == NULL || m->pool == NULL))
        status = no_memory(m);
    return status;
}

static void set(spae_token_table *table, int32_t id, const char *text, size_t length)
{
    table->text[id] = text;
    table->length[id] = (uint32_t)length;
}

/* A token of the vocabulary with this text, length bytes at the end of the pool. */
static spae_status place(spae_token_making *m, int32_t id, size_t length)
{
    spae_token_model *model = m->model;
    char *text = m->pool + m->used;
    size_t bytes = length;
    if (model->bytes.text[id] != NULL)
        return spae_fail(m->err, SPAE_ERR_FORMAT, "two tokens have the id %d", (int)id);
    const bool reachable = !model->of_bytes || spae_token_to_bytes(text, length, text, &bytes);
    if (reachable)
        set(&model->key, id, text, bytes);
    set(&model->bytes, id, text, bytes);
    m->used += length;
    return SPAE_OK;
}

/* {"text":id,..} */
static spae_status read_object(spae_token_making *m, const spae_json_node *vocab)
{
    spae_status status = SPAE_OK;
    for (const spae_json_node *node = spae_json_first(m->nodes, vocab); node != NULL && status == SPAE_OK;
         node = spae_json_next(m->nodes, node)) {
        int64_t id = 0;
        size_t length = 0;
        status = spae_json_integer(node, 0, (int64_t)m->room - 1, &id, m->err);
        if (status == SPAE_OK)
            status = spae_json_key(node, m->pool + m->used, m->pool_room - m->used, &length, m->err);
        if (status == SPAE_OK)
            status = place(m, (int32_t)id, length);
    }
    return spae_token_at(status, "vocab", m->err);
}

static spae_status read_scored(spae_token_making *m, const spae_json_node *item, int32_t id)
{
    const spae_json_node *text = spae_json_first(m->nodes, item);
    size_t length = 0;
    if (item->type != SPAE_JSON_ARRAY || item->count != 2 || text->type != SPAE_JSON_STRING)
        return spae_fail(m->err, SPAE_ERR_FORMAT, "expected [TEXT,SCORE]");
    spae_status status = spae_json_string(text, m->pool + m->used, m->pool_room - m->used, &length, m->err);
    if (status == SPAE_OK && length > UNIGRAM_LONGEST)
        return spae_fail(m->err, SPAE_ERR_FORMAT, "a token of %zu bytes: at most %d are allowed", length, (int)UNIGRAM_LONGEST);
    if (status == SPAE_OK)
        status = spae_json_double(spae_json_next(m->nodes, text), &m->model->score[id], m->err);
    return status == SPAE_OK ? place(m, id, length) : status;
}

/* [["text",score],..] */
static spae_status read_list(spae_token_making *m, const spae_json_node *vocab)
{
    const double unknown_penalty = 10;
    spae_token_model *model = m->model;
    double least = 0;
    int32_t id = 0;
    model->score = spae_arena_take(m->sources->arena, m->room, sizeof *model->score);
    if (model->score == NULL)
        return no_memory(m);
    for (const spae_json_node *node = spae_json_first(m->nodes, vocab); node != NULL; node = spae_json_next(m->nodes, node)) {
        const spae_status status = read_scored(m, node, id);
        if (status != SPAE_OK)
            return at_item(status, "model.vocab", (size_t)id, m->err);
        least = id == 0 || model->score[id] < least ? model->score[id] : least;
        id++;
    }
    model->unknown_score = least - unknown_penalty;
    return SPAE_OK;
}

/* Bytes that all texts of the vocabulary may need, with a zero behind each. */
static size_t bytes_of(const spae_json_node *nodes, const spae_json_node *vocab)
{
    size_t bytes = 1;
    for (const spae_json_node *node = spae_json_first(nodes, vocab); node != NULL; node = spae_json_next(nodes, node))
        bytes += vocab->type == SPAE_JSON_OBJECT ? node->key_length + 1 : node->length + 1;
    return bytes;
}

/* ---- added tokens ---------------------------------------------------------------------------------------- */

static bool same(const spae_token_table *table, int32_t id, const char *text, size_t length)
{
    return table->length[id] == length && memcmp(table->text[id], text, length) == 0;
}

/* Is it the text of the vocabulary's token? In a byte-level one it may stand there by its characters. */
static bool is_text_of(const spae_token_making *m, int32_t id, const char *text, size_t length, char *spare)
{
    size_t bytes = 0;
    return same(&m->model->bytes, id, text, length) ||
           (m->model->of_bytes && spae_token_to_bytes(text, length, spare, &bytes) && same(&m->model->bytes, id, spare, bytes));
}

/* {"id":..,"content":..,"special":..}: a token of the vocabulary, or a further one. */
static spae_status read_added(spae_token_making *m, const spae_json_node *item)
{
    const spae_json_node *id_node = spae_json_member(m->nodes, item, "id");
    const spae_json_node *content = spae_json_member(m->nodes, item, "content");
    const spae_json_node *flag = spae_json_member(m->nodes, item, "special");
    spae_token_model *model = m->model;
    int64_t id = 0;
    size_t length = 0;
    bool special = false;
    if (id_node == NULL || content == NULL || content->type != SPAE_JSON_STRING)
        return spae_fail(m->err, SPAE_ERR_FORMAT, "expected {\"id\":NUMBER,\"content\":TEXT,..}");
    spae_status status = spae_json_integer(id_node, 0, (int64_t)m->room - 1, &id, m->err);
    char *text = spae_arena_take(m->sources->arena, content->length + 1, 2);
    if (status == SPAE_OK && text == NULL)
        status = no_memory(m);
    if (status == SPAE_OK)
        status = spae_json_string(content, text, content->length + 1, &length, m->err);
    if (status == SPAE_OK && !is_null(flag))
        status = spae_json_boolean(flag, &special, m->err);
    if (status != SPAE_OK)
        return status;
    if (model->bytes.text[id] == NULL)
        set(&model->bytes, (int32_t)id, text, length);
    else if (!is_text_of(m, (int32_t)id, text, length, text + length + 1))
        return spae_fail(m->err, SPAE_ERR_FORMAT, "another token has the id %d", (int)id);
    model->hidden[id] = model->hidden[id] || special;
    return SPAE_OK;
}

static spae_status read_all_added(spae_token_making *m, const spae_json_node *added)
{
    size_t number = 0;
    if (is_null(added))
        return SPAE_OK;
    for (const spae_json_node *node = spae_json_first(m->nodes, added); node != NULL; node = spae_json_next(m->nodes, node)) {
        const spae_status status = read_added(m, node);
        if (status != SPAE_OK)
            return at_item(status, "added_tokens", number, m->err);
        number++;
    }
    return SPAE_OK;
}

/* Every id from 0 on has a token; texts are different. */
static spae_status check(spae_token_making *m)
{
    spae_token_model *model = m->model;
    size_t V = m->room;
    while (V > 0 && model->bytes.text[V - 1] == NULL)
        V--;
    if (V == 0)
        return spae_fail(m->err, SPAE_ERR_FORMAT, "vocab: there are no tokens");
    for (size_t i = 0; i < V; i++)
        if (model->bytes.text[i] == NULL)
            return spae_fail(m->err, SPAE_ERR_FORMAT, "vocab: no token has the id %zu, though there are higher ones", i);
    model->key.V = model->bytes.V = V;
    const spae_status status = spae_token_table_sort(&model->key, m->sources->scratch, m->err);
    for (size_t i = 1; i < model->key.sorted && status == SPAE_OK; i++) {
        const uint32_t a = model->key.token[i - 1], b = model->key.token[i];
        if (model->key.length[a] == model->key.length[b] && same(&model->key, (int32_t)a, model->key.text[b], model->key.length[b]))
            return spae_fail(m->err, SPAE_ERR_FORMAT, "vocab: the tokens %u and %u have the same text", (unsigned)a, (unsigned)b);
    }
    return status;
}

/* Special tokens add nothing to a text. */
static void hide(spae_token_model *model)
{
    for (size_t i = 0; i < model->bytes.V; i++)
        if (model->hidden[i])
            set(&model->bytes, (int32_t)i, NULL, 0);
}

/* ---- the model ------------------------------------------------------------------------------------------- */

static spae_status flag_of(const spae_token_making *m, const spae_json_node *model, const char *key, bool missing, bool *flag)
{
    const spae_json_node *member = spae_json_member(m->nodes, model, key);
    *flag = missing;
    return is_null(member) ? SPAE_OK : spae_token_at(spae_json_boolean(member, flag, m->err), "model", m->err);
}

/* <0x00> .. <0xFF>, as many as there are. They add their byte to a text. */
static spae_status read_byte_tokens(const spae_token_making *m)
{
    static const char hex[] = "0123456789ABCDEF";
    spae_token_model *model = m->model;
    char name[] = "<0x00>", *bytes = spae_arena_take(m->sources->arena, 256, 1);
    if (bytes == NULL)
        return no_memory(m);
    for (unsigned b = 0; b < 256; b++) {
        bytes[b] = (char)b;
        name[3] = hex[b >> 4];
        name[4] = hex[b & 15];
        const int32_t token = spae_token_table_find(&model->key, name, sizeof name - 1);
        model->byte_token[b] = token;
        if (token < 0)
            continue;
        model->hidden[token] = true;
        set(&model->bytes, token, bytes + b, 1);
    }
    return SPAE_OK;
}

/* Members of a BPE that would change tokens in ways that are not known here. */
static spae_status refuse_unknown(const spae_token_making *m, const spae_json_node *model)
{
    static const char *const keys[] = {"dropout", "continuing_subword_prefix", "end_of_word_suffix"};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        const spae_json_node *member = spae_json_member(m->nodes, model, keys[i]);
        double number = 1;
        const bool is_zero = !is_null(member) && spae_json_double(member, &number, NULL) == SPAE_OK && number == 0;
        if (!is_null(member) && !is_zero && !(member->type == SPAE_JSON_STRING && member->length == 0))
            return spae_fail(m->err, SPAE_ERR_FORMAT, "model.%s: only null is known", keys[i]);
    }
    return SPAE_OK;
}

/* "unk_token" of a BPE, a text; "unk_id" of a Unigram. */
static spae_status read_unknown(const spae_token_making *m, const spae_json_node *model, const spae_json_node *added)
{
    const spae_json_node *text = spae_json_member(m->nodes, model, "unk_token");
    const spae_json_node *number = spae_json_member(m->nodes, model, "unk_id");
    int64_t id = -1;
    if (m->model->method == SPAE_TOKEN_UNIGRAM && !is_null(number)) {
        const spae_status status = spae_json_integer(number, 0, (int64_t)m->model->bytes.V - 1, &id, m->err);
        if (status != SPAE_OK)
            return spae_token_at(status, "model", m->err);
    } else if (m->model->method == SPAE_TOKEN_MERGES && !is_null(text)) {
        char name[256];
        size_t length = 0;
        if (spae_json_string(text, name, sizeof name, &length, NULL) == SPAE_OK)
            id = spae_token_named(m, added, name, length);
        if (id < 0)
            return spae_fail(m->err, SPAE_ERR_FORMAT, "model.unk_token: there is no such token");
    }
    m->model->unknown = (int32_t)id;
    if (id >= 0)
        m->model->hidden[id] = true;
    return SPAE_OK;
}

static spae_status method_of(const spae_token_making *m, const spae_json_node *model, const spae_json_node *vocab)
{
    char type[NAME];
    const spae_json_node *member = spae_json_member(m->nodes, model, "type");
    const bool is_list = !is_null(vocab) && vocab->type == SPAE_JSON_ARRAY;
    if (member == NULL) /* older files */
        strcpy(type, is_list ? "Unigram" : "BPE");
    else if (spae_json_string(member, type, sizeof type, NULL, NULL) != SPAE_OK)
        strcpy(type, "?");
    if (strcmp(type, "BPE") != 0 && strcmp(type, "Unigram") != 0)
        return spae_fail(m->err, SPAE_ERR_FORMAT, "model.type: %s is not known, BPE and Unigram are", type);
    m->model->method = type[0] == 'B' ? SPAE_TOKEN_MERGES : SPAE_TOKEN_UNIGRAM;
    if (is_null(vocab) || vocab->type != (type[0] == 'B' ? SPAE_JSON_OBJECT : SPAE_JSON_ARRAY))
        return spae_fail(m->err, SPAE_ERR_FORMAT, "model.vocab: expected %s", type[0] == 'B' ? "{TEXT:ID,..}" : "[[TEXT,SCORE],..]");
    return SPAE_OK;
}

static spae_status read_stages(spae_token_making *m)
{
    const spae_json_node *normalizer = spae_json_member(m->nodes, m->nodes, "normalizer");
    const spae_json_node *pre = spae_json_member(m->nodes, m->nodes, "pre_tokenizer");
    const spae_status status = spae_token_stages_read(&m->model->stages, m->nodes, normalizer, pre, &m->model->of_bytes,
                                                      m->sources->arena, m->err);
    if (status == SPAE_OK && m->model->of_bytes && m->model->method == SPAE_TOKEN_UNIGRAM)
        return spae_fail(m->err, SPAE_ERR_FORMAT, "ByteLevel: not known with a Unigram");
    return status;
}

/* The tokens, and those that are added. */
static spae_status read_tokens(spae_token_making *m, const spae_json_node *vocab, const spae_json_node *added)
{
    const size_t further = is_null(added) ? 0 : added->count;
    if (!is_null(added) && added->type != SPAE_JSON_ARRAY)
        return spae_fail(m->err, SPAE_ERR_FORMAT, "added_tokens: expected a list");
    spae_status status = start(m, vocab->count + further, bytes_of(m->nodes, vocab));
    if (status == SPAE_OK)
        status = vocab->type == SPAE_JSON_OBJECT ? read_object(m, vocab) : read_list(m, vocab);
    if (status == SPAE_OK)
        status = read_all_added(m, added);
    return status == SPAE_OK ? check(m) : status;
}

static spae_status read_model(spae_token_making *m, const spae_json_node *model, const spae_json_node *added)
{
    bool fallback = false;
    const bool is_bpe = m->model->method == SPAE_TOKEN_MERGES;
    spae_status status = is_bpe ? refuse_unknown(m, model) : SPAE_OK;
    if (status == SPAE_OK)
        status = flag_of(m, model, "byte_fallback", false, &fallback);
    if (status == SPAE_OK)
        status = flag_of(m, model, "fuse_unk", !is_bpe, &m->model->fuse_unknown);
    if (status == SPAE_OK)
        status = flag_of(m, model, "ignore_merges", false, &m->model->whole_first);
    if (status == SPAE_OK)
        status = read_unknown(m, model, added);
    if (status == SPAE_OK) {
        hide(m->model);
        status = fallback ? read_byte_tokens(m) : SPAE_OK;
    }
    if (status == SPAE_OK && is_bpe)
        status = spae_token_merges_json(m, spae_json_member(m->nodes, model, "merges"));
    return status;
}

static spae_status read_json(spae_token_making *m)
{
    const spae_json_node *added = spae_json_member(m->nodes, m->nodes, "added_tokens");
    const spae_json_node *model = spae_json_member(m->nodes, m->nodes, "model");
    const spae_json_node *vocab = spae_json_member(m->nodes, model, "vocab");
    spae_status status = method_of(m, model, vocab);
    if (status == SPAE_OK)
        status = read_stages(m);
    if (status == SPAE_OK)
        status = read_tokens(m, vocab, added);
    if (status == SPAE_OK)
        status = read_model(m, model, added);
    if (status == SPAE_OK)
        status = spae_token_decoder(m, spae_json_member(m->nodes, m->nodes, "decoder"));
    if (status == SPAE_OK)
        status = spae_token_ends(m, added, spae_json_member(m->nodes, m->nodes, "post_processor"));
    return status;
}

spae_status spae_token_json(const spae_token_sources *sources, spae_token_model *model, spae_error *err)
{
    spae_token_making m = {.sources = sources, .nodes = sources->nodes, .model = model, .err = err};
    spae_status status = read_json(&m);
    if (status == SPAE_OK && model->method == SPAE_TOKEN_UNIGRAM)
        spae_token_first_bytes(model);
    if (status == SPAE_OK)
        status = spae_token_model_finish(model,
                                         model->method == SPAE_TOKEN_UNIGRAM ? "Unigram"
                                         : model->of_bytes                   ? "byte-level BPE"
                                                                             : "SentencePiece BPE",
                                         sources->arena, err);
    return spae_token_at(status, sources->file.path, err);
}

/* ---- vocab.json and merges.txt --------------------------------------------------------------------------- */

/* GPT-2's own way to cut; with a blank before the text where tokenizer_config.json asks for it. */
static spae_status gpt2_stages(const spae_token_making *m)
{
    spae_token_stages *stages = &m->model->stages;
    const spae_json_node *config = m->sources->config;
    const spae_json_node *flag = config != NULL ? spae_json_member(config, config, "add_prefix_space") : NULL;
    bool before = false;
    spae_status status = SPAE_OK;
    if (!is_null(flag))
        status = spae_token_at(spae_json_boolean(flag, &before, m->err), m->sources->config_path, m->err);
    if (status == SPAE_OK && before)
        status = spae_token_stages_add(
            stages, (spae_token_stage){.op = SPAE_STAGE_BEGIN, .name = "add_prefix_space", .text = " ", .length = 1}, m->err);
    if (status == SPAE_OK)
        status = spae_token_stages_split(stages, "GPT-2", spae_token_gpt2_pattern, strlen(spae_token_gpt2_pattern),
                                         SPAE_SPLIT_ISOLATED, m->sources->arena, m->err);
    return status;
}

spae_status spae_token_vocab(const spae_token_sources *sources, spae_token_model *model, spae_error *err)
{
    spae_token_making m = {.sources = sources, .nodes = sources->nodes, .model = model, .err = err};
    model->of_bytes = true;
    spae_status status = spae_token_at(read_tokens(&m, m.nodes, NULL), sources->file.path, err);
    if (status == SPAE_OK)
        status = gpt2_stages(&m);
    if (status == SPAE_OK)
        status = spae_token_ends(&m, NULL, NULL);
    if (status == SPAE_OK) {
        hide(model);
        status = spae_token_at(spae_token_merges_lines(&m, &sources->merges), sources->merges.path, err);
    }
    return status == SPAE_OK ? spae_token_model_finish(model, "byte-level BPE", sources->arena, err) : status;
}
