/* What happens to a text before it becomes tokens (SPEC 8.30, 8.31): stages that change pieces, and one that cuts them.
 *
 * Each stage makes its pieces anew from those of the stage before. A piece that becomes empty is dropped.
 */
#include "io/tokenizer_parts.h"

#include <string.h>

#include "io/file.h"
#include "vendor_free/utf8.h"

const char spae_token_gpt2_pattern[] =
    "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

/* The pieces that a stage is making. */
typedef struct {
    const spae_token_stage *stage;
    const char *text; /* of the stage before */
    spae_buffer buffer; /* the new text, of stages that change it */
    size_t start;       /* in it, of the piece being made */
    spae_token_piece *piece; /* (room) */
    size_t count, room;
    spae_arena *arena;
    spae_error *err;
} making;

/* ---- the list of stages ---------------------------------------------------------------------------------- */

spae_status spae_token_stages_add(spae_token_stages *stages, spae_token_stage stage, spae_error *err)
{
    if (stages->count == SPAE_STAGES_MOST)
        return spae_fail(err, SPAE_ERR_FORMAT, "more than %d normalizers and pre-tokenizers", (int)SPAE_STAGES_MOST);
    stages->stage[stages->count++] = stage;
    return SPAE_OK;
}

spae_status spae_token_stages_split(spae_token_stages *stages, const char *name, const char *pattern, size_t length,
                                    spae_split split, spae_arena *arena, spae_error *err)
{
    spae_token_stage stage = {.op = SPAE_STAGE_SPLIT, .name = name, .split = split};
    const spae_status status = spae_pattern_compile(arena, pattern, length, &stage.pattern, err);
    return status == SPAE_OK ? spae_token_stages_add(stages, stage, err) : status;
}

/* ---- making pieces --------------------------------------------------------------------------------------- */

static spae_status no_memory(const making *m)
{
    return spae_fail(m->err, SPAE_ERR_NO_MEMORY, "no memory for the pieces of a text");
}

static spae_status add_piece(making *m, size_t start, size_t length)
{
    if (length == 0)
        return SPAE_OK;
    if (m->count == m->room) {
        const size_t room = m->room > 0 ? 2 * m->room : 8;
        spae_token_piece *larger = spae_arena_take(m->arena, room, sizeof *larger);
        if (larger == NULL)
            return no_memory(m);
        if (m->count > 0)
            memcpy(larger, m->piece, m->count * sizeof *larger);
        m->piece = larger;
        m->room = room;
    }
    m->piece[m->count++] = (spae_token_piece){start, length};
    return SPAE_OK;
}

static spae_status put(making *m, const char *text, size_t length)
{
    spae_sink sink = spae_sink_buffer(&m->buffer);
    if (length > INT32_MAX - m->buffer.size)
        return spae_fail(m->err, SPAE_ERR_FORMAT, "%s: the text becomes longer than 2^31 - 1 bytes", m->stage->name);
    return length > 0 ? spae_sink_write(&sink, text, length, m->err) : SPAE_OK;
}

/* The stage cannot say what it does to the text at this byte. */
static spae_status refuse(const making *m, size_t at, const char *why)
{
    uint32_t c = 0;
    (void)spae_utf8_decode((const uint8_t *)m->text + at, 4, &c); /* the text is terminated by four zeros */
    return spae_fail(m->err, SPAE_ERR_FORMAT, "%s: U+%x, byte %zu of the text: %s", m->stage->name, (unsigned)c, at, why);
}

/* ---- stages that change a piece -------------------------------------------------------------------------- */

/* The place behind the character at `at`; `length` + 1 at the end. */
static size_t next_character(const char *text, size_t at, size_t length)
{
    uint32_t ignored = 0;
    return at < length ? at + spae_utf8_decode((const uint8_t *)text + at, length - at, &ignored) : length + 1;
}

