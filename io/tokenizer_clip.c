/* CLIP's tokenizer from its merges (SPEC 8.45, 8.46). */
#include "io/tokenizer_clip.h"

#include <string.h>

#include "io/tokenizer_parts.h"
#include "vendor_free/html.h"
#include "vendor_free/utf8.h"

/* ---- cleaning a text, SPEC 8.45 -------------------------------------------------------------------------- */

/* What Python's str.strip takes away: White_Space and the four separators of information. */
static bool is_stripped(uint32_t c)
{
    return spae_unicode_is_space(c) || (c >= 0x1c && c <= 0x1f);
}

static size_t strip(const char **text, size_t length)
{
    const uint8_t *s = (const uint8_t *)*text;
    size_t first = 0, used;
    uint32_t c = 0;
    while (first < length && (used = spae_utf8_decode(s + first, length - first, &c)) > 0 && is_stripped(c))
        first += used;
    while (length > first) {
        size_t at = length - 1;
        while (at > first && (s[at] & 0xc0) == 0x80)
            at--;
        (void)spae_utf8_decode(s + at, length - at, &c);
        if (!is_stripped(c))
            break;
        length = at;
    }
    *text += first;
    return length - first;
}

/* Runs of White_Space to one blank each; out may be text. */
static size_t collapse(const char *text, size_t length, char *out)
{
    size_t size = 0;
    bool before = false;
    for (size_t at = 0, used; at < length; at += used) {
        uint32_t c = 0;
        used = spae_utf8_decode((const uint8_t *)text + at, length - at, &c);
        const bool space = spae_unicode_is_space(c);
        if (space && !before)
            out[size++] = ' ';
        for (size_t i = 0; i < used && !space; i++)
            out[size++] = text[at + i];
        before = space;
    }
    return size;
}

/* Is there a cased character next to `at` in this direction, but for case-ignorable ones between? */
static bool cased_beside(const char *text, size_t length, size_t at, bool forwards)
{
    const uint8_t *s = (const uint8_t *)text;
    uint32_t c = 0;
    for (size_t used; forwards ? at < length : at > 0;) {
        if (!forwards)
            do
                at--;
            while (at > 0 && (s[at] & 0xc0) == 0x80);
        used = spae_utf8_decode(s + at, length - at, &c);
        if (!spae_unicode_is_case_ignorable(c))
            return spae_unicode_is_cased(c);
        at += forwards ? used : 0;
    }
    return false;
}

/* Small letters as Python's str.lower: U+0130 becomes two characters, a capital sigma that ends a word the other small one.
 * No character becomes more than 3 / 2 of its bytes (U+023A: two become three). */
static size_t lower(const char *text, size_t length, char *out)
{
    size_t size = 0;
    for (size_t at = 0, used; at < length; at += used) {
        uint32_t c = 0;
        used = spae_utf8_decode((const uint8_t *)text + at, length - at, &c);
        uint32_t small = c == 0x130 ? 'i' : spae_unicode_small(c);
        if (c == 0x3a3 && cased_beside(text, length, at, false) && !cased_beside(text, length, at + used, true))
            small = 0x3c2;
        size += spae_utf8_encode(small, (uint8_t *)out + size);
        if (c == 0x130)
            size += spae_utf8_encode(0x307, (uint8_t *)out + size);
    }
    return size;
}

spae_status spae_token_clean(const char *text, size_t length, spae_arena *arena, const char **out, size_t *count,
                             spae_error *err)
{
    char *once = length <= SIZE_MAX / 8 ? spae_arena_take(arena, 2 * length, 1) : NULL;
    char *twice = once != NULL ? spae_arena_take(arena, 4 * length, 1) : NULL;
    if (twice == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "no memory to clean a text of %zu bytes", length);
    size_t size = spae_html_unescape(text, length, once);
    const char *from = twice;
    size = spae_html_unescape(once, size, twice);
    size = strip(&from, size);
    size = collapse(from, size, twice); /* at or before where it reads */
    from = twice;
    size = strip(&from, size);
    char *small = spae_arena_take(arena, size, 2);
    if (small == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "no memory to clean a text of %zu bytes", length);
    *count = lower(from, size, small);
    *out = small;
    return SPAE_OK;
}

/* ---- the vocabulary, SPEC 8.46 ---------------------------------------------------------------------------- */

enum { MERGES_MOST = 49152 - 256 - 2, BYTE_TOKENS = 512 };

static const char word_end[] = "</w>"; /* behind the last byte of a word, in the file */
static const char *const special[2] = {"<|startoftext|>", "<|endoftext|>"};

typedef struct {
    const spae_token_sources *sources;
    spae_token_model *model;
    spae_token_table key; /* tokens by their texts in the file as bytes, in scratch */
    spae_token_file used; /* the file, up to the last line that is used */
    size_t merges;
    char *pool, *shown;   /* texts for `key` and for the model's `bytes` */
    spae_error *err;
} reading;

