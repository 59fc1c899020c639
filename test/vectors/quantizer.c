/* Stage quantizer: SPEC 4.1 to 4.3. Here the subsampler and single choices; saq.c has the streams. */
#include <math.h>

#include "nn/nearest.h"
#include "tokens.h"

/* ---- the subsampler, SPEC 4.1 ---- */

static void subsampler(vectors *v, const char *name, spae_pyramid pyramid, const char *why)
{
    if (!vectors_begin(v, name, "4.1", "subsampler", "{}", why))
        return;
    const size_t total = spae_pyramid_total(&pyramid, pyramid.layers), cells = spae_pyramid_cells(&pyramid);
    int32_t *position = vectors_room(v, total, sizeof *position);
    int32_t *covered = vectors_room(v, pyramid.layers * cells, sizeof *covered);
    if (covered == NULL)
        return;
    vectors_with_pyramid(v, &pyramid, "");
    for (size_t l = 0, first = 0; l < pyramid.layers; l++) {
        spae_pyramid_positions(&pyramid, l, position + first);
        for (size_t i = 0; i < cells; i++)
            covered[l * cells + i] = l > 0 ? covered[(l - 1) * cells + i] : 0;
        for (size_t i = 0; i < spae_pyramid_tokens(&pyramid, l); i++, first++)
            covered[l * cells + (size_t)position[first]]++;
    }
    vectors_integers(v, "position", VECTORS_BITS, 1, &total, position);
    vectors_integers(v, "covered", VECTORS_BITS, 2, (const size_t[]){pyramid.layers, cells}, covered);
    vectors_end(v);
}

static void subsamplers(vectors *v)
{
    subsampler(v, "quantizer/subsampler_image",
               (spae_pyramid){6, {{1, 1, 1}, {1, 2, 2}, {1, 4, 4}, {1, 8, 8}, {1, 16, 16}, {1, 16, 16}}},
               "the paper's pyramid of pictures: even ratios stand one before the middle, two layers are whole");
    subsampler(v, "quantizer/subsampler_spae_8",
               (spae_pyramid){
                   8, {{1, 1, 1}, {1, 2, 2}, {1, 4, 4}, {1, 8, 8}, {1, 16, 16}, {1, 16, 16}, {1, 16, 16}, {1, 16, 16}}},
               "the paper's eight layers: four whole ones");
    subsampler(v, "quantizer/subsampler_mnist", (spae_pyramid){4, {{1, 1, 1}, {1, 2, 2}, {1, 4, 4}, {1, 4, 4}}},
               "the paper's pyramid of digits");
    subsampler(v, "quantizer/subsampler_video",
               (spae_pyramid){6, {{1, 1, 1}, {1, 2, 2}, {1, 4, 4}, {2, 8, 8}, {4, 16, 16}, {4, 16, 16}}},
               "the paper's pyramid of videos: time has its own ratio");
    subsampler(v, "quantizer/subsampler_odd_ratios", (spae_pyramid){3, {{1, 1, 1}, {1, 3, 5}, {1, 9, 15}}},
               "ratios 3, 5, 9 and 15, where the middle exists");
    subsampler(v, "quantizer/subsampler_not_square", (spae_pyramid){4, {{1, 1, 2}, {1, 2, 2}, {1, 2, 6}, {1, 8, 12}}},
               "rows and columns change at different layers: an exchange of the two shows");
    subsampler(v, "quantizer/subsampler_time_alone", (spae_pyramid){3, {{1, 2, 1}, {3, 2, 1}, {6, 2, 1}}},
               "only time grows: an exchange of time and rows shows");
    subsampler(v, "quantizer/subsampler_one_cell", (spae_pyramid){3, {{1, 1, 1}, {1, 1, 1}, {1, 1, 1}}},
               "a latent grid of one cell, which every layer holds");
}

/* ---- the nearest token, SPEC 4.2 ---- */