/* An empty match directly behind a match is none. */
static spae_status replace(making *m, const spae_token_piece *piece)
{
    const char *text = m->text + piece->start;
    const spae_token_stage *stage = m->stage;
    spae_pattern_search search;
    size_t done = 0, from = 0;
    bool any = false;
    spae_status status = spae_pattern_start(&search, stage->pattern, text, piece->length, m->arena, m->err);
    while (status == SPAE_OK && from <= piece->length) {
        size_t first = 0, end = 0;
        status = spae_pattern_next(&search, from, &first, &end, m->err);
        if (status != SPAE_OK || first > piece->length)
            break;
        from = end > first ? end : next_character(text, end, piece->length);
        if (end == first && any && first == done)
            continue;
        any = true;
        status = put(m, text + done, first - done);
        if (status == SPAE_OK)
            status = put(m, stage->text, stage->length);
        done = end;
    }
    return status == SPAE_OK ? put(m, text + done, piece->length - done) : status;
}

static spae_status begin(making *m, const spae_token_piece *piece, bool is_first)
{
    const spae_token_stage *stage = m->stage;
    const char *text = m->text + piece->start;
    const bool has = piece->length >= stage->length && memcmp(text, stage->text, stage->length) == 0;
    const bool due = stage->op == SPAE_STAGE_PREPEND || (!has && (is_first || !stage->first_only));
    const spae_status status = due ? put(m, stage->text, stage->length) : SPAE_OK;
    return status == SPAE_OK ? put(m, text, piece->length) : status;
}

static spae_status strip(making *m, const spae_token_piece *piece)
{
    const uint8_t *text = (const uint8_t *)m->text + piece->start;
    size_t first = 0, last = piece->length, used;
    uint32_t c = 0;
    while (m->stage->left && first < last && (used = spae_utf8_decode(text + first, last - first, &c)) > 0 &&
           spae_unicode_is_space(c))
        first += used;
    while (m->stage->right && last > first) {
        size_t at = last - 1;
        while (at > first && (text[at] & 0xc0) == 0x80)
            at--;
        (void)spae_utf8_decode(text + at, last - at, &c);
        if (!spae_unicode_is_space(c))
            break;
        last = at;
    }
    return put(m, m->text + piece->start + first, last - first);
}

/* What a stage says to a character that it may change and cannot; NULL where it leaves it as it is. */
static const char *objection(const spae_token_stage *stage, uint32_t c)
{
    const uint32_t category = (uint32_t)1 << spae_unicode_category_of(c);
    const uint32_t capitals = 1u << SPAE_UNICODE_LU | 1u << SPAE_UNICODE_LT | 1u << SPAE_UNICODE_NL | 1u << SPAE_UNICODE_SO;
    if (stage->op == SPAE_STAGE_LOWERCASE)
        return c > 0x7f && (category & capitals) != 0 ? "its small letter is known in ASCII only" : NULL;
    if (stage->op == SPAE_STAGE_STRIP_ACCENTS)
        return (category & SPAE_UNICODE_MARKS) != 0 ? "a mark, which would be dropped" : NULL;
    return spae_unicode_is_stable(c, stage->form) ? NULL : "may be composed or decomposed, which is not known here";
}

static spae_status pass(making *m, const spae_token_piece *piece)
{
    const uint8_t *text = (const uint8_t *)m->text + piece->start;
    for (size_t at = 0; at < piece->length;) {
        uint32_t c = 0;
        const size_t used = spae_utf8_decode(text + at, piece->length - at, &c);
        const char *why = objection(m->stage, c);
        if (why != NULL)
            return refuse(m, piece->start + at, why);
        const bool lowers = m->stage->op == SPAE_STAGE_LOWERCASE && c >= 'A' && c <= 'Z';
        const char small = (char)(c + 32);
        const spae_status status = put(m, lowers ? &small : m->text + piece->start + at, used);
        if (status != SPAE_OK)
            return status;
        at += used;
    }
    return SPAE_OK;
}

/* ---- SentencePiece's map --------------------------------------------------------------------------------- */

