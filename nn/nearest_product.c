/* Sums of products of digits: tiles of rows x queries, exact in 32 bits, so in any order (nn/nearest_index.h). */
#include "nearest_index.h"

enum { ROWS = SPAE_SCREEN_ROWS, QUERIES = SPAE_SCREEN_QUERIES };


/* One tile. The product fits 16 bits where digits are bytes; saying so lets gcc see the dot product of bytes in every
 * one of the sums. */
static inline int32_t multiply(spae_row_digit row, spae_query_digit query)
{
    return sizeof row == 1 ? (int16_t)(row * query) : row * query;
}

static void tile(const spae_row_digit *restrict row, const spae_query_digit *restrict query, size_t width,
                 int32_t *restrict product, size_t stride)
{
    int32_t sum[ROWS][QUERIES] = {{0}};
    for (size_t j = 0; j < width / SPAE_SCREEN_CHANNELS * SPAE_SCREEN_CHANNELS; j++)
        for (size_t r = 0; r < ROWS; r++)
            for (size_t i = 0; i < QUERIES; i++)
                sum[r][i] += multiply(row[r * width + j], query[i * width + j]);
    for (size_t r = 0; r < ROWS; r++)
        for (size_t i = 0; i < QUERIES; i++)
            product[i * stride + r] = sum[r][i];
}

void spae_screen_products(const spae_row_digit *row, size_t rows, const spae_query_digit *query, size_t queries,
                          size_t width, int32_t *product, size_t stride)
{
    for (size_t k = 0; k < rows; k += ROWS)
        for (size_t i = 0; i < queries; i += QUERIES)
            tile(row + k * width, query + i * width, width, product + i * stride + k, stride);
}
