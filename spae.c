/* SPAE, the algorithm, in the paper's order (arXiv 2306.17842, Section 3.1): Eq. 1 the subsampler, Eq. 2-3
 * streaming average quantization, Eq. 4-7 semantic guidance, Eq. 8's commitment; the model, encode and decode;
 * the term of a codebook that is learned; Eq. 8-9 the whole objective, with the discriminator's; the train step;
 * the memory of all this, planned; Eq. 10-13 progressive in-context decoding and denoising (Section 3.2).
 *
 * The paper counts layers, rows and columns from 1; here they count from 0. Where the two meet, a comment
 * says so. Shapes, units and errors of the public functions stand in spae.h.
 */
#include "spae.h"

#include <math.h>
#include <string.h>

#include "nn/adversarial.h"
#include "nn/batch.h"
#include "nn/discriminator.h"
#include "nn/entropy.h"
#include "nn/layers.h"
#include "nn/nearest_index.h"
#include "nn/network.h"
#include "nn/ops.h"
#include "nn/optimizer.h"
#include "nn/perceptual.h"
#include "nn/vqgan.h"
#include "vendor_free/numerics.h"
#include "vendor_free/philox.h"

spae_status spae_self_check(spae_error *err)
{
    return spae_numerics_check(err);
}

static spae_status no_memory(spae_error *err, const char *what, size_t count)
{
    return spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for %zu elements", what, count);
}

/* The first index of a value that is a NaN or an infinity; count when all are finite. SPEC 1.8 */
static size_t first_not_finite(const real *x, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!(x[i] - x[i] == 0))
            return i;
    return count;
}

/* ===============================================================================================================
 * Eq. 1 -- the pyramid and its subsampler
 *
 * Source    SPAE Sec. 3.1, Eq. 1, Fig. 10; SPEC 4.1
 * Computes  P(l) = {(h' i - ceil(h'/2) + 1, w' j - ceil(w'/2) + 1) | 1 <= i <= h_l, 1 <= j <= w_l},
 *           h' = h_D / h_l, w' = w_D / w_l; time likewise for video
 * Open      sizes that do not divide -> refused (h' and w' are whole numbers in every pyramid of the paper)
 * ============================================================================================================ */

enum { MOST_CELLS = 1 << 24 }; /* positions are int32_t, and the tokens of 16 layers can be counted in 32 bits */

spae_status spae_pyramid_check(const spae_pyramid *pyramid, spae_error *err)
{
    if (pyramid->layers < 1 || pyramid->layers > SPAE_MAX_LAYERS)
        return spae_fail(err, SPAE_ERR_SHAPE, "pyramid: %zu layers, expected 1 to %d", pyramid->layers,
                         SPAE_MAX_LAYERS);
    const size_t *full = pyramid->size[pyramid->layers - 1];
    for (size_t l = 0; l < pyramid->layers; l++)
        for (size_t a = 0; a < 3; a++) {
            const size_t size = pyramid->size[l][a];
            if (size < 1 || size > 4096 || full[a] % size != 0)
                return spae_fail(err, SPAE_ERR_SHAPE,
                                 "pyramid: layer %zu has size %zu on axis %c, which does not divide %zu",
                                 l + 1, size, "thw"[a], full[a]);
            if (l > 0 && size < pyramid->size[l - 1][a])
                return spae_fail(err, SPAE_ERR_SHAPE, "pyramid: layer %zu shrinks from %zu to %zu on axis %c", l + 1,
                                 pyramid->size[l - 1][a], size, "thw"[a]);
        }
    const uint64_t cells = (uint64_t)full[0] * full[1] * full[2]; /* at most 2^36 */
    return cells <= MOST_CELLS ? SPAE_OK
                               : spae_fail(err, SPAE_ERR_SHAPE, "pyramid: %llu positions, expected at most %d",
                                           (unsigned long long)cells, MOST_CELLS);
}

size_t spae_pyramid_tokens(const spae_pyramid *pyramid, size_t layer)
{
    const size_t *size = pyramid->size[layer];
    return size[0] * size[1] * size[2];
}

size_t spae_pyramid_cells(const spae_pyramid *pyramid)
{
    return spae_pyramid_tokens(pyramid, pyramid->layers - 1);
}

size_t spae_pyramid_total(const spae_pyramid *pyramid, size_t layers)
{
    size_t total = 0;
    for (size_t l = 0; l < layers; l++)
        total += spae_pyramid_tokens(pyramid, l);
    return total;
}

/* h' i - ceil(h'/2) + 1 of Eq. 1, with i = index + 1 and the result counted from 0. */
static size_t subsample(size_t full, size_t size, size_t index)
{
    const size_t ratio = full / size; /* h' */
    return ratio * (index + 1) - (ratio + 1) / 2;
}

void spae_pyramid_positions(const spae_pyramid *pyramid, size_t layer, int32_t *position)
{
    const size_t *size = pyramid->size[layer], *full = pyramid->size[pyramid->layers - 1];
    for (size_t t = 0; t < size[0]; t++)
        for (size_t i = 0; i < size[1]; i++)
            for (size_t j = 0; j < size[2]; j++) {
                const size_t row = subsample(full[0], size[0], t) * full[1] + subsample(full[1], size[1], i);
                *position++ = (int32_t)(row * full[2] + subsample(full[2], size[2], j));
            }
}

/* ===============================================================================================================
 * Eq. 2 and 3 -- streaming average quantization (SAQ): one embedding becomes up to D tokens
 *
 * Source    SPAE Sec. 3.1; SPEC 4.3
 * Computes  for layer l = 1..D, where position (x,y) is in P(l) of Eq. 1:
 *             z_l    = z + sum over i<l with (x,y) in P(i) of (z - e(k_i))     Eq. 2, residual
 *             k_l    = argmin over k of || z_l - e(k) ||^2                     Eq. 2, token
 *             zhat_l = mean of e(k_i) over i<=l with (x,y) in P(i)             Eq. 3, average
 *           RQ, the ablation: z_l = z - sum of e(k_i), zhat_l = sum of e(k_i)
 * Order     layers upwards, channels upwards; all in binary64, zhat_l rounded to `real` once
 * Open      (x,y) in no P(i), i<=l  ->  zhat_l = 0
 * ============================================================================================================ */

/* What the layers so far have made of each position. */
typedef struct {
    const spae_pyramid *pyramid;
    spae_quantizer quantizer;
    const spae_codebook *book;
    int32_t *position; /* (cells)    room for P(l) */
    int32_t *count;    /* (cells)    tokens so far */
    double *sum;       /* (cells,c)  of their embeddings */
} stream;

static spae_status stream_start(stream *s, const spae_pyramid *pyramid, spae_quantizer quantizer,
                                const spae_codebook *book, spae_arena *arena, spae_error *err)
{
    const spae_status status = spae_pyramid_check(pyramid, err);
    if (status != SPAE_OK)
        return status;
    const size_t cells = spae_pyramid_cells(pyramid);
    if (book->c > SIZE_MAX / sizeof(double) / (cells * pyramid->layers)) /* no caller has arrays of such sizes */
        return no_memory(err, "quantize", cells);
    *s = (stream){.pyramid = pyramid, .quantizer = quantizer, .book = book};
    s->position = spae_arena_take(arena, cells, sizeof *s->position);
    s->count = spae_arena_take_zeroed(arena, cells, sizeof *s->count);
    s->sum = spae_arena_take_zeroed(arena, cells * book->c, sizeof *s->sum);
    return s->position && s->count && s->sum ? SPAE_OK : no_memory(err, "quantize", cells * book->c);
}

static spae_rows rows_of(const spae_codebook *book)
{
    return (spae_rows){book->V, book->c, book->e, book->index};
}

spae_status spae_codebook_prepare(spae_codebook *codebook, spae_arena *arena, spae_error *err)
{
    spae_rows rows = rows_of(codebook);
    const spae_status status = spae_rows_index(&rows, arena, err);
    codebook->index = rows.index;
    return status;
}

static void stream_add(stream *s, size_t cell, int32_t token)
{
    const real *e = s->book->e + (size_t)token * s->book->c;
    double *sum = s->sum + cell * s->book->c;
    for (size_t j = 0; j < s->book->c; j++)
        sum[j] += (double)e[j];
    s->count[cell]++;
}

/* zhat_<=l of every position                                                                              Eq. 3 */
static void stream_average(const stream *s, real *zhat)
{
    const size_t c = s->book->c;
    for (size_t cell = 0; cell < spae_pyramid_cells(s->pyramid); cell++) {
        const double divisor = s->quantizer == SPAE_SAQ && s->count[cell] > 0 ? (double)s->count[cell] : 1;
        for (size_t j = 0; j < c; j++)
            zhat[cell * c + j] = (real)(s->sum[cell * c + j] / divisor);
    }
}

/* z_{l+1} from z_l once the token of layer l is known: + (z - e) for SAQ, - e for RQ                      Eq. 2 */
static void advance_residual(const stream *s, const real *z, int32_t token, double *residual)
{
    const real *e = s->book->e + (size_t)token * s->book->c;
    for (size_t j = 0; j < s->book->c; j++)
        residual[j] += s->quantizer == SPAE_SAQ ? (double)z[j] - (double)e[j] : -(double)e[j];
}

/* One layer: residuals at P(l) -> tokens; residuals and sums move on. z_l (tokens,c) is room for the residuals. */
static spae_status quantize_layer(stream *s, size_t layer, const real *z, double *residual, double *z_l, int32_t *token,
                                  double *margin, spae_arena *arena, spae_error *err)
{
    const size_t c = s->book->c, count = spae_pyramid_tokens(s->pyramid, layer);
    spae_pyramid_positions(s->pyramid, layer, s->position);
    for (size_t i = 0; i < count; i++)
        memcpy(z_l + i * c, residual + (size_t)s->position[i] * c, c * sizeof *z_l);
    const spae_rows rows = rows_of(s->book);
    const spae_status status = spae_nearest_rows(&rows, z_l, count, arena, token, margin, NULL, err);
    if (status != SPAE_OK)
        return status;
    for (size_t i = 0; i < count; i++) {
        const size_t cell = (size_t)s->position[i];
        advance_residual(s, z + cell * c, token[i], residual + cell * c);
        stream_add(s, cell, token[i]);
    }
    return SPAE_OK;
}

/* All layers; the outputs that are wanted are written as each layer ends. */
static spae_status quantize_layers(stream *s, const real *z, const spae_quantized *q, spae_arena *arena,
                                   spae_error *err)
{
    const size_t c = s->book->c, cells = spae_pyramid_cells(s->pyramid);
    double *residual = spae_arena_take(arena, cells * c, sizeof *residual);
    double *z_l = spae_arena_take(arena, cells * c, sizeof *z_l);
    int32_t *token = spae_arena_take(arena, cells, sizeof *token);
    if (residual == NULL || z_l == NULL || token == NULL)
        return no_memory(err, "quantize", cells * c);
    for (size_t i = 0; i < cells * c; i++)
        residual[i] = (double)z[i]; /* z_1 = z */
    for (size_t l = 0, first = 0; l < s->pyramid->layers; l++) {
        const size_t count = spae_pyramid_tokens(s->pyramid, l);
        const spae_status status =
            quantize_layer(s, l, z, residual, q->residual != NULL ? q->residual + first * c : z_l,
                           q->token != NULL ? q->token + first : token, q->margin != NULL ? q->margin + first : NULL,
                           arena, err);
        if (status != SPAE_OK)
            return status;
        if (q->zhat != NULL)
            stream_average(s, q->zhat + l * cells * c);
        if (q->covered != NULL)
            memcpy(q->covered + l * cells, s->count, cells * sizeof *s->count);
        first += count;
    }
    return SPAE_OK;
}

