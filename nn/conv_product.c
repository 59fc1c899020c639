/* A convolution's product of cells and kernel, in tiles of ROWS cells by LANES channels.
 *
 * The kernel is packed into panels (depth, LANES): beforehand, or, where one block has all cells, span by span by the item
 * that meets it, for which it then waits in a second-level cache. The work is cut into items, blocks of up to BLOCK cells by groups of
 * GROUP panels. An item goes through the depth in spans of a few chunks; between spans the chains wait in the output,
 * which loses nothing, for they are of type `real`. Cells are met in strips of TILES tiles, so that what they read stays
 * in the cache for all panels of the group.
 *
 * Where the cells of a tile are neighbours and everything they read through the chunk's taps lies inside, the tile reads
 * the source in place. Elsewhere its part of the source is gathered, with zeros for what lies outside; a chunk that is
 * outside for the whole tile is skipped. (Why zeros are as good as skipping: nn/conv.c.)
 */
#include "conv_product.h"

#include <string.h>

#include "../vendor_free/numerics.h"
#include "conv_tile.h"
#include "threads.h"

enum {
    ROWS = SPAE_TILE_ROWS,
    LANES = SPAE_TILE_LANES,
    CHUNK = 1536 / sizeof(real), /* depth of a chunk, at most: what is gathered of a cell at a time */
    SPAN = 3,                   /* chunks that a tile goes through at a time: between them its chains stay in registers */
    SMALL = 32,                 /* pieces below that are gathered, many to a chunk */
    FEW = 64 / sizeof(real),    /* elements that are copied at once */
    PACKED = 64,                /* rows that are packed at a time */
    TILES = 8,                  /* of a strip */
    BLOCK = 32 * ROWS,          /* cells of an item: what they read and write stays in a second-level cache */
    GROUP = 512 / sizeof(real) / LANES /* panels of an item */
};

/* An output cell: its example, its place on each axis. */
typedef struct {
    size_t n, index[3];
} cell;

/* Up to ROWS consecutive cells. */
typedef struct {
    cell first;
    size_t count;
    bool in_row; /* ROWS neighbours on the last axis */
} tile;

/* A part of the depth: `pieces` pieces of `run` elements, from channel c of `tap` on. A piece is consecutive in the
 * source. */
typedef struct {
    size_t begin, pieces, run;
    size_t tap[3], c;
} chunk;

typedef struct {
    size_t begin, count; /* cells */
    size_t panel, panels;
    real *out[BLOCK];
    tile tile[BLOCK / ROWS];
    real *a; /* scratch (TILES, chunks of a span, ROWS, across_of) */
    real *b; /* scratch (GROUP, span, LANES) where the kernel is not packed */
} item;

/* ---- Cells ---- */

static cell locate(const spae_product *g, size_t i)
{
    cell c;
    for (int a = 2; a >= 0; a--) {
        c.index[a] = i % g->axis[a].cells;
        i /= g->axis[a].cells;
    }
    c.n = i;
    return c;
}

static void next_cell(const spae_product *g, cell *c)
{
    for (int a = 2; a >= 0; a--) {
        if (++c->index[a] < g->axis[a].cells)
            return;
        c->index[a] = 0;
    }
    c->n++;
}

static real *out_of(const spae_product *g, const cell *c)
{
    size_t i = c->n;
    for (int a = 0; a < 3; a++)
        i = i * g->axis[a].out_size + g->axis[a].first + c->index[a] * g->axis[a].spread;
    return g->out + i * g->width;
}

/* The source's place of a cell through a tap; not below axis.size when outside. */
static size_t place(const spae_product *g, int a, const cell *c, size_t tap)
{
    return c->index[a] * g->axis[a].step + g->axis[a].base + tap * g->axis[a].turn;
}

/* The channels that a cell reads through a tap, or NULL outside. */
static const real *source_of(const spae_product *g, const cell *c, const size_t tap[3])
{
    size_t i = c->n;
    for (int a = 0; a < 3; a++) {
        const size_t at = place(g, a, c, tap[a]);
        if (at >= g->axis[a].size)
            return NULL;
        i = i * g->axis[a].size + at;
    }
    return g->source + i * g->channels;
}

static void find_tiles(const spae_product *g, item *it)
{
    cell c = locate(g, it->begin);
    for (size_t i = 0; i < it->count; i++, next_cell(g, &c)) {
        tile *t = &it->tile[i / ROWS];
        if (i % ROWS == 0)
            *t = (tile){c, spae_smaller(ROWS, it->count - i), c.index[2] + ROWS <= g->axis[2].cells};
        it->out[i] = out_of(g, &c);
    }
    if (it->count % ROWS != 0)
        it->tile[it->count / ROWS].in_row = false;
}

