/* Stage quantizer, its second part: whole pyramids of tokens, layer by layer, and back (SPEC 4.3). */
#include <math.h>
#include <string.h>

#include "tokens.h"

enum { NAME = 96 };

static const spae_pyramid image = {6, {{1, 1, 1}, {1, 2, 2}, {1, 4, 4}, {1, 8, 8}, {1, 16, 16}, {1, 16, 16}}},
                          digits = {4, {{1, 1, 1}, {1, 2, 2}, {1, 4, 4}, {1, 4, 4}}},
                          video = {4, {{1, 1, 1}, {1, 2, 2}, {2, 4, 4}, {4, 4, 4}}},
                          oblong = {4, {{1, 1, 2}, {1, 2, 2}, {1, 2, 6}, {1, 6, 6}}},
                          thirds = {3, {{1, 1, 1}, {1, 3, 3}, {1, 9, 9}}},
                          one_cell = {5, {{1, 1, 1}, {1, 1, 1}, {1, 1, 1}, {1, 1, 1}, {1, 1, 1}}};

/* A grid of embeddings, its vocabulary, and all that quantization leaves behind. */
typedef struct {
    const spae_pyramid *pyramid;
    spae_quantizer quantizer;
    size_t cells, total;
    spae_codebook book;
    const spae_real *z;
    int32_t *position; /* (total) the cell of each token */
    spae_quantized q;
} grid;

/* Runs the quantizer twice, with and without the search's preparation; tokens must agree. */
static bool run(vectors *v, grid *g)
{
    const size_t layers = g->pyramid->layers, c = g->book.c;
    g->cells = spae_pyramid_cells(g->pyramid);
    g->total = spae_pyramid_total(g->pyramid, layers);
    g->position = vectors_room(v, g->total, sizeof *g->position);
    int32_t *plain = vectors_room(v, g->total, sizeof *plain);
    g->q = (spae_quantized){.token = vectors_room(v, g->total, sizeof *g->q.token),
                            .margin = vectors_room(v, g->total, sizeof *g->q.margin),
                            .residual = vectors_room(v, g->total * c, sizeof *g->q.residual),
                            .zhat = vectors_room(v, layers * g->cells * c, sizeof *g->q.zhat),
                            .covered = vectors_room(v, layers * g->cells, sizeof *g->q.covered)};
    if (!vectors_goes_on(v))
        return false;
    for (size_t l = 0; l < layers; l++)
        spae_pyramid_positions(g->pyramid, l, g->position + spae_pyramid_total(g->pyramid, l));
    const spae_quantized alone = {.token = plain};
    spae_codebook prepared = g->book;
    vectors_expect(v, spae_quantize(g->pyramid, g->quantizer, &g->book, g->z, v->arena, &alone, v->err));
    vectors_expect(v, spae_codebook_prepare(&prepared, v->arena, v->err));
    vectors_expect(v, spae_quantize(g->pyramid, g->quantizer, &prepared, g->z, v->arena, &g->q, v->err));
    if (vectors_goes_on(v) && memcmp(plain, g->q.token, g->total * sizeof *plain) != 0)
        vectors_expect(v, spae_fail(v->err, SPAE_ERR_ARGUMENT, "the screen takes other tokens"));
    return vectors_goes_on(v);
}

static const char *name_of(spae_quantizer quantizer)
{
    return quantizer == SPAE_SAQ ? "\"quantizer\":\"saq\"" : "\"quantizer\":\"rq\"";
}

/* All outputs of all layers; how numbers are compared, and tokens. */
static void give_all(vectors *v, const grid *g, vectors_compare compare, vectors_compare tokens)
{
    const size_t layers = g->pyramid->layers, c = g->book.c;
    vectors_tokens(v, tokens, &g->book, g->q.residual, g->total, g->position, g->q.token, g->q.margin);
    vectors_wides(v, "z_l", compare, 2, (const size_t[]){g->total, c}, g->q.residual);
    vectors_numbers(v, "zhat", compare, 3, (const size_t[]){layers, g->cells, c}, g->q.zhat);
    vectors_integers(v, "covered", VECTORS_BITS, 2, (const size_t[]){layers, g->cells}, g->q.covered);
}

