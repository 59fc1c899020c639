/* Stage metrics: SPEC 11.1 to 11.6 and 11.8; hosted/scores.c has 11.7. */
#include "nn/frechet.h"
#include "nn/metrics.h"
#include "vectors.h"

static const size_t one = 1;

static void give(vectors *v, const char *name, double value)
{
    if (vectors_goes_on(v))
        vectors_wides(v, name, VECTORS_NUMBERS, 1, &one, &value);
}

/* ---- pixel by pixel, SPEC 11.1 ---- */

static void measure(vectors *v, const spae_real *a, const spae_real *b, size_t count, double peak)
{
    const double error = spae_square_error(a, b, count);
    give(v, "square", error);
    give(v, "absolute", spae_absolute_error(a, b, count));
    give(v, "limited", spae_picture_error(a, b, count));
    if (error > 0)
        give(v, "psnr", spae_psnr(error, peak));
}

static void errors(vectors *v)
{
    const size_t shape[3] = {5, 7, 3};
    vectors_begin(v, "metrics/errors", "11.1", "errors", "{\"peak\":1}", "b leaves 0..1 on both sides");
    const spae_real *a = vectors_reals(v, "a", 3, shape, 0.5, 0.5), *b = vectors_reals(v, "b", 3, shape, 0.5, 0.75);
    if (b != NULL)
        measure(v, a, b, 5 * 7 * 3, 1.0);
    vectors_end(v);
    vectors_begin(v, "metrics/errors_bytes", "11.1", "errors", "{\"peak\":255}", "numbers of 0 to 255, one sample differs");
    static const spae_real whole[] = {0, 255, 17, 128}, other[] = {0, 255, 20, 128};
    const size_t four = 4;
    vectors_numbers(v, "a", VECTORS_INPUT, 1, &four, whole);
    vectors_numbers(v, "b", VECTORS_INPUT, 1, &four, other);
    measure(v, whole, other, 4, 255.0);
    vectors_end(v);
}

static void spread(vectors *v)
{
    const size_t n = 9;
    vectors_begin(v, "metrics/spread", "11.1", "spread", "{}", "numbers near 100: the deviation is small beside their mean");
    const spae_real *x = vectors_reals(v, "x", 1, &n, 100, 0.5);
    spae_spread s = {0, 0, 0, 0};
    for (size_t i = 0; x != NULL && i < n; i++)
        spae_spread_add(&s, (double)x[i]);
    give(v, "mean", spae_spread_mean(&s));
    give(v, "deviation", spae_spread_deviation(&s));
    vectors_end(v);
}

/* ---- structural similarity, SPEC 11.2 ---- */

static void ssim(vectors *v, const char *name, size_t H, size_t W, size_t C, double peak, const char *with, const char *why)
{
    const size_t shape[3] = {H, W, C};
    double *channel, whole;
    vectors_begin(v, name, "11.2", "ssim", with, why);
    const spae_real *a = vectors_reals(v, "a", 3, shape, 0.5 * peak, 0.5 * peak),
                    *b = vectors_reals(v, "b", 3, shape, 0.5 * peak, 0.25 * peak);
    if ((channel = vectors_room(v, C, sizeof *channel)) != NULL && a != NULL) {
        vectors_expect(v, spae_ssim(a, b, H, W, C, peak, v->arena, channel, &whole, v->err));
        vectors_wides(v, "channels", VECTORS_NUMBERS, 1, &C, channel);
        give(v, "ssim", whole);
    }
    vectors_end(v);
}

/* ---- Inception Score, SPEC 11.3 ---- */

