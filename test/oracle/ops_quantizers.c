/* The subsampler of Eq. 1 and both quantizers of Eq. 2 and 3. */
#include "ops.h"

#include <string.h>

#include "compare.h"
#include "pyramid.h"

/* ---- subsampler ---- */

/* out_positions_l<l> (tokens, ndim): raster indices taken apart into coordinates */
static void compare_positions(oracle_case *c, const oracle_pyramid *p, size_t l)
{
    const size_t count = spae_pyramid_tokens(&p->pyramid, l), *full = p->pyramid.size[p->pyramid.layers - 1];
    int32_t *at = oracle_take(c, count, sizeof *at);
    int32_t *coordinate = oracle_take(c, count * p->ndim, sizeof *coordinate);
    spae_pyramid_positions(&p->pyramid, l, at);
    for (size_t i = 0; i < count; i++) {
        size_t rest = (size_t)at[i];
        for (size_t a = p->ndim; a-- > 0;) {
            const size_t size = full[3 - p->ndim + a];
            coordinate[i * p->ndim + a] = (int32_t)(rest % size);
            rest /= size;
        }
    }
    oracle_compare_int32(c, oracle_text(c, "out_positions_l%zu", l + 1), spae_shape_of(1, 1, 1, count, p->ndim),
                         coordinate);
}

/* out_count (D,*S): what quantization with a codebook of one word counts */
static void compare_count(oracle_case *c, const oracle_pyramid *p)
{
    const real zero = 0;
    const spae_codebook one = {.V = 1, .c = 1, .e = &zero};
    const size_t *full = p->pyramid.size[p->pyramid.layers - 1], D = p->pyramid.layers;
    real *z = oracle_take(c, p->cells, sizeof *z);
    const spae_quantized q = {.covered = oracle_take(c, D * p->cells, sizeof *q.covered)};
    spae_error err;
    for (size_t i = 0; i < p->cells; i++)
        z[i] = 0;
    if (spae_quantize(&p->pyramid, SPAE_SAQ, &one, z, c->arena, &q, &err) != SPAE_OK)
        oracle_abort(c, "%s", err.text);
    oracle_compare_int32(c, "out_count", spae_shape_of(D, full[0], full[1], full[2], 1), q.covered);
}

static void subsampler(oracle_case *c)
{
    const oracle_pyramid p = oracle_read_pyramid(c);
    for (size_t l = 0; l < p.pyramid.layers; l++)
        compare_positions(c, &p, l);
    compare_count(c, &p);
}

/* ---- SAQ and RQ ---- */

/* Everything of N embeddings; one after the other, each as spae_quantize leaves it. */
typedef struct {
    spae_quantizer quantizer;
    oracle_pyramid p;
    oracle_embedding in;
    spae_codebook book;
    spae_quantized *q; /* (N) */
} quantization;

static spae_quantized quantize_one(oracle_case *c, const quantization *w, size_t n)
{
    const size_t D = w->p.pyramid.layers, width = w->in.c;
    const spae_quantized q = {.token = oracle_take(c, w->p.tokens, sizeof *q.token),
                              .margin = oracle_take(c, w->p.tokens, sizeof *q.margin),
                              .residual = oracle_take(c, w->p.tokens * width, sizeof *q.residual),
                              .zhat = oracle_take(c, D * w->p.cells * width, sizeof *q.zhat)};
    spae_error err;
    if (spae_quantize(&w->p.pyramid, w->quantizer, &w->book, w->in.z + n * w->p.cells * width, c->arena, &q, &err) !=
        SPAE_OK)
        oracle_abort(c, "%s", err.text);
    return q;
}

/* The screen may not change a bit: the same without it. */
static void want_same_without_screen(oracle_case *c, const quantization *w, size_t n)
{
    quantization plain = *w;
    plain.book.index = NULL;
    const spae_quantized q = quantize_one(c, &plain, n);
    if (memcmp(q.token, w->q[n].token, w->p.tokens * sizeof *q.token) != 0 ||
        memcmp(q.margin, w->q[n].margin, w->p.tokens * sizeof *q.margin) != 0)
        oracle_abort(c, "embedding %zu: the screened search differs from the plain one", n);
}

