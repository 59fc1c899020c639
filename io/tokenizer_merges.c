/* The merges of a vocabulary, from tokenizer.json or merges.txt (SPEC 8.32): pairs of tokens, the first has rank 0. */
#include <string.h>

#include "io/tokenizer_parts.h"
#include "vendor_free/utf8.h"

/* The merges so far. */
typedef struct {
    const spae_token_making *m;
    spae_token_entry *entry; /* (count) in scratch */
    int32_t *merged;         /* (count) in scratch */
    size_t count;
    char *text; /* room for any two texts together */
} reading;

/* Bytes that can be printed stand for themselves, the 68 others for U+0100 on, in order. */
int spae_token_byte_of(uint32_t c)
{
    if ((c >= 33 && c <= 126) || (c >= 161 && c <= 172) || (c >= 174 && c <= 255))
        return (int)c;
    const uint32_t other = c - 256; /* wraps where c is below */
    if (c < 256 || other >= 68)
        return -1;
    return (int)(other < 33 ? other : other < 67 ? 127 + (other - 33) : 173);
}

bool spae_token_to_bytes(const char *text, size_t length, char *bytes, size_t *count)
{
    size_t n = 0;
    for (size_t at = 0, used; at < length; at += used, n++) {
        uint32_t c = 0;
        used = spae_utf8_decode((const uint8_t *)text + at, length - at, &c);
        const int byte = used > 0 ? spae_token_byte_of(c) : -1;
        if (byte < 0)
            return false;
        bytes[n] = (char)byte; /* n <= at: in place too */
    }
    *count = n;
    return true;
}

static spae_status refuse(const reading *r, const char *unit, size_t number, const char *why)
{
    return spae_fail(r->m->err, SPAE_ERR_FORMAT, "%s %zu: %s", unit, number, why);
}

/* Two texts, one behind the other in r->text: first a bytes, then b. */
static spae_status add(reading *r, size_t a, size_t b, const char *unit, size_t number)
{
    const spae_token_model *model = r->m->model;
    const char *second = r->text + a;
    if (model->of_bytes && (!spae_token_to_bytes(r->text, a, r->text, &a) || !spae_token_to_bytes(second, b, r->text + a, &b)))
        return refuse(r, unit, number, "a character that stands for no byte");
    const int32_t left = spae_token_table_find(&model->key, r->text, a);
    const int32_t right = spae_token_table_find(&model->key, r->text + a, b);
    const int32_t both = spae_token_table_find(&model->key, r->text, a + b);
    if (left < 0 || right < 0 || both < 0)
        return refuse(r, unit, number,
                      left < 0    ? "its first half is no token of the vocabulary"
                      : right < 0 ? "its second half is no token of the vocabulary"
                                  : "what it makes is no token of the vocabulary");
    if (model->hidden[both]) /* text never becomes a special token */
        return SPAE_OK;
    r->entry[r->count] = (spae_token_entry){(uint64_t)(uint32_t)left << 32 | (uint32_t)right, (uint32_t)r->count};
    r->merged[r->count++] = both;
    return SPAE_OK;
}

static spae_status start(reading *r, size_t count, size_t longest)
{
    spae_arena *scratch = r->m->sources->scratch;
    r->entry = spae_arena_take(scratch, count, sizeof *r->entry);
    r->merged = spae_arena_take(scratch, count, sizeof *r->merged);
    r->text = spae_arena_take(scratch, longest + 2, 1);
    if (r->entry == NULL || r->merged == NULL || r->text == NULL || count >= UINT32_MAX)
        return spae_fail(r->m->err, SPAE_ERR_NO_MEMORY, "no memory for %zu merges", count);
    return SPAE_OK;
}

static spae_status finish(const reading *r)
{
    return spae_token_merges_sort(r->m->model, r->entry, r->count, r->merged, r->m->sources->arena, r->m->err);
}

/* "a b" in r->text, cut at its only blank. */
static spae_status add_line(reading *r, size_t length, const char *unit, size_t number)
{
    char *blank = length > 0 ? memchr(r->text, ' ', length) : NULL;
    const size_t a = blank != NULL ? (size_t)(blank - r->text) : 0, b = blank != NULL ? length - a - 1 : 0;
    if (a == 0 || b == 0 || memchr(blank + 1, ' ', b) != NULL)
        return refuse(r, unit, number, "expected two tokens with a blank between them");
    memmove(blank, blank + 1, b);
    return add(r, a, b, unit, number);
}

