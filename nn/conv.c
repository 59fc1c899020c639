/* The three convolution forms of nn/conv.h: shapes, and forward and input gradient as products of gathered cells and
 * kernel. The kernel gradient is in nn/conv_gradient.c.
 *
 * Every result is one chain of multiply-adds in a fixed order, so only results run side by side: a tile of ROWS x LANES
 * chains advances together (nn/conv_tile.h). Whatever the tile, the vectors or the number of threads, the bits are
 * those of the plain loops in test/nn/conv_plain.h.
 *
 * Padding: a tap outside is skipped by the definition; here it may multiply a zero instead. That is the same. A chain
 * starts at +0 and, rounding to nearest, a sum is -0 only when both terms are, so no chain is ever -0; operands are
 * finite, so the product is +0 or -0; and adding either changes no value but -0 (SPEC 1.9).
 *
 * Threads: OpenMP splits outputs; what threads share is read only, and each has scratch of its own. Speed: `make
 * bench-conv` measures it beside the machine's peak.
 */
#include "conv.h"

#include "conv_product.h"

/* ---- Shapes ---- */

spae_conv spae_conv_same(size_t n, const size_t in[3], size_t ci, const size_t kernel[3],
                         const size_t stride[3], size_t co)
{
    spae_conv s = {.n = n, .ci = ci, .co = co};
    for (int a = 0; a < 3; a++) {
        s.in[a] = in[a];
        s.kernel[a] = kernel[a];
        s.stride[a] = stride[a];
        s.out[a] = spae_ceil_div(in[a], stride[a]);
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

/* ---- Forward and input gradient ---- */

/* Narrow products where they fit, tiles elsewhere. */
static size_t product_scratch(const spae_product *g)
{
    return spae_narrow_fits(g) ? spae_narrow_scratch(g) : spae_product_scratch(g);
}

static void run_product(const spae_product *g, real *scratch)
{
    if (spae_narrow_fits(g))
        spae_narrow_run(g, scratch);
    else
        spae_product_run(g, scratch);
}

/* Counts from the axes. */
static void measure(spae_product *g)
{
    g->depth = g->channels;
    g->elements = g->n * g->channels;
    g->cells = g->n;
    for (int a = 0; a < 3; a++) {
        g->depth *= g->axis[a].taps;
        g->elements *= g->axis[a].size;
        g->cells *= g->axis[a].cells;
    }
}

static spae_product forward_product(const spae_conv *s, const real *x, const real *k, const real *bias, real *y)
{
    spae_product g = {
        .n = s->n, .source = x, .channels = s->ci, .kernel = k, .out = y, .width = s->co, .bias = bias};
    for (int a = 0; a < 3; a++)
        g.axis[a] = (spae_product_axis){.cells = s->out[a],
                                        .taps = s->kernel[a],
                                        .step = s->stride[a],
                                        .base = 0 - s->low[a],
                                        .turn = 1,
                                        .size = s->in[a],
                                        .first = 0,
                                        .spread = 1,
                                        .out_size = s->out[a],
                                        .tap_first = 0,
                                        .tap_step = 1,
                                        .kernel_size = s->kernel[a]};
    measure(&g);
    return g;
}

size_t spae_conv_forward_scratch(const spae_conv *s)
{
    const spae_product g = forward_product(s, NULL, NULL, NULL, NULL);
    return product_scratch(&g);
}

void spae_conv_forward(const spae_conv *s, const real *x, const real *k, const real *bias, real *y, real *scratch)
{
    const spae_product g = forward_product(s, x, k, bias, y);
    run_product(&g, scratch);
}

/* Inputs q of one phase, q = phase + i * stride, meet the taps k = k0 + j * stride with q + low - k a multiple of the
 * stride, through output (q + low - k) / stride = i + (phase + low - k0) / stride - j. The phases part inputs and taps
 * among them, so that no product with a tap between outputs is ever formed. */
static spae_product_axis phase_axis(const spae_conv *s, int a, size_t phase)
{
    const size_t stride = s->stride[a], k0 = (phase + s->low[a]) % stride;
    return (spae_product_axis){.cells = phase < s->in[a] ? spae_ceil_div(s->in[a] - phase, stride) : 0,
                               .taps = k0 < s->kernel[a] ? spae_ceil_div(s->kernel[a] - k0, stride) : 0,
                               .step = 1,
                               .base = (phase + s->low[a]) / stride,
                               .turn = (size_t)-1,
                               .size = s->out[a],
                               .first = phase,
                               .spread = stride,
                               .out_size = s->in[a],
                               .tap_first = k0,
                               .tap_step = stride,
                               .kernel_size = s->kernel[a]};
}

static size_t phases(const spae_conv *s)
{
    return s->stride[0] * s->stride[1] * s->stride[2];
}

static spae_product phase_product(const spae_conv *s, size_t phase, const real *dy, const real *k, real *dx)
{
    spae_product g = {
        .backward = true, .n = s->n, .source = dy, .channels = s->co, .kernel = k, .out = dx, .width = s->ci};
    for (int a = 2; a >= 0; a--) {
        g.axis[a] = phase_axis(s, a, phase % s->stride[a]);
        phase /= s->stride[a];
    }
    measure(&g);
    return g;
}

size_t spae_conv_input_gradient_scratch(const spae_conv *s)
{
    size_t most = 0;
    for (size_t phase = 0; phase < phases(s); phase++) {
        const spae_product g = phase_product(s, phase, NULL, NULL, NULL);
        most = spae_larger(most, product_scratch(&g));
    }
    return most;
}

void spae_conv_input_gradient(const spae_conv *s, const real *dy, const real *k, real *dx, real *scratch)
{
    for (size_t phase = 0; phase < phases(s); phase++) {
        const spae_product g = phase_product(s, phase, dy, k, dx);
        run_product(&g, scratch);
    }
}

/* ---- The dense product with a transposed matrix, packed once ---- */

size_t spae_dense_packed_size(size_t ci, size_t co)
{
    return spae_product_packed_size(co, ci);
}

void spae_dense_pack(const real *k, size_t ci, size_t co, real *packed)
{
    const spae_conv s = spae_conv_dense(1, ci, co);
    const spae_product g = phase_product(&s, 0, NULL, k, NULL);
    spae_product_pack(&g, packed);
}

/* Always in tiles of cells by channels: so it is packed. */
static spae_product packed_product(const spae_conv *s, const real *x, const real *packed, real *y)
{
    spae_product g = phase_product(s, 0, x, NULL, y);
    g.packed = packed;
    return g;
}

size_t spae_dense_transposed_scratch(size_t rows, size_t ci, size_t co)
{
    const spae_conv s = spae_conv_dense(rows, ci, co);
    const spae_product g = packed_product(&s, NULL, NULL, NULL);
    return spae_product_gathered(&g);
}

void spae_dense_transposed_packed(size_t rows, size_t ci, size_t co, const real *x, const real *packed, real *y,
                                  real *scratch)
{
    const spae_conv s = spae_conv_dense(rows, ci, co);
    const spae_product g = packed_product(&s, x, packed, y);
    spae_product_run(&g, scratch);
}