spae_status spae_quantize(const spae_pyramid *pyramid, spae_quantizer quantizer, const spae_codebook *codebook,
                          const real *z, spae_arena *arena, const spae_quantized *q, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    stream s;
    spae_status status = stream_start(&s, pyramid, quantizer, codebook, arena, err);
    if (status == SPAE_OK)
        status = quantize_layers(&s, z, q, arena, err);
    spae_arena_reset(arena, mark);
    return status;
}

/* The memory of spae_quantize in the arena, accounted and given back. covered (D, cells) is written, for no number
 * decides it, or NULL. */
static spae_status plan_quantize(const spae_pyramid *pyramid, const spae_codebook *codebook, spae_arena *arena,
                                 int32_t *covered, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    const size_t cells = spae_pyramid_cells(pyramid), elements = cells * codebook->c;
    const spae_rows rows = rows_of(codebook);
    stream s;
    const spae_status status = stream_start(&s, pyramid, SPAE_SAQ, codebook, arena, err);
    bool counted = status == SPAE_OK && spae_arena_account(arena, elements, sizeof(double)) &&
                   spae_arena_account(arena, elements, sizeof(double)) &&
                   spae_arena_account(arena, cells, sizeof(int32_t));
    for (size_t l = 0; l < pyramid->layers && counted; l++) {
        const size_t tokens = spae_pyramid_tokens(pyramid, l);
        counted = spae_nearest_rows_account(&rows, tokens, arena);
        spae_pyramid_positions(pyramid, l, s.position);
        for (size_t i = 0; i < tokens; i++)
            s.count[s.position[i]]++;
        if (covered != NULL)
            memcpy(covered + l * cells, s.count, cells * sizeof *covered);
    }
    spae_arena_reset(arena, mark);
    return status != SPAE_OK ? status : counted ? SPAE_OK : no_memory(err, "quantize", elements);
}

static spae_status check_tokens(const spae_pyramid *pyramid, const int32_t *token, size_t layers, size_t V,
                                spae_error *err)
{
    if (layers < 1 || layers > pyramid->layers)
        return spae_fail(err, SPAE_ERR_ARGUMENT, "tokens of %zu layers, expected 1 to %zu", layers, pyramid->layers);
    for (size_t l = 0; l < layers; l++)
        for (size_t i = 0; i < spae_pyramid_tokens(pyramid, l); i++, token++)
            if (*token < 0 || (size_t)*token >= V)
                return spae_fail(err, SPAE_ERR_ARGUMENT, "layer %zu, token %zu is %d, the vocabulary has %zu words",
                                 l + 1, i + 1, (int)*token, V);
    return SPAE_OK;
}

spae_status spae_dequantize(const spae_pyramid *pyramid, spae_quantizer quantizer, const spae_codebook *codebook,
                            const int32_t *token, size_t layers, spae_arena *arena, real *zhat, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    stream s;
    spae_status status = stream_start(&s, pyramid, quantizer, codebook, arena, err);
    if (status == SPAE_OK)
        status = check_tokens(pyramid, token, layers, codebook->V, err);
    for (size_t l = 0; l < layers && status == SPAE_OK; l++) {
        spae_pyramid_positions(pyramid, l, s.position);
        for (size_t i = 0; i < spae_pyramid_tokens(pyramid, l); i++)
            stream_add(&s, (size_t)s.position[i], *token++);
    }
    if (status == SPAE_OK)
        stream_average(&s, zhat);
    spae_arena_reset(arena, mark);
    return status;
}

/* ===============================================================================================================
 * Eq. 4 to 6 -- similarity and candidate pools
 *
 * Source    SPAE Sec. 3.1, "Semantic loss"; SPEC 4.4 to 4.6
 * Computes  f'_T(k) = mean over prompts of f_T(p_i(k));   s'(I,k) = f_I(I) . f'_T(k)                        Eq. 4
 *           s(I,k) = (s' - min s') / (max s' - min s')                                                     Eq. 5
 *           C_l(I) = {k : s(I,k) >= rho_l}                                                                 Eq. 6
 * Order     binary64, index order, rounded to `real` once
 * Open      all scores equal -> every s = 1; so a pool is never empty, for the best token has s = 1 >= rho
 *           one target per position and step, uniform in the pool, from Philox
 * ============================================================================================================ */

void spae_text_mean(const real *text, size_t V, size_t P, size_t d, real *mean)
{
    for (size_t k = 0; k < V; k++)
        for (size_t j = 0; j < d; j++) {
            double sum = 0;
            for (size_t p = 0; p < P; p++)
                sum += (double)text[(k * P + p) * d + j];
            mean[k * d + j] = (real)(sum / (double)P);
        }
}

static double score_of(const real *image, const real *text, size_t d) /* f_I(I) . f'_T(k) */
{
    double s = 0;
    for (size_t j = 0; j < d; j++)
        s += (double)image[j] * (double)text[j];
    return s;
}

void spae_similarity(const real *image, const real *text, size_t V, size_t d, real *score, real *s)
{
    double least = HUGE_VAL, most = -HUGE_VAL;
    for (size_t k = 0; k < V; k++) {
        const double x = score_of(image, text + k * d, d);
        least = x < least ? x : least;
        most = x > most ? x : most;
    }
    for (size_t k = 0; k < V; k++) { /* scores are computed again, not kept: no memory is asked for */
        const double x = score_of(image, text + k * d, d);
        if (score != NULL)
            score[k] = (real)x;
        s[k] = most > least ? (real)((x - least) / (most - least)) : 1;
    }
}

size_t spae_candidate_pool(const real *s, size_t V, double rho, int32_t *pool)
{
    size_t count = 0;
    for (size_t k = 0; k < V; k++)
        if (s[k] >= (real)rho) { /* a similarity exactly at the threshold belongs to the pool */
            if (pool != NULL)
                pool[count] = (int32_t)k;
            count++;
        }
    return count;
}

int32_t spae_sample_target(const int32_t *pool, size_t count, uint32_t seed, uint32_t step, uint32_t example,
                           uint32_t layer, uint32_t position)
{
    const spae_random_key key = {seed, SPAE_RANDOM_TARGET};
    const uint32_t counter[4] = {step, example, layer, position};
    uint32_t word[4];
    spae_random_block(key, counter, word);
    return pool[spae_random_below(word[0], word[1], (uint32_t)count)];
}

/* ===============================================================================================================
 * Eq. 7 -- the semantic loss
 *
 * Source    SPAE Sec. 3.1, Eq. 7; SPEC 5.4
 * Computes  mean over layers l <= D' of the mean over positions in P(l) of
 *             -log( exp(-|z_l - e(target)|^2) / sum over k of exp(-|z_l - e(k)|^2) )
 *           |z_l|^2 is in every exponent and cancels, so with a_k = 2 z_l.e(k) - |e(k)|^2 this is
 *             log sum_k exp(a_k) - a_target
 *           z_l has the value that quantization found; to z its gradient is 1 + (tokens the position had
 *           before layer l) for SAQ and 1 for RQ: tokens are constants.
 * Order     a_k: chain over channels of (2 z_l) e(k) in `real`, then + (-|e(k)|^2), that rounded from binary64 once;
 *           log-sum-exp as in nn/rows.c; the weighted sum over all rows in binary64, rounded once
 * ============================================================================================================ */

/* The rows of all semantic layers one after the other: position, factor to z, weight in the loss. */
typedef struct {
    size_t count;
    int32_t *position; /* (count) */
    real *factor;      /* (count)    d z_l / d z */
    real *weight;      /* (count)    1 / (layers * positions of the layer) */
    real *value;       /* (count,c)  z_l rounded */
    real *offset;      /* (V)        -|e(k)|^2 */
    real *one;         /* (V)        1: the scale that goes with the offset */
} semantic_rows;

spae_status spae_codebook_pack(spae_codebook *codebook, spae_arena *arena, spae_error *err)
{
    const size_t V = codebook->V, c = codebook->c;
    double *square = spae_arena_take(arena, V, sizeof *square);
    real *packed = spae_arena_take(arena, spae_dense_packed_size(V, c), sizeof *packed);
    if (square == NULL || packed == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "codebook: no memory to pack %zu x %zu", V, c);
    spae_row_squares(codebook->e, V, c, square);
    spae_dense_pack(codebook->e, V, c, packed);
    codebook->square = square;
    codebook->packed = packed;
    return SPAE_OK;
}

static bool take_semantic_rows(semantic_rows *r, size_t count, const spae_codebook *book, spae_arena *arena)
{
    r->count = count;
    r->position = spae_arena_take(arena, count, sizeof *r->position);
    r->factor = spae_arena_take(arena, count, sizeof *r->factor);
    r->weight = spae_arena_take(arena, count, sizeof *r->weight);
    r->value = spae_arena_take(arena, count * book->c, sizeof *r->value);
    r->offset = spae_arena_take(arena, book->V, sizeof *r->offset);
    r->one = spae_arena_take(arena, book->V, sizeof *r->one);
    return r->position && r->factor && r->weight && r->value && r->offset && r->one;
}

/* count (cells, all 0) is room for the tokens each position has so far. */
static void fill_semantic_rows(semantic_rows *r, const spae_pyramid *pyramid, spae_quantizer quantizer, size_t layers,
                               const double *residual, const spae_codebook *book, int32_t *count)
{
    for (size_t l = 0, row = 0; l < layers; l++) {
        const size_t tokens = spae_pyramid_tokens(pyramid, l);
        spae_pyramid_positions(pyramid, l, r->position + row);
        for (size_t i = 0; i < tokens; i++, row++) {
            const int32_t before = count[r->position[row]]++; /* positions within a layer are different */
            r->factor[row] = (real)(quantizer == SPAE_SAQ ? 1 + before : 1);
            r->weight[row] = (real)(1.0 / ((double)layers * (double)tokens));
        }
    }
    for (size_t i = 0; i < r->count * book->c; i++)
        r->value[i] = (real)residual[i];
    for (size_t k = 0; k < book->V; k++) {
        double square;
        if (book->square == NULL)
            spae_row_squares(book->e + k * book->c, 1, book->c, &square);
        r->offset[k] = (real)(book->square != NULL ? -book->square[k] : -square);
        r->one[k] = 1;
    }
}

/* a = 2 z_l . e(k) - |e(k)|^2 for every row and word -> (1,1,1,rows,V) */
static spae_var semantic_exponents(spae_tape *tape, const semantic_rows *r, spae_var z, const spae_codebook *book)
{
    const spae_shape words = spae_shape_of(1, 1, 1, 1, book->V);
    spae_var e = spae_tape_constant(tape, spae_shape_of(1, 1, 1, book->V, book->c), book->e);
    spae_var factor = spae_tape_constant(tape, spae_shape_of(1, 1, 1, r->count, 1), r->factor);
    spae_var at = spae_gather_rows(tape, z, r->position, r->count);
    if (at == NULL)
        return NULL;
    spae_var z_l = spae_straight_through(tape, spae_mul(tape, at, spae_broadcast(tape, factor, at->shape)), r->value);
    spae_var product = spae_dense_transposed(tape, spae_scale(tape, z_l, 2), e, book->packed);
    return spae_affine(tape, product, spae_tape_constant(tape, words, r->one),
                       spae_tape_constant(tape, words, r->offset));
}

static void layer_means(const spae_pyramid *pyramid, size_t layers, const real *loss, double *mean)
{
    for (size_t l = 0; l < layers; l++) {
        const size_t tokens = spae_pyramid_tokens(pyramid, l);
        double sum = 0;
        for (size_t i = 0; i < tokens; i++)
            sum += (double)*loss++;
        mean[l] = sum / (double)tokens;
    }
}

