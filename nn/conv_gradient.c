/* The kernel gradient of nn/conv.h.
 *
 *     dk[tap,ci,co]   for each example, for each output row (t,y), a chain over x of x * dy; rows added in order into
 *                     the example's sum, examples added in order                                            SPEC 2.3
 *
 * It goes by blocks of output rows of one frame, about BLOCK cells. dy is packed into panels (cell, LANES) and the rows
 * of x that the block reads into strips with zero padding. A tile is ROWS consecutive (kx,ci) of one (kt,ky), which
 * are consecutive in a strip, by LANES of co; its sum waits in dk between blocks. Rows that lie outside are left out:
 * their chains would be +0, and sums are never -0 (nn/conv.c).
 *
 * Few input channels make short tap rows, which would leave tiles half empty: then a strip holds for each output cell
 * all that its taps read, side by side, and all taps are one row. Few output channels would leave lanes empty: then x
 * and dy change places. The gradient of (x,dy) at a tap is that of (dy,x) at the opposite one, product by product in
 * the same order.
 */
#include <string.h>

#include "../vendor_free/numerics.h"
#include "conv.h"
#include "conv_product.h"
#include "conv_tile.h"
#include "threads.h"

enum {
    ROWS = SPAE_TILE_ROWS,
    LANES = SPAE_TILE_LANES,
    BLOCK = 512 /* output cells of a block, unless a row is longer: panels of it stay in a first-level cache */
};

typedef struct {
    const spae_conv *s;
    bool merged;                  /* all taps are one row */
    size_t tap_rows, tap_row;     /* (kt,ky), and elements of (kx,ci); 1 and all of them when merged */
    size_t along, strip, lines;   /* elements of a strip from cell to cell, and in all; strips of a frame */
    size_t n, t, y, rows;         /* the block: example, frame, first row and number of rows */
    real *strips;                 /* (tap frames, lines, strip) */
    real *panels;                 /* (panel, rows, cells of a row, LANES) */
    real *sum;                    /* of this example, shaped like dk */
} block;

static size_t taps(const spae_conv *s)
{
    return s->kernel[0] * s->kernel[1] * s->kernel[2];
}

static size_t panel_count(const spae_conv *s)
{
    return spae_ceil_div(s->co, LANES);
}

static size_t block_rows(const spae_conv *s)
{
    return spae_smaller(spae_larger(BLOCK / s->out[2], 1), s->out[1]);
}

static block lay_out(const spae_conv *s)
{
    const size_t rows = block_rows(s), row = s->kernel[2] * s->ci;
    block g = {.s = s, .merged = row < 4 * ROWS && taps(s) * s->ci > row};
    g.tap_rows = g.merged ? 1 : s->kernel[0] * s->kernel[1];
    g.tap_row = g.merged ? taps(s) * s->ci : row;
    g.along = g.merged ? g.tap_row : s->stride[2] * s->ci;
    g.lines = g.merged ? rows : (rows - 1) * s->stride[1] + s->kernel[1];
    g.strip = (s->out[2] - 1) * g.along + g.tap_row + ROWS; /* the last tile reads ROWS */
    return g;
}

static size_t strips_size(const block *g)
{
    return (g->merged ? 1 : g->s->kernel[0]) * g->lines * g->strip;
}

static size_t panels_size(const spae_conv *s)
{
    return block_rows(s) * s->out[2] * panel_count(s) * LANES;
}

/* ---- Packing ---- */

/* `cells` cells of x from place `start` - low on in the row (n,t,y) of the input, zero where they are outside. */
static void copy_cells(const spae_conv *s, const real *x, size_t n, size_t t, size_t y, size_t start, size_t cells,
                       real *to)
{
    const size_t ci = s->ci, low = s->low[2], w = s->in[2];
    const bool outside = t >= s->in[0] || y >= s->in[1];
    if (!outside && start >= low && start - low + cells <= w) { /* most are */
        memcpy(to, x + (((n * s->in[0] + t) * s->in[1] + y) * w + start - low) * ci, cells * ci * sizeof *to);
        return;
    }
    const size_t before = outside ? cells : start < low ? spae_smaller(low - start, cells) : 0;
    const size_t from = start + before - low;
    const size_t count = !outside && from < w ? spae_smaller(w - from, cells - before) : 0;
    memset(to, 0, before * ci * sizeof *to);
    if (count > 0)
        memcpy(to + before * ci, x + (((n * s->in[0] + t) * s->in[1] + y) * w + from) * ci, count * ci * sizeof *to);
    memset(to + (before + count) * ci, 0, (cells - before - count) * ci * sizeof *to);
}

