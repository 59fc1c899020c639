/* PSNR, errors, SSIM and Inception Score by hand, and against plain loops over the definitions with libm. */
#include "../check.h"

#include <math.h>

#include "../../nn/metrics.h"
#include "../../vendor_free/philox.h"
#include "../memory.h"

static double number(uint32_t i) /* 0..1 */
{
    uint32_t word[4];
    spae_philox((const uint32_t[]){i, 0, 0, 0}, (const uint32_t[]){3, 9}, word);
    return (double)word[0] / 4294967296.0;
}

static void close_to(double got, double due, double tolerance)
{
    ck_assert_msg(fabs(got - due) <= tolerance, "%.17g, due %.17g", got, due);
}

/* ---- pixel by pixel ---- */

START_TEST(errors_by_hand)
{
    const real a[] = {0, 1, 3, (real)0.5}, b[] = {0, 3, -1, 0};
    close_to(spae_square_error(a, b, 4), (4 + 16 + 0.25) / 4, 0);
    close_to(spae_absolute_error(a, b, 4), (2 + 4 + 0.5) / 4, 0);
    close_to(spae_square_error(a, a, 4), 0, 0);
    close_to(spae_absolute_error(b, a, 1), 0, 0);
}
END_TEST

START_TEST(psnr_by_hand)
{
    const real black[4] = {0, 0, 0, 0}, grey[4] = {(real)0.125, 0, 0, 0}, beyond[4] = {-1, -2, -3, 0};
    const real white[4] = {1, 1, 1, 1}, bright[4] = {2, 1, 9, 1};
    close_to(spae_psnr(spae_picture_error(black, grey, 4), 1), 24.0823996531185, 1e-12); /* 20 log10 16 */
    close_to(spae_psnr(spae_picture_error(black, white, 4), 1), 0, 1e-15);
    ck_assert(spae_picture_error(black, beyond, 4) == 0); /* limited before it is compared */
    ck_assert(spae_picture_error(white, bright, 4) == 0);
    close_to(spae_psnr(6.5025, 255), 40, 1e-13);
    close_to(spae_psnr(0.01, 1), 20, 1e-14);
    close_to(spae_psnr(4, 2), 0, 0);
    ck_assert(spae_psnr(0, 255) == HUGE_VAL);
}
END_TEST

START_TEST(spreads_by_hand)
{
    spae_spread s = {0, 0, 0, 0};
    ck_assert(isnan(spae_spread_mean(&s)) && isnan(spae_spread_deviation(&s)));
    spae_spread_add(&s, 7);
    ck_assert(spae_spread_mean(&s) == 7 && spae_spread_deviation(&s) == 0);
    spae_spread_add(&s, 3);
    ck_assert(spae_spread_mean(&s) == 5 && spae_spread_deviation(&s) == 2);
    s = (spae_spread){0, 0, 0, 0};
    for (int i = 0; i < 1000; i++) /* squares about a mean far from 0 */
        spae_spread_add(&s, 1e9 + (i % 2 == 0 ? 1 : -1));
    close_to(spae_spread_mean(&s), 1e9, 0);
    close_to(spae_spread_deviation(&s), 1, 1e-8);
}
END_TEST

/* ---- structural similarity ---- */