struct spae_node *spae_semantic_loss(struct spae_tape *tape, const spae_pyramid *pyramid, spae_quantizer quantizer,
                                     size_t semantic_layers, struct spae_node *z, const double *residual,
                                     const int32_t *target, const spae_codebook *codebook, double *layer_loss)
{
    semantic_rows r;
    int32_t *count = spae_arena_take_zeroed(tape->arena, spae_pyramid_cells(pyramid), sizeof *count);
    const size_t rows = spae_pyramid_total(pyramid, semantic_layers);
    if (count == NULL || !take_semantic_rows(&r, rows, codebook, tape->arena))
        return spae_tape_refuse(tape, SPAE_ERR_NO_MEMORY, "semantic loss: no memory (rows, words)", rows, codebook->V);
    if (!spae_tape_plans(tape))
        fill_semantic_rows(&r, pyramid, quantizer, semantic_layers, residual, codebook, count);
    spae_var a = semantic_exponents(tape, &r, z, codebook);
    spae_var loss = spae_sub(tape, spae_log_sum_exp(tape, a), spae_pick(tape, a, target));
    if (loss == NULL)
        return NULL;
    if (layer_loss != NULL)
        layer_means(pyramid, semantic_layers, loss->value, layer_loss);
    return spae_sum(tape, spae_mul(tape, loss, spae_tape_constant(tape, loss->shape, r.weight)));
}

/* ===============================================================================================================
 * Eq. 8, commitment -- pull Z towards what the tokens say of it
 *
 * Source    SPAE Sec. 3.1, Eq. 8; SPEC 5.3
 * Computes  sum over layers l of the mean, over positions with a token by layer l and channels, of
 *           (Z - sg(zhat_<=l))^2; Eq. 8 weighs it with beta
 * Order     each mean in binary64, rounded once; layers added upwards in `real`
 * Open      positions without a token are left out of sum and count
 * ============================================================================================================ */

/* The positions that have a token, as an index in the tape's arena; NULL where memory is refused. */
static int32_t *covered_positions(spae_tape *tape, const int32_t *covered, size_t cells, size_t *count)
{
    int32_t *index = spae_arena_take(tape->arena, cells, sizeof *index);
    *count = 0;
    for (size_t cell = 0; index != NULL && cell < cells; cell++)
        if (covered[cell] > 0)
            index[(*count)++] = (int32_t)cell;
    return index;
}

struct spae_node *spae_commitment(struct spae_tape *tape, const spae_pyramid *pyramid, struct spae_node *z,
                                  const real *zhat, const int32_t *covered)
{
    const size_t cells = spae_pyramid_cells(pyramid);
    spae_var sum = NULL;
    for (size_t l = 0; l < pyramid->layers && z != NULL; l++) {
        size_t count;
        const int32_t *index = covered_positions(tape, covered + l * cells, cells, &count);
        if (index == NULL)
            return spae_tape_refuse(tape, SPAE_ERR_NO_MEMORY, "commitment: no memory (layer, cells)", l + 1, cells);
        spae_var target = spae_tape_constant(tape, z->shape, zhat + l * cells * z->shape.axis[SPAE_AXIS_C]);
        spae_var apart = spae_gather_rows(tape, spae_sub(tape, z, target), index, count);
        spae_var mean = spae_mean_square(tape, apart);
        sum = sum == NULL ? mean : spae_add(tape, sum, mean);
    }
    return sum;
}

/* ===============================================================================================================
 * The model: what configurations can be built, its parameters, encode, decode
 *
 * Source    SPAE Sec. 3.1 and App. B.1; SPEC 6
 * ============================================================================================================ */

static spae_vqgan networks_of(const spae_config *config)
{
    spae_vqgan v = {.ndim = config->ndim, .filters = config->filters, .scales = config->multiplier_count,
                    .res_blocks = config->res_blocks, .embedding = config->c, .groups = config->groups, .eps = 1e-6};
    memcpy(v.multipliers, config->multipliers, sizeof v.multipliers);
    memcpy(v.temporal, config->temporal, sizeof v.temporal);
    return v;
}

void spae_config_networks(const spae_config *config, spae_vqgan *networks)
{
    *networks = networks_of(config);
}

static spae_discriminator discriminator_of(const spae_config *config)
{
    spae_discriminator d = {.ndim = config->ndim, .blocks = config->discriminator_count, .slope = 0.2,
                            .filters = config->discriminator_filters, .blur = config->discriminator_blur};
    memcpy(d.multipliers, config->discriminator_multipliers, sizeof d.multipliers);
    return d;
}

void spae_config_latent(const spae_config *config, size_t latent[3])
{
    const spae_vqgan v = networks_of(config);
    size_t factor[3];
    spae_vqgan_reduction(&v, factor);
    for (size_t a = 0; a < 3; a++)
        latent[a] = config->picture[a] / factor[a];
}

static spae_status check_networks(const spae_config *config, spae_error *err)
{
    if (config->ndim != 2 && config->ndim != 3)
        return spae_fail(err, SPAE_ERR_ARGUMENT, "config: ndim is %zu, expected 2 or 3", config->ndim);
    const spae_vqgan v = networks_of(config);
    const spae_discriminator d = discriminator_of(config);
    const spae_status status = spae_vqgan_check(&v, config->picture, err);
    return status == SPAE_OK && config->lambda > 0 ? spae_discriminator_check(&d, config->picture, err) : status;
}

/* Does the encoder make the grid that the pyramid divides? */
static spae_status check_latent(const spae_config *config, spae_error *err)
{
    size_t latent[3];
    spae_config_latent(config, latent);
    const size_t *full = config->pyramid.size[config->pyramid.layers - 1];
    for (size_t a = 0; a < 3; a++)
        if (latent[a] != full[a])
            return spae_fail(err, SPAE_ERR_SHAPE, "config: the latent grid has %zu on axis %c, the last layer %zu",
                             latent[a], "thw"[a], full[a]);
    return config->ndim == 3 || config->picture[0] == 1
               ? SPAE_OK
               : spae_fail(err, SPAE_ERR_SHAPE, "config: %zu frames, but ndim is 2", config->picture[0]);
}

static bool within(double x, double low, double high) /* false for a NaN */
{
    return x >= low && x <= high;
}

static spae_status check_learned_codebook(const spae_config *config, spae_error *err)
{
    if (config->codebook_size == 0)
        return SPAE_OK;
    if (config->codebook_size > 1 << 24 || !within(config->codebook_weight, 0, 1e6) ||
        !within(config->entropy_weight, 0, 1e6) ||
        (config->entropy_weight > 0 && !within(config->entropy_temperature, 1e-6, 1e6)))
        return spae_fail(err, SPAE_ERR_ARGUMENT,
                         "config: codebook_size %zu, codebook_weight %g, entropy_weight %g or entropy_temperature %g "
                         "is out of range",
                         config->codebook_size, config->codebook_weight, config->entropy_weight,
                         config->entropy_temperature);
    return SPAE_OK;
}

static spae_status check_objective(const spae_config *config, spae_error *err)
{
    if (config->semantic_layers > config->pyramid.layers)
        return spae_fail(err, SPAE_ERR_ARGUMENT, "config: %zu semantic layers, the pyramid has %zu",
                         config->semantic_layers, config->pyramid.layers);
    for (size_t l = 0; l < config->semantic_layers; l++) {
        if (!within(config->thresholds[l], 0, 1))
            return spae_fail(err, SPAE_ERR_ARGUMENT, "config: threshold %zu is %g, expected 0 to 1", l + 1,
                             config->thresholds[l]);
        if (l > 0 && config->thresholds[l] > config->thresholds[l - 1])
            return spae_fail(err, SPAE_ERR_ARGUMENT, "config: thresholds rise from %g to %g at layer %zu",
                             config->thresholds[l - 1], config->thresholds[l], l + 1);
    }
    if (!within(config->alpha, 0, 1e6) || !within(config->beta, 0, 1e6))
        return spae_fail(err, SPAE_ERR_ARGUMENT, "config: alpha %g or beta %g is out of range", config->alpha,
                         config->beta);
    if (!within(config->lambda, 0, 1e6) || !within(config->eta, 0, 1e6) || !within(config->phi, 0, 1e6))
        return spae_fail(err, SPAE_ERR_ARGUMENT, "config: lambda %g, eta %g or phi %g is out of range", config->lambda,
                         config->eta, config->phi);
    if (!within(config->r1_cost, 0, 1e6) || !within(config->lecam_decay, 0, 1))
        return spae_fail(err, SPAE_ERR_ARGUMENT, "config: r1_cost %g or lecam_decay %g is out of range",
                         config->r1_cost, config->lecam_decay);
    if (config->perceptual_size > 4096)
        return spae_fail(err, SPAE_ERR_ARGUMENT, "config: perceptual_size %zu, expected 0 to 4096",
                         config->perceptual_size);
    return check_learned_codebook(config, err);
}

static spae_status check_training(const spae_config *config, spae_error *err)
{
    if (config->batch < 1 || config->batch > 65536 || !within(config->learning_rate, 0, 1))
        return spae_fail(err, SPAE_ERR_ARGUMENT, "config: batch %zu or learning_rate %g is out of range", config->batch,
                         config->learning_rate);
    if (!within(config->beta1, 0, 0.9999999) || !within(config->beta2, 0, 0.9999999) || !within(config->ema, 0, 1) ||
        !within(config->epsilon, 1e-30, 1))
        return spae_fail(err, SPAE_ERR_ARGUMENT, "config: beta1 %g, beta2 %g, epsilon %g or ema %g is out of range",
                         config->beta1, config->beta2, config->epsilon, config->ema);
    if (!within(config->crop, 0, 0.9))
        return spae_fail(err, SPAE_ERR_ARGUMENT, "config: crop %g, expected 0 to 0.9", config->crop);
    return SPAE_OK;
}

spae_status spae_config_check(const spae_config *config, spae_error *err)
{
    spae_status status = check_networks(config, err);
    if (status == SPAE_OK)
        status = spae_pyramid_check(&config->pyramid, err);
    if (status == SPAE_OK)
        status = check_latent(config, err);
    if (status == SPAE_OK)
        status = check_objective(config, err);
    return status == SPAE_OK ? check_training(config, err) : status;
}

static spae_shape picture_shape(const spae_config *config)
{
    return spae_shape_of(1, config->picture[0], config->picture[1], config->picture[2], 3);
}

static spae_shape latent_shape(const spae_config *config)
{
    const size_t *size = config->pyramid.size[config->pyramid.layers - 1];
    return spae_shape_of(1, size[0], size[1], size[2], config->c);
}

/* The learned codebook of the VQGAN baseline, (V,c), a parameter like others; NULL where the codebook is frozen. */
static spae_var learned_codebook(spae_network *network, const spae_config *config)
{
    const spae_scope scope = spae_scope_root("");
    return config->codebook_size == 0
               ? NULL
               : spae_network_parameter(network, &scope, "codebook", 2,
                                        spae_shape_of(1, 1, 1, config->codebook_size, config->c));
}

/* Runs the networks without numbers: their parameters are declared, the autoencoder's first, their work is counted. */
static spae_status declare_networks(const spae_config *config, spae_arena *scratch, spae_parameters *parameters,
                                    size_t *autoencoder, spae_size *size, spae_error *err)
{
    const spae_vqgan v = networks_of(config);
    spae_tape tape;
    spae_network network;
    spae_tape_start(&tape, scratch, SPAE_TAPE_PLAN, err);
    spae_network_declare(&network, &tape, parameters);
    spae_vqgan_encode(&network, &v, spae_tape_constant(&tape, picture_shape(config), NULL));
    size->encoder_parameters = parameters->elements;
    size->encoder_multiply_adds = tape.multiply_adds;
    spae_vqgan_decode(&network, &v, spae_tape_constant(&tape, latent_shape(config), NULL));
    size->decoder_parameters = parameters->elements - size->encoder_parameters;
    size->decoder_multiply_adds = tape.multiply_adds - size->encoder_multiply_adds;
    learned_codebook(&network, config);
    *autoencoder = parameters->count;
    const size_t elements = parameters->elements;
    const uint64_t before = tape.multiply_adds;
    if (config->lambda > 0) {
        const spae_discriminator d = discriminator_of(config);
        spae_discriminate(&network, &d, "discriminator", spae_tape_constant(&tape, picture_shape(config), NULL));
    }
    size->discriminator_parameters = parameters->elements - elements;
    size->discriminator_multiply_adds = tape.multiply_adds - before;
    return tape.status;
}

