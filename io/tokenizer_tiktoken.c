/* Ranks (SPEC 8.35): a line for each token, its bytes in base64, a blank, its rank, which is its id. Bytes are merged whose
 * join has the lowest rank; how a text is cut, and the special tokens, stand elsewhere. */
#include <string.h>

#include "io/base64.h"
#include "io/file.h"
#include "io/tokenizer_parts.h"

/* What belongs to ranks that were published without a pattern beside them, by the name of the file. */
typedef struct {
    const char *ending, *pattern;
    struct {
        const char *name;
        int32_t id;
    } special[6];
} known_ranks;

#define CONTRACTIONS "(?i:'s|'t|'re|'ve|'m|'ll|'d)"
#define UPPER        "\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}"
#define LOWER        "\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}"

static const known_ranks known[] = {
    {"r50k_base.tiktoken", spae_token_gpt2_pattern, {{"<|endoftext|>", 50256}}},
    {"p50k_base.tiktoken", spae_token_gpt2_pattern, {{"<|endoftext|>", 50256}}},
    {"cl100k_base.tiktoken",
     CONTRACTIONS "|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
     {{"<|endoftext|>", 100257},
      {"<|fim_prefix|>", 100258},
      {"<|fim_middle|>", 100259},
      {"<|fim_suffix|>", 100260},
      {"<|endofprompt|>", 100276}}},
    {"o200k_base.tiktoken",
     "[^\\r\\n\\p{L}\\p{N}]?[" UPPER "]*[" LOWER "]+" CONTRACTIONS "?|[^\\r\\n\\p{L}\\p{N}]?[" UPPER "]+[" LOWER "]*" CONTRACTIONS
     "?|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
     {{"<|endoftext|>", 199999}, {"<|endofprompt|>", 200018}}},
};

enum { SPECIAL_MOST = 1 << 16 };

typedef struct {
    const spae_token_sources *sources;
    spae_token_model *model;
    const known_ranks *known; /* NULL: there is a pattern.json */
    size_t ranks;             /* ids 0 .. ranks - 1 are tokens of bytes */
    char *pool;
    spae_error *err;
} reading;

/* ---- lines ----------------------------------------------------------------------------------------------- */

static spae_status refuse(const reading *r, size_t line, const char *why)
{
    return spae_fail(r->err, SPAE_ERR_FORMAT, "line %zu: %s", line, why);
}

static size_t count_lines(const spae_token_file *file)
{
    size_t lines = 0;
    for (size_t i = 0; i < file->size; i++)
        lines += file->text[i] == '\n';
    return lines + (file->size > 0 && file->text[file->size - 1] != '\n');
}

/* Decimal digits, below `limit`; false for anything else. */
static bool read_rank(const char *text, size_t length, size_t limit, size_t *rank)
{
    *rank = 0;
    for (size_t i = 0; i < length; i++) {
        if (text[i] < '0' || text[i] > '9' || *rank >= limit)
            return false;
        *rank = *rank * 10 + (size_t)(text[i] - '0');
    }
    return length > 0 && *rank < limit;
}

static spae_status read_line(reading *r, const char *line, size_t length, size_t number)
{
    spae_token_table *bytes = &r->model->bytes;
    const char *blank = length > 0 ? memchr(line, ' ', length) : NULL;
    const size_t digits = blank != NULL ? (size_t)(blank - line) : 0;
    size_t rank = 0, count = 0;
    if (digits == 0)
        return refuse(r, number, "expected base64, a blank and a rank");
    if (!spae_base64_read(line, digits, (uint8_t *)r->pool, &count))
        return refuse(r, number, "no base64 before the blank");
    if (!read_rank(blank + 1, length - digits - 1, r->ranks, &rank))
        return refuse(r, number, "expected a rank below the number of lines behind the blank");
    if (bytes->text[rank] != NULL)
        return refuse(r, number, "another line has this rank");
    bytes->text[rank] = r->pool;
    bytes->length[rank] = (uint32_t)count;
    r->pool += count;
    return SPAE_OK;
}

static spae_status read_lines(reading *r)
{
    const spae_token_file *file = &r->sources->file;
    spae_status status = SPAE_OK;
    size_t number = 1;
    for (size_t at = 0; at < file->size && status == SPAE_OK; number++) {
        const char *line = file->text + at, *stop = memchr(line, '\n', file->size - at);
        const size_t whole = stop != NULL ? (size_t)(stop - line) : file->size - at;
        status = read_line(r, line, whole > 0 && line[whole - 1] == '\r' ? whole - 1 : whole, number);
        at += whole + (stop != NULL);
    }
    return status;
}

/* ---- special tokens and the pattern ----------------------------------------------------------------------- */

static const spae_json_node *special_of(const reading *r)
{
    const spae_json_node *pattern = r->sources->pattern;
    return pattern != NULL ? spae_json_member(pattern, pattern, "special_tokens") : NULL;
}

/* A special token's id counts towards V; it has no bytes, and so have those between the ranks and it. */
static spae_status note_special(const reading *r, int64_t id, size_t *V, bool ends)
{
    if (id < (int64_t)r->ranks || id >= (int64_t)r->ranks + SPECIAL_MOST)
        return spae_fail(r->err, SPAE_ERR_FORMAT, "special_tokens: the id %lld is none of the %d behind the %zu ranks", (long long)id,
                         (int)SPECIAL_MOST, r->ranks);
    *V = (size_t)id + 1 > *V ? (size_t)id + 1 : *V;
    if (ends)
        r->model->face.begin = r->model->face.end = (int32_t)id;
    return SPAE_OK;
}