static grid grid_of(vectors *v, const spae_pyramid *pyramid, spae_quantizer quantizer, size_t V, size_t c,
                    double offset, double scale)
{
    const size_t cells = spae_pyramid_cells(pyramid);
    grid g = {.pyramid = pyramid, .quantizer = quantizer};
    g.z = vectors_reals(v, "z", 2, (const size_t[]){cells, c}, offset, scale);
    g.book = (spae_codebook){V, c, vectors_reals(v, "e", 2, (const size_t[]){V, c}, offset, scale), NULL, NULL, NULL};
    return g;
}

static void quantize(vectors *v, const char *name, const spae_pyramid *pyramid, spae_quantizer quantizer, size_t V,
                     size_t c, double offset, double scale, vectors_compare compare, const char *why)
{
    if (!vectors_begin(v, name, "4.1 4.2 4.3", "quantize", "{}", why))
        return;
    grid g = grid_of(v, pyramid, quantizer, V, c, offset, scale);
    vectors_with_pyramid(v, pyramid, name_of(quantizer));
    if (vectors_goes_on(v) && run(v, &g))
        give_all(v, &g, compare, VECTORS_TOKENS);
    vectors_end(v);
}

/* ---- a layer alone, the tokens of those before it given ---- */

static void one_layer(vectors *v, const char *name, const spae_pyramid *pyramid, spae_quantizer quantizer, size_t layer,
                      const char *why)
{
    char more[NAME];
    const size_t V = 96, c = 4, count = spae_pyramid_tokens(pyramid, layer),
                 before = spae_pyramid_total(pyramid, layer);
    if (!vectors_begin(v, name, layer == 0 ? "4.2 4.3" : "4.1 4.2 4.3", "quantize_layer", "{}", why))
        return;
    grid g = grid_of(v, pyramid, quantizer, V, c, 0, 0.9);
    strcpy(more, name_of(quantizer));
    strcat(more, ",\"layer\":");
    strncat(more, &"0123456789"[layer], 1);
    vectors_with_pyramid(v, pyramid, more);
    if (vectors_goes_on(v) && run(v, &g)) {
        const double *z_l = g.q.residual + before * c;
        vectors_integers(v, "token_before", VECTORS_INPUT, 1, &before, g.q.token);
        vectors_tokens(v, VECTORS_TOKENS, &g.book, z_l, count, g.position + before, g.q.token + before,
                       g.q.margin + before);
        vectors_wides(v, "z_l", VECTORS_NUMBERS, 2, (const size_t[]){count, c}, z_l);
        vectors_numbers(v, "zhat", VECTORS_NUMBERS, 2, (const size_t[]){g.cells, c}, g.q.zhat + layer * g.cells * c);
        vectors_integers(v, "covered", VECTORS_BITS, 1, &g.cells, g.q.covered + layer * g.cells);
    }
    vectors_end(v);
}

static void layers(vectors *v)
{
    static const char *const why[6] = {
        "the first token is of the embedding itself; every other position has none yet, zhat 0",
        "four positions beside the first layer's: no residual but z",
        "sixteen positions, none of which an earlier layer holds",
        "sixty-four more: now 85 of 256 positions have a token, each its first",
        "the whole grid for the first time: at 85 positions z + (z - e), at the others z",
        "the whole grid again: every position has one or two tokens before it"};
    static const char *const saq[6] = {"quantizer/saq_layer_1_of_6", "quantizer/saq_layer_2_of_6",
                                       "quantizer/saq_layer_3_of_6", "quantizer/saq_layer_4_of_6",
                                       "quantizer/saq_layer_5_of_6", "quantizer/saq_layer_6_of_6"};
    for (size_t l = 0; l < 6; l++)
        one_layer(v, saq[l], &image, SPAE_SAQ, l, why[l]);
    one_layer(v, "quantizer/rq_layer_3_of_4", &digits, SPAE_RQ, 2,
              "residual quantization: z less the embeddings so far");
    one_layer(v, "quantizer/rq_layer_4_of_4", &digits, SPAE_RQ, 3, "the residual after one and after two tokens");
}

/* ---- layers of one cell that follow a tie or a near-tie ---- */