spae_status spae_config_size(const spae_config *config, spae_arena *arena, spae_size *size, spae_error *err)
{
    spae_status status = spae_config_check(config, err);
    if (status != SPAE_OK)
        return status;
    const spae_arena_mark mark = spae_arena_here(arena);
    spae_parameters parameters = {.arena = arena};
    spae_size found;
    size_t autoencoder;
    status = declare_networks(config, arena, &parameters, &autoencoder, &found, err);
    if (status == SPAE_OK)
        *size = found;
    spae_arena_reset(arena, mark);
    return status;
}

/* The learned codebook among `values`: the last of the autoencoder's parameters. No rows where it is frozen. */
static spae_codebook learned_rows(const spae_model *model, const real *values)
{
    const size_t V = model->config.codebook_size, c = model->config.c;
    return V > 0 ? (spae_codebook){.V = V, .c = c, .e = values + model->elements - V * c} : (spae_codebook){.V = 0};
}

/* A model without room for its values, and without codebook. */
static spae_status declare_model(spae_model *m, const spae_config *config, bool discriminator, spae_arena *arena,
                                 spae_error *err)
{
    const spae_status status = spae_config_check(config, err);
    if (status != SPAE_OK)
        return status;
    spae_size size;
    *m = (spae_model){.config = *config};
    m->parameters = spae_arena_take_zeroed(arena, 1, sizeof *m->parameters);
    if (m->parameters == NULL)
        return no_memory(err, "model", 1);
    m->parameters->arena = arena;
    const spae_status declared = declare_networks(config, arena, m->parameters, &m->count, &size, err);
    if (declared != SPAE_OK)
        return declared;
    m->elements = m->parameters->elements - size.discriminator_parameters;
    if (!discriminator) {
        m->parameters->count = m->count;
        m->parameters->elements = m->elements;
    }
    return SPAE_OK;
}

spae_status spae_model_create(spae_model *model, const spae_config *config, bool discriminator, spae_arena *arena,
                              spae_error *err)
{
    spae_model m;
    const spae_status status = declare_model(&m, config, discriminator, arena, err);
    if (status != SPAE_OK)
        return status;
    m.values = spae_arena_take(arena, m.parameters->elements, sizeof *m.values);
    if (m.values == NULL)
        return no_memory(err, "model", m.parameters->elements);
    m.codebook = learned_rows(&m, m.values);
    *model = m;
    return SPAE_OK;
}

void spae_model_init(spae_model *model, uint32_t seed)
{
    spae_parameters_init(model->parameters, seed, model->values);
}

/* One of the two networks on a running tape, from `in` to `out`; without `in` it is planned. */
static spae_status run_network(const spae_model *model,
                               spae_var (*network)(spae_network *, const spae_vqgan *, spae_var), spae_shape shape,
                               const real *in, spae_arena *arena, real *out, const char *what, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    const spae_vqgan v = networks_of(&model->config);
    spae_tape tape;
    spae_network n;
    spae_tape_start(&tape, arena, in != NULL ? SPAE_TAPE_RUN : SPAE_TAPE_PLAN_RUN, err);
    spae_network_bind(&n, &tape, model->parameters, model->values);
    spae_var y = network(&n, &v, spae_tape_constant(&tape, shape, in));
    spae_status status = tape.status;
    if (spae_computes(y)) {
        const size_t count = spae_shape_count(y->shape), bad = first_not_finite(y->value, count);
        if (bad < count)
            status = spae_fail(err, SPAE_ERR_NOT_FINITE, "%s: element %zu of %zu is not finite", what, bad, count);
        else
            memcpy(out, y->value, count * sizeof *out);
    }
    spae_arena_reset(arena, mark);
    return status;
}

spae_status spae_embed(const spae_model *model, const real *picture, spae_arena *arena, real *z, spae_error *err)
{
    const spae_shape shape = picture_shape(&model->config);
    const size_t count = spae_shape_count(shape), bad = first_not_finite(picture, count);
    if (bad < count)
        return spae_fail(err, SPAE_ERR_NOT_FINITE, "encode: picture value %zu of %zu is not finite", bad, count);
    return run_network(model, spae_vqgan_encode, shape, picture, arena, z, "encode", err);
}

spae_status spae_encode(const spae_model *model, const real *picture, spae_arena *arena, int32_t *token,
                        double *margin, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    const spae_pyramid *pyramid = &model->config.pyramid;
    const size_t count = spae_shape_count(latent_shape(&model->config));
    const size_t tokens = spae_pyramid_total(pyramid, pyramid->layers);
    real *z = spae_arena_take(arena, count, sizeof *z);
    const spae_quantized q = {.token = spae_arena_take(arena, tokens, sizeof *q.token),
                              .margin = spae_arena_take(arena, tokens, sizeof *q.margin)};
    spae_status status = z != NULL && q.token != NULL && q.margin != NULL ? spae_embed(model, picture, arena, z, err)
                                                                          : no_memory(err, "encode", count);
    if (status == SPAE_OK)
        status = spae_quantize(pyramid, model->config.quantizer, &model->codebook, z, arena, &q, err);
    if (status == SPAE_OK) { /* only now: outputs of a failure are untouched */
        memcpy(token, q.token, tokens * sizeof *token);
        if (margin != NULL)
            memcpy(margin, q.margin, tokens * sizeof *margin);
    }
    spae_arena_reset(arena, mark);
    return status;
}

spae_status spae_decode(const spae_model *model, const int32_t *token, size_t layers, spae_arena *arena, real *picture,
                        spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    const spae_config *config = &model->config;
    const size_t count = spae_shape_count(latent_shape(config));
    real *zhat = spae_arena_take(arena, count, sizeof *zhat);
    spae_status status = zhat != NULL ? spae_dequantize(&config->pyramid, config->quantizer, &model->codebook, token,
                                                        layers, arena, zhat, err)
                                      : no_memory(err, "decode", count);
    if (status == SPAE_OK)
        status = run_network(model, spae_vqgan_decode, latent_shape(config), zhat, arena, picture, "decode", err);
    spae_arena_reset(arena, mark);
    return status;
}

/* ===============================================================================================================
 * The VQGAN baseline's own term -- a codebook that learns (Table 4, first row)
 *
 * Source    VQGAN [15], as the paper's ablation has it; SPEC 5.11
 * Computes  sum over layers l of the mean, over covered positions and channels, of (sg(Z) - zhat_<=l)^2,
 *           zhat_<=l of Eq. 3 a function of the codebook's rows: the commitment with the roles exchanged
 * Order     as the commitment; the value of zhat_<=l is that of quantization, its gradient to a row e(k_i) is 1/count
 *           (SAQ) or 1 (RQ) for each position and layer i that chose it
 * ============================================================================================================ */

/* Layer i of zhat: the row of each cell's token and 1, or row 0 and 0 where the layer has no token. */
static spae_var layer_rows(spae_tape *tape, const spae_pyramid *pyramid, size_t layer, spae_var e, const int32_t *token)
{
    const size_t cells = spae_pyramid_cells(pyramid), count = spae_pyramid_tokens(pyramid, layer);
    int32_t *index = spae_arena_take_zeroed(tape->arena, cells, sizeof *index);
    int32_t *position = spae_arena_take(tape->arena, count, sizeof *position);
    real *there = spae_arena_take_zeroed(tape->arena, cells, sizeof *there);
    if (index == NULL || position == NULL || there == NULL)
        return spae_tape_refuse(tape, SPAE_ERR_NO_MEMORY, "codebook loss: no memory (layer, cells)", layer + 1, cells);
    spae_pyramid_positions(pyramid, layer, position);
    for (size_t i = 0; i < count; i++) {
        index[position[i]] = token[i];
        there[position[i]] = 1;
    }
    spae_var rows = spae_gather_rows(tape, e, index, cells);
    if (rows == NULL)
        return NULL;
    spae_var mask = spae_tape_constant(tape, spae_shape_of(1, 1, 1, cells, 1), there);
    return spae_mul(tape, rows, spae_broadcast(tape, mask, rows->shape));
}

/* 1 / count of Eq. 3 for each cell, (1,1,1,cells,1); 1 for RQ and where there is no token */
static spae_var inverse_counts(spae_tape *tape, spae_quantizer quantizer, const int32_t *covered, size_t cells)
{
    real *inverse = spae_arena_take(tape->arena, cells, sizeof *inverse);
    if (inverse == NULL)
        return spae_tape_refuse(tape, SPAE_ERR_NO_MEMORY, "codebook loss: no memory (cells, layers)", cells, 1);
    for (size_t cell = 0; cell < cells; cell++)
        inverse[cell] = quantizer == SPAE_SAQ && covered[cell] > 0 ? 1 / (real)covered[cell] : 1;
    return spae_tape_constant(tape, spae_shape_of(1, 1, 1, cells, 1), inverse);
}

struct spae_node *spae_codebook_loss(struct spae_tape *tape, const spae_pyramid *pyramid, spae_quantizer quantizer,
                                     struct spae_node *e, const real *z, const spae_quantized *q)
{
    const size_t cells = spae_pyramid_cells(pyramid);
    spae_var rows = NULL, sum = NULL; /* so far: of the layers up to l */
    const int32_t *token = q->token;
    for (size_t l = 0; l < pyramid->layers && e != NULL; l++) {
        spae_var more = layer_rows(tape, pyramid, l, e, token);
        token += spae_pyramid_tokens(pyramid, l);
        rows = rows == NULL ? more : spae_add(tape, rows, more);
        spae_var inverse = inverse_counts(tape, quantizer, q->covered + l * cells, cells);
        if (rows == NULL || inverse == NULL)
            return NULL;
        const size_t c = rows->shape.axis[SPAE_AXIS_C];
        spae_var mean = spae_mul(tape, rows, spae_broadcast(tape, inverse, rows->shape));
        spae_var zhat = spae_straight_through(tape, mean, q->zhat + l * cells * c);
        spae_var apart = spae_sub(tape, spae_tape_constant(tape, rows->shape, z), zhat);
        size_t count;
        const int32_t *index = covered_positions(tape, q->covered + l * cells, cells, &count);
        if (index == NULL)
            return spae_tape_refuse(tape, SPAE_ERR_NO_MEMORY, "codebook loss: no memory (layer, cells)", l + 1, cells);
        spae_var term = spae_mean_square(tape, spae_gather_rows(tape, apart, index, count));
        sum = sum == NULL ? term : spae_add(tape, sum, term);
    }
    return sum;
}

/* ===============================================================================================================
 * Eq. 8 and 9 -- the objective of one example, and what its discriminator learns from
 *
 * Source    SPAE Sec. 3.1, Eq. 8 and 9; SPEC 5.5, 5.13
 * Computes  L_app = mean (I - Ihat)^2 + beta commitment + lambda L_GAN + eta L_perceptual + phi L_LeCAM
 *                   [learned codebook: + codebook_weight L_codebook + entropy_weight L_entropy]
 *           w     = sg(L_app / L_semantic)
 *           L     = L_app + alpha w L_semantic                                the autoencoder minimizes
 *           L_D   = L_adversarial + R1 + phi L_LeCAM                          the discriminator minimizes
 *           with Ihat = decoder(zhat_<=D), zhat_<=D straight-through to Z
 * Order     terms from left to right in `real`; a term that is off is left out; w a quotient in `real`;
 *           the logit of I is made before that of Ihat
 * Open      w = 1 when L_semantic, by rounding perhaps, is not above 0: its gradient is 0 whatever the weight
 *           L_LeCAM counts in L_app by its value; its gradient goes to the discriminator
 *           both sides learn from the same logits, of the weights before the step
 * ============================================================================================================ */

