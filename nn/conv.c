/* The three convolution forms of nn/conv.h as tiled, vectorized, optionally threaded loops.
 *
 * Every result is one chain of multiply-adds in a fixed order, so only results run side by side: a
 * tile of ROWS x LANES chains advances together (nn/conv_tile.h). Whatever the tile, the vectors or
 * the number of threads, the bits are those of the plain loops in test/nn/conv_plain.h.
 *
 * Forward and input gradient are a gathered matrix product: cells x depth times depth x channels,
 * where depth runs over (tap, source channel). The kernel is packed into panels (depth, LANES). The
 * cells' sources are gathered on the stack, STRIP cells and CHUNK of depth at a time; between
 * chunks the chains wait in the output, which loses nothing, for they are of type `real`.
 *
 * The kernel gradient goes by blocks of up to BLOCK output cells: dy is packed into panels (cell,
 * LANES), x is copied into strips with padding, and a tile is ROWS consecutive (kx,ci) of one
 * (kt,ky) by LANES of co. Chains and sums that a block does not finish wait in scratch.
 *
 * Padding: a tap outside is skipped by the definition; here it may multiply a zero instead. That is
 * the same. A chain starts at +0 and, rounding to nearest, a sum is -0 only when both terms are, so
 * no chain is ever -0; operands are finite, so the product is +0 or -0; and adding either changes
 * no value but -0 (SPEC 1.9).
 *
 * Threads: OpenMP splits tiles of outputs; threads share the packed operands and own only a stack
 * buffer of 24 KB. Speed: test/bench/conv.c measures it beside the machine's peak.
 */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "../vendor_free/numerics.h"
#include "conv.h"
#include "conv_tile.h"

enum {
    ROWS = SPAE_TILE_ROWS,
    LANES = SPAE_TILE_LANES,
    CHUNK = SPAE_TILE_CHUNK, /* depth that is gathered at a time                       */
    STRIP = 48,              /* cells that are gathered at a time: a multiple of ROWS  */
    GROUP = 8,               /* panels that share one gathered strip                   */
    BLOCK = 128              /* output cells of a kernel gradient's block              */
};

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

static size_t ceil_div(size_t a, size_t b)
{
    return (a + b - 1) / b;
}

/* ---- Shapes ---- */

spae_conv spae_conv_same(size_t n, const size_t in[3], size_t ci, const size_t kernel[3],
                         const size_t stride[3], size_t co)
{
    spae_conv s = {.n = n, .ci = ci, .co = co};
    for (int a = 0; a < 3; a++) {
        s.in[a] = in[a];
        s.kernel[a] = kernel[a];
        s.stride[a] = stride[a];
        s.out[a] = ceil_div(in[a], stride[a]);
        const size_t reach = (s.out[a] - 1) * stride[a] + kernel[a];
        s.low[a] = reach > in[a] ? (reach - in[a]) / 2 : 0;
    }
    return s;
}

bool spae_conv_padded(spae_conv *s, size_t n, const size_t in[3], size_t ci, const size_t kernel[3],
                      const size_t stride[3], const size_t *pad, size_t co)
{
    for (int a = 0; a < 3; a++)
        if (stride[a] == 0)
            return false;
    spae_conv padded = spae_conv_same(n, in, ci, kernel, stride, co);
    for (int a = 0; a < 3 && pad != NULL; a++) {
        if (pad[a] >= kernel[a] || kernel[a] - pad[a] > in[a] + pad[a])
            return false;
        padded.low[a] = pad[a];
        padded.out[a] = (in[a] + pad[a] - (kernel[a] - pad[a])) / stride[a] + 1;
    }
    *s = padded;
    return true;
}

spae_conv spae_conv_dense(size_t rows, size_t ci, size_t co)
{
    return (spae_conv){.n = 1,
                       .in = {1, 1, rows},
                       .ci = ci,
                       .out = {1, 1, rows},
                       .co = co,
                       .kernel = {1, 1, 1},
                       .stride = {1, 1, 1}};
}

static size_t taps(const spae_conv *s)
{
    return s->kernel[0] * s->kernel[1] * s->kernel[2];
}

/* ---- Panels: a matrix (depth, channels) as (panel, depth, LANES), padded with zeros ---- */