static void by_number(vectors *v, const char *name, const spae_pyramid *pyramid, spae_quantizer quantizer,
                      const spae_real *z, size_t V, const spae_real *e, size_t c, vectors_compare compare,
                      vectors_compare tokens, const char *why)
{
    if (!vectors_begin(v, name, "4.2 4.3", "quantize", "{}", why))
        return;
    grid g = {.pyramid = pyramid, .quantizer = quantizer, .book = {V, c, e, NULL, NULL, NULL}, .z = z};
    vectors_with_pyramid(v, pyramid, name_of(quantizer));
    vectors_numbers(v, "z", VECTORS_INPUT, 2, (const size_t[]){spae_pyramid_cells(pyramid), c}, z);
    vectors_numbers(v, "e", VECTORS_INPUT, 2, (const size_t[]){V, c}, e);
    if (run(v, &g))
        give_all(v, &g, compare, tokens);
    vectors_end(v);
}

static void followers(vectors *v)
{
    static const spae_real steps[] = {0, 0.5f, 1}, three_quarters[] = {0.75f};
    static const spae_pyramid three = {3, {{1, 1, 1}, {1, 1, 1}, {1, 1, 1}}};
    static const spae_real words[] = {-1, 0, 1, 0, 0.25f, 1.5f, 9, 0, -0.375f, -1.625f}, close[] = {0x1p-26f, 0};
    by_number(v, "quantizer/saq_near_tie_with_followers", &three, SPAE_SAQ, close, 5, words, 2, VECTORS_NUMBERS,
              VECTORS_TOKENS,
              "a near-tie in the first layer, after which two layers at the same cell go another way: judged as one "
              "near-tie");
    by_number(v, "quantizer/saq_worked_example", &three, SPAE_SAQ, three_quarters, 3, steps, 1, VECTORS_BITS,
              VECTORS_BITS, "the example of 4.3, which can be followed by hand");
    by_number(v, "quantizer/rq_worked_example", &three, SPAE_RQ, three_quarters, 3, steps, 1, VECTORS_BITS,
              VECTORS_BITS, "the same of residual quantization");
    static const spae_pyramid grown = {2, {{1, 1, 1}, {1, 2, 2}}};
    static const spae_real four[] = {0.5f, 2, 0x1p-25f, 0, -0.5f, -2, 3, 1};
    by_number(v, "quantizer/saq_near_tie_beside_others", &grown, SPAE_SAQ, four, 5, words, 2, VECTORS_NUMBERS,
              VECTORS_TOKENS, "a near-tie at one cell excuses nothing at the other cells");
    static const spae_real tie[] = {0, 0};
    by_number(v, "quantizer/saq_tie_with_followers", &three, SPAE_SAQ, tie, 5, words, 2, VECTORS_NUMBERS, VECTORS_BITS,
              "an exact tie in the first layer: the lowest index, and what follows from it");
    by_number(v, "quantizer/rq_tie_with_followers", &three, SPAE_RQ, tie, 5, words, 2, VECTORS_NUMBERS, VECTORS_BITS,
              "an exact tie in the first layer of residual quantization");
}

static void corners(vectors *v)
{
    static const spae_pyramid two = {2, {{1, 1, 1}, {1, 1, 3}}};
    static const spae_real zeros[] = {-0.0f, 0, 0x1p-149f}, rows[] = {-0.0f, 0x1p-148f, -0x1p-149f};
    by_number(v, "quantizer/saq_signed_zeros", &two, SPAE_SAQ, zeros, 3, rows, 1, VECTORS_BITS, VECTORS_BITS,
              "sums start at +0, so that a zhat of words -0 is +0");
    by_number(v, "quantizer/rq_signed_zeros", &two, SPAE_RQ, zeros, 3, rows, 1, VECTORS_BITS, VECTORS_BITS,
              "the residual is z + (-e): a zero's sign follows from it");
    static const spae_pyramid three = {3, {{1, 1, 1}, {1, 1, 1}, {1, 1, 1}}};
    static const spae_real ones[] = {1, -1}, small[] = {0x1.333334p-53f, -0x1.333334p-53f, 9, 9};
    by_number(v, "quantizer/saq_residual_order", &three, SPAE_SAQ, ones, 2, small, 2, VECTORS_BITS, VECTORS_BITS,
              "z_l + (z - e) in wide, each rounded: 1 + (1 - e) is 2, and (1 + 1) - e is less");
    quantize(v, "quantizer/saq_subnormal", &digits, SPAE_SAQ, 24, 3, 0, 0x1p-130, VECTORS_BITS,
             "subnormal embeddings and words");
    quantize(v, "quantizer/saq_large", &digits, SPAE_SAQ, 24, 3, 0, 0x1p127, VECTORS_BITS,
             "residuals beyond the range of binary32: they are wide");
    quantize(v, "quantizer/rq_large", &digits, SPAE_RQ, 24, 3, 0, 0x1p125, VECTORS_BITS,
             "sums of words near the end of the range");
}