/* Strip number i of the block: an input row, with its padding. */
static void pack_input_row(const block *g, const real *x, size_t i, real *to)
{
    const spae_conv *s = g->s;
    const size_t t = g->t * s->stride[0] + i / g->lines - s->low[0],
                 y = g->y * s->stride[1] + i % g->lines - s->low[1];
    if (t < s->in[0] && y < s->in[1]) /* else it is not read */
        copy_cells(s, x, g->n, t, y, 0, (s->out[2] - 1) * s->stride[2] + s->kernel[2], to);
}

/* Merged: for each cell of output row y + i what its taps read. */
static void pack_taps(const block *g, const real *x, size_t i, real *to)
{
    const spae_conv *s = g->s;
    const size_t kh = s->kernel[1], row = s->kernel[2] * s->ci;
    for (size_t tap = 0; tap < s->kernel[0] * kh; tap++)
        for (size_t u = 0; u < s->out[2]; u++)
            copy_cells(s, x, g->n, g->t * s->stride[0] + tap / kh - s->low[0],
                       (g->y + i) * s->stride[1] + tap % kh - s->low[1], u * s->stride[2], s->kernel[2],
                       to + u * g->along + tap * row);
}

static void pack_strips(const block *g, const real *x)
{
    const size_t count = g->merged ? g->rows : g->s->kernel[0] * g->lines;
    SPAE_THREADS(count * g->strip)
    for (size_t i = 0; i < count; i++) {
        real *to = g->strips + i * g->strip;
        if (g->merged)
            pack_taps(g, x, i, to);
        else
            pack_input_row(g, x, i, to);
        memset(to + g->strip - ROWS, 0, ROWS * sizeof *to);
    }
}

static void pack_panels(const block *g, const real *dy)
{
    const spae_conv *s = g->s;
    const size_t count = panel_count(s), cells = g->rows * s->out[2], co = s->co;
    const real *from = dy + ((g->n * s->out[0] + g->t) * s->out[1] + g->y) * s->out[2] * co;
    SPAE_THREADS(count * cells * LANES)
    for (size_t p = 0; p < count; p++)
        for (size_t i = 0; i < cells; i++)
            spae_tile_pack(g->panels + (p * cells + i) * LANES, from + i * co + p * LANES,
                           spae_smaller(co - p * LANES, LANES));
}

/* ---- Tiles ---- */

/* The outputs first <= o < end whose tap k on one axis is inside. */
static void inside(const spae_conv *s, int a, size_t k, size_t range[2])
{
    const size_t low = s->low[a], stride = s->stride[a];
    range[0] = k < low ? spae_ceil_div(low - k, stride) : 0;
    range[1] = s->in[a] + low > k ? spae_smaller(spae_ceil_div(s->in[a] + low - k, stride), s->out[a]) : 0;
}

/* The block's rows first <= i < end that tap row (kt,ky) reads inside. */
static void rows_inside(const block *g, size_t kt, size_t ky, size_t range[2])
{
    size_t t[2];
    inside(g->s, 0, kt, t);
    inside(g->s, 1, ky, range);
    for (int end = 0; end < 2; end++)
        range[end] = range[end] < g->y ? 0 : spae_smaller(range[end] - g->y, g->rows);
    if (g->t < t[0] || g->t >= t[1] || range[0] > range[1])
        range[0] = range[1] = 0;
}

/* `count` rows of a tile, which add to its sum at `to`: strips `a_row` apart from a on, rows of a panel from b on. */
static void add_rows(const block *g, const real *a, size_t a_row, const real *b, size_t count, real *to, size_t rows,
                     size_t lanes)
{
    spae_tile sum;
    real *row[ROWS];
    for (size_t r = 0; r < rows; r++)
        row[r] = to + r * g->s->co;
    spae_tile_load(sum, row, g->t == 0 && g->y == 0 ? 0 : rows, lanes);
    spae_tile_gradient(a, a_row, g->along, b, count, g->s->out[2], sum);
    spae_tile_store(row, sum, rows, lanes);
}