static size_t panel_count(size_t channels)
{
    return ceil_div(channels, LANES);
}

static size_t panel_lanes(size_t channels, size_t panel)
{
    return smaller(channels - panel * LANES, LANES);
}

/* A panel from rows of memory `stride` apart. */
static void pack_panel(real *to, const real *from, size_t stride, size_t depth, size_t lanes)
{
    for (size_t k = 0; k < depth; k++) {
        for (size_t j = 0; j < lanes; j++)
            to[j] = from[j];
        for (size_t j = lanes; j < LANES; j++)
            to[j] = 0;
        to += LANES;
        from += stride;
    }
}

static void pack_panels(real *to, const real *from, size_t depth, size_t channels)
{
    const size_t count = panel_count(channels);
#ifdef _OPENMP
#pragma omp parallel for
#endif
    for (size_t p = 0; p < count; p++)
        pack_panel(to + p * LANES * depth, from + p * LANES, channels, depth,
                   panel_lanes(channels, p));
}

/* ---- Forward and input gradient: the gathered product ---- */

/* One axis: cell i, through tap j, reads source cell i * step + base + j * turn (modulo the range
 * of size_t; outside when not below `size`), and is output cell first + i * spread. */
typedef struct {
    size_t cells, taps;
    size_t step, base, turn, size;
    size_t first, spread, out_size;
} axis;

typedef struct {
    axis axis[3];
    size_t n, cells; /* examples, and cells of all examples            */
    const real *source;
    size_t channels, depth; /* source channels, and taps * channels    */
    const real *panels;
    real *out;
    size_t width; /* output channels                                   */
    const real *bias;
} product;

/* What the gathering of one cell needs: example, source of tap 0 on each axis. */
typedef struct {
    size_t n, at[3];
} cell;

static size_t product_cells(const product *g)
{
    return g->n * g->axis[0].cells * g->axis[1].cells * g->axis[2].cells;
}

/* Finds cell number i: its sources, and where it goes. */
static real *locate(const product *g, size_t i, cell *c)
{
    size_t index[3];
    for (int a = 2; a >= 0; a--) {
        index[a] = i % g->axis[a].cells;
        i /= g->axis[a].cells;
        c->at[a] = index[a] * g->axis[a].step + g->axis[a].base;
    }
    c->n = i;
    for (int a = 0; a < 3; a++)
        i = i * g->axis[a].out_size + g->axis[a].first + index[a] * g->axis[a].spread;
    return g->out + i * g->width;
}

/* The channels that a cell reads through a tap, or NULL outside. */
static const real *source_of(const product *g, const cell *c, const size_t tap[3])
{
    size_t i = c->n;
    for (int a = 0; a < 3; a++) {
        const size_t at = c->at[a] + tap[a] * g->axis[a].turn;
        if (at >= g->axis[a].size)
            return NULL;
        i = i * g->axis[a].size + at;
    }
    return g->source + i * g->channels;
}

/* `run` elements of a cell's depth from channel c of `tap` on, tap by tap along x; +0 for taps
 * outside. */
static void gather_taps(const product *g, const cell *from, const size_t tap[3], size_t c,
                        size_t run, real *to)
{
    size_t at[3] = {tap[0], tap[1], tap[2]};
    for (size_t piece; run > 0; run -= piece) {
        const real *source = source_of(g, from, at);
        piece = smaller(g->channels - c, run);
        if (source)
            memcpy(to, source + c, piece * sizeof *to);
        else
            memset(to, 0, piece * sizeof *to);
        to += piece;
        c = 0;
        at[2]++;
    }
}

/* The same for all cells. Taps along x that lie inside are one piece of memory when they turn
 * forwards. */
static void gather_run(const product *g, const cell *cells, size_t count, const size_t tap[3],
                       size_t c, size_t run, real *a)
{
    const size_t last = tap[2] + (c + run - 1) / g->channels;
    for (size_t r = 0; r < count; r++) {
        const real *source = source_of(g, &cells[r], tap);
        if (source && cells[r].at[2] + last * g->axis[2].turn < g->axis[2].size)
            memcpy(a + r * CHUNK, source + c, run * sizeof *a);
        else
            gather_taps(g, &cells[r], tap, c, run, a + r * CHUNK);
    }
}

