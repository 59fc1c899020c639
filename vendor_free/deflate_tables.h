/* The tables of RFC 1951 that inflate.c and deflate.c share; no interface of the library.
 *
 * Section 3.2.5: length symbol 257 + i stands for length_base[i] and the value of length_bits[i]
 * further bits, distance symbol i for distance_base[i] and distance_bits[i] likewise. Section
 * 3.2.7: the order in which the lengths of the code-length code are sent.
 */
#ifndef SPAE_DEFLATE_TABLES_H
#define SPAE_DEFLATE_TABLES_H

#include <stdint.h>

enum {
    END_OF_BLOCK = 256,
    LENGTH_SYMBOLS = 29,
    LITERAL_SYMBOLS = END_OF_BLOCK + 1 + LENGTH_SYMBOLS, /* 286 */
    DISTANCE_SYMBOLS = 30,
    CODE_LENGTH_SYMBOLS = 19
};

static const uint16_t length_base[LENGTH_SYMBOLS] = {3,  4,  5,  6,   7,   8,   9,   10,  11, 13,
                                                     15, 17, 19, 23,  27,  31,  35,  43,  51, 59,
                                                     67, 83, 99, 115, 131, 163, 195, 227, 258};
static const uint8_t length_bits[LENGTH_SYMBOLS] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2,
                                                    2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0};

static const uint16_t distance_base[DISTANCE_SYMBOLS] = {
    1,   2,   3,   4,   5,   7,    9,    13,   17,   25,   33,   49,   65,    97,    129,
    193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577};
static const uint8_t distance_bits[DISTANCE_SYMBOLS] = {0, 0, 0,  0,  1,  1,  2,  2,  3,  3,
                                                        4, 4, 5,  5,  6,  6,  7,  7,  8,  8,
                                                        9, 9, 10, 10, 11, 11, 12, 12, 13, 13};

static const uint8_t code_length_order[CODE_LENGTH_SYMBOLS] = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                                               11, 4,  12, 3, 13, 2, 14, 1, 15};

#endif
