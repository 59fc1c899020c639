/* Measures of pictures, and of features and answers of classifiers. */
#include "../../nn/frechet.h"
#include "../../nn/metrics.h"
#include "compare.h"
#include "ops.h"

static void expect_ok(oracle_case *c, spae_status status, const spae_error *err)
{
    if (status != SPAE_OK)
        oracle_abort(c, "%s", err->text);
}

static spae_shape vector(size_t n)
{
    return spae_shape_of(1, 1, 1, 1, n);
}

/* ---- pictures by pictures ---- */

typedef struct {
    size_t N, H, W, C, values; /* of one picture */
    const real *a, *b;         /* (N,H,W,C) */
} pair;

static pair read_pair(oracle_case *c)
{
    const oracle_array a = oracle_read(c, "in_a"), b = oracle_read(c, "in_b");
    if (a.rank != 4)
        oracle_abort(c, "in_a is not (N,H,W,C)");
    oracle_want_shape(c, &b, a.rank, a.shape);
    return (pair){a.shape[0], a.shape[1], a.shape[2], a.shape[3], a.shape[1] * a.shape[2] * a.shape[3],
                  oracle_reals(c, &a), oracle_reals(c, &b)};
}

static void psnr(oracle_case *c)
{
    const pair p = read_pair(c);
    const double peak = oracle_number(c, "peak");
    double *y = oracle_take(c, p.N, sizeof *y);
    for (size_t n = 0; n < p.N; n++)
        y[n] = spae_psnr(spae_square_error(p.a + n * p.values, p.b + n * p.values, p.values), peak);
    oracle_compare_double(c, "out_psnr", vector(p.N), y);
}

static void image_error(oracle_case *c)
{
    const pair p = read_pair(c);
    double *l2 = oracle_take(c, p.N, sizeof *l2), *mae = oracle_take(c, p.N, sizeof *mae);
    for (size_t n = 0; n < p.N; n++) {
        l2[n] = spae_square_error(p.a + n * p.values, p.b + n * p.values, p.values);
        mae[n] = spae_absolute_error(p.a + n * p.values, p.b + n * p.values, p.values);
    }
    oracle_compare_double(c, "out_l2", vector(p.N), l2);
    oracle_compare_double(c, "out_mae", vector(p.N), mae);
}

static void ssim(oracle_case *c)
{
    const pair p = read_pair(c);
    const double peak = oracle_number(c, "peak");
    double *channel = oracle_take(c, p.N * p.C, sizeof *channel), *y = oracle_take(c, p.N, sizeof *y);
    spae_error err;
    oracle_expect(c, "window", "11");
    oracle_expect(c, "sigma", "1.5");
    oracle_expect(c, "k1", "0.01");
    oracle_expect(c, "k2", "0.03");
    for (size_t n = 0; n < p.N; n++)
        expect_ok(c, spae_ssim(p.a + n * p.values, p.b + n * p.values, p.H, p.W, p.C, peak, c->arena, channel + n * p.C,
                               y + n, &err), &err);
    oracle_compare_double(c, "out_channels", spae_shape_of(1, 1, 1, p.N, p.C), channel);
    oracle_compare_double(c, "out_ssim", vector(p.N), y);
}

/* ---- features ---- */

static spae_moments read_moments(oracle_case *c, const char *name)
{
    const oracle_array x = oracle_read(c, name);
    spae_moments m;
    spae_error err;
    if (x.rank != 2)
        oracle_abort(c, "%s is not (n,d)", name);
    expect_ok(c, spae_moments_start(&m, x.shape[1], c->arena, &err), &err);
    expect_ok(c, spae_moments_add(&m, oracle_reals(c, &x), x.shape[0], &err), &err);
    expect_ok(c, spae_moments_finish(&m, &err), &err);
    return m;
}

static void frechet(oracle_case *c)
{
    const spae_moments a = read_moments(c, "in_a"), b = read_moments(c, "in_b");
    const spae_eigen_progress silent = {NULL, NULL};
    spae_frechet f;
    spae_frechet_parts parts;
    spae_error err;
    expect_ok(c, spae_frechet_open(&f, &a, c->arena, silent, &err), &err);
    expect_ok(c, spae_frechet_distance(&f, &b, c->arena, silent, &parts, &err), &err);
    oracle_compare_double(c, "out_mean_a", vector(a.d), a.mean);
    oracle_compare_double(c, "out_mean_b", vector(b.d), b.mean);
    oracle_compare_double(c, "out_cov_a", spae_shape_of(1, 1, 1, a.d, a.d), a.covariance);
    oracle_compare_double(c, "out_cov_b", spae_shape_of(1, 1, 1, b.d, b.d), b.covariance);
    oracle_compare_double(c, "out_trace_root", vector(1), &parts.trace_root);
    oracle_compare_double(c, "out_distance", vector(1), &parts.distance);
}

static void inception_score(oracle_case *c)
{
    const oracle_array p = oracle_read(c, "in_p");
    const size_t splits = oracle_size(c, "splits", 1, 1 << 20);
    if (p.rank != 2)
        oracle_abort(c, "in_p is not (n,K)");
    const real *row = oracle_reals(c, &p);
    spae_inception_score s;
    double mean, deviation;
    spae_error err;
    expect_ok(c, spae_inception_score_start(&s, p.shape[0], p.shape[1], splits, c->arena, &err), &err);
    for (size_t n = 0; n < p.shape[0]; n++)
        expect_ok(c, spae_inception_score_add(&s, row + n * p.shape[1], &err), &err);
    expect_ok(c, spae_inception_score_finish(&s, &mean, &deviation, &err), &err);
    oracle_compare_double(c, "out_scores", vector(splits), s.score);
    oracle_compare_double(c, "out_mean", vector(1), &mean);
    oracle_compare_double(c, "out_std", vector(1), &deviation);
}

const oracle_op oracle_metric_ops[] = {{"psnr", psnr},
                                       {"ssim", ssim},
                                       {"image_error", image_error},
                                       {"frechet", frechet},
                                       {"inception_score", inception_score},
                                       {NULL, NULL}};