/* a[r][k - begin], the depth k = begin..end-1 of each cell. */
static void gather(const product *g, const cell *cells, size_t count, size_t begin, size_t end,
                   real *a)
{
    const size_t kw = g->axis[2].taps, kh = g->axis[1].taps;
    const size_t whole = g->axis[2].turn == 1 ? kw * g->channels : g->channels;
    for (size_t k = begin, run; k < end; k += run) {
        const size_t i = k / g->channels, tap[3] = {i / kw / kh, i / kw % kh, i % kw};
        run = smaller(whole - k % whole, end - k);
        gather_run(g, cells, count, tap, k % g->channels, run, a + (k - begin));
    }
}

/* One chunk of depth of `count` cells, in one panel. */
static void product_chunk(const product *g, const real *a, size_t begin, size_t end, size_t panel,
                          real *const *out, size_t count)
{
    const size_t lanes = panel_lanes(g->width, panel);
    const real *b = g->panels + (panel * g->depth + begin) * LANES;
    real *to[ROWS];
    for (size_t r = 0; r < count; r += ROWS) {
        const size_t rows = smaller(count - r, ROWS);
        for (size_t i = 0; i < rows; i++)
            to[i] = out[r + i] + panel * LANES;
        spae_tile_product(a + r * CHUNK, b, end - begin, begin == 0, to, rows, lanes);
    }
}

static void add_bias(const product *g, size_t lane, size_t end, real *const *out, size_t count)
{
    for (size_t r = 0; r < count; r++)
        for (size_t j = lane; j < end; j++)
            out[r][j] = out[r][j] + g->bias[j];
}

/* STRIP cells from number i on, in a group of panels. */
static void product_strip(const product *g, size_t i, size_t group)
{
    cell cells[STRIP];
    real *out[STRIP];
    real a[STRIP * CHUNK];
    const size_t count = smaller(g->cells - i, STRIP);
    const size_t first = group * GROUP, last = smaller(first + GROUP, panel_count(g->width));
    for (size_t r = 0; r < count; r++)
        out[r] = locate(g, i + r, &cells[r]);
    for (size_t r = count; r % ROWS != 0; r++) /* rows of the last tile that are no cells */
        memset(a + r * CHUNK, 0, CHUNK * sizeof *a);
    size_t begin = 0;
    do { /* once even for a depth of 0, whose chains are +0 */
        const size_t end = smaller(begin + CHUNK, g->depth);
        gather(g, cells, count, begin, end, a);
        for (size_t panel = first; panel < last; panel++)
            product_chunk(g, a, begin, end, panel, out, count);
        begin = end;
    } while (begin < g->depth);
    if (g->bias)
        add_bias(g, first * LANES, smaller(last * LANES, g->width), out, count);
}

static void run_product(const product *g)
{
    const size_t strips = ceil_div(g->cells, STRIP),
                 groups = ceil_div(panel_count(g->width), GROUP);
#ifdef _OPENMP
#pragma omp parallel for
#endif
    for (size_t i = 0; i < strips * groups; i++)
        product_strip(g, i % strips * STRIP, i / strips);
}

size_t spae_conv_forward_scratch(const spae_conv *s)
{
    return taps(s) * s->ci * panel_count(s->co) * LANES;
}

void spae_conv_forward(const spae_conv *s, const real *x, const real *k, const real *bias, real *y,
                       real *scratch)
{
    product g = {.n = s->n,
                 .source = x,
                 .channels = s->ci,
                 .depth = taps(s) * s->ci,
                 .panels = scratch,
                 .out = y,
                 .width = s->co,
                 .bias = bias};
    for (int a = 0; a < 3; a++)
        g.axis[a] = (axis){.cells = s->out[a],
                           .taps = s->kernel[a],
                           .step = s->stride[a],
                           .base = 0 - s->low[a],
                           .turn = 1,
                           .size = s->in[a],
                           .first = 0,
                           .spread = 1,
                           .out_size = s->out[a]};
    g.cells = product_cells(&g);
    pack_panels(scratch, k, g.depth, s->co);
    run_product(&g);
}