static spae_status read_special(const reading *r, size_t *V)
{
    const spae_json_node *all = special_of(r), *nodes = r->sources->pattern;
    spae_status status = SPAE_OK;
    *V = r->ranks;
    for (size_t i = 0; r->known != NULL && r->known->special[i].name != NULL && status == SPAE_OK; i++)
        status = note_special(r, r->known->special[i].id, V, i == 0);
    if (r->known != NULL)
        return spae_token_at(status, r->sources->file.path, r->err);
    if (all != NULL && all->type != SPAE_JSON_OBJECT)
        status = spae_fail(r->err, SPAE_ERR_FORMAT, "special_tokens: expected {NAME:ID,..}");
    const spae_json_node *end = all != NULL ? spae_json_member(nodes, all, "<|endoftext|>") : NULL;
    for (const spae_json_node *node = all != NULL ? spae_json_first(nodes, all) : NULL; node != NULL && status == SPAE_OK;
         node = spae_json_next(nodes, node)) {
        int64_t id = 0;
        status = spae_json_integer(node, 0, INT32_MAX - 1, &id, r->err);
        if (status == SPAE_OK)
            status = note_special(r, id, V, node == end);
    }
    return spae_token_at(status, r->sources->pattern_path, r->err);
}

static spae_status read_pattern(const reading *r)
{
    spae_arena *arena = r->sources->arena;
    spae_token_stages *stages = &r->model->stages;
    if (r->known != NULL)
        return spae_token_stages_split(stages, "tiktoken", r->known->pattern, strlen(r->known->pattern), SPAE_SPLIT_KEPT, arena,
                                       r->err);
    const spae_json_node *node = spae_json_member(r->sources->pattern, r->sources->pattern, "pat_str");
    size_t length = 0;
    if (node == NULL || node->type != SPAE_JSON_STRING)
        return spae_token_at(spae_fail(r->err, SPAE_ERR_FORMAT, "expected a string \"pat_str\""), r->sources->pattern_path, r->err);
    char *text = spae_arena_take(r->sources->scratch, node->length + 1, 1);
    spae_status status = text != NULL ? spae_json_string(node, text, node->length + 1, &length, r->err)
                                      : spae_fail(r->err, SPAE_ERR_NO_MEMORY, "no memory for a pattern");
    if (status == SPAE_OK)
        status = spae_token_stages_split(stages, "tiktoken", text, length, SPAE_SPLIT_KEPT, arena, r->err);
    return spae_token_at(status, r->sources->pattern_path, r->err);
}

/* ---- the whole ------------------------------------------------------------------------------------------- */

static spae_status find_known(reading *r)
{
    if (r->sources->pattern != NULL)
        return SPAE_OK;
    for (size_t i = 0; i < sizeof known / sizeof known[0] && r->known == NULL; i++)
        if (spae_file_ends(r->sources->file.path, known[i].ending))
            r->known = &known[i];
    return r->known != NULL
               ? SPAE_OK
               : spae_fail(r->err, SPAE_ERR_IO, "%s: no %s is there, and the file has no known name, as cl100k_base.tiktoken",
                           r->sources->file.path, r->sources->pattern_path);
}

/* The ranks, sorted; no two have the same bytes, and none has no bytes. */
static spae_status read_ranks(reading *r)
{
    spae_token_model *m = r->model;
    spae_status status = read_lines(r);
    if (status == SPAE_OK) {
        m->key = m->bytes;
        m->key.V = r->ranks;
        status = spae_token_table_sort(&m->key, r->sources->scratch, r->err);
    }
    for (size_t i = 0; i < m->key.sorted && status == SPAE_OK; i++) {
        const uint32_t b = m->key.token[i], a = i > 0 ? m->key.token[i - 1] : b;
        if (m->key.length[b] == 0)
            return spae_fail(r->err, SPAE_ERR_FORMAT, "the token %u has no bytes", (unsigned)b);
        if (i > 0 && m->key.length[a] == m->key.length[b] && memcmp(m->key.text[a], m->key.text[b], m->key.length[b]) == 0)
            return spae_fail(r->err, SPAE_ERR_FORMAT, "the tokens %u and %u have the same bytes", (unsigned)a, (unsigned)b);
    }
    return status;
}

spae_status spae_token_tiktoken(const spae_token_sources *sources, spae_token_model *model, spae_error *err)
{
    reading r = {.sources = sources, .model = model, .err = err};
    size_t V = 0;
    r.ranks = count_lines(&sources->file);
    if (r.ranks == 0 || r.ranks > INT32_MAX / 2)
        return spae_fail(err, SPAE_ERR_FORMAT, "%s: %zu lines are no vocabulary", sources->file.path, r.ranks);
    spae_status status = find_known(&r);
    if (status == SPAE_OK)
        status = read_special(&r, &V);
    if (status == SPAE_OK)
        status = spae_token_table_start(&model->bytes, V, sources->arena, err);
    if (status != SPAE_OK)
        return status;
    model->method = SPAE_TOKEN_RANKS;
    model->of_bytes = model->whole_first = true;
    model->hidden = spae_arena_take_zeroed(sources->arena, V, sizeof *model->hidden);
    r.pool = spae_arena_take(sources->arena, sources->file.size, 1);
    status = model->hidden != NULL && r.pool != NULL ? spae_token_at(read_ranks(&r), sources->file.path, err)
                                                     : spae_fail(err, SPAE_ERR_NO_MEMORY, "no memory for %zu tokens", V);
    if (status == SPAE_OK)
        status = read_pattern(&r);
    return status == SPAE_OK ? spae_token_model_finish(model, "tiktoken", sources->arena, err) : status;
}