/* A batch while it is worked on: what the examples are, and a place for what each leaves behind. */
typedef struct {
    const spae_trainer *trainer;
    const spae_example *examples;
    spae_terms *terms; /* (examples) */
    int32_t *tokens;   /* (examples, tokens of all layers) or NULL */
} train_batch;

/* One example of it. */
typedef struct {
    const spae_trainer *trainer;
    const spae_example *example;
    uint32_t index; /* in the batch */
    spae_network *network;
    spae_tape *tape;
    spae_quantized q;
    spae_terms *terms;
    spae_var picture, z, rebuilt;    /* I, Z, Ihat */
    spae_var logit_real, logit_fake; /* of I and Ihat; NULL without a discriminator */
    spae_var lecam;                  /* L_LeCAM, or NULL */
} example_work;

/* Leaves *term at 0 when the term is off; its value otherwise (none is computed where the step is only planned). */
static spae_var report(spae_var node, double *term)
{
    if (spae_computes(node))
        *term = (double)node->value[0];
    return node;
}

/* sum + weight * term, or sum alone where the term is off or has no weight */
static spae_var add_term(spae_tape *tape, spae_var sum, double weight, spae_var term)
{
    return term == NULL || weight == 0 ? sum : spae_add(tape, sum, spae_scale(tape, term, (real)weight));
}

static bool take_quantized(spae_quantized *q, const spae_config *config, spae_arena *arena)
{
    const size_t cells = spae_pyramid_cells(&config->pyramid), layers = config->pyramid.layers;
    const size_t tokens = spae_pyramid_total(&config->pyramid, layers);
    q->token = spae_arena_take_zeroed(arena, tokens, sizeof *q->token);
    q->margin = NULL;
    q->residual = spae_arena_take(arena, tokens * config->c, sizeof *q->residual);
    q->zhat = spae_arena_take(arena, layers * cells * config->c, sizeof *q->zhat);
    q->covered = spae_arena_take(arena, layers * cells, sizeof *q->covered);
    return q->token && q->residual && q->zhat && q->covered;
}

/* ---- the semantic term ---- */

static int32_t *no_targets(example_work *work, spae_status status, const char *what, size_t a)
{
    spae_tape_refuse(work->tape, status, what, a, work->trainer->model->codebook.V);
    return NULL;
}

/* rho_l of Eq. 6; without thresholds of their own, all layers have the last guided one's. */
static double threshold_of(const spae_config *config, size_t layer)
{
    return config->thresholds[config->single_threshold ? config->semantic_layers - 1 : layer];
}

/* A target for every position of the semantic layers, in the tape's arena; NULL after a failure. */
static int32_t *sample_targets(example_work *work)
{
    const spae_config *config = &work->trainer->model->config;
    const size_t V = work->trainer->model->codebook.V, layers = config->semantic_layers;
    int32_t *pool = spae_arena_take(work->tape->arena, V, sizeof *pool);
    int32_t *target = spae_arena_take(work->tape->arena, spae_pyramid_total(&config->pyramid, layers), sizeof *target);
    if (pool == NULL || target == NULL)
        return no_targets(work, SPAE_ERR_NO_MEMORY, "semantic loss: no memory for targets (layers, words)", layers);
    if (spae_tape_plans(work->tape))
        return target;
    if (work->example->similarity == NULL)
        return no_targets(work, SPAE_ERR_ARGUMENT, "semantic loss: no similarities given (example, words)",
                          work->index);
    for (size_t l = 0, row = 0; l < layers; l++) {
        const size_t count = spae_candidate_pool(work->example->similarity, V, threshold_of(config, l), pool);
        if (count == 0)
            return no_targets(work, SPAE_ERR_ARGUMENT, "semantic loss: no word reaches the threshold (layer, words)",
                              l + 1);
        for (size_t i = 0; i < spae_pyramid_tokens(&config->pyramid, l); i++)
            target[row++] = spae_sample_target(pool, count, work->trainer->seed, (uint32_t)work->trainer->step,
                                               work->index, (uint32_t)l, (uint32_t)i);
    }
    return target;
}

/* L_semantic, or NULL when the configuration has none (or after a failure). */
static bool has_semantic_loss(const spae_config *config)
{
    return config->semantic_layers > 0 && config->alpha != 0;
}

static spae_var semantic_term(example_work *work)
{
    const spae_config *config = &work->trainer->model->config;
    if (!has_semantic_loss(config))
        return NULL;
    const int32_t *target = sample_targets(work);
    if (target == NULL)
        return NULL;
    return spae_semantic_loss(work->tape, &config->pyramid, config->quantizer, config->semantic_layers, work->z,
                              work->q.residual, target, &work->trainer->codebook, NULL);
}

/* ---- the learned codebook's terms ---- */

/* + codebook_weight L_codebook + entropy_weight L_entropy */
static spae_var add_codebook_terms(example_work *work, spae_var sum)
{
    const spae_config *config = &work->trainer->model->config;
    spae_var e = learned_codebook(work->network, config);
    if (e == NULL)
        return sum;
    spae_var codebook =
        spae_codebook_loss(work->tape, &config->pyramid, config->quantizer, e, work->z->value, &work->q);
    sum = add_term(work->tape, sum, config->codebook_weight, report(codebook, &work->terms->codebook));
    if (config->entropy_weight == 0)
        return sum;
    spae_var entropy = spae_entropy_loss(work->tape, work->z, e, config->entropy_temperature);
    return add_term(work->tape, sum, config->entropy_weight, report(entropy, &work->terms->entropy));
}

/* ---- the discriminator's terms ---- */

/* D(I), D(Ihat), and L_LeCAM of them where it is on. */
static void judge(example_work *work)
{
    const spae_trainer *trainer = work->trainer;
    const spae_config *config = &trainer->model->config;
    if (config->lambda == 0)
        return;
    const spae_discriminator d = discriminator_of(config);
    spae_terms *terms = work->terms;
    work->logit_real = report(spae_discriminate(work->network, &d, "discriminator", work->picture), &terms->logit_real);
    work->logit_fake = report(spae_discriminate(work->network, &d, "discriminator", work->rebuilt), &terms->logit_fake);
    if (config->phi > 0) {
        const spae_lecam lecam = {trainer->lecam[0], trainer->lecam[1]};
        work->lecam = report(spae_lecam_loss(work->tape, work->logit_real, work->logit_fake, lecam), &terms->lecam);
    }
}

/* L_GAN of Eq. 8, the autoencoder's side; NULL without a discriminator */
static spae_var adversarial_term(example_work *work)
{
    const bool hinge = work->trainer->model->config.adversarial == SPAE_ADVERSARIAL_HINGE;
    if (work->logit_fake == NULL)
        return NULL;
    return hinge ? spae_hinge_generator(work->tape, work->logit_fake)
                 : spae_softplus_generator(work->tape, work->logit_fake);
}

/* L_perceptual of Eq. 8; NULL where it has no weight, or no weights are at hand */
static spae_var perceptual_term(example_work *work)
{
    const spae_perceptual_weights *frozen = work->trainer->perceptual;
    if (frozen == NULL || work->trainer->model->config.eta == 0)
        return NULL;
    spae_network network;
    spae_network_bind(&network, work->tape, frozen->parameters, frozen->values);
    return spae_perceptual_loss(&network, &frozen->network, work->picture, work->rebuilt);
}

/* L_D = L_adversarial + R1 + phi L_LeCAM; NULL without a discriminator */
static spae_var discriminator_loss(example_work *work)
{
    const spae_config *config = &work->trainer->model->config;
    spae_tape *tape = work->tape;
    spae_terms *terms = work->terms;
    if (work->logit_fake == NULL)
        return NULL;
    spae_var loss = config->adversarial == SPAE_ADVERSARIAL_HINGE
                        ? spae_hinge_discriminator(tape, work->logit_real, work->logit_fake)
                        : spae_softplus_discriminator(tape, work->logit_real, work->logit_fake);
    report(loss, &terms->d_adversarial);
    if (config->r1_cost > 0) {
        spae_var r1 = spae_r1_penalty(tape, work->logit_real, work->picture, config->r1_cost, NULL);
        loss = spae_add(tape, loss, report(r1, &terms->d_r1));
    }
    return report(add_term(tape, loss, config->phi, work->lecam), &terms->d_total);
}

/* ---- Eq. 8 and 9 ---- */

/* I -> Z -> tokens -> Ihat; false after a failure. */
static bool autoencode(example_work *work)
{
    const spae_model *model = work->trainer->model;
    const spae_config *config = &model->config;
    const spae_vqgan v = networks_of(config);
    spae_tape *tape = work->tape;
    work->picture = spae_tape_leaf(tape, picture_shape(config), work->example->picture); /* R1 differentiates by it */
    work->z = spae_vqgan_encode(work->network, &v, work->picture);
    if (work->z == NULL)
        return false;
    const spae_status status =
        spae_tape_plans(tape)
            ? plan_quantize(&config->pyramid, &model->codebook, tape->arena, work->q.covered, tape->err)
            : spae_quantize(&config->pyramid, config->quantizer, &model->codebook, work->z->value, tape->arena,
                            &work->q, tape->err);
    if (status != SPAE_OK) {
        tape->status = status;
        return false;
    }
    const real *zhat = work->q.zhat + (config->pyramid.layers - 1) * spae_shape_count(work->z->shape);
    work->rebuilt = spae_vqgan_decode(work->network, &v, spae_straight_through(tape, work->z, zhat));
    return work->rebuilt != NULL;
}

/* Eq. 8: L_app */
static spae_var appearance_loss(example_work *work)
{
    const spae_config *config = &work->trainer->model->config;
    spae_tape *tape = work->tape;
    spae_terms *terms = work->terms;
    spae_var loss = report(spae_mean_square(tape, spae_sub(tape, work->picture, work->rebuilt)), &terms->l2);
    spae_var commitment = spae_commitment(tape, &config->pyramid, work->z, work->q.zhat, work->q.covered);
    loss = add_term(tape, loss, config->beta, report(commitment, &terms->commitment));
    loss = add_term(tape, loss, config->lambda, report(adversarial_term(work), &terms->adversarial));
    loss = add_term(tape, loss, config->eta, report(perceptual_term(work), &terms->perceptual));
    if (work->lecam != NULL)
        loss = add_term(tape, loss, config->phi, spae_stop_gradient(tape, work->lecam));
    return report(add_codebook_terms(work, loss), &terms->appearance);
}

/* Eq. 9: L = L_app + alpha w L_semantic, w = sg(L_app / L_semantic) */
static spae_var total_loss(example_work *work, spae_var appearance, spae_var semantic)
{
    const spae_config *config = &work->trainer->model->config;
    work->terms->weight = 1;
    if (appearance == NULL || semantic == NULL)
        return appearance;
    real w = 1;
    if (config->dynamic_weight && spae_computes(semantic) && semantic->value[0] > 0)
        w = appearance->value[0] / semantic->value[0];
    work->terms->weight = (double)w;
    return add_term(work->tape, appearance, (double)((real)config->alpha * w), semantic);
}

/* The whole objective of one example, from picture to L and L_D. */
static void objective(example_work *work, spae_var loss[SPAE_BATCH_LOSSES])
{
    if (!autoencode(work))
        return;
    judge(work);
    spae_var appearance = appearance_loss(work);
    spae_var semantic = report(semantic_term(work), &work->terms->semantic);
    loss[0] = report(total_loss(work, appearance, semantic), &work->terms->total);
    loss[1] = discriminator_loss(work);
}

/* ===============================================================================================================
 * The train step
 *
 * Source    SPAE App. B.1; SPEC 7
 * Order     each example's gradient alone; examples added in order from +0; divided by their number; Adam; EMA;
 *           LeCAM's averages. So the bits do not depend on how many examples are worked on at once, nor on threads.
 * ============================================================================================================ */

