/* Byte pair encoding of one piece (SPEC 8.32): pairs of neighbours become one token, the pair of lowest rank first, of equal
 * ones the first in the text, until none is left that has a rank.
 *
 * Method    The symbols are a list; a heap holds every pair of neighbours that has a rank. A pair one of whose symbols has
 *           grown since is told by its length in bytes, for symbols only grow: it is skipped when it comes up.
 * Time      n log n for a piece of n bytes, as each of at most n - 1 merges puts at most two pairs into the heap
 */
#include "io/tokenizer_parts.h"
#include "vendor_free/utf8.h"

static const uint32_t NONE = UINT32_MAX;

typedef struct {
    uint32_t start, length; /* bytes of the piece; length 0: merged into the one before */
    uint32_t before, after; /* neighbours, or NONE */
    int32_t id;
} symbol;

typedef struct {
    uint64_t order;  /* rank * 2^32 + the left symbol */
    uint32_t length; /* bytes of both */
    int32_t id;      /* what they become */
} candidate;

typedef struct {
    const spae_token_model *model;
    const char *text; /* of the piece */
    symbol *symbol;   /* (n) */
    size_t symbols;
    candidate *heap; /* (2 n) least order on top */
    size_t heaped;
} merging;

/* ---- ranks ----------------------------------------------------------------------------------------------- */

/* Later entries of a pair win, as they do where the file's list becomes a dictionary. */
spae_status spae_token_merges_sort(spae_token_model *model, spae_token_entry *entry, size_t count, const int32_t *merged,
                                   spae_arena *arena, spae_error *err)
{
    model->pair = spae_arena_take(arena, count, sizeof *model->pair);
    model->rank = spae_arena_take(arena, count, sizeof *model->rank);
    model->merged = spae_arena_take(arena, count, sizeof *model->merged);
    const spae_arena_mark mark = spae_arena_here(arena);
    spae_token_entry *spare = spae_arena_take(arena, count, sizeof *spare);
    if (model->pair == NULL || model->rank == NULL || model->merged == NULL || spare == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "no memory for %zu merges", count);
    spae_token_sort(entry, spare, count, NULL, NULL);
    spae_arena_reset(arena, mark);
    model->merges = 0;
    for (size_t i = 0; i < count; i++) {
        if (model->merges > 0 && model->pair[model->merges - 1] == entry[i].key)
            model->merges--;
        model->pair[model->merges] = entry[i].key;
        model->rank[model->merges] = entry[i].value;
        model->merged[model->merges++] = merged[entry[i].value];
    }
    return SPAE_OK;
}

static bool pair_of_merges(const spae_token_model *m, int32_t left, int32_t right, uint32_t *rank, int32_t *id)
{
    const uint64_t pair = (uint64_t)(uint32_t)left << 32 | (uint32_t)right;
    size_t low = 0, high = m->merges;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (m->pair[middle] < pair)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == m->merges || m->pair[low] != pair)
        return false;
    *rank = m->rank[low];
    *id = m->merged[low];
    return true;
}

/* Does a symbol have a rank with the one behind it? Of ranks alone, that of their bytes together: it is the token itself. */
static bool pair_of(const merging *w, uint32_t left, candidate *c)
{
    const symbol *a = &w->symbol[left], *b = &w->symbol[a->after];
    uint32_t rank = 0;
    c->length = a->length + b->length;
    if (w->model->method == SPAE_TOKEN_RANKS) {
        c->id = spae_token_table_find(&w->model->key, w->text + a->start, c->length);
        if (c->id < 0 || w->model->hidden[c->id])
            return false;
        rank = (uint32_t)c->id;
    } else if (!pair_of_merges(w->model, a->id, b->id, &rank, &c->id)) {
        return false;
    }
    c->order = (uint64_t)rank << 32 | left;
    return true;
}

/* ---- the heap -------------------------------------------------------------------------------------------- */

static void push(merging *w, uint32_t left)
{
    candidate c;
    if (left == NONE || w->symbol[left].after == NONE || !pair_of(w, left, &c))
        return;
    size_t i = w->heaped++;
    for (; i > 0 && w->heap[(i - 1) / 2].order > c.order; i = (i - 1) / 2)
        w->heap[i] = w->heap[(i - 1) / 2];
    w->heap[i] = c;
}

static candidate pop(merging *w)
{
    const candidate top = w->heap[0], last = w->heap[--w->heaped];
    size_t i = 0;
    for (;;) {
        size_t least = 2 * i + 1;
        if (least >= w->heaped)
            break;
        if (least + 1 < w->heaped && w->heap[least + 1].order < w->heap[least].order)
            least++;
        if (w->heap[least].order >= last.order)
            break;
        w->heap[i] = w->heap[least];
        i = least;
    }
    w->heap[i] = last;
    return top;
}