/* Inputs q of one phase, q = phase + i * stride, meet the taps k = k0 + j * stride with q + low - k
 * a multiple of the stride, through output (q + low - k) / stride = i + (phase + low - k0) / stride
 * - j. The phases part inputs and taps among them, so that no product with a tap between outputs is
 * ever formed. */
static axis phase_axis(const spae_conv *s, int a, size_t phase)
{
    const size_t stride = s->stride[a], k0 = (phase + s->low[a]) % stride;
    return (axis){.cells = phase < s->in[a] ? ceil_div(s->in[a] - phase, stride) : 0,
                  .taps = k0 < s->kernel[a] ? ceil_div(s->kernel[a] - k0, stride) : 0,
                  .step = 1,
                  .base = (phase + s->low[a]) / stride,
                  .turn = (size_t)-1,
                  .size = s->out[a],
                  .first = phase,
                  .spread = stride,
                  .out_size = s->in[a]};
}

/* One tap of a transposed panel: (co, lanes of ci) from k's (ci, co). Blocks of 16 rows stay in the
 * cache. */
static void transpose_panel(real *to, const real *from, size_t co, size_t lanes)
{
    for (size_t c = 0; c < co; c += 16) {
        const size_t end = smaller(c + 16, co);
        for (size_t j = 0; j < lanes; j++)
            for (size_t i = c; i < end; i++)
                to[i * LANES + j] = from[j * co + i];
        for (size_t i = c; i < end; i++)
            for (size_t j = lanes; j < LANES; j++)
                to[i * LANES + j] = 0;
    }
}

/* The taps of one phase, (kt,ky,kx) in order, each (co, ci), as panels over ci. */
static void pack_phase(const spae_conv *s, const product *g, const size_t phase[3], const real *k,
                       real *to)
{
    const size_t count = panel_count(s->ci), kw = g->axis[2].taps, kh = g->axis[1].taps;
    const size_t tap_count = g->depth / s->co;
#ifdef _OPENMP
#pragma omp parallel for
#endif
    for (size_t i = 0; i < count * tap_count; i++) {
        const size_t panel = i / tap_count, tap = i % tap_count;
        const size_t at[3] = {tap / kw / kh, tap / kw % kh, tap % kw};
        size_t from = 0;
        for (int a = 0; a < 3; a++)
            from =
                from * s->kernel[a] + (phase[a] + s->low[a]) % s->stride[a] + at[a] * s->stride[a];
        transpose_panel(to + (panel * g->depth + tap * s->co) * LANES,
                        k + (from * s->ci + panel * LANES) * s->co, s->co,
                        panel_lanes(s->ci, panel));
    }
}

size_t spae_conv_input_gradient_scratch(const spae_conv *s)
{
    return taps(s) * s->co * panel_count(s->ci) * LANES;
}

void spae_conv_input_gradient(const spae_conv *s, const real *dy, const real *k, real *dx,
                              real *scratch)
{
    product g = {.n = s->n,
                 .source = dy,
                 .channels = s->co,
                 .panels = scratch,
                 .out = dx,
                 .width = s->ci,
                 .bias = NULL};
    size_t phase[3];
    for (phase[0] = 0; phase[0] < s->stride[0]; phase[0]++)
        for (phase[1] = 0; phase[1] < s->stride[1]; phase[1]++)
            for (phase[2] = 0; phase[2] < s->stride[2]; phase[2]++) {
                for (int a = 0; a < 3; a++)
                    g.axis[a] = phase_axis(s, a, phase[a]);
                g.depth = g.axis[0].taps * g.axis[1].taps * g.axis[2].taps * s->co;
                g.cells = product_cells(&g);
                pack_phase(s, &g, phase, k, scratch);
                run_product(&g);
            }
}

/* ---- The dense product with a transposed matrix, packed once ---- */

/* The one phase of the input gradient of a dense product. */
static product dense_phase(const spae_conv *s, const real *dy, const real *panels, real *dx)
{
    product g = {.n = 1, .source = dy, .channels = s->co, .depth = s->co, .panels = panels, .out = dx, .width = s->ci};
    for (int a = 0; a < 3; a++)
        g.axis[a] = phase_axis(s, a, 0);
    g.cells = product_cells(&g);
    return g;
}

