/* Measures of pictures against pictures, and of classifiers' answers: PSNR, errors, SSIM, Inception Score (SPEC 11.1
 * to 11.3), and which tokens are used (11.8). Everything is binary64 from the caller's `real`s, in index order; PSNR and Inception Score take log and exp
 * of vendor_free/elementary.h in binary64, so their bits are the same everywhere, and a port with another log is
 * near.
 */
#ifndef SPAE_METRICS_H
#define SPAE_METRICS_H

#include <stdint.h>

#include "../vendor_free/status.h"
#include "arena.h"
#include "real.h"

/* ---- pixel by pixel; SPEC 11.1 ---- */

/* mean of (a-b)^2, and of |a-b|, over `count` >= 1 numbers. Nothing is clamped. */
double spae_square_error(const real *a, const real *b, size_t count);
double spae_absolute_error(const real *a, const real *b, size_t count);

/* The same square error of a picture in 0..1 and what was rebuilt of it, that limited to 0..1 first. */
double spae_picture_error(const real *picture, const real *rebuilt, size_t count);

/* 10 log10(peak^2 / error) in dB, error a mean of squares >= 0, peak > 0; +inf for error 0. */
double spae_psnr(double error, double peak);

/* Mean and standard deviation (divisor n) of numbers that come one after the other; all zeros at first. Mean: their sum in
 * that order, divided once; deviation: Welford's squares about the mean so far. Both NaN for no numbers. SPEC 11.1 */
typedef struct {
    size_t count;
    double sum, centre, squares;
} spae_spread;

void spae_spread_add(spae_spread *spread, double x);
double spae_spread_mean(const spae_spread *spread);
double spae_spread_deviation(const spae_spread *spread);

/* ---- structural similarity (Wang et al. 2004); SPEC 11.2 ---- */

enum { SPAE_SSIM_WINDOW = 11 };

/* SSIM of two pictures with a Gaussian window of 11x11, deviation 1.5, only where it lies wholly inside; k1 = 0.01,
 * k2 = 0.03; every channel by itself, nothing padded, nothing reduced in size.
 *   in   a, b     (H,W,C)   real, in 0..peak
 *        peak     > 0       the largest value there can be: 1 or 255
 *   out  channel  (C)       mean over the (H-10)(W-10) places; may be NULL
 *        ssim     1         their mean over the channels
 *   err  SPAE_ERR_SHAPE  H or W below 11, or C 0     SPAE_ERR_NO_MEMORY; outputs untouched
 *   mem  five maps of 11 filtered rows, given back
 */
spae_status spae_ssim(const real *a, const real *b, size_t H, size_t W, size_t C, double peak, spae_arena *arena,
                      double *channel, double *ssim, spae_error *err);

/* ---- which tokens are used; SPEC 11.8 ---- */

typedef struct {
    uint64_t tokens, distinct; /* the sum of the counts; how many are not 0 */
    double entropy;            /* -sum p log2 p in bits, p = count / tokens; 0 for no tokens */
    double perplexity;         /* 2^entropy: as many words equally often used would have it */
    size_t most_common;        /* the lowest of those counted most often */
    uint64_t most_count;
} spae_token_usage;

/* Of V >= 1 counts. */
spae_token_usage spae_token_usage_of(const uint32_t *count, size_t V);

/* ---- Inception Score (Salimans et al. 2016); SPEC 11.3 ---- */

/* Takes rows of probabilities one after the other; keeps one row of sums, not the rows. Split i = 0..s-1 of n rows is
 * rows floor(i n / s) to floor((i+1) n / s) - 1; its score is exp(mean over its rows of KL(p || q)), q their mean. */
typedef struct {
    size_t rows, classes, splits;
    size_t row, split;  /* taken so far; the split under way */
    double *sum;        /* (classes) of the split's rows */
    double plogp;       /* sum of p log p over the split's rows */
    double *score;      /* (splits) of those that are over */
} spae_inception_score;

/* For exactly `rows` rows of `classes` probabilities.
 *   err  SPAE_ERR_ARGUMENT  splits is 0 or above rows     SPAE_ERR_SHAPE  classes is 0     SPAE_ERR_NO_MEMORY
 *   mem  sums and scores from the arena, which the caller drops */
spae_status spae_inception_score_start(spae_inception_score *s, size_t rows, size_t classes, size_t splits,
                                       spae_arena *arena, spae_error *err);

/* The next row, used as it is: a row is not made to sum to 1.
 *   err  SPAE_ERR_ARGUMENT  one row too many, or a number below 0     SPAE_ERR_NOT_FINITE; s untouched */
spae_status spae_inception_score_add(spae_inception_score *s, const real *p, spae_error *err);

/* Behind the last row: mean and standard deviation (divisor s) of the splits' scores, which are in s->score.
 *   err  SPAE_ERR_ARGUMENT  rows are missing; outputs untouched */
spae_status spae_inception_score_finish(const spae_inception_score *s, double *mean, double *deviation,
                                        spae_error *err);

#endif