/* The case goes on with these embeddings and rows; both ways of searching must agree. */
static void choose(vectors *v, vectors_compare compare, const spae_real *z, size_t count, const spae_real *e, size_t V,
                   size_t c)
{
    double *wide = vectors_room(v, count * c, sizeof *wide);
    int32_t *token[2] = {vectors_room(v, count, sizeof **token), vectors_room(v, count, sizeof **token)};
    double *margin[2] = {vectors_room(v, count, sizeof **margin), vectors_room(v, count, sizeof **margin)};
    if (margin[1] == NULL)
        return;
    for (size_t i = 0; i < count * c; i++)
        wide[i] = (double)z[i];
    spae_rows rows = {V, c, e, NULL};
    vectors_expect(v, spae_nearest_rows(&rows, wide, count, v->arena, token[0], margin[0], NULL, v->err));
    vectors_expect(v, spae_rows_index(&rows, v->arena, v->err));
    vectors_expect(v, spae_nearest_rows(&rows, wide, count, v->arena, token[1], margin[1], NULL, v->err));
    for (size_t i = 0; i < count && vectors_goes_on(v); i++)
        if (token[0][i] != token[1][i] || margin[0][i] < margin[1][i] || margin[0][i] > margin[1][i])
            vectors_expect(v, spae_fail(v->err, SPAE_ERR_ARGUMENT,
                                        "token %zu is %d with margin %g, with the screen %d with %g", i,
                                        (int)token[0][i], margin[0][i], (int)token[1][i], margin[1][i]));
    const spae_codebook book = {.V = V, .c = c, .e = e};
    if (vectors_goes_on(v))
        vectors_tokens(v, compare, &book, wide, count, NULL, token[1], margin[1]);
}

/* Embeddings and rows by formula. A scale that is no power of two: else all would lie on a grid, where binary32 takes
 * differences without rounding. */
static void nearest(vectors *v, const char *name, size_t count, size_t V, size_t c, double offset, double scale,
                    const char *why)
{
    vectors_begin(v, name, "4.2", "token", "{}", why);
    const spae_real *z = vectors_reals(v, "z", 2, (const size_t[]){count, c}, offset, scale);
    const spae_real *e = vectors_reals(v, "e", 2, (const size_t[]){V, c}, offset, scale);
    if (e != NULL)
        choose(v, VECTORS_TOKENS, z, count, e, V, c);
    vectors_end(v);
}

/* Embeddings and rows by number. */
static void nearest_of(vectors *v, const char *name, vectors_compare compare, size_t count, const spae_real *z,
                       size_t V, const spae_real *e, size_t c, const char *why)
{
    vectors_begin(v, name, "4.2", "token", "{}", why);
    vectors_numbers(v, "z", VECTORS_INPUT, 2, (const size_t[]){count, c}, z);
    vectors_numbers(v, "e", VECTORS_INPUT, 2, (const size_t[]){V, c}, e);
    if (vectors_goes_on(v))
        choose(v, compare, z, count, e, V, c);
    vectors_end(v);
}

static void nearest_by_formula(vectors *v)
{
    nearest(v, "quantizer/token", 17, 37, 5, 0, 0.9, "the ordinary case");
    nearest(v, "quantizer/token_one_word", 3, 1, 4, 0, 0.9, "V = 1: token 0, and an infinite margin");
    nearest(v, "quantizer/token_two_words", 9, 2, 3, 0, 0.9, "V = 2: the runner-up is the other one");
    nearest(v, "quantizer/token_one_channel", 40, 64, 1, 0, 0.9, "c = 1: a line, and many close calls");
    nearest(v, "quantizer/token_many_words", 70, 1031, 8, 0, 0.9,
            "more embeddings and words than a search works on at once, neither a multiple of a tile");
    nearest(v, "quantizer/token_wide", 5, 29, 131, 0, 0.9, "c = 131: a long chain");
    nearest(v, "quantizer/token_common_offset", 48, 96, 6, 4096, 0.25,
            "a large common offset: |z|^2 - 2 z.e + |e|^2 in binary32 takes other tokens");
    nearest(v, "quantizer/token_large", 12, 24, 3, 0, 0x1p120, "squares beyond the range of binary32");
    nearest(v, "quantizer/token_small", 12, 24, 3, 0, 0x1p-100, "squares below the range of binary32");
    nearest(v, "quantizer/token_subnormal", 12, 24, 3, 0, 0x1p-140,
            "subnormal embeddings and words: whoever flushes them sees ties everywhere");
}

