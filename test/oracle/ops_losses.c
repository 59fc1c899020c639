/* The losses over a pyramid: commitment and semantic. Both are means over samples, and a tape holds one sample:
 * sample n contributes loss_n / N, and receives the upstream gradient over N. */
#include "ops.h"

#include <string.h>

#include "compare.h"
#include "pyramid.h"
#include "work.h"

/* What all samples give together. */
typedef struct {
    double loss;
    real share;     /* of the upstream gradient that a sample's loss node receives: gout * factor / N */
    real *gradient; /* (N,cells,c); NULL where no gradients are wanted */
} batch;

static batch start_batch(oracle_case *c, const oracle_embedding *in, double factor)
{
    batch b = {0, 0, NULL};
    if (c->grads == ORACLE_NONE)
        return b;
    const oracle_array gout = oracle_read(c, "gout_loss");
    oracle_want_shape(c, &gout, 1, (const size_t[]){1});
    b.share = (real)(oracle_reals(c, &gout)[0] * factor / (double)in->N);
    b.gradient = oracle_take(c, spae_shape_count(in->shape), sizeof *b.gradient);
    return b;
}

static void finish_batch(oracle_case *c, const batch *b, const oracle_embedding *in)
{
    const real loss = (real)b->loss;
    oracle_compare(c, "out_loss", spae_shape_of(1, 1, 1, 1, 1), &loss);
    if (b->gradient != NULL)
        oracle_compare(c, "gin_z", in->shape, b->gradient);
}

/* z of sample n as a leaf (1,t,h,w,c) */
static spae_var sample_leaf(oracle_work *w, const oracle_embedding *in, size_t n)
{
    spae_shape shape = in->shape;
    shape.axis[SPAE_AXIS_N] = 1;
    return spae_tape_leaf(&w->tape, shape, in->z + n * spae_shape_count(shape));
}

/* Adds factor * loss / N, and keeps the sample's gradient. */
static void finish_sample(oracle_work *w, batch *b, const oracle_embedding *in, size_t n, spae_var z, spae_var loss,
                          double factor)
{
    oracle_check_tape(w);
    b->loss += factor * (double)loss->value[0] / (double)in->N;
    if (b->gradient == NULL)
        return;
    spae_var dz;
    spae_tape_gradient(&w->tape, loss, spae_tape_filled(&w->tape, loss->shape, b->share), &z, 1, &dz);
    oracle_check_tape(w);
    const size_t count = spae_shape_count(z->shape);
    memcpy(b->gradient + n * count, dz->value, count * sizeof *dz->value);
}

/* ---- commitment ---- */

/* zhat of sample n: (D,N,cells,c) -> (D,cells,c) */
static const real *zhat_of(oracle_case *c, const real *all, size_t D, size_t N, size_t n, size_t count)
{
    real *zhat = oracle_take(c, D * count, sizeof *zhat);
    for (size_t l = 0; l < D; l++)
        memcpy(zhat + l * count, all + (l * N + n) * count, count * sizeof *zhat);
    return zhat;
}

/* Every layer has a position with a token: the mean is over something. */
static void want_covered(oracle_case *c, const oracle_array *covered, const oracle_pyramid *p)
{
    size_t shape[4] = {p->pyramid.layers};
    memcpy(shape + 1, p->pyramid.size[p->pyramid.layers - 1] + 3 - p->ndim, p->ndim * sizeof *shape);
    oracle_want_shape(c, covered, p->ndim + 1, shape);
    for (size_t l = 0; l < p->pyramid.layers; l++) {
        bool any = false;
        for (size_t i = 0; i < p->cells; i++)
            any = any || covered->index[l * p->cells + i] != 0;
        if (!any)
            oracle_abort(c, "in_covered: no position of layer %zu is covered", l + 1);
    }
}

/* in_tokens and in_codebook give the same zhat, layer by layer. */
static void compare_with_tokens(oracle_case *c, const oracle_pyramid *p, const oracle_embedding *in,
                                const oracle_array *all)
{
    const spae_codebook book = oracle_read_codebook(c, "in_codebook", in->c);
    const int32_t *token = oracle_read_tokens(c, p, "in_tokens_l", p->pyramid.layers, in->N, book.V);
    const size_t count = p->cells * in->c;
    real *zhat = oracle_take(c, all->count, sizeof *zhat);
    spae_error err;
    for (size_t l = 0; l < p->pyramid.layers; l++)
        for (size_t n = 0; n < in->N; n++)
            if (spae_dequantize(&p->pyramid, SPAE_SAQ, &book, token + n * p->tokens, l + 1, c->arena,
                                zhat + (l * in->N + n) * count, &err) != SPAE_OK)
                oracle_abort(c, "%s", err.text);
    oracle_array flat = *all;
    flat.rank = 1;
    flat.shape[0] = all->count;
    oracle_compare_array(c, &flat, spae_shape_of(1, 1, 1, 1, all->count), zhat);
}