/* The terms in the order in which they are reported, and blamed when one is not finite. SPEC 5.14 */
static const struct {
    const char *name;
    size_t offset;
} term[] = {
    {"l2", offsetof(spae_terms, l2)},
    {"commitment", offsetof(spae_terms, commitment)},
    {"adversarial", offsetof(spae_terms, adversarial)},
    {"perceptual", offsetof(spae_terms, perceptual)},
    {"lecam", offsetof(spae_terms, lecam)},
    {"codebook", offsetof(spae_terms, codebook)},
    {"entropy", offsetof(spae_terms, entropy)},
    {"appearance", offsetof(spae_terms, appearance)},
    {"semantic", offsetof(spae_terms, semantic)},
    {"weight", offsetof(spae_terms, weight)},
    {"total", offsetof(spae_terms, total)},
    {"d_adversarial", offsetof(spae_terms, d_adversarial)},
    {"d_r1", offsetof(spae_terms, d_r1)},
    {"d_total", offsetof(spae_terms, d_total)},
    {"logit_real", offsetof(spae_terms, logit_real)},
    {"logit_fake", offsetof(spae_terms, logit_fake)},
};
enum { TERMS = sizeof term / sizeof term[0] };

const char *spae_term_name(size_t index)
{
    return index < TERMS ? term[index].name : NULL;
}

double spae_term_value(const spae_terms *terms, size_t index)
{
    double value;
    memcpy(&value, (const unsigned char *)terms + term[index].offset, sizeof value);
    return value;
}

static void set_term(spae_terms *terms, size_t index, double value)
{
    memcpy((unsigned char *)terms + term[index].offset, &value, sizeof value);
}

static const char *not_finite_term(const spae_terms *terms)
{
    for (size_t i = 0; i < TERMS; i++) {
        const double value = spae_term_value(terms, i);
        if (!(value - value == 0))
            return term[i].name;
    }
    return NULL;
}

/* The losses of one example for nn/batch.h; its terms and tokens go to their places in the batch. */
static void example_losses(void *context, size_t index, spae_network *network, spae_var loss[SPAE_BATCH_LOSSES])
{
    const train_batch *batch = context;
    const spae_pyramid *pyramid = &batch->trainer->model->config.pyramid;
    const size_t tokens = spae_pyramid_total(pyramid, pyramid->layers);
    spae_tape *tape = network->tape;
    example_work work = {.trainer = batch->trainer, .example = &batch->examples[index], .index = (uint32_t)index,
                         .network = network, .tape = tape, .terms = &batch->terms[index]};
    if (!take_quantized(&work.q, &batch->trainer->model->config, tape->arena)) {
        spae_tape_refuse(tape, SPAE_ERR_NO_MEMORY, "train step: no memory (example, tokens)", index, tokens);
        return;
    }
    objective(&work, loss);
    if (tape->status == SPAE_ERR_NOT_FINITE) /* so far only quantization can say so */
        spae_fail(tape->err, SPAE_ERR_NOT_FINITE, "z is not finite: picture or weights");
    const char *name = tape->status == SPAE_OK ? not_finite_term(work.terms) : NULL;
    if (name != NULL)
        tape->status = spae_fail(tape->err, SPAE_ERR_NOT_FINITE, "the %s loss is not finite", name);
    if (tape->status == SPAE_OK && batch->tokens != NULL)
        memcpy(batch->tokens + index * tokens, work.q.token, tokens * sizeof *batch->tokens);
}

static spae_terms mean_terms(const spae_terms *terms, size_t count)
{
    spae_terms mean;
    for (size_t i = 0; i < TERMS; i++) {
        double sum = 0;
        for (size_t example = 0; example < count; example++)
            sum += spae_term_value(&terms[example], i) * (1 / (double)count);
        set_term(&mean, i, sum);
    }
    return mean;
}

double spae_learning_rate(const spae_config *config, uint64_t t)
{
    const double now = (double)t + 1, warmup = (double)config->warmup;
    double rate = config->learning_rate;
    if (now < warmup)
        rate *= now / warmup;
    else if (config->root_decay && config->warmup > 0)
        rate *= sqrt(warmup / now);
    const double left = t < config->steps ? (double)(config->steps - t) : 0, cooldown = (double)config->cooldown + 1;
    return left < cooldown ? rate * (left / cooldown) : rate;
}

static void update(spae_trainer *trainer, size_t count)
{
    const spae_model *model = trainer->model;
    const spae_config *config = &model->config;
    const size_t n = model->parameters->elements;
    const spae_adam adam = {spae_learning_rate(config, trainer->step), config->beta1, config->beta2, config->epsilon};
    for (size_t i = 0; i < n; i++)
        trainer->gradient[i] /= (real)count;
    trainer->step++;
    spae_adam_step(&adam, trainer->step, n, trainer->gradient, trainer->m, trainer->v, model->values);
    spae_average_step(config->ema, model->elements, model->values, trainer->ema);
}

/* LeCAM's averages of the logits, after the step. `logit` (2, count) is room for them. */
static void average_logits(spae_trainer *trainer, const spae_terms *terms, size_t count, real *logit)
{
    const spae_config *config = &trainer->model->config;
    if (config->lambda == 0)
        return;
    for (size_t i = 0; i < count; i++) {
        logit[i] = (real)terms[i].logit_real; /* exact: they come from `real` */
        logit[count + i] = (real)terms[i].logit_fake;
    }
    spae_lecam lecam = {trainer->lecam[0], trainer->lecam[1]};
    spae_lecam_update(&lecam, config->lecam_decay, logit, logit + count, count);
    trainer->lecam[0] = lecam.real_;
    trainer->lecam[1] = lecam.fake;
}

/* A learned codebook changes with each step. */
static bool packs(const spae_config *config)
{
    return has_semantic_loss(config) && config->codebook_size == 0;
}

spae_status spae_trainer_create(spae_trainer *trainer, spae_model *model, uint32_t seed, spae_arena *arena,
                                spae_error *err)
{
    const size_t n = model->parameters->elements;
    spae_trainer t = {.model = model, .codebook = model->codebook, .seed = seed};
    if (model->config.lambda > 0 && n == model->elements)
        return spae_fail(err, SPAE_ERR_ARGUMENT, "trainer: lambda is %g, but the model has no discriminator",
                         model->config.lambda);
    t.m = spae_arena_take_zeroed(arena, n, sizeof *t.m);
    t.v = spae_arena_take_zeroed(arena, n, sizeof *t.v);
    t.ema = spae_arena_take(arena, model->elements, sizeof *t.ema);
    t.gradient = spae_arena_take(arena, n, sizeof *t.gradient);
    if (t.m == NULL || t.v == NULL || t.ema == NULL || t.gradient == NULL)
        return no_memory(err, "trainer", n);
    memcpy(t.ema, model->values, model->elements * sizeof *t.ema);
    const spae_status status = packs(&model->config) ? spae_codebook_pack(&t.codebook, arena, err) : SPAE_OK;
    if (status == SPAE_OK)
        *trainer = t;
    return status;
}

spae_model spae_trainer_averaged(const spae_trainer *trainer, struct spae_parameters *parameters)
{
    spae_model averaged = *trainer->model;
    *parameters = *averaged.parameters;
    parameters->count = averaged.count;
    parameters->elements = averaged.elements;
    averaged.parameters = parameters;
    averaged.values = trainer->ema;
    if (averaged.config.codebook_size > 0)
        averaged.codebook = learned_rows(&averaged, averaged.values);
    return averaged;
}

/* The same failure, with the step and the example in front of its text. */
static spae_status name_example(spae_status status, uint64_t step, size_t example, spae_error *err)
{
    if (err == NULL)
        return status;
    const spae_error met = *err;
    return spae_fail(err, status, "step %llu, example %zu: %s", (unsigned long long)step, example, met.text);
}

/* A place for what each example leaves behind; *logit (2, count) is room for average_logits. */
static bool take_batch(train_batch *work, size_t count, spae_arena *arena, real **logit)
{
    work->terms = spae_arena_take_zeroed(arena, count, sizeof *work->terms);
    *logit = spae_arena_take(arena, 2 * count, sizeof **logit);
    return work->terms != NULL && *logit != NULL;
}

static spae_batch batch_of(train_batch *work, size_t count, spae_arena *arenas, size_t at_once)
{
    const spae_model *model = work->trainer->model;
    return (spae_batch){.parameters = model->parameters, .values = model->values, .count = count, .at_once = at_once,
                        .arenas = arenas, .recompute = work->trainer->recompute, .loss = example_losses,
                        .context = work,
                        .losses = model->config.lambda > 0 ? 2 : 1,
                        .owned = {model->count, model->parameters->count - model->count}};
}

spae_status spae_train_step(spae_trainer *trainer, const spae_example *examples, size_t count, spae_arena *arenas,
                            size_t at_once, spae_terms *terms, int32_t *tokens, spae_error *err)
{
    if (count < 1 || at_once < 1)
        return spae_fail(err, SPAE_ERR_ARGUMENT, "train step: %zu examples, %zu at once", count, at_once);
    const spae_arena_mark mark = spae_arena_here(&arenas[0]);
    train_batch work = {.trainer = trainer, .examples = examples, .tokens = tokens};
    real *logit;
    if (!take_batch(&work, count, &arenas[0], &logit)) {
        spae_arena_reset(&arenas[0], mark);
        return no_memory(err, "train step", count);
    }
    const spae_batch batch = batch_of(&work, count, arenas, at_once);
    size_t example = 0;
    const spae_status status = spae_batch_gradient(&batch, trainer->gradient, &example, err);
    if (status == SPAE_OK) {
        update(trainer, count);
        average_logits(trainer, work.terms, count, logit);
        if (terms != NULL)
            *terms = mean_terms(work.terms, count);
    }
    spae_arena_reset(&arenas[0], mark);
    return status == SPAE_OK ? status : name_example(status, trainer->step, example, err);
}

/* ===============================================================================================================
 * Sizes: the same functions on tapes that plan
 *
 * An arena of its own accounts for what a run would take; only nodes and what spae_quantize leaves behind are there.
 * ============================================================================================================ */

/* What stands for arrays that planning tapes never read. */
static const real unread_real = 0;
static const double unread_double = 0;
static const spae_row_index unread_index = {.largest = 0};

static void *take_block(void *arena, size_t bytes)
{
    return spae_arena_take(arena, bytes, 1);
}

static void leave_block(void *arena, void *block)
{
    (void)arena; /* its mark takes them all back */
    (void)block;
}

/* An arena for planning, in blocks of another: its accounts leave that one's peak alone. */
static spae_arena planning_arena(spae_arena *arena)
{
    spae_arena plan;
    spae_arena_growing(&plan, (spae_allocator){take_block, leave_block, arena});
    return plan;
}

/* The peak of spae_encode */
static spae_status plan_encode(const spae_model *model, spae_arena *arena, spae_error *err)
{
    const spae_pyramid *pyramid = &model->config.pyramid;
    const size_t count = spae_shape_count(latent_shape(&model->config));
    const size_t tokens = spae_pyramid_total(pyramid, pyramid->layers);
    if (!spae_arena_account(arena, count, sizeof(real)) || !spae_arena_account(arena, tokens, sizeof(int32_t)) ||
        !spae_arena_account(arena, tokens, sizeof(double)))
        return no_memory(err, "encode", count);
    const spae_status status = run_network(model, spae_vqgan_encode, picture_shape(&model->config), NULL, arena, NULL,
                                           "encode", err);
    return status == SPAE_OK ? plan_quantize(pyramid, &model->codebook, arena, NULL, err) : status;
}

