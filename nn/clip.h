/* CLIP: a picture and a text become vectors of one space (SPEC 6.13, 6.14).
 *
 * Image    patches in raster order by a convolution whose stride is its window, no bias; the class embedding first; plus
 *          positions; LayerNorm ln_pre; blocks; LayerNorm ln_post of the class token; proj.
 * Text     tokens plus positions; causal blocks; LayerNorm ln_final of the row of the end token, which is the largest id of
 *          the sequence, the first of several; proj.
 * Block    x += attn/out(attention(q, k, v of LayerNorm ln_1 x)); x += mlp/proj(act(mlp/fc(LayerNorm ln_2 x))); all with
 *          biases. act is quick_gelu (OpenAI's weights) or gelu by erf (most of OpenCLIP's).
 *
 * Parameters, in order of use; dense kernels (in,out), convolutions (kh,kw,in,out):
 *     visual/   conv1/kernel (patch,patch,3,width), class_embedding (width), positional_embedding (1 + cells,width),
 *               ln_pre/scale, ln_pre/bias, block<i>/.., ln_post/scale, ln_post/bias, proj/kernel (width,embed)
 *     text/     token_embedding (vocab,width), positional_embedding (context,width), block<i>/.., ln_final/scale,
 *               ln_final/bias, proj/kernel (width,embed)
 *     block<i>/ ln_1, attn/q, attn/k, attn/v, attn/out, ln_2, mlp/fc (width,hidden), mlp/proj (hidden,width), i from 0 on;
 *               norms have scale and bias, the others kernel and bias
 *
 *     spae_clip_model model = {.config = spae_clip_of(SPAE_CLIP_B32), .parts = SPAE_CLIP_BOTH,
 *                              .parameters = {.arena = &arena}};
 *     spae_clip_declare(&model.config, model.parts, &model.parameters, err);
 *     model.values = ... parameters.elements numbers, item i from item[i].first on ...
 *     spae_clip_image_features(&model, pictures, n, true, &arena, features, err);
 *
 * Features are a function of their own picture or text alone: the same bits however many come in one call, and for any
 * number of threads; those of a text do not depend on what follows its end token.
 */
#ifndef SPAE_CLIP_H
#define SPAE_CLIP_H

#include "network.h"

typedef enum { SPAE_CLIP_QUICK_GELU, SPAE_CLIP_GELU } spae_clip_activation;

/* Which encoders are meant. */
enum { SPAE_CLIP_IMAGE = 1, SPAE_CLIP_TEXT = 2, SPAE_CLIP_BOTH = 3 };

typedef struct {
    size_t width;  /* of the residual stream, 1..2^20 */
    size_t layers; /* 1..1024 */
    size_t heads;  /* divides width; as published width / 64, rounded down, at least 1 */
    size_t hidden; /* of the feed-forward layers, 1..2^24; as published 4 width */
} spae_clip_tower;

typedef struct {
    size_t image_size; /* pictures are image_size x image_size, patch..2^16 */
    size_t patch;      /* 1..2^16; what image_size has beyond a multiple of it is not looked at */
    spae_clip_tower vision, text;
    size_t context;    /* most tokens of a text, 1..2^20; 77 as published */
    size_t vocab;      /* 1..2^31 - 1; 49408 as published */
    size_t embed;      /* d, numbers of a feature, 1..2^20 */
    double eps;        /* of the norms, above 0, at most 1; 1e-5 as published */
    spae_clip_activation activation;
} spae_clip;

/* The published ones: 224 x 224 pictures (the last: 336), widths 768/512, 768/512, 1024/768, 1024/768. */
typedef enum { SPAE_CLIP_B32, SPAE_CLIP_B16, SPAE_CLIP_L14, SPAE_CLIP_L14_336 } spae_clip_kind;

spae_clip spae_clip_of(spae_clip_kind kind);

/* The published number of heads of a width: floor(width / 64), at least 1. */
size_t spae_clip_heads(size_t width);

/* SPAE_ERR_ARGUMENT: no part, or a number of one of the parts out of the ranges above, or that does not fit another; the
 * text names both. */
spae_status spae_clip_check(const spae_clip *c, unsigned parts, spae_error *err);

/* Adds the parameters of the parts to the list (`arena` set, the rest zero or from other networks).
 *   err  as spae_clip_check; SPAE_ERR_NO_MEMORY */
spae_status spae_clip_declare(const spae_clip *c, unsigned parts, spae_parameters *parameters, spae_error *err);

/* ---- on a tape, differentiable in all parameters and in x ---- */

/* x (n,1,image_size,image_size,3), normalised -> (n,1,1,1,embed), not of unit length.
 * SPAE_ERR_SHAPE on the tape: another size; SPAE_ERR_ARGUMENT: a configuration that spae_clip_check refuses. */
spae_var spae_clip_image(spae_network *network, const spae_clip *c, spae_var x);

/* tokens (n,count), count 1..context, borrowed as long as the tape is; NULL on planning tapes -> (n,1,1,1,embed), not of
 * unit length. SPAE_ERR_ARGUMENT on the tape: a token outside the vocabulary, no tokens or more than the context. */
spae_var spae_clip_text(spae_network *network, const spae_clip *c, const int32_t *tokens, size_t n, size_t count);

/* ---- without a tape ---- */

typedef struct {
    spae_clip config;
    unsigned parts;             /* whose parameters are there */
    spae_parameters parameters; /* of this model alone, from spae_clip_declare */
    const real *values;         /* (parameters.elements), borrowed */
} spae_clip_model;

/* Features of n >= 0 pictures.
 *   in   pictures  (n,image_size,image_size,3), normalised, finite
 *   in   unit      divided by their length: spae_clip_unit
 *   out  features  (n,embed); untouched after a failure
 *   mem  from arena, given back: that of a few pictures at a time, and the features
 *   err  SPAE_ERR_ARGUMENT    the model has no image encoder
 *        SPAE_ERR_NOT_FINITE  a feature is NaN or infinite: which;  SPAE_ERR_NO_MEMORY */
spae_status spae_clip_image_features(const spae_clip_model *model, const real *pictures, size_t n, bool unit,
                                     spae_arena *arena, real *features, spae_error *err);

/* Features of n >= 0 texts.
 *   in   tokens  (n,context); what follows a row's end token is of no matter and costs nothing
 *   err  SPAE_ERR_ARGUMENT  a token outside the vocabulary (the text names it), no text encoder; the rest as above */
spae_status spae_clip_text_features(const spae_clip_model *model, const int32_t *tokens, size_t n, bool unit,
                                    spae_arena *arena, real *features, spae_error *err);

/* Divides each of n rows of d numbers by its length: the root of the sum of squares, and the quotients, in binary64, index
 * order, rounded once. Rows of zeros stay. */
void spae_clip_unit(real *rows, size_t n, size_t d);

#endif