static void commitment(oracle_case *c)
{
    const oracle_pyramid p = oracle_read_pyramid(c);
    const oracle_embedding in = oracle_read_embedding(c, &p);
    const oracle_array all = oracle_read(c, "in_zhat"), covered = oracle_read_int32(c, "in_covered");
    const size_t D = p.pyramid.layers, count = p.cells * in.c;
    const double beta = oracle_number(c, "beta");
    if (all.rank != p.ndim + 3 || all.shape[0] != D || all.shape[1] != in.N || all.count != D * in.N * count)
        oracle_abort(c, "in_zhat: expected (%zu,%zu,*S,%zu)", D, in.N, in.c);
    want_covered(c, &covered, &p);
    const real *zhat = oracle_reals(c, &all);
    compare_with_tokens(c, &p, &in, &all);
    batch b = start_batch(c, &in, beta);
    for (size_t n = 0; n < in.N; n++) {
        oracle_work w;
        oracle_start(&w, c);
        spae_var z = sample_leaf(&w, &in, n);
        spae_var loss =
            spae_commitment(&w.tape, &p.pyramid, z, zhat_of(c, zhat, D, in.N, n, count), covered.index);
        finish_sample(&w, &b, &in, n, z, loss, beta);
    }
    finish_batch(c, &b, &in);
}

/* ---- semantic loss ---- */

/* z_l of Eq. 2 at each token of the first `layers` layers, with the tokens as given: (tokens,c) in binary64 */
static double *residuals_of(oracle_case *c, const oracle_pyramid *p, const spae_codebook *book, size_t layers,
                            const real *z, const int32_t *token)
{
    const size_t width = book->c;
    double *now = oracle_take(c, p->cells * width, sizeof *now);
    double *out = oracle_take(c, spae_pyramid_total(&p->pyramid, layers) * width, sizeof *out);
    int32_t *position = oracle_take(c, p->cells, sizeof *position);
    for (size_t i = 0; i < p->cells * width; i++)
        now[i] = (double)z[i];
    for (size_t l = 0, row = 0; l < layers; l++) {
        spae_pyramid_positions(&p->pyramid, l, position);
        for (size_t i = 0; i < spae_pyramid_tokens(&p->pyramid, l); i++, row++)
            for (size_t j = 0; j < width; j++) {
                const size_t at = (size_t)position[i] * width + j;
                out[row * width + j] = now[at];
                now[at] += (double)z[at] - (double)book->e[(size_t)token[row] * width + j];
            }
    }
    return out;
}

static void semantic_loss(oracle_case *c)
{
    const oracle_pyramid p = oracle_read_pyramid(c);
    const oracle_embedding in = oracle_read_embedding(c, &p);
    const spae_codebook book = oracle_read_codebook(c, "in_codebook", in.c);
    const size_t layers = oracle_size(c, "semantic_layers", 1, p.pyramid.layers);
    const size_t rows = spae_pyramid_total(&p.pyramid, layers);
    const int32_t *token = oracle_read_tokens(c, &p, "in_tokens_l", layers, in.N, book.V);
    const int32_t *target = oracle_read_tokens(c, &p, "in_targets_l", layers, in.N, book.V);
    double mean[SPAE_MAX_LAYERS] = {0}, one[SPAE_MAX_LAYERS];
    batch b = start_batch(c, &in, 1);
    for (size_t n = 0; n < in.N; n++) {
        oracle_work w;
        oracle_start(&w, c);
        spae_var z = sample_leaf(&w, &in, n);
        const double *residual =
            residuals_of(c, &p, &book, layers, in.z + n * p.cells * in.c, token + n * rows);
        spae_var loss = spae_semantic_loss(&w.tape, &p.pyramid, SPAE_SAQ, layers, z, residual, target + n * rows, &book,
                                           one);
        finish_sample(&w, &b, &in, n, z, loss, 1);
        for (size_t l = 0; l < layers; l++)
            mean[l] += one[l] / (double)in.N;
    }
    oracle_compare_double(c, "out_layer_loss", spae_shape_of(1, 1, 1, 1, layers), mean);
    finish_batch(c, &b, &in);
}

const oracle_op oracle_loss_ops[] = {{"commitment", commitment}, {"semantic_loss", semantic_loss}, {NULL, NULL}};