/* ---- Chunks ---- */

/* Forwards, the taps of the last axis lie side by side in the source. Backwards a piece is one tap. */
static size_t piece_size(const spae_product *g)
{
    return g->backward ? g->channels : g->axis[2].taps * g->channels;
}

/* The number of the tap that has this depth, and its place on each axis. */
static void tap_at(const spae_product *g, size_t depth, size_t tap[3])
{
    size_t i = depth / g->channels;
    for (int a = 2; a >= 0; a--) {
        tap[a] = i % g->axis[a].taps;
        i /= g->axis[a].taps;
    }
}

/* The chunk that begins at that depth: one piece or a part of one; of very small pieces as many as there is room for. */
static chunk chunk_at(const spae_product *g, size_t begin)
{
    chunk c = {.begin = begin};
    if (begin >= g->depth) /* a depth of 0: its chains are +0 */
        return c;
    const size_t whole = piece_size(g), within = begin % whole;
    tap_at(g, begin, c.tap);
    c.c = begin % g->channels;
    c.pieces = whole < SMALL ? spae_smaller(CHUNK / whole, g->depth / whole - begin / whole) : 1;
    c.run = spae_smaller(spae_ceil_div(whole, spae_ceil_div(whole, CHUNK)), whole - within);
    return c;
}

/* ---- The kernel's part ---- */

static size_t panel_count(size_t channels)
{
    return spae_ceil_div(channels, LANES);
}

static size_t panel_lanes(size_t channels, size_t panel)
{
    return spae_smaller(channels - panel * LANES, LANES);
}

/* Rows first .. first + count - 1 of the depth, which are channels of one tap, of `panels` panels from `panel` on, one
 * `pitch` rows behind the other. Backwards the kernel's tap is turned round. */
static void pack_rows(const spae_product *g, size_t first, size_t count, size_t panel, size_t panels, size_t pitch,
                      real *packed)
{
    size_t tap[3];
    tap_at(g, first, tap);
    const size_t whole = spae_product_tap(g, tap) * g->channels * g->width, c = first % g->channels;
    for (size_t i = 0; i < panels; i++) {
        const size_t lane = (panel + i) * LANES, lanes = panel_lanes(g->width, panel + i);
        real *to = packed + i * pitch * LANES;
        if (g->backward)
            spae_tile_transpose(g->kernel + whole + lane * g->channels + c, g->channels, lanes, count, to, LANES);
        for (size_t k = 0; k < count && !g->backward; k++, to += LANES)
            spae_tile_pack(to, g->kernel + whole + (c + k) * g->width + lane, lanes);
    }
}

size_t spae_product_packed_size(size_t depth, size_t width)
{
    return depth * panel_count(width) * LANES;
}

void spae_product_pack(const spae_product *g, real *packed)
{
    const size_t parts = spae_ceil_div(g->channels, PACKED), taps = g->depth / g->channels;
    SPAE_THREADS(g->depth * g->width)
    for (size_t i = 0; i < taps * parts; i++) {
        const size_t c = i % parts * PACKED, first = i / parts * g->channels + c;
        pack_rows(g, first, spae_smaller(PACKED, g->channels - c), 0, panel_count(g->width), g->depth,
                  packed + first * LANES);
    }
}

/* ---- The cells' part ---- */

/* Do all cells of the tile read inside through all taps of the piece? */
static bool reads_inside(const spae_product *g, const tile *t, const chunk *c)
{
    const size_t *tap = c->tap, last = tap[2] + (c->c + c->run - 1) / g->channels; /* backwards it is the only one */
    const size_t highest = place(g, 2, &t->first, last) + (ROWS - 1) * g->axis[2].step;
    return t->in_row && place(g, 2, &t->first, tap[2]) < g->axis[2].size && highest < g->axis[2].size &&
           place(g, 1, &t->first, tap[1]) < g->axis[1].size && place(g, 0, &t->first, tap[0]) < g->axis[0].size;
}

/* Does no cell of the tile read inside through the piece, because its row is outside? */
static bool reads_outside(const spae_product *g, const tile *t, const chunk *c)
{
    return t->in_row && (place(g, 0, &t->first, c->tap[0]) >= g->axis[0].size ||
                         place(g, 1, &t->first, c->tap[1]) >= g->axis[1].size);
}

/* A copy of few elements by way of one of FEW, which is two moves; `to` has room for them. Where the source ends
 * sooner, they are copied as they are. */
