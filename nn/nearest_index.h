/* The screen of nn/nearest.c: rows and embeddings in digits, and how far that is off.
 *
 * With a centre m that is the same for all, x_k = e(k) - m and y = z - m,
 *
 *     |z - e(k)|^2 = |y|^2 + |x_k|^2 - 2 y.x_k,        x_k = s q + r,   y = t p + h,
 *
 * q and p vectors of small integers, s and t numbers. Then y.x_k = t s p.q + y.r + h.(s q), where p.q is exact, and
 * | y.r + h.(s q) | <= |y||r| + |h||s q| (Cauchy-Schwarz). The norms |r| of what the digits lose are measured, not
 * estimated. So the score
 *
 *     f_k = |x_k|^2 - 2 t s p.q    is    |z - e(k)|^2 - |y|^2    but for    w_k = 2 (|y||r| + |h||s q|) + E,
 *
 * E for all roundings; below, and in what is stored, every norm is an upper bound.
 */
#ifndef SPAE_NEAREST_INDEX_H
#define SPAE_NEAREST_INDEX_H

#include "nearest.h"

/* Digits. Compilers turn the sum of products of bytes, one unsigned and one signed, into one instruction where the
 * processor has it (AVX-512 VNNI; gcc), 64 of them at a time. Elsewhere 16 bits are as fast as anything (pmaddwd of
 * SSE2 and AVX2, smlal), so digits are finer. clang 14 knows neither, and is quicker with bytes.
 *   rows      q + SPAE_ROW_OFFSET
 *   queries   p
 * |q| and |p| are at most spae_digit_most(c), so that no sum of c products leaves an int32_t. */
#if defined(__AVX512VNNI__) || defined(__clang__)
typedef uint8_t spae_row_digit;
typedef int8_t spae_query_digit;
enum { SPAE_ROW_OFFSET = 128 };
#else
typedef int16_t spae_row_digit, spae_query_digit;
enum { SPAE_ROW_OFFSET = 0 };
#endif

/* Sums of products that advance together, and at once: in the registers of the processor. */
#if defined(__AVX512F__)
enum { SPAE_SCREEN_ROWS = 6, SPAE_SCREEN_QUERIES = 4 };
#else
enum { SPAE_SCREEN_ROWS = 4, SPAE_SCREEN_QUERIES = 2 };
#endif

/* Digits of a row or query are this many, in whole vectors; those beyond c add nothing. */
enum { SPAE_SCREEN_CHANNELS = 64 };
static inline size_t spae_screen_width(size_t c)
{
    return (c + SPAE_SCREEN_CHANNELS - 1) / SPAE_SCREEN_CHANNELS * SPAE_SCREEN_CHANNELS;
}

struct spae_row_index {
    const double *centre;        /* (c) m */
    const spae_row_digit *digit; /* (V rounded up to whole SPAE_SCREEN_ROWS, width) */
    const double *square;        /* (V) |x_k|^2 */
    const double *scale;         /* (V) s */
    const double *lost;          /* (V) >= |r| */
    const double *norm;          /* (V) >= |x_k| and >= |s q| */
    double largest;              /* of norm; +inf where the numbers are too large for the screen */
};

typedef struct {
    double square, scale, lost, norm; /* |y|^2, t, >= |h|, >= |y| */
    int32_t shift;                    /* SPAE_ROW_OFFSET times the sum of p */
} spae_query;

/* The digits (width) of one embedding z (c). */
spae_query spae_query_of(const double *z, const spae_row_index *index, size_t c, spae_query_digit *digit);

/* E, or +inf where the screen does not hold. */
double spae_screen_rounding(const spae_query *query, const spae_row_index *index, size_t c);

/* product[i * stride + k] = sum over `width` channels of row(k) * query(i), for whole tiles: `rows` and `queries` are
 * multiples of SPAE_SCREEN_ROWS and SPAE_SCREEN_QUERIES. */
void spae_screen_products(const spae_row_digit *row, size_t rows, const spae_query_digit *query, size_t queries,
                          size_t width, int32_t *product, size_t stride);

#endif