/* ---- tokens to embeddings ---- */

static void dequantize(vectors *v, const char *name, const spae_pyramid *pyramid, spae_quantizer quantizer,
                       size_t layers_used, const char *why)
{
    char more[NAME];
    const size_t V = 50, c = 5, cells = spae_pyramid_cells(pyramid);
    if (!vectors_begin(v, name, "4.1 4.3", "dequantize", "{}", why))
        return;
    const size_t count = spae_pyramid_total(pyramid, layers_used);
    spae_codebook book = {V, c, vectors_reals(v, "e", 2, (const size_t[]){V, c}, 0, 0.9), NULL, NULL, NULL};
    spae_real *draw = vectors_room(v, count, sizeof *draw), *zhat = vectors_room(v, cells * c, sizeof *zhat);
    int32_t *token = vectors_room(v, count, sizeof *token);
    strcpy(more, name_of(quantizer));
    strcat(more, ",\"layers\":");
    strncat(more, &"0123456789"[layers_used], 1);
    vectors_with_pyramid(v, pyramid, more);
    if (vectors_goes_on(v)) {
        vectors_fill(name, "token", 0.5, 0.5, count, draw); /* 0 .. 1 */
        for (size_t i = 0; i < count; i++)
            token[i] = (int32_t)((double)draw[i] * 49.999);
        vectors_integers(v, "token", VECTORS_INPUT, 1, &count, token);
        vectors_expect(v, spae_dequantize(pyramid, quantizer, &book, token, layers_used, v->arena, zhat, v->err));
        vectors_numbers(v, "zhat", VECTORS_NUMBERS, 2, (const size_t[]){cells, c}, zhat);
    }
    vectors_end(v);
}

/* Three layers of four positions each: words whose means and sums fall between two numbers. */
static void dequantize_of(vectors *v, const char *name, spae_quantizer quantizer, const char *why)
{
    static const spae_pyramid whole = {3, {{1, 1, 4}, {1, 1, 4}, {1, 1, 4}}};
    static const spae_real e[] = {1, 0x1.000002p0f, 0x1.000004p0f, 0x1p-149f, 0x1p-148f, 0x1p24f, -0x1p24f, -0.0f};
    static const int32_t token[] = {0, 3, 5, 7, 1, 4, 1, 7, 2, 3, 6, 3};
    static const char *const more[] = {"\"quantizer\":\"saq\",\"layers\":2", "\"quantizer\":\"rq\",\"layers\":3"};
    const size_t layers_used = quantizer == SPAE_SAQ ? 2 : 3, count = 4 * layers_used;
    const spae_codebook book = {8, 1, e, NULL, NULL, NULL};
    spae_real zhat[4];
    if (!vectors_begin(v, name, "4.3", "dequantize", "{}", why))
        return;
    vectors_with_pyramid(v, &whole, more[quantizer != SPAE_SAQ]);
    vectors_numbers(v, "e", VECTORS_INPUT, 2, (const size_t[]){8, 1}, e);
    vectors_integers(v, "token", VECTORS_INPUT, 1, &count, token);
    vectors_expect(v, spae_dequantize(&whole, quantizer, &book, token, layers_used, v->arena, zhat, v->err));
    vectors_numbers(v, "zhat", VECTORS_BITS, 2, (const size_t[]){4, 1}, zhat);
    vectors_end(v);
}