/* The lines that are used: the first may tell the version, empty ones are passed over. */
static void count_merges(reading *r)
{
    const spae_token_file *file = &r->sources->file;
    size_t at = 0;
    for (size_t number = 1; at < file->size && r->merges < MERGES_MOST; number++) {
        const char *line = file->text + at, *stop = memchr(line, '\n', file->size - at);
        const size_t whole = stop != NULL ? (size_t)(stop - line) : file->size - at;
        const bool empty = whole == 0 || (whole == 1 && line[0] == '\r');
        r->merges += !empty && !(number == 1 && spae_token_merges_begin(line, whole));
        at += whole + (stop != NULL);
    }
    r->used = (spae_token_file){file->path, file->text, at};
}

/* A token's text: what `n` bytes of the pool say. It shows as these, with a blank in place of the sign of a word's end. */
static void add_token(reading *r, size_t id, size_t n)
{
    const size_t sign = sizeof word_end - 1;
    const bool ends = n > sign && memcmp(r->pool + n - sign, word_end, sign) == 0;
    const size_t shown = ends ? n - sign + 1 : n;
    memcpy(r->shown, r->pool, n);
    if (ends)
        r->shown[shown - 1] = ' ';
    r->key.text[id] = r->pool;
    r->key.length[id] = (uint32_t)n;
    r->model->bytes.text[id] = r->shown;
    r->model->bytes.length[id] = (uint32_t)shown;
    r->pool += n;
    r->shown += n;
}

/* The bytes, in the order of the characters that stand for them, alone and at the end of a word. */
static void add_bytes(reading *r)
{
    size_t id = 0;
    for (uint32_t c = 0; id < 256; c++) {
        const int byte = spae_token_byte_of(c);
        if (byte < 0)
            continue;
        r->pool[0] = (char)byte;
        add_token(r, id, 1);
        r->pool[0] = (char)byte;
        memcpy(r->pool + 1, word_end, sizeof word_end - 1);
        add_token(r, 256 + id, sizeof word_end);
        r->model->single[byte] = (int32_t)id;
        r->model->last[byte] = (int32_t)(256 + id++);
    }
}

/* "a b" becomes the text ab; tokenizer_merges.c refuses what is no such line, so here any line is taken. */
static spae_status add_merges(reading *r)
{
    size_t id = BYTE_TOKENS, number = 1;
    for (size_t at = 0; at < r->used.size; number++) {
        const char *line = r->used.text + at, *stop = memchr(line, '\n', r->used.size - at);
        size_t length = stop != NULL ? (size_t)(stop - line) : r->used.size - at, n = 0;
        at += length + (stop != NULL);
        length -= length > 0 && line[length - 1] == '\r';
        if (length == 0 || (number == 1 && spae_token_merges_begin(line, length)))
            continue;
        for (size_t i = 0; i < length; i++)
            if (line[i] != ' ')
                r->pool[n++] = line[i];
        if (!spae_token_to_bytes(r->pool, n, r->pool, &n))
            return spae_fail(r->err, SPAE_ERR_FORMAT, "line %zu: a character that stands for no byte", number);
        add_token(r, id++, n);
    }
    return SPAE_OK;
}

/* No two tokens have the same text. */
static spae_status check_texts(const reading *r)
{
    const spae_token_table *t = &r->key;
    for (size_t i = 1; i < t->sorted; i++) {
        const uint32_t a = t->token[i - 1], b = t->token[i];
        if (t->length[a] == t->length[b] && memcmp(t->text[a], t->text[b], t->length[a]) == 0)
            return spae_fail(r->err, SPAE_ERR_FORMAT, "the tokens %u and %u have the same text", (unsigned)a, (unsigned)b);
    }
    return SPAE_OK;
}

static spae_status read_merges(reading *r)
{
    spae_token_model *m = r->model;
    add_bytes(r);
    spae_status status = add_merges(r);
    if (status == SPAE_OK)
        status = spae_token_table_sort(&r->key, r->sources->scratch, r->err);
    if (status == SPAE_OK)
        status = check_texts(r);
    if (status != SPAE_OK)
        return status;
    m->key = r->key; /* for the reader of merges alone */
    const spae_token_making making = {.sources = r->sources, .model = m, .err = r->err};
    return spae_token_merges_lines(&making, &r->used);
}