static void inception_score(vectors *v, const char *name, size_t splits, const char *with, const char *why)
{
    const size_t rows = 11, classes = 5;
    spae_inception_score s;
    double mean, deviation;
    vectors_begin(v, name, "11.3", "inception_score", with, why);
    const spae_real *x = vectors_reals(v, "p", 2, (const size_t[]){rows, classes}, 0.25, 0.25);
    if (x != NULL) {
        vectors_expect(v, spae_inception_score_start(&s, rows, classes, splits, v->arena, v->err));
        for (size_t r = 0; vectors_goes_on(v) && r < rows; r++)
            vectors_expect(v, spae_inception_score_add(&s, x + r * classes, v->err));
        if (vectors_goes_on(v))
            vectors_expect(v, spae_inception_score_finish(&s, &mean, &deviation, v->err));
    }
    if (x != NULL && vectors_goes_on(v)) {
        vectors_wides(v, "scores", VECTORS_NUMBERS, 1, &splits, s.score);
        give(v, "mean", mean);
        give(v, "deviation", deviation);
    }
    vectors_end(v);
}

/* Rows that are sure of a class, and zeros. */
static void inception_score_zeros(vectors *v)
{
    static const spae_real p[] = {1, 0, 0, 0, 0.75, 0.25, 0.5, 0.5, 0, 0, 0, 1};
    spae_inception_score s;
    double mean, deviation;
    vectors_begin(v, "metrics/inception_score_zeros", "11.3", "inception_score", "{\"splits\":1}", "probabilities of 0");
    vectors_numbers(v, "p", VECTORS_INPUT, 2, (const size_t[]){4, 3}, p);
    vectors_expect(v, spae_inception_score_start(&s, 4, 3, 1, v->arena, v->err));
    for (size_t r = 0; vectors_goes_on(v) && r < 4; r++)
        vectors_expect(v, spae_inception_score_add(&s, p + 3 * r, v->err));
    if (vectors_goes_on(v)) {
        vectors_expect(v, spae_inception_score_finish(&s, &mean, &deviation, v->err));
        vectors_wides(v, "scores", VECTORS_NUMBERS, 1, &one, s.score);
        give(v, "mean", mean);
        give(v, "deviation", deviation);
    }
    vectors_end(v);
}

/* ---- means and covariances, SPEC 11.4 ---- */

/* Of an input of this name; false where the case does not go on. */
static bool moments_of(vectors *v, const char *name, size_t n, size_t d, double offset, double scale, spae_moments *m)
{
    const spae_real *x = vectors_reals(v, name, 2, (const size_t[]){n, d}, offset, scale);
    if (x == NULL)
        return false;
    vectors_expect(v, spae_moments_start(m, d, v->arena, v->err));
    if (vectors_goes_on(v))
        vectors_expect(v, spae_moments_add(m, x, n, v->err));
    if (vectors_goes_on(v))
        vectors_expect(v, spae_moments_finish(m, v->err));
    return vectors_goes_on(v);
}

static void moments(vectors *v, const char *name, size_t n, size_t d, double offset, const char *why)
{
    spae_moments m;
    vectors_begin(v, name, "11.4", "moments", "{}", why);
    if (moments_of(v, "x", n, d, offset, 1, &m)) {
        vectors_wides(v, "mean", VECTORS_NUMBERS, 1, &d, m.mean);
        vectors_wides(v, "covariance", VECTORS_NUMBERS, 2, (const size_t[]){d, d}, m.covariance);
    }
    vectors_end(v);
}

/* ---- eigenvalues, SPEC 11.5 ---- */

/* Of A = x^T x for `rows` rows, or of x + x^T where rows is 0. */
static void eigenvalues(vectors *v, const char *name, size_t n, size_t rows, const char *with, const char *why)
{
    vectors_begin(v, name, "11.5", "eigenvalues", with, why);
    const spae_real *x = vectors_reals(v, "x", 2, (const size_t[]){rows > 0 ? rows : n, n}, 0, 1);
    double *a = vectors_room(v, n * n, sizeof *a), *value = vectors_room(v, n, sizeof *value);
    double *vector = vectors_room(v, n * n, sizeof *vector);
    if (vector != NULL && x != NULL) {
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < n; j++) {
                double sum = rows > 0 ? 0.0 : (double)x[i * n + j] + (double)x[j * n + i];
                for (size_t r = 0; r < rows; r++)
                    sum += (double)x[r * n + i] * (double)x[r * n + j];
                a[i * n + j] = sum;
            }
        vectors_expect(v, spae_eigen_symmetric(a, n, value, vector, v->arena, (spae_eigen_progress){NULL, NULL}, v->err));
        vectors_wides(v, "value", VECTORS_NUMBERS, 1, &n, value);
    }
    vectors_end(v);
}