size_t spae_dense_packed_size(size_t ci, size_t co)
{
    const spae_conv s = spae_conv_dense(1, ci, co);
    return spae_conv_input_gradient_scratch(&s);
}

void spae_dense_pack(const real *k, size_t ci, size_t co, real *packed)
{
    const spae_conv s = spae_conv_dense(1, ci, co);
    const product g = dense_phase(&s, NULL, NULL, NULL);
    pack_phase(&s, &g, (const size_t[3]){0, 0, 0}, k, packed);
}

void spae_dense_transposed_packed(size_t rows, size_t ci, size_t co, const real *x, const real *packed, real *y)
{
    const spae_conv s = spae_conv_dense(rows, ci, co);
    const product g = dense_phase(&s, x, packed, y);
    run_product(&g);
}

/* ---- Kernel gradient ---- */

/* Consecutive output cells: whole rows, or a part of one row longer than BLOCK. */
typedef struct {
    const spae_conv *s;
    size_t t, y, rows;    /* the first row, and their number           */
    size_t begin, pixels; /* in each row, the first x and their number */
    bool part_of_row, in_row, ends_row;           /* a part; not the first; last or whole rows   */
    bool in_example, ends_example, after_example; /* goes on with; ends one; one ended before    */
    size_t strip, along, strips_per_row;          /* elements of a strip, from x to x; kt * kh */
    void (*rows_tile)(const real *, size_t, size_t, const real *, size_t, size_t, spae_tile);
    real *strips, *panels;
    real *chains, *sum, *dk; /* state between blocks, each shaped like dk; NULL where not needed */
} block;

/* A tile of dk: ROWS consecutive (kx,ci) of the tap row (kt,ky), and LANES of co. */
typedef struct {
    size_t offset, stride; /* in dk: of its first element, from row to row */
    size_t rows, lanes;    /* of it that exist                             */
    size_t t[2], y[2];     /* output t and y for which the taps are inside: first, end */
} tile;

/* The outputs first <= o < end whose tap k on one axis is inside. */
static void inside(const spae_conv *s, int a, size_t k, size_t range[2])
{
    const size_t low = s->low[a], stride = s->stride[a];
    range[0] = k < low ? ceil_div(low - k, stride) : 0;
    range[1] = s->in[a] + low > k ? smaller(ceil_div(s->in[a] + low - k, stride), s->out[a]) : 0;
}

/* A tile of one of the arrays shaped like dk. */
static void load_state(spae_tile state, const real *from, const tile *at)
{
    spae_tile_load(state, from + at->offset, at->stride, at->rows, at->lanes);
}

static void store_state(real *to, spae_tile state, const tile *at)
{
    spae_tile_store(to + at->offset, at->stride, state, at->rows, at->lanes);
}

/* The end of a block: what goes on waits in scratch; examples that ended are added in order. */
static void end_tile(const block *g, const tile *at, spae_tile sum, spae_tile total)
{
    if (g->sum)
        store_state(g->sum, sum, at);
    if (g->ends_example)
        store_state(g->dk, total, at);
}

/* Begins with the sum of the present example's rows before the block, and the sum of the examples
 * before. */
static void begin_tile(const block *g, const tile *at, spae_tile sum, spae_tile total)
{
    memset(sum, 0, sizeof(spae_tile));   /* +0 */
    memset(total, 0, sizeof(spae_tile)); /* +0 */
    if (g->in_example && g->sum)
        load_state(sum, g->sum, at);
    if (g->ends_example && g->after_example)
        load_state(total, g->dk, at);
}

/* A tile's share of a block of whole rows, frame by frame: `a` is its first strip, `b` its panel of
 * dy. Sums are never -0, so that a row outside, whose chains are +0, may be left out. */
