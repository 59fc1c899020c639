/* The face of a vocabulary that was read: text to tokens and back (SPEC 8.29). */
#include <string.h>

#include "io/tokenizer_parts.h"
#include "vendor_free/utf8.h"

spae_status spae_token_unknown(const char *text, size_t at, size_t length, spae_error *err)
{
    uint32_t c = 0;
    if (spae_utf8_decode((const uint8_t *)text + at, length - at, &c) == 0)
        return spae_fail(err, SPAE_ERR_FORMAT, "the vocabulary has nothing for the byte %u, byte %zu of the text",
                         (unsigned)(unsigned char)text[at], at);
    return spae_fail(err, SPAE_ERR_FORMAT, "the vocabulary has nothing for U+%x, byte %zu of the text", (unsigned)c, at);
}

/* ---- encode ---------------------------------------------------------------------------------------------- */

static spae_status check_text(const char *text, size_t length, spae_error *err)
{
    if (length > INT32_MAX)
        return spae_fail(err, SPAE_ERR_FORMAT, "a text of %zu bytes: at most 2^31 - 1 become tokens", length);
    for (size_t at = 0, used; at < length; at += used) {
        uint32_t ignored = 0;
        used = spae_utf8_decode((const uint8_t *)text + at, length - at, &ignored);
        if (used == 0)
            return spae_fail(err, SPAE_ERR_FORMAT, "byte %zu of the text is no UTF-8", at);
    }
    return SPAE_OK;
}

static spae_status encode_pieces(const spae_token_model *m, const spae_token_pieces *pieces, spae_arena *arena, int32_t *id,
                                 size_t *count, spae_error *err)
{
    spae_status status = SPAE_OK;
    for (size_t i = 0; i < pieces->count && status == SPAE_OK; i++)
        status = m->method == SPAE_TOKEN_UNIGRAM
                     ? spae_token_best_path(m, pieces->text, &pieces->piece[i], arena, id, count, err)
                     : spae_token_merge(m, pieces->text, &pieces->piece[i], arena, id, count, err);
    return status;
}

static spae_status encode(const spae_tokenizer *tokenizer, const char *text, size_t length, spae_arena *arena, int32_t **id,
                          size_t *count, spae_error *err)
{
    const spae_token_model *m = tokenizer->context;
    const spae_arena_mark mark = spae_arena_here(arena);
    spae_token_pieces pieces = {NULL, 0, NULL, 0};
    int32_t *made = NULL;
    size_t tokens = 0;
    spae_status status = check_text(text, length, err);
    if (status == SPAE_OK)
        status = spae_token_stages_run(&m->stages, text, length, arena, &pieces, err);
    if (status == SPAE_OK) { /* every token takes a byte at least */
        made = spae_arena_take(arena, pieces.length, sizeof *made);
        status = made != NULL ? encode_pieces(m, &pieces, arena, made, &tokens, err)
                              : spae_fail(err, SPAE_ERR_NO_MEMORY, "no memory for the tokens of %zu bytes", pieces.length);
    }
    spae_arena_reset(arena, mark);
    if (status != SPAE_OK)
        return status;
    int32_t *kept = spae_arena_take(arena, tokens, sizeof *kept); /* at or below `made`, which still holds its tokens */
    if (kept == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "no memory for %zu tokens", tokens);
    if (tokens > 0)
        memmove(kept, made, tokens * sizeof *kept);
    *id = kept;
    *count = tokens;
    return SPAE_OK;
}

/* ---- decode ---------------------------------------------------------------------------------------------- */

static spae_status decode(const spae_tokenizer *tokenizer, const int32_t *id, size_t count, spae_arena *arena, char **text,
                          size_t *length, spae_error *err)
{
    const spae_token_model *m = tokenizer->context;
    size_t size = 0, at = 0;
    bool begun = !m->begins_blank;
    for (size_t i = 0; i < count; i++) {
        const size_t more = m->bytes.length[id[i]];
        if (more > SIZE_MAX - 1 - size)
            return spae_fail(err, SPAE_ERR_NO_MEMORY, "no memory for the text of %zu tokens", count);
        size += more;
    }
    char *out = spae_arena_take(arena, size + 1, 1);
    if (out == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "no memory for a text of %zu bytes", size);
    for (size_t i = 0; i < count; i++) {
        const size_t more = m->bytes.length[id[i]];
        if (more == 0)
            continue;
        const size_t skip = !begun && m->bytes.text[id[i]][0] == ' ';
        begun = true;
        memcpy(out + at, m->bytes.text[id[i]] + skip, more - skip);
        at += more - skip;
    }
    out[at] = '\0';
    *text = out;
    *length = at;
    return SPAE_OK;
}

static const char *bytes_of(const spae_tokenizer *tokenizer, int32_t id, size_t *length)
{
    const spae_token_model *m = tokenizer->context;
    *length = m->bytes.length[id];
    return m->bytes.text[id];
}

static int32_t find(const spae_tokenizer *tokenizer, const char *bytes, size_t length)
{
    const spae_token_model *m = tokenizer->context;
    return spae_token_table_find(&m->bytes, bytes, length);
}

/* ---- making one ------------------------------------------------------------------------------------------ */

spae_token_model *spae_token_model_new(spae_arena *arena)
{
    spae_token_model *m = spae_arena_take_zeroed(arena, 1, sizeof *m);
    if (m == NULL)
        return NULL;
    m->unknown = -1;
    m->face.begin = m->face.end = -1;
    for (size_t i = 0; i < 256; i++)
        m->single[i] = m->byte_token[i] = -1;
    return m;
}

spae_status spae_token_model_finish(spae_token_model *model, const char *kind, spae_arena *arena, spae_error *err)
{
    const spae_status status = spae_token_table_sort(&model->bytes, arena, err);
    if (status != SPAE_OK)
        return status;
    for (unsigned b = 0; b < 256 && model->of_bytes; b++) {
        const char byte = (char)b;
        const int32_t token = spae_token_table_find(&model->key, &byte, 1);
        model->single[b] = token >= 0 && !model->hidden[token] ? token : -1;
    }
    model->face.kind = kind;
    model->face.V = model->bytes.V;
    model->face.context = model;
    model->face.encode = encode;
    model->face.decode = decode;
    model->face.bytes = bytes_of;
    model->face.find = find;
    return SPAE_OK;
}