/* ---- tokenizer.json -------------------------------------------------------------------------------------- */

/* "a b" or ["a","b"] */
static spae_status add_node(reading *r, const spae_json_node *node, size_t number)
{
    static const char unit[] = "model.merges";
    const spae_json_node *first = spae_json_first(r->m->nodes, node);
    const spae_json_node *second = first != NULL ? spae_json_next(r->m->nodes, first) : NULL;
    size_t a = 0, b = 0;
    if (node->type == SPAE_JSON_STRING) {
        const spae_status status = spae_json_string(node, r->text, node->length + 1, &a, r->m->err);
        return status == SPAE_OK ? add_line(r, a, unit, number) : status;
    }
    if (node->type != SPAE_JSON_ARRAY || node->count != 2 || first->type != SPAE_JSON_STRING ||
        second->type != SPAE_JSON_STRING)
        return refuse(r, unit, number, "expected \"a b\" or [\"a\",\"b\"]");
    spae_status status = spae_json_string(first, r->text, first->length + 1, &a, r->m->err);
    if (status == SPAE_OK)
        status = spae_json_string(second, r->text + a, second->length + 1, &b, r->m->err);
    return status == SPAE_OK ? add(r, a, b, unit, number) : status;
}

spae_status spae_token_merges_json(const spae_token_making *m, const spae_json_node *merges)
{
    reading r = {.m = m};
    size_t longest = 0, number = 0;
    if (merges == NULL || merges->type != SPAE_JSON_ARRAY)
        return spae_fail(m->err, SPAE_ERR_FORMAT, "model.merges: expected a list of merges");
    for (const spae_json_node *node = spae_json_first(m->nodes, merges); node != NULL; node = spae_json_next(m->nodes, node))
        longest = node->length > longest ? node->length : longest;
    spae_status status = start(&r, merges->count, longest);
    for (const spae_json_node *node = spae_json_first(m->nodes, merges); node != NULL && status == SPAE_OK;
         node = spae_json_next(m->nodes, node))
        status = add_node(&r, node, number++);
    return status == SPAE_OK ? finish(&r) : status;
}

/* ---- merges.txt ------------------------------------------------------------------------------------------ */

bool spae_token_merges_begin(const char *line, size_t length)
{
    static const char *const beginnings[] = {"#version", "\"bpe_simple_vocab_16e6.txt#version"};
    for (size_t i = 0; i < 2; i++)
        if (length >= strlen(beginnings[i]) && memcmp(line, beginnings[i], strlen(beginnings[i])) == 0)
            return true;
    return false;
}

/* Lines end in \n or \r\n; the first may tell the version; empty ones are passed over. */
static spae_status add_lines(reading *r, const spae_token_file *file)
{
    spae_status status = SPAE_OK;
    size_t number = 1;
    for (size_t at = 0; at < file->size && status == SPAE_OK; number++) {
        const char *line = file->text + at, *stop = memchr(line, '\n', file->size - at);
        const size_t whole = stop != NULL ? (size_t)(stop - line) : file->size - at;
        const size_t length = whole > 0 && line[whole - 1] == '\r' ? whole - 1 : whole;
        at += whole + (stop != NULL);
        if (length == 0 || (number == 1 && spae_token_merges_begin(line, length)))
            continue;
        memcpy(r->text, line, length);
        status = add_line(r, length, "line", number);
    }
    return status;
}

spae_status spae_token_merges_lines(const spae_token_making *m, const spae_token_file *file)
{
    reading r = {.m = m};
    size_t lines = 1, longest = 0;
    for (size_t i = 0, from = 0; i < file->size; i++) {
        lines += file->text[i] == '\n';
        longest = i - from + 1 > longest ? i - from + 1 : longest;
        from = file->text[i] == '\n' ? i + 1 : from;
    }
    spae_status status = start(&r, lines, longest);
    if (status == SPAE_OK)
        status = add_lines(&r, file);
    return status == SPAE_OK ? finish(&r) : status;
}