static void gradient_tile(const block *g, const tile *at, const real *a, const real *b)
{
    spae_tile sum, total;
    const size_t h = g->s->out[1], a_row = g->strips_per_row * g->strip;
    begin_tile(g, at, sum, total);
    for (size_t i = 0, t = g->t, y = g->y; i < g->rows;) {
        const size_t count = smaller(h - y, g->rows - i);
        const size_t first = larger(y, at->y[0]), end = smaller(y + count, at->y[1]);
        const size_t row = i + first - y;
        if (first < end && t >= at->t[0] && t < at->t[1])
            g->rows_tile(a + row * a_row, a_row, g->along, b + row * g->pixels * LANES, g->pixels,
                         end - first, sum);
        if (y + count == h && ++t == g->s->out[0]) {
            spae_tile_add(total, sum);
            memset(sum, 0, sizeof(spae_tile)); /* +0 */
            t = 0;
        }
        y = 0;
        i += count;
    }
    end_tile(g, at, sum, total);
}

/* The same for a part of a long row. */
static void gradient_part_tile(const block *g, const tile *at, const real *a, const real *b)
{
    spae_tile chains, sum, total;
    memset(chains, 0, sizeof(spae_tile)); /* +0 */
    if (g->in_row)
        load_state(chains, g->chains, at);
    if (g->t >= at->t[0] && g->t < at->t[1] && g->y >= at->y[0] && g->y < at->y[1])
        spae_tile_row_part(a, g->along, b, g->pixels, chains);
    if (!g->ends_row) {
        store_state(g->chains, chains, at);
        return;
    }
    begin_tile(g, at, sum, total);
    spae_tile_add(sum, chains);
    if (g->ends_example)
        spae_tile_add(total, sum);
    end_tile(g, at, sum, total);
}

/* Strip for output row (n,t,y) and one (kt,ky): the input cells that taps kx = 0..kw-1 of the
 * block's x read, padding zero, and ROWS zeros for the last tile to read beyond. A row outside has
 * none: it is not read. */
static void pack_strip(const block *g, const real *x, size_t n, const size_t output[2],
                       const size_t tap[2], real *to)
{
    const spae_conv *s = g->s;
    const size_t t = output[0] * s->stride[0] + tap[0] - s->low[0];
    const size_t y = output[1] * s->stride[1] + tap[1] - s->low[1];
    if (t >= s->in[0] || y >= s->in[1])
        return;
    const size_t cells = (g->pixels - 1) * s->stride[2] + s->kernel[2],
                 start = g->begin * s->stride[2];
    const size_t skip =
        start < s->low[2] ? smaller(s->low[2] - start, cells) : 0; /* padding before */
    const size_t from = start + skip - s->low[2];
    const size_t count = from < s->in[2] ? smaller(s->in[2] - from, cells - skip) : 0;
    const size_t row = (n * s->in[0] + t) * s->in[1] + y, ci = s->ci;
    memset(to, 0, skip * ci * sizeof *to);
    if (count > 0)
        memcpy(to + skip * ci, x + (row * s->in[2] + from) * ci, count * ci * sizeof *to);
    memset(to + (skip + count) * ci, 0, (g->strip - (skip + count) * ci) * sizeof *to);
}

/* All strips of the block, (row, kt, ky); the block's first row is number `first`. */
static void pack_strips(const block *g, const real *x, size_t first)
{
    const size_t kh = g->s->kernel[1], per = g->strips_per_row, h = g->s->out[1];
    const size_t per_example = g->s->out[0] * h;
#ifdef _OPENMP
#pragma omp parallel for
#endif
    for (size_t i = 0; i < g->rows * per; i++) {
        const size_t row = first + i / per, in_example = row % per_example;
        const size_t output[2] = {in_example / h, in_example % h}, tap[2] = {i % per / kh, i % kh};
        pack_strip(g, x, row / per_example, output, tap, g->strips + i * g->strip);
    }
}

/* Tile number i of dk: tap rows (kt,ky), ROWS of (kx,ci) at a time, panels of co. */
static void run_tile(const block *g, size_t i)
{
    const spae_conv *s = g->s;
    const size_t tap_row = s->kernel[2] * s->ci, tiles = ceil_div(tap_row, ROWS),
                 panels = panel_count(s->co);
    const size_t panel = i % panels, r = i / panels % tiles * ROWS, strip = i / panels / tiles;
    tile at = {.offset = (strip * tap_row + r) * s->co + panel * LANES,
               .stride = s->co,
               .rows = smaller(tap_row - r, ROWS),
               .lanes = panel_lanes(s->co, panel)};
    inside(s, 0, strip / s->kernel[1], at.t);
    inside(s, 1, strip % s->kernel[1], at.y);
    const real *a = g->strips + strip * g->strip + r,
               *b = g->panels + panel * LANES * g->rows * g->pixels;
    if (g->part_of_row)
        gradient_part_tile(g, &at, a, b);
    else
        gradient_tile(g, &at, a, b);
}