/* The peak of spae_decode; what spae_dequantize needs is less than spae_quantize and taken as it is. */
static spae_status plan_decode(const spae_model *model, spae_arena *arena, spae_error *err)
{
    const size_t count = spae_shape_count(latent_shape(&model->config));
    if (!spae_arena_account(arena, count, sizeof(real)))
        return no_memory(err, "decode", count);
    const spae_arena_mark mark = spae_arena_here(arena);
    stream s;
    const spae_status status = stream_start(&s, &model->config.pyramid, SPAE_SAQ, &model->codebook, arena, err);
    spae_arena_reset(arena, mark);
    return status == SPAE_OK ? run_network(model, spae_vqgan_decode, latent_shape(&model->config), NULL, arena, NULL,
                                           "decode", err)
                             : status;
}

/* The peak of spae_train_step for `count` examples, one at once */
static spae_status plan_step(spae_model *model, bool recompute, size_t count, spae_arena *arena, uint64_t *multiply_adds,
                             spae_error *err)
{
    const spae_trainer trainer = {.model = model, .codebook = model->codebook, .recompute = recompute};
    const spae_example example = {NULL, NULL};
    train_batch work = {.trainer = &trainer, .examples = &example};
    real *logit;
    if (!take_batch(&work, count, arena, &logit))
        return no_memory(err, "train step", count);
    const spae_batch batch = batch_of(&work, 1, arena, 1);
    return spae_batch_plan(&batch, multiply_adds, err);
}

/* What does not depend on a run: bytes that stay. */
static void plan_state(const spae_model *model, spae_plan *plan)
{
    const uint64_t all = model->parameters->elements, V = model->codebook.V, c = model->codebook.c;
    plan->weights = model->elements * sizeof(real);
    plan->discriminator_weights = (all - model->elements) * sizeof(real);
    plan->codebook = model->config.codebook_size > 0 ? 0 : V * c * sizeof(real);
    plan->search = spae_row_index_bytes((size_t)V, (size_t)c);
    plan->training_state = (3 * all + model->elements) * sizeof(real); /* gradient, two moments, average */
    plan->packed = packs(&model->config)
                       ? V * sizeof(double) + spae_dense_packed_size((size_t)V, (size_t)c) * sizeof(real)
                       : 0;
    plan->quantize_multiply_adds = spae_pyramid_total(&model->config.pyramid, model->config.pyramid.layers) * V * c;
}

/* One run, in an arena of its own; `count` examples where it trains. */
static spae_status plan_run(spae_model *model, spae_run run, size_t count, spae_arena *arena, uint64_t *peak,
                            uint64_t *multiply_adds, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    spae_arena scratch = planning_arena(arena);
    const spae_status status = run == SPAE_RUN_ENCODE   ? plan_encode(model, &scratch, err)
                               : run == SPAE_RUN_DECODE ? plan_decode(model, &scratch, err)
                                                        : plan_step(model, run == SPAE_RUN_STEP_RECOMPUTED, count,
                                                                    &scratch, multiply_adds, err);
    *peak = scratch.peak;
    spae_arena_reset(arena, mark);
    return status;
}

static spae_status plan_runs(spae_model *model, spae_arena *arena, spae_plan *plan, spae_error *err)
{
    uint64_t *const work = plan->step_multiply_adds;
    spae_status status = plan_run(model, SPAE_RUN_ENCODE, 0, arena, &plan->encode, NULL, err);
    if (status == SPAE_OK)
        status = plan_run(model, SPAE_RUN_DECODE, 0, arena, &plan->decode, NULL, err);
    if (model->config.codebook_size > 0) { /* it changes with each step and is searched unprepared */
        model->codebook.index = NULL;
        model->codebook.square = NULL;
        model->codebook.packed = NULL;
    }
    if (status == SPAE_OK)
        status = plan_run(model, SPAE_RUN_STEP, 1, arena, &plan->step[0], &work[0], err);
    if (status == SPAE_OK)
        status = plan_run(model, SPAE_RUN_STEP_RECOMPUTED, 1, arena, &plan->step[1], &work[1], err);
    return status;
}

spae_status spae_model_reserve(const spae_model *model, spae_run run, spae_arena *arena, spae_error *err)
{
    spae_model planned = *model;
    uint64_t peak = 0, multiply_adds;
    planned.values = NULL; /* so that nothing is computed */
    const spae_status status = plan_run(&planned, run, model->config.batch, arena, &peak, &multiply_adds, err);
    if (status != SPAE_OK)
        return status;
    return peak <= SIZE_MAX && spae_arena_reserve(arena, (size_t)peak) ? SPAE_OK : no_memory(err, "reserve", (size_t)peak);
}

spae_status spae_config_plan(const spae_config *config, size_t V, spae_arena *arena, spae_plan *plan, spae_error *err)
{
    if (V < 1 || V > INT32_MAX)
        return spae_fail(err, SPAE_ERR_ARGUMENT, "plan: a vocabulary of %zu words", V);
    const spae_arena_mark mark = spae_arena_here(arena);
    spae_model model;
    spae_plan found;
    spae_status status = declare_model(&model, config, true, arena, err);
    if (status == SPAE_OK) {
        const size_t rows = config->codebook_size > 0 ? config->codebook_size : V;
        model.codebook = (spae_codebook){.V = rows, .c = config->c, .e = &unread_real, .square = &unread_double,
                                         .packed = &unread_real};
        model.codebook.index = spae_row_index_bytes(rows, config->c) > 0 ? &unread_index : NULL;
        plan_state(&model, &found);
        status = plan_runs(&model, arena, &found, err);
    }
    if (status == SPAE_OK)
        *plan = found;
    spae_arena_reset(arena, mark);
    return status;
}

spae_status spae_config_layers(const spae_config *config, spae_arena *arena, struct spae_layer **layers, size_t *count,
                               spae_error *err)
{
    spae_model model;
    const spae_status status = declare_model(&model, config, true, arena, err);
    if (status != SPAE_OK)
        return status;
    const spae_vqgan v = networks_of(config);
    const spae_discriminator d = discriminator_of(config);
    spae_tape tape;
    spae_network network;
    spae_tape_start(&tape, arena, SPAE_TAPE_PLAN, err);
    spae_network_bind(&network, &tape, model.parameters, NULL);
    spae_vqgan_encode(&network, &v, spae_tape_constant(&tape, picture_shape(config), NULL));
    spae_vqgan_decode(&network, &v, spae_tape_constant(&tape, latent_shape(config), NULL));
    if (config->lambda > 0)
        spae_discriminate(&network, &d, "discriminator", spae_tape_constant(&tape, picture_shape(config), NULL));
    return tape.status == SPAE_OK ? spae_layers_list(&network, arena, layers, count, err) : tape.status;
}

/* ===============================================================================================================
 * Eq. 10, 11 and 13 -- progressive in-context decoding: a language model writes v segment by segment
 *
 * Source    SPAE Sec. 3.2, B.2, Fig. 7; SPEC 10.1 to 10.4
 * Computes  v_t ~ P_LLM(. | [u, v_<t']; {([u_i, v_i,<t'], v_i,t)}_i)                                         Eq. 11
 *             PAR   t' = t: each segment is given all before it
 *             PNAR  t' fixed: the segments of a stage are independent, and are asked for together
 *             Eq. 10 is the decoding of one segment
 *           T_i = psi * sum_{j=1..i} 2^j, the temperature of the i-th retry                                  Eq. 13
 * Order     segments upwards; answers in the order they were given, retries upwards
 * Open      several valid answers              -> the first
 *           layers behind the PAR stage        -> a PNAR stage each, given all layers before it
 *           no valid answer, no retry left     -> the caller's policy
 * ============================================================================================================ */

spae_decoding spae_decoding_split(const spae_pyramid *pyramid, size_t layers, size_t par_stride, size_t pnar_stride)
{
    spae_decoding d = {.count = 0};
    if (layers > 0)
        d.stage[d.count++] = (spae_decoding_stage){
            .end = spae_pyramid_total(pyramid, layers), .stride = par_stride, .autoregressive = true};
    for (size_t l = layers; l < pyramid->layers; l++)
        d.stage[d.count++] = (spae_decoding_stage){.end = spae_pyramid_total(pyramid, l + 1),
                                                   .stride = pnar_stride,
                                                   .given = spae_pyramid_total(pyramid, l)};
    return d;
}

static size_t stage_begin(const spae_decoding *d, size_t stage)
{
    return stage == 0 ? 0 : d->stage[stage - 1].end;
}

spae_status spae_decoding_check(const spae_decoding *decoding, size_t tokens, spae_error *err)
{
    if (decoding->count < 1 || decoding->count > SPAE_MAX_LAYERS)
        return spae_fail(err, SPAE_ERR_ARGUMENT, "decoding: %zu stages, expected 1 to %d", decoding->count,
                         SPAE_MAX_LAYERS);
    for (size_t i = 0; i < decoding->count; i++) {
        const spae_decoding_stage *s = &decoding->stage[i];
        const size_t begin = stage_begin(decoding, i);
        if (s->end <= begin)
            return spae_fail(err, SPAE_ERR_ARGUMENT, "decoding: stage %zu ends at token %zu, but begins behind %zu",
                             i + 1, s->end, begin);
        if (!s->autoregressive && s->given > begin)
            return spae_fail(err, SPAE_ERR_ARGUMENT,
                             "decoding: the segments of stage %zu are given %zu tokens, the stages before have %zu",
                             i + 1, s->given, begin);
    }
    const size_t end = decoding->stage[decoding->count - 1].end;
    return end == tokens ? SPAE_OK
                         : spae_fail(err, SPAE_ERR_ARGUMENT, "decoding: the stages end at token %zu of %zu", end, tokens);
}

static size_t stride_of(const spae_decoding *d, size_t stage)
{
    const size_t tokens = d->stage[stage].end - stage_begin(d, stage), stride = d->stage[stage].stride;
    return stride == 0 || stride > tokens ? tokens : stride;
}

/* The segments of one stage; segment may be NULL. */
static size_t stage_segments(const spae_decoding *d, size_t stage, spae_segment *segment)
{
    const spae_decoding_stage *s = &d->stage[stage];
    const size_t stride = stride_of(d, stage);
    size_t count = 0, left = s->end - stage_begin(d, stage);
    for (size_t first = stage_begin(d, stage); left > 0; count++) {
        const size_t tokens = left < stride ? left : stride;
        if (segment != NULL)
            segment[count] = (spae_segment){stage, first, tokens, s->autoregressive ? first : s->given};
        first += tokens;
        left -= tokens;
    }
    return count;
}

size_t spae_decoding_segments(const spae_decoding *decoding, spae_segment *segment)
{
    size_t count = 0;
    for (size_t stage = 0; stage < decoding->count; stage++)
        count += stage_segments(decoding, stage, segment != NULL ? segment + count : NULL);
    return count;
}

/* Eq. 13. The sum is a whole number, so there is one rounding, the product's. */
double spae_retry_temperature(double psi, unsigned retry)
{
    return psi * (double)((UINT32_C(2) << retry) - 2); /* retry <= 30 */
}

/* The best answer to a segment so far. */
typedef struct {
    size_t valid, sample; /* its leading valid tokens, which stand in v */
    unsigned retry;
} attempt;

/* Segments that do not depend on each other, from the first request until each is decided. */
typedef struct {
    const spae_sampler *sampler;
    int32_t *v;
    spae_decoding_report *report;
    size_t waiting;        /* those not decided: the first of `segment` and `best` */
    spae_segment *segment; /* (segments) */
    attempt *best;         /* (segments) */
    size_t width;
    int32_t *token; /* (segments,samples,width) */
    size_t *length; /* (segments,samples) */
} batch;

static spae_status batch_start(batch *b, const spae_segment *segment, size_t count, size_t width, spae_arena *arena,
                               spae_error *err)
{
    const size_t samples = b->sampler->samples;
    if (samples > SIZE_MAX / count / width)
        return no_memory(err, "decoding", samples);
    b->waiting = count;
    b->width = width;
    b->segment = spae_arena_take(arena, count, sizeof *b->segment);
    b->best = spae_arena_take_zeroed(arena, count, sizeof *b->best);
    b->token = spae_arena_take(arena, count * samples * width, sizeof *b->token);
    b->length = spae_arena_take(arena, count * samples, sizeof *b->length);
    if (b->segment == NULL || b->best == NULL || b->token == NULL || b->length == NULL)
        return no_memory(err, "decoding", count * samples * width);
    memcpy(b->segment, segment, count * sizeof *segment);
    return SPAE_OK;
}