static void copy_few(real *to, const real *from, size_t count, const real *end)
{
    if (count <= FEW && (size_t)(end - from) >= FEW)
        memcpy(to, from, FEW * sizeof *to);
    else
        memcpy(to, from, count * sizeof *to);
}

/* `run` elements of a cell's depth from channel c of `tap` on, tap by tap on the last axis; +0 for taps outside. */
static void gather_taps(const spae_product *g, const cell *from, const size_t first[3], size_t c, size_t run, real *to)
{
    size_t tap[3] = {first[0], first[1], first[2]};
    const size_t last = tap[2] + (c + run - 1) / g->channels;
    const real *source = source_of(g, from, tap);
    if (source != NULL && place(g, 2, from, last) < g->axis[2].size) {
        copy_few(to, source + c, run, g->source + g->elements);
        return;
    }
    for (size_t piece; run > 0; run -= piece, to += piece, c = 0, tap[2]++) {
        source = source_of(g, from, tap);
        piece = spae_smaller(g->channels - c, run);
        if (source != NULL)
            memcpy(to, source + c, piece * sizeof *to);
        else
            memset(to, 0, piece * sizeof *to);
    }
}

/* From row to row of what is gathered: a chunk, and what copy_few writes too much. */
static size_t across_of(const spae_product *g)
{
    return spae_smaller(CHUNK, g->depth) + FEW;
}

/* a (ROWS, across): rows beyond the tile's cells are zero. Piece by piece, for taps cost divisions; what copy_few writes
 * too much is written again by the next piece, or lies beyond the chunk. */
static void gather_tile(const spae_product *g, const tile *t, const chunk *c, real *a)
{
    const size_t across = across_of(g);
    for (size_t i = 0; i < c->pieces; i++) {
        size_t tap[3];
        cell from = t->first;
        tap_at(g, c->begin + i * c->run, tap);
        for (size_t r = 0; r < t->count; r++, next_cell(g, &from))
            gather_taps(g, &from, tap, c->c, c->run, a + r * across + i * c->run);
    }
    memset(a + t->count * across, 0, (ROWS - t->count) * across * sizeof *a);
}

/* Where a tile finds the factors of a chunk, which meet the span's rows from `at` on: in place, or gathered into `a`. */
static spae_tile_part part_of(const spae_product *g, const tile *t, const chunk *c, size_t at, real *a)
{
    if (c->pieces == 1 && reads_outside(g, t, c))
        return (spae_tile_part){a, 0, at, 0};
    if (c->pieces == 1 && reads_inside(g, t, c))
        return (spae_tile_part){source_of(g, &t->first, c->tap) + c->c, g->axis[2].step * g->channels, at, c->run};
    gather_tile(g, t, c, a);
    return (spae_tile_part){a, across_of(g), at, c->pieces * c->run};
}

/* ---- The product ---- */

/* The chunks of the depth from `begin` on that a tile goes through at a time. */
typedef struct {
    size_t begin, end, chunks; /* depth; how many chunks */
    chunk chunk[SPAN];
} span;

static span span_at(const spae_product *g, size_t begin)
{
    span s = {begin, begin, 0, {{0}}};
    do { /* one even for a depth of 0 */
        const chunk c = chunk_at(g, s.end);
        s.chunk[s.chunks++] = c;
        s.end += c.pieces * c.run;
    } while (s.chunks < SPAN && s.end < g->depth);
    return s;
}

/* The parts of a tile that are not outside as a whole. */
typedef struct {
    size_t parts;
    spae_tile_part part[SPAN];
} tile_parts;

static void find_parts(const spae_product *g, const span *s, const tile *t, real *a, tile_parts *found)
{
    found->parts = 0;
    for (size_t i = 0; i < s->chunks; i++) {
        const chunk *c = &s->chunk[i];
        const spae_tile_part p = part_of(g, t, c, c->begin - s->begin, a + i * ROWS * across_of(g));
        if (p.depth > 0)
            found->part[found->parts++] = p;
    }
}

static void pack_span(const spae_product *g, const item *it, const span *s)
{
    for (size_t k = s->begin, count; k < s->end; k += count) {
        count = spae_smaller(spae_smaller(PACKED, g->channels - k % g->channels), s->end - k);
        pack_rows(g, k, count, it->panel, it->panels, s->end - s->begin, it->b + (k - s->begin) * LANES);
    }
}

