/* Attention in one go (nn/attention.h): the weights of a few queries at a time, never all of them.
 *
 * The same chains as the plain operations of nn/attention.c (SPEC 3.22), in tiles of nn/conv_tile.h: ROWS queries by LANES
 * keys for the scores, ROWS queries by LANES channels for the results, whose chains run over the keys. The queries of all
 * heads that read one key head are rows of one product: row = query * (heads / kv_heads) + head within the group.
 *
 * An item is up to BLOCK rows of one key head. Keys are turned, and values packed, once for an item. Under a causal mask the
 * rows of a tile share the keys that its first row sees; the few more of the others follow row by row.
 */
#include "attention.h"

#include <math.h>
#include <string.h>

#include "conv_product.h"
#include "conv_tile.h"
#include "ops.h"
#include "threads.h"

enum {
    ROWS = SPAE_TILE_ROWS,
    LANES = SPAE_TILE_LANES,
    BLOCK = 4 * ROWS, /* rows of an item */
    CHUNK = 64        /* values that are packed at a time */
};

/* What all items share. */
typedef struct {
    const spae_attention_form *form;
    const real *q;
    size_t queries, keys, row_stride; /* row_stride: elements of a query, heads * head_dim */
    const spae_attention_span *span;
    size_t spans;
    real *y;
    size_t group, across; /* heads of a key head; from row to row of the scores */
} work;

typedef struct {
    const work *w;
    size_t head, first, count; /* key head; rows [first, first + count) of it */
    size_t visible;            /* keys that its last row sees */
    real *scores;              /* (BLOCK, across) */
    real *q;                   /* (BLOCK, head_dim), zero below the last row of the last tile */
    real *panel;               /* (max(head_dim, CHUNK), LANES) */
} item;

static size_t across_of(size_t keys)
{
    return spae_ceil_div(keys, LANES) * LANES;
}

/* Keys that a row sees. */
static size_t visible(const work *w, size_t row)
{
    const size_t query = row / w->group;
    return w->form->causal ? spae_smaller(w->keys, w->form->offset + query + 1) : w->keys;
}

/* Where a row's head begins among the elements of all queries. */
static size_t place_of(const item *it, size_t row)
{
    const work *w = it->w;
    return row / w->group * w->row_stride + (it->head * w->group + row % w->group) * w->form->head_dim;
}

static size_t tiles(const item *it)
{
    return spae_ceil_div(it->count, ROWS);
}

static size_t rows_of_tile(const item *it, size_t tile)
{
    return spae_smaller(ROWS, it->count - tile * ROWS);
}

/* Rows of q side by side; those that only fill the last tile are zero, there and in the scores. */
static void gather(item *it)
{
    const size_t d = it->w->form->head_dim, filled = tiles(it) * ROWS;
    for (size_t r = 0; r < it->count; r++)
        memcpy(it->q + r * d, it->w->q + place_of(it, it->first + r), d * sizeof(real));
    memset(it->q + it->count * d, 0, (filled - it->count) * d * sizeof(real));
    memset(it->scores + it->count * it->w->across, 0, (filled - it->count) * it->w->across * sizeof(real));
}

/* ---- scores: q . k ---- */

/* Of all rows with `lanes` keys that are turned in the panel; they are the keys from `key` on. */
static void score_keys(const item *it, size_t key, size_t lanes)
{
    const size_t d = it->w->form->head_dim;
    for (size_t tile = 0; tile < tiles(it); tile++) {
        const spae_tile_part part = {it->q + tile * ROWS * d, d, 0, d};
        real *to[ROWS];
        for (size_t r = 0; r < ROWS; r++)
            to[r] = it->scores + (tile * ROWS + r) * it->w->across + key;
        spae_tile_product(&part, 1, it->panel, true, NULL, to, rows_of_tile(it, tile), lanes);
    }
}

static void score(const item *it)
{
    const spae_attention_form *form = it->w->form;
    const size_t d = form->head_dim, stride = form->kv_heads * d;
    for (size_t s = 0, first = 0; s < it->w->spans && first < it->visible; first += it->w->span[s++].count) {
        const size_t count = spae_smaller(it->w->span[s].count, it->visible - first);
        for (size_t key = 0; key < count; key += LANES) {
            const size_t lanes = spae_smaller(LANES, count - key);
            spae_tile_transpose(it->w->span[s].keys + key * stride + it->head * d, stride, lanes, d, it->panel, LANES);
            score_keys(it, first + key, lanes);
        }
    }
}

/* ---- weights: the softmax of the scaled scores ---- */

static void weigh(const item *it)
{
    const real factor = (real)(1 / sqrt((double)it->w->form->head_dim));
    for (size_t r = 0; r < it->count; r++) {
        real *row = it->scores + r * it->w->across;
        const size_t keys = visible(it->w, it->first + r);
        for (size_t key = 0; key < keys; key++)
            row[key] *= factor;
        spae_softmax_array(row, 1, keys, row);
    }
}

/* ---- results: weights times values ---- */