/* Asks for the waiting segments. */
static spae_status batch_ask(batch *b, unsigned retry, spae_error *err)
{
    const spae_sampler *s = b->sampler;
    const spae_status status =
        s->sample(s->context, b->v, b->segment, b->waiting, retry, spae_retry_temperature(s->psi, retry), b->width,
                  b->token, b->length, err);
    if (status != SPAE_OK)
        return status;
    for (size_t i = 0; i < b->waiting * s->samples; i++)
        if (b->length[i] > b->width)
            return spae_fail(err, SPAE_ERR_ARGUMENT, "decoding: an answer of %zu tokens, there is room for %zu",
                             b->length[i], b->width);
    b->report->calls++;
    b->report->requests += b->waiting;
    b->report->retries += retry > 0 ? b->waiting : 0;
    b->report->samples += b->waiting * s->samples;
    return SPAE_OK;
}

/* How many tokens of an answer are valid, up to the first that is not: `most` when the answer is. */
static size_t valid_tokens(const int32_t *token, size_t length, size_t most, size_t V)
{
    size_t n = 0;
    while (n < length && n < most && token[n] >= 0 && (size_t)token[n] < V)
        n++;
    return n;
}

/* Looks at all answers to waiting segment i: v and best take the longest beginning, the first of equal ones. */
static void judge_answers(batch *b, size_t i, unsigned retry)
{
    const spae_segment *segment = &b->segment[i];
    for (size_t j = 0; j < b->sampler->samples; j++) {
        const size_t answer = i * b->sampler->samples + j;
        const int32_t *token = b->token + answer * b->width;
        const size_t n = valid_tokens(token, b->length[answer], segment->count, b->sampler->V);
        b->report->malformed += n == 0;
        b->report->cut += n > 0 && n < segment->count;
        if (n > b->best[i].valid) {
            memcpy(b->v + segment->first, token, n * sizeof *token);
            b->best[i] = (attempt){n, j, retry};
        }
    }
}

static void decide(batch *b, size_t i, bool filled)
{
    const spae_sampler *s = b->sampler;
    const attempt *best = &b->best[i];
    b->report->decided++;
    if (s->chosen != NULL)
        s->chosen(s->context, &(spae_choice){.segment = b->segment[i],
                                             .token = b->v + b->segment[i].first,
                                             .valid = best->valid,
                                             .sample = best->sample,
                                             .retry = best->retry,
                                             .temperature = spae_retry_temperature(s->psi, best->retry),
                                             .filled = filled});
}

/* Decides what has a valid answer; the rest waits on, in order. */
static void batch_choose(batch *b, unsigned retry)
{
    size_t kept = 0;
    for (size_t i = 0; i < b->waiting; i++) {
        judge_answers(b, i, retry);
        if (b->best[i].valid == b->segment[i].count) {
            decide(b, i, false);
            continue;
        }
        b->segment[kept] = b->segment[i];
        b->best[kept++] = b->best[i];
    }
    b->waiting = kept;
}

/* SPAE_DECODING_FILL, of one segment */
static void fill(batch *b, size_t i)
{
    const spae_segment *s = &b->segment[i];
    const size_t valid = b->best[i].valid;
    int32_t *v = b->v + s->first;
    const int32_t token = valid > 0 ? v[valid - 1] : s->given > 0 ? b->v[s->given - 1] : 0;
    for (size_t k = valid; k < s->count; k++)
        v[k] = token;
    b->report->filled++;
    b->report->filled_tokens += s->count - valid;
    decide(b, i, true);
}

static spae_status stop(const batch *b, spae_error *err)
{
    const spae_segment *s = &b->segment[0];
    return spae_fail(err, SPAE_ERR_FORMAT,
                     "decoding: stage %zu, tokens %zu to %zu: none of %zu answers is valid, nor at any of %u retries, "
                     "the last at temperature %g; segments like this: %zu",
                     s->stage + 1, s->first + 1, s->first + s->count, b->sampler->samples, b->sampler->retries,
                     spae_retry_temperature(b->sampler->psi, b->sampler->retries), b->waiting);
}

/* Eq. 11 of segments that do not depend on each other. */
static spae_status decode_batch(batch *b, spae_error *err)
{
    spae_status status = SPAE_OK;
    for (unsigned retry = 0; retry <= b->sampler->retries && b->waiting > 0 && status == SPAE_OK; retry++)
        if ((status = batch_ask(b, retry, err)) == SPAE_OK)
            batch_choose(b, retry);
    if (status == SPAE_OK && b->waiting > 0 && b->sampler->policy == SPAE_DECODING_STOP)
        status = stop(b, err);
    for (size_t i = 0; i < b->waiting; i++)
        if (status == SPAE_OK)
            fill(b, i);
        else /* what is not decided is -1 */
            memset(b->v + b->segment[i].first, 0xff, b->segment[i].count * sizeof *b->v);
    return status;
}

/* PAR: its segments one by one. PNAR: all together. */
static spae_status decode_stage(batch *b, const spae_decoding *decoding, size_t stage, spae_arena *arena,
                                spae_error *err)
{
    const size_t count = stage_segments(decoding, stage, NULL);
    const size_t together = decoding->stage[stage].autoregressive ? 1 : count;
    spae_segment *segment = spae_arena_take(arena, count, sizeof *segment);
    if (segment == NULL)
        return no_memory(err, "decoding", count);
    stage_segments(decoding, stage, segment);
    spae_status status = SPAE_OK;
    for (size_t i = 0; i < count && status == SPAE_OK; i += together) {
        const spae_arena_mark mark = spae_arena_here(arena);
        status = batch_start(b, segment + i, together, stride_of(decoding, stage), arena, err);
        if (status == SPAE_OK)
            status = decode_batch(b, err);
        spae_arena_reset(arena, mark);
    }
    return status;
}

static spae_status check_sampler(const spae_sampler *s, spae_error *err)
{
    if (s->samples < 1 || s->V < 1 || s->V > INT32_MAX || !within(s->psi, 0, 1e6) || s->retries > SPAE_MOST_RETRIES)
        return spae_fail(err, SPAE_ERR_ARGUMENT,
                         "decoding: %zu samples, %zu words, psi %g, %u retries: one of them is out of range", s->samples,
                         s->V, s->psi, s->retries);
    return SPAE_OK;
}

spae_status spae_decode_progressively(const spae_decoding *decoding, size_t tokens, const spae_sampler *sampler,
                                      spae_arena *arena, int32_t *v, spae_decoding_report *report, spae_error *err)
{
    spae_decoding_report counts = {0};
    batch b = {.sampler = sampler, .v = v, .report = report != NULL ? report : &counts};
    spae_status status = spae_decoding_check(decoding, tokens, err);
    if (status == SPAE_OK)
        status = check_sampler(sampler, err);
    if (status != SPAE_OK)
        return status;
    *b.report = counts;
    for (size_t i = 0; i < tokens; i++)
        v[i] = -1;
    for (size_t stage = 0; stage < decoding->count && status == SPAE_OK; stage++) {
        const spae_arena_mark mark = spae_arena_here(arena);
        status = decode_stage(&b, decoding, stage, arena, err);
        spae_arena_reset(arena, mark);
    }
    return status;
}

/* ===============================================================================================================
 * Eq. 12 -- in-context denoising: token-space permutation noise
 *
 * Source    SPAE App. A, B.3; SPEC 10.5, 10.6. mask(.) is in nn/corruption.c
 * Computes  (u_i, v_i) = (eps(T(mask(I)); r_i), eps(T(I); r_i)), the query without eps
 *           eps(.; r) replaces floor(r n + 1/2) of n tokens, each by another one
 * Random    Philox (seed, SPAE_RANDOM_CORRUPTION): the permutation of the noise says which tokens, the block at
 *           (position, 1, noise, 0) what each becomes
 * Open      "does not contain the ground truth tokens" -> a replaced token is never the one it was: the rate is exact
 *           whose noise                                -> u and v, and all examples, have noises of their own
 *           "a cosine schedule"                        -> a quarter of a cosine from the first rate to the last
 * ============================================================================================================ */

double spae_corruption_rate(spae_rate_schedule schedule, double first, double last, size_t index, size_t count)
{
    const double x = count > 1 ? (double)index / (double)(count - 1) : 0;
    const double linear = 1 - x, cosine = (double)spae_cosf((float)x * 0x1.921fb6p+0f); /* nearest to pi/2 */
    const double share = schedule == SPAE_RATES_LINEAR ? linear : cosine;
    return floor((last + (first - last) * share) * 1e6 + 0.5) / 1e6;
}

size_t spae_corrupted_tokens(double rate, size_t n)
{
    return (size_t)floor(rate * (double)n + 0.5);
}

/* Another token than `token`, uniform in the other V - 1. */
static int32_t other_token(int32_t token, size_t V, spae_random_key key, uint32_t position, uint32_t noise)
{
    const uint32_t counter[4] = {position, 1, noise, 0};
    uint32_t word[4];
    spae_random_block(key, counter, word);
    const int32_t drawn = (int32_t)spae_random_below(word[0], word[1], (uint32_t)(V - 1));
    return drawn < token ? drawn : drawn + 1;
}

static spae_status check_corruption(const int32_t *token, size_t n, size_t V, double rate, spae_error *err)
{
    if (!within(rate, 0, 1))
        return spae_fail(err, SPAE_ERR_ARGUMENT, "corruption: rate %g, expected 0 to 1", rate);
    if (n > INT32_MAX || V > INT32_MAX)
        return spae_fail(err, SPAE_ERR_ARGUMENT, "corruption: %zu tokens, %zu words, expected below 2^31", n, V);
    for (size_t i = 0; i < n; i++)
        if (token[i] < 0 || (size_t)token[i] >= V)
            return spae_fail(err, SPAE_ERR_ARGUMENT, "corruption: token %zu is %d, the vocabulary has %zu words", i + 1,
                             (int)token[i], V);
    if (V < 2 && spae_corrupted_tokens(rate, n) > 0)
        return spae_fail(err, SPAE_ERR_ARGUMENT, "corruption: the vocabulary has one word, none to replace it");
    return SPAE_OK;
}

spae_status spae_corrupt_tokens(int32_t *token, size_t n, size_t V, double rate, uint32_t seed, uint32_t noise,
                                spae_arena *arena, spae_error *err)
{
    const spae_random_key key = {seed, SPAE_RANDOM_CORRUPTION};
    const spae_arena_mark mark = spae_arena_here(arena);
    const spae_status status = check_corruption(token, n, V, rate, err);
    if (status != SPAE_OK)
        return status;
    uint32_t *order = spae_arena_take(arena, n, sizeof *order);
    if (order == NULL)
        return no_memory(err, "corruption", n);
    spae_permutation(key, noise, order, (uint32_t)n);
    const size_t replaced = spae_corrupted_tokens(rate, n);
    for (size_t i = 0; i < replaced; i++)
        token[order[i]] = other_token(token[order[i]], V, key, order[i], noise);
    spae_arena_reset(arena, mark);
    return SPAE_OK;
}

spae_status spae_corrupt_pair(int32_t *u, size_t u_tokens, int32_t *v, size_t v_tokens, size_t V, double rate,
                              uint32_t seed, uint32_t example, spae_arena *arena, spae_error *err)
{
    const spae_status status = spae_corrupt_tokens(u, u_tokens, V, rate, seed, 2 * example, arena, err);
    return status == SPAE_OK ? spae_corrupt_tokens(v, v_tokens, V, rate, seed, 2 * example + 1, arena, err) : status;
}