/* One panel of the tiles first .. end - 1, whose parts are p. b is its rows of the span. */
static void multiply(const spae_product *g, const item *it, const span *s, size_t first, size_t end,
                     const tile_parts *p, size_t panel)
{
    const size_t lane = (it->panel + panel) * LANES;
    const real *b = g->packed != NULL ? g->packed + lane * g->depth + s->begin * LANES
                                      : it->b + panel * (s->end - s->begin) * LANES;
    const real *bias = g->bias != NULL && s->end == g->depth ? g->bias + lane : NULL;
    for (size_t i = first; i < end; i++) {
        real *to[ROWS];
        for (size_t r = 0; r < it->tile[i].count; r++)
            to[r] = it->out[i * ROWS + r] + lane;
        spae_tile_product(p[i - first].part, p[i - first].parts, b, s->begin == 0, bias, to, it->tile[i].count,
                          panel_lanes(g->width, it->panel + panel));
    }
}

static void multiply_span(const spae_product *g, const item *it, const span *s)
{
    const size_t tiles = spae_ceil_div(it->count, ROWS);
    for (size_t first = 0; first < tiles; first += TILES) {
        const size_t end = spae_smaller(first + TILES, tiles);
        tile_parts p[TILES];
        for (size_t i = first; i < end; i++)
            find_parts(g, s, &it->tile[i], it->a + (i - first) * s->chunks * ROWS * across_of(g), &p[i - first]);
        for (size_t panel = 0; panel < it->panels; panel++)
            multiply(g, it, s, first, end, p, panel);
    }
}

static void run_item(const spae_product *g, item *it)
{
    find_tiles(g, it);
    span s;
    size_t begin = 0;
    do {
        s = span_at(g, begin);
        if (g->packed == NULL)
            pack_span(g, it, &s);
        multiply_span(g, it, &s);
        begin = s.end;
    } while (begin < g->depth);
}

/* How the work is cut: panels of an item are fewer where there would be too few items for all workers. */
typedef struct {
    size_t blocks, group, groups, workers;
} cut;

static cut cut_work(const spae_product *g)
{
    const size_t panels = panel_count(g->width);
    cut w = {.blocks = spae_ceil_div(g->cells, BLOCK), .group = GROUP};
    while (w.group > 1 && w.blocks * spae_ceil_div(panels, w.group) < SPAE_WORKERS)
        w.group /= 2;
    w.group = spae_smaller(w.group, panels);
    w.groups = spae_ceil_div(panels, w.group);
    w.workers = spae_smaller(SPAE_WORKERS, w.blocks * w.groups);
    return w;
}

static size_t gathered_size(const spae_product *g)
{
    const size_t chunks = span_at(g, 0).chunks; /* as many as any span has */
    return spae_smaller(TILES, spae_ceil_div(g->cells, ROWS)) * chunks * ROWS * across_of(g);
}

/* With one block each part of the kernel is met once: nothing is won by packing it beforehand. */
static bool packs_spans(const spae_product *g)
{
    return g->packed == NULL && g->cells <= BLOCK;
}

/* Elements of a worker's scratch. */
static size_t worker_size(const spae_product *g)
{
    return gathered_size(g) + (packs_spans(g) ? spae_smaller(SPAN * CHUNK, g->depth) * cut_work(g).group * LANES : 0);
}

size_t spae_product_gathered(const spae_product *g)
{
    return g->cells > 0 ? cut_work(g).workers * gathered_size(g) : 0;
}

size_t spae_product_scratch(const spae_product *g)
{
    if (g->cells == 0)
        return 0;
    return cut_work(g).workers * worker_size(g) + (packs_spans(g) ? 0 : spae_product_packed_size(g->depth, g->width));
}

static void run_items(const spae_product *g, real *scratch)
{
    const cut w = cut_work(g);
    const size_t panels = panel_count(g->width), size = worker_size(g);
    SPAE_THREADS(g->cells * g->depth * panels) /* steps of a vector for each cell */
    for (size_t worker = 0; worker < w.workers; worker++)
        for (size_t i = worker; i < w.blocks * w.groups; i += w.workers) {
            const size_t begin = i % w.blocks * BLOCK, panel = i / w.blocks * w.group;
            item it = {.begin = begin,
                       .count = spae_smaller(BLOCK, g->cells - begin),
                       .panel = panel,
                       .panels = spae_smaller(w.group, panels - panel),
                       .a = scratch + worker * size,
                       .b = scratch + worker * size + gathered_size(g)};
            run_item(g, &it);
        }
}

void spae_product_run(const spae_product *g, real *scratch)
{
    if (g->cells == 0)
        return;
    spae_product packed = *g;
    if (g->packed == NULL && !packs_spans(g)) {
        real *panels = scratch + spae_product_gathered(g);
        spae_product_pack(g, panels);
        packed.packed = panels;
    }
    run_items(&packed, scratch);
}