/* Adds `count` values, packed in the panel, which are those from `key` on, to the chains of the tiles that share them. */
static void mix_values(const item *it, size_t key, size_t count, size_t lane, size_t lanes)
{
    for (size_t tile = 0; tile < tiles(it); tile++) {
        const size_t row = it->first + tile * ROWS, shared = visible(it->w, row), rows = rows_of_tile(it, tile);
        real *to[ROWS] = {NULL};
        if (key >= shared)
            continue;
        const spae_tile_part part = {it->scores + tile * ROWS * it->w->across + key, it->w->across, 0,
                                     spae_smaller(count, shared - key)};
        for (size_t r = 0; r < rows; r++)
            to[r] = it->w->y + place_of(it, row + r) + lane;
        spae_tile_product(&part, 1, it->panel, key == 0, NULL, to, rows, lanes);
    }
}

/* values: the first of `count` of the item's head, which are those from `key` on. */
static void mix_chunk(const item *it, const real *values, size_t key, size_t count)
{
    const size_t d = it->w->form->head_dim, stride = it->w->form->kv_heads * d;
    for (size_t lane = 0; lane < d; lane += LANES) {
        const size_t lanes = spae_smaller(LANES, d - lane);
        for (size_t i = 0; i < count; i++)
            spae_tile_pack(it->panel + i * LANES, values + i * stride + lane, lanes);
        mix_values(it, key, count, lane, lanes);
    }
}

/* Values from `key` on, as above, for the rows that see more than the first of their tile. */
static void mix_rest(const item *it, const real *values, size_t key, size_t count)
{
    const size_t d = it->w->form->head_dim, stride = it->w->form->kv_heads * d;
    for (size_t r = 0; r < it->count; r++) {
        const size_t row = it->first + r, shared = visible(it->w, row - r % ROWS), end = visible(it->w, row);
        real *y = it->w->y + place_of(it, row);
        for (size_t k = spae_larger(key, shared); k < spae_smaller(end, key + count); k++)
            for (size_t j = 0; j < d; j++)
                y[j] = y[j] + it->scores[r * it->w->across + k] * values[(k - key) * stride + j];
    }
}

static void mix(const item *it)
{
    const spae_attention_form *form = it->w->form;
    const size_t d = form->head_dim, stride = form->kv_heads * d;
    for (size_t s = 0, first = 0; s < it->w->spans && first < it->visible; first += it->w->span[s++].count) {
        const real *values = it->w->span[s].values + it->head * d;
        const size_t count = spae_smaller(it->w->span[s].count, it->visible - first);
        for (size_t at = 0; at < count; at += CHUNK)
            mix_chunk(it, values + at * stride, first + at, spae_smaller(CHUNK, count - at));
        mix_rest(it, values, first, count);
    }
}

/* ---- all items ---- */

static size_t panel_size(const spae_attention_form *form)
{
    return spae_larger(form->head_dim, CHUNK) * LANES;
}

static size_t item_scratch(const spae_attention_form *form, size_t keys)
{
    return BLOCK * (across_of(keys) + form->head_dim) + panel_size(form);
}

static size_t blocks_of(const spae_attention_form *form, size_t queries)
{
    return spae_ceil_div(queries * (form->heads / form->kv_heads), BLOCK);
}

static size_t workers_of(const spae_attention_form *form, size_t queries)
{
    return spae_smaller(SPAE_WORKERS, blocks_of(form, queries) * form->kv_heads);
}

size_t spae_attention_scratch(const spae_attention_form *form, size_t queries, size_t keys)
{
    return workers_of(form, queries) * item_scratch(form, keys);
}

static void run_item(const work *w, size_t number, real *scratch)
{
    const size_t rows = w->queries * w->group, first = number / w->form->kv_heads * BLOCK;
    item it = {.w = w,
               .head = number % w->form->kv_heads,
               .first = first,
               .count = spae_smaller(BLOCK, rows - first),
               .scores = scratch,
               .q = scratch + BLOCK * w->across,
               .panel = scratch + BLOCK * (w->across + w->form->head_dim)};
    it.visible = visible(w, first + it.count - 1);
    gather(&it);
    score(&it);
    weigh(&it);
    mix(&it);
}

void spae_attention_array(const spae_attention_form *form, const real *q, size_t queries, const spae_attention_span *span,
                          size_t spans, real *y, real *scratch)
{
    work w = {.form = form,
              .q = q,
              .queries = queries,
              .row_stride = form->heads * form->head_dim,
              .span = span,
              .spans = spans,
              .y = y,
              .group = form->heads / form->kv_heads};
    for (size_t s = 0; s < spans; s++)
        w.keys += span[s].count;
    w.across = across_of(w.keys);
    const size_t items = blocks_of(form, queries) * form->kv_heads, workers = workers_of(form, queries);
    SPAE_THREADS(queries * w.row_stride * w.keys)
    for (size_t worker = 0; worker < workers; worker++)
        for (size_t i = worker; i < items; i += workers)
            run_item(&w, i, scratch + worker * item_scratch(form, w.keys));
}
