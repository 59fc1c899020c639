/* Rotary position embedding: pairs of channels turned by angles that grow with the position (SPEC 3.21).
 *
 * Channel j of a head of d = 2 h channels pairs with channel j + h (the half-split form of the published weights), and the
 * pair turns by position * f_j, f_j = theta^(-j/h). The frequencies are made of + - * / in binary64 from one correctly
 * rounded root, angles are reduced in binary64 and rounded once: sine and cosine are accurate at any position, and the same
 * everywhere.
 */
#ifndef SPAE_ROTARY_H
#define SPAE_ROTARY_H

#include "tape.h"

typedef struct {
    double theta;       /* the base: > 1, at most 1e9 */
    double factor;      /* 1: the frequencies as they are; above 1: "llama3" scaling, slow ones are divided by it */
    double low, high;   /* its "low_freq_factor" and "high_freq_factor", 0 < low < high; read where factor > 1 */
    size_t trained;     /* its "original_max_position_embeddings", 1..2^31-1; likewise */
} spae_rotary;

/* frequency[j], j < half: by how much the pair j turns at each position, in radians. */
void spae_rotary_frequencies(const spae_rotary *rotary, size_t half, double *frequency);

/* cosine[j] and sine[j] of position * frequency[j], j < half; position below 2^31. */
void spae_rotary_angles(const double *frequency, size_t half, size_t position, real *cosine, real *sine);

/* x (n,t,1,heads,2 half): every head of row r = n-th example's t-th position turned by the angles cosine[r * half ..],
 * sine[r * half ..], both (n * t, half), borrowed as long as the tape is:
 *     y_j = x_j cos - x_(j+half) sin        y_(j+half) = x_(j+half) cos + x_j sin
 * The gradient turns back. SPAE_ERR_SHAPE on the tape: an odd number of channels. */
spae_var spae_rotate(spae_tape *tape, spae_var x, const real *cosine, const real *sine);

/* The same of `rows` rows of `heads` heads; x and y may be the same array. */
void spae_rotate_array(const real *x, size_t rows, size_t heads, size_t half, const real *cosine, const real *sine, real *y);

#endif