static void prefixes(vectors *v)
{
    dequantize_of(v, "quantizer/dequantize_rounding", SPAE_SAQ,
                  "means halfway between two numbers, normal and subnormal, go to even; a mean of -0 is +0");
    dequantize_of(v, "quantizer/dequantize_wide_sums", SPAE_RQ,
                  "2^24 + (1 + 2^-23) - 2^24: a sum in binary32 loses the small word");
    dequantize(v, "quantizer/dequantize_1_of_6", &image, SPAE_SAQ, 1, "one token: zhat is 0 everywhere else");
    dequantize(v, "quantizer/dequantize_4_of_6", &image, SPAE_SAQ, 4,
               "a prefix: 85 positions have one token, 171 have none");
    dequantize(v, "quantizer/dequantize_6_of_6", &image, SPAE_SAQ, 6,
               "the whole pyramid: means of two and of three words");
    dequantize(v, "quantizer/dequantize_2_of_4_video", &video, SPAE_SAQ, 2, "a prefix of a video's pyramid");
    dequantize(v, "quantizer/dequantize_4_of_4_video", &video, SPAE_SAQ, 4, "a video's pyramid");
    dequantize(v, "quantizer/dequantize_3_of_4_oblong", &oblong, SPAE_SAQ, 3, "rows and columns differ");
    dequantize(v, "quantizer/dequantize_5_of_5_one_cell", &one_cell, SPAE_SAQ, 5, "five words of one position");
    dequantize(v, "quantizer/dequantize_2_of_4_rq", &digits, SPAE_RQ, 2, "sums instead of means");
    dequantize(v, "quantizer/dequantize_4_of_4_rq", &digits, SPAE_RQ, 4, "sums of two and of three words");
}

/* ---- refusals ---- */

static void refused_tokens(vectors *v, const char *name, int32_t last, size_t layers_used, const char *why)
{
    static const spae_real rows[] = {1, 2, 3};
    const spae_codebook book = {3, 1, rows, NULL, NULL, NULL};
    const size_t five = 5;
    const int32_t token[] = {0, 1, 2, 0, last};
    spae_real zhat[4];
    char more[NAME] = "\"quantizer\":\"saq\",\"layers\":";
    static const spae_pyramid grown = {2, {{1, 1, 1}, {1, 2, 2}}};
    if (!vectors_begin(v, name, "4.3", "dequantize", "{}", why))
        return;
    strncat(more, &"0123456789"[layers_used], 1);
    vectors_with_pyramid(v, &grown, more);
    vectors_numbers(v, "e", VECTORS_INPUT, 2, (const size_t[]){3, 1}, rows);
    vectors_integers(v, "token", VECTORS_INPUT, 1, &five, token);
    if (vectors_goes_on(v))
        vectors_refusal(v, SPAE_ERR_ARGUMENT,
                        spae_dequantize(&grown, SPAE_SAQ, &book, token, layers_used, v->arena, zhat, v->err));
    vectors_end(v);
}

static void refused_embedding(vectors *v, const char *name, spae_real value, const char *why)
{
    static const spae_pyramid grown = {2, {{1, 1, 1}, {1, 1, 2}}};
    static const spae_real rows[] = {1, 2};
    const spae_codebook book = {2, 1, rows, NULL, NULL, NULL};
    const spae_real z[] = {0.5f, value};
    const spae_quantized nothing = {.token = NULL};
    if (!vectors_begin(v, name, "4.2 4.3", "quantize", "{}", why))
        return;
    vectors_with_pyramid(v, &grown, "\"quantizer\":\"saq\"");
    vectors_numbers(v, "z", VECTORS_INPUT, 2, (const size_t[]){2, 1}, z);
    vectors_numbers(v, "e", VECTORS_INPUT, 2, (const size_t[]){2, 1}, rows);
    if (vectors_goes_on(v))
        vectors_refusal(v, SPAE_ERR_NOT_FINITE, spae_quantize(&grown, SPAE_SAQ, &book, z, v->arena, &nothing, v->err));
    vectors_end(v);
}

static void refused_pyramid(vectors *v, const char *name, spae_pyramid pyramid, const char *why)
{
    if (!vectors_begin(v, name, "4.1", "subsampler", "{}", why))
        return;
    vectors_with_pyramid(v, &pyramid, "");
    vectors_refusal(v, SPAE_ERR_SHAPE, spae_pyramid_check(&pyramid, v->err));
    vectors_end(v);
}

