/* The definition of group normalization and its gradient, as plain loops over one group after the other (SPEC 3.5).
 *
 * nn/norm.c works on many groups and blocks of rows at a time and must give these bits.
 */
#ifndef SPAE_TEST_NORM_PLAIN_H
#define SPAE_TEST_NORM_PLAIN_H

#include <math.h>

#include "nn/real.h"

/* One example: where value i of group g is, i counting positions, then the group's channels. */
typedef struct {
    size_t positions, c, groups;
} plain_norm;

static inline size_t plain_place(const plain_norm *n, size_t g, size_t i)
{
    const size_t width = n->c / n->groups;
    return i / width * n->c + g * width + i % width;
}

static inline size_t plain_values(const plain_norm *n)
{
    return n->positions * (n->c / n->groups);
}

static inline void plain_statistics(const plain_norm *n, const real *x, double eps, size_t g, double *mean, double *r)
{
    const size_t m = plain_values(n);
    double sum = 0, squares = 0;
    for (size_t i = 0; i < m; i++)
        sum += (double)x[plain_place(n, g, i)];
    *mean = sum / (double)m;
    for (size_t i = 0; i < m; i++) {
        const double d = (double)x[plain_place(n, g, i)] - *mean;
        squares += d * d;
    }
    *r = 1 / sqrt(squares / (double)m + eps);
}

static inline void plain_standardize(const plain_norm *n, const real *x, double eps, real *y)
{
    for (size_t g = 0; g < n->groups; g++) {
        double mean, r;
        plain_statistics(n, x, eps, g, &mean, &r);
        for (size_t i = 0; i < plain_values(n); i++) {
            const size_t at = plain_place(n, g, i);
            y[at] = (real)(((double)x[at] - mean) * r);
        }
    }
}

/* dx = J(x,u) */
static inline void plain_standardize_gradient(const plain_norm *n, const real *x, const real *u, double eps, real *dx)
{
    const double m = (double)plain_values(n);
    for (size_t g = 0; g < n->groups; g++) {
        double mean, r, mu = 0, mx = 0;
        plain_statistics(n, x, eps, g, &mean, &r);
        for (size_t i = 0; i < plain_values(n); i++) {
            const size_t at = plain_place(n, g, i);
            mu += (double)u[at];
            mx += (double)u[at] * (((double)x[at] - mean) * r);
        }
        mu /= m;
        mx /= m;
        for (size_t i = 0; i < plain_values(n); i++) {
            const size_t at = plain_place(n, g, i);
            dx[at] = (real)(r * (((double)u[at] - mu) - (((double)x[at] - mean) * r) * mx));
        }
    }
}

/* y = swish(xhat * scale + bias), SPEC 3.4 */
static inline void plain_norm_swish(const plain_norm *n, const real *x, const real *scale, const real *bias, double eps,
                                    real *y)
{
    plain_standardize(n, x, eps, y);
    for (size_t i = 0; i < n->positions * n->c; i++) {
        const real product = y[i] * scale[i % n->c], a = product + bias[i % n->c];
        const real e = real_exp(a < 0 ? a : -a), s = (a < 0 ? e : 1) / (1 + e);
        y[i] = a * s;
    }
}

#endif
