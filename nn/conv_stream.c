/* A product of few cells with a large matrix: a dense layer for a token or a few. Packing the whole matrix would cost more
 * than the product, in time and in memory, so each part of it is packed where it is used, in the first cache, and read from
 * memory once.
 *
 * The work is cut into groups of panels (nn/conv_product.c). A group goes through the depth in chunks; between chunks the
 * chains wait in the output.
 */
#include <string.h>

#include "../vendor_free/numerics.h"
#include "conv_product.h"
#include "conv_tile.h"
#include "threads.h"

enum {
    ROWS = SPAE_TILE_ROWS,
    LANES = SPAE_TILE_LANES,
    MOST_CELLS = 64,
    CHUNK = 64, /* depth of a chunk */
    GROUP = 4   /* panels of a group: a chunk of it is 16 or 32 KiB, read from memory in longer pieces */
};

/* Few cells, one behind the other, and one tap. */
bool spae_stream_fits(const spae_product *g)
{
    for (int a = 0; a < 3; a++) {
        const spae_product_axis *x = &g->axis[a];
        if (x->taps != 1 || x->kernel_size != 1 || x->step != 1 || x->base != 0 || x->size != x->cells ||
            x->out_size != x->cells || x->first != 0 || x->spread != 1)
            return false;
    }
    return g->packed == NULL && g->cells > 0 && g->cells <= MOST_CELLS;
}

static size_t panels_of(const spae_product *g)
{
    return spae_ceil_div(g->width, LANES);
}

static size_t workers_of(const spae_product *g)
{
    return spae_smaller(SPAE_WORKERS, spae_ceil_div(panels_of(g), GROUP));
}

size_t spae_stream_scratch(const spae_product *g)
{
    return ROWS * g->depth + workers_of(g) * GROUP * CHUNK * LANES;
}

/* `count` rows of the depth from `first` on, of `panels` panels -> (panel, CHUNK, LANES) */
static void pack(const spae_product *g, size_t first, size_t count, size_t panel, size_t panels, real *packed)
{
    for (size_t i = 0; i < panels; i++, packed += CHUNK * LANES) {
        const size_t lane = (panel + i) * LANES, lanes = spae_smaller(LANES, g->width - lane);
        if (g->backward)
            spae_tile_transpose(g->kernel + lane * g->channels + first, g->channels, lanes, count, packed, LANES);
        for (size_t k = 0; k < count && !g->backward; k++)
            spae_tile_pack(packed + k * LANES, g->kernel + (first + k) * g->width + lane, lanes);
    }
}

/* One packed panel with all cells. edge (ROWS,depth): the cells of the last tile, where it is not whole. */
static void multiply(const spae_product *g, const real *edge, size_t first, size_t count, size_t panel, const real *packed)
{
    const size_t lane = panel * LANES, lanes = spae_smaller(LANES, g->width - lane);
    const real *bias = g->bias != NULL && first + count == g->depth ? g->bias + lane : NULL;
    for (size_t cell = 0; cell < g->cells; cell += ROWS) {
        const size_t rows = spae_smaller(ROWS, g->cells - cell);
        const real *a = rows == ROWS ? g->source + cell * g->depth : edge;
        const spae_tile_part part = {a + first, g->depth, 0, count};
        real *to[ROWS] = {NULL};
        for (size_t r = 0; r < rows; r++)
            to[r] = g->out + (cell + r) * g->width + lane;
        spae_tile_product(&part, 1, packed, first == 0, bias, to, rows, lanes);
    }
}

static void run_group(const spae_product *g, const real *edge, size_t panel, real *packed)
{
    const size_t panels = spae_smaller(GROUP, panels_of(g) - panel);
    for (size_t first = 0; first < g->depth; first += CHUNK) {
        const size_t count = spae_smaller(CHUNK, g->depth - first);
        pack(g, first, count, panel, panels, packed);
        for (size_t i = 0; i < panels; i++)
            multiply(g, edge, first, count, panel + i, packed + i * CHUNK * LANES);
    }
}

void spae_stream_run(const spae_product *g, real *scratch)
{
    const size_t whole = g->cells / ROWS * ROWS, rest = (g->cells - whole) * g->depth, panels = panels_of(g);
    const size_t workers = workers_of(g);
    memcpy(scratch, g->source + whole * g->depth, rest * sizeof *scratch);
    memset(scratch + rest, 0, (ROWS * g->depth - rest) * sizeof *scratch);
    SPAE_THREADS(g->cells * g->depth * panels) /* steps of a vector for each cell */
    for (size_t worker = 0; worker < workers; worker++)
        for (size_t panel = worker * GROUP; panel < panels; panel += workers * GROUP)
            run_group(g, scratch, panel, scratch + ROWS * g->depth + worker * GROUP * CHUNK * LANES);
}
