/* What forward and input gradient share (nn/conv.c makes it, nn/conv_product.c and conv_narrow.c compute it): a
 * product of gathered cells (cells, depth) with a kernel (depth, width), where depth runs over (tap, source channel).
 */
#ifndef SPAE_CONV_PRODUCT_H
#define SPAE_CONV_PRODUCT_H

#include <stdbool.h>
#include <stddef.h>

#include "real.h"

/* How many pieces of work may go on side by side, each with scratch of its own. */
#ifdef _OPENMP
enum { SPAE_WORKERS = 16 };
#else
enum { SPAE_WORKERS = 1 };
#endif

/* One axis: cell i, through tap j, reads source cell i * step + base + j * turn (modulo the range of size_t; outside
 * when not below `size`), is output cell first + i * spread, and meets the kernel's tap tap_first + j * tap_step. */
typedef struct {
    size_t cells, taps;
    size_t step, base, turn, size;
    size_t first, spread, out_size;
    size_t tap_first, tap_step, kernel_size;
} spae_product_axis;

typedef struct {
    spae_product_axis axis[3];
    bool backward;          /* turn is -1 and the kernel's taps are (width, channels); else 1, (channels, width) */
    size_t n, cells;        /* examples, and cells of all examples            */
    const real *source;
    size_t elements;        /* of the source                                  */
    size_t channels, depth; /* source channels, and taps * channels           */
    const real *kernel;
    const real *packed;     /* the kernel as panels (panel, depth, LANES), or NULL: the product packs it */
    real *out;
    size_t width;           /* output channels                                */
    const real *bias;       /* (width) or NULL                                */
} spae_product;

/* Which of the kernel's taps is `tap` of the product? */
static inline size_t spae_product_tap(const spae_product *g, const size_t tap[3])
{
    size_t at = 0;
    for (int a = 0; a < 3; a++)
        at = at * g->axis[a].kernel_size + g->axis[a].tap_first + tap[a] * g->axis[a].tap_step;
    return at;
}

/* Tiles of cells by channels. scratch: elements of `real`; only spae_product_gathered where the kernel is packed. */
size_t spae_product_scratch(const spae_product *g);
size_t spae_product_gathered(const spae_product *g);
void spae_product_run(const spae_product *g, real *scratch);

/* Panels (panel, depth, LANES) of the whole kernel: what `packed` takes. */
size_t spae_product_packed_size(size_t depth, size_t width);
void spae_product_pack(const spae_product *g, real *packed);

/* The same product where it has few channels: tiles of channels by cells. */
bool spae_narrow_fits(const spae_product *g);
size_t spae_narrow_scratch(const spae_product *g);
void spae_narrow_run(const spae_product *g, real *scratch);

static inline size_t spae_smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static inline size_t spae_larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

static inline size_t spae_ceil_div(size_t a, size_t b)
{
    return (a + b - 1) / b;
}

#endif