/* Tile number i: panels of co, in each the tap rows, in each ROWS of (kx,ci) at a time. */
static void run_tile(const block *g, size_t i)
{
    const spae_conv *s = g->s;
    const size_t tiles = spae_ceil_div(g->tap_row, ROWS), kh = s->kernel[1];
    const size_t r = i % tiles * ROWS, line = i / tiles % g->tap_rows, panel = i / tiles / g->tap_rows;
    const size_t step = g->merged ? 1 : s->stride[1];
    size_t range[2] = {0, g->rows}, strip = 0;
    if (!g->merged) {
        rows_inside(g, line / kh, line % kh, range);
        strip = line / kh * g->lines + range[0] * step + line % kh;
    }
    add_rows(g, g->strips + strip * g->strip + r, step * g->strip,
             g->panels + (panel * g->rows + range[0]) * s->out[2] * LANES, range[1] - range[0],
             g->sum + (line * g->tap_row + r) * s->co + panel * LANES, spae_smaller(ROWS, g->tap_row - r),
             spae_smaller(LANES, s->co - panel * LANES));
}

static void run_block(const block *g, const real *x, const real *dy)
{
    const size_t count = spae_ceil_div(g->tap_row, ROWS) * g->tap_rows * panel_count(g->s);
    pack_strips(g, x);
    pack_panels(g, dy);
    SPAE_THREADS(count * ROWS * g->rows * g->s->out[2]) /* steps of ROWS vectors */
    for (size_t i = 0; i < count; i++)
        run_tile(g, i);
}

/* ---- The gradient ---- */

/* x and dy change places where that fills lanes; not where strides would make holes. */
static bool is_swapped(const spae_conv *s)
{
    return s->co <= LANES / 4 && s->ci > s->co && s->stride[0] * s->stride[1] * s->stride[2] == 1;
}

static spae_conv swapped(const spae_conv *s)
{
    spae_conv o = {.n = s->n, .ci = s->co, .co = s->ci};
    for (int a = 0; a < 3; a++) {
        o.in[a] = s->out[a];
        o.out[a] = s->in[a];
        o.kernel[a] = s->kernel[a];
        o.stride[a] = 1;
        o.low[a] = s->kernel[a] - 1 - s->low[a];
    }
    return o;
}

static size_t straight_scratch(const spae_conv *s)
{
    const block g = lay_out(s);
    return strips_size(&g) + panels_size(s) + (s->n > 1 ? taps(s) * s->ci * s->co : 0);
}

static void straight_gradient(const spae_conv *s, const real *x, const real *dy, real *dk, real *scratch)
{
    const size_t count = taps(s) * s->ci * s->co, rows = block_rows(s);
    block g = lay_out(s);
    g.strips = scratch;
    g.panels = g.strips + strips_size(&g);
    for (g.n = 0; g.n < s->n; g.n++) {
        g.sum = g.n == 0 ? dk : g.panels + panels_size(s);
        for (g.t = 0; g.t < s->out[0]; g.t++)
            for (g.y = 0; g.y < s->out[1]; g.y += rows) {
                g.rows = spae_smaller(rows, s->out[1] - g.y);
                run_block(&g, x, dy);
            }
        for (size_t i = 0; i < count && g.n > 0; i++)
            dk[i] = dk[i] + g.sum[i];
    }
}

/* dk[tap,ci,co] from the gradient of the swapped one, which is at the opposite tap and (co,ci). */
static void turn_back(const spae_conv *s, const real *from, real *dk)
{
    const size_t count = taps(s), ci = s->ci, co = s->co;
    for (size_t tap = 0; tap < count; tap++)
        for (size_t i = 0; i < ci * co; i++)
            dk[tap * ci * co + i] = from[((count - 1 - tap) * co + i % co) * ci + i / co];
}

size_t spae_conv_kernel_gradient_scratch(const spae_conv *s)
{
    if (!is_swapped(s))
        return straight_scratch(s);
    const spae_conv o = swapped(s);
    return straight_scratch(&o) + taps(s) * s->ci * s->co;
}

void spae_conv_kernel_gradient(const spae_conv *s, const real *x, const real *dy, real *dk, real *scratch)
{
    if (!is_swapped(s)) {
        straight_gradient(s, x, dy, dk, scratch);
        return;
    }
    const spae_conv o = swapped(s);
    straight_gradient(&o, dy, x, scratch, scratch + taps(s) * s->ci * s->co);
    turn_back(s, scratch, dk);
}