static void run_block(const block *g)
{
    const size_t tiles = ceil_div(g->s->kernel[2] * g->s->ci, ROWS);
    const size_t count = g->strips_per_row * tiles * panel_count(g->s->co);
#ifdef _OPENMP
#pragma omp parallel for
#endif
    for (size_t i = 0; i < count; i++)
        run_tile(g, i);
}

static size_t block_pixels(const spae_conv *s)
{
    return smaller(s->out[2], BLOCK);
}

static size_t block_rows(const spae_conv *s)
{
    return smaller(BLOCK / block_pixels(s), s->n * s->out[0] * s->out[1]);
}

static size_t strip_size(const spae_conv *s, size_t pixels)
{
    return ((pixels - 1) * s->stride[2] + s->kernel[2]) * s->ci + ROWS;
}

/* Scratch is: panels of dy, strips of x, then the sums of an example and the chains of a row where
 * needed. */
static size_t gradient_panels(const spae_conv *s)
{
    return block_rows(s) * block_pixels(s) * panel_count(s->co) * LANES;
}

static size_t gradient_strips(const spae_conv *s)
{
    return block_rows(s) * s->kernel[0] * s->kernel[1] * strip_size(s, block_pixels(s));
}

static size_t gradient_sums(const spae_conv *s)
{
    return s->out[0] * s->out[1] > 1 ? taps(s) * s->ci * s->co : 0;
}

static size_t gradient_chains(const spae_conv *s)
{
    return s->out[2] > BLOCK ? taps(s) * s->ci * s->co : 0;
}

size_t spae_conv_kernel_gradient_scratch(const spae_conv *s)
{
    return gradient_panels(s) + gradient_strips(s) + gradient_sums(s) + gradient_chains(s);
}

/* The block of `rows` rows from `row` on, in each `pixels` cells from x = `begin` on. */
static void gradient_block(block *g, const real *x, const real *dy, size_t row, size_t rows,
                           size_t begin, size_t pixels)
{
    const spae_conv *s = g->s;
    const size_t in_example = row % (s->out[0] * s->out[1]);
    g->t = in_example / s->out[1];
    g->y = in_example % s->out[1];
    g->rows = rows;
    g->begin = begin;
    g->pixels = pixels;
    g->part_of_row = pixels < s->out[2];
    g->in_row = begin > 0;
    g->ends_row = begin + pixels == s->out[2];
    g->in_example = in_example > 0;
    g->ends_example = g->ends_row && in_example + rows >= s->out[0] * s->out[1];
    g->after_example = row > in_example;
    g->strip = strip_size(s, pixels);
    g->rows_tile = pixels > 16 ? spae_tile_long_rows : spae_tile_short_rows;
    pack_strips(g, x, row);
    pack_panels(g->panels, dy + (row * s->out[2] + begin) * s->co, rows * pixels, s->co);
    run_block(g);
}

void spae_conv_kernel_gradient(const spae_conv *s, const real *x, const real *dy, real *dk,
                               real *scratch)
{
    block g = {.s = s,
               .along = s->stride[2] * s->ci,
               .strips_per_row = s->kernel[0] * s->kernel[1],
               .panels = scratch,
               .strips = scratch + gradient_panels(s),
               .dk = dk};
    real *state = g.strips + gradient_strips(s);
    g.sum = gradient_sums(s) ? state : NULL;
    g.chains = gradient_chains(s) ? state + gradient_sums(s) : NULL;
    const size_t all = s->n * s->out[0] * s->out[1], rows = block_rows(s), pixels = block_pixels(s);
    for (size_t row = 0; row < all; row += rows)
        for (size_t begin = 0; begin < s->out[2]; begin += pixels)
            gradient_block(&g, x, dy, row, smaller(rows, all - row), begin,
                           smaller(pixels, s->out[2] - begin));
}