/* The definition, window by window, with libm. */
static double plain_ssim(const real *a, const real *b, size_t H, size_t W, size_t C, double peak, size_t k)
{
    const double c1 = pow(0.01 * peak, 2), c2 = pow(0.03 * peak, 2);
    double total = 0, weights = 0;
    for (int i = -5; i <= 5; i++)
        for (int j = -5; j <= 5; j++)
            weights += exp(-(i * i + j * j) / 4.5);
    for (size_t y = 5; y + 5 < H; y++)
        for (size_t x = 5; x + 5 < W; x++) {
            double ma = 0, mb = 0, va = 0, vb = 0, cab = 0;
            for (int pass = 0; pass < 2; pass++)
                for (int i = -5; i <= 5; i++)
                    for (int j = -5; j <= 5; j++) {
                        const size_t at = ((y + (size_t)(i + 5) - 5) * W + x + (size_t)(j + 5) - 5) * C + k;
                        const double w = exp(-(i * i + j * j) / 4.5) / weights;
                        if (pass == 0) {
                            ma += w * (double)a[at];
                            mb += w * (double)b[at];
                        } else {
                            va += w * ((double)a[at] - ma) * ((double)a[at] - ma);
                            vb += w * ((double)b[at] - mb) * ((double)b[at] - mb);
                            cab += w * ((double)a[at] - ma) * ((double)b[at] - mb);
                        }
                    }
            total += (2 * ma * mb + c1) * (2 * cab + c2) / ((ma * ma + mb * mb + c1) * (va + vb + c2));
        }
    return total / (double)((H - 10) * (W - 10));
}

START_TEST(ssim_is_its_definition)
{
    static const size_t size[][3] = {{11, 11, 1}, {11, 17, 3}, {23, 12, 2}, {30, 26, 1}};
    static const double peak[] = {1, 255};
    static real a[30 * 30 * 3], b[30 * 30 * 3];
    watch w;
    spae_arena arena;
    spae_error err;
    watched_arena(&arena, &w, 0);
    for (size_t t = 0; t < 8; t++) {
        const size_t H = size[t / 2][0], W = size[t / 2][1], C = size[t / 2][2];
        double channel[3], ssim, sum = 0;
        for (uint32_t i = 0; i < H * W * C; i++) {
            a[i] = (real)(peak[t % 2] * (0.2 + 0.6 * number(i)));
            b[i] = i % 7 == 0 ? (real)peak[t % 2] : (real)(0.9 * (double)a[i]);
        }
        ck_assert_int_eq(spae_ssim(a, b, H, W, C, peak[t % 2], &arena, channel, &ssim, &err), SPAE_OK);
        for (size_t k = 0; k < C; k++) {
            close_to(channel[k], plain_ssim(a, b, H, W, C, peak[t % 2], k), 1e-12);
            sum += channel[k];
        }
        close_to(ssim, sum / (double)C, 1e-15);
        ck_assert(spae_ssim(a, a, H, W, C, peak[t % 2], &arena, NULL, &ssim, &err) == SPAE_OK && ssim == 1);
        ck_assert_uint_eq(arena.used, 0);
    }
    spae_arena_free(&arena);
}
END_TEST

/* Flat pictures of 0 and 1: only c1 is left of the means' factor. */
START_TEST(ssim_by_hand)
{
    static real black[121], white[121];
    watch w;
    spae_arena arena;
    double ssim;
    watched_arena(&arena, &w, 0);
    for (size_t i = 0; i < 121; i++)
        white[i] = 1;
    ck_assert_int_eq(spae_ssim(black, white, 11, 11, 1, 1, &arena, NULL, &ssim, NULL), SPAE_OK);
    close_to(ssim, 1e-4 / (1 + 1e-4), 1e-15);
    spae_arena_free(&arena);
}
END_TEST

START_TEST(ssim_refusals)
{
    static real a[200];
    watch w;
    spae_arena arena;
    double ssim = 77;
    spae_error err;
    watched_arena(&arena, &w, 1);
    ck_assert_int_eq(spae_ssim(a, a, 10, 20, 1, 1, &arena, NULL, &ssim, &err), SPAE_ERR_SHAPE);
    ck_assert_str_eq(err.text, "ssim: (10,20,1) is smaller than the window of 11x11");
    ck_assert_int_eq(spae_ssim(a, a, 18, 10, 1, 1, &arena, NULL, &ssim, &err), SPAE_ERR_SHAPE);
    ck_assert_int_eq(spae_ssim(a, a, 11, 11, 0, 1, &arena, NULL, &ssim, &err), SPAE_ERR_SHAPE);
    ck_assert_int_eq(spae_ssim(a, a, 11, 11, 1, 1, &arena, NULL, &ssim, &err), SPAE_ERR_NO_MEMORY);
    ck_assert(ssim == 77);
    spae_arena_free(&arena);
}
END_TEST