/* ---- merging --------------------------------------------------------------------------------------------- */

static void join(merging *w, const candidate *c)
{
    const uint32_t left = (uint32_t)c->order;
    symbol *a = &w->symbol[left];
    if (a->length == 0 || a->after == NONE || a->length + w->symbol[a->after].length != c->length)
        return; /* one of them has grown */
    symbol *b = &w->symbol[a->after];
    a->length = c->length;
    a->id = c->id;
    a->after = b->after;
    b->length = 0;
    if (a->after != NONE)
        w->symbol[a->after].before = left;
    push(w, left);
    push(w, a->before);
}

static void add_symbol(merging *w, size_t start, size_t length, int32_t id)
{
    const uint32_t i = (uint32_t)w->symbols++;
    w->symbol[i] = (symbol){(uint32_t)start, (uint32_t)length, i > 0 ? i - 1 : NONE, NONE, id};
    if (i > 0)
        w->symbol[i - 1].after = i;
}

/* A character that is no token: its bytes' tokens, when all are there, else the unknown one. False when there is neither. */
static bool add_unknown(merging *w, size_t start, size_t length)
{
    const spae_token_model *m = w->model;
    const unsigned char *byte = (const unsigned char *)w->text + start;
    bool all = true;
    for (size_t i = 0; i < length; i++)
        all = all && m->byte_token[byte[i]] >= 0;
    for (size_t i = 0; i < length && all; i++)
        add_symbol(w, start + i, 1, m->byte_token[byte[i]]);
    if (all || m->unknown < 0)
        return all;
    if (m->fuse_unknown && w->symbols > 0 && w->symbol[w->symbols - 1].id == m->unknown)
        w->symbol[w->symbols - 1].length += (uint32_t)length;
    else
        add_symbol(w, start, length, m->unknown);
    return true;
}

/* The first symbols: bytes or characters. */
static spae_status take_apart(merging *w, const char *text, const spae_token_piece *piece, spae_error *err)
{
    const spae_token_model *m = w->model;
    for (size_t at = 0, used = 1; at < piece->length; at += used) {
        uint32_t ignored = 0;
        int32_t id;
        if (m->of_bytes) {
            const int32_t *token = m->ends_pieces && at + 1 == piece->length ? m->last : m->single;
            id = token[(unsigned char)w->text[at]];
        } else {
            used = spae_utf8_decode((const uint8_t *)w->text + at, piece->length - at, &ignored);
            id = spae_token_table_find(&m->key, w->text + at, used);
            if (id >= 0 && m->hidden[id])
                id = -1;
        }
        if (id >= 0)
            add_symbol(w, at, used, id);
        else if (!add_unknown(w, at, used))
            return spae_token_unknown(text, piece->start + at, piece->start + piece->length, err);
    }
    return SPAE_OK;
}

static spae_status merge_all(merging *w, const char *text, const spae_token_piece *piece, spae_arena *arena, int32_t *id,
                             size_t *count, spae_error *err)
{
    w->symbol = spae_arena_take(arena, piece->length, sizeof *w->symbol);
    w->heap = spae_arena_take(arena, piece->length, 2 * sizeof *w->heap);
    if (w->symbol == NULL || w->heap == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "no memory to merge %zu bytes", piece->length);
    const spae_status status = take_apart(w, text, piece, err);
    if (status != SPAE_OK)
        return status;
    for (size_t i = 0; i + 1 < w->symbols; i++)
        push(w, (uint32_t)i);
    while (w->heaped > 0) {
        const candidate best = pop(w);
        join(w, &best);
    }
    for (uint32_t i = 0; i != NONE; i = w->symbol[i].after)
        id[(*count)++] = w->symbol[i].id;
    return SPAE_OK;
}

spae_status spae_token_merge(const spae_token_model *model, const char *text, const spae_token_piece *piece, spae_arena *arena,
                             int32_t *id, size_t *count, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    merging w = {.model = model, .text = text + piece->start};
    const int32_t whole = model->whole_first ? spae_token_table_find(&model->key, w.text, piece->length) : -1;
    if (whole >= 0 && !model->hidden[whole]) {
        id[(*count)++] = whole;
        return SPAE_OK;
    }
    const spae_status status = merge_all(&w, text, piece, arena, id, count, err);
    spae_arena_reset(arena, mark);
    return status;
}