static uint32_t unit_of(const spae_token_stage *stage, size_t i)
{
    const uint8_t *b = stage->map + 4 * i;
    return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

/* The place that a unit points away to: an exclusive or. */
static size_t offset_of(uint32_t unit)
{
    return (size_t)(unit >> 10) << ((unit & 0x200) >> 6);
}

/* The longest key of the map, a double-array trie, that the text begins with: its bytes, and where its text begins; 0 bytes
 * when there is none. */
static size_t longest_key(const spae_token_stage *stage, const char *text, size_t length, size_t *value)
{
    size_t longest = 0, at = offset_of(unit_of(stage, 0));
    for (size_t i = 0; i < length; i++) {
        const unsigned char byte = (unsigned char)text[i];
        at ^= byte;
        if (byte == 0 || at >= stage->units)
            break;
        const uint32_t unit = unit_of(stage, at);
        if ((unit & 0x800000ffu) != byte)
            break;
        at ^= offset_of(unit);
        if ((unit >> 8 & 1) != 0 && at < stage->units) { /* a key ends here */
            longest = i + 1;
            *value = unit_of(stage, at) & 0x7fffffffu;
        }
    }
    return longest;
}

/* A character that is one by itself, whatever stands beside it: the two ways in which such maps are applied (to whole
 * graphemes, to the longest key) then agree. */
static bool stands_alone(uint32_t c)
{
    const uint32_t joining = SPAE_UNICODE_MARKS | 1u << SPAE_UNICODE_CF | 1u << SPAE_UNICODE_SK | 1u << SPAE_UNICODE_SO;
    const bool jamo = (c >= 0x1100 && c <= 0x11ff) || (c >= 0xa960 && c <= 0xa97f) || (c >= 0xd7b0 && c <= 0xd7ff);
    const bool other_letter = spae_unicode_category_of(c) == SPAE_UNICODE_LO;
    const bool known = (c >= 0x3040 && c <= 0x30ff) || (c >= 0x3400 && c <= 0x9fff) || (c >= 0xac00 && c <= 0xd7a3) ||
                       (c >= 0xf900 && c <= 0xfaff) || (c >= 0xff66 && c <= 0xff9d);
    return ((uint32_t)1 << spae_unicode_category_of(c) & joining) == 0 && !jamo && (!other_letter || known) &&
           c != 0xff9e && c != 0xff9f;
}

/* One character at `at` of the piece, mapped. */
static spae_status map_character(making *m, const spae_token_piece *piece, size_t at, size_t *used)
{
    const spae_token_stage *stage = m->stage;
    const char *text = m->text + piece->start + at;
    const size_t left = piece->length - at;
    uint32_t c = 0, next = 'a';
    size_t value = 0;
    *used = spae_utf8_decode((const uint8_t *)text, left, &c);
    const size_t key = longest_key(stage, text, left, &value);
    if (key == 0)
        return put(m, text, *used);
    (void)spae_utf8_decode((const uint8_t *)text + *used, left - *used, &next);
    if (key != *used || !stands_alone(c) || !stands_alone(next) || (c == '\r' && next == '\n'))
        return refuse(m, piece->start + at, "what it is mapped to depends on its neighbours");
    const uint8_t *due = stage->map + 4 * stage->units;
    const size_t room = stage->map_size - 4 * stage->units;
    const uint8_t *end = value < room ? memchr(due + value, 0, room - value) : NULL;
    if (end == NULL || !spae_utf8_valid(due + value, (size_t)(end - due) - value))
        return refuse(m, piece->start + at, "the map has no text for it");
    return put(m, (const char *)due + value, (size_t)(end - due) - value);
}

static spae_status map(making *m, const spae_token_piece *piece)
{
    spae_status status = SPAE_OK;
    for (size_t at = 0, used = 0; at < piece->length && status == SPAE_OK; at += used)
        status = map_character(m, piece, at, &used);
    return status;
}

/* ---- CLIP's cleaning ------------------------------------------------------------------------------------- */

static spae_status clean(making *m, const spae_token_piece *piece)
{
    const char *out = NULL;
    size_t count = 0;
    const spae_status status = spae_token_clean(m->text + piece->start, piece->length, m->arena, &out, &count, m->err);
    return status == SPAE_OK ? put(m, out, count) : status;
}

/* ---- cutting --------------------------------------------------------------------------------------------- */

/* The next stretch of a piece, a match or what lies between two. `before`: was the last one of this piece a match? -1: there
 * is none. */
static spae_status add_stretch(making *m, size_t start, size_t end, int is_match, int *before)
{
    const spae_split split = m->stage->split;
    if (start == end)
        return SPAE_OK;
    const bool joins = (split == SPAE_SPLIT_PREVIOUS && is_match == 1 && *before == 0) ||
                       (split == SPAE_SPLIT_NEXT && is_match == 0 && *before == 1) ||
                       (split == SPAE_SPLIT_CONTIGUOUS && is_match == *before);
    *before = is_match;
    if (split == SPAE_SPLIT_KEPT && is_match == 0)
        return refuse(m, start, "the splitting pattern leaves it out");
    if (split == SPAE_SPLIT_REMOVED && is_match == 1)
        return SPAE_OK;
    if (!joins)
        return add_piece(m, start, end - start);
    m->piece[m->count - 1].length += end - start;
    return SPAE_OK;
}

static spae_status cut(making *m, const spae_token_piece *piece)
{
    const char *text = m->text + piece->start;
    spae_pattern_search search;
    size_t done = 0, from = 0;
    int before = -1;
    spae_status status = spae_pattern_start(&search, m->stage->pattern, text, piece->length, m->arena, m->err);
    while (status == SPAE_OK && from < piece->length) {
        size_t start = 0, end = 0;
        status = spae_pattern_next(&search, from, &start, &end, m->err);
        if (status != SPAE_OK || start > piece->length)
            break;
        if (end > start) { /* empty matches cut nothing */
            status = add_stretch(m, piece->start + done, piece->start + start, 0, &before);
            if (status == SPAE_OK)
                status = add_stretch(m, piece->start + start, piece->start + end, 1, &before);
            done = end;
        }
        from = end > start ? end : next_character(text, end, piece->length);
    }
    return status == SPAE_OK ? add_stretch(m, piece->start + done, piece->start + piece->length, 0, &before) : status;
}

/* ---- all of them ----------------------------------------------------------------------------------------- */

static spae_status change(making *m, const spae_token_piece *piece, bool is_first)
{
    switch (m->stage->op) {
    case SPAE_STAGE_REPLACE:
        return replace(m, piece);
    case SPAE_STAGE_PREPEND:
    case SPAE_STAGE_BEGIN:
        return begin(m, piece, is_first);
    case SPAE_STAGE_STRIP:
        return strip(m, piece);
    case SPAE_STAGE_MAP:
        return map(m, piece);
    case SPAE_STAGE_CLEAN:
        return clean(m, piece);
    default:
        return pass(m, piece);
    }
}

static spae_status run_stage(making *m, const spae_token_pieces *old)
{
    spae_status status = SPAE_OK;
    for (size_t i = 0; i < old->count && status == SPAE_OK; i++) {
        if (m->stage->op == SPAE_STAGE_SPLIT) {
            status = cut(m, &old->piece[i]);
            continue;
        }
        m->start = m->buffer.size;
        status = change(m, &old->piece[i], i == 0);
        if (status == SPAE_OK)
            status = add_piece(m, m->start, m->buffer.size - m->start);
    }
    return status;
}

spae_status spae_token_stages_run(const spae_token_stages *stages, const char *text, size_t length, spae_arena *arena,
                                  spae_token_pieces *pieces, spae_error *err)
{
    static const char zeros[4] = {0, 0, 0, 0};
    const spae_token_stage copy = {.name = "text"};
    making m = {.stage = &copy, .buffer = {arena, NULL, 0, 0}, .arena = arena, .err = err};
    spae_status status = put(&m, text, length);
    if (status == SPAE_OK)
        status = add_piece(&m, 0, length);
    for (size_t i = 0; i <= stages->count && status == SPAE_OK; i++) {
        const bool changed = i == 0 || stages->stage[i - 1].op != SPAE_STAGE_SPLIT;
        const size_t size = changed ? m.buffer.size : pieces->length;
        if (changed)
            status = put(&m, zeros, sizeof zeros);
        if (status != SPAE_OK)
            break;
        *pieces = (spae_token_pieces){changed ? (const char *)m.buffer.bytes : pieces->text, size, m.piece, m.count};
        if (i == stages->count)
            break;
        m = (making){.stage = &stages->stage[i], .text = pieces->text, .buffer = {arena, NULL, 0, 0}, .arena = arena, .err = err};
        status = run_stage(&m, pieces);
    }
    return status;
}