/* ---- which tokens are used ---- */

START_TEST(usage_by_hand)
{
    spae_token_usage u = spae_token_usage_of((const uint32_t[]){0, 2, 4, 0, 2}, 5);
    ck_assert(u.tokens == 8 && u.distinct == 3 && u.most_common == 2 && u.most_count == 4);
    close_to(u.entropy, 1.5, 1e-15);
    close_to(u.perplexity, sqrt(8), 1e-14);
    u = spae_token_usage_of((const uint32_t[]){3, 3, 3, 3}, 4); /* the lowest of equals; all alike */
    ck_assert(u.most_common == 0 && u.distinct == 4);
    close_to(u.entropy, 2, 1e-15);
    close_to(u.perplexity, 4, 1e-14);
    u = spae_token_usage_of((const uint32_t[]){0, 9}, 2);
    ck_assert(u.entropy == 0 && u.perplexity == 1 && u.most_common == 1);
    u = spae_token_usage_of((const uint32_t[]){0, 0}, 2);
    ck_assert(u.tokens == 0 && u.distinct == 0 && u.entropy == 0 && u.perplexity == 1 && u.most_count == 0);
    u = spae_token_usage_of((const uint32_t[]){UINT32_MAX, UINT32_MAX}, 2);
    ck_assert(u.tokens == 2 * (uint64_t)UINT32_MAX);
    close_to(u.entropy, 1, 1e-15);
}
END_TEST

/* ---- Inception Score ---- */

static void score(const real *p, size_t rows, size_t classes, size_t splits, double *each, double *mean, double *deviation)
{
    watch w;
    spae_arena arena;
    spae_error err;
    spae_inception_score s;
    watched_arena(&arena, &w, 0);
    ck_assert_int_eq(spae_inception_score_start(&s, rows, classes, splits, &arena, &err), SPAE_OK);
    for (size_t r = 0; r < rows; r++)
        ck_assert_int_eq(spae_inception_score_add(&s, p + r * classes, &err), SPAE_OK);
    ck_assert_int_eq(spae_inception_score_finish(&s, mean, deviation, &err), SPAE_OK);
    memcpy(each, s.score, splits * sizeof *each);
    spae_arena_free(&arena);
}

START_TEST(inception_score_by_hand)
{
    const real p[] = {1, 0, 0, 1, (real)0.5, (real)0.5, (real)0.5, (real)0.5};
    double each[4], mean, deviation;
    score(p, 2, 2, 1, each, &mean, &deviation); /* two classes, each sure: 2 */
    close_to(mean, 2, 1e-15);
    close_to(deviation, 0, 0);
    score(p + 4, 2, 2, 1, each, &mean, &deviation); /* nothing is known: 1 */
    close_to(mean, 1, 1e-15);
    score(p, 4, 2, 2, each, &mean, &deviation);
    close_to(each[0], 2, 1e-15);
    close_to(each[1], 1, 1e-15);
    close_to(mean, 1.5, 1e-15);
    close_to(deviation, 0.5, 1e-15);
    score(p, 4, 2, 4, each, &mean, &deviation); /* a row is its own mean */
    close_to(mean, 1, 1e-15);
}
END_TEST