/* Tokens alone give the same zhat, layer by layer. */
static void want_same_from_tokens(oracle_case *c, const quantization *w, size_t n)
{
    const size_t count = w->p.cells * w->in.c;
    real *zhat = oracle_take(c, count, sizeof *zhat);
    spae_error err;
    for (size_t l = 0; l < w->p.pyramid.layers; l++) {
        if (spae_dequantize(&w->p.pyramid, w->quantizer, &w->book, w->q[n].token, l + 1, c->arena, zhat, &err) !=
            SPAE_OK)
            oracle_abort(c, "%s", err.text);
        if (memcmp(zhat, w->q[n].zhat + l * count, count * sizeof *zhat) != 0)
            oracle_abort(c, "embedding %zu: zhat from the tokens of %zu layers differs", n, l + 1);
    }
}

/* tokens, margins and z_l of one layer, over all embeddings */
static void compare_layer(oracle_case *c, const quantization *w, size_t l)
{
    const size_t count = spae_pyramid_tokens(&w->p.pyramid, l), first = spae_pyramid_total(&w->p.pyramid, l);
    const size_t N = w->in.N, width = w->in.c;
    int32_t *token = oracle_take(c, N * count, sizeof *token);
    double *margin = oracle_take(c, N * count, sizeof *margin);
    double *residual = oracle_take(c, N * count * width, sizeof *residual);
    for (size_t n = 0; n < N; n++) {
        memcpy(token + n * count, w->q[n].token + first, count * sizeof *token);
        memcpy(margin + n * count, w->q[n].margin + first, count * sizeof *margin);
        memcpy(residual + n * count * width, w->q[n].residual + first * width, count * width * sizeof *residual);
    }
    const spae_shape shape = oracle_layer_shape(&w->p, l, N, 1);
    oracle_compare_int32(c, oracle_text(c, "out_tokens_l%zu", l + 1), shape, token);
    oracle_compare_double(c, oracle_text(c, "out_margin_l%zu", l + 1), shape, margin);
    oracle_compare_double(c, oracle_text(c, "out_z_l%zu", l + 1), oracle_layer_shape(&w->p, l, N, width), residual);
}

/* out_zhat (D,N,*S,C) */
static void compare_zhat(oracle_case *c, const quantization *w)
{
    const size_t D = w->p.pyramid.layers, N = w->in.N, count = w->p.cells * w->in.c;
    real *zhat = oracle_take(c, D * N * count, sizeof *zhat);
    for (size_t l = 0; l < D; l++)
        for (size_t n = 0; n < N; n++)
            memcpy(zhat + (l * N + n) * count, w->q[n].zhat + l * count, count * sizeof *zhat);
    const oracle_array a = oracle_read(c, "out_zhat");
    if (a.rank < 2 || a.shape[0] != D || a.shape[1] != N)
        oracle_abort(c, "out_zhat: expected (%zu,%zu,...)", D, N);
    spae_shape shape = w->in.shape; /* one axis short of the file's: D and N go together */
    oracle_array joined = a;
    shape.axis[SPAE_AXIS_N] = joined.shape[1] = D * N;
    memmove(joined.shape, joined.shape + 1, --joined.rank * sizeof *joined.shape);
    oracle_compare_array(c, &joined, shape, zhat);
}

static void quantize(oracle_case *c, spae_quantizer quantizer)
{
    quantization w = {.quantizer = quantizer, .p = oracle_read_pyramid(c)};
    w.in = oracle_read_embedding(c, &w.p);
    w.book = oracle_read_codebook(c, "param_codebook", w.in.c);
    if (w.book.V != oracle_size(c, "codes", 1, INT32_MAX) || w.in.c != oracle_size(c, "channels", 1, SIZE_MAX / 2))
        oracle_abort(c, "case.txt: codes or channels differ from the arrays (%zu and %zu)", w.book.V, w.in.c);
    oracle_flag(c, "ties");
    w.q = oracle_take(c, w.in.N, sizeof *w.q);
    for (size_t n = 0; n < w.in.N; n++) {
        w.q[n] = quantize_one(c, &w, n);
        want_same_without_screen(c, &w, n);
        want_same_from_tokens(c, &w, n);
    }
    for (size_t l = 0; l < w.p.pyramid.layers; l++)
        compare_layer(c, &w, l);
    compare_zhat(c, &w);
}

static void saq(oracle_case *c)
{
    quantize(c, SPAE_SAQ);
}

static void rq(oracle_case *c)
{
    quantize(c, SPAE_RQ);
}

const oracle_op oracle_quantizer_ops[] = {{"subsampler", subsampler}, {"saq", saq}, {"rq", rq}, {NULL, NULL}};
