/* Distances as they are defined (nn/nearest_chain.h): the chain of one row waits for each of its sums, those of many
 * rows side by side do not. */
#include "nearest_chain.h"

#include <string.h>

enum { ROWS = SPAE_CHAIN_ROWS, DEPTH = 32 };

/* panel[j][r] = e_r[at + j] */
static void lay_out(const real *const *e, size_t rows, size_t at, size_t depth, double panel[DEPTH][ROWS])
{
    for (size_t r = 0; r < rows; r++)
        for (size_t j = 0; j < depth; j++)
            panel[j][r] = (double)e[r][at + j];
}

/* Continues the chains of one embedding. */
static void advance(const double *restrict z, double (*restrict panel)[ROWS], size_t depth, double *restrict distance)
{
    double sum[ROWS];
    memcpy(sum, distance, sizeof sum);
    for (size_t j = 0; j < depth; j++)
        for (size_t r = 0; r < ROWS; r++) {
            const double d = z[j] - panel[j][r];
            sum[r] += d * d;
        }
    memcpy(distance, sum, sizeof sum);
}

void spae_chains(const real *const *e, size_t rows, const double *const *z, size_t queries, size_t c,
                 double distance[][SPAE_CHAIN_ROWS])
{
    double panel[DEPTH][ROWS] = {{0}};
    for (size_t i = 0; i < queries; i++)
        for (size_t r = 0; r < ROWS; r++)
            distance[i][r] = 0;
    for (size_t at = 0; at < c; at += DEPTH) {
        const size_t depth = c - at < DEPTH ? c - at : DEPTH;
        lay_out(e, rows, at, depth, panel);
        for (size_t i = 0; i < queries; i++)
            advance(z[i] + at, panel, depth, distance[i]);
    }
}
