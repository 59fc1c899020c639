/* A convolution's product of cells and kernel where it has no more channels than a picture: the last layer of a
 * decoder, and the gradient of a picture. Lanes of channels would stand empty, so here lanes are cells of one row and
 * the rows of a tile are channels.
 *
 * For that the source is turned round once, to (n, t, h, channel, x), with zeros on both sides of x for what lies
 * outside; then the cells x .. x + LANES - 1 of an output row read consecutive numbers through each tap. Rows that are
 * outside are skipped.
 */
#include <string.h>

#include "../vendor_free/numerics.h"
#include "conv_product.h"
#include "conv_tile.h"
#include "threads.h"

enum { ROWS = SPAE_NARROW_ROWS, LANES = SPAE_NARROW_LANES, TURNED = SPAE_TILE_LANES /* cells turned at a time */ };

/* Rows of at least half a tile, so that it pays; neighbours read neighbours, and are neighbours. */
bool spae_narrow_fits(const spae_product *g)
{
    const spae_product_axis *x = &g->axis[2];
    return g->width <= ROWS && g->channels >= TURNED / 2 && x->cells >= LANES / 2 && x->step == 1 && x->spread == 1 &&
           g->depth > 0;
}

/* The turned source: numbers before a row's first one, and from channel to channel. */
typedef struct {
    const spae_product *g;
    size_t lead, pitch;
    real *turned; /* (n, t, h, channels, pitch) */
    real *kernel; /* (depth, ROWS) */
} narrow;

static narrow lay_out(const spae_product *g, real *scratch)
{
    const spae_product_axis *x = &g->axis[2];
    narrow m = {.g = g, .lead = g->backward ? x->taps - 1 - x->base : 0 - x->base};
    m.pitch = spae_larger(spae_ceil_div(x->cells, LANES) * LANES + x->taps - 1,
                          m.lead + spae_ceil_div(x->size, TURNED) * TURNED);
    m.kernel = scratch;
    m.turned = scratch != NULL ? scratch + g->depth * ROWS : NULL;
    return m;
}

static size_t source_rows(const spae_product *g)
{
    return g->n * g->axis[0].size * g->axis[1].size;
}

size_t spae_narrow_scratch(const spae_product *g)
{
    return g->depth * ROWS + source_rows(g) * g->channels * lay_out(g, NULL).pitch;
}

/* Source row number i. */
static void turn_row(const narrow *m, size_t i)
{
    const size_t size = m->g->axis[2].size, channels = m->g->channels, end = m->lead + size;
    const real *from = m->g->source + i * size * channels;
    real *to = m->turned + i * channels * m->pitch;
    for (size_t x = 0; x < size; x += TURNED)
        spae_tile_transpose(from + x * channels, channels, spae_smaller(TURNED, size - x), channels, to + m->lead + x,
                            m->pitch);
    for (size_t c = 0; c < channels; c++, to += m->pitch) {
        memset(to, 0, m->lead * sizeof *to);
        memset(to + end, 0, (m->pitch - end) * sizeof *to);
    }
}

/* kernel[k][r], zero for channels that are not there. */
static void turn_kernel(const narrow *m)
{
    const spae_product *g = m->g;
    const size_t kw = g->axis[2].taps, kh = g->axis[1].taps, c = g->channels;
    memset(m->kernel, 0, g->depth * ROWS * sizeof(real));
    for (size_t k = 0; k < g->depth; k++) {
        const size_t tap = k / c, at[3] = {tap / kw / kh, tap / kw % kh, tap % kw};
        const real *from = g->kernel + spae_product_tap(g, at) * c * g->width;
        for (size_t r = 0; r < g->width; r++)
            m->kernel[k * ROWS + r] = g->backward ? from[r * c + k % c] : from[k % c * g->width + r];
    }
}

/* The source row that output row (t,y) of an example reads through (kt,ky). False outside. */
static bool reads_row(const spae_product *g, const size_t row[3], const size_t tap[2], size_t *source)
{
    *source = row[0];
    for (int a = 0; a < 2; a++) {
        const size_t at = row[1 + a] * g->axis[a].step + g->axis[a].base + tap[a] * g->axis[a].turn;
        if (at >= g->axis[a].size)
            return false;
        *source = *source * g->axis[a].size + at;
    }
    return true;
}

/* The chains of the cells x .. x + LANES - 1 of an output row, row = (example, t, y). */
static void chains(const narrow *m, const size_t row[3], size_t x, real acc[ROWS][LANES])
{
    const spae_product *g = m->g;
    const size_t kw = g->axis[2].taps, kh = g->axis[1].taps, c = g->channels;
    for (size_t i = 0; i < g->axis[0].taps * kh; i++) {
        size_t source;
        if (!reads_row(g, row, (const size_t[]){i / kh, i % kh}, &source))
            continue;
        for (size_t kx = 0; kx < kw; kx++)
            spae_tile_narrow(m->kernel + (i * kw + kx) * c * ROWS,
                             m->turned + source * c * m->pitch + x + (g->backward ? kw - 1 - kx : kx), m->pitch, c,
                             acc);
    }
}

static void narrow_tile(const narrow *m, const size_t row[3], size_t x)
{
    const spae_product *g = m->g;
    const size_t count = spae_smaller(LANES, g->axis[2].cells - x);
    size_t at = row[0];
    for (int a = 0; a < 2; a++)
        at = at * g->axis[a].out_size + g->axis[a].first + row[1 + a] * g->axis[a].spread;
    real *out = g->out + (at * g->axis[2].out_size + x) * g->width;
    real acc[ROWS][LANES];
    memset(acc, 0, sizeof acc); /* +0 */
    chains(m, row, x, acc);
    for (size_t i = 0; i < count; i++, out += g->width)
        for (size_t r = 0; r < g->width; r++)
            out[r] = g->bias != NULL ? acc[r][i] + g->bias[r] : acc[r][i];
}

void spae_narrow_run(const spae_product *g, real *scratch)
{
    const narrow m = lay_out(g, scratch);
    const size_t rows = source_rows(g), tiles = spae_ceil_div(g->axis[2].cells, LANES);
    const size_t h = g->axis[1].cells, t = g->axis[0].cells;
    turn_kernel(&m);
    SPAE_THREADS(rows * g->axis[2].size * g->channels)
    for (size_t i = 0; i < rows; i++)
        turn_row(&m, i);
    SPAE_THREADS(g->cells * g->depth)
    for (size_t i = 0; i < g->n * t * h * tiles; i++) {
        const size_t y = i / tiles;
        narrow_tile(&m, (const size_t[]){y / h / t, y / h % t, y % h}, i % tiles * LANES);
    }
}