static void refusals(vectors *v)
{
    refused_tokens(v, "quantizer/dequantize_refused_token_beyond", 3, 2, "token V of a vocabulary of V words");
    refused_tokens(v, "quantizer/dequantize_refused_token_below", -1, 2, "a negative token");
    refused_tokens(v, "quantizer/dequantize_refused_no_layers", 0, 0, "a prefix of no layers");
    refused_tokens(v, "quantizer/dequantize_refused_more_layers", 0, 3, "more layers than the pyramid has");
    refused_embedding(v, "quantizer/saq_refused_infinity", (spae_real)HUGE_VAL, "an infinite embedding in a grid");
    refused_embedding(v, "quantizer/saq_refused_nan", (spae_real)(HUGE_VAL - HUGE_VAL), "a NaN in a grid");
    refused_pyramid(v, "quantizer/subsampler_refused_empty", (spae_pyramid){0, {{0}}}, "a pyramid without layers");
    refused_pyramid(v, "quantizer/subsampler_refused_divides", (spae_pyramid){3, {{1, 1, 1}, {1, 3, 3}, {1, 4, 4}}},
                    "3 does not divide 4");
    refused_pyramid(v, "quantizer/subsampler_refused_shrinks", (spae_pyramid){3, {{1, 4, 4}, {1, 2, 2}, {1, 4, 4}}},
                    "a layer smaller than the one before");
    refused_pyramid(v, "quantizer/subsampler_refused_zero", (spae_pyramid){2, {{1, 0, 1}, {1, 4, 4}}},
                    "a layer without rows");
    refused_pyramid(v, "quantizer/subsampler_refused_time", (spae_pyramid){2, {{2, 1, 1}, {3, 4, 4}}},
                    "2 frames do not divide 3");
    refused_pyramid(v, "quantizer/subsampler_refused_large", (spae_pyramid){1, {{2, 4096, 4096}}},
                    "more than 2^24 positions");
}

void vectors_quantizer_streams(vectors *v)
{
    spae_pyramid most = {.layers = SPAE_MAX_LAYERS};
    for (size_t l = 0; l < SPAE_MAX_LAYERS; l++)
        most.size[l][0] = most.size[l][1] = most.size[l][2] = 1;
    layers(v);
    quantize(v, "quantizer/saq_digits", &digits, SPAE_SAQ, 60, 6, 0, 0.9, VECTORS_NUMBERS,
             "a whole pyramid in two dimensions");
    quantize(v, "quantizer/saq_video", &video, SPAE_SAQ, 60, 6, 0, 0.9, VECTORS_NUMBERS, "a whole pyramid in three");
    quantize(v, "quantizer/saq_oblong", &oblong, SPAE_SAQ, 40, 3, 0, 0.9, VECTORS_NUMBERS, "rows and columns differ");
    quantize(v, "quantizer/saq_one_cell", &one_cell, SPAE_SAQ, 200, 3, 0, 0.9, VECTORS_NUMBERS,
             "five layers of one position: each adds z - e to the residual");
    quantize(v, "quantizer/saq_most_layers", &most, SPAE_SAQ, 300, 3, 0, 0.9, VECTORS_NUMBERS,
             "sixteen layers of one position: means of one to sixteen words");
    quantize(v, "quantizer/saq_thirds", &thirds, SPAE_SAQ, 60, 3, 0, 0.9, VECTORS_NUMBERS,
             "ratios of three, whose middles coincide: the centre has a token in every layer");
    quantize(v, "quantizer/saq_one_word", &digits, SPAE_SAQ, 1, 3, 0, 0.9, VECTORS_NUMBERS,
             "a vocabulary of one word: tokens 0, residuals that grow");
    quantize(v, "quantizer/saq_common_offset", &digits, SPAE_SAQ, 200, 6, 1024, 0.25, VECTORS_NUMBERS,
             "a large common offset, which the residuals keep");
    quantize(v, "quantizer/rq_digits", &digits, SPAE_RQ, 60, 6, 0, 0.9, VECTORS_NUMBERS,
             "residual quantization in two dimensions");
    quantize(v, "quantizer/rq_video", &video, SPAE_RQ, 60, 6, 0, 0.9, VECTORS_NUMBERS,
             "residual quantization in three");
    quantize(v, "quantizer/rq_one_cell", &one_cell, SPAE_RQ, 200, 3, 0, 0.9, VECTORS_NUMBERS,
             "five layers of one position: residuals shrink");
    followers(v);
    corners(v);
    prefixes(v);
    refusals(v);
}