static void ties(vectors *v)
{
    static const spae_real duplicates[] = {3, 3, 1, 2, 0, 0, 1, 2, -1, 5, 1, 2, 0, 0};
    static const spae_real among[] = {1, 2, 1.25f, 1.5f, 0, 0, -3, 4};
    nearest_of(v, "quantizer/token_tie_of_equal_words", VECTORS_BITS, 4, among, 7, duplicates, 2,
               "equal rows 1, 3, 5 and 2, 6: the lowest index, margin 0");
    static const spae_real corners[] = {-1, 1, 1, 1, 1, -1, -1, -1};
    static const spae_real middle[] = {0, 0, 0, 1, 1, 0, 0, -1, -1, 0, 0.5f, -0.5f};
    nearest_of(v, "quantizer/token_tie_of_different_words", VECTORS_BITS, 6, middle, 4, corners, 2,
               "exact ties of two and of four different words: the lowest index");
    static const spae_real falling[] = {4, 3, 2, 1, 1, 2, 3}, zero[] = {0, 2.5f, 1.5f, 3.5f};
    nearest_of(v, "quantizer/token_tie_at_last", VECTORS_BITS, 4, zero, 7, falling, 1,
               "least distances come late and twice; two words halfway tie");
    static const spae_real zeros[] = {0, -0.0f, 0x1p-149f, -0x1p-149f, 0x1p-126f, 0};
    static const spae_real signs[] = {-0.0f, 0, 0x1p-149f, -0x1p-149f, 0x1p-127f, -1};
    nearest_of(v, "quantizer/token_signed_zeros", VECTORS_BITS, 6, signs, 6, zeros, 1,
               "+0 and -0 are as near as each other; the least subnormals are words of their own");
}

static void near_ties(vectors *v)
{
    /* the words -1, 1, 9 on a line, the embeddings a little right of the middle */
    static const spae_real words[] = {-1, 0, 1, 0, 9, 0};
    static const spae_real close[] = {0x1p-20f, 0, -0x1p-20f, 0, 0x1p-19f, 0};
    nearest_of(v, "quantizer/token_near_tie", VECTORS_TOKENS, 3, close, 3, words, 2,
               "margins of 2^-18 and 2^-17 at distance 1: near-ties, whose runner-up is tolerated at level C");
    static const spae_real closer[] = {0x1p-26f, 0, -0x1p-26f, 0, 0x1p-40f, 0, 0x1p-60f, 0};
    nearest_of(v, "quantizer/token_near_tie_below_binary32", VECTORS_TOKENS, 4, closer, 3, words, 2,
               "in binary32 both distances are 1; in wide two differ by 2^-24, one by 2^-38, one not at all");
    static const spae_real apart[] = {0x1p-17f, 0, -0x1p-17f, 0, 0x1p-16f, 0};
    nearest_of(v, "quantizer/token_near_tie_not_quite", VECTORS_TOKENS, 3, apart, 3, words, 2,
               "margins of 2^-15 and 2^-14: more than a near-tie, another token is a mistake");
}

static void refused(vectors *v, const char *name, spae_real z, size_t V, size_t c, spae_status due, const char *why)
{
    const size_t shape[] = {2, 2};
    const spae_real embeddings[] = {0, 1, 2, z}, rows[] = {0, 0, 1, 1};
    int32_t token[2];
    if (!vectors_begin(v, name, "4.2", "token", "{}", why))
        return;
    const double wide[] = {0, 1, 2, (double)z};
    const spae_rows book = {V, c, rows, NULL};
    vectors_numbers(v, "z", VECTORS_INPUT, 2, shape, embeddings);
    vectors_numbers(v, "e", VECTORS_INPUT, 2, (const size_t[]){V, c}, rows);
    vectors_refusal(v, due, spae_nearest_rows(&book, wide, 2, v->arena, token, NULL, NULL, v->err));
    vectors_end(v);
}

static void refusals(vectors *v)
{
    refused(v, "quantizer/token_refused_infinity", (spae_real)HUGE_VAL, 2, 2, SPAE_ERR_NOT_FINITE,
            "an embedding is infinite");
    refused(v, "quantizer/token_refused_minus_infinity", (spae_real)-HUGE_VAL, 2, 2, SPAE_ERR_NOT_FINITE,
            "an embedding is infinite and negative");
    refused(v, "quantizer/token_refused_nan", (spae_real)(HUGE_VAL - HUGE_VAL), 2, 2, SPAE_ERR_NOT_FINITE,
            "an embedding is no number: every comparison with it is false");
    refused(v, "quantizer/token_refused_no_words", 3, 0, 2, SPAE_ERR_ARGUMENT, "a vocabulary without words");
    refused(v, "quantizer/token_refused_no_channels", 3, 2, 0, SPAE_ERR_ARGUMENT, "words without channels");
}

void vectors_quantizer(vectors *v)
{
    subsamplers(v);
    nearest_by_formula(v);
    ties(v);
    near_ties(v);
    refusals(v);
    vectors_quantizer_streams(v);
}