/* ---- the Frechet distance, SPEC 11.6 ---- */

static void frechet(vectors *v, const char *name, size_t n, size_t m, size_t d, const char *why)
{
    const spae_eigen_progress silent = {NULL, NULL};
    spae_moments a, b;
    spae_frechet f;
    spae_frechet_parts parts;
    vectors_begin(v, name, "11.4 11.5 11.6", "frechet", "{}", why);
    if (moments_of(v, "a", n, d, 0.5, 1, &a) && moments_of(v, "b", m, d, 0.25, 0.75, &b)) {
        vectors_expect(v, spae_frechet_open(&f, &a, v->arena, silent, v->err));
        if (vectors_goes_on(v))
            vectors_expect(v, spae_frechet_distance(&f, &b, v->arena, silent, &parts, v->err));
        if (vectors_goes_on(v)) {
            give(v, "trace_root", parts.trace_root);
            give(v, "distance", parts.distance);
        }
    }
    vectors_end(v);
}

/* ---- which tokens are used, SPEC 11.8 ---- */

static void usage(vectors *v)
{
    static const int32_t count[] = {0, 3, 1, 8, 0, 8, 1};
    uint32_t same[7];
    const size_t V = 7;
    for (size_t k = 0; k < V; k++)
        same[k] = (uint32_t)count[k];
    const spae_token_usage u = spae_token_usage_of(same, V);
    const int32_t found[2] = {(int32_t)u.distinct, (int32_t)u.most_common};
    vectors_begin(v, "metrics/usage", "11.8", "usage", "{}", "words that are not used; two that are used most");
    vectors_integers(v, "count", VECTORS_INPUT, 1, &V, count);
    vectors_integers(v, "distinct", VECTORS_BITS, 1, &one, found);
    vectors_integers(v, "most_common", VECTORS_BITS, 1, &one, found + 1);
    give(v, "entropy", u.entropy);
    give(v, "perplexity", u.perplexity);
    vectors_end(v);
}

void vectors_metrics(vectors *v)
{
    errors(v);
    spread(v);
    ssim(v, "metrics/ssim", 13, 12, 3, 1, "{\"peak\":1}", "six places a channel");
    ssim(v, "metrics/ssim_one_place", 11, 11, 1, 255, "{\"peak\":255}", "one place: the window is the picture");
    inception_score(v, "metrics/inception_score", 1, "{\"splits\":1}", "rows that do not sum to 1, used as they are");
    inception_score(v, "metrics/inception_score_splits", 3, "{\"splits\":3}", "11 rows in splits of 3, 4 and 4");
    inception_score_zeros(v);
    moments(v, "metrics/moments", 12, 4, 0.5, "one block of rows");
    moments(v, "metrics/moments_blocks", 300, 3, 16, "256 rows and 44 more, far from 0");
    eigenvalues(v, "metrics/eigenvalues", 9, 0, "{\"of\":\"sum\"}", "values of both signs");
    eigenvalues(v, "metrics/eigenvalues_singular", 8, 3, "{\"of\":\"product\"}", "five of eight values are 0");
    eigenvalues(v, "metrics/eigenvalues_one", 1, 0, "{\"of\":\"sum\"}", "a matrix of one number");
    frechet(v, "metrics/frechet", 24, 20, 5, "more rows than features");
    frechet(v, "metrics/frechet_few", 4, 5, 6, "fewer rows than features: both covariances are singular");
    usage(v);
    if (v->scores != NULL)
        v->scores(v);
}