/* Of the texts of tokens only those of the two special ones are looked for: a piece that is one becomes it. */
static spae_status finish(const reading *r)
{
    spae_token_model *m = r->model;
    const size_t V = r->key.V;
    static const char between[] = "[\\s\\u0345]+"; /* U+0345: see SPEC 8.46 */
    static const char pattern[] = "(?i:<\\|startoftext\\|>|<\\|endoftext\\|>|'s|'t|'re|'ve|'m|'ll|'d)|\\p{L}+|\\p{N}|"
                                  "[^\\s\\p{L}\\p{N}]+";
    spae_arena *arena = r->sources->arena;
    spae_status status = spae_token_table_start(&m->key, V, arena, r->err);
    for (size_t i = 0; i < 2 && status == SPAE_OK; i++) {
        m->key.text[V - 2 + i] = special[i];
        m->key.length[V - 2 + i] = (uint32_t)strlen(special[i]);
    }
    if (status == SPAE_OK)
        status = spae_token_table_sort(&m->key, r->sources->scratch, r->err);
    if (status == SPAE_OK)
        status = spae_token_stages_add(&m->stages, (spae_token_stage){.op = SPAE_STAGE_CLEAN, .name = "CLIP"}, r->err);
    if (status == SPAE_OK)
        status = spae_token_stages_split(&m->stages, "CLIP", between, sizeof between - 1, SPAE_SPLIT_REMOVED, arena, r->err);
    if (status == SPAE_OK)
        status = spae_token_stages_split(&m->stages, "CLIP", pattern, sizeof pattern - 1, SPAE_SPLIT_KEPT, arena, r->err);
    return status == SPAE_OK ? spae_token_model_finish(m, "CLIP BPE", arena, r->err) : status;
}

spae_status spae_token_clip(const spae_token_sources *sources, spae_token_model *model, spae_error *err)
{
    reading r = {.sources = sources, .model = model, .err = err};
    int32_t single[256];
    count_merges(&r);
    const size_t V = BYTE_TOKENS + r.merges + 2, texts = r.used.size + 256 * (1 + sizeof word_end);
    spae_status status = spae_token_table_start(&model->bytes, V, sources->arena, err);
    if (status == SPAE_OK)
        status = spae_token_table_start(&r.key, V, sources->scratch, err);
    if (status != SPAE_OK)
        return status;
    model->method = SPAE_TOKEN_MERGES;
    model->of_bytes = model->whole_first = model->ends_pieces = true;
    model->hidden = spae_arena_take_zeroed(sources->arena, V, sizeof *model->hidden);
    r.shown = spae_arena_take(sources->arena, texts, 1);
    r.pool = spae_arena_take(sources->scratch, texts, 1);
    status = model->hidden != NULL && r.shown != NULL && r.pool != NULL
                 ? spae_token_at(read_merges(&r), sources->file.path, err)
                 : spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for %zu tokens", sources->file.path, V);
    if (status != SPAE_OK)
        return status;
    model->face.begin = (int32_t)V - 2;
    model->face.end = (int32_t)V - 1;
    memcpy(single, model->single, sizeof single);
    status = finish(&r);
    memcpy(model->single, single, sizeof single); /* which spae_token_model_finish looks for among the texts of tokens */
    return status;
}

/* ---- sequences, SPEC 8.46 --------------------------------------------------------------------------------- */

enum { SHOWN_MOST = 40 };

/* A text's beginning as a message shows it: whole characters, and two dots where more follow. */
static void show(const char *text, size_t length, char shown[SHOWN_MOST + 3])
{
    size_t n = 0;
    uint32_t c = 0;
    for (size_t used; n < length && (used = spae_utf8_decode((const uint8_t *)text + n, length - n, &c)) > 0 &&
                      n + used <= SHOWN_MOST;)
        n += used;
    memcpy(shown, text, n);
    strcpy(shown + n, n < length ? ".." : "");
}

spae_status spae_clip_tokens(const spae_tokenizer *tokenizer, const char *text, size_t length, size_t context, spae_arena *arena,
                             int32_t *token, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    char shown[SHOWN_MOST + 3];
    int32_t *id = NULL;
    size_t count = 0;
    if (tokenizer->begin < 0 || tokenizer->end < 0 || context < 2)
        return spae_fail(err, SPAE_ERR_ARGUMENT, "CLIP's texts: a context of %zu, and a tokenizer (%s) that begins with %d and ends with %d",
                         context, tokenizer->kind, (int)tokenizer->begin, (int)tokenizer->end);
    spae_status status = tokenizer->encode(tokenizer, text, length, arena, &id, &count, err);
    if (status != SPAE_OK)
        return status;
    if (count > context - 2) {
        show(text, length, shown);
        status = spae_fail(err, SPAE_ERR_FORMAT, "the text has %zu tokens, at most %zu fit between start and end: %s", count,
                           context - 2, shown);
    } else {
        memset(token, 0, context * sizeof *token);
        token[0] = tokenizer->begin;
        memcpy(token + 1, id, count * sizeof *id);
        token[count + 1] = tokenizer->end;
    }
    spae_arena_reset(arena, mark);
    return status;
}