START_TEST(inception_score_is_its_definition)
{
    enum { ROWS = 53, CLASSES = 11 };
    static real p[ROWS * CLASSES];
    for (uint32_t i = 0; i < ROWS * CLASSES; i++)
        p[i] = (real)(i % 13 == 0 ? 0 : pow(number(i), 4)); /* not made to sum to 1 */
    for (size_t splits = 1; splits <= ROWS; splits += 7) {
        double each[ROWS], mean, deviation, total = 0, squares = 0;
        score(p, ROWS, CLASSES, splits, each, &mean, &deviation);
        for (size_t s = 0; s < splits; s++) {
            const size_t from = s * ROWS / splits, to = (s + 1) * ROWS / splits;
            double q[CLASSES] = {0}, kl = 0;
            for (size_t r = from; r < to; r++)
                for (size_t k = 0; k < CLASSES; k++)
                    q[k] += (double)p[r * CLASSES + k] / (double)(to - from);
            for (size_t r = from; r < to; r++)
                for (size_t k = 0; k < CLASSES; k++) {
                    const double x = (double)p[r * CLASSES + k];
                    kl += x > 0 ? x * (log(x) - log(q[k])) / (double)(to - from) : 0;
                }
            close_to(each[s], exp(kl), 1e-12 * exp(kl));
            total += exp(kl) / (double)splits;
        }
        for (size_t s = 0; s < splits; s++)
            squares += (each[s] - total) * (each[s] - total) / (double)splits;
        close_to(mean, total, 1e-12 * total);
        close_to(deviation, sqrt(squares), 1e-11);
    }
}
END_TEST

START_TEST(inception_score_refusals)
{
    watch w;
    spae_arena arena;
    spae_error err;
    spae_inception_score s;
    double mean = 77, deviation = 77;
    watched_arena(&arena, &w, 0);
    ck_assert_int_eq(spae_inception_score_start(&s, 3, 0, 1, &arena, &err), SPAE_ERR_SHAPE);
    ck_assert_int_eq(spae_inception_score_start(&s, 3, 2, 0, &arena, &err), SPAE_ERR_ARGUMENT);
    ck_assert_int_eq(spae_inception_score_start(&s, 3, 2, 4, &arena, &err), SPAE_ERR_ARGUMENT);
    ck_assert_str_eq(err.text, "inception score: 3 rows in 4 splits");
    ck_assert_int_eq(spae_inception_score_start(&s, 2, SIZE_MAX / 2, 1, &arena, &err), SPAE_ERR_NO_MEMORY);
    ck_assert_int_eq(spae_inception_score_start(&s, 2, 2, 1, &arena, &err), SPAE_OK);
    ck_assert_int_eq(spae_inception_score_add(&s, (const real[]){1, (real)NAN}, &err), SPAE_ERR_NOT_FINITE);
    ck_assert_str_eq(err.text, "inception score: row 0, class 1 is not finite");
    ck_assert_int_eq(spae_inception_score_add(&s, (const real[]){1, (real)INFINITY}, &err), SPAE_ERR_NOT_FINITE);
    ck_assert_int_eq(spae_inception_score_add(&s, (const real[]){(real)-0.5, 1}, &err), SPAE_ERR_ARGUMENT);
    ck_assert_str_eq(err.text, "inception score: row 0, class 0 is -0.5: no probability");
    ck_assert_int_eq(spae_inception_score_add(&s, (const real[]){0, 1}, &err), SPAE_OK);
    ck_assert_int_eq(spae_inception_score_finish(&s, &mean, &deviation, &err), SPAE_ERR_ARGUMENT);
    ck_assert_str_eq(err.text, "inception score: 1 rows of 2");
    ck_assert(mean == 77 && deviation == 77);
    ck_assert_int_eq(spae_inception_score_add(&s, (const real[]){1, 0}, &err), SPAE_OK);
    ck_assert_int_eq(spae_inception_score_add(&s, (const real[]){1, 0}, &err), SPAE_ERR_ARGUMENT);
    ck_assert_int_eq(spae_inception_score_finish(&s, &mean, &deviation, &err), SPAE_OK);
    close_to(mean, 2, 1e-15); /* what was refused left nothing behind */
    spae_arena_free(&arena);
}
END_TEST

SUITE(suite_nn_metrics, "nn/metrics", errors_by_hand, psnr_by_hand, spreads_by_hand, usage_by_hand, ssim_is_its_definition, ssim_by_hand, ssim_refusals,
      inception_score_by_hand, inception_score_is_its_definition, inception_score_refusals)
