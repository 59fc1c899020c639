/* Similarity and candidate pools, Eq. 4 to 6. */
#include "ops.h"

#include "../../spae.h"
#include "compare.h"

static spae_shape matrix(size_t rows, size_t columns)
{
    return spae_shape_of(1, 1, 1, rows, columns);
}

static void clip_similarity(oracle_case *c)
{
    const oracle_array image = oracle_read(c, "in_image"), text = oracle_read(c, "in_text");
    const size_t P = oracle_size(c, "prompts", 1, 1 << 20);
    if (image.rank != 2 || text.rank != 3 || text.shape[1] != P || text.shape[2] != image.shape[1])
        oracle_abort(c, "in_image and in_text are not (N,d) and (K,%zu,d)", P);
    const size_t N = image.shape[0], K = text.shape[0], d = image.shape[1];
    const real *f = oracle_reals(c, &image);
    real *mean = oracle_take(c, K * d, sizeof *mean);
    real *score = oracle_take(c, N * K, sizeof *score), *s = oracle_take(c, N * K, sizeof *s);
    spae_text_mean(oracle_reals(c, &text), K, P, d, mean);
    for (size_t n = 0; n < N; n++)
        spae_similarity(f + n * d, mean, K, d, score + n * K, s + n * K);
    oracle_compare(c, "out_text_mean", matrix(K, d), mean);
    oracle_compare(c, "out_score", matrix(N, K), score);
    oracle_compare(c, "out_similarity", matrix(N, K), s);
}

/* mask (V) = 1 for the members of the pool of one image at one threshold */
static void fill_mask(oracle_case *c, const real *s, size_t V, double rho, int32_t *mask)
{
    int32_t *pool = oracle_take(c, V, sizeof *pool);
    const size_t count = spae_candidate_pool(s, V, rho, pool);
    for (size_t k = 0; k < V; k++)
        mask[k] = 0;
    for (size_t i = 0; i < count; i++)
        mask[pool[i]] = 1;
}

static void candidate_pool(oracle_case *c)
{
    const oracle_array a = oracle_read(c, "in_similarity");
    const size_t layers = oracle_size(c, "layers", 1, SPAE_MAX_LAYERS);
    double rho[SPAE_MAX_LAYERS];
    oracle_numbers(c, "thresholds", layers, rho);
    if (a.rank != 2)
        oracle_abort(c, "in_similarity: expected (N,K)");
    const size_t N = a.shape[0], K = a.shape[1];
    const real *s = oracle_reals(c, &a);
    int32_t *mask = oracle_take(c, layers * N * K, sizeof *mask);
    for (size_t l = 0; l < layers; l++)
        for (size_t n = 0; n < N; n++)
            fill_mask(c, s + n * K, K, rho[l], mask + (l * N + n) * K);
    oracle_compare_int32(c, "out_pool", spae_shape_of(1, 1, layers, N, K), mask);
}

const oracle_op oracle_guidance_ops[] = {
    {"clip_similarity", clip_similarity}, {"candidate_pool", candidate_pool}, {NULL, NULL}};
