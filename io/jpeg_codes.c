/* JPEG: the order of coefficients, and the codes of a table (T.81 annex C). */
#include <string.h>

#include "io/jpeg_parts.h"

/* T.81 figure A.6: the diagonals of a block, up and down in turn; a test makes it again. */
const uint8_t spae_jpeg_zigzag[SPAE_JPEG_BLOCK] = {
    0,  1,  8,  16, 9,  2,  3,  10, 17, 24, 32, 25, 18, 11, 4,  5,  12, 19, 26, 33, 40, 48,
    41, 34, 27, 20, 13, 6,  7,  14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23,
    30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63};

/* All bit patterns that begin with a code of l <= SPAE_JPEG_LOOK bits find it at once. */
static void fill_look(spae_jpeg_codes *c, unsigned l, uint32_t code, uint8_t symbol)
{
    const unsigned free_bits = SPAE_JPEG_LOOK - l;
    for (uint32_t rest = 0; rest < 1U << free_bits; rest++)
        c->look[code << free_bits | rest] = (uint16_t)(l << 8 | symbol);
}

bool spae_jpeg_codes_make(const uint8_t counts[16], const uint8_t *symbols, spae_jpeg_codes *codes)
{
    uint32_t code = 0, all = 0;
    for (unsigned l = 1; l <= 16; l++, code <<= 1) {
        code += counts[l - 1];
        if (code > (1U << l) - 1)
            return false; /* here: the codes of length l would be .. code - 1, and all ones must stay free */
    }
    memset(codes, 0, sizeof *codes);
    code = 0;
    for (unsigned l = 1; l <= 16; l++, code <<= 1) {
        codes->first[l] = code;
        codes->count[l] = counts[l - 1];
        codes->index[l] = all;
        for (unsigned i = 0; i < counts[l - 1]; i++, code++, all++) {
            codes->symbol[all] = symbols[all];
            if (l <= SPAE_JPEG_LOOK)
                fill_look(codes, l, code, symbols[all]);
        }
    }
    codes->defined = true;
    return true;
}
